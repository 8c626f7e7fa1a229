//! Cases about items of batches, as the service tells of them: on the subject's page, on the desk that owes an answer, and to nobody raw who
//! is no member.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests are tests")]

#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/asking.rs"]
mod asking;
#[path = "../../ledger/tests/rig/batches.rs"]
mod batches;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/client.rs"]
mod client;
#[path = "../../ledger/tests/rig/credit.rs"]
mod credit;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/fake.rs"]
mod fake;
#[path = "support/held.rs"]
mod held;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/town.rs"]
mod town;
#[path = "../../ledger/tests/rig/world.rs"]
mod world;

use std::sync::Arc;

use asking::{get, public_and_member, receipt};
use client::Server;
use held::Held;
use serde_json::{Value, json};
use town::Town;
use world::code;
use yinxin_gm::Digest;
use yinxin_record::{
    CreditAct, Disclosure, InBatch, PublishClass, SourceEvent, SourceRuling, state_key,
};
use yinxin_service::{App, Ledger, Limits, router};
use yinxin_verify::{Policy, Trust};

/// A class of records that stay inside.
fn inner(town: &mut Town) {
    let class = PublishClass {
        disclosure: Disclosure::Internal,
        code: credit::class_code("inner"),
        ..credit::penalty()
    };
    town.done(credit::CENTRE, CreditAct::PublishClass(class));
}

/// What everybody sees of the subject of an item of a batch, after this was done about it; and the item's id.
fn after<T>(acts: impl FnOnce(&mut Town, &InBatch) -> T) -> (Value, String) {
    after_batches("", |town, item, _| acts(town, item))
}

/// The same as of a day, where the source goes on too.
fn after_batches<T>(
    query: &str,
    acts: impl FnOnce(&mut Town, &InBatch, &mut Held) -> T,
) -> (Value, String) {
    let mut town = Town::new();
    let (mut held, item) = Held::inspection(&mut town, 9);
    acts(&mut town, &item, &mut held);
    let ledger: Arc<dyn Ledger> = Arc::new(town);
    let app = App::new(Trust::default(), Policy::default(), Some(ledger), Limits::default());
    let app = app.with_credit_sources(vec![Arc::new(held)]).for_everybody();
    let server = Server::of(router(app), Limits::default());
    let path = format!("/v1/credit/subjects/{}{query}", credit::company(9));
    (get(&server, &path, 200), item.id().to_string())
}

fn object(town: &mut Town, item: &InBatch) -> Digest {
    let act = town.world.objects(item, "wrong");
    town.done(credit::BANK, act)
}

fn rule(town: &mut Town, item: &InBatch, ruling: SourceRuling) -> Digest {
    let case = object(town, item);
    let act = town.world.rules(case, ruling);
    town.done(credit::TAX, act);
    case
}

/// An item of a batch that is shown, and the acts about it.
fn shown((view, id): (Value, String)) -> (Value, Vec<Value>) {
    assert_eq!((&view["complete"], &view["not_shown"]), (&true.into(), &0.into()), "{view:#}");
    let [item] = view["items"].as_array().unwrap().as_slice() else { panic!("{view:#}") };
    assert_eq!((&item["id"], &item["source"]["name"]), (&id.into(), &"市税务局".into()));
    assert_eq!(item["can"]["object"], true, "on the ledger, as a case");
    (item["disputed"].clone(), item["events"].as_array().unwrap().clone())
}

