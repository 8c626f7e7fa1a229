//! What the ledger says about a call, held together as of one block.

use yinxin_gm::sm2::PublicKey;
use yinxin_record::{GrantState, ResourceState, Subjects};
use yinxin_verdict::UnixTime;

use crate::access::{Head, Known, is_fresh};

/// What whoever serves knows when it decides: from verified status proofs, `head` being the oldest of their blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "whoever makes one must fill every field")]
pub struct Standing {
    /// The block.
    pub head: Head,
    /// How the resource stands.
    pub resource: ResourceState,
    /// How the grant stands; `None` when there is none.
    pub grant: Option<GrantState>,
    /// Whose data were asked for, and so granted.
    pub subjects: Subjects,
    /// Who calls; `None` when it is no member.
    pub caller: Option<Caller>,
}

/// The caller, by the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a member's two properties that a call depends on")]
pub struct Caller {
    /// The key that signs for it now.
    pub key: PublicKey,
    /// Whether it is suspended.
    pub suspended: bool,
}

impl Standing {
    /// As the guard looks at it.
    #[must_use]
    pub fn known(&self) -> Known<'_> {
        let Self { head, resource, grant, subjects, caller: _ } = self;
        Known { head: *head, resource, grant: grant.as_ref(), subjects }
    }

    /// Whether it is new enough to decide by.
    #[must_use]
    pub fn is_fresh(&self, now: UnixTime) -> bool {
        is_fresh(&self.head, now)
    }
}
