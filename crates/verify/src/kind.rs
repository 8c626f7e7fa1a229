//! What a file is, by its bytes alone.

use yinxin_credit::view::{TAKEN_DOMAIN, VIEW_DOMAIN};
use yinxin_pki::{
    oid, pem,
    tlv::{Tlv, TlvError, tag},
};
use yinxin_receipt::{CHECKPOINT_DOMAIN, GENESIS_DOMAIN};
use yinxin_record::RECORD_DOMAIN;

use crate::EVIDENCE_DOMAIN;

/// What a file turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A certificate, DER or PEM.
    Certificate,
    /// A ledger's checkpoint.
    Checkpoint,
    /// A view of a subject's credit.
    CreditView,
    /// A certificate revocation list, DER or PEM.
    Crl,
    /// A package of evidence of where data came from.
    Evidence,
    /// A ledger's genesis.
    Genesis,
    /// An OFD document (GB/T 33190).
    Ofd,
    /// A ledger receipt.
    Receipt,
    /// A ledger record.
    Record,
    /// An e-seal (SESeal).
    Seal,
    /// A signature made with a seal (SES_Signature).
    SealSignature,
    /// A signed message (GB/T 35275).
    SignedMessage,
    /// A proof of status on the ledger.
    StatusProof,
    /// None of these.
    Unknown,
}

impl Kind {
    /// Its stable name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Certificate => "certificate",
            Self::Checkpoint => "checkpoint",
            Self::CreditView => "credit-view",
            Self::Crl => "crl",
            Self::Evidence => "evidence",
            Self::Genesis => "genesis",
            Self::Ofd => "ofd",
            Self::Receipt => "receipt",
            Self::Record => "record",
            Self::Seal => "seal",
            Self::SealSignature => "seal-signature",
            Self::SignedMessage => "signed-message",
            Self::StatusProof => "status-proof",
            Self::Unknown => "unknown",
        }
    }
}

/// Tells what a file is, by its bytes alone: its name does not matter. It may still turn out to be malformed.
#[must_use]
pub fn sniff(bytes: &[u8]) -> Kind {
    // Any ZIP is taken for an OFD, an empty or spanned one too: the package reader says what is wrong with it.
    if bytes.starts_with(b"PK") {
        return Kind::Ofd;
    }
    if let Some(kind) = text(bytes) {
        return kind;
    }
    structure(bytes).unwrap_or(Kind::Unknown)
}

/// PEM says what it holds.
fn text(bytes: &[u8]) -> Option<Kind> {
    let text = std::str::from_utf8(bytes).ok().filter(|t| t.contains("-----BEGIN "))?;
    let block = pem::blocks(text).ok()?.into_iter().next()?;
    Some(match block.label.as_str() {
        pem::CERTIFICATE => Kind::Certificate,
        pem::CRL => Kind::Crl,
        pem::PKCS7 => Kind::SignedMessage,
        _ => Kind::Unknown,
    })
}

/// How deep the shapes below go, and how many bytes are looked at: all of them, as every length must fit.
fn structure(bytes: &[u8]) -> Result<Kind, TlvError> {
    // Bytes after the structure are the readers' business: each says what it makes of them.
    let mut outer = yinxin_pki::tlv::Reader::new(bytes).any()?.children()?;
    let first = outer.any()?;
    Ok(match first.tag() {
        // ContentInfo: the type's name comes first.
        tag::OID if [oid::GM_SIGNED_DATA, oid::PKCS7_SIGNED_DATA].contains(&first.oid()?) => {
            Kind::SignedMessage
        }
        // Receipt and StatusProof begin with their version; a proof's key is followed by no number.
        tag::INTEGER => match (outer.any()?.tag(), outer.any()?.tag()) {
            (0xa0, _) | (tag::OCTET_STRING, tag::INTEGER) => Kind::Receipt,
            (tag::OCTET_STRING, _) => Kind::StatusProof,
            _ => Kind::Unknown,
        },
        tag::UTF8_STRING
            if [VIEW_DOMAIN, TAKEN_DOMAIN].map(Some).contains(&first.text().as_deref()) =>
        {
            Kind::CreditView
        }
        tag::SEQUENCE => nested(first, &mut outer)?,
        _ => Kind::Unknown,
    })
}

fn nested(body: Tlv<'_>, rest: &mut yinxin_pki::tlv::Reader<'_>) -> Result<Kind, TlvError> {
    let mut fields = body.children()?;
    let first = fields.any()?;
    Ok(match first.tag() {
        tag::UTF8_STRING => match first.text().as_deref() {
            Some(GENESIS_DOMAIN) => Kind::Genesis,
            Some(CHECKPOINT_DOMAIN) => Kind::Checkpoint,
            Some(EVIDENCE_DOMAIN) => Kind::Evidence,
            Some(RECORD_DOMAIN) => Kind::Record,
            _ => Kind::Unknown,
        },
        // [0] version: a certificate.
        0xa0 => Kind::Certificate,
        // SES_SealInfo begins with its header; a v1 CRL, without version, with an algorithm's name.
        tag::SEQUENCE => {
            let inner = first.children()?.any()?;
            if inner.tag() == tag::IA5_STRING { Kind::Seal } else { Kind::Crl }
        }
        tag::INTEGER => {
            // TBS_Sign: version, then the seal, whose first field is a SEQUENCE itself. A v2 CRL and a v1 certificate:
            // a number, then an algorithm's name.
            let second = fields.any()?;
            let inside = second.children()?.any()?.tag();
            if inside == tag::SEQUENCE {
                Kind::SealSignature
            } else if first.u64() == Ok(1)
                && second.tag() == tag::SEQUENCE
                && rest.peek() == Some(tag::SEQUENCE)
            {
                crl_or_certificate(&mut fields)
            } else {
                Kind::Certificate
            }
        }
        _ => Kind::Unknown,
    })
}

/// After number, algorithm and issuer, a CRL has a time and a certificate a period.
fn crl_or_certificate(fields: &mut yinxin_pki::tlv::Reader<'_>) -> Kind {
    match (fields.any(), fields.peek()) {
        (Ok(_), Some(tag::UTC_TIME | tag::GENERALIZED_TIME)) => Kind::Crl,
        _ => Kind::Certificate,
    }
}
