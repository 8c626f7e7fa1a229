//! Which journal answers, and what refusals are vouched for: rules 79 and 89. Folders that were copied, restored or forgotten, against a
//! small model.

#![allow(clippy::unwrap_used, reason = "a helper that fails has failed its test")]

#[path = "rig/share.rs"]
mod share;
#[path = "rig/world.rs"]
mod world;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use share::*;
use world::{World, code};
use yinxin_record::{
    Act, AnchorDenials, Change, DataAct, Denial, DenialReason, DenialsState, DenyAccess, Duty,
    EmergencySuspend, MemberAct, OpenServing, PublishResource, Responsibility, ServingState,
    TakesOver, Turn, TurnState, minute_start, state_key,
};

fn opening(turn: Turn, lines: u64, takes_over: TakesOver) -> DataAct {
    DataAct::OpenServing(OpenServing { resources: vec![resource_code(1)], turn, lines, takes_over })
}

fn serving(world: &World) -> ServingState {
    world.load(&state_key::serving(&resource_code(1), &code(SERVER))).unwrap()
}

#[test]
fn a_turn_begins_after_the_last_and_another_journal_says_so() {
    let mut world = World::sharing();
    let begun = world.time;
    world.later(10 * 60_000 + 26_000);
    for (n, turn, lines, takes_over, refused, why) in [
        (OTHER, turn(1, 2), 0, TakesOver::No, "NOT_AUTHORITY", "serves nothing"),
        (OWNER, turn(1, 2), 0, TakesOver::No, "NOT_AUTHORITY", "named another"),
        (RECEIVER, turn(1, 2), 0, TakesOver::No, "POWER_MISSING", "has no power"),
        (SERVER, turn(1, 1), 0, TakesOver::No, "EPOCH_OTHER", "the same turn once more"),
        (SERVER, turn(2, 2), 0, TakesOver::No, "JOURNAL_OTHER", "another folder"),
        (SERVER, turn(2, 1), 0, TakesOver::Yes, "EPOCH_OTHER", "two take over at once"),
        (SERVER, turn(1, 2), 9, TakesOver::No, "", "goes on"),
        (SERVER, turn(1, 3), 8, TakesOver::No, "JOURNAL_BEHIND", "fewer lines than it had"),
        (SERVER, turn(1, 3), 8, TakesOver::Yes, "JOURNAL_BEHIND", "whatever it says"),
    ] {
        assert_eq!(world.refused(n, opening(turn, lines, takes_over)), refused, "{why}");
    }
    let restarted = serving(&world);
    assert_eq!((restarted.turn, restarted.lines), (turn(1, 2), 9));
    assert!(restarted.since > begun);
    world.data(SERVER, opening(turn(2, 3), 0, TakesOver::Yes)).unwrap();
    let taken = serving(&world);
    // 35 s later it is the next minute, and that is the other's; in the one after it has 15 s to tell of it.
    let first = minute_start(world.minute() + 2).unwrap().plus_millis(15_000);
    assert_eq!(taken.since, first);
    let over: TurnState =
        world.load(&state_key::serving_turn(&resource_code(1), &code(SERVER), 2)).unwrap();
    assert!(over.until.is_some_and(|until| until >= restarted.since));
    world.data(SERVER, opening(turn(2, 4), 0, TakesOver::No)).unwrap();
    assert_eq!(serving(&world).since, first, "a start in between brings nothing forward");
    let unknown = OpenServing {
        resources: vec![resource_code(9)],
        turn: turn(2, 5),
        lines: 0,
        takes_over: TakesOver::No,
    };
    assert_eq!(world.refused(SERVER, DataAct::OpenServing(unknown)), "RESOURCE_UNKNOWN");
}

/// All resources or none: a server that may not serve one of them opens nothing.
#[test]
fn an_opening_holds_for_all_of_its_resources_or_none() {
    let mut world = World::sharing();
    world.data(OWNER, DataAct::Publish(publication(2, 1))).unwrap();
    world.data(SERVER, opening(turn(7, 5), 0, TakesOver::Yes)).unwrap();
    let both = |epoch| {
        let resources = vec![resource_code(1), resource_code(2)];
        let (turn, takes_over) = (turn(7, epoch), TakesOver::No);
        DataAct::OpenServing(OpenServing { resources, turn, lines: 0, takes_over })
    };
    let second = state_key::serving(&resource_code(2), &code(SERVER));
    assert_eq!(world.refused(SERVER, both(5)), "EPOCH_OTHER");
    assert!(world.load::<ServingState>(&second).is_none());
    world.data(SERVER, both(6)).unwrap();
    assert_eq!(world.load::<ServingState>(&second).unwrap().turn, turn(7, 6));
}

