//! What the ledger says about a call, held together as of one block.

use yinxin_gm::sm2::PublicKey;
use yinxin_record::{
    GrantState, OrganisationCode, ResourceCode, ResourceState, ServingState, Subjects,
};
use yinxin_verdict::UnixTime;

use crate::{
    Error,
    access::{Head, Known, is_fresh},
    serving::Offer,
};

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
    pub caller: Option<Member>,
    /// Who serves; `None` when it is no member that may.
    pub server: Option<Member>,
    /// Which of its journals answers for the resource; `None` when none ever did.
    pub serving: Option<ServingState>,
}

/// A member, by the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a member's two properties that a call depends on")]
pub struct Member {
    /// The key that signs for it now.
    pub key: PublicKey,
    /// Whether it is suspended.
    pub suspended: bool,
}

impl Standing {
    /// As the guard looks at it.
    #[must_use]
    pub fn known(&self) -> Known<'_> {
        let Self { head, resource, grant, subjects, caller: _, server: _, serving: _ } = self;
        Known { head: *head, resource, grant: grant.as_ref(), subjects }
    }

    /// That the ledger would take windows of this resource from this server with this key, of this turn. It would take no denial
    /// either, so what is not served for this reason is not recorded.
    pub(super) fn serves(
        &self,
        resource: &ResourceCode,
        offer: &Offer,
        key: Option<&PublicKey>,
    ) -> Result<(), Error> {
        let Offer { server, turn, .. } = offer;
        // In the pause after a change what the one before let out is not all told yet: what is left of a grant is not known.
        let begun =
            |s: &ServingState| s.turn == *turn && s.until.is_none() && self.head.time >= s.since;
        let turns = self.serving.as_ref().is_some_and(begun);
        let active = self.server.as_ref().is_some_and(|m| !m.suspended && Some(&m.key) == key);
        if turns && active && is_server(server, resource, &self.resource) {
            return Ok(());
        }
        Err(Error::NotServer { resource: resource.to_string(), server: server.to_string() })
    }

    /// Whether it is new enough to decide by.
    #[must_use]
    pub fn is_fresh(&self, now: UnixTime) -> bool {
        is_fresh(&self.head, now)
    }
}

/// Whether an organisation is the one server of a resource.
#[must_use]
pub fn is_server(server: &OrganisationCode, code: &ResourceCode, state: &ResourceState) -> bool {
    state.server(code) == *server
}

#[cfg(test)]
mod tests {
    use yinxin_record::{Level, NegativeList, ResourceStatus, SharingClass};

    use super::*;

    #[test]
    fn one_organisation_serves_a_resource() {
        let [owner, other] = ["11430000006122244L", "91350100M000100Y43"]
            .map(|text| OrganisationCode::new(text).unwrap());
        let resource = ResourceCode::of(&owner, "307/1").unwrap();
        let mut state = ResourceState {
            status: ResourceStatus::Published,
            version: 1,
            class: SharingClass::Conditional,
            level: Level::General1,
            dual_control: Level::Important,
            servers: vec![],
            negative: NegativeList::default(),
            serves_from: UnixTime::EPOCH,
            listed_since: UnixTime::EPOCH,
            closed_at: None,
            automatic: None,
            grants_until: None,
            reason: 0,
            height: 1,
            since: UnixTime::EPOCH,
        };
        let serve = |state: &ResourceState| {
            [&owner, &other].map(|server| is_server(server, &resource, state))
        };
        assert_eq!(serve(&state), [true, false], "none is named: the owner");
        state.servers = vec![other.clone()];
        assert_eq!(serve(&state), [false, true], "the one that is named, and no more the owner");
        state.servers = vec![owner.clone(), other.clone()];
        assert_eq!(serve(&state), [true, false], "of several the first");
    }
}
