//! Seals: rules 30 to 32.

use yinxin_record::{
    CredentialEvent, IssueSeal, Power, Revoke, SealAct, SealState, next_credential_status,
    state_key,
};

use super::{certificates::since_is_past, needs};
use crate::{
    Error,
    block::{Block, Entry},
};

pub(super) fn act(block: &mut Block<'_>, entry: &Entry<'_>, act: &SealAct) -> Result<(), Error> {
    needs(entry, Power::Seals)?; // rule 30
    match act {
        SealAct::Issue(act) => issue(block, entry, act),
        SealAct::Revoke(act) => revoke(block, entry, act),
        _ => Err(Error::ActUnknown),
    }
}

fn issue(block: &mut Block<'_>, entry: &Entry<'_>, act: &IssueSeal) -> Result<(), Error> {
    let key = state_key::seal(&act.digest);
    let state: Option<SealState> = block.load(&key)?;
    let status = next_credential_status(state.map(|s| s.status), CredentialEvent::Issue)?;
    let issued = SealState {
        status,
        maker: entry.organisation.clone(),
        seal_id: act.seal_id.clone(),
        owner: act.owner.clone(),
        revocation: None,
        height: block.at.height,
    };
    block.store(key, &issued);
    entry.index_digest(block, &act.digest);
    Ok(())
}

/// Rule 31: by its maker. Rule 32: since now or earlier.
fn revoke(block: &mut Block<'_>, entry: &Entry<'_>, act: &Revoke) -> Result<(), Error> {
    let key = state_key::seal(&act.digest);
    let state: Option<SealState> = block.load(&key)?;
    let status = next_credential_status(state.as_ref().map(|s| s.status), CredentialEvent::Revoke)?;
    let state = state.expect("the table revokes nothing that is not there");
    if state.maker != *entry.organisation {
        return Err(Error::NotIssuer { issuer: state.maker });
    }
    since_is_past(block, act)?;
    let height = block.at.height;
    block.store(key, &SealState { status, revocation: Some(act.clone()), height, ..state });
    entry.index_digest(block, &act.digest);
    Ok(())
}
