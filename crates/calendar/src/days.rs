//! Working days, from a calendar that is data.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use yinxin_gm::{Digest, sm3};
use yinxin_verdict::UnixTime;

use crate::{Day, Error};

/// Largest calendar file, bytes: a year has 1 KB, a century fits.
pub(crate) const FILE_MAX: usize = 256 * 1024;
/// Longest term, days: terms are days to months; a count stays far from the calendar's end.
pub(crate) const TERM_MAX: u32 = 1000;

const WHAT: &str = "calendar";

/// Which days are worked. A year that is not in it is not guessed at.
///
/// ```toml
/// region = "CN"
/// [[year]]
/// year = 2026
/// source = "where the days are from"
/// off = ["2026-10-01..2026-10-07"]   # weekdays and weekend days that are not worked
/// work = ["2026-10-10"]              # weekend days that are
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    region: String,
    years: BTreeMap<i16, Year>,
    digest: Digest,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Year {
    source: String,
    off: BTreeSet<Day>,
    work: BTreeSet<Day>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    region: String,
    year: Vec<FileYear>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileYear {
    year: i16,
    source: String,
    off: Vec<String>,
    work: Vec<String>,
}

impl Calendar {
    /// Reads a calendar file.
    ///
    /// # Errors
    /// [`Error::ConfigBad`].
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        let bad = |why: String| Error::ConfigBad { what: WHAT, why };
        if text.len() > FILE_MAX {
            return Err(bad(format!("{} bytes, at most {FILE_MAX} are read", text.len())));
        }
        let file: File = toml::from_str(text).map_err(|e| bad(e.to_string()))?;
        let mut years = BTreeMap::new();
        for entry in file.year {
            let year = entry.year;
            if years.insert(year, Year::read(entry)?).is_some() {
                return Err(bad(format!("{year} stands twice")));
            }
        }
        Ok(Self { region: file.region, years, digest: sm3::digest(text.as_bytes()) })
    }

    /// The days of 2025 and 2026 that come with this crate; their sources are named in the file.
    ///
    /// # Errors
    /// None: the file is part of the crate, and a test reads it.
    pub fn china() -> Result<Self, Error> {
        Self::from_toml(include_str!("../data/china.toml"))
    }

    /// SM3 of the file: what deadlines on the ledger name.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// Which region's days these are.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The years, and where their days are from.
    pub fn sources(&self) -> impl Iterator<Item = (i16, &str)> {
        self.years.iter().map(|(year, days)| (*year, days.source.as_str()))
    }

    /// Whether the day of this instant in China is worked.
    ///
    /// # Errors
    /// [`Error::CalendarMissing`].
    pub fn is_working_day(&self, at: UnixTime) -> Result<bool, Error> {
        self.works(Day::of(at))
    }

    /// The day that is so many working days after the day of an instant in China, which is not counted (Civil Code, art. 201).
    ///
    /// # Errors
    /// [`Error::CalendarMissing`], [`Error::TooMany`] beyond 1000 days.
    pub fn working_days_after(&self, at: UnixTime, days: u32) -> Result<String, Error> {
        self.after(Day::of(at), days).map(|day| day.to_string())
    }

    /// The day that is so many working days after another, which is not counted (Civil Code, art. 201).
    ///
    /// # Errors
    /// [`Error::CalendarMissing`], [`Error::TooMany`] beyond 1000 days.
    pub fn after(&self, start: Day, days: u32) -> Result<Day, Error> {
        if days > TERM_MAX {
            let (max, found) = (TERM_MAX.into(), days.into());
            return Err(Error::TooMany { what: "days of a term", max, found });
        }
        let (mut day, mut left) = (start, days);
        while left > 0 {
            day = day.tomorrow()?;
            left -= u32::from(self.works(day)?);
        }
        Ok(day)
    }

    /// Working days from one day to another, the first not counted, the last counted: how long something took.
    ///
    /// # Errors
    /// [`Error::CalendarMissing`].
    pub fn between(&self, from: Day, until: Day) -> Result<u32, Error> {
        if from >= until {
            return Ok(0);
        }
        self.count(from.tomorrow()?, until.tomorrow()?)
    }

    fn works(&self, day: Day) -> Result<bool, Error> {
        let year = day.year();
        let days = self.years.get(&year).ok_or(Error::CalendarMissing { year })?;
        Ok(days.work.contains(&day) || (!day.is_weekend() && !days.off.contains(&day)))
    }

    /// The day itself if it is worked, else the next one that is.
    pub(crate) fn or_next(&self, mut day: Day) -> Result<Day, Error> {
        while !self.works(day)? {
            day = day.tomorrow()?;
        }
        Ok(day)
    }

    /// Working days from one day to another, the first counted, the last not.
    pub(crate) fn count(&self, mut from: Day, until: Day) -> Result<u32, Error> {
        let mut count = 0;
        while from < until {
            count += u32::from(self.works(from)?);
            from = from.tomorrow()?;
        }
        Ok(count)
    }
}

