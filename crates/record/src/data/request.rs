//! Requests, what is decided of them, and grants.

use yinxin_gm::{
    Digest,
    sm2::{DEFAULT_ID, PrivateKey, PublicKey, Signature},
};
use yinxin_merkle::wire::{Reader, WireError, Writer};
use yinxin_verdict::UnixTime;

use rand_core::CryptoRng;

use super::access::{DenialReason, Windows};
use super::parts::{BusinessItem, FieldSet, Level, Purpose, ResourceCode, Subjects, Volume};
use super::resource::ResourceState;
use super::table::{GrantStatus, RequestStatus, ResourceStatus};
use crate::{
    Error, OrganisationCode, Text,
    asn::{Field, choice, sequence},
    key_id,
};

/// What an approver's sign-bytes begin with.
pub const APPROVAL_DOMAIN: &str = "yinxin/approval/1";

/// A department asks for data. The record's id is the request's, and the grant's that may come of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestData {
    /// Of which resource.
    pub resource: ResourceCode,
    /// Of which version: the one in force.
    pub version: u32,
    /// Which fields; one at least.
    pub fields: FieldSet,
    /// Whose data.
    pub subjects: Subjects,
    /// For which purpose.
    pub purpose: Purpose,
    /// In which item of business.
    pub item: BusinessItem,
    /// On which article of which law.
    pub basis: Text<128>,
    /// Commitment to the case: salted digest of its number and papers.
    pub case: Option<Digest>,
    /// The first instant at which they are no longer needed.
    pub until: UnixTime,
    /// How much is needed at most.
    pub limit: Volume,
    /// The highest level among the fields.
    pub level: Level,
    /// By when it is to be decided.
    pub deadline: Deadline,
}

sequence!(RequestData {
    resource,
    version,
    fields,
    subjects,
    purpose,
    item,
    basis,
    case,
    until,
    limit,
    level,
    deadline,
} check |r: &RequestData| some_fields(&r.fields));

/// Counted in working days off the ledger, with a calendar that stands on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// The first instant after it.
    pub at: UnixTime,
    /// SM3 of the calendar's file.
    pub calendar: Digest,
}

sequence!(Deadline { at, calendar });

fn some_fields(fields: &FieldSet) -> Result<(), WireError> {
    if fields.is_empty() { Err(WireError::Value("fields")) } else { Ok(()) }
}

/// An approver decides on a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decide {
    /// Id of the request.
    pub request: Digest,
    /// What is decided.
    pub decision: Decision,
    /// By whom.
    pub approval: Approval,
}

sequence!(Decide { request, decision, approval });

/// What is decided of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// `[0]` It is granted, on these terms.
    Grant(Terms),
    /// `[1]` It is refused, for a reason by code.
    Refuse(u16),
}

choice!(Decision { 0 => Grant, 1 => Refuse });

/// What is granted: never more than was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Which fields; one at least.
    pub fields: FieldSet,
    /// The first instant at which the grant no longer serves.
    pub until: UnixTime,
    /// How much at most.
    pub limit: Volume,
    /// Commitment to further conditions, such as how fields are masked.
    pub conditions: Option<Digest>,
}

sequence!(Terms { fields, until, limit, conditions } check |t: &Terms| some_fields(&t.fields));

/// A second approver confirms what a first one decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirm {
    /// Id of the request.
    pub request: Digest,
    /// By whom; over the decision that stands.
    pub approval: Approval,
}

sequence!(Confirm { request, approval });

/// A person's signature under a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Which approver: [`key_id`] of the key.
    pub approver: Digest,
    /// r ‖ s over [`approval_bytes`].
    pub signature: [u8; 64],
}

sequence!(Approval { approver, signature });

