//! The rules for each record of a batch: what a source refuses, and any auditor re-executes.

use std::collections::BTreeMap;

use yinxin_calendar::{Calendar, Day};
use yinxin_record::{ClassKind, ClassReference, Date, ItemEvent, OrganisationCode};

use super::{
    SourceEvent, SourceFollow, SourceItem,
    standing::{Standing, Terms},
};
use crate::{Class, ClassTable, Error};

/// What records of a source are judged by.
#[derive(Clone, Debug)]
pub struct SourceRules {
    table: ClassTable,
    calendar: Calendar,
    source: OrganisationCode,
    /// Most days between what a batch tells and the batch.
    within: Option<u16>,
}

/// Whether a publication was in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Punctual {
    /// Nothing sets a day.
    NoDuty,
    InTime,
    Late,
    /// The calendar lacks the year.
    Unjudged,
}

impl SourceRules {
    /// The rules of a source: classes, and the calendar that its lateness is counted with.
    #[must_use]
    pub const fn new(source: OrganisationCode, table: ClassTable, calendar: Calendar) -> Self {
        Self { table, calendar, source, within: None }
    }

    /// What a batch tells was published, or happened, at most so many days before the batch: at import before today, in an audit before the day of
    /// the block that anchored it, which comes later by what anchoring took.
    ///
    /// Without it a batch may tell of any day before: a source's first batches are its history.
    #[must_use]
    pub fn within(mut self, days: u16) -> Self {
        self.within = Some(days);
        self
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

    /// Judges a record by itself: class, authority, days; nothing happens after `today`, if that is known.
    pub(super) fn judge(&self, event: &SourceEvent, today: Option<Date>) -> Result<(), Error> {
        match event {
            SourceEvent::Record(item) => {
                self.judge_item(item)?;
                self.in_time("published", item.published, today)
            }
            SourceEvent::Follow(follow) if follow.decision.is_some() && !follow.carries() => {
                let expected = "a correction, a repair or a withdrawal, where a decision is named";
                Err(Error::value("event", follow.event.name(), expected))
            }
            SourceEvent::Follow(follow) => self.in_time("day", follow.day, today),
        }
    }

    /// Nothing happens after the day on which it is told, nor longer before than the rules allow.
    fn in_time(&self, what: &'static str, found: Date, today: Option<Date>) -> Result<(), Error> {
        let Some(until) = today else { return Ok(()) };
        let from = self.within.map_or(found, |days| until.minus_days(days.into())).min(until);
        if (from..=until).contains(&found) {
            return Ok(());
        }
        Err(Error::OutOfTime { what, found, from, until })
    }

    fn judge_item(&self, item: &SourceItem) -> Result<(), Error> {
        let class = self.class(&item.class)?;
        if !class.holds_on(item.decided) {
            let until = class.valid_until.unwrap_or(item.decided);
            let from = class.valid_from;
            return Err(Error::OutOfTime { what: "decided", found: item.decided, from, until });
        }
        // Both: a recorder tells in batches of its own, and nobody tells what one that is none decided.
        for (what, who) in [("source", &self.source), ("authority", &item.authority)] {
            if !class.recorded_by(who) {
                return Err(Error::value(what, who.as_str(), "a recorder of the class"));
            }
        }
        let oldest = item.published.minus_days(class.limits.age_days);
        if item.decided > item.published || item.decided < oldest {
            let (from, until) = (oldest, item.published);
            return Err(Error::OutOfTime { what: "decided", found: item.decided, from, until });
        }
        if class.kind == ClassKind::Commitment && item.until.is_none() {
            return Err(Error::value("until", "", "the day by which the commitment is to be kept"));
        }
        let (from, last) = terms(class).of(item);
        if let Some(until) = item.until.filter(|u| *u < from || last.is_some_and(|last| *u > last))
        {
            let last = last.unwrap_or(until);
            return Err(Error::OutOfTime { what: "until", found: until, from, until: last });
        }
        Ok(())
    }

    /// An item as it is recorded.
    pub(super) fn begin(&self, item: &SourceItem) -> Result<Standing, Error> {
        terms(self.class(&item.class)?).begin(item)
    }

    /// An item by all its records, each of which was judged when it came.
    pub(super) fn replay(
        &self,
        item: &SourceItem,
        follows: impl IntoIterator<Item = SourceFollow>,
    ) -> Result<Standing, Error> {
        let terms = terms(self.class(&item.class)?);
        follows.into_iter().try_fold(terms.begin(item)?, |item, follow| terms.then(item, &follow))
    }

    /// The item after one more record, judged by how the item stands and not only by itself.
    pub(super) fn then(
        &self,
        class: &ClassReference,
        item: Standing,
        follow: &SourceFollow,
    ) -> Result<Standing, Error> {
        let class = self.class(class)?;
        let next = terms(class).then(item.clone(), follow)?;
        judge_follow(class, &item, follow)?;
        Ok(next)
    }

    /// Whether a repair names no decision though its class asks for evidence.
    pub(super) fn lacks_decision(
        &self,
        class: &ClassReference,
        follow: &SourceFollow,
    ) -> Result<bool, Error> {
        let asks =
            |class: &Class| class.repair.as_ref().is_some_and(|r| !r.rule.evidence.is_empty());
        let repairs = follow.event == ItemEvent::Repair && follow.decision.is_none();
        Ok(repairs && asks(self.class(class)?))
    }

    /// Whether an item was published in time; the deadline of a day is counted once.
    pub(super) fn punctual(&self, item: &SourceItem, known: &mut Deadlines) -> Punctual {
        self.punctual_on(item, item.published, known)
    }

    /// The same, had it been published on another day than its source says.
    pub(super) fn punctual_on(
        &self,
        item: &SourceItem,
        published: Date,
        known: &mut Deadlines,
    ) -> Punctual {
        let days = self.table.version(&item.class).and_then(|class| class.limits.publish_days);
        let Some(days) = days else { return Punctual::NoDuty };
        let deadline = *known.entry((item.decided, days)).or_insert_with(|| {
            let day = Day::from_number(i32::try_from(item.decided.days()).ok()?).ok()?;
            let last = self.calendar.after(day, days.into()).ok()?;
            Date::from_days(last.number().into())
        });
        match deadline {
            None => Punctual::Unjudged,
            Some(last) if published <= last => Punctual::InTime,
            Some(_) => Punctual::Late,
        }
    }

    fn class(&self, reference: &ClassReference) -> Result<&Class, Error> {
        let missing = || Error::NotFound { what: "class", name: reference.to_string() };
        self.table.version(reference).ok_or_else(missing)
    }
}

/// The last day in time of decisions of a day, by working days; `None`: the calendar lacks the year.
pub(super) type Deadlines = BTreeMap<(Date, u16), Option<Date>>;

/// What the ledger asks of an act about an item: of whoever recorded it, in the order of time, within its term.
fn judge_follow(class: &Class, item: &Standing, follow: &SourceFollow) -> Result<(), Error> {
    let (event, found) = (follow.event, follow.day);
    match event {
        ItemEvent::Repair if class.repair.is_none() => {
            return Err(Error::value("event", "repair", "an event of a class that is repaired"));
        }
        ItemEvent::Delist if class.list.is_none() => {
            return Err(Error::value("event", "delist", "an event of a list"));
        }
        _ => {}
    }
    if follow.authority != item.authority {
        let (expected, found) = (item.authority.to_string(), follow.authority.to_string());
        return Err(Error::Mismatch { what: "authority", expected, found });
    }
    let (what, from) = match event {
        ItemEvent::Repair | ItemEvent::Delist if item.minimum > item.last => {
            ("repair or exit", item.minimum)
        }
        _ => ("day", item.last),
    };
    // What is no longer shown is still corrected and withdrawn; nothing else happens to it.
    let ended = !matches!(event, ItemEvent::Correct | ItemEvent::Withdraw);
    let until = item.until.filter(|_| ended).map(|until| until.minus_days(1));
    if found < from || until.is_some_and(|until| found > until) {
        let until = until.map_or_else(|| Date::parse("2999-12-31"), Ok)?;
        return Err(Error::OutOfTime { what, found, from, until });
    }
    Ok(())
}

const fn terms(class: &Class) -> Terms {
    Terms { kind: class.kind, term: class.term }
}
