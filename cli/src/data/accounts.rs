//! `data accounts`: periods whose counts wait for a side, or do not match.

use std::collections::BTreeSet;

use serde::Serialize;
use yinxin_gm::Digest;
use yinxin_ledger::index_key;
use yinxin_record::{
    DataAct, GrantState, OrganisationCode, ReconciliationState, ReconciliationStatus, Volume,
    minute_start, state_key,
};

use super::{
    reading, send,
    words::{self, Counted},
};
use crate::{
    config::Config,
    fail::{Class, Done, Failure},
    submit::{Client, LedgerArgs},
    ui::Ui,
};

/// `yinxin data accounts`
#[derive(Debug, clap::Args)]
pub(crate) struct Accounts {
    /// Of this department's data
    #[arg(long, value_name = "CODE", value_parser = words::organisation, required_unless_present = "by")]
    of: Option<OrganisationCode>,
    /// Of what this department received
    #[arg(long, value_name = "CODE", value_parser = words::organisation)]
    by: Option<OrganisationCode>,
    /// Those that match too
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    ledger: LedgerArgs,
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    accounts: Vec<Account>,
    mismatched: usize,
}

/// How the counts of a period stand, proven.
#[derive(Serialize)]
struct Account {
    grant: String,
    resource: String,
    receiver: String,
    from: String,
    until: String,
    status: &'static str,
    served: Option<Counted>,
    received: Option<Counted>,
    /// Whose turn it is: `provider` or `receiver` where one side has not counted yet, `both` where they differ.
    turn: &'static str,
}

impl Accounts {
    /// Shows them with both numbers; that some do not match is told by the exit code too.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let client = self.ledger.open(config)?;
        let accounts = self.accounts(&client)?;
        let mismatched = accounts.iter().filter(|a| a.turn == "both").count();
        let view = View { schema: "yinxin.data-accounts/1", accounts, mismatched };
        ui.result(&view, |v| v.accounts.iter().map(|a| a.text(ui)).collect())?;
        if mismatched > 0 { Err(Failure::told(Class::Invalid)) } else { Ok(()) }
    }

    fn accounts(&self, client: &Client) -> Done<Vec<Account>> {
        let list = match (&self.of, &self.by) {
            (Some(of), _) => index_key::provider(of),
            (None, Some(by)) => index_key::consumer(by),
            (None, None) => return Ok(Vec::new()),
        };
        let mut periods: BTreeSet<(Digest, u64, u64)> = BTreeSet::new();
        reading::each(client, &list, 0, |told| {
            if let DataAct::Reconcile(act) = told.act {
                periods.insert((act.grant, act.from, act.until));
            }
            Ok(true)
        })?;
        let mut accounts = Vec::new();
        for (id, from, until) in periods {
            let grant: GrantState = send::known(client, &state_key::grant(&id))?;
            let of = self.of.as_ref().is_none_or(|of| grant.resource.owner() == *of);
            if !of || self.by.as_ref().is_some_and(|by| grant.receiver != *by) {
                continue;
            }
            let key = state_key::reconciliation(&id, from, until);
            let state: ReconciliationState = send::known(client, &key)?;
            if self.all || state.status != ReconciliationStatus::Matched {
                accounts.push(account(&id, &grant, (from, until), &state));
            }
        }
        Ok(accounts)
    }
}

fn account(
    id: &Digest,
    grant: &GrantState,
    (from, until): (u64, u64),
    state: &ReconciliationState,
) -> Account {
    let at = |minute| minute_start(minute).map(|t| t.to_string()).unwrap_or_default();
    let turn = match (state.status, state.served, state.received) {
        (ReconciliationStatus::Matched, ..) => "",
        (ReconciliationStatus::Mismatched, ..) => "both",
        (_, None, _) => "provider",
        _ => "receiver",
    };
    Account {
        grant: id.to_string(),
        resource: grant.resource.to_string(),
        receiver: grant.receiver.to_string(),
        from: at(from),
        until: at(until),
        status: state.status.name(),
        served: state.served.map(Counted::from),
        received: state.received.map(Counted::from),
        turn,
    }
}

impl Account {
    fn text(&self, ui: &Ui) -> String {
        let Self { grant, resource, receiver, from, until, status, .. } = self;
        let side = |counted: Option<Counted>| match counted {
            Some(Counted { calls, rows, bytes }) => words::volume(Volume { calls, rows, bytes }),
            None => ui.pick("not stated yet", "尚未申报").to_owned(),
        };
        format!(
            "{resource} → {receiver}: {status}\n  {from} – {until}\n  {} {}\n  {} {}\n  {grant}\n",
            ui.pick("served  ", "提供方"),
            side(self.served),
            ui.pick("received", "接收方"),
            side(self.received),
        )
    }
}
