//! Credit: who may record what and when, what becomes of it, and every misuse refused or exposed with its reason.

#![allow(clippy::unwrap_used, reason = "a helper that fails has failed its test")]

#[path = "rig/credit.rs"]
mod credit;
#[path = "rig/world.rs"]
mod world;

use credit::*;
use world::{World, anchor, code, identifier, licence, licence_type};
use yinxin_ledger::index_key;
#[allow(clippy::wildcard_imports, reason = "this file names many of them")]
use yinxin_record::*;

#[test]
fn classes_are_published_by_an_authority_one_version_after_the_other() {
    let mut world = World::credit();
    let next = |version, from| {
        let valid_from = day(from);
        CreditAct::PublishClass(PublishClass { version, valid_from, ..penalty() })
    };
    assert_eq!(world.refusal(MARKET, next(2, "2026-04-01")), "POWER_MISSING");
    assert_eq!(world.refusal(CENTRE, next(1, "2026-04-01")), "VERSION_OTHER");
    assert_eq!(world.refusal(CENTRE, next(3, "2026-04-01")), "VERSION_OTHER");
    assert_eq!(world.refusal(CENTRE, next(2, "2025-01-01")), "DATE_RANGE");
    assert_eq!(world.refusal(CENTRE, next(2, "2026-04-01")), "");
    let formula = |version| CreditAct::PublishFormula(formula(version));
    assert_eq!(world.refusal(MARKET, formula(2)), "POWER_MISSING");
    assert_eq!(world.refusal(CENTRE, formula(3)), "VERSION_OTHER");
    assert_eq!(world.refusal(CENTRE, formula(2)), "");
}

#[test]
fn a_decision_is_judged_by_the_version_of_its_day() {
    let mut world = World::credit();
    let newer = PublishClass { version: 2, valid_from: day("2026-10-01"), ..penalty() };
    world.credit_act(CENTRE, CreditAct::PublishClass(newer)).unwrap();
    for (version, decided, refusal) in [
        (1, "2026-09-30", ""),
        (1, "2026-10-01", "CLASS_NOT_IN_FORCE"),
        (2, "2026-09-30", "CLASS_NOT_IN_FORCE"),
        (2, "2026-10-01", ""),
        (3, "2026-10-01", "CLASS_UNKNOWN"),
    ] {
        let decided = day(decided);
        let class = class_of("penalty", version);
        let publish_by = Some(world.by(decided, 7));
        let act = RecordItem { class, decided, publish_by, ..world.penalty_of(1) };
        assert_eq!(world.refusal(MARKET, record(act)), refusal, "{version} {decided}");
    }
    let last = PublishClass {
        version: 3,
        valid_from: day("2026-11-01"),
        valid_until: Some(day("2026-11-10")),
        ..penalty()
    };
    world.credit_act(CENTRE, CreditAct::PublishClass(last)).unwrap();
    let act = RecordItem { class: class_of("penalty", 3), ..world.penalty_of(1) };
    assert_eq!(world.refusal(MARKET, record(act)), "CLASS_NOT_IN_FORCE");
}

#[test]
fn an_item_is_recorded_by_an_authority_of_its_class_on_a_law_of_it() {
    let mut world = World::credit();
    let good = world.penalty_of(1);
    assert_eq!(world.refusal(BANK, record(good.clone())), "POWER_MISSING");
    assert_eq!(world.refusal(TAX, record(good.clone())), "NOT_AUTHORITY");
    let act = RecordItem { law: text("某法 第一条"), ..good.clone() };
    assert_eq!(world.refusal(MARKET, record(act)), "LAW_OTHER");
    let pseudonym = |n| Subject::Person(Pseudonym { custodian: code(n), value: digest("p") });
    let orphan = RecordItem { subject: pseudonym(77), ..good.clone() };
    assert_eq!(world.refusal(MARKET, record(orphan)), "ORGANISATION_UNKNOWN");
    let person = RecordItem { subject: pseudonym(CENTRE), ..good.clone() };
    assert_eq!(world.refusal(MARKET, record(person)), "");
    let id = world.done(MARKET, record(good.clone()));
    let item = world.item(&id);
    assert_eq!((item.status, &item.authority), (ItemStatus::InForce, &code(MARKET)));
    assert_eq!((item.minimum, item.until), (day("2027-02-22"), Some(day("2027-11-22"))));
    assert!(item.is_in_force(world.time) && !item.is_late());
}

