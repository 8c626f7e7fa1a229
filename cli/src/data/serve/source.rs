//! Where a resource's rows are: a file or a table, and which column is which field.

use std::{collections::BTreeMap, fs::File, io::BufReader, path::PathBuf};

use yinxin_gm::Digest;
use yinxin_sharing::{
    Error,
    serving::{CsvRows, Layout, Range, Rows, Subjects},
};

use super::database::Table;

/// A resource's source.
pub(super) struct Source {
    pub(super) stored: Stored,
    /// The column of pseudonyms.
    pub(super) subject: Option<String>,
    /// The scope that it holds.
    pub(super) scope: Option<Digest>,
    /// Field to column.
    pub(super) columns: BTreeMap<String, String>,
}

/// Where it is.
pub(super) enum Stored {
    /// CSV with a header line.
    File(PathBuf),
    /// PostgreSQL.
    Table(Box<Table>),
}

impl Source {
    /// Whether ranges of rows are the same each time.
    pub(super) fn is_ordered(&self) -> bool {
        match &self.stored {
            Stored::File(_) => true,
            Stored::Table(table) => table.is_ordered(),
        }
    }

    /// Opens the rows, and hands them on.
    pub(super) fn with_rows<T>(
        &self,
        layout: &Layout,
        pseudonyms: &[Digest],
        range: Range,
        then: impl FnOnce(&mut dyn Rows) -> T,
    ) -> Result<T, Error> {
        let column = |field| self.columns.get(field).map_or(field, String::as_str);
        let columns: Vec<&str> = layout.names().map(column).collect();
        let subjects = match (&self.subject, pseudonyms) {
            (_, []) => None,
            (Some(column), pseudonyms) => Some(Subjects { column, pseudonyms }),
            // Whoever asks for some must not get all.
            (None, _) => {
                return Err(Error::NotFound { what: "column of subjects", name: String::new() });
            }
        };
        match &self.stored {
            Stored::File(path) => {
                let file = File::open(path).map_err(|e| Error::io(&e))?;
                let mut rows = CsvRows::open(BufReader::new(file), &columns, subjects, range)?;
                Ok(then(&mut rows))
            }
            Stored::Table(table) => table.with_rows(&columns, subjects, range, then),
        }
    }
}
