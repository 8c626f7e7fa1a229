//! The field of the SM2 curve, p = 2²⁵⁶ − 2²²⁴ − 2⁹⁶ + 2⁶⁴ − 1.

use core::marker::PhantomData;

use zeroize::Zeroize;

use super::{
    arithmetic::{Arithmetic, Portable},
    divsteps::Modulus,
    limbs::{self, Limbs},
};

pub(crate) const P: Limbs =
    [0xffff_ffff_ffff_ffff, 0xffff_ffff_0000_0000, 0xffff_ffff_ffff_ffff, 0xffff_fffe_ffff_ffff];

/// 2⁵¹² mod p.
const R2: Limbs =
    [0x0000_0002_0000_0003, 0x0000_0002_ffff_ffff, 0x0000_0001_0000_0001, 0x0000_0004_0000_0002];

const MODULUS: Modulus = Modulus::new(&P);

/// A field element x as x·2²⁵⁶ mod p (Montgomery form), computed with by `A`. Invariant: below p.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fe<A = Portable>(Limbs, PhantomData<A>);

impl<A> Zeroize for Fe<A> {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

impl<A: Arithmetic> Fe<A> {
    pub(crate) const ZERO: Self = Self::from_montgomery([0; 4]);
    /// 2²⁵⁶ mod p.
    pub(crate) const ONE: Self =
        Self::from_montgomery([1, 0x0000_0000_ffff_ffff, 0, 0x0000_0001_0000_0000]);

    /// From plain limbs that are below p.
    pub(crate) fn from_limbs(limbs: Limbs) -> Self {
        Self::from_montgomery(A::mul(&limbs, &R2))
    }

    /// From the limbs of x·2²⁵⁶ mod p.
    #[inline(always)]
    pub(crate) const fn from_montgomery(limbs: Limbs) -> Self {
        Self(limbs, PhantomData)
    }

    #[inline(always)]
    pub(crate) const fn montgomery(&self) -> &Limbs {
        &self.0
    }

    /// The same element, computed with by another backend.
    #[inline(always)]
    pub(crate) const fn to<B: Arithmetic>(&self) -> Fe<B> {
        Fe(self.0, PhantomData)
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
        Self::from_montgomery(A::add(&self.0, &other.0))
    }

