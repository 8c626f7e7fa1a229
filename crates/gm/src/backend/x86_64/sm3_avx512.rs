//! SM3 in sixteen lanes, or twice sixteen: [`Backend::Avx512`](crate::Backend::Avx512).

#![allow(unsafe_code, reason = "vectors loaded from slices and stored to them")]

use core::{arch::x86_64::*, hint::black_box};

use crate::backend::{
    portable::sm3::{IV, K},
    sm3::{Lanes, lanes},
};

lanes!("avx512f,avx512bw,avx512vbmi", __m512i, 16, 2, fetch);

/// SM3(tag ‖ pair) of at most 32 pairs of digests: 65 bytes, two blocks, the second of one byte of the pair and padding.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
pub(in crate::backend) fn nodes(tag: u8, pairs: &[[u8; 64]], parents: &mut [[u8; 32]]) {
    if pairs.len() > 16 {
        node_groups::<2>(tag, pairs, parents);
    } else {
        node_groups::<1>(tag, pairs, parents);
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn node_groups<const G: usize>(tag: u8, pairs: &[[u8; 64]], parents: &mut [[u8; 32]]) {
    debug_assert!(pairs.len() <= 16 * G && pairs.len() == parents.len());
    let shifted = indices(&SHIFTED);
    let mut first = [[splat(0); G]; 16];
    for g in 0..G {
        let group = transpose_by(shifted, |lane| pairs.get(16 * g + lane).unwrap_or(&pairs[0]));
        for (words, word) in first.iter_mut().zip(group) {
            words[g] = word;
        }
    }
    // Word 0 has come with the pair's last byte in front: it goes to the second block, the tag takes its place.
    let mut second = [[splat(0); G]; 16];
    for g in 0..G {
        let word = first[0][g];
        first[0][g] = or_and(splat(u32::from(tag) << 24), word, splat(0x00ff_ffff));
        second[0][g] = or_and(splat(0x0080_0000), word, splat(0xff00_0000));
        second[15][g] = splat(65 * 8);
    }
    let mut state = IV.map(|word| [splat(word); G]);
    rounds(&mut state, &mut first);
    rounds(&mut state, &mut second);
    for (g, parents) in parents.chunks_mut(16).enumerate() {
        let mut rows = [splat(0); 16];
        for (row, word) in rows.iter_mut().zip(&state) {
            *row = word[g];
        }
        let digests = transpose_words(rows);
        for (parent, digest) in parents.iter_mut().zip(digests) {
            let digest = _mm512_permutexvar_epi8(indices(&BIG_ENDIAN), digest);
            // SAFETY: a parent is 32 bytes, and the store asks for no alignment.
            unsafe {
                _mm256_storeu_si256(parent.as_mut_ptr().cast(), _mm512_castsi512_si256(digest));
            }
        }
    }
}

/// Fetches what comes after `block` in a stream of `count` blocks, or nothing behind its end. Four blocks ahead of each of 32
/// streams is slower than one where they lie in a cache, and faster where they lie in memory (ADR 0235).
#[inline]
#[target_feature(enable = "avx512f")]
fn fetch(block: &[u8; 64], count: usize) {
    let ahead = if count > LONG { 4 * 64 } else { 64 };
    _mm_prefetch::<_MM_HINT_T0>(block.as_ptr().wrapping_add(ahead).cast());
}

/// Blocks of each stream from which on all of them do not fit the caches.
const LONG: usize = 8192;

/// Which byte of a block goes where, so that its words are big-endian.
const BIG_ENDIAN: [u8; 64] = byte_order(0);
/// The same for the block turned by one byte: its last byte comes first.
const SHIFTED: [u8; 64] = byte_order(63);

const fn byte_order(turn: u8) -> [u8; 64] {
    let mut order = [0; 64];
    let mut i = 0;
    while i < 64 {
        order[i as usize] = ((i ^ 3) + turn) % 64;
        i += 1;
    }
    order
}

#[inline]
#[target_feature(enable = "avx512f")]
fn indices(order: &[u8; 64]) -> __m512i {
    // SAFETY: 64 bytes, and the load asks for no alignment.
    unsafe { _mm512_loadu_si512(order.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn transpose(blocks: [&[u8; 64]; 16]) -> [__m512i; 16] {
    transpose_by(indices(&BIG_ENDIAN), |lane| blocks[lane])
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn transpose_by<'a>(order: __m512i, block: impl Fn(usize) -> &'a [u8; 64]) -> [__m512i; 16] {
    let mut rows = [splat(0); 16];
    for (lane, row) in rows.iter_mut().enumerate() {
        // SAFETY: a block is 64 bytes, and the load asks for no alignment.
        let bytes = unsafe { _mm512_loadu_si512(block(lane).as_ptr().cast()) };
        *row = _mm512_permutexvar_epi8(order, bytes);
    }
    transpose_words(rows)
}

/// Word `j` of row `i` becomes word `i` of row `j`.
#[inline]
#[target_feature(enable = "avx512f")]
fn transpose_words(rows: [__m512i; 16]) -> [__m512i; 16] {
    let mut twos = rows;
    for i in 0..8 {
        twos[2 * i] = _mm512_unpacklo_epi32(rows[2 * i], rows[2 * i + 1]);
        twos[2 * i + 1] = _mm512_unpackhi_epi32(rows[2 * i], rows[2 * i + 1]);
    }
    // Row 4i + k: word k of each quarter, of four rows.
    let mut fours = rows;
    for i in 0..4 {
        fours[4 * i] = _mm512_unpacklo_epi64(twos[4 * i], twos[4 * i + 2]);
        fours[4 * i + 1] = _mm512_unpackhi_epi64(twos[4 * i], twos[4 * i + 2]);
        fours[4 * i + 2] = _mm512_unpacklo_epi64(twos[4 * i + 1], twos[4 * i + 3]);
        fours[4 * i + 3] = _mm512_unpackhi_epi64(twos[4 * i + 1], twos[4 * i + 3]);
    }
    // Quarters 0 and 2, quarters 1 and 3; then each alone.
    const EVEN: i32 = 0b10_00_10_00;
    const ODD: i32 = 0b11_01_11_01;
    let mut columns = rows;
    for i in 0..4 {
        let (p, q, r, s) = (fours[i], fours[4 + i], fours[8 + i], fours[12 + i]);
        let low = (_mm512_shuffle_i32x4::<EVEN>(p, q), _mm512_shuffle_i32x4::<EVEN>(r, s));
        let high = (_mm512_shuffle_i32x4::<ODD>(p, q), _mm512_shuffle_i32x4::<ODD>(r, s));
        columns[i] = _mm512_shuffle_i32x4::<EVEN>(low.0, low.1);
        columns[4 + i] = _mm512_shuffle_i32x4::<EVEN>(high.0, high.1);
        columns[8 + i] = _mm512_shuffle_i32x4::<ODD>(low.0, low.1);
        columns[12 + i] = _mm512_shuffle_i32x4::<ODD>(high.0, high.1);
    }
    columns
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load(words: &[u32]) -> __m512i {
    let words = words.first_chunk::<16>().expect("lanes are a multiple of the width");
    // SAFETY: sixteen words, and the load asks for no alignment.
    unsafe { _mm512_loadu_si512(words.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn store(vector: __m512i, words: &mut [u32]) {
    let words = words.first_chunk_mut::<16>().expect("lanes are a multiple of the width");
    // SAFETY: sixteen words, and the store asks for no alignment.
    unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), vector) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn splat(word: u32) -> __m512i {
    _mm512_set1_epi32(word.cast_signed())
}

#[inline]
#[target_feature(enable = "avx512f")]
fn add(x: __m512i, y: __m512i) -> __m512i {
    _mm512_add_epi32(x, y)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn xor(x: __m512i, y: __m512i) -> __m512i {
    _mm512_xor_si512(x, y)
}

// The truth tables: bit 4x + 2y + z is the result.

#[inline]
#[target_feature(enable = "avx512f")]
fn xor3(x: __m512i, y: __m512i, z: __m512i) -> __m512i {
    _mm512_ternarylogic_epi32::<0x96>(x, y, z)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn majority(x: __m512i, y: __m512i, z: __m512i) -> __m512i {
    _mm512_ternarylogic_epi32::<0xe8>(x, y, z)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn choose(x: __m512i, y: __m512i, z: __m512i) -> __m512i {
    _mm512_ternarylogic_epi32::<0xca>(x, y, z)
}

/// x ∨ (y ∧ z).
#[inline]
#[target_feature(enable = "avx512f")]
fn or_and(x: __m512i, y: __m512i, z: __m512i) -> __m512i {
    _mm512_ternarylogic_epi32::<0xf8>(x, y, z)
}

/// x ⋘ L, where R = 32 − L for the widths that have no rotation.
#[inline]
#[target_feature(enable = "avx512f")]
fn rol<const L: i32, const R: i32>(x: __m512i) -> __m512i {
    _mm512_rol_epi32::<L>(x)
}
