//! What SM9 computes in its groups.

use alloc::boxed::Box;

use zeroize::{Zeroize, Zeroizing};

use super::{
    arithmetic::PairingArithmetic,
    comb::Comb,
    endomorphism,
    fe12::Gt,
    groups::{G1, G2},
    lines::Lines,
    pairing::pair as pair_lines,
    point::Point,
    scalar::Scalar,
    tables,
    torus::Powers,
};

/// k·P1, in constant time; `None` for k = 0.
pub(crate) fn mul_p1<A: PairingArithmetic>(k: &Scalar) -> Option<G1> {
    G1::from_point(tables::P1.mul::<A>(k))
}

/// k·P2, in constant time; `None` for k = 0.
pub(crate) fn mul_p2<A: PairingArithmetic>(k: &Scalar) -> Option<G2> {
    G2::from_point(Point::from_affine(&G2::GENERATOR.affine::<A>()).mul(k))
}

/// k·P, in constant time; `None` for k = 0.
pub(crate) fn mul<A: PairingArithmetic>(k: &Scalar, p: &G1) -> Option<G1> {
    let mut product = Point::from_affine(&p.affine::<A>()).mul(k);
    let affine = G1::from_point(product);
    product.zeroize();
    affine
}

/// h·P1 + P, for a public h; `None` for the point at infinity.
pub(crate) fn user_point<A: PairingArithmetic>(h: &Scalar, p: &G1) -> Option<G1> {
    G1::from_point(tables::P1.mul_public::<A>(h).add_affine(&p.affine()))
}

/// h·P2 + Q, for a public h; `None` for the point at infinity.
pub(crate) fn user_point_2<A: PairingArithmetic>(h: &Scalar, q: &G2) -> Option<G2> {
    let multiple = Point::from_affine(&G2::GENERATOR.affine::<A>()).mul(h);
    G2::from_point(multiple.add_affine(&q.affine()))
}

/// The table of P, which may be secret.
pub(crate) fn comb<A: PairingArithmetic>(p: &G1) -> Box<Comb> {
    Comb::new::<A>(p)
}

/// k·P by its table, in constant time; `None` for k = 0.
pub(crate) fn mul_comb<A: PairingArithmetic>(k: &Scalar, p: &Comb) -> Option<G1> {
    G1::from_point(p.mul::<A>(k))
}

/// i·P1 + j·P, in constant time; `None` for the point at infinity.
pub(crate) fn mul_both<A: PairingArithmetic>(i: &Scalar, j: &Scalar, p: &Comb) -> Option<G1> {
    G1::from_point(tables::P1.mul::<A>(i).add(&p.mul(j)))
}

/// A point of G2 from bytes, see [`G2::from_bytes`].
pub(crate) fn g2<A: PairingArithmetic>(bytes: &[u8; 128]) -> Option<G2> {
    G2::from_bytes::<A>(bytes)
}

/// The lines of Q, which may be secret.
pub(crate) fn lines<A: PairingArithmetic>(q: &G2) -> Box<Lines> {
    Lines::new::<A>(q)
}

/// e(P, Q), in constant time.
pub(crate) fn pair<A: PairingArithmetic>(p: &G1, q: &Lines) -> Gt {
    pair_lines([(&Point::from_affine(&p.affine::<A>()), q)]).to()
}

/// e(P, P2).
pub(crate) fn pair_p2<A: PairingArithmetic>(p: &G1) -> Gt {
    pair::<A>(p, &tables::P2)
}

/// e(P1, Q).
pub(crate) fn pair_p1<A: PairingArithmetic>(q: &Lines) -> Gt {
    pair::<A>(&G1::GENERATOR, q)
}

/// e(S, h1·P2 + Q)·e(P1, Q)ʰ for public values, as e(h1·S, P2)·e(S + h·P1, Q).
pub(crate) fn check_pairing<A: PairingArithmetic>(
    s: &G1,
    h1: &Scalar,
    h: &Scalar,
    q: &Lines,
) -> Gt {
    let s = s.affine::<A>();
    let first = endomorphism::mul(h1, &Point::from_affine(&s));
    let second = tables::P1.mul_public(h).add_affine(&s);
    pair_lines([(&first, &tables::P2), (&second, q)]).to()
}

/// gᵏ in constant time, of an element of order n.
pub(crate) fn power<A: PairingArithmetic>(g: &Gt, k: &Scalar) -> Zeroizing<Gt> {
    Zeroizing::new(g.to::<A>().power(k).to())
}

/// The table of g, an element of order n.
pub(crate) fn powers<A: PairingArithmetic>(g: &Gt) -> Box<Powers> {
    Powers::new::<A>(g)
}

/// gᵏ by its table, in constant time.
pub(crate) fn power_of<A: PairingArithmetic>(g: &Powers, k: &Scalar) -> Zeroizing<Gt> {
    Zeroizing::new(g.power::<A>(k).to())
}
