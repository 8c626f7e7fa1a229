//! What holds for every record: rules 1 to 9, powers, blocks.

#[path = "rig/world.rs"]
mod world;

use world::{World, anchor, code, founded, key, licence, licence_type, sign, signed, start};
use yinxin_gm::{Digest, sm3};
use yinxin_ledger::{ApplyError, Error, advice, genesis, index_key};
use yinxin_record::{
    Act, BusinessKey, CertificateAct, DocumentState, IssueCertificate, IssueSeal, LicenceAct,
    OrganisationState, Organisations, Power, RevocationReason, Revoke, Rules, SealAct, Text,
    Validators, Wire, key_id, state_key,
};
use yinxin_verdict::{Explain, Lang};

#[test]
fn genesis_writes_members_validators_and_rules() {
    let world = World::new();
    let Organisations { codes } = world.load(&state_key::organisations()).unwrap();
    assert_eq!(codes, [code(1), code(2), code(3), code(4)]);
    let first: OrganisationState = world.load(&state_key::organisation(&code(1))).unwrap();
    assert_eq!((first.key, first.height), (*key(1).public_key(), 0));
    let Validators { validators } = world.load(&state_key::validators()).unwrap();
    assert_eq!(validators.len(), 4);
    assert_eq!(world.load::<Rules>(&state_key::rules()), Some(Rules::default()));
    let founded = founded(&[31; 4]);
    let outcome = genesis(&founded).unwrap();
    assert_eq!(outcome.next_validators, founded.validator_set().unwrap());
    assert_eq!(outcome.peers.map(|p| p.len()), Some(4));
}

#[test]
fn a_genesis_that_the_ledger_cannot_read_is_refused() {
    let mut unsigned = founded(&[31; 4]);
    unsigned.signatures.clear();
    assert!(matches!(genesis(&unsigned), Err(Error::Genesis(_))));
    assert_eq!(genesis(&founded(&[8192; 4])), Err(Error::GenesisPowers { bits: 8192 }));
    let mut no_rules = founded(&[31; 4]);
    no_rules.rules.clear();
    sign(&mut no_rules);
    assert!(matches!(genesis(&no_rules), Err(Error::Record(_))));
    let mut wrong_digit = founded(&[31; 1]);
    let wrong = "11430000006122001I".to_owned();
    wrong_digit.organisations[0].code = wrong.clone();
    wrong_digit.validators[0].organisation = wrong.clone();
    wrong_digit.signatures.clear();
    let body = wrong_digit.body();
    let rng = &mut rand_core::UnwrapErr(getrandom::SysRng);
    let raw = key(1).sign(yinxin_gm::sm2::DEFAULT_ID, &body, rng).unwrap().to_raw();
    wrong_digit.add_signature(&wrong, raw).unwrap();
    assert!(matches!(genesis(&wrong_digit), Err(Error::Record(_))));
}

#[test]
fn each_lie_about_a_record_is_refused_for_its_reason() {
    let mut world = World::new();
    world.height = 50;
    let good = world.tbs(1, anchor("a"));
    let max = 50 + Rules::default().max_lifetime;
    let late = yinxin_record::Tbs { last_valid_height: 49, ..good.clone() };
    let other_chain = yinxin_record::Tbs { chain_id: Digest::ZERO, ..good.clone() };
    let far = yinxin_record::Tbs { last_valid_height: max + 1, ..good.clone() };
    let stranger = yinxin_record::Tbs { organisation: code(9), ..good.clone() };
    let signer = key_id(key(2).public_key());
    let other_key = yinxin_record::Tbs { signer, ..good.clone() };
    let mut forged = signed(good.clone(), 1);
    let last = forged.len() - 1;
    forged[last] ^= 1;
    let mut padded = signed(good.clone(), 1);
    padded.push(0);
    for (record, reason) in [
        (signed(late, 1), "EXPIRED"),
        (signed(other_chain, 1), "OTHER_LEDGER"),
        (signed(far, 1), "LIFETIME_TOO_LONG"),
        (signed(stranger, 1), "ORGANISATION_UNKNOWN"),
        (signed(other_key, 2), "OTHER_KEY"),
        (forged, "SIGNATURE"),
        (padded, "RECORD"),
        (Vec::new(), "RECORD"),
        (vec![0x30; 70_000], "RECORD"),
    ] {
        let error = world.commit(&record).unwrap_err();
        assert_eq!(error.code(), reason, "{error}");
        assert!(!error.explain(Lang::Zh).what.is_empty());
    }
    let edge = yinxin_record::Tbs { last_valid_height: 50, ..good.clone() };
    assert!(world.commit(&signed(edge, 1)).is_ok());
}

