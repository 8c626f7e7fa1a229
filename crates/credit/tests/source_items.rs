//! What a batch may tell of an item is what the ledger lets happen to one: at import, and when an auditor executes the batch again.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that fails has failed its test")]

#[path = "rig/rows.rs"]
mod rows;

use std::io::Cursor;

use proptest::prelude::*;
use rows::{AUTHORITY, HEADER, LIST, company, follow, import_into, job, row, rules, seed, table};
use yinxin_calendar::Calendar;
use yinxin_credit::{
    ClassTable, Classes, Content, CreditItem, Error, Forms, replay_source,
    source::{
        Audit, Importer, ItemKey, Job, Manifest, MemoryStore, Rows, SourceEvent, SourceFollow,
        SourceRecord, SourceRules, SourceStore,
    },
};
use yinxin_gm::sm3;
use yinxin_merkle::wire::Wire;
use yinxin_record::{ClassCode, Date, ItemEvent, ItemStatus, OrganisationCode};

const OTHER: &str = "11990100MB0A00018B";
const COMMITMENT: &str = "commitment";
/// Of a class that one authority alone records.
const OURS: &str = "fact.ours";

fn day(text: &str) -> Date {
    Date::parse(text).unwrap()
}

/// An item of a class of the general form, with its last day.
fn item(class: &str, company: &str, number: &str, last: &str) -> String {
    let row = row(company, number).replacen(",,,", &format!(",,{class},"), 1);
    row.replace("2026-03-02,,", &format!("2026-03-02,{last},"))
}

fn by_another(row: &str) -> String {
    row.replace(AUTHORITY, OTHER)
}

/// What is imported of the rows, and why the others are not.
fn imported(rows: &[String]) -> (MemoryStore, Vec<Manifest>, Vec<&'static str>) {
    let text = format!("{HEADER}\n") + &rows.concat();
    let (store, manifests, rejects) =
        import_into(MemoryStore::default(), &text, job(1_000, 1)).unwrap();
    (store, manifests, rejects.iter().map(|reject| reject.error.code()).collect())
}

fn records(store: &MemoryStore, manifest: &Manifest) -> Vec<Vec<u8>> {
    let stored = store.records(manifest.first, manifest.batch.count()).unwrap();
    stored.into_iter().map(|s| s.record).collect()
}

/// The records as a source that keeps no rules would publish them, executed again.
fn audited(manifest: &Manifest, records: Vec<Vec<u8>>, today: &str) -> Result<(), Error> {
    let rules = rules();
    let mut audit = Audit::new(&rules, MemoryStore::default());
    audit.batch_on(&manifest.batch, day(today), [Ok(records)])
}

/// Published 2026-03-05, decided 2026-03-02: a story, and what its last row comes to. Today is 2026-11-22.
fn stories() -> Vec<(&'static str, Vec<String>, Option<&'static str>)> {
    let one = company(1);
    let told = |event, day, class| follow(event, day, class, &one, "1");
    let promise = |last| item(COMMITMENT, &one, "1", last);
    let entry = item(LIST, &one, "1", "");
    let broken = |day| vec![promise("2027-03-02"), told("break", day, COMMITMENT)];
    let after = |mut rows: Vec<String>, row: String| {
        rows.push(row);
        rows
    };
    let repaired = |day| after(broken("2026-04-01"), told("repair", day, COMMITMENT));
    let again = |day| after(repaired("2026-08-01"), told("reinstate", day, COMMITMENT));
    let twice = |day| after(again("2026-08-02"), told("repair", day, COMMITMENT));
    vec![
        ("broken", broken("2026-04-01"), None),
        (
            "a promise without a day",
            vec![promise("2027-03-02"), promise("").replace(",1,", ",2,")],
            Some("value"),
        ),
        (
            "broken when the commitment was over",
            { vec![promise("2026-06-01"), told("break", "2026-06-02", COMMITMENT)] },
            Some("date"),
        ),
        (
            "broken on its last day",
            { vec![promise("2026-06-01"), told("break", "2026-06-01", COMMITMENT)] },
            None,
        ),
        ("repaired before the minimum term after the breach", repaired("2026-06-30"), Some("date")),
        ("repaired on the first day", repaired("2026-07-01"), None),
        (
            "repaired by somebody else",
            { after(broken("2026-04-01"), by_another(&told("repair", "2026-08-01", COMMITMENT))) },
            Some("mismatch"),
        ),
        ("reinstated before its repair", again("2026-07-31"), Some("date")),
        ("reinstated on the day of its repair", again("2026-08-01"), None),
        ("repaired too soon after the reinstatement", twice("2026-11-01"), Some("date")),
        ("repaired again in time", twice("2026-11-02"), None),
        (
            "withdrawn before it was published",
            { vec![entry.clone(), told("withdraw", "2026-03-04", LIST)] },
            Some("date"),
        ),
        (
            "withdrawn after today",
            { vec![entry.clone(), told("withdraw", "2026-11-23", LIST)] },
            Some("date"),
        ),
        (
            "withdrawn by somebody else",
            { vec![entry.clone(), by_another(&told("withdraw", "2026-04-01", LIST))] },
            Some("mismatch"),
        ),
        (
            "delisted within the minimum",
            { vec![entry.clone(), told("delist", "2026-11-22", LIST)] },
            Some("date"),
        ),
        (
            "decided by one that is no recorder of the class",
            vec![item(OURS, &one, "1", ""), by_another(&item(OURS, &one, "2", ""))],
            Some("value"),
        ),
        (
            "corrected and withdrawn after its end",
            {
                let ended = item("inspection", &one, "1", "2026-06-01");
                vec![ended, told("withdraw", "2026-07-01", "inspection")]
            },
            None,
        ),
    ]
}

