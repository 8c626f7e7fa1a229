//! Packages of credit views: told by their bytes, read whole or not at all, and nothing in one makes it trusted. What a real one is worth, the
//! tests over nodes show.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use yinxin_verify::{Kind, Policy, Report, Trust, UnixTime, Verdict, sniff, verify};

fn file(name: &str) -> Vec<u8> {
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/any");
    std::fs::read(corpus.join(name)).unwrap()
}

fn report(bytes: &[u8]) -> Report {
    let at = UnixTime::parse("2026-11-30").unwrap();
    verify(bytes, &Trust::default(), &Policy::default(), at)
}

#[test]
fn without_its_ledger_a_view_is_neither_good_nor_bad() {
    let bytes = file("credit-view");
    assert_eq!(sniff(&bytes), Kind::CreditView);
    let report = report(&bytes);
    assert_eq!(
        (report.input.kind.as_str(), report.verdict),
        ("credit-view", Verdict::Indeterminate)
    );
    assert_eq!(report.reasons, ["LEDGER_UNKNOWN"]);
    let said = |name: &str| report.details.iter().any(|detail| detail.name == name);
    assert!(said("subject") && said("reader") && said("purpose") && said("as-of"));
    assert!(!said("shown"), "what it would show is not told before it is proven");
}

#[test]
fn what_is_cut_or_longer_is_malformed() {
    for name in ["credit-view-cut", "credit-view-length", "credit-view-more"] {
        let report = report(&file(name));
        assert_eq!(report.verdict, Verdict::Invalid, "{name}");
        assert_eq!(report.reasons, ["MALFORMED"], "{name}");
    }
}
