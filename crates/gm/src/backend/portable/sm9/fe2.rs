//! F_p² = F_p[u]/(u² + 2).

use core::marker::PhantomData;

use zeroize::Zeroize;

use super::{
    arithmetic::{Pair, PairingArithmetic},
    fe::Fe,
};
use crate::backend::portable::{arithmetic::Portable, limbs};

/// a + b·u, in Montgomery form.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct Fe2<A = Portable>(Pair, PhantomData<A>);

impl<A> Zeroize for Fe2<A> {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

impl<A: PairingArithmetic> Fe2<A> {
    pub(super) const ZERO: Self = Self::new(Fe::ZERO, Fe::ZERO);
    pub(super) const ONE: Self = Self::new(Fe::ONE, Fe::ZERO);

    #[inline(always)]
    pub(super) const fn new(a: Fe<A>, b: Fe<A>) -> Self {
        Self::from_montgomery([*a.montgomery(), *b.montgomery()])
    }

    #[inline(always)]
    pub(super) const fn from_montgomery(pair: Pair) -> Self {
        Self(pair, PhantomData)
    }

    #[inline(always)]
    pub(super) const fn montgomery(&self) -> &Pair {
        &self.0
    }

    #[inline(always)]
    pub(super) const fn to<B: PairingArithmetic>(self) -> Fe2<B> {
        Fe2(self.0, PhantomData)
    }

    /// The part without u.
    #[inline(always)]
    pub(super) const fn real(&self) -> Fe<A> {
        Fe::from_montgomery(self.0[0])
    }

    /// The factor of u.
    #[inline(always)]
    pub(super) const fn imaginary(&self) -> Fe<A> {
        Fe::from_montgomery(self.0[1])
    }

    /// The factor of u, then the rest, as the standard writes them.
    pub(super) fn from_bytes(bytes: &[u8; 64]) -> Option<Self> {
        let (parts, _) = bytes.as_chunks();
        Some(Self::new(Fe::from_bytes(&parts[1])?, Fe::from_bytes(&parts[0])?))
    }

    pub(super) fn to_bytes(self) -> [u8; 64] {
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(&self.imaginary().to_bytes());
        bytes[32..].copy_from_slice(&self.real().to_bytes());
        bytes
    }

    #[inline(always)]
    pub(super) fn add(&self, other: &Self) -> Self {
        Self::from_montgomery([A::sum(&self.0[0], &other.0[0]), A::sum(&self.0[1], &other.0[1])])
    }

    #[inline(always)]
    pub(super) fn sub(&self, other: &Self) -> Self {
        Self::from_montgomery([
            A::difference(&self.0[0], &other.0[0]),
            A::difference(&self.0[1], &other.0[1]),
        ])
    }

    #[inline(always)]
    pub(super) fn neg(&self) -> Self {
        Self::ZERO.sub(self)
    }

    #[inline(always)]
    pub(super) fn double(&self) -> Self {
        self.add(self)
    }

    #[inline(always)]
    pub(super) fn triple(&self) -> Self {
        self.double().add(self)
    }

    #[inline(always)]
    pub(super) fn mul(&self, other: &Self) -> Self {
        Self::from_montgomery(A::pair_product(&self.0, &other.0))
    }

    #[inline(always)]
    pub(super) fn square(&self) -> Self {
        Self::from_montgomery(A::pair_squared(&self.0))
    }

    /// Times a number of F_p.
    #[inline(always)]
    pub(super) fn scale(&self, factor: &Fe<A>) -> Self {
        Self::new(self.real().mul(factor), self.imaginary().mul(factor))
    }

    /// a − b·u: the p-th power.
    #[inline(always)]
    pub(super) fn conjugate(&self) -> Self {
        Self::new(self.real(), self.imaginary().neg())
    }

    /// Times u.
    #[inline(always)]
    pub(super) fn times_u(&self) -> Self {
        Self::new(self.imaginary().double().neg(), self.real())
    }

    /// The inverse, and zero for zero: (a − b·u)/(a² + 2·b²).
    pub(super) fn invert(&self) -> Self {
        let (a, b) = (self.real(), self.imaginary());
        let norm = a.mul_add(&a, &b, &b.double());
        self.conjugate().scale(&norm.invert())
    }

    #[inline(always)]
    pub(super) fn select(&self, other: &Self, mask: u64) -> Self {
        Self::from_montgomery([
            limbs::select(&self.0[0], &other.0[0], mask),
            limbs::select(&self.0[1], &other.0[1], mask),
        ])
    }

    #[inline(always)]
    pub(super) fn zero_mask(&self) -> u64 {
        self.real().zero_mask() & self.imaginary().zero_mask()
    }
}
