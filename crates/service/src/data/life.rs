//! One request from its first act to its last: how it stands, what may be used, and every act with its receipt's address.

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
};
use serde::Serialize;
use utoipa::ToSchema;
use yinxin_gm::Digest;
use yinxin_ledger::index_key;
use yinxin_record::{
    Act, DataAct, Decision, GrantState, OrganisationCode, PublishResource, RequestState,
    ResourceState, minute_start, state_key,
};
use yinxin_sharing::provenance::{Filter, Found, Graph};
use yinxin_verdict::UnixTime;

use super::{
    id as digest,
    reading::{Proven, Reading},
    views::{GrantView, VolumeView, names},
};
use crate::{App, Problem, app::lang};

/// The most acts of one life, and the most windows beside them, that one answer holds: more is for the index routes.
const ACTS: usize = 500;

/// A request's whole life.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Life {
    /// `yinxin.request/1`.
    schema: &'static str,
    id: String,
    status: &'static str,
    since: String,
    requester: Party,
    owner: Party,
    resource: String,
    resource_name: String,
    version: u32,
    fields: Vec<String>,
    level: &'static str,
    purpose: String,
    item: String,
    basis: String,
    until: String,
    limit: VolumeView,
    /// How many subjects are named; 0: the data of all, or a committed set.
    subjects: usize,
    deadline: DeadlineView,
    /// `grant` or `refuse`, once decided.
    decision: Option<&'static str>,
    /// Who decided; the ledger itself by the owner's rule: nobody.
    decided_by: Option<Party>,
    /// How many persons signed.
    approvers: usize,
    reason: u16,
    grant: Option<GrantView>,
    /// Every act but windows, oldest first.
    acts: Vec<ActView>,
    /// Windows of access and of denials, oldest first.
    windows: Vec<WindowView>,
    /// There are more acts or windows than are listed.
    more: bool,
    /// The height as of which the states are proven.
    height: u64,
    /// Status proofs of request, grant and resource, DER, base64.
    proofs: Vec<String>,
}

/// An organisation by code and name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Party {
    code: String,
    name: String,
}

/// By when a decision is due.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeadlineView {
    at: String,
    /// SM3 of the calendar of working days.
    calendar: String,
    overdue: bool,
}

/// An act.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ActView {
    record: String,
    /// Such as `request`, `decide`, `deliver`.
    kind: String,
    by: Party,
    /// What else a reader wants at once.
    note: String,
    height: u64,
    time: String,
    /// Where its receipt is.
    receipt: String,
}

/// What was served and denied in a minute.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WindowView {
    record: String,
    /// The minute's first instant.
    time: String,
    served: VolumeView,
    denials: Vec<DenialView>,
    /// Root over the calls' lines.
    root: String,
}

/// Calls denied for a reason.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DenialView {
    reason: &'static str,
    count: u64,
}

/// A grant alone.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GrantAnswer {
    /// `yinxin.grant/1`.
    schema: &'static str,
    id: String,
    resource: String,
    #[serde(flatten)]
    grant: GrantView,
    height: u64,
    /// Status proofs of grant and resource, DER, base64.
    proofs: Vec<String>,
}

