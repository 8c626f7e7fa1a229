//! An item of a batch: objected to, repaired, decided, and carried out by its source in the next batch, or counted against it.

use yinxin_tests::cluster::Cluster;

use crate::{
    desk::{AUTHORITY, BANK, CENTRE, COMPANY, Desk, EVIDENCE, OTHER_BANK, ago, code, founded},
    turn,
};

const HEAD: &str = "event,day,decision,CF_XDR_MC,CF_XDR_LB,CF_XDR_SHXYM,CF_WSH,CF_WFXW,CF_SY,CF_YJ,CF_CFLB,CF_NR,CF_JDRQ,CF_CFJG,CF_CFJGDM,CF_LYDW,CF_LYDWDM\n";

/// A row of penalty `number`, decided 20 days ago: recorded, or what became of it.
fn row(number: &str, event: &str, day: &str, decision: &str) -> String {
    let (code, decided) = (code(AUTHORITY), ago(20));
    format!(
        "{event},{day},{decision},示例精密机械有限公司,02,{COMPANY},示罚〔{number}〕,未按时公示年报,逾期,行政处罚法,02,罚款,{decided},示例局,{code},示例局,{code}\n"
    )
}

fn imported(desk: &Desk<'_>, name: &str, rows: &str) {
    desk.place.write(name, format!("{HEAD}{rows}"));
    let code = code(AUTHORITY);
    desk.does(
        AUTHORITY,
        &format!("credit import {name} --store store --publish published --source {code} --class penalty.brief --classes classes.toml --calendar days.toml"),
    );
}

/// What the bank sees of the company's items in batches: id, whether it is disputed, and how many have ended.
fn seen(desk: &Desk<'_>, n: usize) -> (Vec<(String, bool)>, u64) {
    let take = format!(
        "credit view take {COMPANY} --purpose check --law 行政处罚法 --store store --package seen{n}.view"
    );
    let view = desk.place.ends(&desk.line(CENTRE, &take), 0, &[]).json();
    desk.place.ok(&format!("credit view check seen{n}.view --trust trust"));
    let item = |item: &serde_json::Value| {
        (item["item"].as_str().unwrap().to_owned(), item["disputed"] == true)
    };
    let items = view["items"].as_array().unwrap().iter().map(item).collect();
    (items, view["ended"].as_u64().unwrap())
}

