//! Eight words beside each other, and an eight by eight transposition of them.

use core::arch::x86_64::{
    __m512i, _mm512_loadu_epi64, _mm512_shuffle_i64x2, _mm512_storeu_epi64, _mm512_unpackhi_epi64,
    _mm512_unpacklo_epi64,
};

use zeroize::Zeroize;

/// A vector in memory, one word a lane.
#[derive(Clone, Copy, Zeroize)]
#[repr(C, align(64))]
pub(super) struct Words(pub(super) [u64; 8]);

/// The words at `words`.
#[inline]
#[target_feature(enable = "avx512f")]
#[allow(unsafe_code)]
pub(super) fn load(words: &[u64; 8]) -> __m512i {
    // SAFETY: the reference is valid for 64 bytes, and the instruction asks for no alignment.
    unsafe { _mm512_loadu_epi64(words.as_ptr().cast()) }
}

/// `vector` in memory.
#[inline]
#[target_feature(enable = "avx512f")]
#[allow(unsafe_code)]
pub(super) fn store(vector: __m512i) -> Words {
    let mut words = Words([0; 8]);
    // SAFETY: the array is ours and of 64 bytes.
    unsafe { _mm512_storeu_epi64(words.0.as_mut_ptr().cast(), vector) };
    words
}

/// Row i, word j becomes row j, word i.
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn transpose(rows: &[__m512i; 8]) -> [__m512i; 8] {
    let [a, b, c, d, e, f, g, h] = *rows;
    // Pairs of rows: even words, odd words.
    let ab = [_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b)];
    let cd = [_mm512_unpacklo_epi64(c, d), _mm512_unpackhi_epi64(c, d)];
    let ef = [_mm512_unpacklo_epi64(e, f), _mm512_unpackhi_epi64(e, f)];
    let gh = [_mm512_unpacklo_epi64(g, h), _mm512_unpackhi_epi64(g, h)];
    let mut out = [a; 8];
    let mut odd = 0;
    while odd < 2 {
        // 128-bit parts: word pairs 0, 4 and 2, 6 of rows a to d, then of e to h.
        let low = [
            _mm512_shuffle_i64x2::<0b10_00_10_00>(ab[odd], cd[odd]),
            _mm512_shuffle_i64x2::<0b11_01_11_01>(ab[odd], cd[odd]),
        ];
        let high = [
            _mm512_shuffle_i64x2::<0b10_00_10_00>(ef[odd], gh[odd]),
            _mm512_shuffle_i64x2::<0b11_01_11_01>(ef[odd], gh[odd]),
        ];
        out[odd] = _mm512_shuffle_i64x2::<0b10_00_10_00>(low[0], high[0]);
        out[odd + 4] = _mm512_shuffle_i64x2::<0b11_01_11_01>(low[0], high[0]);
        out[odd + 2] = _mm512_shuffle_i64x2::<0b10_00_10_00>(low[1], high[1]);
        out[odd + 6] = _mm512_shuffle_i64x2::<0b11_01_11_01>(low[1], high[1]);
        odd += 1;
    }
    out
}
