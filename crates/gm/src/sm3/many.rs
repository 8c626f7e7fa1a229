//! SM3 of many messages at a time, each in a lane of the processor's vectors.

use core::ops::Range;

use zeroize::{Zeroize, optimization_barrier};

use super::{BLOCK, Sm3, to_digest};
use crate::{
    Digest,
    backend::sm3::{self as backend, LANES, Lanes},
};

/// Fills `digests` with SM3 of each of `messages`.
///
/// Where the processor has vector instructions, up to 32 messages are hashed at a time. Lengths may differ; when one message
/// ends, the next takes its lane.
///
/// ```
/// use yinxin_gm::{Digest, sm3};
///
/// let mut digests = [Digest::ZERO; 3];
/// sm3::many(&["a", "bc", ""], &mut digests);
/// assert_eq!(digests[1], sm3::digest(b"bc"));
/// ```
///
/// # Panics
/// If there are not as many digests as messages.
pub fn many(messages: &[impl AsRef<[u8]>], digests: &mut [Digest]) {
    Sm3::new().many(messages, digests);
}

/// Fills `parents` with SM3(tag ‖ left ‖ right) for each two neighbours of `children`: one level of a tree.
///
/// # Panics
/// If there are not twice as many children as parents.
pub fn nodes(tag: u8, children: &[Digest], parents: &mut [Digest]) {
    assert_eq!(children.len(), 2 * parents.len(), "two children a parent");
    // A single parent is what proofs are made of; the widest vectors need three to be faster.
    if parents.len() > 2 && backend::nodes(tag, children, parents) {
        return;
    }
    let (children, _) = children.as_chunks::<2>();
    // Tag, left, right; padding, to the length in bits.
    let message = |[left, right]: &[Digest; 2]| {
        let mut message = [0; 2 * BLOCK];
        message[0] = tag;
        message[1..33].copy_from_slice(&left.0);
        message[33..65].copy_from_slice(&right.0);
        message[65] = 0x80;
        message[2 * BLOCK - 2..].copy_from_slice(&(65_u16 * 8).to_be_bytes());
        message
    };
    let few = backend::worth_lanes().unwrap_or(usize::MAX);
    for (children, parents) in children.chunks(LANES).zip(parents.chunks_mut(LANES)) {
        if parents.len() < few {
            for (pair, parent) in children.iter().zip(parents) {
                let mut state = backend::IV;
                backend::compress(&mut state, message(pair).as_chunks().0, &[]);
                *parent = to_digest(state);
            }
            continue;
        }
        let mut messages = [[0; 2 * BLOCK]; LANES];
        for (bytes, pair) in messages.iter_mut().zip(children) {
            *bytes = message(pair);
        }
        let streams = messages.each_ref().map(|message| message.as_chunks::<BLOCK>().0);
        let mut lanes = Lanes(backend::IV.map(|word| [word; LANES]));
        backend::compress_lanes(&mut lanes, &streams[..parents.len()]);
        for (lane, parent) in parents.iter_mut().enumerate() {
            *parent = to_digest(lanes.0.map(|row| row[lane]));
        }
    }
}

/// Sets each digest to that of what was appended to the hash, followed by the message.
pub(crate) fn each<'a>(
    mut items: impl ExactSizeIterator<Item = (&'a Sm3, &'a [u8], &'a mut Digest)>,
) {
    let few = backend::worth_lanes().unwrap_or(usize::MAX);
    if items.len() < few {
        for (hash, message, digest) in items {
            *digest = hash.followed_by(message);
        }
        return;
    }
    let mut group = Group {
        state: Lanes([[0; LANES]; 8]),
        ends: [[[0; BLOCK]; 3]; LANES],
        streams: [const { None }; LANES],
        active: 0,
    };
    loop {
        while group.active < LANES
            && let Some((hash, message, digest)) = items.next()
        {
            group.start(hash, message, digest);
        }
        if group.active < few {
            break;
        }
        group.advance();
    }
    group.finish_one_by_one();
    // What was appended to a hash may be secret.
    group.state.0.as_flattened_mut().fill(0);
    group.ends.fill([[0; BLOCK]; 3]);
    optimization_barrier(&group);
}

impl Sm3 {
    /// Fills `digests` with the digests of what was appended so far followed by each of `messages`.
    ///
    /// ```
    /// use yinxin_gm::{Digest, sm3::{Sm3, digest}};
    ///
    /// let mut prefix = Sm3::new();
    /// prefix.update(b"row ");
    /// let mut digests = [Digest::ZERO; 2];
    /// prefix.many(&["1", "2"], &mut digests);
    /// assert_eq!(digests, [digest(b"row 1"), digest(b"row 2")]);
    /// ```
    ///
    /// # Panics
    /// If there are not as many digests as messages.
    pub fn many(&self, messages: &[impl AsRef<[u8]>], digests: &mut [Digest]) {
        assert_eq!(messages.len(), digests.len(), "one digest a message");
        each(
            messages.iter().zip(digests).map(|(message, digest)| (self, message.as_ref(), digest)),
        );
    }

