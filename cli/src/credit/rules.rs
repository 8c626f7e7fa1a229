//! What a source's records are judged by, as commands are given it.

use std::path::PathBuf;

use yinxin_credit::{ClassTable, Forms, source::SourceRules};
use yinxin_record::OrganisationCode;
use yinxin_sharing::calendar::Calendar;

use super::{contents, failure};
use crate::{
    fail::{At, Class, Classed, Done},
    files,
};

/// Classes, forms and calendar.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct RulesArgs {
    /// The table of classes [default: the one that comes with this program]
    #[arg(long, value_name = "FILE")]
    classes: Option<PathBuf>,
    /// The working days that lateness is counted with [default: those that come with this program]
    #[arg(long, value_name = "FILE")]
    calendar: Option<PathBuf>,
    /// The forms of records [default: those that come with this program]
    #[arg(long, value_name = "FILE")]
    forms: Option<PathBuf>,
}

impl RulesArgs {
    /// Reads them, for a source.
    pub(crate) fn read(&self, source: &OrganisationCode) -> Done<SourceRules> {
        let table = match &self.classes {
            None => ClassTable::national()?,
            Some(path) => {
                let table = ClassTable::from_toml(&files::read_text(path)?);
                table.map_err(|e| failure(&e)).at(path.display())?
            }
        };
        let calendar = match &self.calendar {
            None => Calendar::china().class(Class::Malformed)?,
            Some(path) => {
                let calendar = Calendar::from_toml(&files::read_text(path)?);
                calendar.class(Class::Malformed).at(path.display())?
            }
        };
        Ok(SourceRules::new(source.clone(), table, calendar))
    }

    /// Reads the forms.
    pub(crate) fn forms(&self) -> Done<Forms> {
        contents::forms(self.forms.as_deref())
    }
}

/// Reads a unified social credit code, for clap.
pub(crate) fn organisation(text: &str) -> Result<OrganisationCode, String> {
    OrganisationCode::new(text).map_err(|e| e.to_string())
}
