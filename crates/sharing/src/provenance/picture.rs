//! The picture of the README: a story as the tour tells it, the same in every run, and the picture is what the code draws of it.

use super::layout::{
    COLUMNS, ENTRY, LEFT, Layout, NODE_HEIGHT, NODE_WIDTH, WIDTH, WIRE, layout, left_of,
};
use super::tests::*;
use super::*;
use yinxin_gm::Digest;
use yinxin_record::{
    DataAct, Deliver, DeliveredContent, Derive, DeriveMethod, EndGrant, GrantedData, Level,
    OrganisationCode, PublishResource, Recipient, RequestData, ResourceCode, Subjects, Volume,
};
use yinxin_verdict::Lang;

const TAX: &str = "11990100MB0A000341";
const POWER: &str = "11990100MB0A00042U";

fn named(owner: &str, number: &str, name: &str) -> PublishResource {
    let owner = OrganisationCode::new(owner).unwrap();
    PublishResource {
        resource: ResourceCode::of(&owner, number).unwrap(),
        name: text(name),
        ..publication()
    }
}

fn derived(target: &str, method: DeriveMethod, sources: Vec<yinxin_record::Source>) -> DataAct {
    DataAct::Derive(Derive {
        target: digest(target),
        method,
        sources,
        rule: digest("rule"),
        purpose: text("信贷审批"),
        subjects: Vec::new(),
    })
}

/// Three departments share with a bank, which joins and masks what it got and decides; one grant is used every minute, one ends.
fn tour() -> (Graph, Item) {
    let mut teller = Teller::repeating();
    let of = [
        (OWNER, "306001/000001", "企业登记信息"),
        (TAX, "306014/000007", "纳税信用信息"),
        (POWER, "306022/000003", "企业用电信息"),
    ];
    for (owner, number, name) in of {
        teller.tells(owner, DataAct::Publish(named(owner, number, name)));
    }
    let mut delivered = Vec::new();
    for (owner, number, _) in of {
        let resource = named(owner, number, "x").resource;
        let asked =
            RequestData { resource: resource.clone(), subjects: Subjects::default(), ..asked() };
        let limit = asked.limit;
        let grant = teller.tells(BANK, DataAct::Request(asked));
        teller.tells(owner, decided(grant, limit));
        let content = digest(number);
        let organisation = OrganisationCode::new(BANK).unwrap();
        teller.tells(
            owner,
            DataAct::Deliver(Deliver {
                resource,
                envelope: digest(&format!("envelope {number}")),
                content,
                fields: some(),
                purpose: text("信贷审批"),
                volume: Volume { calls: 1, rows: 500, bytes: 120_000 },
                recipients: vec![Recipient { grant, organisation, key: digest("key") }],
                subjects: Vec::new(),
                replaces: None,
            }),
        );
        delivered.push((owner, grant, content));
    }
    for minute in 0..1_440 {
        teller.tells(OWNER, window(delivered[0].1, minute));
    }
    let source = |(owner, grant, content): &(&str, Digest, Digest)| {
        let server = OrganisationCode::new(owner).unwrap();
        let content = Some(DeliveredContent { server, content: *content });
        yinxin_record::Source::Grant(GrantedData { grant: *grant, fields: some(), content })
    };
    let own = |what: &str| vec![yinxin_record::Source::Own(digest(what))];
    teller.tells(
        BANK,
        derived("joined", DeriveMethod::Joined, delivered.iter().map(source).collect()),
    );
    teller.tells(BANK, derived("masked", DeriveMethod::Masked, own("joined")));
    teller.tells(BANK, derived("statistics", DeriveMethod::Aggregated, own("masked")));
    teller.tells(BANK, derived("opinion", DeriveMethod::Document, own("masked")));
    teller.tells(TAX, DataAct::Revoke(EndGrant { grant: delivered[1].1, reason: 3 }));
    let opinion = Item::content(digest("opinion"));
    let told = Told::of(teller.told);
    let mut graph = walk(&told, &Start::Item(opinion.clone()), Direction::Both, AsOf::default());
    graph.name_organisations([
        (OWNER, "示范市市场监督管理局"),
        (TAX, "示范市税务局"),
        (POWER, "示范市供电公司"),
        (BANK, "示范市商业银行"),
    ]);
    (graph, opinion)
}

/// `YINXIN_PICTURES=FOLDER` writes them; those of the documents are `specs/pictures/trace.svg` and `trace.zh.svg`.
#[test]
fn the_pictures_of_the_documents_are_what_is_drawn() {
    let (graph, _) = tour();
    let drawn = [(Lang::En, "trace.svg"), (Lang::Zh, "trace.zh.svg")]
        .map(|(lang, name)| (name, to_svg(&graph, lang)));
    if let Some(folder) = std::env::var_os("YINXIN_PICTURES") {
        let folder = std::path::Path::new(&folder);
        for (name, drawn) in &drawn {
            std::fs::write(folder.join(name), drawn).unwrap();
        }
    }
    for (name, drawn) in &drawn {
        let path = format!("{}/../../specs/pictures/{name}", env!("CARGO_MANIFEST_DIR"));
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == *drawn,
            "{path} is of other code: YINXIN_PICTURES=$PWD/specs/pictures draws it anew"
        );
    }
}

