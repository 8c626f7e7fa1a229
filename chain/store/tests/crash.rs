//! The power goes at any moment: what was acknowledged stays, what was not is whole or absent.
//!
//! The story: a promise is made after quorum and fsync, never before. `sync: false` is the mutant that these
//! tests must catch.

#![allow(clippy::unwrap_used, clippy::panic)]

mod chain;

use std::sync::Arc;

use chain::Builder;
use yinxin_engine::{Base as _, GuardStore as _, StateRead as _, wire};
use yinxin_store::{Batch, Disk as _, MemoryDisk, Options, RocksDisk, Store, StoreError, Table};

fn unsynced() -> Options {
    let mut options = Options::default();
    options.sync = false;
    options
}

/// Commits records one block each, acknowledging each; then cuts the power and counts what is missing.
fn lost_after_a_power_cut(options: Options) -> usize {
    let disk = MemoryDisk::default();
    let builder = Builder::new();
    let store = builder.open(Arc::new(disk.clone()), options).unwrap();
    let mut acknowledged = Vec::new();
    for number in 0..5_u8 {
        let decision = builder.block(&store, vec![vec![number; 3]]);
        store.keep(&builder.undecided(&decision)).unwrap();
        store.commit(&decision).unwrap();
        acknowledged.push(decision.executed.outcome.applied[0].id);
    }
    disk.power_cut();
    assert!(matches!(store.view().record(&acknowledged[0]), Err(StoreError::Io(_))));
    disk.restart();
    let store = builder.open(Arc::new(disk), options).unwrap();
    let view = store.view();
    acknowledged.iter().filter(|id| view.record(id).unwrap().is_none()).count()
}

#[test]
fn nothing_acknowledged_is_lost_in_a_power_cut() {
    assert_eq!(lost_after_a_power_cut(Options::default()), 0);
}

#[test]
fn the_mutant_that_does_not_sync_is_caught() {
    assert_eq!(lost_after_a_power_cut(unsynced()), 5, "this test would pass a store that lies");
}

#[test]
fn a_block_is_whole_or_absent_wherever_the_power_goes() {
    for cut in 0..8 {
        let disk = MemoryDisk::default();
        let builder = Builder::new();
        let store = builder.open(Arc::new(disk.clone()), Options::default()).unwrap();
        disk.cut_after(cut);
        let mut acknowledged = 0;
        for number in 0..4_u8 {
            let decision = builder.block(&store, vec![vec![number; 3]]);
            if store.keep(&builder.undecided(&decision)).is_err() {
                break;
            }
            if store.commit(&decision).is_err() {
                break;
            }
            acknowledged += 1;
        }
        disk.restart();
        let store = builder.open(Arc::new(disk), Options::default()).unwrap();
        assert_eq!(store.view().head().height, acknowledged, "cut {cut}");
        // The block that was only proposed is still there to be voted for.
        let kept = usize::from(cut % 2 == 1);
        assert_eq!(store.undecided().unwrap().len(), kept, "cut {cut}");
        // And the ledger goes on.
        let decision = builder.block(&store, vec![b"more".to_vec()]);
        store.commit(&decision).unwrap();
        assert_eq!(store.view().head().height, acknowledged + 1);
        assert!(store.undecided().unwrap().is_empty(), "decided heights are forgotten");
    }
}

