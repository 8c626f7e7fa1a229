//! Where GFNI is missing: the S-box of AES between linear maps, from level [`AesNi`](crate::backend::Backend::AesNi).
//!
//! The rounds are those of the GFNI form, on the same keys. AESENCLAST under a zero key is SubBytes and ShiftRows; the
//! matrix behind the inversion is taken apart by nibbles, looked up in registers (PSHUFB), and the shuffles that
//! rotate words undo ShiftRows as well.

#![allow(unsafe_code, reason = "loads and stores")]

use core::arch::x86_64::*;

use super::maps;

/// Word i of four blocks, or four blocks as they lie in memory.
type Group = [__m128i; 4];

/// Groups in flight: two fill the sixteen registers that SSE has.
const GROUPS: usize = 2;

/// Each block by itself; `keys` say in which direction.
#[target_feature(enable = "aes,ssse3")]
pub(crate) fn crypt_blocks(keys: &[u32; 32], blocks: &mut [[u8; 16]]) {
    for chunk in blocks.chunks_mut(4 * GROUPS) {
        let mut x = [[_mm_setzero_si128(); 4]; GROUPS];
        for (x, block) in x.as_flattened_mut().iter_mut().zip(chunk.iter()) {
            // SAFETY: 16 readable bytes; the load needs no alignment.
            *x = unsafe { _mm_loadu_si128(block.as_ptr().cast()) };
        }
        if chunk.len() > 4 {
            crypt(&mut x, keys);
        } else {
            let (first, _) = x.split_first_chunk_mut::<1>().expect("not empty");
            crypt(first, keys);
        }
        for (x, block) in x.as_flattened().iter().zip(chunk) {
            // SAFETY: 16 writable bytes; the store needs no alignment.
            unsafe { _mm_storeu_si128(block.as_mut_ptr().cast(), *x) };
        }
    }
}

#[inline]
#[target_feature(enable = "aes,ssse3")]
fn crypt<const G: usize>(x: &mut [Group; G], keys: &[u32; 32]) {
    let into = Map::new(&IN);
    for group in x.iter_mut() {
        *group = transpose(*group).map(|word| into.apply(&Nibbles::of(word)));
    }
    for keys in keys.as_chunks::<4>().0 {
        round::<G, 0>(x, keys[0]);
        round::<G, 1>(x, keys[1]);
        round::<G, 2>(x, keys[2]);
        round::<G, 3>(x, keys[3]);
    }
    let back = Map::new(&BACK);
    for group in x.iter_mut() {
        group.reverse();
        *group = transpose(group.map(|word| back.apply(&Nibbles::of(word))));
    }
}

#[inline]
#[target_feature(enable = "aes,ssse3")]
fn round<const G: usize, const I: usize>(y: &mut [Group; G], key: u32) {
    let key = _mm_set1_epi32(key.cast_signed());
    let (same, across) = (Map::new(&SAME), Map::new(&ACROSS));
    for y in y.iter_mut() {
        let sum = _mm_xor_si128(y[(I + 1) % 4], y[(I + 2) % 4]);
        let sum = _mm_xor_si128(sum, _mm_xor_si128(y[(I + 3) % 4], key));
        let nibbles = Nibbles::of(_mm_aesenclast_si128(sum, _mm_setzero_si128()));
        let (a, b) = (same.apply(&nibbles), across.apply(&nibbles));
        let own = _mm_xor_si128(y[I], shuffle(a, &TURNED[0]));
        let next = _mm_xor_si128(shuffle(b, &TURNED[1]), shuffle(b, &TURNED[2]));
        let last = shuffle(_mm_xor_si128(a, b), &TURNED[3]);
        y[I] = _mm_xor_si128(_mm_xor_si128(own, next), last);
    }
}

/// A linear map of bytes by their nibbles: what the lower gives, and the upper.
type Tables = [[u8; 16]; 2];

const fn tables(matrix: u64, constant: u8) -> Tables {
    let mut tables = [[0; 16]; 2];
    let mut nibble = 0;
    while nibble < 16 {
        tables[0][nibble as usize] = maps::apply(matrix, nibble) ^ constant;
        tables[1][nibble as usize] = maps::apply(matrix, nibble << 4);
        nibble += 1;
    }
    tables
}

const IN: Tables = tables(maps::IN, 0);
const BACK: Tables = tables(maps::BACK, 0);
const SAME: Tables = tables(maps::AES_SAME, 0);
const ACROSS: Tables = tables(maps::AES_ACROSS, maps::AES_SUM);

/// ⋘ 0, 8, 16, 24 of each word and the inverse of ShiftRows in one.
const TURNED: [[u8; 16]; 4] = {
    let mut turned = [[0; 16]; 4];
    let mut i = 0;
    while i < 64 {
        let (by, column, row) = (i / 16, i / 4 % 4, i % 4);
        let from = (row + by) % 4;
        turned[by as usize][(4 * column + row) as usize] = 4 * ((column + 4 - from) % 4) + from;
        i += 1;
    }
    turned
};

struct Nibbles {
    low: __m128i,
    high: __m128i,
}

impl Nibbles {
    #[inline]
    #[target_feature(enable = "sse2")]
    fn of(bytes: __m128i) -> Self {
        let mask = _mm_set1_epi8(15);
        Self {
            low: _mm_and_si128(bytes, mask),
            high: _mm_and_si128(_mm_srli_epi32::<4>(bytes), mask),
        }
    }
}

struct Map {
    low: __m128i,
    high: __m128i,
}

impl Map {
    #[inline]
    #[target_feature(enable = "sse2")]
    fn new(tables: &Tables) -> Self {
        Self { low: load(&tables[0]), high: load(&tables[1]) }
    }

    #[inline]
    #[target_feature(enable = "ssse3")]
    fn apply(&self, nibbles: &Nibbles) -> __m128i {
        let low = _mm_shuffle_epi8(self.low, nibbles.low);
        _mm_xor_si128(low, _mm_shuffle_epi8(self.high, nibbles.high))
    }
}

#[inline]
#[target_feature(enable = "ssse3")]
fn shuffle(bytes: __m128i, order: &[u8; 16]) -> __m128i {
    _mm_shuffle_epi8(bytes, load(order))
}

#[inline]
#[target_feature(enable = "sse2")]
fn load(bytes: &[u8; 16]) -> __m128i {
    // SAFETY: 16 readable bytes; the load needs no alignment.
    unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
}

/// Four blocks to their four words; the same again is the way back.
#[inline]
#[target_feature(enable = "sse2")]
fn transpose([a, b, c, d]: Group) -> Group {
    let (ab, ab_high) = (_mm_unpacklo_epi32(a, b), _mm_unpackhi_epi32(a, b));
    let (cd, cd_high) = (_mm_unpacklo_epi32(c, d), _mm_unpackhi_epi32(c, d));
    [
        _mm_unpacklo_epi64(ab, cd),
        _mm_unpackhi_epi64(ab, cd),
        _mm_unpacklo_epi64(ab_high, cd_high),
        _mm_unpackhi_epi64(ab_high, cd_high),
    ]
}
