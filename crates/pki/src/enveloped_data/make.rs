//! Making enveloped messages.

use der::{
    Any, Sequence, Tag,
    asn1::{ObjectIdentifier, OctetString, SetOfVec},
};
use rand_core::CryptoRng;
use yinxin_gm::sm4::{cbc, gcm};
use zeroize::Zeroizing;

use super::{Cipher, MAX_RECIPIENTS};
use crate::{
    asn1::{Algorithm, any, octets, set, to_der, value},
    certificate::Certificate,
    error::{Counted, PkiError},
    oid,
};

#[derive(Sequence)]
struct ContentInfo {
    kind: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    content: Any,
}

#[derive(Sequence)]
struct EnvelopedData {
    version: u8,
    recipients: SetOfVec<Any>,
    content: EncryptedContentInfo,
}

#[derive(Sequence)]
struct EncryptedContentInfo {
    kind: ObjectIdentifier,
    algorithm: Algorithm,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT")]
    encrypted: OctetString,
}

#[derive(Sequence)]
struct RecipientInfo {
    version: u8,
    named: IssuerAndSerial,
    algorithm: Algorithm,
    encrypted_key: OctetString,
}

#[derive(Sequence)]
struct IssuerAndSerial {
    issuer: Any,
    serial: Any,
}

#[derive(Sequence)]
struct GcmParameters {
    nonce: OctetString,
    tag_octets: u8,
}

/// Encrypts content to the holders of these certificates, DER. A certificate that stands twice is addressed once.
///
/// # Errors
/// [`PkiError::PublicKeyInvalid`] for a certificate without SM2 key, [`PkiError::TooMany`], [`PkiError::NotAddressed`] when there
/// is no recipient, [`PkiError::EncryptionFailed`] when the random numbers are unfit.
pub fn make(
    content: &[u8],
    recipients: &[Certificate],
    cipher: Cipher,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<Vec<u8>, PkiError> {
    let mut recipients: Vec<&Certificate> = recipients.iter().collect();
    recipients.sort_unstable_by_key(|c| c.raw());
    recipients.dedup_by_key(|c| c.raw());
    if recipients.is_empty() {
        return Err(PkiError::NotAddressed);
    }
    if recipients.len() > MAX_RECIPIENTS {
        return Err(PkiError::TooMany { what: Counted::Recipients, limit: MAX_RECIPIENTS });
    }
    let mut key = Zeroizing::new([0; 16]);
    rng.fill_bytes(&mut *key);
    let infos = recipients.iter().map(|c| wrap(&key, c, rng)).collect::<Result<Vec<_>, _>>()?;
    let (algorithm, encrypted) = encrypt(content, &key, cipher, rng)?;
    let message = EnvelopedData {
        version: 1,
        recipients: set(infos),
        content: EncryptedContentInfo {
            kind: oid::GM_DATA,
            algorithm,
            encrypted: octets(&encrypted),
        },
    };
    Ok(to_der(&ContentInfo { kind: oid::GM_ENVELOPED_DATA, content: any(&to_der(&message)) }))
}

fn encrypt(
    content: &[u8],
    key: &[u8; 16],
    cipher: Cipher,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<(Algorithm, Vec<u8>), PkiError> {
    match cipher {
        Cipher::Cbc => {
            let mut iv = [0; 16];
            rng.fill_bytes(&mut iv);
            let encrypted = cbc::encrypt_pkcs7(key, &iv, content);
            Ok((Algorithm::with(oid::SM4_CBC, &octets(&iv)), encrypted))
        }
        Cipher::Gcm => {
            let mut nonce = [0; 12];
            rng.fill_bytes(&mut nonce);
            let encrypted =
                gcm::seal(key, &nonce, &[], content).map_err(|_| PkiError::EncryptionFailed)?;
            let parameters = GcmParameters { nonce: octets(&nonce), tag_octets: 16 };
            Ok((Algorithm::with(oid::SM4_GCM, &parameters), encrypted))
        }
    }
}

fn wrap(
    key: &[u8; 16],
    certificate: &Certificate,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<Any, PkiError> {
    let public = certificate.sm2_key().ok_or(PkiError::PublicKeyInvalid)?;
    let wrapped = public.encrypt(key, rng).map_err(|_| PkiError::EncryptionFailed)?;
    Ok(any(&to_der(&RecipientInfo {
        version: 1,
        named: IssuerAndSerial {
            issuer: any(certificate.issuer().raw()),
            serial: value(Tag::Integer, certificate.serial()),
        },
        algorithm: Algorithm::plain(oid::SM2_ENCRYPT),
        encrypted_key: octets(&wrapped.to_der()),
    })))
}
