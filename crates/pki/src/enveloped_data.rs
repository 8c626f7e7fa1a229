//! Enveloped messages of GB/T 35275 (GM/T 0010): content under SM4, its key under each recipient's SM2 key.
//!
//! The standard's own cipher is SM4-CBC, which does not notice changed content; ours is SM4-GCM. Which one a reader accepts is the
//! caller's word, never the message's: else whoever changes the algorithm's name turns checked content into unchecked.

mod make;

use core::fmt;

use der::asn1::ObjectIdentifier;
use yinxin_gm::{
    sm2::{Ciphertext, PrivateKey},
    sm4::{cbc, gcm},
};
use zeroize::Zeroizing;

pub use make::make;

use crate::{
    certificate::Certificate,
    error::{Counted, Kind, PkiError},
    name::Name,
    oid, pem,
    signature::Algorithm,
    tlv::{Tlv, TlvError, tag},
};

/// The largest message that is read, as of a signed one; larger content travels in a streamed envelope.
const MAX_BYTES: usize = 64 * 1024 * 1024;
/// Recipients of a message: every department of a province's hall. Real messages have one to ten.
const MAX_RECIPIENTS: usize = 1024;

/// How content is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "the standard's one, and ours")]
pub enum Cipher {
    /// SM4-CBC, as the standard has it: **changed content is not noticed**, so sign it first and verify after decryption.
    Cbc,
    /// SM4-GCM with a nonce of 12 and a tag of 16 octets, the tag behind the ciphertext.
    Gcm,
}

/// An enveloped message.
///
/// ```asn1
/// ContentInfo ::= SEQUENCE { contentType OBJECT IDENTIFIER, content [0] EXPLICIT ANY OPTIONAL }
/// EnvelopedData ::= SEQUENCE {
///   version INTEGER (1), recipientInfos SET OF RecipientInfo, encryptedContentInfo EncryptedContentInfo }
/// EncryptedContentInfo ::= SEQUENCE {
///   contentType OBJECT IDENTIFIER, contentEncryptionAlgorithm AlgorithmIdentifier,
///   encryptedContent [0] IMPLICIT OCTET STRING OPTIONAL,
///   sharedInfo1 [1] IMPLICIT OCTET STRING OPTIONAL, sharedInfo2 [2] IMPLICIT OCTET STRING OPTIONAL }
/// ```
///
/// ```
/// use yinxin_pki::{Subject, ca::{Period, self_signed}, enveloped_data::{Cipher, EnvelopedData, make}};
/// # use rand_core::UnwrapErr;
/// # use yinxin_gm::sm2::PrivateKey;
/// # use yinxin_verdict::UnixTime;
/// # let rng = &mut UnwrapErr(getrandom::SysRng);
/// # let key = PrivateKey::generate(rng);
/// # let certificate = self_signed(Subject::new("r").to_name()?, &key, Period::days(UnixTime::EPOCH, 1), None, rng)?;
/// let message = make(b"rows", &[certificate.clone()], Cipher::Gcm, rng)?;
/// let read = EnvelopedData::parse(&message)?;
/// assert_eq!(read.open(&certificate, &key, Cipher::Gcm)?.as_slice(), b"rows");
/// # Ok::<(), yinxin_pki::PkiError>(())
/// ```
#[derive(Clone)]
pub struct EnvelopedData {
    recipients: Vec<RecipientInfo>,
    content_type: ObjectIdentifier,
    cipher: Cipher,
    /// 16 octets for CBC, 12 for GCM.
    nonce: Vec<u8>,
    encrypted: Vec<u8>,
}

/// ```asn1
/// RecipientInfo ::= SEQUENCE {
///   version INTEGER (1), issuerAndSerialNumber SEQUENCE { issuer Name, serialNumber INTEGER },
///   keyEncryptionAlgorithm AlgorithmIdentifier, encryptedKey OCTET STRING }
/// ```
#[derive(Clone, Debug)]
pub struct RecipientInfo {
    issuer: Name,
    serial: Vec<u8>,
    encrypted_key: Vec<u8>,
}

impl EnvelopedData {
    /// Reads a message, DER or PEM.
    ///
    /// # Errors
    /// [`PkiError`] when it cannot be read, or uses an algorithm that is not known.
    pub fn parse(bytes: &[u8]) -> Result<Self, PkiError> {
        match pem::sniff(bytes) {
            Some(_) => {
                let block = pem::first(bytes, pem::PKCS7)?
                    .ok_or(PkiError::NotFound { kind: Kind::EnvelopedData })?;
                Self::from_der(&block)
            }
            None => Self::from_der(bytes),
        }
    }

