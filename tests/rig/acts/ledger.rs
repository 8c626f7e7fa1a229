//! The ledger's rules over a state in memory, and one validator that signs what they make into a store.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use arc_malachitebft_core_types::{CommitCertificate, CommitSignature, NilOrVal, Round, VoteType};
use yinxin_engine::{
    self as engine, Address, App, Base as _, Effect, Height, Host, Input, Key, Peer, Signature,
    Vote, vote_bytes,
};
use yinxin_gm::{
    Digest,
    sm2::{DEFAULT_ID, PrivateKey},
};
use yinxin_ledger::{self as ledger, StateRead};
use yinxin_receipt::{Genesis, GenesisOrganisation, GenesisValidator};
use yinxin_record::{Act, BusinessKey, OrganisationCode, Record, Rules, Tbs, key_id};
use yinxin_store::{Disk, Options, Store};
use yinxin_verdict::UnixTime;

use crate::office::{Repeating, repeating};

/// Departments: three that own data, three that receive, one authority, by the bits of their powers.
const POWERS: [u32; 7] = [32, 32, 32, 64, 64, 64, 128];

/// A minute for each block: a window tells of a minute that is over.
const BLOCK_MS: i64 = 60_000;

/// A ledger that grows.
pub struct Ledger {
    store: Store,
    app: Arc<InMemory>,
    validator: PrivateKey,
    /// Who signs what is stored, in the validator's name.
    stranger: Option<PrivateKey>,
    keys: Vec<PrivateKey>,
    rng: Mutex<Repeating>,
    counter: Mutex<u64>,
}

/// The rules. What is read again stays in memory; business keys and windows are only ever written.
struct InMemory {
    state: Mutex<HashMap<Vec<u8>, Vec<u8>>>,
    staged: Mutex<Writes>,
    keeps_state: bool,
}

type Writes = Vec<(Vec<u8>, Option<Vec<u8>>)>;

/// A key that is the same in every run.
fn key(n: u8) -> PrivateKey {
    PrivateKey::from_bytes(&[n; 32]).expect("a small number is a key")
}

/// The code of department `n`, with its check character.
#[must_use]
pub(super) fn code(n: usize) -> OrganisationCode {
    let fits = |check: char| OrganisationCode::new(&format!("11430000006122{n:03}{check}"));
    "0123456789ABCDEFGHJKLMNPQRTUWXY".chars().find_map(|c| fits(c).ok()).expect("one fits")
}

/// The key of a person who decides for department `n`.
pub(super) fn person(n: usize) -> PrivateKey {
    key(200 + u8::try_from(n).expect("seven departments"))
}

fn genesis(keys: &[PrivateKey], validator: &PrivateKey) -> Genesis {
    let start = UnixTime::parse("2026-01-01T00:00:00Z").expect("a time");
    let mut genesis =
        Genesis::new("acts".into(), start, yinxin_record::Wire::to_der(&Rules::default()));
    for (n, (key, powers)) in keys.iter().zip(POWERS).enumerate() {
        genesis.organisations.push(GenesisOrganisation {
            code: code(n).to_string(),
            name: format!("department {n}"),
            certificate: vec![1],
            key: *key.public_key(),
            powers,
        });
    }
    genesis.validators.push(GenesisValidator {
        organisation: code(0).to_string(),
        key: *validator.public_key(),
        power: 1,
        peer_id: "peer".into(),
        address: "/ip4/127.0.0.1/tcp/1".into(),
    });
    genesis.sort();
    let body = genesis.body();
    for (n, key) in keys.iter().enumerate() {
        let signature = key.sign(DEFAULT_ID, &body, &mut repeating("genesis"));
        let signature = signature.expect("a key signs").to_raw();
        genesis.add_signature(code(n).as_str(), signature).expect("a founder signs");
    }
    genesis
}

