//! What a body is: its id, length and root.

use yinxin_gm::{Digest, sm3};
use yinxin_merkle::{
    log,
    wire::{Reader, Wire, WireError, Writer},
};

use super::secret::SESSION;
use crate::Error;

/// The longest content: 4 TiB. One key then protects at most 2^38 blocks of SM4-GCM, far from its birthday bound; a province's
/// largest single tables are a thousand times smaller.
pub const MAX_LENGTH: u64 = 1 << 42;
/// What a chunk has beside its content: session and tag.
pub(crate) const OVERHEAD: usize = SESSION + yinxin_gm::sm4::gcm::TAG;

/// Octets of content in every chunk but the last.
///
/// Invariant: a power of two from 4 KiB to 16 MiB. Smaller chunks are mostly overhead; larger ones are held in memory whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkSize(u32);

impl ChunkSize {
    const MIN: u32 = 4 << 10;
    const MAX: u32 = 16 << 20;

    /// Of this many octets.
    ///
    /// # Errors
    /// [`Error::ValueBad`] for anything but a power of two from 4 KiB to 16 MiB.
    pub fn new(octets: u32) -> Result<Self, Error> {
        if octets.is_power_of_two() && (Self::MIN..=Self::MAX).contains(&octets) {
            Ok(Self(octets))
        } else {
            Err(Error::ValueBad { what: "chunk size", found: octets.to_string() })
        }
    }

    /// How many octets.
    #[must_use]
    pub const fn octets(self) -> u32 {
        self.0
    }

    pub(super) const fn len(self) -> usize {
        self.0 as usize
    }
}

impl Default for ChunkSize {
    /// One mebibyte.
    fn default() -> Self {
        Self(1 << 20)
    }
}

/// A finished body.
///
/// ```asn1
/// EnvelopeContent ::= SEQUENCE {
///   id OCTET STRING (SIZE (32)), chunkSize INTEGER, length INTEGER, root OCTET STRING (SIZE (32)) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Content {
    id: Digest,
    chunk_size: ChunkSize,
    /// Invariant: at most [`MAX_LENGTH`].
    length: u64,
    root: Digest,
}

impl Content {
    pub(super) fn new(
        id: Digest,
        chunk_size: ChunkSize,
        length: u64,
        root: Digest,
    ) -> Result<Self, Error> {
        if length > MAX_LENGTH {
            return Err(Error::TooMany { what: "octets", max: MAX_LENGTH, found: length });
        }
        Ok(Self { id, chunk_size, length, root })
    }

    /// Its id, which commits to its secret.
    #[must_use]
    pub const fn id(&self) -> Digest {
        self.id
    }

    /// The size of its chunks.
    #[must_use]
    pub const fn chunk_size(&self) -> ChunkSize {
        self.chunk_size
    }

    /// Octets of content.
    #[must_use]
    pub const fn length(&self) -> u64 {
        self.length
    }

    /// The root over its chunks.
    #[must_use]
    pub const fn root(&self) -> Digest {
        self.root
    }

    /// How many chunks there are: one layout for each length. Empty content is one chunk of nothing.
    #[must_use]
    pub fn chunks(&self) -> u64 {
        self.length.div_ceil(u64::from(self.chunk_size.octets())).max(1)
    }

    /// Octets of the whole body.
    #[must_use]
    pub fn body_length(&self) -> u64 {
        self.length + self.chunks() * OVERHEAD as u64
    }

    /// Where a chunk begins in the body; for the number of chunks, where the body ends.
    #[must_use]
    pub fn offset(&self, chunk: u64) -> u64 {
        let full = self.chunk_size.len() as u64 + OVERHEAD as u64;
        chunk.saturating_mul(full).min(self.body_length())
    }

    /// Octets of a chunk in the body.
    pub(super) fn chunk_length(&self, chunk: u64) -> usize {
        let length = self.offset(chunk.saturating_add(1)) - self.offset(chunk);
        usize::try_from(length).expect("a chunk is at most 16 MiB and its overhead")
    }

    /// What is anchored of a delivery: it stands for the body, whoever the recipients are.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut out = Writer::new();
        out.sequence(|out| {
            out.text("yinxin/envelope-content/1");
            self.write(out);
        });
        sm3::digest(&out.into_vec())
    }

    /// Whether these are the octets of a chunk, without any key: `path` comes from a [`super::ChunkIndex`].
    ///
    /// # Errors
    /// [`Error::ProofWrong`].
    pub fn verify_chunk(&self, chunk: u64, octets: &[u8], path: &[Digest]) -> Result<(), Error> {
        let leaf = log::leaf_hash(octets);
        log::verify_inclusion(&leaf, chunk, self.chunks(), path, &self.root)
            .map_err(|_| Error::ProofWrong { what: "chunk" })
    }
}

impl Wire for Content {
    const NAME: &'static str = "envelope content";
    const MAX_LEN: usize = 128;

    fn write(&self, out: &mut Writer) {
        let Self { id, chunk_size, length, root } = self;
        out.sequence(|out| {
            out.digest(id);
            out.uint(chunk_size.octets());
            out.uint(*length);
            out.digest(root);
        });
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
        input.sequence(Self::NAME, |input| {
            let id = input.digest("content id")?;
            let chunk_size = ChunkSize::new(input.uint32("chunk size")?)
                .map_err(|_| WireError::Value("chunk size"))?;
            let length = input.uint("length")?;
            let root = input.digest("root")?;
            Self::new(id, chunk_size, length, root).map_err(|_| WireError::Value("length"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_length_has_one_layout() {
        let size = ChunkSize::new(4096).unwrap();
        for (length, chunks, body) in [
            (0, 1, 32),
            (1, 1, 33),
            (4095, 1, 4127),
            (4096, 1, 4128),
            (4097, 2, 4161),
            (8192, 2, 8256),
            (8193, 3, 8289),
        ] {
            let content = Content::new(Digest::ZERO, size, length, Digest::ZERO).unwrap();
            assert_eq!((content.chunks(), content.body_length()), (chunks, body), "{length}");
            assert_eq!(content.offset(chunks), body);
            let sum: usize = (0..chunks).map(|n| content.chunk_length(n)).sum();
            assert_eq!(sum as u64, body);
            assert_eq!(Content::from_der(&content.to_der()), Ok(content));
        }
    }

    #[test]
    fn impossible_sizes_are_refused() {
        for octets in [0, 1, 2048, 4097, 12288, 32 << 20, u32::MAX] {
            assert!(ChunkSize::new(octets).is_err(), "{octets}");
        }
        let long = Content::new(Digest::ZERO, ChunkSize::default(), MAX_LENGTH + 1, Digest::ZERO);
        assert!(long.is_err());
        let content = Content {
            length: u64::MAX,
            ..Content::new(Digest::ZERO, ChunkSize::default(), 0, Digest::ZERO).unwrap()
        };
        assert_eq!(Content::from_der(&content.to_der()), Err(WireError::Value("length")));
    }
}
