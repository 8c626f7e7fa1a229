//! An authority's deadlines counted again: the ledger takes what a record says, within bounds, for it has no calendar of its own.

use std::collections::BTreeMap;

use yinxin_calendar::Calendar;
use yinxin_gm::Digest;
use yinxin_record::{
    Act, ClassReference, CreditAct, Date, Deadline, OrganisationCode, PublishClass,
    RaiseSourceCase, Record, SourceAsk, SourceEvent,
};
use yinxin_verdict::UnixTime;

use crate::{Classes, Error, deadline};

/// What the deadlines about an authority's items come to by a calendar.
///
/// Records of batches are not counted again: an auditor executes those. What the batches say of themselves stands beside.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Recount {
    authority: OrganisationCode,
    items: BTreeMap<Digest, ClassReference>,
    cases: BTreeMap<Digest, Case>,
    /// What it owes, by the record that asks for it, and the first instant at which that is late.
    owed: BTreeMap<Digest, UnixTime>,
    /// Records that had to be published in time.
    pub published: u64,
    /// Those that were late by the calendar, whatever they say themselves.
    pub late: u64,
    /// Deadlines of publications, objections, repairs, cases, their orders and withdrawals that were set later than the calendar says.
    pub postponed: u64,
    /// Deadlines that the calendar cannot count: it lacks the year.
    pub uncounted: u64,
    /// Records of its batches that had to be published in time, as the batches count them.
    pub batched: u64,
    /// Those of them that were late, as the batches count them.
    pub batched_late: u64,
}

/// A case about an item of a batch: of which class, and whether its source is the authority that is counted.
#[derive(Clone, Debug)]
struct Case {
    class: ClassReference,
    source: bool,
}

impl Recount {
    /// Before any record.
    #[must_use]
    pub const fn new(authority: OrganisationCode) -> Self {
        Self {
            authority,
            items: BTreeMap::new(),
            cases: BTreeMap::new(),
            owed: BTreeMap::new(),
            published: 0,
            late: 0,
            postponed: 0,
            uncounted: 0,
            batched: 0,
            batched_late: 0,
        }
    }

    /// The class that an act names and that has to be known to count it.
    #[must_use]
    pub const fn class(act: &CreditAct) -> Option<&ClassReference> {
        match act {
            CreditAct::Record(item) => Some(&item.class),
            CreditAct::RaiseCase(case) => match &case.item.record.event {
                SourceEvent::Record(item) => Some(&item.class),
                SourceEvent::Follow(_) => None,
            },
            _ => None,
        }
    }

    /// A record about an item of the authority, with the time of its block, in order; others change nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a class that is not among those given.
    pub fn record(
        &mut self,
        record: &Record,
        at: UnixTime,
        classes: &Classes,
        calendar: &Calendar,
    ) -> Result<(), Error> {
        let Act::Credit(act) = &record.tbs.act else { return Ok(()) };
        let of = |class: &ClassReference| {
            let missing = || Error::NotFound { what: "class", name: class.to_string() };
            classes.get(class).ok_or_else(missing)
        };
        if let CreditAct::Batch(batch) = act {
            if record.tbs.organisation == self.authority {
                self.batched += batch.due();
                self.batched_late += batch.late();
            }
            return Ok(());
        }
        if let CreditAct::Record(item) = act {
            if record.tbs.organisation == self.authority {
                self.items.insert(record.id(), item.class.clone());
                let days = of(&item.class)?.limits.publish_days;
                if let (Some(set), Some(days)) = (&item.publish_by, days) {
                    self.published += 1;
                    self.late += u64::from(self.set(set, item.decided, days, calendar, at));
                }
            }
            return Ok(());
        }
        let Some(asked) = self.asked(record.id(), act, at) else { return Ok(()) };
        if let Some(days) = (asked.days)(of(&asked.class)?) {
            self.set(asked.set, asked.from, days, calendar, at);
        }
        Ok(())
    }

