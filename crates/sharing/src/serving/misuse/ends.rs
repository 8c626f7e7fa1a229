//! Answers that their own server cannot finish, and keys that change.

use yinxin_record::Denial;

use super::*;

#[test]
fn a_source_that_fails_ends_the_answer_without_its_key() {
    let mut world = World::new();
    let call = world.sign(world.ask(1000));
    let failed = world.answer(&call, &mut Numbered { left: 1000, fails_at: Some(500) });
    assert!(matches!(failed, Ok(Delivered::BrokenOff(Error::Io { .. }))), "{failed:?}");
    let (notes, _, ended) = receive(&call, &world.wire);
    let Ok(Some(Received::Denied(line))) = ended else { panic!("{ended:?}") };
    assert_eq!(line.outcome, crate::access::Outcome::Denied(DenialReason::Source));
    let (served, received) = (counted(&world.journal()), counted(&notes));
    assert_eq!((served.volume, served.root), (received.volume, received.root));
    // Told in the window of its grant, beside what left.
    let [window] = &world.guard.lock().unwrap().close_due(world.now.plus_millis(60_000))[..] else {
        panic!("one window")
    };
    let ClosedAct::Access(act) = window.act() else { panic!("parts left") };
    assert_eq!(act.denials, [Denial { reason: DenialReason::Source, count: 1 }]);
}

#[test]
fn keys_of_both_sides_may_change_between_calls() {
    let mut world = World::new();
    let old = world.sign(world.ask(10));
    (world.server, world.caller) = (party(OWNER), party(BANK));
    world.standing.caller.as_mut().unwrap().key = *world.caller.key.public_key();
    world.offer.key = *world.server.key.public_key();
    world.standing.server.as_mut().unwrap().key = world.offer.key;
    assert_eq!(
        world.refused(&old),
        DenialReason::Signature,
        "the key before is the caller's no more"
    );
    let call = world.sign(world.ask(10));
    world.answer(&call, &mut rows(3)).unwrap();
    let (_, _, ended) = receive(&call, &world.wire);
    let Ok(Some(Received::Whole(whole))) = ended else { panic!("{ended:?}") };
    assert_eq!(whole.server, world.server.certificate, "which one holds, the caller's trust says");
    let _: Certificate = whole.server;
}

/// How many times a whole answer of so many rows is sent something; the last is its end.
fn sends(rows_: u64) -> usize {
    let mut world = World::new();
    let call = world.sign(world.ask(1000));
    assert_eq!(world.answer(&call, &mut rows(rows_)), Ok(Delivered::Whole { rows: rows_ }));
    world.sends
}

#[test]
fn the_key_does_not_leave_once_something_ended_behind_the_last_part() {
    let last = sends(500) - 1;
    let cases: [(Then, DenialReason); 4] = [
        (|w| w.grant().ended = Some(w.now), DenialReason::Revoked),
        (|w| w.standing.caller.as_mut().unwrap().suspended = true, DenialReason::Suspended),
        (|w| w.now = w.now.plus_millis(36_000), DenialReason::StaleLedger),
        (|w| w.standing.caller = None, DenialReason::Signature),
    ];
    for (then, expected) in cases {
        let mut world = World::new();
        world.then = Some((last, then));
        let call = world.sign(world.ask(1000));
        assert_eq!(world.answer(&call, &mut rows(500)), Ok(Delivered::Denied(expected)));
        let (notes, _, ended) = receive(&call, &world.wire);
        let Ok(Some(Received::Denied(line))) = ended else { panic!("{ended:?}") };
        assert_eq!(line.outcome, crate::access::Outcome::Denied(expected));
        let (served, received) = (counted(&world.journal()), counted(&notes));
        assert_eq!((served.volume, served.root), (received.volume, received.root));
        assert_eq!(served.volume.rows, 500, "all had left, and cannot be read");
    }
    // Another folder took over: nothing is told, and no key leaves.
    let mut world = World::new();
    world.then = Some((last, |w| w.standing.serving.as_mut().unwrap().turn.epoch = 2));
    let call = world.sign(world.ask(1000));
    let ended = world.answer(&call, &mut rows(500));
    assert!(matches!(ended, Err(Error::NotServer { .. })), "{ended:?}");
    assert!(matches!(receive(&call, &world.wire).2, Ok(None)));
}

#[test]
fn what_one_answer_may_still_take_no_other_call_gets() {
    let mut world = World::new();
    world.grant().limit.rows = 1000;
    let calls = [800, 800, 200, 0].map(|rows| world.sign(world.ask(rows)));
    let Decision::Allowed(first) = world.admit(&calls[0]) else { panic!("denied") };
    assert_eq!(world.refused(&calls[1]), DenialReason::Volume);
    let Decision::Allowed(second) = world.admit(&calls[2]) else { panic!("200 are left") };
    drop(first);
    // Of a call for all it is known only later how many they are.
    let keep = |admitted: &mut Admitted, rows| {
        let World { guard, offer, standing, now, .. } = &world;
        match keep(guard, admitted, rows, offer, standing, *now).unwrap() {
            Decision::Allowed(()) => None,
            Decision::Denied(denied) => Some(denied.reason),
        }
    };
    let Decision::Allowed(mut all) = world.admit(&calls[3]) else { panic!("800 are left") };
    assert_eq!(all.left().rows, 800);
    assert_eq!(keep(&mut all, 801), Some(DenialReason::Volume));
    drop(all);
    let again = world.sign(world.ask(0));
    let Decision::Allowed(mut all) = world.admit(&again) else { panic!("800 are left") };
    assert_eq!(keep(&mut all, 800), None);
    let one = world.sign(world.ask(1));
    assert_eq!(world.refused(&one), DenialReason::Volume, "all of them are kept");
    drop(second);
    let one = world.sign(world.ask(1));
    assert!(matches!(world.admit(&one), Decision::Allowed(_)));
    assert_eq!(counted(&world.journal()).volume, Volume::default(), "nothing was used up");
    drop(all);
    // What left is counted once, not beside what was kept for it.
    let some = world.sign(world.ask(600));
    assert_eq!(world.answer(&some, &mut rows(600)), Ok(Delivered::Whole { rows: 600 }));
    let rest = world.sign(world.ask(400));
    assert_eq!(world.answer(&rest, &mut rows(400)), Ok(Delivered::Whole { rows: 400 }));
}

#[test]
fn what_the_journal_before_may_have_answered_is_not_answered_again() {
    let mut world = World::new();
    let call = world.sign(world.ask(10));
    world.now = world.now.plus_millis(60_000);
    world.standing.head.time = world.now;
    // This journal took over meanwhile: which calls were answered by then, it does not know.
    world.standing.serving = Some(serving(world.now));
    assert_eq!(world.refused(&call), DenialReason::Replayed);
    let call = world.sign(world.ask(10));
    assert_eq!(world.answer(&call, &mut rows(3)), Ok(Delivered::Whole { rows: 3 }));
    // Started again it knows its own calls.
    let call = world.sign(world.ask(10));
    let turn = yinxin_record::Turn { epoch: 2, ..TURN };
    world.guard.lock().unwrap().begin(turn, Digest::ZERO).unwrap();
    world.offer.turn = turn;
    world.now = world.now.plus_millis(60_000);
    world.standing.head.time = world.now;
    let mut state = serving(world.now);
    state.turn = turn;
    world.standing.serving = Some(state);
    assert_eq!(world.answer(&call, &mut rows(3)), Ok(Delivered::Whole { rows: 3 }));
}
