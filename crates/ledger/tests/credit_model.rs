//! Random lives of items against a small model, which knows nothing of records: recorded, listed, disputed, repaired, expired.
//!
//! Beside what the model predicts, five things hold after each step: nothing is erased, nothing comes back after its term,
//! every subject's leaf is the replay of what was committed, what an authority did late is counted, and each measure whose item has
//! ended is owed its lifting until it is lifted.

#![allow(clippy::unwrap_used, reason = "a helper that fails has failed its test")]

#[path = "rig/credit.rs"]
mod credit;
#[path = "credit_model/item.rs"]
mod item;
#[path = "rig/world.rs"]
mod world;

use std::collections::{BTreeMap, BTreeSet};

use credit::*;
use item::{Item, Measure, of, plus_months};
use proptest::prelude::*;
use world::{World, code};
use yinxin_gm::Digest;
#[allow(clippy::wildcard_imports, reason = "this file names many of them")]
use yinxin_record::*;

/// One step about one of the items so far, or one of three companies.
#[derive(Clone, Debug)]
enum Step {
    Punish { company: u8, days_ago: u32 },
    Enter { short: bool },
    Praise { company: u8 },
    Commit { company: u8 },
    Settle { kept: bool, days_ago: u32 },
    Object,
    Resolve { how: u8 },
    Correct { months: i64 },
    Withdraw,
    Apply { evidence: bool },
    Decide { accept: bool },
    Reinstate,
    Delist,
    Exclude,
    Measure,
    Tell { result: u16 },
    Lift,
    Wait { days: u32 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1..=3_u8, prop_oneof![3 => Just(0_u32), 1 => 0..=400_u32])
            .prop_map(|(company, days_ago)| Step::Punish { company, days_ago }),
        3 => any::<bool>().prop_map(|short| Step::Enter { short }),
        2 => (1..=3_u8).prop_map(|company| Step::Praise { company }),
        2 => (1..=3_u8).prop_map(|company| Step::Commit { company }),
        3 => (any::<bool>(), prop_oneof![2 => Just(0_u32), 1 => 0..=500_u32])
            .prop_map(|(kept, days_ago)| Step::Settle { kept, days_ago }),
        2 => Just(Step::Object),
        3 => (0..4_u8).prop_map(|how| Step::Resolve { how }),
        2 => (-12..=1_i64).prop_map(|months| Step::Correct { months }),
        1 => prop::bool::weighted(0.3).prop_map(|go| if go { Step::Withdraw } else { Step::Object }),
        5 => prop::bool::weighted(0.9).prop_map(|evidence| Step::Apply { evidence }),
        6 => prop::bool::weighted(0.7).prop_map(|accept| Step::Decide { accept }),
        3 => Just(Step::Reinstate),
        1 => Just(Step::Delist),
        2 => Just(Step::Exclude),
        3 => Just(Step::Measure),
        2 => (1..=3_u16).prop_map(|result| Step::Tell { result }),
        2 => Just(Step::Lift),
        5 => prop_oneof![2 => 1..=12_u32, 3 => 60..=130_u32, 1 => 200..=400_u32].prop_map(|days| Step::Wait { days }),
    ]
}

const RECORDS: [u8; 2] = [MARKET, TAX];
const SPEAKS: [u8; 5] = [MARKET, TAX, CENTRE, BANK, SECOND_BANK];

#[derive(Default)]
struct Model {
    items: Vec<Item>,
    /// Ids of all records about a company's credit, in order.
    events: BTreeMap<u8, Vec<Digest>>,
    /// Items that were past their term once.
    gone: BTreeSet<Digest>,
    late: BTreeMap<u8, u64>,
    /// Measures that a department applied, and of how many it told what came of them.
    measures: BTreeMap<u8, (u64, u64)>,
}

