//! HMAC-SM3 (GB/T 15852.2, RFC 2104 over SM3).

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{
    Digest, Error,
    backend::reveal,
    sm3::{self, Sm3},
};

/// HMAC-SM3 of `message` under `key`.
#[must_use]
pub fn hmac_sm3(key: &[u8], message: &[u8]) -> Digest {
    let mut mac = HmacSm3::new(key);
    mac.update(message);
    mac.finalize()
}

/// HMAC-SM3 of a message that arrives in pieces; wiped when dropped.
///
/// ```
/// use yinxin_gm::hmac::HmacSm3;
///
/// let mut mac = HmacSm3::new(b"key");
/// mac.update(b"message");
/// let tag = mac.clone().finalize();
/// assert!(mac.verify(tag.as_bytes()).is_ok());
/// ```
#[derive(Clone)]
pub struct HmacSm3 {
    inner: Sm3,
    outer: Sm3,
}

impl HmacSm3 {
    /// A MAC under `key`, which may have any length.
    #[must_use]
    pub fn new(key: &[u8]) -> Self {
        let mut block = Zeroizing::new([0; sm3::BLOCK]);
        if key.len() > sm3::BLOCK {
            let mut hash = Zeroizing::new(Sm3::new());
            hash.update(key);
            block[..32].copy_from_slice(&Zeroizing::new(hash.finish().0)[..]);
        } else {
            block[..key.len()].copy_from_slice(key);
        }
        block.iter_mut().for_each(|byte| *byte ^= 0x36);
        let mut inner = Sm3::new();
        inner.update(&block[..]);
        block.iter_mut().for_each(|byte| *byte ^= 0x36 ^ 0x5c);
        let mut outer = Sm3::new();
        outer.update(&block[..]);
        Self { inner, outer }
    }

    /// Appends `data`.
    pub fn update(&mut self, data: &[u8]) {
        self.inner.update(data);
    }

    /// The MAC of everything appended.
    #[must_use]
    pub fn finalize(mut self) -> Digest {
        let inner = self.inner.finish();
        self.outer.update(inner.as_bytes());
        self.outer.finish()
    }

    /// For each item the MAC of what was appended to it, followed by the message.
    #[cfg(feature = "alloc")]
    pub(crate) fn each<'a>(items: &[(&'a Self, &'a [u8])]) -> Zeroizing<Vec<Digest>> {
        let mut inner = Zeroizing::new(alloc::vec![Digest::ZERO; items.len()]);
        let mut tags = Zeroizing::new(alloc::vec![Digest::ZERO; items.len()]);
        let digested = items.iter().zip(inner.iter_mut());
        sm3::each(digested.map(|((mac, message), digest)| (&mac.inner, *message, digest)));
        let tagged = items.iter().zip(inner.iter()).zip(tags.iter_mut());
        sm3::each(tagged.map(|(((mac, _), inner), tag)| (&mac.outer, &inner.0[..], tag)));
        tags
    }

    /// Compares the MAC of everything appended with `tag`, in constant time.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] when the tag is not 32 bytes, [`Error::Signature`] when it is another one.
    pub fn verify(self, tag: &[u8]) -> Result<(), Error> {
        let tag: &[u8; 32] =
            tag.try_into().map_err(|_| Error::Length { expected: 32, got: tag.len() })?;
        if reveal(self.finalize().0.ct_eq(tag).into()) { Ok(()) } else { Err(Error::Signature) }
    }
}

impl core::fmt::Debug for HmacSm3 {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("HmacSm3").finish_non_exhaustive()
    }
}

impl Drop for HmacSm3 {
    fn drop(&mut self) {
        self.inner.zeroize();
        self.outer.zeroize();
    }
}

impl ZeroizeOnDrop for HmacSm3 {}
