//! Starting and stopping Malachite's engine.

use std::fs::File;
use std::io::Read as _;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use arc_malachitebft_app_channel::app::config::{
    ConsensusConfig, DiscoveryConfig, NodeConfig, P2pConfig, ValuePayload, ValueSyncConfig,
};
use arc_malachitebft_app_channel::app::engine::network::{NetworkMsg, NetworkRef};
use arc_malachitebft_app_channel::app::engine::wal::Msg as WalMsg;
use arc_malachitebft_app_channel::app::types::codec::Codec as _;
use arc_malachitebft_app_channel::app::types::core::LinearTimeouts;
use arc_malachitebft_app_channel::{
    Channels, ConsensusContext, EngineHandle, NetworkContext, NetworkIdentity, RequestContext,
    SyncContext, WalContext, start_engine,
};
use libp2p::PeerId;
use libp2p::identity::Keypair;
use libp2p::multiaddr::{Multiaddr, Protocol};
use ractor::ActorStatus;
use yinxin_engine::{Address, Chain, Signer, Verifier};
use yinxin_gm::Digest;

use crate::clock::now_ms;
use crate::codec::NodeCodec;
use crate::config::{Tuning, multiaddr};
use crate::{Config, NodeError};

/// Departments on one machine or behind one NAT are many nodes on one address.
const PER_IP: usize = 1024;

/// How often a node tells the others its height, for catching up.
const STATUS_EVERY: Duration = Duration::from_secs(2);

/// How long a stopped engine may hold its port.
const PORT_WAIT: Duration = Duration::from_secs(3);

struct EngineConfig {
    moniker: String,
    consensus: ConsensusConfig,
    sync: ValueSyncConfig,
}

impl NodeConfig for EngineConfig {
    fn moniker(&self) -> &str {
        &self.moniker
    }

    fn consensus(&self) -> &ConsensusConfig {
        &self.consensus
    }

    fn consensus_mut(&mut self) -> &mut ConsensusConfig {
        &mut self.consensus
    }

    fn value_sync(&self) -> &ValueSyncConfig {
        &self.sync
    }

    fn value_sync_mut(&mut self) -> &mut ValueSyncConfig {
        &mut self.sync
    }
}

/// A running engine.
pub(crate) struct Engine {
    pub(crate) channels: Channels<Chain>,
    network: NetworkRef<Chain>,
    handle: EngineHandle,
    log: PathBuf,
}

/// What does not change between starts.
pub(crate) struct EngineSettings {
    pub(crate) config: Config,
    pub(crate) keypair: Keypair,
    pub(crate) chain_id: Digest,
}

impl EngineSettings {
    /// Starts the engine: voting with `signer`, or only following.
    pub(crate) async fn start(
        &self,
        peers: &[(PeerId, Multiaddr)],
        signer: Option<&Signer>,
    ) -> Result<Engine, NodeError> {
        free_port(self.config.listen).await?;
        free_log(&wal_path(&self.config.data_dir)).await?;
        let failed = |error: &dyn std::fmt::Display| NodeError::Engine(error.to_string());
        let own = self.keypair.public().to_peer_id();
        let persistent = peers
            .iter()
            .filter(|(peer, _)| *peer != own)
            .map(|(peer, address)| address.clone().with(Protocol::P2p(*peer)));
        let config = EngineConfig {
            moniker: self.config.name.clone(),
            consensus: consensus_config(self.config.listen, persistent.collect(), &self.chain_id),
            sync: ValueSyncConfig {
                status_update_interval: STATUS_EVERY,
                request_timeout: Duration::from_secs(5),
                ..ValueSyncConfig::default()
            },
        };
        let verifier = Verifier::new(self.chain_id, now_ms);
        let moniker = self.config.name.clone();
        let keypair = self.keypair.clone();
        let (identity, consensus) = match signer {
            Some(signer) => {
                let address = signer.address();
                let proof = signer.sign_peer(&own.to_bytes()).map_err(NodeError::Guard)?;
                let proof = NodeCodec.encode(&proof).map_err(|error| failed(&error))?;
                let identity =
                    NetworkIdentity::new_validator(moniker, keypair, address.to_string(), proof);
                let signer = Box::new(signer.clone());
                (identity, ConsensusContext::new_validator(address, Box::new(verifier), signer))
            }
            // An address that no key has: the engine then never asks for a signature.
            None => (
                NetworkIdentity::new(moniker, keypair, None),
                ConsensusContext::new_full_node(Address(Digest::ZERO), Box::new(verifier)),
            ),
        };
        let (channels, handle) = start_engine(
            Chain { chain_id: self.chain_id },
            config,
            WalContext::new(wal_path(&self.config.data_dir), NodeCodec),
            NetworkContext::new(identity, NodeCodec),
            consensus,
            SyncContext::new(NodeCodec),
            RequestContext::new(128),
        )
        .await
        .map_err(|error| failed(&format!("{error:#}")))?;
        let node = handle.actor.get_cell();
        let mut network = None;
        for child in node.get_children() {
            if child.is_message_type_of::<NetworkMsg<Chain>>() == Some(true) {
                // A node that ends kills its children, and a network killed so keeps its port until it next hears something,
                // which may be never. So nobody ends it but us.
                child.unlink(node.clone());
                network = Some(NetworkRef::from(child));
            }
        }
        let network = network.ok_or_else(|| failed(&"it has no network"))?;
        Ok(Engine { channels, network, handle, log: wal_path(&self.config.data_dir) })
    }
}

