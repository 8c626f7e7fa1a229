//! `POST /v1/calls`: calls for shared data, answered in parts over the `Calls` trait. No rule here: who may have what, the guard says.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, FromRequest, Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hyper::body::Frame;
use serde::Serialize;
use tokio::sync::mpsc;
use tower_http::trace::TraceLayer;
use utoipa::{OpenApi, ToSchema};
use yinxin_record::DenialReason;
use yinxin_verdict::Lang;

use crate::{
    Limits, Problem,
    app::{lang, method, missing, set},
    refusals,
    verify_route::too_large,
};

/// The largest call, bytes: a certificate of 8 KiB, 64 pseudonyms and 256 fields are under 12 KiB.
const CALL_BYTES: usize = 16 << 10;

/// A future that can move between threads: the trait stays usable as `dyn Calls`.
pub type Called<'a> = Pin<Box<dyn Future<Output = Result<Parts, CallRefused>> + Send + 'a>>;

/// A part of an answer, or that no more comes although it is not whole.
pub type Part = Result<Vec<u8>, Cut>;

/// An answer's parts, as they leave. The connection is cut at an error, so that nobody takes what came for the whole.
pub type Parts = mpsc::Receiver<Part>;

/// Answers calls for shared data.
///
/// Callable from many tasks at once. What is denied is on disk, and on its way to the ledger, when [`Calls::call`] resolves.
pub trait Calls: Send + Sync + 'static {
    /// Takes a signed call in, DER; resolves once it is decided whether it is answered.
    fn call(&self, call: Vec<u8>) -> Called<'_>;

    /// Whether calls could be answered now.
    ///
    /// # Errors
    /// Why not.
    fn ready(&self) -> Result<(), CallRefused>;

    /// Metrics in Prometheus' text form.
    fn metrics(&self) -> String;
}

/// The answer ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "it says all that there is")]
pub struct Cut;

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the answer ended early")
    }
}

impl std::error::Error for Cut {}

/// Why a call is not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallRefused {
    /// As many calls as may be are being answered.
    Busy,
    /// It is denied; the denial is recorded.
    Denied {
        /// Why.
        reason: DenialReason,
        /// The recorded line, DER.
        line: Vec<u8>,
    },
    /// It is no call.
    Malformed {
        /// What is wrong with it.
        what: String,
    },
    /// Data that this server does not have.
    NotServed {
        /// Of which resource.
        resource: String,
    },
    /// The ledger, the source or the journal is out of reach.
    Unavailable {
        /// Which one, by a stable code.
        code: &'static str,
    },
}

/// A denial: a problem, and what was recorded of it.
#[derive(Debug, Serialize, ToSchema)]
struct Denial {
    #[serde(flatten)]
    problem: Problem,
    /// The recorded line, DER, base64: it stands in a window on the ledger.
    line: String,
}

impl CallRefused {
    fn respond(&self, lang: Lang) -> Response {
        let problem = self.problem(lang);
        let Self::Denied { line, .. } = self else { return problem.into_response() };
        let status = problem.status;
        let denial = Denial { problem, line: STANDARD.encode(line) };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN);
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        (status, kind, denial.to_json()).into_response()
    }

    fn problem(&self, lang: Lang) -> Problem {
        let problem = |status, kind: &str, en, zh, detail: String| {
            Problem::new(status, kind, lang.pick(en, zh), detail)
        };
        match self {
            Self::Busy => {
                let detail =
                    lang.pick("too many calls are being answered at once", "同时应答的调用过多");
                let todo = lang.pick("call again in a minute", "请稍后重新调用");
                let busy = StatusCode::SERVICE_UNAVAILABLE;
                let problem = problem(busy, "busy", "busy", "繁忙", detail.to_owned());
                Problem { todo: todo.to_owned(), ..problem }
            }
            Self::Denied { reason, .. } => {
                let status = match reason {
                    DenialReason::StaleLedger => StatusCode::SERVICE_UNAVAILABLE,
                    _ => StatusCode::FORBIDDEN,
                };
                let kind = format!("denied:{}", reason.name());
                problem(status, &kind, "denied", "访问被拒绝", denied(*reason, lang).to_owned())
            }
            Self::Malformed { what } => Problem::bad_request(what.clone(), lang),
            Self::NotServed { resource } => {
                let detail = match lang {
                    Lang::En => format!("{resource}: not served here"),
                    Lang::Zh => format!("{resource}：本服务不提供该资源"),
                };
                Problem::not_found(detail, lang)
            }
            Self::Unavailable { code } => {
                let detail = match lang {
                    Lang::En => format!("out of reach or not in order: {code}"),
                    Lang::Zh => format!("暂时无法提供：{code}"),
                };
                let status = StatusCode::SERVICE_UNAVAILABLE;
                problem(status, &format!("unavailable:{code}"), "unavailable", "暂不可用", detail)
            }
        }
    }
}

