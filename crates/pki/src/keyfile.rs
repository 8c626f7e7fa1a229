//! Private keys in files: PKCS #8, encrypted by PBES2 with PBKDF2 and SM4-CBC (specs/pki.md 4).

mod pbes2;

use std::num::NonZeroU32;

use rand_core::CryptoRng;
use yinxin_gm::sm2::PrivateKey;
use zeroize::Zeroizing;

use crate::{
    error::{Kind, PkiError},
    oid, pem,
    tlv::{Reader, TlvError, tag},
};

/// The pseudo-random function of the key derivation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Prf {
    /// HMAC-SHA256, which OpenSSL 3.0 reads; needs the feature `foreign`.
    HmacSha256,
    /// HMAC-SM3, for those who must use national algorithms throughout.
    HmacSm3,
}

/// Derivation rounds of the files that we write: 0.13 s with SHA-256, 0.24 s with SM3, measured. OWASP's 600,000 would make a batch of commands,
/// each opening a key, wait for it.
pub const ITERATIONS: NonZeroU32 = NonZeroU32::new(200_000).expect("not zero");

/// The most derivation rounds that are read: some seconds of work, what a reader can be made to spend by a foreign file.
pub const MAX_ITERATIONS: u64 = 10_000_000;

/// The largest key file that is read. Ours have 300 octets.
const MAX_BYTES: usize = 16 * 1024;

