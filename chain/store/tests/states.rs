//! Which states are kept: those of the window prove what they said, older ones are refused, and nothing else stays on disk,
//! wherever the power goes.
//!
//! The story: with the nodes of every version the state tree took five times what the acts themselves take.

#![allow(clippy::unwrap_used, clippy::panic)]

mod chain;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use chain::Builder;
use proptest::prelude::*;
use yinxin_engine::{Base as _, StateRead as _};
use yinxin_gm::Digest;
use yinxin_merkle::store::{TreeStore, update};
use yinxin_store::{Batch, Disk, MemoryDisk, Options, Pair, RocksDisk, Store, StoreError, Table};

type State = BTreeMap<Vec<u8>, Vec<u8>>;
type Write = (u8, Option<u8>);

fn window(blocks: u64) -> Options {
    let mut options = Options::default();
    options.state_window = blocks;
    options
}

fn records(writes: &BTreeMap<u8, Option<u8>>) -> Vec<Vec<u8>> {
    let record = |(key, value): (&u8, &Option<u8>)| match value {
        Some(value) => vec![b'=', *key, *value],
        None => vec![b'-', *key],
    };
    writes.iter().map(record).collect()
}

fn apply(state: &mut State, writes: &BTreeMap<u8, Option<u8>>) {
    for (key, value) in writes {
        match value {
            Some(value) => state.insert(vec![*key], vec![*value]),
            None => state.remove(&vec![*key]),
        };
    }
}

/// What the states were, from genesis on.
struct Told(Vec<State>);

impl Told {
    fn new() -> Self {
        Self(vec![State::from([(b"genesis".to_vec(), vec![1])])])
    }

    fn tell(&mut self, writes: &BTreeMap<u8, Option<u8>>) {
        let mut state = self.0.last().unwrap().clone();
        apply(&mut state, writes);
        self.0.push(state);
    }

    /// Every state that is kept proves each key, every other one says that it is not.
    fn check(&self, store: &Store, oldest: u64) {
        let view = store.view();
        assert_eq!(usize::try_from(view.head().height + 1), Ok(self.0.len()));
        assert_eq!(view.oldest_state(), oldest);
        for (height, state) in (0..).zip(&self.0).skip(1) {
            let (header, _) = view.header(height).unwrap().unwrap();
            for key in (0..KEYS).map(|key| vec![key]).chain([b"genesis".to_vec()]) {
                let proven = view.prove_state_at(&key, height);
                if height < oldest {
                    assert_eq!(proven, Err(StoreError::Pruned { asked: height, oldest }));
                    continue;
                }
                let (value, proof) = proven.unwrap();
                assert_eq!(value.as_ref(), state.get(&key), "{key:?} at {height}");
                proof.verify(&header.state_root, &key, value.as_deref()).unwrap();
            }
        }
    }
}

const KEYS: u8 = 24;

struct Empty;

impl TreeStore for Empty {
    fn node(&self, _: &[u8]) -> Result<Option<Vec<u8>>, yinxin_merkle::Error> {
        Ok(None)
    }

    fn value(&self, _: &Digest, _: u64) -> Result<Option<Vec<u8>>, yinxin_merkle::Error> {
        Ok(None)
    }
}

/// Root and number of nodes of a tree that was never anything else.
fn at_once(state: &State) -> (Digest, usize) {
    let writes = state.iter().map(|(key, value)| (key.clone(), Some(value.clone())));
    let update = update(&Empty, writes, 0).unwrap();
    (update.root, update.nodes.len())
}

/// How many lists there are of what is stale, and how many nodes and values they name.
fn listed(disk: &MemoryDisk) -> (usize, usize, usize) {
    let lists = disk.scan(Table::Stale, &[], &[], 1000).unwrap();
    let (mut nodes, mut values) = (0, 0);
    for (_, list) in &lists {
        let (count, mut rest) = list.split_first_chunk().unwrap();
        for _ in 0..u32::from_be_bytes(*count) {
            let (length, key) = rest.split_first_chunk().unwrap();
            rest = &key[usize::try_from(u32::from_be_bytes(*length)).unwrap()..];
            nodes += 1;
        }
        values += rest.len() / 40;
    }
    (lists.len(), nodes, values)
}

