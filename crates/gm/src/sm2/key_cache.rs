//! The keys that a service meets all day, prepared.

use std::{
    collections::HashMap,
    sync::{
        Arc, LazyLock, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{MessageDigest, PreparedKey, PublicKey, Signature};
use crate::Error;

/// How often a key is met before it is prepared. Preparing costs three to seven verifications, so a key that comes back once
/// is not yet worth it, and a stream of keys that never come back costs a look-up each.
const WORTH_IT: u64 = 3;

/// Keys seen but not prepared, for each that may be: enough to tell the ones that come back from a stream of others.
const CANDIDATES: usize = 8;

/// Verifies like the keys themselves, and prepares those that come back. Shared between threads by reference.
///
/// At most `capacity` keys are prepared at a time ([`PreparedKey::MEMORY`] bytes each); the one unused for longest gives
/// way. Nothing here is trusted or secret: a cache changes how long an answer takes, never the answer.
///
/// ```
/// # use rand_core::UnwrapErr;
/// use yinxin_gm::sm2::{DEFAULT_ID, KeyCache, PrivateKey};
///
/// # let rng = &mut UnwrapErr(getrandom::SysRng);
/// let key = PrivateKey::generate(rng);
/// let signature = key.sign(DEFAULT_ID, b"message", rng)?;
/// let cache = KeyCache::new(256);
/// for _ in 0..10 {
///     cache.verify(key.public_key(), DEFAULT_ID, b"message", &signature)?;
/// }
/// assert_eq!(cache.prepared(), 1);
/// # Ok::<(), yinxin_gm::Error>(())
/// ```
#[derive(Debug)]
pub struct KeyCache {
    capacity: usize,
    /// Counts meetings; an entry remembers its last.
    clock: AtomicU64,
    entries: RwLock<HashMap<[u8; 64], Entry>>,
}

#[derive(Debug, Default)]
struct Entry {
    met: AtomicU64,
    last: AtomicU64,
    prepared: Option<Arc<PreparedKey>>,
}

/// The keys that this process meets all day, at most 256 of them: 8 MiB, and as many signers as a province's consortium has.
static MET: LazyLock<KeyCache> = LazyLock::new(|| KeyCache::new(256));

impl KeyCache {
    /// The one that everything in this process shares: validators, authorities and issuing departments are the same few in
    /// each document.
    #[must_use]
    pub fn shared() -> &'static Self {
        &MET
    }

    /// An empty cache for `capacity` prepared keys.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { capacity, clock: AtomicU64::new(0), entries: RwLock::default() }
    }

    /// How many keys are prepared now.
    #[must_use]
    pub fn prepared(&self) -> usize {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        entries.values().filter(|entry| entry.prepared.is_some()).count()
    }

    /// As [`PublicKey::verify`].
    ///
    /// # Errors
    ///
    /// [`Error::Signature`] when it does not verify, [`Error::IdLength`] when `id` is too long.
    pub fn verify(
        &self,
        key: &PublicKey,
        id: &[u8],
        message: &[u8],
        signature: &Signature,
    ) -> Result<(), Error> {
        match self.meet(key) {
            Some(prepared) => prepared.verify(id, message, signature),
            None => key.verify(id, message, signature),
        }
    }

    /// As [`MessageDigest::verify`].
    ///
    /// # Errors
    ///
    /// [`Error::Signature`] when it does not verify.
    pub fn verify_digest(
        &self,
        digest: &MessageDigest,
        signature: &Signature,
    ) -> Result<(), Error> {
        match self.meet(digest.public_key()) {
            Some(prepared) => prepared.verify_digest(digest, signature),
            None => digest.verify(signature),
        }
    }

    /// `key` as prepared, if it has been met often enough.
    fn meet(&self, key: &PublicKey) -> Option<Arc<PreparedKey>> {
        if self.capacity == 0 {
            return None;
        }
        let now = self.clock.fetch_add(1, Ordering::Relaxed);
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = entries.get(key.coordinates()) {
            entry.last.store(now, Ordering::Relaxed);
            if entry.prepared.is_some() {
                return entry.prepared.clone();
            }
            if entry.met.fetch_add(1, Ordering::Relaxed) + 1 < WORTH_IT {
                return None;
            }
        }
        let known = entries.contains_key(key.coordinates());
        drop(entries);
        // Prepared before the lock is taken: others go on meanwhile, and two who do the same find the same.
        let prepared = known.then(|| Arc::new(key.prepare()));
        self.keep(key, now, prepared.clone());
        prepared
    }

    fn keep(&self, key: &PublicKey, now: u64, prepared: Option<Arc<PreparedKey>>) {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.entry(*key.coordinates()).or_default();
        entry.met.fetch_max(1, Ordering::Relaxed);
        entry.last.store(now, Ordering::Relaxed);
        if entry.prepared.is_none() {
            entry.prepared = prepared;
        }
        let count = entries.values().filter(|entry| entry.prepared.is_some()).count();
        if count > self.capacity {
            forget_oldest(&mut entries, 1, |entry| entry.prepared.is_some());
        }
        // Half at once, so that a stream of new keys does not search the whole for each.
        let candidates = entries.len() - count.min(self.capacity);
        if candidates > CANDIDATES * self.capacity {
            forget_oldest(&mut entries, candidates.div_ceil(2), |entry| entry.prepared.is_none());
        }
    }
}

