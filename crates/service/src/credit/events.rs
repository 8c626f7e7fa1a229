//! Records about credit, each with the item that it is about, as an index has them; what a state proof did not know yet is left out.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;
use yinxin_credit::{Classes, CreditItem, Marks, Replay};
use yinxin_gm::Digest;
use yinxin_record::{
    About, Act, ClassReference, CloseSourceCase, CreditAct, DecideSourceCase, ExitGround,
    MeasureCode, MeasureState, ObjectionState, PublishClass, RepairDecision, RepairState,
    Resolution, SourceAsk, SourceCaseState, SourceRuling, state_key,
};
use yinxin_sharing::provenance::Found;
use yinxin_verdict::UnixTime;

use super::{batched::InBatchView, views::measure_name};
use crate::{
    Problem,
    data::{
        life::{Parties, Party},
        reading::Reading,
    },
};

/// A record that says something of an item.
pub(super) struct Event {
    pub(super) id: Digest,
    pub(super) found: Found,
    /// The item; `None` if nothing says which.
    pub(super) item: Option<Digest>,
    /// The measure, of what concerns one.
    measure: Option<MeasureCode>,
}

/// One of them, for people.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventView {
    pub(super) record: String,
    /// Such as `record`, `object`, `decide-on-repair`; of a record of a batch also `repair`.
    pub(super) kind: String,
    /// Of a case about an item of a batch, what it asks for: `objection` or `repair`.
    pub(super) ask: Option<&'static str>,
    /// How it came out, where it decides something: `upheld`, `corrected`, `withdrawn`, `dropped`, `accepted`, `rejected`; of a case also
    /// `correction-ordered`, `withdrawal-ordered`, and, when it is closed, `carried-out`, `not-carried-out`; of an exit from a list, its
    /// ground.
    pub(super) outcome: Option<&'static str>,
    pub(super) by: Party,
    /// The day of the decision, finding or paper that it tells of.
    pub(super) day: Option<String>,
    /// The first instant after which what it asks for, or itself, is late.
    pub(super) deadline: Option<String>,
    /// Why, by code; 0: none was given. Of a record of a batch, that of the decision on the ledger that it carries out.
    pub(super) reason: u16,
    /// Which measure or incentive, by code.
    pub(super) measure: Option<String>,
    /// Its name, if the national list has it.
    pub(super) measure_name: Option<String>,
    /// What came of the measure, by code.
    pub(super) result: Option<u16>,
    /// On which law.
    pub(super) law: Option<String>,
    /// Of a record of a batch, where it is: everything else is of the batch's act, but the record's id, who decided and when.
    pub(super) batch: Option<InBatchView>,
    pub(super) height: u64,
    pub(super) time: String,
    /// Where its receipt is.
    pub(super) receipt: String,
}

impl Event {
    pub(super) const fn act(&self) -> Option<&CreditAct> {
        match &self.found.record.tbs.act {
            Act::Credit(act) => Some(act),
            _ => None,
        }
    }

    /// Its record, and when that was committed.
    pub(super) fn raised(&self) -> (Digest, UnixTime) {
        (self.id, self.found.time)
    }

    /// Whether it is about a case, and so about an item of a batch.
    pub(super) const fn is_of_case(&self) -> bool {
        matches!(
            self.act(),
            Some(CreditAct::RaiseCase(_) | CreditAct::DecideCase(_) | CreditAct::CloseCase(_))
        )
    }

    pub(super) async fn view(&self, parties: &mut Parties<'_>) -> Result<EventView, Problem> {
        let mut view = EventView {
            record: self.id.to_string(),
            kind: self.found.record.tbs.act.verb().replace(' ', "-"),
            ask: None,
            outcome: self.act().and_then(outcome),
            by: parties.of(&self.found.record.tbs.organisation).await?,
            day: None,
            deadline: None,
            reason: 0,
            measure: self.measure.as_ref().map(ToString::to_string),
            measure_name: self.measure.as_ref().and_then(measure_name),
            result: None,
            law: None,
            batch: None,
            height: self.found.height,
            time: self.found.time.to_string(),
            receipt: format!("/v1/receipts/{}", self.id),
        };
        if let Some(act) = self.act() {
            view.dates(act);
            match act {
                CreditAct::Record(act) => view.law = Some(act.law.to_string()),
                CreditAct::ApplyMeasure(act) => view.law = Some(act.law.to_string()),
                CreditAct::TellMeasure(act) => view.result = Some(act.result),
                CreditAct::RaiseCase(act) => view.ask = Some(act.ask.name()),
                _ => {}
            }
        }
        Ok(view)
    }
}

