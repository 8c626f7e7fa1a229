//! Everything that may be written to the ledger: types with one DER encoding and one signature, and each family's table of states.

#![forbid(unsafe_code)]

mod act;
mod record;

mod certificate;
mod document;
mod licence;
mod member;
mod seal;

pub mod state_key;

mod check;

mod asn;
mod error;
mod text;

pub use act::Act;
pub use certificate::{
    CertificateAct, CertificateState, CredentialEvent, CredentialStatus, IssueCertificate,
    RevocationReason, Revoke, next_credential_status,
};
pub use check::check_record;
pub use document::{AnchorBatch, AnchorDocuments, DocumentAct, DocumentState};
pub use error::Error;
pub use licence::{
    ChangeLicence, IssueLicence, LicenceAct, LicenceEvent, LicenceIdentifier, LicenceMove,
    LicenceState, LicenceStatus, LicenceType, LicenceTypeCode, LicenceUse, next_licence_status,
};
pub use member::{
    Accepted, Approve, BusinessState, Change, EmergencySuspend, MemberAct, NewOrganisation,
    NewValidator, OrganisationEvent, OrganisationState, OrganisationStatus, Organisations, Pending,
    Power, Powers, PowersChange, ProposalEvent, ProposalState, ProposalStatus, Propose, RotateKey,
    Rules, Suspension, SuspensionVote, ValidatorPower, Validators, next_organisation_status,
    next_proposal_status,
};
pub use record::{RECORD_DOMAIN, Record, Tbs, key_id};
pub use seal::{IssueSeal, SealAct, SealState};
pub use text::{BusinessKey, OrganisationCode, Text};
pub use yinxin_merkle::wire::{Wire, WireError};
