//! Reading one row of a table so that every row is read, with the same instructions for every index.

#![allow(unsafe_code, reason = "vector loads and stores through pointers into arrays")]

use core::arch::x86_64::{
    __m256i, _mm256_and_si256, _mm256_cmpeq_epi64, _mm256_loadu_si256, _mm256_or_si256,
    _mm256_set1_epi64x, _mm256_setzero_si256, _mm256_storeu_si256, _mm512_cmpeq_epi64_mask,
    _mm512_mask_loadu_epi64, _mm512_mask_mov_epi64, _mm512_mask_storeu_epi64, _mm512_set1_epi64,
    _mm512_setzero_si512,
};

/// # Safety
/// The processor has AVX2.
#[target_feature(enable = "avx2")]
#[inline]
pub(super) unsafe fn avx2<const WORDS: usize>(rows: &[[u64; WORDS]], index: u64) -> [u64; WORDS] {
    const { assert!(WORDS.is_multiple_of(4) && WORDS <= 32, "whole vectors, all in registers") };
    let wanted = _mm256_set1_epi64x(index.cast_signed());
    let one = _mm256_set1_epi64x(1);
    let mut at = _mm256_setzero_si256();
    let mut found = [_mm256_setzero_si256(); 8];
    for row in rows {
        let mask = _mm256_cmpeq_epi64(at, wanted);
        at = core::arch::x86_64::_mm256_add_epi64(at, one);
        for (i, found) in found.iter_mut().enumerate().take(WORDS / 4) {
            // SAFETY: four words from 4·i are within the row, by the assertion.
            let words = unsafe { _mm256_loadu_si256(row.as_ptr().add(4 * i).cast::<__m256i>()) };
            *found = _mm256_or_si256(*found, _mm256_and_si256(words, mask));
        }
    }
    let mut out = [0; WORDS];
    for (i, found) in found.iter().enumerate().take(WORDS / 4) {
        // SAFETY: as above.
        unsafe { _mm256_storeu_si256(out.as_mut_ptr().add(4 * i).cast::<__m256i>(), *found) };
    }
    out
}

#[target_feature(enable = "avx512f")]
#[inline]
pub(super) fn avx512<const WORDS: usize>(rows: &[[u64; WORDS]], index: u64) -> [u64; WORDS] {
    const { assert!(WORDS <= 24, "all in registers") };
    if let (8, Ok(rows)) = (WORDS, rows.as_flattened().try_into()) {
        let mut out = [0; WORDS];
        out.copy_from_slice(&block(rows, index));
        return out;
    }
    let wanted = _mm512_set1_epi64(index.cast_signed());
    let one = _mm512_set1_epi64(1);
    let mut at = _mm512_setzero_si512();
    let mut found = [_mm512_setzero_si512(); 3];
    // The last vector of a row may be shorter.
    let width = |i: usize| u8::MAX >> (8 - (WORDS - 8 * i).min(8));
    for row in rows {
        let mask = _mm512_cmpeq_epi64_mask(at, wanted);
        at = core::arch::x86_64::_mm512_add_epi64(at, one);
        for (i, found) in found.iter_mut().enumerate().take(WORDS.div_ceil(8)) {
            // SAFETY: only words that the mask names are touched, and they are within the row. (Zeros are kept out of
            // `found` by the other mask.)
            *found = unsafe {
                let from = row.as_ptr().add(8 * i).cast::<i64>();
                if WORDS.is_multiple_of(8) {
                    _mm512_mask_loadu_epi64(*found, mask, from)
                } else {
                    _mm512_mask_loadu_epi64(*found, mask & width(i), from)
                }
            };
        }
    }
    let mut out = [0; WORDS];
    for (i, found) in found.iter().enumerate().take(WORDS.div_ceil(8)) {
        // SAFETY: only words that the mask names are touched.
        unsafe {
            _mm512_mask_storeu_epi64(out.as_mut_ptr().add(8 * i).cast::<i64>(), width(i), *found)
        };
    }
    out
}

/// Of 32 rows that are one vector each: first the quarter for each place in it, then the place, which is half the work of
/// comparing each row's number.
#[target_feature(enable = "avx512f")]
#[inline]
fn block(rows: &[u64; 8 * 32], index: u64) -> [u64; 8] {
    let wanted = |number: u64, of: u64| {
        _mm512_cmpeq_epi64_mask(
            _mm512_set1_epi64(number.cast_signed()),
            _mm512_set1_epi64(of.cast_signed()),
        )
    };
    let quarters = [0, 1, 2, 3].map(|quarter| wanted(index >> 3, quarter));
    let mut found = _mm512_setzero_si512();
    for place in 0..8 {
        let mut row = _mm512_setzero_si512();
        for (quarter, &mask) in quarters.iter().enumerate() {
            // SAFETY: eight words from 64·quarter + 8·place are within the 256.
            row = unsafe {
                let from = rows.as_ptr().add(64 * quarter + 8 * place).cast::<i64>();
                _mm512_mask_loadu_epi64(row, mask, from)
            };
        }
        found = _mm512_mask_mov_epi64(found, wanted(index & 7, place as u64), row);
    }
    let mut out = [0; 8];
    // SAFETY: the eight words of `out`.
    unsafe { _mm512_mask_storeu_epi64(out.as_mut_ptr().cast::<i64>(), u8::MAX, found) };
    out
}
