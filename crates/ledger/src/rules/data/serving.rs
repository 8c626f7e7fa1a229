//! Which journal answers calls, and how far refusals are vouched for: rules 79 and 89.

use yinxin_gm::Digest;
use yinxin_record::{
    AnchorDenials, DenialsState, OpenServing, OrganisationCode, Power, ResourceCode, ResourceState,
    ServingState, TakesOver, Turn, TurnState, minute_start, state_key,
};
use yinxin_verdict::UnixTime;

use super::{access, needs, resource};
use crate::{
    Error,
    block::{Block, Entry},
};

/// How long the one before has to tell of its last minute, so that whoever takes over knows what is left: 3 s until the minute is over
/// by the ledger's clocks too, and a few blocks.
const TELLING_MS: i64 = 15_000;

/// Rule 79: the one that answers for a resource opens a turn before it does. Its epoch is above all before it; a journal that goes on
/// has no fewer lines than were told of it, and another one says that it takes over, and answers from the first minute in which the
/// other cannot any more.
pub(super) fn open(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &OpenServing,
) -> Result<(), Error> {
    let mut opened = Vec::with_capacity(act.resources.len());
    for code in &act.resources {
        let of = resource(block, code)?;
        needs(entry, Power::Data)?;
        if of.server(code) != *entry.organisation {
            return Err(Error::NotAuthority { authority: code.owner().to_string() });
        }
        let before = block.load(&state_key::serving(code, entry.organisation))?;
        let since = since(block.at.time, before.as_ref(), act)?.max(of.serves_from);
        opened.push((code, before, since));
    }
    let height = block.at.height;
    for (code, before, since) in opened {
        if let Some(ServingState { turn, .. }) = before {
            over(block, code, entry.organisation, turn.epoch)?;
        }
        let OpenServing { turn, lines, .. } = *act;
        let state = ServingState { turn, since, until: None, lines, record: entry.id, height };
        block.store(state_key::serving(code, entry.organisation), &state);
        let turn_state = TurnState { journal: turn.journal, since, until: None, height };
        let key = state_key::serving_turn(code, entry.organisation, turn.epoch);
        block.store(key, &turn_state);
    }
    Ok(())
}

/// The turn answers no more from this block on, if it did until now.
fn over(
    block: &mut Block<'_>,
    code: &ResourceCode,
    organisation: &OrganisationCode,
    epoch: u64,
) -> Result<(), Error> {
    let key = state_key::serving_turn(code, organisation, epoch);
    let old: TurnState = block.expect(&key)?;
    let (until, height) = (old.until.or(Some(block.at.time)), block.at.height);
    block.store(key, &TurnState { until, height, ..old });
    Ok(())
}

/// Part of rule 79: another organisation answers from the first minute in which the one before cannot any more, whose turn is over
/// with the block; named again, it opens another. From when on whoever answers now does so.
pub(super) fn hand_over(
    block: &mut Block<'_>,
    code: &ResourceCode,
    old: &ResourceState,
    new: &ResourceState,
) -> Result<UnixTime, Error> {
    let before = old.server(code);
    if before == new.server(code) {
        return Ok(old.serves_from);
    }
    let at = block.at.time;
    let key = state_key::serving(code, &before);
    let serving = block.load(&key)?.filter(|s: &ServingState| s.until.is_none());
    let Some(serving) = serving else { return Ok(old.serves_from.max(at)) };
    over(block, code, &before, serving.turn.epoch)?;
    block.store(key, &ServingState { until: Some(at), height: block.at.height, ..serving });
    Ok(old.serves_from.max(afterwards(at)))
}

/// The first instant in which nobody answers any more who did until now, in a minute of which it tells nothing, and has had time to
/// tell of the last: for each grant and minute there is one window.
fn afterwards(at: UnixTime) -> UnixTime {
    let last = at.plus_millis(access::UNKNOWN_MS).as_millis().div_euclid(60_000);
    let first = u64::try_from(last + 1).ok().and_then(minute_start).unwrap_or(at);
    first.plus_millis(TELLING_MS)
}

/// From when on the turn answers, if it may begin after the one before.
fn since(
    at: UnixTime,
    before: Option<&ServingState>,
    act: &OpenServing,
) -> Result<UnixTime, Error> {
    let Some(before) = before else { return Ok(at) };
    if act.turn.epoch <= before.turn.epoch {
        return Err(Error::EpochOther { last: before.turn.epoch, found: act.turn.epoch });
    }
    if act.turn.journal == before.turn.journal {
        if act.lines < before.lines {
            return Err(Error::JournalBehind { told: before.lines, found: act.lines });
        }
        return Ok(at.max(before.since));
    }
    if act.takes_over == TakesOver::No {
        return Err(Error::JournalOther { journal: before.turn.journal });
    }
    Ok(afterwards(at).max(before.since))
}

/// Part of rules 82 and 84: the turn that a window names is one of the sender's, and answered in that minute. Whoever answers now may
/// be another, and no power is asked for: telling gives nothing to anybody, and what was served must not stay untold.
pub(super) fn answered(
    block: &Block<'_>,
    entry: &Entry<'_>,
    code: &ResourceCode,
    turn: &Turn,
    minute: u64,
) -> Result<(), Error> {
    let key = state_key::serving_turn(code, entry.organisation, turn.epoch);
    let state: Option<TurnState> = block.load(&key)?;
    let (start, end) = access::bounds(minute);
    let fits = |state: &TurnState| {
        state.journal == turn.journal && state.answered(start, end, access::UNKNOWN_MS)
    };
    if state.as_ref().is_some_and(fits) {
        Ok(())
    } else {
        Err(Error::TurnUnknown { epoch: turn.epoch, minute })
    }
}

/// So many lines of this journal are told of: no copy with fewer goes on.
pub(super) fn told(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    code: &ResourceCode,
    journal: &Digest,
    lines: u64,
) -> Result<(), Error> {
    let key = state_key::serving(code, entry.organisation);
    let state: Option<ServingState> = block.load(&key)?;
    if let Some(state) = state.filter(|s| s.turn.journal == *journal && s.lines < lines) {
        block.store(key, &ServingState { lines, height: block.at.height, ..state });
    }
    Ok(())
}

/// Rule 89: a member vouches for its node's journal of refusals, each time for more of them.
pub(super) fn denials(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &AnchorDenials,
) -> Result<(), Error> {
    let key = state_key::denials(entry.organisation, &act.journal);
    let before: Option<DenialsState> = block.load(&key)?;
    if let Some(before) = before.filter(|before| act.count <= before.count) {
        return Err(Error::CountOther { last: before.count, found: act.count });
    }
    let (record, height) = (entry.id, block.at.height);
    let state = DenialsState { count: act.count, head: act.head, record, height };
    block.store(key, &state);
    Ok(())
}
