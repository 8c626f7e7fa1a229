//! Receipts: what holds, what each lie in them comes to, and how large they are.

#[path = "rig/chain.rs"]
mod chain;

use chain::{Block, Chain, days, sign};
use yinxin_gm::{Digest, sm3};
use yinxin_merkle::log;
use yinxin_receipt::{
    Anchor, Anchored, Header, Receipt, Subject, Trust, VoteKind, Wire, check_receipt,
};
use yinxin_verdict::{Facts, Policy, Reason, UnixTime, Verdict};

fn judge(receipt: &Receipt, trust: &Trust, now: UnixTime) -> (Verdict, Facts, Option<Anchored>) {
    let (policy, mut facts) = (Policy::default(), Facts::new());
    let anchored = check_receipt(receipt, trust, &policy, now, "receipt", &mut facts);
    (policy.judge(&facts), facts, anchored)
}

/// Five blocks, and the receipt of the third's record.
fn good() -> (Chain, Block, Receipt) {
    let mut chain = Chain::new();
    let blocks: Vec<_> = (0..5_u8).map(|i| chain.commit(&[i])).collect();
    let receipt = chain.receipt(2, &blocks[4]);
    (chain, blocks[4].clone(), receipt)
}

#[test]
fn a_receipt_holds_for_whoever_trusts_the_genesis() {
    let (chain, _, receipt) = good();
    let read = Receipt::from_der(&receipt.to_der()).unwrap();
    let (verdict, facts, anchored) = judge(&read, &chain.trust(), days(1));
    assert_eq!(verdict, Verdict::Valid, "{facts:?}");
    assert!(anchored.is_some_and(|a| a.holds && a.height == 5));
    let short = read.without_record();
    assert_eq!(judge(&short, &chain.trust(), days(1)).0, Verdict::Valid);
}

/// A receipt holds under each header from its own block's on, and only with the header before it is it known to be of that.
#[test]
fn the_header_before_tells_whether_a_block_is_the_records_own() {
    let mut chain = Chain::new();
    let blocks: Vec<_> = (0..5_u8).map(|i| chain.commit(&[i])).collect();
    for record in 0..5 {
        for of in record..5 {
            let receipt = chain.receipt(record, &blocks[of]);
            assert_eq!(judge(&receipt, &chain.trust(), days(1)).0, Verdict::Valid);
            let with =
                |before: Option<usize>| receipt.is_of_own_block(before.map(|n| &blocks[n].header));
            assert_eq!(with(of.checked_sub(1)), record == of, "record {record} under block {of}");
            // A header that is not the one before says nothing, however short its log.
            assert!((0..5).all(|n| n + 1 == of || !with(Some(n))));
            assert!(of == 0 || !with(None));
        }
    }
    let anchor = Anchor::Checkpoint(blocks[0].header.id());
    assert!(!Receipt { anchor, ..chain.receipt(0, &blocks[0]) }.is_of_own_block(None));
}

#[test]
fn a_receipt_of_an_unknown_ledger_is_no_proof_and_no_lie() {
    let (_, _, receipt) = good();
    let (verdict, facts, anchored) = judge(&receipt, &Trust::default(), days(1));
    assert_eq!(verdict, Verdict::Indeterminate);
    assert!(facts.has(Reason::LedgerUnknown) && anchored.is_none());
}

