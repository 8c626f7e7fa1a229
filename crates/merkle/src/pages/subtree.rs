//! A subtree whose leaves are all at hand, hashed level by level: as many nodes at a time as the processor has lanes.

use yinxin_gm::{Digest, sm3::Sm3};

use crate::state::{EMPTY, LEAF_TAG, Leaf, NODE_TAG, bit};

/// The hashes of a subtree.
///
/// Invariant: the first places are the leaves, the next is the empty subtree, each place behind has its halves before it.
pub(super) struct Subtree<'a> {
    leaves: &'a [Leaf],
    depth: usize,
    halves: Vec<[usize; 2]>,
    hashes: Vec<Digest>,
}

impl<'a> Subtree<'a> {
    /// Of leaves that rise strictly by key and agree in the first `depth` bits.
    ///
    /// # Panics
    /// If two leaves have one key.
    pub(super) fn new(leaves: &'a [Leaf], depth: usize) -> Self {
        let mut this = Self { leaves, depth, halves: Vec::new(), hashes: Vec::new() };
        let mut levels: Vec<Vec<usize>> = Vec::new();
        this.place(0..leaves.len(), depth, &mut levels);
        let messages: Vec<[u8; 64]> = leaves.iter().map(|l| pair(&l.key, &l.value)).collect();
        this.hashes = many(LEAF_TAG, &messages);
        this.hashes.push(EMPTY);
        this.hashes.resize(leaves.len() + 1 + this.halves.len(), EMPTY);
        for level in levels {
            let halves = |place: &usize| this.halves[place - this.leaves.len() - 1];
            let hash = |place: usize| &this.hashes[place];
            let messages: Vec<[u8; 64]> =
                level.iter().map(halves).map(|[l, r]| pair(hash(l), hash(r))).collect();
            for (place, hash) in level.iter().zip(many(NODE_TAG, &messages)) {
                this.hashes[*place] = hash;
            }
        }
        this
    }

    /// Gives some of the leaves their place, halves before wholes. `levels` are the inner nodes by how many are below them.
    fn place(
        &mut self,
        leaves: core::ops::Range<usize>,
        depth: usize,
        levels: &mut Vec<Vec<usize>>,
    ) -> (usize, usize) {
        if leaves.len() < 2 {
            return (if leaves.is_empty() { self.leaves.len() } else { leaves.start }, 0);
        }
        let some = &self.leaves[leaves.clone()];
        let middle = leaves.start + some.partition_point(|leaf| !bit(&leaf.key, depth));
        let (left, under_left) = self.place(leaves.start..middle, depth + 1, levels);
        let (right, under_right) = self.place(middle..leaves.end, depth + 1, levels);
        self.halves.push([left, right]);
        let (place, level) = (self.leaves.len() + self.halves.len(), under_left.max(under_right));
        if levels.len() == level {
            levels.push(Vec::new());
        }
        levels[level].push(place);
        (place, level + 1)
    }

    /// The place of the whole.
    fn top(&self) -> usize {
        match self.leaves.len() {
            0 | 1 => 0,
            _ => self.hashes.len() - 1,
        }
    }

    pub(super) fn root(&self) -> Digest {
        self.hashes[self.top()]
    }

    /// Goes down to where a key lies, and appends the siblings that it passes, the highest first; gives the leaf that is there.
    pub(super) fn descend(&self, key: &Digest, siblings: &mut Vec<Digest>) -> Option<Leaf> {
        let (mut place, mut depth) = (self.top(), self.depth);
        while let Some(inner) = place.checked_sub(self.leaves.len() + 1) {
            let right = usize::from(bit(key, depth));
            siblings.push(self.hashes[self.halves[inner][1 - right]]);
            place = self.halves[inner][right];
            depth += 1;
        }
        self.leaves.get(place).copied()
    }
}

/// What a leaf or a node is hashed from, after its tag.
pub(super) fn pair(left: &Digest, right: &Digest) -> [u8; 64] {
    let mut both = [0; 64];
    both[..32].copy_from_slice(left.as_bytes());
    both[32..].copy_from_slice(right.as_bytes());
    both
}

/// SM3 of a tag and each of the messages.
pub(super) fn many(tag: &[u8], messages: &[[u8; 64]]) -> Vec<Digest> {
    let (mut prefix, mut digests) = (Sm3::new(), vec![Digest::ZERO; messages.len()]);
    prefix.update(tag);
    prefix.many(messages, &mut digests);
    digests
}
