//! The append-only log and the key/value state tree over SM3, their proofs and verifiers.
//!
//! ```
//! use yinxin_merkle::log;
//!
//! let leaves: Vec<_> = [b"a", b"b", b"c"].iter().map(|d| log::leaf_hash(*d)).collect();
//! let mut nodes = log::MemoryNodes::default();
//! let mut frontier = log::Frontier::new();
//! for leaf in &leaves {
//!     frontier.append(*leaf, &mut |id, hash| nodes.insert(id, hash));
//! }
//! let path = log::prove_inclusion(&nodes, 1, 3)?;
//! log::verify_inclusion(&leaves[1], 1, 3, &path, &frontier.root())?;
//! # Ok::<(), yinxin_merkle::Error>(())
//! ```

#![forbid(unsafe_code)]

pub mod log;
pub mod pages;
pub mod state;
pub mod wire;

#[cfg(feature = "store")]
pub mod store;

mod error;

pub use error::Error;
