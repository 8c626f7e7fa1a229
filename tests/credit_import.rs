//! A source of thousands over four nodes: imported in batches, killed on the way, published, executed again by an auditor; whatever the
//! ledger refuses loses nothing, and a source that lies is found.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::{
    collections::BTreeMap,
    process::Stdio,
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use yinxin_credit::{
    ClassTable, Forms,
    source::{
        Audit, ItemKey, Lookup, MemoryStore, Published, SourceEvent, SourceItem, SourceRecord,
        SourceRules,
    },
};
use yinxin_gm::{Digest, sm3};
use yinxin_merkle::{
    log,
    pages::{Top, Tops, page_of},
    state::Leaf,
};
use yinxin_receipt::{StatusProof, Subject as Proof};
use yinxin_record::{
    Act, BatchState, ClassCode, ClassCount, CreditAct, CreditBatch, Date, EventChain,
    OrganisationCode, Record, SourceState, Subject, Wire, state_key,
};
use yinxin_sharing::calendar::Calendar;
use yinxin_tests::{
    cluster::{Cluster, DEPARTMENTS, proven},
    liar::withholding,
    place::Place,
    root,
};
use yinxin_verdict::UnixTime;

/// Rows of the CSV, the header not counted; rows of a batch.
const ROWS: usize = 3_000;
const BATCH: usize = 500;
/// Every so many rows of the CSV are bad.
const BAD: usize = 100;
/// Rows of the JSON lines, which a repeated item and a line that is no JSON follow.
const JSON_ROWS: usize = 700;

fn source() -> OrganisationCode {
    OrganisationCode::new(DEPARTMENTS[0].0).unwrap()
}

/// Credit codes with check characters, as many as are asked for.
fn company(n: usize) -> String {
    const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let body = format!("91330100{n:09}");
    let value = |b: u8| ALPHABET.iter().position(|a| *a == b).unwrap();
    let (sum, _) = body.bytes().fold((0, 1), |(sum, w), b| (sum + value(b) * w, w * 3 % 31));
    format!("{body}{}", char::from(ALPHABET[(31 - sum % 31) % 31]))
}

/// Some companies have many records, most have few.
fn of(row: usize) -> String {
    company(if row.is_multiple_of(5) { row % 7 } else { row % 900 })
}

fn inspected(row: usize) -> String {
    let (company, code) = (of(row), source());
    format!("2026-03-05,02,{company},某公司,no-{row},检查合格,2026-03-02,某局,{code}\n")
}

/// Good and bad rows.
fn materials(place: &Place) {
    let header = "published,LB,SHXYM,MC,BH,NR,RQ,JG,JGDM\n";
    let mut csv = header.to_owned();
    for row in 0..ROWS {
        let good = inspected(row);
        csv += &match row % BAD {
            7 => good.replace("2026-03-02", "2026-03-06"),
            23 => good.replace(&of(row), "913301000000000001"),
            _ => good,
        };
    }
    place.write("inspections.csv", csv);
    let json = |row: usize| {
        let (company, code) = (of(row), source());
        format!(
            "{{\"published\":\"2026-04-01\",\"LB\":\"02\",\"SHXYM\":\"{company}\",\"MC\":\"某公司\",\"BH\":\"no-{row}\",\"NR\":\"检查合格\",\"RQ\":\"2026-03-30\",\"JG\":\"某局\",\"JGDM\":\"{code}\"}}\n"
        )
    };
    let lines: String = (ROWS..ROWS + JSON_ROWS).map(json).collect();
    place.write("inspections.jsonl", format!("{lines}{}{{\"LB\"\n", json(1)));
    let titles: String = (0..150).map(inspected).collect();
    place.write("titles.csv", format!("{header}{titles}"));
}

