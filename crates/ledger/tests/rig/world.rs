//! A ledger without a chain: state in a map, blocks one after the other.

#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a rig that fails has failed its test")]

#[path = "powers.rs"]
mod powers;

use std::collections::BTreeMap;

use yinxin_gm::{
    Digest,
    sm2::{DEFAULT_ID, PrivateKey},
    sm3,
};
use yinxin_ledger::{
    ApplyError, BlockContext, Error, Outcome, StateRead, StoreFailure, apply, check, genesis,
};
use yinxin_receipt::{Genesis, GenesisOrganisation, GenesisValidator};
use yinxin_record::{
    Act, AnchorDocuments, BusinessKey, Change, DocumentAct, IssueLicence, LicenceAct,
    LicenceIdentifier, LicenceType, LicenceTypeCode, MemberAct, OrganisationCode, Propose, Rules,
    Tbs, Text, Wire, key_id,
};
use yinxin_verdict::UnixTime;

/// A key that is the same in every run.
pub(crate) fn key(n: u8) -> PrivateKey {
    PrivateKey::from_bytes(&[n; 32]).unwrap()
}

/// The code of organisation `n`, with its check character.
pub(crate) fn code(n: u8) -> OrganisationCode {
    let fits = |check: char| OrganisationCode::new(&format!("11430000006122{n:03}{check}"));
    "0123456789ABCDEFGHJKLMNPQRTUWXY".chars().find_map(|c| fits(c).ok()).unwrap()
}

pub(crate) fn start() -> UnixTime {
    UnixTime::parse("2026-11-22T00:00:00Z").unwrap()
}

/// Organisation `n` signs with key `n`, validates with key `100 + n`, and has these powers.
pub(crate) fn founded(powers: &[u32]) -> Genesis {
    founded_by(powers, powers.len())
}

/// Of which the first few validate.
pub(crate) fn founded_by(powers: &[u32], validators: usize) -> Genesis {
    let mut genesis = Genesis::new("test".into(), start(), Rules::default().to_der());
    for (n, powers) in (1..).zip(powers) {
        genesis.organisations.push(GenesisOrganisation {
            code: code(n).to_string(),
            name: format!("department {n}"),
            certificate: vec![n],
            key: *key(n).public_key(),
            powers: *powers,
        });
        if usize::from(n) > validators {
            continue;
        }
        genesis.validators.push(GenesisValidator {
            organisation: code(n).to_string(),
            key: *key(100 + n).public_key(),
            power: 1,
            peer_id: format!("peer{n}"),
            address: format!("/ip4/127.0.0.1/tcp/{n}"),
        });
    }
    genesis.sort();
    sign(&mut genesis);
    genesis
}

pub(crate) fn sign(genesis: &mut Genesis) {
    let body = genesis.body();
    for n in 1..=u8::try_from(genesis.organisations.len()).unwrap() {
        let rng = &mut rand_core::UnwrapErr(getrandom::SysRng);
        let raw = key(n).sign(DEFAULT_ID, &body, rng).unwrap().to_raw();
        genesis.add_signature(code(n).as_str(), raw).unwrap();
    }
}

/// Counts the reads, and fails when told to.
#[derive(Clone, Default)]
pub(crate) struct State {
    pub(crate) map: BTreeMap<Vec<u8>, Vec<u8>>,
    pub(crate) broken: bool,
}

impl StateRead for State {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreFailure> {
        if self.broken {
            return Err(StoreFailure("a test broke it".into()));
        }
        Ok(self.map.get(key).cloned())
    }
}

#[derive(Clone)]
pub(crate) struct World {
    pub(crate) chain_id: Digest,
    pub(crate) state: State,
    /// Of the next block.
    pub(crate) height: u64,
    pub(crate) time: UnixTime,
    pub(crate) counter: u64,
}

impl World {
    /// Four organisations that may do everything.
    pub(crate) fn new() -> Self {
        Self::with_powers(&[31; 4])
    }

    pub(crate) fn with_powers(powers: &[u32]) -> Self {
        Self::of(&founded(powers))
    }

    pub(crate) fn of(founded: &Genesis) -> Self {
        let mut world = Self {
            chain_id: founded.chain_id(),
            state: State::default(),
            height: 1,
            time: start().plus_millis(1000),
            counter: 0,
        };
        world.write(genesis(founded).unwrap());
        world
    }

    pub(crate) fn at(&self) -> BlockContext {
        BlockContext { chain_id: self.chain_id, height: self.height, time: self.time }
    }

