//! Signed messages of GB/T 35275 (GM/T 0010): read, made, verified.

mod make;
mod verify;

use core::fmt;

use der::asn1::ObjectIdentifier;
use yinxin_verdict::UnixTime;

pub use make::{Content, Options, make};
pub use verify::Signer;

use crate::{
    certificate::Certificate,
    crl::Crl,
    deviation::Deviation,
    error::{Counted, Kind, PkiError},
    name::Name,
    oid, pem,
    signature::Algorithm,
    store::Pool,
    tlv::{self, Tlv, TlvError, tag},
};

/// The largest message that is read, content included: an OFD with its pictures; larger content is signed detached.
const MAX_BYTES: usize = 64 * 1024 * 1024;
/// Certificates in a message: a chain for each of a few signers. Real messages carry one to four.
const MAX_CERTIFICATES: usize = 64;
/// Signers of a message. Real messages have one.
const MAX_SIGNERS: usize = 16;
/// Attributes of a signer. Real ones have three or four.
const MAX_ATTRIBUTES: usize = 64;

/// A signed message.
///
/// ```asn1
/// ContentInfo ::= SEQUENCE { contentType OBJECT IDENTIFIER, content [0] EXPLICIT ANY OPTIONAL }
/// SignedData ::= SEQUENCE {
///   version INTEGER (1), digestAlgorithms SET OF AlgorithmIdentifier, contentInfo ContentInfo,
///   certificates [0] IMPLICIT SET OF Certificate OPTIONAL, crls [1] IMPLICIT SET OF CertificateList OPTIONAL,
///   signerInfos SET OF SignerInfo }
/// ```
#[derive(Clone)]
pub struct SignedData {
    raw: Vec<u8>,
    content_type: ObjectIdentifier,
    content: Option<Vec<u8>>,
    pool: Pool,
    signers: Vec<SignerInfo>,
    deviations: Vec<Deviation>,
}

/// ```asn1
/// SignerInfo ::= SEQUENCE {
///   version INTEGER (1), issuerAndSerialNumber SEQUENCE { issuer Name, serialNumber INTEGER }, digestAlgorithm AlgorithmIdentifier,
///   authenticatedAttributes [0] IMPLICIT SET OF Attribute OPTIONAL, digestEncryptionAlgorithm AlgorithmIdentifier,
///   encryptedDigest OCTET STRING, unauthenticatedAttributes [1] IMPLICIT SET OF Attribute OPTIONAL }
/// ```
#[derive(Clone, Debug)]
pub struct SignerInfo {
    issuer: Name,
    serial: Vec<u8>,
    digest_algorithm: ObjectIdentifier,
    /// As stored, under the tag of a SET: what is signed when there are any.
    attributes_raw: Option<Vec<u8>>,
    attributes: Vec<(ObjectIdentifier, Vec<u8>)>,
    signature_algorithm: ObjectIdentifier,
    signature: Vec<u8>,
    unsigned: Vec<(ObjectIdentifier, Vec<u8>)>,
}

impl SignedData {
    /// Reads a message, DER or PEM.
    ///
    /// # Errors
    /// [`PkiError`] when it cannot be read; a certificate inside that cannot be read is left out and told as a deviation.
    pub fn parse(bytes: &[u8]) -> Result<Self, PkiError> {
        match pem::sniff(bytes) {
            Some(_) => {
                let block = pem::first(bytes, pem::PKCS7)?
                    .ok_or(PkiError::NotFound { kind: Kind::SignedData })?;
                Self::from_der(&block)
            }
            None => Self::from_der(bytes),
        }
    }

