//! What is written to the ledger and asked of it, over HTTP.
//!
//! Every answer carries DER that its receiver can check: as bytes when asked with `Accept: application/octet-stream`,
//! otherwise as base64 in JSON beside a view for people.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use yinxin_gm::Digest;
use yinxin_record::{Record, Wire};
use yinxin_verdict::Lang;

use crate::{
    App, Ledger, LedgerError, Problem, app::lang, credit::withheld, verify_route::too_large,
};

/// How many index entries one answer holds at most. 1,000: some 100 KB, a page of any list.
const INDEX_LIMIT: usize = 1000;
/// The longest key or prefix, bytes: state and index keys are shorter by far.
const KEY_BYTES: usize = 512;

/// DER with its name.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordView {
    /// `yinxin.record/1`, `yinxin.receipt/1` and so on.
    pub schema: String,
    /// The record's id where the answer is about one record, hexadecimal.
    pub id: String,
    /// The DER, base64.
    pub der: String,
}

/// The newest committed header.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeadView {
    /// `yinxin.head/1`.
    pub schema: &'static str,
    /// Its height.
    pub height: u64,
    /// How many other nodes the answering one is connected to.
    pub peers: usize,
    /// The header's DER, base64.
    pub header: String,
    /// The commit certificate's DER, base64.
    pub certificate: String,
}

/// A status proof and what it says.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatusView {
    /// `yinxin.status/1`.
    pub schema: &'static str,
    /// The state key, hexadecimal.
    pub key: String,
    /// The proof's DER, base64.
    pub der: String,
}

/// A licence as the ledger's state holds it.
#[derive(Debug, Serialize, ToSchema)]
pub struct LicenceView {
    /// `yinxin.licence/1`.
    pub schema: &'static str,
    /// The identifier (GB/T 36904).
    pub identifier: String,
    /// Whether the ledger knows it.
    pub known: bool,
    /// Its state, such as `active` or `revoked`; empty when unknown.
    pub state: String,
    /// Since when; empty when unknown.
    pub since: String,
    /// Code of the issuing authority; empty when unknown.
    pub issuer: String,
    /// The version that it replaced.
    pub previous: Option<String>,
    /// The version that replaced it.
    pub next: Option<String>,
    /// The height as of which this is proven.
    pub height: u64,
    /// The status proof's DER, base64.
    pub proof: String,
}

fn wants_bytes(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|v| v.contains("application/octet-stream"))
}

fn bytes(der: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, "application/octet-stream")], der).into_response()
}

fn view(headers: &HeaderMap, schema: &str, id: String, der: Vec<u8>) -> Response {
    if wants_bytes(headers) {
        return bytes(der);
    }
    Json(RecordView { schema: schema.to_owned(), id, der: STANDARD.encode(der) }).into_response()
}

fn digest(text: &str, lang: Lang) -> Result<Digest, Problem> {
    text.parse().map_err(|_| {
        Problem::bad_request(
            match lang {
                Lang::En => format!("expected a record id of 64 hexadecimal digits, got {text:?}"),
                Lang::Zh => format!("记录编号应为 64 位十六进制，实为 {text:?}"),
            },
            lang,
        )
    })
}

fn key(text: &str, lang: Lang) -> Result<Vec<u8>, Problem> {
    let wrong = || {
        Problem::bad_request(
            lang.pick(
                "expected a key in hexadecimal, at most 512 bytes",
                "键应为十六进制，最多 512 字节",
            ),
            lang,
        )
    };
    if text.len() > KEY_BYTES * 2 {
        return Err(wrong());
    }
    hex::decode(text).map_err(|_| wrong())
}

fn refuse(lang: Lang) -> impl Fn(LedgerError) -> Problem {
    move |e| Problem::from_ledger(&e, lang)
}

/// Submits a signed record and waits until a quorum has committed it; answers with its receipt.
#[utoipa::path(post, path = "/v1/records",
    request_body(content_type = "application/octet-stream", description = "the signed record, DER"),
    responses(
        (status = 201, description = "committed; the receipt", body = RecordView),
        (status = 409, description = "refused by the ledger's rules", body = Problem),
        (status = 413, description = "larger than a record may be", body = Problem),
        (status = 504, description = "not yet committed: send the same bytes again", body = Problem),
    ))]
