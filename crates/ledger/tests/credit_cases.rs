//! Items of batches are objected to, repaired, and what was decided is carried out by their source, or counted against it.

#![allow(clippy::unwrap_used, reason = "a helper that fails has failed its test")]

#[path = "rig/batches.rs"]
mod batches;
#[path = "rig/credit.rs"]
mod credit;
#[path = "rig/world.rs"]
mod world;

use std::collections::BTreeMap;

use batches::*;
use credit::*;
use proptest::prelude::*;
use world::{World, code};
use yinxin_gm::Digest;
#[allow(clippy::wildcard_imports, reason = "this file names many of them")]
use yinxin_record::*;

/// Five penalties of 1, told of by itself: of companies 1, 1, 2, 3 and 1; the last but one of another authority.
fn told_of() -> (World, Vec<InBatch>) {
    let mut world = World::credit();
    let today = world.today();
    let mut records: Vec<_> = [(1, "1"), (1, "2"), (2, "3"), (3, "4"), (1, "5")]
        .map(|(n, number)| told(MARKET, n, number, today))
        .into();
    if let SourceEvent::Record(item) = &mut records[3].event {
        item.authority = code(TAX);
    }
    let items = world.batch(MARKET, &records);
    (world, items)
}

#[test]
fn an_item_of_a_batch_is_objected_to_and_its_source_carries_out_what_is_decided() {
    let (mut world, items) = told_of();
    let item = &items[1];
    let act = world.objects(item, "wrong");
    assert_eq!(world.refusal(STRANGER, act.clone()), "POWER_MISSING");
    let case = world.done(BANK, act.clone());
    assert_eq!((world.case(&case).status, world.marks(1)), (SourceCaseStatus::Open, 1));
    assert_eq!(world.chain_of(1).count, 1, "it stands in the subject's chain");
    // Each member once at a time; nobody holds the only place.
    assert_eq!(world.refusal(BANK, act), "OBJECTION_OPEN");
    let act = world.objects(item, "wrong, says another");
    let second = world.done(SECOND_BANK, act);
    let correct = world.rules(case, SourceRuling::Correct);
    assert_eq!(world.refusal(BANK, correct.clone()), "NOT_AUTHORITY");
    assert_eq!(world.refusal(TAX, correct.clone()), "NOT_AUTHORITY");
    assert_eq!(world.refusal(CENTRE, correct.clone()), "NOT_OVERDUE");
    let repair = world.rules(case, SourceRuling::Repair);
    assert_eq!(world.refusal(MARKET, repair), "BASIS_OTHER", "nobody asked for repair");
    let early = |days| {
        let carry_by = Some(world.by(world.today(), days));
        let CreditAct::DecideCase(act) = &correct else { unreachable!() };
        CreditAct::DecideCase(DecideSourceCase { carry_by, ..act.clone() })
    };
    for act in [early(2), early(60)] {
        assert_eq!(world.clone().refusal(MARKET, act), "TIME_RANGE");
    }
    assert_eq!(world.refusal(MARKET, correct.clone()), "");
    assert_eq!(world.refusal(MARKET, correct), "ILLEGAL_MOVE", "decided once");
    let state = world.in_batch(item).unwrap();
    assert_eq!((state.orders[0].case, state.objections[0].id), (case, second));
    let drop = world.rules(second, SourceRuling::Drop);
    assert_eq!(world.refusal(BANK, drop.clone()), "NOT_AUTHORITY");
    assert_eq!(world.refusal(SECOND_BANK, drop), "");
    let again = world.objects(item, "wrong, says another again");
    assert_eq!(world.refusal(SECOND_BANK, again), "NOT_OVERDUE", "the dropped one's time");
    assert_eq!(world.marks(1), 1, "what was ordered is not carried out yet");

    let today = world.today();
    let done = follow(&item.record, ItemEvent::Correct, today, Some(case));
    let other = follow(&items[0].record, ItemEvent::Correct, today, None);
    let unlike = follow(&item.record, ItemEvent::Withdraw, today, None);
    let named = follow(&item.record, ItemEvent::Correct, today, Some(second));
    let later = world.batch(MARKET, &[done, other, unlike, named]);
    let mut forged = later[0].clone();
    forged.index = 1;
    for (why, record, refusal) in [
        ("of another item", &later[1], "BASIS_OTHER"),
        ("of another event", &later[2], "BASIS_OTHER"),
        ("for another decision", &later[3], "BASIS_OTHER"),
        ("no event at all", item, "BASIS_OTHER"),
        ("forged", &forged, "INCLUSION_BAD"),
    ] {
        assert_eq!(world.refusal(BANK, closed(case, Some(record))), refusal, "{why}");
    }
    assert_eq!(world.refusal(MARKET, closed(case, None)), "NOT_OVERDUE");
    assert_eq!(world.refusal(BANK, closed(case, Some(&later[0]))), "");
    assert_eq!(world.case(&case).status, SourceCaseStatus::CarriedOut);
    assert_eq!(world.case(&case).carried, Some(later[0].id()));
    assert_eq!((world.marks(1), world.chain_of(1).count), (0, 5));
    let conduct = world.conduct(MARKET);
    assert_eq!((conduct.resolved, conduct.resolved_late), (1, 0));
    assert_eq!((conduct.carried, conduct.carried_late), (1, 0));
}

