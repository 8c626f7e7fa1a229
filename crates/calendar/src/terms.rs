//! Terms: how long something may take, since when, on what basis, and who is told when it takes longer.

use serde::Deserialize;
use yinxin_gm::Digest;
use yinxin_verdict::UnixTime;

use crate::{
    Calendar, Day, Error,
    days::{FILE_MAX, TERM_MAX},
};

/// Steps of an escalation: provider, authority, upper authority, and room for local ones.
const MAX_STEPS: usize = 8;

/// A table of terms. Each has the days from which, and until which, it is in force; what was begun under one goes on under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms(Vec<Term>);

/// How long something may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    id: String,
    basis: String,
    valid_from: Day,
    /// The first day on which it is no longer in force.
    valid_until: Option<Day>,
    days: u32,
    unit: Unit,
    /// Working days after the deadline, rising, and whom to turn to.
    escalate: Vec<(u32, String)>,
}

/// What days are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(clippy::exhaustive_enums, reason = "the law's two")]
pub enum Unit {
    /// Working days.
    WorkingDays,
    /// Every day; a last day that is not worked moves to the next one that is (Civil Code, art. 203).
    CalendarDays,
}

/// By when something is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadline {
    last_day: Day,
    at: UnixTime,
    calendar: Digest,
    steps: Vec<Step>,
}

/// Whom to turn to once a deadline has passed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Step {
    /// From this instant on.
    pub at: UnixTime,
    /// The role.
    pub to: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    term: Vec<FileTerm>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileTerm {
    id: String,
    basis: String,
    valid_from: String,
    valid_until: Option<String>,
    days: u32,
    unit: Unit,
    #[serde(default)]
    escalate: Vec<FileStep>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileStep {
    after: u32,
    to: String,
}

impl Terms {
    /// Reads a table of terms.
    ///
    /// # Errors
    /// [`Error::ConfigBad`].
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        let bad = |why: String| Error::ConfigBad { what: "terms", why };
        if text.len() > FILE_MAX {
            return Err(bad(format!("{} bytes, at most {FILE_MAX} are read", text.len())));
        }
        let file: File = toml::from_str(text).map_err(|e| bad(e.to_string()))?;
        let terms = file.term.into_iter().map(Term::read).collect::<Result<Vec<_>, _>>()?;
        for (i, term) in terms.iter().enumerate() {
            if terms[..i].iter().any(|t| t.id == term.id && t.overlaps(term)) {
                return Err(bad(format!("two terms {:?} are in force on one day", term.id)));
            }
        }
        Ok(Self(terms))
    }

    /// The example that comes with this crate.
    ///
    /// # Errors
    /// None: the file is part of the crate, and a test reads it.
    pub fn example() -> Result<Self, Error> {
        Self::from_toml(include_str!("../data/terms.toml"))
    }

    /// The term of this id that is in force on the day of an instant in China.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn at(&self, id: &str, at: UnixTime) -> Result<&Term, Error> {
        let date = Day::of(at);
        let found = self.0.iter().find(|t| t.id == id && t.holds_on(date));
        found.ok_or_else(|| Error::NotFound { what: "term", name: format!("{id} on {date}") })
    }
}

impl Term {
    fn read(file: FileTerm) -> Result<Self, Error> {
        let FileTerm { id, basis, valid_from, valid_until, days, unit, escalate } = file;
        let bad = |why: &str| Error::ConfigBad { what: "terms", why: format!("{id}: {why}") };
        let date = |text: &str| -> Result<Day, Error> {
            text.parse().map_err(|_| bad("a day such as 2026-11-22"))
        };
        let valid_from = date(&valid_from)?;
        let valid_until = valid_until.as_deref().map(date).transpose()?;
        if valid_until.is_some_and(|until| until <= valid_from) {
            return Err(bad("ends before it begins"));
        }
        if basis.trim().is_empty() {
            return Err(bad("no basis is named"));
        }
        let longest = escalate.iter().map(|s| s.after).max().unwrap_or(0);
        if days > TERM_MAX || longest > TERM_MAX || escalate.len() > MAX_STEPS {
            return Err(bad("too long, or too many steps"));
        }
        if escalate.windows(2).any(|w| w[0].after >= w[1].after) {
            return Err(bad("steps do not rise"));
        }
        let escalate = escalate.into_iter().map(|s| (s.after, s.to)).collect();
        Ok(Self { id, basis, valid_from, valid_until, days, unit, escalate })
    }

    fn holds_on(&self, date: Day) -> bool {
        self.valid_from <= date && self.valid_until.is_none_or(|until| date < until)
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.holds_on(other.valid_from) || other.holds_on(self.valid_from)
    }

    /// On what it rests.
    #[must_use]
    pub fn basis(&self) -> &str {
        &self.basis
    }

    /// The deadline of what begins at an instant; that day is not counted.
    ///
    /// # Errors
    /// [`Error::CalendarMissing`].
    pub fn deadline(&self, start: UnixTime, calendar: &Calendar) -> Result<Deadline, Error> {
        self.deadline_with_pauses(start, &[], calendar)
    }

