//! The host alone: no engine, no disk, no clock.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use arc_malachitebft_core_types::{
    CommitCertificate, CommitSignature, NilOrVal, Round, Validity, VoteType,
};
use getrandom::SysRng;
use rand_core::UnwrapErr;
use yinxin_engine::{
    Address, Admission, App, Applied, ApplyError, Base, BlockContext, Chain, Decision, Effect,
    Fault, GuardStore, Head, Height, Host, Input, Key, Outcome, Part, Refusal, Seat, Seen,
    Signature, Signer, StateRead, StoreFailure, SyncAnswer, Undecided, Vote, Writes, split,
    vote_bytes, wire,
};
use yinxin_gm::sm2::{DEFAULT_ID, PrivateKey};
use yinxin_gm::{Digest, sm3};
use yinxin_merkle::log::Frontier;
use yinxin_merkle::wire::Wire;
use yinxin_receipt::{Genesis, Header, Validator, ValidatorSet};

const CHAIN: Digest = Digest([9; 32]);
const NOW: u64 = 1_800_000_000_000;
const AHEAD: u64 = 10_000;

/// Each record is a key that may be written once.
struct Once {
    validators: ValidatorSet,
}

fn refuse(index: usize) -> ApplyError {
    let refusal = Refusal { code: "twice".into(), message: "written already".into() };
    ApplyError::Record { index, refusal }
}

impl App for Once {
    fn genesis(&self, _: &Genesis) -> Result<Outcome, Refusal> {
        unreachable!()
    }

    fn identify(&self, record: &[u8]) -> Result<Digest, Refusal> {
        Ok(sm3::digest(record))
    }

    fn check(
        &self,
        state: &dyn StateRead,
        _: &BlockContext,
        record: &[u8],
    ) -> Result<Admission, ApplyError> {
        if state.get(record)?.is_some() {
            return Err(refuse(0));
        }
        let id = sm3::digest(record);
        Ok(Admission { id, organisation: "one".into(), last_valid_height: u64::MAX })
    }

    fn seats(&self, _: &dyn StateRead) -> Result<Vec<Seat>, StoreFailure> {
        Ok(Vec::new())
    }

    fn apply(
        &self,
        state: &dyn StateRead,
        _: &BlockContext,
        records: &[Vec<u8>],
    ) -> Result<Outcome, ApplyError> {
        let mut writes = BTreeMap::new();
        for (index, record) in records.iter().enumerate() {
            if state.get(record)?.is_some()
                || writes.insert(record.clone(), Some(vec![1])).is_some()
            {
                return Err(refuse(index));
            }
        }
        Ok(Outcome {
            applied: records.iter().map(|record| Applied { id: sm3::digest(record) }).collect(),
            writes: writes.into_iter().collect(),
            index: Vec::new(),
            next_validators: self.validators.clone(),
            peers: None,
        })
    }
}

/// A committed chain in memory.
#[derive(Clone)]
struct Memory {
    head: Head,
    state: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl StateRead for Memory {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreFailure> {
        Ok(self.state.get(key).cloned())
    }
}

impl Base for Memory {
    fn head(&self) -> &Head {
        &self.head
    }

    fn state_root(&self, writes: &Writes) -> Result<Digest, StoreFailure> {
        let mut state = self.state.clone();
        state.extend(writes.iter().map(|(key, value)| (key.clone(), value.clone().unwrap())));
        Ok(sm3::digest(format!("{state:?}").as_bytes()))
    }
}

#[derive(Default)]
struct NoDisk(Mutex<Option<Vec<u8>>>);

impl GuardStore for NoDisk {
    fn load(&self) -> Result<Option<Vec<u8>>, String> {
        Ok(self.0.lock().unwrap().clone())
    }

