//! Signature values and their verification, ours and others'.

#[cfg(feature = "foreign")]
mod foreign;

use der::asn1::ObjectIdentifier;
use yinxin_gm::sm2::{DEFAULT_ID, KeyCache, PublicKey, Signature};
use yinxin_verdict::Reason;

use crate::{
    deviation::Deviation,
    key::PublicKeyInfo,
    oid,
    tlv::{Tlv, TlvError, tag},
};

/// The longest signature value that is read: RSA with 8192 bits makes 1024 octets.
const MAX_BYTES: usize = 4096;

/// An `AlgorithmIdentifier` with its parameters as stored; absent ones and NULL are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Algorithm {
    /// Which.
    pub oid: ObjectIdentifier,
    /// DER of its parameters; empty when there are none.
    pub parameters: Vec<u8>,
}

impl Algorithm {
    pub(crate) fn read(tlv: &Tlv<'_>) -> Result<Self, TlvError> {
        let mut fields = tlv.expect(tag::SEQUENCE)?.children()?;
        let oid = fields.read(tag::OID)?.oid()?;
        let parameters = if fields.is_empty() { None } else { Some(fields.any()?) };
        fields.finish()?;
        let parameters = parameters.filter(|p| p.tag() != tag::NULL);
        Ok(Self { oid, parameters: parameters.map_or_else(Vec::new, |p| p.raw().to_vec()) })
    }
}

/// A signature as a certificate or list carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignatureValue {
    /// How it was made.
    pub algorithm: Algorithm,
    /// The octets of the BIT STRING.
    pub value: Vec<u8>,
}

impl SignatureValue {
    /// Verifies it over a message, with SM2's default ID.
    ///
    /// # Errors
    /// As [`verify_signature`].
    pub fn verify(&self, key: &PublicKeyInfo, message: &[u8]) -> Result<Vec<Deviation>, Reason> {
        verify_signature(key, &self.algorithm.oid, message, &self.value)
    }
}

/// Verifies a signature over a message, with SM2's default ID `1234567812345678`. Returns what departs from the standard's form.
///
/// # Errors
/// [`Reason::SignatureBad`]; [`Reason::AlgorithmWeak`] for MD5 and SHA-1; [`Reason::AlgorithmUnknown`] for what this build cannot check.
pub fn verify_signature(
    key: &PublicKeyInfo,
    algorithm: &ObjectIdentifier,
    message: &[u8],
    signature: &[u8],
) -> Result<Vec<Deviation>, Reason> {
    verify_signature_with_id(key, algorithm, DEFAULT_ID, message, signature)
}

/// As [`verify_signature`], for a signer with another SM2 ID.
///
/// # Errors
/// As [`verify_signature`].
pub fn verify_signature_with_id(
    key: &PublicKeyInfo,
    algorithm: &ObjectIdentifier,
    id: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Result<Vec<Deviation>, Reason> {
    match (key, *algorithm) {
        (PublicKeyInfo::Sm2(key), oid::SM2_WITH_SM3 | oid::SM2_SIGN) => {
            verify_sm2(key, id, message, signature)
        }
        // An SM2 key under another algorithm's name, or another key under SM2's, is a forgery or a blunder; neither verifies.
        (PublicKeyInfo::Sm2(_), oid::ECDSA_SHA256 | oid::RSA_SHA256) => Err(Reason::SignatureBad),
        (PublicKeyInfo::Foreign(_), oid::SM2_WITH_SM3 | oid::SM2_SIGN) => Err(Reason::SignatureBad),
        (_, oid::RSA_MD5 | oid::RSA_SHA1 | oid::ECDSA_SHA1 | oid::DSA_SHA1) => {
            Err(Reason::AlgorithmWeak)
        }
        #[cfg(feature = "foreign")]
        (PublicKeyInfo::Foreign(key), algorithm) => {
            foreign::verify(key, &algorithm, message, signature)
        }
        _ => Err(Reason::AlgorithmUnknown),
    }
}

fn verify_sm2(
    key: &PublicKey,
    id: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Result<Vec<Deviation>, Reason> {
    let (signature, deviations) = read_sm2_signature(signature).ok_or(Reason::SignatureBad)?;
    KeyCache::shared().verify(key, id, message, &signature).map_err(|_| Reason::SignatureBad)?;
    Ok(deviations)
}

/// Reads an SM2 signature in any form met in real files: DER, DER with padded INTEGERs, 64 raw octets.
#[must_use]
pub fn read_sm2_signature(bytes: &[u8]) -> Option<(Signature, Vec<Deviation>)> {
    if let Ok(raw) = <&[u8; 64]>::try_from(bytes)
        // A DER value of 64 octets exists too (short r or s); it begins like one, and then must read as one.
        && !(bytes.starts_with(&[tag::SEQUENCE, 62]) && from_lenient_der(bytes).is_some())
    {
        return Some((Signature::from_raw(raw).ok()?, vec![Deviation::SignatureRaw]));
    }
    let raw = from_lenient_der(bytes)?;
    Some((Signature::from_raw(&raw).ok()?, crate::tlv::quirks(bytes)))
}

fn from_lenient_der(bytes: &[u8]) -> Option<[u8; 64]> {
    let mut fields =
        Tlv::parse(bytes, MAX_BYTES).ok()?.expect(tag::SEQUENCE).ok()?.children().ok()?;
    let (r, s) = (fields.any().ok()?.unsigned().ok()?, fields.any().ok()?.unsigned().ok()?);
    fields.finish().ok()?;
    let mut raw = [0; 64];
    raw.get_mut(32usize.checked_sub(r.len())?..32)?.copy_from_slice(r);
    raw.get_mut(64 - Some(s.len()).filter(|n| *n <= 32)?..)?.copy_from_slice(s);
    Some(raw)
}
