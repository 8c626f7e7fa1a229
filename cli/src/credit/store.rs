//! A source's records in RocksDB.
//!
//! What belongs to a batch is written without a log, flushed, and only then is its manifest written and synced. Until that, whatever a
//! loss of power leaves of it is not looked at, and is written again under the same keys.

use std::{ffi::CStr, path::Path, thread, time::Duration};

use rocksdb::{
    BlockBasedOptions, Cache, ColumnFamily, ColumnFamilyDescriptor, DB, DBCompressionType,
    Direction, FlushOptions, IteratorMode, Options, ReadOptions, WriteBatch, WriteOptions,
    checkpoint::Checkpoint,
    properties::{COMPACTION_PENDING, NUM_RUNNING_COMPACTIONS},
};
use yinxin_credit::{
    Error,
    source::{Manifest, SourceStore, Stored},
};
use yinxin_gm::Digest;
use yinxin_record::Wire;

/// Sequence number → manifest; written last, synced.
const MANIFESTS: &str = "manifests";
/// Position → record and content.
const RECORDS: &str = "records";
/// Page, sequence number counted down → page: the newest version as of a batch is the first at or behind it.
const PAGES: &str = "pages";
/// Sequence number → roots of 256 records each.
const ROOTS: &str = "roots";
/// Beside the roots: the newest batch that pages were put for.
const BEGUN: &[u8] = b"begun";

/// Records compress well: the same words again and again. 64 MiB at a time, so that few files are made.
const RECORD_BUFFER: usize = 64 << 20;
/// Pages are hashes; each is written whole.
const PAGE_BUFFER: usize = 64 << 20;
/// Values from this size on are kept beside the sorted keys, and are not moved when these are.
const BLOB: u64 = 256;
/// Recently read blocks, all columns together.
const CACHE: usize = 64 << 20;
/// From so many neighbours on records are read by going along instead of one by one: a batch keeps a subject's together.
const RUN: usize = 4;
/// How often RocksDB is asked whether it still merges files.
const SETTLING: Duration = Duration::from_millis(20);

/// A directory with a source's records. Only one process can have it open.
pub(crate) struct RocksSource {
    db: DB,
    /// The newest batch that pages were put for, committed or not.
    begun: u64,
}

