//! The search for a chain: depth first, without recursion, within a budget.

use yinxin_verdict::{Check, Reason, Verdict};

use super::{Finding, Question, constraints, revocation};
use crate::{
    certificate::Certificate,
    crl::Crl,
    name::Name,
    store::{Pool, TrustStore, check_self_signature},
};

/// Signature checks a validation may make. Webpki allows 100 too; a chain of 8 with a list for each needs 16.
const MAX_SIGNATURES: u32 = 100;

/// Candidates it may look at: ten for each signature check.
const MAX_STEPS: u32 = 1000;

/// Certificates in a chain. Government chains have 3 or 4; browsers stop at 8 to 10.
const MAX_CHAIN: usize = 10;

/// A chain with everything that was found about it.
pub(super) struct Path {
    pub(super) chain: Vec<Certificate>,
    pub(super) anchored: bool,
    pub(super) findings: Vec<Finding>,
    pub(super) details: Vec<(&'static str, String)>,
}

impl Path {
    /// Lower is better.
    fn rank(&self) -> (Verdict, usize) {
        let bad = |f: &&Finding| f.gravity() != Verdict::Valid;
        let worst = self.findings.iter().map(Finding::gravity).max().unwrap_or(Verdict::Valid);
        (worst, self.findings.iter().filter(bad).count())
    }

    fn holds(&self) -> bool {
        self.rank().0 == Verdict::Valid
    }
}

/// What is at hand, what is asked, and what may still be spent.
pub(super) struct Search<'a> {
    extra: &'a Pool,
    trust: &'a TrustStore,
    pub(super) question: &'a Question<'a>,
    signatures: u32,
    steps: u32,
}

/// A certificate that may have issued another.
struct Candidate {
    certificate: Certificate,
    anchor: bool,
    likeness: u8,
}

/// Why a chain could not be continued; the later, the more is known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum DeadEnd {
    NoIssuer,
    SignatureFails(Reason),
    Costly,
}

impl<'a> Search<'a> {
    pub(super) fn new(extra: &'a Pool, trust: &'a TrustStore, question: &'a Question<'a>) -> Self {
        Self { extra, trust, question, signatures: MAX_SIGNATURES, steps: MAX_STEPS }
    }

    pub(super) const fn signatures_used(&self) -> u32 {
        MAX_SIGNATURES - self.signatures
    }

    /// Takes one signature check from the budget.
    pub(super) fn spend(&mut self) -> Result<(), Reason> {
        self.signatures = self.signatures.checked_sub(1).ok_or(Reason::ChainTooCostly)?;
        Ok(())
    }

    /// An issuer's lists: the trust store's, and those that came along.
    pub(super) fn crls_of(&self, issuer: &Name) -> [Vec<Crl>; 2] {
        let brought = self.extra.crls.iter().filter(|crl| crl.issuer() == issuer);
        [self.trust.crls_of(issuer).cloned().collect(), brought.cloned().collect()]
    }

    /// The first chain to an anchor that holds; else the best that reaches one; else the longest.
    pub(super) fn best(&mut self, leaf: &Certificate) -> Path {
        let mut chain = vec![leaf.clone()];
        if self.trust.is_anchor(leaf) {
            return self.examine(&chain, None);
        }
        let mut best: Option<Path> = None;
        let mut longest = (chain.clone(), DeadEnd::NoIssuer);
        let mut levels = vec![self.candidates(leaf)];
        while let Some(level) = levels.last_mut() {
            let Some(candidate) = level.pop() else {
                levels.pop();
                chain.pop();
                continue;
            };
            let Some(steps) = self.steps.checked_sub(1) else {
                longest.1 = DeadEnd::Costly;
                break;
            };
            self.steps = steps;
            if chain.iter().any(|c| same_entity(c, &candidate.certificate)) {
                continue;
            }
            if chain.len() >= MAX_CHAIN {
                note(&mut longest, &chain, DeadEnd::Costly);
                continue;
            }
            let tip = chain.last().expect("the leaf stays until the last level is left");
            if let Err(reason) = self.link(tip, &candidate.certificate) {
                let end = match reason {
                    Reason::ChainTooCostly => DeadEnd::Costly,
                    // Another CA of the same name, as its key identifier tells: no issuer of ours.
                    Reason::SignatureBad if candidate.likeness == 0 => DeadEnd::NoIssuer,
                    Reason::SignatureBad => DeadEnd::SignatureFails(Reason::CertSignatureBad),
                    other => DeadEnd::SignatureFails(other),
                };
                note(&mut longest, &chain, end);
                continue;
            }
            chain.push(candidate.certificate.clone());
            if candidate.anchor {
                let path = self.examine(&chain, None);
                if path.holds() {
                    return path;
                }
                if best.as_ref().is_none_or(|b| path.rank() < b.rank()) {
                    best = Some(path);
                }
                chain.pop();
            } else {
                note(&mut longest, &chain, DeadEnd::NoIssuer);
                levels.push(self.candidates(&candidate.certificate));
            }
        }
        best.unwrap_or_else(|| self.examine(&longest.0, Some(longest.1)))
    }

