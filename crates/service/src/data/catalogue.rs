//! The catalogue: what is published, searched by words, and one resource with all its versions.

use std::collections::BTreeMap;

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
    DataAct, OrganisationCode, OrganisationState, Organisations, PublishResource, ResourceCode,
    ResourceState, state_key,
};

use super::{
    reading::{PAGE, Reading},
    resource as resource_code,
    views::{ResourceView, VersionView},
    wrong,
};
use crate::{App, Problem, app::lang};

/// The most hits of one answer.
const HITS: usize = 200;
/// Longest search, characters; longer ones are no words of a title.
const QUERY_CHARS: usize = 200;
/// The most versions of a resource that are listed, newest first.
const VERSIONS: usize = 100;

/// What was read of the catalogue's list so far: publications and withdrawals in the ledger's order.
#[derive(Default)]
pub(crate) struct Cache {
    entries: BTreeMap<ResourceCode, Entry>,
    names: BTreeMap<OrganisationCode, String>,
    /// The index key to go on at.
    from: Vec<u8>,
}

struct Entry {
    published: PublishResource,
    withdrawn: bool,
    /// All that is searched, in small letters.
    text: String,
    /// Number, record and height of each version, oldest first.
    versions: Vec<(u32, Digest, u64)>,
}

/// What is looked for.
#[derive(Debug, Deserialize, IntoParams)]
pub(crate) struct Search {
    /// Words, all of which must be in the name, code, a field's name or the owner's name.
    q: Option<String>,
    /// Whose: an organisation's code.
    owner: Option<String>,
    /// `unconditional`, `conditional` or `never`.
    class: Option<String>,
    /// `true`: withdrawn resources too.
    withdrawn: Option<bool>,
    /// At most this many, 50 when not said, never over 200.
    limit: Option<usize>,
    /// How many to pass over.
    skip: Option<usize>,
}

/// Hits in the catalogue.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Hits {
    /// `yinxin.catalogue/1`.
    schema: &'static str,
    /// How many fit.
    total: usize,
    /// How many there are in all.
    of: usize,
    /// Those asked for, by code.
    resources: Vec<Hit>,
}

/// One of them, as of its newest publication; its state is proven at `/v1/catalogue/{code}`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Hit {
    code: String,
    version: u32,
    name: String,
    owner: String,
    owner_name: String,
    class: &'static str,
    level: &'static str,
    cycle: &'static str,
    fields: Vec<String>,
    withdrawn: bool,
}

/// The members of the ledger.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Members {
    /// `yinxin.organisations/1`.
    schema: &'static str,
    organisations: Vec<Member>,
}

/// A member, and how many resources it has published.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Member {
    code: String,
    name: String,
    resources: usize,
}

impl Cache {
    /// Reads what came since the last time. A request that is given up meanwhile loses nothing: the next one goes on.
    pub(super) async fn refresh(&mut self, reading: &Reading) -> Result<(), Problem> {
        let prefix = index_key::catalogue();
        loop {
            let page = reading.page(&prefix, &self.from, PAGE).await?;
            for (id, height) in page.entries {
                if let Some(act) = reading.act(id).await? {
                    self.take(act, id, height, reading).await?;
                }
            }
            self.from = page.next;
            if !page.more {
                return Ok(());
            }
        }
    }

