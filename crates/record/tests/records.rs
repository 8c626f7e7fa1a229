//! Records: one encoding each, frozen; strict against damage; signed.

#![allow(clippy::unwrap_used, reason = "a helper that fails has failed its test")]

use yinxin_gm::{Digest, sm2::PrivateKey, sm3};
use yinxin_record::{
    AbsenceState, Accepted, Act, AnchorBatch, AnchorDocuments, Approve, BusinessKey, BusinessState,
    CertificateAct, CertificateState, Change, ChangeLicence, CredentialStatus, DocumentAct,
    DocumentState, EmergencySuspend, Error, IssueCertificate, IssueLicence, IssueSeal, LicenceAct,
    LicenceIdentifier, LicenceMove, LicenceState, LicenceStatus, LicenceType, LicenceTypeCode,
    LicenceUse, MemberAct, NewOrganisation, NewValidator, OrganisationCode, OrganisationState,
    OrganisationStatus, Organisations, Pending, Powers, PowersChange, ProposalState,
    ProposalStatus, Propose, Record, RevocationReason, Revoke, RotateKey, Rules, SealAct,
    SealState, Suspension, SuspensionVote, Tbs, Text, ValidatorPower, Validators, Wire,
    check_record, key_id,
};
use yinxin_verdict::{Check, Facts, Policy, Reason, UnixTime, Verdict};

fn key(n: u8) -> PrivateKey {
    PrivateKey::from_bytes(&[n; 32]).unwrap()
}

fn code() -> OrganisationCode {
    OrganisationCode::new("11430000006122244L").unwrap()
}

fn time() -> UnixTime {
    UnixTime::parse("2026-11-22T00:00:00Z").unwrap()
}

fn text<const N: usize>(text: &str) -> Text<N> {
    Text::new(text).unwrap()
}

fn identifier(version: &str) -> LicenceIdentifier {
    let id =
        format!("1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.{version}.U");
    LicenceIdentifier::new(&id).unwrap()
}

fn type_code() -> LicenceTypeCode {
    LicenceTypeCode::new("11100000000013338W011").unwrap()
}

fn digest() -> Digest {
    sm3::digest(b"a")
}

fn issue(version: &str) -> IssueLicence {
    IssueLicence {
        identifier: identifier(version),
        type_code: type_code(),
        content: digest(),
        document: digest(),
        valid_from: time(),
        valid_until: (version == "002").then(|| time().plus_millis(1)),
    }
}

fn revoke() -> Revoke {
    Revoke { digest: digest(), reason: RevocationReason::KeyCompromise, since: time() }
}

fn new_validator() -> NewValidator {
    NewValidator {
        organisation: code(),
        key: *key(2).public_key(),
        power: 1,
        peer_id: text("12D3"),
        address: text("/ip4/127.0.0.1/tcp/1"),
    }
}

fn changes() -> Vec<(&'static str, Change)> {
    let key = *key(3).public_key();
    let new = NewOrganisation {
        code: code(),
        name: text("市场监督管理局"),
        certificate: vec![0x30, 0],
        key,
        // The first five: the encoding was frozen when there were no others.
        powers: Powers::from_bits(31).unwrap(),
    };
    let powers = Powers::default();
    let rotated = RotateKey { code: code(), certificate: vec![0x30, 0], key };
    vec![
        ("add-organisation", Change::AddOrganisation(new)),
        ("set-powers", Change::SetPowers(PowersChange { code: code(), powers })),
        ("suspend-organisation", Change::SuspendOrganisation(code())),
        ("resume-organisation", Change::ResumeOrganisation(code())),
        ("rotate-key", Change::RotateKey(rotated)),
        ("add-validator", Change::AddValidator(new_validator())),
        ("remove-validator", Change::RemoveValidator(key)),
        ("reweigh-validator", Change::ReweighValidator(ValidatorPower { key, power: 2 })),
        ("set-rules", Change::SetRules(Rules::default())),
    ]
}

