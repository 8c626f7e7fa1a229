//! Windows on their way to the ledger: signed, kept on disk, sent, their receipts verified, and only then noted as anchored.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, atomic::Ordering::Relaxed},
    time::{Duration, Instant},
};

use tracing::{error, info, warn};
use yinxin_record::{AbsenceState, DataAct, Wire, minute_of, state_key};
use yinxin_sharing::access::{ClosedAct, ClosedWindow};
use yinxin_verdict::{Lang, UnixTime};

use super::shop::Shop;
use crate::{
    data::aside::settle,
    fail::{Class, Classed, Done, Failure},
    files::{self, Access, Existing},
    send::{Unsent, put, remove},
    submit::business_key,
    ui::Ui,
};

/// How often it is looked for minutes that are over.
const LOOK: Duration = Duration::from_secs(1);
/// A minute must be over by the ledger's clocks too, which may be a little behind this one.
const LATE_MS: i64 = 3_000;
/// How many windows are made ready at a time, while calls wait.
const AT_ONCE: usize = 64;
/// How long to wait after the ledger refused one, or did not answer.
const AGAIN: Duration = Duration::from_secs(10);

/// In minutes.
const A_DAY: u64 = 24 * 60;
/// The minute that runs, and what a window takes.
const LAST_MINUTE: Duration = Duration::from_secs(90);

