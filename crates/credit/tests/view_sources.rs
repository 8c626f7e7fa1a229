//! Views over many sources of batches: each has its part, whatever it has of the subject, and none is swapped, doubled or left out.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that fails has failed its test")]

#[path = "../../ledger/tests/rig/credit.rs"]
mod credit;
#[path = "rig/town.rs"]
mod town;
#[path = "../../ledger/tests/rig/world.rs"]
mod world;

use std::collections::BTreeSet;

use credit::{CENTRE, COURT, MARKET, TAX, company, digest, text};
use town::Town;
use world::code;
use yinxin_credit::{
    ClassTable, CreditItem, Error, Forms,
    source::SourceProof,
    view::{CreditView, Seen, SeenItem, ShownContent, ViewQuestion, ViewSource, check_view},
};
use yinxin_gm::{Digest, sm3};
use yinxin_merkle::{
    pages::{Top, Tops, page_of},
    state::{EMPTY, Leaf},
    wire::WireError,
};
use yinxin_receipt::{Receipt, StatusProof, Wire};
use yinxin_record::{
    ClassCode, ClassCount, ClassReference, CourtCase, CreditAct, CreditBatch, Date, EventChain,
    ItemEvent, ItemKey, ItemStatus, OrganisationCode, RecordItem, SourceEvent, SourceFollow,
    SourceItem, SourceRecord, SourceState, Subject, ViewGround, state_key,
};
use yinxin_verdict::{Policy, UnixTime};

/// The credit code in contents of the town.
const CODE: &str = "91350100M000100Y43";
/// The first department beside those of every town.
const MORE: u8 = 9;

fn question() -> ViewQuestion {
    ViewQuestion {
        subject: company(1),
        reader: code(MARKET),
        purpose: text("tender"),
        ground: ViewGround::Law(text("征信业管理条例")),
        classes: Vec::new(),
        as_of: UnixTime::EPOCH,
    }
}

fn check(town: &Town, view: &CreditView) -> Result<Seen, Error> {
    let view = CreditView::from_der(&view.to_der())?;
    check_view(&view, &town.trust(), &policy(), town.now())
}

fn policy() -> Policy {
    let mut policy = Policy::default();
    policy.trusting_period_days = 3650;
    policy
}

const HEADER: &str = "event,day,class,published,LB,SHXYM,MC,BH,NR,RQ,JG,JGDM\n";

/// What department `n` tells of a company: a record of a class under a number.
fn row(n: u8, class: &str, who: &Subject, number: usize) -> String {
    let by = code(n);
    format!("record,,{class},2026-03-05,02,{who},某公司,{number},检查合格,2026-03-02,某局,{by}\n")
}

/// Three sources: two have records of the company, one of others only; a fourth department never published anything.
fn three() -> Town {
    let mut town = Town::with_more(2);
    let table = ClassTable::national().unwrap();
    for (n, who, numbers) in [(MARKET, 1, 0..2), (TAX, 1, 2..5), (MORE, 7, 5..6)] {
        let rows: String =
            numbers.map(|number| row(n, "inspection", &company(who), number)).collect();
        town.import_of(n, &table, "inspection", &format!("{HEADER}{rows}"));
    }
    town
}

/// What is done to a view, and what is said of it.
type Lie<'a, R> = (&'a str, &'a dyn Fn(&mut CreditView), R);

#[test]
fn every_source_has_its_part_and_no_part_stands_for_another() {
    let mut town = three();
    let view = CreditView::collect(question(), None, &mut town).unwrap();
    let seen = check(&town, &view).unwrap();
    let sources: Vec<_> = seen.sources.iter().map(|s| (s.source.clone(), s.chain.count)).collect();
    assert_eq!(sources, [(code(MARKET), 2), (code(TAX), 3), (code(MORE), 0)]);
    let by: Vec<_> = seen.items.iter().filter_map(|item| item.item.source.clone()).collect();
    assert_eq!(by, [MARKET, MARKET, TAX, TAX, TAX].map(code));

    let key = |n| format!("credit-source/{}", code(n));
    let other = |expected: String, found: String| Error::Mismatch {
        what: "key of a proof",
        expected,
        found,
    };
    let count = |found: &str| Error::Mismatch {
        what: "sources",
        expected: "3".to_owned(),
        found: found.to_owned(),
    };
    let lies: [Lie<'_, Error>; 6] = [
        ("two parts are swapped", &|v| v.parts.swap(0, 1), other(key(MARKET), key(TAX))),
        (
            "a part is told twice",
            &|v| v.parts[1] = v.parts[0].clone(),
            other(key(TAX), key(MARKET)),
        ),
        ("a part is told once more", &|v| v.parts.push(v.parts[2].clone()), count("4")),
        ("the last part is left out", &|v| drop(v.parts.pop()), count("2")),
        ("a part in between is left out", &|v| drop(v.parts.remove(1)), count("2")),
        ("another list of sources", &|v| v.sources = v.marks.clone(), {
            other("credit-sources/all".to_owned(), format!("credit-source-marks/{}", company(1)))
        }),
    ];
    for (why, lie, reason) in lies {
        let mut changed = view.clone();
        lie(&mut changed);
        assert_eq!(check(&town, &changed), Err(reason), "{why}");
    }
}

