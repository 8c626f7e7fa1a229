//! An OFD document: package, signatures, what they leave out, the licence in it and its receipt.

use yinxin_gm::{Digest, sm3};
use yinxin_ofd::{Limits, Package, RECEIPT_PATH, SignatureFile, SignatureKind};
use yinxin_pki::{Certificate, Pool, Question, Usage, validate};
use yinxin_seal::{SealSignature, Stamped, check_signature};
use yinxin_verdict::{Check, Fact, Facts, Reason, UnixTime};

use crate::{
    Context,
    anchoring::{self, OfDocument},
    licence, maker, message, status,
};

/// Checks a document with everything in it.
pub(crate) fn check(bytes: &[u8], context: &Context<'_>, facts: &mut Facts) {
    let package = match Package::open_container(bytes, &Limits::default()) {
        Ok(package) => package,
        Err(error) => {
            return facts.push(
                Fact::fail(Check::OfdPackage, "package", error.reason()).found(error.to_string()),
            );
        }
    };
    package.check_documents(facts);
    let signatures = package.signatures();
    signatures.check(facts);
    let signed: Vec<Digest> = signatures
        .files()
        .filter_map(|f| f.signed_value.as_ref())
        .map(|v| sm3::digest(v.bytes))
        .collect();
    let anchored =
        package.file(RECEIPT_PATH).map(|der| anchoring::of_document(der, &signed, context, facts));
    // The receipt comes after the signatures, so none can cover it; a receipt of another document stays unsigned content.
    let exempt: &[&str] = if anchored.as_ref().is_some_and(|a| a.is_of_this_document()) {
        &[RECEIPT_PATH]
    } else {
        &[]
    };
    let mut signers = Vec::new();
    for file in signatures.files() {
        let subject = file.label();
        file.check_references(&package, &subject, facts);
        file.check_coverage(&package, &signatures, exempt, &subject, facts);
        signers.extend(signature(file, &subject, context, facts));
    }
    let proven = anchored.as_ref().and_then(OfDocument::time).unwrap_or(context.at);
    revoked_since(&signers, proven, context, facts);
    let sealed = licence::Sealed { signed: &signed, signers: &signers, receipt: anchored.as_ref() };
    licence::check(&package, &sealed, context, facts);
}

/// Whether a signer's certificate was revoked before the time by which the signatures are proven to exist.
///
/// The stated signing time is the signer's own word: whoever has a stolen key may put it before the revocation. Only the
/// receipt of a ledger, which others keep, tells a signature from before apart.
fn revoked_since(
    signers: &[Certificate],
    proven: UnixTime,
    context: &Context<'_>,
    facts: &mut Facts,
) {
    let (check, now) = (Check::CertRevocation, context.at);
    // Revoked even by the signer's own word: that is graver, and told.
    if facts.has(Reason::CertRevoked) {
        return;
    }
    for signer in signers {
        let subject = signer.subject().to_string();
        let question = Question { usage: Usage::Any, as_of: proven, now, subject: &subject };
        let mut found = Facts::new();
        let trust = context.trust.certificates();
        let asked = validate(signer, &Pool::new(), trust, &question, &mut found);
        if asked.reasons.contains(&Reason::CertRevoked) {
            facts.push(
                Fact::fail(check, subject.as_str(), Reason::RevokedUnproven)
                    .expected("a receipt from before the revocation")
                    .found(format!("proven to exist by {proven}")),
            );
        }
    }
}

/// Checks one signature by its kind; who signed, as far as it can be read.
fn signature(
    file: &SignatureFile<'_>,
    subject: &str,
    context: &Context<'_>,
    facts: &mut Facts,
) -> Vec<Certificate> {
    // Its absence is told by the list of signatures.
    let Some(value) = &file.signed_value else { return Vec::new() };
    match file.kind {
        SignatureKind::Seal => sealed(file, value.bytes, subject, context, facts),
        SignatureKind::Sign => {
            message::signed_file(value.bytes, file.bytes, subject, context, facts)
        }
    }
}

fn sealed(
    file: &SignatureFile<'_>,
    value: &[u8],
    subject: &str,
    context: &Context<'_>,
    facts: &mut Facts,
) -> Vec<Certificate> {
    let signature = match SealSignature::parse(value) {
        Ok(signature) => signature,
        Err(error) => {
            let fact = Fact::fail(Check::SignatureFormat, subject, Reason::Malformed);
            facts.push(fact.found(error.to_string()));
            return Vec::new();
        }
    };
    let stamped = Stamped {
        signature_xml: file.bytes,
        signature_xml_path: file.path,
        seal_esl: file.seal.as_ref().map(|s| s.bytes),
        date_time: file.date_time.as_deref(),
    };
    let Context { trust, policy, at } = context;
    let used =
        check_signature(&signature, &stamped, trust.certificates(), policy, *at, subject, facts);
    let seal = format!("seal of {subject}");
    maker::check(&signature.seal, &seal, context, facts);
    if let Some(key) = status::key_of_seal(&signature.seal)
        && let Some(proof) = status::of(&key, None, &seal, context, facts)
    {
        status::seal(proof.value.as_deref(), used, &seal, facts);
    }
    Certificate::parse(&signature.signer_cert).into_iter().collect()
}