    /// Objections, applications and cases that nobody has answered, and orders that nobody has shown to be carried out, whose deadline is past:
    /// the ledger counts these as late only when somebody closes them. A case is owed by the item's authority and by its source, for either
    /// may decide it.
    #[must_use]
    pub fn open_overdue(&self, at: UnixTime) -> u64 {
        self.owed.values().filter(|late| **late <= at).count() as u64
    }

    /// What an act asks of the authority, with a deadline; what it answers is owed no more.
    fn asked<'a>(&mut self, id: Digest, act: &'a CreditAct, at: UnixTime) -> Option<Asked<'a>> {
        let from = Date::of(at);
        let (class, set, from, days): (_, _, _, Days) = match act {
            CreditAct::Object(a) => {
                let class = self.items.get(&a.item)?.clone();
                self.owed.insert(id, a.deadline.at);
                (class, &a.deadline, from, |c| Some(c.limits.objection_days))
            }
            CreditAct::ApplyRepair(a) => {
                let class = self.items.get(&a.item)?.clone();
                self.owed.insert(id, a.deadline.at);
                (class, &a.deadline, from, repair_days)
            }
            CreditAct::RaiseCase(a) => {
                let class = self.case(id, a)?;
                self.owed.insert(id, a.deadline.at);
                (class, &a.deadline, from, case_days(&a.ask))
            }
            CreditAct::DecideCase(a) => {
                self.owed.remove(&a.case);
                let case = self.cases.get(&a.case)?;
                let carry_by = a.carry_by.as_ref().filter(|_| case.source)?;
                self.owed.insert(a.case, carry_by.at);
                (case.class.clone(), carry_by, from, |c| Some(c.limits.withdraw_days))
            }
            CreditAct::Withdraw(a) => {
                let class = self.items.get(&a.item)?.clone();
                (class, &a.withdraw_by, a.decided, |c| Some(c.limits.withdraw_days))
            }
            CreditAct::Resolve(a) => {
                self.owed.remove(&a.objection);
                return None;
            }
            CreditAct::DecideRepair(a) => {
                self.owed.remove(&a.application);
                return None;
            }
            // Neglected is late on the ledger from then on.
            CreditAct::CloseCase(a) => {
                self.owed.remove(&a.case);
                return None;
            }
            _ => return None,
        };
        Some(Asked { class, set, from, days })
    }

    /// The class of the item of a case, if the authority decided on that or published it.
    fn case(&mut self, id: Digest, act: &RaiseSourceCase) -> Option<ClassReference> {
        let SourceEvent::Record(item) = &act.item.record.event else { return None };
        let source = act.item.record.source == self.authority;
        if !source && item.authority != self.authority {
            return None;
        }
        self.cases.insert(id, Case { class: item.class.clone(), source });
        Some(item.class.clone())
    }

    /// Whether what was done at a time was late by the calendar.
    fn set(
        &mut self,
        set: &Deadline,
        from: Date,
        days: u16,
        calendar: &Calendar,
        at: UnixTime,
    ) -> bool {
        let Ok(last) = deadline(calendar, from, days) else {
            self.uncounted += 1;
            return false;
        };
        let end = last.plus_days(1).start();
        self.postponed += u64::from(set.at > end);
        at >= end
    }
}

type Days = fn(&PublishClass) -> Option<u16>;

/// A deadline of something that is asked: of which class, and from which day how many days are counted.
struct Asked<'a> {
    class: ClassReference,
    set: &'a Deadline,
    from: Date,
    days: Days,
}

fn repair_days(class: &PublishClass) -> Option<u16> {
    class.repair.as_ref().map(|rule| rule.days)
}

fn case_days(ask: &SourceAsk) -> Days {
    match ask {
        SourceAsk::Objection(_) => |class| Some(class.limits.objection_days),
        SourceAsk::Repair(_) => repair_days,
    }
}
