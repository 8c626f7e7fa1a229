//! Shared data: rules 60 to 89, one file for each part of a share's life.

mod access;
mod delivery;
mod grants;
mod provenance;
mod requests;
mod resources;
mod serving;

use yinxin_record::{
    DataAct, GrantEvent, GrantState, OrganisationCode, Power, ResourceCode, ResourceState,
    next_grant_status, state_key,
};

use super::{DAY_MS, Marks, in_range, needs, only, receives};
use crate::{
    Error,
    block::{Block, Entry},
};

pub(super) fn act(block: &mut Block<'_>, entry: &Entry<'_>, act: &DataAct) -> Result<(), Error> {
    match act {
        DataAct::Publish(act) => resources::publish(block, entry, act),
        DataAct::Withdraw(act) => resources::withdraw(block, entry, act),
        DataAct::Demand(act) => resources::demand(block, entry, act),
        DataAct::AnswerDemand(act) => resources::answer(block, entry, act),
        DataAct::PublishCalendar(act) => resources::calendar(block, entry, act),
        DataAct::SetApprovers(act) => resources::approvers(block, entry, act),
        DataAct::Request(act) => requests::request(block, entry, act),
        DataAct::Decide(act) => grants::decide(block, entry, act),
        DataAct::Confirm(act) => grants::confirm(block, entry, act),
        DataAct::Appeal(act) => requests::appeal(block, entry, act),
        DataAct::Escalate(act) => requests::escalate(block, entry, act),
        DataAct::WithdrawRequest(act) => requests::withdraw(block, entry, act),
        DataAct::Revoke(act) => grants::revoke(block, entry, act),
        DataAct::Close(act) => grants::close(block, entry, act),
        DataAct::Deliver(act) => delivery::deliver(block, entry, act),
        DataAct::Access(act) => access::window(block, entry, act),
        DataAct::Deny(act) => access::deny(block, entry, act),
        DataAct::Reconcile(act) => access::reconcile(block, entry, act),
        DataAct::Derive(act) => provenance::derive(block, entry, act),
        DataAct::Recognise(act) => provenance::recognise(block, entry, act),
        DataAct::Erase(act) => provenance::erase(block, entry, act),
        DataAct::OpenServing(act) => serving::open(block, entry, act),
        DataAct::AnchorDenials(act) => serving::denials(block, entry, act),
        _ => Err(Error::ActUnknown),
    }
}

fn resource(block: &Block<'_>, code: &ResourceCode) -> Result<ResourceState, Error> {
    let state = block.load(&state_key::resource(code))?;
    state.ok_or_else(|| Error::ResourceUnknown { resource: code.clone() })
}

/// Whether an organisation serves a resource: its owner, or whom the owner published as its server.
fn is_server(code: &ResourceCode, state: &ResourceState, who: &OrganisationCode) -> bool {
    code.owner() == *who || state.servers.binary_search(who).is_ok()
}

/// Rule 80: the sender serves the resource, and has the power.
fn serves(entry: &Entry<'_>, code: &ResourceCode, state: &ResourceState) -> Result<(), Error> {
    needs(entry, Power::Data)?;
    if is_server(code, state, entry.organisation) {
        Ok(())
    } else {
        Err(Error::NotAuthority { authority: code.owner().to_string() })
    }
}

/// A grant after an event, not yet written.
fn moved(
    block: &Block<'_>,
    id: &yinxin_gm::Digest,
    event: GrantEvent,
) -> Result<GrantState, Error> {
    let state: Option<GrantState> = block.load(&state_key::grant(id))?;
    let status = next_grant_status(state.as_ref().map(|s| s.status), event)?;
    let state = state.expect("the table moves nothing that is not there");
    Ok(GrantState { status, height: block.at.height, ..state })
}
