//! The digest e = SM3(Z ‖ M) of GB/T 32918.2, bound to the key it was made for.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;
use core::fmt;

use super::{PrivateKey, PublicKey, Signature};
use crate::{
    Digest, Error,
    backend::Scalar,
    sm3::{BLOCK, Sm3},
};

/// The identifier of a signer who has none: "1234567812345678" (GB/T 35276 clause 10).
pub const DEFAULT_ID: &[u8] = b"1234567812345678";

/// The length field of an identifier counts bits in 16 bits.
pub const MAX_ID: usize = 8191;

/// a ‖ b ‖ x_G ‖ y_G of GB/T 32918.5.
const CURVE: [u8; 128] = {
    let words: [u128; 8] = [
        0xfffffffeffffffffffffffffffffffff,
        0xffffffff00000000fffffffffffffffc,
        0x28e9fa9e9d9f5e344d5a9e4bcf6509a7,
        0xf39789f515ab8f92ddbcbd414d940e93,
        0x32c4ae2c1f1981195f9904466a39c994,
        0x8fe30bbff2660be1715a4589334c74c7,
        0xbc3736a2f4f6779c59bdcee36b692153,
        0xd0a9877cc62a474002df32e52139f0a0,
    ];
    let mut bytes = [0; 128];
    let mut i = 0;
    while i < 128 {
        bytes[i] = words[i / 16].to_be_bytes()[i % 16];
        i += 1;
    }
    bytes
};

/// What SM2 signs: SM3 over the signer's identifier, public key and message.
///
/// Its only constructors hash all three, and it remembers the key.
///
/// ```
/// # use rand_core::UnwrapErr;
/// use yinxin_gm::sm2::{DEFAULT_ID, MessageDigest, PrivateKey};
///
/// # let rng = &mut UnwrapErr(getrandom::SysRng);
/// let key = PrivateKey::generate(rng);
/// let digest = MessageDigest::new(key.public_key(), DEFAULT_ID, b"message")?;
/// let signature = key.sign_digest(&digest, rng)?;
/// digest.verify(&signature)?;
/// # Ok::<(), yinxin_gm::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MessageDigest {
    e: Digest,
    key: PublicKey,
}

impl MessageDigest {
    /// SM3(Z ‖ `message`), Z that of `id` and `key`.
    ///
    /// # Errors
    ///
    /// [`Error::IdLength`] when `id` has more than [`MAX_ID`] bytes.
    pub fn new(key: &PublicKey, id: &[u8], message: &[u8]) -> Result<Self, Error> {
        let mut digester = MessageDigester::new(key, id)?;
        digester.update(message);
        Ok(digester.finalize())
    }

    /// [`MessageDigest::new`] for each key, identifier and message; eight and more are fastest.
    ///
    /// ```
    /// # use rand_core::UnwrapErr;
    /// use yinxin_gm::sm2::{DEFAULT_ID, MessageDigest, PrivateKey};
    ///
    /// # let rng = &mut UnwrapErr(getrandom::SysRng);
    /// let key = PrivateKey::generate(rng);
    /// let items = [(key.public_key(), DEFAULT_ID, &b"one"[..]), (key.public_key(), DEFAULT_ID, b"two")];
    /// let digests = MessageDigest::many(&items);
    /// assert_eq!(digests[1], MessageDigest::new(key.public_key(), DEFAULT_ID, b"two"));
    /// # Ok::<(), yinxin_gm::Error>(())
    /// ```
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn many(items: &[(&PublicKey, &[u8], &[u8])]) -> Vec<Result<Self, Error>> {
        let mut digests: Vec<_> = items
            .iter()
            .map(|&(key, id, _)| Ok((before_key(id)?, Self { e: Digest::ZERO, key: *key })))
            .collect();
        let mut zs = alloc::vec![Digest::ZERO; items.len()];
        let begun = digests.iter().flatten().zip(&mut zs);
        let begun: Vec<_> =
            begun.map(|((hash, digest), z)| (hash, &digest.key.coordinates()[..], z)).collect();
        crate::sm3::each(begun.into_iter());
        for ((hash, _), z) in digests.iter_mut().flatten().zip(&zs) {
            *hash = Sm3::new();
            hash.update(z.as_bytes());
        }
        let begun = digests.iter_mut().zip(items);
        let begun: Vec<_> = begun
            .filter_map(|(digest, item)| digest.as_mut().ok().map(|digest| (digest, item.2)))
            .map(|((hash, digest), message)| (&*hash, message, &mut digest.e))
            .collect();
        crate::sm3::each(begun.into_iter());
        digests.into_iter().map(|digest| digest.map(|(_, digest)| digest)).collect()
    }

    /// As [`MessageDigest::new`], given Z of an identifier and `key`.
    pub(super) fn with_z(key: &PublicKey, z: &Digest, message: &[u8]) -> Self {
        Self { e: crate::sm3::digest_all(&[z.as_bytes(), message]), key: *key }
    }

