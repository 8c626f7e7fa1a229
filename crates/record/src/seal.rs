//! Electronic seals on the ledger: issued, revoked.

use yinxin_gm::Digest;

use crate::{
    OrganisationCode, Text,
    asn::{choice, sequence},
    certificate::{CredentialStatus, Revoke},
};

/// What a seal maker does.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SealAct {
    /// `[0]` It made a seal.
    Issue(IssueSeal),
    /// `[1]` It revokes one.
    Revoke(Revoke),
}

choice!(SealAct { 0 => Issue, 1 => Revoke });

/// A seal was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueSeal {
    /// SM3 of the DER of the SESeal.
    pub digest: Digest,
    /// Its `esID`.
    pub seal_id: Text<64>,
    /// The organisation whose seal it is; need not be a member.
    pub owner: OrganisationCode,
}

sequence!(IssueSeal { digest, seal_id, owner });

/// What the ledger says of a seal. Its table of states is that of certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealState {
    /// Where it stands.
    pub status: CredentialStatus,
    /// Who made it.
    pub maker: OrganisationCode,
    /// Its `esID`.
    pub seal_id: Text<64>,
    /// The organisation whose seal it is.
    pub owner: OrganisationCode,
    /// Why and since when it is revoked.
    pub revocation: Option<Revoke>,
    /// Height of the last change.
    pub height: u64,
}

sequence!(SealState { status, maker, seal_id, owner, revocation, height });
