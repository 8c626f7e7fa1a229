extern crate std;

use alloc::{boxed::Box, vec::Vec};

use super::*;
use crate::backend::portable::{
    arithmetic::Portable,
    limbs,
    point::{self, AffinePoint},
    tables,
};
use crate::backend::sm2::available;

fn scalar(low: u64) -> Scalar {
    let mut bytes = [0; 32];
    bytes[24..].copy_from_slice(&low.to_be_bytes());
    Scalar::from_bytes(&bytes).expect("below n")
}

/// Values that a hash makes: the same in each run.
fn arbitrary(count: u64) -> impl Iterator<Item = Scalar> {
    (0..count).map(|i| Scalar::from_bytes_reduced(&crate::sm3::digest(&i.to_be_bytes()).0))
}

/// Small ones, n minus small ones, digits and combs at their borders.
fn edges() -> Vec<Scalar> {
    let small = [1, 2, 3, 15, 16, 17, 31, 32, 33, 63, 64, 127, 128, 255, 256, 1023, u64::MAX];
    let filled = [0x00, 0x01, 0x10, 0x42, 0x55, 0x7f, 0x80, 0xaa, 0xf7, 0xfe]
        .map(|byte| Scalar::from_bytes_reduced(&[byte; 32]));
    let powers = (0..256).step_by(5).chain(0..9).map(|bit| {
        let mut words = [0; 4];
        words[bit / 64] = 1 << (bit % 64);
        Scalar::from_bytes_reduced(&limbs::to_bytes(&words))
    });
    let positive: Vec<_> = small.map(scalar).into_iter().chain(filled).chain(powers).collect();
    let negative: Vec<_> = positive.iter().map(|k| scalar(0).sub(k)).collect();
    positive.into_iter().chain(negative).filter(|k| !k.is_zero()).collect()
}

fn x_of(point: &AffinePoint) -> Scalar {
    let bytes = point.to_bytes();
    Scalar::from_bytes_reduced(bytes.first_chunk().expect("of 64 bytes"))
}

#[test]
fn multiples_of_the_base_point_are_the_portable_ones() {
    if !available(Backend::Avx512) {
        return;
    }
    let scalars: Vec<_> = edges().into_iter().chain(arbitrary(150)).collect();
    for count in (0..=17).chain([scalars.len()]) {
        let found = mul_base_xs(&scalars[..count]);
        assert_eq!(found.len(), count);
        for (k, found) in scalars.iter().zip(found) {
            assert_eq!(found, point::mul_base_x::<Portable>(k));
        }
    }
}

/// The one k for which the last addition of [`comb`] and of [`single::mul`] would have to double, and n minus it.
fn comb_exceptions() -> [Scalar; 2] {
    let low = limbs::to_bytes(&[0x53bb_f409_39d5_4123, 0x7203_df6b_21c6_052b, 0, 0]);
    let low = Scalar::from_bytes(&low).expect("below n");
    let twice = low.add(&low);
    [twice, scalar(0).sub(&twice)]
}

#[test]
fn one_multiple_at_a_time_is_the_portable_one() {
    if !available(Backend::Avx512) {
        return;
    }
    let mut p = point::mul_base::<Portable>(&scalar(3)).expect("not zero");
    for k in edges().into_iter().chain(arbitrary(150)) {
        let expected = point::mul_base::<Portable>(&k);
        assert!(mul_base(&k).expect("no exception").to_affine() == expected);
        assert!(
            point::affine_x(mul_base(&k).expect("no exception"))
                == point::mul_base_x::<Portable>(&k)
        );
        let multiple = point::mul::<Portable>(&k, &p);
        assert!(mul(&k, &p).expect("no exception").to_affine() == multiple);
        let sum = point::multiple_plus::<Portable>(&k, &p, &tables::G);
        let found = multiple_plus(&k, &p, &tables::G);
        assert!(found.is_none_or(|found| found.to_affine() == sum));
        p = multiple.expect("not zero");
    }
    assert!(mul_base(&scalar(0)).is_none() && mul(&scalar(0), &p).is_none());
}

