//! A signed package of evidence: who made it is told, and whatever is done to it afterwards.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::collections::BTreeMap;

use rand_core::UnwrapErr;
use yinxin_gm::{sm2::PrivateKey, sm3};
use yinxin_pki::{
    Certificate, CrlReason, PkiError, Subject,
    ca::{Ca, CrlTemplate, Period, Profile, Revoked, Template, self_signed},
};
use yinxin_receipt::Wire;
use yinxin_sharing::provenance::Graph;
use yinxin_verdict::Lang;
use yinxin_verify::{
    Check, Evidence, EvidenceSignature, Policy, Reason, Report, Trust, UnixTime, verify,
};

const AUDITOR: &str = "11990100MB0A00018B";
const MANIFEST: &str = "manifest.json";
const SIGNATURE: &str = "manifest.signature";

fn rng() -> UnwrapErr<getrandom::SysRng> {
    UnwrapErr(getrandom::SysRng)
}

fn day(text: &str) -> UnixTime {
    UnixTime::parse(text).unwrap()
}

struct Office {
    root: Certificate,
    root_key: PrivateKey,
    auditor: Certificate,
    key: PrivateKey,
}

impl Office {
    fn new() -> Self {
        let period = Period { not_before: day("2026-01-01"), not_after: day("2036-01-01") };
        let (root_key, key) = (PrivateKey::generate(&mut rng()), PrivateKey::generate(&mut rng()));
        let name = Subject::new("示范市CA").country("CN").to_name().unwrap();
        let root = self_signed(name, &root_key, period, None, &mut rng()).unwrap();
        let subject = Subject::new("示范市审计局").country("CN").organisation_code(AUDITOR);
        let template =
            Template::new(subject.to_name().unwrap(), *key.public_key(), Profile::Signing, period);
        let auditor = Ca::new(&root, &root_key).unwrap().issue(&template, &mut rng()).unwrap();
        Self { root, root_key, auditor, key }
    }

    /// Two documents, signed by the auditor.
    fn package(&self) -> Evidence {
        let files = [("documents/a.txt", b"a"), ("documents/b.txt", b"b")];
        let files = files.map(|(name, content)| (name.to_owned(), content.to_vec()));
        let package = Evidence::seal(BTreeMap::from(files), &Graph::default(), Lang::Zh);
        package.signed(&self.key, &self.auditor, day("2026-11-20"), &mut rng()).unwrap()
    }

    fn judge(&self, package: &Evidence, more: &[Vec<u8>]) -> Report {
        let files = [self.root.raw().to_vec()].into_iter().chain(more.iter().cloned());
        let named = files.enumerate().map(|(n, bytes)| (n.to_string(), bytes));
        let trust = Trust::from_files(named).unwrap();
        verify(&package.to_der(), &trust, &Policy::default(), day("2026-11-22"))
    }

    fn crl(&self, revoked: UnixTime) -> Vec<u8> {
        let mut list = CrlTemplate::after(None, day("2026-11-21"), day("2026-12-21"));
        list.revoked.push(Revoked::new(&self.auditor, revoked, CrlReason::KeyCompromise));
        let ca = Ca::new(&self.root, &self.root_key).unwrap();
        ca.crl(&list, &mut rng()).unwrap().raw().to_vec()
    }
}

/// What a package says of its maker.
fn maker(report: &Report) -> Vec<Reason> {
    let own = report.facts.iter().filter(|f| f.check == Check::EvidenceMaker);
    own.filter_map(|f| f.reason()).collect()
}

#[test]
fn who_made_a_package_is_told_and_that_its_list_is_the_one_that_was_signed() {
    let office = Office::new();
    let report = office.judge(&office.package(), &[]);
    assert_eq!(maker(&report), [], "{}", report.to_text(Lang::En));
    assert!(report.holds(Check::EvidenceFiles));
    let text = report.to_text(Lang::En);
    assert!(text.contains("示范市审计局") && text.contains(AUDITOR), "{text}");
}

