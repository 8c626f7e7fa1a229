//! What a node is told by its department.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use libp2p::identity::Keypair;
use libp2p::multiaddr::{Multiaddr, Protocol};
use serde::{Deserialize, Serialize};
use yinxin_engine::Peer;
use yinxin_gm::sm2::PrivateKey;
use yinxin_store::STATE_WINDOW;
use zeroize::Zeroizing;

use crate::NodeError;
use crate::mempool::Limits;

/// A status proof is made of the newest state in milliseconds, in which a fast chain commits one block.
const MIN_STATE_WINDOW: u64 = 8;

/// A node's configuration, read from TOML.
///
/// ```toml
/// name = "market-supervision"
/// data_dir = "data"
/// listen = "10.0.0.1:27000"        # consensus; records travel on the next port
/// [[peers]]                        # only where the ledger's address does not fit, e.g. behind NAT
/// id = "12D3KooW…"
/// address = "/ip4/192.168.1.2/tcp/27000"
/// ```
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// A name for logs.
    pub name: String,
    /// Where the ledger and the write-ahead log lie.
    pub data_dir: PathBuf,
    /// Where consensus listens. The mempool listens on the next port.
    pub listen: SocketAddr,
    /// Addresses of peers, where they are others than the ledger's.
    #[serde(default)]
    pub peers: Vec<PeerConfig>,
    /// Timings and limits.
    #[serde(default)]
    pub tuning: Tuning,
}

/// Another address of a peer than the ledger's.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "written by callers")]
pub struct PeerConfig {
    /// Its peer id.
    pub id: String,
    /// Its consensus address.
    pub address: String,
}

/// Timings and limits; the defaults suit departments of one city.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "written by callers over the defaults")]
pub struct Tuning {
    /// Without records, a block comes this long after the last one, so that status proofs stay fresh.
    pub heartbeat_ms: u64,
    /// How long a round waits for its proposal: the cost of a dead proposer. A LAN needs a few tens of ms.
    pub propose_timeout_ms: u64,
    /// How long a round waits for the rest of the votes.
    pub vote_timeout_ms: u64,
    /// How far ahead of our clock a block may be.
    pub max_ahead_ms: u64,
    /// How long to wait at the start for enough peers.
    pub peers_wait_ms: u64,
    /// A new key watches this many blocks for votes that are not its own before it votes.
    pub watch_blocks: u64,
    /// Or this long, so that a chain which waits for it does not wait for ever.
    pub watch_ms: u64,
    /// How long [`crate::NodeHandle::submit`] waits.
    pub submit_timeout_ms: u64,
    /// After this long behind the others without a block, the engine is started anew.
    pub stall_ms: u64,
    /// How many blocks before the newest the state is kept; what only older ones need leaves the disk block by block.
    pub state_window: u64,
    /// Limits of the mempool.
    pub mempool: Limits,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            heartbeat_ms: 30_000,
            propose_timeout_ms: 600,
            vote_timeout_ms: 300,
            max_ahead_ms: 10_000,
            peers_wait_ms: 10_000,
            watch_blocks: 2,
            watch_ms: 20_000,
            submit_timeout_ms: 30_000,
            stall_ms: 30_000,
            state_window: STATE_WINDOW,
            mempool: Limits::default(),
        }
    }
}

/// A node's secrets. How they are kept on disk is the caller's concern.
pub struct Keys {
    /// The validator's SM2 key; without it the node follows the chain and takes records in, but does not vote.
    pub validator: Option<PrivateKey>,
    /// The ed25519 seed of the libp2p identity.
    pub network: Zeroizing<[u8; 32]>,
}

impl core::fmt::Debug for Keys {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Keys")
    }
}

impl Config {
    /// A configuration with the default tuning.
    #[must_use]
    pub fn new(name: &str, data_dir: PathBuf, listen: SocketAddr) -> Self {
        Self { name: name.into(), data_dir, listen, peers: Vec::new(), tuning: Tuning::default() }
    }

    /// Reads TOML.
    ///
    /// # Errors
    /// [`NodeError::Config`] with the line that is wrong.
    pub fn from_toml(text: &str) -> Result<Self, NodeError> {
        let config: Self =
            toml::from_str(text).map_err(|error| NodeError::Config(error.to_string()))?;
        config.check()?;
        Ok(config)
    }

    /// As TOML.
    ///
    /// # Errors
    /// [`NodeError::Config`] if a path is no text.
    pub fn to_toml(&self) -> Result<String, NodeError> {
        toml::to_string_pretty(self).map_err(|error| NodeError::Config(error.to_string()))
    }

