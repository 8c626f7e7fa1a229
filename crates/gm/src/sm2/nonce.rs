//! Hedged deterministic nonces: HMAC-SM3 under a key made from the private key, over digest, fresh randomness and a count.
//!
//! If the randomness repeats or is known, the nonces are deterministic: different for every key and message and not
//! predictable. If it is good, nothing else needs to be. RFC 6979 has the same inputs (its 3.6 adds the randomness) and
//! the same search, but builds a generator for each signature, in 24 compressions; here the key's part is kept, and three
//! compressions remain.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::{
    Digest,
    backend::Scalar,
    hmac::{HmacSm3, hmac_sm3},
};

/// How often a caller may ask. A candidate is refused with probability below 2⁻³¹: sixteen in a row never happen.
pub(super) const ATTEMPTS: usize = 16;

/// Keeps this use of the private key apart from every other HMAC under it.
const LABEL: &[u8] = b"yinxin SM2 nonces";

/// What a secret's nonces are derived under.
#[derive(Clone)]
pub(super) struct NonceKey(HmacSm3);

impl NonceKey {
    /// For a secret with other uses.
    pub(super) fn derived(secret: &[u8; 32]) -> Self {
        Self::labelled(secret, LABEL)
    }

    /// For another purpose than [`NonceKey::derived`]: what the two give has nothing to do with each other.
    pub(super) fn labelled(secret: &[u8; 32], label: &[u8]) -> Self {
        let key = Zeroizing::new(hmac_sm3(secret, label).0);
        Self(HmacSm3::new(&key[..]))
    }

    /// For a secret drawn for nothing else.
    pub(super) fn drawn(rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        let mut secret = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut secret[..]);
        Self(HmacSm3::new(&secret[..]))
    }

    /// For one use on `digest`.
    pub(super) fn nonces(&self, digest: &Digest, rng: &mut (impl CryptoRng + ?Sized)) -> Nonces {
        let mut extra = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut extra[..]);
        self.seeded(digest, &extra)
    }

    /// The HMAC of `parts`, which must not have 65 bytes in all: those are the inputs of nonces.
    #[cfg(feature = "std")]
    pub(super) fn mac(&self, parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
        let mut mac = self.0.clone();
        parts.iter().for_each(|part| mac.update(part));
        Zeroizing::new(mac.finalize().0)
    }

    /// As [`NonceKey::nonces`], given what the generator said.
    pub(super) fn seeded(&self, digest: &Digest, extra: &[u8; 32]) -> Nonces {
        let mut message = Zeroizing::new([0; 65]);
        message[..32].copy_from_slice(&digest.0);
        message[32..64].copy_from_slice(extra);
        Nonces { mac: self.0.clone(), message }
    }
}

/// Nonces for one operation.
pub(super) struct Nonces {
    mac: HmacSm3,
    /// Digest, randomness and how many candidates were asked for.
    message: Zeroizing<[u8; 65]>,
}

impl Nonces {
    /// The same, as if so many candidates had been asked for.
    #[cfg(feature = "std")]
    pub(super) fn starting_at(mut self, count: u8) -> Self {
        self.message[64] = count;
        self
    }

    /// The next candidate in [1, n − 1].
    pub(super) fn next(&mut self) -> Option<Scalar> {
        for _ in 0..ATTEMPTS {
            let mut mac = self.mac.clone();
            mac.update(&self.message[..]);
            self.message[64] = self.message[64].checked_add(1)?;
            let candidate = candidate(&Zeroizing::new(mac.finalize().0));
            if candidate.is_some() {
                return candidate;
            }
        }
        None
    }

    /// The first candidate of each that was not asked yet, or `None` where it cannot be used: eight and more are fastest.
    #[cfg(feature = "alloc")]
    pub(super) fn first_of_each<'a>(
        nonces: impl Iterator<Item = &'a Self>,
    ) -> Zeroizing<Vec<Option<Scalar>>> {
        let items: Vec<_> = nonces.map(|nonces| (&nonces.mac, &nonces.message[..])).collect();
        let tags = HmacSm3::each(&items);
        // All the room at once: a vector that grows leaves copies behind.
        let mut found = Zeroizing::new(Vec::with_capacity(items.len()));
        found.extend(tags.iter().map(|tag| candidate(&tag.0)));
        found
    }
}

/// In [1, n − 1].
fn candidate(bytes: &[u8; 32]) -> Option<Scalar> {
    Scalar::from_bytes(bytes).filter(|k| !k.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_depends_on_every_input_and_on_the_count() {
        let (key, digest, extra) = (NonceKey::derived(&[1; 32]), Digest([2; 32]), [3; 32]);
        let first = |mut nonces: Nonces| nonces.next().expect("one of sixteen").to_bytes();
        let base = first(key.seeded(&digest, &extra));
        assert_eq!(first(key.seeded(&digest, &extra)), base);
        assert_ne!(first(NonceKey::derived(&[4; 32]).seeded(&digest, &extra)), base);
        assert_ne!(first(key.seeded(&Digest([4; 32]), &extra)), base);
        assert_ne!(first(key.seeded(&digest, &[4; 32])), base);
        let mut nonces = key.seeded(&digest, &extra);
        assert!(nonces.next() != nonces.next());
    }

    #[test]
    fn first_candidates_are_those_of_one_after_the_other() {
        let nonces: Vec<_> = (0..40)
            .map(|i| NonceKey::derived(&[i; 32]).seeded(&Digest([2 + i; 32]), &[3; 32]))
            .collect();
        let firsts = Nonces::first_of_each(nonces.iter());
        assert_eq!(firsts.len(), 40);
        for (mut nonces, first) in nonces.into_iter().zip(firsts.iter()) {
            assert!(nonces.next() == *first);
        }
    }

    #[test]
    fn the_search_ends() {
        let mut nonces = NonceKey::derived(&[1; 32]).seeded(&Digest([2; 32]), &[3; 32]);
        assert_eq!((0..300).filter(|_| nonces.next().is_some()).count(), 255);
    }
}
