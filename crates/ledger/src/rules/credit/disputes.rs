//! Objections: rules 101 and 102.

use yinxin_record::{
    ItemEvent, ItemState, ObjectionEvent, ObjectionState, OpenCase, RaiseObjection, Resolution,
    ResolveObjection, next_item_status, next_objection_status, state_key,
};

use super::{
    answers, conduct, event,
    items::corrected,
    known, moved, only,
    open::{self, OBJECTIONS},
    store, takes_part, today, working_days,
};
use crate::{
    CreditError, Error,
    block::{Block, Entry},
    rules::Marks,
};

/// Rule 101: whoever takes part raises one for a subject, one at a time; open ones mark the item.
pub(super) fn object(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &RaiseObjection,
) -> Result<(), Error> {
    takes_part(entry)?;
    let item = moved(block, &act.item, ItemEvent::Object)?;
    if let Some(objection) = open::of(block, &act.item, OBJECTIONS, entry.organisation)? {
        return Err(CreditError::ObjectionOpen { objection }.into());
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
        reason: act.reason,
        height: block.at.height,
        since: block.at.time,
    };
    block.store(state_key::credit_objection(&entry.id), &state);
    let case = OpenCase { by: entry.organisation.clone(), id: entry.id };
    open::begin(block, &act.item, OBJECTIONS, case)?;
    let item = ItemState { objection: item.objection.or(Some(entry.id)), ..item };
    event(block, entry, &item.subject)?;
    store(block, entry, &act.item, &item, Marks::new().digest(&act.statement));
    Ok(())
}

/// Rule 102: whoever recorded the item resolves the objection, an authority when it is overdue; whoever raised it drops it.
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
        _ => return Err(Error::ActUnknown),
    };
    let status = next_objection_status(old.as_ref().map(|o| o.status), event_of)?;
    let old = old.expect("the table resolves nothing that is not there");
    let mut item = known(block, &old.item)?;
    let mut marks = Marks::new();
    if event_of == ObjectionEvent::Drop {
        only(entry, &old.by)?;
        takes_part(entry)?;
    } else {
        answers(block, entry, &item.authority, &old.deadline)?;
    }
    match &act.resolution {
        Resolution::Corrected(correction) => {
            item.status = next_item_status(Some(item.status), ItemEvent::Correct)?;
            item = corrected(block, item, correction)?;
            marks = marks.digest(&correction.content);
        }
        Resolution::Withdrawn(_) => {
            item.status = next_item_status(Some(item.status), ItemEvent::Withdraw)?;
        }
        _ => {}
    }
    let (height, since) = (block.at.height, block.at.time);
    let objection = open::end(block, &old.item, OBJECTIONS, &act.objection)?;
    let item = ItemState { objection, reason, height, since, ..item };
    let late = old.deadline.at <= since;
    if event_of != ObjectionEvent::Drop {
        conduct(block, &item.authority, |c| {
            c.resolved += 1;
            c.resolved_late += u64::from(late);
        })?;
    }
    block.store(key, &ObjectionState { status, reason, height, since, ..old.clone() });
    event(block, entry, &item.subject)?;
    store(block, entry, &old.item, &item, marks);
    Ok(())
}
