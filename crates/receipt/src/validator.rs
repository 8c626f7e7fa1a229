//! Who votes, and with what weight.

use yinxin_gm::{Digest, sm2::PublicKey, sm3};
use yinxin_merkle::wire::{Reader, Wire, WireError, Writer, rising};

use crate::Error;

/// Most validators of a ledger: the design's consortium has 4 to 100 departments.
pub const MAX_VALIDATORS: usize = 100;

/// Most power of one validator: 100 of them still add up in a u64, thrice over.
pub const MAX_POWER: u64 = 1 << 32;

/// A key that votes for an organisation.
///
/// ```asn1
/// Validator ::= SEQUENCE {
///     organisation UTF8String (SIZE(18)),
///     key          OCTET STRING (SIZE(65)),       -- 04 ‖ X ‖ Y
///     power        INTEGER (1..4294967296) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validator {
    /// Unified social credit code of the organisation it votes for.
    pub organisation: String,
    /// Its SM2 key.
    pub key: PublicKey,
    /// Its weight.
    pub power: u64,
}

impl Validator {
    pub(crate) fn write(&self, out: &mut Writer) {
        let Self { organisation, key, power } = self;
        out.sequence(|out| {
            out.text(organisation);
            out.octets(&key.to_sec1());
            out.uint(*power);
        });
    }

    pub(crate) fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
        input.sequence("validator", |input| {
            Ok(Self {
                organisation: read_code(input)?,
                key: read_key(input)?,
                power: read_power(input)?,
            })
        })
    }
}

/// The validators of a height, sorted; a vote names its signer by position.
///
/// ```asn1
/// ValidatorSet ::= SEQUENCE (SIZE(1..100)) OF Validator    -- rising by (organisation, key)
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidatorSet {
    /// Invariant: 1 to 100, rising by (organisation, key bytes), keys distinct, powers 1 to 2^32.
    validators: Vec<Validator>,
}

impl ValidatorSet {
    /// Sorts the validators.
    ///
    /// # Errors
    /// [`Error::Set`] if there are none or too many, a key occurs twice, or a power is out of range.
    pub fn new(mut validators: Vec<Validator>) -> Result<Self, Error> {
        validators.sort_by_key(order);
        Self::sorted(validators)
    }

    /// The validators in order.
    #[must_use]
    pub fn validators(&self) -> &[Validator] {
        &self.validators
    }

    /// The validator at a position.
    #[must_use]
    pub fn get(&self, index: u16) -> Option<&Validator> {
        self.validators.get(usize::from(index))
    }

    /// The position of a key.
    #[must_use]
    pub fn index_of(&self, key: &PublicKey) -> Option<u16> {
        let at = self.validators.iter().position(|v| v.key == *key)?;
        u16::try_from(at).ok()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.validators.len()
    }

    /// Never: a set has at least one validator.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.validators.is_empty()
    }

    /// The sum of all powers.
    #[must_use]
    pub fn total_power(&self) -> u64 {
        self.validators.iter().map(|v| v.power).sum()
    }

    /// Whether `power` is more than two thirds of the whole.
    #[must_use]
    pub fn is_quorum(&self, power: u64) -> bool {
        u128::from(power) * 3 > u128::from(self.total_power()) * 2
    }

    /// What headers name the set by: SM3 of its DER.
    #[must_use]
    pub fn hash(&self) -> Digest {
        sm3::digest(&self.to_der())
    }

    fn sorted(validators: Vec<Validator>) -> Result<Self, Error> {
        let found = validators.len();
        if !(1..=MAX_VALIDATORS).contains(&found) {
            return Err(Error::Set("a set has 1 to 100 validators"));
        }
        let mut keys: Vec<_> = validators.iter().map(|v| v.key.to_sec1()).collect();
        keys.sort_unstable();
        if keys.windows(2).any(|w| w[0] == w[1]) {
            return Err(Error::Set("a key occurs twice"));
        }
        if validators.iter().any(|v| !(1..=MAX_POWER).contains(&v.power)) {
            return Err(Error::Set("a power is outside 1 to 2^32"));
        }
        Ok(Self { validators })
    }
}

fn order(validator: &Validator) -> (String, [u8; 65]) {
    (validator.organisation.clone(), validator.key.to_sec1())
}

impl Wire for ValidatorSet {
    const NAME: &'static str = "validator set";
    /// 100 validators of 100 bytes.
    const MAX_LEN: usize = 16 << 10;

    fn write(&self, out: &mut Writer) {
        out.list(&self.validators, |out, v| v.write(out));
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
        let validators = input.list(Self::NAME, 1, MAX_VALIDATORS, Validator::read)?;
        rising(Self::NAME, &validators, order)?;
        Self::sorted(validators).map_err(|_| WireError::Value(Self::NAME))
    }
}

/// A unified social credit code in form: 18 digits and capitals. Its check digit is the ledger's concern.
pub(crate) fn read_code(input: &mut Reader<'_>) -> Result<String, WireError> {
    let code = input.text("organisation", 18, 18)?;
    if code.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()) {
        Ok(code.to_owned())
    } else {
        Err(WireError::Value("organisation"))
    }
}

/// An SM2 public key on the curve.
pub(crate) fn read_key(input: &mut Reader<'_>) -> Result<PublicKey, WireError> {
    let bytes: [u8; 65] = input.array("key")?;
    PublicKey::from_sec1(&bytes).map_err(|_| WireError::Value("key"))
}

/// A weight within its range.
pub(crate) fn read_power(input: &mut Reader<'_>) -> Result<u64, WireError> {
    let power = input.uint("power")?;
    if (1..=MAX_POWER).contains(&power) { Ok(power) } else { Err(WireError::Value("power")) }
}