fn acts() -> Vec<(&'static str, Act)> {
    let moved = || LicenceMove { identifier: identifier("001"), reason: 3 };
    let licence_type = LicenceType {
        code: type_code(),
        version: 1,
        name: text("营业执照"),
        definition: digest(),
        issuers: vec![code()],
    };
    let change = ChangeLicence { previous: identifier("001"), reason: 1, next: issue("002") };
    let shown = LicenceUse {
        identifier: identifier("001"),
        copy: digest(),
        purpose: text("bid"),
        until: None,
    };
    let seal = IssueSeal { digest: digest(), seal_id: text("s1"), owner: code() };
    let certificate = IssueCertificate { digest: digest(), not_after: time() };
    let documents = AnchorDocuments { kind: text("ofd"), digests: vec![digest()] };
    let batch = AnchorBatch { kind: text("rows"), count: 1_000_000, root: digest() };
    let suspend = EmergencySuspend { organisation: code(), reason: 1 };
    let mut acts = vec![
        ("member-approve", Act::Member(MemberAct::Approve(Approve { proposal: digest() }))),
        ("member-suspend", Act::Member(MemberAct::Suspend(suspend))),
        ("certificate-issue", Act::Certificate(CertificateAct::Issue(certificate))),
        ("certificate-revoke", Act::Certificate(CertificateAct::Revoke(revoke()))),
        ("seal-issue", Act::Seal(SealAct::Issue(seal))),
        ("seal-revoke", Act::Seal(SealAct::Revoke(revoke()))),
        ("licence-type", Act::Licence(LicenceAct::PublishType(licence_type))),
        ("licence-issue", Act::Licence(LicenceAct::Issue(issue("001")))),
        ("licence-change", Act::Licence(LicenceAct::Change(change))),
        ("licence-suspend", Act::Licence(LicenceAct::Suspend(moved()))),
        ("licence-resume", Act::Licence(LicenceAct::Resume(moved()))),
        ("licence-cancel", Act::Licence(LicenceAct::Cancel(moved()))),
        ("licence-revoke", Act::Licence(LicenceAct::Revoke(moved()))),
        ("licence-archive", Act::Licence(LicenceAct::Archive(moved()))),
        ("licence-use", Act::Licence(LicenceAct::Use(shown))),
        ("document-anchor", Act::Document(DocumentAct::Anchor(documents))),
        ("document-batch", Act::Document(DocumentAct::Batch(batch))),
    ];
    acts.extend(changes().into_iter().map(|(name, change)| {
        (name, Act::Member(MemberAct::Propose(Propose { change, effective_height: 9 })))
    }));
    acts
}

fn tbs(act: Act) -> Tbs {
    Tbs {
        chain_id: Digest::ZERO,
        organisation: code(),
        signer: key_id(key(1).public_key()),
        business_key: BusinessKey::new("case/1").unwrap(),
        last_valid_height: 1000,
        act,
    }
}

fn record(act: Act) -> Record {
    Record { tbs: tbs(act), signature: [7; 64] }
}

fn states() -> Vec<(&'static str, Vec<u8>)> {
    let licence = LicenceState {
        status: LicenceStatus::Replaced,
        type_code: type_code(),
        issuer: code(),
        content: digest(),
        document: digest(),
        valid_from: time(),
        valid_until: Some(time()),
        previous: None,
        next: Some(identifier("002")),
        reason: 1,
        height: 5,
        since: time(),
    };
    let certificate = CertificateState {
        status: CredentialStatus::Revoked,
        issuer: Some(code()),
        not_after: Some(time()),
        revocation: Some(revoke()),
        height: 5,
    };
    let seal = SealState {
        status: CredentialStatus::Active,
        maker: code(),
        seal_id: text("s1"),
        owner: code(),
        revocation: None,
        height: 5,
    };
    let document = DocumentState {
        organisation: code(),
        kind: text("ofd"),
        count: Some(2),
        record: digest(),
        height: 5,
    };
    let organisation = OrganisationState {
        name: text("市场监督管理局"),
        certificate: digest(),
        key: *key(1).public_key(),
        powers: Powers::default(),
        status: OrganisationStatus::Active,
        height: 0,
    };
    let proposal = ProposalState {
        change: changes()[2].1.clone(),
        effective_height: 9,
        approvals: vec![code()],
        status: ProposalStatus::Open,
        height: 5,
    };
    let accepted = vec![Accepted { effective_height: 9, proposal: digest() }];
    let votes = vec![SuspensionVote { organisation: code(), reason: 1, time: time() }];
    vec![
        ("state-licence", licence.to_der()),
        ("state-certificate", certificate.to_der()),
        ("state-seal", seal.to_der()),
        ("state-document", document.to_der()),
        ("state-organisation", organisation.to_der()),
        ("state-organisations", Organisations { codes: vec![code()] }.to_der()),
        ("state-validators", Validators { validators: vec![new_validator()] }.to_der()),
        ("state-proposal", proposal.to_der()),
        ("state-pending", Pending { accepted }.to_der()),
        ("state-suspension", Suspension { votes, until: Some(time()) }.to_der()),
        ("state-absence", AbsenceState { from: time(), until: Some(time()) }.to_der()),
        ("state-business", BusinessState { record: digest(), height: 5 }.to_der()),
        ("state-rules", Rules::default().to_der()),
    ]
}

