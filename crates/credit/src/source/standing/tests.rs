//! Random lives of an item of a batch against a small model: by the rules of a source, and as every view replays them.

use proptest::prelude::*;
use yinxin_calendar::Calendar;
use yinxin_gm::sm3;
use yinxin_record::{ItemKey, SourceEvent, SourceRecord, Subject};

use super::*;
use crate::{
    Classes, CreditItem, Forms, class::ClassTable, history::replay_source, source::SourceRules,
};

const AUTHORITY: &str = "11430000006122244L";
const OTHER: &str = "11990100MB0A00018B";
/// Classes with the months for which an item is shown at least and at most.
const CLASSES: [(&str, u16, u16); 3] =
    [("penalty.ordinary", 3, 12), ("blacklist.serious", 12, 36), ("commitment", 3, 12)];

fn code(text: &str) -> OrganisationCode {
    OrganisationCode::new(text).unwrap()
}

fn events() -> impl Strategy<Value = ItemEvent> {
    use ItemEvent as E;
    prop::sample::select(vec![
        E::Correct,
        E::Fulfil,
        E::Break,
        E::Break,
        E::Repair,
        E::Repair,
        E::Reinstate,
        E::Reinstate,
        E::Delist,
        E::Withdraw,
    ])
}

/// An item as the model sees it.
#[derive(Clone, Debug)]
struct Model {
    class: usize,
    stands: &'static str,
    minimum: Date,
    until: Option<Date>,
    last: Date,
}

impl Model {
    fn new(class: usize, item: &SourceItem) -> Self {
        let (name, min, max) = CLASSES[class];
        let from = |day: Date| ("in-force", day.plus_months(min), Some(day.plus_months(max)));
        let (stands, minimum, until) = match name {
            "commitment" => ("committed", item.decided, item.until),
            "penalty.ordinary" => from(item.published),
            _ => from(item.decided),
        };
        Self { class, stands, minimum, until, last: item.published }
    }

    /// The item after an event, if the rules let it happen.
    fn then(&self, event: ItemEvent, day: Date, own: bool) -> Option<Self> {
        use ItemEvent as E;
        let (name, min, max) = CLASSES[self.class];
        let adverse = ["in-force", "broken", "reinstated"].contains(&self.stands);
        let in_term = self.until.is_none_or(|until| day < until);
        let ripe = day >= self.minimum && in_term;
        let (holds, stands) = match event {
            E::Correct => (self.stands != "withdrawn", self.stands),
            E::Withdraw => (self.stands != "withdrawn", "withdrawn"),
            E::Fulfil => (self.stands == "committed" && in_term, "fulfilled"),
            E::Break => (self.stands == "committed" && in_term, "broken"),
            E::Repair => (adverse && ripe, "repaired"),
            E::Reinstate => (self.stands == "repaired" && in_term, "reinstated"),
            E::Delist => {
                let on_list = name == "blacklist.serious" && self.stands != "broken";
                (on_list && adverse && ripe, "delisted")
            }
            other => unreachable!("{other:?} is in no batch"),
        };
        let mut next = Self { stands, last: day, ..self.clone() };
        if matches!(event, E::Fulfil | E::Break | E::Reinstate) {
            next.minimum = day.plus_months(min);
        }
        if matches!(event, E::Fulfil | E::Break) {
            next.until = Some(day.plus_months(max));
        }
        (holds && own && day >= self.last).then_some(next)
    }

    fn is_shown(&self, day: Date) -> bool {
        let ended = ["repaired", "delisted", "withdrawn"].contains(&self.stands);
        !ended && self.until.is_none_or(|until| day < until)
    }
}

fn begun() -> Date {
    Date::parse("2026-05-01").unwrap()
}

fn item(table: &ClassTable, class: usize, last_day: Option<u32>) -> SourceItem {
    let class_code = yinxin_record::ClassCode::new(CLASSES[class].0).unwrap();
    let until = last_day.filter(|_| CLASSES[class].0 == "commitment");
    SourceItem {
        class: table.at(&class_code, begun()).unwrap().reference.clone(),
        authority: code(AUTHORITY),
        content: sm3::digest(b"content"),
        decided: begun(),
        published: begun().plus_days(3),
        until: until.map(|days| begun().plus_days(days)),
    }
}

fn follow(event: ItemEvent, day: Date, own: bool) -> SourceFollow {
    let authority = code(if own { AUTHORITY } else { OTHER });
    let content = (event == ItemEvent::Correct).then(|| sm3::digest(day.to_string().as_bytes()));
    SourceFollow { event, authority, day, content, decision: None }
}

fn record(event: SourceEvent) -> SourceRecord {
    let subject = Subject::parse("91350100M000100Y43").unwrap();
    SourceRecord { source: code(AUTHORITY), subject, item: ItemKey::of("class", "1"), event }
}

fn published(table: &ClassTable) -> Classes {
    let forms = Forms::standard().unwrap();
    let all = table.classes().map(|c| (c.reference.clone(), table.publish(c, &forms).unwrap()));
    all.collect()
}

