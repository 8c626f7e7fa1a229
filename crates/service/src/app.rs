//! The router: state, limits, and where each path leads.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::DefaultBodyLimit,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header},
    middleware::from_fn_with_state,
    response::IntoResponse,
    routing::{get, post},
};
use tower_http::{set_header::SetResponseHeaderLayer, trace::TraceLayer};
use utoipa::OpenApi;
use yinxin_verdict::{Lang, Policy};
use yinxin_verify::Trust;

use crate::{
    CreditSource, Ledger, Problem, credit, data, denials, health, ledger_routes, portal, refusals,
    verify_route,
};

/// How much and how long one request may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest file that `/v1/verify` takes, bytes. 64 MiB: the largest real licence seen is under 3 MB, archives reach tens.
    pub file_bytes: usize,
    /// The largest record, bytes. 64 KiB, as the ledger itself takes.
    pub record_bytes: usize,
    /// The longest a request may take, seconds. 60: a submission waits for its commit.
    pub request_secs: u64,
    /// Connections at the same time. 512: far more than the portals and gateways of a city hold open, half of the 1024
    /// descriptors that a process commonly may have.
    pub connections: usize,
    /// The longest that a request's head may take, and that a connection may lie idle, seconds. 10: a head is one packet.
    pub header_secs: u64,
    /// How long a connection may go on asking, seconds. 600: after that it is opened again, perhaps to another server.
    pub connection_secs: u64,
    /// How long a receiver may take nothing of its answer, seconds. 60: then the connection ends.
    pub taking_secs: u64,
    /// Verifications at the same time; further ones wait. Each may hold a file and what it inflates to.
    pub verifications: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 64 << 20,
            record_bytes: 64 << 10,
            request_secs: 60,
            connections: 512,
            header_secs: 10,
            connection_secs: 600,
            taking_secs: 60,
            verifications: 8,
        }
    }
}

/// What the routes work on.
#[derive(Clone)]
pub struct App {
    pub(crate) trust: Arc<Trust>,
    pub(crate) policy: Arc<Policy>,
    pub(crate) ledger: Option<Arc<dyn Ledger>>,
    /// Sources of credit records that are at hand.
    pub(crate) credit_sources: Arc<[Arc<dyn CreditSource>]>,
    /// Whoever asks need not be a member of the ledger.
    pub(crate) for_everybody: bool,
    pub(crate) limits: Limits,
    pub(crate) permits: Arc<tokio::sync::Semaphore>,
    /// Room for files that are on their way in or wait, KiB: as many of the largest as are verified at a time.
    pub(crate) room: Arc<tokio::sync::Semaphore>,
    /// What was read of the ledger's catalogue so far.
    pub(crate) catalogue: Arc<tokio::sync::Mutex<data::Cache>>,
    /// What was counted again of authorities' records so far.
    pub(crate) recounts: Arc<tokio::sync::Mutex<credit::league::Recounts>>,
}

impl App {
    /// A verifier with this trust; with a ledger, the ledger's routes answer too.
    #[must_use]
    pub fn new(
        trust: Trust,
        policy: Policy,
        ledger: Option<Arc<dyn Ledger>>,
        limits: Limits,
    ) -> Self {
        let permits = Arc::new(tokio::sync::Semaphore::new(limits.verifications));
        let most = kib(limits.file_bytes).saturating_mul(limits.verifications);
        let room = Arc::new(tokio::sync::Semaphore::new(most.min(u32::MAX as usize)));
        Self {
            trust: Arc::new(trust),
            policy: Arc::new(policy),
            ledger,
            credit_sources: Arc::default(),
            for_everybody: false,
            limits,
            permits,
            room,
            catalogue: Arc::default(),
            recounts: Arc::default(),
        }
    }

    /// With what sources of credit records have, beside what the ledger has.
    #[must_use]
    pub fn with_credit_sources(mut self, sources: Vec<Arc<dyn CreditSource>>) -> Self {
        self.credit_sources = sources.into();
        self
    }

    /// For everybody: credit that has ended or is not public is not handed out as it stands on the ledger either. A member's own node does.
    #[must_use]
    pub fn for_everybody(self) -> Self {
        Self { for_everybody: true, ..self }
    }

