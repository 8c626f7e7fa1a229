//! `credit dispute | resolve`: objections, and what becomes of them.

use clap::ValueEnum;
use yinxin_gm::Digest;
use yinxin_record::{
    CreditAct, ObjectionState, RaiseObjection, Resolution, ResolveObjection, state_key,
};

use super::{
    asks::Objecting,
    contents::Tables,
    record::CorrectionOption,
    words::{self, NO_DEADLINE},
};
use crate::{
    calendar::CalendarArgs,
    config::Config,
    fail::{Class, Done, Failure},
    send::{self, Sending},
    ui::Ui,
};

/// `yinxin credit dispute`
#[derive(Debug, clap::Args)]
pub(crate) struct Dispute {
    /// The item's id
    #[arg(value_name = "ITEM")]
    item: Digest,
    #[command(flatten)]
    objecting: Objecting,
    #[command(flatten)]
    calendar: CalendarArgs,
    #[command(flatten)]
    sending: Sending,
}

impl Dispute {
    /// Raises the objection; the record's id is the objection's.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let desk = self.sending.open(ui, config)?;
        let state = words::item(&desk, &self.item)?;
        let days = words::class(&desk.client, &state.class)?.limits.objection_days;
        let Objecting { statement, reason } = &self.objecting;
        let (item, reason, statement) = (self.item, *reason, statement.digest()?);
        let deadline = NO_DEADLINE;
        let mut act = RaiseObjection { item, reason, statement, deadline, signature: None };
        let key = words::key("dispute", &act);
        act.deadline = self.calendar.deadline(days.into())?;
        let done = desk.send(&key, CreditAct::Object(act))?;
        let leaf = state_key::credit_objection(&done.id);
        let state: ObjectionState = send::known(&desk.client, &leaf)?;
        desk.told("dispute", &done, done.id, state.status.name())
    }
}

/// How an objection is resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum How {
    /// The item is right
    Upheld,
    /// The item is corrected; give --form and --contents
    Corrected,
    /// The item is withdrawn
    Withdrawn,
    /// Whoever raised the objection no longer does
    Dropped,
}

/// `yinxin credit resolve`
#[derive(Debug, clap::Args)]
pub(crate) struct Resolve {
    /// The objection's id
    #[arg(value_name = "OBJECTION")]
    objection: Digest,
    /// How
    #[arg(value_enum)]
    how: How,
    /// Why, by code
    #[arg(long, value_name = "N", default_value_t = 0)]
    reason: u16,
    #[command(flatten)]
    corrected: CorrectionOption,
    #[command(flatten)]
    tables: Tables,
    #[command(flatten)]
    sending: Sending,
}

impl Resolve {
    /// Resolves the objection.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let desk = self.sending.open(ui, config)?;
        let leaf = state_key::credit_objection(&self.objection);
        let objection: ObjectionState = send::known(&desk.client, &leaf)?;
        let resolution = match (self.how, self.corrected.given()) {
            (How::Corrected, Some(corrected)) => {
                let state = words::item(&desk, &objection.item)?;
                Resolution::Corrected(corrected.correction(
                    &desk,
                    &self.tables,
                    &state,
                    self.reason,
                )?)
            }
            (How::Corrected, None) => {
                return Err(Failure::new(
                    Class::Usage,
                    "a correction needs the content as it should be",
                    "更正须给出更正后的内容",
                )
                .todo(
                    "give --form FILE and --contents DIR",
                    "请给出 --form 文件 和 --contents 目录",
                ));
            }
            (How::Upheld, _) => Resolution::Upheld(self.reason),
            (How::Withdrawn, _) => Resolution::Withdrawn(self.reason),
            (How::Dropped, _) => Resolution::Dropped(self.reason),
        };
        let act = ResolveObjection { objection: self.objection, resolution };
        let done = desk.send(&words::key("resolve", &act), CreditAct::Resolve(act))?;
        let state: ObjectionState = send::known(&desk.client, &leaf)?;
        desk.told("resolve", &done, self.objection, state.status.name())
    }
}
