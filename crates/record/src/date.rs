//! Days of the calendar, as decisions and periods are dated.

use core::fmt;

use jiff::{
    ToSpan,
    civil::{self, DateTime},
    tz::Offset,
};
use yinxin_merkle::wire::{Reader, WireError, Writer};
use yinxin_verdict::UnixTime;

use crate::{Error, asn::Field};

/// A day in China (UTC+8): an INTEGER of days since 1970-01-01.
///
/// Invariant: between the years 1949 and 2999, so that a period of 100 years more has a date too.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(civil::Date);

const EPOCH: civil::Date = civil::date(1970, 1, 1);
const MIN: civil::Date = civil::date(1949, 1, 1);
const MAX: civil::Date = civil::date(2999, 12, 31);

impl Date {
    /// Reads `2026-11-22`, and nothing else.
    ///
    /// # Errors
    /// [`Error::Date`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        let wrong = || Error::Date { found: text.chars().take(32).collect() };
        let date: civil::Date = text.parse().map_err(|_| wrong())?;
        let plain = text.len() == 10 && (MIN..=MAX).contains(&date);
        if plain { Ok(Self(date)) } else { Err(wrong()) }
    }

    /// The day in China at an instant, held at the ends of the range.
    #[must_use]
    pub fn of(time: UnixTime) -> Self {
        let days = (time.as_millis() + CHINA_MS).div_euclid(DAY_MS);
        Self::from_days(days).unwrap_or(Self(if days < 0 { MIN } else { MAX }))
    }

    /// Its first instant.
    #[must_use]
    #[allow(clippy::missing_panics_doc, reason = "the invariant keeps it in range")]
    pub fn start(self) -> UnixTime {
        let start = Offset::constant(8).to_timestamp(DateTime::from(self.0));
        let millis = start.expect("the invariant keeps it in range").as_millisecond();
        UnixTime::from_millis(millis).expect("the invariant keeps it in range")
    }

    /// The day with the same number so many months later, or the last of that month if there is none (Civil Code,
    /// article 202); held at the end of the range.
    #[must_use]
    pub fn plus_months(self, months: u16) -> Self {
        let later = self.0.checked_add(i64::from(months).months());
        Self(later.unwrap_or(MAX).min(MAX))
    }

    /// So many days later; held at the end of the range.
    #[must_use]
    pub fn plus_days(self, days: u32) -> Self {
        let later = self.0.checked_add(i64::from(days).days());
        Self(later.unwrap_or(MAX).min(MAX))
    }

    /// So many days before; held at the beginning of the range.
    #[must_use]
    pub fn minus_days(self, days: u32) -> Self {
        let earlier = self.0.checked_sub(i64::from(days).days());
        Self(earlier.unwrap_or(MIN).max(MIN))
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub fn days(self) -> i64 {
        (self.0 - EPOCH).get_days().into()
    }

    /// The day that is so many days after 1970-01-01; `None` outside of the range.
    #[must_use]
    pub fn from_days(days: i64) -> Option<Self> {
        let date = EPOCH.checked_add(i32::try_from(days).ok()?.days()).ok()?;
        (MIN..=MAX).contains(&date).then_some(Self(date))
    }
}

const DAY_MS: i64 = 86_400_000;
const CHINA_MS: i64 = 8 * 3_600_000;

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Field for Date {
    fn put(&self, out: &mut Writer) {
        out.int(self.days());
    }

    fn take(input: &mut Reader<'_>, what: &'static str) -> Result<Self, WireError> {
        Self::from_days(input.int(what)?).ok_or(WireError::Value(what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    #[test]
    fn months_end_on_the_same_day_or_the_last() {
        for (from, months, to) in [
            ("2026-11-30", 3, "2027-02-28"),
            ("2027-11-30", 3, "2028-02-29"),
            ("2026-01-31", 1, "2026-02-28"),
            ("2026-03-31", 12, "2027-03-31"),
            ("2024-02-29", 12, "2025-02-28"),
            ("2026-05-06", 0, "2026-05-06"),
            ("2999-12-01", 36, "2999-12-31"),
        ] {
            assert_eq!(date(from).plus_months(months), date(to), "{from} + {months}");
        }
    }

    #[test]
    fn a_day_begins_at_midnight_in_china() {
        let start = date("2026-11-22").start();
        assert_eq!(start, UnixTime::parse("2026-11-21T16:00:00Z").unwrap());
        assert_eq!(Date::of(start), date("2026-11-22"));
        assert_eq!(Date::of(start.plus_millis(-1)), date("2026-11-21"));
        assert_eq!(Date::of(UnixTime::parse("0005-01-01T00:00:00Z").unwrap()), date("1949-01-01"));
        assert_eq!(Date::of(UnixTime::parse("9000-01-01T00:00:00Z").unwrap()), date("2999-12-31"));
    }

    #[test]
    fn days_count_from_1970_both_ways() {
        for (text, days) in [("1970-01-01", 0), ("1969-12-31", -1), ("2026-11-22", 20_779)] {
            assert_eq!((date(text).days(), Date::from_days(days)), (days, Some(date(text))));
        }
        assert_eq!(date("2026-11-22").plus_days(10).minus_days(10), date("2026-11-22"));
        assert_eq!((Date::from_days(i64::MAX), Date::from_days(-9000)), (None, None));
        for wrong in ["", "2026-11-31", "2026-1-1", "1948-12-31", "3000-01-01", "2026-11-22T00:00"]
        {
            assert!(Date::parse(wrong).is_err(), "{wrong}");
        }
    }
}
