//! When the next height starts: not before there is a reason.

use std::time::Duration;

use arc_malachitebft_app_channel::app::engine::host::Next;
use libp2p::PeerId;
use tokio::time::Instant;
use tracing::{debug, warn};
use yinxin_engine::{Base as _, wake_sign_bytes};

use super::Driver;
use crate::NodeError;
use crate::clock::now_ms;
use crate::gossip::{Hello, Message};
use crate::handle::{Signing, lock};

/// How often records are sent again until they are committed.
const REGOSSIP: Duration = Duration::from_secs(1);

/// Records of one message of regossip: enough to fill a block in a few.
const REGOSSIP_RECORDS: usize = 500;

/// How often a node says where it is.
const HELLO: Duration = Duration::from_secs(1);

/// How often a peer's wake is looked into: more often than blocks can come.
const WAKE: Duration = Duration::from_millis(10);

impl Driver {
    pub(super) fn head(&self) -> u64 {
        self.shared.store.view().head().height
    }

    pub(super) fn heartbeat_due(&self) -> bool {
        let last = self.shared.store.view().head().time_ms;
        now_ms() >= last.saturating_add(self.shared.tuning.heartbeat_ms)
    }

    /// The highest block that anybody told of.
    pub(super) fn peers_height(&self) -> u64 {
        self.hellos.values().map(|hello| hello.head).max().unwrap_or(0)
    }

    /// The highest block that one told of who does not lie: so many tell of it that not all of them do.
    pub(super) fn sure_height(&self) -> u64 {
        let mut heads: Vec<u64> = self.member_hellos().map(|hello| hello.head).collect();
        heads.sort_unstable_by(|a, b| b.cmp(a));
        heads.get(self.place.members.faulty()).copied().unwrap_or(0)
    }

    /// Whether nobody is more than a block ahead.
    pub(super) fn in_step(&self) -> bool {
        self.sure_height() <= self.head() + 1
    }

    fn member_hellos(&self) -> impl Iterator<Item = &Hello> {
        let others = &self.place.members.others;
        self.hellos.iter().filter(|(peer, _)| others.contains(peer)).map(|(_, hello)| hello)
    }

    /// More than two thirds of the ledger's nodes, ourselves included, have said where they are.
    pub(super) fn quorum_heard(&self) -> bool {
        self.place.members.quorum(self.member_hellos().count())
    }

    /// A reason of our own to start the next height.
    fn own_reason(&self) -> bool {
        lock(&self.shared.pool).len() > 0 || self.heartbeat_due()
    }

    /// Whether there is a reason to start the next height; if it is only the word of others, that is noted.
    fn may_start(&mut self) -> bool {
        let head = self.head();
        if self.own_reason() || self.sure_height() > head {
            return true;
        }
        let told = self.woken > head || self.peers_height() > head;
        let may = told && self.wakes.allowed(Instant::now());
        if may {
            self.wakes.begin(head + 1);
        }
        may
    }

    /// Somebody begins this height.
    pub(super) fn wake(&mut self, height: u64) {
        if height == self.head() + 1 {
            self.woken = height;
        }
    }

    /// Answers `ConsensusReady`: once enough peers are there, and there is a reason to begin.
    pub(super) fn try_ready(&mut self) {
        if self.ready.is_none() {
            return;
        }
        let waited =
            self.ready_since.elapsed() >= Duration::from_millis(self.shared.tuning.peers_wait_ms);
        let head = self.head();
        // The engine answers nobody before it is started: somebody behind us may need our blocks.
        let behind = self.hellos.values().any(|hello| hello.head < head);
        if !(self.quorum_heard() || waited) || !(behind || self.may_start()) {
            return;
        }
        if self.own_reason() {
            self.say_hello(true);
        }
        if let Some(reply) = self.ready.take() {
            let _ = reply.send(self.next_height());
        }
    }