impl Ledger {
    /// A new one.
    pub(super) fn found(disk: Arc<dyn Disk>, window: Option<u64>) -> Self {
        let keys: Vec<_> = (1..).take(POWERS.len()).map(key).collect();
        let validator = key(100);
        let genesis = genesis(&keys, &validator);
        let (state, staged) = (Mutex::default(), Mutex::default());
        let app = Arc::new(InMemory { state, staged, keeps_state: window.is_some() });
        let mut options = Options::default();
        options.sync = false;
        options.state_window = window.unwrap_or(options.state_window);
        let store = Store::open(disk, options, &genesis, &*app).expect("an empty disk");
        app.committed();
        let (rng, counter) = (Mutex::new(repeating("acts")), Mutex::default());
        Self { store, app, validator, stranger: None, keys, rng, counter }
    }

    /// The genesis of every such ledger, as its members have it on disk.
    #[must_use]
    pub fn genesis() -> Genesis {
        genesis(&(1..).take(POWERS.len()).map(key).collect::<Vec<_>>(), &key(100))
    }

    /// One without a block.
    #[must_use]
    pub fn empty(disk: Arc<dyn Disk>) -> Store {
        Self::found(disk, Some(8)).into_store()
    }

    /// The same ledger, whose blocks somebody else signs.
    pub(super) fn signed_by_a_stranger(self) -> Self {
        Self { stranger: Some(key(101)), ..self }
    }

    /// Opens what was filled, to be read.
    ///
    /// # Panics
    /// If it is another ledger's.
    #[must_use]
    pub fn reopen(disk: Arc<dyn Disk>) -> Store {
        let keys: Vec<_> = (1..).take(POWERS.len()).map(key).collect();
        let app =
            InMemory { state: Mutex::default(), staged: Mutex::default(), keeps_state: false };
        Store::open(disk, Options::default(), &genesis(&keys, &key(100)), &app)
            .expect("it is this one's")
    }

    /// How many records it has.
    pub(super) fn acts(&self) -> u64 {
        self.store.view().head().frontier.size()
    }

    /// The time of the next block.
    pub(super) fn time(&self) -> UnixTime {
        let now = i64::try_from(self.store.view().head().time_ms).expect("a time of this century");
        UnixTime::from_millis(now + BLOCK_MS).expect("a time of this century")
    }

    /// The chain's id.
    pub(super) fn chain_id(&self) -> Digest {
        self.store.chain_id()
    }

    /// The id of a department's key.
    pub(super) fn key_id(&self, n: usize) -> Digest {
        key_id(self.keys[n].public_key())
    }

    /// A record of department `n`, signed.
    pub(super) fn record(&self, n: usize, act: Act) -> Record {
        let mut counter = self.counter.lock().unwrap_or_else(PoisonError::into_inner);
        *counter += 1;
        let tbs = Tbs {
            chain_id: self.chain_id(),
            organisation: code(n),
            signer: self.key_id(n),
            business_key: BusinessKey::new(counter.to_be_bytes()).expect("eight bytes"),
            last_valid_height: self.store.view().head().height + 1000,
            act,
        };
        let mut rng = self.rng.lock().unwrap_or_else(PoisonError::into_inner);
        tbs.sign(&self.keys[n], &mut *rng).expect("a key signs")
    }

