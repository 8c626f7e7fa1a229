//! Shared data: rules 60 to 88, what they allow and each way to misuse them.

#![allow(clippy::unwrap_used, reason = "a helper that fails has failed its test")]

#[path = "rig/share.rs"]
mod share;
#[path = "rig/world.rs"]
mod world;

use share::*;
use world::{World, anchor, code, start};
use yinxin_ledger::index_key::{self, Edge, Relation};
use yinxin_record::{
    AccessState, Act, AnswerDemand, Appeal, CallReference, Change, Confirm, DataAct, Decision,
    DeliveredContent, DeliveryState, DeliveryStatus, Demand, DemandAnswer, DemandState,
    DemandStatus, Denial, DenialReason, DenyAccess, DeriveMethod, EmergencySuspend, EndGrant,
    Erase, ErasureState, Escalate, GrantStatus, GrantedData, Level, MemberAct, NegativeList, Node,
    Origin, Otherwise, PowersChange, ProvenanceState, PublishCalendar, PublishResource, Recognise,
    Reconcile, ReconciliationState, ReconciliationStatus, RecordReference, RequestData,
    RequestStatus, ResourceState, ResourceStatus, ResourceVersion, SharingClass, Source, Subjects,
    Terms, WindowReference, WithdrawRequest, WithdrawResource, state_key,
};

#[test]
fn a_resource_is_published_by_its_owner_in_rising_versions_that_keep_their_fields() {
    let mut world = World::sharing();
    let publish = |act: PublishResource| DataAct::Publish(act);
    assert_eq!(world.refused(SERVER, publish(publication(2, 1))), "NOT_AUTHORITY");
    assert_eq!(world.refused(RECEIVER, publish(publication(2, 1))), "POWER_MISSING");
    assert_eq!(world.refused(OWNER, publish(publication(1, 1))), "TYPE_VERSION");
    let mut moved = publication(1, 2);
    moved.fields.swap(0, 1);
    assert_eq!(world.refused(OWNER, publish(moved)), "FIELD_MOVED");
    let mut fewer = publication(1, 2);
    fewer.fields.pop();
    assert_eq!(world.refused(OWNER, publish(fewer)), "FIELD_MOVED");
    let before: ResourceState = world.load(&state_key::resource(&resource_code(1))).unwrap();
    let mut more = publication(1, 2);
    more.fields.push(field("new", Level::General1));
    world.data(OWNER, publish(more.clone())).unwrap();
    let after: ResourceState = world.load(&state_key::resource(&resource_code(1))).unwrap();
    assert_eq!((after.version, after.servers.clone()), (2, vec![code(SERVER)]));
    assert_eq!(after.listed_since, before.listed_since, "the negative list is as it was");
    assert!(after.since > before.since);
    let key = state_key::resource_version(&resource_code(1), 2);
    assert_eq!(world.load::<PublishResource>(&key), Some(more));
    assert!(
        world.load::<PublishResource>(&state_key::resource_version(&resource_code(1), 1)).is_some()
    );
}

#[test]
fn a_withdrawn_resource_is_asked_for_no_more_and_its_grants_end_as_its_owner_said() {
    for serves_on in [true, false] {
        let mut world = World::sharing();
        let grant = world.granted(RECEIVER);
        let grants_until = serves_on.then(|| world.time.plus_millis(DAY_MS));
        let act = WithdrawResource { resource: resource_code(1), reason: 3, grants_until };
        assert_eq!(world.refused(SERVER, DataAct::Withdraw(act.clone())), "NOT_AUTHORITY");
        let past = WithdrawResource { grants_until: Some(start()), ..act.clone() };
        assert_eq!(world.refused(OWNER, DataAct::Withdraw(past)), "TIME_RANGE");
        world.data(OWNER, DataAct::Withdraw(act.clone())).unwrap();
        assert_eq!(world.refused(OWNER, DataAct::Withdraw(act)), "ILLEGAL_MOVE");
        let again = DataAct::Publish(publication(1, 2));
        assert_eq!(world.refused(OWNER, again), "ILLEGAL_MOVE");
        let asked = world.asked();
        assert_eq!(world.refused(OTHER, DataAct::Request(asked)), "ILLEGAL_MOVE");
        let delivery = |w: &World, e| DataAct::Deliver(w.delivery(&[(grant, RECEIVER)], e));
        let first = delivery(&world, "a");
        let expected = if serves_on { "" } else { "RESOURCE_WITHDRAWN" };
        assert_eq!(world.refused(OWNER, first), expected);
        world.later(DAY_MS);
        let second = delivery(&world, "b");
        assert_eq!(world.refused(OWNER, second), "RESOURCE_WITHDRAWN");
        let state: ResourceState = world.load(&state_key::resource(&resource_code(1))).unwrap();
        assert_eq!((state.status, state.reason), (ResourceStatus::Withdrawn, 3));
    }
}

