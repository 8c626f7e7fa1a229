//! An item from its record to its end: refused, disputed, corrected, repaired, listed.

use base64::Engine as _;
use yinxin_receipt::{Header, Wire};
use yinxin_tests::{cluster::Cluster, liar::rebasing};

use crate::{
    desk::{AUTHORITY, BANK, CENTRE, Desk, EVIDENCE, ago, code, founded, recording},
    portal, turn,
};

#[test]
fn an_item_lives_by_its_class_and_nothing_of_it_is_erased() {
    let _turn = turn();
    let cluster = Cluster::start();
    let desk = founded(&cluster);
    let place = desk.place;

    // Recorded by whoever may, on a ground, once, not back-dated.
    let form = desk.penalty(AUTHORITY, "old", 120);
    let old = desk.record("penalty.test", "old", &form);
    // The same command is the same business, whenever it is sent.
    desk.refused(AUTHORITY, &recording("penalty.test", "old", &form), &["BUSINESS_KEY_USED", &old]);
    let again = desk.penalty(AUTHORITY, "again", 119);
    let line = recording("penalty.test", "old", &again);
    desk.refused(AUTHORITY, &line, &[&old]);
    let foreign = desk.penalty(BANK, "bank", 10);
    desk.refused(BANK, &recording("penalty.test", "bank", &foreign), &["POWER_MISSING"]);
    place.ends(&desk.line(CENTRE, &recording("penalty.test", "old", &form)), 2, &[code(AUTHORITY)]);
    let back = desk.penalty(AUTHORITY, "back", 500);
    desk.refused(AUTHORITY, &recording("penalty.test", "back", &back), &["BACK_DATED"]);
    let list = desk.general(AUTHORITY, "forged", 30);
    let forged = format!(
        "credit record black {list} --basis item:{} --contents contents --classes classes.toml --calendar days.toml",
        "0".repeat(64)
    );
    desk.refused(AUTHORITY, &forged, &["BASIS_UNKNOWN"]);
    let form = desk.penalty(AUTHORITY, "young", 2);
    let young = desk.record("penalty.test", "young", &form);
    let form = desk.penalty(AUTHORITY, "brief", 120);
    let brief = desk.record("penalty.brief", "brief", &form);
    assert_eq!(desk.status(&brief), "in-force, expired", "nobody did anything: its days are over");

    // What was published after its seven working days is counted on the authority's leaf.
    let at = cluster.http(AUTHORITY);
    let league =
        place.ends(&format!("--json credit lateness --trust trust --node {at}"), 0, &[]).json();
    assert_eq!(league["places"][0]["published"], 3);
    assert_eq!(league["places"][0]["published_late"], 2);
    // Counted again by the calendar that the deadlines were set with it is the same, and none was put off.
    let recount =
        format!("--json credit lateness --recount --calendar days.toml --trust trust --node {at}");
    let recount = place.ends(&recount, 0, &[]).json();
    let recount = &recount["places"][0]["recounted"];
    assert_eq!((&recount["published"], &recount["published_late"]), (&3.into(), &2.into()));
    assert_eq!((&recount["postponed"], &recount["uncounted"]), (&0.into(), &0.into()));

    // Objection, correction: it adds.
    let dispute =
        format!("credit dispute {young} --statement papers/statement.txt --calendar days.toml");
    let objection = desk.does(BANK, &dispute);
    assert_eq!(desk.status(&young), "in-force, disputed");
    let right = desk.penalty(AUTHORITY, "young", 3);
    let resolve = format!(
        "credit resolve {objection} corrected --form {right} --contents contents --classes classes.toml"
    );
    desk.refused(CENTRE, &resolve, &["NOT_OVERDUE"]);
    desk.does(AUTHORITY, &resolve);
    assert_eq!(desk.status(&objection), "corrected");
    let correct = format!(
        "credit correct {old} --form forms/old.toml --contents contents --classes classes.toml --reason 3"
    );
    desk.refused(CENTRE, &correct, &["NOT_AUTHORITY"]);
    desk.does(AUTHORITY, &correct);

    // Repair: not before the minimum, not without evidence, not twice; false, it is taken back.
    desk.refused(BANK, &format!("credit repair apply {young} {EVIDENCE}"), &["BEFORE_MINIMUM"]);
    let less = format!(
        "credit repair apply {old} --evidence duty-done=papers/done.txt --commitment papers/letter.txt --calendar days.toml"
    );
    desk.refused(BANK, &less, &["commitment-letter"]);
    let application = desk.does(BANK, &format!("credit repair apply {old} {EVIDENCE}"));
    desk.refused(
        BANK,
        &format!("credit repair decide {application} --accept papers/accepted.txt"),
        &["NOT_AUTHORITY"],
    );
    desk.does(
        AUTHORITY,
        &format!("credit repair decide {application} --accept papers/accepted.txt"),
    );
    assert_eq!(desk.status(&old), "repaired");
    let twice = format!("credit repair apply {old} {EVIDENCE}")
        .replace("--commitment papers/letter", "--commitment papers/done");
    desk.refused(BANK, &twice, &["ALREADY_REPAIRED", &application]);
    desk.refused(AUTHORITY, &recording("penalty.test", "old", &again), &[&old]);
    desk.does(
        AUTHORITY,
        &format!("credit repair reinstate {application} --finding papers/annulled.txt"),
    );
    assert_eq!(desk.status(&old), "reinstated");

    // A commitment is kept; a decision falls.
    let form = desk.promise(AUTHORITY, "promise", 9);
    let promise = desk.record("promise", "promise", &form);
    desk.does(
        AUTHORITY,
        &format!("credit commitment fulfil {promise} --finding papers/kept.txt --found {}", ago(1)),
    );
    assert_eq!(desk.status(&promise), "fulfilled");
    let withdraw = format!(
        "credit withdraw {brief} --paper papers/annulled.txt --decided {} --calendar days.toml",
        ago(1)
    );
    desk.does(AUTHORITY, &withdraw);
    assert_eq!(desk.status(&brief), "withdrawn");
    place.ends(&desk.line(BANK, &dispute.replace(&young, &brief)), 1, &[]);

    lists(&desk);
    honours(&desk, &young);
    let objection = desk.does(BANK, &dispute.replace(&young, &old));
    portal::people_see_it(&desk, [&young, &old, &brief], &objection);
    cluster.stop_all();
}