#[test]
fn an_item_of_a_batch_is_told_with_its_cases() {
    let (disputed, events) = shown(after(|_, _| {}));
    assert_eq!((disputed, events.len()), (false.into(), 1), "{events:#?}");
    assert_eq!((&events[0]["kind"], &events[0]["day"]), (&"record".into(), &"2026-03-02".into()));
    let (disputed, events) = shown(after(object));
    assert_eq!((disputed, events.len()), (true.into(), 2), "{events:#?}");
    let told = |event: &Value, fields: [&str; 4]| fields.map(|field| event[field].clone());
    let fields = ["kind", "ask", "outcome", "reason"];
    assert_eq!(json!(told(&events[1], fields)), json!(["raise-case", "objection", null, 1]));
    assert!(events[1]["deadline"].is_string());
    for (ruling, outcome, orders) in [
        (SourceRuling::Uphold, "upheld", false),
        (SourceRuling::Correct, "correction-ordered", true),
    ] {
        let (disputed, events) = shown(after(|town, item| rule(town, item, ruling)));
        // It is marked until its source has corrected it.
        assert_eq!((disputed, events.len()), (orders.into(), 3), "{events:#?}");
        assert_eq!(json!(told(&events[2], fields)), json!(["decide-case", null, outcome, 7]));
        assert_eq!(events[2]["deadline"].is_string(), orders);
    }
    // Its source lets the time for it go by.
    let (_, events) = shown(after(|town, item| {
        let case = rule(town, item, SourceRuling::Correct);
        town.until_day("2026-12-18");
        town.done(credit::BANK, batches::closed(case, None))
    }));
    assert_eq!(json!(told(&events[3], fields)), json!(["close-case", null, "not-carried-out", 0]));
    // What is to be withdrawn is shown no more, before its source's next batch says so.
    let (view, _) = after(|town, item| rule(town, item, SourceRuling::Withdraw));
    assert_eq!((&view["items"], &view["not_shown"]), (&json!([]), &1.into()));
}