#[test]
fn a_batch_obeys_the_rules_of_items_at_import_and_in_an_audit() {
    for (why, rows, refused) in stories() {
        let (store, manifests, rejects) = imported(&rows);
        assert_eq!(rejects, refused.into_iter().collect::<Vec<_>>(), "{why}");
        let [manifest] = &manifests[..] else { panic!("{why}: one batch") };
        let mut told = records(&store, manifest);
        assert_eq!(told.len() + rejects.len(), rows.len());
        audited(manifest, told.clone(), "2026-11-22").unwrap();
        // A source that does not keep the rules publishes the last row all the same: the auditor names it.
        let Some(code) = refused else { continue };
        told.push(lie(&told, rows.last().unwrap()));
        let found = audited(manifest, told, "2026-11-22").unwrap_err();
        let Error::RecordRefused { place, why: reason, .. } = &found else { panic!("{found}") };
        assert_eq!((*place, reason.code()), (rows.len() as u64 - 1, code), "{why}");
    }
}

/// The record of a row about the item of the records, or of another one like it, whatever the rules say of it.
fn lie(told: &[Vec<u8>], row: &str) -> Vec<u8> {
    let cells: Vec<&str> = row.trim().split(',').collect();
    let mut record = SourceRecord::from_der(&told[0]).unwrap();
    if cells[0].is_empty() {
        record.item = ItemKey([1; 16]);
        if let SourceEvent::Record(item) = &mut record.event {
            item.authority = OrganisationCode::new(cells[13]).unwrap();
            item.until = None;
        }
        return record.to_der();
    }
    let event = ItemEvent::ALL.iter().copied().find(|event| event.name() == cells[0]).unwrap();
    followed(&record, event, day(cells[1]), cells[13]).to_der()
}

/// A source that goes back in time is refused where the rules bound it, and counted where they do not.
#[test]
fn what_a_batch_tells_of_days_long_past_is_bounded_and_counted() {
    let rows = |n, number: &str| format!("{HEADER}\n{}", row(&company(n), number));
    let (store, first, _) =
        import_into(MemoryStore::default(), &rows(1, "1"), job(1_000, 1)).unwrap();
    let other = Job { input: sm3::digest(b"other"), ..job(1_000, 1) };
    let (store, second, _) = import_into(store, &rows(2, "2"), other).unwrap();
    let batches = [&first[0], &second[0]];
    let audit = |rules: &SourceRules, days: [&str; 2]| {
        let mut audit = Audit::new(rules, MemoryStore::default());
        for (manifest, on) in batches.into_iter().zip(days) {
            audit.batch_on(&manifest.batch, day(on), [Ok(records(&store, manifest))])?;
        }
        Ok::<_, Error>(audit.backdated())
    };
    // Both were published 2026-03-05.
    assert_eq!(audit(&rules(), ["2026-03-05", "2026-11-22"]), Ok(0));
    assert_eq!(audit(&rules(), ["2026-03-06", "2026-11-22"]), Ok(1));
    assert_eq!(audit(&rules().within(5), ["2026-03-05", "2026-03-10"]), Ok(0));
    let found = audit(&rules().within(5), ["2026-03-05", "2026-03-11"]).unwrap_err();
    assert!(matches!(&found, Error::RecordRefused { why, .. } if why.code() == "date"), "{found}");
    let found = audit(&rules(), ["2026-03-04", "2026-11-22"]).unwrap_err();
    assert!(matches!(&found, Error::RecordRefused { why, .. } if why.code() == "date"), "{found}");
}

