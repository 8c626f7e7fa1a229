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
    CreditAct, Disclosure, InBatch, ItemEvent, PublishClass, SourceEvent, SourceRuling, state_key,
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

/// The same as of a day, or so many records at a time, where the source goes on too.
fn after_batches<T>(
    query: &str,
    acts: impl FnOnce(&mut Town, &InBatch, &mut Held) -> T,
) -> (Value, String) {
    let (server, item) = serving(acts);
    (get(&server, &format!("{}{query}", path()), 200), item)
}

fn path() -> String {
    format!("/v1/credit/subjects/{}", credit::company(9))
}

/// The service for everybody that has the source's records; and the item's id.
fn serving<T>(acts: impl FnOnce(&mut Town, &InBatch, &mut Held) -> T) -> (Server, String) {
    let mut town = Town::new();
    let (mut held, item) = Held::inspection(&mut town, 9);
    acts(&mut town, &item, &mut held);
    let ledger: Arc<dyn Ledger> = Arc::new(town);
    let app = App::new(Trust::default(), Policy::default(), Some(ledger), Limits::default());
    let app = app.with_credit_sources(vec![Arc::new(held)]).for_everybody();
    (Server::of(router(app), Limits::default()), item.id().to_string())
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

/// What was open on a day that is over is told of that day, whatever became of it since.
#[test]
fn an_item_of_a_batch_was_disputed_on_a_past_day() {
    let disputed = |query: &str, ruling: Option<SourceRuling>| {
        shown(after_batches(query, |town, item, _| {
            town.until_day("2026-11-24");
            let case = object(town, item);
            town.until_day("2026-11-26");
            if let Some(ruling) = ruling {
                let act = town.world.rules(case, ruling);
                town.done(credit::TAX, act);
            }
            town.until_day("2026-11-28");
        }))
        .0
    };
    for (ruling, then) in
        [(None, true), (Some(SourceRuling::Uphold), false), (Some(SourceRuling::Correct), true)]
    {
        let days = ["?as_of=2026-11-23", "?as_of=2026-11-25", "?as_of=2026-11-27", ""];
        let told = days.map(|day| disputed(day, ruling));
        assert_eq!(json!(told), json!([false, true, then, then]), "{ruling:?}");
    }
}

/// What comes of an item that the first answer told of is in the answers to come, and nothing of one that has ended.
#[test]
fn cases_of_a_later_answer_are_told() {
    let all = |ruling: SourceRuling, limit: usize| {
        let (server, id) = serving(|town, item, _| {
            let case = rule(town, item, ruling);
            town.until_day("2026-12-18");
            town.done(credit::BANK, batches::closed(case, None))
        });
        let (mut told, mut from) = (Vec::new(), String::new());
        loop {
            let page = get(&server, &format!("{}?limit={limit}&from={from}", path()), 200);
            let first = from.is_empty();
            let [items, later] = ["items", "later"].map(|what| page[what].as_array().unwrap());
            assert!(if first { later.is_empty() } else { items.is_empty() }, "{page:#}");
            for of in items.iter().chain(later) {
                assert!(of["id"] == *id || of["item"] == *id, "{page:#}");
                let kinds = of["events"].as_array().unwrap().iter().map(|e| e["kind"].clone());
                told.push((kinds.collect::<Vec<_>>(), of["more"].clone()));
            }
            let Some(next) = page["next"].as_str() else {
                assert_eq!(page["complete"], true);
                return json!(told);
            };
            from = next.to_owned();
        }
    };
    let correct = |limit| all(SourceRuling::Correct, limit);
    let one = json!([[["raise-case"], true], [["decide-case"], null], [["close-case"], null]]);
    assert_eq!(correct(1), one, "a batch is asked for twice: it, and what anchored it");
    let two = json!([[["record", "raise-case", "decide-case"], false], [["close-case"], null]]);
    assert_eq!(correct(2), two);
    let whole = json!([[["record", "raise-case", "decide-case", "close-case"], false]]);
    assert_eq!(correct(4), whole);
    assert_eq!(all(SourceRuling::Withdraw, 1), json!([]), "it has ended");
}

/// Where all records are at hand they say what is open: no item's state is asked for.
#[test]
fn what_is_open_follows_from_all_records() {
    let stateless = |query: &str| {
        let (view, _) = after_batches(query, |town, item, _| {
            rule(town, item, SourceRuling::Correct);
            town.world.state.map.remove(&state_key::credit_source_item(&item.id()));
        });
        view["items"][0]["disputed"].clone()
    };
    assert_eq!(stateless(""), true);
    assert_eq!(stateless("?limit=1"), false, "of some of them the states say so");
}

/// An answer asks for so many batches, and says if there are more.
#[test]
fn the_batches_of_an_answer_are_bounded() {
    for (limit, kinds, more) in [
        (3, &["record", "raise-case", "decide-case"][..], true),
        (4, &["record", "raise-case", "decide-case", "correct"], false),
    ] {
        let (view, _) = after_batches(&format!("?limit={limit}"), |town, item, held| {
            let case = rule(town, item, SourceRuling::Correct);
            town.until_day("2026-11-24");
            held.corrects(town, 9, Some(case));
        });
        let item = &view["items"][0];
        let told = item["events"].as_array().unwrap().iter().map(|event| &event["kind"]);
        assert_eq!((json!(told.collect::<Vec<_>>()), &item["more"]), (json!(kinds), &more.into()));
        // Why, its decision says, which is among the records.
        let last = item["events"].as_array().unwrap().last().unwrap();
        assert_eq!(last["reason"], 7);
    }
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

/// What was ordered is its source's to carry out until it has, also when it was counted as late; of what ended by it only the case is told.
#[test]
fn a_desk_has_what_its_batches_have_yet_to_carry_out() {
    let mut town = Town::new();
    inner(&mut town);
    let day = credit::day("2026-11-02");
    let mut items = ["wrong", "void", "secret", "done", "upheld"]
        .map(|number| batches::told(credit::MARKET, 1, number, day));
    let SourceEvent::Record(of) = &mut items[0].event else { unreachable!() };
    of.authority = code(credit::TAX);
    let SourceEvent::Record(of) = &mut items[2].event else { unreachable!() };
    of.class = credit::class_of("inner", 1);
    let batch = town.world.batch(credit::MARKET, &items);
    let rulings = [
        SourceRuling::Correct,
        SourceRuling::Withdraw,
        SourceRuling::Correct,
        SourceRuling::Correct,
        SourceRuling::Uphold,
    ];
    let cases: Vec<_> = batch
        .iter()
        .zip(rulings)
        .map(|(item, ruling)| {
            let case = object(&mut town, item);
            let act = town.world.rules(case, ruling);
            town.done(credit::MARKET, act);
            case
        })
        .collect();
    town.until_day("2026-11-24");
    let (today, done) = (town.world.today(), cases[3]);
    let corrected = batches::follow(&items[3], ItemEvent::Correct, today, Some(done));
    let [corrected] = <[_; 1]>::try_from(town.world.batch(credit::MARKET, &[corrected])).unwrap();
    town.done(credit::BANK, batches::closed(done, Some(&corrected)));
    town.until_day("2026-11-30");
    town.done(credit::BANK, batches::closed(cases[1], None));

    let (public, member) = public_and_member(town);
    let desk =
        |server: &Server, of: u8| get(server, &format!("/v1/credit/authorities/{}", code(of)), 200);
    let market = desk(&member, credit::MARKET);
    let orders = market["orders"].as_array().unwrap();
    assert_eq!((orders.len(), &market["not_shown"]), (2, &1.into()), "{market:#}");
    for (n, ruling, status) in [(0, "correct", "ordered"), (1, "withdraw", "neglected")] {
        let (order, claim) = (&orders[n], &orders[n]["claim"]);
        assert_eq!((&order["ruling"], &claim["status"]), (&ruling.into(), &status.into()));
        assert_eq!((&claim["id"], &claim["overdue"]), (&cases[n].to_string().into(), &true.into()));
        assert_eq!(claim["by"]["name"], "市市场监督管理局", "who decided");
        assert_eq!(claim["deadline"], "2026-11-25T16:00:00Z", "of the order, not of the case");
    }
    let about = &orders[0]["about"];
    assert_eq!(about["subject"], credit::company(1).to_string());
    assert_eq!(
        (&about["item"]["id"], &about["item"]["disputed"]),
        (&batch[0].id().to_string().into(), &true.into())
    );
    assert_eq!(orders[1]["about"], Value::Null, "of what has ended nothing is told");
    assert_eq!(market["cases"], json!([]));
    let tax = desk(&member, credit::TAX);
    assert_eq!(tax["orders"], json!([]), "its decision, another's batch");
    let public = desk(&public, credit::MARKET);
    assert_eq!((&public["orders"], &public["not_shown"]), (&json!([]), &3.into()));
}
