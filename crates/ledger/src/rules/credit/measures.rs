//! Exits from lists, joint measures and incentives: rules 107 and 108.

use yinxin_gm::Digest;
use yinxin_record::{
    ApplyMeasure, Basis, Delist, ExitGround, ItemEvent, ItemState, ItemStatus, LiftMeasure,
    ListRule, MeasureEvent, MeasureFeedback, MeasureState, Power, next_item_status,
    next_measure_status, state_key,
};

use super::{
    conduct, event, known, moved, needs, not_expired, only, own_or_authority,
    repairs::{after_minimum, has_each, papers},
    store,
};
use crate::{
    CreditError, Error,
    block::{Block, Entry},
    rules::Marks,
};

/// Rule 107: whoever entered a subject on a list, or an authority, strikes it off: by its conditions after the minimum term, or
/// because what the entry rests on was withdrawn, or because of an item that costs the place.
pub(super) fn delist(block: &mut Block<'_>, entry: &Entry<'_>, act: &Delist) -> Result<(), Error> {
    let item = moved(block, &act.item, ItemEvent::Delist)?;
    own_or_authority(entry, &item.authority)?;
    let rule = list(block, &item)?;
    not_expired(block, &item)?;
    let marks = match &act.ground {
        ExitGround::Conditions(conditions) => {
            after_minimum(block, &item)?;
            has_each(&rule.exit, &conditions.evidence)?;
            papers(&conditions.evidence)
        }
        ExitGround::BasisWithdrawn(basis) => basis_fell(block, &item, basis)?,
        ExitGround::Excluded(other) => excluded(block, &rule, &item, other)?,
        _ => return Err(Error::ActUnknown),
    };
    let item = ItemState { reason: act.reason, ..item };
    event(block, entry, &item.subject)?;
    let marks = marks.list(&item.class.code);
    store(block, entry, &act.item, &item, marks);
    Ok(())
}

/// What holds for the list that an item is on.
fn list(block: &Block<'_>, item: &ItemState) -> Result<ListRule, Error> {
    let rule = super::class(block, &item.class)?.list;
    rule.ok_or_else(|| CreditError::NotListed { class: item.class.code.clone() }.into())
}

/// The entry rests on that item, and it was withdrawn.
fn basis_fell(block: &Block<'_>, item: &ItemState, basis: &Digest) -> Result<Marks, Error> {
    let state: Option<ItemState> = block.load(&state_key::credit_item(basis))?;
    match state {
        Some(state) if item.basis == Basis::Item(*basis) => {
            if state.status == ItemStatus::Withdrawn {
                return Ok(Marks::new().item(basis, &state));
            }
            let (expected, found) = ("an item that was withdrawn", state.status.name());
            Err(other(expected.to_owned(), found.to_owned()))
        }
        _ => Err(other("the item that the entry rests on".to_owned(), basis.to_string())),
    }
}

fn other(expected: String, found: String) -> Error {
    CreditError::BasisOther { expected, found }.into()
}

/// An item of the same subject, in force, of a class that costs the place.
fn excluded(
    block: &Block<'_>,
    rule: &ListRule,
    item: &ItemState,
    id: &Digest,
) -> Result<Marks, Error> {
    let found: Option<ItemState> = block.load(&state_key::credit_item(id))?;
    let unknown = || CreditError::BasisUnknown { basis: format!("item {id}") };
    let found = found.ok_or_else(unknown)?;
    let costs = rule.excludes.binary_search(&found.class.code).is_ok();
    if found.subject != item.subject || !costs {
        let expected = "an item of the subject that costs the place".to_owned();
        return Err(other(expected, format!("{} of {}", found.class, found.subject)));
    }
    next_item_status(Some(found.status), ItemEvent::Support)?;
    not_expired(block, &found)?;
    Ok(Marks::new().item(id, &found))
}

/// Rule 108: a department applies a measure that a list allows, on an item of that list in force.
pub(super) fn apply(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &ApplyMeasure,
) -> Result<(), Error> {
    needs(entry, Power::Credit)?;
    let item = moved(block, &act.item, ItemEvent::Support)?;
    let rule = list(block, &item)?;
    not_expired(block, &item)?;
    if rule.measures.binary_search(&act.measure).is_err() {
        let (class, found) = (item.class, act.measure.clone());
        return Err(CreditError::MeasureOther { class, found }.into());
    }
    let state = MeasureState {
        status: next_measure_status(None, MeasureEvent::Apply)?,
        item: act.item,
        subject: item.subject.clone(),
        measure: act.measure.clone(),
        by: entry.organisation.clone(),
        feedbacks: 0,
        result: 0,
        reason: 0,
        height: block.at.height,
        since: block.at.time,
    };
    conduct(block, entry.organisation, |c| c.applied += 1)?;
    put(block, entry, &entry.id, &state, &item, Marks::new().digest(&act.case))
}

fn put(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    id: &Digest,
    state: &MeasureState,
    item: &ItemState,
    marks: Marks,
) -> Result<(), Error> {
    block.store(state_key::credit_measure(id), state);
    event(block, entry, &state.subject)?;
    let marks = marks.list(&item.class.code).measures_of(&state.by).digest(id);
    marks.item(&state.item, item).write(block, entry);
    Ok(())
}

/// A measure after an event, not yet written: rule 108, by the department that applied it.
fn next(
    block: &Block<'_>,
    entry: &Entry<'_>,
    id: &Digest,
    event: MeasureEvent,
) -> Result<MeasureState, Error> {
    needs(entry, Power::Credit)?;
    let state: Option<MeasureState> = block.load(&state_key::credit_measure(id))?;
    let status = next_measure_status(state.as_ref().map(|s| s.status), event)?;
    let state = state.expect("the table moves nothing that is not there");
    only(entry, &state.by)?;
    Ok(MeasureState { status, height: block.at.height, since: block.at.time, ..state })
}

/// Rule 108: it tells what came of it, however its item stands by then.
pub(super) fn tell(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &MeasureFeedback,
) -> Result<(), Error> {
    let state = next(block, entry, &act.measure, MeasureEvent::Tell)?;
    let item = known(block, &state.item)?;
    if state.feedbacks == 0 {
        conduct(block, entry.organisation, |c| c.told += 1)?;
    }
    let feedbacks = state.feedbacks.saturating_add(1);
    let state = MeasureState { feedbacks, result: act.result, ..state };
    put(block, entry, &act.measure, &state, &item, Marks::new().digest(&act.report))
}

/// Rule 108: it lifts it.
pub(super) fn lift(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &LiftMeasure,
) -> Result<(), Error> {
    let state = next(block, entry, &act.measure, MeasureEvent::Lift)?;
    let item = known(block, &state.item)?;
    let state = MeasureState { reason: act.reason, ..state };
    put(block, entry, &act.measure, &state, &item, Marks::new())
}
