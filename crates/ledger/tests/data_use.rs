//! Shared data: delivery and access, what they allow and each way to misuse them (rules 80 to 85, 88). Where data came from is in
//! `data_provenance.rs`.

#![allow(clippy::unwrap_used, reason = "a helper that fails has failed its test")]

#[path = "rig/share.rs"]
mod share;
#[path = "rig/world.rs"]
mod world;

use share::*;
use world::{World, code};
use yinxin_ledger::index_key::{self, Edge, Relation};
use yinxin_record::{
    AccessState, Act, Change, DataAct, Decision, Deliver, DeliveryState, DeliveryStatus, Denial,
    DenialReason, DenyAccess, Duty, EmergencySuspend, EndGrant, Erase, ErasureState, MemberAct,
    NegativeList, PowersChange, ProvenanceState, PublishResource, Reconcile, ReconciliationState,
    ReconciliationStatus, RequestData, ResourceState, Responsibility, ServingState, SharingClass,
    Windows, state_key,
};

#[test]
fn each_delivery_that_goes_beyond_its_grant_is_refused() {
    let mut world = World::sharing();
    let grant = world.granted(RECEIVER);
    let good = world.delivery(&[(grant, RECEIVER)], "a");
    let deliver = DataAct::Deliver;
    assert_eq!(world.refused(RECEIVER, deliver(good.clone())), "POWER_MISSING");
    assert_eq!(world.refused(OTHER, deliver(good.clone())), "NOT_AUTHORITY");
    let mut wider = good.clone();
    wider.fields = fields(&[0, 1, 2]);
    assert_eq!(world.refused(OWNER, deliver(wider)), "WRONG_FIELDS");
    let mut otherwise = good.clone();
    otherwise.purpose = text("tax");
    assert_eq!(world.refused(OWNER, deliver(otherwise)), "WRONG_PURPOSE");
    let mut big = good.clone();
    big.volume.rows = 101;
    assert_eq!(world.refused(OWNER, deliver(big)), "OVER_VOLUME");
    let misdirected = world.delivery(&[(grant, OTHER)], "a");
    assert_eq!(world.refused(OWNER, deliver(misdirected)), "RECIPIENT_OTHER");
    let nothing = world.delivery(&[(digest("no grant"), RECEIVER)], "a");
    assert_eq!(world.refused(OWNER, deliver(nothing)), "ILLEGAL_MOVE");
    world.data(OWNER, DataAct::Publish(publication(2, 1))).unwrap();
    let mut foreign = good.clone();
    foreign.resource = resource_code(2);
    assert_eq!(world.refused(OWNER, deliver(foreign)), "GRANT_UNKNOWN");
    world.data(SERVER, deliver(good.clone())).unwrap();
    assert_eq!(world.grant_state(&grant).used, volume(1, 20, 2000));
    assert_eq!(world.refused(SERVER, deliver(good.clone())), "ILLEGAL_MOVE", "replayed");
    world.later(91 * DAY_MS);
    let late = world.delivery(&[(grant, RECEIVER)], "b");
    assert_eq!(world.refused(OWNER, deliver(late)), "GRANT_EXPIRED");
}

