//! `licence type publish | show`.

use std::path::PathBuf;

use serde::Serialize;
use yinxin_record::{
    Act, LicenceAct, LicenceType, LicenceTypeCode, OrganisationCode, Text, Wire, state_key,
};

use super::read_type;
use crate::{
    config::Config,
    fail::{Class, Classed, Done},
    keys::SignerArgs,
    ledger::CommittedView,
    submit::{self, LedgerArgs},
    ui::Ui,
};

/// `yinxin licence type …`
#[derive(Debug, clap::Subcommand)]
pub(crate) enum TypeCommand {
    /// Publish a type on the ledger, or a newer version of it (needs the power `licence-types`)
    Publish(Publish),
    /// Show a type, and check its file
    Show(Show),
}

/// `yinxin licence type publish`
#[derive(Debug, clap::Args)]
pub(crate) struct Publish {
    /// The type's file
    #[arg(value_name = "TOML")]
    file: PathBuf,
    #[command(flatten)]
    signer: SignerArgs,
    /// The code of an authority that may issue licences of this type; may be repeated [default: the publisher]
    #[arg(long, value_name = "CODE")]
    issuer: Vec<String>,
    #[command(flatten)]
    ledger: LedgerArgs,
}

/// `yinxin licence type show`
#[derive(Debug, clap::Args)]
pub(crate) struct Show {
    /// The type's file
    #[arg(value_name = "TOML")]
    file: PathBuf,
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    code: String,
    name: String,
    defining_authority: String,
    digest: String,
    fields: Vec<FieldView>,
}

#[derive(Serialize)]
struct FieldView {
    key: String,
    name: String,
    required: bool,
}

impl TypeCommand {
    /// Does what is asked.
    pub(crate) fn run(self, ui: &Ui, config: &Config) -> Done {
        match self {
            Self::Publish(c) => c.run(ui, config),
            Self::Show(c) => c.run(ui),
        }
    }
}

impl Publish {
    fn run(self, ui: &Ui, config: &Config) -> Done {
        let kind = read_type(&self.file)?;
        let client = self.ledger.open(config)?;
        let signer = self.signer.load(ui)?;
        let own = vec![signer.code()?];
        let issuers = if self.issuer.is_empty() { &own } else { &self.issuer };
        let mut issuers = issuers
            .iter()
            .map(|code| OrganisationCode::new(code).class(Class::Usage))
            .collect::<Done<Vec<_>>>()?;
        issuers.sort();
        issuers.dedup();
        let code = LicenceTypeCode::new(&kind.code).class(Class::Usage)?;
        let (proof, _) = client.status(&state_key::licence_type(&code))?;
        let known = proof.value.as_deref().map(LicenceType::from_der).transpose();
        let version = match known.map_err(yinxin_record::Error::from).class(Class::Node)? {
            None => 1,
            Some(known) if known.definition == kind.digest() && known.issuers == issuers => {
                ui.say("this very version is on the ledger already", "账本中已有此版本");
                return Ok(());
            }
            Some(known) => known.version.saturating_add(1),
        };
        let act = Act::Licence(LicenceAct::PublishType(LicenceType {
            code,
            version,
            name: Text::new(&kind.name).class(Class::Usage)?,
            definition: kind.digest(),
            issuers,
        }));
        let key = format!("licence-type/{}/{version}", kind.code);
        let committed = submit::act(&client, &signer, &key, act, ui)?;
        ui.result(&CommittedView::new(&committed, None), |v| v.text(ui))
    }
}

impl Show {
    fn run(self, ui: &Ui) -> Done {
        let kind = read_type(&self.file)?;
        let view = View {
            schema: "yinxin.licence-type/1",
            code: kind.code.clone(),
            name: kind.name.clone(),
            defining_authority: kind.defining_authority.clone(),
            digest: kind.digest().to_string(),
            fields: kind
                .fields
                .iter()
                .map(|f| FieldView {
                    key: f.key.clone(),
                    name: f.name.clone(),
                    required: f.required,
                })
                .collect(),
        };
        ui.result(&view, |v| {
            let mut out = format!("{} {}\n  {}\n", v.name, v.code, v.defining_authority);
            for f in &v.fields {
                let mark = if f.required { "*" } else { " " };
                out.push_str(&format!("  {mark} {:<16} {}\n", f.key, f.name));
            }
            out
        })
    }
}
