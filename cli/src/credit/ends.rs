//! `credit withdraw | delist | commitment`: how items end, or are settled.

use yinxin_gm::Digest;
use yinxin_record::{
    Conditions, CreditAct, Date, Delist as DelistAct, ExitGround, SettleCommitment, WithdrawItem,
};

use super::{
    record::told,
    words::{self, EvidenceArg, NO_DEADLINE},
};
use crate::{
    calendar::CalendarArgs, config::Config, fail::Done, papers::Paper, send::Sending, ui::Ui,
};

/// `yinxin credit withdraw`
#[derive(Debug, clap::Args)]
pub(crate) struct Withdraw {
    /// The item's id
    #[arg(value_name = "ITEM")]
    item: Digest,
    /// The paper that changed, annulled or voided the decision: a file, or a salted digest
    #[arg(long, value_name = "FILE", value_parser = Paper::parse)]
    paper: Paper,
    /// The day of that paper
    #[arg(long, value_name = "DAY", value_parser = Date::parse)]
    decided: Date,
    /// Why, by code
    #[arg(long, value_name = "N", default_value_t = 0)]
    reason: u16,
    #[command(flatten)]
    calendar: CalendarArgs,
    #[command(flatten)]
    sending: Sending,
}

impl Withdraw {
    /// Withdraws the item; it stays on the ledger as withdrawn.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let desk = self.sending.open(ui, config)?;
        let state = words::item(&desk, &self.item)?;
        let days = words::class(&desk.client, &state.class)?.limits.withdraw_days;
        let Self { item, reason, decided, .. } = self;
        let paper = self.paper.digest()?;
        let mut act = WithdrawItem { item, reason, paper, decided, withdraw_by: NO_DEADLINE };
        let key = words::key("withdraw", &act);
        act.withdraw_by = self.calendar.deadline_from(decided, days)?;
        let done = desk.send(&key, CreditAct::Withdraw(act))?;
        told(&desk, "withdraw", &done, item)
    }
}

/// `yinxin credit delist`
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("ground").required(true))]
pub(crate) struct Delist {
    /// The item's id: the entry on the list
    #[arg(value_name = "ITEM")]
    item: Digest,
    /// The conditions of exit are met: evidence KIND=FILE or KIND=DIGEST of each kind that the class asks for; may be repeated
    #[arg(long = "evidence", value_name = "KIND=FILE", value_parser = words::evidence, group = "ground")]
    evidence: Vec<EvidenceArg>,
    /// The conditions of exit are met, and the class asks for no evidence
    #[arg(long, group = "ground")]
    conditions: bool,
    /// The item that this one rests on has ended: it was withdrawn or, where the class says so, repaired, struck off or cut short
    #[arg(long, value_name = "ITEM", group = "ground")]
    basis_ended: Option<Digest>,
    /// An item in force that costs the place
    #[arg(long, value_name = "ITEM", group = "ground")]
    excluded_by: Option<Digest>,
    /// Why, by code
    #[arg(long, value_name = "N", default_value_t = 0)]
    reason: u16,
    #[command(flatten)]
    sending: Sending,
}

impl Delist {
    /// Strikes the subject off the list.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let desk = self.sending.open(ui, config)?;
        let ground = match (self.basis_ended, self.excluded_by) {
            (Some(basis), _) => ExitGround::BasisEnded(basis),
            (None, Some(item)) => ExitGround::Excluded(item),
            (None, None) => {
                ExitGround::Conditions(Conditions { evidence: words::all(&self.evidence)? })
            }
        };
        let act = DelistAct { item: self.item, ground, reason: self.reason };
        let done = desk.send(&words::key("delist", &act), CreditAct::Delist(act))?;
        told(&desk, "delist", &done, self.item)
    }
}

/// `yinxin credit commitment …`
#[derive(Debug, clap::Subcommand)]
pub(crate) enum CommitmentCommand {
    /// The commitment was kept
    Fulfil(Settle),
    /// It was broken: its term counts from the day of the finding
    Break(Settle),
}

/// What was found about a commitment.
#[derive(Debug, clap::Args)]
pub(crate) struct Settle {
    /// The item's id: the commitment
    #[arg(value_name = "ITEM")]
    item: Digest,
    /// The finding: a file, or a salted digest
    #[arg(long, value_name = "FILE", value_parser = Paper::parse)]
    finding: Paper,
    /// The day of the finding
    #[arg(long, value_name = "DAY", value_parser = Date::parse)]
    found: Date,
    #[command(flatten)]
    sending: Sending,
}

impl CommitmentCommand {
    /// Settles the commitment.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let (verb, settle) = match self {
            Self::Fulfil(settle) => ("fulfil", settle),
            Self::Break(settle) => ("break", settle),
        };
        let desk = settle.sending.open(ui, config)?;
        let Settle { item, found, .. } = settle;
        let act = SettleCommitment { item, evidence: settle.finding.digest()?, found };
        let key = words::key(verb, &act);
        let act = if verb == "fulfil" { CreditAct::Fulfil(act) } else { CreditAct::Break(act) };
        let done = desk.send(&key, act)?;
        told(&desk, verb, &done, item)
    }
}
