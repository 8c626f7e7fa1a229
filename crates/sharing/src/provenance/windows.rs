//! What was looked at under the grants of a walk: a few windows one by one, many as one, after all that leads on.

use std::collections::BTreeSet;

use yinxin_gm::Digest;
use yinxin_record::{AccessState, Act, DataAct};

use super::walk::{Source, Walk};

/// How many records are read backwards from the end of a list for a window: denials of an hour, one a minute.
const BACK: usize = 64;

/// A grant, the minute of its last window, and the state of that one.
pub(super) type Last = (Digest, u64, AccessState);

/// The last window of a grant: its record, minute, and state, if that is at hand.
struct End {
    record: Digest,
    minute: u64,
    state: Option<AccessState>,
}

impl<S: Source> Walk<'_, S> {
    /// Takes the windows and denials of the grants that were met; those that are to be folded are told by the last of each grant.
    pub(super) fn windows(&mut self) -> Result<Vec<Last>, S::Error> {
        let mut folded = Vec::new();
        for grant in self.grants.clone() {
            if !self.one_by_one.contains(&grant) {
                folded.extend(self.windows_of(&grant)?);
            }
        }
        let folds: BTreeSet<Digest> = folded.iter().map(|(grant, ..)| *grant).collect();
        for id in std::mem::take(&mut self.aside) {
            let (_, grant) = self.window(&id);
            // Of those that are folded the first and the last denials are there already.
            if !grant.is_some_and(|grant| folds.contains(&grant)) && !self.keep(&id) {
                break;
            }
        }
        Ok(folded)
    }

    fn windows_of(&mut self, grant: &Digest) -> Result<Option<Last>, S::Error> {
        let prefix = format!("a/{grant}/").into_bytes();
        let most = self.limits.windows.min(self.limits.list);
        let mut ids = self.source.list(&prefix, 0..=self.as_of.height, most.saturating_add(1))?;
        let more = ids.len() > most;
        ids.truncate(most);
        let mut shown = 0;
        for id in &ids {
            if self.read(id)?.is_none() || self.window(id).1 != Some(*grant) {
                continue;
            }
            shown += u64::from(self.window(id).0.is_some());
            if !self.keep(id) {
                return Ok(None);
            }
        }
        if self.limits.windows > self.limits.list {
            self.truncated |= more;
            return Ok(None);
        }
        let Some(End { record: id, minute, state }) = self.last(grant, &prefix)? else {
            self.truncated |= more;
            return Ok(None);
        };
        let hidden = state.as_ref().is_some_and(|state| state.windows(minute).count > shown);
        if !hidden && (state.is_some() || !more) {
            // All windows are among those; what else there may be was denied.
            self.truncated |= more;
            return Ok(None);
        }
        if !self.keep(&id) {
            return Ok(None);
        }
        // Without the ledger's state nobody knows how many lie between.
        self.truncated |= state.is_none();
        if let Some(state) = &state {
            self.denied_since(grant, &prefix, state.height)?;
        }
        Ok(state.map(|state| (*grant, minute, state)))
    }

    /// The first denials after the last window: whoever still calls when a grant has ended is told apart from those before.
    fn denied_since(&mut self, grant: &Digest, prefix: &[u8], height: u64) -> Result<(), S::Error> {
        let most = self.limits.windows;
        let heights = height..=self.as_of.height;
        for id in self.source.list(prefix, heights, most.saturating_add(2))? {
            let known = self.read(&id)?.is_some();
            if known
                && self.looked(&id)
                && self.window(&id) == (None, Some(*grant))
                && !self.keep(&id)
            {
                break;
            }
        }
        Ok(())
    }

    /// The last window within the time looked at.
    fn last(&mut self, grant: &Digest, prefix: &[u8]) -> Result<Option<End>, S::Error> {
        let newest = self.source.grant(grant)?.map(|state| state.windows);
        if newest.is_some_and(|windows| windows.count == 0) {
            return Ok(None);
        }
        if let Some(windows) = newest
            && let Some(state) = self.source.window(grant, windows.last)?
            && self.read(&state.record)?.is_some()
        {
            let (record, minute) = (state.record, windows.last);
            return Ok(Some(End { record, minute, state: Some(state) }));
        }
        // As of the past, or no state is at hand: the index has it.
        let Some(id) = self.last_listed(grant, prefix)? else { return Ok(None) };
        let Some(minute) = self.window(&id).0 else { return Ok(None) };
        let state = self.source.window(grant, minute)?.filter(|state| state.record == id);
        Ok(Some(End { record: id, minute, state }))
    }

    /// The last window that the index lists within the time looked at. Lists are read forwards only, so its height is searched for.
    fn last_listed(&mut self, grant: &Digest, prefix: &[u8]) -> Result<Option<Digest>, S::Error> {
        let end = self.as_of.height;
        if !self.lists(prefix, 0)? {
            return Ok(None);
        }
        // Something is at `low` or above, nothing from `high` on.
        let (mut low, mut step) = (0_u64, 1_u64);
        let mut high = loop {
            let next = low.saturating_add(step);
            if next > end {
                break end.saturating_add(1);
            }
            if !self.lists(prefix, next)? {
                break next;
            }
            (low, step) = (next, step.saturating_mul(2));
        };
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if self.lists(prefix, middle)? {
                low = middle;
            } else {
                high = middle;
            }
        }
        let mut back = 0_u64;
        loop {
            let from = low.saturating_sub(back);
            let ids = self.source.list(prefix, from..=low, self.limits.list)?;
            for id in ids.iter().rev().take(BACK) {
                if self.read(id)?.is_some()
                    && matches!(self.window(id), (Some(_), Some(of)) if of == *grant)
                {
                    return Ok(Some(*id));
                }
            }
            if from == 0 || ids.len() >= BACK {
                return Ok(None);
            }
            back = back.saturating_mul(4).max(16);
        }
    }

    /// Whether anything within the time looked at is listed from a height on.
    fn lists(&mut self, prefix: &[u8], from: u64) -> Result<bool, S::Error> {
        let Some(id) = self.source.list(prefix, from..=self.as_of.height, 1)?.pop() else {
            return Ok(false);
        };
        Ok(self.as_of.time.is_none() || self.read(&id)?.is_some())
    }

    /// The minute of a record that was read, if it is a window, and the grant that it or a denial names.
    fn window(&self, id: &Digest) -> (Option<u64>, Option<Digest>) {
        match self.read.get(id).and_then(Option::as_ref).map(|(found, _)| &found.record.tbs.act) {
            Some(Act::Data(DataAct::Access(window))) => (Some(window.minute), Some(window.grant)),
            Some(Act::Data(DataAct::Deny(denied))) => (None, denied.grant),
            Some(Act::Data(DataAct::Reconcile(act))) => (None, Some(act.grant)),
            _ => (None, None),
        }
    }

    /// Whether a record tells what was looked at, or denied.
    pub(super) fn looked(&self, id: &Digest) -> bool {
        let read = self.read.get(id).and_then(Option::as_ref);
        read.is_some_and(|(found, _)| {
            matches!(found.record.tbs.act, Act::Data(DataAct::Access(_) | DataAct::Deny(_)))
        })
    }
}
