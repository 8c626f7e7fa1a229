extern crate std;

use alloc::vec::Vec;

use super::*;
use crate::backend::{Backend, portable::arithmetic::Portable, sm2::available};

/// What every lane takes, in limbs: 0, p and p + 2²³⁰ − 1, and between them limbs that are empty, full, or nearly so.
fn coordinates() -> Vec<[u64; 5]> {
    const TOP: u64 = (1 << 48) - (1 << 16) - 1;
    let p = [MASK, MASK - (1 << 44) + (1 << 12), MASK, MASK, TOP];
    let borders = [0, 1, MASK, MASK - 1];
    let filled = (0..4_usize.pow(4)).map(|i| {
        [
            borders[i % 4],
            borders[i / 4 % 4],
            borders[i / 16 % 4],
            borders[i / 64],
            [0, TOP - 1][i % 2],
        ]
    });
    let near =
        [[0; 5], p, [MASK, MASK, MASK, MASK, TOP + (1 << 21)], [p[0] - 1, p[1], p[2], p[3], p[4]]];
    near.into_iter().chain(filled).collect()
}

/// Quads whose lanes go through all of those in different order: points of no curve, which the formulas do not mind.
fn quads() -> impl Iterator<Item = Quad> {
    let all = coordinates();
    (0..all.len() * 4).map(move |i| {
        let mut quad = Quad::ZERO;
        for (lane, step) in [1, 7, 19, 101].into_iter().enumerate() {
            for (j, limb) in
                all[(i * step + lane * (i / all.len())) % all.len()].into_iter().enumerate()
            {
                // What is above the limb means nothing.
                quad.0[4 * j + lane] = limb | (i as u64 & 3) << 60;
            }
        }
        quad
    })
}

fn same(a: &Xyzz<Portable>, b: &Xyzz<Portable>) -> bool {
    a.x == b.x && a.y == b.y && a.zz == b.zz && a.zzz == b.zzz
}

#[test]
#[allow(unsafe_code)]
fn doubles_are_those_of_the_definition() {
    if !available(Backend::Avx512) {
        return;
    }
    for mut quad in quads() {
        let mut expected = quad.xyzz::<Portable>();
        for times in [1, 3] {
            // SAFETY: the processor was asked.
            unsafe { quad.double_times(times) };
            (0..times).for_each(|_| expected.double());
            assert!(same(&quad.xyzz(), &expected));
            let other = Quad([0xf_0123_4567_89ab; 24]);
            let mut both = [quad; 2];
            // SAFETY: the processor was asked.
            unsafe {
                both[0].double_times(times);
                both[0].add(&other);
                both[1].double_times_and_add(times, &other);
            }
            assert!(same(&both[0].xyzz(), &both[1].xyzz()));
        }
    }
}

#[test]
#[allow(unsafe_code)]
fn sums_are_those_of_the_definition() {
    if !available(Backend::Avx512) {
        return;
    }
    for (i, (mut quad, mut other)) in quads().zip(quads().skip(333).chain(quads())).enumerate() {
        let (mut expected, mut negated) = (quad.xyzz::<Portable>(), other.xyzz::<Portable>());
        if i % 2 == 1 {
            other.negate_if(u64::MAX);
            negated.y = negated.y.neg();
        }
        for _ in 0..2 {
            let finite = ![&expected, &negated].iter().any(|point| point.is_infinity());
            // SAFETY: the processor was asked.
            unsafe { quad.add(&other) };
            expected.add_xyzz_vartime(&negated);
            let met = quad.xyzz::<Portable>().is_infinity();
            assert!(met || finite && same(&quad.xyzz(), &expected), "{i}");
            assert!(!met || !finite || expected.is_infinity() || i % 2 == 0, "{i}");
            if met {
                break;
            }
        }
    }
}

#[test]
#[allow(unsafe_code)]
fn pairs_do_what_their_points_do() {
    if !available(Backend::Avx512) {
        return;
    }
    for (first, second) in quads().zip(quads().skip(77).chain(quads())) {
        let mut points = [first, second];
        let other = [second, Quad([0xf_0123_4567_89ab; 24])];
        // SAFETY: the processor was asked.
        let found = unsafe {
            for (point, other) in points.iter_mut().zip(&other) {
                point.double_times_and_add(3, other);
                point.add(other);
                point.double_times(1);
            }
            let (mut pair, other) = (Pair::new(&[first, second]), Pair::new(&other));
            pair.double_times_and_add(3, &other);
            pair.add(&other);
            pair.double_times(1);
            let [firsts, seconds] = pair.regrouped(&other);
            assert!(firsts.0 == Pair::new(&[pair.points()[0], other.points()[0]]).0);
            assert!(seconds.0 == Pair::new(&[pair.points()[1], other.points()[1]]).0);
            pair.points()
        };
        for (found, point) in found.iter().zip(&points) {
            // The last four words of a quad mean nothing.
            assert_eq!(found.0[..20], point.0[..20]);
        }
    }
}

#[test]
#[allow(unsafe_code)]
fn each_point_has_its_own_multiple_picked() {
    if !available(Backend::Avx512) {
        return;
    }
    let all: Vec<_> = quads().take(16).collect();
    for (i, j) in (0..64).map(|n| (n % 8, n / 8)) {
        for (i_sign, j_sign) in [(0, 0), (0, u64::MAX), (u64::MAX, 0), (u64::MAX, u64::MAX)] {
            // SAFETY: the processor was asked.
            let found = unsafe {
                let multiples = core::array::from_fn(|n| Pair::new(&[all[n], all[15 - n]]));
                let digits = [(i as u64, i_sign), (j as u64, j_sign)];
                Pair::picked(&multiples, digits).points()
            };
            let mut expected = [all[i], all[15 - j]];
            expected[0].negate_if(i_sign);
            expected[1].negate_if(j_sign);
            for (found, expected) in found.iter().zip(&expected) {
                assert!(same(&found.xyzz(), &expected.xyzz()));
            }
        }
    }
}
