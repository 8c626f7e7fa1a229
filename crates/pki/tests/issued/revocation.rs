//! Revocation as of a time.

use yinxin_pki::{
    Crl, CrlReason, Pool, TrustStore, Usage,
    ca::{CrlTemplate, Profile, Revoked},
};
use yinxin_verdict::{Check, Reason};

use super::{Party, ask_at, at, grave, rng, trusting};

fn list(ca: &Party, this: &str, next: &str, revoked: Vec<Revoked>) -> Crl {
    let template = CrlTemplate { number: 1, this_update: at(this), next_update: at(next), revoked };
    ca.ca().crl(&template, &mut rng()).unwrap()
}

fn with(crls: Vec<Crl>) -> Pool {
    Pool { certificates: Vec::new(), crls }
}

#[test]
fn a_revocation_counts_from_its_date() {
    let root = Party::root();
    let trust = trusting(&root);
    let signer = root.issue("s", Profile::Signing);
    let revoked = Revoked::new(&signer.certificate, at("2023-06-01"), CrlReason::KeyCompromise);
    let mut since = revoked.clone();
    since.since = at("2023-05-01");
    for (entry, as_of, expected) in [
        (&revoked, "2023-05-31", &[][..]),
        (&revoked, "2023-05-31T15:59:59Z", &[]),
        (&revoked, "2023-06-01", &[Reason::CertRevoked]),
        (&revoked, "2024-01-01", &[Reason::CertRevoked]),
        (&since, "2023-04-30", &[]),
        (&since, "2023-05-15", &[Reason::CertRevoked]),
    ] {
        let pool = with(vec![list(&root, "2023-07-01", "2033-01-01", vec![entry.clone()])]);
        let (found, facts) = ask_at(&signer.certificate, &pool, &trust, Usage::Sign, as_of);
        assert_eq!(grave(&found), expected, "{as_of}");
        assert_eq!(facts.value("revoked-later").is_some(), expected.is_empty(), "{as_of}");
    }
}

#[test]
fn silence_is_worth_what_the_list_is_worth() {
    let root = Party::root();
    let trust = trusting(&root);
    let signer = root.issue("s", Profile::Signing);
    let stranger = Party::root();
    let reported = |crls: Vec<Crl>| {
        let (found, _) =
            ask_at(&signer.certificate, &with(crls), &trust, Usage::Sign, "2024-01-01");
        assert_eq!(grave(&found), []);
        found.reasons
    };
    let good = list(&root, "2023-12-01", "2024-02-01", Vec::new());
    let mut forged = good.raw().to_vec();
    *forged.last_mut().unwrap() ^= 1;
    assert_eq!(reported(vec![good]), []);
    assert_eq!(reported(vec![]), [Reason::NoRevocationData]);
    assert_eq!(
        reported(vec![list(&root, "2023-10-01", "2023-11-01", Vec::new())]),
        [Reason::CrlStale]
    );
    // A list from after the verifier's clock, one by another CA of the same name, a forged one.
    assert_eq!(
        reported(vec![list(&root, "2027-01-01", "2028-01-01", Vec::new())]),
        [Reason::NoRevocationData]
    );
    let other = list(
        &stranger,
        "2023-12-01",
        "2024-02-01",
        vec![Revoked::new(&signer.certificate, at("2023-01-01"), CrlReason::Unspecified)],
    );
    assert_eq!(reported(vec![other]), [Reason::CrlUnusable, Reason::NoRevocationData]);
    assert_eq!(
        reported(vec![Crl::parse(&forged).unwrap()]),
        [Reason::CrlUnusable, Reason::NoRevocationData]
    );
}

#[test]
fn a_hold_can_be_lifted_and_a_revocation_cannot() {
    let root = Party::root();
    let trust = trusting(&root);
    let signer = root.issue("s", Profile::Signing);
    let entry = |reason| Revoked::new(&signer.certificate, at("2023-01-01"), reason);
    let newer = || list(&root, "2023-06-01", "2033-01-01", Vec::new());
    for (reason, expected) in [
        (CrlReason::CertificateHold, &[][..]),
        (CrlReason::KeyCompromise, &[Reason::CertRevoked]),
        (CrlReason::Unspecified, &[Reason::CertRevoked]),
    ] {
        let older = list(&root, "2023-02-01", "2023-03-01", vec![entry(reason)]);
        let (found, _) = ask_at(
            &signer.certificate,
            &with(vec![older.clone()]),
            &trust,
            Usage::Sign,
            "2024-01-01",
        );
        assert_eq!(grave(&found), [Reason::CertRevoked]);
        for crls in [vec![older.clone(), newer()], vec![newer(), older]] {
            let (found, _) =
                ask_at(&signer.certificate, &with(crls), &trust, Usage::Sign, "2024-01-01");
            assert_eq!(grave(&found), expected, "{reason:?}");
        }
    }
}

#[test]
fn an_issuer_can_be_revoked_too() {
    let root = Party::root();
    let sub = root.issue("sub", Profile::Ca { path_len: Some(0) });
    let signer = sub.issue("s", Profile::Signing);
    let mut trust = trusting(&root);
    trust.add_certificate(sub.certificate.clone());
    trust.add_crl(list(
        &root,
        "2023-07-01",
        "2033-01-01",
        vec![Revoked::new(&sub.certificate, at("2023-06-01"), CrlReason::CaCompromise)],
    ));
    let (found, facts) =
        ask_at(&signer.certificate, &Pool::new(), &trust, Usage::Sign, "2024-01-01");
    assert_eq!(grave(&found), [Reason::CertRevoked]);
    assert!(
        facts.facts().iter().any(|f| f.check == Check::CertRevocation && f.subject == "test ← sub")
    );
    let (found, _) = ask_at(&signer.certificate, &Pool::new(), &trust, Usage::Sign, "2023-01-01");
    assert_eq!(grave(&found), []);
}

#[test]
fn lists_follow_each_other_and_read_back() {
    let root = Party::root();
    let signers: Vec<_> = (0..3).map(|i| root.issue(&format!("s{i}"), Profile::Signing)).collect();
    let mut last: Option<Crl> = None;
    for (i, signer) in signers.iter().enumerate() {
        let mut template = CrlTemplate::after(last.as_ref(), at("2024-01-01"), at("2024-02-01"));
        let mut entry = Revoked::new(&signer.certificate, at("2023-06-01"), CrlReason::Superseded);
        entry.since = at("2023-05-01");
        template.revoked.push(entry);
        let crl = root.ca().crl(&template, &mut rng()).unwrap();
        let crl = Crl::parse(crl.to_pem().as_bytes()).unwrap();
        assert_eq!((crl.number(), crl.len()), (Some(i as u64 + 1), i + 1));
        assert!(crl.deviations().is_empty());
        last = Some(crl);
    }
    let crl = last.unwrap();
    for signer in &signers {
        let found = crl.find(signer.certificate.serial()).unwrap();
        assert_eq!(
            (found.at, found.since, found.reason),
            (at("2023-06-01"), at("2023-05-01"), CrlReason::Superseded)
        );
    }
    let mut trust = TrustStore::new();
    let both = root.certificate.to_pem() + &crl.to_pem();
    let added = trust.add(both.as_bytes()).unwrap();
    assert_eq!((added.anchors, added.intermediates, added.crls), (1, 0, 1));
    assert!(trust.add(b"nothing").is_err() && trust.add(&[]).is_err());
}
