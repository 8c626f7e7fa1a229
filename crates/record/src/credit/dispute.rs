//! Objections and repair: how a subject answers to an item.

use rand_core::CryptoRng;
use yinxin_gm::{
    Digest,
    sm2::{PrivateKey, PublicKey},
    sm3,
};
use yinxin_merkle::wire::{WireError, Writer};
use yinxin_verdict::UnixTime;

use super::{
    class::{Evidence, evidence},
    item::Correction,
    reading::{sign, verify},
    table::{ObjectionStatus, RepairStatus},
};
use crate::{
    Deadline, Error, OrganisationCode,
    asn::{Field, choice, sequence},
};

/// What a subject's own objection begins with.
pub const OBJECTION_DOMAIN: &str = "yinxin/credit-objection/1";

/// What a subject's word that it no longer objects begins with.
pub const RETRACTION_DOMAIN: &str = "yinxin/credit-retraction/1";

/// Somebody says that an item is wrong; the record's id is the objection's. A member sends it for the subject: as its own word, or
/// with the subject's signature as the subject's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RaiseObjection {
    /// Which item.
    pub item: Digest,
    /// Why, by code.
    pub reason: u16,
    /// Salted digest of what is said.
    pub statement: Digest,
    /// By when it is to be resolved.
    pub deadline: Deadline,
    /// The subject's r ‖ s over [`objection_bytes`]; without it the word is the sender's.
    pub signature: Option<[u8; 64]>,
}

sequence!(RaiseObjection { item, reason, statement, deadline, signature });

/// What a subject signs to object to an item. The deadline is not in it: whoever sends it counts that. A statement's digest is salted,
/// so that no two objections are signed alike, and the ledger takes each once.
///
/// ```asn1
/// ObjectionBytes ::= SEQUENCE {
///     domain UTF8String ("yinxin/credit-objection/1"), chainId Digest, item Digest, reason Reason, statement Digest }
/// ```
#[must_use]
pub fn objection_bytes(
    chain_id: &Digest,
    item: &Digest,
    reason: u16,
    statement: &Digest,
) -> Vec<u8> {
    let mut out = Writer::new();
    out.sequence(|out| {
        out.text(OBJECTION_DOMAIN);
        chain_id.put(out);
        item.put(out);
        reason.put(out);
        statement.put(out);
    });
    out.into_vec()
}

impl RaiseObjection {
    /// With the subject's signature.
    ///
    /// # Errors
    /// [`Error::Signing`] if the key cannot sign.
    pub fn signed(
        self,
        chain_id: &Digest,
        key: &PrivateKey,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, Error> {
        let Self { item, reason, statement, .. } = &self;
        let signature = sign(&objection_bytes(chain_id, item, *reason, statement), key, rng)?;
        Ok(Self { signature: Some(signature), ..self })
    }

    /// Checks the subject's signature; what was signed, as SM3 of its bytes.
    ///
    /// # Errors
    /// [`Error::Signature`] if there is none, or it is not by `key`.
    pub fn verify(&self, chain_id: &Digest, key: &PublicKey) -> Result<Digest, Error> {
        let signature = self.signature.as_ref().ok_or(Error::Signature)?;
        let bytes = objection_bytes(chain_id, &self.item, self.reason, &self.statement);
        verify(&bytes, signature, key)?;
        Ok(sm3::digest(&bytes))
    }
}

/// A subject no longer objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retraction {
    /// Why, by code.
    pub reason: u16,
    /// The subject's r ‖ s over [`retraction_bytes`].
    pub signature: [u8; 64],
}

sequence!(Retraction { reason, signature });

/// What a subject signs to drop its own objection.
///
/// ```asn1
/// RetractionBytes ::= SEQUENCE { domain UTF8String ("yinxin/credit-retraction/1"), chainId Digest, objection Digest }
/// ```
#[must_use]
pub fn retraction_bytes(chain_id: &Digest, objection: &Digest) -> Vec<u8> {
    let mut out = Writer::new();
    out.sequence(|out| {
        out.text(RETRACTION_DOMAIN);
        chain_id.put(out);
        objection.put(out);
    });
    out.into_vec()
}

impl Retraction {
    /// Signs that an objection is dropped.
    ///
    /// # Errors
    /// [`Error::Signing`] if the key cannot sign.
    pub fn signed(
        objection: &Digest,
        reason: u16,
        chain_id: &Digest,
        key: &PrivateKey,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, Error> {
        let signature = sign(&retraction_bytes(chain_id, objection), key, rng)?;
        Ok(Self { reason, signature })
    }

    /// Checks the subject's signature.
    ///
    /// # Errors
    /// [`Error::Signature`] if it is not by `key`.
    pub fn verify(
        &self,
        objection: &Digest,
        chain_id: &Digest,
        key: &PublicKey,
    ) -> Result<(), Error> {
        verify(&retraction_bytes(chain_id, objection), &self.signature, key)
    }
}

/// What becomes of an objection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolveObjection {
    /// Which objection.
    pub objection: Digest,
    /// How it is resolved.
    pub resolution: Resolution,
}

