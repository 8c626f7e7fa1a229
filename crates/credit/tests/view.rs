//! Views over the real rules of the ledger: who sees what, when, and what it helps to leave something out.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that fails has failed its test")]

#[path = "../../ledger/tests/rig/batches.rs"]
mod batches;
#[path = "../../ledger/tests/rig/credit.rs"]
mod credit;
#[path = "rig/town.rs"]
mod town;
#[path = "../../ledger/tests/rig/world.rs"]
mod world;

use credit::{
    BANK, CENTRE, COURT, MARKET, SECOND_BANK, TAX, accept, class_code, company, day, digest, text,
};
use town::Town;
use world::code;
use yinxin_credit::{
    Error, Formula,
    view::{
        CreditView, OnRecord, Seen, ViewPackage, ViewQuestion, ViewSource, check_taken, check_view,
    },
};
use yinxin_gm::Digest;
use yinxin_receipt::{Trust, Wire};
use yinxin_record::{
    Act, CloseSourceCase, CourtCase, CreditAct, Date, DecideRepair, ItemStatus, Record, RecordItem,
    RepairDecision, Resolution, RevokeAuthorisation, SettleCommitment, SourceRuling, TakeView,
    ViewGround,
};
use yinxin_verdict::{Facts, Policy, UnixTime};

fn question(ground: ViewGround) -> ViewQuestion {
    ViewQuestion {
        subject: company(1),
        reader: code(BANK),
        purpose: text("loan"),
        ground,
        classes: Vec::new(),
        as_of: UnixTime::EPOCH,
    }
}

fn by_law(court: bool) -> ViewQuestion {
    if court {
        return ViewQuestion { reader: code(COURT), ..question(court_case()) };
    }
    ViewQuestion {
        reader: code(MARKET), ..question(ViewGround::Law(text("征信业管理条例")))
    }
}

fn court_case() -> ViewGround {
    ViewGround::Court(CourtCase {
        number: text("（2026）某01民初1号"), paper: digest("inquiry")
    })
}

fn check(town: &Town, view: &CreditView) -> Result<Seen, Error> {
    let view = CreditView::from_der(&view.to_der())?;
    check_view(&view, &town.trust(), &policy(), town.now())
}

/// The story takes years, and the folder has nothing newer than the genesis.
fn policy() -> Policy {
    let mut policy = Policy::default();
    policy.trusting_period_days = 3650;
    policy
}

fn seen(town: &mut Town, question: ViewQuestion, as_of: Option<UnixTime>) -> Seen {
    let view = CreditView::collect(question, as_of, town).unwrap();
    check(town, &view).unwrap()
}

fn ids(seen: &Seen) -> Vec<Digest> {
    seen.items.iter().map(|item| item.item.id).collect()
}

/// A penalty that stays, one that is repaired, and one that is disputed; returns their ids.
fn story(town: &mut Town) -> [Digest; 3] {
    let penalty = |town: &mut Town| {
        let act = town.with_content(town.world.penalty_of(1), "罚款");
        town.done(MARKET, CreditAct::Record(act))
    };
    let repaired = penalty(town);
    town.until_day(day("2027-03-01"));
    let stays = penalty(town);
    let disputed = penalty(town);
    let apply = town.world.repair(repaired);
    let application = town.done(BANK, CreditAct::ApplyRepair(apply));
    town.done(MARKET, accept(application));
    let objection = town.world.objection(disputed);
    town.done(BANK, objection);
    [repaired, stays, disputed]
}

