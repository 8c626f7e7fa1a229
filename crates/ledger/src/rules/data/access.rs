//! What was accessed and denied, and whether both sides counted the same: rules 82 to 85.

use yinxin_record::{
    AbsenceState, AccessState, AccessWindow, Denial, DenialReason, DenyAccess, GrantEvent,
    GrantState, Power, Reconcile, ReconciliationEvent, ReconciliationState, ReconciliationStatus,
    ResourceState, minute_of, minute_start, next_reconciliation_status, state_key,
};
use yinxin_verdict::UnixTime;

use super::{Marks, is_server, moved, needs, resource, serving};
use crate::{
    Error,
    block::{Block, Entry},
};

/// How old a head whoever serves may answer on: a block every 30 s, and 5 s on the way. For so long it may not know what ended.
pub(super) const UNKNOWN_MS: i64 = 35_000;

/// Rule 82: by the one that answered then, in the turn that it names, once for each grant and minute, of a minute that is over and not
/// long past. Rule 83: what was
/// accessed was permitted in that minute, by what whoever served could know, even if the grant has ended since. Beyond the volume it
/// is told all the same, and stands on the grant.
pub(super) fn window(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &AccessWindow,
) -> Result<(), Error> {
    let grant = moved(block, &act.grant, GrantEvent::Account)?;
    let of = resource(block, &grant.resource)?;
    past(block, entry, act.minute)?;
    let key = state_key::access(&act.grant, act.minute);
    if let Some(known) = block.load::<AccessState>(&key)? {
        return Err(Error::WindowTwice { minute: act.minute, record: known.record });
    }
    permitted(&grant, &of, act).map_err(|reason| Error::NotPermitted { reason })?;
    serving::answered(block, entry, &grant.resource, &act.turn, act.minute)?;
    let refused = count(&act.denials);
    let windows = grant.windows.with(act.minute, act.served, refused);
    let state = AccessState {
        server: entry.organisation.clone(),
        served: act.served,
        denied: refused,
        before: grant.windows,
        root: act.root,
        record: entry.id,
        height: block.at.height,
    };
    block.store(key, &state);
    serving::told(block, entry, &grant.resource, &act.turn.journal, act.lines)?;
    let used = grant.used.plus(act.served);
    let denied = grant.denied.saturating_add(refused);
    let grant = GrantState { used, windows, denied, ..grant };
    block.store(state_key::grant(&act.grant), &grant);
    Marks::new().access(&act.grant).subjects(&act.subjects).write(block, entry);
    Ok(())
}

/// A minute's first instant and the first after it.
pub(super) fn bounds(minute: u64) -> (UnixTime, UnixTime) {
    let at = |minute| minute_start(minute).expect("the act's form bounds the minute");
    (at(minute), at(minute + 1))
}

/// Whether the window's calls were permitted. An end by an act – revoked, given back, withdrawn, listed – reaches whoever serves
/// with the block that brought it, so what it answered on the block before is told of too. The day a grant ends was always known.
fn permitted(
    grant: &GrantState,
    of: &ResourceState,
    act: &AccessWindow,
) -> Result<(), DenialReason> {
    use DenialReason::{NegativeList, Revoked, Withdrawn};
    let at = first_instant(act.minute, grant);
    let asked = |at| grant.permits(of, &act.fields, &act.purpose, at);
    match asked(at) {
        Err(Revoked | Withdrawn | NegativeList) if at < grant.until => {
            asked(core::cmp::max(at.plus_millis(-UNKNOWN_MS), grant.from))
        }
        outcome => outcome,
    }
}

/// A minute's first instant, or the grant's if it was given within that minute.
fn first_instant(minute: u64, grant: &GrantState) -> UnixTime {
    let (start, end) = bounds(minute);
    if (start..end).contains(&grant.from) { grant.from } else { start }
}

