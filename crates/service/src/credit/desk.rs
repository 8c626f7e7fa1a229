//! An authority's desk: what it owes an answer, by when, and what it published late.

use axum::{
    Json,
    extract::{Path, Query, State},
    http::HeaderMap,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use yinxin_credit::{Classes, CreditItem};
use yinxin_gm::Digest;
use yinxin_ledger::index_key;
use yinxin_record::{
    Act, ConductState, CreditAct, ItemState, ObjectionState, ObjectionStatus, OrganisationCode,
    Record, RepairState, RepairStatus, Wire, state_key,
};
use yinxin_verdict::UnixTime;

use super::{
    events::classes,
    item::{ClaimView, objection, repair},
    league::ConductView,
    views::ItemView,
};
use crate::{
    App, Problem,
    app::lang,
    data::{
        life::{Parties, Party},
        organisation,
        reading::Reading,
        wrong,
    },
};

/// How many entries of the authority's list one answer looks at: many of them are answered already.
const SCAN: usize = 500;
/// The longest key to go on at, bytes.
const KEY_BYTES: usize = 128;

/// Where to go on.
#[derive(Debug, Deserialize, IntoParams)]
pub(crate) struct From {
    /// `next` of the answer before.
    from: Option<String>,
}

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
    /// Its items that were published late.
    late: Vec<LateView>,
    /// What the ledger counted.
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
    /// The first instant that was late.
    publish_by: String,
    item: ItemView,
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
    let reading = Reading { ledger: app.ledger(lang)?.clone(), lang };
    let code = organisation(&code, lang)?;
    let from = from.from.unwrap_or_default();
    let start = hex::decode(&from).ok().filter(|key| key.len() <= KEY_BYTES);
    let start = start.ok_or_else(|| wrong("a key in hexadecimal", "十六进制键", &from, lang))?;
    let _turn = app.permits.acquire().await;
    let conduct = reading.state::<ConductState>(state_key::credit_conduct(&code)).await?;
    let page = reading.page(&index_key::credit_authority(&code), &start, SCAN).await?;
    let mut parties = Parties::new(&app, &reading);
    let desk = Desk {
        schema: "yinxin.credit-desk/1",
        authority: parties.of(&code).await?,
        as_of: conduct.time.to_string(),
        objections: Vec::new(),
        repairs: Vec::new(),
        late: Vec::new(),
        conduct: conduct.value.unwrap_or_default().into(),
        next: page.more.then(|| hex::encode(&page.next)),
        height: conduct.height,
        proof: conduct.proof,
    };
    let known = Classes::new();
    let now = conduct.time;
    let mut clerk = Clerk { reading: &reading, parties, known, code, now, desk };
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
            Act::Credit(CreditAct::Record(_)) if record.tbs.organisation == self.code => {
                self.late(id).await
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
        let claim = objection(id, &found, self.now, &mut self.parties).await?;
        let task = self.task(claim, found.item).await?;
        self.desk.objections.extend(task);
        Ok(())
    }

    async fn repair(&mut self, id: Digest) -> Result<(), Problem> {
        let found = self.reading.state::<RepairState>(state_key::credit_repair(&id)).await?.value;
        let Some(found) = found.filter(|r| r.status == RepairStatus::Applied) else {
            return Ok(());
        };
        let claim = repair(id, &found, self.now, &mut self.parties).await?;
        let task = self.task(claim, found.item).await?;
        self.desk.repairs.extend(task);
        Ok(())
    }

    /// What is to be answered, if the item is this authority's: the list also has what rests on its items.
    async fn task(&mut self, claim: ClaimView, item: Digest) -> Result<Option<Task>, Problem> {
        let Some((state, item)) = self.item(item).await? else { return Ok(None) };
        let own = state.authority == self.code;
        Ok(own.then(|| Task { claim, subject: state.subject.to_string(), item }))
    }

    async fn late(&mut self, id: Digest) -> Result<(), Problem> {
        let Some((state, item)) = self.item(id).await? else { return Ok(()) };
        let by = state.publish_by.filter(|_| state.is_late() && state.is_in_force(self.now));
        let subject = state.subject.to_string();
        let view = by.map(|by| LateView { subject, publish_by: by.to_string(), item });
        self.desk.late.extend(view);
        Ok(())
    }

    async fn item(&mut self, id: Digest) -> Result<Option<(ItemState, ItemView)>, Problem> {
        let state = self.reading.state::<ItemState>(state_key::credit_item(&id)).await?.value;
        let Some(state) = state else { return Ok(None) };
        classes(self.reading, vec![state.class.clone()], &mut self.known).await?;
        let Some(class) = self.known.get(&state.class) else { return Ok(None) };
        let item = CreditItem::of_state(id, &state);
        let view = ItemView::of(&item, class, self.now, &mut self.parties).await?;
        Ok(Some((state, view)))
    }
}
