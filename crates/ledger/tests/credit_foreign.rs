//! Other regions' ledgers: recognised once, no longer than at home, and ended with what ended there.

#![allow(clippy::unwrap_used, reason = "a rig that fails has failed its test")]

#[path = "rig/credit.rs"]
mod credit;
#[path = "rig/world.rs"]
mod world;

use credit::*;
use world::World;
#[allow(clippy::wildcard_imports, reason = "this file names many of them")]
use yinxin_record::*;

#[test]
fn a_record_of_another_region_is_recognised_once() {
    let mut world = World::credit();
    let on = |world: &World, chain_id, class: &str| {
        let basis = Basis::Foreign(foreign(chain_id));
        record(RecordItem { basis, ..world.item_of(1, class) })
    };
    let (own, theirs) = (world.chain_id, digest("chain"));
    let act = on(&world, own, "black");
    assert_eq!(world.refusal(TAX, act), "BASIS_OTHER");
    let act = on(&world, theirs, "black");
    assert_eq!(world.refusal(TAX, act.clone()), "BASIS_UNKNOWN", "nobody said whose ledger it is");
    let trust = |ledger: TrustLedger| CreditAct::TrustLedger(ledger);
    assert_eq!(world.refusal(TAX, trust(trusted(theirs))), "POWER_MISSING");
    assert_eq!(world.refusal(CENTRE, trust(trusted(own))), "BASIS_OTHER");
    assert_eq!(world.refusal(CENTRE, trust(trusted(theirs))), "");
    let forked = TrustLedger { genesis: digest("fork"), ..trusted(theirs) };
    assert_eq!(world.refusal(CENTRE, trust(forked)), "BASIS_OTHER", "one chain, one genesis");
    let closed = TrustLedger { serves: false, ..trusted(theirs) };
    assert_eq!(world.refusal(CENTRE, trust(closed)), "");
    assert_eq!(world.refusal(TAX, act.clone()), "BASIS_UNKNOWN", "it serves no more");
    let checkpoint = Some(digest("checkpoint"));
    assert_eq!(world.refusal(CENTRE, trust(TrustLedger { checkpoint, ..trusted(theirs) })), "");
    let id = world.done(TAX, act);
    assert!(world.item(&id).is_in_force(world.time));
    let again = on(&world, theirs, "basic");
    assert_eq!(world.refusal(TAX, again.clone()), "ALREADY_RECOGNISED");
    // Who recognised it wrongly bars nobody once that is withdrawn.
    let withdrawn = world.withdrawal(id);
    assert_eq!(world.refusal(CENTRE, withdrawn), "");
    let id = world.done(TAX, again);
    // Nor once it is withdrawn because somebody objected.
    let again = on(&world, theirs, "basic");
    assert_eq!(world.refusal(MARKET, again.clone()), "ALREADY_RECOGNISED");
    let objection = world.objection(id);
    let objection = world.done(BANK, objection);
    assert_eq!(world.refusal(TAX, resolve(objection, Resolution::Withdrawn(1))), "");
    assert_eq!(world.item(&id).status, ItemStatus::Withdrawn);
    assert_eq!(world.refusal(MARKET, again), "");
}

/// What left its list by the rules, or is past its term, is not recognised anew because whoever recognised it withdraws it too, by itself or
/// on an objection, or tells that it ended at home. Nor does a false one, made to end soon, bar the true one for good: an authority frees it.
#[test]
fn what_had_ended_comes_back_by_an_authoritys_withdrawal_alone() {
    let mut world = World::credit();
    let theirs = digest("chain");
    world.credit_act(CENTRE, CreditAct::TrustLedger(trusted(theirs))).unwrap();
    let on = |world: &World, what: &str, status: &str, until: Option<Date>| {
        let of = RecordReference { chain_id: theirs, record: digest(what) };
        let (status, theirs) = (digest(status), foreign(theirs));
        let basis = Basis::Foreign(ForeignBasis { of, status, until, ..theirs });
        record(RecordItem { basis, ..world.item_of(1, "black") })
    };
    let names = ["withdrawn", "ended", "objected", "past"];
    let ids = names.map(|what| {
        let until = (what == "past").then(|| day("2027-11-22"));
        let act = on(&world, what, "status", until);
        world.done(TAX, act)
    });
    world.until_day(day("2027-11-22"));
    for id in &ids[..3] {
        assert_eq!(world.refusal(CENTRE, delist(*id, conditions(&["duty"]))), "");
    }
    for id in [ids[0], ids[3]] {
        let withdrawn = world.withdrawal(id);
        assert_eq!(world.refusal(TAX, withdrawn), "POWER_MISSING");
    }
    let objection = world.objection(ids[2]);
    let objection = world.done(BANK, objection);
    let withdrawn = resolve(objection, Resolution::Withdrawn(1));
    assert_eq!(world.refusal(TAX, withdrawn.clone()), "POWER_MISSING");
    let (status, how) = (digest("their status"), HomeEnd::Repaired);
    let ended = CreditAct::EndRecognised(EndRecognised { item: ids[1], status, how });
    assert_eq!(world.refusal(TAX, ended), "POWER_MISSING");
    for (what, id) in names.into_iter().zip(ids) {
        assert!(world.item(&id).ended_at(world.time).is_some(), "{what}");
        let act = on(&world, what, "a later status", None);
        assert_eq!(world.refusal(MARKET, act), "ALREADY_RECOGNISED", "{what}");
        let withdrawn = world.withdrawal(id);
        assert_eq!(world.refusal(CENTRE, withdrawn), "", "{what}");
        let act = on(&world, what, "a later status", None);
        assert_eq!(world.refusal(MARKET, act), "", "{what}");
    }
}

