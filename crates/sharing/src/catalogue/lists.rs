//! The lists beside the catalogue: who is responsible, who needs what, and what is never shared.

use yinxin_record::{Duty, OrganisationCode, Purpose, ResourceCode};

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
