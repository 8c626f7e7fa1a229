//! A signer that has its nonces ready.

use alloc::{boxed::Box, vec::Vec};
use core::{fmt, num::NonZeroU64};

use rand_core::CryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{
    MessageDigest, PrivateKey, PublicKey, Signature,
    nonce::{ATTEMPTS, NonceKey, Nonces},
};
use crate::{
    Digest, Error,
    backend::{self, Scalar},
};

/// How many nonces are made at once: as many as share an inversion (`specs/gm.md` 9.14).
const STORE: usize = 64;

/// Keeps these nonces apart from those that depend on a message.
const LABEL: &[u8] = b"yinxin SM2 prepared nonces";

/// Signs with nonces k whose points k·G were computed ahead, 64 at a time, which share their work: several times as
/// fast as [`PrivateKey::sign`]. For whoever signs all day with one key; one signature in 64 waits until the next nonces
/// are made, unless [`PreparedSigner::prepare`] is called in between.
///
/// **What is weaker.** A nonce that is ready before the message is known cannot depend on the message. [`PrivateKey::sign`]
/// stays safe with a broken random generator; this stays safe while the generator repeats within the life of one signer
/// (nonces are HMACs under the key over a state that never comes back), but not when two signers of one key hear the
/// same from it and were made with the same `personalization`. Two different messages signed with one nonce tell the
/// key. So:
///
/// * give as `personalization` what tells this signer from every other of its key: machine, process, time of start;
/// * a copy of a virtual machine (a snapshot started twice, a clone) has the same nonces ready as the original, and
///   nothing can tell it so: [`PreparedSigner::wipe`] before the snapshot, or use [`PrivateKey::sign`] on such machines;
/// * a child after `fork` wipes what it has of its parent's when it next signs (Linux 4.14 or later says so). Where a
///   system has `fork` but does not tell, nothing is prepared and each signature is made by [`PrivateKey::sign`].
///
/// A nonce is wiped from the store as it is taken, before it is used; it is never put back. The rest are wiped when
/// dropped. There is no `Clone`: for several threads make one for each, or share one behind a lock.
///
/// ```
/// # use rand_core::UnwrapErr;
/// use yinxin_gm::sm2::{DEFAULT_ID, PreparedSigner, PrivateKey};
///
/// # let rng = &mut UnwrapErr(getrandom::SysRng);
/// let key = PrivateKey::generate(rng);
/// let started = format!("{:?} {}", std::time::SystemTime::now(), std::process::id());
/// let mut signer = PreparedSigner::new(key, started.as_bytes(), rng);
/// let signature = signer.sign(DEFAULT_ID, b"one of many", rng)?;
/// signer.public_key().verify(DEFAULT_ID, b"one of many", &signature)?;
/// # Ok::<(), yinxin_gm::Error>(())
/// ```
///
/// ```compile_fail
/// # fn twice(signer: &yinxin_gm::sm2::PreparedSigner) -> yinxin_gm::sm2::PreparedSigner {
/// signer.clone() // both would have the same nonces
/// # }
/// ```
pub struct PreparedSigner {
    key: PrivateKey,
    nonce_key: NonceKey,
    /// Different whenever nonces are made.
    state: Zeroizing<[u8; 32]>,
    /// In one place for ever: what moves leaves a copy behind.
    store: Box<Store>,
    /// Of the process that filled the store.
    generation: Option<NonZeroU64>,
}

impl PreparedSigner {
    /// A signer with `key`; nonces are made when the first is needed.
    ///
    /// `personalization` (any length) should not be that of another signer with this key, see above.
    #[must_use]
    pub fn new(
        key: PrivateKey,
        personalization: &[u8],
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Self {
        let nonce_key = NonceKey::labelled(&key.to_bytes(), LABEL);
        let mut extra = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut extra[..]);
        let state = nonce_key.mac(&[crate::sm3::digest(personalization).as_bytes(), &extra[..]]);
        Self { key, nonce_key, state, store: Box::default(), generation: None }
    }