impl Approval {
    /// Signs a decision.
    ///
    /// # Errors
    /// [`Error::Signing`] if the key cannot sign.
    pub fn sign(
        chain_id: &Digest,
        request: &Digest,
        decision: &Decision,
        key: &PrivateKey,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, Error> {
        let bytes = approval_bytes(chain_id, request, decision);
        let signature = key.sign(DEFAULT_ID, &bytes, rng).map_err(|_| Error::Signing)?;
        Ok(Self { approver: key_id(key.public_key()), signature: signature.to_raw() })
    }

    /// Checks the signature.
    ///
    /// # Errors
    /// [`Error::Signature`] if it is not by `key`.
    pub fn verify(
        &self,
        chain_id: &Digest,
        request: &Digest,
        decision: &Decision,
        key: &PublicKey,
    ) -> Result<(), Error> {
        if key_id(key) != self.approver {
            return Err(Error::Signature);
        }
        let bytes = approval_bytes(chain_id, request, decision);
        let signature = Signature::from_raw(&self.signature).map_err(|_| Error::Signature)?;
        key.verify(DEFAULT_ID, &bytes, &signature).map_err(|_| Error::Signature)
    }
}

/// What an approver signs.
///
/// ```asn1
/// ApprovalBytes ::= SEQUENCE { domain UTF8String ("yinxin/approval/1"), chainId Digest, request Digest, decision Decision }
/// ```
#[must_use]
pub fn approval_bytes(chain_id: &Digest, request: &Digest, decision: &Decision) -> Vec<u8> {
    let mut out = Writer::new();
    out.sequence(|out| {
        out.text(APPROVAL_DOMAIN);
        chain_id.put(out);
        request.put(out);
        decision.put(out);
    });
    out.into_vec()
}

impl Field for [u8; 64] {
    fn put(&self, out: &mut Writer) {
        out.octets(self);
    }

    fn take(input: &mut Reader<'_>, what: &'static str) -> Result<Self, WireError> {
        input.array(what)
    }
}

/// The requester appeals from the owner's rule to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appeal {
    /// Id of the request.
    pub request: Digest,
    /// Why, by code.
    pub reason: u16,
    /// Salted digest of what is said for it.
    pub statement: Digest,
    /// By when it is to be decided.
    pub deadline: Deadline,
}

sequence!(Appeal { request, reason, statement, deadline });

/// A decision is overdue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escalate {
    /// Id of the request.
    pub request: Digest,
    /// By when it is now to be decided.
    pub deadline: Deadline,
}

sequence!(Escalate { request, deadline });

/// The requester no longer wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithdrawRequest {
    /// Id of the request.
    pub request: Digest,
    /// Why, by code.
    pub reason: u16,
}

sequence!(WithdrawRequest { request, reason });

/// How a request stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestState {
    /// Where it stands.
    pub status: RequestStatus,
    /// Who asks.
    pub requester: OrganisationCode,
    /// What is asked for.
    pub asked: RequestData,
    /// What an approver, or the owner's rule, decided last.
    pub decision: Option<Decision>,
    /// Who decided, if not the rule: the owner, or an authority.
    pub decided_by: Option<OrganisationCode>,
    /// The approvers of that decision, one or two.
    pub approvers: Vec<Digest>,
    /// By when it is to be decided.
    pub deadline: Deadline,
    /// The reason given with the last change; otherwise 0.
    pub reason: u16,
    /// Height of the last change.
    pub height: u64,
    /// Time of the block of the last change.
    pub since: UnixTime,
}

sequence!(RequestState {
    status,
    requester,
    asked,
    decision,
    decided_by,
    approvers,
    deadline,
    reason,
    height,
    since,
});

impl RequestState {
    /// Whether it waits for a decision that should have been made.
    #[must_use]
    pub fn is_overdue(&self, now: UnixTime) -> bool {
        use RequestStatus as S;
        let waits = matches!(self.status, S::Open | S::AwaitingSecond | S::Appealed | S::Escalated);
        waits && self.deadline.at <= now
    }
}

/// A grant ends before its time: the owner or an authority revokes it, or the receiver gives it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndGrant {
    /// Id of the grant.
    pub grant: Digest,
    /// Why, by code.
    pub reason: u16,
}

