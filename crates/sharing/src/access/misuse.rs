//! Calls that must not be answered, and crashes in between: never more than granted, never an unrecorded access, nothing lost.

mod model;
mod old;
mod together;

use std::io;

use yinxin_gm::{Digest, sm3};
use yinxin_merkle::wire::Wire;
use yinxin_record::{
    DenialReason, FieldSet, GrantState, GrantStatus, Level, NegativeList, OrganisationCode,
    Purpose, ResourceCode, ResourceState, ResourceStatus, SharingClass, Subjects, Turn, Volume,
    Windows, minute_of,
};
use yinxin_verdict::UnixTime;

use super::*;
use crate::Error;
use crate::sample::{TURN, at};

/// Where a compacted journal lies.
const PLACE: Digest = Digest([7; 32]);

const OWNER: &str = "11430000006122244L";
const BANK: &str = "91350100M000100Y43";

fn code(text: &str) -> OrganisationCode {
    OrganisationCode::new(text).unwrap()
}

fn purpose(text: &str) -> Purpose {
    Purpose::new(text).unwrap()
}

fn start() -> UnixTime {
    at("2026-11-22T08:00:00+08:00")
}

fn after(ms: i64) -> UnixTime {
    start().plus_millis(ms)
}

/// What the ledger says; tests change it.
#[derive(Clone)]
struct Ledger {
    head: Head,
    resource: ResourceState,
    grant: Option<GrantState>,
    subjects: Subjects,
}

impl Ledger {
    fn new() -> Self {
        let resource = ResourceState {
            status: ResourceStatus::Published,
            version: 1,
            class: SharingClass::Conditional,
            level: Level::General3,
            dual_control: Level::Important,
            servers: vec![],
            negative: NegativeList::default(),
            serves_from: after(-1_000_000),
            listed_since: after(-1_000_000),
            closed_at: None,
            automatic: None,
            grants_until: None,
            reason: 0,
            height: 5,
            since: after(-1_000_000),
        };
        let grant = GrantState {
            status: GrantStatus::Live,
            resource: resource_code(),
            version: 1,
            receiver: code(BANK),
            fields: [0, 1, 2].into_iter().collect(),
            purpose: purpose("loan"),
            item: purpose("item"),
            from: after(-1000),
            until: after(86_400_000),
            limit: Volume { calls: 100, rows: 1000, bytes: 1_000_000 },
            used: Volume::default(),
            windows: Windows::default(),
            denied: 0,
            mismatches: 0,
            level: Level::General2,
            conditions: None,
            ended: None,
            reason: 0,
            height: 6,
        };
        let head = Head { height: 10, time: start() };
        Self { head, resource, grant: Some(grant), subjects: Subjects::default() }
    }

    fn known(&self) -> Known<'_> {
        let Self { head, resource, grant, subjects } = self;
        Known { head: *head, resource, grant: grant.as_ref(), subjects }
    }

    fn grant(&mut self) -> &mut GrantState {
        self.grant.as_mut().unwrap()
    }

    /// Blocks keep coming.
    fn at(&self, now: UnixTime) -> Self {
        let mut next = self.clone();
        next.head.time = now;
        next
    }
}

fn resource_code() -> ResourceCode {
    ResourceCode::of(&code(OWNER), "307/1").unwrap()
}

fn call(n: u64, now: UnixTime) -> Call {
    Call {
        id: sm3::digest(&n.to_be_bytes()),
        signed_at: now,
        caller: code(BANK),
        grant: Digest([3; 32]),
        resource: resource_code(),
        purpose: purpose("loan"),
        fields: [0, 2].into_iter().collect(),
        subjects: vec![],
    }
}

fn answer(rows: u64) -> Answer {
    Answer { rows, bytes: rows * 10, commitment: Digest([8; 32]) }
}

