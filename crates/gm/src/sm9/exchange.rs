//! SM9 key exchange with confirmation (GM/T 0044.3). Users have keys of the encryption kind, made with the hid of
//! [`User::exchanger`].
//!
//! ```
//! # use rand_core::UnwrapErr;
//! use yinxin_gm::sm9::{EncryptionMasterKey, User, exchange::{Initiator, Responder}};
//!
//! # let rng = &mut UnwrapErr(getrandom::SysRng);
//! let centre = EncryptionMasterKey::generate(rng);
//! let (alice, bob) = (User::exchanger(b"Alice"), User::exchanger(b"Bob"));
//! let (key_a, key_b) = (centre.extract(&alice)?, centre.extract(&bob)?);
//!
//! let initiator = Initiator::new(&key_a, &bob, rng)?;
//! // R_A goes to the responder, R_B and S_B come back,
//! let responder = Responder::new(&key_b, &alice, initiator.ephemeral(), 16, rng)?;
//! // and S_A follows.
//! let (ours, s_a) = initiator.finish(&key_a, responder.ephemeral(), responder.confirmation(), 16)?;
//! let theirs = responder.finish(&s_a)?;
//! assert_eq!(ours, theirs);
//! # Ok::<(), yinxin_gm::Error>(())
//! ```

use alloc::vec::Vec;
use core::fmt;

use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{DecryptionKey, Encapsulation, User};
use crate::{
    Digest, Error,
    backend::{
        self,
        sm9::{self, Gt, Scalar},
    },
    kdf,
    sm3::{self, Sm3},
};

/// User A after A1 to A4, waiting for R_B and S_B. Wiped when dropped.
pub struct Initiator {
    own: Vec<u8>,
    peer: Vec<u8>,
    ephemeral: Encapsulation,
    r: Zeroizing<Scalar>,
    /// Invariant: g to the power r.
    g1: Zeroizing<Gt>,
}

impl Initiator {
    /// Draws r_A, to exchange a key with `peer`.
    ///
    /// # Errors
    ///
    /// [`Error::NonceExhausted`], which cannot happen.
    pub fn new(
        key: &DecryptionKey,
        peer: &User<'_>,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Self, Error> {
        for r in nonces(key, peer, rng) {
            if let Some(begun) = Self::with(key, peer, r) {
                return Ok(begun);
            }
        }
        Err(Error::NonceExhausted)
    }

    pub(super) fn with(key: &DecryptionKey, peer: &User<'_>, r: Zeroizing<Scalar>) -> Option<Self> {
        // A1: Q_B = H1(ID_B ‖ hid, n)·P1 + Ppub-e. A3: R_A = r_A·Q_B. A5: g1 = e(Ppub-e, P2) to the power r_A
        let (point, g1) = key.master.for_user(peer, &r)?;
        let (own, peer) = (key.user().id().to_vec(), peer.id().to_vec());
        Some(Self { own, peer, ephemeral: Encapsulation(point), r, g1 })
    }

    /// R_A, for the responder.
    #[must_use]
    pub const fn ephemeral(&self) -> &Encapsulation {
        &self.ephemeral
    }

    /// A5 to A8: the key of `len` bytes, and S_A for the responder. The key is the responder's too, because S_B says so.
    ///
    /// # Errors
    ///
    /// [`Error::Exchange`] when S_B is not that of the key: the other side is not the peer, `key` is not the one begun with, or
    /// something was changed on the way; [`Error::TooLong`].
    pub fn finish(
        self,
        key: &DecryptionKey,
        ephemeral: &Encapsulation,
        confirmation: &[u8; 32],
        len: usize,
    ) -> Result<(Zeroizing<Vec<u8>>, [u8; 32]), Error> {
        let Self { own, peer, ephemeral: ours, r, g1 } = self;
        // A5: g2 = e(R_B, de_A), g3 = g2 to the power r_A
        let g2 = key.pair(&ephemeral.0);
        let g3 = sm9::power(&g2, &r);
        let agreed = Agreed::new(&[&own, &peer], &[&ours, ephemeral], &[&g1, &g2, &g3]);
        // A6: S_1 must be S_B. A8: S_A
        if !backend::reveal(bool::from(agreed.confirmation(0x82).ct_eq(confirmation))) {
            return Err(Error::Exchange);
        }
        Ok((agreed.key(len)?, agreed.confirmation(0x83)))
    }
}