impl Denial {
    fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Why a call was denied, for people.
fn denied(reason: DenialReason, lang: Lang) -> &'static str {
    use DenialReason as R;
    let (en, zh) = match reason {
        R::NoGrant => ("there is no such grant of this resource", "没有该资源的此项授权"),
        R::NotYet => ("the grant serves later", "授权尚未生效"),
        R::Expired => ("the grant is past its last instant", "授权已到期"),
        R::Revoked => ("the grant was revoked or given back", "授权已撤销或交回"),
        R::Withdrawn => ("the resource was withdrawn", "资源已撤回"),
        R::Volume => ("more than the grant still allows", "超出授权余量"),
        R::Purpose => ("another purpose than was granted", "用途与授权不符"),
        R::Fields => ("other fields than were granted", "信息项超出授权"),
        R::Subjects => ("other subjects than were granted", "数据主体超出授权"),
        R::NegativeList => ("on the negative list, or never shared", "列入负面清单或不予共享"),
        R::Caller => ("the caller is not the grant's receiver", "调用方不是授权的接收方"),
        R::Suspended => ("the caller is suspended", "调用方已被暂停"),
        R::Signature => (
            "the call is not signed by the caller's present key, or not for this server",
            "调用未由调用方现用密钥签名，或并非发给本服务",
        ),
        R::Replayed => {
            ("the call came before, or was signed too long ago", "重复调用，或签名时间过久")
        }
        R::StaleLedger => (
            "this server does not know the ledger's present head, or its clock is off",
            "本服务未掌握账本最新高度，或时钟有偏差",
        ),
        _ => ("denied", "拒绝"),
    };
    lang.pick(en, zh)
}

/// A body of parts.
struct Going(Parts);

impl hyper::body::Body for Going {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        let part = self.0.poll_recv(cx);
        part.map(|part| part.map(|part| part.map(|octets| Frame::data(Bytes::from(octets)))))
    }
}

/// Every route of a server of shared data.
pub fn calls_router(calls: Arc<dyn Calls>, limits: Limits) -> Router {
    Router::new()
        .route("/v1/calls", post(call))
        .layer(DefaultBodyLimit::max(CALL_BYTES))
        .route("/health/live", get(crate::health::live))
        .route("/health/ready", get(ready))
        .route("/metrics", get(metrics))
        .route("/openapi.json", get(async || Json(calls_openapi())))
        .fallback(missing)
        .method_not_allowed_fallback(method)
        .layer(from_fn_with_state(limits, refusals::as_problems))
        .layer(set(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(set(header::CACHE_CONTROL, "no-store"))
        .layer(TraceLayer::new_for_http())
        .with_state(calls)
}

/// The OpenAPI document of these routes.
#[must_use]
pub fn calls_openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(
        info(title = "yinxin data", description = "Calls for shared data, answered under grants."),
        paths(call, crate::health::live, ready, metrics)
    )]
    struct Document;
    Document::openapi()
}

/// Answers a signed call: the data of a grant, encrypted to the caller, part by part. Each part is recorded before it leaves; the key
/// comes last, so that an answer that is cut short cannot be read.
#[utoipa::path(post, path = "/v1/calls",
    request_body(content_type = "application/octet-stream", description = "a SignedCall, DER, at most 16 KiB"),
    responses(
        (status = 200, description = "frames: lines, chunks of an envelope, and its end (specs/sharing.md, 6)", content_type = "application/octet-stream"),
        (status = 400, description = "no call", body = Problem),
        (status = 403, description = "denied and recorded; type urn:yinxin:problem:denied:REASON", body = Denial),
        (status = 404, description = "a resource that is not served here", body = Problem),
        (status = 413, description = "larger than the limit", body = Problem),
        (status = 503, description = "busy; the ledger, the source or the journal is out of reach; the ledger's head is old", body = Problem),
    ))]
async fn call(State(calls): State<Arc<dyn Calls>>, request: Request) -> Result<Response, Problem> {
    let lang = lang(request.headers());
    let body = Bytes::from_request(request, &()).await;
    let body = body.map_err(|e| too_large(&e, CALL_BYTES, lang))?;
    Ok(match calls.call(body.to_vec()).await {
        Ok(parts) => {
            let kind = [(header::CONTENT_TYPE, "application/octet-stream")];
            (kind, Body::new(Going(parts))).into_response()
        }
        Err(refused) => refused.respond(lang),
    })
}

/// Calls can be answered.
#[utoipa::path(get, path = "/health/ready", responses(
    (status = 200, description = "calls can be answered"),
    (status = 503, description = "they cannot: the ledger or the journal", body = Problem),
))]
async fn ready(
    State(calls): State<Arc<dyn Calls>>,
    headers: HeaderMap,
) -> Result<&'static str, Response> {
    calls.ready().map(|()| "ready\n").map_err(|refused| refused.respond(lang(&headers)))
}

/// Prometheus' text form.
#[utoipa::path(get, path = "/metrics", responses((status = 200, description = "Prometheus' text form", content_type = "text/plain")))]
async fn metrics(State(calls): State<Arc<dyn Calls>>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], calls.metrics()).into_response()
}
