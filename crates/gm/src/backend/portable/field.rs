//! The field of the SM2 curve, p = 2²⁵⁶ − 2²²⁴ − 2⁹⁶ + 2⁶⁴ − 1.

use zeroize::Zeroize;

use super::limbs::{self, Limbs};

const P: Limbs =
    [0xffff_ffff_ffff_ffff, 0xffff_ffff_0000_0000, 0xffff_ffff_ffff_ffff, 0xffff_fffe_ffff_ffff];

/// 2⁵¹² mod p.
const R2: Fe = Fe([
    0x0000_0002_0000_0003,
    0x0000_0002_ffff_ffff,
    0x0000_0001_0000_0001,
    0x0000_0004_0000_0002,
]);

/// A field element x as x·2²⁵⁶ mod p (Montgomery form). Invariant: below p.
#[derive(Clone, Copy, PartialEq, Eq, Zeroize)]
pub(crate) struct Fe(Limbs);

impl Fe {
    pub(crate) const ZERO: Self = Self([0; 4]);
    /// 2²⁵⁶ mod p.
    pub(crate) const ONE: Self = Self([1, 0x0000_0000_ffff_ffff, 0, 0x0000_0001_0000_0000]);

    /// From plain limbs that are below p.
    pub(crate) fn from_limbs(limbs: Limbs) -> Self {
        Self(limbs).mul(&R2)
    }

    /// From the limbs of x·2²⁵⁶ mod p.
    pub(crate) const fn from_montgomery(limbs: Limbs) -> Self {
        Self(limbs)
    }

    #[cfg(test)]
    pub(crate) fn montgomery(self) -> Limbs {
        self.0
    }

    /// Big-endian, and only below p.
    pub(crate) fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        let limbs = limbs::from_bytes(bytes);
        let (_, below) = limbs::sub(&limbs, &P);
        below.then(|| Self::from_limbs(limbs))
    }

    pub(crate) fn to_bytes(self) -> [u8; 32] {
        limbs::to_bytes(&self.to_limbs())
    }

    pub(crate) fn to_limbs(self) -> Limbs {
        let [a, b, c, d] = self.0;
        reduce(&[a, b, c, d, 0, 0, 0, 0])
    }

    #[inline(always)]
    pub(crate) fn add(&self, other: &Self) -> Self {
        Self(limbs::add_mod(&self.0, &other.0, &P))
    }

    #[inline(always)]
    pub(crate) fn sub(&self, other: &Self) -> Self {
        Self(limbs::sub_mod(&self.0, &other.0, &P))
    }

    #[inline(always)]
    pub(crate) fn neg(&self) -> Self {
        Self::ZERO.sub(self)
    }

    #[inline(always)]
    pub(crate) fn double(&self) -> Self {
        self.add(self)
    }

    #[inline(always)]
    pub(crate) fn triple(&self) -> Self {
        self.double().add(self)
    }

    #[inline]
    pub(crate) fn mul(&self, other: &Self) -> Self {
        Self(reduce(&limbs::mul_wide(&self.0, &other.0)))
    }

    #[inline]
    pub(crate) fn square(&self) -> Self {
        Self(reduce(&limbs::square_wide(&self.0)))
    }

    fn square_times(&self, times: u32) -> Self {
        let mut x = *self;
        let mut i = 0;
        while i < times {
            x = x.square();
            i += 1;
        }
        x
    }

    /// x^(p − 2): the inverse, and zero for zero. A fixed chain, the same for every x.
    pub(crate) fn invert(&self) -> Self {
        // p − 2, from the top: 31 ones, 0, 128 ones, 32 zeros, 62 ones, 0, 1.
        let x1 = *self;
        let x2 = x1.square().mul(&x1);
        let x4 = x2.square_times(2).mul(&x2);
        let x6 = x4.square_times(2).mul(&x2);
        let x8 = x4.square_times(4).mul(&x4);
        let x16 = x8.square_times(8).mul(&x8);
        let x24 = x16.square_times(8).mul(&x8);
        let x30 = x24.square_times(6).mul(&x6);
        let x31 = x30.square().mul(&x1);
        let x32 = x31.square().mul(&x1);
        let x62 = x32.square_times(30).mul(&x30);
        let mut t = x31.square_times(33).mul(&x32);
        t = t.square_times(32).mul(&x32);
        t = t.square_times(32).mul(&x32);
        t = t.square_times(32).mul(&x32);
        t = t.square_times(94).mul(&x62);
        t.square_times(2).mul(&x1)
    }

    /// `other` where `mask` is ones, `self` where it is zero.
    #[inline(always)]
    pub(crate) fn select(&self, other: &Self, mask: u64) -> Self {
        Self(limbs::select(&self.0, &other.0, mask))
    }

    /// Ones if zero, else zero.
    #[inline(always)]
    pub(crate) fn zero_mask(&self) -> u64 {
        limbs::zero_mask(&self.0)
    }

    /// For public values.
    #[inline(always)]
    pub(crate) fn is_zero_vartime(&self) -> bool {
        self.zero_mask() != 0
    }
}

