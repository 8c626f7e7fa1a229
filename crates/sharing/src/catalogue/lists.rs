//! The lists beside the catalogue: who is responsible, who needs what, and what is never shared.

use serde::Deserialize;
use yinxin_record::{Duty, OrganisationCode, Purpose, ResourceCode};

use super::words::DUTIES;
use crate::Error;

/// Largest file, bytes: ten thousand entries of some 300 bytes.
const FILE_MAX: usize = 4 << 20;

/// The responsibility list and the demand list, as departments write them.
///
/// ```toml
/// [[duty]]
/// resource = "11430000006122244L.307~1"
/// duty = "provide"                       # or update, quality, security, correct, serve
/// organisation = "11430000006122244L"
/// term = "provide-after-consent"
/// basis = "…"
/// [[demand]]
/// organisation = "91350100M000100Y43"
/// of = "11430000006122244L"
/// name = "…"
/// items = ["…"]
/// purpose = "credit"
/// basis = "…"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lists {
    /// Who is responsible for what.
    pub duties: Vec<DutyEntry>,
    /// Who needs what.
    pub demands: Vec<DemandEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    duty: Vec<FileDuty>,
    #[serde(default)]
    demand: Vec<FileDemand>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileDuty {
    resource: String,
    duty: String,
    organisation: String,
    term: String,
    basis: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileDemand {
    organisation: String,
    of: String,
    name: String,
    items: Vec<String>,
    purpose: String,
    basis: String,
}

impl Lists {
    /// Reads a file of lists.
    ///
    /// # Errors
    /// [`Error::ConfigBad`], [`Error::ValueBad`] for a code or word that is none, or an entry without basis.
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        let bad = |why: String| Error::ConfigBad { what: "lists", why };
        if text.len() > FILE_MAX {
            return Err(bad(format!("{} bytes, at most {FILE_MAX} are read", text.len())));
        }
        let file: File = toml::from_str(text).map_err(|e| bad(e.to_string()))?;
        let duties = file.duty.into_iter().map(FileDuty::read).collect::<Result<_, _>>()?;
        let demands = file.demand.into_iter().map(FileDemand::read).collect::<Result<_, _>>()?;
        Ok(Self { duties, demands })
    }
}

impl FileDuty {
    fn read(self) -> Result<DutyEntry, Error> {
        must_have_basis(&self.basis)?;
        Ok(DutyEntry {
            resource: ResourceCode::new(&self.resource)
                .map_err(|_| Error::ValueBad { what: "resource code", found: self.resource })?,
            duty: DUTIES.read(&self.duty)?,
            organisation: organisation(&self.organisation)?,
            term: self.term,
            basis: self.basis,
        })
    }
}

impl FileDemand {
    fn read(self) -> Result<DemandEntry, Error> {
        must_have_basis(&self.basis)?;
        Ok(DemandEntry {
            organisation: organisation(&self.organisation)?,
            of: organisation(&self.of)?,
            name: self.name,
            items: self.items,
            purpose: Purpose::new(self.purpose.as_str())
                .map_err(|_| Error::ValueBad { what: "purpose", found: self.purpose })?,
            basis: self.basis,
        })
    }
}

fn organisation(code: &str) -> Result<OrganisationCode, Error> {
    let bad = |_| Error::ValueBad { what: "organisation code", found: code.to_owned() };
    OrganisationCode::new(code).map_err(bad)
}

/// Nobody is responsible, and nothing asked for, on no basis.
pub(super) fn must_have_basis(basis: &str) -> Result<(), Error> {
    if basis.trim().is_empty() {
        return Err(Error::ValueBad { what: "basis", found: basis.to_owned() });
    }
    Ok(())
}

/// An entry of the responsibility list (责任清单).
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "who must do what, by when, and why")]
pub struct DutyEntry {
    /// For which resource.
    pub resource: ResourceCode,
    /// What is to be done.
    pub duty: Duty,
    /// By whom.
    pub organisation: OrganisationCode,
    /// Which term of [`crate::calendar::Terms`] says by when.
    pub term: String,
    /// On what basis.
    pub basis: String,
}

/// An entry of the demand list (需求清单): data that a department does not find in the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "who needs what of whom, and what for")]
pub struct DemandEntry {
    /// Who needs it.
    pub organisation: OrganisationCode,
    /// Who is asked to publish it.
    pub of: OrganisationCode,
    /// What is needed.
    pub name: String,
    /// Which items.
    pub items: Vec<String>,
    /// What for.
    pub purpose: Purpose,
    /// On what basis.
    pub basis: String,
}

/// An entry of the negative list (负面清单).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NegativeEntry<'a> {
    /// What is not shared.
    pub resource: &'a ResourceCode,
    /// What it is called.
    pub name: &'a str,
    /// The law, regulation or decision that says so.
    pub basis: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTS: &str = r#"
        [[duty]]
        resource = "11430000006122244L.307~1"
        duty = "provide"
        organisation = "11430000006122244L"
        term = "provide-after-consent"
        basis = "某条例"
        [[demand]]
        organisation = "91350100M000100Y43"
        of = "11430000006122244L"
        name = "纳税信用等级"
        items = ["等级"]
        purpose = "credit"
        basis = "某办法"
    "#;

    #[test]
    fn lists_are_read_or_refused_whole() {
        let lists = Lists::from_toml(LISTS).unwrap();
        assert_eq!((lists.duties[0].duty, lists.demands[0].items.len()), (Duty::Provide, 1));
        for (good, bad) in [
            ("duty = \"provide\"", "duty = \"think\""),
            ("307~1", "307/1"),
            ("91350100M000100Y43", "91350100M000100Y44"),
            ("basis = \"某条例\"", "basis = \" \""),
            ("purpose = \"credit\"", "purpose = \"\""),
            ("[[demand]]", "[[wish]]"),
        ] {
            assert!(Lists::from_toml(&LISTS.replacen(good, bad, 1)).is_err(), "{bad}");
        }
        assert_eq!(Lists::from_toml(""), Ok(Lists::default()));
    }
}
