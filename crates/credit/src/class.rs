//! Classes of credit records as data: what the law says of each, with its source, from when until when.

mod file;

use std::collections::BTreeMap;

use yinxin_gm::{Digest, sm3};
use yinxin_record::{
    ClassCode, ClassKind, ClassReference, Date, Degree, Disclosure, Footing, Law, ListRule,
    MeasureCode, OrganisationCode, PublishClass, RepairRule, Term, Text, TimeLimits,
};

use crate::{Error, Form, Forms};

/// Largest file, bytes: a city's 395 classes in several versions take half of it.
pub(crate) const FILE_MAX: usize = 2 << 20;
/// Most classes of a file, versions counted.
const MAX_CLASSES: usize = 4096;
/// Most measures of a file: the national list has 14 kinds, a city adds to them.
const MAX_MEASURES: usize = 1024;

const WHAT: &str = "class table";

/// A table of classes and measures.
///
/// ```
/// use yinxin_credit::{ClassTable, Forms};
/// use yinxin_record::{ClassCode, Date};
///
/// let table = ClassTable::national()?;
/// let code = ClassCode::new("penalty.ordinary")?;
/// // A penalty is judged by the rules of the day of its decision.
/// let old = table.at(&code, Date::parse("2026-03-31")?)?;
/// let new = table.at(&code, Date::parse("2026-04-01")?)?;
/// assert_eq!((old.term.max_months, new.term.max_months), (Some(36), Some(12)));
/// let forms = Forms::standard()?;
/// let act = table.publish(new, &forms)?;
/// assert_eq!(act.definition, table.digest());
/// assert_eq!(act.form, forms.form(&new.form)?.digest());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassTable {
    name: String,
    /// By code, versions rising; no two are in force on one day.
    classes: BTreeMap<ClassCode, Vec<Class>>,
    measures: BTreeMap<MeasureCode, Measure>,
    digest: Digest,
}

/// A version of a class.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Class {
    /// Code and version: what a record names.
    pub reference: ClassReference,
    /// Its name.
    pub name: Text<256>,
    /// The group of the national catalogue that it belongs to.
    pub group: String,
    /// What its records tell of.
    pub kind: ClassKind,
    /// How grave.
    pub degree: Degree,
    /// Whom its records are shown to.
    pub disclosure: Disclosure,
    /// The first day whose decisions it judges.
    pub valid_from: Date,
    /// The first day whose decisions it no longer judges.
    pub valid_until: Option<Date>,
    /// The laws that a record may rest on, rising.
    pub laws: Vec<Law>,
    /// Who may record, rising; empty: whoever has the power.
    pub recorders: Vec<OrganisationCode>,
    /// Classes of which an item must be a record's basis, rising.
    pub rests_on: Vec<ClassCode>,
    /// What the end of the item that a record rests on means for it.
    pub footing: Footing,
    /// The form of its records' content.
    pub form: String,
    /// How long a record is shown.
    pub term: Term,
    /// How soon things must be done.
    pub limits: TimeLimits,
    /// How its records are repaired.
    pub repair: Option<Repair>,
    /// What holds for a list.
    pub list: Option<ListRule>,
    /// Most records in one batch.
    pub batch: u64,
    /// Where the values are from.
    pub source: String,
    /// The values that no source settles.
    pub unsure: Vec<String>,
}

/// How a class is repaired, with what happens beside the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Repair {
    /// What the ledger enforces.
    pub rule: RepairRule,
    /// Working days by which a decision may be put off, once.
    pub extension_days: u16,
    /// Working days to forward an application to whoever decides.
    pub forward_days: u16,
    /// Working days until everybody who shows the item knows of its repair.
    pub sync_days: u16,
}

/// A measure or an incentive.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Measure {
    /// Its code.
    pub code: MeasureCode,
    /// 1: by law, reduces rights or adds duties; 2: management; 3: by others.
    pub group: u8,
    /// Its name.
    pub name: Text<256>,
    /// The laws on which it may be applied, rising.
    pub laws: Vec<Law>,
    /// Where it is from.
    pub source: String,
}

