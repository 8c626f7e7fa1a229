//! What is told or set aside together: calls of strangers, and volume for deliveries.

use super::*;
use yinxin_merkle::log::{Frontier, MemoryNodes, leaf_hash, prove_inclusion, verify_inclusion};

const GRANT: Digest = Digest([3; 32]);

fn volume(rows: u64) -> Volume {
    Volume { calls: 1, rows, bytes: rows * 10 }
}

fn again(guard: &Guard<Vec<u8>>) -> Guard<Vec<u8>> {
    let journal = guard.journal().clone();
    Guard::open(&mut &journal[..], journal.clone(), code(OWNER)).unwrap().0
}

fn reserve(
    guard: &mut Guard<Vec<u8>>,
    envelope: u8,
    rows: u64,
    ledger: &Ledger,
    now: UnixTime,
) -> Result<Result<(), DenialReason>, Error> {
    let of = [(GRANT, ledger.grant.clone().unwrap())];
    guard.reserve(&Digest([envelope; 32]), &of, volume(rows), 50, &ledger.head, now)
}

/// Two lines of strangers and two crowds: one window, an exact count, and every line is provable beside the crowds.
#[test]
fn strangers_are_counted_exactly_under_one_root() {
    let (mut guard, ledger) = (guard(), Ledger::new());
    let stranger = |guard: &mut Guard<Vec<u8>>, n| {
        let of = call(n, start());
        guard.refuse(&of, DenialReason::Signature, &ledger.known(), start()).unwrap().line
    };
    let turn_away = |guard: &mut Guard<Vec<u8>>, from: u64, calls: u64| {
        let mut gathering = Gathering::default();
        (from..from + calls).for_each(|n| gathering.add(&call(n, start()).id));
        guard.turn_away(&resource_code(), &gathering, &ledger.head, start()).unwrap();
        gathering.root()
    };
    stranger(&mut guard, 1);
    let first = turn_away(&mut guard, 100, 1000);
    let line = stranger(&mut guard, 2);
    let second = turn_away(&mut guard, 2000, 7);
    turn_away(&mut guard, 0, 0);
    let mut guard = again(&guard);
    let [window] = &guard.close_due(after(60_000))[..] else { panic!("one window") };
    let ClosedAct::Denied(act) = window.act() else { panic!("all are denied") };
    assert_eq!((act.denials.len(), act.denials[0].count), (1, 2 + 1007));
    assert_eq!((&act.grant, &act.organisation), (&None, &None), "nobody is named");
    let journal = guard.journal().clone();
    let (proven, proof) = prove(|| Ok(&journal[..]), line.number).unwrap();
    assert_eq!(proven.root(), act.root);
    assert_eq!(proof.verify(&act.root).unwrap(), &line);
    let mut roots = Vec::new();
    read_crowds(&mut &journal[..], |c, ids| {
        // Each call is a leaf of the crowd's root.
        let ids: Vec<Digest> = ids.unwrap().iter().map(|id| leaf_hash(id.as_bytes())).collect();
        let mut nodes = MemoryNodes::default();
        Frontier::new().append_all(&ids, &mut |id, hash| nodes.insert(id, hash));
        for (place, id) in (0..).zip(&ids).step_by(100) {
            let path = prove_inclusion(&nodes, place, c.calls).unwrap();
            verify_inclusion(id, place, c.calls, &path, &c.root).unwrap();
        }
        roots.push((c.calls, c.root, c.reason));
    })
    .unwrap();
    let reason = DenialReason::Signature;
    assert_eq!(roots, [(1000, first, reason), (7, second, reason)]);
    // They burn no call of anybody's.
    let (now, ledger) = (after(60_000), ledger.at(after(60_000)));
    allowed(guard.admit(call(100, now), &ledger.known(), now).unwrap());
    assert!(journal.len() < 1007 * 34 + 2000, "{}", journal.len());
}

#[test]
fn a_crowd_is_judged_by_no_old_ledger() {
    let (mut guard, ledger) = (guard(), Ledger::new());
    let mut gathering = Gathering::default();
    gathering.add(&Digest::ZERO);
    guard.turn_away(&resource_code(), &gathering, &ledger.head, after(35_001)).unwrap();
    let [window] = &guard.close_due(after(120_000))[..] else { panic!("one window") };
    let ClosedAct::Denied(act) = window.act() else { panic!("denied") };
    assert_eq!(act.denials[0].reason, DenialReason::StaleLedger);
}

#[test]
fn what_is_set_aside_leaves_by_no_call() {
    let (mut guard, mut ledger) = (guard(), Ledger::new());
    let known = ledger.known();
    let mut streaming = allowed(guard.admit(call(1, start()), &known, start()).unwrap());
    allowed(guard.release(&mut streaming, answer(300), &known, start()).unwrap());
    // What was served and is on no ledger yet counts against a delivery …
    assert_eq!(reserve(&mut guard, 1, 701, &ledger, start()).unwrap(), Err(DenialReason::Volume));
    reserve(&mut guard, 1, 600, &ledger, start()).unwrap().unwrap();
    // … and a delivery that is on none against a stream that goes on, after a crash too.
    let mut guard = again(&guard);
    let over = guard.release(&mut streaming, answer(101), &ledger.known(), start()).unwrap();
    assert_eq!(reason(over), DenialReason::Volume);
    // The same once more is the same; another volume is another envelope's.
    reserve(&mut guard, 1, 600, &ledger, start()).unwrap().unwrap();
    assert!(reserve(&mut guard, 1, 599, &ledger, start()).is_err());
    assert_eq!(guard.undelivered().len(), 1);
    // Delivered: it counts once, by whichever head.
    guard.settle(&Digest([1; 32]), Some(11)).unwrap();
    assert!(guard.settle(&Digest([1; 32]), Some(11)).is_err(), "once");
    let mut guard = again(&guard);
    for (height, used) in [(10, 0), (11, 600)] {
        (ledger.head.height, ledger.grant().used.rows) = (height, used);
        let admitted = guard.admit(call(height, start()), &ledger.known(), start()).unwrap();
        assert_eq!(allowed(admitted).left().rows, 100, "{height}");
    }
    // Never delivered: it is free again.
    reserve(&mut guard, 2, 100, &ledger, start()).unwrap().unwrap();
    let none = guard.admit(call(5, start()), &ledger.known(), start()).unwrap();
    assert_eq!(reason(none), DenialReason::Volume);
    guard.settle(&Digest([2; 32]), None).unwrap();
    let admitted = guard.admit(call(6, start()), &ledger.known(), start()).unwrap();
    assert_eq!(allowed(admitted).left().rows, 100);
    assert_eq!(
        reserve(&mut guard, 3, 1, &ledger, after(35_001)).unwrap(),
        Err(DenialReason::StaleLedger)
    );
}

