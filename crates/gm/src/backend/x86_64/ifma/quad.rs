//! One point in four lanes: its coordinates (X, Y, ZZ, ZZZ) beside each other, so that the independent products of one
//! formula are one product of vectors. Radix and Montgomery form are those of [`super::field`].
//!
//! `specs/gm.md`, "One at a time", has the reasons.

#[macro_use]
mod product;
mod formulas;

use zeroize::Zeroize;

use crate::backend::portable::{
    arithmetic::Arithmetic,
    field::{self, Fe},
    limbs,
    point::AffinePoint,
    xyzz::Xyzz,
};

/// 52 ones.
const MASK: u64 = (1 << 52) - 1;
/// 2·p, in limbs that overlap.
const TWICE_P: [u64; 5] = [
    2 * MASK,
    2 * (MASK - (1 << 44) + (1 << 12)),
    2 * MASK,
    2 * MASK,
    2 * ((1 << 48) - (1 << 16) - 1),
];

/// A row for each limb: of X, of Y, of ZZ, of ZZZ, at 4·i; the last four words are zero.
///
/// What lies above the low 52 bits of a word means nothing.
///
/// Invariant: X is below p + 2²³⁰, Y below 2·p, ZZ and ZZZ below p + 2²³⁰; ZZ³ = ZZZ². ZZ = 0 where the formulas met an
/// exception, and in whatever comes of that.
#[derive(Clone, Copy, Zeroize)]
#[repr(C, align(64))]
pub(super) struct Quad(pub(super) [u64; 24]);

impl Quad {
    pub(super) fn from_affine(point: &AffinePoint) -> Self {
        let mut out = Self([0; 24]);
        let one = Fe::ONE;
        for (lane, coordinate) in [&point.x, &point.y, &one, &one].into_iter().enumerate() {
            // From R = 2²⁵⁶ to 2²⁶⁰.
            let [a, b, c, d] = *coordinate.double().double().double().double().montgomery();
            let words = [a, a >> 52 | b << 12, b >> 40 | c << 24, c >> 28 | d << 36, d >> 16];
            for (i, word) in words.into_iter().enumerate() {
                out.0[4 * i + lane] = word & MASK;
            }
        }
        out
    }

    /// The same point for the scalar code.
    pub(super) fn xyzz<A: Arithmetic>(&self) -> Xyzz<A> {
        let coordinate = |lane: usize| {
            let [a, b, c, d, e] = core::array::from_fn(|i| self.0[4 * i + lane] & MASK);
            let words = [a | b << 52, b >> 12 | c << 40, c >> 24 | d << 28, d >> 36 | e << 16];
            // Below 2·p. From R = 2²⁶⁰ to 2²⁵⁶.
            let words = limbs::reduce_once(&words, e >> 48 != 0, &field::P);
            Fe::<A>::from_montgomery(words).half().half().half().half()
        };
        Xyzz { x: coordinate(0), y: coordinate(1), zz: coordinate(2), zzz: coordinate(3) }
    }

    /// The negative where `mask` is ones.
    pub(super) fn negate_if(&mut self, mask: u64) {
        let mut carry = 0_i64;
        for (i, twice_p) in TWICE_P.into_iter().enumerate() {
            let y = &mut self.0[4 * i + 1];
            let negative = twice_p.wrapping_sub(*y & MASK).cast_signed() + carry;
            carry = negative >> 52;
            *y ^= (*y ^ negative.cast_unsigned() & MASK) & mask;
        }
    }

    #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512ifma")]
    pub(super) fn double_times(&mut self, times: u32) {
        formulas::double_times(self, times);
    }

    #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512ifma")]
    pub(super) fn double_times_and_add(&mut self, times: u32, other: &Self) {
        formulas::double_times_and_add(self, times, other);
    }

    #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512ifma")]
    pub(super) fn add(&mut self, other: &Self) {
        formulas::add(self, other);
    }

    /// P, 3P, 5P, … 15P.
    #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512ifma")]
    pub(super) fn odd_multiples(&self) -> [Self; 8] {
        let mut twice = *self;
        twice.double_times(1);
        let mut odd = [*self; 8];
        for i in 1..8 {
            // (2i − 1)·P is not ±2P: the order of P is a large prime.
            odd[i] = odd[i - 1];
            odd[i].add(&twice);
        }
        odd
    }
}

#[cfg(test)]
mod tests;
