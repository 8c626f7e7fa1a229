//! The loop around the host: the engine's questions, the mempool's records, time.

mod answer;
mod pace;
mod standing;
mod wakes;
mod watch;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use arc_malachitebft_app_channel::app::engine::host::Next;
use arc_malachitebft_app_channel::app::types::LocallyProposedValue;
use arc_malachitebft_app_channel::app::types::core::HeightParams;
use arc_malachitebft_app_channel::{AppMsg, NetworkMsg, Reply};
use libp2p::PeerId;
use tokio::sync::{mpsc, watch as channel};
use tokio::time::Instant;
use tracing::{error, info, warn};
use yinxin_engine::{Base as _, Chain, Height, Host, Signer};

use crate::NodeError;
use crate::engine::{Engine, EngineSettings, log_opens, timeouts, wal_path};
use crate::gossip::{Command, Event, Hello};
use crate::handle::{Shared, Signing, lock};
use crate::members::{Identity, Members};

use wakes::Wakes;

/// The grain of everything that depends on time alone.
const TICK: Duration = Duration::from_millis(50);

/// More engine deaths than this in a minute are no accident.
const DEATHS: usize = 5;

/// How often the engine may die.
const DEATH_WINDOW: Duration = Duration::from_secs(60);

/// Who this node is, and among whom.
pub(crate) struct Place {
    pub(crate) identity: Identity,
    pub(crate) members: Members,
}

/// A question that waits for records.
struct PendingValue {
    height: Height,
    round: arc_malachitebft_app_channel::app::types::core::Round,
    reply: Reply<LocallyProposedValue<Chain>>,
    deadline: Instant,
}

/// Why serving an engine ended.
enum End {
    /// The node was told to stop.
    Stop,
    /// Start the engine anew: another mode, or a stall.
    Restart,
    /// The engine died.
    Died,
}

/// The node's one writer.
pub(crate) struct Driver {
    shared: Arc<Shared>,
    settings: EngineSettings,
    place: Place,
    /// The list changed; whether our keys still fit it is looked at once we are in step.
    standing_due: bool,
    /// The swarm does not know yet who may connect.
    allow_due: bool,
    signer: Option<Signer>,
    signing: Signing,
    session: u64,
    host: Host,
    events: mpsc::Receiver<Event>,
    hellos: HashMap<PeerId, Hello>,
    ready: Option<Reply<(Height, HeightParams<Chain>)>>,
    ready_since: Instant,
    held: Option<Reply<Next<Chain>>>,
    value: Option<PendingValue>,
    /// The highest height somebody with the right to do so wants to start.
    woken: u64,
    wakes: Wakes,
    /// When a peer's wake was last looked into.
    wakes_heard: HashMap<PeerId, Instant>,
    /// Watching ends at this height or this instant.
    watch: Option<(u64, Instant)>,
    /// Votes of ours up to this height may be from before our guard.
    watch_base: u64,
    wal_damaged: bool,
    /// The engine is to be started anew.
    restart_wanted: bool,
    started: Instant,
    last_waiting: Instant,
    last_gossip: Instant,
    last_hello: Instant,
    last_progress: Instant,
    stalls: u32,
}

impl Driver {
    pub(crate) fn new(
        shared: Arc<Shared>,
        settings: EngineSettings,
        place: Place,
        signer: Option<Signer>,
        signing: Signing,
        session: u64,
        events: mpsc::Receiver<Event>,
    ) -> Result<Self, NodeError> {
        let view = shared.store.view();
        let host = Host::new(
            Arc::clone(&shared.app),
            shared.store.chain_id(),
            shared.tuning.max_ahead_ms,
            &view,
            signer.as_ref().map(Signer::address),
            shared.store.undecided()?,
        );
        let now = Instant::now();
        shared.metrics.height.set(view.head().height);
        shared.metrics.log_size.set(view.head().frontier.size());
        Ok(Self {
            shared,
            settings,
            place,
            standing_due: false,
            allow_due: false,
            signer,
            signing,
            session,
            host,
            events,
            hellos: HashMap::new(),
            ready: None,
            ready_since: now,
            held: None,
            value: None,
            woken: 0,
            wakes: Wakes::new(now),
            wakes_heard: HashMap::new(),
            watch: None,
            watch_base: 0,
            wal_damaged: false,
            restart_wanted: false,
            started: now,
            last_waiting: now,
            last_gossip: now,
            last_hello: now,
            last_progress: now,
            stalls: 0,
        })
    }