fn guard() -> Guard<Vec<u8>> {
    let mut guard = Guard::open(&mut io::empty(), Vec::new(), code(OWNER)).unwrap().0;
    guard.begin(TURN, Digest::ZERO).unwrap();
    guard
}

fn reason<T: core::fmt::Debug>(decision: Decision<T>) -> DenialReason {
    match decision {
        Decision::Denied(denied) => denied.reason,
        Decision::Allowed(allowed) => panic!("{allowed:?} was allowed"),
    }
}

fn allowed<T: core::fmt::Debug>(decision: Decision<T>) -> T {
    match decision {
        Decision::Allowed(allowed) => allowed,
        Decision::Denied(denied) => panic!("denied: {:?}", denied.reason),
    }
}

fn serve<J: Journal>(
    guard: &mut Guard<J>,
    n: u64,
    rows: u64,
    ledger: &Ledger,
    now: UnixTime,
) -> Line {
    let mut admitted = allowed(guard.admit(call(n, now), &ledger.known(), now).unwrap());
    allowed(guard.release(&mut admitted, answer(rows), &ledger.known(), now).unwrap())
}

#[test]
fn what_was_served_is_provable_line_by_line() {
    let (mut guard, ledger) = (guard(), Ledger::new());
    let lines: Vec<Line> =
        (0..5).map(|n| serve(&mut guard, n, n + 1, &ledger, after(n as i64 * 100))).collect();
    assert!(guard.close_due(after(59_999)).is_empty(), "the minute is not over");
    let [window] = &guard.close_due(after(60_000))[..] else { panic!("one window") };
    let ClosedAct::Access(act) = window.act() else { panic!("served") };
    assert_eq!(act.served, Volume { calls: 5, rows: 15, bytes: 150 });
    assert_eq!((act.root, &act.fields), (window.root(), &[0, 2].into_iter().collect::<FieldSet>()));
    let leaves: Vec<Digest> = lines.iter().map(Line::leaf).collect();
    for (place, line) in (0..).zip(&lines) {
        let proof = window.prove(&leaves, line, place).unwrap();
        let read = LineProof::from_der(&proof.to_der()).unwrap();
        assert_eq!(read.verify(&act.root), Ok(line));
        assert!(read.verify(&Digest::ZERO).is_err());
        assert!(window.prove(&leaves, line, place + 1).is_err(), "another line stands there");
    }
}

#[test]
fn whatever_is_not_granted_is_denied_and_recorded() {
    use DenialReason as R;
    type Change = fn(&mut Call, &mut Ledger);
    let cases: [(Change, R); 19] = [
        (|_, l| l.grant = None, R::NoGrant),
        (|c, _| c.resource = ResourceCode::of(&code(OWNER), "307/2").unwrap(), R::NoGrant),
        (|_, l| l.grant().from = after(1), R::NotYet),
        (|_, l| l.grant().until = start(), R::Expired),
        (|_, l| l.grant().ended = Some(start()), R::Revoked),
        (|_, l| l.resource.status = ResourceStatus::Withdrawn, R::Withdrawn),
        (|_, l| l.resource.closed_at = Some(start()), R::NegativeList),
        (|_, l| l.resource.negative.fields = [2].into_iter().collect(), R::NegativeList),
        (|_, l| l.resource.negative.purposes = vec![purpose("loan")], R::NegativeList),
        (|_, l| l.resource.negative.organisations = vec![code(BANK)], R::NegativeList),
        (|c, _| c.purpose = purpose("advertising"), R::Purpose),
        (|c, _| c.fields = [3].into_iter().collect(), R::Fields),
        (|c, _| c.fields = FieldSet::default(), R::Fields),
        (|c, _| c.caller = code(OWNER), R::Caller),
        (|_, l| l.subjects.pseudonyms = vec![Digest([1; 32])], R::Subjects),
        (|_, l| l.grant().used = l.grant().limit, R::Volume),
        (|c, _| c.signed_at = after(-300_001), R::Replayed),
        (|_, l| l.head.time = after(-35_001), R::StaleLedger),
        (|_, l| l.head.time = after(5_001), R::StaleLedger),
    ];
    for (n, (change, expected)) in cases.into_iter().enumerate() {
        let (mut guard, mut ledger, mut call) = (guard(), Ledger::new(), call(1, start()));
        change(&mut call, &mut ledger);
        let denied = reason(guard.admit(call, &ledger.known(), start()).unwrap());
        assert_eq!(denied, expected, "case {n}");
        let [window] = &guard.close_due(after(60_000))[..] else { panic!("recorded") };
        let ClosedAct::Denied(act) = window.act() else { panic!("nothing was served") };
        assert_eq!((act.denials[0].reason, act.denials[0].count), (expected, 1));
        let known = !matches!(expected, R::NoGrant | R::StaleLedger);
        assert_eq!(act.grant.is_some(), known, "case {n}");
    }
}

