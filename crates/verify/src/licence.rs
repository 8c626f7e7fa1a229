//! The licence in a document: metadata, dates, and whether the ledger says that it is in force.

use yinxin_licence::document::inspect;
use yinxin_ofd::Package;
use yinxin_record::{IssueLicence, LicenceIdentifier, state_key};
use yinxin_verdict::{Check, Fact, Facts, Reason};

use crate::{Context, anchoring::OfDocument, status};

const SUBJECT: &str = "licence";

/// Checks the licence in a package, if there is one.
pub(crate) fn check(
    package: &Package,
    receipt: Option<&OfDocument>,
    context: &Context<'_>,
    facts: &mut Facts,
) {
    let Some(metadata) = inspect(package, context.at, SUBJECT, facts) else { return };
    let identifier = metadata.identifier.to_string();
    if let Some(issue) = receipt.and_then(OfDocument::licence) {
        same(&identifier, issue, facts);
    }
    // A ledger that is not trusted can say nothing, and a licence that never met one has no status there.
    if !receipt.is_some_and(OfDocument::is_anchored) && context.trust.status_proofs().is_empty() {
        return;
    }
    let key = LicenceIdentifier::new(&identifier).map(|i| state_key::licence(&i));
    let proof = key.ok().and_then(|key| status::of(&key, SUBJECT, context, facts));
    match proof {
        Some(proof) => status::licence(proof, context.at, SUBJECT, facts),
        None => facts.push(Fact::fail(Check::LicenceStatus, SUBJECT, Reason::NoStatusProof)),
    }
}

/// The record speaks of the licence that the document carries, not of another one.
fn same(identifier: &str, issue: &IssueLicence, facts: &mut Facts) {
    let anchored = issue.identifier.as_str();
    if anchored == identifier {
        facts.push(Fact::pass(Check::ReceiptDocument, SUBJECT));
    } else {
        facts.push(
            Fact::fail(Check::ReceiptDocument, SUBJECT, Reason::DocumentMismatch)
                .expected(identifier)
                .found(anchored),
        );
    }
}
