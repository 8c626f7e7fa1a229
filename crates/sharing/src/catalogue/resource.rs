//! A resource and its items.

use core::{fmt, str::FromStr};

use yinxin_gm::{Digest, sm3};
use yinxin_merkle::wire::Writer;
use yinxin_record::{
    FieldKind, FieldSet, Level, Masking, OrganisationCode, ResourceCode, ResourceField,
    SharingClass, Text, UpdateCycle,
};

use super::{
    DutyEntry,
    lists::must_have_basis,
    words::{CLASSES, CYCLES, DUTIES, KINDS, LEVELS},
};
use crate::{Error, masked::Form};

/// Octets of a resource's name, as on the ledger.
const MAX_NAME: usize = 256;
/// Octets of an abstract, a condition or a basis: several times the longest of real catalogues.
const MAX_LONG: usize = 4096;

/// Most entries of the responsibility list for one resource: each duty for each of ten organisations.
const MAX_DUTIES: usize = 64;

const DOMAIN: &str = "yinxin/catalogue-resource/1";

/// A version of a resource.
///
/// Invariant: 1 to 256 items of different names; a condition where sharing is conditional, a basis where it is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    said: ResourceDraft,
    /// Rising.
    duties: Vec<DutyEntry>,
}

/// All that an owner says of a resource, before it is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "whoever makes one must fill every field")]
pub struct ResourceDraft {
    /// Its code, which begins with its owner's.
    pub code: ResourceCode,
    /// What the owner is called.
    pub owner_name: String,
    /// Which version this is, from 1.
    pub version: u32,
    /// What it is called.
    pub name: String,
    /// What it holds.
    pub summary: String,
    /// Whether it is shared.
    pub class: SharingClass,
    /// On what condition, where it is conditional.
    pub condition: String,
    /// The law, regulation or decision on which it is refused.
    pub basis: String,
    /// How often it is brought up to date.
    pub cycle: UpdateCycle,
    /// Its items.
    pub items: Vec<ResourceItem>,
}

/// An item (信息项) of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "what a catalogue says of an item")]
pub struct ResourceItem {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: FieldKind,
    /// How sensitive it is.
    pub level: Level,
    /// How it is shown where its value is not.
    pub mask: MaskRule,
}

/// How an item is masked: nothing, `drop`, or the name of a [`Form`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "not, wholly, or by a form")]
pub enum MaskRule {
    /// It is not.
    None,
    /// It is left out.
    Drop,
    /// In this form.
    Form(Form),
}

impl Resource {
    /// Checks a draft.
    ///
    /// # Errors
    /// [`Error::TooMany`], [`Error::ValueBad`], [`Error::BasisMissing`].
    pub fn new(draft: ResourceDraft) -> Result<Self, Error> {
        let ResourceDraft {
            owner_name,
            version,
            name,
            summary,
            class,
            condition,
            basis,
            items,
            ..
        } = &draft;
        long("octets of a name", name, MAX_NAME)?;
        long("octets of an owner's name", owner_name, MAX_NAME)?;
        for text in [summary, condition, basis] {
            long("octets of a text", text, MAX_LONG)?;
        }
        if name.is_empty() || *version == 0 {
            return Err(Error::ValueBad {
                what: "name and version",
                found: format!("{name} {version}"),
            });
        }
        if *class == SharingClass::Never && basis.is_empty() {
            return Err(Error::BasisMissing { code: draft.code.to_string() });
        }
        if *class == SharingClass::Conditional && condition.is_empty() {
            return Err(Error::ValueBad { what: "condition of sharing", found: String::new() });
        }
        let count = items.len();
        if !(1..=FieldSet::MAX_FIELDS).contains(&count) {
            let (max, found) = (FieldSet::MAX_FIELDS as u64, count as u64);
            return Err(Error::TooMany { what: "items of a resource", max, found });
        }
        for (at, item) in items.iter().enumerate() {
            Text::<96>::new(&*item.name)
                .map_err(|_| Error::ValueBad { what: "item name", found: item.name.clone() })?;
            if items[..at].iter().any(|i| i.name == item.name) {
                return Err(Error::ValueBad {
                    what: "item stands twice",
                    found: item.name.clone(),
                });
            }
        }
        Ok(Self { said: draft, duties: Vec::new() })
    }

