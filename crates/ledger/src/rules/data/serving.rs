//! Which journal answers calls, and how far refusals are vouched for: rules 79 and 89.

use yinxin_gm::Digest;
use yinxin_record::{
    AnchorDenials, DenialsState, OpenServing, ResourceCode, ServingState, TakesOver, Turn,
    TurnState, minute_start, state_key,
};
use yinxin_verdict::UnixTime;

use super::{access, resource, serves};
use crate::{
    Error,
    block::{Block, Entry},
};

/// How long the one before has to tell of its last minute, so that whoever takes over knows what is left: 3 s until the minute is over
/// by the ledger's clocks too, and a few blocks.
const TELLING_MS: i64 = 15_000;

/// Rule 79: whoever serves opens a turn before it answers. Its epoch is above all before it; a journal that goes on has no fewer lines
/// than were told of it, and another one says that it takes over, and answers from the first minute in which the other cannot any more.
pub(super) fn open(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &OpenServing,
) -> Result<(), Error> {
    let mut opened = Vec::with_capacity(act.resources.len());
    for code in &act.resources {
        let of = resource(block, code)?;
        serves(entry, code, &of)?;
        let before = block.load(&state_key::serving(code, entry.organisation))?;
        let since = since(block.at.time, before.as_ref(), act)?;
        opened.push((code, before, since));
    }
    let (at, height) = (block.at.time, block.at.height);
    for (code, before, since) in opened {
        if let Some(ServingState { turn, .. }) = before {
            let key = state_key::serving_turn(code, entry.organisation, turn.epoch);
            let old: TurnState = block.expect(&key)?;
            block.store(key, &TurnState { until: Some(at), height, ..old });
        }
        let OpenServing { turn, lines, .. } = *act;
        let state = ServingState { turn, since, lines, record: entry.id, height };
        block.store(state_key::serving(code, entry.organisation), &state);
        let turn_state = TurnState { journal: turn.journal, since, until: None, height };
        let key = state_key::serving_turn(code, entry.organisation, turn.epoch);
        block.store(key, &turn_state);
    }
    Ok(())
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
    // One window for each grant and minute: the minutes of the two are not the same.
    let last = at.plus_millis(access::UNKNOWN_MS).as_millis().div_euclid(60_000);
    let first = u64::try_from(last + 1).ok().and_then(minute_start).unwrap_or(at);
    Ok(first.plus_millis(TELLING_MS).max(before.since))
}

/// Part of rules 82 and 84: the turn that a window names is one of the sender's, and answered in that minute.
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