#[test]
fn a_business_key_is_used_once_and_the_same_record_is_known_again() {
    let mut world = World::new();
    let tbs = world.tbs(1, anchor("a"));
    let record = signed(tbs.clone(), 1);
    world.commit(&record).unwrap();
    let again = world.commit(&record).unwrap_err();
    assert_eq!(again, Error::AlreadyCommitted { record: tbs.id(), height: 1 });
    let resigned = world.commit(&signed(tbs.clone(), 1)).unwrap_err();
    assert_eq!(resigned.code(), "ALREADY_COMMITTED", "another signature is no other act");
    let other = yinxin_record::Tbs { act: anchor("b"), ..tbs.clone() };
    let refused = world.commit(&signed(other.clone(), 1)).unwrap_err();
    assert_eq!(refused, Error::BusinessKeyUsed { record: tbs.id(), height: 1 });
    let signer = key_id(key(2).public_key());
    let theirs = yinxin_record::Tbs { organisation: code(2), signer, ..other };
    assert!(world.commit(&signed(theirs, 2)).is_ok(), "keys are each organisation's own");
    let twice = world.record(1, anchor("c"));
    let error = world.block(&[twice.clone(), twice]).unwrap_err();
    assert!(matches!(
        error,
        ApplyError::Record { index: 1, error: Error::AlreadyCommitted { .. } }
    ));
}

#[test]
fn a_refused_record_leaves_no_trace() {
    let mut world = World::with_powers(&[0; 4]);
    let before = world.state.map.clone();
    assert_eq!(world.act(1, anchor("a")).unwrap_err().code(), "POWER_MISSING");
    assert_eq!(world.state.map, before);
}

#[test]
fn each_act_needs_its_power() {
    let digest = sm3::digest(b"x");
    let revoke = Revoke { digest, reason: RevocationReason::Unspecified, since: start() };
    let issue_seal = IssueSeal { digest, seal_id: Text::new("s").unwrap(), owner: code(1) };
    let issue_certificate = IssueCertificate { digest, not_after: start() };
    let acts = [
        (anchor("a"), Power::Anchor),
        (Act::Certificate(CertificateAct::Issue(issue_certificate)), Power::Certificates),
        (Act::Certificate(CertificateAct::Revoke(revoke.clone())), Power::Certificates),
        (Act::Seal(SealAct::Issue(issue_seal)), Power::Seals),
        (Act::Seal(SealAct::Revoke(revoke)), Power::Seals),
        (licence_type(1, 1, &[1]), Power::LicenceTypes),
        (Act::Licence(LicenceAct::Issue(licence(1, 1, 1))), Power::Licences),
    ];
    for power in Power::ALL {
        let bits = yinxin_record::Powers::from_iter([*power]).bits();
        let mut world = World::with_powers(&[bits, 0, 0, 0]);
        for (act, needed) in &acts {
            let refused = world.act(1, act.clone()).err().map(|e| e.code());
            assert_eq!(refused == Some("POWER_MISSING"), needed != power, "{act:?}");
        }
    }
}

#[test]
fn certificates_and_seals_are_revoked_by_who_issued_them() {
    let mut world = World::new();
    let digest = sm3::digest(b"x");
    let revoke = |since| Revoke { digest, reason: RevocationReason::KeyCompromise, since };
    let issue = IssueCertificate { digest, not_after: start() };
    let issue = Act::Certificate(CertificateAct::Issue(issue));
    let seal = IssueSeal { digest, seal_id: Text::new("s").unwrap(), owner: code(9) };
    let seal = Act::Seal(SealAct::Issue(seal));
    for (issue, revoke) in [
        (issue, Box::new(|r| Act::Certificate(CertificateAct::Revoke(r))) as Box<dyn Fn(_) -> _>),
        (seal, Box::new(|r| Act::Seal(SealAct::Revoke(r)))),
    ]
    .map(|(issue, act)| (issue, move |since| act(revoke(since))))
    {
        let past = start();
        assert_eq!(world.act(1, revoke(past)).unwrap_err().code(), "ILLEGAL_MOVE");
        world.act(1, issue.clone()).unwrap();
        assert_eq!(world.act(1, issue).unwrap_err().code(), "ILLEGAL_MOVE");
        assert_eq!(world.act(2, revoke(past)).unwrap_err().code(), "ILLEGAL_MOVE");
        let ahead = world.time.plus_millis(1);
        assert_eq!(world.act(1, revoke(ahead)).unwrap_err().code(), "SINCE_FUTURE");
        world.act(1, revoke(past)).unwrap();
        assert_eq!(world.act(1, revoke(past)).unwrap_err().code(), "ILLEGAL_MOVE");
    }
}