/// A list is entered on an item in force and left by its conditions after the minimum, not before; measures rest on the place.
fn lists(desk: &Desk<'_>) {
    let place = desk.place;
    let enter = |number: &str, days: i64| {
        let grave = desk.penalty(AUTHORITY, &format!("{number}-grave"), days);
        let grave = desk.record("penalty.grave", &format!("{number}-grave"), &grave);
        let form = desk.general(AUTHORITY, number, days);
        let line = format!(
            "credit record black {form} --basis item:{grave} --contents contents --classes classes.toml --calendar days.toml"
        );
        desk.does(AUTHORITY, &line)
    };
    let (new, old) = (enter("new", 30), enter("former", 400));
    let measure = desk.does(
        CENTRE,
        &format!("credit measure apply {new} limit-awards --law 评比办法 --case papers/case.txt"),
    );
    desk.refused(
        CENTRE,
        &format!("credit measure apply {new} limit-flights --law 评比办法 --case papers/case.txt"),
        &["limit-flights"],
    );
    desk.refused(
        CENTRE,
        &format!("credit measure apply {new} limit-awards --law 别的法律 --case papers/case.txt"),
        &["LAW_OTHER"],
    );
    let owed = desk.does(
        CENTRE,
        &format!("credit measure apply {old} limit-awards --law 评比办法 --case papers/case.txt"),
    );
    desk.does(
        CENTRE,
        &format!("credit measure tell {measure} --result 1 --report papers/report.txt"),
    );
    desk.refused(AUTHORITY, &format!("credit measure lift {measure}"), &["NOT_AUTHORITY"]);
    desk.refused(
        AUTHORITY,
        &format!("credit delist {new} --evidence duty-done=papers/done.txt"),
        &["BEFORE_MINIMUM"],
    );
    desk.refused(AUTHORITY, &format!("credit delist {old} --conditions"), &["duty-done"]);
    let at = desk.cluster.http(AUTHORITY);
    let on = |more: &str| {
        let line = format!("--json credit list black {more} --trust trust --node {at}");
        place.ends(&line, 0, &[]).json()["entries"].as_array().unwrap().len()
    };
    assert_eq!((on(""), on(&format!("--as-of {}", ago(1)))), (2, 0));
    // A node whose receipts hold, all under a later header, moves nothing: it is told off.
    let head: serde_json::Value =
        serde_json::from_slice(&desk.cluster.get(AUTHORITY, "/v1/ledger/head").unwrap()).unwrap();
    let header = base64::engine::general_purpose::STANDARD.decode(head["header"].as_str().unwrap());
    let newest = Header::from_der(&header.unwrap()).unwrap();
    let later = rebasing(at, newest.log_size);
    for line in [
        format!("credit list black --as-of {}", ago(1)),
        "credit lateness --recount --calendar days.toml".to_owned(),
    ] {
        place.ends(&format!("{line} --trust trust --node {later}"), 1, &["later header"]);
    }
    desk.does(AUTHORITY, &format!("credit delist {old} --evidence duty-done=papers/done.txt"));
    assert_eq!(on(""), 1);
    // The place has ended: whoever acts on it has three working days to stop.
    let due = || {
        let (centre, calendar) = (code(CENTRE), "--calendar days.toml");
        let line = format!(
            "--json credit measure list --of {centre} --due {calendar} --trust trust --node {at}"
        );
        place.ends(&line, 0, &[]).json()
    };
    let found = due();
    let first = &found["measures"][0];
    assert_eq!((&first["id"], &found["overdue"]), (&owed.clone().into(), &0.into()));
    assert_eq!((&first["ended"], &first["overdue"]), (&ago(0).into(), &false.into()));
    assert!(first["lift_by"].as_str().unwrap() > ago(0).as_str());
    desk.does(CENTRE, &format!("credit measure lift {owed}"));
    assert_eq!(due()["measures"].as_array().unwrap().len(), 0);
    desk.does(CENTRE, &format!("credit measure lift {measure}"));
    assert_eq!(desk.status(&measure), "lifted");
}

