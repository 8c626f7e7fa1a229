//! The structures that we write, DER by the `der` crate.

use der::{
    Any, Decode, DerOrd, Encode, Sequence, Tag,
    asn1::{BitString, ObjectIdentifier, OctetString, SetOfVec, Uint},
};
use rand_core::CryptoRng;
use yinxin_gm::sm2::{DEFAULT_ID, PrivateKey};

use crate::{error::PkiError, oid};

/// `SEQUENCE { algorithm OBJECT IDENTIFIER, parameters ANY OPTIONAL }`
#[derive(Sequence, der::ValueOrd)]
pub(crate) struct Algorithm {
    pub(crate) oid: ObjectIdentifier,
    pub(crate) parameters: Option<Any>,
}

impl Algorithm {
    pub(crate) const fn plain(oid: ObjectIdentifier) -> Self {
        Self { oid, parameters: None }
    }

    pub(crate) fn with(oid: ObjectIdentifier, parameters: &impl Encode) -> Self {
        Self { oid, parameters: Some(any(&to_der(parameters))) }
    }
}

/// `SEQUENCE { type OBJECT IDENTIFIER, values SET OF ANY }`
#[derive(Sequence, der::ValueOrd)]
pub(crate) struct Attribute {
    pub(crate) oid: ObjectIdentifier,
    pub(crate) values: SetOfVec<Any>,
}

impl Attribute {
    pub(crate) fn new(oid: ObjectIdentifier, value: &impl Encode) -> Self {
        Self { oid, values: set(vec![any(&to_der(value))]) }
    }
}

/// `SEQUENCE { type OBJECT IDENTIFIER, value ANY }`
#[derive(Sequence, der::ValueOrd)]
pub(crate) struct AttributeTypeAndValue {
    pub(crate) oid: ObjectIdentifier,
    pub(crate) value: Any,
}

/// `SEQUENCE { extnID OBJECT IDENTIFIER, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }`
#[derive(Sequence)]
pub(crate) struct Extension {
    pub(crate) oid: ObjectIdentifier,
    #[asn1(default = "Default::default")]
    pub(crate) critical: bool,
    pub(crate) value: OctetString,
}

impl Extension {
    pub(crate) fn new(oid: ObjectIdentifier, critical: bool, value: &impl Encode) -> Self {
        Self { oid, critical, value: octets(&to_der(value)) }
    }
}

/// `SEQUENCE { signed part, AlgorithmIdentifier, BIT STRING }`
#[derive(Sequence)]
struct Signed {
    part: Any,
    algorithm: Algorithm,
    signature: BitString,
}

/// How our certificates, lists and requests are signed.
pub(crate) const fn signature_algorithm() -> Algorithm {
    Algorithm::plain(oid::SM2_WITH_SM3)
}

/// Signs a part and puts its signature behind it.
pub(crate) fn sign(
    part: &[u8],
    key: &PrivateKey,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<Vec<u8>, PkiError> {
    let signature = key.sign(DEFAULT_ID, part, rng).map_err(|_| PkiError::SigningFailed)?.to_der();
    Ok(to_der(&Signed {
        part: any(part),
        algorithm: signature_algorithm(),
        signature: bits(&signature, 0),
    }))
}

/// DER that is already encoded.
pub(crate) fn any(der: &[u8]) -> Any {
    Any::from_der(der).expect("we encoded it, or read it as DER")
}

/// What our own structures encode to.
pub(crate) fn to_der(value: &impl Encode) -> Vec<u8> {
    value.to_der().expect("our structures are far below the 256 MiB that der can write")
}

/// A value of a type that `der` knows by its tag only.
pub(crate) fn value(tag: Tag, contents: &[u8]) -> Any {
    Any::new(tag, contents).expect("far below 256 MiB")
}

/// A non-negative INTEGER, high octet first.
pub(crate) fn uint(octets: &[u8]) -> Uint {
    Uint::new(octets).expect("serial and list numbers are far below 256 MiB")
}

/// A SET OF, in the order that DER asks for.
pub(crate) fn set<T: DerOrd>(list: Vec<T>) -> SetOfVec<T> {
    SetOfVec::from_iter(list).expect("distinct elements have an order")
}

pub(crate) fn octets(bytes: &[u8]) -> OctetString {
    OctetString::new(bytes).expect("far below 256 MiB")
}

pub(crate) fn bits(bytes: &[u8], unused: u8) -> BitString {
    BitString::new(unused, bytes).expect("fewer than 8 unused bits, and none of an empty string")
}
