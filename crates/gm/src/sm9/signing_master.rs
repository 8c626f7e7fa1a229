//! The keys of a key generation centre, for signatures.

use alloc::{boxed::Box, sync::Arc, vec::Vec};
use core::fmt;

use rand_core::CryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{
    Signature, SigningKey, User,
    encoding::{self, PointBytes},
    nonce::NonceKey,
    signature,
};
use crate::{
    Digest, Error,
    backend::{
        reveal,
        sm9::{self, G2, Gt, Lines, Scalar},
    },
};

/// A centre's key ks for signatures, in [1, n − 1]; wiped when dropped and never printed.
pub struct SigningMasterKey {
    ks: Scalar,
    /// Invariant: of ks·P2.
    public: SigningMasterPublicKey,
}

impl SigningMasterKey {
    /// A fresh key.
    ///
    /// # Panics
    ///
    /// Never.
    pub fn generate(rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        let purpose = Digest(*b"yinxin SM9 signing master key   ");
        let number = NonceKey::drawn(rng).nonces(&purpose, rng).next();
        Self::from_number(*number.expect("the first of sixteen"))
    }

    /// Reads ks, 32 bytes big-endian.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`].
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, Error> {
        encoding::master_number(bytes).map(Self::from_number)
    }

    /// Reads the GM/T 0080 form: ks as a DER INTEGER.
    ///
    /// # Errors
    ///
    /// [`Error::Encoding`], [`Error::OutOfRange`].
    pub fn from_der(bytes: &[u8]) -> Result<Self, Error> {
        Self::from_bytes(&*encoding::master_from_der(bytes)?)
    }

    /// ks, 32 bytes big-endian.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.ks.to_bytes())
    }

    /// The GM/T 0080 form: ks as a DER INTEGER.
    #[must_use]
    pub fn to_der(&self) -> Zeroizing<Vec<u8>> {
        encoding::master_to_der(&self.ks)
    }

    /// The key that everybody has.
    #[must_use]
    pub const fn public_key(&self) -> &SigningMasterPublicKey {
        &self.public
    }

    /// Makes the private key of `user`.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`] if H1 of the user is −ks, which nobody will ever see: the standard asks for another master key.
    pub fn extract(&self, user: &User<'_>) -> Result<SigningKey, Error> {
        let point = extracted(&self.ks, user).and_then(|t2| sm9::mul_p1(&t2));
        let point = point.ok_or(Error::OutOfRange { what: "H1 + ks of SM9" })?;
        Ok(SigningKey::new(point, self.public.clone()))
    }

    fn from_number(ks: Scalar) -> Self {
        let point = sm9::mul_p2(&ks).expect("ks is not zero");
        Self { ks, public: SigningMasterPublicKey::new(reveal(point)) }
    }
}

/// t2 = k·(H1(ID ‖ hid, n) + k)⁻¹, unless that sum is zero.
pub(super) fn extracted(k: &Scalar, user: &User<'_>) -> Option<Zeroizing<Scalar>> {
    let t1 = Zeroizing::new(user.number().add(k));
    if t1.is_zero() {
        return None;
    }
    let inverse = Zeroizing::new(sm9::invert(&t1));
    Some(Zeroizing::new(k.mul(&inverse)))
}

impl fmt::Debug for SigningMasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningMasterKey(of {:?})", self.public)
    }
}

impl Drop for SigningMasterKey {
    fn drop(&mut self) {
        self.ks.zeroize();
    }
}

impl ZeroizeOnDrop for SigningMasterKey {}

/// A centre's public key for signatures, Ppub-s = ks·P2, with what verification draws through it (10 KiB, shared by clones).
#[derive(Clone)]
pub struct SigningMasterPublicKey(Arc<Public>);

struct Public {
    point: G2,
    /// Invariant: those of `point`.
    lines: Box<Lines>,
    /// Invariant: e(P1, Ppub-s).
    g: Gt,
}

impl SigningMasterPublicKey {
    /// Reads 04 ‖ X ‖ Y, 129 bytes, of each coordinate the factor of u first; checks that the point is on the curve and of
    /// order n, and computes e(P1, Ppub-s). That takes as long as one and a half verifications.
    ///
    /// # Errors
    ///
    /// [`Error::Encoding`], [`Error::NotInGroup`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        G2::read(bytes).map(Self::new)
    }

    /// Reads the GM/T 0080 form: 04 ‖ X ‖ Y as a DER BIT STRING.
    ///
    /// # Errors
    ///
    /// [`Error::Encoding`], [`Error::NotInGroup`].
    pub fn from_der(bytes: &[u8]) -> Result<Self, Error> {
        G2::from_der(bytes).map(Self::new)
    }

    /// 04 ‖ X ‖ Y, 129 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 129] {
        let mut bytes = [4; 129];
        bytes[1..].copy_from_slice(&self.0.point.to_bytes());
        bytes
    }

    /// The GM/T 0080 form: a DER BIT STRING.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        self.0.point.to_der()
    }

    /// Verifies that `user` signed `message`: GM/T 0044.2 7.2.
    ///
    /// # Errors
    ///
    /// [`Error::Signature`] when not.
    pub fn verify(
        &self,
        user: &User<'_>,
        message: &[u8],
        signature: &Signature,
    ) -> Result<(), Error> {
        // B1, B2: h is in range and S in G1, by their types. B3, B4, B7, B8: w' = e(S, P)·gʰ; B5, B6: P = h1·P2 + Ppub-s
        let Signature { h, s } = signature;
        let w = sm9::check_pairing(s, &user.number(), h, &self.0.lines);
        // B9: h2 = H2(M ‖ w', n) must be h
        let h2 = signature::challenge(&signature::begun(message), &w);
        if h2 == *h { Ok(()) } else { Err(Error::Signature) }
    }

    fn new(point: G2) -> Self {
        let lines = sm9::lines(&point);
        let g = sm9::pair_p1(&lines);
        Self(Arc::new(Public { point, lines, g }))
    }

    /// g = e(P1, Ppub-s).
    pub(super) fn g(&self) -> &Gt {
        &self.0.g
    }

    /// Whether dS is the key of `user`: e(dS, h1·P2 + Ppub-s) = g. In constant time but for the answer.
    pub(super) fn owns(&self, user: &User<'_>, key: &sm9::G1) -> bool {
        sm9::user_point_2(&user.number(), &self.0.point).is_some_and(|point| {
            let value = sm9::pair(key, &sm9::lines(&point));
            reveal(value.equals(&self.0.g))
        })
    }
}

impl PartialEq for SigningMasterPublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.point == other.0.point
    }
}

impl Eq for SigningMasterPublicKey {}

impl fmt::Debug for SigningMasterPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningMasterPublicKey(")?;
        self.to_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str(")")
    }
}
