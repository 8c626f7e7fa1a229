//! Periods whose counts wait for a side, or do not match: raised to whoever looks, with both numbers.

use std::collections::BTreeSet;

use axum::{
    Json,
    extract::{Path, Query, State},
    http::HeaderMap,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use yinxin_gm::Digest;
use yinxin_ledger::index_key;
use yinxin_record::{
    DataAct, GrantState, ReconciliationState, ReconciliationStatus, minute_start, state_key,
};

use super::{organisation, reading::Reading, views::VolumeView, wrong};
use crate::{App, Problem, app::lang};

/// How many entries of the organisation's list one answer looks at.
const SCAN: usize = 1_000;
/// The longest key to go on at, bytes.
const KEY_BYTES: usize = 128;

/// Which accounts.
#[derive(Debug, Deserialize, IntoParams)]
pub(crate) struct Which {
    /// `provided` by the organisation (when not said), or `received`.
    side: Option<String>,
    /// Where to go on: `next` of the answer before.
    from: Option<String>,
}

/// Accounts that are open: one side has not counted yet, or the counts differ.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Accounts {
    /// `yinxin.accounts/1`.
    schema: &'static str,
    accounts: Vec<AccountView>,
    /// Where to go on; none when all were looked at.
    next: Option<String>,
}

/// What both sides counted of a period under a grant.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountView {
    grant: String,
    resource: String,
    receiver: String,
    /// The period's first instant, and the first after it.
    from: String,
    until: String,
    /// `waiting` or `mismatched`.
    status: &'static str,
    served: Option<VolumeView>,
    received: Option<VolumeView>,
    height: u64,
    /// Status proof of the account, DER, base64.
    proof: String,
}

/// Accounts of what an organisation provided or received that wait for a side or do not match.
#[utoipa::path(get, path = "/v1/organisations/{code}/accounts",
    params(("code" = String, Path, description = "the organisation's code"), Which),
    responses((status = 200, body = Accounts), (status = 400, body = Problem)))]
pub(crate) async fn list(
    State(app): State<App>,
    Path(code): Path<String>,
    Query(which): Query<Which>,
    headers: HeaderMap,
) -> Result<Json<Accounts>, Problem> {
    let lang = lang(&headers);
    let reading = Reading { ledger: app.ledger(lang)?.clone(), lang };
    let code = organisation(&code, lang)?;
    let provided = match which.side.as_deref() {
        None | Some("provided") => true,
        Some("received") => false,
        Some(other) => {
            let (en, zh) = ("the side provided or received", " provided 或 received");
            return Err(wrong(en, zh, other, lang));
        }
    };
    let from = which.from.unwrap_or_default();
    let start = hex::decode(&from).ok().filter(|key| key.len() <= KEY_BYTES);
    let start = start.ok_or_else(|| wrong("a key in hexadecimal", "十六进制键", &from, lang))?;
    let prefix = if provided { index_key::provider(&code) } else { index_key::consumer(&code) };
    let _turn = app.permits.acquire().await;
    let page = reading.page(&prefix, &start, SCAN).await?;
    let mut periods: BTreeSet<(Digest, u64, u64)> = BTreeSet::new();
    for (id, _) in &page.entries {
        if let Some(DataAct::Reconcile(act)) = reading.act(*id).await? {
            periods.insert((act.grant, act.from, act.until));
        }
    }
    let mut accounts = Vec::new();
    for (grant, from, until) in periods {
        accounts.extend(
            account(&reading, grant, from, until, |state| {
                if provided { state.resource.owner() == code } else { state.receiver == code }
            })
            .await?,
        );
    }
    let next = page.more.then(|| hex::encode(page.next));
    Ok(Json(Accounts { schema: "yinxin.accounts/1", accounts, next }))
}

async fn account(
    reading: &Reading,
    grant: Digest,
    from: u64,
    until: u64,
    wanted: impl Fn(&GrantState) -> bool,
) -> Result<Option<AccountView>, Problem> {
    let key = state_key::reconciliation(&grant, from, until);
    let proven = reading.state::<ReconciliationState>(key).await?;
    let open = proven.value.filter(|state| state.status != ReconciliationStatus::Matched);
    let Some(state) = open else { return Ok(None) };
    let of = reading.state::<GrantState>(state_key::grant(&grant)).await?;
    let Some(of) = of.value.filter(wanted) else { return Ok(None) };
    let at = |minute| minute_start(minute).map(|t| t.to_string()).unwrap_or_default();
    Ok(Some(AccountView {
        grant: grant.to_string(),
        resource: of.resource.to_string(),
        receiver: of.receiver.to_string(),
        from: at(from),
        until: at(until),
        status: state.status.name(),
        served: state.served.map(VolumeView::from),
        received: state.received.map(VolumeView::from),
        height: proven.height,
        proof: proven.proof,
    }))
}