/// Encrypts a private key for a file, as DER.
///
/// # Errors
/// [`PkiError::Unsupported`] for HMAC-SHA256 without the feature `foreign`.
pub fn encrypt(
    key: &PrivateKey,
    password: &[u8],
    prf: Prf,
    iterations: NonZeroU32,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<Vec<u8>, PkiError> {
    pbes2::encrypt(&key.to_pkcs8_der(), password, prf, iterations, rng)
}

/// As [`encrypt`], as PEM.
///
/// # Errors
/// As [`encrypt`].
pub fn encrypt_pem(
    key: &PrivateKey,
    password: &[u8],
    prf: Prf,
    iterations: NonZeroU32,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<String, PkiError> {
    Ok(pem::encode(pem::ENCRYPTED_PRIVATE_KEY, &encrypt(key, password, prf, iterations, rng)?))
}

/// Decrypts an encrypted private key, DER or PEM.
///
/// # Errors
/// [`PkiError::WrongPassword`], also for a damaged file: the two cannot be told apart; [`PkiError::IterationsOverLimit`];
/// [`PkiError::Unsupported`] for other ciphers and derivations; [`PkiError::Malformed`].
pub fn decrypt(bytes: &[u8], password: &[u8]) -> Result<PrivateKey, PkiError> {
    let der = match pem::sniff(bytes) {
        Some(_) => pem::first(bytes, pem::ENCRYPTED_PRIVATE_KEY)?
            .ok_or(PkiError::NotFound { kind: Kind::KeyFile })?,
        None => bytes.to_vec(),
    };
    let plain = pbes2::decrypt(&der, password)?;
    // Padding that fits by chance (1 in 256) shows here: what comes out is no key.
    PrivateKey::from_pkcs8_der(&plain).map_err(|_| PkiError::WrongPassword)
}

/// Reads a private key in any form that keys come in: PKCS #8 encrypted or not, SEC 1; DER or PEM.
///
/// # Errors
/// [`PkiError::PasswordNeeded`] for an encrypted key without a password, else as [`decrypt`].
pub fn read(bytes: &[u8], password: Option<&[u8]>) -> Result<PrivateKey, PkiError> {
    if bytes.len() > MAX_BYTES {
        let cause = TlvError::Size { limit: MAX_BYTES, found: bytes.len() };
        return Err(PkiError::Malformed { kind: Kind::KeyFile, cause });
    }
    let Some(text) = pem::sniff(bytes) else { return read_der(bytes, password) };
    for block in pem::blocks(text)? {
        let der = Zeroizing::new(block.der);
        match block.label.as_str() {
            pem::PRIVATE_KEY
            | pem::ENCRYPTED_PRIVATE_KEY
            | pem::EC_PRIVATE_KEY
            | "SM2 PRIVATE KEY" => {
                return read_der(&der, password);
            }
            _ => {}
        }
    }
    Err(PkiError::NotFound { kind: Kind::KeyFile })
}

/// Told apart by what follows the outer SEQUENCE: an algorithm (encrypted), or a version, 0 for PKCS #8 and 1 for SEC 1.
fn read_der(der: &[u8], password: Option<&[u8]>) -> Result<PrivateKey, PkiError> {
    let malformed = PkiError::malformed(Kind::KeyFile);
    let mut fields =
        Reader::new(der).read(tag::SEQUENCE).and_then(|s| s.children()).map_err(&malformed)?;
    let first = fields.any().map_err(&malformed)?;
    if first.tag() == tag::SEQUENCE {
        return decrypt(der, password.ok_or(PkiError::PasswordNeeded)?);
    }
    let read = match first.u64().map_err(&malformed)? {
        0 => PrivateKey::from_pkcs8_der(der).ok().or_else(|| foreign_pkcs8(fields)),
        _ => PrivateKey::from_sec1_der(der).ok(),
    };
    read.ok_or_else(|| malformed(TlvError::Content { tag: tag::SEQUENCE }))
}

/// PKCS #8 of others: Tongsuo names the algorithm by the curve, Java appends attributes.
fn foreign_pkcs8(mut rest: Reader<'_>) -> Option<PrivateKey> {
    let algorithm = rest.read(tag::SEQUENCE).ok()?.children().ok()?.all().ok()?;
    let curve = algorithm.last()?.oid().ok()?;
    let inner = rest.read(tag::OCTET_STRING).ok()?.octets().ok()?;
    (curve == oid::SM2_CURVE).then(|| PrivateKey::from_sec1_der(inner).ok())?
}

/// The key without encryption, as PEM: for whoever moves it elsewhere on purpose.
#[must_use]
pub fn export_plain_pem(key: &PrivateKey) -> Zeroizing<String> {
    Zeroizing::new(pem::encode(pem::PRIVATE_KEY, &key.to_pkcs8_der()))
}

#[cfg(test)]
mod tests {
    use rand_core::UnwrapErr;

    use super::*;

    fn key() -> PrivateKey {
        PrivateKey::generate(&mut UnwrapErr(getrandom::SysRng))
    }

    fn rounds(n: u32) -> NonZeroU32 {
        NonZeroU32::new(n).unwrap()
    }

    #[test]
    fn an_encrypted_key_comes_back_with_its_password_only() {
        let key = key();
        let rng = &mut UnwrapErr(getrandom::SysRng);
        let prfs: &[Prf] = if cfg!(feature = "foreign") {
            &[Prf::HmacSm3, Prf::HmacSha256]
        } else {
            &[Prf::HmacSm3]
        };
        for prf in prfs {
            let file = encrypt_pem(&key, "密码".as_bytes(), *prf, rounds(100), rng).unwrap();
            let back = decrypt(file.as_bytes(), "密码".as_bytes()).unwrap();
            assert_eq!(back.public_key(), key.public_key());
            for wrong in ["", "密", "密码 ", "password"] {
                let refused = decrypt(file.as_bytes(), wrong.as_bytes());
                assert!(matches!(refused, Err(PkiError::WrongPassword)), "{wrong}");
            }
            assert!(matches!(read(file.as_bytes(), None), Err(PkiError::PasswordNeeded)));
        }
    }

    #[test]
    fn every_form_of_a_key_is_read() {
        let key = key();
        let sec1 = pem::encode(pem::EC_PRIVATE_KEY, &key.to_sec1_der());
        for bytes in [
            key.to_pkcs8_der().to_vec(),
            key.to_sec1_der().to_vec(),
            export_plain_pem(&key).as_bytes().to_vec(),
            sec1.clone().into_bytes(),
            format!("-----BEGIN EC PARAMETERS-----\nBggqgRzPVQGCLQ==\n-----END EC PARAMETERS-----\n{sec1}").into_bytes(),
        ] {
            assert_eq!(read(&bytes, None).unwrap().public_key(), key.public_key());
        }
        assert!(matches!(read(b"nothing", None), Err(PkiError::Malformed { .. })));
        assert!(matches!(read(&[0x30; 20_000], None), Err(PkiError::Malformed { .. })));
    }

    #[cfg(not(feature = "foreign"))]
    #[test]
    fn without_its_feature_sha256_is_named_as_missing() {
        let refused =
            encrypt(&key(), b"p", Prf::HmacSha256, rounds(1), &mut UnwrapErr(getrandom::SysRng));
        assert_eq!(refused, Err(PkiError::Unsupported { oid: crate::oid::HMAC_SHA256 }));
    }
}
