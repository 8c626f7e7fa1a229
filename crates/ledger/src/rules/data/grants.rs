//! Decisions and the end of grants: rules 70 to 74, 77 and 78.

use yinxin_gm::Digest;
use yinxin_record::{
    Approval, Approver, CertificateState, Confirm, CredentialStatus, Decide, Decision,
    DenialReason, EndGrant, GrantEvent, GrantState, Level, Node, Power, PublishResource,
    RequestData, RequestEvent, RequestState, RequestStatus, ResourceEvent, ResourceVersion,
    SetApprovers, SharingClass, Terms, Volume, Windows, next_grant_status, next_resource_status,
    state_key,
};

use super::{Marks, in_range, moved, needs, only, receives, requests, resource};
use crate::{
    Error,
    block::{Block, Entry},
    index_key::Relation,
};

/// Rule 70: the owner decides; what is escalated, an authority may too. Rule 71: an approver of theirs has signed it. Rule 72:
/// never more than was asked for. Rule 74: from the dual-control level on, two approvers grant.
pub(super) fn decide(block: &mut Block<'_>, entry: &Entry<'_>, act: &Decide) -> Result<(), Error> {
    let old: Option<RequestState> = block.load(&state_key::request(&act.request))?;
    let level = old.as_ref().map(|old| level_now(block, &old.asked)).transpose()?;
    let (event, reason) = match &act.decision {
        Decision::Grant(_) if level.is_some_and(|(_, dual)| dual) => (RequestEvent::Approve, 0),
        Decision::Grant(_) => (RequestEvent::Grant, 0),
        Decision::Refuse(reason) => (RequestEvent::Refuse, *reason),
        _ => return Err(Error::ActUnknown),
    };
    let mut state = requests::moved(block, &act.request, event)?;
    let (old, (level, _)) = old.zip(level).expect("the table moves nothing that is not there");
    may_decide(entry, &old)?;
    approved(block, entry, &act.approval, &act.request, &act.decision, level)?;
    if let Decision::Grant(terms) = &act.decision {
        within(block, terms, &old)?;
        still_shared(block, terms, &old)?;
    }
    state.decision = Some(act.decision.clone());
    state.decided_by = Some(entry.organisation.clone());
    state.approvers = vec![act.approval.approver];
    state.reason = reason;
    let mut marks = Marks::new();
    if let (RequestStatus::Granted, Decision::Grant(terms)) = (state.status, &act.decision) {
        marks = give(block, &act.request, &state, terms, level, marks)?;
    }
    requests::store(block, entry, &act.request, &state, marks);
    Ok(())
}

/// Rule 74: another approver of the same organisation confirms what the first decided, who could decide it still: he may have left,
/// his certificate may be revoked, or the data be graded above his level meanwhile.
pub(super) fn confirm(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &Confirm,
) -> Result<(), Error> {
    let mut state = requests::moved(block, &act.request, RequestEvent::Confirm)?;
    let by =
        state.decided_by.clone().expect("what awaits a second approver was decided by a first");
    only(entry, &by)?;
    decides(entry, &state, &by)?;
    if state.approvers.contains(&act.approval.approver) {
        return Err(Error::ApproverTwice { approver: act.approval.approver });
    }
    let Some(Decision::Grant(terms)) = state.decision.clone() else {
        unreachable!("only a grant awaits a second approver");
    };
    let decision = Decision::Grant(terms.clone());
    let (level, _) = level_now(block, &state.asked)?;
    approved(block, entry, &act.approval, &act.request, &decision, level)?;
    for first in &state.approvers {
        approver(block, entry, first, level)?;
    }
    within(block, &terms, &state)?;
    still_shared(block, &terms, &state)?;
    state.approvers.push(act.approval.approver);
    let marks = give(block, &act.request, &state, &terms, level, Marks::new())?;
    requests::store(block, entry, &act.request, &state, marks);
    Ok(())
}

/// The level of what is asked for, in the version now in force, and whether it takes two approvers: the owner may have graded
/// its fields higher since.
fn level_now(block: &Block<'_>, asked: &RequestData) -> Result<(Level, bool), Error> {
    let of = resource(block, &asked.resource)?;
    let key = state_key::resource_version(&asked.resource, of.version);
    let version: PublishResource = block.expect(&key)?;
    let fields = asked.fields.iter().filter_map(|number| version.fields.get(usize::from(number)));
    let level = fields.map(|field| field.level).fold(asked.level, Level::max);
    Ok((level, level.takes_two(of.dual_control)))
}

fn may_decide(entry: &Entry<'_>, request: &RequestState) -> Result<(), Error> {
    let owner = request.asked.resource.owner();
    match (&request.decided_by, request.status) {
        // What a first approver granted is refused by his organisation only.
        (Some(by), RequestStatus::AwaitingSecond) => {
            only(entry, by)?;
            decides(entry, request, by)
        }
        (_, RequestStatus::Escalated) if *entry.organisation != owner => {
            decides(entry, request, entry.organisation)
        }
        _ => {
            only(entry, &owner)?;
            needs(entry, Power::Data)
        }
    }
}

