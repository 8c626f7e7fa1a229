//! Calls, deliveries, restarts and windows in any order, against a model of one number: rows that left or are set aside.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Step {
    Call(u64),
    Advance(i64),
    Restart,
    Anchor,
    Compact,
    /// Sets rows aside for an envelope of this number.
    Reserve(u64, u64),
    /// The oldest that waits comes onto the ledger, or never will.
    Settle(bool),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0_u64..400).prop_map(Step::Call),
        2 => (1_i64..90_000).prop_map(Step::Advance),
        1 => Just(Step::Restart),
        1 => Just(Step::Anchor),
        1 => Just(Step::Compact),
        2 => (0_u64..6, 0_u64..400).prop_map(|(n, rows)| Step::Reserve(n, rows)),
        2 => any::<bool>().prop_map(Step::Settle),
    ];
    prop::collection::vec(step, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// The model is one number: rows that left.
    #[test]
    fn whatever_happens_rows_served_are_rows_recorded_and_within_the_limit(steps in steps()) {
        let (mut guard, mut ledger) = (guard(), Ledger::new());
        let (mut now, mut left, mut on_ledger) = (start(), 0, 0);
        let (mut aside, mut delivered) = (BTreeMap::new(), BTreeMap::<u64, u64>::new());
        let envelope = |n: u64| sm3::digest(&n.to_le_bytes());
        for (n, step) in (0..).zip(steps) {
            ledger = ledger.at(now);
            match step {
                Step::Call(rows) => {
                    let admitted = guard.admit(call(n, now), &ledger.known(), now).unwrap();
                    if let Decision::Allowed(mut admitted) = admitted {
                        let line = guard.release(&mut admitted, answer(rows), &ledger.known(), now);
                        let fits = left + rows <= 1000 - aside.values().sum::<u64>();
                        let released = matches!(line.unwrap(), Decision::Allowed(_));
                        prop_assert_eq!(released, fits);
                        left += if released { rows } else { 0 };
                    } else {
                        prop_assert_eq!(left + aside.values().sum::<u64>(), 1000);
                    }
                }
                Step::Reserve(n, rows) if !delivered.contains_key(&n) => {
                    let volume = Volume { calls: 0, rows, bytes: 0 };
                    let of = [(Digest([3; 32]), ledger.grant().clone())];
                    let head = ledger.head;
                    let done = guard.reserve(&envelope(n), &of, volume, 99, &head, now);
                    match aside.get(&n) {
                        Some(before) if *before != rows => prop_assert!(done.is_err()),
                        Some(_) => prop_assert_eq!(done.unwrap(), Ok(())),
                        None => {
                            let fits = left + rows + aside.values().sum::<u64>() <= 1000;
                            prop_assert_eq!(done.unwrap().is_ok(), fits);
                            if fits {
                                aside.insert(n, rows);
                            }
                        }
                    }
                }
                Step::Reserve(..) => {}
                Step::Settle(comes) => {
                    let waits = |n: &u64| !delivered.contains_key(n);
                    if let Some(n) = aside.keys().copied().find(waits) {
                        ledger.head.height += 1;
                        let height = comes.then_some(ledger.head.height);
                        guard.settle(&envelope(n), height).unwrap();
                        if comes {
                            delivered.insert(n, aside[&n]);
                        } else {
                            aside.remove(&n);
                        }
                        ledger.grant().used.rows = on_ledger + delivered.values().sum::<u64>();
                    }
                }
                Step::Advance(ms) => now = now.plus_millis(ms),
                Step::Restart => {
                    let journal = guard.journal().clone();
                    guard = Guard::open(&mut &journal[..], journal.clone(), code(OWNER)).unwrap().0;
                }
                Step::Anchor => {
                    for window in guard.close_due(now) {
                        ledger.head.height += 1;
                        guard.anchored(&window, ledger.head.height).unwrap();
                        if let ClosedAct::Access(act) = window.act() {
                            on_ledger += act.served.rows;
                        }
                    }
                    ledger.grant().used.rows = on_ledger + delivered.values().sum::<u64>();
                }
                Step::Compact => {
                    let existing = guard.journal().clone();
                    guard = guard.compact(&mut &existing[..], Vec::new(), PLACE).unwrap();
                }
            }
        }
        for window in guard.close_due(now.plus_millis(120_000)) {
            if let ClosedAct::Access(act) = window.act() {
                on_ledger += act.served.rows;
            }
        }
        prop_assert_eq!(on_ledger, left);
        prop_assert!(left + aside.values().sum::<u64>() <= 1000);
    }
}
