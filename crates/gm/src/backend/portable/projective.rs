//! Points as (X : Y : Z) with x = X/Z, y = Y/Z, and the complete formulas of Renes, Costello and Batina
//! (ePrint 2015/1060, algorithms 4 and 6, a = −3): no exceptional case. Tests measure the faster formulas against them.

use super::{
    field::Fe,
    point::{AffinePoint, B},
};

/// Invariant: on the curve; (0 : 1 : 0) is the point at infinity.
#[derive(Clone, Copy)]
pub(crate) struct Projective {
    pub(crate) x: Fe,
    pub(crate) y: Fe,
    pub(crate) z: Fe,
}

impl Projective {
    pub(crate) const INFINITY: Self = Self { x: Fe::ZERO, y: Fe::ONE, z: Fe::ZERO };

    pub(crate) fn from_affine(p: &AffinePoint) -> Self {
        Self { x: p.x, y: p.y, z: Fe::ONE }
    }

    /// Algorithm 4.
    pub(crate) fn add(&self, other: &Self) -> Self {
        let xx = self.x.mul(&other.x);
        let yy = self.y.mul(&other.y);
        let zz = self.z.mul(&other.z);
        let xy = self.x.add(&self.y).mul(&other.x.add(&other.y)).sub(&xx.add(&yy));
        let yz = self.y.add(&self.z).mul(&other.y.add(&other.z)).sub(&yy.add(&zz));
        let xz = self.x.add(&self.z).mul(&other.x.add(&other.z)).sub(&xx.add(&zz));
        combine(&xx, &yy, &zz, &xy, &yz, &xz)
    }

    /// Algorithm 6.
    pub(crate) fn double(&self) -> Self {
        let xx = self.x.square();
        let yy = self.y.square();
        let zz = self.z.square();
        let xy2 = self.x.mul(&self.y).double();
        let xz2 = self.x.mul(&self.z).double();
        let yz2 = self.y.mul(&self.z).double();
        let bzz3 = B.mul(&zz).sub(&xz2).triple();
        let minus = yy.sub(&bzz3);
        let plus = yy.add(&bzz3);
        let zz3 = zz.triple();
        let bxz6 = B.mul(&xz2).sub(&zz3.add(&xx)).triple();
        let xx3 = xx.triple().sub(&zz3);
        Self {
            x: minus.mul(&xy2).sub(&bxz6.mul(&yz2)),
            y: plus.mul(&minus).add(&xx3.mul(&bxz6)),
            z: yz2.mul(&yy).double().double(),
        }
    }

    /// `None` for the point at infinity: the only thing this reveals.
    pub(crate) fn to_affine(self) -> Option<AffinePoint> {
        let inverse = self.z.invert();
        if inverse.is_zero_vartime() {
            return None;
        }
        Some(AffinePoint { x: self.x.mul(&inverse), y: self.y.mul(&inverse) })
    }
}

/// The end of algorithm 4, given the products of the coordinates and their mixed sums.
#[inline(always)]
fn combine(xx: &Fe, yy: &Fe, zz: &Fe, xy: &Fe, yz: &Fe, xz: &Fe) -> Projective {
    let bzz3 = xz.sub(&B.mul(zz)).triple();
    let minus = yy.sub(&bzz3);
    let plus = yy.add(&bzz3);
    let zz3 = zz.triple();
    let bxz3 = B.mul(xz).sub(&zz3.add(xx)).triple();
    let xx3 = xx.triple().sub(&zz3);
    Projective {
        x: plus.mul(xy).sub(&yz.mul(&bxz3)),
        y: plus.mul(&minus).add(&xx3.mul(&bxz3)),
        z: minus.mul(yz).add(&xy.mul(&xx3)),
    }
}
