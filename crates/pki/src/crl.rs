//! Certificate revocation lists.

mod reason;
mod scope;

use core::fmt;
use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use yinxin_verdict::{Reason, UnixTime};

pub use reason::CrlReason;
use scope::Scope;

use crate::{
    certificate::{Certificate, Extension, KeyUsage, read_list, split_signed},
    deviation::Deviation,
    error::{Kind, PkiError},
    name::Name,
    oid, pem,
    signature::{Algorithm, SignatureValue},
    tlv::{self, Tlv, TlvError, tag},
};

/// The largest list that is read: a million entries of 40 octets, twice what the largest public CAs publish, with room.
pub(crate) const MAX_BYTES: usize = 64 * 1024 * 1024;

/// A certificate revocation list; copies share its bytes.
///
/// ```asn1
/// CertificateList ::= SEQUENCE { tbsCertList TBSCertList, signatureAlgorithm AlgorithmIdentifier, signature BIT STRING }
/// TBSCertList ::= SEQUENCE {
///   version INTEGER OPTIONAL, signature AlgorithmIdentifier, issuer Name, thisUpdate Time, nextUpdate Time OPTIONAL,
///   revokedCertificates SEQUENCE OF SEQUENCE { userCertificate INTEGER, revocationDate Time, crlEntryExtensions Extensions OPTIONAL } OPTIONAL,
///   crlExtensions [0] EXPLICIT Extensions OPTIONAL }
/// ```
#[derive(Clone)]
pub struct Crl(Arc<Inner>);

struct Inner {
    raw: Vec<u8>,
    tbs: core::ops::Range<usize>,
    issuer: Name,
    this_update: UnixTime,
    next_update: Option<UnixTime>,
    entries: BTreeMap<Vec<u8>, Revocation>,
    number: Option<Vec<u8>>,
    scope: Scope,
    signature: SignatureValue,
    deviations: Vec<Deviation>,
    /// Under which key the signature was found to be right: lists are large and asked often.
    checked: OnceLock<Vec<u8>>,
}

/// That a certificate was revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Revocation {
    /// When the CA revoked it.
    pub at: UnixTime,
    /// Since when it is not to be trusted, if that is earlier than `at` (invalidityDate).
    pub since: UnixTime,
    /// Why.
    pub reason: CrlReason,
}

impl Revocation {
    /// Of two entries for one certificate the earlier dates count, and a revocation for good outweighs a hold.
    fn join(&mut self, other: &Self) {
        self.at = self.at.min(other.at);
        self.since = self.since.min(other.since);
        if self.reason == CrlReason::CertificateHold {
            self.reason = other.reason;
        }
    }
}

impl Crl {
    /// Reads a list, DER or PEM.
    ///
    /// # Errors
    /// [`PkiError`] when it cannot be read, or algorithms inside and outside differ.
    pub fn parse(bytes: &[u8]) -> Result<Self, PkiError> {
        match pem::sniff(bytes) {
            Some(_) => Self::from_der(
                &pem::first(bytes, pem::CRL)?.ok_or(PkiError::NotFound { kind: Kind::Crl })?,
            ),
            None => Self::from_der(bytes),
        }
    }

