//! Where data come from: rules 86 to 88.

use yinxin_gm::Digest;
use yinxin_record::{
    AccessState, BusinessState, CallReference, DeliveredContent, DeliveryState, DenialReason,
    Derive, DocumentState, Erase, ErasureState, GrantEvent, GrantState, GrantedData, LicenceState,
    Node, Origin, Power, ProvenanceState, PublishResource, Purpose, Recognise, Source, state_key,
};

use super::{Marks, is_server, moved, needs, only, resource};
use crate::{
    Error,
    block::{Block, Entry},
    index_key::Relation,
};

/// Rule 86: each source is known, and the sender's to use; the target is new to what the sender has said, so that what one
/// organisation says has no circle.
pub(super) fn derive(block: &mut Block<'_>, entry: &Entry<'_>, act: &Derive) -> Result<(), Error> {
    may_derive(entry)?;
    let key = state_key::provenance(entry.organisation, &act.target);
    if block.load::<ProvenanceState>(&key)?.is_some() {
        return Err(Error::TargetKnown { digest: act.target });
    }
    let target = Node::Content(act.target);
    let relation = Relation::Derived(act.method);
    let mut marks = Marks::new().digest(&act.target).subjects(&act.subjects);
    let mut roots = Vec::new();
    for source in &act.sources {
        marks = marks.edge(source.node(), relation, target.clone());
        match source {
            Source::Resource(of) => {
                let state = resource(block, &of.resource)?;
                let version = state_key::resource_version(&of.resource, of.version);
                let known = block.load::<PublishResource>(&version)?.is_some();
                if !known || !is_server(&of.resource, &state, entry.organisation) {
                    return Err(unknown(source));
                }
                marks = marks.resource(&of.resource);
            }
            Source::Grant(granted) => {
                let state = received(block, entry, granted, &act.purpose)?;
                marks = marks.grant(&granted.grant, &state);
                if let Some(delivered) = &granted.content {
                    if delivered.content == act.target {
                        return Err(Error::TargetKnown { digest: act.target });
                    }
                    let content = Node::Content(delivered.content);
                    roots.push(delivered.content);
                    marks = marks.digest(&delivered.content);
                    marks = marks.edge(content, relation, target.clone());
                }
            }
            Source::Own(digest) => {
                let own = state_key::provenance(entry.organisation, digest);
                block.load::<ProvenanceState>(&own)?.ok_or_else(|| unknown(source))?;
                marks = marks.digest(digest);
            }
            Source::Document(digest) => {
                let document = state_key::document(digest);
                block.load::<DocumentState>(&document)?.ok_or_else(|| unknown(source))?;
                roots.push(*digest);
                marks = marks.digest(digest);
            }
            Source::Licence(identifier) => {
                let licence = state_key::licence(identifier);
                block.load::<LicenceState>(&licence)?.ok_or_else(|| unknown(source))?;
                entry.index_licence(block, identifier);
            }
            // Its receipt proves it, to whoever asks: the ledger keeps no list of records.
            Source::Record(record) => marks = marks.request(&record.record),
            _ => return Err(Error::ActUnknown),
        }
    }
    for digest in roots {
        root(block, entry, &digest)?;
    }
    let sources = act.sources.clone();
    state(block, entry, key, Origin::Derived, sources);
    marks.write(block, entry);
    Ok(())
}

/// Whoever has data of its own or of others may make something of them.
fn may_derive(entry: &Entry<'_>) -> Result<(), Error> {
    if entry.sender.powers.has(Power::Data) { Ok(()) } else { needs(entry, Power::DataUse) }
}

fn unknown(source: &Source) -> Error {
    Error::SourceUnknown { source: source.node().to_string() }
}

/// Data of a live grant of the sender's own, for its purpose and fields; content only that was delivered to that very grant.
fn received(
    block: &Block<'_>,
    entry: &Entry<'_>,
    granted: &GrantedData,
    purpose: &Purpose,
) -> Result<GrantState, Error> {
    let grant = own_grant(block, entry, &granted.grant)?;
    let of = resource(block, &grant.resource)?;
    let denied = |reason| Error::NotPermitted { reason };
    grant.permits(&of, &granted.fields, purpose, block.at.time).map_err(denied)?;
    if let Some(delivered) = &granted.content {
        let DeliveredContent { server, content } = delivered;
        let key = state_key::delivered(&granted.grant, server, content);
        if block.load::<BusinessState>(&key)?.is_none() {
            return Err(Error::SourceUnknown { source: Node::Content(*content).to_string() });
        }
    }
    Ok(grant)
}