fn block() -> impl Strategy<Value = BTreeMap<u8, Option<u8>>> {
    prop::collection::btree_map(0..KEYS, prop::option::weighted(0.8, any::<u8>()), 0..10)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_window_proves_and_nothing_else_is_kept(
        blocks in prop::collection::vec((block(), any::<bool>(), any::<bool>()), 1..14),
        kept in 1..5_u64,
    ) {
        let disk = MemoryDisk::default();
        let builder = Builder::new();
        let open = || builder.open(Arc::new(disk.clone()), window(kept)).unwrap();
        let (mut store, mut told) = (open(), Told::new());
        let mut touched = BTreeSet::from([b"genesis".as_slice()]);
        for (writes, cut, reopen) in &blocks {
            let decision = builder.block(&store, records(writes));
            store.keep(&builder.undecided(&decision)).unwrap();
            if *cut {
                disk.cut_after(0);
                prop_assert!(store.commit(&decision).is_err());
                disk.restart();
                store = open();
                told.check(&store, (told.0.len() as u64 - 1).saturating_sub(kept));
            }
            store.commit(&decision).unwrap();
            told.tell(writes);
            touched.extend(writes.keys().map(core::slice::from_ref));
            if *reopen {
                disk.power_cut();
                disk.restart();
                store = open();
            }
            told.check(&store, (told.0.len() as u64 - 1).saturating_sub(kept));
        }
        // What would be there if there had never been another state, and what the other states of the window need besides.
        let (root, nodes) = at_once(told.0.last().unwrap());
        let (header, _) = store.view().header(blocks.len() as u64).unwrap().unwrap();
        prop_assert_eq!(header.state_root, root);
        let (lists, stale_nodes, stale_values) = listed(&disk);
        prop_assert_eq!(lists, blocks.len().min(usize::try_from(kept).unwrap()));
        prop_assert_eq!(disk.count(Table::TreeNodes), nodes + stale_nodes);
        prop_assert_eq!(disk.count(Table::TreeValues), touched.len() + stale_values);
    }
}

fn one(key: u8, value: u8) -> BTreeMap<u8, Option<u8>> {
    BTreeMap::from([(key, Some(value))])
}

fn commit(builder: &Builder, store: &Store, told: &mut Told, (key, value): Write) {
    let writes = BTreeMap::from([(key, value)]);
    store.commit(&builder.block(store, records(&writes))).unwrap();
    told.tell(&writes);
}

/// Heartbeats write nothing; each left a root behind.
#[test]
fn blocks_without_records_leave_nothing_behind() {
    let disk = MemoryDisk::default();
    let builder = Builder::new();
    let store = builder.open(Arc::new(disk.clone()), window(3)).unwrap();
    store.commit(&builder.block(&store, records(&one(1, 1)))).unwrap();
    for _ in 0..20 {
        store.commit(&builder.block(&store, Vec::new())).unwrap();
    }
    // One tree, and the root of each of three states before.
    let mut state = Told::new().0.remove(0);
    apply(&mut state, &one(1, 1));
    assert_eq!(disk.count(Table::TreeNodes), at_once(&state).1 + 3);
    assert_eq!(disk.count(Table::TreeValues), 2);
}

#[test]
fn a_view_of_a_state_that_is_gone_says_so() {
    let builder = Builder::new();
    let store = builder.open(Arc::new(MemoryDisk::default()), window(2)).unwrap();
    store.commit(&builder.block(&store, records(&one(1, 1)))).unwrap();
    let view = store.view();
    for value in 2..4 {
        store.commit(&builder.block(&store, records(&one(1, value)))).unwrap();
        assert_eq!(view.get(&[1]).unwrap(), Some(vec![1]), "two blocks on it is still there");
    }
    store.commit(&builder.block(&store, records(&one(1, 4)))).unwrap();
    let refused = "the state as of block 1 was asked for, and is kept from block 2 on; ask for a newer one, or a node with a longer tuning.state_window";
    assert_eq!(view.get(&[1]).unwrap_err().why, refused);
    assert_eq!(view.state_root(&Vec::new()).unwrap_err().why, refused);
    assert_eq!(view.prove_state(&[1]).unwrap_err().to_string(), refused);
    assert_eq!(view.header(1).unwrap().unwrap().0.height, 1, "blocks are kept for ever");
}

/// `jmt` panics where a node is gone; whoever reads keeps it from going.
#[test]
fn whoever_reads_meanwhile_is_told_the_truth_or_that_it_is_gone() {
    let builder = Builder::new();
    let store = builder.open(Arc::new(MemoryDisk::default()), window(1)).unwrap();
    let full = (0..KEYS).map(|key| vec![b'=', key, 0]).collect();
    store.commit(&builder.block(&store, full)).unwrap();
    let (done, proven, refused) = (AtomicBool::new(false), AtomicU32::new(0), AtomicU32::new(0));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut view = store.view();
                while !done.load(Ordering::SeqCst) {
                    let (header, _) = view.header(view.head().height).unwrap().unwrap();
                    for key in (0..KEYS).map(|key| [key]) {
                        match view.prove_state(&key) {
                            Ok((value, proof)) => {
                                proof.verify(&header.state_root, &key, value.as_deref()).unwrap();
                                proven.fetch_add(1, Ordering::SeqCst);
                            }
                            Err(StoreError::Pruned { .. }) => {
                                refused.fetch_add(1, Ordering::SeqCst);
                                view = store.view();
                                break;
                            }
                            Err(error) => panic!("{error}"),
                        }
                    }
                }
            });
        }
        for number in 0..100_u8 {
            let records = (0..KEYS).map(|key| vec![b'=', key, number]).collect();
            store.commit(&builder.block(&store, records)).unwrap();
        }
        done.store(true, Ordering::SeqCst);
    });
    let (proven, refused) = (proven.into_inner(), refused.into_inner());
    assert!(proven > 100 && refused > 0, "{proven} proven, {refused} refused");
}

