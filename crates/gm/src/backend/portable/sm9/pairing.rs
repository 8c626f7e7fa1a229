//! The R-ate pairing of GB/T 38635.1 annex A.

use super::{
    arithmetic::PairingArithmetic,
    fe::Fe,
    fe12::Fe12,
    lines::{Lines, SQUARE_BEFORE},
    point::Point,
};

/// Where lines are evaluated: −x/y and 1/y of a point of G1, both zero for infinity.
struct Place<A> {
    x: Fe<A>,
    y: Fe<A>,
}

/// The product of e(P, Q) over all P and Q, the Q given by their lines. Nothing branches on or addresses by a value.
///
/// For P infinite, each line is w³, a number of F_p⁴, and the last power makes that 1.
pub(super) fn pair<A: PairingArithmetic, const K: usize>(
    pairs: [(&Point<Fe<A>>, &Lines); K],
) -> Fe12<A> {
    let places = places(pairs.map(|(point, _)| point));
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

/// With one inversion. No y is zero: the order of the group is odd.
fn places<A: PairingArithmetic, const K: usize>(points: [&Point<Fe<A>>; K]) -> [Place<A>; K] {
    let mut product = Fe::ONE;
    let before = points.map(|point| {
        let before = product;
        product = product.mul(&point.y);
        before
    });
    let mut inverse = product.invert();
    let mut places = [const { Place { x: Fe::ZERO, y: Fe::ZERO } }; K];
    for i in (0..K).rev() {
        let y = inverse.mul(&before[i]);
        inverse = inverse.mul(&points[i].y);
        places[i] = Place { x: points[i].x.mul(&y).neg(), y: points[i].z.mul(&y) };
    }
    places
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::portable::{
        arithmetic::Portable,
        sm9::{
            Scalar,
            groups::{G1, G2},
            operations::{check_pairing, lines, mul_p1, pair_p1, power, user_point_2},
        },
    };

    fn g1(point: &G1) -> Point<Fe> {
        Point::from_affine(&point.affine::<Portable>())
    }

    #[test]
    fn the_pairing_is_bilinear_and_of_order_n() {
        let (a, b) = (Scalar::from_wide(&[3; 40]), Scalar::from_wide(&[4; 40]));
        let q = Point::from_affine(&G2::GENERATOR.affine::<Portable>()).mul(&b);
        let q = lines::<Portable>(&G2::from_point(q).expect("finite"));
        let p = mul_p1::<Portable>(&a).expect("finite");
        let plain = pair([(&g1(&G1::GENERATOR), &lines::<Portable>(&G2::GENERATOR))]);
        let value = pair([(&g1(&p), &q)]);
        assert!(value.equals(&power::<Portable>(&plain, &a.mul(&b))));
        assert!(!value.equals(&Fe12::ONE));
        // To the power n − 1 it is its inverse.
        let minus_one = a.sub(&a.add(&Scalar::from_wide(&[0; 40])));
        assert!(power::<Portable>(&value, &minus_one).equals(&value.conjugate()));
        let infinity: Point<Fe> = Point::INFINITY;
        assert!(pair([(&infinity, &q)]).equals(&Fe12::ONE));
        assert!(pair([(&infinity, &q), (&g1(&p), &q)]).equals(&value));
    }

    /// Also where S is −h·P1, so that one of the two pairings is of infinity.
    #[test]
    fn checking_by_fixed_points_is_checking_by_the_standards_formula() {
        let [h, h1, s] = [5, 6, 7].map(|byte| Scalar::from_wide(&[byte; 40]));
        let ppub = G2::GENERATOR;
        let ppub_lines = lines::<Portable>(&ppub);
        let zero = h.sub(&h);
        for s in [s, zero.sub(&h)] {
            let s = mul_p1::<Portable>(&s).expect("finite");
            let point = user_point_2::<Portable>(&h1, &ppub).expect("finite");
            let gh = power::<Portable>(&pair_p1::<Portable>(&ppub_lines), &h);
            let expected = pair([(&g1(&s), &lines::<Portable>(&point))]).mul(&gh);
            assert!(check_pairing::<Portable>(&s, &h1, &h, &ppub_lines).equals(&expected));
        }
    }
}
