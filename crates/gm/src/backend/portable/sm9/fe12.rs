//! F_p¹² = F_p⁶[w]/(w² − s).

use zeroize::Zeroize;

use super::{arithmetic::PairingArithmetic, fe::Fe, fe2::Fe2, fe6::Fe6};
use crate::backend::portable::arithmetic::Portable;

/// a + b·w.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct Fe12<A = Portable>(pub(super) [Fe6<A>; 2]);

/// An element of GT, the group of order n; a value of the pairing.
pub(crate) type Gt = Fe12;

impl<A> Zeroize for Fe12<A> {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

/// wᵖ⁻¹ to the powers 1 to 5, numbers of F_p.
const FROBENIUS: [[u64; 4]; 5] = [
    [0x1a98_dfbd_4575_299f, 0x9ec8_547b_245c_54fd, 0xf51f_5eac_13df_846c, 0x9ef7_4015_d5a1_6393],
    [0xb626_197d_ce47_36ca, 0x0829_6b35_57ed_0186, 0x9c70_5db2_fd91_512a, 0x1c75_3e74_8601_c992],
    [0x39b4_ef0f_3ee7_2529, 0xdb04_3bf5_0858_2782, 0xb855_4ab0_54ac_91e3, 0x9848_eec2_5498_cab5],
    [0x8105_4fcd_94e9_c1c4, 0x4c0e_91cb_8ce2_df3e, 0x4877_b452_e8ae_dfb4, 0x88f5_3e74_8b49_1776],
    [0x048b_aa79_dcc3_4107, 0x5e2e_7ac4_fe76_c161, 0x9939_9754_365b_d4bc, 0xaf91_aeac_819b_0e13],
];

/// The k-th power of wᵖ⁻¹; its sixth is −1.
const fn frobenius<A: PairingArithmetic>(k: usize) -> Fe<A> {
    Fe::from_montgomery(FROBENIUS[k - 1])
}

impl<A: PairingArithmetic> Fe12<A> {
    pub(super) const ONE: Self = Self([Fe6::ONE, Fe6::ZERO]);

    pub(super) const fn to<B: PairingArithmetic>(&self) -> Fe12<B> {
        let [a, b] = &self.0;
        Fe12([a.to(), b.to()])
    }

    /// The factor of wᵏ.
    const fn coefficient(&self, k: usize) -> &Fe2<A> {
        &self.0[k % 2].0[k / 2]
    }

    /// As GB/T 38635.1 writes it: over F_p⁴ = F_p²[w³], the highest power first.
    pub(crate) fn to_bytes(self) -> [u8; 384] {
        let mut bytes = [0; 384];
        for (bytes, k) in bytes.as_chunks_mut::<64>().0.iter_mut().zip([5, 2, 4, 1, 3, 0]) {
            *bytes = self.coefficient(k).to_bytes();
        }
        bytes
    }

    #[inline(never)]
    pub(super) fn mul(&self, other: &Self) -> Self {
        let ([a, b], [c, d]) = (&self.0, &other.0);
        let (low, high) = (a.mul(c), b.mul(d));
        let cross = a.add(b).mul(&c.add(d)).sub(&low).sub(&high);
        Self([low.add(&high.times_s()), cross])
    }

    #[inline(never)]
    pub(super) fn square(&self) -> Self {
        let [a, b] = &self.0;
        let product = a.mul(b);
        let low = a.add(b).mul(&a.add(&b.times_s())).sub(&product).sub(&product.times_s());
        Self([low, product.double()])
    }

    /// Times l0 + l2·w² + w³.
    #[inline(never)]
    pub(super) fn mul_line(&self, l0: &Fe2<A>, l2: &Fe2<A>) -> Self {
        let [a, b] = &self.0;
        let (a_shifted, b_shifted) = (a.times_s(), b.times_s().times_s());
        Self([a.mul_low(l0, l2).add(&b_shifted), b.mul_low(l0, l2).add(&a_shifted)])
    }

    /// a − b·w: the p⁶-th power, and in GT the inverse.
    #[inline(always)]
    pub(super) fn conjugate(&self) -> Self {
        let [a, b] = &self.0;
        Self([*a, b.neg()])
    }

    /// The inverse, and zero for zero.
    pub(super) fn invert(&self) -> Self {
        let [a, b] = &self.0;
        let norm = a.mul(a).sub(&b.mul(b).times_s()).invert();
        Self([a.mul(&norm), b.mul(&norm).neg()])
    }

    /// The p-th power.
    pub(super) fn frobenius(&self) -> Self {
        let f = |k: usize| match k {
            0 => self.coefficient(0).conjugate(),
            _ => self.coefficient(k).conjugate().scale(&frobenius(k)),
        };
        Self([Fe6([f(0), f(2), f(4)]), Fe6([f(1), f(3), f(5)])])
    }

    /// The p²-th power.
    pub(super) fn frobenius_2(&self) -> Self {
        let f = |k: usize| match k {
            0 => *self.coefficient(0),
            // The sixth power of wᵖ⁻¹ is −1.
            3 => self.coefficient(3).neg(),
            1 | 2 => self.coefficient(k).scale(&frobenius(2 * k)),
            _ => self.coefficient(k).scale(&frobenius(2 * k - 6)).neg(),
        };
        Self([Fe6([f(0), f(2), f(4)]), Fe6([f(1), f(3), f(5)])])
    }

    /// Whether both are the same, in constant time.
    pub(crate) fn equals(&self, other: &Self) -> bool {
        let differences = (0..6).map(|k| self.coefficient(k).sub(other.coefficient(k)));
        differences.fold(u64::MAX, |mask, difference| mask & difference.zero_mask()) != 0
    }

    /// `other` where `mask` is ones, `self` where it is zero.
    pub(super) fn select(&self, other: &Self, mask: u64) -> Self {
        let ([a, b], [c, d]) = (&self.0, &other.0);
        Self([a.select(c, mask), b.select(d, mask)])
    }
}