/// User B after B1 to B7, waiting for S_A. Wiped when dropped.
pub struct Responder {
    ephemeral: Encapsulation,
    key: Zeroizing<Vec<u8>>,
    /// S_B.
    confirmation: [u8; 32],
    /// S_2, which S_A must be.
    expected: Zeroizing<[u8; 32]>,
}

impl Responder {
    /// Draws r_B and makes the key of `len` bytes; `ephemeral` is R_A of `peer`.
    ///
    /// # Errors
    ///
    /// [`Error::NonceExhausted`], which cannot happen; [`Error::TooLong`].
    pub fn new(
        key: &DecryptionKey,
        peer: &User<'_>,
        ephemeral: &Encapsulation,
        len: usize,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Self, Error> {
        for r in nonces(key, peer, rng) {
            if let Some(responder) = Self::with(key, peer, ephemeral, len, &r)? {
                return Ok(responder);
            }
        }
        Err(Error::NonceExhausted)
    }

    pub(super) fn with(
        key: &DecryptionKey,
        peer: &User<'_>,
        ephemeral: &Encapsulation,
        len: usize,
        r: &Scalar,
    ) -> Result<Option<Self>, Error> {
        // B1: Q_A. B3: R_B = r_B·Q_A. B4: g1 = e(R_A, de_B), g2 = e(Ppub-e, P2) to the power r_B, g3 = g1 to the power r_B
        let Some((point, g2)) = key.master.for_user(peer, r) else { return Ok(None) };
        let ours = Encapsulation(point);
        let g1 = key.pair(&ephemeral.0);
        let g3 = sm9::power(&g1, r);
        let ids = [peer.id(), key.user().id()];
        let agreed = Agreed::new(&ids, &[ephemeral, &ours], &[&g1, &g2, &g3]);
        Ok(Some(Self {
            ephemeral: ours,
            key: agreed.key(len)?,
            confirmation: agreed.confirmation(0x82),
            expected: Zeroizing::new(agreed.confirmation(0x83)),
        }))
    }

    /// R_B, for the initiator.
    #[must_use]
    pub const fn ephemeral(&self) -> &Encapsulation {
        &self.ephemeral
    }

    /// S_B, for the initiator.
    #[must_use]
    pub const fn confirmation(&self) -> &[u8; 32] {
        &self.confirmation
    }

    /// B8: the key, if S_A says that the initiator has it.
    ///
    /// # Errors
    ///
    /// [`Error::Exchange`] when it does not.
    pub fn finish(self, confirmation: &[u8; 32]) -> Result<Zeroizing<Vec<u8>>, Error> {
        if backend::reveal(bool::from(self.expected.ct_eq(confirmation))) {
            Ok(self.key)
        } else {
            Err(Error::Exchange)
        }
    }
}

/// Hedged as for signatures, over both users.
fn nonces(
    key: &DecryptionKey,
    peer: &User<'_>,
    rng: &mut (impl CryptoRng + ?Sized),
) -> super::nonce::Nonces {
    let own = key.user().id();
    let purpose: Digest = sm3::digest_all(&[
        b"yinxin SM9 key exchange",
        &(own.len() as u64).to_be_bytes(),
        own,
        peer.id(),
        &[peer.hid()],
    ]);
    key.nonce_key.nonces(&purpose, rng)
}

/// What both sides hash.
struct Agreed {
    /// ID_A ‖ ID_B ‖ R_A ‖ R_B.
    public: Vec<u8>,
    /// g1 ‖ g2 ‖ g3.
    values: Zeroizing<Vec<u8>>,
    /// SM3(g2 ‖ g3 ‖ ID_A ‖ ID_B ‖ R_A ‖ R_B).
    inner: Zeroizing<[u8; 32]>,
}

impl Agreed {
    fn new(ids: &[&[u8]; 2], points: &[&Encapsulation; 2], values: &[&Gt; 3]) -> Self {
        let [r_a, r_b] = points.map(Encapsulation::to_bytes);
        let public = [ids[0], ids[1], &r_a[1..], &r_b[1..]].concat();
        let mut bytes = Zeroizing::new(Vec::with_capacity(3 * GT));
        values.iter().for_each(|value| bytes.extend_from_slice(&value.to_bytes()));
        let mut hash = Zeroizing::new(Sm3::new());
        hash.update(&bytes[GT..]);
        hash.update(&public);
        let inner = Zeroizing::new(hash.finish().0);
        Self { public, values: bytes, inner }
    }

