//! One block after another, where each waits for the one before: CBC encryption, CBC-MAC, and the key expansion.
//!
//! Only the latency of a round counts: inversion (3 cycles on Zen 5), rotation, two sums (2 each). The state stays
//! y = A·x from block to block.

#![allow(unsafe_code, reason = "an empty `asm!` that keeps sums apart")]

use core::arch::{asm, x86_64::*};

use super::{maps, wide};
use crate::backend::portable::sm4::{CK, FK};

/// Word i in the lowest lane (and copies above).
type Words = [__m128i; 4];

/// CBC: each of `blocks` becomes the encryption of itself ⊕ the one before; `chain` becomes the last.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,gfni")]
pub(crate) fn cbc_encrypt(keys: &[u32; 32], chain: &mut [u8; 16], blocks: &mut [[u8; 16]]) {
    let mut y = words(load_mapped(chain));
    for block in blocks.iter_mut() {
        y = absorb(keys, y, block);
        *block = unmapped(y);
    }
    *chain = unmapped(y);
}

/// CBC-MAC: as [`cbc_encrypt`], of which only the last block is kept.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,gfni")]
pub(crate) fn cbc_mac(keys: &[u32; 32], chain: &mut [u8; 16], blocks: &[[u8; 16]]) {
    let mut y = words(load_mapped(chain));
    for block in blocks {
        y = absorb(keys, y, block);
    }
    *chain = unmapped(y);
}

