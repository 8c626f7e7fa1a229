//! `asset secret | key`: numbers in one spelling, and the keys that only their custodian can make of them.

use std::path::PathBuf;

use rand_core::Rng;
use serde::Serialize;
use yinxin_credit::AssetNumber;
use yinxin_record::AssetKind;
use zeroize::Zeroizing;

use crate::{
    credit::failure,
    custody,
    fail::Done,
    files::{self, Access, Existing},
    rng,
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
        let file = self.file.display().to_string();
        ui.result(&SecretView { schema: "yinxin.asset-secret/1", file }, |v| {
            format!("{}\n", v.file)
        })
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
    /// The custodian's secret [default: show the spelling only]
    #[arg(long, value_name = "FILE")]
    secret: Option<PathBuf>,
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
    pub(super) fn run(self, ui: &Ui) -> Done {
        let number = AssetNumber::new(self.kind, &self.number).map_err(|e| failure(&e))?;
        let secret = self.secret.as_deref().map(custody::secret).transpose()?;
        let view = KeyView {
            schema: "yinxin.asset-key/1",
            kind: self.kind.name(),
            canonical: number.as_str().to_owned(),
            key: secret.map(|secret| number.key(self.kind, &secret).to_string()),
        };
        ui.result(&view, |v| match &v.key {
            Some(key) => format!("{key}: {}\n", v.canonical),
            None => format!("{}\n", v.canonical),
        })
    }
}