#[test]
fn a_back_dated_act_is_refused_or_shows_how_late_it_is() {
    let mut world = World::credit();
    let dated = |world: &World, decided: Date, publish_by| {
        record(RecordItem { decided, publish_by, ..world.penalty_of(1) })
    };
    let today = world.today();
    for (decided, refusal) in [
        (today.plus_days(1), "DATE_RANGE"),
        (today.minus_days(366), "BACK_DATED"),
        (today.minus_days(365), ""),
    ] {
        let by = Some(world.by(decided, 7));
        let act = dated(&world, decided, by);
        assert_eq!(world.refusal(MARKET, act), refusal, "{decided}");
    }
    // Nobody hides lateness behind a generous deadline, and nobody makes another late by a short one.
    let decided = today.minus_days(60);
    for (days, refusal) in [(6, "TIME_RANGE"), (7, ""), (35, ""), (36, "TIME_RANGE")] {
        let by = Some(world.by(decided, days));
        let act = dated(&world, decided, by);
        assert_eq!(world.refusal(MARKET, act), refusal, "{days} days");
    }
    let calendar = digest("another calendar");
    let unknown = Some(Deadline { calendar, ..world.by(today, 7) });
    let act = dated(&world, today, unknown);
    assert_eq!(world.refusal(MARKET, act), "CALENDAR_UNKNOWN");
    let act = dated(&world, today, None);
    assert_eq!(world.refusal(MARKET, act), "DEADLINE_OTHER");
    let unasked = RecordItem { publish_by: Some(world.by(today, 7)), ..world.item_of(1, "basic") };
    assert_eq!(world.refusal(TAX, record(unasked)), "DEADLINE_OTHER");
    // Three were published late: anyone reads it from one leaf, without asking the authority.
    world.punished(2);
    let conduct: ConductState = world.load(&state_key::credit_conduct(&code(MARKET))).unwrap();
    assert_eq!((conduct.published, conduct.published_late), (4, 3));
}

#[test]
fn a_term_is_within_the_class() {
    let mut world = World::credit();
    for (until, refusal) in [
        ("2027-02-21", "DATE_RANGE"),
        ("2027-02-22", ""),
        ("2027-11-22", ""),
        ("2027-11-23", "DATE_RANGE"),
    ] {
        let act = RecordItem { until: Some(day(until)), ..world.penalty_of(1) };
        assert_eq!(world.refusal(MARKET, record(act)), refusal, "{until}");
    }
    let for_ever = world.item_of(1, "basic");
    let id = world.done(TAX, record(for_ever));
    assert_eq!(world.item(&id).until, None);
    let mut published = plain("published", ClassKind::Basic, (1, Some(2)));
    published.term.base = TermBase::Publication;
    world.credit_act(CENTRE, CreditAct::PublishClass(published)).unwrap();
    let decided = world.today().minus_days(100);
    let act = RecordItem { decided, ..world.item_of(1, "published") };
    let id = world.done(TAX, record(act));
    let item = world.item(&id);
    assert_eq!((item.minimum, item.until), (day("2026-12-22"), Some(day("2027-01-22"))));
}

