//! What a bank may see, that it is all, and what is computed from it.

use yinxin_credit::view::ViewPackage;
use yinxin_record::{Purpose, Wire};
use yinxin_tests::cluster::{Cluster, DEPARTMENTS};

use crate::{
    desk::{AUTHORITY, BANK, CENTRE, COMPANY, Desk, EVIDENCE, OTHER_BANK, ago, code, founded},
    served, turn,
};

#[test]
fn a_view_is_complete_permitted_and_on_record_and_a_score_is_computed_again() {
    let _turn = turn();
    let cluster = Cluster::start();
    let desk = founded(&cluster);
    let place = desk.place;
    let form = desk.penalty(AUTHORITY, "one", 120);
    let one = desk.record("penalty.test", "one", &form);
    let form = desk.penalty(AUTHORITY, "two", 20);
    let two = desk.record("penalty.test", "two", &form);
    let application = desk.does(BANK, &format!("credit repair apply {one} {EVIDENCE}"));
    desk.does(
        AUTHORITY,
        &format!("credit repair decide {application} --accept papers/accepted.txt"),
    );

    // The company signs far from any node; its reader puts it into the ledger.
    let bank = code(BANK);
    let sign = format!(
        "--json credit authorise sign {COMPANY} --reader {bank} --purpose loan --until {} --key company.key --password-file pw \
         --trust trust --out grant",
        ago(-300)
    );
    let signed = place.ends(&sign, 0, &[]).json();
    let grant = signed["id"].as_str().unwrap().to_owned();
    let take = |purpose: &str, ground: &str, out: &str| {
        format!(
            "credit view take {COMPANY} --purpose {purpose} {ground} --contents contents --package {out}"
        )
    };
    let by_grant = format!("--grant {grant}");
    desk.refused(BANK, &take("loan", &by_grant, "early.view"), &["no authorisation"]);
    desk.does(BANK, "credit authorise submit grant");
    desk.refused(
        BANK,
        &take("loan", "--law 行政处罚法", "law.view"),
        &["no power to see credit by law"],
    );
    desk.refused(BANK, &take("hiring", &by_grant, "other.view"), &["not permitted: purpose"]);
    desk.refused(OTHER_BANK, &take("loan", &by_grant, "thief.view"), &["not permitted: caller"]);
    let seen = place.ends(&desk.line(BANK, &take("loan", &by_grant, "loan.view")), 0, &[]).json();
    let items = seen["items"].as_array().unwrap();
    assert_eq!(
        (items.len(), &seen["ended"], &seen["records"]),
        (1, &1.into(), &4.into()),
        "{seen:#}"
    );
    assert_eq!(items[0]["item"], two.as_str());
    assert!(items[0]["content"].to_string().contains("未按时公示年报"), "{seen:#}");
    assert!(seen["taken"].as_str().is_some() && seen["on_record"]["height"].as_u64().is_some());
    for refused in ["early", "law", "other", "thief"] {
        assert!(!place.file(&format!("{refused}.view")).exists(), "{refused}");
    }

    // Far from any node it says the same; less of it, it says nothing.
    let check = "--json credit view check loan.view --trust trust";
    assert_eq!(place.ends(check, 0, &[]).json()["items"], seen["items"]);
    let ViewPackage { view, taken } = package(&desk, "loan.view");
    assert!(taken.is_some(), "it carries the receipt of its record");
    place.write("gathered.view", view.to_der());
    let mut withheld = view.clone();
    withheld.ids.pop();
    withheld.states.pop();
    let mut hidden = view;
    hidden.states[1].value = None;
    for (name, view) in [("withheld", withheld), ("hidden", hidden)] {
        place.write(name, view.to_der());
        place.ends(&format!("credit view check {name} --trust trust"), 1, &[]);
    }
    place.write("cut", &place.read("loan.view")[..2000]);
    place.ends("credit view check cut --trust trust", 4, &[]);
    verified(&desk);

    // What was repaired is not shown, and is proven to a court; a day before, nothing had been recorded.
    place.write("papers/inquiry.txt", "调取信用记录");
    let court =
        take("case", "--court （2026）某01民初1号 --inquiry papers/inquiry.txt", "court.view");
    // A department that records is no court: nothing is written for it.
    place.ends(&desk.line(AUTHORITY, &court), 1, &["no court"]);
    let no_case = take("case", "--law 行政处罚法 --inquiry papers/inquiry.txt", "court.view");
    place.ends(&desk.line(CENTRE, &no_case), 2, &["--court"]);
    assert!(!place.file("court.view").exists());
    let court = place.ends(&desk.line(CENTRE, &court), 0, &[]).json();
    assert_eq!(
        (&court["court"], &court["ground"]),
        (&true.into(), &"court case （2026）某01民初1号".into())
    );
    on_record(&desk, "court.view");
    assert_eq!(court["items"][0]["item"], one.as_str());
    assert_eq!(court["items"][0]["status"], "repaired");
    let past = take("loan", &format!("{by_grant} --as-of {}", ago(1)), "past.view");
    let past = place.ends(&desk.line(BANK, &past), 0, &[]).json();
    assert_eq!((past["items"].as_array().unwrap().len(), &past["records"]), (0, &4.into()));

    score(&desk, &two);
    batches(&desk, &take("loan", &by_grant, "batch.view"));

    // The company ends it: from here on the bank sees nothing.
    let revoke = format!(
        "credit revoke sign {grant} --key company.key --password-file pw --trust trust --out ended"
    );
    place.ok(&revoke);
    desk.does(CENTRE, "credit revoke submit ended");
    assert_eq!(desk.status(&grant), "revoked");
    let late = take("loan", &format!("{by_grant} --store store"), "late.view");
    desk.refused(BANK, &late, &["the view is not permitted: revoked"]);
    cluster.stop_all();
}

