//! A page of a source's state tree: its leaves, and beside each where the subject's records are.
//!
//! ```text
//! page    = entry*, rising by key
//! entry   = key (32) ‖ head (32) ‖ items (varint) ‖ item*
//! item    = item key (16) ‖ status (1) ‖ events (varint) ‖ (position − position before (varint))*
//! ```
//! Only its source reads it: what others check is the leaves' root.

use yinxin_gm::{Digest, sm3};
use yinxin_merkle::{state::Leaf, wire::Wire};
use yinxin_record::{EventChain, ItemStatus};

use super::ItemKey;
use crate::Error;

/// A subject in a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// SM3 of the subject's key in the state tree.
    pub(super) key: Digest,
    pub(super) head: Digest,
    pub(super) items: Vec<Item>,
}

/// An item of a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) key: ItemKey,
    pub(super) status: ItemStatus,
    /// Where the records that tell of it are, rising; never empty.
    pub(super) positions: Vec<u64>,
}

impl Entry {
    pub(super) fn chain(&self) -> EventChain {
        let count = self.items.iter().map(|item| item.positions.len() as u64).sum();
        EventChain { count, head: self.head }
    }

    /// All its records, in the order of its chain.
    pub(super) fn positions(&self) -> Vec<u64> {
        let mut all: Vec<u64> =
            self.items.iter().flat_map(|item| &item.positions).copied().collect();
        all.sort_unstable();
        all
    }
}

pub(super) fn write(entries: &[Entry]) -> Vec<u8> {
    let mut out = Vec::with_capacity(entries.len() * 128);
    for Entry { key, head, items } in entries {
        out.extend_from_slice(key.as_bytes());
        out.extend_from_slice(head.as_bytes());
        varint(items.len() as u64, &mut out);
        for Item { key, status, positions } in items {
            out.extend_from_slice(&key.0);
            out.push(u8::try_from(status.number()).unwrap_or(0));
            varint(positions.len() as u64, &mut out);
            let mut before = 0;
            for position in positions {
                varint(position - before, &mut out);
                before = *position;
            }
        }
    }
    out
}

pub(super) fn read(bytes: &[u8]) -> Result<Vec<Entry>, Error> {
    let mut entries: Vec<Entry> = Vec::new();
    walk(bytes, |input| {
        let entry = entry(input)?;
        let key = entry.key;
        entries.push(entry);
        Some(key)
    })?;
    Ok(entries)
}

/// All leaves of a page, and of one subject what is kept of it: whoever looks one up needs no more of the others.
pub(super) fn find(bytes: &[u8], key: &Digest) -> Result<(Vec<Leaf>, Option<Entry>), Error> {
    let (mut chains, mut found) = (Vec::new(), None);
    walk(bytes, |input| {
        let at = input.0;
        let (own, chain) = skim(input)?;
        if own == *key {
            found = Some(entry(&mut Input(at))?);
        }
        chains.push((own, chain));
        Some(own)
    })?;
    Ok((leaves(&chains), found))
}

/// Leaves by what stands in them.
pub(super) fn leaves(chains: &[(Digest, EventChain)]) -> Vec<Leaf> {
    let values: Vec<Vec<u8>> = chains.iter().map(|(_, chain)| chain.to_der()).collect();
    let mut digests = vec![Digest::ZERO; values.len()];
    sm3::many(&values, &mut digests);
    let leaf = |((key, _), value): (&(Digest, EventChain), Digest)| Leaf { key: *key, value };
    chains.iter().zip(digests).map(leaf).collect()
}

/// Reads entry by entry; each gives its key, and these rise.
fn walk<'a>(
    bytes: &'a [u8],
    mut one: impl FnMut(&mut Input<'a>) -> Option<Digest>,
) -> Result<(), Error> {
    let (mut input, mut last) = (Input(bytes), None);
    while !input.0.is_empty() {
        let key = one(&mut input).ok_or(Error::StoreDamaged { what: "a page" })?;
        if last.is_some_and(|last| last >= key) {
            return Err(Error::StoreDamaged { what: "a page" });
        }
        last = Some(key);
    }
    Ok(())
}

