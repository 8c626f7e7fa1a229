//! Records that wait to be committed. Pure: time comes as an argument.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet};
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
    /// Bytes of one organisation, for the same reason. A quarter of all, so that even three of a chain's smallest quorum leave room.
    pub bytes_per_organisation: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 32 * MAX_BODY,
            records: 50_000,
            per_organisation: 12_500,
            bytes_per_organisation: 8 * MAX_BODY,
        }
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

/// What waits of one organisation.
#[derive(Debug, Default)]
struct Queue {
    bytes: usize,
    places: BTreeSet<u64>,
}

/// The records, oldest first.
#[derive(Debug)]
pub(crate) struct Mempool {
    limits: Limits,
    next: u64,
    bytes: usize,
    entries: BTreeMap<u64, Entry>,
    places: HashMap<Digest, u64>,
    // Ordered, so that a draw depends on what waits and on nothing else.
    organisations: BTreeMap<String, Queue>,
}

impl Mempool {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            next: 0,
            bytes: 0,
            entries: BTreeMap::new(),
            places: HashMap::new(),
            organisations: BTreeMap::new(),
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
        let limits = self.limits;
        if self.len() >= limits.records || self.bytes + record.len() > limits.bytes {
            return Added::Full("the mempool is full");
        }
        let own = self.organisations.get(&admission.organisation);
        let (count, bytes) = own.map_or((0, 0), |queue| (queue.places.len(), queue.bytes));
        if count >= limits.per_organisation {
            return Added::Full("too many records of this organisation wait");
        }
        if bytes + record.len() > limits.bytes_per_organisation {
            return Added::Full("too many bytes of this organisation wait");
        }
        let queue = self.organisations.entry(admission.organisation.clone()).or_default();
        queue.bytes += record.len();
        queue.places.insert(self.next);
        self.bytes += record.len();
        self.places.insert(admission.id, self.next);
        let entry = Entry { admission, record: Arc::new(record), sent_ms: now_ms };
        self.entries.insert(self.next, entry);
        self.next += 1;
        Added::New
    }

    /// Records that fit a block. Whoever has the fewest bytes in it comes next, and each organisation's records in their order,
    /// since a later one may build on an earlier one.
    pub(crate) fn candidates(&self) -> Vec<Vec<u8>> {
        let mut queues: Vec<_> =
            self.organisations.values().map(|queue| queue.places.iter().copied()).collect();
        let mut turns: BinaryHeap<_> = queues
            .iter_mut()
            .enumerate()
            .filter_map(|(at, queue)| Some(Reverse((0, queue.next()?, at))))
            .collect();
        let mut room = MAX_BODY;
        let mut drawn = Vec::new();
        while let Some(Reverse((bytes, place, at))) = turns.pop() {
            if drawn.len() == MAX_RECORDS {
                break;
            }
            let record = &self.entries[&place].record;
            // An organisation whose next record does not fit waits for the next block; a smaller one must not overtake it.
            let Some(after) = room.checked_sub(record.len() + 4) else { continue };
            room = after;
            drawn.push(record.to_vec());
            if let Some(next) = queues[at].next() {
                turns.push(Reverse((bytes + record.len(), next, at)));
            }
        }
        drawn
    }

    /// The last `limit` records of an organisation that came before this one, or before one that comes now; and the place of the
    /// last, which tells this answer from later ones.
    pub(crate) fn before(
        &self,
        organisation: &str,
        id: &Digest,
        limit: usize,
    ) -> (u64, Vec<Vec<u8>>) {
        let end = self.places.get(id).copied().unwrap_or(self.next);
        let Some(queue) = self.organisations.get(organisation) else { return (0, Vec::new()) };
        let mut places: Vec<u64> = queue.places.range(..end).rev().take(limit).copied().collect();
        places.reverse();
        let records = places.iter().map(|place| self.entries[place].record.to_vec()).collect();
        (places.last().copied().unwrap_or(0), records)
    }

    /// Removes a record.
    pub(crate) fn remove(&mut self, id: &Digest) {
        let Some(place) = self.places.remove(id) else { return };
        let entry = self.entries.remove(&place).expect("places and entries agree");
        self.bytes -= entry.record.len();
        let organisation = &entry.admission.organisation;
        let queue = self.organisations.get_mut(organisation).expect("entries and queues agree");
        queue.bytes -= entry.record.len();
        queue.places.remove(&place);
        if queue.places.is_empty() {
            self.organisations.remove(organisation);
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
        Mempool::new(Limits {
            bytes: 10,
            records: 4,
            per_organisation: 2,
            bytes_per_organisation: 7,
        })
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

    /// One organisation could fill the whole mempool with large records.
    #[test]
    fn one_organisation_cannot_shut_the_others_out() {
        let limits = Limits::default();
        let mut pool = Mempool::new(limits);
        let mut taken = 0;
        for number in 0..limits.records {
            let id = Digest(yinxin_gm::sm3::digest(&number.to_be_bytes()).0);
            let admission = Admission { id, organisation: "loud".into(), last_valid_height: 9 };
            if pool.add(admission, vec![0; MAX_RECORD], 0) != Added::New {
                break;
            }
            taken += MAX_RECORD;
        }
        assert!(taken * 4 <= limits.bytes, "{taken} bytes of {}", limits.bytes);
        assert_eq!(pool.add(admission(1, "quiet", 9), vec![1; MAX_RECORD], 0), Added::New);
        // Nor keep them out of the next block.
        assert!(pool.candidates().contains(&vec![1; MAX_RECORD]));
    }

    #[test]
    fn a_block_is_drawn_evenly_by_bytes_and_in_each_ones_order() {
        let mut pool = Mempool::new(Limits::default());
        for number in 0..40 {
            pool.add(admission(number, "large", 9), vec![number; MAX_RECORD - 4], 0);
        }
        for number in 100..140 {
            pool.add(admission(number, "small", 9), vec![number; 1000], 0);
        }
        let drawn = pool.candidates();
        let of = |wanted: std::ops::Range<u8>| -> Vec<u8> {
            drawn.iter().map(|record| record[0]).filter(|first| wanted.contains(first)).collect()
        };
        assert_eq!(of(100..140), (100..140).collect::<Vec<_>>(), "all of the small ones, in order");
        let large = of(0..40);
        assert_eq!(large, (0..15).collect::<Vec<_>>(), "the rest of the block, in order");
        let bytes: usize = drawn.iter().map(|record| record.len() + 4).sum();
        assert!(bytes <= MAX_BODY, "{bytes}");
    }

    #[test]
    fn what_came_before_is_told_in_order() {
        let mut pool = Mempool::new(Limits::default());
        for number in 1..6 {
            pool.add(admission(number, if number == 3 { "b" } else { "a" }, 9), vec![number], 0);
        }
        let new = Digest([9; 32]);
        assert_eq!(pool.before("a", &new, 9), (4, vec![vec![1], vec![2], vec![4], vec![5]]));
        assert_eq!(pool.before("a", &new, 2), (4, vec![vec![4], vec![5]]));
        assert_eq!(pool.before("a", &Digest([4; 32]), 9), (1, vec![vec![1], vec![2]]));
        assert_eq!(pool.before("c", &new, 9), (0, vec![]));
    }
}