/// A list in the state that nobody could read again would stop every node.
#[test]
fn orders_that_nobody_carries_out_come_to_an_end() {
    let (mut world, items) = told_of();
    for n in 0..200 {
        let raised = world.objects(&items[0], &n.to_string());
        let case = world.done(BANK, raised);
        let correct = world.rules(case, SourceRuling::Correct);
        let refusal = world.refusal(MARKET, correct);
        assert_eq!(refusal, if n < 128 { "" } else { "TOO_MANY" }, "{n}");
        if n == 128 {
            let uphold = world.rules(case, SourceRuling::Uphold);
            assert_eq!(world.refusal(MARKET, uphold), "", "what orders nothing is still decided");
            assert_eq!(world.in_batch(&items[0]).unwrap().orders.len(), 128);
            return;
        }
    }
}

/// Whose item it is, a source says alone: what it decides itself is its own punctuality.
#[test]
fn a_source_answers_under_its_own_name() {
    let (mut world, items) = told_of();
    let raised = world.objects(&items[3], "of the tax office, they say");
    let case = world.done(BANK, raised);
    let uphold = world.rules(case, SourceRuling::Uphold);
    assert_eq!(world.refusal(MARKET, uphold), "");
    assert_eq!((world.conduct(MARKET).resolved, world.conduct(TAX).resolved), (1, 0));
}

#[test]
fn what_is_not_in_a_batch_is_no_item() {
    let (mut world, items) = told_of();
    let good = &items[1];
    let wrong = |change: fn(&mut InBatch)| {
        let mut item = good.clone();
        change(&mut item);
        item
    };
    for (why, item, refusal) in [
        ("another subject", wrong(|i| i.record.subject = company(2)), "INCLUSION_BAD"),
        ("another place", wrong(|i| i.index = 0), "INCLUSION_BAD"),
        ("beyond the end", wrong(|i| i.index = 5), "INCLUSION_BAD"),
        ("no way", wrong(|i| i.path.clear()), "INCLUSION_BAD"),
        ("another hash on the way", wrong(|i| i.path[1] = Digest::ZERO), "INCLUSION_BAD"),
        ("a batch to come", wrong(|i| i.sequence = 2), "BASIS_UNKNOWN"),
        ("another source", wrong(|i| i.record.source = code(TAX)), "BASIS_UNKNOWN"),
    ] {
        let act = world.objects(&item, "wrong");
        assert_eq!(world.refusal(BANK, act), refusal, "{why}");
        assert!(world.in_batch(good).is_none() && world.marks(2) == 0, "{why}");
    }
    let follow = follow(&good.record, ItemEvent::Withdraw, world.today(), None);
    let event = world.batch(MARKET, &[follow]);
    let act = world.objects(&event[0], "wrong");
    assert_eq!(world.refusal(BANK, act), "BASIS_OTHER", "what became of an item is no item");
}

