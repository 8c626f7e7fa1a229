//! What a source has of a subject, with the proof under its anchored root.

use std::sync::Arc;

use yinxin_gm::Digest;
use yinxin_merkle::{
    log,
    pages::{Tops, page_of},
    state::StateProof,
    wire::{Reader, Wire, WireError, Writer},
};
use yinxin_record::{EventChain, Subject, state_key};

use super::{
    SourceRecord,
    apply::{KEPT_LEVEL, tops},
    maker::{key_of, salt_of},
    manifest::Manifest,
    page::{self, Entry},
    store::{SourceStore, Stored},
};
use crate::Error;

/// Most records of a subject in one source: a bank's view of a large company has a few thousand.
pub(crate) const MAX_RECORDS: usize = 100_000;

/// Whether a source has records of a subject, under the root of its state tree.
///
/// ```asn1
/// SourceProof ::= SEQUENCE { chain [0] EventChain OPTIONAL, path StateProof }      -- no chain: the source has nothing of the subject
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a format")]
pub struct SourceProof {
    /// The subject's leaf; `None`: it has none.
    pub chain: Option<EventChain>,
    /// The way to the root.
    pub path: StateProof,
}

/// A subject's records in a source, in the order of its chain.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SourceChain {
    /// Records and contents.
    pub records: Vec<Stored>,
    /// Where each is among all of the source.
    pub positions: Vec<u64>,
    /// The leaf, and the way to the root.
    pub proof: SourceProof,
}

/// A source as of a batch: its state tree above the pages, 4 MiB that whoever looks up often keeps.
#[derive(Debug)]
pub struct AsOf {
    manifest: Manifest,
    tops: Tops,
}

impl AsOf {
    /// As of a batch: the last or the one before it.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such batch; [`Error::StoreDamaged`] if its pages are gone.
    pub fn read(store: &impl SourceStore, sequence: u64) -> Result<Self, Error> {
        let missing = || Error::NotFound { what: "batch", name: sequence.to_string() };
        let manifest = store.manifest(sequence)?.ok_or_else(missing)?;
        let tops = tops(store, sequence)?;
        if tops.root() != manifest.batch.after {
            return Err(Error::StoreDamaged { what: "the tops" });
        }
        Ok(Self { manifest, tops })
    }

    /// The batch.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }
}

/// Looks things up in a source, as of a batch: the one whose root is on the ledger.
#[derive(Debug)]
pub struct Lookup<'a, S> {
    store: &'a S,
    at: Arc<AsOf>,
}

impl<'a, S: SourceStore> Lookup<'a, S> {
    /// As of a batch: the last or the one before it.
    ///
    /// # Errors
    /// As [`AsOf::read`]
    pub fn open(store: &'a S, sequence: u64) -> Result<Self, Error> {
        Ok(Self::at(store, Arc::new(AsOf::read(store, sequence)?)))
    }

    /// As of a batch that was read from the same store.
    #[must_use]
    pub const fn at(store: &'a S, at: Arc<AsOf>) -> Self {
        Self { store, at }
    }

