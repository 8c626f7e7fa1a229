//! RocksDB: blocks, log, state, indexes, guard; one synced write batch a block.
//!
//! [`Store`] is the ledger on disk; [`View`] is what a block is executed on; [`Disk`] is the one joint under
//! them: [`RocksDisk`] for nodes, [`MemoryDisk`] for tests that cut the power.

#![forbid(unsafe_code)]

mod store;

mod codec;
mod disk;
mod error;
mod guard;
mod query;
mod stale;
mod state;
mod view;

pub use disk::{Batch, Change, Disk, MemoryDisk, Pair, RocksDisk, Table};
pub use error::StoreError;
pub use guard::GuardFile;
pub use query::{Left, LogNodes, Stored};
pub use stale::STATE_WINDOW;
pub use store::{Options, Store};
pub use view::View;