/// How the ledger says that it has a window of this minute already, and not this one: the same record would be found, not refused.
const TAKEN: [&str; 2] = ["BUSINESS_KEY_USED", "WINDOW_TWICE"];
/// How it says that a minute is not one of those that it hears of now.
const OUT_OF_RANGE: &str = "MINUTE_RANGE";

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
        if guard.is_broken() {
            // What stands on the ledger could not be noted, and would be sent for ever.
            error!(
                "the journal failed: nothing is served or told any more; see to its disk and start again"
            );
            return false;
        }
        let due = guard.close_due_after(over, last.as_ref(), AT_ONCE);
        shop.counts.never_told.store(guard.untold(), Relaxed);
        drop(guard);
        waiting += due.len() as u64;
        shop.counts.waiting.fetch_max(waiting, Relaxed);
        for window in &due {
            if is_for_another(shop, window, over) {
                waiting -= 1;
                continue;
            }
            match anchor(shop, window) {
                Ok(height) => {
                    waiting -= 1;
                    info!(window = name(window), height, "anchored");
                }
                Err(Unsent { code: Some(code), failure })
                    if code == OUT_OF_RANGE && is_never_told(shop, window) =>
                {
                    let why = failure.explain(Lang::En).what;
                    error!(
                        window = name(window),
                        lines = window.lines(),
                        why,
                        "never told: the ledger takes no minute of so long ago; it is not sent again, and its lines stay in the journal"
                    );
                    let mut guard = shop.guard.lock().unwrap_or_else(PoisonError::into_inner);
                    match guard.never_told(window) {
                        Ok(()) => waiting -= 1,
                        Err(error) => {
                            warn!(%error, "not noted");
                            well = false;
                        }
                    }
                }
                Err(Unsent { code, failure }) => {
                    if code.as_deref().is_some_and(|code| TAKEN.contains(&code)) {
                        // A copy of this folder, from before it took over, told of that minute: of more lines, or of the same.
                        if window.turn().journal != shop.offer.turn.journal {
                            waiting -= u64::from(told_by_another(shop, window));
                            continue;
                        }
                        shop.follower.displace();
                        error!(
                            window = name(window),
                            "the ledger has this minute by a copy of this folder: nothing is served any more; stop all but one, and go \
                             on with the folder whose windows are on the ledger"
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

/// Whether a window is known to be lost; what cannot be judged now is sent again.
fn is_never_told(shop: &Shop, window: &ClosedWindow) -> bool {
    is_lost(shop, window).unwrap_or_else(|failure| {
        warn!(window = name(window), why = failure.explain(Lang::En).what, "not judged");
        false
    })
}

/// Whether the ledger has no such window and never will, by what it proves: a node's word for it is not enough, and no clock is asked.
fn is_lost(shop: &Shop, window: &ClosedWindow) -> Done<bool> {
    let (client, server) = (shop.follower.client(), shop.follower.server());
    let (absence, _) = client.status(&state_key::absence(server))?;
    let state = absence.value.as_deref().map(AbsenceState::from_der).transpose();
    let state = state.map_err(yinxin_record::Error::from).class(Class::Node)?;
    if !is_past(state.as_ref(), absence.header.time(), window.minute()) {
        return Ok(false);
    }
    // Since that block none could come; that none came before is of the same block or a later one.
    let key = business_key(&key(window))?;
    let (told, _) = client.status(&state_key::business(server, &key))?;
    Ok(told.value.is_none() && told.header.height >= absence.header.height)
}

/// Whether a minute is heard of no more at the time of a block. A minute that is too new for it is sent again.
fn is_past(absence: Option<&AbsenceState>, block: UnixTime, minute: u64) -> bool {
    minute < AbsenceState::heard_from(absence, block)
}

/// A window from before this folder took over: the folder that it may be a copy of tells of that minute, with perhaps more lines. Only
/// when nobody has for a day this one does.
fn is_for_another(shop: &Shop, window: &ClosedWindow, now: UnixTime) -> bool {
    window.turn().journal != shop.offer.turn.journal && window.minute() + A_DAY > minute_of(now)
}

/// Notes a window of an earlier journal as told; whether that worked.
fn told_by_another(shop: &Shop, window: &ClosedWindow) -> bool {
    let height = shop.follower.head().height;
    warn!(window = name(window), "told by another copy of this folder");
    let mut guard = shop.guard.lock().unwrap_or_else(PoisonError::into_inner);
    guard.anchored(window, height).is_ok()
}

/// A folder that answers no more still has minutes to tell of; the last one must be over.
pub(super) fn tell_the_rest(shop: &Arc<Shop>, ui: &Ui) {
    let start = Instant::now();
    let waits = || shop.guard.lock().unwrap_or_else(PoisonError::into_inner).waits();
    if !waits() {
        return;
    }
    let spinner = ui.spinner("telling the ledger what was served here", "补报本目录已应答的内容");
    while start.elapsed() < LAST_MINUTE {
        std::thread::sleep(LOOK);
        if write_due(shop) && !waits() {
            break;
        }
    }
    spinner.finish_and_clear();
}

fn anchor(shop: &Shop, window: &ClosedWindow) -> Result<u64, Unsent> {
    let kept = shop.folder.join(format!("windows/{}.unsent", name(window)));
    let act = match window.act().clone() {
        ClosedAct::Access(act) => DataAct::Access(act),
        ClosedAct::Denied(act) => DataAct::Deny(act),
    };
    let client = shop.follower.client();
    let committed = put(&client, &shop.signer, &key(window), act, Some(&kept))?;
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

/// The business that telling of it is, once.
fn key(window: &ClosedWindow) -> String {
    format!("data/window/{}", name(window))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_ledger_never_hears_of_is_given_up() {
        let day = |n: i64| UnixTime::EPOCH.plus_millis(n * 24 * 3_600_000);
        let away = |from, until| Some(AbsenceState { from: day(from), until });
        for (absence, minute, expected, why) in [
            (None, day(86), false, "fourteen days"),
            (None, day(86).plus_millis(-60_000), true, "a minute more"),
            (None, day(100), false, "not over by the ledger's clocks"),
            (away(80, Some(day(99))), day(66), false, "told after a suspension"),
            (away(80, Some(day(99))), day(65), true, "before that too"),
            (away(80, Some(day(86))), day(70), true, "a suspension of long ago"),
            (away(80, None), day(70), false, "it lasts"),
        ] {
            assert_eq!(is_past(absence.as_ref(), day(100), minute_of(minute)), expected, "{why}");
        }
    }
}