/// Behind the right state of its source, what a part says is held against that source's root, and each record against its source.
#[test]
fn a_part_with_the_inside_of_another_is_told_by_what_does_not_fit() {
    let mut town = three();
    let view = CreditView::collect(question(), None, &mut town).unwrap();
    let lies: [Lie<'_, &str>; 5] = [
        ("another source's proof", &|v| v.parts[1].proof = v.parts[0].proof.clone(), {
            "a source's proof"
        }),
        (
            "who has records says what another says who has none",
            &|v| {
                v.parts[0].proof = v.parts[2].proof.clone();
                v.parts[0].records.clear();
            },
            "a source's proof",
        ),
        ("another source's records", &|v| v.parts[1].records = v.parts[0].records.clone(), {
            "records of a source"
        }),
        (
            "records of a source that has none",
            &|v| v.parts[2].records = v.parts[0].records.clone(),
            { "records of a source" },
        ),
        (
            "everything but the state is another's",
            &|v| {
                let (state, other) = (v.parts[2].state.clone(), v.parts[1].clone());
                v.parts[2] = yinxin_credit::view::SourcePart { state, ..other };
            },
            "a source's proof",
        ),
    ];
    for (why, lie, reason) in lies {
        let mut changed = view.clone();
        lie(&mut changed);
        let found = check(&town, &changed);
        assert!(
            matches!(&found, Err(Error::Mismatch { what, .. }) if *what == reason),
            "{why}: {found:?}"
        );
    }
}

/// The list of sources of before, in which the newest is not: older than the chain is no proof.
#[test]
fn a_source_that_came_since_is_not_left_out_with_an_older_list() {
    let mut town = three();
    let before = CreditView::collect(question(), None, &mut town).unwrap();
    let table = ClassTable::national().unwrap();
    let rows = HEADER.to_owned() + &row(MORE + 1, "inspection", &company(1), 9);
    town.import_of(MORE + 1, &table, "inspection", &rows);
    let view = CreditView::collect(question(), None, &mut town).unwrap();
    assert_eq!(check(&town, &view).unwrap().sources.len(), 4);
    let mut old = view;
    old.sources = before.sources.clone();
    old.parts = before.parts;
    let found = check(&town, &old);
    let older = "height of a proof, at least";
    assert!(matches!(&found, Err(Error::Mismatch { what, .. }) if *what == older), "{found:?}");
}

#[test]
fn a_source_whose_store_is_not_at_hand_makes_no_view() {
    let mut town = three();
    // Even if it has nothing of the company: that is for its proof to say.
    town.sources.remove(&code(MORE)).unwrap();
    let found = CreditView::collect(question(), None, &mut town);
    let name = code(MORE).to_string();
    assert_eq!(found, Err(Error::NotFound { what: "store", name }));
}

/// A city's catalogue: so many classes, by turns of so many departments.
fn catalogue(classes: usize) -> ClassTable {
    let mut table = "table = \"city\"\n".to_owned();
    for n in 0..classes {
        table += &format!(
            "[[class]]\ncode = \"city.{n}\"\nversion = 1\nname = \"类目{n}\"\ngroup = \"city\"\nkind = \"administrative\"\ndegree = \"none\"\n\
             disclosure = \"public\"\nvalid_from = \"2025-01-01\"\nlaws = [\"某条例\"]\nform = \"general\"\n\
             term = {{ base = \"decision\", min_months = 0 }}\nlimits = {{ age_days = 3650, objection_days = 5, withdraw_days = 3 }}\n\
             batch = 1000\nsource = \"a test\"\n"
        );
    }
    ClassTable::from_toml(&table).unwrap()
}