#[test]
fn windows_and_denials_name_a_turn_that_answered_then() {
    let mut world = World::sharing();
    let grant = world.granted(RECEIVER);
    world.later(10 * 60_000);
    world.data(SERVER, opening(turn(2, 2), 0, TakesOver::Yes)).unwrap();
    let (opened, before) = (world.minute(), world.minute() - 2);
    world.later(10 * 60_000);
    let denied = |turn, minute| {
        DataAct::Deny(DenyAccess {
            resource: resource_code(1),
            minute,
            turn,
            lines: 0,
            grant: None,
            organisation: None,
            denials: vec![Denial { reason: DenialReason::Source, count: 1 }],
            root: digest("denied"),
        })
    };
    for (turn, minute, refused, why) in [
        (turn(2, 2), before, "TURN_UNKNOWN", "before it began"),
        (turn(1, 1), opened + 2, "TURN_UNKNOWN", "36 s after it was taken over"),
        (turn(2, 1), before, "TURN_UNKNOWN", "another journal's"),
        (turn(1, 9), before, "TURN_UNKNOWN", "never begun"),
        (turn(1, 1), before, "", "its own, told late"),
        (turn(1, 1), opened, "", "it did not know yet"),
        (turn(2, 2), opened + 3, "", "the new one's"),
    ] {
        let mut window = world.window(grant, minute);
        (window.turn, window.lines) = (turn, 5);
        assert_eq!(world.refused(SERVER, denied(turn, minute)), refused, "{why}");
        assert_eq!(world.refused(SERVER, DataAct::Access(window)), refused, "{why}");
    }
    assert_eq!(serving(&world).lines, 5, "by the window of this journal");
    assert_eq!(world.refused(SERVER, opening(turn(2, 3), 4, TakesOver::No)), "JOURNAL_BEHIND");
    world.data(SERVER, opening(turn(2, 3), 5, TakesOver::No)).unwrap();
}

/// Who was suspended for a month could tell nothing meanwhile, and tells it afterwards.
#[test]
fn what_was_served_before_a_long_suspension_is_told_after_it() {
    let mut world = World::sharing();
    let grant = world.granted(RECEIVER);
    world.later(2 * 60_000);
    let last = world.minute() - 1;
    let change = |world: &mut World, change| {
        let id = world.propose(RECEIVER, change, 8).unwrap();
        for n in [OTHER, AUTHORITY, OWNER] {
            let approve = yinxin_record::Approve { proposal: id };
            // While one is suspended three of four are enough.
            drop(world.act(n, Act::Member(MemberAct::Approve(approve))));
        }
        (0..8).for_each(|_| drop(world.idle()));
    };
    change(&mut world, Change::SuspendOrganisation(code(SERVER)));
    world.later(30 * DAY_MS);
    let window = |world: &World, minute| DataAct::Access(world.window(grant, minute));
    let act = window(&world, last);
    assert_eq!(world.refused(SERVER, act), "ORGANISATION_SUSPENDED");
    change(&mut world, Change::ResumeOrganisation(code(SERVER)));
    let act = window(&world, last);
    assert_eq!(world.refused(OWNER, act), "MINUTE_RANGE", "it was there all the time");
    world.later(13 * DAY_MS);
    // An emergency soon after it is part of the same absence.
    for n in [OTHER, AUTHORITY] {
        let vote = EmergencySuspend { organisation: code(SERVER), reason: 1 };
        world.act(n, Act::Member(MemberAct::Suspend(vote))).unwrap();
    }
    world.later(14 * DAY_MS);
    let act = window(&world, last);
    assert_eq!(world.refused(SERVER, act), "");
    world.later(2 * DAY_MS);
    let act = window(&world, last + 1);
    assert_eq!(world.refused(SERVER, act), "MINUTE_RANGE", "fourteen days were enough");
}

#[test]
fn refusals_are_vouched_for_once_and_never_for_fewer() {
    let mut world = World::sharing();
    let vouch = |journal, count| {
        DataAct::AnchorDenials(AnchorDenials { journal: digest(journal), count, head: digest("h") })
    };
    for (n, journal, count, refused) in [
        (RECEIVER, "a", 3, ""),
        (RECEIVER, "a", 3, "COUNT_OTHER"),
        (RECEIVER, "a", 2, "COUNT_OTHER"),
        (OTHER, "a", 1, ""),
        (RECEIVER, "b", 1, ""),
        (RECEIVER, "a", 4, ""),
    ] {
        assert_eq!(world.refused(n, vouch(journal, count)), refused, "{n} {journal} {count}");
    }
    let state: DenialsState =
        world.load(&state_key::denials(&code(RECEIVER), &digest("a"))).unwrap();
    assert_eq!(state.count, 4);
}

/// A server's folder, as its copies are.
#[derive(Clone, Copy)]
struct Folder {
    journal: u8,
    epoch: u64,
    lines: u64,
}

#[derive(Clone, Debug)]
enum Step {
    /// The server starts: it knows its own journal only, or looks at the ledger and takes over with a new id.
    Start {
        takes_over: bool,
    },
    Answer {
        lines: u64,
    },
    Tell {
        minutes_ago: u64,
    },
    /// All of the folder is copied away, or put back from there.
    Copy,
    Restore,
    /// The owner names another server, and this one again at once.
    Replace,
    Wait {
        seconds: i64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => prop::bool::weighted(0.3).prop_map(|takes_over| Step::Start { takes_over }),
        4 => (1..4_u64).prop_map(|lines| Step::Answer { lines }),
        6 => (0..6_u64).prop_map(|minutes_ago| Step::Tell { minutes_ago }),
        2 => Just(Step::Copy),
        2 => Just(Step::Restore),
        1 => Just(Step::Replace),
        4 => (5..130_i64).prop_map(|seconds| Step::Wait { seconds }),
    ]
}

