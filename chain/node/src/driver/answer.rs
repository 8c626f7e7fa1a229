//! Answering the engine: questions become inputs of the host, effects are performed in order.

use std::ops::RangeInclusive;

use arc_malachitebft_app_channel::NetworkMsg;
use arc_malachitebft_app_channel::app::consensus::VoteExtensionError;
use arc_malachitebft_app_channel::app::engine::host::SyncedValueOutcome;
use arc_malachitebft_app_channel::app::streaming::{StreamContent, StreamId, StreamMessage};
use arc_malachitebft_app_channel::app::types::core::{
    CommitCertificate, ExtendedCommitCertificate, ExtendedCommitSignature, Height as _, Round,
};
use arc_malachitebft_app_channel::app::types::{LocallyProposedValue, ProposedValue};
use arc_malachitebft_sync::RawDecidedValue;
use tokio::time::Instant;
use tracing::{debug, info, warn};
use yinxin_engine::{
    Base as _, Chain, Decision, Effect, Height, Input, Part, Position, Seen, Step, SyncAnswer,
    Validators, split, wire,
};
use yinxin_gm::Digest;
use yinxin_merkle::wire::Wire as _;
use yinxin_store::StoreError;

use super::{Driver, Network, PendingValue, Question};
use crate::clock::now_ms;
use crate::handle::lock;
use crate::{NodeError, SubmitError};

/// How long a proposer without records waits for one that is on its way.
const RECORD_WAIT: std::time::Duration = std::time::Duration::from_millis(100);

/// Most blocks and bytes of one sync answer; the engine takes 10 MiB and asks for five.
const SYNC_BLOCKS: u64 = 16;
const SYNC_BYTES: usize = 6 * 1024 * 1024;

/// What the effects of one input answer.
#[derive(Default)]
struct Answers {
    proposed: Option<LocallyProposedValue<Chain>>,
    replay: Vec<Seen>,
    seen: Option<Seen>,
    synced: Option<SyncAnswer>,
}

fn proposed_value(seen: &Seen) -> ProposedValue<Chain> {
    let Seen { height, round, proposer, value, validity } = *seen;
    ProposedValue { height, round, valid_round: Round::Nil, proposer, value, validity }
}

impl Driver {
    /// Answers one question. A dropped answer means that the engine no longer waits for it.
    pub(super) async fn answer(
        &mut self,
        question: Question,
        network: &Network,
    ) -> Result<(), NodeError> {
        match question {
            Question::ConsensusReady { reply } => {
                self.ready = Some(reply);
                self.ready_since = Instant::now();
            }
            Question::StartedRound { height, round, proposer, role, reply_value } => {
                debug!(%height, %round, %proposer, ?role, "round begins");
                self.shared.metrics.rounds_total.add(1);
                let answers = self.host(Input::StartedRound { height, round }, network).await?;
                let _ = reply_value.send(answers.replay.iter().map(proposed_value).collect());
            }
            Question::GetValue { height, round, reply, .. } => {
                let deadline = Instant::now() + RECORD_WAIT;
                self.value = Some(PendingValue { height, round, reply, deadline });
            }
            Question::ExtendVote { reply, .. } => {
                let _ = reply.send(None);
            }
            Question::VerifyVoteExtensions { extensions, reply, .. } => {
                // There are none on this chain.
                let refuse =
                    |(address, ())| (address, Err(VoteExtensionError::InvalidVoteExtension));
                let _ = reply.send(extensions.into_iter().map(refuse).collect());
            }
            Question::RestreamProposal { height, round, value_id, .. } => {
                self.host(Input::Restream { height, round, value: value_id }, network).await?;
            }
            Question::GetHistoryMinHeight { reply } => {
                let _ = reply.send(Height::new(1));
            }
            Question::ReceivedProposalPart { from, published_by, part, reply } => {
                let seen = match part.content {
                    StreamContent::Fin => None,
                    StreamContent::Data(data) => {
                        if let Part::Init { height, .. } = &data {
                            self.wake(height.as_u64());
                        }
                        let publisher = published_by.unwrap_or(from).to_bytes();
                        let stream = part.stream_id.to_bytes().to_vec();
                        self.host(Input::Part { publisher, stream, part: data }, network)
                            .await?
                            .seen
                    }
                };
                let _ = reply.send(seen.as_ref().map(proposed_value));
            }
            Question::Decided { certificate, reply, .. } => {
                self.watch_certificate(&certificate);
                self.host(Input::Decided(certificate), network).await?;
                let _ = reply.send(());
            }
            Question::Finalized { evidence, reply, .. } => {
                if !evidence.is_empty() {
                    warn!("validators signed against themselves: {evidence:?}");
                }
                self.held = Some(reply);
            }
            Question::GetDecidedValues { range, reply } => {
                let _ = reply.send(self.decided_values(&range)?);
            }
            Question::ProcessSyncedValue { height, round, proposer, value_bytes, reply } => {
                let bytes = value_bytes.to_vec();
                let input = Input::Synced { height, round, proposer, bytes };
                let outcome = match self.host(input, network).await?.synced {
                    Some(SyncAnswer::Seen(seen)) => {
                        self.shared.metrics.synced_blocks_total.add(1);
                        SyncedValueOutcome::Verdict(proposed_value(&seen))
                    }
                    Some(SyncAnswer::PeerFault(why)) => {
                        warn!(%height, why, "a peer sent a bad block");
                        SyncedValueOutcome::PeerFault
                    }
                    Some(SyncAnswer::Later) | None => SyncedValueOutcome::LocalTransientError,
                };
                let _ = reply.send(outcome);
            }
        }
        Ok(())
    }

