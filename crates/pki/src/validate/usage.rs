//! What certificates are used for.

use yinxin_verdict::Reason;

use crate::{
    certificate::{Certificate, KeyUsage},
    oid::{self, ObjectIdentifier},
};

/// A use that a certificate must allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Usage {
    /// Any at all: only the chain matters.
    Any,
    /// Signing certificates.
    CertSign,
    /// Signing revocation lists.
    CrlSign,
    /// Being encrypted to: key or data encipherment, or key agreement.
    Encrypt,
    /// Signing documents, seals, records, messages: digital signature or non-repudiation.
    Sign,
    /// Signing time-stamp tokens.
    TimeStamp,
    /// Being a TLS or TLCP client.
    TlsClient,
    /// Being a TLS or TLCP server.
    TlsServer,
}

impl Usage {
    const fn key_usage(self) -> Option<KeyUsage> {
        let signing = KeyUsage::DIGITAL_SIGNATURE.with(KeyUsage::NON_REPUDIATION);
        let encryption = KeyUsage::KEY_ENCIPHERMENT
            .with(KeyUsage::DATA_ENCIPHERMENT)
            .with(KeyUsage::KEY_AGREEMENT);
        match self {
            Self::Any => None,
            Self::CertSign => Some(KeyUsage::KEY_CERT_SIGN),
            Self::CrlSign => Some(KeyUsage::CRL_SIGN),
            Self::Encrypt => Some(encryption),
            Self::Sign | Self::TimeStamp => Some(signing),
            // TLCP has one certificate for signing and one for encryption; either belongs to a party of TLS.
            Self::TlsClient | Self::TlsServer => Some(signing.with(encryption)),
        }
    }

    /// The extended usage that must stand there if any does.
    const fn extended(self) -> Option<ObjectIdentifier> {
        match self {
            Self::TimeStamp => Some(oid::EKU_TIME_STAMPING),
            Self::TlsClient => Some(oid::EKU_CLIENT),
            Self::TlsServer => Some(oid::EKU_SERVER),
            _ => None,
        }
    }

    /// Whether a certificate allows this use; if not, what was expected and what stands there.
    pub(super) fn check(self, certificate: &Certificate) -> Result<(), (Reason, String, String)> {
        if let (Some(needed), Some(has)) = (self.key_usage(), certificate.key_usage())
            && !has.allows_any(needed)
        {
            return Err((Reason::CertUsageWrong, needed.to_string(), has.to_string()));
        }
        if self == Self::CertSign && !certificate.is_ca() {
            return Err((Reason::CertUsageWrong, "CA:TRUE".into(), "CA:FALSE".into()));
        }
        self.check_extended(certificate)
    }

    fn check_extended(self, certificate: &Certificate) -> Result<(), (Reason, String, String)> {
        let listed = certificate.extended_key_usage();
        let dotted = || {
            listed
                .unwrap_or_default()
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", ")
        };
        match (self, self.extended(), listed) {
            // RFC 3161 2.3: a time-stamping certificate says so.
            (Self::TimeStamp, Some(needed), None) => {
                Err((Reason::CertUsageWrong, needed.to_string(), "none".into()))
            }
            (_, Some(needed), Some(listed))
                if !listed.iter().any(|o| [needed, oid::EKU_ANY].contains(o)) =>
            {
                Err((Reason::CertUsageWrong, needed.to_string(), dotted()))
            }
            // A key that is set apart for stamps or status answers should sign no documents. The GB/T texts ask about key usage
            // only, and a real seal maker has such a certificate: not wrong for sure, so policy decides.
            (Self::Sign, _, Some(listed))
                if listed
                    .iter()
                    .all(|o| [oid::EKU_TIME_STAMPING, oid::EKU_OCSP_SIGNING].contains(o)) =>
            {
                Err((Reason::CertPurposeOther, "no special purpose".into(), dotted()))
            }
            _ => Ok(()),
        }
    }
}