#[test]
fn a_forged_basis_is_refused() {
    let mut world = World::with_powers(&[0x11d, 0x100, 0x400]);
    let calendar = PublishCalendar { digest: digest("2026"), from_year: 2026, until_year: 2026 };
    world.act(CENTRE, Act::Data(DataAct::PublishCalendar(calendar))).unwrap();
    for class in [penalty(), black_list(), plain("basic", ClassKind::Basic, (0, None))] {
        world.credit_act(CENTRE, CreditAct::PublishClass(class)).unwrap();
    }
    let on =
        |world: &World, class: &str, basis| record(RecordItem { basis, ..world.item_of(1, class) });
    // A document and a licence that the ledger does not know, then does; a licence of another.
    let document = digest("a file");
    let paper = Basis::Document(yinxin_gm::sm3::digest(b"judgement"));
    let act = on(&world, "basic", Basis::Document(document));
    assert_eq!(world.refusal(MARKET, act), "BASIS_UNKNOWN");
    world.act(MARKET, anchor("judgement")).unwrap();
    let act = on(&world, "basic", paper);
    assert_eq!(world.refusal(MARKET, act), "");
    let permit = Basis::Licence(identifier(1, 1, 1));
    let act = on(&world, "basic", permit.clone());
    assert_eq!(world.refusal(MARKET, act), "BASIS_UNKNOWN");
    world.act(MARKET, licence_type(1, 1, &[1])).unwrap();
    world.act(MARKET, Act::Licence(LicenceAct::Issue(licence(1, 1, 1)))).unwrap();
    let act = on(&world, "basic", permit.clone());
    assert_eq!(world.refusal(TAX, act), "BASIS_OTHER");
    let act = on(&world, "basic", permit);
    assert_eq!(world.refusal(MARKET, act), "");
    // An entry on a list: a paper, an unknown item, another's, another class's, one that fell, one that is past.
    let act = on(&world, "black", Basis::Decision(digest("paper")));
    assert_eq!(world.refusal(MARKET, act), "BASIS_OTHER");
    let act = on(&world, "black", Basis::Item(digest("nothing")));
    assert_eq!(world.refusal(MARKET, act), "BASIS_UNKNOWN");
    let others = world.punished(2);
    let act = on(&world, "black", Basis::Item(others));
    assert_eq!(world.refusal(MARKET, act), "BASIS_OTHER");
    let basic = world.item_of(1, "basic");
    let basic = world.done(MARKET, record(basic));
    let act = on(&world, "black", Basis::Item(basic));
    assert_eq!(world.refusal(MARKET, act), "BASIS_OTHER");
    let (fallen, past, good) = (world.punished(1), world.punished(1), world.punished(1));
    let act = world.withdrawal(fallen);
    world.credit_act(MARKET, act).unwrap();
    let act = on(&world, "black", Basis::Item(fallen));
    assert_eq!(world.refusal(MARKET, act), "ILLEGAL_MOVE");
    let act = on(&world, "black", Basis::Item(good));
    assert_eq!(world.refusal(MARKET, act), "");
    world.until_day(day("2027-11-22"));
    let act = on(&world, "black", Basis::Item(past));
    assert_eq!(world.refusal(MARKET, act), "PERIOD_PAST");
}

#[test]
fn a_correction_adds_and_never_lengthens() {
    let mut world = World::credit();
    let item = world.punished(1);
    let before = world.item(&item);
    let correct = |until: Option<&str>| {
        let correction = Correction { content: digest("true"), until: until.map(day), reason: 5 };
        CreditAct::Correct(CorrectItem { item, correction })
    };
    assert_eq!(world.refusal(TAX, correct(None)), "NOT_AUTHORITY");
    assert_eq!(world.refusal(MARKET, correct(Some("2027-11-23"))), "DATE_RANGE");
    // Two days old, it cannot be shown until tomorrow only: its class shows it for three months.
    world.until_day(day("2026-11-24"));
    for too_short in ["2026-11-21", "2026-11-24", "2026-11-25", "2027-02-21"] {
        assert_eq!(world.refusal(MARKET, correct(Some(too_short))), "DATE_RANGE", "{too_short}");
    }
    assert_eq!(world.refusal(MARKET, correct(Some("2027-02-22"))), "");
    let after = world.item(&item);
    assert_eq!((after.content, after.corrections), (digest("true"), 1));
    assert_eq!(after.until, Some(day("2027-02-22")));
    assert_eq!(after.decided, before.decided);
    assert_eq!(world.chain_of(1).count, 2);
}

