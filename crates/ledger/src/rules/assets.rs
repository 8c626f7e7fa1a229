//! Assets: rules 120 to 127.

use yinxin_record::{
    AppointCustodian, AssetAct, AssetEvent, AssetKey, AssetKind, AssetState, AssetStatus,
    CustodianState, Deal, EndAsset, EndPledge, OrganisationCode, PledgeAsset, Power, RegisterAsset,
    TransferAsset, next_asset_status, state_key,
};

use super::{Marks, credit::subject_key, needs, only, receives};
use crate::{
    CreditError, Error,
    block::{Block, Entry},
};

pub(super) fn act(block: &mut Block<'_>, entry: &Entry<'_>, act: &AssetAct) -> Result<(), Error> {
    match act {
        AssetAct::AppointCustodian(act) => appoint(block, entry, act),
        AssetAct::Register(act) => register(block, entry, act),
        AssetAct::Pledge(act) => pledge(block, entry, act),
        AssetAct::Release(act) => release(block, entry, act),
        AssetAct::Transfer(act) => transfer(block, entry, act),
        AssetAct::Retire(act) => retire(block, entry, act),
        AssetAct::Impair(act) => impair(block, entry, act),
        _ => Err(Error::ActUnknown),
    }
}

/// Rule 120: an authority over credit appoints a member, once for each kind: another custodian's keys would be others.
fn appoint(block: &mut Block<'_>, entry: &Entry<'_>, act: &AppointCustodian) -> Result<(), Error> {
    needs(entry, Power::CreditAuthority)?;
    receives(block, &act.custodian)?;
    let key = state_key::asset_custodian(act.kind);
    if let Some(known) = block.load::<CustodianState>(&key)? {
        return Err(Error::NotAuthority { authority: known.custodian.to_string() });
    }
    let (custodian, authority) = (act.custodian.clone(), entry.organisation.clone());
    let (check, height) = (act.check, block.at.height);
    block.store(key, &CustodianState { custodian, check, authority, height });
    Ok(())
}

/// The sender keeps the register of the kind, and has the power.
fn keeps(block: &Block<'_>, entry: &Entry<'_>, kind: AssetKind) -> Result<(), Error> {
    needs(entry, Power::Assets)?;
    let state: Option<CustodianState> = block.load(&state_key::asset_custodian(kind))?;
    let state = state.ok_or(CreditError::CustodianUnknown { kind })?;
    only(entry, &state.custodian)
}

/// An asset after an event, not yet written.
fn moved(block: &Block<'_>, key: &AssetKey, event: AssetEvent) -> Result<AssetState, Error> {
    let state: Option<AssetState> = block.load(&state_key::asset(key))?;
    let status = next_asset_status(state.as_ref().map(|s| s.status), event)?;
    let state = state.expect("the table moves nothing that is not there");
    let turn = state.turn.saturating_add(1);
    Ok(AssetState { status, turn, height: block.at.height, since: block.at.time, ..state })
}

fn put(block: &mut Block<'_>, entry: &Entry<'_>, key: &AssetKey, state: &AssetState) {
    block.store(state_key::asset(key), state);
    let mut marks = Marks::new().asset(key);
    if let Some(pledgee) = &state.pledgee {
        marks = marks.pledgee(pledgee);
    }
    marks.write(block, entry);
}

/// Rule 121: the custodian registers an asset once, however its number is spelt: one canonical number, one key.
fn register(block: &mut Block<'_>, entry: &Entry<'_>, act: &RegisterAsset) -> Result<(), Error> {
    keeps(block, entry, act.asset.kind)?;
    free(block, &act.asset)?;
    let old: Option<AssetState> = block.load(&state_key::asset(&act.asset))?;
    one_debt(block, act)?;
    let state = AssetState {
        status: next_asset_status(old.map(|o| o.status), AssetEvent::Register)?,
        owner: act.owner.clone(),
        turn: 0,
        pledgee: None,
        contract: None,
        content: act.content,
        due: act.due,
        reason: 0,
        height: block.at.height,
        since: block.at.time,
    };
    for invoice in &act.invoices {
        block.store(state_key::asset_debt(invoice), &act.asset);
    }
    put(block, entry, &act.asset, &state);
    Ok(())
}

/// Rule 127: a receivable and its invoices are one debt, registered as one or the other, whichever comes first, until that is over.
fn one_debt(block: &Block<'_>, act: &RegisterAsset) -> Result<(), Error> {
    let live = |key: &AssetKey| -> Result<bool, Error> {
        let state: Option<AssetState> = block.load(&state_key::asset(key))?;
        Ok(state.is_some_and(|state| state.status != AssetStatus::Retired))
    };
    let registered = |asset| Err(CreditError::DebtRegistered { asset }.into());
    for invoice in act.invoices.iter().chain([&act.asset]) {
        if *invoice != act.asset && live(invoice)? {
            return registered(*invoice);
        }
        let debt: Option<AssetKey> = block.load(&state_key::asset_debt(invoice))?;
        if let Some(other) = debt.filter(|other| *other != act.asset)
            && live(&other)?
        {
            return registered(other);
        }
    }
    Ok(())
}

