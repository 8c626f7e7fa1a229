//! What was looked at under the grants of a walk: a few windows one by one, many as one, after all that leads on.

use std::collections::BTreeSet;

use yinxin_gm::Digest;
use yinxin_record::{AccessState, Act, DataAct};
use yinxin_verdict::UnixTime;

use super::{
    fold::Run,
    walk::{AsOf, Source, Walk},
};

/// How many records are read backwards from the end of a list for a window: denials of an hour, one a minute.
const BACK: usize = 64;

/// A window at an end of those that were asked for: its record, minute, and state, if that is at hand.
struct End {
    record: Digest,
    minute: u64,
    state: Option<AccessState>,
}

impl<S: Source> Walk<'_, S> {
    /// Takes the windows and denials of the grants that were met; those that are to be folded are told by the last of each grant.
    pub(super) fn windows(&mut self) -> Result<Vec<Run>, S::Error> {
        let mut folded = Vec::new();
        for grant in self.grants.clone() {
            if self.full {
                break;
            }
            if !self.one_by_one.contains(&grant) {
                folded.extend(self.windows_of(&grant)?);
            }
        }
        let folds: BTreeSet<Digest> = folded.iter().map(|run| run.grant).collect();
        for id in std::mem::take(&mut self.aside) {
            let (_, grant) = self.window(&id);
            // Of those that are folded the first and the last denials are there already.
            if !grant.is_some_and(|grant| folds.contains(&grant)) && !self.keep(&id) {
                break;
            }
        }
        Ok(folded)
    }

    fn windows_of(&mut self, grant: &Digest) -> Result<Option<Run>, S::Error> {
        let prefix = format!("a/{grant}/").into_bytes();
        let begin = match self.asked.0 {
            Some(from) => self.first_height(&prefix, from)?,
            None => Some(0),
        };
        let Some(begin) = begin else { return Ok(None) };
        let most = self.limits.windows.min(self.limits.list);
        let heights = begin..=self.asked.1.height;
        let mut ids = self.source.list(&prefix, heights, most.saturating_add(1))?;
        let more = match ids.get(most).copied() {
            Some(next) if self.asked.1.time.is_some() => self.wanted(&next)?,
            next => next.is_some(),
        };
        ids.truncate(most);
        let mut shown = 0;
        for id in &ids {
            if !self.wanted(id)? || self.window(id).1 != Some(*grant) {
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
        let run = match state {
            Some(state) => self.run(grant, &prefix, begin, (minute, state))?,
            None => None,
        };
        let hidden = run.as_ref().and_then(Run::windows).is_some_and(|all| all.count > shown);
        if !hidden && (run.is_some() || !more) {
            // All windows are among those; what else there may be was denied. A package has a few, and perhaps no state that says how
            // many there were.
            let all =
                || self.source.grant(grant).map(|g| g.is_some_and(|g| g.windows.count <= shown));
            let whole = run.is_some() || ids.len() < most || all()?;
            self.truncated |= more || !whole;
            return Ok(None);
        }
        if !self.keep(&id) {
            return Ok(None);
        }
        // Without the ledger's state nobody knows how many lie between.
        self.truncated |= run.is_none();
        if let Some(run) = &run {
            self.denied_since(grant, &prefix, run.last.1.height)?;
        }
        Ok(run)
    }

    /// The windows of a grant up to this one, from the first at a height or above; `None` if the states of the two are not at hand or
    /// not of one row.
    fn run(
        &mut self,
        grant: &Digest,
        prefix: &[u8],
        begin: u64,
        last: (u64, AccessState),
    ) -> Result<Option<Run>, S::Error> {
        let mut run = Run { grant: *grant, last, since: None };
        if let Some(from) = self.asked.0 {
            let Some(first) = self.first(grant, prefix, begin)? else { return Ok(None) };
            // Without it there is no proof of what was before.
            if !self.keep(&first.1.record) {
                return Ok(None);
            }
            self.truncated |= !self.is_first_since(grant, &first.1, from)?;
            run.since = Some(first);
        }
        Ok(Some(run).filter(|run| run.windows().is_some()))
    }

    /// Whether the window before one is of before a time: an index may hide one, and a package has few.
    fn is_first_since(
        &mut self,
        grant: &Digest,
        first: &AccessState,
        from: UnixTime,
    ) -> Result<bool, S::Error> {
        if first.before.count == 0 {
            return Ok(true);
        }
        let Some(before) = self.source.window(grant, first.before.last)? else { return Ok(false) };
        self.read(&before.record)?;
        Ok(self.time(&before.record).is_some_and(|time| time < from))
    }

    /// The first window at a height or above, denials before it aside.
    fn first(
        &mut self,
        grant: &Digest,
        prefix: &[u8],
        begin: u64,
    ) -> Result<Option<(u64, AccessState)>, S::Error> {
        for id in self.source.list(prefix, begin..=self.asked.1.height, BACK)? {
            if self.wanted(&id)?
                && let (Some(minute), Some(of)) = self.window(&id)
                && of == *grant
            {
                let state = self.source.window(grant, minute)?;
                return Ok(state.filter(|state| state.record == id).map(|state| (minute, state)));
            }
        }
        Ok(None)
    }

    /// The first denials after the last window: whoever still calls when a grant has ended is told apart from those before.
    fn denied_since(&mut self, grant: &Digest, prefix: &[u8], height: u64) -> Result<(), S::Error> {
        let most = self.limits.windows;
        let heights = height..=self.asked.1.height;
        for id in self.source.list(prefix, heights, most.saturating_add(2))? {
            let known = self.wanted(&id)?;
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

    /// The last window within the time that is asked for.
    fn last(&mut self, grant: &Digest, prefix: &[u8]) -> Result<Option<End>, S::Error> {
        let newest = self.source.grant(grant)?.map(|state| state.windows);
        if newest.is_some_and(|windows| windows.count == 0) {
            return Ok(None);
        }
        if let Some(windows) = newest
            && let Some(state) = self.source.window(grant, windows.last)?
            && self.wanted(&state.record)?
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

    /// The least height from which on all that is listed is of a time or later; `None` if nothing is that is asked for.
    fn first_height(&mut self, prefix: &[u8], from: UnixTime) -> Result<Option<u64>, S::Error> {
        let (mut low, mut high, mut step) = (0_u64, 0_u64, 1_u64);
        while self.begins_before(prefix, high, from)? {
            if high >= self.asked.1.height {
                return Ok(None);
            }
            low = high + 1;
            high = high.saturating_add(step).min(self.asked.1.height);
            step = step.saturating_mul(2);
        }
        while low < high {
            let middle = low + (high - low) / 2;
            if self.begins_before(prefix, middle, from)? {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(self.lists(prefix, low)?.then_some(low))
    }

    /// Whether what is listed first at a height or above is earlier than a time.
    fn begins_before(
        &mut self,
        prefix: &[u8],
        height: u64,
        from: UnixTime,
    ) -> Result<bool, S::Error> {
        let ids = self.source.list(prefix, height..=self.asked.1.height, 1)?;
        let Some(id) = ids.first() else { return Ok(false) };
        self.read(id)?;
        Ok(self.time(id).is_some_and(|time| time < from))
    }

    /// The last window that the index lists within the time looked at. Lists are read forwards only, so its height is searched for.
    fn last_listed(&mut self, grant: &Digest, prefix: &[u8]) -> Result<Option<Digest>, S::Error> {
        let end = self.asked.1.height;
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
        let most = self.limits.list.max(4 * BACK);
        loop {
            let from = low.saturating_sub(back);
            let ids = self.source.list(prefix, from..=low, most)?;
            // A list begins with the oldest: the last one may be beyond it.
            self.truncated |= ids.len() >= most;
            for id in ids.iter().rev().take(BACK) {
                if self.wanted(id)?
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

    /// Whether anything before the end of the time that is asked for is listed from a height on.
    fn lists(&mut self, prefix: &[u8], from: u64) -> Result<bool, S::Error> {
        let AsOf { height, time } = self.asked.1;
        let Some(id) = self.source.list(prefix, from..=height, 1)?.pop() else {
            return Ok(false);
        };
        let Some(latest) = time else { return Ok(true) };
        self.read(&id)?;
        Ok(self.time(&id).is_some_and(|time| time <= latest))
    }

    /// Whether a record is there and of the time that is asked for.
    fn wanted(&mut self, id: &Digest) -> Result<bool, S::Error> {
        self.read(id)?;
        let (from, AsOf { time: until, .. }) = self.asked;
        Ok(self.time(id).is_some_and(|time| {
            from.is_none_or(|from| time >= from) && until.is_none_or(|until| time <= until)
        }))
    }

    /// The time of a record that was read.
    fn time(&self, id: &Digest) -> Option<UnixTime> {
        self.read.get(id).and_then(Option::as_ref).map(|(found, _)| found.time)
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
