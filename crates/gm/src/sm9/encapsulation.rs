//! Key encapsulation (GM/T 0044.4 6).

use alloc::vec::Vec;

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::{
    DecryptionKey, EncryptionMasterPublicKey, User,
    encoding::{G1_LEN, PointBytes},
    nonce::NonceKey,
};
use crate::{
    Error,
    backend::{
        self,
        sm9::{G1, Gt, Scalar},
    },
    kdf, sm3,
};

/// What the sender of a key sends: C, a finite point of G1.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Encapsulation(pub(super) G1);

impl Encapsulation {
    /// Reads 04 ‖ X ‖ Y, 65 bytes.
    ///
    /// # Errors
    ///
    /// [`Error::Encoding`], [`Error::NotInGroup`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        G1::read(bytes).map(Self)
    }

    /// Reads the GM/T 0080 form: 04 ‖ X ‖ Y as a DER BIT STRING.
    ///
    /// # Errors
    ///
    /// [`Error::Encoding`], [`Error::NotInGroup`].
    pub fn from_der(bytes: &[u8]) -> Result<Self, Error> {
        G1::from_der(bytes).map(Self)
    }

    /// 04 ‖ X ‖ Y, 65 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; G1_LEN] {
        let mut bytes = [4; G1_LEN];
        bytes[1..].copy_from_slice(&self.0.to_bytes());
        bytes
    }

    /// The GM/T 0080 form: a DER BIT STRING.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        self.0.to_der()
    }

    pub(super) fn make(
        master: &EncryptionMasterPublicKey,
        user: &User<'_>,
        len: usize,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<(Zeroizing<Vec<u8>>, Self), Error> {
        if len == 0 {
            return Err(Error::EmptyMessage);
        }
        // Hedged: r depends on the user and the length too.
        let digest = sm3::digest_all(&[user.id(), &[user.hid()], &(len as u64).to_be_bytes()]);
        for r in NonceKey::drawn(rng).nonces(&digest, rng) {
            if let Some(made) = Self::make_with(master, user, len, len, &r)? {
                return Ok(made);
            }
        }
        Err(Error::NonceExhausted)
    }

    /// A1 to A6 with the nonce `r`; `None`, where the first `checked` bytes of the key are zeros, asks for another one.
    pub(super) fn make_with(
        master: &EncryptionMasterPublicKey,
        user: &User<'_>,
        len: usize,
        checked: usize,
        r: &Scalar,
    ) -> Result<Option<Made>, Error> {
        // A1: Q = h1·P1 + Ppub-e. A3: C = r·Q. A4, A5: w = gʳ
        let Some((c, w)) = master.for_user(user, r) else { return Ok(None) };
        // A6: K = KDF(C ‖ w ‖ ID, klen)
        let key = derived(&c, &w, user.id(), len, checked)?;
        Ok(key.map(|key| (key, Self(c))))
    }

    pub(super) fn open(
        &self,
        key: &DecryptionKey,
        len: usize,
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        self.open_checked(key, len, len)
    }

    /// B1 to B3; the first `checked` bytes of the key must not be zeros.
    pub(super) fn open_checked(
        &self,
        key: &DecryptionKey,
        len: usize,
        checked: usize,
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        // B1: C is in G1, by its type. B2: w' = e(C, de)
        let w = key.pair(&self.0);
        derived(&self.0, &w, key.user().id(), len, checked)?.ok_or(Error::Decryption)
    }
}

/// A key, and what is sent of it.
type Made = (Zeroizing<Vec<u8>>, Encapsulation);

/// KDF(C ‖ w ‖ ID, len), unless its first bytes are zeros.
fn derived(
    c: &G1,
    w: &Gt,
    id: &[u8],
    len: usize,
    checked: usize,
) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
    let mut key = Zeroizing::new(alloc::vec![0; len]);
    kdf::derive(&[&c.to_bytes(), &Zeroizing::new(w.to_bytes())[..], id], &mut key)?;
    let any = key.iter().take(checked).fold(0, |any, byte| any | byte);
    Ok(backend::reveal(any != 0).then_some(key))
}

impl core::fmt::Debug for Encapsulation {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Encapsulation(")?;
        self.to_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str(")")
    }
}