impl Model {
    fn check(&mut self, world: &World) {
        let today = of(world.today());
        for company in 1..=3 {
            let ids = self.events.get(&company).into_iter().flatten();
            let replay = EventChain::replay(&self::company(company), ids);
            assert_eq!(world.chain_of(company), replay, "the leaf is the replay");
        }
        for item in &self.items {
            let state: Option<ItemState> = world.load(&state_key::credit_item(&item.id));
            let state = state.expect("nothing is erased");
            assert_eq!(state.status.name(), item.stands);
            assert_eq!(state.subject, company(item.company));
            assert_eq!(state.until.map(of), item.until);
            assert_eq!(of(state.minimum), item.minimum);
            assert_eq!(state.objection, item.objections.first().map(|o| o.0));
            assert_eq!(state.repair, item.named);
            assert_eq!(state.is_in_force(world.time), item.shown(today));
            assert_eq!(state.ended_at(world.time).is_none(), item.shown(today), "and since when");
            if item.expired(today) {
                self.gone.insert(item.id);
            }
            let back = self.gone.contains(&item.id) && state.is_in_force(world.time);
            assert!(!back, "nothing comes back after its term");
            for measure in &item.measures {
                Self::check_measure(measure, item, &state, world);
            }
        }
        for authority in RECORDS {
            let key = state_key::credit_conduct(&code(authority));
            let conduct: ConductState = world.load(&key).unwrap_or_default();
            let late = conduct.published_late
                + conduct.resolved_late
                + conduct.decided_late
                + conduct.withdrawn_late;
            assert_eq!(late, self.late.get(&authority).copied().unwrap_or(0));
            let measures = self.measures.get(&authority).copied().unwrap_or_default();
            assert_eq!((conduct.applied, conduct.told), measures);
        }
    }

    fn check_measure(measure: &Measure, item: &Item, state: &ItemState, world: &World) {
        let found: MeasureState = world.load(&state_key::credit_measure(&measure.id)).unwrap();
        let shown = item.shown(of(world.today()));
        assert_eq!((found.item, &found.subject), (item.id, &company(item.company)));
        assert_eq!(found.by, code(measure.by));
        assert_eq!(found.status.name(), if measure.lifted { "lifted" } else { "applied" });
        assert_eq!((found.feedbacks, found.result), (measure.told, measure.result));
        assert_eq!(found.serves(state, world.time), !measure.lifted && shown);
        assert_eq!(found.is_due(state, world.time), !measure.lifted && !shown);
    }

    fn late(&mut self, authority: u8, late: u64) {
        *self.late.entry(authority).or_default() += late;
    }

    /// Whether somebody answers for an item now: its authority, or the centre when it is overdue.
    fn answers(n: u8, item: &Item, deadline: i64, now: i64) -> bool {
        n == item.authority || (n == CENTRE && now >= deadline)
    }
}

/// Whose step it is by the book: random senders alone would hardly ever come to a repair.
fn by_the_book(step: &Step, item: Option<&Item>, which: usize) -> u8 {
    match step {
        Step::Punish { .. } => MARKET,
        Step::Enter { .. } | Step::Praise { .. } | Step::Commit { .. } => TAX,
        Step::Measure => RECORDS[which % 2],
        Step::Object | Step::Apply { .. } => [BANK, SECOND_BANK][which % 2],
        Step::Tell { .. } | Step::Lift => item
            .and_then(|item| item.measure(matches!(step, Step::Lift), which))
            .map_or(TAX, |m| m.by),
        Step::Resolve { how: 3 } => {
            let open = item.map_or(&[][..], |i| &i.objections);
            open.get(which % open.len().max(1)).map_or(BANK, |o| o.1)
        }
        _ => item.map_or(MARKET, |item| item.authority),
    }
}

