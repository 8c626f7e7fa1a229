//! `credit measure list`: what a department did because of places on lists, what came of it, and what it has yet to lift.

use serde::Serialize;
use yinxin_ledger::index_key;
use yinxin_record::{
    ApplyMeasure, CreditAct, ItemState, MeasureState, OrganisationCode, state_key,
};
use yinxin_verdict::UnixTime;

use super::events::{self, Event};
use crate::{
    config::Config,
    fail::Done,
    send,
    submit::LedgerArgs,
    ui::{self, Ui},
};

/// `yinxin credit measure list`
#[derive(Debug, clap::Args)]
pub(crate) struct ListMeasures {
    /// The department that applied them
    #[arg(long, value_name = "CODE", value_parser = OrganisationCode::new)]
    of: OrganisationCode,
    /// Only what it has to lift: the item has ended
    #[arg(long)]
    due: bool,
    #[command(flatten)]
    ledger: LedgerArgs,
}

#[derive(Serialize)]
struct ListView {
    schema: &'static str,
    of: String,
    /// In the order in which they were applied.
    measures: Vec<MeasureView>,
    /// How many of all that it applied are to be lifted.
    due: usize,
}

/// A measure, the place on a list that it rests on, and what came of it.
#[derive(Serialize)]
struct MeasureView {
    id: String,
    measure: String,
    status: &'static str,
    law: String,
    applied: String,
    subject: String,
    item: String,
    class: String,
    item_status: &'static str,
    feedbacks: u32,
    /// What was told last, by code; none before anything was told.
    result: Option<u16>,
    /// Its item has ended, and it is not lifted.
    due: bool,
}

impl ListMeasures {
    /// Reads the department's acts, and how each measure and its item stand.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let client = self.ledger.open(config)?;
        let now = ui::now();
        let mut measures = Vec::new();
        for event in events::events(&client, &index_key::credit_measures(&self.of))? {
            let CreditAct::ApplyMeasure(act) = &event.act else { continue };
            let state: MeasureState = send::known(&client, &state_key::credit_measure(&event.id))?;
            let item: ItemState = send::known(&client, &state_key::credit_item(&state.item))?;
            measures.push(MeasureView::new(&event, act, &state, (&item, now)));
        }
        let due = measures.iter().filter(|measure| measure.due).count();
        measures.retain(|measure| measure.due || !self.due);
        let of = self.of.to_string();
        let view = ListView { schema: "yinxin.credit-measures/1", of, measures, due };
        ui.result(&view, |v| text(v, ui))
    }
}

impl MeasureView {
    fn new(
        applied: &Event,
        act: &ApplyMeasure,
        state: &MeasureState,
        (item, now): (&ItemState, UnixTime),
    ) -> Self {
        Self {
            id: applied.id.to_string(),
            measure: state.measure.to_string(),
            status: state.status.name(),
            law: act.law.to_string(),
            applied: applied.time.to_string(),
            subject: state.subject.to_string(),
            item: state.item.to_string(),
            class: item.class.to_string(),
            item_status: item.status.name(),
            feedbacks: state.feedbacks,
            result: (state.feedbacks > 0).then_some(state.result),
            due: state.is_due(item, now),
        }
    }

    fn text(&self, ui: &Ui) -> String {
        let Self { id, measure, status, law, applied, subject, class, item_status, .. } = self;
        let due = if self.due { ui.pick("  ! to be lifted", "  ! 应解除") } else { "" };
        let told = match (self.result, ui.pick("en", "zh")) {
            (Some(result), "zh") => {
                format!("，已反馈 {} 次，最近结果代码 {result}", self.feedbacks)
            }
            (Some(result), _) => format!(", told {}×, last result {result}", self.feedbacks),
            (None, "zh") => "，尚未反馈".to_owned(),
            (None, _) => ", nothing told yet".to_owned(),
        };
        format!(
            "- {measure}: {status}{told}{due}\n  {id}\n  {subject} {class} ({item_status})\n  {applied} {law}\n"
        )
    }
}

fn text(v: &ListView, ui: &Ui) -> String {
    let mut out: String = v.measures.iter().map(|measure| measure.text(ui)).collect();
    let (listed, due) = (v.measures.len(), v.due);
    out.push_str(&match ui.pick("en", "zh") {
        "zh" => format!("列出 {listed} 项，应解除 {due} 项\n"),
        _ => format!("{listed} listed, {due} to be lifted\n"),
    });
    out
}