#[test]
fn repair_is_applied_for_after_the_minimum_with_evidence_and_ends_at_the_decision() {
    let (mut world, items) = told_of();
    let item = &items[0];
    let act = world.applies(item, &["duty", "letter"]);
    assert_eq!(world.refusal(BANK, act), "BEFORE_MINIMUM");
    world.until_day(start_day().plus_months(3));
    let act = world.applies(item, &["duty"]);
    assert_eq!(world.refusal(BANK, act), "EVIDENCE_MISSING");
    let act = world.applies(item, &["duty", "letter"]);
    let case = world.done(BANK, act.clone());
    assert_eq!(world.refusal(BANK, act.clone()), "REPAIR_OPEN");
    let rejected = world.rules(case, SourceRuling::Reject);
    assert_eq!(world.refusal(MARKET, rejected), "");
    assert_eq!((world.case(&case).status, world.marks(1)), (SourceCaseStatus::Refused, 0));
    let case = world.done(BANK, act.clone());
    let accepted = world.rules(case, SourceRuling::Repair);
    assert_eq!(world.refusal(BANK, accepted.clone()), "NOT_AUTHORITY");
    assert_eq!(world.refusal(MARKET, accepted), "");
    assert_eq!(world.in_batch(item).unwrap().ended().map(|o| o.case), Some(case));
    assert_eq!(world.refusal(SECOND_BANK, act), "ALREADY_REPAIRED");
    // The source does nothing: it is overdue, once, and still carried out later.
    assert_eq!(world.refusal(BANK, closed(case, None)), "NOT_OVERDUE");
    world.until_day(world.today().plus_days(4));
    assert_eq!(world.refusal(BANK, closed(case, None)), "");
    assert_eq!(world.refusal(BANK, closed(case, None)), "ILLEGAL_MOVE");
    assert_eq!(world.case(&case).status, SourceCaseStatus::Neglected);
    let conduct = world.conduct(MARKET);
    assert_eq!((conduct.carried, conduct.carried_late), (1, 1));
    assert_eq!((conduct.decided, conduct.decided_late), (2, 0));
    let done = follow(&item.record, ItemEvent::Repair, world.today(), Some(case));
    let done = world.batch(MARKET, &[done]);
    assert_eq!(world.refusal(MARKET, closed(case, Some(&done[0]))), "");
    assert_eq!((world.marks(1), world.conduct(MARKET).carried_late), (0, 1), "counted once");
    world.until_day(start_day().plus_months(12));
    let act = world.applies(&items[4], &["duty", "letter"]);
    assert_eq!(world.refusal(BANK, act), "PERIOD_PAST");
}

#[test]
fn what_became_of_an_item_before_a_decision_does_not_carry_it_out() {
    let (mut world, items) = told_of();
    let item = &items[2];
    let before = follow(&item.record, ItemEvent::Withdraw, world.today(), None);
    let before = world.batch(MARKET, &[before]);
    let act = world.objects(item, "wrong");
    let case = world.done(BANK, act);
    let act = world.rules(case, SourceRuling::Withdraw);
    assert_eq!(world.refusal(MARKET, act), "");
    assert_eq!(world.refusal(MARKET, closed(case, Some(&before[0]))), "BASIS_OTHER");
}

/// Told of in time, shown too late: the record came after the decision, whenever somebody found the time over.
#[test]
fn a_record_from_before_the_neglect_carries_the_decision_out() {
    let (mut world, items) = told_of();
    let act = world.objects(&items[2], "wrong");
    let case = world.done(BANK, act);
    let act = world.rules(case, SourceRuling::Withdraw);
    assert_eq!(world.refusal(MARKET, act), "");
    let record = follow(&items[2].record, ItemEvent::Withdraw, world.today(), Some(case));
    let told = world.batch(MARKET, &[record]);
    world.until_day(world.today().plus_days(5));
    assert_eq!(world.refusal(BANK, closed(case, None)), "");
    assert_eq!((world.conduct(MARKET).carried, world.conduct(MARKET).carried_late), (1, 1));
    assert_eq!(world.refusal(MARKET, closed(case, Some(&told[0]))), "");
    assert_eq!(world.case(&case).status, SourceCaseStatus::CarriedOut);
    assert_eq!((world.conduct(MARKET).carried, world.conduct(MARKET).carried_late), (1, 0));
    // Shown late by whoever, with nobody saying meanwhile that there is none.
    let act = world.objects(&items[1], "wrong");
    let case = world.done(BANK, act);
    let act = world.rules(case, SourceRuling::Withdraw);
    assert_eq!(world.refusal(MARKET, act), "");
    let record = follow(&items[1].record, ItemEvent::Withdraw, world.today(), Some(case));
    let told = world.batch(MARKET, &[record]);
    world.until_day(world.today().plus_days(5));
    assert_eq!(world.refusal(BANK, closed(case, Some(&told[0]))), "");
    assert_eq!((world.conduct(MARKET).carried, world.conduct(MARKET).carried_late), (2, 0));
}

