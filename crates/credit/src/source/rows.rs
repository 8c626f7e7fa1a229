//! Rows of CSV and JSON lines, one at a time, from any place of the input on.

use std::{
    cell::Cell,
    collections::{BTreeMap, HashMap},
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
    rc::Rc,
    sync::Arc,
};

use serde_json::value::RawValue;
use yinxin_gm::{Digest, sm3};

use super::manifest::Place;
use crate::{Error, form::has_identity_number};

/// Longest row, bytes: the facts of a decision in full, and all other fields of a form.
pub const MAX_ROW: usize = 64 * 1024;
/// Most columns.
const MAX_COLUMNS: usize = 256;
/// What a value takes beside its text, bytes: where it ends; two texts in a map.
const CSV_CELL: usize = size_of::<usize>();
const JSON_CELL: usize = 2 * size_of::<String>() + 32;
/// What is read of the input at a time.
const BUFFER: usize = 64 * 1024;

/// Rows of an input.
///
/// A row that cannot be read as one is told and passed over; an input that cannot be read any further is an error of
/// [`Self::next_row`].
///
/// ```
/// use std::io::Cursor;
/// use yinxin_credit::source::Rows;
///
/// let mut rows = Rows::csv(Cursor::new("BH,NR\n1,first\n2\n"))?;
/// let row = rows.next_row()?.expect("a row").expect("with both columns");
/// assert_eq!((row.line, row.get("NR")), (2, Some("first")));
/// let short = rows.next_row()?.expect("a row").expect_err("a column is missing");
/// assert_eq!((short.line, short.error.code()), (3, "value"));
/// assert!(rows.next_row()?.is_none());
/// # Ok::<(), yinxin_credit::Error>(())
/// ```
#[derive(Debug)]
pub struct Rows<R> {
    input: Input<R>,
    /// Where the last row began.
    began: u64,
    offset: u64,
    line: u64,
    last: Digest,
}

#[derive(Debug)]
enum Input<R> {
    Csv(Box<Csv<R>>),
    Json(BufReader<R>),
}

#[derive(Debug)]
struct Csv<R> {
    reader: csv::Reader<Bounded<R>>,
    columns: Arc<HashMap<String, usize>>,
    budget: Rc<Cell<usize>>,
    record: csv::ByteRecord,
    /// Whether lines end with CR LF: the reader stops between the two, and counts the LF with the row behind it.
    crlf: bool,
    /// What a seek left out of the reader's count of lines.
    passed: u64,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Row {
    /// Its line, from 1.
    pub line: u64,
    /// The line that it ends on: a quoted value may go over many.
    pub last: u64,
    cells: Cells,
}

/// A row that was not imported.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reject {
    /// Its line, from 1.
    pub line: u64,
    /// The line that it ends on: a quote that was not meant as one takes rows with it, as far as this.
    pub last: u64,
    /// Why.
    pub error: Error,
}

