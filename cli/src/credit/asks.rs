//! What is asked about an item, wherever it stands: that it is wrong, or that it is repaired.

use yinxin_record::{PublishClass, RepairRule};

use super::words::{self, EvidenceArg};
use crate::{
    fail::{Class, Done, Failure},
    papers::Paper,
};

/// What is said against an item.
#[derive(Debug, clap::Args)]
pub(super) struct Objecting {
    /// What is said against it: a file, whose salt is kept beside it, or a salted digest
    #[arg(long, value_name = "FILE", value_parser = Paper::parse)]
    pub(super) statement: Paper,
    /// Why, by code
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) reason: u16,
}

/// What an application for repair rests on.
#[derive(Debug, clap::Args)]
pub(super) struct Applying {
    /// Evidence of each kind that the class asks for, KIND=FILE or KIND=DIGEST; may be repeated
    #[arg(long = "evidence", value_name = "KIND=FILE", value_parser = words::evidence)]
    pub(super) evidence: Vec<EvidenceArg>,
    /// The letter of commitment: a file, or a salted digest
    #[arg(long, value_name = "FILE", value_parser = Paper::parse)]
    pub(super) commitment: Paper,
}

/// By which rule items of a class are repaired.
pub(super) fn repair_rule(class: &PublishClass) -> Done<&RepairRule> {
    class.repair.as_ref().ok_or_else(|| {
        let code = &class.code;
        Failure::new(
            Class::Usage,
            format!("items of {code} are not repaired"),
            format!("{code} 类记录不适用信用修复"),
        )
        .todo("if the item is wrong, object to it", "如记录有误，请提出异议")
    })
}
