//! RocksDB as the disk. Of `chain/` nothing else names it.

use std::path::{Path, PathBuf};
use std::sync::{OnceLock, RwLock};

use rocksdb::{
    BlockBasedOptions, ColumnFamily, ColumnFamilyDescriptor, DB, DBCompressionType, DBRecoveryMode,
    Direction, IteratorMode, Options, WriteBatch, WriteOptions,
};

use super::{Batch, Disk, Pair, Table};
use crate::StoreError;

/// RocksDB keeps its own log; 64 MiB of it before tables are written is its usual size.
const WRITE_BUFFER: usize = 16 * 1024 * 1024;

/// All tables together before they are written: what a full disk could ask for at once.
const WRITE_BUFFERS: usize = 64 * 1024 * 1024;

/// Space that must stay free. RocksDB may at any moment write all its buffers behind a block; it does not outlive a write that
/// failed for want of space, so it is never let come to one.
const HEADROOM: u64 = 96 * 1024 * 1024;

/// Info logs grow without end by default.
const INFO_LOGS: usize = 4;

/// A RocksDB directory. Only one process can have it open.
pub struct RocksDisk {
    /// `None` once closed.
    db: RwLock<Option<DB>>,
    path: PathBuf,
    headroom: u64,
    /// The first failure of a write. After it RocksDB is only read.
    broken: OnceLock<StoreError>,
}

impl core::fmt::Debug for RocksDisk {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("RocksDisk").field("path", &self.path).finish()
    }
}

impl RocksDisk {
    /// Opens the directory, making it if need be.
    ///
    /// # Errors
    /// [`StoreError::Locked`] if another process has it; [`StoreError::Full`], [`StoreError::Damaged`] or
    /// [`StoreError::Io`].
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_with_headroom(path, HEADROOM)
    }

    /// Opens the directory with another number of bytes that must stay free on its disk.
    ///
    /// # Errors
    /// As [`RocksDisk::open`].
    pub fn open_with_headroom(path: &Path, headroom: u64) -> Result<Self, StoreError> {
        std::fs::create_dir_all(path).map_err(|error| io_error(path, &error))?;
        enough_space(path, headroom)?;
        let mut options = Options::default();
        options.create_if_missing(true);
        options.create_missing_column_families(true);
        options.set_paranoid_checks(true);
        // A torn last record is what a crash leaves; any other flaw in the log is damage, and must not
        // silently drop what was acknowledged.
        options.set_wal_recovery_mode(DBRecoveryMode::TolerateCorruptedTailRecords);
        options.set_keep_log_file_num(INFO_LOGS);
        options.set_max_open_files(512);
        options.set_db_write_buffer_size(WRITE_BUFFERS);
        let tables = Table::ALL.map(|table| ColumnFamilyDescriptor::new(table.name(), family()));
        let db = DB::open_cf_descriptors(&options, path, tables).map_err(error)?;
        let (db, broken) = (RwLock::new(Some(db)), OnceLock::new());
        Ok(Self { db, path: path.to_owned(), headroom, broken })
    }

    /// What RocksDB counts of itself since it was opened, in its own words: stalls, writes, syncs of its log.
    ///
    /// # Errors
    /// [`StoreError::Closed`], or [`StoreError::Io`] if RocksDB does not say.
    pub fn statistics(&self) -> Result<String, StoreError> {
        let none = || StoreError::Io("RocksDB gives no statistics".to_owned());
        self.with(|db| db.property_value("rocksdb.dbstats").map_err(error)?.ok_or_else(none))
    }

    /// Bytes of a table's files.
    ///
    /// # Errors
    /// [`StoreError::Closed`], or [`StoreError::Io`] if RocksDB does not say.
    pub fn table_bytes(&self, table: Table) -> Result<u64, StoreError> {
        let none = || StoreError::Io("RocksDB gives no sizes".to_owned());
        let size = "rocksdb.live-sst-files-size";
        self.with(|db| {
            db.property_int_value_cf(family_of(db, table), size).map_err(error)?.ok_or_else(none)
        })
    }

    /// Writes out what is in memory and merges all files: what is measured then is what stays.
    ///
    /// # Errors
    /// [`StoreError::Closed`], or what RocksDB says of the writing.
    pub fn compact(&self) -> Result<(), StoreError> {
        self.with(|db| {
            for table in Table::ALL {
                db.flush_cf(family_of(db, table)).map_err(error)?;
                db.compact_range_cf(family_of(db, table), None::<&[u8]>, None::<&[u8]>);
            }
            Ok(())
        })
    }

    /// Does something with the database while it is open.
    fn with<T>(&self, act: impl FnOnce(&DB) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let db = self.db.read().expect("no holder of this lock panics");
        act(db.as_ref().ok_or(StoreError::Closed)?)
    }
}

