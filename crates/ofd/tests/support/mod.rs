//! Where the shared data is.
#![allow(dead_code, reason = "each test binary uses its part")]

use std::path::PathBuf;

/// A folder of the shared data, or nothing (said once) where it is absent.
pub(crate) fn shared(folder: &str) -> Option<PathBuf> {
    let base = std::env::var_os("YINXIN_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    let path = base.join(folder);
    if !path.is_dir() {
        println!("no shared data at {}: skipped", path.display());
        return None;
    }
    Some(path)
}

/// Reads a file of the shared data.
pub(crate) fn read(folder: &std::path::Path, name: &str) -> Vec<u8> {
    std::fs::read(folder.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}
