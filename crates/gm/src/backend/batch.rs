//! SM2's arithmetic for many operations at once, by backend.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

#[cfg(all(target_arch = "x86_64", target_feature = "sse2", feature = "alloc"))]
use super::{Backend, current, x86_64::ifma};
use super::{Scalar, Table};

/// Is the x coordinate of s·G + t·P `x` modulo n?
pub(crate) struct Question<K> {
    pub(crate) s: Scalar,
    pub(crate) t: Scalar,
    pub(crate) x: Scalar,
    /// P: its coordinates, or the table of its multiples.
    pub(crate) key: K,
}

/// From how many on lanes are faster than one operation after the other, though most of them may be idle. Measured.
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
const WORTH_VERIFYING: usize = 3;
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
const WORTH_VERIFYING_PREPARED: usize = 4;
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
const WORTH_SIGNING: usize = 4;

/// How many multiplications of the scalar code share an inversion: more would save no more than a hundredth of it.
#[cfg(feature = "alloc")]
const SHARE: usize = 64;

/// The answer to each question, or `None` where [`verify_sum`](super::verify_sum) is to be asked. Variable time.
#[cfg(feature = "alloc")]
pub(crate) fn verify_sums(questions: &[Question<&[u8; 64]>]) -> Vec<Option<bool>> {
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    if current() == Backend::Avx512 && questions.len() >= WORTH_VERIFYING {
        return ifma::verify_sums(questions);
    }
    alloc::vec![None; questions.len()]
}

/// As [`verify_sums`], or [`verify_sum_prepared`](super::verify_sum_prepared) is to be asked.
#[cfg(feature = "alloc")]
pub(crate) fn verify_sums_prepared(questions: &[Question<&Table>]) -> Vec<Option<bool>> {
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    if current() == Backend::Avx512 && questions.len() >= WORTH_VERIFYING_PREPARED {
        return ifma::verify_sums_prepared(questions);
    }
    alloc::vec![None; questions.len()]
}

/// The x coordinate of each k·G in constant time, or `None` where [`mul_base_x`](super::mul_base_x) is to be asked.
#[cfg(feature = "alloc")]
pub(crate) fn mul_base_xs(scalars: &[Scalar]) -> Vec<Option<[u8; 32]>> {
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    if current() == Backend::Avx512 {
        return match scalars.len() {
            ..WORTH_SIGNING => alloc::vec![None; scalars.len()],
            _ => ifma::mul_base_xs(scalars),
        };
    }
    let shared = scalars.chunks(SHARE);
    shared.flat_map(super::sm2::mul_base_xs).collect()
}
