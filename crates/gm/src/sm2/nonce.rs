//! Hedged deterministic nonces: RFC 6979 3.2 over HMAC-SM3, with fresh randomness as the extra data of its 3.6.
//!
//! If the randomness repeats or is known, the nonces are those of RFC 6979: different for every key and message and
//! not predictable. If it is good, nothing else needs to be.

use rand_core::CryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{Digest, backend::Scalar, hmac::HmacSm3};

/// How often a caller may ask. A candidate is refused with probability below 2⁻³¹: sixteen in a row never happen.
pub(super) const ATTEMPTS: usize = 16;

/// HMAC_DRBG, instantiated for one operation.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(super) struct Nonces {
    k: [u8; 32],
    v: [u8; 32],
}

impl Nonces {
    /// For one use of `secret` on `digest`.
    pub(super) fn new(
        secret: &[u8; 32],
        digest: &Digest,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Self {
        let mut extra = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut extra[..]);
        Self::seeded(secret, digest, &extra)
    }

    /// As [`Nonces::new`], given what the generator said.
    pub(super) fn seeded(secret: &[u8; 32], digest: &Digest, extra: &[u8; 32]) -> Self {
        let seed = [&secret[..], &digest.0[..], &extra[..]];
        // 3.2 b, c: V and K.
        let mut nonces = Self { k: [0; 32], v: [1; 32] };
        // 3.2 d to g.
        nonces.rekey(0, &seed);
        nonces.rekey(1, &seed);
        nonces
    }

    /// 3.2 h: the next candidate in [1, n − 1].
    pub(super) fn next(&mut self) -> Option<Scalar> {
        for _ in 0..ATTEMPTS {
            self.step();
            let candidate = Scalar::from_bytes(&self.v).filter(|k| !k.is_zero());
            self.rekey(0, &[]);
            if candidate.is_some() {
                return candidate;
            }
        }
        None
    }

    fn rekey(&mut self, separator: u8, seed: &[&[u8]]) {
        let mut mac = HmacSm3::new(&self.k);
        mac.update(&self.v);
        mac.update(&[separator]);
        seed.iter().for_each(|part| mac.update(part));
        self.k = mac.finalize().0;
        self.step();
    }

    fn step(&mut self) {
        let mut mac = HmacSm3::new(&self.k);
        mac.update(&self.v);
        self.v = mac.finalize().0;
    }
}