#[test]
fn a_demand_is_met_declined_or_withdrawn_by_whom_it_concerns() {
    let mut world = World::sharing();
    let raise = |of| {
        let (name, purpose) = (text("needs"), credit());
        DataAct::Demand(Demand { of, name, definition: digest("needs"), purpose })
    };
    assert_eq!(world.refused(RECEIVER, raise(code(9))), "ORGANISATION_UNKNOWN");
    let id = world.data(RECEIVER, raise(code(OWNER))).unwrap().results[0].id;
    let answer = |answer| DataAct::AnswerDemand(AnswerDemand { demand: id, answer });
    let met = || answer(DemandAnswer::Met(resource_code(1)));
    assert_eq!(world.refused(SERVER, met()), "NOT_AUTHORITY");
    assert_eq!(world.refused(RECEIVER, met()), "POWER_MISSING");
    assert_eq!(world.refused(OTHER, answer(DemandAnswer::Withdrawn(1))), "NOT_AUTHORITY");
    let absent = answer(DemandAnswer::Met(resource_code(7)));
    assert_eq!(world.refused(OWNER, absent), "RESOURCE_UNKNOWN");
    world.data(OWNER, answer(DemandAnswer::Declined(4))).unwrap();
    assert_eq!(world.refused(RECEIVER, answer(DemandAnswer::Withdrawn(1))), "ILLEGAL_MOVE");
    world.data(OWNER, met()).unwrap();
    let state: DemandState = world.load(&state_key::demand(&id)).unwrap();
    assert_eq!((state.status, state.resource), (DemandStatus::Met, Some(resource_code(1))));
    assert_eq!(world.refused(OWNER, met()), "ILLEGAL_MOVE");
}

#[test]
fn working_days_are_published_once_by_an_authority() {
    let mut world = World::sharing();
    let calendar = |what| {
        let (from_year, until_year) = (2027, 2027);
        DataAct::PublishCalendar(PublishCalendar { digest: digest(what), from_year, until_year })
    };
    assert_eq!(world.refused(OWNER, calendar("2027")), "POWER_MISSING");
    assert_eq!(world.refused(AUTHORITY, calendar("2026")), "ALREADY_PUBLISHED");
    assert_eq!(world.refused(AUTHORITY, calendar("2027")), "");
}

#[test]
fn each_request_that_cannot_be_is_refused_for_its_reason() {
    let mut world = World::sharing();
    let mut hidden = publication(2, 1);
    hidden.class = SharingClass::Never;
    world.data(OWNER, DataAct::Publish(hidden)).unwrap();
    let good = world.asked();
    let far = world.time.plus_millis(2000 * DAY_MS);
    let soon = world.deadline().calendar;
    let deadline = |at| yinxin_record::Deadline { at, calendar: soon };
    let now = world.time;
    let cases: Vec<(&str, u8, RequestData)> = vec![
        ("OWN_RESOURCE", OTHER, good.clone()),
        ("POWER_MISSING", AUTHORITY, good.clone()),
        ("RESOURCE_UNKNOWN", RECEIVER, RequestData { resource: resource_code(9), ..good.clone() }),
        ("OTHER_VERSION", RECEIVER, RequestData { version: 2, ..good.clone() }),
        ("NOT_SHARED", RECEIVER, RequestData { resource: resource_code(2), ..good.clone() }),
        ("NEGATIVE_LIST", RECEIVER, RequestData { fields: fields(&[0, 4]), ..good.clone() }),
        ("NEGATIVE_LIST", RECEIVER, RequestData { purpose: text("advertising"), ..good.clone() }),
        ("FIELD_UNKNOWN", RECEIVER, RequestData { fields: fields(&[0, 5]), ..good.clone() }),
        ("LEVEL_OTHER", RECEIVER, RequestData { level: Level::General1, ..good.clone() }),
        ("LEVEL_OTHER", RECEIVER, RequestData { level: Level::General4, ..good.clone() }),
        ("TIME_RANGE", RECEIVER, RequestData { until: start(), ..good.clone() }),
        ("TIME_RANGE", RECEIVER, RequestData { until: far, ..good.clone() }),
        ("TIME_RANGE", RECEIVER, RequestData { deadline: deadline(now), ..good.clone() }),
        ("TIME_RANGE", RECEIVER, RequestData { deadline: deadline(far), ..good.clone() }),
        (
            "CALENDAR_UNKNOWN",
            RECEIVER,
            RequestData {
                deadline: yinxin_record::Deadline { calendar: digest("?"), ..good.deadline },
                ..good.clone()
            },
        ),
    ];
    // Organisation 5 may ask and publish: a resource of its own.
    let mut own = publication(1, 1);
    own.resource = yinxin_record::ResourceCode::of(&code(OTHER), "1").unwrap();
    world.data(OTHER, DataAct::Publish(own.clone())).unwrap();
    for (reason, n, mut asked) in cases {
        if reason == "OWN_RESOURCE" {
            asked.resource = own.resource.clone();
        }
        assert_eq!(world.refused(n, DataAct::Request(asked.clone())), reason, "{asked:?}");
    }
    assert_eq!(world.refused(RECEIVER, DataAct::Request(good)), "");
}

