//! The one joint under the store: tables of ordered keys, and batches that are written whole.

mod memory;
mod rocks;

pub use memory::MemoryDisk;
pub use rocks::RocksDisk;

use crate::StoreError;

/// The tables. Their names are column families of RocksDB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a disk must have every table")]
pub enum Table {
    /// Records by height: the bodies of blocks.
    Bodies,
    /// The signer's guard.
    Guard,
    /// Header and commit certificate by height.
    Headers,
    /// The application's opaque entries.
    Index,
    /// Hashes of the log's complete subtrees.
    LogNodes,
    /// Chain id, head, peers.
    Meta,
    /// Place of a record by its id.
    Records,
    /// Validator sets by their hash.
    Sets,
    /// What only versions of the state before a height need.
    Stale,
    /// Nodes of the state tree.
    TreeNodes,
    /// Values of the state tree by key hash and version.
    TreeValues,
    /// Blocks proposed but not decided.
    Undecided,
}

impl Table {
    /// Every table.
    pub const ALL: [Self; 12] = [
        Self::Bodies,
        Self::Guard,
        Self::Headers,
        Self::Index,
        Self::LogNodes,
        Self::Meta,
        Self::Records,
        Self::Sets,
        Self::Stale,
        Self::TreeNodes,
        Self::TreeValues,
        Self::Undecided,
    ];

    /// Its name on disk.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bodies => "bodies",
            Self::Guard => "guard",
            Self::Headers => "headers",
            Self::Index => "index",
            Self::LogNodes => "log-nodes",
            Self::Meta => "meta",
            Self::Records => "records",
            Self::Sets => "sets",
            Self::Stale => "stale",
            Self::TreeNodes => "tree-nodes",
            Self::TreeValues => "tree-values",
            Self::Undecided => "undecided",
        }
    }
}

/// A key of a table and what it becomes: a value, or nothing.
pub type Change = (Table, Vec<u8>, Option<Vec<u8>>);

/// Changes that are written whole or not at all.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    changes: Vec<Change>,
}

impl Batch {
    /// Sets a key.
    pub fn put(&mut self, table: Table, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) {
        self.changes.push((table, key.into(), Some(value.into())));
    }

    /// Removes a key.
    pub fn delete(&mut self, table: Table, key: impl Into<Vec<u8>>) {
        self.changes.push((table, key.into(), None));
    }

    /// The changes, in order.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }
}

/// A key and its value.
pub type Pair = (Vec<u8>, Vec<u8>);

/// Where the store's bytes lie. All calls may come from several threads at once.
pub trait Disk: Send + Sync {
    /// The value of a key.
    ///
    /// # Errors
    /// If the disk fails: never an absence.
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Up to `limit` pairs with this prefix, from `from` on, in order of their keys.
    ///
    /// # Errors
    /// If the disk fails.
    fn scan(
        &self,
        table: Table,
        prefix: &[u8],
        from: &[u8],
        limit: usize,
    ) -> Result<Vec<Pair>, StoreError>;

    /// Writes a batch whole. With `sync`, it survives a power cut once this returns; without, it survives
    /// only the process. A later synced batch carries earlier ones with it.
    ///
    /// # Errors
    /// If it is not written, as far as can be told.
    fn write(&self, batch: Batch, sync: bool) -> Result<(), StoreError>;

    /// Whether writes can be expected to succeed.
    ///
    /// # Errors
    /// [`StoreError::Full`] before there is too little space for a write, or the failure of an earlier one.
    fn health(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Lets go of the files; later calls fail. When this returns they can be opened again, by anybody; if [`Disk::health`] is bad,
    /// once the process has ended.
    fn close(&self) {}
}
