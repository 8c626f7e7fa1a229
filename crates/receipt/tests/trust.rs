//! What a trust folder comes to: genesis, changes of validators, checkpoints, status proofs.

#[path = "rig/chain.rs"]
mod chain;

use chain::{Chain, code, days, genesis, key, rng, set, sign};
use yinxin_gm::{Digest, sm2::DEFAULT_ID, sm3};
use yinxin_merkle::state::{Leaf, StateProof};
use yinxin_receipt::{
    Anchor, Checkpoint, Error, Genesis, Receipt, SetChange, StatusProof, Trust, VoteKind, Wire,
    check_receipt, check_status,
};
use yinxin_verdict::{Facts, Policy, Reason, UnixTime, Verdict};

fn judge(receipt: &Receipt, trust: &Trust) -> (Verdict, Facts) {
    let (policy, mut facts) = (Policy::default(), Facts::new());
    check_receipt(receipt, trust, &policy, days(1), "receipt", &mut facts);
    (policy.judge(&facts), facts)
}

#[test]
fn a_genesis_stands_when_every_founder_signed_it() {
    let good = genesis(4);
    assert_eq!(good.check(), Ok(()));
    assert_eq!(Genesis::from_der(&good.to_der()), Ok(good.clone()));
    let mut unsigned = good.clone();
    unsigned.signatures.remove(2);
    assert_eq!(unsigned.check(), Err(Error::Unsigned { organisation: code(3) }));
    let mut changed = good.clone();
    changed.organisations[0].powers = 0;
    assert_ne!(changed.chain_id(), good.chain_id());
    assert_eq!(changed.check(), Err(Error::OrganisationSignature { organisation: code(1) }));
    let mut strange = good.clone();
    strange.validators[0].organisation = code(9);
    strange.sort();
    assert_eq!(strange.check(), Err(Error::OrganisationUnknown { organisation: code(9) }));
    let mut twins = good.clone();
    twins.validators[1].peer_id = twins.validators[0].peer_id.clone();
    assert!(matches!(twins.check(), Err(Error::Duplicate { what: "peer id", .. })));
    let mut one_key = good.clone();
    one_key.validators[1].key = one_key.validators[0].key;
    assert!(matches!(one_key.check(), Err(Error::Set(_))));
    let mut draft = good;
    let raw = key(2).sign(DEFAULT_ID, &draft.body(), &mut rng()).unwrap().to_raw();
    let wrong = draft.add_signature(&code(1), raw);
    assert_eq!(wrong, Err(Error::OrganisationSignature { organisation: code(1) }));
}

#[test]
fn receipts_hold_across_a_change_of_validators() {
    let mut chain = Chain::new();
    let before = chain.commit(b"before");
    let change = chain.change(&[101, 102, 103, 104, 105]);
    let after = chain.commit(b"after");
    assert_eq!(after.certificate.signatures.len(), 3);
    let after = chain::Block { certificate: chain.votes(&after.header, 0, 4), ..after };
    let (old, new) = (chain.receipt(0, &before), chain.receipt(2, &after));
    let mut trust = chain.trust();
    assert_eq!(judge(&old, &trust).0, Verdict::Valid);
    let (verdict, facts) = judge(&new, &trust);
    assert_eq!(verdict, Verdict::Indeterminate, "the folder lacks the change");
    assert!(facts.has(Reason::ValidatorsUnknown));
    trust.add_set_change(SetChange::from_der(&change.to_der()).unwrap()).unwrap();
    assert_eq!(judge(&old, &trust).0, Verdict::Valid);
    assert_eq!(judge(&new, &trust).0, Verdict::Valid);
    // Three of the old four still have their keys, and sign another block for a height at which they are out of office.
    let mut forged = after.header.clone();
    forged.validators = chain.genesis.validator_set().unwrap().hash();
    let office = chain.genesis.validator_set().unwrap();
    let votes = sign(&forged, 0, VoteKind::Precommit, &office, &[101, 102, 103]);
    let anchor = Anchor::committed(forged, votes);
    let (verdict, facts) = judge(&Receipt { anchor, ..new }, &trust);
    assert_eq!(verdict, Verdict::Invalid);
    assert!(facts.has(Reason::QuorumMissing), "{facts:?}");
}

