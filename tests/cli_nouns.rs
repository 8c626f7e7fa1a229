//! What the command line does with a ledger that runs: a batch with rows refused or late, proofs anew, checkpoints, the service, the tour kept open.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::{fs::OpenOptions, time::Duration};

use yinxin_gm::Digest;
use yinxin_licence::{Batch, CatalogueType, Journal};
use yinxin_receipt::{Anchor, Receipt, Wire};
use yinxin_record::Record;
use yinxin_tests::{
    cluster::{Cluster, DEPARTMENTS, free_ports, wait_for},
    place::Place,
    root,
    server::{Server, get},
};

const SIGNER: &str = "--key n1/org.key --cert n1/org.cer --password-file pw";

/// The sample's type stands for the nation's; here the first department publishes it as its own.
const NATIONAL_CODE: &str = "11100000MB0143028R001";

fn sample(name: &str) -> String {
    std::fs::read_to_string(root().join("cli/sample").join(name)).unwrap()
}

/// The sample's header and its first rows.
fn rows(count: usize) -> String {
    sample("companies.csv").split_inclusive('\n').take(count + 1).collect()
}

/// The serial of a row, from 0.
fn serial(row: u64) -> String {
    (3_301_002_026_000_001 + row).to_string()
}

/// A type, a mapping, and the department's seal.
fn materials(cluster: &Cluster) -> String {
    let place = cluster.place();
    let at = format!("--node {} --trust trust", cluster.http(1));
    let code = format!("{}001", DEPARTMENTS[0].0);
    place.write("type.toml", sample("business-licence.toml").replace(NATIONAL_CODE, &code));
    place.write("columns.toml", sample("columns.toml"));
    place.ok(&format!(
        "seal make --key n2/org.key --cert n2/org.cer --password-file pw --signer n1/org.cer --name 示范市 --out seal.esl {at}"
    ));
    at
}

fn issue(csv: &str, more: &str, at: &str) -> String {
    format!(
        "licence issue --type type.toml --csv {csv} --map columns.toml --seal seal.esl {SIGNER} {at} {more}"
    )
}

#[test]
fn a_row_that_the_ledger_refuses_is_rejected_and_the_others_go_on() {
    let cluster = Cluster::start();
    let place = cluster.place();
    let at = materials(&cluster);
    place.ok(&format!("licence type publish type.toml {SIGNER} {at}"));
    place.ends("licence type show type.toml", 0, &["001"]);
    place.write("rows.csv", rows(2));
    place.ok(&issue("rows.csv", "", &at));
    // Another batch with two rows that the ledger has under their identifiers, and a new one.
    place.write("again.csv", rows(3));
    let again = issue("again.csv", "--batch again --out l2 --receipts r2 --work w2", &at);
    let said = place.run(&format!("--json {again}"));
    said.must(4, &[]);
    assert_eq!(
        (said.json()["issued"].as_u64(), said.json()["rejected"].as_u64()),
        (Some(1), Some(2))
    );
    let rejects = String::from_utf8(place.read("w2/rejects.csv")).unwrap();
    assert_eq!(rejects.lines().count(), 3, "{rejects}");
    assert!(rejects.lines().nth(1).unwrap().starts_with("2,,"), "{rejects}");
    place.ok(&format!("verify --trust trust l2/{}.ofd", serial(2)));
    // What the ledger refused would verify, so it is not among what was issued.
    assert_eq!(names(place, "l2"), [format!("{}.ofd", serial(2))]);
    assert_eq!(names(place, "r2"), [format!("{}.receipt", serial(2))]);
}

