//! Certificates, lists, keys and messages that others made, read from the folder of shared vectors.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    reason = "a test says what went wrong by panicking"
)]

mod corpus;
#[cfg(feature = "foreign")]
mod limbo;
#[cfg(feature = "foreign")]
mod pkits;
mod tongsuo;

use std::path::PathBuf;

use yinxin_pki::{Certificate, Pool, Question, TrustStore, Usage, Validation, validate};
use yinxin_verdict::{Facts, UnixTime};

/// The folder of shared data, or `None` with a line that says so.
fn shared(path: &str) -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared");
    let root =
        std::env::var_os("YINXIN_SHARED").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    let full = root.join(path);
    if full.exists() {
        return Some(full);
    }
    println!("skipped: {} is not here", full.display());
    None
}

fn at(text: &str) -> UnixTime {
    UnixTime::parse(text).unwrap()
}

/// Validates and returns the facts too.
fn ask(
    leaf: &Certificate,
    pool: &Pool,
    trust: &TrustStore,
    usage: Usage,
    as_of: UnixTime,
) -> (Validation, Facts) {
    let mut facts = Facts::new();
    let question = Question { usage, as_of, now: at("2026-11-22"), subject: "test" };
    let found = validate(leaf, pool, trust, &question, &mut facts);
    (found, facts)
}
