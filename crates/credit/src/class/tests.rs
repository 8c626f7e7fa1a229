use std::collections::BTreeSet;

use super::*;

fn code(text: &str) -> ClassCode {
    ClassCode::new(text).unwrap()
}

fn date(text: &str) -> Date {
    Date::parse(text).unwrap()
}

#[test]
fn the_national_table_names_a_source_for_every_row() {
    let (table, forms) = (ClassTable::national().unwrap(), Forms::standard().unwrap());
    assert!(table.classes().count() >= 19 && table.measures().count() >= 10);
    for class in table.classes() {
        assert!(!class.source.is_empty(), "{}", class.reference);
        assert_eq!(table.version(&class.reference), Some(class));
        let act = table.publish(class, &forms).unwrap();
        assert_eq!(act.version, class.reference.version);
        assert_eq!(forms.must_be_published(&class.form, &act), forms.form(&class.form));
    }
    let groups: BTreeSet<_> = table.classes().map(|class| class.group.as_str()).collect();
    assert_eq!(groups.len(), 12, "the twelve groups of the catalogue");
}

#[test]
fn history_is_judged_by_the_rules_of_its_day() {
    let table = ClassTable::national().unwrap();
    for (class, decided, version, min, max) in [
        ("penalty.ordinary", "2023-05-01", 1, 3, Some(36)),
        ("penalty.ordinary", "2026-03-31", 1, 3, Some(36)),
        ("penalty.ordinary", "2026-04-01", 2, 3, Some(12)),
        ("penalty.serious", "2026-03-31", 1, 12, Some(36)),
        ("penalty.serious", "2026-04-01", 2, 12, Some(36)),
        ("penalty.minor", "2026-04-01", 2, 0, Some(3)),
        ("licence", "2026-04-01", 1, 0, None),
    ] {
        let found = table.at(&code(class), date(decided)).unwrap();
        let got = (found.reference.version, found.term.min_months, found.term.max_months);
        assert_eq!(got, (version, min, max), "{class} on {decided}");
    }
    assert!(table.at(&code("penalty.ordinary"), date("2023-04-30")).is_err());
    assert!(table.at(&code("unknown"), date("2026-04-30")).is_err());
}

/// Else who publishes late would have a subject punished for longer than the law says.
#[test]
fn what_speaks_against_a_subject_is_no_older_when_published_than_its_term_is_long() {
    let table = ClassTable::national().unwrap();
    for class in table.classes() {
        assert!(class.unsure.iter().any(|name| name == "limits.age_days"), "{}", class.reference);
        if class.degree == Degree::None {
            continue;
        }
        let longest = class.term.max_months.expect("what is adverse expires");
        for day in (0..4 * 366).map(|n| date("2023-01-01").plus_days(n)) {
            let oldest = day.minus_days(class.limits.age_days);
            assert!(day <= oldest.plus_months(longest), "{} on {day}", class.reference);
        }
    }
}

/// What another act rests on is recorded by an act of its own: no act finds an item of a batch.
#[test]
fn what_lists_and_measures_rest_on_comes_in_no_batch() {
    let table = ClassTable::national().unwrap();
    let lists = table.classes().filter_map(|class| class.list.as_ref());
    let mut found: BTreeSet<_> = lists.flat_map(|list| &list.excludes).collect();
    found.extend(table.classes().flat_map(|class| &class.rests_on));
    found.extend(table.classes().filter(|c| c.kind.is_list()).map(|c| &c.reference.code));
    assert_eq!(found.len(), 5);
    for code in found {
        assert_eq!(table.newest(code).unwrap().batch, 0, "{code}");
    }
}

/// A fact is recorded however long ago it was decided: a registration of 2010 today.
#[test]
fn facts_of_before_the_catalogue_have_a_class() {
    let table = ClassTable::national().unwrap();
    for (class, decided) in [
        ("registration", "2010-05-06"),
        ("licence", "2010-05-06"),
        ("title", "2001-02-03"),
        ("confirmation", "1999-12-31"),
        ("intellectual-property", "2008-08-08"),
        ("contract", "2021-01-01"),
    ] {
        let class = table.at(&code(class), date(decided)).unwrap();
        let age = Date::parse("2026-11-30").unwrap().minus_days(class.limits.age_days);
        assert!(age < date(decided), "{}", class.reference);
    }
}

const ROW: &str = r#"table = "t"