/// The nation's table, but titles come in batches of a hundred at most and are to be published within a working day.
fn table(place: &Place) -> ClassTable {
    let text = std::fs::read_to_string(root().join("crates/credit/data/classes.toml")).unwrap();
    let (before, titles) = text.split_once("code = \"title\"").unwrap();
    let titles = titles.replacen("batch = 100000000", "batch = 100", 1);
    let titles = titles.replacen("limits = {", "limits = { publish_days = 1,", 1);
    let text = format!("{before}code = \"title\"{titles}");
    place.write("classes.toml", &text);
    ClassTable::from_toml(&text).unwrap()
}

struct Town {
    cluster: Cluster,
    table: ClassTable,
}

impl Town {
    fn start() -> Self {
        let cluster = Cluster::start();
        materials(cluster.place());
        let table = table(cluster.place());
        Self { cluster, table }
    }

    fn place(&self) -> &Place {
        self.cluster.place()
    }

    /// The third department publishes a class of the table.
    fn publish(&self, class: &str) {
        let class = self.table.newest(&ClassCode::new(class).unwrap()).unwrap();
        let act = Act::Credit(CreditAct::PublishClass(
            self.table.publish(class, &Forms::standard().unwrap()).unwrap(),
        ));
        let record = self.cluster.signer(3).act(class.reference.code.as_str(), act, 1_000);
        self.cluster.post(1, &record.to_der()).unwrap();
    }

    fn at(&self) -> String {
        format!("--trust trust --node {}", self.cluster.http(1))
    }

    /// The line that imports a file.
    fn import(&self, file: &str, class: &str, more: &str) -> String {
        let (source, at) = (source(), self.at());
        format!(
            "--json credit import {file} --class {class} --store store --source {source} --batch {BATCH} --publish published \
             --key n1/org.key --cert n1/org.cer --password-file pw {at} {more}"
        )
    }

    fn audit(&self) -> String {
        let (source, at) = (source(), self.at());
        format!(
            "--json audit check --batches published --source {source} --classes classes.toml {at}"
        )
    }

    fn rules(&self) -> SourceRules {
        SourceRules::new(source(), self.table.clone(), Calendar::china().unwrap())
    }
}

#[test]
fn thousands_of_records_are_imported_killed_published_and_audited() {
    let town = Town::start();
    refused_and_nothing_lost(&town);
    killed_and_gone_on(&town);
    let batches = anchored(&town);
    found_with_its_proof(&town, &batches);
    audited(&town);
    another_store(&town);
    // The source itself lies: what it anchors last gives a company one record more than it published.
    lies_on_the_ledger(&town, &batches);
    let found = town.place().ends(&town.audit(), 1, &[]).json();
    told(&found, batches.len() as u64 + 1, "digest", "root after");
    town.cluster.stop_all();
    let line = format!(
        "--json audit check n4 --batches published --source {} --classes classes.toml --work audited",
        source()
    );
    let found = town.place().ends(&line, 1, &[]).json();
    told(&found, batches.len() as u64 + 1, "digest", "root after");
    assert_eq!(found["batches"], batches.len(), "those before hold: {found}");
    town.place().ends(&line, 2, &["empty folder"]);
}

/// On a terminal a bar moves over the file; a log has a line for each batch; a program that reads JSON has neither.
#[test]
fn how_far_an_import_is_is_told_on_a_terminal_and_in_a_log() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(folder.path());
    materials(&place);
    table(&place);
    let source = source();
    let line = |store: &str, more: &str| {
        format!(
            "{more} credit import titles.csv --class title --store {store} --source {source} --batch 60 --classes classes.toml"
        )
    };
    let said = place.ends(&line("log", ""), 0, &[]);
    let length = place.read("titles.csv").len();
    let told: Vec<&str> = said.err.lines().filter(|line| line.starts_with("batch ")).collect();
    assert_eq!(told.len(), 3, "{said:?}");
    for (told, begins) in
        told.iter().zip(["batch 1: 60 records", "batch 2: 60 records", "batch 3: 30 records"])
    {
        assert!(told.starts_with(begins) && told.contains(&format!("of {length} bytes")), "{told}");
    }
    assert!(told[2].ends_with("(100 %)") && !told[1].contains("(100 %)"), "{told:?}");
    for (store, quiet) in [("json", "--json"), ("quiet", "--quiet")] {
        let said = place.ends(&line(store, quiet), 0, &[]);
        assert!(!said.err.contains("batch 1"), "{said:?}");
    }

    // util-linux gives it a terminal.
    let program = place.command::<&str>(&[]).get_program().to_owned();
    let typed = format!("{} {}", program.to_str().unwrap(), line("terminal", ""));
    let output = place
        .shell("script")
        .args(["-qec", &typed, "/dev/null"])
        .env("TERM", "xterm")
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{shown}");
    assert!(
        shown.contains("importing, bytes [") && shown.contains(&format!("/{length} ")),
        "{shown:?}"
    );
    assert!(!shown.contains("batch 1:"), "the bar tells it: {shown:?}");
}

