use proptest::prelude::*;
use yinxin_record::{ClassReference, OrganisationCode};

use super::*;

fn item(n: u8, class: &str, decided: &str, status: ItemStatus) -> CreditItem {
    let decided = Date::parse(decided).unwrap();
    CreditItem {
        id: Digest([n; 32]),
        source: None,
        class: ClassReference { code: ClassCode::new(class).unwrap(), version: 1 },
        authority: OrganisationCode::new("11430000006122244L").unwrap(),
        content: Digest::ZERO,
        decided,
        recorded: decided.start(),
        minimum: decided,
        until: Some(decided.plus_months(36)),
        status,
        disputed: false,
        repair_open: false,
        corrections: 0,
        late: false,
    }
}

fn at(text: &str) -> UnixTime {
    UnixTime::parse(text).unwrap()
}

fn score(items: &[CreditItem], as_of: &str) -> Score {
    let items: Vec<&CreditItem> = items.iter().collect();
    Formula::example().unwrap().score_items(&items, at(as_of)).unwrap()
}

#[test]
fn a_score_says_how_it_came_about_and_what_repair_would_change() {
    use ItemStatus as S;
    let items = [
        item(1, "penalty.ordinary", "2026-04-10", S::InForce),
        item(2, "penalty.ordinary", "2026-10-20", S::InForce),
        item(3, "commitment", "2026-05-01", S::Fulfilled),
        item(4, "commitment", "2026-05-01", S::Broken),
        item(5, "penalty.serious", "2026-05-01", S::Repaired),
    ];
    let found = score(&items, "2026-11-22");
    // 800 − 40·0.5 (seven months) − 40 (one month) + 10 − 50; what is repaired counts nothing.
    assert_eq!((found.points, found.grade.as_str()), (700, "良"));
    let ordinary = found.indicators.iter().find(|i| i.id == "penalty-ordinary").unwrap();
    let parts: Vec<_> = ordinary.items.iter().map(|c| (c.months, c.points, c.without)).collect();
    assert_eq!((ordinary.points, parts), (-60, vec![(7, -20, 720), (1, -40, 740)]));
    assert_eq!(found.definition, Formula::example().unwrap().digest().to_string());
    let listed = [&items[..], &[item(6, "blacklist.serious", "2026-06-01", S::InForce)]].concat();
    let listed = score(&listed, "2026-11-22");
    assert_eq!((listed.points, listed.capped_by.as_deref()), (300, Some("blacklist")));
    let list = listed.indicators.iter().find(|i| i.id == "blacklist").unwrap();
    assert_eq!(list.items[0].without, 700, "what leaving the list would change");
}

#[test]
fn time_alone_changes_a_score_and_both_are_computed_again() {
    let items = [item(1, "penalty.serious", "2026-05-01", ItemStatus::InForce)];
    for (as_of, points) in [
        ("2026-05-01", 680),
        ("2027-04-30", 680),
        ("2027-05-01", 710),
        ("2028-05-01", 740),
        ("2029-04-30", 740),
        ("2029-05-01", 800),
    ] {
        let once = score(&items, as_of);
        assert_eq!(once.points, points, "{as_of}");
        assert_eq!(score(&items, as_of), once);
    }
    let early = Formula::example().unwrap().score_items(&[], at("2026-03-31"));
    assert!(matches!(early, Err(Error::OutOfTime { .. })));
    assert_ne!(score(&items, "2026-06-01").inputs, score(&[], "2026-06-01").inputs);
}

#[test]
fn formulas_that_do_not_fit_are_told_with_their_line() {
    let text = include_str!("../../data/formula.toml");
    for (good, bad, line) in [
        ("start = 800", "start = 1800", 1),
        ("version = 1", "version = 0", 1),
        ("source = \"an example", "sauce = \"an example", 11),
        ("points = -10", "points = -10000000", 13),
        ("points = -10", "points = -10.5", 17),
        ("least = -50\n", "least = -50\nmost = -60\n", 13),
        ("thousandths = 500", "thousandths = 1500", 13),
        ("after = 2,", "after = 0,", 13),
        ("id = \"penalty-ordinary\"", "id = \"penalty-minor\"", 21),
        ("status = \"broken\"", "status = \"repaired\"", 61),
        ("from = 700", "from = 900", 87),
    ] {
        let error = Formula::from_toml(&text.replacen(good, bad, 1)).unwrap_err();
        let Error::ConfigBad { line: found, .. } = &error else { panic!("{error:?}") };
        assert!(found.abs_diff(line) <= 4, "{bad}: {error}");
    }
}

proptest! {
    #[test]
    fn no_items_break_it_and_their_order_does_not_matter(
        picks in prop::collection::vec((0_usize..6, 0_u32..2000, 0..ItemStatus::ALL.len()), 0..40),
        as_of in 20_600_i64..30_000,
    ) {
        let classes = ["penalty.minor", "penalty.ordinary", "penalty.serious", "commitment", "blacklist.serious", "licence"];
        let items: Vec<CreditItem> = (1_u8..).zip(&picks).map(|(n, (class, day, status))| {
            let decided = Date::from_days(19_500 + i64::from(*day)).unwrap().to_string();
            item(n, classes[*class], &decided, ItemStatus::ALL[*status])
        }).collect();
        let as_of = Date::from_days(as_of).unwrap().to_string();
        let found = score(&items, &as_of);
        prop_assert!((0..=1000).contains(&found.points));
        let mut other = items.clone();
        other.reverse();
        let other = score(&other, &as_of);
        prop_assert_eq!((other.points, other.inputs), (found.points, found.inputs));
        for counted in found.indicators.iter().flat_map(|i| &i.items) {
            let rest: Vec<_> = items.iter().filter(|i| i.id.to_string() != counted.item).cloned().collect();
            prop_assert_eq!(score(&rest, &as_of).points, counted.without);
        }
    }

    #[test]
    fn months_are_those_of_the_calendar(from in 0_i64..40_000, months_later in 0_u16..400) {
        let from = Date::from_days(from).unwrap();
        let until = from.plus_months(months_later);
        prop_assert!(months(from, until) >= u32::from(months_later));
        prop_assert!(from.plus_months(u16::try_from(months(from, until)).unwrap()) <= until);
    }
}
