//! Items: recorded, corrected, kept or broken, withdrawn: rules 93 to 100 and 103.

use yinxin_gm::Digest;
use yinxin_record::{
    Basis, BusinessState, ClassKind, CorrectItem, Correction, Date, DocumentState, ItemEvent,
    ItemState, LicenceState, Power, PublishClass, RecordItem, SettleCommitment, Subject, TermBase,
    WithdrawItem, next_item_status, state_key,
};

use super::{
    classes, conduct, day_in, event, foreign, moved, needs, not_expired, only, own_or_authority,
    store, today, working_days,
};
use crate::{
    CreditError, Error,
    block::{Block, Entry},
    rules::Marks,
};

/// Rules 93 to 98.
pub(super) fn record(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &RecordItem,
) -> Result<(), Error> {
    needs(entry, Power::Credit)?;
    let class = classes::judging(block, entry.organisation, &act.class, act.decided)?;
    if class.laws.binary_search(&act.law).is_err() {
        let (class, found) = (act.class.clone(), act.law.clone());
        return Err(CreditError::LawOther { class, found }.into());
    }
    known_custodian(block, &act.subject)?;
    not_back_dated(block, &class, act.decided)?;
    let commitment = class.kind == ClassKind::Commitment;
    // The term of a commitment begins when it is kept or broken.
    let terms =
        if commitment { (act.decided, None) } else { term(&class, act.decided, today(block)) };
    if commitment && act.until.is_none() {
        return Err(CreditError::UntilMissing { class: act.class.clone() }.into());
    }
    let (minimum, until) = shown(act, terms)?;
    let until = foreign::no_later(&act.basis, act.until, until)?;
    publish_by(block, &class, act)?;
    let mut marks = rests_on(block, entry, &class, act)?;
    recorded_once(block, entry, act)?;
    let item = ItemState {
        status: next_item_status(
            None,
            if commitment { ItemEvent::Commit } else { ItemEvent::Record },
        )?,
        subject: act.subject.clone(),
        class: act.class.clone(),
        authority: entry.organisation.clone(),
        content: act.content,
        basis: act.basis.clone(),
        decided: act.decided,
        recorded: block.at.time,
        publish_by: act.publish_by.map(|by| by.at),
        minimum,
        until,
        objection: None,
        repair: None,
        corrections: 0,
        ended: None,
        reason: 0,
        height: block.at.height,
        since: block.at.time,
    };
    if class.kind.is_list() {
        marks = marks.list(&class.code);
    }
    if item.publish_by.is_some() {
        conduct(block, entry.organisation, |c| {
            c.published += 1;
            c.published_late += u64::from(item.is_late());
        })?;
    }
    event(block, entry, &act.subject)?;
    store(block, entry, &entry.id, &item, marks.digest(&act.content));
    Ok(())
}

/// Rule 93: a pseudonym is a member's, which can be asked whose it is.
fn known_custodian(block: &Block<'_>, subject: &Subject) -> Result<(), Error> {
    match subject {
        Subject::Person(person) if block.organisation(&person.custodian)?.is_none() => {
            Err(Error::OrganisationUnknown { organisation: person.custodian.clone() })
        }
        _ => Ok(()),
    }
}

/// Rule 95: decided, and not longer ago than the class allows.
fn not_back_dated(block: &Block<'_>, class: &PublishClass, decided: Date) -> Result<(), Error> {
    let today = today(block);
    let oldest = today.minus_days(class.limits.age_days);
    if decided < oldest {
        return Err(CreditError::BackDated { oldest, found: decided }.into());
    }
    day_in("decided", decided, oldest, today)
}

/// The first day on which an item may be repaired, and the first on which it is no longer shown, by its class.
fn term(class: &PublishClass, decided: Date, today: Date) -> (Date, Option<Date>) {
    let base = match class.term.base {
        TermBase::Publication => today,
        _ => decided,
    };
    let until = class.term.max_months.map(|months| base.plus_months(months));
    (base.plus_months(class.term.min_months), until)
}

/// Rule 96: an item is shown at least for the minimum term and at most for the maximum.
fn shown(
    act: &RecordItem,
    (minimum, maximum): (Date, Option<Date>),
) -> Result<(Date, Option<Date>), Error> {
    let Some(until) = act.until else { return Ok((minimum, maximum)) };
    let latest = maximum.unwrap_or_else(|| minimum.plus_months(u16::MAX));
    day_in("until", until, minimum, latest)?;
    Ok((minimum, Some(until)))
}

