//! Credit on the ledger: classes, items and what becomes of them, measures, authorisations, batches. Nothing is erased.

mod batch;
mod case;
mod class;
mod dispute;
mod foreign;
mod item;
mod measure;
mod reading;
mod source;
mod subject;
mod table;

pub use batch::{
    BatchState, ClassCount, ConductState, CreditBatch, CreditSources, MAX_BATCH_CLASSES,
    MAX_BATCH_RECORDS, SourceState,
};
pub use case::{
    CloseSourceCase, DecideSourceCase, InBatch, RaiseSourceCase, SourceAsk, SourceCaseState,
    SourceItemState, SourceMarks, SourceObjection, SourceOrder, SourceRepair, SourceRuling,
};
pub use class::{
    ClassCode, ClassKind, ClassReference, ClassState, Degree, Disclosure, Evidence, EvidenceKind,
    Footing, Law, ListMeasure, ListRule, MAX_MEASURE_LAWS, MeasureCode, PublishClass, RepairRule,
    Term, TermBase, TimeLimits,
};
pub use dispute::{
    ApplyRepair, DecideRepair, OBJECTION_DOMAIN, ObjectionState, OpenCase, OpenCases,
    RETRACTION_DOMAIN, RaiseObjection, Reinstate, RepairDecision, RepairState, Resolution,
    ResolveObjection, Retraction, objection_bytes, retraction_bytes,
};
pub use foreign::{EndRecognised, ForeignBasis, HomeEnd, TrustLedger, TrustedLedgerState};
pub use item::{
    BASIS_DOMAIN, Basis, Conditions, CorrectItem, Correction, Delist, ExitGround, ItemState,
    RecordItem, SettleCommitment, WithdrawItem,
};
pub use measure::{ApplyMeasure, LiftMeasure, MeasureFeedback, MeasureState};
pub use reading::{
    AUTHORISATION_DOMAIN, Authorisation, AuthorisationState, Authorise, CourtCase, PublishFormula,
    PublishScore, REVOCATION_DOMAIN, RevokeAuthorisation, TakeView, ViewGround, revocation_bytes,
};
pub use source::{
    ItemKey, SOURCE_RECORD_DOMAIN, SourceEvent, SourceFollow, SourceItem, SourceRecord,
};
pub use subject::{
    EVENT_DOMAIN, EventChain, EventState, KeepPseudonyms, Pseudonym, PseudonymState, SetSubjectKey,
    Subject, SubjectKeyState,
};
pub use table::{
    AuthorisationEvent, AuthorisationStatus, ItemEvent, ItemStatus, MeasureEvent, MeasureStatus,
    ObjectionEvent, ObjectionStatus, RepairEvent, RepairStatus, SourceCaseEvent, SourceCaseStatus,
    next_authorisation_status, next_item_status, next_measure_status, next_objection_status,
    next_repair_status, next_source_case_status,
};

pub(crate) use reading::{sign, verify};

use yinxin_gm::Digest;

use crate::asn::choice;

/// What a department does with credit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CreditAct {
    /// `[0]` An authority publishes a class of records, or its next version.
    PublishClass(PublishClass),
    /// `[1]` An authority publishes a formula for scores, or its next version.
    PublishFormula(PublishFormula),
    /// `[2]` An authority says which key a subject signs with.
    SetSubjectKey(SetSubjectKey),
    /// `[3]` An item is recorded: a fact, a commitment, a place on a list.
    Record(RecordItem),
    /// `[4]` Somebody objects to an item.
    Object(RaiseObjection),
    /// `[5]` An objection is resolved.
    Resolve(ResolveObjection),
    /// `[6]` An item is corrected unasked.
    Correct(CorrectItem),
    /// `[7]` A commitment was kept.
    Fulfil(SettleCommitment),
    /// `[8]` A commitment was broken.
    Break(SettleCommitment),
    /// `[9]` A place on a list ends before its time.
    Delist(Delist),
    /// `[10]` An item's decision fell.
    Withdraw(WithdrawItem),
    /// `[11]` Somebody applies for an item's repair.
    ApplyRepair(ApplyRepair),
    /// `[12]` An application for repair is decided.
    DecideRepair(DecideRepair),
    /// `[13]` A repair rested on what was false.
    Reinstate(Reinstate),
    /// `[14]` A department applies a measure or an incentive.
    ApplyMeasure(ApplyMeasure),
    /// `[15]` It tells what came of it.
    TellMeasure(MeasureFeedback),
    /// `[16]` It lifts it.
    LiftMeasure(LiftMeasure),
    /// `[17]` A subject authorises a reader.
    Authorise(Authorise),
    /// `[18]` An authorisation ends before its time.
    RevokeAuthorisation(RevokeAuthorisation),
    /// `[19]` Somebody saw a subject's credit.
    View(TakeView),
    /// `[20]` A score is published.
    Score(PublishScore),
    /// `[21]` A source publishes many records as one.
    Batch(CreditBatch),
    /// `[22]` A custodian says which secret it makes pseudonyms with.
    KeepPseudonyms(KeepPseudonyms),
    /// `[23]` Somebody objects to an item of a batch, or applies for its repair.
    RaiseCase(RaiseSourceCase),
    /// `[24]` That is decided.
    DecideCase(DecideSourceCase),
    /// `[25]` What was ordered is carried out, or is not in time.
    CloseCase(CloseSourceCase),
    /// `[26]` An authority says which other ledger is recognised.
    TrustLedger(TrustLedger),
    /// `[27]` What was recognised has ended at home.
    EndRecognised(EndRecognised),
}

