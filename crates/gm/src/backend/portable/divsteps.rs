//! Inversion modulo p and n in constant time: the division steps of Bernstein and Yang (ePrint 2019/266) in the variant
//! that starts at δ = 1/2, for which 590 steps are enough for every odd modulus below 2²⁵⁶.
//!
//! 59 steps need only the lowest 62 bits of f and g and make a matrix; ten matrices are applied to the whole numbers.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    reason = "limbs change sign and width on purpose"
)]

use super::{arithmetic::Arithmetic, limbs::Limbs};

/// Signed, 62 bits a limb, least significant first; the top limb carries the sign.
type Signed = [i64; 5];

const MASK: i64 = (1 << 62) - 1;
/// 59 steps each.
const ROUNDS: usize = 10;

/// The outcome of 59 steps: (f, g) becomes (u·f + v·g, q·f + r·g) / 2⁶².
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Steps {
    /// −(δ + 1/2).
    pub(crate) zeta: i64,
    /// u, v, q, r, each scaled by 8, because 59 steps are not 62.
    pub(crate) matrix: [i64; 4],
}

/// An odd modulus between 2²⁵⁵ and 2²⁵⁶.
pub(super) struct Modulus {
    limbs: Signed,
    /// Its inverse modulo 2⁶².
    inverse: i64,
}

impl Modulus {
    pub(super) const fn new(modulus: &Limbs) -> Self {
        // Newton: each round doubles the bits that are right, three at first.
        let mut inverse = modulus[0];
        let mut round = 0;
        while round < 5 {
            inverse = inverse.wrapping_mul(2_u64.wrapping_sub(modulus[0].wrapping_mul(inverse)));
            round += 1;
        }
        Self { limbs: signed(modulus), inverse: inverse as i64 & MASK }
    }

    /// x⁻¹, and zero for zero; x below the modulus.
    pub(super) fn invert<A: Arithmetic>(&self, x: &Limbs) -> Limbs {
        let (mut f, mut g) = (self.limbs, signed(x));
        let (mut d, mut e) = ([0; 5], [1, 0, 0, 0, 0]);
        let mut zeta = -1;
        for _ in 0..ROUNDS {
            let steps = A::divsteps(zeta, f[0] as u64, g[0] as u64);
            zeta = steps.zeta;
            (d, e) = self.apply_modulo(&steps.matrix, &d, &e);
            (f, g) = apply(&steps.matrix, &f, &g);
        }
        // f is now 1 or −1 (or the modulus, for zero), and d is f/x.
        self.normal(&d, f[4] >> 63)
    }

    /// The matrix applied to d, e and divided by 2⁶² modulo the modulus; all between −2 and 1 times the modulus.
    #[inline(always)]
    fn apply_modulo(&self, &[u, v, q, r]: &[i64; 4], d: &Signed, e: &Signed) -> (Signed, Signed) {
        let (d_negative, e_negative) = (d[4] >> 63, e[4] >> 63);
        // The multiple of the modulus that makes the sums positive enough, then that makes their low 62 bits zero.
        let factor = |a: i64, b: i64| {
            let multiple = (a & d_negative).wrapping_add(b & e_negative);
            let low = a.wrapping_mul(d[0]).wrapping_add(b.wrapping_mul(e[0]));
            multiple.wrapping_sub(self.inverse.wrapping_mul(low).wrapping_add(multiple) & MASK)
        };
        let (of_d, of_e) = (factor(u, v), factor(q, r));
        let row = |a: i64, b: i64, m: i64| {
            let sum = |i: usize| wide(a, d[i]) + wide(b, e[i]) + wide(m, self.limbs[i]);
            shifted(sum)
        };
        (row(u, v, of_d), row(q, r, of_e))
    }

    /// `r` times −1 where `negative` is ones, brought into [0, modulus).
    fn normal(&self, r: &Signed, negative: i64) -> Limbs {
        let mut r = self.add_if(r, r[4] >> 63);
        r.iter_mut().for_each(|limb| *limb = (*limb ^ negative).wrapping_sub(negative));
        let r = carried(&r);
        let [a, b, c, d, e] = self.add_if(&r, r[4] >> 63).map(|limb| limb as u64);
        [a | b << 62, b >> 2 | c << 60, c >> 4 | d << 58, d >> 6 | e << 56]
    }

    fn add_if(&self, r: &Signed, mask: i64) -> Signed {
        carried(&core::array::from_fn(|i| r[i].wrapping_add(self.limbs[i] & mask)))
    }
}

/// The matrix applied to f, g and divided by 2⁶², which is exact.
#[inline(always)]
fn apply(&[u, v, q, r]: &[i64; 4], f: &Signed, g: &Signed) -> (Signed, Signed) {
    (shifted(|i| wide(u, f[i]) + wide(v, g[i])), shifted(|i| wide(q, f[i]) + wide(r, g[i])))
}

/// Five sums as one number, less its lowest limb, which is zero.
#[inline(always)]
fn shifted(sum: impl Fn(usize) -> i128) -> Signed {
    let mut carry = sum(0) >> 62;
    let mut out = [0; 5];
    for i in 1..5 {
        carry += sum(i);
        out[i - 1] = carry as i64 & MASK;
        carry >>= 62;
    }
    out[4] = carry as i64;
    out
}

fn carried(r: &Signed) -> Signed {
    let mut out = *r;
    for i in 0..4 {
        out[i + 1] = out[i + 1].wrapping_add(out[i] >> 62);
        out[i] &= MASK;
    }
    out
}

#[inline(always)]
fn wide(a: i64, b: i64) -> i128 {
    i128::from(a) * i128::from(b)
}

const fn signed(x: &Limbs) -> Signed {
    [
        x[0] as i64 & MASK,
        (x[0] >> 62 | x[1] << 2) as i64 & MASK,
        (x[1] >> 60 | x[2] << 4) as i64 & MASK,
        (x[2] >> 58 | x[3] << 6) as i64 & MASK,
        (x[3] >> 56) as i64,
    ]
}

/// 59 steps, by masks.
pub(super) fn steps(mut zeta: i64, mut f: u64, mut g: u64) -> Steps {
    let (mut u, mut v, mut q, mut r) = (8_u64, 0_u64, 0_u64, 8_u64);
    for _ in 0..59 {
        let odd = core::hint::black_box((g & 1).wrapping_neg());
        let negative = (zeta >> 63) as u64;
        let signed = |x: u64| (x ^ negative).wrapping_sub(negative) & odd;
        g = g.wrapping_add(signed(f));
        q = q.wrapping_add(signed(u));
        r = r.wrapping_add(signed(v));
        let swap = negative & odd;
        zeta = (zeta ^ swap as i64).wrapping_sub(1);
        f = f.wrapping_add(g & swap);
        u = u.wrapping_add(q & swap) << 1;
        v = v.wrapping_add(r & swap) << 1;
        g >>= 1;
    }
    Steps { zeta, matrix: [u, v, q, r].map(|x| x as i64) }
}
