//! What the ledger says of members, proposals and records.

use yinxin_gm::{Digest, sm2::PublicKey};
use yinxin_verdict::UnixTime;

use super::{Change, NewValidator, OrganisationStatus, Powers, ProposalStatus};
use crate::{OrganisationCode, Text, asn::sequence, minute_of};

/// A member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganisationState {
    /// Its name.
    pub name: Text<256>,
    /// SM3 of the DER of its certificate; if the certificate is revoked on the ledger, its records are refused.
    pub certificate: Digest,
    /// The key that signs its records.
    pub key: PublicKey,
    /// What it may do.
    pub powers: Powers,
    /// Where it stands.
    pub status: OrganisationStatus,
    /// Height of the last change.
    pub height: u64,
}

sequence!(OrganisationState { name, certificate, key, powers, status, height });

/// The codes of all members, rising.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Organisations {
    /// The codes.
    pub codes: Vec<OrganisationCode>,
}

sequence!(Organisations { codes });

/// All validators, in the order of the validator set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validators {
    /// The validators.
    pub validators: Vec<NewValidator>,
}

sequence!(Validators { validators });

/// A proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposalState {
    /// What shall change.
    pub change: Change,
    /// The first height at which it holds.
    pub effective_height: u64,
    /// Who approved, rising; the proposer among them.
    pub approvals: Vec<OrganisationCode>,
    /// Where it stands.
    pub status: ProposalStatus,
    /// Height of the last change.
    pub height: u64,
}

sequence!(ProposalState { change, effective_height, approvals, status, height });

/// The accepted proposals that are still to take effect, rising by height, then id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pending {
    /// The proposals.
    pub accepted: Vec<Accepted>,
}

sequence!(Pending { accepted });

/// An accepted proposal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Accepted {
    /// The first height at which it holds.
    pub effective_height: u64,
    /// Its id.
    pub proposal: Digest,
}

sequence!(Accepted { effective_height, proposal });

/// An emergency suspension, voted for or in force.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suspension {
    /// The votes of the last 24 h, rising by organisation.
    pub votes: Vec<SuspensionVote>,
    /// The first instant at which the organisation's records are taken again.
    pub until: Option<UnixTime>,
}

sequence!(Suspension { votes, until });

/// When an organisation was suspended last, by the members or in an emergency: what it could not tell meanwhile it may tell after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AbsenceState {
    /// Since when; suspensions that follow each other within fourteen days are one.
    pub from: UnixTime,
    /// The first instant at which its records are taken again; `None` until the members resume it.
    pub until: Option<UnixTime>,
}

sequence!(AbsenceState { from, until });

impl AbsenceState {
    /// How long after it what was not told is still told, and so what counts as one: as late as any minute may be told.
    pub const AFTER_MS: i64 = 14 * 24 * 3_600_000;

    /// Whether it is still looked at.
    #[must_use]
    pub fn lasts(&self, now: UnixTime) -> bool {
        self.until.is_none_or(|until| until.plus_millis(Self::AFTER_MS) > now)
    }

    /// The minute from which on an organisation is heard of at a time, in whole minutes since 1970: fourteen days back, or as far before
    /// its absence while that is looked at.
    #[must_use]
    pub fn heard_from(absence: Option<&Self>, now: UnixTime) -> u64 {
        let absence = absence.filter(|a| a.lasts(now));
        let since = absence.map_or(now, |a| a.from.min(now));
        minute_of(since.plus_millis(-Self::AFTER_MS))
    }
}

/// A vote for an emergency suspension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuspensionVote {
    /// Who.
    pub organisation: OrganisationCode,
    /// Why, by code.
    pub reason: u16,
    /// Time of the block.
    pub time: UnixTime,
}

sequence!(SuspensionVote { organisation, reason, time });

/// Which record used a business key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusinessState {
    /// Id of the record.
    pub record: Digest,
    /// Height of its block.
    pub height: u64,
}

sequence!(BusinessState { record, height });
