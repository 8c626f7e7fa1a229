//! Seals and signature values of several vendors.

use yinxin_pki::TrustStore;
use yinxin_seal::{CertList, MakerScope, Seal, SealSignature, Version, check_seal};
use yinxin_verdict::{Check, Facts, Reason};

use crate::shared::{grave, now, read, shared};

fn facts_of(seal: &Seal) -> Facts {
    let mut facts = Facts::new();
    check_seal(seal, seal.created, now(), &TrustStore::new(), "seal", &mut facts);
    facts
}

#[test]
fn the_maker_signs_what_its_version_says() {
    let Some(dir) = shared() else { return };
    let dir = dir.join("corpus/blobs");
    use MakerScope::{Info, Sequence};
    use Version::{V1, V4, V5};
    for (name, version, title, vendor, scope) in [
        ("ofdrw_UserV1.esl", V1, "OFDRW测试用印章", "OFDR&WTest", Some(Sequence)),
        ("ofdrw_UserV4.esl", V4, "OFD R&W 测试用印章", "OFDR&WTest", Some(Info)),
        ("ofdrw_UserV5.esl", V5, "OFD R&W V5测试用印章", "OFDR&WTestV5", Some(Info)),
        ("ofdrw_UserV5_ts.esl", V5, "OFD R&W V5测试用印章", "OFDR&WTestV5", Some(Info)),
        ("AnnXF_Seal.esl", V4, "96a69f53-65a9-4a09-89d7-54a626a4ba4f", "koal", Some(Info)),
        ("ofdrw_SESealData.DER", V4, "测试单位名称 合同专用章", "Vid HebeiGede", None),
    ] {
        let seal = Seal::parse(&read(&dir, name)).unwrap();
        assert_eq!((seal.version, seal.name.as_str()), (version, title), "{name}");
        assert_eq!((seal.vendor.as_str(), seal.trailing), (vendor, 0), "{name}");
        assert!(
            matches!(&seal.signers, CertList::Certificates(list) if !list.is_empty()),
            "{name}"
        );
        let facts = facts_of(&seal);
        let signed = facts.facts().iter().find(|f| f.check == Check::SealSignature).unwrap();
        match scope {
            Some(scope) => {
                assert_eq!(signed.reason(), None, "{name}: {signed:?}");
                assert_eq!(signed.found, format!("over {}", scope.name()), "{name}");
            }
            None => assert_eq!(signed.reason(), Some(Reason::SealSignatureBad), "{name}"),
        }
        let unknown = facts.has(Reason::UnknownAnchor);
        assert!(unknown, "{name}: nothing is trusted, so no seal is VALID: {:?}", grave(&facts));
    }
}

#[test]
fn a_stamp_of_time_on_a_seal_is_told() {
    let Some(dir) = shared() else { return };
    let dir = dir.join("corpus/blobs");
    let seal = Seal::parse(&read(&dir, "ofdrw_UserV5_ts.esl")).unwrap();
    assert!(seal.time_stamp.is_some());
    assert!(facts_of(&seal).has(Reason::TimestampUnchecked));
    let without = Seal::parse(&read(&dir, "ofdrw_UserV5.esl")).unwrap();
    assert!(!facts_of(&without).has(Reason::TimestampUnchecked));
}

#[test]
fn signature_values_read_back_their_fields() {
    let Some(dir) = shared() else { return };
    let dir = dir.join("corpus/blobs");
    for (name, version, number) in
        [("ofdrw_SignedValueV4.dat", Version::V4, 4), ("ofdrw_SignedValueV5.dat", Version::V5, 5)]
    {
        let bytes = read(&dir, name);
        let signature = SealSignature::parse(&bytes).unwrap();
        assert_eq!((signature.version, signature.number), (version, number), "{name}");
        assert_eq!(signature.property_info, "/Doc_0/Signs/Sign_0/Signature.xml", "{name}");
        assert_eq!(signature.data_hash.len(), 32, "{name}");
        assert!(signature.signing_time.is_some(), "{name}");
        assert_eq!(signature.as_bytes(), bytes, "{name}");
    }
}
