//! A user's key for encryption and key exchange.

use alloc::{boxed::Box, vec::Vec};
use core::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{
    Ciphertext, Encapsulation, EncryptionMasterPublicKey, User,
    encoding::{G2_LEN, PointBytes},
    nonce::NonceKey,
};
use crate::{
    Error,
    backend::sm9::{self, G1, G2, Gt, Lines},
};

/// A user's key de, a point of G2 that the centre made, with what the pairing draws through it (10 KiB); wiped when dropped
/// and never printed.
#[derive(Clone)]
pub struct DecryptionKey {
    point: G2,
    /// Invariant: those of `point`.
    lines: Box<Lines>,
    id: Vec<u8>,
    hid: u8,
    pub(super) master: EncryptionMasterPublicKey,
    pub(super) nonce_key: NonceKey,
}

impl DecryptionKey {
    /// Reads 04 ‖ X ‖ Y, 129 bytes, of each coordinate the factor of u first, and checks that it is the key of `user` under the
    /// centre's public key.
    ///
    /// # Errors
    ///
    /// [`Error::Encoding`], [`Error::NotInGroup`]; [`Error::KeyMismatch`] when it is another's.
    pub fn from_bytes(
        bytes: &[u8],
        master: &EncryptionMasterPublicKey,
        user: &User<'_>,
    ) -> Result<Self, Error> {
        Self::checked(&Zeroizing::new(G2::read(bytes)?), master, user)
    }

    /// As [`Self::from_bytes`], from the GM/T 0080 form: a DER BIT STRING.
    ///
    /// # Errors
    ///
    /// Those of [`Self::from_bytes`].
    pub fn from_der(
        bytes: &[u8],
        master: &EncryptionMasterPublicKey,
        user: &User<'_>,
    ) -> Result<Self, Error> {
        Self::checked(&Zeroizing::new(G2::from_der(bytes)?), master, user)
    }

    fn checked(
        point: &G2,
        master: &EncryptionMasterPublicKey,
        user: &User<'_>,
    ) -> Result<Self, Error> {
        let key = Self::new(point, master, user);
        if master.owns(user, &key.lines) { Ok(key) } else { Err(Error::KeyMismatch) }
    }

    pub(super) fn new(point: &G2, master: &EncryptionMasterPublicKey, user: &User<'_>) -> Self {
        Self {
            lines: sm9::lines(point),
            nonce_key: NonceKey::derived(&Zeroizing::new(point.to_bytes())[..]),
            point: *point,
            id: user.id().to_vec(),
            hid: user.hid(),
            master: master.clone(),
        }
    }

    /// 04 ‖ X ‖ Y, 129 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; G2_LEN]> {
        let mut bytes = Zeroizing::new([4; G2_LEN]);
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
    pub const fn master_public_key(&self) -> &EncryptionMasterPublicKey {
        &self.master
    }

    /// Whose key it is.
    #[must_use]
    pub fn user(&self) -> User<'_> {
        User::with_hid(&self.id, self.hid)
    }

    /// The key of `len` bytes that was encapsulated: GM/T 0044.4 6.3.
    ///
    /// A wrong encapsulation gives a wrong key; nothing here can tell.
    ///
    /// # Errors
    ///
    /// [`Error::Decryption`] when the key would be all zeros or empty; [`Error::TooLong`].
    pub fn decapsulate(
        &self,
        encapsulation: &Encapsulation,
        len: usize,
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        encapsulation.open(self, len)
    }

    /// Decrypts `ciphertext`: GM/T 0044.4 7.3.
    ///
    /// # Errors
    ///
    /// [`Error::Decryption`], whatever the cause.
    pub fn decrypt(&self, ciphertext: &Ciphertext) -> Result<Zeroizing<Vec<u8>>, Error> {
        ciphertext.decrypt(self)
    }

    /// e(C, de), in constant time.
    pub(super) fn pair(&self, c: &G1) -> Zeroizing<Gt> {
        Zeroizing::new(sm9::pair(c, &self.lines))
    }
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DecryptionKey(of {:?}, under {:?})", self.user(), self.master)
    }
}

impl Drop for DecryptionKey {
    fn drop(&mut self) {
        self.point.zeroize();
        self.lines.zeroize();
    }
}

impl ZeroizeOnDrop for DecryptionKey {}
