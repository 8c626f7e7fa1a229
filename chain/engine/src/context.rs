//! The types Malachite is generic over, as this chain fills them in.

mod proposal;
mod scheme;
mod validators;
mod vote;

pub use proposal::{BlockId, Part, Proposal};
pub use scheme::{Key, KeyError, NoPrivateKey, Signature, Sm2};
pub use validators::{Address, Member, Validators};
pub use vote::Vote;

use core::fmt;

use arc_malachitebft_core_types as core_types;
use core_types::{Context, LinearTimeouts, NilOrVal, Round, VoteType};
use yinxin_gm::Digest;

/// Height of a block; the genesis state is height 0, the first block is 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Height(u64);

impl Height {
    /// The height with this number.
    #[must_use]
    pub const fn new(height: u64) -> Self {
        Self(height)
    }
}

impl fmt::Display for Height {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl core_types::Height for Height {
    const ZERO: Self = Self(0);
    const INITIAL: Self = Self(1);

    fn increment_by(&self, n: u64) -> Self {
        Self(self.0.saturating_add(n))
    }

    fn decrement_by(&self, n: u64) -> Option<Self> {
        self.0.checked_sub(n).map(Self)
    }

    fn as_u64(&self) -> u64 {
        self.0
    }
}

/// This chain, to Malachite.
#[derive(Clone, Debug)]
pub struct Chain {
    /// The chain id every signature is bound to.
    pub chain_id: Digest,
}

impl Context for Chain {
    type Address = Address;
    type Height = Height;
    type ProposalPart = Part;
    type Proposal = Proposal;
    type Validator = Member;
    type ValidatorSet = Validators;
    type Timeouts = LinearTimeouts;
    type Value = BlockId;
    type Vote = Vote;
    type Extension = ();
    type SigningScheme = Sm2;

    /// Plain rotation, not weighted: a dead proposer then costs one round, never several in a row.
    fn select_proposer<'a>(
        &self,
        validators: &'a Validators,
        height: Height,
        round: Round,
    ) -> &'a Member {
        validators.proposer(height, round)
    }

    fn new_proposal(
        &self,
        height: Height,
        round: Round,
        value: BlockId,
        pol_round: Round,
        address: Address,
    ) -> Proposal {
        Proposal { height, round, value, pol_round, address }
    }

    fn new_prevote(
        &self,
        height: Height,
        round: Round,
        value: NilOrVal<Digest>,
        address: Address,
    ) -> Vote {
        Vote { kind: VoteType::Prevote, height, round, value, address }
    }

    fn new_precommit(
        &self,
        height: Height,
        round: Round,
        value: NilOrVal<Digest>,
        address: Address,
    ) -> Vote {
        Vote { kind: VoteType::Precommit, height, round, value, address }
    }
}
