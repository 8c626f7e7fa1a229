//! The signer's memory: what this key last signed, so that it never signs against itself.
//!
//! ```text
//! record ::= "YXG1" ‖ address[32] ‖ height u64 ‖ round u32 ‖ step u8 ‖ digest[32] ‖ signature[64] ‖ mac[32]
//! ```
//! The MAC is HMAC-SM3 under a key derived from the private key, over all that stands before it. The
//! engine's write-ahead log also remembers votes, but does not notice every flipped bit; this does.

use core::fmt;

use subtle::ConstantTimeEq;
use yinxin_gm::{Digest, hmac, sm3};
use zeroize::Zeroizing;

use crate::context::{Address, Signature};
use crate::wire::Reader;

const MAGIC: &[u8; 4] = b"YXG1";
const LENGTH: usize = 4 + 32 + 8 + 4 + 1 + 32 + 64 + 32;

/// Where the guard's one record is kept.
pub trait GuardStore: Send + Sync {
    /// The record last saved, or `None` if there never was one.
    ///
    /// # Errors
    /// If it cannot be read; the guard then signs nothing.
    fn load(&self) -> Result<Option<Vec<u8>>, String>;

    /// Replaces the record. When this returns `Ok`, the record survives a power cut.
    ///
    /// # Errors
    /// If that cannot be promised; the signature is then withheld.
    fn save(&self, record: &[u8]) -> Result<(), String>;
}

/// The steps of a round in which something is signed, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(clippy::exhaustive_enums, reason = "the algorithm has these three")]
pub enum Step {
    /// The proposal.
    Propose = 0,
    /// The prevote.
    Prevote = 1,
    /// The precommit.
    Precommit = 2,
}

/// A place in the chain's life where at most one thing is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(clippy::exhaustive_structs, reason = "ordered by exactly these three")]
pub struct Position {
    /// Height.
    pub height: u64,
    /// Round.
    pub round: u32,
    /// Step.
    pub step: Step,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "height {} round {} {:?}", self.height, self.round, self.step)
    }
}

/// Why the guard withholds a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GuardError {
    /// The record's bytes are not what was written: a bad disk, or somebody's hand.
    Damaged,
    /// The record belongs to another key.
    ForeignKey {
        /// The key's address in the record.
        recorded: Address,
        /// Our key's.
        ours: Address,
    },
    /// Something else was already signed here or later.
    Refused {
        /// What was asked for.
        asked: Position,
        /// What was signed last.
        last: Position,
    },
    /// The private key failed to sign.
    Sign,
    /// The record cannot be read or made durable.
    Store(String),
}

impl fmt::Display for GuardError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged => f.write_str("the signing guard is damaged"),
            Self::ForeignKey { recorded, ours } => {
                write!(f, "the signing guard belongs to validator {recorded}, this key is {ours}")
            }
            Self::Refused { asked, last } => {
                write!(f, "refused to sign at {asked}: already signed at {last}")
            }
            Self::Sign => f.write_str("the private key failed to sign"),
            Self::Store(why) => write!(f, "the signing guard cannot be stored: {why}"),
        }
    }
}

impl core::error::Error for GuardError {}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    position: Position,
    digest: Digest,
    signature: Signature,
}

