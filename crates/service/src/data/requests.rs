//! The requests that concern an organisation: those that it made, and those for its data.

use axum::{
    Json,
    extract::{Path, Query, State},
    http::HeaderMap,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use yinxin_gm::Digest;
use yinxin_ledger::index_key;
use yinxin_record::{DataAct, PublishResource, RequestState, state_key};
use yinxin_verdict::UnixTime;

use super::{organisation, reading::Reading, wrong};
use crate::{App, Problem, app::lang};

/// How many entries of the organisation's list one answer looks at: most of them are other acts than requests.
const SCAN: usize = 500;
/// The longest key to go on at, bytes.
const KEY_BYTES: usize = 128;

/// Which requests.
#[derive(Debug, Deserialize, IntoParams)]
pub(crate) struct Which {
    /// `made` by the organisation (when not said), or `received`: for its data.
    side: Option<String>,
    /// Only those in this state, such as `open` or `granted`.
    status: Option<String>,
    /// Where to go on: `next` of the answer before.
    from: Option<String>,
}

/// Requests, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Requests {
    /// `yinxin.requests/1`.
    schema: &'static str,
    organisation: String,
    organisation_name: String,
    requests: Vec<RequestView>,
    /// Where to go on; none when all were looked at.
    next: Option<String>,
}

/// One of them; its whole life is at `/v1/requests/{id}`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RequestView {
    id: String,
    resource: String,
    resource_name: String,
    requester: String,
    requester_name: String,
    owner_name: String,
    purpose: String,
    status: &'static str,
    /// Since when it is in this state.
    since: String,
    decide_by: String,
    overdue: bool,
    until: String,
}

/// The requests that an organisation made, or that were made for its data.
#[utoipa::path(get, path = "/v1/organisations/{code}/requests",
    params(("code" = String, Path, description = "the organisation's code"), Which),
    responses((status = 200, body = Requests), (status = 400, body = Problem)))]
pub(crate) async fn list(
    State(app): State<App>,
    Path(code): Path<String>,
    Query(which): Query<Which>,
    headers: HeaderMap,
) -> Result<Json<Requests>, Problem> {
    let lang = lang(&headers);
    let reading = Reading { ledger: app.ledger(lang)?.clone(), lang };
    let code = organisation(&code, lang)?;
    let prefix = match which.side.as_deref() {
        None | Some("made") => index_key::consumer(&code),
        Some("received") => index_key::provider(&code),
        Some(other) => {
            return Err(wrong("the side made or received", " made 或 received", other, lang));
        }
    };
    let from = which.from.unwrap_or_default();
    let start = hex::decode(&from).ok().filter(|key| key.len() <= KEY_BYTES);
    let start = start.ok_or_else(|| wrong("a key in hexadecimal", "十六进制键", &from, lang))?;
    let _turn = app.permits.acquire().await;
    let page = reading.page(&prefix, &start, SCAN).await?;
    let mut requests = Vec::new();
    for (id, _) in &page.entries {
        let Some(DataAct::Request(_)) = reading.act(*id).await? else { continue };
        let state = reading.state::<RequestState>(state_key::request(id)).await?;
        let Some(state) = state.value else { continue };
        if which.status.as_ref().is_none_or(|s| s == state.status.name()) {
            requests.push(view(&app, &reading, *id, &state).await?);
        }
    }
    let name = app.catalogue.lock().await.name(&code, &reading).await?;
    Ok(Json(Requests {
        schema: "yinxin.requests/1",
        organisation: code.to_string(),
        organisation_name: name,
        requests,
        next: page.more.then(|| hex::encode(page.next)),
    }))
}

async fn view(
    app: &App,
    reading: &Reading,
    id: Digest,
    state: &RequestState,
) -> Result<RequestView, Problem> {
    let asked = &state.asked;
    let key = state_key::resource_version(&asked.resource, asked.version);
    let published = reading.state::<PublishResource>(key).await?.value;
    let mut cache = app.catalogue.lock().await;
    Ok(RequestView {
        id: id.to_string(),
        resource: asked.resource.to_string(),
        resource_name: published.map(|p| p.name.to_string()).unwrap_or_default(),
        requester: state.requester.to_string(),
        requester_name: cache.name(&state.requester, reading).await?,
        owner_name: cache.name(&asked.resource.owner(), reading).await?,
        purpose: asked.purpose.to_string(),
        status: state.status.name(),
        since: state.since.to_string(),
        decide_by: state.deadline.at.to_string(),
        overdue: state.is_overdue(UnixTime::system_now()),
        until: asked.until.to_string(),
    })
}
