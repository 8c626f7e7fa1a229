//! An authority's desk, the league and the measures that are to be lifted, over the real rules in memory.

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

use asking::{get, over, told};
use serde_json::Value;
use town::Town;
use world::code;
use yinxin_record::{CreditAct, RecordItem};

/// The place that a measure rests on ends by repair: from then on its department owes the lifting, and is told so.
#[test]
fn a_measure_is_to_be_lifted_once_its_place_has_ended() {
    let due = |town: Town, which: &str| {
        let server = over(town);
        let of = code(credit::MARKET);
        get(&server, &format!("/v1/credit/authorities/{of}/measures{which}"), 200)
    };
    let measure = |town: &Town| {
        let prefix = yinxin_ledger::index_key::credit_measures(&code(credit::MARKET));
        town.first(&prefix)
    };
    let mut town = Town::new();
    let story = town.story();
    let id = measure(&town);
    let tell =
        yinxin_record::MeasureFeedback { measure: id, result: 3, report: credit::digest("report") };
    town.done(credit::MARKET, CreditAct::TellMeasure(tell));
    let all = due(town, "");
    let applied = &all["measures"][0];
    assert_eq!((&applied["due"], &applied["feedbacks"]), (&false.into(), &1.into()));
    assert_eq!((&applied["result"], &applied["status"]), (&3.into(), &"applied".into()));
    assert_eq!(applied["place"]["subject"], story.company.to_string());

    let repaired = || {
        let mut town = Town::new();
        let story = town.story();
        let application = town.apply_for_repair(story.listed);
        town.done(credit::TAX, credit::accept(application));
        (town, story)
    };
    let (town, story) = repaired();
    let id = measure(&town).to_string();
    let owed = due(town, "?due=true");
    let measures = owed["measures"].as_array().unwrap();
    assert_eq!(measures.len(), 1);
    assert_eq!((&measures[0]["id"], &measures[0]["due"]), (&id.into(), &true.into()));
    assert_eq!(measures[0]["place"], Value::Null, "of what has ended nothing is told");
    assert!(!owed.to_string().contains(&story.listed.to_string()), "{owed:#}");
    assert!(!owed.to_string().contains(&story.company.to_string()), "{owed:#}");

    let (mut town, _) = repaired();
    let lift = yinxin_record::LiftMeasure { measure: measure(&town), reason: 2 };
    town.done(credit::MARKET, CreditAct::LiftMeasure(lift));
    assert_eq!(due(town, "?due=true")["measures"], serde_json::json!([]));
}

/// Three working days from Sunday, 22 November 2026, on which the place ended; a year that the calendar lacks has no such day.
#[test]
fn the_last_day_to_lift_a_measure_is_counted_by_working_days() {
    let owed = |ended: Option<&str>, today: Option<&str>| {
        let mut town = Town::new();
        if let Some(day) = ended {
            town.until_day(day);
        }
        town.aftermath();
        if let Some(day) = today {
            town.until_day(day);
        }
        let path = format!("/v1/credit/authorities/{}/measures?due=true", code(credit::MARKET));
        let answer = get(&over(town), &path, 200);
        assert_eq!(answer["measures"].as_array().unwrap().len(), 1, "{answer:#}");
        let measure = &answer["measures"][0];
        (measure["lift_by"].clone(), measure["overdue"].clone())
    };
    let by = Value::from("2026-11-25");
    assert_eq!(owed(None, None), (by.clone(), false.into()));
    assert_eq!(owed(None, Some("2026-11-25")), (by.clone(), false.into()), "on that very day");
    assert_eq!(owed(None, Some("2026-11-26")), (by.clone(), true.into()));
    assert_eq!(owed(None, Some("2026-12-18")), (by, true.into()));
    assert_eq!(owed(Some("2027-03-26"), Some("2027-04-20")), (Value::Null, false.into()));
}

/// The ledger has no calendar: who sets the last day too late is not late by its own word, and the desk says what it should have been.
#[test]
fn a_deadline_that_was_put_off_is_told() {
    let mut town = Town::new();
    let today = town.world.today();
    let put_off = RecordItem {
        publish_by: Some(town.world.by(today, 30)),
        ..town.item(1, ("penalty.ordinary", 2), today)
    };
    town.until_day("2026-12-18");
    let item = town.done(credit::MARKET, CreditAct::Record(put_off));
    let CreditAct::Object(mut objection) = town.world.objection(item) else { panic!() };
    objection.deadline = town.world.by(town.world.today(), 12);
    town.done(credit::BANK, CreditAct::Object(objection));
    assert!(!town.world.item(&item).is_late());
    let server = over(town);
    let desk = get(&server, &format!("/v1/credit/authorities/{}", code(credit::MARKET)), 200);
    assert_eq!(desk["conduct"]["published_late"], 0);
    let late = &desk["late"][0];
    assert_eq!((&late["item"]["id"], &late["postponed"]), (&item.to_string().into(), &true.into()));
    assert!(late["counted"].as_str() < late["publish_by"].as_str(), "{late:#}");
    let claim = &desk["objections"][0]["claim"];
    assert_eq!(claim["postponed"], true);
    assert!(claim["counted"].as_str() < claim["deadline"].as_str(), "{claim:#}");
}

