//! SM2 as Malachite's signing scheme: 64-byte r‖s signatures, 65-byte uncompressed keys.

use core::fmt;

use arc_malachitebft_core_types::SigningScheme;
use yinxin_gm::sm2::{self, DEFAULT_ID, KeyCache, PublicKey};

/// The signing scheme of this chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sm2;

/// An SM2 signature as r‖s. Whether it is one is decided by verifying it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Signature(pub [u8; 64]);

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({:02x}{:02x}…)", self.0[0], self.0[1])
    }
}

/// A validator's public key, parsed once.
///
/// Invariant: `sec1` is the uncompressed encoding of `key`.
#[derive(Clone)]
pub struct Key {
    sec1: [u8; 65],
    key: PublicKey,
}

impl Key {
    /// The key.
    #[must_use]
    pub fn new(key: PublicKey) -> Self {
        Self { sec1: key.to_sec1(), key }
    }

    /// Its encoding, 04‖X‖Y.
    #[must_use]
    pub const fn sec1(&self) -> &[u8; 65] {
        &self.sec1
    }

    /// Whether `signature` is this key's over `message`.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &Signature) -> bool {
        sm2::Signature::from_raw(&signature.0)
            .and_then(|signature| {
                KeyCache::shared().verify(&self.key, DEFAULT_ID, message, &signature)
            })
            .is_ok()
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.sec1 == other.sec1
    }
}

impl Eq for Key {}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Key({:02x}{:02x}{:02x}{:02x}…)",
            self.sec1[1], self.sec1[2], self.sec1[3], self.sec1[4]
        )
    }
}

/// Malachite asks for a private key type; none ever passes through it (see [`crate::Signer`]).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum NoPrivateKey {}

/// Why bytes are not a key or a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// Not a point on the curve in uncompressed form.
    BadKey,
    /// A signature has 64 bytes.
    SignatureLength(usize),
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadKey => f.write_str("not an uncompressed point of the SM2 curve"),
            Self::SignatureLength(length) => write!(f, "a signature has 64 bytes, not {length}"),
        }
    }
}

impl core::error::Error for KeyError {}

impl SigningScheme for Sm2 {
    type DecodingError = KeyError;
    type Signature = Signature;
    type PublicKey = Key;
    type PrivateKey = NoPrivateKey;

    fn decode_signature(bytes: &[u8]) -> Result<Signature, KeyError> {
        bytes.try_into().map(Signature).map_err(|_| KeyError::SignatureLength(bytes.len()))
    }

    fn encode_signature(signature: &Signature) -> Vec<u8> {
        signature.0.to_vec()
    }

    fn decode_public_key(bytes: &[u8]) -> Result<Key, KeyError> {
        PublicKey::from_sec1(bytes).map(Key::new).map_err(|_| KeyError::BadKey)
    }

    fn encode_public_key(key: &Key) -> Vec<u8> {
        key.sec1.to_vec()
    }
}
