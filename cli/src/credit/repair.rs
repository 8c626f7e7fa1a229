//! `credit repair …`: applications for repair, decisions, and reinstatement where a repair rested on what was false.

use yinxin_gm::Digest;
use yinxin_record::{
    ApplyRepair, CreditAct, DecideRepair, Reinstate as ReinstateAct, RepairDecision, RepairState,
    state_key,
};

use super::{
    asks::{Applying, repair_rule},
    words::{self, NO_DEADLINE},
};
use crate::{
    calendar::CalendarArgs,
    config::Config,
    fail::Done,
    papers::Paper,
    send::{self, Desk, Sending, Sent},
    ui::Ui,
};

/// `yinxin credit repair …`
#[derive(Debug, clap::Subcommand)]
pub(crate) enum RepairCommand {
    /// Apply for an item's repair; the record's id is the application's
    Apply(Apply),
    /// Decide on an application
    #[command(group = clap::ArgGroup::new("decision").required(true))]
    Decide(Decide),
    /// A repair rested on what was false: the item is in force again
    Reinstate(Reinstate),
}

/// `yinxin credit repair apply`
#[derive(Debug, clap::Args)]
pub(crate) struct Apply {
    /// The item's id
    #[arg(value_name = "ITEM")]
    item: Digest,
    #[command(flatten)]
    applying: Applying,
    #[command(flatten)]
    calendar: CalendarArgs,
    #[command(flatten)]
    sending: Sending,
}

/// `yinxin credit repair decide`
#[derive(Debug, clap::Args)]
pub(crate) struct Decide {
    /// The application's id
    #[arg(value_name = "APPLICATION")]
    application: Digest,
    /// Accept, by this decision: a file, or a salted digest
    #[arg(long, value_name = "FILE", value_parser = Paper::parse, group = "decision")]
    accept: Option<Paper>,
    /// Reject, for this reason by code
    #[arg(long, value_name = "N", group = "decision")]
    reject: Option<u16>,
    #[command(flatten)]
    sending: Sending,
}

/// `yinxin credit repair reinstate`: by whoever accepted the repair, or by a credit authority.
#[derive(Debug, clap::Args)]
pub(crate) struct Reinstate {
    /// The application's id
    #[arg(value_name = "APPLICATION")]
    application: Digest,
    /// The finding that it was false: a file, or a salted digest
    #[arg(long, value_name = "FILE", value_parser = Paper::parse)]
    finding: Paper,
    /// Why, by code
    #[arg(long, value_name = "N", default_value_t = 0)]
    reason: u16,
    #[command(flatten)]
    sending: Sending,
}

impl RepairCommand {
    /// Does what is asked.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        match self {
            Self::Apply(c) => c.run(ui, config),
            Self::Decide(c) => c.run(ui, config),
            Self::Reinstate(c) => c.run(ui, config),
        }
    }
}

impl Apply {
    fn run(self, ui: &Ui, config: &Config) -> Done {
        let desk = self.sending.open(ui, config)?;
        let state = words::item(&desk, &self.item)?;
        let class = words::class(&desk.client, &state.class)?;
        let days = repair_rule(&class)?.days;
        let Applying { evidence, commitment } = &self.applying;
        let (evidence, commitment) = (words::all(evidence)?, commitment.digest()?);
        let item = self.item;
        let mut act = ApplyRepair { item, evidence, commitment, deadline: NO_DEADLINE };
        let key = words::key("repair", &act);
        act.deadline = self.calendar.deadline(days.into())?;
        let done = desk.send(&key, CreditAct::ApplyRepair(act))?;
        let id = done.id;
        told(&desk, "repair apply", &done, id)
    }
}

impl Decide {
    fn run(self, ui: &Ui, config: &Config) -> Done {
        let desk = self.sending.open(ui, config)?;
        let decision = match (&self.accept, self.reject) {
            (Some(paper), _) => RepairDecision::Accept(paper.digest()?),
            (None, reason) => RepairDecision::Reject(reason.unwrap_or_default()),
        };
        let act = DecideRepair { application: self.application, decision };
        let done = desk.send(&words::key("decide", &act), CreditAct::DecideRepair(act))?;
        told(&desk, "repair decide", &done, self.application)
    }
}

impl Reinstate {
    fn run(self, ui: &Ui, config: &Config) -> Done {
        let desk = self.sending.open(ui, config)?;
        let (application, reason) = (self.application, self.reason);
        let act = ReinstateAct { application, evidence: self.finding.digest()?, reason };
        let done = desk.send(&words::key("reinstate", &act), CreditAct::Reinstate(act))?;
        told(&desk, "repair reinstate", &done, application)
    }
}

fn told(desk: &Desk<'_>, act: &'static str, done: &Sent, application: Digest) -> Done {
    let leaf = state_key::credit_repair(&application);
    let state: RepairState = send::known(&desk.client, &leaf)?;
    desk.told(act, done, application, state.status.name())
}