    /// The batch.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.at.manifest
    }

    /// A subject's records and the proof that these are all.
    ///
    /// # Errors
    /// [`Error::TooMany`], or what the store says.
    pub fn subject(&self, subject: &Subject) -> Result<SourceChain, Error> {
        let key = key_of(subject);
        let mut entry: Option<Entry> = None;
        let read = |page: u16| {
            let bytes = self.store.page(page.into(), self.at.manifest.batch.sequence)?;
            let (leaves, found) = page::find(&bytes.unwrap_or_default(), &key)?;
            entry = found;
            Ok::<_, Error>(leaves)
        };
        let (found, path) = self.at.tops.prove(&key, read)?;
        debug_assert_eq!(found.is_some(), entry.is_some(), "page {}", page_of(&key));
        let positions = entry.as_ref().map(Entry::positions).unwrap_or_default();
        if positions.len() > MAX_RECORDS {
            let (max, found) = (MAX_RECORDS as u64, positions.len() as u64);
            return Err(Error::TooMany { what: "records of a subject", max, found });
        }
        let proof = SourceProof { chain: entry.map(|entry| entry.chain()), path };
        let records = self.store.records_at(&positions)?;
        Ok(SourceChain { records, positions, proof })
    }

    /// Which batch a position is in, and its place there.
    ///
    /// # Errors
    /// [`Error::NotFound`], or what the store says.
    pub fn batch_of(&self, position: u64) -> Result<(Manifest, u64), Error> {
        let missing = || Error::NotFound { what: "position", name: position.to_string() };
        let (mut low, mut high) = (1, self.at.manifest.batch.sequence);
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            let manifest = self.store.manifest(middle)?.ok_or_else(missing)?;
            if manifest.first <= position { low = middle } else { high = middle - 1 }
        }
        let manifest = self.store.manifest(low)?.ok_or_else(missing)?;
        let index = position.checked_sub(manifest.first).filter(|i| *i < manifest.batch.count());
        Ok((manifest, index.ok_or_else(missing)?))
    }

    /// The same of positions, rising: those of one batch are found together.
    ///
    /// # Errors
    /// As [`Self::batch_of`].
    pub fn batches_of(&self, positions: &[u64]) -> Result<Vec<(u64, u64)>, Error> {
        let mut last: Option<Manifest> = None;
        let one = |position: &u64| {
            let within = |m: &Manifest| {
                position.checked_sub(m.first).filter(|place| *place < m.batch.count())
            };
            if let Some((manifest, place)) = last.as_ref().and_then(|m| Some((m, within(m)?))) {
                return Ok((manifest.batch.sequence, place));
            }
            let (manifest, place) = self.batch_of(*position)?;
            Ok((last.insert(manifest).batch.sequence, place))
        };
        positions.iter().map(one).collect()
    }

    /// The path of a record to its batch's log root.
    ///
    /// # Errors
    /// [`Error::StoreDamaged`] if the path cannot be made, or what the store says.
    pub fn path(&self, manifest: &Manifest, index: u64) -> Result<Vec<Digest>, Error> {
        let size = manifest.batch.count();
        let nodes = BatchNodes {
            store: self.store,
            manifest,
            roots: self.store.roots(manifest.batch.sequence)?,
        };
        log::prove_inclusion(&nodes, index, size)
            .map_err(|_| Error::StoreDamaged { what: "a batch's log" })
    }

    /// The salt of a content of this source.
    #[must_use]
    pub fn salt(seed: &[u8; 32], subject: &Subject, content: &[u8]) -> Digest {
        salt_of(seed, &key_of(subject), content)
    }
}

/// Nodes of a batch's log: kept from 256 records up, made anew below.
struct BatchNodes<'a, S> {
    store: &'a S,
    manifest: &'a Manifest,
    roots: Vec<Digest>,
}

impl<S: SourceStore> log::NodeReader for BatchNodes<'_, S> {
    fn node(&self, id: log::NodeId) -> Option<Digest> {
        let log::NodeId { level, index } = id;
        if level >= KEPT_LEVEL {
            let width = 1_usize.checked_shl(u32::from(level - KEPT_LEVEL))?;
            let first = usize::try_from(index).ok()?.checked_mul(width)?;
            return Some(log::subtree_root(self.roots.get(first..first.checked_add(width)?)?));
        }
        let width = 1_u64 << level;
        let first = self.manifest.first.checked_add(index.checked_mul(width)?)?;
        let records = self.store.records(first, width).ok()?;
        let ids = SourceRecord::ids(records.iter().map(|stored| stored.record.as_slice()));
        let leaves = log::leaf_hashes(&ids.iter().map(|id| id.0).collect::<Vec<_>>());
        (leaves.len() as u64 == width).then(|| log::subtree_root(&leaves))
    }
}

impl SourceProof {
    /// Checks it under a source's root.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if it does not lead there.
    pub fn verify(&self, root: &Digest, subject: &Subject) -> Result<(), Error> {
        let value = self.chain.map(|chain| chain.to_der());
        let key = state_key::credit_subject(subject);
        self.path.verify(root, &key, value.as_deref()).map_err(|error| Error::Mismatch {
            what: "a source's proof",
            expected: root.to_string(),
            found: error.to_string(),
        })
    }
}

impl Wire for SourceProof {
    const NAME: &'static str = "source proof";
    const MAX_LEN: usize = StateProof::MAX_LEN + 128;

    fn write(&self, out: &mut Writer) {
        let Self { chain, path } = self;
        out.sequence(|out| {
            if let Some(chain) = chain {
                out.tagged(0, |out| chain.write(out));
            }
            path.write(out);
        });
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
        input.sequence(Self::NAME, |input| {
            let chain = input.optional("chain", 0, EventChain::read)?;
            Ok(Self { chain, path: StateProof::read(input)? })
        })
    }
}