/// The minute is over, and not past too long. While the sender was suspended it could not tell: what it served before that it may
/// tell for as long after it.
fn past(block: &Block<'_>, entry: &Entry<'_>, minute: u64) -> Result<(), Error> {
    let absence: Option<AbsenceState> = block.load(&state_key::absence(entry.organisation))?;
    let min = AbsenceState::heard_from(absence.as_ref(), block.at.time);
    let now = minute_of(block.at.time);
    let max = now.saturating_sub(1);
    if (min..=max).contains(&minute) {
        Ok(())
    } else {
        Err(Error::MinuteRange { min, max, found: minute })
    }
}

fn count(denials: &[Denial]) -> u64 {
    denials.iter().fold(0, |sum, d| sum.saturating_add(d.count))
}

/// Rule 84: denials outside of any window, by the one that answered then; under a grant of that resource or none, live or not.
pub(super) fn deny(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &DenyAccess,
) -> Result<(), Error> {
    resource(block, &act.resource)?;
    past(block, entry, act.minute)?;
    serving::answered(block, entry, &act.resource, &act.turn, act.minute)?;
    let mut marks = Marks::new().resource(&act.resource);
    marks = marks.provider(&act.resource.owner());
    if let Some(organisation) = &act.organisation {
        marks = marks.consumer(organisation);
    }
    if let Some(id) = &act.grant {
        let grant = moved(block, id, GrantEvent::Account)?;
        if grant.resource != act.resource {
            return Err(Error::NotPermitted { reason: DenialReason::NoGrant });
        }
        let denied = grant.denied.saturating_add(count(&act.denials));
        block.store(state_key::grant(id), &GrantState { denied, ..grant });
        marks = marks.access(id);
    }
    serving::told(block, entry, &act.resource, &act.turn.journal, act.lines)?;
    marks.write(block, entry);
    Ok(())
}

/// Rule 85: each side states what it counted of a period that is over, and again until both agree. What does not match
/// stands in the state, and on the grant.
pub(super) fn reconcile(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &Reconcile,
) -> Result<(), Error> {
    let grant = moved(block, &act.grant, GrantEvent::Account)?;
    let received = grant.receiver == *entry.organisation;
    if received {
        needs(entry, Power::DataUse)?;
    } else {
        needs(entry, Power::Data)?;
        let of = resource(block, &grant.resource)?;
        if !is_server(&grant.resource, &of, entry.organisation) {
            return Err(Error::NotAuthority { authority: grant.resource.owner().to_string() });
        }
    }
    over(block, act.until)?;
    let key = state_key::reconciliation(&act.grant, act.from, act.until);
    let old: Option<ReconciliationState> = block.load(&key)?;
    let before = old.as_ref().map(|o| o.status);
    let counted = Some(act.counted);
    let (mut served, mut got) = old.map_or((None, None), |o| (o.served, o.received));
    *(if received { &mut got } else { &mut served }) = counted;
    let event = match (served, got) {
        (Some(served), Some(got)) if served == got => ReconciliationEvent::Match,
        (Some(_), Some(_)) => ReconciliationEvent::Differ,
        _ => ReconciliationEvent::State,
    };
    let status = next_reconciliation_status(before, event)?;
    let height = block.at.height;
    let state = ReconciliationState { status, served, received: got, height };
    block.store(key, &state);
    let marks = Marks::new().grant(&act.grant, &grant).access(&act.grant);
    let raised = u32::from(status == ReconciliationStatus::Mismatched);
    let settled = u32::from(before == Some(ReconciliationStatus::Mismatched));
    // Each period is raised once, so this never falls below zero; a grant has fewer periods than u32 has numbers.
    let mismatches = grant.mismatches.saturating_add(raised).saturating_sub(settled);
    block.store(state_key::grant(&act.grant), &GrantState { mismatches, ..grant });
    marks.write(block, entry);
    Ok(())
}

/// The period's last minute is over.
fn over(block: &Block<'_>, until: u64) -> Result<(), Error> {
    let max = minute_of(block.at.time);
    if until <= max { Ok(()) } else { Err(Error::MinuteRange { min: 0, max, found: until }) }
}
