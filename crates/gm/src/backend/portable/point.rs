//! Points of the SM2 curve and the multiplications that SM2 needs.

#[cfg(feature = "alloc")]
use alloc::{boxed::Box, vec::Vec};
use zeroize::Zeroize;
#[cfg(feature = "alloc")]
use zeroize::Zeroizing;

use super::{
    arithmetic::Arithmetic,
    comb::{self, Table, Term, public},
    field::{self, Fe},
    jacobian::{Jacobian, Multiple},
    limbs::{self, Limbs},
    scalar::{Scalar, Windows},
    tables::{self, Row},
    xyzz::{Affine, Xyzz},
};
use crate::backend::reveal;

/// b of the curve y² = x³ − 3x + b, in Montgomery form.
pub(super) const B: Fe = Fe::from_montgomery([
    0x90d2_3063_2bc0_dd42,
    0x71cf_379a_e9b5_37ab,
    0x5279_8150_5ea5_1c3c,
    0x240f_e188_ba20_e2c8,
]);

/// Invariant: on the curve; the point at infinity has no such form.
#[derive(Clone, Copy, PartialEq, Eq, Zeroize)]
pub(crate) struct AffinePoint {
    pub(in crate::backend) x: Fe,
    pub(in crate::backend) y: Fe,
}

impl AffinePoint {
    /// From X ‖ Y, if both are below p and on the curve. The cofactor is 1, so nothing else is to check.
    pub(crate) fn from_bytes(bytes: &[u8; 64]) -> Option<Self> {
        let ([x, y], _) = bytes.as_chunks::<32>() else { return None };
        let (x, y) = (Fe::from_bytes(x)?, Fe::from_bytes(y)?);
        let right = x.square().mul(&x).sub(&x.triple()).add(&B);
        (y.square() == right).then_some(Self { x, y })
    }

    /// X ‖ Y.
    pub(crate) fn to_bytes(self) -> [u8; 64] {
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(&self.x.to_bytes());
        bytes[32..].copy_from_slice(&self.y.to_bytes());
        bytes
    }
}

/// k·G, in constant time; `None` for k = 0.
pub(crate) fn mul_base<A: Arithmetic>(k: &Scalar) -> Option<AffinePoint> {
    let (mut sum, negate) = comb::mul_base::<A>(k);
    sum.y = sum.y.select(&sum.y.neg(), negate);
    affine(sum)
}

/// `None` for the point at infinity.
pub(in crate::backend) fn affine<A: Arithmetic>(mut point: Xyzz<A>) -> Option<AffinePoint> {
    let result = point.to_affine();
    point.zeroize();
    result
}

/// The x coordinate of k·G, in constant time; `None` for k = 0.
pub(crate) fn mul_base_x<A: Arithmetic>(k: &Scalar) -> Option<[u8; 32]> {
    affine_x(comb::mul_base::<A>(k).0)
}

/// The x coordinate of each k·G, in constant time, with one inversion for all; `None` for k = 0.
#[cfg(feature = "alloc")]
pub(crate) fn mul_base_xs<A: Arithmetic>(scalars: &[Scalar]) -> Vec<Option<[u8; 32]>> {
    // All the room at once: a vector that grows leaves copies behind.
    let mut sums = Zeroizing::new(Vec::with_capacity(scalars.len()));
    sums.extend(scalars.iter().map(|k| comb::mul_base::<A>(k).0));
    // Montgomery's trick; infinity, of which there is no inverse, counts as one.
    let factor = |sum: &Xyzz<A>| sum.zz.select(&Fe::ONE, sum.zz.zero_mask());
    let mut before = Zeroizing::new(Vec::with_capacity(scalars.len()));
    let mut product = Fe::ONE;
    for sum in sums.iter() {
        before.push(product);
        product = product.mul(&factor(sum));
    }
    let mut inverse = product.invert();
    product.zeroize();
    let mut found = alloc::vec![None; scalars.len()];
    for ((found, sum), before) in found.iter_mut().zip(sums.iter()).zip(before.iter()).rev() {
        let x = sum.x.mul(&inverse.mul(before)).to_bytes();
        *found = (reveal(sum.zz.zero_mask()) == 0).then_some(x);
        inverse = inverse.mul(&factor(sum));
    }
    inverse.zeroize();
    found
}

/// Both, with one inversion (Montgomery); `None` if one is infinity.
pub(in crate::backend) fn affine_both<A: Arithmetic>(
    mut a: Xyzz<A>,
    mut b: Xyzz<A>,
) -> Option<(AffinePoint, AffinePoint)> {
    let inverse = a.zzz.mul(&b.zzz).invert();
    let points = (a.affine_by(&inverse.mul(&b.zzz)), b.affine_by(&inverse.mul(&a.zzz)));
    a.zeroize();
    b.zeroize();
    (reveal(inverse.zero_mask()) == 0).then_some(points)
}