#[test]
fn lies_about_a_change_of_validators_are_refused() {
    let mut chain = Chain::new();
    let office = chain.set.clone();
    let change = chain.change(&[101, 102, 103, 104, 105]);
    let mut other_set = change.clone();
    other_set.next = set(&[101, 102, 103, 104, 106]);
    let mut few = change.clone();
    few.certificate.signatures.pop();
    let mut strangers = change.clone();
    strangers.certificate = sign(&change.header, 0, VoteKind::Precommit, &office, &[51, 52, 53]);
    let mut no_change = change.clone();
    no_change.header.next_validators = no_change.header.validators;
    no_change.next = office.clone();
    no_change.certificate =
        sign(&no_change.header, 0, VoteKind::Precommit, &office, &[101, 102, 103]);
    let mut other_block = change.clone();
    other_block.certificate.height += 1;
    for (what, lie) in [
        ("another set", other_set),
        ("too few votes", few),
        ("strangers' votes", strangers),
        ("no change", no_change),
        ("votes for another height", other_block),
    ] {
        assert!(chain.trust().add_set_change(lie).is_err(), "{what}");
    }
    let mut trust = chain.trust();
    trust.add_set_change(change.clone()).unwrap();
    trust.add_set_change(change.clone()).unwrap();
    let mut fork = change;
    fork.next = set(&[101, 102, 103, 104, 107]);
    fork.header.next_validators = fork.next.hash();
    fork.certificate = sign(&fork.header, 0, VoteKind::Precommit, &office, &[101, 102, 103]);
    assert_eq!(trust.add_set_change(fork), Err(Error::Conflict { height: 1 }));
}

#[test]
fn a_checkpoint_needs_two_thirds_of_the_organisations() {
    let mut chain = Chain::new();
    let block = chain.commit(b"a");
    for (signers, holds) in
        [(&[1, 2, 3][..], true), (&[1, 2, 3, 4], true), (&[1, 2], false), (&[], false)]
    {
        let checkpoint = chain.checkpoint(&block, signers);
        let checkpoint = Checkpoint::from_der(&checkpoint.to_der()).unwrap();
        assert_eq!(chain.trust().add_checkpoint(checkpoint).is_ok(), holds, "{signers:?}");
    }
    let mut usurped = chain.checkpoint(&block, &[]);
    for (n, (_, listed)) in usurped.organisations.iter_mut().enumerate() {
        *listed = *key(60 + u8::try_from(n).unwrap()).public_key();
    }
    let body = usurped.body();
    for n in 0..4 {
        let raw = key(60 + n).sign(DEFAULT_ID, &body, &mut rng()).unwrap().to_raw();
        usurped.signatures.push((code(n + 1), raw));
    }
    let refused = chain.trust().add_checkpoint(usurped);
    assert_eq!(refused, Err(Error::OrganisationQuorum { found: 0, total: 4 }));
    let mut other_set = chain.checkpoint(&block, &[1, 2, 3]);
    other_set.next = set(&[101]);
    assert!(matches!(chain.trust().add_checkpoint(other_set), Err(Error::SetHash { .. })));
}

#[test]
fn between_a_set_and_a_checkpoint_with_another_nothing_is_sure() {
    let mut chain = Chain::new();
    let first = chain.commit(b"first");
    let change = chain.change(&[101, 102, 103, 104, 105]);
    let second = chain.commit(b"second");
    let second = chain::Block { certificate: chain.votes(&second.header, 0, 4), ..second };
    let checkpoint = chain.checkpoint(&second, &[1, 2, 3]);
    let third = chain.commit(b"third");
    let third = chain::Block { certificate: chain.votes(&third.header, 0, 4), ..third };
    let mut trust = chain.trust();
    trust.add_checkpoint(checkpoint).unwrap();
    let (one, two, three) =
        (chain.receipt(0, &first), chain.receipt(2, &second), chain.receipt(3, &third));
    for (receipt, what) in [(&one, "before the change"), (&two, "after it")] {
        let (verdict, facts) = judge(receipt, &trust);
        assert_eq!(verdict, Verdict::Indeterminate, "{what}");
        assert!(facts.has(Reason::ValidatorsUnknown), "{what}");
    }
    assert_eq!(judge(&three, &trust).0, Verdict::Valid, "after the checkpoint");
    trust.add_set_change(change).unwrap();
    for receipt in [&one, &two, &three] {
        assert_eq!(judge(receipt, &trust).0, Verdict::Valid, "the change closes the gap");
    }
}

