//! How an item of a source stands after each of its records: what the rules judge by, and what every view replays.

use yinxin_record::{
    ClassKind, Date, ItemEvent, ItemStatus, OrganisationCode, Term, TermBase, next_item_status,
};

use super::{SourceFollow, SourceItem};
use crate::Error;

#[cfg(test)]
mod tests;

/// What a version of a class says of the terms of its items.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    pub(crate) kind: ClassKind,
    pub(crate) term: Term,
}

/// An item after some of its records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) status: ItemStatus,
    /// Who decided: nobody else decides what follows.
    pub(crate) authority: OrganisationCode,
    /// The day of the decision; of a commitment that was kept or broken, the day of that.
    pub(crate) decided: Date,
    /// The first day on which it may be repaired or struck off.
    pub(crate) minimum: Date,
    /// The first day on which it is no longer shown.
    pub(crate) until: Option<Date>,
    /// The day of its last record: it was published, or something happened to it.
    pub(crate) last: Date,
}

impl Terms {
    /// The shortest and the longest term of an item: the first day on which it may be repaired or struck off, and the first on which it is
    /// no longer shown. The term of a commitment begins when it is kept or broken.
    pub(crate) fn of(&self, item: &SourceItem) -> (Date, Option<Date>) {
        match self.kind {
            ClassKind::Commitment => (item.decided, None),
            _ => self.from(item.decided, item.published),
        }
    }

    fn from(&self, decided: Date, published: Date) -> (Date, Option<Date>) {
        let base = match self.term.base {
            TermBase::Publication => published,
            _ => decided,
        };
        let until = self.term.max_months.map(|months| base.plus_months(months));
        (base.plus_months(self.term.min_months), until)
    }

    /// An item as it is recorded.
    ///
    /// # Errors
    /// None: the table lets every item begin.
    pub(crate) fn begin(&self, item: &SourceItem) -> Result<Standing, Error> {
        let event = match self.kind {
            ClassKind::Commitment => ItemEvent::Commit,
            _ => ItemEvent::Record,
        };
        let (minimum, until) = self.of(item);
        Ok(Standing {
            status: next_item_status(None, event)?,
            authority: item.authority.clone(),
            decided: item.decided,
            minimum,
            until: item.until.or(until),
            last: item.published,
        })
    }

    /// The item after one more record, if the table has such a row.
    ///
    /// # Errors
    /// [`Error::Record`].
    pub(crate) fn then(&self, item: Standing, follow: &SourceFollow) -> Result<Standing, Error> {
        let day = follow.day;
        let status = next_item_status(Some(item.status), follow.event)?;
        let item = Standing { status, last: item.last.max(day), ..item };
        Ok(match follow.event {
            ItemEvent::Fulfil | ItemEvent::Break => {
                let (minimum, until) = self.from(day, day);
                Standing { decided: day, minimum, until, ..item }
            }
            ItemEvent::Reinstate => {
                Standing { minimum: day.plus_months(self.term.min_months), ..item }
            }
            _ => item,
        })
    }
}
