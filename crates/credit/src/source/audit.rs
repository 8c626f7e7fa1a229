//! Re-execution: whether a source's batches follow from their records by the rules.

use yinxin_gm::{Digest, sm3};
use yinxin_merkle::{
    pages::{Tops, page_of},
    state::EMPTY,
    wire::Wire,
};
use yinxin_record::{CreditBatch, Date};

use super::{
    SourceEvent, SourceFollow, SourceRecord,
    apply::{Batch, Draft},
    maker::key_of,
    manifest::{Manifest, Place},
    punctuality::Punctualities,
    rules::{Deadlines, SourceRules},
    store::{SourceStore, Stored},
};
use crate::Error;

/// Records that are held at once: some 100 MB.
const HELD: usize = 1 << 16;

/// Re-executes a source's batches, one after the other, into a store of the auditor's own.
///
/// It needs no content and no salt: the rules judge what the records say.
#[derive(Debug)]
pub struct Audit<'a, S> {
    rules: &'a SourceRules,
    store: S,
    last: Option<Manifest>,
    tops: Option<Tops>,
    /// The day of the block that anchored the last batch.
    anchored: Option<Date>,
    backdated: u64,
    /// The day of the block that anchored the first batch: what was told of days before it is history.
    first: Option<Date>,
    undecided: u64,
    decisions: Vec<Named>,
    punctualities: Punctualities,
    deadlines: Deadlines,
    /// Records that are held at once.
    held: usize,
}

/// A record that names a decision on the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Named {
    /// In which batch, and where.
    pub batch: u64,
    /// Its place there, from 0.
    pub place: u64,
    /// The record.
    pub record: SourceRecord,
    /// The decision that it names.
    pub decision: Digest,
}

/// Part of a batch's records, in order.
pub type Stretch = Vec<Vec<u8>>;

impl<'a, S: SourceStore> Audit<'a, S> {
    /// Begins with a source's first batch; the store is empty.
    #[must_use]
    pub fn new(rules: &'a SourceRules, store: S) -> Self {
        Self {
            rules,
            store,
            last: None,
            tops: Some(Tops::new()),
            anchored: None,
            backdated: 0,
            first: None,
            undecided: 0,
            decisions: Vec::new(),
            punctualities: Punctualities::default(),
            deadlines: Deadlines::new(),
            held: HELD,
        }
    }

    /// With at most so many records held at once, 65,536 unless it is said: whatever a batch is like, memory is bounded by these and what stands
    /// in one page. What comes out is the same.
    #[must_use]
    pub const fn holding(mut self, records: usize) -> Self {
        self.held = records;
        self
    }

    /// Re-executes a batch, as it stands on the ledger, from its records in order.
    ///
    /// # Errors
    /// [`Error::RecordRefused`] names the first record that the rules refuse; [`Error::Mismatch`] or [`Error::DigestMismatch`] where the
    /// batch is not what follows from its records; or what reader and store say.
    pub fn batch(
        &mut self,
        anchored: &CreditBatch,
        records: impl IntoIterator<Item = Result<Stretch, Error>>,
    ) -> Result<(), Error> {
        self.execute(anchored, None, records)
    }

    /// As [`Self::batch`], with the day in China of the block that anchored the batch: nothing in it was published, and nothing happened, later.
    ///
    /// # Errors
    /// As [`Self::batch`].
    pub fn batch_on(
        &mut self,
        anchored: &CreditBatch,
        day: Date,
        records: impl IntoIterator<Item = Result<Stretch, Error>>,
    ) -> Result<(), Error> {
        self.execute(anchored, Some(day), records)
    }