#[test]
fn without_its_record_it_fits_a_qr_code_at_a_billion_records() {
    // The 2^30 records are not stored: any path of 30 hashes leads from some leaf to some root.
    let index = 0x2aaa_aaaa_u64;
    let size = 1_u64 << 30;
    let record = Subject::Hash(sm3::digest(b"a record"));
    let path: Vec<Digest> = (0..30_u8).map(|i| sm3::digest(&[i])).collect();
    let leaf = log::leaf_hash(record.record_hash().as_bytes());
    let root = path.iter().enumerate().fold(leaf, |hash, (level, sibling)| {
        if index >> level & 1 == 1 {
            log::node_hash(sibling, &hash)
        } else {
            log::node_hash(&hash, sibling)
        }
    });
    let mut chain = Chain::new();
    let mut header = chain.commit(b"x").header;
    header.height = u64::from(u32::MAX);
    header.log_size = size;
    header.log_root = root;
    let certificate = chain.votes(&header, 1, 3);
    let anchor = Anchor::committed(header, certificate);
    let receipt = Receipt { subject: record, index, path, anchor };
    assert_eq!(judge(&receipt, &chain.trust(), days(1)).0, Verdict::Valid);
    let len = receipt.to_der().len();
    assert!(len <= 1500, "expected at most 1,500 bytes, got {len}");
}

#[test]
fn every_field_of_the_header_is_under_the_votes() {
    let (chain, block, receipt) = good();
    let other = sm3::digest(b"other");
    type Flip = fn(&mut Header, Digest);
    let flips: [(&str, Flip, Reason); 10] = [
        ("chain id", |h, d| h.chain_id = d, Reason::LedgerUnknown),
        ("height", |h, _| h.height += 1, Reason::QuorumMissing),
        ("time", |h, _| h.time_ms += 1, Reason::QuorumMissing),
        ("parent", |h, d| h.parent = d, Reason::QuorumMissing),
        ("body root", |h, d| h.body_root = d, Reason::QuorumMissing),
        ("log root", |h, d| h.log_root = d, Reason::InclusionBad),
        ("log size", |h, _| h.log_size += 4, Reason::QuorumMissing),
        ("state root", |h, d| h.state_root = d, Reason::QuorumMissing),
        ("validators", |h, d| h.validators = d, Reason::ValidatorsUnknown),
        ("next validators", |h, d| h.next_validators = d, Reason::QuorumMissing),
    ];
    for (field, flip, reason) in flips {
        let mut lie = receipt.clone();
        let mut header = block.header.clone();
        flip(&mut header, other);
        lie.anchor = Anchor::committed(header, block.certificate.clone());
        let (verdict, facts, anchored) = judge(&lie, &chain.trust(), days(1));
        assert_ne!(verdict, Verdict::Valid, "{field}");
        assert!(facts.has(reason), "{field}: {facts:?}");
        assert!(!anchored.is_some_and(|a| a.holds), "{field}");
    }
}

#[test]
fn votes_count_once_each_for_this_block_only() {
    let (mut chain, block, receipt) = good();
    let header = &block.header;
    let set = chain.set.clone();
    let precommit = |keys: &[u8]| sign(header, 0, VoteKind::Precommit, &set, keys).signatures;
    let good = precommit(&[101, 102, 103]);
    let later = chain.commit(b"later");
    let swapped: Vec<_> = vec![(good[0].0, good[1].1), (good[1].0, good[0].1), good[2]];
    type Votes = Vec<(u16, [u8; 64])>;
    let cases: Vec<(&str, u32, Votes, bool)> = vec![
        ("three of four", 0, good.clone(), true),
        ("all four", 0, precommit(&[101, 102, 103, 104]), true),
        ("two of four", 0, good[..2].to_vec(), false),
        ("none", 0, Vec::new(), false),
        ("one of them twice", 0, vec![good[0], good[0], good[1]], false),
        ("not in order", 0, good.iter().rev().copied().collect(), false),
        ("signatures under other names", 0, swapped, false),
        ("a position beyond the set", 0, vec![good[0], good[1], (4, good[2].1)], false),
        ("a stranger's vote", 0, vec![good[0], good[1], (3, precommit(&[42])[0].1)], false),
        ("three good, one bad", 0, [&good[..], &[(3, [1; 64])]].concat(), false),
        ("a signature of zeros", 0, vec![good[0], good[1], (3, [0; 64])], false),
        ("another round", 1, good.clone(), false),
        (
            "prevotes",
            0,
            sign(header, 0, VoteKind::Prevote, &set, &[101, 102, 103]).signatures,
            false,
        ),
        ("votes for another block", 0, later.certificate.signatures, false),
    ];
    for (what, round, signatures, holds) in cases {
        let anchor = Anchor::Committed { header: header.clone(), round, signatures };
        let (verdict, facts, _) =
            judge(&Receipt { anchor, ..receipt.clone() }, &chain.trust(), days(1));
        assert_eq!(verdict == Verdict::Valid, holds, "{what}: {facts:?}");
        assert_eq!(facts.has(Reason::QuorumMissing), !holds, "{what}");
    }
}

