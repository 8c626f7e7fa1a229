//! What a validator signs, and the votes that commit a block.

use yinxin_gm::{
    Digest,
    sm2::{DEFAULT_ID, KeyCache, Signature},
};
use yinxin_merkle::wire::{Reader, Wire, WireError, Writer};

use crate::{Error, ValidatorSet, validator::MAX_VALIDATORS};

/// What a vote's sign-bytes begin with, so that no other signature of ours can be one.
pub const VOTE_DOMAIN: &str = "yinxin/vote/1";

/// The two votes of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(clippy::exhaustive_enums, reason = "the protocol has two votes")]
pub enum VoteKind {
    /// The block is valid and came in time.
    Prevote,
    /// A quorum prevoted it.
    Precommit,
}

impl VoteKind {
    /// The number that stands for it.
    #[must_use]
    pub const fn number(self) -> u32 {
        match self {
            Self::Prevote => 1,
            Self::Precommit => 2,
        }
    }
}

/// The bytes that a vote signs; SM2 with the default identity.
///
/// ```asn1
/// VoteSignBytes ::= SEQUENCE {
///     domain  UTF8String ("yinxin/vote/1"),
///     chainId OCTET STRING (SIZE(32)),
///     kind    INTEGER { prevote(1), precommit(2) },
///     height  INTEGER,
///     round   INTEGER,
///     value   OCTET STRING (SIZE(32)) OPTIONAL }           -- absent: nil
/// ```
#[must_use]
pub fn vote_sign_bytes(
    chain_id: &Digest,
    kind: VoteKind,
    height: u64,
    round: u32,
    value: Option<Digest>,
) -> Vec<u8> {
    let mut out = Writer::new();
    out.sequence(|out| {
        out.text(VOTE_DOMAIN);
        out.digest(chain_id);
        out.uint(kind.number());
        out.uint(height);
        out.uint(round);
        if let Some(value) = value {
            out.digest(&value);
        }
    });
    out.into_vec()
}

/// The precommits that committed a block.
///
/// ```asn1
/// CommitCertificate ::= SEQUENCE {
///     height     INTEGER,
///     round      INTEGER,
///     valueId    OCTET STRING (SIZE(32)),
///     signatures OCTET STRING }                  -- 66 bytes each: position in the set, big-endian, ‖ r ‖ s; rising
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitCertificate {
    /// The height that it commits.
    pub height: u64,
    /// The round in which the votes were given.
    pub round: u32,
    /// Id of the header.
    pub value_id: Digest,
    /// Positions in the validator set, rising, with r ‖ s.
    pub signatures: Vec<(u16, [u8; 64])>,
}

impl CommitCertificate {
    /// Checks that more than two thirds of `set` signed this, each once, and that every signature holds.
    ///
    /// # Errors
    /// [`Error::SignerOrder`], [`Error::SignerUnknown`], [`Error::VoteBad`], [`Error::Quorum`].
    pub fn verify(&self, chain_id: &Digest, set: &ValidatorSet) -> Result<(), Error> {
        let Self { height, round, value_id, signatures } = self;
        if signatures.windows(2).any(|w| w[0].0 >= w[1].0) {
            return Err(Error::SignerOrder);
        }
        let message =
            vote_sign_bytes(chain_id, VoteKind::Precommit, *height, *round, Some(*value_id));
        let mut power = 0;
        for (index, raw) in signatures {
            let validator = set
                .get(*index)
                .ok_or(Error::SignerUnknown { index: *index, validators: set.len() })?;
            let bad = |_| Error::VoteBad { index: *index };
            let signature = Signature::from_raw(raw).map_err(bad)?;
            let keys = KeyCache::shared();
            keys.verify(&validator.key, DEFAULT_ID, &message, &signature).map_err(bad)?;
            power += validator.power;
        }
        if set.is_quorum(power) {
            Ok(())
        } else {
            Err(Error::Quorum { found: power, total: set.total_power() })
        }
    }

    pub(crate) fn write_signatures(signatures: &[(u16, [u8; 64])], out: &mut Writer) {
        let bytes: Vec<u8> = signatures
            .iter()
            .flat_map(|(index, raw)| index.to_be_bytes().into_iter().chain(*raw))
            .collect();
        out.octets(&bytes);
    }

    pub(crate) fn read_signatures(
        input: &mut Reader<'_>,
    ) -> Result<Vec<(u16, [u8; 64])>, WireError> {
        let (chunks, rest) = input.octets("signatures", 0, MAX_VALIDATORS * 66)?.as_chunks::<66>();
        if !rest.is_empty() {
            return Err(WireError::Value("signatures"));
        }
        let split = |chunk: &[u8; 66]| {
            let (index, raw) = chunk.split_first_chunk::<2>().expect("66 is more than 2");
            (u16::from_be_bytes(*index), raw.try_into().expect("66 - 2 = 64"))
        };
        let signatures: Vec<(u16, [u8; 64])> = chunks.iter().map(split).collect();
        yinxin_merkle::wire::rising("signatures", &signatures, |(index, _)| *index)?;
        Ok(signatures)
    }
}

impl Wire for CommitCertificate {
    const NAME: &'static str = "commit certificate";
    /// 100 signatures of 66 bytes, and what stands before them.
    const MAX_LEN: usize = MAX_VALIDATORS * 66 + 128;

    fn write(&self, out: &mut Writer) {
        let Self { height, round, value_id, signatures } = self;
        out.sequence(|out| {
            out.uint(*height);
            out.uint(*round);
            out.digest(value_id);
            Self::write_signatures(signatures, out);
        });
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
        input.sequence(Self::NAME, |input| {
            Ok(Self {
                height: input.uint("height")?,
                round: input.uint32("round")?,
                value_id: input.digest("valueId")?,
                signatures: Self::read_signatures(input)?,
            })
        })
    }
}
