//! `audit export | check | denials`: evidence to hand over, whether a node's indexes say what its records say, and what it refused.

mod batches;
mod check;
mod denials;
mod entries;
mod export;
mod far;
mod package;
mod replay;
mod scratch;
mod signers;
mod stopped;

use crate::{config::Config, fail::Done, ui::Ui};

pub(crate) use entries::{Entries, Entry};
pub(crate) use package::read as read_package;
pub(crate) use stopped::Stopped;

/// `yinxin audit …`
#[derive(Debug, clap::Subcommand)]
pub(crate) enum AuditCommand {
    /// A package of evidence about something: receipts, documents, status proofs, picture and report; `verify` checks it
    Export(Box<export::Export>),
    /// Derive a node's indexes again from its records, and compare; or a source's batches from the records that it publishes
    Check(Box<check::Check>),
    /// What a node refused by the ledger's rules, held against what its organisation vouched for; or vouch for it
    Denials(Box<denials::Denials>),
}

impl AuditCommand {
    /// Does what is asked.
    pub(crate) fn run(self, ui: &Ui, config: &Config) -> Done {
        match self {
            Self::Export(c) => c.run(ui, config),
            Self::Check(c) => c.run(ui, config),
            Self::Denials(c) => c.run(ui, config),
        }
    }
}

/// The height in an index entry's key: the 12 or 14 bytes after its last slash that leave a whole key.
fn height_of(key: &[u8]) -> Option<u64> {
    let places = [12, 14].into_iter().filter_map(|tail| key.len().checked_sub(tail));
    let at = places.into_iter().find(|at| *at > 0 && key[*at - 1] == b'/')?;
    key[at..].first_chunk::<8>().map(|height| u64::from_be_bytes(*height))
}