/// x; `None` for the point at infinity.
pub(in crate::backend) fn affine_x<A: Arithmetic>(mut point: Xyzz<A>) -> Option<[u8; 32]> {
    let inverse = point.zz.invert();
    let x = point.x.mul(&inverse).to_bytes();
    point.zeroize();
    (reveal(inverse.zero_mask()) == 0).then_some(x)
}

/// k·P, in constant time; `None` for k = 0.
///
/// By the digits of [`Windows`]. No addition meets a point and itself: M·P is doubled four times before ±d·P is
/// added, 16·M ± d is not zero for M ≥ 1, and only in the last step can it reach n. There 16·M + d = k, which is n for
/// k = 0 alone (and then the sum is infinity, as it should be); 16·M − d = n would mean k = n + 2d, for d = −a, and the
/// lowest digit of n − 2a is 3 − 2a − 16 modulo 32, which is −a for no a below 16.
pub(crate) fn mul<A: Arithmetic>(k: &Scalar, p: &AffinePoint) -> Option<AffinePoint> {
    let mut table = Multiple::<A>::odd(&Affine::new(p)).map(Multiple::to_row);
    let mut windows = Windows::new(k);
    let digit = |i: usize| {
        let (index, negative) = windows.digit(i);
        Multiple::<A>::from_row(&A::lookup(&table, index)).negate_if(negative)
    };
    let mut sum = digit(Windows::COUNT - 1).point;
    for i in (0..Windows::COUNT - 1).rev() {
        sum.double_times(Windows::BITS);
        sum.add_distinct(&digit(i));
    }
    sum.y = sum.y.select(&sum.y.neg(), windows.negate);
    let result = sum.to_xyzz().to_affine();
    sum.zeroize();
    table.zeroize();
    windows.zeroize();
    result
}

/// Whether the x coordinate of s·G + t·P is `x` modulo n; false for the point at infinity.
///
/// Variable time: signatures and public keys are public.
pub(crate) fn verify_sum<A: Arithmetic>(
    s: &Scalar,
    t: &Scalar,
    p: &AffinePoint,
    x: &Scalar,
) -> bool {
    has_x(&mul_sum::<A>(s, t, p), x)
}

/// As [`verify_sum`], with the table of P that [`prepare`] made.
pub(crate) fn verify_sum_prepared<A: Arithmetic>(
    s: &Scalar,
    t: &Scalar,
    p: &Table,
    x: &Scalar,
) -> bool {
    let terms = [Term::new(s, &tables::PUBLIC.0), Term::new(t, p)];
    has_x(&comb::sum_vartime::<A, 2>(&terms), x)
}

/// Whether the x coordinate is `x` modulo n. Variable time.
pub(in crate::backend) fn has_x<A: Arithmetic>(sum: &Xyzz<A>, x: &Scalar) -> bool {
    if sum.is_infinity() {
        return false;
    }
    // x = X/ZZ is compared as x·ZZ = X, which saves the inversion. As p > n, x may also stand for x + n.
    let is = |candidate: Limbs| {
        let (_, below) = limbs::sub(&candidate, &field::P);
        below && Fe::from_limbs(candidate).mul(&sum.zz) == sum.x
    };
    is(*x.limbs()) || x.plus_n().is_some_and(is)
}

/// s·G + t·P: wNAF of width 5 for P; in the last rounds, which double anyhow, the comb of G joins in.
fn mul_sum<A: Arithmetic>(s: &Scalar, t: &Scalar, p: &AffinePoint) -> Xyzz<A> {
    let multiples = Multiple::<A>::odd(&Affine::new(p));
    let digits = wnaf(t, 5);
    let (low, high) = digits.split_at(public::SPACING as usize);
    let mut sum = sum_of_digits(high, &multiples).to_xyzz();
    let term = Term::new(s, &tables::PUBLIC.0);
    for (offset, &digit) in (0..public::SPACING).zip(low).rev() {
        sum.double();
        if digit != 0 {
            sum.add_xyzz_vartime(&of_digit(digit, &multiples).xyzz());
        }
        term.add_to(&mut sum, offset);
    }
    sum
}