    /// Answers a held `Finalized`: the next height begins.
    pub(super) fn try_release(&mut self) {
        if self.held.is_none() || !self.may_start() {
            return;
        }
        if self.own_reason() {
            self.say_hello(true);
        }
        if let Some(reply) = self.held.take() {
            let (height, params) = self.next_height();
            debug!(%height, "height begins");
            let _ = reply.send(Next::Start(height, params));
        }
    }

    /// Says where we are; with `wake`, and a key to say it with, that we begin the next height.
    pub(super) fn say_hello(&mut self, wake: bool) {
        let head = self.head();
        let signer = self.signer.as_ref().filter(|_| wake && self.signing == Signing::On);
        let wake = signer.and_then(|signer| {
            let signature = signer.sign_wake(head + 1, self.session).ok()?;
            Some((signer.address(), signature))
        });
        self.last_hello = Instant::now();
        self.broadcast(Message::Hello(Hello { session: self.session, head, wake }));
    }

    pub(super) fn hello(&mut self, peer: PeerId, hello: Hello) {
        let next = self.head() + 1;
        if let Some((address, signature)) = &hello.wake
            && hello.head.checked_add(1) == Some(next)
            && self.woken < next
            && self.wake_due(peer)
        {
            let chain_id = self.shared.store.chain_id();
            let message = wake_sign_bytes(&chain_id, next, hello.session);
            let member = self.host.validators().members().iter().find(|m| m.address == *address);
            if member.is_some_and(|member| member.key.verifies(&message, signature)) {
                self.woken = next;
            }
        }
        self.hellos.insert(peer, hello);
        lock(&self.shared.status).peers_height = self.peers_height();
    }

    /// Whether a peer's wake may be looked into: each costs a signature's check.
    fn wake_due(&mut self, peer: PeerId) -> bool {
        let now = Instant::now();
        let last = self.wakes_heard.insert(peer, now);
        last.is_none_or(|last| now.duration_since(last) >= WAKE)
    }

    pub(super) fn tick(&mut self) -> Result<(), NodeError> {
        if self.last_hello.elapsed() >= HELLO {
            self.say_hello(false);
        }
        if self.last_gossip.elapsed() >= REGOSSIP {
            self.last_gossip = Instant::now();
            self.regossip();
            self.recheck_waiting();
            self.shared.store.health()?;
        }
        self.check_stall()
    }

    fn regossip(&self) {
        let interval = u64::try_from(REGOSSIP.as_millis()).expect("a second");
        let (due, count, bytes) = {
            let mut pool = lock(&self.shared.pool);
            (pool.due(now_ms(), interval, REGOSSIP_RECORDS), pool.len(), pool.bytes())
        };
        let metrics = &self.shared.metrics;
        metrics.mempool_records.set(u64::try_from(count).expect("a usize fits"));
        metrics.mempool_bytes.set(u64::try_from(bytes).expect("a usize fits"));
        if !due.is_empty() {
            metrics.gossiped_total.add(u64::try_from(due.len()).expect("a usize fits"));
            let records = due.iter().map(|record| record.to_vec()).collect();
            self.broadcast(Message::Records(records));
        }
    }

    /// Behind the others and without a block for too long: the engine is started anew, once; then the node ends,
    /// so that whoever runs it sees it.
    fn check_stall(&mut self) -> Result<(), NodeError> {
        let (height, peers) = (self.head(), self.sure_height());
        let patience = Duration::from_millis(self.shared.tuning.stall_ms);
        if peers <= height + 1 || self.last_progress.elapsed() < patience {
            return Ok(());
        }
        self.last_progress = Instant::now();
        self.stalls += 1;
        self.shared.metrics.stalls_total.add(1);
        warn!(height, peers, stalls = self.stalls, "no block for too long while others go on");
        if self.stalls > 2 {
            return Err(NodeError::Stalled { height, peers });
        }
        self.restart_wanted = true;
        Ok(())
    }
}
