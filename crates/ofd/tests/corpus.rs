//! Real files and attacks, as far as package and references go.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use support::{read, shared};
use yinxin_ofd::{DeviationKind, Limits, OfdError, Package};
use yinxin_verdict::{Check, Facts, Reason};

/// Everything that is said about a package, in the order of a verifier.
fn examine(package: &Package) -> Facts {
    let mut facts = Facts::new();
    package.check_documents(&mut facts);
    let signatures = package.signatures();
    signatures.check(&mut facts);
    for file in signatures.files() {
        let subject = file.label();
        file.check_references(package, &subject, &mut facts);
        file.check_coverage(package, &signatures, &[], &subject, &mut facts);
    }
    facts
}

/// What did not hold, deviations aside: `subject: REASON found`.
fn failures(facts: &Facts) -> Vec<String> {
    let told = |reason: &Reason| *reason != Reason::Deviation;
    let all = facts.facts().iter();
    all.filter_map(|f| Some((f, f.reason().filter(told)?)))
        .map(|(f, reason)| {
            format!("{}: {} {}", f.subject, reason.code(), f.found).trim().to_owned()
        })
        .collect()
}

/// File, signatures that can be read, and everything that must be found wrong.
type Case = (&'static str, usize, &'static [&'static str]);

const REAL: &[Case] = &[
    (
        "01_fptpl.ofd",
        0,
        &[
            "package: SIGNATURE_MISSING Doc_0/Signs/Signatures.xml is missing, though OFD.xml names it",
        ],
    ),
    (
        // Its templates are drawn and signed by nobody.
        "13_draw_param_ref.ofd",
        1,
        &[
            "signature 2: UNSIGNED_CONTENT Doc_0/TPLS/TPL_0/Content.xml, Doc_0/TPLS/TPL_1/Content.xml",
        ],
    ),
    ("15_v4signed.ofd", 1, &[]),
    ("16_999.ofd", 1, &["signature 1: UNSIGNED_CONTENT OFD.xml"]),
    (
        "19_zsbk.ofd",
        2,
        &[
            "signature 2: DIGEST_MISMATCH Doc_0/Pages/Page_1/Content.xml",
            "signature 2: DIGEST_MISMATCH Doc_0/Pages/Page_0/Content.xml",
            "signature 4: DIGEST_MISMATCH Doc_0/Pages/Page_1/Content.xml",
            "signature 4: DIGEST_MISMATCH Doc_0/Pages/Page_0/Content.xml",
        ],
    ),
    ("24_gen_13_riding_seal.ofd", 1, &[]),
    ("25_h.ofd", 2, &["signature s001: DIGEST_MISMATCH Doc_0/Signs/Signatures.xml"]),
    ("27_gen_14_digital_sign.ofd", 1, &[]),
    ("28_SESV4SignDoc.ofd", 1, &[]),
    (
        "33_output.ofd",
        4,
        &[
            "signature 004: SIGNATURE_MISSING Doc_0/Signs/Sign_3/SignedValue.dat is missing, though Doc_0/Signs/Sign_3/Signature.xml names it",
            "signature 1: UNSIGNED_CONTENT OFD.xml",
            "signature 2: UNSIGNED_CONTENT OFD.xml",
            "signature 3: UNSIGNED_CONTENT OFD.xml",
        ],
    ),
    ("34_test.ofd", 1, &["signature 1: UNSIGNED_CONTENT OFD.xml"]),
];

const BLOBS: &[Case] = &[
    ("ofdrw_hello-integrity.ofd", 0, &["package: NOT_SIGNED"]),
    ("ofdrw_hello.ofd", 0, &["package: NOT_SIGNED"]),
    ("ofdrw_helloworld.ofd", 0, &["package: NOT_SIGNED"]),
    ("ofdrw_namespace_no_std.ofd", 0, &["package: NOT_SIGNED"]),
    ("ofdrw_path_unstd.ofd", 0, &["package: NOT_SIGNED"]),
    ("ofdrw_test-ofda.ofd", 0, &["package: NOT_SIGNED"]),
    ("ofdrw_y.ofd", 0, &["package: NOT_SIGNED"]),
];

/// Those of the a series are sound as packages: what is wrong with them is in the seal.
const ATTACKS: &[Case] = &[
    ("b01_extra_file_added.ofd", 1, &["signature 1: UNSIGNED_CONTENT evil.exe"]),
    (
        "b02_page_content_changed.ofd",
        1,
        &["signature 1: DIGEST_MISMATCH Doc_0/Pages/Page_0/Content.xml"],
    ),
    (
        "b03_unsigned_annotation_file_added.ofd",
        1,
        &["signature 1: UNSIGNED_CONTENT Doc_0/Annots/Annotations.xml"],
    ),
    (
        "b04_signatures_entry_removed.ofd",
        0,
        &["package: NOT_SIGNED", "package: SIGNATURE_UNLISTED Doc_0/Signs/Sign_0/Signature.xml"],
    ),
    (
        "b06_second_unsigned_docbody_ofdxml_changed.ofd",
        1,
        &[
            "signature 1: DIGEST_MISMATCH OFD.xml",
            "signature 1: UNSIGNED_CONTENT Doc_1/PublicRes.xml, Doc_1/Pages/Page_0/Content.xml, Doc_1/Document.xml",
        ],
    ),
    ("b08_seal_esl_swapped.ofd", 1, &["signature 1: DIGEST_MISMATCH Doc_0/Signs/Sign_0/Seal.esl"]),
];

fn check(folder: &str, cases: &[Case]) {
    let Some(folder) = shared(folder) else { return };
    for (file, signatures, want) in cases {
        let bytes = read(&folder, file);
        let package = Package::open(bytes, &Limits::default());
        let package = package.unwrap_or_else(|e| panic!("{file}: {e}"));
        let facts = examine(&package);
        assert_eq!(package.signatures().files().count(), *signatures, "{file}");
        let mut got = failures(&facts);
        let mut want: Vec<_> = want.iter().map(|w| (*w).to_owned()).collect();
        got.sort();
        want.sort();
        assert_eq!(got, want, "{file}");
    }
}

#[test]
fn real_files_get_their_answer() {
    check("corpus/real", REAL);
}

#[test]
fn unsigned_files_are_read_and_called_so() {
    check("corpus/blobs", BLOBS);
}

#[test]
fn attacks_on_the_package_are_named() {
    check("corpus/attacks", ATTACKS);
}

#[test]
fn attacks_on_seals_leave_package_and_digests_sound() {
    let Some(folder) = shared("corpus/attacks") else { return };
    let mut count = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !name.starts_with('a') {
            continue;
        }
        let package = Package::open(read(&folder, &name), &Limits::default()).unwrap();
        assert_eq!(failures(&examine(&package)), [""; 0], "{name}");
        let signatures = package.signatures();
        let file = signatures.files().next().unwrap();
        assert_eq!(file.is_whole(), name.starts_with("a01"), "{name}");
        assert_eq!(file.stamps[0].page_ref, "1");
        assert_eq!(file.stamps[0].boundary.to_string(), "50 50 40 40");
        assert!(file.seal.is_some() && file.signed_value.is_some());
        count += 1;
    }
    assert_eq!(count, 15);
}

#[test]
fn ambiguous_packages_are_refused() {
    let Some(folder) = shared("corpus/attacks") else { return };
    let open = |file| Package::open_container(read(&folder, file), &Limits::default());
    assert!(matches!(
        open("b05_duplicate_zip_entry.ofd"),
        Err(OfdError::DuplicateName { second, .. }) if second == "Doc_0/Pages/Page_0/Content.xml"
    ));
    let slip = open("b07_zip_slip_entry.ofd").unwrap_err();
    assert_eq!(slip.reason(), Reason::PathUnsafe);
}

#[test]
fn deviations_of_real_files_are_reported() {
    let Some(base) = shared("corpus") else { return };
    for (file, check, kind) in [
        ("real/15_v4signed.ofd", Check::OfdPackage, "reference differs in case: TPLS/Tpl_0"),
        ("real/16_999.ofd", Check::OfdPackage, "sizes in a ZIP64 field"),
        ("real/25_h.ofd", Check::OfdPackage, "missing part Doc_0/PublicRes.xml"),
        ("real/34_test.ofd", Check::OfdPackage, "draft namespace"),
        ("real/34_test.ofd", Check::OfdDigests, "reference //Doc_0/Signs/Sign_0/Seal.esl"),
        ("blobs/ofdrw_namespace_no_std.ofd", Check::OfdPackage, "draft namespace"),
        ("blobs/ofdrw_path_unstd.ofd", Check::OfdPackage, "archive comment"),
    ] {
        let package = Package::open(read(&base, file), &Limits::default()).unwrap();
        let facts = examine(&package);
        let found = facts.facts().iter().any(|f| {
            f.check == check && f.reason() == Some(Reason::Deviation) && f.found.contains(kind)
        });
        assert!(found, "{file}: {kind}");
    }
    let draft = Package::open(read(&base, "real/34_test.ofd"), &Limits::default()).unwrap();
    assert!(draft.deviations().iter().any(|d| d.kind == DeviationKind::DraftNamespace));
}

#[test]
fn signing_times_of_real_files_are_read() {
    let Some(folder) = shared("corpus/real") else { return };
    for (file, time) in [
        ("13_draw_param_ref.ofd", "2020-03-05T11:21:31Z"),
        ("15_v4signed.ofd", "2020-10-10T07:11:20Z"),
        ("19_zsbk.ofd", "2020-10-10T06:58:40.923Z"),
        ("33_output.ofd", "2024-02-21T09:19:29Z"),
    ] {
        let package = Package::open(read(&folder, file), &Limits::default()).unwrap();
        let signatures = package.signatures();
        let declared = signatures.files().next().unwrap().declared_time();
        assert_eq!(declared.unwrap().to_string(), time, "{file}");
    }
}
