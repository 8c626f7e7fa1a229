//! Points in time.

use core::fmt;

use jiff::{Timestamp, civil::DateTime, tz::Offset};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time: milliseconds since 1970-01-01T00:00:00Z.
///
/// Invariant: between the years 0001 and 9999, so that every value has an RFC 3339 form.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(i64);

/// Text or number that is no point in time.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TimeError {
    /// Not RFC 3339, nor a date such as `2026-11-22`.
    NotATime(String),
    /// Before the year 1 or after the year 9999.
    OutOfRange(i64),
}

impl fmt::Display for TimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotATime(s) => write!(
                f,
                "expected a time such as 2026-11-22T08:00:00Z or a date such as 2026-11-22, got {s:?}"
            ),
            Self::OutOfRange(ms) => {
                write!(f, "expected a time in the years 0001 to 9999, got {ms} ms")
            }
        }
    }
}

impl std::error::Error for TimeError {}

impl UnixTime {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);

    const MIN_MS: i64 = -62_135_596_800_000;
    const MAX_MS: i64 = 253_402_207_200_000;

    /// From milliseconds since the epoch.
    ///
    /// # Errors
    /// [`TimeError::OutOfRange`] outside the years 1 to 9999.
    pub fn from_millis(ms: i64) -> Result<Self, TimeError> {
        if (Self::MIN_MS..=Self::MAX_MS).contains(&ms) {
            Ok(Self(ms))
        } else {
            Err(TimeError::OutOfRange(ms))
        }
    }

    /// From seconds since the epoch.
    ///
    /// # Errors
    /// [`TimeError::OutOfRange`] outside the years 1 to 9999.
    pub fn from_secs(secs: i64) -> Result<Self, TimeError> {
        secs.checked_mul(1000).map_or(Err(TimeError::OutOfRange(i64::MAX)), Self::from_millis)
    }

    /// The operating system's clock. Only edges call this; cores take the time as an argument.
    #[must_use]
    pub fn system_now() -> Self {
        Self(Timestamp::now().as_millisecond())
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    #[must_use]
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The same instant without its milliseconds: what DER's `GeneralizedTime` can carry.
    #[must_use]
    pub const fn floor_to_second(self) -> Self {
        Self(self.0 - self.0.rem_euclid(1000))
    }

    /// Later by `ms` milliseconds (earlier if negative), held at the ends of the range.
    #[must_use]
    pub fn plus_millis(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms).clamp(Self::MIN_MS, Self::MAX_MS))
    }

    /// Reads RFC 3339 (`2026-11-22T08:00:00+08:00`), or a date, meaning its first instant in China (UTC+8).
    ///
    /// # Errors
    /// [`TimeError::NotATime`] for anything else.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        let not = || TimeError::NotATime(text.to_owned());
        if let Ok(t) = text.parse::<Timestamp>() {
            return Self::from_millis(t.as_millisecond());
        }
        let date: jiff::civil::Date = text.parse().map_err(|_| not())?;
        if text.len() != 10 {
            return Err(not());
        }
        let start = china().to_timestamp(date.at(0, 0, 0, 0)).map_err(|_| not())?;
        Self::from_millis(start.as_millisecond())
    }

    /// `YYYYMMDDhhmmssZ`, the DER form of `GeneralizedTime`.
    #[must_use]
    pub fn to_generalized(self) -> String {
        let t = self.civil(Offset::UTC);
        format!(
            "{:04}{:02}{:02}{:02}{:02}{:02}Z",
            t.year(),
            t.month(),
            t.day(),
            t.hour(),
            t.minute(),
            t.second()
        )
    }

    /// The calendar date in China (UTC+8), `YYYY-MM-DD`: what a licence prints.
    #[must_use]
    pub fn china_date(self) -> String {
        self.civil(china()).date().to_string()
    }

    fn civil(self, offset: Offset) -> DateTime {
        offset.to_datetime(self.timestamp())
    }

    fn timestamp(self) -> Timestamp {
        Timestamp::from_millisecond(self.0)
            .expect("the invariant keeps the value inside jiff's range")
    }
}

/// China Standard Time has had one offset since 1991.
fn china() -> Offset {
    Offset::constant(8)
}

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.timestamp())
    }
}

impl fmt::Debug for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for UnixTime {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for UnixTime {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_forms_name_the_same_instant() {
        for (text, ms) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2026-11-22T08:00:00+08:00", 1_795_305_600_000),
            ("2026-11-22T00:00:00Z", 1_795_305_600_000),
            ("2026-11-22", 1_795_305_600_000 - 8 * 3_600_000),
            ("2026-11-22T00:00:00.250Z", 1_795_305_600_250),
        ] {
            assert_eq!(UnixTime::parse(text).unwrap().as_millis(), ms, "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "now",
            "2026-13-01",
            "2026-02-30",
            "20261122",
            "2026-11-22T25:00:00Z",
            "2026-11-22T00:00:00",
        ] {
            assert!(UnixTime::parse(text).is_err(), "{text}");
        }
        assert!(UnixTime::from_millis(i64::MAX).is_err());
        assert!(UnixTime::from_secs(i64::MIN).is_err());
    }

    #[test]
    fn printed_form_reads_back() {
        for ms in [UnixTime::MIN_MS, -1, 0, 1, 1_795_305_600_250, UnixTime::MAX_MS] {
            let t = UnixTime::from_millis(ms).unwrap();
            assert_eq!(UnixTime::parse(&t.to_string()).unwrap(), t, "{ms}");
        }
    }

    #[test]
    fn calendar_forms() {
        let t = UnixTime::parse("2026-11-22T20:15:09.999Z").unwrap();
        assert_eq!(t.to_generalized(), "20261122201509Z");
        assert_eq!(t.china_date(), "2026-11-23");
        assert_eq!(t.floor_to_second().to_string(), "2026-11-22T20:15:09Z");
    }
}
