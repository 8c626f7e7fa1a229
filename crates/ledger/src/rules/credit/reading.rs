//! Authorisations, views and scores: rules 109 to 112.

use yinxin_gm::Digest;
use yinxin_record::{
    AuthorisationEvent, AuthorisationState, Authorise, ClassReference, Date, DenialReason,
    EventChain, EventState, OrganisationCode, Power, Powers, PublishFormula, PublishScore,
    RevokeAuthorisation, Subject, SubjectKeyState, TakeView, ViewGround, next_authorisation_status,
    state_key,
};
use yinxin_verdict::UnixTime;

use super::{DAY_MS, chain, day_in, in_range, needs, takes_part, used};
use crate::{
    CreditError, Error,
    block::{Block, Entry},
    rules::{Marks, change, receives},
};

/// Longest authorisation: five years, the longest term of a framework agreement for loans.
const MAX_AUTHORISATION_MS: i64 = 1830 * DAY_MS;

/// The key that a subject signs with, whose certificate is not revoked on the ledger.
pub(in crate::rules) fn subject_key(
    block: &Block<'_>,
    subject: &Subject,
) -> Result<SubjectKeyState, Error> {
    let state: Option<SubjectKeyState> = block.load(&state_key::credit_key(subject))?;
    let unknown = || CreditError::SubjectKeyUnknown { subject: subject.clone() };
    let state = state.ok_or_else(unknown)?;
    change::certificate_is_good(block, &state.issuer, &state.certificate)?;
    Ok(state)
}

/// Rule 109: signed with the key that the subject has now, to a member that reads, for a time that is not over, once.
pub(super) fn authorise(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &Authorise,
) -> Result<(), Error> {
    takes_part(entry)?;
    let terms = &act.terms;
    reads(block, &terms.reader)?;
    let now = block.at.time;
    let latest = now.max(terms.from).plus_millis(MAX_AUTHORISATION_MS);
    in_range("until", terms.until, now.plus_millis(1), latest)?;
    let id = terms.id(&block.at.chain_id);
    let key = state_key::credit_authorisation(&id);
    let old: Option<AuthorisationState> = block.load(&key)?;
    let status = next_authorisation_status(old.map(|o| o.status), AuthorisationEvent::Give)?;
    let signer = subject_key(block, &terms.subject)?;
    act.verify(&block.at.chain_id, &signer.key)?;
    let state = AuthorisationState {
        status,
        terms: terms.clone(),
        views: 0,
        record: entry.id,
        ended: None,
        reason: 0,
        height: block.at.height,
    };
    put(block, entry, &id, &state)
}

/// Who reads is a member, not suspended, and may.
fn reads(block: &Block<'_>, who: &OrganisationCode) -> Result<(), Error> {
    receives(block, who)?;
    let powers = powers(block, who)?;
    if powers.has(Power::CreditUse) || powers.has(Power::CreditCourt) || by_law(powers) {
        return Ok(());
    }
    Err(Error::PowerMissing { organisation: who.clone(), power: Power::CreditUse })
}

fn powers(block: &Block<'_>, who: &OrganisationCode) -> Result<Powers, Error> {
    Ok(block.organisation(who)?.map(|o| o.powers).unwrap_or_default())
}

/// Departments see credit by law; a bank has an authorisation or sees nothing.
fn by_law(powers: Powers) -> bool {
    powers.has(Power::Credit) || powers.has(Power::CreditAuthority)
}

fn put(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    id: &Digest,
    state: &AuthorisationState,
) -> Result<(), Error> {
    block.store(state_key::credit_authorisation(id), state);
    used(block, entry, &state.terms.subject)?;
    let marks = Marks::new().uses_of(&state.terms.subject).reader(&state.terms.reader);
    marks.digest(id).write(block, entry);
    Ok(())
}

/// Rule 110: the subject revokes by its signature, an authority without; the reader gives back.
pub(super) fn revoke(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &RevokeAuthorisation,
) -> Result<(), Error> {
    takes_part(entry)?;
    let state: Option<AuthorisationState> =
        block.load(&state_key::credit_authorisation(&act.authorisation))?;
    let reader = state.as_ref().is_some_and(|s| s.terms.reader == *entry.organisation);
    let closes = reader && act.signature.is_none();
    let event = if closes { AuthorisationEvent::Close } else { AuthorisationEvent::Revoke };
    let status = next_authorisation_status(state.as_ref().map(|s| s.status), event)?;
    let state = state.expect("the table ends nothing that is not there");
    if act.signature.is_some() {
        let signer = subject_key(block, &state.terms.subject)?;
        act.verify(&block.at.chain_id, &signer.key)?;
    } else if !closes {
        needs(entry, Power::CreditAuthority)?;
    }
    let (ended, height) = (Some(block.at.time), block.at.height);
    let state = AuthorisationState { status, ended, reason: act.reason, height, ..state };
    put(block, entry, &act.authorisation, &state)
}

