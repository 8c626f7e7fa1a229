//! Who may do what: one file for each family.

mod certificates;
mod change;
mod credentials;
mod data;
mod documents;
mod licences;
mod members;
mod seals;

pub(crate) use change::{member, order, own_certificate, take_effect};

use yinxin_record::{Act, Power};

use crate::{
    Error,
    block::{Block, Entry},
};

/// Executes an act, or refuses it before anything is written.
pub(crate) fn act(block: &mut Block<'_>, entry: &Entry<'_>, act: &Act) -> Result<(), Error> {
    match act {
        Act::Member(act) => members::act(block, entry, act),
        Act::Certificate(act) => certificates::act(block, entry, act),
        Act::Seal(act) => seals::act(block, entry, act),
        Act::Licence(act) => licences::act(block, entry, act),
        Act::Document(act) => documents::act(block, entry, act),
        Act::Data(act) => data::act(block, entry, act),
        // `Act` may grow; what this ledger does not know it does not do.
        _ => Err(Error::ActUnknown),
    }
}

/// The sender has the power that an act asks for.
fn needs(entry: &Entry<'_>, power: Power) -> Result<(), Error> {
    if entry.sender.powers.has(power) {
        Ok(())
    } else {
        Err(Error::PowerMissing { organisation: entry.organisation.clone(), power })
    }
}
