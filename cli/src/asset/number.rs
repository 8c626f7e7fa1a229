//! `asset secret | key`: numbers in one spelling, and the keys that only their custodian can make of them.

use std::path::{Path, PathBuf};

use rand_core::Rng;
use serde::Serialize;
use yinxin_credit::{AssetNumber, CustodianSecret};
use yinxin_record::AssetKind;
use zeroize::Zeroizing;

use crate::{
    credit::failure,
    fail::{At, Class, Done, Failure},
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
            "keep a copy in another place: without it no number leads to its asset any more",
            "请异地备份：丢失后将无法由编号找到资产",
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
        let secret = self.secret.as_deref().map(secret).transpose()?;
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

fn secret(path: &Path) -> Done<CustodianSecret> {
    let text = files::read_secret(path)?;
    let mut bytes = Zeroizing::new([0; 32]);
    hex::decode_to_slice(text.trim_ascii(), &mut bytes[..])
        .map_err(|_| {
            Failure::new(
                Class::Malformed,
                "no custodian's secret of 64 hexadecimal digits",
                "不是 64 位十六进制的保管密钥",
            )
            .todo("restore it from a backup", "请从备份恢复")
        })
        .at(path.display())?;
    Ok(CustodianSecret::new(bytes))
}