impl Engine {
    /// Whether its network ended by itself; its other parts say so by closing their channel.
    pub(crate) fn is_deaf(&self) -> bool {
        matches!(self.network.get_status(), ActorStatus::Stopping | ActorStatus::Stopped)
    }

    /// Stops the engine and waits until it is gone, its port and its log free.
    pub(crate) async fn stop(self) {
        let Self { channels, network, handle, log } = self;
        let node = handle.actor.get_cell();
        let (logs, others): (Vec<_>, Vec<_>) = node
            .get_children()
            .into_iter()
            .partition(|child| child.is_message_type_of::<WalMsg<Chain>>() == Some(true));
        for child in logs.iter().chain(&others) {
            // Or the first that ends would be an accident to the node, which would kill the others, the log among them.
            child.unlink(node.clone());
        }
        // Killed, not asked: they may wait for an answer that will not come, and would call it an error. What they signed is in
        // the guard, what they sent in the log, so this is no more than the crash that both are for.
        let kills = others.iter().map(|cell| cell.kill_and_wait(Some(PORT_WAIT)));
        futures::future::join_all(kills).await;
        let asked = logs.into_iter().chain([network.get_cell()]).map(|cell| async move {
            if cell.stop_and_wait(None, Some(PORT_WAIT)).await.is_err() {
                cell.kill();
            }
        });
        futures::future::join_all(asked).await;
        drop(channels);
        handle.actor.stop(None);
        let _ = tokio::time::timeout(PORT_WAIT, handle.handle).await;
        // The log's thread ends a moment after its actor. Whether it has is asked again before the next start.
        let _ = free_log(&log).await;
    }
}

/// The write-ahead log's file.
pub(crate) fn wal_path(data_dir: &Path) -> std::path::PathBuf {
    data_dir.join("wal").join("consensus.wal")
}

/// Whether the engine can open its log. What is wrong behind the header it notices itself; without one it does not start.
pub(crate) fn log_opens(path: &Path) -> bool {
    /// Version u32, height u64.
    const HEADER: usize = 12;
    const VERSION: [u8; 4] = 1_u32.to_be_bytes();
    let Ok(file) = File::open(path) else { return true };
    let mut header = Vec::new();
    let limit = u64::try_from(HEADER).expect("small");
    match file.take(limit).read_to_end(&mut header) {
        Ok(length) => length == 0 || (length == HEADER && header.starts_with(&VERSION)),
        Err(_) => false,
    }
}

/// The rounds' timeouts.
pub(crate) fn timeouts(tuning: &Tuning) -> LinearTimeouts {
    let propose = Duration::from_millis(tuning.propose_timeout_ms);
    let vote = Duration::from_millis(tuning.vote_timeout_ms);
    LinearTimeouts {
        propose,
        propose_delta: propose / 4,
        prevote: vote,
        prevote_delta: vote / 2,
        precommit: vote,
        precommit_delta: vote / 2,
        rebroadcast: propose + 2 * vote,
        max_timeout: Duration::from_secs(10),
    }
}

fn consensus_config(
    listen: SocketAddr,
    persistent_peers: Vec<Multiaddr>,
    chain_id: &Digest,
) -> ConsensusConfig {
    let p2p = P2pConfig {
        listen_addr: multiaddr(listen),
        persistent_peers,
        persistent_peers_only: true,
        discovery: DiscoveryConfig {
            enabled: false,
            max_connections_per_ip: PER_IP,
            ip_throttle_duration: Duration::ZERO,
            ..DiscoveryConfig::default()
        },
        ..P2pConfig::default()
    };
    let mut config = ConsensusConfig {
        enabled: true,
        p2p,
        value_payload: ValuePayload::ProposalAndParts,
        ..ConsensusConfig::default()
    };
    // Nodes of another chain share no protocol and no topic. The engine's broadcast takes names of 64 bytes at
    // most, so sixteen digits of the chain id stand for it.
    let chain = chain_id.to_string();
    let chain_id = &chain[..16];
    let names = &mut config.p2p.protocol_names;
    for name in [&mut names.consensus, &mut names.sync, &mut names.validator_proof] {
        *name = format!("{name}/{chain_id}");
    }
    let channels = &mut config.p2p.channel_names;
    for name in [
        &mut channels.consensus,
        &mut channels.proposal_parts,
        &mut channels.sync,
        &mut channels.liveness,
    ] {
        *name = format!("{name}/{chain_id}");
    }
    config
}

/// The engine does not say when it cannot listen; this does, and waits for one of ours that just stopped.
pub(crate) async fn free_port(address: SocketAddr) -> Result<(), NodeError> {
    let deadline = tokio::time::Instant::now() + PORT_WAIT;
    loop {
        match TcpListener::bind(address) {
            Ok(_) => return Ok(()),
            Err(error) if tokio::time::Instant::now() > deadline => {
                return Err(NodeError::PortInUse { address, why: error.to_string() });
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

/// The engine panics when its write-ahead log is locked; this waits for one of ours that just stopped, whose thread may outlive it
/// by a moment.
async fn free_log(path: &Path) -> Result<(), NodeError> {
    let deadline = tokio::time::Instant::now() + PORT_WAIT;
    // Where there is no log yet, nobody has locked it.
    while let Ok(file) = File::open(path) {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(error) if tokio::time::Instant::now() > deadline => {
                return Err(NodeError::Engine(format!("{}: {error}", path.display())));
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
    Ok(())
}
