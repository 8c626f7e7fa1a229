//! The secret that all salts of a data set come from.

use core::fmt;

use rand_core::CryptoRng;
use yinxin_gm::{Digest, hmac::HmacSm3};
use zeroize::Zeroizing;

const DOMAIN: &[u8] = b"yinxin/masked-salt/1";

/// Octets of a salt: no search reaches 2^256.
pub(super) const SALT: usize = 32;

/// Thirty-two random octets of the owner; wiped when dropped and never printed. Erasing it makes every field that was not shown
/// impossible to prove, for ever.
#[derive(Clone)]
pub struct Seed(Zeroizing<[u8; 32]>);

impl Seed {
    /// A fresh one.
    pub fn generate(rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut seed[..]);
        Self(seed)
    }

    /// One that was kept.
    #[must_use]
    pub const fn from_bytes(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// To be kept where the owner keeps its keys.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.0.clone()
    }

    pub(super) fn salt(&self, data_set: &Digest, row: u64, leaf: u32) -> [u8; SALT] {
        let mut mac = HmacSm3::new(&self.0[..]);
        mac.update(DOMAIN);
        mac.update(data_set.as_bytes());
        mac.update(&row.to_be_bytes());
        mac.update(&leaf.to_be_bytes());
        mac.finalize().0
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seed").finish_non_exhaustive()
    }
}
