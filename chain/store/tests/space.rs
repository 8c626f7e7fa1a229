//! A disk that fills up: an error in time, nothing lost, and it goes on once there is space. Needs root, for a small disk.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::process::Command;

use yinxin_store::{Batch, Disk, RocksDisk, StoreError, Table};

/// A disk of a few megabytes, unmounted at the end.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(folder: &Path, megabytes: u32) -> Option<Self> {
        let size = format!("size={megabytes}m");
        let mount =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder).output();
        if mount.is_ok_and(|output| output.status.success()) {
            return Some(Self(folder.to_owned()));
        }
        println!("skipped: only root can mount a small disk");
        None
    }

    /// Takes all of its space.
    fn fill(&self) {
        use std::io::Write as _;
        let mut file = std::fs::File::create(self.0.join("filler")).unwrap();
        while file.write_all(&[1; 4096]).is_ok() {}
    }

    fn empty(&self) {
        std::fs::remove_file(self.0.join("filler")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

fn put(disk: &RocksDisk, key: u8, length: usize) -> Result<(), StoreError> {
    let mut batch = Batch::default();
    batch.put(Table::Index, [key], vec![key; length]);
    disk.write(batch, true)
}

/// RocksDB aborted the process at the second write after one that found no space.
#[test]
fn a_full_disk_is_an_error_in_time_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let Some(small) = SmallDisk::mount(folder.path(), 192) else { return };
    let ledger = folder.path().join("ledger");
    let disk = RocksDisk::open(&ledger).unwrap();
    put(&disk, 1, 1000).unwrap();
    small.fill();
    for _ in 0..3 {
        assert!(matches!(put(&disk, 2, 1000), Err(StoreError::Full(_))));
    }
    assert!(disk.get(Table::Index, &[1]).unwrap().is_some(), "reading goes on");
    let refused = RocksDisk::open(&folder.path().join("other")).map(drop);
    assert!(matches!(refused, Err(StoreError::Full(_))), "{refused:?}");
    small.empty();
    disk.close();
    let disk = RocksDisk::open(&ledger).unwrap();
    assert!(disk.get(Table::Index, &[1]).unwrap().is_some());
    assert!(disk.get(Table::Index, &[2]).unwrap().is_none());
    put(&disk, 2, 1000).unwrap();
}

/// Without the space kept free RocksDB does meet the end: the first failure stands for all later ones.
#[test]
fn after_a_failed_write_nothing_more_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let Some(small) = SmallDisk::mount(folder.path(), 64) else { return };
    let ledger = folder.path().join("ledger");
    let disk = RocksDisk::open_with_headroom(&ledger, 0).unwrap();
    put(&disk, 1, 1000).unwrap();
    small.fill();
    let failed = (2..=255).find_map(|key| put(&disk, key, 1 << 20).err()).expect("it is full");
    assert!(matches!(failed, StoreError::Full(_)), "{failed:?}");
    small.empty();
    assert_eq!(put(&disk, 2, 10), Err(failed), "also once there is space");
    assert_eq!(disk.get(Table::Index, &[1]).unwrap().map(|value| value.len()), Some(1000));
}

/// A store stayed locked for as long as somebody held a handle to it.
#[test]
fn a_closed_disk_is_free_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let disk = RocksDisk::open(folder.path()).unwrap();
    put(&disk, 1, 10).unwrap();
    disk.close();
    assert_eq!(disk.get(Table::Index, &[1]), Err(StoreError::Closed));
    let again = RocksDisk::open(folder.path()).unwrap();
    assert!(again.get(Table::Index, &[1]).unwrap().is_some());
}
