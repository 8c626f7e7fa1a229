//! `credit measure …`: what a department does because of a place on a list, and what came of it.

use yinxin_gm::Digest;
use yinxin_record::{
    ApplyMeasure, CreditAct, Law, LiftMeasure, MeasureCode, MeasureFeedback, MeasureState,
    state_key,
};

use super::words;
use crate::{
    config::Config,
    fail::Done,
    papers::Paper,
    send::{self, Desk, Sending, Sent},
    ui::Ui,
};

/// `yinxin credit measure …`
#[derive(Debug, clap::Subcommand)]
pub(crate) enum MeasureCommand {
    /// Apply a measure or an incentive; the record's id is the measure's
    Apply(Apply),
    /// Tell what came of it
    Tell(Tell),
    /// Lift it
    Lift(Lift),
    /// List what a department applied, what came of it, and what it has yet to lift, by when
    List(super::measures::ListMeasures),
}

/// `yinxin credit measure apply`
#[derive(Debug, clap::Args)]
pub(crate) struct Apply {
    /// The item's id: a place on a list
    #[arg(value_name = "ITEM")]
    item: Digest,
    /// Which measure, one of the list's
    #[arg(value_name = "MEASURE", value_parser = measure)]
    measure: MeasureCode,
    /// On which law
    #[arg(long, value_name = "TEXT", value_parser = words::law)]
    law: Law,
    /// The case in which it is applied: a file, or a salted digest
    #[arg(long, value_name = "FILE", value_parser = Paper::parse)]
    case: Paper,
    #[command(flatten)]
    sending: Sending,
}

/// `yinxin credit measure tell`
#[derive(Debug, clap::Args)]
pub(crate) struct Tell {
    /// The measure's id
    #[arg(value_name = "MEASURE")]
    measure: Digest,
    /// What came of it, by code
    #[arg(long, value_name = "N")]
    result: u16,
    /// The report: a file, or a salted digest
    #[arg(long, value_name = "FILE", value_parser = Paper::parse)]
    report: Paper,
    #[command(flatten)]
    sending: Sending,
}

/// `yinxin credit measure lift`
#[derive(Debug, clap::Args)]
pub(crate) struct Lift {
    /// The measure's id
    #[arg(value_name = "MEASURE")]
    measure: Digest,
    /// Why, by code
    #[arg(long, value_name = "N", default_value_t = 0)]
    reason: u16,
    #[command(flatten)]
    sending: Sending,
}

fn measure(text: &str) -> Result<MeasureCode, String> {
    MeasureCode::new(text).map_err(|e| e.to_string())
}

impl MeasureCommand {
    /// Does what is asked.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        match self {
            Self::Apply(c) => c.run(ui, config),
            Self::Tell(c) => c.run(ui, config),
            Self::Lift(c) => c.run(ui, config),
            Self::List(c) => c.run(ui, config),
        }
    }
}

impl Apply {
    fn run(self, ui: &Ui, config: &Config) -> Done {
        let desk = self.sending.open(ui, config)?;
        let case = self.case.digest()?;
        let act = ApplyMeasure { item: self.item, measure: self.measure, law: self.law, case };
        let done = desk.send(&words::key("measure", &act), CreditAct::ApplyMeasure(act))?;
        let id = done.id;
        told(&desk, "measure apply", &done, id)
    }
}

impl Tell {
    fn run(self, ui: &Ui, config: &Config) -> Done {
        let desk = self.sending.open(ui, config)?;
        let (measure, result) = (self.measure, self.result);
        let act = MeasureFeedback { measure, result, report: self.report.digest()? };
        let done = desk.send(&words::key("tell", &act), CreditAct::TellMeasure(act))?;
        told(&desk, "measure tell", &done, measure)
    }
}

impl Lift {
    fn run(self, ui: &Ui, config: &Config) -> Done {
        let desk = self.sending.open(ui, config)?;
        let act = LiftMeasure { measure: self.measure, reason: self.reason };
        let done = desk.send(&words::key("lift", &act), CreditAct::LiftMeasure(act))?;
        told(&desk, "measure lift", &done, self.measure)
    }
}

fn told(desk: &Desk<'_>, act: &'static str, done: &Sent, measure: Digest) -> Done {
    let leaf = state_key::credit_measure(&measure);
    let state: MeasureState = send::known(&desk.client, &leaf)?;
    desk.told(act, done, measure, state.status.name())
}