    fn save(&self, record: &[u8]) -> Result<(), String> {
        *self.0.lock().unwrap() = Some(record.to_vec());
        Ok(())
    }
}

struct Rig {
    base: Memory,
    app: Arc<Once>,
    keys: BTreeMap<Address, PrivateKey>,
}

impl Rig {
    fn new() -> Self {
        let mut rng = UnwrapErr(SysRng);
        let keys: Vec<PrivateKey> = (0..4).map(|_| PrivateKey::generate(&mut rng)).collect();
        let validators = keys.iter().enumerate().map(|(index, key)| Validator {
            organisation: format!("91370214358586270{index}"),
            key: *key.public_key(),
            power: 1,
        });
        let validators = ValidatorSet::new(validators.collect()).unwrap();
        let head = Head {
            height: 0,
            id: CHAIN,
            time_ms: NOW - 5_000,
            frontier: Frontier::new(),
            validators: validators.clone(),
        };
        let base = Memory { head, state: BTreeMap::new() };
        let address = |key: &PrivateKey| Address::of(&Key::new(*key.public_key()));
        let keys = keys.into_iter().map(|key| (address(&key), key)).collect();
        Self { base, app: Arc::new(Once { validators }), keys }
    }

    fn host(&self) -> Host {
        self.host_with(None, Vec::new())
    }

    fn host_with(&self, own: Option<Address>, undecided: Vec<Undecided>) -> Host {
        let app: Arc<dyn App> = self.app.clone();
        Host::new(app, CHAIN, AHEAD, &self.base, own, undecided)
    }

    fn proposer(&self, height: u64, round: u32) -> Address {
        self.host().validators().proposer(Height::new(height), Round::new(round)).address
    }

    fn key(&self, address: Address) -> PrivateKey {
        PrivateKey::from_bytes(&self.keys[&address].to_bytes()).unwrap()
    }

    fn signer(&self, address: Address) -> Signer {
        let rng = Box::new(UnwrapErr(SysRng));
        Signer::open(CHAIN, self.key(address), Box::new(NoDisk::default()), || NOW, rng).unwrap()
    }

    /// Proposes these records at (height, round) and gives the effects.
    fn propose(&self, host: &mut Host, round: u32, records: &[&str], now_ms: u64) -> Vec<Effect> {
        let height = self.base.head.height + 1;
        let input = Input::GetValue {
            height: Height::new(height),
            round: Round::new(round),
            proposer: self.proposer(height, round),
            candidates: records.iter().map(|record| record.as_bytes().to_vec()).collect(),
        };
        host.handle(input, &self.base, now_ms).unwrap()
    }

    /// An honest block of round 0: header and body.
    fn block(&self, records: &[&str]) -> (Header, Vec<u8>) {
        published(&self.propose(&mut self.host(), 0, records, NOW))
    }

    /// Sends a block's parts, in the order given by `order`, and gives all effects.
    fn send(
        &self,
        host: &mut Host,
        at: u64,
        header: &[u8],
        body: &[u8],
        reverse: bool,
    ) -> Vec<Effect> {
        let (height, round) = (Height::new(at), Round::new(0));
        let proposer = self.proposer(at, 0);
        let value = sm3::digest(header);
        let signature = self.signer(proposer).sign_part(height, round, &value).unwrap();
        let body_length = u32::try_from(body.len()).unwrap();
        let header = header.to_vec();
        let init = Part::Init { height, round, proposer, value, header, body_length, signature };
        let mut parts = split(init, body);
        if reverse {
            parts.reverse();
        }
        self.parts(host, parts)
    }

    fn parts(&self, host: &mut Host, parts: Vec<Part>) -> Vec<Effect> {
        let mut effects = Vec::new();
        for part in parts {
            let input = Input::Part { publisher: vec![1], stream: vec![2], part };
            effects.extend(host.handle(input, &self.base, NOW).unwrap());
        }
        effects
    }