/// 395 classes from 46 departments, and a company that has a record of each.
#[test]
fn a_whole_citys_catalogue_is_one_view() {
    const CLASSES: usize = 395;
    const SOURCES: u8 = 46;
    let (table, forms) = (catalogue(CLASSES), Forms::standard().unwrap());
    let mut town = Town::with_more(SOURCES.into());
    for class in table.classes() {
        let act = CreditAct::PublishClass(table.publish(class, &forms).unwrap());
        town.world.credit_act(CENTRE, act).unwrap();
    }
    town.seal();
    for (at, n) in (0..).zip(MORE..MORE + SOURCES) {
        let own = (0..CLASSES).filter(|class| class % usize::from(SOURCES) == at);
        let rows = own.map(|class| {
            let class_code = format!("city.{class}");
            row(n, &class_code, &company(1), class) + &row(n, &class_code, &company(7), class)
        });
        let rows = HEADER.to_owned() + &rows.collect::<String>();
        town.import_of(n, &table, &format!("city.{at}"), &rows);
    }
    let view = CreditView::collect(question(), None, &mut town).unwrap();
    let seen = check(&town, &view).unwrap();
    assert_eq!((seen.sources.len(), seen.items.len()), (SOURCES.into(), CLASSES));
    assert!(seen.sources.iter().all(|source| (8..=9).contains(&source.chain.count)));
    let classes: BTreeSet<_> = seen.items.iter().map(|item| item.item.class.clone()).collect();
    assert_eq!((classes.len(), view.classes.len()), (CLASSES, CLASSES), "each once");
    let mut less = view.clone();
    less.parts.remove(17);
    let (expected, found) = ("46".to_owned(), "45".to_owned());
    assert_eq!(check(&town, &less), Err(Error::Mismatch { what: "sources", expected, found }));
    let mut less = view;
    let class = less.classes.remove(200);
    assert_eq!(less.classes.len(), CLASSES - 1);
    let found = check(&town, &less);
    assert!(
        matches!(&found, Err(Error::NotFound { what: "class", .. })),
        "{found:?}: {:?}",
        class.key
    );
}

/// Of a form that comes with the crate the number's field alone is a number; of a city's own any field may be.
#[test]
fn a_source_that_numbers_by_credit_code_marks_no_item_of_a_known_form() {
    let (table, forms) = (catalogue(2), Forms::standard().unwrap());
    let mut town = Town::new();
    let mut also = Vec::new();
    for (class, own_form) in table.classes().zip([false, true]) {
        let mut published = table.publish(class, &forms).unwrap();
        if own_form {
            published.form = digest("the city's form");
        }
        let law = published.laws[0].clone();
        town.done(CENTRE, CreditAct::PublishClass(published));
        let name = class.reference.code.as_str();
        let rows = row(TAX, name, &company(1), 77).replace(",77,", &format!(",{CODE},"));
        town.import_of(TAX, &table, name, &(HEADER.to_owned() + &rows));
        let act = RecordItem { law, ..town.world.item_of(1, name) };
        let act = town.with_number(act, "78", "登记");
        let id = town.done(MARKET, CreditAct::Record(act));
        also.push((id, usize::from(own_form)));
    }
    let view = CreditView::collect(question(), None, &mut town).unwrap();
    let seen = check(&town, &view).unwrap();
    for (id, told) in also {
        let item = seen.items.iter().find(|item| item.item.id == id).unwrap();
        assert_eq!(item.content.as_ref().unwrap().value("SHXYM"), Some(CODE));
        assert_eq!(item.also.len(), told, "{}", item.class.code);
    }
    // Contents are looked up by their order: a view that was put together in another one is no view.
    let mut swapped = view;
    swapped.contents.swap(0, 1);
    let found = check_view(&swapped, &town.trust(), &policy(), town.now());
    assert_eq!(found, Err(Error::Wire(WireError::Order("contents"))));
}

/// A town, and a source that anchors what it likes: the ledger sees counts and roots only.
struct Hostile {
    town: Town,
    has: (SourceProof, Vec<Vec<u8>>),
}

impl Hostile {
    fn anchors(mut town: Town, n: u8, records: Vec<Vec<u8>>) -> Self {
        let ids = SourceRecord::ids(records.iter().map(Vec::as_slice));
        let chain = EventChain::replay(&company(1), &ids);
        let key = sm3::digest(&state_key::credit_subject(&company(1)));
        let leaf = Leaf { key, value: sm3::digest(&chain.to_der()) };
        let mut tops = Tops::new();
        tops.set([(page_of(&key), Top::of(&[leaf]))]);
        let (_, path) = tops.prove(&key, |_| Ok::<_, Error>(vec![leaf])).unwrap();
        let class = ClassReference { code: ClassCode::new("inspection").unwrap(), version: 1 };
        let count = records.len() as u64;
        let batch = CreditBatch {
            sequence: 1,
            counts: vec![ClassCount { class, count, due: 0, late: 0 }],
            records: digest("records"),
            before: EMPTY,
            after: tops.root(),
        };
        town.done(n, CreditAct::Batch(batch));
        Self { town, has: (SourceProof { chain: Some(chain), path }, records) }
    }
}