#[test]
fn no_correction_ends_an_item_before_its_minimum_or_in_the_past() {
    let mut world = World::credit();
    let item = world.punished(1);
    let until =
        |until: &str| Correction { content: digest("true"), until: Some(day(until)), reason: 5 };
    let correct = |text| CreditAct::Correct(CorrectItem { item, correction: until(text) });
    let act = world.objection(item);
    let objection = world.done(BANK, act);
    let corrected = |text| resolve(objection, Resolution::Corrected(until(text)));
    assert_eq!(world.refusal(MARKET, corrected("2026-11-23")), "DATE_RANGE", "nor by an answer");
    assert_eq!(world.refusal(MARKET, corrected("2027-10-01")), "");
    world.until_day(day("2027-05-01"));
    assert_eq!(world.refusal(MARKET, correct("2027-04-30")), "DATE_RANGE", "yesterday");
    // A repair found false: the minimum counts anew, and holds corrections too.
    let act = CreditAct::ApplyRepair(world.repair(item));
    let application = world.done(BANK, act);
    world.credit_act(MARKET, accept(application)).unwrap();
    world.credit_act(MARKET, reinstate(application)).unwrap();
    assert_eq!(world.refusal(MARKET, correct("2027-07-31")), "DATE_RANGE");
    assert_eq!(world.refusal(MARKET, correct("2027-08-01")), "");
    world.until_day(day("2027-08-01"));
    assert_eq!(world.refusal(MARKET, correct("2027-08-01")), "PERIOD_PAST");
}

#[test]
fn a_commitment_is_kept_or_broken_once() {
    let mut world = World::credit();
    let made = |world: &mut World| {
        let act = world.item_of(1, "commitment");
        world.done(TAX, record(act))
    };
    let past = Some(world.today().minus_days(1));
    let act = RecordItem { until: past, ..world.item_of(1, "commitment") };
    assert_eq!(world.refusal(TAX, record(act)), "DATE_RANGE");
    let act = RecordItem { until: None, ..world.item_of(1, "commitment") };
    assert_eq!(world.refusal(TAX, record(act)), "UNTIL_MISSING", "by when is it to be kept?");
    let (kept, broken) = (made(&mut world), made(&mut world));
    world.until_day(day("2027-03-01"));
    let settle = |item, found: &str| SettleCommitment {
        item,
        evidence: digest("finding"),
        found: day(found),
    };
    let fulfil = |item, found| CreditAct::Fulfil(settle(item, found));
    let break_it = |item, found| CreditAct::Break(settle(item, found));
    assert_eq!(world.refusal(MARKET, fulfil(kept, "2027-02-28")), "NOT_AUTHORITY");
    assert_eq!(world.refusal(TAX, fulfil(kept, "2026-11-21")), "DATE_RANGE");
    assert_eq!(world.refusal(TAX, fulfil(kept, "2027-03-02")), "DATE_RANGE");
    assert_eq!(world.refusal(TAX, fulfil(kept, "2027-02-28")), "");
    assert_eq!(world.refusal(TAX, break_it(kept, "2027-02-28")), "ILLEGAL_MOVE");
    assert_eq!(world.refusal(TAX, break_it(broken, "2027-02-28")), "");
    let item = world.item(&broken);
    assert_eq!(item.status, ItemStatus::Broken);
    assert_eq!((item.minimum, item.until), (day("2027-05-28"), Some(day("2028-02-28"))));
    let penalty = world.punished(1);
    assert_eq!(world.refusal(MARKET, fulfil(penalty, "2027-03-01")), "ILLEGAL_MOVE");
}

