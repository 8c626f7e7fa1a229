//! A disk in memory, whose power can be cut: what was not synced is then gone.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use super::{Batch, Disk, Pair, Table};
use crate::StoreError;

type Tables = BTreeMap<(Table, Vec<u8>), Vec<u8>>;

#[derive(Debug, Default)]
struct State {
    /// What the process sees.
    seen: Tables,
    /// What is on the platter.
    durable: Tables,
    /// Synced batches until the power goes, if that is planned.
    fuse: Option<u32>,
    dead: bool,
}

/// A disk for tests. Clones share it; [`MemoryDisk::power_cut`] and [`MemoryDisk::restart`] are its point.
#[derive(Clone, Debug, Default)]
pub struct MemoryDisk {
    state: Arc<Mutex<State>>,
}

impl MemoryDisk {
    /// Cuts the power: everything unsynced is lost, and every later call fails until [`Self::restart`].
    pub fn power_cut(&self) {
        let mut state = self.lock();
        state.seen = state.durable.clone();
        state.dead = true;
    }

    /// Cuts the power in the middle of the `writes`-th write from now: that one is not made.
    pub fn cut_after(&self, writes: u32) {
        self.lock().fuse = Some(writes);
    }

    /// Gives the power back.
    pub fn restart(&self) {
        let mut state = self.lock();
        state.dead = false;
        state.fuse = None;
    }

    /// Flips one bit of the `index`-th value of a table, on the platter.
    ///
    /// # Panics
    /// If there is no such value.
    pub fn flip_bit(&self, table: Table, index: usize, bit: usize) {
        let mut state = self.lock();
        let State { seen, durable, .. } = &mut *state;
        for tables in [seen, durable] {
            let mut values = tables.iter_mut().filter(|((at, _), _)| *at == table);
            let (_, value) = values.nth(index).expect("there is such a value");
            let count = value.len();
            value[bit / 8 % count] ^= 1 << (bit % 8);
        }
    }

    /// How many values a table has.
    #[must_use]
    pub fn count(&self, table: Table) -> usize {
        self.lock().seen.keys().filter(|(at, _)| *at == table).count()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder of this lock panics")
    }

    fn alive(&self) -> Result<MutexGuard<'_, State>, StoreError> {
        let state = self.lock();
        if state.dead { Err(StoreError::Io("no power".into())) } else { Ok(state) }
    }
}

impl Disk for MemoryDisk {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.alive()?.seen.get(&(table, key.to_vec())).cloned())
    }

    fn scan(
        &self,
        table: Table,
        prefix: &[u8],
        from: &[u8],
        limit: usize,
    ) -> Result<Vec<Pair>, StoreError> {
        let start = (table, from.max(prefix).to_vec());
        let state = self.alive()?;
        let pairs = state
            .seen
            .range(start..)
            .take_while(|((at, key), _)| *at == table && key.starts_with(prefix))
            .take(limit)
            .map(|((_, key), value)| (key.clone(), value.clone()));
        Ok(pairs.collect())
    }

    fn write(&self, batch: Batch, sync: bool) -> Result<(), StoreError> {
        let mut state = self.alive()?;
        if let Some(fuse) = &mut state.fuse {
            if *fuse == 0 {
                drop(state);
                self.power_cut();
                return Err(StoreError::Io("no power".into()));
            }
            *fuse -= 1;
        }
        for (table, key, value) in batch.changes {
            match value {
                Some(value) => state.seen.insert((table, key), value),
                None => state.seen.remove(&(table, key)),
            };
        }
        if sync {
            state.durable = state.seen.clone();
        }
        Ok(())
    }
}
