//! Public keys of certificates.

use der::asn1::ObjectIdentifier;
use yinxin_gm::sm2::PublicKey;

use crate::{
    deviation::Deviation,
    error::{Kind, PkiError},
    oid,
    tlv::{Tlv, tag},
};

/// A certificate's public key.
///
/// ```asn1
/// SubjectPublicKeyInfo ::= SEQUENCE { algorithm AlgorithmIdentifier, subjectPublicKey BIT STRING }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "ours, or not ours")]
pub enum PublicKeyInfo {
    /// An SM2 key on its curve.
    Sm2(PublicKey),
    /// Anything else; verification needs the feature `foreign`.
    Foreign(ForeignKey),
}

/// A key of another algorithm, unchecked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ForeignKey {
    /// The algorithm.
    pub algorithm: ObjectIdentifier,
    /// The curve, when it is named.
    pub curve: Option<ObjectIdentifier>,
    /// The contents of the BIT STRING.
    pub key: Vec<u8>,
}

impl PublicKeyInfo {
    /// Reads a `SubjectPublicKeyInfo`.
    ///
    /// # Errors
    /// [`PkiError::Malformed`], and [`PkiError::PublicKeyInvalid`] for a point that is none or curve parameters written out
    /// (CVE-2020-0601: whoever chooses the parameters can choose a key for any point).
    pub fn parse(bytes: &[u8]) -> Result<Self, PkiError> {
        let tlv = Tlv::parse(bytes, crate::certificate::MAX_BYTES)
            .map_err(PkiError::malformed(Kind::PublicKey))?;
        Self::read(&tlv, &mut Vec::new())
    }

    pub(crate) fn read(tlv: &Tlv<'_>, deviations: &mut Vec<Deviation>) -> Result<Self, PkiError> {
        let (algorithm, parameters, key) =
            split(tlv).map_err(PkiError::malformed(Kind::PublicKey))?;
        let elliptic = algorithm == oid::EC_PUBLIC_KEY;
        let curve = match parameters {
            Some(p) if p.tag() == tag::OID => {
                Some(p.oid().map_err(PkiError::malformed(Kind::PublicKey))?)
            }
            Some(p) if elliptic && p.tag() == tag::SEQUENCE => {
                return Err(PkiError::PublicKeyInvalid);
            }
            None if elliptic => return Err(PkiError::PublicKeyInvalid),
            _ => None,
        };
        let named_otherwise =
            [oid::SM2_CURVE, oid::SM2_SIGN, oid::SM2_ENCRYPT].contains(&algorithm);
        if named_otherwise {
            deviations.push(Deviation::AlgorithmName { found: algorithm });
        }
        if named_otherwise || (elliptic && curve == Some(oid::SM2_CURVE)) {
            return PublicKey::from_sec1(key)
                .map(Self::Sm2)
                .map_err(|_| PkiError::PublicKeyInvalid);
        }
        Ok(Self::Foreign(ForeignKey { algorithm, curve, key: key.to_vec() }))
    }

    /// The SM2 key, if it is one.
    #[must_use]
    pub const fn sm2(&self) -> Option<&PublicKey> {
        match self {
            Self::Sm2(key) => Some(key),
            Self::Foreign(_) => None,
        }
    }
}

/// The DER `SubjectPublicKeyInfo` of an SM2 key.
#[must_use]
pub fn spki_der(key: &PublicKey) -> Vec<u8> {
    // SEQUENCE { SEQUENCE { id-ecPublicKey, sm2p256v1 }, BIT STRING of 66 octets }: every length is fixed.
    const HEAD: [u8; 26] = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08,
        0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d, 0x03, 0x42, 0x00,
    ];
    let mut out = HEAD.to_vec();
    out.extend_from_slice(&key.to_sec1());
    out
}

type Parts<'a> = (ObjectIdentifier, Option<Tlv<'a>>, &'a [u8]);

fn split<'a>(tlv: &Tlv<'a>) -> Result<Parts<'a>, crate::tlv::TlvError> {
    let mut fields = tlv.expect(tag::SEQUENCE)?.children()?;
    let mut algorithm = fields.read(tag::SEQUENCE)?.children()?;
    let bits = fields.read(tag::BIT_STRING)?.bit_octets()?;
    fields.finish()?;
    let oid = algorithm.read(tag::OID)?.oid()?;
    let parameters = if algorithm.is_empty() { None } else { Some(algorithm.any()?) };
    algorithm.finish()?;
    Ok((oid, parameters, bits))
}
