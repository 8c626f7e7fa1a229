//! Who may come in at once: neither strangers nor one caller's many calls keep the others out.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use yinxin_record::OrganisationCode;
use yinxin_verdict::UnixTime;

/// How many calls that nobody proved to have signed have a line of their own in a minute: enough to show who tries, few enough that an
/// fsync for each does not count. More are told together.
const STRANGERS: u32 = 16;

/// How many calls that came before, or whose time is none at which calls are taken, are decided on in a minute.
const REPEATED: u32 = 16;

/// So many seats, at most half of them for one caller.
pub(super) struct Door {
    seats: usize,
    inside: Mutex<Inside>,
}

#[derive(Default)]
struct Inside {
    taken: BTreeMap<OrganisationCode, usize>,
    minute: i64,
    strangers: u32,
    repeated: u32,
}

/// A caller's call that is being answered; until it is dropped.
pub(super) struct Seat {
    door: Arc<Door>,
    caller: OrganisationCode,
}

impl Door {
    pub(super) fn new(seats: usize) -> Arc<Self> {
        Arc::new(Self { seats, inside: Mutex::default() })
    }

    /// A seat for a caller whose signature holds, if there is one.
    pub(super) fn seat(self: &Arc<Self>, caller: &OrganisationCode) -> Option<Seat> {
        let mut inside = self.inside();
        let all: usize = inside.taken.values().sum();
        let own = inside.taken.get(caller).copied().unwrap_or(0);
        if all >= self.seats || own >= self.seats.div_ceil(2) {
            return None;
        }
        inside.taken.insert(caller.clone(), own + 1);
        Some(Seat { door: Arc::clone(self), caller: caller.clone() })
    }

    /// Whether one more stranger's call has a line of its own in this minute.
    pub(super) fn decides_on_stranger(&self, now: UnixTime) -> bool {
        let mut inside = self.in_minute(now);
        inside.strangers = inside.strangers.saturating_add(1);
        inside.strangers <= STRANGERS
    }

    /// Whether one more call that can only be denied for coming again is denied in this minute: whoever heard one on the wire may send it
    /// without end, and each would take its caller's seat, ask the node and write a line.
    pub(super) fn decides_on_repeated(&self, now: UnixTime) -> bool {
        let mut inside = self.in_minute(now);
        inside.repeated = inside.repeated.saturating_add(1);
        inside.repeated <= REPEATED
    }

    fn in_minute(&self, now: UnixTime) -> MutexGuard<'_, Inside> {
        let mut inside = self.inside();
        let minute = now.as_millis().div_euclid(60_000);
        if inside.minute != minute {
            (inside.minute, inside.strangers, inside.repeated) = (minute, 0, 0);
        }
        inside
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut inside = self.door.inside();
        let own = inside.taken.get(&self.caller).copied().unwrap_or(0);
        if own > 1 {
            inside.taken.insert(self.caller.clone(), own - 1);
        } else {
            inside.taken.remove(&self.caller);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_caller_has_half_of_the_seats() {
        let [one, two] = ["11430000006122244L", "91350100M000100Y43"]
            .map(|code| OrganisationCode::new(code).unwrap());
        let door = Door::new(5);
        let mut first: Vec<_> = (0..3).map(|_| door.seat(&one).unwrap()).collect();
        assert!(door.seat(&one).is_none(), "the others are for others");
        let second: Vec<_> = (0..2).map(|_| door.seat(&two).unwrap()).collect();
        assert!(door.seat(&two).is_none(), "all are taken");
        first.pop();
        assert!(door.seat(&two).is_some());
        assert!(door.seat(&one).is_some());
        drop((first, second));
        assert!(door.inside().taken.is_empty());
        let alone = Door::new(1);
        assert!(alone.seat(&one).is_some());
    }

    #[test]
    fn so_many_strangers_are_decided_on_in_a_minute() {
        let (door, now) = (Door::new(1), UnixTime::EPOCH.plus_millis(59_999));
        let decided = (0..100).filter(|_| door.decides_on_stranger(now)).count();
        assert_eq!(decided, 16);
        let decided = (0..100).filter(|_| door.decides_on_repeated(now)).count();
        assert_eq!(decided, 16, "apart from strangers");
        assert!(door.decides_on_stranger(now.plus_millis(1)), "the next minute");
        assert!(door.decides_on_repeated(now.plus_millis(1)));
    }
}
