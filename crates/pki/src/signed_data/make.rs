//! Making signed messages.

use der::{
    Any, Sequence, Tag,
    asn1::{ObjectIdentifier, OctetString, SetOfVec},
};
use rand_core::CryptoRng;
use yinxin_gm::{
    sm2::{DEFAULT_ID, PrivateKey},
    sm3,
};
use yinxin_verdict::UnixTime;

use crate::{
    asn1::{Algorithm, Attribute, any, octets, set, to_der, value},
    certificate::Certificate,
    error::PkiError,
    oid, time,
};

/// What is signed.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Content<'a> {
    /// Content that stays outside the message.
    Detached(&'a [u8]),
    /// Content that travels inside it.
    Embedded(&'a [u8]),
}

/// How a message is made.
#[derive(Clone, Copy, Debug, Default)]
#[allow(clippy::exhaustive_structs, reason = "choices with defaults")]
pub struct Options {
    /// Says when it was signed, and signs that too. Without it there are no attributes, and the content itself is signed.
    pub signing_time: Option<UnixTime>,
}

#[derive(Sequence)]
struct ContentInfo {
    kind: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    content: Option<Any>,
}

#[derive(Sequence)]
struct SignedData {
    version: u8,
    digests: SetOfVec<Algorithm>,
    content: ContentInfo,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", constructed = "true")]
    certificates: SetOfVec<Any>,
    signers: SetOfVec<Any>,
}

#[derive(Sequence)]
struct SignerInfo {
    version: u8,
    named: IssuerAndSerial,
    digest: Algorithm,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", constructed = "true", optional = "true")]
    attributes: Option<SetOfVec<Attribute>>,
    algorithm: Algorithm,
    signature: OctetString,
}

#[derive(Sequence)]
struct IssuerAndSerial {
    issuer: Any,
    serial: Any,
}

/// Signs content as GB/T 35275 has it, DER. `chain` holds the signer's certificate first, then whatever helps to build its chain.
///
/// # Errors
/// [`PkiError::KeyMismatch`] when the first certificate is not the key's, [`PkiError::SigningFailed`].
pub fn make(
    content: Content<'_>,
    chain: &[Certificate],
    key: &PrivateKey,
    options: Options,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<Vec<u8>, PkiError> {
    let signer = chain
        .first()
        .filter(|c| c.sm2_key() == Some(key.public_key()))
        .ok_or(PkiError::KeyMismatch)?;
    let (bytes, embedded) = match content {
        Content::Detached(bytes) => (bytes, None),
        Content::Embedded(bytes) => (bytes, Some(any(&to_der(&octets(bytes))))),
    };
    let attributes = options.signing_time.map(|at| attributes(bytes, at));
    let signed = attributes.as_ref().map_or_else(|| bytes.to_vec(), to_der);
    let signature = key.sign(DEFAULT_ID, &signed, rng).map_err(|_| PkiError::SigningFailed)?;
    let info = SignerInfo {
        version: 1,
        named: IssuerAndSerial {
            issuer: any(signer.issuer().raw()),
            serial: value(Tag::Integer, signer.serial()),
        },
        digest: Algorithm::plain(oid::SM3),
        attributes,
        algorithm: Algorithm::plain(oid::SM2_SIGN),
        signature: octets(&signature.to_der()),
    };
    let mut certificates: Vec<_> = chain.iter().map(Certificate::raw).collect();
    certificates.sort_unstable();
    certificates.dedup();
    let message = SignedData {
        version: 1,
        digests: set(vec![Algorithm::plain(oid::SM3)]),
        content: ContentInfo { kind: oid::GM_DATA, content: embedded },
        certificates: set(certificates.into_iter().map(any).collect()),
        signers: set(vec![any(&to_der(&info))]),
    };
    Ok(to_der(&ContentInfo { kind: oid::GM_SIGNED_DATA, content: Some(any(&to_der(&message))) }))
}

fn attributes(content: &[u8], at: UnixTime) -> SetOfVec<Attribute> {
    let digest = octets(sm3::digest(content).as_bytes());
    let list = vec![
        Attribute::new(oid::CONTENT_TYPE, &oid::GM_DATA),
        Attribute::new(oid::SIGNING_TIME, &any(&time::encode(at))),
        Attribute::new(oid::MESSAGE_DIGEST, &digest),
    ];
    set(list)
}