/// Decides whether this key may sign, and remembers that it did.
pub struct Guard {
    address: Address,
    mac_key: Zeroizing<[u8; 32]>,
    last: Option<Entry>,
    store: Box<dyn GuardStore>,
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Guard {
    /// Opens the guard of the key with this address and these secret bytes.
    ///
    /// # Errors
    /// If the record cannot be read, is damaged or belongs to another key. The node must then not sign.
    pub fn open(
        address: Address,
        secret: &[u8],
        store: Box<dyn GuardStore>,
    ) -> Result<Self, GuardError> {
        let mac_key = Zeroizing::new(hmac::hmac_sm3(secret, b"yinxin/guard/1").0);
        let record = store.load().map_err(GuardError::Store)?;
        let last = record.map(|record| decode(&record, &address, &mac_key)).transpose()?;
        Ok(Self { address, mac_key, last, store })
    }

    /// What was signed last.
    #[must_use]
    pub fn last(&self) -> Option<Position> {
        self.last.as_ref().map(|entry| entry.position)
    }

    /// The signature over `message` at `position`: a new one from `sign`, durably remembered before it is
    /// returned, or the one given before for the same bytes.
    ///
    /// # Errors
    /// [`GuardError::Refused`] for other bytes at the same or an earlier place; [`GuardError::Store`] if the
    /// record cannot be made durable.
    pub fn sign(
        &mut self,
        position: Position,
        message: &[u8],
        sign: impl FnOnce() -> Option<Signature>,
    ) -> Result<Signature, GuardError> {
        let digest = sm3::digest(message);
        if let Some(last) = &self.last {
            if last.position == position && last.digest == digest {
                return Ok(last.signature);
            }
            if position <= last.position {
                return Err(GuardError::Refused { asked: position, last: last.position });
            }
        }
        let signature = sign().ok_or(GuardError::Sign)?;
        let entry = Entry { position, digest, signature };
        self.store
            .save(&encode(&entry, &self.address, &self.mac_key))
            .map_err(GuardError::Store)?;
        self.last = Some(entry);
        Ok(signature)
    }
}

fn encode(entry: &Entry, address: &Address, mac_key: &[u8; 32]) -> Vec<u8> {
    let mut out = Vec::with_capacity(LENGTH);
    out.extend(MAGIC);
    out.extend(address.0.as_bytes());
    out.extend(entry.position.height.to_be_bytes());
    out.extend(entry.position.round.to_be_bytes());
    out.push(entry.position.step as u8);
    out.extend(entry.digest.as_bytes());
    out.extend(entry.signature.0);
    let mac = hmac::hmac_sm3(mac_key, &out);
    out.extend(mac.as_bytes());
    assert_eq!(out.len(), LENGTH, "the layout above");
    out
}

fn decode(record: &[u8], ours: &Address, mac_key: &[u8; 32]) -> Result<Entry, GuardError> {
    let mut reader = Reader::new(record);
    let mut read = || {
        let magic = reader.array::<4>().ok()?;
        let address = Address(Digest(reader.array().ok()?));
        let height = reader.u64().ok()?;
        let round = reader.u32().ok()?;
        let step = match reader.u8().ok()? {
            0 => Step::Propose,
            1 => Step::Prevote,
            2 => Step::Precommit,
            _ => return None,
        };
        let digest = Digest(reader.array().ok()?);
        let signature = Signature(reader.array().ok()?);
        let mac = reader.array::<32>().ok()?;
        let position = Position { height, round, step };
        (magic == *MAGIC && reader.is_empty()).then_some((
            address,
            Entry { position, digest, signature },
            mac,
        ))
    };
    let (address, entry, mac) = read().ok_or(GuardError::Damaged)?;
    let expected = hmac::hmac_sm3(mac_key, &record[..LENGTH - 32]);
    if bool::from(expected.as_bytes().as_slice().ct_eq(&mac)) {
        return Ok(entry);
    }
    // Another key's record has another key's MAC; say which of the two it is as far as can be known.
    if address == *ours {
        Err(GuardError::Damaged)
    } else {
        Err(GuardError::ForeignKey { recorded: address, ours: *ours })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Memory {
        record: Arc<Mutex<Option<Vec<u8>>>>,
        full: Arc<Mutex<bool>>,
    }

    impl GuardStore for Memory {
        fn load(&self) -> Result<Option<Vec<u8>>, String> {
            Ok(self.record.lock().unwrap().clone())
        }

        fn save(&self, record: &[u8]) -> Result<(), String> {
            if *self.full.lock().unwrap() {
                return Err("no space left".into());
            }
            *self.record.lock().unwrap() = Some(record.to_vec());
            Ok(())
        }
    }

    const ADDRESS: Address = Address(Digest([7; 32]));

    fn open(memory: &Memory) -> Result<Guard, GuardError> {
        Guard::open(ADDRESS, b"secret", Box::new(memory.clone()))
    }

    fn at(height: u64, round: u32, step: Step) -> Position {
        Position { height, round, step }
    }

    fn sig(byte: u8) -> impl FnOnce() -> Option<Signature> {
        move || Some(Signature([byte; 64]))
    }

    #[test]
    fn only_later_places_are_signed() {
        use Step::{Precommit, Prevote, Propose};
        let last = at(5, 1, Prevote);
        let cases = [
            (at(4, 9, Precommit), false),
            (at(5, 0, Precommit), false),
            (at(5, 1, Propose), false),
            (at(5, 1, Prevote), false),
            (at(5, 1, Precommit), true),
            (at(5, 2, Propose), true),
            (at(6, 0, Propose), true),
        ];
        for (asked, allowed) in cases {
            let mut guard = open(&Memory::default()).unwrap();
            guard.sign(last, b"a", sig(1)).unwrap();
            let got = guard.sign(asked, b"b", sig(2));
            let want = if allowed {
                Ok(Signature([2; 64]))
            } else {
                Err(GuardError::Refused { asked, last })
            };
            assert_eq!(got, want, "{asked}");
        }
    }

    #[test]
    fn same_bytes_get_the_stored_signature_even_after_a_restart() {
        let memory = Memory::default();
        let place = at(5, 1, Step::Prevote);
        open(&memory).unwrap().sign(place, b"a", sig(1)).unwrap();
        let mut guard = open(&memory).unwrap();
        assert_eq!(guard.sign(place, b"a", sig(2)), Ok(Signature([1; 64])));
        assert!(matches!(guard.sign(place, b"b", sig(2)), Err(GuardError::Refused { .. })));
        assert_eq!(guard.last(), Some(place));
    }

    #[test]
    fn a_signature_is_withheld_when_it_cannot_be_remembered() {
        let memory = Memory::default();
        let mut guard = open(&memory).unwrap();
        *memory.full.lock().unwrap() = true;
        let got = guard.sign(at(1, 0, Step::Prevote), b"a", sig(1));
        assert_eq!(got, Err(GuardError::Store("no space left".into())));
        assert_eq!(guard.last(), None);
    }

    #[test]
    fn every_flipped_bit_and_every_truncation_is_noticed() {
        let memory = Memory::default();
        open(&memory).unwrap().sign(at(5, 1, Step::Precommit), b"a", sig(9)).unwrap();
        let good = memory.record.lock().unwrap().clone().unwrap();
        assert_eq!(good.len(), LENGTH);
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            *memory.record.lock().unwrap() = Some(bad);
            let error = open(&memory).err();
            let foreign = matches!(error, Some(GuardError::ForeignKey { .. }));
            assert!(error == Some(GuardError::Damaged) || foreign, "bit {bit}: {error:?}");
        }
        for length in 0..good.len() {
            *memory.record.lock().unwrap() = Some(good[..length].to_vec());
            assert_eq!(open(&memory).err(), Some(GuardError::Damaged), "length {length}");
        }
        *memory.record.lock().unwrap() = Some([good, vec![0]].concat());
        assert_eq!(open(&memory).err(), Some(GuardError::Damaged));
    }

    #[test]
    fn a_guard_of_another_key_is_named() {
        let memory = Memory::default();
        open(&memory).unwrap().sign(at(1, 0, Step::Prevote), b"a", sig(1)).unwrap();
        let other = Address(Digest([8; 32]));
        let error = Guard::open(other, b"other secret", Box::new(memory)).err();
        assert_eq!(error, Some(GuardError::ForeignKey { recorded: ADDRESS, ours: other }));
    }
}
