//! Seals: rules 30 to 32.

use yinxin_record::{Power, SealAct, SealState, state_key};

use super::{
    credentials::{issue, revoke},
    needs,
};
use crate::{
    Error,
    block::{Block, Entry},
};

pub(super) fn act(block: &mut Block<'_>, entry: &Entry<'_>, act: &SealAct) -> Result<(), Error> {
    needs(entry, Power::Seals)?; // rule 30
    let by = entry.organisation;
    match act {
        SealAct::Issue(act) => {
            let height = block.at.height;
            issue(block, entry, state_key::seal(by, &act.digest), &act.digest, |status| SealState {
                status,
                maker: by.clone(),
                seal_id: act.seal_id.clone(),
                owner: act.owner.clone(),
                revocation: None,
                height,
            })
        }
        // Rule 31: by its maker, under whose code it stands.
        SealAct::Revoke(act) => {
            revoke::<SealState>(block, entry, state_key::seal(by, &act.digest), act)
        }
        _ => Err(Error::ActUnknown),
    }
}
