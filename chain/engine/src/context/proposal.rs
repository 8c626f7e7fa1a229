//! Proposals, and the parts that carry a block's bytes.

use core::fmt;

use arc_malachitebft_core_types::{self as core_types, Round};
use yinxin_gm::Digest;

use super::{Address, Chain, Height, Signature};

/// What consensus decides on: the id of a block, SM3 of its header's DER.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockId(pub Digest);

impl fmt::Display for BlockId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl core_types::Value for BlockId {
    type Id = Digest;

    fn id(&self) -> Digest {
        self.0
    }
}

/// The proposer's word for which block it proposes in a round.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Proposal {
    /// Height proposed for.
    pub height: Height,
    /// Round proposed in.
    pub round: Round,
    /// The block's id.
    pub value: BlockId,
    /// The round in which a quorum already prevoted it, or nil.
    pub pol_round: Round,
    /// The proposer.
    pub address: Address,
}

impl Proposal {
    /// A proposal of these parts.
    #[must_use]
    pub const fn new(
        height: Height,
        round: Round,
        value: BlockId,
        pol_round: Round,
        address: Address,
    ) -> Self {
        Self { height, round, value, pol_round, address }
    }
}

impl core_types::Proposal<Chain> for Proposal {
    fn height(&self) -> Height {
        self.height
    }

    fn round(&self) -> Round {
        self.round
    }

    fn value(&self) -> &BlockId {
        &self.value
    }

    fn take_value(self) -> BlockId {
        self.value
    }

    fn pol_round(&self) -> Round {
        self.pol_round
    }

    fn validator_address(&self) -> &Address {
        &self.address
    }
}

/// One piece of a proposed block on its way to the other nodes.
///
/// The first piece is signed by the round's proposer and names the block's id; the id is the hash
/// of the header, the header binds the body, so the other pieces need no signature of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a wire format: a new kind is a new version")]
pub enum Part {
    /// The first piece.
    Init {
        /// Height proposed for.
        height: Height,
        /// Round proposed in.
        round: Round,
        /// The round's proposer, who signs.
        proposer: Address,
        /// The block's id.
        value: Digest,
        /// The header's DER.
        header: Vec<u8>,
        /// Length of the body in bytes.
        body_length: u32,
        /// The proposer's signature over [`crate::part_sign_bytes`].
        signature: Signature,
    },
    /// A piece of the body.
    Data {
        /// Which piece, from 0.
        index: u16,
        /// Its bytes.
        bytes: Vec<u8>,
        /// Whether it is the last one.
        last: bool,
    },
}

impl core_types::ProposalPart<Chain> for Part {
    fn is_first(&self) -> bool {
        matches!(self, Self::Init { .. })
    }

    fn is_last(&self) -> bool {
        match self {
            Self::Init { body_length, .. } => *body_length == 0,
            Self::Data { last, .. } => *last,
        }
    }
}
