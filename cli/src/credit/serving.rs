//! A source's store for a service that shows what is in it, while an import may go on writing.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use yinxin_credit::{
    Error,
    source::{AsOf, Lookup, SourceChain, SourceStore},
};
use yinxin_record::{OrganisationCode, Subject};
use yinxin_service::CreditSource;

use super::{failure, store::RocksSource};
use crate::fail::{At, Class, Done, Failure};

/// The store as it was when it was last opened; opened again when the ledger has another batch.
pub(crate) struct ServedStore {
    records: PathBuf,
    code: OrganisationCode,
    open: Mutex<Arc<Opened>>,
}

/// A store, and the tree of the batch that was last asked for.
struct Opened {
    store: RocksSource,
    at: Arc<AsOf>,
}

impl ServedStore {
    /// Opens a folder that `credit import` keeps.
    pub(crate) fn open(folder: &Path) -> Done<Self> {
        let records = folder.join("records");
        let lib = |e: Error| failure(&e);
        let store = RocksSource::open_to_read(&records).map_err(lib).at(folder.display())?;
        let last = store.last().map_err(lib).at(folder.display())?.ok_or_else(|| {
            Failure::new(Class::Usage, "the store has no batch yet", "存储中尚无批次")
                .at(folder.display())
                .todo(
                    "import something first: yinxin credit import",
                    "请先导入：yinxin credit import",
                )
        })?;
        let at = AsOf::read(&store, last.batch.sequence).map_err(lib).at(folder.display())?;
        let opened = Opened { store, at: Arc::new(at) };
        Ok(Self { records, code: last.source, open: Mutex::new(Arc::new(opened)) })
    }

    /// The store as of a batch, opened again if that is not at hand or has turned out to be stale. Whoever has it asks beside others.
    fn as_of(&self, sequence: u64, stale: Option<&Arc<Opened>>) -> Result<Arc<Opened>, Error> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let is_stale = stale.is_some_and(|stale| Arc::ptr_eq(&open, stale));
        if is_stale || open.at.manifest().batch.sequence != sequence {
            let store = RocksSource::open_to_read(&self.records)?;
            let at = Arc::new(AsOf::read(&store, sequence)?);
            *open = Arc::new(Opened { store, at });
        }
        Ok(open.clone())
    }

    /// Asks the store as of a batch, and once more if it went on since: what it no longer needs may be gone.
    fn ask<T>(
        &self,
        sequence: u64,
        of: impl Fn(&Lookup<'_, RocksSource>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let open = self.as_of(sequence, None)?;
        if let Ok(found) = of(&open.lookup()) {
            return Ok(found);
        }
        of(&self.as_of(sequence, Some(&open))?.lookup())
    }
}

impl Opened {
    fn lookup(&self) -> Lookup<'_, RocksSource> {
        Lookup::at(&self.store, self.at.clone())
    }
}

impl CreditSource for ServedStore {
    fn code(&self) -> &OrganisationCode {
        &self.code
    }

    fn subject(&self, subject: &Subject, sequence: u64) -> Result<SourceChain, Error> {
        self.ask(sequence, |store| store.subject(subject))
    }

    fn batches(&self, positions: &[u64], sequence: u64) -> Result<Vec<(u64, u64)>, Error> {
        self.ask(sequence, |store| store.batches_of(positions))
    }
}
