//! What goes into the host and what comes out of it.

use core::fmt;

use arc_malachitebft_core_types::{CommitCertificate, Round, Validity};
use yinxin_gm::Digest;

use crate::app::{Refusal, StoreFailure};
use crate::context::{Address, BlockId, Chain, Height, Part};
use crate::execute::{Executed, Fault};

/// What the engine asks.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Input {
    /// A quorum committed to a block.
    Decided(CommitCertificate<Chain>),
    /// We are to propose a block of some of these records.
    GetValue {
        /// Height.
        height: Height,
        /// Round.
        round: Round,
        /// Our address.
        proposer: Address,
        /// Records from the mempool, the oldest first.
        candidates: Vec<Vec<u8>>,
    },
    /// A piece of somebody's proposal came.
    Part {
        /// Who published it: the key that groups pieces.
        publisher: Vec<u8>,
        /// Which of the publisher's streams.
        stream: Vec<u8>,
        /// The piece.
        part: Part,
    },
    /// The pieces of a known block are to be published again, for this round.
    Restream {
        /// Height.
        height: Height,
        /// Round.
        round: Round,
        /// Which block.
        value: Digest,
    },
    /// A round began.
    StartedRound {
        /// Height.
        height: Height,
        /// Round.
        round: Round,
    },
    /// A decided block came from a peer; its certificate is already checked.
    Synced {
        /// Height.
        height: Height,
        /// Round.
        round: Round,
        /// Its proposer.
        proposer: Address,
        /// The block.
        bytes: Vec<u8>,
    },
}

/// A block the host has an opinion about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "mirrors the engine's proposed value")]
pub struct Seen {
    /// Height.
    pub height: Height,
    /// Round in which it was first seen.
    pub round: Round,
    /// Its proposer.
    pub proposer: Address,
    /// Its id.
    pub value: BlockId,
    /// Whether it may be voted for.
    pub validity: Validity,
}

/// A valid block, to be kept until its height is decided: a node that precommitted it must not lose it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a store writes and reads each field")]
pub struct Undecided {
    /// Height.
    pub height: u64,
    /// Round in which it was first seen.
    pub round: u32,
    /// Its proposer.
    pub proposer: Address,
    /// Its id.
    pub value: Digest,
    /// Header and body, as [`crate::wire::encode_block`] joins them.
    pub block: Vec<u8>,
}

/// What came of a synced block.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "mirrors the engine's outcome")]
pub enum SyncAnswer {
    /// It was executed.
    Seen(Seen),
    /// The peer sent what is no block.
    PeerFault(String),
    /// Not now: it is not the block after our head.
    Later,
}

/// A decided block, to be committed in one batch.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Decision {
    /// The block and what it does.
    pub executed: Executed,
    /// Who committed to it.
    pub certificate: yinxin_receipt::CommitCertificate,
}

/// What the edge is to do, in order.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Effect {
    /// Commit the block in one synced batch, then acknowledge.
    Commit(Box<Decision>),
    /// Log that a block is invalid, and why: evidence against its proposer.
    Condemned {
        /// Its proposer.
        proposer: Address,
        /// The block.
        value: Digest,
        /// What is wrong.
        fault: Fault,
    },
    /// Keep the block, durably, before doing what follows.
    Persist(Undecided),
    /// Answer the engine: this is what we propose.
    Propose {
        /// Height.
        height: Height,
        /// Round.
        round: Round,
        /// The block.
        value: BlockId,
    },
    /// Sign and send the block's parts for this round.
    Publish {
        /// Height.
        height: Height,
        /// Round.
        round: Round,
        /// The block's id.
        value: Digest,
        /// The header's DER.
        header: Vec<u8>,
        /// The body.
        body: Vec<u8>,
    },
    /// Tell the mempool that these records are refused by the state they would meet.
    Refused(Vec<(Vec<u8>, Refusal)>),
    /// Answer the engine: all blocks known for this round.
    Replay(Vec<Seen>),
    /// Answer the engine: what the part completed, if anything.
    Seen(Option<Seen>),
    /// Answer the engine about a synced block.
    Synced(SyncAnswer),
}

/// Why the host cannot go on. The node stops: it must not guess.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HostError {
    /// A quorum decided on a block whose certificate does not hold: a bug or a broken trust assumption.
    Certificate(String),
    /// A quorum decided on a block that we find invalid: our state is not theirs.
    Diverged {
        /// The block.
        value: Digest,
        /// What is wrong with it, to us.
        fault: Fault,
    },
    /// The store failed.
    Store(StoreFailure),
    /// A quorum decided on a block we never saw.
    Unknown(Digest),
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Certificate(why) => write!(f, "the commit certificate does not hold: {why}"),
            Self::Diverged { value, fault } => write!(
                f,
                "a quorum decided on block {value}, which is invalid on our state ({fault}); stop and compare the state of the nodes"
            ),
            Self::Store(failure) => failure.fmt(f),
            Self::Unknown(value) => {
                write!(f, "a quorum decided on block {value}, which was never seen here")
            }
        }
    }
}

impl core::error::Error for HostError {}

impl From<StoreFailure> for HostError {
    fn from(failure: StoreFailure) -> Self {
        Self::Store(failure)
    }
}