pub(crate) async fn submit(
    State(app): State<App>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let lang = lang(&headers);
    let ledger = app.ledger(lang)?;
    let body = body.map_err(|e| too_large(&e, app.limits.record_bytes, lang))?;
    let receipt = ledger.submit(body.to_vec()).await.map_err(refuse(lang))?;
    let id = Record::from_der(&body).map(|r| r.id().to_string()).unwrap_or_default();
    let mut response = view(&headers, "yinxin.receipt/1", id, receipt);
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

/// A whole record. Where everybody may ask, not one that tells of credit that has ended or is not public.
#[utoipa::path(get, path = "/v1/records/{id}", params(("id" = String, Path, description = "the record's id, hexadecimal")),
    responses((status = 200, body = RecordView), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn record(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let lang = lang(&headers);
    let der = app.ledger(lang)?.record(digest(&id, lang)?).await.map_err(refuse(lang))?;
    withheld::record(&app, &der, lang).await?;
    Ok(view(&headers, "yinxin.record/1", id, der))
}

/// Which log a receipt shall be based on.
#[derive(Debug, Deserialize, IntoParams)]
pub(crate) struct Base {
    /// Re-base the receipt on the log of this many records (a checkpoint's log size).
    log_size: Option<u64>,
}

/// The receipt of a record, which names it only where the record itself is not handed out.
#[utoipa::path(get, path = "/v1/receipts/{id}", params(("id" = String, Path, description = "the record's id, hexadecimal"), Base),
    responses((status = 200, body = RecordView), (status = 404, body = Problem)))]
pub(crate) async fn receipt(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(base): Query<Base>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let lang = lang(&headers);
    let der =
        app.ledger(lang)?.receipt(digest(&id, lang)?, base.log_size).await.map_err(refuse(lang))?;
    let der = withheld::receipt(&app, der, lang).await?;
    Ok(view(&headers, "yinxin.receipt/1", id, der))
}

/// Proof of what the state holds under a key.
#[utoipa::path(get, path = "/v1/state/{key}", params(("key" = String, Path, description = "the state key, hexadecimal")),
    responses((status = 200, body = StatusView), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub(crate) async fn state(
    State(app): State<App>,
    Path(text): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let lang = lang(&headers);
    let key = key(&text, lang)?;
    withheld::state(&app, &key, lang).await?;
    prove(app.ledger(lang)?, key, &headers, lang).await
}

/// Proof of the status of a thing: present or absent, as of a recent header.
#[utoipa::path(get, path = "/v1/status/{kind}/{id}", params(
        ("kind" = String, Path, description = "licence, seal, certificate, document, organisation"),
        ("id" = String, Path, description = "its identifier; for seals and certificates the code of who registered it, a slash, and SM3 of the DER")),
    responses((status = 200, body = StatusView), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub(crate) async fn status(
    State(app): State<App>,
    Path((kind, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let lang = lang(&headers);
    let key = crate::views::status_key(&kind, &id, lang)?;
    withheld::state(&app, &key, lang).await?;
    prove(app.ledger(lang)?, key, &headers, lang).await
}

async fn prove(
    ledger: &Arc<dyn Ledger>,
    key: Vec<u8>,
    headers: &HeaderMap,
    lang: Lang,
) -> Result<Response, Problem> {
    let name = hex::encode(&key);
    let der = ledger.status(key).await.map_err(refuse(lang))?;
    if wants_bytes(headers) {
        return Ok(bytes(der));
    }
    Ok(Json(StatusView { schema: "yinxin.status/1", key: name, der: STANDARD.encode(der) })
        .into_response())
}

/// A licence as the ledger's state holds it, with proof.
#[utoipa::path(get, path = "/v1/licences/{identifier}",
    params(("identifier" = String, Path, description = "the licence's identifier (GB/T 36904)")),
    responses((status = 200, body = LicenceView), (status = 400, body = Problem)))]
pub(crate) async fn licence(
    State(app): State<App>,
    Path(identifier): Path<String>,
    headers: HeaderMap,
) -> Result<Json<LicenceView>, Problem> {
    let lang = lang(&headers);
    let key = crate::views::status_key("licence", &identifier, lang)?;
    let proof = app.ledger(lang)?.status(key).await.map_err(refuse(lang))?;
    crate::views::licence(identifier, proof).map(Json).map_err(|e| {
        Problem::new(
            StatusCode::BAD_GATEWAY,
            "bad-answer",
            lang.pick("unreadable answer", "账本答复无法解析"),
            e,
        )
    })
}

/// How many entries to answer with.
#[derive(Debug, Deserialize, IntoParams)]
pub(crate) struct Page {
    /// At most this many, 100 when not said, never over 1,000.
    limit: Option<usize>,
    /// The key to begin at, hexadecimal: the last one that is known and a zero byte. Without it, from the first.
    from: Option<String>,
}

/// Index entries by prefix: which records concern an organisation, a licence, a digest.
#[utoipa::path(get, path = "/v1/index/{prefix}", params(("prefix" = String, Path, description = "the index key's first bytes, hexadecimal"), Page),
    responses((status = 200, description = "pairs of key and value, hexadecimal", body = Vec<(String, String)>)))]