    fn from_der(bytes: &[u8]) -> Result<Self, PkiError> {
        let bad = PkiError::malformed(Kind::EnvelopedData);
        let whole = Tlv::parse(bytes, MAX_BYTES).map_err(&bad)?;
        let mut outer = whole.expect(tag::SEQUENCE).and_then(|t| t.children()).map_err(&bad)?;
        let kind = outer.read(tag::OID).and_then(|t| t.oid()).map_err(&bad)?;
        if ![oid::GM_ENVELOPED_DATA, oid::PKCS7_ENVELOPED_DATA].contains(&kind) {
            return Err(PkiError::NotFound { kind: Kind::EnvelopedData });
        }
        let body = outer.read(tag::context(0)).and_then(|t| t.only_child()).map_err(&bad)?;
        outer.finish().map_err(&bad)?;
        let mut fields = body.expect(tag::SEQUENCE).and_then(|t| t.children()).map_err(&bad)?;
        fields.read(tag::INTEGER).and_then(|v| v.u64()).map_err(&bad)?;
        let infos = fields.read(tag::SET).map_err(&bad)?;
        let content = fields.read(tag::SEQUENCE).map_err(&bad)?;
        fields.finish().map_err(&bad)?;
        let recipients = read_recipients(&infos)?;
        let mut fields = content.children().map_err(&bad)?;
        let content_type = fields.read(tag::OID).and_then(|t| t.oid()).map_err(&bad)?;
        let algorithm = fields.read(tag::SEQUENCE).map_err(&bad)?;
        let encrypted = fields.any().and_then(|t| implicit_octets(&t)).map_err(&bad)?;
        // What both sides are said to share in advance plays no part in decryption.
        fields.optional(tag::context_primitive(1)).map_err(&bad)?;
        fields.optional(tag::context_primitive(2)).map_err(&bad)?;
        fields.finish().map_err(&bad)?;
        let (cipher, nonce) = read_cipher(&algorithm)?;
        Ok(Self { recipients, content_type, cipher, nonce, encrypted })
    }

    /// The type of the content.
    #[must_use]
    pub const fn content_type(&self) -> ObjectIdentifier {
        self.content_type
    }

    /// How the content says it is encrypted.
    #[must_use]
    pub const fn cipher(&self) -> Cipher {
        self.cipher
    }

    /// The encrypted content: its initial vector or nonce, and its octets, with GCM's tag at their end.
    #[must_use]
    pub fn encrypted_content(&self) -> (&[u8], &[u8]) {
        (&self.nonce, &self.encrypted)
    }

    /// To whom it is addressed.
    #[must_use]
    pub fn recipients(&self) -> &[RecipientInfo] {
        &self.recipients
    }

    /// The content, for one recipient. `accept` is what was agreed on, not what the message says.
    ///
    /// # Errors
    /// [`PkiError::NotAddressed`] when no entry names the certificate, [`PkiError::CipherRefused`] for another cipher than agreed,
    /// [`PkiError::DecryptionFailed`] for anything else: it does not tell which step failed.
    pub fn open(
        &self,
        certificate: &Certificate,
        key: &PrivateKey,
        accept: Cipher,
    ) -> Result<Zeroizing<Vec<u8>>, PkiError> {
        if self.cipher != accept {
            return Err(PkiError::CipherRefused);
        }
        let info = self.recipients.iter().find(|r| r.is_of(certificate));
        let info = info.ok_or(PkiError::NotAddressed)?;
        let failed = |_| PkiError::DecryptionFailed;
        let wrapped = Ciphertext::from_der(&info.encrypted_key).map_err(failed)?;
        let plain = key.decrypt(&wrapped).map_err(failed)?;
        let mut content_key = Zeroizing::new([0; 16]);
        if plain.len() != content_key.len() {
            return Err(PkiError::DecryptionFailed);
        }
        content_key.copy_from_slice(&plain);
        match self.cipher {
            Cipher::Gcm => gcm::open(&content_key, &self.nonce, &[], &self.encrypted),
            Cipher::Cbc => {
                let iv =
                    self.nonce.as_slice().try_into().map_err(|_| PkiError::DecryptionFailed)?;
                cbc::decrypt_pkcs7(&content_key, iv, &self.encrypted)
            }
        }
        .map_err(failed)
    }
}

