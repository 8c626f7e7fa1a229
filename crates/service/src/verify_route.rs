//! `POST /v1/verify`: any file in, one report out.

use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, Query, Request, State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use tokio::sync::OwnedSemaphorePermit;
use utoipa::IntoParams;
use yinxin_verdict::{Lang, UnixTime};

use crate::{
    App, Problem,
    app::{kib, lang},
};

/// How to judge.
#[derive(Debug, Deserialize, IntoParams)]
pub(crate) struct Judge {
    /// As of this time instead of now, e.g. `2026-11-22` or `2026-11-22T08:00:00Z`.
    at: Option<String>,
}

/// Verifies a file: OFD, seal, signed message, certificate, receipt. The answer is a report, whatever the verdict.
#[utoipa::path(post, path = "/v1/verify", params(Judge),
    request_body(content_type = "application/octet-stream", description = "the file's bytes"),
    responses(
        (status = 200, description = "the report (schema yinxin.report/1); its verdict is VALID, INDETERMINATE or INVALID"),
        (status = 400, description = "no file, or no time", body = Problem),
        (status = 413, description = "larger than the limit", body = Problem),
        (status = 503, description = "too many files at once", body = Problem),
    ))]
pub(crate) async fn verify(
    State(app): State<App>,
    Query(judge): Query<Judge>,
    request: Request,
) -> Result<Response, Problem> {
    let lang = lang(request.headers());
    // Before the first byte is taken in: who sends much and slowly, often, must not fill the memory of a node.
    let room = room(&app, request.headers(), lang)?;
    let body = Bytes::from_request(request, &app).await;
    let body = body.map_err(|e| too_large(&e, app.limits.file_bytes, lang))?;
    if body.is_empty() {
        return Err(Problem::bad_request(
            lang.pick("expected a file, got no bytes", "应提交文件，实为空"),
            lang,
        ));
    }
    let at = match judge.at {
        None => UnixTime::system_now(),
        Some(text) => {
            UnixTime::parse(&text).map_err(|e| Problem::bad_request(e.to_string(), lang))?
        }
    };
    let permit = app.permits.clone().acquire_owned().await;
    let (trust, policy) = (app.trust.clone(), app.policy.clone());
    let report = tokio::task::spawn_blocking(move || {
        let _held = (permit, room);
        yinxin_verify::verify(&body, &trust, &policy, at)
    })
    .await
    .map_err(|e| {
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "internal error", e.to_string())
    })?;
    Ok(Json(report).into_response())
}

/// Reserves what a request says that it will send, at most the largest file; the largest when it does not say.
fn room(app: &App, headers: &HeaderMap, lang: Lang) -> Result<OwnedSemaphorePermit, Problem> {
    let told = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok());
    let bytes = told.map_or(app.limits.file_bytes, |t: usize| t.min(app.limits.file_bytes));
    let units = u32::try_from(kib(bytes).max(1)).unwrap_or(u32::MAX);
    app.room.clone().try_acquire_many_owned(units).map_err(|_| {
        let title = lang.pick("busy", "繁忙");
        let detail = lang.pick("too many files are being taken in at once", "同时接收的文件过多");
        let todo = lang.pick("send it again in a minute", "请稍后重新提交");
        let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", title, detail);
        Problem { todo: todo.to_owned(), ..problem }
    })
}

/// The problem for a body that could not be taken in whole.
pub(crate) fn too_large(
    rejection: &BytesRejection,
    limit: usize,
    lang: yinxin_verdict::Lang,
) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            lang.pick("too large", "内容过大"),
            match lang {
                yinxin_verdict::Lang::En => format!("expected at most {limit} bytes"),
                yinxin_verdict::Lang::Zh => format!("最多 {limit} 字节"),
            },
        );
    }
    Problem::bad_request(rejection.body_text(), lang)
}
