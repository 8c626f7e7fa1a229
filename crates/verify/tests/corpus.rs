//! Real signed documents, attacks on documents, and hostile packages: each gets the right answer for the right reasons.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::{fs, path::PathBuf};

use yinxin_verify::{Policy, Report, Trust, UnixTime, Verdict, verify};

fn shared() -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared");
    let dir =
        std::env::var_os("YINXIN_SHARED").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    if dir.is_dir() {
        return Some(dir);
    }
    println!("skipped: no shared corpus at {} (YINXIN_SHARED names another place)", dir.display());
    None
}

/// The day after the attack set was made.
fn at() -> UnixTime {
    UnixTime::parse("2026-11-23").unwrap()
}

fn check(name: &str, report: &Report, verdict: Verdict, reasons: &[&str]) {
    let text = report.to_text(yinxin_verdict::Lang::En);
    assert_eq!((report.verdict, report.reasons.as_slice()), (verdict, reasons), "{name}\n{text}");
}

#[test]
fn real_documents_get_their_answer_without_an_anchor() {
    use Verdict::{Indeterminate, Invalid};
    let Some(shared) = shared() else { return };
    // The last column: words that the facts must have, so that a person learns what exactly is wrong.
    let cases: [(&str, Verdict, &[&str], &[&str]); 11] = [
        ("01_fptpl.ofd", Invalid, &["SIGNATURE_MISSING"], &["Doc_0/Signs/Signatures.xml"]),
        (
            "13_draw_param_ref.ofd",
            Indeterminate,
            &["UNKNOWN_ANCHOR", "UNSIGNED_CONTENT"],
            &["Doc_0/TPLS/TPL_0/Content.xml", "税务测试CA2(SM2)"],
        ),
        ("15_v4signed.ofd", Indeterminate, &["UNKNOWN_ANCHOR"], &["税务测试CA2(SM2)"]),
        (
            "16_999.ofd",
            Indeterminate,
            &["UNKNOWN_ANCHOR", "UNSIGNED_CONTENT"],
            &["税务测试CA2(SM2)"],
        ),
        (
            "19_zsbk.ofd",
            Invalid,
            &["DIGEST_MISMATCH", "UNKNOWN_ANCHOR"],
            &["Doc_0/Pages/Page_1/Content.xml", "SEAL_MAKER_EXPIRED"],
        ),
        (
            "24_gen_13_riding_seal.ofd",
            Invalid,
            &["CERT_EXPIRED", "SEAL_EXPIRED", "UNKNOWN_ANCHOR"],
            &["2026-08-15"],
        ),
        (
            "25_h.ofd",
            Invalid,
            &["DIGEST_MISMATCH", "UNKNOWN_ANCHOR"],
            &["Doc_0/Signs/Signatures.xml"],
        ),
        (
            "27_gen_14_digital_sign.ofd",
            Invalid,
            &["CERT_EXPIRED", "SEAL_EXPIRED", "UNKNOWN_ANCHOR"],
            &["2026-08-15"],
        ),
        (
            "28_SESV4SignDoc.ofd",
            Invalid,
            &["CERT_EXPIRED", "SEAL_EXPIRED", "UNKNOWN_ANCHOR"],
            &["2026-08-04"],
        ),
        (
            "33_output.ofd",
            Invalid,
            &["SIGNATURE_MISSING", "UNKNOWN_ANCHOR", "UNSIGNED_CONTENT"],
            &["Doc_0/Signs/Sign_3/SignedValue.dat", "OFD.xml"],
        ),
        (
            "34_test.ofd",
            Indeterminate,
            &["CERT_PURPOSE_OTHER", "UNKNOWN_ANCHOR", "UNSIGNED_CONTENT"],
            &["signature value of 64 raw octets", "OFD.xml"],
        ),
    ];
    for (name, verdict, reasons, words) in cases {
        let bytes = fs::read(shared.join("corpus/real").join(name)).unwrap();
        let report = verify(&bytes, &Trust::default(), &Policy::default(), at());
        check(name, &report, verdict, reasons);
        let text = report.to_text(yinxin_verdict::Lang::En);
        for word in words {
            assert!(text.contains(word), "{name} lacks {word}\n{text}");
        }
    }
}

