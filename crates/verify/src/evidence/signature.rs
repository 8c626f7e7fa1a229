//! Who answers for a package.

use rand_core::CryptoRng;
use yinxin_gm::{
    Digest,
    sm2::{DEFAULT_ID, PrivateKey, Signature},
    sm3,
};
use yinxin_merkle::wire::{Reader, Writer};
use yinxin_pki::{Certificate, PkiError, Pool, Question, Usage, validate};
use yinxin_receipt::{MAX_CERTIFICATE, Wire, WireError};
use yinxin_verdict::{Check, Fact, Facts, Outcome, Reason, UnixTime};

use super::{Evidence, MANIFEST, SIGNATURE};
use crate::Context;

const DOMAIN: &str = "yinxin/evidence-signature/1";
const SUBJECT: &str = "maker";

/// A signature over a package's list, which has the digest of every other file.
///
/// ```asn1
/// EvidenceSignature ::= SEQUENCE {
///   tbs SEQUENCE {
///     domain UTF8String ("yinxin/evidence-signature/1"), manifest OCTET STRING (SIZE (32)),  -- SM3 of manifest.json
///     certificate OCTET STRING (SIZE (32)), time INTEGER },                                  -- SM3; ms since 1970
///   certificate OCTET STRING (SIZE (1..4096)), signature OCTET STRING (SIZE (64)) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceSignature {
    manifest: Digest,
    time: UnixTime,
    certificate: Vec<u8>,
    signature: [u8; 64],
}

impl EvidenceSignature {
    pub(super) fn make(
        manifest: Digest,
        key: &PrivateKey,
        certificate: &Certificate,
        time: UnixTime,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Self, PkiError> {
        if certificate.sm2_key() != Some(key.public_key()) {
            return Err(PkiError::KeyMismatch);
        }
        let certificate = certificate.raw().to_vec();
        let unsigned = Self { manifest, time, certificate, signature: [0; 64] };
        let signature = key.sign(DEFAULT_ID, &unsigned.sign_bytes(), rng);
        let signature = signature.map_err(|_| PkiError::SigningFailed)?.to_raw();
        Ok(Self { signature, ..unsigned })
    }

    /// SM3 of the list that is signed.
    #[must_use]
    pub const fn manifest(&self) -> Digest {
        self.manifest
    }

    /// When the maker says that it signed.
    #[must_use]
    pub const fn time(&self) -> UnixTime {
        self.time
    }

    fn holds(&self, certificate: &Certificate) -> bool {
        let (Some(key), Ok(signature)) =
            (certificate.sm2_key(), Signature::from_raw(&self.signature))
        else {
            return false;
        };
        key.verify(DEFAULT_ID, &self.sign_bytes(), &signature).is_ok()
    }

    fn sign_bytes(&self) -> Vec<u8> {
        let mut out = Writer::new();
        self.write_tbs(&mut out);
        out.into_vec()
    }

    fn write_tbs(&self, out: &mut Writer) {
        let Self { manifest, time, certificate, signature: _ } = self;
        out.sequence(|out| {
            out.text(DOMAIN);
            out.digest(manifest);
            out.digest(&sm3::digest(certificate));
            out.int(time.as_millis());
        });
    }
}

impl Wire for EvidenceSignature {
    const NAME: &'static str = "evidence signature";
    const MAX_LEN: usize = MAX_CERTIFICATE + 256;

    fn write(&self, out: &mut Writer) {
        out.sequence(|out| {
            self.write_tbs(out);
            out.octets(&self.certificate);
            out.octets(&self.signature);
        });
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
        input.sequence(Self::NAME, |input| {
            // That the digest is the certificate's is checked by writing it again.
            let (manifest, time) = input.sequence("signed part", |input| {
                if input.text("domain", 1, 64)? != DOMAIN {
                    return Err(WireError::Value("domain"));
                }
                let manifest = input.digest("manifest")?;
                input.digest("certificate digest")?;
                let time = UnixTime::from_millis(input.int("time")?);
                Ok((manifest, time.map_err(|_| WireError::Value("time"))?))
            })?;
            let certificate = input.octets("certificate", 1, MAX_CERTIFICATE)?.to_vec();
            Ok(Self { manifest, time, certificate, signature: input.array("signature")? })
        })
    }
}

/// Records who made the package, and whether its list is the one that was signed: then what the list says is its maker's word.
pub(super) fn check(package: &Evidence, context: &Context<'_>, facts: &mut Facts) -> bool {
    let maker = Check::EvidenceMaker;
    let Some(der) = package.files.get(SIGNATURE) else {
        facts.detail(SUBJECT, "signed", "false");
        facts.push(Fact::fail(maker, SUBJECT, Reason::EvidenceUnsigned));
        return false;
    };
    facts.detail(SUBJECT, "signed", "true");
    let malformed = |found: String| Fact::fail(maker, SUBJECT, Reason::Malformed).found(found);
    let signature = match EvidenceSignature::from_der(der) {
        Ok(signature) => signature,
        Err(error) => {
            facts.push(malformed(error.to_string()));
            return false;
        }
    };
    let certificate = match Certificate::parse(&signature.certificate) {
        Ok(certificate) => certificate,
        Err(error) => {
            facts.push(malformed(error.to_string()));
            return false;
        }
    };
    let found = sm3::digest(package.files.get(MANIFEST).map_or(&[], Vec::as_slice));
    let fact = if !signature.holds(&certificate) {
        Fact::fail(maker, SUBJECT, Reason::SignatureBad)
    } else if signature.manifest != found {
        let expected = signature.manifest.to_string();
        Fact::fail(maker, SUBJECT, Reason::DigestMismatch)
            .expected(expected)
            .found(found.to_string())
    } else {
        Fact::pass(maker, SUBJECT)
    };
    let holds = fact.outcome == Outcome::Pass;
    facts.push(fact);
    let Context { trust, policy, at } = context;
    let time = signature.time;
    let latest = at.plus_millis(i64::from(policy.clock_skew_secs) * 1000);
    let reason =
        if time > latest { Reason::SigningTimeFuture } else { Reason::SigningTimeUnproven };
    facts.push(Fact::fail(Check::SignatureTime, SUBJECT, reason).found(time.to_string()));
    let question = Question { usage: Usage::Sign, as_of: time, now: *at, subject: SUBJECT };
    validate(&certificate, &Pool::new(), trust.certificates(), &question, facts);
    holds
}
