//! `asset …`: receivables, invoices and other assets: registered once by their custodian, pledged to one at a time.

mod acts;
mod deal;
mod number;
mod status;

use yinxin_record::{AssetKey, AssetKind};

use crate::{config::Config, fail::Done, ui::Ui};

/// `yinxin asset …`
#[derive(Debug, clap::Subcommand)]
pub(crate) enum AssetCommand {
    /// Appoint the one custodian of a kind, for good (an authority does)
    Custodian(acts::Custodian),
    /// Make the secret that a custodian makes keys with; losing it loses the register
    Secret(number::Secret),
    /// Show what the ledger knows a secret by, for the authority that appoints its custodian
    Check(number::Check),
    /// Show a number in its one spelling, and the key under which the ledger knows it
    Key(number::Key),
    /// Register an asset (its custodian does)
    Register(acts::Register),
    /// Sign a deal as the owner; needs no node
    #[command(subcommand)]
    Sign(deal::SignCommand),
    /// Take an asset as a pledge, with the owner's signed deal
    Pledge(acts::Submit),
    /// End a pledge
    Release(acts::Release),
    /// Transfer an asset to another owner, with the owner's signed deal
    Transfer(acts::Submit),
    /// The asset is paid, used up or withdrawn
    Retire(acts::End),
    /// What the asset stands on fell, such as an invoice that was red-flushed
    Impair(acts::End),
    /// Show how an asset stands and whom to ask, or who keeps a kind, with proof
    Status(status::Status),
}

impl AssetCommand {
    /// Does what is asked.
    pub(crate) fn run(self, ui: &Ui, config: &Config) -> Done {
        match self {
            Self::Custodian(c) => c.run(ui, config),
            Self::Secret(c) => c.run(ui),
            Self::Check(c) => c.run(ui),
            Self::Key(c) => c.run(ui, config),
            Self::Register(c) => c.run(ui, config),
            Self::Sign(c) => c.run(ui, config),
            Self::Pledge(c) => c.pledge(ui, config),
            Self::Release(c) => c.run(ui, config),
            Self::Transfer(c) => c.transfer(ui, config),
            Self::Retire(c) => c.run(acts::Ending::Retire, ui, config),
            Self::Impair(c) => c.run(acts::Ending::Impair, ui, config),
            Self::Status(c) => c.run(ui, config),
        }
    }
}

/// Reads a kind, for clap.
fn kind(text: &str) -> Result<AssetKind, String> {
    AssetKind::from_name(text).ok_or_else(|| {
        let known: Vec<_> = AssetKind::ALL.iter().map(|kind| kind.name()).collect();
        format!("expected one of {}", known.join(", "))
    })
}

/// Reads a key, for clap.
fn key(text: &str) -> Result<AssetKey, String> {
    AssetKey::parse(text)
        .ok_or_else(|| "expected KIND:KEY, as `yinxin asset key` shows it".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_keys_are_read_as_they_are_written() {
        for kind in AssetKind::ALL {
            assert_eq!(super::kind(kind.name()), Ok(*kind));
        }
        assert!(super::kind("house").unwrap_err().contains("receivable"));
        assert!(key("invoice:12").is_err());
    }
}
