//! The message expansion of SM3 (GB/T 32905 5.3.2) for `sm3_stream`: four words of two blocks at a time, one block in each half
//! of a register.
//!
//! W_{j+16} … W_{j+19} come from W_j … W_{j+15}; the fourth needs the first, which is added when it is known, P1 being linear:
//! P1(w ⋘ 15) = w ⋘ 15 ⊕ w ⋘ 30 ⊕ w ⋘ 6.

#![allow(unsafe_code, reason = "vectors loaded from blocks")]

use core::arch::x86_64::*;

/// W_0 … W_63, and W'_j = W_j ⊕ W_{j+4} behind them, where the rounds read them.
#[repr(C, align(64))]
pub(super) struct Schedule {
    pub(super) words: [__m256i; 16],
    pub(super) pairs: [__m256i; 16],
}

impl Schedule {
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(super) fn new() -> Self {
        Self { words: [_mm256_setzero_si256(); 16], pairs: [_mm256_setzero_si256(); 16] }
    }
}

/// Words 4 · `i` to 4 · `i` + 3 of each block.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn load(blocks: [&[u8; 64]; 2], i: usize) -> __m256i {
    let big_endian = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
    let [low, high] = blocks.map(|block| {
        let quarter = &block.as_chunks::<16>().0[i];
        // SAFETY: 16 bytes, and the load asks for no alignment.
        unsafe { _mm_loadu_si128(quarter.as_ptr().cast()) }
    });
    _mm256_shuffle_epi8(_mm256_set_m128i(high, low), _mm256_broadcastsi128_si256(big_endian))
}

/// Defines the four words after `w12`, of the sixteen that begin in `w0`.
macro_rules! expand {
    ($name:ident, $features:literal, $xor3:ident, $rol:ident) => {
        #[inline]
        #[target_feature(enable = $features)]
        pub(super) fn $name(w0: __m256i, w4: __m256i, w8: __m256i, w12: __m256i) -> __m256i {
            let rotated = $rol::<15, 17>(_mm256_srli_si256::<4>(w12));
            let x = $xor3(w0, _mm256_alignr_epi8::<12>(w8, w4), rotated);
            let rest = $rol::<7, 25>(_mm256_alignr_epi8::<12>(w4, w0));
            let rest = $xor3(rest, _mm256_alignr_epi8::<8>(w12, w8), x);
            let words = $xor3(rest, $rol::<15, 17>(x), $rol::<23, 9>(x));
            let w = _mm256_slli_si256::<12>(words);
            let words = $xor3(words, $rol::<15, 17>(w), $rol::<30, 2>(w));
            _mm256_xor_si256(words, $rol::<6, 26>(w))
        }
    };
}

expand!(expand_avx512, "avx512f,avx512vl", xor3_avx512, rol_avx512);
expand!(expand_avx2, "avx2", xor3_avx2, rol_avx2);

/// By its truth table.
#[inline]
#[target_feature(enable = "avx512f,avx512vl")]
fn xor3_avx512(x: __m256i, y: __m256i, z: __m256i) -> __m256i {
    _mm256_ternarylogic_epi32::<0x96>(x, y, z)
}

#[inline]
#[target_feature(enable = "avx2")]
fn xor3_avx2(x: __m256i, y: __m256i, z: __m256i) -> __m256i {
    _mm256_xor_si256(_mm256_xor_si256(x, y), z)
}

// x ⋘ L, where R = 32 − L for those that have no rotation.

#[inline]
#[target_feature(enable = "avx512f,avx512vl")]
fn rol_avx512<const L: i32, const R: i32>(x: __m256i) -> __m256i {
    _mm256_rol_epi32::<L>(x)
}

#[inline]
#[target_feature(enable = "avx2")]
fn rol_avx2<const L: i32, const R: i32>(x: __m256i) -> __m256i {
    _mm256_or_si256(_mm256_slli_epi32::<L>(x), _mm256_srli_epi32::<R>(x))
}