#[test]
fn what_is_repaired_is_not_shown_and_a_court_still_sees_it() {
    let mut town = Town::new();
    let [repaired, stays, disputed] = story(&mut town);
    let found = seen(&mut town, by_law(false), None);
    assert_eq!((ids(&found), found.ended, found.beyond), (vec![stays, disputed], 1, 0));
    assert_eq!(found.records, 6);
    assert!(!found.items[0].item.disputed && found.items[1].item.disputed);
    assert_eq!(found.items[0].content.as_ref().and_then(|c| c.value("NR")), Some("罚款"));
    let court = seen(&mut town, by_law(true), None);
    assert_eq!(ids(&court), [repaired, stays, disputed]);
    assert_eq!(court.items[0].item.status, ItemStatus::Repaired);
    // A year after the decision the penalties expire without any act.
    town.until_day(day("2028-03-02"));
    let expired = seen(&mut town, by_law(false), None);
    assert_eq!((expired.items.len(), expired.ended), (0, 3));
    assert_eq!(seen(&mut town, by_law(true), None).items.len(), 3);
}

/// Of what a mismatch is.
fn differs<T>(found: &Result<T, Error>) -> Option<&'static str> {
    match found {
        Err(Error::Mismatch { what, .. }) => Some(*what),
        _ => None,
    }
}

fn taken(town: &Town, package: &ViewPackage) -> Result<Option<OnRecord>, Error> {
    let package = ViewPackage::from_der(&package.to_der())?;
    check_taken(&package, &town.trust(), &policy(), town.now(), &mut Facts::new())
}

#[test]
fn a_view_shows_that_it_is_on_record_and_no_other_records_receipt_does() {
    let mut town = Town::new();
    let [item, ..] = story(&mut town);
    let view = CreditView::collect(by_law(false), None, &mut town).unwrap();
    let gathered = ViewPackage { view, taken: None };
    assert_eq!(gathered.to_der(), gathered.view.to_der(), "as gathered it is the view alone");
    assert_eq!(taken(&town, &gathered), Ok(None));
    let act = gathered.view.taking().unwrap();
    let record = town.done(MARKET, CreditAct::View(act));
    let receipt = town.receipt(&record).unwrap();
    let package = ViewPackage { taken: Some(receipt), ..gathered.clone() };
    let found = taken(&town, &package).unwrap().unwrap();
    assert_eq!((found.record, found.time), (record, town.now()));
    assert!(found.height > package.view.chain.header.height);
    assert_eq!(check(&town, &package.view).unwrap().records, 6, "the view is what it was");

    // The receipt of another act, or none of this ledger.
    let receipt = town.receipt(&item).unwrap();
    let found = taken(&town, &ViewPackage { taken: Some(receipt), ..gathered });
    assert_eq!(differs(&found), Some("act of the receipt"), "{found:?}");
    let mut altered = package.clone();
    altered.view.contents.pop();
    let found = taken(&town, &altered);
    assert_eq!(differs(&found), Some("digest of the view, by the record"), "{found:?}");
    let mut moved = package;
    moved.taken.as_mut().unwrap().index += 1;
    assert!(matches!(taken(&town, &moved), Err(Error::Unproven { .. })));
}

/// What is done to an act.
type Change = fn(&mut TakeView);

/// Each field by itself: a record that says another thing of any of them is of another view.
#[test]
fn a_record_of_another_view_is_told_by_the_field_that_differs() {
    let mut town = Town::new();
    story(&mut town);
    let view = CreditView::collect(by_law(true), None, &mut town).unwrap();
    let record = town.done(COURT, CreditAct::View(view.taking().unwrap()));
    let receipt = town.receipt(&record).unwrap();
    let record = Record::from_der(receipt.subject.record().unwrap()).unwrap();
    let with = |change: Change| {
        let (mut view, mut record, mut receipt) = (view.clone(), record.clone(), receipt.clone());
        view.question.classes = vec![class_code("penalty")];
        let mut act = view.taking().unwrap();
        change(&mut act);
        record.tbs.act = Act::Credit(CreditAct::View(act));
        receipt.subject = yinxin_receipt::Subject::Record(record.to_der());
        ViewPackage { view, taken: Some(receipt) }
    };
    let same = taken(&town, &with(|_| {}));
    assert!(matches!(same, Err(Error::Unproven { .. })), "no field differs: {same:?}");
    let changes: [(&str, Change); 11] = [
        ("subject of the record", |act| act.subject = company(2)),
        ("reader of the record", |act| act.reader = code(BANK)),
        ("purpose of the record", |act| act.purpose = text("hiring")),
        ("ground of the record", |act| act.ground = ViewGround::Law(text("征信业管理条例"))),
        ("ground of the record", |act| act.ground = ViewGround::Own(digest("inquiry"))),
        ("ground of the record", |act| {
            act.ground = ViewGround::Court(CourtCase {
                number: text("（2026）某01民初1号"),
                paper: digest("another paper"),
            });
        }),
        ("classes of the record", |act| act.classes = Vec::new()),
        ("as of, by the record", |act| act.as_of = UnixTime::EPOCH),
        ("chain of the record", |act| act.seen.count += 1),
        ("chain of the record", |act| act.seen.head = digest("another head")),
        ("digest of the view, by the record", |act| act.answer = digest("another answer")),
    ];
    for (what, change) in changes {
        let found = taken(&town, &with(change));
        assert_eq!(differs(&found), Some(what), "{found:?}");
    }
}

