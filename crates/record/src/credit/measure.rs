//! Joint measures and incentives: what departments do because of a place on a list.

use yinxin_gm::Digest;
use yinxin_verdict::UnixTime;

use super::{
    class::{Law, MeasureCode},
    item::ItemState,
    subject::Subject,
    table::MeasureStatus,
};
use crate::{OrganisationCode, asn::sequence};

/// A department applies a measure; the record's id is the measure's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplyMeasure {
    /// The list item that it rests on.
    pub item: Digest,
    /// Which measure, one of the class's.
    pub measure: MeasureCode,
    /// On which law the department may apply it.
    pub law: Law,
    /// Salted digest of the case in which it applies it.
    pub case: Digest,
}

sequence!(ApplyMeasure { item, measure, law, case });

/// The department that applied a measure says what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeasureFeedback {
    /// Which measure.
    pub measure: Digest,
    /// What came of it, by code.
    pub result: u16,
    /// Salted digest of the report.
    pub report: Digest,
}

sequence!(MeasureFeedback { measure, result, report });

/// The department that applied a measure has lifted it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiftMeasure {
    /// Which measure.
    pub measure: Digest,
    /// Why, by code.
    pub reason: u16,
}

sequence!(LiftMeasure { measure, reason });

/// How a measure stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeasureState {
    /// Where it stands.
    pub status: MeasureStatus,
    /// The list item that it rests on.
    pub item: Digest,
    /// Against, or for, whom.
    pub subject: Subject,
    /// Which measure.
    pub measure: MeasureCode,
    /// Who applies it.
    pub by: OrganisationCode,
    /// How often its department told what came of it.
    pub feedbacks: u32,
    /// What it told last, by code; otherwise 0.
    pub result: u16,
    /// Why it was lifted, by code; otherwise 0.
    pub reason: u16,
    /// Height of the last change.
    pub height: u64,
    /// Time of the block of the last change.
    pub since: UnixTime,
}

sequence!(MeasureState {
    status,
    item,
    subject,
    measure,
    by,
    feedbacks,
    result,
    reason,
    height,
    since,
});

impl MeasureState {
    /// Whether it may still be applied: not lifted, and its item in force.
    #[must_use]
    pub fn serves(&self, item: &ItemState, now: UnixTime) -> bool {
        self.status == MeasureStatus::Applied && item.is_in_force(now)
    }

    /// Whether its department owes its lifting: its item has ended, and it has not said so.
    #[must_use]
    pub fn is_due(&self, item: &ItemState, now: UnixTime) -> bool {
        self.status == MeasureStatus::Applied && !item.is_in_force(now)
    }
}
