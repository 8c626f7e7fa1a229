//! `audit export | check`: evidence to hand over, and whether a node's indexes say what its records say.

mod batches;
mod check;
mod export;
mod package;
mod replay;
mod signers;

use crate::{config::Config, fail::Done, ui::Ui};

pub(crate) use package::read as read_package;

/// `yinxin audit …`
#[derive(Debug, clap::Subcommand)]
pub(crate) enum AuditCommand {
    /// A package of evidence about something: receipts, documents, status proofs, picture and report; `verify` checks it
    Export(Box<export::Export>),
    /// Derive a node's indexes again from its records, and compare; or a source's batches from the records that it publishes
    Check(Box<check::Check>),
}

impl AuditCommand {
    /// Does what is asked.
    pub(crate) fn run(self, ui: &Ui, config: &Config) -> Done {
        match self {
            Self::Export(c) => c.run(ui, config),
            Self::Check(c) => c.run(ui, config),
        }
    }
}
