//! Which states are kept, and what goes with those that are not.

use std::sync::{Arc, RwLock, RwLockReadGuard};

use yinxin_engine::wire::{Reader, WireError, put_bytes, whole};
use yinxin_gm::Digest;

use crate::disk::{Batch, Disk, Table};
use crate::{StoreError, codec};

/// How many blocks before the newest a state is kept, if nothing else is said. Whoever reads holds one state for one question;
/// at five blocks a second this is 13 s.
pub const STATE_WINDOW: u64 = 64;

/// Most states that one block drops: one in step, another where the window became shorter.
const DROPPED_BY_A_BLOCK: usize = 2;

/// `jmt`'s longest: a version, two lengths, 32 bytes of path.
const MAX_NODE_KEY: usize = 52;

/// A key hash and a version.
const VALUE_KEY: usize = 40;

/// The oldest block whose state is whole, as store and views share it. Whoever reads an old state holds this meanwhile; it moves
/// before the batch that drops what is older is written.
#[derive(Clone, Debug)]
pub(crate) struct Oldest(Arc<RwLock<u64>>);

/// While this is there, the state that it was given for stays whole.
pub(crate) type Held<'a> = RwLockReadGuard<'a, u64>;

impl Oldest {
    pub(crate) fn load(disk: &dyn Disk) -> Result<Self, StoreError> {
        Ok(Self(Arc::new(RwLock::new(stored(disk)?))))
    }

    pub(crate) fn height(&self) -> u64 {
        *self.held()
    }

    /// Keeps the state of a block whole, if it is.
    pub(crate) fn hold(&self, asked: u64) -> Result<Held<'_>, StoreError> {
        let held = self.held();
        if asked < *held { Err(StoreError::Pruned { asked, oldest: *held }) } else { Ok(held) }
    }

    fn held(&self) -> Held<'_> {
        self.0.read().expect("no holder of this lock panics")
    }

    /// Puts into a block's batch what no state from `height - window` on needs.
    pub(crate) fn advance(
        &self,
        disk: &dyn Disk,
        batch: &mut Batch,
        height: u64,
        window: u64,
    ) -> Result<(), StoreError> {
        // This block's own list is not on disk yet.
        let (now, wanted) = (stored(disk)?, height.saturating_sub(window.max(1)));
        if wanted <= now {
            return Ok(());
        }
        let from = codec::height_key(now.saturating_add(1));
        let lists = disk.scan(Table::Stale, &[], &from, DROPPED_BY_A_BLOCK)?;
        // States of an older store have no lists: nothing is known of what they alone need.
        let mut oldest = wanted;
        for (number, (key, list)) in lists.iter().enumerate() {
            let since = codec::get_u64("height of a stale list", key)?;
            if since > wanted {
                break;
            }
            let Stale { nodes, values } = Stale::decode(list)?;
            for key in nodes {
                batch.delete(Table::TreeNodes, key);
            }
            for key in values {
                batch.delete(Table::TreeValues, key);
            }
            batch.delete(Table::Stale, key.clone());
            if number + 1 == DROPPED_BY_A_BLOCK {
                oldest = since;
            }
        }
        batch.put(Table::Meta, codec::OLDEST, codec::height_key(oldest));
        *self.0.write().expect("no holder of this lock panics") = oldest;
        Ok(())
    }
}

fn stored(disk: &dyn Disk) -> Result<u64, StoreError> {
    let bytes = disk.get(Table::Meta, codec::OLDEST)?;
    bytes.map_or(Ok(0), |bytes| codec::get_u64("oldest state", &bytes))
}

/// Keys of what only states before some height need.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Stale {
    pub(crate) nodes: Vec<Vec<u8>>,
    pub(crate) values: Vec<Vec<u8>>,
}

impl Stale {
    /// The value that a key had before this version, if any: one read.
    pub(crate) fn add_value_before(
        &mut self,
        disk: &dyn Disk,
        key: &Digest,
        version: u64,
    ) -> Result<(), StoreError> {
        let Some(before) = version.checked_sub(1) else { return Ok(()) };
        let from = codec::value_key(key, before);
        let found = disk.scan(Table::TreeValues, key.as_bytes(), &from, 1)?;
        self.values.extend(found.into_iter().map(|(key, _)| key));
        Ok(())
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let count = u32::try_from(self.nodes.len()).expect("a block writes fewer");
        let mut out = count.to_be_bytes().to_vec();
        self.nodes.iter().for_each(|key| put_bytes(&mut out, key));
        self.values.iter().for_each(|key| out.extend_from_slice(key));
        out
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        whole(bytes, Self::read).map_err(|error| StoreError::damaged("stale list", error))
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        let mut stale = Self::default();
        for _ in 0..reader.u32()? {
            stale.nodes.push(reader.bytes("key of a node", MAX_NODE_KEY)?.to_vec());
        }
        while !reader.is_empty() {
            stale.values.push(reader.take(VALUE_KEY)?.to_vec());
        }
        Ok(stale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_reads_back_and_a_cut_one_does_not() {
        let nodes = vec![vec![1; 20], vec![2; MAX_NODE_KEY]];
        let stale = Stale { nodes, values: vec![vec![3; VALUE_KEY], vec![4; VALUE_KEY]] };
        let bytes = stale.encode();
        assert_eq!(Stale::decode(&bytes), Ok(stale));
        let whole = [4 + 4 + 20 + 4 + MAX_NODE_KEY, bytes.len() - VALUE_KEY];
        for cut in (0..bytes.len()).filter(|cut| !whole.contains(cut)) {
            assert!(Stale::decode(&bytes[..cut]).is_err(), "{cut}");
        }
    }
}
