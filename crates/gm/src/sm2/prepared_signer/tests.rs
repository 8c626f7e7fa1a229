use alloc::{collections::BTreeSet, format};
use core::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rand_core::{TryCryptoRng, TryRng};

use super::*;
use crate::sm2::DEFAULT_ID;

/// A broken generator: it says this and nothing else, so many times; then it panics.
struct Stuck(u8, usize);

impl TryRng for Stuck {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        unreachable!("nobody asks")
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        unreachable!("nobody asks")
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        self.1 = self.1.checked_sub(1).expect("the generator gives out");
        out.fill(self.0);
        Ok(())
    }
}

impl TryCryptoRng for Stuck {}

fn signer(personalization: &[u8], rng: &mut Stuck) -> PreparedSigner {
    let key = PrivateKey::from_bytes(&[7; 32]).expect("in range");
    PreparedSigner::new(key, personalization, rng)
}

/// Says so where there is nothing to test, because each signature is the ordinary one.
fn prepares() -> bool {
    let prepares = backend::generation().is_some();
    if !prepares {
        std::println!("skipped: this system does not tell of fork");
    }
    prepares
}

/// r tells the nonce, where the message is the same.
fn rs(signer: &mut PreparedSigner, count: usize, rng: &mut Stuck) -> Vec<[u8; 64]> {
    let digest = signer.key.digest(DEFAULT_ID, b"message").expect("short id");
    let signatures = (0..count).map(|_| signer.sign_digest(&digest, rng).expect("its own"));
    signatures.inspect(|made| assert_eq!(digest.verify(made), Ok(()))).map(|s| s.to_raw()).collect()
}

fn is_wiped(nonces: &[Nonce]) -> bool {
    nonces.iter().all(|nonce| nonce.k.is_zero() && nonce.x1.is_zero())
}

#[test]
fn no_nonce_serves_twice_even_with_a_stuck_generator() {
    if !prepares() {
        return;
    }
    let rng = &mut Stuck(9, usize::MAX);
    let mut signers = [signer(b"one", rng), signer(b"another", rng)];
    let mut seen = BTreeSet::new();
    for signer in &mut signers {
        seen.extend(rs(signer, 3 * STORE + 5, rng));
    }
    assert_eq!(seen.len(), 2 * (3 * STORE + 5));
    // What the documentation warns of, so that the count above is seen to tell.
    seen.extend(rs(&mut signer(b"one", rng), 70, rng));
    assert_eq!(seen.len(), 2 * (3 * STORE + 5));
}

#[test]
fn a_taken_nonce_is_wiped_and_so_are_all() {
    if !prepares() {
        return;
    }
    let rng = &mut Stuck(9, usize::MAX);
    let mut signer = signer(b"", rng);
    assert_eq!(signer.prepared(), 0);
    rs(&mut signer, 3, rng);
    assert_eq!(signer.prepared(), STORE - 3);
    assert!(is_wiped(&signer.store.nonces[STORE - 3..]));
    assert!(signer.store.nonces[..STORE - 3].iter().all(|nonce| !nonce.k.is_zero()));
    signer.prepare(rng);
    assert_eq!(signer.prepared(), STORE - 3, "more than half");
    signer.wipe();
    assert!(signer.prepared() == 0 && is_wiped(&signer.store.nonces));
    signer.prepare(rng);
    assert_eq!(signer.prepared(), STORE);
}

#[test]
fn a_generator_that_panics_leaves_nothing_old_and_nothing_half_made() {
    if !prepares() {
        return;
    }
    let rng = &mut Stuck(9, 2);
    let mut signer = signer(b"", rng);
    let before = rs(&mut signer, STORE, rng);
    let failed = catch_unwind(AssertUnwindSafe(|| rs(&mut signer, 1, rng)));
    assert!(failed.is_err() && signer.prepared() == 0 && is_wiped(&signer.store.nonces));
    let rng = &mut Stuck(9, 1);
    let after = rs(&mut signer, STORE, rng);
    assert!(after.iter().all(|made| !before.contains(made)));
}

#[test]
fn a_copy_of_the_process_takes_nothing_that_was_ready() {
    if !prepares() {
        return;
    }
    let rng = &mut Stuck(9, usize::MAX);
    let mut signer = signer(b"", rng);
    rs(&mut signer, 1, rng);
    // As in a child: tests/prepared_signer.rs has a real one.
    signer.generation = NonZeroU64::new(u64::MAX);
    rs(&mut signer, 1, rng);
    assert_eq!(signer.prepared(), STORE - 1);
    signer.generation = NonZeroU64::new(u64::MAX);
    signer.prepare(rng);
    assert_eq!(signer.prepared(), STORE);
}

#[test]
fn a_digest_for_another_key_costs_no_nonce() {
    if !prepares() {
        return;
    }
    let rng = &mut Stuck(9, usize::MAX);
    let mut signer = signer(b"", rng);
    signer.prepare(rng);
    let other = PrivateKey::from_bytes(&[8; 32]).expect("in range");
    let digest = other.digest(DEFAULT_ID, b"").expect("short id");
    assert_eq!(signer.sign_digest(&digest, rng), Err(Error::KeyMismatch));
    let long = [0; crate::sm2::MAX_ID + 1];
    assert!(matches!(signer.sign(&long, b"", rng), Err(Error::IdLength { .. })));
    assert_eq!(signer.prepared(), STORE);
    assert!(!format!("{signer:?}").contains("0707"));
}
