//! The signer's guard, kept beside the ledger.

use std::sync::Arc;

use yinxin_engine::GuardStore;

use crate::disk::{Batch, Disk, Table};

const KEY: &[u8] = b"guard";

/// The guard's place in the store. Writes are synced whatever the store's options say.
#[derive(Clone)]
pub struct GuardFile {
    disk: Arc<dyn Disk>,
}

impl core::fmt::Debug for GuardFile {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("GuardFile")
    }
}

impl GuardFile {
    pub(crate) const fn new(disk: Arc<dyn Disk>) -> Self {
        Self { disk }
    }
}

impl GuardStore for GuardFile {
    fn load(&self) -> Result<Option<Vec<u8>>, String> {
        self.disk.get(Table::Guard, KEY).map_err(|error| error.to_string())
    }

    fn save(&self, record: &[u8]) -> Result<(), String> {
        let mut batch = Batch::default();
        batch.put(Table::Guard, KEY, record);
        self.disk.write(batch, true).map_err(|error| error.to_string())
    }
}
