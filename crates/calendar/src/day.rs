//! A day.

use core::{fmt, str::FromStr};

use jiff::{
    Span, ToSpan,
    civil::{Date, Weekday},
    tz::Offset,
};
use yinxin_verdict::UnixTime;

use crate::Error;

/// Furthest a day is moved, in months: a century; terms of law are months and years.
const MAX_MONTHS: u32 = 1200;

/// A day of the calendar in China (UTC+8).
///
/// Invariant: from 0001-01-02 to 9998-12-31, so that it begins and ends at instants that [`UnixTime`] has.
///
/// ```
/// use yinxin_calendar::Day;
/// use yinxin_verdict::UnixTime;
///
/// let day: Day = "2026-04-01".parse()?;
/// assert_eq!(Day::of(UnixTime::parse("2026-03-31T16:00:00Z")?), day);
/// assert_eq!(day.start(), UnixTime::parse("2026-04-01T00:00:00+08:00")?);
/// assert!(day < day.plus_months(1)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub(crate) Date);

impl Day {
    /// 1970-01-01.
    pub const EPOCH: Self = Self(Date::constant(1970, 1, 1));

    const FIRST: Self = Self(Date::constant(1, 1, 2));
    const LAST: Self = Self(Date::constant(9998, 12, 31));

    /// The day of an instant; the first or last there is for instants beyond.
    #[must_use]
    #[allow(clippy::missing_panics_doc, reason = "the text of a date is one")]
    pub fn of(at: UnixTime) -> Self {
        let date = at.china_date().parse().expect("the text of a date is one");
        Self(date).clamp(Self::FIRST, Self::LAST)
    }

    /// The day that is so many days after 1970-01-01, or before it.
    ///
    /// # Errors
    /// [`Error::CalendarMissing`] beyond the years that there are.
    pub fn from_number(number: i32) -> Result<Self, Error> {
        let beyond = Error::CalendarMissing { year: if number < 0 { 0 } else { 9999 } };
        let days = Span::new().try_days(number).ok();
        let day = days.and_then(|days| Self::EPOCH.0.checked_add(days).ok());
        day.and_then(Self::new).ok_or(beyond)
    }

    /// How many days after 1970-01-01 it is; negative before.
    #[must_use]
    pub fn number(self) -> i32 {
        (self.0 - Self::EPOCH.0).get_days()
    }

    /// The same-numbered day so many months later; the last of the month if it has none (Civil Code, art. 202).
    ///
    /// # Errors
    /// [`Error::TooMany`] beyond a century, [`Error::CalendarMissing`] beyond the years that there are.
    pub fn plus_months(self, months: u32) -> Result<Self, Error> {
        if months > MAX_MONTHS {
            let (max, found) = (MAX_MONTHS.into(), months.into());
            return Err(Error::TooMany { what: "months of a term", max, found });
        }
        let later = self.0.checked_add(i64::from(months).months()).ok().and_then(Self::new);
        later.ok_or_else(|| self.beyond())
    }

    /// The next day.
    ///
    /// # Errors
    /// [`Error::CalendarMissing`] beyond the years that there are.
    pub fn tomorrow(self) -> Result<Self, Error> {
        self.0.tomorrow().ok().and_then(Self::new).ok_or_else(|| self.beyond())
    }

    /// Its first instant.
    #[must_use]
    pub fn start(self) -> UnixTime {
        midnight(self.0)
    }

    /// The first instant after it: a term closes at 24:00 (Civil Code, art. 203).
    #[must_use]
    #[allow(clippy::missing_panics_doc, reason = "the invariant leaves a year")]
    pub fn end(self) -> UnixTime {
        midnight(self.0.tomorrow().expect("the invariant leaves a year"))
    }

    /// The year it is in.
    #[must_use]
    pub fn year(self) -> i16 {
        self.0.year()
    }

    pub(crate) fn new(date: Date) -> Option<Self> {
        (Self::FIRST..=Self::LAST).contains(&Self(date)).then_some(Self(date))
    }

    pub(crate) fn is_weekend(self) -> bool {
        matches!(self.0.weekday(), Weekday::Saturday | Weekday::Sunday)
    }

    fn beyond(self) -> Error {
        Error::CalendarMissing { year: self.year() }
    }
}

fn midnight(date: Date) -> UnixTime {
    let instant = Offset::constant(8).to_timestamp(date.at(0, 0, 0, 0)).expect("years 1 to 9999");
    UnixTime::from_millis(instant.as_millisecond()).expect("the invariant keeps the ends")
}

impl FromStr for Day {
    type Err = Error;

    /// `YYYY-MM-DD` and nothing else.
    fn from_str(text: &str) -> Result<Self, Error> {
        let date = text.parse().ok().filter(|d: &Date| d.to_string() == text).and_then(Self::new);
        let found = || text.chars().take(32).collect();
        date.ok_or_else(|| Error::ValueBad { what: "a day such as 2026-11-22", found: found() })
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn months_end_on_the_same_numbered_day_or_the_last() {
        for (start, months, end) in [
            ("2026-01-31", 1, "2026-02-28"),
            ("2024-01-31", 1, "2024-02-29"),
            ("2026-04-01", 3, "2026-07-01"),
            ("2026-11-30", 3, "2027-02-28"),
            ("2024-02-29", 12, "2025-02-28"),
            ("2026-12-15", 36, "2029-12-15"),
            ("2026-12-15", 0, "2026-12-15"),
        ] {
            assert_eq!(day(start).plus_months(months).unwrap(), day(end), "{start}+{months}");
        }
        assert!(day("2026-01-01").plus_months(1201).is_err());
        assert!(day("9998-12-31").plus_months(1).is_err() && day("9998-12-31").tomorrow().is_err());
    }

    #[test]
    fn a_day_has_one_form() {
        for text in ["", "2026-2-1", "2026-02-30", "20260201", "2026-02-01T00:00:00Z", "0001-01-01"]
        {
            assert!(text.parse::<Day>().is_err(), "{text}");
        }
        assert!("9999-01-01".parse::<Day>().is_err());
        let first = Day::of(UnixTime::parse("0001-01-01T00:00:00Z").unwrap());
        assert!(first == day("0001-01-02") && first.start() < first.end());
        assert_eq!(day("9998-12-31").end(), UnixTime::parse("9999-01-01").unwrap());
    }

    proptest! {
        #[test]
        fn numbers_and_texts_name_days(number in -700_000i32..2_900_000) {
            let day = Day::from_number(number).unwrap();
            prop_assert_eq!(day.number(), number);
            prop_assert_eq!(day.to_string().parse::<Day>().unwrap(), day);
            prop_assert_eq!(Day::of(day.start()), day);
            prop_assert_eq!(Day::of(day.end()), day.tomorrow().unwrap());
        }

        #[test]
        fn no_number_breaks_it(number in any::<i32>(), months in any::<u32>()) {
            if let Ok(day) = Day::from_number(number) {
                let _ = day.plus_months(months);
            }
        }
    }
}
