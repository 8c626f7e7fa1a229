//! A journal that has grown old: what of it still matters, in a new one.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Read,
};

use yinxin_gm::Digest;
use yinxin_record::{Volume, minute_of};

use super::Guard;
use crate::{
    Error,
    access::{
        Journal, Line,
        frames::replay,
        hold::Holds,
        journal::Entry,
        rules,
        state::State,
        window::{Key, Window},
    },
};

impl<J: Journal> Guard<J> {
    /// Begins a new journal with what of this one still matters: what was used, what is set aside, windows that are not on the ledger –
    /// those that it will never have too – with their lines, and calls that could come again. They are read from `existing`. The turn goes
    /// on in the file at `place`. The old file may be kept as long as its lines are to be provable.
    ///
    /// # Errors
    /// [`Error::JournalDamaged`], [`Error::Io`].
    pub fn compact<K: Journal>(
        &self,
        existing: &mut impl Read,
        journal: K,
        place: Digest,
    ) -> Result<Guard<K>, Error> {
        let kept = Kept::gather(&self.state, existing)?;
        let mut next = Guard {
            journal,
            server: self.server.clone(),
            chain: Digest::ZERO,
            state: State::default(),
            holds: Holds::default(),
            broken: false,
        };
        next.write(&Entry::Start { server: self.server.clone(), lines: self.state.lines })?;
        let last = self.state.opening.map(|(turn, _)| turn);
        for entry in kept.entries {
            match entry {
                Entry::Opening { turn, .. } if Some(turn) == last => {
                    next.write(&Entry::Opening { turn, place })?;
                }
                entry => next.write(&entry)?,
            }
        }
        next.set_aside_again(&self.state)?;
        // What is kept with its lines counts by them.
        for (grant, used) in &self.state.used {
            let rest = used.minus(next.state.used.get(grant).copied().unwrap_or_default());
            if rest != Volume::default() {
                next.write(&Entry::Carried { grant: *grant, used: rest })?;
            }
        }
        for (key, height) in kept.anchored {
            next.write(&Entry::Anchored { key, height })?;
        }
        for (key, _) in self.state.windows.iter().filter(|(_, w)| w.never_told) {
            next.write(&Entry::NeverTold { key: key.clone() })?;
        }
        next.state.last = self.state.last;
        Ok(next)
    }

    /// Whether whoever goes on from the other journal would decide and tell the same: what a compaction must come to.
    #[must_use]
    pub fn goes_on_as<K: Journal>(&self, other: &Guard<K>) -> bool {
        self.state.goes_on_as(&other.state)
    }

    fn set_aside_again(&mut self, state: &State) -> Result<(), Error> {
        for ((grant, envelope), r) in &state.reserved {
            let (grant, envelope, volume, until) = (*grant, *envelope, r.volume, r.until);
            self.write(&Entry::Reserved { envelope, grant, volume, until })?;
        }
        let delivered = state.reserved.iter().filter(|(_, r)| r.height.is_some());
        let delivered: BTreeSet<_> = delivered.map(|((_, e), r)| (*e, r.height)).collect();
        for (envelope, height) in delivered {
            self.write(&Entry::Settled { envelope, height })?;
        }
        Ok(())
    }
}

/// What of a journal still matters.
#[derive(Default)]
struct Kept {
    /// In their order: each line after its turn, each crowd after the ids of its calls.
    entries: Vec<Entry>,
    /// Which of its windows are on the ledger, and where.
    anchored: BTreeMap<Key, u64>,
}

impl Kept {
    fn gather(state: &State, existing: &mut impl Read) -> Result<Self, Error> {
        let oldest = state.oldest_remembered();
        let mut kept = Self::default();
        let (mut opening, mut calls) = (None, None);
        // Of some windows the calls alone are remembered, and that the ledger has them.
        let mut told: BTreeSet<Key> = BTreeSet::new();
        replay(existing, |entry| {
            // Ids are of the crowd that stands next.
            let named = calls.take();
            let of = match &entry {
                Entry::Line(line) => {
                    let key = Key::of(line);
                    let known = state.windows.contains_key(&key);
                    // The last line of all says from which minute on the next journal has all of them.
                    let is_last = line.number.checked_add(1) == Some(state.lines);
                    let kept = known || is_last || is_remembered(line, oldest);
                    kept.then_some((key, known))
                }
                Entry::Crowd(crowd) => {
                    let key = Key::of_crowd(crowd);
                    state.windows.contains_key(&key).then_some((key, true))
                }
                Entry::Opening { .. } => {
                    opening = Some(entry);
                    return Ok(());
                }
                Entry::Calls(_) => {
                    calls = Some(entry);
                    return Ok(());
                }
                Entry::Anchored { key, height } => {
                    if told.contains(key) {
                        kept.anchored.insert(key.clone(), *height);
                    }
                    return Ok(());
                }
                _ => return Ok(()),
            };
            if let Some((key, known)) = of {
                if !known {
                    told.insert(key);
                }
                kept.entries.extend(opening.take());
                kept.entries.extend(named);
                kept.entries.push(entry);
            }
            Ok(())
        })?;
        kept.entries.extend(opening);
        let anchored = |(key, w): (&Key, &Window)| w.anchored.map(|height| (key.clone(), height));
        kept.anchored.extend(state.windows.iter().filter_map(anchored));
        Ok(kept)
    }
}

/// Whether its call could come again.
fn is_remembered(line: &Line, oldest: u64) -> bool {
    minute_of(line.signed_at) >= oldest && rules::could_come(line.signed_at, line.time)
}