#[test]
fn an_item_is_disputed_while_any_objection_is_open() {
    let mut town = Town::new();
    let act = town.world.penalty_of(1);
    let item = town.done(MARKET, CreditAct::Record(act));
    let [first, second] = [BANK, SECOND_BANK].map(|n| {
        let act = town.world.objection(item);
        town.done(n, act)
    });
    let disputed = |town: &mut Town| {
        let found = seen(town, by_law(true), None);
        let state = town.world.item(&item);
        assert_eq!(found.items[0].item, yinxin_credit::CreditItem::of_state(item, &state));
        found.items[0].item.disputed
    };
    assert!(disputed(&mut town));
    for (objection, still) in [(first, true), (second, false)] {
        town.done(MARKET, credit::resolve(objection, Resolution::Upheld(1)));
        assert_eq!(disputed(&mut town), still);
    }
}

#[test]
fn a_past_date_is_replayed_from_the_records() {
    let mut town = Town::new();
    let [repaired, stays, disputed] = story(&mut town);
    let begun = Date::parse("2026-12-31").unwrap().start();
    let before = seen(&mut town, by_law(true), Some(begun));
    assert_eq!(ids(&before), [repaired], "it was not repaired yet");
    assert_eq!(before.items[0].item.status, ItemStatus::InForce);
    let before = seen(&mut town, by_law(false), Some(begun));
    assert_eq!((ids(&before), before.ended), (vec![], 1), "it has been repaired since");
    town.until_day(day("2027-06-01"));
    let lately = Date::parse("2027-05-01").unwrap().start();
    let found = seen(&mut town, by_law(false), Some(lately));
    assert_eq!((ids(&found), found.ended), (vec![stays, disputed], 1), "they stood, and stand");
    // Their terms are over: no day brings them back, but for a court.
    town.until_day(day("2028-03-02"));
    let found = seen(&mut town, by_law(false), Some(lately));
    assert_eq!((ids(&found), found.ended), (vec![], 3));
    assert_eq!(ids(&seen(&mut town, by_law(true), Some(lately))), [repaired, stays, disputed]);
    let ages_ago = Date::parse("2026-01-01").unwrap().start();
    assert!(ids(&seen(&mut town, by_law(false), Some(ages_ago))).is_empty());
    // Replayed to the newest header, each item stands as the ledger says that it does.
    let court = seen(&mut town, by_law(true), None);
    for item in &court.items {
        let state = town.world.item(&item.item.id);
        let of_state = yinxin_credit::CreditItem::of_state(item.item.id, &state);
        assert_eq!(item.item, of_state);
    }
}

