//! One story, drawn from each end.

use std::{collections::BTreeMap, ops::RangeInclusive};

use super::*;
use yinxin_gm::{Digest, sm2::PrivateKey, sm3};
use yinxin_record::{
    AccessState, AccessWindow, Act, Approval, AutomaticRule, BusinessKey, DataAct, Deadline,
    Decide, Decision, Derive, DeriveMethod, EndGrant, Erase, FieldKind, FieldSet, GrantState,
    GrantStatus, GrantedData, IssueLicence, Level, LicenceAct, LicenceIdentifier, LicenceTypeCode,
    Masking, NegativeList, Node, OrganisationCode, Otherwise, PublishResource, RequestData,
    ResourceCode, ResourceField, ResourceVersion, SharingClass, Subjects, Tbs, Terms, Text,
    UpdateCycle, Volume, Windows, key_id,
};
use yinxin_verdict::{Lang, UnixTime};

pub(super) const OWNER: &str = "11990100MB0A00018B";
pub(super) const BANK: &str = "11990100MB0A000266";

/// Records in a row, and an index that lists all of them under everything, but windows and what goes with them under their grant.
pub(super) struct Told {
    pub(super) all: Vec<Found>,
    places: BTreeMap<Digest, usize>,
    /// All but windows and denials.
    others: Vec<usize>,
    /// Windows, denials and accounts by grant.
    looked: BTreeMap<Digest, Vec<usize>>,
    windows: BTreeMap<(Digest, u64), AccessState>,
    /// The node knows no states.
    pub(super) stateless: bool,
}

impl Told {
    pub(super) fn of(all: Vec<Found>) -> Self {
        let mut told = Self {
            all: Vec::new(),
            places: BTreeMap::new(),
            others: Vec::new(),
            looked: BTreeMap::new(),
            windows: BTreeMap::new(),
            stateless: false,
        };
        let mut sums: BTreeMap<Digest, Windows> = BTreeMap::new();
        for (at, found) in all.iter().enumerate() {
            let id = found.record.id();
            told.places.insert(id, at);
            let grant = match &found.record.tbs.act {
                Act::Data(DataAct::Access(window)) => {
                    let sum = sums.entry(window.grant).or_default();
                    told.windows.insert((window.grant, window.minute), state(found, window, *sum));
                    *sum = sum.with(window.minute, window.served, 0);
                    Some(window.grant)
                }
                Act::Data(DataAct::Deny(denied)) => denied.grant,
                _ => None,
            };
            match grant {
                Some(grant) => told.looked.entry(grant).or_default().push(at),
                None => told.others.push(at),
            }
        }
        told.all = all;
        told
    }
}

fn state(found: &Found, window: &AccessWindow, before: Windows) -> AccessState {
    AccessState {
        server: found.record.tbs.organisation.clone(),
        served: window.served,
        denied: 0,
        before,
        root: window.root,
        record: found.record.id(),
        height: found.height,
    }
}

impl Source for Told {
    type Error = ();

    fn list(
        &self,
        prefix: &[u8],
        heights: RangeInclusive<u64>,
        limit: usize,
    ) -> Result<Vec<Digest>, ()> {
        let text = std::str::from_utf8(prefix).unwrap();
        let listed = match text.strip_prefix("a/") {
            Some(grant) => self.looked.get(&grant.trim_end_matches('/').parse().unwrap()),
            None => Some(&self.others),
        };
        let found = listed.into_iter().flatten().map(|at| &self.all[*at]);
        let within = found.filter(|f| heights.contains(&f.height));
        Ok(within.map(|f| f.record.id()).take(limit).collect())
    }

    fn grant(&self, id: &Digest) -> Result<Option<GrantState>, ()> {
        let of = self.windows.range((*id, 0)..=(*id, u64::MAX));
        let of = of.map(|((_, minute), state)| state.windows(*minute));
        let last = of.max_by_key(|windows| windows.count).filter(|_| !self.stateless);
        Ok(last.map(granted))
    }