/// An entry's key and chain: what [`entry`] would read, with nothing kept of its items.
fn skim(input: &mut Input<'_>) -> Option<(Digest, EventChain)> {
    let (key, head) = (Digest(input.array()?), Digest(input.array()?));
    let mut count = 0_u64;
    for _ in 0..input.varint()? {
        let [.., number] = input.array::<17>()?;
        ItemStatus::ALL.iter().find(|s| s.number() == u32::from(number))?;
        let events = input.varint().filter(|events| *events > 0)?;
        for _ in 0..events {
            input.varint()?;
        }
        count = count.checked_add(events)?;
    }
    (count > 0).then_some((key, EventChain { count, head }))
}

fn entry(input: &mut Input<'_>) -> Option<Entry> {
    let (key, head) = (Digest(input.array()?), Digest(input.array()?));
    let count = input.varint()?;
    let mut items = Vec::new();
    for _ in 0..count {
        let key = ItemKey(input.array()?);
        let [number] = input.array()?;
        let status = ItemStatus::ALL.iter().copied().find(|s| s.number() == u32::from(number))?;
        let events = input.varint()?;
        let mut positions = Vec::new();
        let mut before = 0_u64;
        for i in 0..events {
            let step = input.varint()?;
            before = before.checked_add(step).filter(|_| i == 0 || step > 0)?;
            positions.push(before);
        }
        if positions.is_empty() {
            return None;
        }
        items.push(Item { key, status, positions });
    }
    (!items.is_empty()).then_some(Entry { key, head, items })
}

/// Seven bits a byte, lowest first; the high bit says that more follow.
fn varint(mut value: u64, out: &mut Vec<u8>) {
    loop {
        let low = u8::try_from(value & 0x7f).unwrap_or(0);
        value >>= 7;
        if value == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}

struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..63).step_by(7) {
            let [byte] = self.array()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entries() -> impl Strategy<Value = Vec<Entry>> {
        let item = (
            any::<[u8; 16]>(),
            0..ItemStatus::ALL.len(),
            prop::collection::btree_set(0_u64..1 << 40, 1..5),
        );
        let item = item.prop_map(|(key, status, positions)| Item {
            key: ItemKey(key),
            status: ItemStatus::ALL[status],
            positions: positions.into_iter().collect(),
        });
        let entry = (any::<[u8; 32]>(), prop::collection::vec(item, 1..4));
        prop::collection::btree_map(any::<[u8; 32]>(), entry, 0..6).prop_map(|entries| {
            let entry =
                |(key, (head, items))| Entry { key: Digest(key), head: Digest(head), items };
            entries.into_iter().map(entry).collect()
        })
    }

    proptest! {
        #[test]
        fn a_page_reads_back(entries in entries()) {
            prop_assert_eq!(read(&write(&entries)), Ok(entries));
        }

        #[test]
        fn a_damaged_page_is_an_error_or_another_page(
            entries in entries(), at in any::<prop::sample::Index>(), cut in any::<bool>(), x in 1_u8..,
        ) {
            let mut bytes = write(&entries);
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                if cut { bytes.truncate(at) } else { bytes[at] ^= x }
                let _ = read(&bytes).map(|e| e.iter().map(Entry::chain).count());
                let _ = find(&bytes, &Digest::ZERO);
            }
        }

        #[test]
        fn who_is_found_in_a_page_is_as_it_reads(entries in entries(), at in any::<prop::sample::Index>()) {
            let chains: Vec<_> = entries.iter().map(|entry| (entry.key, entry.chain())).collect();
            let all = leaves(&chains);
            for (leaf, (key, chain)) in all.iter().zip(&chains) {
                prop_assert_eq!((leaf.key, leaf.value), (*key, sm3::digest(&chain.to_der())));
            }
            let own = (!entries.is_empty()).then(|| entries[at.index(entries.len())].clone());
            let key = own.as_ref().map_or(Digest::ZERO, |own| own.key);
            prop_assert_eq!(find(&write(&entries), &key), Ok((all, own)));
        }
    }
}
