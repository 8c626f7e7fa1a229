//! Licences: rules 40 to 47.

use yinxin_record::{
    ChangeLicence, IssueLicence, LicenceAct, LicenceEvent, LicenceIdentifier, LicenceMove,
    LicenceState, LicenceType, LicenceUse, Power, next_licence_status, state_key,
};

use super::needs;
use crate::{
    Error,
    block::{Block, Entry},
};

pub(super) fn act(block: &mut Block<'_>, entry: &Entry<'_>, act: &LicenceAct) -> Result<(), Error> {
    match act {
        LicenceAct::PublishType(act) => publish(block, entry, act),
        LicenceAct::Issue(act) => issue(block, entry, act, None),
        LicenceAct::Change(act) => change(block, entry, act),
        LicenceAct::Suspend(act) => advance(block, entry, act, LicenceEvent::Suspend),
        LicenceAct::Resume(act) => advance(block, entry, act, LicenceEvent::Resume),
        LicenceAct::Cancel(act) => advance(block, entry, act, LicenceEvent::Cancel),
        LicenceAct::Revoke(act) => advance(block, entry, act, LicenceEvent::Revoke),
        LicenceAct::Archive(act) => advance(block, entry, act, LicenceEvent::Archive),
        LicenceAct::Use(act) => show(block, entry, act),
        _ => Err(Error::ActUnknown),
    }
}

/// Rule 40: a type is published by the authority in its code, which has the power. Rule 41: its version rises.
fn publish(block: &mut Block<'_>, entry: &Entry<'_>, act: &LicenceType) -> Result<(), Error> {
    needs(entry, Power::LicenceTypes)?;
    if act.code.authority() != entry.organisation.as_str() {
        return Err(Error::NotAuthority { authority: act.code.authority().to_owned() });
    }
    let key = state_key::licence_type(&act.code);
    let published: Option<LicenceType> = block.load(&key)?;
    if let Some(old) = published.filter(|old| old.version >= act.version) {
        return Err(Error::TypeVersion { published: old.version, found: act.version });
    }
    block.store(key, act);
    Ok(())
}

/// Rule 42: issued under a published type, by one of its issuers, which has the power. Rule 43: the identifier names that
/// type and that issuer. Rule 44: once.
fn issue(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &IssueLicence,
    previous: Option<LicenceIdentifier>,
) -> Result<(), Error> {
    needs(entry, Power::Licences)?;
    let licence_type: LicenceType = block
        .load(&state_key::licence_type(&act.type_code))?
        .ok_or_else(|| Error::TypeUnknown { code: act.type_code.clone() })?;
    if !licence_type.issuers.contains(entry.organisation) {
        return Err(Error::NotAuthority { authority: act.type_code.to_string() });
    }
    let IssueLicence { identifier, type_code, content, document, valid_from, valid_until } = act;
    if identifier.type_code() != type_code.as_str()
        || identifier.issuer() != entry.organisation.as_str()
    {
        return Err(Error::IdentifierForeign { identifier: identifier.clone() });
    }
    if valid_until.is_some_and(|until| until <= *valid_from) {
        return Err(Error::NeverValid { identifier: identifier.clone() });
    }
    let key = state_key::licence(identifier);
    let state: Option<LicenceState> = block.load(&key)?;
    let status = next_licence_status(state.map(|s| s.status), LicenceEvent::Issue)?;
    let issued = LicenceState {
        status,
        type_code: type_code.clone(),
        issuer: entry.organisation.clone(),
        content: *content,
        document: *document,
        valid_from: *valid_from,
        valid_until: *valid_until,
        previous,
        next: None,
        reason: 0,
        height: block.at.height,
        since: block.at.time,
    };
    block.store(key, &issued);
    entry.index_licence(block, identifier);
    entry.index_digest(block, document);
    entry.index_digest(block, content);
    Ok(())
}

/// Rule 45: a change is a later version of the same licence.
fn change(block: &mut Block<'_>, entry: &Entry<'_>, act: &ChangeLicence) -> Result<(), Error> {
    let ChangeLicence { previous, reason, next } = act;
    if !previous.is_followed_by(&next.identifier) {
        return Err(Error::NotNextVersion {
            previous: previous.clone(),
            next: next.identifier.clone(),
        });
    }
    let mut old = moved(block, entry, previous, LicenceEvent::Replace, *reason)?;
    old.next = Some(next.identifier.clone());
    issue(block, entry, next, Some(previous.clone()))?;
    block.store(state_key::licence(previous), &old);
    entry.index_licence(block, previous);
    Ok(())
}

fn advance(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &LicenceMove,
    event: LicenceEvent,
) -> Result<(), Error> {
    let LicenceMove { identifier, reason } = act;
    let state = moved(block, entry, identifier, event, *reason)?;
    block.store(state_key::licence(identifier), &state);
    entry.index_licence(block, identifier);
    Ok(())
}

/// Rule 47: no copy of what is past its last day. The state stays as it is; the log and the index have the copy.
fn show(block: &mut Block<'_>, entry: &Entry<'_>, act: &LicenceUse) -> Result<(), Error> {
    let LicenceUse { identifier, copy, purpose: _, until: _ } = act;
    let state = moved(block, entry, identifier, LicenceEvent::Use, 0)?;
    if let Some(until) = state.valid_until.filter(|until| *until <= block.at.time) {
        return Err(Error::LicenceExpired { until, time: block.at.time });
    }
    entry.index_licence(block, identifier);
    entry.index_digest(block, copy);
    Ok(())
}

/// Rule 46: only its issuer moves a licence, and only along the table. The new state, not yet written.
fn moved(
    block: &Block<'_>,
    entry: &Entry<'_>,
    identifier: &LicenceIdentifier,
    event: LicenceEvent,
    reason: u16,
) -> Result<LicenceState, Error> {
    needs(entry, Power::Licences)?;
    let state: Option<LicenceState> = block.load(&state_key::licence(identifier))?;
    if let Some(state) = state.as_ref().filter(|s| s.issuer != *entry.organisation) {
        return Err(Error::NotIssuer { issuer: state.issuer.clone() });
    }
    let status = next_licence_status(state.as_ref().map(|s| s.status), event)?;
    let state = state.expect("the table moves nothing that is not there");
    Ok(LicenceState { status, reason, height: block.at.height, since: block.at.time, ..state })
}
