//! What certificates and seals have in common: whoever registers one under its own code alone revokes it.

use yinxin_gm::Digest;
use yinxin_record::{
    CertificateState, CredentialEvent, CredentialStatus, Revoke, SealState, Wire,
    next_credential_status,
};

use crate::{
    Error,
    block::{Block, Entry},
};

/// What the ledger says of a certificate or a seal.
pub(super) trait Credential: Wire {
    fn status(&self) -> CredentialStatus;
    fn revoked(self, status: CredentialStatus, revoke: &Revoke, height: u64) -> Self;
}

/// Registers one, which its sender has not registered before.
pub(super) fn issue<C: Credential>(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    key: Vec<u8>,
    digest: &Digest,
    issued: impl FnOnce(CredentialStatus) -> C,
) -> Result<(), Error> {
    let state: Option<C> = block.load(&key)?;
    let status = next_credential_status(state.map(|s| s.status()), CredentialEvent::Issue)?;
    block.store(key, &issued(status));
    entry.index_digest(block, digest);
    Ok(())
}

/// Revokes one that its sender registered: since now or earlier, rules 22 and 32.
pub(super) fn revoke<C: Credential>(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    key: Vec<u8>,
    act: &Revoke,
) -> Result<(), Error> {
    let state: Option<C> = block.load(&key)?;
    let status = next_credential_status(state.as_ref().map(C::status), CredentialEvent::Revoke)?;
    let state = state.expect("the table revokes nothing that is not there");
    if act.since > block.at.time {
        return Err(Error::SinceFuture { since: act.since, time: block.at.time });
    }
    let height = block.at.height;
    block.store(key, &state.revoked(status, act, height));
    entry.index_digest(block, &act.digest);
    Ok(())
}

impl Credential for CertificateState {
    fn status(&self) -> CredentialStatus {
        self.status
    }

    fn revoked(self, status: CredentialStatus, revoke: &Revoke, height: u64) -> Self {
        Self { status, revocation: Some(revoke.clone()), height, ..self }
    }
}

impl Credential for SealState {
    fn status(&self) -> CredentialStatus {
        self.status
    }

    fn revoked(self, status: CredentialStatus, revoke: &Revoke, height: u64) -> Self {
        Self { status, revocation: Some(revoke.clone()), height, ..self }
    }
}