/// The 16th second of the first minute in which who answered until now cannot.
fn afterwards(now: i64) -> i64 {
    ((now + 35_000) / 60_000 + 1) * 60_000 + 15_000
}

/// What the model knows of the ledger; times in milliseconds.
struct Known {
    journal: u8,
    epoch: u64,
    told: u64,
    version: u32,
    since: i64,
    /// No turn answers earlier: the owner named another server meanwhile.
    from: i64,
    turns: BTreeMap<u64, (u8, i64, i64)>,
    minutes: BTreeSet<u64>,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn copies_of_folders_and_a_small_model_agree(
        steps in prop::collection::vec((0..2_usize, step()), 1..60),
    ) {
        let mut world = World::sharing();
        let grant = world.granted(RECEIVER);
        let granted = world.minute();
        let start = serving(&world).since.as_millis();
        let mut known = Known {
            journal: 1, epoch: 1, told: 0, version: 1, since: start, from: 0,
            turns: [(1, (1, start, i64::MAX))].into(), minutes: BTreeSet::new(),
        };
        let first = Folder { journal: 1, epoch: 1, lines: 0 };
        let (mut folders, mut copies, mut journals) = ([first; 2], [first; 2], 1);
        for (which, step) in steps {
            let now = world.time.as_millis();
            let folder = &mut folders[which];
            let (expected, outcome) = match step {
                Step::Wait { seconds } => {
                    world.later(seconds * 1000);
                    continue;
                }
                Step::Copy => {
                    copies[which] = *folder;
                    continue;
                }
                Step::Restore => {
                    *folder = copies[which];
                    continue;
                }
                Step::Answer { lines } => {
                    folder.lines += lines;
                    continue;
                }
                Step::Replace => {
                    let turn = known.turns.get_mut(&known.epoch).unwrap();
                    if turn.2 == i64::MAX {
                        turn.2 = now;
                        known.from = known.from.max(afterwards(now));
                    }
                    for server in [OTHER, SERVER] {
                        known.version += 1;
                        let serve = Responsibility { duty: Duty::Serve, organisation: code(server) };
                        let responsibilities = vec![serve];
                        let act = PublishResource { responsibilities, ..publication(1, known.version) };
                        world.data(OWNER, DataAct::Publish(act)).unwrap();
                    }
                    prop_assert!(serving(&world).until.is_some());
                    continue;
                }
                Step::Start { takes_over } => {
                    let next = if takes_over {
                        journals += 1;
                        Folder { journal: journals, epoch: known.epoch + 1, ..*folder }
                    } else {
                        Folder { epoch: folder.epoch + 1, ..*folder }
                    };
                    let same = next.journal == known.journal;
                    let expected = next.epoch > known.epoch
                        && (takes_over || same) && (!same || next.lines >= known.told);
                    let says = if takes_over { TakesOver::Yes } else { TakesOver::No };
                    let act = opening(turn(next.journal, next.epoch), next.lines, says);
                    let outcome = world.data(SERVER, act);
                    if expected {
                        let turn = known.turns.get_mut(&known.epoch).unwrap();
                        turn.2 = turn.2.min(now);
                        let since = if same { now } else { afterwards(now) };
                        known.since = known.since.max(since).max(known.from);
                        known.turns.insert(next.epoch, (next.journal, known.since, i64::MAX));
                        (known.journal, known.epoch, known.told) = (next.journal, next.epoch, next.lines);
                        *folder = next;
                    }
                    (expected, outcome)
                }
                Step::Tell { minutes_ago } => {
                    let minute = world.minute() - minutes_ago;
                    let mut act = world.window(grant, minute);
                    (act.turn, act.lines) = (turn(folder.journal, folder.epoch), folder.lines);
                    let from = i64::try_from(minute * 60_000).unwrap();
                    let answered = known.turns.get(&folder.epoch).is_some_and(|(journal, since, until)| {
                        *journal == folder.journal && *since < from + 60_000
                            && from < until.saturating_add(35_000)
                    });
                    let expected = answered && minutes_ago > 0 && minute >= granted
                        && !known.minutes.contains(&minute);
                    let outcome = world.data(SERVER, DataAct::Access(act));
                    if expected {
                        known.minutes.insert(minute);
                        if folder.journal == known.journal {
                            known.told = known.told.max(folder.lines);
                        }
                    }
                    (expected, outcome)
                }
            };
            prop_assert_eq!(outcome.is_ok(), expected, "{:?}", outcome.err());
            let state = serving(&world);
            prop_assert_eq!(state.turn, turn(known.journal, known.epoch));
            prop_assert_eq!((state.lines, state.since.as_millis()), (known.told, known.since));
        }
        prop_assert_eq!(world.grant_state(&grant).used.calls, known.minutes.len() as u64);
    }
}
