//! What a node refused by the ledger's rules: for an auditor, who goes along the chain and compares its head with the ledger.

use axum::{
    Json,
    extract::{Query, State},
    http::HeaderMap,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{App, Problem, RefusalPage, app::lang};

/// Most entries of a page: some 250 KiB.
const LIMIT: usize = 1_000;

/// Which of them.
#[derive(Debug, Deserialize, IntoParams)]
pub(crate) struct Place {
    /// From this number on; otherwise from the oldest that is kept.
    from: Option<u64>,
    /// At most so many; at most 1,000.
    limit: Option<usize>,
}

/// A page of the journal.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct DenialsView {
    /// `yinxin.denials/1`.
    pub schema: String,
    /// The journal's id, hexadecimal.
    pub journal: String,
    /// How many refusals it had so far.
    pub count: u64,
    /// The chain after the last of them, hexadecimal.
    pub head: String,
    /// The number of the oldest that is kept.
    pub oldest: u64,
    /// The chain before the first entry of the page, hexadecimal.
    pub before: String,
    /// DER of each entry, base64.
    pub entries: Vec<String>,
}

/// What this node refused by the ledger's rules.
#[utoipa::path(get, path = "/v1/denials", params(Place),
    responses((status = 200, body = DenialsView), (status = 404, body = Problem)))]
pub(crate) async fn denials(
    State(app): State<App>,
    Query(place): Query<Place>,
    headers: HeaderMap,
) -> Result<Json<DenialsView>, Problem> {
    let lang = lang(&headers);
    let limit = place.limit.unwrap_or(LIMIT).min(LIMIT);
    let page = app.ledger(lang)?.refusals(place.from.unwrap_or(0), limit).await;
    let page = page.map_err(|e| Problem::from_ledger(&e, lang))?;
    let RefusalPage { journal, count, head, oldest, before, entries } = page;
    Ok(Json(DenialsView {
        schema: "yinxin.denials/1".to_owned(),
        journal: journal.to_string(),
        count,
        head: head.to_string(),
        oldest,
        before: before.to_string(),
        entries: entries.iter().map(|der| STANDARD.encode(der)).collect(),
    }))
}
