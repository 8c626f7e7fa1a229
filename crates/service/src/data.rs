//! Shared data over HTTP: catalogue, requests, grants, counts, where data came from. Views for people; beside each is the proof.

pub(crate) mod accounts;
pub(crate) mod catalogue;
pub(crate) mod counts;
pub(crate) mod life;
pub(crate) mod reading;
pub(crate) mod requests;
pub(crate) mod trace;
mod views;

pub(crate) use catalogue::Cache;

use axum::{Router, routing::get};
use yinxin_gm::Digest;
use yinxin_record::{OrganisationCode, ResourceCode};
use yinxin_verdict::Lang;

use crate::{App, Problem};

/// Every route about shared data.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/v1/catalogue", get(catalogue::search))
        .route("/v1/catalogue/{code}", get(catalogue::resource))
        .route("/v1/organisations", get(catalogue::organisations))
        .route("/v1/organisations/{code}/accounts", get(accounts::list))
        .route("/v1/organisations/{code}/requests", get(requests::list))
        .route("/v1/organisations/{code}/statistics", get(counts::organisation))
        .route("/v1/requests/{id}", get(life::request))
        .route("/v1/grants/{id}", get(life::grant))
        .route("/v1/grants/{id}/statistics", get(counts::grant))
        .route("/v1/trace/{*subject}", get(trace::trace))
}

pub(crate) fn id(text: &str, lang: Lang) -> Result<Digest, Problem> {
    text.parse()
        .map_err(|_| wrong("an id of 64 hexadecimal digits", "64 位十六进制编号", text, lang))
}

pub(crate) fn organisation(text: &str, lang: Lang) -> Result<OrganisationCode, Problem> {
    let wrong = |_| wrong("an organisation's code", "统一社会信用代码", text, lang);
    OrganisationCode::new(text).map_err(wrong)
}

fn resource(text: &str, lang: Lang) -> Result<ResourceCode, Problem> {
    ResourceCode::new(text).map_err(|_| wrong("a resource's code", "信息资源代码", text, lang))
}

/// A parameter that is not what it should be; what came is repeated only as far as a sentence goes.
pub(crate) fn wrong(en: &str, zh: &str, found: &str, lang: Lang) -> Problem {
    let found: String = found.chars().take(100).collect();
    let detail = match lang {
        Lang::En => format!("expected {en}, got {found:?}"),
        Lang::Zh => format!("应为{zh}，实为 {found:?}"),
    };
    Problem::bad_request(detail, lang)
}
