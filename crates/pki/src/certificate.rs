//! Certificates as they are: bytes first, fields read leniently, every deviation told.

mod extensions;
mod fields;
mod general_name;

use core::fmt;
use std::sync::Arc;

use der::asn1::ObjectIdentifier;
use yinxin_gm::sm2::PublicKey;
use yinxin_verdict::UnixTime;

pub use extensions::{BasicConstraints, Extension, KeyUsage};
pub use general_name::{GeneralName, NameConstraints};

pub(crate) use extensions::{Extensions, point_names, read_list};
use fields::Fields;

use crate::{
    deviation::Deviation,
    error::{Kind, PkiError},
    key::PublicKeyInfo,
    name::Name,
    pem,
    signature::{Algorithm, SignatureValue},
    tlv::{self, Tlv, TlvError, tag},
};

/// The largest certificate that is read. Real ones stay below 4 KiB; the largest of x509-limbo has 30.
pub(crate) const MAX_BYTES: usize = 64 * 1024;

/// An X.509 certificate; copies share its bytes.
///
/// ```asn1
/// Certificate ::= SEQUENCE { tbsCertificate TBSCertificate, signatureAlgorithm AlgorithmIdentifier, signature BIT STRING }
/// TBSCertificate ::= SEQUENCE {
///   version [0] EXPLICIT INTEGER DEFAULT v1(0), serialNumber INTEGER, signature AlgorithmIdentifier, issuer Name,
///   validity SEQUENCE { notBefore Time, notAfter Time }, subject Name, subjectPublicKeyInfo SubjectPublicKeyInfo,
///   issuerUniqueID [1] IMPLICIT BIT STRING OPTIONAL, subjectUniqueID [2] IMPLICIT BIT STRING OPTIONAL,
///   extensions [3] EXPLICIT SEQUENCE OF Extension OPTIONAL }
/// ```
#[derive(Clone)]
pub struct Certificate(Arc<Inner>);

struct Inner {
    raw: Vec<u8>,
    tbs: Vec<u8>,
    serial: Vec<u8>,
    issuer: Name,
    subject: Name,
    not_before: UnixTime,
    not_after: UnixTime,
    spki: Vec<u8>,
    public_key: PublicKeyInfo,
    extensions: Extensions,
    signature: SignatureValue,
    deviations: Vec<Deviation>,
}