/// One source publishes for several: each has its own count, and what came on the ledger months after it says it was published is late by
/// the ledger's day. What was decided before the first batch is history, and late by no block.
#[test]
fn each_authority_has_its_own_count_and_the_block_its_own_day() {
    const OTHER: &str = "11330105002500287C";
    let row = |n: u32, decided: &str, published: &str, authority: &str| {
        let who = company(n);
        format!(",,,{published},,02,{who},某公司,{n},检查合格,{decided},,某局,{authority}\n")
    };
    // Inspections are to be published within seven working days, here.
    let text = include_str!("../data/classes.toml");
    let (before, after) = text.split_once("code = \"inspection\"").unwrap();
    let after = after.replacen("limits = {", "limits = { publish_days = 7,", 1);
    let table = ClassTable::from_toml(&format!("{before}code = \"inspection\"{after}")).unwrap();
    let source = OrganisationCode::new(AUTHORITY).unwrap();
    let rules = SourceRules::new(source, table, Calendar::china().unwrap());
    let first = row(1, "2026-01-05", "2026-03-05", AUTHORITY);
    let later = [
        row(2, "2026-05-13", "2026-05-14", AUTHORITY),
        row(3, "2026-04-07", "2026-05-20", OTHER),
        row(4, "2026-04-07", "2026-04-08", OTHER),
    ];
    let (mut store, mut batches) = (MemoryStore::default(), Vec::new());
    for told in [first, later.concat()] {
        let job = Job { input: sm3::digest(told.as_bytes()), ..job(1_000, 1) };
        let forms = Forms::standard().unwrap();
        let mut importer = Importer::open(&rules, &forms, seed(), store, job).unwrap();
        let mut rows = Rows::csv(Cursor::new(format!("{HEADER}\n{told}").into_bytes())).unwrap();
        let mut rejects = Vec::new();
        let batch = importer.next_batch(&mut rows, &mut rejects, &mut |_| {}).unwrap();
        assert_eq!(rejects, []);
        store = importer.into_store();
        batches.extend(batch);
    }
    let counts = |days: [&str; 2]| {
        let mut audit = Audit::new(&rules, MemoryStore::default());
        for (manifest, on) in batches.iter().zip(days) {
            let told = [Ok(records(&store, manifest))];
            audit.batch_on(&manifest.batch, day(on), told).unwrap();
        }
        let of = |code: &str| {
            let found = audit.punctualities().of[&OrganisationCode::new(code).unwrap()];
            [found.due, found.late, found.due_since, found.anchored_late]
        };
        assert_eq!(audit.punctualities().of.len(), 2);
        [of(AUTHORITY), of(OTHER)]
    };
    assert_eq!(counts(["2026-04-07", "2026-05-20"]), [[2, 1, 1, 0], [2, 1, 2, 2]]);
    assert_eq!(counts(["2026-04-08", "2026-11-22"]), [[2, 1, 1, 1], [2, 1, 0, 0]]);
    let [due, late] =
        batches.iter().fold([0, 0], |[due, late], m| [due + m.batch.due(), late + m.batch.late()]);
    assert_eq!([due, late], [4, 2], "as the batches count themselves");
}

