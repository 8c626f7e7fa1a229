//! Rows of business data: CSV in the issuer's own columns, each row a draft or a reject with its line and reason.

mod columns;
mod encoding;
mod rejects;

use std::collections::{BTreeMap, HashMap};
use std::io::{BufReader, Read, Seek};
use std::sync::Arc;

use crate::catalogue::CatalogueType;
use crate::{Draft, Error, Refusal};

pub use columns::Columns;
pub use encoding::check_encoding;
pub use rejects::{Reject, write_rejects};

/// Most columns of a file: what a spreadsheet of business data has, many times over.
const COLUMNS_MAX: usize = 512;

/// The rows of a file, read one at a time.
pub struct Rows<R> {
    reader: csv::Reader<BufReader<R>>,
    width: usize,
    /// For each mapped column its place in the row.
    places: Vec<(usize, String)>,
    columns: Columns,
    kind: Arc<CatalogueType>,
    /// Serials seen, and where.
    seen: HashMap<String, u64>,
    record: csv::StringRecord,
}

impl<R: Read + Seek> Rows<R> {
    /// Reads the whole file once for its encoding and shape, then its header; nothing is issued from a file that is
    /// half readable.
    ///
    /// # Errors
    /// [`Error::EncodingForeign`], [`Error::EncodingUtf16`], [`Error::CsvShape`], [`Error::ColumnMissing`], [`Error::FileEmpty`], [`Error::FieldUnknown`] for a mapping
    /// that does not fit the type, or [`Error::Io`].
    pub fn open(mut file: R, columns: Columns, kind: Arc<CatalogueType>) -> Result<Self, Error> {
        columns.check(&kind)?;
        let start = check_encoding(&mut file)?;
        file.seek(std::io::SeekFrom::Start(start)).map_err(|e| Error::io(&e))?;
        // Lines end with LF; a CR before it is trimmed with the last value. The reader's own CRLF miscounts lines.
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .terminator(csv::Terminator::Any(b'\n'))
            .from_reader(BufReader::new(file));
        let header = reader.headers().map_err(csv_error)?.clone();
        if header.is_empty() {
            return Err(Error::FileEmpty);
        }
        if header.len() > COLUMNS_MAX {
            return Err(Error::CsvShape { why: format!("{} columns", header.len()) });
        }
        let names: Vec<&str> = header.iter().map(str::trim).collect();
        let mut places = Vec::new();
        for (column, field) in &columns.columns {
            let mut at = names.iter().enumerate().filter(|(_, n)| *n == column).map(|(i, _)| i);
            match (at.next(), at.next()) {
                (Some(i), None) => places.push((i, field.clone())),
                (Some(_), Some(_)) => {
                    return Err(Error::CsvShape { why: format!("column {column:?} stands twice") });
                }
                (None, _) => {
                    let found = names.iter().map(|n| (*n).to_owned()).collect();
                    return Err(Error::ColumnMissing { column: column.clone(), found });
                }
            }
        }
        let width = header.len();
        let (seen, record) = Default::default();
        Ok(Self { reader, width, places, columns, kind, seen, record })
    }

    fn draft(&mut self, line: u64) -> Result<Draft, Refusal> {
        let mut values: BTreeMap<String, String> = self.columns.constants.clone();
        if self.record.len() != self.width {
            let why =
                format!("{} values, the header has {} columns", self.record.len(), self.width);
            return Err(Error::CsvShape { why }.into());
        }
        for (place, field) in &self.places {
            let value = self.record.get(*place).unwrap_or_default().trim();
            values.insert(field.clone(), value.to_owned());
        }
        if let Some(found) = values.remove(Columns::TYPE)
            && ![&self.kind.code, &self.kind.name].contains(&&found)
        {
            let known = vec![format!("{} ({})", self.kind.name, self.kind.code)];
            return Err(Refusal::new(Columns::TYPE, Error::TypeUnknown { found, known }));
        }
        let serial = values.remove(Columns::SERIAL).unwrap_or_default();
        if let Some(first) = self.seen.get(&serial) {
            let cause = Error::SerialRepeated { serial, line: *first };
            return Err(Refusal::new(Columns::SERIAL, cause));
        }
        let draft = Draft::new(Arc::clone(&self.kind), &serial, &values, &self.columns.dates)?;
        self.seen.insert(serial, line);
        Ok(draft.at_line(line))
    }
}

impl<R: Read + Seek> Iterator for Rows<R> {
    type Item = Result<Draft, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let mut record = std::mem::take(&mut self.record);
            let read = self.reader.read_record(&mut record);
            self.record = record;
            let line = self.record.position().map_or(0, csv::Position::line);
            match read {
                Ok(false) => return None,
                // Spreadsheets leave rows of commas at the end; they say nothing.
                Ok(true) if self.record.iter().all(|v| v.trim().is_empty()) => {}
                Ok(true) => return Some(self.draft(line).map_err(|r| Reject::new(line, r))),
                Err(e) => return Some(Err(Reject::new(line, csv_error(e).into()))),
            }
        }
    }
}