#[test]
fn the_owners_rule_grants_refuses_or_leaves_it_to_a_person() {
    let stands = |otherwise, change: fn(&mut RequestData)| {
        let mut world = World::sharing();
        let automatic = Some(rule(otherwise));
        world
            .data(OWNER, DataAct::Publish(PublishResource { automatic, ..publication(1, 2) }))
            .unwrap();
        let mut asked = RequestData { version: 2, ..world.asked() };
        asked.until = world.time.plus_millis(30 * DAY_MS);
        change(&mut asked);
        let id = world.request(RECEIVER, asked).unwrap();
        let given = world.load::<yinxin_record::GrantState>(&state_key::grant(&id)).is_some();
        (world.request_state(&id).status, given)
    };
    let (person, refuse) = (Otherwise::Person, Otherwise::Refuse);
    assert_eq!(stands(person, |_| {}), (RequestStatus::Granted, true));
    let outside: [fn(&mut RequestData); 4] = [
        |r| r.purpose = text("tax"),
        |r| r.limit.rows = 1001,
        |r| r.until = r.until.plus_millis(1001),
        |r| (r.fields, r.level) = (fields(&[2]), Level::General4),
    ];
    for change in outside {
        assert_eq!(stands(person, change), (RequestStatus::Open, false));
    }
    for change in &outside[..3] {
        assert_eq!(stands(refuse, *change), (RequestStatus::RefusedByRule, false));
    }
    assert_eq!(
        stands(refuse, outside[3]),
        (RequestStatus::Open, false),
        "two persons decide there"
    );
}

#[test]
fn what_the_rule_refused_is_appealed_to_a_person_once() {
    let mut world = World::sharing();
    let automatic = Some(rule(Otherwise::Refuse));
    world
        .data(OWNER, DataAct::Publish(PublishResource { automatic, ..publication(1, 2) }))
        .unwrap();
    let asked = RequestData { version: 2, purpose: text("tax"), ..world.asked() };
    let request = world.request(RECEIVER, asked).unwrap();
    let (statement, deadline) = (digest("why"), world.deadline());
    let appeal = || DataAct::Appeal(Appeal { request, reason: 2, statement, deadline });
    let grant = Decision::Grant(world.terms(&request));
    let early = world.decide(OWNER, request, grant.clone(), CLERK).unwrap_err();
    assert_eq!(early.code(), "ILLEGAL_MOVE");
    assert_eq!(world.refused(OTHER, appeal()), "NOT_AUTHORITY");
    world.data(RECEIVER, appeal()).unwrap();
    assert_eq!(world.refused(RECEIVER, appeal()), "ILLEGAL_MOVE");
    world.decide(OWNER, request, grant, CLERK).unwrap();
    assert_eq!(world.grant_state(&request).status, GrantStatus::Live);
}