impl Certificate {
    /// Reads a certificate, DER or PEM. What departs harmlessly from the standard is in [`Certificate::deviations`].
    ///
    /// # Errors
    /// [`PkiError`] when it cannot be read, when algorithms inside and outside differ, an extension stands twice, one that
    /// decisions rest on is malformed, or the key is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, PkiError> {
        match pem::sniff(bytes) {
            Some(_) => {
                let der = pem::first(bytes, pem::CERTIFICATE)?
                    .ok_or(PkiError::NotFound { kind: Kind::Certificate })?;
                Self::from_der(&der)
            }
            None => Self::from_der(bytes),
        }
    }

    /// Reads a certificate of ours: nothing may depart from the standard.
    ///
    /// # Errors
    /// As [`Certificate::parse`], and [`PkiError::Deviates`].
    pub fn parse_strict(bytes: &[u8]) -> Result<Self, PkiError> {
        let certificate = Self::parse(bytes)?;
        match certificate.deviations() {
            [] => Ok(certificate),
            [first, ..] => Err(PkiError::Deviates { how: first.to_string() }),
        }
    }

    fn from_der(bytes: &[u8]) -> Result<Self, PkiError> {
        let malformed = PkiError::malformed(Kind::Certificate);
        let whole = Tlv::parse(bytes, MAX_BYTES).map_err(&malformed)?;
        let mut deviations = tlv::quirks(bytes);
        let (tbs, algorithm, signature) = split_signed(&whole).map_err(&malformed)?;
        let fields = Fields::read(&tbs).map_err(&malformed)?;
        let (outer, inner) = (Algorithm::read(&algorithm), Algorithm::read(&fields.algorithm));
        let (outer, inner) = (outer.map_err(&malformed)?, inner.map_err(&malformed)?);
        if outer != inner {
            return Err(PkiError::AlgorithmMismatch { signed: inner.oid, outer: outer.oid });
        }
        let issuer = Name::read(&fields.issuer, &mut deviations).map_err(&malformed)?;
        let subject = Name::read(&fields.subject, &mut deviations).map_err(&malformed)?;
        let public_key = PublicKeyInfo::read(&fields.spki, &mut deviations)?;
        let list = fields
            .extensions
            .map_or(Ok(Vec::new()), |e| read_list(&e, Kind::Certificate, &mut deviations))?;
        if fields.version != 2 {
            if !list.is_empty() {
                let how = format!("extensions in version {}", fields.version);
                return Err(PkiError::Deviates { how });
            }
            deviations.push(Deviation::Version { found: fields.version });
        }
        let extensions = Extensions::interpret(list, &mut deviations)?;
        let (not_before, not_after) = fields.validity(&mut deviations).map_err(&malformed)?;
        let serial = fields.serial.integer().map_err(&malformed)?.to_vec();
        if serial.len() > 20 || serial[0] & 0x80 != 0 || serial == [0] {
            deviations.push(Deviation::Serial { octets: serial.len() });
        }
        strict_reader(bytes, &mut deviations);
        Ok(Self(Arc::new(Inner {
            raw: bytes.to_vec(),
            tbs: tbs.raw().to_vec(),
            serial,
            issuer,
            subject,
            not_before,
            not_after,
            spki: fields.spki.raw().to_vec(),
            public_key,
            extensions,
            signature: SignatureValue { algorithm: outer, value: signature.to_vec() },
            deviations,
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
        &self.0.tbs
    }

    /// The serial number: the contents of its INTEGER.
    #[must_use]
    pub fn serial(&self) -> &[u8] {
        &self.0.serial
    }

    /// The serial number in hexadecimal.
    #[must_use]
    pub fn serial_hex(&self) -> String {
        self.0.serial.iter().fold(String::new(), |s, b| s + &format!("{b:02x}"))
    }

    /// Who issued it.
    #[must_use]
    pub fn issuer(&self) -> &Name {
        &self.0.issuer
    }

    /// Whom it names.
    #[must_use]
    pub fn subject(&self) -> &Name {
        &self.0.subject
    }

    /// The subject's unified social credit code, see [`Name::organisation_code`].
    #[must_use]
    pub fn organisation_code(&self) -> Option<&str> {
        self.0.subject.organisation_code()
    }

    /// The first instant at which it is valid.
    #[must_use]
    pub fn not_before(&self) -> UnixTime {
        self.0.not_before
    }

    /// The last second at which it is valid.
    #[must_use]
    pub fn not_after(&self) -> UnixTime {
        self.0.not_after
    }

    /// The subject's key.
    #[must_use]
    pub fn public_key(&self) -> &PublicKeyInfo {
        &self.0.public_key
    }

    /// The subject's key if it is one for SM2.
    #[must_use]
    pub fn sm2_key(&self) -> Option<&PublicKey> {
        self.0.public_key.sm2()
    }

    /// The `SubjectPublicKeyInfo` as stored.
    #[must_use]
    pub fn spki(&self) -> &[u8] {
        &self.0.spki
    }

    /// The algorithm and value of its signature.
    #[must_use]
    pub fn signature(&self) -> &SignatureValue {
        &self.0.signature
    }

    /// The key usage, when it is limited.
    #[must_use]
    pub fn key_usage(&self) -> Option<KeyUsage> {
        self.0.extensions.key_usage
    }

    /// The extended key usage, when it is limited.
    #[must_use]
    pub fn extended_key_usage(&self) -> Option<&[ObjectIdentifier]> {
        self.0.extensions.extended_key_usage.as_deref()
    }

    /// Whether it may issue, and how deep.
    #[must_use]
    pub fn basic_constraints(&self) -> Option<BasicConstraints> {
        self.0.extensions.basic_constraints
    }

    /// The names beside the subject.
    #[must_use]
    pub fn alternative_names(&self) -> &[GeneralName] {
        &self.0.extensions.alternative_names
    }

    /// The identifier of its key.
    #[must_use]
    pub fn subject_key_identifier(&self) -> Option<&[u8]> {
        self.0.extensions.subject_key.as_deref()
    }

    /// The identifier of its issuer's key.
    #[must_use]
    pub fn authority_key_identifier(&self) -> Option<&[u8]> {
        self.0.extensions.authority_key.as_deref()
    }

    /// Every extension.
    #[must_use]
    pub fn extensions(&self) -> &[Extension] {
        &self.0.extensions.list
    }

    /// What departs harmlessly from the standard's form.
    #[must_use]
    pub fn deviations(&self) -> &[Deviation] {
        &self.0.deviations
    }

    /// Whether it names itself as its issuer.
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.0.issuer == self.0.subject
    }

    /// Whether it says that it is a CA's.
    #[must_use]
    pub fn is_ca(&self) -> bool {
        self.basic_constraints().is_some_and(|b| b.ca)
    }

    /// PEM, as files carry it.
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem::encode(pem::CERTIFICATE, self.raw())
    }

    pub(crate) fn details(&self) -> &Extensions {
        &self.0.extensions
    }

    /// The subject for people: its common name, else the whole.
    #[must_use]
    pub fn title(&self) -> String {
        let subject = self.subject();
        let title = subject.common_name().map_or_else(|| subject.to_string(), str::to_owned);
        title.chars().filter(|c| !c.is_control()).collect()
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.0.raw == other.0.raw
    }
}

impl Eq for Certificate {}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Certificate({} by {}, serial {})",
            self.subject(),
            self.issuer(),
            self.serial_hex()
        )
    }
}

/// `SEQUENCE { signed part, AlgorithmIdentifier, BIT STRING }`, the frame of certificates, lists and requests.
pub(crate) fn split_signed<'a>(whole: &Tlv<'a>) -> Result<(Tlv<'a>, Tlv<'a>, &'a [u8]), TlvError> {
    let mut parts = whole.expect(tag::SEQUENCE)?.children()?;
    let tbs = parts.read(tag::SEQUENCE)?;
    let algorithm = parts.read(tag::SEQUENCE)?;
    let signature = parts.read(tag::BIT_STRING)?.bit_octets()?;
    parts.finish()?;
    Ok((tbs, algorithm, signature))
}

/// A second opinion: what a strict reader refuses is told, but decides nothing. Two readers that both decide would be two truths.
fn strict_reader(bytes: &[u8], deviations: &mut Vec<Deviation>) {
    use x509_parser::{extensions::ParsedExtension, prelude::FromDer};
    match x509_parser::certificate::X509Certificate::from_der(bytes) {
        Err(error) => deviations.push(Deviation::Strict { says: error.to_string() }),
        Ok((_, certificate)) => {
            for extension in certificate.extensions() {
                if let ParsedExtension::ParseError { error } = extension.parsed_extension() {
                    let says = format!("extension {}: {error}", extension.oid);
                    deviations.push(Deviation::Strict { says });
                }
            }
        }
    }
}