/// The decisions that a batch names are judged before the next batch is executed, and held no longer.
#[test]
fn decisions_are_taken_batch_by_batch() {
    let named = |n: u32| sm3::digest(&n.to_be_bytes());
    let header = HEADER.replacen("day,", "day,decision,", 1);
    let (mut store, mut batches) = (MemoryStore::default(), Vec::new());
    for n in [1, 2] {
        let told = follow("withdraw", "2026-04-01", "", &company(n), "1");
        let told = told.replacen("01,", &format!("01,{},", named(n)), 1);
        let text = format!("{header}\n{}{told}", row(&company(n), "1").replacen(',', ",,", 1));
        let job = Job { input: sm3::digest(text.as_bytes()), ..job(1_000, 1) };
        let (after, manifests, rejects) = import_into(store, &text, job).unwrap();
        assert_eq!((manifests.len(), rejects.len()), (1, 0), "{text}");
        store = after;
        batches.extend(manifests);
    }
    let rules = rules();
    let mut audit = Audit::new(&rules, MemoryStore::default());
    for (n, manifest) in (1..).zip(&batches) {
        let told = [Ok(records(&store, manifest))];
        audit.batch_on(&manifest.batch, day("2026-11-22"), told).unwrap();
        let taken = audit.take_decisions();
        let taken: Vec<_> = taken.iter().map(|t| (t.batch, t.place, t.decision)).collect();
        assert_eq!(taken, [(u64::from(n), 1, named(n))]);
        assert_eq!(audit.take_decisions(), []);
    }
}

/// An input that comes again changes nothing, whatever came between.
#[test]
fn each_input_has_a_place_of_its_own() {
    let one = company(1);
    let told = |event, day| follow(event, day, LIST, &one, "1");
    let rows = [item(LIST, &one, "1", ""), told("withdraw", "2026-04-01")];
    let (x, y) = (format!("{HEADER}\n{}", rows.concat()), format!("{HEADER}\n{}", row(&one, "2")));
    let job = |name: &[u8]| Job { input: sm3::digest(name), ..job(1, 1) };
    let mut store = MemoryStore::default();
    for (name, text, batches) in [("x", &x, 2), ("y", &y, 1), ("x", &x, 0), ("y", &y, 0)] {
        let (after, manifests, rejects) = import_into(store, text, job(name.as_bytes())).unwrap();
        assert_eq!((manifests.len(), rejects.len()), (batches, 0), "{name}");
        store = after;
    }
    // Of the input at hand nothing can be taken back but the newest batch.
    let (rules, forms) = (rules(), Forms::standard().unwrap());
    for (name, last) in [("x", false), ("y", true), ("z", false)] {
        let store = store.clone();
        let importer = Importer::open(&rules, &forms, rows::seed(), store, job(name.as_bytes()));
        assert_eq!(importer.unwrap().is_last(), last, "{name}");
    }
    // Copied into another file, what was told once is refused: each record, and each thing that happened.
    let (_, manifests, rejects) = import_into(store, &x, job(b"copy")).unwrap();
    assert_eq!(manifests, []);
    assert_eq!(rejects.iter().map(|r| r.error.code()).collect::<Vec<_>>(), ["recorded"; 2]);
}

/// What happens to an item again and again on one day is told once.
#[test]
fn a_follow_up_comes_once() {
    let one = company(1);
    let fixed = |text: &str| {
        let row = row(&one, "1").replace("检查合格", text);
        row.replacen(",,,2026-03-05", "correct,2026-04-01,,2026-03-05", 1)
    };
    let rows = [row(&one, "1"), fixed("甲"), fixed("乙"), fixed("甲")];
    let (.., rejects) = imported(&rows);
    assert_eq!(rejects, ["recorded"]);
}

/// What has ended does not come back by another spelling of its number, and is found by each.
#[test]
fn one_number_is_one_item_however_it_is_spelt() {
    let one = company(1);
    let rows = [
        item(LIST, &one, "b-1", ""),
        item(LIST, &one, "B－1", ""),
        follow("withdraw", "2026-04-01", LIST, &one, "Ｂ- 1"),
        item(LIST, &one, " B—1", ""),
        item(LIST, &one, "B1", ""),
    ];
    let (_, manifests, rejects) = imported(&rows);
    assert_eq!(rejects, ["recorded"; 2]);
    assert_eq!(manifests[0].batch.count(), 3);
}

fn followed(record: &SourceRecord, event: ItemEvent, day: Date, by: &str) -> SourceRecord {
    let mut record = record.clone();
    let authority = yinxin_record::OrganisationCode::new(by).unwrap();
    record.event =
        SourceEvent::Follow(SourceFollow { event, authority, day, content: None, decision: None });
    record
}