    /// The ledger, or the problem that this service has none.
    pub(crate) fn ledger(&self, lang: Lang) -> Result<&Arc<dyn Ledger>, Problem> {
        self.ledger.as_ref().ok_or_else(|| {
            Problem::new(
                StatusCode::NOT_IMPLEMENTED,
                "no-ledger",
                lang.pick("this service has no ledger", "本服务未连接账本"),
                lang.pick(
                    "it was started without --node; it verifies only",
                    "启动时未指定 --node，仅提供验证",
                ),
            )
        })
    }
}

/// Bytes in KiB, begun ones counted whole.
pub(crate) const fn kib(bytes: usize) -> usize {
    bytes.div_ceil(1024)
}

/// The language that a request asks for, by `Accept-Language`.
pub(crate) fn lang(headers: &HeaderMap) -> Lang {
    headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|v| v.to_str().ok())
        .map_or(Lang::En, Lang::from_locale)
}

/// Every route of the service.
pub fn router(app: App) -> Router {
    let limits = app.limits;
    let files = Router::new()
        .route("/v1/verify", post(verify_route::verify))
        .layer(DefaultBodyLimit::max(limits.file_bytes));
    let records = Router::new()
        .route("/v1/records", post(ledger_routes::submit))
        .layer(DefaultBodyLimit::max(limits.record_bytes));
    Router::new()
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/metrics", get(health::metrics))
        .route("/openapi.json", get(async || Json(openapi())))
        .route("/v1/vocabulary", get(portal::vocabulary))
        .route("/v1/records/{id}", get(ledger_routes::record))
        .route("/v1/receipts/{id}", get(ledger_routes::receipt))
        .route("/v1/licences/{identifier}", get(ledger_routes::licence))
        .route("/v1/status/{kind}/{*id}", get(ledger_routes::status))
        .route("/v1/state/{key}", get(ledger_routes::state))
        .route("/v1/index/{prefix}", get(ledger_routes::index))
        .route("/v1/ledger/head", get(ledger_routes::head))
        .route("/v1/ledger/headers/{height}", get(ledger_routes::header_of))
        .route("/v1/ledger/genesis", get(ledger_routes::genesis))
        .route("/v1/ledger/set-changes", get(ledger_routes::set_changes))
        .route("/v1/denials", get(denials::denials))
        .merge(portal::routes())
        .merge(data::routes())
        .merge(credit::routes())
        .merge(files)
        .merge(records)
        .fallback(missing)
        .method_not_allowed_fallback(method)
        .layer(from_fn_with_state(limits, refusals::as_problems))
        .layer(set(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(set(header::REFERRER_POLICY, "no-referrer"))
        .layer(set(header::X_FRAME_OPTIONS, "DENY"))
        .layer(set(header::CACHE_CONTROL, "no-store"))
        .layer(set(
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ))
        .layer(TraceLayer::new_for_http())
        .with_state(app)
}

pub(crate) fn set(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

pub(crate) async fn missing(headers: HeaderMap, uri: Uri) -> impl IntoResponse {
    let lang = lang(&headers);
    let what = lang.pick("no such path; see /openapi.json", "无此路径；见 /openapi.json");
    Problem::not_found(format!("{}: {what}", uri.path()), lang)
}

pub(crate) async fn method(headers: HeaderMap) -> impl IntoResponse {
    let lang = lang(&headers);
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method",
        lang.pick("method not allowed", "不支持的方法"),
        lang.pick("see /openapi.json", "见 /openapi.json"),
    )
}

/// The OpenAPI document of every route.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(
        info(title = "yinxin", description = "Verify documents; write to and ask a ledger."),
        paths(
            verify_route::verify,
            portal::vocabulary,
            ledger_routes::submit,
            ledger_routes::record,
            ledger_routes::receipt,
            ledger_routes::licence,
            ledger_routes::status,
            ledger_routes::state,
            ledger_routes::index,
            ledger_routes::head,
            ledger_routes::header_of,
            ledger_routes::genesis,
            ledger_routes::set_changes,
            denials::denials,
            data::catalogue::search,
            data::catalogue::resource,
            data::catalogue::organisations,
            data::accounts::list,
            data::requests::list,
            data::life::request,
            data::life::grant,
            data::counts::organisation,
            data::counts::grant,
            data::trace::trace,
            credit::class::class,
            credit::subject::subject,
            credit::uses::uses,
            credit::scores::scores,
            credit::item::item,
            credit::desk::desk,
            credit::measures::measures,
            credit::league::league,
            credit::list::list,
            credit::asset::asset,
            health::live,
            health::ready,
            health::metrics
        )
    )]
    struct Document;
    Document::openapi()
}
