//! What can be wrong with a proof, or stand in the way of making one.

use core::fmt;

use yinxin_gm::Digest;

use crate::log::NodeId;

/// Why a proof does not hold or cannot be made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// An absence proof shows a leaf that does not stand where the key would.
    AbsenceBeside {
        /// Hash of the key in question.
        key: Digest,
        /// Hash of the key that the proof shows instead.
        shown: Digest,
    },
    /// The log has no such entry.
    BeyondEnd {
        /// The entry asked for.
        index: u64,
        /// How many there are.
        size: u64,
    },
    /// A node that the proof needs is not stored.
    NodeMissing(NodeId),
    /// The proof has another number of hashes than the tree's shape asks for.
    PathLength {
        /// How many it has.
        found: usize,
    },
    /// The proof leads to another root.
    RootMismatch {
        /// The root that was trusted.
        expected: Digest,
        /// Where the proof leads.
        found: Digest,
    },
    /// An older log cannot be longer than a newer one.
    Shrunk {
        /// Size of the older.
        old: u64,
        /// Size of the newer.
        new: u64,
    },
    /// The number of peaks does not fit the log's size.
    Peaks {
        /// The log's size.
        size: u64,
        /// How many peaks came.
        found: usize,
    },
    /// The store of the state tree failed; its own words.
    #[cfg(feature = "store")]
    Store(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AbsenceBeside { key, shown } => {
                write!(f, "expected a leaf on the path of key {key}, the proof shows {shown}")
            }
            Self::BeyondEnd { index, size } => {
                write!(f, "expected an entry below {size}, got {index}")
            }
            Self::NodeMissing(id) => {
                write!(f, "node {} of level {} is not stored", id.index, id.level)
            }
            Self::PathLength { found } => {
                write!(f, "a path of {found} hashes does not fit the tree")
            }
            Self::RootMismatch { expected, found } => {
                write!(f, "expected root {expected}, the proof leads to {found}")
            }
            Self::Shrunk { old, new } => {
                write!(f, "expected a log of at least {old} entries, got {new}")
            }
            Self::Peaks { size, found } => {
                write!(f, "expected {} peaks for {size} entries, got {found}", size.count_ones())
            }
            #[cfg(feature = "store")]
            Self::Store(why) => write!(f, "the state tree's store failed: {why}"),
        }
    }
}

impl core::error::Error for Error {}
