//! One point in four lanes: its coordinates (X, Y, ZZ, ZZZ) beside each other, so that the independent products of one
//! formula are one product of vectors. Radix and Montgomery form are those of [`super::field`].
//!
//! `specs/gm.md`, "One at a time", has the reasons.

#[macro_use]
mod product;
mod formulas;

use zeroize::{Zeroize, optimization_barrier};

use super::lanes::Vector;
use crate::backend::portable::{
    arithmetic::Arithmetic,
    field::{self, Fe},
    limbs,
    point::AffinePoint,
    xyzz::Xyzz,
};

/// P, 3P, 5P, … 15P.
macro_rules! odd_multiples {
    ($points:expr) => {{
        let first = $points;
        let mut twice = first;
        twice.double_times(1);
        let mut odd = [first; 8];
        for i in 1..8 {
            // (2i − 1)·P is not ±2P: the order of P is a large prime.
            odd[i] = odd[i - 1];
            odd[i].add(&twice);
        }
        odd
    }};
}

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
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct Quad(pub(super) [u64; 24]);

impl Quad {
    pub(super) const ZERO: Self = Self([0; 24]);

    pub(super) fn from_affine(point: &AffinePoint) -> Self {
        let mut out = Self::ZERO;
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

    /// P, 3P, 5P, … 15P.
    #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512ifma")]
    pub(super) fn odd_multiples(&self) -> [Self; 8] {
        odd_multiples!(*self)
    }
}

/// Two points beside each other: a row for each limb, of the first point and of the second, at 8·i and 8·i + 4.
///
/// Invariant: that of [`Quad`] for both.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct Pair(pub(super) [u64; 40]);

impl Pair {
    pub(super) const ZERO: Self = Self([0; 40]);

    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn new([first, second]: &[Quad; 2]) -> Self {
        let mut out = Self::ZERO;
        let rows = first.0.as_chunks().0.iter().zip(second.0.as_chunks().0);
        for (i, (first, second)) in rows.enumerate() {
            let halves = Vector::load(first).halves(Vector::load(second));
            // The third vector has one row.
            for (row, half) in out.0.as_chunks_mut().0[2 * i..].iter_mut().zip(halves) {
                *row = half.store().0;
            }
        }
        out
    }

    /// The two points.
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn points(&self) -> [Quad; 2] {
        let mut points = [Quad::ZERO; 2];
        for (i, rows) in self.0.as_chunks::<8>().0.chunks(2).enumerate() {
            let next = Vector::load(rows.get(1).unwrap_or(&[0; 8]));
            for (point, half) in points.iter_mut().zip(Vector::load(&rows[0]).halves(next)) {
                point.0[8 * i..][..8].copy_from_slice(&half.store().0);
            }
        }
        points
    }

    /// The first points of both and the second points.
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn regrouped(&self, other: &Self) -> [Self; 2] {
        let mut out = [Self::ZERO; 2];
        let rows = self.0.as_chunks().0.iter().zip(other.0.as_chunks().0);
        for (i, (row, other)) in rows.enumerate() {
            for (out, half) in out.iter_mut().zip(Vector::load(row).halves(Vector::load(other))) {
                out.0[8 * i..][..8].copy_from_slice(&half.store().0);
            }
        }
        out
    }

    /// The sum of the two points, twice.
    #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512ifma")]
    pub(super) fn add_up(&mut self) {
        let mut other = *self;
        for row in other.0.as_chunks_mut::<8>().0 {
            let [lower, upper] = Vector::load(row).halves(Vector::load(row));
            *row = upper.or_where(0xf0, lower).store().0;
        }
        self.add(&other);
    }

    /// Of each point its odd multiples P, 3P, 5P, … 15P.
    #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512ifma")]
    pub(super) fn odd_multiples(&self) -> [Self; 8] {
        odd_multiples!(*self)
    }

    /// For each point, of its eight multiples the one of an index, negated where the second word is ones. Reads every one.
    #[inline]
    #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512ifma")]
    pub(super) fn picked(
        multiples: &[Self; 8],
        [(i, i_sign), (j, j_sign)]: [(u64, u64); 2],
    ) -> Self {
        let splat = |word: u64| Vector::splat(word.cast_signed());
        let index = splat(i).or_where(0xf0, splat(j));
        let ordinates = Vector::load(&[0, u64::MAX, 0, 0, 0, u64::MAX, 0, 0]);
        let negative = splat(i_sign).or_where(0xf0, splat(j_sign)).lanes_with(ordinates);
        let mut found = [Vector::splat(0); 5];
        for (at, pair) in multiples.iter().enumerate() {
            let here = index.lanes_equal(splat(at as u64));
            for (found, row) in found.iter_mut().zip(pair.0.as_chunks().0) {
                *found = found.or_where(here, Vector::load(row));
            }
        }
        let (mut out, mut carry) = (Self::ZERO, Vector::splat(0));
        let rows = out.0.as_chunks_mut().0.iter_mut().zip(found);
        for ((row, found), twice_p) in rows.zip(TWICE_P) {
            let difference = splat(twice_p).sub(found.and(splat(MASK))).add(carry);
            carry = difference.shift_right_signed::<52>();
            *row = found.or_where(negative, difference).store().0;
        }
        out
    }
}

/// Vector by vector, not word by word.
impl Zeroize for Quad {
    fn zeroize(&mut self) {
        *self = Self::ZERO;
        optimization_barrier(self);
    }
}

impl Zeroize for Pair {
    fn zeroize(&mut self) {
        *self = Self::ZERO;
        optimization_barrier(self);
    }
}

#[cfg(test)]
mod tests;