    /// Commits a block that `host` knows.
    fn decide(&mut self, host: &mut Host, value: Digest) -> Decision {
        let height = self.base.head.height + 1;
        let signatures = self.keys.keys().take(3).map(|address| {
            let vote = Vote::new(
                VoteType::Precommit,
                Height::new(height),
                Round::new(0),
                NilOrVal::Val(value),
                *address,
            );
            let message = vote_bytes(&CHAIN, &vote);
            let signature =
                self.key(*address).sign(DEFAULT_ID, &message, &mut UnwrapErr(SysRng)).unwrap();
            CommitSignature::new(*address, Signature(signature.to_raw()))
        });
        let certificate: CommitCertificate<Chain> = CommitCertificate {
            height: Height::new(height),
            round: Round::new(0),
            value_id: value,
            commit_signatures: signatures.collect(),
        };
        let effects = host.handle(Input::Decided(certificate), &self.base, NOW).unwrap();
        let [Effect::Commit(decision)] = effects.as_slice() else { panic!("{effects:?}") };
        let executed = &decision.executed;
        for record in &executed.records {
            self.base.state.insert(record.clone(), vec![1]);
            self.base.head.frontier.append(yinxin_engine::record_leaf(record), &mut |_, _| {});
        }
        self.base.head.height = height;
        self.base.head.id = value;
        self.base.head.time_ms = executed.header.time_ms;
        host.committed(&self.base);
        (**decision).clone()
    }
}

fn published(effects: &[Effect]) -> (Header, Vec<u8>) {
    let found = effects.iter().find_map(|effect| match effect {
        Effect::Publish { header, body, .. } => Some((header.clone(), body.clone())),
        _ => None,
    });
    let (header, body) = found.expect("published");
    (Header::from_der(&header).unwrap(), body)
}

fn seen(effects: &[Effect]) -> Option<Seen> {
    effects.iter().find_map(|effect| match effect {
        Effect::Seen(seen) => seen.clone(),
        _ => None,
    })
}

fn validity(effects: &[Effect]) -> Option<Validity> {
    seen(effects).map(|seen| seen.validity)
}

#[test]
fn an_honest_block_is_valid_and_kept_before_it_is_voted_for() {
    let rig = Rig::new();
    let (header, body) = rig.block(&["a", "b"]);
    for reverse in [false, true] {
        let effects = rig.send(&mut rig.host(), 1, &header.to_der(), &body, reverse);
        assert_eq!(validity(&effects), Some(Validity::Valid));
        let order: Vec<bool> = effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Persist(_) => Some(true),
                Effect::Seen(Some(_)) => Some(false),
                _ => None,
            })
            .collect();
        assert_eq!(order, [true, false], "persisted, then seen");
    }
}

#[test]
fn a_proposer_that_lies_in_any_header_field_is_voted_nil() {
    let rig = Rig::new();
    let (honest, body) = rig.block(&["a", "b"]);
    let other = Digest([3; 32]);
    type Lie = fn(&mut Header, Digest);
    let lies: [(&str, Lie); 11] = [
        ("chain id", |header, other| header.chain_id = other),
        ("height", |header, _| header.height += 1),
        ("time", |header, _| header.time_ms = NOW - 5_000),
        ("time", |header, _| header.time_ms = NOW + AHEAD + 1),
        ("parent", |header, other| header.parent = other),
        ("body root", |header, other| header.body_root = other),
        ("log root", |header, other| header.log_root = other),
        ("log size", |header, _| header.log_size += 1),
        ("state root", |header, other| header.state_root = other),
        ("validators", |header, other| header.validators = other),
        ("next validators", |header, other| header.next_validators = other),
    ];
    for (field, lie) in lies {
        let mut header = honest.clone();
        lie(&mut header, other);
        let effects = rig.send(&mut rig.host(), 1, &header.to_der(), &body, false);
        assert_eq!(validity(&effects), Some(Validity::Invalid), "{field}");
        assert!(!effects.iter().any(|effect| matches!(effect, Effect::Persist(_))), "{field}");
        let fault = effects.iter().find_map(|effect| match effect {
            Effect::Condemned { fault, .. } => Some(fault.clone()),
            _ => None,
        });
        match fault.unwrap() {
            Fault::Field { field: found, .. } => assert_eq!(found, field),
            Fault::Ahead { .. } | Fault::Time { .. } => assert_eq!(field, "time"),
            other => panic!("{field}: {other:?}"),
        }
    }
}

#[test]
fn a_header_of_another_version_or_algorithm_is_no_block() {
    let rig = Rig::new();
    let (header, body) = rig.block(&["a"]);
    let der = header.to_der();
    // SEQUENCE of two length bytes, then INTEGER version, INTEGER algorithms.
    assert_eq!(der[4..10], [2, 1, 1, 2, 1, 1]);
    for place in [6, 9] {
        let mut bytes = der.clone();
        bytes[place] = 2;
        let effects = rig.send(&mut rig.host(), 1, &bytes, &body, false);
        assert_eq!(validity(&effects), None, "byte {place}");
    }
}

