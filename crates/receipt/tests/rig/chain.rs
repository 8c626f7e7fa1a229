//! A ledger in memory: keys, headers, votes, receipts; no node, no store.

#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a rig that fails has failed its test")]

use yinxin_gm::{
    Digest,
    sm2::{DEFAULT_ID, PrivateKey},
    sm3,
};
use yinxin_merkle::log::{self, Frontier, MemoryNodes};
use yinxin_receipt::{
    Algorithms, Anchor, Checkpoint, CommitCertificate, Genesis, GenesisOrganisation,
    GenesisValidator, Header, Receipt, SetChange, Subject, Trust, Validator, ValidatorSet,
    VoteKind, vote_sign_bytes,
};
use yinxin_verdict::UnixTime;

pub(crate) type Rng = rand_core::UnwrapErr<getrandom::SysRng>;

pub(crate) fn rng() -> Rng {
    rand_core::UnwrapErr(getrandom::SysRng)
}

/// A key that is the same in every run.
pub(crate) fn key(n: u8) -> PrivateKey {
    PrivateKey::from_bytes(&[n; 32]).expect("small repeated bytes are below n")
}

pub(crate) fn code(n: u8) -> String {
    format!("11430000006122{n:03}L")
}

pub(crate) fn start() -> UnixTime {
    UnixTime::parse("2026-11-22T00:00:00Z").unwrap()
}

pub(crate) fn days(n: i64) -> UnixTime {
    start().plus_millis(n * 86_400_000)
}

/// Organisation `n` signs records and checkpoints with key `n`, and validates with key `100 + n`.
pub(crate) fn genesis(organisations: u8) -> Genesis {
    let mut genesis = Genesis::new("test".into(), start(), vec![0x30, 0]);
    for n in 1..=organisations {
        genesis.organisations.push(GenesisOrganisation {
            code: code(n),
            name: format!("department {n}"),
            certificate: vec![n],
            key: *key(n).public_key(),
            powers: 31,
        });
        genesis.validators.push(GenesisValidator {
            organisation: code(n),
            key: *key(100 + n).public_key(),
            power: 1,
            peer_id: format!("peer{n}"),
            address: format!("/ip4/127.0.0.1/tcp/{n}"),
        });
    }
    genesis.sort();
    for n in 1..=organisations {
        let raw = key(n).sign(DEFAULT_ID, &genesis.body(), &mut rng()).unwrap().to_raw();
        genesis.add_signature(&code(n), raw).unwrap();
    }
    genesis
}

/// A set of validators with these keys, each of power 1, all of organisation 1.
pub(crate) fn set(keys: &[u8]) -> ValidatorSet {
    let validator =
        |n: &u8| Validator { organisation: code(1), key: *key(*n).public_key(), power: 1 };
    ValidatorSet::new(keys.iter().map(validator).collect()).unwrap()
}

pub(crate) struct Chain {
    pub(crate) genesis: Genesis,
    /// Keys of the validators of the next block.
    pub(crate) keys: Vec<u8>,
    pub(crate) set: ValidatorSet,
    pub(crate) nodes: MemoryNodes,
    pub(crate) frontier: Frontier,
    pub(crate) head: Digest,
    pub(crate) height: u64,
    pub(crate) records: Vec<Vec<u8>>,
}

/// A committed block.
#[derive(Clone)]
pub(crate) struct Block {
    pub(crate) header: Header,
    pub(crate) certificate: CommitCertificate,
}

impl Chain {
    pub(crate) fn new() -> Self {
        let genesis = genesis(4);
        Self {
            keys: vec![101, 102, 103, 104],
            set: genesis.validator_set().unwrap(),
            head: genesis.chain_id(),
            genesis,
            nodes: MemoryNodes::default(),
            frontier: Frontier::new(),
            height: 0,
            records: Vec::new(),
        }
    }

