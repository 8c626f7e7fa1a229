//! SM2 with AVX-512 IFMA: eight operations at a time, and one of many parts. Needs [`Backend::Avx512`].
//!
//! `specs/gm.md`, "Eight at a time" and "One at a time", has the reasons.

mod comb;
mod field;
mod lanes;
mod point;
mod quad;
mod rows;
mod sign;
mod single;
mod verify;

#[cfg(test)]
mod tests;

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

use zeroize::Zeroize;

use super::arithmetic::Avx512;
use crate::backend::{AffinePoint, Backend, Question, Scalar, Table, portable::xyzz::Xyzz, reveal};

/// Operations in one group of lanes.
const GROUP: usize = 8;

/// Whether the x coordinate of s·G + t·P is `x` modulo n, for each question; `None` where it is to be found out otherwise.
///
/// One group at a time: two were slower as shipped (ADR 0117).
#[cfg(feature = "alloc")]
#[allow(unsafe_code)]
pub(crate) fn verify_sums(questions: &[Question<&[u8; 64]>]) -> Vec<Option<bool>> {
    assert!(Backend::Avx512.is_available(), "the caller has looked");
    let mut answers = Vec::with_capacity(questions.len());
    for part in questions.chunks(GROUP) {
        // SAFETY: the assertion above.
        let found = unsafe { verify::any::<1>(&filled(part)) };
        answers.extend(found.as_flattened().iter().take(part.len()));
    }
    answers
}

/// As [`verify_sums`], with the table of P.
#[cfg(feature = "alloc")]
#[allow(unsafe_code)]
pub(crate) fn verify_sums_prepared(questions: &[Question<&Table>]) -> Vec<Option<bool>> {
    assert!(Backend::Avx512.is_available(), "the caller has looked");
    in_groups(
        questions,
        // SAFETY: the assertion above.
        |questions| unsafe { verify::prepared::<2>(questions) },
        // SAFETY: the assertion above.
        |questions| unsafe { verify::prepared::<1>(questions) },
    )
}

/// The x coordinates of k·G, in constant time; `None` where it is to be found out otherwise (k = 0 among them).
#[cfg(feature = "alloc")]
#[allow(unsafe_code)]
pub(crate) fn mul_base_xs(scalars: &[Scalar]) -> Vec<Option<[u8; 32]>> {
    assert!(Backend::Avx512.is_available(), "the caller has looked");
    let mut found = Vec::with_capacity(scalars.len());
    for shared in scalars.chunks(2 * GROUP * sign::SHARE) {
        if shared.len() > GROUP {
            let groups: Vec<[[&Scalar; GROUP]; 2]> = shared.chunks(2 * GROUP).map(filled).collect();
            // SAFETY: the assertion above.
            let x = unsafe { sign::base_x(&groups) };
            found.extend(x.as_flattened().iter().flat_map(sign::bytes).take(shared.len()));
        } else {
            // SAFETY: the assertion above.
            let x = unsafe { sign::base_x(&[filled::<_, 1>(shared)]) };
            found.extend(x.as_flattened().iter().flat_map(sign::bytes).take(shared.len()));
        }
    }
    found
}

/// A function for one operation, whose result is `None` where it met an exception of the formulas, or infinity.
macro_rules! single {
    ($($(#[$meta:meta])* $name:ident($($argument:ident: $type:ty),*);)*) => {
        $($(#[$meta])*
        #[allow(unsafe_code)]
        pub(crate) fn $name($($argument: $type),*) -> Option<Xyzz<Avx512>> {
            assert!(Backend::Avx512.is_available(), "the caller has looked");
            // SAFETY: the assertion above.
            finite(unsafe { single::$name($($argument),*) })
        })*
    };
}

single! {
    /// k·G, in constant time.
    mul_base(k: &Scalar);
    /// k·P, in constant time.
    mul(k: &Scalar, p: &AffinePoint);
    /// s·G + t·P. Variable time.
    sum(s: &Scalar, t: &Scalar, p: &AffinePoint);
    /// The same with the table of P.
    sum_prepared(s: &Scalar, t: &Scalar, table: &Table);
    /// k·R + P. Variable time.
    multiple_plus(k: &Scalar, r: &AffinePoint, p: &AffinePoint);
}

fn finite(mut point: quad::Quad) -> Option<Xyzz<Avx512>> {
    let found = point.xyzz();
    point.zeroize();
    (reveal(found.zz.zero_mask()) == 0).then_some(found)
}

/// Two groups at once hide each other's latency; one takes what is left.
#[cfg(feature = "alloc")]
fn in_groups<T, A: Copy>(
    items: &[T],
    two: impl Fn(&[[&T; GROUP]; 2]) -> [[A; GROUP]; 2],
    one: impl Fn(&[[&T; GROUP]; 1]) -> [[A; GROUP]; 1],
) -> Vec<A> {
    let mut answers = Vec::with_capacity(items.len());
    for part in items.chunks(2 * GROUP) {
        let end = answers.len() + part.len();
        if part.len() > GROUP {
            answers.extend(two(&filled(part)).as_flattened());
        } else {
            answers.extend(one(&filled(part)).as_flattened());
        }
        answers.truncate(end);
    }
    answers
}

/// A place for each lane; lanes to spare repeat the first item.
fn filled<T, const G: usize>(items: &[T]) -> [[&T; GROUP]; G] {
    core::array::from_fn(|g| {
        core::array::from_fn(|lane| items.get(GROUP * g + lane).unwrap_or(&items[0]))
    })
}
