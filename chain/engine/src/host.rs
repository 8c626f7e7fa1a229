//! The host: what the engine asks goes in, effects come out. No socket, no clock, no disk but [`Base`].
//!
//! | input | effects, in order |
//! |---|---|
//! | started round | persist what was stashed and turns out valid · replay what is known |
//! | get value | persist · publish · propose; the same block again if already asked |
//! | part | when the block is complete: persist (if valid) · seen, with its validity |
//! | restream | publish |
//! | synced | persist (if valid) · synced |
//! | decided | commit |

mod assembly;
mod interface;

use core::fmt;
use std::collections::BTreeMap;
use std::sync::Arc;

use arc_malachitebft_core_types::{CommitCertificate, Height as _, Round, Validity};
use yinxin_gm::Digest;
use yinxin_merkle::wire::Wire;
use yinxin_receipt::Header;

use crate::app::{App, ApplyError, BlockContext, StoreFailure};
use crate::context::{Address, BlockId, Chain, Height, Part, Validators};
use crate::execute::{Base, Clock, Executed, Fault, execute, validate};
use crate::wire::{self, MAX_BODY, MAX_RECORDS};
pub use assembly::split;
use assembly::{Assembled, Assembly};
pub use interface::{Decision, Effect, HostError, Input, Seen, SyncAnswer, Undecided};

/// How often a proposer drops a refused record and starts over before it takes only the records before it.
const RETRIES: usize = 16;

/// Most blocks remembered for one height; each round brings one from an honest proposer.
const MAX_CANDIDATES: usize = 64;

#[derive(Clone, Debug)]
struct Candidate {
    round: Round,
    proposer: Address,
    block: Block,
}

#[derive(Clone, Debug)]
enum Block {
    /// Executed on the present head.
    Executed(Box<Executed>),
    /// Read back after a restart; known to have been valid.
    Recovered(Vec<u8>),
}

/// The rules of the chain between the engine and the store.
pub struct Host {
    app: Arc<dyn App>,
    chain_id: Digest,
    max_ahead_ms: u64,
    /// The height the candidates are for: head + 1.
    height: u64,
    validators: Validators,
    candidates: BTreeMap<Digest, Candidate>,
    /// What was proposed by ourselves, by round.
    proposed: BTreeMap<u32, Digest>,
    /// The height whose known blocks the engine was already told.
    replayed: u64,
    assembly: Assembly,
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").field("height", &self.height).finish_non_exhaustive()
    }
}

impl Host {
    /// A host on top of `base`, with the undecided blocks kept from before a restart.
    /// `own` is our address if we are a validator: its blocks are proposed again, not replaced.
    #[must_use]
    pub fn new(
        app: Arc<dyn App>,
        chain_id: Digest,
        max_ahead_ms: u64,
        base: &dyn Base,
        own: Option<Address>,
        undecided: Vec<Undecided>,
    ) -> Self {
        let head = base.head();
        let height = head.height + 1;
        let mut host = Self {
            app,
            chain_id,
            max_ahead_ms,
            height,
            validators: Validators::new(head.validators.clone()),
            candidates: BTreeMap::new(),
            proposed: BTreeMap::new(),
            replayed: 0,
            assembly: Assembly::default(),
        };
        for Undecided { height: at, round, proposer, value, block } in undecided {
            if at == height {
                if own == Some(proposer) {
                    host.proposed.insert(round, value);
                }
                let round = Round::new(round);
                let block = Block::Recovered(block);
                host.candidates.insert(value, Candidate { round, proposer, block });
            }
        }
        host
    }

    /// The validators of the next block.
    #[must_use]
    pub const fn validators(&self) -> &Validators {
        &self.validators
    }

