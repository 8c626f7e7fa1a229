//! Certificates and messages of real files.

use std::io::Read;

use yinxin_pki::{Certificate, Crl, Pool, Question, SignedData, TrustStore, Usage, keyfile};
use yinxin_verdict::{Check, Facts, Reason, Verdict};

use crate::{ask, at, shared};

#[test]
fn the_test_ca_of_the_attack_files_holds_and_its_revocation_counts_from_its_date() {
    let Some(folder) = shared("corpus/attacks") else { return };
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let mut trust = TrustStore::new();
    assert_eq!(trust.add(&read("ca_root.cer")).unwrap().anchors, 1);
    for name in ["signer", "maker"] {
        let certificate = Certificate::parse(&read(&format!("ca_{name}.cer"))).unwrap();
        let key = keyfile::read(&read(&format!("key_{name}.pkcs8")), None).unwrap();
        assert_eq!(certificate.sm2_key(), Some(key.public_key()));
        let (found, _) = ask(&certificate, &Pool::new(), &trust, Usage::Sign, at("2026-11-22"));
        assert_eq!(found.verdict(), Verdict::Valid, "{name}: {:?}", found.reasons);
        assert!(found.reasons.contains(&Reason::NoRevocationData));
    }
    let crl = Crl::parse(&read("ca.crl")).unwrap();
    assert!(crl.find(&[5]).is_some() && crl.find(&[6]).is_none());
    crl.check_issuer(trust.anchors().next().unwrap()).unwrap();
}

/// The whole-package signature of GM/T 0099 that ofdrw made: a message over OFDEntries.xml.
#[test]
fn a_message_of_ofdrw_verifies_over_its_stored_bytes() {
    let Some(path) = shared("corpus/blobs/ofdrw_hello-integrity.ofd") else { return };
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let mut entry = |name: &str| {
        let mut out = Vec::new();
        archive.by_name(name).unwrap().read_to_end(&mut out).unwrap();
        out
    };
    let (value, xml) = (entry("signedvalue.dat"), entry("OFDEntries.xml"));
    let message = SignedData::parse(&value).unwrap();
    let as_of = message.signers()[0].signing_time().unwrap_or(at("2022-01-01"));
    let question =
        Question { usage: Usage::Sign, as_of, now: at("2026-11-22"), subject: "message" };
    for (content, digest_holds) in [(xml.clone(), true), ([&xml[..], b" "].concat(), false)] {
        let mut facts = Facts::new();
        let signers = message.verify(Some(&content), &TrustStore::new(), &question, &mut facts);
        println!("{message:?} {facts:?}");
        assert_eq!(signers.len(), 1);
        let holds = |check| {
            let mut of = facts.facts().iter().filter(|f| f.check == check);
            of.all(|f| f.reason().is_none_or(|r| r == Reason::Deviation))
        };
        assert!(holds(Check::MessageSignature));
        assert_eq!(holds(Check::MessageDigest), digest_holds);
        assert!(facts.has(Reason::UnknownAnchor));
    }
}
