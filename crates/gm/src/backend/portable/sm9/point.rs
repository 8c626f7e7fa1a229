//! Points of both curves: y² = x³ + b over F_p (b = 5) and over F_p² (b = 5u).
//!
//! The formulas are complete (Renes, Costello and Batina, ePrint 2015/1060, algorithms 7 to 9): they hold for every two points
//! of a group of odd order, and both curves' groups are such: n, and n·(2p − n).

use zeroize::Zeroize;

use super::{
    arithmetic::PairingArithmetic,
    digits::{Digit, Digits},
    fe::Fe,
    fe2::Fe2,
    scalar::Scalar,
};

/// A field that a curve is over.
pub(super) trait Field: Copy + PartialEq + Zeroize {
    const ZERO: Self;
    const ONE: Self;
    /// The b of y² = x³ + b.
    const B: Self;

    fn add(&self, other: &Self) -> Self;
    fn sub(&self, other: &Self) -> Self;
    fn mul(&self, other: &Self) -> Self;
    fn square(&self) -> Self;
    fn invert(&self) -> Self;
    fn select(&self, other: &Self, mask: u64) -> Self;
    fn zero_mask(&self) -> u64;
    /// Times 3·b.
    fn times_3b(&self) -> Self;
    /// self·a + b·c.
    fn mul_add(&self, a: &Self, b: &Self, c: &Self) -> Self;

    #[inline(always)]
    fn double(&self) -> Self {
        self.add(self)
    }

    #[inline(always)]
    fn neg(&self) -> Self {
        Self::ZERO.sub(self)
    }
}

macro_rules! field {
    ($type:ident) => {
        const ZERO: Self = $type::ZERO;
        const ONE: Self = $type::ONE;

        #[inline(always)]
        fn add(&self, other: &Self) -> Self {
            $type::add(self, other)
        }
        #[inline(always)]
        fn sub(&self, other: &Self) -> Self {
            $type::sub(self, other)
        }
        #[inline(always)]
        fn mul(&self, other: &Self) -> Self {
            $type::mul(self, other)
        }
        #[inline(always)]
        fn square(&self) -> Self {
            $type::square(self)
        }
        fn invert(&self) -> Self {
            $type::invert(self)
        }
        #[inline(always)]
        fn select(&self, other: &Self, mask: u64) -> Self {
            $type::select(self, other, mask)
        }
        #[inline(always)]
        fn zero_mask(&self) -> u64 {
            $type::zero_mask(self)
        }
    };
}

/// 5·2²⁵⁶ mod p.
const FIVE: [u64; 4] =
    [0xb9f2_c1e8_c8c7_1995, 0x125d_f8f2_46a3_77fc, 0x25e6_50d0_4918_8d1c, 0x043f_ffff_ed86_6f63];

impl<A: PairingArithmetic> Field for Fe<A> {
    const B: Self = Self::from_montgomery(FIVE);

    field!(Fe);

    #[inline(always)]
    fn times_3b(&self) -> Self {
        let four = self.double().double();
        four.double().double().sub(self)
    }

    #[inline(always)]
    fn mul_add(&self, a: &Self, b: &Self, c: &Self) -> Self {
        Self::mul_add(self, a, b, c)
    }
}

impl<A: PairingArithmetic> Field for Fe2<A> {
    const B: Self = Self::from_montgomery([[0; 4], FIVE]);

    field!(Fe2);

    #[inline(always)]
    fn times_3b(&self) -> Self {
        let four = self.double().double();
        four.double().double().sub(self).times_u()
    }

    #[inline(always)]
    fn mul_add(&self, a: &Self, b: &Self, c: &Self) -> Self {
        self.mul(a).add(&b.mul(c))
    }
}

/// A finite point.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Affine<F> {
    pub(super) x: F,
    pub(super) y: F,
}

impl<F: Field> Affine<F> {
    pub(super) fn is_on_curve(&self) -> bool {
        let difference = self.x.square().mul(&self.x).add(&F::B).sub(&self.y.square());
        crate::backend::reveal(difference.zero_mask()) != 0
    }

    pub(super) fn neg_if(&self, mask: u64) -> Self {
        Self { x: self.x, y: self.y.select(&self.y.neg(), mask) }
    }
}

/// X/Z, Y/Z; infinity is (0, 1, 0).
#[derive(Clone, Copy)]
pub(super) struct Point<F> {
    pub(super) x: F,
    pub(super) y: F,
    pub(super) z: F,
}

impl<F: Zeroize> Zeroize for Point<F> {
    fn zeroize(&mut self) {
        self.x.zeroize();
        self.y.zeroize();
        self.z.zeroize();
    }
}

impl<F: Field> Point<F> {
    pub(super) const INFINITY: Self = Self { x: F::ZERO, y: F::ONE, z: F::ZERO };

    pub(super) const fn from_affine(point: &Affine<F>) -> Self {
        Self { x: point.x, y: point.y, z: F::ONE }
    }

