//! Whether this node votes: a new key watches first, a refused one is silent for a while, a key with a twin for good.

use std::collections::HashSet;
use std::time::Duration;

use arc_malachitebft_app_channel::app::engine::util::events::Event as EngineEvent;
use arc_malachitebft_app_channel::app::types::SignedConsensusMsg;
use arc_malachitebft_app_channel::app::types::core::{Height as _, VoteType};
use tokio::sync::{broadcast::error::RecvError, watch as channel};
use tokio::time::Instant;
use tracing::{error, info, warn};
use yinxin_engine::{Chain, GuardError, Position, Signer, Step};
use yinxin_gm::Digest;

use super::{Driver, End, told_to_stop};
use crate::engine::wal_path;
use crate::handle::{Signing, lock};
use crate::members::Standing;
use crate::{NodeError, SubmitError};

/// Waiting authors whose records are looked at again in one go.
const RECHECK: usize = 200;

/// Those among them that may build on others: to look at one costs as many checks as there are others.
const RECHECK_BEHIND: usize = 8;

impl Driver {
    /// Decides whether to vote at once. A key that never signed must first hear where the chain is: if it has
    /// begun, the key may have been in use before, on another disk. `false` if told to stop meanwhile.
    ///
    /// # Errors
    /// If it turns out that this node does not belong here.
    pub(super) async fn decide_mode(
        &mut self,
        stopping: &mut channel::Receiver<bool>,
    ) -> Result<bool, NodeError> {
        if self.signing != Signing::Watching {
            return Ok(true);
        }
        let tuning = &self.shared.tuning;
        let watch_blocks = tuning.watch_blocks;
        let watch = Duration::from_millis(tuning.watch_ms);
        if self.signer.as_ref().and_then(Signer::last).is_some() {
            self.signing = Signing::On;
            return Ok(true);
        }
        let mut tick = tokio::time::interval(super::TICK);
        while !(self.quorum_heard() || self.chain_heard()) {
            tokio::select! {
                () = told_to_stop(stopping) => return Ok(false),
                event = self.events.recv() => match event {
                    Some(event) => self.gossip_event(event),
                    None => return Ok(true),
                },
                _ = tick.tick() => if self.last_hello.elapsed() > Duration::from_millis(500) {
                    self.say_hello(false);
                },
            }
            self.check_standing()?;
        }
        if self.signing != Signing::Watching {
            return Ok(true);
        }
        if self.peers_height().max(self.head()) == 0 {
            self.signing = Signing::On;
        } else {
            let told = if self.quorum_heard() { self.sure_height() } else { self.peers_height() };
            let tip = told.max(self.head());
            info!(tip, "this key has never signed here: watching before it votes");
            self.watch_base = tip.saturating_add(1);
            self.watch = Some((tip.saturating_add(watch_blocks), Instant::now() + watch));
        }
        Ok(true)
    }

    /// The chain has begun, whoever its members are by now: a list from long ago may name nobody who still runs.
    fn chain_heard(&self) -> bool {
        let patience = Duration::from_millis(self.shared.tuning.peers_wait_ms);
        let patience =
            if self.place.members.standing == Standing::Listed { patience } else { Duration::ZERO };
        self.peers_height() > self.head() && self.started.elapsed() >= patience
    }

    /// Whether the engine must be started in another mode.
    pub(super) fn mode_change(&mut self) -> Option<End> {
        if std::mem::take(&mut self.restart_wanted) {
            return Some(End::Restart);
        }
        let head = self.head();
        let on = match (&self.signing, self.watch) {
            (Signing::Watching, Some((height, deadline))) => {
                head >= height || (Instant::now() >= deadline && self.in_step())
            }
            (Signing::Silent(height), _) => head >= *height,
            _ => false,
        };
        if !on {
            return None;
        }
        info!(head, "this node votes from now on");
        self.signing = Signing::On;
        Some(End::Restart)
    }

    /// After the engine died: find out why, and whether to be silent.
    pub(super) fn after_death(&mut self) -> Result<(), NodeError> {
        if std::mem::take(&mut self.wal_damaged) {
            self.move_wal()?;
        }
        let Some(signer) = &self.signer else { return Ok(()) };
        match signer.take_refusal() {
            None => Ok(()),
            Some(GuardError::Refused { asked, last }) => {
                self.shared.metrics.guard_refusals_total.add(1);
                error!(%asked, %last, "the guard withheld a signature: silent until that height is committed");
                self.signing = Signing::Silent(last.height);
                Ok(())
            }
            Some(error) => Err(NodeError::Guard(error)),
        }
    }

