//! An asset by its key: where it stands, whose pledge it is, what happened to it.

use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
};
use serde::Serialize;
use utoipa::ToSchema;
use yinxin_ledger::index_key;
use yinxin_record::{AssetKey, AssetState, state_key};

use crate::{
    App, Problem,
    app::lang,
    data::{
        life::{Parties, Party},
        reading::Reading,
        wrong,
    },
};

/// The most acts that one answer lists.
const ACTS: usize = 500;

/// An asset.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AssetView {
    /// `yinxin.asset/1`.
    schema: &'static str,
    key: String,
    /// Such as `invoice`.
    kind: &'static str,
    /// `free`, `pledged`, `impaired` or `retired`.
    status: &'static str,
    owner: String,
    /// Who holds it as a pledge; whom to ask.
    pledgee: Option<Party>,
    /// The day it falls due.
    due: Option<String>,
    /// How often it moved: what its owner signs next names this number.
    turn: u64,
    since: String,
    /// Oldest first.
    acts: Vec<AssetActView>,
    /// There are more acts than are listed.
    more: bool,
    height: u64,
    /// Its status proof, DER, base64.
    proof: String,
}

/// What happened to an asset.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AssetActView {
    record: String,
    /// Such as `register` or `pledge`.
    kind: String,
    by: Party,
    height: u64,
    time: String,
    /// Where its receipt is.
    receipt: String,
}

/// An asset as it stands, with proof, and what happened to it.
#[utoipa::path(get, path = "/v1/assets/{key}",
    params(("key" = String, Path, description = "kind, `:` and 64 hexadecimal digits, such as `invoice:…`")),
    responses((status = 200, body = AssetView), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn asset(
    State(app): State<App>,
    Path(text): Path<String>,
    headers: HeaderMap,
) -> Result<Json<AssetView>, Problem> {
    let lang = lang(&headers);
    let reading = Reading { ledger: app.ledger(lang)?.clone(), lang };
    let key = AssetKey::parse(&text).ok_or_else(|| {
        let en = "a kind, a colon and 64 hexadecimal digits, such as invoice:…";
        wrong(en, "资产类型、冒号与 64 位十六进制数，如 invoice:…", &text, lang)
    })?;
    let _turn = app.permits.acquire().await;
    let proven = reading.state::<AssetState>(state_key::asset(&key)).await?;
    let Some(state) = proven.value else {
        let what = lang.pick("the ledger has no such asset", "账本中没有该资产");
        return Err(Problem::not_found(format!("{key}: {what}"), lang));
    };
    let mut parties = Parties::new(&app, &reading);
    let (found, more) = reading.records(&index_key::asset(&key), ACTS).await?;
    let mut acts = Vec::new();
    for found in found.iter().filter(|found| found.height <= proven.height) {
        let id = found.record.id();
        acts.push(AssetActView {
            record: id.to_string(),
            kind: found.record.tbs.act.verb().replace(' ', "-"),
            by: parties.of(&found.record.tbs.organisation).await?,
            height: found.height,
            time: found.time.to_string(),
            receipt: format!("/v1/receipts/{id}"),
        });
    }
    let pledgee = match &state.pledgee {
        Some(code) => Some(parties.of(code).await?),
        None => None,
    };
    Ok(Json(AssetView {
        schema: "yinxin.asset/1",
        key: key.to_string(),
        kind: key.kind.name(),
        status: state.status.name(),
        owner: state.owner.to_string(),
        pledgee,
        due: state.due.map(|day| day.to_string()),
        turn: state.turn,
        since: state.since.to_string(),
        acts,
        more,
        height: proven.height,
        proof: proven.proof,
    }))
}
