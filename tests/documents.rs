//! Our own documents, good and forged: each file gets the verdict and the reasons that stand beside it.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test says what went wrong by panicking")]

#[path = "documents/cases.rs"]
#[rustfmt::skip] // a table, a row a case
mod cases;

use std::{collections::BTreeMap, fs, path::PathBuf};

use yinxin_tests::office::Office;
use yinxin_verify::{Policy, Report, Trust, verify};

fn folder() -> PathBuf {
    yinxin_tests::root().join("vectors/documents")
}

fn judge(bytes: &[u8], trust: &Trust) -> Report {
    verify(bytes, trust, &Policy::default(), Office::judged())
}

/// What stands beside a document.
fn expectation(text: &str) -> BTreeMap<String, String> {
    let pairs = text.lines().filter_map(|l| l.split_once(':'));
    pairs.map(|(k, v)| (k.trim().to_owned(), v.trim().to_owned())).collect()
}

#[test]
fn every_file_gets_its_verdict_for_its_reasons() {
    let files = fs::read_dir(folder().join("trust")).unwrap().map(|e| {
        let path = e.unwrap().path();
        (path.display().to_string(), fs::read(path).unwrap())
    });
    let trust = Trust::from_files(files).unwrap();
    let (mut seen, mut wrong) = (0, String::new());
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|x| x != "ofd") {
            continue;
        }
        seen += 1;
        let bytes = fs::read(&path).unwrap();
        assert!(bytes.len() <= 20 << 10, "{} has {} bytes", path.display(), bytes.len());
        let expected = expectation(&fs::read_to_string(path.with_extension("txt")).unwrap());
        let report = judge(&bytes, &trust);
        let found = (report.verdict.to_string(), report.reasons.join(" "));
        if found != (expected["expect"].clone(), expected["reasons"].clone()) {
            let text = report.to_text(yinxin_verdict::Lang::En);
            wrong += &format!("{}: {expected:?}, got {found:?}\n{text}\n", path.display());
        }
        // Whoever trusts nobody gets no VALID from anything.
        let untrusting = judge(&bytes, &Trust::default()).verdict;
        assert_ne!(untrusting, yinxin_verify::Verdict::Valid, "{}", path.display());
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(seen >= 60, "only {seen} documents");
}

#[test]
fn what_makes_them_makes_the_same_bytes() {
    let office = Office::new();
    let write = std::env::var_os("YINXIN_WRITE_VECTORS").is_some();
    let mut files: Vec<(String, Vec<u8>)> = office.trust_files();
    for (name, _) in &mut files {
        *name = format!("trust/{name}");
    }
    for case in cases::all(&office) {
        let hole =
            if case.hole.is_empty() { String::new() } else { format!("hole: {}\n", case.hole) };
        let reasons = case.reasons.join(" ");
        let text =
            format!("expect: {}\nreasons: {reasons}\n{hole}why: {}\n", case.verdict, case.why);
        files.push((format!("{}.ofd", case.name), case.bytes));
        files.push((format!("{}.txt", case.name), text.into_bytes()));
    }
    for (name, bytes) in &files {
        let path = folder().join(name);
        if write {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, bytes).unwrap();
        }
        let known = fs::read(&path).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(known == *bytes, "{name} would be other bytes now: that is a decision");
    }
}
