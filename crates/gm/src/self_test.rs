//! The power-on self-test: known answers of every algorithm, on every backend that the processor has, for modules under
//! GM/T 0028 (and whoever wants to know at start that the machine computes).

mod answers;

use alloc::vec::Vec;

use crate::{
    Error,
    backend::{Backend, current, force},
};

/// One computation whose result is known.
#[derive(Clone, Copy)]
struct Answer {
    part: &'static str,
    expected: &'static [u8],
    compute: fn() -> Result<Vec<u8>, Error>,
}

/// Computes every known answer on each available backend and compares.
///
/// While it runs, other threads use the backend under test; their results are the same. Afterwards the backend is the one
/// it was before. It takes some milliseconds. After a failure, nothing this crate computes should be used.
///
/// ```
/// yinxin_gm::self_test::run()?;
/// # Ok::<(), yinxin_gm::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::SelfTest`] names the first part that is wrong, and the backend.
pub fn run() -> Result<(), Error> {
    run_over(answers::ALL)
}

fn run_over(answers: &[Answer]) -> Result<(), Error> {
    let before = current();
    let mut available = Backend::ALL.into_iter().filter(|backend| backend.is_available());
    let result = available.try_for_each(|backend| run_on(backend, answers));
    // It was in use, so it is available.
    result.and(force(before).map_err(|_| Error::SelfTest { part: "backends", backend: before }))
}

fn run_on(backend: Backend, answers: &[Answer]) -> Result<(), Error> {
    let wrong = |part| Err(Error::SelfTest { part, backend });
    if force(backend).is_err() {
        return wrong("backends");
    }
    for Answer { part, expected, compute } in answers {
        if compute().as_deref() != Ok(*expected) {
            return wrong(part);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Also what Miri runs: every algorithm once.
    #[test]
    fn every_answer_comes_out_on_the_backend_in_use() {
        assert_eq!(run_on(current(), answers::ALL), Ok(()));
    }

    /// One test, because the backend is the process's.
    #[test]
    fn right_answers_pass_and_a_wrong_one_of_any_part_is_caught() {
        let before = current();
        assert_eq!(run(), Ok(()));
        for at in 0..answers::ALL.len() {
            let mut answers = answers::ALL.to_vec();
            let mut wrong = answers[at].expected.to_vec();
            let last = wrong.len() - 1;
            wrong[last] ^= 1;
            answers[at].expected = wrong.leak();
            let part = answers[at].part;
            let caught = run_over(&answers);
            assert_eq!(caught, Err(Error::SelfTest { part, backend: Backend::Portable }));
        }
        let compute = || Err(Error::Decryption);
        let broken = Answer { part: "broken", expected: b"", compute };
        assert!(run_over(&[broken]).is_err());
        assert_eq!(current(), before);
    }

    #[test]
    fn parts_have_names_of_their_own() {
        let mut parts: Vec<_> = answers::ALL.iter().map(|answer| answer.part).collect();
        parts.sort_unstable();
        assert!(parts.is_sorted_by(|a, b| a < b), "{parts:?}");
    }
}
