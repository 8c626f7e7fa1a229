//! Where a check keeps what it derives: a database in a folder of its own, so that memory stays the same however long the ledger is.

use std::path::{Path, PathBuf};

use yinxin_store::{Batch, Disk as _, RocksDisk, StoreError, Table};

use crate::fail::{Class, Done, Failure};

/// The state, by its keys.
pub(super) const STATE: Table = Table::TreeValues;
/// The index that the records make.
pub(super) const DERIVED: Table = Table::Index;
/// Records that came over HTTP, by their number in the log.
pub(super) const LOG: Table = Table::Bodies;

/// The database; it is removed with this.
#[derive(Debug)]
pub(crate) struct Scratch {
    disk: RocksDisk,
    folder: PathBuf,
}

impl Scratch {
    /// In a new folder; what a run before left there is removed.
    pub(crate) fn new(folder: PathBuf) -> Done<Self> {
        if folder.exists() {
            std::fs::remove_dir_all(&folder).map_err(|e| Failure::io(&folder, &e))?;
        }
        let disk = RocksDisk::open(&folder).map_err(|e| failure(&e, &folder))?;
        Ok(Self { disk, folder })
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
        let _ = std::fs::remove_dir_all(&self.folder);
    }
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
