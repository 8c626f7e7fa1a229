//! Proofs that an entry is in the log, and that a log begins with an older one.

use yinxin_gm::Digest;

use super::{NodeId, NodeReader, empty_root, node_hash};
use crate::Error;

/// The longest path there can be: one hash for each level of a log of 2^64 entries.
pub const MAX_PATH: usize = 64;

/// Root of the first `size` entries.
///
/// # Errors
/// [`Error::NodeMissing`].
pub fn root_at(nodes: &impl NodeReader, size: u64) -> Result<Digest, Error> {
    if size == 0 { Ok(empty_root()) } else { range_root(nodes, 0, size) }
}

/// The path from entry `index` to the root of the first `size` entries, the deepest sibling first (RFC 6962, 2.1.1).
///
/// # Errors
/// [`Error::BeyondEnd`], [`Error::NodeMissing`].
pub fn prove_inclusion(
    nodes: &impl NodeReader,
    index: u64,
    size: u64,
) -> Result<Vec<Digest>, Error> {
    if index >= size {
        return Err(Error::BeyondEnd { index, size });
    }
    let (mut start, mut len, mut path) = (0, size, Vec::new());
    while len > 1 {
        let left = split(len);
        if index - start < left {
            path.push(range_root(nodes, start + left, len - left)?);
            len = left;
        } else {
            path.push(range_root(nodes, start, left)?);
            start += left;
            len -= left;
        }
    }
    path.reverse();
    Ok(path)
}

/// What shows that the log of `new` entries begins with the log of `old` entries (RFC 6962, 2.1.2).
///
/// # Errors
/// [`Error::Shrunk`], [`Error::NodeMissing`].
pub fn prove_consistency(
    nodes: &impl NodeReader,
    old: u64,
    new: u64,
) -> Result<Vec<Digest>, Error> {
    if old > new {
        return Err(Error::Shrunk { old, new });
    }
    let (mut start, mut len, mut path) = (0, new, Vec::new());
    if old == 0 {
        return Ok(path);
    }
    while old - start < len {
        let left = split(len);
        if old - start <= left {
            path.push(range_root(nodes, start + left, len - left)?);
            len = left;
        } else {
            path.push(range_root(nodes, start, left)?);
            start += left;
            len -= left;
        }
    }
    // The whole old log, when it is one subtree from the left, is known to whoever asks.
    if start > 0 {
        path.push(range_root(nodes, start, len)?);
    }
    path.reverse();
    Ok(path)
}

/// Checks a path (RFC 9162, 2.1.3.2).
///
/// # Errors
/// [`Error::BeyondEnd`], [`Error::PathLength`], [`Error::RootMismatch`].
pub fn verify_inclusion(
    leaf: &Digest,
    index: u64,
    size: u64,
    path: &[Digest],
    root: &Digest,
) -> Result<(), Error> {
    if index >= size {
        return Err(Error::BeyondEnd { index, size });
    }
    let wrong_length = Error::PathLength { found: path.len() };
    let (mut at, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in path {
        if last == 0 {
            return Err(wrong_length);
        }
        if at & 1 == 1 || at == last {
            hash = node_hash(sibling, &hash);
            skip_lone(&mut at, &mut last);
        } else {
            hash = node_hash(&hash, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(wrong_length);
    }
    same_root(root, hash)
}

/// Checks that the log of `new` entries begins with the log of `old` entries (RFC 9162, 2.1.4.2).
///
/// # Errors
/// [`Error::Shrunk`], [`Error::PathLength`], [`Error::RootMismatch`].
pub fn verify_consistency(
    old: u64,
    old_root: &Digest,
    new: u64,
    new_root: &Digest,
    path: &[Digest],
) -> Result<(), Error> {
    let wrong_length = Error::PathLength { found: path.len() };
    if old > new {
        return Err(Error::Shrunk { old, new });
    }
    if old == new || old == 0 {
        let same = if old == 0 { empty_root() } else { *new_root };
        return if path.is_empty() { same_root(old_root, same) } else { Err(wrong_length) };
    }
    let (mut at, mut last) = (old - 1, new - 1);
    while at & 1 == 1 {
        at >>= 1;
        last >>= 1;
    }
    let (first, rest) = if old.is_power_of_two() {
        (*old_root, path)
    } else {
        let (first, rest) = path.split_first().ok_or_else(|| wrong_length.clone())?;
        (*first, rest)
    };
    let (mut older, mut newer) = (first, first);
    for sibling in rest {
        if last == 0 {
            return Err(wrong_length);
        }
        if at & 1 == 1 || at == last {
            older = node_hash(sibling, &older);
            newer = node_hash(sibling, &newer);
            skip_lone(&mut at, &mut last);
        } else {
            newer = node_hash(&newer, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(wrong_length);
    }
    same_root(old_root, older)?;
    same_root(new_root, newer)
}

/// Climbs past the levels at which the right edge has no sibling.
fn skip_lone(at: &mut u64, last: &mut u64) {
    while *at & 1 == 0 && *at != 0 {
        *at >>= 1;
        *last >>= 1;
    }
}

fn same_root(expected: &Digest, found: Digest) -> Result<(), Error> {
    if *expected == found {
        Ok(())
    } else {
        Err(Error::RootMismatch { expected: *expected, found })
    }
}

/// The largest power of two below `len`, for `len` ≥ 2.
fn split(len: u64) -> u64 {
    1 << (u64::BITS - 1 - (len - 1).leading_zeros())
}

/// Root over `len` ≥ 1 entries from `start` on, where `start` is a multiple of the least power of two ≥ `len`.
fn range_root(nodes: &impl NodeReader, start: u64, len: u64) -> Result<Digest, Error> {
    let mut end = start + len;
    let mut rest = len;
    let mut hash: Option<Digest> = None;
    while rest > 0 {
        let level = rest.trailing_zeros();
        let width = 1 << level;
        end -= width;
        rest -= width;
        let level = u8::try_from(level).expect("a u64 has at most 64 bits");
        let id = NodeId { level, index: end >> level };
        let left = nodes.node(id).ok_or(Error::NodeMissing(id))?;
        hash = Some(hash.map_or(left, |right| node_hash(&left, &right)));
    }
    Ok(hash.expect("len is at least 1"))
}
