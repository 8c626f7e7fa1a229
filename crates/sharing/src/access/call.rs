//! What comes in, what is known, and what is decided.

use yinxin_gm::Digest;
use yinxin_record::{
    DenialReason, FieldSet, GrantState, OrganisationCode, Purpose, ResourceCode, ResourceState,
    Subjects, Volume,
};
use yinxin_verdict::UnixTime;

use super::{Line, hold::Hold};

/// A call, whose caller's signature was checked before.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "whoever makes one must fill every field")]
pub struct Call {
    /// SM3 of the signed call: no second call has the same.
    pub id: Digest,
    /// When the caller signed it.
    pub signed_at: UnixTime,
    /// Who calls.
    pub caller: OrganisationCode,
    /// Under which grant.
    pub grant: Digest,
    /// For data of which resource: one that this server has, for the others are refused before any guard.
    pub resource: ResourceCode,
    /// For which purpose.
    pub purpose: Purpose,
    /// Which fields are asked for.
    pub fields: FieldSet,
    /// Whose data are asked for: pseudonyms, rising; none where the call does not name them.
    pub subjects: Vec<Digest>,
}

/// A block of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a block's two coordinates")]
pub struct Head {
    /// Its height.
    pub height: u64,
    /// Its time.
    pub time: UnixTime,
}

/// What the ledger says as of one block: read from the own node, or from verified status proofs.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::exhaustive_structs, reason = "whoever makes one must fill every field")]
pub struct Known<'a> {
    /// The block.
    pub head: Head,
    /// How the resource stands.
    pub resource: &'a ResourceState,
    /// How the grant stands that the call names; `None` when there is none.
    pub grant: Option<&'a GrantState>,
    /// Whose data were granted.
    pub subjects: &'a Subjects,
}

/// An answer, or a part of one, that is ready to leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "whoever makes one must fill every field")]
pub struct Answer {
    /// Rows in it.
    pub rows: u64,
    /// Octets of it.
    pub bytes: u64,
    /// Commitment to it: a salted digest, for rows of few possible contents could be guessed from a plain one.
    pub commitment: Digest,
}

/// What is decided of a call or an answer.
#[derive(Debug)]
#[allow(clippy::exhaustive_enums, reason = "one or the other")]
pub enum Decision<T> {
    /// It goes on.
    Allowed(T),
    /// It ends here; the denial is on disk.
    Denied(Box<Denied>),
}

/// A denial that is on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Denied {
    /// Why.
    pub reason: DenialReason,
    /// The line.
    pub line: Line,
}

/// A call that may be answered, in one part or several.
///
/// Only [`super::Guard::admit`] makes one, and only [`super::Guard::release`] lets an answer out.
#[derive(Debug)]
pub struct Admitted {
    pub(super) call: Call,
    /// The number of the next part.
    pub(super) part: u32,
    pub(super) left: Volume,
    /// Rows that are kept for it.
    pub(super) hold: Option<Hold>,
}

impl Admitted {
    /// The call.
    #[must_use]
    pub const fn call(&self) -> &Call {
        &self.call
    }

    /// What the grant still allows, beside what is kept for others: rows and octets beyond it will be denied.
    #[must_use]
    pub const fn left(&self) -> Volume {
        self.left
    }
}
