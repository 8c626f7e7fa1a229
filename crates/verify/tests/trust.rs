//! What a trust folder means: who is an anchor, who only helps, what is passed over, what spoils it, and judging as of a time.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::{fs, path::Path};

use yinxin_pki::pem;
use yinxin_verdict::{Explain, Lang};
use yinxin_verify::{Policy, Report, Trust, TrustError, UnixTime, Verdict, verify};

/// A file of the repository's own test data.
fn data(path: &str) -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    fs::read(root.join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn root() -> Vec<u8> {
    data("vectors/documents/trust/root.cer")
}

fn genesis() -> Vec<u8> {
    data("vectors/documents/trust/genesis.der")
}

/// A folder with these files in it.
fn folder(files: &[(&str, Vec<u8>)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    dir
}

fn load(files: &[(&str, Vec<u8>)]) -> Result<Trust, TrustError> {
    Trust::load_dir(folder(files).path())
}

/// A stamped document with its receipt, judged with this trust as of this time.
fn judge(trust: &Trust, at: &str) -> Report {
    let at = UnixTime::parse(at).unwrap();
    verify(&data("vectors/documents/good-anchored.ofd"), trust, &Policy::default(), at)
}

#[test]
fn self_signed_certificates_are_the_anchors_and_others_only_help() {
    use Verdict::{Indeterminate, Valid};
    let signer = data("fuzz/corpus/certificate/signer");
    let crl = data("vectors/documents/trust/root.crl");
    let armoured = pem::encode("CERTIFICATE", &root()).into_bytes();
    let both = [pem::encode("CERTIFICATE", &signer), pem::encode("CERTIFICATE", &root())].concat();
    // The last columns: anchors, ledgers, verdict, what is missing.
    type Case<'a> = (&'a str, Vec<(&'a str, Vec<u8>)>, usize, usize, Verdict, &'a [&'a str]);
    let cases: [Case<'_>; 10] = [
        ("nothing", vec![], 0, 0, Indeterminate, &["LEDGER_UNKNOWN", "UNKNOWN_ANCHOR"]),
        ("a root", vec![("a", root())], 1, 0, Indeterminate, &["LEDGER_UNKNOWN"]),
        ("a genesis", vec![("g", genesis())], 0, 1, Indeterminate, &["UNKNOWN_ANCHOR"]),
        ("both", vec![("a", root()), ("g", genesis())], 1, 1, Valid, &[]),
        ("and a list", vec![("a", root()), ("b", crl), ("g", genesis())], 1, 1, Valid, &[]),
        ("PEM", vec![("a.pem", armoured), ("g", genesis())], 1, 1, Valid, &[]),
        ("two in PEM", vec![("a.pem", both.into()), ("g", genesis())], 1, 1, Valid, &[]),
        (
            "the signer, issued by another",
            vec![("a", signer), ("g", genesis())],
            0,
            1,
            Indeterminate,
            &["UNKNOWN_ANCHOR"],
        ),
        (
            "what is passed over",
            vec![(".root.cer", root()), ("README.txt", b"words".to_vec()), ("below/a", root())],
            0,
            0,
            Indeterminate,
            &["LEDGER_UNKNOWN", "UNKNOWN_ANCHOR"],
        ),
        (
            "the same root twice",
            vec![("a", root()), ("b", root()), ("g", genesis())],
            1,
            1,
            Valid,
            &[],
        ),
    ];
    for (what, files, anchors, ledgers, verdict, reasons) in cases {
        let trust = load(&files).unwrap_or_else(|e| panic!("{what}: {e}"));
        assert_eq!((trust.anchor_count(), trust.ledger_count()), (anchors, ledgers), "{what}");
        let report = judge(&trust, "2026-11-22");
        assert_eq!((report.verdict, report.reasons.as_slice()), (verdict, reasons), "{what}");
    }
}

#[test]
fn a_folder_with_one_bad_file_is_refused_whole_and_says_what_to_do() {
    let changed = |mut bytes: Vec<u8>| {
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        bytes
    };
    let cut = |bytes: Vec<u8>| bytes[..bytes.len() - 1].to_vec();
    type Is = fn(&TrustError) -> bool;
    let cases: [(&str, Vec<u8>, Is); 6] = [
        ("a note", b"remember the milk".to_vec(), |e| matches!(e, TrustError::Foreign { .. })),
        ("nothing at all", Vec::new(), |e| matches!(e, TrustError::Foreign { .. })),
        ("a document", data("vectors/documents/good-signed.ofd"), |e| {
            matches!(e, TrustError::Pki { .. })
        }),
        ("a genesis with a false signature", changed(genesis()), |e| {
            matches!(e, TrustError::Ledger { .. })
        }),
        ("a genesis cut off", cut(genesis()), |e| !matches!(e, TrustError::Io { .. })),
        ("a root cut off", cut(root()), |e| !matches!(e, TrustError::Io { .. })),
    ];
    for (what, bytes, is) in cases {
        let error = load(&[("a", root()), ("bad", bytes)]).expect_err(what);
        assert!(is(&error), "{what}: {error:?}");
        for lang in [Lang::En, Lang::Zh] {
            let words = error.explain(lang);
            assert!(words.what.contains("bad"), "{what}: the file is named: {}", words.what);
            assert!(!words.todo.is_empty(), "{what}: {}", words.what);
        }
    }
    let missing = Trust::load_dir(&folder(&[]).path().join("nowhere")).unwrap_err();
    assert!(missing.is_io() && !missing.explain(Lang::En).todo.is_empty(), "{missing}");
}

#[test]
fn a_document_is_judged_as_of_the_time_asked_about() {
    use Verdict::{Indeterminate, Invalid, Valid};
    let trust = load(&[("a", root()), ("g", genesis())]).unwrap();
    // Signed on 2 March 2026 at 10:00 in China, by a certificate that ends in 2045; the genesis vouches for 400 days.
    let cases: [(&str, Verdict, &[&str]); 6] = [
        ("2026-01-01", Invalid, &["SIGNING_TIME_FUTURE"]),
        ("2026-03-01", Invalid, &["SIGNING_TIME_FUTURE"]),
        ("2026-03-03", Valid, &[]),
        ("2026-11-22", Valid, &[]),
        ("2028-01-01", Indeterminate, &["TRUST_PERIOD_OVER"]),
        ("2050-01-01", Indeterminate, &["TRUST_PERIOD_OVER"]),
    ];
    for (at, verdict, reasons) in cases {
        let report = judge(&trust, at);
        let grave: Vec<&str> = report.reasons.clone();
        assert_eq!((report.verdict, grave.as_slice()), (verdict, reasons), "{at}");
    }
}