/// One block by itself; `keys` say in which direction.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,gfni")]
pub(crate) fn crypt_block(keys: &[u32; 32], block: &mut [u8; 16]) {
    *block = unmapped(rounds(keys, words(load_mapped(block))));
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,gfni")]
fn absorb(keys: &[u32; 32], y: Words, block: &[u8; 16]) -> Words {
    let input = words(load_mapped(block));
    let sums = [
        _mm_xor_si128(y[0], input[0]),
        _mm_xor_si128(y[1], input[1]),
        _mm_xor_si128(y[2], input[2]),
        _mm_xor_si128(y[3], input[3]),
    ];
    rounds(keys, sums)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,gfni")]
fn rounds(keys: &[u32; 32], mut y: Words) -> Words {
    let mut sum = xor3(_mm_xor_si128(y[1], y[2]), y[3], word(keys[0]));
    for i in 0..8 {
        let next = |j: usize| word(keys[(4 * i + j) % 32]);
        round::<0>(&mut y, &mut sum, next(1));
        round::<1>(&mut y, &mut sum, next(2));
        round::<2>(&mut y, &mut sum, next(3));
        round::<3>(&mut y, &mut sum, next(4));
    }
    y.reverse();
    y
}

/// As the round of [`wide`], the sums in the order in which their parts are ready.
#[inline]
#[target_feature(enable = "avx512f,avx512vl,gfni")]
fn round<const I: usize>(y: &mut Words, sum: &mut __m128i, next: __m128i) {
    let same = _mm_set1_epi64x(maps::ROUND_SAME.cast_signed());
    let across = _mm_set1_epi64x(maps::ROUND_ACROSS.cast_signed());
    let last = _mm_set1_epi64x(maps::ROUND_LAST.cast_signed());
    let others = xor3(y[(I + 2) % 4], y[(I + 3) % 4], next);
    let start = apart(_mm_xor_si128(y[I], others));
    let b = _mm_gf2p8affineinv_epi64_epi8::<{ maps::ROUND_SUM }>(*sum, across);
    let c = _mm_gf2p8affineinv_epi64_epi8::<{ maps::ROUND_SUM }>(*sum, last);
    let a = _mm_gf2p8affineinv_epi64_epi8::<0>(*sum, same);
    let middle = apart(xor3(a, _mm_ror_epi32::<8>(b), _mm_ror_epi32::<16>(b)));
    *sum = apart(xor3(start, middle, _mm_ror_epi32::<24>(c)));
    y[I] = _mm_xor_si128(*sum, others);
}

/// The round keys, and the same as [`super::Mapped`].
#[target_feature(enable = "avx512f,avx512bw,avx512vl,gfni")]
pub(crate) fn expand_key(key: &[u8; 16], plain: &mut [u32; 32], mapped: &mut super::Mapped) {
    const CONSTANTS: [u32; 32] = {
        let mut mapped = [0; 32];
        let mut i = 0;
        while i < 32 {
            mapped[i] = maps::mapped(CK[i]);
            i += 1;
        }
        mapped
    };
    let fk = FK.map(|word| word.swap_bytes().cast_signed());
    let fk = _mm_setr_epi32(fk[0], fk[1], fk[2], fk[3]);
    let matrix = |matrix: u64| _mm_set1_epi64x(matrix.cast_signed());
    let key = _mm_xor_si128(wide::load_block(key), fk);
    let mut y = words(_mm_gf2p8affine_epi64_epi8::<0>(key, matrix(maps::IN)));
    let [own, next, second, third] = maps::EXPAND.map(matrix);
    // The constant a, which a key brings into its round.
    let offset = word(maps::mapped(0));
    let mut sum = xor3(_mm_xor_si128(y[1], y[2]), y[3], word(CONSTANTS[0]));
    for i in 0..32 {
        let constant = word(CONSTANTS[(i + 1) % 32]);
        let others = xor3(y[(i + 2) % 4], y[(i + 3) % 4], constant);
        let start = apart(_mm_xor_si128(y[i % 4], others));
        let next = _mm_gf2p8affineinv_epi64_epi8::<0>(sum, next);
        let second = _mm_gf2p8affineinv_epi64_epi8::<0>(sum, second);
        let third = _mm_gf2p8affineinv_epi64_epi8::<0>(sum, third);
        let own = _mm_gf2p8affineinv_epi64_epi8::<{ maps::EXPAND_SUM }>(sum, own);
        let middle = apart(xor3(own, _mm_ror_epi32::<8>(next), _mm_ror_epi32::<16>(second)));
        sum = apart(xor3(start, middle, _mm_ror_epi32::<24>(third)));
        y[i % 4] = _mm_xor_si128(sum, others);
        let key = _mm_gf2p8affine_epi64_epi8::<0>(y[i % 4], matrix(maps::BACK));
        plain[i] = _mm_cvtsi128_si32(key).cast_unsigned().swap_bytes();
        let key = _mm_cvtsi128_si32(_mm_xor_si128(y[i % 4], offset)).cast_unsigned();
        mapped[0][i] = key;
        mapped[1][31 - i] = key;
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512vl,gfni")]
fn load_mapped(block: &[u8; 16]) -> __m128i {
    let map = _mm_set1_epi64x(maps::IN.cast_signed());
    _mm_gf2p8affine_epi64_epi8::<0>(wide::load_block(block), map)
}

#[inline]
#[target_feature(enable = "sse2")]
fn words(block: __m128i) -> Words {
    [
        _mm_shuffle_epi32::<0x00>(block),
        _mm_shuffle_epi32::<0x55>(block),
        _mm_shuffle_epi32::<0xaa>(block),
        _mm_shuffle_epi32::<0xff>(block),
    ]
}

#[inline]
#[target_feature(enable = "avx512f,avx512vl,gfni")]
fn unmapped(y: Words) -> [u8; 16] {
    let low = _mm_unpacklo_epi32(y[0], y[1]);
    let high = _mm_unpacklo_epi32(y[2], y[3]);
    let back = _mm_set1_epi64x(maps::BACK.cast_signed());
    wide::store_block(_mm_gf2p8affine_epi64_epi8::<0>(_mm_unpacklo_epi64(low, high), back))
}

#[inline]
#[target_feature(enable = "sse2")]
fn word(word: u32) -> __m128i {
    _mm_set1_epi32(word.cast_signed())
}

#[inline]
#[target_feature(enable = "avx512f,avx512vl")]
fn xor3(a: __m128i, b: __m128i, c: __m128i) -> __m128i {
    _mm_ternarylogic_epi32::<0x96>(a, b, c)
}

/// The same value; the compiler does not regroup sums across it, which would lengthen the chain.
#[inline]
#[target_feature(enable = "avx512f,avx512vl")]
fn apart(mut value: __m128i) -> __m128i {
    // SAFETY: no instruction at all; only the register is named.
    unsafe {
        asm!("/* {0} */", inout(xmm_reg) value, options(pure, nomem, nostack, preserves_flags));
    }
    value
}
