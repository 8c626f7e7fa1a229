//! What everybody may see of a subject, today or on a past day, and whether it is all that the ledger has. Of a past day is told what still
//! stands: what ended since is a number.

use std::{collections::BTreeMap, fmt};

use axum::{
    Json,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use yinxin_credit::{Classes, CreditItem, shown};
use yinxin_gm::Digest;
use yinxin_ledger::index_key;
use yinxin_record::{
    CreditAct, EventChain, ItemState, PublishClass, RepairState, RepairStatus, state_key,
};
use yinxin_verdict::{Lang, UnixTime};

use super::{
    KEY_BYTES, as_of,
    batched::{Anchors, FromBatches},
    events::{Event, EventView, classes, marks, named, of_records, replay},
    sources::{self, FromSources, SourceView},
    subject_of,
    uses::start,
    views::{BasisView, ItemView, is_public},
};
use crate::{
    App, Problem,
    app::lang,
    data::{
        life::{Parties, Party},
        reading::Reading,
    },
};

/// The most records of a subject that one answer is made from.
pub(super) const RECORDS: usize = 2_000;

/// As of when, and where to go on.
#[derive(Debug, Deserialize, IntoParams)]
pub(crate) struct When {
    /// A day: as of its end. Now, when not said.
    as_of: Option<String>,
    /// `next` of the answer before.
    from: Option<String>,
    /// How many records one answer is made from, and how often it asks for the batches of others; 2000 at the most, and when not said.
    limit: Option<usize>,
}

/// Where an answer ended: what its records replay to, and the key of the index to go on at.
pub(super) struct Cursor {
    pub(super) chain: EventChain,
    pub(super) key: Vec<u8>,
}

/// What is shown of a subject.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SubjectView {
    /// `yinxin.credit-subject/1`.
    schema: &'static str,
    subject: String,
    /// As of when; at most the time of the header behind the proof.
    as_of: String,
    /// What is shown, in the order in which it was recorded. What expired, was repaired, withdrawn or struck off is not, whatever day is
    /// asked for.
    items: Vec<ShownItem>,
    /// How many items are not shown: ended, or not for everybody.
    not_shown: usize,
    /// How many records the subject's leaf counts.
    records: u64,
    /// The leaf's digest over their ids.
    head: String,
    /// Whether the records told so far, from the first on, replay to the leaf: none is withheld. None while `next` says that there are
    /// more.
    complete: Option<bool>,
    /// What became of items that an answer before told of.
    later: Vec<LaterView>,
    /// Where to go on; none when all were looked at. What stands so far stands.
    next: Option<String>,
    /// Who publishes batches beside the ledger's own records: what is not at hand here has to be asked for there.
    sources: Vec<SourceView>,
    height: u64,
    /// Status proofs of the subject's leaf and of the sources, DER, base64.
    proofs: Vec<String>,
}

/// An item and what happened to it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShownItem {
    #[serde(flatten)]
    item: ItemView,
    /// On which law, as its authority cites it; of an item of a batch, the laws of its class.
    laws: Vec<String>,
    /// What it rests on; none for an item of a batch.
    basis: Option<BasisView>,
    /// In whose batch it is; `None`: on the ledger itself.
    source: Option<Party>,
    /// Oldest first, each with its receipt's address; of an item of a batch, its source's records and the cases about it, as they were
    /// anchored.
    events: Vec<EventView>,
    /// There are more records of batches than are listed.
    more: bool,
}

/// What became of an item that an answer before told of.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LaterView {
    item: String,
    events: Vec<EventView>,
}

/// What everybody may see of a subject's credit, today or on a past day.
#[utoipa::path(get, path = "/v1/credit/subjects/{subject}",
    params(("subject" = String, Path, description = "a company's credit code, or a custodian's code, `:` and a pseudonym"), When),
    responses((status = 200, body = SubjectView), (status = 400, body = Problem), (status = 503, body = Problem)))]
