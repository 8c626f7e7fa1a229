//! A call as it travels: what is asked, by whom, and the caller's signature.

use rand_core::CryptoRng;
use yinxin_gm::{
    Digest,
    sm2::{DEFAULT_ID, PrivateKey, Signature},
    sm3,
};
use yinxin_merkle::wire::{Reader, Wire, WireError, Writer};
use yinxin_pki::Certificate;
use yinxin_record::{FieldSet, OrganisationCode, Purpose, ResourceCode};
use yinxin_verdict::UnixTime;

use crate::{Error, access::Call, access::line};

const DOMAIN: &str = "yinxin/access-call/1";
/// The longest certificate in a call: a department's has some 700 octets, one with a long chain of policies a few thousand.
const MAX_CERTIFICATE: usize = 8192;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "whoever asks must fill every field")]
pub struct Ask {
    /// On which ledger the grant stands.
    pub chain_id: Digest,
    /// Who shall answer: no other server takes the call.
    pub server: OrganisationCode,
    /// Under which grant.
    pub grant: Digest,
    /// Data of which resource.
    pub resource: ResourceCode,
    /// For which purpose.
    pub purpose: Purpose,
    /// Which fields.
    pub fields: FieldSet,
    /// Whose data: pseudonyms, rising, at most 64; all that the grant allows if there are none.
    pub subjects: Vec<Digest>,
    /// How many rows are passed over first.
    pub skip: u64,
    /// At most how many rows; 0 for all that there are, or none if they are more than the grant still allows.
    pub rows: u64,
}

/// A call that its caller signed.
///
/// ```asn1
/// SignedCall ::= SEQUENCE { tbs AccessCall, signature OCTET STRING (SIZE (64)) }
/// AccessCall ::= SEQUENCE {
///   domain UTF8String ("yinxin/access-call/1"), chainId OCTET STRING (SIZE (32)), server UTF8String, caller UTF8String,
///   certificate OCTET STRING (SIZE (1..8192)), signedAt INTEGER, nonce OCTET STRING (SIZE (16)),     -- ms since 1970
///   grant OCTET STRING (SIZE (32)), resource UTF8String, purpose UTF8String, fields OCTET STRING (SIZE (0..256)),
///   subjects SEQUENCE SIZE (0..64) OF OCTET STRING (SIZE (32)), skip INTEGER, rows INTEGER }               -- 0: all
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCall {
    ask: Ask,
    caller: OrganisationCode,
    certificate: Vec<u8>,
    signed_at: UnixTime,
    nonce: [u8; 16],
    signature: [u8; 64],
}

