//! The right edge of the log: all that appending needs.

use yinxin_gm::{Digest, sm3};

use super::{NODE, NodeId, empty_root, node_hash};
use crate::Error;

/// Leaves whose levels are built together: with the levels above them 256 KiB, which stay in the processor's cache.
pub(super) const AT_ONCE: usize = 4096;

/// The roots of the complete subtrees that the log consists of, the largest first.
///
/// Invariant: one peak for each one-bit of `size`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Digest>,
}

impl Frontier {
    /// Of the empty log.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// From what was kept of it.
    ///
    /// # Errors
    /// [`Error::Peaks`] if there is not one peak for each one-bit of `size`.
    pub fn from_parts(size: u64, peaks: Vec<Digest>) -> Result<Self, Error> {
        if u32::try_from(peaks.len()) == Ok(size.count_ones()) {
            Ok(Self { size, peaks })
        } else {
            Err(Error::Peaks { size, found: peaks.len() })
        }
    }

    /// How many entries the log has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The subtree roots, the largest first.
    #[must_use]
    pub fn peaks(&self) -> &[Digest] {
        &self.peaks
    }

    /// Appends a leaf and reports each node that is complete now, the leaf included: about two for each entry.
    ///
    /// # Panics
    /// At 2^64 entries.
    pub fn append(&mut self, leaf: Digest, completed: &mut impl FnMut(NodeId, Digest)) {
        let mut id = NodeId { level: 0, index: self.size };
        let mut hash = leaf;
        completed(id, hash);
        while id.index & 1 == 1 {
            let left = self.peaks.pop().expect("an odd index has a complete left neighbour");
            hash = node_hash(&left, &hash);
            id = NodeId { level: id.level + 1, index: id.index >> 1 };
            completed(id, hash);
        }
        self.peaks.push(hash);
        self.size = self.size.checked_add(1).expect("no ledger lives to 2^64 records");
    }

    /// Appends many leaves, level by level, which is several times as fast as one by one. Reports the same nodes, children
    /// before their parents.
    ///
    /// # Panics
    /// At 2^64 entries.
    pub fn append_all(&mut self, leaves: &[Digest], completed: &mut impl FnMut(NodeId, Digest)) {
        leaves.chunks(AT_ONCE).for_each(|leaves| self.append_few(leaves, completed));
    }

    fn append_few(&mut self, leaves: &[Digest], completed: &mut impl FnMut(NodeId, Digest)) {
        let (before, count) = (self.size, leaves.len() as u64);
        self.size = before.checked_add(count).expect("no ledger lives to 2^64 records");
        let mut peaks = core::mem::take(&mut self.peaks);
        // Lowest first, for now.
        let mut new_peaks: Vec<Digest> = Vec::new();
        let mut level = 0;
        let mut row = leaves.to_vec();
        // How many nodes of `row` stood before.
        let mut old = 0;
        if before & 1 == 1 && count > 0 {
            row.insert(0, peaks.pop().expect("one peak for each one-bit"));
            old = 1;
        }
        while row.len() > old {
            let first = before >> level;
            for (index, hash) in (first..).zip(&row[old..]) {
                completed(NodeId { level, index }, *hash);
            }
            if row.len() % 2 == 1 {
                new_peaks.extend(row.last());
            }
            level += 1;
            // Below the root of 2^64 entries, which there is none of, `level` is at most 63.
            let parents = row.len() / 2;
            let beside = parents > 0 && level < 64 && before >> level & 1 == 1;
            let mut next = Vec::with_capacity(parents + 1);
            if beside {
                next.push(peaks.pop().expect("one peak for each one-bit"));
            }
            old = next.len();
            next.resize(old + parents, Digest::ZERO);
            sm3::nodes(NODE, &row[..2 * parents], &mut next[old..]);
            row = next;
        }
        peaks.extend(new_peaks.into_iter().rev());
        self.peaks = peaks;
    }

    /// The log's root.
    #[must_use]
    pub fn root(&self) -> Digest {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else { return empty_root() };
        peaks.fold(*last, |right, left| node_hash(left, &right))
    }
}
