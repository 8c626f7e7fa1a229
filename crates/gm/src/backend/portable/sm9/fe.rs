//! F_p.

use core::marker::PhantomData;

use zeroize::Zeroize;

use super::arithmetic::{P, PairingArithmetic};
use crate::backend::{
    portable::{
        arithmetic::Portable,
        divsteps::Modulus,
        limbs::{self, Limbs},
    },
    reveal,
};

/// 2⁵¹² mod p.
const R2: Limbs =
    [0x27de_a312_b417_e2d2, 0x88f8_105f_ae1a_5d3f, 0xe479_b522_d670_6e7b, 0x2ea7_95a6_56f6_2fbd];

const MODULUS: Modulus = Modulus::new(&P);

/// x as x·2²⁵⁶ mod p (Montgomery form), computed with by `A`. Invariant: below p.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct Fe<A = Portable>(Limbs, PhantomData<A>);

impl<A> Zeroize for Fe<A> {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

impl<A: PairingArithmetic> Fe<A> {
    pub(super) const ZERO: Self = Self::from_montgomery([0; 4]);
    /// 2²⁵⁶ mod p.
    pub(super) const ONE: Self = Self::from_montgomery([
        0x1a90_64d8_1cae_ba83,
        0xde0d_6cb4_e585_1124,
        0x29fc_54b0_0a71_38ba,
        0x49bf_ffff_fd5c_590e,
    ]);

    #[inline(always)]
    pub(super) const fn from_montgomery(limbs: Limbs) -> Self {
        Self(limbs, PhantomData)
    }

    #[inline(always)]
    pub(super) const fn montgomery(&self) -> &Limbs {
        &self.0
    }

    /// The same number, computed with by another backend.
    #[inline(always)]
    pub(super) const fn to<B: PairingArithmetic>(self) -> Fe<B> {
        Fe(self.0, PhantomData)
    }

    /// Big-endian, and only below p; reveals whether it is.
    pub(super) fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        let limbs = limbs::from_bytes(bytes);
        let (_, below) = limbs::sub(&limbs, &P);
        reveal(below).then(|| Self::from_montgomery(A::product(&limbs, &R2)))
    }

    pub(super) fn to_bytes(self) -> [u8; 32] {
        limbs::to_bytes(&A::product(&self.0, &[1, 0, 0, 0]))
    }

    #[inline(always)]
    pub(super) fn add(&self, other: &Self) -> Self {
        Self::from_montgomery(A::sum(&self.0, &other.0))
    }

    #[inline(always)]
    pub(super) fn sub(&self, other: &Self) -> Self {
        Self::from_montgomery(A::difference(&self.0, &other.0))
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
    pub(super) fn mul(&self, other: &Self) -> Self {
        Self::from_montgomery(A::product(&self.0, &other.0))
    }

    #[inline(always)]
    pub(super) fn square(&self) -> Self {
        Self::from_montgomery(A::squared(&self.0))
    }

    /// self·a + b·c.
    #[inline(always)]
    pub(super) fn mul_add(&self, a: &Self, b: &Self, c: &Self) -> Self {
        Self::from_montgomery(A::product_sum(&self.0, &a.0, &b.0, &c.0))
    }

    /// The inverse, and zero for zero.
    pub(super) fn invert(&self) -> Self {
        // x·2²⁵⁶ gives x⁻¹·2⁻²⁵⁶, so two factors of 2⁵¹² are missing, of which each product takes away half of one.
        let inverse = MODULUS.invert::<A>(&self.0);
        Self::from_montgomery(A::product(&A::product(&inverse, &R2), &R2))
    }

    /// `other` where `mask` is ones, `self` where it is zero.
    #[inline(always)]
    pub(super) fn select(&self, other: &Self, mask: u64) -> Self {
        Self::from_montgomery(limbs::select(&self.0, &other.0, mask))
    }

    /// Ones if zero, else zero.
    #[inline(always)]
    pub(super) fn zero_mask(&self) -> u64 {
        limbs::zero_mask(&self.0)
    }
}
