//! `credit list | lateness`: who stands on a list on a day, and how punctual authorities are.

use std::collections::BTreeMap;

use serde::Serialize;
use yinxin_credit::{CreditItem, LeaguePlace, Recount, Replay, league};
use yinxin_gm::Digest;
use yinxin_ledger::index_key;
use yinxin_record::{
    ClassCode, ConductState, CreditAct, OrganisationCode, Organisations, Subject, state_key,
};
use yinxin_verdict::UnixTime;

use super::events::{self, Published};
use crate::{
    calendar::CalendarArgs,
    config::Config,
    fail::Done,
    send,
    submit::{Client, LedgerArgs},
    ui::{self, Ui},
};

/// `yinxin credit list`
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// The list, by its class
    #[arg(value_name = "CLASS", value_parser = ClassCode::new)]
    class: ClassCode,
    /// On which day, or at which instant [default: now]
    #[arg(long, value_name = "TIME", value_parser = UnixTime::parse)]
    as_of: Option<UnixTime>,
    #[command(flatten)]
    ledger: LedgerArgs,
}

#[derive(Serialize)]
struct ListView {
    schema: &'static str,
    class: String,
    as_of: String,
    entries: Vec<EntryView>,
    /// Entries that had ended by then, or have since.
    ended: usize,
}

#[derive(Serialize)]
struct EntryView {
    subject: String,
    item: String,
    authority: String,
    decided: String,
    earliest_exit: String,
    until: Option<String>,
}

impl List {
    /// Replays every entry up to the time asked for, and to now.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let client = self.ledger.open(config)?;
        let now = ui::now();
        let as_of = self.as_of.unwrap_or(now);
        let mut published = Published::default();
        let (mut entries, mut ended) = (Vec::new(), 0);
        for event in events::events(&client, &index_key::credit_list(&self.class))? {
            let CreditAct::Record(act) = &event.act else { continue };
            if act.class.code != self.class || event.time > as_of {
                continue;
            }
            published.learn(&client, &act.class)?;
            let stands = |at, published: &mut Published| -> Done<Option<CreditItem>> {
                let item = entry(&client, &event.id, at, published)?;
                Ok(item.filter(|item| item.is_shown(at)))
            };
            // A place that was left since is not told of by asking for the day before.
            let mut item = stands(as_of, &mut published)?;
            if stands(now, &mut published)?.is_none() {
                item = None;
            }
            match item {
                Some(item) => entries.push(EntryView::new(&act.subject, &item)),
                None => ended += 1,
            }
        }
        let (class, as_of) = (self.class.to_string(), as_of.to_string());
        let view = ListView { schema: "yinxin.credit-list-read/1", class, as_of, entries, ended };
        ui.result(&view, |v| text(v, ui))
    }
}

/// An entry as it stood: what its records say up to then.
fn entry(
    client: &Client,
    id: &Digest,
    as_of: UnixTime,
    published: &mut Published,
) -> Done<Option<CreditItem>> {
    let events = events::events(client, &index_key::credit_item(id))?;
    for event in &events {
        if let CreditAct::Record(item) = &event.act {
            published.learn(client, &item.class)?;
        }
    }
    let mut replay = Replay::new(published.classes(), as_of);
    // Items that rest on this one have lists of their own.
    let own = |act: &CreditAct, of: &Digest| !matches!(act, CreditAct::Record(_)) || of == id;
    for event in events.iter().filter(|e| e.act.is_in_chain() && own(&e.act, &e.id)) {
        replay.record(&event.record, event.time)?;
    }
    Ok(replay.into_items().into_iter().find(|item| item.id == *id))
}

impl EntryView {
    fn new(subject: &Subject, item: &CreditItem) -> Self {
        Self {
            subject: subject.to_string(),
            item: item.id.to_string(),
            authority: item.authority.to_string(),
            decided: item.decided.to_string(),
            earliest_exit: item.minimum.to_string(),
            until: item.until.map(|until| until.to_string()),
        }
    }
}

fn text(v: &ListView, ui: &Ui) -> String {
    let mut out = format!("{} {} {}\n", v.class, ui.pick("as of", "截至"), v.as_of);
    for entry in &v.entries {
        let until = entry.until.as_deref().unwrap_or("…");
        let (exit, shown) = (ui.pick("exit from", "最早移出"), ui.pick("until", "至"));
        out.push_str(&format!(
            "  {}  {exit} {} {shown} {until}\n",
            entry.subject, entry.earliest_exit
        ));
        out.push_str(&format!("    {}  {} {}\n", entry.item, entry.authority, entry.decided));
    }
    let (on, ended) = (v.entries.len(), v.ended);
    out.push_str(&match ui.pick("en", "zh") {
        "zh" => format!("在列 {on} 项，已移出或到期 {ended} 项\n"),
        _ => format!("{on} on the list, {ended} have left it\n"),
    });
    out
}

/// `yinxin credit lateness`
#[derive(Debug, clap::Args)]
pub(crate) struct Lateness {
    /// Count every authority's deadlines again from its records: which were late by the calendar, which deadlines were put off,
    /// and what is overdue and not answered, by which those who publish alike are ranked, as the service does
    #[arg(long)]
    recount: bool,
    #[command(flatten)]
    calendar: CalendarArgs,
    #[command(flatten)]
    ledger: LedgerArgs,
}

#[derive(Serialize)]
struct LeagueView {
    schema: &'static str,
    places: Vec<PlaceView>,
}