#[test]
fn a_flipped_bit_in_what_the_head_stands_on_is_noticed() {
    let builder = Builder::new();
    let made = || {
        let disk = MemoryDisk::default();
        let store = builder.open(Arc::new(disk.clone()), Options::default()).unwrap();
        for number in 0..3_u8 {
            store.commit(&builder.block(&store, vec![vec![number; 3]])).unwrap();
        }
        disk
    };
    // The last header, its set, the peaks of a log of three (entries 0-1 and 2), the tree's root.
    for (table, index) in [(Table::Headers, 2), (Table::Sets, 0), (Table::LogNodes, 2)] {
        for bit in 0..300 {
            let disk = made_flipped(made(), table, index, bit);
            let opened = builder.open(Arc::new(disk), Options::default());
            let Err(error) = opened else { continue };
            assert!(matches!(error, StoreError::Damaged { .. }), "{table:?} bit {bit}: {error}");
        }
    }
    // Every bit of the log's peaks and of the last header but its certificate, which the head does not stand on.
    for bit in 0..256 {
        let disk = made_flipped(made(), Table::LogNodes, 2, bit);
        assert!(builder.open(Arc::new(disk), Options::default()).is_err(), "log node bit {bit}");
    }
    for bit in 64..1_500 {
        let disk = made_flipped(made(), Table::Headers, 2, bit);
        assert!(builder.open(Arc::new(disk), Options::default()).is_err(), "header bit {bit}");
    }
}

fn made_flipped(disk: MemoryDisk, table: Table, index: usize, bit: usize) -> MemoryDisk {
    disk.flip_bit(table, index, bit);
    disk
}

#[test]
fn another_chains_directory_is_refused() {
    let disk = MemoryDisk::default();
    Builder::new().open(Arc::new(disk.clone()), Options::default()).unwrap();
    let error = Builder::new().open(Arc::new(disk), Options::default()).unwrap_err();
    assert!(matches!(error, StoreError::WrongChain { .. }), "{error}");
}

#[test]
fn rocksdb_keeps_it_all_and_lets_one_process_in() {
    let directory = tempfile::tempdir().unwrap();
    let builder = Builder::new();
    let open = || -> Result<Store, StoreError> {
        builder.open(Arc::new(RocksDisk::open(directory.path())?), Options::default())
    };
    let store = open().unwrap();
    let error = open().unwrap_err();
    assert!(matches!(error, StoreError::Locked(_)), "{error}");
    let mut ids = Vec::new();
    for number in 0..20_u8 {
        let records = (0..3).map(|part| vec![number, part]).collect();
        let decision = builder.block(&store, records);
        store.commit(&decision).unwrap();
        ids.extend(decision.executed.outcome.applied.iter().map(|applied| applied.id));
    }
    store.guard().save(b"guard").unwrap();
    let old = store.view();
    store.commit(&builder.block(&store, vec![vec![0xFF]])).unwrap();
    assert_eq!(old.get(&[0xFF]).unwrap(), None, "a view does not change");
    assert!(store.view().get(&[0xFF]).unwrap().is_some());
    drop((old, store));

    let store = open().unwrap();
    assert_eq!(store.guard().load().unwrap().as_deref(), Some(b"guard".as_slice()));
    let view = store.view();
    assert_eq!((view.head().height, view.head().frontier.size()), (21, 61));
    for (place, id) in ids.iter().enumerate() {
        let stored = view.record(id).unwrap().unwrap();
        assert_eq!((stored.index, stored.height), (place as u64, place as u64 / 3 + 1));
        let (header, _) = view.header(21).unwrap().unwrap();
        let path = view.log_path(stored.index, header.log_size).unwrap();
        let leaf = yinxin_engine::record_leaf(&stored.record);
        yinxin_merkle::log::verify_inclusion(
            &leaf,
            stored.index,
            header.log_size,
            &path,
            &header.log_root,
        )
        .unwrap();
        let (value, proof) = view.prove_state(&stored.record).unwrap();
        proof.verify(&header.state_root, &stored.record, value.as_deref()).unwrap();
    }
}

/// How often RocksDB says that it synced its log.
fn log_syncs(disk: &RocksDisk) -> u64 {
    let said = disk.statistics().unwrap();
    let line = said.lines().find(|line| line.starts_with("Cumulative WAL:")).unwrap();
    let count = line.split(", ").find_map(|part| part.strip_suffix(" syncs")).unwrap();
    count.trim().parse().unwrap_or_else(|_| panic!("{line}"))
}

