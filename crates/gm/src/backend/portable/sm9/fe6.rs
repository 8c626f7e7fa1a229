//! F_p⁶ = F_p²[s]/(s³ − u), s = w².

use zeroize::Zeroize;

use super::{arithmetic::PairingArithmetic, fe2::Fe2};
use crate::backend::portable::arithmetic::Portable;

/// a + b·s + c·s².
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct Fe6<A = Portable>(pub(super) [Fe2<A>; 3]);

impl<A> Zeroize for Fe6<A> {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

impl<A: PairingArithmetic> Fe6<A> {
    pub(super) const ZERO: Self = Self([Fe2::ZERO; 3]);
    pub(super) const ONE: Self = Self([Fe2::ONE, Fe2::ZERO, Fe2::ZERO]);

    #[inline(always)]
    pub(super) const fn to<B: PairingArithmetic>(&self) -> Fe6<B> {
        let [a, b, c] = &self.0;
        Fe6([a.to(), b.to(), c.to()])
    }

    #[inline(always)]
    fn each(&self, other: &Self, f: impl Fn(&Fe2<A>, &Fe2<A>) -> Fe2<A>) -> Self {
        let ([a, b, c], [d, e, g]) = (&self.0, &other.0);
        Self([f(a, d), f(b, e), f(c, g)])
    }

    #[inline(always)]
    pub(super) fn add(&self, other: &Self) -> Self {
        self.each(other, Fe2::add)
    }

    #[inline(always)]
    pub(super) fn sub(&self, other: &Self) -> Self {
        self.each(other, Fe2::sub)
    }

    #[inline(always)]
    pub(super) fn neg(&self) -> Self {
        Self::ZERO.sub(self)
    }

    #[inline(always)]
    pub(super) fn double(&self) -> Self {
        self.add(self)
    }

    /// Times s.
    #[inline(always)]
    pub(super) fn times_s(&self) -> Self {
        let [a, b, c] = self.0;
        Self([c.times_u(), a, b])
    }

    /// Six products, after Karatsuba.
    #[inline(never)]
    pub(super) fn mul(&self, other: &Self) -> Self {
        let ([a0, a1, a2], [b0, b1, b2]) = (&self.0, &other.0);
        let (v0, v1, v2) = (a0.mul(b0), a1.mul(b1), a2.mul(b2));
        let cross = |a: &Fe2<A>, b: &Fe2<A>, c: &Fe2<A>, d: &Fe2<A>| a.add(b).mul(&c.add(d));
        Self([
            cross(a1, a2, b1, b2).sub(&v1).sub(&v2).times_u().add(&v0),
            cross(a0, a1, b0, b1).sub(&v0).sub(&v1).add(&v2.times_u()),
            cross(a0, a2, b0, b2).sub(&v0).sub(&v2).add(&v1),
        ])
    }

    /// Times b0 + b1·s: five products.
    #[inline(never)]
    pub(super) fn mul_low(&self, b0: &Fe2<A>, b1: &Fe2<A>) -> Self {
        let [a0, a1, a2] = &self.0;
        let (v0, v1) = (a0.mul(b0), a1.mul(b1));
        Self([
            a2.mul(b1).times_u().add(&v0),
            a0.add(a1).mul(&b0.add(b1)).sub(&v0).sub(&v1),
            a2.mul(b0).add(&v1),
        ])
    }

    /// The inverse, and zero for zero.
    pub(super) fn invert(&self) -> Self {
        let [a, b, c] = &self.0;
        let d = a.square().sub(&b.mul(c).times_u());
        let e = c.square().times_u().sub(&a.mul(b));
        let f = b.square().sub(&a.mul(c));
        let norm = c.mul(&e).add(&b.mul(&f)).times_u().add(&a.mul(&d));
        let inverse = norm.invert();
        Self([d.mul(&inverse), e.mul(&inverse), f.mul(&inverse)])
    }

    #[inline(always)]
    pub(super) fn select(&self, other: &Self, mask: u64) -> Self {
        self.each(other, |a, b| a.select(b, mask))
    }
}