    /// Runs something with randomness that is the same in every run.
    pub(super) fn with_rng<T>(&self, run: impl FnOnce(&mut Repeating) -> T) -> T {
        run(&mut self.rng.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The next block, of these records, all of which must apply.
    pub(super) fn commit(&mut self, records: Vec<Vec<u8>>) {
        let count = records.len();
        let view = self.store.view();
        let now = u64::try_from(self.time().as_millis()).expect("a time of this century");
        let app: Arc<dyn App> = self.app.clone();
        let mut host = Host::new(app, self.chain_id(), 0, &view, None, Vec::new());
        let (height, round) = (Height::new(view.head().height + 1), Round::new(0));
        let proposer = Address::of(&Key::new(*self.validator.public_key()));
        let input = Input::GetValue { height, round, proposer, candidates: records };
        let effects = host.handle(input, &view, now).expect("the store answers");
        let Some(Effect::Propose { value, .. }) = effects.last() else { panic!("{effects:?}") };
        let vote = Vote::new(VoteType::Precommit, height, round, NilOrVal::Val(value.0), proposer);
        let message = vote_bytes(&self.chain_id(), &vote);
        let signature = self.with_rng(|rng| self.validator.sign(DEFAULT_ID, &message, rng));
        let signature = Signature(signature.expect("a key signs").to_raw());
        let certificate = CommitCertificate {
            height,
            round,
            value_id: value.0,
            commit_signatures: vec![CommitSignature::new(proposer, signature)],
        };
        let effects = host.handle(Input::Decided(certificate), &view, now);
        let Some(Effect::Commit(mut decision)) = effects.expect("the store answers").pop() else {
            panic!("a decided block is committed")
        };
        assert_eq!(decision.executed.records.len(), count, "the rules refuse none, all find room");
        assert_eq!(decision.executed.header.time_ms, now);
        if let Some(stranger) = &self.stranger {
            let signature = self.with_rng(|rng| stranger.sign(DEFAULT_ID, &message, rng));
            let signature = signature.expect("a key signs").to_raw();
            decision.certificate.signatures = vec![(0, signature)];
        }
        self.store.commit(&decision).expect("the store takes it");
        self.app.committed();
    }

    pub(super) fn into_store(self) -> Store {
        self.store
    }
}

impl InMemory {
    /// Takes what the last block wrote into the state.
    fn committed(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let writes = std::mem::take(&mut *self.staged());
        for (key, value) in writes {
            match value {
                _ if key.starts_with(b"business/") || key.starts_with(b"access/") => {}
                Some(value) => drop(state.insert(key, value)),
                None => drop(state.remove(&key)),
            }
        }
    }

    fn staged(&self) -> std::sync::MutexGuard<'_, Writes> {
        self.staged.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn outcome(&self, done: ledger::Outcome) -> engine::Outcome {
        let ledger::Outcome { results, writes, index, next_validators, peers } = done;
        self.staged().clone_from(&writes);
        let writes = if self.keeps_state { writes } else { Vec::new() };
        let peers =
            peers.map(|list| list.into_iter().map(|(id, address)| Peer { id, address }).collect());
        let applied = results.iter().map(|r| engine::Applied { id: r.id }).collect();
        engine::Outcome { applied, writes, index, next_validators, peers }
    }
}

impl StateRead for InMemory {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ledger::StoreFailure> {
        Ok(self.state.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned())
    }
}

impl App for InMemory {
    fn genesis(&self, genesis: &Genesis) -> Result<engine::Outcome, engine::Refusal> {
        Ok(self.outcome(ledger::genesis(genesis).expect("the founders are in order")))
    }

    fn identify(&self, record: &[u8]) -> Result<Digest, engine::Refusal> {
        let record: Record = yinxin_record::Wire::from_der(record).expect("its own record");
        Ok(record.id())
    }

    fn check(
        &self,
        _: &dyn engine::StateRead,
        _: &engine::BlockContext,
        _: &[u8],
    ) -> Result<engine::Admission, engine::ApplyError> {
        unreachable!("there is no mempool")
    }

    fn seats(&self, _: &dyn engine::StateRead) -> Result<Vec<engine::Seat>, engine::StoreFailure> {
        Ok(Vec::new())
    }

    fn apply(
        &self,
        _: &dyn engine::StateRead,
        at: &engine::BlockContext,
        records: &[Vec<u8>],
    ) -> Result<engine::Outcome, engine::ApplyError> {
        let time = i64::try_from(at.time_ms).expect("a time of this century");
        let time = UnixTime::from_millis(time).expect("a time of this century");
        let at = ledger::BlockContext { chain_id: at.chain_id, height: at.height, time };
        let done = ledger::apply(self, &at, records).unwrap_or_else(|e| panic!("{e}"));
        Ok(self.outcome(done))
    }
}
