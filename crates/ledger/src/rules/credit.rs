//! Credit: rules 90 to 119, one file for each part of an item's life.

mod batches;
mod cases;
mod classes;
mod disputes;
mod foreign;
mod items;
mod measures;
mod open;
mod reading;
mod repairs;

use yinxin_gm::Digest;
use yinxin_record::{
    CalendarState, ClassReference, ConductState, CreditAct, Date, Deadline, EventChain, EventState,
    ItemEvent, ItemState, OrganisationCode, Power, PublishClass, Subject, next_item_status,
    state_key,
};

pub(super) use reading::subject_key;

use super::{DAY_MS, Marks, in_range, needs, only};
use crate::{
    CreditError, Error,
    block::{Block, Entry},
};

pub(super) fn act(block: &mut Block<'_>, entry: &Entry<'_>, act: &CreditAct) -> Result<(), Error> {
    match act {
        CreditAct::PublishClass(act) => classes::publish(block, entry, act),
        CreditAct::PublishFormula(act) => classes::formula(block, entry, act),
        CreditAct::SetSubjectKey(act) => classes::subject_key(block, entry, act),
        CreditAct::Record(act) => items::record(block, entry, act),
        CreditAct::Correct(act) => items::correct(block, entry, act),
        CreditAct::Fulfil(act) => items::settle(block, entry, act, ItemEvent::Fulfil),
        CreditAct::Break(act) => items::settle(block, entry, act, ItemEvent::Break),
        CreditAct::Withdraw(act) => items::withdraw(block, entry, act),
        CreditAct::Object(act) => disputes::object(block, entry, act),
        CreditAct::Resolve(act) => disputes::resolve(block, entry, act),
        CreditAct::ApplyRepair(act) => repairs::apply(block, entry, act),
        CreditAct::DecideRepair(act) => repairs::decide(block, entry, act),
        CreditAct::Reinstate(act) => repairs::reinstate(block, entry, act),
        CreditAct::Delist(act) => measures::delist(block, entry, act),
        CreditAct::ApplyMeasure(act) => measures::apply(block, entry, act),
        CreditAct::TellMeasure(act) => measures::tell(block, entry, act),
        CreditAct::LiftMeasure(act) => measures::lift(block, entry, act),
        CreditAct::Authorise(act) => reading::authorise(block, entry, act),
        CreditAct::RevokeAuthorisation(act) => reading::revoke(block, entry, act),
        CreditAct::View(act) => reading::view(block, entry, act),
        CreditAct::Score(act) => reading::score(block, entry, act),
        CreditAct::Batch(act) => batches::batch(block, entry, act),
        CreditAct::KeepPseudonyms(act) => classes::keep_pseudonyms(block, entry, act),
        CreditAct::RaiseCase(act) => cases::raise(block, entry, act),
        CreditAct::DecideCase(act) => cases::decide(block, entry, act),
        CreditAct::CloseCase(act) => cases::close(block, entry, act),
        CreditAct::TrustLedger(act) => foreign::trust(block, entry, act),
        CreditAct::EndRecognised(act) => foreign::end(block, entry, act),
        _ => Err(Error::ActUnknown),
    }
}

/// The day of the block.
fn today(block: &Block<'_>) -> Date {
    Date::of(block.at.time)
}

/// A day within `min..=max`.
fn day_in(what: &'static str, found: Date, min: Date, max: Date) -> Result<(), Error> {
    if (min..=max).contains(&found) {
        Ok(())
    } else {
        Err(CreditError::DateRange { what, min, max, found }.into())
    }
}

fn class(block: &Block<'_>, of: &ClassReference) -> Result<PublishClass, Error> {
    let published = block.load(&state_key::credit_class_version(&of.code, of.version))?;
    published.ok_or_else(|| CreditError::ClassUnknown { class: of.clone() }.into())
}

/// An item after an event, not yet written.
fn moved(block: &Block<'_>, id: &Digest, event: ItemEvent) -> Result<ItemState, Error> {
    let state: Option<ItemState> = block.load(&state_key::credit_item(id))?;
    let status = next_item_status(state.as_ref().map(|s| s.status), event)?;
    let state = state.expect("the table moves nothing that is not there");
    Ok(ItemState { status, height: block.at.height, since: block.at.time, ..state })
}

/// An item that others name: they stood on the ledger before whatever names them.
fn known(block: &Block<'_>, id: &Digest) -> Result<ItemState, Error> {
    block.expect(&state_key::credit_item(id))
}

