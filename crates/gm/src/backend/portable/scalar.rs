//! Integers modulo n, the order of the SM2 curve's group.

use core::hint::black_box;

use zeroize::Zeroize;

use super::{
    arithmetic::Arithmetic,
    divsteps::Modulus,
    limbs::{self, Limbs},
};
use crate::backend::reveal;

const N: Limbs =
    [0x53bb_f409_39d5_4123, 0x7203_df6b_21c6_052b, 0xffff_ffff_ffff_ffff, 0xffff_fffe_ffff_ffff];

/// −n⁻¹ mod 2⁶⁴.
const N0: u64 = 0x327f_9e88_7235_0975;

/// 2⁵¹² mod n.
const R2: Limbs =
    [0x9011_92af_7c11_4f20, 0x3464_504a_de6f_a2fa, 0x620f_c84c_3aff_e0d4, 0x1eb5_e412_a22b_3d3b];

const MODULUS: Modulus = Modulus::new(&N);

/// Invariant: below n.
#[derive(Clone, Copy, PartialEq, Eq, Zeroize)]
pub(crate) struct Scalar(Limbs);

impl Scalar {
    #[cfg(feature = "alloc")]
    pub(crate) const ZERO: Self = Self([0; 4]);
    pub(crate) const ONE: Self = Self([1, 0, 0, 0]);

    /// Big-endian, and only below n. Reveals whether it is, not the value.
    pub(crate) fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        let limbs = limbs::from_bytes(bytes);
        let (_, below) = limbs::sub(&limbs, &N);
        reveal(below).then_some(Self(limbs))
    }

    /// The value modulo n (n > 2²⁵⁵, so one subtraction is enough).
    pub(crate) fn from_bytes_reduced(bytes: &[u8; 32]) -> Self {
        Self(limbs::reduce_once(&limbs::from_bytes(bytes), false, &N))
    }

    pub(crate) fn to_bytes(self) -> [u8; 32] {
        limbs::to_bytes(&self.0)
    }

    pub(crate) fn limbs(&self) -> &Limbs {
        &self.0
    }

    pub(crate) fn add(&self, other: &Self) -> Self {
        Self(limbs::add_mod(&self.0, &other.0, &N))
    }

    pub(crate) fn sub(&self, other: &Self) -> Self {
        Self(limbs::sub_mod(&self.0, &other.0, &N))
    }

    pub(crate) fn mul(&self, other: &Self) -> Self {
        Self(montgomery(&montgomery(&self.0, &other.0), &R2))
    }

    /// The inverse, and zero for zero, in constant time.
    pub(crate) fn invert<A: Arithmetic>(&self) -> Self {
        Self(MODULUS.invert::<A>(&self.0))
    }

    /// This value if it is odd, else n minus it (n for zero), and ones in the second case.
    pub(crate) fn odd(&self) -> (Limbs, u64) {
        let even = !limbs::low_bit_mask(self.0[0]);
        (limbs::select(&self.0, &limbs::sub(&N, &self.0).0, even), even)
    }

    /// Reveals only whether the value is zero.
    pub(crate) fn is_zero(&self) -> bool {
        reveal(limbs::zero_mask(&self.0)) != 0
    }

    /// This value plus n, if that fits 256 bits.
    pub(crate) fn plus_n(&self) -> Option<Limbs> {
        match limbs::add(&self.0, &N) {
            (sum, false) => Some(sum),
            _ => None,
        }
    }

    /// Bits `from` to `from + len` (len < 64), zeros beyond the top; `from` −1 reads a zero below the bottom.
    pub(crate) fn window(&self, from: i32, len: u32) -> u64 {
        let mask = (1_u64 << len) - 1;
        if from < 0 {
            return (self.0[0] << from.unsigned_abs()) & mask;
        }
        let (limb, shift) = ((from.unsigned_abs() / 64) as usize, from.unsigned_abs() % 64);
        if limb > 3 {
            return 0;
        }
        let mut bits = self.0[limb] >> shift;
        if shift > 0 && limb < 3 {
            bits |= self.0[limb + 1] << (64 - shift);
        }
        bits & mask
    }
}

