//! A source's store for a service that shows what is in it, while an import may go on writing.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use yinxin_credit::{
    Error,
    source::{Lookup, SourceChain, SourceStore},
};
use yinxin_record::{OrganisationCode, Subject};
use yinxin_service::CreditSource;

use super::{failure, store::RocksSource};
use crate::fail::{At, Class, Done, Failure};

/// The store as it was when it was last opened; opened again when the ledger has a later batch.
pub(crate) struct ServedStore {
    records: PathBuf,
    code: OrganisationCode,
    open: Mutex<Option<RocksSource>>,
}

impl ServedStore {
    /// Opens a folder that `credit import` keeps.
    pub(crate) fn open(folder: &Path) -> Done<Self> {
        let records = folder.join("records");
        let store = RocksSource::open_to_read(&records);
        let store = store.map_err(|e| failure(&e)).at(folder.display())?;
        let last = store.last().map_err(|e| failure(&e)).at(folder.display())?;
        let code = last.map(|manifest| manifest.source).ok_or_else(|| {
            Failure::new(Class::Usage, "the store has no batch yet", "存储中尚无批次")
                .at(folder.display())
                .todo(
                    "import something first: yinxin credit import",
                    "请先导入：yinxin credit import",
                )
        })?;
        Ok(Self { records, code, open: Mutex::new(Some(store)) })
    }
}

impl CreditSource for ServedStore {
    fn code(&self) -> &OrganisationCode {
        &self.code
    }

    fn subject(&self, subject: &Subject, sequence: u64) -> Result<SourceChain, Error> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let find = |store: &RocksSource| Lookup::open(store, sequence)?.subject(subject);
        if let Some(found) = open.as_ref().and_then(|store| find(store).ok()) {
            return Ok(found);
        }
        // It went on since, and what it no longer needs may be gone.
        *open = None;
        let store = open.insert(RocksSource::open_to_read(&self.records)?);
        find(store)
    }
}
