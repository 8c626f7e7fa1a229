//! `data overdue`: requests that wait for a decision, and by when it was due.

use std::cmp::Ordering;

use serde::Serialize;
use yinxin_gm::Digest;
use yinxin_ledger::index_key;
use yinxin_record::{
    DataAct, Deadline, OrganisationCode, RequestState, RequestStatus, ResourceState, state_key,
};
use yinxin_sharing::calendar::Deadline as Counted;

use super::{reading, send, words};
use crate::{
    calendar::{CalendarArgs, TermArgs, reply_term},
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
    calendar: CalendarArgs,
    #[command(flatten)]
    terms: TermArgs,
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
    /// The deadline counted again here, by calendar and term of the resource's class, from when the wait began; none where that is
    /// not known: a first person has decided since.
    counted_by: Option<String>,
    /// Whether the deadline is `same`, or `earlier` or `later` than counted; `other-calendar` where it names another one.
    deadline: Option<&'static str>,
    /// Whom to turn to by now, by the counted deadline.
    escalate_to: Option<String>,
}

impl Overdue {
    /// Shows them, the longest waiting first.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let client = self.ledger.open(config)?;
        let mut found = waiting(&client, self.of.as_ref(), self.by.as_ref())?;
        found.retain(|(_, state)| self.waiting || state.is_overdue(ui::now()));
        let view = View { schema: "yinxin.data-overdue/1", requests: self.shown(&client, &found)? };
        ui.result(&view, |v| v.requests.iter().map(|r| r.text(ui)).collect())
    }
}

impl Overdue {
    fn shown(&self, client: &Client, found: &[(Digest, RequestState)]) -> Done<Vec<Shown>> {
        let calendar = self.calendar.load()?;
        let shown = found.iter().map(|(id, state)| {
            let key = state_key::resource(&state.asked.resource);
            let of: ResourceState = send::known(client, &key)?;
            // What waits for a second person began to wait before its state changed last.
            let began = (state.status != RequestStatus::AwaitingSecond).then_some(state.since);
            let counted = began
                .map(|began| self.terms.deadline(reply_term(of.class), began, &calendar))
                .transpose()?;
            let step = counted.as_ref().and_then(|c| c.due(ui::now()));
            Ok(Shown {
                id: id.to_string(),
                resource: state.asked.resource.to_string(),
                requester: state.requester.to_string(),
                status: state.status.name(),
                decide_by: state.deadline.at.to_string(),
                overdue: state.is_overdue(ui::now()),
                counted_by: counted.as_ref().map(|c| c.at().to_string()),
                deadline: counted.as_ref().map(|c| differs(&state.deadline, c)),
                escalate_to: step.map(|step| step.to.clone()),
            })
        });
        shown.collect()
    }
}

/// How a stated deadline differs from the one that was counted.
fn differs(stated: &Deadline, counted: &Counted) -> &'static str {
    if stated.calendar != counted.calendar() {
        return "other-calendar";
    }
    match stated.at.cmp(&counted.at()) {
        Ordering::Equal => "same",
        Ordering::Less => "earlier",
        Ordering::Greater => "later",
    }
}

impl Shown {
    fn text(&self, ui: &Ui) -> String {
        let Self { id, resource, requester, status, decide_by, overdue, .. } = self;
        let late = if *overdue { ui.pick(", overdue", "，已逾期") } else { "" };
        let by = ui.pick("decide by", "应于此前决定");
        let mut more = String::new();
        if let (Some(deadline), Some(counted)) = (self.deadline, &self.counted_by)
            && deadline != "same"
        {
            let word = match deadline {
                "earlier" => ui.pick("earlier than its term", "早于规定时限"),
                "later" => ui.pick("later than its term", "晚于规定时限"),
                _ => ui.pick("by another calendar; by this one", "所依日历不同，按本日历为"),
            };
            more.push_str(&format!("  ! {word}: {counted}\n"));
        }
        if let Some(step) = &self.escalate_to {
            more.push_str(&format!("  {} {step}\n", ui.pick("turn to", "应提请")));
        }
        format!("{resource} ← {requester}: {status}\n  {by} {decide_by}{late}\n{more}  {id}\n")
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
