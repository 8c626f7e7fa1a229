//! `data pseudonym`: subjects as requests and rows name them, made by their custodian alone.

use std::path::PathBuf;

use serde::Serialize;
use yinxin_record::{OrganisationCode, Purpose};
use yinxin_sharing::masked::Custodian;
use zeroize::Zeroizing;

use super::{
    journal::{Asked, Journal},
    table::secret,
};
use crate::{
    data::words,
    fail::{Class, Done, Failure},
    files,
    ui::Ui,
};

/// `yinxin data pseudonym`
#[derive(Debug, clap::Args)]
pub(crate) struct Pseudonym {
    /// What subjects are known by, in one spelling, one a line; `-` for stdin. Never on the command line, where others would see it
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The custodian's secret, 64 hexadecimal digits (`asset secret` makes one)
    #[arg(long, value_name = "FILE")]
    secret: PathBuf,
    /// Who asks, by its unified social credit code
    #[arg(long = "for", value_name = "CODE", value_parser = words::organisation)]
    asker: OrganisationCode,
    /// The purpose: for another one a subject has another pseudonym
    #[arg(long, value_name = "PURPOSE", value_parser = words::purpose)]
    purpose: Purpose,
    /// What kind of value identifies the subject
    #[arg(long, value_name = "KIND", default_value = "id")]
    kind: String,
    /// How many values the asker may ask for a purpose in a day: whoever can ask can search
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    most: u64,
    /// How much was asked, by whom and when; begun if it is not there
    #[arg(long, value_name = "FILE")]
    journal: PathBuf,
}

/// Pseudonyms in the order of the values.
#[derive(Serialize)]
struct View {
    schema: &'static str,
    pseudonyms: Vec<String>,
}

impl Pseudonym {
    /// Shows the pseudonym of each value, once it is noted that they were asked for.
    pub(in crate::data) fn run(self, ui: &Ui) -> Done {
        let custodian = Custodian::new(secret(&self.secret)?);
        let bytes = files::read_secret(&self.file)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| {
            Failure::new(Class::Malformed, "the file is not UTF-8", "文件不是 UTF-8 编码")
                .at(self.file.display())
        })?;
        let values: Vec<&str> = text.lines().map(str::trim).filter(|v| !v.is_empty()).collect();
        let (purpose, kind) = (self.purpose.to_string(), self.kind.clone());
        let all = Zeroizing::new(values.join("\n"));
        let one = Asked { purpose, kind, values: values.len() as u64 };
        let journal = Journal { path: &self.journal, asker: &self.asker, most: self.most };
        journal.note(&custodian, (&self.kind, &all), std::iter::once(one))?;
        let made = values
            .iter()
            .map(|v| custodian.pseudonym(self.purpose.as_str(), &self.kind, v).to_string());
        let view = View { schema: "yinxin.data-pseudonym/1", pseudonyms: made.collect() };
        ui.result(&view, |v| v.pseudonyms.iter().map(|one| format!("{one}\n")).collect())
    }
}