    fn window(&self, grant: &Digest, minute: u64) -> Result<Option<AccessState>, ()> {
        Ok(self.windows.get(&(*grant, minute)).filter(|_| !self.stateless).cloned())
    }

    fn record(&self, id: &Digest) -> Result<Option<Found>, ()> {
        Ok(self.places.get(id).map(|at| self.all[*at].clone()))
    }
}

pub(super) struct Teller {
    key: PrivateKey,
    pub(super) told: Vec<Found>,
}

pub(super) fn digest(what: &str) -> Digest {
    sm3::digest(what.as_bytes())
}

pub(super) fn text<const N: usize>(text: &str) -> Text<N> {
    Text::new(text).unwrap()
}

pub(super) fn resource() -> ResourceCode {
    ResourceCode::of(&OrganisationCode::new(OWNER).unwrap(), "306001/000001").unwrap()
}

pub(super) fn minute(n: u64) -> UnixTime {
    UnixTime::parse("2026-11-22T08:00:00Z").unwrap().plus_millis(i64::try_from(n).unwrap() * 60_000)
}

impl Teller {
    pub(super) fn new() -> Self {
        let key = PrivateKey::generate(&mut rand_core::UnwrapErr(getrandom::SysRng));
        Self { key, told: Vec::new() }
    }

    /// One that tells the same records in every run.
    pub(super) fn repeating() -> Self {
        Self { key: PrivateKey::from_bytes(&[7; 32]).unwrap(), told: Vec::new() }
    }

    pub(super) fn tells(&mut self, who: &str, act: DataAct) -> Digest {
        self.tells_any(who, Act::Data(act))
    }

    fn tells_any(&mut self, who: &str, act: Act) -> Digest {
        let n = u64::try_from(self.told.len()).unwrap();
        let tbs = Tbs {
            chain_id: Digest::ZERO,
            organisation: OrganisationCode::new(who).unwrap(),
            signer: key_id(self.key.public_key()),
            business_key: BusinessKey::new(format!("case/{n}")).unwrap(),
            last_valid_height: 100,
            act,
        };
        let record = tbs.sign(&self.key, &mut Counted(n)).unwrap();
        let id = record.id();
        self.told.push(Found { record, index: n, height: n + 1, time: minute(n) });
        id
    }
}

/// Randomness that is the same in every run: SM3 of a counter. For tests alone.
struct Counted(u64);

