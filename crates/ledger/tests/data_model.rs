//! Random lives of shares against a small model, which knows nothing of records: requests, decisions, use, ends.

#![allow(clippy::unwrap_used, reason = "a helper that fails has failed its test")]

#[path = "rig/share.rs"]
mod share;
#[path = "rig/world.rs"]
mod world;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use share::*;
use world::{World, code};
use yinxin_gm::Digest;
use yinxin_record::{
    Confirm, DataAct, Decision, DeliveredContent, Duty, EndGrant, Escalate, GrantStatus,
    GrantedData, Level, PublishResource, RequestData, RequestStatus, Responsibility, SharingClass,
    Source, Wire, WithdrawRequest, WithdrawResource, state_key,
};

/// One step: who does what, about which of the requests so far.
#[derive(Clone, Debug)]
enum Step {
    /// Ask for fields 0 and 1, or for field 2, which takes two persons.
    Ask {
        dual: bool,
    },
    Grant {
        person: u8,
        rows: u64,
    },
    Confirm {
        person: u8,
    },
    Refuse,
    WithdrawRequest,
    Escalate,
    /// Of the fields that were asked for, or of others.
    Deliver {
        rows: u64,
        same: bool,
    },
    /// From what one of those who serve delivered under the grant.
    Derive {
        server: u8,
    },
    Access {
        minutes_ago: u64,
        rows: u64,
        same: bool,
    },
    Revoke,
    Close,
    WithdrawResource,
    /// The owner shares the resource no more, or again.
    Share {
        goes: bool,
    },
    /// The owner lists the first of its persons as an approver, or no longer.
    List {
        first: bool,
    },
    /// The owner names who serves from now on: the server of the rig, or another; it begins at once, or not yet.
    Serve {
        other: bool,
        begins: bool,
    },
    Wait {
        hours: i64,
    },
}

fn mostly() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.85)
}

/// Whose step it is by the book: random senders alone would hardly ever come to a grant.
fn by_the_book(step: &Step) -> u8 {
    match step {
        Step::Ask { .. }
        | Step::WithdrawRequest
        | Step::Escalate
        | Step::Close
        | Step::Derive { .. } => RECEIVER,
        Step::Grant { person: JUDGE, .. } | Step::Confirm { person: JUDGE } => AUTHORITY,
        Step::Deliver { .. } | Step::Access { .. } => SERVER,
        _ => OWNER,
    }
}

fn step() -> impl Strategy<Value = Step> {
    let person = prop::sample::select(vec![FIRST, SECOND, CLERK, JUDGE]);
    prop_oneof![
        3 => any::<bool>().prop_map(|dual| Step::Ask { dual }),
        5 => (person.clone(), 50..=110_u64).prop_map(|(person, rows)| Step::Grant { person, rows }),
        3 => person.prop_map(|person| Step::Confirm { person }),
        1 => Just(Step::Refuse),
        1 => Just(Step::WithdrawRequest),
        2 => Just(Step::Escalate),
        3 => (1..=60_u64, mostly()).prop_map(|(rows, same)| Step::Deliver { rows, same }),
        3 => prop::sample::select(vec![SERVER, OWNER]).prop_map(|server| Step::Derive { server }),
        8 => (prop_oneof![1..=2_u64, 0..=40_u64], 1..=60_u64, mostly())
            .prop_map(|(minutes_ago, rows, same)| Step::Access { minutes_ago, rows, same }),
        1 => Just(Step::Revoke),
        1 => Just(Step::Close),
        1 => prop::bool::weighted(0.1).prop_map(|go| if go {
            Step::WithdrawResource
        } else {
            Step::Wait { hours: 1 }
        }),
        2 => (any::<bool>(), mostly()).prop_map(|(other, begins)| Step::Serve { other, begins }),
        1 => any::<bool>().prop_map(|goes| Step::Share { goes }),
        3 => any::<bool>().prop_map(|first| Step::List { first }),
        3 => (1..=2_i64).prop_map(|hours| Step::Wait { hours }),
        1 => (100..=300_i64).prop_map(|hours| Step::Wait { hours }),
    ]
}

/// A share as the model sees it; times in milliseconds.
struct Share {
    id: Digest,
    requester: u8,
    dual: bool,
    deadline: i64,
    until: i64,
    stands: &'static str,
    /// Who approved first: organisation, person, rows.
    first: Option<(u8, u8, u64)>,
    grant: Option<Grant>,
}

struct Grant {
    from: i64,
    limit: u64,
    used: u64,
    ended: Option<i64>,
    minutes: BTreeSet<u64>,
    calls: u64,
    /// Who delivered under it.
    delivered: BTreeSet<u8>,
}

/// Who answers in the owner's place, from when on, and in which turns whoever did answered: from, until.
struct Servers {
    version: u32,
    now: u8,
    from: i64,
    turns: BTreeMap<u8, Vec<(i64, i64)>>,
}

