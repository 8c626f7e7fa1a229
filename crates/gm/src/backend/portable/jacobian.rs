//! Points as (X, Y, Z) with x = X/Z², y = Y/Z³: the cheapest formulas, with exceptions that are branched on.
//! For public values only, but for [`double`].

use super::{field::Fe, point::AffinePoint};

/// Invariant: on the curve; Z = 0 is the point at infinity.
#[derive(Clone, Copy)]
pub(super) struct Jacobian {
    pub(super) x: Fe,
    pub(super) y: Fe,
    pub(super) z: Fe,
}

impl Jacobian {
    pub(super) const INFINITY: Self = Self { x: Fe::ONE, y: Fe::ONE, z: Fe::ZERO };

    pub(super) fn from_affine(p: &AffinePoint) -> Self {
        Self { x: p.x, y: p.y, z: Fe::ONE }
    }

    pub(super) fn is_infinity(&self) -> bool {
        self.z.is_zero_vartime()
    }

    pub(super) fn double(&self) -> Self {
        let (x, y, z) = double(&self.x, &self.y, &self.z);
        Self { x, y, z }
    }

    pub(super) fn add(&self, other: &Self) -> Self {
        if self.is_infinity() {
            return *other;
        }
        if other.is_infinity() {
            return *self;
        }
        let z1z1 = self.z.square();
        let z2z2 = other.z.square();
        let u1 = self.x.mul(&z2z2);
        let s1 = self.y.mul(&other.z.mul(&z2z2));
        let h = other.x.mul(&z1z1).sub(&u1);
        let r = other.y.mul(&self.z.mul(&z1z1)).sub(&s1);
        self.finish_add(&u1, &s1, &h, &r, &self.z.mul(&other.z))
    }

    pub(super) fn add_affine(&self, other: &AffinePoint) -> Self {
        if self.is_infinity() {
            return Self::from_affine(other);
        }
        let z1z1 = self.z.square();
        let h = other.x.mul(&z1z1).sub(&self.x);
        let r = other.y.mul(&self.z.mul(&z1z1)).sub(&self.y);
        self.finish_add(&self.x, &self.y, &h, &r, &self.z)
    }

    /// (u1, s1) is this point and (u1 + h, s1 + r) the other, both scaled to the denominator `zz`.
    #[inline(always)]
    fn finish_add(&self, u1: &Fe, s1: &Fe, h: &Fe, r: &Fe, zz: &Fe) -> Self {
        if h.is_zero_vartime() {
            return if r.is_zero_vartime() { self.double() } else { Self::INFINITY };
        }
        let hh = h.square();
        let hhh = h.mul(&hh);
        let v = u1.mul(&hh);
        let x = r.square().sub(&hhh).sub(&v.double());
        Self { x, y: r.mul(&v.sub(&x)).sub(&s1.mul(&hhh)), z: zz.mul(h) }
    }
}

/// Doubling for a = −3 (dbl-2001-b of the Explicit-Formulas Database); branch-free, and Z = 0 stays Z = 0.
#[inline(always)]
pub(super) fn double(x: &Fe, y: &Fe, z: &Fe) -> (Fe, Fe, Fe) {
    let delta = z.square();
    let gamma = y.square();
    let beta4 = x.mul(&gamma).double().double();
    let alpha = x.sub(&delta).mul(&x.add(&delta)).triple();
    let x3 = alpha.square().sub(&beta4.double());
    let z3 = y.add(z).square().sub(&gamma).sub(&delta);
    let gamma_squared8 = gamma.square().double().double().double();
    (x3, alpha.mul(&beta4.sub(&x3)).sub(&gamma_squared8), z3)
}