impl fmt::Debug for EnvelopedData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { recipients, cipher, encrypted, .. } = self;
        let (recipients, octets) = (recipients.len(), encrypted.len());
        write!(f, "EnvelopedData({cipher:?}, {recipients} recipients, {octets} octets)")
    }
}

impl RecipientInfo {
    /// Who issued the recipient's certificate.
    #[must_use]
    pub const fn issuer(&self) -> &Name {
        &self.issuer
    }

    /// The serial number of the recipient's certificate.
    #[must_use]
    pub fn serial(&self) -> &[u8] {
        &self.serial
    }

    /// The content key under the recipient's key: an `SM2Cipher`, DER.
    #[must_use]
    pub fn encrypted_key(&self) -> &[u8] {
        &self.encrypted_key
    }

    /// Whether it names this certificate.
    #[must_use]
    pub fn is_of(&self, certificate: &Certificate) -> bool {
        let bare =
            |serial: &[u8]| serial.iter().copied().skip_while(|b| *b == 0).collect::<Vec<_>>();
        *certificate.issuer() == self.issuer && bare(certificate.serial()) == bare(&self.serial)
    }
}

/// `[0] IMPLICIT OCTET STRING`; makers also write it constructed, of pieces.
fn implicit_octets(tlv: &Tlv<'_>) -> Result<Vec<u8>, TlvError> {
    if tlv.tag() == tag::context_primitive(0) {
        return Ok(tlv.value().to_vec());
    }
    let mut out = Vec::new();
    for piece in tlv.expect(tag::context(0))?.children()?.all()? {
        out.extend_from_slice(piece.octets()?);
    }
    Ok(out)
}

fn read_recipients(set: &Tlv<'_>) -> Result<Vec<RecipientInfo>, PkiError> {
    let bad = PkiError::malformed(Kind::EnvelopedData);
    let items = set.children().and_then(|r| r.all()).map_err(&bad)?;
    if items.len() > MAX_RECIPIENTS {
        return Err(PkiError::TooMany { what: Counted::Recipients, limit: MAX_RECIPIENTS });
    }
    items.iter().map(|item| read_recipient(item).map_err(&bad)).collect()
}

fn read_recipient(item: &Tlv<'_>) -> Result<RecipientInfo, TlvError> {
    let mut fields = item.expect(tag::SEQUENCE)?.children()?;
    fields.read(tag::INTEGER)?.u64()?;
    let mut named = fields.read(tag::SEQUENCE)?.children()?;
    let issuer = Name::read(&named.read(tag::SEQUENCE)?, &mut Vec::new())?;
    let serial = named.read(tag::INTEGER)?.integer()?.to_vec();
    named.finish()?;
    // The SM2 key decides; makers name the algorithm by the curve, the cipher or id-ecPublicKey.
    Algorithm::read(&fields.read(tag::SEQUENCE)?)?;
    let encrypted_key = fields.read(tag::OCTET_STRING)?.octets()?.to_vec();
    fields.finish()?;
    Ok(RecipientInfo { issuer, serial, encrypted_key })
}

fn read_cipher(algorithm: &Tlv<'_>) -> Result<(Cipher, Vec<u8>), PkiError> {
    let bad = PkiError::malformed(Kind::EnvelopedData);
    let mut fields = algorithm.children().map_err(&bad)?;
    let oid = fields.read(tag::OID).and_then(|t| t.oid()).map_err(&bad)?;
    let (cipher, nonce) = match oid {
        oid::SM4_CBC => {
            (Cipher::Cbc, fields.read(tag::OCTET_STRING).and_then(|t| t.octets()).map_err(&bad)?)
        }
        oid::SM4_GCM => {
            let mut parameters =
                fields.read(tag::SEQUENCE).and_then(|t| t.children()).map_err(&bad)?;
            let nonce =
                parameters.read(tag::OCTET_STRING).and_then(|t| t.octets()).map_err(&bad)?;
            let tag_octets = parameters.read(tag::INTEGER).and_then(|t| t.u64()).map_err(&bad)?;
            parameters.finish().map_err(&bad)?;
            if tag_octets != gcm::TAG as u64 {
                return Err(PkiError::Unsupported { oid });
            }
            (Cipher::Gcm, nonce)
        }
        _ => return Err(PkiError::Unsupported { oid }),
    };
    fields.finish().map_err(&bad)?;
    let octets = match cipher {
        Cipher::Cbc => 16,
        Cipher::Gcm => 12,
    };
    if nonce.len() != octets {
        return Err(bad(TlvError::Content { tag: tag::OCTET_STRING }));
    }
    Ok((cipher, nonce.to_vec()))
}