#[test]
fn the_same_content_wrapped_anew_counts_once_for_each_grant() {
    let mut world = World::sharing();
    let (first, second) = (world.granted(RECEIVER), world.granted(OTHER));
    let old = world.delivery(&[(first, RECEIVER)], "a");
    world.data(OWNER, DataAct::Deliver(old.clone())).unwrap();
    let mut new = world.delivery(&[(first, RECEIVER), (second, OTHER)], "b");
    new.replaces = Some(old.envelope);
    let mut other = new.clone();
    other.content = digest("something else");
    assert_eq!(world.refused(OWNER, DataAct::Deliver(other)), "CONTENT_OTHER");
    assert_eq!(world.refused(SERVER, DataAct::Deliver(new.clone())), "ILLEGAL_MOVE");
    let outcome = world.data(OWNER, DataAct::Deliver(new.clone())).unwrap();
    assert_eq!(world.grant_state(&first).used.rows, 20);
    assert_eq!(world.grant_state(&second).used.rows, 20);
    let state: DeliveryState =
        world.load(&state_key::delivery(&code(OWNER), &old.envelope)).unwrap();
    assert_eq!((state.status, state.replaced_by), (DeliveryStatus::Rewrapped, Some(new.envelope)));
    let mut third = world.delivery(&[(first, RECEIVER)], "c");
    third.replaces = Some(old.envelope);
    assert_eq!(world.refused(OWNER, DataAct::Deliver(third)), "ILLEGAL_MOVE");
    let mut without = world.delivery(&[(second, OTHER)], "d");
    without.replaces = Some(new.envelope);
    world.data(OWNER, DataAct::Deliver(without.clone())).unwrap();
    let mut again = world.delivery(&[(first, RECEIVER), (second, OTHER)], "e");
    again.replaces = Some(without.envelope);
    let fewer = Deliver { fields: fields(&[0]), ..again.clone() };
    assert_eq!(world.refused(OWNER, DataAct::Deliver(fewer)), "WRONG_FIELDS", "it has both");
    let otherwise = Deliver { purpose: text("tax"), ..again.clone() };
    assert_eq!(world.refused(OWNER, DataAct::Deliver(otherwise)), "WRONG_PURPOSE");
    world.data(OWNER, DataAct::Deliver(again)).unwrap();
    assert_eq!(world.grant_state(&first).used.rows, 20, "it went, and came again");
    assert_eq!(world.grant_state(&second).used.rows, 20);
    world.data(OWNER, DataAct::Deliver(world.delivery(&[(first, RECEIVER)], "f"))).unwrap();
    assert_eq!(world.grant_state(&first).used.rows, 40, "another delivery, not wrapped anew");
    let rewrapped = outcome.index.iter().filter_map(|(_, v)| Edge::from_bytes(v));
    assert!(rewrapped.into_iter().any(|e| e.relation == Relation::Rewrapped));
}

#[test]
fn a_receiver_who_is_suspended_gets_nothing() {
    let mut world = World::sharing();
    let grant = world.granted(RECEIVER);
    for n in [OWNER, SERVER] {
        let vote = EmergencySuspend { organisation: code(RECEIVER), reason: 1 };
        world.act(n, Act::Member(MemberAct::Suspend(vote))).unwrap();
    }
    let delivery = world.delivery(&[(grant, RECEIVER)], "a");
    assert_eq!(world.refused(OWNER, DataAct::Deliver(delivery)), "ORGANISATION_SUSPENDED");
    let asked = world.asked();
    assert_eq!(world.refused(RECEIVER, DataAct::Request(asked)), "ORGANISATION_SUSPENDED");
}