impl RocksSource {
    /// Opens the directory, making it if need be.
    ///
    /// # Errors
    /// [`Error::Io`] if RocksDB cannot open it, also because another process has it.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let mut options = options();
        options.create_if_missing(true);
        options.create_missing_column_families(true);
        let db = DB::open_cf_descriptors(&options, path, families()?).map_err(|e| failed(&e))?;
        let mut this = Self { db, begun: 0 };
        let begun = this.get(ROOTS, BEGUN)?;
        let read = |bytes: Vec<u8>| bytes.try_into().map(u64::from_be_bytes);
        this.begun = begun.map_or(Ok(0), read).map_err(|_| damaged("the batch begun"))?;
        this.forget_later()?;
        Ok(this)
    }

    /// Opens the directory as it is now, to read only, also while another process writes to it: what that does later is not seen.
    ///
    /// # Errors
    /// [`Error::Io`] if there is none.
    pub(crate) fn open_to_read(path: &Path) -> Result<Self, Error> {
        let db = DB::open_cf_descriptors_read_only(&options(), path, families()?, false);
        Ok(Self { db: db.map_err(|e| failed(&e))?, begun: 0 })
    }

    /// Takes the last batch back: the store is again as it was before. Its records are lost unless whoever calls has them elsewhere.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::StoreDamaged`].
    pub(crate) fn take_back(&mut self, sequence: u64) -> Result<(), Error> {
        let mut batch = WriteBatch::default();
        batch.delete_cf(self.family(MANIFESTS), sequence.to_be_bytes());
        self.write(batch, true)?;
        self.forget_later()
    }

    /// Makes another directory with the same store, of links to the same files.
    ///
    /// # Errors
    /// [`Error::Io`] if there is something there.
    pub(crate) fn copy(&self, path: &Path) -> Result<(), Error> {
        let made = Checkpoint::new(&self.db).and_then(|this| this.create_checkpoint(path));
        made.map_err(|e| failed(&e))
    }

    /// Removes pages of batches that were never committed. A later run may make another batch of that number, which does not
    /// touch the same pages: what is left of the first would pass for its own.
    fn forget_later(&self) -> Result<(), Error> {
        let last = self.last()?.map_or(0, |manifest| manifest.batch.sequence);
        if self.begun <= last {
            return Ok(());
        }
        let mut batch = WriteBatch::default();
        for pair in self.db.iterator_cf(self.family(PAGES), IteratorMode::Start) {
            let (key, _) = pair.map_err(|e| failed(&e))?;
            let sequence = key.last_chunk().map(|bytes| !u64::from_be_bytes(*bytes));
            if sequence.ok_or_else(|| damaged("a page's key"))? > last {
                batch.delete_cf(self.family(PAGES), key);
            }
        }
        self.write(batch, false)
    }

    /// Waits until RocksDB has merged its files: looking up beside that work takes twice as long.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(crate) fn settle(&self) -> Result<(), Error> {
        let asked = |property: &CStr, name| {
            let value = self.db.property_int_value_cf(self.family(name), property);
            value.map(|n| n.unwrap_or(0)).map_err(|e| failed(&e))
        };
        loop {
            let mut work = asked(NUM_RUNNING_COMPACTIONS, RECORDS)?;
            for name in [MANIFESTS, RECORDS, PAGES, ROOTS] {
                work += asked(COMPACTION_PENDING, name)?;
            }
            if work == 0 {
                return Ok(());
            }
            thread::sleep(SETTLING);
        }
    }

    fn family(&self, name: &str) -> &ColumnFamily {
        self.db.cf_handle(name).expect("every family is made when it is opened")
    }

    fn put(
        &self,
        name: &str,
        pairs: impl IntoIterator<Item = (Vec<u8>, Vec<u8>)>,
    ) -> Result<(), Error> {
        let mut batch = WriteBatch::default();
        pairs.into_iter().for_each(|(key, value)| batch.put_cf(self.family(name), key, value));
        self.write(batch, false)
    }

    fn write(&self, batch: WriteBatch, sync: bool) -> Result<(), Error> {
        let mut options = WriteOptions::default();
        options.disable_wal(!sync);
        options.set_sync(sync);
        self.db.write_opt(batch, &options).map_err(|e| failed(&e))
    }

    fn get(&self, name: &str, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        self.db.get_cf(self.family(name), key).map_err(|e| failed(&e))
    }

    /// Records that have no neighbours among those asked for, all at once; takes their positions.
    fn asked_alone(&self, positions: &mut Vec<u64>, found: &mut Vec<Stored>) -> Result<(), Error> {
        if positions.is_empty() {
            return Ok(());
        }
        let keys = positions.drain(..).map(u64::to_be_bytes);
        for value in self.db.batched_multi_get_cf(self.family(RECORDS), keys, true) {
            let value = value.map_err(|e| failed(&e))?.ok_or_else(|| damaged("a record"))?;
            found.push(stored(&value)?);
        }
        Ok(())
    }

    /// Versions of a page from a batch back, the newest first: their keys, and values if they are wanted.
    fn versions(&self, page: u32, sequence: u64) -> impl Iterator<Item = Result<Pair, Error>> {
        let mut options = ReadOptions::default();
        options.set_iterate_upper_bound((page + 1).to_be_bytes());
        let from = page_key(page, sequence);
        let mode = IteratorMode::From(&from, Direction::Forward);
        let found = self.db.iterator_cf_opt(self.family(PAGES), options, mode);
        found.map(|pair| pair.map_err(|e| failed(&e)))
    }
}

type Pair = (Box<[u8]>, Box<[u8]>);

fn options() -> Options {
    let mut options = Options::default();
    options.set_paranoid_checks(true);
    options.set_keep_log_file_num(4);
    options.set_max_open_files(512);
    options.set_max_background_jobs(2);
    options
}

fn families() -> Result<[ColumnFamilyDescriptor; 4], Error> {
    let cache = Cache::new_lru_cache(CACHE).map_err(|e| failed(&e))?;
    Ok([
        ColumnFamilyDescriptor::new(MANIFESTS, Options::default()),
        ColumnFamilyDescriptor::new(RECORDS, records_options(&cache)),
        ColumnFamilyDescriptor::new(PAGES, pages_options(&cache)),
        ColumnFamilyDescriptor::new(ROOTS, Options::default()),
    ])
}

fn records_options(cache: &Cache) -> Options {
    let mut blocks = BlockBasedOptions::default();
    // Whoever looks a subject up reads one record here and one there, from a block each: small ones are read faster.
    blocks.set_block_size(4 << 10);
    blocks.set_block_cache(cache);
    let mut options = Options::default();
    options.set_block_based_table_factory(&blocks);
    options.set_compression_type(DBCompressionType::Lz4);
    options.set_write_buffer_size(RECORD_BUFFER);
    // Positions only rise: files never overlap, and nothing is gained by merging them often.
    options.set_target_file_size_base(RECORD_BUFFER as u64);
    options
}

