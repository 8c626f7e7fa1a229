//! Batches that were taken back, kept until the ledger has another in their place.
//!
//! A refusal is one node's unsigned word: a batch that it refused may be on the ledger all the same, or come to be, for its record was signed
//! and sent. What was made of the same rows since then makes way for it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use yinxin_credit::source::SourceStore;
use yinxin_gm::Digest;

use super::{publishing::Publishing, store::RocksSource};
use crate::{
    fail::{Done, Failure},
    files,
};

/// A source's folder, with its store and the stores as they were with a batch that was taken back: `taken-back/SEQUENCE/ROOT`.
pub(super) struct Aside<'a>(pub(super) &'a Path);

impl Aside<'_> {
    /// The store of the source.
    pub(super) fn store(&self) -> PathBuf {
        self.0.join("records")
    }

    /// Keeps the store as it is, by its newest batch. Its files are linked, not copied: it takes room only once they are merged.
    pub(super) fn keep(&self, store: &RocksSource) -> Done {
        let Some(last) = store.last()? else { return Ok(()) };
        let path = self.kept(last.batch.sequence, &last.batch.after);
        files::make_private_folder(&files::folder_of(&path))?;
        if !path.exists() {
            store.copy(&path)?;
            files::sync_folder_of(&path).map_err(|e| Failure::io(&path, &e))?;
        }
        Ok(())
    }

    /// The store of which the ledger has the newest batch: the one at hand, or one that was kept; what is at hand is kept in its place, and its
    /// batches are published no more.
    pub(super) fn of_ledger(
        &self,
        store: RocksSource,
        (sequence, root): (u64, &Digest),
        publishing: Option<&Publishing<'_>>,
    ) -> Done<RocksSource> {
        let own = store.manifest(sequence)?;
        let kept = self.kept(sequence, root);
        if own.is_some_and(|own| own.batch.after == *root) || !kept.exists() {
            return Ok(store);
        }
        self.keep(&store)?;
        // What was published of the batches that make way is another's word now; the files are written again from the store that comes.
        let last = store.last()?.map_or(0, |last| last.batch.sequence);
        if let Some(publishing) = publishing {
            (sequence..=last).try_for_each(|sequence| publishing.forget(sequence))?;
        }
        drop(store);
        let (path, replaced) = (self.store(), self.0.join("replaced"));
        let io = |e: io::Error| Failure::io(&path, &e);
        // Killed between the two, the next run finds no store, and goes on here.
        remove(&replaced)?;
        fs::rename(&path, &replaced).map_err(io)?;
        fs::rename(&kept, &path).map_err(io)?;
        files::sync_folder_of(&path).map_err(io)?;
        remove(&replaced)?;
        Ok(RocksSource::open(&path)?)
    }

    /// Forgets what was kept of batches up to this one: of these the ledger has those at hand.
    pub(super) fn forget(&self, sequence: u64) -> Done {
        let folder = self.taken_back();
        let io = |e: io::Error| Failure::io(&folder, &e);
        let entries = match fs::read_dir(&folder) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries.map_err(io)?,
        };
        for entry in entries {
            let entry = entry.map_err(io)?;
            let number = entry.file_name().to_str().and_then(|name| name.parse().ok());
            if number.is_some_and(|number: u64| number <= sequence) {
                remove(&entry.path())?;
            }
        }
        Ok(())
    }

    fn kept(&self, sequence: u64, root: &Digest) -> PathBuf {
        self.taken_back().join(sequence.to_string()).join(root.to_string())
    }

    fn taken_back(&self) -> PathBuf {
        self.0.join("taken-back")
    }
}

fn remove(folder: &Path) -> Done {
    match fs::remove_dir_all(folder) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(Failure::io(folder, &e)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credit::store::tests::{import, import_from};

    #[test]
    fn the_store_of_the_ledgers_batch_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let aside = Aside(folder.path());
        let open = || RocksSource::open(&aside.store()).unwrap();
        let first = import(open(), 2);
        let (one, sent) = (&first[0], &first[1]);
        let mut store = open();
        aside.keep(&store).unwrap();
        store.take_back(2).unwrap();
        drop(store);
        // Other rows become another second batch, and a third.
        let other = import_from(open(), 2, 1_000);
        assert_eq!(other.iter().map(|m| m.batch.sequence).collect::<Vec<_>>(), [2, 3]);
        // Whatever the ledger has that was never kept leaves the store as it is.
        let store = aside.of_ledger(open(), (2, &other[0].batch.after), None).unwrap();
        let store = aside.of_ledger(store, (2, &Digest::ZERO), None).unwrap();
        let store = aside.of_ledger(store, (1, &one.batch.after), None).unwrap();
        assert_eq!(store.last().unwrap().as_ref(), Some(&other[1]));
        // The ledger has the batch that was refused: it is the newest again, with all its records.
        let store = aside.of_ledger(store, (2, &sent.batch.after), None).unwrap();
        assert_eq!(store.last().unwrap().as_ref(), Some(sent));
        assert_eq!(store.records(sent.first, 100).unwrap().len(), 50);
        drop(store);
        // And back, if it has the other one: nothing that was sent is ever lost.
        let third = &other[1].batch;
        let store = aside.of_ledger(open(), (third.sequence, &third.after), None).unwrap();
        assert_eq!(store.last().unwrap().as_ref(), Some(&other[1]));
        aside.forget(2).unwrap();
        assert!(!aside.kept(2, &sent.batch.after).exists());
        drop(store);
        // Killed between the two renames.
        aside.keep(&open()).unwrap();
        fs::rename(aside.store(), folder.path().join("replaced")).unwrap();
        let store = aside.of_ledger(open(), (third.sequence, &third.after), None).unwrap();
        assert_eq!(store.last().unwrap().as_ref(), Some(&other[1]));
    }
}
