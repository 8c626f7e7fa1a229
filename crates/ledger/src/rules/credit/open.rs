//! What is open about an item. Each member has a place of its own, and the subject one for what it signs, so that nobody keeps
//! another's word out by speaking first.

use yinxin_gm::Digest;
use yinxin_record::{BusinessState, OpenCase, OpenCases, OrganisationCode, state_key};

use crate::{Error, block::Block};

/// Which of the lists.
pub(super) type Kind = fn(&mut OpenCases) -> &mut Vec<OpenCase>;

/// Objections that are not resolved.
pub(super) const OBJECTIONS: Kind = |cases| &mut cases.objections;
/// Applications for repair that are not decided.
pub(super) const APPLICATIONS: Kind = |cases| &mut cases.applications;

/// Most of a kind: one of each member. The last place is kept for the subject's own word.
const MAX_OPEN: usize = yinxin_receipt::MAX_ORGANISATIONS;

fn load(block: &Block<'_>, item: &Digest) -> Result<OpenCases, Error> {
    Ok(block.load(&state_key::credit_open(item))?.unwrap_or_default())
}

/// The one that a member has.
pub(super) fn of(
    block: &Block<'_>,
    item: &Digest,
    kind: Kind,
    by: &OrganisationCode,
) -> Result<Option<Digest>, Error> {
    let mut cases = load(block, item)?;
    let own = |case: &&OpenCase| case.by == *by && case.signed.is_none();
    Ok(kind(&mut cases).iter().find(own).map(|case| case.id))
}

/// What a member dropped last, or the subject of its own words: the next one waits until that one's time for an answer is over. Else
/// dropping and raising anew would make the subject's chain, and each view of it, as long as anyone likes.
pub(super) fn dropped(
    block: &Block<'_>,
    item: &Digest,
    by: Option<&OrganisationCode>,
) -> Result<Option<Digest>, Error> {
    let last: Option<BusinessState> = block.load(&state_key::credit_dropped(item, by))?;
    Ok(last.map(|last| last.record))
}

/// One is dropped.
pub(super) fn drops(
    block: &mut Block<'_>,
    item: &Digest,
    by: Option<&OrganisationCode>,
    record: Digest,
) {
    let height = block.at.height;
    block.store(state_key::credit_dropped(item, by), &BusinessState { record, height });
}

/// The objection that the subject signed.
pub(super) fn of_subject(block: &Block<'_>, item: &Digest) -> Result<Option<Digest>, Error> {
    let cases = load(block, item)?;
    Ok(cases.objections.iter().find(|case| case.signed.is_some()).map(|case| case.id))
}

/// The one that is open longest.
pub(super) fn first(block: &Block<'_>, item: &Digest, kind: Kind) -> Result<Option<Digest>, Error> {
    let mut cases = load(block, item)?;
    Ok(kind(&mut cases).first().map(|case| case.id))
}

/// One more, of a member that has none.
pub(super) fn begin(
    block: &mut Block<'_>,
    item: &Digest,
    kind: Kind,
    case: OpenCase,
) -> Result<(), Error> {
    let mut cases = load(block, item)?;
    let list = kind(&mut cases);
    let members = list.iter().filter(|open| open.signed.is_none()).count();
    if case.signed.is_none() && members >= MAX_OPEN - 1 {
        return Err(Error::TooMany { what: "open cases", max: MAX_OPEN - 1 });
    }
    list.push(case);
    block.store(state_key::credit_open(item), &cases);
    Ok(())
}

/// One is answered: which one is open longest now.
pub(super) fn end(
    block: &mut Block<'_>,
    item: &Digest,
    kind: Kind,
    id: &Digest,
) -> Result<Option<Digest>, Error> {
    let mut cases = load(block, item)?;
    kind(&mut cases).retain(|case| case.id != *id);
    block.store(state_key::credit_open(item), &cases);
    Ok(kind(&mut cases).first().map(|case| case.id))
}
