use alloc::vec::Vec;

use super::*;
use crate::backend::{
    portable::{arithmetic::Portable, projective::Projective},
    sm2::for_each_arithmetic,
};

fn scalar(low: u64) -> Scalar {
    let mut bytes = [0; 32];
    bytes[24..].copy_from_slice(&low.to_be_bytes());
    Scalar::from_bytes(&bytes).expect("below n")
}

fn x_of(point: &AffinePoint) -> Scalar {
    Scalar::from_bytes_reduced(&point.x.to_bytes())
}

/// 2·(2²⁵² + 2²⁴⁸ + 2²⁴⁴ + 2²⁴⁰).
fn comb_exception() -> Scalar {
    let mut bytes = [0; 32];
    bytes[..2].copy_from_slice(&[0x22, 0x22]);
    Scalar::from_bytes(&bytes).expect("below n")
}

/// Small ones, n minus small ones, windows at their borders, and what the proof of the comb leaves open.
fn edge_scalars() -> impl Iterator<Item = Scalar> {
    let zero = scalar(0);
    let small = [1, 2, 3, 15, 16, 17, 31, 32, 33, 63, 64, 1023, u64::MAX].map(scalar);
    let large = small.map(|k| zero.sub(&k));
    let filled =
        [0x10, 0x42, 0x7f, 0xf7].map(|byte| Scalar::from_bytes(&[byte; 32]).expect("below n"));
    let exception = comb_exception();
    small.into_iter().chain(large).chain(filled).chain([
        exception,
        zero.sub(&exception),
        exception.add(&scalar(1)),
        exception.sub(&scalar(1)),
    ])
}

/// By doubling and adding with the complete formulas.
fn defined(k: &Scalar, p: &AffinePoint) -> Option<AffinePoint> {
    let p = Projective::from_affine(p);
    let mut sum = Projective::INFINITY;
    for i in (0..256).rev() {
        sum = sum.double();
        if k.window(i, 1) == 1 {
            sum = sum.add(&p);
        }
    }
    sum.to_affine()
}

fn sum_of<A: Arithmetic>(s: &Scalar, t: &Scalar, p: &AffinePoint) -> [Xyzz<A>; 2] {
    let table = prepare::<A>(p);
    let terms = [Term::new(s, &tables::PUBLIC.0), Term::new(t, &table)];
    [mul_sum::<A>(s, t, p), comb::sum_vartime::<A, 2>(&terms)]
}

for_each_arithmetic! {
    fn multiples_are_those_of_the_complete_formulas<A>() {
        for k in edge_scalars() {
            let expected = defined(&k, &tables::G);
            assert!(mul_base::<A>(&k) == expected);
            assert!(mul::<A>(&k, &tables::G) == expected);
            let point = expected.expect("not zero");
            assert!(mul_base_x::<A>(&k) == Some(point.x.to_bytes()));
            assert!(AffinePoint::from_bytes(&point.to_bytes()) == Some(point), "on the curve");
        }
        assert!(mul_base::<A>(&scalar(0)).is_none());
        assert!(mul_base_x::<A>(&scalar(0)).is_none());
        assert!(mul::<A>(&scalar(0), &tables::G).is_none());
    }

    fn the_table_of_the_base_point_is_the_shipped_one<A>() {
        assert!(*prepare::<A>(&tables::G) == tables::PUBLIC.0);
    }

    fn a_sum_is_what_the_multiplications_say<A>() {
        for (s, d) in edge_scalars().zip(edge_scalars().skip(3)) {
            let p = mul_base::<A>(&d).expect("not zero");
            let table = prepare::<A>(&p);
            for t in edge_scalars() {
                // s·G + t·d·G
                let total = s.add(&t.mul(&d));
                match mul_base::<A>(&total) {
                    Some(sum) => {
                        assert!(verify_sum::<A>(&s, &t, &p, &x_of(&sum)));
                        assert!(verify_sum_prepared::<A>(&s, &t, &table, &x_of(&sum)));
                        assert!(!verify_sum::<A>(&s, &t, &p, &x_of(&p)) || sum.x == p.x);
                    }
                    None => assert!(sum_of::<A>(&s, &t, &p).iter().all(Xyzz::is_infinity)),
                }
            }
        }
    }

    /// P = ±G and s = ±t make the sums meet themselves, their negatives and infinity on the way.
    fn sums_that_double_or_vanish_are_right<A>() {
        let minus = tables::G.y.neg();
        let negated = AffinePoint { x: tables::G.x, y: minus };
        for k in edge_scalars() {
            assert!(sum_of::<A>(&k, &k, &negated).iter().all(Xyzz::is_infinity));
            assert!(!verify_sum::<A>(&k, &k, &negated, &x_of(&tables::G)));
            let twice = mul_base::<A>(&k.add(&k)).expect("n is odd").x;
            for sum in sum_of::<A>(&k, &k, &tables::G) {
                assert!(sum.to_affine().expect("finite").x == twice);
            }
        }
    }

    fn a_multiple_and_a_point_are_their_sum<A>() {
        for k in edge_scalars() {
            let p = mul_base::<A>(&k).expect("not zero");
            for t in edge_scalars() {
                // t·G + k·G
                assert!(multiple_plus::<A>(&t, &tables::G, &p) == mul_base::<A>(&t.add(&k)));
            }
        }
    }

    fn random_multiples_agree<A>() {
        // Each scalar from the coordinates before: no generator needed, and repeatable.
        let mut k = scalar(0x5eed);
        for _ in 0..200 {
            let point = mul_base::<Portable>(&k).expect("not zero");
            assert!(mul_base::<A>(&k) == Some(point));
            let t = Scalar::from_bytes_reduced(&point.y.to_bytes());
            let product = mul::<Portable>(&t, &point).expect("not zero");
            assert!(mul::<A>(&t, &point) == Some(product));
            assert!(product == mul_base::<A>(&t.mul(&k)).expect("not zero"));
            let sum = mul_base::<A>(&k.add(&t.mul(&k))).expect("not zero");
            assert!(verify_sum::<A>(&k, &t, &point, &x_of(&sum)));
            k = x_of(&product);
        }
    }
}

#[test]
fn the_exception_of_the_comb_is_one() {
    // Without the doubling the comb is wrong there: the case is real, and the test above takes it.
    let k = scalar(0).sub(&comb_exception());
    let digits: Vec<_> = (240..256).map(|i| k.window(i + 1, 1) | u64::from(i == 255)).collect();
    assert_eq!(digits.iter().step_by(4).sum::<u64>(), 0, "minus at every tooth of the last block");
}
