//! The state as it will be once what waits of an organisation is committed: a record may build on one that is not committed yet.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use yinxin_engine::{ApplyError, Base as _, BlockContext, StateRead, StoreFailure};
use yinxin_gm::Digest;
use yinxin_store::View;

use crate::SubmitError;
use crate::handle::{Shared, lock, refused};

/// Records that one may build on. Each costs a signature's check when one is refused and the answer is not at hand: 64 are some 10 ms.
const DEPTH: usize = 64;

/// Waiting records that are left out when they no longer apply.
const DROPS: usize = 4;

type Changes = Arc<BTreeMap<Vec<u8>, Option<Vec<u8>>>>;

/// What tells one overlay from another: the head, the organisation, the place of its last record, and how many there are.
type Key = (u64, String, u64, usize);

/// The overlay asked for last: whoever sends records of one organisation sends many.
#[derive(Debug, Default)]
pub(crate) struct Overlays {
    last: Mutex<Option<(Key, Changes)>>,
}

/// Committed state with changes over it.
pub(crate) struct Overlay<'a> {
    base: &'a View,
    changes: Changes,
}

impl StateRead for Overlay<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreFailure> {
        match self.changes.get(key) {
            Some(value) => Ok(value.clone()),
            None => self.base.get(key),
        }
    }
}

impl Overlays {
    /// The state after the records of `organisation` that wait before `id`; `None` if there are none.
    pub(crate) fn behind<'a>(
        &self,
        shared: &Shared,
        view: &'a View,
        at: &BlockContext,
        organisation: &str,
        id: &Digest,
    ) -> Result<Option<Overlay<'a>>, SubmitError> {
        let (last, mut records) = lock(&shared.pool).before(organisation, id, DEPTH);
        if records.is_empty() {
            return Ok(None);
        }
        let key = (view.head().height, organisation.to_owned(), last, records.len());
        if let Some((known, changes)) = &*lock(&self.last)
            && *known == key
        {
            return Ok(Some(Overlay { base: view, changes: Arc::clone(changes) }));
        }
        for _ in 0..=DROPS {
            match shared.app.apply(view, at, &records) {
                Ok(outcome) => {
                    let changes: Changes = Arc::new(outcome.writes.into_iter().collect());
                    *lock(&self.last) = Some((key, Arc::clone(&changes)));
                    return Ok(Some(Overlay { base: view, changes }));
                }
                Err(ApplyError::Record { index, .. }) => drop(records.remove(index)),
                Err(failure) => return Err(refused(failure)),
            }
        }
        Ok(None)
    }
}
