//! The state tree without versions: leaves sorted by key, in pages that whoever stores them reads and writes whole.
//!
//! Roots and proofs are those of [`crate::state`]; there is no node to store. The first 16 bits of a key's hash name its page,
//! the tree above the pages is held in memory (4 MiB), what lies within a page is hashed anew when it is asked for.
//!
//! ```
//! use yinxin_merkle::{
//!     pages::{Top, Tops, page_of},
//!     state::Leaf,
//! };
//! use yinxin_gm::sm3;
//!
//! let leaf = Leaf { key: sm3::digest(b"key"), value: sm3::digest(b"value") };
//! let mut tops = Tops::new();
//! tops.set([(page_of(&leaf.key), Top::of(&[leaf]))]);
//! let (found, proof) = tops.prove(&leaf.key, |_| Ok::<_, yinxin_merkle::Error>(vec![leaf]))?;
//! assert_eq!(found, Some(leaf));
//! proof.verify(&tops.root(), b"key", Some(b"value"))?;
//! # Ok::<(), yinxin_merkle::Error>(())
//! ```

mod subtree;

use yinxin_gm::Digest;

use crate::state::{EMPTY, Leaf, NODE_TAG, StateProof, bit};
use subtree::Subtree;

/// Bits of a key's hash that name its page. 16: a page of 25 million leaves has 382, 28 KB with what a source keeps of each.
const BITS: usize = 16;
/// How many pages there are.
pub const PAGES: usize = 1 << BITS;

/// The page in which a key's leaf lies, by SM3 of the key.
#[must_use]
pub fn page_of(key: &Digest) -> u16 {
    u16::from_be_bytes([key.as_bytes()[0], key.as_bytes()[1]])
}

/// What is known of a subtree from above: its root, and whether it is none, one or more leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Top {
    hash: Digest,
    fill: Fill,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fill {
    Empty,
    /// The root is the leaf itself, wherever it lies below.
    One,
    Many,
}

impl Top {
    /// Of a subtree without leaves.
    pub const EMPTY: Self = Self { hash: EMPTY, fill: Fill::Empty };

    /// Length of [`Self::to_bytes`].
    pub const LEN: usize = 33;

    /// Of a page, whose leaves rise strictly by key.
    ///
    /// # Panics
    /// If two leaves have one key.
    #[must_use]
    pub fn of(leaves: &[Leaf]) -> Self {
        let fill = match leaves {
            [] => Fill::Empty,
            [_] => Fill::One,
            _ => Fill::Many,
        };
        Self { hash: Subtree::new(leaves, BITS).root(), fill }
    }

    /// As it is stored.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        bytes[0] = match self.fill {
            Fill::Empty => 0,
            Fill::One => 1,
            Fill::Many => 2,
        };
        bytes[1..].copy_from_slice(self.hash.as_bytes());
        bytes
    }

    /// From what was stored; `None` if it was not written by [`Self::to_bytes`].
    #[must_use]
    pub fn from_bytes(bytes: &[u8; Self::LEN]) -> Option<Self> {
        let (&fill, hash) = bytes.split_first()?;
        let hash = Digest(hash.try_into().ok()?);
        let fill = match fill {
            0 if hash == EMPTY => Fill::Empty,
            1 => Fill::One,
            2 => Fill::Many,
            _ => return None,
        };
        Some(Self { hash, fill })
    }
}

/// The tree above the pages.
///
/// Invariant: `nodes[1]` is the root, `nodes[2i]` and `nodes[2i + 1]` are the halves of `nodes[i]`, the last [`PAGES`] are pages.
#[derive(Clone, Debug)]
pub struct Tops {
    nodes: Vec<Top>,
}

impl Default for Tops {
    fn default() -> Self {
        Self::new()
    }
}

impl Tops {
    /// Of the tree without leaves.
    #[must_use]
    pub fn new() -> Self {
        Self { nodes: vec![Top::EMPTY; 2 * PAGES] }
    }

    /// Takes over what pages have become.
    pub fn set(&mut self, pages: impl IntoIterator<Item = (u16, Top)>) {
        let mut touched = Vec::new();
        for (page, top) in pages {
            let place = PAGES + usize::from(page);
            self.nodes[place] = top;
            touched.push(place / 2);
        }
        touched.sort_unstable();
        for _ in 0..BITS {
            touched.dedup();
            self.join(&touched);
            touched.iter_mut().for_each(|place| *place /= 2);
        }
    }

    /// Makes nodes of one level anew from their halves.
    fn join(&mut self, places: &[usize]) {
        let halves = |place: usize| (self.nodes[2 * place], self.nodes[2 * place + 1]);
        let (mut made, mut hashed, mut messages) = (Vec::new(), Vec::new(), Vec::new());
        for place in places {
            let (left, right) = halves(*place);
            match (left.fill, right.fill) {
                (Fill::Empty, Fill::Empty | Fill::One) => made.push((*place, right)),
                (Fill::One, Fill::Empty) => made.push((*place, left)),
                _ => {
                    hashed.push(*place);
                    messages.push(subtree::pair(&left.hash, &right.hash));
                }
            }
        }
        let hashes = subtree::many(NODE_TAG, &messages);
        let whole = |hash| Top { hash, fill: Fill::Many };
        made.extend(hashed.into_iter().zip(hashes.into_iter().map(whole)));
        for (place, top) in made {
            self.nodes[place] = top;
        }
    }

    /// What is known of a page.
    #[must_use]
    pub fn page(&self, page: u16) -> Top {
        self.nodes[PAGES + usize::from(page)]
    }

    /// The tree's root, as [`StateProof::verify`] wants it.
    #[must_use]
    pub fn root(&self) -> Digest {
        self.nodes[1].hash
    }

    /// The leaf of a key (by SM3 of it), or its absence, with the proof. `read` gives a page's leaves, rising by key.
    ///
    /// # Errors
    /// What `read` says.
    ///
    /// # Panics
    /// If two leaves of the page have one key.
    pub fn prove<E>(
        &self,
        key: &Digest,
        read: impl FnOnce(u16) -> Result<Vec<Leaf>, E>,
    ) -> Result<(Option<Leaf>, StateProof), E> {
        let (mut place, mut siblings) = (1, Vec::new());
        while place < PAGES && self.nodes[place].fill == Fill::Many {
            let right = usize::from(bit(key, siblings.len()));
            siblings.push(self.nodes[2 * place + 1 - right].hash);
            place = 2 * place + right;
        }
        let leaves = match self.below(place) {
            None => Vec::new(),
            Some(page) => read(page)?,
        };
        let found = Subtree::new(&leaves, siblings.len()).descend(key, &mut siblings);
        let own = found.filter(|leaf| leaf.key == *key);
        let other = if own.is_some() { None } else { found };
        let siblings = siblings.into_iter().rev().map(Some).collect();
        let proof = StateProof::new(siblings, other).expect("keys differ within 256 bits");
        Ok((own, proof))
    }

    /// The only page below a node that has leaves, if the node has one leaf or is a page.
    fn below(&self, mut place: usize) -> Option<u16> {
        if self.nodes[place].fill == Fill::Empty {
            return None;
        }
        while place < PAGES {
            place = 2 * place + usize::from(self.nodes[2 * place].fill == Fill::Empty);
        }
        u16::try_from(place - PAGES).ok()
    }
}
