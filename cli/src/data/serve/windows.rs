//! Windows on their way to the ledger: signed, kept on disk, sent, their receipts verified, and only then noted as anchored.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, PoisonError},
    time::Duration,
};

use tracing::{info, warn};
use yinxin_record::DataAct;
use yinxin_sharing::access::{ClosedAct, ClosedWindow};
use yinxin_verdict::Lang;

use super::shop::Shop;
use crate::{
    fail::{Class, Done, Failure},
    files::{self, Access, Existing},
    send::{put, remove},
    ui,
};

/// How often it is looked for minutes that are over.
const LOOK: Duration = Duration::from_secs(1);
/// A minute must be over by the ledger's clocks too, which may be a little behind this one.
const LATE_MS: i64 = 3_000;
/// How long to wait after the ledger refused one, or did not answer.
const AGAIN: Duration = Duration::from_secs(10);

/// Writes windows for ever.
pub(super) fn run(shop: &Arc<Shop>) {
    loop {
        std::thread::sleep(if write_due(shop) { LOOK } else { AGAIN });
    }
}

/// Writes the windows of all minutes that are over; whether all went well.
fn write_due(shop: &Shop) -> bool {
    let over = ui::now().plus_millis(-LATE_MS);
    let mut due = shop.guard.lock().unwrap_or_else(PoisonError::into_inner).close_due(over);
    shop.counts.waiting.store(due.len() as u64, std::sync::atomic::Ordering::Relaxed);
    // The longest waiting first: what is older than fourteen days the ledger takes no more.
    due.sort_by_key(minute);
    let mut well = true;
    for window in &due {
        match anchor(shop, window) {
            Ok(height) => info!(window = name(window), height, "anchored"),
            Err(failure) => {
                warn!(window = name(window), why = failure.explain(Lang::En).what, "not anchored");
                well = false;
                // Without a node the next one fares no better; what a rule refuses must not stop the others.
                if failure.class == Class::Node {
                    break;
                }
            }
        }
    }
    well
}

fn anchor(shop: &Shop, window: &ClosedWindow) -> Done<u64> {
    let kept = shop.folder.join(format!("windows/{}.unsent", name(window)));
    let act = match window.act().clone() {
        ClosedAct::Access(act) => DataAct::Access(act),
        ClosedAct::Denied(act) => DataAct::Deny(act),
    };
    let key = format!("data/window/{}", name(window));
    let client = shop.follower.client();
    let sent = put(&client, &shop.signer, &key, act, Some(&kept));
    let committed = sent.map_err(|unsent| unsent.failure)?;
    let receipt = receipt(&shop.folder, window);
    files::write(&receipt, &committed.receipt, Access::Owner, Existing::Replace)?;
    let mut guard = shop.guard.lock().unwrap_or_else(PoisonError::into_inner);
    let noted = guard.anchored(window, committed.height);
    noted.map_err(|e| Failure::of(Class::Node, &e))?;
    drop(guard);
    remove(&kept)?;
    Ok(committed.height)
}

/// Where a window's receipt lies below the server's folder.
pub(in crate::data) fn receipt(folder: &Path, window: &ClosedWindow) -> PathBuf {
    folder.join(format!("windows/{}.receipt", name(window)))
}

fn minute(window: &ClosedWindow) -> u64 {
    match window.act() {
        ClosedAct::Access(act) => act.minute,
        ClosedAct::Denied(act) => act.minute,
    }
}

/// One name for each window: grant, or resource where the grant is not known to exist, and minute.
fn name(window: &ClosedWindow) -> String {
    match window.act() {
        ClosedAct::Access(act) => format!("{}@{}", act.grant, act.minute),
        ClosedAct::Denied(act) => match act.grant {
            Some(grant) => format!("{grant}@{}", act.minute),
            None => format!("{}@{}", act.resource, act.minute),
        },
    }
}
