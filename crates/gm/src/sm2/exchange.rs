//! SM2 key exchange with confirmation (GB/T 32918.3-2016).
//!
//! ```
//! # use rand_core::UnwrapErr;
//! use yinxin_gm::sm2::{DEFAULT_ID, PrivateKey, exchange::{Initiator, Party, Responder}};
//!
//! # let rng = &mut UnwrapErr(getrandom::SysRng);
//! let (alice, bob) = (PrivateKey::generate(rng), PrivateKey::generate(rng));
//! let (a, b) = (Party::new(alice.public_key(), DEFAULT_ID)?, Party::new(bob.public_key(), DEFAULT_ID)?);
//!
//! let initiator = Initiator::new(&alice, &a, rng)?;
//! // R_A goes to the responder, R_B and S_B come back,
//! let responder = Responder::new(&bob, &b, &a, initiator.ephemeral(), 16, rng)?;
//! // and S_A follows.
//! let (ours, s_a) =
//!     initiator.finish(&alice, &b, responder.ephemeral(), responder.confirmation(), 16)?;
//! let theirs = responder.finish(&s_a)?;
//! assert_eq!(ours, theirs);
//! # Ok::<(), yinxin_gm::Error>(())
//! ```

use alloc::vec::Vec;
use core::fmt;

use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{PrivateKey, PublicKey, message_digest};
use crate::{
    Digest, Error,
    backend::{self, Scalar},
    kdf,
    sm3::{self, Sm3},
};

/// One side as the other knows it: a public key and Z of it and an identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    key: PublicKey,
    z: Digest,
}

impl Party {
    /// The owner of `key` with the identifier `id`, usually [`super::DEFAULT_ID`].
    ///
    /// # Errors
    ///
    /// [`Error::IdLength`] when `id` has more than [`super::MAX_ID`] bytes.
    pub fn new(key: &PublicKey, id: &[u8]) -> Result<Self, Error> {
        Ok(Self { key: *key, z: message_digest::identity(key, id)? })
    }

    /// Fails unless `key` is this party's.
    fn is(&self, key: &PrivateKey) -> Result<(), Error> {
        if self.key == *key.public_key() { Ok(()) } else { Err(Error::KeyMismatch) }
    }
}

/// User A after A1 to A3, waiting for R_B and S_B. Wiped when dropped.
pub struct Initiator {
    party: Party,
    r: Zeroizing<Scalar>,
    ephemeral: PublicKey,
}