fn pages_options(cache: &Cache) -> Options {
    let mut blocks = BlockBasedOptions::default();
    blocks.set_block_cache(cache);
    let mut options = Options::default();
    options.set_block_based_table_factory(&blocks);
    options.set_compression_type(DBCompressionType::None);
    options.set_write_buffer_size(PAGE_BUFFER);
    options.set_enable_blob_files(true);
    options.set_min_blob_size(BLOB);
    options.set_enable_blob_gc(true);
    options.set_blob_gc_age_cutoff(1.0);
    options.set_blob_gc_force_threshold(0.5);
    options
}

impl SourceStore for RocksSource {
    fn last(&self) -> Result<Option<Manifest>, Error> {
        let newest = self.db.iterator_cf(self.family(MANIFESTS), IteratorMode::End).next();
        let Some(newest) = newest else { return Ok(None) };
        let (_, value) = newest.map_err(|e| failed(&e))?;
        Manifest::from_der(&value).map(Some).map_err(|_| damaged("a manifest"))
    }

    fn manifest(&self, sequence: u64) -> Result<Option<Manifest>, Error> {
        let value = self.get(MANIFESTS, &sequence.to_be_bytes())?;
        let read = |der: Vec<u8>| Manifest::from_der(&der).map_err(|_| damaged("a manifest"));
        value.map(read).transpose()
    }

    fn page(&self, page: u32, sequence: u64) -> Result<Option<Vec<u8>>, Error> {
        let newest = self.versions(page, sequence).next().transpose()?;
        Ok(newest.map(|(_, value)| value.into_vec()))
    }

    fn records(&self, first: u64, count: u64) -> Result<Vec<Stored>, Error> {
        let mut options = ReadOptions::default();
        options.set_iterate_upper_bound(first.saturating_add(count).to_be_bytes());
        let mut cursor = self.db.raw_iterator_cf_opt(self.family(RECORDS), options);
        cursor.seek(first.to_be_bytes());
        let mut found = Vec::new();
        while let Some(value) = cursor.value() {
            found.push(stored(value)?);
            cursor.next();
        }
        cursor.status().map_err(|e| failed(&e))?;
        Ok(found)
    }

    fn records_at(&self, positions: &[u64]) -> Result<Vec<Stored>, Error> {
        let mut found = Vec::with_capacity(positions.len());
        let (mut alone, mut along) = (Vec::new(), None);
        for run in positions.chunk_by(|one, next| one.checked_add(1) == Some(*next)) {
            if run.len() < RUN {
                alone.extend_from_slice(run);
                continue;
            }
            self.asked_alone(&mut alone, &mut found)?;
            // One for all runs: to make it costs more than to seek.
            let cursor = along.get_or_insert_with(|| {
                let mut options = ReadOptions::default();
                // What is read along is not soon asked for again: it leaves the cache to others.
                options.fill_cache(false);
                self.db.raw_iterator_cf_opt(self.family(RECORDS), options)
            });
            cursor.seek(run[0].to_be_bytes());
            for position in run {
                if cursor.key() != Some(&position.to_be_bytes()[..]) {
                    cursor.status().map_err(|e| failed(&e))?;
                    return Err(damaged("a record"));
                }
                found.push(stored(cursor.value().unwrap_or_default())?);
                cursor.next();
            }
        }
        self.asked_alone(&mut alone, &mut found)?;
        Ok(found)
    }

    fn roots(&self, sequence: u64) -> Result<Vec<Digest>, Error> {
        let bytes = self.get(ROOTS, &sequence.to_be_bytes())?.unwrap_or_default();
        let (roots, rest) = bytes.as_chunks::<32>();
        if rest.is_empty() {
            Ok(roots.iter().map(|root| Digest(*root)).collect())
        } else {
            Err(damaged("a batch's roots"))
        }
    }

    fn put_records(&mut self, first: u64, records: &[Stored]) -> Result<(), Error> {
        let value = |s: &Stored| {
            let length = u32::try_from(s.record.len()).unwrap_or(u32::MAX).to_be_bytes();
            [&length[..], &s.record, &s.content].concat()
        };
        let pairs = (first..).zip(records).map(|(p, s)| (p.to_be_bytes().to_vec(), value(s)));
        self.put(RECORDS, pairs)
    }