impl Reject {
    /// Rejects go into files, and no file has a citizen number: what quotes one says so instead.
    pub(super) fn new(line: u64, last: u64, error: Error) -> Self {
        Self { line, last, error: error.without_citizen_numbers() }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Cells {
    /// Rows of one file share where the columns are.
    Csv(Arc<HashMap<String, usize>>, csv::StringRecord),
    Json(BTreeMap<String, String>),
}

impl Row {
    /// A value by its column.
    #[must_use]
    pub fn get(&self, column: &str) -> Option<&str> {
        match &self.cells {
            Cells::Csv(columns, record) => record.get(*columns.get(column)?),
            Cells::Json(values) => values.get(column).map(String::as_str),
        }
    }

    /// A column that has a value and is not known; the first by its name.
    pub(super) fn unknown(&self, known: impl Fn(&str) -> bool) -> Option<(&str, &str)> {
        let lacks = |(name, text): &(&str, &str)| !text.trim().is_empty() && !known(name);
        match &self.cells {
            Cells::Csv(columns, record) => {
                let cells = columns.iter();
                let cells = cells.filter_map(|(name, at)| Some((name.as_str(), record.get(*at)?)));
                cells.filter(lacks).min()
            }
            Cells::Json(values) => {
                let cells = values.iter().map(|(name, text)| (name.as_str(), text.as_str()));
                cells.filter(lacks).min()
            }
        }
    }

    /// Some of the memory that it takes, bytes: of a row of many short values most is not text.
    pub(super) fn held(&self) -> usize {
        match &self.cells {
            Cells::Csv(_, record) => record.as_slice().len() + record.len() * CSV_CELL,
            Cells::Json(values) => {
                values.iter().map(|(name, value)| name.len() + value.len() + JSON_CELL).sum()
            }
        }
    }
}

/// A row, or where it is and why it is none.
pub type ReadRow = Result<Row, Reject>;

impl<R: Read + Seek> Rows<R> {
    /// Rows of CSV (RFC 4180, UTF-8); the first line names the columns.
    ///
    /// # Errors
    /// [`Error::ValueBad`] for a header that is none, [`Error::Io`].
    pub fn csv(input: R) -> Result<Self, Error> {
        let budget = Rc::new(Cell::new(MAX_ROW + BUFFER));
        let bounded = Bounded { inner: input, budget: Rc::clone(&budget) };
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(BUFFER)
            .from_reader(bounded);
        let mut record = csv::ByteRecord::new();
        reader.read_byte_record(&mut record).map_err(|e| csv_error(&e, 1))?;
        let header = csv::StringRecord::from_byte_record(record.clone());
        let header = header.map_err(|_| Error::value("header", "", "UTF-8"))?;
        let mut columns = HashMap::new();
        for (place, name) in header.iter().enumerate() {
            let name = name.trim_start_matches('\u{feff}').trim();
            if name.is_empty() || columns.insert(name.to_owned(), place).is_some() {
                return Err(Error::value("header", name, "names of columns, each once"));
            }
        }
        if columns.len() > MAX_COLUMNS {
            let (max, found) = (MAX_COLUMNS as u64, columns.len() as u64);
            return Err(Error::TooMany { what: "columns", max, found });
        }
        let (offset, line) = (reader.position().byte(), reader.position().line());
        let crlf = line == 1 + newlines(&record);
        let csv = Csv { reader, columns: Arc::new(columns), budget, record, crlf, passed: 0 };
        Ok(Self {
            input: Input::Csv(Box::new(csv)),
            began: offset,
            offset,
            line,
            last: Digest::ZERO,
        })
    }

    /// Rows of JSON lines: an object a line, of texts and numbers.
    #[must_use]
    pub fn json_lines(input: R) -> Self {
        let input = Input::Json(BufReader::with_capacity(BUFFER, input));
        Self { input, began: 0, offset: 0, line: 1, last: Digest::ZERO }
    }

    /// Goes on where an import stopped: the last row that was read must still be there.
    ///
    /// # Errors
    /// [`Error::InputChanged`] if it is not, [`Error::Io`].
    pub fn seek(&mut self, place: &Place) -> Result<(), Error> {
        if place.offset == 0 {
            return Ok(());
        }
        self.jump(place.began)?;
        let read = self.next_row();
        if read.is_err() || self.offset != place.offset || self.last != place.row {
            return Err(Error::InputChanged { line: place.line });
        }
        if let Input::Csv(csv) = &mut self.input {
            csv.passed = place.line.saturating_sub(csv.reader.position().line());
        }
        self.line = place.line;
        Ok(())
    }

    fn jump(&mut self, offset: u64) -> Result<(), Error> {
        match &mut self.input {
            Input::Csv(csv) => {
                csv.budget.set(MAX_ROW + BUFFER);
                // From the end of the line before, which is passed over: what a reader begins with it would take for the file's
                // byte order mark.
                let from = offset.saturating_sub(1);
                let mut at = csv::Position::new();
                at.set_byte(from);
                let done = csv.reader.seek_raw(SeekFrom::Start(from), at);
                done.map_err(|e| csv_error(&e, 1))?;
                csv.passed = 0;
            }
            Input::Json(input) => {
                input.seek(SeekFrom::Start(offset)).map_err(|e| Error::io(&e))?;
            }
        }
        self.offset = offset;
        Ok(())
    }

    /// The names of the columns, where these stand before all rows.
    pub(super) fn columns(&self) -> Vec<&str> {
        match &self.input {
            Input::Csv(csv) => csv.columns.keys().map(String::as_str).collect(),
            Input::Json(_) => Vec::new(),
        }
    }

    /// The byte after the last row read.
    pub(super) const fn offset(&self) -> u64 {
        self.offset
    }

    /// Where it is: `place`, with what this reader knows of it.
    #[must_use]
    pub fn place(&self, place: Place) -> Place {
        let Self { began, offset, line, last, .. } = *self;
        Place { began, offset, line, row: last, ..place }
    }

    /// The next row, or why what stands there is none; `None` at the end.
    ///
    /// # Errors
    /// [`Error::TooMany`] for a row longer than is read, [`Error::Io`]: nothing more can be read then.
    pub fn next_row(&mut self) -> Result<Option<ReadRow>, Error> {
        match &mut self.input {
            Input::Csv(csv) => {
                let Some(read) = csv.next()? else { return Ok(None) };
                self.last = digest_of(&csv.record);
                self.began = self.offset;
                self.offset = csv.reader.position().byte();
                self.line = csv.line();
                Ok(Some(read))
            }
            Input::Json(input) => {
                // Only with a row the place moves on: blank lines behind the last one leave it where it can be found again.
                let (mut began, mut line) = (self.offset, self.line);
                loop {
                    let mut bytes = Vec::new();
                    let most = MAX_ROW as u64 + 1;
                    let read = input.by_ref().take(most).read_until(b'\n', &mut bytes);
                    if read.map_err(|e| Error::io(&e))? == 0 {
                        return Ok(None);
                    }
                    if bytes.len() > MAX_ROW {
                        return Err(too_long());
                    }
                    let end = began + bytes.len() as u64;
                    if bytes.iter().all(u8::is_ascii_whitespace) {
                        (began, line) = (end, line + 1);
                        continue;
                    }
                    (self.began, self.offset, self.line) = (began, end, line + 1);
                    self.last = sm3::digest(&bytes);
                    let row = json(&bytes);
                    let row = row.map(|cells| Row { line, last: line, cells: Cells::Json(cells) });
                    return Ok(Some(row.map_err(|error| Reject::new(line, line, error))));
                }
            }
        }
    }
}

impl<R: Read> Csv<R> {
    /// The line that comes next.
    fn line(&self) -> u64 {
        self.passed + self.reader.position().line()
    }

    fn next(&mut self) -> Result<Option<ReadRow>, Error> {
        self.budget.set(MAX_ROW + BUFFER);
        let before = self.line();
        if !self.reader.read_byte_record(&mut self.record).map_err(|e| csv_error(&e, before))? {
            return Ok(None);
        }
        if self.record.as_slice().len() > MAX_ROW {
            return Err(too_long());
        }
        // Of the line ends that were passed those that are not in it, nor its own, were of empty lines before it.
        let within = newlines(&self.record);
        let empty = (self.line() - before).saturating_sub(within + 1);
        let line = before + u64::from(self.crlf) + empty;
        let last = line + within;
        let row = self.row(line, last);
        Ok(Some(row.map_err(|error| Reject::new(line, last, error))))
    }

    fn row(&self, line: u64, last: u64) -> Result<Row, Error> {
        let (found, expected) = (self.record.len(), self.columns.len());
        if found != expected {
            let expected = format!("{expected} columns");
            return Err(Error::value("row", &format!("{found} columns"), expected));
        }
        let record = csv::StringRecord::from_byte_record(self.record.clone());
        let record = record.map_err(|_| Error::value("row", "", "UTF-8"))?;
        Ok(Row { line, last, cells: Cells::Csv(Arc::clone(&self.columns), record) })
    }
}

/// Line ends within a row.
fn newlines(record: &csv::ByteRecord) -> u64 {
    record.as_slice().iter().filter(|byte| **byte == b'\n').count() as u64
}

fn json(bytes: &[u8]) -> Result<BTreeMap<String, String>, Error> {
    let bad = |found: &str| {
        // What is quoted may be written in another way than the row has it.
        let hidden = has_identity_number(&String::from_utf8_lossy(bytes));
        let found = if hidden { "…" } else { found };
        Error::value("row", found, "an object of texts and numbers, each once")
    };
    let Members(members) = serde_json::from_slice(bytes).map_err(|e| bad(&e.to_string()))?;
    let mut cells = BTreeMap::new();
    for (name, value) in members {
        // A number is what is written: of its value a long one would lose digits.
        let text = match value.get().as_bytes() {
            [b'"', ..] => serde_json::from_str(value.get()).map_err(|e| bad(&e.to_string()))?,
            [b'-' | b'0'..=b'9', ..] => value.get().to_owned(),
            b"null" => continue,
            _ => return Err(bad(value.get())),
        };
        cells.insert(name, text);
    }
    Ok(cells)
}

/// The members of an object, as they are written. A name that comes twice is an error: of two values one would be lost, and nobody would
/// be told which.
struct Members<'a>(BTreeMap<String, &'a RawValue>);

impl<'de> serde::Deserialize<'de> for Members<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> serde::de::Visitor<'de> for Each {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Members<'de>, A::Error> {
                let mut members = BTreeMap::new();
                while let Some(name) = map.next_key::<String>()? {
                    if members.len() == MAX_COLUMNS {
                        return Err(serde::de::Error::custom("too many members"));
                    }
                    if members.contains_key(&name) {
                        return Err(serde::de::Error::custom(format_args!("{name:?} twice")));
                    }
                    members.insert(name, map.next_value()?);
                }
                Ok(Members(members))
            }
        }
        input.deserialize_map(Each)
    }
}

