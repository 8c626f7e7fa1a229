//! The journal of a batch: what was issued, sealed, submitted and anchored, so that a run killed at any point goes on.
//!
//! Append-only. Each entry has its offset and its batch in its checksum, and says up to where the file was synced when it
//! was written; so a torn tail can be told from damage. `specs/licence.md` draws the bytes.

mod entry;
mod file;

use std::collections::BTreeMap;

use yinxin_gm::{Digest, sm3};
use yinxin_verdict::UnixTime;

use crate::{Error, Identifier};
use entry::{Entry, Event};

pub use entry::ENTRY_MAX;
pub use file::JournalFile;

/// Which batch a journal is of: a type, an issuer, and a name of the caller's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch(Digest);

impl Batch {
    /// The batch of this type (by its digest), issuer code and name.
    #[must_use]
    pub fn new(kind: Digest, issuer: &str, name: &str) -> Self {
        let parts = [
            b"yinxin/batch/1\0",
            kind.as_bytes().as_slice(),
            issuer.as_bytes(),
            b"\0",
            name.as_bytes(),
        ];
        Self(sm3::digest_all(&parts))
    }
}

/// How far a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(clippy::exhaustive_enums, reason = "the stages of a licence")]
pub enum Stage {
    /// It has its identifier.
    Issued,
    /// Its document is sealed and on disk.
    Sealed,
    /// Its record is signed, and may have been submitted.
    Submitted,
    /// Its receipt is in its document.
    Anchored,
}

impl Stage {
    /// The word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Sealed => "sealed",
            Self::Submitted => "submitted",
            Self::Anchored => "anchored",
        }
    }
}

/// What is known of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Row {
    /// How far it is.
    pub stage: Stage,
    /// Its identifier, which never changes.
    pub identifier: Identifier,
    /// When it was issued, so that a second attempt makes the same metadata.
    pub issued_at: UnixTime,
    /// The digest of its draft: a row that was edited since is another one.
    pub draft: Digest,
    /// Where its document is, relative to the batch's folder; from [`Stage::Sealed`] on.
    pub path: String,
    /// SM3 of `SignedValue.dat`; from [`Stage::Sealed`] on.
    pub signed_value: Digest,
    /// The signed record, to be resent as it is; at [`Stage::Submitted`] only.
    pub record: Vec<u8>,
    /// The height at which it was anchored; at [`Stage::Anchored`].
    pub height: u64,
}

/// The journal of one batch.
///
/// Invariant: `rows` is what the first `len` bytes of the file say; a row's stage only grows.
#[derive(Debug)]
pub struct Journal<F> {
    file: F,
    batch: Batch,
    rows: BTreeMap<String, Row>,
    len: u64,
    synced: u64,
}

impl<F: JournalFile> Journal<F> {
    /// Opens a journal, or starts one in an empty file. A torn tail is cut off: nothing was submitted on its word.
    ///
    /// The file must be the caller's alone (see [`JournalFile`]).
    ///
    /// # Errors
    /// [`Error::BatchForeign`], [`Error::BatchDamaged`], [`Error::Io`].
    pub fn open(mut file: F, batch: Batch) -> Result<Self, Error> {
        let bytes = file.read_all().map_err(|e| Error::io(&e))?;
        let read = entry::read(&bytes, &batch.0)?;
        let mut journal = Self { file, batch, rows: BTreeMap::new(), len: 0, synced: 0 };
        for event in read.events {
            journal.apply(event)?;
        }
        journal.len = read.len;
        if read.len < bytes.len() as u64 {
            journal.file.truncate(read.len).map_err(|e| Error::io(&e))?;
        }
        if read.len == 0 {
            let header = entry::header(&batch.0);
            journal.file.append(&header).map_err(|e| Error::io(&e))?;
            journal.len = header.len() as u64;
        }
        journal.sync()?;
        Ok(journal)
    }

    /// The rows, by serial.
    #[must_use]
    pub fn rows(&self) -> &BTreeMap<String, Row> {
        &self.rows
    }

    /// A row.
    #[must_use]
    pub fn row(&self, serial: &str) -> Option<&Row> {
        self.rows.get(serial)
    }

    /// The row of this serial if it was issued from the same draft. A row that was edited before its document was sealed
    /// – one whose page overflowed, say – is `None`: it starts again.
    ///
    /// # Errors
    /// [`Error::RowChanged`] when the row was edited after that.
    pub fn resume(&self, serial: &str, draft: Digest) -> Result<Option<&Row>, Error> {
        match self.rows.get(serial) {
            Some(row) if row.draft != draft && row.stage == Stage::Issued => Ok(None),
            Some(row) if row.draft != draft => {
                Err(Error::RowChanged { serial: serial.to_owned(), stage: row.stage.name() })
            }
            row => Ok(row),
        }
    }

