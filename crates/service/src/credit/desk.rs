//! An authority's desk: what it owes an answer, by when, and what it published late.

mod cases;

use axum::{
    Json,
    extract::{Path, Query, State},
    http::HeaderMap,
};
use serde::Serialize;
use utoipa::ToSchema;
use yinxin_credit::{Classes, CreditItem};
use yinxin_gm::Digest;
use yinxin_ledger::index_key;
use yinxin_record::{
    Act, CreditAct, CreditBatch, ItemState, ObjectionState, ObjectionStatus, OrganisationCode,
    PublishClass, Record, RepairState, RepairStatus, Wire, state_key,
};
use yinxin_verdict::UnixTime;

use self::cases::{CaseTask, OrderTask};
use super::{
    Asked, From, authority,
    events::classes,
    item::{Claim, ClaimView},
    league::ConductView,
    views::{ItemView, counted, is_public},
};
use crate::{
    App, Problem,
    app::lang,
    data::{
        life::{Parties, Party},
        reading::Reading,
    },
};

/// A desk.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Desk {
    /// `yinxin.credit-desk/1`.
    schema: &'static str,
    authority: Party,
    /// As of when deadlines are overdue: the time of the header behind the proof.
    as_of: String,
    /// Objections to its items that are not resolved.
    objections: Vec<Task>,
    /// Applications for repair of its items that are not decided.
    repairs: Vec<Task>,
    /// Cases about items of batches that it decided on or published, and that are not decided.
    cases: Vec<CaseTask>,
    /// Decisions about items of its batches that it has not carried out.
    orders: Vec<OrderTask>,
    /// Its items that were published late.
    late: Vec<LateView>,
    /// Its batches in which something was published late, as they count it themselves.
    batches: Vec<LateBatch>,
    /// How many answers owed, orders and late publications are about items that not everybody may see, that have ended, or that are of batches
    /// where only their source knows.
    not_shown: usize,
    /// How many of these the ledger counted as published late.
    late_not_shown: usize,
    /// What the ledger counted, by the deadlines that were set.
    conduct: ConductView,
    /// Where to go on; none when all were looked at.
    next: Option<String>,
    height: u64,
    /// The status proof of its conduct, DER, base64.
    proof: String,
}

/// Something that is to be answered, and about which item.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Task {
    claim: ClaimView,
    subject: String,
    item: ItemView,
}

/// An item that was published late.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LateView {
    subject: String,
    /// The first instant that was late, as its authority set it.
    publish_by: String,
    /// The same counted by China's working days; none if the calendar at hand lacks the year.
    counted: Option<String>,
    /// The deadline that was set is later than the one counted.
    postponed: bool,
    /// The ledger counted it as late, by the deadline that was set.
    on_ledger: bool,
    item: ItemView,
}

/// A batch in which something was published late.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LateBatch {
    sequence: u64,
    /// The classes that had late records.
    classes: Vec<LateClass>,
    /// How many were late in all.
    late: u64,
    recorded: String,
    /// Where its receipt is.
    receipt: String,
}

/// Late records of a class in a batch.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LateClass {
    /// Code and version.
    class: String,
    /// How many had to be published in time.
    due: u64,
    late: u64,
}

/// What an authority over credit has to answer, with deadlines, and what it published late.
#[utoipa::path(get, path = "/v1/credit/authorities/{code}",
    params(("code" = String, Path, description = "the authority's code"), From),
    responses((status = 200, body = Desk), (status = 400, body = Problem)))]
pub(crate) async fn desk(
    State(app): State<App>,
    Path(code): Path<String>,
    Query(from): Query<From>,
    headers: HeaderMap,
) -> Result<Json<Desk>, Problem> {
    let lang = lang(&headers);
    let _turn = app.permits.acquire().await;
    let prefix = index_key::credit_authority;
    let asked = authority(&app, &code, from.from.as_deref(), prefix, lang).await?;
    let Asked { reading, code, conduct, page } = asked;
    let mut parties = Parties::new(&app, &reading);
    let desk = Desk {
        schema: "yinxin.credit-desk/1",
        authority: parties.of(&code).await?,
        as_of: conduct.time.to_string(),
        objections: Vec::new(),
        repairs: Vec::new(),
        cases: Vec::new(),
        orders: Vec::new(),
        late: Vec::new(),
        batches: Vec::new(),
        not_shown: 0,
        late_not_shown: 0,
        conduct: conduct.value.unwrap_or_default().into(),
        next: page.more.then(|| hex::encode(&page.next)),
        height: conduct.height,
        proof: conduct.proof,
    };
    let known = Classes::new();
    let now = conduct.time;
    let open = app.for_everybody;
    let mut clerk = Clerk { reading: &reading, parties, known, code, now, open, desk };
    for (id, _) in page.entries {
        clerk.look(id).await?;
    }
    Ok(Json(clerk.desk))
}

/// Whoever goes through the list.
struct Clerk<'a> {
    reading: &'a Reading,
    parties: Parties<'a>,
    known: Classes,
    code: OrganisationCode,
    now: UnixTime,
    /// Everybody may ask.
    open: bool,
    desk: Desk,
}