/// Classes that are not published, and more than a class takes: told with what to do, and the same rows go in afterwards.
fn refused_and_nothing_lost(town: &Town) {
    let place = town.place();
    town.publish("inspection");
    let titles = town.import("titles.csv", "title", "");
    place.ends(&titles, 1, &["CLASS_UNKNOWN", "taken back", "credit publish"]);
    town.publish("title");
    // The program's own table allows what the published one does not.
    place.ends(&titles, 1, &["BATCH_VOLUME", "taken back", "--batch"]);
    assert!(!place.file("published/1.records").exists());
    let done = place.ends(&format!("{titles} --classes classes.toml --batch 90"), 2, &[]);
    assert!(done.err.contains("--batch"), "an option is given once: {done:?}");
    let own = titles.replace(&format!("--batch {BATCH}"), "--batch 90 --classes classes.toml");
    // A form of another shape than the published one would make contents that nobody can read by the law of their day.
    let forms = include_str!("../crates/credit/data/forms.toml");
    let altered = forms.replace("max = 4000", "max = 4001");
    assert_ne!(altered, forms);
    place.write("forms.toml", altered);
    place.ends(&format!("{own} --forms forms.toml"), 2, &["form", "taken back", "--forms"]);
    refused_by_one_node_alone(town, &own);
}

/// A node refuses a batch, keeps its record, and sends it once other batches were made of the same rows.
fn refused_by_one_node_alone(town: &Town, line: &str) {
    let place = town.place();
    let (door, kept) = withholding(town.cluster.http(1), "CLASS_UNKNOWN");
    place.ends(&line.replace(town.cluster.http(1), &door), 1, &["CLASS_UNKNOWN", "taken back"]);
    let (before, _) = line.split_once("--key").unwrap();
    let smaller = before.replace("--batch 90", "--batch 40");
    let done = place.ends(&smaller, 0, &[]).json();
    assert_eq!((done["records"].as_u64(), done["sequence"].as_u64()), (Some(150), Some(4)));
    let record = kept.lock().unwrap()[0].clone();
    town.cluster.post(1, &record).unwrap();
    // The batch that the ledger has is the source's again, with its ninety rows; the rest goes on behind it.
    let done = place.ends(line, 0, &[]).json();
    assert_eq!((done["records"].as_u64(), done["total"].as_u64()), (Some(60), Some(150)));
    assert_eq!((done["sequence"].as_u64(), done["anchored"].as_u64()), (Some(2), Some(2)));
    // What was published of the batches that made way is gone: auditors find the ledger's.
    assert_eq!([1, 2].map(|n| published(place, n).len()), [90, 60]);
    assert!(![3, 4].iter().any(|n| place.file(&format!("published/{n}.records")).exists()));
}

