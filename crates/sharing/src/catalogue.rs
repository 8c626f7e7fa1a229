//! The catalogue of resources: what there is, whose it is, and whether it may be had.
//!
//! ```
//! use yinxin_sharing::catalogue::{Catalogue, Columns, Index, Query, read_csv};
//!
//! let table = "\
//! 提供方代码,提供方名称,信息资源代码,版本,信息资源名称,摘要,共享类型,共享条件,不予共享依据,更新周期,信息项名称,数据类型,数据分级,脱敏规则
//! 11430000006122244L,某市市场监督管理局,307/1,1,企业登记信息,企业名称与代码,有条件共享,用于信贷审批,,每日,企业名称,字符型,一般1级,
//! 11430000006122244L,某市市场监督管理局,307/1,1,企业登记信息,企业名称与代码,有条件共享,用于信贷审批,,每日,法定代表人,字符型,一般3级,keep/1/0
//! ";
//! let read = read_csv(table.as_bytes(), &Columns::standard()?)?;
//! let mut catalogue = Catalogue::new();
//! for resource in read.resources {
//!     catalogue.publish(resource)?;
//! }
//! let index = Index::of(&catalogue);
//! assert_eq!(index.search(&Query { words: "企业 法定".to_owned(), ..Query::default() }).total, 1);
//! # Ok::<(), yinxin_sharing::Error>(())
//! ```

mod columns;
mod dcat;
mod lists;
mod resource;
mod search;
mod table;
mod words;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use yinxin_record::{ResourceCode, SharingClass};

use crate::Error;

pub use columns::Columns;
pub use dcat::{from_dcat, to_dcat, write_dcat};
pub use lists::{DemandEntry, DutyEntry, Lists, NegativeEntry};
pub use resource::{MaskRule, Resource, ResourceDraft, ResourceItem};
pub use search::{Hits, Index, Query};
pub use table::{Import, read_csv, write_csv};

/// Most resources of a catalogue: twenty times the 52,542 items of one province.
const MAX_RESOURCES: usize = 1 << 20;
/// Most versions of a resource that are kept here; older ones are read from their digests on the ledger.
const MAX_VERSIONS: usize = 1000;

/// All resources with their versions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue(BTreeMap<ResourceCode, Entry>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    /// Invariant: one at least, each version one more than the one before.
    versions: Vec<Resource>,
    withdrawn: bool,
}

impl Catalogue {
    /// Without resources.
    #[must_use]
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Takes a resource in, or its next version. A resource that is new here may come with any version: a catalogue can begin late.
    ///
    /// # Errors
    /// [`Error::VersionOrder`] when the version does not follow, [`Error::Mismatch`] for a resource that was withdrawn,
    /// [`Error::TooMany`].
    pub fn publish(&mut self, resource: Resource) -> Result<(), Error> {
        let found = resource.version();
        if let Some(entry) = self.0.get_mut(resource.code()) {
            let code = resource.code().to_string();
            let last = entry.versions.last().map_or(0, Resource::version);
            let expected = last.saturating_add(1);
            if entry.withdrawn {
                let (expected, found) = ("live".to_owned(), "withdrawn".to_owned());
                return Err(Error::Mismatch { what: "state of the resource", expected, found });
            }
            if found != expected {
                return Err(Error::VersionOrder { code, expected, found });
            }
            if entry.versions.len() == MAX_VERSIONS {
                entry.versions.remove(0);
            }
            entry.versions.push(resource);
            return Ok(());
        }
        if self.0.len() == MAX_RESOURCES {
            let max = MAX_RESOURCES as u64;
            return Err(Error::TooMany { what: "resources", max, found: max + 1 });
        }
        let entry = Entry { versions: vec![resource.clone()], withdrawn: false };
        self.0.insert(resource.code().clone(), entry);
        Ok(())
    }

    /// Withdraws a resource; its versions stay.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn withdraw(&mut self, code: &ResourceCode) -> Result<(), Error> {
        let entry = self.0.get_mut(code);
        let none = || Error::NotFound { what: "resource", name: code.to_string() };
        entry.ok_or_else(none)?.withdrawn = true;
        Ok(())
    }

    /// The version in force; none of a withdrawn resource.
    #[must_use]
    pub fn get(&self, code: &ResourceCode) -> Option<&Resource> {
        let entry = self.0.get(code).filter(|entry| !entry.withdrawn)?;
        entry.versions.last()
    }

    /// All versions of a resource, the oldest first; of a withdrawn one too.
    #[must_use]
    pub fn versions(&self, code: &ResourceCode) -> &[Resource] {
        self.0.get(code).map_or(&[], |entry| &entry.versions)
    }

    /// The resources in force, by code.
    pub fn resources(&self) -> impl Iterator<Item = &Resource> + Clone {
        self.0.values().filter(|e| !e.withdrawn).filter_map(|e| e.versions.last())
    }

    /// The negative list (负面清单): what is never shared, and on what basis.
    pub fn negative_list(&self) -> impl Iterator<Item = NegativeEntry<'_>> {
        let never = self.resources().filter(|r| r.class() == SharingClass::Never);
        never.map(|r| NegativeEntry { resource: r.code(), name: r.name(), basis: r.basis() })
    }
}
