//! Lists and measures: who gets off a list and when, what a measure rests on.

#![allow(clippy::unwrap_used, reason = "a helper that fails has failed its test")]

#[path = "rig/credit.rs"]
mod credit;
#[path = "rig/world.rs"]
mod world;

use credit::*;
use world::{World, code};
#[allow(clippy::wildcard_imports, reason = "this file names many of them")]
use yinxin_record::*;

#[test]
fn a_place_on_a_list_does_not_end_before_its_time() {
    let mut world = World::credit();
    let (penalty, other) = (world.punished(1), world.punished(1));
    let enter = |world: &mut World, penalty| {
        let act = world.entry_of(1, penalty);
        world.done(TAX, record(act))
    };
    let (first, second) = (enter(&mut world, penalty), enter(&mut world, other));
    assert_eq!(world.refusal(TAX, delist(first, conditions(&["duty"]))), "BEFORE_MINIMUM");
    assert_eq!(world.refusal(MARKET, delist(first, conditions(&["duty"]))), "NOT_AUTHORITY");
    assert_eq!(world.refusal(MARKET, delist(penalty, conditions(&["duty"]))), "NOT_LISTED");
    let fell = |basis| ExitGround::BasisEnded(basis);
    assert_eq!(world.refusal(TAX, delist(first, fell(penalty))), "BASIS_OTHER");
    let act = world.withdrawal(penalty);
    world.credit_act(MARKET, act).unwrap();
    assert_eq!(world.refusal(TAX, delist(first, fell(second))), "BASIS_OTHER");
    assert_eq!(world.refusal(TAX, delist(first, fell(penalty))), "");
    assert_eq!(world.item(&first).status, ItemStatus::Delisted);
    assert_eq!(world.refusal(TAX, delist(first, fell(penalty))), "ILLEGAL_MOVE");
    world.until_day(day("2027-11-22"));
    assert_eq!(world.refusal(TAX, delist(second, conditions(&[]))), "EVIDENCE_MISSING");
    assert_eq!(world.refusal(TAX, delist(second, conditions(&["duty"]))), "");
}

/// The penalty fell, and who entered the company on the list did nothing: no one else could.
#[test]
fn an_authority_strikes_off_what_lost_its_ground() {
    let mut world = World::credit();
    let (penalty, other) = (world.punished(1), world.punished(1));
    let [entry, stays] = [penalty, other].map(|basis| {
        let act = world.entry_of(1, basis);
        world.done(TAX, record(act))
    });
    let fell = |item, basis| delist(item, ExitGround::BasisEnded(basis));
    assert_eq!(world.refusal(CENTRE, fell(entry, penalty)), "BASIS_OTHER", "it stands yet");
    let act = world.withdrawal(penalty);
    world.credit_act(MARKET, act).unwrap();
    for (n, refusal) in [
        (MARKET, "NOT_AUTHORITY"),
        (BANK, "NOT_AUTHORITY"),
        (STRANGER, "NOT_AUTHORITY"),
        (CENTRE, ""),
    ] {
        assert_eq!(world.refusal(n, fell(entry, penalty)), refusal, "{n}");
    }
    assert_eq!(world.item(&entry).status, ItemStatus::Delisted);
    // Not before its time by another way: an authority keeps the list's minimum, and a repaired ground is no withdrawn one.
    assert_eq!(world.refusal(CENTRE, delist(stays, conditions(&["duty"]))), "BEFORE_MINIMUM");
    world.until_day(day("2027-02-22"));
    let act = CreditAct::ApplyRepair(world.repair(other));
    let application = world.done(BANK, act);
    world.credit_act(MARKET, accept(application)).unwrap();
    assert_eq!(world.refusal(CENTRE, fell(stays, other)), "BASIS_OTHER");
    world.until_day(day("2027-11-22"));
    assert_eq!(world.refusal(CENTRE, delist(stays, conditions(&["duty"]))), "");
}