#[test]
fn a_bank_sees_what_the_company_authorised_as_long_as_it_does() {
    let mut town = Town::new();
    let [_, stays, disputed] = story(&mut town);
    let basic = town.world.item_of(1, "basic");
    town.done(MARKET, CreditAct::Record(basic));
    let terms = town.world.terms();
    let grant = terms.id(&town.world.chain_id);
    let act = town.world.authorise(terms, credit::COMPANY_KEY);
    town.done(BANK, act);
    let asked = ViewQuestion {
        classes: vec![class_code("penalty")],
        ..question(ViewGround::Authorisation(grant))
    };
    let found = seen(&mut town, asked.clone(), None);
    assert_eq!((ids(&found), found.beyond, found.ended), (vec![stays, disputed], 1, 1));
    let by_law = ViewQuestion { reader: code(BANK), ..by_law(false) };
    let own = ViewQuestion { ground: ViewGround::Own(digest("request")), ..by_law.clone() };
    let refused =
        |town: &mut Town, question: ViewQuestion| match CreditView::collect(question, None, town) {
            Ok(view) => check(town, &view).unwrap_err(),
            Err(error) => error,
        };
    for (why, other) in [
        ("another reader", ViewQuestion { reader: code(SECOND_BANK), ..asked.clone() }),
        ("another purpose", ViewQuestion { purpose: text("insurance"), ..asked.clone() }),
        ("all classes", ViewQuestion { classes: vec![], ..asked.clone() }),
        (
            "no such grant",
            ViewQuestion { ground: ViewGround::Authorisation(Digest([3; 32])), ..asked.clone() },
        ),
        ("another company", ViewQuestion { subject: company(2), ..asked.clone() }),
        ("by a law", by_law.clone()),
        ("for a court by a law", ViewQuestion { ground: court_case(), ..by_law }),
        (
            "a department as a court",
            ViewQuestion { reader: code(MARKET), ground: court_case(), ..asked.clone() },
        ),
        ("its own word that the company asked", own),
        ("no member", ViewQuestion { reader: code(99), ..asked.clone() }),
        ("for a court", ViewQuestion { ground: court_case(), ..asked.clone() }),
    ] {
        assert!(matches!(refused(&mut town, other), Error::Denied { .. }), "{why}");
    }
    let revoke = RevokeAuthorisation { authorisation: grant, signature: None, reason: 1 };
    town.done(CENTRE, CreditAct::RevokeAuthorisation(revoke));
    assert!(matches!(refused(&mut town, asked), Error::Denied { why: "revoked" }));
}

/// A bank with a live grant asks for the day before the repair, of which nobody has to tell it any more.
#[test]
fn a_past_day_brings_nothing_back_that_has_ended_since() {
    let mut town = Town::new();
    let act = town.with_content(town.world.penalty_of(1), "罚款");
    let item = town.done(MARKET, CreditAct::Record(act));
    let (source, code) = (code(credit::TAX), company(1));
    town.import_rows(&format!(
        "record,,2026-03-05,02,{code},某公司,1,检查合格,2026-03-02,某局,{source}\n\
         record,,2026-03-05,02,{code},某公司,2,检查合格,2026-03-02,某局,{source}\n\
         withdraw,2026-12-20,,02,{code},某公司,2,检查合格,2026-03-02,某局,{source}\n"
    ));
    let mut terms = town.world.terms();
    terms.classes = Vec::new();
    let grant = terms.id(&town.world.chain_id);
    let authorise = town.world.authorise(terms, credit::COMPANY_KEY);
    town.done(BANK, authorise);
    town.until_day(day("2027-03-01"));
    let before = town.now();
    let asked = question(ViewGround::Authorisation(grant));
    assert!(ids(&seen(&mut town, asked.clone(), Some(before))).contains(&item));
    town.until_day(day("2027-03-02"));
    let apply = town.world.repair(item);
    let application = town.done(BANK, CreditAct::ApplyRepair(apply));
    town.done(MARKET, accept(application));

    let found = seen(&mut town, asked.clone(), Some(before));
    assert!(!ids(&found).contains(&item), "the day before its repair");
    assert_eq!((found.items.len(), found.ended), (1, 2), "what the source has stands still");
    // Nor what a source withdrew, on a day on which it stood.
    let stood = Date::parse("2026-12-15").unwrap().start();
    let found = seen(&mut town, asked.clone(), Some(stood));
    assert_eq!((found.items.len(), found.ended), (1, 2));
    // Nor does its content travel with the package, or pass the check if somebody puts it in.
    let mut view = CreditView::collect(asked, Some(before), &mut town).unwrap();
    assert!(view.contents.iter().all(|content| content.item != item));
    let whole = CreditView::collect(by_law(true), Some(before), &mut town).unwrap();
    view.contents.extend(whole.contents.into_iter().filter(|content| content.item == item));
    assert_eq!(view.contents.len(), 1);
    assert!(matches!(check(&town, &view), Err(Error::Mismatch { what: "content", .. })));
    // A court is told that it was there, and how it stood.
    let court = seen(&mut town, by_law(true), Some(before));
    let then = court.items.iter().find(|seen| seen.item.id == item).unwrap();
    assert_eq!(then.item.status, ItemStatus::InForce);
    let court = seen(&mut town, by_law(true), None);
    let now = court.items.iter().find(|seen| seen.item.id == item).unwrap();
    assert_eq!(now.item.status, ItemStatus::Repaired);
    assert_eq!(now.content.as_ref().and_then(|c| c.value("NR")), Some("罚款"));
}