fn status(proof: &StatusProof, trust: &Trust, now: UnixTime) -> (Verdict, Facts) {
    let (policy, mut facts) = (Policy::default(), Facts::new());
    check_status(proof, trust, &policy, now, "status", &mut facts);
    (policy.judge(&facts), facts)
}

#[test]
fn a_status_proof_says_what_the_state_said_and_grows_old() {
    let mut chain = Chain::new();
    // A tree of one leaf is that leaf: `licence/1` is present, anything else absent.
    let tagged = |k: &[u8], v: &[u8]| {
        let (k, v) = (sm3::digest(k), sm3::digest(v));
        sm3::digest_all(&[b"JMT::LeafNode", k.as_bytes(), v.as_bytes()])
    };
    let root = tagged(b"licence/1", b"active");
    let block = chain.commit_with(b"r", root, None);
    let trust = chain.trust();
    let other = Leaf { key: sm3::digest(b"licence/1"), value: sm3::digest(b"active") };
    let absence = StateProof::new(Vec::new(), Some(other)).unwrap();
    let proof = |key: &[u8], value: Option<&[u8]>, path: &StateProof| {
        let (header, certificate) = (block.header.clone(), block.certificate.clone());
        let value = value.map(<[u8]>::to_vec);
        let proof = StatusProof::new(key.to_vec(), value, path.clone(), header, certificate);
        StatusProof::from_der(&proof.to_der()).unwrap()
    };
    let soon = days(0).plus_millis(3_600_000);
    let alone = StateProof::default();
    for (what, proof, holds) in [
        ("present", proof(b"licence/1", Some(b"active"), &alone), true),
        ("absent", proof(b"licence/2", None, &absence), true),
        ("another value", proof(b"licence/1", Some(b"revoked"), &alone), false),
        ("another key", proof(b"licence/2", Some(b"active"), &alone), false),
        ("present called absent", proof(b"licence/1", None, &absence), false),
        ("absent without the leaf", proof(b"licence/2", None, &alone), false),
    ] {
        let (verdict, facts) = status(&proof, &trust, soon);
        assert_eq!(verdict == Verdict::Valid, holds, "{what}: {facts:?}");
        assert_eq!(facts.has(Reason::InclusionBad), !holds, "{what}");
    }
    let good = proof(b"licence/1", Some(b"active"), &alone);
    let (verdict, facts) = status(&good, &trust, days(2));
    assert_eq!(verdict, Verdict::Indeterminate);
    assert!(facts.has(Reason::StatusStale));
    let (verdict, facts) = status(&good, &Trust::default(), soon);
    assert_eq!(verdict, Verdict::Indeterminate);
    assert!(facts.has(Reason::LedgerUnknown));
    let mut few = good.clone();
    few.signatures.pop();
    assert!(status(&few, &trust, soon).1.has(Reason::QuorumMissing));
    let mut later = good;
    later.header.time_ms += 1;
    assert!(status(&later, &trust, soon).1.has(Reason::QuorumMissing));
}

/// Damages each byte of an encoding: nothing panics, and what is still read is written the same way.
fn damage<T: Wire>(value: &T) {
    let bytes = value.to_der();
    for at in 0..bytes.len() {
        for flip in [0x01, 0x20, 0x80] {
            let mut changed = bytes.clone();
            changed[at] ^= flip;
            if let Ok(read) = T::from_der(&changed) {
                assert_eq!(read.to_der(), changed, "{} byte {at}", T::NAME);
            }
        }
        assert!(T::from_der(&bytes[..at]).is_err(), "{} cut at {at}", T::NAME);
    }
    assert!(T::from_der(&[&bytes[..], &[0]].concat()).is_err(), "{} and a byte", T::NAME);
    assert!(T::from_der(&vec![0x30; T::MAX_LEN + 1]).is_err(), "{} too long", T::NAME);
}

#[test]
fn damaged_files_are_refused_or_mean_one_thing() {
    let mut chain = Chain::new();
    let block = chain.commit(b"a");
    damage(&block.header);
    damage(&block.certificate);
    damage(&chain.set);
    damage(&chain.genesis);
    damage(&chain.checkpoint(&block, &[1, 2, 3]));
    damage(&chain.change(&[101, 102, 103, 104, 105]));
    let (header, certificate) = (block.header, block.certificate);
    let value = Some(b"v".to_vec());
    damage(&StatusProof::new(b"k".to_vec(), value, StateProof::default(), header, certificate));
}

