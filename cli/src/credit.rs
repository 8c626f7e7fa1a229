//! `credit import`: a source's records, by the million.

mod anchoring;
mod import;
mod store;

use crate::{
    config::Config,
    fail::{Class, Done, Failure},
    ui::Ui,
};

/// `yinxin credit …`
#[derive(Debug, clap::Subcommand)]
pub(crate) enum CreditCommand {
    /// Import records from CSV or JSON lines into a source's store, batch by batch, and put each batch into the ledger
    Import(import::Import),
}

impl CreditCommand {
    /// Does what is asked.
    pub(crate) fn run(self, ui: &Ui, config: &Config) -> Done {
        match self {
            Self::Import(c) => c.run(ui, config),
        }
    }
}

/// What the credit library says, by whose fault it is.
pub(crate) fn failure(error: &yinxin_credit::Error) -> Failure {
    use yinxin_credit::Error;
    let class = match error {
        Error::Io { .. } | Error::StoreDamaged { .. } => Class::Node,
        Error::NotFound { .. } | Error::InputChanged { .. } => Class::Usage,
        Error::DigestMismatch { .. } | Error::Mismatch { .. } => Class::Invalid,
        _ => Class::Malformed,
    };
    Failure::of(class, error)
}
