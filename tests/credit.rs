//! A company's credit through four processes: recorded, disputed, corrected, repaired, listed, seen, scored, pledged on; and what must
//! not happen: refused by its code, or exposed by whoever checks.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests are tests")]

#[path = "credit/assets.rs"]
mod assets;
#[path = "credit/cases.rs"]
mod cases;
#[path = "credit/desk.rs"]
mod desk;
#[path = "credit/life.rs"]
mod life;
#[path = "credit/portal.rs"]
mod portal;
#[path = "credit/regions.rs"]
mod regions;
#[path = "credit/served.rs"]
mod served;
#[path = "credit/views.rs"]
mod views;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// One cluster at a time: twelve nodes that come up at once wait for each other on a small machine.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}