#[test]
fn an_objection_marks_an_item_until_it_is_resolved() {
    let mut world = World::credit();
    let item = world.punished(1);
    let act = world.objection(item);
    assert_eq!(world.refusal(STRANGER, act.clone()), "POWER_MISSING");
    let early = Deadline { at: world.time.plus_millis(DAY_MS), calendar: digest("2026") };
    let CreditAct::Object(raise) = act.clone() else { unreachable!() };
    let hurried = CreditAct::Object(RaiseObjection { deadline: early, ..raise });
    assert_eq!(world.refusal(BANK, hurried), "TIME_RANGE");
    let objection = world.done(BANK, act);
    assert_eq!(world.item(&item).objection, Some(objection));
    let again = world.objection(item);
    assert_eq!(world.refusal(BANK, again), "OBJECTION_OPEN");
    let upheld = resolve(objection, Resolution::Upheld(1));
    assert_eq!(world.refusal(TAX, upheld.clone()), "NOT_AUTHORITY");
    assert_eq!(world.refusal(CENTRE, upheld.clone()), "NOT_OVERDUE");
    assert_eq!(world.refusal(TAX, resolve(objection, Resolution::Dropped(1))), "NOT_AUTHORITY");
    assert_eq!(world.refusal(MARKET, upheld.clone()), "");
    assert_eq!(world.item(&item).objection, None);
    assert_eq!(world.refusal(MARKET, upheld), "ILLEGAL_MOVE");
    let objected = |world: &mut World| {
        let act = world.objection(item);
        world.done(BANK, act)
    };
    let second = objected(&mut world);
    assert_eq!(world.refusal(BANK, resolve(second, Resolution::Dropped(1))), "");
    // Dropping and raising anew would make its chain, and each view of it, as long as a member likes.
    let again = world.objection(item);
    assert_eq!(world.refusal(BANK, again), "NOT_OVERDUE", "the dropped one's time is not over");
    let act = world.objection(item);
    let other = world.done(SECOND_BANK, act);
    assert_eq!(world.refusal(SECOND_BANK, resolve(other, Resolution::Dropped(1))), "");
    world.until_day(world.today().plus_days(6));
    let third = objected(&mut world);
    let correction = Correction { content: digest("true"), until: None, reason: 5 };
    assert_eq!(world.refusal(MARKET, resolve(third, Resolution::Corrected(correction))), "");
    assert_eq!(world.item(&item).content, digest("true"));
    let fourth = objected(&mut world);
    world.until_day(world.today().plus_days(7));
    assert_eq!(world.refusal(CENTRE, resolve(fourth, Resolution::Withdrawn(1))), "");
    assert_eq!(world.item(&item).status, ItemStatus::Withdrawn);
    let act = world.objection(item);
    assert_eq!(world.refusal(BANK, act), "ILLEGAL_MOVE");
    let conduct: ConductState = world.load(&state_key::credit_conduct(&code(MARKET))).unwrap();
    assert_eq!(
        (conduct.resolved, conduct.resolved_late),
        (3, 1),
        "the late one is the authority's"
    );
    assert_eq!((conduct.withdrawn, conduct.withdrawn_late), (1, 1), "a withdrawal like others");
    let item = world.punished(2);
    let act = world.objection(item);
    let objection = world.done(BANK, act);
    assert_eq!(world.refusal(MARKET, resolve(objection, Resolution::Withdrawn(1))), "");
    let conduct: ConductState = world.load(&state_key::credit_conduct(&code(MARKET))).unwrap();
    assert_eq!((conduct.resolved, conduct.withdrawn, conduct.withdrawn_late), (4, 2, 1));
}

