//! Catalogues as tables: a row for each item, the resource's own columns repeated.

use std::collections::BTreeMap;
use std::io::{Read, Write};

use yinxin_record::{OrganisationCode, ResourceCode};

use super::{
    Columns, Resource, ResourceItem,
    resource::ResourceDraft,
    words::{CLASSES, CYCLES, KINDS, LEVELS},
};
use crate::Error;

/// Largest table, bytes: 52,542 resources of twenty items have some 200 MB.
const TABLE_MAX: u64 = 512 << 20;
/// Longest row, bytes: three long texts and their quotes. A quote that never closes makes a row of the rest of the file.
const ROW_MAX: usize = 64 * 1024;

/// What a table gave.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Import {
    /// Resources whose every row is right, by code and version.
    pub resources: Vec<Resource>,
    /// Lines that are not, and why; no row of their resource is taken.
    pub rejects: Vec<(u64, Error)>,
}

type Row = BTreeMap<&'static str, String>;

/// Reads a table.
///
/// # Errors
/// [`Error::ColumnMissing`], [`Error::EncodingForeign`], [`Error::TooMany`], [`Error::Io`]: then no row was read. A row that does not
/// fit is told in [`Import::rejects`].
pub fn read_csv(input: impl Read, columns: &Columns) -> Result<Import, Error> {
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).from_reader(input.take(TABLE_MAX + 1));
    let header = reader.byte_headers().map_err(|e| csv_error(&e))?;
    let names: Vec<String> = header.iter().map(|n| utf8(n, 1)).collect::<Result<_, _>>()?;
    // Spreadsheets put a byte order mark before the first name.
    let names: Vec<&str> = names.iter().map(|n| n.trim_start_matches('\u{feff}').trim()).collect();
    let width = names.len();
    let places: Vec<(&'static str, usize)> = columns
        .places(&names)?
        .into_iter()
        .filter_map(|(part, at)| Some((*super::columns::PARTS.iter().find(|p| **p == part)?, at)))
        .collect();
    let mut gathered: BTreeMap<(String, String, String), Gathered> = BTreeMap::new();
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(|e| csv_error(&e))? {
        let line = record.position().map_or(0, csv::Position::line);
        if record.as_slice().len() > ROW_MAX {
            let (max, found) = (ROW_MAX as u64, record.as_slice().len() as u64);
            return Err(Error::TooMany { what: "octets of a row", max, found });
        }
        if record.position().is_some_and(|p| p.byte() > TABLE_MAX) {
            return Err(Error::TooMany {
                what: "octets of a table",
                max: TABLE_MAX,
                found: TABLE_MAX + 1,
            });
        }
        if record.iter().all(<[u8]>::is_empty) {
            continue;
        }
        let mut row = Row::new();
        for (part, value) in columns.constants() {
            if let Some(part) = super::columns::PARTS.iter().find(|p| *p == part) {
                row.insert(part, value.clone());
            }
        }
        for (part, at) in &places {
            let value = utf8(record.get(*at).unwrap_or_default(), line)?;
            row.insert(part, value.trim().to_owned());
        }
        let get = |part| row.get(part).cloned().unwrap_or_default();
        let key = (get("owner_code"), get("code"), get("version"));
        gathered.entry(key).or_default().add(line, &row, (width, record.len()));
    }
    let mut import = Import::default();
    for (_, resource) in gathered {
        match resource.finish() {
            Ok(resource) => import.resources.push(resource),
            Err(mut rejects) => import.rejects.append(&mut rejects),
        }
    }
    import.resources.sort_by(|a, b| (a.code(), a.version()).cmp(&(b.code(), b.version())));
    import.rejects.sort_by_key(|(line, _)| *line);
    Ok(import)
}

/// The rows of one resource.
#[derive(Default)]
struct Gathered {
    first: Option<(u64, Row, ResourceDraft)>,
    rejects: Vec<(u64, Error)>,
}

impl Gathered {
    fn add(&mut self, line: u64, row: &Row, (width, found): (usize, usize)) {
        let added = if width == found {
            self.take(line, row)
        } else {
            let (expected, found) = (width.to_string(), found.to_string());
            Err(Error::Mismatch { what: "values of a row", expected, found })
        };
        self.rejects.extend(added.err().map(|error| (line, error)));
    }

