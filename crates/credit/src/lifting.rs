//! Measures that are to be lifted: their item has ended, and working days run.

use yinxin_calendar::Calendar;
use yinxin_record::{Date, ItemState, MeasureState, PublishClass};
use yinxin_verdict::UnixTime;

use crate::{Error, deadline};

/// A measure whose item has ended and that is not lifted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lifting {
    /// The day on which its item ended.
    pub ended: Date,
    /// The last day on which lifting it is in time; `None` if the calendar lacks the year.
    pub by: Option<Date>,
    /// That day is over.
    pub overdue: bool,
}

impl Lifting {
    /// What a department owes of a measure; `None`: its item stands, or it is lifted.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the class is not the item's or no list's.
    pub fn of(
        measure: &MeasureState,
        item: &ItemState,
        class: &PublishClass,
        calendar: &Calendar,
        now: UnixTime,
    ) -> Result<Option<Self>, Error> {
        let Some(ended) = item.ended_at(now).filter(|_| measure.is_due(item, now)) else {
            return Ok(None);
        };
        let rule = class.list.as_ref().filter(|_| class.code == item.class.code);
        let rule = rule.ok_or_else(|| {
            let (expected, found) = (item.class.to_string(), class.code.to_string());
            Error::Mismatch { what: "list", expected, found }
        })?;
        let ended = Date::of(ended);
        let by = match deadline(calendar, ended, rule.lift_days) {
            Ok(by) => Some(by),
            Err(Error::Calendar(yinxin_calendar::Error::CalendarMissing { .. })) => None,
            Err(error) => return Err(error),
        };
        Ok(Some(Self { ended, by, overdue: by.is_some_and(|by| by < Date::of(now)) }))
    }
}
