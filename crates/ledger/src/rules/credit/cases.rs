//! Objections to items of batches, and applications for their repair: rules 116 to 118.

use yinxin_gm::Digest;
use yinxin_record::{
    BatchState, ClassKind, CloseSourceCase, Date, DecideSourceCase, InBatch, OpenCase,
    PublishClass, RaiseSourceCase, SourceAsk, SourceCaseEvent, SourceCaseState, SourceCaseStatus,
    SourceEvent, SourceItem, SourceItemState, SourceMarks, SourceOrder, SourceRepair, SourceRuling,
    TermBase, next_source_case_status, state_key,
};
use yinxin_verdict::UnixTime;

use super::{
    conduct, event, only, open, over,
    repairs::{has_each, papers},
    takes_part, today, working_days,
};
use crate::{
    CreditError, Error,
    block::{Block, Entry},
    rules::Marks,
};

/// Most open cases about an item, of a kind: one of each member.
const MAX_OPEN: usize = yinxin_receipt::MAX_ORGANISATIONS;

/// Orders about one item that its source has not carried out, at most: a list in the state holds 256.
const MAX_ORDERS: usize = 128;

/// Rule 116: whoever takes part raises a case for a subject about an item that is proven to be in a batch, one of a kind at a time. An
/// application is judged as in rule 104, by what the item itself says; what became of it since is for who decides.
pub(super) fn raise(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &RaiseSourceCase,
) -> Result<(), Error> {
    takes_part(entry)?;
    let (id, _) = included(block, &act.item)?;
    let SourceEvent::Record(item) = &act.item.record.event else {
        let (expected, found) = ("an item".to_owned(), "what became of one".to_owned());
        return Err(CreditError::BasisOther { expected, found }.into());
    };
    let class = super::class(block, &item.class)?;
    let mut state = known(block, &id)?.unwrap_or_else(|| fresh(&act.item, item));
    let (days, marks) = match &act.ask {
        SourceAsk::Objection(objection) => {
            (class.limits.objection_days, Marks::new().digest(&objection.statement))
        }
        SourceAsk::Repair(repair) => repairable(block, &class, item, &state, repair)?,
    };
    let case = OpenCase { by: entry.organisation.clone(), id: entry.id, signed: None };
    one_more(&mut state, &act.ask, case)?;
    if let Some(last) = open::dropped(block, &id, Some(entry.organisation))? {
        let last: SourceCaseState = block.expect(&state_key::credit_source_case(&last))?;
        over(block, &last.deadline)?;
    }
    working_days(block, "deadline", &act.deadline, (today(block), days))?;
    let case = SourceCaseState {
        status: next_source_case_status(None, SourceCaseEvent::Raise)?,
        item: id,
        by: entry.organisation.clone(),
        ask: act.ask.clone(),
        deadline: act.deadline,
        ruling: None,
        decided_by: None,
        paper: None,
        content: None,
        carry_by: None,
        carried: None,
        reason: 0,
        height: block.at.height,
        since: block.at.time,
    };
    put(block, entry, (&entry.id, &case), state, marks)
}

/// The record's id and its batch, if it is in a batch of its source that stands on this ledger.
fn included(block: &Block<'_>, found: &InBatch) -> Result<(Digest, BatchState), Error> {
    let InBatch { record, sequence, .. } = found;
    let state: Option<BatchState> =
        block.load(&state_key::credit_batch(&record.source, *sequence))?;
    let unknown =
        || CreditError::BasisUnknown { basis: format!("batch {}@{sequence}", record.source) };
    let batch = state.ok_or_else(unknown)?;
    let id = found.verify(batch.count, &batch.records).map_err(|_| CreditError::InclusionBad {
        source: record.source.clone(),
        sequence: *sequence,
    })?;
    Ok((id, batch))
}

fn known(block: &Block<'_>, id: &Digest) -> Result<Option<SourceItemState>, Error> {
    block.load(&state_key::credit_source_item(id))
}

fn fresh(found: &InBatch, item: &SourceItem) -> SourceItemState {
    SourceItemState {
        source: found.record.source.clone(),
        sequence: found.sequence,
        subject: found.record.subject.clone(),
        key: found.record.item,
        class: item.class.clone(),
        authority: item.authority.clone(),
        objections: Vec::new(),
        applications: Vec::new(),
        orders: Vec::new(),
        height: 0,
    }
}

