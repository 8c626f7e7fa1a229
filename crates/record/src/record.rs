//! The record: an act, who does it, and one signature.

use rand_core::CryptoRng;
use yinxin_gm::{
    Digest,
    sm2::{DEFAULT_ID, KeyCache, PrivateKey, PublicKey, Signature},
    sm3,
};
use yinxin_merkle::wire::{Reader, Wire, WireError, Writer};

use crate::{
    Act, BusinessKey, Error, OrganisationCode,
    asn::{Field, MAX_LEN},
};

/// What a record's sign-bytes begin with, so that no other signature of ours can be one.
pub const RECORD_DOMAIN: &str = "yinxin/record/1";

/// The to-be-signed part of a record. Its SM3 is the record's id.
///
/// ```asn1
/// TbsRecord ::= SEQUENCE {
///     domain          UTF8String ("yinxin/record/1"),
///     chainId         OCTET STRING (SIZE(32)),
///     organisation    UTF8String (SIZE(18)),
///     signer          OCTET STRING (SIZE(32)),         -- SM3 of the signing key, 04 ‖ X ‖ Y
///     businessKey     OCTET STRING (SIZE(1..64)),
///     lastValidHeight INTEGER,
///     act             Act }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tbs {
    /// The ledger it is meant for.
    pub chain_id: Digest,
    /// Who acts.
    pub organisation: OrganisationCode,
    /// Which of its keys signs: [`key_id`] of it.
    pub signer: Digest,
    /// What the organisation calls this piece of business: unique, so that nothing happens twice.
    pub business_key: BusinessKey,
    /// The last height at which it may be committed.
    pub last_valid_height: u64,
    /// What happens.
    pub act: Act,
}

/// What a key is known by in records: SM3 of its 65 bytes.
#[must_use]
pub fn key_id(key: &PublicKey) -> Digest {
    sm3::digest(&key.to_sec1())
}

impl Tbs {
    /// The record's id.
    #[must_use]
    pub fn id(&self) -> Digest {
        sm3::digest(&self.to_der())
    }

    /// Signs it.
    ///
    /// # Errors
    /// [`Error::Signing`] if the key cannot sign; [`Error::Signature`] if `signer` names another key.
    pub fn sign(self, key: &PrivateKey, rng: &mut impl CryptoRng) -> Result<Record, Error> {
        if key_id(key.public_key()) != self.signer {
            return Err(Error::Signature);
        }
        let signature = key.sign(DEFAULT_ID, &self.to_der(), rng).map_err(|_| Error::Signing)?;
        Ok(Record { tbs: self, signature: signature.to_raw() })
    }
}

impl Wire for Tbs {
    const NAME: &'static str = "to-be-signed record";
    const MAX_LEN: usize = MAX_LEN;

    fn write(&self, out: &mut Writer) {
        let Self { chain_id, organisation, signer, business_key, last_valid_height, act } = self;
        out.sequence(|out| {
            out.text(RECORD_DOMAIN);
            chain_id.put(out);
            organisation.put(out);
            signer.put(out);
            business_key.put(out);
            last_valid_height.put(out);
            act.put(out);
        });
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
        input.sequence(Self::NAME, |input| {
            if input.text("domain", 0, 32)? != RECORD_DOMAIN {
                return Err(WireError::Value("domain"));
            }
            Ok(Self {
                chain_id: Field::take(input, "chainId")?,
                organisation: Field::take(input, "organisation")?,
                signer: Field::take(input, "signer")?,
                business_key: Field::take(input, "businessKey")?,
                last_valid_height: Field::take(input, "lastValidHeight")?,
                act: Field::take(input, "act")?,
            })
        })
    }
}

/// A signed record.
///
/// ```asn1
/// Record ::= SEQUENCE { tbs TbsRecord, signature OCTET STRING (SIZE(64)) }     -- r ‖ s over the DER of tbs
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What is signed.
    pub tbs: Tbs,
    /// r ‖ s.
    pub signature: [u8; 64],
}

impl Record {
    /// SM3 of the to-be-signed bytes: the same act has the same id however often it is signed.
    #[must_use]
    pub fn id(&self) -> Digest {
        self.tbs.id()
    }

    /// SM3 of the whole: what the log holds.
    #[must_use]
    pub fn hash(&self) -> Digest {
        sm3::digest(&self.to_der())
    }

    /// Checks the signature.
    ///
    /// # Errors
    /// [`Error::Signature`] if it is not by `key`.
    pub fn verify(&self, key: &PublicKey) -> Result<(), Error> {
        if key_id(key) != self.tbs.signer {
            return Err(Error::Signature);
        }
        let signature = Signature::from_raw(&self.signature).map_err(|_| Error::Signature)?;
        let tbs = self.tbs.to_der();
        KeyCache::shared().verify(key, DEFAULT_ID, &tbs, &signature).map_err(|_| Error::Signature)
    }
}

impl Wire for Record {
    const NAME: &'static str = "record";
    const MAX_LEN: usize = MAX_LEN;

    fn write(&self, out: &mut Writer) {
        let Self { tbs, signature } = self;
        out.sequence(|out| {
            tbs.write(out);
            out.octets(signature);
        });
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
        input.sequence(Self::NAME, |input| {
            Ok(Self { tbs: Tbs::read(input)?, signature: input.array("signature")? })
        })
    }
}
