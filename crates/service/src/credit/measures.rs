//! What a department did because of places on lists, what came of it, and what it has yet to lift.

use axum::{
    Json,
    extract::{Path, Query, State},
    http::HeaderMap,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use yinxin_credit::{Classes, Lifting};
use yinxin_gm::Digest;
use yinxin_ledger::index_key;
use yinxin_record::{Act, CreditAct, ItemState, MeasureState, OrganisationCode, state_key};
use yinxin_verdict::UnixTime;

use super::{
    Asked, authority,
    events::classes,
    views::{MeasureView, calendar, is_public},
};
use crate::{
    App, Problem,
    app::lang,
    data::{
        life::{Parties, Party},
        reading::Reading,
    },
};

/// Which measures, and where to go on.
#[derive(Debug, Deserialize, IntoParams)]
pub(crate) struct Which {
    /// `true`: only those that are to be lifted, for their items have ended.
    due: Option<bool>,
    /// `next` of the answer before.
    from: Option<String>,
}

/// A department's measures.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Measures {
    /// `yinxin.credit-measures/1`.
    schema: &'static str,
    department: Party,
    as_of: String,
    /// In the order in which they were applied.
    measures: Vec<AppliedView>,
    /// How many more rest on lists that not everybody may see.
    not_shown: usize,
    /// Where to go on; none when all were looked at.
    next: Option<String>,
    height: u64,
    /// The status proof of its conduct, which counts what it applied and told about, DER, base64.
    proof: String,
}

/// A measure that was applied.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AppliedView {
    #[serde(flatten)]
    measure: MeasureView,
    /// On which law.
    law: String,
    /// When.
    applied: String,
    /// Where the receipt of that is.
    receipt: String,
    /// Of one that is to be lifted, the last day to do so in time, by China's working days; none if the calendar at hand lacks the year.
    lift_by: Option<String>,
    /// That day is over.
    overdue: bool,
    /// The place on a list that it rests on; none if that has ended.
    place: Option<ListPlace>,
}

/// A place on a list, while everybody may see it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListPlace {
    subject: String,
    item: String,
    /// Code and version of the list.
    class: String,
    class_name: String,
}

/// What a department applied because of places on lists, and what it has yet to lift.
#[utoipa::path(get, path = "/v1/credit/authorities/{code}/measures",
    params(("code" = String, Path, description = "the department's code"), Which),
    responses((status = 200, body = Measures), (status = 400, body = Problem)))]
pub(crate) async fn measures(
    State(app): State<App>,
    Path(code): Path<String>,
    Query(which): Query<Which>,
    headers: HeaderMap,
) -> Result<Json<Measures>, Problem> {
    let lang = lang(&headers);
    let _turn = app.permits.acquire().await;
    let prefix = index_key::credit_measures;
    let asked = authority(&app, &code, which.from.as_deref(), prefix, lang).await?;
    let Asked { reading, code, conduct, page } = asked;
    let mut clerk = Clerk {
        reading: &reading,
        parties: Parties::new(&app, &reading),
        known: Classes::new(),
        now: conduct.time,
        not_shown: 0,
    };
    let mut measures = Vec::new();
    for (id, _) in &page.entries {
        measures.extend(clerk.look(*id, which.due == Some(true)).await?);
    }
    Ok(Json(Measures {
        schema: "yinxin.credit-measures/1",
        department: clerk.department(&code).await?,
        as_of: conduct.time.to_string(),
        measures,
        not_shown: clerk.not_shown,
        next: page.more.then(|| hex::encode(page.next)),
        height: conduct.height,
        proof: conduct.proof,
    }))
}

/// Whoever goes through the list.
struct Clerk<'a> {
    reading: &'a Reading,
    parties: Parties<'a>,
    known: Classes,
    now: UnixTime,
    not_shown: usize,
}

impl Clerk<'_> {
    async fn department(&mut self, code: &OrganisationCode) -> Result<Party, Problem> {
        self.parties.of(code).await
    }

    /// A measure as it stands, if the record applied one; on a list that not everybody may see it is counted.
    async fn look(&mut self, id: Digest, due: bool) -> Result<Option<AppliedView>, Problem> {
        let Some(found) = self.reading.found(id).await? else { return Ok(None) };
        let Act::Credit(CreditAct::ApplyMeasure(act)) = &found.record.tbs.act else {
            return Ok(None);
        };
        let key = state_key::credit_measure(&id);
        let state = self.reading.state::<MeasureState>(key).await?.value;
        let item = self.reading.state::<ItemState>(state_key::credit_item(&act.item)).await?.value;
        // A proof may be older than the index.
        let (Some(state), Some(item)) = (state, item) else { return Ok(None) };
        if due && !state.is_due(&item, self.now) {
            return Ok(None);
        }
        classes(self.reading, vec![item.class.clone()], &mut self.known).await?;
        let class = self.known.get(&item.class);
        let Some(class) = class.filter(|class| is_public(class)) else {
            self.not_shown += 1;
            return Ok(None);
        };
        let lifting = calendar().map(|days| Lifting::of(&state, &item, class, days, self.now));
        let lifting = lifting.transpose().map_err(|e| self.reading.garbled(e))?.flatten();
        let place = item.is_in_force(self.now).then(|| ListPlace {
            subject: item.subject.to_string(),
            item: act.item.to_string(),
            class: item.class.to_string(),
            class_name: class.name.to_string(),
        });
        Ok(Some(AppliedView {
            measure: MeasureView::of(id, &state, &item, self.now, &mut self.parties).await?,
            law: act.law.to_string(),
            applied: found.time.to_string(),
            receipt: format!("/v1/receipts/{id}"),
            lift_by: lifting.and_then(|lifting| lifting.by).map(|day| day.to_string()),
            overdue: lifting.is_some_and(|lifting| lifting.overdue),
            place,
        }))
    }
}