fn own_grant(block: &Block<'_>, entry: &Entry<'_>, id: &Digest) -> Result<GrantState, Error> {
    let grant = moved(block, id, GrantEvent::Use)?;
    only(entry, &grant.receiver)?;
    Ok(grant)
}

/// What was a source without sources of its own never becomes a target of the same organisation.
fn root(block: &mut Block<'_>, entry: &Entry<'_>, digest: &Digest) -> Result<(), Error> {
    let key = state_key::provenance(entry.organisation, digest);
    if block.load::<ProvenanceState>(&key)?.is_none() {
        state(block, entry, key, Origin::Root, Vec::new());
    }
    Ok(())
}

fn state(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    key: Vec<u8>,
    origin: Origin,
    sources: Vec<Source>,
) {
    let height = block.at.height;
    block.store(key, &ProvenanceState { origin, sources, record: entry.id, height });
}

/// Rule 87: a call is recognised under a live grant of one's own for the same data.
pub(super) fn recognise(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &Recognise,
) -> Result<(), Error> {
    needs(entry, Power::DataUse)?;
    let own = own_grant(block, entry, &act.grant)?;
    let of = resource(block, &own.resource)?;
    let denied = |reason| Error::NotPermitted { reason };
    own.permits(&of, &act.fields, &act.purpose, block.at.time).map_err(denied)?;
    let mut marks = Marks::new().grant(&act.grant, &own).digest(&act.call);
    let call = Node::Content(act.call);
    match &act.of {
        CallReference::Window(window) => {
            let key = state_key::access(&window.grant, window.minute);
            let source = || Error::SourceUnknown { source: String::from_utf8_lossy(&key).into() };
            block.load::<AccessState>(&key)?.ok_or_else(source)?;
            let theirs: GrantState = block.expect(&state_key::grant(&window.grant))?;
            if theirs.resource != own.resource || !act.fields.is_within(&theirs.fields) {
                return Err(denied(DenialReason::Fields));
            }
            marks = marks.request(&window.grant).access(&window.grant);
            marks = marks.edge(Node::Grant(window.grant), Relation::Recognised, call);
        }
        CallReference::Foreign(record) => {
            let node = Node::Record(record.clone());
            marks = marks.edge(node, Relation::Recognised, call);
        }
        _ => return Err(Error::ActUnknown),
    }
    marks.write(block, entry);
    Ok(())
}

/// Rule 88: whoever had content says that it is erased, once. The proofs stay.
pub(super) fn erase(block: &mut Block<'_>, entry: &Entry<'_>, act: &Erase) -> Result<(), Error> {
    let key = state_key::erasure(entry.organisation, &act.digest);
    if let Some(ErasureState { record, height, .. }) = block.load(&key)? {
        return Err(Error::AlreadyErased { record, height });
    }
    let mut marks = Marks::new().digest(&act.digest);
    match &act.grant {
        Some(id) => {
            let grant = moved(block, id, GrantEvent::Account)?;
            only(entry, &grant.receiver)?;
            marks = marks.grant(id, &grant);
        }
        None => had(block, entry, &act.digest)?,
    }
    let state = ErasureState {
        reason: act.reason,
        record: entry.id,
        height: block.at.height,
        since: block.at.time,
    };
    block.store(key, &state);
    marks.write(block, entry);
    Ok(())
}

/// The organisation delivered, derived or anchored it.
fn had(block: &Block<'_>, entry: &Entry<'_>, digest: &Digest) -> Result<(), Error> {
    let by = entry.organisation;
    let delivered: Option<DeliveryState> = block.load(&state_key::delivery(by, digest))?;
    let said: Option<ProvenanceState> = block.load(&state_key::provenance(by, digest))?;
    let anchored: Option<DocumentState> = block.load(&state_key::document(digest))?;
    let own = anchored.is_some_and(|d| d.organisation == *by);
    if delivered.is_some() || said.is_some_and(|p| p.origin != Origin::Root) || own {
        Ok(())
    } else {
        Err(Error::SourceUnknown { source: Node::Content(*digest).to_string() })
    }
}