    /// Handles one input at `now_ms`. Effects are to be performed in order.
    ///
    /// # Errors
    /// If the node must stop.
    ///
    /// # Panics
    /// If [`Host::committed`] was not called after a commit: to go on would be to build on the wrong head.
    pub fn handle(
        &mut self,
        input: Input,
        base: &dyn Base,
        now_ms: u64,
    ) -> Result<Vec<Effect>, HostError> {
        assert_eq!(self.height, base.head().height + 1, "committed() follows every commit");
        match input {
            Input::Decided(certificate) => self.decided(&certificate, base),
            Input::GetValue { height, round, proposer, candidates } => {
                self.get_value(height, round, proposer, candidates, base, now_ms)
            }
            Input::Part { publisher, stream, part } => {
                self.part(&publisher, &stream, part, base, now_ms)
            }
            Input::Restream { height, round, value } => self.restream(height, round, value),
            Input::StartedRound { height, round } => {
                self.started_round(height, round, base, now_ms)
            }
            Input::Synced { height, round, proposer, bytes } => {
                self.synced(height, round, proposer, &bytes, base)
            }
        }
    }

    /// Tells the host that the store now stands on another block.
    pub fn committed(&mut self, base: &dyn Base) {
        let head = base.head();
        self.height = head.height + 1;
        self.validators = Validators::new(head.validators.clone());
        self.candidates.clear();
        self.proposed.clear();
        self.assembly.forget_below(self.height);
    }

    fn started_round(
        &mut self,
        height: Height,
        round: Round,
        base: &dyn Base,
        now_ms: u64,
    ) -> Result<Vec<Effect>, HostError> {
        if height.as_u64() != self.height {
            return Ok(vec![Effect::Replay(Vec::new())]);
        }
        let mut effects = Vec::new();
        let mut known = Vec::new();
        for assembled in self.assembly.take_stashed(self.height) {
            known.extend(self.judge(assembled, base, now_ms, &mut effects)?);
        }
        // After a restart the engine knows nothing; later only what belongs to the round is news.
        let first = self.replayed != self.height;
        self.replayed = self.height;
        for (value, candidate) in &self.candidates {
            let told = known.iter().any(|seen| seen.value.0 == *value);
            if !told && (first || candidate.round == round) {
                known.push(self.seen(*value, candidate, Validity::Valid));
            }
        }
        effects.push(Effect::Replay(known));
        Ok(effects)
    }

    fn get_value(
        &mut self,
        height: Height,
        round: Round,
        proposer: Address,
        candidates: Vec<Vec<u8>>,
        base: &dyn Base,
        now_ms: u64,
    ) -> Result<Vec<Effect>, HostError> {
        let Some(number) = round.as_u32().filter(|_| height.as_u64() == self.height) else {
            // An old question; the engine no longer waits for its answer.
            return Ok(Vec::new());
        };
        let mut effects = Vec::new();
        let value = match self.proposed.get(&number) {
            Some(value) => *value,
            None => self.build(number, proposer, candidates, base, now_ms, &mut effects)?,
        };
        effects.extend(self.restream(height, round, value)?);
        effects.push(Effect::Propose { height, round, value: BlockId(value) });
        Ok(effects)
    }

    /// Builds, remembers and persists a new block of ours.
    fn build(
        &mut self,
        round: u32,
        proposer: Address,
        mut records: Vec<Vec<u8>>,
        base: &dyn Base,
        now_ms: u64,
        effects: &mut Vec<Effect>,
    ) -> Result<Digest, HostError> {
        truncate(&mut records);
        let time_ms = now_ms.max(base.head().time_ms + 1);
        let at = BlockContext { chain_id: self.chain_id, height: self.height, time_ms };
        let (mut tried, mut refused) = (0, Vec::new());
        let executed = loop {
            match execute(&*self.app, base, self.chain_id, time_ms, records.clone()) {
                Ok(executed) => break executed,
                Err(ApplyError::Record { index, .. }) if tried == RETRIES => {
                    records.truncate(index);
                }
                Err(ApplyError::Record { index, refusal }) => {
                    tried += 1;
                    let record = records.remove(index);
                    // One that would stand alone is in the way of those before it, or finds the block full: its turn may come.
                    match self.app.check(base, &at, &record) {
                        Ok(_) => {}
                        Err(ApplyError::Record { .. }) => refused.push((record, refusal)),
                        Err(ApplyError::Store(failure)) => return Err(failure.into()),
                    }
                }
                Err(ApplyError::Store(failure)) => return Err(failure.into()),
            }
        };
        if !refused.is_empty() {
            effects.push(Effect::Refused(refused));
        }
        let value = executed.header.id();
        effects.push(Effect::Persist(undecided(&executed, round, proposer)));
        let block = Block::Executed(Box::new(executed));
        self.candidates.insert(value, Candidate { round: Round::new(round), proposer, block });
        self.proposed.insert(round, value);
        Ok(value)
    }

