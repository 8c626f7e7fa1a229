//! What a seal and a signature say, whichever version wrote them.

use der::asn1::ObjectIdentifier;
use yinxin_verdict::UnixTime;

use crate::{MakerScope, Version};

/// A seal, `SESeal`, with the bytes over which it was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Seal {
    /// Which structure it has.
    pub version: Version,
    /// `SES_Header.ID`; the standard fixes `ES`.
    pub header_id: String,
    /// `SES_Header.version` as written.
    pub number: u64,
    /// `Vid`: who made the software.
    pub vendor: String,
    /// `esID`: the seal's unique identifier.
    pub id: String,
    /// `type`: in v1, 1 is an organisation's and 2 a person's; later versions leave it to the business.
    pub kind: u64,
    /// The seal's name.
    pub name: String,
    /// Who may use it.
    pub signers: CertList,
    /// When it was made.
    pub created: UnixTime,
    /// From when it may be used.
    pub valid_from: UnixTime,
    /// Until when it may be used.
    pub valid_until: UnixTime,
    /// What it looks like.
    pub picture: Picture,
    /// `extDatas` of the seal.
    pub extensions: Vec<Extension>,
    /// The seal maker's certificate as stored.
    pub maker_cert: Vec<u8>,
    /// The maker's signature algorithm.
    pub algorithm: ObjectIdentifier,
    /// The maker's signature value.
    pub signature: Vec<u8>,
    /// A v5 seal's own time-stamp token.
    pub time_stamp: Option<Vec<u8>>,
    /// Harmless differences from the standard's form.
    pub deviations: Vec<String>,
    /// Bytes after the structure's end; signed by no one.
    pub trailing: usize,
    pub(crate) raw: Vec<u8>,
    pub(crate) info_raw: Vec<u8>,
    pub(crate) sequence_raw: Vec<u8>,
}

impl Seal {
    /// The whole seal as stored, without trailing bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.raw
    }

    /// The stored bytes that the maker signs under a reading of the standard.
    #[must_use]
    pub fn maker_signed(&self, scope: MakerScope) -> &[u8] {
        match scope {
            MakerScope::Info => &self.info_raw,
            MakerScope::Sequence => &self.sequence_raw,
        }
    }
}

/// `certList`: the signers that may use a seal.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "the two choices of certListType")]
pub enum CertList {
    /// Type 1: their certificates, DER.
    Certificates(Vec<Vec<u8>>),
    /// Type 2: digests of their certificates.
    Digests(Vec<CertDigest>),
}

impl CertList {
    /// How many signers are named.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Certificates(list) => list.len(),
            Self::Digests(list) => list.len(),
        }
    }

    /// Whether no signer is named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// `CertDigestObj`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "the standard's two fields")]
pub struct CertDigest {
    /// The digest's name or OID; the standard leaves it open.
    pub kind: String,
    /// The digest.
    pub value: Vec<u8>,
}

/// `SES_ESPictrueInfo`, spelt as in the standard.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "the standard's four fields")]
pub struct Picture {
    /// `PNG`, `SVG`, `GIF`, `BMP`, `JPG`, `OFD`; the case varies in practice.
    pub format: String,
    /// The picture file.
    pub data: Vec<u8>,
    /// Width in mm.
    pub width_mm: u64,
    /// Height in mm.
    pub height_mm: u64,
}

/// `ExtData`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "the standard's three fields")]
pub struct Extension {
    /// `extnID`.
    pub oid: ObjectIdentifier,
    /// Whether a reader that does not know it must refuse.
    pub critical: bool,
    /// `extnValue`.
    pub value: Vec<u8>,
}

/// A signature made with a seal, `SES_Signature`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SealSignature {
    /// Which structure it has; the embedded seal's.
    pub version: Version,
    /// `TBS_Sign.version` as written.
    pub number: u64,
    /// The seal inside.
    pub seal: Seal,
    /// `timeInfo`, when it is a time.
    pub signing_time: Option<UnixTime>,
    /// `timeInfo`, when it is no time but something else: in v1, a time-stamp token.
    pub time_token: Option<Vec<u8>>,
    /// `dataHash`.
    pub data_hash: Vec<u8>,
    /// `propertyInfo`: what is protected; in OFD the path of Signature.xml.
    pub property_info: String,
    /// `extDatas` of the signature.
    pub extensions: Vec<Extension>,
    /// The signer's certificate as stored.
    pub signer_cert: Vec<u8>,
    /// The signer's algorithm.
    pub algorithm: ObjectIdentifier,
    /// The signature value.
    pub signature: Vec<u8>,
    /// The time-stamp token over the signature value.
    pub time_stamp: Option<Vec<u8>>,
    /// Harmless differences from the standard's form.
    pub deviations: Vec<String>,
    /// Bytes after the structure's end; signed by no one.
    pub trailing: usize,
    pub(crate) raw: Vec<u8>,
    pub(crate) tbs_raw: Vec<u8>,
}

impl SealSignature {
    /// The whole signature as stored, without trailing bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.raw
    }

    /// `TBS_Sign` as stored: what the signer signs.
    #[must_use]
    pub fn signed_bytes(&self) -> &[u8] {
        &self.tbs_raw
    }
}
