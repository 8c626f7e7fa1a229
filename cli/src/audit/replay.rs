//! The ledger's rules over all blocks again, in memory: what the index must hold.

use std::collections::BTreeMap;

use yinxin_gm::Digest;
use yinxin_ledger::{self as ledger, BlockContext, StateRead, StoreFailure};
use yinxin_receipt::Genesis;
use yinxin_verdict::UnixTime;

use crate::fail::{Class, Classed, Done, Failure};

/// Index entries by key.
pub(super) type Index = BTreeMap<Vec<u8>, Vec<u8>>;

/// State and index, as the blocks so far make them.
pub(super) struct Replay {
    chain_id: Digest,
    state: BTreeMap<Vec<u8>, Vec<u8>>,
    height: u64,
    time: UnixTime,
    /// What the index must hold.
    pub(super) index: Index,
}

struct Reader<'a>(&'a BTreeMap<Vec<u8>, Vec<u8>>);

impl StateRead for Reader<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreFailure> {
        Ok(self.0.get(key).cloned())
    }
}

impl Replay {
    /// Before the first block.
    pub(super) fn new(genesis: &Genesis) -> Done<Self> {
        let first = ledger::genesis(genesis).class(Class::Malformed)?;
        let (chain_id, time) = (genesis.chain_id(), genesis.time());
        let mut this =
            Self { chain_id, state: BTreeMap::new(), height: 0, time, index: Index::new() };
        this.take(first);
        Ok(this)
    }

    /// What the state has under a key.
    pub(super) fn state(&self, key: &[u8]) -> Option<&[u8]> {
        self.state.get(key).map(Vec::as_slice)
    }

    /// Executes a block; heights between that had no records too, for what takes effect at a height.
    pub(super) fn block(&mut self, height: u64, time: UnixTime, records: &[Vec<u8>]) -> Done {
        while self.height + 1 < height {
            self.apply(self.height + 1, self.time, &[])?;
        }
        self.apply(height, time, records)
    }

    fn apply(&mut self, height: u64, time: UnixTime, records: &[Vec<u8>]) -> Done {
        let at = BlockContext { chain_id: self.chain_id, height, time };
        let done = ledger::apply(&Reader(&self.state), &at, records).map_err(|e| {
            Failure::new(
                Class::Invalid,
                format!("block {height} breaks the ledger's rules: {e}"),
                format!("区块 {height} 不符合账本规则：{e}"),
            )
        })?;
        self.take(done);
        (self.height, self.time) = (height, time);
        Ok(())
    }

    fn take(&mut self, done: ledger::Outcome) {
        for (key, value) in done.writes {
            match value {
                Some(value) => drop(self.state.insert(key, value)),
                None => drop(self.state.remove(&key)),
            }
        }
        self.index.extend(done.index);
    }
}