    fn part(
        &mut self,
        publisher: &[u8],
        stream: &[u8],
        part: Part,
        base: &dyn Base,
        now_ms: u64,
    ) -> Result<Vec<Effect>, HostError> {
        if let Part::Init { height, round, proposer, value, signature, .. } = &part {
            let at = height.as_u64();
            // Signatures of the next height's proposer can only be checked when its validators are known.
            let trusted = if at == self.height {
                self.validators.proposed(
                    &self.chain_id,
                    *height,
                    *round,
                    *proposer,
                    value,
                    signature,
                )
            } else {
                at == self.height + 1
            };
            if !trusted {
                return Ok(vec![Effect::Seen(None)]);
            }
        }
        let Some(assembled) = self.assembly.add(publisher, stream, part) else {
            return Ok(vec![Effect::Seen(None)]);
        };
        if assembled.height.as_u64() == self.height + 1 {
            self.assembly.stash(publisher, assembled);
            return Ok(vec![Effect::Seen(None)]);
        }
        let mut effects = Vec::new();
        let seen = self.judge(assembled, base, now_ms, &mut effects)?;
        effects.push(Effect::Seen(seen));
        Ok(effects)
    }

    /// Decides whether a complete block may be voted for.
    fn judge(
        &mut self,
        assembled: Assembled,
        base: &dyn Base,
        now_ms: u64,
        effects: &mut Vec<Effect>,
    ) -> Result<Option<Seen>, HostError> {
        let Assembled { height, round, proposer, value, header, body, signature } = assembled;
        let proposed =
            self.validators.proposed(&self.chain_id, height, round, proposer, &value, &signature);
        if height.as_u64() != self.height || !proposed {
            return Ok(None);
        }
        if let Some(candidate) = self.candidates.get(&value) {
            let seen = self.seen(value, candidate, Validity::Valid);
            return Ok(Some(Seen { round, proposer, ..seen }));
        }
        let Some((header, records)) = parse(&value, &header, &body) else {
            // The bytes are not those of the id; somebody else may still send the right ones.
            return Ok(None);
        };
        let clock = Clock { now_ms, max_ahead_ms: self.max_ahead_ms };
        let verdict = validate(&*self.app, base, self.chain_id, &header, records, Some(clock));
        let validity = match verdict {
            Ok(executed) => {
                self.keep(value, executed, round, proposer, effects);
                Validity::Valid
            }
            Err(Fault::Records(ApplyError::Store(failure))) => return Err(failure.into()),
            Err(fault) => {
                effects.push(Effect::Condemned { proposer, value, fault });
                Validity::Invalid
            }
        };
        Ok(Some(Seen { height, round, proposer, value: BlockId(value), validity }))
    }

    fn keep(
        &mut self,
        value: Digest,
        executed: Executed,
        round: Round,
        proposer: Address,
        effects: &mut Vec<Effect>,
    ) {
        if self.candidates.len() == MAX_CANDIDATES {
            self.candidates.pop_first();
        }
        effects.push(Effect::Persist(undecided(&executed, round.as_u32().unwrap_or(0), proposer)));
        let block = Block::Executed(Box::new(executed));
        self.candidates.insert(value, Candidate { round, proposer, block });
    }

    fn restream(
        &self,
        height: Height,
        round: Round,
        value: Digest,
    ) -> Result<Vec<Effect>, HostError> {
        if height.as_u64() != self.height {
            return Ok(Vec::new());
        }
        let Some(candidate) = self.candidates.get(&value) else { return Ok(Vec::new()) };
        let (header, body) = match &candidate.block {
            Block::Executed(executed) => {
                (executed.header.to_der(), wire::encode_body(&executed.records))
            }
            Block::Recovered(bytes) => {
                let (header, body) = wire::decode_block(bytes)
                    .map_err(|error| StoreFailure::new(format!("undecided block: {error}")))?;
                (header.to_vec(), body.to_vec())
            }
        };
        Ok(vec![Effect::Publish { height, round, value, header, body }])
    }