/// The memory disk cannot tell whether RocksDB is asked to sync; RocksDB can.
#[test]
fn rocksdb_syncs_its_log_once_a_block_once_a_kept_block_and_once_a_vote() {
    let directory = tempfile::tempdir().unwrap();
    let builder = Builder::new();
    let disk = Arc::new(RocksDisk::open(directory.path()).unwrap());
    let store = builder.open(disk.clone(), Options::default()).unwrap();
    for number in 0..5_u8 {
        let decision = builder.block(&store, vec![vec![number; 3]]);
        let before = log_syncs(&disk);
        store.keep(&builder.undecided(&decision)).unwrap();
        assert_eq!(log_syncs(&disk), before + 1, "block {number} kept");
        store.commit(&decision).unwrap();
        assert_eq!(log_syncs(&disk), before + 2, "block {number} committed");
        store.guard().save(&[number]).unwrap();
        assert_eq!(log_syncs(&disk), before + 3, "vote {number}");
    }
}

#[test]
fn a_store_that_does_not_ask_for_syncs_gets_none_from_rocksdb() {
    let directory = tempfile::tempdir().unwrap();
    let builder = Builder::new();
    let disk = Arc::new(RocksDisk::open(directory.path()).unwrap());
    let store = builder.open(disk.clone(), unsynced()).unwrap();
    let before = log_syncs(&disk);
    store.commit(&builder.block(&store, vec![vec![1; 3]])).unwrap();
    assert_eq!(log_syncs(&disk), before, "the count above would tell nothing");
}

/// Blocks were once kept in one piece each: a record of a block of a thousand cost reading all of them.
#[test]
fn a_store_of_the_format_before_is_read_and_goes_on() {
    let disk = MemoryDisk::default();
    let builder = Builder::new();
    let records = |n: u8| (0..3).map(|m| vec![n, m, 7]).collect::<Vec<_>>();
    let store = builder.open(Arc::new(disk.clone()), Options::default()).unwrap();
    let committed: Vec<_> = (0..2)
        .map(|n| {
            let decision = builder.block(&store, records(n));
            store.commit(&decision).unwrap();
            decision.executed.outcome.applied
        })
        .collect();
    let mut batch = Batch::default();
    for (height, n) in [(1_u64, 0), (2, 1)] {
        for (key, _) in disk.scan(Table::Bodies, &height.to_be_bytes(), &[], 10).unwrap() {
            batch.delete(Table::Bodies, key);
        }
        batch.put(Table::Bodies, height.to_be_bytes(), wire::encode_body(&records(n)));
    }
    for (id, place) in disk.scan(Table::Records, &[], &[], 10).unwrap() {
        batch.put(Table::Records, id, &place[..16]);
    }
    let chain = disk.get(Table::Meta, b"chain").unwrap().unwrap();
    batch.put(Table::Meta, *b"chain", [b"YXS1", &chain[4..]].concat());
    disk.write(batch, true).unwrap();

    let store = builder.open(Arc::new(disk.clone()), Options::default()).unwrap();
    assert_eq!(disk.get(Table::Meta, b"chain").unwrap().unwrap(), chain, "marked as of this one");
    store.commit(&builder.block(&store, records(2))).unwrap();
    let view = store.view();
    for (height, n) in [(1, 0), (2, 1), (3, 2)] {
        assert_eq!(view.body(height).unwrap(), Some(wire::encode_body(&records(n))));
    }
    assert_eq!(view.body(4).unwrap(), None);
    for (n, applied) in committed.iter().enumerate() {
        for (m, applied) in applied.iter().enumerate() {
            let found = view.record(&applied.id).unwrap().unwrap();
            assert_eq!(found.record, records(u8::try_from(n).unwrap())[m]);
            assert_eq!(found.index, u64::try_from(n * 3 + m).unwrap());
        }
    }
}
