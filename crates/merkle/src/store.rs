//! `jmt` shapes the state tree; this is the glue: SM3 for it, bytes for whoever stores it, its proofs turned into ours.

use std::collections::BTreeSet;

use jmt::{
    JellyfishMerkleTree, KeyHash, OwnedValue, SimpleHasher, Version,
    proof::SparseMerkleProof,
    storage::{LeafNode, Node, NodeKey, TreeReader},
};
use yinxin_gm::{Digest, sm3};

use crate::{
    Error,
    state::{EMPTY, Leaf, StateProof},
};

/// SM3 as `jmt` wants its hash.
struct TreeHasher(sm3::Sm3);

impl SimpleHasher for TreeHasher {
    fn new() -> Self {
        Self(sm3::Sm3::new())
    }

    fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    fn finalize(self) -> [u8; 32] {
        *self.0.finalize().as_bytes()
    }
}

/// Where the tree's nodes and values are kept; keys and contents are opaque.
pub trait TreeStore {
    /// The node stored under this key by an earlier [`TreeUpdate`].
    ///
    /// # Errors
    /// [`Error::Store`] if it cannot be read; "not there" is `None`.
    fn node(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error>;

    /// The newest value of a key at or before `version`; `None` if there is none or the newest is a deletion.
    ///
    /// # Errors
    /// [`Error::Store`] if it cannot be read.
    fn value(&self, key_hash: &Digest, version: u64) -> Result<Option<Vec<u8>>, Error>;
}

/// What one version changes; to be stored whole or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeUpdate {
    /// The root at the new version.
    pub root: Digest,
    /// New nodes by their keys.
    pub nodes: Vec<(Vec<u8>, Vec<u8>)>,
    /// New values (`None`: deleted) by SM3 of the key, all at the new version.
    pub values: Vec<(Digest, Option<Vec<u8>>)>,
    /// Keys of nodes that only versions before this one need: what may be dropped with them.
    pub stale: Vec<Vec<u8>>,
}

/// Where a key lies in the tree: SM3 of it.
#[must_use]
pub fn key_hash(key: &[u8]) -> Digest {
    sm3::digest(key)
}

/// Applies writes (`None` deletes; each key once) on top of `version` − 1.
/// Every version needs its call and its update stored, also with no writes, for the next one stands on it.
///
/// # Errors
/// [`Error::Store`] with the store's words, also when there is no version before.
pub fn update(
    store: &impl TreeStore,
    writes: impl IntoIterator<Item = (Vec<u8>, Option<Vec<u8>>)>,
    version: u64,
) -> Result<TreeUpdate, Error> {
    let writes = writes.into_iter().map(|(key, value)| (tree_key(&key), value));
    let reader = Reader(store);
    if let Some(before) = version.checked_sub(1)
        && reader.get_node_option(&root_key(before)).map_err(store_error)?.is_none()
    {
        // `jmt` would take the tree for an empty one.
        return Err(Error::Store(format!("the tree has no version {before} to stand on")));
    }
    let (root, batch) = tree(&reader).put_value_set(writes, version).map_err(store_error)?;
    let mut nodes = Vec::with_capacity(batch.node_batch.nodes().len());
    for (key, node) in batch.node_batch.nodes() {
        nodes.push((encode(key)?, encode(node)?));
    }
    let values = batch.node_batch.values().iter();
    let stale = batch.stale_node_index_batch.into_iter().map(|index| index.node_key);
    // Each version has a root of its own; `jmt` does not name the one before where nothing was written.
    let root_before = version.checked_sub(1).map(root_key);
    let stale: BTreeSet<NodeKey> = stale.chain(root_before).collect();
    Ok(TreeUpdate {
        root: Digest(root.0),
        nodes,
        values: values.map(|((_, key), value)| (Digest(key.0), value.clone())).collect(),
        stale: stale.iter().map(encode).collect::<Result<_, _>>()?,
    })
}

