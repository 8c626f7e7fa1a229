//! Everything that may be written to the ledger: types with one DER encoding and one signature, and each family's table of states.
//!
//! ```
//! use yinxin_gm::{Digest, sm2::PrivateKey, sm3};
//! use yinxin_record::{
//!     Act, AnchorDocuments, BusinessKey, DocumentAct, OrganisationCode, Record, Tbs, Text, Wire, key_id,
//! };
//!
//! let rng = &mut rand_core::UnwrapErr(getrandom::SysRng);
//! let key = PrivateKey::generate(rng);
//! let anchor = AnchorDocuments { kind: Text::new("report")?, digests: vec![sm3::digest(b"a file")] };
//! let record = Tbs {
//!     chain_id: Digest::ZERO,
//!     organisation: OrganisationCode::new("11430000006122244L")?,
//!     signer: key_id(key.public_key()),
//!     business_key: BusinessKey::new("case/2026/1")?,
//!     last_valid_height: 1000,
//!     act: Act::Document(DocumentAct::Anchor(anchor)),
//! }
//! .sign(&key, rng)?;
//!
//! let received = Record::from_der(&record.to_der())?;
//! received.verify(key.public_key())?;
//! assert_eq!(received.id(), record.id());
//! # Ok::<(), yinxin_record::Error>(())
//! ```

#![forbid(unsafe_code)]

mod act;
mod record;

mod asset;
mod certificate;
mod credit;
mod data;
mod document;
mod licence;
mod member;
mod seal;

pub mod state_key;

mod check;
mod refusal;

mod asn;
mod date;
mod error;
mod states;
mod text;

pub use act::Act;
pub use asset::{
    AppointCustodian, AssetAct, AssetEvent, AssetKey, AssetKind, AssetState, AssetStatus,
    CustodianState, DEAL_DOMAIN, Deal, EndAsset, EndPledge, PledgeAsset, PledgeTerms,
    RegisterAsset, TransferAsset, TransferTerms, deal_bytes, next_asset_status,
};
pub use certificate::{
    CertificateAct, CertificateState, CredentialEvent, CredentialStatus, IssueCertificate,
    RevocationReason, Revoke, next_credential_status,
};
pub use check::check_record;
pub use credit::{
    AUTHORISATION_DOMAIN, About, ApplyMeasure, ApplyRepair, Authorisation, AuthorisationEvent,
    AuthorisationState, AuthorisationStatus, Authorise, BASIS_DOMAIN, Basis, BatchState, ClassCode,
    ClassCount, ClassKind, ClassReference, ClassState, CloseSourceCase, Conditions, ConductState,
    CorrectItem, Correction, CourtCase, CreditAct, CreditBatch, CreditSources, DecideRepair,
    DecideSourceCase, Degree, Delist, Disclosure, EVENT_DOMAIN, EndRecognised, EventChain,
    EventState, Evidence, EvidenceKind, ExitGround, Footing, ForeignBasis, HomeEnd, InBatch,
    ItemEvent, ItemKey, ItemState, ItemStatus, KeepPseudonyms, Law, LiftMeasure, ListMeasure,
    ListRule, MAX_BATCH_CLASSES, MAX_BATCH_RECORDS, MAX_MEASURE_LAWS, MeasureCode, MeasureEvent,
    MeasureFeedback, MeasureState, MeasureStatus, OBJECTION_DOMAIN, ObjectionEvent, ObjectionState,
    ObjectionStatus, OpenCase, OpenCases, Pseudonym, PseudonymState, PublishClass, PublishFormula,
    PublishScore, RETRACTION_DOMAIN, REVOCATION_DOMAIN, RaiseObjection, RaiseSourceCase,
    RecordItem, Reinstate, RepairDecision, RepairEvent, RepairRule, RepairState, RepairStatus,
    Resolution, ResolveObjection, Retraction, RevokeAuthorisation, SOURCE_RECORD_DOMAIN,
    SetSubjectKey, SettleCommitment, SourceAsk, SourceCaseEvent, SourceCaseState, SourceCaseStatus,
    SourceEvent, SourceFollow, SourceItem, SourceItemState, SourceMarks, SourceObjection,
    SourceOrder, SourceRecord, SourceRepair, SourceRuling, SourceState, Subject, SubjectKeyState,
    TakeView, Term, TermBase, TimeLimits, TrustLedger, TrustedLedgerState, ViewGround,
    WithdrawItem, next_authorisation_status, next_item_status, next_measure_status,
    next_objection_status, next_repair_status, next_source_case_status, objection_bytes,
    retraction_bytes, revocation_bytes,
};
pub use data::{
    APPROVAL_DOMAIN, AccessState, AccessWindow, AnchorDenials, AnswerDemand, Appeal, Approval,
    Approver, AutomaticRule, BusinessItem, CalendarState, CallReference, Confirm, DataAct,
    Deadline, Decide, Decision, Deliver, DeliveredContent, DeliveryEvent, DeliveryState,
    DeliveryStatus, Demand, DemandAnswer, DemandEvent, DemandState, DemandStatus, Denial,
    DenialReason, DenialsState, DenyAccess, Derive, DeriveMethod, Duty, EndGrant, Erase,
    ErasureState, Escalate, FieldKind, FieldSet, GrantEvent, GrantState, GrantStatus, GrantedData,
    Level, MAX_DATA_LIST, MAX_GRANT_DAYS, Masking, NegativeList, Node, OpenServing, Origin,
    Otherwise, ProvenanceState, PublishCalendar, PublishResource, Purpose, Recipient, Recognise,
    Reconcile, ReconciliationEvent, ReconciliationState, ReconciliationStatus, RecordReference,
    RequestData, RequestEvent, RequestState, RequestStatus, ResourceCode, ResourceEvent,
    ResourceField, ResourceState, ResourceStatus, ResourceVersion, Responsibility, ServingState,
    SetApprovers, SharingClass, Source, Subjects, TakesOver, Terms, Turn, TurnState, UpdateCycle,
    Volume, WindowReference, Windows, WithdrawRequest, WithdrawResource, approval_bytes, minute_of,
    minute_start, next_delivery_status, next_demand_status, next_grant_status,
    next_reconciliation_status, next_request_status, next_resource_status,
};
pub use date::Date;
pub use document::{AnchorBatch, AnchorDocuments, DocumentAct, DocumentState};
pub use error::Error;
pub use licence::{
    ChangeLicence, IssueLicence, LicenceAct, LicenceEvent, LicenceIdentifier, LicenceMove,
    LicenceState, LicenceStatus, LicenceType, LicenceTypeCode, LicenceUse, next_licence_status,
};
pub use member::{
    AbsenceState, Accepted, Approve, BusinessState, Change, EmergencySuspend, MemberAct,
    NewOrganisation, NewValidator, OrganisationEvent, OrganisationState, OrganisationStatus,
    Organisations, Pending, Power, Powers, PowersChange, ProposalEvent, ProposalState,
    ProposalStatus, Propose, RotateKey, Rules, Suspension, SuspensionVote, ValidatorPower,
    Validators, next_organisation_status, next_proposal_status,
};
pub use record::{RECORD_DOMAIN, Record, Tbs, key_id};
pub use refusal::{Refusal, Refused, RefusedAct, RefusedTogether};
pub use seal::{IssueSeal, SealAct, SealState};
pub use text::{BusinessKey, OrganisationCode, Text, is_unseen};
pub use yinxin_merkle::wire::{Wire, WireError};