impl ClassTable {
    /// Reads a table.
    ///
    /// # Errors
    /// [`Error::ConfigBad`] with the line.
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        if text.len() > FILE_MAX {
            return Err(bad(1, format!("{} bytes, at most {FILE_MAX} are read", text.len())));
        }
        let file::Read { name, classes: rows, measures } = file::read(text)?;
        if rows.len() > MAX_CLASSES || measures.len() > MAX_MEASURES {
            return Err(bad(1, "too many classes or measures".to_owned()));
        }
        let mut classes: BTreeMap<ClassCode, Vec<Class>> = BTreeMap::new();
        for (line, class) in rows {
            follow(line, &mut classes, class)?;
        }
        let table = Self { name, classes, measures, digest: sm3::digest(text.as_bytes()) };
        table.check_references()?;
        Ok(table)
    }

    /// The table that comes with this crate: the groups of the national catalogue, under the rules of repair of 2023 and of 2026.
    ///
    /// # Errors
    /// None: the file is part of the crate, and a test reads it.
    pub fn national() -> Result<Self, Error> {
        Self::from_toml(include_str!("../data/classes.toml"))
    }

    /// What the table is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// SM3 of the file: what a published class names as its definition.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// All versions of all classes, by code and version.
    pub fn classes(&self) -> impl Iterator<Item = &Class> {
        self.classes.values().flatten()
    }

    /// All measures, by code.
    pub fn measures(&self) -> impl Iterator<Item = &Measure> {
        self.measures.values()
    }

    /// The version of a class that judges a decision of this day.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn at(&self, code: &ClassCode, decided: Date) -> Result<&Class, Error> {
        let versions = self.classes.get(code).map(Vec::as_slice).unwrap_or_default();
        let found = versions.iter().find(|class| class.holds_on(decided));
        found.ok_or_else(|| Error::NotFound { what: "class", name: format!("{code} on {decided}") })
    }

    /// The versions of a class, rising.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn versions(&self, code: &ClassCode) -> Result<&[Class], Error> {
        let missing = || Error::NotFound { what: "class", name: code.to_string() };
        self.classes.get(code).map(Vec::as_slice).ok_or_else(missing)
    }

    /// The version that judges what a row tells, and its form: the one whose own form finds a day of the decision in the row that it
    /// judges. A form that came with a later version reads nothing that an earlier one judges.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a class or a form that is not at hand, and if no version judges that day; [`Error::ValueBad`] or
    /// [`Error::Record`] if no form finds a day.
    pub fn reading<'a, 'f>(
        &self,
        code: &ClassCode,
        forms: &'f Forms,
        value: impl Fn(&str) -> Option<&'a str>,
    ) -> Result<(&Class, &'f Form), Error> {
        let versions = self.versions(code)?;
        let mut newest = None;
        for class in versions.iter().rev() {
            let form = forms.form(&class.form)?;
            let decided = form.decided(&value);
            if matches!(&decided, Ok(day) if class.holds_on(*day)) {
                return Ok((class, form));
            }
            newest = newest.or(Some(decided));
        }
        let missing = || Error::NotFound { what: "class", name: code.to_string() };
        let decided = newest.ok_or_else(missing)??;
        Err(Error::NotFound { what: "class", name: format!("{code} on {decided}") })
    }

    /// The newest version of a class.
    #[must_use]
    pub fn newest(&self, code: &ClassCode) -> Option<&Class> {
        self.classes.get(code)?.last()
    }

    /// A version of a class.
    #[must_use]
    pub fn version(&self, reference: &ClassReference) -> Option<&Class> {
        let versions = self.classes.get(&reference.code)?;
        versions.iter().find(|class| class.reference.version == reference.version)
    }

    /// The act that publishes a class of this table, with the form of its records' contents.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the form is not at hand.
    pub fn publish(&self, class: &Class, forms: &Forms) -> Result<PublishClass, Error> {
        Ok(publication(class, self.digest, forms.form(&class.form)?.digest()))
    }

    /// Whether the table says of a version what was published.
    ///
    /// The digest of the file does not count: it may have got other classes since. The form is another file's matter
    /// ([`Forms::must_be_published`]). Nor does an end that the next version brought: what is
    /// published does not change, and ends where its successor begins.
    #[must_use]
    pub fn says(&self, published: &PublishClass) -> bool {
        let (code, version) = (published.code.clone(), published.version);
        let Some(class) = self.version(&ClassReference { code: code.clone(), version }) else {
            return false;
        };
        let own = publication(class, published.definition, published.form);
        let next = self.version(&ClassReference { code, version: version.saturating_add(1) });
        let brought = next.is_some_and(|next| {
            let from = next.valid_from;
            own.valid_until == Some(from) && published.valid_until.is_none_or(|until| from < until)
        });
        own == *published
            || brought && PublishClass { valid_until: published.valid_until, ..own } == *published
    }

    /// Classes that a row names stand in the table.
    fn check_references(&self) -> Result<(), Error> {
        for class in self.classes() {
            let list = class.list.as_ref();
            let named = class.rests_on.iter().chain(list.into_iter().flat_map(|l| &l.excludes));
            if let Some(code) = named.into_iter().find(|code| !self.classes.contains_key(*code)) {
                return Err(bad(1, format!("{}: no class {code}", class.reference)));
            }
        }
        Ok(())
    }
}

