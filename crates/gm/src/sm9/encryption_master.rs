//! The keys of a key generation centre, for encryption and key exchange.

use alloc::{boxed::Box, sync::Arc, vec::Vec};
use core::fmt;

use rand_core::CryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{
    Ciphertext, DecryptionKey, Encapsulation, Mode, User,
    encoding::{self, G1_LEN, PointBytes},
    nonce::NonceKey,
    signing_master::extracted,
};
use crate::{
    Digest, Error,
    backend::{
        reveal,
        sm9::{self, Comb, G1, Gt, Powers, Scalar},
    },
};

/// A centre's key ke for encryption and key exchange, in [1, n − 1]; wiped when dropped and never printed.
pub struct EncryptionMasterKey {
    ke: Scalar,
    /// Invariant: of ke·P1.
    public: EncryptionMasterPublicKey,
}

impl EncryptionMasterKey {
    /// A fresh key.
    ///
    /// # Panics
    ///
    /// Never.
    pub fn generate(rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        let purpose = Digest(*b"yinxin SM9 encryption master key");
        let number = NonceKey::drawn(rng).nonces(&purpose, rng).next();
        Self::from_number(*number.expect("the first of sixteen"))
    }

    /// Reads ke, 32 bytes big-endian.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`].
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, Error> {
        encoding::master_number(bytes).map(Self::from_number)
    }

    /// Reads the GM/T 0080 form: ke as a DER INTEGER.
    ///
    /// # Errors
    ///
    /// [`Error::Encoding`], [`Error::OutOfRange`].
    pub fn from_der(bytes: &[u8]) -> Result<Self, Error> {
        Self::from_bytes(&*encoding::master_from_der(bytes)?)
    }

    /// ke, 32 bytes big-endian.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.ke.to_bytes())
    }

    /// The GM/T 0080 form: ke as a DER INTEGER.
    #[must_use]
    pub fn to_der(&self) -> Zeroizing<Vec<u8>> {
        encoding::master_to_der(&self.ke)
    }

    /// The key that everybody has.
    #[must_use]
    pub const fn public_key(&self) -> &EncryptionMasterPublicKey {
        &self.public
    }

    /// Makes the private key of `user`.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`] if H1 of the user is −ke, which nobody will ever see: the standard asks for another master key.
    pub fn extract(&self, user: &User<'_>) -> Result<DecryptionKey, Error> {
        let point = extracted(&self.ke, user).and_then(|t2| sm9::mul_p2(&t2));
        let point = Zeroizing::new(point.ok_or(Error::OutOfRange { what: "H1 + ke of SM9" })?);
        Ok(DecryptionKey::new(&point, &self.public, user))
    }

    fn from_number(ke: Scalar) -> Self {
        let point = sm9::mul_p1(&ke).expect("ke is not zero");
        Self { ke, public: EncryptionMasterPublicKey::new(reveal(point)) }
    }
}

impl fmt::Debug for EncryptionMasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EncryptionMasterKey(of {:?})", self.public)
    }
}

impl Drop for EncryptionMasterKey {
    fn drop(&mut self) {
        self.ke.zeroize();
    }
}

impl ZeroizeOnDrop for EncryptionMasterKey {}

/// A centre's public key for encryption and key exchange, Ppub-e = ke·P1.
#[derive(Clone)]
pub struct EncryptionMasterPublicKey {
    point: G1,
    /// Invariant: e(Ppub-e, P2).
    g: Gt,
    tables: Option<Arc<Tables>>,
}

/// Multiples of Ppub-e and powers of g.
struct Tables {
    point: Box<Comb>,
    g: Box<Powers>,
}

impl EncryptionMasterPublicKey {
    /// Reads 04 ‖ X ‖ Y, 65 bytes, checks that the point is on the curve, and computes e(Ppub-e, P2).
    ///
    /// # Errors
    ///
    /// [`Error::Encoding`], [`Error::NotInGroup`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        G1::read(bytes).map(Self::new)
    }

    /// Reads the GM/T 0080 form: 04 ‖ X ‖ Y as a DER BIT STRING.
    ///
    /// # Errors
    ///
    /// [`Error::Encoding`], [`Error::NotInGroup`].
    pub fn from_der(bytes: &[u8]) -> Result<Self, Error> {
        G1::from_der(bytes).map(Self::new)
    }

    /// 04 ‖ X ‖ Y, 65 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; G1_LEN] {
        let mut bytes = [4; G1_LEN];
        bytes[1..].copy_from_slice(&self.point.to_bytes());
        bytes
    }

    /// The GM/T 0080 form: a DER BIT STRING.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        self.point.to_der()
    }

    /// The key with tables (205 KiB, shared by clones) that make encryption about four times as fast. Making them takes as
    /// long as about ten encryptions without.
    #[must_use]
    pub fn prepare(mut self) -> Self {
        let tables = Tables { point: sm9::comb(&self.point), g: sm9::powers(&self.g) };
        self.tables = Some(Arc::new(tables));
        self
    }

    /// A key of `len` bytes, and what `user` needs to get it too: GM/T 0044.4 6.2.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyMessage`] for no bytes; [`Error::TooLong`]; [`Error::NonceExhausted`] when `rng` is broken, or once in
    /// 2¹²⁸ for a key of one byte.
    pub fn encapsulate(
        &self,
        user: &User<'_>,
        len: usize,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<(Zeroizing<Vec<u8>>, Encapsulation), Error> {
        Encapsulation::make(self, user, len, rng)
    }

    /// Encrypts `message` for `user`: GM/T 0044.4 7.2.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyMessage`], [`Error::TooLong`], [`Error::NonceExhausted`] as for [`Self::encapsulate`].
    pub fn encrypt(
        &self,
        user: &User<'_>,
        message: &[u8],
        mode: Mode,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Ciphertext, Error> {
        Ciphertext::encrypt(self, user, message, mode, rng)
    }

    fn new(point: G1) -> Self {
        Self { g: sm9::pair_p2(&point), point, tables: None }
    }

    /// r·Q and gʳ, where Q = H1(ID ‖ hid, n)·P1 + Ppub-e is the user's; `None` asks for another r.
    pub(super) fn for_user(&self, user: &User<'_>, r: &Scalar) -> Option<(G1, Zeroizing<Gt>)> {
        let h1 = user.number();
        let point = match &self.tables {
            Some(tables) => sm9::mul_both(&Zeroizing::new(h1.mul(r)), r, &tables.point)?,
            None => sm9::mul(r, &sm9::user_point(&h1, &self.point)?)?,
        };
        Some((reveal(point), self.power(r)))
    }

    /// gʳ.
    pub(super) fn power(&self, r: &Scalar) -> Zeroizing<Gt> {
        match &self.tables {
            Some(tables) => sm9::power_of(&tables.g, r),
            None => sm9::power(&self.g, r),
        }
    }

    /// Whether deB, given by its lines, is the key of `user`: e(Q, deB) = g. In constant time but for the answer.
    pub(super) fn owns(&self, user: &User<'_>, key: &sm9::Lines) -> bool {
        sm9::user_point(&user.number(), &self.point)
            .is_some_and(|point| reveal(sm9::pair(&point, key).equals(&self.g)))
    }
}

impl PartialEq for EncryptionMasterPublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.point == other.point
    }
}

impl Eq for EncryptionMasterPublicKey {}

impl fmt::Debug for EncryptionMasterPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EncryptionMasterPublicKey(")?;
        self.to_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str(")")
    }
}
