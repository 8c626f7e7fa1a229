//! Problems as RFC 9457 says: `application/problem+json` with a stable type and words for people.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;
use yinxin_verdict::{Explain, Lang};

use crate::LedgerError;

/// A refusal or failure, for programs (`type`) and people (`title`, `detail`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// A stable name: `urn:yinxin:problem:` and a word.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind of problem in words.
    pub title: String,
    /// The HTTP status code.
    pub status: u16,
    /// What was expected and what came.
    pub detail: String,
    /// What the caller can do; empty when nothing can be.
    pub todo: String,
}

impl Problem {
    /// A problem of this kind.
    #[must_use]
    pub fn new(status: StatusCode, kind: &str, title: &str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:yinxin:problem:{kind}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            todo: String::new(),
        }
    }

    /// A parameter or body that cannot be read.
    #[must_use]
    pub fn bad_request(detail: impl Into<String>, lang: Lang) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "bad-request",
            lang.pick("bad request", "请求有误"),
            detail,
        )
    }

    /// There is nothing under that name.
    #[must_use]
    pub fn not_found(detail: impl Into<String>, lang: Lang) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", lang.pick("not found", "未找到"), detail)
    }

    /// What a ledger's refusal is over HTTP.
    #[must_use]
    pub fn from_ledger(error: &LedgerError, lang: Lang) -> Self {
        let (status, kind, title) = match error {
            LedgerError::NotFound => {
                (StatusCode::NOT_FOUND, "not-found".to_owned(), lang.pick("not found", "未找到"))
            }
            LedgerError::Pending { .. } => (
                StatusCode::GATEWAY_TIMEOUT,
                "pending".to_owned(),
                lang.pick("not yet committed", "尚未提交"),
            ),
            LedgerError::Refused { code, .. } => (
                StatusCode::CONFLICT,
                format!("refused:{code}"),
                lang.pick("refused by the ledger", "账本拒绝"),
            ),
            LedgerError::Unavailable { .. } => (
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable".to_owned(),
                lang.pick("ledger unavailable", "账本不可用"),
            ),
        };
        let words = error.explain(lang);
        Self { todo: words.todo, ..Self::new(status, &kind, title, words.what) }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response
    }
}
