//! Certificates on the ledger: issued, revoked.

use yinxin_gm::Digest;
use yinxin_verdict::UnixTime;

use crate::{
    Error, OrganisationCode,
    asn::{choice, numbered, sequence},
};

/// What a certification authority does.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CertificateAct {
    /// `[0]` It issued a certificate.
    Issue(IssueCertificate),
    /// `[1]` It revokes one.
    Revoke(Revoke),
}

choice!(CertificateAct { 0 => Issue, 1 => Revoke });

/// A certificate was issued. Nothing of its content stands here: it may name a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueCertificate {
    /// SM3 of its DER.
    pub digest: Digest,
    /// The end of its validity.
    pub not_after: UnixTime,
}

sequence!(IssueCertificate { digest, not_after });

/// A certificate or seal is revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revoke {
    /// SM3 of its DER.
    pub digest: Digest,
    /// Why.
    pub reason: RevocationReason,
    /// From when on it is not to be relied on; not later than the block.
    pub since: UnixTime,
}

sequence!(Revoke { digest, reason, since });

/// Why something was revoked: the codes of RFC 5280, 5.3.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RevocationReason {
    /// Not said.
    Unspecified,
    /// The key is no longer its holder's alone.
    KeyCompromise,
    /// The authority's key is no longer its own alone.
    AuthorityCompromise,
    /// The holder has another name or place.
    AffiliationChanged,
    /// Replaced by another.
    Superseded,
    /// No longer used.
    CessationOfOperation,
    /// What entitled the holder to it was withdrawn.
    PrivilegeWithdrawn,
}

numbered!(RevocationReason {
    0 => Unspecified,
    1 => KeyCompromise,
    2 => AuthorityCompromise,
    3 => AffiliationChanged,
    4 => Superseded,
    5 => CessationOfOperation,
    9 => PrivilegeWithdrawn,
});

/// Where a certificate or seal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialStatus {
    /// Issued and not revoked.
    Active,
    /// Revoked, for good.
    Revoked,
}

numbered!(CredentialStatus { 1 => Active, 2 => Revoked });

/// What happens to a certificate or seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialEvent {
    /// It is issued.
    Issue,
    /// It is revoked.
    Revoke,
}

/// The table of states of certificates and seals; `None` is "not on the ledger".
///
/// # Errors
/// [`Error::Illegal`] if there is no such row.
pub fn next_credential_status(
    state: Option<CredentialStatus>,
    event: CredentialEvent,
) -> Result<CredentialStatus, Error> {
    use {CredentialEvent as E, CredentialStatus as S};
    match (state, event) {
        (None, E::Issue) => Ok(S::Active),              // row 1
        (Some(S::Active), E::Revoke) => Ok(S::Revoked), // row 2
        (state, event) => Err(Error::Illegal {
            state: match state {
                None => "not on the ledger",
                Some(S::Active) => "active",
                Some(S::Revoked) => "revoked",
            },
            event: match event {
                E::Issue => "issue",
                E::Revoke => "revoke",
            },
        }),
    }
}

/// What the ledger says of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateState {
    /// Where it stands.
    pub status: CredentialStatus,
    /// Who registered it as issued; `None` for a member's own, put there by genesis or by the members: the member revokes it.
    pub issuer: Option<OrganisationCode>,
    /// The end of its validity, if the ledger was told.
    pub not_after: Option<UnixTime>,
    /// Why and since when it is revoked.
    pub revocation: Option<Revoke>,
    /// Height of the last change.
    pub height: u64,
}

sequence!(CertificateState { status, issuer, not_after, revocation, height });
