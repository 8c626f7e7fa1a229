//! The curve's arithmetic at [`Backend::Avx2`](crate::backend::Backend) (BMI2 and ADX for numbers, AVX2 for reading tables)
//! and at `Backend::Avx512` (the same numbers, tables read with 512-bit registers).

#![allow(unsafe_code, reason = "calling what the processor was found to have")]

use super::{divsteps, field, lookup};
use crate::backend::portable::{arithmetic::Arithmetic, divsteps::Steps, limbs::Limbs};

macro_rules! arithmetic {
    ($(#[$meta:meta])* $name:ident, $lookup:path) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq)]
        pub(crate) struct $name;

        impl Arithmetic for $name {
            #[inline(always)]
            fn mul(a: &Limbs, b: &Limbs) -> Limbs {
                field::mul(a, b)
            }

            #[inline(always)]
            fn square(a: &Limbs) -> Limbs {
                field::square(a)
            }

            #[inline(always)]
            fn add(a: &Limbs, b: &Limbs) -> Limbs {
                field::add(a, b)
            }

            #[inline(always)]
            fn sub(a: &Limbs, b: &Limbs) -> Limbs {
                field::sub(a, b)
            }

            #[inline(always)]
            fn half(a: &Limbs) -> Limbs {
                field::half(a)
            }

            #[inline(always)]
            fn product_difference(a: &Limbs, b: &Limbs, c: &Limbs, d: &Limbs) -> Limbs {
                field::product_difference(a, b, c, d)
            }

            #[inline(always)]
            fn lookup<const WORDS: usize>(rows: &[[u64; WORDS]], index: u64) -> [u64; WORDS] {
                // SAFETY: this type is used only at its level, so the processor has the features.
                unsafe { $lookup(rows, index) }
            }

            #[inline(always)]
            fn divsteps(zeta: i64, f: u64, g: u64) -> Steps {
                divsteps::steps(zeta, f, g)
            }
        }
    };
}

arithmetic!(
    /// Needs `Backend::Avx2`.
    Avx2, lookup::avx2
);
arithmetic!(
    /// Needs `Backend::Avx512`.
    Avx512, lookup::avx512
);
