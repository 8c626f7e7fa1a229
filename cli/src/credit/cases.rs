//! `credit case …`: items of batches are objected to, repaired, and what is decided is carried out by their source.

use std::{
    fs::File,
    io::{self, BufReader},
    path::PathBuf,
};

use yinxin_credit::source::{Published, locate};
use yinxin_gm::Digest;
use yinxin_record::{
    CloseSourceCase, CreditAct, DecideSourceCase, InBatch, PublishClass, RaiseSourceCase,
    SourceAsk, SourceCaseState, SourceEvent, SourceItemState, SourceObjection, SourceRepair,
    SourceRuling, state_key,
};

use super::{
    asks::{Applying, Objecting, repair_rule},
    failure,
    publishing::Publishing,
    words::{self, NO_DEADLINE},
};
use crate::{
    calendar::CalendarArgs,
    config::Config,
    fail::{At, Class, Done, Failure},
    papers::Paper,
    send::{self, Desk, Sending, Sent},
    ui::Ui,
};

/// `yinxin credit case …`
#[derive(Debug, clap::Subcommand)]
pub(crate) enum CaseCommand {
    /// Object to an item of a batch; the record's id is the case's
    Object(Object),
    /// Apply for the repair of an item of a batch; the record's id is the case's
    Repair(Repair),
    /// Decide: the item's authority or its source does, an authority over credit what is overdue; whoever raised the case drops it
    Decide(Decide),
    /// Show the record of a later batch that carries out what was ordered
    Done(Carried),
    /// Tell that the source has not carried out in time what was ordered: it is counted
    Neglected(Neglected),
}

/// A record of a batch, where its source publishes it.
#[derive(Debug, clap::Args)]
struct Located {
    /// The record's id
    #[arg(value_name = "RECORD")]
    record: Digest,
    /// The folder in which its source publishes its batches (`N.records`)
    #[arg(long, value_name = "DIR")]
    batches: PathBuf,
    /// The batch that it is in [default: the first in the folder that has it]
    #[arg(long, value_name = "N")]
    batch: Option<u64>,
}

/// `yinxin credit case object`
#[derive(Debug, clap::Args)]
pub(crate) struct Object {
    #[command(flatten)]
    item: Located,
    #[command(flatten)]
    objecting: Objecting,
    #[command(flatten)]
    calendar: CalendarArgs,
    #[command(flatten)]
    sending: Sending,
}

/// `yinxin credit case repair`
#[derive(Debug, clap::Args)]
pub(crate) struct Repair {
    #[command(flatten)]
    item: Located,
    #[command(flatten)]
    applying: Applying,
    #[command(flatten)]
    calendar: CalendarArgs,
    #[command(flatten)]
    sending: Sending,
}

/// `yinxin credit case decide`
#[derive(Debug, clap::Args)]
pub(crate) struct Decide {
    /// The case
    #[arg(value_name = "CASE")]
    case: Digest,
    /// How: uphold, correct or withdraw an objection, repair or reject an application, or drop
    #[arg(value_name = "RULING", value_parser = ruling)]
    ruling: SourceRuling,
    /// The paper that says so: a file, or a salted digest
    #[arg(long, value_name = "FILE", value_parser = Paper::parse)]
    paper: Paper,
    /// Of a correction: the salted digest of the content as it should be, if it is known
    #[arg(long, value_name = "DIGEST")]
    content: Option<Digest>,
    /// Why, by code
    #[arg(long, value_name = "N", default_value_t = 0)]
    reason: u16,
    #[command(flatten)]
    calendar: CalendarArgs,
    #[command(flatten)]
    sending: Sending,
}

/// `yinxin credit case done`
#[derive(Debug, clap::Args)]
pub(crate) struct Carried {
    /// The case
    #[arg(value_name = "CASE")]
    case: Digest,
    #[command(flatten)]
    record: Located,
    #[command(flatten)]
    sending: Sending,
}

/// `yinxin credit case neglected`
#[derive(Debug, clap::Args)]
pub(crate) struct Neglected {
    /// The case
    #[arg(value_name = "CASE")]
    case: Digest,
    #[command(flatten)]
    sending: Sending,
}

fn ruling(name: &str) -> Result<SourceRuling, String> {
    let names = || SourceRuling::ALL.iter().map(|r| r.name()).collect::<Vec<_>>().join(", ");
    SourceRuling::from_name(name).ok_or_else(|| format!("expected one of {}", names()))
}

impl CaseCommand {
    /// Does what is asked.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        match self {
            Self::Object(c) => c.run(ui, config),
            Self::Repair(c) => c.run(ui, config),
            Self::Decide(c) => c.run(ui, config),
            Self::Done(c) => c.run(ui, config),
            Self::Neglected(c) => c.run(ui, config),
        }
    }
}