    /// The deadline when the clock stood in between, while something was asked for: pauses from one instant to another, in order.
    /// Each day on which it stood is not counted, from the day of the first instant to the day before that of the last.
    ///
    /// # Errors
    /// [`Error::CalendarMissing`]; [`Error::ValueBad`] for pauses out of order.
    pub fn deadline_with_pauses(
        &self,
        start: UnixTime,
        pauses: &[(UnixTime, UnixTime)],
        calendar: &Calendar,
    ) -> Result<Deadline, Error> {
        let mut last = start;
        for (from, until) in pauses {
            if *from < last || until < from {
                return Err(Error::ValueBad { what: "pauses in order", found: from.to_string() });
            }
            last = *until;
        }
        let mut extra = 0;
        for (from, until) in pauses {
            let (from, until) = (Day::of(*from), Day::of(*until));
            extra += match self.unit {
                Unit::WorkingDays => calendar.count(from, until)?,
                Unit::CalendarDays => u32::try_from(until.number() - from.number()).unwrap_or(0),
            };
        }
        let (days, start) = (self.days.saturating_add(extra), Day::of(start));
        let last_day = match self.unit {
            Unit::WorkingDays => calendar.after(start, days)?,
            Unit::CalendarDays => {
                let number = start.number().saturating_add(i32::try_from(days).unwrap_or(i32::MAX));
                calendar.or_next(Day::from_number(number)?)?
            }
        };
        let step = |(after, to): &(u32, String)| {
            let at = calendar.after(last_day, *after)?.end();
            Ok(Step { at, to: to.clone() })
        };
        let steps = self.escalate.iter().map(step).collect::<Result<_, Error>>()?;
        Ok(Deadline { last_day, at: last_day.end(), calendar: calendar.digest(), steps })
    }
}

impl Deadline {
    /// The last day on which it is in time, `YYYY-MM-DD` in China.
    #[must_use]
    pub fn last_day(&self) -> String {
        self.last_day.to_string()
    }

    /// The first instant at which it is late.
    #[must_use]
    pub const fn at(&self) -> UnixTime {
        self.at
    }

    /// SM3 of the calendar that it was counted with.
    #[must_use]
    pub const fn calendar(&self) -> Digest {
        self.calendar
    }

    /// Whom to turn to, and from when on.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The step that is due: the last one whose instant has come.
    #[must_use]
    pub fn due(&self, now: UnixTime) -> Option<&Step> {
        self.steps.iter().rfind(|step| step.at <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> UnixTime {
        UnixTime::parse(text).unwrap()
    }

    #[test]
    fn a_late_reply_climbs_step_by_step() {
        let (calendar, terms) = (Calendar::china().unwrap(), Terms::example().unwrap());
        let asked = at("2026-09-24T15:00:00+08:00");
        let deadline = terms.at("reply-conditional", asked).unwrap().deadline(asked, &calendar);
        let deadline = deadline.unwrap();
        assert_eq!(deadline.last_day(), "2026-10-15");
        assert_eq!(deadline.at(), at("2026-10-16T00:00:00+08:00"));
        assert_eq!(deadline.calendar(), calendar.digest());
        for (now, to) in [
            ("2026-10-15T23:59:59.999+08:00", None),
            ("2026-10-16T00:00:00+08:00", Some("provider-lead")),
            ("2026-10-20T23:59:59+08:00", Some("provider-lead")),
            ("2026-10-21T00:00:00+08:00", Some("authority")),
            ("2026-12-01T00:00:00+08:00", Some("upper-authority")),
        ] {
            assert_eq!(deadline.due(at(now)).map(|s| s.to.as_str()), to, "{now}");
        }
    }

    #[test]
    fn the_clock_stands_while_more_is_asked_for() {
        let (calendar, terms) = (Calendar::china().unwrap(), Terms::example().unwrap());
        let term = terms.at("reply-conditional", at("2026-11-02")).unwrap();
        let start = at("2026-11-02T09:00:00+08:00");
        for (pauses, last) in [
            (vec![], "2026-11-16"),
            (vec![("2026-11-04", "2026-11-06")], "2026-11-18"),
            (vec![("2026-11-04", "2026-11-04")], "2026-11-16"),
            (vec![("2026-11-06", "2026-11-09"), ("2026-11-10", "2026-11-11")], "2026-11-18"),
        ] {
            let pauses: Vec<_> = pauses.iter().map(|(a, b)| (at(a), at(b))).collect();
            let deadline = term.deadline_with_pauses(start, &pauses, &calendar).unwrap();
            assert_eq!(deadline.last_day(), last, "{pauses:?}");
        }
        let backwards = [(at("2026-11-06"), at("2026-11-04"))];
        assert!(term.deadline_with_pauses(start, &backwards, &calendar).is_err());
    }

    #[test]
    fn calendar_days_end_on_a_working_day() {
        let table = "[[term]]\nid = \"a\"\nbasis = \"b\"\nvalid_from = \"2026-01-01\"\nvalid_until = \"2026-11-01\"\ndays = 7\nunit = \"calendar-days\"";
        let (calendar, terms) = (Calendar::china().unwrap(), Terms::from_toml(table).unwrap());
        for (start, last) in [("2026-03-02", "2026-03-09"), ("2026-09-25", "2026-10-08")] {
            let deadline = terms.at("a", at(start)).unwrap().deadline(at(start), &calendar);
            assert_eq!(deadline.unwrap().last_day(), last, "{start}");
        }
        for outside in ["2025-12-31", "2026-11-01"] {
            assert!(terms.at("a", at(outside)).is_err(), "{outside}");
        }
        assert!(terms.at("b", at("2026-03-02")).is_err());
        let twice = [table, &table.replace("2026-01-01", "2026-10-31")].join("\n");
        assert!(Terms::from_toml(&twice).is_err(), "two in force on one day");
        for (good, bad) in [
            ("basis = \"b\"", "basis = \"\""),
            ("days = 7", "days = 1001"),
            ("2026-11-01", "2025-11-01"),
            ("calendar-days", "moons"),
            ("2026-01-01", "soon"),
        ] {
            assert!(Terms::from_toml(&table.replace(good, bad)).is_err(), "{bad}");
        }
    }
}