#[test]
fn the_exception_of_the_comb_is_found_and_left_to_others() {
    if !available(Backend::Avx512) {
        return;
    }
    let p = point::mul_base::<Portable>(&scalar(7)).expect("not zero");
    for k in comb_exceptions() {
        assert!(mul_base(&k).is_none() && mul(&k, &p).is_none());
        assert!(crate::backend::mul_base(&k) == point::mul_base::<Portable>(&k));
        let multiple = point::mul::<Portable>(&k, &p);
        assert!(crate::backend::mul(&k, &p) == multiple);
        let both = point::mul_base::<Portable>(&k).zip(multiple);
        assert!(crate::backend::mul_base_and(&k, &p) == both);
        for near in [k.add(&scalar(2)), k.sub(&scalar(2))] {
            let found = mul_base(&near).expect("no exception").to_affine();
            assert!(found == point::mul_base::<Portable>(&near));
            let found = mul(&near, &p).expect("no exception").to_affine();
            assert!(found == point::mul::<Portable>(&near, &p));
        }
    }
}

/// Numbers in s·G + t·P, P itself, and which x to ask for.
struct Case {
    s: Scalar,
    t: Scalar,
    x: Scalar,
    p: [u8; 64],
    table: Box<Table>,
    expected: bool,
}

impl Case {
    /// P = d·G; x that of the sum plus `off`.
    fn new(s: Scalar, t: Scalar, d: &Scalar, off: u64) -> Self {
        let p = point::mul_base::<Portable>(d).expect("not zero");
        let sum = point::mul_base::<Portable>(&s.add(&t.mul(d)));
        // Where the sum is infinity, any x is wrong.
        let x = sum.map_or(scalar(7), |sum| x_of(&sum)).add(&scalar(off));
        let expected = point::verify_sum::<Portable>(&s, &t, &p, &x);
        assert_eq!(expected, sum.is_some() && off == 0);
        let table = point::prepare::<Portable>(&p);
        Self { s, t, x, p: p.to_bytes(), table, expected }
    }

    fn question(&self) -> Question<&[u8; 64]> {
        Question { s: self.s, t: self.t, x: self.x, key: &self.p }
    }

    fn prepared(&self) -> Question<&Table> {
        Question { s: self.s, t: self.t, x: self.x, key: &self.table }
    }
}

/// How many answers were given; each is to be right.
fn answered(cases: &[Case]) -> [usize; 4] {
    let questions: Vec<_> = cases.iter().map(Case::question).collect();
    let prepared: Vec<_> = cases.iter().map(Case::prepared).collect();
    let alone = cases.iter().map(|case| {
        let p = AffinePoint::from_bytes(&case.p).expect("on the curve");
        Some(point::has_x(&sum(&case.s, &case.t, &p)?, &case.x))
    });
    let alone_prepared = cases
        .iter()
        .map(|case| Some(point::has_x(&sum_prepared(&case.s, &case.t, &case.table)?, &case.x)));
    [
        verify_sums(&questions),
        verify_sums_prepared(&prepared),
        alone.collect(),
        alone_prepared.collect(),
    ]
    .map(|answers| {
        assert_eq!(answers.len(), cases.len());
        for (answer, case) in answers.iter().zip(cases) {
            assert!(answer.is_none_or(|answer| answer == case.expected));
        }
        answers.iter().flatten().count()
    })
}

#[test]
fn sums_of_arbitrary_numbers_are_all_answered() {
    if !available(Backend::Avx512) {
        return;
    }
    let numbers: Vec<_> = arbitrary(90).collect();
    let cases: Vec<_> = numbers
        .as_chunks::<3>()
        .0
        .iter()
        .zip((0..3).cycle())
        .map(|([s, t, d], off)| Case::new(*s, *t, d, off))
        .collect();
    for count in (0..=17).chain([cases.len()]) {
        assert_eq!(answered(&cases[..count]), [count; 4]);
    }
}