/// Rule 97: where the class sets a time to publish in, the record says when it was over.
fn publish_by(block: &Block<'_>, class: &PublishClass, act: &RecordItem) -> Result<(), Error> {
    let expected = class.limits.publish_days;
    match (&act.publish_by, expected) {
        (None, None) => Ok(()),
        (Some(by), Some(days)) => working_days(block, "publish by", by, (act.decided, days)),
        _ => Err(CreditError::DeadlineOther { expected }.into()),
    }
}

/// Rule 98: what a record rests on is known to the ledger, carries it, and is of a class that the class asks for.
fn rests_on(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    class: &PublishClass,
    act: &RecordItem,
) -> Result<Marks, Error> {
    let marks = Marks::new();
    let needed = !class.rests_on.is_empty();
    match &act.basis {
        Basis::Item(id) => supports(block, class, act, id).map(|basis| marks.item(id, &basis)),
        Basis::Foreign(basis) => {
            foreign::recognises(block, entry, basis)?;
            Ok(marks.digest(&basis.of.record).digest(&basis.receipt))
        }
        _ if needed => Err(other(class, "a paper")),
        Basis::Decision(paper) => Ok(marks.digest(paper)),
        Basis::Document(digest) => {
            let known: Option<DocumentState> = block.load(&state_key::document(digest))?;
            known.ok_or_else(|| unknown(format!("document {digest}")))?;
            Ok(marks.digest(digest))
        }
        Basis::Licence(identifier) => {
            let known: Option<LicenceState> = block.load(&state_key::licence(identifier))?;
            let licence = known.ok_or_else(|| unknown(format!("licence {identifier}")))?;
            if licence.issuer != *entry.organisation {
                let expected = format!("a licence of {}", entry.organisation);
                let found = format!("one of {}", licence.issuer);
                return Err(CreditError::BasisOther { expected, found }.into());
            }
            Ok(marks.digest(&licence.document))
        }
        _ => Err(Error::ActUnknown),
    }
}

/// Rule 98: one ground, one item of a class: what ended does not come back as another.
fn recorded_once(block: &mut Block<'_>, entry: &Entry<'_>, act: &RecordItem) -> Result<(), Error> {
    let everybodys = act.basis_id(entry.organisation);
    for ground in [everybodys, act.own_basis_id(entry.organisation)] {
        if let Some(known) = block.load::<BusinessState>(&state_key::credit_basis(&ground))? {
            return Err(CreditError::AlreadyRecorded { item: known.record }.into());
        }
    }
    let (record, height) = (entry.id, block.at.height);
    block.store(state_key::credit_basis(&everybodys), &BusinessState { record, height });
    Ok(())
}

/// Rule 98: what is withdrawn bars nobody but whoever recorded it: else whoever speaks first could keep the others' words out.
///
/// What had ended before – repaired, struck off, past its term – does not come back by its recorder's withdrawal: while others rest on the
/// same ground, that is an authority's, which says so that it was wrong from the start. `of` is the item before this act ends it.
pub(super) fn frees(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    id: &Digest,
    of: &ItemState,
) -> Result<(), Error> {
    let shared = matches!(of.basis, Basis::Item(_) | Basis::Foreign(_));
    if !shared {
        return Ok(());
    }
    if of.ended_at(block.at.time).is_some() {
        needs(entry, Power::CreditAuthority)?;
    }
    foreign::forgets(block, id, &of.basis)?;
    let (everybodys, own) = (of.basis_id(), of.own_basis_id());
    if everybodys != own {
        let state: BusinessState = block.expect(&state_key::credit_basis(&everybodys))?;
        block.remove(state_key::credit_basis(&everybodys));
        block.store(state_key::credit_basis(&own), &state);
    }
    Ok(())
}

fn unknown(basis: String) -> Error {
    CreditError::BasisUnknown { basis }.into()
}

fn other(class: &PublishClass, found: &str) -> Error {
    let codes: Vec<_> = class.rests_on.iter().map(|code| code.as_str()).collect();
    let expected = format!("an item of the subject, of {}", codes.join(", "));
    CreditError::BasisOther { expected, found: found.to_owned() }.into()
}