#[test]
fn a_head_is_fresh_for_one_heartbeat_and_five_seconds() {
    for (age, fresh) in [(35_000, true), (35_001, false), (-5_000, true), (-5_001, false)] {
        let (mut guard, mut ledger) = (guard(), Ledger::new());
        ledger.head.time = after(-age);
        let decision = guard.admit(call(1, start()), &ledger.known(), start()).unwrap();
        assert_eq!(matches!(decision, Decision::Allowed(_)), fresh, "{age}");
    }
}

#[test]
fn subjects_beyond_the_granted_are_denied() {
    let (mut guard, mut ledger) = (guard(), Ledger::new());
    let [a, b, c] = [1, 2, 3].map(|n| Digest([n; 32]));
    ledger.subjects.pseudonyms = vec![a, b];
    for (n, subjects, fits) in [(1, vec![a], true), (2, vec![a, b], true), (3, vec![a, c], false)] {
        let call = Call { subjects, ..call(n, start()) };
        let decision = guard.admit(call, &ledger.known(), start()).unwrap();
        assert_eq!(matches!(decision, Decision::Allowed(_)), fits, "{n}");
    }
}

#[test]
fn a_call_is_answered_once() {
    let (mut guard, ledger) = (guard(), Ledger::new());
    let admitted = guard.admit(call(1, start()), &ledger.known(), start()).unwrap();
    let second = guard.admit(call(1, start()), &ledger.known(), start()).unwrap();
    assert_eq!(reason(second), DenialReason::Replayed, "while the first is being answered");
    drop(admitted);
    let line = serve(&mut guard, 2, 1, &ledger, start());
    let journal = guard.journal().clone();
    let (mut guard, _) = Guard::open(&mut &journal[..], journal.clone(), code(OWNER)).unwrap();
    let again = call(2, line.signed_at);
    let again = guard.admit(again, &ledger.known(), after(1000)).unwrap();
    assert_eq!(reason(again), DenialReason::Replayed, "nor after a restart");
}

#[test]
fn never_more_than_granted() {
    let (mut guard, mut ledger) = (guard(), Ledger::new());
    ledger.grant().limit = Volume { calls: 3, rows: 10, bytes: 1000 };
    // Two calls are being answered at once; together they ask for more than there is.
    let known = ledger.known();
    let mut one = allowed(guard.admit(call(1, start()), &known, start()).unwrap());
    let mut two = allowed(guard.admit(call(2, start()), &known, start()).unwrap());
    assert_eq!(one.left().rows, 10);
    allowed(guard.release(&mut one, answer(6), &known, start()).unwrap());
    let over = guard.release(&mut two, answer(6), &known, start()).unwrap();
    assert_eq!(reason(over), DenialReason::Volume);
    assert_eq!(two.left(), Volume::default());
    serve(&mut guard, 3, 4, &ledger, start());
    let none = guard.admit(call(4, start()), &known, start()).unwrap();
    assert_eq!(reason(none), DenialReason::Volume, "not one row more");
    let [window] = &guard.close_due(after(60_000))[..] else { panic!("one window") };
    let ClosedAct::Access(act) = window.act() else { panic!("served") };
    assert_eq!((act.served.rows, act.denials[0].count), (10, 2));
    // What another server wrote to the ledger counts too.
    let mut ledger = Ledger::new();
    ledger.grant().used.rows = 995;
    let (mut guard, known) = (self::guard(), ledger.known());
    let mut admitted = allowed(guard.admit(call(5, start()), &known, start()).unwrap());
    assert_eq!(admitted.left().rows, 5);
    let over = guard.release(&mut admitted, answer(6), &known, start()).unwrap();
    assert_eq!(reason(over), DenialReason::Volume);
}

