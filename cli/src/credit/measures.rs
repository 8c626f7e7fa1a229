//! `credit measure list`: what a department did because of places on lists, what came of it, and what it has yet to lift, by when.

use serde::Serialize;
use yinxin_credit::Lifting;
use yinxin_ledger::index_key;
use yinxin_record::{
    ApplyMeasure, CreditAct, ItemState, MeasureState, OrganisationCode, state_key,
};
use yinxin_sharing::calendar::Calendar;
use yinxin_verdict::UnixTime;

use super::{
    events::{self, Event},
    words,
};
use crate::{
    calendar::CalendarArgs,
    config::Config,
    fail::Done,
    send,
    submit::{Client, LedgerArgs},
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
    calendar: CalendarArgs,
    #[command(flatten)]
    ledger: LedgerArgs,
}

#[derive(Serialize)]
struct ListView {
    schema: &'static str,
    of: String,
    as_of: String,
    /// In the order in which they were applied.
    measures: Vec<MeasureView>,
    /// How many of all that it applied are to be lifted.
    due: usize,
    /// How many of these are overdue.
    overdue: usize,
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
    /// Of one that is due, the day on which its item ended.
    ended: Option<String>,
    /// Of one that is due, the last day to lift it in time; none if the calendar lacks the year.
    lift_by: Option<String>,
    /// That day is over.
    overdue: bool,
}

impl ListMeasures {
    /// Reads the department's acts, and how each measure and its item stand.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let (client, calendar) = (self.ledger.open(config)?, self.calendar.load()?);
        let now = ui::now();
        let mut measures = Vec::new();
        for event in events::events(&client, &index_key::credit_measures(&self.of))? {
            let CreditAct::ApplyMeasure(act) = &event.act else { continue };
            let state: MeasureState = send::known(&client, &state_key::credit_measure(&event.id))?;
            let item: ItemState = send::known(&client, &state_key::credit_item(&state.item))?;
            let lifting = lifting(&client, &calendar, (&state, &item, now))?;
            measures.push(MeasureView::new(&event, act, (&state, &item), lifting));
        }
        let due = measures.iter().filter(|measure| measure.due).count();
        let overdue = measures.iter().filter(|measure| measure.overdue).count();
        measures.retain(|measure| measure.due || !self.due);
        let view = ListView {
            schema: "yinxin.credit-measure-list/1",
            of: self.of.to_string(),
            as_of: now.to_string(),
            measures,
            due,
            overdue,
        };
        ui.result(&view, |v| text(v, ui))
    }
}

/// By when a measure is to be lifted, if it is; only then its class is asked for.
fn lifting(
    client: &Client,
    calendar: &Calendar,
    (state, item, now): (&MeasureState, &ItemState, UnixTime),
) -> Done<Option<Lifting>> {
    if !state.is_due(item, now) {
        return Ok(None);
    }
    let class = words::class(client, &item.class)?;
    Ok(Lifting::of(state, item, &class, calendar, now)?)
}

impl MeasureView {
    fn new(
        applied: &Event,
        act: &ApplyMeasure,
        (state, item): (&MeasureState, &ItemState),
        lifting: Option<Lifting>,
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
            due: lifting.is_some(),
            ended: lifting.map(|lifting| lifting.ended.to_string()),
            lift_by: lifting.and_then(|lifting| lifting.by).map(|day| day.to_string()),
            overdue: lifting.is_some_and(|lifting| lifting.overdue),
        }
    }

    fn text(&self, ui: &Ui) -> String {
        let Self { id, measure, status, law, applied, subject, class, item_status, .. } = self;
        let due = self.owed(ui);
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

    /// What its department has to do, and by when.
    fn owed(&self, ui: &Ui) -> String {
        let Some(ended) = &self.ended else { return String::new() };
        let (to_lift, since) = (ui.pick("to be lifted", "应解除"), ui.pick("ended", "记录终止于"));
        let by = self.lift_by.as_ref().map_or_else(String::new, |day| {
            format!("{} {day}", ui.pick(", lift by", "，应于此日前解除"))
        });
        let late = if self.overdue { ui.pick("  OVERDUE", "  已逾期") } else { "" };
        format!("\n  ! {to_lift}: {since} {ended}{by}{late}")
    }
}

fn text(v: &ListView, ui: &Ui) -> String {
    let mut out: String = v.measures.iter().map(|measure| measure.text(ui)).collect();
    let (listed, due, overdue) = (v.measures.len(), v.due, v.overdue);
    out.push_str(&match ui.pick("en", "zh") {
        "zh" => format!("列出 {listed} 项，应解除 {due} 项，其中逾期 {overdue} 项\n"),
        _ => format!("{listed} listed, {due} to be lifted, {overdue} of them overdue\n"),
    });
    out
}