#[test]
fn of_the_attacks_only_the_three_good_ones_are_valid() {
    use Verdict::{Indeterminate, Invalid, Valid};
    let Some(shared) = shared() else { return };
    let dir = shared.join("corpus/attacks");
    let file = |name: &str| (name.to_owned(), fs::read(dir.join(name)).unwrap());
    let trust = Trust::from_files([file("ca_root.cer"), file("ca.crl")]).unwrap();
    let cases: [(&str, Verdict, &[&str]); 23] = [
        ("a00_good.ofd", Valid, &[]),
        ("a01_good_whole.ofd", Valid, &[]),
        ("a02_seal_name_changed_maker_sig_stale.ofd", Invalid, &["SEAL_SIGNATURE_BAD"]),
        ("a03_maker_sig_garbage.ofd", Invalid, &["SEAL_SIGNATURE_BAD"]),
        ("a04_signer_not_in_certlist.ofd", Invalid, &["SIGNER_NOT_IN_SEAL"]),
        ("a05_seal_made_by_untrusted_maker.ofd", Indeterminate, &["UNKNOWN_ANCHOR"]),
        ("a06_seal_expired_properly_signed.ofd", Invalid, &["SEAL_EXPIRED"]),
        ("a07_propertyInfo_points_elsewhere.ofd", Invalid, &["SCOPE_WRONG"]),
        ("a08_tbs_version_99.ofd", Invalid, &["VERSION_WRONG"]),
        ("a09_signing_time_1990.ofd", Invalid, &["CERT_NOT_YET_VALID", "SEAL_EXPIRED"]),
        (
            "a10_signing_time_2090.ofd",
            Invalid,
            &["CERT_EXPIRED", "SEAL_EXPIRED", "SIGNING_TIME_FUTURE"],
        ),
        ("a11_header_v5_in_v4.ofd", Invalid, &["VERSION_WRONG"]),
        ("a12_signer_revoked_before_signing.ofd", Invalid, &["CERT_REVOKED"]),
        ("a13_signer_cert_expired_at_signing.ofd", Invalid, &["CERT_EXPIRED"]),
        ("a14_good_certlist_type2_sm3_digest.ofd", Valid, &[]),
        ("b01_extra_file_added.ofd", Indeterminate, &["UNSIGNED_CONTENT"]),
        ("b02_page_content_changed.ofd", Invalid, &["DIGEST_MISMATCH"]),
        ("b03_unsigned_annotation_file_added.ofd", Indeterminate, &["UNSIGNED_CONTENT"]),
        ("b04_signatures_entry_removed.ofd", Invalid, &["NOT_SIGNED", "SIGNATURE_UNLISTED"]),
        ("b05_duplicate_zip_entry.ofd", Invalid, &["DUPLICATE_NAME"]),
        (
            "b06_second_unsigned_docbody_ofdxml_changed.ofd",
            Invalid,
            &["DIGEST_MISMATCH", "UNSIGNED_CONTENT"],
        ),
        ("b07_zip_slip_entry.ofd", Invalid, &["PATH_UNSAFE"]),
        ("b08_seal_esl_swapped.ofd", Invalid, &["DIGEST_MISMATCH", "SEAL_MISMATCH"]),
    ];
    for (name, verdict, reasons) in cases {
        let (_, bytes) = file(name);
        check(name, &verify(&bytes, &trust, &Policy::default(), at()), verdict, reasons);
        // Whoever brings no trust folder gets no VALID from anything.
        let untrusting = verify(&bytes, &Trust::default(), &Policy::default(), at());
        assert_ne!(untrusting.verdict, Valid, "{name}");
    }
    let found = fs::read_dir(&dir)
        .unwrap()
        .filter(|e| e.as_ref().unwrap().path().extension().is_some_and(|x| x == "ofd"));
    assert_eq!(found.count(), cases.len(), "every attack stands in the table");
}