    fn from_der(bytes: &[u8]) -> Result<Self, PkiError> {
        let malformed = PkiError::malformed(Kind::Crl);
        let whole = Tlv::parse(bytes, MAX_BYTES).map_err(&malformed)?;
        let mut deviations = tlv::quirks(bytes);
        let (tbs, algorithm, value) = split_signed(&whole).map_err(&malformed)?;
        let fields = Fields::read(&tbs, &mut deviations).map_err(&malformed)?;
        let outer = Algorithm::read(&algorithm).map_err(&malformed)?;
        let inner = Algorithm::read(&fields.algorithm).map_err(&malformed)?;
        if outer != inner {
            return Err(PkiError::AlgorithmMismatch { signed: inner.oid, outer: outer.oid });
        }
        let issuer = Name::read(&fields.issuer, &mut deviations).map_err(&malformed)?;
        let list = fields
            .extensions
            .map_or(Ok(Vec::new()), |e| read_list(&e, Kind::Crl, &mut deviations))?;
        let mut scope = Scope::read(&list).map_err(&malformed)?;
        let mut entries = BTreeMap::new();
        if let Some(revoked) = fields.revoked {
            let mut items = revoked.children().map_err(&malformed)?;
            while !items.is_empty() {
                let item = items.any().map_err(&malformed)?;
                let (serial, revocation, known) = read_entry(&item, &mut deviations)?;
                scope.partial |= !known;
                entries
                    .entry(serial)
                    .and_modify(|known: &mut Revocation| known.join(&revocation))
                    .or_insert(revocation);
            }
        }
        let start = whole.raw().len() - whole.value().len();
        let number = list.iter().find(|e| e.oid == oid::CRL_NUMBER);
        let number =
            number.and_then(|e| Tlv::parse(&e.value, 64).ok()?.unsigned().ok().map(<[u8]>::to_vec));
        Ok(Self(Arc::new(Inner {
            tbs: start..start + tbs.raw().len(),
            raw: bytes.to_vec(),
            issuer,
            this_update: fields.this_update,
            next_update: fields.next_update,
            entries,
            number,
            scope,
            signature: SignatureValue { algorithm: outer, value: value.to_vec() },
            deviations,
            checked: OnceLock::new(),
        })))
    }

    /// All bytes as stored.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        &self.0.raw
    }

    /// The signed bytes as stored.
    #[must_use]
    pub fn tbs(&self) -> &[u8] {
        self.0.raw.get(self.0.tbs.clone()).unwrap_or_default()
    }

    /// Whose list it is.
    #[must_use]
    pub fn issuer(&self) -> &Name {
        &self.0.issuer
    }

    /// When it was made.
    #[must_use]
    pub fn this_update(&self) -> UnixTime {
        self.0.this_update
    }

    /// When the next one is due.
    #[must_use]
    pub fn next_update(&self) -> Option<UnixTime> {
        self.0.next_update
    }

    /// Its number, if it fits.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        let number = self.0.number.as_ref().filter(|n| n.len() <= 8)?;
        Some(number.iter().fold(0, |n, b| (n << 8) | u64::from(*b)))
    }

    /// How many certificates it names.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.entries.len()
    }

    /// Whether it names none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.entries.is_empty()
    }

    /// Every serial number that it names, without leading zeros, in their order.
    pub fn entries(&self) -> impl Iterator<Item = (&[u8], &Revocation)> {
        self.0.entries.iter().map(|(serial, revocation)| (serial.as_slice(), revocation))
    }

    /// What it says of a serial number.
    #[must_use]
    pub fn find(&self, serial: &[u8]) -> Option<Revocation> {
        self.0.entries.get(without_zeros(serial)).copied()
    }

    /// The algorithm and value of its signature.
    #[must_use]
    pub fn signature(&self) -> &SignatureValue {
        &self.0.signature
    }

    /// What departs harmlessly from the standard's form.
    #[must_use]
    pub fn deviations(&self) -> &[Deviation] {
        &self.0.deviations
    }

    /// PEM, as files carry it.
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem::encode(pem::CRL, self.raw())
    }

    /// Whether this issuer made it: name, right to sign lists, signature. The outcome of the last is remembered.
    ///
    /// # Errors
    /// The reason why not.
    pub fn check_issuer(&self, issuer: &Certificate) -> Result<(), Reason> {
        if issuer.subject() != self.issuer()
            || issuer.key_usage().is_some_and(|u| !u.allows_any(KeyUsage::CRL_SIGN))
        {
            return Err(Reason::CertUsageWrong);
        }
        if self.is_checked(issuer) {
            return Ok(());
        }
        self.signature().verify(issuer.public_key(), self.tbs())?;
        // A key under which it does not verify keeps nobody else's place.
        drop(self.0.checked.set(issuer.spki().to_vec()));
        Ok(())
    }

    /// Whether its signature was already found to be right under this issuer's key.
    pub(crate) fn is_checked(&self, issuer: &Certificate) -> bool {
        self.0.checked.get().is_some_and(|key| key == issuer.spki())
    }

    /// Whether its silence about this certificate means that the certificate is not revoked.
    pub(crate) fn covers(&self, certificate: &Certificate) -> bool {
        self.0.scope.covers(certificate)
    }
}