impl rand_core::TryRng for Counted {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Self::Error> {
        for chunk in out.chunks_mut(32) {
            self.0 += 1 << 32;
            chunk.copy_from_slice(&sm3::digest(&self.0.to_be_bytes()).0[..chunk.len()]);
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Counted {}

pub(super) fn publication() -> PublishResource {
    let field = |name: &str| ResourceField {
        name: text(name),
        kind: FieldKind::Text,
        level: Level::General2,
        masking: Masking::Partial,
        rule: None,
    };
    PublishResource {
        resource: resource(),
        version: 1,
        name: text("法人登记信息"),
        definition: digest("entry"),
        fields: vec![field("name"), field("code")],
        class: SharingClass::Conditional,
        level: Level::General2,
        dual_control: Level::General4,
        cycle: UpdateCycle::Daily,
        responsibilities: Vec::new(),
        negative: NegativeList {
            fields: FieldSet::default(),
            purposes: Vec::new(),
            organisations: Vec::new(),
        },
        automatic: None,
    }
}

/// The story's grant with that many windows.
fn granted(windows: Windows) -> GrantState {
    GrantState {
        status: GrantStatus::Live,
        resource: resource(),
        version: 1,
        receiver: OrganisationCode::new(BANK).unwrap(),
        fields: some(),
        purpose: text("信贷审批"),
        item: text("item"),
        from: minute(0),
        until: minute(10_000),
        limit: windows.served,
        used: windows.served,
        windows,
        denied: 0,
        mismatches: 0,
        level: Level::General2,
        conditions: None,
        ended: None,
        reason: 0,
        height: 1,
    }
}

pub(super) fn some() -> FieldSet {
    [0_u8, 1].into_iter().collect()
}

pub(super) fn window(grant: Digest, minute: u64) -> DataAct {
    DataAct::Access(AccessWindow {
        grant,
        minute,
        turn: crate::sample::TURN,
        lines: minute,
        purpose: text("信贷审批"),
        fields: some(),
        served: Volume { calls: 2, rows: 20, bytes: 200 },
        root: digest("calls"),
        subjects: Vec::new(),
        denials: Vec::new(),
    })
}

pub(super) fn asked() -> RequestData {
    RequestData {
        resource: resource(),
        version: 1,
        fields: some(),
        subjects: Subjects::default(),
        purpose: text("信贷审批"),
        item: text("item"),
        basis: text("中小企业促进法 第十六条"),
        case: None,
        until: minute(10_000),
        limit: Volume { calls: 10, rows: 100, bytes: 10_000 },
        level: Level::General2,
        deadline: Deadline { at: minute(5_000), calendar: digest("2026") },
    }
}

pub(super) fn decided(request: Digest, limit: Volume) -> DataAct {
    let terms = Terms { fields: some(), until: minute(10_000), limit, conditions: None };
    let approval = Approval { approver: digest("clerk"), signature: [7; 64] };
    DataAct::Decide(Decide { request, decision: Decision::Grant(terms), approval })
}

/// publish, request, decide, access, derive (masked), derive (document), revoke; with the grant and the two targets.
pub(super) fn story() -> (Told, Digest) {
    story_of(publication())
}

/// The same of another publication.
fn story_of(publication: PublishResource) -> (Told, Digest) {
    let mut teller = Teller::new();
    teller.tells(OWNER, DataAct::Publish(publication));
    let grant = teller.tells(BANK, DataAct::Request(asked()));
    teller.tells(OWNER, decided(grant, asked().limit));
    for n in 0..3 {
        teller.tells(OWNER, window(grant, n));
    }
    let derive = |target: &str, method, source| Derive {
        target: digest(target),
        method,
        sources: vec![source],
        rule: digest("rule"),
        purpose: text("信贷审批"),
        subjects: Vec::new(),
    };
    let granted =
        yinxin_record::Source::Grant(GrantedData { grant, fields: some(), content: None });
    teller.tells(BANK, DataAct::Derive(derive("masked", DeriveMethod::Masked, granted)));
    let own = yinxin_record::Source::Own(digest("masked"));
    teller.tells(BANK, DataAct::Derive(derive("opinion", DeriveMethod::Document, own)));
    teller.tells(OWNER, DataAct::Revoke(EndGrant { grant, reason: 3 }));
    (Told::of(teller.told), grant)
}

pub(super) fn walk(told: &Told, start: &Start, direction: Direction, as_of: AsOf) -> Graph {
    let mut graph =
        trace(told, start, direction, as_of, Limits::default(), &Filter::default()).unwrap().0;
    graph.name_organisations([(OWNER, "示范市市场监督管理局"), (BANK, "示范市商业银行")]);
    graph
}

fn kinds(graph: &Graph) -> Vec<&str> {
    graph.activities.iter().map(|a| a.kind.as_str()).collect()
}

#[test]
fn from_each_end_and_time_the_walk_finds_what_belongs_and_no_more() {
    let (told, grant) = story();
    let opinion = Start::Item(Item::content(digest("opinion")));
    let masked = Start::Item(Item::content(digest("masked")));
    let version = ResourceVersion { resource: resource(), version: 1 };
    let published = Start::Item(Item::Thing(Node::Resource(version)));
    let now = AsOf::default();
    let full = [
        "publish", "request", "decide", "access", "access", "access", "derive", "derive", "revoke",
    ];
    for (start, direction, as_of, expected) in [
        (&opinion, Direction::Backward, now, &full[..]),
        (&opinion, Direction::Forward, now, &[]),
        (&masked, Direction::Forward, now, &["derive"]),
        (&published, Direction::Forward, now, &full[1..]),
        (&published, Direction::Backward, now, &["publish"]),
        (&Start::Request(grant), Direction::Both, now, &full),
        (&published, Direction::Forward, AsOf { height: 3, time: None }, &full[1..3]),
        (
            &published,
            Direction::Forward,
            AsOf { height: u64::MAX, time: Some(minute(3)) },
            &full[1..4],
        ),
        (&opinion, Direction::Backward, AsOf { height: 6, time: None }, &[]),
    ] {
        let graph = walk(&told, start, direction, as_of);
        assert_eq!(kinds(&graph), expected, "{start:?} {direction:?} {as_of:?}");
        assert!(!graph.truncated);
    }
}

#[test]
fn a_licence_leads_to_what_it_was_made_from_and_a_grant_is_a_start() {
    let (Told { all: told, .. }, grant) = story();
    let key = PrivateKey::generate(&mut rand_core::UnwrapErr(getrandom::SysRng));
    let mut teller = Teller { key, told };
    let derive = Derive {
        target: digest("signed value"),
        method: DeriveMethod::Licence,
        sources: vec![yinxin_record::Source::Own(digest("opinion"))],
        rule: digest("rule"),
        purpose: text("发证"),
        subjects: Vec::new(),
    };
    teller.tells(BANK, DataAct::Derive(derive));
    let name = "1.2.156.3005.2.11100000000013338W011.11430000006122244L.2023.001.U";
    let issue = IssueLicence {
        identifier: LicenceIdentifier::new(name).unwrap(),
        type_code: LicenceTypeCode::new("11100000000013338W011").unwrap(),
        content: digest("content"),
        document: digest("signed value"),
        valid_from: minute(0),
        valid_until: None,
    };
    teller.tells_any(BANK, Act::Licence(LicenceAct::Issue(issue)));
    let told = Told::of(teller.told);
    for start in [name.to_owned(), format!("l:{name}")] {
        let graph =
            walk(&told, &Start::parse(&start).unwrap(), Direction::Backward, AsOf::default());
        let kinds = kinds(&graph);
        assert_eq!(kinds.iter().filter(|k| **k == "derive").count(), 3, "{start}: {kinds:?}");
        assert!(kinds.contains(&"publish") && kinds.last() == Some(&"licence-issue"), "{kinds:?}");
    }
    let start = Start::parse(&format!("g:{grant}")).unwrap();
    let graph = walk(&told, &start, Direction::Forward, AsOf::default());
    assert_eq!(kinds(&graph).last(), Some(&"licence-issue"));
}

#[test]
fn every_edge_carries_a_record_that_says_it_and_the_same_records_draw_the_same_graph() {
    let (told, grant) = story();
    let graph = walk(&told, &Start::Request(grant), Direction::Both, AsOf::default());
    for edge in &graph.edges {
        let found = told.record(&edge.record).unwrap().unwrap();
        // A decision speaks of what was asked, which stands in the request.
        let with = [found, told.record(&grant).unwrap().unwrap()];
        assert!(Graph::of(&with, &Filter::default()).edges.contains(edge), "{edge:?}");
    }
    let mut shuffled = told.all.clone();
    shuffled.reverse();
    shuffled.extend(told.all.clone());
    let (a, b) =
        (Graph::of(&told.all, &Filter::default()), Graph::of(&shuffled, &Filter::default()));
    assert_eq!(a, b);
    assert_eq!(to_prov_json(&a), to_prov_json(&b));
    let relations: std::collections::BTreeSet<_> =
        a.edges.iter().map(|e| e.relation.name()).collect();
    assert_eq!(relations.len(), 7, "{relations:?}");
}

/// A publication with a rule that gives what the story asks for: seven days, the bank, at most what it asks.
fn automatic() -> PublishResource {
    let rule = AutomaticRule {
        purposes: vec![text("信贷审批")],
        organisations: vec![OrganisationCode::new(BANK).unwrap()],
        level: Level::General2,
        limit: Volume { calls: 10, rows: 100, bytes: 10_000 },
        days: 7,
        otherwise: Otherwise::Person,
    };
    PublishResource { automatic: Some(rule), ..publication() }
}

/// The story without the records of these numbers.
fn without(told: &Told, left_out: &[usize]) -> Vec<Found> {
    let numbered = told.all.iter().enumerate();
    numbered.filter(|(n, _)| !left_out.contains(n)).map(|(_, f)| f.clone()).collect()
}

fn by_rule(graph: &Graph, grant: Digest) -> Vec<&Edge> {
    let of = |e: &&Edge| e.subject == Item::grant(grant) && e.how == "rule";
    graph.edges.iter().filter(of).collect()
}

/// Decision, request and publication are told apart by number: 2, 1 and 0.
#[test]
fn a_grant_by_the_owners_rule_is_read_from_request_and_publication() {
    let (told, grant) = story_of(automatic());
    let told = Told::of(without(&told, &[2]));
    let graph = Graph::of(&told.all, &Filter::default());
    assert!(matches!(by_rule(&graph, grant)[..], [edge] if edge.object == Item::Activity(grant)));
    let version = Item::Thing(Node::Resource(ResourceVersion { resource: resource(), version: 1 }));
    let granted = |e: &&Edge| e.how == "granted" && e.object == version;
    assert_eq!(graph.edges.iter().filter(granted).count(), 1);
    // A way forth does not come by the publication, which says what the rule was.
    let forth = walk(&told, &Start::Item(version), Direction::Forward, AsOf::default());
    let full = ["publish", "request", "access", "access", "access", "derive", "derive", "revoke"];
    assert_eq!(kinds(&forth), full);
    assert_eq!(by_rule(&forth, grant).len(), 1);
    assert!(to_tree(&forth, Lang::En, false).contains("derive"), "the tree goes on from the grant");
}

type Changed = fn(&mut PublishResource, &mut AutomaticRule);

/// Whoever leaves a decision out of what it hands over has no rule drawn in its place.
#[test]
fn a_decision_that_is_left_out_is_not_taken_for_the_owners_rule() {
    let (told, grant) = story();
    let graph = Graph::of(&without(&told, &[2]), &Filter::default());
    assert_eq!(by_rule(&graph, grant), Vec::<&Edge>::new());
    let made =
        |e: &&Edge| e.relation == Relation::WasGeneratedBy && e.subject == Item::grant(grant);
    assert_eq!(graph.edges.iter().filter(made).count(), 0);
    assert!(to_mermaid(&graph, Lang::En).contains("decision not shown"));
    let (told, grant) = story_of(automatic());
    let hidden = Graph::of(&without(&told, &[0, 2]), &Filter::default());
    assert_eq!(by_rule(&hidden, grant), Vec::<&Edge>::new(), "the rule is not shown");
    let cases: [(&str, Changed); 8] = [
        ("purpose", |_, r| r.purposes = vec![text("统计")]),
        ("receiver", |_, r| r.organisations = vec![OrganisationCode::new(OWNER).unwrap()]),
        ("level", |_, r| r.level = Level::General1),
        ("volume", |_, r| r.limit.rows = 99),
        ("days", |_, r| r.days = 6),
        ("two approvers", |p, _| p.dual_control = Level::General2),
        ("another version", |p, _| p.version = 2),
        ("another resource", |p, _| {
            let owner = OrganisationCode::new(OWNER).unwrap();
            p.resource = ResourceCode::of(&owner, "306001/000002").unwrap();
        }),
    ];
    for (what, change) in cases {
        let mut published = automatic();
        let mut rule = published.automatic.clone().unwrap();
        change(&mut published, &mut rule);
        let (told, grant) = story_of(PublishResource { automatic: Some(rule), ..published });
        let graph = Graph::of(&without(&told, &[2]), &Filter::default());
        assert_eq!(by_rule(&graph, grant), Vec::<&Edge>::new(), "{what}");
    }
    let decided = Graph::of(&story().0.all, &Filter::default());
    assert!(decided.edges.iter().all(|e| e.how != "rule"));
    assert!(!to_mermaid(&decided, Lang::En).contains("not shown"));
}

/// Content is gone when its maker says so; a receiver speaks of its own copy.
#[test]
fn what_one_receiver_erased_is_not_erased_for_everybody() {
    let (Told { all: told, .. }, grant) = story();
    let key = PrivateKey::generate(&mut rand_core::UnwrapErr(getrandom::SysRng));
    let mut teller = Teller { key, told };
    let erase =
        |grant| DataAct::Erase(Erase { digest: digest("masked"), grant, reason: 1, minutes: None });
    let masked = Item::content(digest("masked"));
    let erased = |told: &[Found], id: Digest| {
        let start = Start::Item(masked.clone());
        let graph = walk(&Told::of(told.to_vec()), &start, Direction::Both, AsOf::default());
        assert!(graph.activity(&id).is_some(), "it is told, whoever erased");
        let ended = |e: &&Edge| e.relation == Relation::WasInvalidatedBy && e.subject == masked;
        graph.edges.iter().filter(ended).map(|e| e.record).collect::<Vec<_>>()
    };
    let copy = teller.tells(BANK, erase(Some(grant)));
    assert_eq!(erased(&teller.told, copy), Vec::<Digest>::new());
    let made = teller.tells(BANK, erase(None));
    assert_eq!(erased(&teller.told, made), [made]);
}

#[test]
fn limits_are_kept_and_told_and_filters_drop_acts() {
    let (told, grant) = story();
    let limits = Limits { records: 4, ..Limits::default() };
    let start = Start::Request(grant);
    let all = Filter::default();
    let (graph, found) =
        trace(&told, &start, Direction::Both, AsOf::default(), limits, &all).unwrap();
    assert!(graph.truncated && found.len() == 4);
    let whole = walk(&told, &start, Direction::Both, AsOf::default());
    let list = Limits { list: 1, ..Limits::default() };
    let (listed, _) = trace(&told, &start, Direction::Both, AsOf::default(), list, &all).unwrap();
    for (lang, words) in [(Lang::En, "not all is shown"), (Lang::Zh, "未列完")] {
        for (graph, cut) in [(&graph, true), (&listed, true), (&whole, false)] {
            let forms = [
                to_tree(graph, lang, true),
                to_svg(graph, lang),
                to_html(graph, lang),
                to_dot(graph, lang),
                to_mermaid(graph, lang),
            ];
            for form in forms {
                assert_eq!(form.contains(words), cut, "{form}");
            }
            assert_eq!(to_prov_json(graph).contains("yx:cut-short"), cut);
        }
    }
    let filter =
        Filter { kinds: vec!["derive".into()], from: Some(minute(7)), ..Filter::default() };
    let graph = Graph::of(&told.all, &filter);
    assert_eq!(kinds(&graph), ["derive"]);
}

#[test]
fn the_forms_hold_every_act_and_escape_what_names_hold() {
    let (told, grant) = story();
    let mut graph = walk(&told, &Start::Request(grant), Direction::Both, AsOf::default());
    graph.name_organisations([(BANK, "<b>\"&'银行")]);
    let (dot, mermaid, svg, html) = (
        to_dot(&graph, Lang::Zh),
        to_mermaid(&graph, Lang::Zh),
        to_svg(&graph, Lang::Zh),
        to_html(&graph, Lang::Zh),
    );
    for activity in &graph.activities {
        let id = activity.id.to_string();
        assert!(dot.contains(&id) && svg.contains(&id) && html.contains(&id));
        assert!(mermaid.contains(&id[..12]));
    }
    assert!(!svg.contains("<b>") && !html.contains("<b>") && !mermaid.contains("<b>"));
    let tree = to_tree(&graph, Lang::Zh, false);
    assert!(!tree.contains('\x1b') && tree.contains("来源") && tree.contains("撤销授权"), "{tree}");
    let json: serde_json::Value = serde_json::from_str(&to_prov_json(&graph)).unwrap();
    assert_eq!(json["activity"].as_object().unwrap().len(), graph.activities.len());
    assert!(
        json["wasGeneratedBy"].as_object().unwrap().values().all(|v| v["prov:entity"].is_string())
    );
}
