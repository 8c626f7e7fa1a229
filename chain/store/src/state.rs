//! The state tree on disk.

use std::sync::{Arc, Mutex, PoisonError};

use yinxin_engine::{Head, Writes};
use yinxin_gm::Digest;
use yinxin_merkle::store::{self as tree, TreeStore, TreeUpdate};

use crate::disk::{Batch, Disk, Table};
use crate::stale::Stale;
use crate::{StoreError, codec};

/// The state tree's tables, as the tree wants them.
pub(crate) struct Tree<'a>(pub(crate) &'a dyn Disk);

impl TreeStore for Tree<'_> {
    fn node(&self, key: &[u8]) -> Result<Option<Vec<u8>>, yinxin_merkle::Error> {
        self.0
            .get(Table::TreeNodes, key)
            .map_err(|error| yinxin_merkle::Error::Store(error.to_string()))
    }

    fn value(&self, key: &Digest, version: u64) -> Result<Option<Vec<u8>>, yinxin_merkle::Error> {
        let failed = |error: String| yinxin_merkle::Error::Store(error);
        let from = codec::value_key(key, version);
        let found = self
            .0
            .scan(Table::TreeValues, key.as_bytes(), &from, 1)
            .map_err(|error| failed(error.to_string()))?;
        match found.into_iter().next() {
            None => Ok(None),
            Some((_, value)) => match value.split_first() {
                Some((0, [])) => Ok(None),
                Some((1, value)) => Ok(Some(value.to_vec())),
                _ => Err(failed("a value of the state tree is damaged".into())),
            },
        }
    }
}

/// Puts what a block makes of the tree, and what that makes stale, into its batch.
pub(crate) fn put_state(
    disk: &dyn Disk,
    batch: &mut Batch,
    update: TreeUpdate,
    version: u64,
) -> Result<(), StoreError> {
    let mut stale = Stale { nodes: update.stale, values: Vec::new() };
    for (key, node) in update.nodes {
        batch.put(Table::TreeNodes, key, node);
    }
    for (key, value) in update.values {
        stale.add_value_before(disk, &key, version)?;
        let value = value.map_or_else(|| vec![0], |value| [vec![1], value].concat());
        batch.put(Table::TreeValues, codec::value_key(&key, version), value);
    }
    if version > 0 {
        batch.put(Table::Stale, codec::height_key(version), stale.encode());
    }
    Ok(())
}

/// What a block's writes make of the tree.
pub(crate) fn updated(
    disk: &dyn Disk,
    writes: &Writes,
    version: u64,
) -> Result<TreeUpdate, StoreError> {
    tree::update(&Tree(disk), writes.iter().cloned(), version)
        .map_err(|error| StoreError::damaged("state tree", error))
}

/// The last block that was looked at before its vote: what its writes make of the tree need not be found again when it is
/// committed. Another block on the same parent takes its place, and is then the one that is committed, as a rule.
#[derive(Clone, Default)]
pub(crate) struct Prepared(Arc<Mutex<Option<Block>>>);

struct Block {
    parent: Digest,
    writes: Writes,
    update: TreeUpdate,
}

impl Prepared {
    /// The state root of the block with these writes on `parent`.
    pub(crate) fn root(
        &self,
        disk: &dyn Disk,
        parent: &Head,
        writes: &Writes,
    ) -> Result<Digest, StoreError> {
        let update = updated(disk, writes, parent.height + 1)?;
        let root = update.root;
        let block = Block { parent: parent.id, writes: writes.clone(), update };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(block);
        Ok(root)
    }

    /// What was found for just these writes on this parent.
    pub(crate) fn take(&self, parent: &Digest, writes: &Writes) -> Option<TreeUpdate> {
        let block = self.0.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        (block.parent == *parent && block.writes == *writes).then_some(block.update)
    }
}
