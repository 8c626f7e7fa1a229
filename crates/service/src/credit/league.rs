//! Who publishes, answers and corrects in time: the ledger's counts as a table, and beside each what its deadlines come to by the calendar.

use std::collections::BTreeMap;

use axum::{Json, extract::State, http::HeaderMap};
use serde::Serialize;
use utoipa::ToSchema;
use yinxin_calendar::Calendar;
use yinxin_credit::{Classes, Error, Recount};
use yinxin_ledger::index_key;
use yinxin_record::{Act, ConductState, OrganisationCode, Organisations, state_key};
use yinxin_sharing::provenance::Found;
use yinxin_verdict::UnixTime;

use super::{events::classes, views::calendar};
use crate::{
    App, Problem,
    app::lang,
    data::{
        life::{Parties, Party},
        reading::{PAGE, Reading},
    },
};

/// The most records that one answer reads to count deadlines again; the next one goes on. A thousand take some tens of milliseconds.
const READ: usize = 10_000;

/// The league table.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct League {
    /// `yinxin.credit-league/1`.
    schema: &'static str,
    /// The most punctual first: by the share of late publications, then by `open_overdue`; who had nothing to publish stands at the end, who did nothing at all is left out.
    places: Vec<PlaceView>,
    /// The least height as of which a count is proven.
    height: u64,
    /// As of when answers are overdue: the time of the header behind the proof of who takes part.
    as_of: String,
}

/// A place.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlaceView {
    /// From 1; those who are equally late, and owe as many overdue answers, share a place.
    place: usize,
    authority: Party,
    /// Hundredths of a per cent of what was published that were late, rounded down.
    late: Option<u32>,
    conduct: ConductView,
    /// Objections, applications and cases that nobody has answered, and orders that nobody has shown to be carried out, whose deadline is past
    /// by `as_of`; the ledger counts these as late only when they are closed. None without a calendar; so far, while `recounted` says `more`.
    open_overdue: Option<u64>,
    /// The same by China's working days, whatever deadlines were set; none without a calendar.
    recounted: Option<RecountView>,
}

/// What an authority's deadlines come to by the calendar. It ranks nobody: the ledger counts by the deadlines that records set, and of
/// batches what these say of themselves: a source's word about its own days.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct RecountView {
    /// Records of their own that had to be published in time.
    published: u64,
    /// Those that were late by the calendar.
    published_late: u64,
    /// Deadlines of publications, objections, repairs, cases, their orders and withdrawals that were set later than the calendar says.
    postponed: u64,
    /// Deadlines in years that the calendar lacks.
    uncounted: u64,
    /// Records in its batches that had to be published in time, as the batches count them; an audit counts them again.
    batched: u64,
    /// Those of them that were late, as the batches count them.
    batched_late: u64,
    /// There are more records than were counted so far; ask again.
    more: bool,
}

/// What was counted again of each authority so far.
#[derive(Debug, Default)]
pub(crate) struct Recounts {
    of: BTreeMap<OrganisationCode, Counted>,
    known: Classes,
}

/// One authority's deadlines, counted up to a key of its list.
#[derive(Debug)]
struct Counted {
    recount: Recount,
    from: Vec<u8>,
    more: bool,
}

/// What the ledger counted.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct ConductView {
    published: u64,
    published_late: u64,
    withdrawn: u64,
    withdrawn_late: u64,
    resolved: u64,
    resolved_late: u64,
    decided: u64,
    decided_late: u64,
    applied: u64,
    told: u64,
    /// Decisions about items of its batches whose time to be carried out came.
    carried: u64,
    /// How many of them were late, or are not carried out.
    carried_late: u64,
}