impl fmt::Debug for Crl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Crl(of {}, {} entries, {})", self.issuer(), self.len(), self.this_update())
    }
}

impl PartialEq for Crl {
    fn eq(&self, other: &Self) -> bool {
        self.0.raw == other.0.raw
    }
}

impl Eq for Crl {}

struct Fields<'a> {
    algorithm: Tlv<'a>,
    issuer: Tlv<'a>,
    this_update: UnixTime,
    next_update: Option<UnixTime>,
    revoked: Option<Tlv<'a>>,
    extensions: Option<Tlv<'a>>,
}

impl<'a> Fields<'a> {
    fn read(tbs: &Tlv<'a>, deviations: &mut Vec<Deviation>) -> Result<Self, TlvError> {
        let mut r = tbs.children()?;
        let version = r.optional(tag::INTEGER)?.map(|v| v.u64()).transpose()?;
        let algorithm = r.read(tag::SEQUENCE)?;
        let issuer = r.read(tag::SEQUENCE)?;
        let (this_update, mut standard) = r.any()?.time_and_form()?;
        let next_update = match r.peek() {
            Some(tag::UTC_TIME | tag::GENERALIZED_TIME) => {
                let (time, form) = r.any()?.time_and_form()?;
                standard &= form;
                Some(time)
            }
            _ => None,
        };
        let revoked = r.optional(tag::SEQUENCE)?;
        let extensions = r.optional(tag::context(0))?.map(|e| e.only_child()).transpose()?;
        r.finish()?;
        if !standard {
            deviations.push(Deviation::TimeForm);
        }
        if version != Some(1) {
            deviations.push(Deviation::Version { found: version.unwrap_or(0) });
        }
        Ok(Self { algorithm, issuer, this_update, next_update, revoked, extensions })
    }
}

type Entry = (Vec<u8>, Revocation, bool);

/// Reads an entry, and whether all its critical extensions are known.
fn read_entry(item: &Tlv<'_>, deviations: &mut Vec<Deviation>) -> Result<Entry, PkiError> {
    let malformed = PkiError::malformed(Kind::Crl);
    let mut fields = item.expect(tag::SEQUENCE).and_then(|t| t.children()).map_err(&malformed)?;
    let serial = fields.read(tag::INTEGER).and_then(|t| t.integer()).map_err(&malformed)?;
    let at = fields.any().and_then(|t| t.time()).map_err(&malformed)?;
    let list = fields.optional(tag::SEQUENCE).map_err(&malformed)?;
    fields.finish().map_err(&malformed)?;
    let list = list.map_or(Ok(Vec::new()), |e| read_list(&e, Kind::Crl, deviations))?;
    let mut out = Revocation { at, since: at, reason: CrlReason::Unspecified };
    let mut known = true;
    for extension in &list {
        known &= take_in(&mut out, extension).map_err(&malformed)? || !extension.critical;
    }
    Ok((without_zeros(serial).to_vec(), out, known))
}

fn take_in(out: &mut Revocation, extension: &Extension) -> Result<bool, TlvError> {
    let tlv = Tlv::parse(&extension.value, 4096)?;
    match extension.oid {
        oid::REASON_CODE => {
            let code = tlv.expect(tag::ENUMERATED)?.value();
            // An unknown code is still a revocation.
            out.reason = code
                .first()
                .and_then(|c| CrlReason::from_code(*c))
                .unwrap_or(CrlReason::Unspecified);
        }
        oid::INVALIDITY_DATE => out.since = out.at.min(tlv.time()?),
        _ => return Ok(false),
    }
    Ok(true)
}

/// Two's complement without needless zeros, so that padded serial numbers meet their twins.
fn without_zeros(serial: &[u8]) -> &[u8] {
    let zeros = serial.iter().take_while(|b| **b == 0).count();
    serial.get(zeros..).unwrap_or_default()
}