#[test]
fn the_authority_of_an_item_answers_for_it_and_when_overdue_an_authority_over_credit() {
    let (mut world, items) = told_of();
    let act = world.objects(&items[3], "wrong");
    let case = world.done(CENTRE, act.clone());
    let second = world.done(BANK, act);
    let upheld = |world: &World, case| world.rules(case, SourceRuling::Uphold);
    let act = upheld(&world, case);
    assert_eq!(world.refusal(TAX, act), "", "it decided the item");
    world.until_day(world.today().plus_days(6));
    let act = upheld(&world, second);
    assert_eq!(world.refusal(CENTRE, act), "");
    let conduct = world.conduct(TAX);
    assert_eq!((conduct.resolved, conduct.resolved_late), (2, 1));
    assert_eq!(world.conduct(MARKET).resolved, 0);
}

/// A case as the model sees it.
#[derive(Clone, Debug)]
struct Case {
    id: Digest,
    item: usize,
    by: u8,
    repair: bool,
    stands: &'static str,
    ruling: Option<SourceRuling>,
    deadline: i64,
    carry_by: i64,
    /// How many batches there were at the decision.
    batches: usize,
}

#[derive(Clone, Debug)]
enum Step {
    Object { n: u8, item: usize },
    Apply { n: u8, item: usize },
    Decide { n: u8, ruling: usize },
    Tell { event: usize, item: usize },
    Close { done: Option<usize> },
    Wait { days: u32 },
}

/// A rule of the model that is wrong on purpose: a test that does not notice could not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    TwiceAtOnce,
    AnyoneDecides,
    OldRecords,
    LateIsNotCounted,
    MarksStay,
    NoMinimum,
    DroppedAtOnce,
}

const FAULTS: [Fault; 7] = [
    Fault::TwiceAtOnce,
    Fault::AnyoneDecides,
    Fault::OldRecords,
    Fault::LateIsNotCounted,
    Fault::MarksStay,
    Fault::NoMinimum,
    Fault::DroppedAtOnce,
];

fn step() -> impl Strategy<Value = Step> {
    let who = || prop_oneof![4 => Just(BANK), 1 => Just(SECOND_BANK), 1 => Just(STRANGER)];
    prop_oneof![
        3 => (who(), 0..3_usize).prop_map(|(n, item)| Step::Object { n, item }),
        3 => (who(), 0..3_usize).prop_map(|(n, item)| Step::Apply { n, item }),
        6 => (prop_oneof![6 => Just(MARKET), 1 => Just(TAX), 1 => Just(CENTRE), 1 => Just(BANK)], 0..6_usize)
            .prop_map(|(n, ruling)| Step::Decide { n, ruling }),
        3 => (0..3_usize, 0..3_usize).prop_map(|(event, item)| Step::Tell { event, item }),
        6 => prop::option::weighted(0.8, 0..64_usize).prop_map(|done| Step::Close { done }),
        3 => prop_oneof![1..=12_u32, 60..=120_u32].prop_map(|days| Step::Wait { days }),
    ]
}

