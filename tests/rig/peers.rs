//! What peers in other languages are given, and what they must say.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    forge::{Forger, edited, with_file},
    office::{Office, document},
};

/// Documents on disk with a trust folder and the right verdicts.
pub struct Documents {
    /// The trust folder.
    pub trust: PathBuf,
    /// The documents.
    pub files: Vec<PathBuf>,
    /// A verdict for each.
    pub verdicts: Vec<&'static str>,
}

/// Writes a good, a changed, an added-to, an unsigned and a garbage document below a folder.
///
/// # Panics
/// If the folder cannot be written.
#[must_use]
pub fn documents(dir: &Path) -> Documents {
    let office = Office::new();
    let trust = dir.join("trust");
    fs::create_dir(&trust).expect("a new folder");
    for (name, bytes) in office.trust_files() {
        fs::write(trust.join(name), bytes).expect("a new file");
    }
    let plain = document(&["营业执照"]);
    let good = Forger::honest(&office).stamp(&office, &plain);
    let changed = edited(&good, "Doc_0/Pages/Page_0/Content.xml", "营业执照", "许可证书");
    let added = with_file(&good, "Doc_0/Attachs/extra.txt", b"extra");
    let unsigned = yinxin_ofd::PackageWriter::from_package(&plain).finish();
    let (mut files, mut verdicts) = (Vec::new(), Vec::new());
    for (name, bytes, verdict) in [
        ("good.ofd", good, "VALID"),
        ("changed.ofd", changed, "INVALID"),
        ("added.ofd", added, "INDETERMINATE"),
        ("unsigned.ofd", unsigned, "INVALID"),
        ("garbage.ofd", b"no document".to_vec(), "INVALID"),
        ("empty.ofd", Vec::new(), "INVALID"),
    ] {
        let path = dir.join(name);
        fs::write(&path, bytes).expect("a new file");
        files.push(path);
        verdicts.push(verdict);
    }
    Documents { trust, files, verdicts }
}
