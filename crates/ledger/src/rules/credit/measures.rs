//! Exits from lists, joint measures and incentives: rules 107 and 108.

use yinxin_gm::Digest;
use yinxin_record::{
    ApplyMeasure, Basis, Delist, ExitGround, Footing, ItemEvent, ItemState, ItemStatus,
    LiftMeasure, ListRule, MeasureEvent, MeasureFeedback, MeasureState, Power, PublishClass,
    next_item_status, next_measure_status, state_key,
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
/// because of an item that costs the place. What an item rests on has ended: that ends it too, on a list or not.
pub(super) fn delist(block: &mut Block<'_>, entry: &Entry<'_>, act: &Delist) -> Result<(), Error> {
    let item = moved(block, &act.item, ItemEvent::Delist)?;
    own_or_authority(entry, &item.authority)?;
    let class = super::class(block, &item.class)?;
    not_expired(block, &item)?;
    let mut marks = match &act.ground {
        ExitGround::Conditions(conditions) => {
            let rule = list(&class, &item)?;
            after_minimum(block, &item)?;
            has_each(&rule.exit, &conditions.evidence)?;
            papers(&conditions.evidence)
        }
        ExitGround::BasisEnded(basis) => basis_ended(block, &class, &item, basis)?,
        ExitGround::Excluded(other) => excluded(block, list(&class, &item)?, &item, other)?,
        _ => return Err(Error::ActUnknown),
    };
    let item = ItemState { ended: Some(block.at.time), reason: act.reason, ..item };
    event(block, entry, &item.subject)?;
    if class.kind.is_list() {
        marks = marks.list(&item.class.code);
    }
    store(block, entry, &act.item, &item, marks);
    Ok(())
}

/// What holds for the list that an item is on.
fn list<'a>(class: &'a PublishClass, item: &ItemState) -> Result<&'a ListRule, Error> {
    let rule = class.list.as_ref();
    rule.ok_or_else(|| CreditError::NotListed { class: item.class.code.clone() }.into())
}

/// The item rests on that one, which was withdrawn or, where the class says so, ended by another act. That a term ran out is no
/// ground: it says nothing against the decision.
fn basis_ended(
    block: &Block<'_>,
    class: &PublishClass,
    item: &ItemState,
    basis: &Digest,
) -> Result<Marks, Error> {
    let state: Option<ItemState> = block.load(&state_key::credit_item(basis))?;
    let Some(state) = state.filter(|_| item.basis == Basis::Item(*basis)) else {
        return Err(other("the item that this one rests on".to_owned(), basis.to_string()));
    };
    let withdrawn = state.status == ItemStatus::Withdrawn;
    if withdrawn || (class.footing == Footing::Basis && state.ended.is_some()) {
        return Ok(Marks::new().item(basis, &state));
    }
    let expected = match class.footing {
        Footing::Basis => "an item that an act has ended",
        _ => "an item that was withdrawn",
    };
    Err(other(expected.to_owned(), state.status.name().to_owned()))
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

/// Rule 108: a department applies a measure that a list allows, on one of the laws that it names for it, on an item of that list in force.
pub(super) fn apply(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &ApplyMeasure,
) -> Result<(), Error> {
    needs(entry, Power::Credit)?;
    let item = moved(block, &act.item, ItemEvent::Support)?;
    let class = super::class(block, &item.class)?;
    let rule = list(&class, &item)?;
    not_expired(block, &item)?;
    let Some(measure) = rule.measure(&act.measure) else {
        let (class, found) = (item.class, act.measure.clone());
        return Err(CreditError::MeasureOther { class, found }.into());
    };
    if measure.laws.binary_search(&act.law).is_err() {
        let (class, found) = (item.class, act.law.clone());
        return Err(CreditError::LawOther { class, found }.into());
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
