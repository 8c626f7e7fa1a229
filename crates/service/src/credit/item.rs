//! One item's life: how it stands, its objections, applications and measures, every act with its receipt.

use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
};
use serde::Serialize;
use utoipa::ToSchema;
use yinxin_credit::Classes;
use yinxin_gm::Digest;
use yinxin_ledger::index_key;
use yinxin_record::{
    Basis, CreditAct, ItemState, MeasureState, ObjectionState, RepairState, state_key,
};
use yinxin_verdict::UnixTime;

use super::{
    events::{EventView, classes, events},
    subject::standing_item,
    views::ItemView,
};
use crate::{
    App, Problem,
    app::lang,
    data::{
        id as digest,
        life::{Parties, Party},
        reading::Reading,
    },
};

/// The most acts of one life that an answer holds: more is for the index routes.
const ACTS: usize = 500;

/// An item's life.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ItemAnswer {
    /// `yinxin.credit-item/1`.
    schema: &'static str,
    subject: String,
    #[serde(flatten)]
    item: ItemView,
    /// What it rests on: `decision`, `document`, `licence`, `item` or `foreign`, and which.
    basis: BasisView,
    /// Salted digest of its content, as last corrected.
    content: String,
    objections: Vec<ClaimView>,
    repairs: Vec<ClaimView>,
    measures: Vec<MeasureView>,
    /// Every act, oldest first.
    events: Vec<EventView>,
    /// There are more acts than are listed.
    more: bool,
    height: u64,
    /// The item's status proof, DER, base64.
    proof: String,
}

/// What an item rests on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BasisView {
    kind: &'static str,
    id: String,
}

/// An objection, or an application for repair.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClaimView {
    pub(super) id: String,
    pub(super) status: &'static str,
    pub(super) by: Party,
    /// The first instant after which its answer is late.
    pub(super) deadline: String,
    /// Not answered, and that instant has come.
    pub(super) overdue: bool,
    /// When it last changed.
    pub(super) since: String,
}

/// A measure that rests on the item.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MeasureView {
    id: String,
    measure: String,
    status: &'static str,
    by: Party,
    /// How often its department told what came of it.
    feedbacks: u32,
    /// Its item has ended, and its department has not lifted it.
    due: bool,
}

/// An item of a subject's credit: its whole life, with proof.
#[utoipa::path(get, path = "/v1/credit/items/{id}",
    params(("id" = String, Path, description = "the item's id, hexadecimal")),
    responses((status = 200, body = ItemAnswer), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn item(
    State(app): State<App>,
    Path(text): Path<String>,
    headers: HeaderMap,
) -> Result<Json<ItemAnswer>, Problem> {
    let lang = lang(&headers);
    let reading = Reading { ledger: app.ledger(lang)?.clone(), lang };
    let id = digest(&text, lang)?;
    let _turn = app.permits.acquire().await;
    let proven = reading.state::<ItemState>(state_key::credit_item(&id)).await?;
    let missing = || {
        let what = lang.pick("the ledger has no such item", "账本中没有该信用记录");
        Problem::not_found(format!("{id}: {what}"), lang)
    };
    let state = proven.value.as_ref().ok_or_else(missing)?;
    let standing = standing_item(&reading, id).await?.ok_or_else(missing)?;
    let mut known = Classes::new();
    classes(&reading, vec![state.class.clone()], &mut known).await?;
    let class = known.get(&state.class).ok_or_else(missing)?;
    let (all, more) = events(&reading, &index_key::credit_item(&id), proven.height, ACTS).await?;
    let mut parties = Parties::new(&app, &reading);
    let mut answer = ItemAnswer {
        schema: "yinxin.credit-item/1",
        subject: state.subject.to_string(),
        item: ItemView::of(&standing, class, proven.time, &mut parties).await?,
        basis: BasisView::of(&state.basis),
        content: state.content.to_string(),
        objections: Vec::new(),
        repairs: Vec::new(),
        measures: Vec::new(),
        events: Vec::new(),
        more,
        height: proven.height,
        proof: proven.proof.clone(),
    };
    for event in all.iter().filter(|event| event.item == Some(id)) {
        answer.events.push(event.view(&mut parties).await?);
        match event.act() {
            Some(CreditAct::Object(_)) => {
                let key = state_key::credit_objection(&event.id);
                let found = reading.state::<ObjectionState>(key).await?.value;
                if let Some(found) = found {
                    let view = objection(event.id, &found, proven.time, &mut parties).await?;
                    answer.objections.push(view);
                }
            }
            Some(CreditAct::ApplyRepair(_)) => {
                let key = state_key::credit_repair(&event.id);
                if let Some(found) = reading.state::<RepairState>(key).await?.value {
                    let view = repair(event.id, &found, proven.time, &mut parties).await?;
                    answer.repairs.push(view);
                }
            }
            Some(CreditAct::ApplyMeasure(_)) => {
                let key = state_key::credit_measure(&event.id);
                if let Some(found) = reading.state::<MeasureState>(key).await?.value {
                    answer.measures.push(MeasureView {
                        id: event.id.to_string(),
                        measure: found.measure.to_string(),
                        status: found.status.name(),
                        by: parties.of(&found.by).await?,
                        feedbacks: found.feedbacks,
                        due: found.is_due(state, proven.time),
                    });
                }
            }
            _ => {}
        }
    }
    Ok(Json(answer))
}

pub(super) async fn objection(
    id: Digest,
    state: &ObjectionState,
    now: UnixTime,
    parties: &mut Parties<'_>,
) -> Result<ClaimView, Problem> {
    let open = state.status == yinxin_record::ObjectionStatus::Open;
    Ok(ClaimView {
        id: id.to_string(),
        status: state.status.name(),
        by: parties.of(&state.by).await?,
        deadline: state.deadline.at.to_string(),
        overdue: open && state.deadline.at <= now,
        since: state.since.to_string(),
    })
}

pub(super) async fn repair(
    id: Digest,
    state: &RepairState,
    now: UnixTime,
    parties: &mut Parties<'_>,
) -> Result<ClaimView, Problem> {
    let open = state.status == yinxin_record::RepairStatus::Applied;
    Ok(ClaimView {
        id: id.to_string(),
        status: state.status.name(),
        by: parties.of(&state.by).await?,
        deadline: state.deadline.at.to_string(),
        overdue: open && state.deadline.at <= now,
        since: state.since.to_string(),
    })
}

impl BasisView {
    fn of(basis: &Basis) -> Self {
        let (kind, id) = match basis {
            Basis::Decision(paper) => ("decision", paper.to_string()),
            Basis::Document(digest) => ("document", digest.to_string()),
            Basis::Licence(licence) => ("licence", licence.to_string()),
            Basis::Item(item) => ("item", item.to_string()),
            Basis::Foreign(of) => ("foreign", format!("{}:{}", of.chain_id, of.record)),
            _ => ("other", String::new()),
        };
        Self { kind, id }
    }
}
