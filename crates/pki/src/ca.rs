//! Issuing certificates and revocation lists by the profile of GB/T 20518 (specs/pki.md).

mod crl;
mod profile;

use der::{Any, Sequence, asn1::Uint};
use rand_core::CryptoRng;
use yinxin_gm::{
    sm2::{PrivateKey, PublicKey},
    sm3,
};
use yinxin_verdict::UnixTime;

pub use crl::{CrlTemplate, Revoked};
pub use profile::Profile;

use crate::{
    asn1::{Algorithm, Extension, any, sign, signature_algorithm, to_der, uint},
    certificate::{Certificate, KeyUsage},
    csr::Csr,
    error::{PkiError, Rule},
    key::spki_der,
    name::Name,
    time,
};

/// The instants between which a certificate shall be valid, both included; whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "two instants")]
pub struct Period {
    /// The first.
    pub not_before: UnixTime,
    /// The last.
    pub not_after: UnixTime,
}

impl Period {
    /// From an instant on, for a number of days.
    #[must_use]
    pub fn days(from: UnixTime, days: u32) -> Self {
        let not_before = from.floor_to_second();
        Self { not_before, not_after: not_before.plus_millis(i64::from(days) * 86_400_000) }
    }
}

/// A certificate to be issued.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Template {
    /// Whom it names.
    pub subject: Name,
    /// The key it is for.
    pub key: PublicKey,
    /// What it is for.
    pub profile: Profile,
    /// When it is valid.
    pub period: Period,
    /// Where the issuer's revocation list will be published, if anywhere.
    pub crl_uri: Option<String>,
    /// Host names, for servers.
    pub hosts: Vec<String>,
}

impl Template {
    /// For a key.
    #[must_use]
    pub const fn new(subject: Name, key: PublicKey, profile: Profile, period: Period) -> Self {
        Self { subject, key, profile, period, crl_uri: None, hosts: Vec::new() }
    }

    /// What a request asks for; its signature is checked.
    ///
    /// # Errors
    /// [`PkiError::SignatureBad`], [`PkiError::PublicKeyInvalid`] for a key that is not SM2's, [`PkiError::NameInvalid`] for an
    /// empty subject.
    pub fn from_csr(csr: &Csr, profile: Profile, period: Period) -> Result<Self, PkiError> {
        csr.verify()?;
        let key = csr.public_key().sm2().ok_or(PkiError::PublicKeyInvalid)?;
        if csr.subject().is_empty() {
            return Err(PkiError::NameInvalid { value: String::new(), should: Rule::NotEmpty });
        }
        Ok(Self::new(csr.subject().clone(), *key, profile, period))
    }
}

/// A certificate that may issue others, with its key.
#[derive(Clone, Copy)]
pub struct Ca<'a> {
    certificate: &'a Certificate,
    key: &'a PrivateKey,
}

/// Makes the certificate of a root.
///
/// # Errors
/// [`PkiError::ImpossiblePeriod`], [`PkiError::SigningFailed`].
pub fn self_signed(
    subject: Name,
    key: &PrivateKey,
    period: Period,
    path_len: Option<u8>,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<Certificate, PkiError> {
    let profile = Profile::Ca { path_len };
    let template = Template::new(subject.clone(), *key.public_key(), profile, period);
    let own_id = key_identifier(key.public_key());
    build(&template, &subject, &own_id, key, rng)
}

impl<'a> Ca<'a> {
    /// Puts a CA's certificate and key together.
    ///
    /// # Errors
    /// [`PkiError::NotAnIssuer`] when the certificate may not issue, [`PkiError::KeyMismatch`] when the key is another's.
    pub fn new(certificate: &'a Certificate, key: &'a PrivateKey) -> Result<Self, PkiError> {
        let may_sign =
            certificate.key_usage().is_some_and(|u| u.allows_any(KeyUsage::KEY_CERT_SIGN));
        if !certificate.is_ca() || !may_sign {
            return Err(PkiError::NotAnIssuer);
        }
        if certificate.sm2_key() != Some(key.public_key()) {
            return Err(PkiError::KeyMismatch);
        }
        Ok(Self { certificate, key })
    }

    /// The CA's own certificate.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate {
        self.certificate
    }

    /// Issues a certificate.
    ///
    /// # Errors
    /// [`PkiError::ImpossiblePeriod`] beyond the CA's own period, [`PkiError::NotAnIssuer`] for a CA below one that may have none.
    pub fn issue(
        &self,
        template: &Template,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Certificate, PkiError> {
        let Period { not_before, not_after } = template.period;
        if not_before < self.certificate.not_before() || not_after > self.certificate.not_after() {
            return Err(PkiError::ImpossiblePeriod { not_before, not_after });
        }
        let room = self.certificate.basic_constraints().and_then(|b| b.path_len);
        if let (Profile::Ca { path_len }, Some(room)) = (template.profile, room)
            && (room == 0 || path_len.is_none_or(|n| u64::from(n) >= room))
        {
            return Err(PkiError::NotAnIssuer);
        }
        let issuer_id = self.certificate.subject_key_identifier();
        let issuer_id =
            issuer_id.map_or_else(|| key_identifier(self.key.public_key()), <[u8]>::to_vec);
        build(template, self.certificate.subject(), &issuer_id, self.key, rng)
    }
}

/// ```asn1
/// TBSCertificate ::= SEQUENCE {
///   version [0] EXPLICIT INTEGER (2), serialNumber INTEGER, signature AlgorithmIdentifier, issuer Name, validity Validity,
///   subject Name, subjectPublicKeyInfo SubjectPublicKeyInfo, extensions [3] EXPLICIT Extensions }
/// ```
#[derive(Sequence)]
struct TbsCertificate {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    version: u8,
    serial: Uint,
    algorithm: Algorithm,
    issuer: Any,
    validity: Validity,
    subject: Any,
    key: Any,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT")]
    extensions: Vec<Extension>,
}

#[derive(Sequence)]
struct Validity {
    not_before: Any,
    not_after: Any,
}

fn build(
    template: &Template,
    issuer: &Name,
    issuer_id: &[u8],
    key: &PrivateKey,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<Certificate, PkiError> {
    let Period { not_before, not_after } = template.period;
    if not_after < not_before {
        return Err(PkiError::ImpossiblePeriod { not_before, not_after });
    }
    let tbs = TbsCertificate {
        version: 2,
        serial: random_serial(rng),
        algorithm: signature_algorithm(),
        issuer: any(issuer.raw()),
        validity: Validity {
            not_before: any(&time::encode(not_before)),
            not_after: any(&time::encode(not_after)),
        },
        subject: any(template.subject.raw()),
        key: any(&spki_der(&template.key)),
        extensions: profile::extensions(template, issuer_id)?,
    };
    Certificate::parse_strict(&sign(&to_der(&tbs), key, rng)?)
}

/// 127 random bits: unpredictable (CA/B asks for 64), never negative, always 16 octets.
fn random_serial(rng: &mut (impl CryptoRng + ?Sized)) -> Uint {
    let mut octets = [0; 16];
    rng.fill_bytes(&mut octets);
    octets[0] = (octets[0] & 0x7f) | 0x40;
    uint(&octets)
}

/// The leftmost 160 bits of SM3 over the key's octets, as RFC 7093 does it with SHA-256.
pub(crate) fn key_identifier(key: &PublicKey) -> Vec<u8> {
    sm3::digest(&key.to_sec1()).as_bytes()[..20].to_vec()
}
