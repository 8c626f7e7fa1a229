//! SM3 in four lanes: [`Backend::AesNi`](crate::Backend::AesNi).

#![allow(unsafe_code, reason = "vectors loaded from slices and stored to them")]

use core::{arch::x86_64::*, hint::black_box};

use crate::backend::{
    portable::sm3::K,
    sm3::{Lanes, lanes},
};

// One group: two would need 32 registers.
lanes!("sse4.1,ssse3", __m128i, 4, 1);

#[inline]
#[target_feature(enable = "sse4.1,ssse3")]
fn transpose(blocks: [&[u8; 64]; 4]) -> [__m128i; 16] {
    let big_endian = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
    let mut words = [splat(0); 16];
    for (quarter, words) in words.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        let mut rows = [splat(0); 4];
        for (row, block) in rows.iter_mut().zip(blocks) {
            let bytes = &block.as_chunks::<16>().0[quarter];
            // SAFETY: 16 bytes, and the load asks for no alignment.
            let bytes = unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) };
            *row = _mm_shuffle_epi8(bytes, big_endian);
        }
        *words = transpose_words(rows);
    }
    words
}

/// Word `j` of row `i` becomes word `i` of row `j`.
#[inline]
#[target_feature(enable = "sse4.1,ssse3")]
fn transpose_words([p, q, r, s]: [__m128i; 4]) -> [__m128i; 4] {
    let (pq, rs) = (_mm_unpacklo_epi32(p, q), _mm_unpacklo_epi32(r, s));
    let (pq_high, rs_high) = (_mm_unpackhi_epi32(p, q), _mm_unpackhi_epi32(r, s));
    [
        _mm_unpacklo_epi64(pq, rs),
        _mm_unpackhi_epi64(pq, rs),
        _mm_unpacklo_epi64(pq_high, rs_high),
        _mm_unpackhi_epi64(pq_high, rs_high),
    ]
}

#[inline]
#[target_feature(enable = "sse4.1,ssse3")]
fn load(words: &[u32]) -> __m128i {
    let words = words.first_chunk::<4>().expect("lanes are a multiple of the width");
    // SAFETY: four words, and the load asks for no alignment.
    unsafe { _mm_loadu_si128(words.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "sse4.1,ssse3")]
fn store(vector: __m128i, words: &mut [u32]) {
    let words = words.first_chunk_mut::<4>().expect("lanes are a multiple of the width");
    // SAFETY: four words, and the store asks for no alignment.
    unsafe { _mm_storeu_si128(words.as_mut_ptr().cast(), vector) }
}

#[inline]
#[target_feature(enable = "sse4.1,ssse3")]
fn splat(word: u32) -> __m128i {
    _mm_set1_epi32(word.cast_signed())
}

#[inline]
#[target_feature(enable = "sse4.1,ssse3")]
fn add(x: __m128i, y: __m128i) -> __m128i {
    _mm_add_epi32(x, y)
}

#[inline]
#[target_feature(enable = "sse4.1,ssse3")]
fn xor(x: __m128i, y: __m128i) -> __m128i {
    _mm_xor_si128(x, y)
}

#[inline]
#[target_feature(enable = "sse4.1,ssse3")]
fn xor3(x: __m128i, y: __m128i, z: __m128i) -> __m128i {
    xor(xor(x, y), z)
}

#[inline]
#[target_feature(enable = "sse4.1,ssse3")]
fn majority(x: __m128i, y: __m128i, z: __m128i) -> __m128i {
    xor(_mm_and_si128(xor(x, y), xor(y, z)), y)
}

#[inline]
#[target_feature(enable = "sse4.1,ssse3")]
fn choose(x: __m128i, y: __m128i, z: __m128i) -> __m128i {
    xor(_mm_and_si128(xor(y, z), x), z)
}

/// x ⋘ L, where R = 32 − L.
#[inline]
#[target_feature(enable = "sse4.1,ssse3")]
fn rol<const L: i32, const R: i32>(x: __m128i) -> __m128i {
    _mm_or_si128(_mm_slli_epi32::<L>(x), _mm_srli_epi32::<R>(x))
}
