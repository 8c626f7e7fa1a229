//! Word i of sixteen blocks in one register, up to four such groups in flight: the latency of the rounds is what must be
//! hidden, not their instructions (about 48 a round for 64 blocks).

#![allow(unsafe_code, reason = "loads and stores")]

use core::arch::x86_64::*;

use super::maps;

/// X_i … X_{i+3} of sixteen blocks, or as they lie in memory, four blocks a register.
pub(super) type Group = [__m512i; 4];

/// The cipher on `G` groups: words as loaded from memory in, and out.
///
/// `key(i)` is round key i as [`maps::mapped`] makes it. Since bytes keep the order of memory, ⋘ 8 of the standard
/// is a rotation to the right here.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,gfni")]
pub(super) fn crypt<const G: usize>(x: &mut [Group; G], key: impl Fn(usize) -> __m512i) {
    map(x, maps::IN);
    rounds(x, key);
    map(x, maps::BACK);
}

/// The thirty-two rounds and the reversal, on y = A·x.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,gfni")]
pub(super) fn rounds<const G: usize>(y: &mut [Group; G], key: impl Fn(usize) -> __m512i) {
    let mut sums = [_mm512_setzero_si512(); G];
    let first = key(0);
    for (sum, y) in sums.iter_mut().zip(y.iter()) {
        *sum = xor3(_mm512_xor_si512(y[1], y[2]), y[3], first);
    }
    for i in 0..8 {
        round::<G, 0>(y, &mut sums, key(4 * i + 1));
        round::<G, 1>(y, &mut sums, key(4 * i + 2));
        round::<G, 2>(y, &mut sums, key(4 * i + 3));
        // The thirty-third key cancels out.
        round::<G, 3>(y, &mut sums, key((4 * i + 4) % 32));
    }
    y.iter_mut().for_each(|y| y.reverse());
}

/// One round: from the sum that goes into it to the sum that goes into the next, which takes `next`.
///
/// The next sum is the new word and `others`; made before the word itself, it shortens the chain of the rounds.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,gfni")]
fn round<const G: usize, const I: usize>(
    y: &mut [Group; G],
    sums: &mut [__m512i; G],
    next: __m512i,
) {
    let same = _mm512_set1_epi64(maps::ROUND_SAME.cast_signed());
    let across = _mm512_set1_epi64(maps::ROUND_ACROSS.cast_signed());
    let last = _mm512_set1_epi64(maps::ROUND_LAST.cast_signed());
    for (y, sum) in y.iter_mut().zip(sums) {
        let others = xor3(y[(I + 2) % 4], y[(I + 3) % 4], next);
        let b = _mm512_gf2p8affineinv_epi64_epi8::<{ maps::ROUND_SUM }>(*sum, across);
        let c = _mm512_gf2p8affineinv_epi64_epi8::<{ maps::ROUND_SUM }>(*sum, last);
        let a = _mm512_gf2p8affineinv_epi64_epi8::<0>(*sum, same);
        let start = xor3(y[I], others, a);
        let middle = xor3(start, _mm512_ror_epi32::<8>(b), _mm512_ror_epi32::<16>(b));
        *sum = _mm512_xor_si512(middle, _mm512_ror_epi32::<24>(c));
        y[I] = _mm512_xor_si512(*sum, others);
    }
}

/// Each byte through the matrix.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,gfni")]
pub(super) fn map<const G: usize>(x: &mut [Group; G], matrix: u64) {
    let matrix = _mm512_set1_epi64(matrix.cast_signed());
    for word in x.as_flattened_mut() {
        *word = _mm512_gf2p8affine_epi64_epi8::<0>(*word, matrix);
    }
}

#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn xor3(a: __m512i, b: __m512i, c: __m512i) -> __m512i {
    _mm512_ternarylogic_epi32::<0x96>(a, b, c)
}

#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn xor(a: Group, b: Group) -> Group {
    [
        _mm512_xor_si512(a[0], b[0]),
        _mm512_xor_si512(a[1], b[1]),
        _mm512_xor_si512(a[2], b[2]),
        _mm512_xor_si512(a[3], b[3]),
    ]
}

/// Four registers of four blocks each to the four words of sixteen blocks; the same again is the way back.
///
/// Block 4i + l, lane l of register i in memory order, is doubleword i of lane l in the order of words.
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn transpose([a, b, c, d]: Group) -> Group {
    let (ab, ab_high) = (_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
    let (cd, cd_high) = (_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
    [
        _mm512_unpacklo_epi64(ab, cd),
        _mm512_unpackhi_epi64(ab, cd),
        _mm512_unpacklo_epi64(ab_high, cd_high),
        _mm512_unpackhi_epi64(ab_high, cd_high),
    ]
}

/// One key word for all blocks.
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn broadcast(word: u32) -> __m512i {
    _mm512_set1_epi32(word.cast_signed())
}

/// Sixteen blocks as they lie in memory.
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn load(bytes: &[u8; 256]) -> Group {
    let start = bytes.as_ptr().cast::<__m512i>();
    // SAFETY: four times 64 bytes are inside the array; the loads need no alignment.
    unsafe {
        [
            _mm512_loadu_si512(start),
            _mm512_loadu_si512(start.add(1)),
            _mm512_loadu_si512(start.add(2)),
            _mm512_loadu_si512(start.add(3)),
        ]
    }
}

#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn store(bytes: &mut [u8; 256], [a, b, c, d]: Group) {
    let start = bytes.as_mut_ptr().cast::<__m512i>();
    // SAFETY: four times 64 bytes are inside the array; the stores need no alignment.
    unsafe {
        _mm512_storeu_si512(start, a);
        _mm512_storeu_si512(start.add(1), b);
        _mm512_storeu_si512(start.add(2), c);
        _mm512_storeu_si512(start.add(3), d);
    }
}

/// A key word for each of sixteen blocks.
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn load_words(words: &[u32; 16]) -> __m512i {
    // SAFETY: 64 readable bytes; the load needs no alignment.
    unsafe { _mm512_loadu_si512(words.as_ptr().cast()) }
}

/// Up to 64 bytes and zeros behind them.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
pub(super) fn load_some(bytes: &[u8]) -> __m512i {
    // SAFETY: the mask has one bit for each byte there is, so nothing else is read.
    unsafe { _mm512_maskz_loadu_epi8(mask(bytes.len()), bytes.as_ptr().cast()) }
}

/// As many bytes of `value` as there is room for.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
pub(super) fn store_some(bytes: &mut [u8], value: __m512i) {
    // SAFETY: the mask has one bit for each byte there is, so nothing else is written.
    unsafe { _mm512_mask_storeu_epi8(bytes.as_mut_ptr().cast(), mask(bytes.len()), value) }
}

const fn mask(len: usize) -> u64 {
    if len >= 64 { u64::MAX } else { (1 << len) - 1 }
}

#[inline]
#[target_feature(enable = "sse2")]
pub(super) fn load_block(block: &[u8; 16]) -> __m128i {
    // SAFETY: 16 bytes; the load needs no alignment.
    unsafe { _mm_loadu_si128(block.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "sse2")]
pub(super) fn store_block(value: __m128i) -> [u8; 16] {
    let mut block = [0; 16];
    // SAFETY: 16 bytes; the store needs no alignment.
    unsafe { _mm_storeu_si128(block.as_mut_ptr().cast(), value) };
    block
}