#[test]
fn other_records_than_the_header_binds_are_invalid() {
    let rig = Rig::new();
    let (header, _) = rig.block(&["a", "b"]);
    let bodies = [
        vec![b"b".to_vec(), b"a".to_vec()],
        vec![b"a".to_vec()],
        vec![b"a".to_vec(), b"b".to_vec(), b"c".to_vec()],
        vec![],
    ];
    for records in bodies {
        let body = wire::encode_body(&records);
        let effects = rig.send(&mut rig.host(), 1, &header.to_der(), &body, false);
        assert_eq!(validity(&effects), Some(Validity::Invalid), "{records:?}");
    }
}

#[test]
fn parts_that_the_proposer_of_the_round_did_not_sign_are_ignored() {
    let rig = Rig::new();
    let (header, body) = rig.block(&["a"]);
    let header = header.to_der();
    let (height, round) = (Height::new(1), Round::new(0));
    let (right, wrong) = (rig.proposer(1, 0), rig.proposer(1, 1));
    let value = sm3::digest(&header);
    let body_length = u32::try_from(body.len()).unwrap();
    let by_wrong = rig.signer(wrong).sign_part(height, round, &value).unwrap();
    let over_other = rig.signer(right).sign_part(height, Round::new(4), &value).unwrap();
    for (proposer, signature) in [(wrong, by_wrong), (right, by_wrong), (right, over_other)] {
        let header = header.clone();
        let init = Part::Init { height, round, proposer, value, header, body_length, signature };
        let effects = rig.parts(&mut rig.host(), split(init, &body));
        assert_eq!(validity(&effects), None);
    }
}

#[test]
fn the_same_block_is_proposed_when_asked_again_even_after_a_restart() {
    let rig = Rig::new();
    let mut host = rig.host();
    let first = rig.propose(&mut host, 0, &["a"], NOW);
    let Some(Effect::Persist(kept)) = first.first().cloned() else { panic!("{first:?}") };
    assert!(matches!(first.last(), Some(Effect::Propose { .. })));
    // Other records and another time: still the first block.
    let again = rig.propose(&mut host, 0, &["b", "c"], NOW + 700);
    assert_eq!(published(&again), published(&first));
    let mut restarted = rig.host_with(Some(rig.proposer(1, 0)), vec![kept]);
    let after = rig.propose(&mut restarted, 0, &["d"], NOW + 900);
    assert_eq!(published(&after), published(&first));
    assert!(!after.iter().any(|effect| matches!(effect, Effect::Persist(_))));
    // Another round is another question.
    let later = rig.propose(&mut host, 4, &["b"], NOW);
    assert_ne!(published(&later), published(&first));
}

#[test]
fn refused_records_are_left_out_and_named() {
    let mut rig = Rig::new();
    let mut host = rig.host();
    let block = published(&rig.propose(&mut host, 0, &["a"], NOW)).0;
    rig.decide(&mut host, block.id());
    let effects = rig.propose(&mut host, 0, &["b", "a", "c", "b"], NOW);
    let (header, body) = published(&effects);
    assert_eq!(wire::decode_body(&body).unwrap(), [b"b".to_vec(), b"c".to_vec()]);
    assert_eq!((header.height, header.log_size, header.parent), (2, 3, block.id()));
    let refused = effects.iter().find_map(|effect| match effect {
        Effect::Refused(refused) => {
            Some(refused.iter().map(|(r, _)| r.clone()).collect::<Vec<_>>())
        }
        _ => None,
    });
    // The second "b" is only in the way of the first: it could stand in a block of its own, so its turn may come.
    assert_eq!(refused.unwrap(), [b"a".to_vec()]);
}

