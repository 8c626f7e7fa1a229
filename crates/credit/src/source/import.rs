//! Imports: rows become batches, again and again the same ones, whenever it was stopped.

use std::{
    collections::BTreeSet,
    io::{Read, Seek},
};

use yinxin_gm::Digest;
use yinxin_merkle::pages::{Tops, page_of};
use yinxin_record::{ClassCode, Date};
use zeroize::Zeroizing;

use super::{
    apply::{Batch, Draft, tops},
    maker::{Maker, OWN, has},
    manifest::{Manifest, Place},
    rows::{ReadRow, Reject, Row, Rows},
    rules::SourceRules,
    store::SourceStore,
};
use crate::{Error, Forms, form::has_identity_number};

/// Rows of a batch, unless it is said otherwise: half a million take some 500 MB of memory.
pub const DEFAULT_BATCH: usize = 500_000;
/// Bytes of the input after which a batch ends, however few rows these are: half a million rows of 500 bytes.
pub const MAX_BATCH_BYTES: u64 = 256 << 20;
/// Rows that are read before they are worked on side by side, and the memory that these may take.
const AT_ONCE: usize = 16_384;
const HELD: usize = 32 << 20;

/// What is imported, and how.
#[derive(Clone, Debug)]
#[allow(clippy::exhaustive_structs, reason = "an argument by names")]
pub struct Job {
    /// The class of rows without a column `class`.
    pub class: Option<ClassCode>,
    /// The day on which rows without a column `published` are published.
    pub today: Date,
    /// What the input is called: SM3 of a name that it keeps. Only an import of the same input is resumed.
    pub input: Digest,
    /// Rows of a batch.
    pub batch: usize,
    /// Threads that work on rows.
    pub threads: usize,
}

/// Where rejects go.
pub trait Rejects {
    /// Takes rejects, rising by line.
    ///
    /// # Errors
    /// [`Error::Io`].
    fn take(&mut self, rejects: &[Reject]) -> Result<(), Error>;

    /// Makes all that was taken durable; returns how many bytes that is.
    ///
    /// # Errors
    /// [`Error::Io`].
    fn sync(&mut self) -> Result<u64, Error>;
}

/// Rejects in memory, for tests and small files.
impl Rejects for Vec<Reject> {
    fn take(&mut self, rejects: &[Reject]) -> Result<(), Error> {
        self.extend_from_slice(rejects);
        Ok(())
    }

    fn sync(&mut self) -> Result<u64, Error> {
        Ok(self.len() as u64)
    }
}

/// How far an import has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Rows read.
    pub rows: u64,
    /// Bytes of the input read.
    pub bytes: u64,
    /// Rows rejected.
    pub rejected: u64,
}

/// Imports rows into a source, batch by batch.
///
/// Each call of [`Self::next_batch`] ends with a commit: rejects first, then records, pages and roots, then the manifest. Whoever goes on after
/// a kill opens the same input with the same rules, forms and [`Job`] – class, day and size of a batch among it – and gets the same batches, byte
/// for byte.
pub struct Importer<'a, S> {
    rules: &'a SourceRules,
    forms: &'a Forms,
    /// Salts of contents are made from it; it never leaves the source.
    seed: Zeroizing<[u8; 32]>,
    store: S,
    job: Job,
    last: Option<Manifest>,
    tops: Option<Tops>,
    progress: Progress,
    /// Where the input ended when its last batch was committed.
    place: Place,
    /// Bytes of the input after which a batch ends.
    bytes: u64,
}

impl<S> core::fmt::Debug for Importer<'_, S> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Importer").field("progress", &self.progress).finish_non_exhaustive()
    }
}

impl<'a, S: SourceStore> Importer<'a, S> {
    /// Opens a source for an import.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the store is another source's, or what the store says.
    pub fn open(
        rules: &'a SourceRules,
        forms: &'a Forms,
        seed: Zeroizing<[u8; 32]>,
        store: S,
        job: Job,
    ) -> Result<Self, Error> {
        let last = store.last()?;
        if let Some(other) = last.as_ref().filter(|m| m.source != *rules.source()) {
            let (expected, found) = (rules.source().to_string(), other.source.to_string());
            return Err(Error::Mismatch { what: "source of the store", expected, found });
        }
        for class in rules.table().classes() {
            forms.form(&class.form)?;
        }
        let tops = tops(&store, last.as_ref().map_or(0, |m| m.batch.sequence))?;
        let root = last.as_ref().map_or(yinxin_merkle::state::EMPTY, |m| m.batch.after);
        if tops.root() != root {
            return Err(Error::StoreDamaged { what: "the tops" });
        }
        let place = place_of(&store, last.as_ref(), &job.input)?;
        let progress = Progress { rejected: place.rejected, ..Progress::default() };
        let (tops, bytes) = (Some(tops), MAX_BATCH_BYTES);
        Ok(Self { rules, forms, seed, store, job, last, tops, progress, place, bytes })
    }