    /// The public key.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        self.key.public_key()
    }

    /// Signs `message` as the signer with `id`, usually [`super::DEFAULT_ID`].
    ///
    /// # Errors
    ///
    /// [`Error::IdLength`] when `id` is too long.
    pub fn sign(
        &mut self,
        id: &[u8],
        message: &[u8],
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Signature, Error> {
        let digest = self.key.digest(id, message)?;
        self.sign_digest(&digest, rng)
    }

    /// Signs a digest that was made for this key's public key. `rng` is asked when nonces must be made.
    ///
    /// # Errors
    ///
    /// [`Error::KeyMismatch`] when it was made for another key.
    pub fn sign_digest(
        &mut self,
        digest: &MessageDigest,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Signature, Error> {
        digest.for_key(&self.key)?;
        // The message is settled before a nonce is taken: should the process be copied from here on, both sign the same.
        let e = digest.scalar();
        for _ in 0..ATTEMPTS {
            let Some(generation) = backend::generation() else {
                return self.key.sign_digest(digest, rng);
            };
            if self.generation != Some(generation) || self.prepared() == 0 {
                self.fill(generation, rng);
            }
            if let Some(Nonce { k, x1 }) = &self.store.take()
                && let Some(signature) = self.key.sign_with_x(&e, k, x1)
            {
                return Ok(signature);
            }
        }
        Err(Error::NonceExhausted)
    }

    /// Makes nonces ahead if fewer than half are left, so that the next signatures need not wait for them.
    pub fn prepare(&mut self, rng: &mut (impl CryptoRng + ?Sized)) {
        let Some(generation) = backend::generation() else { return };
        if self.generation != Some(generation) || self.prepared() < STORE / 2 {
            self.fill(generation, rng);
        }
    }

    /// How many nonces are ready, at most 64.
    #[must_use]
    pub const fn prepared(&self) -> usize {
        self.store.left
    }

    /// Wipes the nonces that are ready: before memory is written anywhere (a snapshot, hibernation), or after a while
    /// without anything to sign. The next signature makes new ones.
    pub fn wipe(&mut self) {
        self.store.zeroize();
    }

    /// Replaces what is in the store. Whatever panics here leaves it empty.
    fn fill(&mut self, generation: NonZeroU64, rng: &mut (impl CryptoRng + ?Sized)) {
        self.store.zeroize();
        let mut extra = Zeroizing::new([[0; 32]; STORE]);
        rng.fill_bytes(extra.as_flattened_mut());
        // A generator may have been copied with the process: numbers of the process stand in for it.
        let process = std::process::id().to_be_bytes();
        self.state =
            self.nonce_key.mac(&[&self.state[..], &generation.get().to_be_bytes(), &process]);
        let state = Digest(*self.state);
        let drafts = (0_u8..).zip(extra.iter());
        let drafts =
            drafts.map(|(count, extra)| self.nonce_key.seeded(&state, extra).starting_at(count));
        let drafts: Vec<_> = drafts.collect();
        let mut ks = Zeroizing::new(Vec::with_capacity(STORE));
        ks.extend(Nonces::first_of_each(drafts.iter()).iter().flatten());
        let x1s = Zeroizing::new(backend::mul_base_xs(&ks));
        for (k, x1) in ks.iter().zip(x1s.iter()) {
            if let Some(x1) = x1.or_else(|| backend::mul_base_x(k)) {
                self.store.put(k, &x1);
            }
        }
        self.generation = Some(generation);
    }
}

impl fmt::Debug for PreparedSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (public, prepared) = (self.public_key(), self.prepared());
        write!(f, "PreparedSigner(of {public}, {prepared} nonces)")
    }
}

impl ZeroizeOnDrop for PreparedSigner {}

/// k, and the x coordinate of k·G modulo n.
#[derive(Zeroize, ZeroizeOnDrop)]
struct Nonce {
    k: Scalar,
    x1: Scalar,
}

/// Invariant: the first `left` are there, the others are wiped.
#[derive(Zeroize, ZeroizeOnDrop)]
struct Store {
    nonces: [Nonce; STORE],
    left: usize,
}

impl Default for Store {
    fn default() -> Self {
        Self { nonces: [const { Nonce { k: Scalar::ZERO, x1: Scalar::ZERO } }; STORE], left: 0 }
    }
}

impl Store {
    fn put(&mut self, k: &Scalar, x1: &[u8; 32]) {
        let place = &mut self.nonces[self.left];
        (place.k, place.x1) = (*k, Scalar::from_bytes_reduced(x1));
        self.left += 1;
    }

    /// The last one: it is not in the store any more when this returns.
    #[inline]
    fn take(&mut self) -> Option<Nonce> {
        self.left = self.left.checked_sub(1)?;
        let place = &mut self.nonces[self.left];
        let taken = Nonce { k: place.k, x1: place.x1 };
        place.zeroize();
        Some(taken)
    }
}

#[cfg(test)]
mod tests;