    /// `None` for infinity, which is revealed.
    pub(super) fn to_affine(self) -> Option<Affine<F>> {
        let inverse = self.z.invert();
        (crate::backend::reveal(self.z.zero_mask()) == 0)
            .then(|| Affine { x: self.x.mul(&inverse), y: self.y.mul(&inverse) })
    }

    pub(super) fn neg_if(&self, mask: u64) -> Self {
        Self { y: self.y.select(&self.y.neg(), mask), ..*self }
    }

    /// Algorithm 7.
    #[inline(never)]
    pub(super) fn add(&self, q: &Self) -> Self {
        let (t0, t1, t2) = (self.x.mul(&q.x), self.y.mul(&q.y), self.z.mul(&q.z));
        let cross = |a: &F, b: &F, c: &F, d: &F| a.add(b).mul(&c.add(d));
        let t3 = cross(&self.x, &self.y, &q.x, &q.y).sub(&t0.add(&t1));
        let t4 = cross(&self.y, &self.z, &q.y, &q.z).sub(&t1.add(&t2));
        let t5 = cross(&self.x, &self.z, &q.x, &q.z).sub(&t0.add(&t2));
        Self::summed(&t0, &t1, &t2, &t3, &t4, &t5)
    }

    /// Algorithm 8.
    #[inline(never)]
    pub(super) fn add_affine(&self, q: &Affine<F>) -> Self {
        let (t0, t1) = (self.x.mul(&q.x), self.y.mul(&q.y));
        let t3 = self.x.add(&self.y).mul(&q.x.add(&q.y)).sub(&t0.add(&t1));
        let t4 = q.y.mul(&self.z).add(&self.y);
        let t5 = q.x.mul(&self.z).add(&self.x);
        Self::summed(&t0, &t1, &self.z, &t3, &t4, &t5)
    }

    /// From X1·X2, Y1·Y2, Z1·Z2 and the mixed sums X1·Y2 + X2·Y1, Y1·Z2 + Y2·Z1, X1·Z2 + X2·Z1.
    #[inline(always)]
    fn summed(t0: &F, t1: &F, t2: &F, t3: &F, t4: &F, t5: &F) -> Self {
        let (t0, t2, y) = (t0.double().add(t0), t2.times_3b(), t5.times_3b());
        let (z, t1) = (t1.add(&t2), t1.sub(&t2));
        Self {
            x: t3.mul_add(&t1, &t4.neg(), &y),
            y: t1.mul_add(&z, &y, &t0),
            z: z.mul_add(t4, &t0, t3),
        }
    }

    /// Algorithm 9.
    #[inline(never)]
    pub(super) fn double(&self) -> Self {
        let t0 = self.y.square();
        let t2 = self.z.square().times_3b();
        let eight = t0.double().double().double();
        let sum = t0.add(&t2);
        let t0 = t0.sub(&t2.double().add(&t2));
        Self {
            x: t0.mul(&self.x.mul(&self.y)).double(),
            y: t0.mul_add(&sum, &t2, &eight),
            z: self.y.mul(&self.z).mul(&eight),
        }
    }

    /// P, 3P, 5P, …
    pub(super) fn odd_multiples<const COUNT: usize>(&self) -> [Self; COUNT] {
        let twice = self.double();
        let mut table = [*self; COUNT];
        for i in 1..COUNT {
            table[i] = table[i - 1].add(&twice);
        }
        table
    }

    /// k·P in constant time, for P of order n.
    pub(super) fn mul(&self, k: &Scalar) -> Self {
        let digits = Digits::<4>::new(k);
        let mut table: [Self; Digits::<4>::ODD] = self.odd_multiples();
        let mut sum = Self::INFINITY;
        for j in (0..Digits::<4>::COUNT).rev() {
            for _ in 0..4 {
                sum = sum.double();
            }
            let Digit { index, negative } = digits.digit(j);
            let mut row = table[0];
            for (at, entry) in (0..).zip(&table) {
                row = row.select(entry, crate::backend::portable::limbs::equal_mask(at, index));
            }
            sum = sum.add(&row.neg_if(negative));
        }
        table.zeroize();
        sum.neg_if(digits.negate)
    }

    /// k·P for a public k of up to 256 bits, most significant limb last; P is arbitrary.
    pub(super) fn mul_public(&self, k: &[u64; 4]) -> Self {
        let mut sum = Self::INFINITY;
        for bit in (0..256).rev() {
            sum = sum.double();
            if k[bit / 64] >> (bit % 64) & 1 == 1 {
                sum = sum.add(self);
            }
        }
        sum
    }

    #[inline(always)]
    fn select(&self, other: &Self, mask: u64) -> Self {
        Self {
            x: self.x.select(&other.x, mask),
            y: self.y.select(&other.y, mask),
            z: self.z.select(&other.z, mask),
        }
    }

    /// Whether both are the same point; revealed.
    pub(super) fn is(&self, other: &Self) -> bool {
        let cross = |a: &F, b: &F| a.mul(&other.z).sub(&b.mul(&self.z)).zero_mask();
        crate::backend::reveal(cross(&self.x, &other.x) & cross(&self.y, &other.y)) != 0
    }
}
