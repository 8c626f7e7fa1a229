//! Who may see a subject's credit, who saw it, and what it was found to be worth.

use core::fmt;

use rand_core::CryptoRng;
use yinxin_gm::{
    Digest,
    sm2::{DEFAULT_ID, PrivateKey, PublicKey, Signature},
    sm3,
};
use yinxin_merkle::wire::{WireError, Writer};
use yinxin_verdict::UnixTime;

use super::{
    class::{ClassCode, Law, set},
    subject::{EventChain, Subject},
    table::AuthorisationStatus,
};
use crate::{
    Date, DenialReason, Error, OrganisationCode, Purpose, Text,
    asn::{Field, choice, sequence},
};

/// What a subject's authorisation begins with.
pub const AUTHORISATION_DOMAIN: &str = "yinxin/credit-authorisation/1";

/// What a subject's revocation of one begins with.
pub const REVOCATION_DOMAIN: &str = "yinxin/credit-revocation/1";

/// What a subject permits a reader, signed with the subject's own key.
///
/// ```asn1
/// AuthorisationBytes ::= SEQUENCE { domain UTF8String ("yinxin/credit-authorisation/1"), chainId Digest, terms Authorisation }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorisation {
    /// Who permits it.
    pub subject: Subject,
    /// Who may see.
    pub reader: OrganisationCode,
    /// For which purpose.
    pub purpose: Purpose,
    /// Of which classes, rising; empty: of all.
    pub classes: Vec<ClassCode>,
    /// The first instant at which it serves.
    pub from: UnixTime,
    /// The first instant at which it no longer serves.
    pub until: UnixTime,
    /// Chosen at random, so that two authorisations are never one.
    pub nonce: Digest,
}

sequence!(Authorisation { subject, reader, purpose, classes, from, until, nonce }
check |a: &Authorisation| {
    set("classes", &a.classes, 0)?;
    if a.from < a.until { Ok(()) } else { Err(WireError::Value("until")) }
});

impl Authorisation {
    /// Its id: SM3 of what is signed. The same terms are authorised once.
    #[must_use]
    pub fn id(&self, chain_id: &Digest) -> Digest {
        sm3::digest(&self.bytes(chain_id))
    }

    /// What the subject signs.
    #[must_use]
    pub fn bytes(&self, chain_id: &Digest) -> Vec<u8> {
        domain_bytes(AUTHORISATION_DOMAIN, chain_id, self)
    }

    /// Signs it.
    ///
    /// # Errors
    /// [`Error::Signing`] if the key cannot sign.
    pub fn sign(
        self,
        chain_id: &Digest,
        key: &PrivateKey,
        rng: &mut impl CryptoRng,
    ) -> Result<Authorise, Error> {
        let signature = sign(&self.bytes(chain_id), key, rng)?;
        Ok(Authorise { terms: self, signature })
    }
}

fn domain_bytes(domain: &str, chain_id: &Digest, what: &impl Field) -> Vec<u8> {
    let mut out = Writer::new();
    out.sequence(|out| {
        out.text(domain);
        chain_id.put(out);
        what.put(out);
    });
    out.into_vec()
}

pub(crate) fn sign(
    bytes: &[u8],
    key: &PrivateKey,
    rng: &mut impl CryptoRng,
) -> Result<[u8; 64], Error> {
    Ok(key.sign(DEFAULT_ID, bytes, rng).map_err(|_| Error::Signing)?.to_raw())
}

pub(crate) fn verify(bytes: &[u8], signature: &[u8; 64], key: &PublicKey) -> Result<(), Error> {
    let signature = Signature::from_raw(signature).map_err(|_| Error::Signature)?;
    key.verify(DEFAULT_ID, bytes, &signature).map_err(|_| Error::Signature)
}

/// An authorisation goes on the ledger: sent by the reader, or by whoever serves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorise {
    /// What the subject permits.
    pub terms: Authorisation,
    /// The subject's r ‖ s over [`Authorisation::bytes`].
    pub signature: [u8; 64],
}

sequence!(Authorise { terms, signature });

impl Authorise {
    /// Checks the signature.
    ///
    /// # Errors
    /// [`Error::Signature`] if it is not by `key`.
    pub fn verify(&self, chain_id: &Digest, key: &PublicKey) -> Result<(), Error> {
        verify(&self.terms.bytes(chain_id), &self.signature, key)
    }
}

/// An authorisation ends before its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevokeAuthorisation {
    /// Its id.
    pub authorisation: Digest,
    /// The subject's r ‖ s over [`revocation_bytes`]; without it the reader gives back, or an authority revokes.
    pub signature: Option<[u8; 64]>,
    /// Why, by code.
    pub reason: u16,
}

sequence!(RevokeAuthorisation { authorisation, signature, reason });

/// What the subject signs to revoke an authorisation.
///
/// ```asn1
/// RevocationBytes ::= SEQUENCE { domain UTF8String ("yinxin/credit-revocation/1"), chainId Digest, authorisation Digest }
/// ```
#[must_use]
pub fn revocation_bytes(chain_id: &Digest, authorisation: &Digest) -> Vec<u8> {
    domain_bytes(REVOCATION_DOMAIN, chain_id, authorisation)
}