#[test]
fn hostile_packages_are_refused_and_no_prefix_or_flip_of_a_document_is_valid() {
    let Some(shared) = shared() else { return };
    for entry in fs::read_dir(shared.join("vectors/ofd_hostile")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|x| x == "ofd") {
            let report =
                verify(&fs::read(&path).unwrap(), &Trust::default(), &Policy::default(), at());
            assert_eq!(report.verdict, Verdict::Invalid, "{}", path.display());
        }
    }
    let dir = shared.join("corpus/attacks");
    let trust =
        Trust::from_files([("root".to_owned(), fs::read(dir.join("ca_root.cer")).unwrap())])
            .unwrap();
    let good = fs::read(dir.join("a00_good.ofd")).unwrap();
    for cut in (0..good.len()).step_by(997) {
        assert_eq!(
            verify(&good[..cut], &trust, &Policy::default(), at()).verdict,
            Verdict::Invalid,
            "{cut} bytes"
        );
    }
    for place in (0..good.len()).step_by(331) {
        let mut bad = good.clone();
        bad[place] ^= 0x10;
        assert_ne!(
            verify(&bad, &trust, &Policy::default(), at()).verdict,
            Verdict::Valid,
            "byte {place}"
        );
    }
}

#[test]
fn single_seals_certificates_and_lists_are_told_by_their_bytes() {
    let Some(shared) = shared() else { return };
    let dir = shared.join("corpus/attacks");
    let file = |name: &str| (name.to_owned(), fs::read(dir.join(name)).unwrap());
    let trust = Trust::from_files([file("ca_root.cer"), file("ca.crl")]).unwrap();
    for (path, kind, verdict) in [
        ("corpus/attacks/ca_signer.cer", "certificate", Verdict::Valid),
        ("corpus/attacks/ca.crl", "crl", Verdict::Valid),
        ("corpus/attacks/seal_good_v4.esl", "seal", Verdict::Valid),
        ("corpus/blobs/ofdrw_UserV1.esl", "seal", Verdict::Invalid),
        ("corpus/blobs/ofdrw_SESealData.DER", "seal", Verdict::Invalid),
        ("corpus/blobs/ofdrw_SignedValueV4.dat", "seal-signature", Verdict::Indeterminate),
        ("corpus/blobs/ofdrw_sign_cert.pem", "certificate", Verdict::Invalid),
        ("corpus/blobs/ofdrw_USER.p12", "unknown", Verdict::Invalid),
        ("corpus/INDEX.md", "unknown", Verdict::Invalid),
        ("corpus/attacks/key_root.pkcs8", "unknown", Verdict::Invalid),
    ] {
        let report =
            verify(&fs::read(shared.join(path)).unwrap(), &trust, &Policy::default(), at());
        let text = report.to_text(yinxin_verdict::Lang::En);
        assert_eq!((report.input.kind.as_str(), report.verdict), (kind, verdict), "{path}\n{text}");
    }
}

#[test]
fn a_policy_that_names_seal_makers_refuses_others() {
    let Some(shared) = shared() else { return };
    let dir = shared.join("corpus/attacks");
    let file = |name: &str| fs::read(dir.join(name)).unwrap();
    let trust = Trust::from_files([("root".to_owned(), file("ca_root.cer"))]).unwrap();
    let maker = yinxin_gm::sm3::digest(&file("ca_maker.cer")).to_string();
    for (makers, verdict, reasons) in [
        (vec![], Verdict::Valid, &[][..]),
        (vec![maker.to_uppercase()], Verdict::Valid, &[]),
        (vec!["11990100MB0A000266".to_owned()], Verdict::Invalid, &["SEAL_MAKER_UNLISTED"]),
    ] {
        let mut policy = Policy::default();
        policy.seal_makers = makers;
        check(
            "a00_good.ofd",
            &verify(&file("a00_good.ofd"), &trust, &policy, at()),
            verdict,
            reasons,
        );
    }
}
