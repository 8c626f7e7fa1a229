//! A record of a published batch with its way to the batch's log root, from the file alone.

use std::collections::BTreeMap;

use yinxin_gm::Digest;
use yinxin_merkle::{
    log::{NodeId, NodeReader, leaf_hashes, prove_inclusion, subtree_root},
    wire::Wire,
};
use yinxin_record::{InBatch, SourceRecord};

use super::{apply::KEPT_LEVEL, audit::Stretch};
use crate::Error;

/// Records of a subtree whose root is kept.
const WIDTH: u64 = 1 << KEPT_LEVEL;

/// Finds a record by its id in a batch's records, in order, and proves it. Of a batch of a hundred million records twelve megabytes are held.
///
/// # Errors
/// What the reader says, [`Error::Wire`] if the record is none, [`Error::StoreDamaged`] if its path cannot be made.
pub fn locate(
    records: impl IntoIterator<Item = Result<Stretch, Error>>,
    sequence: u64,
    id: &Digest,
) -> Result<Option<InBatch>, Error> {
    let mut nodes = Nodes::default();
    let mut open: Vec<Digest> = Vec::new();
    let (mut found, mut size) = (None, 0_u64);
    for stretch in records {
        let stretch = stretch?;
        let ids = SourceRecord::ids(stretch.iter().map(Vec::as_slice));
        let leaves = leaf_hashes(&ids.iter().map(|id| id.0).collect::<Vec<_>>());
        for ((bytes, this), leaf) in stretch.iter().zip(ids).zip(leaves) {
            if this == *id && found.is_none() {
                found = Some((SourceRecord::from_der(bytes)?, size));
            }
            open.push(leaf);
            size += 1;
            if open.len() as u64 == WIDTH {
                let here = found.as_ref().is_some_and(|(_, at)| at / WIDTH == (size - 1) / WIDTH);
                nodes.close(&mut open, here);
            }
        }
    }
    nodes.leaves.insert(size / WIDTH, open);
    let Some((record, index)) = found else { return Ok(None) };
    let path = prove_inclusion(&nodes, index, size);
    let path = path.map_err(|_| Error::StoreDamaged { what: "a batch's log" })?;
    Ok(Some(InBatch { record, sequence, index, path }))
}

/// The roots of whole subtrees, and the leaves of the record's own and of the last, which is not whole.
#[derive(Default)]
struct Nodes {
    roots: Vec<Digest>,
    leaves: BTreeMap<u64, Vec<Digest>>,
}

impl Nodes {
    fn close(&mut self, open: &mut Vec<Digest>, keep: bool) {
        let leaves = core::mem::take(open);
        let block = self.roots.len() as u64;
        self.roots.push(subtree_root(&leaves));
        if keep {
            self.leaves.insert(block, leaves);
        }
    }
}

impl NodeReader for Nodes {
    fn node(&self, NodeId { level, index }: NodeId) -> Option<Digest> {
        let width = 1_u64.checked_shl(u32::from(level))?;
        let first = index.checked_mul(width)?;
        let (list, first, width) = if level >= KEPT_LEVEL {
            (&self.roots, first / WIDTH, width / WIDTH)
        } else {
            (self.leaves.get(&(first / WIDTH))?, first % WIDTH, width)
        };
        let (first, width) = (usize::try_from(first).ok()?, usize::try_from(width).ok()?);
        Some(subtree_root(list.get(first..first.checked_add(width)?)?))
    }
}

#[cfg(test)]
mod tests {
    use yinxin_merkle::log::{self, leaf_hash};
    use yinxin_record::{
        Date, ItemEvent, ItemKey, OrganisationCode, SourceEvent, SourceFollow, Subject,
    };

    use super::*;

    fn record(n: u64) -> Vec<u8> {
        let authority = OrganisationCode::new("11430000006122244L").unwrap();
        let day = Date::parse("2026-05-06").unwrap();
        let (event, content, decision) = (ItemEvent::Repair, None, None);
        let item = ItemKey::of("penalty", &n.to_string());
        let source = authority.clone();
        let subject = Subject::parse("91350100M000100Y43").unwrap();
        let event = SourceEvent::Follow(SourceFollow { event, authority, day, content, decision });
        SourceRecord { source, subject, item, event }.to_der()
    }

    #[test]
    fn a_record_is_proven_from_the_file_wherever_it_stands() {
        for size in [1, 2, 3, 255, 256, 257, 511, 512, 700_u64] {
            let all: Vec<_> = (0..size).map(record).collect();
            let ids: Vec<_> = all.iter().map(|bytes| SourceRecord::id(bytes)).collect();
            let root = log::root(ids.iter().map(|id| leaf_hash(id.as_bytes())));
            for at in [0, size / 3, size / 2, size - 1] {
                let id = ids[usize::try_from(at).unwrap()];
                let stretches = all.chunks(100).map(|some| Ok(some.to_vec()));
                let found = locate(stretches, 7, &id).unwrap().unwrap();
                assert_eq!(
                    (found.index, found.verify(size, &root)),
                    (at, Ok(id)),
                    "{at} of {size}"
                );
            }
            assert_eq!(locate([Ok(all)], 7, &Digest::ZERO), Ok(None));
        }
    }
}
