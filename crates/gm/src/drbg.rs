//! A random generator over SM3 in the manner of GM/T 0105-2021: Hash_DRBG of NIST SP 800-90A with that standard's limits.
//!
//! [`HashDrbg`] is the mechanism, on seeds and times that the caller gives. [`Drbg`] is the mechanism with a source of
//! entropy whose health is watched, and gives what `rand_core` asks of a generator.
//!
//! Where GM/T 0105 differs from SP 800-90A: at most 32 bytes to a request, the entropy before V when reseeding, and
//! seeds that grow old by time as well as by use.

mod health;

pub use health::{Health, PER_BYTE, START_UP};

use core::{fmt, time::Duration};

use rand_core::{TryCryptoRng, TryRng};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{Error, sm3::Sm3};

/// The bytes of a seed (SP 800-90A table 2, hashes of 256 bits).
const SEED: usize = 55;
/// The most bytes that one request may have.
pub const MAX_REQUEST: usize = 32;
/// The least bytes of entropy in a seed, for 256 bits of strength.
pub const MIN_ENTROPY: usize = 32;
/// The least bytes of the nonce.
pub const MIN_NONCE: usize = 16;
/// SP 800-90A table 2 allows 2³⁵ bits; this is what anyone needs, and short enough to hash at once.
pub const MAX_INPUT: usize = 1 << 16;

/// How soon seeds grow old.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the standard has two")]
pub enum Level {
    /// After 2²⁰ requests or 600 seconds.
    One,
    /// After 2¹⁰ requests or 60 seconds.
    Two,
}

impl Level {
    /// The requests that one seed may serve.
    #[must_use]
    pub const fn requests(self) -> u64 {
        match self {
            Self::One => 1 << 20,
            Self::Two => 1 << 10,
        }
    }

    /// The time for which one seed may serve.
    #[must_use]
    pub const fn age(self) -> Duration {
        match self {
            Self::One => Duration::from_secs(600),
            Self::Two => Duration::from_secs(60),
        }
    }
}

/// The mechanism; wiped when dropped. `now` is the time on any clock that never goes back.
///
/// A copy made by `fork` gives the same bytes as the original: reseed it.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct HashDrbg {
    v: [u8; SEED],
    c: [u8; SEED],
    /// The number of the next request since seeding, from 1.
    counter: u64,
    #[zeroize(skip)]
    seeded: Duration,
    #[zeroize(skip)]
    level: Level,
}

impl HashDrbg {
    /// A generator with a first seed. The nonce need not be secret, but no other instance should have it.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] when entropy or nonce is too short, [`Error::TooLong`] when an input is longer than [`MAX_INPUT`].
    pub fn new(
        level: Level,
        entropy: &[u8],
        nonce: &[u8],
        personalization: &[u8],
        now: Duration,
    ) -> Result<Self, Error> {
        at_least(entropy, MIN_ENTROPY)?;
        at_least(nonce, MIN_NONCE)?;
        at_most(&[entropy, nonce, personalization])?;
        let mut drbg = Self { v: [0; SEED], c: [0; SEED], counter: 1, seeded: now, level };
        drbg.seed(&[entropy, nonce, personalization], now);
        Ok(drbg)
    }

    /// Mixes in fresh entropy.
    ///
    /// # Errors
    ///
    /// As [`HashDrbg::new`].
    pub fn reseed(
        &mut self,
        entropy: &[u8],
        additional: &[u8],
        now: Duration,
    ) -> Result<(), Error> {
        at_least(entropy, MIN_ENTROPY)?;
        at_most(&[entropy, additional])?;
        let v = Zeroizing::new(self.v);
        self.seed(&[&[1], entropy, &v[..], additional], now);
        Ok(())
    }