/// A joint incentive: the place on the red list, the green lane and what came of it, the penalty that costs the place, the lifting that is owed.
fn honours(desk: &Desk<'_>, penalty: &str) {
    let (place, at) = (desk.place, desk.cluster.http(AUTHORITY));
    let form = desk.general(AUTHORITY, "honour", 5);
    let honour = desk.record("honour", "honour", &form);
    let apply =
        format!("credit measure apply {honour} green-lane --law 评比办法 --case papers/case.txt");
    let lane = desk.does(CENTRE, &apply);
    let listed = |more: &str| {
        let of = code(CENTRE);
        let line = format!("--json credit measure list --of {of} {more} --trust trust --node {at}");
        place.ends(&line, 0, &[]).json()
    };
    let found = |of: &serde_json::Value| {
        let all = of["measures"].as_array().unwrap().clone();
        all.into_iter().find(|measure| measure["id"] == lane.as_str())
    };
    let before = found(&listed("")).unwrap();
    assert_eq!((&before["result"], &before["due"]), (&serde_json::Value::Null, &false.into()));
    desk.does(CENTRE, &format!("credit measure tell {lane} --result 2 --report papers/report.txt"));
    let told = found(&listed("")).unwrap();
    assert_eq!((&told["result"], &told["feedbacks"]), (&2.into(), &1.into()));
    assert!(found(&listed("--due")).is_none());
    place.ends(
        &format!("credit status {lane} --trust trust --node {at}"),
        0,
        &["applied", "result", "2"],
    );

    let strike = format!("credit delist {honour} --excluded-by {penalty}");
    desk.refused(BANK, &strike, &["NOT_AUTHORITY"]);
    desk.does(CENTRE, &strike);
    let owed = listed("--due");
    assert_eq!(
        (&owed["due"], found(&owed).unwrap()["item_status"].as_str()),
        (&1.into(), Some("delisted"))
    );
    place.ends(&format!("credit status {lane} --trust trust --node {at}"), 0, &["due"]);
    desk.refused(CENTRE, &apply.replace("case.txt", "report.txt"), &["ILLEGAL_MOVE"]);
    desk.refused(AUTHORITY, &format!("credit measure lift {lane}"), &["NOT_AUTHORITY"]);
    desk.does(CENTRE, &format!("credit measure lift {lane}"));
    assert_eq!(listed("--due")["measures"], serde_json::json!([]));
}