    /// KDF(ID_A ‖ ID_B ‖ R_A ‖ R_B ‖ g1 ‖ g2 ‖ g3, len).
    fn key(&self, len: usize) -> Result<Zeroizing<Vec<u8>>, Error> {
        let mut key = Zeroizing::new(alloc::vec![0; len]);
        kdf::derive(&[&self.public, &self.values], &mut key)?;
        Ok(key)
    }

    /// S_B (0x82) or S_A (0x83): SM3(tag ‖ g1 ‖ inner).
    fn confirmation(&self, tag: u8) -> [u8; 32] {
        sm3::digest_all(&[&[tag], &self.values[..GT], &self.inner[..]]).0
    }
}

/// Bytes of an element of GT.
const GT: usize = 384;

impl fmt::Debug for Initiator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Initiator({:?})", self.ephemeral)
    }
}

impl fmt::Debug for Responder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Responder({:?})", self.ephemeral)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sm9::EncryptionMasterKey;

    #[test]
    fn who_has_another_key_id_point_or_confirmation_gets_no_key() {
        let rng = &mut rand_core::UnwrapErr(getrandom::SysRng);
        let centre = EncryptionMasterKey::from_bytes(&[3; 32]).expect("in range");
        let [alice, bob, eve] = [&b"a"[..], b"b", b"e"].map(User::exchanger);
        let [key_a, key_b, key_e] = [alice, bob, eve].map(|user| centre.extract(&user).expect(""));

        // What B believes of A, what A believes of B, and whether it is so.
        for (of_a, of_b, good) in [
            (alice, bob, true),
            (eve, bob, false),
            (alice, eve, false),
            (alice, User::recipient(b"b"), false),
        ] {
            let initiator = Initiator::new(&key_a, &of_b, rng).expect("finite");
            let responder = Responder::new(&key_b, &of_a, initiator.ephemeral(), 48, rng);
            let responder = responder.expect("finite");
            let s_b = *responder.confirmation();
            let finished = initiator.finish(&key_a, responder.ephemeral(), &s_b, 48);
            assert_eq!(finished.is_ok(), good);
            let s_a = finished.map_or([0; 32], |(_, s_a)| s_a);
            assert_eq!(responder.finish(&s_a).is_ok(), good);
        }

        let initiator = Initiator::new(&key_a, &bob, rng).expect("finite");
        let responder = Responder::new(&key_b, &alice, initiator.ephemeral(), 1, rng);
        let responder = responder.expect("finite");
        let other = *Initiator::new(&key_a, &bob, rng).expect("finite").ephemeral();
        let finished = initiator.finish(&key_a, &other, responder.confirmation(), 1);
        assert_eq!(finished.expect_err("not R_B"), Error::Exchange);
        let initiator = Initiator::new(&key_a, &bob, rng).expect("finite");
        let responder = Responder::new(&key_b, &alice, initiator.ephemeral(), 1, rng);
        let responder = responder.expect("finite");
        let s_b = *responder.confirmation();
        let finished = initiator.finish(&key_e, responder.ephemeral(), &s_b, 1);
        assert_eq!(finished.expect_err("begun with another"), Error::Exchange);
    }
}
