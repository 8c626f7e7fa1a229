//! Private keys: signing and decrypting.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;
use core::fmt;

use rand_core::CryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{
    MessageDigest, PublicKey, Signature,
    message_digest::{self, DEFAULT_ID},
    nonce::{ATTEMPTS, NonceKey, Nonces},
};
use crate::{
    Digest, Error,
    backend::{self, Scalar},
};

/// A number d in [1, n − 2]; wiped when dropped and never printed.
#[derive(Clone)]
pub struct PrivateKey {
    d: Scalar,
    /// Invariant: (1 + d)⁻¹ modulo n.
    inverse: Scalar,
    /// Invariant: d·G.
    public: PublicKey,
    nonce_key: NonceKey,
    /// Invariant: Z of the default identifier.
    default_z: Digest,
}

impl PrivateKey {
    /// A fresh key.
    ///
    /// # Panics
    ///
    /// Never: sixteen outputs of HMAC-SM3 in a row would have to lie beyond n − 2.
    pub fn generate(rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        // Whitened, so that one bad draw of the generator does not become the key.
        let purpose = Digest(*b"yinxin SM2 private key generator");
        let mut candidates = NonceKey::drawn(rng).nonces(&purpose, rng);
        (0..ATTEMPTS)
            .find_map(|_| candidates.next().and_then(Self::from_scalar))
            .expect("a candidate is refused with probability below 2^-31")
    }

    /// Reads d, 32 bytes big-endian.
    ///
    /// # Errors
    ///
    /// [`Error::KeyRange`].
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, Error> {
        Scalar::from_bytes(bytes).and_then(Self::from_scalar).ok_or(Error::KeyRange)
    }