/// A bank once could object first, say nothing of use, and keep the company's own word out.
#[test]
fn nobody_holds_the_only_place_for_an_objection_or_an_application() {
    let mut world = World::credit();
    let item = world.punished(1);
    let object = |world: &mut World, n| {
        let act = world.objection(item);
        world.done(n, act)
    };
    let (first, second) = (object(&mut world, BANK), object(&mut world, SECOND_BANK));
    for n in [BANK, SECOND_BANK] {
        let act = world.objection(item);
        assert_eq!(world.refusal(n, act), "OBJECTION_OPEN", "one each");
    }
    assert_eq!(world.item(&item).objection, Some(first), "the one that waits longest");
    let dropped = |id| resolve(id, Resolution::Dropped(1));
    assert_eq!(world.refusal(SECOND_BANK, dropped(first)), "NOT_AUTHORITY");
    assert_eq!(world.refusal(BANK, dropped(first)), "");
    assert_eq!(world.item(&item).objection, Some(second), "still marked");
    assert_eq!(world.refusal(MARKET, resolve(second, Resolution::Upheld(1))), "");
    assert_eq!(world.item(&item).objection, None);
    world.until_day(day("2027-02-22"));
    let apply = |world: &mut World, n| {
        let act = CreditAct::ApplyRepair(world.repair(item));
        world.done(n, act)
    };
    let (poor, good) = (apply(&mut world, BANK), apply(&mut world, SECOND_BANK));
    let again = CreditAct::ApplyRepair(world.repair(item));
    assert_eq!(world.refusal(SECOND_BANK, again), "REPAIR_OPEN");
    assert_eq!(world.refusal(MARKET, reject(poor)), "");
    assert_eq!(world.item(&item).repair, Some(good), "the one that is open");
    let waits = apply(&mut world, BANK);
    assert_eq!(world.refusal(MARKET, accept(good)), "");
    assert_eq!(world.item(&item).repair, Some(good), "the one that was accepted");
    assert_eq!(world.refusal(MARKET, accept(waits)), "ILLEGAL_MOVE", "repaired once");
    // What waited meanwhile waits for the new minimum too.
    assert_eq!(world.refusal(MARKET, reinstate(good)), "");
    assert_eq!(world.item(&item).repair, Some(waits));
    assert_eq!(world.refusal(MARKET, accept(waits)), "BEFORE_MINIMUM");
    world.until_day(day("2027-05-22"));
    assert_eq!(world.refusal(MARKET, accept(waits)), "");
    let open: OpenCases = world.load(&state_key::credit_open(&item)).unwrap();
    assert_eq!(open, OpenCases::default());
}

#[test]
fn what_was_decided_wrongly_is_withdrawn_and_stays_so() {
    let mut world = World::credit();
    let (item, other) = (world.punished(1), world.punished(1));
    let act = world.withdrawal(item);
    assert_eq!(world.refusal(TAX, act.clone()), "NOT_AUTHORITY");
    assert_eq!(world.refusal(MARKET, act.clone()), "");
    assert_eq!(world.refusal(MARKET, act), "ILLEGAL_MOVE");
    assert!(!world.item(&item).is_in_force(world.time));
    let found = world.today();
    world.until_day(found.plus_days(30));
    let late = CreditAct::Withdraw(WithdrawItem {
        item: other,
        reason: 1,
        paper: digest("annulled"),
        decided: found,
        withdraw_by: world.by(found, 3),
    });
    assert_eq!(world.refusal(CENTRE, late), "", "a court's word reaches an authority too");
    let conduct: ConductState = world.load(&state_key::credit_conduct(&code(MARKET))).unwrap();
    assert_eq!((conduct.withdrawn, conduct.withdrawn_late), (2, 1));
}

