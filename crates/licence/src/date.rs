//! Calendar dates as licences print them.

use core::fmt;

use jiff::civil;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use yinxin_verdict::UnixTime;

use crate::Error;

/// The forms read when nobody says otherwise.
pub const DEFAULT_FORMATS: &[&str] =
    &["%Y-%m-%d", "%Y年%m月%d日", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d"];

/// A date of the calendar, in the years 1 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(civil::Date);

impl Date {
    /// Reads any of [`DEFAULT_FORMATS`].
    ///
    /// # Errors
    /// [`Error::DateImpossible`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::parse_with(text, DEFAULT_FORMATS)
    }

    /// Reads any of these `strptime` formats.
    ///
    /// # Errors
    /// [`Error::DateImpossible`] when none fits or the day does not exist.
    pub fn parse_with<S: AsRef<str>>(text: &str, formats: &[S]) -> Result<Self, Error> {
        let text = text.trim();
        let impossible = || Error::DateImpossible { text: text.chars().take(40).collect() };
        // No date in any of these forms is longer; do not let a parser chew on a novel.
        if text.len() > 40 {
            return Err(impossible());
        }
        formats
            .iter()
            .find_map(|f| civil::Date::strptime(f.as_ref(), text).ok())
            .filter(|d| d.year() >= 1)
            .map(Self)
            .ok_or_else(impossible)
    }

    /// The date in China at this instant.
    ///
    /// # Panics
    /// Never: the text that is read is made here.
    #[must_use]
    pub fn of(time: UnixTime) -> Self {
        Self(time.china_date().parse().expect("china_date is YYYY-MM-DD"))
    }

    /// The first instant of the day in China.
    #[must_use]
    pub fn start(self) -> UnixTime {
        UnixTime::parse(&self.to_string()).unwrap_or(UnixTime::EPOCH)
    }

    /// The first instant after the day in China: a licence valid to a day is valid through it.
    #[must_use]
    pub fn end(self) -> UnixTime {
        self.start().plus_millis(86_400_000)
    }

    /// The same day `years` later; 29 February becomes 28 February where it must.
    #[must_use]
    pub fn plus_years(self, years: u16) -> Self {
        let years = i16::try_from(years).unwrap_or(i16::MAX);
        Self(self.0.saturating_add(jiff::Span::new().try_years(years).unwrap_or_default()))
    }

    /// The day before; the first day there is stays itself.
    #[must_use]
    pub fn day_before(self) -> Self {
        Self(self.0.yesterday().unwrap_or(self.0))
    }

    /// `2026年11月22日`.
    #[must_use]
    pub fn to_chinese(self) -> String {
        format!("{}年{:02}月{:02}日", self.0.year(), self.0.month(), self.0.day())
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), self.0.month(), self.0.day())
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(d)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_one_day() {
        for text in [
            "2024-02-29",
            "2024年02月29日",
            "2024年2月29日",
            "2024/2/29",
            "2024.02.29",
            "20240229",
            " 2024-02-29 ",
        ] {
            let date = Date::parse(text).unwrap();
            assert_eq!(date.to_string(), "2024-02-29", "{text}");
            assert_eq!(date.to_chinese(), "2024年02月29日");
        }
    }

    #[test]
    fn impossible_days_are_refused() {
        for text in [
            "",
            "2023-02-29",
            "2024-13-01",
            "2024-00-10",
            "2024-04-31",
            "长期",
            "2024-1",
            "0000-01-01",
            &"9".repeat(99),
        ] {
            assert!(matches!(Date::parse(text), Err(Error::DateImpossible { .. })), "{text}");
        }
    }

    #[test]
    fn a_day_lasts_to_its_end_in_china() {
        let date = Date::parse("2026-11-22").unwrap();
        assert_eq!(date.start().to_string(), "2026-11-21T16:00:00Z");
        assert_eq!(date.end().to_string(), "2026-11-22T16:00:00Z");
        assert_eq!(Date::of(date.start()), date);
        assert_eq!(Date::parse("2024-02-29").unwrap().plus_years(1).to_string(), "2025-02-28");
    }
}
