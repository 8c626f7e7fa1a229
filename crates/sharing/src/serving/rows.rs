//! Where rows come from: a trait, and the source that needs nothing but a file.

use std::io::{self, Read};

use yinxin_gm::Digest;

use crate::Error;

/// The longest row that is served: a field of a catalogue has at most some kilobytes, and a row is held in memory whole.
const MAX_ROW: usize = 1 << 20;
/// The most that is read of a file in search of a row's end: quotes double at worst, and a reader reads ahead.
const MAX_READ: usize = 2 * MAX_ROW + (64 << 10);

/// Rows, one after the other. Memory for one of them, however many there are.
pub trait Rows {
    /// The next row's values, in the order in which the columns were asked for; `false` after the last.
    ///
    /// # Errors
    /// Whatever stands in the way: then the answer ends, and what of it left cannot be read.
    fn next(&mut self, values: &mut Vec<String>) -> Result<bool, Error>;
}

/// Which of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a range's two ends")]
pub struct Range {
    /// How many are passed over.
    pub skip: u64,
    /// At most how many are taken.
    pub rows: u64,
}

/// Only rows of these subjects.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::exhaustive_structs, reason = "a column and what must stand in it")]
pub struct Subjects<'a> {
    /// The column that has the pseudonyms, hexadecimal.
    pub column: &'a str,
    /// The pseudonyms, rising.
    pub pseudonyms: &'a [Digest],
}

/// Rows of a CSV file with a header line.
pub struct CsvRows<R> {
    input: csv::Reader<Limited<R>>,
    columns: Vec<usize>,
    subject: Option<(usize, Vec<String>)>,
    left: Range,
    record: csv::StringRecord,
}

impl<R: Read> CsvRows<R> {
    /// The rows of a range, of some subjects or all: these columns of them.
    ///
    /// # Errors
    /// [`Error::ColumnMissing`], [`Error::EncodingForeign`], [`Error::Io`].
    pub fn open(
        input: R,
        columns: &[&str],
        subjects: Option<Subjects<'_>>,
        range: Range,
    ) -> Result<Self, Error> {
        let mut input = csv::Reader::from_reader(Limited { input, left: MAX_READ });
        let head = input.headers().cloned();
        let head = head.map_err(|e| wrong(&e, input.get_ref()))?;
        let place = |column: &str| {
            let missing = || Error::ColumnMissing {
                column: column.to_owned(),
                found: head.iter().map(str::to_owned).collect(),
            };
            head.iter().position(|name| name == column).ok_or_else(missing)
        };
        let columns = columns.iter().map(|c| place(c)).collect::<Result<_, _>>()?;
        let subject = match subjects {
            None => None,
            Some(Subjects { column, pseudonyms }) => {
                Some((place(column)?, pseudonyms.iter().map(Digest::to_string).collect()))
            }
        };
        Ok(Self { input, columns, subject, left: range, record: csv::StringRecord::new() })
    }
}

impl<R: Read> Rows for CsvRows<R> {
    fn next(&mut self, values: &mut Vec<String>) -> Result<bool, Error> {
        while self.left.rows > 0 {
            self.input.get_mut().left = MAX_READ;
            let read = self.input.read_record(&mut self.record);
            if !read.map_err(|e| wrong(&e, self.input.get_ref()))? {
                return Ok(false);
            }
            let record = &self.record;
            if record.as_slice().len() > MAX_ROW {
                let (max, found) = (MAX_ROW as u64, record.as_slice().len() as u64);
                return Err(Error::TooMany { what: "octets of a row", max, found });
            }
            if let Some((column, wanted)) = &self.subject {
                // Rising as digests are, their hexadecimal forms rise too.
                let found = &record[*column];
                if wanted.binary_search_by(|w| w.as_str().cmp(found)).is_err() {
                    continue;
                }
            }
            if self.left.skip > 0 {
                self.left.skip -= 1;
                continue;
            }
            self.left.rows -= 1;
            values.clear();
            values.extend(self.columns.iter().map(|c| record[*c].to_owned()));
            return Ok(true);
        }
        Ok(false)
    }
}

impl<R> core::fmt::Debug for CsvRows<R> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("CsvRows").field("left", &self.left).finish_non_exhaustive()
    }
}

/// How many rows a CSV table has below its header line. Memory for one row, of the longest that is served.
///
/// # Errors
/// [`Error::TooMany`] for a row, or a header line, that is longer; [`Error::ValueBad`] for what is no table; [`Error::Io`].
pub fn count_rows(table: impl Read) -> Result<u64, Error> {
    let mut input = csv::Reader::from_reader(Limited { input: table, left: MAX_READ });
    let (mut record, mut rows) = (csv::ByteRecord::new(), 0);
    loop {
        input.get_mut().left = MAX_READ;
        let more = input.read_byte_record(&mut record);
        if !more.map_err(|e| wrong(&e, input.get_ref()))? {
            return Ok(rows);
        }
        let found = record.as_slice().len() as u64;
        if found > MAX_ROW as u64 {
            return Err(Error::TooMany { what: "octets of a row", max: MAX_ROW as u64, found });
        }
        rows += 1;
    }
}

