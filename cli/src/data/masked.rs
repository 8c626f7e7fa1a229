//! `data mask | view | verify-view | token | pseudonym`: tables whose parts can be shown and proven, and who is meant by them.

mod journal;
mod pseudonym;
mod table;
mod token;

pub(crate) use pseudonym::Pseudonym;
pub(crate) use token::TokenCommand;

use std::{collections::BTreeSet, path::PathBuf};

use serde::Serialize;
use yinxin_gm::Digest;
use yinxin_record::Wire;
use yinxin_sharing::{
    envelope::Owner,
    masked::{Choice, Published, Seed, Statement, Tokens, View},
};
use zeroize::Zeroizing;

use self::table::{Read, Table, TokenArgs, secret};
use super::words::failure;
use crate::{
    config::Config,
    fail::{At, Class, Done, Failure},
    files::{self, Access, Existing},
    keys::{self, SignerArgs},
    rng, trusting,
    ui::{self, Ui},
};

/// `yinxin data mask`
#[derive(Debug, clap::Args)]
pub(crate) struct Mask {
    #[command(flatten)]
    table: Table,
    #[command(flatten)]
    tokens: TokenArgs,
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
    #[command(flatten)]
    tokens: TokenArgs,
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
        let tokens = self.tokens.open(&table)?;
        let signer = self.signer.load(ui)?;
        let seed = Seed::generate(&mut rng::os());
        let mut id = [0; 32];
        rand_core::Rng::fill_bytes(&mut rng::os(), &mut id);
        let text = Zeroizing::new(hex::encode(&seed.to_bytes()[..]));
        let owner = Owner { certificate: &signer.certificate, key: &signer.key };
        let set = table.set(Digest(id), seed, tokens.as_deref())?;
        // Never replaced: with the old seed the old data set could no longer be shown.
        files::write(&self.seed, text.as_bytes(), Access::Owner, Existing::Keep)?;
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
        let tokens = self.tokens.open(&table)?;
        let tokens = tokens.as_deref();
        let bytes = files::read(&self.statement)?;
        let statement = Statement::from_der(&bytes).map_err(|e| failure(&e.into()));
        let statement = statement.at(self.statement.display())?;
        let seed = Seed::from_bytes(secret(&self.seed)?);
        let published = table.set(statement.data_set(), seed, tokens)?.published(statement);
        let published = published.map_err(|e| failure(&e)).at(self.table.rows.display())?;
        let view = self.view(&table, &published, tokens)?;
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

    fn view(&self, table: &Read, published: &Published, tokens: Option<&dyn Tokens>) -> Done<View> {
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
        published.view(&rows, &choice, tokens).map_err(|e| failure(&e))
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
