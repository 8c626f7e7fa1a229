//! `data statistics`: what was delivered and accessed, counted from the ledger's records and held against its proven totals.

use std::collections::BTreeMap;

use clap::ValueEnum;
use serde::Serialize;
use yinxin_gm::Digest;
use yinxin_ledger::index_key;
use yinxin_record::{DataAct, GrantState, OrganisationCode, Volume, Wire, minute_start, state_key};
use yinxin_sharing::reconcile::{Count, counted, statistics};
use yinxin_verdict::UnixTime;

use super::{reading, words};
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
    grants: usize,
    groups: Vec<Row>,
    total: Counted,
    denied: u64,
    mismatches: u32,
}

#[derive(Serialize)]
struct Row {
    key: Vec<String>,
    /// Windows and deliveries.
    records: u64,
    #[serde(flatten)]
    counted: Counted,
}

#[derive(Clone, Copy, Default, Serialize)]
struct Counted {
    calls: u64,
    rows: u64,
    bytes: u64,
}

/// A grant, proven, and what is on record under it.
struct Account {
    state: GrantState,
    counts: Vec<Count>,
}

impl Statistics {
    /// Counts; a node whose records do not add up to the totals that it proves is told.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let client = self.ledger.open(config)?;
        let spinner = ui.spinner("counting", "正在统计");
        let accounts = self.accounts(&client);
        spinner.finish_and_clear();
        let accounts = accounts?;
        let within = |c: &Count| {
            let at = minute_start(c.period).unwrap_or(UnixTime::EPOCH);
            self.from.is_none_or(|from| at >= from) && self.until.is_none_or(|until| at < until)
        };
        let counts: Vec<Count> =
            accounts.values().flat_map(|a| &a.counts).copied().filter(within).collect();
        let key = |c: &Count| self.group.iter().map(|g| g.of(c, &accounts)).collect::<Vec<_>>();
        let groups: Vec<Row> = statistics(counts.iter().copied(), key)
            .into_iter()
            .map(|(key, (records, volume))| Row { key, records, counted: volume.into() })
            .collect();
        let total = counts.iter().fold(Volume::default(), |sum, c| sum.plus(c.volume));
        let view = View {
            schema: "yinxin.data-statistics/1",
            grants: accounts.len(),
            groups,
            total: total.into(),
            denied: accounts.values().fold(0, |sum, a| sum.saturating_add(a.state.denied)),
            mismatches: accounts.values().fold(0, |n, a| n.saturating_add(a.state.mismatches)),
        };
        ui.result(&view, |v| v.text(ui))
    }

    fn accounts(&self, client: &Client) -> Done<BTreeMap<Digest, Account>> {
        let mut ids = Vec::from_iter(self.grant);
        for prefix in
            [self.of.as_ref().map(index_key::provider), self.by.as_ref().map(index_key::consumer)]
                .into_iter()
                .flatten()
        {
            let asked = reading::records(client, &prefix)?.into_iter();
            ids.extend(asked.filter(|t| matches!(t.act, DataAct::Request(_))).map(|t| t.id));
        }
        let mut accounts = BTreeMap::new();
        for id in ids {
            let Some(account) = account(client, id)? else { continue };
            let of = self.of.as_ref().is_none_or(|of| account.state.resource.owner() == *of);
            let by = self.by.as_ref().is_none_or(|by| account.state.receiver == *by);
            if of && by {
                accounts.insert(id, account);
            }
        }
        Ok(accounts)
    }
}

/// The records of a grant up to the height of the proof of its totals, which they must add up to.
fn account(client: &Client, id: Digest) -> Done<Option<Account>> {
    let (proof, _) = client.status(&state_key::grant(&id))?;
    let state = proof.value.as_deref().map(GrantState::from_der).transpose();
    let state = state.map_err(yinxin_record::Error::from).class(Class::Node)?;
    let Some(state) = state else { return Ok(None) };
    let until = proof.header.height;
    let mut told = reading::records(client, &index_key::request(&id))?;
    told.extend(reading::records(client, &index_key::access(&id))?);
    let acts = told.iter().filter(|t| t.found.height <= until).map(|t| (&t.act, t.found.time));
    let counts = counted(&id, acts);
    let sum = counts.iter().fold(Volume::default(), |sum, c| sum.plus(c.volume));
    if sum == state.used {
        return Ok(Some(Account { state, counts }));
    }
    let (expected, found) = (words::volume(state.used), words::volume(sum));
    Err(Failure::new(
        Class::Invalid,
        format!("the node's records under grant {id} do not add up: the ledger proves {expected}, they have {found}"),
        format!("节点所给授权 {id} 的记录与账本所证总量不符：应为 {expected}，实为 {found}"),
    )
    .todo("ask another node, and check this one: yinxin audit check", "请改用其他节点，并检查此节点：yinxin audit check"))
}

impl Group {
    fn of(self, count: &Count, accounts: &BTreeMap<Digest, Account>) -> String {
        let state = accounts.get(&count.grant).map(|a| &a.state);
        let day = minute_start(count.period).map(UnixTime::china_date).unwrap_or_default();
        let start = |n: usize| day.get(..n).unwrap_or_default().to_owned();
        match self {
            Self::Resource => state.map(|s| s.resource.to_string()).unwrap_or_default(),
            Self::Receiver => state.map(|s| s.receiver.to_string()).unwrap_or_default(),
            Self::Purpose => state.map(|s| s.purpose.to_string()).unwrap_or_default(),
            Self::Grant => count.grant.to_string(),
            Self::Day => day,
            Self::Month => start(7),
            Self::Year => start(4),
        }
    }
}

impl From<Volume> for Counted {
    fn from(Volume { calls, rows, bytes }: Volume) -> Self {
        Self { calls, rows, bytes }
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
        out
    }
}
