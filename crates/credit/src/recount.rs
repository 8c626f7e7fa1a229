//! An authority's deadlines counted again: the ledger takes what a record says, within bounds, for it has no calendar of its own.

use std::collections::BTreeMap;

use yinxin_calendar::Calendar;
use yinxin_gm::Digest;
use yinxin_record::{
    Act, ClassReference, CreditAct, Date, Deadline, OrganisationCode, PublishClass, Record,
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
    /// Records that had to be published in time.
    pub published: u64,
    /// Those that were late by the calendar, whatever they say themselves.
    pub late: u64,
    /// Deadlines of publications, objections, repairs and withdrawals that were set later than the calendar says.
    pub postponed: u64,
    /// Deadlines that the calendar cannot count: it lacks the year.
    pub uncounted: u64,
    /// Records of its batches that had to be published in time, as the batches count them.
    pub batched: u64,
    /// Those of them that were late, as the batches count them.
    pub batched_late: u64,
}

impl Recount {
    /// Before any record.
    #[must_use]
    pub const fn new(authority: OrganisationCode) -> Self {
        let items = BTreeMap::new();
        Self {
            authority,
            items,
            published: 0,
            late: 0,
            postponed: 0,
            uncounted: 0,
            batched: 0,
            batched_late: 0,
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
        let Some((item, set, from, days)) = answer(act, at) else { return Ok(()) };
        if let Some(class) = self.items.get(&item)
            && let Some(days) = days(of(class)?)
        {
            self.set(set, from, days, calendar, at);
        }
        Ok(())
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

/// The item that an act with a deadline is about, the deadline, and from which day how many days are counted.
fn answer(act: &CreditAct, at: UnixTime) -> Option<(Digest, &Deadline, Date, Days)> {
    let today = Date::of(at);
    let found: (_, _, _, Days) = match act {
        CreditAct::Object(a) => (a.item, &a.deadline, today, |c| Some(c.limits.objection_days)),
        CreditAct::ApplyRepair(a) => {
            (a.item, &a.deadline, today, |c| c.repair.as_ref().map(|rule| rule.days))
        }
        CreditAct::Withdraw(a) => {
            (a.item, &a.withdraw_by, a.decided, |c| Some(c.limits.withdraw_days))
        }
        _ => return None,
    };
    Some(found)
}
