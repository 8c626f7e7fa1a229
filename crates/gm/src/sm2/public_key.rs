//! Public keys: points of the curve.

use core::{cmp::Ordering, fmt, hash};

#[cfg(feature = "alloc")]
use rand_core::CryptoRng;

#[cfg(feature = "alloc")]
use super::{Ciphertext, PreparedKey};
use super::{MessageDigest, Signature};
use crate::{
    Error,
    backend::{self, AffinePoint},
};

/// A point of the SM2 curve other than infinity, checked when made.
///
/// Shown as the 130 hexadecimal digits of 04 ‖ X ‖ Y.
#[derive(Clone, Copy)]
pub struct PublicKey {
    point: AffinePoint,
    /// Invariant: X ‖ Y of `point`.
    coordinates: [u8; 64],
}

impl PublicKey {
    /// Reads 04 ‖ X ‖ Y, 65 bytes. Compressed and hybrid forms are refused.
    ///
    /// # Errors
    ///
    /// [`Error::Length`], [`Error::Encoding`] or [`Error::NotOnCurve`].
    pub fn from_sec1(bytes: &[u8]) -> Result<Self, Error> {
        let bytes: &[u8; 65] =
            bytes.try_into().map_err(|_| Error::Length { expected: 65, got: bytes.len() })?;
        let [4, coordinates @ ..] = bytes else {
            return Err(Error::Encoding { expected: "an uncompressed point: 04, X, Y" });
        };
        Self::from_coordinates(coordinates)
    }

    /// 04 ‖ X ‖ Y.
    #[must_use]
    pub fn to_sec1(&self) -> [u8; 65] {
        let mut out = [4; 65];
        out[1..].copy_from_slice(&self.coordinates);
        out
    }

    /// Reads X ‖ Y, 64 bytes.
    ///
    /// # Errors
    ///
    /// [`Error::NotOnCurve`].
    pub fn from_coordinates(coordinates: &[u8; 64]) -> Result<Self, Error> {
        let point = AffinePoint::from_bytes(coordinates).ok_or(Error::NotOnCurve)?;
        Ok(Self { point, coordinates: *coordinates })
    }

    /// X ‖ Y.
    #[must_use]
    pub const fn coordinates(&self) -> &[u8; 64] {
        &self.coordinates
    }

    /// Verifies `signature` over `message` by the signer with `id`, usually [`super::DEFAULT_ID`].
    ///
    /// # Errors
    ///
    /// [`Error::Signature`] when it does not verify, [`Error::IdLength`] when `id` is too long.
    pub fn verify(&self, id: &[u8], message: &[u8], signature: &Signature) -> Result<(), Error> {
        MessageDigest::new(self, id, message)?.verify(signature)
    }

    /// Verifies `signature` over a digest that was made for this very key.
    ///
    /// # Errors
    ///
    /// [`Error::KeyMismatch`] when the digest was made for another key, [`Error::Signature`] when the signature does
    /// not verify.
    pub fn verify_digest(
        &self,
        digest: &MessageDigest,
        signature: &Signature,
    ) -> Result<(), Error> {
        if digest.public_key() == self { digest.verify(signature) } else { Err(Error::KeyMismatch) }
    }

    /// This key with a table that makes verifying several times as fast; worth its making from the fifth to ninth signature on.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn prepare(&self) -> PreparedKey {
        PreparedKey::new(self)
    }

    /// Encrypts `message` to the owner of this key.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyMessage`], [`Error::TooLong`], or [`Error::NonceExhausted`] when `rng` is broken.
    #[cfg(feature = "alloc")]
    pub fn encrypt(
        &self,
        message: &[u8],
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Ciphertext, Error> {
        Ciphertext::encrypt(self, message, rng)
    }

    pub(super) fn from_point(point: AffinePoint) -> Self {
        let point = backend::reveal(point);
        Self { point, coordinates: point.to_bytes() }
    }

    pub(super) const fn point(&self) -> &AffinePoint {
        &self.point
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.coordinates == other.coordinates
    }
}

impl Eq for PublicKey {}

impl PartialOrd for PublicKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for PublicKey {
    fn cmp(&self, other: &Self) -> Ordering {
        self.coordinates.cmp(&other.coordinates)
    }
}

impl hash::Hash for PublicKey {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.coordinates.hash(state);
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("04")?;
        self.coordinates.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}