#[test]
fn a_decision_is_signed_by_an_approver_and_never_goes_beyond_the_request() {
    let mut world = World::sharing();
    let id = world.request(RECEIVER, world.asked()).unwrap();
    let terms = world.terms(&id);
    let grant = |terms: Terms| Decision::Grant(terms);
    for (n, person, decision, reason) in [
        (SERVER, CLERK, grant(terms.clone()), "NOT_AUTHORITY"),
        (AUTHORITY, JUDGE, grant(terms.clone()), "NOT_AUTHORITY"),
        (RECEIVER, CLERK, grant(terms.clone()), "NOT_AUTHORITY"),
        (OWNER, JUDGE, grant(terms.clone()), "APPROVER_UNKNOWN"),
        (OWNER, OWNER, grant(terms.clone()), "APPROVER_UNKNOWN"),
        (OWNER, JUDGE, Decision::Refuse(1), "APPROVER_UNKNOWN"),
        (OWNER, CLERK, grant(Terms { fields: fields(&[0, 2]), ..terms.clone() }), "TERMS_BEYOND"),
        (
            OWNER,
            CLERK,
            grant(Terms { limit: volume(10, 101, 10_000), ..terms.clone() }),
            "TERMS_BEYOND",
        ),
        (
            OWNER,
            CLERK,
            grant(Terms { until: terms.until.plus_millis(1), ..terms.clone() }),
            "TIME_RANGE",
        ),
        (OWNER, CLERK, grant(Terms { until: start(), ..terms.clone() }), "TIME_RANGE"),
    ] {
        let refused = world.decide(n, id, decision.clone(), person).unwrap_err();
        assert_eq!(refused.code(), reason, "{n} {person} {decision:?}");
    }
    // A signature over another decision, or for another ledger, is none.
    let decision = grant(Terms { fields: fields(&[0]), ..terms.clone() });
    let forged = world.approval(&id, &grant(terms.clone()), CLERK);
    let act = yinxin_record::Decide { request: id, decision: decision.clone(), approval: forged };
    assert_eq!(world.refused(OWNER, DataAct::Decide(act)), "SIGNATURE");
    world.decide(OWNER, id, decision, CLERK).unwrap();
    assert_eq!(world.grant_state(&id).fields, fields(&[0]), "less than asked");
    let twice = world.decide(OWNER, id, grant(terms), FIRST).unwrap_err();
    assert_eq!(twice.code(), "ILLEGAL_MOVE", "no second grant, no second decision");
    let refused = world.decide(OWNER, id, Decision::Refuse(1), FIRST).unwrap_err();
    assert_eq!(refused.code(), "ILLEGAL_MOVE");
}

#[test]
fn an_approver_is_a_person_whose_certificate_is_not_revoked() {
    let mut world = World::sharing();
    assert_eq!(world.refused(OWNER, approvers(&[(OWNER, 6)])), "KEY_TAKEN");
    assert_eq!(world.refused(RECEIVER, approvers(&[(FIRST, 6)])), "POWER_MISSING");
    let asked = RequestData { fields: fields(&[3]), level: Level::Important, ..world.asked() };
    let id = world.request(RECEIVER, asked).unwrap();
    let decision = Decision::Grant(world.terms(&id));
    let refused = world.decide(OWNER, id, decision.clone(), CLERK).unwrap_err();
    assert_eq!(refused.code(), "APPROVER_LEVEL");
    let digest = yinxin_gm::sm3::digest(&[FIRST]);
    let revoked = yinxin_record::CertificateState {
        status: yinxin_record::CredentialStatus::Revoked,
        issuer: Some(code(AUTHORITY)),
        not_after: None,
        revocation: None,
        height: 1,
    };
    let key = state_key::certificate(&code(AUTHORITY), &digest);
    world.state.map.insert(key, yinxin_record::Wire::to_der(&revoked));
    let refused = world.decide(OWNER, id, decision.clone(), FIRST).unwrap_err();
    assert_eq!(refused.code(), "APPROVER_UNKNOWN");
    world.decide(OWNER, id, decision, SECOND).unwrap();
}

