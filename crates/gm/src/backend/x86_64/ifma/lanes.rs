//! Eight words beside each other.
//!
//! A [`Vector`] is proof that the processor has AVX-512 F and IFMA: the functions that make one out of anything else ask
//! for them. So its operations need not, and can be inlined by force.

#![allow(unsafe_code, reason = "intrinsics on registers; memory is touched in `load` and `store`")]

use core::arch::x86_64::{
    __m512i, __mmask8, _mm512_add_epi64, _mm512_and_si512, _mm512_cmpeq_epi64_mask,
    _mm512_loadu_epi64, _mm512_madd52hi_epu64, _mm512_madd52lo_epu64, _mm512_mask_blend_epi64,
    _mm512_or_si512, _mm512_permutex2var_epi64, _mm512_set1_epi64, _mm512_shuffle_i64x2,
    _mm512_slli_epi64, _mm512_sllv_epi64, _mm512_srai_epi64, _mm512_srli_epi64, _mm512_srlv_epi64,
    _mm512_storeu_epi64, _mm512_sub_epi64, _mm512_test_epi64_mask, _mm512_unpackhi_epi64,
    _mm512_unpacklo_epi64, _mm512_xor_si512,
};
use core::{hint::black_box, mem::MaybeUninit};

use zeroize::Zeroize;

/// Eight words in memory, one a lane.
#[derive(Clone, Copy, Zeroize)]
#[repr(C, align(64))]
pub(super) struct Words(pub(super) [u64; 8]);

/// Makes the caller's frame begin at a multiple of 64: the compiler aligns it for a place whose address is asked for, and with
/// it what it spills, but not for what it spills alone, which would cross cache lines. Of two groups something is always there
/// by address.
#[inline(always)]
pub(super) fn align_frame<const G: usize>() {
    if G == 1 {
        let place = MaybeUninit::<Words>::uninit();
        let _ = black_box(&place);
    }
}

/// Eight words in a register, one a lane.
#[derive(Clone, Copy, Zeroize)]
pub(super) struct Vector(__m512i);

