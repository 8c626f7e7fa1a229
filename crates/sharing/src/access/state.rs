//! All that a journal says, as a guard looks at it.

use std::collections::{BTreeMap, HashSet};

use yinxin_gm::Digest;
use yinxin_record::{DenialReason, GrantState, OrganisationCode, Turn, Volume, minute_of};
use yinxin_verdict::UnixTime;

use super::{
    Call, Gathering, Head, Known,
    journal::Entry,
    reserved::{Reserved, Shelf},
    rules,
    window::{Key, Window},
};

/// Of how many strangers' calls in a minute the ids are kept: 128 KiB a minute at most.
const KEPT_IDS: u64 = 4096;

/// All that the journal says.
#[derive(Default)]
pub(super) struct State {
    pub(super) server: Option<OrganisationCode>,
    /// The turn that lines are of, and which file it began in.
    pub(super) opening: Option<(Turn, Digest)>,
    /// Whether that turn is the first of its journal.
    pub(super) is_first_turn: bool,
    /// How many ids the entry before named.
    calls: u64,
    /// In which minute, and of how many calls in crowds the ids were kept.
    kept: (u64, u64),
    /// The number of the next line.
    pub(super) lines: u64,
    last_number: Option<u64>,
    pub(super) last: Option<UnixTime>,
    /// What this server served under each grant, ever.
    pub(super) used: BTreeMap<Digest, Volume>,
    pub(super) windows: BTreeMap<Key, Window>,
    /// Ids of calls by the minute that they were signed in.
    seen: BTreeMap<u64, HashSet<Digest>>,
    /// What is set aside for deliveries.
    pub(super) reserved: Shelf,
    /// The highest block that anything was decided by.
    height: u64,
}

