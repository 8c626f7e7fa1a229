//! `licence show | status`.

use std::path::PathBuf;

use serde::Serialize;
use yinxin_record::{LicenceIdentifier, state_key};

use super::{identifier_of, sealed};
use yinxin_verdict::shown;

use crate::{
    config::Config,
    fail::{Class, Classed, Done},
    files::{self, Access, Existing},
    states,
    submit::LedgerArgs,
    ui::Ui,
};

/// `yinxin licence show`
#[derive(Debug, clap::Args)]
pub(crate) struct Show {
    /// The licence's document; `-` for stdin
    #[arg(value_name = "OFD")]
    file: PathBuf,
}

/// `yinxin licence status`
#[derive(Debug, clap::Args)]
pub(crate) struct Status {
    /// The licence's document, or its identifier
    #[arg(value_name = "OFD|IDENTIFIER")]
    what: PathBuf,
    #[command(flatten)]
    ledger: LedgerArgs,
    /// Write the status proof to this file, for `verify --status`
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    identifier: String,
    type_name: String,
    number: String,
    holder: String,
    holder_code: String,
    issuer: String,
    issuer_code: String,
    issued: String,
    valid_from: String,
    valid_to: Option<String>,
    previous: Option<String>,
    signed_value: String,
    fields: Vec<(String, String)>,
}

impl Show {
    /// Shows the metadata; whether it holds is `verify`'s to say.
    pub(crate) fn run(self, ui: &Ui) -> Done {
        let bytes = files::read(&self.file)?;
        let sealed = sealed(&bytes, &self.file)?;
        let m = sealed.metadata();
        let view = View {
            schema: "yinxin.licence-view/1",
            identifier: m.identifier.to_string(),
            type_name: m.type_name.clone(),
            number: m.number.clone(),
            holder: m.holder_name.clone(),
            holder_code: m.holder_code.clone(),
            issuer: m.issuer_name.clone(),
            issuer_code: m.issuer_code.clone(),
            issued: m.issued_on.to_string(),
            valid_from: m.valid_from.to_string(),
            valid_to: m.valid_to.as_ref().map(ToString::to_string),
            previous: m.previous.as_ref().map(ToString::to_string),
            signed_value: sealed.signed_value().to_string(),
            fields: m.extensions.iter().map(|e| (e.name.clone(), e.value.clone())).collect(),
        };
        ui.result(&view, |v| {
            let [name, number, identifier] =
                [&v.type_name, &v.number, &v.identifier].map(|text| shown(text));
            let mut out = format!("{name} {number}\n  {identifier}\n");
            for (name, value) in [
                (ui.pick("holder", "持证者"), format!("{} {}", v.holder, v.holder_code)),
                (ui.pick("issuer", "颁发机构"), format!("{} {}", v.issuer, v.issuer_code)),
                (ui.pick("issued", "颁发日期"), v.issued.clone()),
                (
                    ui.pick("valid", "有效期"),
                    format!("{} – {}", v.valid_from, v.valid_to.as_deref().unwrap_or("长期")),
                ),
            ] {
                out.push_str(&format!("  {name}: {}\n", shown(&value)));
            }
            for (name, value) in &v.fields {
                out.push_str(&format!("    {}: {}\n", shown(name), shown(value)));
            }
            out
        })
    }
}

impl Status {
    /// Fetches the proof, checks it, and says what it says.
    pub(crate) fn run(self, ui: &Ui, config: &Config) -> Done {
        let identifier = identifier_of(&self.what)?;
        let identifier = LicenceIdentifier::new(identifier.as_str()).class(Class::Usage)?;
        let client = self.ledger.open(config)?;
        let (proof, bytes) = client.status(&state_key::licence(&identifier))?;
        if let Some(out) = &self.out {
            files::write(out, &bytes, Access::Public, Existing::Replace)?;
        }
        ui.result(&states::view(&proof), |v| states::text(ui, v))
    }
}
