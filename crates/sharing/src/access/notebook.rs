//! The receiver's own journal: the lines of what arrived, so that its counts are its own and not the server's word.

use std::io::Read;

use yinxin_gm::{Digest, sm3};
use yinxin_record::OrganisationCode;

use super::{
    Journal, Line,
    frames::{Replay, frame, replay},
    journal::Entry,
};
use crate::Error;

/// Notes what arrived: in the frames of a server's journal, under a beginning of its own.
#[derive(Debug)]
pub struct Notebook<J> {
    journal: J,
    chain: Digest,
    /// Set while an entry is written, and for ever once that failed.
    broken: bool,
}

impl<J: Journal> Notebook<J> {
    /// Goes on with a journal, or begins one: `existing` reads what `journal` holds.
    ///
    /// # Errors
    /// [`Error::JournalDamaged`], also for a server's; [`Error::Mismatch`] for another receiver's; [`Error::Io`].
    pub fn open(
        existing: &mut impl Read,
        journal: J,
        receiver: &OrganisationCode,
    ) -> Result<Self, Error> {
        let mut found = None;
        let Replay { chain, length, torn } = replay(existing, |entry| match (entry, &found) {
            (Entry::Received { receiver }, None) => {
                found = Some(receiver);
                Ok(())
            }
            (Entry::Line(_) | Entry::Cut { .. }, Some(_)) => Ok(()),
            _ => Err("no receiver's journal"),
        })?;
        let mut book = Self { journal, chain, broken: false };
        if !torn.is_empty() {
            book.journal.truncate(length).map_err(|e| Error::io(&e))?;
        }
        match found {
            Some(found) if found != *receiver => {
                return Err(Error::Mismatch {
                    what: "receiver of the journal",
                    expected: receiver.to_string(),
                    found: found.to_string(),
                });
            }
            Some(_) => {}
            None => book.write(&Entry::Received { receiver: receiver.clone() })?,
        }
        if !torn.is_empty() {
            let (length, digest) = (torn.len() as u64, sm3::digest(&torn));
            book.write(&Entry::Cut { length, digest })?;
        }
        Ok(book)
    }

    /// Notes a line of the server; it is durable when this returns.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn note(&mut self, line: &Line) -> Result<(), Error> {
        self.write(&Entry::Line(Box::new(line.clone())))
    }

    fn write(&mut self, entry: &Entry) -> Result<(), Error> {
        if core::mem::replace(&mut self.broken, true) {
            return Err(Error::Io { why: "the journal failed before".to_owned() });
        }
        let (octets, chain) = frame(entry, &self.chain);
        self.journal.append(&octets).map_err(|e| Error::io(&e))?;
        (self.chain, self.broken) = (chain, false);
        Ok(())
    }
}
