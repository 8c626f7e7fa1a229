//! A signed message (GB/T 35275), by itself or as the signature of a document.

use std::borrow::Cow;

use yinxin_pki::{Certificate, Question, Usage, pem, signed_data::SignedData};
use yinxin_verdict::{Check, Fact, Facts, Outcome, Reason};

use crate::Context;

/// Checks a message, with the content that stands apart from it if that is at hand. A detached one without it can only be
/// checked in part.
pub(crate) fn check(
    bytes: &[u8],
    content: Option<&[u8]>,
    context: &Context<'_>,
    facts: &mut Facts,
) {
    let subject = "message";
    let Some(message) = parse(bytes, Check::MessageFormat, subject, facts) else { return };
    let mut found = Facts::new();
    verify(&message, content, subject, context, &mut found);
    if content.is_some() || message.content().is_some() {
        return facts.extend(found);
    }
    let (list, details) = found.into_parts();
    for fact in list {
        facts.push(match fact.outcome {
            Outcome::Fail(Reason::DigestMissing) => {
                Fact::fail(fact.check, fact.subject, Reason::ContentAbsent)
            }
            _ => fact,
        });
    }
    for detail in details {
        facts.detail(detail.subject, detail.name, detail.value);
    }
}

/// Checks a message that signs a document's Signature.xml; who signed, as far as it tells.
pub(crate) fn signed_file(
    value: &[u8],
    signature_xml: &[u8],
    subject: &str,
    context: &Context<'_>,
    facts: &mut Facts,
) -> Vec<Certificate> {
    let Some(message) = parse(value, Check::SignatureFormat, subject, facts) else {
        return Vec::new();
    };
    verify(&message, Some(signature_xml), subject, context, facts);
    message.signers().iter().filter_map(|s| message.certificate_of(s)).cloned().collect()
}

fn parse(bytes: &[u8], check: Check, subject: &str, facts: &mut Facts) -> Option<SignedData> {
    match SignedData::parse(&der(bytes)) {
        Ok(message) => Some(message),
        Err(error) => {
            facts.push(Fact::fail(check, subject, Reason::Malformed).found(error.to_string()));
            None
        }
    }
}

/// The DER in a PEM file, or the bytes as they are.
fn der(bytes: &[u8]) -> Cow<'_, [u8]> {
    let text = std::str::from_utf8(bytes).ok().filter(|t| t.contains("-----BEGIN "));
    let block = text.and_then(|t| pem::blocks(t).ok()).and_then(|b| b.into_iter().next());
    block.map_or(Cow::Borrowed(bytes), |b| Cow::Owned(b.der))
}

fn verify(
    message: &SignedData,
    content: Option<&[u8]>,
    subject: &str,
    context: &Context<'_>,
    facts: &mut Facts,
) {
    let stated = message.signers().iter().filter_map(|s| s.signing_time()).max();
    if let Some(time) = stated {
        let latest = context.at.plus_millis(i64::from(context.policy.clock_skew_secs) * 1000);
        facts.push(if time > latest {
            Fact::fail(Check::SignatureTime, subject, Reason::SigningTimeFuture)
                .expected(format!("at most {latest}"))
                .found(time.to_string())
        } else {
            Fact::fail(Check::SignatureTime, subject, Reason::SigningTimeUnproven)
                .found(time.to_string())
        });
    }
    let as_of = stated.unwrap_or(context.at);
    let question = Question { usage: Usage::Sign, as_of, now: context.at, subject };
    message.verify(content, context.trust.certificates(), &question, facts);
}
