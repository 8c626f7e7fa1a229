//! SM3 in four lanes, or twice four: [`Backend::Neon`](crate::Backend::Neon).

#![allow(unsafe_code, reason = "vectors loaded from slices and stored to them")]

use core::{arch::aarch64::*, hint::black_box};

use crate::backend::{
    portable::sm3::K,
    sm3::{Lanes, lanes},
};

lanes!("neon", uint32x4_t, 4, 2);

#[inline]
#[target_feature(enable = "neon")]
fn transpose(blocks: [&[u8; 64]; 4]) -> [uint32x4_t; 16] {
    let mut words = [splat(0); 16];
    for (quarter, words) in words.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        let mut rows = [splat(0); 4];
        for (row, block) in rows.iter_mut().zip(blocks) {
            let bytes = &block.as_chunks::<16>().0[quarter];
            // SAFETY: 16 bytes, and the load asks for no alignment.
            let bytes = unsafe { vld1q_u8(bytes.as_ptr()) };
            *row = vreinterpretq_u32_u8(vrev32q_u8(bytes));
        }
        *words = transpose_words(rows);
    }
    words
}

/// Word `j` of row `i` becomes word `i` of row `j`.
#[inline]
#[target_feature(enable = "neon")]
fn transpose_words([p, q, r, s]: [uint32x4_t; 4]) -> [uint32x4_t; 4] {
    let pair =
        |x, y| [vreinterpretq_u64_u32(vtrn1q_u32(x, y)), vreinterpretq_u64_u32(vtrn2q_u32(x, y))];
    let ([pq, pq_odd], [rs, rs_odd]) = (pair(p, q), pair(r, s));
    [vtrn1q_u64(pq, rs), vtrn1q_u64(pq_odd, rs_odd), vtrn2q_u64(pq, rs), vtrn2q_u64(pq_odd, rs_odd)]
        .map(|words| vreinterpretq_u32_u64(words))
}

#[inline]
#[target_feature(enable = "neon")]
fn load(words: &[u32]) -> uint32x4_t {
    let words = words.first_chunk::<4>().expect("lanes are a multiple of the width");
    // SAFETY: four words, and the load asks for no alignment.
    unsafe { vld1q_u32(words.as_ptr()) }
}

#[inline]
#[target_feature(enable = "neon")]
fn store(vector: uint32x4_t, words: &mut [u32]) {
    let words = words.first_chunk_mut::<4>().expect("lanes are a multiple of the width");
    // SAFETY: four words, and the store asks for no alignment.
    unsafe { vst1q_u32(words.as_mut_ptr(), vector) }
}

#[inline]
#[target_feature(enable = "neon")]
fn splat(word: u32) -> uint32x4_t {
    vdupq_n_u32(word)
}

#[inline]
#[target_feature(enable = "neon")]
fn add(x: uint32x4_t, y: uint32x4_t) -> uint32x4_t {
    vaddq_u32(x, y)
}

#[inline]
#[target_feature(enable = "neon")]
fn xor(x: uint32x4_t, y: uint32x4_t) -> uint32x4_t {
    veorq_u32(x, y)
}

#[inline]
#[target_feature(enable = "neon")]
fn xor3(x: uint32x4_t, y: uint32x4_t, z: uint32x4_t) -> uint32x4_t {
    xor(xor(x, y), z)
}

/// Where x and y differ, z decides.
#[inline]
#[target_feature(enable = "neon")]
fn majority(x: uint32x4_t, y: uint32x4_t, z: uint32x4_t) -> uint32x4_t {
    vbslq_u32(xor(x, y), z, x)
}

#[inline]
#[target_feature(enable = "neon")]
fn choose(x: uint32x4_t, y: uint32x4_t, z: uint32x4_t) -> uint32x4_t {
    vbslq_u32(x, y, z)
}

/// x ⋘ L, where R = 32 − L.
#[inline]
#[target_feature(enable = "neon")]
fn rol<const L: i32, const R: i32>(x: uint32x4_t) -> uint32x4_t {
    vsriq_n_u32::<R>(vshlq_n_u32::<L>(x), x)
}
