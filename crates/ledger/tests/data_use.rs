//! Shared data: delivery, access and provenance, rules 80 to 88; what they allow and each way to misuse them.

#![allow(clippy::unwrap_used, reason = "a helper that fails has failed its test")]

#[path = "rig/share.rs"]
mod share;
#[path = "rig/world.rs"]
mod world;

use share::*;
use world::{World, anchor, code};
use yinxin_ledger::index_key::{self, Edge, Relation};
use yinxin_record::{
    AccessState, Act, CallReference, Change, DataAct, Decision, Deliver, DeliveredContent,
    DeliveryState, DeliveryStatus, Denial, DenialReason, DenyAccess, DeriveMethod, Duty,
    EmergencySuspend, EndGrant, Erase, ErasureState, GrantedData, MemberAct, NegativeList, Node,
    Origin, PowersChange, ProvenanceState, PublishResource, Recognise, Reconcile,
    ReconciliationState, ReconciliationStatus, RecordReference, RequestData, ResourceState,
    ResourceVersion, Responsibility, ServingState, SharingClass, Source, Subjects, WindowReference,
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
fn something_is_derived_from_what_is_known_and_ones_own() {
    let mut world = World::sharing();
    let grant = world.granted(RECEIVER);
    world.data(OWNER, DataAct::Deliver(world.delivery(&[(grant, RECEIVER)], "e"))).unwrap();
    let content = |server, content| {
        let content = Some(DeliveredContent { server, content });
        Source::Grant(GrantedData { grant, fields: fields(&[0]), content })
    };
    let version =
        |version| Source::Resource(ResourceVersion { resource: resource_code(1), version });
    let foreign = RecordReference { chain_id: digest("elsewhere"), record: digest("r") };
    for (n, sources, reason) in [
        (AUTHORITY, vec![Source::Document(digest("a"))], "POWER_MISSING"),
        (RECEIVER, vec![version(1)], "SOURCE_UNKNOWN"),
        (OWNER, vec![version(2)], "SOURCE_UNKNOWN"),
        (RECEIVER, vec![Source::Document(digest("a"))], "SOURCE_UNKNOWN"),
        (RECEIVER, vec![Source::Own(digest("content"))], "SOURCE_UNKNOWN"),
        (RECEIVER, vec![from_grant(grant, &[2])], "WRONG_FIELDS"),
        (OTHER, vec![from_grant(grant, &[0])], "NOT_AUTHORITY"),
        (RECEIVER, vec![content(code(SERVER), digest("content"))], "SOURCE_UNKNOWN"),
        (RECEIVER, vec![content(code(OWNER), digest("?"))], "SOURCE_UNKNOWN"),
    ] {
        let act = DataAct::Derive(derive("t", sources.clone()));
        assert_eq!(world.refused(n, act), reason, "{n} {sources:?}");
    }
    let mut wrong = derive("t", vec![from_grant(grant, &[0])]);
    wrong.purpose = text("tax");
    assert_eq!(world.refused(RECEIVER, DataAct::Derive(wrong)), "WRONG_PURPOSE");
    let good = vec![content(code(OWNER), digest("content")), Source::Record(foreign)];
    let outcome = world.data(RECEIVER, DataAct::Derive(derive("t", good))).unwrap();
    let again = derive("t", vec![from_grant(grant, &[0])]);
    assert_eq!(world.refused(RECEIVER, DataAct::Derive(again)), "TARGET_KNOWN");
    let state: ProvenanceState =
        world.load(&state_key::provenance(&code(RECEIVER), &digest("t"))).unwrap();
    assert_eq!((state.origin, state.sources.len()), (Origin::Derived, 2));
    // Every edge is found from either end.
    let target = Node::Content(digest("t"));
    let ends = |prefix: Vec<u8>| -> Vec<Edge> {
        let under = outcome.index.iter().filter(|(key, _)| key.starts_with(&prefix));
        under.map(|(_, value)| Edge::from_bytes(value).unwrap()).collect()
    };
    let back = ends(index_key::backward(&target));
    assert_eq!(back.len(), 3, "the grant, its content, and the record elsewhere");
    for edge in back {
        assert_eq!(edge.relation, Relation::Derived(DeriveMethod::Masked));
        let forth = ends(index_key::forward(&edge.node));
        assert!(forth.iter().any(|e| e.node == target && e.record == edge.record));
    }
    world.data(OWNER, DataAct::Derive(derive("m", vec![version(1)]))).unwrap();
    world.data(SERVER, DataAct::Derive(derive("m", vec![version(1)]))).unwrap();
}

/// A receiver names what it was given, by the grant under which it was given.
#[test]
fn content_is_a_source_only_under_the_grant_that_it_was_delivered_to() {
    let mut world = World::sharing();
    world.data(OWNER, DataAct::Publish(publication(2, 1))).unwrap();
    let (insurance, given) = (world.granted(RECEIVER), world.granted(OTHER));
    let asked = RequestData { resource: resource_code(2), ..world.asked() };
    let tax = world.request(RECEIVER, asked).unwrap();
    let decision = Decision::Grant(world.terms(&tax));
    world.decide(OWNER, tax, decision, CLERK).unwrap();
    let mut delivery = world.delivery(&[(tax, RECEIVER)], "tax");
    (delivery.resource, delivery.content) = (resource_code(2), digest("tax content"));
    world.data(OWNER, DataAct::Deliver(delivery)).unwrap();
    let first = world.delivery(&[(given, OTHER)], "first");
    world.data(SERVER, DataAct::Deliver(first.clone())).unwrap();
    let version = ResourceVersion { resource: resource_code(1), version: 1 };
    let made = derive("made, never delivered", vec![Source::Resource(version)]);
    world.data(OWNER, DataAct::Derive(made)).unwrap();
    let source = |grant, server, content| {
        let content = Some(DeliveredContent { server: code(server), content: digest(content) });
        Source::Grant(GrantedData { grant, fields: fields(&[0]), content })
    };
    let from = |target, source| DataAct::Derive(derive(target, vec![source]));
    for (grant, server, content, why) in [
        (insurance, OWNER, "tax content", "delivered under another grant, of another resource"),
        (insurance, SERVER, "content", "delivered to somebody else"),
        (insurance, OWNER, "made, never delivered", "nobody was given it"),
        (tax, SERVER, "tax content", "delivered by another server"),
    ] {
        let act = from("t", source(grant, server, content));
        assert_eq!(world.refused(RECEIVER, act), "SOURCE_UNKNOWN", "{why}");
    }
    let both = [source(insurance, OWNER, "tax content"), source(tax, OWNER, "tax content")];
    let both = DataAct::Derive(derive("t", both.to_vec()));
    assert_eq!(
        world.refused(RECEIVER, both),
        "SOURCE_UNKNOWN",
        "one grant does not speak for another"
    );
    world.data(RECEIVER, from("from tax", source(tax, OWNER, "tax content"))).unwrap();
    // Who is added to an envelope is given its content then, and who is taken out of the next one was given it.
    let mut added = world.delivery(&[(insurance, RECEIVER)], "added");
    added.replaces = Some(first.envelope);
    world.data(SERVER, DataAct::Deliver(added)).unwrap();
    world.data(RECEIVER, from("t", source(insurance, SERVER, "content"))).unwrap();
    world.data(OTHER, from("t", source(given, SERVER, "content"))).unwrap();
}

#[test]
fn what_one_organisation_says_has_no_circle() {
    let mut world = World::with_powers(&[33, 1, 1]);
    world.act(1, anchor("a")).unwrap();
    world.act(1, anchor("b")).unwrap();
    let from = |target, source| DataAct::Derive(derive(target, vec![source]));
    world.data(1, from("b", Source::Document(digest("a")))).unwrap();
    assert_eq!(world.refused(1, from("a", Source::Own(digest("b")))), "TARGET_KNOWN");
    assert_eq!(world.refused(1, from("a", Source::Document(digest("b")))), "TARGET_KNOWN");
    assert_eq!(world.refused(1, from("b", Source::Own(digest("a")))), "TARGET_KNOWN");
    world.data(1, from("c", Source::Own(digest("b")))).unwrap();
}

/// Nor has what it was given: the content of a delivery is a source like any other.
#[test]
fn content_that_was_a_source_is_no_target() {
    let mut world = World::sharing();
    let grant = world.granted(RECEIVER);
    world.data(OWNER, DataAct::Deliver(world.delivery(&[(grant, RECEIVER)], "e"))).unwrap();
    let delivered = DeliveredContent { server: code(OWNER), content: digest("content") };
    let given =
        Source::Grant(GrantedData { grant, fields: fields(&[0]), content: Some(delivered) });
    let from = |target, source| DataAct::Derive(derive(target, vec![source]));
    assert_eq!(world.refused(RECEIVER, from("content", given.clone())), "TARGET_KNOWN");
    world.data(RECEIVER, from("t", given)).unwrap();
    let back = from("content", Source::Own(digest("t")));
    assert_eq!(world.refused(RECEIVER, back), "TARGET_KNOWN");
    world.data(RECEIVER, from("u", Source::Own(digest("t")))).unwrap();
    let erase = Erase { digest: digest("content"), grant: None, reason: 1, minutes: None };
    let alone = DataAct::Erase(erase.clone());
    assert_eq!(world.refused(RECEIVER, alone), "SOURCE_UNKNOWN", "had under its grant only");
    world.data(RECEIVER, DataAct::Erase(Erase { grant: Some(grant), ..erase })).unwrap();
}

#[test]
fn a_call_is_recognised_under_a_grant_of_ones_own() {
    let mut world = World::sharing();
    let (theirs, own) = (world.granted(RECEIVER), world.granted(OTHER));
    let minute = world.minute();
    world.later(3 * 60_000);
    world.data(SERVER, DataAct::Access(world.window(theirs, minute + 1))).unwrap();
    let recognise = |grant, minute, numbers: &[u8]| {
        let of = CallReference::Window(WindowReference { grant: theirs, minute });
        let (call, fields, purpose) = (digest("call"), fields(numbers), credit());
        DataAct::Recognise(Recognise { grant, of, call, fields, purpose })
    };
    assert_eq!(world.refused(RECEIVER, recognise(own, minute + 1, &[0])), "NOT_AUTHORITY");
    assert_eq!(world.refused(OTHER, recognise(digest("?"), minute + 1, &[0])), "ILLEGAL_MOVE");
    assert_eq!(world.refused(OTHER, recognise(own, minute + 2, &[0])), "SOURCE_UNKNOWN");
    assert_eq!(world.refused(OTHER, recognise(own, minute + 1, &[2])), "WRONG_FIELDS");
    world.data(OTHER, recognise(own, minute + 1, &[0])).unwrap();
    world.data(OWNER, DataAct::Revoke(EndGrant { grant: own, reason: 1 })).unwrap();
    assert_eq!(world.refused(OTHER, recognise(own, minute + 1, &[0])), "ILLEGAL_MOVE");
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

#[test]
fn entries_are_found_from_every_end_as_of_any_height() {
    let mut world = World::sharing();
    let mut pseudonyms = vec![digest("p1"), digest("p2")];
    pseudonyms.sort();
    let subjects = Subjects { pseudonyms, scope: None };
    let asked = RequestData { subjects, ..world.asked() };
    let height = world.height;
    let outcome = world.data(RECEIVER, DataAct::Request(asked)).unwrap();
    let id = outcome.results[0].id;
    for prefix in [
        index_key::resource(&resource_code(1)),
        index_key::request(&id),
        index_key::provider(&code(OWNER)),
        index_key::consumer(&code(RECEIVER)),
        index_key::organisation(&code(RECEIVER)),
        index_key::subject(&digest("p1")),
        index_key::subject(&digest("p2")),
    ] {
        let under: Vec<_> = outcome.index.iter().filter(|(k, _)| k.starts_with(&prefix)).collect();
        assert_eq!(under.len(), 1, "{}", String::from_utf8_lossy(&prefix));
        let (key, value) = under[0];
        assert_eq!(index_key::place(&prefix, key), Some((height, 0)));
        assert_eq!(value.as_slice(), id.as_bytes());
        assert!(*key < index_key::after(&prefix, height));
        assert!(*key >= index_key::after(&prefix, height - 1));
    }
    let decision = Decision::Grant(world.terms(&id));
    let outcome = world.decide(OWNER, id, decision, CLERK).unwrap();
    let version = ResourceVersion { resource: resource_code(1), version: 1 };
    let prefix = index_key::forward(&Node::Resource(version));
    let (key, value) = outcome.index.iter().find(|(k, _)| k.starts_with(&prefix)).unwrap();
    assert_eq!(index_key::place(&prefix, key), Some((height + 1, 0)));
    let edge = Edge::from_bytes(value).unwrap();
    assert_eq!((edge.relation, edge.node), (Relation::Granted, Node::Grant(id)));
    let keys: std::collections::BTreeSet<_> = outcome.index.iter().map(|(k, _)| k).collect();
    assert_eq!(keys.len(), outcome.index.len(), "each key once");
}