fn family_of(db: &DB, table: Table) -> &ColumnFamily {
    db.cf_handle(table.name()).expect("opened with every table")
}

fn io_error(path: &Path, error: &std::io::Error) -> StoreError {
    let text = format!("{}: {error}", path.display());
    if error.kind() == std::io::ErrorKind::StorageFull {
        StoreError::Full(text)
    } else {
        StoreError::Io(text)
    }
}

/// Whether the disk under `path` has that many bytes left.
fn enough_space(path: &Path, headroom: u64) -> Result<(), StoreError> {
    let found = rustix::fs::statvfs(path).map_err(|error| io_error(path, &error.into()))?;
    let free = found.f_bavail.saturating_mul(found.f_frsize);
    if free >= headroom {
        return Ok(());
    }
    let mebibytes = |bytes: u64| bytes / (1024 * 1024);
    let (free, headroom) = (mebibytes(free), mebibytes(headroom));
    Err(StoreError::Full(format!(
        "{}: {free} MiB left of the {headroom} MiB kept free",
        path.display()
    )))
}

fn family() -> Options {
    let mut blocks = BlockBasedOptions::default();
    blocks.set_bloom_filter(10.0, false);
    let mut options = Options::default();
    options.set_block_based_table_factory(&blocks);
    options.set_write_buffer_size(WRITE_BUFFER);
    // Mostly hashes and signatures: nothing to compress.
    options.set_compression_type(DBCompressionType::None);
    options
}

/// RocksDB gives words only; these are the ones of its `Status` and of the C library.
fn error(error: rocksdb::Error) -> StoreError {
    let text = error.to_string();
    if text.contains("No space left") {
        StoreError::Full(text)
    } else if text.contains("lock") && text.contains("LOCK") {
        StoreError::Locked(text)
    } else if text.starts_with("Corruption") {
        StoreError::damaged("RocksDB", text)
    } else {
        StoreError::Io(text)
    }
}

impl Drop for RocksDisk {
    fn drop(&mut self) {
        self.close();
    }
}

impl Disk for RocksDisk {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.with(|db| db.get_cf(family_of(db, table), key).map_err(error))
    }

    fn scan(
        &self,
        table: Table,
        prefix: &[u8],
        from: &[u8],
        limit: usize,
    ) -> Result<Vec<Pair>, StoreError> {
        let start = from.max(prefix);
        let mode = IteratorMode::From(start, Direction::Forward);
        self.with(|db| {
            let mut pairs = Vec::new();
            for pair in db.iterator_cf(family_of(db, table), mode).take(limit) {
                let (key, value) = pair.map_err(error)?;
                if !key.starts_with(prefix) {
                    break;
                }
                pairs.push((key.into_vec(), value.into_vec()));
            }
            Ok(pairs)
        })
    }

    fn write(&self, batch: Batch, sync: bool) -> Result<(), StoreError> {
        self.health()?;
        self.with(|db| {
            let mut write = WriteBatch::default();
            for (table, key, value) in &batch.changes {
                match value {
                    Some(value) => write.put_cf(family_of(db, *table), key, value),
                    None => write.delete_cf(family_of(db, *table), key),
                }
            }
            let mut options = WriteOptions::default();
            options.set_sync(sync);
            db.write_opt(write, &options).map_err(|failure| {
                // Whether it is written is not known now; what is opened anew is whole.
                let failure = error(failure);
                self.broken.get_or_init(|| failure.clone());
                failure
            })
        })
    }

    fn health(&self) -> Result<(), StoreError> {
        match self.broken.get() {
            Some(failure) => Err(failure.clone()),
            None => enough_space(&self.path, self.headroom),
        }
    }

    fn close(&self) {
        // Whoever reads at this moment finishes first.
        let db = self.db.write().expect("no holder of this lock panics").take();
        if self.health().is_err() {
            // Closing writes, and RocksDB aborts at the second write that finds no space. The process ends anyway and lets go of
            // the lock; the log is whole.
            std::mem::forget(db);
        }
    }
}
