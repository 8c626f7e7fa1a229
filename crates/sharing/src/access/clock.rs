//! Whether the own clock can be right, by the ledger's.

use core::time::Duration;

use yinxin_verdict::UnixTime;

use super::Head;
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

    /// The time, if it can be.
    ///
    /// # Errors
    /// [`Error::ClockWrong`].
    pub fn check(&self, now: UnixTime, steady: Duration) -> Result<UnixTime, Error> {
        let passed = steady.saturating_sub(self.since).as_millis();
        let passed = i64::try_from(passed).unwrap_or(i64::MAX).saturating_add(MAX_AHEAD_MS);
        let most = self.latest.as_millis().saturating_add(passed);
        if now.as_millis() <= most {
            Ok(now)
        } else {
            Err(Error::ClockWrong { ledger: self.latest, found: now })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::at;

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
        assert!(clock.check(UnixTime::EPOCH, steady).is_ok());
    }
}
