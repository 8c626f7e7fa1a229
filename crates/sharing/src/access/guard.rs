//! The guard: the one place where calls, grants and the journal meet.

use std::collections::{BTreeMap, HashSet};
use std::{io::Read, ops::Bound};

use core::fmt;

use yinxin_gm::{Digest, sm3};
use yinxin_record::{DenialReason, MAX_DATA_LIST, OrganisationCode, Volume};
use yinxin_verdict::UnixTime;

use super::{
    Admitted, Answer, Call, ClosedWindow, Decision, Denied, Journal, Known, Line, Outcome,
    frames::{Replay, frame, replay},
    journal::Entry,
    line::minute,
    rules,
    window::{Key, Window},
};
use crate::Error;

/// Stands in front of one server's data.
pub struct Guard<J> {
    journal: J,
    server: OrganisationCode,
    chain: Digest,
    state: State,
    /// Set once the journal failed: what is on disk is not known, so nothing more is served.
    broken: bool,
}

/// All that the journal says.
#[derive(Default)]
struct State {
    server: Option<OrganisationCode>,
    /// The number of the next line.
    lines: u64,
    last_number: Option<u64>,
    last: Option<UnixTime>,
    /// What this server served under each grant, ever.
    used: BTreeMap<Digest, Volume>,
    windows: BTreeMap<Key, Window>,
    /// Ids of calls by the minute that they were signed in.
    seen: BTreeMap<u64, HashSet<Digest>>,
    /// The highest block that anything was decided by.
    height: u64,
}

/// What was found when a journal was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recovered {
    /// Lines in it.
    pub lines: u64,
    /// Octets of an entry that never became whole, and were cut off. Nothing left on its account.
    pub cut: u64,
}

impl<J: Journal> Guard<J> {
    /// Goes on with a journal, or begins one: `existing` reads what `journal` holds.
    ///
    /// # Errors
    /// [`Error::JournalDamaged`], [`Error::Mismatch`] for another server's journal, [`Error::Io`].
    pub fn open(
        existing: &mut impl Read,
        journal: J,
        server: OrganisationCode,
    ) -> Result<(Self, Recovered), Error> {
        let mut state = State::default();
        let Replay { chain, length, torn } = replay(existing, |entry| state.apply(&entry))?;
        let found = state.server.clone();
        if let Some(last) = state.last {
            state.forget(last);
        }
        let recovered = Recovered { lines: state.lines, cut: torn.len() as u64 };
        let mut guard = Self { journal, server, chain, state, broken: false };
        if !torn.is_empty() {
            guard.journal.truncate(length).map_err(|e| Error::io(&e))?;
        }
        match found {
            Some(found) if found != guard.server => {
                let expected = guard.server.to_string();
                return Err(Error::Mismatch {
                    what: "server of the journal",
                    expected,
                    found: found.to_string(),
                });
            }
            Some(_) => {}
            None => guard.write(&Entry::Start { server: guard.server.clone(), lines: 0 })?,
        }
        if !torn.is_empty() {
            let digest = sm3::digest(&torn);
            guard.write(&Entry::Cut { length: recovered.cut, digest })?;
        }
        Ok((guard, recovered))
    }

    /// Whether a call may be answered. A denial is on disk when this returns.
    ///
    /// # Errors
    /// [`Error::Io`]: nothing may be answered, and nothing more is served.
    pub fn admit(
        &mut self,
        call: Call,
        known: &Known<'_>,
        now: UnixTime,
    ) -> Result<Decision<Admitted>, Error> {
        let now = self.state.not_before_last(now);
        match self.state.check(&call, 0, known, now) {
            Ok(left) => {
                // One second call with the same id is a replay even while the first is being answered.
                self.state.remember(&call);
                Ok(Decision::Allowed(Admitted { call, part: 0, left }))
            }
            Err(reason) => self
                .deny(&call, 0, reason, known, now)
                .map(|denied| Decision::Denied(Box::new(denied))),
        }
    }

