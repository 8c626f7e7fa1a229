//! `data demand raise | meet | decline | withdraw | list`: what departments need and do not find in the catalogue.

use serde::Serialize;
use yinxin_gm::Digest;
use yinxin_ledger::index_key;
use yinxin_record::{
    AnswerDemand, DataAct, Demand, DemandAnswer, DemandState, OrganisationCode, Purpose,
    ResourceCode, Text, state_key,
};

use super::{
    derive::digest_of,
    reading,
    send::{self, Sending},
    words,
};
use crate::{
    config::Config,
    fail::{Class, Classed, Done},
    submit::LedgerArgs,
    ui::Ui,
};

/// `yinxin data demand …`
#[derive(Debug, clap::Subcommand)]
pub(crate) enum DemandCommand {
    /// Ask a department to publish what the catalogue does not have; the record's id is the demand's
    Raise(Raise),
    /// Answer that a published resource of one's own meets it
    Meet(Meet),
    /// Decline it
    Decline(Answer),
    /// Take it back
    Withdraw(Answer),
    /// Show the demands that a department raised, or that were raised to it
    List(List),
}

/// `yinxin data demand raise`
#[derive(Debug, clap::Args)]
pub(crate) struct Raise {
    /// The code of the department that is asked
    #[arg(value_name = "CODE", value_parser = words::organisation)]
    of: OrganisationCode,
    /// What is needed, in public words
    #[arg(long, value_name = "TEXT")]
    name: String,
    /// The whole entry of the demand list, a file or its digest
    #[arg(long, value_name = "FILE|DIGEST")]
    entry: String,
    /// For which purpose, by code
    #[arg(long, value_name = "CODE", value_parser = words::purpose)]
    purpose: Purpose,
    #[command(flatten)]
    sending: Sending,
}

/// `yinxin data demand meet`
#[derive(Debug, clap::Args)]
pub(crate) struct Meet {
    /// The demand's id
    #[arg(value_name = "DEMAND")]
    demand: Digest,
    /// The code of the resource that meets it
    #[arg(value_name = "RESOURCE", value_parser = words::resource)]
    resource: ResourceCode,
    #[command(flatten)]
    sending: Sending,
}

/// `yinxin data demand decline | withdraw`
#[derive(Debug, clap::Args)]
pub(crate) struct Answer {
    /// The demand's id
    #[arg(value_name = "DEMAND")]
    demand: Digest,
    /// Why, by code
    #[arg(long, value_name = "N", default_value_t = 0)]
    reason: u16,
    #[command(flatten)]
    sending: Sending,
}

/// `yinxin data demand list`
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// The department's code
    #[arg(value_name = "CODE", value_parser = words::organisation)]
    of: OrganisationCode,
    /// Only those that are still open
    #[arg(long)]
    open: bool,
    #[command(flatten)]
    ledger: LedgerArgs,
}

impl DemandCommand {
    /// Does what is asked.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        match self {
            Self::Raise(c) => c.run(ui, config),
            Self::Meet(c) => {
                let Meet { demand, resource, sending } = c;
                let key = format!("data/meet/{demand}/{resource}");
                answer(&sending, "meet", demand, DemandAnswer::Met(resource), &key, ui, config)
            }
            Self::Decline(c) => {
                let Answer { demand, reason, sending } = c;
                let (answered, key) =
                    (DemandAnswer::Declined(reason), format!("data/decline/{demand}"));
                answer(&sending, "decline", demand, answered, &key, ui, config)
            }
            Self::Withdraw(c) => {
                let Answer { demand, reason, sending } = c;
                let (answered, key) =
                    (DemandAnswer::Withdrawn(reason), format!("data/drop/{demand}"));
                answer(&sending, "withdraw", demand, answered, &key, ui, config)
            }
            Self::List(c) => c.run(ui, config),
        }
    }
}

impl Raise {
    fn run(self, ui: &Ui, config: &Config) -> Done {
        let desk = self.sending.open(ui, config)?;
        let definition = digest_of(&self.entry)?;
        let name = Text::new(&self.name).class(Class::Usage)?;
        let (of, purpose) = (self.of.clone(), self.purpose.clone());
        let act = DataAct::Demand(Demand { of, name, definition, purpose });
        let done = desk.send(&format!("data/demand/{definition}"), act)?;
        let state: DemandState = send::known(&desk.client, &state_key::demand(&done.id))?;
        desk.told("demand", &done, done.id, state.status.name())
    }
}

fn answer(
    sending: &Sending,
    verb: &'static str,
    demand: Digest,
    answer: DemandAnswer,
    key: &str,
    ui: &Ui,
    config: &Config,
) -> Done {
    let desk = sending.open(ui, config)?;
    let leaf = state_key::demand(&demand);
    let _: DemandState = send::known(&desk.client, &leaf)?;
    let done = desk.send(key, DataAct::AnswerDemand(AnswerDemand { demand, answer }))?;
    let state: DemandState = send::known(&desk.client, &leaf)?;
    desk.told(verb, &done, demand, state.status.name())
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    demands: Vec<Shown>,
}

/// An entry of the demand list, as it stands.
#[derive(Serialize)]
pub(super) struct Shown {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) by: String,
    pub(super) of: String,
    pub(super) purpose: String,
    pub(super) status: &'static str,
    pub(super) resource: Option<String>,
    pub(super) reason: u16,
}

impl List {
    fn run(self, ui: &Ui, config: &Config) -> Done {
        let client = self.ledger.open(config)?;
        let mut demands = Vec::new();
        for prefix in [index_key::provider(&self.of), index_key::consumer(&self.of)] {
            for told in reading::records(&client, &prefix)? {
                let DataAct::Demand(demand) = told.act else { continue };
                let state: DemandState = send::known(&client, &state_key::demand(&told.id))?;
                if !self.open || state.status.name() == "open" {
                    demands.push(Shown {
                        id: told.id.to_string(),
                        name: demand.name.to_string(),
                        by: state.organisation.to_string(),
                        of: state.of.to_string(),
                        purpose: demand.purpose.to_string(),
                        status: state.status.name(),
                        resource: state.resource.map(|r| r.to_string()),
                        reason: state.reason,
                    });
                }
            }
        }
        demands.sort_by(|a, b| a.id.cmp(&b.id));
        demands.dedup_by(|a, b| a.id == b.id);
        let view = View { schema: "yinxin.data-demands/1", demands };
        ui.result(&view, |v| v.demands.iter().map(Shown::text).collect())
    }
}

impl Shown {
    pub(super) fn text(&self) -> String {
        let Self { id, name, by, of, purpose, status, resource, .. } = self;
        let met = resource.as_ref().map(|r| format!(" → {r}")).unwrap_or_default();
        format!("{name}: {status}{met}\n  {by} → {of}, {purpose}\n  {id}\n")
    }
}
