//! The state tree on disk.

use yinxin_engine::Writes;
use yinxin_gm::Digest;
use yinxin_merkle::store::{self as tree, TreeStore};

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

/// Puts a block's writes and what they make stale into its batch. Gives the state root.
pub(crate) fn put_state(
    disk: &dyn Disk,
    batch: &mut Batch,
    writes: &Writes,
    version: u64,
) -> Result<Digest, StoreError> {
    let update = tree::update(&Tree(disk), writes.iter().cloned(), version)
        .map_err(|error| StoreError::damaged("state tree", error))?;
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
    Ok(update.root)
}