/// As rule 104: the class has repair, there is its evidence, the minimum term is over and the longest is not, and nothing ended it already.
fn repairable(
    block: &Block<'_>,
    class: &PublishClass,
    item: &SourceItem,
    state: &SourceItemState,
    ask: &SourceRepair,
) -> Result<(u16, Marks), Error> {
    if let Some(SourceOrder { case, .. }) = state.ended() {
        return Err(CreditError::AlreadyRepaired { application: *case }.into());
    }
    let Some(rule) = &class.repair else {
        return Err(CreditError::NotRepairable { class: item.class.clone() }.into());
    };
    let (earliest, until) = term(class, item);
    let today = today(block);
    if let Some(until) = until.filter(|until| *until <= today) {
        return Err(CreditError::PeriodPast { until, today }.into());
    }
    if today < earliest {
        return Err(CreditError::BeforeMinimum { earliest, today }.into());
    }
    has_each(&rule.evidence, &ask.evidence)?;
    Ok((rule.days, papers(&ask.evidence).digest(&ask.commitment)))
}

/// The first day on which an item of a batch may be repaired, and the first on which it is no longer shown. The term of a commitment
/// begins when it is broken, which another record says.
fn term(class: &PublishClass, item: &SourceItem) -> (Date, Option<Date>) {
    let base = match class.term.base {
        _ if class.kind == ClassKind::Commitment => return (item.decided, None),
        TermBase::Publication => item.published,
        _ => item.decided,
    };
    let until = class.term.max_months.map(|months| base.plus_months(months));
    (base.plus_months(class.term.min_months), item.until.or(until))
}

/// One more case of its kind, of a member that has none.
fn one_more(state: &mut SourceItemState, ask: &SourceAsk, case: OpenCase) -> Result<(), Error> {
    let list = list(state, ask);
    if let Some(OpenCase { id, .. }) = list.iter().find(|open| open.by == case.by) {
        return Err(match ask {
            SourceAsk::Objection(_) => CreditError::ObjectionOpen { objection: *id },
            SourceAsk::Repair(_) => CreditError::RepairOpen { application: *id },
        }
        .into());
    }
    if list.len() >= MAX_OPEN {
        return Err(Error::TooMany { what: "open cases", max: MAX_OPEN });
    }
    list.push(case);
    Ok(())
}

const fn list<'a>(state: &'a mut SourceItemState, ask: &SourceAsk) -> &'a mut Vec<OpenCase> {
    match ask {
        SourceAsk::Objection(_) => &mut state.objections,
        SourceAsk::Repair(_) => &mut state.applications,
    }
}

/// Rule 117: the item's authority or its source decides, an authority over credit what is overdue; whoever raised the case drops it. What
/// is ordered says by when: in the class's time for withdrawals.
pub(super) fn decide(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &DecideSourceCase,
) -> Result<(), Error> {
    let (case, mut item) = moved(block, &act.case, act.ruling.event())?;
    if !act.ruling.answers(&case.ask) {
        let (expected, found) = ("a ruling on what was asked".to_owned(), act.ruling.name().into());
        return Err(CreditError::BasisOther { expected, found }.into());
    }
    if act.ruling == SourceRuling::Drop {
        only(entry, &case.by)?;
        takes_part(entry)?;
        open::drops(block, &case.item, Some(&case.by), act.case);
    } else {
        answers(block, entry, &item, &case)?;
        counted(block, entry, &item, &case)?;
    }
    if let Some(carry_by) = &act.carry_by {
        if item.orders.len() >= MAX_ORDERS {
            return Err(Error::TooMany { what: "orders that wait", max: MAX_ORDERS });
        }
        let class = super::class(block, &item.class)?;
        let days = (today(block), class.limits.withdraw_days);
        working_days(block, "carry by", carry_by, days)?;
        item.orders.push(SourceOrder { case: act.case, ruling: act.ruling });
    }
    list(&mut item, &case.ask).retain(|open| open.id != act.case);
    let case = SourceCaseState {
        ruling: Some(act.ruling),
        decided_by: Some(entry.organisation.clone()),
        paper: Some(act.paper),
        content: act.content,
        carry_by: act.carry_by,
        reason: act.reason,
        ..case
    };
    put(block, entry, (&act.case, &case), item, Marks::new().digest(&act.paper))
}

/// A case after an event, not yet written, and its item.
fn moved(
    block: &Block<'_>,
    id: &Digest,
    event: SourceCaseEvent,
) -> Result<(SourceCaseState, SourceItemState), Error> {
    let state: Option<SourceCaseState> = block.load(&state_key::credit_source_case(id))?;
    let status = next_source_case_status(state.as_ref().map(|s| s.status), event)?;
    let state = state.expect("the table moves nothing that is not there");
    let item = block.expect(&state_key::credit_source_item(&state.item))?;
    let (height, since) = (block.at.height, block.at.time);
    Ok((SourceCaseState { status, height, since, ..state }, item))
}

