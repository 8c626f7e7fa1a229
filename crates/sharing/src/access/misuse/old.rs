//! Journals that have grown old: compacted, or with minutes that the ledger takes no more.

use core::ops::Range;

use super::*;

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

/// An account is never told of half the lines, and each line counts once.
#[test]
fn minutes_before_a_compaction_are_counted_in_the_old_journal() {
    let (mut guard, ledger) = (guard(), Ledger::new());
    serve(&mut guard, 1, 100, &ledger, start());
    let mut next = compacted(&guard);
    let of = |ms| minute_of(after(ms));
    let count = |guards: &[&Guard<Vec<u8>>], minutes: Range<u64>| {
        let journals = guards.iter().map(|guard| &guard.journal()[..]);
        count(journals, &Digest([3; 32]), &minutes).map(|c| (c.volume.rows, c.lines))
    };
    assert_eq!(count(&[&guard], of(0)..of(60_000)), Ok((100, 1)));
    assert!(matches!(count(&[&next], of(0)..of(60_000)), Err(Error::NotFound { .. })));
    assert_eq!(count(&[&guard, &next], of(0)..of(60_000)), Ok((100, 1)), "it is in both");
    assert_eq!(count(&[&next], of(60_000)..of(120_000)), Ok((0, 0)), "after the last line");
    // In the same minute still, and then in others.
    serve(&mut next, 2, 7, &ledger, start());
    assert!(matches!(count(&[&next], of(0)..of(60_000)), Err(Error::NotFound { .. })));
    let now = after(300_000);
    serve(&mut next, 3, 5, &ledger.at(now), now);
    assert_eq!(count(&[&next], of(60_000)..of(360_000)), Ok((5, 1)));
    let mut third = compacted(&next);
    let all = of(0)..of(600_000);
    assert_eq!(count(&[&guard, &next, &third], all.clone()), Ok((112, 3)));
    assert!(count(&[&guard, &third], all.clone()).is_err(), "one is missing");
    assert!(count(&[&next, &third], all.clone()).is_err(), "the oldest is missing");
    // Of its own minutes the newest has all lines, whatever lies beside it.
    let now = after(420_000);
    serve(&mut third, 4, 9, &ledger.at(now), now);
    for journals in [&[&guard, &third][..], &[&third], &[&guard, &next, &third]] {
        assert_eq!(count(journals, of(360_000)..of(600_000)), Ok((9, 1)));
    }
    for journals in [&[&guard, &third][..], &[&third]] {
        assert!(matches!(count(journals, of(300_000)..of(600_000)), Err(Error::NotFound { .. })));
    }
    assert_eq!(count(&[&guard, &next, &third], all), Ok((121, 4)));
    assert_eq!(server_of(&mut &next.journal()[..]), Ok(Some(code(OWNER))));
    assert_eq!(server_of(&mut io::empty()), Ok(None));
    assert!(server_of(&mut &b"no journal at all"[..]).is_err());
}

/// A kill may come between the ids of a crowd and the crowd.
#[test]
fn ids_without_their_crowd_are_nobodys() {
    let (mut guard, ledger) = (guard(), Ledger::new());
    let crowd = |calls: u64| {
        let mut gathering = Gathering::default();
        (0..calls).for_each(|n| gathering.add(&sm3::digest(&n.to_be_bytes())));
        gathering
    };
    serve(&mut guard, 1, 1, &ledger, start());
    guard.turn_away(&resource_code(), &crowd(7), &ledger.head, start()).unwrap();
    let whole = guard.journal().clone();
    // The last entry goes, and its ids stay.
    let cut = (1..whole.len()).rev().find(|length| {
        let mut crowds = 0;
        read_crowds(&mut &whole[..*length], |_, _| crowds += 1).unwrap();
        let read = Guard::open(&mut &whole[..*length], Vec::new(), code(OWNER)).unwrap().1;
        crowds == 0 && read.cut == 0
    });
    let mut guard = reopened(&whole[..cut.unwrap()]);
    // Each start has a turn of its own. Of so many no ids are kept.
    guard.begin(Turn { epoch: TURN.epoch + 1, ..TURN }, PLACE).unwrap();
    guard.turn_away(&resource_code(), &crowd(5_000), &ledger.head, start()).unwrap();
    serve(&mut guard, 2, 1, &ledger, start());
    for guard in [reopened(guard.journal()), compacted(&guard)] {
        let mut told = Vec::new();
        read_crowds(&mut &guard.journal()[..], |crowd, ids| told.push((crowd.calls, ids))).unwrap();
        assert_eq!(told, [(5_000, None)]);
        assert_eq!(guard.lines(), 2);
    }
}

/// What a compaction comes to is held against what it came from.
#[test]
fn a_journal_that_says_another_thing_does_not_go_on_as_the_first() {
    let (mut guard, ledger) = (guard(), Ledger::new());
    serve(&mut guard, 1, 100, &ledger, start());
    let same = compacted(&guard);
    assert!(guard.goes_on_as(&same) && same.goes_on_as(&guard));
    let mut more = compacted(&guard);
    serve(&mut more, 2, 1, &ledger, start());
    assert!(!guard.goes_on_as(&more));
    let told = guard.close_due(after(60_000));
    let mut anchored = compacted(&guard);
    anchored.anchored(&told[0], 11).unwrap();
    assert!(!guard.goes_on_as(&anchored) && !anchored.goes_on_as(&guard));
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

#[test]
fn a_call_from_far_ahead_is_denied_and_not_remembered() {
    let (mut guard, ledger) = (guard(), Ledger::new());
    let before = guard.journal().len();
    for (n, ahead) in [(1, 300_001), (2, i64::MAX / 4)] {
        let far = Call { signed_at: after(ahead), ..call(n, start()) };
        assert!(guard.is_past(&far, start()));
        let denied = guard.admit(far.clone(), &ledger.known(), start()).unwrap();
        assert_eq!(reason(denied), DenialReason::Replayed);
        assert!(!guard.remembers(&far), "its id would be kept until then");
    }
    assert!(guard.journal().len() > before, "recorded");
    let near = Call { signed_at: after(300_000), ..call(3, start()) };
    assert!(!guard.is_past(&near, start()));
    let admitted = allowed(guard.admit(near.clone(), &ledger.known(), start()).unwrap());
    drop(admitted);
    assert!(guard.remembers(&near) && guard.is_past(&near, start()));
}