    /// With batches that end after so many bytes of the input, [`MAX_BATCH_BYTES`] unless it is said: an input that is resumed is to be given the same.
    #[must_use]
    pub fn with_bytes(mut self, bytes: u64) -> Self {
        self.bytes = bytes;
        self
    }

    /// Where reading goes on, and how long the rejects were then: what follows in the rejects file is to be cut off. Each input has a place of its
    /// own, whatever else was imported since.
    #[must_use]
    pub fn place(&self) -> Place {
        self.place.clone()
    }

    /// Whether the source's newest batch is of this input: only then are its rows at hand.
    #[must_use]
    pub fn is_last(&self) -> bool {
        self.last.as_ref().is_some_and(|last| last.place.input == self.job.input)
    }

    /// How far it has come.
    #[must_use]
    pub const fn progress(&self) -> Progress {
        self.progress
    }

    /// The store.
    #[must_use]
    pub const fn store(&self) -> &S {
        &self.store
    }

    /// Ends the import; gives the store back.
    #[must_use]
    pub fn into_store(self) -> S {
        self.store
    }

    /// The next batch, committed; `None` when no row was left. `told` is asked to show progress now and then.
    ///
    /// A batch of which every row was rejected is passed over: its rejects are told with the next one.
    ///
    /// # Errors
    /// [`Error::ColumnUnknown`] for a file with a column that is no field of a form; what rows, rejects and store say; the batch is then not committed.
    pub fn next_batch<R: Read + Seek>(
        &mut self,
        rows: &mut Rows<R>,
        rejects: &mut impl Rejects,
        told: &mut dyn FnMut(Progress),
    ) -> Result<Option<Manifest>, Error> {
        self.known(rows)?;
        loop {
            let (drafts, mut rejected, read) = self.read(rows, told)?;
            if read == 0 {
                return Ok(None);
            }
            let manifest = self.apply(drafts, &mut rejected, rows, rejects)?;
            told(self.progress);
            if manifest.is_some() {
                return Ok(manifest);
            }
        }
    }

    /// Columns that no form has would be passed over, row by row. The forms are those of the class of all rows, where these name none.
    fn known<R: Read + Seek>(&self, rows: &Rows<R>) -> Result<(), Error> {
        let mut columns = rows.columns();
        if columns.is_empty() {
            return Ok(());
        }
        columns.sort_unstable();
        let table = self.rules.table();
        let one = self.job.class.as_ref().filter(|_| !columns.contains(&"class"));
        let classes: Vec<_> = match one.map(|class| table.versions(class)) {
            Some(Ok(versions)) => versions.iter().collect(),
            _ => table.classes().collect(),
        };
        let forms = classes.iter().map(|class| class.form.as_str()).collect::<BTreeSet<_>>();
        // A form that is not at hand rejects the rows that need it, and no others.
        let forms: Vec<_> = forms.iter().filter_map(|id| self.forms.form(id).ok()).collect();
        let known = |column: &&str| OWN.contains(column) || forms.iter().any(|f| has(f, column));
        let Some(column) = columns.into_iter().find(|column| !known(column)) else { return Ok(()) };
        let fields = forms.iter().flat_map(|form| &form.fields).map(|field| field.code.clone());
        let known = OWN.map(str::to_owned).into_iter().chain(fields).collect();
        // A file without a header begins with a row, of whatever.
        let hidden = has_identity_number(column);
        let column = if hidden { "…".to_owned() } else { column.chars().take(64).collect() };
        Err(Error::ColumnUnknown { column, known })
    }

    fn read<R: Read + Seek>(
        &mut self,
        rows: &mut Rows<R>,
        told: &mut dyn FnMut(Progress),
    ) -> Result<(Vec<Draft>, Vec<Reject>, usize), Error> {
        let (mut drafts, mut rejected, mut read) = (Vec::new(), Vec::new(), 0);
        // Where a batch ends depends on the input alone: on no thread and no stop on the way.
        let end = rows.offset().saturating_add(self.bytes);
        while read < self.job.batch && rows.offset() < end {
            let some = next_rows(rows, AT_ONCE.min(self.job.batch - read), end)?;
            if some.is_empty() {
                break;
            }
            read += some.len();
            for outcome in self.drafts(some) {
                match outcome {
                    Ok(draft) => drafts.push(draft),
                    Err(reject) => rejected.push(reject),
                }
            }
            let place = rows.place(Place::start(self.job.input));
            (self.progress.rows, self.progress.bytes) = (place.line, place.offset);
            told(self.progress);
        }
        Ok((drafts, rejected, read))
    }

