//! Requests, appeals and overdue decisions: rules 67 to 69, 75 and 76.

use yinxin_gm::Digest;
use yinxin_record::{
    Appeal, CalendarState, Deadline, Decision, DenialReason, Escalate, Level, MAX_GRANT_DAYS,
    Otherwise, Power, PublishResource, RequestData, RequestEvent, RequestState, ResourceEvent,
    ResourceState, SharingClass, Terms, WithdrawRequest, next_request_status, next_resource_status,
    state_key,
};

use super::{DAY_MS, Marks, grants, in_range, needs, only, resource};
use crate::{
    Error,
    block::{Block, Entry},
};

/// Shortest time to decide: the law's shortest limit is one working day, whose first day does not count.
const MIN_DEADLINE_MS: i64 = DAY_MS;

/// Longest: ten working days and ten more by consent, over the two longest public holidays of a year, are under 60 days.
const MAX_DEADLINE_MS: i64 = 60 * DAY_MS;

/// Reason code of a refusal by the owner's rule: the request does not fit it.
const OUTSIDE_RULE: u16 = 1;

/// Rule 67: of what is shared and in its version, by another member having the power. Rule 68: fields, level, negative list,
/// times. Rule 69: the owner's rule decides at once where it can.
pub(super) fn request(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &RequestData,
) -> Result<(), Error> {
    needs(entry, Power::DataUse)?;
    if act.resource.owner() == *entry.organisation {
        return Err(Error::OwnResource { resource: act.resource.clone() });
    }
    let of = resource(block, &act.resource)?;
    next_resource_status(Some(of.status), ResourceEvent::Ask)?;
    if act.version != of.version {
        return Err(Error::OtherVersion { expected: of.version, found: act.version });
    }
    shareable(&of, entry, act)?;
    known_fields(block, act)?;
    let now = block.at.time;
    let latest = now.plus_millis(i64::from(MAX_GRANT_DAYS) * DAY_MS);
    in_range("until", act.until, now.plus_millis(1), latest)?;
    deadline_holds(block, &act.deadline)?;
    let (event, decision) = decided_by_rule(block, entry, &of, act);
    let reason = if event == RequestEvent::RefuseByRule { OUTSIDE_RULE } else { 0 };
    let state = RequestState {
        status: next_request_status(None, event)?,
        requester: entry.organisation.clone(),
        asked: act.clone(),
        decision,
        decided_by: None,
        approvers: Vec::new(),
        deadline: act.deadline,
        reason,
        height: block.at.height,
        since: now,
    };
    block.store(state_key::request(&entry.id), &state);
    let mut marks = Marks::new().request(&entry.id).resource(&act.resource);
    marks = marks.sides(&act.resource, entry.organisation).subjects(&act.subjects.pseudonyms);
    if let Some(Decision::Grant(terms)) = &state.decision {
        marks = grants::give(block, &entry.id, &state, terms, act.level, marks)?;
    }
    marks.write(block, entry);
    Ok(())
}

fn shareable(of: &ResourceState, entry: &Entry<'_>, act: &RequestData) -> Result<(), Error> {
    if of.class == SharingClass::Never {
        return Err(Error::NotShared { resource: act.resource.clone() });
    }
    if of.negative.forbids(&act.fields, &act.purpose, entry.organisation) {
        return Err(Error::NotPermitted { reason: DenialReason::NegativeList });
    }
    Ok(())
}

fn known_fields(block: &Block<'_>, act: &RequestData) -> Result<(), Error> {
    let key = state_key::resource_version(&act.resource, act.version);
    let version: PublishResource = block.expect(&key)?;
    let mut expected = Level::General1;
    for number in act.fields.iter() {
        let unknown = Error::FieldUnknown { field: number, fields: version.fields.len() };
        let field = version.fields.get(usize::from(number)).ok_or(unknown)?;
        expected = expected.max(field.level);
    }
    if act.level == expected {
        Ok(())
    } else {
        Err(Error::LevelOther { expected, found: act.level })
    }
}