#[test]
fn from_the_dual_control_level_on_two_persons_grant() {
    let mut world = World::sharing();
    let asked = RequestData { fields: fields(&[2]), level: Level::General4, ..world.asked() };
    let id = world.request(RECEIVER, asked).unwrap();
    let decision = Decision::Grant(world.terms(&id));
    world.decide(OWNER, id, decision.clone(), FIRST).unwrap();
    let state = world.request_state(&id);
    assert_eq!(state.status, RequestStatus::AwaitingSecond);
    assert!(world.load::<yinxin_record::GrantState>(&state_key::grant(&id)).is_none());
    let delivery = world.delivery(&[(id, RECEIVER)], "a");
    assert_eq!(world.refused(OWNER, DataAct::Deliver(delivery)), "ILLEGAL_MOVE");
    let confirm = |world: &World, person| {
        let approval = world.approval(&id, &decision, person);
        DataAct::Confirm(Confirm { request: id, approval })
    };
    let same = confirm(&world, FIRST);
    assert_eq!(world.refused(OWNER, same), "APPROVER_TWICE");
    let again = world.decide(OWNER, id, decision.clone(), SECOND).unwrap_err();
    assert_eq!(again.code(), "ILLEGAL_MOVE", "a second decision is no confirmation");
    let clerk = confirm(&world, CLERK);
    assert_eq!(world.refused(OWNER, clerk), "APPROVER_LEVEL");
    let second = confirm(&world, SECOND);
    assert_eq!(world.refused(SERVER, second.clone()), "NOT_AUTHORITY");
    world.data(OWNER, second.clone()).unwrap();
    assert_eq!(world.request_state(&id).approvers.len(), 2);
    assert_eq!(world.grant_state(&id).level, Level::General4);
    assert_eq!(world.refused(OWNER, second), "ILLEGAL_MOVE");
}

#[test]
fn what_was_graded_higher_meanwhile_takes_two_persons_too() {
    let mut world = World::sharing();
    let id = world.request(RECEIVER, world.asked()).unwrap();
    let mut graded = publication(1, 2);
    graded.fields[0].level = Level::Important;
    world.data(OWNER, DataAct::Publish(graded)).unwrap();
    let decision = Decision::Grant(world.terms(&id));
    let refused = world.decide(OWNER, id, decision.clone(), CLERK).unwrap_err();
    assert_eq!(refused.code(), "APPROVER_LEVEL");
    world.decide(OWNER, id, decision, FIRST).unwrap();
    assert_eq!(world.request_state(&id).status, RequestStatus::AwaitingSecond);
}

#[test]
fn an_overdue_decision_is_escalated_to_the_authority() {
    let mut world = World::sharing();
    let request = world.request(RECEIVER, world.asked()).unwrap();
    let escalate = |w: &World| DataAct::Escalate(Escalate { request, deadline: w.deadline() });
    let early = escalate(&world);
    assert_eq!(world.refused(RECEIVER, early), "NOT_OVERDUE");
    world.later(10 * DAY_MS);
    assert!(world.request_state(&request).is_overdue(world.time));
    let late = escalate(&world);
    assert_eq!(world.refused(OTHER, late.clone()), "NOT_AUTHORITY");
    assert_eq!(world.refused(OWNER, late.clone()), "POWER_MISSING");
    world.data(RECEIVER, late.clone()).unwrap();
    assert_eq!(world.refused(AUTHORITY, late), "ILLEGAL_MOVE");
    let decision = Decision::Grant(world.terms(&request));
    world.decide(AUTHORITY, request, decision, JUDGE).unwrap();
    assert_eq!(world.request_state(&request).decided_by, Some(code(AUTHORITY)));
    let revoke = DataAct::Revoke(EndGrant { grant: request, reason: 9 });
    world.data(AUTHORITY, revoke).unwrap();
}

