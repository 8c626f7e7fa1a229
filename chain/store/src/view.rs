//! The ledger as of one block: what the next block is executed on.

use std::sync::Arc;

use yinxin_engine::{Base, Head, StateRead, StoreFailure, Writes};
use yinxin_gm::Digest;
use yinxin_merkle::store::{self as tree, TreeStore};

use crate::codec;
use crate::disk::{Disk, Table};

/// The ledger as of one block. Later commits do not change it: values of the state are kept by version.
#[derive(Clone)]
pub struct View {
    pub(crate) disk: Arc<dyn Disk>,
    head: Arc<Head>,
}

impl core::fmt::Debug for View {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("View").field("height", &self.head.height).finish_non_exhaustive()
    }
}

impl View {
    pub(crate) const fn new(disk: Arc<dyn Disk>, head: Arc<Head>) -> Self {
        Self { disk, head }
    }

    /// The tip that this view ends with.
    #[must_use]
    pub fn head_ref(&self) -> &Head {
        &self.head
    }
}

impl StateRead for View {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreFailure> {
        Tree(&*self.disk).value(&tree::key_hash(key), self.head.height).map_err(StoreFailure::new)
    }
}

impl Base for View {
    fn head(&self) -> &Head {
        &self.head
    }

    fn state_root(&self, writes: &Writes) -> Result<Digest, StoreFailure> {
        tree::update(&Tree(&*self.disk), writes.iter().cloned(), self.head.height + 1)
            .map(|update| update.root)
            .map_err(StoreFailure::new)
    }
}

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