impl Servers {
    fn name(&mut self, server: u8, time: i64) {
        self.version += 1;
        if server != self.now {
            let last = self.turns.get_mut(&self.now).and_then(|t| t.last_mut());
            match last.filter(|(_, until)| *until == i64::MAX) {
                Some(turn) => {
                    turn.1 = time;
                    // The minute after the last one of which the one before may tell, once that is told.
                    let first = (time + 35_000) / 60_000 + 1;
                    self.from = self.from.max(first * 60_000 + 15_000);
                }
                None => self.from = self.from.max(time),
            }
            self.now = server;
        }
    }

    /// The number of the turn that the one that answers now opens.
    fn open(&mut self, time: i64) -> u64 {
        let turns = self.turns.entry(self.now).or_default();
        let mut since = time.max(self.from);
        if let Some(last) = turns.last_mut() {
            since = since.max(last.0);
            last.1 = last.1.min(time);
        }
        turns.push((since, i64::MAX));
        turns.len() as u64
    }

    /// In which of its turns this organisation answered in a minute: one at most, but for one that it opened anew.
    fn answered(&self, n: u8, start: i64) -> Option<u64> {
        let in_time = |(since, until): &(i64, i64)| {
            *since < start + 60_000 && start < until.saturating_add(35_000)
        };
        let turns = self.turns.get(&n)?;
        turns.iter().rposition(in_time).map(|at| at as u64 + 1)
    }
}

impl Share {
    fn undecided(&self) -> bool {
        ["open", "escalated", "awaiting-second"].contains(&self.stands)
    }

    /// Whether this organisation and person may decide on it now; the owner's first person, if he is listed.
    fn may_decide(&self, n: u8, person: u8, listed: bool) -> bool {
        let theirs = match n {
            OWNER => match person {
                FIRST => listed,
                SECOND => true,
                _ => person == CLERK && !self.dual,
            },
            AUTHORITY => person == JUDGE,
            _ => false,
        };
        let turn = match (self.stands, self.first) {
            ("awaiting-second", Some((by, ..))) => by == n,
            ("escalated", _) => n == OWNER || n == AUTHORITY,
            _ => n == OWNER,
        };
        theirs && turn
    }

    fn give(&mut self, now: i64, limit: u64) {
        self.stands = "granted";
        let (ended, minutes, delivered) = (None, BTreeSet::new(), BTreeSet::new());
        self.grant = Some(Grant { from: now, limit, used: 0, ended, minutes, calls: 0, delivered });
    }
}

impl Grant {
    fn ends(&self, until: i64, withdrawn: Option<i64>, closed: Option<i64>) -> i64 {
        [Some(until), self.ended, withdrawn, self.closed(closed)]
            .into_iter()
            .flatten()
            .min()
            .unwrap()
    }

    /// What is shared again is asked for again.
    fn closed(&self, closed: Option<i64>) -> Option<i64> {
        closed.filter(|at| self.from <= *at)
    }

    fn room(&self, rows: u64) -> bool {
        self.used + rows <= self.limit && self.calls < 10
    }
}

fn class(shared: bool) -> SharingClass {
    if shared { SharingClass::Conditional } else { SharingClass::Never }
}

