//! Where a batch's files are: sealed in its work folder, and out of it only once anchored, never over another document.
//!
//! The anchored document stays in the work folder too, as the same file where the disk allows it: an output folder that was
//! lost, or another one, is filled again from there.

use std::{
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use yinxin_gm::{Digest, sm3};
use yinxin_licence::Sealed;
use yinxin_ofd::{Limits, Package, RECEIPT_PATH};
use yinxin_receipt::{Receipt, Wire as _};

use super::{file_of, sealed};
use crate::{
    fail::{Class, Done, Failure},
    files::{self, Access, Existing},
};

/// Where files go.
pub(super) struct Folders {
    /// Documents before they are anchored; the batch's alone.
    pub(super) drafts: PathBuf,
    /// Anchored documents.
    pub(super) licences: PathBuf,
    /// Receipts.
    pub(super) receipts: PathBuf,
}

/// Of what there was of an anchored row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Document and receipt.
    All,
    /// Some was missing and is there again.
    Restored,
}

impl Folders {
    /// Makes them.
    pub(super) fn make(&self) -> Done {
        for folder in [&self.licences, &self.receipts] {
            files::make_folder(folder)?;
        }
        files::make_private_folder(&self.drafts)
    }

    /// Keeps a sealed document where nobody takes it for an issued one.
    pub(super) fn keep(&self, serial: &str, ofd: &[u8]) -> Done {
        files::write(&self.draft(serial), ofd, Access::Public, Existing::Replace)
    }

    /// The sealed document of a row, with or without its receipt.
    pub(super) fn read(&self, serial: &str, signed_value: Digest) -> Done<Sealed> {
        // Batches that were begun by an earlier version have theirs in the output folder only.
        for path in [self.draft(serial), self.licence(serial)] {
            if !path.exists() {
                continue;
            }
            let document = sealed(&files::read(&path)?, &path)?;
            if document.signed_value() == signed_value {
                return Ok(document);
            }
        }
        let path = self.draft(serial);
        Err(Failure::new(
            Class::Usage,
            format!("the batch's document {} is lost", path.display()),
            format!("批次文件 {} 已丢失", path.display()),
        )
        .todo(
            "give the --out folder that it was issued into, or restore it from a backup; it cannot be made twice",
            "请用 --out 指定当初的输出文件夹，或从备份恢复；该文件无法重新生成",
        ))
    }

    /// Refuses a row that is yet to be issued when its place is taken: its document could go nowhere once it is on the ledger.
    pub(super) fn must_be_free(&self, serial: &str) -> Done {
        for path in [self.licence(serial), self.receipt(serial)] {
            if path.exists() {
                return Err(taken(&path));
            }
        }
        Ok(())
    }

    /// Refuses a row on its way when another document or receipt is in its place.
    pub(super) fn must_be_ours(&self, serial: &str, signed_value: Digest, record: &[u8]) -> Done {
        let path = self.licence(serial);
        if path.exists() && !is_of(&path, signed_value)? {
            return Err(taken(&path));
        }
        let path = self.receipt(serial);
        // Without its record it was not sent, and nothing can be its receipt.
        if path.exists() && receipt_of(&path)? != Some(sm3::digest(record)) {
            return Err(taken(&path));
        }
        Ok(())
    }

    /// Puts an anchored document and its receipt where they belong. The caller has checked the receipt.
    pub(super) fn put(&self, sealed: Sealed, receipt: &[u8], record: &[u8], serial: &str) -> Done {
        let signed_value = sealed.signed_value();
        // Again, for another run may have come since.
        self.must_be_ours(serial, signed_value, record)?;
        let anchored = sealed.anchor(receipt).map_err(|e| super::failure(&e))?;
        self.keep(serial, anchored.ofd())?;
        self.publish(serial, signed_value, anchored.ofd())?;
        // The record's own, older or newer: no other was there.
        files::write(&self.receipt(serial), receipt, Access::Public, Existing::Replace)
    }