/// Rule 111: a view is told of by its reader or by who serves it, on a ground that permits it, and replays to the subject's
/// chain as of its time.
pub(super) fn view(block: &mut Block<'_>, entry: &Entry<'_>, act: &TakeView) -> Result<(), Error> {
    takes_part(entry)?;
    if act.reader != *entry.organisation {
        serves(entry)?;
    }
    reads(block, &act.reader)?;
    not_future(block, act.as_of)?;
    permitted(block, act)?;
    replays(block, &act.subject, &act.seen, act.as_of)?;
    used(block, entry, &act.subject)?;
    let marks = Marks::new().uses_of(&act.subject).reader(&act.reader);
    let marks = match &act.ground {
        ViewGround::Court(case) => marks.digest(&case.paper),
        _ => marks,
    };
    marks.digest(&act.answer).write(block, entry);
    Ok(())
}

/// Credit is served by who records it or watches over it.
fn serves(entry: &Entry<'_>) -> Result<(), Error> {
    if entry.sender.powers.has(Power::CreditAuthority) {
        return Ok(());
    }
    needs(entry, Power::Credit)
}

fn not_future(block: &Block<'_>, as_of: UnixTime) -> Result<(), Error> {
    in_range("as of", as_of, UnixTime::EPOCH, block.at.time)
}

/// An authorisation that serves now; a law, or the subject's own request, for a department that records credit; a court's case, for who may
/// see for courts.
fn permitted(block: &mut Block<'_>, act: &TakeView) -> Result<(), Error> {
    let denied = |reason| Error::NotPermitted { reason };
    let id = match &act.ground {
        ViewGround::Authorisation(id) => id,
        ViewGround::Court(_) => {
            let (organisation, power) = (act.reader.clone(), Power::CreditCourt);
            let has = powers(block, &act.reader)?.has(power);
            return if has { Ok(()) } else { Err(Error::PowerMissing { organisation, power }) };
        }
        _ => {
            let lawful = by_law(powers(block, &act.reader)?);
            return if lawful { Ok(()) } else { Err(denied(DenialReason::NoGrant)) };
        }
    };
    let key = state_key::credit_authorisation(id);
    let state: Option<AuthorisationState> = block.load(&key)?;
    let state = state.ok_or_else(|| denied(DenialReason::NoGrant))?;
    let TakeView { subject, reader, purpose, classes, .. } = act;
    state.permits(subject, reader, purpose, classes, block.at.time).map_err(denied)?;
    let status = next_authorisation_status(Some(state.status), AuthorisationEvent::Use)?;
    let views = state.views.saturating_add(1);
    block.store(key, &AuthorisationState { status, views, ..state });
    Ok(())
}

/// What was seen is the subject's chain as it is, or as it was after one of its records; and then that record was its last at the
/// time as of which was looked. A head that the chain never had, and a view that leaves out what was there, are refused.
fn replays(
    block: &Block<'_>,
    subject: &Subject,
    found: &EventChain,
    as_of: UnixTime,
) -> Result<(), Error> {
    let now = chain(block, &state_key::credit_subject(subject), subject)?;
    if *found == now {
        return Ok(());
    }
    let expected = match found.count {
        0 => EventChain::start(subject),
        count if count >= now.count => now,
        count => {
            let mark: EventState = block.expect(&state_key::credit_event(subject, count))?;
            EventChain { count, head: mark.head }
        }
    };
    if *found != expected {
        return Err(CreditError::ChainOther { expected, found: *found }.into());
    }
    let count = found.count + 1;
    let next: EventState = block.expect(&state_key::credit_event(subject, count))?;
    if next.since <= as_of {
        let (seen, since) = (found.count, next.since);
        return Err(CreditError::ChainShort { seen, since, as_of }.into());
    }
    Ok(())
}

/// Rule 112: a score is published by who serves, by a published formula, from a chain that the subject had as of its time.
pub(super) fn score(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &PublishScore,
) -> Result<(), Error> {
    serves(entry)?;
    let key = state_key::credit_formula_version(&act.formula, act.version);
    let formula: Option<PublishFormula> = block.load(&key)?;
    let unknown = || {
        let (code, version) = (act.formula.clone(), act.version);
        CreditError::ClassUnknown { class: ClassReference { code, version } }
    };
    let formula = formula.ok_or_else(unknown)?;
    not_future(block, act.as_of)?;
    let day = Date::of(act.as_of);
    day_in("as of", day, formula.valid_from, super::today(block))?;
    replays(block, &act.subject, &act.seen, act.as_of)?;
    used(block, entry, &act.subject)?;
    let marks = Marks::new().uses_of(&act.subject).class(&act.formula);
    marks.digest(&act.result).digest(&act.inputs).write(block, entry);
    Ok(())
}
