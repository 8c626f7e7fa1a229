//! `credit custodian | pseudonym`: people as records of credit name them, made by their custodian alone.

use std::path::PathBuf;

use serde::Serialize;
use yinxin_credit::{CitizenNumber, CustodianSecret};
use yinxin_record::{CreditAct, KeepPseudonyms, OrganisationCode, PseudonymState, state_key};

use super::{failure, words};
use crate::{
    config::Config,
    custody,
    fail::{At, Class, Done, Failure},
    files,
    send::{self, Sending},
    submit::LedgerArgs,
    ui::Ui,
};

/// `yinxin credit pseudonym`
#[derive(Debug, clap::Args)]
pub(crate) struct Pseudonym {
    /// Citizen numbers (GB 11643), one a line; `-` for stdin. Never on the command line, where others would see them
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The custodian's unified social credit code
    #[arg(long, value_name = "CODE", value_parser = OrganisationCode::new)]
    custodian: OrganisationCode,
    /// The custodian's secret, made by `asset secret`: the one that the ledger knows the custodian by
    #[arg(long, value_name = "FILE")]
    secret: PathBuf,
    /// Do not ask the ledger whether it is that secret
    #[arg(long)]
    offline: bool,
    #[command(flatten)]
    ledger: LedgerArgs,
}

/// Pseudonyms in the order of the numbers.
#[derive(Serialize)]
struct PseudonymView {
    schema: &'static str,
    pseudonyms: Vec<String>,
}

impl Pseudonym {
    /// Shows the pseudonym of each number, or of none if a line is no number.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let secret = custody::secret(&self.secret)?;
        if !self.offline {
            self.must_be_known(&secret, config)?;
        }
        let bytes = files::read_secret(&self.file)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| {
            Failure::new(Class::Malformed, "the file is not UTF-8", "文件不是 UTF-8 编码")
                .at(self.file.display())
        })?;
        let mut pseudonyms = Vec::new();
        for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let number = CitizenNumber::parse(line).map_err(|e| failure(&e));
            let number = number.at(format!("{}:{}", self.file.display(), at + 1))?;
            pseudonyms.push(number.pseudonym(self.custodian.clone(), &secret).to_string());
        }
        let view = PseudonymView { schema: "yinxin.credit-pseudonym/1", pseudonyms };
        ui.result(&view, |v| v.pseudonyms.iter().map(|one| format!("{one}\n")).collect())
    }

    fn must_be_known(&self, secret: &CustodianSecret, config: &Config) -> Done {
        let client = self.ledger.open(config)?;
        let leaf = state_key::credit_pseudonyms(&self.custodian);
        let custodian = self.custodian.as_str();
        let Some(state) = send::state::<PseudonymState>(&client, &leaf)? else {
            return Err(custody::unknown(custodian).todo(
                "let the custodian say so first (credit custodian --secret FILE), or give --offline",
                "请保管方先行登记（credit custodian --secret 文件），或使用 --offline",
            ));
        };
        custody::must_be(secret, &state.check, custodian)
    }
}

/// `yinxin credit custodian`
#[derive(Debug, clap::Args)]
pub(crate) struct Custodian {
    /// The secret, made by `asset secret`; the ledger sees its check value
    #[arg(long, value_name = "FILE")]
    secret: PathBuf,
    #[command(flatten)]
    sending: Sending,
}

impl Custodian {
    /// Says which secret it is.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let check = custody::secret(&self.secret)?.check();
        let desk = self.sending.open(ui, config)?;
        let act = KeepPseudonyms { check };
        let done = desk.send(&words::key("custodian", &act), CreditAct::KeepPseudonyms(act))?;
        desk.told("custodian", &done, desk.signer.code()?, format!("check value {check}"))
    }
}
