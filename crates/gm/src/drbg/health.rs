//! The two continuous tests of NIST SP 800-90B 4.4 on the bytes of a source of entropy.

use subtle::ConstantTimeEq;

use crate::Error;

/// The bits of entropy that a byte of the source is taken to have: half of what a good one has. For the cutoffs below.
pub const PER_BYTE: u32 = 4;

/// The samples tested before any is used (SP 800-90B 4.3 item 4).
pub const START_UP: usize = 1024;

/// 4.4.1: 1 + ⌈30 / 4⌉, for a false alarm once in 2³⁰.
const REPETITIONS: u16 = 9;
/// 4.4.2: the window for samples that are not bits.
const WINDOW: u16 = 512;
/// 4.4.2: 1 + the number of hits among 512 that a byte of 4 bits stays within but once in 2³⁰ (binomial, p = 1/16).
const PROPORTION: u16 = 71;

/// The repetition count test and the adaptive proportion test. After a failure every sample fails.
///
/// Branches depend on the verdict only, not on the samples.
#[derive(Debug, Default)]
pub struct Health {
    last: u8,
    /// How often `last` came in a row; 0 before the first sample.
    repeated: u16,
    first: u8,
    /// How often `first` came in this window.
    hits: u16,
    /// The samples of this window.
    seen: u16,
    failed: Option<&'static str>,
}

impl Health {
    /// Before the first sample.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Tests the next sample.
    ///
    /// # Errors
    ///
    /// [`Error::Entropy`].
    pub fn check(&mut self, sample: u8) -> Result<(), Error> {
        let same = u16::from(sample.ct_eq(&self.last).unwrap_u8());
        self.repeated = self.repeated * same + 1;
        self.last = sample;
        if self.seen == 0 {
            (self.first, self.hits) = (sample, 0);
        }
        self.hits += u16::from(sample.ct_eq(&self.first).unwrap_u8());
        self.seen = (self.seen + 1) % WINDOW;
        if self.repeated >= REPETITIONS {
            self.failed = Some("the repetition count test");
        }
        if self.hits >= PROPORTION {
            self.failed = Some("the adaptive proportion test");
        }
        self.failed.map_or(Ok(()), |failed| Err(Error::Entropy { failed }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many samples pass before the test named fails.
    fn passed(samples: impl Iterator<Item = u8>) -> (usize, Option<Error>) {
        let mut health = Health::new();
        let mut count = 0;
        for sample in samples {
            if let Err(error) = health.check(sample) {
                assert_eq!(health.check(sample.wrapping_add(1)), Err(error), "it stays failed");
                return (count, Some(error));
            }
            count += 1;
        }
        (count, None)
    }

    const REPETITION: Option<Error> = Some(Error::Entropy { failed: "the repetition count test" });
    const ADAPTIVE: Option<Error> = Some(Error::Entropy { failed: "the adaptive proportion test" });

    #[test]
    fn a_stuck_source_fails_at_the_ninth_sample() {
        assert_eq!(passed(core::iter::repeat(7)), (8, REPETITION));
        assert_eq!(passed([1; 8].into_iter().chain([2; 8])), (16, None));
        assert_eq!(passed([1; 3].into_iter().chain([0; 20])), (11, REPETITION));
    }

    #[test]
    fn a_value_too_frequent_in_a_window_fails() {
        // Every second sample is the first one: no repetition, but the 71st hit comes as sample 141.
        let alternating = (0..1000_u16).map(|i| if i % 2 == 0 { 10 } else { i.to_le_bytes()[0] });
        assert_eq!(passed(alternating), (140, ADAPTIVE));
        // Every eighth, and two more that count past it: 66 hits in a window.
        let rarer = (0..4096_u16).map(|i| if i % 8 == 0 { 10 } else { i.to_le_bytes()[0] });
        assert_eq!(passed(rarer), (4096, None));
    }
}
