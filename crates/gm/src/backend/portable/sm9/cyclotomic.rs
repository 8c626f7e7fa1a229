//! The subgroup of order p⁴ − p² + 1, in which squaring is cheap and the inverse is the conjugate.

use zeroize::Zeroize;

use super::{
    arithmetic::PairingArithmetic,
    digits::{Digit, Digits},
    fe2::Fe2,
    fe6::Fe6,
    fe12::Fe12,
    scalar::Scalar,
};
use crate::backend::portable::limbs::equal_mask;

/// Signed digits of t, ±1 and ±3, below the highest, which is 3: after so many squarings, the value is multiplied by that power.
const T: [(u32, i8); 7] = [(39, 1), (3, 3), (3, 1), (5, -1), (4, 3), (3, 1), (3, -3)];
/// Squarings behind the last digit.
const T_END: u32 = 1;

impl<A: PairingArithmetic> Fe12<A> {
    /// The square (Granger and Scott, ePrint 2009/565): of a + b·w³ three times, over F_p⁴.
    #[inline(never)]
    pub(super) fn cyclotomic_square(&self) -> Self {
        let [Fe6([z0, z4, z3]), Fe6([z2, z1, z5])] = &self.0;
        // (a + b·w³)² of each, w⁶ = u. Two products cost less than three squares.
        let square = |a: &Fe2<A>, b: &Fe2<A>| {
            let ab = a.mul(b);
            let low = a.add(b).mul(&a.add(&b.times_u()));
            (low.sub(&ab).sub(&ab.times_u()), ab.double())
        };
        let minus = |t: &Fe2<A>, z: &Fe2<A>| t.sub(z).double().add(t);
        let plus = |t: &Fe2<A>, z: &Fe2<A>| t.add(z).double().add(t);
        let (t0, t1) = square(z0, z1);
        let (t2, t3) = square(z2, z3);
        let (t4, t5) = square(z4, z5);
        Self([
            Fe6([minus(&t0, z0), minus(&t2, z4), minus(&t4, z3)]),
            Fe6([plus(&t5.times_u(), z2), plus(&t1, z1), plus(&t3, z5)]),
        ])
    }

    fn cyclotomic_squares(&self, count: u32) -> Self {
        (0..count).fold(*self, |value, _| value.cyclotomic_square())
    }

    /// The t-th power.
    pub(super) fn power_t(&self) -> Self {
        let cube = self.cyclotomic_square().mul(self);
        let value = T.iter().fold(cube, |value, (squares, digit)| {
            let factor = if digit.unsigned_abs() == 1 { *self } else { cube };
            let factor = if *digit < 0 { factor.conjugate() } else { factor };
            value.cyclotomic_squares(*squares).mul(&factor)
        });
        value.cyclotomic_squares(T_END)
    }

    /// The k-th power in constant time, of an element of order n.
    pub(super) fn power(&self, k: &Scalar) -> Self {
        let digits = Digits::<4>::new(k);
        let square = self.cyclotomic_square();
        let mut table = [*self; Digits::<4>::ODD];
        for i in 1..table.len() {
            table[i] = table[i - 1].mul(&square);
        }
        let mut value = Self::ONE;
        for j in (0..Digits::<4>::COUNT).rev() {
            value = value.cyclotomic_squares(4);
            let Digit { index, negative } = digits.digit(j);
            let mut row = table[0];
            for (at, entry) in (0..).zip(&table) {
                row = row.select(entry, equal_mask(at, index));
            }
            value = value.mul(&row.select(&row.conjugate(), negative));
        }
        table.zeroize();
        value.select(&value.conjugate(), digits.negate)
    }
}