    /// A damaged write-ahead log is put aside. The guard still knows what was signed.
    pub(super) fn move_wal(&mut self) -> Result<(), NodeError> {
        let wal = wal_path(&self.settings.config.data_dir);
        let aside = wal.with_extension(format!("damaged-{}", crate::clock::now_ms()));
        error!(aside = %aside.display(), "the write-ahead log is damaged and put aside");
        std::fs::rename(&wal, &aside).map_err(|error| NodeError::Engine(error.to_string()))?;
        // Whoever votes no more for another reason does not begin again for this one.
        if let (Some(last), Signing::On) =
            (self.signer.as_ref().and_then(Signer::last), &self.signing)
        {
            self.signing = Signing::Silent(last.height);
        }
        Ok(())
    }

    /// Two processes have our key: neither may be trusted to be the only one. This one votes no more.
    pub(super) fn twin(&mut self, how: &str) {
        if self.signer.is_none() || matches!(self.signing, Signing::Off(_)) {
            return;
        }
        error!(
            how,
            "another node runs with this node's key; stop one of them. This one votes no more"
        );
        self.signing = Signing::Off(format!("another node runs with this key: {how}"));
        lock(&self.shared.status).signing = self.signing.clone();
        self.restart_wanted = true;
    }

    pub(super) fn engine_event(&mut self, event: Result<EngineEvent<Chain>, RecvError>) {
        match event {
            Ok(EngineEvent::Received(message)) => {
                self.wake(message.height().as_u64());
                self.watch_message(&message);
            }
            Ok(EngineEvent::WalCorrupted(why)) => {
                error!(%why, "the write-ahead log is damaged");
                self.wal_damaged = true;
            }
            Ok(EngineEvent::WalReplayError(why)) => {
                error!(%why, "the write-ahead log cannot be replayed");
                self.wal_damaged = true;
            }
            Ok(_) | Err(RecvError::Closed) => {}
            Err(RecvError::Lagged(count)) => warn!(count, "events of the engine were missed"),
        }
    }

    /// A vote under our key that we did not give.
    fn watch_message(&mut self, message: &SignedConsensusMsg<Chain>) {
        let Some(signer) = &self.signer else { return };
        let (address, step) = match message {
            SignedConsensusMsg::Vote(vote) => {
                let step = match vote.message.kind {
                    VoteType::Prevote => Step::Prevote,
                    VoteType::Precommit => Step::Precommit,
                };
                (vote.message.address, step)
            }
            SignedConsensusMsg::Proposal(proposal) => (proposal.message.address, Step::Propose),
        };
        let height = message.height().as_u64();
        let round = message.round().as_u32().unwrap_or(0);
        let position = Position { height, round, step };
        if address == signer.address()
            && height > self.watch_base
            && signer.last() < Some(position)
            && self
                .host
                .validators()
                .members()
                .iter()
                .any(|member| member.address == address && self.verifies(member, message))
        {
            self.twin("a vote of our key that we did not give was heard");
        }
    }

    fn verifies(
        &self,
        member: &yinxin_engine::Member,
        message: &SignedConsensusMsg<Chain>,
    ) -> bool {
        let chain_id = self.shared.store.chain_id();
        let bytes = match message {
            SignedConsensusMsg::Vote(vote) => yinxin_engine::vote_bytes(&chain_id, &vote.message),
            SignedConsensusMsg::Proposal(proposal) => {
                yinxin_engine::proposal_sign_bytes(&chain_id, &proposal.message)
            }
        };
        member.key.verifies(&bytes, message.signature())
    }

    /// Looks again at records somebody waits for: state may have moved on so that they will never be committed.
    pub(super) fn recheck_waiting(&self) {
        let waiting: HashSet<Digest> =
            lock(&self.shared.waiting).keys().take(RECHECK).copied().collect();
        if waiting.is_empty() {
            return;
        }
        let records = lock(&self.shared.pool).records(&waiting);
        let view = self.shared.store.view();
        let at = self.shared.next_block(&view);
        let refused = records
            .into_iter()
            .filter(|(_, record)| self.shared.app.check(&view, &at, record).is_err())
            .take(RECHECK_BEHIND);
        for (id, record) in refused.collect::<Vec<_>>() {
            let checked = self.shared.admission(&view, &id, &record);
            if let Err(error @ SubmitError::Refused(_)) = checked {
                lock(&self.shared.pool).remove(&id);
                self.shared.settle(&id, &Err(error));
            }
        }
    }
}
