//! Who may connect: the ledger's list of nodes, those that just left it; and where this node stands on it.

use std::collections::HashSet;

use libp2p::PeerId;
use libp2p::multiaddr::{Multiaddr, Protocol};
use tracing::warn;
use yinxin_engine::{App, Peer};
use yinxin_gm::sm2::PublicKey;
use yinxin_store::View;

use crate::config::multiaddr;
use crate::{Config, NodeError};

/// How long a node that left may still fetch blocks, so that it learns that it left: a long holiday.
const GRACE_MS: u64 = 7 * 24 * 3600 * 1000;

/// A peer and its consensus address.
pub(crate) type PeerAddress = (PeerId, Multiaddr);

/// Where this node stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// On the ledger's list.
    Listed,
    /// Taken off the list by the block of this height.
    Left(u64),
    /// Never on the list, as far as this node's ledger goes.
    Unlisted,
}

/// What this node is known by.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    /// Its peer id, in text form.
    pub(crate) peer_id: String,
    /// Its validator's key.
    pub(crate) key: Option<PublicKey>,
}

/// The ledger's list, as this node sees it.
#[derive(Clone, Debug)]
pub(crate) struct Members {
    /// The other nodes on the list.
    pub(crate) others: HashSet<PeerId>,
    /// Nodes on the list, this one included if it is there.
    pub(crate) count: usize,
    /// Everybody who may connect.
    pub(crate) admitted: Vec<PeerAddress>,
    /// Where this node stands.
    pub(crate) standing: Standing,
}

impl Members {
    /// Reads the list.
    ///
    /// # Errors
    /// [`NodeError::KeyMismatch`] if this node's two keys do not belong together; the store's failure.
    pub(crate) fn read(
        config: &Config,
        app: &dyn App,
        view: &View,
        own: &Identity,
        now_ms: u64,
    ) -> Result<Self, NodeError> {
        let listed = view.peers()?;
        let left = view.left()?;
        let standing = if listed.iter().any(|peer| peer.id == own.peer_id) {
            Standing::Listed
        } else if let Some(left) = left.iter().find(|left| left.peer.id == own.peer_id) {
            Standing::Left(left.height)
        } else {
            Standing::Unlisted
        };
        belong_together(app, view, own)?;
        let mut admitted = addresses(config, &listed);
        let others = admitted.iter().map(|(id, _)| *id);
        let others = others.filter(|id| id.to_string() != own.peer_id).collect();
        let fresh = left.into_iter().filter(|left| left.time_ms.saturating_add(GRACE_MS) > now_ms);
        admitted.extend(addresses(config, &fresh.map(|left| left.peer).collect::<Vec<_>>()));
        if standing != Standing::Listed {
            // Where to begin for a node that the ledger's first members may have left long ago.
            let own = config.peers.iter();
            let own = own.map(|peer| Peer { id: peer.id.clone(), address: peer.address.clone() });
            let known: HashSet<PeerId> = admitted.iter().map(|(id, _)| *id).collect();
            let more = addresses(config, &own.collect::<Vec<_>>());
            admitted.extend(more.into_iter().filter(|(id, _)| !known.contains(id)));
        }
        Ok(Self { others, count: listed.len(), admitted, standing })
    }

    /// How many of the others may lie: fewer than a third of all.
    pub(crate) fn faulty(&self) -> usize {
        self.count.saturating_sub(1) / 3
    }

    /// Whether these and, if it is on the list, this node are more than two thirds.
    pub(crate) fn quorum(&self, heard: usize) -> bool {
        (heard + usize::from(self.standing == Standing::Listed)) * 3 > self.count * 2
    }

    /// Everybody who may connect, at the mempool's ports.
    pub(crate) fn pool(&self) -> Vec<PeerAddress> {
        let next = |address: &Multiaddr| {
            let parts = address.iter().map(|part| match part {
                Protocol::Tcp(port) => Protocol::Tcp(port.saturating_add(1)),
                part => part,
            });
            parts.collect()
        };
        self.admitted.iter().map(|(peer, address)| (*peer, next(address))).collect()
    }
}

/// The nodes with the addresses to reach them at. One that cannot be reached is left out: what the members agreed on must not
/// stop a node.
fn addresses(config: &Config, peers: &[Peer]) -> Vec<PeerAddress> {
    let address = |peer: &Peer| {
        let found = peer.id.parse().ok().zip(config.address_of(peer).ok().map(multiaddr));
        if found.is_none() {
            warn!(peer = %peer.id, address = %peer.address, "the ledger names a node that cannot be reached there");
        }
        found
    };
    peers.iter().filter_map(address).collect()
}

/// Whether the state ties our peer id to another key, or our key to another peer id.
fn belong_together(app: &dyn App, view: &View, own: &Identity) -> Result<(), NodeError> {
    let Some(key) = &own.key else { return Ok(()) };
    let seats = app.seats(view).map_err(|failure| NodeError::Host(failure.into()))?;
    let mismatch =
        |why| Err(NodeError::KeyMismatch { peer_id: own.peer_id.clone(), why: String::from(why) });
    for seat in seats {
        match (seat.peer_id == own.peer_id, seat.key == *key) {
            (true, false) => return mismatch("the ledger gives it to another validator key"),
            (false, true) => {
                return mismatch("the ledger gives this validator key to another node");
            }
            _ => {}
        }
    }
    Ok(())
}