/// The ledger, and a model that knows neither records nor proofs; the first step at which they differ.
fn compare(steps: &[(usize, Step)], fault: Option<Fault>) -> Result<(), String> {
    let mut world = World::credit();
    let today = world.today();
    let records: Vec<_> =
        [(1, "1"), (1, "2"), (2, "3")].map(|(n, number)| told(MARKET, n, number, today)).into();
    let items = world.batch(MARKET, &records);
    let (minimum, until) = (today.plus_months(3), today.plus_months(12));
    let mut cases: Vec<Case> = Vec::new();
    // What was told later: of which item, which event, in which batch.
    let mut told: Vec<(InBatch, usize, ItemEvent, (usize, i64))> = Vec::new();
    // Until when who dropped a case about an item raises no other.
    let mut dropped: BTreeMap<(usize, u8), i64> = BTreeMap::new();
    let (mut batches, mut late, mut count) = (1, 0, [0_u64; 2]);
    for (which, step) in steps {
        let (today, now) = (world.today(), world.time.as_millis());
        let open = |case: &Case, item, by, repair| {
            case.stands == "open" && (case.item, case.by, case.repair) == (item, by, repair)
        };
        let picked = |stands: &[&str]| {
            let so: Vec<_> =
                (0..cases.len()).filter(|i| stands.contains(&cases[*i].stands)).collect();
            so.get(which % so.len().max(1)).copied()
        };
        let mut next = cases.clone();
        let (holds, about);
        let mut next_late = late;
        let (n, act) = match step {
            Step::Wait { days } => {
                let later = world.today().plus_days(*days);
                world.until_day(later);
                continue;
            }
            Step::Tell { event, item } => {
                let event = [ItemEvent::Correct, ItemEvent::Withdraw, ItemEvent::Repair][*event];
                let record = follow(&items[*item].record, event, today, None);
                let record = world.batch(MARKET, &[record]).remove(0);
                batches += 1;
                told.push((record, *item, event, (batches, now)));
                continue;
            }
            Step::Object { n, item } | Step::Apply { n, item } => {
                let repair = matches!(step, Step::Apply { .. });
                let ended = |case: &Case| {
                    case.item == *item
                        && ["ordered", "neglected"].contains(&case.stands)
                        && case.ruling.is_some_and(SourceRuling::ends)
                };
                let free = !cases.iter().any(|case| open(case, *item, *n, repair));
                let free = free || fault == Some(Fault::TwiceAtOnce);
                let due = minimum <= today || fault == Some(Fault::NoMinimum);
                let term = due && today < until && !cases.iter().any(ended);
                let waits = dropped.get(&(*item, *n)).is_some_and(|until| now < *until);
                let waits = waits && fault != Some(Fault::DroppedAtOnce);
                holds = *n != STRANGER && free && !waits && (!repair || term);
                let act = if repair {
                    world.applies(&items[*item], &["duty", "letter"])
                } else {
                    world.objects(&items[*item], "wrong")
                };
                let CreditAct::RaiseCase(raised) = &act else { unreachable!() };
                about = *item;
                next.push(Case {
                    id: Digest::ZERO,
                    item: *item,
                    by: *n,
                    repair,
                    stands: "open",
                    ruling: None,
                    deadline: raised.deadline.at.as_millis(),
                    carry_by: 0,
                    batches: 0,
                });
                (*n, act)
            }
            Step::Decide { n, ruling } => {
                let ruling = SourceRuling::ALL[*ruling];
                let Some(at) = picked(&["open"]) else { continue };
                let case = &mut next[at];
                let answers = match ruling {
                    SourceRuling::Uphold | SourceRuling::Correct | SourceRuling::Withdraw => {
                        !case.repair
                    }
                    SourceRuling::Repair | SourceRuling::Reject => case.repair,
                    SourceRuling::Drop => true,
                };
                let n = if ruling == SourceRuling::Drop && *n == MARKET { case.by } else { *n };
                let may = match ruling {
                    SourceRuling::Drop => n == case.by,
                    _ => n == MARKET || (n == CENTRE && now >= case.deadline),
                };
                holds = answers && (may || fault == Some(Fault::AnyoneDecides));
                let orders = [SourceRuling::Correct, SourceRuling::Withdraw, SourceRuling::Repair];
                case.stands = if orders.contains(&ruling) {
                    "ordered"
                } else if ruling == SourceRuling::Drop {
                    "dropped"
                } else {
                    "refused"
                };
                let act = world.rules(case.id, ruling);
                let CreditAct::DecideCase(decided) = &act else { unreachable!() };
                case.ruling = Some(ruling);
                case.batches = batches;
                case.carry_by = decided.carry_by.map_or(0, |by| by.at.as_millis());
                if ruling == SourceRuling::Drop {
                    if holds {
                        dropped.insert((case.item, case.by), case.deadline);
                    }
                } else {
                    next_late += u64::from(now >= case.deadline);
                }
                about = case.item;
                (n, act)
            }
            Step::Close { done } => {
                let Some(at) = picked(&["ordered", "neglected"]) else { continue };
                let case = &mut next[at];
                let counts = fault != Some(Fault::LateIsNotCounted);
                about = case.item;
                match done.and_then(|done| told.get(done % told.len().max(1))) {
                    Some((record, item, event, (batch, at))) => {
                        let after = *batch > case.batches || fault == Some(Fault::OldRecords);
                        holds = case.item == *item
                            && case.ruling.and_then(SourceRuling::follow) == Some(*event)
                            && after;
                        let in_time = *at < case.carry_by;
                        if case.stands == "ordered" {
                            next_late += u64::from(!in_time && counts);
                        } else {
                            next_late -= u64::from(in_time && counts);
                        }
                        case.stands = "carried-out";
                        (BANK, closed(case.id, Some(record)))
                    }
                    None => {
                        holds = case.stands == "ordered" && now >= case.carry_by;
                        next_late += u64::from(counts);
                        case.stands = "neglected";
                        (BANK, closed(case.id, None))
                    }
                }
            }
        };
        let before = world.state.map.clone();
        let outcome = world.credit_act(n, act);
        if outcome.is_ok() != holds {
            return Err(format!("{step:?} by {n}: {:?}", outcome.err()));
        }
        match outcome {
            Err(_) if world.state.map != before => return Err("a refusal leaves a trace".into()),
            Err(_) => {}
            Ok(outcome) => {
                let id = outcome.results[0].id;
                next.iter_mut().filter(|c| c.id == Digest::ZERO).for_each(|c| c.id = id);
                (cases, late) = (next, next_late);
                count[usize::from(about == 2)] += 1;
            }
        }
        agrees(&world, &cases, (late, count), fault)?;
    }
    Ok(())
}