/// t / 2²⁵⁶ mod p, for t < p·2²⁵⁶.
///
/// p ≡ −1 mod 2⁶⁴, so each step's factor is the lowest limb itself, and its multiple of p is made of shifts.
#[inline(always)]
fn reduce(t: &[u64; 8]) -> Limbs {
    let low = [t[0], t[1], t[2], t[3]];
    let low = reduce_limb(&reduce_limb(&reduce_limb(&reduce_limb(&low))));
    let (sum, carry) = limbs::add(&low, &[t[4], t[5], t[6], t[7]]);
    limbs::reduce_once(&sum, carry, &P)
}

/// (a + m·p) / 2⁶⁴ for m = a mod 2⁶⁴; stays below 2²⁵⁶ because p < 2²⁵⁶ − 2²²³.
#[inline(always)]
fn reduce_limb(a: &Limbs) -> Limbs {
    let m = a[0];
    let (left, right) = (m << 32, m >> 32);
    // m·(p + 1) / 2⁶⁴ = m·(2¹⁹² − 2¹⁶⁰ − 2³² + 1)
    let (u0, b) = m.borrowing_sub(left, false);
    let (u1, b) = 0_u64.borrowing_sub(right, b);
    let (u2, b) = 0_u64.borrowing_sub(left, b);
    let (u3, _) = m.borrowing_sub(right, b);
    limbs::add(&[a[1], a[2], a[3], 0], &[u0, u1, u2, u3]).0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge_values() -> impl Iterator<Item = Fe> {
        let p_minus = |d: u64| [P[0] - d, P[1], P[2], P[3]];
        [
            [0, 0, 0, 0],
            [1, 0, 0, 0],
            [2, 0, 0, 0],
            [0, 0, 0, 1 << 63],
            p_minus(1),
            p_minus(2),
            [u64::MAX, 0, u64::MAX, 0],
        ]
        .into_iter()
        .map(Fe::from_limbs)
    }

    #[test]
    fn the_inverse_of_an_edge_value_times_it_is_one() {
        for x in edge_values() {
            let expected = if x.is_zero_vartime() { Fe::ZERO } else { Fe::ONE };
            assert!(x.mul(&x.invert()) == expected);
        }
    }

    #[test]
    fn a_square_is_a_product() {
        for x in edge_values() {
            assert!(x.square() == x.mul(&x));
            for y in edge_values() {
                let sum = x.add(&y);
                let binomial = x.square().add(&x.mul(&y).double()).add(&y.square());
                assert!(sum.square() == binomial);
                assert!(x.sub(&y).add(&y) == x);
            }
        }
    }

    #[test]
    fn p_itself_is_not_an_element() {
        assert!(Fe::from_bytes(&limbs::to_bytes(&P)).is_none());
        assert!(Fe::from_bytes(&[0xff; 32]).is_none());
        let minus_one = limbs::to_bytes(&[P[0] - 1, P[1], P[2], P[3]]);
        assert_eq!(Fe::from_bytes(&minus_one).map(Fe::to_bytes), Some(minus_one));
    }
}
