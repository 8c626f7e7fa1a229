//! Private keys as PKCS#8 (RFC 5958) and SEC1 (RFC 5915), DER, not encrypted.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

#[cfg(feature = "alloc")]
use zeroize::Zeroizing;

use super::{PrivateKey, PublicKey, der};
use crate::Error;

/// id-ecPublicKey, 1.2.840.10045.2.1.
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
/// The SM2 curve, 1.2.156.10197.1.301.
const SM2_CURVE: &[u8] = &[0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d];

/// `[0]` parameters of ECPrivateKey; also the attributes of a PrivateKeyInfo.
const CONTEXT_0: u8 = 0xa0;
/// `[1]` publicKey of ECPrivateKey.
const CONTEXT_1: u8 = 0xa1;

impl PrivateKey {
    /// Reads a PKCS#8 PrivateKeyInfo, strict DER; a public key in it must be that of the private one.
    ///
    /// ```asn1
    /// PrivateKeyInfo ::= SEQUENCE {
    ///   version             INTEGER (0),
    ///   privateKeyAlgorithm SEQUENCE { OBJECT IDENTIFIER ecPublicKey, OBJECT IDENTIFIER sm2 },
    ///   privateKey          OCTET STRING   -- an ECPrivateKey, as for from_sec1_der
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Encoding`], [`Error::KeyRange`], [`Error::KeyMismatch`] or [`Error::NotOnCurve`].
    pub fn from_pkcs8_der(bytes: &[u8]) -> Result<Self, Error> {
        const EXPECTED: &str = "a DER PrivateKeyInfo of an SM2 key";
        let mut info = der::Reader::only(bytes, der::SEQUENCE, EXPECTED)?;
        let version = info.read(der::INTEGER, EXPECTED)?;
        let mut algorithm = der::Reader::new(info.read(der::SEQUENCE, EXPECTED)?);
        let ec = algorithm.read(der::OID, EXPECTED)?;
        let curve = algorithm.read(der::OID, EXPECTED)?;
        algorithm.end(EXPECTED)?;
        let key = info.read(der::OCTET_STRING, EXPECTED)?;
        info.end(EXPECTED)?;
        if (version, ec, curve) != (&[0], EC_PUBLIC_KEY, SM2_CURVE) {
            return Err(Error::Encoding { expected: EXPECTED });
        }
        Self::from_sec1_der(key)
    }

    /// The PKCS#8 PrivateKeyInfo, with the public key in it.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn to_pkcs8_der(&self) -> Zeroizing<Vec<u8>> {
        let mut algorithm = Vec::with_capacity(24);
        der::write(&mut algorithm, der::OID, EC_PUBLIC_KEY);
        der::write(&mut algorithm, der::OID, SM2_CURVE);
        sequence(&[
            (der::INTEGER, &[0]),
            (der::SEQUENCE, &algorithm),
            (der::OCTET_STRING, &self.ec_private_key(false)),
        ])
    }

    /// Reads a SEC1 ECPrivateKey, strict DER; a public key in it must be that of the private one.
    ///
    /// ```asn1
    /// ECPrivateKey ::= SEQUENCE {
    ///   version    INTEGER (1),
    ///   privateKey OCTET STRING (SIZE(32)),
    ///   parameters [0] OBJECT IDENTIFIER OPTIONAL,   -- sm2
    ///   publicKey  [1] BIT STRING OPTIONAL }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Encoding`], [`Error::KeyRange`], [`Error::KeyMismatch`] or [`Error::NotOnCurve`].
    pub fn from_sec1_der(bytes: &[u8]) -> Result<Self, Error> {
        const EXPECTED: &str = "a DER ECPrivateKey of an SM2 key";
        let refused = Error::Encoding { expected: EXPECTED };
        let mut sequence = der::Reader::only(bytes, der::SEQUENCE, EXPECTED)?;
        let version = sequence.read(der::INTEGER, EXPECTED)?;
        let d: &[u8; 32] =
            sequence.read(der::OCTET_STRING, EXPECTED)?.try_into().map_err(|_| refused)?;
        let mut curve = SM2_CURVE;
        if sequence.next_is(CONTEXT_0) {
            let mut parameters = der::Reader::new(sequence.read(CONTEXT_0, EXPECTED)?);
            curve = parameters.read(der::OID, EXPECTED)?;
            parameters.end(EXPECTED)?;
        }
        let mut public = None;
        if sequence.next_is(CONTEXT_1) {
            let mut wrapped = der::Reader::new(sequence.read(CONTEXT_1, EXPECTED)?);
            let [0, point @ ..] = wrapped.read(der::BIT_STRING, EXPECTED)? else {
                return Err(refused);
            };
            wrapped.end(EXPECTED)?;
            public = Some(PublicKey::from_sec1(point)?);
        }
        sequence.end(EXPECTED)?;
        if (version, curve) != (&[1], SM2_CURVE) {
            return Err(refused);
        }
        let key = Self::from_bytes(d)?;
        match public {
            Some(public) if public != *key.public_key() => Err(Error::KeyMismatch),
            _ => Ok(key),
        }
    }

    /// The SEC1 ECPrivateKey, with curve and public key in it.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn to_sec1_der(&self) -> Zeroizing<Vec<u8>> {
        self.ec_private_key(true)
    }

    #[cfg(feature = "alloc")]
    fn ec_private_key(&self, with_curve: bool) -> Zeroizing<Vec<u8>> {
        let mut curve = Vec::with_capacity(10);
        der::write(&mut curve, der::OID, SM2_CURVE);
        let mut bits = [0; 66];
        bits[1..].copy_from_slice(&self.public_key().to_sec1());
        let mut public = Vec::with_capacity(68);
        der::write(&mut public, der::BIT_STRING, &bits);
        let d = self.to_bytes();
        if with_curve {
            sequence(&[
                (der::INTEGER, &[1]),
                (der::OCTET_STRING, &d[..]),
                (CONTEXT_0, &curve),
                (CONTEXT_1, &public),
            ])
        } else {
            sequence(&[(der::INTEGER, &[1]), (der::OCTET_STRING, &d[..]), (CONTEXT_1, &public)])
        }
    }
}

/// A SEQUENCE, never reallocated: no copy of a secret is left behind.
#[cfg(feature = "alloc")]
fn sequence(elements: &[(u8, &[u8])]) -> Zeroizing<Vec<u8>> {
    // Tag and length of a key's element take at most three bytes.
    let room = elements.iter().map(|(_, contents)| contents.len() + 3).sum();
    let mut body = Zeroizing::new(Vec::with_capacity(room));
    elements.iter().for_each(|(tag, contents)| der::write(&mut body, *tag, contents));
    let mut out = Zeroizing::new(Vec::with_capacity(room + 3));
    der::write(&mut out, der::SEQUENCE, &body);
    out
}