    /// d, 32 bytes big-endian.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.d.to_bytes())
    }

    /// The public key d·G.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// Signs `message` as the signer with `id`, usually [`super::DEFAULT_ID`].
    ///
    /// The nonce is derived from key, message and fresh randomness: a broken `rng` alone does not reveal the key.
    ///
    /// # Errors
    ///
    /// [`Error::IdLength`] when `id` is too long.
    pub fn sign(
        &self,
        id: &[u8],
        message: &[u8],
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Signature, Error> {
        self.sign_digest(&self.digest(id, message)?, rng)
    }

    /// What the signer with `id` signs.
    pub(super) fn digest(&self, id: &[u8], message: &[u8]) -> Result<MessageDigest, Error> {
        if id == DEFAULT_ID {
            Ok(MessageDigest::with_z(&self.public, &self.default_z, message))
        } else {
            MessageDigest::new(&self.public, id, message)
        }
    }

    /// Signs a digest that was made for this key's public key.
    ///
    /// # Errors
    ///
    /// [`Error::KeyMismatch`] when it was made for another key.
    pub fn sign_digest(
        &self,
        digest: &MessageDigest,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Signature, Error> {
        let e = digest.for_key(self)?;
        self.sign_from(&digest.scalar(), self.nonces(e, rng))
    }

    /// The nonces for a digest.
    pub(super) fn nonces(&self, e: &Digest, rng: &mut (impl CryptoRng + ?Sized)) -> Nonces {
        self.nonce_key.nonces(e, rng)
    }

    /// With the first of `nonces` that is usable.
    pub(super) fn sign_from(&self, e: &Scalar, mut nonces: Nonces) -> Result<Signature, Error> {
        for _ in 0..ATTEMPTS {
            let k = Zeroizing::new(nonces.next().ok_or(Error::NonceExhausted)?);
            if let Some(signature) = self.sign_with(e, &k) {
                return Ok(signature);
            }
        }
        Err(Error::NonceExhausted)
    }

    /// Decrypts `ciphertext`.
    ///
    /// # Errors
    ///
    /// [`Error::Decryption`], whatever the cause.
    #[cfg(feature = "alloc")]
    pub fn decrypt(&self, ciphertext: &super::Ciphertext) -> Result<Zeroizing<Vec<u8>>, Error> {
        ciphertext.decrypt(&self.d)
    }

    /// r of a key exchange: as hedged as the nonce of a signature, over Z, which is no message's digest.
    #[cfg(feature = "alloc")]
    pub(super) fn exchange_nonce(
        &self,
        z: &Digest,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Zeroizing<Scalar>, Error> {
        let purpose = crate::sm3::digest_all(&[b"yinxin SM2 key exchange", z.as_bytes()]);
        let r = self.nonce_key.nonces(&purpose, rng).next();
        r.map(Zeroizing::new).ok_or(Error::NonceExhausted)
    }

    /// t = d + x̄·r of GB/T 32918.3.
    #[cfg(feature = "alloc")]
    pub(super) fn exchange_factor(&self, x: &Scalar, r: &Scalar) -> Zeroizing<Scalar> {
        Zeroizing::new(self.d.add(&Zeroizing::new(x.mul(r))))
    }

    fn from_scalar(d: Scalar) -> Option<Self> {
        let d = Zeroizing::new(d);
        let sum = Zeroizing::new(d.add(&Scalar::ONE));
        // d = n − 1 makes 1 + d zero: such a key cannot sign.
        if d.is_zero() || sum.is_zero() {
            return None;
        }
        let public = PublicKey::from_point(backend::mul_base(&d)?);
        Some(Self {
            inverse: backend::invert(&sum),
            nonce_key: NonceKey::derived(&Zeroizing::new(d.to_bytes())),
            default_z: message_digest::default_z(&public),
            d: *d,
            public,
        })
    }

    /// A4 to A6 of GB/T 32918.2 6.1 with the nonce `k`; `None` asks for another nonce.
    pub(super) fn sign_with(&self, e: &Scalar, k: &Scalar) -> Option<Signature> {
        // A4: (x1, y1) = k·G
        self.sign_with_x(e, k, &Scalar::from_bytes_reduced(&backend::mul_base_x(k)?))
    }

    /// A5 and A6, given x1 modulo n.
    pub(super) fn sign_with_x(&self, e: &Scalar, k: &Scalar, x1: &Scalar) -> Option<Signature> {
        // A5: r = (e + x1) mod n, neither 0 nor −k
        let r = e.add(x1);
        if r.add(k).is_zero() {
            return None;
        }
        // A6: s = (1 + d)⁻¹·(k − r·d), which is (1 + d)⁻¹·(k + r) − r
        let s = self.inverse.mul(&r.add(k)).sub(&r);
        Signature::new(r, s)
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey(of {})", self.public)
    }
}

impl Drop for PrivateKey {
    fn drop(&mut self) {
        self.d.zeroize();
        self.inverse.zeroize();
    }
}

impl ZeroizeOnDrop for PrivateKey {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sm2::{DEFAULT_ID, MessageDigest};

    const N: [u8; 32] = {
        let (high, low): (u128, u128) =
            (0xfffffffeffffffffffffffffffffffff, 0x7203df6b21c6052b53bbf40939d54123);
        let mut n = [0; 32];
        let mut i = 0;
        while i < 16 {
            n[i] = high.to_be_bytes()[i];
            n[i + 16] = low.to_be_bytes()[i];
            i += 1;
        }
        n
    };

    fn n_minus(d: u8) -> [u8; 32] {
        let mut bytes = N;
        bytes[31] -= d;
        bytes
    }

    #[test]
    fn a_key_is_at_least_one_and_at_most_n_minus_two() {
        let one: [u8; 32] = core::array::from_fn(|i| u8::from(i == 31));
        for (bytes, good) in [
            ([0; 32], false),
            (one, true),
            (n_minus(2), true),
            (n_minus(1), false),
            (N, false),
            ([0xff; 32], false),
        ] {
            assert_eq!(PrivateKey::from_bytes(&bytes).is_ok(), good);
        }
    }

    #[test]
    fn the_key_of_one_is_the_base_point_and_signs() {
        let one: [u8; 32] = core::array::from_fn(|i| u8::from(i == 31));
        let key = PrivateKey::from_bytes(&one).expect("in range");
        assert!(alloc::format!("{}", key.public_key()).starts_with("0432c4ae2c1f198119"));
        // GB/T 32918.5 appendix A: the nonce is what makes an example.
        let digest =
            MessageDigest::new(key.public_key(), DEFAULT_ID, b"message").expect("short id");
        let k = Scalar::from_bytes(&[7; 32]).expect("below n");
        let signature = key.sign_with(&digest.scalar(), &k).expect("a usable nonce");
        assert_eq!(digest.verify(&signature), Ok(()));
    }

    #[test]
    fn printing_a_key_shows_the_public_half_only() {
        let key = PrivateKey::from_bytes(&[0x17; 32]).expect("in range");
        assert!(!alloc::format!("{key:?}").contains("1717"));
    }
}