impl EventView {
    fn dates(&mut self, act: &CreditAct) {
        let (day, deadline, reason) = match act {
            CreditAct::Record(a) => (Some(a.decided), a.publish_by.as_ref(), 0),
            CreditAct::Fulfil(a) | CreditAct::Break(a) => (Some(a.found), None, 0),
            CreditAct::Withdraw(a) => (Some(a.decided), Some(&a.withdraw_by), a.reason),
            CreditAct::Object(a) => (None, Some(&a.deadline), a.reason),
            CreditAct::ApplyRepair(a) => (None, Some(&a.deadline), 0),
            CreditAct::Correct(a) => (None, None, a.correction.reason),
            CreditAct::Delist(a) => (None, None, a.reason),
            CreditAct::Reinstate(a) => (None, None, a.reason),
            CreditAct::LiftMeasure(a) => (None, None, a.reason),
            CreditAct::Resolve(a) => (None, None, resolved(&a.resolution)),
            CreditAct::DecideRepair(a) => match a.decision {
                RepairDecision::Reject(reason) => (None, None, reason),
                _ => (None, None, 0),
            },
            CreditAct::RaiseCase(a) => match &a.ask {
                SourceAsk::Objection(objection) => (None, Some(&a.deadline), objection.reason),
                SourceAsk::Repair(_) => (None, Some(&a.deadline), 0),
            },
            CreditAct::DecideCase(a) => (None, a.carry_by.as_ref(), a.reason),
            _ => (None, None, 0),
        };
        self.day = day.map(|day| day.to_string());
        self.deadline = deadline.map(|deadline| deadline.at.to_string());
        self.reason = reason;
    }
}

/// Why an objection was resolved so, by code.
const fn resolved(resolution: &Resolution) -> u16 {
    match resolution {
        Resolution::Upheld(reason)
        | Resolution::Withdrawn(reason)
        | Resolution::Dropped(reason) => *reason,
        Resolution::Corrected(correction) => correction.reason,
        _ => 0,
    }
}

fn outcome(act: &CreditAct) -> Option<&'static str> {
    Some(match act {
        CreditAct::Resolve(act) => match act.resolution {
            Resolution::Upheld(_) => "upheld",
            Resolution::Corrected(_) => "corrected",
            Resolution::Withdrawn(_) => "withdrawn",
            _ => "dropped",
        },
        CreditAct::DecideRepair(act) => match act.decision {
            RepairDecision::Accept(_) => "accepted",
            _ => "rejected",
        },
        CreditAct::Delist(act) => match act.ground {
            ExitGround::Conditions(_) => "conditions-met",
            ExitGround::BasisEnded(_) => "basis-ended",
            _ => "excluded",
        },
        CreditAct::DecideCase(act) => match act.ruling {
            SourceRuling::Uphold => "upheld",
            SourceRuling::Correct => "correction-ordered",
            SourceRuling::Withdraw => "withdrawal-ordered",
            SourceRuling::Repair => "accepted",
            SourceRuling::Reject => "rejected",
            SourceRuling::Drop => "dropped",
        },
        CreditAct::CloseCase(act) if act.done.is_some() => "carried-out",
        CreditAct::CloseCase(_) => "not-carried-out",
        _ => return None,
    })
}

/// What acts are about: what answers to another record is found by that one.
#[derive(Default)]
struct Abouts {
    items: BTreeMap<Digest, Digest>,
    measures: BTreeMap<Digest, MeasureCode>,
}

impl Abouts {
    fn event(&mut self, found: Found) -> Option<Event> {
        let Act::Credit(act) = &found.record.tbs.act else { return None };
        let id = found.record.id();
        let item = match act.about()? {
            About::Itself => Some(id),
            About::Item(item) => Some(item),
            About::ItemOf(record) => self.items.get(&record).copied(),
        };
        if let Some(item) = item {
            self.items.insert(id, item);
        }
        let measure = match act {
            CreditAct::ApplyMeasure(act) => {
                self.measures.insert(id, act.measure.clone());
                Some(act.measure.clone())
            }
            CreditAct::TellMeasure(act) => self.measures.get(&act.measure).cloned(),
            CreditAct::LiftMeasure(act) => self.measures.get(&act.measure).cloned(),
            _ => None,
        };
        Some(Event { id, found, item, measure })
    }
}