/// The root at a version; the empty tree's if nothing was ever stored for it.
///
/// # Errors
/// [`Error::Store`] with the store's words.
pub fn root(store: &impl TreeStore, version: u64) -> Result<Digest, Error> {
    let reader = Reader(store);
    let root = tree(&reader).get_root_hash_option(version).map_err(store_error)?;
    Ok(root.map_or(EMPTY, |r| Digest(r.0)))
}

/// A value at a version, or its absence, with the proof.
///
/// # Errors
/// [`Error::Store`] with the store's words, also when the version was pruned.
pub fn prove(
    store: &impl TreeStore,
    key: &[u8],
    version: u64,
) -> Result<(Option<Vec<u8>>, StateProof), Error> {
    let reader = Reader(store);
    let (value, proof) =
        tree(&reader).get_with_proof(tree_key(key), version).map_err(store_error)?;
    let proof = convert(&proof, value.is_some())?;
    Ok((value, proof))
}

/// Our store as `jmt` wants it.
struct Reader<'a, S>(&'a S);

impl<S: TreeStore> TreeReader for Reader<'_, S> {
    fn get_node_option(&self, key: &NodeKey) -> anyhow::Result<Option<Node>> {
        let bytes = self.0.node(&borsh::to_vec(key)?)?;
        Ok(bytes.map(|b| borsh::from_slice(&b)).transpose()?)
    }

    fn get_value_option(&self, max: Version, key: KeyHash) -> anyhow::Result<Option<OwnedValue>> {
        Ok(self.0.value(&Digest(key.0), max)?)
    }

    fn get_rightmost_leaf(&self) -> anyhow::Result<Option<(NodeKey, LeafNode)>> {
        anyhow::bail!("only jmt's own restore asks for this, and we do not use it")
    }
}

fn tree<'a, S: TreeStore>(
    reader: &'a Reader<'a, S>,
) -> JellyfishMerkleTree<'a, Reader<'a, S>, TreeHasher> {
    JellyfishMerkleTree::new(reader)
}

/// The root's: an empty path.
fn root_key(version: u64) -> NodeKey {
    NodeKey::new(version, core::iter::empty().collect())
}

fn tree_key(key: &[u8]) -> KeyHash {
    KeyHash(*key_hash(key).as_bytes())
}

fn encode(value: &impl borsh::BorshSerialize) -> Result<Vec<u8>, Error> {
    borsh::to_vec(value).map_err(store_error)
}

fn store_error(error: impl core::fmt::Display) -> Error {
    Error::Store(format!("{error:#}"))
}

/// Turns a proof of `jmt` into ours. Its fields are private; its borsh form is the way in:
/// Option<leaf> ‖ u32 count ‖ siblings, each 0 (empty), 1 ‖ left ‖ right, or 2 ‖ key ‖ value.
fn convert(proof: &SparseMerkleProof<TreeHasher>, present: bool) -> Result<StateProof, Error> {
    let bytes = borsh::to_vec(proof).map_err(store_error)?;
    let mut rest = Parts(&bytes);
    let leaf = match rest.byte()? {
        0 => None,
        _ => Some(Leaf { key: rest.digest()?, value: rest.digest()? }),
    };
    let count = u32::from_le_bytes(rest.array()?);
    let mut siblings = Vec::new();
    for _ in 0..count {
        siblings.push(match rest.byte()? {
            0 => None,
            kind => {
                let (first, second) = (rest.digest()?, rest.digest()?);
                let tag: &[u8] = if kind == 1 { b"JMT::IntrnalNode" } else { b"JMT::LeafNode" };
                Some(sm3::digest_all(&[tag, first.as_bytes(), second.as_bytes()]))
            }
        });
    }
    StateProof::new(siblings, leaf.filter(|_| !present))
}

struct Parts<'a>(&'a [u8]);

impl Parts<'_> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (head, rest) =
            self.0.split_first_chunk::<N>().ok_or_else(|| store_error("a proof of jmt is cut"))?;
        self.0 = rest;
        Ok(*head)
    }

    fn byte(&mut self) -> Result<u8, Error> {
        self.array::<1>().map(|[b]| b)
    }

    fn digest(&mut self) -> Result<Digest, Error> {
        self.array().map(Digest)
    }
}
