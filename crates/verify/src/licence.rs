//! The licence in a document: metadata, dates, and whether the ledger says that it is in force.

use yinxin_gm::Digest;
use yinxin_licence::{Metadata, document::inspect};
use yinxin_ofd::Package;
use yinxin_pki::{Certificate, is_organisation_code, oid};
use yinxin_record::{IssueLicence, LicenceIdentifier, state_key};
use yinxin_verdict::{Check, Fact, Facts, Reason};

use crate::{Context, anchoring::OfDocument, status};

const SUBJECT: &str = "licence";

/// What the checks before this one found in the package.
pub(crate) struct Sealed<'a> {
    /// SM3 of each SignedValue.dat.
    pub(crate) signed: &'a [Digest],
    /// Who signed. Whether the signatures and certificates hold is a matter of other facts.
    pub(crate) signers: &'a [Certificate],
    /// The receipt.
    pub(crate) receipt: Option<&'a OfDocument>,
}

/// Checks the licence in a package, if there is one.
pub(crate) fn check(
    package: &Package,
    sealed: &Sealed<'_>,
    context: &Context<'_>,
    facts: &mut Facts,
) {
    let Some(metadata) = inspect(package, context.at, SUBJECT, facts) else { return };
    issuer(&metadata, sealed.signers, facts);
    let receipt = sealed.receipt;
    let identifier = metadata.identifier.to_string();
    if let Some(issue) = receipt.and_then(OfDocument::licence) {
        same(&identifier, issue, facts);
    }
    // A ledger that is not trusted can say nothing. Where one is, a licence without its receipt is asked about, too: whoever
    // holds a revoked one can take the receipt out.
    let chain = receipt.and_then(OfDocument::chain);
    let ledgers = !context.trust.ledgers().is_empty();
    let asked = if receipt.is_some() { chain.is_some() } else { ledgers };
    if !asked && context.trust.status_proofs().is_empty() {
        return;
    }
    let key = LicenceIdentifier::new(&identifier).map(|i| state_key::licence(&i));
    let proof = key.ok().and_then(|key| status::of(&key, chain, SUBJECT, context, facts));
    match proof {
        Some(proof) => status::licence(proof, sealed.signed, context.at, SUBJECT, facts),
        None => facts.push(Fact::fail(Check::LicenceStatus, SUBJECT, Reason::NoStatusProof)),
    }
}

/// One of those who signed is the issuer: a certificate under a trusted anchor alone lets nobody issue for others.
///
/// By the code in the certificate; a certificate without one, or an issuer whose code is none, is compared by name.
fn issuer(metadata: &Metadata, signers: &[Certificate], facts: &mut Facts) {
    // That nobody signed, or who cannot be read, is told elsewhere.
    if signers.is_empty() {
        return;
    }
    let code = metadata.identifier.issuer();
    let coded = is_organisation_code(code);
    let by_name = |c: &Certificate| {
        let organisation = c.subject().get(&oid::ORGANISATION);
        [organisation, c.subject().common_name()].contains(&Some(metadata.issuer_name.as_str()))
    };
    let is_issuer = |c: &Certificate| match c.organisation_code().filter(|_| coded) {
        Some(own) => own == code,
        None => by_name(c),
    };
    if signers.iter().any(is_issuer) {
        return facts.push(Fact::pass(Check::LicenceIssuer, SUBJECT));
    }
    let known = coded && signers.iter().all(|c| c.organisation_code().is_some());
    let reason = if known { Reason::LicenceIssuerOther } else { Reason::LicenceIssuerUnproven };
    let found: Vec<_> = signers.iter().map(|c| c.subject().to_string()).collect();
    facts.push(
        Fact::fail(Check::LicenceIssuer, SUBJECT, reason)
            .expected(format!("{code} {}", metadata.issuer_name))
            .found(found.join("; ")),
    );
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