/// What records say of items, oldest first, up to a height. What answers to a record that is not among them is found by its state.
pub(super) async fn of_records(
    reading: &Reading,
    found: Vec<Found>,
    height: u64,
) -> Result<Vec<Event>, Problem> {
    let mut abouts = Abouts::default();
    let known = found.into_iter().filter(|found| found.height <= height);
    let mut events: Vec<Event> = known.filter_map(|found| abouts.event(found)).collect();
    for event in events.iter_mut().filter(|event| event.item.is_none()) {
        (event.item, event.measure) = stated(reading, &event.found).await?;
    }
    Ok(events)
}

async fn stated(
    reading: &Reading,
    found: &Found,
) -> Result<(Option<Digest>, Option<MeasureCode>), Problem> {
    let Act::Credit(act) = &found.record.tbs.act else { return Ok((None, None)) };
    let repair = |id: &Digest| reading.state::<RepairState>(state_key::credit_repair(id));
    let measure = |id: &Digest| reading.state::<MeasureState>(state_key::credit_measure(id));
    let case = |id: &Digest| reading.state::<SourceCaseState>(state_key::credit_source_case(id));
    let state = match act {
        CreditAct::Resolve(act) => {
            let key = state_key::credit_objection(&act.objection);
            let state = reading.state::<ObjectionState>(key).await?.value;
            return Ok((state.map(|state| state.item), None));
        }
        CreditAct::DecideRepair(act) => {
            return Ok((repair(&act.application).await?.value.map(|state| state.item), None));
        }
        CreditAct::Reinstate(act) => {
            return Ok((repair(&act.application).await?.value.map(|state| state.item), None));
        }
        CreditAct::DecideCase(DecideSourceCase { case: id, .. })
        | CreditAct::CloseCase(CloseSourceCase { case: id, .. }) => {
            return Ok((case(id).await?.value.map(|state| state.item), None));
        }
        CreditAct::TellMeasure(act) => measure(&act.measure).await?.value,
        CreditAct::LiftMeasure(act) => measure(&act.measure).await?.value,
        _ => None,
    };
    Ok(state.map_or((None, None), |state| (Some(state.item), Some(state.measure))))
}

/// What the records under a prefix say of items, oldest first, up to a height; and whether there are more than `limit` records.
pub(super) async fn events(
    reading: &Reading,
    prefix: &[u8],
    height: u64,
    limit: usize,
) -> Result<(Vec<Event>, bool), Problem> {
    let (found, more) = reading.records(prefix, limit).await?;
    Ok((of_records(reading, found, height).await?, more))
}

/// The published versions of classes, each asked for once.
pub(super) async fn classes(
    reading: &Reading,
    wanted: impl IntoIterator<Item = ClassReference>,
    known: &mut Classes,
) -> Result<(), Problem> {
    for reference in wanted {
        if known.contains_key(&reference) {
            continue;
        }
        let key = state_key::credit_class_version(&reference.code, reference.version);
        if let Some(class) = reading.state::<PublishClass>(key).await?.value {
            known.insert(reference, class);
        }
    }
    Ok(())
}

/// The classes that records name.
pub(super) fn named(events: &[Event]) -> Vec<ClassReference> {
    let class = |event: &Event| match event.act() {
        Some(CreditAct::Record(item)) => Some(item.class.clone()),
        _ => None,
    };
    events.iter().filter_map(class).collect()
}

/// Items as they stood, by their records alone.
pub(super) fn replay(
    reading: &Reading,
    events: &[Event],
    classes: &Classes,
    as_of: UnixTime,
) -> Result<Vec<CreditItem>, Problem> {
    Ok(replayed(reading, events.iter(), classes, as_of)?.into_items())
}

/// What was open about items of batches, by their cases alone.
pub(super) fn marks(
    reading: &Reading,
    events: &[Event],
    as_of: UnixTime,
) -> Result<Marks, Problem> {
    let cases = events.iter().filter(|event| event.is_of_case());
    Ok(replayed(reading, cases, &Classes::new(), as_of)?.marks())
}

fn replayed<'a, 'c>(
    reading: &Reading,
    events: impl Iterator<Item = &'a Event>,
    classes: &'c Classes,
    as_of: UnixTime,
) -> Result<Replay<'c>, Problem> {
    let mut replay = Replay::new(classes, as_of);
    for event in events {
        replay.record(&event.found.record, event.found.time).map_err(|e| reading.garbled(e))?;
    }
    Ok(replay)
}
