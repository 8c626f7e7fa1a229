//! Chains: built in any order, judged as of a time, within the budget.

use yinxin_gm::sm2::PrivateKey;
use yinxin_pki::{
    Certificate, Pool, TrustStore, Usage,
    ca::{Period, Profile},
};
use yinxin_verdict::{Check, Reason};

use super::{
    Party, ask, ask_at, at,
    forge::{Forge, der, extension, key_usage, utf8_name},
    grave, rng, trusting,
};

#[test]
fn a_chain_is_found_whatever_else_lies_around() {
    let root = Party::root();
    let middle = root.issue("middle", Profile::Ca { path_len: Some(1) });
    let low = middle.issue("low", Profile::Ca { path_len: Some(0) });
    let signer = low.issue("signer", Profile::Signing);
    let twin = Party::root().issue("low", Profile::Ca { path_len: Some(0) });
    let trust = trusting(&root);
    for pool in [[&low, &middle, &twin], [&twin, &middle, &low], [&middle, &twin, &low]] {
        let (found, facts) = ask(&signer.certificate, &pool, &trust, Usage::Sign);
        assert_eq!(grave(&found), []);
        assert_eq!(found.chain.len(), 4);
        assert!(facts.facts().iter().any(|f| f.check == Check::CertChain && f.reason().is_none()));
    }
    let (found, facts) = ask(&signer.certificate, &[&low], &trust, Usage::Sign);
    assert_eq!(grave(&found), [Reason::UnknownAnchor]);
    assert!(!found.is_anchored());
    // Everything else is still checked.
    assert!(
        facts.facts().iter().any(|f| f.check == Check::CertValidity && f.subject == "test ← low")
    );
    assert!(facts.facts().iter().any(|f| f.check == Check::CertUsage));
}

#[test]
fn periods_count_as_of_the_time_asked_about() {
    let root = Party::root();
    let signer = root.issue_for("s", Profile::Signing, Period::days(at("2022-01-01"), 365));
    let trust = trusting(&root);
    for (as_of, expected) in [
        ("2021-12-31T15:59:59Z", &[Reason::CertNotYetValid][..]),
        ("2021-12-31T16:00:00Z", &[]),
        ("2022-12-31T16:00:00.999Z", &[]),
        ("2022-12-31T16:00:01Z", &[Reason::CertExpired]),
    ] {
        let (found, _) = ask_at(&signer.certificate, &Pool::new(), &trust, Usage::Sign, as_of);
        assert_eq!(grave(&found), expected, "{as_of}");
    }
}

#[test]
fn a_trusted_certificate_needs_no_chain() {
    let root = Party::root();
    let (found, _) = ask(&root.certificate, &[], &trusting(&root), Usage::CertSign);
    assert_eq!((grave(&found).as_slice(), found.chain.len()), (&[][..], 1));
    let (found, _) = ask(&root.certificate, &[], &TrustStore::new(), Usage::CertSign);
    assert_eq!(grave(&found), [Reason::UnknownAnchor]);
}

#[test]
fn a_root_whose_own_signature_fails_is_no_anchor() {
    let root = Party::root();
    let mut bytes = root.certificate.raw().to_vec();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let forged = Certificate::parse(&bytes).unwrap();
    let mut trust = TrustStore::new();
    assert!(!trust.add_certificate(forged.clone()));
    let signer = root.issue("s", Profile::Signing);
    let (found, _) = ask(&signer.certificate, &[], &trust, Usage::Sign);
    assert!(!found.is_anchored());
    let (found, _) = ask(&forged, &[], &trust, Usage::CertSign);
    assert_eq!(grave(&found), [Reason::CertSignatureBad]);
}