    /// Answers what to propose, once there are records or it is time for a block without any.
    pub(super) async fn try_value(&mut self, network: &Network) -> Result<(), NodeError> {
        let Some(pending) = &self.value else { return Ok(()) };
        let empty = lock(&self.shared.pool).len() == 0;
        if empty && Instant::now() < pending.deadline && !self.heartbeat_due() {
            return Ok(());
        }
        let Some(PendingValue { height, round, reply, .. }) = self.value.take() else {
            return Ok(());
        };
        let Some(proposer) = self.signer.as_ref().map(|signer| signer.address()) else {
            return Ok(());
        };
        let candidates = lock(&self.shared.pool).candidates();
        let input = Input::GetValue { height, round, proposer, candidates };
        if let Some(value) = self.host(input, network).await?.proposed {
            let _ = reply.send(value);
        }
        Ok(())
    }

    async fn host(&mut self, input: Input, network: &Network) -> Result<Answers, NodeError> {
        let view = self.shared.store.view();
        let effects = self.host.handle(input, &view, now_ms())?;
        let mut answers = Answers::default();
        for effect in effects {
            match effect {
                Effect::Commit(decision) => self.commit(&decision)?,
                Effect::Condemned { proposer, value, fault } => {
                    self.shared.metrics.invalid_blocks_total.add(1);
                    warn!(%proposer, block = %value, %fault, "an invalid block was proposed");
                }
                Effect::Persist(undecided) => self.shared.store.keep(&undecided)?,
                Effect::Propose { height, round, value } => {
                    answers.proposed = Some(LocallyProposedValue::new(height, round, value));
                }
                Effect::Publish { height, round, value, header, body } => {
                    let parts = self.parts(height, round, value, header, &body)?;
                    publish(height, round, parts, network).await;
                }
                Effect::Refused(refused) => {
                    for (record, refusal) in refused {
                        self.shared.metrics.refused_total.add(1);
                        let id = lock(&self.shared.pool).remove_bytes(&record);
                        if let Some(id) = id {
                            self.shared.settle(&id, &Err(SubmitError::Refused(refusal)));
                        }
                    }
                }
                Effect::Replay(seen) => answers.replay = seen,
                Effect::Seen(seen) => answers.seen = seen,
                Effect::Synced(answer) => answers.synced = Some(answer),
                other => unreachable!("an effect this node does not know: {other:?}"),
            }
        }
        Ok(answers)
    }

    /// The signed parts of a block for a round.
    fn parts(
        &self,
        height: Height,
        round: Round,
        value: Digest,
        header: Vec<u8>,
        body: &[u8],
    ) -> Result<Vec<Part>, NodeError> {
        let Some(signer) = &self.signer else { return Ok(Vec::new()) };
        let signature = signer.sign_part(height, round, &value).map_err(NodeError::Guard)?;
        let body_length = u32::try_from(body.len()).expect("MAX_BODY fits");
        let proposer = signer.address();
        let init = Part::Init { height, round, proposer, value, header, body_length, signature };
        Ok(split(init, body))
    }