pub(crate) async fn index(
    State(app): State<App>,
    Path(prefix): Path<String>,
    Query(page): Query<Page>,
    headers: HeaderMap,
) -> Result<Json<Vec<(String, String)>>, Problem> {
    let lang = lang(&headers);
    let limit = page.limit.unwrap_or(100).min(INDEX_LIMIT);
    let from = page.from.map(|from| key(&from, lang)).transpose()?.unwrap_or_default();
    let found = app.ledger(lang)?.query(key(&prefix, lang)?, from, limit);
    let found = found.await.map_err(refuse(lang))?;
    Ok(Json(found.into_iter().map(|(k, v)| (hex::encode(k), hex::encode(v))).collect()))
}

/// The newest committed header with its certificate.
#[utoipa::path(get, path = "/v1/ledger/head", responses((status = 200, body = HeadView), (status = 503, body = Problem)))]
pub(crate) async fn head(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Json<HeadView>, Problem> {
    let lang = lang(&headers);
    let head = app.ledger(lang)?.head().await.map_err(refuse(lang))?;
    Ok(Json(HeadView {
        schema: "yinxin.head/1",
        height: head.height,
        peers: head.peers,
        header: STANDARD.encode(head.header),
        certificate: STANDARD.encode(head.certificate),
    }))
}

/// The header of a height, without a certificate: the header behind it names it, and so the two tell which records a block has.
#[utoipa::path(get, path = "/v1/ledger/headers/{height}", params(("height" = u64, Path, description = "from 1 on")),
    responses((status = 200, body = RecordView), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn header_of(
    State(app): State<App>,
    Path(height): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let lang = lang(&headers);
    let number = height.parse().map_err(|_| {
        let (en, zh) = ("expected a height, got", "应为区块高度，实为");
        Problem::bad_request(format!("{} {height:?}", lang.pick(en, zh)), lang)
    })?;
    let der = app.ledger(lang)?.header(number).await.map_err(refuse(lang))?;
    Ok(view(&headers, "yinxin.header/1", String::new(), der))
}

/// The genesis, for a verifier's trust folder (compare its digest by another way).
#[utoipa::path(get, path = "/v1/ledger/genesis", responses((status = 200, body = RecordView)))]
pub(crate) async fn genesis(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let lang = lang(&headers);
    let der = app.ledger(lang)?.genesis().await.map_err(refuse(lang))?;
    Ok(view(&headers, "yinxin.genesis/1", String::new(), der))
}

/// Every change of the validator set, oldest first, for a verifier's trust folder.
#[utoipa::path(get, path = "/v1/ledger/set-changes", responses((status = 200, body = Vec<RecordView>)))]
pub(crate) async fn set_changes(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Json<Vec<RecordView>>, Problem> {
    let lang = lang(&headers);
    let changes = app.ledger(lang)?.set_changes().await.map_err(refuse(lang))?;
    Ok(Json(
        changes
            .into_iter()
            .map(|der| RecordView {
                schema: "yinxin.set-change/1".to_owned(),
                id: String::new(),
                der: STANDARD.encode(der),
            })
            .collect(),
    ))
}