fn forget_oldest(
    entries: &mut HashMap<[u8; 64], Entry>,
    count: usize,
    of: impl Fn(&Entry) -> bool,
) {
    let mut ages: std::vec::Vec<_> = entries
        .iter()
        .filter(|(_, entry)| of(entry))
        .map(|(key, entry)| (entry.last.load(Ordering::Relaxed), *key))
        .collect();
    ages.sort_unstable();
    for (_, key) in ages.iter().take(count) {
        entries.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;
    use crate::sm2::{DEFAULT_ID, PrivateKey};

    fn keys(count: u8) -> Vec<PrivateKey> {
        (1..=count).map(|i| PrivateKey::from_bytes(&[i; 32]).expect("in range")).collect()
    }

    #[test]
    fn answers_stay_while_keys_come_and_go() {
        let rng = &mut rand_core::UnwrapErr(getrandom::SysRng);
        let cache = KeyCache::new(2);
        let keys = keys(5);
        for round in 0..10 {
            for key in &keys {
                let signature = key.sign(DEFAULT_ID, b"message", rng).expect("short id");
                let verify =
                    |message| cache.verify(key.public_key(), DEFAULT_ID, message, &signature);
                assert_eq!(verify(&b"message"[..]), Ok(()), "round {round}");
                assert_eq!(verify(b"massage"), Err(Error::Signature), "round {round}");
                assert!(cache.prepared() <= 2);
            }
        }
        assert_eq!(cache.prepared(), 2);
    }

    #[test]
    fn the_key_unused_for_longest_gives_way() {
        let cache = KeyCache::new(2);
        let keys = keys(3);
        let is_prepared = |key: &PrivateKey| {
            let entries = cache.entries.read().expect("no panic before");
            entries
                .get(key.public_key().coordinates())
                .is_some_and(|entry| entry.prepared.is_some())
        };
        let often = |key: &PrivateKey| (0..3).for_each(|_| drop(cache.meet(key.public_key())));
        often(&keys[0]);
        often(&keys[1]);
        often(&keys[0]);
        often(&keys[2]);
        assert_eq!([0, 1, 2].map(|i| is_prepared(&keys[i])), [true, false, true]);
    }

    #[test]
    fn keys_that_never_come_back_are_bounded_and_not_prepared() {
        let cache = KeyCache::new(1);
        for key in keys(60) {
            assert!(cache.meet(key.public_key()).is_none());
            assert!(cache.entries.read().expect("no panic before").len() <= 1 + CANDIDATES);
        }
        assert_eq!(cache.prepared(), 0);
        assert!(KeyCache::new(0).meet(keys(1)[0].public_key()).is_none());
    }

    #[test]
    fn threads_share_it() {
        let cache = KeyCache::new(4);
        let keys = keys(4);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        keys.iter().for_each(|key| drop(cache.meet(key.public_key())));
                    }
                });
            }
        });
        assert_eq!(cache.prepared(), 4);
    }
}