    fn apply<R: Read + Seek>(
        &mut self,
        mut drafts: Vec<Draft>,
        rejected: &mut Vec<Reject>,
        rows: &Rows<R>,
        rejects: &mut impl Rejects,
    ) -> Result<Option<Manifest>, Error> {
        drafts.sort_by_key(|draft| (draft.key, draft.line));
        let tops = self.tops.take().ok_or(Error::StoreDamaged { what: "an import that failed" })?;
        let mut batch = Batch::new(self.rules, &mut self.store, self.last.as_ref(), tops);
        let mut refused = |draft: Draft, error| {
            let error = match error {
                Error::Recorded { .. } => Error::Recorded { number: draft.number },
                Error::NotFound { what: "item", .. } => {
                    Error::NotFound { what: "item", name: draft.number }
                }
                error => error,
            };
            rejected.push(Reject::new(draft.line, draft.last, error));
        };
        let mut drafts = drafts.into_iter().peekable();
        while let Some(page) = drafts.peek().map(|draft| page_of(&draft.key)) {
            let mut some = Vec::new();
            while let Some(draft) = drafts.next_if(|draft| page_of(&draft.key) == page) {
                some.push(draft);
            }
            batch.page(page, some, &mut refused)?;
        }
        rejected.sort_by_key(|reject| reject.line);
        rejects.take(rejected)?;
        self.progress.rejected += rejected.len() as u64;
        let (rejected, bytes) = (self.progress.rejected, rejects.sync()?);
        let place = Place { rejected, rejects: bytes, ..Place::start(self.job.input) };
        let place = rows.place(place);
        let (manifest, tops) = batch.finish(place)?;
        self.tops = Some(tops);
        if let Some(manifest) = &manifest {
            self.place = manifest.place.clone();
            self.last = Some(manifest.clone());
        }
        Ok(manifest)
    }

    /// Rows become drafts, side by side.
    fn drafts(&self, rows: Vec<ReadRow>) -> Vec<Result<Draft, Reject>> {
        let maker = Maker::new(self.rules, self.forms, &self.job, &self.seed);
        let threads = self.job.threads.clamp(1, 64);
        if threads == 1 {
            return maker.make(rows);
        }
        let share = rows.len().div_ceil(threads);
        let mut rest = rows;
        let mut parts = Vec::new();
        while rest.len() > share {
            let later = rest.split_off(share);
            parts.push(core::mem::replace(&mut rest, later));
        }
        parts.push(rest);
        std::thread::scope(|scope| {
            let work: Vec<_> =
                parts.into_iter().map(|part| scope.spawn(|| maker.make(part))).collect();
            let done = work.into_iter().map(|w| w.join().expect("a worker has no way to panic"));
            done.flatten().collect()
        })
    }
}

/// The next rows: at most so many, within the memory that rows may take, none that begins at or behind a place.
fn next_rows<R: Read + Seek>(
    rows: &mut Rows<R>,
    most: usize,
    end: u64,
) -> Result<Vec<ReadRow>, Error> {
    let (mut some, mut held) = (Vec::new(), 0);
    while some.len() < most && held < HELD && rows.offset() < end {
        let Some(row) = rows.next_row()? else { break };
        held += row.as_ref().map_or(0, Row::held);
        some.push(row);
    }
    Ok(some)
}

/// Where an input ended: the newest batch of it says so.
fn place_of(
    store: &impl SourceStore,
    last: Option<&Manifest>,
    input: &Digest,
) -> Result<Place, Error> {
    for sequence in (1..=last.map_or(0, |m| m.batch.sequence)).rev() {
        let manifest = store.manifest(sequence)?;
        let place = manifest.ok_or(Error::StoreDamaged { what: "a manifest" })?.place;
        if place.input == *input {
            return Ok(place);
        }
    }
    Ok(Place::start(*input))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::source::MAX_ROW;

    /// Long rows, and rows of many short values, are worked on a few at a time.
    #[test]
    fn rows_in_memory_are_bounded_by_bytes() {
        let long = format!("{{\"a\":\"{}\"}}\n", "x".repeat(MAX_ROW - 16)).repeat(700);
        let members: Vec<_> = (0..200).map(|i| format!("\"{i}\":1")).collect();
        let wide = format!("{{{}}}\n", members.join(",")).repeat(6_000);
        for text in [long, wide] {
            let (all, mut read) = (text.lines().count(), 0);
            let mut rows = Rows::json_lines(Cursor::new(text.into_bytes()));
            loop {
                let some = next_rows(&mut rows, AT_ONCE, u64::MAX).unwrap();
                let held: usize = some.iter().map(|row| row.as_ref().unwrap().held()).sum();
                assert!(held < HELD + 2 * MAX_ROW && some.len() < all, "{held} bytes");
                read += some.len();
                if some.is_empty() {
                    break;
                }
            }
            assert_eq!(read, all);
        }
    }
}