    fn followed_by(&self, message: &[u8]) -> Digest {
        let mut hash = self.clone();
        hash.update(message);
        let digest = hash.finish();
        hash.zeroize();
        digest
    }
}

/// The messages being hashed.
struct Group<'a> {
    state: Lanes,
    /// The first block of a message, if it begins with what was appended before; its last block; the one behind that, if the
    /// padding needs it.
    ends: [[[u8; BLOCK]; 3]; LANES],
    /// Invariant: there is a stream in every lane below `active`.
    streams: [Option<Stream<'a>>; LANES],
    active: usize,
}

/// What is still to be absorbed of one message: the first of its ends, the blocks inside it, its other ends.
struct Stream<'a> {
    first: bool,
    body: &'a [[u8; BLOCK]],
    last: Range<usize>,
    digest: &'a mut Digest,
}

impl<'a> Group<'a> {
    /// Gives `message` the next lane.
    fn start(&mut self, prefix: &Sm3, mut message: &'a [u8], digest: &'a mut Digest) {
        let lane = self.active;
        for (row, word) in self.state.0.iter_mut().zip(prefix.state) {
            row[lane] = word;
        }
        let bits = prefix.length.wrapping_add(message.len() as u64).wrapping_mul(8);
        let [first_block, last_block, beyond] = &mut self.ends[lane];
        let mut filled = prefix.buffered;
        let first = filled > 0 && filled + message.len() >= BLOCK;
        if first {
            let (head, rest) = message.split_at(BLOCK - filled);
            first_block[..filled].copy_from_slice(&prefix.buffer[..filled]);
            first_block[filled..].copy_from_slice(head);
            message = rest;
            filled = 0;
        }
        let (body, tail) = message.as_chunks::<BLOCK>();
        *last_block = [0; BLOCK];
        last_block[..filled].copy_from_slice(&prefix.buffer[..filled]);
        last_block[filled..filled + tail.len()].copy_from_slice(tail);
        filled += tail.len();
        last_block[filled] = 0x80;
        let two = filled + 1 > BLOCK - 8;
        *beyond = [0; BLOCK];
        let end = if two { beyond } else { last_block };
        end[BLOCK - 8..].copy_from_slice(&bits.to_be_bytes());
        let last = 1..if two { 3 } else { 2 };
        self.streams[lane] = Some(Stream { first, body, last, digest });
        self.active += 1;
    }

    /// Absorbs as many blocks of every message as all of them have in one piece; hands out the digests that are complete.
    fn advance(&mut self) {
        let mut pieces: [&[[u8; BLOCK]]; LANES] = [&[]; LANES];
        let mut count = usize::MAX;
        for ((piece, stream), ends) in pieces.iter_mut().zip(&self.streams).zip(&self.ends) {
            let Some(stream) = stream else { break };
            *piece = stream.blocks(ends);
            count = count.min(piece.len());
        }
        for piece in &mut pieces[..self.active] {
            *piece = &piece[..count];
        }
        backend::compress_lanes(&mut self.state, &pieces[..self.active]);
        // From behind, so that whichever stream takes over a lane was seen already.
        for lane in (0..self.active).rev() {
            let stream = self.streams[lane].as_mut().expect("below `active`");
            stream.skip(count);
            if stream.is_done() {
                *stream.digest = to_digest(self.state.0.map(|row| row[lane]));
                self.active -= 1;
                let last = self.active;
                self.streams[lane] = None;
                if lane < last {
                    self.streams.swap(lane, last);
                    self.ends[lane] = self.ends[last];
                    self.state.0.iter_mut().for_each(|row| row[lane] = row[last]);
                }
            }
        }
    }

    /// When too few messages are left for the lanes to be worth it.
    fn finish_one_by_one(&mut self) {
        for (lane, stream) in self.streams.iter_mut().flatten().enumerate() {
            let mut state = self.state.0.map(|row| row[lane]);
            while !stream.is_done() {
                let blocks = stream.blocks(&self.ends[lane]);
                backend::compress(&mut state, blocks, &[]);
                stream.skip(blocks.len());
            }
            *stream.digest = to_digest(state);
        }
    }
}

impl Stream<'_> {
    /// The next blocks that lie in one piece.
    fn blocks<'b>(&'b self, ends: &'b [[u8; BLOCK]; 3]) -> &'b [[u8; BLOCK]] {
        if self.first {
            &ends[..1]
        } else if self.body.is_empty() {
            &ends[self.last.clone()]
        } else {
            self.body
        }
    }

    fn skip(&mut self, count: usize) {
        if self.first {
            self.first = false;
        } else if self.body.is_empty() {
            self.last.start += count;
        } else {
            self.body = &self.body[count..];
        }
    }

    fn is_done(&self) -> bool {
        self.last.is_empty()
    }
}
