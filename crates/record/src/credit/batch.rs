//! Millions of records as one act: what the ledger sees of a source that keeps its own state tree.

use yinxin_gm::Digest;
use yinxin_merkle::wire::{WireError, rising};
use yinxin_verdict::UnixTime;

use super::class::ClassReference;
use crate::{OrganisationCode, asn::sequence, data::parts::size};

/// Most classes of a batch: one city has 395, most of which have a few records a day; as many as a list of the ledger has.
pub const MAX_BATCH_CLASSES: usize = 256;

/// Most records of a batch: four times a city of 25 million, so that one can begin with all that it has.
pub const MAX_BATCH_RECORDS: u64 = 100_000_000;

/// A source publishes records as one. The rules for each are enforced by the source's own state tree, and can be re-executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreditBatch {
    /// 1 for the source's first, then one more each time.
    pub sequence: u64,
    /// How many records of each class, rising.
    pub counts: Vec<ClassCount>,
    /// Log root over the records, in order.
    pub records: Digest,
    /// Root of the source's state tree before: that after its last batch, or the empty tree's.
    pub before: Digest,
    /// Root of the source's state tree after.
    pub after: Digest,
}

sequence!(CreditBatch { sequence, counts, records, before, after } check |b: &CreditBatch| {
    size("counts", &b.counts, 1, MAX_BATCH_CLASSES)?;
    rising("counts", &b.counts, |c| c.class.clone())?;
    // Each record moves its subject's leaf, so that a batch that changes nothing has no records.
    if b.sequence == 0 || b.before == b.after {
        return Err(WireError::Value("batch"));
    }
    let counts = b.counts.iter().all(|c| c.count >= 1 && c.late <= c.due && c.due <= c.count);
    if counts && b.count() <= MAX_BATCH_RECORDS { Ok(()) } else { Err(WireError::Value("counts")) }
});

impl CreditBatch {
    /// How many records it has.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().fold(0, |sum, c| sum.saturating_add(c.count))
    }

    /// How many of them had to be published by a day.
    #[must_use]
    pub fn due(&self) -> u64 {
        self.counts.iter().fold(0, |sum, c| sum.saturating_add(c.due))
    }

    /// How many of these the source published later than it had to.
    #[must_use]
    pub fn late(&self) -> u64 {
        self.counts.iter().fold(0, |sum, c| sum.saturating_add(c.late))
    }
}

/// How many records of a class a batch has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassCount {
    /// Of which class and version.
    pub class: ClassReference,
    /// How many.
    pub count: u64,
    /// How many of them are items that had to be published by a day; what became of an item has no such day.
    pub due: u64,
    /// How many of these are late.
    pub late: u64,
}

sequence!(ClassCount { class, count, due, late });

/// How far a source has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceState {
    /// Its last batch.
    pub sequence: u64,
    /// All records of all its batches.
    pub records: u64,
    /// Root of its state tree: whether it has records of a subject is proven under it.
    pub root: Digest,
    /// Height of its last batch.
    pub height: u64,
}

sequence!(SourceState { sequence, records, root, height });

/// A batch, as it stands in the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchState {
    /// Id of the record.
    pub record: Digest,
    /// How many records it has.
    pub count: u64,
    /// Log root over them.
    pub records: Digest,
    /// Root of the source's state tree before.
    pub before: Digest,
    /// Root of it after.
    pub after: Digest,
    /// Its height.
    pub height: u64,
    /// Time of its block: what it tells was told by then.
    pub since: UnixTime,
}

sequence!(BatchState { record, count, records, before, after, height, since });

/// The codes of all sources that ever published a batch, rising: a view that is complete proves presence or absence in each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CreditSources {
    /// The codes.
    pub codes: Vec<OrganisationCode>,
}

sequence!(CreditSources { codes });

/// How punctual an authority is: counted by the ledger, so that no one has to be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConductState {
    /// Items that it recorded, or told of in batches, and had to publish in time.
    pub published: u64,
    /// How many of them were late.
    pub published_late: u64,
    /// Items of its that were withdrawn, because their decision fell or on an objection.
    pub withdrawn: u64,
    /// How many of them were late.
    pub withdrawn_late: u64,
    /// Objections to its items that were resolved.
    pub resolved: u64,
    /// How many of them were late.
    pub resolved_late: u64,
    /// Applications for repair of its items that were decided.
    pub decided: u64,
    /// How many of them were late.
    pub decided_late: u64,
    /// Measures that it applied.
    pub applied: u64,
    /// How many of them it has told about.
    pub told: u64,
    /// Decisions about items of its batches whose time to be carried out came: carried out, or not.
    pub carried: u64,
    /// How many of them were late, or are not carried out.
    pub carried_late: u64,
}

sequence!(ConductState {
    published,
    published_late,
    withdrawn,
    withdrawn_late,
    resolved,
    resolved_late,
    decided,
    decided_late,
    applied,
    told,
    carried,
    carried_late,
});