pub(crate) async fn subject(
    State(app): State<App>,
    Path(text): Path<String>,
    Query(when): Query<When>,
    headers: HeaderMap,
) -> Result<Json<SubjectView>, Problem> {
    let lang = lang(&headers);
    let reading = Reading { ledger: app.ledger(lang)?.clone(), lang };
    let subject = subject_of(&text, lang)?;
    let begin = start(when.from.as_deref(), &subject, lang)?;
    let first = begin.key.is_empty();
    let _turn = app.permits.acquire().await;
    let leaf = reading.state::<EventChain>(state_key::credit_subject(&subject)).await?;
    let at = as_of(when.as_of.as_deref(), leaf.time, lang)?;
    let chain = leaf.value.unwrap_or_else(|| EventChain::start(&subject));
    let prefix = index_key::credit_subject(&subject);
    let limit = when.limit.unwrap_or(RECORDS).clamp(1, RECORDS);
    let (found, next) = reading.stretch(&prefix, begin.key, limit).await?;
    let events = of_records(&reading, found, leaf.height).await?;
    let told = events.iter().fold(begin.chain, |chain, event| chain.then(&event.id));
    let complete = next.is_none().then_some(told == chain);
    let mut known = Classes::new();
    classes(&reading, named(&events), &mut known).await?;
    let standing = standing(&reading, &events).await?;
    let mut current = shown(&standing, leaf.time);
    let whole = first && complete == Some(true);
    let items = if at == leaf.time {
        standing
    } else if whole {
        replay(&reading, &events, &known, at)?
    } else {
        return Err(partial(next.is_some() || !first, lang));
    };
    let mut parties = Parties::new(&app, &reading);
    let mut view = SubjectView {
        schema: "yinxin.credit-subject/1",
        subject: subject.to_string(),
        as_of: at.to_string(),
        items: Vec::new(),
        not_shown: 0,
        records: chain.count,
        head: chain.head.to_string(),
        complete,
        later: Vec::new(),
        next: next.map(|key| Cursor { chain: told, key }.to_string()),
        sources: Vec::new(),
        height: leaf.height,
        proofs: vec![leaf.proof],
    };
    let (mut beside, mut before) = (FromSources::default(), BTreeMap::new());
    // A case of an answer to come is about an item that the first one told of.
    if first || events.iter().any(Event::is_of_case) {
        let of = |time| marks(&reading, &events, time);
        let open = if whole { Some([of(at)?, of(leaf.time)?]) } else { None };
        let span = ([at, leaf.time], open);
        beside = sources::ask(&app, &reading, &subject, span, &mut known, &mut parties).await?;
    }
    if first {
        current.append(&mut beside.current);
        view.sources = beside.views;
        view.proofs.push(beside.proof);
    } else {
        let of_sources = core::mem::take(&mut beside.items).into_iter();
        before.extend(of_sources.map(|item| (item.id, item)));
    }
    let mut anchors = Anchors::new(&reading, &events, limit);
    for item in items.into_iter().chain(beside.items) {
        let stands = item.is_shown(at) && current.contains(&item.id);
        match known.get(&item.class).filter(|class| is_public(class) && stands) {
            Some(class) => {
                let told = beside.told.get(&item.id).map_or(&[][..], Vec::as_slice);
                let told = anchors.views(told, at, &mut parties).await?;
                let item = ShownItem::of(&item, class, at, (&events, told), &mut parties);
                view.items.push(item.await?);
            }
            None => view.not_shown += 1,
        }
    }
    let told = |event: &Event| first && event.is_of_case();
    let rest = events.iter().filter(|event| !told(event));
    view.later = later(&reading, rest.collect(), before, leaf.time, &mut parties).await?;
    Ok(Json(view))
}