#[derive(Serialize)]
struct PlaceView {
    place: usize,
    authority: String,
    published: u64,
    published_late: u64,
    /// Hundredths of a per cent.
    late: Option<u32>,
    withdrawn_late: u64,
    resolved_late: u64,
    decided_late: u64,
    /// Decisions about items of its batches that it carried out late, or not.
    carried_late: u64,
    measures_applied: u64,
    measures_told: u64,
    /// The same by the calendar, if that was asked for.
    recounted: Option<RecountView>,
}

/// What single records come to by the calendar; those of batches an audit counts.
#[derive(Serialize)]
struct RecountView {
    published: u64,
    published_late: u64,
    /// Answers that it owes and orders that nobody has shown to be carried out (`credit case done`), overdue by now: the ledger counts them once they are closed.
    open_overdue: u64,
    /// Deadlines that were set later than the calendar says.
    postponed: u64,
    /// Deadlines in years that the calendar lacks.
    uncounted: u64,
    /// What its batches count themselves: had to be published in time, and late.
    batched: u64,
    batched_late: u64,
}

impl Lateness {
    /// Reads every member's conduct and ranks those that have any.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let client = self.ledger.open(config)?;
        let members: Option<Organisations> = send::state(&client, &state_key::organisations())?;
        let (mut conducts, mut recounts) = (Vec::new(), BTreeMap::new());
        for code in members.unwrap_or_default().codes {
            let conduct = send::state::<ConductState>(&client, &state_key::credit_conduct(&code))?;
            let Some(conduct) = conduct else { continue };
            if self.recount {
                recounts.insert(code.clone(), self.recount(&client, &code)?);
            }
            let open_overdue = recounts.get(&code).map_or(0, |recount| recount.open_overdue);
            conducts.push((code, conduct, open_overdue));
        }
        let place = |place: LeaguePlace| {
            let recounted = recounts.remove(&place.authority);
            PlaceView { recounted, ..PlaceView::new(&place) }
        };
        let places = league(conducts).into_iter().map(place).collect();
        let view = LeagueView { schema: "yinxin.credit-lateness/1", places };
        ui.result(&view, |v| drawn(v, ui))
    }
}

impl Lateness {
    fn recount(&self, client: &Client, code: &OrganisationCode) -> Done<RecountView> {
        let calendar = self.calendar.load()?;
        let mut recount = Recount::new(code.clone());
        let mut published = Published::default();
        for event in events::events(client, &index_key::credit_authority(code))? {
            if let Some(class) = Recount::class(&event.act) {
                published.learn(client, class)?;
            }
            recount.record(&event.record, event.time, published.classes(), &calendar)?;
        }
        let open_overdue = recount.open_overdue(ui::now());
        let Recount { published, late: published_late, postponed, uncounted, .. } = recount;
        let Recount { batched, batched_late, .. } = recount;
        Ok(RecountView {
            published,
            published_late,
            open_overdue,
            postponed,
            uncounted,
            batched,
            batched_late,
        })
    }
}

impl PlaceView {
    fn new(place: &LeaguePlace) -> Self {
        let c = &place.conduct;
        Self {
            place: place.place,
            authority: place.authority.to_string(),
            published: c.published,
            published_late: c.published_late,
            late: place.late,
            withdrawn_late: c.withdrawn_late,
            resolved_late: c.resolved_late,
            decided_late: c.decided_late,
            carried_late: c.carried_late,
            measures_applied: c.applied,
            measures_told: c.told,
            recounted: None,
        }
    }
}

/// Width of a bar of a hundred per cent.
const BAR: u32 = 40;

fn drawn(v: &LeagueView, ui: &Ui) -> String {
    let mut out = format!(
        "{}\n",
        ui.pick(
            "published late, of all that had to be published in time; then, with --recount, by answers overdue",
            "逾期公示占应公示的比例；比例相同的（--recount 时）按逾期未办数排列"
        )
    );
    for place in &v.places {
        let late = place.late.unwrap_or(0);
        // A share that is not zero has a stroke.
        let strokes = (late * BAR).div_ceil(10_000);
        let (filled, empty) = ("█".repeat(strokes as usize), "·".repeat((BAR - strokes) as usize));
        let share = match place.late {
            Some(late) => format!("{:>3}.{:02} %", late / 100, late % 100),
            None => format!("{:>8}", "–"),
        };
        let (n, authority) = (place.place, &place.authority);
        let (of, all) = (place.published_late, place.published);
        out.push_str(&format!("{n:>3} {authority} {filled}{empty} {share}  {of}/{all}\n"));
        if let Some(RecountView {
            published,
            published_late,
            open_overdue,
            postponed,
            uncounted,
            batched,
            batched_late,
        }) = &place.recounted
        {
            out.push_str(&match ui.pick("en", "zh") {
                "zh" => format!("    按工作日历重新计算：单条记录逾期 {published_late}/{published}，逾期未办 {open_overdue} 项，期限被推后 {postponed} 项，日历无法计算 {uncounted} 项；批次按来源自报日期自计逾期 {batched_late}/{batched}\n"),
                _ => format!("    by the calendar: {published_late}/{published} single records late, {open_overdue} overdue and not answered, {postponed} deadlines put off, {uncounted} not counted; batches count {batched_late}/{batched} by their source's own days\n"),
            });
        }
    }
    out
}
