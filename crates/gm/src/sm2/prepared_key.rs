//! Public keys that verify many signatures.

use alloc::boxed::Box;
use core::fmt;

use super::{
    MessageDigest, PublicKey, Signature,
    message_digest::{self, DEFAULT_ID},
};
use crate::{
    Digest, Error,
    backend::{self, Table},
};

/// A [`PublicKey`] with the multiples of its point that verifying needs, so that nothing is doubled 256 times.
///
/// It holds [`PreparedKey::MEMORY`] bytes. Making it takes as long as three to seven verifications without it.
///
/// ```
/// # use rand_core::UnwrapErr;
/// use yinxin_gm::sm2::{DEFAULT_ID, PrivateKey};
///
/// # let rng = &mut UnwrapErr(getrandom::SysRng);
/// let key = PrivateKey::generate(rng);
/// let signature = key.sign(DEFAULT_ID, b"one of many", rng)?;
/// let prepared = key.public_key().prepare();
/// prepared.verify(DEFAULT_ID, b"one of many", &signature)?;
/// assert!(prepared.verify(DEFAULT_ID, b"another", &signature).is_err());
/// # Ok::<(), yinxin_gm::Error>(())
/// ```
#[derive(Clone)]
pub struct PreparedKey {
    key: PublicKey,
    /// Invariant: made from `key`.
    table: Box<Table>,
    /// Invariant: Z of the default identifier.
    default_z: Digest,
}

impl PreparedKey {
    /// The bytes that one holds.
    pub const MEMORY: usize = size_of::<Self>() + size_of::<Table>();

    pub(super) fn new(key: &PublicKey) -> Self {
        Self {
            key: *key,
            table: backend::prepare(key.point()),
            default_z: message_digest::default_z(key),
        }
    }

    /// The key that was prepared.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        &self.key
    }

    pub(super) const fn table(&self) -> &Table {
        &self.table
    }

    /// As [`PublicKey::verify`].
    ///
    /// # Errors
    ///
    /// [`Error::Signature`] when it does not verify, [`Error::IdLength`] when `id` is too long.
    pub fn verify(&self, id: &[u8], message: &[u8], signature: &Signature) -> Result<(), Error> {
        let digest = if id == DEFAULT_ID {
            MessageDigest::with_z(&self.key, &self.default_z, message)
        } else {
            MessageDigest::new(&self.key, id, message)?
        };
        signature.check_prepared(&digest, &self.table)
    }

    /// As [`PublicKey::verify_digest`].
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
        if digest.public_key() == &self.key {
            signature.check_prepared(digest, &self.table)
        } else {
            Err(Error::KeyMismatch)
        }
    }
}

impl fmt::Debug for PreparedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PreparedKey({})", self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sm2::PrivateKey;

    #[test]
    fn a_prepared_key_says_what_its_key_says() {
        let rng = &mut rand_core::UnwrapErr(getrandom::SysRng);
        let (key, other) = (PrivateKey::generate(rng), PrivateKey::generate(rng));
        let prepared = key.public_key().prepare();
        for id in [DEFAULT_ID, b"", b"another"] {
            let signature = key.sign(id, b"message", rng).expect("short id");
            assert_eq!(prepared.verify(id, b"message", &signature), Ok(()));
            assert_eq!(prepared.verify(id, b"massage", &signature), Err(Error::Signature));
            assert_eq!(prepared.verify(b"no one", b"message", &signature), Err(Error::Signature));
            let digest = MessageDigest::new(key.public_key(), id, b"message").expect("short id");
            assert_eq!(prepared.verify_digest(&digest, &signature), Ok(()));
            let digest = MessageDigest::new(other.public_key(), id, b"message").expect("short id");
            assert_eq!(prepared.verify_digest(&digest, &signature), Err(Error::KeyMismatch));
        }
        let too_long = [0; 8192];
        let signature = key.sign(DEFAULT_ID, b"message", rng).expect("short id");
        assert!(matches!(
            prepared.verify(&too_long, b"message", &signature),
            Err(Error::IdLength { .. })
        ));
    }
}
