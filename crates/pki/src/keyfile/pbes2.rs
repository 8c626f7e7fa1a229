//! PBES2 (RFC 8018) with PBKDF2 and SM4-CBC.

use std::num::NonZeroU32;

use der::{
    Sequence,
    asn1::{Null, ObjectIdentifier, OctetString},
};
use rand_core::CryptoRng;
use yinxin_gm::{pbkdf2, sm4::cbc};
use zeroize::Zeroizing;

use super::{MAX_BYTES, MAX_ITERATIONS, Prf};
use crate::{
    asn1::{Algorithm, octets, to_der},
    error::{Kind, PkiError},
    oid,
    tlv::{Reader, Tlv, TlvError, tag},
};

/// Salt of the files that we write: RFC 8018 asks for 8 octets, NIST SP 800-132 for 16.
const SALT_OCTETS: usize = 16;

/// ```asn1
/// EncryptedPrivateKeyInfo ::= SEQUENCE { encryptionAlgorithm AlgorithmIdentifier, encryptedData OCTET STRING }
/// ```
#[derive(Sequence)]
struct EncryptedPrivateKeyInfo {
    algorithm: Algorithm,
    data: OctetString,
}

/// `PBES2-params ::= SEQUENCE { keyDerivationFunc AlgorithmIdentifier, encryptionScheme AlgorithmIdentifier }`
#[derive(Sequence)]
struct Pbes2 {
    derivation: Algorithm,
    scheme: Algorithm,
}

/// `PBKDF2-params ::= SEQUENCE { salt OCTET STRING, iterationCount INTEGER, keyLength INTEGER OPTIONAL, prf AlgorithmIdentifier }`
#[derive(Sequence)]
struct Pbkdf2 {
    salt: OctetString,
    iterations: u32,
    prf: Algorithm,
}

pub(super) fn encrypt(
    plain: &[u8],
    password: &[u8],
    prf: Prf,
    iterations: NonZeroU32,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<Vec<u8>, PkiError> {
    let (mut salt, mut iv) = ([0; SALT_OCTETS], [0; 16]);
    rng.fill_bytes(&mut salt);
    rng.fill_bytes(&mut iv);
    let key = derive(prf, password, &salt, iterations)?;
    let derivation = Pbkdf2 {
        salt: octets(&salt),
        iterations: iterations.get(),
        prf: Algorithm::with(prf_oid(prf), &Null),
    };
    let scheme = Pbes2 {
        derivation: Algorithm::with(oid::PBKDF2, &derivation),
        scheme: Algorithm::with(oid::SM4_CBC, &octets(&iv)),
    };
    Ok(to_der(&EncryptedPrivateKeyInfo {
        algorithm: Algorithm::with(oid::PBES2, &scheme),
        data: octets(&cbc::encrypt_pkcs7(&key, &iv, plain)),
    }))
}

pub(super) fn decrypt(bytes: &[u8], password: &[u8]) -> Result<Zeroizing<Vec<u8>>, PkiError> {
    let file = File::read(bytes)?;
    let key = derive(file.prf, password, file.salt, file.iterations)?;
    cbc::decrypt_pkcs7(&key, &file.iv, file.data).map_err(|_| PkiError::WrongPassword)
}

struct File<'a> {
    prf: Prf,
    salt: &'a [u8],
    iterations: NonZeroU32,
    iv: [u8; 16],
    data: &'a [u8],
}

impl<'a> File<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, PkiError> {
        let bad = PkiError::malformed(Kind::KeyFile);
        let whole = Tlv::parse(bytes, MAX_BYTES).map_err(&bad)?;
        let mut fields = whole.expect(tag::SEQUENCE).and_then(|t| t.children()).map_err(&bad)?;
        let scheme = fields.read(tag::SEQUENCE).map_err(&bad)?;
        let data = fields.read(tag::OCTET_STRING).and_then(|t| t.octets()).map_err(&bad)?;
        fields.finish().map_err(&bad)?;
        let mut scheme = parameters(&scheme, oid::PBES2)?.children().map_err(&bad)?;
        let derivation = scheme.read(tag::SEQUENCE).map_err(&bad)?;
        let cipher = scheme.read(tag::SEQUENCE).map_err(&bad)?;
        scheme.finish().map_err(&bad)?;
        let iv = parameters(&cipher, oid::SM4_CBC)?.octets().map_err(&bad)?;
        let iv = iv.try_into().map_err(|_| bad(TlvError::Content { tag: tag::OCTET_STRING }))?;
        let (salt, iterations, prf) =
            Self::derivation(parameters(&derivation, oid::PBKDF2)?.children().map_err(&bad)?)?;
        Ok(Self { prf, salt, iterations, iv, data })
    }

    fn derivation(mut fields: Reader<'a>) -> Result<(&'a [u8], NonZeroU32, Prf), PkiError> {
        let bad = PkiError::malformed(Kind::KeyFile);
        let salt = fields.read(tag::OCTET_STRING).and_then(|t| t.octets()).map_err(&bad)?;
        let found = fields.read(tag::INTEGER).and_then(|t| t.u64()).map_err(&bad)?;
        if found > MAX_ITERATIONS {
            return Err(PkiError::IterationsOverLimit { limit: MAX_ITERATIONS, found });
        }
        let iterations = u32::try_from(found).ok().and_then(NonZeroU32::new);
        let iterations = iterations.ok_or_else(|| bad(TlvError::Content { tag: tag::INTEGER }))?;
        let length = fields
            .optional(tag::INTEGER)
            .and_then(|l| l.map(|l| l.u64()).transpose())
            .map_err(&bad)?;
        if length.is_some_and(|n| n != 16) {
            return Err(bad(TlvError::Content { tag: tag::INTEGER }));
        }
        // Left out, it means HMAC-SHA1, which is not read.
        let prf = fields.read(tag::SEQUENCE).map_err(&bad)?;
        fields.finish().map_err(&bad)?;
        let oid = prf.children().and_then(|mut r| r.read(tag::OID)?.oid()).map_err(&bad)?;
        let prf = [Prf::HmacSha256, Prf::HmacSm3].into_iter().find(|p| prf_oid(*p) == oid);
        Ok((salt, iterations, prf.ok_or(PkiError::Unsupported { oid })?))
    }
}

