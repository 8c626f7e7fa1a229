//! Order: what concerns different subjects, and batches of different sources, commute; versions of a class against a small model.

#![allow(clippy::unwrap_used, reason = "a helper that fails has failed its test")]

#[path = "rig/credit.rs"]
mod credit;
#[path = "rig/world.rs"]
mod world;

use std::collections::BTreeMap;

use credit::*;
use proptest::prelude::*;
use world::World;
use yinxin_gm::Digest;
use yinxin_merkle::state::EMPTY;
#[allow(clippy::wildcard_imports, reason = "this file names many of them")]
use yinxin_record::*;

/// What happens to a company within a block.
#[derive(Clone, Copy, Debug)]
enum Step {
    Punish,
    Enter,
    Measure,
    Object { by: u8 },
    Correct,
    Withdraw,
    Look,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Punish),
        2 => Just(Step::Enter),
        1 => Just(Step::Measure),
        2 => prop_oneof![Just(BANK), Just(SECOND_BANK), Just(TAX)].prop_map(|by| Step::Object { by }),
        1 => Just(Step::Correct),
        1 => Just(Step::Withdraw),
        2 => Just(Step::Look),
    ]
}

/// A company's records, signed but not committed, each valid behind the ones before it.
struct Script {
    company: u8,
    records: Vec<Vec<u8>>,
    /// Its chain so far: views name it.
    chain: EventChain,
    /// The last penalty and the last entry; the members that object to the penalty.
    penalty: Option<Digest>,
    carries: bool,
    entry: Option<Digest>,
    objectors: Vec<u8>,
}

impl Script {
    fn new(company: u8) -> Self {
        let chain = EventChain::start(&credit::company(company));
        let (records, objectors) = (vec![], vec![]);
        Self { company, records, chain, penalty: None, carries: false, entry: None, objectors }
    }

    fn add(&mut self, world: &mut World, n: u8, act: CreditAct) -> Digest {
        let said = act.is_in_chain();
        let record = world.record(n, Act::Credit(act));
        let id = Record::from_der(&record).unwrap().id();
        self.records.push(record);
        if said {
            self.chain = self.chain.then(&id);
        }
        id
    }

    fn step(&mut self, world: &mut World, step: Step) {
        match (step, self.penalty, self.entry) {
            (Step::Punish, ..) => {
                let act = CreditAct::Record(world.penalty_of(self.company));
                self.penalty = Some(self.add(world, MARKET, act));
                (self.carries, self.objectors) = (false, vec![]);
            }
            (Step::Enter, Some(penalty), _) if !self.carries => {
                let act = CreditAct::Record(world.entry_of(self.company, penalty));
                self.entry = Some(self.add(world, TAX, act));
                self.carries = true;
            }
            (Step::Measure, _, Some(item)) => {
                let (measure, law, case) = (text("tender"), text(LAW), digest("case"));
                let act = ApplyMeasure { item, measure, law, case };
                self.add(world, MARKET, CreditAct::ApplyMeasure(act));
            }
            (Step::Object { by }, Some(penalty), _) if !self.objectors.contains(&by) => {
                let act = world.objection(penalty);
                self.add(world, by, act);
                self.objectors.push(by);
            }
            (Step::Correct, Some(item), _) => {
                let correction = Correction { content: digest("right"), until: None, reason: 1 };
                let act = CreditAct::Correct(CorrectItem { item, correction });
                self.add(world, MARKET, act);
            }
            (Step::Withdraw, Some(item), _) => {
                let act = world.withdrawal(item);
                self.add(world, MARKET, act);
                self.penalty = None;
            }
            (Step::Look, ..) => {
                let ground = ViewGround::Law(text(LAW));
                let subject = credit::company(self.company);
                let seen = self.chain;
                let reader = world::code(TAX);
                let view = TakeView { subject, seen, reader, ..world.look(ground) };
                self.add(world, TAX, CreditAct::View(view));
            }
            _ => {}
        }
    }
}

/// Rows of several in one order: each time the next of the row that is picked, the rest in turn.
fn dealt<T: Clone>(rows: &[Vec<T>], picks: &[usize]) -> Vec<T> {
    let mut next = vec![0; rows.len()];
    let (mut out, mut picks) = (Vec::new(), picks.iter().copied().cycle());
    loop {
        let open: Vec<usize> = (0..rows.len()).filter(|at| next[*at] < rows[*at].len()).collect();
        if open.is_empty() {
            return out;
        }
        let at = open[picks.next().unwrap_or(0) % open.len()];
        out.push(rows[at][next[at]].clone());
        next[at] += 1;
    }
}

