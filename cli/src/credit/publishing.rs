//! A source's batches as files for auditors: records without contents and salts.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use yinxin_credit::source::{Manifest, SourceStore};

use super::store::RocksSource;
use crate::{
    fail::{Class, Done, Failure},
    files,
};

/// Records that are read from the store at once.
const AT_ONCE: u64 = 4096;

/// The folder that batches are published in.
pub(crate) struct Publishing<'a>(&'a Path);

impl<'a> Publishing<'a> {
    /// Makes the folder if need be.
    pub(super) fn open(folder: &'a Path) -> Done<Self> {
        files::make_folder(folder)?;
        Ok(Self(folder))
    }

    /// The file of a batch in such a folder.
    pub(crate) fn file(folder: &Path, sequence: u64) -> PathBuf {
        folder.join(format!("{sequence}.records"))
    }

    /// Writes every batch up to this one that is not there, each whole or not at all.
    pub(super) fn up_to(&self, store: &RocksSource, last: u64) -> Done {
        for sequence in 1..=last {
            let path = Self::file(self.0, sequence);
            if !path.exists() {
                let manifest = store.manifest(sequence)?;
                let manifest = manifest.ok_or_else(|| missing(sequence))?;
                self.write(store, &manifest, &path)?;
            }
        }
        Ok(())
    }

    /// Removes the file of a batch that was taken back.
    pub(super) fn forget(&self, sequence: u64) -> Done {
        let path = Self::file(self.0, sequence);
        match fs::remove_file(&path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(Failure::io(&path, &e)),
            _ => Ok(()),
        }
    }

    fn write(&self, store: &RocksSource, manifest: &Manifest, path: &Path) -> Done {
        let io = |e: io::Error| Failure::io(path, &e);
        let part = path.with_extension("records.part");
        let mut out = BufWriter::new(File::create(&part).map_err(io)?);
        let (mut next, end) = (manifest.first, manifest.first + manifest.batch.count());
        while next < end {
            let some = store.records(next, AT_ONCE.min(end - next))?;
            if some.is_empty() {
                return Err(missing(manifest.batch.sequence));
            }
            next += some.len() as u64;
            some.iter().try_for_each(|stored| out.write_all(&stored.record)).map_err(io)?;
        }
        let file = out.into_inner().map_err(|e| io(e.into_error()))?;
        file.sync_all().map_err(io)?;
        fs::rename(&part, path).map_err(io)?;
        File::open(self.0).and_then(|folder| folder.sync_all()).map_err(io)
    }
}

/// The store has not what its manifests promise.
pub(super) fn missing(sequence: u64) -> Failure {
    Failure::new(
        Class::Node,
        format!("the store has no batch {sequence}"),
        format!("存储中没有批次 {sequence}"),
    )
    .todo("restore the store from a backup", "请从备份恢复存储")
}