    fn from_der(bytes: &[u8]) -> Result<Self, PkiError> {
        let bad = PkiError::malformed(Kind::SignedData);
        let whole = Tlv::parse(bytes, MAX_BYTES).map_err(&bad)?;
        let mut deviations = tlv::quirks(bytes);
        let (kind, body) = content_info(&whole).map_err(&bad)?;
        if ![oid::GM_SIGNED_DATA, oid::PKCS7_SIGNED_DATA].contains(&kind) {
            return Err(PkiError::NotFound { kind: Kind::SignedData });
        }
        let body = body.ok_or_else(|| bad(TlvError::Truncated))?;
        let mut fields = body.expect(tag::SEQUENCE).and_then(|t| t.children()).map_err(&bad)?;
        let version = fields.read(tag::INTEGER).and_then(|v| v.u64()).map_err(&bad)?;
        if version != 1 {
            deviations.push(Deviation::Version { found: version });
        }
        fields.read(tag::SET).map_err(&bad)?;
        let inner = fields.read(tag::SEQUENCE).map_err(&bad)?;
        let certificates = fields.optional(tag::context(0)).map_err(&bad)?;
        let crls = fields.optional(tag::context(1)).map_err(&bad)?;
        let infos = fields.read(tag::SET).map_err(&bad)?;
        fields.finish().map_err(&bad)?;
        let (content_type, content) = content_info(&inner).map_err(&bad)?;
        Ok(Self {
            raw: bytes.to_vec(),
            content_type,
            content: content.map(|c| content_octets(&c)),
            pool: read_pool(certificates, crls, &mut deviations)?,
            signers: read_signers(&infos)?,
            deviations,
        })
    }

    /// All bytes as stored.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// The type of the content.
    #[must_use]
    pub const fn content_type(&self) -> ObjectIdentifier {
        self.content_type
    }

    /// The content, unless it is detached.
    #[must_use]
    pub fn content(&self) -> Option<&[u8]> {
        self.content.as_deref()
    }

    /// The certificates and lists that came along.
    #[must_use]
    pub const fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Who signed.
    #[must_use]
    pub fn signers(&self) -> &[SignerInfo] {
        &self.signers
    }

    /// What departs harmlessly from the standard's form.
    #[must_use]
    pub fn deviations(&self) -> &[Deviation] {
        &self.deviations
    }

    /// The certificate that a signer names, if it came along.
    #[must_use]
    pub fn certificate_of(&self, signer: &SignerInfo) -> Option<&Certificate> {
        self.pool.certificates.iter().find(|c| signer.is_of(c))
    }
}

impl fmt::Debug for SignedData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { content_type, content, pool, signers, .. } = self;
        let (certificates, signers) = (pool.certificates.len(), signers.len());
        let length = content.as_ref().map(Vec::len);
        write!(
            f,
            "SignedData({content_type}, {length:?} octets, {certificates} certificates, {signers} signers)"
        )
    }
}

impl SignerInfo {
    /// Who issued the signer's certificate.
    #[must_use]
    pub const fn issuer(&self) -> &Name {
        &self.issuer
    }

    /// The serial number of the signer's certificate.
    #[must_use]
    pub fn serial(&self) -> &[u8] {
        &self.serial
    }

    /// When the signer says that it signed.
    #[must_use]
    pub fn signing_time(&self) -> Option<UnixTime> {
        Tlv::parse(self.attribute(&oid::SIGNING_TIME)?, MAX_BYTES).ok()?.time().ok()
    }

    /// The value of a signed attribute, as stored.
    #[must_use]
    pub fn attribute(&self, oid: &ObjectIdentifier) -> Option<&[u8]> {
        self.attributes.iter().find(|(o, _)| o == oid).map(|(_, v)| v.as_slice())
    }

    /// The value of an unsigned attribute, as stored: a time-stamp token over the signature value.
    #[must_use]
    pub fn unsigned_attribute(&self, oid: &ObjectIdentifier) -> Option<&[u8]> {
        self.unsigned.iter().find(|(o, _)| o == oid).map(|(_, v)| v.as_slice())
    }

    /// The signature value.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Whether it names this certificate.
    #[must_use]
    pub fn is_of(&self, certificate: &Certificate) -> bool {
        let bare =
            |serial: &[u8]| serial.iter().copied().skip_while(|b| *b == 0).collect::<Vec<_>>();
        *certificate.issuer() == self.issuer && bare(certificate.serial()) == bare(&self.serial)
    }
}

type Info<'a> = (ObjectIdentifier, Option<Tlv<'a>>);

fn content_info<'a>(tlv: &Tlv<'a>) -> Result<Info<'a>, TlvError> {
    let mut fields = tlv.expect(tag::SEQUENCE)?.children()?;
    let kind = fields.read(tag::OID)?.oid()?;
    let content = fields.optional(tag::context(0))?.map(|c| c.only_child()).transpose()?;
    fields.finish()?;
    Ok((kind, content))
}

