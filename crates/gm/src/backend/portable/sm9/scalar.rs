//! Integers modulo n, the order of SM9's groups.

use zeroize::Zeroize;

use super::arithmetic::montgomery;
use crate::backend::{
    portable::{
        arithmetic::Arithmetic,
        divsteps::Modulus,
        limbs::{self, Limbs},
    },
    reveal,
};

pub(super) const N: Limbs =
    [0xe56e_e19c_d69e_cf25, 0x49f2_934b_18ea_8bee, 0xd603_ab4f_f58e_c744, 0xb640_0000_02a3_a6f1];

const N_MINUS_ONE: Limbs = [N[0] - 1, N[1], N[2], N[3]];

/// −n⁻¹ mod 2⁶⁴.
const N0: u64 = 0x1d02_6623_5197_4b53;

/// 2⁵¹² mod n.
const R2: Limbs =
    [0x7598_cd79_cd75_0c35, 0xe4a0_8110_bb6d_aeab, 0xbfee_4bae_7d78_a1f9, 0x8894_f5d1_6369_5d0e];

const MODULUS: Modulus = Modulus::new(&N);

/// Invariant: below n.
#[derive(Clone, Copy, PartialEq, Eq, Zeroize)]
pub(crate) struct Scalar(Limbs);

impl Scalar {
    /// Big-endian, and only in [1, n − 1]. Reveals whether it is, not the value.
    pub(crate) fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        let limbs = limbs::from_bytes(bytes);
        let (_, below) = limbs::sub(&limbs, &N);
        reveal(below & (limbs::zero_mask(&limbs) == 0)).then_some(Self(limbs))
    }

    /// (x mod (n − 1)) + 1 for the 320-bit number x: uniform in [1, n − 1] but for 2⁻⁶⁴ if x is uniform.
    pub(crate) fn from_wide(bytes: &[u8; 40]) -> Self {
        let (high, low) = bytes.split_first_chunk::<32>().expect("40 bytes");
        let mut value = limbs::reduce_once(&limbs::from_bytes(high), false, &N_MINUS_ONE);
        for byte in low {
            for bit in (0..8).rev() {
                let [a, b, c, d] = value;
                let next = u64::from(byte >> bit & 1);
                let twice = [a << 1 | next, b << 1 | a >> 63, c << 1 | b >> 63, d << 1 | c >> 63];
                value = limbs::reduce_once(&twice, d >> 63 == 1, &N_MINUS_ONE);
            }
        }
        Self(limbs::add(&value, &[1, 0, 0, 0]).0)
    }

    pub(crate) fn to_bytes(self) -> [u8; 32] {
        limbs::to_bytes(&self.0)
    }

    pub(super) const fn limbs(&self) -> &Limbs {
        &self.0
    }

    pub(crate) fn add(&self, other: &Self) -> Self {
        Self(limbs::add_mod(&self.0, &other.0, &N))
    }

    pub(crate) fn sub(&self, other: &Self) -> Self {
        Self(limbs::sub_mod(&self.0, &other.0, &N))
    }

    pub(crate) fn mul(&self, other: &Self) -> Self {
        let product = |a: &Limbs, b: &Limbs| montgomery([a], [b], &N, N0);
        Self(product(&product(&self.0, &other.0), &R2))
    }

    /// The inverse, and zero for zero, in constant time.
    pub(crate) fn invert<A: Arithmetic>(&self) -> Self {
        Self(MODULUS.invert::<A>(&self.0))
    }

    /// Reveals only whether the value is zero.
    pub(crate) fn is_zero(&self) -> bool {
        reveal(limbs::zero_mask(&self.0)) != 0
    }

    /// This value if it is odd, else n minus it (n for zero), and ones in the second case.
    pub(super) fn odd(&self) -> (Limbs, u64) {
        let even = !limbs::low_bit_mask(self.0[0]);
        (limbs::select(&self.0, &limbs::sub(&N, &self.0).0, even), even)
    }
}