#[test]
fn an_item_of_a_batch_is_answered_to_and_its_source_carries_out_what_is_decided() {
    let _turn = turn();
    let cluster = Cluster::start();
    let desk = founded(&cluster);
    let place = desk.place;
    imported(&desk, "first.csv", &[row("A", "", "", ""), row("B", "", "", "")].concat());
    let (items, _) = seen(&desk, 1);
    let [(first, false), (second, false)] = &items[..] else { panic!("{items:?}") };

    // Whoever has the published batch proves the item; what is not in it is none.
    let object = |record: &str| {
        format!(
            "credit case object {record} --batches published --statement papers/statement.txt --calendar days.toml"
        )
    };
    let stranger = "0".repeat(64);
    place.ends(&desk.line(BANK, &object(&stranger)), 2, &[&stranger]);
    let case = desk.does(BANK, &object(first));
    let again = object(first).replace("statement.txt", "case.txt");
    desk.refused(BANK, &again, &["OBJECTION_OPEN", &case]);
    assert_eq!(desk.status(&case), "open");
    let (marked, _) = seen(&desk, 2);
    assert_eq!(marked, [(first.clone(), true), (second.clone(), false)]);
    let decide = |case: &str, how: &str| {
        format!("credit case decide {case} {how} --paper papers/annulled.txt --calendar days.toml")
    };
    desk.refused(OTHER_BANK, &decide(&case, "withdraw"), &["NOT_AUTHORITY"]);
    desk.refused(CENTRE, &decide(&case, "withdraw"), &["NOT_OVERDUE"]);
    desk.refused(AUTHORITY, &decide(&case, "repair"), &["BASIS_OTHER"]);
    desk.does(AUTHORITY, &decide(&case, "withdraw"));
    assert_eq!(desk.status(&case), "ordered");
    // From the decision on it is not shown, whenever its source tells of it.
    assert_eq!(seen(&desk, 3), (vec![(second.clone(), false)], 1));

    let apply = |more: &str| format!("credit case repair {second} --batches published {more}");
    let less = EVIDENCE.replace("--evidence duty-done=papers/done.txt", "");
    desk.refused(BANK, &apply(&less), &["EVIDENCE_MISSING"]);
    let repair = desk.does(BANK, &apply(EVIDENCE));
    desk.does(AUTHORITY, &decide(&repair, "repair"));
    desk.refused(OTHER_BANK, &apply(EVIDENCE), &["ALREADY_REPAIRED", &repair]);

    // The next batch carries both out: one names its decision, the other one that is of another item.
    let today = ago(0);
    let next = [row("A", "withdraw", &today, &case), row("B", "repair", &today, &repair)].concat();
    imported(&desk, "next.csv", &next);
    let records = place.read("published/2.records");
    let ids: Vec<String> = yinxin_credit::source::Published::new(&records[..])
        .flat_map(Result::unwrap)
        .map(|bytes| yinxin_credit::source::SourceRecord::id(&bytes).to_string())
        .collect();
    let done =
        |case: &str, record: &str| format!("credit case done {case} {record} --batches published");
    desk.refused(BANK, &done(&case, second), &["BASIS_OTHER"]);
    desk.refused(BANK, &done(&case, &ids[1]), &["BASIS_OTHER"]);
    desk.refused(BANK, &format!("credit case neglected {case}"), &["NOT_OVERDUE"]);
    desk.does(BANK, &done(&case, &ids[0]));
    desk.does(AUTHORITY, &done(&repair, &ids[1]));
    assert_eq!([desk.status(&case), desk.status(&repair)], ["carried-out", "carried-out"]);
    assert_eq!(seen(&desk, 4), (vec![], 2));
    audited(&desk, &repair);
    cluster.stop_all();
}

/// An auditor holds the decisions that a batch names against the ledger, and notices a repair that names none.
fn audited(desk: &Desk<'_>, repair: &str) {
    let place = desk.place;
    let at = desk.cluster.http(AUTHORITY);
    let audit = format!(
        "--json audit check --batches published --source {} --classes classes.toml --calendar days.toml --trust trust --node {at}",
        code(AUTHORITY)
    );
    let said = place.ends(&audit, 0, &[]).json();
    assert_eq!((&said["decided"], &said["undecided"]), (&2.into(), &0.into()), "{said:#}");
    let today = ago(0);
    let more = [row("C", "", "", ""), row("D", "", "", ""), row("D", "repair", &today, "")];
    imported(desk, "more.csv", &more.concat());
    let said = place.ends(&audit, 0, &[]).json();
    assert_eq!((&said["decided"], &said["undecided"]), (&2.into(), &1.into()), "{said:#}");
    // A decision about another item is none.
    imported(desk, "false.csv", &row("C", "repair", &today, repair));
    let said = place.ends(&audit, 1, &[]).json();
    let told_first = |said: &serde_json::Value| {
        let lie = &said["lie"];
        assert_eq!((&lie["batch"], &lie["record"]), (&4.into(), &0.into()), "{said:#}");
        assert!(lie["what"].as_str().unwrap().contains(repair), "{said:#}");
        assert_eq!((&said["batches"], &said["decided"]), (&3.into(), &2.into()), "{said:#}");
    };
    told_first(&said);
    // The first lie ends the audit: what a later batch withholds is not looked at.
    imported(desk, "later.csv", &row("E", "", "", ""));
    std::fs::remove_file(place.path().join("published/5.records")).unwrap();
    told_first(&place.ends(&audit, 1, &[]).json());
}