#[test]
fn a_window_is_written_once_by_who_serves_for_a_minute_that_is_over() {
    let mut world = World::sharing();
    let grant = world.granted(RECEIVER);
    let minute = world.minute();
    world.later(5 * 60_000);
    let good = world.window(grant, minute + 2);
    let access = DataAct::Access;
    assert_eq!(world.refused(RECEIVER, access(good.clone())), "TURN_UNKNOWN");
    assert_eq!(world.refused(OTHER, access(good.clone())), "TURN_UNKNOWN");
    let now = world.minute();
    let running = world.window(grant, now);
    assert_eq!(world.refused(SERVER, access(running)), "MINUTE_RANGE", "not over");
    let future = world.window(grant, now + 10);
    assert_eq!(world.refused(SERVER, access(future)), "MINUTE_RANGE");
    let before = world.window(grant, minute - 1);
    assert_eq!(world.refused(SERVER, access(before)), "GRANT_NOT_YET");
    let first = world.window(grant, minute);
    assert_eq!(world.refused(SERVER, access(first)), "", "granted within that minute");
    let mut wrong = good.clone();
    wrong.purpose = text("tax");
    assert_eq!(world.refused(SERVER, access(wrong)), "WRONG_PURPOSE");
    let mut wide = good.clone();
    wide.fields = fields(&[0, 2]);
    assert_eq!(world.refused(SERVER, access(wide)), "WRONG_FIELDS");
    let unknown = world.window(digest("?"), minute + 2);
    assert_eq!(world.refused(SERVER, access(unknown)), "ILLEGAL_MOVE");
    world.data(SERVER, access(good.clone())).unwrap();
    assert_eq!(world.refused(SERVER, access(good.clone())), "WINDOW_TWICE");
    let state: AccessState = world.load(&state_key::access(&grant, minute + 2)).unwrap();
    assert_eq!((&state.server, state.served), (&code(SERVER), volume(1, 1, 10)));
    // The second that was told: before it one, with it what both served.
    let one = Windows { count: 1, served: volume(1, 1, 10), denied: 0, last: minute };
    let two = Windows { count: 2, served: volume(2, 2, 20), denied: 0, last: minute + 2 };
    assert_eq!((state.before, state.windows(minute + 2)), (one, two));
    assert_eq!(world.grant_state(&grant).windows, two);
    let mut late = world.window(grant, minute + 3);
    late.served.rows = 98;
    assert_eq!(world.refused(SERVER, access(late.clone())), "", "the last 98 of a hundred");
    assert!(!world.grant_state(&grant).is_exceeded());
    late.minute += 1;
    late.served.rows = 1;
    assert_eq!(
        world.refused(SERVER, access(late)),
        "",
        "what is beyond the volume most needs telling"
    );
    let told = world.grant_state(&grant);
    assert!(told.is_exceeded() && told.used.rows == 101, "{:?}", told.used);
    let mut more = world.delivery(&[(grant, RECEIVER)], "more");
    more.volume.rows = 0;
    assert_eq!(
        world.refused(OWNER, DataAct::Deliver(more)),
        "OVER_VOLUME",
        "nothing more is given"
    );
    world.later(15 * DAY_MS);
    let old = world.window(grant, minute + 1);
    assert_eq!(world.refused(SERVER, access(old)), "MINUTE_RANGE", "too late");
}

/// Another server named, or the power gone: what was served is told by who served it, and by nobody else.
#[test]
fn a_minute_is_told_by_who_served_it_whoever_serves_now() {
    let deny = |turn, minute| {
        DataAct::Deny(DenyAccess {
            resource: resource_code(1),
            minute,
            turn,
            lines: 0,
            grant: None,
            organisation: None,
            denials: vec![Denial { reason: DenialReason::NoGrant, count: 1 }],
            root: digest("denied"),
        })
    };
    // At the tenth second the old one's last minute is this one; at the thirtieth the next one too.
    for (second, last) in [(10, 0), (30, 1)] {
        let mut world = World::sharing();
        let grant = world.granted(RECEIVER);
        let change = world.minute() + 3;
        world.time = minute_time(change).plus_millis(second * 1000);
        world.data(OWNER, DataAct::Publish(served_by(2, &[OTHER]))).unwrap();
        world.data(OTHER, open(1, 1)).unwrap();
        let first = change + last + 1;
        assert_eq!(serving(&world, OTHER).since, minute_time(first).plus_millis(15_000));
        assert!(serving(&world, SERVER).until.is_some());
        world.later(5 * 60_000);
        for (n, minute, outcome, why) in [
            (SERVER, first, "TURN_UNKNOWN", "served no more"),
            (OTHER, change + last, "TURN_UNKNOWN", "did not serve yet"),
            (OTHER, change, "TURN_UNKNOWN", "the minute of the change"),
            (OTHER, change - 1, "TURN_UNKNOWN", "did not serve at all"),
            (OWNER, change, "TURN_UNKNOWN", "named another"),
            (RECEIVER, change, "TURN_UNKNOWN", "never served"),
            (SERVER, change - 1, "", "served it"),
            (SERVER, change, "", "served it"),
            (SERVER, change + last, if last == 0 { "WINDOW_TWICE" } else { "" }, "knew no better"),
            (OTHER, first, "", "serves"),
        ] {
            let access = DataAct::Access(world.window(grant, minute));
            assert_eq!(world.refused(n, access), outcome, "{n} {why}");
            let outcome = if outcome == "WINDOW_TWICE" { "" } else { outcome };
            assert_eq!(world.refused(n, deny(turn(1, 1), minute)), outcome, "{n} {why}");
        }
        let delivery = DataAct::Deliver(world.delivery(&[(grant, RECEIVER)], "a"));
        assert_eq!(world.refused(SERVER, delivery), "NOT_AUTHORITY", "it tells, and gives nothing");
        let powers = yinxin_record::Powers::default();
        let taken = Change::SetPowers(PowersChange { code: code(SERVER), powers });
        let id = world.propose(RECEIVER, taken, 8).unwrap();
        for n in [OWNER, AUTHORITY, OTHER] {
            let approve = yinxin_record::Approve { proposal: id };
            world.act(n, Act::Member(MemberAct::Approve(approve))).unwrap();
        }
        (0..8).for_each(|_| drop(world.idle()));
        let access = DataAct::Access(world.window(grant, change - 2));
        assert_eq!(world.refused(SERVER, access), "", "telling needs no power");
    }
}

