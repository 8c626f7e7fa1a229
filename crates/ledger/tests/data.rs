//! Shared data: catalogue, requests and decisions, rules 60 to 78; what they allow and each way to misuse them.

#![allow(clippy::unwrap_used, reason = "a helper that fails has failed its test")]

#[path = "rig/share.rs"]
mod share;
#[path = "rig/world.rs"]
mod world;

use share::*;
use world::{World, code, start};
use yinxin_record::{
    AnswerDemand, Appeal, Confirm, DataAct, Decision, Demand, DemandAnswer, DemandState,
    DemandStatus, EndGrant, Escalate, GrantStatus, Level, Otherwise, PublishCalendar,
    PublishResource, RequestData, RequestStatus, ResourceState, ResourceStatus, SharingClass,
    Terms, WithdrawRequest, WithdrawResource, state_key,
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
        let published = PublishResource { automatic, ..publication(1, 2) };
        world.data(OWNER, DataAct::Publish(published.clone())).unwrap();
        let mut asked = RequestData { version: 2, ..world.asked() };
        asked.until = world.time.plus_millis(30 * DAY_MS);
        change(&mut asked);
        let id = world.request(RECEIVER, asked.clone()).unwrap();
        let given = world.load::<yinxin_record::GrantState>(&state_key::grant(&id)).is_some();
        let state = world.request_state(&id);
        let told = published.gave(&asked, &code(RECEIVER), state.since);
        assert_eq!(told, given, "the two records tell what the ledger did");
        (state.status, given)
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
    revoke_certificate(&mut world, FIRST);
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

fn revoke_certificate(world: &mut World, person: u8) {
    let digest = yinxin_gm::sm3::digest(&[person]);
    let revoked = yinxin_record::CertificateState {
        status: yinxin_record::CredentialStatus::Revoked,
        issuer: Some(code(AUTHORITY)),
        not_after: None,
        revocation: None,
        height: 1,
    };
    let key = state_key::certificate(&code(AUTHORITY), &digest);
    world.state.map.insert(key, yinxin_record::Wire::to_der(&revoked));
}

/// The first of two persons approved; what he may no longer approve is nobody's second signature to give.
#[test]
fn who_approved_first_may_still_when_the_second_confirms() {
    let stays = |_: &mut World| {};
    let graded = |w: &mut World| {
        let mut graded = publication(1, 2);
        graded.fields[2].level = Level::Important;
        w.data(OWNER, DataAct::Publish(graded)).unwrap();
    };
    let leaves = |w: &mut World| drop(w.data(OWNER, approvers(&[(SECOND, 6)])).unwrap());
    let revoked = |w: &mut World| revoke_certificate(w, FIRST);
    let lowered =
        |w: &mut World| drop(w.data(OWNER, approvers(&[(FIRST, 3), (SECOND, 6)])).unwrap());
    type Meanwhile = fn(&mut World);
    let cases: [(Meanwhile, &str); 5] = [
        (stays, ""),
        (graded, "APPROVER_LEVEL"),
        (leaves, "APPROVER_UNKNOWN"),
        (revoked, "APPROVER_UNKNOWN"),
        (lowered, "APPROVER_LEVEL"),
    ];
    for (n, (meanwhile, outcome)) in cases.into_iter().enumerate() {
        let mut world = World::sharing();
        world.data(OWNER, approvers(&[(FIRST, 4), (SECOND, 6)])).unwrap();
        let asked = RequestData { fields: fields(&[2]), level: Level::General4, ..world.asked() };
        let request = world.request(RECEIVER, asked).unwrap();
        let decision = Decision::Grant(world.terms(&request));
        world.decide(OWNER, request, decision.clone(), FIRST).unwrap();
        meanwhile(&mut world);
        let approval = world.approval(&request, &decision, SECOND);
        let confirm = DataAct::Confirm(Confirm { request, approval });
        assert_eq!(world.refused(OWNER, confirm), outcome, "{n}");
        let given = world.load::<yinxin_record::GrantState>(&state_key::grant(&request)).is_some();
        assert_eq!(given, outcome.is_empty(), "{n}");
        if !given {
            world.decide(OWNER, request, Decision::Refuse(1), SECOND).unwrap();
        }
    }
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