    /// Notes that a row has its identifier, or starts again with the same one before it was sealed.
    ///
    /// # Errors
    /// [`Error::BatchOrder`] when it is further or has another; [`Error::Io`].
    pub fn issued(
        &mut self,
        identifier: &Identifier,
        draft: Digest,
        at: UnixTime,
    ) -> Result<(), Error> {
        let identifier = identifier.clone();
        self.append(Event::Issued { identifier, draft, at })
    }

    /// Notes that a row's document is sealed; the caller has synced the document.
    ///
    /// # Errors
    /// [`Error::BatchOrder`], [`Error::Io`].
    pub fn sealed(&mut self, serial: &str, path: &str, signed_value: Digest) -> Result<(), Error> {
        let (serial, path) = (serial.to_owned(), path.to_owned());
        self.append(Event::Sealed { serial, path, signed_value })
    }

    /// Notes the signed record of a row. **[`sync`](Self::sync) must return before the record is submitted.**
    ///
    /// # Errors
    /// [`Error::BatchOrder`], [`Error::Io`].
    pub fn submitted(&mut self, serial: &str, record: &[u8]) -> Result<(), Error> {
        self.append(Event::Submitted { serial: serial.to_owned(), record: record.to_vec() })
    }

    /// Gives a row another record in place of one that the ledger can no longer take, such as past its last valid height.
    ///
    /// # Errors
    /// [`Error::BatchOrder`] unless the row is submitted; [`Error::Io`].
    pub fn resubmitted(&mut self, serial: &str, record: &[u8]) -> Result<(), Error> {
        self.append(Event::Resubmitted { serial: serial.to_owned(), record: record.to_vec() })
    }

    /// Notes that a row's receipt is checked and in its document.
    ///
    /// # Errors
    /// [`Error::BatchOrder`], [`Error::Io`].
    pub fn anchored(&mut self, serial: &str, height: u64) -> Result<(), Error> {
        self.append(Event::Anchored { serial: serial.to_owned(), height })
    }

    /// Returns once all that was noted will survive a crash.
    ///
    /// # Errors
    /// [`Error::Io`]; the journal must then be opened anew, for nobody knows what reached the disk.
    pub fn sync(&mut self) -> Result<(), Error> {
        if self.synced < self.len {
            self.file.sync().map_err(|e| Error::io(&e))?;
            self.synced = self.len;
        }
        Ok(())
    }

    fn append(&mut self, event: Event) -> Result<(), Error> {
        let entry = Entry { synced: self.synced, event };
        let bytes = entry.to_bytes(&self.batch.0, self.len)?;
        self.apply(entry.event)?;
        self.file.append(&bytes).map_err(|e| Error::io(&e))?;
        self.len += bytes.len() as u64;
        Ok(())
    }

    /// One row of the table for each event; a move that is not in it is refused.
    fn apply(&mut self, event: Event) -> Result<(), Error> {
        let serial = event.serial().to_owned();
        let row = self.rows.get_mut(&serial);
        let order = |stage: Option<Stage>, step: Stage| Error::BatchOrder {
            serial: serial.clone(),
            state: stage.map_or("not issued", Stage::name),
            step: step.name(),
        };
        match (row, event) {
            (None, Event::Issued { identifier, draft, at }) => {
                let row = Row {
                    stage: Stage::Issued,
                    identifier,
                    issued_at: at,
                    draft,
                    path: String::new(),
                    signed_value: Digest::ZERO,
                    record: Vec::new(),
                    height: 0,
                };
                self.rows.insert(serial, row);
            }
            (Some(row), Event::Issued { identifier, draft, at })
                if row.stage == Stage::Issued && row.identifier == identifier =>
            {
                row.draft = draft;
                row.issued_at = at;
            }
            (Some(row), Event::Sealed { path, signed_value, .. }) if row.stage == Stage::Issued => {
                row.stage = Stage::Sealed;
                row.path = path;
                row.signed_value = signed_value;
            }
            (Some(row), Event::Submitted { record, .. }) if row.stage == Stage::Sealed => {
                row.stage = Stage::Submitted;
                row.record = record;
            }
            (Some(row), Event::Resubmitted { record, .. }) if row.stage == Stage::Submitted => {
                row.record = record;
            }
            (Some(row), Event::Anchored { height, .. }) if row.stage == Stage::Submitted => {
                row.stage = Stage::Anchored;
                row.height = height;
                // No longer needed, and a million of them would fill memory.
                row.record = Vec::new();
            }
            (row, event) => return Err(order(row.map(|r| r.stage), event.stage())),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
