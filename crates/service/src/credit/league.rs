//! Who publishes, answers and corrects in time: the ledger's counts as a table.

use axum::{Json, extract::State, http::HeaderMap};
use serde::Serialize;
use utoipa::ToSchema;
use yinxin_record::{ConductState, Organisations, state_key};

use crate::{
    App, Problem,
    app::lang,
    data::{
        life::{Parties, Party},
        reading::Reading,
    },
};

/// The league table.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct League {
    /// `yinxin.credit-league/1`.
    schema: &'static str,
    /// The most punctual first; who had nothing to publish stands at the end, who did nothing at all is left out.
    places: Vec<PlaceView>,
    /// The least height as of which a count is proven.
    height: u64,
}

/// A place.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlaceView {
    /// From 1; those who are equally late share a place.
    place: usize,
    authority: Party,
    /// Hundredths of a per cent of what was published that were late, rounded down.
    late: Option<u32>,
    conduct: ConductView,
}

/// What the ledger counted.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct ConductView {
    published: u64,
    published_late: u64,
    withdrawn: u64,
    withdrawn_late: u64,
    resolved: u64,
    resolved_late: u64,
    decided: u64,
    decided_late: u64,
    applied: u64,
    told: u64,
    /// Decisions about items of its batches whose time to be carried out came.
    carried: u64,
    /// How many of them were late, or are not carried out.
    carried_late: u64,
}

/// How punctual the authorities are.
#[utoipa::path(get, path = "/v1/credit/league", responses((status = 200, body = League)))]
pub(crate) async fn league(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Json<League>, Problem> {
    let lang = lang(&headers);
    let reading = Reading { ledger: app.ledger(lang)?.clone(), lang };
    let _turn = app.permits.acquire().await;
    let members = reading.state::<Organisations>(state_key::organisations()).await?;
    let mut height = members.height;
    let mut conducts = Vec::new();
    for code in members.value.map(|members| members.codes).unwrap_or_default() {
        let found = reading.state::<ConductState>(state_key::credit_conduct(&code)).await?;
        height = height.min(found.height);
        conducts.extend(found.value.map(|conduct| (code, conduct)));
    }
    let mut parties = Parties::new(&app, &reading);
    let mut places = Vec::new();
    for place in yinxin_credit::league(conducts) {
        places.push(PlaceView {
            place: place.place,
            authority: parties.of(&place.authority).await?,
            late: place.late,
            conduct: place.conduct.into(),
        });
    }
    Ok(Json(League { schema: "yinxin.credit-league/1", places, height }))
}

impl From<ConductState> for ConductView {
    fn from(state: ConductState) -> Self {
        let ConductState {
            published,
            published_late,
            withdrawn,
            withdrawn_late,
            resolved,
            resolved_late,
            decided,
            decided_late,
            applied,
            told,
            carried,
            carried_late,
        } = state;
        Self {
            published,
            published_late,
            withdrawn,
            withdrawn_late,
            resolved,
            resolved_late,
            decided,
            decided_late,
            applied,
            told,
            carried,
            carried_late,
        }
    }
}
