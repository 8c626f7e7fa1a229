//! Issuing revocation lists.

use der::{Any, Sequence, Tag, asn1::Uint};
use rand_core::CryptoRng;
use yinxin_verdict::UnixTime;

use super::{Ca, key_identifier, profile::authority_key};
use crate::{
    asn1::{Algorithm, Extension, any, sign, signature_algorithm, to_der, uint, value},
    certificate::{Certificate, KeyUsage},
    crl::{Crl, CrlReason, Revocation},
    error::PkiError,
    oid, time,
};

/// A certificate to be listed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Revoked {
    /// Its serial number.
    pub serial: Vec<u8>,
    /// When it is revoked.
    pub at: UnixTime,
    /// Since when it is not to be trusted, if earlier.
    pub since: UnixTime,
    /// Why.
    pub reason: CrlReason,
}

impl Revoked {
    /// Revokes a certificate from an instant on.
    #[must_use]
    pub fn new(certificate: &Certificate, at: UnixTime, reason: CrlReason) -> Self {
        let at = at.floor_to_second();
        Self { serial: certificate.serial().to_vec(), at, since: at, reason }
    }

    /// As it stands in a list already.
    #[must_use]
    pub fn listed(serial: &[u8], revocation: &Revocation) -> Self {
        let Revocation { at, since, reason } = *revocation;
        Self { serial: serial.to_vec(), at, since, reason }
    }
}

/// A list to be issued.
#[derive(Clone, Debug)]
#[allow(
    clippy::exhaustive_structs,
    reason = "what a list says; a new field is a decision of every caller"
)]
pub struct CrlTemplate {
    /// One more than the last list's.
    pub number: u64,
    /// When it is made.
    pub this_update: UnixTime,
    /// When the next one is due.
    pub next_update: UnixTime,
    /// Every certificate that is revoked, those of earlier lists too.
    pub revoked: Vec<Revoked>,
}

impl CrlTemplate {
    /// The list that follows another: its entries, its number plus one.
    #[must_use]
    pub fn after(last: Option<&Crl>, this_update: UnixTime, next_update: UnixTime) -> Self {
        let number = last.and_then(Crl::number).unwrap_or(0).saturating_add(1);
        let revoked =
            last.into_iter().flat_map(Crl::entries).map(|(s, r)| Revoked::listed(s, r)).collect();
        Self { number, this_update, next_update, revoked }
    }
}

/// ```asn1
/// TBSCertList ::= SEQUENCE { version INTEGER (1), signature AlgorithmIdentifier, issuer Name, thisUpdate Time, nextUpdate Time,
///   revokedCertificates SEQUENCE OF Entry OPTIONAL, crlExtensions [0] EXPLICIT Extensions }
/// ```
#[derive(Sequence)]
struct TbsCertList {
    version: u8,
    algorithm: Algorithm,
    issuer: Any,
    this_update: Any,
    next_update: Any,
    revoked: Option<Vec<Entry>>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    extensions: Vec<Extension>,
}

/// `SEQUENCE { userCertificate INTEGER, revocationDate Time, crlEntryExtensions Extensions OPTIONAL }`
#[derive(Sequence)]
struct Entry {
    serial: Uint,
    at: Any,
    extensions: Option<Vec<Extension>>,
}

impl Ca<'_> {
    /// Issues a revocation list.
    ///
    /// # Errors
    /// [`PkiError::ImpossiblePeriod`] when the next update is not later, [`PkiError::NotAnIssuer`] when the CA may not sign lists.
    pub fn crl(
        &self,
        template: &CrlTemplate,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Crl, PkiError> {
        let CrlTemplate { number, this_update, next_update, revoked } = template;
        if next_update <= this_update {
            return Err(PkiError::ImpossiblePeriod {
                not_before: *this_update,
                not_after: *next_update,
            });
        }
        if self.certificate.key_usage().is_some_and(|u| !u.allows_any(KeyUsage::CRL_SIGN)) {
            return Err(PkiError::NotAnIssuer);
        }
        let issuer_id = self.certificate.subject_key_identifier();
        let issuer_id =
            issuer_id.map_or_else(|| key_identifier(self.key.public_key()), <[u8]>::to_vec);
        let number = uint(&number.to_be_bytes());
        let list = TbsCertList {
            version: 1,
            algorithm: signature_algorithm(),
            issuer: any(self.certificate.subject().raw()),
            this_update: any(&time::encode(*this_update)),
            next_update: any(&time::encode(*next_update)),
            // RFC 5280 5.1.2.6: absent when empty.
            revoked: (!revoked.is_empty()).then(|| revoked.iter().map(entry).collect()),
            extensions: vec![
                authority_key(&issuer_id),
                Extension::new(oid::CRL_NUMBER, false, &number),
            ],
        };
        Crl::parse(&sign(&to_der(&list), self.key, rng)?)
    }
}

fn entry(revoked: &Revoked) -> Entry {
    let Revoked { serial, at, since, reason } = revoked;
    let mut extensions = Vec::new();
    // RFC 5280 5.3.1: unspecified is said by saying nothing.
    if *reason != CrlReason::Unspecified {
        let code = value(Tag::Enumerated, &[reason.code()]);
        extensions.push(Extension::new(oid::REASON_CODE, false, &code));
    }
    if since < at {
        let text = since.to_generalized();
        let date = value(Tag::GeneralizedTime, text.as_bytes());
        extensions.push(Extension::new(oid::INVALIDITY_DATE, false, &date));
    }
    Entry {
        serial: uint(serial),
        at: any(&time::encode(*at)),
        extensions: (!extensions.is_empty()).then_some(extensions),
    }
}