impl Initiator {
    /// Draws r_A; `party` is the owner of `key`.
    ///
    /// # Errors
    ///
    /// [`Error::KeyMismatch`] when it is not; [`Error::NonceExhausted`] when `rng` is broken.
    pub fn new(
        key: &PrivateKey,
        party: &Party,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Self, Error> {
        party.is(key)?;
        let r = key.exchange_nonce(&party.z, rng)?;
        Self::with(party, r)
    }

    fn with(party: &Party, r: Zeroizing<Scalar>) -> Result<Self, Error> {
        // A2: R_A = r_A·G
        let point = backend::mul_base(&r).ok_or(Error::NonceExhausted)?;
        Ok(Self { party: party.clone(), r, ephemeral: PublicKey::from_point(point) })
    }

    /// R_A, for the responder.
    #[must_use]
    pub const fn ephemeral(&self) -> &PublicKey {
        &self.ephemeral
    }

    /// A4 to A10: the key of `len` bytes, and S_A for the responder. The key is the responder's too, because S_B says so.
    ///
    /// # Errors
    ///
    /// [`Error::Exchange`] when S_B is not that of the key (the other side is not `peer`, or something was changed on the
    /// way), [`Error::KeyMismatch`] when `key` is not the one begun with, [`Error::TooLong`].
    pub fn finish(
        self,
        key: &PrivateKey,
        peer: &Party,
        ephemeral: &PublicKey,
        confirmation: &[u8; 32],
        len: usize,
    ) -> Result<(Zeroizing<Vec<u8>>, [u8; 32]), Error> {
        self.party.is(key)?;
        let Self { party, r, ephemeral: ours } = self;
        let agreed = Agreed::new(
            &key.exchange_factor(&reduced_x(&ours), &r),
            &Public { initiator: &party, responder: peer, r_a: &ours, r_b: ephemeral },
            (peer, ephemeral),
        )?;
        // A9: S_1 must be S_B. A10: S_A
        agreed.confirm(2, confirmation)?;
        Ok((agreed.key(len)?, agreed.confirmation(3)))
    }
}

/// User B after B1 to B8, waiting for S_A. Wiped when dropped.
pub struct Responder {
    ephemeral: PublicKey,
    key: Zeroizing<Vec<u8>>,
    /// S_B.
    confirmation: [u8; 32],
    /// S_2, which S_A must be.
    expected: Zeroizing<[u8; 32]>,
}

impl Responder {
    /// Draws r_B and makes the key of `len` bytes; `party` is the owner of `key`, `ephemeral` is R_A of `peer`.
    ///
    /// # Errors
    ///
    /// [`Error::KeyMismatch`] when `party` is not; [`Error::NonceExhausted`] when `rng` is broken; [`Error::Exchange`]
    /// when the peer's values give the point at infinity; [`Error::TooLong`].
    pub fn new(
        key: &PrivateKey,
        party: &Party,
        peer: &Party,
        ephemeral: &PublicKey,
        len: usize,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Self, Error> {
        party.is(key)?;
        let r = key.exchange_nonce(&party.z, rng)?;
        Self::with(key, party, peer, ephemeral, len, &r)
    }

    fn with(
        key: &PrivateKey,
        party: &Party,
        peer: &Party,
        ephemeral: &PublicKey,
        len: usize,
        r: &Scalar,
    ) -> Result<Self, Error> {
        // B2: R_B = r_B·G
        let ours = PublicKey::from_point(backend::mul_base(r).ok_or(Error::NonceExhausted)?);
        let agreed = Agreed::new(
            &key.exchange_factor(&reduced_x(&ours), r),
            &Public { initiator: peer, responder: party, r_a: ephemeral, r_b: &ours },
            (peer, ephemeral),
        )?;
        Ok(Self {
            ephemeral: ours,
            key: agreed.key(len)?,
            confirmation: agreed.confirmation(2),
            expected: Zeroizing::new(agreed.confirmation(3)),
        })
    }

    /// R_B, for the initiator.
    #[must_use]
    pub const fn ephemeral(&self) -> &PublicKey {
        &self.ephemeral
    }

    /// S_B, for the initiator.
    #[must_use]
    pub const fn confirmation(&self) -> &[u8; 32] {
        &self.confirmation
    }

    /// B10: the key, if S_A says that the initiator has it.
    ///
    /// # Errors
    ///
    /// [`Error::Exchange`] when it does not.
    pub fn finish(self, confirmation: &[u8; 32]) -> Result<Zeroizing<Vec<u8>>, Error> {
        if backend::reveal(self.expected.ct_eq(confirmation).into()) {
            Ok(self.key)
        } else {
            Err(Error::Exchange)
        }
    }
}

/// What both sides send or know beforehand, in the order in which it is hashed.
struct Public<'a> {
    initiator: &'a Party,
    responder: &'a Party,
    r_a: &'a PublicKey,
    r_b: &'a PublicKey,
}

/// The shared point U = V, and all that it is hashed with.
struct Agreed {
    point: Zeroizing<[u8; 64]>,
    z: [Digest; 2],
    /// SM3(x_U ‖ Z_A ‖ Z_B ‖ x_1 ‖ y_1 ‖ x_2 ‖ y_2).
    inner: Zeroizing<[u8; 32]>,
}

impl Agreed {
    /// A5 to A7, B4 to B6: t·(P + x̄·R), P and R those of the other side. The cofactor is 1.
    fn new(
        t: &Scalar,
        public: &Public<'_>,
        (peer, r): (&Party, &PublicKey),
    ) -> Result<Self, Error> {
        // Of public values, and so in variable time.
        let base = backend::multiple_plus(&reduced_x(r), r.point(), peer.key.point());
        let point =
            Zeroizing::new(backend::mul(t, &base.ok_or(Error::Exchange)?).ok_or(Error::Exchange)?);
        let point = Zeroizing::new(point.to_bytes());
        let Public { initiator, responder, r_a, r_b } = public;
        let mut hash = Zeroizing::new(Sm3::new());
        hash.update(&point[..32]);
        for part in [initiator.z.as_bytes(), responder.z.as_bytes()] {
            hash.update(part);
        }
        hash.update(r_a.coordinates());
        hash.update(r_b.coordinates());
        let inner = Zeroizing::new(hash.finish().0);
        Ok(Self { point, z: [initiator.z, responder.z], inner })
    }

    /// KDF(x_U ‖ y_U ‖ Z_A ‖ Z_B, len).
    fn key(&self, len: usize) -> Result<Zeroizing<Vec<u8>>, Error> {
        let mut key = Zeroizing::new(alloc::vec![0; len]);
        let [z_a, z_b] = &self.z;
        kdf::derive(&[&self.point[..], z_a.as_bytes(), z_b.as_bytes()], &mut key)?;
        Ok(key)
    }

    /// S_B (2) or S_A (3): SM3(tag ‖ y_U ‖ inner).
    fn confirmation(&self, tag: u8) -> [u8; 32] {
        sm3::digest_all(&[&[tag], &self.point[32..], &self.inner[..]]).0
    }

    fn confirm(&self, tag: u8, received: &[u8; 32]) -> Result<(), Error> {
        if backend::reveal(self.confirmation(tag).ct_eq(received).into()) {
            Ok(())
        } else {
            Err(Error::Exchange)
        }
    }
}

/// x̄ = 2¹²⁷ + (x mod 2¹²⁷), of a point that is sent.
fn reduced_x(point: &PublicKey) -> Scalar {
    let mut bytes = [0; 32];
    bytes[16..].copy_from_slice(&point.coordinates()[16..32]);
    bytes[16] |= 0x80;
    Scalar::from_bytes_reduced(&bytes)
}

impl fmt::Debug for Initiator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Initiator({})", self.party.key)
    }
}

