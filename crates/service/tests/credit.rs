//! Routes of credit and assets over the real rules in memory: what is shown and what is not, today and before, and what a node that
//! withholds cannot hide.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests are tests")]

#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/asking.rs"]
mod asking;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/client.rs"]
mod client;
#[path = "../../ledger/tests/rig/credit.rs"]
mod credit;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/fake.rs"]
mod fake;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/town.rs"]
mod town;
#[path = "../../ledger/tests/rig/world.rs"]
mod world;

use asking::{get, over, public_and_member, receipt, told};
use client::Server;
use serde_json::Value;
use town::Town;
use world::code;
use yinxin_record::{CreditAct, PublishClass, RecordItem, state_key};

fn ids(items: &Value) -> Vec<&str> {
    items.as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect()
}

fn kinds(of: &Value) -> Vec<&str> {
    let events = of["events"].as_array().unwrap();
    events.iter().map(|event| event["kind"].as_str().unwrap()).collect()
}

fn strings<const N: usize>(ids: [yinxin_gm::Digest; N]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

#[test]
fn a_subject_is_shown_as_it_stands_and_all_of_it() {
    let (server, story) = told();
    let view = get(&server, &format!("/v1/credit/subjects/{}", story.company), 200);
    let shown = strings([story.applied, story.late, story.listed, story.disputed]);
    assert_eq!(ids(&view["items"]), shown);
    assert_eq!((&view["not_shown"], &view["complete"]), (&1.into(), &true.into()));
    assert_eq!(view["records"], 14);
    let [applied, late, listed, disputed] = [0, 1, 2, 3].map(|n| &view["items"][n]);
    assert_eq!((&applied["repair_open"], &late["repair_open"]), (&true.into(), &false.into()));
    assert_eq!((&late["late"], &applied["late"]), (&true.into(), &false.into()));
    assert_eq!((&disputed["disputed"], &late["disputed"]), (&true.into(), &false.into()));
    assert_eq!(
        kinds(applied),
        ["record", "apply-for-repair", "decide-on-repair", "apply-for-repair"]
    );
    let rejected = &applied["events"][2];
    assert_eq!((&rejected["outcome"], &rejected["reason"]), (&"rejected".into(), &2.into()));
    assert_eq!(kinds(listed), ["record", "apply-measure"]);
    let measure = &listed["events"][1];
    assert_eq!(measure["measure"], "focus-supervision");
    assert_eq!(measure["measure_name"], "纳入重点监管范围");
    assert_eq!(measure["law"], "优化营商环境条例");
    // On which law and paper it stands.
    assert_eq!(listed["laws"], serde_json::json!(["市场主体登记管理条例"]));
    assert_eq!(listed["basis"]["kind"], "decision");
    // What can be done is told from the class.
    let ways = &disputed["ways"];
    assert_eq!(ways["objection_days"], 5);
    assert_eq!(ways["repair"]["days"], 10);
    assert_eq!(ways["repair"]["evidence"][0], "commitment-letter");
    assert_eq!(disputed["days"]["repairable"], "2027-06-10");
    assert_eq!(listed["ways"]["exit"][0], "duty-done");
    for event in view["items"].as_array().unwrap().iter().flat_map(|i| i["events"].as_array()) {
        for event in event {
            assert_eq!(server.get(event["receipt"].as_str().unwrap()).status, 200, "{event}");
        }
    }
}

#[test]
fn a_past_day_is_replayed() {
    let (server, story) = told();
    let on = |day: &str| {
        get(&server, &format!("/v1/credit/subjects/{}?as_of={day}", story.company), 200)
    };
    let before = on("2026-12-01");
    // What was repaired since stood on that day, and is not brought back by asking for it.
    assert_eq!(ids(&before["items"]), strings([story.applied]));
    assert_eq!(before["not_shown"], 1);
    assert!(!before.to_string().contains(&story.repaired.to_string()), "{before:#}");
    assert_eq!(before["items"][0]["status"], "in-force");
    assert_eq!(before["items"][0]["repair_open"], false);
    assert_eq!(kinds(&before["items"][0]), ["record"]);
    let later = on("2027-03-12");
    assert_eq!(
        kinds(&later["items"][0]),
        ["record", "apply-for-repair", "decide-on-repair"],
        "and what came after that day is not told"
    );
    assert_eq!(on("2026-11-01")["items"], serde_json::json!([]));
    // A day that is not over yet is now.
    let now = get(&server, &format!("/v1/credit/subjects/{}", story.company), 200);
    assert_eq!(on("2099-01-01"), now);
}

#[test]
fn a_record_that_a_node_withholds_is_missed() {
    for withheld in [0, 1] {
        let mut town = Town::new();
        let story = town.story();
        let id = [story.disputed, story.late][withheld];
        town.withhold(&story.company, &id);
        let server = over(town);
        let path = format!("/v1/credit/subjects/{}", story.company);
        assert_eq!(get(&server, &path, 200)["complete"], false);
        let problem = get(&server, &format!("{path}?as_of=2026-12-25"), 503);
        assert_eq!(problem["type"], "urn:yinxin:problem:incomplete");
    }
}

/// Advice goes by how an item stands: what its table of states has no row for is not offered.
#[test]
fn what_can_be_done_goes_by_the_item_s_state() {
    let can = |class: &str, broken: bool| {
        let mut town = Town::new();
        let red = PublishClass { code: credit::class_code("honour"), ..credit::red_list() };
        town.done(credit::CENTRE, CreditAct::PublishClass(red));
        let today = town.world.today();
        let act = RecordItem {
            law: credit::text(credit::LAW),
            until: (class == "commitment").then(|| today.plus_days(90)),
            ..town.item(1, (class, 1), today)
        };
        let item = town.done(credit::MARKET, CreditAct::Record(act));
        if broken {
            let evidence = credit::digest("finding");
            let settle = yinxin_record::SettleCommitment { item, evidence, found: today };
            town.done(credit::MARKET, CreditAct::Break(settle));
        }
        let server = over(town);
        let view = get(&server, &format!("/v1/credit/subjects/{}", credit::company(1)), 200);
        let of = &view["items"][0];
        ["object", "repair", "leave"].map(|what| of["can"][what].as_bool().unwrap())
    };
    assert_eq!(can("commitment", false), [true, false, false], "unbroken: nothing to repair");
    assert_eq!(can("commitment", true), [true, true, false]);
    assert_eq!(can("honour", false), [true, false, false], "nobody asks to leave a red list");
    let (server, story) = told();
    let view = get(&server, &format!("/v1/credit/subjects/{}", story.company), 200);
    assert_eq!(view["items"][2]["can"]["leave"], true, "a black list is left by its conditions");
}

#[test]
fn many_records_are_told_page_by_page_and_all_of_them() {
    let (server, story) = told();
    let base = format!("/v1/credit/subjects/{}", story.company);
    let whole = get(&server, &base, 200);
    for limit in [1, 3, 5] {
        let (mut events, mut items, mut from) = (0, Vec::new(), String::new());
        let last = loop {
            let page = get(&server, &format!("{base}?limit={limit}&from={from}"), 200);
            for item in page["items"].as_array().unwrap() {
                items.push(item["id"].clone());
                events += item["events"].as_array().unwrap().len();
            }
            for later in page["later"].as_array().unwrap() {
                assert!(items.contains(&later["item"]), "of an item told of before: {later:#}");
                events += later["events"].as_array().unwrap().len();
            }
            let Some(next) = page["next"].as_str() else { break page };
            assert_eq!(page["complete"], Value::Null, "nobody is accused before the end");
            from = next.to_owned();
        };
        assert_eq!(last["complete"], true, "{limit}");
        let ids: Vec<_> = whole["items"].as_array().unwrap().iter().map(|i| &i["id"]).collect();
        assert_eq!(items.iter().collect::<Vec<_>>(), ids);
        let all = whole["items"].as_array().unwrap().iter();
        assert_eq!(events, all.map(|i| i["events"].as_array().unwrap().len()).sum::<usize>());
    }
    // A past day is told from all records or not at all.
    let problem = get(&server, &format!("{base}?limit=5&as_of=2026-12-25"), 503);
    assert_eq!(problem["type"], "urn:yinxin:problem:incomplete");
    assert!(problem["detail"].as_str().unwrap().contains("more than one answer"), "{problem}");
    for from in ["x", "1-2-3", "1-00-", "--"] {
        get(&server, &format!("{base}?from={from}"), 400);
    }
}

#[test]
fn a_record_withheld_from_a_later_page_is_missed() {
    let mut town = Town::new();
    let story = town.story();
    town.withhold(&story.company, &story.disputed);
    let server = over(town);
    let base = format!("/v1/credit/subjects/{}?limit=4", story.company);
    let mut from = String::new();
    let complete = loop {
        let page = get(&server, &format!("{base}&from={from}"), 200);
        match page["next"].as_str() {
            Some(next) => from = next.to_owned(),
            None => break page["complete"].clone(),
        }
    };
    assert_eq!(complete, false);
}

#[test]
fn a_subject_learns_who_looked() {
    let mut town = Town::new();
    town.story();
    let terms = town.world.terms();
    let authorisation = terms.id(&town.world.chain_id);
    let act = town.world.authorise(terms, credit::COMPANY_KEY);
    town.done(credit::BANK, act);
    let view = town.world.look(yinxin_record::ViewGround::Authorisation(authorisation));
    town.done(credit::BANK, CreditAct::View(view));
    let view = yinxin_record::TakeView {
        reader: code(credit::TAX),
        purpose: credit::text("audit"),
        classes: Vec::new(),
        ..town.world.look(yinxin_record::ViewGround::Law(credit::text("征信业管理条例")))
    };
    town.done(credit::TAX, CreditAct::View(view));
    let revoke = yinxin_record::RevokeAuthorisation { authorisation, signature: None, reason: 1 };
    let last = town.done(credit::CENTRE, CreditAct::RevokeAuthorisation(revoke));
    let story = credit::company(1);
    let server = over(town);
    let uses = get(&server, &format!("/v1/credit/subjects/{story}/uses"), 200);
    assert_eq!((&uses["complete"], &uses["records"]), (&true.into(), &5.into()), "{uses:#}");
    let all = uses["uses"].as_array().unwrap();
    let told: Vec<_> = all.iter().map(|of| of["kind"].as_str().unwrap()).collect();
    assert_eq!(told, ["key", "authorise", "view", "view", "revoke"]);
    let [bank, tax] = [&all[2], &all[3]];
    assert_eq!((&bank["reader"]["name"], &bank["purpose"]), (&"江南银行".into(), &"loan".into()));
    assert_eq!(
        (&bank["ground"], &bank["cites"]),
        (&"authorisation".into(), &authorisation.to_string().into())
    );
    assert_eq!((&tax["ground"], &tax["cites"]), (&"law".into(), &"征信业管理条例".into()));
    assert_eq!(all[4]["record"], last.to_string());
    for of in all {
        assert_eq!(server.get(of["receipt"].as_str().unwrap()).status, 200, "{of}");
    }
    let nobody = get(&server, &format!("/v1/credit/subjects/{}/uses", credit::company(99)), 200);
    assert_eq!((&nobody["complete"], &nobody["records"]), (&true.into(), &0.into()));
}

#[test]
fn a_look_that_a_node_withholds_is_missed() {
    let mut town = Town::new();
    let view = yinxin_record::TakeView {
        reader: code(credit::TAX),
        classes: Vec::new(),
        ..town.world.look(yinxin_record::ViewGround::Law(credit::text("征信业管理条例")))
    };
    let id = town.done(credit::TAX, CreditAct::View(view));
    town.withhold(&credit::company(1), &id);
    let server = over(town);
    let uses = get(&server, &format!("/v1/credit/subjects/{}/uses", credit::company(1)), 200);
    assert_eq!(uses["complete"], false);
}

#[test]
fn a_subject_learns_how_it_was_scored_and_what_came_since() {
    let mut town = Town::new();
    town.story();
    let scored = town.scored();
    let records = town.world.chain_of(1).count;
    let ahead = credit::formula(3);
    let valid_from = town.world.today().plus_days(1);
    let act = yinxin_record::PublishFormula { valid_from, ..ahead };
    town.done(credit::CENTRE, CreditAct::PublishFormula(act));
    let server = over(town);
    let of = |n| format!("/v1/credit/subjects/{}/uses/scores", credit::company(n));
    let told = get(&server, &of(1), 200);
    assert_eq!((&told["complete"], &told["records"]), (&true.into(), &3.into()), "{told:#}");
    let scores = told["scores"].as_array().unwrap();
    let ids: Vec<_> = scores.iter().map(|of| of["record"].as_str().unwrap()).collect();
    assert_eq!(ids, strings(scored));
    let [before, now] = [&scores[0], &scores[1]];
    assert_eq!(before["by"]["name"], "市公共信用中心");
    let used = &before["formula"];
    assert_eq!((&used["code"], &used["version"]), (&"composite".into(), &1.into()));
    assert_eq!(used["definition"], credit::digest("formula").to_string());
    assert_eq!(before["result"], credit::digest("760, good").to_string());
    let from = |of: &Value| of["from"]["records"].as_u64().unwrap();
    assert_eq!((from(before), &before["since"]), (records - 1, &1.into()));
    assert_eq!((from(now), &now["since"]), (records, &0.into()));
    // A version whose day has not come replaces none.
    assert_eq!((&before["newer"]["version"], &now["newer"]), (&2.into(), &Value::Null));
    for score in scores {
        assert_eq!(server.get(score["receipt"].as_str().unwrap()).status, 200, "{score}");
    }
    let proofs = told["proofs"].as_array().unwrap();
    assert_eq!(proofs.len(), 6, "uses, the chain, the formula, its three versions");
    let nobody = get(&server, &of(99), 200);
    assert_eq!((&nobody["complete"], &nobody["scores"]), (&true.into(), &serde_json::json!([])));
}

#[test]
fn a_score_that_a_node_withholds_is_missed() {
    let mut town = Town::new();
    town.story();
    let [before, _] = town.scored();
    town.withhold(&credit::company(1), &before);
    let server = over(town);
    let path = format!("/v1/credit/subjects/{}/uses/scores", credit::company(1));
    let told = get(&server, &path, 200);
    assert_eq!(told["scores"].as_array().unwrap().len(), 1);
    assert_eq!(told["complete"], false);
}

#[test]
fn an_items_life_has_every_act() {
    let (server, story) = told();
    let life = |id| get(&server, &format!("/v1/credit/items/{id}"), 200);
    let applied = life(story.applied);
    assert_eq!((&applied["status"], &applied["shown"]), (&"in-force".into(), &true.into()));
    assert_eq!(applied["withheld"], Value::Null);
    let acts = ["record", "apply-for-repair", "decide-on-repair", "apply-for-repair"];
    assert_eq!(kinds(&applied), acts);
    let repairs: Vec<_> =
        applied["repairs"].as_array().unwrap().iter().map(|r| &r["status"]).collect();
    assert_eq!(repairs, ["rejected", "applied"]);
    let listed = life(story.listed);
    assert_eq!(listed["measures"][0]["measure"], "focus-supervision");
    assert_eq!(listed["measures"][0]["due"], false);
    assert!(life(story.disputed)["objections"][0]["overdue"].as_bool().unwrap());
}

/// A place on a list that stays inside, which was withdrawn under a measure.
fn inner_list(town: &mut Town) -> [yinxin_gm::Digest; 2] {
    let class = PublishClass {
        code: credit::class_code("inner-list"),
        disclosure: yinxin_record::Disclosure::Internal,
        ..credit::red_list()
    };
    town.done(credit::CENTRE, CreditAct::PublishClass(class));
    let today = town.world.today();
    let entry =
        RecordItem { law: credit::text(credit::LAW), ..town.item(3, ("inner-list", 1), today) };
    let item = town.done(credit::TAX, CreditAct::Record(entry));
    let measure = yinxin_record::ApplyMeasure {
        item,
        measure: credit::text("green-lane"),
        law: credit::text(credit::LAW),
        case: credit::digest("case"),
    };
    let measure = town.done(credit::MARKET, CreditAct::ApplyMeasure(measure));
    let withdrawal = town.world.withdrawal(item);
    town.done(credit::TAX, withdrawal);
    [item, measure]
}

#[test]
fn what_has_ended_or_is_internal_is_not_told() {
    let mut town = Town::new();
    let story = town.story();
    let plain = credit::plain("inner", yinxin_record::ClassKind::Basic, (0, None));
    let class = PublishClass {
        disclosure: yinxin_record::Disclosure::Internal,
        valid_from: town.world.today(),
        limits: yinxin_record::TimeLimits { publish_days: Some(7), ..plain.limits },
        ..plain
    };
    town.done(credit::CENTRE, CreditAct::PublishClass(class));
    let decided = town.world.today();
    town.until_day("2027-04-20");
    let act = RecordItem {
        law: credit::text(credit::LAW),
        publish_by: Some(town.world.by(decided, 9)),
        ..town.item(1, ("inner", 1), decided)
    };
    let inner = town.done(credit::MARKET, CreditAct::Record(act));
    let objection = town.world.objection(inner);
    let objection = town.done(credit::BANK, objection);
    assert!(town.world.item(&inner).is_late());
    let [list, measure] = inner_list(&mut town);
    let server = over(town);

    let problem = get(&server, &format!("/v1/credit/items/{inner}"), 403);
    assert_eq!(problem["type"], "urn:yinxin:problem:not-public");
    let desk = get(&server, &format!("/v1/credit/authorities/{}", code(credit::MARKET)), 200);
    assert_eq!(desk["not_shown"], 2, "its late publication, and the objection");
    for secret in [inner, objection] {
        assert!(!desk.to_string().contains(&secret.to_string()), "{desk:#}");
    }
    let path = format!("/v1/credit/authorities/{}/measures", code(credit::MARKET));
    for (which, shown) in [("", 1), ("?due=true", 0)] {
        let measures = get(&server, &format!("{path}{which}"), 200);
        let told = measures["measures"].as_array().unwrap();
        assert_eq!((told.len(), &measures["not_shown"]), (shown, &1.into()), "{measures:#}");
        for secret in [list, measure] {
            assert!(!measures.to_string().contains(&secret.to_string()), "{measures:#}");
        }
    }
    let ended = get(&server, &format!("/v1/credit/items/{}", story.repaired), 200);
    assert_eq!(ended["withheld"], "ended");
    assert!(ended["proof"].as_str().is_some_and(|proof| !proof.is_empty()));
    let fields: Vec<_> = ended.as_object().unwrap().keys().collect();
    assert_eq!(fields, ["height", "proof", "receipt", "schema", "withheld"], "and nothing else");
}

/// What a service for everybody does not tell, none of its routes tells; a member's own node has all of it.
#[test]
fn what_has_ended_is_not_handed_out_raw_and_stays_provable() {
    let mut town = Town::new();
    town.others();
    let story = town.story();
    let (public, member) = public_and_member(town);
    let (ended, shown) = (story.repaired, story.late);
    let state = |id| hex::encode(state_key::credit_item(id));
    for (id, status) in [(&ended, 403), (&shown, 200)] {
        for route in [
            format!("/v1/status/credit-item/{id}"),
            format!("/v1/state/{}", state(id)),
            format!("/v1/records/{id}"),
        ] {
            let said = get(&public, &route, status);
            if status == 403 {
                assert_eq!(said["type"], "urn:yinxin:problem:ended", "{route}");
                assert!(said["todo"].as_str().unwrap().contains("--court"), "{route}");
            }
            get(&member, &route, 200);
        }
    }
    // Nor by what tells of it: an answer names the objection, the objection the item.
    let prefix = hex::encode(yinxin_ledger::index_key::credit_item(&ended));
    let life = get(&member, &format!("/v1/index/{prefix}"), 200);
    let life: Vec<&str> =
        life.as_array().unwrap().iter().map(|e| &e[1].as_str().unwrap()[..64]).collect();
    assert_eq!(life.len(), 5, "recorded, disputed, answered, applied for, repaired: {life:?}");
    for id in &life {
        let said = get(&public, &format!("/v1/records/{id}"), 403);
        assert!(said["detail"].as_str().unwrap().contains(&ended.to_string()), "{said}");
    }
    get(&public, &format!("/v1/status/credit-objection/{}", life[1]), 403);

    // It is there: whoever has the record proves it by a receipt that only names it.
    let answer = get(&public, &format!("/v1/credit/items/{ended}"), 200);
    assert_eq!((&answer["withheld"], &answer["proof"]), (&"ended".into(), &Value::Null));
    assert_eq!(answer["receipt"], format!("/v1/receipts/{ended}"));
    let (whole, named) = (receipt(&member, &ended), receipt(&public, &ended));
    assert!(whole.subject.record().is_some() && named.subject.record().is_none());
    assert_eq!(named.subject.record_hash(), whole.subject.record_hash());
    assert_eq!((named.index, named.path), (whole.index, whole.path));
}

#[test]
fn a_list_is_as_it_was_on_a_day() {
    let (server, story) = told();
    let on = |day: &str| get(&server, &format!("/v1/credit/lists/abnormal?as_of={day}"), 200);
    for (day, entries) in [("", 1), ("2026-12-31", 1), ("2026-12-19", 0)] {
        let list = on(day);
        assert_eq!(list["entries"].as_array().unwrap().len(), entries, "{day}");
    }
    assert_eq!(on("2026-12-31")["entries"][0]["subject"], story.company.to_string());
    assert_eq!(on("")["entries"][0]["item"]["id"], story.listed.to_string());
}

#[test]
fn a_place_that_was_left_is_not_told_of_by_asking_for_the_day_before() {
    let mut town = Town::new();
    let story = town.story();
    let (today, item) = (town.world.today(), story.listed);
    let withdraw = yinxin_record::WithdrawItem {
        item,
        paper: credit::digest("annulled"),
        decided: today,
        withdraw_by: town.world.by(today, 9),
        reason: 1,
    };
    town.done(credit::TAX, CreditAct::Withdraw(withdraw));
    let server = over(town);
    for day in ["", "?as_of=2026-12-31"] {
        let list = get(&server, &format!("/v1/credit/lists/abnormal{day}"), 200);
        assert_eq!(list["entries"], serde_json::json!([]), "{day}");
        let view = get(&server, &format!("/v1/credit/subjects/{}{day}", story.company), 200);
        assert!(!view.to_string().contains(&item.to_string()), "{day}");
    }
}

#[test]
fn a_class_has_its_versions_and_an_asset_its_pledgee() {
    let (server, story) = told();
    let class = get(&server, "/v1/credit/classes/penalty.ordinary", 200);
    let months: Vec<_> =
        class["versions"].as_array().unwrap().iter().map(|v| &v["max_months"]).collect();
    assert_eq!(months, [12, 36], "the newest first");
    assert_eq!(class["proofs"].as_array().unwrap().len(), 3);
    let asset = get(&server, &format!("/v1/assets/{}", story.asset), 200);
    assert_eq!((&asset["status"], &asset["turn"]), (&"pledged".into(), &1.into()));
    assert_eq!(asset["pledgee"]["name"], "江南银行");
    let acts: Vec<_> = asset["acts"].as_array().unwrap().iter().map(|a| &a["kind"]).collect();
    assert_eq!(acts, ["register", "pledge"]);
}

#[test]
fn what_is_not_there_or_cannot_be_read_is_told_in_both_languages() {
    let (server, _) = told();
    let nobody = get(&server, &format!("/v1/credit/subjects/{}", credit::company(99)), 200);
    assert_eq!((&nobody["records"], &nobody["complete"]), (&0.into(), &true.into()));
    let id = "0".repeat(64);
    for path in [
        "/v1/credit/classes/nothing".to_owned(),
        "/v1/credit/lists/nothing".to_owned(),
        format!("/v1/credit/items/{id}"),
        format!("/v1/assets/invoice:{id}"),
    ] {
        assert_eq!(get(&server, &path, 404)["type"], "urn:yinxin:problem:not-found", "{path}");
    }
    let long = "0".repeat(600);
    for path in [
        "/v1/credit/classes/%20".to_owned(),
        "/v1/credit/subjects/xyz".to_owned(),
        format!("/v1/credit/subjects/{}?as_of=soon", credit::company(1)),
        "/v1/credit/items/12".to_owned(),
        "/v1/credit/authorities/1".to_owned(),
        format!("/v1/credit/authorities/{}?from={long}", code(1)),
        format!("/v1/credit/authorities/{}/measures?from={long}", code(1)),
        format!("/v1/credit/subjects/{}?from=1-{id}-{long}", credit::company(1)),
        format!("/v1/credit/subjects/{}/uses?from=1-{id}-{long}", credit::company(1)),
        "/v1/credit/lists/abnormal?as_of=2026-02-30".to_owned(),
        format!("/v1/credit/lists/abnormal?from={long}"),
        "/v1/assets/house:00".to_owned(),
    ] {
        let english = get(&server, &path, 400);
        assert_eq!(english["type"], "urn:yinxin:problem:bad-request", "{path}");
        let chinese = server.send("GET", &path, &[("accept-language", "zh-CN")], b"").json();
        assert_ne!(english["title"], chinese["title"], "{path}");
    }
    for path in ["/v1/credit/league", "/v1/assets/x"] {
        let none = Server::without_ledger();
        assert_eq!(get(&none, path, 501)["type"], "urn:yinxin:problem:no-ledger");
    }
}
