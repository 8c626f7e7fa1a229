//! Where GFNI is missing: the rounds of [`aes_rounds`] with AESENCLAST and PSHUFB, from level
//! [`AesNi`](crate::backend::Backend::AesNi).

#![allow(unsafe_code, reason = "loads and stores")]

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

    use crate::backend::sm4::aes_rounds::{ACROSS, BACK, IN, SAME, TURNED, Tables, aes_rounds};

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

    use crate::backend::sm4::aes_rounds::{ACROSS, BACK, IN, SAME, TURNED, Tables, aes_rounds};

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
