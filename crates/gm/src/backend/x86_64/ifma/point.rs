//! Points in `G` groups of eight lanes, and formulas that do not look for their exceptions: as (X, Y, Z) with x = X/Z²,
//! y = Y/Z³ where doublings are many, as (X, Y, ZZ, ZZZ) with x = X/ZZ, y = Y/ZZZ where they are few.
//!
//! Exceptions show: the sum of two points with the same x, like every operation on a point with Z = 0, has Z = 0. So a
//! result with Z ≠ 0 is right, and one with Z = 0 is to be computed in another way.
//!
//! In brackets: below how many times p a value is, or between which.

use zeroize::Zeroize;

use super::{
    field::{Factor, Mask, Sum},
    lanes::align_frame,
};

/// Invariant: X and Y are below p + 2²³⁰ (1), Z below 2.2·p.
#[derive(Clone, Copy)]
pub(super) struct Jacobian<const G: usize> {
    pub(super) x: Factor<G>,
    pub(super) y: Factor<G>,
    pub(super) z: Factor<G>,
}

/// Invariant: X and Y are below p + 2²³⁰ (1), ZZ and ZZZ below 1.4·p.
#[derive(Clone, Copy, Zeroize)]
pub(super) struct Xyzz<const G: usize> {
    pub(super) x: Factor<G>,
    pub(super) y: Factor<G>,
    pub(super) zz: Factor<G>,
    pub(super) zzz: Factor<G>,
}

/// A point to add, with Z = 1. Invariant: below 2²⁶⁰ (16).
#[derive(Clone, Copy, Zeroize)]
pub(super) struct Affine<const G: usize> {
    pub(super) x: Factor<G>,
    pub(super) y: Factor<G>,
}

/// A point to add. Invariant: X, Y (1), Z (2.2), Z² and Z³ (1.4).
#[derive(Clone, Copy)]
pub(super) struct Cached<const G: usize> {
    pub(super) z: Factor<G>,
    pub(super) scaled: Xyzz<G>,
}

impl<const G: usize> Jacobian<G> {
    /// Doubles: for a = −3 (dbl-2001-b of the Explicit-Formulas Database, but Z3 = 2·Y·Z). No point has order two.
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn double(&mut self) {
        align_frame::<G>();
        let delta = self.z.square(); // (1.4)
        let gamma = self.y.square().factor(); // (1.1)
        let z = self.y.mul(&self.z).shifted::<1>().factor(); // (2.2)
        let beta4 = self.x.mul(&gamma).shifted::<2>(); // (4.4)
        let alpha = slope(&self.x, &delta); // (4.5)
        let x = alpha.square().sub(&beta4.shifted::<1>()).plus_p::<9>().reduced(); // α² (2.3)
        let rest = beta4.sub(&x.sum()).plus_p::<2>().factor(); // (6.4)
        let y = alpha.mul_sub_square8(&rest, &gamma).plus_p::<1>().reduced(); // (-0.7, 2.8)
        *self = Self { x, y, z };
    }

    /// Adds `other`, or takes it away in the lanes of `negative` (add-1998-cmo-2).
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn add(&mut self, other: &Cached<G>, negative: &Mask<G>) {
        align_frame::<G>();
        let q = &other.scaled;
        let zz = self.z.square().factor(); // (1.4)
        let z = self.z.mul(&other.z).factor(); // (1.4)
        let zzz = self.z.mul(&zz).factor(); // (1.2)
        let u1 = self.x.mul(&q.zz).factor(); // (1.1)
        let u2 = q.x.mul(&zz); // (1.1)
        let s1 = self.y.mul(&q.zzz).factor(); // (1.1)
        let s2 = q.y.mul(&zzz); // (1.1)
        let Chord { x, y, h, .. } = Chord::new(&u1, &s1, &u2, &s2, negative);
        *self = Self { x, y, z: z.mul(&h).factor() }; // (1.4)
    }

    /// The same point with the other denominators.
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn xyzz(&self) -> Xyzz<G> {
        let zz = self.z.square().factor();
        Xyzz { x: self.x, y: self.y, zz, zzz: self.z.mul(&zz).factor() }
    }

    /// The same point, ready to be added.
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn cached(&self) -> Cached<G> {
        Cached { z: self.z, scaled: self.xyzz() }
    }
}

impl<const G: usize> Xyzz<G> {
    /// `point`, or its negative in the lanes of `negative`.
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn from_affine(point: &Affine<G>, negative: &Mask<G>) -> Self {
        let y = point.y.sum().reduced().sum().negated_where(negative);
        let one = Factor::one();
        Self { x: point.x.sum().reduced(), y: y.plus_p::<2>().reduced(), zz: one, zzz: one }
    }