#[test]
fn sums_of_edge_numbers_are_right_or_left_to_others() {
    if !available(Backend::Avx512) {
        return;
    }
    let edges = edges();
    let cases: Vec<_> = edges
        .iter()
        .zip(edges.iter().skip(3).step_by(7).cycle())
        .zip(edges.iter().rev().step_by(5).cycle())
        .zip((0..3).cycle())
        .map(|(((s, t), d), off)| Case::new(*s, *t, d, off))
        .collect();
    // Small multiples of G meet each other; the others hardly do.
    assert!(answered(&cases).iter().all(|&answers| 2 * answers > cases.len()));
}

/// P = ±G and s = ±t make the sum meet itself, its negative and infinity on the way.
#[test]
fn sums_that_double_or_vanish_are_right_or_left_to_others() {
    if !available(Backend::Avx512) {
        return;
    }
    let (one, zero) = (scalar(1), scalar(0));
    let cases: Vec<_> = edges()
        .into_iter()
        .step_by(4)
        .flat_map(|k| {
            let minus = zero.sub(&k);
            [
                Case::new(k, k, &one, 0),
                Case::new(k, minus, &one, 0),
                Case::new(k, k, &zero.sub(&one), 0),
                Case::new(k, one, &k, 1),
                Case::new(k, one, &minus, 0),
            ]
        })
        .collect();
    let _ = answered(&cases);
}

#[test]
fn the_scalar_that_ends_in_a_doubling_is_left_to_others() {
    if !available(Backend::Avx512) {
        return;
    }
    let half = limbs::to_bytes(&[0, 0, 0, 1 << 60 | 1 << 56 | 1 << 52 | 1 << 48]);
    let half = Scalar::from_bytes(&half).expect("below n");
    let k = scalar(0).sub(&half.add(&half));
    assert_eq!(mul_base_xs(&[k]), [None]);
    assert_eq!(mul_base_xs(&[scalar(0)]), [None]);
}

/// As dudect does (Reparaz, Balasch, Verbauwhede 2017): Welch's t over the times of one fixed and of arbitrary scalars,
/// in turns, the slowest tenth left out. Above 4.5 is a leak.
#[test]
#[ignore = "a measurement: run it alone on a quiet machine"]
fn the_time_does_not_depend_on_the_scalars() {
    if !available(Backend::Avx512) {
        return;
    }
    let inputs = [alloc::vec![scalar(1); 8 * 256], arbitrary(8 * 256).collect()];
    let mut times = [Vec::new(), Vec::new()];
    for i in 0..200_000_u32 {
        // Which comes when is not regular either.
        let class = usize::from(i.wrapping_mul(0x9e37_79b9_u32) >> 31 != 0);
        // Both from as much memory, and read before the clock starts.
        let scalars: [Scalar; 8] = inputs[class].as_chunks().0[i as usize % 256];
        let begin = std::time::Instant::now();
        std::hint::black_box(mul_base_xs(std::hint::black_box(&scalars)));
        times[class].push(begin.elapsed().as_secs_f64());
    }
    let mut all = times.concat();
    all.sort_by(f64::total_cmp);
    let limit = all[all.len() * 9 / 10];
    let [(mean_a, error_a), (mean_b, error_b)] = times.map(|times| {
        let kept: Vec<_> = times.into_iter().filter(|&time| time < limit).collect();
        let count = f64::from(u32::try_from(kept.len()).expect("some thousands"));
        let mean = kept.iter().sum::<f64>() / count;
        let variance = kept.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / (count - 1.0);
        (mean, variance / count)
    });
    let t = (mean_a - mean_b) / (error_a + error_b).sqrt();
    std::println!("t = {t:.2}; {:.2} and {:.2} microseconds", mean_a * 1e6, mean_b * 1e6);
    assert!(t.abs() < 4.5);
}
