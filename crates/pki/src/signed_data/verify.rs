//! Verifying signed messages.

use yinxin_gm::sm3;
use yinxin_verdict::{Check, Fact, Facts, Reason};

use super::{SignedData, SignerInfo};
use crate::{
    certificate::Certificate,
    deviation::Deviation,
    oid,
    signature::verify_signature,
    store::TrustStore,
    tlv::{Tlv, tag},
    validate::{Question, Usage, Validation, validate},
};

/// A signer of a message and what was found about its certificate.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Signer {
    /// The signer's certificate.
    pub certificate: Certificate,
    /// Its chain.
    pub validation: Validation,
}

impl SignedData {
    /// Checks the content, the signature value and the certificate of every signer, and records a fact for each.
    ///
    /// `detached` is the content that the message speaks of when it does not carry it. A message that carries the SM3 of `detached`,
    /// plain or in base64, speaks of it too. The question's usage is not asked: signing is.
    ///
    /// The checks are [`Check::MessageFormat`], [`Check::MessageDigest`], [`Check::MessageSignature`] and those of [`validate`].
    /// A message nobody signed fails with [`Reason::NotSigned`].
    pub fn verify(
        &self,
        detached: Option<&[u8]>,
        trust: &TrustStore,
        question: &Question<'_>,
        facts: &mut Facts,
    ) -> Vec<Signer> {
        let subject = question.subject;
        for deviation in self.deviations() {
            let told = Fact::fail(Check::MessageFormat, subject, Reason::Deviation);
            facts.push(told.found(deviation.to_string()));
        }
        if self.signers.is_empty() {
            facts.push(Fact::fail(Check::MessageSignature, subject, Reason::NotSigned));
            return Vec::new();
        }
        facts.push(Fact::pass(Check::MessageFormat, subject));
        let mut out = Vec::new();
        for (number, signer) in self.signers.iter().enumerate() {
            let label = match self.signers.len() {
                1 => subject.to_owned(),
                _ => format!("{subject}, signer {}", number + 1),
            };
            facts.push(self.check_content(signer, detached, &label));
            let Some(certificate) = self.find_certificate(signer, trust) else {
                let missing = Fact::fail(Check::CertChain, label.as_str(), Reason::UnknownAnchor);
                facts.push(
                    missing.expected(signer.issuer().to_string()).found("certificate not at hand"),
                );
                continue;
            };
            self.check_value(signer, detached, &certificate, &label, facts);
            if let Some(time) = signer.signing_time() {
                facts.detail(label.as_str(), "signing-time", time.to_string());
            }
            let question = Question { usage: Usage::Sign, subject: &label, ..*question };
            let validation = validate(&certificate, self.pool(), trust, &question, facts);
            out.push(Signer { certificate, validation });
        }
        out
    }

    fn find_certificate(&self, signer: &SignerInfo, trust: &TrustStore) -> Option<Certificate> {
        let own = self.certificate_of(signer);
        own.or_else(|| trust.certificates().find(|c| signer.is_of(c))).cloned()
    }

    /// Whether what is signed is this content.
    fn check_content(&self, signer: &SignerInfo, detached: Option<&[u8]>, label: &str) -> Fact {
        let fail = |reason| Fact::fail(Check::MessageDigest, label, reason);
        match weak_digest(&signer.digest_algorithm) {
            Some(reason) => return fail(reason).found(signer.digest_algorithm.to_string()),
            None if signer.attributes_raw.is_some() => {}
            None => return self.check_embedded(detached, label),
        }
        let stored = signer
            .attribute(&oid::MESSAGE_DIGEST)
            .and_then(|v| Some(Tlv::parse(v, 256).ok()?.octets().ok()?.to_vec()));
        let Some(stored) = stored else { return fail(Reason::DigestMissing) };
        if let Some(kind) = signer.attribute(&oid::CONTENT_TYPE)
            && Tlv::parse(kind, 256).and_then(|t| t.oid()) != Ok(self.content_type())
        {
            return fail(Reason::DigestMismatch).expected(self.content_type().to_string());
        }
        let both = [self.content(), detached];
        let Some(content) = both.into_iter().flatten().next() else {
            return fail(Reason::DigestMissing);
        };
        if sm3::digest(content).as_bytes().as_slice() != stored {
            return fail(Reason::DigestMismatch)
                .expected(hex(&stored))
                .found(sm3::digest(content).to_string());
        }
        match self.content() {
            Some(_) => self.check_embedded(detached, label),
            None => Fact::pass(Check::MessageDigest, label),
        }
    }

    /// Content inside the message must be the detached content, or its digest in one of the forms met in files.
    fn check_embedded(&self, detached: Option<&[u8]>, label: &str) -> Fact {
        match (self.content(), detached) {
            // Another message's attributes as this one's content: its signature would verify over them.
            (Some(content), _) if is_attributes(content) => {
                Fact::fail(Check::MessageDigest, label, Reason::DigestMismatch)
                    .found("attributes as content")
            }
            (None, None) => Fact::fail(Check::MessageDigest, label, Reason::DigestMissing),
            (Some(content), Some(outside)) if !speaks_of(content, outside) => {
                Fact::fail(Check::MessageDigest, label, Reason::DigestMismatch)
                    .expected(sm3::digest(outside).to_string())
            }
            _ => Fact::pass(Check::MessageDigest, label),
        }
    }

    fn check_value(
        &self,
        signer: &SignerInfo,
        detached: Option<&[u8]>,
        certificate: &Certificate,
        label: &str,
        facts: &mut Facts,
    ) {
        let content = || self.content().or(detached);
        let Some(signed) = signer.attributes_raw.as_deref().or_else(content) else {
            facts.push(Fact::fail(Check::MessageSignature, label, Reason::DigestMissing));
            return;
        };
        match verify_signature(
            certificate.public_key(),
            &signer.signature_algorithm,
            signed,
            signer.signature(),
        ) {
            Ok(deviations) => {
                facts.push(Fact::pass(Check::MessageSignature, label));
                for deviation in deviations
                    .iter()
                    .filter(|d| **d == Deviation::SignatureRaw || !self.deviations.contains(d))
                {
                    let told = Fact::fail(Check::MessageSignature, label, Reason::Deviation);
                    facts.push(told.found(deviation.to_string()));
                }
            }
            Err(reason) => facts.push(
                Fact::fail(Check::MessageSignature, label, reason)
                    .found(signer.signature_algorithm.to_string()),
            ),
        }
    }
}

/// Digests that are refused or not known; SM3 is used otherwise, whichever of its names stands there.
fn weak_digest(oid: &oid::ObjectIdentifier) -> Option<Reason> {
    match *oid {
        oid::SM3 | oid::SM3_WITHOUT_KEY => None,
        oid::MD5 | oid::SHA1 => Some(Reason::AlgorithmWeak),
        _ => Some(Reason::AlgorithmUnknown),
    }
}

fn speaks_of(content: &[u8], outside: &[u8]) -> bool {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let digest = sm3::digest(outside);
    content == outside
        || content == digest.as_bytes()
        || content.trim_ascii() == STANDARD.encode(digest.as_bytes()).as_bytes()
}

/// Whether content is a SET OF Attribute with a message digest in it.
fn is_attributes(content: &[u8]) -> bool {
    let read = || super::read_attributes(&Tlv::parse(content, content.len())?.expect(tag::SET)?);
    read().is_ok_and(|list| list.iter().any(|(oid, _)| *oid == oid::MESSAGE_DIGEST))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().take(64).fold(String::new(), |s, b| s + &format!("{b:02x}"))
}