fn check(world: &World, share: &Share) {
    let status = world.request_state(&share.id).status;
    assert_eq!(status.name(), share.stands);
    let grant = world.state.map.get(&state_key::grant(&share.id));
    let grant = grant.map(|der| yinxin_record::GrantState::from_der(der).unwrap());
    assert_eq!(grant.is_some(), share.grant.is_some());
    assert_eq!(grant.is_some(), status == RequestStatus::Granted);
    if let (Some(ledger), Some(model)) = (grant, &share.grant) {
        assert_eq!((ledger.used.rows, ledger.used.calls), (model.used, model.calls));
        let exceeded = model.used > model.limit || model.calls > 10;
        assert_eq!(ledger.is_exceeded(), exceeded, "by what was served, never by a delivery");
        assert_eq!(ledger.status == GrantStatus::Live, model.ended.is_none());
        assert_eq!(ledger.ended.map(|t| t.as_millis()), model.ended);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_ledger_and_a_small_model_agree(
        steps in prop::collection::vec((1..=5_u8, mostly(), 0..2_usize, step()), 1..60),
    ) {
        let mut world = World::sharing();
        let mut shares: Vec<Share> = Vec::new();
        let (mut withdrawn, mut listed) = (None::<i64>, true);
        // Whether it is shared, and when it last was no longer.
        let (mut shared, mut closed) = (true, None::<i64>);
        let mut servers = Servers { version: 1, now: SERVER, from: 0, turns: [(SERVER, vec![(0, i64::MAX)])].into() };
        for (n, by_book, which, step) in steps {
            let n = if by_book { by_the_book(&step) } else { n };
            let now = world.time.as_millis();
            if let Step::Wait { hours } = step {
                world.later(hours * 3_600_000);
                continue;
            }
            if let Step::Ask { dual } = step {
                let (numbers, level) = if dual { (fields(&[2]), Level::General4) } else { (fields(&[0, 1]), Level::General2) };
                let until = world.time.plus_millis(20 * DAY_MS);
                let version = servers.version;
                let asked = RequestData { fields: numbers, level, until, version, ..world.asked() };
                let expected = (n == RECEIVER || n == OTHER) && withdrawn.is_none() && shared;
                let deadline = asked.deadline.at.as_millis();
                let outcome = world.request(n, asked);
                prop_assert_eq!(outcome.is_ok(), expected, "{} asks: {:?}", n, outcome.err());
                if let Ok(id) = outcome {
                    let until = until.as_millis();
                    shares.push(Share { id, requester: n, dual, deadline, until, stands: "open", first: None, grant: None });
                }
                continue;
            }
            if let Step::WithdrawResource = step {
                let resource = resource_code(1);
                let act = WithdrawResource { resource, reason: 1, grants_until: None };
                let outcome = world.data(n, DataAct::Withdraw(act));
                prop_assert_eq!(outcome.is_ok(), n == OWNER && withdrawn.is_none());
                if outcome.is_ok() {
                    withdrawn = Some(now);
                }
                continue;
            }
            if let Step::List { first } = step {
                let all = [(FIRST, 6), (SECOND, 6), (CLERK, 2)];
                let outcome = world.data(n, approvers(&all[usize::from(!first)..]));
                // Who else may list approvers lists its own.
                if n == OWNER {
                    prop_assert!(outcome.is_ok());
                    listed = first;
                }
                continue;
            }
            if let Step::Share { goes } = step {
                let server = servers.now;
                let serve = Responsibility { duty: Duty::Serve, organisation: code(server) };
                let act = PublishResource {
                    responsibilities: vec![serve],
                    class: class(goes),
                    ..publication(1, servers.version + 1)
                };
                let outcome = world.data(n, DataAct::Publish(act));
                prop_assert_eq!(outcome.is_ok(), n == OWNER && withdrawn.is_none());
                if outcome.is_ok() {
                    servers.name(server, now);
                    closed = if shared && !goes { Some(now) } else { closed };
                    shared = goes;
                }
                continue;
            }
            if let Step::Serve { other, begins } = step {
                let server = if other { OTHER } else { SERVER };
                let serve = Responsibility { duty: Duty::Serve, organisation: code(server) };
                let act = PublishResource {
                    responsibilities: vec![serve],
                    class: class(shared),
                    ..publication(1, servers.version + 1)
                };
                let outcome = world.data(n, DataAct::Publish(act));
                prop_assert_eq!(outcome.is_ok(), n == OWNER && withdrawn.is_none());
                if outcome.is_ok() {
                    servers.name(server, now);
                    if begins {
                        let epoch = servers.open(world.time.as_millis());
                        world.data(server, open(1, epoch)).unwrap();
                    }
                }
                continue;
            }
            let count = shares.len();
            if count == 0 {
                continue;
            }
            let share = &mut shares[count - 1 - which % count];
            let (id, serves) = (share.id, n == OWNER || n == servers.now);
            let asked = world.request_state(&id).asked;
            let fields_of = |dual: bool| if dual { fields(&[2]) } else { fields(&[0]) };
            let (expected, outcome) = match &step {
                Step::Grant { person, rows } => {
                    let mut terms = world.terms(&id);
                    terms.limit.rows = *rows;
                    let expected = (share.stands == "open" || share.stands == "escalated")
                        && share.may_decide(n, *person, listed)
                        && *rows <= 100 && now < share.until && withdrawn.is_none() && shared;
                    if expected && share.dual {
                        share.stands = "awaiting-second";
                        share.first = Some((n, *person, *rows));
                    } else if expected {
                        share.give(now, *rows);
                    }
                    (expected, world.decide(n, id, Decision::Grant(terms), *person))
                }
                Step::Confirm { person } => {
                    let decision = world.request_state(&id).decision;
                    let decision = decision.unwrap_or(Decision::Refuse(0));
                    let approval = world.approval(&id, &decision, *person);
                    let expected = match share.first {
                        Some((_, first, rows)) if share.stands == "awaiting-second" => {
                            let expected = share.may_decide(n, *person, listed) && *person != first && (listed || first != FIRST)
                                && now < share.until && withdrawn.is_none() && shared;
                            if expected {
                                share.give(now, rows);
                            }
                            expected
                        }
                        _ => false,
                    };
                    (expected, world.data(n, DataAct::Confirm(Confirm { request: id, approval })))
                }
                Step::Refuse => {
                    let person = if n == AUTHORITY { JUDGE } else { FIRST };
                    let expected = share.undecided() && share.may_decide(n, person, listed);
                    if expected {
                        share.stands = "refused";
                    }
                    (expected, world.decide(n, id, Decision::Refuse(1), person))
                }
                Step::WithdrawRequest => {
                    let expected = share.undecided() && n == share.requester;
                    if expected {
                        share.stands = "withdrawn";
                    }
                    let act = WithdrawRequest { request: id, reason: 1 };
                    (expected, world.data(n, DataAct::WithdrawRequest(act)))
                }
                Step::Escalate => {
                    let act = Escalate { request: id, deadline: world.deadline() };
                    let expected = share.undecided() && share.stands != "escalated"
                        && (n == share.requester || n == AUTHORITY) && now >= share.deadline;
                    if expected {
                        share.stands = "escalated";
                        share.first = None;
                        share.deadline = act.deadline.at.as_millis();
                    }
                    (expected, world.data(n, DataAct::Escalate(act)))
                }
                Step::Deliver { rows, same } => {
                    let envelope = world.counter.to_string();
                    let mut act = world.delivery(&[(id, share.requester)], &envelope);
                    act.fields = fields_of(*same == share.dual);
                    act.volume = volume(1, *rows, 1);
                    let (until, same) = (share.until, *same);
                    let expected = serves && same && share.grant.as_mut().is_some_and(|g| {
                        let live = g.ended.is_none() && now < g.ends(until, withdrawn, closed) && g.room(*rows);
                        if live {
                            g.used += rows;
                            g.calls += 1;
                            g.delivered.insert(n);
                        }
                        live
                    });
                    (expected, world.data(n, DataAct::Deliver(act)))
                }
                Step::Derive { server } => {
                    let content = Some(DeliveredContent { server: code(*server), content: digest("content") });
                    let granted = GrantedData { grant: id, fields: fields_of(share.dual), content };
                    let target = format!("derived {}", world.counter);
                    let expected = n == share.requester && share.grant.as_ref().is_some_and(|g| {
                        now < g.ends(share.until, withdrawn, closed) && g.delivered.contains(server)
                    });
                    (expected, world.data(n, DataAct::Derive(derive(&target, vec![Source::Grant(granted)]))))
                }
                Step::Access { minutes_ago, rows, same } => {
                    let minute = world.minute() - minutes_ago;
                    let mut act = world.window(id, minute);
                    act.fields = fields_of(*same == share.dual);
                    act.served = volume(1, *rows, 1);
                    let (until, same) = (share.until, *same);
                    let start = i64::try_from(minute * 60_000).unwrap();
                    let served = servers.answered(n, start);
                    act.turn = turn(1, served.unwrap_or(1));
                    let expected = served.is_some() && same && *minutes_ago >= 1 && share.grant.as_mut().is_some_and(|g| {
                        let begun = start + 60_000 > g.from;
                        // What ended by an act was not known for up to 35 s; the day of expiry was.
                        let known = start.max(g.from) - 35_000;
                        let unended = [g.ended, withdrawn, g.closed(closed)].into_iter().flatten().all(|e| known.max(g.from) < e);
                        let served = begun && start.max(g.from) < until && unended
                            && !g.minutes.contains(&minute);
                        if served {
                            g.used += rows;
                            g.calls += 1;
                            g.minutes.insert(minute);
                        }
                        served
                    });
                    (expected, world.data(n, DataAct::Access(act)))
                }
                Step::Revoke | Step::Close => {
                    let act = EndGrant { grant: id, reason: 1 };
                    let (may, act) = if matches!(step, Step::Revoke) {
                        (n == OWNER || n == AUTHORITY, DataAct::Revoke(act))
                    } else {
                        (n == share.requester, DataAct::Close(act))
                    };
                    let expected = may && share.grant.as_mut().is_some_and(|g| {
                        let live = g.ended.is_none();
                        if live {
                            g.ended = Some(now);
                        }
                        live
                    });
                    (expected, world.data(n, act))
                }
                Step::Ask { .. } | Step::WithdrawResource | Step::List { .. } | Step::Share { .. } | Step::Serve { .. } | Step::Wait { .. } => unreachable!("done above"),
            };
            prop_assert_eq!(outcome.is_ok(), expected, "{} {:?}: {:?}", n, step, outcome.err());
            prop_assert_eq!(asked, world.request_state(&id).asked, "what was asked never changes");
            shares.iter().for_each(|share| check(&world, share));
        }
        prop_assert_eq!(world.load::<yinxin_record::ResourceState>(&state_key::resource(&resource_code(1))).unwrap().servers, vec![code(servers.now)]);
    }
}
