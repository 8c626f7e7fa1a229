//! The ledger's rules over all blocks again: what the index must hold.

use yinxin_gm::Digest;
use yinxin_ledger::{self as ledger, BlockContext, StateRead, StoreFailure};
use yinxin_receipt::{Genesis, ValidatorSet};
use yinxin_store::Batch;
use yinxin_verdict::UnixTime;

use super::{
    Entry,
    entries::{Entries, PAGE},
    scratch::{DERIVED, STATE, Scratch},
};
use crate::fail::{Class, Classed, Done, Failure};

/// State and index, as the blocks so far make them.
#[derive(Debug)]
pub(crate) struct Replay {
    chain_id: Digest,
    scratch: Scratch,
    height: u64,
    time: UnixTime,
    validators: ValidatorSet,
    /// How many records were executed.
    pub(crate) records: u64,
}

struct Reader<'a>(&'a Scratch);

impl StateRead for Reader<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreFailure> {
        self.0.get(STATE, key).map_err(|e| StoreFailure(e.to_string()))
    }
}

impl Replay {
    /// Before the first block.
    pub(super) fn new(genesis: &Genesis, scratch: Scratch) -> Done<Self> {
        let first = ledger::genesis(genesis).class(Class::Malformed)?;
        let (chain_id, time) = (genesis.chain_id(), genesis.time());
        let validators = first.next_validators.clone();
        let mut this = Self { chain_id, scratch, height: 0, time, validators, records: 0 };
        this.take(first)?;
        Ok(this)
    }

    /// Executes a block; heights between that had no records too, for what takes effect at a height.
    pub(super) fn block(&mut self, height: u64, time: UnixTime, records: &[Vec<u8>]) -> Done {
        while self.height + 1 < height {
            self.apply(self.height + 1, self.time, &[])?;
        }
        self.apply(height, time, records)
    }

    /// Who signs the next block, by genesis and all blocks so far.
    pub(super) const fn validators(&self) -> &ValidatorSet {
        &self.validators
    }

    /// What the state has under a key.
    pub(super) fn state(&self, key: &[u8]) -> Done<Option<Vec<u8>>> {
        let failed =
            |e: yinxin_store::StoreError| Failure::new(Class::Node, e.to_string(), e.to_string());
        self.scratch.get(STATE, key).map_err(failed)
    }

    /// What the index must hold.
    pub(crate) fn index(&self) -> impl Iterator<Item = Done<Entry>> {
        Entries::new(|from| self.scratch.page(DERIVED, from, PAGE))
    }

    pub(super) const fn scratch(&self) -> &Scratch {
        &self.scratch
    }

    fn apply(&mut self, height: u64, time: UnixTime, records: &[Vec<u8>]) -> Done {
        let at = BlockContext { chain_id: self.chain_id, height, time };
        let done = ledger::apply(&Reader(&self.scratch), &at, records).map_err(|e| {
            Failure::new(
                Class::Invalid,
                format!("block {height} breaks the ledger's rules: {e}"),
                format!("区块 {height} 不符合账本规则：{e}"),
            )
        })?;
        self.take(done)?;
        self.records += u64::try_from(records.len()).expect("a block has thousands at most");
        (self.height, self.time) = (height, time);
        Ok(())
    }

    fn take(&mut self, done: ledger::Outcome) -> Done {
        self.validators = done.next_validators;
        let mut batch = Batch::default();
        for (key, value) in done.writes {
            match value {
                Some(value) => batch.put(STATE, key, value),
                None => batch.delete(STATE, key),
            }
        }
        for (key, value) in done.index {
            batch.put(DERIVED, key, value);
        }
        self.scratch.write(batch)
    }
}
