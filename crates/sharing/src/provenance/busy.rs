//! Grants that are used every minute: what leads on is found first, whatever was looked at.

use super::tests::*;
use super::*;
use yinxin_gm::Digest;
use yinxin_record::{
    Act, DataAct, Denial, DenialReason, DenyAccess, Derive, DeriveMethod, GrantedData, RequestData,
    Volume,
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
