//! What an owner signs of a data set.

use rand_core::CryptoRng;
use yinxin_gm::{
    Digest,
    sm2::{DEFAULT_ID, Signature},
    sm3,
};
use yinxin_merkle::wire::{Reader, Wire, WireError, Writer};
use yinxin_pki::Certificate;
use yinxin_verdict::UnixTime;

use crate::{Error, envelope::Owner};

const DOMAIN: &str = "yinxin/masked-data-set/1";

/// The owner's signature over a data set: what is anchored of it is [`Statement::digest`].
///
/// ```asn1
/// MaskedStatement ::= SEQUENCE {
///   tbs SEQUENCE {
///     domain UTF8String ("yinxin/masked-data-set/1"), dataSet OCTET STRING (SIZE (32)), schema OCTET STRING (SIZE (32)),
///     rows INTEGER, root OCTET STRING (SIZE (32)), owner OCTET STRING (SIZE (32)), time INTEGER },   -- ms since 1970
///   signature OCTET STRING (SIZE (64)) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    pub(super) data_set: Digest,
    pub(super) schema: Digest,
    pub(super) rows: u64,
    pub(super) root: Digest,
    pub(super) owner: Digest,
    pub(super) time: UnixTime,
    signature: [u8; 64],
}

/// What is said of the rows.
pub(super) struct Said {
    pub(super) data_set: Digest,
    pub(super) schema: Digest,
    pub(super) rows: u64,
    pub(super) root: Digest,
}

impl Statement {
    pub(super) fn sign(
        said: &Said,
        owner: Owner<'_>,
        now: UnixTime,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Self, Error> {
        if owner.certificate.sm2_key() != Some(owner.key.public_key()) {
            return Err(Error::SigningFailed);
        }
        let Said { data_set, schema, rows, root } = *said;
        let certificate = sm3::digest(owner.certificate.raw());
        let unsigned = Self {
            data_set,
            schema,
            rows,
            root,
            owner: certificate,
            time: now,
            signature: [0; 64],
        };
        let signature = owner.key.sign(DEFAULT_ID, &unsigned.sign_bytes(), rng);
        let signature = signature.map_err(|_| Error::SigningFailed)?.to_raw();
        Ok(Self { signature, ..unsigned })
    }

    /// Checks that the holder of this certificate signed it. Whether the certificate held is for `yinxin_pki` to say.
    ///
    /// # Errors
    /// [`Error::Mismatch`] for another certificate than the statement names, [`Error::SignatureBad`].
    pub fn verify(&self, owner: &Certificate) -> Result<(), Error> {
        let given = sm3::digest(owner.raw());
        if given != self.owner {
            return Err(Error::Mismatch {
                what: "owner of the data set",
                expected: self.owner.to_string(),
                found: given.to_string(),
            });
        }
        let bad = || Error::SignatureBad { what: "masked data set" };
        let signature = Signature::from_raw(&self.signature).map_err(|_| bad())?;
        let key = owner.sm2_key().ok_or_else(bad)?;
        key.verify(DEFAULT_ID, &self.sign_bytes(), &signature).map_err(|_| bad())
    }

    /// Which data set.
    #[must_use]
    pub const fn data_set(&self) -> Digest {
        self.data_set
    }

    /// How many rows it has.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// SM3 of the owner's certificate.
    #[must_use]
    pub const fn owner(&self) -> Digest {
        self.owner
    }

    /// When the owner says that it signed.
    #[must_use]
    pub const fn time(&self) -> UnixTime {
        self.time
    }

    /// What is anchored: SM3 of the statement.
    #[must_use]
    pub fn digest(&self) -> Digest {
        sm3::digest(&self.to_der())
    }

    fn sign_bytes(&self) -> Vec<u8> {
        let mut out = Writer::new();
        self.write_tbs(&mut out);
        out.into_vec()
    }

    fn write_tbs(&self, out: &mut Writer) {
        let Self { data_set, schema, rows, root, owner, time, signature: _ } = self;
        out.sequence(|out| {
            out.text(DOMAIN);
            out.digest(data_set);
            out.digest(schema);
            out.uint(*rows);
            out.digest(root);
            out.digest(owner);
            out.int(time.as_millis());
        });
    }
}

impl Wire for Statement {
    const NAME: &'static str = "masked statement";
    const MAX_LEN: usize = 512;

    fn write(&self, out: &mut Writer) {
        out.sequence(|out| {
            self.write_tbs(out);
            out.octets(&self.signature);
        });
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
        input.sequence(Self::NAME, |input| {
            let unsigned = input.sequence("signed part", |input| {
                if input.text("domain", 1, 64)? != DOMAIN {
                    return Err(WireError::Value("domain"));
                }
                Ok(Self {
                    data_set: input.digest("data set")?,
                    schema: input.digest("schema")?,
                    rows: input.uint("rows")?,
                    root: input.digest("root")?,
                    owner: input.digest("owner")?,
                    time: UnixTime::from_millis(input.int("time")?)
                        .map_err(|_| WireError::Value("time"))?,
                    signature: [0; 64],
                })
            })?;
            Ok(Self { signature: input.array("signature")?, ..unsigned })
        })
    }
}