#[test]
fn a_broken_commitment_stands_in_a_replay_as_it_does_on_the_ledger() {
    let mut town = Town::new();
    let last = town.world.today().plus_days(14);
    let act = RecordItem { until: Some(last), ..town.world.item_of(1, "commitment") };
    let item = town.done(MARKET, CreditAct::Record(act));
    let found = town.world.today().plus_days(7);
    town.until_day(found);
    let evidence = digest("finding");
    town.done(MARKET, CreditAct::Break(SettleCommitment { item, evidence, found }));
    let (shown, court) =
        (seen(&mut town, by_law(false), None), seen(&mut town, by_law(true), None));
    assert_eq!(shown.items[0].item.until, Some(found.plus_months(12)));
    assert_eq!(shown.items[0].item, court.items[0].item);
}

#[test]
fn a_department_s_package_is_no_ground_for_a_bank() {
    let mut town = Town::new();
    story(&mut town);
    for court in [false, true] {
        let view = CreditView::collect(by_law(court), None, &mut town).unwrap();
        check(&town, &view).unwrap();
        let mut renamed = view.clone();
        renamed.question.reader = code(BANK);
        assert!(check(&town, &renamed).is_err(), "the proof is the department's");
        let key = yinxin_record::state_key::organisation(&code(BANK));
        renamed.reader = yinxin_credit::view::ViewSource::state(&mut town, &key).unwrap();
        let denied = check(&town, &renamed);
        assert!(matches!(denied, Err(Error::Denied { .. })), "{denied:?}");
    }
}