/// An odd k as Σ d·16ⁱ, i = 0 … 63, with odd digits −15 … 15 (Joye and Tunstall), the highest positive; n − k for an even k.
#[derive(Zeroize)]
pub(crate) struct Windows {
    odd: Limbs,
    /// Ones if the result is to be negated.
    pub(crate) negate: u64,
}

impl Windows {
    pub(crate) const BITS: u32 = 4;
    pub(crate) const COUNT: usize = 64;

    pub(crate) fn new(k: &Scalar) -> Self {
        let (odd, negate) = k.odd();
        Self { odd, negate }
    }

    /// Of digit `i` the index of its magnitude among the odd numbers, and ones if it is negative.
    #[inline(always)]
    pub(crate) fn digit(&self, i: usize) -> (u64, u64) {
        let (limb, shift) = (i / 16, i % 16 * 4);
        let next = self.odd.get(limb + 1).map_or(0, |next| next << 1 << (63 - shift));
        // No window is above the highest: its digit is not made smaller by 16.
        let top = if i == Self::COUNT - 1 { 0x10 } else { 0 };
        let window = (self.odd[limb] >> shift | next) & 0x1f | top | 1;
        // window − 16, its sign and its magnitude.
        let negative = black_box(window >> 4).wrapping_sub(1);
        let magnitude = (window.wrapping_sub(16) ^ negative).wrapping_sub(negative);
        (magnitude >> 1, negative)
    }
}

/// a·b / 2²⁵⁶ mod n, limb by limb.
#[inline]
fn montgomery(a: &Limbs, b: &Limbs) -> Limbs {
    let mut t = limbs::mul_wide(a, b);
    let mut carry_top = false;
    let mut i = 0;
    while i < 4 {
        let m = t[i].wrapping_mul(N0);
        let (_, c) = m.carrying_mul_add(N[0], 0, t[i]);
        let (t1, c) = m.carrying_mul_add(N[1], c, t[i + 1]);
        let (t2, c) = m.carrying_mul_add(N[2], c, t[i + 2]);
        let (t3, c) = m.carrying_mul_add(N[3], c, t[i + 3]);
        t[i + 1] = t1;
        t[i + 2] = t2;
        t[i + 3] = t3;
        (t[i + 4], carry_top) = t[i + 4].carrying_add(c, carry_top);
        i += 1;
    }
    limbs::reduce_once(&[t[4], t[5], t[6], t[7]], carry_top, &N)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::portable::arithmetic::Portable;

    #[test]
    fn the_inverse_times_the_value_is_one() {
        let minus_one = Scalar([N[0] - 1, N[1], N[2], N[3]]);
        for x in [Scalar::ONE, Scalar([2, 0, 0, 0]), minus_one, Scalar([0, 7, 0, 1 << 63])] {
            assert!(x.mul(&x.invert::<Portable>()) == Scalar::ONE);
        }
        assert!(Scalar([0; 4]).invert::<Portable>().is_zero());
        assert!(minus_one.mul(&minus_one) == Scalar::ONE);
    }

    #[test]
    fn windows_cover_every_bit_once() {
        let x = Scalar([
            0x0123_4567_89ab_cdef,
            0xfedc_ba98_7654_3210,
            0x0f1e_2d3c_4b5a_6978,
            0x7766_5544_3322_1100,
        ]);
        for i in 0..256 {
            let bit = x.0[i / 64] >> (i % 64) & 1;
            let from = i32::try_from(i).expect("below 256");
            assert_eq!(x.window(from, 1), bit);
            assert_eq!(x.window(from - 1, 6) >> 1 & 1, bit);
        }
        assert_eq!(x.window(256, 5), 0);
    }

    #[test]
    fn n_is_not_a_scalar() {
        assert!(Scalar::from_bytes(&limbs::to_bytes(&N)).is_none());
        assert!(Scalar::from_bytes_reduced(&limbs::to_bytes(&N)).is_zero());
    }
}
