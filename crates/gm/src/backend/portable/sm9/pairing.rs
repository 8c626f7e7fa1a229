//! The R-ate pairing of GB/T 38635.1 annex A.

use super::{
    arithmetic::PairingArithmetic,
    fe::Fe,
    fe12::Fe12,
    lines::{Lines, SQUARE_BEFORE},
    point::Affine,
};

/// Where lines are evaluated: x/y and 1/y of a point of G1. Lines are divided by −y, which the last power takes to 1.
struct Place<A> {
    x: Fe<A>,
    y: Fe<A>,
}

/// The product of e(P, Q) over all P and Q, the Q given by their lines. Nothing branches on or addresses by a value.
pub(super) fn pair<A: PairingArithmetic, const K: usize>(
    pairs: [(&Affine<Fe<A>>, &Lines); K],
) -> Fe12<A> {
    let places = pairs.map(|(point, _)| {
        let y = point.y.invert();
        Place { x: point.x.mul(&y).neg(), y }
    });
    let mut value = Fe12::ONE;
    for (at, square) in SQUARE_BEFORE.into_iter().enumerate() {
        if square && at > 0 {
            value = value.square();
        }
        for (place, (_, lines)) in places.iter().zip(&pairs) {
            // The line through the images in F_p¹², y·w⁻³ = λ·x·w⁻³ − c·w⁻³ for (x·w⁻², y·w⁻³), at P and times w³/y:
            // c/y − λ·(x/y)·w² + w³.
            let (lambda, c) = lines.line::<A>(at);
            value = value.mul_line(&c.scale(&place.y), &lambda.scale(&place.x));
        }
    }
    last_power(&value)
}

/// The power (p¹² − 1)/n.
fn last_power<A: PairingArithmetic>(value: &Fe12<A>) -> Fe12<A> {
    // p⁶ − 1, then p² + 1.
    let value = value.conjugate().mul(&value.invert());
    let f = value.frobenius_2().mul(&value);
    // (p⁴ − p² + 1)/n, after Scott, Benger, Charlemagne, Dominguez Perez and Kachisa (ePrint 2008/490):
    // y0·y1²·y2⁶·y3¹²·y4¹⁸·y5³⁰·y6³⁶.
    let ft = f.power_t();
    let ft2 = ft.power_t();
    let ft3 = ft2.power_t();
    let (fp, fp2) = (f.frobenius(), f.frobenius_2());
    let y0 = fp.mul(&fp2).mul(&fp2.frobenius());
    let y1 = f.conjugate();
    let y2 = ft2.frobenius_2();
    let y3 = ft.frobenius().conjugate();
    let y4 = ft.mul(&ft2.frobenius()).conjugate();
    let y5 = ft2.conjugate();
    let y6 = ft3.mul(&ft3.frobenius()).conjugate();
    let t0 = y6.cyclotomic_square().mul(&y4).mul(&y5);
    let t1 = y3.mul(&y5).mul(&t0);
    let t0 = t0.mul(&y2);
    let t1 = t1.cyclotomic_square().mul(&t0).cyclotomic_square();
    let (t0, t1) = (t1.mul(&y1), t1.mul(&y0));
    t0.cyclotomic_square().mul(&t1)
}