/// The life of one request: its state, grant, deadlines, every act with its receipt, windows.
#[utoipa::path(get, path = "/v1/requests/{id}",
    params(("id" = String, Path, description = "the request's id, hexadecimal")),
    responses((status = 200, body = Life), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn request(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Life>, Problem> {
    let lang = lang(&headers);
    let reading = Reading { ledger: app.ledger(lang)?.clone(), lang };
    let id = digest(&id, lang)?;
    let _turn = app.permits.acquire().await;
    let state = reading.state::<RequestState>(state_key::request(&id)).await?;
    let Proven { value: Some(value), height, proof, .. } = state else {
        let what = lang.pick("the ledger has no such request", "账本中没有该申请");
        return Err(Problem::not_found(format!("{id}: {what}"), lang));
    };
    let grant = reading.state::<GrantState>(state_key::grant(&id)).await?;
    let key = state_key::resource(&value.asked.resource);
    let of = reading.state::<ResourceState>(key).await?;
    let key = state_key::resource_version(&value.asked.resource, value.asked.version);
    let published = reading.state::<PublishResource>(key).await?.value;
    let now = UnixTime::system_now();
    let view = grant.value.as_ref().zip(of.value.as_ref());
    let view = view.map(|(g, of)| GrantView::of(g, of, published.as_ref(), now));
    let (acts, more) = reading.records(&index_key::request(&id), ACTS).await?;
    let (windows, more_windows) = reading.records(&index_key::access(&id), ACTS).await?;
    let mut parties = Parties::new(&app, &reading);
    let asked = &value.asked;
    let decision = value.decision.as_ref().map(|d| match d {
        Decision::Grant(_) => "grant",
        _ => "refuse",
    });
    let decided_by = match &value.decided_by {
        Some(by) => Some(parties.of(by).await?),
        None => None,
    };
    Ok(Json(Life {
        schema: "yinxin.request/1",
        id: id.to_string(),
        status: value.status.name(),
        since: value.since.to_string(),
        requester: parties.of(&value.requester).await?,
        owner: parties.of(&asked.resource.owner()).await?,
        resource: asked.resource.to_string(),
        resource_name: published.as_ref().map(|p| p.name.to_string()).unwrap_or_default(),
        version: asked.version,
        fields: published.as_ref().map(|p| names(p, &asked.fields)).unwrap_or_default(),
        level: asked.level.name(),
        purpose: asked.purpose.to_string(),
        item: asked.item.to_string(),
        basis: asked.basis.to_string(),
        until: asked.until.to_string(),
        limit: asked.limit.into(),
        subjects: asked.subjects.pseudonyms.len(),
        deadline: DeadlineView {
            at: value.deadline.at.to_string(),
            calendar: value.deadline.calendar.to_string(),
            overdue: value.is_overdue(now),
        },
        decision,
        decided_by,
        approvers: value.approvers.len(),
        reason: value.reason,
        grant: view,
        acts: parties.acts(&acts, &windows).await?,
        windows: windows.iter().filter_map(window).collect(),
        more: more || more_windows,
        height,
        proofs: vec![proof, grant.proof, of.proof],
    }))
}

/// A grant as it stands, with proof.
#[utoipa::path(get, path = "/v1/grants/{id}",
    params(("id" = String, Path, description = "the grant's id, hexadecimal")),
    responses((status = 200, body = GrantAnswer), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn grant(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<GrantAnswer>, Problem> {
    let lang = lang(&headers);
    let reading = Reading { ledger: app.ledger(lang)?.clone(), lang };
    let id = digest(&id, lang)?;
    let grant = reading.state::<GrantState>(state_key::grant(&id)).await?;
    let missing = || {
        let what = lang.pick("the ledger has no such grant", "账本中没有该授权");
        Problem::not_found(format!("{id}: {what}"), lang)
    };
    let value = grant.value.as_ref().ok_or_else(missing)?;
    let of = reading.state::<ResourceState>(state_key::resource(&value.resource)).await?;
    let key = state_key::resource_version(&value.resource, value.version);
    let published = reading.state::<PublishResource>(key).await?.value;
    let resource = of.value.as_ref().ok_or_else(missing)?;
    let view = GrantView::of(value, resource, published.as_ref(), UnixTime::system_now());
    Ok(Json(GrantAnswer {
        schema: "yinxin.grant/1",
        id: id.to_string(),
        resource: value.resource.to_string(),
        grant: view,
        height: grant.height,
        proofs: vec![grant.proof, of.proof],
    }))
}

/// Names, each asked for once.
pub(crate) struct Parties<'a> {
    app: &'a App,
    reading: &'a Reading,
    known: BTreeMap<OrganisationCode, Party>,
}

impl<'a> Parties<'a> {
    pub(crate) const fn new(app: &'a App, reading: &'a Reading) -> Self {
        Self { app, reading, known: BTreeMap::new() }
    }

    pub(crate) async fn of(&mut self, code: &OrganisationCode) -> Result<Party, Problem> {
        if let Some(known) = self.known.get(code) {
            return Ok(known.clone());
        }
        let name = self.app.catalogue.lock().await.name(code, self.reading).await?;
        let party = Party { code: code.to_string(), name };
        self.known.insert(code.clone(), party.clone());
        Ok(party)
    }

    /// Acts in the log's order, windows left to their own list; reconciliations stand in both.
    async fn acts(&mut self, acts: &[Found], windows: &[Found]) -> Result<Vec<ActView>, Problem> {
        let mut seen: BTreeSet<Digest> = BTreeSet::new();
        let is_window = |f: &&Found| window(f).is_none();
        let all: Vec<Found> =
            acts.iter().chain(windows.iter().filter(is_window)).cloned().collect();
        let mut views = Vec::new();
        for activity in Graph::of(&all, &Filter::default()).activities {
            if !seen.insert(activity.id) {
                continue;
            }
            views.push(ActView {
                record: activity.id.to_string(),
                note: activity.said(self.reading.lang),
                kind: activity.kind,
                by: self.of(&activity.organisation).await?,
                height: activity.height,
                time: activity.time.to_string(),
                receipt: format!("/v1/receipts/{}", activity.id),
            });
        }
        Ok(views)
    }
}

fn window(found: &Found) -> Option<WindowView> {
    let Act::Data(act) = &found.record.tbs.act else { return None };
    let (minute, served, denials, root) = match act {
        DataAct::Access(w) => (w.minute, w.served.into(), &w.denials, w.root),
        DataAct::Deny(w) => (w.minute, VolumeView::default(), &w.denials, w.root),
        _ => return None,
    };
    Some(WindowView {
        record: found.record.id().to_string(),
        time: minute_start(minute).map(|t| t.to_string()).unwrap_or_default(),
        served,
        denials: denials
            .iter()
            .map(|d| DenialView { reason: d.reason.name(), count: d.count })
            .collect(),
        root: root.to_string(),
    })
}
