//! Credit and assets over HTTP: classes, what is shown of a subject, who looked and scored, an item's life, an authority's desk and measures,
//! punctuality, lists, assets.
//!
//! What may be shown and who is punctual, `yinxin_credit` says; what stands where, the ledger's proofs. Contents are not on the ledger
//! and not here.

pub(crate) mod asset;
mod batched;
pub(crate) mod class;
pub(crate) mod desk;
mod events;
pub(crate) mod item;
pub(crate) mod league;
pub(crate) mod list;
pub(crate) mod measures;
pub(crate) mod scores;
pub(crate) mod sources;
pub(crate) mod subject;
pub(crate) mod uses;
mod views;
pub(crate) mod withheld;

use axum::{Router, routing::get};
use serde::Deserialize;
use utoipa::IntoParams;
use yinxin_record::{ClassCode, ConductState, Date, OrganisationCode, Subject, state_key};
use yinxin_verdict::{Lang, UnixTime};

use crate::{
    App, Problem,
    data::{
        organisation,
        reading::{Page, Proven, Reading},
        wrong,
    },
};

/// Every route about credit and assets.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/v1/credit/classes/{code}", get(class::class))
        .route("/v1/credit/subjects/{subject}", get(subject::subject))
        .route("/v1/credit/subjects/{subject}/uses", get(uses::uses))
        .route("/v1/credit/subjects/{subject}/uses/scores", get(scores::scores))
        .route("/v1/credit/items/{id}", get(item::item))
        .route("/v1/credit/authorities/{code}", get(desk::desk))
        .route("/v1/credit/authorities/{code}/measures", get(measures::measures))
        .route("/v1/credit/league", get(league::league))
        .route("/v1/credit/lists/{code}", get(list::list))
        .route("/v1/assets/{key}", get(asset::asset))
}

/// How many entries of a list one answer looks at: many of them are done with already.
const SCAN: usize = 500;

/// Where to go on.
#[derive(Debug, Deserialize, IntoParams)]
pub(crate) struct From {
    /// `next` of the answer before.
    from: Option<String>,
}

/// An authority that is asked about: what the ledger counts of it, and a page of one of its lists.
struct Asked {
    reading: Reading,
    code: OrganisationCode,
    conduct: Proven<ConductState>,
    page: Page,
}

/// Reads an authority's counts and the page of the list under `prefix` that begins at `from`.
async fn authority(
    app: &App,
    code: &str,
    from: Option<&str>,
    prefix: fn(&OrganisationCode) -> Vec<u8>,
    lang: Lang,
) -> Result<Asked, Problem> {
    let reading = Reading { ledger: app.ledger(lang)?.clone(), lang };
    let code = organisation(code, lang)?;
    let start = cursor(from, lang)?;
    let conduct = reading.state(state_key::credit_conduct(&code)).await?;
    let page = reading.page(&prefix(&code), &start, SCAN).await?;
    Ok(Asked { reading, code, conduct, page })
}

/// The longest key to go on at, bytes.
const KEY_BYTES: usize = 160;

/// The key to go on at, as `next` of the answer before says it.
fn cursor(from: Option<&str>, lang: Lang) -> Result<Vec<u8>, Problem> {
    let from = from.unwrap_or_default();
    let key = hex::decode(from).ok().filter(|key| key.len() <= KEY_BYTES);
    key.ok_or_else(|| wrong("a key in hexadecimal", "十六进制键", from, lang))
}

fn class_code(text: &str, lang: Lang) -> Result<ClassCode, Problem> {
    ClassCode::new(text).map_err(|_| wrong("a class code", "信用类目代码", text, lang))
}

fn subject_of(text: &str, lang: Lang) -> Result<Subject, Problem> {
    Subject::parse(text).map_err(|_| {
        let en =
            "a company's credit code, or a custodian's code, a colon and 64 hexadecimal digits";
        let zh = "统一社会信用代码，或保管方代码、冒号与 64 位十六进制数";
        wrong(en, zh, text, lang)
    })
}

/// The last instant of the day that is asked for, if it is over; a day that is not over, or none, is `now`.
fn as_of(day: Option<&str>, now: UnixTime, lang: Lang) -> Result<UnixTime, Problem> {
    let Some(text) = day.filter(|day| !day.is_empty()) else { return Ok(now) };
    let wrong = |_| wrong("a day such as 2026-11-22", "日期，如 2026-11-22", text, lang);
    let day = Date::parse(text).map_err(wrong)?;
    Ok(day.plus_days(1).start().plus_millis(-1).min(now))
}
