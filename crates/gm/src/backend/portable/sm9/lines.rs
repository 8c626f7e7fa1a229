//! The lines that the pairing's loop draws through the multiples of a point of G2. They do not depend on the point of G1 that
//! they are evaluated at, so a fixed point has them once.

use alloc::boxed::Box;

use zeroize::Zeroize;

use super::{arithmetic::PairingArithmetic, fe2::Fe2, groups::G2, point::Affine};

/// Signed digits of 6t + 2 below the highest, which is 1, from the highest on.
#[rustfmt::skip]
const LOOP: [i8; 65] = [
    0, 0, 1,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    1, 0, 0, 0, 1, 0, -1, 0, -1, 0, 0, 0, -1, 0, -1, 0, 0, 1, 0, 1, 0, 0, 0, 0, -1, 0,
];

/// 65 doublings, 10 additions, and two of Frobenius images.
pub(super) const COUNT: usize = 77;

/// Whether the value so far is squared before each line.
pub(super) const SQUARE_BEFORE: [bool; COUNT] = {
    let mut square = [false; COUNT];
    let (mut i, mut at) = (0, 0);
    while i < LOOP.len() {
        square[at] = true;
        at += if LOOP[i] == 0 { 1 } else { 2 };
        i += 1;
    }
    square
};

/// Of the line y = λ·x − c: λ, then c, in Montgomery form, least significant limb first.
pub(super) type Row = [u64; 16];

/// Of each line, in the order in which the loop takes them; 9.6 KiB.
#[derive(Clone)]
#[repr(C, align(64))]
pub(crate) struct Lines(pub(super) [Row; COUNT]);

impl Zeroize for Lines {
    fn zeroize(&mut self) {
        self.0.as_flattened_mut().zeroize();
    }
}

impl Lines {
    /// For a point that may be secret.
    ///
    /// No line is vertical: the multiples that are doubled or added are j·Q with 0 < j < n, and neither j = ±1 where ±Q is
    /// added nor j = ±p, ±p² at the end.
    pub(super) fn new<A: PairingArithmetic>(point: &G2) -> Box<Self> {
        let q = point.affine::<A>();
        let mut lines = Box::new(Self([[0; 16]; COUNT]));
        let mut rows = lines.0.iter_mut();
        let mut push = |lambda: &Fe2<A>, through: &Affine<Fe2<A>>| {
            let row = rows.next().expect("counted");
            let c = lambda.mul(&through.x).sub(&through.y);
            row[..8].copy_from_slice(lambda.montgomery().as_flattened());
            row[8..].copy_from_slice(c.montgomery().as_flattened());
        };
        let negative = q.neg_if(u64::MAX);
        let mut sum = q;
        for digit in LOOP {
            sum = chord(&sum, &tangent(&sum), &sum, &mut push);
            if digit != 0 {
                let other = if digit == 1 { &q } else { &negative };
                sum = chord(&sum, &slope(&sum, other), other, &mut push);
            }
        }
        // p·Q and −p²·Q.
        let first = q.frobenius();
        let second = first.frobenius().neg_if(u64::MAX);
        sum = chord(&sum, &slope(&sum, &first), &first, &mut push);
        chord(&sum, &slope(&sum, &second), &second, &mut push);
        lines
    }

    /// λ and c of a line.
    #[inline(always)]
    pub(super) fn line<A: PairingArithmetic>(&self, at: usize) -> (Fe2<A>, Fe2<A>) {
        let (limbs, _) = self.0[at].as_chunks::<4>();
        (Fe2::from_montgomery([limbs[0], limbs[1]]), Fe2::from_montgomery([limbs[2], limbs[3]]))
    }
}

/// 3x²/2y.
fn tangent<A: PairingArithmetic>(point: &Affine<Fe2<A>>) -> Fe2<A> {
    point.x.square().triple().mul(&point.y.double().invert())
}

fn slope<A: PairingArithmetic>(a: &Affine<Fe2<A>>, b: &Affine<Fe2<A>>) -> Fe2<A> {
    a.y.sub(&b.y).mul(&a.x.sub(&b.x).invert())
}

/// The sum of two points, or the double of one, given the slope of the line through them.
fn chord<A: PairingArithmetic>(
    a: &Affine<Fe2<A>>,
    lambda: &Fe2<A>,
    b: &Affine<Fe2<A>>,
    push: &mut impl FnMut(&Fe2<A>, &Affine<Fe2<A>>),
) -> Affine<Fe2<A>> {
    push(lambda, a);
    let x = lambda.square().sub(&a.x).sub(&b.x);
    Affine { x, y: lambda.mul(&a.x.sub(&x)).sub(&a.y) }
}
