//! Certificate requests (PKCS #10).

use der::{Any, Sequence, asn1::SetOfVec};
use rand_core::CryptoRng;
use yinxin_gm::sm2::PrivateKey;

use crate::{
    asn1::{Attribute, any, sign, to_der},
    certificate::split_signed,
    error::{Kind, PkiError},
    key::{PublicKeyInfo, spki_der},
    name::Name,
    pem,
    signature::{Algorithm, SignatureValue},
    subject::Subject,
    tlv::{Tlv, tag},
};

/// The largest request that is read, as a certificate's.
const MAX_BYTES: usize = crate::certificate::MAX_BYTES;

/// A certificate request; its signature is checked by [`Csr::verify`].
///
/// ```asn1
/// CertificationRequest ::= SEQUENCE { info CertificationRequestInfo, signatureAlgorithm AlgorithmIdentifier, signature BIT STRING }
/// CertificationRequestInfo ::= SEQUENCE { version INTEGER (0), subject Name, subjectPKInfo SubjectPublicKeyInfo, attributes [0] IMPLICIT SET OF Attribute }
/// ```
#[derive(Clone, Debug)]
pub struct Csr {
    raw: Vec<u8>,
    info: Vec<u8>,
    subject: Name,
    public_key: PublicKeyInfo,
    signature: SignatureValue,
}

#[derive(Sequence)]
struct Info {
    version: u8,
    subject: Any,
    key: Any,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", constructed = "true")]
    attributes: SetOfVec<Attribute>,
}

impl Csr {
    /// Asks for a certificate for this key, and proves its possession.
    ///
    /// # Errors
    /// [`PkiError::NameInvalid`] for an impossible subject, [`PkiError::SigningFailed`].
    pub fn make(
        subject: &Subject,
        key: &PrivateKey,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Self, PkiError> {
        let info = Info {
            version: 0,
            subject: any(subject.to_name()?.raw()),
            key: any(&spki_der(key.public_key())),
            attributes: SetOfVec::new(),
        };
        Self::parse(&sign(&to_der(&info), key, rng)?)
    }

    /// Reads a request, DER or PEM.
    ///
    /// # Errors
    /// [`PkiError`] when it cannot be read or its key is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, PkiError> {
        if pem::sniff(bytes).is_some() {
            let new = pem::first(bytes, pem::CSR)?;
            let der =
                new.map_or_else(|| pem::first(bytes, "NEW CERTIFICATE REQUEST"), |d| Ok(Some(d)))?;
            return Self::from_der(&der.ok_or(PkiError::NotFound { kind: Kind::Csr })?);
        }
        Self::from_der(bytes)
    }

    fn from_der(bytes: &[u8]) -> Result<Self, PkiError> {
        let malformed = PkiError::malformed(Kind::Csr);
        let whole = Tlv::parse(bytes, MAX_BYTES).map_err(&malformed)?;
        let (info, algorithm, value) = split_signed(&whole).map_err(&malformed)?;
        let mut fields = info.children().map_err(&malformed)?;
        fields.read(tag::INTEGER).and_then(|v| v.u64()).map_err(&malformed)?;
        let subject = fields.read(tag::SEQUENCE).map_err(&malformed)?;
        let key = fields.read(tag::SEQUENCE).map_err(&malformed)?;
        fields.optional(tag::context(0)).map_err(&malformed)?;
        fields.finish().map_err(&malformed)?;
        let mut deviations = Vec::new();
        Ok(Self {
            raw: bytes.to_vec(),
            info: info.raw().to_vec(),
            subject: Name::read(&subject, &mut deviations).map_err(&malformed)?,
            public_key: PublicKeyInfo::read(&key, &mut deviations)?,
            signature: SignatureValue {
                algorithm: Algorithm::read(&algorithm).map_err(&malformed)?,
                value: value.to_vec(),
            },
        })
    }

    /// Whether whoever asks holds the private key.
    ///
    /// # Errors
    /// [`PkiError::SignatureBad`].
    pub fn verify(&self) -> Result<(), PkiError> {
        let checked = self.signature.verify(&self.public_key, &self.info);
        checked.map(|_| ()).map_err(|_| PkiError::SignatureBad { kind: Kind::Csr })
    }

    /// All bytes as stored.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// Whom the certificate shall name.
    #[must_use]
    pub const fn subject(&self) -> &Name {
        &self.subject
    }

    /// The key it is asked for.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKeyInfo {
        &self.public_key
    }

    /// PEM, as files carry it.
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem::encode(pem::CSR, &self.raw)
    }
}