    fn synced(
        &mut self,
        height: Height,
        round: Round,
        proposer: Address,
        bytes: &[u8],
        base: &dyn Base,
    ) -> Result<Vec<Effect>, HostError> {
        if height.as_u64() != self.height {
            return Ok(vec![Effect::Synced(SyncAnswer::Later)]);
        }
        let fault = |why: String| Ok(vec![Effect::Synced(SyncAnswer::PeerFault(why))]);
        let (header, body) = match wire::decode_block(bytes) {
            Ok(parts) => parts,
            Err(error) => return fault(error.to_string()),
        };
        let value = yinxin_gm::sm3::digest(header);
        let Some((header, records)) = parse(&value, header, body) else {
            return fault("not a block".into());
        };
        let mut effects = Vec::new();
        let mut validity = Validity::Valid;
        if !self.candidates.contains_key(&value) {
            match validate(&*self.app, base, self.chain_id, &header, records, None) {
                Ok(executed) => self.keep(value, executed, round, proposer, &mut effects),
                Err(Fault::Records(ApplyError::Store(failure))) => return Err(failure.into()),
                Err(fault) => {
                    effects.push(Effect::Condemned { proposer, value, fault });
                    validity = Validity::Invalid;
                }
            }
        }
        let seen = Seen { height, round, proposer, value: BlockId(value), validity };
        effects.push(Effect::Synced(SyncAnswer::Seen(seen)));
        Ok(effects)
    }

    fn decided(
        &mut self,
        certificate: &CommitCertificate<Chain>,
        base: &dyn Base,
    ) -> Result<Vec<Effect>, HostError> {
        let value = certificate.value_id;
        assert_eq!(certificate.height.as_u64(), self.height, "heights are decided one by one");
        let candidate = self.candidates.get(&value).ok_or(HostError::Unknown(value))?;
        let executed = match &candidate.block {
            Block::Executed(executed) => (**executed).clone(),
            Block::Recovered(bytes) => self.execute_again(value, bytes, base)?,
        };
        let certificate = self
            .validators
            .certificate(&self.chain_id, certificate)
            .map_err(HostError::Certificate)?;
        Ok(vec![Effect::Commit(Box::new(Decision { executed, certificate }))])
    }

    fn execute_again(
        &self,
        value: Digest,
        bytes: &[u8],
        base: &dyn Base,
    ) -> Result<Executed, HostError> {
        let (header, records) = wire::decode_block(bytes)
            .ok()
            .and_then(|(header, body)| parse(&value, header, body))
            .ok_or_else(|| StoreFailure::new("an undecided block is damaged"))?;
        validate(&*self.app, base, self.chain_id, &header, records, None).map_err(|fault| {
            match fault {
                Fault::Records(ApplyError::Store(failure)) => failure.into(),
                fault => HostError::Diverged { value, fault },
            }
        })
    }

    fn seen(&self, value: Digest, candidate: &Candidate, validity: Validity) -> Seen {
        let Candidate { round, proposer, .. } = candidate;
        let height = Height::new(self.height);
        Seen { height, round: *round, proposer: *proposer, value: BlockId(value), validity }
    }
}

/// Header and records, if the header's bytes are exactly those of `value`.
fn parse(value: &Digest, header: &[u8], body: &[u8]) -> Option<(Header, Vec<Vec<u8>>)> {
    if yinxin_gm::sm3::digest(header) != *value {
        return None;
    }
    let header = Header::from_der(header).ok()?;
    (header.id() == *value).then_some((header, wire::decode_body(body).ok()?))
}

fn undecided(executed: &Executed, round: u32, proposer: Address) -> Undecided {
    let Executed { header, records, .. } = executed;
    let block = wire::encode_block(&header.to_der(), &wire::encode_body(records));
    Undecided { height: header.height, round, proposer, value: header.id(), block }
}

/// Keeps as many of the records, from the first, as fit a block.
fn truncate(records: &mut Vec<Vec<u8>>) {
    let mut room = MAX_BODY;
    let fits = records.iter().take(MAX_RECORDS).take_while(|record| {
        let after = room.checked_sub(record.len() + 4);
        room = after.unwrap_or(0);
        after.is_some()
    });
    let count = fits.count();
    records.truncate(count);
}
