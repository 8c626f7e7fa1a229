//! Grants that are used every minute: what leads on is found first, whatever was looked at.

use std::{cell::Cell, ops::RangeInclusive};

use super::tests::*;
use super::*;
use yinxin_gm::{Digest, sm3};
use yinxin_record::{
    AccessState, Act, DataAct, Denial, DenialReason, DenyAccess, Derive, DeriveMethod, GrantState,
    GrantedData, RequestData, Volume,
};
use yinxin_verdict::Lang;

const GRANTS: u64 = 6;
const WINDOWS: u64 = 2_000;

/// Six grants, used for 2,000 minutes each, joined into one set of data, of which a document was made.
fn busy() -> (Told, Vec<Digest>) {
    let mut teller = Teller::new();
    teller.tells(OWNER, DataAct::Publish(publication()));
    let mut grants = Vec::new();
    for n in 0..GRANTS {
        let limit = Volume { calls: 10 + n, rows: 100, bytes: 10_000 };
        let grant = teller.tells(BANK, DataAct::Request(RequestData { limit, ..asked() }));
        teller.tells(OWNER, decided(grant, limit));
        grants.push(grant);
    }
    for minute in 0..WINDOWS {
        for grant in &grants {
            teller.tells(OWNER, window(*grant, minute));
        }
    }
    let sources = grants.iter().map(|grant| {
        let (grant, fields) = (*grant, some());
        yinxin_record::Source::Grant(GrantedData { grant, fields, content: None })
    });
    let derive = |target: &str, method, sources| Derive {
        target: digest(target),
        method,
        sources,
        rule: digest("rule"),
        purpose: text("信贷审批"),
        subjects: Vec::new(),
    };
    let joined = derive("joined", DeriveMethod::Joined, sources.collect());
    teller.tells(BANK, DataAct::Derive(joined));
    let own = vec![yinxin_record::Source::Own(digest("joined"))];
    teller.tells(BANK, DataAct::Derive(derive("opinion", DeriveMethod::Document, own)));
    let denied = DenyAccess {
        resource: resource(),
        minute: WINDOWS + 5,
        turn: crate::sample::TURN,
        lines: 0,
        grant: Some(grants[0]),
        organisation: None,
        denials: vec![Denial { reason: DenialReason::Revoked, count: 9 }],
        root: digest("denied"),
    };
    teller.tells(OWNER, DataAct::Deny(denied));
    (Told::of(teller.told), grants)
}

fn count(graph: &Graph, kind: &str) -> usize {
    graph.activities.iter().filter(|a| a.kind == kind).count()
}

#[test]
fn what_leads_on_is_found_whole_however_much_was_looked_at() {
    let (mut told, grants) = busy();
    let opinion = Start::Item(Item::content(digest("opinion")));
    let graph = walk(&told, &opinion, Direction::Backward, AsOf::default());
    assert!(!graph.truncated);
    let all =
        ["publish", "request", "decide", "access", "derive", "deny"].map(|k| count(&graph, k));
    // Three windows in the list's order, then the last: one for each grant, after the fold.
    assert_eq!(all, [1, 6, 6, 6, 2, 1]);
    for grant in &grants {
        let folded = graph.activities.iter().find_map(|a| a.folded.filter(|f| f.grant == *grant));
        let folded = folded.unwrap();
        assert_eq!(folded.windows.count, WINDOWS);
        assert_eq!(folded.windows.served, Volume { calls: 4_000, rows: 40_000, bytes: 400_000 });
        assert_eq!((folded.minute, folded.at_hand), (WINDOWS - 1, 4));
    }
    for (lang, words) in [
        (Lang::En, "2,000 minutes, 4,000 calls, 40,000 rows"),
        (Lang::Zh, "2,000 分钟，4,000 次，40,000 行"),
    ] {
        for form in [to_tree(&graph, lang, false), to_html(&graph, lang), to_dot(&graph, lang)] {
            assert_eq!(form.matches(words).count(), 6, "{form}");
        }
    }
    let json: serde_json::Value = serde_json::from_str(&to_prov_json(&graph)).unwrap();
    let counts = json["activity"].as_object().unwrap().values();
    let counts: Vec<_> = counts.filter_map(|a| a.get("yx:windows")).collect();
    assert_eq!(counts.len(), 6);
    assert_eq!(counts[0]["$"], "2000");
    // Without the ledger's state nobody can say how many there are: that is told.
    told.stateless = true;
    let graph = walk(&told, &opinion, Direction::Backward, AsOf::default());
    assert!(graph.truncated && graph.activities.iter().all(|a| a.folded.is_none()));
    assert_eq!((count(&graph, "request"), count(&graph, "derive")), (6, 2));
}