    /// Commits a block, then tells everybody who waits for it.
    fn commit(&mut self, decision: &Decision) -> Result<(), NodeError> {
        let started = Instant::now();
        let head = self.shared.store.commit(decision)?;
        let took = started.elapsed();
        let executed = &decision.executed;
        let records = executed.records.len();
        let metrics = &self.shared.metrics;
        metrics.height.set(head.height);
        metrics.log_size.set(head.frontier.size());
        metrics.last_block_time_ms.set(head.time_ms);
        metrics.blocks_total.add(1);
        metrics.records_total.add(u64::try_from(records).expect("a usize fits"));
        metrics.empty_blocks_total.add(u64::from(records == 0));
        metrics.commit_micros_total.add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
        info!(height = head.height, records, round = decision.certificate.round, block = %head.id, "committed");
        self.last_progress = Instant::now();
        self.stalls = 0;
        self.wakes.end(head.height, records == 0);
        self.host.committed(&self.shared.store.view());
        let mut expired = Vec::new();
        {
            let mut pool = lock(&self.shared.pool);
            for applied in &executed.outcome.applied {
                pool.remove(&applied.id);
            }
            expired.extend(pool.expire(head.height + 1));
        }
        for applied in &executed.outcome.applied {
            self.shared.settle(&applied.id, &Ok(()));
        }
        self.recheck(&expired);
        if executed.outcome.peers.is_some() {
            self.members_changed()?;
        }
        Ok(())
    }

    /// Tells the waiting authors of expired records why they will not be committed.
    fn recheck(&self, expired: &[Digest]) {
        for id in expired {
            let refusal = yinxin_engine::Refusal {
                code: "expired".into(),
                message: "the record's last valid height has passed".into(),
            };
            self.shared.settle(id, &Err(SubmitError::Refused(refusal)));
        }
    }

    fn decided_values(
        &self,
        range: &RangeInclusive<Height>,
    ) -> Result<Vec<RawDecidedValue<Chain>>, StoreError> {
        let view = self.shared.store.view();
        let first = range.start().as_u64().max(1);
        let last =
            range.end().as_u64().min(view.head().height).min(first.saturating_add(SYNC_BLOCKS - 1));
        let mut values = Vec::new();
        let mut bytes = 0;
        for height in first..=last {
            let (Some((header, certificate)), Some(body)) =
                (view.header(height)?, view.body(height)?)
            else {
                break;
            };
            let validators = Validators::new(view.validators(&header.validators)?);
            let Some(certificate) = validators.engine_certificate(&certificate) else { break };
            let block = wire::encode_block(&header.to_der(), &body);
            bytes += block.len();
            if bytes > SYNC_BYTES && !values.is_empty() {
                break;
            }
            values.push(RawDecidedValue::new(block.into(), extended(certificate)));
        }
        Ok(values)
    }

    /// A certificate with a signature of ours that we did not give: somebody else has our key.
    fn watch_certificate(&mut self, certificate: &CommitCertificate<Chain>) {
        let Some(signer) = &self.signer else { return };
        let own = signer.address();
        let signed = certificate.commit_signatures.iter().any(|by| by.address == own);
        let position = Position {
            height: certificate.height.as_u64(),
            round: certificate.round.as_u32().unwrap_or(0),
            step: Step::Precommit,
        };
        if signed && position.height > self.watch_base && signer.last() < Some(position) {
            self.twin("a block was committed with a signature of our key that we did not give");
        }
    }
}

async fn publish(height: Height, round: Round, parts: Vec<Part>, network: &Network) {
    let number = round.as_u32().unwrap_or(0);
    let id = [height.as_u64().to_be_bytes().as_slice(), &number.to_be_bytes()].concat();
    let id = StreamId::new(id.into());
    let parts = parts.into_iter().map(StreamContent::Data);
    for (sequence, content) in (0..).zip(parts.chain([StreamContent::Fin])) {
        let message = StreamMessage::new(id.clone(), sequence, content);
        // A closed channel means the engine is stopping.
        if network.send(NetworkMsg::PublishProposalPart(message)).await.is_err() {
            return;
        }
    }
}

fn extended(certificate: CommitCertificate<Chain>) -> ExtendedCommitCertificate<Chain> {
    let CommitCertificate { height, round, value_id, commit_signatures } = certificate;
    let commit_signatures = commit_signatures
        .into_iter()
        .map(|by| ExtendedCommitSignature::new(by.address, by.signature, None))
        .collect();
    ExtendedCommitCertificate { height, round, value_id, commit_signatures }
}
