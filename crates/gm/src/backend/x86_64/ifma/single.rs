//! One operation at a time: k·G by lanes that share it out, k·P by the four lanes of a point.

use zeroize::Zeroize;

use super::{
    comb,
    quad::{Pair, Quad},
    verify,
};
use crate::backend::{
    Table,
    portable::{
        point::{AffinePoint, wnaf},
        scalar::{Scalar, Windows},
    },
};

/// k·G, in constant time; ZZ is zero for k = 0 and for one k more.
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512ifma")]
pub(super) fn mul_base(k: &Scalar) -> Quad {
    let (mut point, negate) = comb::mul_base(k);
    point.negate_if(negate);
    point
}

/// k·P, in constant time; ZZ is zero for k = 0 and for one k more.
///
/// The digits are those of [`mul`](crate::backend::portable::point::mul), u + u′·2¹²⁸ = k or n − k by its two halves: u·P and
/// u′·(2¹²⁸·P) are found side by side, half as many additions one after the other. Among those no exception exists, for
/// the same reason as there. The last is that of [`comb`], and so is the k for which it would have to double.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512ifma")]
pub(super) fn mul(k: &Scalar, p: &AffinePoint) -> Quad {
    const HALF: usize = 32;
    const { assert!(2 * HALF == Windows::COUNT && Windows::BITS == 4) };
    let lower = Quad::from_affine(p);
    let mut upper = lower;
    upper.double_times(128);
    let mut multiples = Pair::new(&[lower, upper]).odd_multiples();
    let mut windows = Windows::new(k);
    let digits = |i| Pair::picked(&multiples, [windows.digit(i), windows.digit(i + HALF)]);
    let mut sums = digits(HALF - 1);
    for i in (0..HALF - 1).rev() {
        // Read early, so that it is in memory when it is added.
        let next = digits(i);
        sums.double_times_and_add(Windows::BITS, &next);
    }
    sums.add_up();
    let [mut sum, _] = sums.points();
    sum.negate_if(windows.negate);
    sums.zeroize();
    multiples.zeroize();
    windows.zeroize();
    sum
}

/// s·G + t·P; ZZ is zero for infinity and where an addition met an exception. Variable time.
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512ifma")]
pub(super) fn sum(s: &Scalar, t: &Scalar, p: &AffinePoint) -> Quad {
    let mut both = Pair::new(&[mul(t, p), mul_base(s)]);
    both.add_up();
    both.points()[0]
}

/// s·G + t·P with the table of P, likewise: each lane has a block of a comb.
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512ifma")]
pub(super) fn sum_prepared(s: &Scalar, t: &Scalar, table: &Table) -> Quad {
    comb::sum_of(&mut comb::pairs(&verify::blocks(s, t, table)))
}

/// k·R + P, likewise.
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512ifma")]
pub(super) fn multiple_plus(k: &Scalar, r: &AffinePoint, p: &AffinePoint) -> Quad {
    let mut both = Pair::new(&[multiple(k, r), Quad::from_affine(p)]);
    both.add_up();
    both.points()[0]
}

/// k·P by wNAF of width 5, likewise: for a k that may be short.
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512ifma")]
fn multiple(k: &Scalar, p: &AffinePoint) -> Quad {
    let multiples = Quad::from_affine(p).odd_multiples();
    let mut sum: Option<Quad> = None;
    let mut doublings = 0;
    for digit in wnaf(k, 5).into_iter().rev() {
        doublings += 1;
        if digit == 0 {
            continue;
        }
        let mut next = multiples[usize::from(digit.unsigned_abs() / 2)];
        next.negate_if(if digit < 0 { u64::MAX } else { 0 });
        match &mut sum {
            Some(sum) => sum.double_times_and_add(doublings, &next),
            None => sum = Some(next),
        }
        doublings = 0;
    }
    let mut sum = sum.unwrap_or(Quad::ZERO);
    if doublings > 0 {
        sum.double_times(doublings);
    }
    sum
}
