//! SM2's arithmetic, by backend.

#[cfg(feature = "alloc")]
use alloc::{boxed::Box, vec::Vec};

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
use super::x86_64::{
    arithmetic::{Avx2, Avx512},
    ifma,
};
use super::{
    Backend, current,
    portable::{arithmetic::Portable, point},
};

pub(crate) use super::portable::{comb::Table, point::AffinePoint, scalar::Scalar};

/// Calls a function with the arithmetic of the backend in use.
macro_rules! with_arithmetic {
    ($function:ident($($argument:expr),*)) => {
        match current() {
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Backend::Avx512 => point::$function::<Avx512>($($argument),*),
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Backend::Avx2 => point::$function::<Avx2>($($argument),*),
            _ => point::$function::<Portable>($($argument),*),
        }
    };
}

/// Returns what lanes found, if there are lanes and they met no exception.
macro_rules! try_lanes {
    ($function:ident($($argument:expr),*), $found:ident => $result:expr) => {
        #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
        if current() == Backend::Avx512
            && let Some($found) = ifma::$function($($argument),*)
        {
            return $result;
        }
    };
}

/// k·G, in constant time; `None` for k = 0.
pub(crate) fn mul_base(k: &Scalar) -> Option<AffinePoint> {
    try_lanes!(mul_base(k), found => point::affine(found));
    with_arithmetic!(mul_base(k))
}

/// The x coordinate of k·G, in constant time; `None` for k = 0.
pub(crate) fn mul_base_x(k: &Scalar) -> Option<[u8; 32]> {
    try_lanes!(mul_base(k), found => point::affine_x(found));
    with_arithmetic!(mul_base_x(k))
}

/// As [`mul_base_x`] for each, sharing an inversion.
#[cfg(feature = "alloc")]
pub(super) fn mul_base_xs(scalars: &[Scalar]) -> Vec<Option<[u8; 32]>> {
    with_arithmetic!(mul_base_xs(scalars))
}

/// k·P, in constant time; `None` for k = 0.
pub(crate) fn mul(k: &Scalar, p: &AffinePoint) -> Option<AffinePoint> {
    try_lanes!(mul(k, p), found => point::affine(found));
    with_arithmetic!(mul(k, p))
}

/// k·G and k·P, in constant time; `None` for k = 0.
pub(crate) fn mul_base_and(k: &Scalar, p: &AffinePoint) -> Option<(AffinePoint, AffinePoint)> {
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    if current() == Backend::Avx512
        && let (Some(base), Some(multiple)) = (ifma::mul_base(k), ifma::mul(k, p))
    {
        return point::affine_both(base, multiple);
    }
    Some((mul_base(k)?, mul(k, p)?))
}

/// k·R + P; `None` for the point at infinity. Variable time.
pub(crate) fn multiple_plus(k: &Scalar, r: &AffinePoint, p: &AffinePoint) -> Option<AffinePoint> {
    try_lanes!(multiple_plus(k, r, p), found => point::affine(found));
    with_arithmetic!(multiple_plus(k, r, p))
}

/// Whether the x coordinate of s·G + t·P is `x` modulo n. Variable time.
pub(crate) fn verify_sum(s: &Scalar, t: &Scalar, p: &AffinePoint, x: &Scalar) -> bool {
    try_lanes!(sum(s, t, p), found => point::has_x(&found, x));
    with_arithmetic!(verify_sum(s, t, p, x))
}

/// As [`verify_sum`], with the table of P.
pub(crate) fn verify_sum_prepared(s: &Scalar, t: &Scalar, p: &Table, x: &Scalar) -> bool {
    try_lanes!(sum_prepared(s, t, p), found => point::has_x(&found, x));
    with_arithmetic!(verify_sum_prepared(s, t, p, x))
}

/// The table of P. Variable time.
#[cfg(feature = "alloc")]
pub(crate) fn prepare(p: &AffinePoint) -> Box<Table> {
    with_arithmetic!(prepare(p))
}

/// x⁻¹ modulo n, in constant time; zero for zero.
pub(crate) fn invert(x: &Scalar) -> Scalar {
    match current() {
        #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
        Backend::Avx2 | Backend::Avx512 => x.invert::<Avx2>(),
        _ => x.invert::<Portable>(),
    }
}

/// Tests that run once for each arithmetic; what the processor lacks is told and passed over.
#[cfg(test)]
macro_rules! for_each_arithmetic {
    ($($(#[$meta:meta])* fn $name:ident<$arithmetic:ident>() $body:block)*) => {
        mod portable {
            #[allow(unused_imports)]
            use super::*;
            $($(#[$meta])* #[test] fn $name() { super::generic::$name::<crate::backend::portable::arithmetic::Portable>(); })*
        }
        #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
        mod avx2 {
            $($(#[$meta])* #[test] fn $name() {
                if crate::backend::sm2::available(crate::backend::Backend::Avx2) {
                    super::generic::$name::<crate::backend::x86_64::arithmetic::Avx2>();
                }
            })*
        }
        #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
        mod avx512 {
            $($(#[$meta])* #[test] fn $name() {
                if crate::backend::sm2::available(crate::backend::Backend::Avx512) {
                    super::generic::$name::<crate::backend::x86_64::arithmetic::Avx512>();
                }
            })*
        }
        mod generic {
            use super::*;
            $(pub(super) fn $name<$arithmetic: Arithmetic>() $body)*
        }
    };
}
#[cfg(test)]
pub(crate) use for_each_arithmetic;

#[cfg(test)]
pub(crate) fn available(backend: Backend) -> bool {
    extern crate std;
    let available = backend.is_available();
    if !available {
        std::println!("skipped: this processor cannot run {backend}");
    }
    available
}
