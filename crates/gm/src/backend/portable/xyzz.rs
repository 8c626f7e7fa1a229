//! Points as (X, Y, ZZ, ZZZ) with x = X/ZZ, y = Y/ZZZ, ZZ³ = ZZZ² (Explicit-Formulas Database, "xyzz"): adding an
//! affine point costs ten products, the fewest known. A doubling costs more than in [`super::jacobian`], so these serve
//! where additions are many and doublings few.

use core::hint::black_box;

use zeroize::Zeroize;

use super::{
    arithmetic::{Arithmetic, Portable},
    field::Fe,
    point::AffinePoint,
    tables::Row,
};
use crate::backend::reveal;

/// An affine point, computed with by `A`.
#[derive(Clone, Copy, Zeroize)]
pub(crate) struct Affine<A: Arithmetic> {
    pub(crate) x: Fe<A>,
    pub(crate) y: Fe<A>,
}

impl<A: Arithmetic> Affine<A> {
    #[inline(always)]
    pub(crate) fn new(p: &AffinePoint) -> Self {
        Self { x: p.x.to(), y: p.y.to() }
    }

    #[inline(always)]
    pub(crate) fn from_row(&[x0, x1, x2, x3, y0, y1, y2, y3]: &Row) -> Self {
        Self { x: Fe::from_montgomery([x0, x1, x2, x3]), y: Fe::from_montgomery([y0, y1, y2, y3]) }
    }

    pub(crate) fn to_row(self) -> Row {
        let ([x0, x1, x2, x3], [y0, y1, y2, y3]) = (self.x.montgomery(), self.y.montgomery());
        [*x0, *x1, *x2, *x3, *y0, *y1, *y2, *y3]
    }

    /// The negative where `mask` is ones.
    #[inline(always)]
    pub(crate) fn negate_if(&self, mask: u64) -> Self {
        Self { x: self.x, y: self.y.select(&self.y.neg(), mask) }
    }
}

/// Invariant: on the curve; ZZ = 0 is the point at infinity.
#[derive(Clone, Copy, Zeroize)]
pub(crate) struct Xyzz<A: Arithmetic> {
    pub(crate) x: Fe<A>,
    pub(crate) y: Fe<A>,
    pub(crate) zz: Fe<A>,
    pub(crate) zzz: Fe<A>,
}

impl<A: Arithmetic> Xyzz<A> {
    pub(crate) const INFINITY: Self = Self { x: Fe::ONE, y: Fe::ONE, zz: Fe::ZERO, zzz: Fe::ZERO };

    #[inline(always)]
    pub(crate) fn from_affine(p: &Affine<A>) -> Self {
        Self { x: p.x, y: p.y, zz: Fe::ONE, zzz: Fe::ONE }
    }

    pub(crate) fn is_infinity(&self) -> bool {
        self.zz.is_zero_vartime()
    }

    /// Adds a different point, neither infinity; gives infinity for a point and its negative. Branch-free.
    #[inline(always)]
    pub(crate) fn add_distinct(&mut self, q: &Affine<A>) {
        let (h, r) = self.differences(q);
        let (u1, s1) = (self.x, self.y);
        self.finish_add(&u1, &s1, &h, &r);
    }

    /// As [`Xyzz::add_distinct`], and doubles where the points are the same. Branch-free.
    pub(crate) fn add_finite(&mut self, q: &Affine<A>) {
        let (h, r) = self.differences(q);
        // Hidden from the optimiser, which else branches on it: valgrind said so.
        let same = black_box(h.zero_mask() & r.zero_mask());
        self.add_distinct(q);
        let mut double = Self::from_affine(q);
        double.double();
        self.x = self.x.select(&double.x, same);
        self.y = self.y.select(&double.y, same);
        self.zz = self.zz.select(&double.zz, same);
        self.zzz = self.zzz.select(&double.zzz, same);
    }

    /// Any sum; branches, so for public points only.
    #[inline(always)]
    pub(crate) fn add_vartime(&mut self, q: &Affine<A>) {
        if self.is_infinity() {
            *self = Self::from_affine(q);
            return;
        }
        let (h, r) = self.differences(q);
        if h.is_zero_vartime() {
            self.meet(&r);
            return;
        }
        let (u1, s1) = (self.x, self.y);
        self.finish_add(&u1, &s1, &h, &r);
    }

    /// Any sum; branches, so for public points only.
    pub(crate) fn add_xyzz_vartime(&mut self, q: &Self) {
        if self.is_infinity() {
            *self = *q;
            return;
        }
        if q.is_infinity() {
            return;
        }
        let (u1, s1) = (self.x.mul(&q.zz), self.y.mul(&q.zzz));
        let h = q.x.mul(&self.zz).sub(&u1);
        let r = q.y.mul(&self.zzz).sub(&s1);
        if h.is_zero_vartime() {
            self.meet(&r);
            return;
        }
        self.finish_add(&u1, &s1, &h, &r);
        self.zz = self.zz.mul(&q.zz);
        self.zzz = self.zzz.mul(&q.zzz);
    }

    /// The sum with a point of the same x, `r` the difference of the y.
    #[cold]
    fn meet(&mut self, r: &Fe<A>) {
        if r.is_zero_vartime() { self.double() } else { *self = Self::INFINITY }
    }

    #[inline(always)]
    fn differences(&self, q: &Affine<A>) -> (Fe<A>, Fe<A>) {
        (q.x.mul(&self.zz).sub(&self.x), q.y.mul(&self.zzz).sub(&self.y))
    }

    /// (u1, s1) is this point and (u1 + h, s1 + r) the other, over common denominators.
    #[inline(always)]
    fn finish_add(&mut self, u1: &Fe<A>, s1: &Fe<A>, h: &Fe<A>, r: &Fe<A>) {
        // As in doubling: no step waits for the one before.
        let hh = h.square();
        let rr = r.square();
        let hhh = h.mul(&hh);
        let v = u1.mul(&hh);
        self.zz = self.zz.mul(&hh);
        self.x = rr.sub(&hhh).sub(&v.double());
        self.zzz = self.zzz.mul(&hhh);
        self.y = r.product_difference(&v.sub(&self.x), s1, &hhh);
    }

    /// Branch-free; infinity stays infinity, and no finite point has order 2.
    pub(crate) fn double(&mut self) {
        let u = self.y.double();
        let (minus, plus) = (self.x.sub(&self.zz), self.x.add(&self.zz));
        let v = u.square();
        let m = minus.mul(&plus);
        let w = u.mul(&v);
        let s = self.x.mul(&v);
        let m = m.triple();
        let mm = m.square();
        self.x = mm.sub(&s.double());
        self.zz = v.mul(&self.zz);
        self.zzz = w.mul(&self.zzz);
        self.y = m.product_difference(&s.sub(&self.x), &w, &self.y);
    }

    /// `None` for the point at infinity: the only thing this reveals.
    pub(crate) fn to_affine(self) -> Option<AffinePoint> {
        let inverse = self.zzz.invert();
        (reveal(inverse.zero_mask()) == 0).then(|| self.affine_by(&inverse))
    }

    /// Given 1/ZZZ.
    pub(crate) fn affine_by(&self, inverse: &Fe<A>) -> AffinePoint {
        let z = self.zz.mul(inverse);
        let x: Fe<Portable> = self.x.mul(&z.square()).to();
        AffinePoint { x, y: self.y.mul(inverse).to() }
    }
}
