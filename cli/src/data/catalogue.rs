//! `data list | search | export`: catalogue files.

use std::{
    collections::BTreeMap,
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
};

use clap::ValueEnum;
use serde::Serialize;
use yinxin_record::{OrganisationCode, ResourceCode, SharingClass};
use yinxin_sharing::catalogue::{
    Catalogue, Columns, DutyEntry, Index, Lists, Query, Resource, from_dcat, read_csv, write_csv,
    write_dcat,
};

use super::words::{self, failure};
use crate::{
    fail::{At, Class, Done, Failure},
    files::{self, Access, Existing},
    ui::Ui,
};

/// A catalogue file.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Source {
    /// The catalogue: CSV with a row for each item, or DCAT-AP in JSON-LD (`.json`, `.jsonld`)
    #[arg(value_name = "CATALOGUE")]
    file: PathBuf,
    /// Which column is what, TOML [default: the columns that `data export` writes]
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// The responsibility list, TOML: its entries become part of the resources, and of their definitions
    #[arg(long, value_name = "FILE")]
    lists: Option<PathBuf>,
}

/// What a file gave: resources in force, and lines that are none.
pub(super) struct Loaded {
    pub(super) catalogue: Catalogue,
    pub(super) rejects: Vec<Reject>,
}

/// A line that is no resource, and why.
pub(super) type Reject = (u64, yinxin_sharing::Error);

impl Source {
    /// A file with the columns that `data export` writes.
    pub(super) const fn of(file: PathBuf) -> Self {
        Self { file, map: None, lists: None }
    }

    /// Reads the file.
    pub(super) fn load(&self) -> Done<Loaded> {
        let (resources, rejects) = self.resources().at(self.file.display())?;
        let duties = self.lists.as_deref().map(duties).transpose()?;
        let mut catalogue = Catalogue::new();
        for resource in resources {
            let resource = with_duties(resource, duties.as_ref())?;
            catalogue.publish(resource).map_err(|e| failure(&e)).at(self.file.display())?;
        }
        Ok(Loaded { catalogue, rejects })
    }

    fn resources(&self) -> Done<(Vec<Resource>, Vec<Reject>)> {
        let input = File::open(&self.file).map_err(|e| Failure::io(&self.file, &e))?;
        let input = BufReader::new(input);
        if self.file.extension().is_some_and(|e| e == "json" || e == "jsonld") {
            return Ok((from_dcat(input).map_err(|e| failure(&e))?, Vec::new()));
        }
        let import = read_csv(input, &columns(self.map.as_deref())?).map_err(|e| failure(&e))?;
        Ok((import.resources, import.rejects))
    }

    /// Reads the file for looking at it; bad lines are told and passed over.
    fn look(&self, ui: &Ui) -> Done<Catalogue> {
        let Loaded { catalogue, rejects } = self.load()?;
        tell(&rejects, ui);
        Ok(catalogue)
    }
}

/// The entries of a responsibility list, by resource.
pub(super) type Duties = BTreeMap<ResourceCode, Vec<DutyEntry>>;

/// Reads a responsibility list.
pub(super) fn duties(path: &Path) -> Done<Duties> {
    let lists = Lists::from_toml(&files::read_text(path)?).map_err(|e| failure(&e));
    let mut duties = Duties::new();
    for entry in lists.at(path.display())?.duties {
        duties.entry(entry.resource.clone()).or_default().push(entry);
    }
    Ok(duties)
}

/// A resource with its entries of the list; where the list has none, those that the catalogue gave it stay.
pub(super) fn with_duties(resource: Resource, list: Option<&Duties>) -> Done<Resource> {
    let Some(own) = list.and_then(|list| list.get(resource.code())) else { return Ok(resource) };
    let code = resource.code().clone();
    resource.with_duties(own).map_err(|e| failure(&e)).at(code)
}

/// Tells lines that are no resources.
pub(super) fn tell(rejects: &[Reject], ui: &Ui) {
    for (line, error) in rejects {
        let place = format!("{} {line}", ui.pick("line", "行"));
        let said = failure(error).at(place).explain(ui.lang).what;
        ui.say(&said, &said);
    }
}

fn columns(map: Option<&Path>) -> Done<Columns> {
    match map {
        None => Columns::standard().map_err(|e| failure(&e)),
        Some(path) => {
            Columns::from_toml(&files::read_text(path)?).map_err(|e| failure(&e)).at(path.display())
        }
    }
}

/// `yinxin data list`
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    #[command(flatten)]
    source: Source,
}

