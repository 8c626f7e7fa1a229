//! What can go wrong with a store.

use core::fmt;

use yinxin_engine::StoreFailure;
use yinxin_gm::Digest;

/// Why the store cannot do what it was asked to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreError {
    /// It was closed.
    Closed,
    /// What is stored is not what was written.
    Damaged {
        /// What was being read.
        what: &'static str,
        /// In words.
        why: String,
    },
    /// The disk is full.
    Full(String),
    /// The genesis makes no sense to the application.
    Genesis(String),
    /// The disk failed.
    Io(String),
    /// Another process uses the directory.
    Locked(String),
    /// The state as of a block that is too far back was asked for.
    Pruned {
        /// The block.
        asked: u64,
        /// The oldest whose state is kept.
        oldest: u64,
    },
    /// The directory belongs to another chain.
    WrongChain {
        /// The chain of the directory.
        stored: Digest,
        /// The chain of the genesis given.
        given: Digest,
    },
}

impl StoreError {
    pub(crate) fn damaged(what: &'static str, why: impl fmt::Display) -> Self {
        Self::Damaged { what, why: why.to_string() }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("the store is closed: its node has stopped"),
            Self::Damaged { what, why } => write!(
                f,
                "the store is damaged ({what}: {why}); move the data directory away and let the node fetch the chain again, keeping its key"
            ),
            Self::Full(why) => {
                write!(
                    f,
                    "the disk is full ({why}); nothing acknowledged is lost; free space, then start the node again"
                )
            }
            Self::Genesis(why) => write!(f, "the genesis is not usable: {why}"),
            Self::Io(why) => write!(f, "the disk failed: {why}"),
            Self::Locked(why) => {
                write!(
                    f,
                    "another node uses this data directory ({why}); stop it, or give this one its own"
                )
            }
            Self::Pruned { asked, oldest } => write!(
                f,
                "the state as of block {asked} was asked for, and is kept from block {oldest} on; ask for a newer one, or a node with a longer tuning.state_window"
            ),
            Self::WrongChain { stored, given } => write!(
                f,
                "the data directory belongs to chain {stored}, the genesis is of chain {given}; check which genesis file was meant"
            ),
        }
    }
}

impl core::error::Error for StoreError {}

impl From<StoreError> for StoreFailure {
    fn from(error: StoreError) -> Self {
        Self::new(error)
    }
}