    /// Fills `out`, at most [`MAX_REQUEST`] bytes.
    ///
    /// # Errors
    ///
    /// [`Error::ReseedRequired`] when the seed is too old: then nothing is given; [`Error::TooLong`].
    pub fn generate(
        &mut self,
        out: &mut [u8],
        additional: &[u8],
        now: Duration,
    ) -> Result<(), Error> {
        if out.len() > MAX_REQUEST {
            return Err(Error::TooLong { len: out.len() as u64, max: MAX_REQUEST as u64 });
        }
        at_most(&[additional])?;
        if self.is_old(now) {
            return Err(Error::ReseedRequired);
        }
        if !additional.is_empty() {
            let w = hash(&[&[2], &self.v, additional]);
            add(&mut self.v, &w[..]);
        }
        out.copy_from_slice(&hash(&[&self.v])[..out.len()]);
        // V = V + Hash(03 ‖ V) + C + counter
        let h = hash(&[&[3], &self.v]);
        add(&mut self.v, &h[..]);
        add(&mut self.v, &self.c);
        add(&mut self.v, &self.counter.to_be_bytes());
        self.counter += 1;
        Ok(())
    }

    /// Whether the seed has served its requests or its time.
    #[must_use]
    pub fn is_old(&self, now: Duration) -> bool {
        self.counter > self.level.requests()
            || now.saturating_sub(self.seeded) > self.level.age()
            // A clock that goes back says nothing about the age.
            || now < self.seeded
    }

    fn seed(&mut self, material: &[&[u8]], now: Duration) {
        self.v = *derive(material);
        self.c = *derive(&[&[0], &self.v]);
        self.counter = 1;
        self.seeded = now;
    }
}

impl fmt::Debug for HashDrbg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HashDrbg").field("counter", &self.counter).finish_non_exhaustive()
    }
}

/// A generator that seeds and reseeds itself from `source`, whose bytes must pass the tests of [`Health`].
///
/// ```
/// use std::time::Instant;
/// use rand_core::{Rng, UnwrapErr};
/// use yinxin_gm::{drbg::{Drbg, Level}, sm2::PrivateKey};
///
/// let start = Instant::now();
/// let drbg = Drbg::new(Level::Two, getrandom::SysRng, move || start.elapsed(), b"a signer")?;
/// let key = PrivateKey::generate(&mut UnwrapErr(drbg));
/// # Ok::<(), yinxin_gm::Error>(())
/// ```
pub struct Drbg<S, C> {
    drbg: HashDrbg,
    health: Health,
    source: S,
    clock: C,
}

/// What is drawn for 256 bits, given that a byte has [`PER_BYTE`].
const DRAWN: usize = 256 / PER_BYTE as usize;

impl<S: TryCryptoRng, C: Fn() -> Duration> Drbg<S, C> {
    /// A generator; `clock` tells the time since any fixed moment, and must not go back.
    ///
    /// # Errors
    ///
    /// [`Error::Entropy`] when the source fails or is not healthy, [`Error::TooLong`].
    pub fn new(
        level: Level,
        mut source: S,
        clock: C,
        personalization: &[u8],
    ) -> Result<Self, Error> {
        let mut health = Health::new();
        // SP 800-90B 4.3: these are tested before anything is used, and thrown away.
        let mut start = Zeroizing::new([0; START_UP]);
        draw(&mut source, &mut health, &mut start[..])?;
        let mut seed = Zeroizing::new([0; DRAWN + DRAWN / 2]);
        draw(&mut source, &mut health, &mut seed[..])?;
        let (entropy, nonce) = seed.split_at(DRAWN);
        let drbg = HashDrbg::new(level, entropy, nonce, personalization, clock())?;
        Ok(Self { drbg, health, source, clock })
    }

    /// Reseeds now, whatever the age of the seed: what is given afterwards is safe even from one who knew the state.
    ///
    /// # Errors
    ///
    /// [`Error::Entropy`].
    pub fn reseed(&mut self) -> Result<(), Error> {
        let mut entropy = Zeroizing::new([0; DRAWN]);
        draw(&mut self.source, &mut self.health, &mut entropy[..])?;
        self.drbg.reseed(&entropy[..], &[], (self.clock)())
    }
}