impl fmt::Debug for Responder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Responder({})", self.ephemeral)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sm2::DEFAULT_ID;

    fn array<const N: usize>(text: &str) -> [u8; N] {
        hex::decode(text.replace(' ', "")).expect("hexadecimal").try_into().expect("the length")
    }

    /// GB/T 32918.5-2017 appendix B.
    #[test]
    fn the_example_of_the_standard_comes_out() {
        let key = |text| PrivateKey::from_bytes(&array(text)).expect("in range");
        let nonce = |text| Zeroizing::new(Scalar::from_bytes(&array(text)).expect("below n"));
        let a = key("81EB26E9 41BB5AF1 6DF11649 5F906952 72AE2CD6 3D6C4AE1 678418BE 48230029");
        let b = key("78512991 7D45A9EA 5437A593 56B82338 EAADDA6C EB199088 F14AE10D EFA229B5");
        let r_a = nonce("D4DE1547 4DB74D06 491C440D 305E0124 00990F3E 390C7E87 153C12DB 2EA60BB3");
        let r_b = nonce("7E071248 14B30948 9125EAED 10111316 4EBF0F34 58C5BD88 335C1F9D 596243D6");
        let party = |key: &PrivateKey| Party::new(key.public_key(), DEFAULT_ID).expect("short id");

        let initiator = Initiator::with(&party(&a), r_a).expect("a usable nonce");
        let responder =
            Responder::with(&b, &party(&b), &party(&a), initiator.ephemeral(), 16, &r_b);
        let responder = responder.expect("finite");
        let s_b = "D3A0FE15 DEE185CE AE907A6B 595CC32A 266ED7B3 367E9983 A896DC32 FA20F8EB";
        assert_eq!(responder.confirmation(), &array(s_b));
        let (key, s_a) = initiator
            .finish(&a, &party(&b), responder.ephemeral(), responder.confirmation(), 16)
            .expect("S_B is right");
        let expected = "18C7894B 3816DF16 CF07B05C 5EC0BEF5 D655D58F 779CC1B4 00A4F388 4644DB88";
        assert_eq!(s_a, array(expected));
        assert_eq!(key[..], array::<16>("6C893473 54DE2484 C60B4AB1 FDE4C6E5"));
        assert_eq!(responder.finish(&s_a).expect("S_A is right"), key);
    }

    #[test]
    fn who_has_another_key_id_point_or_confirmation_gets_no_key() {
        let rng = &mut rand_core::UnwrapErr(getrandom::SysRng);
        let keys = [1, 2, 3].map(|i| PrivateKey::from_bytes(&[i; 32]).expect("in range"));
        let [a, b, c] = &keys;
        let party = |key: &PrivateKey, id| Party::new(key.public_key(), id).expect("short id");
        let (p_a, p_b) = (party(a, b"a"), party(b, b"b"));

        // What B believes of A, what A believes of B, and whether it is so.
        for (of_a, of_b, good) in [
            (party(a, b"a"), party(b, b"b"), true),
            (party(a, b"x"), party(b, b"b"), false),
            (party(a, b"a"), party(b, b"x"), false),
            (party(c, b"a"), party(b, b"b"), false),
            (party(a, b"a"), party(c, b"b"), false),
        ] {
            let initiator = Initiator::new(a, &p_a, rng).expect("own key");
            let responder = Responder::new(b, &p_b, &of_a, initiator.ephemeral(), 48, rng);
            let responder = responder.expect("finite");
            let s_b = *responder.confirmation();
            let finished = initiator.finish(a, &of_b, responder.ephemeral(), &s_b, 48);
            assert_eq!(finished.is_ok(), good);
            let s_a = finished.map_or([0; 32], |(_, s_a)| s_a);
            assert_eq!(responder.finish(&s_a).is_ok(), good);
        }

        let initiator = Initiator::new(a, &p_a, rng).expect("own key");
        let responder = Responder::new(b, &p_b, &p_a, initiator.ephemeral(), 1, rng);
        let responder = responder.expect("finite");
        let s_b = *responder.confirmation();
        // R_B exchanged for another point on the way.
        let finished = initiator.finish(a, &p_b, c.public_key(), &s_b, 1);
        assert_eq!(finished.expect_err("not R_B"), Error::Exchange);

        assert!(matches!(Initiator::new(b, &p_a, rng), Err(Error::KeyMismatch)));
        let initiator = Initiator::new(a, &p_a, rng).expect("own key");
        let finished = initiator.finish(b, &p_b, c.public_key(), &s_b, 1);
        assert_eq!(finished.expect_err("begun with another"), Error::KeyMismatch);
    }

    /// R = −x̄⁻¹·P can be made by who has P's key; then there is nothing to agree on.
    #[test]
    fn infinity_is_refused() {
        let key = PrivateKey::from_bytes(&[5; 32]).expect("in range");
        let point = key.public_key().point();
        let minus_one = Scalar::ONE.sub(&Scalar::ONE).sub(&Scalar::ONE);
        assert!(backend::multiple_plus(&minus_one, point, point).is_none());
    }
}