#[test]
fn what_is_anchored_counts_once() {
    let (mut guard, mut ledger) = (guard(), Ledger::new());
    serve(&mut guard, 1, 400, &ledger, start());
    let [window] = &guard.close_due(after(60_000))[..] else { panic!("one window") };
    guard.anchored(window, 11).unwrap();
    assert!(guard.anchored(window, 11).is_err(), "once");
    assert!(guard.close_due(after(120_000)).is_empty());
    // The head that is known is older than the window's block, then as old.
    for (height, used) in [(10, 0), (11, 400)] {
        (ledger.head.height, ledger.grant().used.rows) = (height, used);
        let now = after(120_000);
        let ledger = ledger.at(now);
        let admitted = guard.admit(call(height, now), &ledger.known(), now).unwrap();
        assert_eq!(allowed(admitted).left().rows, 600, "{height}");
    }
}

#[test]
fn a_line_is_no_older_than_the_grant_that_it_was_decided_by() {
    // The ledger's clock is four seconds ahead, and so the grant began in a minute that is still to come here.
    let (mut guard, mut ledger) = (guard(), Ledger::new());
    let (now, ahead) = (after(58_000), after(62_000));
    ledger = ledger.at(ahead);
    ledger.grant().from = after(61_000);
    let line = serve(&mut guard, 1, 1, &ledger, now);
    assert_eq!((line.time, line.minute()), (ahead, minute_of(ahead)));
    assert!(guard.close_due(now).is_empty());
    let [window] = &guard.close_due(after(120_000))[..] else { panic!("one window") };
    let ClosedAct::Access(act) = window.act() else { panic!("served") };
    assert_eq!(act.minute, minute_of(ahead));
}

#[test]
fn a_window_is_kept_until_every_fresh_head_has_it() {
    let (mut guard, mut ledger) = (guard(), Ledger::new());
    ledger.grant().limit.rows = 1000;
    serve(&mut guard, 1, 400, &ledger, start());
    // It is anchored late, in a block that is not known yet. Another server had used 500 rows.
    let late = after(3_600_000);
    let [window] = &guard.close_due(late)[..] else { panic!("one window") };
    guard.anchored(window, 11).unwrap();
    let mut ledger = ledger.at(late);
    ledger.grant().used.rows = 500;
    let admitted = guard.admit(call(2, late), &ledger.known(), late).unwrap();
    assert_eq!(allowed(admitted).left().rows, 100, "500 on the ledger, 400 on their way there");
    serve(&mut guard, 3, 1, &ledger, late);
    // The next head has it; one a little older is still fresh.
    let next = after(3_660_000);
    let mut newer = ledger.at(next);
    (newer.head.height, newer.grant().used.rows) = (11, 900);
    serve(&mut guard, 4, 1, &newer, next);
    let older = ledger.at(next.plus_millis(-30_000));
    let admitted = guard.admit(call(5, next), &older.known(), next).unwrap();
    assert_eq!(allowed(admitted).left().rows, 98);
    // And in the end it is gone, also for the next process.
    let end = after(3_800_000);
    serve(&mut guard, 6, 1, &newer.at(end), end);
    let gone = |guard: &Guard<Vec<u8>>| !guard.has_window(minute_of(start()));
    assert!(gone(&guard));
    let journal = guard.journal().clone();
    assert!(gone(&Guard::open(&mut &journal[..], journal.clone(), code(OWNER)).unwrap().0));
}