fn package(desk: &Desk<'_>, file: &str) -> ViewPackage {
    ViewPackage::from_der(&desk.place.read(file)).unwrap()
}

/// That a view was taken is proven by the receipt in its file; another view's receipt, or none, proves nothing.
fn on_record(desk: &Desk<'_>, other: &str) {
    let place = desk.place;
    let told = |file: &str, code: i32, words: &[&str]| {
        let said = place.ends(&format!("--json verify {file} --trust trust"), code, words).json();
        let details = said["files"][0]["report"]["details"].as_array().unwrap();
        let detail = details.iter().find(|detail| detail["name"] == "on-record").unwrap();
        detail["value"].as_str().unwrap().to_owned()
    };
    let own = package(desk, "loan.view");
    let record = place.ends("--json credit view check loan.view --trust trust", 0, &[]).json();
    let record = record["taken"].as_str().unwrap().to_owned();
    let said = told("loan.view", 0, &["credit.recorded"]);
    assert!(said.starts_with(&format!("yes, record {record} at height ")), "{said}");
    // Without the receipt it is the view that it was, and nothing is claimed.
    assert_eq!(told("gathered.view", 0, &["credit.complete"]), "not checked");
    let said = place.ends("credit view check gathered.view --trust trust", 0, &[]);
    assert!(said.out.contains("not checked"), "{said:?}");
    let swapped = ViewPackage { taken: package(desk, other).taken, view: own.view };
    place.write("swapped.view", swapped.to_der());
    assert_eq!(told("swapped.view", 1, &["VIEW_RECORD_OTHER"]), "no");
    place.ends("credit view check swapped.view --trust trust", 1, &["of the record"]);
}

/// `verify` reads it as it reads everything else, and names what does not hold.
fn verified(desk: &Desk<'_>) {
    let place = desk.place;
    let verify = |file: &str, more: &str, code: i32, words: &[&str]| {
        let said = place.ends(&format!("--json verify {file} {more}"), code, words).json();
        said["files"][0]["report"].clone()
    };
    let report = verify("loan.view", "--trust trust", 0, &["credit.complete"]);
    assert_eq!(
        (&report["verdict"], &report["input"]["kind"]),
        (&"VALID".into(), &"credit-view".into())
    );
    verify("withheld", "--trust trust", 1, &["VIEW_INCOMPLETE"]);
    verify("hidden", "--trust trust", 1, &["INCLUSION_BAD"]);
    verify("cut", "--trust trust", 1, &["MALFORMED"]);
    // A word of the content is another one.
    let mut altered = place.read("loan.view");
    let word = "未按时".as_bytes();
    let at = altered.windows(word.len()).position(|w| w == word).unwrap();
    altered[at + 2] ^= 1;
    place.write("altered.view", altered);
    verify("altered.view", "--trust trust", 1, &["VIEW_INCOMPLETE", "content"]);
    // For another purpose than the company's: nobody altered a proof, and the bank may not have it.
    let mut other = package(desk, "loan.view").view;
    other.question.purpose = Purpose::new("hiring").unwrap();
    place.write("purpose.view", other.to_der());
    verify("purpose.view", "--trust trust", 1, &["VIEW_NOT_PERMITTED", "purpose"]);
    place.copy("ca/ca.cer", "nobody/ca.cer");
    verify("loan.view", "--trust nobody", 3, &["LEDGER_UNKNOWN"]);
    verify("loan.view", &format!("--trust trust --at {}", ago(-3)), 3, &["STATUS_STALE"]);
}

