//! Whom a key belongs to.

use super::hash;
use crate::backend::sm9::Scalar;

/// An identity and the byte *hid* of the function that its private key is made for, which the key generation centre
/// publishes.
///
/// The three constructors have the values of the standard's examples; centres may have others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct User<'a> {
    id: &'a [u8],
    hid: u8,
}

impl<'a> User<'a> {
    /// One who signs: hid = 1.
    #[must_use]
    pub const fn signer(id: &'a [u8]) -> Self {
        Self { id, hid: 1 }
    }

    /// One who exchanges keys: hid = 2.
    #[must_use]
    pub const fn exchanger(id: &'a [u8]) -> Self {
        Self { id, hid: 2 }
    }

    /// One for whom is encrypted: hid = 3.
    #[must_use]
    pub const fn recipient(id: &'a [u8]) -> Self {
        Self { id, hid: 3 }
    }

    /// With the hid that the centre publishes.
    #[must_use]
    pub const fn with_hid(id: &'a [u8], hid: u8) -> Self {
        Self { id, hid }
    }

    /// The identity.
    #[must_use]
    pub const fn id(&self) -> &'a [u8] {
        self.id
    }

    /// The byte that tells the functions apart.
    #[must_use]
    pub const fn hid(&self) -> u8 {
        self.hid
    }

    /// H1(ID ‖ hid, n).
    pub(super) fn number(&self) -> Scalar {
        let mut hash = hash::begin(hash::H1);
        hash.update(self.id);
        hash.update(&[self.hid]);
        hash::finish(hash)
    }
}
