//! GHASH with PCLMULQDQ, from level [`AesNi`](crate::backend::Backend::AesNi): eight blocks to one reduction.
//!
//! Blocks are taken bytes reversed, so that bit 127 is the coefficient of x⁰. Every power is kept times x, which makes
//! up for the bit that reflected products are short of (Gueron and Kounavis).

#![allow(unsafe_code, reason = "loads and stores")]

use core::arch::x86_64::*;

use zeroize::{Zeroize, ZeroizeOnDrop};

pub(crate) mod wide;

/// H⁸, H⁷, …, H; wiped when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Powers([[u64; 2]; AT_ONCE]);

const AT_ONCE: usize = 8;

impl Powers {
    #[target_feature(enable = "pclmulqdq,ssse3")]
    pub(crate) fn new(h: &[u8; 16]) -> Self {
        let first = times_x(h);
        let mut power = first;
        let mut powers = [[0; 2]; AT_ONCE];
        for slot in powers.iter_mut().rev() {
            *slot = to_words(power);
            power = multiply(power, first);
        }
        Self(powers)
    }

    /// Absorbs `data`, zero-padded to whole blocks, into `y`.
    #[target_feature(enable = "pclmulqdq,ssse3")]
    pub(crate) fn absorb(&self, y: &mut [u8; 16], data: &[u8]) {
        let mut state = load(y);
        let (blocks, tail) = data.as_chunks::<16>();
        for blocks in blocks.chunks(AT_ONCE) {
            state = self.batch(state, blocks);
        }
        if !tail.is_empty() {
            let mut block = [0; 16];
            block[..tail.len()].copy_from_slice(tail);
            state = self.batch(state, &[block]);
        }
        *y = to_bytes(state);
    }

    /// Σ (block i) · H^(n − i), `state` added to the first.
    #[inline]
    #[target_feature(enable = "pclmulqdq,ssse3")]
    fn batch(&self, mut state: __m128i, blocks: &[[u8; 16]]) -> __m128i {
        let mut low = _mm_setzero_si128();
        let (mut middle, mut high) = (low, low);
        for (block, power) in blocks.iter().zip(&self.0[AT_ONCE - blocks.len()..]) {
            let x = _mm_xor_si128(load(block), state);
            state = _mm_setzero_si128();
            let p = from_words(power);
            low = _mm_xor_si128(low, _mm_clmulepi64_si128::<0x00>(x, p));
            high = _mm_xor_si128(high, _mm_clmulepi64_si128::<0x11>(x, p));
            let cross = _mm_clmulepi64_si128::<0x01>(x, p);
            middle = _mm_xor_si128(middle, cross);
            middle = _mm_xor_si128(middle, _mm_clmulepi64_si128::<0x10>(x, p));
        }
        reduce(low, middle, high)
    }
}

/// H·x in the reflected order.
fn times_x(h: &[u8; 16]) -> __m128i {
    let h = u128::from_be_bytes(*h);
    let carry = 0_u128.wrapping_sub(h >> 127);
    let [low, high] = halves((h << 1) ^ (carry & 0xc200_0000_0000_0000_0000_0000_0000_0001));
    from_words(&[low, high])
}

fn halves(x: u128) -> [u64; 2] {
    let bytes = x.to_le_bytes();
    let (words, _) = bytes.as_chunks();
    [u64::from_le_bytes(words[0]), u64::from_le_bytes(words[1])]
}

#[inline]
#[target_feature(enable = "pclmulqdq,ssse3")]
fn multiply(x: __m128i, p: __m128i) -> __m128i {
    let middle =
        _mm_xor_si128(_mm_clmulepi64_si128::<0x01>(x, p), _mm_clmulepi64_si128::<0x10>(x, p));
    reduce(_mm_clmulepi64_si128::<0x00>(x, p), middle, _mm_clmulepi64_si128::<0x11>(x, p))
}

/// The 256-bit sum modulo x¹²⁸ + x⁷ + x² + x + 1, a half of the lower part at a time.
#[inline]
#[target_feature(enable = "pclmulqdq,sse2")]
fn reduce(low: __m128i, middle: __m128i, high: __m128i) -> __m128i {
    let modulus = _mm_set_epi64x(0, MODULUS);
    let low = _mm_xor_si128(low, _mm_slli_si128::<8>(middle));
    let high = _mm_xor_si128(high, _mm_srli_si128::<8>(middle));
    let fold =
        |x| _mm_xor_si128(_mm_shuffle_epi32::<0x4e>(x), _mm_clmulepi64_si128::<0x00>(x, modulus));
    _mm_xor_si128(fold(fold(low)), high)
}

/// x⁷ + x² + x + 1 reflected, times x.
const MODULUS: i64 = 0xc200_0000_0000_0000_u64.cast_signed();

/// A block, bytes reversed.
#[inline]
#[target_feature(enable = "ssse3")]
fn load(block: &[u8; 16]) -> __m128i {
    // SAFETY: 16 readable bytes; the load needs no alignment.
    let value = unsafe { _mm_loadu_si128(block.as_ptr().cast()) };
    _mm_shuffle_epi8(value, _mm_setr_epi8(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0))
}

#[inline]
#[target_feature(enable = "ssse3")]
fn to_bytes(value: __m128i) -> [u8; 16] {
    let [low, high] = to_words(value);
    (u128::from(high) << 64 | u128::from(low)).to_be_bytes()
}

#[inline]
fn from_words(words: &[u64; 2]) -> __m128i {
    // SAFETY: SSE2 is part of x86-64.
    unsafe { _mm_set_epi64x(words[1].cast_signed(), words[0].cast_signed()) }
}

#[inline]
fn to_words(value: __m128i) -> [u64; 2] {
    let mut words = [0; 2];
    // SAFETY: 16 writable bytes; the store needs no alignment; SSE2 is part of x86-64.
    unsafe { _mm_storeu_si128(words.as_mut_ptr().cast(), value) };
    words
}
