//! Votes. Extensions are not used on this chain.

use arc_malachitebft_core_types::{self as core_types, NilOrVal, Round, SignedExtension, VoteType};
use yinxin_gm::Digest;

use super::{Address, Chain, Height};

/// One validator's prevote or precommit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Vote {
    /// Prevote or precommit.
    pub kind: VoteType,
    /// Height voted at.
    pub height: Height,
    /// Round voted in.
    pub round: Round,
    /// The block, or nil.
    pub value: NilOrVal<Digest>,
    /// Who votes.
    pub address: Address,
}

impl Vote {
    /// A vote of these parts.
    #[must_use]
    pub const fn new(
        kind: VoteType,
        height: Height,
        round: Round,
        value: NilOrVal<Digest>,
        address: Address,
    ) -> Self {
        Self { kind, height, round, value, address }
    }
}

impl core_types::Vote<Chain> for Vote {
    fn height(&self) -> Height {
        self.height
    }

    fn round(&self) -> Round {
        self.round
    }

    fn value(&self) -> &NilOrVal<Digest> {
        &self.value
    }

    fn take_value(self) -> NilOrVal<Digest> {
        self.value
    }

    fn vote_type(&self) -> VoteType {
        self.kind
    }

    fn validator_address(&self) -> &Address {
        &self.address
    }

    fn extension(&self) -> Option<&SignedExtension<Chain>> {
        None
    }

    fn take_extension(&mut self) -> Option<SignedExtension<Chain>> {
        None
    }

    fn extend(self, _extension: SignedExtension<Chain>) -> Self {
        self
    }
}