/// Whoever speaks first for the subject and takes it back keeps the authority's word out of no list: it bars itself only.
#[test]
fn an_entry_that_is_withdrawn_bars_its_recorder_alone() {
    let mut world = World::credit();
    let enter = |world: &World, penalty| record(world.entry_of(1, penalty));
    let penalty = world.punished(1);
    let act = enter(&world, penalty);
    let entry = world.done(MARKET, act);
    let act = enter(&world, penalty);
    assert_eq!(world.refusal(TAX, act), "ALREADY_RECORDED", "it stands");
    let act = world.withdrawal(entry);
    world.credit_act(MARKET, act).unwrap();
    let act = enter(&world, penalty);
    assert_eq!(world.refusal(MARKET, act), "ALREADY_RECORDED", "it took its own word back");
    let act = enter(&world, penalty);
    let entry = world.done(TAX, act);
    assert!(world.item(&entry).is_in_force(world.time));
    let act = enter(&world, penalty);
    assert_eq!(world.refusal(MARKET, act), "ALREADY_RECORDED");
    // Likewise what falls on an objection.
    let objection = world.objection(entry);
    let objection = world.done(BANK, objection);
    assert_eq!(world.refusal(TAX, resolve(objection, Resolution::Withdrawn(1))), "");
    for n in [MARKET, TAX] {
        let act = enter(&world, penalty);
        assert_eq!(world.refusal(n, act), "ALREADY_RECORDED", "{n}");
    }
    // What had ended before its withdrawal does not come back, whoever tries.
    let penalty = world.punished(1);
    let long_ago = world.today().minus_days(365);
    let act = RecordItem { decided: long_ago, ..world.entry_of(1, penalty) };
    let entry = world.done(MARKET, record(act));
    world.credit_act(MARKET, delist(entry, conditions(&["duty"]))).unwrap();
    let act = world.withdrawal(entry);
    assert_eq!(world.refusal(MARKET, act.clone()), "POWER_MISSING");
    let entered = enter(&world, penalty);
    assert_eq!(world.refusal(TAX, entered), "ALREADY_RECORDED", "it was struck off");
    // An authority says that this was wrong from the start: neither an entry nor an exit of a friend's keeps the others' out.
    assert_eq!(world.refusal(CENTRE, act), "");
    let entered = enter(&world, penalty);
    assert_eq!(world.refusal(MARKET, entered.clone()), "ALREADY_RECORDED");
    assert_eq!(world.refusal(TAX, entered), "");
}

/// What was repaired does not come back because the paper of its decision was anchored meanwhile.
#[test]
fn an_anchored_paper_is_no_second_ground() {
    let mut world = World::credit();
    let penalty = world.punished(1);
    let Basis::Decision(paper) = world.item(&penalty).basis else { panic!("a paper") };
    let (kind, record_id) = (text("file"), digest("anchor"));
    let organisation = code(MARKET);
    let anchored = DocumentState { organisation, kind, count: None, record: record_id, height: 1 };
    world.state.map.insert(state_key::document(&paper), anchored.to_der());
    let again = RecordItem { basis: Basis::Document(paper), ..world.penalty_of(1) };
    assert_eq!(world.refusal(MARKET, record(again)), "ALREADY_RECORDED");
}

/// Where the class says so, a place falls with what it rests on: repaired, struck off, or ended by a correction; not by its term.
#[test]
fn an_item_may_end_with_what_it_rests_on() {
    let mut world = World::credit();
    let falls = PublishClass { footing: Footing::Basis, version: 2, ..black_list() };
    let falls = PublishClass { valid_from: day("2026-01-01"), ..falls };
    world.credit_act(CENTRE, CreditAct::PublishClass(falls)).unwrap();
    let watched = PublishClass {
        footing: Footing::Basis,
        rests_on: vec![class_code("penalty")],
        ..plain("watched", ClassKind::Administrative, (0, None))
    };
    world.credit_act(CENTRE, CreditAct::PublishClass(watched)).unwrap();
    let short =
        |world: &World| RecordItem { until: Some(day("2027-02-22")), ..world.penalty_of(1) };
    let bases = [world.punished(1), world.punished(1), {
        let act = short(&world);
        world.done(MARKET, record(act))
    }];
    let entries = bases.map(|basis| {
        let act = RecordItem { class: class_of("black", 2), ..world.entry_of(1, basis) };
        world.done(TAX, record(act))
    });
    let act = RecordItem { basis: Basis::Item(bases[0]), ..world.item_of(1, "watched") };
    let watch = world.done(TAX, record(act));
    let ended = |item, basis| delist(item, ExitGround::BasisEnded(basis));
    assert_eq!(world.refusal(TAX, ended(entries[0], bases[0])), "BASIS_OTHER", "it stands");
    world.until_day(day("2027-02-22"));
    assert_eq!(world.refusal(TAX, ended(entries[2], bases[2])), "BASIS_OTHER", "its term ran out");
    let act = CreditAct::ApplyRepair(world.repair(bases[0]));
    let application = world.done(BANK, act);
    world.credit_act(MARKET, accept(application)).unwrap();
    let correction = Correction { content: digest("right"), until: Some(world.today()), reason: 1 };
    let cut = CreditAct::Correct(CorrectItem { item: bases[1], correction });
    world.credit_act(MARKET, cut).unwrap();
    assert!(world.item(&bases[1]).ended.is_some_and(|ended| ended < world.time));
    assert_eq!(world.refusal(TAX, ended(entries[0], bases[1])), "BASIS_OTHER", "another one's");
    assert_eq!(world.refusal(BANK, ended(entries[0], bases[0])), "NOT_AUTHORITY");
    assert_eq!(world.refusal(TAX, ended(entries[0], bases[0])), "");
    assert_eq!(world.refusal(CENTRE, ended(entries[1], bases[1])), "", "an authority");
    assert_eq!(world.refusal(TAX, delist(watch, conditions(&[]))), "NOT_LISTED");
    assert_eq!(world.refusal(TAX, ended(watch, bases[0])), "", "what is on no list ends as well");
    for item in [entries[0], entries[1], watch] {
        let state = world.item(&item);
        assert!(state.status == ItemStatus::Delisted && state.ended.is_some());
    }
    // What was found false afterwards brings the basis back, not what fell with it.
    let evidence = digest("false");
    let act = CreditAct::Reinstate(Reinstate { application, evidence, reason: 1 });
    world.credit_act(MARKET, act).unwrap();
    assert_eq!(
        (world.item(&bases[0]).ended, world.item(&entries[0]).status),
        (None, ItemStatus::Delisted)
    );
}

