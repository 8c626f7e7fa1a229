//! A store as a walk reads it.

use std::{cell::RefCell, collections::HashMap, ops::RangeInclusive};

use yinxin_gm::Digest;
use yinxin_ledger::index_key;
use yinxin_record::{AccessState, GrantState, Record, Wire, state_key};
use yinxin_sharing::provenance::{Found, Source};
use yinxin_store::{StoreError, View};
use yinxin_verdict::UnixTime;

/// A view of a store, with the times of the blocks that were met.
pub struct Local {
    view: View,
    times: RefCell<HashMap<u64, UnixTime>>,
    has_state: bool,
}

impl Local {
    /// Over a view.
    #[must_use]
    pub fn new(view: View) -> Self {
        // A store without the tree has not even this one.
        let calendar = state_key::calendar(&super::plan::calendar());
        let has_state = view.prove_state(&calendar).is_ok_and(|(value, _)| value.is_some());
        Self { view, times: RefCell::default(), has_state }
    }

    /// Whether the store has the state tree.
    #[must_use]
    pub const fn has_state(&self) -> bool {
        self.has_state
    }

    /// A state, if the store has the state tree.
    fn state<T: Wire>(&self, key: &[u8]) -> Result<Option<T>, StoreError> {
        if !self.has_state {
            return Ok(None);
        }
        let (value, _) = self.view.prove_state(key)?;
        Ok(value.map(|der| T::from_der(&der).expect("the rules wrote it")))
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

    fn list(
        &self,
        prefix: &[u8],
        heights: RangeInclusive<u64>,
        limit: usize,
    ) -> Result<Vec<Digest>, StoreError> {
        let mut ids = Vec::new();
        let from = index_key::from(prefix, *heights.start());
        for (key, value) in self.view.index(prefix, &from, limit)? {
            let place = index_key::place(prefix, &key);
            let within = place.is_some_and(|(at, _)| heights.contains(&at));
            let id = value.first_chunk::<32>().map(|id| Digest::from(*id));
            ids.extend(id.filter(|id| within && ids.last() != Some(id)));
        }
        Ok(ids)
    }

    fn grant(&self, id: &Digest) -> Result<Option<GrantState>, StoreError> {
        self.state(&state_key::grant(id))
    }

    fn window(&self, grant: &Digest, minute: u64) -> Result<Option<AccessState>, StoreError> {
        self.state(&state_key::access(grant, minute))
    }

    fn record(&self, id: &Digest) -> Result<Option<Found>, StoreError> {
        let Some(stored) = self.view.record(id)? else { return Ok(None) };
        let record = Record::from_der(&stored.record).expect("the rules read it");
        let (index, height) = (stored.index, stored.height);
        Ok(Some(Found { record, index, height, time: self.time(height)? }))
    }
}