impl ShownItem {
    async fn of(
        item: &CreditItem,
        class: &PublishClass,
        at: UnixTime,
        (events, of_batches): (&[Event], FromBatches),
        parties: &mut Parties<'_>,
    ) -> Result<Self, Problem> {
        let FromBatches { events: mut told, more } = of_batches;
        let (mut laws, mut basis) = (Vec::new(), None);
        for event in events.iter().filter(|e| e.item == Some(item.id) && e.found.time <= at) {
            if let Some(CreditAct::Record(act)) = event.act() {
                laws.push(act.law.to_string());
                basis = Some(BasisView::of(&act.basis));
            }
            let order = (event.found.height, event.found.index, 0);
            told.push((order, event.view(parties).await?));
        }
        told.sort_by_key(|(order, _)| *order);
        let source = match &item.source {
            Some(code) => Some(parties.of(code).await?),
            None => None,
        };
        if source.is_some() {
            laws = class.laws.iter().map(ToString::to_string).collect();
        }
        let item = ItemView::of(item, class, at, parties).await?;
        let events = told.into_iter().map(|(_, event)| event).collect();
        Ok(Self { item, laws, basis, source, events, more })
    }
}

/// Events of items that answers before told of, as far as these are shown to everybody; those of batches as they stand.
async fn later(
    reading: &Reading,
    events: Vec<&Event>,
    mut of_batches: BTreeMap<Digest, CreditItem>,
    now: UnixTime,
    parties: &mut Parties<'_>,
) -> Result<Vec<LaterView>, Problem> {
    let recorded = |id: &Digest| events.iter().any(|event| event.id == *id);
    let mut of_items: BTreeMap<Digest, Vec<&Event>> = BTreeMap::new();
    for event in &events {
        if let Some(item) = event.item.filter(|item| !recorded(item)) {
            of_items.entry(item).or_default().push(event);
        }
    }
    let (mut later, mut known) = (Vec::new(), Classes::new());
    for (id, of) in of_items {
        let item = match of_batches.remove(&id) {
            Some(item) => Some(item),
            None => standing_item(reading, id).await?,
        };
        let Some(item) = item.filter(|item| item.is_shown(now)) else { continue };
        classes(reading, vec![item.class.clone()], &mut known).await?;
        if !known.get(&item.class).is_some_and(is_public) {
            continue;
        }
        let mut told = Vec::new();
        for event in of {
            told.push(event.view(parties).await?);
        }
        later.push(LaterView { item: id.to_string(), events: told });
    }
    Ok(later)
}

impl Cursor {
    /// Reads `COUNT-HEAD-KEY`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '-');
        let (count, head) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let key = hex::decode(parts.next()?).ok().filter(|key| key.len() <= KEY_BYTES)?;
        (!key.is_empty()).then_some(Self { chain: EventChain { count, head }, key })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.chain.count, self.chain.head, hex::encode(&self.key))
    }
}

/// Items as the ledger's state has them now.
async fn standing(reading: &Reading, events: &[Event]) -> Result<Vec<CreditItem>, Problem> {
    let recorded = events.iter().filter(|e| matches!(e.act(), Some(CreditAct::Record(_))));
    let mut items = Vec::new();
    for event in recorded {
        items.extend(standing_item(reading, event.id).await?);
    }
    Ok(items)
}

/// An item as the ledger's state has it now.
pub(super) async fn standing_item(
    reading: &Reading,
    id: Digest,
) -> Result<Option<CreditItem>, Problem> {
    let Some(state) = reading.state::<ItemState>(state_key::credit_item(&id)).await?.value else {
        return Ok(None);
    };
    let mut item = CreditItem::of_state(id, &state);
    if let Some(application) = state.repair {
        let repair = reading.state::<RepairState>(state_key::credit_repair(&application)).await?;
        item.repair_open = repair.value.is_some_and(|r| r.status == RepairStatus::Applied);
    }
    Ok(Some(item))
}

fn partial(many: bool, lang: Lang) -> Problem {
    let title = lang.pick("not all records are at hand", "记录不全");
    let detail = if many {
        lang.pick(
            "a past day is told from all records of a subject, and there are more than one answer is made from; use `yinxin credit view`",
            "历史日期须由全部记录得出，而该主体的记录超过一次答复所能处理的数量。请使用 yinxin credit view",
        )
    } else {
        lang.pick(
            "the records that this node finds do not replay to the subject's leaf, and a past day is told from all of them or not at all; ask another node, or use `yinxin credit view`",
            "本节点找到的记录不能重放至该主体的账本叶值；历史日期须由全部记录得出。请查询其他节点，或使用 yinxin credit view",
        )
    };
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "incomplete", title, detail)
}
