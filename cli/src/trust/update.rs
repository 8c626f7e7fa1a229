//! `trust update`: takes over the changes of validators that the ledger committed since the folder was made.

use std::path::PathBuf;

use serde::Serialize;
use yinxin_receipt::{SetChange, Wire};

use crate::{
    config::Config,
    fail::{Class, Classed, Done},
    files::{self, Access, Existing},
    remote, submit, trusting,
    ui::Ui,
};

/// `yinxin trust update`
#[derive(Debug, clap::Args)]
pub(crate) struct Update {
    /// The folder
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// A node's address, such as `http://127.0.0.1:8080`
    #[arg(long, value_name = "URL")]
    node: Option<String>,
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    folder: String,
    added: Vec<String>,
}

impl Update {
    /// Nothing is believed for coming from a node: each change must be signed by the validators before it.
    pub(crate) fn run(self, ui: &Ui, config: &Config) -> Done {
        let ledger = submit::LedgerArgs { node: self.node, trust: Some(self.folder.clone()) };
        let client = ledger.open(config)?;
        let mut known = client.trust.ledgers().clone();
        let mut added = Vec::new();
        for bytes in client.remote.changes().map_err(|e| remote::failure(&e))? {
            let change = SetChange::from_der(&bytes)
                .map_err(yinxin_receipt::Error::from)
                .class(Class::Node)?;
            let height = change.header.height;
            known.add_set_change(change).class(Class::Invalid)?;
            let name = format!("set-change-{height:012}.der");
            let path = self.folder.join(&name);
            if !path.exists() {
                files::write(&path, &bytes, Access::Public, Existing::Keep)?;
                added.push(name);
            }
        }
        // What was written reads back as one folder.
        trusting::load(&self.folder)?;
        let view = View {
            schema: "yinxin.trust-update/1",
            folder: self.folder.display().to_string(),
            added,
        };
        ui.result(&view, |v| {
            format!(
                "{}: {} {}\n",
                v.folder,
                v.added.len(),
                ui.pick("changes of validators added", "项验证者变更已添加")
            )
        })
    }
}