    pub(crate) fn trust(&self) -> Trust {
        let mut trust = Trust::default();
        trust.add_genesis(self.genesis.clone()).unwrap();
        trust
    }

    /// Commits a block with one record.
    pub(crate) fn commit(&mut self, record: &[u8]) -> Block {
        self.commit_with(record, Digest::ZERO, None)
    }

    pub(crate) fn commit_with(
        &mut self,
        record: &[u8],
        state_root: Digest,
        next: Option<(&[u8], ValidatorSet)>,
    ) -> Block {
        let hash = sm3::digest(record);
        let leaf = log::leaf_hash(hash.as_bytes());
        self.frontier.append(leaf, &mut |id, hash| self.nodes.insert(id, hash));
        self.records.push(record.to_vec());
        self.height += 1;
        let after = next.as_ref().map_or(&self.set, |(_, set)| set);
        let header = Header {
            algorithms: Algorithms::Sm2Sm3,
            chain_id: self.genesis.chain_id(),
            height: self.height,
            time_ms: self.genesis.time_ms + self.height * 1000,
            parent: self.head,
            body_root: log::root([leaf]),
            log_root: self.frontier.root(),
            log_size: self.frontier.size(),
            state_root,
            validators: self.set.hash(),
            next_validators: after.hash(),
        };
        let certificate = self.votes(&header, 0, 3);
        self.head = header.id();
        if let Some((keys, set)) = next {
            self.keys = keys.to_vec();
            self.set = set;
        }
        Block { header, certificate }
    }

    /// Precommits of the first `count` validators in office.
    pub(crate) fn votes(&self, header: &Header, round: u32, count: usize) -> CommitCertificate {
        sign(header, round, VoteKind::Precommit, &self.set, &self.keys[..count])
    }

    pub(crate) fn receipt(&self, index: usize, block: &Block) -> Receipt {
        let size = block.header.log_size;
        Receipt {
            subject: Subject::Record(self.records[index].clone()),
            index: index as u64,
            path: log::prove_inclusion(&self.nodes, index as u64, size).unwrap(),
            anchor: Anchor::committed(block.header.clone(), block.certificate.clone()),
        }
    }

    /// A change of validators after a block, as the trust folder holds it.
    pub(crate) fn change(&mut self, keys: &[u8]) -> SetChange {
        let next = set(keys);
        let Block { header, certificate } =
            self.commit_with(b"change", Digest::ZERO, Some((keys, next.clone())));
        SetChange { header, certificate, next }
    }

    /// A checkpoint at a block, signed by these organisations.
    pub(crate) fn checkpoint(&self, block: &Block, signers: &[u8]) -> Checkpoint {
        let organisations: Vec<_> =
            self.genesis.organisations.iter().map(|o| (o.code.clone(), o.key)).collect();
        let mut checkpoint = Checkpoint {
            header: block.header.clone(),
            next: self.set.clone(),
            organisations,
            signatures: Vec::new(),
        };
        let body = checkpoint.body();
        for n in signers {
            let raw = key(*n).sign(DEFAULT_ID, &body, &mut rng()).unwrap().to_raw();
            checkpoint.signatures.push((code(*n), raw));
        }
        checkpoint
    }
}

/// Votes of these keys over a header.
pub(crate) fn sign(
    header: &Header,
    round: u32,
    kind: VoteKind,
    set: &ValidatorSet,
    keys: &[u8],
) -> CommitCertificate {
    let bytes = vote_sign_bytes(&header.chain_id, kind, header.height, round, Some(header.id()));
    let mut signatures: Vec<_> = keys
        .iter()
        .map(|n| {
            let raw = key(*n).sign(DEFAULT_ID, &bytes, &mut rng()).unwrap().to_raw();
            (set.index_of(key(*n).public_key()).unwrap_or(0), raw)
        })
        .collect();
    signatures.sort_by_key(|(index, _)| *index);
    CommitCertificate { height: header.height, round, value_id: header.id(), signatures }
}