/// How punctual the authorities are.
#[utoipa::path(get, path = "/v1/credit/league", responses((status = 200, body = League)))]
pub(crate) async fn league(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Json<League>, Problem> {
    let lang = lang(&headers);
    let reading = Reading { ledger: app.ledger(lang)?.clone(), lang };
    let _turn = app.permits.acquire().await;
    let members = reading.state::<Organisations>(state_key::organisations()).await?;
    let mut height = members.height;
    let mut conducts = Vec::new();
    for code in members.value.map(|members| members.codes).unwrap_or_default() {
        let found = reading.state::<ConductState>(state_key::credit_conduct(&code)).await?;
        height = height.min(found.height);
        conducts.extend(found.value.map(|conduct| (code, conduct)));
    }
    let now = members.time;
    let (mut recounts, mut left) = (app.recounts.lock().await, READ);
    let mut counted = BTreeMap::new();
    for (code, _) in &conducts {
        counted.insert(code.clone(), recounts.count(code, now, &mut left, &reading).await?);
    }
    drop(recounts);
    let owed = |code: &OrganisationCode| counted.get(code).copied().flatten();
    let ranked = conducts.into_iter().map(|(code, conduct)| {
        let open_overdue = owed(&code).map_or(0, |(_, open_overdue)| open_overdue);
        (code, conduct, open_overdue)
    });
    let mut parties = Parties::new(&app, &reading);
    let mut places = Vec::new();
    for place in yinxin_credit::league(ranked) {
        let (recounted, open_overdue) = owed(&place.authority).unzip();
        places.push(PlaceView {
            place: place.place,
            authority: parties.of(&place.authority).await?,
            late: place.late,
            conduct: place.conduct.into(),
            open_overdue,
            recounted,
        });
    }
    let as_of = now.to_string();
    Ok(Json(League { schema: "yinxin.credit-league/1", places, height, as_of }))
}

impl Recounts {
    /// Counts what came since the last time, and what is overdue by now, as far as `left` goes. A request that is given up meanwhile loses nothing: the next goes on.
    async fn count(
        &mut self,
        code: &OrganisationCode,
        now: UnixTime,
        left: &mut usize,
        reading: &Reading,
    ) -> Result<Option<(RecountView, u64)>, Problem> {
        let Some(calendar) = calendar() else { return Ok(None) };
        let mut from = {
            let counted = self.counted(code);
            counted.more = true;
            counted.from.clone()
        };
        let mut more = true;
        while more && *left > 0 {
            let most = PAGE.min(*left);
            let page = reading.page(&index_key::credit_authority(code), &from, most).await?;
            let mut all = Vec::with_capacity(page.entries.len());
            for (id, _) in page.entries {
                let Some(found) = reading.found(id).await? else { continue };
                if let Act::Credit(act) = &found.record.tbs.act
                    && let Some(class) = Recount::class(act)
                {
                    classes(reading, vec![class.clone()], &mut self.known).await?;
                }
                all.push(found);
            }
            // Nothing waits from here on: of a page all is counted or nothing.
            (from, more) = (page.next.clone(), page.more);
            self.page(code, &all, (page.next, more), calendar).map_err(|e| reading.garbled(e))?;
            *left -= most;
        }
        let counted = self.counted(code);
        Ok(Some((RecountView::of(counted), counted.recount.open_overdue(now))))
    }

    fn counted(&mut self, code: &OrganisationCode) -> &mut Counted {
        self.of.entry(code.clone()).or_insert_with(|| Counted {
            recount: Recount::new(code.clone()),
            from: Vec::new(),
            more: true,
        })
    }

    /// Counts a page's records; an authority whose records cannot be counted begins anew with the next answer.
    fn page(
        &mut self,
        code: &OrganisationCode,
        found: &[Found],
        (from, more): (Vec<u8>, bool),
        calendar: &Calendar,
    ) -> Result<(), Error> {
        let known = core::mem::take(&mut self.known);
        let counted = self.counted(code);
        let mut each = found.iter();
        let done = each.try_for_each(|found| {
            counted.recount.record(&found.record, found.time, &known, calendar)
        });
        (counted.from, counted.more) = (from, more);
        self.known = known;
        if done.is_err() {
            self.of.remove(code);
        }
        done
    }
}

impl RecountView {
    const fn of(counted: &Counted) -> Self {
        let recount = &counted.recount;
        Self {
            published: recount.published,
            published_late: recount.late,
            postponed: recount.postponed,
            uncounted: recount.uncounted,
            batched: recount.batched,
            batched_late: recount.batched_late,
            more: counted.more,
        }
    }
}

impl From<ConductState> for ConductView {
    fn from(state: ConductState) -> Self {
        let ConductState {
            published,
            published_late,
            withdrawn,
            withdrawn_late,
            resolved,
            resolved_late,
            decided,
            decided_late,
            applied,
            told,
            carried,
            carried_late,
        } = state;
        Self {
            published,
            published_late,
            withdrawn,
            withdrawn_late,
            resolved,
            resolved_late,
            decided,
            decided_late,
            applied,
            told,
            carried,
            carried_late,
        }
    }
}