    pub(crate) fn tbs(&mut self, n: u8, act: Act) -> Tbs {
        self.counter += 1;
        Tbs {
            chain_id: self.chain_id,
            organisation: code(n),
            signer: key_id(key(n).public_key()),
            business_key: BusinessKey::new(self.counter.to_be_bytes()).unwrap(),
            last_valid_height: self.height + 1000,
            act,
        }
    }

    pub(crate) fn record(&mut self, n: u8, act: Act) -> Vec<u8> {
        signed(self.tbs(n, act), n)
    }

    pub(crate) fn check(&self, record: &[u8]) -> Result<(), Error> {
        check(&self.state, &self.at(), record).map(drop)
    }

    /// Commits a block of these records.
    pub(crate) fn block(&mut self, records: &[Vec<u8>]) -> Result<Outcome, ApplyError> {
        let outcome = apply(&self.state, &self.at(), records)?;
        assert!(outcome.writes.windows(2).all(|w| w[0].0 < w[1].0), "keys in order, each once");
        self.write(outcome.clone());
        self.height += 1;
        self.time = self.time.plus_millis(1000);
        Ok(outcome)
    }

    /// Commits one act in a block of its own, or says why not; the mempool must have said the same. What is committed needs
    /// its power, and no other.
    pub(crate) fn act(&mut self, n: u8, act: Act) -> Result<Outcome, Error> {
        let record = self.record(n, act.clone());
        let (before, at) = (self.state.clone(), self.at());
        let outcome = self.commit(&record)?;
        powers::must_need(&before, &at, n, &record, &act);
        Ok(outcome)
    }

    pub(crate) fn commit(&mut self, record: &[u8]) -> Result<Outcome, Error> {
        let checked = self.check(record);
        let applied = self.block(&[record.to_vec()]).map_err(|e| match e {
            ApplyError::Record { index: 0, error } => error,
            other => panic!("{other}"),
        });
        assert_eq!(checked.err(), applied.as_ref().err().cloned());
        applied
    }

    pub(crate) fn idle(&mut self) -> Outcome {
        self.block(&[]).unwrap()
    }

    /// Proposes a change to take effect in `notice` heights, and returns the proposal's id.
    pub(crate) fn propose(&mut self, n: u8, change: Change, notice: u64) -> Result<Digest, Error> {
        let effective_height = self.height + notice;
        let act = Act::Member(MemberAct::Propose(Propose { change, effective_height }));
        self.act(n, act).map(|outcome| outcome.results[0].id)
    }

    pub(crate) fn load<T: Wire>(&self, key: &[u8]) -> Option<T> {
        self.state.map.get(key).map(|bytes| T::from_der(bytes).unwrap())
    }

    fn write(&mut self, outcome: Outcome) {
        for (key, value) in outcome.writes {
            match value {
                Some(value) => self.state.map.insert(key, value),
                None => self.state.map.remove(&key),
            };
        }
    }
}

pub(crate) fn signed(tbs: Tbs, n: u8) -> Vec<u8> {
    let rng = &mut rand_core::UnwrapErr(getrandom::SysRng);
    tbs.sign(&key(n), rng).unwrap().to_der()
}

pub(crate) fn anchor(what: &str) -> Act {
    let digests = vec![sm3::digest(what.as_bytes())];
    let kind = Text::new("file").unwrap();
    Act::Document(DocumentAct::Anchor(AnchorDocuments { kind, digests }))
}

/// Type 001 of organisation `n`.
pub(crate) fn type_code(n: u8) -> LicenceTypeCode {
    LicenceTypeCode::new(&format!("{}001", code(n))).unwrap()
}

pub(crate) fn licence_type(n: u8, version: u32, issuers: &[u8]) -> Act {
    let mut issuers: Vec<_> = issuers.iter().map(|n| code(*n)).collect();
    issuers.sort();
    let (code, name, definition) = (type_code(n), Text::new("type").unwrap(), sm3::digest(b"type"));
    let published = LicenceType { code, version, name, definition, issuers };
    Act::Licence(LicenceAct::PublishType(published))
}

/// A licence of organisation 1's type, issued by organisation `n`.
pub(crate) fn identifier(n: u8, serial: u16, version: u8) -> LicenceIdentifier {
    let text = format!("1.2.156.3005.2.{}.{}.{serial}.{version:03}.0", type_code(1), code(n));
    LicenceIdentifier::new(&text).unwrap()
}

pub(crate) fn licence(n: u8, serial: u16, version: u8) -> IssueLicence {
    IssueLicence {
        identifier: identifier(n, serial, version),
        type_code: type_code(1),
        content: sm3::digest(&serial.to_be_bytes()),
        document: sm3::digest(&[version]),
        valid_from: start(),
        valid_until: None,
    }
}
