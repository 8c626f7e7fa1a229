//! Whether a certificate held at a time, for a use, by what is trusted.

mod constraints;
mod names;
mod path;
mod revocation;
mod usage;

use yinxin_verdict::{Check, Fact, Facts, Reason, UnixTime, Verdict};

pub use usage::Usage;

use crate::{
    certificate::Certificate,
    error::PkiError,
    store::{Pool, TrustStore},
};
use path::Search;

/// What is asked of a certificate.
#[derive(Clone, Copy, Debug)]
#[allow(
    clippy::exhaustive_structs,
    reason = "callers fill it; a new question must be answered everywhere"
)]
pub struct Question<'a> {
    /// What it was used for.
    pub usage: Usage,
    /// When it was used: periods and revocations are judged as of then.
    pub as_of: UnixTime,
    /// The verifier's clock: revocation lists from after it are not believed.
    pub now: UnixTime,
    /// What to call the certificate in the facts, such as `signer of signature 1`.
    pub subject: &'a str,
}

/// What a validation found. The facts hold the details.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Validation {
    /// The chain, the certificate itself first; as far as it could be built.
    pub chain: Vec<Certificate>,
    /// Every reason that was recorded, reported ones too.
    pub reasons: Vec<Reason>,
    /// How many signatures were checked.
    pub signature_checks: u32,
    anchored: bool,
}

impl Validation {
    /// Whether the chain ends at a trusted anchor, whatever else was found.
    #[must_use]
    pub const fn is_anchored(&self) -> bool {
        self.anchored
    }

    /// The gravest of the reasons, by their built-in gravity.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.reasons.iter().map(|r| r.gravity()).max().unwrap_or(Verdict::Valid)
    }
}

/// Builds the best chain, makes every check on it, and records a fact for each, even when an earlier one failed.
///
/// The checks are [`Check::CertFormat`], [`Check::CertChain`], [`Check::CertUsage`], [`Check::CertValidity`],
/// [`Check::CertRevocation`] and, for lists that cannot be used, [`Check::CrlSignature`]. Issuers appear as `subject ← name`.
pub fn validate(
    certificate: &Certificate,
    extra: &Pool,
    trust: &TrustStore,
    question: &Question<'_>,
    facts: &mut Facts,
) -> Validation {
    let mut search = Search::new(extra, trust, question);
    let path = search.best(certificate);
    let mut reasons = Vec::new();
    for finding in &path.findings {
        let fact = finding.fact(&path.chain, question.subject);
        reasons.extend(fact.reason());
        facts.push(fact);
    }
    facts.detail(question.subject, "certificate", certificate.subject().to_string());
    if let Some(code) = certificate.organisation_code() {
        facts.detail(question.subject, "organisation-code", code);
    }
    for (detail, value) in &path.details {
        facts.detail(question.subject, *detail, value.clone());
    }
    Validation {
        reasons,
        signature_checks: search.signatures_used(),
        anchored: path.anchored,
        chain: path.chain,
    }
}

/// A chain that was validated and held: only [`accept`] makes one.
#[derive(Clone, Debug)]
pub struct VerifiedChain {
    chain: Vec<Certificate>,
}

impl VerifiedChain {
    /// The certificate that was asked about.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.chain[0]
    }

    /// The certificate, its issuer, and so on to the anchor.
    #[must_use]
    pub fn chain(&self) -> &[Certificate] {
        &self.chain
    }
}

/// Validates for whoever acts on the answer: all must hold, and nothing of ours may depart from the strict form.
///
/// # Errors
/// [`PkiError::NotAccepted`] with the gravest reason; the facts hold them all.
pub fn accept(
    certificate: &Certificate,
    extra: &Pool,
    trust: &TrustStore,
    question: &Question<'_>,
    facts: &mut Facts,
) -> Result<VerifiedChain, PkiError> {
    let found = validate(certificate, extra, trust, question, facts);
    let worst = found.reasons.iter().copied().max_by_key(|r| r.gravity());
    match worst.filter(|r| r.gravity() != Verdict::Valid) {
        Some(reason) => Err(PkiError::NotAccepted { reason }),
        None if !found.anchored => Err(PkiError::NotAccepted { reason: Reason::UnknownAnchor }),
        None => Ok(VerifiedChain { chain: found.chain }),
    }
}

/// One fact about a certificate of a path, before it has its subject's words.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    check: Check,
    /// Place in the chain, 0 being the certificate itself.
    place: usize,
    outcome: Result<(), Reason>,
    expected: String,
    found: String,
}

impl Finding {
    fn pass(check: Check, place: usize) -> Self {
        Self { check, place, outcome: Ok(()), expected: String::new(), found: String::new() }
    }

    fn fail(check: Check, place: usize, reason: Reason) -> Self {
        Self { outcome: Err(reason), ..Self::pass(check, place) }
    }

    fn expected(mut self, text: impl Into<String>) -> Self {
        self.expected = text.into();
        self
    }

    fn found(mut self, text: impl Into<String>) -> Self {
        self.found = text.into();
        self
    }

    fn gravity(&self) -> Verdict {
        self.outcome.map_or_else(Reason::gravity, |()| Verdict::Valid)
    }

    fn fact(&self, chain: &[Certificate], subject: &str) -> Fact {
        let subject = match chain.get(self.place).filter(|_| self.place > 0) {
            Some(issuer) => format!("{subject} ← {}", issuer.title()),
            None => subject.to_owned(),
        };
        let fact = match self.outcome {
            Ok(()) => Fact::pass(self.check, subject),
            Err(reason) => Fact::fail(self.check, subject, reason),
        };
        fact.expected(self.expected.clone()).found(self.found.clone())
    }
}
