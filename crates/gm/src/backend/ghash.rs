//! GHASH (NIST SP 800-38D 6.4), by backend. A key stays with the backend that was in use when it was made.

use zeroize::{Zeroize, ZeroizeOnDrop};

use super::portable;
#[cfg(target_arch = "x86_64")]
use super::{Backend, current, x86_64::ghash};

/// GHASH under one key; wiped when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
#[cfg_attr(
    target_arch = "x86_64",
    expect(clippy::large_enum_variant, reason = "no heap, and the largest is the usual one")
)]
pub(crate) enum Ghash {
    Portable(portable::ghash::Ghash),
    #[cfg(target_arch = "x86_64")]
    Clmul(ghash::Powers),
    #[cfg(target_arch = "x86_64")]
    Wide(ghash::wide::Powers),
}

#[allow(unsafe_code)]
impl Ghash {
    pub(crate) fn new(h: &[u8; 16]) -> Self {
        #[cfg(target_arch = "x86_64")]
        match current() {
            // SAFETY: `current` names a level only on a processor that has its instructions.
            Backend::Avx512 => return Self::Wide(unsafe { ghash::wide::Powers::new(h) }),
            // SAFETY: as above.
            Backend::AesNi | Backend::Avx2 => return Self::Clmul(unsafe { ghash::Powers::new(h) }),
            _ => (),
        }
        Self::Portable(portable::ghash::Ghash::new(h))
    }

    /// Absorbs `data`, zero-padded to whole blocks, into the state `y`.
    pub(crate) fn absorb(&self, y: &mut [u8; 16], data: &[u8]) {
        match self {
            Self::Portable(key) => key.absorb(y, data),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the key was made by `new`, on a processor that has the instructions.
            Self::Clmul(powers) => unsafe { powers.absorb(y, data) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Self::Wide(powers) => unsafe { powers.absorb(y, data) },
        }
    }
}
