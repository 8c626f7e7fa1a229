//! An item as the model of credit sees it, with a calendar of its own.

use std::collections::BTreeMap;

use yinxin_gm::Digest;
use yinxin_record::Date;

/// A day as year, month, day: the model's own calendar.
pub(crate) type Day = (i64, i64, i64);

fn month_length((year, month): (i64, i64)) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

pub(crate) fn plus_months((year, month, day): Day, months: i64) -> Day {
    let count = year * 12 + month - 1 + months;
    let (year, month) = (count / 12, count % 12 + 1);
    (year, month, day.min(month_length((year, month))))
}

pub(crate) fn of(date: Date) -> Day {
    let text = date.to_string();
    let mut parts = text.split('-').map(|part| part.parse().unwrap());
    (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap())
}

/// An item as the model sees it; deadlines in milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) id: Digest,
    pub(crate) company: u8,
    pub(crate) class: &'static str,
    pub(crate) authority: u8,
    pub(crate) stands: &'static str,
    pub(crate) minimum: Day,
    pub(crate) until: Option<Day>,
    /// Those that are open, in order: id, sender, deadline.
    pub(crate) objections: Vec<(Digest, u8, i64)>,
    /// Until when who dropped one raises no other: sender, deadline of the one that it dropped last.
    pub(crate) dropped: BTreeMap<u8, i64>,
    /// All applications, in order: id, where it stands, deadline, sender or, once it is decided, who decided.
    pub(crate) repairs: Vec<(Digest, &'static str, i64, u8)>,
    /// The application that the item names.
    pub(crate) named: Option<Digest>,
    pub(crate) measures: Vec<Measure>,
    /// The item that it rests on, if it is an entry on the black list.
    pub(crate) basis: Option<usize>,
    /// Whether an entry on the list rests on it that was not withdrawn: none does again.
    pub(crate) carries: bool,
    /// Whose entries that rest on it were withdrawn: theirs never do again.
    pub(crate) barred: Vec<u8>,
}

/// A measure that rests on an item.
#[derive(Clone, Debug)]
pub(crate) struct Measure {
    pub(crate) id: Digest,
    pub(crate) by: u8,
    pub(crate) lifted: bool,
    /// How often its department told what came of it, and what it told last.
    pub(crate) told: u32,
    pub(crate) result: u16,
}

impl Measure {
    pub(crate) const fn new(by: u8) -> Self {
        Self { id: Digest::ZERO, by, lifted: false, told: 0, result: 0 }
    }
}

/// How many months an item of a class is shown at least and at most.
fn terms(class: &str) -> (i64, i64) {
    match class {
        "black" => (12, 36),
        "red" => (0, 24),
        _ => (3, 12),
    }
}

impl Item {
    /// An item whose id is not known yet.
    pub(crate) fn new(
        company: u8,
        class: &'static str,
        authority: u8,
        stands: &'static str,
        decided: Day,
    ) -> Self {
        let (min, max) = terms(class);
        let (minimum, until) = match class {
            "commitment" => (decided, Some(plus_months(decided, 36))),
            _ => (plus_months(decided, min), Some(plus_months(decided, max))),
        };
        Self {
            id: Digest::ZERO,
            company,
            class,
            authority,
            stands,
            minimum,
            until,
            objections: Vec::new(),
            dropped: BTreeMap::new(),
            repairs: Vec::new(),
            named: None,
            measures: Vec::new(),
            basis: None,
            carries: false,
            barred: Vec::new(),
        }
    }

    /// Whether it is a place on a list.
    pub(crate) fn is_listed(&self) -> bool {
        ["black", "red"].contains(&self.class)
    }

    /// The `which`-th of its measures; of those that stand first, if they are asked for.
    pub(crate) fn measure(&self, standing: bool, which: usize) -> Option<&Measure> {
        self.measure_at(standing, which).map(|at| &self.measures[at])
    }

    pub(crate) fn measure_mut(&mut self, standing: bool, which: usize) -> Option<&mut Measure> {
        self.measure_at(standing, which).map(|at| &mut self.measures[at])
    }

    fn measure_at(&self, standing: bool, which: usize) -> Option<usize> {
        let all = 0..self.measures.len();
        let stand: Vec<usize> = all.filter(|at| !(standing && self.measures[*at].lifted)).collect();
        let picked = (!stand.is_empty()).then(|| stand[which % stand.len()]);
        picked.or(self.measures.len().checked_sub(1))
    }

    pub(crate) fn expired(&self, today: Day) -> bool {
        self.until.is_some_and(|until| until <= today)
    }

    pub(crate) fn months(&self) -> (i64, i64) {
        terms(self.class)
    }

    /// Whether it is adverse and shown.
    pub(crate) fn repairable(&self) -> bool {
        ["in-force", "broken", "reinstated"].contains(&self.stands)
    }

    /// The `which`-th of the applications that stand so, else the last.
    pub(crate) fn repair(&self, stands: &str, which: usize) -> Option<usize> {
        let so: Vec<usize> =
            (0..self.repairs.len()).filter(|at| self.repairs[*at].1 == stands).collect();
        let picked = (!so.is_empty()).then(|| so[which % so.len()]);
        picked.or(self.repairs.len().checked_sub(1))
    }

    /// The application that the item names once one is decided: one that is open, else that one.
    pub(crate) fn names(&self, decided: Digest) -> Option<Digest> {
        let open = self.repairs.iter().find(|r| r.1 == "applied");
        Some(open.map_or(decided, |r| r.0))
    }

    pub(crate) fn shown(&self, today: Day) -> bool {
        !["repaired", "delisted", "withdrawn"].contains(&self.stands) && !self.expired(today)
    }
}