#[test]
fn encodings_are_frozen() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/receipt/frozen.sm3");
    let mut chain = Chain::new();
    let mut block = chain.commit(b"a record");
    // Signatures differ from run to run; these bytes do not.
    let signatures: Vec<_> = (0..3_u8).map(|n| (u16::from(n), [n + 1; 64])).collect();
    block.certificate.signatures = signatures.clone();
    let mut founded = chain.genesis.clone();
    founded.signatures.iter_mut().for_each(|(_, raw)| *raw = [9; 64]);
    let mut checkpoint = chain.checkpoint(&block, &[1, 2, 3]);
    checkpoint.signatures.iter_mut().for_each(|(_, raw)| *raw = [9; 64]);
    let receipt = chain.receipt(0, &block);
    let rebased = Receipt { anchor: Anchor::Checkpoint(checkpoint.id()), ..receipt.clone() };
    let change = SetChange {
        header: block.header.clone(),
        certificate: block.certificate.clone(),
        next: set(&[101, 102]),
    };
    let status = StatusProof {
        key: b"licence/1".to_vec(),
        value: Some(b"value".to_vec()),
        path: StateProof::default(),
        header: block.header.clone(),
        round: 0,
        signatures,
    };
    let absent = StatusProof { value: None, ..status.clone() };
    let vote = |value: Option<Digest>| {
        yinxin_receipt::vote_sign_bytes(&Digest::ZERO, VoteKind::Prevote, 7, 1, value)
    };
    let found = [
        ("header", block.header.to_der()),
        ("commit-certificate", block.certificate.to_der()),
        ("validator-set", chain.set.to_der()),
        ("vote", vote(Some(Digest::ZERO))),
        ("vote-nil", vote(None)),
        ("genesis", founded.to_der()),
        ("checkpoint", checkpoint.to_der()),
        ("set-change", change.to_der()),
        ("receipt", receipt.to_der()),
        ("receipt-short", receipt.without_record().to_der()),
        ("receipt-re-based", rebased.to_der()),
        ("status-present", status.to_der()),
        ("status-absent", absent.to_der()),
    ];
    let found: String =
        found.iter().map(|(name, der)| format!("{name} {}\n", sm3::digest(der))).collect();
    assert_eq!(std::fs::read_to_string(path).unwrap_or_default(), found, "{path}");
}

#[test]
fn exactly_two_thirds_are_no_quorum() {
    let three = set(&[101, 102, 103]);
    assert!(three.is_quorum(3) && !three.is_quorum(2) && !three.is_quorum(0));
    let four = set(&[101, 102, 103, 104]);
    assert!(four.is_quorum(3) && !four.is_quorum(2));
    let mut chain = Chain::new();
    let block = chain.commit(b"a");
    let mut checkpoint = chain.checkpoint(&block, &[1, 2]);
    checkpoint.organisations.truncate(3);
    let body = checkpoint.body();
    checkpoint.signatures.clear();
    for n in [1, 2] {
        let raw = key(n).sign(DEFAULT_ID, &body, &mut rng()).unwrap().to_raw();
        checkpoint.signatures.push((code(n), raw));
    }
    let known = checkpoint.organisations.clone();
    let refused = checkpoint.verify(&chain.genesis.chain_id(), &known);
    assert_eq!(refused, Err(Error::OrganisationQuorum { found: 2, total: 3 }));
}

#[test]
fn power_counts_not_heads() {
    let heavy = |n: u8, power| yinxin_receipt::Validator {
        organisation: code(1),
        key: *key(n).public_key(),
        power,
    };
    let office =
        yinxin_receipt::ValidatorSet::new(vec![heavy(1, 1), heavy(2, 1), heavy(3, 1), heavy(4, 7)])
            .unwrap();
    let mut chain = Chain::new();
    let mut header = chain.commit(b"a").header;
    header.validators = office.hash();
    for (keys, holds) in
        [(&[1, 2, 3][..], false), (&[4], true), (&[1, 2, 3, 4], true), (&[1, 4], true)]
    {
        let votes = sign(&header, 0, VoteKind::Precommit, &office, keys);
        assert_eq!(votes.verify(&header.chain_id, &office).is_ok(), holds, "{keys:?}");
    }
    assert!(yinxin_receipt::ValidatorSet::new(vec![heavy(1, 0)]).is_err());
    assert!(yinxin_receipt::ValidatorSet::new(vec![heavy(1, (1 << 32) + 1)]).is_err());
    assert!(yinxin_receipt::ValidatorSet::new(Vec::new()).is_err());
}
