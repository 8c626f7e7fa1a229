//! Counts of what was delivered and accessed, from the ledger's windows and deliveries.

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
use yinxin_record::{Act, DataAct, GrantState, OrganisationCode, Volume, minute_start, state_key};
use yinxin_sharing::reconcile::{Count, Tally as Running};
use yinxin_verdict::{Lang, UnixTime};

use super::{
    id as digest, organisation as organisation_code,
    reading::{PAGE, Reading},
    views::VolumeView,
    wrong,
};
use crate::{App, Problem, app::lang};

/// The most records that one answer is counted from; a command counts all (`yinxin data statistics`). Without a time the ledger's
/// totals are the answer, and only requests and deliveries are read.
const RECORDS: usize = 10_000;

/// Which counts.
#[derive(Debug, Deserialize, IntoParams)]
pub(crate) struct Which {
    /// `provided` by the organisation (when not said), or `received`.
    side: Option<String>,
    /// `resource`, `receiver`, `purpose`, `grant`, `day`, `month`, `year`, separated by commas; `resource,receiver` when not said.
    group: Option<String>,
    /// Not before: a day or an instant.
    from: Option<String>,
    /// Before: a day or an instant.
    until: Option<String>,
}

/// Counts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Counts {
    /// `yinxin.statistics/1`.
    schema: &'static str,
    /// What the keys are.
    group: Vec<&'static str>,
    groups: Vec<Group>,
    total: VolumeView,
    /// How many grants were counted.
    grants: usize,
    /// Whether the records of every grant add up to the total that the ledger's state has of it.
    adds_up: bool,
    /// There are more records than one answer is counted from.
    truncated: bool,
}

/// One sum.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Group {
    key: Vec<String>,
    /// Windows and deliveries.
    records: u64,
    volume: VolumeView,
}

/// What is counted, as it grows.
#[derive(Default)]
struct Tally {
    grants: usize,
    groups: BTreeMap<Vec<String>, (u64, Volume)>,
    total: Volume,
    records: usize,
    off: bool,
    truncated: bool,
}

/// Counts of what an organisation provided or received.
#[utoipa::path(get, path = "/v1/organisations/{code}/statistics",
    params(("code" = String, Path, description = "the organisation's code"), Which),
    responses((status = 200, body = Counts), (status = 400, body = Problem)))]
pub(crate) async fn organisation(
    State(app): State<App>,
    Path(code): Path<String>,
    Query(which): Query<Which>,
    headers: HeaderMap,
) -> Result<Json<Counts>, Problem> {
    let lang = lang(&headers);
    let reading = Reading { ledger: app.ledger(lang)?.clone(), lang };
    let code = organisation_code(&code, lang)?;
    let asked = Asked::read(&which, lang)?;
    let _turn = app.permits.acquire().await;
    let provided = match which.side.as_deref() {
        None | Some("provided") => true,
        Some("received") => false,
        Some(other) => {
            return Err(wrong(
                "the side provided or received",
                " provided 或 received",
                other,
                lang,
            ));
        }
    };
    let prefix = if provided { index_key::provider(&code) } else { index_key::consumer(&code) };
    let mut tally = Tally::default();
    let mut from = Vec::new();
    'pages: loop {
        let page = reading.page(&prefix, &from, PAGE).await?;
        for (id, _) in page.entries {
            tally.records += 1;
            if tally.is_full() {
                break 'pages;
            }
            if let Some(DataAct::Request(_)) = reading.act(id).await? {
                tally.grant(id, &reading, &asked, |g| is_of(g, &code, provided)).await?;
            }
        }
        if !page.more {
            break;
        }
        from = page.next;
    }
    Ok(Json(tally.answer(&asked)))
}

fn is_of(grant: &GrantState, code: &OrganisationCode, provided: bool) -> bool {
    if provided { grant.resource.owner() == *code } else { grant.receiver == *code }
}

