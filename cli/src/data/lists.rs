//! `data lists`: who is responsible for what, who needs what, and what is never shared, from the ledger or from files.

use std::path::PathBuf;

use serde::Serialize;
use yinxin_record::{OrganisationCode, PublishResource, ResourceState, SharingClass, state_key};
use yinxin_sharing::catalogue::Lists as Files;

use super::{
    catalogue::Source,
    reading,
    request::{names, version},
    send,
    words::{self, class_name, failure},
};
use crate::{
    config::Config,
    fail::{At, Done},
    files,
    submit::{Client, LedgerArgs},
    ui::Ui,
};

/// `yinxin data lists`
#[derive(Debug, clap::Args)]
pub(crate) struct Lists {
    /// What this department published, from the ledger
    #[arg(long, value_name = "CODE", value_parser = words::organisation)]
    of: Option<OrganisationCode>,
    /// A file of responsibilities and demands, TOML
    #[arg(long, value_name = "FILE", required_unless_present = "of")]
    lists: Option<PathBuf>,
    /// A catalogue file: what is never shared in it is its negative list
    #[arg(long, value_name = "CATALOGUE")]
    catalogue: Option<PathBuf>,
    #[command(flatten)]
    ledger: LedgerArgs,
}

#[derive(Default, Serialize)]
struct View {
    schema: &'static str,
    responsibilities: Vec<Duty>,
    demands: Vec<Demand>,
    negative: Vec<Negative>,
}

#[derive(Serialize)]
struct Duty {
    resource: String,
    duty: &'static str,
    organisation: String,
    term: String,
    basis: String,
}

#[derive(Serialize)]
struct Demand {
    organisation: String,
    of: String,
    name: String,
    items: Vec<String>,
    purpose: String,
    basis: String,
}

/// What is not shared: all of a resource, or fields of it, or for purposes, or to organisations.
#[derive(Serialize)]
struct Negative {
    resource: String,
    name: String,
    class: &'static str,
    fields: Vec<String>,
    purposes: Vec<String>,
    organisations: Vec<String>,
    basis: String,
}

impl Lists {
    /// Shows the three lists.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let mut view = View { schema: "yinxin.data-lists/1", ..View::default() };
        if let Some(owner) = &self.of {
            view.published(&self.ledger.open(config)?, owner)?;
        }
        if let Some(path) = &self.lists {
            let read = Files::from_toml(&files::read_text(path)?).map_err(|e| failure(&e));
            view.written(read.at(path.display())?);
        }
        if let Some(path) = &self.catalogue {
            let catalogue = Source::of(path.clone()).load()?.catalogue;
            view.negative.extend(catalogue.negative_list().map(|entry| Negative {
                resource: entry.resource.to_string(),
                name: entry.name.to_owned(),
                class: class_name(SharingClass::Never),
                fields: Vec::new(),
                purposes: Vec::new(),
                organisations: Vec::new(),
                basis: entry.basis.to_owned(),
            }));
        }
        ui.result(&view, |v| v.text(ui))
    }
}

impl View {
    /// The version in force of each resource, proven.
    fn published(&mut self, client: &Client, owner: &OrganisationCode) -> Done {
        for code in reading::resources(client, owner)? {
            let Some(state) = send::state::<ResourceState>(client, &state_key::resource(&code))?
            else {
                continue;
            };
            let published = version(client, &code, state.version)?;
            self.responsibilities.extend(published.responsibilities.iter().map(|r| Duty {
                resource: code.to_string(),
                duty: r.duty.name(),
                organisation: r.organisation.to_string(),
                term: String::new(),
                basis: String::new(),
            }));
            self.negative.extend(negative(&published));
        }
        Ok(())
    }

    fn written(&mut self, lists: Files) {
        self.responsibilities.extend(lists.duties.into_iter().map(|d| Duty {
            resource: d.resource.to_string(),
            duty: d.duty.name(),
            organisation: d.organisation.to_string(),
            term: d.term,
            basis: d.basis,
        }));
        self.demands.extend(lists.demands.into_iter().map(|d| Demand {
            organisation: d.organisation.to_string(),
            of: d.of.to_string(),
            name: d.name,
            items: d.items,
            purpose: d.purpose.to_string(),
            basis: d.basis,
        }));
    }

    fn text(&self, ui: &Ui) -> String {
        let comma = ui.pick(", ", "、");
        let mut out = format!("{}\n", ui.pick("responsibilities", "责任清单"));
        for d in &self.responsibilities {
            let Duty { resource, duty, organisation, term, basis } = d;
            out.push_str(&format!("  {resource}  {duty:<8} {organisation}  {term} {basis}\n"));
        }
        if !self.demands.is_empty() {
            out.push_str(&format!("{}\n", ui.pick("demands", "需求清单")));
        }
        for d in &self.demands {
            let Demand { organisation, of, name, items, purpose, basis } = d;
            let items = items.join(comma);
            out.push_str(&format!(
                "  {organisation} → {of}  {name} ({items})  {purpose} {basis}\n"
            ));
        }
        out.push_str(&format!("{}\n", ui.pick("not shared", "负面清单")));
        for n in &self.negative {
            out.push_str(&format!("  {}  {}  {}", n.resource, n.name, n.class));
            for (what, list) in [
                (ui.pick("fields", "字段"), &n.fields),
                (ui.pick("purposes", "用途"), &n.purposes),
                (ui.pick("organisations", "机构"), &n.organisations),
            ] {
                if !list.is_empty() {
                    out.push_str(&format!("  {what}: {}", list.join(comma)));
                }
            }
            out.push_str(&format!("  {}\n", n.basis));
        }
        out
    }
}

/// The entry of a resource that is never shared, or not all of it.
fn negative(published: &PublishResource) -> Option<Negative> {
    let list = &published.negative;
    let bars = !list.fields.is_empty()
        || !list.purposes.is_empty()
        || !list.organisations.is_empty()
        || published.class == SharingClass::Never;
    bars.then(|| Negative {
        resource: published.resource.to_string(),
        name: published.name.to_string(),
        class: class_name(published.class),
        fields: names(published, &list.fields),
        purposes: list.purposes.iter().map(ToString::to_string).collect(),
        organisations: list.organisations.iter().map(ToString::to_string).collect(),
        basis: String::new(),
    })
}
