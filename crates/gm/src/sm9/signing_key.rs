//! A user's key for signatures.

use alloc::{boxed::Box, sync::Arc, vec::Vec};
use core::fmt;

use rand_core::CryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{
    Signature, SigningMasterPublicKey, User,
    encoding::{G1_LEN, PointBytes},
    nonce::{NonceKey, Nonces},
    signature,
};
use crate::{
    Error,
    backend::{
        reveal,
        sm9::{self, Comb, G1, Gt, Powers, Scalar},
    },
    sm3::Sm3,
};

/// A user's key dS, a point of G1 that the centre made; wiped when dropped and never printed.
#[derive(Clone)]
pub struct SigningKey {
    point: G1,
    master: SigningMasterPublicKey,
    nonce_key: NonceKey,
    tables: Option<Arc<Tables>>,
}

/// Multiples of dS and powers of g.
struct Tables {
    point: Box<Comb>,
    g: Box<Powers>,
}

impl Drop for Tables {
    fn drop(&mut self) {
        self.point.zeroize();
    }
}

impl SigningKey {
    /// Reads 04 ‖ X ‖ Y, 65 bytes, and checks that it is the key of `user` under the centre's public key.
    ///
    /// # Errors
    ///
    /// [`Error::Encoding`], [`Error::NotInGroup`]; [`Error::KeyMismatch`] when it is another's.
    pub fn from_bytes(
        bytes: &[u8],
        master: &SigningMasterPublicKey,
        user: &User<'_>,
    ) -> Result<Self, Error> {
        Self::checked(G1::read(bytes)?, master, user)
    }

    /// As [`Self::from_bytes`], from the GM/T 0080 form: a DER BIT STRING.
    ///
    /// # Errors
    ///
    /// Those of [`Self::from_bytes`].
    pub fn from_der(
        bytes: &[u8],
        master: &SigningMasterPublicKey,
        user: &User<'_>,
    ) -> Result<Self, Error> {
        Self::checked(G1::from_der(bytes)?, master, user)
    }

    fn checked(point: G1, master: &SigningMasterPublicKey, user: &User<'_>) -> Result<Self, Error> {
        let key = Self::new(point, master.clone());
        if master.owns(user, &key.point) { Ok(key) } else { Err(Error::KeyMismatch) }
    }

    pub(super) fn new(point: G1, master: SigningMasterPublicKey) -> Self {
        let nonce_key = NonceKey::derived(&Zeroizing::new(point.to_bytes())[..]);
        Self { point, master, nonce_key, tables: None }
    }

    /// The key with tables (205 KiB, shared by clones) that make signing more than four times as fast. Making them takes as
    /// long as about ten signatures without.
    #[must_use]
    pub fn prepare(mut self) -> Self {
        let tables = Tables { point: sm9::comb(&self.point), g: sm9::powers(self.master.g()) };
        self.tables = Some(Arc::new(tables));
        self
    }

    /// 04 ‖ X ‖ Y, 65 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; G1_LEN]> {
        let mut bytes = Zeroizing::new([4; G1_LEN]);
        bytes[1..].copy_from_slice(&Zeroizing::new(self.point.to_bytes())[..]);
        bytes
    }

    /// The GM/T 0080 form: a DER BIT STRING.
    #[must_use]
    pub fn to_der(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.point.to_der())
    }

    /// The centre's public key.
    #[must_use]
    pub const fn master_public_key(&self) -> &SigningMasterPublicKey {
        &self.master
    }

    /// Signs `message`: GM/T 0044.2 6.2.
    ///
    /// The nonce is derived from key, message and fresh randomness: a broken `rng` alone does not reveal the key.
    ///
    /// # Errors
    ///
    /// [`Error::NonceExhausted`], which cannot happen.
    pub fn sign(
        &self,
        message: &[u8],
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Signature, Error> {
        let begun = signature::begun(message);
        let nonces: Nonces = self.nonce_key.nonces(&begun.clone().finish(), rng);
        for r in nonces {
            if let Some(signature) = self.sign_with(&begun, &r) {
                return Ok(signature);
            }
        }
        Err(Error::NonceExhausted)
    }

    /// A3 to A6 with the nonce `r`; `None` asks for another one.
    pub(super) fn sign_with(&self, message: &Sm3, r: &Scalar) -> Option<Signature> {
        // A3: w = gʳ
        let w: Zeroizing<Gt> = match &self.tables {
            Some(tables) => sm9::power_of(&tables.g, r),
            None => sm9::power(self.master.g(), r),
        };
        // A4: h = H2(M ‖ w, n)
        let h = signature::challenge(message, &w);
        // A5: l = r − h, not zero
        let l = Zeroizing::new(r.sub(&h));
        // A6: S = l·dS
        let s = match &self.tables {
            Some(tables) => sm9::mul_comb(&l, &tables.point),
            None => sm9::mul(&l, &self.point),
        };
        Some(Signature { h: reveal(h), s: reveal(s?) })
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey(under {:?})", self.master)
    }
}

impl Drop for SigningKey {
    fn drop(&mut self) {
        self.point.zeroize();
    }
}

impl ZeroizeOnDrop for SigningKey {}