    fn execute(
        &mut self,
        anchored: &CreditBatch,
        day: Option<Date>,
        records: impl IntoIterator<Item = Result<Stretch, Error>>,
    ) -> Result<(), Error> {
        let before = self.last.as_ref().map_or(EMPTY, |m| m.batch.after);
        same("root before", &anchored.before, &before)?;
        let tops = self.tops.take().ok_or(Error::StoreDamaged { what: "an audit that failed" })?;
        let batch = Batch::new(self.rules, &mut self.store, self.last.as_ref(), tops);
        let mut batch = batch.decided_since(self.first);
        let (mut place, mut backdated) = (0, 0);
        let (mut named, mut punctualities) = (Vec::new(), Punctualities::default());
        let days = day.map(|day| (day, self.first.unwrap_or(day)));
        let mut open: Vec<Draft> = Vec::new();
        for stretch in records {
            for bytes in stretch? {
                let draft = draft(self.rules, day, place, bytes)?;
                match &draft.record.event {
                    SourceEvent::Record(item) => {
                        punctualities.count(item, self.rules, &mut self.deadlines, days);
                    }
                    SourceEvent::Follow(SourceFollow { decision: Some(decision), .. }) => {
                        let (batch, record) = (anchored.sequence, draft.record.clone());
                        named.push(Named { batch, place, record, decision: *decision });
                    }
                    SourceEvent::Follow(_) => {}
                }
                place += 1;
                // Whoever asked about that day when the batch before was the last got another answer.
                backdated += u64::from(self.anchored.is_some_and(|day| draft.record.day() < day));
                if let Some(last) = open.last() {
                    if last.key > draft.key {
                        let why = mismatch("order of records", "rising subjects", "others");
                        return Err(refused(draft.line, &draft.record.subject.to_string(), why));
                    }
                    if page_of(&last.key) != page_of(&draft.key) || open.len() >= self.held {
                        close(&mut batch, &mut open)?;
                    }
                }
                open.push(draft);
                if place > anchored.count() {
                    // One that breaks a rule is told first.
                    close(&mut batch, &mut open)?;
                    return Err(mismatch("records", &anchored.count().to_string(), "more"));
                }
            }
        }
        close(&mut batch, &mut open)?;
        let undecided = batch.undecided();
        let (manifest, tops) = batch.finish(Place::start(Digest::ZERO))?;
        let manifest = manifest.ok_or_else(|| mismatch("records", "some", "none"))?;
        self.tops = Some(tops);
        let found = manifest.batch.clone();
        self.last = Some(manifest);
        same("records' root", &anchored.records, &found.records)?;
        same("root after", &anchored.after, &found.after)?;
        if found == *anchored {
            (self.anchored, self.backdated) = (day, self.backdated + backdated);
            self.first = self.first.or(day);
            self.undecided += undecided;
            self.decisions.append(&mut named);
            self.punctualities.take(punctualities);
            Ok(())
        } else {
            let (expected, found) = (format!("{anchored:?}"), format!("{found:?}"));
            Err(Error::Mismatch { what: "batch", expected, found })
        }
    }

    /// Records of the batches that hold which tell of a day before the batch before theirs was anchored: a view of that day, taken in between,
    /// did not have them. Only of batches with the days of their blocks ([`Self::batch_on`]).
    #[must_use]
    pub const fn backdated(&self) -> u64 {
        self.backdated
    }

    /// Repairs of days since the first batch was anchored that name no decision, though the class of the item asks for evidence: nothing on the
    /// ledger says who decided, on what. Only of batches with the days of their blocks ([`Self::batch_on`]).
    #[must_use]
    pub const fn undecided(&self) -> u64 {
        self.undecided
    }

    /// How punctual each authority was, of the batches that hold: on the ledger these are counted with their source. By the days of their blocks
    /// only of batches that came with them ([`Self::batch_on`]).
    #[must_use]
    pub const fn punctualities(&self) -> &Punctualities {
        &self.punctualities
    }

    /// Takes the records of the batches that hold which name a decision: whether the ledger has it is for whoever has the ledger to say. Those
    /// taken before do not come again: whoever takes them after each batch holds no more than a batch's.
    #[must_use]
    pub fn take_decisions(&mut self) -> Vec<Named> {
        core::mem::take(&mut self.decisions)
    }

    /// The store, with the source's state as it was re-executed.
    #[must_use]
    pub fn into_store(self) -> S {
        self.store
    }
}

fn draft(
    rules: &SourceRules,
    day: Option<Date>,
    line: u64,
    bytes: Vec<u8>,
) -> Result<Draft, Error> {
    let record = SourceRecord::from_der(&bytes).map_err(|e| refused(line, "", e.into()))?;
    let judged = if record.source == *rules.source() {
        rules.judge(&record.event, day)
    } else {
        Err(mismatch("source", rules.source().as_str(), record.source.as_str()))
    };
    judged.map_err(|e| refused(line, &record.subject.to_string(), e))?;
    let stored = Stored { record: bytes, content: Vec::new() };
    let (key, id) = (key_of(&record.subject), sm3::digest(&stored.record));
    Ok(Draft { line, last: line, key, id, number: String::new(), record, stored })
}

fn close<S: SourceStore>(batch: &mut Batch<'_, S>, open: &mut Vec<Draft>) -> Result<(), Error> {
    let drafts = core::mem::take(open);
    let Some(page) = drafts.first().map(|draft| page_of(&draft.key)) else { return Ok(()) };
    let mut first = None;
    batch.page(page, drafts, &mut |draft, error| {
        first.get_or_insert_with(|| refused(draft.line, &draft.record.subject.to_string(), error));
    })?;
    first.map_or(Ok(()), Err)
}

/// Where a batch breaks a rule.
fn refused(place: u64, subject: &str, why: Error) -> Error {
    Error::RecordRefused { place, subject: subject.to_owned(), why: Box::new(why) }
}

fn same(what: &'static str, expected: &Digest, found: &Digest) -> Result<(), Error> {
    if expected == found {
        Ok(())
    } else {
        Err(Error::DigestMismatch { what, expected: *expected, found: *found })
    }
}

fn mismatch(what: &'static str, expected: &str, found: &str) -> Error {
    Error::Mismatch { what, expected: expected.to_owned(), found: found.to_owned() }
}