/// SM3 of a row's fields with their ends.
fn digest_of(record: &csv::ByteRecord) -> Digest {
    let mut hash = sm3::Sm3::new();
    for field in record {
        hash.update(&(field.len() as u64).to_be_bytes());
        hash.update(field);
    }
    hash.finalize()
}

fn too_long() -> Error {
    Error::TooMany { what: "bytes of a row", max: MAX_ROW as u64, found: MAX_ROW as u64 + 1 }
}

fn csv_error(error: &csv::Error, line: u64) -> Error {
    match error.kind() {
        csv::ErrorKind::Io(io) if io.kind() == io::ErrorKind::InvalidData => too_long(),
        csv::ErrorKind::Io(io) => Error::io(io),
        _ => Error::value(&format!("line {line}"), &error.to_string(), "CSV"),
    }
}

/// A reader that gives at most what a row may be long, until it is told that a row has ended: a quote that never closes is no row of
/// gigabytes.
#[derive(Debug)]
struct Bounded<R> {
    inner: R,
    budget: Rc<Cell<usize>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.budget.get() == 0 {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let read = self.inner.read(buffer)?;
        self.budget.set(self.budget.get().saturating_sub(read));
        Ok(read)
    }
}

impl<R: Seek> Seek for Bounded<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn all(mut rows: Rows<Cursor<Vec<u8>>>) -> Vec<(u64, Option<String>)> {
        let mut found = Vec::new();
        while let Some(row) = rows.next_row().unwrap() {
            found.push(match row {
                Ok(row) => (row.line, row.get("a").map(str::to_owned)),
                Err(reject) => (reject.line, None),
            });
        }
        found
    }

    #[test]
    fn rows_are_told_with_their_lines() {
        let csv = "\u{feff}a,b\n1,2\n\"x\ny\",3\nshort\n4,5,6\n7,8";
        let some = |line, text: &str| (line, Some(text.to_owned()));
        let rows = Rows::csv(Cursor::new(csv.as_bytes().to_vec())).unwrap();
        assert_eq!(all(rows), [some(2, "1"), some(3, "x\ny"), (5, None), (6, None), some(7, "7")]);
        let json =
            "{\"a\":\"1\",\"b\":null}\n\n{\"a\":2.50}\n[1]\n{\"a\":{}}\n{\"a\":\"\u{4e00}\"}\n\n";
        let rows = Rows::json_lines(Cursor::new(json.as_bytes().to_vec()));
        let expected = [some(1, "1"), some(3, "2.50"), (4, None), (5, None), some(6, "\u{4e00}")];
        assert_eq!(all(rows), expected);
        for number in ["20260000000000000001", "-0.10", "1e400"] {
            let json = format!("{{\"a\": {number} }}").into_bytes();
            assert_eq!(all(Rows::json_lines(Cursor::new(json))), [some(1, number)]);
        }
        let mut bytes = b"a\n".to_vec();
        bytes.extend_from_slice(&[0xff, b'\n', b'1', b'\n']);
        assert_eq!(all(Rows::csv(Cursor::new(bytes)).unwrap()), [(2, None), some(3, "1")]);
    }

    /// Whatever ends its lines, and with empty ones between.
    #[test]
    fn a_row_has_its_first_and_its_last_line() {
        let text = "a,b\n1,2\n\n3,\"x\ny\nz\"\n\n\nshort\n5,6\n7,\"8\n9,10\n";
        let expected = [(2, 2), (4, 6), (9, 9), (10, 10), (11, 13)];
        for end in ["\n", "\r\n"] {
            let text = text.replace('\n', end);
            let mut rows = Rows::csv(Cursor::new(text.into_bytes())).unwrap();
            for expected in expected {
                let found = match rows.next_row().unwrap().unwrap() {
                    Ok(row) => (row.line, row.last),
                    Err(reject) => (reject.line, reject.last),
                };
                assert_eq!(found, expected, "{end:?}");
            }
            assert!(rows.next_row().unwrap().is_none());
        }
    }

    #[test]
    fn an_object_says_each_thing_once() {
        let lines = [
            r#"{"a":"1","b":"2"}"#,
            r#"{"a":"1","a":"2"}"#,
            r#"{"a":"1","a":"1"}"#,
            r#"{"a":null,"a":"1"}"#,
            r#"{"a":"1","\u0061":"2"}"#,
            r#"{"A":"1","a":"2"}"#,
        ];
        let rows = Rows::json_lines(Cursor::new(lines.join("\n").into_bytes()));
        let read: Vec<bool> = all(rows).iter().map(|(_, value)| value.is_some()).collect();
        assert_eq!(read, [true, false, false, false, false, true]);
        let many = |n: usize| {
            let members: Vec<_> = (0..n).map(|i| format!("\"{i}\":1")).collect();
            format!("{{{}}}", members.join(","))
        };
        for (n, fits) in [(MAX_COLUMNS, true), (MAX_COLUMNS + 1, false)] {
            let mut rows = Rows::json_lines(Cursor::new(many(n).into_bytes()));
            assert_eq!(rows.next_row().unwrap().unwrap().is_ok(), fits, "{n}");
        }
    }

    #[test]
    fn a_row_that_never_ends_is_not_read_to_its_end() {
        let quote = [b"a\n\"".to_vec(), vec![b'x'; 4 * MAX_ROW]].concat();
        let mut rows = Rows::csv(Cursor::new(quote)).unwrap();
        assert!(matches!(rows.next_row(), Err(Error::TooMany { .. })));
        let mut rows = Rows::json_lines(Cursor::new(vec![b'{'; 4 * MAX_ROW]));
        assert!(matches!(rows.next_row(), Err(Error::TooMany { .. })));
        for header in ["a,a\n", "a,,b\n", "\n\n"] {
            let rows = Rows::csv(Cursor::new(header.as_bytes().to_vec()));
            assert!(rows.is_err() || header == "\n\n", "{header:?}");
        }
    }

    #[test]
    fn reading_goes_on_from_any_place() {
        // With what reading could stumble over: a value of two lines, an empty line, a mark as at the beginning of a file.
        let csv: String = (0..50).map(|i| format!("\u{feff}{i},\"q\n{i}\"\n")).collect();
        let csv = format!("\u{feff}a,b\n{csv}\n\n");
        let json: String = (0..50).map(|i| format!("{{\"a\":{i}}}\n\n")).collect();
        let texts = [csv.clone(), csv.replace('\n', "\r\n"), json];
        let open = |kind: usize| {
            let input = Cursor::new(texts[kind].clone().into_bytes());
            if kind < 2 { Rows::csv(input).unwrap() } else { Rows::json_lines(input) }
        };
        for kind in 0..3 {
            let whole = all(open(kind));
            for stop in [1, 7, 49, 50] {
                let mut rows = open(kind);
                for _ in 0..stop {
                    rows.next_row().unwrap();
                }
                if stop == 50 {
                    assert!(rows.next_row().unwrap().is_none(), "the end is no row");
                }
                let place = rows.place(Place::start(Digest::ZERO));
                let mut again = open(kind);
                again.seek(&place).unwrap();
                assert_eq!(again.place(Place::start(Digest::ZERO)), place, "{kind} {stop}");
                assert_eq!(all(again), whole[stop..], "{kind} {stop}");
            }
            let mut rows = open(kind);
            rows.next_row().unwrap();
            let place = rows.place(Place::start(Digest::ZERO));
            for other in [
                Place { began: 1 << 40, offset: 1 << 41, ..place.clone() },
                Place { row: Digest::ZERO, ..place.clone() },
                Place { offset: place.offset + 1, ..place },
            ] {
                let changed = open(kind).seek(&other);
                assert!(matches!(changed, Err(Error::InputChanged { .. })), "{other:?}");
            }
        }
    }
}
