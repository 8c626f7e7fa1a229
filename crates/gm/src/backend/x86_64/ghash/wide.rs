//! GHASH with VPCLMULQDQ, at level [`Avx512`](crate::backend::Backend::Avx512): four blocks a register, sixty-four to
//! one reduction.

#![allow(unsafe_code, reason = "loads and stores")]

use core::arch::x86_64::*;

use zeroize::{Zeroize, ZeroizeOnDrop};

use super::MODULUS;

/// H⁶⁴, H⁶³, …, H; wiped when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Powers([[u64; 2]; AT_ONCE]);

const AT_ONCE: usize = 64;

impl Powers {
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,pclmulqdq,vpclmulqdq")]
    pub(crate) fn new(h: &[u8; 16]) -> Self {
        let first = super::times_x(h);
        let second = super::multiply(first, first);
        let third = super::multiply(second, first);
        let fourth = super::multiply(second, second);
        let mut quads = [_mm512_setzero_si512(); AT_ONCE / 4];
        quads[15] = lanes([fourth, third, second, first]);
        quads[14] = multiply(quads[15], _mm512_broadcast_i32x4(fourth));
        // Each step doubles how many there are.
        for have in [2, 4, 8] {
            let highest = _mm512_broadcast_i32x4(_mm512_castsi512_si128(quads[16 - have]));
            for i in 0..have {
                quads[15 - have - i] = multiply(quads[15 - i], highest);
            }
        }
        let mut powers = [[0; 2]; AT_ONCE];
        for (slots, quad) in powers.as_chunks_mut::<4>().0.iter_mut().zip(quads) {
            // SAFETY: 64 writable bytes; the store needs no alignment.
            unsafe { _mm512_storeu_si512(slots.as_mut_ptr().cast(), quad) };
        }
        Self(powers)
    }

    /// Absorbs `data`, zero-padded to whole blocks, into `y`.
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,pclmulqdq,vpclmulqdq")]
    pub(crate) fn absorb(&self, y: &mut [u8; 16], data: &[u8]) {
        let mut state = super::load(y);
        for data in data.chunks(16 * AT_ONCE) {
            let powers = &self.0[AT_ONCE - data.len().div_ceil(16)..];
            let mut sums = Sums::zero();
            let mut added = _mm512_zextsi128_si512(state);
            let (quads, tail) = data.as_chunks::<64>();
            let (quad_powers, tail_powers) = powers.split_at(4 * quads.len());
            for (quad, powers) in quads.iter().zip(quad_powers.as_chunks::<4>().0) {
                sums.add(_mm512_xor_si512(added, reversed(load(quad))), load_powers(powers));
                added = _mm512_setzero_si512();
            }
            if !tail.is_empty() {
                let blocks = reversed(load_some(tail));
                sums.add(_mm512_xor_si512(added, blocks), load_some_powers(tail_powers));
            }
            state = sums.reduced();
        }
        *y = super::to_bytes(state);
    }
}

/// Unreduced sums of products, by lane: lower halves, upper halves, and (halves added) of Karatsuba.
struct Sums {
    low: __m512i,
    high: __m512i,
    both: __m512i,
}

impl Sums {
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn zero() -> Self {
        let zero = _mm512_setzero_si512();
        Self { low: zero, high: zero, both: zero }
    }

    #[inline]
    #[target_feature(enable = "avx512f,vpclmulqdq")]
    fn add(&mut self, x: __m512i, p: __m512i) {
        self.low = _mm512_xor_si512(self.low, _mm512_clmulepi64_epi128::<0x00>(x, p));
        self.high = _mm512_xor_si512(self.high, _mm512_clmulepi64_epi128::<0x11>(x, p));
        let (x, p) = (folded(x), folded(p));
        self.both = _mm512_xor_si512(self.both, _mm512_clmulepi64_epi128::<0x00>(x, p));
    }

    /// The lanes added, then reduced once.
    #[inline]
    #[target_feature(enable = "avx512f,avx512vl,pclmulqdq,vpclmulqdq")]
    fn reduced(&self) -> __m128i {
        let middle = _mm512_ternarylogic_epi64::<0x96>(self.both, self.low, self.high);
        super::reduce(lanes_added(self.low), lanes_added(middle), lanes_added(self.high))
    }
}

/// Both halves of each lane hold their sum.
#[inline]
#[target_feature(enable = "avx512f")]
fn folded(x: __m512i) -> __m512i {
    _mm512_xor_si512(x, _mm512_shuffle_epi32::<0x4e>(x))
}

#[inline]
#[target_feature(enable = "avx512f,avx512vl")]
fn lanes_added(x: __m512i) -> __m128i {
    let half = _mm256_xor_si256(_mm512_castsi512_si256(x), _mm512_extracti64x4_epi64::<1>(x));
    _mm_xor_si128(_mm256_castsi256_si128(half), _mm256_extracti128_si256::<1>(half))
}

/// Lane by lane.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,vpclmulqdq")]
fn multiply(x: __m512i, p: __m512i) -> __m512i {
    let low = _mm512_clmulepi64_epi128::<0x00>(x, p);
    let high = _mm512_clmulepi64_epi128::<0x11>(x, p);
    let middle = _mm512_xor_si512(
        _mm512_clmulepi64_epi128::<0x01>(x, p),
        _mm512_clmulepi64_epi128::<0x10>(x, p),
    );
    let modulus = _mm512_set1_epi64(MODULUS);
    let mut low = _mm512_xor_si512(low, _mm512_bslli_epi128::<8>(middle));
    for _ in 0..2 {
        let product = _mm512_clmulepi64_epi128::<0x00>(low, modulus);
        low = _mm512_xor_si512(_mm512_shuffle_epi32::<0x4e>(low), product);
    }
    _mm512_ternarylogic_epi64::<0x96>(low, high, _mm512_bsrli_epi128::<8>(middle))
}

/// The bytes of each lane reversed.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn reversed(x: __m512i) -> __m512i {
    let order = _mm_setr_epi8(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    _mm512_shuffle_epi8(x, _mm512_broadcast_i32x4(order))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn lanes([a, b, c, d]: [__m128i; 4]) -> __m512i {
    let x = _mm512_inserti32x4::<1>(_mm512_castsi128_si512(a), b);
    _mm512_inserti32x4::<3>(_mm512_inserti32x4::<2>(x, c), d)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load(bytes: &[u8; 64]) -> __m512i {
    // SAFETY: 64 readable bytes; the load needs no alignment.
    unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
}

/// Up to 63 bytes and zeros behind them.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn load_some(bytes: &[u8]) -> __m512i {
    // SAFETY: the mask has one bit for each byte there is, so nothing else is read.
    unsafe { _mm512_maskz_loadu_epi8((1 << bytes.len()) - 1, bytes.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load_powers(powers: &[[u64; 2]; 4]) -> __m512i {
    // SAFETY: 64 readable bytes; the load needs no alignment.
    unsafe { _mm512_loadu_si512(powers.as_ptr().cast()) }
}

/// Up to four powers and zeros behind them.
#[inline]
#[target_feature(enable = "avx512f")]
fn load_some_powers(powers: &[[u64; 2]]) -> __m512i {
    let mask = u8::MAX >> (8 - 2 * powers.len().min(4));
    // SAFETY: the mask has two bits for each power there is, so nothing else is read.
    unsafe { _mm512_maskz_loadu_epi64(mask, powers.as_ptr().cast()) }
}