#[test]
fn a_block_is_never_refused_for_being_old() {
    let rig = Rig::new();
    let mut host = rig.host();
    let (header, body) = rig.block(&["a"]);
    let effects = rig.send(&mut host, 1, &header.to_der(), &body, false);
    assert_eq!(validity(&effects), Some(Validity::Valid));
    // A day later the same locked block comes again.
    let (height, round) = (Height::new(1), Round::new(4));
    let (proposer, value) = (rig.proposer(1, 4), header.id());
    let signature = rig.signer(proposer).sign_part(height, round, &value).unwrap();
    let body_length = u32::try_from(body.len()).unwrap();
    let header = header.to_der();
    let init = Part::Init { height, round, proposer, value, header, body_length, signature };
    let mut last = Vec::new();
    for part in split(init, &body) {
        let input = Input::Part { publisher: vec![7], stream: vec![7], part };
        last = rig.host_effects(&mut host, input, NOW + 86_400_000);
    }
    let seen = seen(&last).unwrap();
    assert_eq!((seen.validity, seen.round), (Validity::Valid, round));
}

impl Rig {
    fn host_effects(&self, host: &mut Host, input: Input, now_ms: u64) -> Vec<Effect> {
        host.handle(input, &self.base, now_ms).unwrap()
    }
}

#[test]
fn parts_of_the_next_height_are_stashed_until_its_round_starts() {
    let mut rig = Rig::new();
    let mut early = rig.host();
    let (first, first_body) = rig.block(&["a"]);
    rig.send(&mut early, 1, &first.to_der(), &first_body, false);
    // Another node is a block ahead and proposes the next one.
    let mut ahead = Rig { base: rig.base.clone(), app: rig.app.clone(), keys: BTreeMap::new() };
    ahead.keys = rig.keys.keys().map(|address| (*address, rig.key(*address))).collect();
    let mut other = ahead.host();
    ahead.send(&mut other, 1, &first.to_der(), &first_body, false);
    ahead.decide(&mut other, first.id());
    let (second, second_body) = published(&ahead.propose(&mut other, 0, &["b"], NOW));
    // It comes before we committed the first.
    let effects = rig.send(&mut early, 2, &second.to_der(), &second_body, false);
    assert_eq!(validity(&effects), None);
    rig.decide(&mut early, first.id());
    let started = Input::StartedRound { height: Height::new(2), round: Round::new(0) };
    let effects = rig.host_effects(&mut early, started, NOW);
    let Some(Effect::Replay(known)) = effects.last() else { panic!("{effects:?}") };
    assert_eq!(known.len(), 1);
    assert_eq!((known[0].value.0, known[0].validity), (second.id(), Validity::Valid));
    assert!(matches!(effects[0], Effect::Persist(_)));
}

#[test]
fn a_synced_block_needs_no_clock_but_must_be_true() {
    let rig = Rig::new();
    let (header, body) = published(&rig.propose(&mut rig.host(), 0, &["a"], NOW + 1_000_000));
    let synced = |bytes: Vec<u8>, height: u64| {
        let (height, round) = (Height::new(height), Round::new(0));
        let input = Input::Synced { height, round, proposer: rig.proposer(1, 0), bytes };
        let effects = rig.host_effects(&mut rig.host(), input, NOW);
        match effects.into_iter().next_back() {
            Some(Effect::Synced(answer)) => answer,
            other => panic!("{other:?}"),
        }
    };
    let good = wire::encode_block(&header.to_der(), &body);
    let SyncAnswer::Seen(seen) = synced(good.clone(), 1) else { panic!() };
    assert_eq!(seen.validity, Validity::Valid);
    assert_eq!(synced(good.clone(), 2), SyncAnswer::Later);
    assert!(matches!(synced(good[..20].to_vec(), 1), SyncAnswer::PeerFault(_)));
    let lie = Header { state_root: Digest([1; 32]), ..header };
    let SyncAnswer::Seen(seen) = synced(wire::encode_block(&lie.to_der(), &body), 1) else {
        panic!()
    };
    assert_eq!(seen.validity, Validity::Invalid);
}

#[test]
fn a_decided_block_is_committed_also_after_a_restart() {
    let mut rig = Rig::new();
    let mut host = rig.host();
    let effects = rig.propose(&mut host, 0, &["a"], NOW);
    let Some(Effect::Persist(kept)) = effects.first().cloned() else { panic!() };
    let value = kept.value;
    let mut restarted = rig.host_with(None, vec![kept]);
    let decision = rig.decide(&mut restarted, value);
    assert_eq!(decision.executed.header.id(), value);
    assert_eq!(decision.certificate.signatures.len(), 3);
    let set = rig.app.validators.clone();
    decision.certificate.verify(&CHAIN, &set).unwrap();
}
