//! Resources, demands, working days and approvers: rules 60 to 66.

use yinxin_record::{
    AnswerDemand, CalendarState, Demand, DemandAnswer, DemandEvent, DemandState, Duty,
    MAX_GRANT_DAYS, Power, PublishCalendar, PublishResource, ResourceEvent, ResourceState,
    SetApprovers, SharingClass, WithdrawResource, next_demand_status, next_resource_status,
    state_key,
};

use super::{DAY_MS, Marks, in_range, needs, only, resource, serving};
use crate::{
    Error,
    block::{Block, Entry},
};

/// Rule 60: by its owner, having the power. Rule 61: its version rises. Rule 62: fields keep place and name.
pub(super) fn publish(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &PublishResource,
) -> Result<(), Error> {
    needs(entry, Power::Data)?;
    only(entry, &act.resource.owner())?;
    let key = state_key::resource(&act.resource);
    let old: Option<ResourceState> = block.load(&key)?;
    let status = next_resource_status(old.as_ref().map(|o| o.status), ResourceEvent::Publish)?;
    // The responsibilities rise by duty, then organisation.
    let serve = act.responsibilities.iter().filter(|r| r.duty == Duty::Serve);
    let servers = serve.map(|r| r.organisation.clone()).collect();
    let mut listed_since = block.at.time;
    let closed = |class| class == SharingClass::Never;
    let mut closed_at = closed(act.class).then_some(block.at.time);
    if let Some(old) = &old {
        if act.version <= old.version {
            return Err(Error::TypeVersion { published: old.version, found: act.version });
        }
        fields_stay(block, old.version, act)?;
        if (old.class, &old.negative) == (act.class, &act.negative) {
            listed_since = old.listed_since;
        }
        if closed(old.class) || !closed(act.class) {
            closed_at = old.closed_at;
        }
    }
    let mut state = ResourceState {
        status,
        version: act.version,
        class: act.class,
        level: act.level,
        dual_control: act.dual_control,
        servers,
        serves_from: block.at.time,
        negative: act.negative.clone(),
        listed_since,
        closed_at,
        automatic: act.automatic.clone(),
        grants_until: None,
        reason: 0,
        height: block.at.height,
        since: block.at.time,
    };
    if let Some(old) = &old {
        state.serves_from = serving::hand_over(block, &act.resource, old, &state)?;
    }
    block.store(key, &state);
    block.store(state_key::resource_version(&act.resource, act.version), act);
    Marks::new().catalogue(&act.resource).digest(&act.definition).write(block, entry);
    Ok(())
}

fn fields_stay(block: &Block<'_>, version: u32, act: &PublishResource) -> Result<(), Error> {
    let old: PublishResource =
        block.expect(&state_key::resource_version(&act.resource, version))?;
    let name = |(i, field): (usize, &yinxin_record::ResourceField)| {
        act.fields.get(i).is_none_or(|new| new.name != field.name).then_some(i)
    };
    match old.fields.iter().enumerate().find_map(name) {
        Some(field) => Err(Error::FieldMoved { field }),
        None => Ok(()),
    }
}

/// Rule 63: by its owner; its grants end with the block, or serve until a time that is not past.
pub(super) fn withdraw(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &WithdrawResource,
) -> Result<(), Error> {
    needs(entry, Power::Data)?;
    only(entry, &act.resource.owner())?;
    let old = resource(block, &act.resource)?;
    let status = next_resource_status(Some(old.status), ResourceEvent::Withdraw)?;
    let now = block.at.time;
    if let Some(until) = act.grants_until {
        in_range("grants until", until, now, now.plus_millis(i64::from(MAX_GRANT_DAYS) * DAY_MS))?;
    }
    let state = ResourceState {
        status,
        grants_until: Some(act.grants_until.unwrap_or(now)),
        reason: act.reason,
        height: block.at.height,
        since: now,
        ..old
    };
    block.store(state_key::resource(&act.resource), &state);
    Marks::new().catalogue(&act.resource).write(block, entry);
    Ok(())
}

/// Rule 64: a demand is raised to a member.
pub(super) fn demand(block: &mut Block<'_>, entry: &Entry<'_>, act: &Demand) -> Result<(), Error> {
    needs(entry, Power::DataUse)?;
    if block.organisation(&act.of)?.is_none() {
        return Err(Error::OrganisationUnknown { organisation: act.of.clone() });
    }
    let state = DemandState {
        status: next_demand_status(None, DemandEvent::Raise)?,
        organisation: entry.organisation.clone(),
        of: act.of.clone(),
        resource: None,
        reason: 0,
        height: block.at.height,
    };
    block.store(state_key::demand(&entry.id), &state);
    let marks = Marks::new().request(&entry.id).digest(&act.definition);
    marks.provider(&act.of).consumer(entry.organisation).write(block, entry);
    Ok(())
}

/// Rule 64: whom it asks meets it with a published resource of its own or declines; who raised it withdraws.
pub(super) fn answer(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &AnswerDemand,
) -> Result<(), Error> {
    let key = state_key::demand(&act.demand);
    let old: Option<DemandState> = block.load(&key)?;
    let (event, met, reason) = match &act.answer {
        DemandAnswer::Met(resource) => (DemandEvent::Meet, Some(resource.clone()), 0),
        DemandAnswer::Declined(reason) => (DemandEvent::Decline, None, *reason),
        DemandAnswer::Withdrawn(reason) => (DemandEvent::Withdraw, None, *reason),
        _ => return Err(Error::ActUnknown),
    };
    let status = next_demand_status(old.as_ref().map(|o| o.status), event)?;
    let old = old.expect("the table answers nothing that is not there");
    if event == DemandEvent::Withdraw {
        needs(entry, Power::DataUse)?;
        only(entry, &old.organisation)?;
    } else {
        needs(entry, Power::Data)?;
        only(entry, &old.of)?;
    }
    let mut marks = Marks::new().request(&act.demand);
    if let Some(code) = &met {
        only(entry, &code.owner())?;
        next_resource_status(Some(resource(block, code)?.status), ResourceEvent::Ask)?;
        marks = marks.resource(code);
    }
    marks = marks.provider(&old.of).consumer(&old.organisation);
    let state = DemandState { status, resource: met, reason, height: block.at.height, ..old };
    block.store(key, &state);
    marks.write(block, entry);
    Ok(())
}

/// Rule 65: working days are published once, by an authority over data or over credit.
pub(super) fn calendar(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &PublishCalendar,
) -> Result<(), Error> {
    if !entry.sender.powers.has(Power::CreditAuthority) {
        needs(entry, Power::DataAuthority)?;
    }
    let key = state_key::calendar(&act.digest);
    if block.load::<CalendarState>(&key)?.is_some() {
        return Err(Error::AlreadyPublished { digest: act.digest });
    }
    let state = CalendarState {
        authority: entry.organisation.clone(),
        from_year: act.from_year,
        until_year: act.until_year,
        height: block.at.height,
    };
    block.store(key, &state);
    Marks::new().digest(&act.digest).write(block, entry);
    Ok(())
}

/// Rule 66: persons decide with keys of their own, never with the organisation's.
pub(super) fn approvers(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &SetApprovers,
) -> Result<(), Error> {
    if !entry.sender.powers.has(Power::DataAuthority) {
        needs(entry, Power::Data)?;
    }
    if act.approvers.iter().any(|a| a.key == entry.sender.key) {
        return Err(Error::KeyTaken { organisation: entry.organisation.clone() });
    }
    block.store(state_key::approvers(entry.organisation), act);
    Ok(())
}
