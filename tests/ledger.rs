//! `ledger put` over four processes; its receipt is checked offline, by a process that holds `trust/` and the files alone.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::time::Duration;

use yinxin_gm::sm3;
use yinxin_receipt::Wire;
use yinxin_tests::{
    cluster::{Cluster, Refused, Signer, proven, wait_for},
    place::{Place, Said},
};

fn put(cluster: &Cluster, node: usize, file: &str, key: &str, out: &str) -> Said {
    let line = cluster.put_line(node, file, &format!("--business-key {key} --out {out} --json"));
    let said = cluster.place().run(&line);
    said.must(0, &[]);
    said
}

/// A folder with nothing but `trust/` and these files.
fn elsewhere(cluster: &Cluster, files: &[&str]) -> (tempfile::TempDir, Place) {
    let temp = tempfile::tempdir().unwrap();
    let there = Place::new(temp.path());
    let here = cluster.place();
    let trust = std::fs::read_dir(here.file("trust")).unwrap();
    for name in trust.map(|entry| entry.unwrap().file_name().into_string().unwrap()) {
        there.write(&format!("trust/{name}"), here.read(&format!("trust/{name}")));
    }
    for file in files {
        there.write(file, here.read(file));
    }
    (temp, there)
}

#[test]
fn receipts_and_status_proofs_hold_offline_and_after_a_restart() {
    let cluster = Cluster::start();
    cluster.place().write("contract.txt", "a contract");
    cluster.place().write("letter.txt", "a letter");
    let first = put(&cluster, 1, "contract.txt", "contract/1", "contract.receipt").json();
    put(&cluster, 2, "letter.txt", "letter/1", "letter.receipt");
    let here = cluster.place();
    let at = format!("--node {} --trust trust", cluster.http(3));
    here.ends(
        &format!("ledger status document contract.txt {at} --out present.status"),
        0,
        &["anchored"],
    );
    let absent = sm3::digest(b"never seen");
    here.ends(
        &format!("ledger status document {absent} {at} --out absent.status"),
        0,
        &["unknown to the ledger"],
    );
    cluster.stop_all();

    let files = ["contract.receipt", "letter.receipt", "present.status", "absent.status"];
    let (_temp, there) = elsewhere(&cluster, &files);
    there.ok("verify --trust trust contract.receipt letter.receipt present.status");
    // That the ledger knows nothing is proven too; the proof holds, whatever its reader makes of it.
    let said = there.run("--json verify --trust trust absent.status");
    assert!(said.out.contains("\"status-proof\""), "{}{}", said.out, said.err);
    assert!(said.code.is_some_and(|code| code != 4), "{}", said.err);
    there.ends("verify contract.receipt", 3, &[]);
    no_changed_byte_is_believed(&there, "contract.receipt");

    cluster.start_all();
    let id = first["record"].as_str().unwrap();
    let at = format!("--node {} --trust trust", cluster.http(4));
    cluster.place().ok(&format!("ledger get {id} {at} --out again.receipt"));
    let [again, before] =
        ["again.receipt", "contract.receipt"].map(|f| proven(&cluster.place().read(f)));
    assert_eq!(again, before);
    put(&cluster, 4, "trust/ca.cer", "after/1", "after.receipt");
    cluster.stop_all();
    let (_temp, there) = elsewhere(&cluster, &["again.receipt", "after.receipt"]);
    there.ok("verify --trust trust again.receipt after.receipt");
}

fn no_changed_byte_is_believed(there: &Place, receipt: &str) {
    let bytes = there.read(receipt);
    let mut line = String::from("verify --brief --trust trust");
    for (n, at) in (0..bytes.len()).step_by(bytes.len() / 40 + 1).enumerate() {
        let mut changed = bytes.clone();
        changed[at] ^= 0x10;
        there.write(&format!("changed{n}"), changed);
        line.push_str(&format!(" changed{n}"));
    }
    there.write("cut", &bytes[..bytes.len() - 1]);
    let said = there.run(&format!("{line} cut"));
    assert_ne!(said.code, Some(0));
    let good: Vec<_> = said.out.lines().filter(|l| l.contains(": VALID")).collect();
    assert!(good.is_empty(), "{good:?}");
}

#[test]
fn the_same_record_has_one_receipt_and_what_breaks_a_rule_is_refused() {
    let cluster = Cluster::start();
    let signer = cluster.signer(1);
    let until = 1_000;
    let record = signer.anchor("case/1", "first", until).to_der();
    let receipt = cluster.post(1, &record).unwrap();

    // The same bytes, and the same act signed anew, through any node: the first receipt.
    for node in 1..=4 {
        let again = wait_for(Duration::from_secs(10), || cluster.post(node, &record).ok()).unwrap();
        assert_eq!(proven(&again), proven(&receipt), "node {node}");
        let resigned = signer.anchor("case/1", "first", until).to_der();
        assert_ne!(resigned, record);
        assert_eq!(cluster.post(node, &resigned), Ok(again), "node {node}");
    }
    cluster.place().write("case.record", &record);
    let node = cluster.http(2);
    cluster
        .place()
        .ok(&format!("ledger put case.record --node {node} --trust trust --out case.receipt"));
    assert_eq!(proven(&cluster.place().read("case.receipt")), proven(&receipt));

    let height = cluster.highest();
    let stranger = Signer { code: "11990100MB0A00050N".into(), ..cluster.signer(2) };
    let impostor = Signer { code: signer.code.clone(), ..cluster.signer(2) };
    let lost = Signer { chain_id: sm3::digest(b"another"), ..cluster.signer(1) };
    let mut forged = signer.anchor("case/2", "x", until);
    forged.signature[40] ^= 1;
    for (what, record, code) in [
        (
            "other content under a used key",
            signer.anchor("case/1", "second", until),
            "BUSINESS_KEY_USED",
        ),
        ("a height that is past", signer.anchor("case/2", "x", height), "EXPIRED"),
        ("a height too far ahead", signer.anchor("case/2", "x", u64::MAX), "LIFETIME_TOO_LONG"),
        ("no member", stranger.anchor("case/2", "x", until), "ORGANISATION_UNKNOWN"),
        ("a member by another's key", impostor.anchor("case/2", "x", until), "OTHER_KEY"),
        ("a record of another ledger", lost.anchor("case/2", "x", until), "OTHER_LEDGER"),
        ("a forged signature", forged, "SIGNATURE"),
    ] {
        let refused = Err(Refused::Rule(code.into()));
        assert_eq!(cluster.post(1, &record.to_der()), refused, "{what}");
        assert_eq!(cluster.post(3, &record.to_der()), refused, "{what}");
        cluster.place().write("bad.record", record.to_der());
        cluster.place().ends(&format!("ledger put bad.record --node {node} --trust trust"), 1, &[]);
    }
    // None of them left a trace: the key is still free, and the log has two records.
    cluster.post(2, &signer.anchor("case/2", "good", until).to_der()).unwrap();
    let head =
        cluster.place().run(&format!("--json node status --node {}", cluster.http(2))).json();
    assert_eq!(head["log_size"], 2);
}