/// An entry of a list, published on a day, and what follows on it.
fn told(published: Date, follows: &[(ItemEvent, Date)]) -> Vec<SourceRecord> {
    let (store, manifests, _) = imported(&[item(LIST, &company(1), "1", "")]);
    let mut first = SourceRecord::from_der(&records(&store, &manifests[0])[0]).unwrap();
    if let SourceEvent::Record(item) = &mut first.event {
        item.published = published;
    }
    let follows = follows.iter().map(|(event, day)| followed(&first, *event, *day, AUTHORITY));
    let follows: Vec<_> = follows.collect();
    core::iter::once(first).chain(follows).collect()
}

fn as_of(records: &[SourceRecord], at: Date) -> Option<CreditItem> {
    let table = table();
    let classes: Classes = table
        .classes()
        .map(|c| (c.reference.clone(), table.publish(c, &Forms::standard().unwrap()).unwrap()))
        .collect();
    let items = replay_source(&classes, at.start(), records).items;
    assert!(items.len() <= 1);
    items.into_iter().next()
}

/// Batches of before may say that something happened to an item that was not published yet.
#[test]
fn a_past_view_passes_over_what_was_not_published_yet() {
    let records = told(day("2026-10-20"), &[(ItemEvent::Withdraw, day("2026-10-10"))]);
    assert_eq!(as_of(&records, day("2026-10-15")), None);
    let found = as_of(&records, day("2026-10-20")).unwrap();
    assert_eq!(found.status, ItemStatus::Withdrawn);
}

#[test]
fn a_reinstated_item_has_its_minimum_term_anew() {
    let (repaired, again) = (day("2027-04-01"), day("2027-05-01"));
    let events = [(ItemEvent::Repair, repaired), (ItemEvent::Reinstate, again)];
    let records = told(day("2026-03-05"), &events);
    let minimum = |at| as_of(&records, at).unwrap().minimum;
    assert_eq!(minimum(repaired), day("2027-03-02"), "a year from the decision");
    assert_eq!(minimum(again), again.plus_months(12));
}

/// A source that keeps no rules records an item whose term is over once more: a view has one item, the first, and does not show it.
#[test]
fn what_is_over_does_not_come_back_by_a_second_record() {
    let mut records = told(day("2026-03-05"), &[]);
    let first = as_of(&records, day("2026-03-05")).unwrap();
    let later = day("2029-03-05");
    let mut again = records[0].clone();
    let SourceEvent::Record(item) = &mut again.event else { panic!("no item") };
    (item.decided, item.published, item.content) = (later, later, sm3::digest(b"anew"));
    records.push(again);
    let follow = followed(&records[0], ItemEvent::Repair, later.plus_months(13), AUTHORITY);
    for follows in [vec![], vec![follow]] {
        let records = [&records[..], &follows].concat();
        for at in [later, later.plus_months(14)] {
            // `as_of` has found one item at most.
            let seen = as_of(&records, at).unwrap();
            assert_eq!((&seen, seen.is_shown(at.start())), (&first, false));
        }
    }
    let last = day("2029-03-01");
    assert!(as_of(&records, last).unwrap().is_shown(last.start()), "its own term is what it was");
}