impl ViewSource for Hostile {
    type Error = Error;

    fn state(&mut self, key: &[u8]) -> Result<StatusProof, Error> {
        self.town.state(key)
    }

    fn ids(&mut self, subject: &Subject, height: u64) -> Result<Vec<Digest>, Error> {
        self.town.ids(subject, height)
    }

    fn receipt(&mut self, id: &Digest) -> Result<Receipt, Error> {
        self.town.receipt(id)
    }

    fn source(
        &mut self,
        source: &OrganisationCode,
        newest: &SourceState,
        subject: &Subject,
    ) -> Result<(SourceProof, Vec<Vec<u8>>), Error> {
        if self.town.sources.contains_key(source) {
            return self.town.source(source, newest, subject);
        }
        Ok(self.has.clone())
    }

    fn content(&mut self, item: &CreditItem) -> Result<Option<ShownContent>, Error> {
        self.town.content(item)
    }
}

/// Chains only grow: one record that is none would stand in every view of the subject, for ever.
#[test]
fn what_a_source_tells_against_the_rules_takes_nothing_else_with_it() {
    let mut town = Town::with_more(1);
    town.import(1);
    let by = |n: u8, number: &str, version| SourceRecord {
        source: code(n),
        subject: company(1),
        item: ItemKey::of("inspection", number),
        event: SourceEvent::Record(SourceItem {
            class: ClassReference { code: ClassCode::new("inspection").unwrap(), version },
            authority: code(n),
            content: digest(number),
            decided: Date::parse("2026-03-02").unwrap(),
            published: Date::parse("2026-03-05").unwrap(),
            until: None,
        }),
    };
    let follow = |number: &str, event, day: &str| SourceRecord {
        event: SourceEvent::Follow(SourceFollow {
            event,
            authority: code(MORE),
            day: Date::parse(day).unwrap(),
            content: None,
            decision: None,
        }),
        ..by(MORE, number, 1)
    };
    let records = [
        by(MORE, "good", 1).to_der(),
        vec![0],
        follow("none", ItemEvent::Withdraw, "2026-03-06").to_der(),
        by(MORE, "unpublished", 9).to_der(),
        by(TAX, "another's", 1).to_der(),
        by(MORE, "ended", 1).to_der(),
        follow("ended", ItemEvent::Withdraw, "2026-03-06").to_der(),
        follow("ended", ItemEvent::Withdraw, "2026-03-07").to_der(),
    ];
    let mut town = Hostile::anchors(town, MORE, records.to_vec());
    for court in [false, true] {
        let mut asked = question();
        if court {
            let (number, paper) = (text("（2026）某01民初1号"), digest("inquiry"));
            asked.reader = code(COURT);
            asked.ground = ViewGround::Court(CourtCase { number, paper });
        }
        let view = CreditView::collect(asked, None, &mut town).unwrap();
        let seen = check(&town.town, &view).unwrap();
        let sources: Vec<_> = seen.sources.iter().map(|s| (s.chain.count, s.broken)).collect();
        assert_eq!(sources, [(2, 0), (8, 5)]);
        let by: Vec<_> = seen.items.iter().filter_map(|item| item.item.source.clone()).collect();
        assert_eq!((by.len(), seen.ended), if court { (4, 0) } else { (3, 1) });
        assert_eq!(by[..3], [TAX, TAX, MORE].map(code));
        // That there is no such class is proven: a class that is left out hides nothing.
        for n in 0..view.classes.len() {
            let mut changed = view.clone();
            changed.classes.remove(n);
            let found = check(&town.town, &changed);
            assert!(matches!(found, Err(Error::NotFound { what: "class", .. })), "{found:?}");
        }
        // As of before the source's batch it says nothing: the class may have been published since.
        let mut later = view.clone();
        town.town.world.height += 1;
        town.town.seal();
        later.parts[1].state = town.state(&state_key::credit_source(&code(MORE))).unwrap();
        let found = check(&town.town, &later);
        assert!(matches!(found, Err(Error::NotFound { what: "class", .. })), "{found:?}");
    }
}

