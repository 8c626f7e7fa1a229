//! The guard: the one place where calls, grants and the journal meet.

mod compact;

use std::{collections::BTreeSet, io::Read, ops::Bound};

use core::fmt;

use yinxin_gm::{Digest, sm3};
use yinxin_record::{
    DenialReason, GrantState, MAX_DATA_LIST, OrganisationCode, ResourceCode, Turn, Volume,
    minute_of,
};
use yinxin_verdict::UnixTime;

use super::{
    Admitted, Answer, Call, ClosedWindow, Crowd, Decision, Denied, Gathering, Head, Journal, Known,
    Line, Outcome,
    frames::{Replay, frame, replay},
    hold::Holds,
    journal::Entry,
    rules,
    state::State,
    window::{Key, Window},
};
use crate::Error;

/// Stands in front of one server's data.
pub struct Guard<J> {
    journal: J,
    server: OrganisationCode,
    chain: Digest,
    state: State,
    /// Rows that answers on their way may still take; of the process that they belong to alone.
    holds: Holds,
    /// Set once the journal failed: what is on disk is not known, so nothing more is served.
    broken: bool,
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
        let holds = Holds::default();
        let mut guard = Self { journal, server, chain, state, holds, broken: false };
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

    /// Where it is kept.
    pub const fn journal_mut(&mut self) -> &mut J {
        &mut self.journal
    }

    /// The turn that lines are of now, and in which file it began; none in a journal that never served.
    #[must_use]
    pub const fn opening(&self) -> Option<(Turn, Digest)> {
        self.state.opening
    }

    /// How many lines there are, in this journal and those before it.
    #[must_use]
    pub const fn lines(&self) -> u64 {
        self.state.lines
    }

    /// Whether the journal failed: nothing more is served until it is opened anew.
    #[must_use]
    pub const fn is_broken(&self) -> bool {
        self.broken
    }

    /// Whether no turn of this journal was before the present one: then calls of before it, which another one may have answered, are not
    /// remembered here.
    #[must_use]
    pub fn is_first_turn(&self) -> bool {
        self.state.is_first_turn
    }

    /// Whether a call was taken before, or is signed at a time at which none would be: it would be denied, whatever its grant says.
    #[must_use]
    pub fn is_past(&self, call: &Call, now: UnixTime) -> bool {
        self.state.is_past(call, self.state.not_before_last(now))
    }

    /// Begins a turn. `place` tells one file from its copies. Nothing may be answered before the turn stands on the ledger: that is for
    /// whoever knows the ledger to see to.
    ///
    /// # Errors
    /// [`Error::Mismatch`] when it does not come after the last one, [`Error::Io`].
    pub fn begin(&mut self, turn: Turn, place: Digest) -> Result<(), Error> {
        let last = self.state.opening.map_or(0, |(last, _)| last.epoch);
        if turn.epoch <= last {
            let (expected, found) = (format!("above {last}"), turn.epoch.to_string());
            return Err(Error::Mismatch { what: "epoch", expected, found });
        }
        self.write(&Entry::Opening { turn, place })
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
        let allowed = self.state.check(&call, 0, known, now).and_then(|left| {
            let rows = left.rows.saturating_sub(self.holds.rows(&call.grant));
            if rows > 0 { Ok(Volume { rows, ..left }) } else { Err(DenialReason::Volume) }
        });
        match allowed {
            Ok(left) => {
                // One second call with the same id is a replay even while the first is being answered.
                self.state.remember(&call);
                Ok(Decision::Allowed(Admitted { call, part: 0, left, hold: None }))
            }
            Err(reason) => self
                .deny(&call, 0, reason, known, now)
                .map(|denied| Decision::Denied(Box::new(denied))),
        }
    }

