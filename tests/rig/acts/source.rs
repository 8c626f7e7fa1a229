//! A store as a walk reads it.

use std::{cell::RefCell, collections::HashMap};

use yinxin_gm::Digest;
use yinxin_ledger::index_key;
use yinxin_record::{Record, Wire};
use yinxin_sharing::provenance::{Found, Source};
use yinxin_store::{StoreError, View};
use yinxin_verdict::UnixTime;

/// A view of a store, with the times of the blocks that were met.
pub struct Local {
    view: View,
    times: RefCell<HashMap<u64, UnixTime>>,
}

impl Local {
    /// Over a view.
    #[must_use]
    pub fn new(view: View) -> Self {
        Self { view, times: RefCell::default() }
    }

    fn time(&self, height: u64) -> Result<UnixTime, StoreError> {
        if let Some(time) = self.times.borrow().get(&height) {
            return Ok(*time);
        }
        let time = self.view.header_alone(height)?.map_or(UnixTime::EPOCH, |h| h.time());
        self.times.borrow_mut().insert(height, time);
        Ok(time)
    }
}

impl Source for Local {
    type Error = StoreError;

    fn list(&self, prefix: &[u8], height: u64, limit: usize) -> Result<Vec<Digest>, StoreError> {
        let mut ids = Vec::new();
        for (key, value) in self.view.index(prefix, &[], limit)? {
            let within = index_key::place(prefix, &key).is_some_and(|(at, _)| at <= height);
            let id = value.first_chunk::<32>().map(|id| Digest::from(*id));
            ids.extend(id.filter(|id| within && ids.last() != Some(id)));
        }
        Ok(ids)
    }

    fn record(&self, id: &Digest) -> Result<Option<Found>, StoreError> {
        let Some(stored) = self.view.record(id)? else { return Ok(None) };
        let record = Record::from_der(&stored.record).expect("the rules read it");
        let (index, height) = (stored.index, stored.height);
        Ok(Some(Found { record, index, height, time: self.time(height)? }))
    }
}