/// Of several that are named one answers, and who is named again opens a turn as if for the first time.
#[test]
fn one_organisation_answers_and_named_again_it_begins_anew() {
    let mut world = World::sharing();
    let grant = world.granted(RECEIVER);
    world.later(3 * 60_000);
    let since = serving(&world, SERVER).since;
    world.data(OWNER, DataAct::Publish(served_by(2, &[SERVER, OTHER]))).unwrap();
    for n in [OWNER, OTHER] {
        assert_eq!(world.refused(n, open(1, 1)), "NOT_AUTHORITY", "{n}: another answers");
    }
    assert_eq!((serving(&world, SERVER).since, serving(&world, SERVER).until), (since, None));
    let of = |w: &World| w.load::<ResourceState>(&state_key::resource(&resource_code(1))).unwrap();
    assert!(of(&world).serves_from <= since, "nothing has changed");
    let others = world.minute() + 2;
    world.data(OWNER, DataAct::Publish(served_by(3, &[OTHER]))).unwrap();
    world.data(OTHER, open(1, 1)).unwrap();
    world.later(5 * 60_000);
    let back = world.time;
    world.data(OWNER, DataAct::Publish(served_by(4, &[SERVER]))).unwrap();
    let from = of(&world).serves_from;
    assert!(from > back.plus_millis(50_000), "{from}");
    let old = world.window(grant, world.minute() + 2);
    world.later(5 * 60_000);
    assert_eq!(world.refused(SERVER, DataAct::Access(old)), "TURN_UNKNOWN", "a turn that is over");
    world.data(SERVER, open(1, 2)).unwrap();
    assert!(serving(&world, SERVER).since > from);
    let mut between = world.window(grant, others);
    for epoch in [1, 2] {
        between.turn = turn(1, epoch);
        let act = DataAct::Access(between.clone());
        assert_eq!(world.refused(SERVER, act), "TURN_UNKNOWN", "it did not serve in between");
    }
    assert_eq!(world.refused(OTHER, DataAct::Access(world.window(grant, others))), "");
    // Named and replaced before it answers, it keeps nobody waiting longer.
    world.later(5 * 60_000);
    world.data(OWNER, DataAct::Publish(served_by(5, &[]))).unwrap();
    let from = of(&world).serves_from;
    world.data(OWNER, DataAct::Publish(served_by(6, &[OTHER]))).unwrap();
    assert_eq!(of(&world).serves_from, from);
    world.data(OTHER, open(1, 2)).unwrap();
    assert_eq!(serving(&world, OTHER).since, from);
}

fn serving(world: &World, n: u8) -> ServingState {
    world.load(&state_key::serving(&resource_code(1), &code(n))).unwrap()
}

