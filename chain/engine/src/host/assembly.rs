//! Puts blocks together from parts that come in any order, from anybody, in bounded memory.

use std::collections::BTreeMap;

use arc_malachitebft_core_types::{Height as _, Round};
use yinxin_gm::Digest;

use crate::context::{Address, Height, Part, Signature};
use crate::wire::{CHUNK, MAX_BODY};

/// Most unfinished blocks of one publisher: one a round, and a few that lost a part on the way.
const STREAMS_PER_PUBLISHER: usize = 4;

/// Most publishers: every validator of the largest chain.
const PUBLISHERS: usize = crate::wire::MAX_VALIDATORS;

/// Most pieces of a body.
const MAX_PIECES: usize = MAX_BODY.div_ceil(CHUNK);

/// Most whole blocks kept for the next height, from one publisher and in all: its first rounds.
const STASH_PER_PUBLISHER: usize = 2;
const STASH: usize = 8;

/// A complete block, not yet looked into.
#[derive(Clone, Debug)]
pub(super) struct Assembled {
    pub(super) height: Height,
    pub(super) round: Round,
    pub(super) proposer: Address,
    pub(super) value: Digest,
    pub(super) header: Vec<u8>,
    pub(super) body: Vec<u8>,
    pub(super) signature: Signature,
}

#[derive(Debug, Default)]
struct Stream {
    /// Rises with every new stream, so that the oldest can be dropped.
    number: u64,
    first: Option<(Assembled, usize)>,
    pieces: BTreeMap<u16, Vec<u8>>,
    last: Option<u16>,
}

/// Unfinished blocks by publisher and stream, and finished ones that came a height too early.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    opened: u64,
    streams: BTreeMap<Vec<u8>, BTreeMap<Vec<u8>, Stream>>,
    stash: Vec<(Vec<u8>, Assembled)>,
}

impl Assembly {
    /// Adds a part; the block, if that completes it. Lengths are within the codec's limits.
    pub(super) fn add(&mut self, publisher: &[u8], stream: &[u8], part: Part) -> Option<Assembled> {
        if !self.streams.contains_key(publisher) && self.streams.len() == PUBLISHERS {
            self.streams.pop_first();
        }
        let streams = self.streams.entry(publisher.to_vec()).or_default();
        if !streams.contains_key(stream) {
            if streams.len() == STREAMS_PER_PUBLISHER {
                let oldest = streams.iter().min_by_key(|(_, open)| open.number);
                let oldest = oldest.map(|(key, _)| key.clone()).expect("it is full");
                streams.remove(&oldest);
            }
            self.opened += 1;
            streams.insert(stream.to_vec(), Stream { number: self.opened, ..Stream::default() });
        }
        let open = streams.get_mut(stream).expect("inserted above");
        open.add(part);
        let done = open.complete()?;
        streams.remove(stream);
        Some(done)
    }

    /// Keeps a block of the next height until its parent is committed.
    pub(super) fn stash(&mut self, publisher: &[u8], assembled: Assembled) {
        let own = self.stash.iter().filter(|(by, _)| by == publisher).count();
        if own < STASH_PER_PUBLISHER && self.stash.len() < STASH {
            self.stash.push((publisher.to_vec(), assembled));
        }
    }

    /// The blocks stashed for `height`.
    pub(super) fn take_stashed(&mut self, height: u64) -> Vec<Assembled> {
        let (now, later) = std::mem::take(&mut self.stash)
            .into_iter()
            .partition(|(_, assembled)| assembled.height.as_u64() == height);
        self.stash = later;
        let now: Vec<(Vec<u8>, Assembled)> = now;
        now.into_iter().map(|(_, assembled)| assembled).collect()
    }

    /// Forgets what is for heights before `height`.
    pub(super) fn forget_below(&mut self, height: u64) {
        self.stash.retain(|(_, assembled)| assembled.height.as_u64() >= height);
        for streams in self.streams.values_mut() {
            streams.retain(|_, open| {
                open.first.as_ref().is_none_or(|(first, _)| first.height.as_u64() >= height)
            });
        }
        self.streams.retain(|_, streams| !streams.is_empty());
    }
}

impl Stream {
    fn add(&mut self, part: Part) {
        match part {
            Part::Init { height, round, proposer, value, header, body_length, signature } => {
                let body = Vec::new();
                let first = Assembled { height, round, proposer, value, header, body, signature };
                let length = usize::try_from(body_length).unwrap_or(usize::MAX);
                // The first word counts; a second one under the same stream is noise.
                self.first.get_or_insert((first, length));
            }
            Part::Data { index, bytes, last } => {
                if usize::from(index) < MAX_PIECES && self.pieces.len() < MAX_PIECES {
                    self.pieces.entry(index).or_insert(bytes);
                    if last {
                        self.last.get_or_insert(index);
                    }
                }
            }
        }
    }

    fn complete(&mut self) -> Option<Assembled> {
        let (first, length) = self.first.as_ref()?;
        let whole = match self.last {
            None => *length == 0,
            Some(last) => self.pieces.len() == usize::from(last) + 1,
        };
        let total: usize = self.pieces.values().map(Vec::len).sum();
        if !whole || total != *length {
            return None;
        }
        let body = self.pieces.values().flatten().copied().collect();
        Some(Assembled { body, ..first.clone() })
    }
}

/// The parts of a block, to be sent in this order.
///
/// # Panics
/// On a body beyond the codec's limit, which no block has.
#[must_use]
pub fn split(init: Part, body: &[u8]) -> Vec<Part> {
    let mut parts = vec![init];
    let chunks = body.chunks(CHUNK);
    let count = chunks.len();
    parts.extend(chunks.enumerate().map(|(index, bytes)| Part::Data {
        index: u16::try_from(index).expect("MAX_BODY has few chunks"),
        bytes: bytes.to_vec(),
        last: index + 1 == count,
    }));
    parts
}
