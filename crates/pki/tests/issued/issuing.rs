//! What we issue is accepted by ourselves, strictly.

use yinxin_gm::sm2::PrivateKey;
use yinxin_pki::{
    Certificate, KeyUsage, PkiError, Pool, Question, Subject, Usage, accept,
    ca::{Ca, Period, Profile, Template, self_signed},
    csr::Csr,
};
use yinxin_verdict::{Facts, Reason, Verdict};

use super::{Party, ask, at, grave, rng, trusting};

#[test]
fn every_profile_serves_its_use_and_no_other() {
    use Usage::{CertSign, CrlSign, Encrypt, Sign, TimeStamp, TlsClient, TlsServer};
    let root = Party::root();
    let trust = trusting(&root);
    let all = [CertSign, CrlSign, Encrypt, Sign, TimeStamp, TlsClient, TlsServer];
    for (profile, uses) in [
        (Profile::Ca { path_len: Some(0) }, &[CertSign, CrlSign][..]),
        (Profile::Encryption, &[Encrypt, TlsClient, TlsServer]),
        (Profile::Maker, &[Sign, TlsClient, TlsServer]),
        (Profile::Node, &[Sign, TlsClient, TlsServer]),
        (Profile::Signing, &[Sign, TlsClient, TlsServer]),
        (Profile::TimeStamp, &[TimeStamp]),
        (Profile::TlcpEncryption, &[Encrypt, TlsClient, TlsServer]),
        (Profile::TlcpSigning, &[Sign, TlsClient, TlsServer]),
    ] {
        let party = root.issue("p", profile);
        for usage in all {
            let (found, _) = ask(&party.certificate, &[], &trust, usage);
            assert!(found.is_anchored());
            let expected: &[Reason] = match (profile, usage) {
                _ if uses.contains(&usage) => &[],
                // Its key usage would do; that it is set apart for stamps is for policy to weigh.
                (Profile::TimeStamp, Sign) => &[Reason::CertPurposeOther],
                _ => &[Reason::CertUsageWrong],
            };
            assert_eq!(grave(&found), expected, "{profile:?} {usage:?}");
        }
    }
}

#[test]
fn what_is_issued_is_strict_and_says_what_was_asked() {
    let root = Party::root();
    let signer = root.issue("印章", Profile::Signing).certificate;
    let again = Certificate::parse_strict(signer.to_pem().as_bytes()).unwrap();
    assert_eq!(again, signer);
    assert_eq!(signer.organisation_code(), Some("11430000006122244L"));
    assert_eq!(signer.subject().common_name(), Some("印章"));
    assert_eq!(signer.issuer(), root.certificate.subject());
    assert!(signer.basic_constraints().is_none());
    assert_eq!(
        signer.key_usage(),
        Some(KeyUsage::DIGITAL_SIGNATURE.with(KeyUsage::NON_REPUDIATION))
    );
    assert_eq!(signer.serial().len(), 16);
    assert_ne!(signer.serial(), root.certificate.serial());
    assert_eq!(signer.authority_key_identifier(), root.certificate.subject_key_identifier());
}

#[test]
fn periods_cross_2050_in_both_time_forms() {
    let key = PrivateKey::generate(&mut rng());
    let name = Subject::new("r").to_name().unwrap();
    for (to, needle) in [
        ("2049-12-31T23:59:59Z", &b"491231235959Z"[..]),
        ("2050-01-01T00:00:00Z", b"20500101000000Z"),
    ] {
        let period = Period { not_before: at("2024-01-01"), not_after: at(to) };
        let certificate = self_signed(name.clone(), &key, period, None, &mut rng()).unwrap();
        assert_eq!(certificate.not_after(), at(to));
        assert!(certificate.raw().windows(needle.len()).any(|w| w == needle));
    }
}

#[test]
fn a_request_proves_possession_or_is_refused() {
    let root = Party::root();
    let key = PrivateKey::generate(&mut rng());
    let csr = Csr::make(&Subject::new("办公室").country("CN"), &key, &mut rng()).unwrap();
    let csr = Csr::parse(csr.to_pem().as_bytes()).unwrap();
    let period = Period::days(at("2024-01-01"), 365);
    let template = Template::from_csr(&csr, Profile::Signing, period).unwrap();
    let issued = root.ca().issue(&template, &mut rng()).unwrap();
    assert_eq!(issued.sm2_key(), Some(key.public_key()));
    let mut bytes = csr.raw().to_vec();
    let place = bytes.windows(3).position(|w| w == "办".as_bytes()).unwrap();
    bytes[place + 2] ^= 1;
    let forged = Csr::parse(&bytes).unwrap();
    assert!(matches!(
        Template::from_csr(&forged, Profile::Signing, period),
        Err(PkiError::SignatureBad { .. })
    ));
}

#[test]
fn a_ca_refuses_what_it_may_not_issue() {
    let root = Party::root();
    let signer = root.issue("s", Profile::Signing);
    assert!(matches!(Ca::new(&signer.certificate, &signer.key), Err(PkiError::NotAnIssuer)));
    assert!(matches!(Ca::new(&root.certificate, &signer.key), Err(PkiError::KeyMismatch)));
    let sub = root.issue("sub", Profile::Ca { path_len: Some(0) });
    let key = PrivateKey::generate(&mut rng());
    let name = Subject::new("x").to_name().unwrap();
    for (profile, from, days, why) in [
        (Profile::Ca { path_len: None }, "2022-01-01", 10, "not an issuer"),
        (Profile::Signing, "2020-06-01", 10, "before the CA"),
        (Profile::Signing, "2022-01-01", 9000, "after the CA"),
    ] {
        let period = Period::days(at(from), days);
        let template = Template::new(name.clone(), *key.public_key(), profile, period);
        assert!(sub.ca().issue(&template, &mut rng()).is_err(), "{why}");
    }
}

#[test]
fn accepting_asks_that_all_holds() {
    let root = Party::root();
    let signer = root.issue("s", Profile::Signing);
    let question = |as_of| Question {
        usage: Usage::Sign,
        as_of: at(as_of),
        now: at("2026-11-22"),
        subject: "s",
    };
    let mut facts = Facts::new();
    let chain = accept(
        &signer.certificate,
        &Pool::new(),
        &trusting(&root),
        &question("2024-01-01"),
        &mut facts,
    );
    assert_eq!(chain.unwrap().chain().len(), 2);
    let expired = accept(
        &signer.certificate,
        &Pool::new(),
        &trusting(&root),
        &question("2034-01-01"),
        &mut facts,
    );
    assert_eq!(expired.unwrap_err(), PkiError::NotAccepted { reason: Reason::CertExpired });
    let stranger = accept(
        &signer.certificate,
        &Pool::new(),
        &trusting(&Party::root()),
        &question("2024-01-01"),
        &mut facts,
    );
    let PkiError::NotAccepted { reason } = stranger.unwrap_err() else { panic!("another error") };
    assert_ne!(reason.gravity(), Verdict::Valid);
}