#[test]
fn issuers_that_may_not_issue_are_named() {
    let root = Party::root();
    let trust = trusting(&root);
    let key = PrivateKey::generate(&mut rng());
    let ca_true = extension(19, true, &[0x30, 3, 1, 1, 0xff]);
    for (why, extensions, expected) in [
        ("good", vec![ca_true.clone(), key_usage(0x06)], &[][..]),
        ("no key usage", vec![ca_true.clone()], &[]),
        ("no basic constraints", vec![key_usage(0x06)], &[Reason::ChainConstraint]),
        (
            "CA:FALSE",
            vec![extension(19, true, &[0x30, 0]), key_usage(0x06)],
            &[Reason::ChainConstraint],
        ),
        ("no keyCertSign", vec![ca_true.clone(), key_usage(0xc2)], &[Reason::ChainConstraint]),
        (
            "unknown critical",
            vec![ca_true.clone(), key_usage(0x06), extension(0x7f, true, &[5, 0])],
            &[Reason::ExtensionUnknown],
        ),
        ("unknown", vec![ca_true.clone(), key_usage(0x06), extension(0x7f, false, &[5, 0])], &[]),
    ] {
        let mut forge = Forge::under(&root, &key);
        forge.subject = utf8_name("forged");
        forge.extensions = Some(extensions);
        let certificate = Certificate::parse(&forge.sign(&root.key)).unwrap();
        let issuer = Party { key: PrivateKey::from_bytes(&key.to_bytes()).unwrap(), certificate };
        let leaf = Forge {
            subject: utf8_name("leaf"),
            ..Forge::under(&issuer, &PrivateKey::generate(&mut rng()))
        };
        let leaf = Certificate::parse(&leaf.sign(&issuer.key)).unwrap();
        let (found, _) = ask(&leaf, &[&issuer], &trust, Usage::Sign);
        assert_eq!(grave(&found), expected, "{why}");
        assert!(found.is_anchored());
    }
}

#[test]
fn path_length_counts_issuers_between() {
    let root = Party::root();
    let trust = trusting(&root);
    let low = root.issue("low", Profile::Ca { path_len: Some(0) });
    let key = PrivateKey::generate(&mut rng());
    let mut forge = Forge::under(&low, &key);
    forge.extensions = Some(vec![extension(19, true, &[0x30, 3, 1, 1, 0xff]), key_usage(0x06)]);
    let certificate = Certificate::parse(&forge.sign(&low.key)).unwrap();
    let below = Party { key, certificate };
    let leaf = Forge::under(&below, &PrivateKey::generate(&mut rng()));
    let leaf = Forge { subject: utf8_name("leaf"), ..leaf };
    let leaf = Certificate::parse(&leaf.sign(&below.key)).unwrap();
    let (found, _) = ask(&leaf, &[&low, &below], &trust, Usage::Sign);
    assert_eq!(grave(&found), [Reason::ChainConstraint]);
    let (found, _) = ask(&below.certificate, &[&low], &trust, Usage::CertSign);
    assert_eq!(grave(&found), []);
}

#[test]
fn a_thousand_issuers_of_one_name_cost_no_more_than_the_budget() {
    let root = Party::root();
    let key = PrivateKey::generate(&mut rng());
    let mut pool = Pool::new();
    for i in 0..1000u16 {
        // Each its own key and key-less of identifiers: nothing tells them apart but a signature check.
        let mut forge = Forge::under(&root, &key);
        forge.serial = der(2, &[&[1], &i.to_be_bytes()]);
        forge.issuer = utf8_name("forged");
        forge.spki = yinxin_pki::spki_der(PrivateKey::generate(&mut rng()).public_key());
        pool.certificates.push(Certificate::parse(&forge.sign(&key)).unwrap());
    }
    let leaf = Forge {
        issuer: utf8_name("forged"),
        subject: utf8_name("leaf"),
        ..Forge::under(&root, &key)
    };
    let leaf = Certificate::parse(&leaf.sign(&key)).unwrap();
    let (found, _) = ask_at(&leaf, &pool, &trusting(&root), Usage::Sign, "2024-01-01");
    assert!(found.signature_checks <= 100, "{}", found.signature_checks);
    assert_eq!(grave(&found), [Reason::ChainTooCostly]);
}

#[test]
fn issuers_of_each_other_are_visited_once() {
    let (a, b) = (PrivateKey::generate(&mut rng()), PrivateKey::generate(&mut rng()));
    let root = Party::root();
    let issue = |subject: &str, issuer: &str, key: &PrivateKey, by: &PrivateKey| {
        let (subject, issuer) = (utf8_name(subject), utf8_name(issuer));
        let forge = Forge { subject, issuer, ..Forge::under(&root, key) };
        Certificate::parse(&forge.sign(by)).unwrap()
    };
    let pool = Pool {
        certificates: vec![issue("a", "b", &a, &b), issue("b", "a", &b, &a)],
        crls: Vec::new(),
    };
    let leaf = issue("leaf", "a", &PrivateKey::generate(&mut rng()), &a);
    let (found, _) = ask_at(&leaf, &pool, &trusting(&root), Usage::Sign, "2024-01-01");
    assert!(grave(&found).contains(&Reason::UnknownAnchor), "{:?}", found.reasons);
    assert_eq!((found.chain.len(), found.signature_checks), (3, 2));
}
