//! The first state of a ledger, signed by every organisation that founds it.

use yinxin_gm::{
    Digest,
    sm2::{DEFAULT_ID, KeyCache, PublicKey, Signature},
    sm3,
};
use yinxin_merkle::wire::{Reader, Wire, WireError, Writer, rising};
use yinxin_verdict::UnixTime;

use crate::{
    Error, Validator, ValidatorSet,
    validator::{MAX_VALIDATORS, read_code, read_key, read_power},
};

/// What a genesis' sign-bytes begin with.
pub const GENESIS_DOMAIN: &str = "yinxin/genesis/1";

/// Most organisations of a ledger: as many as validators, each having at least one in the usual case.
pub const MAX_ORGANISATIONS: usize = 100;

/// Longest certificate of an organisation, bytes: department certificates are under 1 KiB.
pub const MAX_CERTIFICATE: usize = 4 << 10;

/// An organisation that founds the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GenesisOrganisation {
    /// Unified social credit code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The DER of its certificate; opaque here. Whoever assembles the genesis checks that `key` is its key.
    pub certificate: Vec<u8>,
    /// The key that signs its records.
    pub key: PublicKey,
    /// The powers it has, as the ledger's bit set; opaque here.
    pub powers: u32,
}

/// A validator from the first block on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GenesisValidator {
    /// The organisation that it votes for.
    pub organisation: String,
    /// The key that votes.
    pub key: PublicKey,
    /// Its weight.
    pub power: u64,
    /// Its libp2p peer id, as text.
    pub peer_id: String,
    /// Its multiaddress.
    pub address: String,
}

/// The first state of a ledger; complete once every organisation has signed it.
///
/// ```asn1
/// Genesis ::= SEQUENCE { body GenesisBody, signatures SEQUENCE (SIZE(0..100)) OF OrganisationSignature }
/// GenesisBody ::= SEQUENCE {
///     domain        UTF8String ("yinxin/genesis/1"),
///     name          UTF8String (SIZE(1..128)),
///     timeMs        INTEGER,
///     organisations SEQUENCE (SIZE(0..100)) OF SEQUENCE {           -- rising by code
///         code UTF8String (SIZE(18)), name UTF8String (SIZE(1..256)), certificate OCTET STRING (SIZE(0..4096)),
///         key OCTET STRING (SIZE(65)), powers INTEGER },
///     validators    SEQUENCE (SIZE(0..100)) OF SEQUENCE {           -- rising by (organisation, key)
///         organisation UTF8String (SIZE(18)), key OCTET STRING (SIZE(65)), power INTEGER,
///         peerId UTF8String (SIZE(0..128)), address UTF8String (SIZE(0..256)) },
///     rules         OCTET STRING (SIZE(0..1024)) }                  -- DER of the ledger's Rules
/// OrganisationSignature ::= SEQUENCE { organisation UTF8String (SIZE(18)), signature OCTET STRING (SIZE(64)) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Genesis {
    /// The ledger's name, for people.
    pub name: String,
    /// When it was drawn up, milliseconds since 1970; every block is later.
    pub time_ms: u64,
    /// The founders; [`Genesis::sort`] puts them in order.
    pub organisations: Vec<GenesisOrganisation>,
    /// The first validators; [`Genesis::sort`] puts them in order.
    pub validators: Vec<GenesisValidator>,
    /// DER of the ledger's rules; opaque here.
    pub rules: Vec<u8>,
    /// One signature (r ‖ s over [`Genesis::body`]) for each organisation that has signed, rising by code.
    pub signatures: Vec<(String, [u8; 64])>,
}

impl Genesis {
    /// A genesis to add organisations and validators to.
    #[must_use]
    pub fn new(name: String, time: UnixTime, rules: Vec<u8>) -> Self {
        Self {
            name,
            time_ms: u64::try_from(time.as_millis()).unwrap_or_default(),
            organisations: Vec::new(),
            validators: Vec::new(),
            rules,
            signatures: Vec::new(),
        }
    }

