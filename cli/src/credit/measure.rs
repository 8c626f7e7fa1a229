//! `credit measure …`: what a department does because of a place on a list, what came of it, and what it owes to lift.

use serde::Serialize;
use yinxin_credit::Lifting;
use yinxin_gm::Digest;
use yinxin_ledger::index_key;
use yinxin_record::{
    ApplyMeasure, CreditAct, ItemState, Law, LiftMeasure, MeasureCode, MeasureFeedback,
    MeasureState, OrganisationCode, state_key,
};

use super::{events, failure, words};
use crate::{
    calendar::CalendarArgs,
    config::Config,
    fail::Done,
    papers::Paper,
    send::{self, Desk, Sending, Sent},
    submit::LedgerArgs,
    ui::{self, Ui},
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
    /// Show a department's measures whose item has ended and that are not lifted, with the last day to lift them
    Due(Due),
    /// List what a department applied, what came of it, and what it has yet to lift
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

/// `yinxin credit measure due`
#[derive(Debug, clap::Args)]
pub(crate) struct Due {
    /// The department's unified social credit code
    #[arg(value_name = "CODE", value_parser = OrganisationCode::new)]
    department: OrganisationCode,
    #[command(flatten)]
    calendar: CalendarArgs,
    #[command(flatten)]
    ledger: LedgerArgs,
}

#[derive(Serialize)]
struct DuesView {
    schema: &'static str,
    department: String,
    as_of: String,
    /// Measures that are to be lifted, oldest first.
    due: Vec<DueView>,
    /// How many of them are overdue.
    overdue: usize,
}

#[derive(Serialize)]
struct DueView {
    measure: String,
    code: String,
    item: String,
    subject: String,
    ended: String,
    lift_by: String,
    overdue: bool,
}

impl Due {
    fn run(self, ui: &Ui, config: &Config) -> Done {
        let (client, calendar) = (self.ledger.open(config)?, self.calendar.load()?);
        let now = ui::now();
        let mut due = Vec::new();
        for event in events::events(&client, &index_key::credit_measures(&self.department))? {
            let CreditAct::ApplyMeasure(act) = &event.act else { continue };
            let state: MeasureState = send::known(&client, &state_key::credit_measure(&event.id))?;
            let item: ItemState = send::known(&client, &state_key::credit_item(&act.item))?;
            if !state.is_due(&item, now) {
                continue;
            }
            let class = words::class(&client, &item.class)?;
            let lifting = Lifting::of(&state, &item, &class, &calendar, now);
            let Some(lifting) = lifting.map_err(|e| failure(&e))? else { continue };
            due.push(DueView {
                measure: event.id.to_string(),
                code: state.measure.to_string(),
                item: act.item.to_string(),
                subject: state.subject.to_string(),
                ended: lifting.ended.to_string(),
                lift_by: lifting.by.to_string(),
                overdue: lifting.overdue,
            });
        }
        let view = DuesView {
            schema: "yinxin.credit-measures-due/1",
            department: self.department.to_string(),
            as_of: now.to_string(),
            overdue: due.iter().filter(|due| due.overdue).count(),
            due,
        };
        ui.result(&view, |v| v.text(ui))
    }
}

impl DuesView {
    fn text(&self, ui: &Ui) -> String {
        let (by, since) = (ui.pick("lift by", "应于此日前解除"), ui.pick("ended", "记录终止于"));
        let late = ui.pick("  OVERDUE", "  已逾期");
        let lines = self.due.iter().map(|due| {
            let DueView { measure, code, subject, ended, lift_by, overdue, .. } = due;
            let late = if *overdue { late } else { "" };
            format!("{code}  {subject}  {since} {ended}  {by} {lift_by}{late}\n  {measure}\n")
        });
        let text: String = lines.collect();
        let (count, overdue) = (self.due.len(), self.overdue);
        let en = format!("{count} to be lifted, {overdue} of them overdue\n");
        let zh = format!("应解除 {count} 项，其中逾期 {overdue} 项\n");
        text + ui.pick(&en, &zh)
    }
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
            Self::Due(c) => c.run(ui, config),
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