#[test]
fn a_grant_revoked_while_streaming_ends_the_stream() {
    let (mut guard, mut ledger) = (guard(), Ledger::new());
    let mut admitted = allowed(guard.admit(call(1, start()), &ledger.known(), start()).unwrap());
    for part in 0..3 {
        let line = guard.release(&mut admitted, answer(10), &ledger.known(), after(part));
        assert_eq!(i64::from(allowed(line.unwrap()).part), part);
    }
    ledger.grant().ended = Some(after(3));
    let next = guard.release(&mut admitted, answer(10), &ledger.known(), after(3)).unwrap();
    assert_eq!(reason(next), DenialReason::Revoked);
    let [window] = &guard.close_due(after(60_000))[..] else { panic!("one window") };
    let ClosedAct::Access(act) = window.act() else { panic!("served") };
    assert_eq!(act.served, Volume { calls: 1, rows: 30, bytes: 300 });
}

#[test]
fn a_clock_that_is_set_back_opens_no_closed_minute() {
    let (mut guard, ledger) = (guard(), Ledger::new());
    serve(&mut guard, 1, 1, &ledger, start());
    assert_eq!(guard.close_due(after(60_000)).len(), 1);
    let now = after(60_000);
    let line = serve(&mut guard, 2, 1, &ledger.at(now), now);
    let early = guard.admit(call(3, start()), &ledger.at(now).known(), start()).unwrap();
    let mut early = allowed(early);
    let late = guard.release(&mut early, answer(1), &ledger.at(now).known(), start()).unwrap();
    assert_eq!(allowed(late).minute(), line.minute());
}

/// A disk that fails after so many appends.
struct Failing(u32);

impl Journal for Failing {
    fn append(&mut self, _: &[u8]) -> io::Result<()> {
        self.0 = self.0.checked_sub(1).ok_or(io::ErrorKind::StorageFull)?;
        Ok(())
    }

