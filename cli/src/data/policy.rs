//! What an owner publishes beside its catalogue: who serves, what is never shared, what is decided without a person.

use std::path::Path;

use serde::Deserialize;
use yinxin_record::{
    AutomaticRule, Level, NegativeList, OrganisationCode, Otherwise, PublishResource, Purpose,
    Responsibility, Text, Volume,
};
use yinxin_sharing::catalogue::{DutyEntry, Resource};

use super::words::{self, failure};
use crate::{
    fail::{At, Class, Classed, Done, Failure},
    files,
};

/// ```toml
/// dual_control = "general-4"            # from this level on two persons grant; "important" if it is left out
/// [automatic]                           # what the ledger decides at once, for every resource that has no rule of its own
/// purposes = ["credit"]
/// level = "general-2"
/// rows = 100000
/// bytes = 10000000
/// days = 365
/// [[resource]]
/// code = "11430000006122244L.307~1"
/// negative = { items = ["法定代表人"], purposes = ["marketing"], organisations = [] }
/// ```
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    dual_control: Option<String>,
    automatic: Option<Automatic>,
    #[serde(default)]
    resource: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    code: String,
    dual_control: Option<String>,
    automatic: Option<Automatic>,
    #[serde(default)]
    negative: Negative,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Negative {
    items: Vec<String>,
    purposes: Vec<String>,
    organisations: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Automatic {
    purposes: Vec<String>,
    #[serde(default)]
    organisations: Vec<String>,
    level: String,
    #[serde(default = "one")]
    calls: u64,
    rows: u64,
    bytes: u64,
    days: u16,
    /// Whether what does not fit goes to a person, or is refused and may be appealed.
    #[serde(default)]
    refuse_others: bool,
}

const fn one() -> u64 {
    1
}

/// How resources are published.
#[derive(Debug, Default)]
pub(super) struct Policy(File);

impl Policy {
    /// Reads the file, which may be left out.
    pub(super) fn read(policy: Option<&Path>) -> Done<Self> {
        let Some(path) = policy else { return Ok(Self::default()) };
        parse(&files::read_text(path)?).at(path.display()).map(Self)
    }

    /// The publication of a resource.
    pub(super) fn publication(&self, resource: &Resource) -> Done<PublishResource> {
        let code = resource.code();
        let own = self.0.resource.iter().find(|entry| entry.code == code.as_str());
        let dual = own.and_then(|o| o.dual_control.as_ref()).or(self.0.dual_control.as_ref());
        let rule = own.and_then(|o| o.automatic.as_ref()).or(self.0.automatic.as_ref());
        let shared = resource.class() != yinxin_record::SharingClass::Never;
        let negative = own.map(|o| o.negative.clone()).unwrap_or_default();
        Ok(PublishResource {
            resource: code.clone(),
            version: resource.version(),
            name: Text::new(resource.name()).class(Class::Malformed)?,
            definition: resource.definition(),
            fields: resource.ledger_fields(),
            class: resource.class(),
            level: resource.level(),
            dual_control: dual.map_or(Ok(Level::Important), |word| level(word))?,
            cycle: resource.cycle(),
            responsibilities: responsibilities(resource),
            negative: negative.read(resource)?,
            automatic: rule.filter(|_| shared).map(Automatic::read).transpose()?,
        })
    }
}

/// The ledger has who and what for; by when and why stands in the entry, which the definition covers.
fn responsibilities(resource: &Resource) -> Vec<Responsibility> {
    let entry =
        |d: &DutyEntry| Responsibility { duty: d.duty, organisation: d.organisation.clone() };
    let mut list: Vec<_> = resource.duties().iter().map(entry).collect();
    list.dedup();
    list
}

fn parse(text: &str) -> Done<File> {
    let file: File = toml::from_str(text).map_err(|e| bad(&e.to_string()))?;
    for entry in &file.resource {
        words::resource(&entry.code).map_err(|e| bad(&e))?;
    }
    Ok(file)
}

impl Negative {
    fn read(self, resource: &Resource) -> Done<NegativeList> {
        let items: Vec<&str> = self.items.iter().map(String::as_str).collect();
        Ok(NegativeList {
            fields: resource.fields(&items).map_err(|e| failure(&e))?,
            purposes: purposes(&self.purposes)?,
            organisations: organisations(&self.organisations)?,
        })
    }
}

impl Automatic {
    fn read(&self) -> Done<AutomaticRule> {
        Ok(AutomaticRule {
            purposes: purposes(&self.purposes)?,
            organisations: organisations(&self.organisations)?,
            level: level(&self.level)?,
            limit: Volume { calls: self.calls, rows: self.rows, bytes: self.bytes },
            days: self.days,
            otherwise: if self.refuse_others { Otherwise::Refuse } else { Otherwise::Person },
        })
    }
}

fn level(word: &str) -> Done<Level> {
    words::level(word).map_err(|e| bad(&format!("{word:?}: {e}")))
}

fn purposes(list: &[String]) -> Done<Vec<Purpose>> {
    sorted(list, words::purpose)
}

fn organisations(list: &[String]) -> Done<Vec<OrganisationCode>> {
    sorted(list, words::organisation)
}

fn sorted<T: Ord>(list: &[String], read: fn(&str) -> Result<T, String>) -> Done<Vec<T>> {
    let read = |text: &String| read(text).map_err(|e| bad(&format!("{text:?}: {e}")));
    let mut list = list.iter().map(read).collect::<Done<Vec<T>>>()?;
    list.sort();
    list.dedup();
    Ok(list)
}

fn bad(why: &str) -> Failure {
    Failure::new(Class::Malformed, why.trim_end(), why.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_read_or_refused_whole() {
        let good =
            "dual_control = \"general-4\"\n[[resource]]\ncode = \"11430000006122244L.307~1\"\n";
        assert!(parse(good).is_ok());
        for (word, other) in [("dual_control", "dual"), ("307~1", "307/1"), ("code", "name")] {
            assert!(parse(&good.replacen(word, other, 1)).is_err(), "{other}");
        }
    }

    #[test]
    fn lists_rise_whatever_their_order() {
        let list = ["b", "a", "b"].map(str::to_owned);
        let read: Vec<_> = purposes(&list).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(read, ["a", "b"]);
        assert!(organisations(&list).is_err());
    }
}