/// A deadline names a published calendar, and leaves time, but not too much.
fn deadline_holds(block: &Block<'_>, deadline: &Deadline) -> Result<(), Error> {
    let Deadline { at, calendar } = deadline;
    if block.load::<CalendarState>(&state_key::calendar(calendar))?.is_none() {
        return Err(Error::CalendarUnknown { calendar: *calendar });
    }
    let now = block.at.time;
    let (min, max) = (now.plus_millis(MIN_DEADLINE_MS), now.plus_millis(MAX_DEADLINE_MS));
    in_range("deadline", *at, min, max)
}

/// What the rule that the owner published says of a request. Never from the dual-control level on.
fn decided_by_rule(
    block: &Block<'_>,
    entry: &Entry<'_>,
    of: &ResourceState,
    act: &RequestData,
) -> (RequestEvent, Option<Decision>) {
    let Some(rule) = of.automatic.as_ref().filter(|_| !act.level.takes_two(of.dual_control)) else {
        return (RequestEvent::Ask, None);
    };
    if rule.gives(act, entry.organisation, block.at.time) {
        let RequestData { fields, until, limit, .. } = act;
        let terms =
            Terms { fields: fields.clone(), until: *until, limit: *limit, conditions: None };
        return (RequestEvent::GrantByRule, Some(Decision::Grant(terms)));
    }
    match rule.otherwise {
        Otherwise::Person => (RequestEvent::Ask, None),
        Otherwise::Refuse => (RequestEvent::RefuseByRule, Some(Decision::Refuse(OUTSIDE_RULE))),
    }
}

/// A request after an event, not yet written.
pub(super) fn moved(
    block: &Block<'_>,
    id: &Digest,
    event: RequestEvent,
) -> Result<RequestState, Error> {
    let state: Option<RequestState> = block.load(&state_key::request(id))?;
    let status = next_request_status(state.as_ref().map(|s| s.status), event)?;
    let state = state.expect("the table moves nothing that is not there");
    Ok(RequestState { status, height: block.at.height, since: block.at.time, ..state })
}

pub(super) fn store(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    id: &Digest,
    state: &RequestState,
    marks: Marks,
) {
    block.store(state_key::request(id), state);
    let asked = &state.asked;
    let marks = marks.request(id).resource(&asked.resource);
    marks.sides(&asked.resource, &state.requester).write(block, entry);
}

/// Rule 75: the requester appeals from the owner's rule to a person.
pub(super) fn appeal(block: &mut Block<'_>, entry: &Entry<'_>, act: &Appeal) -> Result<(), Error> {
    needs(entry, Power::DataUse)?;
    let mut state = moved(block, &act.request, RequestEvent::Appeal)?;
    only(entry, &state.requester)?;
    deadline_holds(block, &act.deadline)?;
    state.decision = None;
    state.deadline = act.deadline;
    state.reason = act.reason;
    store(block, entry, &act.request, &state, Marks::new().digest(&act.statement));
    Ok(())
}

/// Rule 76: a decision that is overdue is escalated, by the requester or an authority. What one approver decided falls away.
pub(super) fn escalate(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &Escalate,
) -> Result<(), Error> {
    let mut state = moved(block, &act.request, RequestEvent::Escalate)?;
    if !entry.sender.powers.has(Power::DataAuthority) {
        needs(entry, Power::DataUse)?;
        only(entry, &state.requester)?;
    }
    let (deadline, time) = (state.deadline.at, block.at.time);
    if time < deadline {
        return Err(Error::NotOverdue { deadline, time });
    }
    deadline_holds(block, &act.deadline)?;
    state.deadline = act.deadline;
    state.decision = None;
    state.decided_by = None;
    state.approvers.clear();
    store(block, entry, &act.request, &state, Marks::new());
    Ok(())
}

/// The requester no longer wants it.
pub(super) fn withdraw(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &WithdrawRequest,
) -> Result<(), Error> {
    needs(entry, Power::DataUse)?;
    let mut state = moved(block, &act.request, RequestEvent::Withdraw)?;
    only(entry, &state.requester)?;
    state.reason = act.reason;
    store(block, entry, &act.request, &state, Marks::new());
    Ok(())
}