#[test]
fn a_repair_is_not_before_the_minimum_nor_after_the_term_nor_twice() {
    let mut world = World::credit();
    let item = world.punished(1);
    let apply = |world: &World| CreditAct::ApplyRepair(world.repair(item));
    let act = apply(&world);
    assert_eq!(world.refusal(BANK, act), "BEFORE_MINIMUM");
    world.until_day(day("2027-02-22"));
    let act = apply(&world);
    assert_eq!(world.refusal(STRANGER, act), "POWER_MISSING");
    let poor = ApplyRepair { evidence: vec![], ..world.repair(item) };
    assert_eq!(world.refusal(BANK, CreditAct::ApplyRepair(poor)), "EVIDENCE_MISSING");
    let act = apply(&world);
    let first = world.done(BANK, act);
    let act = apply(&world);
    assert_eq!(world.refusal(BANK, act), "REPAIR_OPEN");
    assert_eq!(world.refusal(TAX, accept(first)), "NOT_AUTHORITY");
    assert_eq!(world.refusal(CENTRE, accept(first)), "NOT_OVERDUE");
    assert_eq!(world.refusal(MARKET, reject(first)), "");
    assert_eq!(world.refusal(MARKET, accept(first)), "ILLEGAL_MOVE");
    let act = apply(&world);
    let second = world.done(BANK, act);
    assert_eq!(world.refusal(MARKET, accept(second)), "");
    assert_eq!(world.item(&item).status, ItemStatus::Repaired);
    let act = apply(&world);
    assert_eq!(world.refusal(BANK, act), "ALREADY_REPAIRED");
    assert_eq!(world.refusal(MARKET, accept(second)), "ILLEGAL_MOVE");
    // What it said proves false: in force again, and its minimum counts anew.
    assert_eq!(world.refusal(TAX, reinstate(second)), "NOT_AUTHORITY");
    assert_eq!(world.refusal(MARKET, reinstate(first)), "ILLEGAL_MOVE");
    assert_eq!(world.refusal(MARKET, reinstate(second)), "");
    assert!(world.item(&item).is_in_force(world.time));
    let act = apply(&world);
    assert_eq!(world.refusal(BANK, act), "BEFORE_MINIMUM");
    world.until_day(day("2027-05-22"));
    let act = apply(&world);
    let third = world.done(BANK, act);
    world.until_day(day("2027-11-22"));
    assert_eq!(world.refusal(CENTRE, accept(third)), "PERIOD_PAST");
    let act = apply(&world);
    assert_eq!(world.refusal(BANK, act), "PERIOD_PAST");
    assert_eq!(world.refusal(CENTRE, reject(third)), "", "what is overdue an authority decides");
}

/// The recorder sat on it until an authority decided: that decision is not the recorder's to undo.
#[test]
fn a_repair_that_an_authority_accepted_is_the_authoritys_to_void() {
    let mut world = World::credit();
    let item = world.punished(1);
    world.until_day(day("2027-02-22"));
    let act = CreditAct::ApplyRepair(world.repair(item));
    let application = world.done(BANK, act);
    world.until_day(world.today().plus_days(11));
    assert_eq!(world.refusal(CENTRE, accept(application)), "");
    assert_eq!(world.refusal(MARKET, reinstate(application)), "NOT_AUTHORITY");
    assert_eq!(world.refusal(TAX, reinstate(application)), "NOT_AUTHORITY");
    assert_eq!(world.item(&item).status, ItemStatus::Repaired);
    assert_eq!(world.refusal(CENTRE, reinstate(application)), "");
    assert!(world.item(&item).is_in_force(world.time));
}

#[test]
fn nothing_comes_back_after_its_term() {
    let mut world = World::credit();
    let item = world.punished(1);
    world.until_day(day("2027-02-22"));
    let act = CreditAct::ApplyRepair(world.repair(item));
    let application = world.done(BANK, act);
    world.credit_act(MARKET, accept(application)).unwrap();
    world.until_day(day("2027-11-22"));
    assert_eq!(world.refusal(MARKET, reinstate(application)), "PERIOD_PAST");
    let pledge = RecordItem { until: Some(day("2027-12-01")), ..world.item_of(1, "commitment") };
    let pledge = world.done(TAX, record(pledge));
    world.until_day(day("2027-12-01"));
    let settle = SettleCommitment { item: pledge, evidence: digest("f"), found: world.today() };
    assert_eq!(world.refusal(TAX, CreditAct::Break(settle)), "PERIOD_PAST");
}