sequence!(EndGrant { grant, reason });

/// How a grant stands, and what was used of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantState {
    /// Where it stands.
    pub status: GrantStatus,
    /// Of which resource.
    pub resource: ResourceCode,
    /// Of which version.
    pub version: u32,
    /// Who receives.
    pub receiver: OrganisationCode,
    /// Which fields.
    pub fields: FieldSet,
    /// For which purpose.
    pub purpose: Purpose,
    /// In which item of business.
    pub item: BusinessItem,
    /// The first instant at which it serves: time of the block that gave it.
    pub from: UnixTime,
    /// The first instant at which it no longer serves.
    pub until: UnixTime,
    /// How much at most.
    pub limit: Volume,
    /// How much was used.
    pub used: Volume,
    /// What its windows tell together; the rest of what was used was delivered.
    pub windows: Windows,
    /// How many calls were denied.
    pub denied: u64,
    /// How many reconciliations stand mismatched.
    pub mismatches: u32,
    /// The highest level among the fields.
    pub level: Level,
    /// Commitment to further conditions.
    pub conditions: Option<Digest>,
    /// When it was revoked or given back.
    pub ended: Option<UnixTime>,
    /// Why, by code; otherwise 0.
    pub reason: u16,
    /// Height of the last change.
    pub height: u64,
}

sequence!(GrantState {
    status,
    resource,
    version,
    receiver,
    fields,
    purpose,
    item,
    from,
    until,
    limit,
    used,
    windows,
    denied,
    mismatches,
    level,
    conditions,
    ended,
    reason,
    height,
});

impl GrantState {
    /// The first instant at which it no longer serves, as things stand, and why: the end that comes first.
    #[must_use]
    pub fn ends(&self, resource: &ResourceState) -> (UnixTime, DenialReason) {
        let expiry = (self.until, DenialReason::Expired);
        let ended = self.ended.map(|at| (at, DenialReason::Revoked));
        let withdrawn = (resource.status == ResourceStatus::Withdrawn)
            .then_some((resource.grants_until.unwrap_or(resource.since), DenialReason::Withdrawn));
        let never = resource.closed_at.filter(|at| self.from <= *at);
        let never = never.map(|at| (at, DenialReason::NegativeList));
        let earlier = |first, other: (UnixTime, DenialReason)| core::cmp::min(first, other);
        [ended, withdrawn, never].into_iter().flatten().fold(expiry, earlier)
    }

    /// Whether it permits an access at an instant: the ledger and whoever serves ask the same question. Volume is asked
    /// apart, for it is known only when the answer is.
    ///
    /// # Errors
    /// The reason for which the access is to be denied, and recorded as denied.
    pub fn permits(
        &self,
        resource: &ResourceState,
        fields: &FieldSet,
        purpose: &Purpose,
        at: UnixTime,
    ) -> Result<(), DenialReason> {
        let (end, reason) = self.ends(resource);
        if at < self.from {
            return Err(DenialReason::NotYet);
        }
        if at >= end {
            return Err(reason);
        }
        if at >= resource.listed_since && resource.negative.forbids(fields, purpose, &self.receiver)
        {
            return Err(DenialReason::NegativeList);
        }
        if *purpose != self.purpose {
            return Err(DenialReason::Purpose);
        }
        if fields.is_empty() || !fields.is_within(&self.fields) {
            return Err(DenialReason::Fields);
        }
        Ok(())
    }

    /// Whether more was used than was granted. What was used is told even so: it is the use that most needs a record.
    #[must_use]
    pub const fn is_exceeded(&self) -> bool {
        !self.used.is_within(self.limit)
    }

    /// Whether this much more is within the limit.
    ///
    /// # Errors
    /// [`DenialReason::Volume`].
    pub fn has_room(&self, more: Volume) -> Result<(), DenialReason> {
        if self.used.plus(more).is_within(self.limit) { Ok(()) } else { Err(DenialReason::Volume) }
    }
}