/// Each case stands as the model says, marks are counted, lateness too, and no record is missing in a chain.
fn agrees(
    world: &World,
    cases: &[Case],
    (late, count): (u64, [u64; 2]),
    fault: Option<Fault>,
) -> Result<(), String> {
    for case in cases {
        let state = world.case(&case.id);
        if (state.status.name(), state.ruling) != (case.stands, case.ruling) {
            return Err(format!("{case:?}: {state:?}"));
        }
    }
    let mut lives = vec!["open", "ordered", "neglected"];
    if fault == Some(Fault::MarksStay) {
        lives.push("carried-out");
    }
    let marked = |item| cases.iter().any(|c| c.item == item && lives.contains(&c.stands));
    let marks = [0, 1].into_iter().filter(|item| marked(*item)).count() as u64;
    if (world.marks(1), world.marks(2)) != (marks, u64::from(marked(2))) {
        return Err(format!("{} and {} items are marked", world.marks(1), world.marks(2)));
    }
    let conduct = world.conduct(MARKET);
    let found = conduct.resolved_late + conduct.decided_late + conduct.carried_late;
    if found != late {
        return Err(format!("{found} are late, not {late}"));
    }
    let chains = [world.chain_of(1).count, world.chain_of(2).count];
    if chains == count { Ok(()) } else { Err(format!("{chains:?} records, not {count:?}")) }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_ledger_and_a_small_model_agree(
        steps in prop::collection::vec((0..8_usize, step()), 1..60),
    ) {
        compare(&steps, None).map_err(TestCaseError::fail)?;
    }
}

/// Each wrong rule is noticed by some of the same random lives.
#[test]
fn a_wrong_model_is_noticed() {
    use proptest::{strategy::ValueTree, test_runner::TestRunner};
    let mut runner = TestRunner::deterministic();
    let lives: Vec<_> = (0..160)
        .map(|_| {
            let lives = prop::collection::vec((0..8_usize, step()), 60);
            lives.new_tree(&mut runner).unwrap().current()
        })
        .collect();
    for fault in FAULTS {
        assert!(lives.iter().any(|steps| compare(steps, Some(fault)).is_err()), "{fault:?}");
    }
}
