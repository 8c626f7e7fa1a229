//! Verifying seals and signatures: every check is made and recorded, even when an earlier one failed.
//!
//! The letters are those of `specs/seal.md`: S1–S4 for a seal, G1–G9 for a signature (GB/T 38540 6 and 7, GM/T 0031-2014
//! 6.1.2 and 6.2.3, and what these leave open).

mod form;
mod maker;
mod moment;

use yinxin_gm::sm3;
use yinxin_pki::{Certificate, Pool, Question, TrustStore, Usage, oid, validate, verify_signature};
use yinxin_verdict::{Check, Fact, Facts, Policy, Reason, UnixTime};

use crate::{Seal, SealSignature};

/// Checks a seal as of a time: the signing time of a stamp, or now for a seal by itself.
///
/// `subject` names the seal in the facts, such as `seal of signature 1`.
pub fn check_seal(
    seal: &Seal,
    as_of: UnixTime,
    now: UnixTime,
    trust: &TrustStore,
    subject: &str,
    facts: &mut Facts,
) {
    describe(seal, subject, facts);
    form::seal(seal, subject, facts); // S1
    let maker = read_certificate(&seal.maker_cert, &format!("maker of {subject}"), facts);
    maker::signature(seal, maker.as_ref(), subject, facts); // S2
    maker::chain(seal, maker.as_ref(), as_of, now, trust, subject, facts); // S3
    validity(seal, as_of, subject, facts); // S4
    moment::token(seal.time_stamp.as_deref(), "a token over the seal", subject, facts); // G5
}

/// What a signature is checked against.
#[derive(Clone, Copy, Debug)]
#[allow(
    clippy::exhaustive_structs,
    reason = "callers fill it; a new question must be answered everywhere"
)]
pub struct Stamped<'a> {
    /// The bytes of Signature.xml, which `dataHash` binds.
    pub signature_xml: &'a [u8],
    /// Its path in the package, which `propertyInfo` names.
    pub signature_xml_path: &'a str,
    /// Seal.esl, when the package has one.
    pub seal_esl: Option<&'a [u8]>,
    /// `SignatureDateTime` as written.
    pub date_time: Option<&'a str>,
}

/// Checks a signature made with a seal, the seal included. Returns the time as of which it was judged.
///
/// `subject` names the signature in the facts, such as `signature 1`.
pub fn check_signature(
    signature: &SealSignature,
    stamped: &Stamped<'_>,
    trust: &TrustStore,
    policy: &Policy,
    now: UnixTime,
    subject: &str,
    facts: &mut Facts,
) -> UnixTime {
    let as_of = moment::best(signature, stamped.date_time, now);
    form::signature(signature, subject, facts); // G1
    let signer_subject = format!("signer of {subject}");
    let signer = read_certificate(&signature.signer_cert, &signer_subject, facts);
    value(signature, signer.as_ref(), subject, facts); // G2
    named(signature, subject, facts); // G3
    if let Some(signer) = &signer {
        let question = Question { usage: Usage::Sign, as_of, now, subject: &signer_subject };
        validate(signer, &Pool::new(), trust, &question, facts); // G4
    }
    moment::tokens(signature, subject, facts); // G5
    digest(signature, stamped.signature_xml, subject, facts); // G6
    scope(signature, stamped.signature_xml_path, subject, facts); // G6
    let seal_subject = format!("seal of {subject}");
    check_seal(&signature.seal, as_of, now, trust, &seal_subject, facts); // G7
    same_seal(&signature.seal, stamped.seal_esl, &seal_subject, facts); // G8
    moment::check(signature, stamped.date_time, policy, now, subject, facts); // G9
    as_of
}

fn describe(seal: &Seal, subject: &str, facts: &mut Facts) {
    let Seal { version, name, id, vendor, valid_from, valid_until, .. } = seal;
    facts.detail(subject, "seal", name.clone());
    facts.detail(subject, "seal-id", id.clone());
    facts.detail(subject, "standard", format!("{} ({})", version.name(), version.standard()));
    facts.detail(subject, "vendor", vendor.clone());
    facts.detail(subject, "seal-validity", format!("{valid_from} – {valid_until}"));
}

/// Reads a certificate that comes with a seal; its absence from later checks is a fact.
fn read_certificate(der: &[u8], subject: &str, facts: &mut Facts) -> Option<Certificate> {
    match Certificate::parse(der) {
        Ok(certificate) => Some(certificate),
        Err(error) => {
            let fact = Fact::fail(Check::CertFormat, subject, Reason::CertMalformed);
            facts.push(fact.found(error.to_string()));
            None
        }
    }
}