#[test]
fn a_shorter_window_is_reached_in_steps_and_a_longer_one_grows() {
    let disk = MemoryDisk::default();
    let builder = Builder::new();
    let mut told = Told::new();
    let open = |blocks| builder.open(Arc::new(disk.clone()), window(blocks)).unwrap();
    let store = open(u64::MAX);
    for value in 0..12 {
        commit(&builder, &store, &mut told, (value % 5, Some(value)));
    }
    told.check(&store, 0);
    assert_eq!(disk.count(Table::Stale), 12);
    let store = open(3);
    for (value, oldest) in (0..).zip([2, 4, 6, 8, 10, 12, 14, 16, 18, 19, 20]) {
        commit(&builder, &store, &mut told, (value % 5, Some(value)));
        told.check(&store, oldest);
    }
    let store = open(6);
    for value in 0..6 {
        commit(&builder, &store, &mut told, (value, None));
        let grown = (told.0.len() as u64 - 1).saturating_sub(6);
        told.check(&store, grown.max(20));
    }
}

/// A store from before the lists: what it has stays, what comes later goes.
#[test]
fn a_store_without_lists_goes_on() {
    let disk = MemoryDisk::default();
    let builder = Builder::new();
    let mut told = Told::new();
    let store = builder.open(Arc::new(disk.clone()), window(u64::MAX)).unwrap();
    for value in 0..8 {
        commit(&builder, &store, &mut told, (value % 3, Some(value)));
    }
    let mut batch = Batch::default();
    for (key, _) in disk.scan(Table::Stale, &[], &[], 100).unwrap() {
        batch.delete(Table::Stale, key);
    }
    disk.write(batch, true).unwrap();
    let left_behind = disk.count(Table::TreeNodes) - at_once(told.0.last().unwrap()).1;

    let store = builder.open(Arc::new(disk.clone()), window(1)).unwrap();
    for (value, oldest) in (8..20).zip(8..) {
        commit(&builder, &store, &mut told, (value % 7, Some(value)));
        told.check(&store, oldest);
    }
    let (nodes, stale) = (at_once(told.0.last().unwrap()).1, listed(&disk).1);
    assert_eq!(disk.count(Table::TreeNodes), nodes + stale + left_behind);
}

/// A disk that counts how often a node of the tree is read.
struct Counting(MemoryDisk, AtomicU32);

impl Disk for Counting {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.1.fetch_add(u32::from(table == Table::TreeNodes), Ordering::SeqCst);
        self.0.get(table, key)
    }

    fn scan(
        &self,
        table: Table,
        prefix: &[u8],
        from: &[u8],
        limit: usize,
    ) -> Result<Vec<Pair>, StoreError> {
        self.0.scan(table, prefix, from, limit)
    }

    fn write(&self, batch: Batch, sync: bool) -> Result<(), StoreError> {
        self.0.write(batch, sync)
    }
}

/// The tree was worked out once for the vote and once more for the commit.
#[test]
fn a_block_that_was_looked_at_is_committed_without_reading_the_tree_again() {
    let disk = Arc::new(Counting(MemoryDisk::default(), AtomicU32::new(0)));
    let builder = Builder::new();
    let store = builder.open(disk.clone(), window(4)).unwrap();
    let reads = || disk.1.load(Ordering::SeqCst);
    let mut told = Told::new();
    for value in 0..6 {
        let decision = builder.block(&store, records(&one(value % 4, value)));
        let before = reads();
        store.commit(&decision).unwrap();
        assert_eq!(reads(), before, "block {value}");
        told.tell(&one(value % 4, value));
    }
    // Another block was looked at later, or the node came back: then it is worked out again.
    let decision = builder.block(&store, records(&one(1, 77)));
    builder.block(&store, records(&one(2, 88)));
    let before = reads();
    store.commit(&decision).unwrap();
    assert!(reads() > before);
    told.tell(&one(1, 77));
    let decision = builder.block(&store, records(&one(2, 99)));
    let store = builder.open(disk.clone(), window(4)).unwrap();
    store.commit(&decision).unwrap();
    told.tell(&one(2, 99));
    told.check(&store, 4);
}

#[test]
fn rocksdb_gives_the_space_back() {
    let size = |blocks: u64| {
        let folder = tempfile::tempdir().unwrap();
        let disk = Arc::new(RocksDisk::open(folder.path()).unwrap());
        let builder = Builder::new();
        let mut options = window(blocks);
        options.sync = false;
        let store = builder.open(disk.clone(), options).unwrap();
        for number in 0..60_u8 {
            let records = (0..100).map(|key| vec![b'=', key, number]).collect();
            store.commit(&builder.block(&store, records)).unwrap();
        }
        disk.compact().unwrap();
        let tables = [Table::TreeNodes, Table::TreeValues, Table::Stale];
        tables.iter().map(|table| disk.table_bytes(*table).unwrap()).sum::<u64>()
    };
    let (all, few) = (size(u64::MAX), size(2));
    assert!(few * 4 < all, "{few} of {all} bytes");
}
