//! Deliveries: rules 80 and 81.

use yinxin_gm::Digest;
use yinxin_record::{
    BusinessState, Deliver, DeliveryEvent, DeliveryState, DenialReason, GrantEvent, GrantState,
    GrantedData, Node, Origin, ProvenanceState, Recipient, ResourceState, Source, Volume,
    next_delivery_status, state_key,
};

use super::{Marks, moved, receives, resource, serves};
use crate::{
    Error,
    block::{Block, Entry},
    index_key::Relation,
};

/// Rule 80: by whoever serves the resource. Rule 81: each recipient under a live grant of its own, for its purpose and
/// fields, within its volume. The same content wrapped anew counts once for each grant, one that went and came again too.
pub(super) fn deliver(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &Deliver,
) -> Result<(), Error> {
    let of = resource(block, &act.resource)?;
    serves(entry, &act.resource, &of)?;
    let key = state_key::delivery(entry.organisation, &act.envelope);
    let known: Option<DeliveryState> = block.load(&key)?;
    let status = next_delivery_status(known.map(|d| d.status), DeliveryEvent::Deliver)?;
    let before = replaced(block, entry, act)?;
    let mut marks = Marks::new().resource(&act.resource).digest(&act.envelope);
    marks = marks.digest(&act.content).subjects(&act.subjects);
    let mut grants = Vec::with_capacity(act.recipients.len());
    for recipient in &act.recipients {
        let had = before.is_some() && has(block, entry, &recipient.grant, &act.content)?;
        let volume = if had { Volume::default() } else { act.volume };
        let grant = used(block, act, &of, recipient, volume)?;
        let node = Node::Grant(recipient.grant);
        marks = marks.grant(&recipient.grant, &grant);
        marks = marks.edge(node, Relation::Delivered, Node::Content(act.content));
        grants.push((recipient.grant, grant));
    }
    let (content, envelope) = (Node::Content(act.content), Node::Content(act.envelope));
    marks = marks.edge(content, Relation::Wrapped, envelope.clone());
    if let (Some(old), Some(before)) = (act.replaces, before) {
        marks = marks.digest(&old).edge(Node::Content(old), Relation::Rewrapped, envelope);
        block.store(state_key::delivery(entry.organisation, &old), &before);
    }
    for (id, grant) in &grants {
        block.store(state_key::grant(id), grant);
        received(block, entry, id, &act.content)?;
    }
    let state = DeliveryState {
        status,
        resource: act.resource.clone(),
        server: entry.organisation.clone(),
        content: act.content,
        fields: act.fields.clone(),
        purpose: act.purpose.clone(),
        volume: act.volume,
        recipients: act.recipients.clone(),
        replaced_by: None,
        height: block.at.height,
    };
    block.store(key, &state);
    comes_from(block, entry, act)?;
    marks.write(block, entry);
    Ok(())
}

/// The delivery that this one replaces, as it stands afterwards.
fn replaced(
    block: &Block<'_>,
    entry: &Entry<'_>,
    act: &Deliver,
) -> Result<Option<DeliveryState>, Error> {
    let Some(envelope) = &act.replaces else { return Ok(None) };
    let old: Option<DeliveryState> =
        block.load(&state_key::delivery(entry.organisation, envelope))?;
    let status = next_delivery_status(old.as_ref().map(|d| d.status), DeliveryEvent::Rewrap)?;
    let old = old.expect("the table moves nothing that is not there");
    if (old.content, &old.resource, old.volume) != (act.content, &act.resource, act.volume) {
        return Err(Error::ContentOther { expected: old.content, found: act.content });
    }
    // The content has the fields that it has, whatever a grant to come is for.
    if old.fields != act.fields {
        return Err(Error::NotPermitted { reason: DenialReason::Fields });
    }
    if old.purpose != act.purpose {
        return Err(Error::NotPermitted { reason: DenialReason::Purpose });
    }
    let replaced_by = Some(act.envelope);
    Ok(Some(DeliveryState { status, replaced_by, height: block.at.height, ..old }))
}

/// A recipient's grant after the delivery.
fn used(
    block: &Block<'_>,
    act: &Deliver,
    of: &ResourceState,
    recipient: &Recipient,
    volume: Volume,
) -> Result<GrantState, Error> {
    let denied = |reason| Error::NotPermitted { reason };
    let grant = moved(block, &recipient.grant, GrantEvent::Use)?;
    if grant.receiver != recipient.organisation {
        let found = recipient.organisation.clone();
        return Err(Error::RecipientOther { expected: grant.receiver, found });
    }
    if grant.resource != act.resource {
        return Err(denied(DenialReason::NoGrant));
    }
    grant.permits(of, &act.fields, &act.purpose, block.at.time).map_err(denied)?;
    grant.has_room(volume).map_err(denied)?;
    receives(block, &grant.receiver)?;
    Ok(GrantState { used: grant.used.plus(volume), ..grant })
}

/// Whether the sender has delivered this content to a grant before.
fn has(
    block: &Block<'_>,
    entry: &Entry<'_>,
    grant: &Digest,
    content: &Digest,
) -> Result<bool, Error> {
    let key = state_key::delivered(grant, entry.organisation, content);
    Ok(block.load::<BusinessState>(&key)?.is_some())
}

/// The first delivery of this content to a grant stays known: rule 86 asks for it.
fn received(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    grant: &Digest,
    content: &Digest,
) -> Result<(), Error> {
    if !has(block, entry, grant, content)? {
        let key = state_key::delivered(grant, entry.organisation, content);
        block.store(key, &BusinessState { record: entry.id, height: block.at.height });
    }
    Ok(())
}

/// Delivered content comes from its grants, unless the server has said before that it derived it.
fn comes_from(block: &mut Block<'_>, entry: &Entry<'_>, act: &Deliver) -> Result<(), Error> {
    let key = state_key::provenance(entry.organisation, &act.content);
    if block.load::<ProvenanceState>(&key)?.is_some() {
        return Ok(());
    }
    let source = |r: &Recipient| {
        Source::Grant(GrantedData { grant: r.grant, fields: act.fields.clone(), content: None })
    };
    let state = ProvenanceState {
        origin: Origin::Delivered,
        sources: act.recipients.iter().map(source).collect(),
        record: entry.id,
        height: block.at.height,
    };
    block.store(key, &state);
    Ok(())
}
