//! What the chain asks of the application: who may write what. The chain itself never looks inside a record.

use core::fmt;

use yinxin_gm::Digest;
use yinxin_gm::sm2::PublicKey;
use yinxin_receipt::{Genesis, ValidatorSet};

/// Changes of state: a key and its new value, or `None` to delete it. Each key once, keys in order.
pub type Writes = Vec<(Vec<u8>, Option<Vec<u8>>)>;

/// Reads committed state.
pub trait StateRead {
    /// The value of a key, or `None` if there is none.
    ///
    /// # Errors
    /// If the store fails: the caller must give up, never take it for an absence.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreFailure>;
}

/// The store failed. A node that meets this stops; it never guesses.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreFailure {
    /// The store's own words.
    pub why: String,
}

impl StoreFailure {
    /// A failure with the store's own words.
    #[must_use]
    pub fn new(why: impl fmt::Display) -> Self {
        Self { why: why.to_string() }
    }
}

impl fmt::Display for StoreFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the store failed: {}", self.why)
    }
}

impl core::error::Error for StoreFailure {}

/// Where a block stands, as far as records may depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "built by the chain and by tests of applications")]
pub struct BlockContext {
    /// The chain.
    pub chain_id: Digest,
    /// The block's height.
    pub height: u64,
    /// The block's time, milliseconds since 1970.
    pub time_ms: u64,
}

/// What a record is, as far as the mempool must know.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "built by applications")]
pub struct Admission {
    /// The record's id: the same act has the same id however often it is sent.
    pub id: Digest,
    /// The organisation that signed it.
    pub organisation: String,
    /// The last height at which it may be committed.
    pub last_valid_height: u64,
}

/// What a committed record is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "built by applications")]
pub struct Applied {
    /// The record's id, unique on the chain.
    pub id: Digest,
}

/// A node of the permissioned network.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "built by applications")]
pub struct Peer {
    /// The libp2p peer id, in its text form.
    pub id: String,
    /// Its consensus address as a multiaddr of IP and TCP port, e.g. `/ip4/10.0.0.1/tcp/27000`.
    pub address: String,
}

/// A validator of the state and the node that votes for it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "built by applications")]
pub struct Seat {
    /// The key that votes.
    pub key: PublicKey,
    /// The libp2p peer id of its node, in its text form.
    pub peer_id: String,
}

/// What a block does.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "built by applications")]
pub struct Outcome {
    /// One for each record, in order.
    pub applied: Vec<Applied>,
    /// Changes of state.
    pub writes: Writes,
    /// Opaque entries for queries, stored with the block, in no tree: key and value.
    pub index: Vec<(Vec<u8>, Vec<u8>)>,
    /// The validators of the next block.
    pub next_validators: ValidatorSet,
    /// The nodes that may connect from the next block on; `None` if unchanged.
    pub peers: Option<Vec<Peer>>,
}

/// Why a record may not be committed now, with words for its author.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "built by applications")]
pub struct Refusal {
    /// A short stable name of the reason.
    pub code: String,
    /// One sentence.
    pub message: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.code)
    }
}

impl core::error::Error for Refusal {}

/// Why a block does not stand.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "an application can say no more")]
pub enum ApplyError {
    /// One of its records may not be committed; the ones before it may.
    Record {
        /// Which one.
        index: usize,
        /// Why.
        refusal: Refusal,
    },
    /// The store failed; nothing is known about the block.
    Store(StoreFailure),
}

impl From<StoreFailure> for ApplyError {
    fn from(failure: StoreFailure) -> Self {
        Self::Store(failure)
    }
}

impl fmt::Display for ApplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record { index, refusal } => write!(f, "record {index}: {refusal}"),
            Self::Store(failure) => failure.fmt(f),
        }
    }
}

impl core::error::Error for ApplyError {}

/// The application. Pure: the same state and records give the same outcome on every node, byte for byte;
/// no clock, no randomness, no order of threads. Called from several threads at once.
pub trait App: Send + Sync + 'static {
    /// The state before the first block.
    ///
    /// # Errors
    /// If the genesis makes no sense.
    fn genesis(&self, genesis: &Genesis) -> Result<Outcome, Refusal>;

    /// The id of a record, whether or not it may be committed (again).
    ///
    /// # Errors
    /// If it is no record.
    fn identify(&self, record: &[u8]) -> Result<Digest, Refusal>;

    /// The organisation that a record says it is of, not checked; `None` if it says none. The mempool looks for what a record may
    /// build on among those of the same organisation.
    fn author(&self, record: &[u8]) -> Option<String> {
        let _ = record;
        None
    }

    /// Whether a record could be committed in the block after this state: what the mempool asks.
    ///
    /// # Errors
    /// [`ApplyError::Record`] with index 0 if not.
    fn check(
        &self,
        state: &dyn StateRead,
        at: &BlockContext,
        record: &[u8],
    ) -> Result<Admission, ApplyError>;

    /// The validators of this state with their nodes, so that a node can tell whether its two keys belong together.
    ///
    /// # Errors
    /// The store's failure.
    fn seats(&self, state: &dyn StateRead) -> Result<Vec<Seat>, StoreFailure>;

    /// Applies a block's records in order. All of them, or none.
    ///
    /// # Errors
    /// The first record that may not be committed, or the store's failure.
    fn apply(
        &self,
        state: &dyn StateRead,
        at: &BlockContext,
        records: &[Vec<u8>],
    ) -> Result<Outcome, ApplyError>;
}
