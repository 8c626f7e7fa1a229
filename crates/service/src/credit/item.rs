//! One item's life: how it stands, its objections, applications and measures, every act with its receipt.

use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
};
use serde::Serialize;
use utoipa::ToSchema;
use yinxin_credit::{Classes, CreditItem};
use yinxin_gm::Digest;
use yinxin_ledger::index_key;
use yinxin_record::{
    CreditAct, Date, ItemState, MeasureState, ObjectionState, ObjectionStatus, OrganisationCode,
    PublishClass, RepairState, RepairStatus, SourceAsk, SourceCaseState, SourceCaseStatus,
    state_key,
};
use yinxin_verdict::UnixTime;

use super::{
    events::{EventView, classes, events},
    subject::standing_item,
    views::{BasisView, ItemView, MeasureView, counted, is_public},
    withheld::not_public,
};
use crate::{
    App, Problem,
    app::lang,
    data::{
        id as digest,
        life::{Parties, Party},
        reading::{Proven, Reading},
    },
};

/// The most acts of one life that an answer holds: more is for the index routes.
const ACTS: usize = 500;

/// An item: its life while it is shown, later only that it is there.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum ItemAnswer {
    Shown(Box<ShownAnswer>),
    Withheld(WithheldAnswer),
}

/// An item while everybody may see it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShownAnswer {
    /// `yinxin.credit-item/1`.
    schema: &'static str,
    #[serde(flatten)]
    life: Life,
    height: u64,
    /// The item's status proof, DER, base64.
    proof: String,
}

/// An item that has ended: what it says is for a court.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WithheldAnswer {
    /// `yinxin.credit-item/1`.
    schema: &'static str,
    /// `ended`: it expired, was repaired, withdrawn or struck off.
    withheld: &'static str,
    height: u64,
    /// The item's status proof, DER, base64; none where everybody may ask.
    proof: Option<String>,
    /// Then, where the receipt is that proves that it is there: to whoever has the record, for it only names it.
    receipt: Option<String>,
}

/// An item's life.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CreditLife)]
pub(crate) struct Life {
    subject: String,
    #[serde(flatten)]
    item: ItemView,
    /// What it rests on: `decision`, `document`, `licence`, `item` or `foreign`, and which.
    basis: BasisView,
    /// On which law, as its authority cites it.
    laws: Vec<String>,
    /// Salted digest of its content, as last corrected.
    content: String,
    objections: Vec<ClaimView>,
    repairs: Vec<ClaimView>,
    measures: Vec<MeasureView>,
    /// Every act, oldest first.
    events: Vec<EventView>,
    /// There are more acts than are listed.
    more: bool,
}

/// An objection, an application for repair, or a case about an item of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClaimView {
    pub(super) id: String,
    pub(super) status: &'static str,
    pub(super) by: Party,
    /// The first instant after which its answer is late, as whoever asked set it.
    pub(super) deadline: String,
    /// The same counted by China's working days; none if the calendar at hand lacks the year.
    pub(super) counted: Option<String>,
    /// The deadline that was set is later than the one counted.
    pub(super) postponed: bool,
    /// Not answered, and that instant has come.
    pub(super) overdue: bool,
    /// When it last changed.
    pub(super) since: String,
}

