//! `credit objection`: a subject's own word against an item, signed far from any node; any member carries it.

use std::path::PathBuf;

use yinxin_gm::{Digest, sm3};
use yinxin_record::{
    CreditAct, ObjectionState, RaiseObjection, Resolution, ResolveObjection, Retraction, Wire,
    objection_bytes, state_key,
};

use super::{
    SubjectArgs,
    asks::Objecting,
    permission::signed,
    words::{self, NO_DEADLINE},
};
use crate::{
    calendar::CalendarArgs,
    config::Config,
    fail::{Class, Classed, Done},
    rng,
    send::{self, Desk, Sending, Sent},
    ui::Ui,
};

/// `yinxin credit objection …`
#[derive(Debug, clap::Subcommand)]
pub(crate) enum ObjectionCommand {
    /// Sign, as the subject, what is said against an item; needs no node
    Sign(Sign),
    /// Put a signed objection into the ledger: it is the subject's own, whoever carries it
    Submit(Submit),
    /// Sign, as the subject, that its objection is dropped; needs no node
    Retract(Retract),
    /// Put a signed retraction into the ledger
    Drop(Drop),
}

/// `yinxin credit objection sign`
#[derive(Debug, clap::Args)]
pub(crate) struct Sign {
    /// The item's id
    #[arg(value_name = "ITEM")]
    item: Digest,
    #[command(flatten)]
    objecting: Objecting,
    #[command(flatten)]
    signing: SubjectArgs,
}

/// `yinxin credit objection submit`
#[derive(Debug, clap::Args)]
pub(crate) struct Submit {
    /// What the subject signed
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    calendar: CalendarArgs,
    #[command(flatten)]
    sending: Sending,
}

/// `yinxin credit objection retract`
#[derive(Debug, clap::Args)]
pub(crate) struct Retract {
    /// The objection's id
    #[arg(value_name = "OBJECTION")]
    objection: Digest,
    /// Why, by code
    #[arg(long, value_name = "N", default_value_t = 0)]
    reason: u16,
    #[command(flatten)]
    signing: SubjectArgs,
}

/// `yinxin credit objection drop`
#[derive(Debug, clap::Args)]
pub(crate) struct Drop {
    /// The objection's id
    #[arg(value_name = "OBJECTION")]
    objection: Digest,
    /// What the subject signed
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    sending: Sending,
}

impl ObjectionCommand {
    /// Does what is asked.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        match self {
            Self::Sign(c) => c.run(ui, config),
            Self::Submit(c) => c.run(ui, config),
            Self::Retract(c) => c.run(ui, config),
            Self::Drop(c) => c.run(ui, config),
        }
    }
}

impl Sign {
    fn run(self, ui: &Ui, config: &Config) -> Done {
        let chain_id = self.signing.chain_id(config)?;
        let Objecting { statement, reason } = &self.objecting;
        let (item, reason, statement) = (self.item, *reason, statement.digest()?);
        let word =
            RaiseObjection { item, reason, statement, deadline: NO_DEADLINE, signature: None };
        let key = self.signing.key(ui)?;
        let signed = word.signed(&chain_id, &key, &mut rng::os()).class(Class::Key)?;
        let id = sm3::digest(&objection_bytes(&chain_id, &item, reason, &statement));
        self.signing.write("objection", id, &signed.to_der(), ui)
    }
}

impl Submit {
    fn run(self, ui: &Ui, config: &Config) -> Done {
        let mut act: RaiseObjection = signed(&self.file)?;
        let desk = self.sending.open(ui, config)?;
        let state = words::item(&desk, &act.item)?;
        let days = words::class(&desk.client, &state.class)?.limits.objection_days;
        act.deadline = NO_DEADLINE;
        let key = words::key("objection", &act);
        act.deadline = self.calendar.deadline(days.into())?;
        let done = desk.send(&key, CreditAct::Object(act))?;
        told(&desk, "objection submit", &done, done.id)
    }
}

impl Retract {
    fn run(self, ui: &Ui, config: &Config) -> Done {
        let chain_id = self.signing.chain_id(config)?;
        let key = self.signing.key(ui)?;
        let (id, reason) = (self.objection, self.reason);
        let word = Retraction::signed(&id, reason, &chain_id, &key, &mut rng::os());
        self.signing.write("retraction", id, &word.class(Class::Key)?.to_der(), ui)
    }
}

impl Drop {
    fn run(self, ui: &Ui, config: &Config) -> Done {
        let (objection, word) = (self.objection, signed(&self.file)?);
        let desk = self.sending.open(ui, config)?;
        let act = ResolveObjection { objection, resolution: Resolution::Retracted(word) };
        let done = desk.send(&words::key("resolve", &act), CreditAct::Resolve(act))?;
        told(&desk, "objection drop", &done, objection)
    }
}

fn told(desk: &Desk<'_>, act: &'static str, done: &Sent, objection: Digest) -> Done {
    let leaf = state_key::credit_objection(&objection);
    let state: ObjectionState = send::known(&desk.client, &leaf)?;
    desk.told(act, done, objection, state.status.name())
}
