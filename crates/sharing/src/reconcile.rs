//! Statistics and reconciliation: each side's counts must match, and what does not is told.

use std::collections::{BTreeMap, BTreeSet};

use yinxin_gm::Digest;
use yinxin_record::{DataAct, Volume, Windows, minute_of};
use yinxin_verdict::UnixTime;

/// What one side counted of one grant in one period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a count and what it is a count of")]
pub struct Count {
    /// Under which grant.
    pub grant: Digest,
    /// In which period: a minute, or a longer one that both sides agree on.
    pub period: u64,
    /// How much.
    pub volume: Volume,
}

/// A difference between the sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mismatch {
    /// Under which grant.
    pub grant: Digest,
    /// In which period.
    pub period: u64,
    /// What the serving side counted; `None`: it has nothing of this period.
    pub served: Option<Volume>,
    /// What the receiver counted; `None`: it has nothing of this period.
    pub received: Option<Volume>,
}

/// What comparing two sides gives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Account {
    /// Periods in which both counted the same.
    pub matched: u64,
    /// Their sum.
    pub volume: Volume,
    /// The others, by grant and period.
    pub mismatches: Vec<Mismatch>,
}

/// Compares what was served with what was received. Counts of the same grant and period are added up; a period of nothing counts as
/// none.
#[must_use]
pub fn reconcile(
    served: impl IntoIterator<Item = Count>,
    received: impl IntoIterator<Item = Count>,
) -> Account {
    let (served, received) = (sums(served), sums(received));
    let keys: BTreeSet<_> = served.keys().chain(received.keys()).copied().collect();
    let mut account = Account::default();
    for key in keys {
        let (served, received) = (served.get(&key).copied(), received.get(&key).copied());
        match (served, received) {
            (Some(a), Some(b)) if a == b => {
                account.matched += 1;
                account.volume = account.volume.plus(a);
            }
            _ => {
                let (grant, period) = key;
                account.mismatches.push(Mismatch { grant, period, served, received });
            }
        }
    }
    account
}

/// Sums of volumes by any key: by resource, by receiver, by purpose, by day. How many counts went into each is told too.
#[must_use]
pub fn statistics<K: Ord>(
    counts: impl IntoIterator<Item = Count>,
    key: impl Fn(&Count) -> K,
) -> BTreeMap<K, (u64, Volume)> {
    let mut sums: BTreeMap<K, (u64, Volume)> = BTreeMap::new();
    for count in counts {
        let (number, volume) = sums.entry(key(&count)).or_default();
        *number += 1;
        *volume = volume.plus(count.volume);
    }
    sums
}

/// What the ledger's records say was delivered and accessed under a grant, by minute: their sum is what the grant's state has as used.
/// Records come in the order of the log with the times of their blocks; those that are no delivery or window of it count nothing. A
/// window counts for its own minute, a delivery for its block's; content that is wrapped anew counts once.
#[must_use]
pub fn counted<'a>(
    grant: &Digest,
    acts: impl IntoIterator<Item = (&'a DataAct, UnixTime)>,
) -> Vec<Count> {
    let mut tally = Tally::of(*grant);
    acts.into_iter().filter_map(|(act, time)| tally.count(act, time)).collect()
}

/// The same, act by act as they are read: what stays in memory is the envelopes of the grant's deliveries, whatever the number of
/// windows.
#[derive(Clone, Debug)]
pub struct Tally {
    grant: Digest,
    envelopes: BTreeSet<Digest>,
    /// Minutes of the first and the last window.
    ends: Option<(u64, u64)>,
    windows: u64,
    served: Volume,
}

impl Tally {
    /// Of a grant, from whatever act on.
    #[must_use]
    pub const fn of(grant: Digest) -> Self {
        Self {
            grant,
            envelopes: BTreeSet::new(),
            ends: None,
            windows: 0,
            served: Volume { calls: 0, rows: 0, bytes: 0 },
        }
    }

    /// What an act counts, acts coming in the order of the log; `None`: nothing.
    pub fn count(&mut self, act: &DataAct, time: UnixTime) -> Option<Count> {
        let grant = self.grant;
        let (period, volume) = match act {
            DataAct::Access(window) if window.grant == grant => {
                let first = self.ends.map_or(window.minute, |(first, _)| first);
                self.ends = Some((first, window.minute));
                self.windows = self.windows.saturating_add(1);
                self.served = self.served.plus(window.served);
                (window.minute, window.served)
            }
            DataAct::Deliver(act) if act.recipients.iter().any(|r| r.grant == grant) => {
                let again = act.replaces.is_some_and(|old| self.envelopes.contains(&old));
                self.envelopes.insert(act.envelope);
                if again {
                    return None;
                }
                (minute_of(time), act.volume)
            }
            _ => return None,
        };
        Some(Count { grant, period, volume })
    }

