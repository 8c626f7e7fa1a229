//! Many signatures at once: the results of one call after the other, several times as fast where the processor has
//! AVX-512 IFMA.

use alloc::vec::Vec;

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::{MessageDigest, PreparedKey, PrivateKey, Signature, nonce::Nonces};
use crate::{
    Error,
    backend::{self, Question, Scalar},
};

/// [`MessageDigest::verify`] for each pair; eight and more are fastest.
///
/// ```
/// # use rand_core::UnwrapErr;
/// use yinxin_gm::sm2::{DEFAULT_ID, MessageDigest, PrivateKey, verify_many};
///
/// # let rng = &mut UnwrapErr(getrandom::SysRng);
/// let key = PrivateKey::generate(rng);
/// let digest = MessageDigest::new(key.public_key(), DEFAULT_ID, b"one of many")?;
/// let signature = key.sign_digest(&digest, rng)?;
/// assert_eq!(verify_many(&[(&digest, &signature); 20]), [Ok(()); 20]);
/// # Ok::<(), yinxin_gm::Error>(())
/// ```
#[must_use]
pub fn verify_many(items: &[(&MessageDigest, &Signature)]) -> Vec<Result<(), Error>> {
    let questions: Vec<_> = items
        .iter()
        .map(|(digest, signature)| {
            let (s, t, x) = signature.equation(digest);
            Question { s, t, x, key: digest.public_key().coordinates() }
        })
        .collect();
    items
        .iter()
        .zip(backend::verify_sums(&questions))
        .map(|((digest, signature), answer)| match answer {
            Some(true) => Ok(()),
            Some(false) => Err(Error::Signature),
            None => digest.verify(signature),
        })
        .collect()
}

/// [`PreparedKey::verify_digest`] for each triple; eight and more are fastest.
#[must_use]
pub fn verify_many_prepared(
    items: &[(&PreparedKey, &MessageDigest, &Signature)],
) -> Vec<Result<(), Error>> {
    let questions: Vec<_> = items
        .iter()
        .filter(|(key, digest, _)| key.public_key() == digest.public_key())
        .map(|(key, digest, signature)| {
            let (s, t, x) = signature.equation(digest);
            Question { s, t, x, key: key.table() }
        })
        .collect();
    let mut answers = backend::verify_sums_prepared(&questions).into_iter();
    items
        .iter()
        .map(|(key, digest, signature)| {
            if key.public_key() != digest.public_key() {
                return Err(Error::KeyMismatch);
            }
            match answers.next().flatten() {
                Some(true) => Ok(()),
                Some(false) => Err(Error::Signature),
                None => key.verify_digest(digest, signature),
            }
        })
        .collect()
}

/// [`PrivateKey::sign_digest`] for each pair; eight and more are fastest.
///
/// The signatures are those that one call after the other would have made with the same `rng`: hedged, each with a nonce
/// of its own.
#[must_use]
pub fn sign_many(
    items: &[(&PrivateKey, &MessageDigest)],
    rng: &mut (impl CryptoRng + ?Sized),
) -> Vec<Result<Signature, Error>> {
    let drafts: Vec<_> = items.iter().map(|(key, digest)| Draft::new(key, digest, rng)).collect();
    let firsts = Nonces::first_of_each(drafts.iter().flatten().map(|draft| &draft.nonces));
    // All the room at once: a vector that grows leaves copies behind.
    let mut nonces = Zeroizing::new(Vec::with_capacity(items.len()));
    // Zero, where there is none, has no x coordinate.
    nonces.extend(firsts.iter().map(|k| k.unwrap_or(Scalar::ZERO)));
    let mut made = nonces.iter().zip(backend::mul_base_xs(&nonces));
    drafts
        .into_iter()
        .map(|draft| {
            let Draft { key, digest, nonces } = draft?;
            let signature = made.next().and_then(|(k, x1)| {
                let x1 = Scalar::from_bytes_reduced(&x1?);
                key.sign_with_x(&digest.scalar(), k, &x1)
            });
            signature.map_or_else(|| key.sign_from(&digest.scalar(), nonces), Ok)
        })
        .collect()
}

/// What one signature is made of.
struct Draft<'a> {
    key: &'a PrivateKey,
    digest: &'a MessageDigest,
    nonces: Nonces,
}

impl<'a> Draft<'a> {
    fn new(
        key: &'a PrivateKey,
        digest: &'a MessageDigest,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Self, Error> {
        let e = digest.for_key(key)?;
        Ok(Self { key, digest, nonces: key.nonces(e, rng) })
    }
}
