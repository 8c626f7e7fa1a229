//! Points of the SM2 curve and the three multiplications that SM2 needs.

use core::hint::black_box;

use zeroize::Zeroize;

use super::{
    field::Fe,
    jacobian::Jacobian,
    projective::{B, Projective},
    scalar::Scalar,
    tables,
};

/// Invariant: on the curve; the point at infinity has no such form.
#[derive(Clone, Copy, PartialEq, Eq, Zeroize)]
pub(crate) struct AffinePoint {
    pub(super) x: Fe,
    pub(super) y: Fe,
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
///
/// Signed 5-bit windows over a table of all windows' multiples: 52 additions, no doubling.
pub(crate) fn mul_base(k: &Scalar) -> Option<AffinePoint> {
    let mut sum = Projective::INFINITY;
    for (row, from) in tables::COMB.iter().zip((-1..).step_by(tables::WINDOW as usize)) {
        let digit = Digit::of(k, from);
        let mut point = tables::G;
        for (multiple, candidate) in (1..).zip(row) {
            let mask = equal_mask(digit.magnitude, multiple);
            point.x = point.x.select(&candidate.x, mask);
            point.y = point.y.select(&candidate.y, mask);
        }
        point.y = point.y.select(&point.y.neg(), digit.negative);
        let added = sum.add_affine(&point);
        sum = added.select(&sum, equal_mask(digit.magnitude, 0));
        point.zeroize();
    }
    let result = sum.to_affine();
    sum.zeroize();
    result
}

/// k·P, in constant time; `None` for k = 0.
pub(crate) fn mul(k: &Scalar, p: &AffinePoint) -> Option<AffinePoint> {
    let base = Projective::from_affine(p);
    let mut table = [base; tables::MULTIPLES];
    for j in 1..tables::MULTIPLES {
        table[j] = if j % 2 == 1 { table[j / 2].double() } else { table[j - 1].add(&base) };
    }
    let mut sum = Projective::INFINITY;
    for i in (0..52).rev() {
        sum = sum.double_times(tables::WINDOW);
        let digit = Digit::of(k, 5 * i - 1);
        let mut point = Projective::INFINITY;
        for (multiple, candidate) in (1..).zip(&table) {
            point = point.select(candidate, equal_mask(digit.magnitude, multiple));
        }
        point.y = point.y.select(&point.y.neg(), digit.negative);
        sum = sum.add(&point);
        point.zeroize();
    }
    let result = sum.to_affine();
    sum.zeroize();
    result
}

/// A signed window (Booth): six bits, the lowest shared with the window below.
struct Digit {
    /// 0 to 16.
    magnitude: u64,
    /// Ones or zero.
    negative: u64,
}

impl Digit {
    fn of(k: &Scalar, from: i32) -> Self {
        let bits = k.window(from, tables::WINDOW + 1);
        let negative = black_box((bits >> tables::WINDOW).wrapping_neg());
        let folded = (bits ^ negative) & 0x3f;
        Self { magnitude: (folded >> 1) + (folded & 1), negative }
    }
}

/// Ones if equal, else zero, for values below 2⁶³; hidden from the optimiser, which might else branch.
#[inline(always)]
fn equal_mask(a: u64, b: u64) -> u64 {
    black_box(((a ^ b).wrapping_sub(1) >> 63).wrapping_neg())
}

/// Whether the x coordinate of s·G + t·P is `x` modulo n; false for the point at infinity.
///
/// Variable time: signatures and public keys are public.
pub(crate) fn verify_sum(s: &Scalar, t: &Scalar, p: &AffinePoint, x: &Scalar) -> bool {
    let sum = mul_sum(s, t, p);
    if sum.is_infinity() {
        return false;
    }
    // x = X/Z² is compared as x·Z² = X, which saves the inversion. As p > n, x may also stand for x + n.
    let zz = sum.z.square();
    let is = |candidate: [u64; 4]| {
        Fe::from_bytes(&super::limbs::to_bytes(&candidate)).is_some_and(|x| x.mul(&zz) == sum.x)
    };
    is(*x.limbs()) || x.plus_n().is_some_and(is)
}

/// s·G + t·P, interleaved: wNAF of width 8 for G (a table made by the compiler) and 5 for P.
fn mul_sum(s: &Scalar, t: &Scalar, p: &AffinePoint) -> Jacobian {
    let mut odd = [Jacobian::from_affine(p); 8];
    let twice = odd[0].double();
    for j in 1..8 {
        odd[j] = odd[j - 1].add(&twice);
    }
    let s = wnaf(s, 8);
    let t = wnaf(t, 5);
    let mut sum = Jacobian::INFINITY;
    for (&s, &t) in s.iter().zip(&t).rev() {
        sum = sum.double();
        if s != 0 {
            let mut point = tables::ODD[usize::from(s.unsigned_abs() / 2)];
            if s < 0 {
                point.y = point.y.neg();
            }
            sum = sum.add_affine(&point);
        }
        if t != 0 {
            let mut point = odd[usize::from(t.unsigned_abs() / 2)];
            if t < 0 {
                point.y = point.y.neg();
            }
            sum = sum.add(&point);
        }
    }
    sum
}

/// The non-adjacent form of the given width: digits zero or odd, at most one of any `width` in a row not zero.
fn wnaf(k: &Scalar, width: u32) -> [i8; 257] {
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
mod tests {
    use super::*;

    fn scalar(low: u64) -> Scalar {
        let mut bytes = [0; 32];
        bytes[24..].copy_from_slice(&low.to_be_bytes());
        Scalar::from_bytes(&bytes).expect("below n")
    }

    fn x_of(point: &AffinePoint) -> Scalar {
        Scalar::from_bytes_reduced(&point.x.to_bytes())
    }

    /// Small ones, n minus small ones, and windows at their borders.
    fn edge_scalars() -> impl Iterator<Item = Scalar> {
        let zero = scalar(0);
        let small = [1, 2, 3, 15, 16, 17, 31, 32, 33, 63, 64, 1023, u64::MAX].map(scalar);
        let large = small.map(|k| zero.sub(&k));
        let filled =
            [0x10, 0x42, 0x7f, 0xf7].map(|byte| Scalar::from_bytes(&[byte; 32]).expect("below n"));
        small.into_iter().chain(large).chain(filled)
    }

    #[test]
    fn both_multiplications_of_the_base_point_agree() {
        for k in edge_scalars() {
            let (comb, ladder) =
                (mul_base(&k).expect("not zero"), mul(&k, &tables::G).expect("not zero"));
            assert!(comb == ladder);
            assert!(AffinePoint::from_bytes(&comb.to_bytes()) == Some(comb), "on the curve");
        }
        assert!(mul_base(&scalar(0)).is_none());
        assert!(mul(&scalar(0), &tables::G).is_none());
    }

    #[test]
    fn a_sum_is_what_the_multiplications_say() {
        for (s, d) in edge_scalars().zip(edge_scalars().skip(3)) {
            let p = mul_base(&d).expect("not zero");
            for t in edge_scalars() {
                // s·G + t·d·G
                let total = s.add(&t.mul(&d));
                match mul_base(&total) {
                    Some(sum) => assert!(verify_sum(&s, &t, &p, &x_of(&sum))),
                    None => assert!(mul_sum(&s, &t, &p).is_infinity()),
                }
            }
        }
    }

    /// P = ±G and s = ±t make the interleaved sum meet itself, its negative and infinity on the way.
    #[test]
    fn sums_that_double_or_vanish_are_right() {
        let minus = tables::G.y.neg();
        let negated = AffinePoint { x: tables::G.x, y: minus };
        for k in edge_scalars() {
            assert!(mul_sum(&k, &k, &negated).is_infinity());
            assert!(!verify_sum(&k, &k, &negated, &x_of(&tables::G)));
            let twice = mul_base(&k.add(&k)).expect("n is odd");
            assert!(verify_sum(&k, &k, &tables::G, &x_of(&twice)));
        }
    }
}
