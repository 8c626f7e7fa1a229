//! What a source's batches tell of an item, each with the batch that anchored it.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;
use yinxin_credit::source::{SourceEvent, SourceRecord};
use yinxin_gm::Digest;
use yinxin_record::{
    BatchState, CreditAct, Date, ItemEvent, ItemKey, OrganisationCode, SourceCaseState, Wire,
    state_key,
};
use yinxin_verdict::UnixTime;

use super::events::{Event, EventView};
use crate::{
    Problem,
    data::{life::Parties, reading::Reading},
};

/// A record of a batch, and where its source has it: in which batch, from 1, at which place, from 0.
pub(super) struct Batched {
    record: SourceRecord,
    sequence: u64,
    place: u64,
}

/// Where a record of a batch is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InBatchView {
    /// The batch of its source.
    sequence: u64,
    /// Its place there, from 0, as its source has it; the records of a subject are proven together.
    place: u64,
}

/// An event's place in the log: its height, its record's index, and of a batch the place there.
pub(super) type Order = (u64, u64, u64);

/// What batches tell of an item.
#[derive(Default)]
pub(super) struct FromBatches {
    /// In order, each with its place in the log.
    pub(super) events: Vec<(Order, EventView)>,
    /// There is more than the ledger may be asked for.
    pub(super) more: bool,
}

/// Batches on the ledger, each asked for once, and why their sources were told to do what they did.
pub(super) struct Anchors<'a> {
    reading: &'a Reading,
    known: BTreeMap<(OrganisationCode, u64), Option<Anchor>>,
    /// The reasons of decisions, by the case.
    reasons: BTreeMap<Digest, u16>,
    /// How many more questions to the ledger an answer takes.
    left: usize,
}

#[derive(Clone, Copy)]
struct Anchor {
    record: Digest,
    count: u64,
    height: u64,
    index: u64,
    time: UnixTime,
}

/// What records tell, by the item: the record that recorded it.
pub(super) fn by_item(
    records: Vec<SourceRecord>,
    batches: &[(u64, u64)],
) -> BTreeMap<Digest, Vec<Batched>> {
    let mut items: BTreeMap<ItemKey, Digest> = BTreeMap::new();
    let mut told: BTreeMap<Digest, Vec<Batched>> = BTreeMap::new();
    for (record, (sequence, place)) in records.into_iter().zip(batches.iter().copied()) {
        if let SourceEvent::Record(_) = &record.event {
            items.insert(record.item, SourceRecord::id(&record.to_der()));
        }
        if let Some(id) = items.get(&record.item) {
            told.entry(*id).or_default().push(Batched { record, sequence, place });
        }
    }
    told
}

impl Batched {
    /// The day on which it was published or decided.
    const fn day(&self) -> Date {
        match &self.record.event {
            SourceEvent::Record(item) => item.published,
            SourceEvent::Follow(follow) => follow.day,
        }
    }

    /// The case on the ledger that it carries out.
    const fn decision(&self) -> Option<Digest> {
        match &self.record.event {
            SourceEvent::Record(_) => None,
            SourceEvent::Follow(follow) => follow.decision,
        }
    }
}

impl<'a> Anchors<'a> {
    /// With what records of the ledger say, and how often it may be asked beyond them.
    pub(super) fn new(reading: &'a Reading, events: &[Event], left: usize) -> Self {
        let reason = |event: &Event| match event.act() {
            Some(CreditAct::DecideCase(act)) => Some((act.case, act.reason)),
            _ => None,
        };
        let reasons = events.iter().filter_map(reason).collect();
        Self { reading, known: BTreeMap::new(), reasons, left }
    }

    /// What was told of an item up to a day, as far as its state as of then goes by it.
    pub(super) async fn views(
        &mut self,
        told: &[Batched],
        at: UnixTime,
        parties: &mut Parties<'_>,
    ) -> Result<FromBatches, Problem> {
        let mut from = FromBatches::default();
        for told in told.iter().take_while(|told| told.day() <= Date::of(at)) {
            if !self.affords(told) {
                from.more = true;
                break;
            }
            let source = &told.record.source;
            match self.anchor(source, told.sequence).await? {
                Some(anchor) if told.place < anchor.count => {
                    let order = (anchor.height, anchor.index, told.place);
                    from.events.push((order, self.view(told, anchor, parties).await?));
                }
                _ => {
                    let (sequence, place) = (told.sequence, told.place);
                    tracing::warn!(%source, sequence, place, "the ledger has no such batch");
                }
            }
        }
        Ok(from)
    }

    /// Whether the ledger may be asked for what is not known yet of a record; that is counted.
    fn affords(&mut self, told: &Batched) -> bool {
        let batch = !self.known.contains_key(&(told.record.source.clone(), told.sequence));
        let reason = told.decision().is_some_and(|case| !self.reasons.contains_key(&case));
        // Of a batch its state, and the record that anchored it.
        let left = self.left.checked_sub(2 * usize::from(batch) + usize::from(reason));
        self.left = left.unwrap_or(self.left);
        left.is_some()
    }

    async fn anchor(
        &mut self,
        source: &OrganisationCode,
        sequence: u64,
    ) -> Result<Option<Anchor>, Problem> {
        if let Some(known) = self.known.get(&(source.clone(), sequence)) {
            return Ok(*known);
        }
        let key = state_key::credit_batch(source, sequence);
        let mut anchor = None;
        if let Some(BatchState { record, count, .. }) = self.reading.state(key).await?.value
            && let Some(found) = self.reading.found(record).await?
        {
            let (height, index, time) = (found.height, found.index, found.time);
            anchor = Some(Anchor { record, count, height, index, time });
        }
        self.known.insert((source.clone(), sequence), anchor);
        Ok(anchor)
    }

    async fn reason(&mut self, case: Digest) -> Result<u16, Problem> {
        if let Some(reason) = self.reasons.get(&case) {
            return Ok(*reason);
        }
        let key = state_key::credit_source_case(&case);
        let state = self.reading.state::<SourceCaseState>(key).await?.value;
        let reason = state.map_or(0, |case| case.reason);
        self.reasons.insert(case, reason);
        Ok(reason)
    }

    async fn view(
        &mut self,
        told: &Batched,
        anchor: Anchor,
        parties: &mut Parties<'_>,
    ) -> Result<EventView, Problem> {
        let (kind, authority, day) = match &told.record.event {
            SourceEvent::Record(item) => ("record", &item.authority, item.decided),
            SourceEvent::Follow(of) => (kind(of.event), &of.authority, of.day),
        };
        let reason = match told.decision() {
            Some(case) => self.reason(case).await?,
            None => 0,
        };
        Ok(EventView {
            record: SourceRecord::id(&told.record.to_der()).to_string(),
            kind: kind.to_owned(),
            ask: None,
            outcome: None,
            by: parties.of(authority).await?,
            day: Some(day.to_string()),
            deadline: None,
            reason,
            measure: None,
            measure_name: None,
            result: None,
            law: None,
            batch: Some(InBatchView { sequence: told.sequence, place: told.place }),
            height: anchor.height,
            time: anchor.time.to_string(),
            receipt: format!("/v1/receipts/{}", anchor.record),
        })
    }
}

/// As the acts on items of the ledger are called.
const fn kind(event: ItemEvent) -> &'static str {
    match event {
        ItemEvent::Fulfil => "fulfil-commitment",
        ItemEvent::Break => "break-commitment",
        other => other.name(),
    }
}