/// State and what is found by index after a block, without the order in which the index has the block's records.
fn after(world: &World, records: &[Vec<u8>]) -> (BTreeMap<Vec<u8>, Vec<u8>>, Vec<Digest>) {
    let mut world = world.clone();
    let outcome = world.block(records).unwrap();
    let mut ids: Vec<Digest> = outcome.results.iter().map(|result| result.id).collect();
    ids.sort();
    (world.state.map, ids)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn acts_about_different_subjects_commute(
        steps in prop::collection::vec((1..=3_u8, step()), 1..24),
        first in prop::collection::vec(0..3_usize, 1..24),
        second in prop::collection::vec(0..3_usize, 1..24),
    ) {
        let mut world = World::credit();
        let mut scripts = [1, 2, 3].map(Script::new);
        for (company, step) in steps {
            scripts[usize::from(company) - 1].step(&mut world, step);
        }
        let chains: Vec<EventChain> = scripts.iter().map(|s| s.chain).collect();
        let rows = scripts.map(|script| script.records);
        let (one, other) = (dealt(&rows, &first), dealt(&rows, &second));
        prop_assert_eq!(after(&world, &one), after(&world, &other));
        world.block(&one).unwrap();
        for (company, chain) in (1..).zip(chains) {
            prop_assert_eq!(world.chain_of(company), chain);
        }
    }

    #[test]
    fn batches_of_different_sources_commute(
        counts in prop::collection::vec((0..2_usize, 1..50_u64, 0..50_u64, 0..50_u64), 1..12),
        first in prop::collection::vec(0..2_usize, 1..12),
        second in prop::collection::vec(0..2_usize, 1..12),
    ) {
        let mut world = World::credit();
        let limits = TimeLimits { publish_days: Some(7), ..penalty().limits };
        let shared = PublishClass { batch: 1000, limits, ..plain("shared", ClassKind::Basic, (0, None)) };
        world.credit_act(CENTRE, CreditAct::PublishClass(shared)).unwrap();
        let mut rows = [vec![], vec![]];
        let mut roots = [EMPTY; 2];
        let mut total = (0, 0);
        for (source, count, due, late) in counts {
            let (due, late) = (due.min(count), late.min(due).min(count));
            let n = [MARKET, TAX][source];
            let sequence = rows[source].len() as u64 + 1;
            let after = digest(&format!("{n} {sequence}"));
            let class = class_of("shared", 1);
            let batch = CreditBatch {
                sequence,
                counts: vec![ClassCount { class, count, due, late }],
                records: digest("records"),
                before: roots[source],
                after,
            };
            roots[source] = after;
            total = (total.0 + due, total.1 + late);
            rows[source].push(world.record(n, Act::Credit(CreditAct::Batch(batch))));
        }
        let (one, other) = (dealt(&rows, &first), dealt(&rows, &second));
        prop_assert_eq!(after(&world, &one), after(&world, &other));
        world.block(&one).unwrap();
        let conduct = |n| -> ConductState {
            world.load(&state_key::credit_conduct(&world::code(n))).unwrap_or_default()
        };
        let (market, tax) = (conduct(MARKET), conduct(TAX));
        let sum = (market.published + tax.published, market.published_late + tax.published_late);
        prop_assert_eq!(sum, total);
    }

    /// The model knows of each version its first day and who published it, and of the calendar that days are numbers.
    #[test]
    fn versions_follow_each_other_and_wait_for_their_day(
        steps in prop::collection::vec((2..=3_u8, 1..=4_u32, -20..400_i64, 0..60_u32), 1..40),
    ) {
        let mut world = World::with_powers(&[0x100, 0x400, 0x400]);
        let mut model: Vec<(i64, u8)> = Vec::new();
        for (n, version, ahead, wait) in steps {
            let today = world.today().days();
            let from = Date::from_days(today + ahead).unwrap();
            let place = version as usize - 1;
            let waits = |at: usize| model.get(at).is_some_and(|v| today < v.0);
            let newest = place + 1 == model.len();
            let behind = place.checked_sub(1).and_then(|at| model.get(at)).is_none_or(|v| v.0 < from.days());
            let in_turn = place == model.len() || (newest && waits(place) && model[place].1 == n);
            let act = PublishClass { version, valid_from: from, valid_until: None, ..penalty() };
            let refusal = world.refusal(n, CreditAct::PublishClass(act.clone()));
            prop_assert_eq!(refusal.is_empty(), in_turn && behind, "{} {:?}", refusal, model);
            if refusal.is_empty() {
                model.truncate(place);
                model.push((from.days(), n));
            }
            for (at, (from, _)) in (1..).zip(&model) {
                let key = state_key::credit_class_version(&act.code, at);
                let class: PublishClass = world.load(&key).unwrap();
                prop_assert_eq!(class.valid_from.days(), *from, "what has begun stays");
            }
            world.until_day(world.today().plus_days(wait + 1));
        }
    }
}

/// A year too many in the first day once barred every later version for good.
#[test]
fn a_version_that_waits_is_published_anew() {
    let mut world = World::credit();
    let next = |version, from: &str| {
        let valid_from = day(from);
        CreditAct::PublishClass(PublishClass { version, valid_from, ..penalty() })
    };
    let formula = |version, from: &str| {
        let valid_from = day(from);
        CreditAct::PublishFormula(PublishFormula { version, valid_from, ..formula(version) })
    };
    for act in [next, formula] as [fn(u32, &str) -> CreditAct; 2] {
        assert_eq!(world.refusal(CENTRE, act(2, "2099-01-01")), "");
        assert_eq!(world.refusal(CENTRE, act(3, "2027-01-01")), "DATE_RANGE");
        assert_eq!(world.refusal(CENTRE, act(2, "2024-01-01")), "DATE_RANGE", "before the first");
        assert_eq!(world.refusal(CENTRE, act(2, "2026-12-01")), "");
    }
    let by_two = RecordItem { class: class_of("penalty", 2), ..world.penalty_of(1) };
    assert_eq!(
        world.refusal(MARKET, record(by_two)),
        "CLASS_NOT_IN_FORCE",
        "nothing rests on it yet"
    );
    world.until_day(day("2026-12-01"));
    assert_eq!(world.refusal(CENTRE, next(2, "2027-01-01")), "VERSION_OTHER", "it has begun");
    let by_two = RecordItem { class: class_of("penalty", 2), ..world.penalty_of(1) };
    assert_eq!(world.refusal(MARKET, record(by_two)), "");
}