/// Once a source publishes batches no view is complete without it: records there, or proof that there are none.
fn batches(desk: &Desk<'_>, take: &str) {
    let (place, code, day) = (desk.place, code(AUTHORITY), ago(9));
    let row =
        |subject: &str, n: u32| format!("某公司,02,{subject},{n},年报已公示,{day},某局,{code}\n");
    let rows = [row(COMPANY, 1), row(DEPARTMENTS[1].0, 2), row(DEPARTMENTS[2].0, 3)].concat();
    place.write("rows.csv", format!("MC,LB,SHXYM,BH,NR,RQ,JG,JGDM\n{rows}"));
    desk.does(
        AUTHORITY,
        &format!("credit import rows.csv --store store --source {code} --class fact --classes classes.toml --calendar days.toml"),
    );
    place.ends(&desk.line(BANK, take), 2, &[code, "--store"]);
    // A folder that is misspelt is told and stays as it is.
    place.ends(&desk.line(BANK, &format!("{take} --store stor")), 2, &["stor"]);
    assert!(!place.file("stor").exists());
    let seen = place.ends(&desk.line(BANK, &format!("{take} --store store")), 0, &[]).json();
    let items = seen["items"].as_array().unwrap();
    assert_eq!((items.len(), &items[1]["source"]), (2, &code.into()), "{seen:#}");
    place.ok("credit view check batch.view --trust trust");
    served::batches_are_shown(desk, &seen);
}

/// Computed from the package, explained, published, computed again; an altered one does not agree.
fn score(desk: &Desk<'_>, item: &str) {
    let place = desk.place;
    let from = "loan.view --formula formula.toml --trust trust";
    let said =
        place.ends(&format!("--json credit score compute {from} --out score"), 0, &[]).json();
    let score = &said["score"];
    assert_eq!((&score["points"], &score["grade"]), (&760.into(), &"good".into()));
    let counted = &score["indicators"][0]["items"][0];
    assert_eq!((&counted["item"], &counted["without"]), (&item.into(), &800.into()));
    // What its repair would change, from when, and with what.
    let change = &said["items"][0];
    assert_eq!(
        (&change["item"], &change["way"], &change["then"]["points"]),
        (&item.into(), &"repair".into(), &800.into())
    );
    assert_eq!(change["evidence"], serde_json::json!(["commitment-letter", "duty-done"]));
    let possible = change["from"].as_str().unwrap();
    assert!((ago(-60)..ago(-80)).contains(&possible.to_owned()), "{possible}");
    assert_eq!(said["all_repaired"], serde_json::Value::Null, "not before that day");
    let words = format!("repaired, the score would be 800 good: possible from {possible}");
    place.ends(&format!("credit score compute {from}"), 0, &[&words, "duty-done"]);
    let publish = "credit score publish score --package loan.view --formula formula.toml";
    desk.refused(BANK, publish, &["POWER_MISSING"]);
    // Another table of points under the same name and version is another formula.
    let rules = String::from_utf8(place.read("formula.toml")).unwrap();
    place.write("kind.toml", rules.replacen("start = 800", "start = 900", 1));
    let kinder = from.replace("formula.toml", "kind.toml");
    place.ok(&format!("credit score compute {kinder} --out kind.score"));
    let kind = publish.replace("score --", "kind.score --");
    desk.refused(AUTHORITY, &kind, &["not what the package"]);
    let kind = kind.replace("formula.toml", "kind.toml");
    desk.refused(AUTHORITY, &kind, &["is published as"]);
    let record = desk.does(AUTHORITY, publish);
    let check =
        format!("credit score check {from} --record {record} --node {}", desk.cluster.http(1));
    place.ok(&format!("{check} --score score"));
    let altered = String::from_utf8(place.read("score")).unwrap();
    let at = altered.find("\"result\": \"").unwrap() + 11;
    let other = if &altered[at..=at] == "0" { "1" } else { "0" };
    place.write("altered", format!("{}{other}{}", &altered[..at], &altered[at + 1..]));
    place.ends(&format!("{check} --score altered"), 1, &["DIFFERS"]);
    let check = check.replace("formula.toml", "kind.toml");
    place.ends(&format!("{check} --score kind.score"), 1, &["is published as"]);
}
