//! How punctual the authorities of a source's items are: by the days that the source gives, and by the days of the blocks.

use std::collections::BTreeMap;

use yinxin_record::{Date, OrganisationCode};

use super::{
    SourceItem,
    rules::{Deadlines, Punctual, SourceRules},
};

/// Most authorities that are told apart: the country has some tens of thousands of departments.
const MAX_AUTHORITIES: usize = 65_536;

/// What an authority had to publish in time, of the items that a source told of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Punctuality {
    /// Items that had to be published by a day.
    pub due: u64,
    /// Those that were late by the day of publication that the source gives.
    pub late: u64,
    /// Those of `due` that were decided since the day on which the source's first batch was anchored: what is older is its history.
    pub due_since: u64,
    /// Those of `due_since` that were late by the day of the block that anchored them.
    pub anchored_late: u64,
}

/// The counts of each authority of a source's items.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Punctualities {
    /// By the authority that decided.
    pub of: BTreeMap<OrganisationCode, Punctuality>,
    /// Of all authorities beyond the first 65,536.
    pub others: Punctuality,
}

impl Punctualities {
    /// An item, with the day of its batch's block and that of the source's first.
    pub(super) fn count(
        &mut self,
        item: &SourceItem,
        rules: &SourceRules,
        known: &mut Deadlines,
        days: Option<(Date, Date)>,
    ) {
        let own = rules.punctual(item, known);
        if !matches!(own, Punctual::InTime | Punctual::Late) {
            return;
        }
        let mut one = Punctuality {
            due: 1,
            late: u64::from(own == Punctual::Late),
            ..Punctuality::default()
        };
        if let Some((anchored, _)) = days.filter(|(_, first)| item.decided >= *first) {
            one.due_since = 1;
            let by_block = rules.punctual_on(item, anchored, known);
            one.anchored_late = u64::from(by_block == Punctual::Late);
        }
        self.add(&item.authority, one);
    }

    /// Adds what was counted of a batch that holds.
    pub(super) fn take(&mut self, other: Self) {
        for (authority, counts) in other.of {
            self.add(&authority, counts);
        }
        self.others.add(other.others);
    }

    fn add(&mut self, authority: &OrganisationCode, counts: Punctuality) {
        let known = self.of.contains_key(authority) || self.of.len() < MAX_AUTHORITIES;
        let of =
            if known { self.of.entry(authority.clone()).or_default() } else { &mut self.others };
        of.add(counts);
    }
}

impl Punctuality {
    const fn add(&mut self, other: Self) {
        self.due += other.due;
        self.late += other.late;
        self.due_since += other.due_since;
        self.anchored_late += other.anchored_late;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A source that tells of ever more authorities fills no memory: what is known goes on, all others are one.
    #[test]
    fn authorities_beyond_the_limit_are_counted_together() {
        const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
        let code = |n: usize| {
            let body = format!("11{n:015}");
            let codes = ALPHABET.iter().map(|check| format!("{body}{}", char::from(*check)));
            let mut valid = codes.filter_map(|code| OrganisationCode::new(&code).ok());
            valid.next().expect("one of the check digits holds")
        };
        let (due, late) = (1, 1);
        let one = Punctuality { due, late, ..Punctuality::default() };
        let mut counts = Punctualities::default();
        for n in 0..MAX_AUTHORITIES + 2 {
            counts.add(&code(n), one);
        }
        counts.add(&code(0), one);
        let of = |counts: &Punctualities, n| counts.of.get(&code(n)).map(|of| [of.due, of.late]);
        let others = |counts: &Punctualities| [counts.others.due, counts.others.late];
        assert_eq!(counts.of.len(), MAX_AUTHORITIES);
        assert_eq!(of(&counts, 0), Some([2, 2]));
        assert_eq!(of(&counts, MAX_AUTHORITIES - 1), Some([1, 1]));
        assert_eq!((of(&counts, MAX_AUTHORITIES), others(&counts)), (None, [2, 2]));
        // A batch of one that is known, of one that is not, and of others of its own.
        let mut batch = Punctualities { others: one, ..Punctualities::default() };
        batch.add(&code(0), one);
        batch.add(&code(MAX_AUTHORITIES), one);
        counts.take(batch);
        assert_eq!((of(&counts, 0), others(&counts)), (Some([3, 3]), [4, 4]));
        assert_eq!(counts.of.len(), MAX_AUTHORITIES);
    }
}