type Rectangle = (i64, i64, i64, i64);

/// Everything that takes room: nodes, passing lines, numbers at the beginning of a band; left, top, right, bottom.
fn rectangles(laid: &Layout) -> Vec<Rectangle> {
    let node = |p: &super::layout::Place| {
        let (x, y) = (p.left(), p.y - NODE_HEIGHT / 2);
        (x, y, x + NODE_WIDTH, y + NODE_HEIGHT)
    };
    let wire = |p: &super::layout::Place| {
        (p.left(), p.y - WIRE / 2, p.left() + NODE_WIDTH, p.y + WIRE / 2)
    };
    let entry = |y: &i64| (LEFT + ENTRY / 2 - 9, y - 9, LEFT + ENTRY / 2 + 9, y + 9);
    let lines = || laid.lines.iter();
    laid.places
        .values()
        .map(node)
        .chain(lines().flat_map(|l| &l.through).map(wire))
        .chain(lines().flat_map(|l| &l.entries).map(entry))
        .collect()
}

fn nothing_overlaps(graph: &Graph) {
    let laid = layout(graph);
    let all = rectangles(&laid);
    for (n, a) in all.iter().enumerate() {
        assert!(a.0 >= LEFT && a.2 <= WIDTH, "{a:?} is within the page");
        for b in &all[n + 1..] {
            let apart = a.2 <= b.0 || b.2 <= a.0 || a.3 <= b.1 || b.3 <= a.1;
            assert!(apart, "{a:?} {b:?}");
        }
    }
    // Every lane has a height, one below the other, and each node stands within the one of its department.
    let lanes: Vec<_> = laid.bands.iter().flatten().collect();
    for pair in lanes.windows(2) {
        assert!(pair[0].top + pair[0].height <= pair[1].top);
    }
    for place in laid.places.values() {
        let mut own = laid.bands[place.band()].iter();
        let half = NODE_HEIGHT / 2;
        assert!(own.any(|l| l.top <= place.y - half && place.y + half <= l.top + l.height));
    }
    assert!(left_of(COLUMNS - 1) + NODE_WIDTH < WIDTH);
}

#[test]
fn nothing_in_a_picture_stands_on_anything_else() {
    let (told, grant) = story();
    nothing_overlaps(&walk(&told, &Start::Request(grant), Direction::Both, AsOf::default()));
    nothing_overlaps(&tour().0);
    nothing_overlaps(&wide());
}

/// As wide as the bench's stories: forty deliveries, joined by eights, joined into one.
fn wide() -> Graph {
    let mut teller = Teller::repeating();
    let mut delivered = Vec::new();
    for n in 0..40 {
        let (owner, number) = ([OWNER, TAX, POWER][n % 3], format!("306001/{n:06}"));
        let published = named(owner, &number, "企业用电信息");
        let resource = published.resource.clone();
        teller.tells(owner, DataAct::Publish(published));
        let asked = RequestData { resource: resource.clone(), level: Level::General2, ..asked() };
        let limit = asked.limit;
        let grant = teller.tells(BANK, DataAct::Request(asked));
        teller.tells(owner, decided(grant, limit));
        teller.tells(owner, window(grant, 1));
        delivered.push(grant);
    }
    let source = |grant: &Digest| {
        yinxin_record::Source::Grant(GrantedData { grant: *grant, fields: some(), content: None })
    };
    for (n, some) in delivered.chunks(8).enumerate() {
        let sources = some.iter().map(source).collect();
        teller.tells(BANK, derived(&format!("joined {n}"), DeriveMethod::Joined, sources));
    }
    let own = (0..5).map(|n| yinxin_record::Source::Own(digest(&format!("joined {n}"))));
    teller.tells(BANK, derived("end", DeriveMethod::Document, own.collect()));
    let told = Told::of(teller.told);
    let graph = walk(
        &told,
        &Start::Item(Item::content(digest("end"))),
        Direction::Backward,
        AsOf::default(),
    );
    assert_eq!(graph.activities.len(), 166);
    graph
}

#[test]
fn reasons_are_told_in_words() {
    let (graph, _) = tour();
    for (lang, words) in [(Lang::En, "reason 3"), (Lang::Zh, "事由 3")] {
        for form in [to_svg(&graph, lang), to_tree(&graph, lang, false), to_html(&graph, lang)] {
            assert!(form.contains(words), "{form}");
        }
    }
}