/// The ledger sees a digest only, and once knew each but once: whoever registered another's seal first barred its maker
/// from ever revoking it, and could revoke it instead.
#[test]
fn another_cannot_register_or_revoke_in_the_place_of_the_maker() {
    let mut world = World::new();
    let digest = sm3::digest(b"x");
    let revoke = Revoke { digest, reason: RevocationReason::KeyCompromise, since: start() };
    let issue = IssueCertificate { digest, not_after: start() };
    let seal = IssueSeal { digest, seal_id: Text::new("s").unwrap(), owner: code(9) };
    for (issue, revoke, key) in [
        (
            Act::Certificate(CertificateAct::Issue(issue)),
            Act::Certificate(CertificateAct::Revoke(revoke.clone())),
            state_key::certificate as fn(&_, &_) -> _,
        ),
        (
            Act::Seal(SealAct::Issue(seal)),
            Act::Seal(SealAct::Revoke(revoke)),
            state_key::seal as fn(&_, &_) -> _,
        ),
    ] {
        world.act(2, issue.clone()).unwrap();
        world.act(2, revoke.clone()).unwrap();
        world.act(1, issue).unwrap();
        let [first, own] = [2, 1].map(|n| world.state.map[&key(&code(n), &digest)].clone());
        assert_ne!(first, own, "the maker's own stands unrevoked under its own code");
        world.act(1, revoke).unwrap();
    }
}

#[test]
fn the_first_anchoring_stays_in_the_state_and_every_one_in_the_index() {
    let mut world = World::new();
    let first = world.act(1, anchor("a")).unwrap();
    let second = world.act(2, anchor("a")).unwrap();
    let digest = sm3::digest(b"a");
    let state: DocumentState = world.load(&state_key::document(&digest)).unwrap();
    assert_eq!((state.organisation, state.record), (code(1), first.results[0].id));
    for (outcome, n, height) in [(first, 1, 1_u64), (second, 2, 2)] {
        let suffix = [&height.to_be_bytes()[..], &[0; 4]].concat();
        for prefix in [index_key::digest(&digest), index_key::organisation(&code(n))] {
            let key = [prefix, suffix.clone()].concat();
            let id = outcome.results[0].id.as_bytes().to_vec();
            assert!(outcome.index.contains(&(key, id)));
        }
    }
}

#[test]
fn the_same_block_does_the_same_everywhere() {
    let mut world = World::new();
    let records: Vec<_> =
        (0..20).map(|i| world.record(1 + i % 4, anchor(&i.to_string()))).collect();
    let mut other = world.clone();
    assert_eq!(world.block(&records), other.block(&records));
    assert_eq!(world.state.map, other.state.map);
}

#[test]
fn a_block_has_room_for_so_much() {
    let mut world = World::new();
    let rules = Rules { max_block_records: 2, ..Rules::default() };
    world.state.map.insert(state_key::rules(), rules.to_der());
    let records: Vec<_> = (0..3).map(|i: u8| world.record(1, anchor(&i.to_string()))).collect();
    let error = world.block(&records).unwrap_err();
    assert!(matches!(error, ApplyError::Record { index: 2, error: Error::BlockFull { .. } }));
    assert!(world.block(&records[..2]).is_ok());
}

#[test]
fn a_broken_store_is_no_refusal() {
    let mut world = World::new();
    let record = world.record(1, anchor("a"));
    world.state.broken = true;
    assert!(matches!(world.check(&record), Err(Error::Store(_))));
    assert!(matches!(world.block(&[record]), Err(ApplyError::Store(_))));
    let mut world = World::new();
    let record = world.record(1, anchor("a"));
    world.state.map.insert(state_key::organisation(&code(1)), b"rot".to_vec());
    assert!(matches!(world.block(&[record]), Err(ApplyError::Store(_))), "rot is no absence");
}

#[test]
fn business_keys_are_bytes() {
    let mut world = World::new();
    let mut tbs = world.tbs(1, anchor("a"));
    tbs.business_key = BusinessKey::new([0xff; 64]).unwrap();
    assert!(world.commit(&signed(tbs, 1)).is_ok());
}

#[test]
fn a_refusal_says_what_to_do_in_both_languages() {
    for code in [
        "ALREADY_APPROVED",
        "BLOCK_FULL",
        "BUSINESS_KEY_USED",
        "CERTIFICATE_REVOKED",
        "EFFECTIVE_HEIGHT",
        "EXPIRED",
        "IDENTIFIER_FOREIGN",
        "ILLEGAL_MOVE",
        "KEY_TAKEN",
        "LICENCE_EXPIRED",
        "LIFETIME_TOO_LONG",
        "NEVER_VALID",
        "NOT_AUTHORITY",
        "NOT_ISSUER",
        "NOT_NEXT_VERSION",
        "NO_QUORUM_LEFT",
        "ORGANISATION_SUSPENDED",
        "ORGANISATION_UNKNOWN",
        "OTHER_KEY",
        "OTHER_LEDGER",
        "OWN_SUSPENSION",
        "POWER_MISSING",
        "RECORD",
        "SIGNATURE",
        "SINCE_FUTURE",
        "TOO_MANY_PENDING",
        "TYPE_UNKNOWN",
        "TYPE_VERSION",
        "VALIDATOR_TWICE",
    ] {
        let [en, zh] = [Lang::En, Lang::Zh].map(|lang| advice(code, lang));
        assert!(!en.is_empty() && !zh.is_empty() && en != zh, "{code}");
    }
    let refused = World::new().act(9, anchor("a")).unwrap_err();
    assert!(refused.explain(Lang::En).todo.contains("add-organisation"), "{refused:?}");
}
