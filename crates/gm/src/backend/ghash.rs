//! GHASH (NIST SP 800-38D 6.4), by backend. A key stays with the backend that was in use when it was made.

use zeroize::{Zeroize, ZeroizeOnDrop};

#[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
use super::aarch64::ghash;
use super::portable;
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
use super::x86_64::ghash;
#[cfg(any(
    all(target_arch = "x86_64", target_feature = "sse2"),
    all(target_arch = "aarch64", target_feature = "neon")
))]
use super::{Backend, current};

/// GHASH under one key; wiped when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
#[cfg_attr(
    all(target_arch = "x86_64", target_feature = "sse2"),
    expect(clippy::large_enum_variant, reason = "no heap, and the largest is the usual one")
)]
pub(crate) enum Ghash {
    Portable(portable::ghash::Ghash),
    #[cfg(any(
        all(target_arch = "x86_64", target_feature = "sse2"),
        all(target_arch = "aarch64", target_feature = "neon")
    ))]
    Clmul(ghash::Powers),
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    Wide(ghash::wide::Powers),
}

#[allow(unsafe_code)]
impl Ghash {
    pub(crate) fn new(h: &[u8; 16]) -> Self {
        #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
        match current() {
            // SAFETY: `current` names a level only on a processor that has its instructions.
            Backend::Avx512 => return Self::Wide(unsafe { ghash::wide::Powers::new(h) }),
            // SAFETY: as above.
            Backend::AesNi | Backend::Avx2 => return Self::Clmul(unsafe { ghash::Powers::new(h) }),
            _ => (),
        }
        #[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
        if matches!(current(), Backend::Neon | Backend::ArmSm) {
            // SAFETY: as above; these levels have PMULL.
            return Self::Clmul(unsafe { ghash::Powers::new(h) });
        }
        Self::Portable(portable::ghash::Ghash::new(h))
    }

    /// Absorbs `data`, zero-padded to whole blocks, into the state `y`.
    pub(crate) fn absorb(&self, y: &mut [u8; 16], data: &[u8]) {
        match self {
            Self::Portable(key) => key.absorb(y, data),
            #[cfg(any(
                all(target_arch = "x86_64", target_feature = "sse2"),
                all(target_arch = "aarch64", target_feature = "neon")
            ))]
            // SAFETY: the key was made by `new`, on a processor that has the instructions.
            Self::Clmul(powers) => unsafe { powers.absorb(y, data) },
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            // SAFETY: as above.
            Self::Wide(powers) => unsafe { powers.absorb(y, data) },
        }
    }
}