#[test]
fn a_desk_has_what_is_owed_and_what_was_late() {
    let (server, story) = told();
    let market = get(&server, &format!("/v1/credit/authorities/{}", code(credit::MARKET)), 200);
    let [objections, repairs, late] =
        ["objections", "repairs", "late"].map(|what| market[what].as_array().unwrap());
    let item = |task: &Value| task["item"]["id"].as_str().unwrap().to_owned();
    assert_eq!((objections.len(), repairs.len(), late.len()), (1, 1, 1));
    assert_eq!(item(&objections[0]), story.disputed.to_string());
    assert_eq!(objections[0]["claim"]["overdue"], true);
    assert_eq!(item(&repairs[0]), story.applied.to_string());
    assert_eq!(repairs[0]["claim"]["overdue"], false);
    assert_eq!(item(&late[0]), story.late.to_string());
    assert_eq!(market["conduct"]["published_late"], 1);
    let tax = get(&server, &format!("/v1/credit/authorities/{}", code(credit::TAX)), 200);
    for what in ["objections", "repairs", "late"] {
        assert_eq!(tax[what], serde_json::json!([]), "{what}");
    }
}

#[test]
fn the_punctual_come_first() {
    let (server, _) = told();
    let league = get(&server, "/v1/credit/league", 200);
    let places = league["places"].as_array().unwrap();
    let row = |n: usize| (&places[n]["place"], &places[n]["authority"]["name"], &places[n]["late"]);
    assert_eq!(row(0), (&1.into(), &"市税务局".into(), &0.into()));
    assert_eq!(row(1), (&2.into(), &"市市场监督管理局".into(), &2500.into()));
    assert_eq!(places[0]["open_overdue"], 0);
    assert_eq!(places[1]["open_overdue"], 1, "the objection that its desk has as overdue");
    assert!(league["as_of"].is_string());
}

/// Two publish in time, and one of them answers nothing: it shares no place with the other, though the ledger counts nothing as late.
#[test]
fn who_answers_nothing_stands_behind_who_owes_nothing() {
    let league = |answered: bool| {
        let mut town = Town::new();
        let item = town.penalty(town.world.today());
        town.others();
        let objection = town.world.objection(item);
        let objection = town.done(credit::BANK, objection);
        town.until_day("2026-12-18");
        if answered {
            let upheld = yinxin_record::Resolution::Upheld(1);
            town.done(credit::MARKET, credit::resolve(objection, upheld));
        }
        let league = get(&over(town), "/v1/credit/league", 200);
        let row = |place: &Value| {
            let name = place["authority"]["name"].as_str().unwrap().to_owned();
            let count = |of: &str| place["conduct"][of].as_u64().unwrap();
            let open = place["open_overdue"].as_u64().unwrap();
            (place["place"].as_u64().unwrap(), name, open, count("resolved_late"))
        };
        league["places"].as_array().unwrap().iter().map(row).collect::<Vec<_>>()
    };
    let [market, tax] = ["市市场监督管理局", "市税务局"].map(str::to_owned);
    assert_eq!(league(false), [(1, tax.clone(), 0, 0), (2, market.clone(), 1, 0)]);
    assert_eq!(league(true), [(1, tax, 0, 0), (1, market, 0, 1)]);
}

/// A batch counts itself, and a deadline was put off: the table ranks by the ledger's counts and says beside them what the calendar says.
#[test]
fn the_recount_stands_beside_the_rank_and_the_desk_agrees_with_its_tile() {
    let mut town = Town::new();
    town.others();
    let decided = town.world.today();
    town.penalty(decided);
    let put_off = RecordItem {
        publish_by: Some(town.world.by(decided, 30)),
        ..town.item(5, ("penalty.ordinary", 2), decided)
    };
    town.until_day("2026-12-18");
    town.done(credit::TAX, CreditAct::Record(put_off));
    town.penalty(decided);
    town.aftermath();
    let server = over(town);
    let league = get(&server, "/v1/credit/league", 200);
    let place = |n: usize| &league["places"][n];
    let count = |n: usize, of: &str, what: &str| place(n)[of][what].as_u64().unwrap();
    assert_eq!(
        (&place(0)["authority"]["name"], &place(0)["late"]),
        (&"市税务局".into(), &0.into())
    );
    let own = |n| ["published", "published_late"].map(|what| count(n, "conduct", what));
    let again = |n| {
        ["published", "published_late", "postponed", "batched", "batched_late"]
            .map(|what| count(n, "recounted", what))
    };
    assert_eq!((own(0), again(0)), ([4, 0], [4, 1, 1, 0, 0]), "late, though not by its own word");
    assert_eq!((own(1), again(1)), ([10, 4], [2, 1, 0, 8, 3]), "the batch's word stands beside");
    assert_eq!(place(1)["recounted"]["more"], false);
    assert_eq!(get(&server, "/v1/credit/league", 200), league, "it is not counted twice");

    let desk = get(&server, &format!("/v1/credit/authorities/{}", code(credit::MARKET)), 200);
    let late = desk["late"].as_array().unwrap();
    let on_ledger = late.iter().filter(|late| late["on_ledger"] == true).count() as u64;
    let batches = desk["batches"].as_array().unwrap();
    assert_eq!((batches.len(), &batches[0]["sequence"]), (1, &1.into()));
    assert_eq!(batches[0]["classes"][0]["due"], 8);
    assert_eq!(server.get(batches[0]["receipt"].as_str().unwrap()).status, 200);
    let beneath =
        on_ledger + desk["late_not_shown"].as_u64().unwrap() + batches[0]["late"].as_u64().unwrap();
    assert_eq!(desk["conduct"]["published_late"], beneath, "the tile and the table agree");
    let tax = get(&server, &format!("/v1/credit/authorities/{}", code(credit::TAX)), 200);
    assert_eq!(
        (&tax["late"][0]["postponed"], &tax["late"][0]["on_ledger"]),
        (&true.into(), &false.into())
    );
}
