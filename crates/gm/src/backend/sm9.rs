//! SM9's arithmetic, by backend.

use alloc::boxed::Box;

use zeroize::Zeroizing;

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
use super::x86_64::arithmetic::{Avx2, Avx512};
use super::{
    Backend, current,
    portable::{arithmetic::Portable, sm9::operations},
};

pub(crate) use super::portable::sm9::{Comb, G1, G2, Gt, Lines, Powers, Scalar};

/// Functions that call those of the same name with the arithmetic of the backend in use.
macro_rules! with_arithmetic {
    ($($(#[$meta:meta])* fn $name:ident($($argument:ident: $type:ty),*) -> $result:ty;)*) => {
        $($(#[$meta])*
        pub(crate) fn $name($($argument: $type),*) -> $result {
            match current() {
                #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
                Backend::Avx512 => operations::$name::<Avx512>($($argument),*),
                #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
                Backend::Avx2 => operations::$name::<Avx2>($($argument),*),
                _ => operations::$name::<Portable>($($argument),*),
            }
        })*
    };
}

with_arithmetic! {
    /// k·P1, in constant time; `None` for k = 0.
    fn mul_p1(k: &Scalar) -> Option<G1>;
    /// k·P2, in constant time; `None` for k = 0.
    fn mul_p2(k: &Scalar) -> Option<G2>;
    /// k·P, in constant time; `None` for k = 0.
    fn mul(k: &Scalar, p: &G1) -> Option<G1>;
    /// h·P1 + P, for a public h; `None` for the point at infinity.
    fn user_point(h: &Scalar, p: &G1) -> Option<G1>;
    /// h·P2 + Q, for a public h; `None` for the point at infinity.
    fn user_point_2(h: &Scalar, q: &G2) -> Option<G2>;
    /// The table of P, which may be secret.
    fn comb(p: &G1) -> Box<Comb>;
    /// k·P by its table, in constant time; `None` for k = 0.
    fn mul_comb(k: &Scalar, p: &Comb) -> Option<G1>;
    /// i·P1 + j·P, in constant time; `None` for the point at infinity.
    fn mul_both(i: &Scalar, j: &Scalar, p: &Comb) -> Option<G1>;
    /// X ‖ Y, of each the factor of u first; `None` unless it is a point of order n.
    fn g2(bytes: &[u8; 128]) -> Option<G2>;
    /// The lines of Q, which may be secret.
    fn lines(q: &G2) -> Box<Lines>;
    /// e(P, Q), in constant time.
    fn pair(p: &G1, q: &Lines) -> Gt;
    /// e(P, P2).
    fn pair_p2(p: &G1) -> Gt;
    /// e(P1, Q).
    fn pair_p1(q: &Lines) -> Gt;
    /// e(S, h1·P2 + Q)·e(P1, Q)ʰ, for public values.
    fn check_pairing(s: &G1, h1: &Scalar, h: &Scalar, q: &Lines) -> Gt;
    /// gᵏ, in constant time.
    fn power(g: &Gt, k: &Scalar) -> Zeroizing<Gt>;
    /// The table of g.
    fn powers(g: &Gt) -> Box<Powers>;
    /// gᵏ by its table, in constant time.
    fn power_of(g: &Powers, k: &Scalar) -> Zeroizing<Gt>;
}

/// x⁻¹ modulo n, in constant time; zero for zero.
pub(crate) fn invert(x: &Scalar) -> Scalar {
    match current() {
        #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
        Backend::Avx2 | Backend::Avx512 => x.invert::<Avx2>(),
        _ => x.invert::<Portable>(),
    }
}
