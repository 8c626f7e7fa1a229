//! What every certificate of a chain must hold to, apart from signatures and revocation (RFC 5280 6.1).

use yinxin_verdict::{Check, Reason};

use super::{Finding, Question, names};
use crate::certificate::{Certificate, KeyUsage};

/// The chain, the certificate itself first.
pub(super) fn check(chain: &[Certificate], question: &Question<'_>) -> Vec<Finding> {
    let mut out = Vec::new();
    for (place, certificate) in chain.iter().enumerate() {
        out.extend(unknown_extensions(place, certificate));
        if place > 0 {
            out.extend(issuer(place, chain));
        }
    }
    // RFC 5280 4.2.1.10: constraints stand in certificates of CAs only; elsewhere nobody knows what they mean.
    if chain[0].details().name_constraints.is_some() && !chain[0].is_ca() {
        out.push(
            Finding::fail(Check::CertChain, 0, Reason::ExtensionUnknown).found("nameConstraints"),
        );
    }
    out.extend(names::check(chain));
    out.push(usage(&chain[0], question));
    out.extend(
        chain.iter().enumerate().map(|(place, certificate)| validity(place, certificate, question)),
    );
    out
}

fn usage(leaf: &Certificate, question: &Question<'_>) -> Finding {
    match question.usage.check(leaf) {
        Ok(()) => Finding::pass(Check::CertUsage, 0),
        Err((reason, expected, found)) => {
            Finding::fail(Check::CertUsage, 0, reason).expected(expected).found(found)
        }
    }
}

fn validity(place: usize, certificate: &Certificate, question: &Question<'_>) -> Finding {
    let (from, to) = (certificate.not_before(), certificate.not_after());
    let reason = if question.as_of < from {
        Reason::CertNotYetValid
    } else if question.as_of.floor_to_second() > to {
        Reason::CertExpired
    } else {
        return Finding::pass(Check::CertValidity, place);
    };
    Finding::fail(Check::CertValidity, place, reason)
        .expected(format!("{from} – {to}"))
        .found(question.as_of.to_string())
}

fn unknown_extensions(place: usize, certificate: &Certificate) -> Option<Finding> {
    let unknown = &certificate.details().unknown_critical;
    let oids: Vec<_> = unknown.iter().map(ToString::to_string).collect();
    (!oids.is_empty()).then(|| {
        Finding::fail(Check::CertChain, place, Reason::ExtensionUnknown).found(oids.join(", "))
    })
}

fn issuer(place: usize, chain: &[Certificate]) -> Vec<Finding> {
    let issuer = &chain[place];
    let refuse = |expected: &str, found: String| {
        Finding::fail(Check::CertChain, place, Reason::ChainConstraint)
            .expected(expected)
            .found(found)
    };
    let mut out = Vec::new();
    if !issuer.is_ca() {
        out.push(refuse("CA:TRUE", "CA:FALSE".into()));
    }
    if let Some(usage) = issuer.key_usage().filter(|u| !u.allows_any(KeyUsage::KEY_CERT_SIGN)) {
        out.push(refuse("keyCertSign", usage.to_string()));
    }
    // RFC 5280 4.2.1.9: what is counted is what stands between, and is not self-issued.
    let below = chain[1..place].iter().filter(|c| !c.is_self_issued()).count();
    if let Some(limit) = issuer.basic_constraints().and_then(|b| b.path_len)
        && below as u64 > limit
    {
        out.push(refuse(&format!("pathLen {limit}"), format!("{below} issuers below")));
    }
    out
}
