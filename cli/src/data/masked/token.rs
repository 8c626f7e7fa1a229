//! `data token ask | make`: an owner's values to its custodian, the custodian's tokens back, by the batch.

use std::path::{Path, PathBuf};

use serde::Serialize;
use yinxin_record::{OrganisationCode, Wire};
use yinxin_sharing::masked::{Custodian, TokenAsk};

use super::{
    journal::{Asked, Journal},
    table::{Table, secret},
};
use crate::{
    data::words::{self, failure},
    fail::{At, Class, Done, Failure},
    files::{self, Access, Existing},
    ui::Ui,
};

/// `yinxin data token …`
#[derive(Debug, clap::Subcommand)]
pub(crate) enum TokenCommand {
    /// Write what a table needs tokens of: each value once, without its row. Seal it to the custodian, who alone should see it
    Ask(Ask),
    /// Make the tokens that an owner asked for, as its custodian; what was asked is counted and kept
    Make(Make),
}

impl TokenCommand {
    /// Does what is asked.
    pub(in crate::data) fn run(self, ui: &Ui) -> Done {
        match self {
            Self::Ask(c) => c.run(ui),
            Self::Make(c) => c.run(ui),
        }
    }
}

/// `yinxin data token ask`
#[derive(Debug, clap::Args)]
pub(crate) struct Ask {
    #[command(flatten)]
    table: Table,
    /// The file to write, for its owner alone
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
}

/// `yinxin data token make`
#[derive(Debug, clap::Args)]
pub(crate) struct Make {
    /// What was asked, by `data token ask`
    #[arg(value_name = "ASK")]
    ask: PathBuf,
    /// The custodian's secret, 64 hexadecimal digits
    #[arg(long, value_name = "FILE")]
    secret: PathBuf,
    /// Who asks, by its unified social credit code: whoever sealed what was asked
    #[arg(long = "for", value_name = "CODE", value_parser = words::organisation)]
    asker: OrganisationCode,
    /// A purpose that the asker may have tokens for; may be repeated
    #[arg(long = "purpose", value_name = "PURPOSE", required = true)]
    purposes: Vec<String>,
    /// How many values the asker may ask for a purpose in a day: whoever can ask can search
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    most: u64,
    /// What was asked, by whom and when; begun if it is not there
    #[arg(long, value_name = "FILE")]
    journal: PathBuf,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    file: String,
    groups: Vec<Asked>,
}

impl Ask {
    fn run(self, ui: &Ui) -> Done {
        files::must_be_free(&self.out, self.force)?;
        let ask = self.table.read()?.ask().at(self.table.rows.display())?;
        let existing = Existing::forced(self.force);
        files::write(&self.out, &ask.to_der(), Access::Owner, existing)?;
        told("yinxin.token-ask/1", &self.out, &ask, ui)
    }
}

impl Make {
    fn run(self, ui: &Ui) -> Done {
        files::must_be_free(&self.out, self.force)?;
        let ask = TokenAsk::from_der(&files::read_secret(&self.ask)?);
        let ask = ask.map_err(|e| failure(&e.into())).at(self.ask.display())?;
        let custodian = Custodian::new(secret(&self.secret)?);
        for (purpose, ..) in ask.groups() {
            if !self.purposes.iter().any(|allowed| allowed == purpose) {
                return Err(Failure::new(
                    Class::Key,
                    format!(
                        "tokens for {purpose:?} were asked for, and only {:?} may be had",
                        self.purposes
                    ),
                    format!("申请的用途为 {purpose:?}，而只允许 {:?}", self.purposes),
                )
                .at(self.ask.display()));
            }
        }
        // On disk before a token leaves.
        let (asker, most) = (&self.asker, self.most);
        let journal = Journal { path: &self.journal, asker, most };
        journal.note(&custodian, ("ask", &ask.digest().to_string()), asked(&ask))?;
        let answer = ask.answer(&custodian).to_der();
        files::write(&self.out, &answer, Access::Owner, Existing::forced(self.force))?;
        told("yinxin.tokens/1", &self.out, &ask, ui)
    }
}

fn asked(ask: &TokenAsk) -> impl Iterator<Item = Asked> {
    ask.groups().map(|(purpose, kind, values)| Asked {
        purpose: purpose.to_owned(),
        kind: kind.to_owned(),
        values: values as u64,
    })
}

fn told(schema: &'static str, file: &Path, ask: &TokenAsk, ui: &Ui) -> Done {
    let view = View { schema, file: file.display().to_string(), groups: asked(ask).collect() };
    ui.result(&view, |v| {
        let values = ui.pick("values", "个值");
        let mut text = format!("{}\n", v.file);
        for Asked { purpose, kind, values: count } in &v.groups {
            text.push_str(&format!("  {purpose} {kind}: {count} {values}\n"));
        }
        text
    })
}
