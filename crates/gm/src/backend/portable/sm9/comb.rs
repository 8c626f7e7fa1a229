//! Multiples of a fixed point of G1: the odd multiples that each of 51 places of five bits needs are in a table.

use alloc::boxed::Box;

use zeroize::Zeroize;

use super::{
    arithmetic::PairingArithmetic,
    digits::{Digit, Digits},
    fe::Fe,
    groups::G1,
    point::{Affine, Point},
    scalar::Scalar,
};

/// x, then y, in Montgomery form, least significant limb first.
pub(super) type Row = [u64; 8];

type PointDigits = Digits<5>;
pub(super) const PLACES: usize = PointDigits::COUNT;
pub(super) const ODD: usize = PointDigits::ODD;

/// Row 16·j + i: (2i + 1)·2^(5·j)·P; the last: 2²⁵⁵·P. 52 KiB.
#[derive(Clone)]
#[repr(C, align(64))]
pub(crate) struct Comb {
    pub(super) rows: [[Row; ODD]; PLACES],
    pub(super) top: Row,
}

impl Zeroize for Comb {
    fn zeroize(&mut self) {
        self.rows.as_flattened_mut().as_flattened_mut().zeroize();
        self.top.zeroize();
    }
}

fn affine<A: PairingArithmetic>(row: &Row) -> Affine<Fe<A>> {
    let (limbs, _) = row.as_chunks();
    Affine { x: Fe::from_montgomery(limbs[0]), y: Fe::from_montgomery(limbs[1]) }
}

impl Comb {
    /// Of a point that may be secret.
    pub(super) fn new<A: PairingArithmetic>(point: &G1) -> Box<Self> {
        let mut comb = Box::new(Self { rows: [[[0; 8]; ODD]; PLACES], top: [0; 8] });
        let mut base = Point::from_affine(&point.affine::<A>());
        for rows in &mut comb.rows {
            fill(rows, &base.odd_multiples::<ODD>());
            (0..5).for_each(|_| base = base.double());
        }
        fill(core::slice::from_mut(&mut comb.top), &[base]);
        comb
    }

    /// k·P in constant time.
    pub(super) fn mul<A: PairingArithmetic>(&self, k: &Scalar) -> Point<Fe<A>> {
        let digits = PointDigits::new(k);
        let mut sum = Point::from_affine(&affine(&self.top));
        for (j, rows) in self.rows.iter().enumerate() {
            let Digit { index, negative } = digits.digit(j);
            sum = sum.add_affine(&affine::<A>(&A::lookup(rows, index)).neg_if(negative));
        }
        sum.neg_if(digits.negate)
    }

    /// k·P for a public k.
    pub(super) fn mul_public<A: PairingArithmetic>(&self, k: &Scalar) -> Point<Fe<A>> {
        let digits = PointDigits::new(k);
        let mut sum = Point::from_affine(&affine(&self.top));
        for (j, rows) in self.rows.iter().enumerate() {
            let Digit { index, negative } = digits.digit(j);
            #[expect(clippy::cast_possible_truncation, reason = "four bits")]
            let row = &rows[index as usize];
            sum = sum.add_affine(&affine::<A>(row).neg_if(negative));
        }
        sum.neg_if(digits.negate)
    }
}

/// The affine forms, with one inversion.
fn fill<A: PairingArithmetic>(rows: &mut [Row], points: &[Point<Fe<A>>]) {
    // Products of all z before each, then backwards.
    let mut before = [Fe::ONE; ODD];
    let mut product = Fe::ONE;
    for (before, point) in before.iter_mut().zip(points) {
        *before = product;
        product = product.mul(&point.z);
    }
    let mut inverse = product.invert();
    for ((row, point), before) in rows.iter_mut().zip(points).zip(&before).rev() {
        let z = inverse.mul(before);
        inverse = inverse.mul(&point.z);
        row[..4].copy_from_slice(point.x.mul(&z).montgomery());
        row[4..].copy_from_slice(point.y.mul(&z).montgomery());
    }
}
