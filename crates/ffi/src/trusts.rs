//! Trust folders that callers have open, by number.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::{Value, json};
use yinxin_verify::Trust;

use crate::Failure;

/// How many may be open at once. 64: a process that needs more has a leak.
const MOST: usize = 64;

struct Open {
    next: u64,
    by_number: BTreeMap<u64, Arc<Trust>>,
}

static OPEN: Mutex<Open> = Mutex::new(Open { next: 1, by_number: BTreeMap::new() });

fn lock() -> MutexGuard<'static, Open> {
    // The map is whole after every statement, so a panic elsewhere does not spoil it.
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads a folder; its number and what it holds.
pub(crate) fn open(dir: &str) -> Result<(u64, Value), Failure> {
    let trust = Trust::load_dir(Path::new(dir)).map_err(|e| Failure {
        code: if e.is_io() { Failure::DENIED } else { Failure::MALFORMED },
        what: e.to_string(),
    })?;
    let summary = json!({"anchors": trust.anchor_count(), "ledgers": trust.ledger_count()});
    let mut open = lock();
    if open.by_number.len() >= MOST {
        return Err(Failure::usage(format!("expected at most {MOST} trust folders open at once")));
    }
    let number = open.next;
    open.next += 1;
    open.by_number.insert(number, Arc::new(trust));
    Ok((number, summary))
}

/// The trust with this number; without a number nothing is trusted.
pub(crate) fn get(number: Option<u64>) -> Result<Arc<Trust>, Failure> {
    let Some(number) = number else { return Ok(Arc::new(Trust::default())) };
    lock().by_number.get(&number).cloned().ok_or_else(|| unknown(number))
}

/// Forgets a trust; calls under way keep theirs.
pub(crate) fn close(number: u64) -> Result<(), Failure> {
    lock().by_number.remove(&number).map(drop).ok_or_else(|| unknown(number))
}

fn unknown(number: u64) -> Failure {
    Failure::usage(format!("expected the number of an open trust, got {number}"))
}