    /// Puts organisations, validators and signatures in their order.
    pub fn sort(&mut self) {
        self.organisations.sort_by(|a, b| a.code.cmp(&b.code));
        self.validators.sort_by_key(validator_order);
        self.signatures.sort_by(|a, b| a.0.cmp(&b.0));
    }

    /// The bytes that every organisation signs.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        let mut out = Writer::new();
        self.write_body(&mut out);
        out.into_vec()
    }

    /// What the ledger is known by: SM3 of the unsigned body.
    #[must_use]
    pub fn chain_id(&self) -> Digest {
        sm3::digest(&self.body())
    }

    /// The time as such.
    #[must_use]
    pub fn time(&self) -> UnixTime {
        let ms = i64::try_from(self.time_ms).unwrap_or(i64::MAX);
        UnixTime::EPOCH.plus_millis(ms)
    }

    /// Adds, or replaces, an organisation's signature over [`Genesis::body`].
    ///
    /// # Errors
    /// [`Error::OrganisationUnknown`], [`Error::OrganisationSignature`].
    pub fn add_signature(&mut self, code: &str, signature: [u8; 64]) -> Result<(), Error> {
        self.check_signature(code, &signature)?;
        self.signatures.retain(|(c, _)| c != code);
        self.signatures.push((code.to_owned(), signature));
        self.sort();
        Ok(())
    }

    /// The set that signs the first block.
    ///
    /// # Errors
    /// [`Error::Set`].
    pub fn validator_set(&self) -> Result<ValidatorSet, Error> {
        let validators = self.validators.iter().map(|v| Validator {
            organisation: v.organisation.clone(),
            key: v.key,
            power: v.power,
        });
        ValidatorSet::new(validators.collect())
    }

    /// Checks everything but the signatures: what an organisation looks at before it signs.
    ///
    /// # Errors
    /// [`Error::Set`], [`Error::Duplicate`], [`Error::OrganisationUnknown`].
    pub fn check_body(&self) -> Result<(), Error> {
        self.validator_set()?;
        let unique = |what, mut items: Vec<&str>| {
            items.sort_unstable();
            match items.windows(2).find(|w| w[0] == w[1]) {
                Some(w) => Err(Error::Duplicate { what, value: w[0].to_owned() }),
                None => Ok(()),
            }
        };
        unique("organisation", self.organisations.iter().map(|o| o.code.as_str()).collect())?;
        unique("peer id", self.validators.iter().map(|v| v.peer_id.as_str()).collect())?;
        self.validators.iter().try_for_each(|v| self.organisation(&v.organisation).map(|_| ()))
    }

    /// Checks the body, and that every organisation has signed it.
    ///
    /// # Errors
    /// Those of [`Genesis::check_body`]; [`Error::Unsigned`], [`Error::OrganisationSignature`].
    pub fn check(&self) -> Result<(), Error> {
        self.check_body()?;
        for organisation in &self.organisations {
            let signed = self.signatures.iter().find(|(code, _)| *code == organisation.code);
            let (code, signature) = signed
                .ok_or_else(|| Error::Unsigned { organisation: organisation.code.clone() })?;
            self.check_signature(code, signature)?;
        }
        self.signatures.iter().try_for_each(|(code, _)| self.organisation(code).map(|_| ()))
    }

    fn organisation(&self, code: &str) -> Result<&GenesisOrganisation, Error> {
        self.organisations
            .iter()
            .find(|o| o.code == code)
            .ok_or_else(|| Error::OrganisationUnknown { organisation: code.to_owned() })
    }

    fn check_signature(&self, code: &str, raw: &[u8; 64]) -> Result<(), Error> {
        check_organisation_signature(code, &self.organisation(code)?.key, &self.body(), raw)
    }

    fn write_body(&self, out: &mut Writer) {
        let Self { name, time_ms, organisations, validators, rules, signatures: _ } = self;
        out.sequence(|out| {
            out.text(GENESIS_DOMAIN);
            out.text(name);
            out.uint(*time_ms);
            out.list(organisations, GenesisOrganisation::write);
            out.list(validators, GenesisValidator::write);
            out.octets(rules);
        });
    }
}

