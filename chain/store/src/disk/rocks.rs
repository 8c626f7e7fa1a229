//! RocksDB as the disk. Nothing else in the workspace names it, so that its version can move in one place.

use std::path::Path;

use rocksdb::{
    BlockBasedOptions, ColumnFamily, ColumnFamilyDescriptor, DB, DBCompressionType, DBRecoveryMode,
    Direction, IteratorMode, Options, WriteBatch, WriteOptions,
};

use super::{Batch, Disk, Pair, Table};
use crate::StoreError;

/// RocksDB keeps its own log; 64 MiB of it before tables are written is its usual size.
const WRITE_BUFFER: usize = 16 * 1024 * 1024;

/// Info logs grow without end by default.
const INFO_LOGS: usize = 4;

/// A RocksDB directory. Only one process can have it open.
pub struct RocksDisk {
    db: DB,
}

impl core::fmt::Debug for RocksDisk {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("RocksDisk").field("path", &self.db.path()).finish()
    }
}

impl RocksDisk {
    /// Opens the directory, making it if need be.
    ///
    /// # Errors
    /// [`StoreError::Locked`] if another process has it; [`StoreError::Damaged`] or [`StoreError::Io`].
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(path)
            .map_err(|error| StoreError::Io(format!("{}: {error}", path.display())))?;
        let mut options = Options::default();
        options.create_if_missing(true);
        options.create_missing_column_families(true);
        options.set_paranoid_checks(true);
        // A torn last record is what a crash leaves; any other flaw in the log is damage, and must not
        // silently drop what was acknowledged.
        options.set_wal_recovery_mode(DBRecoveryMode::TolerateCorruptedTailRecords);
        options.set_keep_log_file_num(INFO_LOGS);
        options.set_max_open_files(512);
        let tables = Table::ALL.map(|table| ColumnFamilyDescriptor::new(table.name(), family()));
        let db = DB::open_cf_descriptors(&options, path, tables).map_err(error)?;
        Ok(Self { db })
    }

    fn family(&self, table: Table) -> &ColumnFamily {
        self.db.cf_handle(table.name()).expect("opened with every table")
    }
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

impl Disk for RocksDisk {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.db.get_cf(self.family(table), key).map_err(error)
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
        let mut pairs = Vec::new();
        for pair in self.db.iterator_cf(self.family(table), mode).take(limit) {
            let (key, value) = pair.map_err(error)?;
            if !key.starts_with(prefix) {
                break;
            }
            pairs.push((key.into_vec(), value.into_vec()));
        }
        Ok(pairs)
    }

    fn write(&self, batch: Batch, sync: bool) -> Result<(), StoreError> {
        let mut write = WriteBatch::default();
        for (table, key, value) in &batch.changes {
            match value {
                Some(value) => write.put_cf(self.family(*table), key, value),
                None => write.delete_cf(self.family(*table), key),
            }
        }
        let mut options = WriteOptions::default();
        options.set_sync(sync);
        self.db.write_opt(write, &options).map_err(error)
    }
}
