//! Windows on their way to the ledger: signed, kept on disk, sent, their receipts verified, and only then noted as anchored.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, atomic::Ordering::Relaxed},
    time::Duration,
};

use tracing::{error, info, warn};
use yinxin_record::DataAct;
use yinxin_sharing::access::{ClosedAct, ClosedWindow};
use yinxin_verdict::Lang;

use super::shop::Shop;
use crate::{
    data::aside::settle,
    fail::{Class, Failure},
    files::{self, Access, Existing},
    send::{Unsent, put, remove},
};

/// How often it is looked for minutes that are over.
const LOOK: Duration = Duration::from_secs(1);
/// A minute must be over by the ledger's clocks too, which may be a little behind this one.
const LATE_MS: i64 = 3_000;
/// How many windows are made ready at a time, while calls wait.
const AT_ONCE: usize = 64;
/// How long to wait after the ledger refused one, or did not answer.
const AGAIN: Duration = Duration::from_secs(10);

/// How the ledger says that it has a window of this minute already, and not this one: the same record would be found, not refused.
const TAKEN: [&str; 2] = ["BUSINESS_KEY_USED", "WINDOW_TWICE"];

/// Writes windows for ever.
pub(super) fn run(shop: &Arc<Shop>) {
    loop {
        std::thread::sleep(if write_due(shop) { LOOK } else { AGAIN });
    }
}

/// Writes the windows of all minutes that are over; whether all went well.
fn write_due(shop: &Shop) -> bool {
    let over = match shop.follower.now() {
        Ok(now) => now.plus_millis(-LATE_MS),
        // A minute that was closed too early would be closed for good.
        Err(error) => {
            warn!(%error, "no window is closed");
            return false;
        }
    };
    // What is set aside too much waits longer, and is nothing worse.
    if let Err(failure) = settle(&shop.guard, &shop.follower.client(), shop.follower.server()) {
        warn!(why = failure.explain(Lang::En).what, "deliveries");
    }
    let (mut well, mut waiting, mut last) = (true, 0, None);
    // The longest waiting first: what is older than fourteen days the ledger takes no more. A rule that refuses one must not stop the
    // others.
    loop {
        let mut guard = shop.guard.lock().unwrap_or_else(PoisonError::into_inner);
        let due = guard.close_due_after(over, last.as_ref(), AT_ONCE);
        drop(guard);
        waiting += due.len() as u64;
        shop.counts.waiting.fetch_max(waiting, Relaxed);
        for window in &due {
            match anchor(shop, window) {
                Ok(height) => {
                    waiting -= 1;
                    info!(window = name(window), height, "anchored");
                }
                Err(Unsent { code, failure }) => {
                    if code.as_deref().is_some_and(|code| TAKEN.contains(&code)) {
                        shop.follower.displace();
                        error!(
                            window = name(window),
                            "the ledger has this minute by another server of this organisation, or by a copy of this one's folder: nothing \
                             is served any more; stop all but one, and go on with the folder whose windows are on the ledger"
                        );
                    }
                    let why = failure.explain(Lang::En).what;
                    warn!(window = name(window), why, "not anchored");
                    well = false;
                    // Without a node the next one fares no better.
                    if failure.class == Class::Node {
                        return false;
                    }
                }
            }
        }
        let Some(end) = due.into_iter().last() else { break };
        last = Some(end);
    }
    shop.counts.waiting.store(waiting, Relaxed);
    well
}

fn anchor(shop: &Shop, window: &ClosedWindow) -> Result<u64, Unsent> {
    let kept = shop.folder.join(format!("windows/{}.unsent", name(window)));
    let act = match window.act().clone() {
        ClosedAct::Access(act) => DataAct::Access(act),
        ClosedAct::Denied(act) => DataAct::Deny(act),
    };
    let key = format!("data/window/{}", name(window));
    let client = shop.follower.client();
    let committed = put(&client, &shop.signer, &key, act, Some(&kept))?;
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
