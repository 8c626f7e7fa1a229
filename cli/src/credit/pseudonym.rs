//! `credit pseudonym`: people as records of credit name them, made by their custodian alone.

use std::path::PathBuf;

use serde::Serialize;
use yinxin_credit::CitizenNumber;
use yinxin_record::OrganisationCode;

use super::failure;
use crate::{
    custody,
    fail::{At, Class, Done, Failure},
    files,
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
    /// The custodian's secret, made by `asset secret`
    #[arg(long, value_name = "FILE")]
    secret: PathBuf,
}

/// Pseudonyms in the order of the numbers.
#[derive(Serialize)]
struct PseudonymView {
    schema: &'static str,
    pseudonyms: Vec<String>,
}

impl Pseudonym {
    /// Shows the pseudonym of each number, or of none if a line is no number.
    pub(super) fn run(self, ui: &Ui) -> Done {
        let secret = custody::secret(&self.secret)?;
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
}