    /// The key this was made for.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        &self.key
    }

    /// Verifies `signature` under the key this was made for.
    ///
    /// # Errors
    ///
    /// [`Error::Signature`] when it does not verify.
    pub fn verify(&self, signature: &Signature) -> Result<(), Error> {
        signature.check(self)
    }

    /// e, if `key` is the one this was made for.
    pub(super) fn for_key(&self, key: &PrivateKey) -> Result<&Digest, Error> {
        if self.key == *key.public_key() { Ok(&self.e) } else { Err(Error::KeyMismatch) }
    }

    /// e modulo n.
    pub(super) fn scalar(&self) -> Scalar {
        Scalar::from_bytes_reduced(self.e.as_bytes())
    }
}

impl fmt::Debug for MessageDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MessageDigest({})", self.e)
    }
}

/// A [`MessageDigest`] of a message that arrives in pieces.
#[derive(Clone, Debug)]
pub struct MessageDigester {
    hash: Sm3,
    key: PublicKey,
}

impl MessageDigester {
    /// Begins with Z = SM3(ENTL ‖ ID ‖ a ‖ b ‖ x_G ‖ y_G ‖ x_A ‖ y_A).
    ///
    /// # Errors
    ///
    /// [`Error::IdLength`] when `id` has more than [`MAX_ID`] bytes.
    pub fn new(key: &PublicKey, id: &[u8]) -> Result<Self, Error> {
        let z = identity(key, id)?;
        let mut hash = Sm3::new();
        hash.update(z.as_bytes());
        Ok(Self { hash, key: *key })
    }

    /// Appends a part of the message.
    pub fn update(&mut self, part: &[u8]) {
        self.hash.update(part);
    }

    /// The digest of everything appended.
    #[must_use]
    pub fn finalize(self) -> MessageDigest {
        MessageDigest { e: self.hash.finalize(), key: self.key }
    }
}

/// Z = SM3(ENTL ‖ ID ‖ a ‖ b ‖ x_G ‖ y_G ‖ x_A ‖ y_A).
pub(super) fn identity(key: &PublicKey, id: &[u8]) -> Result<Digest, Error> {
    Ok(of_key(before_key(id)?, key))
}

/// Z of [`DEFAULT_ID`] and `key`, for those who sign or verify often with one key.
pub(super) fn default_z(key: &PublicKey) -> Digest {
    of_key(before_default_key(), key)
}

fn of_key(mut before: Sm3, key: &PublicKey) -> Digest {
    before.update(key.coordinates());
    before.finalize()
}

/// What of Z comes before the key.
fn before_key(id: &[u8]) -> Result<Sm3, Error> {
    let too_long = Error::IdLength { len: id.len(), max: MAX_ID };
    let entl = u16::try_from(id.len()).ok().and_then(|len| len.checked_mul(8)).ok_or(too_long)?;
    if id == DEFAULT_ID {
        return Ok(before_default_key());
    }
    let mut hash = Sm3::new();
    [&entl.to_be_bytes(), id, &CURVE[..]].into_iter().for_each(|part| hash.update(part));
    Ok(hash)
}

/// The same for [`DEFAULT_ID`], of which two blocks are hashed here.
fn before_default_key() -> Sm3 {
    const TWO_BLOCKS: [u32; 8] = [
        0xadad_edb5,
        0x0446_043f,
        0x08a8_7ace,
        0xe86d_2243,
        0x8e23_2383,
        0xbfc8_1fe2,
        0xcf91_17c8,
        0x4707_011d,
    ];
    let mut hash = Sm3::resumed(TWO_BLOCKS, 2);
    hash.update(&CURVE[2 * BLOCK - 2 - DEFAULT_ID.len()..]);
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn z_of_the_default_identifier_is_that_of_its_bytes() {
        let key = PrivateKey::from_bytes(&[7; 32]).expect("in range");
        let key = key.public_key();
        let parts = [&[0, 128][..], DEFAULT_ID, &CURVE, key.coordinates()];
        assert_eq!(default_z(key), crate::sm3::digest_all(&parts));
        assert_eq!(identity(key, DEFAULT_ID), Ok(default_z(key)));
        let parts = [&[0, 8][..], b"1", &CURVE, key.coordinates()];
        assert_eq!(identity(key, b"1"), Ok(crate::sm3::digest_all(&parts)));
    }

    #[test]
    fn many_digests_are_those_of_one_after_the_other() {
        let keys = [5, 6, 7].map(|i| PrivateKey::from_bytes(&[i; 32]).expect("in range"));
        let long = alloc::vec![b'x'; MAX_ID + 1];
        let ids = [DEFAULT_ID, b"", b"another", &long];
        let messages: Vec<_> = (0..50).map(|len| alloc::vec![3; 11 * len]).collect();
        for count in [0, 1, 2, 9, 50] {
            let items: Vec<_> = (0..count)
                .map(|i| (keys[i % 3].public_key(), ids[i % 7 % 4], &messages[i][..]))
                .collect();
            let one_by_one: Vec<_> = items
                .iter()
                .map(|(key, id, message)| MessageDigest::new(key, id, message))
                .collect();
            assert_eq!(MessageDigest::many(&items), one_by_one);
        }
    }
}