/// The files of a folder, sorted.
fn names(place: &Place, folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(place.file(folder)).unwrap();
    let mut names: Vec<_> =
        entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The files of some folders with what is in them.
fn contents(place: &Place, folders: [&str; 2]) -> Vec<(String, Vec<u8>)> {
    let paths = folders
        .into_iter()
        .flat_map(|f| names(place, f).into_iter().map(move |name| format!("{f}/{name}")));
    paths.map(|path| (path.clone(), place.read(&path))).collect()
}

/// Lost documents, before: a batch whose journal did not know them sealed new ones over them, which the ledger then refused.
#[test]
fn a_batch_never_replaces_documents_that_its_journal_does_not_know() {
    let cluster = Cluster::start();
    let place = cluster.place();
    let at = materials(&cluster);
    place.ok(&format!("licence type publish type.toml {SIGNER} {at}"));
    place.write("rows.csv", rows(2));
    place.ok(&issue("rows.csv", "", &at));
    let before = contents(place, ["licences", "receipts"]);
    assert_eq!(before.len(), 4);
    // The same rows and a new one, with a work folder that knows nothing: as if `work` had been lost.
    place.write("more.csv", rows(3));
    let again = place.run(&format!("--json {}", issue("more.csv", "--work w2", &at)));
    again.must(4, &["there already"]);
    assert_eq!(
        (again.json()["issued"].as_u64(), again.json()["rejected"].as_u64()),
        (Some(1), Some(2))
    );
    let rejects = String::from_utf8(place.read("w2/rejects.csv")).unwrap();
    assert!(rejects.contains("--work and --batch") && rejects.contains("已存在"), "{rejects}");
    let after = contents(place, ["licences", "receipts"]);
    assert_eq!(after.len(), 6);
    assert!(before.iter().all(|file| after.contains(file)), "an issued file changed");
    // A folder with something else in a row's place: nothing is submitted, and once it is out of the way all is well.
    place.write("fourth.csv", rows(4));
    place.write(&format!("licences/{}.ofd", serial(3)), "mine");
    place.ends(&issue("fourth.csv", "--work w2", &at), 4, &["line 5", "there already"]);
    assert_eq!(place.read(&format!("licences/{}.ofd", serial(3))), b"mine");
    std::fs::remove_file(place.file(&format!("licences/{}.ofd", serial(3)))).unwrap();
    let done = place.run(&format!("--json {}", issue("fourth.csv", "--work w2", &at)));
    assert_eq!(done.json()["issued"], 1);
    place.ok(&format!("verify --trust trust licences/{}.ofd", serial(3)));
}

/// "0 issued, 200 were there", and nothing was.
#[test]
fn documents_missing_in_the_output_folder_are_restored_or_told() {
    let cluster = Cluster::start();
    let place = cluster.place();
    let at = materials(&cluster);
    place.ok(&format!("licence type publish type.toml {SIGNER} {at}"));
    place.write("rows.csv", rows(2));
    place.ok(&issue("rows.csv", "", &at));
    let there = place.ends(&format!("--json {}", issue("rows.csv", "", &at)), 0, &[]).json();
    assert_eq!((there["before"].as_u64(), there["restored"].as_u64()), (Some(2), Some(0)));
    let other = issue("rows.csv", "--out l2 --receipts r2", &at);
    let restored = place.ends(&format!("--json {other}"), 0, &[]).json();
    assert_eq!((restored["before"].as_u64(), restored["restored"].as_u64()), (Some(2), Some(2)));
    for (from, to) in [("licences", "l2"), ("receipts", "r2")] {
        for name in names(place, from) {
            let [a, b] = [from, to].map(|folder| place.read(&format!("{folder}/{name}")));
            assert!(a == b, "{to}/{name} differs");
        }
    }
    place.ok(&format!("verify --trust trust l2/{}.ofd r2/{}.receipt", serial(0), serial(1)));
    // Another document in a row's place is told, and stays.
    place.write(&format!("l3/{}.ofd", serial(0)), "mine");
    let other = issue("rows.csv", "--out l3 --receipts r3", &at);
    place.ends(&other, 4, &["line 2", "there already"]);
    assert_eq!(place.read(&format!("l3/{}.ofd", serial(0))), b"mine");
    // Nothing left to restore from.
    let drafts = names(place, "work").into_iter().find(|n| n.ends_with(".documents")).unwrap();
    std::fs::remove_dir_all(place.file(&format!("work/{drafts}"))).unwrap();
    let other = issue("rows.csv", "--out l4 --receipts r4", &at);
    place.ends(&other, 4, &["0 issued", "2 rejected", "is lost"]);
    place.ends(&issue("rows.csv", "", &at), 0, &["2 were there"]);
}

#[test]
fn a_prepared_record_that_came_too_late_is_signed_anew() {
    let cluster = Cluster::start();
    let place = cluster.place();
    let at = materials(&cluster);
    place.write("rows.csv", rows(2));
    // Nobody published the type: the rows are sealed, their records signed, and refused.
    place.ends(&issue("rows.csv", "", &at), 1, &["type"]);
    let signer = cluster.signer(1);
    let kind =
        CatalogueType::from_toml(&String::from_utf8(place.read("type.toml")).unwrap()).unwrap();
    let mut paths = std::fs::read_dir(place.file("work")).unwrap().map(|e| e.unwrap().path());
    let path = paths.find(|p| p.extension().is_some_and(|e| e == "journal")).unwrap();
    let file = OpenOptions::new().read(true).write(true).open(path).unwrap();
    let batch = Batch::new(kind.digest(), DEPARTMENTS[0].0, "batch");
    let mut journal = Journal::open(file, batch).unwrap();
    let waiting: Vec<_> =
        journal.rows().iter().map(|(serial, row)| (serial.clone(), row.record.clone())).collect();
    assert_eq!(waiting.len(), 2);
    for (serial, record) in waiting {
        let mut tbs = Record::from_der(&record).unwrap().tbs;
        tbs.last_valid_height = 1;
        let record = tbs.sign(&signer.key, &mut rand_core::UnwrapErr(getrandom::SysRng)).unwrap();
        journal.resubmitted(&serial, &record.to_der()).unwrap();
    }
    journal.sync().unwrap();
    drop(journal);
    place.ok(&format!("licence type publish type.toml {SIGNER} {at}"));
    let done = place.ends(&format!("--json {}", issue("rows.csv", "", &at)), 0, &[]).json();
    assert_eq!(done["issued"], 2);
    place.ok("verify --trust trust licences/3301002026000001.ofd licences/3301002026000002.ofd");
}

#[test]
fn proofs_are_fetched_anew_and_based_on_a_checkpoint() {
    let cluster = Cluster::start();
    let place = cluster.place();
    let at = format!("--node {} --trust trust", cluster.http(2));
    place.write("paper", "a paper\n");
    let put = place.run(&format!("--json ledger put paper {SIGNER} {at} --out paper.receipt"));
    put.must(0, &[]);
    let id = put.json()["record"].as_str().unwrap().to_owned();
    place.ok(&format!("ledger get {id} {at} --out got.receipt"));
    place.ok(&format!("ledger prove paper.receipt {at} --out fresh.receipt"));
    place.ends(&format!("ledger prove paper.receipt {at} --out fresh.receipt"), 2, &["exists"]);
    place.ok(&format!("ledger prove {id} --refresh {at} --out newest.receipt"));
    place.ends(&format!("ledger get {} {at}", Digest::ZERO), 2, &["nothing"]);
    place.ends(&format!("ledger status document paper {at} --out paper.status"), 0, &["anchored"]);
    place.ends(&format!("ledger status document pw {at}"), 0, &["unknown to the ledger"]);
    place.ends(&format!("ledger status organisation {} {at}", DEPARTMENTS[0].0), 0, &["D1"]);
    place.ends(&format!("ledger status cheese x {at}"), 2, &["document"]);
    place.ok("verify --trust trust got.receipt fresh.receipt newest.receipt paper.status");

    // The departments vouch for a later point, each on its own copy.
    place.ok(&format!("ledger checkpoint new cp {at}"));
    place.ends("ledger checkpoint check cp --trust trust", 1, &["not yet signed"]);
    for n in 1..=3 {
        place.copy("cp", &format!("n{n}/cp"));
        place.ok(&format!("ledger checkpoint sign n{n}/cp --key n{n}/org.key --password-file pw"));
    }
    place.ok("ledger checkpoint add cp n1/cp n2/cp");
    place.ends("ledger checkpoint check cp --trust trust", 1, &["not yet signed"]);
    place.ok("ledger checkpoint add cp n3/cp");
    place.ok("ledger checkpoint check cp --trust trust");
    place.ok("key new stranger.key --password-file pw");
    place.ends("ledger checkpoint sign cp --key stranger.key --password-file pw", 6, &["none"]);
    place.copy("cp", "trust/ledger.checkpoint");
    place.ok(&format!("ledger prove {id} --refresh {at} --out based.receipt"));
    let based = Receipt::from_der(&place.read("based.receipt")).unwrap();
    assert!(matches!(based.anchor, Anchor::Checkpoint(_)));
    place.ends("verify --trust trust based.receipt", 0, &["VALID"]);
    // A record after the checkpoint is based on the newest header.
    place.write("later", "a later paper\n");
    place.ok(&format!("ledger put later {SIGNER} {at} --out later.receipt"));
    place.ok(&format!("ledger prove later.receipt --refresh {at} --out later2.receipt"));
    place.ok("verify --trust trust later2.receipt");
    // Without the checkpoint the receipt cannot be judged.
    std::fs::remove_file(place.file("trust/ledger.checkpoint")).unwrap();
    place.ends("verify --trust trust based.receipt", 3, &["INDETERMINATE"]);

    place.ok("node check n1 --running");
    cluster.stop_all();
    place.ok("node check n1");
    place.ends(&format!("ledger get {id} {at}"), 5, &["127.0.0.1"]);
}

fn judge(base: &str, bytes: &[u8]) -> serde_json::Value {
    let mut answer = ureq::post(format!("{base}/v1/verify"))
        .header("content-type", "application/octet-stream")
        .send(bytes)
        .unwrap();
    serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap()
}

#[test]
fn the_service_answers_over_a_trust_folder_and_over_a_node() {
    let cluster = Cluster::start();
    let place = cluster.place();
    let at = materials(&cluster);
    place.ok(&format!("licence type publish type.toml {SIGNER} {at}"));
    place.write("rows.csv", rows(1));
    place.ok(&issue("rows.csv", "", &at));
    let file = format!("licences/{}.ofd", serial(0));
    let shown = place.ends(&format!("--json licence show {file}"), 0, &[]).json();
    let identifier = shown["identifier"].as_str().unwrap();
    let ports = free_ports();
    let alone = format!("http://127.0.0.1:{ports}");
    let node = format!("http://127.0.0.1:{}", ports + 1);
    let mut servers = [
        Server::start(place, &format!("serve --trust trust --listen 127.0.0.1:{ports}")),
        Server::start(
            place,
            &format!(
                "serve --trust trust --listen 127.0.0.1:{} --node {}",
                ports + 1,
                cluster.http(1)
            ),
        ),
    ];
    for base in [&alone, &node] {
        Server::wait(base);
        let report = judge(base, &place.read(&file)).to_string();
        assert!(report.contains("\"VALID\""), "{report}");
        let page = get(base).unwrap();
        assert!(page.0 == 200 && page.1.contains("<html"), "{}", page.1);
    }
    let licence = format!("/v1/licences/{identifier}");
    assert_eq!(get(&format!("{alone}{licence}")).unwrap().0, 501, "no ledger here");
    let (status, view) = get(&format!("{node}{licence}")).unwrap();
    assert!(status == 200 && view.contains("active"), "{view}");
    let head = get(&format!("{node}/v1/ledger/head")).unwrap();
    assert!(head.0 == 200 && head.1.contains("height"), "{}", head.1);
    // Every index key of licences begins with its own word.
    let (status, found) = get(&format!("{node}/v1/index/6c?limit=5")).unwrap();
    assert_eq!(status, 200, "{found}");
    let taken = place.run(&format!("serve --trust trust --listen 127.0.0.1:{ports}"));
    taken.must(5, &["in use"]);
    for server in &mut servers {
        assert_eq!(server.interrupt(), Some(0));
    }
}

#[test]
fn the_tour_keeps_its_nodes_until_it_is_interrupted() {
    let temp = tempfile::tempdir().unwrap();
    let place = Place::new(temp.path());
    let mut tour = Server::start(&place, "quickstart --keep --licences 2 kept");
    let readme =
        || std::fs::read_to_string(place.file("kept/README")).ok().filter(|t| !t.is_empty());
    let readme = wait_for(Duration::from_secs(180), readme).expect("the tour comes to its end");
    let node = readme.split("--node ").nth(1).unwrap().split_whitespace().next().unwrap();
    let page = wait_for(Duration::from_secs(10), || get(node)).unwrap();
    assert!(page.0 == 200 && page.1.contains("<html"));
    let report = judge(node, &place.read("kept/licences/3301002026000002.ofd")).to_string();
    assert!(report.contains("\"VALID\""), "{report}");
    let pids: Vec<String> = (1..=4)
        .map(|n| {
            String::from_utf8(place.read(&format!("kept/nodes/{n}/pid"))).unwrap().trim().to_owned()
        })
        .collect();
    let alive = |pid: &&String| std::path::Path::new("/proc").join(pid).exists();
    assert_eq!(pids.iter().filter(alive).count(), 4);
    assert_eq!(tour.interrupt(), Some(0));
    assert_eq!(pids.iter().filter(alive).count(), 0, "no node is left");
}
