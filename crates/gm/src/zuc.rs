//! ZUC, the stream cipher of GB/T 33133, with keys of 128 and of 256 bits, and what is built on it.
//!
//! | item | standard | here |
//! |---|---|---|
//! | ZUC-128 | GB/T 33133.1, 3GPP TS 35.222 | [`Zuc::new_128`] |
//! | EEA3, EIA3 | GB/T 33133.2 and .3, 3GPP TS 35.221 | [`lte`] |
//! | ZUC-256, its MAC | "The ZUC-256 Stream Cipher" (2018) | [`Zuc::new_256`], [`mac256`] |
//! | 256-NEA6, 256-NIA6, 256-NCA6 | the addendum of 2021 (ePrint 2021/1439); 3GPP | [`nr`] |
//!
//! No branch and no address depends on a secret: the S-boxes are circuits, not tables.

mod mac256;
mod sbox;
mod state;

pub mod lte;
pub mod nr;

pub use mac256::{mac256, verify_mac256};

use core::fmt;

use state::{State, wide};
use zeroize::Zeroizing;

/// A key stream under one key and initial value; wiped when dropped.
///
/// No two streams may ever have the same key and initial value.
///
/// ```
/// use yinxin_gm::zuc::Zuc;
///
/// let mut data = *b"a licence";
/// Zuc::new_128(&[1; 16], &[2; 16]).apply(&mut data);
/// Zuc::new_128(&[1; 16], &[2; 16]).apply(&mut data);
/// assert_eq!(&data, b"a licence");
/// ```
#[derive(Clone)]
pub struct Zuc {
    state: State,
    /// What is left of the last word, at its end.
    word: Zeroizing<[u8; 4]>,
    /// Invariant: at most 4, the bytes of `word` already used.
    used: usize,
}

impl Zuc {
    /// ZUC-128.
    #[must_use]
    pub fn new_128(key: &[u8; 16], iv: &[u8; 16]) -> Self {
        Self::begin(State::new_128(key, iv))
    }

    /// ZUC-256 with the initial value of 184 bits: seventeen bytes, then eight numbers of six bits.
    #[must_use]
    pub fn new_256(key: &[u8; 32], iv: &[u8; 23]) -> Self {
        Self::begin(State::new_256(key, iv, wide::KEY_STREAM))
    }

    /// XORs the next bytes of the key stream onto `data`: encrypts and decrypts. The data may come in pieces.
    pub fn apply(&mut self, data: &mut [u8]) {
        let (head, data) = data.split_at_mut(data.len().min(4 - self.used));
        xor(head, &self.word[self.used..]);
        self.used += head.len();
        let (words, tail) = data.as_chunks_mut::<4>();
        for word in words {
            *word = (u32::from_be_bytes(*word) ^ self.state.next_word()).to_be_bytes();
        }
        if !tail.is_empty() {
            *self.word = self.state.next_word().to_be_bytes();
            xor(tail, &*self.word);
            self.used = tail.len();
        }
    }

    fn begin(state: State) -> Self {
        Self { state, word: Zeroizing::new([0; 4]), used: 4 }
    }
}

impl fmt::Debug for Zuc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Zuc").finish_non_exhaustive()
    }
}

/// XORs `mask` onto `data`, as far as the shorter reaches.
fn xor(data: &mut [u8], mask: &[u8]) {
    data.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
}