#[test]
fn what_is_set_aside_is_all_or_nothing_and_survives_a_compaction() {
    let (mut guard, ledger) = (guard(), Ledger::new());
    serve(&mut guard, 1, 500, &ledger, start());
    let fresh = ledger.grant.clone().unwrap();
    let both = [(Digest([4; 32]), fresh.clone()), (GRANT, fresh)];
    let both_of = |guard: &mut Guard<Vec<u8>>, rows| {
        guard.reserve(&Digest([7; 32]), &both, volume(rows), 50, &ledger.head, start()).unwrap()
    };
    assert_eq!(both_of(&mut guard, 600), Err(DenialReason::Volume));
    assert!(guard.undelivered().is_empty(), "under none");
    both_of(&mut guard, 400).unwrap();
    let existing = guard.journal().clone();
    let compacted = guard.compact(&mut &existing[..], Vec::new(), PLACE).unwrap();
    let mut guard = again(&compacted);
    let left = guard.admit(call(2, start()), &ledger.known(), start()).unwrap();
    assert_eq!(allowed(left).left().rows, 100);
    guard.settle(&Digest([7; 32]), None).unwrap();
    let left = guard.admit(call(3, start()), &ledger.known(), start()).unwrap();
    assert_eq!(allowed(left).left().rows, 500);
}

/// Whoever signs nothing does not fill the disk: of so many in a minute the ids are kept.
#[test]
fn ids_of_strangers_are_kept_within_a_bound() {
    let (mut guard, ledger) = (guard(), Ledger::new());
    for n in 0..20_u64 {
        let mut gathering = Gathering::default();
        (0..1_000).for_each(|k| gathering.add(&sm3::digest(&(n * 1_000 + k).to_be_bytes())));
        guard.turn_away(&resource_code(), &gathering, &ledger.head, start()).unwrap();
    }
    let mut guard = again(&guard);
    let journal = guard.journal().clone();
    let (mut crowds, mut named) = (0, 0);
    read_crowds(&mut &journal[..], |crowd, ids| {
        crowds += crowd.calls;
        named += ids.map_or(0, |ids| ids.len());
    })
    .unwrap();
    assert_eq!((crowds, named), (20_000, 4_000));
    let compacted = guard.compact(&mut &journal[..], Vec::new(), PLACE).unwrap();
    let mut compacted = again(&compacted);
    let [now, before] = [&mut compacted, &mut guard].map(|g| g.close_due(after(60_000)));
    assert_eq!(now[0].act(), before[0].act());
}

#[test]
fn lines_are_of_a_turn_and_windows_say_which() {
    let ledger = Ledger::new();
    let (mut guard, _) = Guard::open(&mut io::empty(), Vec::new(), code(OWNER)).unwrap();
    let early = guard.admit(call(1, start()), &ledger.known(), start()).unwrap();
    let mut early = allowed(early);
    let none = guard.release(&mut early, answer(1), &ledger.known(), start());
    assert!(matches!(none, Err(Error::NotFound { .. })), "nothing leaves before a turn");
    let place = Digest([8; 32]);
    guard.begin(TURN, place).unwrap();
    assert!(guard.begin(TURN, place).is_err(), "each start has its own");
    serve(&mut guard, 2, 1, &ledger, start());
    let mut guard = again(&guard);
    assert_eq!((guard.opening(), guard.lines()), (Some((TURN, place)), 1));
    // Started again within the minute, by a copy that took over.
    let taken = Turn { journal: Digest([9; 32]), epoch: 2 };
    guard.begin(taken, place).unwrap();
    let later = after(60_000);
    serve(&mut guard, 3, 1, &ledger.at(later), later);
    let compacted = {
        let journal = guard.journal().clone();
        guard.compact(&mut &journal[..], Vec::new(), PLACE).unwrap()
    };
    for (mut guard, lies) in [(again(&guard), place), (again(&compacted), PLACE)] {
        let turns: Vec<_> =
            guard.close_due(after(120_000)).iter().map(ClosedWindow::turn).collect();
        assert_eq!(turns, [TURN, taken]);
        let due = guard.close_due(after(120_000));
        let lines = due.iter().map(|w| match w.act() {
            ClosedAct::Access(act) => act.lines,
            ClosedAct::Denied(act) => act.lines,
        });
        assert_eq!(lines.collect::<Vec<_>>(), [1, 2]);
        assert_eq!(
            guard.opening(),
            Some((taken, lies)),
            "the turn goes on where the journal lies now"
        );
    }
}
