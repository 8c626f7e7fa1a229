//! `data overdue`: requests that wait for a decision, and by when it was due.

use serde::Serialize;
use yinxin_gm::Digest;
use yinxin_ledger::index_key;
use yinxin_record::{DataAct, OrganisationCode, RequestState, RequestStatus, state_key};

use super::{reading, send, words};
use crate::{
    config::Config,
    fail::Done,
    submit::{Client, LedgerArgs},
    ui::{self, Ui},
};

/// `yinxin data overdue`
#[derive(Debug, clap::Args)]
pub(crate) struct Overdue {
    /// Requests for this department's data
    #[arg(long, value_name = "CODE", value_parser = words::organisation, required_unless_present = "by")]
    of: Option<OrganisationCode>,
    /// Requests that this department made
    #[arg(long, value_name = "CODE", value_parser = words::organisation)]
    by: Option<OrganisationCode>,
    /// All that wait, overdue or not
    #[arg(long)]
    waiting: bool,
    #[command(flatten)]
    ledger: LedgerArgs,
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    requests: Vec<Shown>,
}

#[derive(Serialize)]
struct Shown {
    id: String,
    resource: String,
    requester: String,
    status: &'static str,
    decide_by: String,
    overdue: bool,
}

impl Overdue {
    /// Shows them, the longest waiting first.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let client = self.ledger.open(config)?;
        let mut found = waiting(&client, self.of.as_ref(), self.by.as_ref())?;
        found.retain(|(_, state)| self.waiting || state.is_overdue(ui::now()));
        let view = View {
            schema: "yinxin.data-overdue/1",
            requests: found.iter().map(|(id, state)| shown(id, state)).collect(),
        };
        ui.result(&view, |v| v.requests.iter().map(|r| r.text(ui)).collect())
    }
}

fn shown(id: &Digest, state: &RequestState) -> Shown {
    Shown {
        id: id.to_string(),
        resource: state.asked.resource.to_string(),
        requester: state.requester.to_string(),
        status: state.status.name(),
        decide_by: state.deadline.at.to_string(),
        overdue: state.is_overdue(ui::now()),
    }
}

impl Shown {
    fn text(&self, ui: &Ui) -> String {
        let Self { id, resource, requester, status, decide_by, overdue } = self;
        let late = if *overdue { ui.pick(", overdue", "，已逾期") } else { "" };
        let by = ui.pick("decide by", "应于此前决定");
        format!("{resource} ← {requester}: {status}\n  {by} {decide_by}{late}\n  {id}\n")
    }
}

/// Requests that wait for a decision, proven, by when it is due: for the data of one department, made by one, or both.
pub(super) fn waiting(
    client: &Client,
    of: Option<&OrganisationCode>,
    by: Option<&OrganisationCode>,
) -> Done<Vec<(Digest, RequestState)>> {
    let prefix = match (of, by) {
        (Some(of), _) => index_key::provider(of),
        (None, Some(by)) => index_key::consumer(by),
        (None, None) => return Ok(Vec::new()),
    };
    let mut found = Vec::new();
    for told in reading::records(client, &prefix)? {
        let DataAct::Request(_) = told.act else { continue };
        let state: RequestState = send::known(client, &state_key::request(&told.id))?;
        if waits(&state) && by.is_none_or(|by| *by == state.requester) {
            found.push((told.id, state));
        }
    }
    found.sort_by_key(|(_, state)| state.deadline.at);
    Ok(found)
}

fn waits(state: &RequestState) -> bool {
    use RequestStatus as S;
    matches!(state.status, S::Open | S::AwaitingSecond | S::Appealed | S::Escalated)
}
