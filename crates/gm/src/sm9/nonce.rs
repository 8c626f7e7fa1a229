//! Hedged deterministic nonces, as for SM2: HMAC-SM3 under a key made from the secret, over what is done, fresh randomness and
//! a count; 320 bits, so that none is refused.

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::{
    Digest,
    backend::sm9::Scalar,
    hmac::{HmacSm3, hmac_sm3},
};

/// How often one operation may ask. What fails most often is a mask of one byte, once in 256 times.
pub(super) const ATTEMPTS: usize = 16;

/// Keeps this use of a secret apart from every other HMAC under it.
const LABEL: &[u8] = b"yinxin SM9 nonces";

/// What nonces are derived under.
#[derive(Clone)]
pub(super) struct NonceKey(HmacSm3);

impl NonceKey {
    /// For a secret with other uses.
    pub(super) fn derived(secret: &[u8]) -> Self {
        let key = Zeroizing::new(hmac_sm3(secret, LABEL).0);
        Self(HmacSm3::new(&key[..]))
    }

    /// For a secret drawn for nothing else.
    pub(super) fn drawn(rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        let mut secret = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut secret[..]);
        Self(HmacSm3::new(&secret[..]))
    }

    /// For one use on what `digest` stands for.
    pub(super) fn nonces(&self, digest: &Digest, rng: &mut (impl CryptoRng + ?Sized)) -> Nonces {
        let mut extra = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut extra[..]);
        let mut mac = self.0.clone();
        mac.update(&digest.0);
        mac.update(&extra[..]);
        Nonces { mac, asked: 0 }
    }
}

/// Nonces for one operation.
pub(super) struct Nonces {
    mac: HmacSm3,
    asked: u8,
}

impl Iterator for Nonces {
    type Item = Zeroizing<Scalar>;

    /// One of [1, n − 1].
    fn next(&mut self) -> Option<Self::Item> {
        if usize::from(self.asked) == ATTEMPTS {
            return None;
        }
        let part = |number: u8| {
            let mut mac = self.mac.clone();
            mac.update(&[number]);
            Zeroizing::new(mac.finalize().0)
        };
        let mut wide = Zeroizing::new([0; 40]);
        wide[..32].copy_from_slice(&part(2 * self.asked)[..]);
        wide[32..].copy_from_slice(&part(2 * self.asked + 1)[..8]);
        self.asked += 1;
        Some(Zeroizing::new(Scalar::from_wide(&wide)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_depends_on_every_input_and_on_the_count_and_the_search_ends() {
        let rng = &mut rand_core::UnwrapErr(getrandom::SysRng);
        let key = NonceKey::derived(&[1; 65]);
        let mut seen = alloc::vec::Vec::new();
        for digest in [2, 2, 3] {
            let nonces = key.nonces(&Digest([digest; 32]), rng);
            seen.extend(nonces.map(|nonce| nonce.to_bytes()));
        }
        assert_eq!(seen.len(), 3 * ATTEMPTS);
        seen.sort_unstable();
        assert!(seen.is_sorted_by(|a, b| a < b));
    }
}
