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

/// An objection, an application for repair, a case about an item of a batch, or what such a case ordered.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClaimView {
    id: String,
    status: &'static str,
    /// Who raised it; of an order, who decided.
    by: Party,
    /// The first instant after which its answer is late, as whoever asked set it, or carrying it out, as who decided did.
    deadline: String,
    /// The same counted by China's working days; none if the calendar at hand lacks the year.
    counted: Option<String>,
    /// The deadline that was set is later than the one counted.
    postponed: bool,
    /// Not answered, or not carried out, and that instant has come.
    overdue: bool,
    /// When it last changed.
    since: String,
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
                    let claim = Claim::objection(&found, class).view(event.raised(), now, parties);
                    life.objections.push(claim.await?);
                }
            }
            Some(CreditAct::ApplyRepair(_)) => {
                let key = state_key::credit_repair(&event.id);
                if let Some(found) = reading.state::<RepairState>(key).await?.value {
                    let claim = Claim::repair(&found, class).view(event.raised(), now, parties);
                    life.repairs.push(claim.await?);
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

/// What an objection, an application for repair, a case and an order have in common.
pub(super) struct Claim<'a> {
    status: &'static str,
    by: &'a OrganisationCode,
    since: UnixTime,
    deadline: UnixTime,
    /// Working days that there are for an answer.
    days: Option<u16>,
    open: bool,
}

impl<'a> Claim<'a> {
    pub(super) fn objection(state: &'a ObjectionState, class: &PublishClass) -> Self {
        Self {
            status: state.status.name(),
            by: &state.by,
            since: state.since,
            deadline: state.deadline.at,
            days: Some(class.limits.objection_days),
            open: state.status == ObjectionStatus::Open,
        }
    }

    pub(super) fn repair(state: &'a RepairState, class: &PublishClass) -> Self {
        Self {
            status: state.status.name(),
            by: &state.by,
            since: state.since,
            deadline: state.deadline.at,
            days: class.repair.as_ref().map(|rule| rule.days),
            open: state.status == RepairStatus::Applied,
        }
    }

    /// A case about an item of a batch.
    pub(super) fn case(state: &'a SourceCaseState, class: &PublishClass) -> Self {
        Self {
            status: state.status.name(),
            by: &state.by,
            since: state.since,
            deadline: state.deadline.at,
            days: match state.ask {
                SourceAsk::Objection(_) => Some(class.limits.objection_days),
                SourceAsk::Repair(_) => class.repair.as_ref().map(|rule| rule.days),
            },
            open: state.status == SourceCaseStatus::Open,
        }
    }

    /// What such a case ordered, until its source has carried it out: by who decided.
    pub(super) fn order(state: &'a SourceCaseState, class: &PublishClass) -> Option<Self> {
        let open = matches!(state.status, SourceCaseStatus::Ordered | SourceCaseStatus::Neglected);
        let (by, carry_by) = (state.decided_by.as_ref()?, state.carry_by.as_ref()?);
        open.then(|| Self {
            status: state.status.name(),
            by,
            since: state.since,
            deadline: carry_by.at,
            days: Some(class.limits.withdraw_days),
            open,
        })
    }

    /// For people, with when it was raised.
    pub(super) async fn view(
        self,
        (id, at): (Digest, UnixTime),
        now: UnixTime,
        parties: &mut Parties<'_>,
    ) -> Result<ClaimView, Problem> {
        let counted = counted(Date::of(at), self.days);
        Ok(ClaimView {
            id: id.to_string(),
            status: self.status,
            by: parties.of(self.by).await?,
            overdue: self.open && self.deadline <= now,
            since: self.since.to_string(),
            deadline: self.deadline.to_string(),
            counted: counted.map(|at| at.to_string()),
            postponed: counted.is_some_and(|at| at < self.deadline),
        })
    }
}