    fn truncate(&mut self, _: u64) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn what_cannot_be_recorded_is_not_served() {
    let ledger = Ledger::new();
    let (mut guard, _) = Guard::open(&mut io::empty(), Failing(3), code(OWNER)).unwrap();
    guard.begin(TURN, Digest::ZERO).unwrap();
    serve(&mut guard, 1, 1, &ledger, start());
    let mut admitted = allowed(guard.admit(call(2, start()), &ledger.known(), start()).unwrap());
    let failed = guard.release(&mut admitted, answer(1), &ledger.known(), start());
    assert!(matches!(failed, Err(Error::Io { .. })));
    let again = guard.release(&mut admitted, answer(1), &ledger.known(), start());
    assert!(matches!(again, Err(Error::Io { .. })), "and nothing after it");
}

#[test]
fn a_journal_cut_anywhere_loses_nothing_that_left() {
    let (mut guard, ledger) = (guard(), Ledger::new());
    let start = Guard::open(&mut io::empty(), Vec::new(), code(OWNER)).unwrap().0;
    let mut ends = vec![(start.journal().len(), 0), (guard.journal().len(), 0)];
    for n in 0..4 {
        serve(&mut guard, n, 10, &ledger, after(n as i64));
        ends.push((guard.journal().len(), (n + 1) * 10));
    }
    let journal = guard.journal().clone();
    for cut in 0..=journal.len() {
        let left = &journal[..cut];
        let (mut guard, recovered) =
            Guard::open(&mut &left[..], left.to_vec(), code(OWNER)).unwrap();
        // Whatever was durable is there: the answers whose lines were whole, and no others.
        let (end, rows) = ends.iter().rev().find(|(end, _)| *end <= cut).unwrap_or(&(0, 0));
        assert_eq!(recovered.cut, (cut - end) as u64, "{cut}");
        let served = guard.close_due(after(60_000));
        let served: u64 = served
            .iter()
            .map(|w| match w.act() {
                ClosedAct::Access(act) => act.served.rows,
                ClosedAct::Denied(_) => 0,
            })
            .sum();
        assert_eq!(served, *rows, "{cut}");
        let now = after(60_000);
        guard.begin(Turn { epoch: 2, ..TURN }, Digest::ZERO).unwrap();
        serve(&mut guard, 99, 1, &ledger.at(now), now);
        let again = guard.journal().clone();
        let (_, again) = Guard::open(&mut &again[..], again.clone(), code(OWNER)).unwrap();
        assert_eq!((again.cut, again.lines), (0, recovered.lines + 1), "{cut}: goes on cleanly");
    }
}

#[test]
fn a_damaged_journal_is_not_gone_on_with() {
    let (mut guard, ledger) = (guard(), Ledger::new());
    (0..3).for_each(|n| drop(serve(&mut guard, n, 1, &ledger, start())));
    let journal = guard.journal().clone();
    for place in 0..journal.len() {
        for bit in [0x01, 0x80] {
            let mut changed = journal.clone();
            changed[place] ^= bit;
            let opened = Guard::open(&mut &changed[..], Vec::new(), code(OWNER));
            let damaged = matches!(opened, Err(Error::JournalDamaged { .. }));
            assert!(damaged, "octet {place}: {:?}", opened.err());
        }
    }
    let other = Guard::open(&mut &journal[..], Vec::new(), code(BANK));
    assert!(matches!(other, Err(Error::Mismatch { .. })), "of another server");
    let zeros = [journal.clone(), vec![0; 500]].concat();
    let (_, recovered) = Guard::open(&mut &zeros[..], zeros.clone(), code(OWNER)).unwrap();
    assert_eq!(recovered.cut, 500, "a file made longer before the crash");
    let hole = [journal.clone(), vec![0; 500], vec![1]].concat();
    assert!(Guard::open(&mut &hole[..], Vec::new(), code(OWNER)).is_err());
}

#[test]
fn windows_are_the_same_after_a_restart() {
    let (mut guard, ledger) = (guard(), Ledger::new());
    serve(&mut guard, 1, 7, &ledger, start());
    let before = guard.close_due(after(60_000));
    let journal = guard.journal().clone();
    let (mut guard, _) = Guard::open(&mut &journal[..], journal.clone(), code(OWNER)).unwrap();
    let again = guard.close_due(after(60_000));
    assert_eq!(before[0].act(), again[0].act(), "resent bytes are the same");
    guard.anchored(&again[0], 11).unwrap();
    let journal = guard.journal().clone();
    let (mut guard, _) = Guard::open(&mut &journal[..], journal.clone(), code(OWNER)).unwrap();
    assert!(guard.close_due(after(120_000)).is_empty(), "anchored stays anchored");
}

#[test]
fn windows_are_handed_out_some_at_a_time_and_each_once() {
    let (mut guard, ledger) = (guard(), Ledger::new());
    for n in 0..7 {
        let now = after(n as i64 * 60_000);
        serve(&mut guard, n, 1, &ledger.at(now), now);
    }
    let now = after(420_000);
    let all = guard.close_due(now);
    let (mut some, mut last): (Vec<ClosedWindow>, _) = (Vec::new(), None);
    loop {
        let next = guard.close_due_after(now, last.as_ref(), 3);
        let Some(end) = next.last() else { break };
        assert!(next.len() <= 3);
        // Whether the ledger took those before or refused them.
        guard.anchored(&next[0], 11).unwrap();
        last = Some(end.clone());
        some.extend(next);
    }
    let acts =
        |windows: &[ClosedWindow]| windows.iter().map(|w| w.act().clone()).collect::<Vec<_>>();
    assert_eq!((acts(&some), some.len()), (acts(&all), 7));
}