    fn put_page(&mut self, page: u32, sequence: u64, bytes: &[u8]) -> Result<(), Error> {
        let mut batch = WriteBatch::default();
        if sequence > self.begun {
            // Synced before the first page can reach the disk: whoever opens the store after a kill knows to look for them.
            batch.put_cf(self.family(ROOTS), BEGUN, sequence.to_be_bytes());
            self.write(core::mem::take(&mut batch), true)?;
            self.begun = sequence;
        }
        batch.put_cf(self.family(PAGES), page_key(page, sequence), bytes);
        // As of the batch before the last the newest is needed; what is older no batch needs any more.
        if let Some(needed) = sequence.checked_sub(2) {
            for older in self.versions(page, needed).skip(1) {
                batch.delete_cf(self.family(PAGES), older?.0);
            }
        }
        self.write(batch, false)
    }

    fn put_roots(&mut self, sequence: u64, roots: &[Digest]) -> Result<(), Error> {
        let bytes = roots.iter().flat_map(|root| root.0).collect();
        self.put(ROOTS, [(sequence.to_be_bytes().to_vec(), bytes)])
    }

    fn commit(&mut self, manifest: &Manifest) -> Result<(), Error> {
        let mut flush = FlushOptions::default();
        flush.set_wait(true);
        for name in [RECORDS, PAGES, ROOTS] {
            self.db.flush_cf_opt(self.family(name), &flush).map_err(|e| failed(&e))?;
        }
        let mut batch = WriteBatch::default();
        let key = manifest.batch.sequence.to_be_bytes();
        batch.put_cf(self.family(MANIFESTS), key, manifest.to_der());
        self.write(batch, true)
    }
}

fn page_key(page: u32, sequence: u64) -> [u8; 12] {
    let mut key = [0; 12];
    key[..4].copy_from_slice(&page.to_be_bytes());
    key[4..].copy_from_slice(&(!sequence).to_be_bytes());
    key
}

fn stored(value: &[u8]) -> Result<Stored, Error> {
    let split = || {
        let (length, rest) = value.split_first_chunk::<4>()?;
        rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
    };
    let (record, content) = split().ok_or_else(|| damaged("a record"))?;
    Ok(Stored { record: record.to_vec(), content: content.to_vec() })
}

fn failed(error: &rocksdb::Error) -> Error {
    match error.kind() {
        rocksdb::ErrorKind::Corruption => damaged("its files"),
        _ => Error::Io { why: error.to_string() },
    }
}

