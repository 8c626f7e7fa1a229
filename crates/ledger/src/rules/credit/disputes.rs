//! Objections: rules 101 and 102.

use yinxin_gm::Digest;
use yinxin_record::{
    BusinessState, ItemEvent, ItemState, ObjectionEvent, ObjectionState, OpenCase, RaiseObjection,
    Resolution, ResolveObjection, next_item_status, next_objection_status, state_key,
};

use super::{
    answers, conduct, event,
    items::{corrected, frees},
    known, moved, only,
    open::{self, OBJECTIONS},
    over, store, subject_key, takes_part, today, working_days,
};
use crate::{
    CreditError, Error,
    block::{Block, Entry},
    rules::Marks,
};

/// Rule 101: whoever takes part raises one for a subject, one at a time; with the subject's signature it is the subject's own, which
/// no member's stands in the way of. Open ones mark the item.
pub(super) fn object(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &RaiseObjection,
) -> Result<(), Error> {
    takes_part(entry)?;
    let item = moved(block, &act.item, ItemEvent::Object)?;
    let signed = own_word(block, entry, act, &item)?;
    let open = match signed {
        Some(_) => open::of_subject(block, &act.item)?,
        None => open::of(block, &act.item, OBJECTIONS, entry.organisation)?,
    };
    if let Some(objection) = open {
        return Err(CreditError::ObjectionOpen { objection }.into());
    }
    let by = signed.is_none().then_some(entry.organisation);
    if let Some(last) = open::dropped(block, &act.item, by)? {
        let last: ObjectionState = block.expect(&state_key::credit_objection(&last))?;
        over(block, &last.deadline)?;
    }
    let class = super::class(block, &item.class)?;
    let term = (today(block), class.limits.objection_days);
    working_days(block, "deadline", &act.deadline, term)?;
    let state = ObjectionState {
        status: next_objection_status(None, ObjectionEvent::Raise)?,
        item: act.item,
        by: entry.organisation.clone(),
        statement: act.statement,
        deadline: act.deadline,
        signed,
        reason: act.reason,
        height: block.at.height,
        since: block.at.time,
    };
    block.store(state_key::credit_objection(&entry.id), &state);
    let case = OpenCase { by: entry.organisation.clone(), id: entry.id, signed };
    open::begin(block, &act.item, OBJECTIONS, case)?;
    let item = ItemState { objection: item.objection.or(Some(entry.id)), ..item };
    event(block, entry, &item.subject)?;
    store(block, entry, &act.item, &item, Marks::new().digest(&act.statement));
    Ok(())
}

/// SM3 of what the subject signed, if it did: with the key that it has now, and once.
fn own_word(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &RaiseObjection,
    item: &ItemState,
) -> Result<Option<Digest>, Error> {
    if act.signature.is_none() {
        return Ok(None);
    }
    let signer = subject_key(block, &item.subject)?;
    let signed = act.verify(&block.at.chain_id, &signer.key)?;
    let key = state_key::credit_word(&signed);
    if let Some(known) = block.load::<BusinessState>(&key)? {
        return Err(CreditError::WordKnown { record: known.record }.into());
    }
    block.store(key, &BusinessState { record: entry.id, height: block.at.height });
    Ok(Some(signed))
}

/// Rule 102: whoever recorded the item resolves the objection, an authority when it is overdue; whoever raised it drops it, the
/// subject by its signature.
pub(super) fn resolve(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &ResolveObjection,
) -> Result<(), Error> {
    let key = state_key::credit_objection(&act.objection);
    let old: Option<ObjectionState> = block.load(&key)?;
    let (event_of, reason) = match &act.resolution {
        Resolution::Upheld(reason) => (ObjectionEvent::Uphold, *reason),
        Resolution::Corrected(correction) => (ObjectionEvent::Correct, correction.reason),
        Resolution::Withdrawn(reason) => (ObjectionEvent::Withdraw, *reason),
        Resolution::Dropped(reason) => (ObjectionEvent::Drop, *reason),
        Resolution::Retracted(word) => (ObjectionEvent::Drop, word.reason),
        _ => return Err(Error::ActUnknown),
    };
    let status = next_objection_status(old.as_ref().map(|o| o.status), event_of)?;
    let old = old.expect("the table resolves nothing that is not there");
    let mut item = known(block, &old.item)?;
    let mut marks = Marks::new();
    match &act.resolution {
        Resolution::Dropped(_) | Resolution::Retracted(_) => drops(block, entry, act, &old, &item)?,
        _ => answers(block, entry, &item.authority, &old.deadline)?,
    }
    match &act.resolution {
        Resolution::Corrected(correction) => {
            item.status = next_item_status(Some(item.status), ItemEvent::Correct)?;
            item = corrected(block, item, correction)?;
            marks = marks.digest(&correction.content);
        }
        Resolution::Withdrawn(_) => {
            frees(block, entry, &old.item, &item)?;
            item.status = next_item_status(Some(item.status), ItemEvent::Withdraw)?;
            item.ended = item.ended.or(Some(block.at.time));
        }
        _ => {}
    }
    let (height, since) = (block.at.height, block.at.time);
    let objection = open::end(block, &old.item, OBJECTIONS, &act.objection)?;
    let item = ItemState { objection, reason, height, since, ..item };
    if event_of == ObjectionEvent::Drop {
        let by = old.signed.is_none().then_some(&old.by);
        open::drops(block, &old.item, by, act.objection);
    } else {
        let (late, withdrawn) = (old.deadline.at <= since, event_of == ObjectionEvent::Withdraw);
        conduct(block, &item.authority, |c| {
            c.resolved += 1;
            c.resolved_late += u64::from(late);
            // Else an objection would be the way around the time for withdrawals.
            c.withdrawn += u64::from(withdrawn);
            c.withdrawn_late += u64::from(withdrawn && late);
        })?;
    }
    block.store(key, &ObjectionState { status, reason, height, since, ..old.clone() });
    event(block, entry, &item.subject)?;
    store(block, entry, &old.item, &item, marks);
    Ok(())
}

/// A member drops its own word; the subject's word is the subject's to drop, whoever sends that.
fn drops(
    block: &Block<'_>,
    entry: &Entry<'_>,
    act: &ResolveObjection,
    old: &ObjectionState,
    item: &ItemState,
) -> Result<(), Error> {
    takes_part(entry)?;
    match (&act.resolution, old.signed) {
        (Resolution::Retracted(word), Some(_)) => {
            let signer = subject_key(block, &item.subject)?;
            Ok(word.verify(&act.objection, &block.at.chain_id, &signer.key)?)
        }
        (Resolution::Dropped(_), None) => only(entry, &old.by),
        _ => Err(yinxin_record::Error::Signature.into()),
    }
}
