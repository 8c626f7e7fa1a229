//! The mempool's own libp2p swarm: every node of the ledger's list talks to every other one directly.
//!
//! Request and response rather than gossipsub: with at most a hundred nodes a full mesh is cheap, each message
//! is acknowledged, and there is no scoring or mesh state for a hostile peer to play with.

mod message;

pub(crate) use message::{Ack, Hello, Message};

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::time::Duration;

use futures::StreamExt as _;
use libp2p::identity::Keypair;
use libp2p::multiaddr::Multiaddr;
use libp2p::request_response::{self, ProtocolSupport};
use libp2p::swarm::{NetworkBehaviour, SwarmEvent};
use libp2p::{
    PeerId, StreamProtocol, Swarm, allow_block_list, connection_limits, noise, tcp, yamux,
};
use tokio::sync::mpsc;
use tracing::{debug, info, warn};
use yinxin_gm::Digest;

use crate::NodeError;
use crate::config::multiaddr;
use message::Wire;

/// How often unconnected peers are dialled.
const DIAL_EVERY: Duration = Duration::from_secs(1);

/// Connections one peer may have: one each way, and one being replaced.
const PER_PEER: u32 = 4;

/// Commands and events that wait; beyond it records are dropped and sent again later.
const QUEUE: usize = 1024;

/// Time for one message: a megabyte over a slow line.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// What the swarm is told.
#[derive(Debug)]
pub(crate) enum Command {
    /// Send to every connected peer.
    Broadcast(Message),
    /// Only these peers may connect; dial them there.
    Allow(Vec<(PeerId, Multiaddr)>),
}

/// What the swarm tells.
#[derive(Debug)]
pub(crate) enum Event {
    /// A peer sent records.
    Records(Vec<Vec<u8>>),
    /// A peer said where it is.
    Hello(PeerId, Hello),
    /// A peer connected; it has not heard from us yet.
    Connected(usize),
    /// A peer left.
    Disconnected(usize),
    /// A peer hears two processes speak with our network key.
    Twin(PeerId),
}

#[derive(NetworkBehaviour)]
struct Behaviour {
    allowed: allow_block_list::Behaviour<allow_block_list::AllowedPeers>,
    limits: connection_limits::Behaviour,
    messages: request_response::Behaviour<Wire>,
}

/// What is known about the processes behind a peer id.
#[derive(Debug, Default)]
struct Sessions {
    current: u64,
    /// Sessions that were followed by another one. A dead process does not speak again.
    retired: HashSet<u64>,
}

impl Sessions {
    /// Whether this message shows that two processes share the peer id.
    fn twin(&mut self, session: u64) -> bool {
        if self.current == session {
            return false;
        }
        if self.current != 0 {
            // A few restarts are remembered; a peer cannot make us remember without end.
            if self.retired.len() >= 16 {
                self.retired.clear();
            }
            self.retired.insert(self.current);
        }
        self.current = session;
        self.retired.contains(&session)
    }
}

struct Gossip {
    swarm: Swarm<Behaviour>,
    known: Vec<(PeerId, Multiaddr)>,
    sessions: HashMap<PeerId, Sessions>,
    commands: mpsc::Receiver<Command>,
    events: mpsc::Sender<Event>,
}

/// A running swarm: what it is told, what it tells, and its task.
pub(crate) type Running =
    (mpsc::Sender<Command>, mpsc::Receiver<Event>, tokio::task::JoinHandle<()>);

/// Starts the swarm.
///
/// # Errors
/// [`NodeError::Swarm`] if it cannot listen.
pub(crate) fn start(
    keypair: Keypair,
    listen: SocketAddr,
    chain_id: &Digest,
) -> Result<Running, NodeError> {
    let failed = |error: &dyn std::fmt::Display| NodeError::Swarm(error.to_string());
    // Nodes of another chain do not even share a protocol.
    let protocol = StreamProtocol::try_from_owned(format!("/yinxin/pool/1/{chain_id}"))
        .map_err(|error| failed(&error))?;
    let config = request_response::Config::default().with_request_timeout(REQUEST_TIMEOUT);
    let behaviour = Behaviour {
        allowed: allow_block_list::Behaviour::default(),
        limits: connection_limits::Behaviour::new(
            connection_limits::ConnectionLimits::default()
                .with_max_established_per_peer(Some(PER_PEER))
                .with_max_pending_incoming(Some(256)),
        ),
        messages: request_response::Behaviour::with_codec(
            Wire,
            [(protocol, ProtocolSupport::Full)],
            config,
        ),
    };
    let mut swarm = libp2p::SwarmBuilder::with_existing_identity(keypair)
        .with_tokio()
        .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, yamux::Config::default)
        .map_err(|error| failed(&error))?
        .with_behaviour(|_| behaviour)
        .map_err(|error| failed(&error))?
        // Connections of the ledger's nodes stay: idle is the usual state of a quiet chain.
        .with_swarm_config(|config| {
            config.with_idle_connection_timeout(Duration::from_secs(24 * 3600))
        })
        .build();
    swarm.listen_on(multiaddr(listen)).map_err(|error| failed(&error))?;
    let (command_sender, commands) = mpsc::channel(QUEUE);
    let (events, event_receiver) = mpsc::channel(QUEUE);
    let gossip = Gossip { swarm, known: Vec::new(), sessions: HashMap::new(), commands, events };
    let task = tokio::spawn(gossip.run());
    Ok((command_sender, event_receiver, task))
}