#[test]
fn as_of_the_past_the_last_window_of_then_tells_the_sum_of_then() {
    let (told, grants) = busy();
    let start = Start::Request(grants[2]);
    let at = |n: u64| 13 + 6 * n + 3;
    for minutes in [3_u64, 4, 5, 700, 1_999] {
        let (height, time) = (at(minutes - 1), tests::minute(at(minutes - 1) - 1));
        for as_of in [AsOf { height, time: None }, AsOf { height: u64::MAX, time: Some(time) }] {
            let graph = walk(&told, &start, Direction::Both, as_of);
            let folded = graph.activities.iter().find_map(|a| a.folded);
            let counted = folded.map_or(count(&graph, "access") as u64, |f| f.windows.count);
            assert_eq!((counted, folded.is_some()), (minutes, minutes > 3), "{as_of:?}");
        }
    }
}

/// What is told of a time is of that time: a sum is neither hidden because it ends later nor shown because it ends in it.
#[test]
fn a_time_that_is_asked_for_cuts_a_sum_at_both_ends() {
    let (mut told, grants) = busy();
    let start = Start::Request(grants[2]);
    let of = |n: u64| tests::minute(13 + 6 * n + 2);
    let whole = WINDOWS;
    for (from, until) in [
        (None, Some(whole - 1)),
        (None, Some(1_000)),
        (None, Some(4)),
        (None, Some(3)),
        (None, Some(0)),
        (Some(0), None),
        (Some(1), None),
        (Some(1_500), None),
        (Some(whole - 4), None),
        (Some(whole - 1), None),
        (Some(whole), None),
        (Some(7), Some(1_007)),
        (Some(500), Some(504)),
        (Some(500), Some(503)),
        (Some(500), Some(500)),
    ] {
        let (a, b) = (from.unwrap_or(0), until.unwrap_or(whole));
        let filter = Filter { from: from.map(of), until: until.map(of), ..Filter::default() };
        let (limits, now) = (Limits::default(), AsOf::default());
        let (graph, _) = trace(&told, &start, Direction::Both, now, limits, &filter).unwrap();
        let asked = format!("{from:?} {until:?}");
        assert!(!graph.truncated, "{asked}");
        let folded = graph.activities.iter().find_map(|act| Some((act, act.folded?)));
        let Some((last, folded)) = folded else {
            assert!(b - a <= 3, "{asked}");
            assert_eq!(count(&graph, "access") as u64, b - a, "{asked}");
            continue;
        };
        assert_eq!(count(&graph, "access"), 1, "{asked}");
        assert_eq!((folded.windows.count, folded.windows.served.rows), (b - a, 20 * (b - a)));
        assert_eq!((folded.first, last.time), (of(a), of(b - 1)), "{asked}");
        assert_eq!((folded.minute, folded.since), (b - 1, from), "{asked}");
    }
    // Acts of other kinds only: no sum of windows among them.
    let derived = Filter { kinds: vec!["derive".into()], ..Filter::default() };
    let (limits, now) = (Limits::default(), AsOf::default());
    let (graph, _) = trace(&told, &start, Direction::Both, now, limits, &derived).unwrap();
    assert_eq!((graph.activities.len(), count(&graph, "derive")), (2, 2));
    // Nobody can say what was before a time without the ledger's states: that is told.
    told.stateless = true;
    let filter = Filter { from: Some(of(500)), ..Filter::default() };
    let (graph, _) = trace(&told, &start, Direction::Both, now, limits, &filter).unwrap();
    assert!(graph.truncated && graph.activities.iter().all(|act| act.folded.is_none()));
}