/// A version that names these as servers.
fn served_by(version: u32, servers: &[u8]) -> PublishResource {
    let serve = |n: &u8| Responsibility { duty: Duty::Serve, organisation: code(*n) };
    PublishResource {
        responsibilities: servers.iter().map(serve).collect(),
        ..publication(1, version)
    }
}

#[test]
fn what_ended_gives_nothing_more_and_what_came_before_is_still_told() {
    let revoke = |w: &mut World, grant| {
        let act = DataAct::Revoke(EndGrant { grant, reason: 5 });
        assert_eq!(w.refused(OTHER, act.clone()), "NOT_AUTHORITY");
        assert_eq!(w.refused(RECEIVER, act.clone()), "NOT_AUTHORITY");
        w.data(OWNER, act.clone()).unwrap();
        assert_eq!(w.refused(OWNER, act), "ILLEGAL_MOVE");
    };
    let close = |w: &mut World, grant| {
        let act = DataAct::Close(EndGrant { grant, reason: 5 });
        assert_eq!(w.refused(OWNER, act.clone()), "NOT_AUTHORITY");
        w.data(RECEIVER, act).unwrap();
    };
    let expire = |w: &mut World, _| w.later(90 * DAY_MS);
    let forbid = |w: &mut World, _| {
        let organisations = vec![code(RECEIVER)];
        let negative = NegativeList { organisations, ..publication(1, 2).negative };
        let act = PublishResource { negative, ..publication(1, 2) };
        w.data(OWNER, DataAct::Publish(act)).unwrap();
    };
    let hide = |w: &mut World, _| {
        let act = PublishResource { class: SharingClass::Never, ..publication(1, 2) };
        w.data(OWNER, DataAct::Publish(act)).unwrap();
    };
    type End = fn(&mut World, yinxin_gm::Digest);
    let ends: [(End, &str, &str); 5] = [
        (revoke, "GRANT_REVOKED", "ILLEGAL_MOVE"),
        (close, "GRANT_REVOKED", "ILLEGAL_MOVE"),
        (expire, "GRANT_EXPIRED", "GRANT_EXPIRED"),
        (forbid, "NEGATIVE_LIST", "NEGATIVE_LIST"),
        (hide, "NEGATIVE_LIST", "NEGATIVE_LIST"),
    ];
    for (end, refused, use_refused) in ends {
        let mut world = World::sharing();
        let grant = world.granted(RECEIVER);
        world.later(2 * 60_000);
        end(&mut world, grant);
        let ended = world.minute();
        world.later(3 * 60_000);
        let expiry = u64::try_from(world.grant_state(&grant).until.as_millis() / 60_000).unwrap();
        let before = world.window(grant, ended.min(expiry) - 1);
        let after = world.window(grant, ended + 2);
        assert_eq!(world.refused(SERVER, DataAct::Access(after)), refused);
        assert_eq!(world.refused(SERVER, DataAct::Access(before)), "", "{refused}: it happened");
        let delivery = world.delivery(&[(grant, RECEIVER)], "late");
        assert_eq!(world.refused(OWNER, DataAct::Deliver(delivery)), use_refused);
        let derived = derive("t", vec![from_grant(grant, &[0])]);
        assert_eq!(world.refused(RECEIVER, DataAct::Derive(derived)), use_refused);
        let denial = DenyAccess {
            resource: resource_code(1),
            minute: ended + 1,
            turn: turn(1, 1),
            lines: 0,
            grant: Some(grant),
            organisation: Some(code(RECEIVER)),
            denials: vec![Denial { reason: DenialReason::Revoked, count: 3 }],
            root: digest("denied"),
        };
        world.data(SERVER, DataAct::Deny(denial)).unwrap();
        assert_eq!(world.grant_state(&grant).denied, 3, "what is denied is recorded, dead or not");
    }
}