    /// Whether the values make sense together.
    ///
    /// # Errors
    /// [`NodeError::Config`].
    pub fn check(&self) -> Result<(), NodeError> {
        let wrong = |why: &str| Err(NodeError::Config(why.into()));
        if self.listen.port() == u16::MAX {
            return wrong("listen: the next port must exist too");
        }
        let tuning = &self.tuning;
        if tuning.propose_timeout_ms == 0 || tuning.vote_timeout_ms == 0 {
            return wrong("tuning: timeouts must be above 0");
        }
        if tuning.heartbeat_ms < 100 {
            return wrong("tuning.heartbeat_ms: at least 100");
        }
        if tuning.state_window < MIN_STATE_WINDOW {
            return wrong("tuning.state_window: at least 8 blocks, for those who are reading");
        }
        self.peers.iter().try_for_each(|peer| tcp_address(&peer.address).map(|_| ()))
    }

    /// The mempool's listening address.
    #[must_use]
    pub fn pool_listen(&self) -> SocketAddr {
        SocketAddr::new(self.listen.ip(), self.listen.port() + 1)
    }

    /// The address of a peer: ours if given here, else the ledger's.
    pub(crate) fn address_of(&self, peer: &Peer) -> Result<SocketAddr, NodeError> {
        let own = self.peers.iter().find(|own| own.id == peer.id);
        tcp_address(own.map_or(&peer.address, |own| &own.address))
    }
}

/// The libp2p peer id of a network key.
///
/// # Panics
/// Never: every 32 bytes are an ed25519 seed.
#[must_use]
pub fn peer_id(network: &[u8; 32]) -> String {
    keypair(network).public().to_peer_id().to_string()
}

pub(crate) fn keypair(network: &[u8; 32]) -> Keypair {
    Keypair::ed25519_from_bytes(*network).expect("every 32 bytes are an ed25519 seed")
}

/// `/ip4/…/tcp/…` or `/ip6/…/tcp/…`, perhaps with `/p2p/…` behind. No names: what resolves them could be
/// attacked, and QUIC is off.
fn tcp_address(text: &str) -> Result<SocketAddr, NodeError> {
    let wrong = || NodeError::Config(format!("{text}: addresses are /ip4 or /ip6 with /tcp"));
    let address: Multiaddr = text.parse().map_err(|_| wrong())?;
    let mut parts = address.iter();
    let ip = match parts.next() {
        Some(Protocol::Ip4(ip)) => IpAddr::V4(ip),
        Some(Protocol::Ip6(ip)) => IpAddr::V6(ip),
        _ => return Err(wrong()),
    };
    let Some(Protocol::Tcp(port)) = parts.next() else { return Err(wrong()) };
    match (parts.next(), parts.next()) {
        (None | Some(Protocol::P2p(_)), None) => Ok(SocketAddr::new(ip, port)),
        _ => Err(wrong()),
    }
}

/// A socket address as a multiaddr.
pub(crate) fn multiaddr(address: SocketAddr) -> Multiaddr {
    Multiaddr::from(address.ip()).with(Protocol::Tcp(address.port()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_ip_and_tcp_only() {
        let peer = peer_id(&[7; 32]);
        let good = ["/ip4/127.0.0.1/tcp/27000", "/ip6/::1/tcp/1"];
        for text in good {
            assert!(tcp_address(text).is_ok(), "{text}");
            assert!(tcp_address(&format!("{text}/p2p/{peer}")).is_ok(), "{text}");
        }
        let bad = [
            "",
            "127.0.0.1:27000",
            "/dns/example.org/tcp/1",
            "/dns4/example.org/tcp/1",
            "/dnsaddr/example.org",
            "/ip4/127.0.0.1",
            "/ip4/127.0.0.1/udp/1/quic-v1",
            "/ip4/127.0.0.1/tcp/1/ws",
        ];
        for text in bad {
            assert!(tcp_address(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_configuration_reads_back_and_a_typo_is_refused() {
        let config = Config::new("n1", "data".into(), "127.0.0.1:27000".parse().unwrap());
        let text = config.to_toml().unwrap();
        let back = Config::from_toml(&text).unwrap();
        assert_eq!(back.pool_listen().port(), 27001);
        assert_eq!(back.tuning.heartbeat_ms, 30_000);
        let error = Config::from_toml(&text.replace("state_window = 64", "state_window = 7"));
        assert!(error.unwrap_err().to_string().contains("at least 8"));
        let error = Config::from_toml(&text.replace("data_dir", "datadir")).unwrap_err();
        assert!(error.to_string().contains("datadir"), "{error}");
    }
}