impl SignedCall {
    /// Signs a call; its nonce makes it another one than any before.
    ///
    /// # Errors
    /// [`Error::ValueBad`] when the certificate names no organisation, [`Error::SigningFailed`].
    pub fn sign(
        ask: Ask,
        certificate: &Certificate,
        key: &PrivateKey,
        now: UnixTime,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Self, Error> {
        let code = certificate.organisation_code().unwrap_or_default();
        let caller = OrganisationCode::new(code).map_err(|_| Error::ValueBad {
            what: "code in the certificate",
            found: code.to_owned(),
        })?;
        let mut nonce = [0; 16];
        rng.fill_bytes(&mut nonce);
        let certificate = certificate.raw().to_vec();
        let mut call = Self { ask, caller, certificate, signed_at: now, nonce, signature: [0; 64] };
        let signature = key.sign(DEFAULT_ID, &call.sign_bytes(), rng);
        call.signature = signature.map_err(|_| Error::SigningFailed)?.to_raw();
        Ok(call)
    }

    /// What is asked for.
    #[must_use]
    pub const fn ask(&self) -> &Ask {
        &self.ask
    }

    /// Who says to call.
    #[must_use]
    pub const fn caller(&self) -> &OrganisationCode {
        &self.caller
    }

    /// SM3 of what is signed: no second call has the same.
    #[must_use]
    pub fn id(&self) -> Digest {
        sm3::digest(&self.sign_bytes())
    }

    /// As the guard looks at it.
    #[must_use]
    pub fn call(&self) -> Call {
        let Ask { grant, resource, purpose, fields, subjects, .. } = self.ask.clone();
        let (id, caller, signed_at) = (self.id(), self.caller.clone(), self.signed_at);
        Call { id, signed_at, caller, grant, resource, purpose, fields, subjects }
    }

    /// The caller's certificate, once it names the caller and its key made the signature. That it holds is for `yinxin_pki` to say,
    /// that its key is the caller's now, for the ledger.
    ///
    /// # Errors
    /// [`Error::SignatureBad`].
    pub fn verify(&self) -> Result<Certificate, Error> {
        let bad = || Error::SignatureBad { what: "access call" };
        let certificate = Certificate::parse(&self.certificate).map_err(|_| bad())?;
        let key = certificate.sm2_key().ok_or_else(bad)?;
        let signature = Signature::from_raw(&self.signature).map_err(|_| bad())?;
        key.verify(DEFAULT_ID, &self.sign_bytes(), &signature).map_err(|_| bad())?;
        if certificate.organisation_code() != Some(self.caller.as_str()) {
            return Err(bad());
        }
        Ok(certificate)
    }

    fn sign_bytes(&self) -> Vec<u8> {
        let mut out = Writer::new();
        self.write_tbs(&mut out);
        out.into_vec()
    }

    fn write_tbs(&self, out: &mut Writer) {
        let Self { ask, caller, certificate, signed_at, nonce, signature: _ } = self;
        let Ask { chain_id, server, grant, resource, purpose, fields, subjects, skip, rows } = ask;
        out.sequence(|out| {
            out.text(DOMAIN);
            out.digest(chain_id);
            out.text(server.as_str());
            out.text(caller.as_str());
            out.octets(certificate);
            out.int(signed_at.as_millis());
            out.octets(nonce);
            out.digest(grant);
            out.text(resource.as_str());
            out.text(purpose.as_str());
            out.octets(&fields.iter().collect::<Vec<u8>>());
            out.list(subjects, |out, subject| out.digest(subject));
            out.uint(*skip);
            out.uint(*rows);
        });
    }
}

impl Wire for SignedCall {
    const NAME: &'static str = "access call";
    /// Its certificate, 64 pseudonyms and 256 fields.
    const MAX_LEN: usize = MAX_CERTIFICATE + 4096;

    fn write(&self, out: &mut Writer) {
        out.sequence(|out| {
            self.write_tbs(out);
            out.octets(&self.signature);
        });
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
        let code = |input: &mut Reader<'_>, what| {
            OrganisationCode::new(input.text(what, 18, 18)?).map_err(|_| WireError::Value(what))
        };
        input.sequence(Self::NAME, |input| {
            let mut call = input.sequence("tbs", |input| {
                if input.text("domain", 1, 64)? != DOMAIN {
                    return Err(WireError::Value("domain"));
                }
                let chain_id = input.digest("chain id")?;
                let (server, caller) = (code(input, "server")?, code(input, "caller")?);
                let certificate = input.octets("certificate", 1, MAX_CERTIFICATE)?.to_vec();
                let signed_at = line::time(input, "signed at")?;
                let nonce = input.array("nonce")?;
                let grant = input.digest("grant")?;
                let resource = line::resource(input)?;
                let purpose = Purpose::new(input.text("purpose", 1, 64)?)
                    .map_err(|_| WireError::Value("purpose"))?;
                let (fields, subjects) = (line::fields(input)?, line::subjects(input)?);
                let (skip, rows) = (input.uint("skip")?, input.uint("rows")?);
                let ask = Ask {
                    chain_id,
                    server,
                    grant,
                    resource,
                    purpose,
                    fields,
                    subjects,
                    skip,
                    rows,
                };
                Ok(Self { ask, caller, certificate, signed_at, nonce, signature: [0; 64] })
            })?;
            call.signature = input.array("signature")?;
            Ok(call)
        })
    }
}
