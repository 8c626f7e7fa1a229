//! What a faster backend may replace under the pairing: the field modulo p and products in F_p².

use crate::backend::portable::{
    arithmetic::{Arithmetic, Portable},
    limbs::{self, Limbs},
};

pub(crate) const P: Limbs =
    [0xe56f_9b27_e351_457d, 0x21f2_934b_1a7a_eedb, 0xd603_ab4f_f58e_c745, 0xb640_0000_02a3_a6f1];

/// −p⁻¹ mod 2⁶⁴.
pub(crate) const P0: u64 = 0x892b_c42c_2f2e_e42b;

/// a + b·u in F_p², u² = −2.
pub(crate) type Pair = [Limbs; 2];

/// Numbers are limbs of x·2²⁵⁶ mod p, below p; so are the results. Nothing branches on or addresses by a value.
pub(crate) trait PairingArithmetic: Arithmetic {
    fn product(a: &Limbs, b: &Limbs) -> Limbs;
    fn squared(a: &Limbs) -> Limbs {
        Self::product(a, a)
    }
    /// a·b + c·d, with one reduction.
    fn product_sum(a: &Limbs, b: &Limbs, c: &Limbs, d: &Limbs) -> Limbs;
    fn sum(a: &Limbs, b: &Limbs) -> Limbs;
    fn difference(a: &Limbs, b: &Limbs) -> Limbs;

    /// In F_p².
    fn pair_product(a: &Pair, b: &Pair) -> Pair {
        // (a0 + a1·u)(b0 + b1·u) = a0·b0 − 2·a1·b1 + (a0·b1 + a1·b0)·u
        let minus_2b1 = Self::difference(&[0; 4], &Self::sum(&b[1], &b[1]));
        [
            Self::product_sum(&a[0], &b[0], &a[1], &minus_2b1),
            Self::product_sum(&a[0], &b[1], &a[1], &b[0]),
        ]
    }

    /// In F_p².
    fn pair_squared(a: &Pair) -> Pair {
        // (a0 + a1)(a0 − 2·a1) + a0·a1 = a0² − 2·a1²
        let [a0, a1] = a;
        let product = Self::product(a0, a1);
        let left = Self::sum(a0, a1);
        let right = Self::difference(&Self::difference(a0, a1), a1);
        [Self::sum(&Self::product(&left, &right), &product), Self::sum(&product, &product)]
    }
}

impl PairingArithmetic for Portable {
    #[inline]
    fn product(a: &Limbs, b: &Limbs) -> Limbs {
        montgomery([a], [b], &P, P0)
    }

    #[inline]
    fn product_sum(a: &Limbs, b: &Limbs, c: &Limbs, d: &Limbs) -> Limbs {
        montgomery([a, c], [b, d], &P, P0)
    }

    #[inline]
    fn sum(a: &Limbs, b: &Limbs) -> Limbs {
        limbs::add_mod(a, b, &P)
    }

    #[inline]
    fn difference(a: &Limbs, b: &Limbs) -> Limbs {
        limbs::sub_mod(a, b, &P)
    }
}

/// (Σ a·b)/2²⁵⁶ mod m, for up to two products of numbers below m, 2²⁵⁵ < m < 3·2²⁵⁴; `m0` is −m⁻¹ mod 2⁶⁴.
#[inline]
pub(super) fn montgomery<const K: usize>(
    a: [&Limbs; K],
    b: [&Limbs; K],
    m: &Limbs,
    m0: u64,
) -> Limbs {
    let mut t = [0; 6];
    for i in 0..4 {
        for (a, b) in a.iter().zip(&b) {
            add_row(&mut t, a[i], b);
        }
        let factor = t[0].wrapping_mul(m0);
        add_row(&mut t, factor, m);
        t = [t[1], t[2], t[3], t[4], t[5], 0];
    }
    // Below m·(1 + K·m/2²⁵⁶), that is (K + 1)·m.
    let [t0, t1, t2, t3, mut top, _] = t;
    let mut out = [t0, t1, t2, t3];
    for _ in 0..K {
        let (less, borrow) = limbs::sub(&out, m);
        let (less_top, below) = top.borrowing_sub(0, borrow);
        let mask = limbs::mask(below);
        out = limbs::select(&less, &out, mask);
        top = less_top ^ (mask & (less_top ^ top));
    }
    out
}

#[inline(always)]
fn add_row(t: &mut [u64; 6], factor: u64, row: &Limbs) {
    let mut carry = 0;
    for (t, &limb) in t.iter_mut().zip(row) {
        (*t, carry) = factor.carrying_mul_add(limb, carry, *t);
    }
    let (t4, carry) = t[4].carrying_add(carry, false);
    t[4] = t4;
    t[5] += u64::from(carry);
}
