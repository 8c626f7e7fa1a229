//! GHASH with PMULL, from level [`Neon`](crate::backend::Backend::Neon): eight blocks to one reduction.
//!
//! Blocks are taken bytes reversed, so that bit 127 is the coefficient of x⁰. Every power is kept times x, which makes
//! up for the bit that reflected products are short of (Gueron and Kounavis).

use core::arch::aarch64::*;

use zeroize::{Zeroize, ZeroizeOnDrop};

/// H⁸, H⁷, …, H; wiped when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Powers([[u64; 2]; AT_ONCE]);

const AT_ONCE: usize = 8;

/// x⁷ + x² + x + 1 reflected, times x.
const MODULUS: u64 = 0xc200_0000_0000_0000;

impl Powers {
    #[target_feature(enable = "neon,aes")]
    pub(crate) fn new(h: &[u8; 16]) -> Self {
        let first = times_x(h);
        let mut power = first;
        let mut powers = [[0; 2]; AT_ONCE];
        for slot in powers.iter_mut().rev() {
            *slot = power;
            power = to_words(Product::of(from_words(&power), &first).reduced());
        }
        Self(powers)
    }

    /// Absorbs `data`, zero-padded to whole blocks, into `y`.
    #[target_feature(enable = "neon,aes")]
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
        let [low, high] = to_words(state);
        *y = (u128::from(high) << 64 | u128::from(low)).to_be_bytes();
    }

    /// Σ (block i) · H^(n − i), `state` added to the first.
    #[inline]
    #[target_feature(enable = "neon,aes")]
    fn batch(&self, mut state: uint64x2_t, blocks: &[[u8; 16]]) -> uint64x2_t {
        let mut sum = Product::zero();
        for (block, power) in blocks.iter().zip(&self.0[AT_ONCE - blocks.len()..]) {
            sum = sum.plus(&Product::of(veorq_u64(load(block), state), power));
            state = vdupq_n_u64(0);
        }
        sum.reduced()
    }
}

/// 256 bits: what stands for x⁰, x⁶⁴ and x¹²⁸, not yet put together.
struct Product {
    low: uint64x2_t,
    middle: uint64x2_t,
    high: uint64x2_t,
}

impl Product {
    #[inline]
    #[target_feature(enable = "neon")]
    fn zero() -> Self {
        let zero = vdupq_n_u64(0);
        Self { low: zero, middle: zero, high: zero }
    }

    #[inline]
    #[target_feature(enable = "neon,aes")]
    fn of(x: uint64x2_t, &[p0, p1]: &[u64; 2]) -> Self {
        let [x0, x1] = to_words(x);
        Self {
            low: multiply(x0, p0),
            middle: veorq_u64(multiply(x1, p0), multiply(x0, p1)),
            high: multiply(x1, p1),
        }
    }

    #[inline]
    #[target_feature(enable = "neon")]
    fn plus(&self, other: &Self) -> Self {
        Self {
            low: veorq_u64(self.low, other.low),
            middle: veorq_u64(self.middle, other.middle),
            high: veorq_u64(self.high, other.high),
        }
    }

    /// Modulo x¹²⁸ + x⁷ + x² + x + 1, a half of the lower part at a time.
    #[inline]
    #[target_feature(enable = "neon,aes")]
    fn reduced(&self) -> uint64x2_t {
        let zero = vdupq_n_u64(0);
        let low = veorq_u64(self.low, vextq_u64::<1>(zero, self.middle));
        let high = veorq_u64(self.high, vextq_u64::<1>(self.middle, zero));
        veorq_u64(fold(fold(low)), high)
    }
}

#[inline]
#[target_feature(enable = "neon,aes")]
fn fold(x: uint64x2_t) -> uint64x2_t {
    veorq_u64(vextq_u64::<1>(x, x), multiply(to_words(x)[0], MODULUS))
}

#[inline]
#[target_feature(enable = "neon,aes")]
fn multiply(x: u64, y: u64) -> uint64x2_t {
    vreinterpretq_u64_p128(vmull_p64(x, y))
}

/// H times x.
fn times_x(h: &[u8; 16]) -> [u64; 2] {
    let h = u128::from_be_bytes(*h);
    let carry = 0_u128.wrapping_sub(h >> 127);
    halves((h << 1) ^ (carry & 0xc200_0000_0000_0000_0000_0000_0000_0001))
}

fn halves(x: u128) -> [u64; 2] {
    let bytes = x.to_le_bytes();
    let (words, _) = bytes.as_chunks();
    [u64::from_le_bytes(words[0]), u64::from_le_bytes(words[1])]
}

/// A block, bytes reversed.
#[inline]
#[target_feature(enable = "neon")]
fn load(block: &[u8; 16]) -> uint64x2_t {
    from_words(&halves(u128::from_be_bytes(*block)))
}

#[inline]
#[target_feature(enable = "neon")]
fn from_words(words: &[u64; 2]) -> uint64x2_t {
    vcombine_u64(vcreate_u64(words[0]), vcreate_u64(words[1]))
}

#[inline]
#[target_feature(enable = "neon")]
fn to_words(value: uint64x2_t) -> [u64; 2] {
    [vgetq_lane_u64::<0>(value), vgetq_lane_u64::<1>(value)]
}
