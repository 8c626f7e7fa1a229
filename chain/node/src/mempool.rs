//! Records that wait to be committed. Pure: time comes as an argument.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use yinxin_engine::Admission;
use yinxin_engine::wire::{MAX_BODY, MAX_RECORD, MAX_RECORDS};
use yinxin_gm::Digest;

/// What the mempool may hold.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "written by callers over the defaults")]
pub struct Limits {
    /// Bytes in all. 32 MiB are 30 full blocks.
    pub bytes: usize,
    /// Records in all.
    pub records: usize,
    /// Records of one organisation, so that one cannot shut the others out.
    pub per_organisation: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 32 * MAX_BODY, records: 50_000, per_organisation: 20_000 }
    }
}

/// What came of adding a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Added {
    /// It waits here now.
    New,
    /// It waited already.
    Known,
    /// There is no room, and why.
    Full(&'static str),
}

#[derive(Debug)]
struct Entry {
    admission: Admission,
    record: Arc<Vec<u8>>,
    sent_ms: u64,
}

/// The records, oldest first.
#[derive(Debug)]
pub(crate) struct Mempool {
    limits: Limits,
    next: u64,
    bytes: usize,
    entries: BTreeMap<u64, Entry>,
    places: HashMap<Digest, u64>,
    organisations: HashMap<String, usize>,
}

impl Mempool {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            next: 0,
            bytes: 0,
            entries: BTreeMap::new(),
            places: HashMap::new(),
            organisations: HashMap::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn contains(&self, id: &Digest) -> bool {
        self.places.contains_key(id)
    }

    /// Adds a record the application admitted.
    pub(crate) fn add(&mut self, admission: Admission, record: Vec<u8>, now_ms: u64) -> Added {
        if self.contains(&admission.id) {
            return Added::Known;
        }
        if record.is_empty() || record.len() > MAX_RECORD {
            return Added::Full("records have 1 to 65536 bytes");
        }
        if self.len() >= self.limits.records || self.bytes + record.len() > self.limits.bytes {
            return Added::Full("the mempool is full");
        }
        let count = self.organisations.entry(admission.organisation.clone()).or_default();
        if *count >= self.limits.per_organisation {
            return Added::Full("too many records of this organisation wait");
        }
        *count += 1;
        self.bytes += record.len();
        self.places.insert(admission.id, self.next);
        let entry = Entry { admission, record: Arc::new(record), sent_ms: now_ms };
        self.entries.insert(self.next, entry);
        self.next += 1;
        Added::New
    }

    /// The oldest records that fit a block.
    pub(crate) fn candidates(&self) -> Vec<Vec<u8>> {
        let mut room = MAX_BODY;
        let fits = self.entries.values().take(MAX_RECORDS).take_while(|entry| {
            let after = room.checked_sub(entry.record.len() + 4);
            room = after.unwrap_or(0);
            after.is_some()
        });
        fits.map(|entry| entry.record.to_vec()).collect()
    }

    /// Removes a record.
    pub(crate) fn remove(&mut self, id: &Digest) {
        let Some(place) = self.places.remove(id) else { return };
        let entry = self.entries.remove(&place).expect("places and entries agree");
        self.bytes -= entry.record.len();
        if let Some(count) = self.organisations.get_mut(&entry.admission.organisation) {
            *count -= 1;
            if *count == 0 {
                self.organisations.remove(&entry.admission.organisation);
            }
        }
    }

    /// Removes the record with these bytes, and gives its id.
    pub(crate) fn remove_bytes(&mut self, record: &[u8]) -> Option<Digest> {
        let entry = self.entries.values().find(|entry| entry.record.as_slice() == record)?;
        let id = entry.admission.id;
        self.remove(&id);
        Some(id)
    }

    /// Removes what can no longer be committed at `height`, and gives their ids.
    pub(crate) fn expire(&mut self, height: u64) -> Vec<Digest> {
        let late = |entry: &&Entry| entry.admission.last_valid_height < height;
        let ids: Vec<Digest> =
            self.entries.values().filter(late).map(|entry| entry.admission.id).collect();
        for id in &ids {
            self.remove(id);
        }
        ids
    }

    /// Records not sent to the others for `interval_ms`, at most `limit`; they count as sent now.
    pub(crate) fn due(&mut self, now_ms: u64, interval_ms: u64, limit: usize) -> Vec<Arc<Vec<u8>>> {
        let due = self
            .entries
            .values_mut()
            .filter(|entry| now_ms.saturating_sub(entry.sent_ms) >= interval_ms);
        due.take(limit)
            .map(|entry| {
                entry.sent_ms = now_ms;
                Arc::clone(&entry.record)
            })
            .collect()
    }

    /// Those of `ids` that wait here, with their bytes.
    pub(crate) fn records(&self, ids: &HashSet<Digest>) -> Vec<(Digest, Arc<Vec<u8>>)> {
        let found = ids.iter().filter_map(|id| {
            let place = self.places.get(id)?;
            Some((*id, Arc::clone(&self.entries.get(place)?.record)))
        });
        found.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission(byte: u8, organisation: &str, last_valid_height: u64) -> Admission {
        Admission { id: Digest([byte; 32]), organisation: organisation.into(), last_valid_height }
    }

    fn pool() -> Mempool {
        Mempool::new(Limits { bytes: 10, records: 4, per_organisation: 2 })
    }

    #[test]
    fn each_cap_is_enforced_and_freed_again() {
        let mut pool = pool();
        assert_eq!(pool.add(admission(1, "a", 9), vec![1; 3], 0), Added::New);
        assert_eq!(pool.add(admission(1, "a", 9), vec![1; 3], 0), Added::Known);
        assert_eq!(pool.add(admission(2, "a", 9), vec![2; 3], 0), Added::New);
        assert!(matches!(pool.add(admission(3, "a", 9), vec![3], 0), Added::Full(_)));
        assert!(matches!(pool.add(admission(4, "b", 9), vec![4; 5], 0), Added::Full(_)));
        assert_eq!(pool.add(admission(5, "b", 9), vec![5; 4], 0), Added::New);
        assert_eq!((pool.len(), pool.bytes()), (3, 10));
        pool.remove(&Digest([1; 32]));
        assert_eq!(pool.add(admission(3, "a", 9), vec![3], 0), Added::New);
        assert!(matches!(
            pool.add(admission(6, "c", 9), vec![0; MAX_RECORD + 1], 0),
            Added::Full(_)
        ));
        assert!(matches!(pool.add(admission(6, "c", 9), vec![], 0), Added::Full(_)));
    }

    #[test]
    fn records_expire_after_their_last_height() {
        let mut pool = pool();
        pool.add(admission(1, "a", 5), vec![1], 0);
        pool.add(admission(2, "b", 6), vec![2], 0);
        assert!(pool.expire(5).is_empty());
        assert_eq!(pool.expire(6), vec![Digest([1; 32])]);
        assert_eq!(pool.candidates(), vec![vec![2]]);
    }

    #[test]
    fn records_are_sent_again_until_they_are_gone() {
        let mut pool = pool();
        pool.add(admission(1, "a", 5), vec![1], 100);
        assert!(pool.due(199, 100, 9).is_empty());
        assert_eq!(pool.due(200, 100, 9).len(), 1);
        assert!(pool.due(250, 100, 9).is_empty());
        assert_eq!(pool.remove_bytes(&[1]), Some(Digest([1; 32])));
        assert!(pool.due(900, 100, 9).is_empty());
    }
}