/// What is shared no more ends its grants for good: shared again, it is asked for again.
#[test]
fn a_resource_that_is_shared_again_revives_no_grant() {
    let mut world = World::sharing();
    let grant = world.granted(RECEIVER);
    world.later(2 * 60_000);
    let before = world.minute();
    let publish = |w: &mut World, version, class| {
        w.later(3 * 60_000);
        let act = PublishResource { class, ..publication(1, version) };
        w.data(OWNER, DataAct::Publish(act)).unwrap();
        w.minute()
    };
    let closed = publish(&mut world, 2, SharingClass::Never);
    publish(&mut world, 3, SharingClass::Never);
    let opened = publish(&mut world, 4, SharingClass::Conditional);
    world.later(3 * 60_000);
    let delivery = DataAct::Deliver(world.delivery(&[(grant, RECEIVER)], "a"));
    assert_eq!(world.refused(OWNER, delivery), "NEGATIVE_LIST");
    for (minute, outcome) in
        [(opened + 1, "NEGATIVE_LIST"), (closed + 2, "NEGATIVE_LIST"), (before, "")]
    {
        let window = DataAct::Access(world.window(grant, minute));
        assert_eq!(world.refused(SERVER, window), outcome, "{minute}");
    }
    let asked = RequestData { version: 4, ..world.asked() };
    let anew = world.request(RECEIVER, asked).unwrap();
    let decision = Decision::Grant(world.terms(&anew));
    world.decide(OWNER, anew, decision, CLERK).unwrap();
    world.data(OWNER, DataAct::Deliver(world.delivery(&[(anew, RECEIVER)], "b"))).unwrap();
}

/// A revocation at 11:59:55 is in no block that a server cut off at 11:59:50 has; it answers until its head is 35 s old, and
/// what it answered at 12:00:20 must not stay untold.
#[test]
fn calls_on_a_head_that_was_not_yet_old_are_told_of() {
    for (seconds_before, outcome) in [(5, ""), (34, ""), (36, "GRANT_REVOKED")] {
        let mut world = World::sharing();
        let grant = world.granted(RECEIVER);
        world.later(2 * 60_000);
        let next = world.minute() + 1;
        let revoked_at = minute_time(next).plus_millis(-seconds_before * 1000);
        world.time = revoked_at;
        world.data(OWNER, DataAct::Revoke(EndGrant { grant, reason: 5 })).unwrap();
        assert_eq!(world.grant_state(&grant).ended, Some(revoked_at));
        world.later(3 * 60_000);
        let window = DataAct::Access(world.window(grant, next));
        assert_eq!(world.refused(SERVER, window), outcome, "{seconds_before} s before the minute");
    }
}

#[test]
fn denials_are_recorded_by_who_serves_with_or_without_a_grant() {
    let mut world = World::sharing();
    world.later(10 * 60_000);
    let minute = world.minute() - 1;
    let good = DenyAccess {
        resource: resource_code(1),
        minute,
        turn: turn(1, 1),
        lines: 0,
        grant: None,
        organisation: None,
        denials: vec![Denial { reason: DenialReason::NoGrant, count: 1 }],
        root: digest("denied"),
    };
    assert_eq!(world.refused(OTHER, DataAct::Deny(good.clone())), "TURN_UNKNOWN");
    let running = DenyAccess { minute: minute + 2, ..good.clone() };
    assert_eq!(world.refused(SERVER, DataAct::Deny(running)), "MINUTE_RANGE");
    let outcome = world.data(SERVER, DataAct::Deny(good)).unwrap();
    let prefix = index_key::resource(&resource_code(1));
    assert!(outcome.index.iter().any(|(key, _)| key.starts_with(&prefix)));
}

