//! Batches: rule 113.

use yinxin_merkle::state::EMPTY;
use yinxin_record::{
    BatchState, ClassCount, CreditBatch, CreditSources, Power, PublishClass, SourceState, state_key,
};

use super::{classes, conduct, needs, today};
use crate::{
    CreditError, Error,
    block::{Block, Entry},
    rules::Marks,
};

/// Most sources: as many as members.
const MAX_SOURCES: usize = yinxin_receipt::MAX_ORGANISATIONS;

/// Rule 113: of classes that the source may record in batches, within their volume, and going on from where its last batch
/// ended. Rule 114 counts what had to be published in time only: anything else would thin the late ones out. What holds for each record is the source's own state tree's, which anyone can execute again.
pub(super) fn batch(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &CreditBatch,
) -> Result<(), Error> {
    needs(entry, Power::Credit)?;
    let mut marks = Marks::new().credit_authority(entry.organisation);
    let (mut due, mut late) = (0_u64, 0_u64);
    for count in &act.counts {
        if within(block, entry, count)?.limits.publish_days.is_some() {
            due = due.saturating_add(count.due);
            late = late.saturating_add(count.late);
        } else if count.due > 0 {
            return Err(CreditError::DeadlineOther { expected: None }.into());
        }
        marks = marks.class(&count.class.code);
    }
    let key = state_key::credit_source(entry.organisation);
    let before: Option<SourceState> = block.load(&key)?;
    let known = before.is_some();
    let (sequence, records, root) =
        before.map_or((0, 0, EMPTY), |s| (s.sequence, s.records, s.root));
    let (expected, found) = (sequence.saturating_add(1), act.sequence);
    if found != expected {
        return Err(CreditError::SequenceOther { expected, found }.into());
    }
    if act.before != root {
        return Err(CreditError::RootOther { expected: root, found: act.before }.into());
    }
    if !known {
        first(block, entry)?;
    }
    let height = block.at.height;
    let records = records.saturating_add(act.count());
    block.store(key, &SourceState { sequence: found, records, root: act.after, height });
    let state = BatchState {
        record: entry.id,
        count: act.count(),
        records: act.records,
        before: act.before,
        after: act.after,
        height,
        since: block.at.time,
    };
    block.store(state_key::credit_batch(entry.organisation, found), &state);
    conduct(block, entry.organisation, |c| {
        c.published = c.published.saturating_add(due);
        c.published_late = c.published_late.saturating_add(late);
    })?;
    marks.digest(&act.records).digest(&act.after).write(block, entry);
    Ok(())
}

/// The class, which has begun to judge and allows so many records in a batch.
///
/// That a later version judges by now says nothing against it: what becomes of an item is counted under the item's own
/// version for ever, and the ledger sees no day of a decision. The days are what an auditor executes again.
fn within(block: &Block<'_>, entry: &Entry<'_>, count: &ClassCount) -> Result<PublishClass, Error> {
    let class = classes::recorded_by(block, entry.organisation, &count.class)?;
    let today = today(block);
    if today < class.valid_from {
        let (of, from, until) = (count.class.clone(), class.valid_from, class.valid_until);
        return Err(CreditError::ClassNotInForce { class: of, from, until, found: today }.into());
    }
    let (max, found) = (class.batch, count.count);
    if found <= max {
        return Ok(class);
    }
    Err(CreditError::BatchVolume { class: count.class.clone(), max, found }.into())
}

/// A source's first batch: from now on a complete view asks it too.
fn first(block: &mut Block<'_>, entry: &Entry<'_>) -> Result<(), Error> {
    let key = state_key::credit_sources();
    let mut sources: CreditSources = block.load(&key)?.unwrap_or_default();
    if sources.codes.len() >= MAX_SOURCES {
        return Err(Error::TooMany { what: "sources", max: MAX_SOURCES });
    }
    if let Err(at) = sources.codes.binary_search(entry.organisation) {
        sources.codes.insert(at, entry.organisation.clone());
    }
    block.store(key, &sources);
    Ok(())
}
