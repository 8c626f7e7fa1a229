//! `licence type | issue | show | change | suspend | resume | cancel | revoke | status`: e-licences from rows to the ledger and after.

mod acts;
mod batch;
mod folders;
mod issue;
mod make;
mod rejects;
mod show;
mod types;

use std::path::{Path, PathBuf};

pub(crate) use acts::reason;
use yinxin_licence::{Identifier, Sealed};

use crate::{
    config::Config,
    fail::{At, Class, Classed, Done, Failure},
    files,
    ui::Ui,
};

/// `yinxin licence …`
#[derive(Debug, clap::Subcommand)]
pub(crate) enum LicenceCommand {
    /// Types of the catalogue: publish one on the ledger, show one
    #[command(subcommand)]
    Type(types::TypeCommand),
    /// Issue licences from a CSV: identifier, page, seal, ledger, receipt; goes on where it was killed
    Issue(Box<issue::Issue>),
    /// Show what a licence says
    Show(show::Show),
    /// Replace a licence by a new version of it, from one row of a CSV
    Change(Box<acts::ChangeArgs>),
    /// Suspend a licence
    Suspend(acts::Move),
    /// End its suspension
    Resume(acts::Move),
    /// Cancel it: it ended in the ordinary way
    Cancel(acts::Move),
    /// Revoke it: it was withdrawn
    Revoke(acts::Move),
    /// Ask the ledger where a licence stands, with proof
    Status(show::Status),
}

impl LicenceCommand {
    /// Does what is asked.
    pub(crate) fn run(self, ui: &Ui, config: &Config) -> Done {
        match self {
            Self::Type(c) => c.run(ui, config),
            Self::Issue(c) => c.run(ui, config),
            Self::Show(c) => c.run(ui),
            Self::Change(c) => c.run(ui, config),
            Self::Suspend(c) => c.run(acts::Verb::Suspend, ui, config),
            Self::Resume(c) => c.run(acts::Verb::Resume, ui, config),
            Self::Cancel(c) => c.run(acts::Verb::Cancel, ui, config),
            Self::Revoke(c) => c.run(acts::Verb::Revoke, ui, config),
            Self::Status(c) => c.run(ui, config),
        }
    }
}

/// The identifier of a licence given as such, or as its document.
fn identifier_of(what: &Path) -> Done<Identifier> {
    if let Some(text) = what.to_str().filter(|t| t.starts_with(yinxin_licence::identifier::ROOT)) {
        return Identifier::parse(text).class(Class::Usage);
    }
    let bytes = files::read(what)?;
    Ok(sealed(&bytes, what)?.metadata().identifier.clone())
}

/// A sealed licence read back from its document.
fn sealed(bytes: &[u8], path: &Path) -> Done<Sealed> {
    Sealed::from_ofd(bytes.to_vec()).class(Class::Malformed).at(path.display())
}

/// The file of a licence or receipt in a folder, by its serial. A serial is digits and capitals, never a path.
fn file_of(folder: &Path, serial: &str, ending: &str) -> PathBuf {
    folder.join(format!("{serial}.{ending}"))
}

/// Opens a catalogue type.
fn read_type(path: &Path) -> Done<yinxin_licence::CatalogueType> {
    yinxin_licence::CatalogueType::from_toml(&files::read_text(path)?)
        .class(Class::Malformed)
        .at(path.display())
}

/// A licence library's error as a failure: what the operating system refused is no malformed input.
fn failure(error: &yinxin_licence::Error) -> Failure {
    let class = match error {
        yinxin_licence::Error::Io { .. } => Class::Node,
        yinxin_licence::Error::BatchForeign { .. } | yinxin_licence::Error::RowChanged { .. } => {
            Class::Usage
        }
        _ => Class::Malformed,
    };
    Failure::of(class, error)
}
