//! What an import takes of its rows, and what it says of those that it does not take.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that fails has failed its test")]

#[path = "rig/rows.rs"]
#[allow(dead_code, reason = "shared by several tests")]
mod rows;

use yinxin_credit::{
    Error,
    source::{Audit, Manifest, MemoryStore, SourceStore},
};

use rows::{HEADER, company, follow, import_into, job, row, rules};

fn import(text: &str, batch: usize) -> (MemoryStore, Vec<Manifest>, Vec<(u64, Error)>) {
    let (store, manifests, rejects) =
        import_into(MemoryStore::default(), text, job(batch, 2)).unwrap();
    (store, manifests, rejects.into_iter().map(|reject| (reject.line, reject.error)).collect())
}

#[test]
fn no_column_is_passed_over() {
    let unknown =
        |text: &str, name: &str| match import_into(MemoryStore::default(), text, job(10, 1)) {
            Err(Error::ColumnUnknown { column, known }) => {
                assert_eq!(column, name);
                assert!(known.iter().any(|k| k == "published") && known.iter().any(|k| k == "JZQ"));
            }
            other => panic!("{name}: {other:?}"),
        };
    let text = format!("{HEADER}\n{}", row(&company(1), "1"));
    unknown(&text.replace("published", "publishd"), "publishd");
    unknown(&text.replace("JZQ", "jzq"), "jzq");
    // A file that was meant for another class, or that has no header.
    unknown(
        &text.replace("class,", "").replace("JZQ", "CF_GSJZQ").replace(",,,2", ",,2"),
        "CF_GSJZQ",
    );
    unknown(&text.replace("NR", "99010119900307004X"), "…");
    // Where rows name their classes, each is held to its own form.
    let wide = format!(
        "{HEADER},CF_GSJZQ\n{}{}",
        row(&company(1), "1").replace('\n', ",\n"),
        row(&company(1), "2").replace('\n', ",2028-01-01\n"),
    );
    let (_, manifests, rejects) = import(&wide, 10);
    assert_eq!(manifests[0].batch.count(), 1);
    let [(3, Error::ValueBad { field, .. })] = &rejects[..] else { panic!("{rejects:?}") };
    assert_eq!(field, "CF_GSJZQ");
}

#[test]
fn no_reject_repeats_a_citizen_number() {
    const NUMBER: &str = "99010119900307004X";
    let good = row(&company(1), "1");
    let cells: Vec<&str> = good.trim_end().split(',').collect();
    // However it is written, and in whatever column; what happens to an item has a day and a decision.
    let cut = format!("{}{NUMBER}", "x".repeat(15));
    for number in [NUMBER, "990101\u{200b}19900307\u{3000}004x", &cut] {
        let mut text = format!("decision,{HEADER}\n");
        for at in 0..cells.len() {
            let mut cells = cells.clone();
            cells[at] = number;
            text += &format!(",{}\n", cells.join(","));
        }
        text += &format!(",{}", follow("withdraw", number, "inspection", &company(1), "1"));
        text += &format!(
            "{number},{}",
            follow("withdraw", "2026-04-01", "inspection", &company(1), "1")
        );
        let (_, _, rejects) = import(&text, 100);
        // A day beside a record says nothing; all others are refused.
        assert_eq!(rejects.len(), cells.len() + 1, "{rejects:?}");
        for (line, error) in &rejects {
            let (en, debug) = (error.to_string(), format!("{error:?}"));
            assert!(!en.contains("9901") && !debug.contains("9901"), "{line}: {debug}");
        }
    }
}

/// A batch as an auditor re-executes it, with so many records in memory.
fn audit(
    store: &MemoryStore,
    manifests: &[Manifest],
    held: usize,
    more: usize,
) -> Result<(), Error> {
    let rules = rules();
    let mut audit = Audit::new(&rules, MemoryStore::default()).holding(held);
    for manifest in manifests {
        let stored = store.records(manifest.first, manifest.batch.count()).unwrap();
        let mut records: Vec<_> = stored.into_iter().map(|stored| stored.record).collect();
        records.extend(records.last().cloned().into_iter().cycle().take(more));
        audit.batch(&manifest.batch, [Ok(records)])?;
    }
    Ok(())
}

#[test]
fn how_much_an_auditor_holds_changes_nothing() {
    let mut text = format!("{HEADER}\n");
    for i in 0..120 {
        let (of, number) = (company(i % 5), format!("no-{i}"));
        text += &row(&of, &number);
        if i % 3 == 0 {
            text += &follow("withdraw", "2026-04-01", "inspection", &of, &number);
        }
    }
    let (store, manifests, rejects) = import(&text, 70);
    assert_eq!((rejects.len(), manifests.len()), (0, 3));
    for held in [1, 2, 3, 7, 1_000] {
        audit(&store, &manifests, held, 0).unwrap();
        let more = audit(&store, &manifests, held, 1).unwrap_err();
        assert!(matches!(more, Error::RecordRefused { .. } | Error::Mismatch { .. }), "{more}");
    }
}

#[test]
fn nobody_has_more_records_than_can_be_looked_up() {
    const MOST: u32 = 100_000;
    let rows: String = (0..MOST + 2).map(|i| row(&company(1), &i.to_string())).collect();
    let one_more = follow("withdraw", "2026-04-01", "inspection", &company(1), "7");
    let text = format!("{HEADER}\n{rows}{one_more}{}", row(&company(2), "1"));
    let (store, manifests, rejects) = import(&text, 60_000);
    let too_many = |(_, error): &(u64, Error)| matches!(error, Error::TooMany { .. });
    assert!(rejects.len() == 3 && rejects.iter().all(too_many), "{rejects:?}");
    assert_eq!(rejects[0].0, u64::from(MOST) + 2);
    assert_eq!(manifests.iter().map(|m| m.batch.count()).sum::<u64>(), u64::from(MOST) + 1);
    audit(&store, &manifests, 1 << 16, 0).unwrap();
}