impl Located {
    /// The record with its way to the log root of its batch; the ledger says whether that is the batch's.
    fn find(&self) -> Done<InBatch> {
        for sequence in self.batch.map_or(1..=u64::MAX, |n| n..=n) {
            let path = Publishing::file(&self.batches, sequence);
            let file = match File::open(&path) {
                Ok(file) => BufReader::with_capacity(1 << 20, file),
                Err(e) if e.kind() == io::ErrorKind::NotFound => break,
                Err(e) => return Err(Failure::io(&path, &e)),
            };
            let found = locate(Published::new(file), sequence, &self.record);
            if let Some(found) = found.map_err(|e| failure(&e)).at(path.display())? {
                return Ok(found);
            }
        }
        let record = self.record;
        Err(Failure::new(
            Class::Usage,
            format!("no batch in the folder has record {record}"),
            format!("该文件夹的各批次中没有记录 {record}"),
        )
        .at(self.batches.display())
        .todo(
            "give --batches with the folder that the item's source publishes, and the record's id as a view shows it",
            "请用 --batches 指定来源公布批次的文件夹，并使用视图所示的记录编号",
        ))
    }

    /// An item, and its class as published.
    fn item(&self, desk: &Desk<'_>) -> Done<(InBatch, PublishClass)> {
        let found = self.find()?;
        let SourceEvent::Record(item) = &found.record.event else {
            let (en, zh) =
                ("the record tells what became of an item", "该记录为后续事项，不是信用记录");
            return Err(Failure::new(Class::Usage, en, zh)
                .todo("give the id of the item's own record", "请使用信用记录本身的编号"));
        };
        let class = words::class(&desk.client, &item.class)?;
        Ok((found, class))
    }
}

impl Object {
    fn run(self, ui: &Ui, config: &Config) -> Done {
        let desk = self.sending.open(ui, config)?;
        let (item, class) = self.item.item(&desk)?;
        let Objecting { statement, reason } = &self.objecting;
        let (reason, statement) = (*reason, statement.digest()?);
        let ask = SourceAsk::Objection(SourceObjection { reason, statement });
        raise(&desk, &self.calendar, (item, ask), class.limits.objection_days)
    }
}

impl Repair {
    fn run(self, ui: &Ui, config: &Config) -> Done {
        let desk = self.sending.open(ui, config)?;
        let (item, class) = self.item.item(&desk)?;
        let days = repair_rule(&class)?.days;
        let Applying { evidence, commitment } = &self.applying;
        let (evidence, commitment) = (words::all(evidence)?, commitment.digest()?);
        let ask = SourceAsk::Repair(SourceRepair { evidence, commitment });
        raise(&desk, &self.calendar, (item, ask), days)
    }
}

fn raise(
    desk: &Desk<'_>,
    calendar: &CalendarArgs,
    (item, ask): (InBatch, SourceAsk),
    days: u16,
) -> Done {
    let verb = if matches!(ask, SourceAsk::Objection(_)) { "case object" } else { "case repair" };
    let mut act = RaiseSourceCase { item, ask, deadline: NO_DEADLINE };
    let key = words::key("case", &act);
    act.deadline = calendar.deadline(days.into())?;
    let done = desk.send(&key, CreditAct::RaiseCase(act))?;
    let id = done.id;
    told(desk, verb, &done, id)
}

impl Decide {
    fn run(self, ui: &Ui, config: &Config) -> Done {
        let desk = self.sending.open(ui, config)?;
        let leaf = state_key::credit_source_case(&self.case);
        let case: SourceCaseState = send::known(&desk.client, &leaf)?;
        let leaf = state_key::credit_source_item(&case.item);
        let item: SourceItemState = send::known(&desk.client, &leaf)?;
        let Self { case, ruling, reason, content, .. } = self;
        let paper = self.paper.digest()?;
        let mut act = DecideSourceCase { case, ruling, reason, paper, content, carry_by: None };
        let key = words::key("case-decide", &act);
        if ruling.follow().is_some() {
            let days = words::class(&desk.client, &item.class)?.limits.withdraw_days;
            act.carry_by = Some(self.calendar.deadline(days.into())?);
        }
        let done = desk.send(&key, CreditAct::DecideCase(act))?;
        told(&desk, "case decide", &done, case)
    }
}

impl Carried {
    fn run(self, ui: &Ui, config: &Config) -> Done {
        let desk = self.sending.open(ui, config)?;
        close(&desk, "case done", self.case, Some(self.record.find()?))
    }
}

impl Neglected {
    fn run(self, ui: &Ui, config: &Config) -> Done {
        let desk = self.sending.open(ui, config)?;
        close(&desk, "case neglected", self.case, None)
    }
}

fn close(desk: &Desk<'_>, verb: &'static str, case: Digest, done: Option<InBatch>) -> Done {
    let act = CloseSourceCase { case, done };
    let done = desk.send(&words::key("case-close", &act), CreditAct::CloseCase(act))?;
    told(desk, verb, &done, case)
}

fn told(desk: &Desk<'_>, act: &'static str, done: &Sent, case: Digest) -> Done {
    let leaf = state_key::credit_source_case(&case);
    let state: SourceCaseState = send::known(&desk.client, &leaf)?;
    desk.told(act, done, case, state.status.name())
}
