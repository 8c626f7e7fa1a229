//! A certificate, a revocation list, a seal or a seal's signature by itself.

use yinxin_pki::{Certificate, Crl, Pool, Question, Usage, validate};
use yinxin_seal::{Seal, SealSignature, Stamped, check_seal, check_signature};
use yinxin_verdict::{Check, Fact, Facts, Reason};

use crate::{Context, maker};

/// A certificate, as of the asked time and for any use.
pub(crate) fn certificate(bytes: &[u8], context: &Context<'_>, facts: &mut Facts) {
    let subject = "certificate";
    match Certificate::parse(bytes) {
        Ok(certificate) => {
            let question =
                Question { usage: Usage::Any, as_of: context.at, now: context.at, subject };
            facts.detail(subject, "issuer", certificate.issuer().to_string());
            facts.detail(
                subject,
                "validity",
                format!("{} – {}", certificate.not_before(), certificate.not_after()),
            );
            validate(&certificate, &Pool::new(), context.trust.certificates(), &question, facts);
        }
        Err(error) => {
            facts.push(
                Fact::fail(Check::CertFormat, subject, Reason::CertMalformed)
                    .found(error.to_string()),
            );
        }
    }
}

/// A revocation list: whether a certificate of the trust folder made it.
pub(crate) fn crl(bytes: &[u8], context: &Context<'_>, facts: &mut Facts) {
    let subject = "revocation list";
    let crl = match Crl::parse(bytes) {
        Ok(crl) => crl,
        Err(error) => {
            return facts.push(
                Fact::fail(Check::CrlFormat, subject, Reason::Malformed).found(error.to_string()),
            );
        }
    };
    facts.push(Fact::pass(Check::CrlFormat, subject));
    facts.detail(subject, "issuer", crl.issuer().to_string());
    facts.detail(subject, "this-update", crl.this_update().to_string());
    let issuers: Vec<_> = context
        .trust
        .certificates()
        .certificates()
        .filter(|c| c.subject() == crl.issuer())
        .collect();
    if issuers.is_empty() {
        return facts.push(
            Fact::fail(Check::CrlSignature, subject, Reason::UnknownAnchor)
                .found(crl.issuer().to_string()),
        );
    }
    let signed = issuers.iter().any(|c| crl.check_issuer(c).is_ok());
    facts.check(
        Check::CrlSignature,
        subject,
        if signed { Ok(()) } else { Err(Reason::SignatureBad) },
    );
    if crl.next_update().is_some_and(|t| t < context.at) {
        facts.push(
            Fact::fail(Check::CrlSignature, subject, Reason::CrlStale)
                .found(crl.next_update().map(|t| t.to_string()).unwrap_or_default()),
        );
    }
}

/// A seal, as of the asked time.
pub(crate) fn seal(bytes: &[u8], context: &Context<'_>, facts: &mut Facts) {
    match Seal::parse(bytes) {
        Ok(seal) => {
            check_seal(&seal, context.at, context.at, context.trust.certificates(), "seal", facts);
            maker::check(&seal, "seal", context, facts);
        }
        Err(error) => {
            facts.push(
                Fact::fail(Check::SealFormat, "seal", Reason::Malformed).found(error.to_string()),
            );
        }
    }
}

/// A seal's signature without the document that it signs: everything but the digest can be checked.
pub(crate) fn seal_signature(bytes: &[u8], context: &Context<'_>, facts: &mut Facts) {
    let subject = "signature";
    let signature = match SealSignature::parse(bytes) {
        Ok(signature) => signature,
        Err(error) => {
            let fact = Fact::fail(Check::SignatureFormat, subject, Reason::Malformed);
            return facts.push(fact.found(error.to_string()));
        }
    };
    let absent =
        Stamped { signature_xml: &[], signature_xml_path: "", seal_esl: None, date_time: None };
    let Context { trust, policy, at } = context;
    let mut found = Facts::new();
    check_signature(&signature, &absent, trust.certificates(), policy, *at, subject, &mut found);
    maker::check(&signature.seal, "seal of signature", context, &mut found);
    let (list, details) = found.into_parts();
    for fact in list {
        facts.push(match fact.check {
            Check::SignatureDigest | Check::SignatureScope => {
                Fact::fail(fact.check, subject, Reason::ContentAbsent)
            }
            _ => fact,
        });
    }
    for detail in details {
        facts.detail(detail.subject, detail.name, detail.value);
    }
}
