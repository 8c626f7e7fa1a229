//! Whether the own clock can be right, by the ledger's.

use core::time::Duration;

use yinxin_verdict::UnixTime;

use super::{Head, rules::MAX_HEAD_AGE_MS};
use crate::Error;

/// How far the clock may be ahead of what the newest block and the time since allow.
const MAX_AHEAD_MS: i64 = 600_000;

/// The newest block that was proven, and when by a clock that only goes forward.
///
/// A journal's time never goes back (a minute that is closed stays closed), so a clock that jumps ahead once would stop its server for
/// good: such a time is not taken.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    latest: UnixTime,
    since: Duration,
}

impl Default for Clock {
    /// Without any block no time is right.
    fn default() -> Self {
        Self { latest: UnixTime::EPOCH, since: Duration::ZERO }
    }
}

impl Clock {
    /// A block was proven; `steady` is the time since some fixed instant.
    pub fn proven(&mut self, head: &Head, steady: Duration) {
        if head.time > self.latest {
            (self.latest, self.since) = (head.time, steady);
        }
    }

    /// The time, if it can be. Where no block was proven for so long that none is fresh, a clock that was set back makes none fresh
    /// again: it is at least as late as the newest block and the time since.
    ///
    /// # Errors
    /// [`Error::ClockWrong`].
    pub fn check(&self, now: UnixTime, steady: Duration) -> Result<UnixTime, Error> {
        let passed = steady.saturating_sub(self.since).as_millis();
        let passed = i64::try_from(passed).unwrap_or(i64::MAX);
        let least = self.latest.as_millis().saturating_add(passed);
        let most = least.saturating_add(MAX_AHEAD_MS);
        if now.as_millis() <= most {
            let old = passed > MAX_HEAD_AGE_MS && self.latest > UnixTime::EPOCH;
            Ok(if old { now.max(UnixTime::EPOCH.plus_millis(least)) } else { now })
        } else {
            Err(Error::ClockWrong { ledger: self.latest, found: now })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{access::is_fresh, sample::at};

    #[test]
    fn a_clock_may_be_ten_minutes_ahead_of_the_newest_block_and_the_time_since() {
        let (start, steady) = (at("2026-11-22T08:00:00+08:00"), Duration::from_secs(100));
        let mut clock = Clock::default();
        assert!(clock.check(start, steady).is_err(), "nothing is known");
        clock.proven(&Head { height: 9, time: start }, steady);
        // An older block that is proven later says nothing new.
        clock.proven(&Head { height: 8, time: start.plus_millis(-9) }, steady * 2);
        for (passed, ahead, fits) in
            [(0, 600_000, true), (0, 600_001, false), (50, 650_000, true), (50, 650_001, false)]
        {
            let now = start.plus_millis(ahead);
            let found = clock.check(now, steady + Duration::from_secs(passed));
            let wrong = Error::ClockWrong { ledger: start, found: now };
            assert_eq!(found, if fits { Ok(now) } else { Err(wrong) }, "{passed} {ahead}");
        }
        // Behind, the head is not fresh: that is for others to say.
        assert_eq!(clock.check(UnixTime::EPOCH, steady), Ok(UnixTime::EPOCH));
    }

    #[test]
    fn an_old_block_is_not_fresh_by_a_clock_that_was_set_back() {
        let (start, steady) = (at("2026-11-22T08:00:00+08:00"), Duration::from_secs(100));
        let mut clock = Clock::default();
        let head = Head { height: 9, time: start };
        clock.proven(&head, steady);
        for (passed, fresh) in [(0, true), (35, true), (36, false), (3600, false)] {
            let now = clock.check(start, steady + Duration::from_secs(passed)).unwrap();
            assert_eq!(is_fresh(&head, now), fresh, "{passed}");
        }
    }
}