    /// The same with its entries of the responsibility list, which its definition covers; those of other resources are passed over.
    ///
    /// # Errors
    /// [`Error::TooMany`]; [`Error::ValueBad`], for an entry without basis too.
    pub fn with_duties<'a>(
        mut self,
        list: impl IntoIterator<Item = &'a DutyEntry>,
    ) -> Result<Self, Error> {
        let own = list.into_iter().filter(|entry| entry.resource == self.said.code);
        let mut duties: Vec<DutyEntry> = own.cloned().collect();
        duties.sort_by(|a, b| duty_order(a).cmp(&duty_order(b)));
        duties.dedup();
        if duties.len() > MAX_DUTIES {
            let (max, found) = (MAX_DUTIES as u64, duties.len() as u64);
            return Err(Error::TooMany { what: "duties of a resource", max, found });
        }
        for DutyEntry { term, basis, .. } in &duties {
            long("octets of a text", term, MAX_LONG)?;
            long("octets of a text", basis, MAX_LONG)?;
            must_have_basis(basis)?;
        }
        self.duties = duties;
        Ok(self)
    }

    /// Who is responsible for what of it, by when, and on what basis; by duty and organisation.
    #[must_use]
    pub fn duties(&self) -> &[DutyEntry] {
        &self.duties
    }

    /// Its code, which begins with its owner's.
    #[must_use]
    pub const fn code(&self) -> &ResourceCode {
        &self.said.code
    }

    /// Whose it is.
    #[must_use]
    pub fn owner(&self) -> OrganisationCode {
        self.said.code.owner()
    }

    /// What the owner is called.
    #[must_use]
    pub fn owner_name(&self) -> &str {
        &self.said.owner_name
    }

    /// Which version this is.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.said.version
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.said.name
    }

    /// What it holds.
    #[must_use]
    pub fn summary(&self) -> &str {
        &self.said.summary
    }

    /// Whether it is shared.
    #[must_use]
    pub const fn class(&self) -> SharingClass {
        self.said.class
    }

    /// On what condition.
    #[must_use]
    pub fn condition(&self) -> &str {
        &self.said.condition
    }

    /// The law, regulation or decision on which it is not shared.
    #[must_use]
    pub fn basis(&self) -> &str {
        &self.said.basis
    }

    /// How often it is brought up to date.
    #[must_use]
    pub const fn cycle(&self) -> UpdateCycle {
        self.said.cycle
    }

    /// Its items; an item's number is its place.
    #[must_use]
    pub fn items(&self) -> &[ResourceItem] {
        &self.said.items
    }

    /// How sensitive it is: as its most sensitive item.
    #[must_use]
    pub fn level(&self) -> Level {
        self.said.items.iter().map(|i| i.level).max().unwrap_or(Level::General1)
    }

    /// The numbers of the named items.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn fields(&self, names: &[&str]) -> Result<FieldSet, Error> {
        let number = |name: &&str| {
            let at = self.said.items.iter().position(|i| i.name == *name);
            at.and_then(|at| u8::try_from(at).ok())
                .ok_or_else(|| Error::NotFound { what: "item", name: (*name).to_owned() })
        };
        names.iter().map(number).collect()
    }

    /// The fields as they are published on the ledger.
    ///
    /// # Panics
    /// Never: names were checked when the resource was made.
    #[must_use]
    pub fn ledger_fields(&self) -> Vec<ResourceField> {
        let field = |item: &ResourceItem| ResourceField {
            name: Text::new(&*item.name).expect("checked when the resource was made"),
            kind: item.kind,
            level: item.level,
            masking: item.mask.masking(),
            rule: match item.mask {
                MaskRule::Form(_) => Some(sm3::digest(item.mask.to_string().as_bytes())),
                _ => None,
            },
        };
        self.said.items.iter().map(field).collect()
    }

    /// SM3 of the whole entry: what the ledger calls its definition.
    #[must_use]
    pub fn definition(&self) -> Digest {
        let mut out = Writer::new();
        let Self { said, duties } = self;
        let ResourceDraft {
            code,
            owner_name,
            version,
            name,
            summary,
            class,
            condition,
            basis,
            cycle,
            items,
        } = said;
        out.sequence(|out| {
            out.text(DOMAIN);
            out.text(code.as_str());
            out.uint(*version);
            let (class, cycle) = (CLASSES.write(*class), CYCLES.write(*cycle));
            for text in [owner_name, name, summary, class, condition, basis, cycle] {
                out.text(text);
            }
            out.list(items, |out, ResourceItem { name, kind, level, mask }| {
                out.sequence(|out| {
                    for text in [name, KINDS.write(*kind), LEVELS.write(*level), &mask.to_string()]
                    {
                        out.text(text);
                    }
                });
            });
            // A resource without any has the digest that it had before there were lists.
            if !duties.is_empty() {
                out.list(duties, |out, DutyEntry { duty, organisation, term, basis, .. }| {
                    out.sequence(|out| {
                        for text in [DUTIES.write(*duty), organisation.as_str(), term, basis] {
                            out.text(text);
                        }
                    });
                });
            }
        });
        sm3::digest(&out.into_vec())
    }
}

fn long(what: &'static str, text: &str, max: usize) -> Result<(), Error> {
    match text.len() {
        found if found > max => Err(Error::TooMany { what, max: max as u64, found: found as u64 }),
        _ if text.chars().any(char::is_control) => {
            Err(Error::ValueBad { what, found: text.chars().take(64).collect() })
        }
        _ => Ok(()),
    }
}

fn duty_order(entry: &DutyEntry) -> (yinxin_record::Duty, &OrganisationCode, &str, &str) {
    (entry.duty, &entry.organisation, &entry.term, &entry.basis)
}

impl MaskRule {
    /// Which of the ledger's kinds of masking this is.
    #[must_use]
    pub const fn masking(&self) -> Masking {
        match self {
            Self::None | Self::Form(Form::Value) => Masking::None,
            Self::Drop => Masking::Suppressed,
            Self::Form(Form::Keep { .. }) => Masking::Partial,
            Self::Form(Form::Range { .. } | Form::Prefix { .. }) => Masking::Generalised,
            Self::Form(Form::Token { .. }) => Masking::Tokenised,
        }
    }
}

impl fmt::Display for MaskRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => Ok(()),
            Self::Drop => f.write_str("drop"),
            Self::Form(form) => form.fmt(f),
        }
    }
}

impl FromStr for MaskRule {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "" => Ok(Self::None),
            "drop" => Ok(Self::Drop),
            form => form.parse().map(Self::Form),
        }
    }
}