/// Who decided the item or told of it; anyone else as an authority over credit, once it is overdue.
fn answers(
    block: &Block<'_>,
    entry: &Entry<'_>,
    item: &SourceItemState,
    case: &SourceCaseState,
) -> Result<(), Error> {
    let asked = if *entry.organisation == item.source { &item.source } else { &item.authority };
    super::answers(block, entry, asked, &case.deadline)
}

/// Rule 114, of the source where it decides itself, else of the item's authority: whose item it is, is the source's word alone.
fn counted(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    item: &SourceItemState,
    case: &SourceCaseState,
) -> Result<(), Error> {
    let late = u64::from(case.deadline.at <= block.at.time);
    let of = if *entry.organisation == item.source { &item.source } else { &item.authority };
    conduct(block, of, |c| match &case.ask {
        SourceAsk::Objection(_) => {
            c.resolved += 1;
            c.resolved_late += late;
        }
        SourceAsk::Repair(_) => {
            c.decided += 1;
            c.decided_late += late;
        }
    })
}

/// Rule 118: anyone who takes part shows the record of a later batch that carries out what was ordered; or, its time over, that there is
/// none: then it is counted against the source. A decision that was carried out late is counted once; one that was carried out in time, by
/// the time of its batch, is not, whenever that is shown and whatever was said meanwhile.
pub(super) fn close(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &CloseSourceCase,
) -> Result<(), Error> {
    takes_part(entry)?;
    let old: Option<SourceCaseState> = block.load(&state_key::credit_source_case(&act.case))?;
    let event =
        if act.done.is_some() { SourceCaseEvent::CarryOut } else { SourceCaseEvent::Neglect };
    let (mut case, mut item) = moved(block, &act.case, event)?;
    let old = old.expect("it was moved");
    let (deadline, time) = (case.carry_by.expect("an order says by when").at, block.at.time);
    let mut marks = Marks::new();
    let mut in_time = false;
    if let Some(done) = &act.done {
        let (id, told) = carries(block, act, &old, &item, done)?;
        item.orders.retain(|order| order.case != act.case);
        case.carried = Some(id);
        in_time = told < deadline;
        marks = marks.digest(&id);
    } else if time < deadline {
        return Err(Error::NotOverdue { deadline, time });
    } else {
        // What carries it out came after the decision, not after its time was found over.
        (case.height, case.since) = (old.height, old.since);
    }
    conduct(block, &item.source, |c| {
        if old.status == SourceCaseStatus::Ordered {
            c.carried += 1;
            c.carried_late += u64::from(!in_time);
        } else {
            c.carried_late -= u64::from(in_time);
        }
    })?;
    put(block, entry, (&act.case, &case), item, marks)
}

/// The record tells of that item what was ruled, in a batch that came after the decision, and names no other one: its id, and when it was
/// told.
fn carries(
    block: &Block<'_>,
    act: &CloseSourceCase,
    case: &SourceCaseState,
    item: &SourceItemState,
    done: &InBatch,
) -> Result<(Digest, UnixTime), Error> {
    let (id, batch) = included(block, done)?;
    let record = &done.record;
    let about = (&record.source, &record.subject, &record.item);
    let carried = match &record.event {
        SourceEvent::Follow(follow) => {
            about == (&item.source, &item.subject, &item.key)
                && case.ruling.and_then(SourceRuling::follow) == Some(follow.event)
                && (case.content.is_none() || follow.content == case.content)
                && follow.decision.is_none_or(|named| named == act.case)
        }
        SourceEvent::Record(_) => false,
    };
    if carried && batch.height > case.height {
        return Ok((id, batch.since));
    }
    let expected = format!("a record of a later batch that carries out {}", act.case);
    let found = format!("record {id} of batch {}", done.sequence);
    Err(CreditError::BasisOther { expected, found }.into())
}

/// Writes a case and its item, the subject's chain and the number of its items of which a view has to tell.
fn put(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    (id, case): (&Digest, &SourceCaseState),
    item: SourceItemState,
    marks: Marks,
) -> Result<(), Error> {
    let item = SourceItemState { height: block.at.height, ..item };
    let was = known(block, &case.item)?.is_some_and(|old| old.is_marked());
    if was != item.is_marked() {
        let key = state_key::credit_source_marks(&item.subject);
        let SourceMarks { items } = block.load(&key)?.unwrap_or_default();
        let items = if was { items.saturating_sub(1) } else { items.saturating_add(1) };
        block.store(key, &SourceMarks { items });
    }
    block.store(state_key::credit_source_case(id), case);
    block.store(state_key::credit_source_item(&case.item), &item);
    event(block, entry, &item.subject)?;
    let marks = marks.credit_of(&item.subject).class(&item.class.code).digest(&case.item);
    let marks = marks.credit_authority(&item.authority).credit_authority(&item.source);
    marks.credit_about(&case.item).write(block, entry);
    Ok(())
}
