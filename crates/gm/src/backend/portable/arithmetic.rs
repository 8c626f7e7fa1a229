//! What a faster backend may replace under the curve: the field, table reading and the inner loop of inversion.
//!
//! Everything above is written once, over a type that implements [`Arithmetic`]; [`Portable`] defines the results.

use super::{
    divsteps::{self, Steps},
    field,
    limbs::{self, Limbs},
};

/// Field elements are limbs of x·2²⁵⁶ mod p, below p; so are the results. Nothing branches on or addresses by a value.
pub(crate) trait Arithmetic: Copy + Eq {
    fn mul(a: &Limbs, b: &Limbs) -> Limbs;
    fn square(a: &Limbs) -> Limbs;
    fn add(a: &Limbs, b: &Limbs) -> Limbs;
    fn sub(a: &Limbs, b: &Limbs) -> Limbs;
    /// a/2.
    fn half(a: &Limbs) -> Limbs;
    /// a·b − c·d, with one reduction.
    fn product_difference(a: &Limbs, b: &Limbs, c: &Limbs, d: &Limbs) -> Limbs;
    /// The row at `index`, zeros beyond the end; every row is read.
    fn lookup<const WORDS: usize>(rows: &[[u64; WORDS]], index: u64) -> [u64; WORDS];
    /// 59 division steps on the lowest limbs of f and g.
    fn divsteps(zeta: i64, f: u64, g: u64) -> Steps;
}

/// Plain Rust: the definition.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Portable;

impl Arithmetic for Portable {
    #[inline]
    fn mul(a: &Limbs, b: &Limbs) -> Limbs {
        field::reduce(&limbs::mul_wide(a, b))
    }

    #[inline]
    fn square(a: &Limbs) -> Limbs {
        field::reduce(&limbs::square_wide(a))
    }

    #[inline(always)]
    fn add(a: &Limbs, b: &Limbs) -> Limbs {
        limbs::add_mod(a, b, &field::P)
    }

    #[inline(always)]
    fn sub(a: &Limbs, b: &Limbs) -> Limbs {
        limbs::sub_mod(a, b, &field::P)
    }

    #[inline]
    fn half(a: &Limbs) -> Limbs {
        field::half(a)
    }

    #[inline]
    fn product_difference(a: &Limbs, b: &Limbs, c: &Limbs, d: &Limbs) -> Limbs {
        field::reduce(&field::difference(&limbs::mul_wide(a, b), &limbs::mul_wide(c, d)))
    }

    fn lookup<const WORDS: usize>(rows: &[[u64; WORDS]], index: u64) -> [u64; WORDS] {
        let mut found = [0; WORDS];
        for (at, row) in (0..).zip(rows) {
            let mask = limbs::equal_mask(at, index);
            found.iter_mut().zip(row).for_each(|(found, word)| *found |= word & mask);
        }
        found
    }

    fn divsteps(zeta: i64, f: u64, g: u64) -> Steps {
        divsteps::steps(zeta, f, g)
    }
}