#[test]
fn what_is_recognised_ends_no_later_than_at_home() {
    let mut world = World::credit();
    let theirs = digest("chain");
    world.credit_act(CENTRE, CreditAct::TrustLedger(trusted(theirs))).unwrap();
    let on = |world: &World, what: &str, home: &str, until: Option<&str>| {
        let of = RecordReference { chain_id: theirs, record: digest(what) };
        let basis = Basis::Foreign(ForeignBasis { of, until: Some(day(home)), ..foreign(theirs) });
        record(RecordItem { basis, until: until.map(day), ..world.item_of(1, "black") })
    };
    let act = on(&world, "over", "2026-11-22", None);
    assert_eq!(world.refusal(TAX, act), "PERIOD_PAST");
    let act = on(&world, "longer", "2028-01-01", Some("2028-01-02"));
    assert_eq!(world.refusal(TAX, act), "DATE_RANGE");
    // The list shows for 12 to 36 months; at home less is left of it, or more.
    for (what, home, until) in [
        ("short", "2027-01-15", "2027-01-15"),
        ("middling", "2028-01-01", "2028-01-01"),
        ("long", "2035-01-01", "2029-11-22"),
    ] {
        let act = on(&world, what, home, None);
        let id = world.done(TAX, act);
        assert_eq!(world.item(&id).until, Some(day(until)), "{what}");
    }
    // A commitment too, whose term begins anew when it is broken.
    let of = RecordReference { chain_id: theirs, record: digest("promise") };
    let home = Some(day("2027-01-15"));
    let basis = Basis::Foreign(ForeignBasis { of, until: home, ..foreign(theirs) });
    let act = RecordItem { basis, until: home, ..world.item_of(1, "commitment") };
    let id = world.done(TAX, record(act));
    assert_eq!(world.item(&id).until, home);
    let (evidence, found) = (digest("finding"), world.today());
    let broken = CreditAct::Break(SettleCommitment { item: id, evidence, found });
    assert_eq!(world.refusal(TAX, broken), "");
    assert_eq!(world.item(&id).until, home);
}

#[test]
fn what_ended_at_home_ends_here() {
    let mut world = World::credit();
    let theirs = digest("chain");
    world.credit_act(CENTRE, CreditAct::TrustLedger(trusted(theirs))).unwrap();
    let basis = Basis::Foreign(foreign(theirs));
    let act = record(RecordItem { basis, ..world.item_of(1, "black") });
    let entry = world.done(TAX, act);
    let penalty = world.punished(1);
    let end = |item| {
        let (status, how) = (digest("their status"), HomeEnd::Repaired);
        CreditAct::EndRecognised(EndRecognised { item, status, how })
    };
    assert_eq!(world.refusal(MARKET, end(penalty)), "BASIS_OTHER", "it is of this ledger");
    assert_eq!(world.refusal(MARKET, end(entry)), "NOT_AUTHORITY");
    assert_eq!(world.refusal(BANK, end(entry)), "NOT_AUTHORITY");
    let before = world.chain_of(1).count;
    assert_eq!(world.refusal(TAX, end(entry)), "");
    let item = world.item(&entry);
    assert_eq!((item.status, item.reason), (ItemStatus::Withdrawn, 2));
    assert_eq!(world.chain_of(1).count, before + 1);
    assert_eq!(world.refusal(CENTRE, end(entry)), "ILLEGAL_MOVE", "once");
    // Reinstated at home, it is recognised anew by the proof of that, as another item; its recorder brings nothing back with the old
    // proof. What others bring, the ledger cannot judge: they hold a proof of their own, for anybody to see.
    let by = |world: &World, status: &str| {
        let basis = Basis::Foreign(ForeignBasis { status: digest(status), ..foreign(theirs) });
        record(RecordItem { basis, ..world.item_of(1, "black") })
    };
    let old = by(&world, "status");
    assert_eq!(world.refusal(TAX, old), "ALREADY_RECORDED");
    let mut elsewhere = world.clone();
    let old = by(&elsewhere, "status");
    assert_eq!(elsewhere.refusal(MARKET, old), "");
    let anew = by(&world, "reinstated");
    let anew = world.done(TAX, anew);
    assert!(world.item(&anew).is_in_force(world.time));
    assert_eq!(world.item(&entry).status, ItemStatus::Withdrawn, "what was ended stays ended");
}