/// An item of the same subject, in force, of one of the classes.
fn supports(
    block: &Block<'_>,
    class: &PublishClass,
    act: &RecordItem,
    id: &Digest,
) -> Result<ItemState, Error> {
    let basis: Option<ItemState> = block.load(&state_key::credit_item(id))?;
    let basis = basis.ok_or_else(|| unknown(format!("item {id}")))?;
    if basis.subject != act.subject {
        return Err(other(class, &format!("an item of {}", basis.subject)));
    }
    if !class.rests_on.is_empty() && class.rests_on.binary_search(&basis.class.code).is_err() {
        return Err(other(class, basis.class.code.as_str()));
    }
    next_item_status(Some(basis.status), ItemEvent::Support)?;
    not_expired(block, &basis)?;
    Ok(basis)
}

/// Rule 99: whoever recorded an item corrects it.
pub(super) fn correct(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &CorrectItem,
) -> Result<(), Error> {
    needs(entry, Power::Credit)?;
    let item = moved(block, &act.item, ItemEvent::Correct)?;
    only(entry, &item.authority)?;
    let item = corrected(block, item, &act.correction)?;
    event(block, entry, &item.subject)?;
    let marks = Marks::new().digest(&act.correction.content);
    store(block, entry, &act.item, &item, marks);
    Ok(())
}

/// Rule 99: a correction never lengthens a term, nor ends it before its minimum, nor in the past.
pub(super) fn corrected(
    block: &Block<'_>,
    item: ItemState,
    by: &Correction,
) -> Result<ItemState, Error> {
    let Correction { content, until, reason } = by;
    if let Some(found) = until {
        not_expired(block, &item)?;
        let latest = item.until.unwrap_or_else(|| item.minimum.plus_months(u16::MAX));
        // A repair found false may have moved the minimum past the end: then nothing is left to shorten.
        let earliest = item.minimum.max(today(block)).min(latest);
        day_in("until", *found, earliest, latest)?;
    }
    let over = until.is_some_and(|until| until <= today(block));
    Ok(ItemState {
        content: *content,
        until: until.or(item.until),
        ended: item.ended.or(over.then_some(block.at.time)),
        corrections: item.corrections.saturating_add(1),
        reason: *reason,
        ..item
    })
}

/// Rule 100: whoever recorded a commitment says, while it is shown, that it was kept or broken; the term counts from there. A
/// finding is no older than a decision may be, and its own term is not over: else a breach could be dated out of view.
pub(super) fn settle(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &SettleCommitment,
    how: ItemEvent,
) -> Result<(), Error> {
    needs(entry, Power::Credit)?;
    let mut item = moved(block, &act.item, how)?;
    only(entry, &item.authority)?;
    not_expired(block, &item)?;
    let today = today(block);
    day_in("found", act.found, item.decided, today)?;
    let class = super::class(block, &item.class)?;
    not_back_dated(block, &class, act.found)?;
    let (minimum, until) = term(&class, act.found, today);
    (item.minimum, item.until) = (minimum, foreign::no_later(&item.basis, None, until)?);
    not_expired(block, &item)?;
    item.decided = act.found;
    event(block, entry, &item.subject)?;
    store(block, entry, &act.item, &item, Marks::new().digest(&act.evidence));
    Ok(())
}

/// Rule 103: whoever recorded an item withdraws it when its decision fell, or an authority does.
pub(super) fn withdraw(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &WithdrawItem,
) -> Result<(), Error> {
    let item = moved(block, &act.item, ItemEvent::Withdraw)?;
    own_or_authority(entry, &item.authority)?;
    let class = super::class(block, &item.class)?;
    day_in("decided", act.decided, item.decided, today(block))?;
    let term = (act.decided, class.limits.withdraw_days);
    working_days(block, "withdraw by", &act.withdraw_by, term)?;
    let ended = item.ended.or(Some(block.at.time));
    frees(block, entry, &act.item, &item)?;
    let item = ItemState { ended, reason: act.reason, ..item };
    let late = act.withdraw_by.at <= block.at.time;
    conduct(block, &item.authority, |c| {
        c.withdrawn += 1;
        c.withdrawn_late += u64::from(late);
    })?;
    event(block, entry, &item.subject)?;
    store(block, entry, &act.item, &item, Marks::new().digest(&act.paper));
    Ok(())
}