    /// Keeps so many rows for an answer until it ends: no other call or delivery gets them. Denied, and the denial on disk, when there
    /// are fewer beside what is kept for others.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn hold(
        &mut self,
        admitted: &mut Admitted,
        rows: u64,
        known: &Known<'_>,
        now: UnixTime,
    ) -> Result<Decision<()>, Error> {
        let now = self.state.not_before_last(now);
        let grant = admitted.call.grant;
        admitted.hold = None;
        admitted.left = self.free(&grant, known.grant, &known.head);
        if rows <= admitted.left.rows {
            admitted.hold = Some(self.holds.take(grant, rows));
            return Ok(Decision::Allowed(()));
        }
        self.deny(&admitted.call, admitted.part, DenialReason::Volume, known, now)
            .map(|denied| Decision::Denied(Box::new(denied)))
    }

    /// What a grant still allows beside what is kept for answers on their way.
    fn free(&self, id: &Digest, grant: Option<&GrantState>, head: &Head) -> Volume {
        let left = self.state.left(id, grant, head);
        Volume { rows: left.rows.saturating_sub(self.holds.rows(id)), ..left }
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

    /// Records calls that nobody proved to have signed, all at once; that they were turned away is on disk when this returns.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn turn_away(
        &mut self,
        resource: &ResourceCode,
        calls: &Gathering,
        head: &Head,
        now: UnixTime,
    ) -> Result<(), Error> {
        if calls.calls() == 0 {
            return Ok(());
        }
        let now = self.state.not_before_last(now);
        let time = now.max(head.time);
        let fresh = rules::is_fresh(head, now);
        let reason = if fresh { DenialReason::Signature } else { DenialReason::StaleLedger };
        if let Some(ids) = self.state.keeps_ids(time, calls) {
            self.write(&Entry::Calls(ids))?;
        }
        self.write(&Entry::Crowd(Crowd {
            time,
            resource: resource.clone(),
            head: head.height,
            reason,
            calls: calls.calls(),
            root: calls.root(),
        }))
    }

    /// Sets volume aside for an envelope that is to be delivered under these grants, under all of them or none: it leaves by no call
    /// any more, whatever the ledger has heard. The delivery is on the ledger at height `until` or never. Asked again, the same is set
    /// aside for longer.
    ///
    /// # Errors
    /// [`Error::Mismatch`] when another volume was set aside for this envelope, [`Error::Io`].
    pub fn reserve(
        &mut self,
        envelope: &Digest,
        grants: &[(Digest, GrantState)],
        volume: Volume,
        until: u64,
        head: &Head,
        now: UnixTime,
    ) -> Result<Result<(), DenialReason>, Error> {
        let now = self.state.not_before_last(now);
        if !rules::is_fresh(head, now) {
            return Ok(Err(DenialReason::StaleLedger));
        }
        for (id, grant) in grants {
            match self.state.reserved.get(&(*id, *envelope)) {
                Some(before) if before.volume == volume => {}
                Some(before) => {
                    let (expected, found) = (format!("{:?}", before.volume), format!("{volume:?}"));
                    return Err(Error::Mismatch { what: "volume set aside", expected, found });
                }
                None if volume.is_within(self.free(id, Some(grant), head)) => {}
                None => return Ok(Err(DenialReason::Volume)),
            }
        }
        for (grant, _) in grants {
            let (envelope, grant) = (*envelope, *grant);
            self.write(&Entry::Reserved { envelope, grant, volume, until })?;
        }
        Ok(Ok(()))
    }

    /// The envelopes that volume is set aside for and whose delivery is not known to be on the ledger, with the last height at which
    /// it can come.
    #[must_use]
    pub fn undelivered(&self) -> BTreeSet<(Digest, u64)> {
        let waiting = self.state.reserved.iter().filter(|(_, r)| r.height.is_none());
        waiting.map(|((_, envelope), r)| (*envelope, r.until)).collect()
    }

    /// An envelope's delivery is on the ledger, at this height; or it never will be, and what was set aside for it is free again.
    ///
    /// # Errors
    /// [`Error::NotFound`] when nothing waits for it, [`Error::Io`].
    pub fn settle(&mut self, envelope: &Digest, height: Option<u64>) -> Result<(), Error> {
        if !self.undelivered().iter().any(|(waiting, _)| waiting == envelope) {
            let name = envelope.to_string();
            return Err(Error::NotFound { what: "envelope set aside for", name });
        }
        self.write(&Entry::Settled { envelope: *envelope, height })
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
            let left = self.state.left(&call.grant, known.grant, &known.head);
            if more.is_within(left) { Ok(left) } else { Err(DenialReason::Volume) }
        });
        let part = admitted.part;
        admitted.part = part.saturating_add(1);
        match allowed {
            Ok(left) => {
                admitted.left = left.minus(more);
                let outcome = Outcome::Served(answer);
                let line = self.record(&admitted.call, part, outcome, known, now)?;
                admitted.hold.iter().for_each(|hold| hold.took(answer.rows));
                Ok(Decision::Allowed(line))
            }
            Err(reason) => {
                admitted.left = Volume::default();
                self.deny(&admitted.call, part, reason, known, now)
                    .map(|denied| Decision::Denied(Box::new(denied)))
            }
        }
    }

    /// Whether an answer's key may leave, as things stand now, all of its parts having left. After a denial, which is on disk, it does not.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn may_end(
        &mut self,
        admitted: &mut Admitted,
        known: &Known<'_>,
        now: UnixTime,
    ) -> Result<Decision<()>, Error> {
        let now = self.state.not_before_last(now);
        let Err(reason) = rules::check(&admitted.call, known, now) else {
            return Ok(Decision::Allowed(()));
        };
        let part = admitted.part;
        (admitted.part, admitted.left) = (part.saturating_add(1), Volume::default());
        self.deny(&admitted.call, part, reason, known, now)
            .map(|denied| Decision::Denied(Box::new(denied)))
    }

    /// The windows of all minutes before this one that are not on the ledger: each call gives the same windows until they are
    /// [`Guard::anchored`], also after a restart.
    pub fn close_due(&mut self, now: UnixTime) -> Vec<ClosedWindow> {
        self.close_due_after(now, None, usize::MAX)
    }

    /// Whether there is any window that is not on the ledger, of the running minute too.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.state.windows.values().any(Window::waits)
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
        let due = rest.take_while(|(key, _)| key.minute < minute_of(now));
        let due = due.filter(|(_, w)| w.waits());
        due.take(most).map(|(key, w)| w.close(key)).collect()
    }

    /// A window stands on the ledger, its receipt was checked.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is none of the open ones, [`Error::Io`].
    pub fn anchored(&mut self, window: &ClosedWindow, height: u64) -> Result<(), Error> {
        let key = self.waiting(window)?;
        self.write(&Entry::Anchored { key, height })
    }

    /// A window can never stand on the ledger, which takes none of so long ago: it is handed out no more, and what it served stays used.
    /// Its lines stay in the journal, as what was never told.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is none of the open ones, [`Error::Io`].
    pub fn never_told(&mut self, window: &ClosedWindow) -> Result<(), Error> {
        let key = self.waiting(window)?;
        self.write(&Entry::NeverTold { key })
    }

    /// How many windows the ledger never heard of and never will.
    #[must_use]
    pub fn untold(&self) -> u64 {
        self.state.windows.values().filter(|w| w.never_told).count() as u64
    }

    fn waiting(&self, window: &ClosedWindow) -> Result<Key, Error> {
        match self.state.windows.get(&window.key) {
            Some(w) if w.waits() => Ok(window.key.clone()),
            _ => {
                let name = format!("{} in minute {}", window.key.grant, window.key.minute);
                Err(Error::NotFound { what: "open window", name })
            }
        }
    }

    /// An answer, or the next part of it, cannot be made: the denial is on disk when this returns, and no further part leaves.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn break_off(
        &mut self,
        admitted: &mut Admitted,
        known: &Known<'_>,
        now: UnixTime,
    ) -> Result<Denied, Error> {
        let now = self.state.not_before_last(now);
        let part = admitted.part;
        (admitted.part, admitted.left) = (part.saturating_add(1), Volume::default());
        self.deny(&admitted.call, part, DenialReason::Source, known, now)
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
        if matches!(entry, Entry::Line(_) | Entry::Crowd(_)) && self.state.opening.is_none() {
            let name = "none has begun".to_owned();
            return Err(Error::NotFound { what: "turn of the journal", name });
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

    pub(crate) fn remembers(&self, call: &Call) -> bool {
        self.state.remembers(call)
    }

    pub(crate) fn has_window(&self, minute: u64) -> bool {
        self.state.windows.keys().any(|key| key.minute == minute)
    }
}