    /// Records that another layer refused a call, for its signature above all; the denial is on disk when this returns.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn refuse(
        &mut self,
        call: &Call,
        reason: DenialReason,
        known: &Known<'_>,
        now: UnixTime,
    ) -> Result<Denied, Error> {
        let now = self.state.not_before_last(now);
        self.deny(call, 0, reason, known, now)
    }

    /// Whether an answer, or the next part of it, may leave, as things stand now. It leaves only on [`Decision::Allowed`]: then its
    /// line is on disk. After a denial no further part leaves.
    ///
    /// # Errors
    /// [`Error::Io`]: nothing may leave, and nothing more is served.
    pub fn release(
        &mut self,
        admitted: &mut Admitted,
        answer: Answer,
        known: &Known<'_>,
        now: UnixTime,
    ) -> Result<Decision<Line>, Error> {
        let now = self.state.not_before_last(now);
        let call = &admitted.call;
        let more =
            Volume { calls: u64::from(admitted.part == 0), rows: answer.rows, bytes: answer.bytes };
        let allowed = rules::check(call, known, now).and_then(|()| {
            let left = self.state.left(call, known);
            if more.is_within(left) { Ok(left) } else { Err(DenialReason::Volume) }
        });
        let part = admitted.part;
        admitted.part = part.saturating_add(1);
        match allowed {
            Ok(left) => {
                admitted.left = rules::left(left, more);
                let outcome = Outcome::Served(answer);
                let line = self.record(&admitted.call, part, outcome, known, now)?;
                Ok(Decision::Allowed(line))
            }
            Err(reason) => {
                admitted.left = Volume::default();
                self.deny(&admitted.call, part, reason, known, now)
                    .map(|denied| Decision::Denied(Box::new(denied)))
            }
        }
    }

    /// The windows of all minutes before this one that are not on the ledger: each call gives the same windows until they are
    /// [`Guard::anchored`], also after a restart.
    pub fn close_due(&mut self, now: UnixTime) -> Vec<ClosedWindow> {
        self.close_due_after(now, None, usize::MAX)
    }

    /// At most so many of them, the oldest first, after one that was handed out: whoever works through them holds the guard only for
    /// some at a time.
    pub fn close_due_after(
        &mut self,
        now: UnixTime,
        after: Option<&ClosedWindow>,
        most: usize,
    ) -> Vec<ClosedWindow> {
        let now = self.state.not_before_last(now);
        self.state.last = Some(now);
        let from = after.map_or(Bound::Unbounded, |w| Bound::Excluded(&w.key));
        let rest = self.state.windows.range((from, Bound::Unbounded));
        let due = rest.take_while(|(key, _)| key.minute < minute(now));
        let due = due.filter(|(_, w)| w.anchored.is_none());
        due.take(most).map(|(key, w)| w.close(key)).collect()
    }

    /// A window stands on the ledger, its receipt was checked.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is none of the open ones, [`Error::Io`].
    pub fn anchored(&mut self, window: &ClosedWindow, height: u64) -> Result<(), Error> {
        let open = self.state.windows.get(&window.key).filter(|w| w.anchored.is_none());
        if open.is_none() {
            let name = format!("{} in minute {}", window.key.grant, window.key.minute);
            return Err(Error::NotFound { what: "open window", name });
        }
        let entry = Entry::Anchored { key: window.key.clone(), height };
        self.write(&entry)
    }

    /// Begins a new journal with what of this one still matters: what was used, and windows that are not on the ledger with their
    /// lines, which are read from `existing`. The old file may be kept as long as its lines are to be provable.
    ///
    /// # Errors
    /// [`Error::JournalDamaged`], [`Error::Io`].
    pub fn compact<K: Journal>(
        &self,
        existing: &mut impl Read,
        journal: K,
    ) -> Result<Guard<K>, Error> {
        let (mut kept, mut carried) = (Vec::new(), self.state.used.clone());
        let oldest = self.state.oldest_remembered();
        replay(existing, |entry| {
            let Entry::Line(line) = entry else { return Ok(()) };
            let waits =
                self.state.windows.get(&Key::of(&line)).is_some_and(|w| w.anchored.is_none());
            if waits || minute(line.signed_at) >= oldest {
                if let Some(used) = carried.get_mut(&line.grant) {
                    *used = rules::left(*used, line.volume());
                }
                kept.push(line);
            }
            Ok(())
        })?;
        let mut next = Guard {
            journal,
            server: self.server.clone(),
            chain: Digest::ZERO,
            state: State::default(),
            broken: false,
        };
        next.write(&Entry::Start { server: self.server.clone(), lines: self.state.lines })?;
        for (grant, used) in carried {
            next.write(&Entry::Carried { grant, used })?;
        }
        for line in kept {
            next.write(&Entry::Line(line))?;
        }
        for (key, window) in &self.state.windows {
            if let (Some(height), true) = (window.anchored, next.state.windows.contains_key(key)) {
                next.write(&Entry::Anchored { key: key.clone(), height })?;
            }
        }
        next.state.last = self.state.last;
        Ok(next)
    }

    fn deny(
        &mut self,
        call: &Call,
        part: u32,
        reason: DenialReason,
        known: &Known<'_>,
        now: UnixTime,
    ) -> Result<Denied, Error> {
        let line = self.record(call, part, Outcome::Denied(reason), known, now)?;
        Ok(Denied { reason, line })
    }

    fn record(
        &mut self,
        call: &Call,
        part: u32,
        outcome: Outcome,
        known: &Known<'_>,
        now: UnixTime,
    ) -> Result<Line, Error> {
        let mut subjects = call.subjects.clone();
        subjects.sort_unstable();
        subjects.dedup();
        if subjects.len() > MAX_DATA_LIST {
            subjects.clear();
        }
        let line = Line {
            number: self.state.lines,
            // It was decided by the later of two clocks, and stands in that one's minute: no window is older than its grant.
            time: now.max(known.head.time),
            call: call.id,
            signed_at: call.signed_at,
            part,
            caller: call.caller.clone(),
            grant: call.grant,
            resource: call.resource.clone(),
            purpose: call.purpose.clone(),
            fields: call.fields.clone(),
            subjects,
            head: known.head.height,
            outcome,
        };
        self.write(&Entry::Line(Box::new(line.clone())))?;
        Ok(line)
    }

    fn write(&mut self, entry: &Entry) -> Result<(), Error> {
        if self.broken {
            return Err(Error::Io { why: "the journal failed before".to_owned() });
        }
        let (octets, chain) = frame(entry, &self.chain);
        // Until the journal says that it is durable, it is not.
        self.broken = true;
        self.journal.append(&octets).map_err(|e| Error::io(&e))?;
        self.broken = false;
        self.chain = chain;
        self.state.apply(entry).expect("what a guard writes, a guard reads");
        Ok(())
    }
}