/// `yinxin data search`
#[derive(Debug, clap::Args)]
pub(crate) struct Search {
    #[command(flatten)]
    source: Source,
    /// Words: all of them must be in the name, code, abstract, owner or an item
    #[arg(value_name = "WORD")]
    words: Vec<String>,
    /// Whose
    #[arg(long, value_name = "CODE", value_parser = words::organisation)]
    owner: Option<OrganisationCode>,
    /// Part of an item's name
    #[arg(long, value_name = "TEXT", default_value = "")]
    item: String,
    /// unconditional, conditional or never
    #[arg(long, value_name = "CLASS", value_parser = words::class)]
    class: Option<SharingClass>,
    /// How many hits to show
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
    /// How many hits to pass over
    #[arg(long, value_name = "N", default_value_t = 0)]
    skip: usize,
}

/// How a catalogue is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A table, a row for each item
    Csv,
    /// DCAT-AP in JSON-LD
    Dcat,
}

/// `yinxin data export`
#[derive(Debug, clap::Args)]
pub(crate) struct Export {
    #[command(flatten)]
    source: Source,
    /// The form
    #[arg(long = "as", value_enum)]
    form: Form,
    /// What the catalogue is called
    #[arg(long, default_value = "数据目录")]
    title: String,
    /// The file to write
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    total: usize,
    resources: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    code: String,
    version: u32,
    name: String,
    owner_name: String,
    class: &'static str,
    level: &'static str,
    items: Vec<String>,
    responsibilities: Vec<DutyView>,
    definition: String,
}

#[derive(Serialize)]
struct DutyView {
    duty: &'static str,
    organisation: String,
    term: String,
    basis: String,
}

impl List {
    /// Shows all.
    pub(super) fn run(self, ui: &Ui) -> Done {
        let catalogue = self.source.look(ui)?;
        let all: Vec<_> = catalogue.resources().map(entry).collect();
        show(ui, all.len(), all)
    }
}

impl Search {
    /// Shows what fits.
    pub(super) fn run(self, ui: &Ui) -> Done {
        let catalogue = self.source.look(ui)?;
        let Self { source: _, words, owner, item, class, limit, skip } = self;
        let query = Query { words: words.join(" "), owner, item, class, skip, limit };
        let hits = Index::of(&catalogue).search(&query);
        let found = |code: &ResourceCode| catalogue.get(code).map(entry);
        show(ui, hits.total, hits.codes.iter().filter_map(found).collect())
    }
}

fn entry(resource: &Resource) -> Entry {
    Entry {
        code: resource.code().to_string(),
        version: resource.version(),
        name: resource.name().to_owned(),
        owner_name: resource.owner_name().to_owned(),
        class: words::class_name(resource.class()),
        level: words::level_name(resource.level()),
        items: resource.items().iter().map(|i| i.name.clone()).collect(),
        responsibilities: resource.duties().iter().map(duty).collect(),
        definition: resource.definition().to_string(),
    }
}

fn duty(entry: &DutyEntry) -> DutyView {
    DutyView {
        duty: entry.duty.name(),
        organisation: entry.organisation.to_string(),
        term: entry.term.clone(),
        basis: entry.basis.clone(),
    }
}

fn show(ui: &Ui, total: usize, resources: Vec<Entry>) -> Done {
    let view = View { schema: "yinxin.data-catalogue/1", total, resources };
    ui.result(&view, |v| {
        let mut text = String::new();
        for entry in &v.resources {
            let Entry { code, version, name, owner_name, class, level, items, .. } = entry;
            text.push_str(&format!("{code}@{version}  {class}, {level}  {name} ({owner_name})\n"));
            text.push_str(&format!("  {}\n", items.join(ui.pick(", ", "、"))));
            for DutyView { duty, organisation, term, basis } in &entry.responsibilities {
                text.push_str(&format!("  {duty}: {organisation}  {term}  {basis}\n"));
            }
        }
        text.push_str(&format!("{} / {}\n", v.resources.len(), v.total));
        text
    })
}

impl Export {
    /// Writes the catalogue; one bad line is enough to write nothing.
    pub(super) fn run(self, ui: &Ui) -> Done {
        files::must_be_free(&self.out, self.force)?;
        let Loaded { catalogue, rejects } = self.source.load()?;
        if let Some((line, error)) = rejects.first() {
            let place = format!("{}:{line}", self.source.file.display());
            return Err(Failure::of(Class::Malformed, error).at(place));
        }
        let mut bytes = Vec::new();
        match self.form {
            Form::Csv => {
                if catalogue.resources().any(|r| !r.duties().is_empty()) {
                    ui.say(
                        "a table has no columns for responsibilities: they are left out, read it with --lists",
                        "表格没有责任清单各列，已略去；读取时请加 --lists",
                    );
                }
                let columns = columns(None)?;
                write_csv(catalogue.resources(), &columns, &mut bytes).map_err(|e| failure(&e))?;
            }
            Form::Dcat => {
                write_dcat(&self.title, catalogue.resources(), &mut bytes)
                    .map_err(|e| failure(&e))?;
            }
        }
        files::write(&self.out, &bytes, Access::Public, Existing::forced(self.force))
    }
}
