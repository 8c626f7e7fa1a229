//! Where each thing stands in the ledger's state. Keys are text but for the last part of `business/`.

use yinxin_gm::Digest;

use crate::{BusinessKey, LicenceIdentifier, LicenceTypeCode, OrganisationCode};

/// The kinds of things whose state is of interest to outsiders, as they stand before the `/`.
pub const KINDS: &[&str] =
    &["certificate", "document", "licence", "licence-type", "organisation", "proposal", "seal"];

/// An [`OrganisationState`](crate::OrganisationState).
#[must_use]
pub fn organisation(code: &OrganisationCode) -> Vec<u8> {
    text("organisation", code.as_str())
}

/// The [`Organisations`](crate::Organisations).
#[must_use]
pub fn organisations() -> Vec<u8> {
    b"organisations".to_vec()
}

/// The [`Validators`](crate::Validators).
#[must_use]
pub fn validators() -> Vec<u8> {
    b"validators".to_vec()
}

/// The [`Rules`](crate::Rules).
#[must_use]
pub fn rules() -> Vec<u8> {
    b"rules".to_vec()
}

/// A [`ProposalState`](crate::ProposalState).
#[must_use]
pub fn proposal(id: &Digest) -> Vec<u8> {
    text("proposal", &id.to_string())
}

/// The [`Pending`](crate::Pending) proposals.
#[must_use]
pub fn pending() -> Vec<u8> {
    b"pending".to_vec()
}

/// A [`Suspension`](crate::Suspension).
#[must_use]
pub fn suspension(code: &OrganisationCode) -> Vec<u8> {
    text("suspension", code.as_str())
}

/// A [`CertificateState`](crate::CertificateState), by who registered it and SM3 of the certificate's DER. A member's own
/// stands under its own code.
///
/// The ledger sees a digest, not the certificate: were that alone the key, whoever registered it first would bar its issuer.
#[must_use]
pub fn certificate(issuer: &OrganisationCode, digest: &Digest) -> Vec<u8> {
    text("certificate", &format!("{}/{digest}", issuer.as_str()))
}

/// A [`SealState`](crate::SealState), by its maker and SM3 of the SESeal's DER.
#[must_use]
pub fn seal(maker: &OrganisationCode, digest: &Digest) -> Vec<u8> {
    text("seal", &format!("{}/{digest}", maker.as_str()))
}

/// A [`LicenceType`](crate::LicenceType).
#[must_use]
pub fn licence_type(code: &LicenceTypeCode) -> Vec<u8> {
    text("licence-type", code.as_str())
}

/// A [`LicenceState`](crate::LicenceState).
#[must_use]
pub fn licence(identifier: &LicenceIdentifier) -> Vec<u8> {
    text("licence", identifier.as_str())
}

/// A [`DocumentState`](crate::DocumentState), by what was anchored.
#[must_use]
pub fn document(digest: &Digest) -> Vec<u8> {
    text("document", &digest.to_string())
}

/// A [`BusinessState`](crate::BusinessState).
#[must_use]
pub fn business(organisation: &OrganisationCode, key: &BusinessKey) -> Vec<u8> {
    [b"business/", organisation.as_str().as_bytes(), b"/", key.as_bytes()].concat()
}

/// The key of a thing of this kind by its text form, as a person or a URL gives it: a licence's identifier, a digest in
/// hexadecimal, an organisation's code; for certificates and seals code and digest, with a `/` between. `None` if the kind is unknown or the text is none of its kind.
#[must_use]
pub fn parse(kind: &str, id: &str) -> Option<Vec<u8>> {
    let digest = || id.parse::<Digest>().ok();
    let registered = || {
        let (code, digest) = id.split_once('/')?;
        Some((OrganisationCode::new(code).ok()?, digest.parse::<Digest>().ok()?))
    };
    match kind {
        "certificate" => registered().map(|(by, d)| certificate(&by, &d)),
        "document" => digest().map(|d| document(&d)),
        "licence" => LicenceIdentifier::new(id).ok().map(|i| licence(&i)),
        "licence-type" => LicenceTypeCode::new(id).ok().map(|c| licence_type(&c)),
        "organisation" => OrganisationCode::new(id).ok().map(|c| organisation(&c)),
        "proposal" => digest().map(|d| proposal(&d)),
        "seal" => registered().map(|(by, d)| seal(&by, &d)),
        _ => None,
    }
}

fn text(kind: &str, id: &str) -> Vec<u8> {
    format!("{kind}/{id}").into_bytes()
}