impl State {
    /// The same whether an entry was just written or is read after a crash.
    fn apply(&mut self, entry: &Entry) -> Result<(), &'static str> {
        match entry {
            Entry::Start { server, lines } => {
                if self.server.is_some() {
                    return Err("a second beginning");
                }
                (self.server, self.lines) = (Some(server.clone()), *lines);
            }
            Entry::Received { .. } => return Err("a receiver's journal"),
            _ if self.server.is_none() => return Err("no beginning"),
            Entry::Line(line) => {
                let turns = self.last.is_none_or(|last| minute(last) < line.minute());
                let number_rises = self.last_number.is_none_or(|last| line.number > last);
                if !number_rises || self.last.is_some_and(|last| line.time < last) {
                    return Err("lines out of order");
                }
                let next = line.number.checked_add(1).ok_or("too many lines")?;
                self.lines = self.lines.max(next);
                (self.last_number, self.last) = (Some(line.number), Some(line.time));
                let used = self.used.entry(line.grant).or_default();
                *used = used.plus(line.volume());
                if *used == Volume::default() {
                    self.used.remove(&line.grant);
                }
                self.windows.entry(Key::of(line)).or_default().add(line);
                self.height = self.height.max(line.head);
                if turns {
                    self.forget(line.time);
                }
                // Whoever did not prove to be the caller may have another call's id; that one is still to come.
                if line.is_proven() {
                    self.seen.entry(minute(line.signed_at)).or_default().insert(line.call);
                }
            }
            Entry::Anchored { key, height } => {
                let window = self.windows.get_mut(key).ok_or("a window without lines")?;
                window.anchored = Some(*height);
            }
            Entry::Cut { .. } => {}
            Entry::Carried { grant, used } => {
                let before = self.used.entry(*grant).or_default();
                *before = before.plus(*used);
            }
        }
        Ok(())
    }

    /// A clock that was set back does not bring a closed minute back.
    fn not_before_last(&self, now: UnixTime) -> UnixTime {
        self.last.map_or(now, |last| last.max(now))
    }

    fn check(
        &self,
        call: &Call,
        part: u32,
        known: &Known<'_>,
        now: UnixTime,
    ) -> Result<Volume, DenialReason> {
        rules::check(call, known, now)?;
        let seen = self.seen.get(&minute(call.signed_at)).is_some_and(|ids| ids.contains(&call.id));
        if seen || !rules::is_timely(call, now) {
            return Err(DenialReason::Replayed);
        }
        let left = self.left(call, known);
        let least = Volume { calls: u64::from(part == 0), ..Volume::default() };
        if least.is_within(left) && left.rows > 0 { Ok(left) } else { Err(DenialReason::Volume) }
    }

    /// What the grant still allows: by the ledger with what is not on it yet, or by the own account, whichever is less.
    fn left(&self, call: &Call, known: &Known<'_>) -> Volume {
        let Some(grant) = known.grant else { return Volume::default() };
        let windows = self.windows.iter().filter(|(key, _)| key.grant == call.grant);
        let unseen = windows.filter(|(_, w)| w.anchored.is_none_or(|h| h > known.head.height));
        let pending = unseen.fold(Volume::default(), |sum, (_, w)| sum.plus(w.served));
        let by_ledger = rules::left(grant.limit, grant.used.plus(pending));
        let own = self.used.get(&call.grant).copied().unwrap_or_default();
        let by_own = rules::left(grant.limit, own);
        Volume {
            calls: by_ledger.calls.min(by_own.calls),
            rows: by_ledger.rows.min(by_own.rows),
            bytes: by_ledger.bytes.min(by_own.bytes),
        }
    }

    fn remember(&mut self, call: &Call) {
        self.seen.entry(minute(call.signed_at)).or_default().insert(call.id);
    }

    fn oldest_remembered(&self) -> u64 {
        let last = self.last.unwrap_or(UnixTime::EPOCH);
        minute(last.plus_millis(-2 * rules::MAX_CALL_SKEW_MS))
    }

    /// Ids of calls too old to be taken again, and windows that the ledger has long had. Once in a minute is enough.
    fn forget(&mut self, now: UnixTime) {
        let oldest = minute(now.plus_millis(-2 * rules::MAX_CALL_SKEW_MS));
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
    }
}

impl<J> fmt::Debug for Guard<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { server, state, broken, .. } = self;
        write!(f, "Guard({server}, {} lines, broken: {broken})", state.lines)
    }
}

#[cfg(test)]
impl<J> Guard<J> {
    pub(crate) const fn journal(&self) -> &J {
        &self.journal
    }

    pub(crate) fn has_window(&self, minute: u64) -> bool {
        self.state.windows.keys().any(|key| key.minute == minute)
    }
}
