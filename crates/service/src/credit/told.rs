//! What a source's batches tell of an item, each with the batch that anchored it.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;
use yinxin_credit::source::{SourceEvent, SourceRecord};
use yinxin_gm::Digest;
use yinxin_record::{
    BatchState, Date, ItemEvent, ItemKey, OrganisationCode, SourceCaseState, Wire, state_key,
};
use yinxin_verdict::UnixTime;

use super::events::EventView;
use crate::{
    Problem,
    data::{life::Parties, reading::Reading},
};

/// A record of a batch, and where its source has it: in which batch, from 1, at which place, from 0.
pub(super) struct Told {
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

/// Batches on the ledger, each asked for once.
pub(super) struct Anchors<'a> {
    reading: &'a Reading,
    known: BTreeMap<(OrganisationCode, u64), Option<Anchor>>,
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
) -> BTreeMap<Digest, Vec<Told>> {
    let mut items: BTreeMap<ItemKey, Digest> = BTreeMap::new();
    let mut told: BTreeMap<Digest, Vec<Told>> = BTreeMap::new();
    for (record, (sequence, place)) in records.into_iter().zip(batches.iter().copied()) {
        if let SourceEvent::Record(_) = &record.event {
            items.insert(record.item, SourceRecord::id(&record.to_der()));
        }
        if let Some(id) = items.get(&record.item) {
            told.entry(*id).or_default().push(Told { record, sequence, place });
        }
    }
    told
}

impl Told {
    /// The day on which it was published or decided.
    const fn day(&self) -> Date {
        match &self.record.event {
            SourceEvent::Record(item) => item.published,
            SourceEvent::Follow(follow) => follow.day,
        }
    }
}

impl<'a> Anchors<'a> {
    pub(super) const fn new(reading: &'a Reading) -> Self {
        Self { reading, known: BTreeMap::new() }
    }

    /// What was told of an item up to a day, in order: as far as its state as of then goes by it.
    pub(super) async fn views(
        &mut self,
        told: &[Told],
        at: UnixTime,
        parties: &mut Parties<'_>,
    ) -> Result<Vec<(Order, EventView)>, Problem> {
        let mut views = Vec::new();
        for told in told.iter().take_while(|told| told.day() <= Date::of(at)) {
            let source = &told.record.source;
            match self.anchor(source, told.sequence).await? {
                Some(anchor) if told.place < anchor.count => {
                    let order = (anchor.height, anchor.index, told.place);
                    views.push((order, self.view(told, anchor, parties).await?));
                }
                _ => {
                    let (sequence, place) = (told.sequence, told.place);
                    tracing::warn!(%source, sequence, place, "the ledger has no such batch");
                }
            }
        }
        Ok(views)
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

    async fn view(
        &self,
        told: &Told,
        anchor: Anchor,
        parties: &mut Parties<'_>,
    ) -> Result<EventView, Problem> {
        let (kind, authority, day, decision) = match &told.record.event {
            SourceEvent::Record(item) => ("record", &item.authority, item.decided, None),
            SourceEvent::Follow(of) => (kind(of.event), &of.authority, of.day, of.decision),
        };
        let mut reason = 0;
        if let Some(case) = decision {
            let case = self.reading.state::<SourceCaseState>(state_key::credit_source_case(&case));
            reason = case.await?.value.map_or(0, |case| case.reason);
        }
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
