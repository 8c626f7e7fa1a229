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

    /// Opens the rows, and hands them on. Where they are to be counted, with how many they are, read or asked for before; else with how
    /// many there are at most.
    pub(super) fn with_rows<T>(
        &self,
        layout: &Layout,
        pseudonyms: &[Digest],
        (range, counts): (Range, bool),
        then: impl FnOnce(u64, &mut dyn Rows) -> T,
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
                let open = |columns: &[&str]| {
                    let file = File::open(path).map_err(|e| Error::io(&e))?;
                    CsvRows::open(BufReader::new(file), columns, subjects, range)
                };
                let found = if counts { count(&mut open(&[])?)? } else { range.rows };
                Ok(then(found, &mut open(&columns)?))
            }
            Stored::Table(table) => table.with_rows(&columns, subjects, (range, counts), then),
        }
    }
}

fn count(rows: &mut dyn Rows) -> Result<u64, Error> {
    let (mut found, mut values) = (0, Vec::new());
    while rows.next(&mut values)? {
        found += 1;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use yinxin_sharing::{
        catalogue::{Columns, read_csv},
        serving::Layout,
    };

    use super::*;

    const CATALOGUE: &str = "\
提供方代码,提供方名称,信息资源代码,版本,信息资源名称,摘要,共享类型,共享条件,不予共享依据,更新周期,信息项名称,数据类型,数据分级,脱敏规则
11430000006122244L,某局,307/1,1,企业,x,有条件共享,y,,每日,企业名称,字符型,一般1级,
";

    #[test]
    fn rows_of_a_range_are_counted_before_the_first_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.csv");
        std::fs::write(&path, "who,企业名称\naa,1\nbb,2\naa,3\naa,4\n").unwrap();
        let columns = Columns::standard().unwrap();
        let resource = read_csv(CATALOGUE.as_bytes(), &columns).unwrap().resources.remove(0);
        let layout = Layout::new(&resource, &[0].into_iter().collect()).unwrap();
        let (subject, scope, columns) = (None, None, BTreeMap::new());
        let source = Source { stored: Stored::File(path), subject, scope, columns };
        for (skip, rows, counted) in [(0, 9, 4), (0, 3, 3), (3, 9, 1), (9, 9, 0)] {
            let range = Range { skip, rows };
            for (counts, expected) in [(true, counted), (false, rows)] {
                let told = source.with_rows(&layout, &[], (range, counts), |found, rows| {
                    (found, count(rows).unwrap())
                });
                assert_eq!(told, Ok((expected, counted)), "{skip} {rows}");
            }
        }
    }
}
