//! Who may do what: one file for each family.

mod assets;
mod certificates;
mod change;
mod credentials;
mod credit;
mod data;
mod documents;
mod licences;
mod marks;
mod members;
mod seals;

pub(crate) use change::{member, order, own_certificate, take_effect};

use marks::Marks;
use yinxin_record::{Act, OrganisationCode, OrganisationStatus, Power};
use yinxin_verdict::UnixTime;

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
        Act::Credit(act) => credit::act(block, entry, act),
        Act::Asset(act) => assets::act(block, entry, act),
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

const DAY_MS: i64 = 24 * 3_600_000;

/// Only this organisation may do it.
fn only(entry: &Entry<'_>, who: &OrganisationCode) -> Result<(), Error> {
    if entry.organisation == who {
        Ok(())
    } else {
        Err(Error::NotAuthority { authority: who.to_string() })
    }
}

/// A time within `min..=max`.
fn in_range(
    what: &'static str,
    found: UnixTime,
    min: UnixTime,
    max: UnixTime,
) -> Result<(), Error> {
    if (min..=max).contains(&found) {
        Ok(())
    } else {
        Err(Error::TimeRange { what, min, max, found })
    }
}

/// Who receives is a member, and not suspended.
fn receives(block: &Block<'_>, who: &OrganisationCode) -> Result<(), Error> {
    let suspended = |until| Error::OrganisationSuspended { organisation: who.clone(), until };
    let state = block.organisation(who)?;
    let state = state.ok_or_else(|| Error::OrganisationUnknown { organisation: who.clone() })?;
    if state.status != OrganisationStatus::Active {
        return Err(suspended(None));
    }
    match block.emergency(who)? {
        Some(until) => Err(suspended(Some(until))),
        None => Ok(()),
    }
}