/// An item of a batch that is objected to is marked in every view, with proof; nobody leaves the mark out; what is withdrawn by decision is not
/// shown from the decision on, whenever its source tells of it.
#[test]
fn an_item_of_a_batch_is_marked_and_the_mark_is_not_left_out() {
    let mut town = Town::new();
    town.import(1);
    let item = town.in_batch(1);
    let before = CreditView::collect(by_law(false), None, &mut town).unwrap();
    let then = town.now();
    let today = town.world.today();
    town.until_day(today.plus_days(1));
    let act = town.world.objects(&item, "wrong");
    let case = town.done(BANK, act);
    let view = CreditView::collect(by_law(false), None, &mut town).unwrap();
    let found = check(&town, &view).unwrap();
    let disputed: Vec<_> =
        found.items.iter().filter(|i| i.item.disputed).map(|i| i.item.id).collect();
    assert_eq!((found.items.len(), disputed), (2, vec![item.id()]));
    let lies: [Lie<'_>; 4] = [
        ("the mark is left out", &|v| v.marked.clear()),
        ("the mark is told twice", &|v| v.marked.push(v.marked[0].clone())),
        ("the count is of before", &|v| {
            v.marks = before.marks.clone();
            v.marked.clear();
        }),
        ("another proof stands for it", &|v| v.marked[0] = v.sources.clone()),
    ];
    for (why, lie) in lies {
        let mut changed = view.clone();
        lie(&mut changed);
        assert!(check(&town, &changed).is_err(), "{why}");
    }
    // A day before nobody had objected; a court sees it as it is.
    let past = seen(&mut town, by_law(false), Some(then));
    assert!(past.items.iter().all(|item| !item.item.disputed));
    let court = seen(&mut town, by_law(true), None);
    assert_eq!(court.items.iter().filter(|item| item.item.disputed).count(), 1);

    let decide = town.world.rules(case, SourceRuling::Withdraw);
    town.done(TAX, decide);
    let ended = seen(&mut town, by_law(false), None);
    assert_eq!((ended.items.len(), ended.ended), (1, 1));
    let court = seen(&mut town, by_law(true), None);
    let standing: Vec<_> = court.items.iter().map(|i| (i.item.id, i.item.status)).collect();
    assert!(standing.contains(&(item.id(), ItemStatus::Withdrawn)), "{standing:?}");
    // Neglected it stays so.
    let later = town.world.today().plus_days(5);
    town.until_day(later);
    town.done(BANK, CreditAct::CloseCase(CloseSourceCase { case, done: None }));
    assert_eq!(seen(&mut town, by_law(false), None).ended, 1);
}

type Lie<'a> = (&'a str, &'a dyn Fn(&mut CreditView));

/// Every node hands out receipts under later headers: what happened before the day that is asked for stays there.
#[test]
fn a_receipt_under_a_later_header_moves_nothing() {
    let mut town = Town::new();
    let item = town.world.item_of(1, "commitment");
    let promise = town.done(MARKET, CreditAct::Record(item));
    let [repaired, stays, disputed] = story(&mut town);
    let found = Date::parse("2027-03-01").unwrap();
    let act = SettleCommitment { item: promise, found, evidence: digest("finding") };
    town.done(MARKET, CreditAct::Break(act));
    let then = Date::parse("2027-05-01").unwrap().start();
    town.until_day(day("2027-06-01"));
    for (question, as_of) in
        [(by_law(true), Some(then)), (by_law(false), Some(then)), (by_law(true), None)]
    {
        let view = CreditView::collect(question.clone(), as_of, &mut town).unwrap();
        let truth = check(&town, &view).unwrap();
        let shown = if question.ground.is_court() {
            vec![promise, repaired, stays, disputed]
        } else {
            vec![promise, stays, disputed]
        };
        assert_eq!(ids(&truth), shown);
        let of = |id| truth.items.iter().find(|item| item.item.id == id).unwrap();
        assert!(of(disputed).item.disputed && of(promise).item.status == ItemStatus::Broken);
        let tomorrow = town.world.today().plus_days(1);
        town.until_day(tomorrow);
        for n in 0..view.ids.len() {
            let mut changed = view.clone();
            changed.receipts[n] = town.rebased(&view.ids[n]);
            changed.states[0] = town.state(&view.states[0].key).unwrap();
            assert!(changed.receipts[n] != view.receipts[n] && changed.states[0] != view.states[0]);
            assert_eq!(check(&town, &changed).as_ref(), Ok(&truth), "record {n}");
        }
    }
}

