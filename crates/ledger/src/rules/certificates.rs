//! Certificates: rules 20 to 22.

use yinxin_record::{CertificateAct, CertificateState, Power, state_key};

use super::{
    credentials::{issue, revoke},
    needs,
};
use crate::{
    Error,
    block::{Block, Entry},
};

pub(super) fn act(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &CertificateAct,
) -> Result<(), Error> {
    let by = entry.organisation;
    match act {
        CertificateAct::Issue(act) => {
            needs(entry, Power::Certificates)?; // rule 20
            let (issuer, not_after) = (Some(by.clone()), Some(act.not_after));
            let height = block.at.height;
            issue(block, entry, state_key::certificate(by, &act.digest), &act.digest, |status| {
                CertificateState { status, issuer, not_after, revocation: None, height }
            })
        }
        CertificateAct::Revoke(act) => {
            // Rule 21: a member that lost its key does not wait for any power.
            if act.digest != entry.sender.certificate {
                needs(entry, Power::Certificates)?;
            }
            revoke::<CertificateState>(block, entry, state_key::certificate(by, &act.digest), act)
        }
        _ => Err(Error::ActUnknown),
    }
}
