//! `asset secret | check | key`: numbers in one spelling, and the keys that only their custodian can make of them.

use std::path::{Path, PathBuf};

use rand_core::Rng;
use serde::Serialize;
use yinxin_credit::{AssetNumber, AssetParties, CustodianSecret};
use yinxin_record::{AssetKind, CustodianState, OrganisationCode, state_key};
use zeroize::Zeroizing;

use crate::{
    config::Config,
    credit::failure,
    custody,
    fail::Done,
    files::{self, Access, Existing},
    rng, send,
    submit::LedgerArgs,
    ui::Ui,
};

/// `yinxin asset secret`
#[derive(Debug, clap::Args)]
pub(crate) struct Secret {
    /// Write it to this file, which its owner alone can read
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

#[derive(Serialize)]
struct SecretView {
    schema: &'static str,
    file: String,
    /// What the ledger knows the secret by.
    check: String,
}

impl SecretView {
    fn new(file: &Path, secret: &CustodianSecret) -> Self {
        let (file, check) = (file.display().to_string(), secret.check().to_string());
        Self { schema: "yinxin.asset-secret/1", file, check }
    }

    fn tell(&self, ui: &Ui) -> Done {
        ui.result(self, |v| format!("{}: {}\n", v.check, ui.pick("check value", "校验值")))
    }
}

impl Secret {
    /// Makes a secret; one that is there is never replaced.
    pub(super) fn run(self, ui: &Ui) -> Done {
        let mut secret = Zeroizing::new([0; 32]);
        rng::os().fill_bytes(&mut secret[..]);
        let text = Zeroizing::new(format!("{}\n", hex::encode(&secret[..])));
        files::write(&self.file, text.as_bytes(), Access::Owner, Existing::Keep)?;
        ui.say(
            "keep a copy in another place: without it no number leads to its asset or its pseudonym any more",
            "请异地备份：丢失后将无法由编号找到资产或假名",
        );
        SecretView::new(&self.file, &CustodianSecret::new(secret)).tell(ui)
    }
}

/// `yinxin asset check`
#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// The secret, made by `asset secret`
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Check {
    /// Shows the check value, which tells nothing of the secret.
    pub(super) fn run(self, ui: &Ui) -> Done {
        SecretView::new(&self.file, &custody::secret(&self.file)?).tell(ui)
    }
}

/// `yinxin asset key`
#[derive(Debug, clap::Args)]
pub(crate) struct Key {
    /// What it is: receivable, invoice, customs, goods, data, other
    #[arg(value_name = "KIND", value_parser = super::kind)]
    kind: AssetKind,
    /// Its number, however it is written
    #[arg(value_name = "NUMBER")]
    number: String,
    /// Whose contract or warehouse receipt it is: a credit code; of receivables and goods
    #[arg(long, value_name = "CODE", value_parser = OrganisationCode::new)]
    seller: Option<OrganisationCode>,
    /// Who owes it: a credit code; of receivables
    #[arg(long, value_name = "CODE", value_parser = OrganisationCode::new)]
    buyer: Option<OrganisationCode>,
    /// The custodian's secret [default: show the spelling only]; it must be the one that the ledger knows the kind's custodian by
    #[arg(long, value_name = "FILE")]
    secret: Option<PathBuf>,
    /// Do not ask the ledger whether it is that secret
    #[arg(long, requires = "secret")]
    offline: bool,
    #[command(flatten)]
    ledger: LedgerArgs,
}

#[derive(Serialize)]
struct KeyView {
    schema: &'static str,
    kind: &'static str,
    canonical: String,
    key: Option<String>,
}

impl Key {
    /// Shows the one spelling and the key.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let number = AssetNumber::new(self.kind, &self.number).map_err(|e| failure(&e))?;
        let secret = self.secret.as_deref().map(custody::secret).transpose()?;
        if let Some(secret) = secret.as_ref().filter(|_| !self.offline) {
            self.must_be_known(secret, config)?;
        }
        let parties = AssetParties { seller: self.seller, buyer: self.buyer };
        let key = secret.map(|secret| number.key(self.kind, &parties, &secret)).transpose();
        let key = key.map_err(|e| failure(&e))?;
        let view = KeyView {
            schema: "yinxin.asset-key/1",
            kind: self.kind.name(),
            canonical: number.as_str().to_owned(),
            key: key.map(|key| key.to_string()),
        };
        ui.result(&view, |v| match &v.key {
            Some(key) => format!("{key}: {}\n", v.canonical),
            None => format!("{}\n", v.canonical),
        })
    }

    fn must_be_known(&self, secret: &CustodianSecret, config: &Config) -> Done {
        let client = self.ledger.open(config)?;
        let leaf = state_key::asset_custodian(self.kind);
        let Some(state) = send::state::<CustodianState>(&client, &leaf)? else {
            return Err(custody::unknown(self.kind.name()).todo(
                "have the kind's custodian appointed first (asset custodian), or give --offline",
                "请先为该类资产指定登记机构（asset custodian），或使用 --offline",
            ));
        };
        custody::must_be(secret, &state.check, state.custodian.as_str())
    }
}