/// k·R + P; `None` for the point at infinity. Variable time.
pub(crate) fn multiple_plus<A: Arithmetic>(
    k: &Scalar,
    r: &AffinePoint,
    p: &AffinePoint,
) -> Option<AffinePoint> {
    let multiples = Multiple::<A>::odd(&Affine::new(r));
    let mut sum = sum_of_digits(&wnaf(k, 5), &multiples).to_xyzz();
    sum.add_vartime(&Affine::new(p));
    sum.to_affine()
}

fn sum_of_digits<A: Arithmetic>(digits: &[i8], multiples: &[Multiple<A>; 8]) -> Jacobian<A> {
    let mut sum = Jacobian::INFINITY;
    let mut doublings = 0;
    for &digit in digits.iter().rev() {
        doublings += 1;
        if digit != 0 {
            // Infinity is not worth doubling.
            if !sum.is_infinity() {
                sum.double_times(doublings);
            }
            sum.add_vartime(&of_digit(digit, multiples));
            doublings = 0;
        }
    }
    sum.double_times(doublings);
    sum
}

#[inline(always)]
fn of_digit<A: Arithmetic>(digit: i8, multiples: &[Multiple<A>; 8]) -> Multiple<A> {
    let mut multiple = multiples[usize::from(digit.unsigned_abs() / 2)];
    if digit < 0 {
        multiple.point.y = multiple.point.y.neg();
    }
    multiple
}

/// The multiples of `p` that [`verify_sum_prepared`] takes: those of `tables::PUBLIC`, with P for G. Variable time.
#[cfg(feature = "alloc")]
pub(crate) fn prepare<A: Arithmetic>(p: &AffinePoint) -> Box<Table> {
    // Powers 2⁰·P to 2²⁴⁹·P; of them the teeth and, for changing a sign, their doubles.
    let mut power = Jacobian::<A>::from_affine(&Affine::new(p));
    let mut powers = Vec::with_capacity(2 * 32);
    for i in 0..public::BLOCKS * 8 {
        powers.push(power.to_xyzz());
        power.double_times(1);
        powers.push(power.to_xyzz());
        power.double_times(if i + 1 < public::BLOCKS * 8 { 7 } else { 0 });
    }
    let powers = to_rows(&powers);
    let mut points = Vec::with_capacity(public::BLOCKS * public::ROWS);
    for powers in powers.chunks_exact(16) {
        // − everywhere but at the highest tooth, then one tooth after the other with + as well.
        let mut first = Xyzz::from_affine(&Affine::<A>::from_row(&powers[14]));
        for t in 0..7 {
            first.add_vartime(&Affine::from_row(&powers[2 * t]).negate_if(u64::MAX));
        }
        let begin = points.len();
        points.push(first);
        for t in 0..7 {
            let twice = Affine::from_row(&powers[2 * t + 1]);
            for i in 0..1 << t {
                let mut next = points[begin + i];
                next.add_vartime(&twice);
                points.push(next);
            }
        }
    }
    let rows = to_rows(&points).into_boxed_slice();
    rows.try_into().expect("as many rows as a table has")
}

/// Affine, with one inversion for all (Montgomery); none is infinity.
#[cfg(feature = "alloc")]
fn to_rows<A: Arithmetic>(points: &[Xyzz<A>]) -> Vec<Row> {
    let mut product = Fe::ONE;
    let before: Vec<_> = points
        .iter()
        .map(|point| {
            let next = product.mul(&point.zzz);
            core::mem::replace(&mut product, next)
        })
        .collect();
    let mut inverse = product.invert();
    let mut rows = alloc::vec![[0; 8]; points.len()];
    for ((row, point), before) in rows.iter_mut().zip(points).zip(before).rev() {
        *row = Affine::<A>::new(&point.affine_by(&inverse.mul(&before))).to_row();
        inverse = inverse.mul(&point.zzz);
    }
    rows
}

/// The non-adjacent form of the given width: digits zero or odd, at most one of any `width` in a row not zero.
pub(crate) fn wnaf(k: &Scalar, width: u32) -> [i8; 257] {
    let mut digits = [0; 257];
    let mut carry = 0;
    let mut at = 0_u16;
    while at < 257 {
        let bits = k.window(i32::from(at), width) + carry;
        if bits & 1 == 0 {
            // A pending carry met a one: the digit is zero and the carry stays pending.
            at += 1;
            continue;
        }
        let half = 1_u64 << (width - 1);
        let signed = i64::try_from(bits).expect("nine bits at most");
        let (digit, next) = if bits > half { (signed - (1_i64 << width), 1) } else { (signed, 0) };
        digits[usize::from(at)] = i8::try_from(digit).expect("odd and below 2^(width-1)");
        carry = next;
        at += u16::try_from(width).expect("at most 8");
    }
    digits
}

#[cfg(test)]
mod tests;