#[test]
fn both_sides_count_until_they_agree() {
    let mut world = World::sharing();
    let grant = world.granted(RECEIVER);
    let from = world.minute();
    world.later(10 * 60_000);
    let until = world.minute();
    let count = |rows| {
        let counted = volume(1, rows, 10);
        DataAct::Reconcile(Reconcile { grant, from, until, counted, root: None })
    };
    let future = Reconcile { grant, from, until: until + 9, counted: volume(0, 0, 0), root: None };
    assert_eq!(world.refused(OWNER, DataAct::Reconcile(future)), "MINUTE_RANGE");
    assert_eq!(world.refused(OTHER, count(1)), "NOT_AUTHORITY");
    let stands = |w: &World| {
        let key = state_key::reconciliation(&grant, from, until);
        (w.load::<ReconciliationState>(&key).unwrap().status, w.grant_state(&grant).mismatches)
    };
    for (n, rows, status, mismatches) in [
        (RECEIVER, 5, ReconciliationStatus::Waiting, 0),
        (RECEIVER, 6, ReconciliationStatus::Waiting, 0),
        (SERVER, 7, ReconciliationStatus::Mismatched, 1),
        (OWNER, 8, ReconciliationStatus::Mismatched, 1),
        (RECEIVER, 8, ReconciliationStatus::Matched, 0),
    ] {
        world.data(n, count(rows)).unwrap();
        assert_eq!(stands(&world), (status, mismatches), "{n} {rows}");
    }
    assert_eq!(world.refused(RECEIVER, count(8)), "ILLEGAL_MOVE", "settled");
}

#[test]
fn content_is_erased_by_who_had_it_and_its_proofs_stay() {
    let mut world = World::sharing();
    let grant = world.granted(RECEIVER);
    world.data(OWNER, DataAct::Deliver(world.delivery(&[(grant, RECEIVER)], "e"))).unwrap();
    let erase = |what, grant| {
        DataAct::Erase(Erase { digest: digest(what), grant, reason: 1, minutes: None })
    };
    assert_eq!(world.refused(OTHER, erase("content", Some(grant))), "NOT_AUTHORITY");
    assert_eq!(world.refused(RECEIVER, erase("content", None)), "SOURCE_UNKNOWN");
    assert_eq!(world.refused(SERVER, erase("e", None)), "SOURCE_UNKNOWN");
    world.data(OWNER, DataAct::Revoke(EndGrant { grant, reason: 1 })).unwrap();
    world.data(RECEIVER, erase("content", Some(grant))).unwrap();
    world.data(OWNER, erase("e", None)).unwrap();
    assert_eq!(world.refused(OWNER, erase("e", None)), "ALREADY_ERASED");
    let key = state_key::erasure(&code(RECEIVER), &digest("content"));
    assert!(world.load::<ErasureState>(&key).is_some());
    let key = state_key::provenance(&code(OWNER), &digest("content"));
    assert!(world.load::<ProvenanceState>(&key).is_some());
}

#[test]
fn replayed_and_forged_records_are_refused() {
    let mut world = World::sharing();
    let grant = world.granted(RECEIVER);
    let record = world.record(OWNER, Act::Data(DataAct::Revoke(EndGrant { grant, reason: 1 })));
    let mut forged = record.clone();
    let last = forged.len() - 1;
    forged[last] ^= 1;
    assert_eq!(world.commit(&forged).unwrap_err().code(), "SIGNATURE");
    world.commit(&record).unwrap();
    assert_eq!(world.commit(&record).unwrap_err().code(), "ALREADY_COMMITTED");
}

#[test]
fn a_power_taken_away_stops_at_once() {
    let mut world = World::sharing();
    let grant = world.granted(RECEIVER);
    let powers = yinxin_record::Powers::default();
    let change = Change::SetPowers(PowersChange { code: code(OWNER), powers });
    let id = world.propose(RECEIVER, change, 8).unwrap();
    for n in [SERVER, AUTHORITY, OTHER] {
        let approve = yinxin_record::Approve { proposal: id };
        world.act(n, Act::Member(MemberAct::Approve(approve))).unwrap();
    }
    (0..8).for_each(|_| drop(world.idle()));
    let act = DataAct::Deliver(world.delivery(&[(grant, RECEIVER)], "a"));
    assert_eq!(world.refused(OWNER, act), "POWER_MISSING");
}