impl Gossip {
    async fn run(mut self) {
        let mut dial = tokio::time::interval(DIAL_EVERY);
        loop {
            tokio::select! {
                command = self.commands.recv() => match command {
                    Some(command) => self.command(command),
                    None => return,
                },
                event = self.swarm.select_next_some() => self.event(event).await,
                _ = dial.tick() => self.dial(),
            }
        }
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Broadcast(message) => {
                let peers: Vec<PeerId> = self.swarm.connected_peers().copied().collect();
                for peer in peers {
                    self.swarm.behaviour_mut().messages.send_request(&peer, message.clone());
                }
            }
            Command::Allow(known) => {
                let own = *self.swarm.local_peer_id();
                let allowed = &mut self.swarm.behaviour_mut().allowed;
                for (peer, _) in &self.known {
                    if !known.iter().any(|(id, _)| id == peer) {
                        allowed.disallow_peer(*peer);
                    }
                }
                for (peer, _) in known.iter().filter(|(peer, _)| *peer != own) {
                    allowed.allow_peer(*peer);
                }
                self.known = known.into_iter().filter(|(peer, _)| *peer != own).collect();
                self.dial();
            }
        }
    }

    fn dial(&mut self) {
        for (peer, address) in &self.known {
            if !self.swarm.is_connected(peer) {
                let options = libp2p::swarm::dial_opts::DialOpts::peer_id(*peer)
                    .addresses(vec![address.clone()])
                    .build();
                if let Err(error) = self.swarm.dial(options) {
                    debug!(%peer, %error, "not dialled");
                }
            }
        }
    }

    async fn event(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::Behaviour(BehaviourEvent::Messages(event)) => self.message(event).await,
            SwarmEvent::ConnectionEstablished { peer_id, num_established, .. }
                if num_established.get() == 1 =>
            {
                info!(peer = %peer_id, "mempool peer connected");
                let count = self.swarm.connected_peers().count();
                tell(&self.events, Event::Connected(count)).await;
            }
            SwarmEvent::ConnectionClosed { peer_id, num_established: 0, .. } => {
                info!(peer = %peer_id, "mempool peer left");
                let count = self.swarm.connected_peers().count();
                tell(&self.events, Event::Disconnected(count)).await;
            }
            SwarmEvent::ListenerError { error, .. } => warn!(%error, "mempool listener"),
            _ => {}
        }
    }

    async fn message(&mut self, event: request_response::Event<Message, Ack>) {
        let request_response::Event::Message { peer, message, .. } = event else { return };
        match message {
            request_response::Message::Request { request, channel, .. } => {
                let mut ack = Ack { twin: false };
                if let Message::Hello(hello) = &request {
                    ack.twin = self.sessions.entry(peer).or_default().twin(hello.session);
                    if ack.twin {
                        warn!(%peer, "two processes speak with this peer's key");
                    }
                }
                // The peer may be gone already; it will send again.
                let _ = self.swarm.behaviour_mut().messages.send_response(channel, ack);
                match request {
                    // Records are sent again; dropping them when busy keeps memory bounded.
                    Message::Records(records) => {
                        let _ = self.events.try_send(Event::Records(records));
                    }
                    Message::Hello(hello) => tell(&self.events, Event::Hello(peer, hello)).await,
                }
            }
            request_response::Message::Response { response: Ack { twin }, .. } => {
                if twin {
                    tell(&self.events, Event::Twin(peer)).await;
                }
            }
        }
    }
}

async fn tell(events: &mpsc::Sender<Event>, event: Event) {
    // The node is stopping if nobody listens.
    let _ = events.send(event).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restart_is_no_twin_but_a_voice_from_the_dead_is() {
        let mut sessions = Sessions::default();
        assert!(!sessions.twin(1));
        assert!(!sessions.twin(1));
        assert!(!sessions.twin(2), "a restart");
        assert!(!sessions.twin(2));
        assert!(sessions.twin(1), "the first process lives");
        assert!(sessions.twin(2), "and so does the second");
        assert!(!sessions.twin(3), "another restart");
    }
}
