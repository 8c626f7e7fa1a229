//! SM3, the hash of GB/T 32905-2016.

use zeroize::Zeroize;

use crate::{
    Digest,
    backend::sm3::{IV, compress},
};

mod many;
#[cfg(feature = "alloc")]
pub(crate) use many::each;
pub use many::{many, nodes};

/// The bytes of one SM3 block.
pub const BLOCK: usize = 64;

/// What follows whole blocks, but for the length.
const PADDING: [u8; BLOCK] = {
    let mut padding = [0; BLOCK];
    padding[0] = 0x80;
    padding
};

/// SM3 of `data`.
#[must_use]
pub fn digest(data: &[u8]) -> Digest {
    let (blocks, tail) = data.as_chunks::<BLOCK>();
    // Alone in its block the padding is not written byte by byte: what reads its first words at once would wait for that.
    let mut ends = [PADDING, [0; BLOCK]];
    let [first, second] = &mut ends;
    if !tail.is_empty() {
        first[..tail.len()].copy_from_slice(tail);
        first[tail.len()] = 0x80;
    }
    let two = tail.len() + 1 > BLOCK - 8;
    let length = (data.len() as u64).wrapping_mul(8).to_be_bytes();
    let end = if two { &mut *second } else { &mut *first };
    end[BLOCK - 8..].copy_from_slice(&length);
    let mut state = IV;
    compress(&mut state, blocks, &ends[..if two { 2 } else { 1 }]);
    to_digest(state)
}

/// SM3 of the concatenation of `parts`.
#[must_use]
pub fn digest_all(parts: &[&[u8]]) -> Digest {
    let mut hash = Sm3::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize()
}

/// SM3 of data that arrives in pieces.
///
/// ```
/// use yinxin_gm::sm3::{Sm3, digest};
///
/// let mut hash = Sm3::new();
/// hash.update(b"a");
/// hash.update(b"bc");
/// assert_eq!(hash.finalize(), digest(b"abc"));
/// ```
#[derive(Clone)]
pub struct Sm3 {
    state: [u32; 8],
    /// Invariant: `buffered` < 64 between calls.
    buffer: [u8; BLOCK],
    buffered: usize,
    length: u64,
}

impl Sm3 {
    /// The hash of nothing, so far.
    #[must_use]
    pub const fn new() -> Self {
        Self { state: IV, buffer: [0; BLOCK], buffered: 0, length: 0 }
    }

    /// The hash of what left `state` behind, `blocks` whole blocks.
    pub(crate) const fn resumed(state: [u32; 8], blocks: u64) -> Self {
        Self { state, buffer: [0; BLOCK], buffered: 0, length: blocks * BLOCK as u64 }
    }

    /// Appends `data`.
    pub fn update(&mut self, mut data: &[u8]) {
        // 2^61 bytes would overflow the bit count; no machine feeds them.
        self.length = self.length.wrapping_add(data.len() as u64);
        if self.buffered > 0 {
            let take = data.len().min(BLOCK - self.buffered);
            let (head, rest) = data.split_at(take);
            self.buffer[self.buffered..self.buffered + take].copy_from_slice(head);
            self.buffered += take;
            data = rest;
            if self.buffered < BLOCK {
                return;
            }
            self.buffered = 0;
            let (blocks, tail) = data.as_chunks::<BLOCK>();
            compress(&mut self.state, core::slice::from_ref(&self.buffer), blocks);
            data = tail;
        }
        let (blocks, tail) = data.as_chunks::<BLOCK>();
        compress(&mut self.state, blocks, &[]);
        self.buffer[..tail.len()].copy_from_slice(tail);
        self.buffered = tail.len();
    }

    /// The digest of everything appended.
    #[must_use]
    pub fn finalize(mut self) -> Digest {
        self.finish()
    }

    /// Pads, and leaves the state behind for the caller to wipe.
    pub(crate) fn finish(&mut self) -> Digest {
        let bits = self.length.wrapping_mul(8);
        self.buffer[self.buffered] = 0x80;
        self.buffer[self.buffered + 1..].fill(0);
        if self.buffered + 1 > BLOCK - 8 {
            let mut last = [0; BLOCK];
            last[BLOCK - 8..].copy_from_slice(&bits.to_be_bytes());
            compress(&mut self.state, core::slice::from_ref(&self.buffer), &[last]);
        } else {
            self.buffer[BLOCK - 8..].copy_from_slice(&bits.to_be_bytes());
            compress(&mut self.state, core::slice::from_ref(&self.buffer), &[]);
        }
        to_digest(self.state)
    }
}

fn to_digest(state: [u32; 8]) -> Digest {
    let mut out = [0; 32];
    for (bytes, word) in out.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
    Digest(out)
}

impl Default for Sm3 {
    fn default() -> Self {
        Self::new()
    }
}

/// Prints nothing of the state: what was hashed may be secret.
impl core::fmt::Debug for Sm3 {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Sm3").finish_non_exhaustive()
    }
}

impl Zeroize for Sm3 {
    fn zeroize(&mut self) {
        let Self { state, buffer, buffered, length } = self;
        state.zeroize();
        buffer.zeroize();
        buffered.zeroize();
        length.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_the_data_is_cut_does_not_matter() {
        let data: [u8; 300] = core::array::from_fn(|i| u8::try_from(i % 251).expect("below 251"));
        for cut in 0..=data.len() {
            let (a, b) = data.split_at(cut);
            assert_eq!(digest_all(&[a, b]), digest(&data), "cut at {cut}");
        }
    }
}
