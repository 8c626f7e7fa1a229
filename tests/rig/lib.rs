//! What flows across processes share: where things are, folders, ports.

#![forbid(unsafe_code)]
#![allow(
    clippy::exhaustive_enums,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "tests alone use it: a panic is how it reports, and nobody else matches on its enums"
)]

pub mod absent;
pub mod acts;
pub mod browser;
pub mod cluster;
pub mod data_town;
pub mod decide;
pub mod forge;
pub mod liar;
pub mod lines;
pub mod office;
pub mod parsers;
pub mod peers;
pub mod place;
pub mod postgres;
pub mod server;
pub mod wiretap;

use std::path::{Path, PathBuf};

/// The project's root.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the root").to_owned()
}

/// The folder of shared corpus and vectors, or a line that says that it is absent.
#[must_use]
pub fn shared() -> Option<PathBuf> {
    let dir =
        std::env::var_os("YINXIN_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    if dir.is_dir() {
        return Some(dir);
    }
    println!("skipped: no shared corpus at {} (YINXIN_SHARED names another place)", dir.display());
    None
}

/// The folder where cargo put the binaries: the one that holds the running test's `deps/`.
#[must_use]
pub fn bin_dir() -> PathBuf {
    let exe = std::env::current_exe().expect("a running test knows its own file");
    exe.parent().and_then(Path::parent).expect("tests run from target/release/deps").to_owned()
}

/// The folder that holds the shared library of the C ABI: cargo leaves it beside what the tests link.
#[must_use]
pub fn library_dir() -> PathBuf {
    bin_dir().join("deps")
}