/// An item of a subject's credit: its whole life while everybody may see it, with proof.
#[utoipa::path(get, path = "/v1/credit/items/{id}",
    params(("id" = String, Path, description = "the item's id, hexadecimal")),
    responses((status = 200, body = ItemAnswer), (status = 400, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
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
    if !is_public(class) {
        return Err(not_public(&id, lang));
    }
    let schema = "yinxin.credit-item/1";
    let height = proven.height;
    if !standing.is_shown(proven.time) {
        let proof = (!app.for_everybody).then(|| proven.proof.clone());
        let receipt = app.for_everybody.then(|| format!("/v1/receipts/{id}"));
        let withheld = WithheldAnswer { schema, withheld: "ended", height, proof, receipt };
        return Ok(Json(ItemAnswer::Withheld(withheld)));
    }
    let mut parties = Parties::new(&app, &reading);
    let life = life(&standing, state, class, &proven, &mut parties, &reading).await?;
    let shown = ShownAnswer { schema, life, height, proof: proven.proof };
    Ok(Json(ItemAnswer::Shown(Box::new(shown))))
}

async fn life(
    standing: &CreditItem,
    state: &ItemState,
    class: &PublishClass,
    proven: &Proven<ItemState>,
    parties: &mut Parties<'_>,
    reading: &Reading,
) -> Result<Life, Problem> {
    let (id, now) = (standing.id, proven.time);
    let (all, more) = events(reading, &index_key::credit_item(&id), proven.height, ACTS).await?;
    let mut life = Life {
        subject: state.subject.to_string(),
        item: ItemView::of(standing, class, now, parties).await?,
        basis: BasisView::of(&state.basis),
        laws: Vec::new(),
        content: state.content.to_string(),
        objections: Vec::new(),
        repairs: Vec::new(),
        measures: Vec::new(),
        events: Vec::new(),
        more,
    };
    for event in all.iter().filter(|event| event.item == Some(id)) {
        life.events.push(event.view(parties).await?);
        match event.act() {
            Some(CreditAct::Record(act)) => life.laws.push(act.law.to_string()),
            Some(CreditAct::Object(_)) => {
                let key = state_key::credit_objection(&event.id);
                if let Some(found) = reading.state::<ObjectionState>(key).await?.value {
                    let raised = Raised { id: event.id, at: event.found.time, class };
                    life.objections.push(objection(&raised, &found, now, parties).await?);
                }
            }
            Some(CreditAct::ApplyRepair(_)) => {
                let key = state_key::credit_repair(&event.id);
                if let Some(found) = reading.state::<RepairState>(key).await?.value {
                    let raised = Raised { id: event.id, at: event.found.time, class };
                    life.repairs.push(repair(&raised, &found, now, parties).await?);
                }
            }
            Some(CreditAct::ApplyMeasure(_)) => {
                let key = state_key::credit_measure(&event.id);
                if let Some(found) = reading.state::<MeasureState>(key).await?.value {
                    let view = MeasureView::of(event.id, &found, state, now, parties);
                    life.measures.push(view.await?);
                }
            }
            _ => {}
        }
    }
    Ok(life)
}

/// What somebody raised, when, and about an item of which class.
pub(super) struct Raised<'a> {
    pub(super) id: Digest,
    pub(super) at: UnixTime,
    pub(super) class: &'a PublishClass,
}

/// What an objection and an application for repair have in common.
struct Claim<'a> {
    status: &'static str,
    by: &'a OrganisationCode,
    since: UnixTime,
    deadline: UnixTime,
    /// Working days that there are for an answer.
    days: Option<u16>,
    open: bool,
}

impl Raised<'_> {
    async fn claim(
        &self,
        claim: Claim<'_>,
        now: UnixTime,
        parties: &mut Parties<'_>,
    ) -> Result<ClaimView, Problem> {
        let counted = counted(Date::of(self.at), claim.days);
        Ok(ClaimView {
            id: self.id.to_string(),
            status: claim.status,
            by: parties.of(claim.by).await?,
            overdue: claim.open && claim.deadline <= now,
            since: claim.since.to_string(),
            deadline: claim.deadline.to_string(),
            counted: counted.map(|at| at.to_string()),
            postponed: counted.is_some_and(|at| at < claim.deadline),
        })
    }
}

pub(super) async fn objection(
    raised: &Raised<'_>,
    state: &ObjectionState,
    now: UnixTime,
    parties: &mut Parties<'_>,
) -> Result<ClaimView, Problem> {
    let claim = Claim {
        status: state.status.name(),
        by: &state.by,
        since: state.since,
        deadline: state.deadline.at,
        days: Some(raised.class.limits.objection_days),
        open: state.status == ObjectionStatus::Open,
    };
    raised.claim(claim, now, parties).await
}

pub(super) async fn repair(
    raised: &Raised<'_>,
    state: &RepairState,
    now: UnixTime,
    parties: &mut Parties<'_>,
) -> Result<ClaimView, Problem> {
    let claim = Claim {
        status: state.status.name(),
        by: &state.by,
        since: state.since,
        deadline: state.deadline.at,
        days: raised.class.repair.as_ref().map(|rule| rule.days),
        open: state.status == RepairStatus::Applied,
    };
    raised.claim(claim, now, parties).await
}

/// A case about an item of a batch.
pub(super) async fn case(
    raised: &Raised<'_>,
    state: &SourceCaseState,
    now: UnixTime,
    parties: &mut Parties<'_>,
) -> Result<ClaimView, Problem> {
    let claim = Claim {
        status: state.status.name(),
        by: &state.by,
        since: state.since,
        deadline: state.deadline.at,
        days: match state.ask {
            SourceAsk::Objection(_) => Some(raised.class.limits.objection_days),
            SourceAsk::Repair(_) => raised.class.repair.as_ref().map(|rule| rule.days),
        },
        open: state.status == SourceCaseStatus::Open,
    };
    raised.claim(claim, now, parties).await
}