impl RevokeAuthorisation {
    /// A revocation signed by the subject.
    ///
    /// # Errors
    /// [`Error::Signing`] if the key cannot sign.
    pub fn signed(
        authorisation: Digest,
        reason: u16,
        chain_id: &Digest,
        key: &PrivateKey,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, Error> {
        let signature = sign(&revocation_bytes(chain_id, &authorisation), key, rng)?;
        Ok(Self { authorisation, signature: Some(signature), reason })
    }

    /// Checks the subject's signature.
    ///
    /// # Errors
    /// [`Error::Signature`] if there is none, or it is not by `key`.
    pub fn verify(&self, chain_id: &Digest, key: &PublicKey) -> Result<(), Error> {
        let signature = self.signature.as_ref().ok_or(Error::Signature)?;
        verify(&revocation_bytes(chain_id, &self.authorisation), signature, key)
    }
}

/// How an authorisation stands, and how often it was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorisationState {
    /// Where it stands.
    pub status: AuthorisationStatus,
    /// What the subject permits.
    pub terms: Authorisation,
    /// How many views were taken under it.
    pub views: u64,
    /// Id of the record that brought it.
    pub record: Digest,
    /// When it was revoked or given back.
    pub ended: Option<UnixTime>,
    /// Why, by code; otherwise 0.
    pub reason: u16,
    /// Height of the last change.
    pub height: u64,
}

sequence!(AuthorisationState { status, terms, views, record, ended, reason, height });

impl AuthorisationState {
    /// Whether it permits a view at an instant: the ledger and whoever serves ask the same question.
    ///
    /// # Errors
    /// The reason for which the view is to be denied: no grant for what is outside of its classes.
    pub fn permits(
        &self,
        subject: &Subject,
        reader: &OrganisationCode,
        purpose: &Purpose,
        classes: &[ClassCode],
        at: UnixTime,
    ) -> Result<(), DenialReason> {
        let Authorisation { from, until, .. } = self.terms;
        if self.terms.subject != *subject {
            return Err(DenialReason::Subjects);
        }
        if self.terms.reader != *reader {
            return Err(DenialReason::Caller);
        }
        if at < from {
            return Err(DenialReason::NotYet);
        }
        if self.status != AuthorisationStatus::Live && self.ended.is_none_or(|ended| ended <= at) {
            return Err(DenialReason::Revoked);
        }
        if at >= until {
            return Err(DenialReason::Expired);
        }
        if self.terms.purpose != *purpose {
            return Err(DenialReason::Purpose);
        }
        let allowed = &self.terms.classes;
        let within = allowed.is_empty()
            || (!classes.is_empty() && classes.iter().all(|c| allowed.binary_search(c).is_ok()));
        if within { Ok(()) } else { Err(DenialReason::Fields) }
    }
}

/// Somebody saw a subject's credit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakeView {
    /// Whose credit.
    pub subject: Subject,
    /// Who saw it.
    pub reader: OrganisationCode,
    /// For which purpose.
    pub purpose: Purpose,
    /// On what ground.
    pub ground: ViewGround,
    /// Of which classes, rising; empty: of all.
    pub classes: Vec<ClassCode>,
    /// As of when.
    pub as_of: UnixTime,
    /// The subject's chain that the view replays to.
    pub seen: EventChain,
    /// Salted digest of the answer.
    pub answer: Digest,
}

sequence!(TakeView { subject, reader, purpose, ground, classes, as_of, seen, answer }
check |v: &TakeView| set("classes", &v.classes, 0));

/// Why somebody may see a subject's credit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ViewGround {
    /// `[0]` The subject's authorisation, by its id.
    Authorisation(Digest),
    /// `[1]` A law, for an authority.
    Law(Law),
    /// `[2]` The subject asked for its own: salted digest of its request.
    Own(Digest),
    /// `[3]` A court's case: what has ended is seen too.
    Court(CourtCase),
}

choice!(ViewGround { 0 => Authorisation, 1 => Law, 2 => Own, 3 => Court });

/// The case for which a court sees what has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CourtCase {
    /// Its number, as the court gives it.
    pub number: Text<128>,
    /// Salted digest of the court's paper that asks.
    pub paper: Digest,
}

sequence!(CourtCase { number, paper });

impl ViewGround {
    /// Whether it is a court's: what has ended is shown too.
    #[must_use]
    pub const fn is_court(&self) -> bool {
        matches!(self, Self::Court(_))
    }
}

impl fmt::Display for ViewGround {
    /// All that it says: no two grounds have the same words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Authorisation(id) => write!(f, "authorisation {id}"),
            Self::Law(law) => write!(f, "law {law}"),
            Self::Own(request) => write!(f, "own request {request}"),
            Self::Court(CourtCase { number, paper }) => {
                write!(f, "court case {number}, paper {paper}")
            }
        }
    }
}

/// A formula for scores, or its next version. It stands in the state as published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishFormula {
    /// Its code.
    pub code: ClassCode,
    /// 1, then one more each time.
    pub version: u32,
    /// Its name.
    pub name: Text<256>,
    /// SM3 of the formula's file.
    pub definition: Digest,
    /// The first day as of which it is used.
    pub valid_from: Date,
}

sequence!(PublishFormula { code, version, name, definition, valid_from } check |f: &PublishFormula| {
    if f.version == 0 { Err(WireError::Value("version")) } else { Ok(()) }
});

/// A score, which anyone with the subject's records can compute again. Nothing ever rests on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishScore {
    /// Whose.
    pub subject: Subject,
    /// By which formula.
    pub formula: ClassCode,
    /// Which version of it.
    pub version: u32,
    /// As of when.
    pub as_of: UnixTime,
    /// The subject's chain that it was computed from.
    pub seen: EventChain,
    /// SM3 of the inputs.
    pub inputs: Digest,
    /// Salted digest of the result and how it came about.
    pub result: Digest,
}

sequence!(PublishScore { subject, formula, version, as_of, seen, inputs, result });