fn csv_error(error: csv::Error) -> Error {
    Error::CsvShape { why: error.to_string() }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::sample;

    const MAPPING: &str = r#"
        [columns]
        "序号" = "serial"
        "名称" = "holder_name"
        "代码" = "holder_code"
        "类型" = "category"
        "负责人" = "representative"
        "资本" = "capital"
        "成立" = "established"
        "住所" = "address"
        "范围" = "scope"
    "#;
    const HEADER: &str = "序号,名称,代码,类型,负责人,资本,成立,住所,范围\n";
    const GOOD: &str = "A001,北京甲科技有限公司,91110108MA01ABCD10,有限责任公司,张三,500,2020-01-02,北京市海淀区一号,软件开发\n";

    fn rows(text: &str) -> Result<Vec<Result<Draft, Reject>>, Error> {
        let columns = Columns::from_toml(MAPPING)?;
        let kind = Arc::new(sample::business_licence());
        Ok(Rows::open(Cursor::new(text.as_bytes().to_vec()), columns, kind)?.collect())
    }

    fn good() -> String {
        GOOD.replace("91110108MA01ABCD10", &sample::metadata().holder_code)
    }

    #[test]
    fn good_rows_become_drafts() {
        for text in [
            format!("{HEADER}{}", good()),
            format!("\u{feff}{HEADER}{}", good()),
            format!("{HEADER}{},,,,,,,,\n\n", good()).replace('\n', "\r\n"),
        ] {
            let rows = rows(&text).unwrap();
            let draft = rows[0].as_ref().unwrap();
            assert_eq!((rows.len(), draft.serial(), draft.line()), (1, "A001", 2));
            assert_eq!(draft.value("capital"), Some("500"));
        }
    }

    #[test]
    fn bad_rows_are_rejected_with_line_field_and_reason() {
        let code = sample::metadata().holder_code;
        let wrong = format!("{}{}", &code[..17], if code.ends_with('0') { '1' } else { '0' });
        let long = "长".repeat(2001);
        for (from, to, field, reason) in [
            (code.as_str(), wrong.as_str(), "holder_code", "check character"),
            (&code, "9111", "holder_code", "wrong length"),
            ("2020-01-02", "2020-02-30", "established", "expected a day"),
            ("2020-01-02", "", "established", "is missing"),
            ("北京甲科技有限公司", "", "holder_name", "is missing"),
            ("软件开发", &long, "scope", "at most"),
            ("500", "五百", "capital", "amount"),
            ("有限责任公司", "有限责任", "category", "one of"),
            ("A001", "a001", "serial", "serial"),
            ("A001", "", "serial", "serial"),
            ("张三", "\"张\n三\"", "representative", "control"),
            (",软件开发", "", "", "8 values"),
        ] {
            let text =
                format!("{HEADER}{}{}", good().replace(from, to), good().replace("A001", "A002"));
            let rows = rows(&text).unwrap();
            let reject = rows[0].as_ref().unwrap_err();
            assert_eq!((reject.line, reject.refusal.field.as_str()), (2, field), "{to}");
            assert!(reject.refusal.cause.to_string().contains(reason), "{to}: {reject}");
            assert!(rows[1].is_ok(), "the others go on");
        }
    }

    #[test]
    fn a_serial_stands_once() {
        let rows = rows(&format!("{HEADER}{}{}", good(), good())).unwrap();
        let reject = rows[1].as_ref().unwrap_err();
        let cause = Error::SerialRepeated { serial: "A001".into(), line: 2 };
        assert_eq!(reject, &Reject { line: 3, refusal: Refusal::new("serial", cause) });
    }

    #[test]
    fn files_that_do_not_fit_are_refused_whole() {
        let columns = Columns::from_toml(MAPPING).unwrap();
        let kind = Arc::new(sample::business_licence());
        let open =
            |bytes: Vec<u8>| Rows::open(Cursor::new(bytes), columns.clone(), kind.clone()).err();
        // 序号,名称 in GBK
        let gbk = b"\xD0\xF2\xBA\xC5,\xC3\xFB\xB3\xC6\n1,2\n".to_vec();
        assert_eq!(open(gbk), Some(Error::EncodingForeign { line: 1, gbk: true }));
        assert_eq!(open(b"\xFF\xFEa\0".to_vec()), Some(Error::EncodingUtf16));
        assert!(matches!(open(b"a,b\n".to_vec()), Some(Error::ColumnMissing { .. })));
        for empty in ["", "\n\n", "\u{feff}"] {
            assert_eq!(open(empty.as_bytes().to_vec()), Some(Error::FileEmpty), "{empty:?}");
        }
        assert!(matches!(
            open(format!("{HEADER}\"open").into_bytes()),
            Some(Error::CsvShape { .. })
        ));
        assert!(matches!(
            open(HEADER.replace("范围", "名称").into_bytes()),
            Some(Error::CsvShape { .. } | Error::ColumnMissing { .. })
        ));
    }

    #[test]
    fn a_row_of_another_type_is_rejected() {
        let mapping = MAPPING.replace("\"序号\"", "\"证照\" = \"type\"\n\"序号\"");
        let columns = Columns::from_toml(&mapping).unwrap();
        let kind = Arc::new(sample::business_licence());
        let text =
            format!("证照,{HEADER}营业执照,{}驾驶证,{}", good(), good().replace("A001", "A002"));
        let rows: Vec<_> =
            Rows::open(Cursor::new(text.into_bytes()), columns, kind).unwrap().collect();
        assert!(rows[0].is_ok());
        assert!(matches!(rows[1].as_ref().unwrap_err().refusal.cause, Error::TypeUnknown { .. }));
    }
}