/// Writes an item, its subject's chain, and its index entries.
fn store(block: &mut Block<'_>, entry: &Entry<'_>, id: &Digest, item: &ItemState, marks: Marks) {
    block.store(state_key::credit_item(id), item);
    marks.item(id, item).write(block, entry);
}

/// The term of the item is not over.
fn not_expired(block: &Block<'_>, item: &ItemState) -> Result<(), Error> {
    match item.until {
        Some(until) if item.is_expired(block.at.time) => {
            Err(CreditError::PeriodPast { until, today: today(block) }.into())
        }
        _ => Ok(()),
    }
}

/// A deadline of so many working days from a day: counted off the ledger with a published calendar. No working day comes
/// before a day of its own, and no term of them takes more than twice as many days and the longest public holidays.
fn working_days(
    block: &Block<'_>,
    what: &'static str,
    deadline: &Deadline,
    (from, days): (Date, u16),
) -> Result<(), Error> {
    let Deadline { at, calendar } = deadline;
    if block.load::<CalendarState>(&state_key::calendar(calendar))?.is_none() {
        return Err(Error::CalendarUnknown { calendar: *calendar });
    }
    let min = from.plus_days(u32::from(days) + 1).start();
    let slack = i64::from(days) + HOLIDAYS;
    in_range(what, *at, min, min.plus_millis(slack * DAY_MS))
}

/// Nine days of the longest public holiday, weekends around it, and another one within the month.
const HOLIDAYS: i64 = 21;

/// Whoever recorded the item does it by its power; anyone else as an authority over credit, once it is overdue.
fn answers(
    block: &Block<'_>,
    entry: &Entry<'_>,
    authority: &OrganisationCode,
    deadline: &Deadline,
) -> Result<(), Error> {
    if entry.organisation == authority {
        return needs(entry, Power::Credit);
    }
    if !entry.sender.powers.has(Power::CreditAuthority) {
        return only(entry, authority);
    }
    over(block, deadline)
}

/// The deadline is over.
fn over(block: &Block<'_>, deadline: &Deadline) -> Result<(), Error> {
    let (deadline, time) = (deadline.at, block.at.time);
    if time < deadline { Err(Error::NotOverdue { deadline, time }) } else { Ok(()) }
}

/// Whoever recorded the item does it by its power, or an authority over credit.
fn own_or_authority(entry: &Entry<'_>, authority: &OrganisationCode) -> Result<(), Error> {
    if entry.sender.powers.has(Power::CreditAuthority) {
        return Ok(());
    }
    only(entry, authority)?;
    needs(entry, Power::Credit)
}

/// Some part in credit is enough: whoever speaks for a subject.
fn takes_part(entry: &Entry<'_>) -> Result<(), Error> {
    let powers = entry.sender.powers;
    let any = [Power::Credit, Power::CreditAuthority, Power::CreditCourt];
    if any.into_iter().any(|power| powers.has(power)) {
        return Ok(());
    }
    needs(entry, Power::CreditUse)
}

fn chain(block: &Block<'_>, key: &[u8], subject: &Subject) -> Result<EventChain, Error> {
    Ok(block.load(key)?.unwrap_or_else(|| EventChain::start(subject)))
}

/// One more record that says something of a subject's credit.
fn event(block: &mut Block<'_>, entry: &Entry<'_>, subject: &Subject) -> Result<(), Error> {
    let key = state_key::credit_subject(subject);
    let next = chain(block, &key, subject)?.then(&entry.id);
    block.store(key, &next);
    let mark = EventState { head: next.head, record: entry.id, since: block.at.time };
    block.store(state_key::credit_event(subject, next.count), &mark);
    Ok(())
}

/// One more record of who may see a subject's credit, who saw it, and what it is worth.
fn used(block: &mut Block<'_>, entry: &Entry<'_>, subject: &Subject) -> Result<(), Error> {
    let key = state_key::credit_uses(subject);
    let next = chain(block, &key, subject)?.then(&entry.id);
    block.store(key, &next);
    Ok(())
}

/// Rule 114: what an authority did, and how late, is counted.
fn conduct(
    block: &mut Block<'_>,
    of: &OrganisationCode,
    count: impl FnOnce(&mut ConductState),
) -> Result<(), Error> {
    let key = state_key::credit_conduct(of);
    let mut state: ConductState = block.load(&key)?.unwrap_or_default();
    count(&mut state);
    block.store(key, &state);
    Ok(())
}