/// Two hundred characters, as a form's number may have, of three bytes and of four.
#[test]
fn a_number_as_long_as_a_form_takes_is_marked_too() {
    for character in ["号", "𠀀"] {
        let mut town = Town::new();
        let table = ClassTable::national().unwrap();
        let number = character.repeat(200);
        let rows = row(TAX, "inspection", &company(1), 77).replace(",77,", &format!(",{number},"));
        town.import_of(TAX, &table, "inspection", &(HEADER.to_owned() + &rows));
        let act = town.world.item_of(1, "inspection");
        let act = RecordItem { law: text("全国公共信用信息基础目录"), ..act };
        let act = town.with_number(act, &number, "检查");
        town.done(MARKET, CreditAct::Record(act));
        let view = CreditView::collect(question(), None, &mut town).unwrap();
        let items = check(&town, &view).unwrap().items;
        let also: Vec<_> = items.iter().map(|item| item.also.len()).collect();
        assert_eq!(also, [1, 1], "{character}");
    }
}

/// What one source has ended, another still tells, and the ledger has it too: each is marked with what the others say.
#[test]
fn a_number_that_several_tell_of_is_marked_with_how_it_stands_elsewhere() {
    let mut town = Town::with_more(1);
    let table = ClassTable::national().unwrap();
    let import = |town: &mut Town, n, rows: String| {
        town.import_of(n, &table, "inspection", &(HEADER.to_owned() + &rows));
    };
    let rows = row(TAX, "inspection", &company(1), 77) + &row(TAX, "inspection", &company(1), 78);
    import(&mut town, TAX, rows);
    let number = usize::try_from(town.world.counter).unwrap();
    let act = town.world.item_of(1, "inspection");
    let act = RecordItem { law: text("全国公共信用信息基础目录"), ..act };
    let act = town.with_content(act, "检查");
    let own = town.done(MARKET, CreditAct::Record(act));
    // The data centre has copies: 77 in another spelling, and what stands on the ledger; 79 is its own.
    let copies = [77, number, 79].map(|number| row(MORE, "inspection", &company(1), number));
    import(&mut town, MORE, copies.concat().replace(",77,", ",７７,"));
    let told = |town: &mut Town, court: bool| {
        let mut question = question();
        if court {
            let (number, paper) = (text("（2026）某01民初1号"), digest("inquiry"));
            let ground = ViewGround::Court(CourtCase { number, paper });
            question = ViewQuestion { reader: code(COURT), ground, ..question };
        }
        let view = CreditView::collect(question, None, town).unwrap();
        let seen = check(town, &view).unwrap();
        let also = |item: &SeenItem| -> Vec<_> {
            let also = item.also.iter();
            also.map(|told| (told.source.clone(), told.status, told.stands)).collect()
        };
        let items = seen.items.iter();
        items.map(|item| (item.item.source.clone(), also(item))).collect::<Vec<_>>()
    };
    let stands = |n: Option<u8>| vec![(n.map(code), ItemStatus::InForce, true)];
    let (tax, centre) = (Some(code(TAX)), Some(code(MORE)));
    let expected = vec![
        (None, stands(Some(MORE))),
        (tax.clone(), stands(Some(MORE))),
        (tax.clone(), vec![]),
        (centre.clone(), stands(Some(TAX))),
        (centre.clone(), stands(None)),
        (centre.clone(), vec![]),
    ];
    assert_eq!(told(&mut town, false), expected);

    // The tax office withdraws 77, and the ledger's item is withdrawn: the copies stand, marked.
    let today = town.world.today();
    let withdrawn = row(TAX, "inspection", &company(1), 77);
    let withdrawn =
        withdrawn.replace("record,,inspection", &format!("withdraw,{today},inspection"));
    import(&mut town, TAX, withdrawn);
    let withdrawal = town.world.withdrawal(own);
    town.done(MARKET, withdrawal);
    let ended = |n| vec![(Some(code(n)), ItemStatus::Withdrawn, false)];
    // Of what has ended on the ledger a view has no content, and so no number.
    let expected = vec![
        (tax.clone(), vec![]),
        (centre.clone(), ended(TAX)),
        (centre.clone(), vec![]),
        (centre, vec![]),
    ];
    assert_eq!(told(&mut town, false), expected);
    // A court's view has it.
    let court = told(&mut town, true);
    assert_eq!(court[0], (None, stands(Some(MORE))));
    assert_eq!(court[1], (tax, stands(Some(MORE))));
    assert_eq!(court[4].1, [(None, ItemStatus::Withdrawn, false)]);
}
