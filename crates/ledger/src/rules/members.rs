//! Members: rules 10 to 14. Every active organisation may propose, approve, and vote for an emergency suspension.

use yinxin_gm::Digest;
use yinxin_record::{
    Accepted, EmergencySuspend, MemberAct, Pending, ProposalEvent, ProposalState, ProposalStatus,
    Propose, Suspension, SuspensionVote, next_proposal_status, state_key,
};

use super::change::{absent, feasible, feasible_with};
use crate::{
    Error,
    block::{Block, Entry},
};

/// How long an emergency suspension lasts, and how long a vote for one counts: 24 h, time enough for a proposal.
const EMERGENCY_MS: i64 = 24 * 3_600_000;

/// A change needs a block to be accepted in and a block to take effect after.
const NOTICE: u64 = 2;

pub(super) fn act(block: &mut Block<'_>, entry: &Entry<'_>, act: &MemberAct) -> Result<(), Error> {
    match act {
        MemberAct::Propose(act) => propose(block, entry, act),
        MemberAct::Approve(act) => approve(block, entry, &act.proposal),
        MemberAct::Suspend(act) => suspend(block, entry, act),
        _ => Err(Error::ActUnknown),
    }
}

/// Rule 10: a proposal is feasible now. Rule 11: it leaves two heights.
fn propose(block: &mut Block<'_>, entry: &Entry<'_>, act: &Propose) -> Result<(), Error> {
    let Propose { change, effective_height } = act;
    let status = next_proposal_status(None, ProposalEvent::Propose)?;
    in_time(block, *effective_height)?;
    feasible(block, change)?;
    let proposal = ProposalState {
        change: change.clone(),
        effective_height: *effective_height,
        approvals: vec![entry.organisation.clone()],
        status,
        height: block.at.height,
    };
    decide(block, &entry.id, proposal)
}

/// Rule 12: each organisation approves once.
fn approve(block: &mut Block<'_>, entry: &Entry<'_>, id: &Digest) -> Result<(), Error> {
    let state: Option<ProposalState> = block.load(&state_key::proposal(id))?;
    next_proposal_status(state.as_ref().map(|s| s.status), ProposalEvent::Approve)?;
    let mut proposal = state.expect("the table approves nothing that is not there");
    in_time(block, proposal.effective_height)?;
    match proposal.approvals.binary_search(entry.organisation) {
        Ok(_) => return Err(Error::AlreadyApproved { organisation: entry.organisation.clone() }),
        Err(at) => proposal.approvals.insert(at, entry.organisation.clone()),
    }
    proposal.height = block.at.height;
    decide(block, id, proposal)
}

fn in_time(block: &Block<'_>, effective_height: u64) -> Result<(), Error> {
    let min = block.at.height.saturating_add(NOTICE);
    let max = min.saturating_add(block.rules()?.max_lifetime);
    if (min..=max).contains(&effective_height) {
        Ok(())
    } else {
        Err(Error::EffectiveHeight { min, max, found: effective_height })
    }
}

/// Rule 13: more than two thirds of the active organisations accept.
fn decide(block: &mut Block<'_>, id: &Digest, mut proposal: ProposalState) -> Result<(), Error> {
    let active = block.active_organisations()?;
    let approved = proposal.approvals.iter().filter(|code| active.contains(code)).count();
    if approved * 3 > active.len() * 2 {
        proposal.status = next_proposal_status(Some(ProposalStatus::Open), ProposalEvent::Accept)?;
        let accepted = Accepted { effective_height: proposal.effective_height, proposal: *id };
        feasible_with(block, &proposal.change, &accepted)?;
        let mut pending: Pending = block.expect(&state_key::pending())?;
        pending.accepted.push(accepted);
        pending.accepted.sort();
        if pending.accepted.len() > MAX_PENDING {
            return Err(Error::TooManyPending { max: MAX_PENDING });
        }
        block.store(state_key::pending(), &pending);
    }
    block.store(state_key::proposal(id), &proposal);
    Ok(())
}

/// Most accepted proposals that wait for their height: each is looked at again with each new one.
const MAX_PENDING: usize = 64;

/// Rule 14: f + 1 of 3f + 1 organisations, and never one alone, suspend another for 24 h.
fn suspend(block: &mut Block<'_>, entry: &Entry<'_>, act: &EmergencySuspend) -> Result<(), Error> {
    let EmergencySuspend { organisation, reason } = act;
    let time = block.at.time;
    if organisation == entry.organisation {
        return Err(Error::OwnSuspension { organisation: organisation.clone() });
    }
    if block.organisation(organisation)?.is_none() {
        return Err(Error::OrganisationUnknown { organisation: organisation.clone() });
    }
    let key = state_key::suspension(organisation);
    let mut suspension: Suspension = block.load(&key)?.unwrap_or_default();
    if let Some(until) = suspension.until.filter(|until| *until > time) {
        let organisation = organisation.clone();
        return Err(Error::OrganisationSuspended { organisation, until: Some(until) });
    }
    suspension.until = None;
    suspension.votes.retain(|vote| vote.time.plus_millis(EMERGENCY_MS) > time);
    let vote = SuspensionVote { organisation: entry.organisation.clone(), reason: *reason, time };
    match suspension.votes.binary_search_by(|v| v.organisation.cmp(entry.organisation)) {
        Ok(_) => return Err(Error::AlreadyApproved { organisation: entry.organisation.clone() }),
        Err(at) => suspension.votes.insert(at, vote),
    }
    // Who was suspended after voting, by the members or in an emergency, has no say meanwhile.
    let active = block.active_organisations()?;
    let mut counted = 0;
    for vote in suspension.votes.iter().filter(|v| active.contains(&v.organisation)) {
        counted += usize::from(block.emergency(&vote.organisation)?.is_none());
    }
    let needed = (active.len().saturating_sub(1) / 3 + 1).max(2);
    if counted >= needed {
        let until = time.plus_millis(EMERGENCY_MS);
        (suspension.until, suspension.votes) = (Some(until), Vec::new());
        // Whom the members suspended already is away until they resume it.
        if active.contains(organisation) {
            absent(block, organisation, Some(until))?;
        }
    }
    block.store(key, &suspension);
    Ok(())
}
