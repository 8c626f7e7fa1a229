//! The working days that deadlines are counted with.

use std::path::PathBuf;

use yinxin_record::{Date, Deadline, SharingClass};
use yinxin_sharing::calendar::{Calendar, Terms};
use yinxin_verdict::UnixTime;

use crate::{
    fail::{At, Class, Done, Failure},
    files, ui,
};

/// Which calendar deadlines are counted with.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct CalendarArgs {
    /// The file of working days [default: the one that comes with this program]
    #[arg(long, value_name = "FILE")]
    calendar: Option<PathBuf>,
}

/// Which table of terms they follow.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct TermArgs {
    /// The file of terms [default: the example that comes with this program]
    #[arg(long, value_name = "FILE")]
    terms: Option<PathBuf>,
}

/// The term within which a request for a resource of a class is answered, in tables of terms that name it as ours does.
pub(crate) const fn reply_term(class: SharingClass) -> &'static str {
    match class {
        SharingClass::Unconditional => "reply-unconditional",
        _ => "reply-conditional",
    }
}

impl TermArgs {
    /// The deadline of what began at an instant, by the term of this id that was in force then.
    pub(crate) fn deadline(
        &self,
        id: &str,
        start: UnixTime,
        calendar: &Calendar,
    ) -> Done<yinxin_sharing::calendar::Deadline> {
        let malformed = |e| Failure::of(Class::Malformed, &e);
        let terms = match &self.terms {
            None => Terms::example().map_err(malformed)?,
            Some(path) => {
                Terms::from_toml(&files::read_text(path)?).map_err(malformed).at(path.display())?
            }
        };
        let term = terms.at(id, start).map_err(malformed)?;
        term.deadline(start, calendar).map_err(malformed)
    }
}

impl CalendarArgs {
    /// Reads the calendar.
    pub(crate) fn load(&self) -> Done<Calendar> {
        match &self.calendar {
            None => Calendar::china().map_err(|e| Failure::of(Class::Malformed, &e)),
            Some(path) => Calendar::from_toml(&files::read_text(path)?)
                .map_err(|e| Failure::of(Class::Malformed, &e))
                .at(path.display()),
        }
    }

    /// The end of the day that is so many working days after today.
    pub(crate) fn deadline(&self, working_days: u32) -> Done<Deadline> {
        let calendar = self.load()?;
        let day = calendar
            .working_days_after(ui::now(), working_days)
            .map_err(|e| Failure::of(Class::Malformed, &e))?;
        let begins = UnixTime::parse(&day).map_err(Failure::bug)?;
        let at = begins.plus_millis(24 * 3_600_000);
        Ok(Deadline { at, calendar: calendar.digest() })
    }

    /// The end of the day that is so many working days after a day.
    pub(crate) fn deadline_from(&self, from: Date, working_days: u16) -> Done<Deadline> {
        let calendar = self.load()?;
        let last = yinxin_credit::deadline(&calendar, from, working_days);
        let last = last.map_err(|e| Failure::of(Class::Malformed, &e))?;
        Ok(Deadline { at: last.plus_days(1).start(), calendar: calendar.digest() })
    }
}
