//! Records about credit, each with the item that it is about, as an index has them; what a state proof did not know yet is left out.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;
use yinxin_credit::{Classes, CreditItem, Replay};
use yinxin_gm::Digest;
use yinxin_record::{
    About, Act, ClassReference, CreditAct, EventChain, ExitGround, PublishClass, RepairDecision,
    Resolution, Subject, state_key,
};
use yinxin_sharing::provenance::Found;
use yinxin_verdict::UnixTime;

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
    /// The item; `None` if the record that says so is not among those found.
    pub(super) item: Option<Digest>,
}

/// One of them, for people.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventView {
    record: String,
    /// Such as `record`, `object`, `decide-on-repair`.
    kind: String,
    /// How it came out, where it decides something: `upheld`, `corrected`, `withdrawn`, `dropped`, `accepted`, `rejected`; of an exit from a
    /// list, its ground.
    outcome: Option<&'static str>,
    by: Party,
    /// The day of the decision, finding or paper that it tells of.
    day: Option<String>,
    /// The first instant after which what it asks for, or itself, is late.
    deadline: Option<String>,
    /// Why, by code; 0: none was given.
    reason: u16,
    height: u64,
    time: String,
    /// Where its receipt is.
    receipt: String,
}

impl Event {
    pub(super) const fn act(&self) -> Option<&CreditAct> {
        match &self.found.record.tbs.act {
            Act::Credit(act) => Some(act),
            _ => None,
        }
    }

    pub(super) async fn view(&self, parties: &mut Parties<'_>) -> Result<EventView, Problem> {
        let mut view = EventView {
            record: self.id.to_string(),
            kind: self.found.record.tbs.act.verb().replace(' ', "-"),
            outcome: self.act().and_then(outcome),
            by: parties.of(&self.found.record.tbs.organisation).await?,
            day: None,
            deadline: None,
            reason: 0,
            height: self.found.height,
            time: self.found.time.to_string(),
            receipt: format!("/v1/receipts/{}", self.id),
        };
        if let Some(act) = self.act() {
            view.dates(act);
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
            CreditAct::TellMeasure(a) => (None, None, a.result),
            _ => (None, None, 0),
        };
        self.day = day.map(|day| day.to_string());
        self.deadline = deadline.map(|deadline| deadline.at.to_string());
        self.reason = reason;
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
        _ => return None,
    })
}

/// The item that an act is about; what answers to another record is found by that one.
fn item_of(act: &CreditAct, id: Digest, about: &mut BTreeMap<Digest, Digest>) -> Option<Digest> {
    let item = match act.about()? {
        About::Itself => id,
        About::Item(item) => item,
        About::ItemOf(record) => *about.get(&record)?,
    };
    about.insert(id, item);
    Some(item)
}

/// What the records under a prefix say of items, oldest first, up to a height; and whether there are more than `limit` records.
pub(super) async fn events(
    reading: &Reading,
    prefix: &[u8],
    height: u64,
    limit: usize,
) -> Result<(Vec<Event>, bool), Problem> {
    let (found, more) = reading.records(prefix, limit).await?;
    let mut about = BTreeMap::new();
    let event = |found: Found| {
        let Act::Credit(act) = &found.record.tbs.act else { return None };
        let id = found.record.id();
        let item = item_of(act, id, &mut about);
        (act.is_in_chain() && found.height <= height).then_some(Event { id, found, item })
    };
    Ok((found.into_iter().filter_map(event).collect(), more))
}

/// The published versions of classes, each asked for once.
pub(super) async fn classes(
    reading: &Reading,
    wanted: Vec<ClassReference>,
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
    let mut replay = Replay::new(classes, as_of);
    for event in events {
        replay.record(&event.found.record, event.found.time).map_err(|e| reading.garbled(e))?;
    }
    Ok(replay.into_items())
}

/// Whether these records are all of a subject's: they replay to the head of its chain.
pub(super) fn is_whole(subject: &Subject, events: &[Event], chain: &EventChain) -> bool {
    EventChain::replay(subject, events.iter().map(|event| &event.id)) == *chain
}