#[test]
fn every_act_reads_back() {
    for (name, act) in acts() {
        let record = record(act);
        assert_eq!(Record::from_der(&record.to_der()), Ok(record), "{name}");
    }
}

#[test]
fn encodings_are_frozen() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/record/frozen.sm3");
    let records = acts().into_iter().map(|(name, act)| (name, record(act).to_der()));
    let found: String = records
        .chain(states())
        .map(|(name, der)| format!("{name} {}\n", sm3::digest(&der)))
        .collect();
    assert_eq!(std::fs::read_to_string(path).unwrap_or_default(), found, "{path}");
}

#[test]
fn damaged_records_are_refused_or_mean_one_thing() {
    for (name, act) in acts() {
        let bytes = record(act).to_der();
        for at in 0..bytes.len() {
            for flip in [0x01, 0x20, 0x80] {
                let mut changed = bytes.clone();
                changed[at] ^= flip;
                if let Ok(read) = Record::from_der(&changed) {
                    assert_eq!(read.to_der(), changed, "{name} byte {at}");
                }
            }
            assert!(Record::from_der(&bytes[..at]).is_err(), "{name} cut at {at}");
        }
        assert!(Record::from_der(&[&bytes[..], &[0]].concat()).is_err(), "{name} and a byte");
    }
}

#[test]
fn reserved_families_are_refused() {
    let (_, act) = acts().remove(0);
    let bytes = record(act).to_der();
    let inner = acts().remove(0).1.to_der();
    let act_at = bytes.windows(inner.len()).position(|w| w == inner).unwrap();
    for tag in 6..=15_u8 {
        let mut other = bytes.clone();
        other[act_at] = 0xa0 + tag;
        assert!(Record::from_der(&other).is_err(), "[{tag}]");
    }
}

#[test]
fn lists_that_stand_for_sets_have_one_order() {
    let digests = |list: &[&[u8]]| {
        let digests = list.iter().map(|d| sm3::digest(d)).collect();
        let act = AnchorDocuments { kind: text("ofd"), digests };
        Record::from_der(&record(Act::Document(DocumentAct::Anchor(act))).to_der()).is_ok()
    };
    let (low, high) = if sm3::digest(b"1") < sm3::digest(b"2") {
        (&b"1"[..], &b"2"[..])
    } else {
        (&b"2"[..], &b"1"[..])
    };
    assert!(digests(&[low, high]));
    assert!(!digests(&[high, low]) && !digests(&[low, low]) && !digests(&[]));
}

#[test]
fn a_record_is_signed_by_the_key_that_it_names() {
    let rng = &mut rand_core::UnwrapErr(getrandom::SysRng);
    let (_, act) = acts().remove(0);
    let signed = tbs(act.clone()).sign(&key(1), rng).unwrap();
    assert_eq!(signed.verify(key(1).public_key()), Ok(()));
    assert_eq!(signed.verify(key(2).public_key()), Err(Error::Signature));
    assert_eq!(tbs(act.clone()).sign(&key(2), rng), Err(Error::Signature));
    let again = tbs(act).sign(&key(1), rng).unwrap();
    assert_eq!(again.id(), signed.id(), "the same act has the same id however often it is signed");
    let mut later = signed.clone();
    later.tbs.last_valid_height += 1;
    assert_ne!(later.id(), signed.id());
    assert_eq!(later.verify(key(1).public_key()), Err(Error::Signature));
}

#[test]
fn an_outsider_checks_the_signature_or_leaves_it_to_the_ledger() {
    let rng = &mut rand_core::UnwrapErr(getrandom::SysRng);
    let (_, act) = acts().remove(0);
    let good = tbs(act).sign(&key(1), rng).unwrap();
    let judge = |bytes: &[u8], keys: &[u8]| {
        let mut facts = Facts::new();
        let keys_of = |_: &str| keys.iter().map(|n| *key(*n).public_key()).collect();
        let read = check_record(bytes, keys_of, "record", &mut facts);
        (read.is_some(), Policy::default().judge(&facts), facts)
    };
    assert_eq!(judge(&good.to_der(), &[2, 1]).1, Verdict::Valid);
    let mut forged = good.clone();
    forged.signature[40] ^= 1;
    let (_, verdict, facts) = judge(&forged.to_der(), &[1]);
    assert_eq!(verdict, Verdict::Invalid);
    assert!(facts.has(Reason::RecordSignatureBad));
    let (read, _, facts) = judge(&good.to_der(), &[2]);
    assert!(read && facts.facts().iter().all(|f| f.check != Check::ReceiptRecord));
    assert!(facts.value("signer").is_some(), "a key that the trust does not know is told");
    let (read, verdict, _) = judge(b"no record", &[1]);
    assert!(!read && verdict == Verdict::Invalid);
}