/// What its source did about an item is told as what others did: what, by whom, on which day and why, and in which batch.
#[test]
fn an_item_of_a_batch_is_told_with_what_its_source_did() {
    let corrects = |town: &mut Town, item: &InBatch, held: &mut Held| {
        let case = rule(town, item, SourceRuling::Correct);
        town.until_day("2026-11-24");
        held.corrects(town, 9, Some(case));
    };
    let (before, _) = after_batches("?as_of=2026-11-23", corrects);
    let kinds = |view: &Value| {
        let events = view["items"][0]["events"].as_array().unwrap();
        events.iter().map(|event| event["kind"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(kinds(&before), ["record", "raise-case", "decide-case"]);
    assert_eq!(before["items"][0]["corrections"], 0);
    let (view, _) = after_batches("", corrects);
    let item = &view["items"][0];
    let events = item["events"].as_array().unwrap();
    assert_eq!(kinds(&view), ["record", "raise-case", "decide-case", "correct"]);
    assert_eq!(item["corrections"], 1);
    let places = events.iter().map(|event| event["batch"].clone()).collect::<Vec<_>>();
    let place = |sequence: u64| json!({ "sequence": sequence, "place": 0 });
    assert_eq!(json!(places), json!([place(1), null, null, place(2)]));
    let [recorded, corrected] = [&events[0], &events[3]];
    assert_eq!((&recorded["record"], &recorded["by"]["name"]), (&item["id"], &"市税务局".into()));
    assert_eq!((&corrected["day"], &corrected["reason"]), (&"2026-11-24".into(), &7.into()));
    assert_ne!(recorded["receipt"], corrected["receipt"]);
    let heights: Vec<_> = events.iter().map(|event| event["height"].as_u64().unwrap()).collect();
    assert!(heights.is_sorted(), "{heights:?}");
    let source = &view["sources"][0];
    assert_eq!(source["receipt"], corrected["receipt"], "of the batch, its newest");
}

/// Items of batches stand in their source's files: the ledger has what a case shows of one, and cannot say whether it has ended.
#[test]
fn what_a_case_shows_of_a_batch_is_not_handed_out_raw() {
    let mut town = Town::new();
    inner(&mut town);
    let today = town.world.today();
    let open = batches::told(credit::MARKET, 1, "open", today);
    let mut secret = batches::told(credit::MARKET, 1, "secret", today);
    let SourceEvent::Record(item) = &mut secret.event else { unreachable!() };
    item.class = credit::class_of("inner", 1);
    let batch = town.world.batch(credit::MARKET, &[open, secret]);
    let mut cases = Vec::new();
    for (item, word) in batch.iter().zip(["batched", "not-public"]) {
        let act = town.world.objects(item, word);
        let case = town.done(credit::BANK, act);
        let act = town.world.rules(case, SourceRuling::Withdraw);
        let decision = town.done(credit::MARKET, act);
        cases.push((item.id(), case, decision, word));
    }
    let (public, member) = public_and_member(town);
    for (item, case, decision, word) in cases {
        for route in [
            format!("/v1/records/{case}"),
            format!("/v1/records/{decision}"),
            format!("/v1/status/credit-source-case/{case}"),
            format!("/v1/status/credit-source-item/{item}"),
            format!("/v1/state/{}", hex::encode(state_key::credit_source_item(&item))),
        ] {
            let said = get(&public, &route, 403);
            assert_eq!(said["type"], format!("urn:yinxin:problem:{word}"), "{route}");
            assert!(!said.to_string().contains(&credit::company(1).to_string()), "{said}");
            get(&member, &route, 200);
        }
        let (whole, named) = (receipt(&member, &case), receipt(&public, &case));
        assert!(whole.subject.record().is_some() && named.subject.record().is_none());
        assert_eq!(named.subject.record_hash(), whole.subject.record_hash());
    }
}

/// Cases are owed an answer by who decided the item and by who published it; where everybody may ask they are only counted.
#[test]
fn a_desk_has_the_cases_about_items_of_batches() {
    let mut town = Town::new();
    inner(&mut town);
    let long_ago = credit::day("2026-08-03");
    let mut items = ["disputed", "old", "secret", "answered"]
        .map(|number| batches::told(credit::MARKET, 1, number, long_ago));
    for (item, record) in items.iter_mut().enumerate() {
        let SourceEvent::Record(of) = &mut record.event else { unreachable!() };
        match item {
            0 => of.authority = code(credit::TAX),
            2 => of.class = credit::class_of("inner", 1),
            _ => {}
        }
    }
    let [disputed, old, secret, answered] =
        <[_; 4]>::try_from(town.world.batch(credit::MARKET, &items)).unwrap();
    let asks = [
        town.world.objects(&disputed, "wrong"),
        town.world.applies(&old, &["duty", "letter"]),
        town.world.objects(&secret, "wrong"),
        town.world.objects(&answered, "wrong"),
    ];
    let cases = asks.map(|act| town.done(credit::BANK, act));
    let act = town.world.rules(cases[3], SourceRuling::Uphold);
    town.done(credit::MARKET, act);
    town.until_day("2026-11-30");

    let (public, member) = public_and_member(town);
    let desk =
        |server: &Server, of: u8| get(server, &format!("/v1/credit/authorities/{}", code(of)), 200);
    let market = desk(&member, credit::MARKET);
    let owed = market["cases"].as_array().unwrap();
    let of = |case: &Value| {
        ["ask", "subject"].map(|what| case[what].as_str().unwrap().to_owned()).to_vec()
    };
    let company = credit::company(1).to_string();
    assert_eq!(of(&owed[0]), ["objection", &company]);
    assert_eq!(of(&owed[1]), ["repair", &company]);
    assert_eq!((owed.len(), &market["not_shown"]), (2, &1.into()), "{market:#}");
    assert_eq!(owed[0]["source"]["name"], "市市场监督管理局");
    for (n, case, overdue) in [(0, cases[0], true), (1, cases[1], false)] {
        assert_eq!(owed[n]["claim"]["id"], case.to_string());
        assert_eq!(owed[n]["claim"]["overdue"], overdue);
    }
    // It is marked, and another member may raise a case too.
    let item = &owed[0]["item"];
    assert_eq!((&item["disputed"], &item["can"]["object"]), (&true.into(), &true.into()));
    assert_eq!((&item["id"], &item["shown"]), (&disputed.id().to_string().into(), &true.into()));
    assert!(!market.to_string().contains(&cases[2].to_string()), "{market:#}");
    let tax = desk(&member, credit::TAX);
    assert_eq!(tax["cases"], json!([owed[0]]));
    for (of, hidden) in [(credit::MARKET, 3), (credit::TAX, 1)] {
        let desk = desk(&public, of);
        assert_eq!((&desk["cases"], &desk["not_shown"]), (&json!([]), &hidden.into()));
    }
}
