//! The append-only log: the tree of RFC 6962 with SM3 in place of SHA-256.
//!
//! ```text
//! leaf = SM3(00 ‖ data)     node = SM3(01 ‖ left ‖ right)     empty = SM3()
//! ```

mod frontier;
mod proof;

pub use frontier::Frontier;
pub use proof::{
    MAX_PATH, prove_consistency, prove_inclusion, root_at, verify_consistency, verify_inclusion,
};

use std::collections::BTreeMap;

use yinxin_gm::{Digest, sm3};

/// What the hash of a leaf begins with.
const LEAF: u8 = 0;
/// What the hash of an inner node begins with.
const NODE: u8 = 1;

/// Hash of a leaf.
#[must_use]
pub fn leaf_hash(data: &[u8]) -> Digest {
    sm3::digest_all(&[&[LEAF], data])
}

/// Hashes of many leaves, several at a time.
#[must_use]
pub fn leaf_hashes(data: &[impl AsRef<[u8]>]) -> Vec<Digest> {
    let mut prefix = sm3::Sm3::new();
    prefix.update(&[LEAF]);
    let mut hashes = vec![Digest::ZERO; data.len()];
    prefix.many(data, &mut hashes);
    hashes
}

/// Hash of an inner node.
#[must_use]
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    let mut parent = [Digest::ZERO];
    sm3::nodes(NODE, &[*left, *right], &mut parent);
    parent[0]
}

/// Root of the log without entries.
#[must_use]
pub fn empty_root() -> Digest {
    sm3::digest(&[])
}

/// Root over leaf hashes, where no proofs will be asked for.
pub fn root(leaves: impl IntoIterator<Item = Digest>) -> Digest {
    let mut leaves = leaves.into_iter();
    let mut frontier = Frontier::new();
    let mut held = Vec::new();
    loop {
        held.extend(leaves.by_ref().take(frontier::AT_ONCE));
        if held.is_empty() {
            return frontier.root();
        }
        frontier.append_all(&held, &mut |_, _| {});
        held.clear();
    }
}

/// Root over the nodes of one level of a log: of a complete subtree if their number is a power of two.
#[must_use]
pub fn subtree_root(nodes: &[Digest]) -> Digest {
    let mut frontier = Frontier::new();
    frontier.append_all(nodes, &mut |_, _| {});
    frontier.root()
}

/// A complete subtree: the 2^`level` leaves from `index` · 2^`level` on. Such a node never changes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId {
    /// 0 for leaves.
    pub level: u8,
    /// Counted from the left, within the level.
    pub index: u64,
}

/// Where the hashes of complete subtrees are kept.
pub trait NodeReader {
    /// The hash of a complete subtree, exactly as [`Frontier::append`] reported it; `None` if it is not there or cannot
    /// be read, and then no proof is made. May be called concurrently.
    fn node(&self, id: NodeId) -> Option<Digest>;
}

/// Nodes in memory, for tests and small logs.
#[derive(Clone, Debug, Default)]
pub struct MemoryNodes(BTreeMap<NodeId, Digest>);

impl MemoryNodes {
    /// Keeps a node.
    pub fn insert(&mut self, id: NodeId, hash: Digest) {
        self.0.insert(id, hash);
    }
}

impl NodeReader for MemoryNodes {
    fn node(&self, id: NodeId) -> Option<Digest> {
        self.0.get(&id).copied()
    }
}