/// Kill -9 again and again: no record is lost, none comes twice.
fn killed_and_gone_on(town: &Town) {
    let place = town.place();
    let line = town.import("inspections.csv", "inspection", "--classes classes.toml");
    let words: Vec<_> = line.split_whitespace().collect();
    let mut killed = 0;
    for (batch, pause) in [(3, 0), (4, 40), (6, 300)] {
        let mut process =
            place.command(&words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let begun = Instant::now();
        let file = place.file(&format!("published/{batch}.records"));
        while !file.exists() && process.try_wait().unwrap().is_none() {
            assert!(begun.elapsed() < Duration::from_secs(60), "no batch {batch}");
            std::thread::sleep(Duration::from_millis(2));
        }
        std::thread::sleep(Duration::from_millis(pause));
        killed += u32::from(process.try_wait().unwrap().is_none());
        let _ = process.kill();
        process.wait().unwrap();
    }
    assert!(killed >= 2, "the import was too fast to be killed");
    let done = place.ends(&line, 4, &[]).json();
    let bad = 2 * ROWS / BAD;
    assert_eq!((done["rejected"].as_u64(), done["total"].as_u64()), (Some(60), Some(3_090)));
    assert_eq!((bad, 150 + ROWS - bad), (60, 3_090));
    let rejects = String::from_utf8(place.read("inspections.csv.rejects.jsonl")).unwrap();
    let rejects: Vec<serde_json::Value> =
        rejects.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let expected = (0..ROWS).filter_map(|row| match row % BAD {
        7 => Some((row as u64 + 2, "date", "2026-03-06")),
        23 => Some((row as u64 + 2, "value", "913301000000000001")),
        _ => None,
    });
    assert_eq!(rejects.len(), bad);
    for ((line, code, word), reject) in expected.zip(&rejects) {
        assert_eq!((reject["line"].as_u64(), reject["code"].as_str()), (Some(line), Some(code)));
        assert!(reject["reason"].as_str().unwrap().contains(word), "{reject}");
    }
    // Once more changes nothing.
    let again = place.ends(&line, 4, &[]).json();
    assert_eq!((again["records"].as_u64(), &again["root"]), (Some(0), &done["root"]));
    let json = town.import("inspections.jsonl", "inspection", "--classes classes.toml");
    let done = place.ends(&json, 4, &[]).json();
    assert_eq!((done["records"].as_u64(), done["rejected"].as_u64()), (Some(700), Some(2)));
    let rejects = String::from_utf8(place.read("inspections.jsonl.rejects.jsonl")).unwrap();
    assert!(rejects.contains("\"recorded\"") && rejects.contains("no-1"), "{rejects}");
}

/// What the ledger's state has under a key.
fn state<T: Wire>(town: &Town, key: &[u8]) -> T {
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let answer = town.cluster.get(1, &format!("/v1/state/{hex}")).unwrap();
    let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
    let der = STANDARD.decode(answer["der"].as_str().unwrap()).unwrap();
    T::from_der(&StatusProof::from_der(&der).unwrap().value.unwrap()).unwrap()
}

/// The batches that the ledger has.
fn anchored(town: &Town) -> Vec<CreditBatch> {
    let last: SourceState = state(town, &state_key::credit_source(&source()));
    assert_eq!(last.records, 3_790, "none is lost, none twice");
    let batch = |sequence| {
        let told: BatchState = state(town, &state_key::credit_batch(&source(), sequence));
        let receipt = town.cluster.receipt(1, &told.record).unwrap();
        let (Proof::Record(record), ..) = proven(&receipt) else { panic!("no record") };
        match Record::from_der(&record).unwrap().tbs.act {
            Act::Credit(CreditAct::Batch(batch)) => batch,
            other => panic!("{other:?}"),
        }
    };
    (1..=last.sequence).map(batch).collect()
}

/// The records of a published batch.
fn published(place: &Place, sequence: u64) -> Vec<Vec<u8>> {
    let bytes = place.read(&format!("published/{sequence}.records"));
    Published::new(&bytes[..]).collect::<Result<Vec<_>, _>>().unwrap().concat()
}

/// Whoever has the published files finds a company's records, with the proof under the root on the ledger.
fn found_with_its_proof(town: &Town, batches: &[CreditBatch]) {
    let rules = town.rules();
    let mut audit = Audit::new(&rules, MemoryStore::default());
    for batch in batches {
        audit.batch(batch, [Ok(published(town.place(), batch.sequence))]).unwrap();
    }
    let store = audit.into_store();
    let lookup = Lookup::open(&store, batches.len() as u64).unwrap();
    let root = batches.last().unwrap().after;
    let subject = Subject::parse(&company(3)).unwrap();
    let found = lookup.subject(&subject).unwrap();
    found.proof.verify(&root, &subject).unwrap();
    let good = |row: &usize| row % BAD != 7 && row % BAD != 23;
    let rows = (0..ROWS).filter(good).chain(ROWS..ROWS + JSON_ROWS).chain(0..150);
    assert_eq!(found.records.len(), rows.filter(|row| of(*row) == company(3)).count());
    for (stored, position) in found.records.iter().zip(&found.positions) {
        let (manifest, index) = lookup.batch_of(*position).unwrap();
        let path = lookup.path(&manifest, index).unwrap();
        let leaf = log::leaf_hash(SourceRecord::id(&stored.record).as_bytes());
        let batch = &batches[usize::try_from(manifest.batch.sequence).unwrap() - 1];
        log::verify_inclusion(&leaf, index, batch.count(), &path, &batch.records).unwrap();
    }
    let nobody = Subject::parse(&company(5_000)).unwrap();
    let none = lookup.subject(&nobody).unwrap();
    assert!(none.records.is_empty() && none.proof.verify(&root, &nobody).is_ok());
}

/// An audit's first lie.
fn told(found: &serde_json::Value, batch: u64, code: &str, word: &str) {
    let lie = &found["lie"];
    assert_eq!((lie["batch"].as_u64(), lie["code"].as_str()), (Some(batch), Some(code)), "{found}");
    assert!(lie["what"].as_str().unwrap().contains(word), "{found}");
}

/// What was published holds; each change of it is found, and the record that breaks a rule is named.
fn audited(town: &Town) {
    let place = town.place();
    let line = town.audit();
    let found = place.ends(&line, 0, &[]).json();
    assert_eq!((found["ok"].as_bool(), found["records"].as_u64()), (Some(true), Some(3_790)));
    // All days are long past; only the first batch, of ninety, had none before it.
    assert_eq!(found["backdated"], 3_700);
    // What batches count, each authority's own; all of it was decided before the first batch.
    let batches = anchored(town);
    let [due, late] =
        [CreditBatch::due, CreditBatch::late].map(|of| batches.iter().map(of).sum::<u64>());
    assert!(due > 0 && due == late, "published on the third day: {late} of {due}");
    let counted = serde_json::json!([{
        "authority": source().to_string(), "due": due, "late": late, "due_since": 0, "anchored_late": 0,
    }]);
    assert_eq!(found["authorities"], counted);
    place.ends(&line.replace(" --classes classes.toml", ""), 2, &["title@1", "--classes"]);
    place.ends(&line.replace(DEPARTMENTS[0].0, DEPARTMENTS[2].0), 2, &["no batches"]);
    let whole = published(place, 4);
    let with = |records: &[Vec<u8>]| {
        place.write("published/4.records", records.concat());
        place.ends(&line, 1, &[]).json()
    };
    let mut records = whole.clone();
    records[9] = changed(&records[9], |item| item.decided = item.published.plus_days(1));
    let found = with(&records);
    told(&found, 4, "date", "record 9 of the batch");
    let subject = SourceRecord::from_der(&whole[9]).unwrap().subject.to_string();
    assert_eq!((&found["lie"]["record"], &found["lie"]["subject"]), (&9.into(), &subject.into()));
    assert_eq!(found["batches"], 3, "those before hold");
    let tomorrow = Date::of(UnixTime::system_now()).plus_days(1);
    records[9] = changed(&whole[9], |item| (item.decided, item.published) = (tomorrow, tomorrow));
    told(&with(&records), 4, "date", "published");
    records[9] = changed(&whole[9], |item| item.decided = item.decided.plus_days(1));
    told(&with(&records), 4, "digest", "records' root");
    told(&with(&[&whole[..9], &whole[10..]].concat()), 4, "digest", "records' root");
    told(&with(&[&whole[..10], &whole[9..]].concat()), 4, "recorded", "record 10 of the batch");
    let last = whole.len() - 1;
    told(&with(&[&whole[..last], &[whole[last][..9].to_vec()]].concat()), 4, "encoding", "");
    std::fs::remove_file(place.file("published/4.records")).unwrap();
    told(&place.ends(&line, 1, &[]).json(), 4, "not-found", "4.records");
    // What is missing is published again from the store.
    place.ends(&town.import("titles.csv", "title", "--classes classes.toml"), 0, &[]);
    place.ends(&line, 0, &[]);
}

/// A record that says something else.
fn changed(record: &[u8], change: impl Fn(&mut SourceItem)) -> Vec<u8> {
    let mut record = SourceRecord::from_der(record).unwrap();
    let SourceEvent::Record(item) = &mut record.event else { panic!("no item") };
    change(item);
    record.to_der()
}

/// A store that is not the one of which the ledger has batches neither sends nor imports anything.
fn another_store(town: &Town) {
    let line = town.import("titles.csv", "title", "--classes classes.toml");
    let line = line.replace("--store store", "--store another").replace("--publish published", "");
    town.place().ends(&line, 1, &["--store", "this store has 0"]);
    let wrong = line.replace("n1/", "n3/");
    town.place().ends(&wrong, 2, &["the source's own key"]);
}

/// The source signs a batch of one record whose state gives another company one record more than it has.
fn lies_on_the_ledger(town: &Town, batches: &[CreditBatch]) {
    let last = batches.last().unwrap();
    let ids = |sequence| {
        let records = published(town.place(), sequence).into_iter();
        records.map(|r| (SourceRecord::from_der(&r).unwrap().subject, sm3::digest(&r)))
    };
    let mut chains: BTreeMap<Subject, Vec<Digest>> = BTreeMap::new();
    for (subject, id) in batches.iter().flat_map(|batch| ids(batch.sequence)) {
        chains.entry(subject).or_default().push(id);
    }
    let root = |chains: &BTreeMap<Subject, Vec<Digest>>, liar: Option<&Subject>| {
        let mut pages: BTreeMap<u16, Vec<Leaf>> = BTreeMap::new();
        for (subject, ids) in chains {
            let mut chain = EventChain::replay(subject, ids);
            chain.count += u64::from(Some(subject) == liar);
            let key = sm3::digest(&state_key::credit_subject(subject));
            let leaf = Leaf { key, value: sm3::digest(&chain.to_der()) };
            pages.entry(page_of(&key)).or_default().push(leaf);
        }
        let mut tops = Tops::new();
        tops.set(pages.into_iter().map(|(page, mut leaves)| {
            leaves.sort_by_key(|leaf| leaf.key);
            (page, Top::of(&leaves))
        }));
        tops.root()
    };
    assert_eq!(root(&chains, None), last.after, "without the lie it is what the ledger has");
    // One more record of a company, as the source would have made it: another item of the same class.
    let template = published(town.place(), last.sequence).pop().unwrap();
    let mut record = SourceRecord::from_der(&template).unwrap();
    record.item = ItemKey::of("inspection", "one more");
    let (record, subject) = (record.to_der(), record.subject);
    town.place().write(&format!("published/{}.records", last.sequence + 1), &record);
    let id = sm3::digest(&record);
    chains.entry(subject.clone()).or_default().push(id);
    let liar = chains.keys().find(|other| **other != subject);
    let class = last.counts.last().unwrap().class.clone();
    let batch = CreditBatch {
        sequence: last.sequence + 1,
        counts: vec![ClassCount { class, count: 1, due: 0, late: 0 }],
        records: log::root([log::leaf_hash(id.as_bytes())]),
        before: last.after,
        after: root(&chains, liar),
    };
    let key = format!("credit/batch/{}", batch.sequence);
    let record = town.cluster.signer(1).act(&key, Act::Credit(CreditAct::Batch(batch)), 1_000);
    town.cluster.post(1, &record.to_der()).unwrap();
}