impl<S: TryCryptoRng, C: Fn() -> Duration> TryRng for Drbg<S, C> {
    type Error = Error;

    fn try_next_u32(&mut self) -> Result<u32, Error> {
        let mut bytes = Zeroizing::new([0; 4]);
        self.try_fill_bytes(&mut bytes[..])?;
        Ok(u32::from_le_bytes(*bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Error> {
        let mut bytes = Zeroizing::new([0; 8]);
        self.try_fill_bytes(&mut bytes[..])?;
        Ok(u64::from_le_bytes(*bytes))
    }

    /// On failure nothing of what was generated is left in `out`.
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Error> {
        let result = self.fill(out);
        if result.is_err() {
            out.zeroize();
        }
        result
    }
}

impl<S: TryCryptoRng, C: Fn() -> Duration> Drbg<S, C> {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), Error> {
        for request in out.chunks_mut(MAX_REQUEST) {
            let now = (self.clock)();
            if self.drbg.is_old(now) {
                self.reseed()?;
            }
            self.drbg.generate(request, &[], now)?;
        }
        Ok(())
    }
}

impl<S: TryCryptoRng, C: Fn() -> Duration> TryCryptoRng for Drbg<S, C> {}

impl<S, C> fmt::Debug for Drbg<S, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drbg").field("drbg", &self.drbg).finish_non_exhaustive()
    }
}

/// Bytes of the source, each through the tests.
fn draw(source: &mut impl TryRng, health: &mut Health, out: &mut [u8]) -> Result<(), Error> {
    source.try_fill_bytes(out).map_err(|_| Error::Entropy { failed: "the source itself" })?;
    out.iter().try_for_each(|&sample| health.check(sample))
}

fn at_least(input: &[u8], expected: usize) -> Result<(), Error> {
    if input.len() < expected {
        return Err(Error::Length { expected, got: input.len() });
    }
    Ok(())
}

fn at_most(inputs: &[&[u8]]) -> Result<(), Error> {
    let longest = inputs.iter().map(|input| input.len()).max().unwrap_or(0);
    if longest > MAX_INPUT {
        return Err(Error::TooLong { len: longest as u64, max: MAX_INPUT as u64 });
    }
    Ok(())
}

fn hash(parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut hash = Zeroizing::new(Sm3::new());
    parts.iter().for_each(|part| hash.update(part));
    Zeroizing::new(hash.finish().0)
}

/// Hash_df of SP 800-90A 10.3.1, for a seed.
fn derive(material: &[&[u8]]) -> Zeroizing<[u8; SEED]> {
    #[expect(clippy::cast_possible_truncation, reason = "440")]
    let bits = (8 * SEED as u32).to_be_bytes();
    let mut seed = Zeroizing::new([0; SEED]);
    for (count, out) in (1_u8..).zip(seed.chunks_mut(32)) {
        let mut hash = Zeroizing::new(Sm3::new());
        hash.update(&[count]);
        hash.update(&bits);
        material.iter().for_each(|part| hash.update(part));
        let block = Zeroizing::new(hash.finish().0);
        out.copy_from_slice(&block[..out.len()]);
    }
    seed
}

/// Big-endian, modulo 2⁴⁴⁰; the carry runs to the end whatever the bytes are.
fn add(sum: &mut [u8; SEED], term: &[u8]) {
    let padded = term.iter().rev().chain(core::iter::repeat(&0));
    let mut carry = 0;
    for (byte, term) in sum.iter_mut().rev().zip(padded) {
        carry += u16::from(*byte) + u16::from(*term);
        [*byte, _] = carry.to_le_bytes();
        carry >>= 8;
    }
}

#[cfg(test)]
mod tests;
