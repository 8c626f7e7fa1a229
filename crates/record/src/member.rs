//! The members themselves: organisations, their powers and keys, validators, rules.

mod change;
mod powers;
mod state;
mod table;

pub use change::{
    Change, NewOrganisation, NewValidator, PowersChange, RotateKey, Rules, ValidatorPower,
};
pub use powers::{Power, Powers};
pub use state::{
    AbsenceState, Accepted, BusinessState, OrganisationState, Organisations, Pending,
    ProposalState, Suspension, SuspensionVote, Validators,
};
pub use table::{
    OrganisationEvent, OrganisationStatus, ProposalEvent, ProposalStatus, next_organisation_status,
    next_proposal_status,
};

use yinxin_gm::Digest;

use crate::{
    OrganisationCode,
    asn::{choice, sequence},
};

/// What a member does about the members.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MemberAct {
    /// `[0]` Proposes a change, and thereby approves it.
    Propose(Propose),
    /// `[1]` Approves a proposal; more than two thirds of the organisations make it accepted.
    Approve(Approve),
    /// `[2]` Votes for an emergency suspension; f + 1 organisations within 24 h suspend for 24 h, at once.
    Suspend(EmergencySuspend),
}

choice!(MemberAct { 0 => Propose, 1 => Approve, 2 => Suspend });

/// A proposal; its id is the record's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Propose {
    /// What shall change.
    pub change: Change,
    /// The first height at which the change holds: at least two above the block in which the last approval is needed.
    pub effective_height: u64,
}

sequence!(Propose { change, effective_height });

/// An approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approve {
    /// Id of the record that proposed it.
    pub proposal: Digest,
}

sequence!(Approve { proposal });

/// A vote for an emergency suspension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmergencySuspend {
    /// Whose records shall be refused for 24 h.
    pub organisation: OrganisationCode,
    /// Why, by code.
    pub reason: u16,
}

sequence!(EmergencySuspend { organisation, reason });