/// What a record in a subject's chain says something of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "a record is an item, or says something of one")]
pub enum About {
    /// The record is the item.
    Itself,
    /// The item with this id.
    Item(Digest),
    /// The item that the record with this id is about: an objection, an application for repair, a measure.
    ItemOf(Digest),
}

choice!(CreditAct {
    0 => PublishClass,
    1 => PublishFormula,
    2 => SetSubjectKey,
    3 => Record,
    4 => Object,
    5 => Resolve,
    6 => Correct,
    7 => Fulfil,
    8 => Break,
    9 => Delist,
    10 => Withdraw,
    11 => ApplyRepair,
    12 => DecideRepair,
    13 => Reinstate,
    14 => ApplyMeasure,
    15 => TellMeasure,
    16 => LiftMeasure,
    17 => Authorise,
    18 => RevokeAuthorisation,
    19 => View,
    20 => Score,
    21 => Batch,
    22 => KeepPseudonyms,
    23 => RaiseCase,
    24 => DecideCase,
    25 => CloseCase,
    26 => TrustLedger,
    27 => EndRecognised,
});

impl CreditAct {
    /// The act's name.
    #[must_use]
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::PublishClass(_) => "publish class",
            Self::PublishFormula(_) => "publish formula",
            Self::SetSubjectKey(_) => "set subject key",
            Self::Record(_) => "record",
            Self::Object(_) => "object",
            Self::Resolve(_) => "resolve objection",
            Self::Correct(_) => "correct",
            Self::Fulfil(_) => "fulfil commitment",
            Self::Break(_) => "break commitment",
            Self::Delist(_) => "delist",
            Self::Withdraw(_) => "withdraw",
            Self::ApplyRepair(_) => "apply for repair",
            Self::DecideRepair(_) => "decide on repair",
            Self::Reinstate(_) => "reinstate",
            Self::ApplyMeasure(_) => "apply measure",
            Self::TellMeasure(_) => "tell of measure",
            Self::LiftMeasure(_) => "lift measure",
            Self::Authorise(_) => "authorise",
            Self::RevokeAuthorisation(_) => "revoke authorisation",
            Self::View(_) => "view",
            Self::Score(_) => "score",
            Self::Batch(_) => "batch",
            Self::KeepPseudonyms(_) => "keep pseudonyms",
            Self::RaiseCase(_) => "raise case",
            Self::DecideCase(_) => "decide case",
            Self::CloseCase(_) => "close case",
            Self::TrustLedger(_) => "trust ledger",
            Self::EndRecognised(_) => "end what was recognised",
        }
    }

    /// What of the subject's credit a record of this act says something of; none, if it tells how to judge, who may look or who looked.
    #[must_use]
    pub fn about(&self) -> Option<About> {
        Some(match self {
            Self::Record(_) => About::Itself,
            Self::Correct(act) => About::Item(act.item),
            Self::Fulfil(act) | Self::Break(act) => About::Item(act.item),
            Self::Withdraw(act) => About::Item(act.item),
            Self::Delist(act) => About::Item(act.item),
            Self::Object(act) => About::Item(act.item),
            Self::ApplyRepair(act) => About::Item(act.item),
            Self::ApplyMeasure(act) => About::Item(act.item),
            Self::Resolve(act) => About::ItemOf(act.objection),
            Self::DecideRepair(act) => About::ItemOf(act.application),
            Self::Reinstate(act) => About::ItemOf(act.application),
            Self::TellMeasure(act) => About::ItemOf(act.measure),
            Self::LiftMeasure(act) => About::ItemOf(act.measure),
            Self::RaiseCase(act) => About::Item(act.item.id()),
            Self::DecideCase(act) => About::ItemOf(act.case),
            Self::CloseCase(act) => About::ItemOf(act.case),
            Self::EndRecognised(act) => About::Item(act.item),
            Self::PublishClass(_)
            | Self::PublishFormula(_)
            | Self::SetSubjectKey(_)
            | Self::Authorise(_)
            | Self::RevokeAuthorisation(_)
            | Self::View(_)
            | Self::Score(_)
            | Self::TrustLedger(_)
            | Self::Batch(_)
            | Self::KeepPseudonyms(_) => return None,
        })
    }

    /// Whether a record of this act stands in the chain of its subject's credit.
    #[must_use]
    pub fn is_in_chain(&self) -> bool {
        self.about().is_some()
    }

    /// Whether a record of this act stands in the chain of a subject's uses: who may see its credit, who saw it, what it is worth.
    #[must_use]
    pub const fn is_use(&self) -> bool {
        matches!(
            self,
            Self::SetSubjectKey(_)
                | Self::Authorise(_)
                | Self::RevokeAuthorisation(_)
                | Self::View(_)
                | Self::Score(_)
        )
    }
}
