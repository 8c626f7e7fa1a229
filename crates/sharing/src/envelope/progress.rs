//! How far a body is: what a writer or reader needs to go on at a chunk's boundary.

use std::io::Read;

use yinxin_gm::Digest;
use yinxin_merkle::{
    log::{Frontier, leaf_hash},
    wire::{Reader, Wire, WireError, Writer},
};

use super::{ChunkSize, content::OVERHEAD};
use crate::Error;

/// The full chunks of a body so far. It is not secret, and a wrong one ends in another root.
///
/// ```asn1
/// EnvelopeProgress ::= SEQUENCE {
///   id OCTET STRING (SIZE (32)), chunkSize INTEGER, chunks INTEGER, peaks OCTET STRING (SIZE (0..2048)) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    pub(super) id: Digest,
    pub(super) chunk_size: ChunkSize,
    pub(super) frontier: Frontier,
}

impl Progress {
    pub(super) fn start(id: Digest, chunk_size: ChunkSize) -> Self {
        Self { id, chunk_size, frontier: Frontier::new() }
    }

    pub(super) fn append(&mut self, leaf: Digest) {
        self.frontier.append(leaf, &mut |_, _| {});
    }

    /// How many full chunks there are.
    #[must_use]
    pub fn chunks(&self) -> u64 {
        self.frontier.size()
    }

    /// Octets of content in them: where the source goes on.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.chunks().saturating_mul(u64::from(self.chunk_size.octets()))
    }

    /// Octets of body that they take: to this length a body is cut before a writer resumes, and from here a download goes on.
    #[must_use]
    pub fn body_length(&self) -> u64 {
        self.length().saturating_add(self.chunks().saturating_mul(OVERHEAD as u64))
    }
}

impl Wire for Progress {
    const NAME: &'static str = "envelope progress";
    const MAX_LEN: usize = 2200;

    fn write(&self, out: &mut Writer) {
        let Self { id, chunk_size, frontier } = self;
        out.sequence(|out| {
            out.digest(id);
            out.uint(chunk_size.octets());
            out.uint(frontier.size());
            out.digests(frontier.peaks());
        });
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
        input.sequence(Self::NAME, |input| {
            let id = input.digest("content id")?;
            let chunk_size = ChunkSize::new(input.uint32("chunk size")?)
                .map_err(|_| WireError::Value("chunk size"))?;
            let chunks = input.uint("chunks")?;
            let peaks = input.digests("peaks", 64)?;
            let frontier =
                Frontier::from_parts(chunks, peaks).map_err(|_| WireError::Value("peaks"))?;
            Ok(Self { id, chunk_size, frontier })
        })
    }
}

/// The full chunks at the beginning of an unfinished body, without any key: for a writer or download that lost its progress.
///
/// A finished body is no input of this: its last chunk may be full, and nothing can follow it.
///
/// # Errors
/// [`Error::Io`].
pub fn scan(mut body: impl Read, id: Digest, chunk_size: ChunkSize) -> Result<Progress, Error> {
    let mut progress = Progress::start(id, chunk_size);
    let mut chunk = vec![0; chunk_size.len() + OVERHEAD];
    loop {
        if fill(&mut body, &mut chunk).map_err(|e| Error::io(&e))? < chunk.len() {
            return Ok(progress);
        }
        progress.append(leaf_hash(&chunk));
    }
}

/// Reads until the buffer is full or the input ends; how much it read.
pub(super) fn fill(input: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match input.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(filled)
}
