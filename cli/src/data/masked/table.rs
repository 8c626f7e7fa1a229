//! The rows that are masked: a table, its schema, and where tokens come from.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use yinxin_gm::Digest;
use yinxin_record::Wire as _;
use yinxin_sharing::masked::{
    Custodian, DataSet, Field, Schema, Seed, TokenAnswer, TokenAsk, Tokens,
};
use zeroize::Zeroizing;

use crate::{
    data::words::failure,
    fail::{At, Class, Done, Failure},
    files,
};

/// Most rows of a table that is masked at once: each holds its values in memory while the tree is built.
const MAX_ROWS: usize = 1_000_000;

/// The rows and their schema.
#[derive(Debug, clap::Args)]
pub(super) struct Table {
    /// The rows, CSV with a header of field names
    #[arg(value_name = "ROWS")]
    pub(super) rows: PathBuf,
    /// Fields, their forms and quasi-identifiers, TOML
    #[arg(long, value_name = "FILE")]
    fields: PathBuf,
}

/// Where the tokens come from, for schemas that have them.
#[derive(Debug, clap::Args)]
pub(super) struct TokenArgs {
    /// Tokens that a custodian made for these rows (`data token ask`, `data token make`)
    #[arg(long, value_name = "FILE")]
    tokens: Option<PathBuf>,
    /// The secret that tokens are made with, 64 hexadecimal digits, where the owner is the custodian itself
    #[arg(long, value_name = "FILE", conflicts_with = "tokens")]
    custodian: Option<PathBuf>,
}

/// ```toml
/// [[field]]
/// name = "姓名"
/// kind = "text"
/// forms = ["keep/1/0"]      # beside the value itself: keep/h/t, range/w, prefix/n, token/purpose
/// quasi = false             # whether k-anonymity is counted over it
/// ```
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SchemaFile {
    field: Vec<SchemaField>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SchemaField {
    name: String,
    kind: String,
    #[serde(default)]
    forms: Vec<String>,
    #[serde(default)]
    quasi: bool,
}

/// What a table is, read and in the schema's order.
pub(super) struct Read {
    pub(super) schema: Schema,
    pub(super) rows: Vec<Vec<String>>,
}

impl Table {
    /// Reads both.
    pub(super) fn read(&self) -> Done<Read> {
        let schema = schema(&files::read_text(&self.fields)?).at(self.fields.display())?;
        let rows = rows(&files::read_text(&self.rows)?, &schema).at(self.rows.display())?;
        Ok(Read { schema, rows })
    }
}

impl TokenArgs {
    /// The tokens for a table: those that were made for just these values, or whatever the secret makes.
    pub(super) fn open(&self, table: &Read) -> Done<Option<Box<dyn Tokens>>> {
        if let Some(path) = &self.custodian {
            return Ok(Some(Box::new(Custodian::new(secret(path)?))));
        }
        let Some(path) = &self.tokens else { return Ok(None) };
        let answer = TokenAnswer::from_der(&files::read(path)?).map_err(|e| failure(&e.into()));
        let book = answer.at(path.display())?.book(&table.ask()?).map_err(|e| {
            failure(&e).todo(
                "the rows or fields have changed since: ask the custodian again (data token ask)",
                "数据或字段已变更：请重新向保管方申请（data token ask）",
            )
        });
        Ok(Some(Box::new(book.at(path.display())?)))
    }
}

fn schema(text: &str) -> Done<Schema> {
    let bad = |e: toml::de::Error| Failure::new(Class::Malformed, e.to_string(), e.to_string());
    let file: SchemaFile = toml::from_str(text).map_err(bad)?;
    let field = |f: SchemaField| {
        let mut field = Field::new(&f.name, &f.kind)?;
        for form in f.forms {
            field = field.form(form.parse()?);
        }
        Ok(if f.quasi { field.quasi_identifier() } else { field })
    };
    let fields = file.field.into_iter().map(field).collect::<Result<Vec<_>, _>>();
    fields.and_then(Schema::new).map_err(|e| failure(&e))
}

fn rows(text: &str, schema: &Schema) -> Done<Vec<Vec<String>>> {
    let bad = |e: csv::Error| Failure::new(Class::Malformed, e.to_string(), e.to_string());
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().map_err(bad)?.clone();
    let place = |field: &Field| {
        header.iter().position(|name| name == field.name()).ok_or_else(|| {
            let name = field.name();
            Failure::new(
                Class::Malformed,
                format!("there is no column {name:?}"),
                format!("没有名为 {name:?} 的列"),
            )
        })
    };
    let places = schema.fields().iter().map(place).collect::<Done<Vec<_>>>()?;
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(bad)?;
        if rows.len() == MAX_ROWS {
            return Err(Failure::new(
                Class::Malformed,
                format!("more than {MAX_ROWS} rows; make several data sets"),
                format!("超过 {MAX_ROWS} 行，请分为多个数据集"),
            ));
        }
        let value = |at: &usize| record.get(*at).unwrap_or_default().to_owned();
        rows.push(places.iter().map(value).collect());
    }
    Ok(rows)
}

/// 32 bytes as 64 hexadecimal digits.
pub(super) fn secret(path: &Path) -> Done<Zeroizing<[u8; 32]>> {
    let bytes = files::read_secret(path)?;
    let mut secret = Zeroizing::new([0; 32]);
    hex::decode_to_slice(bytes.trim_ascii(), &mut secret[..]).map_err(|_| {
        Failure::new(
            Class::Malformed,
            format!("{}: expected 64 hexadecimal digits", path.display()),
            format!("{}：应为 64 位十六进制数字", path.display()),
        )
    })?;
    Ok(secret)
}

impl Read {
    /// All that its forms need tokens of.
    pub(super) fn ask(&self) -> Done<TokenAsk> {
        TokenAsk::of(&self.schema, &self.rows).map_err(|e| failure(&e))
    }

    /// All rows, committed to.
    pub(super) fn set(&self, id: Digest, seed: Seed, tokens: Option<&dyn Tokens>) -> Done<DataSet> {
        let mut set = DataSet::new(self.schema.clone(), id, seed);
        for (number, row) in self.rows.iter().enumerate() {
            let row: Vec<&str> = row.iter().map(String::as_str).collect();
            let pushed = set.push(&row, tokens).map_err(|e| failure(&e));
            pushed.at(format!("row {number}"))?;
        }
        Ok(set)
    }
}