[[class]]
code = "a"
version = 1
name = "n"
group = "g"
kind = "penalty"
degree = "minor"
disclosure = "public"
valid_from = "2026-01-01"
laws = ["b", "a"]
form = "penalty"
term = { base = "decision", min_months = 1, max_months = 3 }
limits = { publish_days = 7, age_days = 100, objection_days = 5, withdraw_days = 3 }
source = "s"
"#;

#[test]
fn a_row_that_does_not_fit_is_told_with_its_line() {
    let table = ClassTable::from_toml(ROW).unwrap();
    let class = table.at(&code("a"), date("2026-01-01")).unwrap();
    assert!(class.may_rest_on(&Text::new("a").unwrap()), "laws are sorted");
    for (good, bad, line, why) in [
        ("code = \"a\"", "code = \"a b\"", 3, "class"),
        ("version = 1", "version = 2", 3, "next version"),
        ("kind = \"penalty\"", "kind = \"fine\"", 3, "fine"),
        ("\"minor\"", "\"grave\"", 3, "degree"),
        ("\"public\"", "\"all\"", 3, "disclosure"),
        ("2026-01-01", "2026-02-30", 3, "2026-02-30"),
        ("[\"b\", \"a\"]", "[\"a\", \"a\"]", 3, "laws"),
        ("[\"b\", \"a\"]", "[]", 3, "laws"),
        ("min_months = 1", "min_months = 4", 3, "max_months"),
        ("objection_days = 5", "objection_days = 0", 3, "days"),
        ("source = \"s\"", "source = \" \"", 3, "source"),
        ("source = \"s\"", "source = \"s\"\nsauce = 1", 17, "sauce"),
        ("version = 1", "version = \"1\"", 5, "string"),
        ("version = 1", "version = ", 5, ""),
        ("laws", "rests_on = [\"z\"]\nlaws", 1, "no class z"),
        ("laws", "rests_on = [\"a\"]\nbatch = 1\nlaws", 3, "expected batch = 0, got 1"),
        ("kind = \"penalty\"", "kind = \"black-list\"", 3, "list"),
        ("source =", "list = { measures = [\"m\"], lift_days = 3 }\nsource =", 3, "no measure m"),
        ("source =", "list = { lift_days = 3 }\nsource =", 3, "list"),
        ("kind = \"penalty\"", "footing = \"both\"\nkind = \"penalty\"", 3, "footing"),
    ] {
        let error = ClassTable::from_toml(&ROW.replacen(good, bad, 1)).unwrap_err();
        let Error::ConfigBad { line: found, why: words, .. } = &error else { panic!("{error:?}") };
        assert!(words.contains(why), "{bad}: {error}");
        assert_eq!(*found, line, "{bad}: {error}");
    }
    let twice = ROW.replace("table = \"t\"\n", "");
    let next = |from: &str| {
        let row = twice.replace("version = 1", "version = 2").replace("2026-01-01", from);
        ClassTable::from_toml(&[ROW, &row].concat())
    };
    assert!(next("2026-06-01").is_err(), "the first version has no end");
    assert!(ClassTable::from_toml(&"#".repeat(FILE_MAX + 1)).is_err());
}

#[test]
fn what_was_published_stays_what_it_was_when_the_file_grows() {
    let table = ClassTable::national().unwrap();
    let code = ClassCode::new("penalty.ordinary").unwrap();
    let of = |version| table.version(&ClassReference { code: code.clone(), version }).unwrap();
    let forms = Forms::standard().unwrap();
    let publish = |class| table.publish(class, &forms).unwrap();
    let (first, second) = (publish(of(1)), publish(of(2)));
    assert!(table.says(&first) && table.says(&second));
    let open = PublishClass { valid_until: None, ..first.clone() };
    let other_file = PublishClass { definition: Digest::ZERO, ..open.clone() };
    assert!(table.says(&open) && table.says(&other_file), "its successor ended it");
    for (why, lie) in [
        ("an earlier end", PublishClass { valid_until: Some(first.valid_from), ..first.clone() }),
        ("an end without a successor", {
            let until = Some(second.valid_from.plus_days(400));
            PublishClass { valid_until: until, ..second }
        }),
        ("another class", PublishClass { batch: first.batch + 1, ..open.clone() }),
        ("no such version", PublishClass { version: 9, ..open }),
    ] {
        assert!(!table.says(&lie), "{why}");
    }
}
