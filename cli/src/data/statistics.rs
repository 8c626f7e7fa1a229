//! `data statistics`: what was delivered and accessed, counted from the ledger's records and held against its proven totals.

use std::collections::BTreeMap;

use clap::ValueEnum;
use serde::Serialize;
use yinxin_gm::Digest;
use yinxin_ledger::index_key;
use yinxin_record::{
    AccessState, DataAct, GrantState, OrganisationCode, Volume, Windows, Wire, minute_start,
    state_key,
};
use yinxin_sharing::reconcile::{Count, Tally};
use yinxin_verdict::UnixTime;

use super::{
    reading, send,
    words::{self, Counted},
};
use crate::{
    config::Config,
    fail::{Class, Classed, Done, Failure},
    submit::{Client, LedgerArgs},
    ui::Ui,
};

/// `yinxin data statistics`
#[derive(Debug, clap::Args)]
pub(crate) struct Statistics {
    /// Of this department's data
    #[arg(long, value_name = "CODE", value_parser = words::organisation)]
    of: Option<OrganisationCode>,
    /// Of what this department received
    #[arg(long, value_name = "CODE", value_parser = words::organisation)]
    by: Option<OrganisationCode>,
    /// Under this grant only
    #[arg(long, value_name = "GRANT", required_unless_present_any = ["of", "by"], conflicts_with_all = ["of", "by"])]
    grant: Option<Digest>,
    /// From when on: a day or an instant
    #[arg(long, value_name = "TIME", value_parser = words::time)]
    from: Option<UnixTime>,
    /// The first instant after
    #[arg(long, value_name = "TIME", value_parser = words::time)]
    until: Option<UnixTime>,
    /// What is added up together
    #[arg(long = "group", value_enum, value_delimiter = ',', default_values = ["resource", "receiver"])]
    group: Vec<Group>,
    #[command(flatten)]
    ledger: LedgerArgs,
}

/// What counts are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Group {
    Resource,
    Receiver,
    Purpose,
    Grant,
    Day,
    Month,
    Year,
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    grants: u64,
    groups: Vec<Row>,
    total: Counted,
    denied: u64,
    mismatches: u32,
    /// Windows that were told more than 14 days after the time asked for, and so were not looked at.
    later_windows: u64,
}

#[derive(Serialize)]
struct Row {
    key: Vec<String>,
    /// Windows and deliveries.
    records: u64,
    #[serde(flatten)]
    counted: Counted,
}

/// How long after a period its windows are looked for: so late may a minute be told of.
const LATE_MS: i64 = yinxin_record::AbsenceState::AFTER_MS;

/// What was counted, as it grows: sums, not records.
#[derive(Default)]
struct Sums {
    grants: u64,
    groups: BTreeMap<Vec<String>, (u64, Volume)>,
    total: Volume,
    denied: u64,
    mismatches: u32,
    later: u64,
}