    /// Makes sure that an anchored row's files are there, from the work folder if need be.
    pub(super) fn restore(&self, serial: &str, signed_value: Digest) -> Done<Found> {
        let (draft, path, receipt) =
            (self.draft(serial), self.licence(serial), self.receipt(serial));
        let there = path.exists();
        if there && !same_file(&draft, &path) && !is_of(&path, signed_value)? {
            return Err(taken(&path));
        }
        if there && receipt.exists() {
            return Ok(Found::All);
        }
        let document = self.read(serial, signed_value)?;
        let Some(bytes) = receipt_in(document.ofd()) else {
            return Err(Failure::new(
                Class::Usage,
                format!("{} has no receipt", draft.display()),
                format!("{} 不含回执", draft.display()),
            )
            .todo(
                "give the --out folder that it was issued into, or restore it from a backup",
                "请用 --out 指定当初的输出文件夹，或从备份恢复",
            ));
        };
        if !there {
            self.publish(serial, signed_value, document.ofd())?;
        }
        if !receipt.exists() {
            files::write(&receipt, &bytes, Access::Public, Existing::Keep)?;
        }
        Ok(Found::Restored)
    }

    /// The document in the output folder, which is the one of the work folder. Whatever else has the name stays.
    fn publish(&self, serial: &str, signed_value: Digest, ofd: &[u8]) -> Done {
        let (draft, path) = (self.draft(serial), self.licence(serial));
        match fs::hard_link(&draft, &path) {
            Ok(()) => sync(&self.licences),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                if !is_of(&path, signed_value)? {
                    return Err(taken(&path));
                }
                if receipt_in(&files::read(&path)?).is_some() {
                    return Ok(());
                }
                // Ours, of an earlier version, which put it there before it was anchored.
                files::write(&path, ofd, Access::Public, Existing::Replace)
            }
            // Another disk, or one without links.
            Err(_) => files::write(&path, ofd, Access::Public, Existing::Keep),
        }
    }

    fn draft(&self, serial: &str) -> PathBuf {
        file_of(&self.drafts, serial, "ofd")
    }

    fn licence(&self, serial: &str) -> PathBuf {
        file_of(&self.licences, serial, "ofd")
    }

    fn receipt(&self, serial: &str) -> PathBuf {
        file_of(&self.receipts, serial, "receipt")
    }
}

/// Brings the names in a folder to the disk.
pub(super) fn sync(folder: &Path) -> Done {
    fs::File::open(folder).and_then(|f| f.sync_all()).map_err(|e| Failure::io(folder, &e))
}

fn taken(path: &Path) -> Failure {
    let path = path.display();
    Failure::new(
        Class::Usage,
        format!("{path} is there already and not of this batch's row; it is left as it is"),
        format!("{path} 已存在且不属于本批次的该行，未作改动"),
    )
    .todo(
        "go on with the --work and --batch that it was issued with, or give other --out and --receipts folders",
        "请使用签发时的 --work 和 --batch 继续，或另指定 --out 和 --receipts 文件夹",
    )
}

/// Whether a file is the document with this signature; one that is no licence is not.
fn is_of(path: &Path, signed_value: Digest) -> Done<bool> {
    Ok(Sealed::from_ofd(files::read(path)?).is_ok_and(|s| s.signed_value() == signed_value))
}

/// Of which record a file is the receipt, if it is one.
fn receipt_of(path: &Path) -> Done<Option<Digest>> {
    Ok(Receipt::from_der(&files::read(path)?).ok().map(|r| r.subject.record_hash()))
}

fn receipt_in(ofd: &[u8]) -> Option<Vec<u8>> {
    let package = Package::open_container(ofd, &Limits::default()).ok()?;
    package.file(RECEIPT_PATH).map(<[u8]>::to_vec)
}

fn same_file(a: &Path, b: &Path) -> bool {
    let id = |path| fs::metadata(path).map(|m| (m.dev(), m.ino())).ok();
    id(a).is_some() && id(a) == id(b)
}
