//! Rows that answers on their way may still take: other calls do not count on them.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Weak,
        atomic::{AtomicU64, Ordering},
    },
};

use yinxin_gm::Digest;

/// One answer's; free again once it is dropped.
#[derive(Debug)]
pub(super) struct Hold(Arc<AtomicU64>);

/// Those of all answers, by grant.
#[derive(Debug, Default)]
pub(super) struct Holds(BTreeMap<Digest, Vec<Weak<AtomicU64>>>);

impl Hold {
    /// So many left and are on the journal's account.
    pub(super) fn took(&self, rows: u64) {
        let rest = self.0.load(Ordering::Relaxed).saturating_sub(rows);
        self.0.store(rest, Ordering::Relaxed);
    }
}

impl Holds {
    pub(super) fn take(&mut self, grant: Digest, rows: u64) -> Hold {
        self.0.retain(|_, held| {
            held.retain(|hold| hold.strong_count() > 0);
            !held.is_empty()
        });
        let hold = Arc::new(AtomicU64::new(rows));
        self.0.entry(grant).or_default().push(Arc::downgrade(&hold));
        Hold(hold)
    }

    pub(super) fn rows(&self, grant: &Digest) -> u64 {
        let held = self.0.get(grant).into_iter().flatten().filter_map(Weak::upgrade);
        held.map(|rows| rows.load(Ordering::Relaxed)).fold(0, u64::saturating_add)
    }
}
