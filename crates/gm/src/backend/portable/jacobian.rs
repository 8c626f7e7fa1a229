//! Points as (X, Y, Z) with x = X/Z², y = Y/Z³: the cheapest doubling.

use zeroize::Zeroize;

use super::{
    arithmetic::Arithmetic,
    field::Fe,
    xyzz::{Affine, Xyzz},
};

/// Invariant: on the curve; Z = 0 is the point at infinity.
#[derive(Clone, Copy, Zeroize)]
pub(super) struct Jacobian<A: Arithmetic> {
    pub(super) x: Fe<A>,
    pub(super) y: Fe<A>,
    pub(super) z: Fe<A>,
}

impl<A: Arithmetic> Jacobian<A> {
    pub(super) const INFINITY: Self = Self { x: Fe::ONE, y: Fe::ONE, z: Fe::ZERO };

    pub(super) fn from_affine(p: &Affine<A>) -> Self {
        Self { x: p.x, y: p.y, z: Fe::ONE }
    }

    pub(super) fn is_infinity(&self) -> bool {
        self.z.is_zero_vartime()
    }

    /// Doubles `times` times, each with four products and four squares, for a = −3. Branch-free; infinity stays
    /// infinity, and no finite point has order 2.
    ///
    /// No step waits for the one before it, as far as the formulas allow: a processor looks only two products ahead.
    /// In place, as are the sums: a point that is returned is copied in other widths than it was written, and waits.
    /// Not inlined: where additions alternate with doublings, one copy of each stays in the cache.
    #[inline(never)]
    pub(super) fn double_times(&mut self, times: u32) {
        let mut zz = self.z.square();
        for _ in 0..times {
            let u = self.y.double();
            let (minus, plus) = (self.x.sub(&zz), self.x.add(&zz));
            let v = u.square();
            let m = minus.mul(&plus);
            self.z = u.mul(&self.z);
            let s = self.x.mul(&v);
            let m = m.triple();
            let mm = m.square();
            let half = v.half();
            zz = self.z.square();
            self.x = mm.sub(&s.double());
            self.y = m.product_difference(&s.sub(&self.x), &v, &half);
        }
    }

    /// The sum of two different points, neither infinity; for a point and its negative, infinity. Branch-free.
    #[inline(never)]
    pub(super) fn add_distinct(&mut self, q: &Multiple<A>) {
        let (u1, s1, h, r) = self.differences(q);
        self.finish_add(q, &u1, &s1, &h, &r);
    }

    /// Any sum; branches, so for public points only. `q` is not infinity.
    #[inline(never)]
    pub(super) fn add_vartime(&mut self, q: &Multiple<A>) {
        if self.is_infinity() {
            *self = q.point;
            return;
        }
        let (u1, s1, h, r) = self.differences(q);
        if h.is_zero_vartime() {
            if r.is_zero_vartime() {
                self.double_times(1)
            } else {
                *self = Self::INFINITY
            }
            return;
        }
        self.finish_add(q, &u1, &s1, &h, &r);
    }

    #[inline(always)]
    fn differences(&self, q: &Multiple<A>) -> (Fe<A>, Fe<A>, Fe<A>, Fe<A>) {
        let zz = self.z.square();
        let u1 = self.x.mul(&q.zz);
        let zzz = self.z.mul(&zz);
        let h = q.point.x.mul(&zz).sub(&u1);
        let s1 = self.y.mul(&q.zzz);
        let r = q.point.y.mul(&zzz).sub(&s1);
        (u1, s1, h, r)
    }

    #[inline(always)]
    fn finish_add(&mut self, q: &Multiple<A>, u1: &Fe<A>, s1: &Fe<A>, h: &Fe<A>, r: &Fe<A>) {
        let hh = h.square();
        let rr = r.square();
        let hhh = h.mul(&hh);
        let v = u1.mul(&hh);
        let z = self.z.mul(&q.point.z);
        self.x = rr.sub(&hhh).sub(&v.double());
        self.z = z.mul(h);
        self.y = r.product_difference(&v.sub(&self.x), s1, &hhh);
    }

    pub(super) fn to_xyzz(self) -> Xyzz<A> {
        let zz = self.z.square();
        Xyzz { x: self.x, y: self.y, zz, zzz: zz.mul(&self.z) }
    }
}

/// A point that is added often: with the powers of Z that an addition needs.
#[derive(Clone, Copy, Zeroize)]
pub(super) struct Multiple<A: Arithmetic> {
    pub(super) point: Jacobian<A>,
    pub(super) zz: Fe<A>,
    pub(super) zzz: Fe<A>,
}

/// [`Multiple`] as words, to be read by `Arithmetic::lookup`.
pub(super) type MultipleRow = [u64; 20];

impl<A: Arithmetic> Multiple<A> {
    fn new(point: Jacobian<A>) -> Self {
        let Xyzz { zz, zzz, .. } = point.to_xyzz();
        Self { point, zz, zzz }
    }

    /// P, 3P, 5P, … 15P.
    pub(super) fn odd(p: &Affine<A>) -> [Self; 8] {
        let first = Jacobian::from_affine(p);
        let mut twice = first;
        twice.double_times(1);
        let twice = Self::new(twice);
        let mut odd = [Self { point: first, zz: Fe::ONE, zzz: Fe::ONE }; 8];
        for j in 1..8 {
            // (2j − 1)·P is not ±2P: the order of P is a large prime.
            let mut next = odd[j - 1].point;
            next.add_distinct(&twice);
            odd[j] = Self::new(next);
        }
        odd
    }

    /// The negative where `mask` is ones.
    #[inline(always)]
    pub(super) fn negate_if(mut self, mask: u64) -> Self {
        self.point.y = self.point.y.select(&self.point.y.neg(), mask);
        self
    }

    pub(super) fn xyzz(&self) -> Xyzz<A> {
        Xyzz { x: self.point.x, y: self.point.y, zz: self.zz, zzz: self.zzz }
    }

    pub(super) fn to_row(self) -> MultipleRow {
        let Self { point: Jacobian { x, y, z }, zz, zzz } = self;
        let mut row = [0; 20];
        for (words, fe) in row.chunks_exact_mut(4).zip([x, y, z, zz, zzz]) {
            words.copy_from_slice(fe.montgomery());
        }
        row
    }

    #[inline(always)]
    pub(super) fn from_row(row: &MultipleRow) -> Self {
        let fe = |i: usize| Fe::from_montgomery([row[i], row[i + 1], row[i + 2], row[i + 3]]);
        Self { point: Jacobian { x: fe(0), y: fe(4), z: fe(8) }, zz: fe(12), zzz: fe(16) }
    }
}
