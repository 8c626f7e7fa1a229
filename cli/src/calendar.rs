//! The working days that deadlines are counted with.

use std::path::PathBuf;

use yinxin_record::{Date, Deadline};
use yinxin_sharing::calendar::Calendar;
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
