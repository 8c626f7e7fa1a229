//! A class of records with its versions, as the ledger judges by them.

use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
};
use serde::Serialize;
use utoipa::ToSchema;
use yinxin_record::{ClassState, PublishClass, state_key};

use super::{class_code, views::ClassView};
use crate::{
    App, Problem,
    app::lang,
    data::{
        life::{Parties, Party},
        reading::Reading,
    },
};

/// The most versions that one answer lists, the newest first: laws do not change that often.
const VERSIONS: u32 = 50;

/// A class.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClassAnswer {
    /// `yinxin.credit-class/1`.
    schema: &'static str,
    code: String,
    /// Who published its newest version.
    authority: Party,
    /// Newest first; a record is judged by the one that held on the day of its decision.
    versions: Vec<ClassView>,
    height: u64,
    /// Status proofs of the class and of each version, DER, base64.
    proofs: Vec<String>,
}

/// A class of credit records and its versions, with proofs.
#[utoipa::path(get, path = "/v1/credit/classes/{code}",
    params(("code" = String, Path, description = "the class's code")),
    responses((status = 200, body = ClassAnswer), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn class(
    State(app): State<App>,
    Path(code): Path<String>,
    headers: HeaderMap,
) -> Result<Json<ClassAnswer>, Problem> {
    let lang = lang(&headers);
    let reading = Reading { ledger: app.ledger(lang)?.clone(), lang };
    let code = class_code(&code, lang)?;
    let _turn = app.permits.acquire().await;
    let state = reading.state::<ClassState>(state_key::credit_class(&code)).await?;
    let Some(value) = state.value else {
        let what = lang.pick("the ledger has no such class", "账本中没有该类目");
        return Err(Problem::not_found(format!("{code}: {what}"), lang));
    };
    let (mut versions, mut proofs) = (Vec::new(), vec![state.proof]);
    for version in (1..=value.version).rev().take(VERSIONS as usize) {
        let key = state_key::credit_class_version(&code, version);
        let proven = reading.state::<PublishClass>(key).await?;
        versions.extend(proven.value.as_ref().map(ClassView::of));
        proofs.push(proven.proof);
    }
    Ok(Json(ClassAnswer {
        schema: "yinxin.credit-class/1",
        code: code.to_string(),
        authority: Parties::new(&app, &reading).of(&value.authority).await?,
        versions,
        height: state.height,
        proofs,
    }))
}
