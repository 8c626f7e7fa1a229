//! Where a check keeps what it derives: a database in a folder of its own, so that memory stays the same however long the ledger is.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use rand_core::Rng as _;
use rustix::{
    fs::{FlockOperation, flock},
    io::Errno,
};
use yinxin_store::{Batch, Disk as _, RocksDisk, StoreError, Table};

use crate::{
    fail::{Class, Done, Failure},
    files, rng,
    send::beside,
};

/// The state, by its keys.
pub(super) const STATE: Table = Table::TreeValues;
/// The index that the records make.
pub(super) const DERIVED: Table = Table::Index;
/// Records that came over HTTP, by their number in the log.
pub(super) const LOG: Table = Table::Bodies;

/// What the folders' names begin with.
const NAME: &str = "yinxin-audit-";
/// What is added to a folder's name for the file beside it that its process holds locked.
const LOCK: &str = ".lock";

/// The database; it is removed with this, and what a killed process left, by the next one in the same place.
#[derive(Debug)]
pub(crate) struct Scratch {
    disk: RocksDisk,
    folder: PathBuf,
    lock: PathBuf,
    _held: File,
}

impl Scratch {
    /// In a new folder of a name that nobody foresees, below this one or the system's temporary files: never in the data that are
    /// checked.
    pub(crate) fn within(parent: Option<&Path>) -> Done<Self> {
        let temporary = std::env::temp_dir();
        let parent = parent.unwrap_or(&temporary);
        files::make_folder(parent)?;
        remove_what_was_left(parent).map_err(|e| Failure::io(parent, &e))?;
        let (folder, lock, held) = loop {
            let mut random = [0; 8];
            rng::os().fill_bytes(&mut random);
            let folder = parent.join(format!("{NAME}{}", hex::encode(random)));
            let lock = beside(&folder, &LOCK[1..]);
            if let Some(held) = hold(&lock, true).map_err(|e| Failure::io(&lock, &e))? {
                break (folder, lock, held);
            }
        };
        let made = DirBuilder::new().mode(0o700).create(&folder);
        made.map_err(|e| Failure::io(&folder, &e))?;
        let disk = RocksDisk::open(&folder).map_err(|e| failure(&e, &folder))?;
        Ok(Self { disk, folder, lock, _held: held })
    }

    pub(super) fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.disk.get(table, key)
    }

    /// Not synced: nobody reads it after a crash.
    pub(super) fn write(&self, batch: Batch) -> Done {
        self.disk.write(batch, false).map_err(|e| failure(&e, &self.folder))
    }

    pub(super) fn page(&self, table: Table, from: &[u8], limit: usize) -> Done<Vec<super::Entry>> {
        self.disk.scan(table, &[], from, limit).map_err(|e| failure(&e, &self.folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.disk.close();
        // What stays is removed by the next run, or with the temporary files.
        let _ = fs::remove_dir_all(&self.folder).and_then(|()| fs::remove_file(&self.lock));
    }
}

/// The lock of a folder, if no other process holds it and it is still there.
fn hold(path: &Path, new: bool) -> io::Result<Option<File>> {
    let no_link = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
    let file =
        OpenOptions::new().write(true).create_new(new).mode(0o600).custom_flags(no_link).open(path);
    let file = match file {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
        other => other?,
    };
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok((file.metadata()?.nlink() > 0).then_some(file)),
        Err(Errno::WOULDBLOCK) => Ok(None),
        Err(e) => Err(e.into()),
    }
}

/// Removes this user's folders whose processes are gone: nobody holds their locks any more.
fn remove_what_was_left(parent: &Path) -> io::Result<()> {
    let own = rustix::process::geteuid().as_raw();
    for entry in fs::read_dir(parent)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(folder) = name.to_str().and_then(|name| name.strip_suffix(LOCK)) else { continue };
        let is_ours = |about: fs::Metadata| about.uid() == own && !about.is_symlink();
        if !folder.starts_with(NAME) || !entry.metadata().is_ok_and(is_ours) {
            continue;
        }
        // Another check may be removing it at the same time.
        let Ok(Some(_held)) = hold(&entry.path(), false) else { continue };
        match fs::remove_dir_all(parent.join(folder)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => fs::remove_file(entry.path())?,
        }
    }
    Ok(())
}

fn failure(error: &StoreError, folder: &Path) -> Failure {
    let folder = folder.display();
    Failure::new(
        Class::Node,
        format!("the check's own files in {folder}: {error}"),
        format!("核对所用临时文件 {folder}：{error}"),
    )
    .todo(
        "free space there, or choose another folder with --scratch",
        "请释放空间，或用 --scratch 指定其他文件夹",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_a_killed_check_left_is_removed_by_the_next_and_a_running_ones_is_not() {
        let parent = tempfile::tempdir().unwrap();
        let parent = parent.path();
        let running = Scratch::within(Some(parent)).unwrap();
        let before = names(parent);
        // Killed: its files are there, and nobody holds the lock.
        let left = parent.join(format!("{NAME}0011223344556677"));
        fs::create_dir(&left).unwrap();
        fs::write(left.join("000001.log"), "state").unwrap();
        fs::write(beside(&left, &LOCK[1..]), "").unwrap();
        // Somebody else's folders, and a name that only looks like it.
        fs::create_dir(parent.join("yinxin-audit")).unwrap();
        fs::write(parent.join("other.lock"), "").unwrap();
        std::os::unix::fs::symlink(parent.join("other.lock"), parent.join("yinxin-audit-x.lock"))
            .unwrap();
        let next = Scratch::within(Some(parent)).unwrap();
        assert!(!left.exists() && running.folder.exists() && next.folder.exists());
        drop((running, next));
        assert_eq!(names(parent), ["other.lock", "yinxin-audit", "yinxin-audit-x.lock"]);
        assert_eq!(before.len(), 2);
    }
}
