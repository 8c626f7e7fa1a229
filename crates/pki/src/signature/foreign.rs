//! Algorithms of others, verified by `ring`.

use der::asn1::ObjectIdentifier;
use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use yinxin_verdict::Reason;

use crate::{deviation::Deviation, key::ForeignKey, oid};

/// RSA keys below this are weak, whatever the digest (NIST SP 800-131A): ring refuses them without saying why.
const MIN_RSA_OCTETS: usize = 256;

pub(super) fn verify(
    key: &ForeignKey,
    algorithm: &ObjectIdentifier,
    message: &[u8],
    value: &[u8],
) -> Result<Vec<Deviation>, Reason> {
    let how: &dyn VerificationAlgorithm = match (key.algorithm, key.curve, *algorithm) {
        (oid::RSA, _, oid::RSA_SHA256 | oid::RSA_SHA384 | oid::RSA_SHA512)
            if value.len() < MIN_RSA_OCTETS =>
        {
            return Err(Reason::AlgorithmWeak);
        }
        (oid::RSA, _, oid::RSA_SHA256) => &signature::RSA_PKCS1_2048_8192_SHA256,
        (oid::RSA, _, oid::RSA_SHA384) => &signature::RSA_PKCS1_2048_8192_SHA384,
        (oid::RSA, _, oid::RSA_SHA512) => &signature::RSA_PKCS1_2048_8192_SHA512,
        (oid::EC_PUBLIC_KEY, Some(oid::P256), oid::ECDSA_SHA256) => {
            &signature::ECDSA_P256_SHA256_ASN1
        }
        (oid::EC_PUBLIC_KEY, Some(oid::P256), oid::ECDSA_SHA384) => {
            &signature::ECDSA_P256_SHA384_ASN1
        }
        (oid::EC_PUBLIC_KEY, Some(oid::P384), oid::ECDSA_SHA256) => {
            &signature::ECDSA_P384_SHA256_ASN1
        }
        (oid::EC_PUBLIC_KEY, Some(oid::P384), oid::ECDSA_SHA384) => {
            &signature::ECDSA_P384_SHA384_ASN1
        }
        _ => return Err(Reason::AlgorithmUnknown),
    };
    let key = UnparsedPublicKey::new(how, &key.key);
    key.verify(message, value).map(|()| Vec::new()).map_err(|_| Reason::SignatureBad)
}
