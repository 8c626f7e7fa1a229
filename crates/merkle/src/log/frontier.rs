//! The right edge of the log: all that appending needs.

use yinxin_gm::Digest;

use super::{NodeId, empty_root, node_hash};
use crate::Error;

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

    /// The log's root.
    #[must_use]
    pub fn root(&self) -> Digest {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else { return empty_root() };
        peaks.fold(*last, |right, left| node_hash(left, &right))
    }
}