/// Counts of what was delivered and accessed under a grant.
#[utoipa::path(get, path = "/v1/grants/{id}/statistics",
    params(("id" = String, Path, description = "the grant's id, hexadecimal"), Which),
    responses((status = 200, body = Counts), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn grant(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(which): Query<Which>,
    headers: HeaderMap,
) -> Result<Json<Counts>, Problem> {
    let lang = lang(&headers);
    let reading = Reading { ledger: app.ledger(lang)?.clone(), lang };
    let id = digest(&id, lang)?;
    let asked = Asked::read(&which, lang)?;
    let _turn = app.permits.acquire().await;
    let mut tally = Tally::default();
    tally.grant(id, &reading, &asked, |_| true).await?;
    if tally.grants == 0 {
        let what = lang.pick("the ledger has no such grant", "账本中没有该授权");
        return Err(Problem::not_found(format!("{id}: {what}"), lang));
    }
    Ok(Json(tally.answer(&asked)))
}

impl Tally {
    fn is_full(&mut self) -> bool {
        self.truncated |= self.records > RECORDS;
        self.truncated
    }

    async fn grant(
        &mut self,
        id: Digest,
        reading: &Reading,
        asked: &Asked,
        wanted: impl Fn(&GrantState) -> bool,
    ) -> Result<(), Problem> {
        let proven = reading.state::<GrantState>(state_key::grant(&id)).await?;
        let Some(state) = proven.value.filter(wanted) else { return Ok(()) };
        self.grants += 1;
        let windows = state.windows;
        let mut sum = windows.served;
        let mut prefixes = vec![index_key::request(&id)];
        if asked.is_timed() {
            prefixes.push(index_key::access(&id));
            sum = Volume::default();
        } else if windows.count > 0 {
            // The ledger's state has the sum of all of them.
            let all = Count { grant: id, period: 0, volume: windows.served };
            self.add(&all, windows.count, &state, asked);
        }
        let mut tally = Running::of(id);
        for prefix in prefixes {
            let room = RECORDS.saturating_sub(self.records);
            let (records, more) = reading.records(&prefix, room).await?;
            self.records += records.len();
            self.truncated |= more;
            // What came after the proof is not in its total.
            for found in records.into_iter().filter(|f| f.height <= proven.height) {
                let Act::Data(act) = &found.record.tbs.act else { continue };
                let Some(count) = tally.count(act, found.time) else { continue };
                sum = sum.plus(count.volume);
                if asked.has(&count) {
                    self.add(&count, 1, &state, asked);
                }
            }
        }
        self.off |= sum != state.used;
        Ok(())
    }

    fn add(&mut self, count: &Count, records: u64, state: &GrantState, asked: &Asked) {
        let key = asked.group.iter().map(|by| by.key(count, state)).collect();
        let (number, volume) = self.groups.entry(key).or_default();
        *number = number.saturating_add(records);
        *volume = volume.plus(count.volume);
        self.total = self.total.plus(count.volume);
    }

    fn answer(self, asked: &Asked) -> Counts {
        let group = |(key, (records, volume)): (Vec<String>, (u64, Volume))| Group {
            key,
            records,
            volume: volume.into(),
        };
        Counts {
            schema: "yinxin.statistics/1",
            group: asked.group.iter().map(|by| by.name()).collect(),
            groups: self.groups.into_iter().map(group).collect(),
            total: self.total.into(),
            grants: self.grants,
            adds_up: !self.off && !self.truncated,
            truncated: self.truncated,
        }
    }
}

/// What counts are grouped by.
#[derive(Clone, Copy)]
enum By {
    Resource,
    Receiver,
    Purpose,
    Grant,
    Day,
    Month,
    Year,
}

impl By {
    const ALL: [Self; 7] = [
        Self::Resource,
        Self::Receiver,
        Self::Purpose,
        Self::Grant,
        Self::Day,
        Self::Month,
        Self::Year,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Resource => "resource",
            Self::Receiver => "receiver",
            Self::Purpose => "purpose",
            Self::Grant => "grant",
            Self::Day => "day",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    fn key(self, count: &Count, grant: &GrantState) -> String {
        let day = minute_start(count.period).map(UnixTime::china_date).unwrap_or_default();
        let start = |n: usize| day.get(..n).unwrap_or_default().to_owned();
        match self {
            Self::Resource => grant.resource.to_string(),
            Self::Receiver => grant.receiver.to_string(),
            Self::Purpose => grant.purpose.to_string(),
            Self::Grant => count.grant.to_string(),
            Self::Day => day,
            Self::Month => start(7),
            Self::Year => start(4),
        }
    }
}

/// A question, read.
struct Asked {
    group: Vec<By>,
    from: Option<UnixTime>,
    until: Option<UnixTime>,
}

impl Asked {
    fn read(which: &Which, lang: Lang) -> Result<Self, Problem> {
        let by = |word: &str| {
            let found = By::ALL.into_iter().find(|by| by.name() == word);
            found.ok_or_else(|| {
                wrong(
                    "groups among resource, receiver, purpose, grant, day, month, year",
                    " resource、receiver、purpose、grant、day、month、year 之一",
                    word,
                    lang,
                )
            })
        };
        let group = which.group.as_deref().unwrap_or("resource,receiver");
        let group = group.split(',').take(By::ALL.len()).map(by).collect::<Result<_, _>>()?;
        let time = |text: &String| {
            UnixTime::parse(text)
                .map_err(|_| wrong("a day or an instant", "日期或时刻", text, lang))
        };
        let (from, until) = (which.from.as_ref(), which.until.as_ref());
        Ok(Self { group, from: from.map(time).transpose()?, until: until.map(time).transpose()? })
    }

    /// Whether single windows matter, and not their sum alone.
    fn is_timed(&self) -> bool {
        let by_time = self.group.iter().any(|by| matches!(by, By::Day | By::Month | By::Year));
        by_time || self.from.is_some() || self.until.is_some()
    }

    fn has(&self, count: &Count) -> bool {
        let at = minute_start(count.period).unwrap_or(UnixTime::EPOCH);
        self.from.is_none_or(|from| at >= from) && self.until.is_none_or(|until| at < until)
    }
}
