//! What an authority's records come to when everybody counts them again: late by the calendar, and owed still.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that fails has failed its test")]

#[path = "../../ledger/tests/rig/batches.rs"]
mod batches;
#[path = "../../ledger/tests/rig/credit.rs"]
mod credit;
#[path = "rig/town.rs"]
mod town;
#[path = "../../ledger/tests/rig/world.rs"]
mod world;

use credit::{BANK, MARKET, TAX, class_code, class_of, company, day, digest, penalty, resolve};
use town::Town;
use world::code;
use yinxin_calendar::Calendar;
use yinxin_credit::{ClassTable, Forms, Recount};
use yinxin_receipt::Wire;
use yinxin_record::{
    Basis, CloseSourceCase, CreditAct, DecideRepair, DecideSourceCase, RaiseSourceCase, Record,
    RecordItem, RepairDecision, Resolution, SourceRuling,
};

/// Of all records so far, by the classes of the stories.
fn count(town: &Town, authority: u8) -> Recount {
    let calendar = Calendar::china().unwrap();
    let (table, forms) = (ClassTable::national().unwrap(), Forms::standard().unwrap());
    let inspection = table.newest(&class_code("inspection")).unwrap();
    let published = table.publish(inspection, &forms).unwrap();
    let ours = (class_of("penalty", 1), penalty());
    let classes = [ours, (inspection.reference.clone(), published)].into();
    let mut recount = Recount::new(code(authority));
    for (bytes, at) in town.records() {
        let record = Record::from_der(bytes).unwrap();
        recount.record(&record, at, &classes, &calendar).unwrap();
    }
    recount
}

/// Publication 28 days late costs nothing by the deadline that the authority set itself; by the calendar it does.
#[test]
fn a_deadline_that_was_put_off_is_counted_again() {
    let mut town = Town::new();
    let act = town.world.penalty_of(1);
    let decided = act.decided;
    let honest = RecordItem { publish_by: Some(town.world.by(decided, 9)), ..act.clone() };
    town.done(MARKET, CreditAct::Record(honest));
    town.until_day(decided.plus_days(20));
    let put_off = RecordItem {
        publish_by: Some(town.world.by(decided, 34)),
        basis: Basis::Decision(digest("another")),
        ..act
    };
    let item = town.done(MARKET, CreditAct::Record(put_off));
    let CreditAct::Object(mut objection) = town.world.objection(item) else {
        panic!("an objection")
    };
    objection.deadline = town.world.by(town.world.today(), 25);
    town.done(BANK, CreditAct::Object(objection));
    assert!(!town.world.item(&item).is_late(), "the ledger has no calendar of its own");
    let counted = |authority| {
        let found = count(&town, authority);
        (found.published, found.late, found.postponed, found.uncounted)
    };
    assert_eq!(counted(MARKET), (2, 1, 2, 0));
    assert_eq!(counted(BANK), (0, 0, 0, 0), "who asks owes nothing");
}

/// What nobody answers is late on no leaf of the ledger: the records say it, from the deadline on until it is closed.
#[test]
fn what_is_not_answered_is_overdue_until_it_is() {
    let mut town = Town::new();
    town.import(1);
    let in_batch = town.in_batch(1);
    let item = town.done(MARKET, CreditAct::Record(town.world.penalty_of(1)));
    let CreditAct::RaiseCase(raise) = town.world.objects(&in_batch, "wrong") else {
        panic!("a case")
    };
    let deadline = town.world.by(town.world.today(), 28);
    let case = town.done(BANK, CreditAct::RaiseCase(RaiseSourceCase { deadline, ..raise }));
    let owed = |town: &Town, authority| count(town, authority).open_overdue(town.now());
    assert_eq!((owed(&town, TAX), count(&town, TAX).postponed), (0, 1), "a case put off");
    town.until_day(day("2027-03-01"));
    let objection = town.world.objection(item);
    let objection = town.done(BANK, objection);
    let application = town.done(BANK, CreditAct::ApplyRepair(town.world.repair(item)));
    assert_eq!((owed(&town, MARKET), owed(&town, TAX)), (0, 1));
    town.until_day(day("2027-03-20"));
    assert_eq!((owed(&town, MARKET), owed(&town, TAX)), (2, 1));
    assert_eq!((owed(&town, BANK), count(&town, BANK).postponed), (0, 0), "who asks owes nothing");
    town.done(MARKET, resolve(objection, Resolution::Upheld(1)));
    let reject = DecideRepair { application, decision: RepairDecision::Reject(7) };
    town.done(MARKET, CreditAct::DecideRepair(reject));
    assert_eq!(owed(&town, MARKET), 0);
    // Decided, and then not carried out; once that is found it is late on the ledger.
    let decide = town.world.rules(case, SourceRuling::Withdraw);
    town.done(TAX, decide);
    assert_eq!(owed(&town, TAX), 0);
    town.until_day(town.world.today().plus_days(5));
    assert_eq!(owed(&town, TAX), 1);
    town.done(BANK, CreditAct::CloseCase(CloseSourceCase { case, done: None }));
    assert_eq!(owed(&town, TAX), 0);
}

/// A department's item that another one's batch tells of: either may decide, so both owe that; what was ordered, the source alone.
#[test]
fn an_answer_is_owed_by_the_authority_and_the_source_what_was_ordered_by_the_source() {
    let mut town = Town::new();
    let (who, authority) = (company(1), code(MARKET));
    town.import_rows(&format!(
        "record,,2026-03-05,02,{who},某公司,1,检查合格,2026-03-02,某局,{authority}\n"
    ));
    let objects = town.world.objects(&town.in_batch(1), "wrong");
    let case = town.done(BANK, objects);
    let owed = |town: &Town| {
        [MARKET, TAX, BANK].map(|n| {
            let found = count(town, n);
            (found.open_overdue(town.now()), found.postponed)
        })
    };
    assert_eq!(owed(&town), [(0, 0); 3]);
    town.until_day(day("2026-12-01"));
    assert_eq!(owed(&town), [(1, 0), (1, 0), (0, 0)]);
    let CreditAct::DecideCase(decide) = town.world.rules(case, SourceRuling::Withdraw) else {
        panic!("a decision")
    };
    let carry_by = Some(town.world.by(town.world.today(), 20));
    town.done(MARKET, CreditAct::DecideCase(DecideSourceCase { carry_by, ..decide }));
    assert_eq!(owed(&town), [(0, 0), (0, 1), (0, 0)], "put off what the source has to do");
    town.until_day(day("2026-12-23"));
    assert_eq!(owed(&town), [(0, 0), (1, 1), (0, 0)]);
    town.done(BANK, CreditAct::CloseCase(CloseSourceCase { case, done: None }));
    assert_eq!(owed(&town), [(0, 0), (0, 1), (0, 0)]);
}
