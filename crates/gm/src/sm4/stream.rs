//! A long message in chunks, each of which is authentic by itself and in its place: the STREAM construction of Hoang,
//! Reyhanitabar, Rogaway and Vizár (2015) over SM4-GCM.
//!
//! ```text
//! nonce of chunk i = prefix (7 bytes) ‖ i (4 bytes, big-endian) ‖ 1 if it is the last, else 0
//! ```
//!
//! Chunks that are moved, left out, doubled or taken from another message do not open, and a message that was cut
//! short has no last chunk. Nothing of a chunk is released before its tag is checked; memory is one chunk.

use super::gcm::{Gcm, TAG};
use crate::Error;

/// The bytes of the nonce that a message chooses.
pub const PREFIX: usize = 7;

/// Encrypts the chunks of one message, in order.
///
/// ```
/// use yinxin_gm::sm4::stream::{Opener, Sealer};
///
/// let (key, prefix) = ([1; 16], [2; 7]);
/// let (mut first, mut last) = (*b"the first chunk", *b"the last");
/// let mut sealer = Sealer::new(&key, &prefix);
/// let first_tag = sealer.seal_next(b"", &mut first)?;
/// let last_tag = sealer.seal_last(b"", &mut last)?;
///
/// let mut opener = Opener::new(&key, &prefix);
/// opener.open_next(b"", &mut first, &first_tag)?;
/// opener.open_last(b"", &mut last, &last_tag)?;
/// assert_eq!((&first, &last), (b"the first chunk", b"the last"));
/// # Ok::<(), yinxin_gm::Error>(())
/// ```
#[derive(Debug)]
pub struct Sealer(Chunks);

/// Decrypts the chunks of one message, in order; after a failure it opens nothing more.
///
/// Only [`Self::open_last`] says that nothing is missing: whoever stops before it has a part of a message.
#[derive(Debug)]
pub struct Opener {
    chunks: Chunks,
    failed: bool,
}

#[derive(Debug)]
struct Chunks {
    gcm: Gcm,
    prefix: [u8; PREFIX],
    next: u32,
}

impl Sealer {
    /// A message under `key`. No two messages under one key may have the same `prefix`: for a key that encrypts one
    /// message it may be zeros; otherwise a number that counts them, or random (among 2¹⁸, two agree with probability 2⁻²¹).
    #[must_use]
    pub fn new(key: &[u8; 16], prefix: &[u8; PREFIX]) -> Self {
        Self(Chunks { gcm: Gcm::new(key), prefix: *prefix, next: 0 })
    }

    /// Encrypts the next chunk in place and returns its tag; there will be another.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`] when only a last chunk can follow (2³² − 1 are there), or when the chunk is longer than GCM takes.
    pub fn seal_next(&mut self, aad: &[u8], chunk: &mut [u8]) -> Result<[u8; TAG], Error> {
        let following = self.0.following()?;
        let tag = self.0.gcm.seal_in_place(&self.0.nonce(false), aad, chunk)?;
        self.0.next = following;
        Ok(tag)
    }

    /// Encrypts the last chunk in place and returns its tag. It may be empty.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`] when the chunk is longer than GCM takes.
    pub fn seal_last(self, aad: &[u8], chunk: &mut [u8]) -> Result<[u8; TAG], Error> {
        self.0.gcm.seal_in_place(&self.0.nonce(true), aad, chunk)
    }
}

impl Opener {
    /// The message under `key` that was sealed with `prefix`.
    #[must_use]
    pub fn new(key: &[u8; 16], prefix: &[u8; PREFIX]) -> Self {
        Self::resume(key, prefix, 0)
    }

    /// As [`Self::new`], from chunk `next` on: those before it were opened earlier, or are not wanted.
    #[must_use]
    pub fn resume(key: &[u8; 16], prefix: &[u8; PREFIX], next: u32) -> Self {
        let chunks = Chunks { gcm: Gcm::new(key), prefix: *prefix, next };
        Self { chunks, failed: false }
    }

    /// Checks the tag of the next chunk, which must not be the last, and decrypts it in place.
    ///
    /// # Errors
    ///
    /// [`Error::Decryption`] when it is not that chunk or an earlier one failed; the chunk is wiped then.
    pub fn open_next(
        &mut self,
        aad: &[u8],
        chunk: &mut [u8],
        tag: &[u8; TAG],
    ) -> Result<(), Error> {
        let following = self.chunks.following()?;
        self.open(false, aad, chunk, tag)?;
        self.chunks.next = following;
        Ok(())
    }

    /// Checks the tag of the last chunk and decrypts it in place: the message is whole.
    ///
    /// # Errors
    ///
    /// As [`Self::open_next`].
    pub fn open_last(mut self, aad: &[u8], chunk: &mut [u8], tag: &[u8; TAG]) -> Result<(), Error> {
        self.open(true, aad, chunk, tag)
    }

    fn open(
        &mut self,
        last: bool,
        aad: &[u8],
        chunk: &mut [u8],
        tag: &[u8; TAG],
    ) -> Result<(), Error> {
        if self.failed {
            chunk.fill(0);
            return Err(Error::Decryption);
        }
        let nonce = self.chunks.nonce(last);
        let opened = self.chunks.gcm.open_in_place(&nonce, aad, chunk, tag);
        self.failed = opened.is_err();
        opened
    }
}

impl Chunks {
    fn nonce(&self, last: bool) -> [u8; 12] {
        let mut nonce = [0; 12];
        nonce[..PREFIX].copy_from_slice(&self.prefix);
        nonce[PREFIX..11].copy_from_slice(&self.next.to_be_bytes());
        nonce[11] = u8::from(last);
        nonce
    }

    fn following(&self) -> Result<u32, Error> {
        let max = u64::from(u32::MAX);
        self.next.checked_add(1).ok_or(Error::TooLong { len: max + 1, max })
    }
}