    async fn take(
        &mut self,
        act: DataAct,
        record: Digest,
        height: u64,
        reading: &Reading,
    ) -> Result<(), Problem> {
        match act {
            DataAct::Publish(published) => {
                let owner = published.resource.owner();
                let name = self.name(&owner, reading).await?;
                let mut text = format!("{} {} {name}", published.name, published.resource);
                for field in &published.fields {
                    text.push(' ');
                    text.push_str(field.name.as_str());
                }
                let text = text.to_lowercase();
                let code = published.resource.clone();
                let before = self.entries.remove(&code);
                let mut versions = before.map(|b| b.versions).unwrap_or_default();
                let version = (published.version, record, height);
                // A page that was given up half read is read again.
                if !versions.contains(&version) {
                    versions.push(version);
                }
                let entry = Entry { published, withdrawn: false, text, versions };
                self.entries.insert(code, entry);
            }
            DataAct::Withdraw(act) => {
                if let Some(entry) = self.entries.get_mut(&act.resource) {
                    entry.withdrawn = true;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// An organisation's name; its code where the ledger knows none.
    pub(super) async fn name(
        &mut self,
        code: &OrganisationCode,
        reading: &Reading,
    ) -> Result<String, Problem> {
        if let Some(name) = self.names.get(code) {
            return Ok(name.clone());
        }
        let state = reading.state::<OrganisationState>(state_key::organisation(code)).await?;
        let Some(state) = state.value else { return Ok(code.to_string()) };
        self.names.insert(code.clone(), state.name.to_string());
        Ok(state.name.to_string())
    }

    fn hit(&self, entry: &Entry) -> Hit {
        let p = &entry.published;
        let owner = p.resource.owner();
        Hit {
            code: p.resource.to_string(),
            version: p.version,
            name: p.name.to_string(),
            owner_name: self.names.get(&owner).cloned().unwrap_or_default(),
            owner: owner.to_string(),
            class: p.class.name(),
            level: p.level.name(),
            cycle: p.cycle.name(),
            fields: p.fields.iter().map(|f| f.name.to_string()).collect(),
            withdrawn: entry.withdrawn,
        }
    }
}

/// Searches the catalogue.
#[utoipa::path(get, path = "/v1/catalogue", params(Search),
    responses((status = 200, body = Hits), (status = 400, body = Problem)))]
pub(crate) async fn search(
    State(app): State<App>,
    Query(search): Query<Search>,
    headers: HeaderMap,
) -> Result<Json<Hits>, Problem> {
    let lang = lang(&headers);
    let reading = Reading { ledger: app.ledger(lang)?.clone(), lang };
    let query = search.q.unwrap_or_default();
    if query.chars().count() > QUERY_CHARS {
        return Err(wrong("at most 200 characters", "最多 200 个字符", &query, lang));
    }
    let words: Vec<String> = query.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let owner = search.owner.as_deref().filter(|o| !o.is_empty());
    let owner = owner.map(|o| super::organisation(o, lang)).transpose()?;
    let class = search.class.as_deref().filter(|c| !c.is_empty());
    let known = |name: &&str| yinxin_record::SharingClass::ALL.iter().any(|c| c.name() == *name);
    if let Some(other) = class.filter(|c| !known(c)) {
        let (en, zh) =
            ("unconditional, conditional or never", " unconditional、conditional 或 never");
        return Err(wrong(en, zh, other, lang));
    }
    let mut cache = app.catalogue.lock().await;
    cache.refresh(&reading).await?;
    let fits = |entry: &&Entry| {
        (search.withdrawn.unwrap_or(false) || !entry.withdrawn)
            && owner.as_ref().is_none_or(|o| entry.published.resource.owner() == *o)
            && class.is_none_or(|c| entry.published.class.name() == c)
            && words.iter().all(|word| entry.text.contains(word))
    };
    let fitting: Vec<&Entry> = cache.entries.values().filter(fits).collect();
    let limit = search.limit.unwrap_or(50).min(HITS);
    let shown = fitting.iter().skip(search.skip.unwrap_or(0)).take(limit);
    Ok(Json(Hits {
        schema: "yinxin.catalogue/1",
        total: fitting.len(),
        of: cache.entries.len(),
        resources: shown.map(|entry| cache.hit(entry)).collect(),
    }))
}

/// The organisations of the ledger, with how many resources each has published.
#[utoipa::path(get, path = "/v1/organisations", responses((status = 200, body = Members)))]
pub(crate) async fn organisations(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Json<Members>, Problem> {
    let lang = lang(&headers);
    let reading = Reading { ledger: app.ledger(lang)?.clone(), lang };
    let listed = reading.state::<Organisations>(state_key::organisations()).await?;
    let mut cache = app.catalogue.lock().await;
    cache.refresh(&reading).await?;
    let mut counts: BTreeMap<OrganisationCode, usize> = BTreeMap::new();
    for code in cache.entries.keys() {
        *counts.entry(code.owner()).or_default() += 1;
    }
    let mut organisations = Vec::new();
    for code in listed.value.map(|o| o.codes).unwrap_or_default() {
        organisations.push(Member {
            name: cache.name(&code, &reading).await?,
            resources: counts.get(&code).copied().unwrap_or(0),
            code: code.to_string(),
        });
    }
    Ok(Json(Members { schema: "yinxin.organisations/1", organisations }))
}

/// A resource: the version in force, its state, and all versions, with proofs.
#[utoipa::path(get, path = "/v1/catalogue/{code}",
    params(("code" = String, Path, description = "the resource's code")),
    responses((status = 200, body = ResourceView), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn resource(
    State(app): State<App>,
    Path(code): Path<String>,
    headers: HeaderMap,
) -> Result<Json<ResourceView>, Problem> {
    let lang = lang(&headers);
    let reading = Reading { ledger: app.ledger(lang)?.clone(), lang };
    let code = resource_code(&code, lang)?;
    let state = reading.state::<ResourceState>(state_key::resource(&code)).await?;
    let Some(value) = &state.value else { return Err(missing(&code, lang)) };
    let key = state_key::resource_version(&code, value.version);
    let version = reading.state::<PublishResource>(key).await?;
    let Some(published) = &version.value else { return Err(missing(&code, lang)) };
    let mut cache = app.catalogue.lock().await;
    cache.refresh(&reading).await?;
    let owner = cache.name(&code.owner(), &reading).await?;
    let known = cache.entries.get(&code).map(|e| e.versions.clone()).unwrap_or_default();
    drop(cache);
    let mut versions = Vec::new();
    for (version, record, height) in known.into_iter().rev().take(VERSIONS) {
        let time = reading.found(record).await?.map(|f| f.time.to_string()).unwrap_or_default();
        versions.push(VersionView { version, record: record.to_string(), height, time });
    }
    let mut view = ResourceView::of(value, published, owner, versions);
    view.height = state.height;
    view.proofs = vec![state.proof, version.proof];
    Ok(Json(view))
}

fn missing(code: &ResourceCode, lang: yinxin_verdict::Lang) -> Problem {
    let what = lang.pick("the ledger has no such resource", "账本中没有该信息资源");
    Problem::not_found(format!("{code}: {what}"), lang)
}