    /// The minute of the first window that was counted: with the grant the key of its state, which has the totals before it that
    /// [`Tally::holds`] asks for.
    #[must_use]
    pub fn first(&self) -> Option<u64> {
        self.ends.map(|(first, _)| first)
    }

    /// What the windows that were counted served together.
    #[must_use]
    pub const fn sum(&self) -> Volume {
        self.served
    }

    /// Whether what was counted is just what the ledger's running totals have between the one before the first window
    /// ([`AccessState::before`](yinxin_record::AccessState)) and the one with the last: none left out, none changed, none put in.
    #[must_use]
    pub fn holds(&self, before: Windows, with: Windows) -> bool {
        let Some((_, last)) = self.ends else { return false };
        let count = before.count.checked_add(self.windows) == Some(with.count);
        count && before.served.plus(self.served) == with.served && with.last == last
    }
}

fn sums(counts: impl IntoIterator<Item = Count>) -> BTreeMap<(Digest, u64), Volume> {
    let counts = counts.into_iter().filter(|c| c.volume != Volume::default());
    let sums = statistics(counts, |c| (c.grant, c.period));
    sums.into_iter().map(|(key, (_, volume))| (key, volume)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use yinxin_record::AccessWindow;

    fn count(grant: u8, period: u64, rows: u64) -> Count {
        let volume = Volume { calls: rows.min(1), rows, bytes: rows * 10 };
        Count { grant: Digest([grant; 32]), period, volume }
    }

    #[test]
    fn sides_that_agree_match_however_they_counted() {
        let served = [count(1, 5, 10), count(1, 6, 3), count(2, 5, 7), count(2, 9, 0)];
        let mut received = served;
        received.reverse();
        let account = reconcile(served, received);
        assert_eq!((account.matched, account.volume.rows), (3, 20));
        assert!(account.mismatches.is_empty());
        let (part, rest) = (count(1, 5, 4), count(1, 5, 6));
        let whole = Count { volume: part.volume.plus(rest.volume), ..part };
        assert!(reconcile([part, rest], [whole]).mismatches.is_empty());
    }

    #[test]
    fn every_difference_is_told() {
        let served = [count(1, 5, 10), count(1, 6, 3), count(2, 5, 7)];
        for (received, expected) in [
            (vec![count(1, 5, 10), count(1, 6, 3)], (2, 5, Some(7), None)),
            (vec![count(1, 5, 9), count(1, 6, 3), count(2, 5, 7)], (1, 5, Some(10), Some(9))),
            (
                vec![count(1, 5, 10), count(1, 6, 3), count(2, 5, 7), count(3, 1, 1)],
                (3, 1, None, Some(1)),
            ),
        ] {
            let account = reconcile(served, received);
            let [one] = &account.mismatches[..] else { panic!("{account:?}") };
            let rows = |v: Option<Volume>| v.map(|v| v.rows);
            let found = (one.grant.0[0], one.period, rows(one.served), rows(one.received));
            assert_eq!(found, expected);
            assert_eq!(account.matched, 3 - u64::from(expected.2.is_some()));
        }
        let all = reconcile(served, []);
        assert_eq!((all.matched, all.mismatches.len()), (0, 3));
    }

    fn told(grant: Digest, minute: u64) -> AccessWindow {
        AccessWindow {
            grant,
            minute,
            turn: crate::sample::TURN,
            lines: 0,
            purpose: yinxin_record::Purpose::new("credit").unwrap(),
            fields: [0].into_iter().collect(),
            served: Volume { calls: 1 + minute % 3, rows: minute % 41, bytes: minute % 977 },
            root: Digest::ZERO,
            subjects: Vec::new(),
            denials: Vec::new(),
        }
    }

    /// Two months of a grant that is used every minute: read act by act, from any one to any other, held against two states.
    #[test]
    fn a_hundred_thousand_windows_are_held_against_two_totals() {
        const ALL: u64 = 100_000;
        let grant = Digest([5; 32]);
        // Told out of order, as windows are that come late.
        let minute = |n: u64| 29_000_000 + (n ^ 1);
        let mut totals = vec![Windows::default()];
        for n in 0..ALL {
            let sum = totals.last().unwrap().with(minute(n), told(grant, minute(n)).served, 0);
            totals.push(sum);
        }
        let total = |n: u64| totals[usize::try_from(n).unwrap()];
        let count = |range: std::ops::Range<u64>,
                     change: &dyn Fn(u64, &mut AccessWindow) -> bool| {
            let mut tally = Tally::of(grant);
            let mut by_day = BTreeMap::new();
            for n in range {
                let mut window = told(grant, minute(n));
                if change(n, &mut window)
                    && let Some(count) = tally.count(&DataAct::Access(window), UnixTime::EPOCH)
                {
                    let day: &mut Volume = by_day.entry(count.period / 1_440).or_default();
                    *day = day.plus(count.volume);
                }
            }
            (tally, by_day)
        };
        let whole = |_: u64, _: &mut AccessWindow| true;
        for (from, until) in [(0, ALL), (0, 1), (43_200, 86_400), (ALL - 1, ALL)] {
            let (tally, by_day) = count(from..until, &whole);
            assert!(tally.holds(total(from), total(until)), "{from}..{until}");
            let days = by_day.values().fold(Volume::default(), |sum, day| sum.plus(*day));
            assert_eq!(days, tally.served);
            assert!(by_day.len() <= 71, "sums, not windows, are kept");
        }
        type Change = fn(u64, &mut AccessWindow) -> bool;
        let lies: [(&str, Change); 5] = [
            ("left out", |n, _| n != 50_000),
            ("a row less", |n, w| {
                w.served.rows -= u64::from(n == 50_000 && w.served.rows > 0);
                true
            }),
            ("a byte more", |n, w| {
                w.served.bytes += u64::from(n == 50_000);
                true
            }),
            ("the first left out", |n, _| n != 40_000),
            ("the last left out", |n, _| n != 59_999),
        ];
        assert!(told(grant, minute(50_000)).served.rows > 0);
        for (what, lie) in lies {
            let (tally, _) = count(40_000..60_000, &lie);
            assert!(!tally.holds(total(40_000), total(60_000)), "{what}");
        }
        assert!(
            !Tally::of(grant).holds(Windows::default(), Windows::default()),
            "nothing was read"
        );
    }

    #[test]
    fn what_is_wrapped_anew_counts_once() {
        use yinxin_record::{Deliver, OrganisationCode, Purpose, Recipient, ResourceCode};
        let organisation = OrganisationCode::new("11430000006122244L").unwrap();
        let grant = Digest([5; 32]);
        let deliver = |envelope: u8, replaces: Option<u8>, grant| {
            DataAct::Deliver(Deliver {
                resource: ResourceCode::new("11430000006122244L.307~1").unwrap(),
                envelope: Digest([envelope; 32]),
                content: Digest([99; 32]),
                fields: [0].into_iter().collect(),
                purpose: Purpose::new("credit").unwrap(),
                volume: Volume { calls: 1, rows: 5, bytes: 50 },
                recipients: vec![Recipient {
                    grant,
                    organisation: organisation.clone(),
                    key: Digest::ZERO,
                }],
                subjects: Vec::new(),
                replaces: replaces.map(|r| Digest([r; 32])),
            })
        };
        let acts = [
            deliver(1, None, grant),
            deliver(2, Some(1), grant),
            deliver(3, Some(2), grant),
            deliver(4, None, Digest([6; 32])),
            // Under this grant the content of the fourth comes for the first time.
            deliver(6, Some(4), grant),
        ];
        let time = UnixTime::EPOCH.plus_millis(61_000);
        let counts = counted(&grant, acts.iter().map(|act| (act, time)));
        let rows: Vec<_> = counts.iter().map(|c| (c.period, c.volume.rows)).collect();
        assert_eq!(rows, [(1, 5), (1, 5)]);
    }

    #[test]
    fn statistics_add_up_by_any_key() {
        let counts = [count(1, 5, 10), count(1, 6, 3), count(2, 5, 7)];
        let by_grant = statistics(counts, |c| c.grant);
        assert_eq!(by_grant[&Digest([1; 32])].1.rows, 13);
        let by_period = statistics(counts, |c| c.period);
        assert_eq!(by_period[&5], (2, counts[0].volume.plus(counts[2].volume)));
    }
}