    #[inline(always)]
    pub(crate) fn sub(&self, other: &Self) -> Self {
        Self::from_montgomery(A::sub(&self.0, &other.0))
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

    #[inline(always)]
    pub(crate) fn mul(&self, other: &Self) -> Self {
        Self::from_montgomery(A::mul(&self.0, &other.0))
    }

    #[inline(always)]
    pub(crate) fn square(&self) -> Self {
        Self::from_montgomery(A::square(&self.0))
    }

    #[inline(always)]
    pub(crate) fn half(&self) -> Self {
        Self::from_montgomery(A::half(&self.0))
    }

    /// self·b − c·d.
    #[inline(always)]
    pub(crate) fn product_difference(&self, b: &Self, c: &Self, d: &Self) -> Self {
        Self::from_montgomery(A::product_difference(&self.0, &b.0, &c.0, &d.0))
    }

    /// The inverse, and zero for zero.
    pub(crate) fn invert(&self) -> Self {
        // x·2²⁵⁶ gives x⁻¹·2⁻²⁵⁶, so two factors of 2⁵¹² are missing, of which each product takes away half of one.
        let inverse = MODULUS.invert::<A>(&self.0);
        Self::from_montgomery(A::mul(&A::mul(&inverse, &R2), &R2))
    }

    /// `other` where `mask` is ones, `self` where it is zero.
    #[inline(always)]
    pub(crate) fn select(&self, other: &Self, mask: u64) -> Self {
        Self::from_montgomery(limbs::select(&self.0, &other.0, mask))
    }

    /// Ones if zero, else zero.
    #[inline(always)]
    pub(crate) fn zero_mask(&self) -> u64 {
        limbs::zero_mask(&self.0)
    }

    /// For public values.
    #[inline(always)]
    pub(crate) fn is_zero_vartime(&self) -> bool {
        self.0 == [0; 4]
    }
}

/// x/2: x is shifted down, after p is added to an odd x.
#[inline(always)]
pub(super) fn half(x: &Limbs) -> Limbs {
    let odd = limbs::low_bit_mask(x[0]);
    let ([a, b, c, d], carry) = limbs::add(x, &[odd, odd << 32, odd, odd & P[3]]);
    [a >> 1 | b << 63, b >> 1 | c << 63, c >> 1 | d << 63, d >> 1 | u64::from(carry) << 63]
}

/// a − b for products a, b of elements, plus p·2²⁵⁶ where that is negative: below p·2²⁵⁶, as [`reduce`] needs it.
#[inline(always)]
pub(super) fn difference(a: &[u64; 8], b: &[u64; 8]) -> [u64; 8] {
    let mut out = [0; 8];
    let mut borrow = false;
    for i in 0..8 {
        (out[i], borrow) = a[i].borrowing_sub(b[i], borrow);
    }
    let mask = limbs::mask(borrow);
    let [l0, l1, l2, l3, h0, h1, h2, h3] = out;
    let p = P.map(|limb| limb & mask);
    let ([h0, h1, h2, h3], _) = limbs::add(&[h0, h1, h2, h3], &p);
    [l0, l1, l2, l3, h0, h1, h2, h3]
}

/// t / 2²⁵⁶ mod p, for t < p·2²⁵⁶.
///
/// p ≡ −1 mod 2⁶⁴, so each step's factor is the lowest limb itself, and its multiple of p is made of shifts.
#[inline(always)]
pub(super) fn reduce(t: &[u64; 8]) -> Limbs {
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
    use crate::backend::sm2::for_each_arithmetic;

    /// Limbs below p: small, large, near p, and with limbs that are all ones or all zeros.
    fn edge_limbs() -> impl Iterator<Item = Limbs> {
        let borders = [0, 1, 2, 0xffff_ffff, 1 << 32, 1 << 63, u64::MAX - 1, u64::MAX];
        let filled = (0..8_usize.pow(4)).map(move |i| {
            [borders[i % 8], borders[i / 8 % 8], borders[i / 64 % 8], borders[i / 512]]
        });
        let near = (1..4).map(|d| [P[0] - d, P[1], P[2], P[3]]);
        let top = (0..2).map(|d| [u64::MAX - d, P[1] - 1, P[2], P[3]]);
        filled.chain(near).chain(top).filter(|limbs| limbs::sub(limbs, &P).1)
    }

    fn agrees<A: Arithmetic>(a: &Limbs, b: &Limbs) {
        assert_eq!(A::mul(a, b), Portable::mul(a, b), "{a:x?} times {b:x?}");
        assert_eq!(A::square(a), Portable::mul(a, a), "{a:x?} squared");
        assert_eq!(A::add(a, b), Portable::add(a, b), "{a:x?} plus {b:x?}");
        assert_eq!(A::sub(a, b), Portable::sub(a, b), "{a:x?} minus {b:x?}");
        assert_eq!(A::half(a), Portable::half(a), "{a:x?} halved");
        for (c, d) in [(a, a), (b, b), (a, b)] {
            let expected = Portable::sub(&Portable::mul(a, b), &Portable::mul(c, d));
            assert_eq!(A::product_difference(a, b, c, d), expected, "{a:x?} {b:x?} {c:x?} {d:x?}");
        }
    }

    for_each_arithmetic! {
        fn the_inverse_of_a_value_times_it_is_one<A>() {
            for limbs in edge_limbs().step_by(7) {
                let x = Fe::<A>::from_montgomery(limbs);
                let expected = if x.is_zero_vartime() { Fe::ZERO } else { Fe::ONE };
                assert!(x.mul(&x.invert()) == expected, "{limbs:x?}");
                assert!(x.half().double() == x);
            }
        }

        fn edge_values_give_what_the_definition_gives<A>() {
            for (i, a) in edge_limbs().enumerate() {
                for b in edge_limbs().skip(i % 97).step_by(97) {
                    agrees::<A>(&a, &b);
                }
            }
        }

        fn random_values_give_what_the_definition_gives<A>() {
            // Each pair from the one before: repeatable, without a generator.
            let (mut a, mut b) = ([3, 1, 4, 1], [5, 9, 2, 6]);
            for _ in 0..250_000 {
                agrees::<A>(&a, &b);
                (a, b) = (Portable::mul(&a, &b), Portable::add(&a, &Portable::square(&b)));
            }
        }

        fn division_steps_are_those_of_the_definition<A>() {
            let (mut zeta, mut x) = (-1, [1, 2, 3, 4]);
            for limbs in edge_limbs().step_by(3) {
                let (f, g) = (x[0] >> 2 | 1, limbs[0] ^ x[1]);
                for (f, g) in [(f, g >> 2), (f, limbs[3] >> 2), (P[0] >> 2, limbs[0] >> 2)] {
                    let steps = Portable::divsteps(zeta, f, g);
                    assert_eq!(A::divsteps(zeta, f, g), steps, "{zeta} {f:x} {g:x}");
                    zeta = steps.zeta;
                }
                x = Portable::add(&Portable::square(&x), &limbs);
                zeta = if zeta.abs() > 300 { -1 } else { zeta };
            }
        }

        fn a_square_is_a_product<A>() {
            for a in edge_limbs().step_by(31).map(Fe::<A>::from_montgomery) {
                assert!(a.square() == a.mul(&a));
                for b in edge_limbs().step_by(101).map(Fe::<A>::from_montgomery) {
                    let binomial = a.square().add(&a.mul(&b).double()).add(&b.square());
                    assert!(a.add(&b).square() == binomial);
                    assert!(a.sub(&b).add(&b) == a);
                }
            }
        }

        fn only_the_row_at_the_index_is_found<A>() {
            let rows: [[u64; 20]; 9] =
                core::array::from_fn(|i| core::array::from_fn(|j| (i * 20 + j) as u64 + 1));
            let short = rows.map(|row| <[u64; 8]>::try_from(&row[..8]).expect("8 of 20"));
            for index in 0..12 {
                let expected = rows.get(index).copied().unwrap_or([0; 20]);
                assert_eq!(A::lookup(&rows, index as u64), expected);
                assert_eq!(A::lookup(&short, index as u64), expected[..8]);
            }
            let block: [[u64; 8]; 32] = core::array::from_fn(|i| [i as u64 + 1; 8]);
            for index in 0..40 {
                let expected = if index < 32 { [index + 1; 8] } else { [0; 8] };
                assert_eq!(A::lookup(&block, index), expected);
            }
        }
    }

    #[test]
    fn p_itself_is_not_an_element() {
        assert!(Fe::<Portable>::from_bytes(&limbs::to_bytes(&P)).is_none());
        assert!(Fe::<Portable>::from_bytes(&[0xff; 32]).is_none());
        let minus_one = limbs::to_bytes(&[P[0] - 1, P[1], P[2], P[3]]);
        assert_eq!(Fe::<Portable>::from_bytes(&minus_one).map(Fe::to_bytes), Some(minus_one));
    }
}