#[test]
fn nothing_can_be_taken_out_of_what_was_signed_or_put_into_it() {
    let office = Office::new();
    type Deed = fn(&mut BTreeMap<String, Vec<u8>>);
    let deeds: [(&str, Deed, Check, Reason); 5] = [
        (
            "a file is gone",
            |f| drop(f.remove("documents/a.txt")),
            Check::EvidenceFiles,
            Reason::DigestMissing,
        ),
        (
            "a file is more",
            |f| drop(f.insert("c".into(), vec![1])),
            Check::EvidenceFiles,
            Reason::FileUnlisted,
        ),
        (
            "a file and its line of the list are gone",
            |f| {
                f.remove("documents/a.txt");
                let list: serde_json::Value = serde_json::from_slice(&f[MANIFEST]).unwrap();
                let mut list = list;
                let files = list["files"].as_array_mut().unwrap();
                files.retain(|file| file["name"] != "documents/a.txt");
                f.insert(MANIFEST.into(), serde_json::to_vec(&list).unwrap());
            },
            Check::EvidenceMaker,
            Reason::DigestMismatch,
        ),
        (
            "the signature is another",
            |f| f.get_mut(SIGNATURE).unwrap().last_mut().map_or((), |b| *b ^= 1),
            Check::EvidenceMaker,
            Reason::SignatureBad,
        ),
        (
            "the signature is none",
            |f| drop(f.insert(SIGNATURE.into(), b"x".to_vec())),
            Check::EvidenceMaker,
            Reason::Malformed,
        ),
    ];
    for (what, deed, check, reason) in deeds {
        let mut package = office.package();
        deed(&mut package.files);
        let report = office.judge(&package, &[]);
        let found = report.facts.iter().any(|f| f.check == check && f.reason() == Some(reason));
        assert!(found, "{what}\n{}", report.to_text(Lang::En));
    }
}

#[test]
fn a_package_without_a_signature_is_read_and_says_so() {
    let office = Office::new();
    let mut package = office.package();
    package.files.remove(SIGNATURE);
    let report = office.judge(&package, &[]);
    assert_eq!(maker(&report), [Reason::EvidenceUnsigned]);
    assert!(report.holds(Check::EvidenceFiles), "it is whole as far as its list says");
    // Who insists on a maker says so by policy.
    let policy = r#"{"gravity":{"EVIDENCE_UNSIGNED":"INVALID"}}"#;
    let policy: Policy = serde_json::from_str(policy).unwrap();
    assert_eq!(policy.gravity(Reason::EvidenceUnsigned), yinxin_verify::Verdict::Invalid);
}

#[test]
fn a_maker_whom_nobody_knows_or_whose_certificate_was_taken_back_is_told() {
    let (office, stranger) = (Office::new(), Office::new());
    let report = office.judge(&stranger.package(), &[]);
    assert!(report.has(Reason::UnknownAnchor));
    for (revoked, told) in [("2026-11-19", true), ("2026-11-21", false)] {
        let report = office.judge(&office.package(), &[office.crl(day(revoked))]);
        assert_eq!(report.has(Reason::CertRevoked), told, "{revoked}: signed on 2026-11-20");
    }
    let future =
        office.package().signed(&office.key, &office.auditor, day("2026-12-01"), &mut rng());
    assert!(office.judge(&future.unwrap(), &[]).has(Reason::SigningTimeFuture));
    let other =
        office.package().signed(&stranger.key, &office.auditor, day("2026-11-20"), &mut rng());
    assert_eq!(other.err(), Some(PkiError::KeyMismatch));
}

#[test]
fn the_signature_has_one_encoding_and_every_flipped_bit_is_noticed() {
    let office = Office::new();
    let package = office.package();
    let der = package.files[SIGNATURE].clone();
    let signature = EvidenceSignature::from_der(&der).unwrap();
    assert_eq!(signature.to_der(), der);
    assert_eq!(signature.manifest(), sm3::digest(&package.files[MANIFEST]));
    for at in 0..der.len() {
        let mut changed = package.clone();
        changed.files.get_mut(SIGNATURE).unwrap()[at] ^= 0x11;
        assert!(!maker(&office.judge(&changed, &[])).is_empty(), "octet {at}");
    }
}