impl State {
    /// The same whether an entry was just written or is read after a crash.
    pub(super) fn apply(&mut self, entry: &Entry) -> Result<(), &'static str> {
        // Ids are of the crowd that stands next. Where a crash came between the two they are nobody's.
        let named = core::mem::take(&mut self.calls);
        match entry {
            Entry::Start { server, lines } => {
                if self.server.is_some() {
                    return Err("a second beginning");
                }
                (self.server, self.lines) = (Some(server.clone()), *lines);
            }
            Entry::Received { .. } => return Err("a receiver's journal"),
            _ if self.server.is_none() => return Err("no beginning"),
            Entry::Opening { turn, place } => {
                if self.opening.is_some_and(|(last, _)| turn.epoch <= last.epoch) {
                    return Err("turns out of order");
                }
                let before = self.opening.map(|(last, _)| last.journal);
                self.is_first_turn = before != Some(turn.journal);
                self.opening = Some((*turn, *place));
            }
            Entry::Calls(calls) => self.calls = calls.len() as u64,
            Entry::Line(line) => {
                let (turn, _) = self.opening.ok_or("a line before any turn")?;
                let turns = self.last.is_none_or(|last| minute_of(last) < line.minute());
                let number_rises = self.last_number.is_none_or(|last| line.number > last);
                if !number_rises || self.last.is_some_and(|last| line.time < last) {
                    return Err("lines out of order");
                }
                let next = line.number.checked_add(1).ok_or("too many lines")?;
                self.lines = self.lines.max(next);
                (self.last_number, self.last) = (Some(line.number), Some(line.time));
                self.uses(line.grant, line.volume());
                self.windows.entry(Key::of(line)).or_default().add(line, turn);
                self.height = self.height.max(line.head);
                if turns {
                    self.forget(line.time);
                }
                // Whoever did not prove to be the caller may have another call's id; that one is still to come.
                // One from so far ahead was not taken, and its id would be kept until then.
                if line.is_proven() && rules::could_come(line.signed_at, line.time) {
                    self.seen.entry(minute_of(line.signed_at)).or_default().insert(line.call);
                }
            }
            Entry::Crowd(crowd) => {
                let (turn, _) = self.opening.ok_or("a line before any turn")?;
                if named > 0 && named != crowd.calls {
                    return Err("a crowd of other calls");
                }
                if self.last.is_some_and(|last| crowd.time < last) {
                    return Err("lines out of order");
                }
                let turns = self.last.is_none_or(|last| minute_of(last) < minute_of(crowd.time));
                self.last = Some(crowd.time);
                self.windows.entry(Key::of_crowd(crowd)).or_default().add_crowd(crowd, turn);
                self.height = self.height.max(crowd.head);
                if turns {
                    self.forget(crowd.time);
                }
            }
            Entry::Reserved { envelope, grant, volume, until } => {
                let reserved = Reserved::new(*volume, *until);
                // Asked for again it is set aside for longer, not twice.
                if self.reserved.insert((*grant, *envelope), reserved).is_none() {
                    self.uses(*grant, *volume);
                }
            }
            Entry::Settled { envelope, height } => self.settle(envelope, *height)?,
            Entry::Anchored { key, height } => {
                let window = self.windows.get_mut(key).ok_or("a window without lines")?;
                window.anchored = Some(*height);
            }
            Entry::NeverTold { key } => {
                let window = self.windows.get_mut(key).ok_or("a window without lines")?;
                window.never_told = true;
            }
            Entry::Cut { .. } => {}
            Entry::Carried { grant, used } => self.uses(*grant, *used),
        }
        Ok(())
    }

    /// Whether whoever goes on from the other would decide and tell the same; of windows that are told it may know more.
    pub(super) fn goes_on_as(&self, other: &Self) -> bool {
        let turn = |state: &Self| state.opening.map(|(turn, _)| turn);
        let used = |state: &Self| -> BTreeMap<Digest, Volume> {
            let used = state.used.iter().filter(|(_, used)| **used != Volume::default());
            used.map(|(grant, used)| (*grant, *used)).collect()
        };
        let aside = |state: &Self| -> Vec<_> {
            state.reserved.iter().map(|(key, r)| (*key, r.volume, r.until, r.height)).collect()
        };
        let oldest = self.oldest_remembered();
        let seen = |state: &Self| -> BTreeMap<u64, HashSet<Digest>> {
            state.seen.range(oldest..).map(|(minute, ids)| (*minute, ids.clone())).collect()
        };
        let same =
            |(key, w): (&Key, &Window)| other.windows.get(key).is_some_and(|o| w.goes_on_as(o));
        let more = other.windows.iter().filter(|(key, _)| !self.windows.contains_key(key));
        self.server == other.server
            && turn(self) == turn(other)
            && (self.lines, self.last) == (other.lines, other.last)
            && used(self) == used(other)
            && aside(self) == aside(other)
            && seen(self) == seen(other)
            && self.windows.iter().all(same)
            && more.into_iter().all(|(_, w)| w.anchored.is_some())
    }

    /// Adds to what was used of a grant; what is nothing takes no memory.
    fn uses(&mut self, grant: Digest, volume: Volume) {
        let used = self.used.entry(grant).or_default();
        *used = used.plus(volume);
        if *used == Volume::default() {
            self.used.remove(&grant);
        }
    }

    /// An envelope was delivered at this height; at none, it never was, and what was set aside for it is free.
    fn settle(&mut self, envelope: &Digest, height: Option<u64>) -> Result<(), &'static str> {
        let of = |(grant, other): &(Digest, Digest)| (other == envelope).then_some(*grant);
        let grants: Vec<Digest> = self.reserved.keys().filter_map(of).collect();
        if grants.is_empty() {
            return Err("a delivery that nothing was set aside for");
        }
        for grant in grants {
            let key = (grant, *envelope);
            if height.is_some() {
                self.reserved.entry(key).and_modify(|r| r.height = height);
            } else if let Some(free) = self.reserved.remove(&key)
                && let Some(used) = self.used.get_mut(&grant)
            {
                *used = used.minus(free.volume);
            }
        }
        Ok(())
    }

    /// The ids of a crowd's calls, if they are to be kept: of so many in a minute, for whoever signs nothing must not fill the disk.
    pub(super) fn keeps_ids(&mut self, now: UnixTime, calls: &Gathering) -> Option<Vec<Digest>> {
        if self.kept.0 != minute_of(now) {
            self.kept = (minute_of(now), 0);
        }
        let ids = calls.ids().filter(|_| self.kept.1.saturating_add(calls.calls()) <= KEPT_IDS)?;
        self.kept.1 += calls.calls();
        Some(ids.clone())
    }

    /// A clock that was set back does not bring a closed minute back.
    pub(super) fn not_before_last(&self, now: UnixTime) -> UnixTime {
        self.last.map_or(now, |last| last.max(now))
    }

    /// Whether its id was seen before, or its time is none at which calls are taken.
    pub(super) fn is_past(&self, call: &Call, now: UnixTime) -> bool {
        self.remembers(call) || !rules::is_timely(call, now)
    }

    pub(super) fn remembers(&self, call: &Call) -> bool {
        let seen = self.seen.get(&minute_of(call.signed_at));
        seen.is_some_and(|ids| ids.contains(&call.id))
    }

    pub(super) fn check(
        &self,
        call: &Call,
        part: u32,
        known: &Known<'_>,
        now: UnixTime,
    ) -> Result<Volume, DenialReason> {
        rules::check(call, known, now)?;
        if self.is_past(call, now) {
            return Err(DenialReason::Replayed);
        }
        let left = self.left(&call.grant, known.grant, &known.head);
        let least = Volume { calls: u64::from(part == 0), ..Volume::default() };
        if least.is_within(left) && left.rows > 0 { Ok(left) } else { Err(DenialReason::Volume) }
    }

    /// What the grant still allows: by the ledger with what is not on it yet, or by the own account, whichever is less.
    pub(super) fn left(&self, id: &Digest, grant: Option<&GrantState>, head: &Head) -> Volume {
        let Some(grant) = grant else { return Volume::default() };
        let windows = self.windows.iter().filter(|(key, _)| key.grant == *id);
        let unseen = windows.filter(|(_, w)| w.anchored.is_none_or(|h| h > head.height));
        let aside = self.reserved.range((*id, Digest::ZERO)..).take_while(|((g, _), _)| g == id);
        let aside = aside.filter(|(_, r)| r.is_unseen(head.height)).map(|(_, r)| r.volume);
        let served = unseen.map(|(_, w)| w.served);
        let pending = served.chain(aside).fold(Volume::default(), Volume::plus);
        let by_ledger = grant.limit.minus(grant.used.plus(pending));
        let own = self.used.get(id).copied().unwrap_or_default();
        let by_own = grant.limit.minus(own);
        Volume {
            calls: by_ledger.calls.min(by_own.calls),
            rows: by_ledger.rows.min(by_own.rows),
            bytes: by_ledger.bytes.min(by_own.bytes),
        }
    }

    pub(super) fn remember(&mut self, call: &Call) {
        self.seen.entry(minute_of(call.signed_at)).or_default().insert(call.id);
    }

    pub(super) fn oldest_remembered(&self) -> u64 {
        let last = self.last.unwrap_or(UnixTime::EPOCH);
        minute_of(last.plus_millis(-2 * rules::MAX_CALL_SKEW_MS))
    }

    /// Ids of calls too old to be taken again, and windows that the ledger has long had. Once in a minute is enough.
    pub(super) fn forget(&mut self, now: UnixTime) {
        let oldest = minute_of(now.plus_millis(-2 * rules::MAX_CALL_SKEW_MS));
        self.seen.retain(|minute, _| *minute >= oldest);
        // A window waits for its block to be known, and then until no older head is fresh: without it, what it served would be
        // missing beside what an older head says.
        let height = self.height;
        self.windows.retain(|key, w| {
            if w.anchored.is_some_and(|anchored| anchored <= height) {
                w.known_at.get_or_insert(now);
            }
            let known = w.known_at.is_some_and(|at| now > at.plus_millis(rules::MAX_HEAD_AGE_MS));
            key.minute >= oldest || !known
        });
        self.reserved.retain(|_, r| !r.is_everywhere(height, now));
    }
}
