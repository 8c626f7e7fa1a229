//! `asset custodian | register | pledge | release | transfer | retire | impair`: an asset's life on the ledger.

use std::path::PathBuf;

use yinxin_gm::{Digest, sm3};
use yinxin_record::{
    AppointCustodian, AssetAct, AssetKey, AssetKind, AssetState, CustodianState, Date, EndAsset,
    EndPledge, OrganisationCode, PledgeAsset, RegisterAsset, Subject, TransferAsset, Wire,
    state_key,
};

use super::deal;
use crate::{
    config::Config,
    credit::signed,
    fail::Done,
    papers::Paper,
    send::{self, Desk, Sending, Sent},
    ui::Ui,
};

fn business(verb: &str, act: &impl Wire) -> String {
    format!("asset/{verb}/{}", sm3::digest(&act.to_der()))
}

/// `yinxin asset custodian`
#[derive(Debug, clap::Args)]
pub(crate) struct Custodian {
    /// The kind: receivable, invoice, customs, goods, data, other
    #[arg(value_name = "KIND", value_parser = super::kind)]
    kind: AssetKind,
    /// Who keeps its register
    #[arg(value_name = "CODE", value_parser = OrganisationCode::new)]
    custodian: OrganisationCode,
    /// The check value of the secret that it makes keys with, as `asset secret` or `asset check` shows it
    #[arg(long, value_name = "DIGEST")]
    check: Digest,
    #[command(flatten)]
    sending: Sending,
}

impl Custodian {
    /// Appoints the custodian.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let desk = self.sending.open(ui, config)?;
        let (kind, custodian, check) = (self.kind, self.custodian, self.check);
        let act = AppointCustodian { kind, custodian, check };
        let done = desk.send(&business("custodian", &act), AssetAct::AppointCustodian(act))?;
        let leaf = state_key::asset_custodian(self.kind);
        let state: CustodianState = send::known(&desk.client, &leaf)?;
        desk.told("custodian", &done, self.kind.name(), state.custodian.to_string())
    }
}

/// `yinxin asset register`
#[derive(Debug, clap::Args)]
pub(crate) struct Register {
    /// The asset's key, from `asset key`
    #[arg(value_name = "ASSET", value_parser = super::key)]
    asset: AssetKey,
    /// Whose it is: a credit code, or CUSTODIAN:PSEUDONYM
    #[arg(long, value_name = "SUBJECT", value_parser = deal::subject)]
    owner: Subject,
    /// What it is: a file, whose salt is kept beside it, or a salted digest
    #[arg(long, value_name = "FILE", value_parser = Paper::parse)]
    content: Paper,
    /// The day it falls due
    #[arg(long, value_name = "DAY", value_parser = Date::parse)]
    due: Option<Date>,
    /// The debtor's confirmation: a file, or a salted digest
    #[arg(long, value_name = "FILE", value_parser = Paper::parse)]
    confirmation: Option<Paper>,
    /// Of a receivable: the key of an invoice of the same debt; may be repeated
    #[arg(long = "invoice", value_name = "ASSET", value_parser = super::key)]
    invoices: Vec<AssetKey>,
    #[command(flatten)]
    sending: Sending,
}

impl Register {
    /// Registers the asset.
    pub(super) fn run(mut self, ui: &Ui, config: &Config) -> Done {
        self.invoices.sort_unstable();
        self.invoices.dedup();
        let desk = self.sending.open(ui, config)?;
        let act = RegisterAsset {
            asset: self.asset,
            owner: self.owner,
            content: self.content.digest()?,
            due: self.due,
            confirmation: self.confirmation.as_ref().map(Paper::digest).transpose()?,
            invoices: self.invoices,
        };
        let done = desk.send(&business("register", &act), AssetAct::Register(act))?;
        told(&desk, "register", &done, self.asset)
    }
}

/// A deal that the owner signed.
#[derive(Debug, clap::Args)]
pub(crate) struct Submit {
    /// The deal, from `asset sign`
    #[arg(value_name = "DEAL")]
    deal: PathBuf,
    #[command(flatten)]
    sending: Sending,
}

impl Submit {
    /// Takes the pledge; of two at once, the ledger takes one.
    pub(super) fn pledge(self, ui: &Ui, config: &Config) -> Done {
        let act: PledgeAsset = signed(&self.deal)?;
        let desk = self.sending.open(ui, config)?;
        let asset = act.terms.asset;
        let done = desk.send(&business("pledge", &act), AssetAct::Pledge(act))?;
        told(&desk, "pledge", &done, asset)
    }

    /// Transfers the asset.
    pub(super) fn transfer(self, ui: &Ui, config: &Config) -> Done {
        let act: TransferAsset = signed(&self.deal)?;
        let desk = self.sending.open(ui, config)?;
        let asset = act.terms.asset;
        let done = desk.send(&business("transfer", &act), AssetAct::Transfer(act))?;
        told(&desk, "transfer", &done, asset)
    }
}

/// `yinxin asset release`
#[derive(Debug, clap::Args)]
pub(crate) struct Release {
    /// The asset's key
    #[arg(value_name = "ASSET", value_parser = super::key)]
    asset: AssetKey,
    /// Why, by code
    #[arg(long, value_name = "N", default_value_t = 0)]
    reason: u16,
    #[command(flatten)]
    sending: Sending,
}

impl Release {
    /// Ends the pledge.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let desk = self.sending.open(ui, config)?;
        let state: AssetState = send::known(&desk.client, &state_key::asset(&self.asset))?;
        let act = EndPledge { asset: self.asset, reason: self.reason };
        // An asset is pledged again and again: the contract tells this pledge from the others.
        let pledge = state.contract.map(|contract| contract.to_string()).unwrap_or_default();
        let key = format!("{}/{pledge}", business("release", &act));
        let done = desk.send(&key, AssetAct::Release(act))?;
        told(&desk, "release", &done, self.asset)
    }
}

/// How an asset ends.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ending {
    /// It is paid, used up or withdrawn.
    Retire,
    /// What it stands on fell.
    Impair,
}

/// `yinxin asset retire` and `impair`
#[derive(Debug, clap::Args)]
pub(crate) struct End {
    /// The asset's key
    #[arg(value_name = "ASSET", value_parser = super::key)]
    asset: AssetKey,
    /// The paper that says so: a file, or a salted digest
    #[arg(long, value_name = "FILE", value_parser = Paper::parse)]
    paper: Paper,
    /// Why, by code
    #[arg(long, value_name = "N", default_value_t = 0)]
    reason: u16,
    #[command(flatten)]
    sending: Sending,
}

impl End {
    /// Ends the asset, or says that it is impaired.
    pub(super) fn run(self, how: Ending, ui: &Ui, config: &Config) -> Done {
        let desk = self.sending.open(ui, config)?;
        let (asset, reason) = (self.asset, self.reason);
        let act = EndAsset { asset, reason, paper: self.paper.digest()? };
        let verb = match how {
            Ending::Retire => "retire",
            Ending::Impair => "impair",
        };
        let key = business(verb, &act);
        let act = match how {
            Ending::Retire => AssetAct::Retire(act),
            Ending::Impair => AssetAct::Impair(act),
        };
        let done = desk.send(&key, act)?;
        told(&desk, verb, &done, asset)
    }
}

fn told(desk: &Desk<'_>, act: &'static str, done: &Sent, asset: AssetKey) -> Done {
    let state: AssetState = send::known(&desk.client, &state_key::asset(&asset))?;
    desk.told(act, done, asset, state.status.name())
}
