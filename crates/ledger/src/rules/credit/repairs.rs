//! Repair: rules 104 to 106.

use yinxin_gm::Digest;
use yinxin_record::{
    ApplyRepair, DecideRepair, Evidence, EvidenceKind, ItemEvent, ItemState, ItemStatus, OpenCase,
    Reinstate, RepairDecision, RepairEvent, RepairState, next_item_status, next_repair_status,
    state_key,
};

use super::{
    answers, conduct, event, known, moved, not_expired,
    open::{self, APPLICATIONS},
    own_or_authority, store, takes_part, today, working_days,
};
use crate::{
    CreditError, Error,
    block::{Block, Entry},
    rules::Marks,
};

/// Rule 104: whoever takes part applies for a subject: within the item's term and after its minimum, one at a time, for what
/// is not repaired, with evidence of each kind that the class asks for.
pub(super) fn apply(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &ApplyRepair,
) -> Result<(), Error> {
    takes_part(entry)?;
    not_repaired(block, &act.item)?;
    let item = moved(block, &act.item, ItemEvent::Apply)?;
    let class = super::class(block, &item.class)?;
    let Some(rule) = &class.repair else {
        return Err(CreditError::NotRepairable { class: item.class }.into());
    };
    not_expired(block, &item)?;
    after_minimum(block, &item)?;
    if let Some(application) = open::of(block, &act.item, APPLICATIONS, entry.organisation)? {
        return Err(CreditError::RepairOpen { application }.into());
    }
    has_each(&rule.evidence, &act.evidence)?;
    working_days(block, "deadline", &act.deadline, (today(block), rule.days))?;
    let state = RepairState {
        status: next_repair_status(None, RepairEvent::Apply)?,
        item: act.item,
        by: entry.organisation.clone(),
        evidence: act.evidence.clone(),
        commitment: act.commitment,
        deadline: act.deadline,
        decided_by: None,
        reason: 0,
        height: block.at.height,
        since: block.at.time,
    };
    block.store(state_key::credit_repair(&entry.id), &state);
    let case = OpenCase { by: entry.organisation.clone(), id: entry.id, signed: None };
    open::begin(block, &act.item, APPLICATIONS, case)?;
    let item = ItemState { repair: Some(entry.id), ..item };
    event(block, entry, &item.subject)?;
    let marks = papers(&act.evidence).digest(&act.commitment);
    store(block, entry, &act.item, &item, marks);
    Ok(())
}

fn not_repaired(block: &Block<'_>, id: &Digest) -> Result<(), Error> {
    let item: Option<ItemState> = block.load(&state_key::credit_item(id))?;
    match item {
        Some(ItemState { status: ItemStatus::Repaired, repair: Some(application), .. }) => {
            Err(CreditError::AlreadyRepaired { application }.into())
        }
        _ => Ok(()),
    }
}

/// The minimum term of an item is over.
pub(super) fn after_minimum(block: &Block<'_>, item: &ItemState) -> Result<(), Error> {
    let (earliest, today) = (item.minimum, today(block));
    if today < earliest {
        return Err(CreditError::BeforeMinimum { earliest, today }.into());
    }
    Ok(())
}

/// There is evidence of each kind.
pub(super) fn has_each(kinds: &[EvidenceKind], evidence: &[Evidence]) -> Result<(), Error> {
    let missing = |kind: &&EvidenceKind| evidence.iter().all(|e| e.kind != **kind);
    match kinds.iter().find(missing) {
        Some(kind) => Err(CreditError::EvidenceMissing { kind: kind.clone() }.into()),
        None => Ok(()),
    }
}

/// Each paper is found by its digest.
pub(super) fn papers(evidence: &[Evidence]) -> Marks {
    evidence.iter().fold(Marks::new(), |marks, e| marks.digest(&e.digest))
}

/// An application after an event, not yet written.
fn decided(block: &Block<'_>, id: &Digest, event: RepairEvent) -> Result<RepairState, Error> {
    let state: Option<RepairState> = block.load(&state_key::credit_repair(id))?;
    let status = next_repair_status(state.as_ref().map(|s| s.status), event)?;
    let state = state.expect("the table decides nothing that is not there");
    Ok(RepairState { status, height: block.at.height, since: block.at.time, ..state })
}

/// Rule 105: whoever recorded the item decides, an authority when it is overdue; a repair is accepted within the item's term and
/// after its minimum, which a repair found false moved since another one applied.
pub(super) fn decide(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &DecideRepair,
) -> Result<(), Error> {
    let (event_of, reason) = match &act.decision {
        RepairDecision::Accept(_) => (RepairEvent::Accept, 0),
        RepairDecision::Reject(reason) => (RepairEvent::Reject, *reason),
        _ => return Err(Error::ActUnknown),
    };
    let mut state = decided(block, &act.application, event_of)?;
    let mut item = known(block, &state.item)?;
    answers(block, entry, &item.authority, &state.deadline)?;
    let mut marks = Marks::new();
    if let RepairDecision::Accept(paper) = &act.decision {
        item.status = next_item_status(Some(item.status), ItemEvent::Repair)?;
        not_expired(block, &item)?;
        after_minimum(block, &item)?;
        marks = marks.digest(paper);
    }
    let others = open::end(block, &state.item, APPLICATIONS, &act.application)?;
    let repair = match (event_of, item.status) {
        (RepairEvent::Accept, _) => Some(act.application),
        (_, ItemStatus::Repaired) => item.repair,
        _ => others.or(Some(act.application)),
    };
    let (height, since) = (block.at.height, block.at.time);
    let ended = item.ended.or((event_of == RepairEvent::Accept).then_some(since));
    let item = ItemState { repair, ended, reason, height, since, ..item };
    let late = state.deadline.at <= since;
    conduct(block, &item.authority, |c| {
        c.decided += 1;
        c.decided_late += u64::from(late);
    })?;
    state.decided_by = Some(entry.organisation.clone());
    state.reason = reason;
    block.store(state_key::credit_repair(&act.application), &state);
    event(block, entry, &item.subject)?;
    store(block, entry, &state.item, &item, marks);
    Ok(())
}

/// Rule 106: whoever accepted a repair, or an authority, finds it false while the item's term lasts: what an authority decided because the
/// item's recorder did not is not that one's to undo. The minimum term counts anew from that day.
pub(super) fn reinstate(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &Reinstate,
) -> Result<(), Error> {
    let mut state = decided(block, &act.application, RepairEvent::Void)?;
    let mut item = moved(block, &state.item, ItemEvent::Reinstate)?;
    own_or_authority(entry, state.decided_by.as_ref().unwrap_or(&item.authority))?;
    not_expired(block, &item)?;
    let class = super::class(block, &item.class)?;
    item.minimum = today(block).plus_months(class.term.min_months);
    item.repair = open::first(block, &state.item, APPLICATIONS)?.or(item.repair);
    item.reason = act.reason;
    item.ended = None;
    state.reason = act.reason;
    state.decided_by = Some(entry.organisation.clone());
    block.store(state_key::credit_repair(&act.application), &state);
    event(block, entry, &item.subject)?;
    store(block, entry, &state.item, &item, Marks::new().digest(&act.evidence));
    Ok(())
}