#[test]
fn what_is_withheld_or_altered_is_exposed() {
    let mut town = Town::new();
    story(&mut town);
    town.import(1);
    let view = CreditView::collect(by_law(false), None, &mut town).unwrap();
    let whole = CreditView::collect(by_law(true), None, &mut town).unwrap();
    assert_eq!(check(&town, &view).unwrap().items.len(), 4);
    assert_eq!(check(&town, &whole).unwrap().items.len(), 5);
    let other =
        CreditView::collect(ViewQuestion { subject: company(2), ..by_law(false) }, None, &mut town)
            .unwrap();
    let lies: [Lie<'_>; 13] = [
        ("a record is left out", &|v| drop((v.ids.remove(1), v.states.remove(1)))),
        ("a record is left out at the end", &|v| drop((v.ids.pop(), v.states.pop()))),
        ("two records change places", &|v| {
            v.ids.swap(0, 1);
            v.states.swap(0, 1);
        }),
        ("an item is passed off as an event", &|v| v.states[1] = v.states[3].clone()),
        ("a state is missing", &|v| drop(v.states.pop())),
        ("an item's state is altered", &|v| {
            let value = v.states[1].value.as_mut().unwrap();
            let last = value.len() - 1;
            value[last] ^= 1;
        }),
        ("another company's chain", &|v| v.chain = other.chain.clone()),
        ("a source is left out", &|v| drop(v.parts.pop())),
        ("a source's record is left out", &|v| drop(v.parts[0].records.pop())),
        ("a source's record is altered", &|v| v.parts[0].records[0][40] ^= 1),
        ("a source that has it says that it has not", &|v| {
            v.parts[0].proof = other.parts[0].proof.clone()
        }),
        ("a content is altered", &|v| v.contents[0].salt = Digest([1; 32])),
        ("a proof that nobody asked for", &|v| v.events.push(v.chain.clone())),
    ];
    for (why, lie) in lies {
        let mut changed = view.clone();
        lie(&mut changed);
        assert!(check(&town, &changed).is_err(), "{why}");
    }
    let lies: [Lie<'_>; 7] = [
        ("the records are left out", &|v| {
            v.receipts.clear();
            v.events.clear();
        }),
        ("a receipt is missing", &|v| drop(v.receipts.pop())),
        ("a receipt is another's", &|v| v.receipts.swap(0, 1)),
        ("when it was taken is missing", &|v| drop(v.events.pop())),
        ("when it was taken is another's", &|v| v.events.swap(0, 1)),
        ("when it was taken is altered", &|v| {
            let value = v.events[1].value.as_mut().unwrap();
            let last = value.len() - 1;
            value[last] ^= 1;
        }),
        ("as of the future", &|v| v.question.as_of = v.question.as_of.plus_millis(1)),
    ];
    for (why, lie) in lies {
        let mut changed = whole.clone();
        lie(&mut changed);
        assert!(check(&town, &changed).is_err(), "{why}");
    }
    let strange = check_view(&view, &Trust::default(), &policy(), town.now());
    assert!(matches!(strange, Err(Error::Unproven { .. })), "who trusts nothing believes nothing");
}

#[test]
fn a_score_from_a_view_is_the_same_for_everyone() {
    let mut town = Town::new();
    story(&mut town);
    let rules = include_str!("../data/formula.toml").replace("penalty.ordinary", "penalty");
    let formula = Formula::from_toml(&rules).unwrap();
    let ours = formula.score(&seen(&mut town, by_law(false), None)).unwrap();
    let theirs = formula.score(&seen(&mut town, by_law(false), None)).unwrap();
    assert_eq!(ours, theirs);
    assert_eq!(ours.points, 720, "what is repaired counts nothing");
    let publish = ours.publish(company(1), town.world.chain_of(1), &digest("salt")).unwrap();
    let act =
        yinxin_record::PublishScore { formula: class_code("composite"), version: 1, ..publish };
    town.done(MARKET, CreditAct::Score(act));
}

#[test]
fn a_decision_of_repair_that_is_no_acceptance_leaves_the_item() {
    let mut town = Town::new();
    let act: RecordItem = town.world.penalty_of(1);
    let item = town.done(MARKET, CreditAct::Record(act));
    town.until_day(day("2027-03-01"));
    let apply = town.world.repair(item);
    let application = town.done(BANK, CreditAct::ApplyRepair(apply));
    let decision = RepairDecision::Reject(7);
    town.done(MARKET, CreditAct::DecideRepair(DecideRepair { application, decision }));
    let now = town.now();
    let found = seen(&mut town, by_law(false), Some(now));
    assert_eq!(ids(&found), [item]);
    assert!(!found.items[0].item.repair_open);
}