#[test]
fn a_penalty_costs_the_place_on_the_red_list() {
    let mut world = World::credit();
    let act = world.item_of(1, "red");
    let entry = world.done(TAX, record(act));
    let (own, others) = (world.punished(1), world.punished(2));
    let excluded = |id| delist(entry, ExitGround::Excluded(id));
    assert_eq!(world.refusal(TAX, excluded(digest("nothing"))), "BASIS_UNKNOWN");
    assert_eq!(world.refusal(TAX, excluded(others)), "BASIS_OTHER");
    assert_eq!(world.refusal(TAX, excluded(entry)), "BASIS_OTHER");
    assert_eq!(world.refusal(TAX, excluded(own)), "");
}

#[test]
fn a_measure_rests_on_a_list_that_allows_it() {
    let mut world = World::credit();
    let penalty = world.punished(1);
    let act = world.entry_of(1, penalty);
    let entry = world.done(TAX, record(act));
    let apply = |item, measure: &str| {
        let (law, case) = (text(LAW), digest("case"));
        CreditAct::ApplyMeasure(ApplyMeasure { item, measure: text(measure), law, case })
    };
    assert_eq!(world.refusal(BANK, apply(entry, "tender")), "POWER_MISSING");
    assert_eq!(world.refusal(MARKET, apply(digest("nothing"), "tender")), "ILLEGAL_MOVE");
    assert_eq!(world.refusal(MARKET, apply(penalty, "tender")), "NOT_LISTED");
    assert_eq!(world.refusal(MARKET, apply(entry, "travel")), "MEASURE_OTHER");
    let (law, case) = (text("另一部法律"), digest("case"));
    let unlawful = ApplyMeasure { item: entry, measure: text("tender"), law, case };
    assert_eq!(world.refusal(MARKET, CreditAct::ApplyMeasure(unlawful)), "LAW_OTHER");
    let another = world.punished(1);
    let act = world.entry_of(1, another);
    let old = world.done(TAX, record(RecordItem { until: Some(day("2027-11-22")), ..act }));
    let id = world.done(MARKET, apply(entry, "tender"));
    let measure =
        |world: &World| -> MeasureState { world.load(&state_key::credit_measure(&id)).unwrap() };
    assert!(measure(&world).serves(&world.item(&entry), world.time));
    let tell =
        || CreditAct::TellMeasure(MeasureFeedback { measure: id, result: 1, report: digest("r") });
    let lift = || CreditAct::LiftMeasure(LiftMeasure { measure: id, reason: 1 });
    assert_eq!(world.refusal(TAX, tell()), "NOT_AUTHORITY");
    assert_eq!(world.refusal(TAX, lift()), "NOT_AUTHORITY");
    assert_eq!(world.refusal(MARKET, tell()), "");
    assert_eq!(world.refusal(MARKET, tell()), "");
    let conduct: ConductState = world.load(&state_key::credit_conduct(&code(MARKET))).unwrap();
    assert_eq!((conduct.applied, conduct.told), (1, 1));
    world.until_day(day("2027-11-22"));
    assert_eq!(world.refusal(MARKET, apply(old, "tender")), "PERIOD_PAST");
    // Repair ends it at once, and shows who has not lifted it.
    let act = CreditAct::ApplyRepair(world.repair(entry));
    let application = world.done(BANK, act);
    world.credit_act(TAX, accept(application)).unwrap();
    let (now, item) = (world.time, world.item(&entry));
    assert!(!measure(&world).serves(&item, now) && measure(&world).is_due(&item, now));
    assert_eq!(world.refusal(MARKET, apply(entry, "tender")), "ILLEGAL_MOVE");
    assert_eq!(world.refusal(MARKET, lift()), "");
    assert!(!measure(&world).is_due(&item, now));
    assert_eq!(world.refusal(MARKET, lift()), "ILLEGAL_MOVE");
    assert_eq!(world.refusal(MARKET, tell()), "", "what happened can still be told");
}

