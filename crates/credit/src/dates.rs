//! What a subject and an authority want to know of an item's days: until when it is shown, when it may be repaired, by when what is done.

use yinxin_calendar::{Calendar, Day};
use yinxin_record::{Date, PublishClass};
use yinxin_verdict::UnixTime;

use crate::{CreditItem, Error};

/// The days of an item.
///
/// ```
/// use yinxin_calendar::Calendar;
/// use yinxin_credit::deadline;
/// use yinxin_record::Date;
///
/// // Decided on 24 September 2026: seven working days later is 12 October, for the National Day lies between.
/// let last = deadline(&Calendar::china()?, Date::parse("2026-09-24")?, 7)?;
/// assert_eq!(last.to_string(), "2026-10-12");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ItemDates {
    /// The last day on which its publication was in time, if its class sets one.
    pub publish_by: Option<Date>,
    /// The first day on which an application for repair is accepted; `None`: it cannot be repaired.
    pub repairable: Option<Date>,
    /// The last day to decide an application that is made today.
    pub repair_by: Option<Date>,
    /// The last day to resolve an objection that is raised today.
    pub objection_by: Date,
    /// The first day on which it is no longer shown; `None`: it does not expire.
    pub expires: Option<Date>,
}

impl ItemDates {
    /// The days of an item, as of an instant.
    ///
    /// # Errors
    /// [`Error::Calendar`] if the calendar lacks a year.
    pub fn of(
        item: &CreditItem,
        class: &PublishClass,
        calendar: &Calendar,
        now: UnixTime,
    ) -> Result<Self, Error> {
        let today = Date::of(now);
        let shown = item.is_shown(now);
        let repair = class.repair.as_ref().filter(|_| shown);
        let publish = class.limits.publish_days;
        Ok(Self {
            publish_by: publish.map(|days| deadline(calendar, item.decided, days)).transpose()?,
            repairable: repair.map(|_| item.minimum),
            repair_by: repair.map(|rule| deadline(calendar, today, rule.days)).transpose()?,
            objection_by: deadline(calendar, today, class.limits.objection_days)?,
            expires: item.until,
        })
    }
}

/// The last day of a term of working days that begins on a day, which is not counted.
///
/// # Errors
/// [`Error::Calendar`] if the calendar lacks a year.
pub fn deadline(calendar: &Calendar, from: Date, working_days: u16) -> Result<Date, Error> {
    let last = calendar.after(day(from)?, working_days.into())?;
    let date = Date::from_days(last.number().into());
    date.ok_or(Error::Calendar(yinxin_calendar::Error::CalendarMissing { year: last.year() }))
}

/// Working days by which something was late, the first one after the deadline counted; 0: it was in time.
///
/// # Errors
/// [`Error::Calendar`] if the calendar lacks a year.
pub fn days_late(
    calendar: &Calendar,
    from: Date,
    working_days: u16,
    done: Date,
) -> Result<u32, Error> {
    let last = deadline(calendar, from, working_days)?;
    Ok(calendar.between(day(last)?, day(done)?)?)
}

fn day(date: Date) -> Result<Day, Error> {
    Ok(Day::from_number(i32::try_from(date.days()).unwrap_or(i32::MAX))?)
}