/// Whether a step could mean something for an item, in time or not.
fn aims_at(step: &Step, item: &Item) -> bool {
    match step {
        Step::Enter { .. } => item.class == "penalty",
        Step::Settle { .. } => item.class == "commitment",
        Step::Resolve { .. } => !item.objections.is_empty(),
        Step::Apply { .. } => item.repairable(),
        Step::Decide { .. } => item.repairs.iter().any(|r| r.1 == "applied"),
        Step::Reinstate => item.stands == "repaired",
        Step::Delist | Step::Measure => item.is_listed(),
        Step::Exclude => item.class == "red",
        Step::Tell { .. } => !item.measures.is_empty(),
        Step::Lift => item.measures.iter().any(|measure| !measure.lifted),
        _ => true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn the_ledger_and_a_small_model_agree(
        steps in prop::collection::vec(
            (1..=6_u8, prop::bool::weighted(0.85), 0..4_usize, step()), 1..70),
    ) {
        let mut world = World::credit();
        let mut model = Model::default();
        for (n, by_book, which, step) in steps {
            if let Step::Wait { days } = step {
                let later = world.today().plus_days(days);
                world.until_day(later);
                model.check(&world);
                continue;
            }
            let aimed: Vec<usize> = (0..model.items.len())
                .filter(|at| !by_book || aims_at(&step, &model.items[*at]))
                .collect();
            let at = (!aimed.is_empty()).then(|| aimed[aimed.len() - 1 - which % aimed.len()]);
            let begins = matches!(step, Step::Punish { .. } | Step::Praise { .. } | Step::Commit { .. });
            if at.is_none() && !begins {
                continue;
            }
            let n = if by_book { by_the_book(&step, at.map(|at| &model.items[at]), which) } else { n };
            let (now, today) = (world.time.as_millis(), of(world.today()));
            // What the model expects: the item as it would be, and whether it is a new one.
            let mut next: Option<(Item, bool)> = None;
            let mut late: Option<(u8, u64)> = None;
            let mut applied = (0, 0);
            let act = match (&step, at) {
                (Step::Punish { company, days_ago }, _) => {
                    let decided = world.today().minus_days(*days_ago);
                    let act = RecordItem {
                        decided,
                        publish_by: Some(world.by(decided, 7)),
                        ..world.penalty_of(*company)
                    };
                    if n == MARKET && *days_ago <= 365 {
                        next = Some((Item::new(*company, "penalty", n, "in-force", of(decided)), true));
                        late = Some((n, u64::from(*days_ago > 7)));
                    }
                    CreditAct::Record(act)
                }
                (Step::Commit { company }, _) => {
                    if RECORDS.contains(&n) {
                        next = Some((Item::new(*company, "commitment", n, "committed", today), true));
                    }
                    CreditAct::Record(world.item_of(*company, "commitment"))
                }
                (Step::Praise { company }, _) => {
                    if RECORDS.contains(&n) {
                        next = Some((Item::new(*company, "red", n, "in-force", today), true));
                    }
                    CreditAct::Record(world.item_of(*company, "red"))
                }
                (_, None) => continue,
                (Step::Enter { short }, Some(at)) => {
                    let basis = &model.items[at];
                    let free = !basis.carries && !basis.barred.contains(&n);
                    if RECORDS.contains(&n) && basis.class == "penalty" && basis.shown(today) && free {
                        let mut entry = Item::new(basis.company, "black", n, "in-force", today);
                        entry.basis = Some(at);
                        entry.until = if *short { Some(entry.minimum) } else { entry.until };
                        next = Some((entry, true));
                    }
                    let until = short.then(|| world.today().plus_months(12));
                    let act = world.entry_of(basis.company, basis.id);
                    CreditAct::Record(RecordItem { until, ..act })
                }
                (step, Some(at)) => {
                    let mut item = model.items[at].clone();
                    let (id, owns) = (item.id, n == item.authority);
                    let holds;
                    let act = match step {
                        Step::Settle { kept, days_ago } => {
                            let found = world.today().minus_days(*days_ago);
                            let may = owns && item.stands == "committed" && !item.expired(today);
                            // The minimum of an open commitment is the day on which it was made.
                            let in_time = item.minimum <= of(found) && *days_ago <= 365;
                            item.stands = if *kept { "fulfilled" } else { "broken" };
                            let (min, max) = item.months();
                            item.minimum = plus_months(of(found), min);
                            item.until = Some(plus_months(of(found), max));
                            holds = may && in_time && !item.expired(today);
                            let act = SettleCommitment { item: id, evidence: digest("finding"), found };
                            if *kept { CreditAct::Fulfil(act) } else { CreditAct::Break(act) }
                        }
                        Step::Object => {
                            let waits = item.dropped.get(&n).is_some_and(|until| now < *until);
                            holds = SPEAKS.contains(&n) && item.objections.iter().all(|o| o.1 != n)
                                && !waits && item.stands != "withdrawn";
                            let act = world.objection(id);
                            if let CreditAct::Object(act) = &act {
                                item.objections.push((Digest::ZERO, n, act.deadline.at.as_millis()));
                            }
                            act
                        }
                        Step::Resolve { how } => {
                            let open = !item.objections.is_empty();
                            let (objection, by, deadline) = if open {
                                item.objections.remove(which % item.objections.len())
                            } else {
                                (digest("none"), 0, 0)
                            };
                            let answers = Model::answers(n, &item, deadline, now);
                            let alive = item.stands != "withdrawn";
                            let resolution = match how {
                                0 => Resolution::Upheld(1),
                                1 => Resolution::Corrected(Correction { content: digest("c"), until: None, reason: 1 }),
                                2 => Resolution::Withdrawn(1),
                                _ => Resolution::Dropped(1),
                            };
                            let bars = item.basis.is_some() && !item.shown(today);
                            holds = open && match how {
                                0 => answers,
                                3 => n == by,
                                2 => answers && alive && (!bars || n == CENTRE),
                                _ => answers && alive,
                            };
                            if *how == 2 {
                                item.stands = "withdrawn";
                            }
                            if *how == 3 {
                                item.dropped.insert(by, deadline);
                            } else {
                                // A late withdrawal is a late answer too.
                                let times = if *how == 2 { 2 } else { 1 };
                                late = Some((item.authority, u64::from(now >= deadline) * times));
                            }
                            resolve(objection, resolution)
                        }
                        Step::Correct { months } => {
                            let until = item.until.map(|until| plus_months(until, *months));
                            let fits = match (until, item.until) {
                                (Some(new), Some(old)) => {
                                    let earliest = item.minimum.max(today).min(old);
                                    today < old && earliest <= new && new <= old
                                }
                                _ => true,
                            };
                            holds = owns && item.stands != "withdrawn" && fits;
                            item.until = until;
                            let until = until.map(|(y, m, d)| day(&format!("{y:04}-{m:02}-{d:02}")));
                            let correction = Correction { content: digest("c"), until, reason: 1 };
                            CreditAct::Correct(CorrectItem { item: id, correction })
                        }
                        Step::Withdraw => {
                            let bars = item.basis.is_some() && !item.shown(today);
                            holds = ((owns && !bars) || n == CENTRE) && item.stands != "withdrawn";
                            item.stands = "withdrawn";
                            late = Some((item.authority, 0));
                            world.withdrawal(id)
                        }
                        Step::Apply { evidence } => {
                            let mut act = world.repair(id);
                            if !evidence {
                                act.evidence.clear();
                            }
                            let open = item.repairs.iter().any(|r| r.1 == "applied" && r.3 == n);
                            holds = SPEAKS.contains(&n) && item.repairable() && !item.expired(today)
                                && item.class != "red" && item.minimum <= today && !open
                                && (*evidence || item.class != "penalty");
                            let deadline = act.deadline.at.as_millis();
                            item.repairs.push((Digest::ZERO, "applied", deadline, n));
                            item.named = Some(Digest::ZERO);
                            CreditAct::ApplyRepair(act)
                        }
                        Step::Decide { accept: yes } => {
                            let picked = item.repair("applied", which);
                            let (application, stands, deadline, _) =
                                picked.map_or((digest("none"), "none", 0, 0), |at| item.repairs[at]);
                            let may = stands == "applied" && Model::answers(n, &item, deadline, now);
                            let repaired = item.repairable() && !item.expired(today) && item.minimum <= today;
                            holds = may && (!yes || repaired);
                            late = Some((item.authority, u64::from(now >= deadline)));
                            if *yes {
                                item.stands = "repaired";
                            }
                            if let Some(at) = picked {
                                item.repairs[at].1 = if *yes { "accepted" } else { "rejected" };
                                item.repairs[at].3 = n;
                            }
                            item.named = match item.stands {
                                "repaired" => item.repairs.iter().find(|r| r.1 == "accepted").map(|r| r.0),
                                _ => item.names(application),
                            };
                            if *yes { accept(application) } else { reject(application) }
                        }
                        Step::Reinstate => {
                            let picked = item.repair("accepted", which);
                            let (application, stands, _, decided_by) =
                                picked.map_or((digest("none"), "none", 0, 0), |at| item.repairs[at]);
                            holds = stands == "accepted" && item.stands == "repaired"
                                && (n == decided_by || n == CENTRE) && !item.expired(today);
                            item.stands = "reinstated";
                            item.minimum = plus_months(today, item.months().0);
                            if let Some(at) = picked {
                                item.repairs[at].1 = "void";
                            }
                            item.named = item.names(application);
                            reinstate(application)
                        }
                        Step::Delist => {
                            holds = (owns || n == CENTRE) && item.is_listed() && !item.expired(today)
                                && ["in-force", "reinstated"].contains(&item.stands)
                                && item.minimum <= today;
                            item.stands = "delisted";
                            let evidence = vec![Evidence { kind: text("duty"), digest: digest("duty") }];
                            let ground = ExitGround::Conditions(Conditions { evidence });
                            CreditAct::Delist(Delist { item: id, ground, reason: 1 })
                        }
                        Step::Exclude => {
                            let penalties: Vec<&Item> =
                                model.items.iter().filter(|i| i.class == "penalty").collect();
                            let other = penalties.get(which % penalties.len().max(1));
                            let costs = other.is_some_and(|o| o.company == item.company && o.shown(today));
                            holds = (owns || n == CENTRE) && item.class == "red" && !item.expired(today)
                                && item.stands == "in-force" && costs;
                            item.stands = "delisted";
                            delist(id, ExitGround::Excluded(other.map_or(digest("none"), |o| o.id)))
                        }
                        Step::Measure => {
                            holds = RECORDS.contains(&n) && item.is_listed() && item.shown(today);
                            applied = (1, 0);
                            item.measures.push(Measure::new(n));
                            let measure = text(if item.class == "red" { "green-lane" } else { "tender" });
                            let (law, case) = (text(LAW), digest("case"));
                            CreditAct::ApplyMeasure(ApplyMeasure { item: id, measure, law, case })
                        }
                        Step::Tell { result } => {
                            let measure = item.measure_mut(false, which);
                            holds = measure.as_ref().is_some_and(|measure| measure.by == n);
                            let id = measure.as_ref().map_or(digest("none"), |measure| measure.id);
                            if let Some(measure) = measure {
                                applied = (0, u64::from(measure.told == 0));
                                (measure.told, measure.result) = (measure.told + 1, *result);
                            }
                            let (result, report) = (*result, digest("report"));
                            CreditAct::TellMeasure(MeasureFeedback { measure: id, result, report })
                        }
                        Step::Lift => {
                            let measure = item.measure_mut(true, which);
                            holds = measure.as_ref().is_some_and(|m| m.by == n && !m.lifted);
                            let id = measure.as_ref().map_or(digest("none"), |measure| measure.id);
                            if let Some(measure) = measure {
                                measure.lifted = true;
                            }
                            CreditAct::LiftMeasure(LiftMeasure { measure: id, reason: 1 })
                        }
                        Step::Punish { .. } | Step::Praise { .. } | Step::Commit { .. } | Step::Enter { .. } | Step::Wait { .. } => {
                            unreachable!("done above")
                        }
                    };
                    if holds {
                        next = Some((item, false));
                    } else {
                        late = None;
                    }
                    act
                }
            };
            let before = world.state.map.clone();
            let outcome = world.credit_act(n, act);
            prop_assert_eq!(outcome.is_ok(), next.is_some(), "{} {:?}: {:?}", n, step, outcome.err());
            match (outcome, next) {
                (Ok(outcome), Some((mut item, new))) => {
                    let id = outcome.results[0].id;
                    model.events.entry(item.company).or_default().push(id);
                    if let Some((authority, late)) = late {
                        model.late(authority, late);
                    }
                    let measures = model.measures.entry(n).or_default();
                    *measures = (measures.0 + applied.0, measures.1 + applied.1);
                    let named = |d: &mut Digest| if *d == Digest::ZERO { *d = id };
                    item.objections.iter_mut().for_each(|o| named(&mut o.0));
                    item.repairs.iter_mut().for_each(|r| named(&mut r.0));
                    item.named.iter_mut().for_each(named);
                    item.measures.iter_mut().for_each(|m| named(&mut m.id));
                    named(&mut item.id);
                    match at {
                        Some(at) if !new => {
                            let withdrawn = item.stands == "withdrawn" && model.items[at].stands != "withdrawn";
                            if let Some(basis) = item.basis.filter(|_| withdrawn) {
                                model.items[basis].carries = false;
                                model.items[basis].barred.push(item.authority);
                            }
                            model.items[at] = item;
                        }
                        _ => {
                            if let (Some(at), "black") = (at, item.class) {
                                model.items[at].carries = true;
                            }
                            model.items.push(item);
                        }
                    }
                }
                _ => prop_assert_eq!(&before, &world.state.map, "a refusal leaves no trace"),
            }
            model.check(&world);
        }
    }
}