impl Statistics {
    /// Counts; a node whose records do not add up to the totals that it proves is told.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let client = self.ledger.open(config)?;
        let spinner = ui.spinner("counting", "正在统计");
        let counted = self.count(&client);
        spinner.finish_and_clear();
        let Sums { grants, groups, total, denied, mismatches, later } = counted?;
        let row = |(key, (records, volume)): (Vec<String>, (u64, Volume))| Row {
            key,
            records,
            counted: volume.into(),
        };
        let view = View {
            schema: "yinxin.data-statistics/1",
            grants,
            groups: groups.into_iter().map(row).collect(),
            total: total.into(),
            denied,
            mismatches,
            later_windows: later,
        };
        ui.result(&view, |v| v.text(ui))
    }

    fn count(&self, client: &Client) -> Done<Sums> {
        let mut sums = Sums::default();
        if let Some(id) = self.grant {
            self.account(client, id, &mut sums)?;
        }
        let list = match (&self.of, &self.by) {
            (Some(of), _) => index_key::provider(of),
            (None, Some(by)) => index_key::consumer(by),
            (None, None) => return Ok(sums),
        };
        reading::each(client, &list, 0, |told| {
            if matches!(told.act, DataAct::Request(_)) {
                self.account(client, told.id, &mut sums)?;
            }
            Ok(true)
        })?;
        Ok(sums)
    }

    /// Adds a grant's deliveries and windows up to the height of the proof of its totals.
    fn account(&self, client: &Client, id: Digest, sums: &mut Sums) -> Done {
        let (proof, _) = client.status(&state_key::grant(&id))?;
        let state = proof.value.as_deref().map(GrantState::from_der).transpose();
        let state = state.map_err(yinxin_record::Error::from).class(Class::Node)?;
        let (of, by) = (self.of.as_ref(), self.by.as_ref());
        let Some(state) = state.filter(|s| {
            of.is_none_or(|of| s.resource.owner() == *of) && by.is_none_or(|by| s.receiver == *by)
        }) else {
            return Ok(());
        };
        sums.grants += 1;
        sums.denied = sums.denied.saturating_add(state.denied);
        sums.mismatches = sums.mismatches.saturating_add(state.mismatches);
        let until = proof.header.height;
        self.deliveries(client, (id, &state), until, sums)?;
        let timed = self.group.iter().any(|g| g.is_time());
        if !timed && self.from.is_none() && self.until.is_none() {
            // The ledger's state has the sum of all windows: there is nothing to read.
            let Windows { count, served, .. } = state.windows;
            let all = Count { grant: id, period: 0, volume: served };
            if count > 0 {
                self.add(&all, count, &state, sums);
            }
            return Ok(());
        }
        self.windows(client, (id, &state), until, sums)
    }

    /// All deliveries, which with the windows are what was used.
    fn deliveries(
        &self,
        client: &Client,
        (id, state): (Digest, &GrantState),
        until: u64,
        sums: &mut Sums,
    ) -> Done {
        let (mut tally, mut sum) = (Tally::of(id), state.windows.served);
        reading::each(client, &index_key::request(&id), 0, |told| {
            if told.found.height <= until
                && let Some(count) = tally.count(&told.act, told.found.time)
            {
                sum = sum.plus(count.volume);
                if self.has(&count) {
                    self.add(&count, 1, state, sums);
                }
            }
            Ok(true)
        })?;
        if sum == state.used { Ok(()) } else { Err(off(id, state.used, sum)) }
    }

    /// The windows of the time asked for, one after the other; from the first to the last they must be all that the ledger's running
    /// totals have.
    fn windows(
        &self,
        client: &Client,
        (id, state): (Digest, &GrantState),
        until: u64,
        sums: &mut Sums,
    ) -> Done {
        let prefix = index_key::access(&id);
        let start = match self.from {
            Some(from) => reading::height_of(client, &prefix, from)?,
            None => 0,
        };
        let end = self.until.map(|until| until.plus_millis(LATE_MS));
        let (mut tally, mut next) = (Tally::of(id), None);
        reading::each(client, &prefix, start, |told| {
            if told.found.height > until {
                return Ok(false);
            }
            if end.is_some_and(|end| told.found.time >= end) {
                if let DataAct::Access(window) = &told.act
                    && window.grant == id
                {
                    next = Some(window.minute);
                }
                return Ok(next.is_none());
            }
            if let Some(count) = tally.count(&told.act, told.found.time)
                && self.has(&count)
            {
                self.add(&count, 1, state, sums);
            }
            Ok(true)
        })?;
        // The totals before the first window that was told after the end; where none was, all. A node that names a later one lies about
        // totals that a state proves, and what was counted does not fit them; one that hides all windows of a time hides them all the
        // same.
        let rest = match next {
            Some(minute) => window(client, id, minute)?.before,
            None => state.windows,
        };
        let before = match tally.first() {
            Some(minute) => window(client, id, minute)?.before,
            None => rest,
        };
        let missing = if tally.first().is_none() || tally.holds(before, rest) {
            self.left_out(client, id, before)?
        } else {
            Some(before)
        };
        if let Some(before) = missing {
            return Err(off(id, rest.served.minus(before.served), tally.sum()));
        }
        sums.later = sums.later.saturating_add(state.windows.count.saturating_sub(rest.count));
        Ok(())
    }

    /// The totals before the window that was told before the counted ones, if it was told within the time asked for: it is missing at
    /// the start.
    fn left_out(&self, client: &Client, id: Digest, before: Windows) -> Done<Option<Windows>> {
        let (Windows { count, last, .. }, Some(from)) = (before, self.from) else {
            return Ok((before.count > 0).then(Windows::default));
        };
        if count == 0 {
            return Ok(None);
        }
        let window = window(client, id, last)?;
        let told = reading::record(client, window.record)?;
        let is_older = told.is_some_and(|told| told.found.time < from);
        Ok((!is_older).then_some(window.before))
    }

    fn has(&self, count: &Count) -> bool {
        let at = minute_start(count.period).unwrap_or(UnixTime::EPOCH);
        self.from.is_none_or(|from| at >= from) && self.until.is_none_or(|until| at < until)
    }

    fn add(&self, count: &Count, records: u64, state: &GrantState, sums: &mut Sums) {
        let key = self.group.iter().map(|g| g.of(count, state)).collect();
        let (number, volume) = sums.groups.entry(key).or_default();
        *number = number.saturating_add(records);
        *volume = volume.plus(count.volume);
        sums.total = sums.total.plus(count.volume);
    }
}