fn view(classes: &Classes, records: &[SourceRecord], day: Date) -> Option<CreditItem> {
    let mut items = replay_source(classes, day.start(), records).items;
    assert!(items.len() <= 1);
    items.pop()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// What a batch may tell of an item, and what comes of it, is what the model says; views of each day have the item as it then stood.
    #[test]
    fn a_source_and_a_small_model_agree(
        class in 0..CLASSES.len(),
        last_day in prop::option::of(20_u32..400),
        steps in prop::collection::vec(
            (events(), prop_oneof![3 => 0_i64..140, 1 => -3_i64..0, 1 => 140_i64..500], prop::bool::weighted(0.95)),
            1..14,
        ),
    ) {
        let table = ClassTable::national().unwrap();
        let classes = published(&table);
        let rules = SourceRules::new(code(AUTHORITY), table, Calendar::china().unwrap());
        let item = item(rules.table(), class, last_day);
        let mut standing = rules.begin(&item).unwrap();
        let mut model = Model::new(class, &item);
        let mut records = vec![record(SourceEvent::Record(item.clone()))];
        let id = SourceRecord::id(&yinxin_merkle::wire::Wire::to_der(&records[0]));
        let mut gone = false;
        prop_assert_eq!(view(&classes, &records, begun()), None, "not published yet");
        for (event, days, own) in steps {
            let day = Date::from_days(model.last.days() + days).unwrap();
            let follow = follow(event, day, own);
            let found = rules.then(&item.class, standing.clone(), &follow);
            let next = model.then(event, day, own);
            prop_assert_eq!(found.is_ok(), next.is_some(), "{:?} on {}: {:?}", event, day, found);
            let (Ok(found), Some(next)) = (found, next) else { continue };
            (standing, model) = (found, next);
            records.push(record(SourceEvent::Follow(follow)));
            prop_assert_eq!(standing.status.name(), model.stands);
            prop_assert_eq!((standing.minimum, standing.until, standing.last), (model.minimum, model.until, model.last));
            let seen = view(&classes, &records, day).expect("nothing is erased");
            prop_assert_eq!((seen.id, seen.status, seen.until), (id, standing.status, standing.until));
            prop_assert_eq!(seen.is_shown(day.start()), model.is_shown(day));
            prop_assert!(!(gone && seen.is_shown(day.start())), "nothing comes back after its term");
            gone |= model.until.is_some_and(|until| until <= day);
        }
    }

    /// Nor does it by what a source tells that keeps no rules, on whatever days: each later view has the item, and does not show it again.
    #[test]
    fn no_source_brings_back_what_a_view_has_seen_expire(
        class in 0..CLASSES.len(),
        last_day in prop::option::of(20_u32..400),
        told in prop::collection::vec((events(), 0_u32..1500), 1..14),
        days in prop::collection::btree_set(3_u32..1600, 1..12),
    ) {
        let table = ClassTable::national().unwrap();
        let classes = published(&table);
        let item = item(&table, class, last_day);
        let mut stands = next_item_status(None, match CLASSES[class].0 {
            "commitment" => ItemEvent::Commit,
            _ => ItemEvent::Record,
        }).unwrap();
        let mut records = vec![record(SourceEvent::Record(item))];
        for (event, days) in told {
            // What the table does not have is no record of a batch: that alone is seen when one is read.
            let Ok(next) = next_item_status(Some(stands), event) else { continue };
            stands = next;
            records.push(record(SourceEvent::Follow(follow(event, begun().plus_days(days), true))));
        }
        let mut expired = None;
        for day in days.into_iter().map(|days| begun().plus_days(days)) {
            let seen = view(&classes, &records, day).expect("nothing is erased");
            let shown = seen.is_shown(day.start());
            prop_assert!(!shown || expired.is_none(), "expired on {expired:?}, shown on {day}");
            expired = expired.or(seen.until.filter(|until| *until <= day));
        }
    }
}

/// The way by which it would: a commitment that is past its day is broken years later, and so shown for a year more. That it is withdrawn
/// counts all the same.
#[test]
fn a_commitment_past_its_day_is_not_broken_by_a_source() {
    let table = ClassTable::national().unwrap();
    let classes = published(&table);
    let item = item(&table, 2, Some(100));
    let told = [
        (ItemEvent::Break, 1000, ItemStatus::Committed),
        (ItemEvent::Repair, 1100, ItemStatus::Committed),
        (ItemEvent::Withdraw, 1200, ItemStatus::Withdrawn),
    ];
    let mut records = vec![record(SourceEvent::Record(item))];
    for (event, days, stands) in told {
        let day = begun().plus_days(days);
        records.push(record(SourceEvent::Follow(follow(event, day, true))));
        let seen = view(&classes, &records, day).unwrap();
        assert_eq!((seen.status, seen.is_shown(day.start())), (stands, false), "{event:?}");
    }
}
