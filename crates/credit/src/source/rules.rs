//! The rules for each record of a batch: what a source refuses, and any auditor re-executes.

use std::collections::BTreeMap;

use yinxin_calendar::{Calendar, Day};
use yinxin_record::{
    ClassKind, ClassReference, Date, ItemEvent, ItemStatus, OrganisationCode, TermBase,
    next_item_status,
};

use super::record::{SourceEvent, SourceFollow, SourceItem};
use crate::{Class, ClassTable, Error};

/// What records of a source are judged by.
#[derive(Clone, Debug)]
pub struct SourceRules {
    table: ClassTable,
    calendar: Calendar,
    source: OrganisationCode,
}

/// Whether a publication was in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Punctual {
    /// No duty, or in time.
    InTime,
    Late,
    /// The calendar lacks the year.
    Unjudged,
}

impl SourceRules {
    /// The rules of a source: classes, and the calendar that its lateness is counted with.
    #[must_use]
    pub const fn new(source: OrganisationCode, table: ClassTable, calendar: Calendar) -> Self {
        Self { table, calendar, source }
    }

    /// Whose rules these are.
    #[must_use]
    pub const fn source(&self) -> &OrganisationCode {
        &self.source
    }

    /// The classes.
    #[must_use]
    pub const fn table(&self) -> &ClassTable {
        &self.table
    }

    /// Most records of a class in a batch; 0: it does not come in batches.
    pub(super) fn volume(&self, class: &ClassReference) -> Result<u64, Error> {
        Ok(self.class(class)?.batch)
    }

    /// Judges a record by itself: class, authority, days.
    pub(super) fn judge(&self, event: &SourceEvent) -> Result<(), Error> {
        match event {
            SourceEvent::Record(item) => self.judge_item(item),
            SourceEvent::Follow(_) => Ok(()),
        }
    }

    fn judge_item(&self, item: &SourceItem) -> Result<(), Error> {
        let class = self.class(&item.class)?;
        if !class.holds_on(item.decided) {
            let until = class.valid_until.unwrap_or(item.decided);
            let from = class.valid_from;
            return Err(Error::OutOfTime { what: "decided", found: item.decided, from, until });
        }
        let recorders = &class.recorders;
        if !recorders.is_empty() && recorders.binary_search(&self.source).is_err() {
            return Err(Error::value("source", self.source.as_str(), "a recorder of the class"));
        }
        let oldest = item.published.minus_days(class.limits.age_days);
        if item.decided > item.published || item.decided < oldest {
            let (from, until) = (oldest, item.published);
            return Err(Error::OutOfTime { what: "decided", found: item.decided, from, until });
        }
        let (from, last) = (self.minimum(class, item), self.maximum(class, item));
        if let Some(until) = item.until.filter(|u| *u < from || last.is_some_and(|last| *u > last))
        {
            let last = last.unwrap_or(until);
            return Err(Error::OutOfTime { what: "until", found: until, from, until: last });
        }
        Ok(())
    }

    /// The state of an item after one more record.
    pub(super) fn next(
        &self,
        status: Option<ItemStatus>,
        event: &SourceEvent,
        recorded: Option<&SourceItem>,
    ) -> Result<ItemStatus, Error> {
        let item = match event {
            SourceEvent::Record(item) => {
                let commitment = self.class(&item.class)?.kind == ClassKind::Commitment;
                let event = if commitment { ItemEvent::Commit } else { ItemEvent::Record };
                return Ok(next_item_status(status, event)?);
            }
            SourceEvent::Follow(follow) => follow,
        };
        let next = next_item_status(status, item.event)?;
        let recorded = recorded.ok_or(Error::StoreDamaged { what: "an item" })?;
        self.judge_follow(item, recorded)?;
        Ok(next)
    }

    fn judge_follow(&self, follow: &SourceFollow, item: &SourceItem) -> Result<(), Error> {
        let class = self.class(&item.class)?;
        let (from, until) = (self.minimum(class, item), Date::parse("2999-12-31")?);
        let found = follow.day;
        match follow.event {
            ItemEvent::Repair if class.repair.is_none() => {
                Err(Error::value("event", "repair", "an event of a class that is repaired"))
            }
            ItemEvent::Delist if class.list.is_none() => {
                Err(Error::value("event", "delist", "an event of a list"))
            }
            ItemEvent::Repair | ItemEvent::Delist if found < from => {
                Err(Error::OutOfTime { what: "repair or exit", found, from, until })
            }
            _ if found < item.decided => {
                Err(Error::OutOfTime { what: "day", found, from: item.decided, until })
            }
            _ => Ok(()),
        }
    }

    /// Whether an item was published in time; the deadline of a day is counted once.
    pub(super) fn punctual(&self, item: &SourceItem, known: &mut Deadlines) -> Punctual {
        let days = self.table.version(&item.class).and_then(|class| class.limits.publish_days);
        let Some(days) = days else { return Punctual::InTime };
        let deadline = *known.entry((item.decided, days)).or_insert_with(|| {
            let day = Day::from_number(i32::try_from(item.decided.days()).ok()?).ok()?;
            let last = self.calendar.after(day, days.into()).ok()?;
            Date::from_days(last.number().into())
        });
        match deadline {
            None => Punctual::Unjudged,
            Some(last) if item.published <= last => Punctual::InTime,
            Some(_) => Punctual::Late,
        }
    }

    fn class(&self, reference: &ClassReference) -> Result<&Class, Error> {
        let missing = || Error::NotFound { what: "class", name: reference.to_string() };
        self.table.version(reference).ok_or_else(missing)
    }

    fn minimum(&self, class: &Class, item: &SourceItem) -> Date {
        base(class, item).plus_months(class.term.min_months)
    }

    fn maximum(&self, class: &Class, item: &SourceItem) -> Option<Date> {
        class.term.max_months.map(|months| base(class, item).plus_months(months))
    }
}

/// The last day in time of decisions of a day, by working days; `None`: the calendar lacks the year.
pub(super) type Deadlines = BTreeMap<(Date, u16), Option<Date>>;

fn base(class: &Class, item: &SourceItem) -> Date {
    match class.term.base {
        TermBase::Publication => item.published,
        _ => item.decided,
    }
}
