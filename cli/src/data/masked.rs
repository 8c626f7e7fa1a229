//! `data mask | view | verify-view`: tables whose parts can be shown and proven.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use yinxin_gm::Digest;
use yinxin_record::Wire;
use yinxin_sharing::{
    envelope::Owner,
    masked::{Choice, Custodian, DataSet, Field, Published, Schema, Seed, Statement, View},
};
use zeroize::Zeroizing;

use super::words::failure;
use crate::{
    config::Config,
    fail::{At, Class, Done, Failure},
    files::{self, Access, Existing},
    keys::{self, SignerArgs},
    rng, trusting,
    ui::{self, Ui},
};

/// Most rows of a table that is masked at once: each holds its values in memory while the tree is built.
const MAX_ROWS: usize = 1_000_000;

/// The rows, their schema, and the secrets that they are committed to with.
#[derive(Debug, clap::Args)]
struct Table {
    /// The rows, CSV with a header of field names
    #[arg(value_name = "ROWS")]
    rows: PathBuf,
    /// Fields, their forms and quasi-identifiers, TOML
    #[arg(long, value_name = "FILE")]
    fields: PathBuf,
    /// The key that tokens are made with, 64 hexadecimal digits; for schemas that have them
    #[arg(long, value_name = "FILE")]
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
struct Read {
    schema: Schema,
    rows: Vec<Vec<String>>,
    custodian: Option<Custodian>,
}

/// `yinxin data mask`
#[derive(Debug, clap::Args)]
pub(crate) struct Mask {
    #[command(flatten)]
    table: Table,
    /// Where the new secret seed goes; whoever has it and the rows can prove every field
    #[arg(long, value_name = "FILE")]
    seed: PathBuf,
    /// Where the signed statement goes; anchor it with `ledger put`
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    signer: SignerArgs,
    /// Replace the statement if it exists
    #[arg(long)]
    force: bool,
}

/// `yinxin data view`
#[derive(Debug, clap::Args)]
pub(crate) struct MakeView {
    #[command(flatten)]
    table: Table,
    /// The seed that `data mask` wrote
    #[arg(long, value_name = "FILE")]
    seed: PathBuf,
    /// The statement that `data mask` wrote
    #[arg(long, value_name = "FILE")]
    statement: PathBuf,
    /// A field, and the form in which it is shown
    #[arg(long = "show", value_name = "FIELD=FORM", value_parser = shown, required = true)]
    show: Vec<(String, String)>,
    /// A row, or rows from one to another, counted from 0 [default: all]
    #[arg(long = "row", value_name = "N|N-N", value_parser = range)]
    only: Vec<(u64, u64)>,
    /// How many rows at least must share all quasi-identifiers that are shown
    #[arg(long, value_name = "N", default_value_t = 1)]
    k: u32,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
}

/// `yinxin data verify-view`
#[derive(Debug, clap::Args)]
pub(crate) struct VerifyView {
    /// The view
    #[arg(value_name = "VIEW")]
    file: PathBuf,
    /// The owner's certificate
    #[arg(long, value_name = "CERT")]
    from: PathBuf,
    /// The folder of what is trusted: the owner's certificate must hold by it
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
    /// How many rows at least must share all quasi-identifiers that are shown
    #[arg(long, value_name = "N", default_value_t = 1)]
    k: u32,
}

fn shown(text: &str) -> Result<(String, String), String> {
    let (field, form) = text.split_once('=').ok_or("expected FIELD=FORM")?;
    Ok((field.to_owned(), form.to_owned()))
}

fn range(text: &str) -> Result<(u64, u64), String> {
    let number = |n: &str| n.parse::<u64>().map_err(|e| e.to_string());
    let (from, until) = text.split_once('-').unwrap_or((text, text));
    let range = (number(from)?, number(until)?);
    if range.0 <= range.1 { Ok(range) } else { Err("the first is after the last".to_owned()) }
}

impl Table {
    fn read(&self) -> Done<Read> {
        let schema = schema(&files::read_text(&self.fields)?).at(self.fields.display())?;
        let rows = rows(&files::read_text(&self.rows)?, &schema).at(self.rows.display())?;
        let custodian = self.custodian.as_deref().map(secret).transpose()?.map(Custodian::new);
        Ok(Read { schema, rows, custodian })
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
fn secret(path: &Path) -> Done<Zeroizing<[u8; 32]>> {
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
    /// All rows, committed to.
    fn set(&self, id: Digest, seed: Seed) -> Done<DataSet> {
        let mut set = DataSet::new(self.schema.clone(), id, seed);
        for (number, row) in self.rows.iter().enumerate() {
            let row: Vec<&str> = row.iter().map(String::as_str).collect();
            let pushed = set.push(&row, self.custodian.as_ref()).map_err(|e| failure(&e));
            pushed.at(format!("row {number}"))?;
        }
        Ok(set)
    }
}

#[derive(Serialize)]
struct StatementView {
    schema: &'static str,
    statement: String,
    digest: String,
    data_set: String,
    rows: u64,
}

impl Mask {
    /// Commits to the rows and signs.
    pub(super) fn run(self, ui: &Ui) -> Done {
        files::must_be_free(&self.out, self.force)?;
        let table = self.table.read()?;
        let signer = self.signer.load(ui)?;
        let seed = Seed::generate(&mut rng::os());
        let mut id = [0; 32];
        rand_core::Rng::fill_bytes(&mut rng::os(), &mut id);
        // Never replaced: with the old seed the old data set could no longer be shown.
        let text = Zeroizing::new(hex::encode(&seed.to_bytes()[..]));
        files::write(&self.seed, text.as_bytes(), Access::Owner, Existing::Keep)?;
        let owner = Owner { certificate: &signer.certificate, key: &signer.key };
        let set = table.set(Digest(id), seed)?;
        let published = set.publish(owner, ui::now(), &mut rng::os()).map_err(|e| failure(&e))?;
        let statement = published.statement();
        let existing = Existing::forced(self.force);
        files::write(&self.out, &statement.to_der(), Access::Public, existing)?;
        let view = StatementView {
            schema: "yinxin.data-statement/1",
            statement: self.out.display().to_string(),
            digest: statement.digest().to_string(),
            data_set: statement.data_set().to_string(),
            rows: statement.rows(),
        };
        ui.result(&view, |v| {
            format!("{}: {} {}\n  {}\n", v.statement, v.rows, ui.pick("rows", "行"), v.digest)
        })
    }
}

impl MakeView {
    /// Opens what is to be shown.
    pub(super) fn run(self, ui: &Ui) -> Done {
        files::must_be_free(&self.out, self.force)?;
        let table = self.table.read()?;
        let bytes = files::read(&self.statement)?;
        let statement = Statement::from_der(&bytes).map_err(|e| failure(&e.into()));
        let statement = statement.at(self.statement.display())?;
        let seed = Seed::from_bytes(secret(&self.seed)?);
        let published = table.set(statement.data_set(), seed)?.published(statement);
        let published = published.map_err(|e| failure(&e)).at(self.table.rows.display())?;
        let view = self.view(&table, &published)?;
        let der = view.to_der();
        files::write(&self.out, &der, Access::Public, Existing::forced(self.force))?;
        let about = StatementView {
            schema: "yinxin.data-view-made/1",
            statement: self.out.display().to_string(),
            digest: yinxin_gm::sm3::digest(&der).to_string(),
            data_set: view.statement().data_set().to_string(),
            rows: self.rows(table.rows.len()).len() as u64,
        };
        ui.result(&about, |v| format!("{}: {} {}\n", v.statement, v.rows, ui.pick("rows", "行")))
    }

    fn rows(&self, all: usize) -> BTreeSet<u64> {
        let all = all as u64;
        if self.only.is_empty() {
            return (0..all).collect();
        }
        // One beyond the table stays, so that the library names it as missing.
        self.only.iter().flat_map(|(from, until)| *from..=(*until).min(all.max(*from))).collect()
    }

    fn view(&self, table: &Read, published: &Published) -> Done<View> {
        let none: Vec<&str> = Vec::new();
        let values: Vec<(u64, Vec<&str>)> = self
            .rows(table.rows.len())
            .into_iter()
            .map(|number| {
                let row = usize::try_from(number).ok().and_then(|n| table.rows.get(n));
                let row = row.map(|row| row.iter().map(String::as_str).collect());
                (number, row.unwrap_or_else(|| none.clone()))
            })
            .collect();
        let rows: Vec<(u64, &[&str])> = values.iter().map(|(n, row)| (*n, &row[..])).collect();
        let pairs: Vec<(&str, &str)> = self.show.iter().map(|(a, b)| (&**a, &**b)).collect();
        let choice = Choice::new(&pairs, self.k).map_err(|e| failure(&e))?;
        published.view(&rows, &choice, table.custodian.as_ref()).map_err(|e| failure(&e))
    }
}

#[derive(Serialize)]
struct ViewView {
    schema: &'static str,
    statement: String,
    owner: String,
    signed_at: String,
    rows_of_set: u64,
    k: u32,
    columns: Vec<String>,
    rows: Vec<RowView>,
}

#[derive(Serialize)]
struct RowView {
    row: u64,
    texts: Vec<String>,
}

impl VerifyView {
    /// Checks every row and prints what is shown.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let owner = keys::certificate(&self.from)?;
        if let Some(folder) = config.trust_folder(self.trust.as_deref()) {
            trusting::must_chain(&trusting::load(&folder)?, &owner, ui::now())
                .at(self.from.display())?;
        } else {
            ui.say(
                "no trust folder is named: whether the certificate is the owner's is yours to know",
                "未指定信任文件夹：证书是否属于提供方须自行确认",
            );
        }
        let view = View::from_der(&files::read(&self.file)?).map_err(|e| failure(&e.into()));
        let view = view.at(self.file.display())?;
        let shown = view.verify(&owner).map_err(|e| Failure::of(Class::Invalid, &e));
        let shown = shown.at(self.file.display())?;
        if shown.k() < self.k && !shown.rows().is_empty() {
            return Err(Failure::new(
                Class::Invalid,
                format!("k is {}, expected {} at least", shown.k(), self.k),
                format!("k 为 {}，应不小于 {}", shown.k(), self.k),
            )
            .at(self.file.display()));
        }
        let said = view.statement();
        let result = ViewView {
            schema: "yinxin.data-view/1",
            statement: said.digest().to_string(),
            owner: owner.title().to_string(),
            signed_at: said.time().to_string(),
            rows_of_set: said.rows(),
            k: shown.k(),
            columns: shown.columns().iter().map(|(f, form)| format!("{f} ({form})")).collect(),
            rows: shown
                .rows()
                .iter()
                .map(|r| RowView { row: r.row(), texts: r.texts().to_vec() })
                .collect(),
        };
        ui.result(&result, |v| {
            let mut text = format!(
                "{} {}, {}\n  {}\n  k = {}\n",
                ui.pick("VALID: signed by", "有效，签名者"),
                v.owner,
                v.signed_at,
                v.statement,
                v.k
            );
            text.push_str(&format!("#\t{}\n", v.columns.join("\t")));
            for RowView { row, texts } in &v.rows {
                text.push_str(&format!("{row}\t{}\n", texts.join("\t")));
            }
            text
        })
    }
}