/// S4: the seal may be used at that time.
fn validity(seal: &Seal, as_of: UnixTime, subject: &str, facts: &mut Facts) {
    let Seal { created, valid_from, valid_until, .. } = seal;
    if as_of < *valid_from || as_of > *valid_until {
        facts.push(
            Fact::fail(Check::SealValidity, subject, Reason::SealExpired)
                .expected(format!("{valid_from} – {valid_until}"))
                .found(as_of.to_string()),
        );
    } else {
        facts.push(Fact::pass(Check::SealValidity, subject));
    }
    if created > &as_of {
        // Not grave by itself: vendors write local time under a Z, and validStart is what the standard asks about.
        facts.push(
            Fact::fail(Check::SealValidity, subject, Reason::Deviation)
                .found(format!("createDate {created} is after the signing time {as_of}")),
        );
    }
}

/// G2: the signature value over the stored `TBS_Sign`.
fn value(
    signature: &SealSignature,
    signer: Option<&Certificate>,
    subject: &str,
    facts: &mut Facts,
) {
    let SealSignature { algorithm, signature: value, .. } = signature;
    let Some(signer) = signer else {
        facts.check(Check::SignatureValue, subject, Err(Reason::CertMalformed));
        return;
    };
    match verify_signature(signer.public_key(), algorithm, signature.signed_bytes(), value) {
        Ok(deviations) => {
            facts.push(Fact::pass(Check::SignatureValue, subject));
            for deviation in deviations {
                let fact = Fact::fail(Check::SignatureValue, subject, Reason::Deviation);
                facts.push(fact.found(deviation.to_string()));
            }
        }
        Err(reason) => facts
            .push(Fact::fail(Check::SignatureValue, subject, reason).found(algorithm.to_string())),
    }
}

/// G3: the seal names the signer.
fn named(signature: &SealSignature, subject: &str, facts: &mut Facts) {
    match signature.seal.signers.names(&signature.signer_cert) {
        Ok(note) => {
            facts.push(Fact::pass(Check::SealSigner, subject));
            if let Some(note) = note {
                facts.push(Fact::fail(Check::SealSigner, subject, Reason::Deviation).found(note));
            }
        }
        Err(reason) => facts.push(
            Fact::fail(Check::SealSigner, subject, reason)
                .expected("the signer's certificate")
                .found(format!("{} other entries in certList", signature.seal.signers.len())),
        ),
    }
}

/// G6: `dataHash` is the digest of Signature.xml.
fn digest(signature: &SealSignature, xml: &[u8], subject: &str, facts: &mut Facts) {
    let hash = signature.data_hash.as_slice();
    let digest = sm3::digest(xml);
    let ours = [oid::SM2_WITH_SM3, oid::SM2_SIGN].contains(&signature.algorithm);
    let result = match hash.len() {
        _ if hash == digest.as_bytes() => Ok(()),
        // The standard pairs SM2 with SM3, RSA with SHA-1 or SHA-256.
        _ if ours => Err(Reason::DigestMismatch),
        16 | 20 => Err(Reason::AlgorithmWeak),
        _ => Err(Reason::AlgorithmUnknown),
    };
    facts.push(match result {
        Ok(()) => Fact::pass(Check::SignatureDigest, subject),
        Err(reason) => Fact::fail(Check::SignatureDigest, subject, reason)
            .expected(hex(hash))
            .found(digest.to_string()),
    });
}

/// G6: `propertyInfo` names the file that the value stands by.
fn scope(signature: &SealSignature, path: &str, subject: &str, facts: &mut Facts) {
    let info = &signature.property_info;
    if plain(info) == plain(path) {
        facts.push(Fact::pass(Check::SignatureScope, subject));
        if !info.starts_with('/') || info.contains("//") || info.contains('\\') {
            facts.push(
                Fact::fail(Check::SignatureScope, subject, Reason::Deviation)
                    .expected("an absolute path")
                    .found(info.clone()),
            );
        }
        return;
    }
    // v1 leaves propertyInfo to the vendor; only what looks like a path can name another file.
    let vendors_own = signature.version.shape().nested && !plain(info).contains('/');
    let reason = if vendors_own { Reason::Deviation } else { Reason::ScopeWrong };
    facts.push(
        Fact::fail(Check::SignatureScope, subject, reason)
            .expected(format!("/{}", plain(path)))
            .found(info.clone()),
    );
}

/// A path without what writers add: leading and doubled slashes, backslashes.
fn plain(path: &str) -> String {
    let path = path.replace('\\', "/");
    path.split('/').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
}

/// G8: Seal.esl is the seal inside the signature, byte for byte.
fn same_seal(seal: &Seal, esl: Option<&[u8]>, subject: &str, facts: &mut Facts) {
    let Some(esl) = esl else { return };
    facts.push(if esl == seal.as_bytes() {
        Fact::pass(Check::SealMatch, subject)
    } else {
        Fact::fail(Check::SealMatch, subject, Reason::SealMismatch)
            .expected(sm3::digest(seal.as_bytes()).to_string())
            .found(sm3::digest(esl).to_string())
    });
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