/// A package may bring a proof for each of thousands of windows: the newest tells of all before it, whatever their order.
#[test]
fn many_states_of_one_grant_fold_as_the_newest_does() {
    let (told, grants) = busy();
    let run = |n: u64| {
        let last = (n, told.window(&grants[1], n).unwrap().unwrap());
        Run { grant: grants[1], last, since: None }
    };
    let of = |runs: &[Run]| {
        let mut graph = Graph::of(&told.all, &Filter::default());
        graph.fold(runs);
        graph
    };
    let one = of(&[run(1_900)]);
    let folded = one.activities.iter().find_map(|act| act.folded).unwrap();
    assert_eq!((folded.windows.count, folded.at_hand, folded.since), (1_901, 1_901, None));
    let rest = 5 * WINDOWS + (WINDOWS - 1_900);
    assert_eq!(count(&one, "access") as u64, rest, "those after it stay");
    let mut many: Vec<Run> = (0..1_901).map(run).collect();
    many.extend(many.clone());
    assert_eq!(of(&many), one);
    many.reverse();
    assert_eq!(of(&many), one);
    // A state that names no window of its grant folds nothing.
    let mut other = run(5);
    other.last.1.record = told.all[0].record.id();
    assert_eq!(of(&[other]), Graph::of(&told.all, &Filter::default()));
}

/// An index that lists for whatever is asked more than anybody reads: what is there, then ids of nothing.
struct Endless {
    told: Told,
    read: Cell<usize>,
}

impl Source for Endless {
    type Error = ();

    fn list(&self, prefix: &[u8], at: RangeInclusive<u64>, most: usize) -> Result<Vec<Digest>, ()> {
        let made_up = (0..most).map(|n| sm3::digest(&[prefix, &n.to_be_bytes()].concat()));
        let listed = self.told.list(prefix, at, most)?;
        Ok(listed.into_iter().chain(made_up).take(most).collect())
    }

    fn grant(&self, id: &Digest) -> Result<Option<GrantState>, ()> {
        self.told.grant(id)
    }

    fn window(&self, grant: &Digest, minute: u64) -> Result<Option<AccessState>, ()> {
        self.told.window(grant, minute)
    }

    fn record(&self, id: &Digest) -> Result<Option<Found>, ()> {
        self.read.set(self.read.get() + 1);
        self.told.record(id)
    }
}

#[test]
fn a_walk_reads_so_many_records_for_each_that_it_may_keep_and_says_that_it_stopped() {
    let (told, grant) = tests::story();
    let source = Endless { told, read: Cell::new(0) };
    let (start, now, filter) = (Start::Request(grant), AsOf::default(), Filter::default());
    for (records, list, kept) in [(3, 1_000, 3), (40, 100, 9), (2, 40, 2)] {
        source.read.set(0);
        let limits = Limits { records, list, ..Limits::default() };
        let walked = trace(&source, &start, Direction::Both, now, limits, &filter).unwrap();
        assert!(walked.0.truncated);
        assert_eq!(walked.1.len(), kept, "what was found before it stopped is told");
        let read = source.read.get();
        assert!(read <= 10 * records + list, "{read} records read for {records}");
    }
}

#[test]
fn as_of_a_day_what_was_done_on_it_is_told() {
    let (told, grant) = tests::story();
    // The story begins at four in the afternoon of that day in China.
    for (day, acts) in [("2026-11-21", 0), ("2026-11-22", 9), ("2026-11-22T08:03:00Z", 4), ("4", 4)]
    {
        let graph = walk(&told, &Start::Request(grant), Direction::Both, AsOf::parse(day).unwrap());
        assert_eq!(graph.activities.len(), acts, "{day}");
    }
    for other in ["2026-11", "20261122x", "", "2026-11-31"] {
        assert!(AsOf::parse(other).is_err(), "{other}");
    }
}

#[test]
fn one_by_one_if_they_are_asked_for() {
    let (told, grants) = busy();
    let limits = Limits { windows: usize::MAX, ..Limits::default() };
    let start = Start::Request(grants[0]);
    let (filter, now) = (Filter::default(), AsOf::default());
    let (graph, found) = trace(&told, &start, Direction::Both, now, limits, &filter).unwrap();
    assert!(graph.truncated, "a list has a thousand");
    assert_eq!((count(&graph, "access"), count(&graph, "derive")), (1_000, 2));
    assert!(graph.activities.iter().all(|a| a.folded.is_none()));
    // Whoever begins at one window has that one.
    let one = Start::Record(found[20].record.id());
    assert!(matches!(found[20].record.tbs.act, Act::Data(DataAct::Access(_))));
    let graph = walk(&told, &one, Direction::Backward, AsOf::default());
    assert_eq!(count(&graph, "access"), 1);
    assert_eq!((count(&graph, "decide"), count(&graph, "publish")), (1, 1));
}
