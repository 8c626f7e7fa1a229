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