/// The state of a window, proven.
fn window(client: &Client, id: Digest, minute: u64) -> Done<AccessState> {
    send::known(client, &state_key::access(&id, minute))
}

fn off(id: Digest, expected: Volume, found: Volume) -> Failure {
    let (expected, found) = (words::volume(expected), words::volume(found));
    Failure::new(
        Class::Invalid,
        format!("the node's records under grant {id} do not add up: the ledger proves {expected}, they have {found}"),
        format!("节点所给授权 {id} 的记录与账本所证总量不符：应为 {expected}，实为 {found}"),
    )
    .todo("ask another node, and check this one: yinxin audit check", "请改用其他节点，并检查此节点：yinxin audit check")
}

impl Group {
    const fn is_time(self) -> bool {
        matches!(self, Self::Day | Self::Month | Self::Year)
    }

    fn of(self, count: &Count, state: &GrantState) -> String {
        let day = minute_start(count.period).map(UnixTime::china_date).unwrap_or_default();
        let start = |n: usize| day.get(..n).unwrap_or_default().to_owned();
        match self {
            Self::Resource => state.resource.to_string(),
            Self::Receiver => state.receiver.to_string(),
            Self::Purpose => state.purpose.to_string(),
            Self::Grant => count.grant.to_string(),
            Self::Day => day,
            Self::Month => start(7),
            Self::Year => start(4),
        }
    }
}

/// Width of the longest bar.
const BAR: u64 = 24;

impl View {
    fn text(&self, ui: &Ui) -> String {
        let most = self.groups.iter().map(|r| r.counted.rows).max().unwrap_or(0).max(1);
        let mut out = String::new();
        for Row { key, records, counted: Counted { calls, rows, bytes } } in &self.groups {
            let length = usize::try_from(rows.saturating_mul(BAR).div_ceil(most)).unwrap_or(0);
            out.push_str(&format!("{}\n", key.join("  ")));
            out.push_str(&format!(
                "  {:<24} {} {rows}, {} {calls}, {} {bytes}, {} {records}\n",
                "█".repeat(length),
                ui.pick("rows", "行"),
                ui.pick("calls", "次"),
                ui.pick("bytes", "字节"),
                ui.pick("records", "记录"),
            ));
        }
        let Counted { calls, rows, bytes } = self.total;
        out.push_str(&format!(
            "{}: {} {rows}, {} {calls}, {} {bytes}; {} {}, {} {}, {} {}\n",
            ui.pick("total", "合计"),
            ui.pick("rows", "行"),
            ui.pick("calls", "次"),
            ui.pick("bytes", "字节"),
            ui.pick("grants", "授权"),
            self.grants,
            ui.pick("denied", "拒绝"),
            self.denied,
            ui.pick("mismatches", "对账不符"),
            self.mismatches,
        ));
        if self.later_windows > 0 {
            let later = self.later_windows;
            let (en, zh) = (
                format!("{later} windows were told more than 14 days later and not looked at\n"),
                format!("另有 {later} 个窗口晚于期末 14 天才上链，未计入\n"),
            );
            out.push_str(ui.pick(&en, &zh));
        }
        out
    }
}
