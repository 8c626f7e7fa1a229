//! The portal: pages for people, each a frame around one file of markup and one of script, and the words that they show.

use axum::{
    Json, Router,
    extract::Path,
    http::{HeaderMap, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use serde_json::{Map, Value, json};
use yinxin_verdict::{Check, Lang, Reason};

use crate::{App, Problem, app::lang};

const FRAME: &str = include_str!("../portal/frame.html");

/// Where a page is, its name, and what stands in its frame. Its script has its name.
const PAGES: [(&str, &str, &str); 8] = [
    ("/", "verify", include_str!("../portal/verify.html")),
    ("/catalogue", "catalogue", include_str!("../portal/catalogue.html")),
    ("/requests", "requests", include_str!("../portal/requests.html")),
    ("/share", "share", include_str!("../portal/share.html")),
    ("/provenance", "provenance", include_str!("../portal/provenance.html")),
    ("/credit", "credit", include_str!("../portal/credit.html")),
    ("/desk", "desk", include_str!("../portal/desk.html")),
    ("/league", "league", include_str!("../portal/league.html")),
];

/// What the pages load.
const ASSETS: [(&str, &str); 11] = [
    ("style.css", include_str!("../portal/style.css")),
    ("frame.js", include_str!("../portal/frame.js")),
    ("words.js", include_str!("../portal/words.js")),
    ("verify.js", include_str!("../portal/verify.js")),
    ("catalogue.js", include_str!("../portal/catalogue.js")),
    ("requests.js", include_str!("../portal/requests.js")),
    ("share.js", include_str!("../portal/share.js")),
    ("provenance.js", include_str!("../portal/provenance.js")),
    ("credit.js", include_str!("../portal/credit.js")),
    ("desk.js", include_str!("../portal/desk.js")),
    ("league.js", include_str!("../portal/league.js")),
];

/// Every page and what it loads.
pub(crate) fn routes() -> Router<App> {
    let pages = PAGES.into_iter().fold(Router::new(), |router, (path, name, main)| {
        let page = FRAME.replace("{page}", name).replace("{main}", main);
        router.route(path, get(async move || Html(page)))
    });
    pages.route("/portal/{file}", get(asset))
}

async fn asset(Path(file): Path<String>, headers: HeaderMap) -> Response {
    let Some((name, text)) = ASSETS.into_iter().find(|(name, _)| *name == file) else {
        let lang = lang(&headers);
        let what = lang.pick("no such file of the portal", "门户中没有该文件");
        return Problem::not_found(what, lang).into_response();
    };
    let kind = if name.ends_with(".css") { "text/css" } else { "text/javascript" };
    ([(header::CONTENT_TYPE, format!("{kind}; charset=utf-8"))], text).into_response()
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
