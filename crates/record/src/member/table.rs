//! The tables of states of organisations and proposals.

use crate::{Error, asn::numbered};

/// Where an organisation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OrganisationStatus {
    /// Its records are taken.
    Active,
    /// Its records are refused until it is resumed.
    Suspended,
}

numbered!(OrganisationStatus { 1 => Active, 2 => Suspended });

/// What happens to an organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OrganisationEvent {
    /// It joins.
    Add,
    /// It gets another key or other powers.
    Amend,
    /// It is suspended.
    Suspend,
    /// Its suspension ends.
    Resume,
}

/// The table of an organisation's states; `None` is "not a member".
///
/// # Errors
/// [`Error::Illegal`] if there is no such row.
pub fn next_organisation_status(
    state: Option<OrganisationStatus>,
    event: OrganisationEvent,
) -> Result<OrganisationStatus, Error> {
    use {OrganisationEvent as E, OrganisationStatus as S};
    match (state, event) {
        (None, E::Add) => Ok(S::Active),                   // row 1
        (Some(state), E::Amend) => Ok(state),              // row 2
        (Some(S::Active), E::Suspend) => Ok(S::Suspended), // row 3
        (Some(S::Suspended), E::Resume) => Ok(S::Active),  // row 4
        (state, event) => Err(Error::Illegal {
            state: match state {
                None => "not a member",
                Some(S::Active) => "active",
                Some(S::Suspended) => "suspended",
            },
            event: match event {
                E::Add => "add",
                E::Amend => "amend",
                E::Suspend => "suspend",
                E::Resume => "resume",
            },
        }),
    }
}

/// Where a proposal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProposalStatus {
    /// Approvals are gathered.
    Open,
    /// More than two thirds approved; it takes effect at its height.
    Accepted,
    /// It took effect.
    Effective,
    /// At its height it was no longer possible.
    Dropped,
}

numbered!(ProposalStatus { 1 => Open, 2 => Accepted, 3 => Effective, 4 => Dropped });

/// What happens to a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProposalEvent {
    /// It is made.
    Propose,
    /// One more approval, still too few.
    Approve,
    /// The approval that makes it more than two thirds.
    Accept,
    /// Its height has come.
    TakeEffect,
    /// Its height has come, and what it wants is no longer possible.
    Drop,
}

/// The table of a proposal's states; `None` is "not proposed".
///
/// # Errors
/// [`Error::Illegal`] if there is no such row.
pub fn next_proposal_status(
    state: Option<ProposalStatus>,
    event: ProposalEvent,
) -> Result<ProposalStatus, Error> {
    use {ProposalEvent as E, ProposalStatus as S};
    match (state, event) {
        (None, E::Propose) => Ok(S::Open),                      // row 1
        (Some(S::Open), E::Approve) => Ok(S::Open),             // row 2
        (Some(S::Open), E::Accept) => Ok(S::Accepted),          // row 3
        (Some(S::Accepted), E::TakeEffect) => Ok(S::Effective), // row 4
        (Some(S::Accepted), E::Drop) => Ok(S::Dropped),         // row 5
        (state, event) => Err(Error::Illegal {
            state: match state {
                None => "not proposed",
                Some(S::Open) => "open",
                Some(S::Accepted) => "accepted",
                Some(S::Effective) => "effective",
                Some(S::Dropped) => "dropped",
            },
            event: match event {
                E::Propose => "propose",
                E::Approve | E::Accept => "approve",
                E::TakeEffect | E::Drop => "take effect",
            },
        }),
    }
}
