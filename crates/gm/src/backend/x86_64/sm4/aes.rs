//! Where GFNI is missing: the S-box of AES between linear maps, from level [`AesNi`](crate::backend::Backend::AesNi).
//!
//! The rounds are those of the GFNI form, on the same keys. AESENCLAST under a zero key is SubBytes and ShiftRows; the
//! matrix behind the inversion is taken apart by nibbles, looked up in registers (PSHUFB), and the shuffles that
//! rotate words undo ShiftRows as well.

#![allow(unsafe_code, reason = "loads and stores")]

use super::maps;

/// The rounds over registers of `$lanes` blocks, from operations on single registers.
macro_rules! aes_rounds {
    ($features:literal, $register:ty, $lanes:literal) => {
        /// Word i of some blocks, or blocks as they lie in memory.
        type Group = [$register; 4];

        /// Groups in flight. Two fill the sixteen registers; four spill and are 1.4 times as fast, so long is a round.
        const GROUPS: usize = 4;

        /// Each block by itself; `keys` say in which direction.
        #[target_feature(enable = $features)]
        pub(crate) fn crypt_blocks(keys: &[u32; 32], blocks: &mut [[u8; 16]]) {
            for chunk in blocks.chunks_mut(4 * $lanes * GROUPS) {
                let mut x = [[zero(); 4]; GROUPS];
                for (x, blocks) in x.as_flattened_mut().iter_mut().zip(chunk.chunks($lanes)) {
                    *x = load(blocks);
                }
                let [first, second, ..] = &mut x;
                match chunk.len().div_ceil(4 * $lanes) {
                    1 => crypt::<1>(core::array::from_mut(first), keys),
                    2 => {
                        let mut both = [*first, *second];
                        crypt::<2>(&mut both, keys);
                        [*first, *second] = both;
                    }
                    _ => crypt::<GROUPS>(&mut x, keys),
                }
                for (x, blocks) in x.as_flattened().iter().zip(chunk.chunks_mut($lanes)) {
                    store(blocks, *x);
                }
            }
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn crypt<const G: usize>(x: &mut [Group; G], keys: &[u32; 32]) {
            for group in x.iter_mut() {
                *group = transpose(*group).map(|word| mapped(&IN, nibbles(word)));
            }
            for keys in keys.as_chunks::<4>().0 {
                round::<G, 0>(x, keys[0]);
                round::<G, 1>(x, keys[1]);
                round::<G, 2>(x, keys[2]);
                round::<G, 3>(x, keys[3]);
            }
            for group in x.iter_mut() {
                group.reverse();
                *group = transpose(group.map(|word| mapped(&BACK, nibbles(word))));
            }
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn round<const G: usize, const I: usize>(y: &mut [Group; G], key: u32) {
            let key = broadcast(key);
            for y in y.iter_mut() {
                let sum = xor(xor(y[(I + 1) % 4], y[(I + 2) % 4]), xor(y[(I + 3) % 4], key));
                let nibbles = nibbles(sub_bytes(sum));
                let (a, b) = (mapped(&SAME, nibbles), mapped(&ACROSS, nibbles));
                let own = xor(y[I], shuffle(a, table(&TURNED[0])));
                let next = xor(shuffle(b, table(&TURNED[1])), shuffle(b, table(&TURNED[2])));
                let last = shuffle(xor(a, b), table(&TURNED[3]));
                y[I] = xor(xor(own, next), last);
            }
        }

        /// The bytes of `nibbles`, lower and upper, through the map.
        #[inline]
        #[target_feature(enable = $features)]
        fn mapped(map: &Tables, nibbles: [$register; 2]) -> $register {
            xor(shuffle(table(&map[0]), nibbles[0]), shuffle(table(&map[1]), nibbles[1]))
        }

        /// Blocks to their words; the same again is the way back.
        #[inline]
        #[target_feature(enable = $features)]
        fn transpose([a, b, c, d]: Group) -> Group {
            let [ab, ab_high] = interleave_words(a, b);
            let [cd, cd_high] = interleave_words(c, d);
            let [x, y] = interleave_pairs(ab, cd);
            let [z, w] = interleave_pairs(ab_high, cd_high);
            [x, y, z, w]
        }
    };
}

pub(crate) use narrow::crypt_blocks;

/// At level [`Avx2`](crate::backend::Backend::Avx2): the halves of a wide register cost a single group more than they give.
#[target_feature(enable = "aes,avx2")]
pub(crate) fn crypt_blocks_avx2(keys: &[u32; 32], blocks: &mut [[u8; 16]]) {
    if blocks.len() > 4 {
        wide::crypt_blocks(keys, blocks);
    } else {
        narrow::crypt_blocks(keys, blocks);
    }
}

/// Four blocks a group: SSE.
mod narrow {
    use core::arch::x86_64::*;

    use super::{ACROSS, BACK, IN, SAME, TURNED, Tables};

    aes_rounds!("aes,ssse3", __m128i, 1);

    #[inline]
    #[target_feature(enable = "sse2")]
    fn zero() -> __m128i {
        _mm_setzero_si128()
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn load(blocks: &[[u8; 16]]) -> __m128i {
        blocks.first().map_or(_mm_setzero_si128(), |block| table(block))
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn store(blocks: &mut [[u8; 16]], value: __m128i) {
        if let Some(block) = blocks.first_mut() {
            // SAFETY: 16 writable bytes; the store needs no alignment.
            unsafe { _mm_storeu_si128(block.as_mut_ptr().cast(), value) }
        }
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn table(bytes: &[u8; 16]) -> __m128i {
        // SAFETY: 16 readable bytes; the load needs no alignment.
        unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn broadcast(word: u32) -> __m128i {
        _mm_set1_epi32(word.cast_signed())
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn xor(a: __m128i, b: __m128i) -> __m128i {
        _mm_xor_si128(a, b)
    }

    #[inline]
    #[target_feature(enable = "ssse3")]
    fn shuffle(bytes: __m128i, order: __m128i) -> __m128i {
        _mm_shuffle_epi8(bytes, order)
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn nibbles(bytes: __m128i) -> [__m128i; 2] {
        let mask = _mm_set1_epi8(15);
        [_mm_and_si128(bytes, mask), _mm_and_si128(_mm_srli_epi32::<4>(bytes), mask)]
    }

    #[inline]
    #[target_feature(enable = "aes")]
    fn sub_bytes(bytes: __m128i) -> __m128i {
        _mm_aesenclast_si128(bytes, _mm_setzero_si128())
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn interleave_words(a: __m128i, b: __m128i) -> [__m128i; 2] {
        [_mm_unpacklo_epi32(a, b), _mm_unpackhi_epi32(a, b)]
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn interleave_pairs(a: __m128i, b: __m128i) -> [__m128i; 2] {
        [_mm_unpacklo_epi64(a, b), _mm_unpackhi_epi64(a, b)]
    }
}

/// Eight blocks a group: AVX2, where only AESENCLAST takes the halves one by one.
mod wide {
    use core::arch::x86_64::*;

    use super::{ACROSS, BACK, IN, SAME, TURNED, Tables};

    aes_rounds!("aes,avx2", __m256i, 2);

    #[inline]
    #[target_feature(enable = "avx2")]
    fn zero() -> __m256i {
        _mm256_setzero_si256()
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn load(blocks: &[[u8; 16]]) -> __m256i {
        match blocks.first_chunk::<2>() {
            // SAFETY: 32 readable bytes; the load needs no alignment.
            Some(both) => unsafe { _mm256_loadu_si256(both.as_ptr().cast()) },
            None => blocks.first().map_or(_mm256_setzero_si256(), |block| table(block)),
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn store(blocks: &mut [[u8; 16]], value: __m256i) {
        if let Some(both) = blocks.first_chunk_mut::<2>() {
            // SAFETY: 32 writable bytes; the store needs no alignment.
            unsafe { _mm256_storeu_si256(both.as_mut_ptr().cast(), value) }
        } else if let Some(block) = blocks.first_mut() {
            let low = _mm256_castsi256_si128(value);
            // SAFETY: 16 writable bytes; the store needs no alignment.
            unsafe { _mm_storeu_si128(block.as_mut_ptr().cast(), low) }
        }
    }

    /// The same in both halves.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn table(bytes: &[u8; 16]) -> __m256i {
        // SAFETY: 16 readable bytes; the load needs no alignment.
        _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) })
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn broadcast(word: u32) -> __m256i {
        _mm256_set1_epi32(word.cast_signed())
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn xor(a: __m256i, b: __m256i) -> __m256i {
        _mm256_xor_si256(a, b)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn shuffle(bytes: __m256i, order: __m256i) -> __m256i {
        _mm256_shuffle_epi8(bytes, order)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn nibbles(bytes: __m256i) -> [__m256i; 2] {
        let mask = _mm256_set1_epi8(15);
        [_mm256_and_si256(bytes, mask), _mm256_and_si256(_mm256_srli_epi32::<4>(bytes), mask)]
    }

    #[inline]
    #[target_feature(enable = "aes,avx2")]
    fn sub_bytes(bytes: __m256i) -> __m256i {
        let low = _mm_aesenclast_si128(_mm256_castsi256_si128(bytes), _mm_setzero_si128());
        let high = _mm256_extracti128_si256::<1>(bytes);
        _mm256_set_m128i(_mm_aesenclast_si128(high, _mm_setzero_si128()), low)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn interleave_words(a: __m256i, b: __m256i) -> [__m256i; 2] {
        [_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b)]
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn interleave_pairs(a: __m256i, b: __m256i) -> [__m256i; 2] {
        [_mm256_unpacklo_epi64(a, b), _mm256_unpackhi_epi64(a, b)]
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
