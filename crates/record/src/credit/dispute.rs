//! Objections and repair: how a subject answers to an item.

use yinxin_gm::Digest;
use yinxin_merkle::wire::WireError;
use yinxin_verdict::UnixTime;

use super::{
    class::{Evidence, evidence},
    item::Correction,
    table::{ObjectionStatus, RepairStatus},
};
use crate::{
    Deadline, OrganisationCode,
    asn::{choice, sequence},
};

/// Somebody says that an item is wrong; the record's id is the objection's. A member sends it for the subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RaiseObjection {
    /// Which item.
    pub item: Digest,
    /// Why, by code.
    pub reason: u16,
    /// Salted digest of what is said.
    pub statement: Digest,
    /// By when it is to be resolved.
    pub deadline: Deadline,
}

sequence!(RaiseObjection { item, reason, statement, deadline });

/// What becomes of an objection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolveObjection {
    /// Which objection.
    pub objection: Digest,
    /// How it is resolved.
    pub resolution: Resolution,
}

sequence!(ResolveObjection { objection, resolution });

/// How an objection is resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resolution {
    /// `[0]` The item is upheld, for a reason by code.
    Upheld(u16),
    /// `[1]` It is corrected.
    Corrected(Correction),
    /// `[2]` It is withdrawn, for a reason by code.
    Withdrawn(u16),
    /// `[3]` Whoever raised the objection no longer does.
    Dropped(u16),
}

choice!(Resolution { 0 => Upheld, 1 => Corrected, 2 => Withdrawn, 3 => Dropped });

/// How an objection stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectionState {
    /// Where it stands.
    pub status: ObjectionStatus,
    /// To which item.
    pub item: Digest,
    /// Who sent it.
    pub by: OrganisationCode,
    /// Salted digest of what is said.
    pub statement: Digest,
    /// By when it is to be resolved.
    pub deadline: Deadline,
    /// The reason given with the last change.
    pub reason: u16,
    /// Height of the last change.
    pub height: u64,
    /// Time of the block of the last change.
    pub since: UnixTime,
}

sequence!(ObjectionState { status, item, by, statement, deadline, reason, height, since });

/// What is open about an item: of each member at most one objection and one application, in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenCases {
    /// Objections that are not resolved, one for each member.
    pub objections: Vec<OpenCase>,
    /// Applications for repair that are not decided, one for each member.
    pub applications: Vec<OpenCase>,
}

sequence!(OpenCases { objections, applications });

/// An objection, or an application for repair, that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenCase {
    /// Who sent it.
    pub by: OrganisationCode,
    /// Its id.
    pub id: Digest,
}

sequence!(OpenCase { by, id });

/// Somebody applies for an item's repair; the record's id is the application's. A member sends it for the subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplyRepair {
    /// Of which item.
    pub item: Digest,
    /// Evidence by kind, rising: of each kind that the class asks for, and more.
    pub evidence: Vec<Evidence>,
    /// Salted digest of the letter of commitment.
    pub commitment: Digest,
    /// By when it is to be decided.
    pub deadline: Deadline,
}

sequence!(ApplyRepair { item, evidence, commitment, deadline } check |a: &ApplyRepair| -> Result<(), WireError> {
    evidence(&a.evidence)
});

/// Whoever recorded the item decides; what is overdue, an authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecideRepair {
    /// On which application.
    pub application: Digest,
    /// What is decided.
    pub decision: RepairDecision,
}

sequence!(DecideRepair { application, decision });

/// What is decided on an application for repair.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RepairDecision {
    /// `[0]` The item is repaired: salted digest of the decision. It is no longer shown, shared or used, and nothing rests on it.
    Accept(Digest),
    /// `[1]` It is not, for a reason by code.
    Reject(u16),
}

choice!(RepairDecision { 0 => Accept, 1 => Reject });

/// What the application said proves false: the item is in force again, for the rest of its term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reinstate {
    /// Which application.
    pub application: Digest,
    /// Salted digest of the finding.
    pub evidence: Digest,
    /// Why, by code.
    pub reason: u16,
}

sequence!(Reinstate { application, evidence, reason });

/// How an application for repair stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepairState {
    /// Where it stands.
    pub status: RepairStatus,
    /// Of which item.
    pub item: Digest,
    /// Who sent it.
    pub by: OrganisationCode,
    /// Evidence by kind.
    pub evidence: Vec<Evidence>,
    /// Salted digest of the letter of commitment.
    pub commitment: Digest,
    /// By when it is to be decided.
    pub deadline: Deadline,
    /// Who decided last, if anybody did.
    pub decided_by: Option<OrganisationCode>,
    /// The reason given with the last change; otherwise 0.
    pub reason: u16,
    /// Height of the last change.
    pub height: u64,
    /// Time of the block of the last change.
    pub since: UnixTime,
}

sequence!(RepairState {
    status,
    item,
    by,
    evidence,
    commitment,
    deadline,
    decided_by,
    reason,
    height,
    since,
});