/// Operations on vectors that each are one instruction.
macro_rules! operations {
    ($($(#[$meta:meta])* $name:ident($($argument:ident),*) = $intrinsic:ident;)*) => {
        $($(#[$meta])*
        #[inline(always)]
        pub(super) fn $name(self $(, $argument: Self)*) -> Self {
            // SAFETY: there is a vector, so the processor has what it takes.
            Self(unsafe { $intrinsic(self.0 $(, $argument.0)*) })
        })*
    };
}

/// Shifts, likewise.
macro_rules! shifts {
    ($($(#[$meta:meta])* $name:ident = $intrinsic:ident;)*) => {
        $($(#[$meta])*
        #[inline(always)]
        pub(super) fn $name<const BITS: u32>(self) -> Self {
            // SAFETY: there is a vector, so the processor has what it takes.
            Self(unsafe { $intrinsic::<BITS>(self.0) })
        })*
    };
}

impl Vector {
    /// The same word in every lane.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn splat(word: i64) -> Self {
        Self(_mm512_set1_epi64(word))
    }

    /// The words at `words`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn load(words: &[u64; 8]) -> Self {
        // SAFETY: the reference is valid for 64 bytes, and the instruction asks for no alignment.
        Self(unsafe { _mm512_loadu_epi64(words.as_ptr().cast()) })
    }

    /// In memory.
    #[inline(always)]
    pub(super) fn store(self) -> Words {
        let mut words = Words([0; 8]);
        // SAFETY: there is a vector, so the processor has what it takes; the array is ours and of 64 bytes.
        unsafe { _mm512_storeu_epi64(words.0.as_mut_ptr().cast(), self.0) };
        words
    }

    /// `word` in every lane.
    #[inline(always)]
    pub(super) fn filled(self, word: i64) -> Self {
        // SAFETY: there is a vector, so the processor has what it takes.
        Self(unsafe { _mm512_set1_epi64(word) })
    }

    operations! {
        add(other) = _mm512_add_epi64;
        sub(other) = _mm512_sub_epi64;
        and(other) = _mm512_and_si512;
        or(other) = _mm512_or_si512;
        xor(other) = _mm512_xor_si512;
        /// Plus the low 52 bits of the product of the low 52 bits of `a` and `b`.
        add_low(a, b) = _mm512_madd52lo_epu64;
        /// Plus the high 52 bits of that product.
        add_high(a, b) = _mm512_madd52hi_epu64;
        /// Zero from 64 on.
        shift_left_by(bits) = _mm512_sllv_epi64;
        /// Zero from 64 on.
        shift_right_by(bits) = _mm512_srlv_epi64;
        /// The word of the sixteen in this vector and `other` that each lane's `index` names by its four lowest bits.
        pick(index, other) = _mm512_permutex2var_epi64;
    }

    shifts! {
        shift_left = _mm512_slli_epi64;
        shift_right = _mm512_srli_epi64;
        /// Keeps the sign.
        shift_right_signed = _mm512_srai_epi64;
    }

    /// The lanes in which both are the same.
    #[inline(always)]
    pub(super) fn lanes_equal(self, other: Self) -> __mmask8 {
        // SAFETY: there is a vector, so the processor has what it takes.
        unsafe { _mm512_cmpeq_epi64_mask(self.0, other.0) }
    }

    /// The lanes that have a bit of `mask`.
    #[inline(always)]
    pub(super) fn lanes_with(self, mask: Self) -> __mmask8 {
        // SAFETY: there is a vector, so the processor has what it takes.
        unsafe { _mm512_test_epi64_mask(self.0, mask.0) }
    }

    /// `other` in the lanes of `mask`.
    #[inline(always)]
    pub(super) fn or_where(self, mask: __mmask8, other: Self) -> Self {
        // SAFETY: there is a vector, so the processor has what it takes.
        Self(unsafe { _mm512_mask_blend_epi64(mask, self.0, other.0) })
    }

    /// Words 2i of this vector and `other` in turn, or words 2i + 1.
    #[inline(always)]
    fn interleave(self, other: Self) -> [Self; 2] {
        // SAFETY: there is a vector, so the processor has what it takes.
        unsafe {
            [
                Self(_mm512_unpacklo_epi64(self.0, other.0)),
                Self(_mm512_unpackhi_epi64(self.0, other.0)),
            ]
        }
    }

    /// The lower halves of this vector and `other`, and the upper ones.
    #[inline(always)]
    pub(super) fn halves(self, other: Self) -> [Self; 2] {
        // SAFETY: there is a vector, so the processor has what it takes.
        unsafe {
            [
                Self(_mm512_shuffle_i64x2::<0b01_00_01_00>(self.0, other.0)),
                Self(_mm512_shuffle_i64x2::<0b11_10_11_10>(self.0, other.0)),
            ]
        }
    }

    /// Pairs 0 and 2 of this vector, then of `other`; or pairs 1 and 3.
    #[inline(always)]
    fn interleave_pairs(self, other: Self) -> [Self; 2] {
        // SAFETY: there is a vector, so the processor has what it takes.
        unsafe {
            [
                Self(_mm512_shuffle_i64x2::<0b10_00_10_00>(self.0, other.0)),
                Self(_mm512_shuffle_i64x2::<0b11_01_11_01>(self.0, other.0)),
            ]
        }
    }
}

/// Row i, word j becomes row j, word i.
#[inline(always)]
pub(super) fn transpose(rows: &[Vector; 8]) -> [Vector; 8] {
    let [a, b, c, d, e, f, g, h] = *rows;
    let (ab, cd, ef, gh) = (a.interleave(b), c.interleave(d), e.interleave(f), g.interleave(h));
    let mut out = [a; 8];
    for odd in 0..2 {
        let low = ab[odd].interleave_pairs(cd[odd]);
        let high = ef[odd].interleave_pairs(gh[odd]);
        [out[odd], out[odd + 4]] = low[0].interleave_pairs(high[0]);
        [out[odd + 2], out[odd + 6]] = low[1].interleave_pairs(high[1]);
    }
    out
}
