//! The secret of a content: all its keys come from it.

use core::fmt;

use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use yinxin_gm::{
    Digest,
    hmac::HmacSm3,
    sm2::{Ciphertext, PrivateKey, PublicKey},
    sm4::gcm::Gcm,
};
use zeroize::Zeroizing;

use super::ChunkSize;
use crate::Error;

const ID: &[u8] = b"yinxin/envelope/content-id/1";
const CHUNK_KEY: &[u8] = b"yinxin/envelope/chunk-key/1";

/// Octets of a session's number.
pub(super) const SESSION: usize = 16;

/// Thirty-two random octets; wiped when dropped and never printed.
///
/// One secret is for one content. Its id commits to it: two secrets that open one body to two contents cannot be found.
#[derive(Clone)]
pub struct ContentSecret(Zeroizing<[u8; 32]>);

impl ContentSecret {
    /// A fresh one.
    pub fn generate(rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        let mut secret = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut secret[..]);
        Self(secret)
    }

    /// The content's id, which may be known to all.
    #[must_use]
    pub fn id(&self) -> Digest {
        let mut mac = HmacSm3::new(&self.0[..]);
        mac.update(ID);
        mac.finalize()
    }

    /// The secret under an SM2 key: an `SM2Cipher`, DER. A writer that may have to resume wraps it to its own key first.
    ///
    /// # Errors
    /// [`Error::SigningFailed`] when the random numbers are unfit.
    pub fn wrap(
        &self,
        to: &PublicKey,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Vec<u8>, Error> {
        let wrapped = to.encrypt(&self.0[..], rng).map_err(|_| Error::SigningFailed)?;
        Ok(wrapped.to_der())
    }

    /// The secret of the content with this id.
    ///
    /// # Errors
    /// [`Error::KeyWrong`] for another key, changed octets, or the secret of another content.
    pub fn unwrap(wrapped: &[u8], key: &PrivateKey, id: &Digest) -> Result<Self, Error> {
        let wrapped = Ciphertext::from_der(wrapped).map_err(|_| Error::KeyWrong)?;
        let plain = key.decrypt(&wrapped).map_err(|_| Error::KeyWrong)?;
        let mut secret = Self(Zeroizing::new([0; 32]));
        if plain.len() != secret.0.len() {
            return Err(Error::KeyWrong);
        }
        secret.0.copy_from_slice(&plain);
        secret.check(id)?;
        Ok(secret)
    }

    /// Whether this is the secret of the content with this id.
    pub(super) fn check(&self, id: &Digest) -> Result<(), Error> {
        let same: bool = self.id().as_bytes().ct_eq(id.as_bytes()).into();
        if same { Ok(()) } else { Err(Error::KeyWrong) }
    }

    pub(super) fn cipher(&self, size: ChunkSize, session: &[u8; SESSION]) -> Gcm {
        let mut mac = HmacSm3::new(&self.0[..]);
        mac.update(CHUNK_KEY);
        mac.update(&size.octets().to_be_bytes());
        mac.update(session);
        let whole = Zeroizing::new(mac.finalize().0);
        let mut key = Zeroizing::new([0; 16]);
        key.copy_from_slice(&whole[..16]);
        Gcm::new(&key)
    }
}

impl fmt::Debug for ContentSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContentSecret").finish_non_exhaustive()
    }
}