    fn take(&mut self, line: u64, row: &Row) -> Result<(), Error> {
        let item = item(row)?;
        match &mut self.first {
            None => {
                let mut parts = parts(row)?;
                parts.items.push(item);
                self.first = Some((line, row.clone(), parts));
            }
            Some((_, first, parts)) => {
                let own = |(part, _): &(&&str, &String)| !part.starts_with("item_");
                let differs =
                    row.iter().filter(own).find(|(part, value)| first.get(**part) != Some(*value));
                if let Some((part, value)) = differs {
                    let expected = first.get(*part).cloned().unwrap_or_default();
                    return Err(Error::Mismatch {
                        what: "two rows of a resource",
                        expected,
                        found: value.clone(),
                    });
                }
                parts.items.push(item);
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<Resource, Vec<(u64, Error)>> {
        match self.first {
            Some((line, _, parts)) if self.rejects.is_empty() => {
                Resource::new(parts).map_err(|error| vec![(line, error)])
            }
            _ => Err(self.rejects),
        }
    }
}

fn parts(row: &Row) -> Result<ResourceDraft, Error> {
    let get = |part| row.get(part).cloned().unwrap_or_default();
    let owner = get("owner_code");
    let owner = OrganisationCode::new(&owner)
        .map_err(|_| Error::ValueBad { what: "owner code", found: owner.clone() })?;
    let code = get("code");
    let code = ResourceCode::of(&owner, &code)
        .map_err(|_| Error::ValueBad { what: "resource code", found: code.clone() })?;
    let version = get("version");
    let version = match version.as_str() {
        "" => 1,
        text => {
            text.parse().map_err(|_| Error::ValueBad { what: "version", found: version.clone() })?
        }
    };
    Ok(ResourceDraft {
        code,
        owner_name: get("owner_name"),
        version,
        name: get("name"),
        summary: get("summary"),
        class: CLASSES.read(&get("class"))?,
        condition: get("condition"),
        basis: get("basis"),
        cycle: CYCLES.read(&get("cycle"))?,
        items: Vec::new(),
    })
}

fn item(row: &Row) -> Result<ResourceItem, Error> {
    let get = |part| row.get(part).cloned().unwrap_or_default();
    Ok(ResourceItem {
        name: get("item_name"),
        kind: KINDS.read(&get("item_kind"))?,
        level: LEVELS.read(&get("item_level"))?,
        mask: get("item_mask").parse()?,
    })
}

/// Writes a table, with a row for each item.
///
/// # Errors
/// [`Error::Io`].
pub fn write_csv<'a>(
    resources: impl IntoIterator<Item = &'a Resource>,
    columns: &Columns,
    out: impl Write,
) -> Result<(), Error> {
    let mut writer = csv::Writer::from_writer(out);
    let header = columns.header();
    writer.write_record(header.iter().map(|(column, _)| column)).map_err(|e| csv_error(&e))?;
    for resource in resources {
        for item in resource.items() {
            let values = header.iter().map(|(_, part)| value(resource, item, part));
            writer.write_record(values).map_err(|e| csv_error(&e))?;
        }
    }
    writer.flush().map_err(|e| Error::io(&e))
}

fn value(resource: &Resource, item: &ResourceItem, part: &str) -> String {
    match part {
        "owner_code" => resource.owner().to_string(),
        "owner_name" => resource.owner_name().to_owned(),
        "code" => resource.code().catalogue_code(),
        "version" => resource.version().to_string(),
        "name" => resource.name().to_owned(),
        "summary" => resource.summary().to_owned(),
        "class" => CLASSES.write(resource.class()).to_owned(),
        "condition" => resource.condition().to_owned(),
        "basis" => resource.basis().to_owned(),
        "cycle" => CYCLES.write(resource.cycle()).to_owned(),
        "item_name" => item.name.clone(),
        "item_kind" => KINDS.write(item.kind).to_owned(),
        "item_level" => LEVELS.write(item.level).to_owned(),
        _ => item.mask.to_string(),
    }
}

fn utf8(bytes: &[u8], line: u64) -> Result<String, Error> {
    core::str::from_utf8(bytes).map(str::to_owned).map_err(|_| Error::EncodingForeign { line })
}

fn csv_error(error: &csv::Error) -> Error {
    Error::Io { why: error.to_string() }
}