/// A breach once could be dated so long ago that it was past its term at once.
#[test]
fn a_breach_is_not_dated_out_of_view() {
    let mut world = World::credit();
    let mut long = plain("pledge", ClassKind::Commitment, (3, Some(12)));
    long.limits.age_days = 1000;
    world.credit_act(CENTRE, CreditAct::PublishClass(long)).unwrap();
    let made = |world: &mut World, class| {
        let until = Some(day("2029-11-22"));
        let act = RecordItem { until, ..world.item_of(1, class) };
        world.done(TAX, record(act))
    };
    let (year, years) = (made(&mut world, "commitment"), made(&mut world, "pledge"));
    world.until_day(day("2028-11-22"));
    let broken = |item, found| {
        let (evidence, found) = (digest("finding"), day(found));
        CreditAct::Break(SettleCommitment { item, evidence, found })
    };
    assert_eq!(world.refusal(TAX, broken(year, "2027-11-22")), "BACK_DATED", "366 days");
    assert_eq!(world.refusal(TAX, broken(years, "2027-11-22")), "PERIOD_PAST", "12 months");
    assert_eq!(world.refusal(TAX, broken(years, "2027-11-23")), "");
    assert!(world.item(&years).is_in_force(world.time));
    assert_eq!(world.refusal(TAX, broken(year, "2028-11-22")), "");
}

/// A repaired item once could have been recorded anew, and shown for another term.
#[test]
fn what_ended_does_not_come_back_as_another_item() {
    let mut world = World::credit();
    let decided = world.penalty_of(1);
    let item = world.done(MARKET, record(decided.clone()));
    let again = RecordItem { content: digest("in other words"), ..decided.clone() };
    assert_eq!(world.refusal(MARKET, record(again.clone())), "ALREADY_RECORDED");
    let others = RecordItem { subject: company(2), ..again.clone() };
    assert_eq!(world.refusal(MARKET, record(others)), "", "one decision on two subjects");
    let act = world.entry_of(1, item);
    let entry = world.done(TAX, record(act));
    let act = world.entry_of(1, item);
    assert_eq!(world.refusal(MARKET, record(act)), "ALREADY_RECORDED", "by another authority");
    world.until_day(day("2027-02-22"));
    let act = CreditAct::ApplyRepair(world.repair(item));
    let application = world.done(BANK, act);
    world.credit_act(MARKET, accept(application)).unwrap();
    assert_eq!(world.refusal(MARKET, record(again.clone())), "ALREADY_RECORDED", "after repair");
    let act = world.withdrawal(item);
    world.credit_act(MARKET, act).unwrap();
    world.credit_act(TAX, delist(entry, ExitGround::BasisEnded(item))).unwrap();
    assert_eq!(world.refusal(MARKET, record(again)), "ALREADY_RECORDED", "after withdrawal");
}

#[test]
fn what_is_not_repairable_waits_for_its_end() {
    let mut world = World::credit();
    let act = world.item_of(1, "basic");
    let item = world.done(TAX, record(act));
    let act = CreditAct::ApplyRepair(world.repair(item));
    assert_eq!(world.refusal(BANK, act), "NOT_REPAIRABLE");
    let act = CreditAct::ApplyRepair(world.repair(digest("nothing")));
    assert_eq!(world.refusal(BANK, act), "ILLEGAL_MOVE");
}

#[test]
fn index_entries_lead_to_a_record_from_each_side() {
    let mut world = World::credit();
    let penalty = world.punished(1);
    let act = world.entry_of(1, penalty);
    let outcome = world.credit_act(TAX, record(act)).unwrap();
    let id = outcome.results[0].id;
    for prefix in [
        index_key::credit_subject(&company(1)),
        index_key::credit_item(&id),
        index_key::credit_item(&penalty),
        index_key::credit_class(&class_code("black")),
        index_key::credit_list(&class_code("black")),
        index_key::credit_authority(&code(TAX)),
        index_key::credit_authority(&code(MARKET)),
        index_key::organisation(&code(TAX)),
    ] {
        let found = outcome.index.iter().filter(|(key, _)| key.starts_with(&prefix)).count();
        assert_eq!(found, 1, "{}", String::from_utf8_lossy(&prefix));
    }
    assert!(outcome.index.iter().all(|(_, value)| value == id.as_bytes()));
}