sequence!(ResolveObjection { objection, resolution });

/// How an objection is resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resolution {
    /// `[0]` The item is upheld, for a reason by code.
    Upheld(u16),
    /// `[1]` It is corrected.
    Corrected(Correction),
    /// `[2]` It is withdrawn, for a reason by code.
    Withdrawn(u16),
    /// `[3]` The member that raised the objection no longer does.
    Dropped(u16),
    /// `[4]` The subject that raised it no longer does.
    Retracted(Retraction),
}

choice!(Resolution { 0 => Upheld, 1 => Corrected, 2 => Withdrawn, 3 => Dropped, 4 => Retracted });

/// How an objection stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectionState {
    /// Where it stands.
    pub status: ObjectionStatus,
    /// To which item.
    pub item: Digest,
    /// Who sent it.
    pub by: OrganisationCode,
    /// Salted digest of what is said.
    pub statement: Digest,
    /// By when it is to be resolved.
    pub deadline: Deadline,
    /// SM3 of what the subject signed, if the objection is its own word.
    pub signed: Option<Digest>,
    /// The reason given with the last change.
    pub reason: u16,
    /// Height of the last change.
    pub height: u64,
    /// Time of the block of the last change.
    pub since: UnixTime,
}

sequence!(ObjectionState { status, item, by, statement, deadline, signed, reason, height, since });

/// What is open about an item: of each member and of the subject itself at most one objection, of each member at most one application,
/// in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenCases {
    /// Objections that are not resolved, one for each member and one of the subject's own.
    pub objections: Vec<OpenCase>,
    /// Applications for repair that are not decided, one for each member.
    pub applications: Vec<OpenCase>,
}

sequence!(OpenCases { objections, applications });

/// An objection, or an application for repair, that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenCase {
    /// Who sent it.
    pub by: OrganisationCode,
    /// Its id.
    pub id: Digest,
    /// SM3 of what the subject signed, if it is the subject's own.
    pub signed: Option<Digest>,
}

sequence!(OpenCase { by, id, signed });

/// Somebody applies for an item's repair; the record's id is the application's. A member sends it for the subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplyRepair {
    /// Of which item.
    pub item: Digest,
    /// Evidence by kind, rising: of each kind that the class asks for, and more.
    pub evidence: Vec<Evidence>,
    /// Salted digest of the letter of commitment.
    pub commitment: Digest,
    /// By when it is to be decided.
    pub deadline: Deadline,
}

sequence!(ApplyRepair { item, evidence, commitment, deadline } check |a: &ApplyRepair| -> Result<(), WireError> {
    evidence(&a.evidence)
});

/// Whoever recorded the item decides; what is overdue, an authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecideRepair {
    /// On which application.
    pub application: Digest,
    /// What is decided.
    pub decision: RepairDecision,
}

sequence!(DecideRepair { application, decision });

/// What is decided on an application for repair.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RepairDecision {
    /// `[0]` The item is repaired: salted digest of the decision. It is no longer shown, shared or used, and nothing rests on it.
    Accept(Digest),
    /// `[1]` It is not, for a reason by code.
    Reject(u16),
}

choice!(RepairDecision { 0 => Accept, 1 => Reject });

/// What the application said proves false: the item is in force again, for the rest of its term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reinstate {
    /// Which application.
    pub application: Digest,
    /// Salted digest of the finding.
    pub evidence: Digest,
    /// Why, by code.
    pub reason: u16,
}

sequence!(Reinstate { application, evidence, reason });

/// How an application for repair stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepairState {
    /// Where it stands.
    pub status: RepairStatus,
    /// Of which item.
    pub item: Digest,
    /// Who sent it.
    pub by: OrganisationCode,
    /// Evidence by kind.
    pub evidence: Vec<Evidence>,
    /// Salted digest of the letter of commitment.
    pub commitment: Digest,
    /// By when it is to be decided.
    pub deadline: Deadline,
    /// Who decided last, if anybody did.
    pub decided_by: Option<OrganisationCode>,
    /// The reason given with the last change; otherwise 0.
    pub reason: u16,
    /// Height of the last change.
    pub height: u64,
    /// Time of the block of the last change.
    pub since: UnixTime,
}

sequence!(RepairState {
    status,
    item,
    by,
    evidence,
    commitment,
    deadline,
    decided_by,
    reason,
    height,
    since,
});