/// The form changed with the law: rows of decisions before that day are read as they were filled in then.
#[test]
fn a_row_is_read_by_the_form_of_the_version_that_judges_it() {
    let form = |id: &str, decided: &str| {
        let field = |code: &str, rest: &str| {
            format!("[[form.field]]\ncode = \"{code}\"\nname = \"{code}\"\n{rest}\n")
        };
        [
            format!("[[form]]\nid = \"{id}\"\nname = \"{id}\"\nsource = \"test\"\n"),
            field("LB", "kind = \"code\"\ncode_set = \"type\"\nrequired = true\nrole = \"type\""),
            field("SHXYM", "kind = \"credit-code\"\nrole = \"subject\""),
            field("BH", "kind = \"text\"\nmax = 20\nrequired = true\nrole = \"number\""),
            field("NR", &format!("kind = \"text\"\nmax = {}", if id == "old" { 20 } else { 4 })),
            field(decided, "kind = \"date\"\nrequired = true\nrole = \"decided\""),
            field("JGDM", "kind = \"credit-code\"\nrequired = true\nrole = \"authority\""),
        ]
        .concat()
    };
    let set = "[[code_set]]\nid = \"type\"\nsource = \"test\"\ncodes = { \"02\" = \"法人\" }\n";
    let forms =
        Forms::from_toml(&[set, &form("old", "RQ"), &form("new", "JDRQ")].concat()).unwrap();
    let version = |n: u32, days: &str, form: &str| {
        format!(
            "[[class]]\ncode = \"fact\"\nversion = {n}\nname = \"n\"\ngroup = \"g\"\nkind = \"basic\"\ndegree = \"none\"\n\
             disclosure = \"public\"\n{days}\nlaws = [\"a\"]\nform = \"{form}\"\nterm = {{ base = \"decision\", min_months = 0 }}\n\
             limits = {{ age_days = 9999, objection_days = 5, withdraw_days = 3 }}\nbatch = 100\nsource = \"s\"\n"
        )
    };
    let old = "valid_from = \"2020-01-01\"\nvalid_until = \"2026-01-01\"";
    let table = [
        "table = \"t\"\n".to_owned(),
        version(1, old, "old"),
        version(2, "valid_from = \"2026-01-01\"", "new"),
    ];
    let table = ClassTable::from_toml(&table.concat()).unwrap();
    let rules = SourceRules::new(
        OrganisationCode::new(AUTHORITY).unwrap(),
        table,
        Calendar::china().unwrap(),
    );
    let class = ClassCode::new("fact").unwrap();
    let job = Job { class: Some(class), ..job(100, 1) };
    let row = |number: &str, text: &str, old: &str, new: &str| {
        format!(",,2026-03-05,02,{},{number},{text},{old},{new},{AUTHORITY}\n", company(1))
    };
    let long = "十个字以内的内容";
    let text = [
        "event,day,published,LB,SHXYM,BH,NR,RQ,JDRQ,JGDM\n".to_owned(),
        row("1", long, "2025-12-31", ""),
        row("2", "内容", "", "2026-01-01"),
        row("3", long, "", "2026-01-01"),
        row("4", "内容", "2026-01-01", ""),
        row("5", "内容", "", "2025-12-31"),
        format!(
            "correct,2026-03-06,,02,{},1,更正后的内容八字,2025-12-31,,{AUTHORITY}\n",
            company(1)
        ),
        format!("withdraw,2026-03-07,,02,{},2,,,,{AUTHORITY}\n", company(1)),
    ];
    let text = text.concat();
    let mut importer = Importer::open(&rules, &forms, seed(), MemoryStore::default(), job).unwrap();
    let mut rows = Rows::csv(std::io::Cursor::new(text.into_bytes())).unwrap();
    let mut rejects = Vec::new();
    let manifest = importer.next_batch(&mut rows, &mut rejects, &mut |_| {}).unwrap().unwrap();
    let lines: Vec<u64> = rejects.iter().map(|r| r.line).collect();
    assert_eq!(
        lines,
        [4, 5, 6],
        "too long for its form; a day in the other form's column: {rejects:?}"
    );
    let counts: Vec<_> =
        manifest.batch.counts.iter().map(|c| (c.class.version, c.count, c.due)).collect();
    assert_eq!(counts, [(1, 2, 0), (2, 2, 0)]);
    let store = importer.into_store();
    let contents: Vec<_> = store
        .records(0, 4)
        .unwrap()
        .iter()
        .filter(|stored| !stored.content.is_empty())
        .map(|stored| Content::from_der(&stored.content).unwrap().form().to_owned())
        .collect();
    assert_eq!(contents, ["old", "new", "old"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever days a source once told, each day has a view; where they rise, the last day has all of them.
    #[test]
    fn no_days_of_a_source_make_a_view_fail(
        published in 0_u32..40, days in prop::array::uniform4(0_u32..40), at in 0_u32..50,
    ) {
        use ItemEvent::{Reinstate, Repair, Withdraw};
        let begun = day("2026-10-01");
        let events = [Repair, Reinstate, Repair, Withdraw];
        let on = |days: [u32; 4]| {
            let days = days.map(|n| begun.plus_days(n));
            told(begun.plus_days(published), &events.into_iter().zip(days).collect::<Vec<_>>())
        };
        let found = as_of(&on(days), begun.plus_days(at));
        prop_assert_eq!(found.is_some(), published <= at);
        let mut rising = days;
        rising.sort_unstable();
        let last = as_of(&on(rising), begun.plus_days(50)).unwrap();
        prop_assert_eq!(last.status, ItemStatus::Withdrawn);
    }
}