impl Class {
    /// Whether it judges a decision of this day.
    #[must_use]
    pub fn holds_on(&self, decided: Date) -> bool {
        self.valid_from <= decided && self.valid_until.is_none_or(|until| decided < until)
    }

    /// Whether an organisation may record: one of the recorders, if there are any.
    #[must_use]
    pub fn recorded_by(&self, organisation: &OrganisationCode) -> bool {
        self.recorders.is_empty() || self.recorders.binary_search(organisation).is_ok()
    }

    /// Whether a record may rest on this law.
    #[must_use]
    pub fn may_rest_on(&self, law: &Law) -> bool {
        self.laws.binary_search(law).is_ok()
    }
}

/// Versions of a class rise by one, and one ends when the next begins.
fn follow(
    line: usize,
    to: &mut BTreeMap<ClassCode, Vec<Class>>,
    class: Class,
) -> Result<(), Error> {
    let name = class.reference.to_string();
    let versions = to.entry(class.reference.code.clone()).or_default();
    let expected = versions.last().map_or(1, |last| last.reference.version + 1);
    if class.reference.version != expected {
        return Err(bad(line, format!("{name}: the next version is {expected}")));
    }
    if let Some(last) = versions.last_mut() {
        if class.valid_from <= last.valid_from {
            return Err(bad(line, format!("{name}: begins before the version before it")));
        }
        if last.valid_until.is_none_or(|until| class.valid_from < until) {
            return Err(bad(line, format!("{name}: begins before {} ends", last.reference)));
        }
    }
    versions.push(class);
    Ok(())
}

fn publication(class: &Class, definition: Digest, form: Digest) -> PublishClass {
    PublishClass {
        code: class.reference.code.clone(),
        version: class.reference.version,
        name: class.name.clone(),
        definition,
        form,
        kind: class.kind,
        degree: class.degree,
        disclosure: class.disclosure,
        valid_from: class.valid_from,
        valid_until: class.valid_until,
        laws: class.laws.clone(),
        recorders: class.recorders.clone(),
        rests_on: class.rests_on.clone(),
        footing: class.footing,
        term: class.term,
        limits: class.limits,
        repair: class.repair.as_ref().map(|repair| repair.rule.clone()),
        list: class.list.clone(),
        batch: class.batch,
    }
}

fn bad(line: usize, why: String) -> Error {
    Error::ConfigBad { what: WHAT, line, why }
}

#[cfg(test)]
mod tests;
