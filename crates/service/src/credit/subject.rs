//! What everybody may see of a subject, today or on a past day, and whether it is all that the ledger has.

use axum::{
    Json,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use yinxin_credit::{Classes, CreditItem};
use yinxin_gm::Digest;
use yinxin_ledger::index_key;
use yinxin_record::{CreditAct, EventChain, ItemState, RepairState, RepairStatus, state_key};
use yinxin_verdict::Lang;

use super::{
    as_of,
    events::{Event, EventView, classes, events, is_whole, named, replay},
    sources::{self, SourceView},
    subject_of,
    views::{ItemView, is_public},
};
use crate::{
    App, Problem,
    app::lang,
    data::{
        life::{Parties, Party},
        reading::Reading,
    },
};

/// The most records of a subject that one answer is made from; a command reads all (`yinxin credit view`).
const RECORDS: usize = 2_000;

/// As of when.
#[derive(Debug, Deserialize, IntoParams)]
pub(crate) struct When {
    /// A day: as of its end. Now, when not said.
    as_of: Option<String>,
}

/// What is shown of a subject.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SubjectView {
    /// `yinxin.credit-subject/1`.
    schema: &'static str,
    subject: String,
    /// As of when; at most the time of the header behind the proof.
    as_of: String,
    /// What is shown, in the order in which it was recorded. What expired, was repaired, withdrawn or struck off is not.
    items: Vec<ShownItem>,
    /// How many items are not shown: ended, or not for everybody.
    not_shown: usize,
    /// How many records the subject's leaf counts.
    records: u64,
    /// The leaf's digest over their ids.
    head: String,
    /// Whether the records found replay to the leaf: none is withheld.
    complete: bool,
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
    /// In whose batch it is; `None`: on the ledger itself.
    source: Option<Party>,
    /// Oldest first, each with its receipt's address; of an item of a batch, none: its records are proven together.
    events: Vec<EventView>,
}

/// What everybody may see of a subject's credit, today or on a past day.
#[utoipa::path(get, path = "/v1/credit/subjects/{subject}",
    params(("subject" = String, Path, description = "a company's credit code, or a custodian's code, `:` and a pseudonym"), When),
    responses((status = 200, body = SubjectView), (status = 400, body = Problem)))]
pub(crate) async fn subject(
    State(app): State<App>,
    Path(text): Path<String>,
    Query(when): Query<When>,
    headers: HeaderMap,
) -> Result<Json<SubjectView>, Problem> {
    let lang = lang(&headers);
    let reading = Reading { ledger: app.ledger(lang)?.clone(), lang };
    let subject = subject_of(&text, lang)?;
    let _turn = app.permits.acquire().await;
    let leaf = reading.state::<EventChain>(state_key::credit_subject(&subject)).await?;
    let at = as_of(when.as_of.as_deref(), leaf.time, lang)?;
    let chain = leaf.value.unwrap_or_else(|| EventChain::start(&subject));
    let prefix = index_key::credit_subject(&subject);
    let (events, _) = events(&reading, &prefix, leaf.height, RECORDS).await?;
    let complete = is_whole(&subject, &events, &chain);
    let mut known = Classes::new();
    classes(&reading, named(&events), &mut known).await?;
    let items = if at == leaf.time {
        standing(&reading, &events).await?
    } else if complete {
        replay(&reading, &events, &known, at)?
    } else {
        return Err(partial(lang));
    };
    let mut parties = Parties::new(&app, &reading);
    let beside = sources::ask(&app, &reading, &subject, at, &mut known, &mut parties).await?;
    let mut view = SubjectView {
        schema: "yinxin.credit-subject/1",
        subject: subject.to_string(),
        as_of: at.to_string(),
        items: Vec::new(),
        not_shown: 0,
        records: chain.count,
        head: chain.head.to_string(),
        complete,
        sources: beside.views,
        height: leaf.height,
        proofs: vec![leaf.proof, beside.proof],
    };
    for item in items.into_iter().chain(beside.items) {
        let class = known.get(&item.class).filter(|class| is_public(class) && item.is_shown(at));
        let Some(class) = class else {
            view.not_shown += 1;
            continue;
        };
        let about = events.iter().filter(|e| e.item == Some(item.id) && e.found.time <= at);
        let mut told = Vec::new();
        for event in about {
            told.push(event.view(&mut parties).await?);
        }
        let source = match &item.source {
            Some(code) => Some(parties.of(code).await?),
            None => None,
        };
        let item = ItemView::of(&item, class, at, &mut parties).await?;
        view.items.push(ShownItem { item, source, events: told });
    }
    Ok(Json(view))
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

fn partial(lang: Lang) -> Problem {
    let title = lang.pick("not all records are at hand", "记录不全");
    let detail = lang.pick(
        "the records that this node finds do not replay to the subject's leaf, and a past day is told from all of them or not at all; ask another node, or use `yinxin credit view`",
        "本节点找到的记录不能重放至该主体的账本叶值；历史日期须由全部记录得出。请查询其他节点，或使用 yinxin credit view",
    );
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "incomplete", title, detail)
}
