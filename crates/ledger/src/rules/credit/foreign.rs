//! Other regions' ledgers: what of them is recognised, and how that ends: rules 98 and 119.

use yinxin_gm::Digest;
use yinxin_record::{
    Basis, BusinessState, Date, EndRecognised, ForeignBasis, ItemEvent, ItemState, Power,
    TrustLedger, TrustedLedgerState, state_key,
};

use super::{event, items::frees, moved, needs, own_or_authority, store, today};
use crate::{
    CreditError, Error,
    block::{Block, Entry},
    rules::Marks,
};

/// Rule 119: an authority says which other ledger is recognised. Its genesis is the same for ever; its checkpoint and whether it serves may change.
pub(super) fn trust(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &TrustLedger,
) -> Result<(), Error> {
    needs(entry, Power::CreditAuthority)?;
    if act.chain_id == block.at.chain_id {
        return Err(own());
    }
    let key = state_key::credit_ledger(&act.chain_id);
    let old: Option<TrustedLedgerState> = block.load(&key)?;
    if let Some(old) = old.filter(|old| old.genesis != act.genesis) {
        let (expected, found) = (format!("genesis {}", old.genesis), act.genesis.to_string());
        return Err(CreditError::BasisOther { expected, found }.into());
    }
    let state = TrustedLedgerState {
        genesis: act.genesis,
        region: act.region.clone(),
        checkpoint: act.checkpoint,
        serves: act.serves,
        authority: entry.organisation.clone(),
        height: block.at.height,
    };
    block.store(key, &state);
    Marks::new().digest(&act.chain_id).digest(&act.genesis).write(block, entry);
    Ok(())
}

fn own() -> Error {
    let (expected, found) = ("a record of another ledger".into(), "one of this".into());
    CreditError::BasisOther { expected, found }.into()
}

/// Rule 98: a record of another ledger that serves is recognised once, and while it is shown at home.
pub(super) fn recognises(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    basis: &ForeignBasis,
) -> Result<(), Error> {
    let of = &basis.of;
    if of.chain_id == block.at.chain_id {
        return Err(own());
    }
    let known: Option<TrustedLedgerState> = block.load(&state_key::credit_ledger(&of.chain_id))?;
    if known.is_none_or(|known| !known.serves) {
        return Err(CreditError::BasisUnknown { basis: format!("ledger {}", of.chain_id) }.into());
    }
    if let Some(until) = basis.until.filter(|until| *until <= today(block)) {
        return Err(CreditError::PeriodPast { until, today: today(block) }.into());
    }
    let key = state_key::credit_recognition(of);
    if let Some(known) = block.load::<BusinessState>(&key)? {
        return Err(CreditError::AlreadyRecognised { item: known.record }.into());
    }
    let (record, height) = (entry.id, block.at.height);
    block.store(key, &BusinessState { record, height });
    Ok(())
}

/// The record may be recognised again.
pub(super) fn forgets(block: &mut Block<'_>, item: &Digest, basis: &Basis) -> Result<(), Error> {
    let Basis::Foreign(basis) = basis else { return Ok(()) };
    let key = state_key::credit_recognition(&basis.of);
    let known: Option<BusinessState> = block.load(&key)?;
    if known.is_some_and(|known| known.record == *item) {
        block.remove(key);
    }
    Ok(())
}

/// Rule 96, of what is recognised: it ends no later than at home, whatever its class's minimum.
pub(super) fn no_later(
    basis: &Basis,
    asked: Option<Date>,
    until: Option<Date>,
) -> Result<Option<Date>, Error> {
    let Basis::Foreign(ForeignBasis { until: Some(home), .. }) = basis else { return Ok(until) };
    if let Some(found) = asked.filter(|asked| asked > home) {
        let (min, max) = (*home, *home);
        return Err(CreditError::DateRange { what: "until", min, max, found }.into());
    }
    Ok(Some(until.map_or(*home, |until| until.min(*home))))
}

/// Rule 119: whoever recognised an item, or an authority, ends it, because it has ended at home. Its recorder holds the proof.
///
/// What is reinstated at home after that is recognised anew, by the proof of it: so what was ended here bars nobody either.
pub(super) fn end(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &EndRecognised,
) -> Result<(), Error> {
    let item = moved(block, &act.item, ItemEvent::Withdraw)?;
    own_or_authority(entry, &item.authority)?;
    let Basis::Foreign(basis) = &item.basis else {
        let expected = "an item that rests on a record of another ledger".to_owned();
        let found = format!("item {}", act.item);
        return Err(CreditError::BasisOther { expected, found }.into());
    };
    let marks = Marks::new().digest(&basis.of.record).digest(&act.status);
    let ended = item.ended.or(Some(block.at.time));
    frees(block, entry, &act.item, &item)?;
    let item = ItemState { ended, reason: act.how.reason(), ..item.clone() };
    event(block, entry, &item.subject)?;
    store(block, entry, &act.item, &item, marks);
    Ok(())
}
