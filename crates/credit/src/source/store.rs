//! What keeps a source's records: the contract, and a store in memory.

use std::collections::BTreeMap;

use yinxin_gm::Digest;
use yinxin_merkle::pages;

use super::manifest::Manifest;
use crate::Error;

/// Pages of the state tree, and 256 more that hold what is known of them from above.
pub const PAGES: usize = pages::PAGES + TOP_PAGES;
/// Pages of 256 tops each.
pub(super) const TOP_PAGES: usize = pages::PAGES / TOPS_IN_PAGE;
pub(super) const TOPS_IN_PAGE: usize = 256;

/// A record as a source keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a pair")]
pub struct Stored {
    /// The DER of a [`SourceRecord`](super::SourceRecord).
    pub record: Vec<u8>,
    /// The DER of the [`Content`](crate::Content) whose digest is in it; empty where there is none.
    pub content: Vec<u8>,
}

/// Where a source keeps records, pages and manifests. One writer at a time.
///
/// What was put since the last [`commit`](Self::commit) may be lost at any moment, whole or in part, and is then put again: the same
/// keys, possibly other bytes. What was committed never is, and is not changed by what is put afterwards: a page of a later batch stands beside
/// the older one. Every error but [`Error::StoreDamaged`] means that nothing more can be written now.
pub trait SourceStore {
    /// The newest manifest committed.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::StoreDamaged`].
    fn last(&self) -> Result<Option<Manifest>, Error>;

    /// The manifest of a batch committed.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::StoreDamaged`].
    fn manifest(&self, sequence: u64) -> Result<Option<Manifest>, Error>;

    /// A page as of a batch: the newest put for this batch or an earlier one. Of the batch at hand, and the last two committed; older ones may be
    /// gone.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::StoreDamaged`].
    fn page(&self, page: u32, sequence: u64) -> Result<Option<Vec<u8>>, Error>;

    /// Records from a position on, as many as there are.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::StoreDamaged`].
    fn records(&self, first: u64, count: u64) -> Result<Vec<Stored>, Error>;

    /// Records of rising positions, each of which must be there.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::StoreDamaged`], also if one is missing.
    fn records_at(&self, positions: &[u64]) -> Result<Vec<Stored>, Error>;

    /// Roots of the complete subtrees of 256 records of a batch.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::StoreDamaged`].
    fn roots(&self, sequence: u64) -> Result<Vec<Digest>, Error>;

    /// Puts records from a position on.
    ///
    /// # Errors
    /// [`Error::Io`].
    fn put_records(&mut self, first: u64, records: &[Stored]) -> Result<(), Error>;

    /// Puts a page of a batch. Versions that neither of the last two batches needs may be dropped.
    ///
    /// # Errors
    /// [`Error::Io`].
    fn put_page(&mut self, page: u32, sequence: u64, bytes: &[u8]) -> Result<(), Error>;

    /// Puts the roots of a batch.
    ///
    /// # Errors
    /// [`Error::Io`].
    fn put_roots(&mut self, sequence: u64, roots: &[Digest]) -> Result<(), Error>;

    /// Makes all that was put durable, and then the manifest: when it returns, the batch survives a loss of power.
    ///
    /// # Errors
    /// [`Error::Io`].
    fn commit(&mut self, manifest: &Manifest) -> Result<(), Error>;
}

/// A store in memory: for tests, and for auditors of small sources.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    manifests: BTreeMap<u64, Manifest>,
    pages: BTreeMap<(u32, u64), Vec<u8>>,
    records: BTreeMap<u64, Stored>,
    roots: BTreeMap<u64, Vec<Digest>>,
}

impl SourceStore for MemoryStore {
    fn last(&self) -> Result<Option<Manifest>, Error> {
        Ok(self.manifests.last_key_value().map(|(_, manifest)| manifest.clone()))
    }

    fn manifest(&self, sequence: u64) -> Result<Option<Manifest>, Error> {
        Ok(self.manifests.get(&sequence).cloned())
    }

    fn page(&self, page: u32, sequence: u64) -> Result<Option<Vec<u8>>, Error> {
        let newest = self.pages.range((page, 0)..=(page, sequence)).next_back();
        Ok(newest.map(|(_, bytes)| bytes.clone()))
    }

    fn records(&self, first: u64, count: u64) -> Result<Vec<Stored>, Error> {
        let until = first.saturating_add(count);
        Ok(self.records.range(first..until).map(|(_, stored)| stored.clone()).collect())
    }

    fn roots(&self, sequence: u64) -> Result<Vec<Digest>, Error> {
        Ok(self.roots.get(&sequence).cloned().unwrap_or_default())
    }

    fn records_at(&self, positions: &[u64]) -> Result<Vec<Stored>, Error> {
        let missing = Error::StoreDamaged { what: "a record" };
        let one = |position| self.records.get(position).cloned().ok_or_else(|| missing.clone());
        positions.iter().map(one).collect()
    }

    fn put_records(&mut self, first: u64, records: &[Stored]) -> Result<(), Error> {
        self.records.extend((first..).zip(records.iter().cloned()));
        Ok(())
    }

    fn put_page(&mut self, page: u32, sequence: u64, bytes: &[u8]) -> Result<(), Error> {
        self.pages.insert((page, sequence), bytes.to_vec());
        Ok(())
    }

    fn put_roots(&mut self, sequence: u64, roots: &[Digest]) -> Result<(), Error> {
        self.roots.insert(sequence, roots.to_vec());
        Ok(())
    }

    fn commit(&mut self, manifest: &Manifest) -> Result<(), Error> {
        self.manifests.insert(manifest.batch.sequence, manifest.clone());
        Ok(())
    }
}