impl Wire for Genesis {
    const NAME: &'static str = "genesis";
    /// 100 organisations with certificates of 4 KiB, names and signatures.
    const MAX_LEN: usize = 1 << 20;

    fn write(&self, out: &mut Writer) {
        out.sequence(|out| {
            self.write_body(out);
            write_signatures(&self.signatures, out);
        });
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
        input.sequence(Self::NAME, |input| {
            let mut genesis = input.sequence("genesis body", |input| {
                if input.text("domain", 0, 32)? != GENESIS_DOMAIN {
                    return Err(WireError::Value("domain"));
                }
                Ok(Self {
                    name: input.text("name", 1, 128)?.to_owned(),
                    time_ms: input.uint("timeMs")?,
                    organisations: input.list(
                        "organisations",
                        0,
                        MAX_ORGANISATIONS,
                        GenesisOrganisation::read,
                    )?,
                    validators: input.list(
                        "validators",
                        0,
                        MAX_VALIDATORS,
                        GenesisValidator::read,
                    )?,
                    rules: input.octets("rules", 0, 1024)?.to_vec(),
                    signatures: Vec::new(),
                })
            })?;
            genesis.signatures = read_signatures(input)?;
            rising("organisations", &genesis.organisations, |o| o.code.clone())?;
            rising("validators", &genesis.validators, validator_order)?;
            Ok(genesis)
        })
    }
}

impl GenesisOrganisation {
    fn write(out: &mut Writer, value: &Self) {
        let Self { code, name, certificate, key, powers } = value;
        out.sequence(|out| {
            out.text(code);
            out.text(name);
            out.octets(certificate);
            out.octets(&key.to_sec1());
            out.uint(*powers);
        });
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
        input.sequence("organisation", |input| {
            Ok(Self {
                code: read_code(input)?,
                name: input.text("name", 1, 256)?.to_owned(),
                certificate: input.octets("certificate", 0, MAX_CERTIFICATE)?.to_vec(),
                key: read_key(input)?,
                powers: input.uint32("powers")?,
            })
        })
    }
}

impl GenesisValidator {
    fn write(out: &mut Writer, value: &Self) {
        let Self { organisation, key, power, peer_id, address } = value;
        out.sequence(|out| {
            out.text(organisation);
            out.octets(&key.to_sec1());
            out.uint(*power);
            out.text(peer_id);
            out.text(address);
        });
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
        input.sequence("validator", |input| {
            Ok(Self {
                organisation: read_code(input)?,
                key: read_key(input)?,
                power: read_power(input)?,
                peer_id: input.text("peerId", 0, 128)?.to_owned(),
                address: input.text("address", 0, 256)?.to_owned(),
            })
        })
    }
}

fn validator_order(validator: &GenesisValidator) -> (String, [u8; 65]) {
    (validator.organisation.clone(), validator.key.to_sec1())
}

/// Signatures by organisations, in the genesis and in checkpoints.
pub(crate) fn write_signatures(signatures: &[(String, [u8; 64])], out: &mut Writer) {
    out.list(signatures, |out, (code, signature)| {
        out.sequence(|out| {
            out.text(code);
            out.octets(signature);
        });
    });
}

pub(crate) fn read_signatures(
    input: &mut Reader<'_>,
) -> Result<Vec<(String, [u8; 64])>, WireError> {
    let signatures = input.list("signatures", 0, MAX_ORGANISATIONS, |input| {
        input.sequence("signature", |input| Ok((read_code(input)?, input.array("signature")?)))
    })?;
    rising("signatures", &signatures, |(code, _)| code.clone())?;
    Ok(signatures)
}

pub(crate) fn check_organisation_signature(
    code: &str,
    key: &PublicKey,
    message: &[u8],
    raw: &[u8; 64],
) -> Result<(), Error> {
    let bad = |_| Error::OrganisationSignature { organisation: code.to_owned() };
    let signature = Signature::from_raw(raw).map_err(bad)?;
    KeyCache::shared().verify(key, DEFAULT_ID, message, &signature).map_err(bad)
}