    /// dbl-2008-s-1. No point has order two.
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn double(&mut self) {
        align_frame::<G>();
        let u = self.y.sum().shifted::<1>().factor(); // (2)
        let v = u.square().factor(); // (1.3)
        let w = u.mul(&v).factor(); // (1.2)
        let s = self.x.mul(&v); // (1.1)
        let m = slope(&self.x, &self.zz.sum()); // (4.5)
        let x = m.square().sub(&s.shifted::<1>()).plus_p::<3>().reduced(); // m² (2.3)
        let rest = s.sub(&x.sum()).plus_p::<2>().factor(); // (3.1)
        let y = m.mul_sub(&rest, &w, &self.y).plus_p::<1>().reduced(); // (-0.1, 1.9)
        *self = Self { x, y, zz: v.mul(&self.zz).factor(), zzz: w.mul(&self.zzz).factor() };
    }

    /// Adds `other`, or takes it away in the lanes of `negative` (madd-2008-s).
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn add_affine(&mut self, other: &Affine<G>, negative: &Mask<G>) {
        align_frame::<G>();
        let u2 = other.x.mul(&self.zz); // (2.4)
        let s2 = other.y.mul(&self.zzz); // (2.4)
        let Chord { x, y, hh, hhh, .. } = Chord::new(&self.x, &self.y, &u2, &s2, negative);
        // (1.3)
        *self = Self { x, y, zz: self.zz.mul(&hh).factor(), zzz: self.zzz.mul(&hhh).factor() };
    }

    /// Adds `other`, or takes it away in the lanes of `negative` (add-2008-s).
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn add(&mut self, other: &Self, negative: &Mask<G>) {
        let u1 = self.x.mul(&other.zz).factor(); // (1.1)
        let u2 = other.x.mul(&self.zz); // (1.1)
        let s1 = self.y.mul(&other.zzz).factor(); // (1.1)
        let s2 = other.y.mul(&self.zzz); // (1.1)
        let Chord { x, y, hh, hhh, .. } = Chord::new(&u1, &s1, &u2, &s2, negative);
        let zz = self.zz.mul(&other.zz).factor().mul(&hh).factor(); // (1.2)
        let zzz = self.zzz.mul(&other.zzz).factor().mul(&hhh).factor(); // (1.2)
        *self = Self { x, y, zz, zzz };
    }
}

/// 3·(x − z)·(x + z) for x (1), z (1.4): the numerator of the tangent's slope. (4.5)
#[inline(always)]
fn slope<const G: usize>(x: &Factor<G>, z: &Sum<G>) -> Factor<G> {
    let x = x.sum();
    let minus = x.sub(z).plus_p::<2>().factor(); // (3)
    let plus = x.add(z).factor(); // (2.4)
    let product = minus.mul(&plus); // (1.5)
    product.add(&product.shifted::<1>()).factor()
}

/// The sum of two points over a common denominator, which is to be multiplied by `h`.
struct Chord<const G: usize> {
    x: Factor<G>,
    y: Factor<G>,
    /// (4.4), its square (2.3), its cube (1.7).
    h: Factor<G>,
    hh: Factor<G>,
    hhh: Factor<G>,
}

impl<const G: usize> Chord<G> {
    /// (u1, s1) + (u2, ±s2), minus in the lanes of `negative`. u1, s1 (1.1), u2, s2 (2.4).
    #[inline(always)]
    fn new(u1: &Factor<G>, s1: &Factor<G>, u2: &Sum<G>, s2: &Sum<G>, negative: &Mask<G>) -> Self {
        let h = u2.sub(&u1.sum()).plus_p::<2>().factor(); // (0.9, 4.4)
        let r = s2.negated_where(negative).sub(&s1.sum()).plus_p::<4>().factor(); // (0.5, 6.4)
        let hh = h.square().factor(); // (2.3)
        let hhh = h.mul(&hh); // (1.7)
        let v = u1.mul(&hh); // (1.2)
        let x = r.square().sub(&hhh).sub(&v.shifted::<1>()).plus_p::<5>().reduced(); // r² (3.6)
        let hhh = hhh.factor();
        let rest = v.sub(&x.sum()).plus_p::<2>().factor(); // (3.2)
        let y = r.mul_sub(&rest, s1, &hhh).plus_p::<1>().reduced(); // (-0.2, 2.3)
        Self { x, y, h, hh, hhh }
    }
}