/// Reads so much and no more, until it is allowed more: a row without an end must not fill the memory before its length is looked at.
struct Limited<R> {
    input: R,
    left: usize,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(self.left);
        if most == 0 && !buffer.is_empty() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let read = self.input.read(&mut buffer[..most])?;
        self.left -= read;
        Ok(read)
    }
}

/// Without what stands in the file: messages go where rows do not.
fn wrong<R>(error: &csv::Error, input: &Limited<R>) -> Error {
    let line = error.position().map_or(0, csv::Position::line);
    match error.kind() {
        csv::ErrorKind::Utf8 { .. } => Error::EncodingForeign { line },
        csv::ErrorKind::Io(_) if input.left == 0 => {
            Error::TooMany { what: "octets of a row", max: MAX_ROW as u64, found: MAX_READ as u64 }
        }
        csv::ErrorKind::Io(e) => Error::io(e),
        _ => Error::ValueBad { what: "table", found: format!("line {line}") },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(
        table: &str,
        columns: &[&str],
        subjects: Option<Subjects<'_>>,
        range: Range,
    ) -> Vec<Vec<String>> {
        let mut rows = CsvRows::open(table.as_bytes(), columns, subjects, range).unwrap();
        let (mut values, mut out) = (Vec::new(), Vec::new());
        while rows.next(&mut values).unwrap() {
            out.push(values.clone());
        }
        out
    }

    #[test]
    fn columns_ranges_and_subjects_choose() {
        let [a, b] = [1, 2].map(|n| Digest([n; 32]));
        let table = format!("\u{feff}id,name,who\n1,x,{a}\n2,\"y,\n z\",{b}\n3,z,{a}\n");
        let every = Range { skip: 0, rows: 10 };
        assert_eq!(all(&table, &["name", "id"], None, every)[1], ["y,\n z", "2"]);
        assert_eq!(all(&table, &["id"], None, Range { skip: 1, rows: 1 }), [["2"]]);
        let [only_a, other] = [a, Digest([3; 32])].map(|d| [d]);
        let by_a = Subjects { column: "who", pseudonyms: &only_a };
        assert_eq!(all(&table, &["id"], Some(by_a), every), [["1"], ["3"]]);
        assert_eq!(all(&table, &["id"], Some(by_a), Range { skip: 1, rows: 9 }), [["3"]]);
        let by_other = Subjects { column: "who", pseudonyms: &other };
        assert!(all(&table, &["id"], Some(by_other), every).is_empty());
        let missing = CsvRows::open(table.as_bytes(), &["age"], None, every);
        assert!(matches!(missing, Err(Error::ColumnMissing { .. })));
    }

    #[test]
    fn a_row_without_an_end_is_not_read_to_it() {
        let every = Range { skip: 0, rows: 9 };
        let endless = || std::io::repeat(b'x').take(1 << 40);
        let head = CsvRows::open(endless(), &["id"], None, every);
        assert!(matches!(head, Err(Error::TooMany { .. })));
        for begin in ["id\n1\n", "id\n1\n\""] {
            let mut rows =
                CsvRows::open(begin.as_bytes().chain(endless()), &["id"], None, every).unwrap();
            let mut values = Vec::new();
            assert_eq!(rows.next(&mut values), Ok(true));
            assert!(matches!(rows.next(&mut values), Err(Error::TooMany { .. })), "{begin}");
        }
        for begin in ["", "id\n1\n", "id\n1\n\""] {
            let counted = count_rows(begin.as_bytes().chain(endless()));
            assert!(matches!(counted, Err(Error::TooMany { .. })), "{begin}");
        }
        // Rows that are as long as may be, one after the other.
        let table = format!("id\n{}", format!("{}\n", "y".repeat(MAX_ROW)).repeat(5));
        assert_eq!(all(&table, &["id"], None, every).len(), 5);
        assert_eq!(count_rows(table.as_bytes()), Ok(5));
        let longer = format!("id\n{}\n", "y".repeat(MAX_ROW + 1));
        assert!(matches!(count_rows(longer.as_bytes()), Err(Error::TooMany { .. })));
    }

    #[test]
    fn a_broken_table_ends_the_answer_and_is_not_quoted() {
        for table in ["id\n\u{0}1\nSECRET,SECRET\n", "id\nSECRET\n\"a\",b\n"] {
            let mut rows =
                CsvRows::open(table.as_bytes(), &["id"], None, Range { skip: 0, rows: 9 }).unwrap();
            let mut values = Vec::new();
            let error = loop {
                match rows.next(&mut values) {
                    Ok(true) => {}
                    Ok(false) => panic!("it is broken"),
                    Err(error) => break error.to_string(),
                }
            };
            assert!(!error.contains("SECRET"), "{error}");
        }
    }
}