/// Data is an OCTET STRING; anything else is signed as it stands.
fn content_octets(tlv: &Tlv<'_>) -> Vec<u8> {
    tlv.octets().map_or_else(|_| tlv.raw().to_vec(), <[u8]>::to_vec)
}

fn read_pool(
    certificates: Option<Tlv<'_>>,
    crls: Option<Tlv<'_>>,
    deviations: &mut Vec<Deviation>,
) -> Result<Pool, PkiError> {
    let bad = PkiError::malformed(Kind::SignedData);
    let items = |set: Option<Tlv<'_>>| match set.map(|s| s.children().and_then(|r| r.all())) {
        Some(Ok(list)) if list.len() > MAX_CERTIFICATES => {
            Err(PkiError::TooMany { what: Counted::Certificates, limit: MAX_CERTIFICATES })
        }
        Some(list) => Ok(list.map_err(&bad)?.iter().map(|t| t.raw().to_vec()).collect::<Vec<_>>()),
        None => Ok(Vec::new()),
    };
    let mut pool = Pool::new();
    for raw in items(certificates)? {
        match Certificate::parse(&raw) {
            Ok(certificate) => pool.certificates.push(certificate),
            Err(error) => deviations.push(Deviation::Strict { says: error.to_string() }),
        }
    }
    for raw in items(crls)? {
        match Crl::parse(&raw) {
            Ok(crl) => pool.crls.push(crl),
            Err(error) => deviations.push(Deviation::Strict { says: error.to_string() }),
        }
    }
    Ok(pool)
}

fn read_signers(set: &Tlv<'_>) -> Result<Vec<SignerInfo>, PkiError> {
    let bad = PkiError::malformed(Kind::SignedData);
    let items = set.children().and_then(|r| r.all()).map_err(&bad)?;
    if items.len() > MAX_SIGNERS {
        return Err(PkiError::TooMany { what: Counted::Signers, limit: MAX_SIGNERS });
    }
    items.iter().map(|item| read_signer(item).map_err(&bad)).collect()
}

fn read_signer(item: &Tlv<'_>) -> Result<SignerInfo, TlvError> {
    let mut fields = item.expect(tag::SEQUENCE)?.children()?;
    fields.read(tag::INTEGER)?.u64()?;
    let mut named = fields.read(tag::SEQUENCE)?.children()?;
    let issuer = Name::read(&named.read(tag::SEQUENCE)?, &mut Vec::new())?;
    let serial = named.read(tag::INTEGER)?.integer()?.to_vec();
    named.finish()?;
    let digest_algorithm = Algorithm::read(&fields.read(tag::SEQUENCE)?)?.oid;
    let signed = fields.optional(tag::context(0))?;
    let signature_algorithm = Algorithm::read(&fields.read(tag::SEQUENCE)?)?.oid;
    let signature = fields.read(tag::OCTET_STRING)?.octets()?.to_vec();
    let unsigned = fields.optional(tag::context(1))?;
    fields.finish()?;
    Ok(SignerInfo {
        issuer,
        serial,
        digest_algorithm,
        attributes_raw: signed
            .map(|s| [&[tag::SET], s.raw().get(1..).unwrap_or_default()].concat()),
        attributes: signed.map_or(Ok(Vec::new()), |s| read_attributes(&s))?,
        signature_algorithm,
        signature,
        unsigned: unsigned.map_or(Ok(Vec::new()), |s| read_attributes(&s))?,
    })
}

/// The first value of each attribute; one that stands twice, or with several values, could be read in two ways.
fn read_attributes(set: &Tlv<'_>) -> Result<Vec<(ObjectIdentifier, Vec<u8>)>, TlvError> {
    let mut out: Vec<(ObjectIdentifier, Vec<u8>)> = Vec::new();
    for item in set.children()?.all()? {
        let mut fields = item.expect(tag::SEQUENCE)?.children()?;
        let oid = fields.read(tag::OID)?.oid()?;
        let value = fields.read(tag::SET)?.only_child()?;
        fields.finish()?;
        if out.len() == MAX_ATTRIBUTES || out.iter().any(|(o, _)| *o == oid) {
            return Err(TlvError::Content { tag: item.tag() });
        }
        out.push((oid, value.raw().to_vec()));
    }
    Ok(out)
}