#[test]
fn another_record_or_place_is_not_included() {
    let (chain, _, receipt) = good();
    let lies = [
        Receipt { subject: Subject::Record(b"other".to_vec()), ..receipt.clone() },
        Receipt { subject: Subject::Hash(sm3::digest(b"other")), ..receipt.clone() },
        Receipt { index: 3, ..receipt.clone() },
        Receipt { index: u64::MAX, ..receipt.clone() },
        Receipt { path: Vec::new(), ..receipt.clone() },
    ];
    for lie in lies {
        let (verdict, facts, _) = judge(&lie, &chain.trust(), days(1));
        assert_eq!(verdict, Verdict::Invalid);
        assert!(facts.has(Reason::InclusionBad), "{facts:?}");
    }
}

#[test]
fn old_trust_vouches_for_no_votes() {
    let (chain, _, receipt) = good();
    assert_eq!(judge(&receipt, &chain.trust(), days(400)).0, Verdict::Valid);
    let (verdict, facts, _) = judge(&receipt, &chain.trust(), days(401));
    assert_eq!(verdict, Verdict::Indeterminate);
    assert!(facts.has(Reason::TrustPeriodOver));
}

#[test]
fn a_re_based_receipt_outlives_every_key() {
    let (mut chain, _, receipt) = good();
    let block = chain.commit(b"last");
    let checkpoint = chain.checkpoint(&block, &[1, 2, 3]);
    let rebased = Receipt {
        path: log::prove_inclusion(&chain.nodes, 2, block.header.log_size).unwrap(),
        anchor: Anchor::Checkpoint(checkpoint.id()),
        ..receipt
    };
    let rebased = Receipt::from_der(&rebased.to_der()).unwrap();
    let mut trust = chain.trust();
    let (verdict, facts, _) = judge(&rebased, &trust, days(1));
    assert_eq!(verdict, Verdict::Indeterminate);
    assert!(facts.has(Reason::LedgerUnknown), "its checkpoint is not in the folder");
    trust.add_checkpoint(checkpoint).unwrap();
    let (verdict, facts, anchored) = judge(&rebased, &trust, days(40_000));
    assert_eq!(verdict, Verdict::Valid, "{facts:?}");
    assert!(anchored.is_some_and(|a| a.holds && a.height == 6));
    let lie = Receipt { subject: Subject::Record(b"other".to_vec()), ..rebased };
    assert_eq!(judge(&lie, &trust, days(1)).0, Verdict::Invalid);
}

#[test]
fn no_changed_byte_leaves_a_receipt_valid() {
    let (chain, _, receipt) = good();
    let trust = chain.trust();
    let bytes = receipt.to_der();
    for at in 0..bytes.len() {
        for flip in [0x01, 0x80] {
            let mut changed = bytes.clone();
            changed[at] ^= flip;
            if let Ok(read) = Receipt::from_der(&changed) {
                assert_eq!(read.to_der(), changed, "byte {at}");
                assert_ne!(judge(&read, &trust, days(1)).0, Verdict::Valid, "byte {at}");
            }
        }
    }
    for cut in 0..bytes.len() {
        assert!(Receipt::from_der(&bytes[..cut]).is_err(), "cut at {cut}");
    }
    assert!(Receipt::from_der(&[&bytes[..], &[0]].concat()).is_err());
}