#[test]
fn a_request_is_withdrawn_by_its_requester_before_it_is_decided() {
    let mut world = World::sharing();
    let request = world.request(RECEIVER, world.asked()).unwrap();
    let withdraw = || DataAct::WithdrawRequest(WithdrawRequest { request, reason: 1 });
    assert_eq!(world.refused(OTHER, withdraw()), "NOT_AUTHORITY");
    world.data(RECEIVER, withdraw()).unwrap();
    let decision = Decision::Grant(world.terms(&request));
    assert_eq!(world.decide(OWNER, request, decision, CLERK).unwrap_err().code(), "ILLEGAL_MOVE");
    let granted = world.granted(RECEIVER);
    let late = DataAct::WithdrawRequest(WithdrawRequest { request: granted, reason: 1 });
    assert_eq!(world.refused(RECEIVER, late), "ILLEGAL_MOVE");
}

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
    assert_eq!(world.refused(RECEIVER, access(good.clone())), "POWER_MISSING");
    assert_eq!(world.refused(OTHER, access(good.clone())), "NOT_AUTHORITY");
    let now = world.minute();
    let running = world.window(grant, now);
    assert_eq!(world.refused(OWNER, access(running)), "MINUTE_RANGE", "not over");
    let future = world.window(grant, now + 10);
    assert_eq!(world.refused(OWNER, access(future)), "MINUTE_RANGE");
    let before = world.window(grant, minute - 1);
    assert_eq!(world.refused(OWNER, access(before)), "GRANT_NOT_YET");
    let first = world.window(grant, minute);
    assert_eq!(world.refused(OWNER, access(first)), "", "granted within that minute");
    let mut wrong = good.clone();
    wrong.purpose = text("tax");
    assert_eq!(world.refused(OWNER, access(wrong)), "WRONG_PURPOSE");
    let mut wide = good.clone();
    wide.fields = fields(&[0, 2]);
    assert_eq!(world.refused(OWNER, access(wide)), "WRONG_FIELDS");
    let unknown = world.window(digest("?"), minute + 2);
    assert_eq!(world.refused(OWNER, access(unknown)), "ILLEGAL_MOVE");
    world.data(SERVER, access(good.clone())).unwrap();
    assert_eq!(world.refused(OWNER, access(good.clone())), "WINDOW_TWICE");
    let state: AccessState = world.load(&state_key::access(&grant, minute + 2)).unwrap();
    assert_eq!((state.server, state.served), (code(SERVER), volume(1, 1, 10)));
    let mut late = world.window(grant, minute + 3);
    late.served.rows = 98;
    assert_eq!(world.refused(OWNER, access(late.clone())), "", "the last 98 of a hundred");
    late.minute += 1;
    late.served.rows = 1;
    assert_eq!(world.refused(OWNER, access(late)), "OVER_VOLUME");
    world.later(15 * DAY_MS);
    let old = world.window(grant, minute + 1);
    assert_eq!(world.refused(OWNER, access(old)), "MINUTE_RANGE", "too late");
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
        world.later(2 * 60_000);
        let expiry = u64::try_from(world.grant_state(&grant).until.as_millis() / 60_000).unwrap();
        let before = world.window(grant, ended.min(expiry) - 1);
        let after = world.window(grant, ended + 1);
        assert_eq!(world.refused(OWNER, DataAct::Access(after)), refused);
        assert_eq!(world.refused(OWNER, DataAct::Access(before)), "", "{refused}: it happened");
        let delivery = world.delivery(&[(grant, RECEIVER)], "late");
        assert_eq!(world.refused(OWNER, DataAct::Deliver(delivery)), use_refused);
        let derived = derive("t", vec![from_grant(grant, &[0])]);
        assert_eq!(world.refused(RECEIVER, DataAct::Derive(derived)), use_refused);
        let denial = DenyAccess {
            resource: resource_code(1),
            minute: ended + 1,
            grant: Some(grant),
            organisation: Some(code(RECEIVER)),
            denials: vec![Denial { reason: DenialReason::Revoked, count: 3 }],
            root: digest("denied"),
        };
        world.data(SERVER, DataAct::Deny(denial)).unwrap();
        assert_eq!(world.grant_state(&grant).denied, 3, "what is denied is recorded, dead or not");
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
        grant: None,
        organisation: None,
        denials: vec![Denial { reason: DenialReason::NoGrant, count: 1 }],
        root: digest("denied"),
    };
    assert_eq!(world.refused(OTHER, DataAct::Deny(good.clone())), "NOT_AUTHORITY");
    let running = DenyAccess { minute: minute + 2, ..good.clone() };
    assert_eq!(world.refused(OWNER, DataAct::Deny(running)), "MINUTE_RANGE");
    let outcome = world.data(OWNER, DataAct::Deny(good)).unwrap();
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

#[test]
fn a_call_is_recognised_under_a_grant_of_ones_own() {
    let mut world = World::sharing();
    let (theirs, own) = (world.granted(RECEIVER), world.granted(OTHER));
    let minute = world.minute();
    world.later(3 * 60_000);
    world.data(OWNER, DataAct::Access(world.window(theirs, minute + 1))).unwrap();
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
