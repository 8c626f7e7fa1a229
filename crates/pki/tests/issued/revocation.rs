//! Revocation as of a time.

use yinxin_pki::{
    Crl, CrlReason, Pool, TrustStore, Usage,
    ca::{CrlTemplate, Period, Profile, Revoked, Template},
};
use yinxin_verdict::{Check, Reason};

use super::{
    Party, ask_at, at,
    forge::{ECDSA, ForgeCrl, der, extension},
    grave, rng, trusting,
};

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

/// Lists that come along, as many as a message may bring, newer than the verifier's own and signed by nobody.
#[test]
fn forged_lists_push_no_list_of_the_verifier_aside() {
    let root = Party::root();
    let sub = root.issue("sub", Profile::Ca { path_len: Some(0) });
    let signer = sub.issue("s", Profile::Signing);
    let mut trust = trusting(&root);
    trust.add_certificate(sub.certificate.clone());
    let revoked = |of: &Party| {
        vec![Revoked::new(&of.certificate, at("2023-06-01"), CrlReason::KeyCompromise)]
    };
    let forged = |ca: &Party, day: usize| {
        let crl = list(
            ca,
            &format!("2025-{:02}-{:02}", day / 28 + 1, day % 28 + 1),
            "2033-01-01",
            Vec::new(),
        );
        let mut bytes = crl.raw().to_vec();
        *bytes.last_mut().unwrap() ^= 1;
        Crl::parse(&bytes).unwrap()
    };
    let different = (0..64).flat_map(|day| [forged(&sub, day), forged(&root, day)]).collect();
    let copies = [&sub, &root].map(|ca| vec![forged(ca, 1); 64]).concat();
    for (by, of) in [(&sub, &signer), (&root, &sub)] {
        let mut trust = trust.clone();
        trust.add_crl(list(by, "2023-07-01", "2033-01-01", revoked(of)));
        for crls in [&different, &copies] {
            let pool = with(Vec::clone(crls));
            let (found, _) = ask_at(&signer.certificate, &pool, &trust, Usage::Sign, "2024-01-01");
            assert_eq!(grave(&found), [Reason::CertRevoked]);
        }
    }
    // A list that comes along is worth its issuer's signature, before copies of a forged one too.
    let mut crls: Vec<Crl> = copies;
    crls.push(list(&sub, "2023-07-01", "2033-01-01", revoked(&signer)));
    let (found, _) = ask_at(&signer.certificate, &with(crls), &trust, Usage::Sign, "2024-01-01");
    assert_eq!(grave(&found), [Reason::CertRevoked]);
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

/// An issuingDistributionPoint with these fields.
fn point(fields: &[u8]) -> Vec<u8> {
    extension(28, true, &der(0x30, &[fields]))
}

/// `[0] { fullName [0] { uniformResourceIdentifier [6] } }`
fn place(uri: &str) -> Vec<u8> {
    der(0xa0, &[&der(0xa0, &[&der(0x86, &[uri.as_bytes()])])])
}

#[test]
fn a_list_is_silent_only_about_what_it_covers() {
    let root = Party::root();
    let trust = trusting(&root);
    let plain = root.issue("s", Profile::Signing);
    let sub = root.issue("sub", Profile::Ca { path_len: Some(0) });
    let mut template = Template::new(
        plain.certificate.subject().clone(),
        *plain.key.public_key(),
        Profile::Signing,
        Period::days(at("2022-01-01"), 3000),
    );
    template.crl_uri = Some("http://ca.example/a.crl".into());
    let pointed = root.ca().issue(&template, &mut rng()).unwrap();
    let names_root = der(0x30, &[&der(0xa4, &[root.certificate.subject().raw()])]);
    let (here, there) = (place("http://ca.example/a.crl"), place("http://ca.example/b.crl"));
    for (why, list, covered) in [
        ("whole", vec![], [true, true, true]),
        ("users only", point(&[0x81, 1, 0xff]), [true, true, false]),
        ("CAs only", point(&[0x82, 1, 0xff]), [false, false, true]),
        ("some reasons", point(&[0x83, 2, 1, 0x40]), [false, false, false]),
        ("indirect", point(&[0x84, 1, 0xff]), [false, false, false]),
        ("attributes only", point(&[0x85, 1, 0xff]), [false, false, false]),
        ("this place", point(&here), [false, true, false]),
        ("another place", point(&there), [false, false, false]),
        ("delta", extension(27, true, &[2, 1, 1]), [false, false, false]),
        ("unknown critical", extension(0x7f, true, &[5, 0]), [false, false, false]),
        ("unknown", extension(0x7f, false, &[5, 0]), [true, true, true]),
        ("its issuer's name", extension(18, false, &names_root), [true, true, true]),
    ] {
        let crl = ForgeCrl { extensions: vec![list], ..ForgeCrl::new() }.sign(&root);
        let crl = Crl::parse(&crl).unwrap();
        for (certificate, covered) in
            [&plain.certificate, &pointed, &sub.certificate].into_iter().zip(covered)
        {
            let (found, _) =
                ask_at(certificate, &with(vec![crl.clone()]), &trust, Usage::Any, "2024-01-01");
            let expected: &[Reason] = if covered { &[] } else { &[Reason::NoRevocationData] };
            assert_eq!(found.reasons, expected, "{why}");
        }
    }
}

#[test]
fn entries_revoke_whatever_the_list_covers_and_broken_lists_are_refused() {
    let root = Party::root();
    let trust = trusting(&root);
    let signer = root.issue("s", Profile::Signing);
    let serial = der(2, &[signer.certificate.serial()]);
    let entry = |more: &[u8]| der(0x30, &[&serial, &der(0x17, &[b"230101000000Z"]), more]);
    let hold = der(0x30, &[&extension(21, false, &[10, 1, 6])]);
    let odd = der(0x30, &[&extension(21, false, &[10, 1, 99])]);
    for (why, entries) in [
        ("plain", vec![entry(&[])]),
        ("on hold", vec![entry(&hold)]),
        ("for an unknown reason", vec![entry(&odd)]),
        ("twice", vec![entry(&[]), entry(&hold)]),
        (
            "with an unknown critical extension",
            vec![entry(&der(0x30, &[&extension(0x7f, true, &[5, 0])]))],
        ),
    ] {
        for extensions in [vec![], vec![point(&[0x83, 2, 1, 0x40])]] {
            let bytes =
                ForgeCrl { entries: entries.clone(), extensions, ..ForgeCrl::new() }.sign(&root);
            let pool = with(vec![Crl::parse(&bytes).unwrap()]);
            let (found, _) = ask_at(&signer.certificate, &pool, &trust, Usage::Sign, "2024-01-01");
            assert_eq!(grave(&found), [Reason::CertRevoked], "{why}");
        }
    }
    for (why, broken) in [
        ("inner algorithm differs", ForgeCrl { inner: ECDSA.to_vec(), ..ForgeCrl::new() }),
        ("outer algorithm differs", ForgeCrl { outer: ECDSA.to_vec(), ..ForgeCrl::new() }),
        ("bytes behind", ForgeCrl { after_tbs: vec![5, 0], ..ForgeCrl::new() }),
        (
            "impossible date",
            ForgeCrl { next_update: der(0x17, &[b"331301000000Z"]), ..ForgeCrl::new() },
        ),
        (
            "entry without a date",
            ForgeCrl { entries: vec![der(0x30, &[&serial])], ..ForgeCrl::new() },
        ),
        ("entry without a serial", ForgeCrl { entries: vec![vec![0x30, 0]], ..ForgeCrl::new() }),
        (
            "extension twice",
            ForgeCrl { extensions: vec![point(&[]), point(&[])], ..ForgeCrl::new() },
        ),
        (
            "point of an unknown kind",
            ForgeCrl { extensions: vec![point(&[0x86, 1, 0])], ..ForgeCrl::new() },
        ),
        // RUSTSEC-2026-0104: an empty BIT STRING made a reader panic.
        ("empty signature", ForgeCrl { signature: Some(Vec::new()), ..ForgeCrl::new() }),
        (
            "signature of part of an octet",
            ForgeCrl { signature: Some(vec![1, 0]), ..ForgeCrl::new() },
        ),
    ] {
        assert!(Crl::parse(&broken.sign(&root)).is_err(), "{why}");
    }
    let unsigned = ForgeCrl { signature: Some(vec![0]), ..ForgeCrl::new() }.sign(&root);
    assert!(Crl::parse(&unsigned).unwrap().check_issuer(&root.certificate).is_err());
}

#[test]
fn a_ca_without_the_right_to_sign_lists_signs_none() {
    let root = Party::root();
    let mut forge = super::forge::Forge::under(&root, &root.key);
    forge.issuer = root.certificate.subject().raw().to_vec();
    forge.subject = forge.issuer.clone();
    forge.extensions =
        Some(vec![extension(19, true, &[0x30, 3, 1, 1, 0xff]), super::forge::key_usage(0x04)]);
    let certificate = yinxin_pki::Certificate::parse(&forge.sign(&root.key)).unwrap();
    let crl = Crl::parse(&ForgeCrl::new().sign(&root)).unwrap();
    assert_eq!(crl.check_issuer(&root.certificate), Ok(()));
    assert_eq!(crl.check_issuer(&certificate), Err(Reason::CertUsageWrong));
    let template = CrlTemplate::after(None, at("2024-01-01"), at("2024-02-01"));
    assert!(
        yinxin_pki::ca::Ca::new(&certificate, &root.key)
            .unwrap()
            .crl(&template, &mut rng())
            .is_err()
    );
}

#[test]
fn of_two_entries_the_earlier_date_and_the_graver_reason_count() {
    let root = Party::root();
    let signer = root.issue("s", Profile::Signing);
    let entry = |date: &[u8], reason: u8| {
        let serial = der(2, &[signer.certificate.serial()]);
        let why = der(0x30, &[&extension(21, false, &[10, 1, reason])]);
        der(0x30, &[&serial, &der(0x17, &[date]), &why])
    };
    let (hold, compromise) = (entry(b"220101000000Z", 6), entry(b"230101000000Z", 1));
    for entries in [vec![hold.clone(), compromise.clone()], vec![compromise, hold]] {
        let crl = Crl::parse(&ForgeCrl { entries, ..ForgeCrl::new() }.sign(&root)).unwrap();
        let found = crl.find(signer.certificate.serial()).unwrap();
        assert_eq!(
            (found.since, found.reason),
            (at("2022-01-01T00:00:00Z"), CrlReason::KeyCompromise)
        );
    }
}
