//! What a certificate is for, and the extensions that say so.

use der::{
    Sequence,
    asn1::{Ia5StringRef, ObjectIdentifier, OctetString},
};

use super::{Template, key_identifier};
use crate::{
    asn1::{Extension, bits, octets},
    certificate::KeyUsage,
    error::{PkiError, Rule},
    oid,
};

/// What a certificate is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Profile {
    /// Issuing certificates and lists.
    Ca {
        /// How many further CAs may stand below it.
        path_len: Option<u8>,
    },
    /// Being encrypted to.
    Encryption,
    /// Making seals: signs as any signer does; that it may make seals stands on the ledger.
    Maker,
    /// A node: signs votes, and is both ends of TLS.
    Node,
    /// Signing documents, seals, records and messages.
    Signing,
    /// Signing time-stamps.
    TimeStamp,
    /// The encryption half of a TLCP party.
    TlcpEncryption,
    /// The signing half of a TLCP party.
    TlcpSigning,
}

impl Profile {
    /// The profile of this word, as the command line has it.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "ca" => Self::Ca { path_len: Some(0) },
            "encryption" => Self::Encryption,
            "maker" => Self::Maker,
            "node" => Self::Node,
            "signing" => Self::Signing,
            "time-stamp" => Self::TimeStamp,
            "tlcp-encryption" => Self::TlcpEncryption,
            "tlcp-signing" => Self::TlcpSigning,
            _ => return None,
        })
    }

    /// The words that [`Profile::from_word`] knows.
    pub const WORDS: [&'static str; 8] = [
        "ca",
        "encryption",
        "maker",
        "node",
        "signing",
        "time-stamp",
        "tlcp-encryption",
        "tlcp-signing",
    ];

    /// The key usage that GB/T 20518 asks for.
    #[must_use]
    pub const fn key_usage(self) -> KeyUsage {
        match self {
            Self::Ca { .. } => KeyUsage::KEY_CERT_SIGN.with(KeyUsage::CRL_SIGN),
            Self::Encryption | Self::TlcpEncryption => KeyUsage::KEY_ENCIPHERMENT
                .with(KeyUsage::DATA_ENCIPHERMENT)
                .with(KeyUsage::KEY_AGREEMENT),
            Self::Maker | Self::Node | Self::Signing | Self::TimeStamp | Self::TlcpSigning => {
                KeyUsage::DIGITAL_SIGNATURE.with(KeyUsage::NON_REPUDIATION)
            }
        }
    }

    fn extended_key_usage(self) -> Option<Extension> {
        let (critical, usages): (bool, Vec<ObjectIdentifier>) = match self {
            Self::Node | Self::TlcpSigning | Self::TlcpEncryption => {
                (false, vec![oid::EKU_SERVER, oid::EKU_CLIENT])
            }
            // RFC 3161 2.3: critical, and the only one.
            Self::TimeStamp => (true, vec![oid::EKU_TIME_STAMPING]),
            _ => return None,
        };
        Some(Extension::new(oid::EXT_KEY_USAGE, critical, &usages))
    }
}

/// `SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER OPTIONAL }`
#[derive(Sequence)]
struct BasicConstraints {
    #[asn1(default = "Default::default")]
    ca: bool,
    path_len: Option<u8>,
}

/// `SEQUENCE { keyIdentifier [0] IMPLICIT OCTET STRING }`
#[derive(Sequence)]
struct AuthorityKey {
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT")]
    identifier: OctetString,
}

pub(super) fn authority_key(identifier: &[u8]) -> Extension {
    Extension::new(
        oid::AUTHORITY_KEY_IDENTIFIER,
        false,
        &AuthorityKey { identifier: octets(identifier) },
    )
}

/// End-entity certificates have no basic constraints: leaving them out says CA:FALSE, writing the default would not be DER.
pub(super) fn extensions(
    template: &Template,
    issuer_id: &[u8],
) -> Result<Vec<Extension>, PkiError> {
    let Template { subject: _, key, profile, period: _, crl_uri, hosts } = template;
    let mut out = vec![
        authority_key(issuer_id),
        Extension::new(oid::SUBJECT_KEY_IDENTIFIER, false, &octets(&key_identifier(key))),
        key_usage(profile.key_usage()),
    ];
    out.extend(profile.extended_key_usage());
    if let Profile::Ca { path_len } = profile {
        let value = BasicConstraints { ca: true, path_len: *path_len };
        out.push(Extension::new(oid::BASIC_CONSTRAINTS, true, &value));
    }
    if !hosts.is_empty() {
        let names = hosts.iter().map(|h| context(2, h)).collect::<Result<Vec<_>, _>>()?;
        out.push(Extension {
            oid: oid::SUBJECT_ALT_NAME,
            critical: false,
            value: octets(&wrap(0x30, &names.concat())),
        });
    }
    if let Some(uri) = crl_uri {
        // DistributionPoint { distributionPoint [0] { fullName [0] { uniformResourceIdentifier [6] } } }
        let name = wrap(0xa0, &wrap(0xa0, &context(6, uri)?));
        let value = octets(&wrap(0x30, &wrap(0x30, &name)));
        out.push(Extension { oid: oid::CRL_POINTS, critical: false, value });
    }
    Ok(out)
}

fn key_usage(usage: KeyUsage) -> Extension {
    let [first, second] = usage.bits().to_be_bytes();
    debug_assert_eq!(second, 0, "decipherOnly, the only bit of the second octet, is never issued");
    let unused = u8::try_from(first.trailing_zeros()).expect("at most 8");
    Extension::new(oid::KEY_USAGE, true, &bits(&[first], unused))
}

/// A `GeneralName` that is an IA5String.
fn context(number: u8, text: &str) -> Result<Vec<u8>, PkiError> {
    let ascii = Ia5StringRef::new(text).ok().filter(|_| (1..=255).contains(&text.len()));
    let refuse = || PkiError::NameInvalid { value: text.to_owned(), should: Rule::AsciiText };
    Ok(wrap(0x80 | number, ascii.ok_or_else(refuse)?.as_bytes()))
}

/// A value under a tag that `der` has no type for.
fn wrap(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = der::Length::try_from(value.len()).expect("names of 255 characters");
    let mut out = vec![tag];
    out.extend(crate::asn1::to_der(&length));
    out.extend_from_slice(value);
    out
}
