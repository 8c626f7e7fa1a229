//! One operation at a time: k·G by lanes that share it out, k·P by the four lanes of a point.

use zeroize::Zeroize;

use super::{comb, quad::Quad, verify};
use crate::backend::{
    Table,
    portable::{
        point::{AffinePoint, wnaf},
        scalar::{Scalar, Windows},
    },
    x86_64::lookup,
};

/// k·G, in constant time; ZZ is zero for k = 0 and for one k more.
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512ifma")]
pub(super) fn mul_base(k: &Scalar) -> Quad {
    let (mut point, negate) = comb::mul_base(k);
    point.negate_if(negate);
    point
}

/// k·P, in constant time; ZZ is zero for k = 0. Digits and order are those of
/// [`mul`](crate::backend::portable::point::mul), and so is the reason why no addition meets an exception.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512ifma")]
pub(super) fn mul(k: &Scalar, p: &AffinePoint) -> Quad {
    let mut multiples = Quad::from_affine(p).odd_multiples().map(|multiple| multiple.0);
    let mut windows = Windows::new(k);
    let mut sum = digit(&windows, &multiples, Windows::COUNT - 1);
    for i in (0..Windows::COUNT - 1).rev() {
        // Read early, so that it is in memory when it is added.
        let next = digit(&windows, &multiples, i);
        sum.double_times_and_add(Windows::BITS, &next);
    }
    sum.negate_if(windows.negate);
    multiples.zeroize();
    windows.zeroize();
    sum
}

/// The multiple that window `i` asks for. Reads every one.
#[inline]
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512ifma")]
fn digit(windows: &Windows, multiples: &[[u64; 24]; 8], i: usize) -> Quad {
    let (index, negative) = windows.digit(i);
    let mut found = Quad(lookup::avx512(multiples, index));
    found.negate_if(negative);
    found
}

/// s·G + t·P; ZZ is zero for infinity and where an addition met an exception. Variable time.
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512ifma")]
pub(super) fn sum(s: &Scalar, t: &Scalar, p: &AffinePoint) -> Quad {
    let mut sum = multiple(t, p);
    sum.add(&mul_base(s));
    sum
}

/// s·G + t·P with the table of P, likewise: each lane has a block of a comb.
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512ifma")]
pub(super) fn sum_prepared(s: &Scalar, t: &Scalar, table: &Table) -> Quad {
    comb::sum_of(&mut comb::quads(&verify::blocks(s, t, table)))
}

/// k·R + P, likewise.
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512ifma")]
pub(super) fn multiple_plus(k: &Scalar, r: &AffinePoint, p: &AffinePoint) -> Quad {
    let mut sum = multiple(k, r);
    sum.add(&Quad::from_affine(p));
    sum
}

/// k·P by wNAF of width 5, likewise.
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
    let mut sum = sum.unwrap_or(Quad([0; 24]));
    if doublings > 0 {
        sum.double_times(doublings);
    }
    sum
}