/// Whom to ask about an asset that is somebody's pledge.
fn free(block: &Block<'_>, key: &AssetKey) -> Result<(), Error> {
    let state: Option<AssetState> = block.load(&state_key::asset(key))?;
    match state {
        Some(AssetState {
            status: AssetStatus::Pledged | AssetStatus::Impaired,
            pledgee: Some(holder),
            since,
            ..
        }) => Err(CreditError::AssetPledged { holder, since }.into()),
        _ => Ok(()),
    }
}

/// Rule 122: a pledge is taken by who holds it, of an asset that is nobody's pledge, with its owner's signature for this turn.
fn pledge(block: &mut Block<'_>, entry: &Entry<'_>, act: &PledgeAsset) -> Result<(), Error> {
    needs(entry, Power::Assets)?;
    let terms = &act.terms;
    only(entry, &terms.pledgee)?;
    free(block, &terms.asset)?;
    let state = moved(block, &terms.asset, AssetEvent::Pledge)?;
    agreed(block, &state, terms.turn, &Deal::Pledge(terms.clone()), &act.signature)?;
    let (pledgee, contract) = (Some(terms.pledgee.clone()), Some(terms.contract));
    put(block, entry, &terms.asset, &AssetState { pledgee, contract, reason: 0, ..state });
    Ok(())
}

/// The owner signed it, with the key that it has now, for the turn that the asset was at.
fn agreed(
    block: &Block<'_>,
    moved: &AssetState,
    turn: u64,
    deal: &Deal,
    signature: &[u8; 64],
) -> Result<(), Error> {
    let expected = moved.turn - 1;
    if turn != expected {
        return Err(CreditError::TurnOther { expected, found: turn }.into());
    }
    let signer = subject_key(block, &moved.owner)?;
    deal.verify(&block.at.chain_id, signature, &signer.key).map_err(Error::Record)
}

fn holder(state: &AssetState) -> OrganisationCode {
    state.pledgee.clone().expect("what is pledged is pledged to one")
}

/// Rule 123: the pledgee releases, or an authority over credit where a court says so.
fn release(block: &mut Block<'_>, entry: &Entry<'_>, act: &EndPledge) -> Result<(), Error> {
    let state = moved(block, &act.asset, AssetEvent::Release)?;
    if !entry.sender.powers.has(Power::CreditAuthority) {
        needs(entry, Power::Assets)?;
        only(entry, &holder(&state))?;
    }
    put(block, entry, &act.asset, &AssetState { reason: act.reason, ..state.clone() });
    let freed = AssetState { pledgee: None, contract: None, reason: act.reason, ..state };
    block.store(state_key::asset(&act.asset), &freed);
    Ok(())
}

/// Rule 124: the custodian transfers an asset that is nobody's pledge, with its owner's signature for this turn.
fn transfer(block: &mut Block<'_>, entry: &Entry<'_>, act: &TransferAsset) -> Result<(), Error> {
    let terms = &act.terms;
    keeps(block, entry, terms.asset.kind)?;
    free(block, &terms.asset)?;
    let state = moved(block, &terms.asset, AssetEvent::Transfer)?;
    agreed(block, &state, terms.turn, &Deal::Transfer(terms.clone()), &act.signature)?;
    let state = AssetState { owner: terms.to.clone(), reason: 0, ..state };
    put(block, entry, &terms.asset, &state);
    Ok(())
}

/// Rule 125: the custodian retires what is nobody's pledge, the pledgee what it holds.
fn retire(block: &mut Block<'_>, entry: &Entry<'_>, act: &EndAsset) -> Result<(), Error> {
    let state = moved(block, &act.asset, AssetEvent::Retire)?;
    match &state.pledgee {
        Some(pledgee) => {
            needs(entry, Power::Assets)?;
            only(entry, pledgee)?;
        }
        None => keeps(block, entry, act.asset.kind)?,
    }
    end(block, entry, act, state);
    Ok(())
}

/// Rule 126: the custodian says that what an asset stands on fell; its pledgee finds it in its index.
fn impair(block: &mut Block<'_>, entry: &Entry<'_>, act: &EndAsset) -> Result<(), Error> {
    keeps(block, entry, act.asset.kind)?;
    let state = moved(block, &act.asset, AssetEvent::Impair)?;
    end(block, entry, act, state);
    Ok(())
}

fn end(block: &mut Block<'_>, entry: &Entry<'_>, act: &EndAsset, state: AssetState) {
    let state = AssetState { reason: act.reason, ..state };
    put(block, entry, &act.asset, &state);
}