fn incentive(item: yinxin_gm::Digest) -> CreditAct {
    let (measure, case) = (text("green-lane"), digest("case"));
    CreditAct::ApplyMeasure(ApplyMeasure { item, measure, law: text(LAW), case })
}

/// A joint incentive from the place on the red list to its end: applied, told about, owed a lifting once the place is lost, lifted.
#[test]
fn an_incentive_ends_with_the_place_that_it_rests_on() {
    let mut world = World::credit();
    let act = world.item_of(1, "red");
    let place = world.done(TAX, record(act));
    assert_eq!(world.refusal(BANK, incentive(place)), "POWER_MISSING");
    let id = world.done(MARKET, incentive(place));
    let state =
        |world: &World| -> MeasureState { world.load(&state_key::credit_measure(&id)).unwrap() };
    let due = |world: &World| state(world).is_due(&world.item(&place), world.time);
    let serves = |world: &World| state(world).serves(&world.item(&place), world.time);
    let tell = |result| {
        CreditAct::TellMeasure(MeasureFeedback { measure: id, result, report: digest("report") })
    };
    let lift = || CreditAct::LiftMeasure(LiftMeasure { measure: id, reason: 1 });
    world.credit_act(MARKET, tell(2)).unwrap();
    assert_eq!((state(&world).feedbacks, state(&world).result), (1, 2));
    assert!(serves(&world) && !due(&world));
    // A penalty costs the place; from then on the green lane is owed its end.
    let penalty = world.punished(1);
    assert!(serves(&world), "nobody has struck it off yet");
    let excluded = delist(place, ExitGround::Excluded(penalty));
    assert_eq!(world.refusal(MARKET, excluded.clone()), "NOT_AUTHORITY");
    assert_eq!(world.refusal(TAX, excluded), "");
    assert!(!serves(&world) && due(&world));
    assert_eq!(world.refusal(MARKET, incentive(place)), "ILLEGAL_MOVE");
    assert_eq!(world.refusal(TAX, lift()), "NOT_AUTHORITY");
    assert_eq!(world.refusal(MARKET, lift()), "");
    assert!(!due(&world));
    assert_eq!(world.refusal(MARKET, tell(3)), "", "what came of it can still be told");
    assert_eq!(state(&world).result, 3);
}

/// The ledger does not search a subject's items when somebody praises it: an item that costs the place is named by whoever strikes it off, and an
/// authority may, if the praising department does not.
#[test]
fn who_is_praised_in_spite_of_a_penalty_is_struck_off_by_an_authority() {
    let mut world = World::credit();
    let penalty = world.punished(1);
    let [praised, again] = [1, 2].map(|_| {
        let act = world.item_of(1, "red");
        world.done(TAX, record(act))
    });
    let excluded = |item| delist(item, ExitGround::Excluded(penalty));
    for (n, refusal) in [(MARKET, "NOT_AUTHORITY"), (BANK, "NOT_AUTHORITY"), (CENTRE, "")] {
        assert_eq!(world.refusal(n, excluded(praised)), refusal, "{n}");
    }
    assert_eq!(world.item(&praised).status, ItemStatus::Delisted);
    assert_eq!(world.refusal(MARKET, incentive(praised)), "ILLEGAL_MOVE");
    // What was repaired costs nothing any more.
    world.until_day(day("2027-02-22"));
    let act = CreditAct::ApplyRepair(world.repair(penalty));
    let application = world.done(BANK, act);
    world.credit_act(MARKET, accept(application)).unwrap();
    assert_eq!(world.refusal(CENTRE, excluded(again)), "ILLEGAL_MOVE");
    assert!(world.item(&again).is_in_force(world.time));
    assert_eq!(world.refusal(MARKET, incentive(again)), "");
}