    /// Runs until told to stop, or until something is wrong that a restart of the engine does not mend.
    pub(crate) async fn run(
        mut self,
        mut stopping: channel::Receiver<bool>,
    ) -> Result<(), NodeError> {
        if !self.decide_mode(&mut stopping).await? {
            return Ok(());
        }
        let mut deaths: Vec<Instant> = Vec::new();
        loop {
            if !log_opens(&wal_path(&self.settings.config.data_dir)) {
                self.move_wal()?;
            }
            let voting = self.signing == Signing::On;
            self.shared.metrics.signing.set(u64::from(voting));
            self.shared.metrics.engine_starts_total.add(1);
            lock(&self.shared.status).signing = self.signing.clone();
            info!(voting, signing = ?self.signing, "the consensus engine starts");
            let signer = self.signer.as_ref().filter(|_| voting);
            let started = self.settings.start(&self.place.members.admitted, signer).await;
            let end = match started {
                Ok(mut engine) => {
                    self.forget_engine();
                    let end = self.serve(&mut engine, &mut stopping).await;
                    self.forget_engine();
                    engine.stop().await;
                    end
                }
                Err(error) => Err(error),
            };
            if matches!(end, Ok(End::Stop)) {
                return Ok(());
            }
            // Whatever else went wrong, a disk that takes no more writes is why.
            self.shared.store.health()?;
            match end? {
                End::Stop => return Ok(()),
                End::Restart => {}
                End::Died => {
                    self.after_death()?;
                    deaths.retain(|death| death.elapsed() < DEATH_WINDOW);
                    deaths.push(Instant::now());
                    if deaths.len() > DEATHS {
                        return Err(NodeError::Engine(format!("{DEATHS} times within a minute")));
                    }
                }
            }
        }
    }

    /// Drops every open answer of an engine that is gone.
    fn forget_engine(&mut self) {
        self.ready = None;
        self.held = None;
        self.value = None;
        self.ready_since = Instant::now();
        self.last_progress = Instant::now();
    }

    async fn serve(
        &mut self,
        engine: &mut Engine,
        stopping: &mut channel::Receiver<bool>,
    ) -> Result<End, NodeError> {
        let mut engine_events = engine.channels.events.subscribe();
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let shared = Arc::clone(&self.shared);
        loop {
            tokio::select! {
                biased;
                () = told_to_stop(stopping) => return Ok(End::Stop),
                message = engine.channels.consensus.recv() => {
                    let Some(message) = message else { return Ok(End::Died) };
                    if let Err(error) = self.answer(message, &engine.channels.network).await {
                        error!(%error, "cannot go on");
                        return Err(error);
                    }
                }
                event = engine_events.recv() => self.engine_event(event),
                event = self.events.recv() => match event {
                    Some(event) => self.gossip_event(event),
                    None => return Err(NodeError::Swarm("the mempool's swarm stopped".into())),
                },
                () = shared.pool_changed.notified() => {}
                _ = tick.tick() => {
                    if engine.is_deaf() {
                        return Ok(End::Died);
                    }
                    self.tick()?;
                }
            }
            self.check_standing()?;
            if let Some(end) = self.mode_change() {
                return Ok(end);
            }
            self.try_ready();
            self.try_release();
            self.try_value(&engine.channels.network).await?;
        }
    }

    fn gossip_event(&mut self, event: Event) {
        match event {
            Event::Records(records) => self.records(records),
            Event::Hello(peer, hello) => self.hello(peer, hello),
            Event::Connected(count) => {
                self.peers_changed(count);
                self.say_hello(false);
            }
            Event::Disconnected(count) => self.peers_changed(count),
            Event::Twin(peer) => {
                self.twin(&format!("node {peer} hears two processes with our key"))
            }
        }
    }

    fn peers_changed(&mut self, count: usize) {
        self.shared.metrics.peers.set(u64::try_from(count).expect("a usize fits"));
        lock(&self.shared.status).peers = count;
    }

    /// Records from another node. Those it should not have sent are dropped; it may know less than we do.
    fn records(&mut self, records: Vec<Vec<u8>>) {
        for record in records {
            if let Err(error) = self.shared.admit(&record) {
                tracing::debug!(%error, "a gossiped record is not taken");
            }
        }
    }

    fn broadcast(&self, message: crate::gossip::Message) {
        if self.shared.gossip.try_send(Command::Broadcast(message)).is_err() {
            warn!("the mempool's swarm is busy; a message is left out");
        }
    }

    /// The parameters of the height after the head.
    fn next_height(&self) -> (Height, HeightParams<Chain>) {
        let head = self.shared.store.view().head().height;
        let validators = self.host.validators().clone();
        let params = HeightParams::new(validators, timeouts(&self.shared.tuning), None);
        (Height::new(head + 1), params)
    }
}

/// Returns once the node is told to stop.
async fn told_to_stop(stopping: &mut channel::Receiver<bool>) {
    // Whoever could tell is gone: the same as being told.
    let _ = stopping.wait_for(|stop| *stop).await;
}

/// What the answers of the engine travel by.
type Network = mpsc::Sender<NetworkMsg<Chain>>;

/// What the engine asks.
type Question = AppMsg<Chain>;
