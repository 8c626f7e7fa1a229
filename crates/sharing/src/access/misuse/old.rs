//! Journals that have grown old: compacted, or with minutes that the ledger takes no more.

use super::*;
use crate::access::line::minute;

fn reopened(journal: &[u8]) -> Guard<Vec<u8>> {
    Guard::open(&mut &*journal, journal.to_vec(), code(OWNER)).unwrap().0
}

fn compacted(guard: &Guard<Vec<u8>>) -> Guard<Vec<u8>> {
    let next = guard.compact(&mut &guard.journal()[..], Vec::new(), PLACE).unwrap();
    reopened(next.journal())
}

#[test]
fn a_compacted_journal_forgets_nothing_that_matters() {
    let (mut guard, ledger) = (guard(), Ledger::new());
    serve(&mut guard, 1, 100, &ledger, start());
    let old = guard.close_due(after(60_000));
    guard.anchored(&old[0], 11).unwrap();
    let now = after(3_600_000);
    let mut later = ledger.at(now);
    // Until a block after it is known, and no older head is fresh, the first window still counts.
    later.head.height = 12;
    serve(&mut guard, 4, 1, &later.at(after(3_500_000)), after(3_500_000));
    serve(&mut guard, 2, 50, &later, now);
    let existing = guard.journal().clone();
    let compacted = guard.compact(&mut &existing[..], Vec::new(), PLACE).unwrap();
    let journal = compacted.journal().clone();
    let (mut guard, recovered) =
        Guard::open(&mut &journal[..], journal.clone(), code(OWNER)).unwrap();
    assert!(journal.len() < existing.len());
    assert_eq!(recovered.lines, 3, "numbers go on");
    let again = guard.admit(call(2, now), &later.known(), now).unwrap();
    assert_eq!(reason(again), DenialReason::Replayed);
    let admitted = allowed(guard.admit(call(3, now), &later.known(), now).unwrap());
    assert_eq!(admitted.left().rows, 1000 - 151, "what was used stays used");
    let [_, window] = &guard.close_due(after(3_660_000))[..] else { panic!("the open ones") };
    let ClosedAct::Access(act) = window.act() else { panic!("served") };
    assert_eq!(act.served.rows, 50);
}

/// An account is never told of half the lines.
#[test]
fn minutes_before_a_compaction_are_counted_in_the_old_journal() {
    let (mut guard, ledger) = (guard(), Ledger::new());
    serve(&mut guard, 1, 100, &ledger, start());
    let mut next = compacted(&guard);
    let count = |guard: &Guard<Vec<u8>>, minutes| {
        count(&mut &guard.journal()[..], &Digest([3; 32]), &minutes).map(|c| c.volume.rows)
    };
    let of = |ms| minute(after(ms));
    assert_eq!(count(&guard, of(0)..of(60_000)), Ok(100));
    assert!(matches!(count(&next, of(0)..of(60_000)), Err(Error::NotFound { .. })));
    let now = after(60_000);
    serve(&mut next, 2, 7, &ledger.at(now), now);
    assert!(count(&next, of(0)..of(120_000)).is_err(), "the first minute is not all there");
    assert_eq!(count(&next, of(60_000)..of(120_000)), Ok(7));
    assert_eq!(server_of(&mut &next.journal()[..]), Ok(Some(code(OWNER))));
    assert_eq!(server_of(&mut io::empty()), Ok(None));
    assert!(server_of(&mut &b"no journal at all"[..]).is_err());
}

/// A caller's clock may be ahead: its call can come again when its window has long been told and forgotten.
#[test]
fn a_window_that_was_told_does_not_come_back_with_the_calls_that_are_remembered() {
    let (mut guard, mut ledger) = (guard(), Ledger::new());
    let ahead = Call { signed_at: after(240_000), ..call(1, start()) };
    let mut admitted = allowed(guard.admit(ahead.clone(), &ledger.known(), start()).unwrap());
    allowed(guard.release(&mut admitted, answer(7), &ledger.known(), start()).unwrap());
    let told = guard.close_due(after(60_000));
    guard.anchored(&told[0], 11).unwrap();
    ledger.head.height = 12;
    for (n, minutes) in [(2, 2), (3, 4), (4, 11)] {
        let now = after(minutes * 60_000);
        serve(&mut guard, n, 1, &ledger.at(now), now);
    }
    let now = after(12 * 60_000);
    assert!(!guard.has_window(told[0].minute()), "forgotten");
    for mut guard in [compacted(&guard), compacted(&compacted(&guard))] {
        let due = guard.close_due(now);
        assert_eq!(due.len(), 3, "those that wait, and not the one that was told");
        assert!(due.iter().all(|w| w.minute() > told[0].minute()));
        assert_eq!(guard.lines(), 4);
    }
    let now = after(11 * 60_000);
    let again = compacted(&guard).admit(ahead, &ledger.at(now).known(), now).unwrap();
    assert_eq!(reason(again), DenialReason::Replayed);
}

/// What the ledger never takes is handed out no more, is never lost, and what it served stays used; whatever restarts and compactions come.
#[test]
fn what_can_never_be_told_is_kept_and_not_sent_again() {
    let (mut guard, ledger) = (guard(), Ledger::new());
    serve(&mut guard, 1, 300, &ledger, start());
    let later = 20 * 3_600_000;
    let now = after(later - 120_000);
    serve(&mut guard, 2, 100, &ledger.at(now), now);
    let due = guard.close_due(after(later));
    assert_eq!((due.len(), guard.untold()), (2, 0));
    guard.never_told(&due[0]).unwrap();
    assert!(guard.never_told(&due[0]).is_err() && guard.anchored(&due[0], 20).is_err());
    for mut guard in [reopened(guard.journal()), compacted(&guard), compacted(&compacted(&guard))] {
        let left: Vec<u64> =
            guard.close_due(after(later)).iter().map(ClosedWindow::minute).collect();
        assert_eq!((left, guard.untold()), (vec![due[1].minute()], 1));
        let mut lines = Vec::new();
        read_lines(&mut &guard.journal()[..], |line| lines.push(line.number)).unwrap();
        assert_eq!(lines, [0, 1], "both are there to be shown");
        let now = after(later + 1_000);
        let admitted = guard.admit(call(3, now), &ledger.at(now).known(), now).unwrap();
        assert_eq!(allowed(admitted).left().rows, 600);
        let last = guard.close_due(after(later));
        guard.anchored(&last[0], 21).unwrap();
        assert!(!guard.waits());
    }
}
