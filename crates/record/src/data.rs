//! Shared data on the ledger: resources, requests, grants, access, and where data come from.

mod access;
mod names;
pub(crate) mod parts;
mod provenance;
mod request;
mod resource;
mod serving;
mod table;

pub use access::{
    AccessState, AccessWindow, Deliver, DeliveryState, Denial, DenialReason, DenyAccess, Recipient,
    Reconcile, ReconciliationState, Windows, minute_of, minute_start,
};
pub use parts::{
    BusinessItem, FieldSet, Level, MAX_DATA_LIST, Purpose, ResourceCode, Subjects, Volume,
};
pub use provenance::{
    CallReference, DeliveredContent, Derive, DeriveMethod, Erase, ErasureState, GrantedData, Node,
    Origin, ProvenanceState, Recognise, RecordReference, ResourceVersion, Source, WindowReference,
};
pub use request::{
    APPROVAL_DOMAIN, Appeal, Approval, Confirm, Deadline, Decide, Decision, EndGrant, Escalate,
    GrantState, RequestData, RequestState, Terms, WithdrawRequest, approval_bytes,
};
pub use resource::{
    AnswerDemand, Approver, AutomaticRule, CalendarState, Demand, DemandAnswer, DemandState, Duty,
    FieldKind, MAX_GRANT_DAYS, Masking, NegativeList, Otherwise, PublishCalendar, PublishResource,
    ResourceField, ResourceState, Responsibility, SetApprovers, SharingClass, UpdateCycle,
    WithdrawResource,
};
pub use serving::{
    AnchorDenials, DenialsState, OpenServing, ServingState, TakesOver, Turn, TurnState,
};
pub use table::{
    DeliveryEvent, DeliveryStatus, DemandEvent, DemandStatus, GrantEvent, GrantStatus,
    ReconciliationEvent, ReconciliationStatus, RequestEvent, RequestStatus, ResourceEvent,
    ResourceStatus, next_delivery_status, next_demand_status, next_grant_status,
    next_reconciliation_status, next_request_status, next_resource_status,
};

use crate::asn::choice;

/// What a department does with shared data.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DataAct {
    /// `[0]` The owner publishes a resource, or a newer version of it.
    Publish(PublishResource),
    /// `[1]` The owner withdraws it.
    Withdraw(WithdrawResource),
    /// `[2]` A department needs data that it does not find.
    Demand(Demand),
    /// `[3]` What becomes of a demand.
    AnswerDemand(AnswerDemand),
    /// `[4]` An authority publishes working days.
    PublishCalendar(PublishCalendar),
    /// `[5]` An organisation names the persons who decide for it.
    SetApprovers(SetApprovers),
    /// `[6]` A department asks for data; the owner's rule may decide at once.
    Request(RequestData),
    /// `[7]` A person decides.
    Decide(Decide),
    /// `[8]` A second person confirms.
    Confirm(Confirm),
    /// `[9]` The requester appeals from the rule to a person.
    Appeal(Appeal),
    /// `[10]` A decision is overdue.
    Escalate(Escalate),
    /// `[11]` The requester no longer wants it.
    WithdrawRequest(WithdrawRequest),
    /// `[12]` Content is delivered in an envelope.
    Deliver(Deliver),
    /// `[13]` What was accessed under a grant within a minute.
    Access(AccessWindow),
    /// `[14]` Calls were denied outside of any window.
    Deny(DenyAccess),
    /// `[15]` One side of a grant states what it counted.
    Reconcile(Reconcile),
    /// `[16]` Something is made from something known.
    Derive(Derive),
    /// `[17]` Another department's call is relied on.
    Recognise(Recognise),
    /// `[18]` The owner or an authority revokes a grant.
    Revoke(EndGrant),
    /// `[19]` The receiver gives a grant back.
    Close(EndGrant),
    /// `[20]` Content is erased.
    Erase(Erase),
    /// `[21]` A server is about to answer calls.
    OpenServing(OpenServing),
    /// `[22]` A node's organisation vouches for the journal of what its node refused.
    AnchorDenials(AnchorDenials),
}

choice!(DataAct {
    0 => Publish,
    1 => Withdraw,
    2 => Demand,
    3 => AnswerDemand,
    4 => PublishCalendar,
    5 => SetApprovers,
    6 => Request,
    7 => Decide,
    8 => Confirm,
    9 => Appeal,
    10 => Escalate,
    11 => WithdrawRequest,
    12 => Deliver,
    13 => Access,
    14 => Deny,
    15 => Reconcile,
    16 => Derive,
    17 => Recognise,
    18 => Revoke,
    19 => Close,
    20 => Erase,
    21 => OpenServing,
    22 => AnchorDenials,
});

impl DataAct {
    /// The act's name.
    #[must_use]
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::Publish(_) => "publish",
            Self::Withdraw(_) => "withdraw",
            Self::Demand(_) => "demand",
            Self::AnswerDemand(_) => "answer demand",
            Self::PublishCalendar(_) => "publish calendar",
            Self::SetApprovers(_) => "set approvers",
            Self::Request(_) => "request",
            Self::Decide(_) => "decide",
            Self::Confirm(_) => "confirm",
            Self::Appeal(_) => "appeal",
            Self::Escalate(_) => "escalate",
            Self::WithdrawRequest(_) => "withdraw request",
            Self::Deliver(_) => "deliver",
            Self::Access(_) => "access",
            Self::Deny(_) => "deny",
            Self::Reconcile(_) => "reconcile",
            Self::Derive(_) => "derive",
            Self::Recognise(_) => "recognise",
            Self::Revoke(_) => "revoke",
            Self::Close(_) => "close",
            Self::Erase(_) => "erase",
            Self::OpenServing(_) => "open serving",
            Self::AnchorDenials(_) => "anchor denials",
        }
    }
}
