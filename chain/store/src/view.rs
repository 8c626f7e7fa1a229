//! The ledger as of one block: what the next block is executed on.

use std::sync::Arc;

use yinxin_engine::{Base, Head, StateRead, StoreFailure, Writes};
use yinxin_gm::Digest;
use yinxin_merkle::state::StateProof;
use yinxin_merkle::store::{self as tree, TreeStore as _};

use crate::StoreError;
use crate::disk::Disk;
use crate::stale::Oldest;
use crate::state::{Prepared, Tree};

/// The ledger as of one block. Later commits do not change it: the state is kept by version. Once they are more than
/// [`crate::Options::state_window`], the view's state is refused with [`StoreError::Pruned`].
#[derive(Clone)]
pub struct View {
    pub(crate) disk: Arc<dyn Disk>,
    head: Arc<Head>,
    oldest: Oldest,
    prepared: Prepared,
}

impl core::fmt::Debug for View {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("View").field("height", &self.head.height).finish_non_exhaustive()
    }
}

impl View {
    pub(crate) const fn new(
        disk: Arc<dyn Disk>,
        head: Arc<Head>,
        oldest: Oldest,
        prepared: Prepared,
    ) -> Self {
        Self { disk, head, oldest, prepared }
    }

    /// The tip that this view ends with.
    #[must_use]
    pub fn head_ref(&self) -> &Head {
        &self.head
    }

    /// The oldest block whose state is kept.
    #[must_use]
    pub fn oldest_state(&self) -> u64 {
        self.oldest.height()
    }

    /// A value of the state at this view's head, or its absence, with the proof.
    ///
    /// # Errors
    /// If the store fails, or has dropped this state meanwhile.
    pub fn prove_state(&self, key: &[u8]) -> Result<(Option<Vec<u8>>, StateProof), StoreError> {
        self.prove_state_at(key, self.head.height)
    }

    /// The same at the state root of an earlier block.
    ///
    /// # Errors
    /// [`StoreError::Pruned`] if the block is older than [`View::oldest_state`]; if the store fails.
    ///
    /// # Panics
    /// If the block comes after this view's head.
    pub fn prove_state_at(
        &self,
        key: &[u8],
        height: u64,
    ) -> Result<(Option<Vec<u8>>, StateProof), StoreError> {
        assert!(height <= self.head.height, "a view knows no later block");
        let _held = self.oldest.hold(height)?;
        tree::prove(&Tree(&*self.disk), key, height)
            .map_err(|error| StoreError::damaged("state proof", error))
    }
}

impl StateRead for View {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreFailure> {
        let _held = self.oldest.hold(self.head.height)?;
        Tree(&*self.disk).value(&tree::key_hash(key), self.head.height).map_err(StoreFailure::new)
    }
}

impl Base for View {
    fn head(&self) -> &Head {
        &self.head
    }

    fn state_root(&self, writes: &Writes) -> Result<Digest, StoreFailure> {
        let _held = self.oldest.hold(self.head.height)?;
        Ok(self.prepared.root(&*self.disk, &self.head, writes)?)
    }
}
