//! Certificates: rules 20 to 22.

use yinxin_record::{
    CertificateAct, CertificateState, CredentialEvent, IssueCertificate, Power, Revoke,
    next_credential_status, state_key,
};

use super::needs;
use crate::{
    Error,
    block::{Block, Entry},
};

pub(super) fn act(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &CertificateAct,
) -> Result<(), Error> {
    needs(entry, Power::Certificates)?; // rule 20
    match act {
        CertificateAct::Issue(act) => issue(block, entry, act),
        CertificateAct::Revoke(act) => revoke(block, entry, act),
        _ => Err(Error::ActUnknown),
    }
}

fn issue(block: &mut Block<'_>, entry: &Entry<'_>, act: &IssueCertificate) -> Result<(), Error> {
    let key = state_key::certificate(&act.digest);
    let state: Option<CertificateState> = block.load(&key)?;
    let status = next_credential_status(state.map(|s| s.status), CredentialEvent::Issue)?;
    let issued = CertificateState {
        status,
        issuer: Some(entry.organisation.clone()),
        not_after: Some(act.not_after),
        revocation: None,
        height: block.at.height,
    };
    block.store(key, &issued);
    entry.index_digest(block, &act.digest);
    Ok(())
}

/// Rule 21: by its issuer; a member's own certificate by any authority. Rule 22: since now or earlier.
fn revoke(block: &mut Block<'_>, entry: &Entry<'_>, act: &Revoke) -> Result<(), Error> {
    let key = state_key::certificate(&act.digest);
    let state: Option<CertificateState> = block.load(&key)?;
    let status = next_credential_status(state.as_ref().map(|s| s.status), CredentialEvent::Revoke)?;
    let state = state.expect("the table revokes nothing that is not there");
    if let Some(issuer) = state.issuer.as_ref().filter(|issuer| *issuer != entry.organisation) {
        return Err(Error::NotIssuer { issuer: issuer.clone() });
    }
    since_is_past(block, act)?;
    let height = block.at.height;
    block.store(key, &CertificateState { status, revocation: Some(act.clone()), height, ..state });
    entry.index_digest(block, &act.digest);
    Ok(())
}

pub(super) fn since_is_past(block: &Block<'_>, act: &Revoke) -> Result<(), Error> {
    if act.since <= block.at.time {
        Ok(())
    } else {
        Err(Error::SinceFuture { since: act.since, time: block.at.time })
    }
}