impl Clerk<'_> {
    async fn look(&mut self, id: Digest) -> Result<(), Problem> {
        let der = self.reading.ledger.record(id).await;
        let der = der.map_err(|error| self.reading.problem(&error))?;
        let record = Record::from_der(&der).map_err(|error| self.reading.garbled(error))?;
        match &record.tbs.act {
            Act::Credit(CreditAct::Object(_)) => self.objection(id).await,
            Act::Credit(CreditAct::ApplyRepair(_)) => self.repair(id).await,
            Act::Credit(CreditAct::RaiseCase(act)) => self.case(id, &act.item.record).await,
            Act::Credit(CreditAct::Record(_)) if record.tbs.organisation == self.code => {
                self.late(id).await
            }
            Act::Credit(CreditAct::Batch(batch))
                if record.tbs.organisation == self.code && batch.late() > 0 =>
            {
                self.batch(id, batch).await
            }
            _ => Ok(()),
        }
    }

    async fn objection(&mut self, id: Digest) -> Result<(), Problem> {
        let key = state_key::credit_objection(&id);
        let found = self.reading.state::<ObjectionState>(key).await?.value;
        let Some(found) = found.filter(|o| o.status == ObjectionStatus::Open) else {
            return Ok(());
        };
        let Some((state, class)) = self.own(found.item).await? else { return Ok(()) };
        let Some(item) = self.shown(found.item, &state, &class).await? else { return Ok(()) };
        let claim = Claim::objection(&found, &class);
        let claim = claim.view((id, found.since), self.now, &mut self.parties).await?;
        let subject = state.subject.to_string();
        self.desk.objections.push(Task { claim, subject, item });
        Ok(())
    }

    async fn repair(&mut self, id: Digest) -> Result<(), Problem> {
        let found = self.reading.state::<RepairState>(state_key::credit_repair(&id)).await?.value;
        let Some(found) = found.filter(|r| r.status == RepairStatus::Applied) else {
            return Ok(());
        };
        let Some((state, class)) = self.own(found.item).await? else { return Ok(()) };
        let Some(item) = self.shown(found.item, &state, &class).await? else { return Ok(()) };
        let claim = Claim::repair(&found, &class);
        let claim = claim.view((id, found.since), self.now, &mut self.parties).await?;
        let subject = state.subject.to_string();
        self.desk.repairs.push(Task { claim, subject, item });
        Ok(())
    }

    /// What was published late by the deadline that was set, or by the one counted again.
    async fn late(&mut self, id: Digest) -> Result<(), Problem> {
        let Some((state, class)) = self.own(id).await? else { return Ok(()) };
        let Some(set) = state.publish_by else { return Ok(()) };
        let counted = counted(state.decided, class.limits.publish_days);
        if !(state.is_late() || counted.is_some_and(|at| at <= state.recorded)) {
            return Ok(());
        }
        let Some(item) = self.shown(id, &state, &class).await? else {
            self.desk.late_not_shown += usize::from(state.is_late());
            return Ok(());
        };
        self.desk.late.push(LateView {
            subject: state.subject.to_string(),
            publish_by: set.to_string(),
            counted: counted.map(|at| at.to_string()),
            postponed: counted.is_some_and(|at| at < set),
            on_ledger: state.is_late(),
            item,
        });
        Ok(())
    }

    async fn batch(&mut self, id: Digest, batch: &CreditBatch) -> Result<(), Problem> {
        let Some(found) = self.reading.found(id).await? else { return Ok(()) };
        let late = batch.counts.iter().filter(|count| count.late > 0);
        self.desk.batches.push(LateBatch {
            sequence: batch.sequence,
            classes: late
                .map(|count| LateClass {
                    class: count.class.to_string(),
                    due: count.due,
                    late: count.late,
                })
                .collect(),
            late: batch.late(),
            recorded: found.time.to_string(),
            receipt: format!("/v1/receipts/{id}"),
        });
        Ok(())
    }

    /// An item and its class, if it is this authority's: the list also has what rests on its items.
    async fn own(&mut self, id: Digest) -> Result<Option<(ItemState, PublishClass)>, Problem> {
        let state = self.reading.state::<ItemState>(state_key::credit_item(&id)).await?.value;
        let Some(state) = state.filter(|state| state.authority == self.code) else {
            return Ok(None);
        };
        classes(self.reading, vec![state.class.clone()], &mut self.known).await?;
        let class = self.known.get(&state.class).cloned();
        Ok(class.map(|class| (state, class)))
    }

    /// An item as everybody may see it; else it is counted.
    async fn shown(
        &mut self,
        id: Digest,
        state: &ItemState,
        class: &PublishClass,
    ) -> Result<Option<ItemView>, Problem> {
        if !(is_public(class) && state.is_in_force(self.now)) {
            self.desk.not_shown += 1;
            return Ok(None);
        }
        let item = CreditItem::of_state(id, state);
        ItemView::of(&item, class, self.now, &mut self.parties).await.map(Some)
    }
}