/// The parameters of an `AlgorithmIdentifier` that must name this algorithm.
fn parameters<'a>(tlv: &Tlv<'a>, expected: ObjectIdentifier) -> Result<Tlv<'a>, PkiError> {
    let bad = PkiError::malformed(Kind::KeyFile);
    let mut fields = tlv.children().map_err(&bad)?;
    let oid = fields.read(tag::OID).and_then(|t| t.oid()).map_err(&bad)?;
    if oid != expected {
        return Err(PkiError::Unsupported { oid });
    }
    let parameters = fields.any().map_err(&bad)?;
    fields.finish().map_err(&bad)?;
    Ok(parameters)
}

const fn prf_oid(prf: Prf) -> ObjectIdentifier {
    match prf {
        Prf::HmacSha256 => oid::HMAC_SHA256,
        Prf::HmacSm3 => oid::HMAC_SM3,
    }
}

fn derive(
    prf: Prf,
    password: &[u8],
    salt: &[u8],
    iterations: NonZeroU32,
) -> Result<Zeroizing<[u8; 16]>, PkiError> {
    let mut key = Zeroizing::new([0; 16]);
    match prf {
        Prf::HmacSm3 => pbkdf2::hmac_sm3(password, salt, iterations, &mut *key)
            .expect("PBKDF2 gives far more than 16 octets"),
        #[cfg(feature = "foreign")]
        Prf::HmacSha256 => {
            ring::pbkdf2::derive(
                ring::pbkdf2::PBKDF2_HMAC_SHA256,
                iterations,
                salt,
                password,
                &mut *key,
            );
        }
        #[cfg(not(feature = "foreign"))]
        Prf::HmacSha256 => return Err(PkiError::Unsupported { oid: oid::HMAC_SHA256 }),
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asn1::any;

    /// A file with these parts; its data is nobody's key.
    fn file(
        outer: ObjectIdentifier,
        derivation: &[u8],
        cipher: ObjectIdentifier,
        iv: &[u8],
    ) -> Vec<u8> {
        let derivation = Algorithm { oid: oid::PBKDF2, parameters: Some(any(derivation)) };
        let scheme = Pbes2 { derivation, scheme: Algorithm::with(cipher, &octets(iv)) };
        to_der(&EncryptedPrivateKeyInfo {
            algorithm: Algorithm::with(outer, &scheme),
            data: octets(&[7; 32]),
        })
    }

    fn rounds(iterations: u32, prf: ObjectIdentifier) -> Vec<u8> {
        to_der(&Pbkdf2 { salt: octets(&[1; 16]), iterations, prf: Algorithm::with(prf, &Null) })
    }

    /// `Pbkdf2` with a key length.
    #[derive(Sequence)]
    struct WithLength {
        salt: OctetString,
        iterations: u32,
        length: u8,
        prf: Algorithm,
    }

    #[test]
    fn files_that_would_stall_or_mislead_are_refused() {
        let good = rounds(1, oid::HMAC_SM3);
        let of_length = |length| {
            let (salt, prf) = (octets(&[1; 16]), Algorithm::plain(oid::HMAC_SM3));
            to_der(&WithLength { salt, iterations: 1, length, prf })
        };
        let malformed =
            |tag| PkiError::Malformed { kind: Kind::KeyFile, cause: TlvError::Content { tag } };
        let unsupported = |oid| PkiError::Unsupported { oid };
        let (sm4, pbes2) = (oid::SM4_CBC, oid::PBES2);
        let limit = MAX_ITERATIONS;
        for (bytes, expected) in [
            (file(pbes2, &good, sm4, &[0; 16]), PkiError::WrongPassword),
            (file(pbes2, &of_length(16), sm4, &[0; 16]), PkiError::WrongPassword),
            (file(pbes2, &of_length(32), sm4, &[0; 16]), malformed(tag::INTEGER)),
            (file(pbes2, &rounds(0, oid::HMAC_SM3), sm4, &[0; 16]), malformed(tag::INTEGER)),
            (
                file(pbes2, &rounds(u32::MAX, oid::HMAC_SM3), sm4, &[0; 16]),
                PkiError::IterationsOverLimit { limit, found: u64::from(u32::MAX) },
            ),
            (file(pbes2, &rounds(1, oid::SHA256), sm4, &[0; 16]), unsupported(oid::SHA256)),
            (file(pbes2, &good, sm4, &[0; 12]), malformed(tag::OCTET_STRING)),
            (file(pbes2, &good, oid::SM3, &[0; 16]), unsupported(oid::SM3)),
            (file(oid::PBKDF2, &good, sm4, &[0; 16]), unsupported(oid::PBKDF2)),
        ] {
            assert_eq!(decrypt(&bytes, b"p").map(|_| ()), Err(expected), "{bytes:02x?}");
        }
    }
}