impl Year {
    fn read(entry: FileYear) -> Result<Self, Error> {
        let FileYear { year, source, off, work } = entry;
        let bad = |why: String| Error::ConfigBad { what: WHAT, why: format!("{year}: {why}") };
        if source.trim().is_empty() {
            return Err(bad("no source is named".to_owned()));
        }
        let read = |list: Vec<String>| -> Result<BTreeSet<Day>, Error> {
            let mut days = BTreeSet::new();
            for text in list {
                for day in span(&text).ok_or_else(|| bad(format!("{text:?} is no day or span")))? {
                    if day.year() != year || !days.insert(day) {
                        return Err(bad(format!("{day} stands twice, or is of another year")));
                    }
                }
            }
            Ok(days)
        };
        let (off, work) = (read(off)?, read(work)?);
        if let Some(day) = off.intersection(&work).next() {
            return Err(bad(format!("{day} is both off and worked")));
        }
        if let Some(day) = work.iter().find(|d| !d.is_weekend()) {
            return Err(bad(format!("{day} is worked anyway")));
        }
        Ok(Self { source, off, work })
    }
}

/// `2026-10-10`, or `2026-10-01..2026-10-07` with both ends.
fn span(text: &str) -> Option<Vec<Day>> {
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    let (first, last): (Day, Day) = (first.parse().ok()?, last.parse().ok()?);
    // A span lies in one year, so it has at most 366 days.
    if first > last || first.year() != last.year() {
        return None;
    }
    let mut days = vec![first];
    let mut day = first;
    while day < last {
        day = day.tomorrow().ok()?;
        days.push(day);
    }
    Some(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> UnixTime {
        UnixTime::parse(text).unwrap()
    }

    #[test]
    fn terms_end_where_the_notices_of_two_years_put_them() {
        let calendar = Calendar::china().unwrap();
        for (start, days, end) in [
            ("2025-09-26", 10, "2025-10-16"),
            ("2025-09-30", 1, "2025-10-09"),
            ("2026-01-01", 1, "2026-01-04"),
            ("2026-02-13", 7, "2026-03-02"),
            ("2026-02-14", 1, "2026-02-24"),
            ("2026-04-03", 1, "2026-04-07"),
            ("2026-04-30", 20, "2026-06-01"),
            ("2026-09-24", 10, "2026-10-15"),
            ("2026-09-30", 5, "2026-10-13"),
            ("2026-09-30", 0, "2026-09-30"),
        ] {
            assert_eq!(
                calendar.working_days_after(at(start), days).unwrap(),
                end,
                "{start}+{days}"
            );
        }
        for year in [2025, 2026] {
            let [from, until] =
                [year, year + 1].map(|y| format!("{y}-01-01").parse::<Day>().unwrap());
            assert_eq!(calendar.count(from, until).unwrap(), 248, "{year}");
        }
        let [decided, published] = ["2026-09-30", "2026-10-13"].map(|d| d.parse().unwrap());
        assert_eq!(calendar.between(decided, published), Ok(5));
        assert_eq!(calendar.between(published, decided), Ok(0));
        assert!(calendar.sources().all(|(_, source)| source.contains("通知")));
    }

    #[test]
    fn the_day_is_the_one_in_china() {
        let calendar = Calendar::china().unwrap();
        // Friday evening in London is Saturday in Beijing, and that Saturday is worked.
        assert!(calendar.is_working_day(at("2026-02-13T20:00:00Z")).unwrap());
        assert!(!calendar.is_working_day(at("2026-02-14T20:00:00Z")).unwrap());
    }

    #[test]
    fn a_year_that_is_not_known_is_not_guessed_at() {
        let calendar = Calendar::china().unwrap();
        let missing = Err(Error::CalendarMissing { year: 2027 });
        assert_eq!(calendar.working_days_after(at("2026-12-25"), 10), missing);
        assert!(calendar.working_days_after(at("2026-01-01"), 1001).is_err());
    }

    #[test]
    fn calendars_that_contradict_themselves_are_refused() {
        let file = |year: &str| format!("region = \"CN\"\n[[year]]\nyear = 2026\n{year}");
        for (why, year) in [
            ("source", "source = \" \"\noff = []\nwork = []"),
            ("no day", "source = \"s\"\noff = [\"2026-02-30\"]\nwork = []"),
            ("no day", "source = \"s\"\noff = [\"2026-10-07..2026-10-01\"]\nwork = []"),
            ("no day", "source = \"s\"\noff = [\"20261001\"]\nwork = []"),
            ("twice", "source = \"s\"\noff = [\"2026-10-01\", \"2026-10-01\"]\nwork = []"),
            ("another year", "source = \"s\"\noff = [\"2027-10-01\"]\nwork = []"),
            ("both", "source = \"s\"\noff = [\"2026-10-10\"]\nwork = [\"2026-10-10\"]"),
            ("anyway", "source = \"s\"\noff = []\nwork = [\"2026-10-12\"]"),
            ("unknown", "source = \"s\"\noff = []\nwork = []\nhalf = []"),
            (
                "twice",
                "source = \"s\"\noff = []\nwork = []\n[[year]]\nyear = 2026\nsource = \"s\"\noff = []\nwork = []",
            ),
        ] {
            let error = Calendar::from_toml(&file(year)).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
        assert!(Calendar::from_toml(&" ".repeat(FILE_MAX + 1)).is_err());
    }
}
