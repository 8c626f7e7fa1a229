//! Blocks for the store, made by the real host with one validator.

#![allow(unreachable_pub, missing_docs, clippy::unwrap_used, clippy::panic)]

use std::sync::{Arc, Mutex};

use arc_malachitebft_core_types::{CommitCertificate, CommitSignature, NilOrVal, Round, VoteType};
use getrandom::SysRng;
use rand_core::UnwrapErr;
use yinxin_engine::{
    Address, Admission, App, Applied, ApplyError, Base as _, BlockContext, Decision, Effect,
    Height, Host, Input, Key, Outcome, Refusal, Seat, Signature, StateRead, StoreFailure,
    Undecided, Vote, vote_bytes,
};
use yinxin_gm::sm2::{DEFAULT_ID, PrivateKey};
use yinxin_gm::{Digest, sm3};
use yinxin_receipt::{Genesis, GenesisOrganisation, GenesisValidator, ValidatorSet};
use yinxin_store::{Disk, Options, Store, StoreError};
use yinxin_verdict::UnixTime;

/// Writes each record as a key; `=` key value sets a key of one byte to one of one byte, `-` key deletes it.
struct Keys(Mutex<Option<ValidatorSet>>);

impl App for Keys {
    fn genesis(&self, genesis: &Genesis) -> Result<Outcome, Refusal> {
        let set = genesis.validator_set().unwrap();
        *self.0.lock().unwrap() = Some(set.clone());
        Ok(Outcome {
            applied: Vec::new(),
            writes: vec![(b"genesis".to_vec(), Some(vec![1]))],
            index: Vec::new(),
            next_validators: set,
            peers: None,
        })
    }

    fn identify(&self, record: &[u8]) -> Result<Digest, Refusal> {
        Ok(sm3::digest(record))
    }

    fn check(
        &self,
        _: &dyn StateRead,
        _: &BlockContext,
        _: &[u8],
    ) -> Result<Admission, ApplyError> {
        unreachable!()
    }

    fn seats(&self, _: &dyn StateRead) -> Result<Vec<Seat>, StoreFailure> {
        Ok(Vec::new())
    }

    fn apply(
        &self,
        _: &dyn StateRead,
        _: &BlockContext,
        records: &[Vec<u8>],
    ) -> Result<Outcome, ApplyError> {
        Ok(Outcome {
            applied: records.iter().map(|record| Applied { id: sm3::digest(record) }).collect(),
            writes: records.iter().map(|record| write(record)).collect(),
            index: Vec::new(),
            next_validators: self.0.lock().unwrap().clone().unwrap(),
            peers: None,
        })
    }
}

fn write(record: &[u8]) -> (Vec<u8>, Option<Vec<u8>>) {
    match record {
        [b'=', key, value] => (vec![*key], Some(vec![*value])),
        [b'-', key] => (vec![*key], None),
        _ => (record.to_vec(), Some(record.to_vec())),
    }
}

/// Makes blocks.
pub struct Builder {
    app: Arc<Keys>,
    key: PrivateKey,
    genesis: Genesis,
}

impl Builder {
    pub fn new() -> Self {
        let key = PrivateKey::generate(&mut UnwrapErr(SysRng));
        let time = UnixTime::from_millis(1_800_000_000_000).unwrap();
        let mut genesis = Genesis::new("store".into(), time, Vec::new());
        let code = "91370214358586270X".to_owned();
        genesis.organisations.push(GenesisOrganisation {
            code: code.clone(),
            name: "department".into(),
            certificate: Vec::new(),
            key: *key.public_key(),
            powers: 0,
        });
        genesis.validators.push(GenesisValidator {
            organisation: code,
            key: *key.public_key(),
            power: 1,
            peer_id: "peer".into(),
            address: "/ip4/127.0.0.1/tcp/1".into(),
        });
        let app = Arc::new(Keys(Mutex::new(genesis.validator_set().ok())));
        Self { app, key, genesis }
    }

    pub fn open(&self, disk: Arc<dyn Disk>, options: Options) -> Result<Store, StoreError> {
        Store::open(disk, options, &self.genesis, &*self.app)
    }

    fn address(&self) -> Address {
        Address::of(&Key::new(*self.key.public_key()))
    }

    /// The next block of these records, decided.
    pub fn block(&self, store: &Store, records: Vec<Vec<u8>>) -> Decision {
        let view = store.view();
        let chain_id = store.chain_id();
        let app: Arc<dyn App> = self.app.clone();
        let mut host = Host::new(app, chain_id, 0, &view, None, Vec::new());
        let (height, round) = (Height::new(view.head().height + 1), Round::new(0));
        let proposer = self.address();
        let input = Input::GetValue { height, round, proposer, candidates: records };
        let now = view.head().time_ms + 1000;
        let effects = host.handle(input, &view, now).unwrap();
        let Some(Effect::Propose { value, .. }) = effects.last() else { panic!("{effects:?}") };
        let vote = Vote::new(VoteType::Precommit, height, round, NilOrVal::Val(value.0), proposer);
        let message = vote_bytes(&chain_id, &vote);
        let signature = self.key.sign(DEFAULT_ID, &message, &mut UnwrapErr(SysRng)).unwrap();
        let certificate = CommitCertificate {
            height,
            round,
            value_id: value.0,
            commit_signatures: vec![CommitSignature::new(proposer, Signature(signature.to_raw()))],
        };
        let mut effects = host.handle(Input::Decided(certificate), &view, now).unwrap();
        let Some(Effect::Commit(decision)) = effects.pop() else { panic!() };
        *decision
    }

    /// The same block as it was before it was decided.
    pub fn undecided(&self, decision: &Decision) -> Undecided {
        let header = &decision.executed.header;
        let (height, value) = (header.height, header.id());
        Undecided { height, round: 0, proposer: self.address(), value, block: vec![1, 2, 3] }
    }
}