const fn damaged(what: &'static str) -> Error {
    Error::StoreDamaged { what }
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Cursor;

    use super::*;
    use yinxin_credit::{
        ClassTable, Forms,
        source::{Importer, Job, Lookup, MemoryStore, Rows, SourceRules},
    };
    use yinxin_record::{ClassCode, Date, OrganisationCode, Subject};
    use zeroize::Zeroizing;

    const CODE: &str = "11430000006122244L";

    fn stored(n: u8) -> Stored {
        Stored { record: vec![n; 3], content: vec![n; usize::from(n)] }
    }

    #[test]
    fn what_was_not_committed_is_put_again_and_what_was_stays() {
        let folder = tempfile::tempdir().unwrap();
        let open = || RocksSource::open(folder.path()).unwrap();
        let manifests = import(open(), 2);
        let mut store = open();
        let last = store.last().unwrap().unwrap();
        assert_eq!(Some(&last), manifests.last());
        let behind = last.first + last.batch.count();
        store.put_records(behind, &[stored(1), stored(2)]).unwrap();
        let known = store.page(0, u64::MAX).unwrap();
        store.put_page(0, 3, &[7; 999]).unwrap();
        drop(store);
        let mut store = open();
        assert_eq!(store.last().unwrap(), Some(last));
        assert_eq!(
            store.page(0, 2).unwrap(),
            known,
            "a page of a later batch changes no older one"
        );
        store.put_records(behind, &[stored(3), stored(4)]).unwrap();
        assert_eq!(store.records(behind, 2).unwrap(), [stored(3), stored(4)]);
        assert_eq!(store.records_at(&[behind, behind + 1]).unwrap(), [stored(3), stored(4)]);
        assert_eq!(
            store.records_at(&[behind, behind + 2]),
            Err(Error::StoreDamaged { what: "a record" })
        );
    }

    #[test]
    fn what_a_batch_left_that_never_came_is_not_in_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let sample = import(MemoryStore::default(), 3);
        let mut store = RocksSource::open(folder.path()).unwrap();
        store.put_page(5, 1, &[1; 400]).unwrap();
        store.commit(&sample[0]).unwrap();
        // The second batch is killed after its pages were flushed, and before its manifest was written.
        store.put_page(5, 2, &[2; 400]).unwrap();
        store.put_page(6, 2, &[2; 400]).unwrap();
        store.db.flush_cf(store.family(PAGES)).unwrap();
        drop(store);
        // Another second batch comes instead, and touches other pages.
        let mut store = RocksSource::open(folder.path()).unwrap();
        store.put_page(7, 2, &[3; 400]).unwrap();
        store.commit(&sample[1]).unwrap();
        let page = |store: &RocksSource, n| store.page(n, 2).unwrap().map(|bytes| bytes[0]);
        assert_eq!([5, 6, 7].map(|n| page(&store, n)), [Some(1), None, Some(3)]);
        // A batch that is taken back leaves nothing either.
        store.take_back(2).unwrap();
        assert_eq!(store.last().unwrap().as_ref(), Some(&sample[0]));
        assert_eq!([5, 6, 7].map(|n| page(&store, n)), [Some(1), None, None]);
        drop(store);
        let store = RocksSource::open(folder.path()).unwrap();
        assert_eq!([5, 6, 7].map(|n| page(&store, n)), [Some(1), None, None]);
    }

    #[test]
    fn pages_of_the_last_two_batches_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = RocksSource::open(folder.path()).unwrap();
        for sequence in 1..=9 {
            store.put_page(5, sequence, &[u8::try_from(sequence).unwrap(); 400]).unwrap();
            if sequence % 3 == 0 {
                store.put_page(6, sequence, &[1; 400]).unwrap();
            }
        }
        let page = |page, sequence| store.page(page, sequence).unwrap().map(|bytes| bytes[0]);
        assert_eq!([page(5, 9), page(5, 8), page(5, 7)], [Some(9), Some(8), Some(7)]);
        assert_eq!(page(5, 6), None, "no batch needs it any more");
        assert_eq!([page(6, 9), page(6, 8), page(7, 9)], [Some(1), Some(1), None]);
    }

    #[test]
    fn a_source_on_disk_is_the_source_in_memory() {
        let folder = tempfile::tempdir().unwrap();
        let on_disk = import(RocksSource::open(folder.path()).unwrap(), 9);
        assert_eq!(on_disk, import(MemoryStore::default(), 9));
        let store = RocksSource::open(folder.path()).unwrap();
        let subject = Subject::parse("91350100M000100Y43").unwrap();
        for (manifest, before) in on_disk.iter().rev().zip([0, 1]) {
            let lookup = Lookup::open(&store, manifest.batch.sequence).unwrap();
            let found = lookup.subject(&subject).unwrap();
            found.proof.verify(&manifest.batch.after, &subject).unwrap();
            assert_eq!(found.records.len(), on_disk.len() * 50 - before * 50);
            let (of, index) = lookup.batch_of(found.positions[49]).unwrap();
            assert_eq!((of.batch.sequence, index), (1, 49));
            assert!(!lookup.path(&of, index).unwrap().is_empty());
        }
    }

    /// So many batches of fifty records of one company.
    pub(crate) fn import(store: impl SourceStore, batches: usize) -> Vec<Manifest> {
        import_from(store, batches, 0)
    }

    /// The same, of items numbered from there.
    pub(crate) fn import_from(
        store: impl SourceStore,
        batches: usize,
        from: usize,
    ) -> Vec<Manifest> {
        let source = OrganisationCode::new(CODE).unwrap();
        let calendar = yinxin_calendar::Calendar::china().unwrap();
        let rules = SourceRules::new(source, ClassTable::national().unwrap(), calendar);
        let forms = Forms::standard().unwrap();
        let job = Job {
            class: Some(ClassCode::new("inspection").unwrap()),
            today: Date::parse("2026-11-22").unwrap(),
            input: Digest::ZERO,
            batch: 50,
            threads: 2,
        };
        let mut text = "published,LB,SHXYM,MC,BH,NR,RQ,JG,JGDM\n".to_owned();
        for n in from..from + batches * 50 {
            text += &format!(
                "2026-03-05,02,91350100M000100Y43,某公司,{n},检查合格,2026-03-02,某局,{CODE}\n"
            );
        }
        let seed = Zeroizing::new([7; 32]);
        let mut importer = Importer::open(&rules, &forms, seed, store, job).unwrap();
        let mut rows = Rows::csv(Cursor::new(text.into_bytes())).unwrap();
        let mut rejects = Vec::new();
        let mut next = || importer.next_batch(&mut rows, &mut rejects, &mut |_| {}).unwrap();
        std::iter::from_fn(&mut next).collect()
    }
}
