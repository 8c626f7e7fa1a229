//! The state tree: a sparse Merkle tree over SM3(key), in the shape that `jmt` gives it; proofs and verifier are ours.
//!
//! ```text
//! leaf = SM3("JMT::LeafNode" ‖ SM3(key) ‖ SM3(value))     node = SM3("JMT::IntrnalNode" ‖ left ‖ right)
//! empty = "SPARSE_MERKLE_PLACEHOLDER_HASH__"               a subtree with one leaf is that leaf
//! ```

use yinxin_gm::{Digest, sm3};

use crate::{
    Error,
    wire::{Reader, Wire, WireError, Writer},
};

/// What stands for an empty subtree.
pub const EMPTY: Digest = Digest(*b"SPARSE_MERKLE_PLACEHOLDER_HASH__");

/// The deepest a leaf can lie: the bits of a key's hash.
const MAX_DEPTH: usize = 256;

/// The leaf that stands alone where another key was looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// SM3 of its key.
    pub key: Digest,
    /// SM3 of its value.
    pub value: Digest,
}

/// The way from a key's place to the root.
///
/// ```asn1
/// StateProof ::= SEQUENCE {
///     depth    INTEGER (0..256),
///     present  OCTET STRING,               -- a bit for each sibling, deepest first, high bit first: 0 is an empty subtree
///     siblings OCTET STRING,               -- 32 bytes for each sibling that is not empty, deepest first
///     other    [0] SEQUENCE { key OCTET STRING (SIZE(32)), value OCTET STRING (SIZE(32)) } OPTIONAL }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StateProof {
    /// Siblings, deepest first; `None` is an empty subtree. At most 256.
    siblings: Vec<Option<Digest>>,
    /// For an absence: the only leaf of the subtree in which the key would lie, if it has one.
    other: Option<Leaf>,
}

impl StateProof {
    /// From its parts, the deepest sibling first.
    ///
    /// # Errors
    /// [`Error::PathLength`] for more than 256 siblings.
    pub fn new(siblings: Vec<Option<Digest>>, other: Option<Leaf>) -> Result<Self, Error> {
        if siblings.len() > MAX_DEPTH {
            return Err(Error::PathLength { found: siblings.len() });
        }
        let siblings = siblings.into_iter().map(|s| s.filter(|s| *s != EMPTY)).collect();
        Ok(Self { siblings, other })
    }

    /// Checks that under `root`, `key` has this value, or none.
    ///
    /// # Errors
    /// [`Error::AbsenceBeside`], [`Error::RootMismatch`].
    pub fn verify(&self, root: &Digest, key: &[u8], value: Option<&[u8]>) -> Result<(), Error> {
        let key = sm3::digest(key);
        let start = match (value, &self.other) {
            (Some(value), None) => leaf_hash(&Leaf { key, value: sm3::digest(value) }),
            (None, None) => EMPTY,
            (None, Some(other)) if self.stands_for(&key, &other.key) => leaf_hash(other),
            (_, Some(other)) => return Err(Error::AbsenceBeside { key, shown: other.key }),
        };
        let depth = self.siblings.len();
        let found = self.siblings.iter().enumerate().fold(start, |hash, (up, sibling)| {
            let sibling = sibling.unwrap_or(EMPTY);
            if bit(&key, depth - 1 - up) {
                node_hash(&sibling, &hash)
            } else {
                node_hash(&hash, &sibling)
            }
        });
        if found == *root { Ok(()) } else { Err(Error::RootMismatch { expected: *root, found }) }
    }

    /// Whether the other leaf is another one, in the subtree where `key` would lie.
    fn stands_for(&self, key: &Digest, other: &Digest) -> bool {
        key != other && (0..self.siblings.len()).all(|i| bit(key, i) == bit(other, i))
    }
}

impl Wire for StateProof {
    const NAME: &'static str = "state proof";
    /// 256 siblings, their bits, another leaf, and the DER around them.
    const MAX_LEN: usize = MAX_DEPTH * 32 + MAX_DEPTH / 8 + 64 + 64;

    fn write(&self, out: &mut Writer) {
        let Self { siblings, other } = self;
        let mut present = vec![0u8; siblings.len().div_ceil(8)];
        for (i, _) in siblings.iter().enumerate().filter(|(_, s)| s.is_some()) {
            present[i / 8] |= 0x80 >> (i % 8);
        }
        let hashes: Vec<Digest> = siblings.iter().copied().flatten().collect();
        out.sequence(|out| {
            out.uint(siblings.len() as u64);
            out.octets(&present);
            out.digests(&hashes);
            if let Some(Leaf { key, value }) = other {
                out.tagged(0, |out| {
                    out.digest(key);
                    out.digest(value);
                });
            }
        });
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
        input.sequence(Self::NAME, |input| {
            let depth = usize::from(input.uint16("depth")?);
            if depth > MAX_DEPTH {
                return Err(WireError::Value("depth"));
            }
            let bytes = depth.div_ceil(8);
            let present = input.octets("present", bytes, bytes)?;
            let mut hashes = input.digests("siblings", depth)?.into_iter();
            let siblings: Vec<Option<Digest>> = (0..depth)
                .map(|i| match present[i / 8] & (0x80 >> (i % 8)) {
                    0 => Ok(None),
                    _ => hashes.next().map(Some).ok_or(WireError::Value("siblings")),
                })
                .collect::<Result<_, _>>()?;
            if hashes.next().is_some() || siblings.contains(&Some(EMPTY)) {
                return Err(WireError::Value("siblings"));
            }
            let other = input.optional("other", 0, |input| {
                Ok(Leaf { key: input.digest("key")?, value: input.digest("value")? })
            })?;
            Ok(Self { siblings, other })
        })
    }
}

/// What a leaf's hash begins with.
pub(crate) const LEAF_TAG: &[u8] = b"JMT::LeafNode";
/// What an inner node's hash begins with: `jmt` drops a vowel so that the tag has 16 bytes.
pub(crate) const NODE_TAG: &[u8] = b"JMT::IntrnalNode";

pub(crate) fn leaf_hash(leaf: &Leaf) -> Digest {
    sm3::digest_all(&[LEAF_TAG, leaf.key.as_bytes(), leaf.value.as_bytes()])
}

pub(crate) fn node_hash(left: &Digest, right: &Digest) -> Digest {
    sm3::digest_all(&[NODE_TAG, left.as_bytes(), right.as_bytes()])
}

/// Bit `i` of a hash, the high bit of the first byte first.
pub(crate) fn bit(hash: &Digest, i: usize) -> bool {
    hash.as_bytes()[i / 8] & (0x80 >> (i % 8)) != 0
}
