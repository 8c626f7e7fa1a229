//! Powers of a fixed element g ≠ 1 of GT.
//!
//! An element a + b·w with a² − b²·s = 1 is (c + w)/(c − w), c = (1 + a)/b in F_p⁶ (Rubin and Silverberg's torus T2, 2003): half
//! the size, −c is the inverse, and a product is taken of numerators only, each product in F_p¹² by c + w being two in F_p⁶.

use alloc::boxed::Box;

use zeroize::Zeroize;

use super::{
    arithmetic::PairingArithmetic,
    digits::{Digit, Digits},
    fe2::Fe2,
    fe6::Fe6,
    fe12::{Fe12, Gt},
    scalar::Scalar,
};

/// c in Montgomery form, least significant limb first.
type Row = [u64; 24];

type PowerDigits = Digits<5>;

/// Row 16·j + i stands for g^((2i + 1)·2^(5·j)), the last for g^(2²⁵⁵). 153 KiB.
#[derive(Clone)]
#[repr(C, align(64))]
pub(crate) struct Powers {
    rows: [[Row; PowerDigits::ODD]; PowerDigits::COUNT],
    top: Row,
}

impl Powers {
    /// Of an element of order n.
    pub(super) fn new<A: PairingArithmetic>(g: &Gt) -> Box<Self> {
        let mut powers = boxed();
        let mut base: Fe12<A> = g.to();
        for rows in &mut powers.rows {
            let square = base.cyclotomic_square();
            let mut odd = [base; PowerDigits::ODD];
            for i in 1..odd.len() {
                odd[i] = odd[i - 1].mul(&square);
            }
            compress(rows, &odd);
            // The sixteenth power times the sixteenth.
            base = odd[PowerDigits::ODD - 1].mul(&base);
        }
        compress(core::slice::from_mut(&mut powers.top), &[base]);
        powers
    }

    /// gᵏ in constant time.
    pub(super) fn power<A: PairingArithmetic>(&self, k: &Scalar) -> Fe12<A> {
        let digits = PowerDigits::new(k);
        let (mut x, mut y) = (element::<A>(&self.top), Fe6::ONE);
        for (j, rows) in self.rows.iter().enumerate() {
            let Digit { index, negative } = digits.digit(j);
            let c = element::<A>(&A::lookup(rows, index));
            let c = c.select(&c.neg(), negative);
            // (x + y·w)(c + w)
            (x, y) = (x.mul(&c).add(&y.times_s()), y.mul(&c).add(&x));
        }
        // The inverse of the quotient is that with −y.
        let y = y.select(&y.neg(), digits.negate);
        // (x + y·w)/(x − y·w) = (x + y·w)²/(x² − y²·s)
        let (xx, yys, xy) = (x.mul(&x), y.mul(&y).times_s(), x.mul(&y));
        let mut inverse = xx.sub(&yys).invert();
        let value = Fe12([xx.add(&yys).mul(&inverse), xy.double().mul(&inverse)]);
        x.zeroize();
        inverse.zeroize();
        value
    }
}

/// Zeros, without passing over the stack.
fn boxed() -> Box<Powers> {
    Box::new(Powers { rows: [[[0; 24]; PowerDigits::ODD]; PowerDigits::COUNT], top: [0; 24] })
}

/// c = (1 + a)/b of elements that are not 1, with one inversion.
fn compress<A: PairingArithmetic>(rows: &mut [Row], elements: &[Fe12<A>]) {
    // Products of all b before each, then backwards.
    let mut before = [Fe6::ONE; PowerDigits::ODD];
    let mut product = Fe6::ONE;
    for (before, element) in before.iter_mut().zip(elements) {
        *before = product;
        product = product.mul(&element.0[1]);
    }
    let mut inverse = product.invert();
    for ((row, element), before) in rows.iter_mut().zip(elements).zip(&before).rev() {
        let [a, b] = &element.0;
        let Fe6([c0, c1, c2]) = a.add(&Fe6::ONE).mul(&inverse.mul(before));
        inverse = inverse.mul(b);
        for (row, c) in row.as_chunks_mut::<8>().0.iter_mut().zip([c0, c1, c2]) {
            row.copy_from_slice(c.montgomery().as_flattened());
        }
    }
}

fn element<A: PairingArithmetic>(row: &Row) -> Fe6<A> {
    let (limbs, _) = row.as_chunks::<4>();
    Fe6(core::array::from_fn(|i| Fe2::from_montgomery([limbs[2 * i], limbs[2 * i + 1]])))
}
