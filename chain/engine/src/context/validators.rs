//! Validators as Malachite and as receipts see them.

use core::fmt;

use arc_malachitebft_core_types::{self as core_types, CommitCertificate, Height as _, Round};
use yinxin_gm::{Digest, sm3};
use yinxin_receipt::ValidatorSet;

use super::{Chain, Height, Key, Signature};
use crate::sign_bytes::part_sign_bytes;

/// A validator's address: SM3 of its public key's 65 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_structs, reason = "a newtype")]
pub struct Address(pub Digest);

impl Address {
    /// The address of a key.
    #[must_use]
    pub fn of(key: &Key) -> Self {
        Self(sm3::digest(key.sec1()))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Sixteen digits tell 100 validators apart; logs stay readable.
        self.0.as_bytes()[..8].iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl core_types::Address for Address {}

/// One validator.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Member {
    /// Its address.
    pub address: Address,
    /// Its key.
    pub key: Key,
    /// Its voting power.
    pub power: u64,
}

impl core_types::Validator<Chain> for Member {
    fn address(&self) -> &Address {
        &self.address
    }

    fn public_key(&self) -> &Key {
        &self.key
    }

    fn voting_power(&self) -> u64 {
        self.power
    }
}

/// The validators of a height, in the order of the set that headers name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validators {
    set: ValidatorSet,
    members: Vec<Member>,
}

impl Validators {
    /// The validators of a set.
    #[must_use]
    pub fn new(set: ValidatorSet) -> Self {
        let members = set.validators().iter().map(|validator| {
            let key = Key::new(validator.key);
            Member { address: Address::of(&key), key, power: validator.power }
        });
        Self { members: members.collect(), set }
    }

    /// The set they come from.
    #[must_use]
    pub const fn set(&self) -> &ValidatorSet {
        &self.set
    }

    /// The validators in order.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// Who proposes at a height in a round: everybody in turn.
    ///
    /// # Panics
    /// On an empty set, which [`ValidatorSet`] excludes.
    #[must_use]
    pub fn proposer(&self, height: Height, round: Round) -> &Member {
        let turn = height.as_u64().wrapping_add(u64::from(round.as_u32().unwrap_or(0)));
        let count = u64::try_from(self.members.len()).expect("a usize fits");
        let index = usize::try_from(turn % count).expect("below the count");
        &self.members[index]
    }

    /// Whether a proposal's first part is really by the proposer of its round.
    #[must_use]
    pub fn proposed(
        &self,
        chain_id: &Digest,
        height: Height,
        round: Round,
        proposer: Address,
        value: &Digest,
        signature: &Signature,
    ) -> bool {
        let expected = self.proposer(height, round);
        let message = part_sign_bytes(chain_id, height, round, value);
        expected.address == proposer && expected.key.verifies(&message, signature)
    }

    /// The engine's certificate as outsiders get it, checked once more: what is stored must verify for ever.
    ///
    /// # Errors
    /// In words, if it does not hold.
    pub fn certificate(
        &self,
        chain_id: &Digest,
        certificate: &CommitCertificate<Chain>,
    ) -> Result<yinxin_receipt::CommitCertificate, String> {
        let mut signatures = Vec::with_capacity(certificate.commit_signatures.len());
        for signature in &certificate.commit_signatures {
            let index = self
                .members
                .iter()
                .position(|member| member.address == signature.address)
                .and_then(|index| u16::try_from(index).ok())
                .ok_or_else(|| format!("{} is no validator", signature.address))?;
            signatures.push((index, signature.signature.0));
        }
        signatures.sort_unstable_by_key(|(index, _)| *index);
        let certificate = yinxin_receipt::CommitCertificate {
            height: certificate.height.as_u64(),
            round: certificate.round.as_u32().ok_or("the round is nil")?,
            value_id: certificate.value_id,
            signatures,
        };
        certificate.verify(chain_id, &self.set).map_err(|error| error.to_string())?;
        Ok(certificate)
    }

    /// The way back: a stored certificate as the engine knows it.
    #[must_use]
    pub fn engine_certificate(
        &self,
        certificate: &yinxin_receipt::CommitCertificate,
    ) -> Option<CommitCertificate<Chain>> {
        let commit_signatures = certificate.signatures.iter().map(|(index, signature)| {
            let member = self.members.get(usize::from(*index))?;
            Some(core_types::CommitSignature::new(member.address, Signature(*signature)))
        });
        Some(CommitCertificate {
            height: Height::new(certificate.height),
            round: Round::new(certificate.round),
            value_id: certificate.value_id,
            commit_signatures: commit_signatures.collect::<Option<_>>()?,
        })
    }
}

impl core_types::ValidatorSet<Chain> for Validators {
    fn count(&self) -> usize {
        self.members.len()
    }

    fn total_voting_power(&self) -> u64 {
        self.set.total_power()
    }

    fn get_by_address(&self, address: &Address) -> Option<&Member> {
        self.members.iter().find(|member| member.address == *address)
    }

    fn get_by_index(&self, index: usize) -> Option<&Member> {
        self.members.get(index)
    }
}
