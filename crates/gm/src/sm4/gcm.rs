//! SM4-GCM (NIST SP 800-38D over SM4, RFC 8998): encrypts and authenticates.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{BLOCK, Sm4, xor};
use crate::{
    Error,
    backend::{Ghash, reveal},
};

mod sealing;

pub use sealing::Sealing;

/// The bytes of a tag; shorter tags are not supported.
pub const TAG: usize = 16;

/// SP 800-38D 5.2.1.1: at most 2³⁹ − 256 bits, so that the 32-bit counter does not repeat.
const MAX_DATA: u64 = (1 << 36) - 32;
/// SP 800-38D 5.2.1.1: at most 2⁶⁴ − 1 bits.
const MAX_AAD: u64 = (1 << 61) - 1;

/// Encrypts `data` and appends the tag over it and `aad`.
///
/// A nonce must never be used twice under one key. Twelve bytes are usual; any other length but zero is hashed.
///
/// # Errors
///
/// [`Error::Length`] when the nonce is empty, [`Error::TooLong`] when there is more data than GCM takes.
///
/// ```
/// use yinxin_gm::sm4::gcm;
///
/// let sealed = gcm::seal(&[1; 16], &[2; 12], b"header", b"secret")?;
/// assert_eq!(gcm::open(&[1; 16], &[2; 12], b"header", &sealed)?.as_slice(), b"secret");
/// assert!(gcm::open(&[1; 16], &[2; 12], b"changed", &sealed).is_err());
/// # Ok::<(), yinxin_gm::Error>(())
/// ```
#[cfg(feature = "alloc")]
pub fn seal(key: &[u8; 16], nonce: &[u8], aad: &[u8], data: &[u8]) -> Result<Vec<u8>, Error> {
    // Allocated once: growing would leave copies of the plaintext behind.
    let mut out = Vec::with_capacity(data.len() + TAG);
    out.extend_from_slice(data);
    let tag = Gcm::new(key).seal_in_place(nonce, aad, &mut out)?;
    out.extend_from_slice(&tag);
    Ok(out)
}

/// Checks the tag at the end of `data` and only then decrypts what is before it.
///
/// # Errors
///
/// [`Error::Decryption`] when key, nonce, `aad`, ciphertext and tag do not fit each other; otherwise as [`seal`].
#[cfg(feature = "alloc")]
pub fn open(
    key: &[u8; 16],
    nonce: &[u8],
    aad: &[u8],
    data: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let (data, tag) = data.split_last_chunk().ok_or(Error::Decryption)?;
    let mut out = Zeroizing::new(data.to_vec());
    Gcm::new(key).open_in_place(nonce, aad, &mut out, tag)?;
    Ok(out)
}

/// SM4-GCM under one key, for many messages; wiped when dropped.
#[derive(Clone)]
pub struct Gcm {
    sm4: Sm4,
    ghash: Ghash,
}

impl Gcm {
    /// Expands `key`.
    #[must_use]
    pub fn new(key: &[u8; 16]) -> Self {
        let sm4 = Sm4::new(key);
        let mut h = Zeroizing::new([0; BLOCK]);
        sm4.encrypt_block(&mut h);
        Self { ghash: Ghash::new(&h), sm4 }
    }

    /// Encrypts `data` in place and returns the tag.
    ///
    /// # Errors
    ///
    /// As [`seal`].
    pub fn seal_in_place(
        &self,
        nonce: &[u8],
        aad: &[u8],
        data: &mut [u8],
    ) -> Result<[u8; TAG], Error> {
        let counter = self.first_counter(nonce, aad.len() as u64, data.len() as u64)?;
        self.apply(counter, data);
        Ok(self.tag(counter, aad, data))
    }

    /// Checks `tag` and decrypts `data` in place; on failure `data` is wiped.
    ///
    /// # Errors
    ///
    /// As [`open`].
    pub fn open_in_place(
        &self,
        nonce: &[u8],
        aad: &[u8],
        data: &mut [u8],
        tag: &[u8; TAG],
    ) -> Result<(), Error> {
        let counter = self.first_counter(nonce, aad.len() as u64, data.len() as u64)?;
        let expected = Zeroizing::new(self.tag(counter, aad, data));
        if !reveal(bool::from(expected.ct_eq(tag))) {
            data.fill(0);
            return Err(Error::Decryption);
        }
        self.apply(counter, data);
        Ok(())
    }

    /// J₀ of SP 800-38D 7.1 step 2, after the checks of the lengths.
    fn first_counter(&self, nonce: &[u8], aad: u64, data: u64) -> Result<[u8; BLOCK], Error> {
        let nonce_len = nonce.len() as u64;
        for (len, max) in [(data, MAX_DATA), (aad, MAX_AAD), (nonce_len, MAX_AAD)] {
            if len > max {
                return Err(Error::TooLong { len, max });
            }
        }
        if nonce.is_empty() {
            return Err(Error::Length { expected: 12, got: 0 });
        }
        let mut counter = [0; BLOCK];
        if nonce.len() == 12 {
            counter[..12].copy_from_slice(nonce);
            counter[15] = 1;
            return Ok(counter);
        }
        self.ghash.absorb(&mut counter, nonce);
        self.ghash.absorb(&mut counter, &lengths(0, nonce_len));
        Ok(counter)
    }

    /// GCTR from the counter after `first`; only the last 32 bits count.
    fn apply(&self, first: [u8; BLOCK], data: &mut [u8]) {
        self.sm4.keys.ctr32(&second(first), data);
    }

    fn tag(&self, counter: [u8; BLOCK], aad: &[u8], data: &[u8]) -> [u8; TAG] {
        let mut y = [0; BLOCK];
        self.ghash.absorb(&mut y, aad);
        self.ghash.absorb(&mut y, data);
        self.close(counter, y, [aad.len() as u64, data.len() as u64])
    }

    /// The tag from the GHASH of everything but the lengths.
    fn close(&self, counter: [u8; BLOCK], mut y: [u8; BLOCK], [aad, data]: [u64; 2]) -> [u8; TAG] {
        self.ghash.absorb(&mut y, &lengths(aad, data));
        let mut mask = counter;
        self.sm4.encrypt_block(&mut mask);
        xor(&mut y, &mask);
        y
    }
}

impl core::fmt::Debug for Gcm {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Gcm").finish_non_exhaustive()
    }
}

/// The counter block after the first.
fn second(first: [u8; BLOCK]) -> [u8; BLOCK] {
    let [fixed @ .., a, b, c, d] = first;
    let count = u32::from_be_bytes([a, b, c, d]).wrapping_add(1);
    let mut counter = [0; BLOCK];
    counter[..BLOCK - 4].copy_from_slice(&fixed);
    counter[BLOCK - 4..].copy_from_slice(&count.to_be_bytes());
    counter
}

/// The closing block: both lengths in bits.
fn lengths(first: u64, second: u64) -> [u8; BLOCK] {
    (((u128::from(first) * 8) << 64) | (u128::from(second) * 8)).to_be_bytes()
}