/// The owner decides by its power over its data, anyone else as an authority, and nobody on its own request.
fn decides(
    entry: &Entry<'_>,
    request: &RequestState,
    by: &yinxin_record::OrganisationCode,
) -> Result<(), Error> {
    let owner = request.asked.resource.owner();
    if *by == request.requester {
        return Err(Error::NotAuthority { authority: owner.to_string() });
    }
    needs(entry, if *by == owner { Power::Data } else { Power::DataAuthority })
}

/// Rule 71: signed by an approver of the organisation, up to his level, whose certificate is not revoked.
fn approved(
    block: &Block<'_>,
    entry: &Entry<'_>,
    approval: &Approval,
    request: &Digest,
    decision: &Decision,
    level: Level,
) -> Result<(), Error> {
    let approver = approver(block, entry, &approval.approver, level)?;
    let chain_id = &block.at.chain_id;
    approval.verify(chain_id, request, decision, &approver.key).map_err(Error::Record)
}

/// An approver of the organisation as it lists them now, who may decide up to this level.
fn approver(
    block: &Block<'_>,
    entry: &Entry<'_>,
    id: &Digest,
    level: Level,
) -> Result<Approver, Error> {
    let list: Option<SetApprovers> = block.load(&state_key::approvers(entry.organisation))?;
    let unknown = || Error::ApproverUnknown { approver: *id };
    let known = list.into_iter().flat_map(|list| list.approvers);
    let approver =
        known.into_iter().find(|a| yinxin_record::key_id(&a.key) == *id).ok_or_else(unknown)?;
    let key = state_key::certificate(&approver.issuer, &approver.certificate);
    let certificate: Option<CertificateState> = block.load(&key)?;
    if certificate.is_some_and(|c| c.status == CredentialStatus::Revoked) {
        return Err(unknown());
    }
    if approver.level < level {
        return Err(Error::ApproverLevel { max: approver.level, found: level });
    }
    Ok(approver)
}

/// Rule 72: never more than was asked for, and not ended before it begins.
fn within(block: &Block<'_>, terms: &Terms, request: &RequestState) -> Result<(), Error> {
    let asked = &request.asked;
    if !terms.fields.is_within(&asked.fields) {
        return Err(Error::TermsBeyond { what: "fields" });
    }
    if !terms.limit.is_within(asked.limit) {
        return Err(Error::TermsBeyond { what: "volume" });
    }
    in_range("until", terms.until, block.at.time.plus_millis(1), asked.until)
}

/// Rule 73: still in the catalogue, still shared, not on the negative list, and the requester not suspended.
fn still_shared(block: &Block<'_>, terms: &Terms, request: &RequestState) -> Result<(), Error> {
    let asked = &request.asked;
    let of = resource(block, &asked.resource)?;
    next_resource_status(Some(of.status), ResourceEvent::Ask)?;
    if of.class == SharingClass::Never {
        return Err(Error::NotShared { resource: asked.resource.clone() });
    }
    if of.negative.forbids(&terms.fields, &asked.purpose, &request.requester) {
        return Err(Error::NotPermitted { reason: DenialReason::NegativeList });
    }
    receives(block, &request.requester)
}

/// The grant comes to be.
pub(super) fn give(
    block: &mut Block<'_>,
    id: &Digest,
    request: &RequestState,
    terms: &Terms,
    level: Level,
    marks: Marks,
) -> Result<Marks, Error> {
    let key = state_key::grant(id);
    let old: Option<GrantState> = block.load(&key)?;
    let asked = &request.asked;
    let grant = GrantState {
        status: next_grant_status(old.map(|g| g.status), GrantEvent::Give)?,
        resource: asked.resource.clone(),
        version: asked.version,
        receiver: request.requester.clone(),
        fields: terms.fields.clone(),
        purpose: asked.purpose.clone(),
        item: asked.item.clone(),
        from: block.at.time,
        until: terms.until,
        limit: terms.limit,
        used: Volume::default(),
        windows: Windows::default(),
        denied: 0,
        mismatches: 0,
        level,
        conditions: terms.conditions,
        ended: None,
        reason: 0,
        height: block.at.height,
    };
    block.store(key, &grant);
    let version = ResourceVersion { resource: asked.resource.clone(), version: asked.version };
    Ok(marks.edge(Node::Resource(version), Relation::Granted, Node::Grant(*id)))
}

/// Rule 77: by the owner or an authority, effective at once.
pub(super) fn revoke(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &EndGrant,
) -> Result<(), Error> {
    let state = moved(block, &act.grant, GrantEvent::Revoke)?;
    if !entry.sender.powers.has(Power::DataAuthority) {
        only(entry, &state.resource.owner())?;
        needs(entry, Power::Data)?;
    }
    end(block, entry, act, state);
    Ok(())
}

/// Rule 78: the receiver gives it back.
pub(super) fn close(block: &mut Block<'_>, entry: &Entry<'_>, act: &EndGrant) -> Result<(), Error> {
    let state = moved(block, &act.grant, GrantEvent::Close)?;
    only(entry, &state.receiver)?;
    end(block, entry, act, state);
    Ok(())
}

fn end(block: &mut Block<'_>, entry: &Entry<'_>, act: &EndGrant, state: GrantState) {
    let marks = Marks::new().grant(&act.grant, &state);
    let state = GrantState { ended: Some(block.at.time), reason: act.reason, ..state };
    block.store(state_key::grant(&act.grant), &state);
    marks.write(block, entry);
}
