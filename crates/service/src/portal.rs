//! The portal: one page where a person drops a file and sees the verdict, and the words that it shows.

use axum::{
    Json,
    http::header,
    response::{Html, IntoResponse, Response},
};
use serde_json::{Map, Value, json};
use yinxin_verdict::{Check, Lang, Reason};

pub(crate) async fn page() -> Html<&'static str> {
    Html(include_str!("../portal/page.html"))
}

pub(crate) async fn script() -> Response {
    (
        [(header::CONTENT_TYPE, "text/javascript; charset=utf-8")],
        include_str!("../portal/script.js"),
    )
        .into_response()
}

pub(crate) async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("../portal/style.css"))
        .into_response()
}

/// Every check and reason code in words, Chinese and English.
#[utoipa::path(get, path = "/v1/vocabulary", responses(
    (status = 200, description = "check and reason codes of reports, in words", content_type = "application/json")))]
pub(crate) async fn vocabulary() -> Json<Value> {
    let checks: Map<_, _> = Check::ALL
        .iter()
        .map(|c| (c.code().to_owned(), json!({"en": c.say(Lang::En), "zh": c.say(Lang::Zh)})))
        .collect();
    let reasons: Map<_, _> = Reason::ALL
        .iter()
        .map(|r| {
            (
                r.code().to_owned(),
                json!({"en": r.say(Lang::En), "zh": r.say(Lang::Zh), "gravity": r.gravity()}),
            )
        })
        .collect();
    Json(json!({"schema": "yinxin.vocabulary/1", "checks": checks, "reasons": reasons}))
}