    /// Who may have issued this: by name, the likeliest last, from where they are taken.
    fn candidates(&self, certificate: &Certificate) -> Vec<Candidate> {
        let name = certificate.issuer();
        let extra =
            self.extra.certificates.iter().filter(|c| c.subject() == name).map(|c| (c, false));
        let known = self.trust.with_subject(name);
        let mut out: Vec<_> = known
            .chain(extra)
            .take(MAX_STEPS as usize)
            .map(|(issuer, anchor)| Candidate {
                likeness: likeness(certificate, issuer),
                certificate: issuer.clone(),
                anchor,
            })
            .collect();
        let as_of = self.question.as_of;
        out.sort_by_key(|c| {
            let current = c.certificate.not_before() <= as_of && as_of <= c.certificate.not_after();
            (c.likeness, c.anchor, current)
        });
        out
    }

    fn link(&mut self, certificate: &Certificate, issuer: &Certificate) -> Result<(), Reason> {
        self.spend()?;
        certificate.signature().verify(issuer.public_key(), certificate.tbs()).map(|_| ())
    }

    /// Every check on a chain, and the facts of it.
    fn examine(&mut self, chain: &[Certificate], end: Option<DeadEnd>) -> Path {
        let mut findings = Vec::new();
        for (place, certificate) in chain.iter().enumerate() {
            let deviations = certificate.deviations();
            let told = deviations.iter().map(|d| {
                Finding::fail(Check::CertFormat, place, Reason::Deviation).found(d.to_string())
            });
            findings.extend(told);
            if deviations.is_empty() {
                findings.push(Finding::pass(Check::CertFormat, place));
            }
        }
        let mut broken = constraints::check(chain, self.question);
        broken.extend(end.map(|end| self.dead_end(chain, end)));
        if broken.iter().all(|f| f.check != Check::CertChain) {
            broken.insert(0, Finding::pass(Check::CertChain, 0));
        }
        findings.extend(broken);
        let mut details = Vec::new();
        for (place, pair) in chain.windows(2).enumerate() {
            findings.extend(revocation::check(self, place, &pair[0], &pair[1], &mut details));
        }
        Path { chain: chain.to_vec(), anchored: end.is_none(), findings, details }
    }

    fn dead_end(&mut self, chain: &[Certificate], end: DeadEnd) -> Finding {
        let place = chain.len() - 1;
        let tip = &chain[place];
        // A root that nobody trusts must at least be its own.
        let own = if tip.is_self_issued() && end == DeadEnd::NoIssuer {
            self.spend().and_then(|()| check_self_signature(tip))
        } else {
            Ok(())
        };
        let reason = match (end, own) {
            (DeadEnd::Costly, _) => Reason::ChainTooCostly,
            (DeadEnd::SignatureFails(reason), _) => reason,
            (DeadEnd::NoIssuer, Err(Reason::SignatureBad))
                if tip
                    .authority_key_identifier()
                    .is_none_or(|id| Some(id) == tip.subject_key_identifier()) =>
            {
                Reason::CertSignatureBad
            }
            (DeadEnd::NoIssuer, _) => Reason::UnknownAnchor,
        };
        Finding::fail(Check::CertChain, place, reason).found(tip.issuer().to_string())
    }
}

/// Remembers the longest chain, and what is known about its end.
fn note(longest: &mut (Vec<Certificate>, DeadEnd), chain: &[Certificate], end: DeadEnd) {
    if chain.len() > longest.0.len() {
        *longest = (chain.to_vec(), end);
    } else if longest.0 == chain || end == DeadEnd::Costly {
        longest.1 = longest.1.max(end);
    }
}

/// A loop is a second visit to the same name with the same key, whatever else the certificate says.
fn same_entity(a: &Certificate, b: &Certificate) -> bool {
    a == b || (a.subject() == b.subject() && a.spki() == b.spki())
}

/// 2: key identifiers agree; 1: one is missing; 0: they differ.
fn likeness(certificate: &Certificate, issuer: &Certificate) -> u8 {
    match (certificate.authority_key_identifier(), issuer.subject_key_identifier()) {
        (Some(wanted), Some(has)) if wanted == has => 2,
        (Some(_), Some(_)) => 0,
        _ => 1,
    }
}
