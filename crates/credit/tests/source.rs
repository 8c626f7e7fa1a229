//! A source from rows to anchored batches: what goes in comes out with a proof, a kill changes nothing, and an auditor comes to the same.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that fails has failed its test")]

#[path = "rig/rows.rs"]
mod rows;

use std::{
    cell::{Cell, RefCell},
    io::Cursor,
    rc::Rc,
};

use proptest::prelude::*;
use rows::{AUTHORITY, HEADER, LIST, company, follow, import_into, job, row, rules, seed};
use yinxin_credit::{
    Content, Error, Forms,
    source::{
        Audit, Importer, Job, Lookup, Manifest, MemoryStore, Reject, Rows, SourceEvent,
        SourceRecord, SourceStore, Stored,
    },
};
use yinxin_gm::Digest;
use yinxin_merkle::{log, state::EMPTY, wire::Wire};
use yinxin_record::{EventChain, Subject};

/// Rows of companies that come again and again, one of five with several records.
fn csv(rows: u32) -> String {
    let mut text = format!("{HEADER}\n");
    for i in 0..rows {
        let company = company(if i % 5 == 0 { i % 7 } else { i });
        text.push_str(&row(&company, &format!("no-{i}")));
    }
    text
}

/// What is imported, and what is not.
fn import<S: SourceStore>(
    store: S,
    text: &str,
    job: Job,
) -> Result<(Vec<Manifest>, Vec<Reject>), Error> {
    import_into(store, text, job).map(|(_, manifests, rejects)| (manifests, rejects))
}

/// A store shared with the test, that stops after so many writes.
#[derive(Clone, Default)]
struct Shared {
    inner: Rc<RefCell<MemoryStore>>,
    left: Rc<Cell<Option<u32>>>,
}

impl Shared {
    fn write<T>(&self, act: impl FnOnce(&mut MemoryStore) -> Result<T, Error>) -> Result<T, Error> {
        match self.left.get() {
            Some(0) => return Err(Error::Io { why: "killed".to_owned() }),
            Some(left) => self.left.set(Some(left - 1)),
            None => {}
        }
        act(&mut self.inner.borrow_mut())
    }
}

impl SourceStore for Shared {
    fn last(&self) -> Result<Option<Manifest>, Error> {
        self.inner.borrow().last()
    }
    fn manifest(&self, sequence: u64) -> Result<Option<Manifest>, Error> {
        self.inner.borrow().manifest(sequence)
    }
    fn page(&self, page: u32, sequence: u64) -> Result<Option<Vec<u8>>, Error> {
        self.inner.borrow().page(page, sequence)
    }
    fn records(&self, first: u64, count: u64) -> Result<Vec<Stored>, Error> {
        self.inner.borrow().records(first, count)
    }
    fn records_at(&self, positions: &[u64]) -> Result<Vec<Stored>, Error> {
        self.inner.borrow().records_at(positions)
    }
    fn roots(&self, sequence: u64) -> Result<Vec<Digest>, Error> {
        self.inner.borrow().roots(sequence)
    }
    fn put_records(&mut self, first: u64, records: &[Stored]) -> Result<(), Error> {
        self.write(|s| s.put_records(first, records))
    }
    fn put_page(&mut self, page: u32, sequence: u64, bytes: &[u8]) -> Result<(), Error> {
        self.write(|s| s.put_page(page, sequence, bytes))
    }
    fn put_roots(&mut self, sequence: u64, roots: &[Digest]) -> Result<(), Error> {
        self.write(|s| s.put_roots(sequence, roots))
    }
    fn commit(&mut self, manifest: &Manifest) -> Result<(), Error> {
        self.write(|s| s.commit(manifest))
    }
}

#[test]
fn what_goes_in_comes_out_with_its_proof() {
    let store = Shared::default();
    let (manifests, rejects) = import(store.clone(), &csv(700), job(300, 2)).unwrap();
    assert_eq!((manifests.len(), rejects.len()), (3, 0));
    assert_eq!(manifests[0].batch.before, EMPTY);
    assert!(manifests.windows(2).all(|w| w[0].batch.after == w[1].batch.before));
    let store = store.inner.borrow();
    let lookup = Lookup::open(&*store, 3).unwrap();
    let root = lookup.manifest().batch.after;
    for n in [0, 3, 11, 699] {
        let subject = Subject::parse(&company(n)).unwrap();
        let found = lookup.subject(&subject).unwrap();
        found.proof.verify(&root, &subject).unwrap();
        let ids: Vec<Digest> = found.records.iter().map(|s| SourceRecord::id(&s.record)).collect();
        assert_eq!(found.proof.chain, Some(EventChain::replay(&subject, &ids)));
        for ((stored, position), id) in found.records.iter().zip(&found.positions).zip(&ids) {
            let record = SourceRecord::from_der(&stored.record).unwrap();
            let SourceEvent::Record(item) = record.event else { panic!("no item") };
            let content = Content::from_der(&stored.content).unwrap();
            let salt = Lookup::<MemoryStore>::salt(&seed(), &subject, &stored.content);
            assert_eq!(content.digest(&salt), item.content);
            let (manifest, index) = lookup.batch_of(*position).unwrap();
            let path = lookup.path(&manifest, index).unwrap();
            let leaf = log::leaf_hash(id.as_bytes());
            let batch = &manifest.batch;
            log::verify_inclusion(&leaf, index, batch.count(), &path, &batch.records).unwrap();
        }
        assert!(found.proof.verify(&EMPTY, &subject).is_err());
    }
    let nobody = Subject::parse(&company(5000)).unwrap();
    let found = lookup.subject(&nobody).unwrap();
    assert!(found.records.is_empty() && found.proof.chain.is_none());
    found.proof.verify(&root, &nobody).unwrap();
    let older = Lookup::open(&*store, 2).unwrap();
    let first = Subject::parse(&company(0)).unwrap();
    let before = older.subject(&first).unwrap();
    before.proof.verify(&manifests[1].batch.after, &first).unwrap();
    assert!(before.records.len() < lookup.subject(&first).unwrap().records.len());
}

/// Of rising positions those of one batch are found together: the last of a batch and the first of the next are not of one.
#[test]
fn positions_on_both_sides_of_a_border_are_in_their_own_batches() {
    let (store, manifests, _) =
        import_into(MemoryStore::default(), &csv(700), job(300, 1)).unwrap();
    assert_eq!(manifests.iter().map(|m| m.batch.count()).collect::<Vec<_>>(), [300, 300, 100]);
    let lookup = Lookup::open(&store, 3).unwrap();
    let places = [
        (0, (1, 0)),
        (298, (1, 298)),
        (299, (1, 299)),
        (300, (2, 0)),
        (301, (2, 1)),
        (599, (2, 299)),
        (600, (3, 0)),
        (699, (3, 99)),
    ];
    let (positions, expected): (Vec<u64>, Vec<_>) = places.into_iter().unzip();
    assert_eq!(lookup.batches_of(&positions).unwrap(), expected);
    for (position, place) in places {
        let (manifest, index) = lookup.batch_of(position).unwrap();
        assert_eq!((manifest.batch.sequence, index), place);
    }
    let missing = |n: u64| Err(Error::NotFound { what: "position", name: n.to_string() });
    assert_eq!(lookup.batches_of(&[699, 700]), missing(700));
    let older = Lookup::open(&store, 2).unwrap();
    assert_eq!(older.batches_of(&[300, 599]).unwrap(), [(2, 0), (2, 299)]);
    assert_eq!(older.batches_of(&[599, 600]), missing(600));
}

#[test]
fn a_kill_at_any_write_changes_nothing() {
    let text = csv(400);
    let (expected, _) = import(Shared::default(), &text, job(150, 1)).unwrap();
    for (kill, threads) in (0..1200).step_by(61).zip([1, 2].into_iter().cycle()) {
        let store = Shared::default();
        store.left.set(Some(kill));
        let killed = import(store.clone(), &text, job(150, threads)).is_err();
        store.left.set(None);
        import(store.clone(), &text, job(150, threads)).unwrap();
        let store = store.inner.borrow();
        for manifest in &expected {
            let found = store.manifest(manifest.batch.sequence).unwrap();
            assert_eq!(found.as_ref(), Some(manifest), "killed {killed} at {kill}");
        }
        assert_eq!(store.last().unwrap().as_ref(), expected.last());
    }
}

/// A batch ends after so many bytes of the input, on whatever thread and after whatever stop.
#[test]
fn a_batch_ends_at_a_limit_of_bytes_too() {
    let text = csv(400);
    let (rules, forms) = (rules(), Forms::standard().unwrap());
    let open = |store, threads, stop: usize| {
        let importer = Importer::open(&rules, &forms, seed(), store, job(1_000, threads)).unwrap();
        let mut importer = importer.with_bytes(10_000);
        let mut rows = Rows::csv(Cursor::new(text.as_bytes().to_vec())).unwrap();
        rows.seek(&importer.place()).unwrap();
        let mut next = || importer.next_batch(&mut rows, &mut Vec::new(), &mut |_| {}).unwrap();
        let made: Vec<_> = core::iter::from_fn(&mut next).take(stop).collect();
        (importer.into_store(), made)
    };
    let (_, whole) = open(MemoryStore::default(), 1, usize::MAX);
    let ends: Vec<u64> = whole.iter().map(|m| m.place.offset).collect();
    assert!(ends.len() > 3 && ends.is_sorted() && ends.last() == Some(&(text.len() as u64)));
    let longest = text.lines().map(str::len).max().unwrap() as u64;
    assert!(ends.windows(2).all(|pair| pair[1] - pair[0] <= 10_000 + longest), "{ends:?}");
    let (store, first) = open(MemoryStore::default(), 2, 2);
    let (_, rest) = open(store, 3, usize::MAX);
    assert_eq!([first, rest].concat(), whole);
}

type Change<'a> = &'a dyn Fn(usize, &mut Manifest, &mut Vec<Vec<u8>>);

#[test]
fn an_auditor_comes_to_the_same_and_a_liar_is_found() {
    let store = Shared::default();
    let mut text = csv(300);
    text.push_str(&follow("repair", "2026-10-01", LIST, &company(1), "p-1"));
    text.push_str(&row(&company(2), "b-1").replacen(",,,", &format!(",,{LIST},"), 1));
    text.push_str(&follow("withdraw", "2026-10-01", LIST, &company(2), "b-1"));
    let (manifests, rejects) = import(store.clone(), &text, job(200, 1)).unwrap();
    assert_eq!(rejects.len(), 1, "the item that is repaired does not exist: {rejects:?}");
    let store = store.inner.borrow();
    let records = |m: &Manifest| {
        let stored = store.records(m.first, m.batch.count()).unwrap();
        stored.into_iter().map(|s| s.record).collect::<Vec<_>>()
    };
    let rules = rules();
    let audit = |change: Change<'_>| {
        let mut audit = Audit::new(&rules, MemoryStore::default());
        for (i, manifest) in manifests.iter().enumerate() {
            let (mut manifest, mut records) = (manifest.clone(), records(manifest));
            change(i, &mut manifest, &mut records);
            let stretches: Vec<_> = records.chunks(64).map(|c| Ok(c.to_vec())).collect();
            audit.batch(&manifest.batch, stretches)?;
        }
        Ok::<_, Error>(())
    };
    audit(&|_, _, _| ()).unwrap();
    let lies: [(&str, Change<'_>); 7] = [
        ("a record left out", &|i, _, r| r.truncate(r.len() - usize::from(i == 1))),
        ("a record twice", &|_, _, r| r.insert(1, r[0].clone())),
        ("two records change places", &|_, _, r| r.swap(0, 9)),
        ("another root", &|_, m, _| m.batch.after = Digest([1; 32])),
        ("another start", &|i, m, _| m.batch.before.0[0] ^= u8::from(i == 1)),
        ("late ones not counted", &|_, m, _| m.batch.counts[0].late += 1),
        ("what had no day counted as in time", &|_, m, _| m.batch.counts[0].due += 1),
    ];
    for (why, lie) in lies {
        assert!(audit(lie).is_err(), "{why}");
    }
}

#[test]
fn rows_that_the_rules_refuse_are_told_with_line_and_reason() {
    let one = company(1);
    let good = row(&one, "1");
    let other = |from: &str, to: &str| good.replace(from, to).replace(",1,", ",2,");
    let cases = [
        ("a second time", good.clone(), "recorded"),
        ("not decided yet", other("2026-03-02", "2026-03-06"), "date"),
        ("published later", other("2026-03-05", "2026-11-23"), "date"),
        ("shown too long", other("2026-03-02,,", "2026-03-02,2029-03-03,"), "date"),
        ("no class", other(",,,2026", ",,nothing,2026"), "not-found"),
        ("no event", other(",,,2026", "erase,,,2026"), "value"),
        ("before the class", other("2026-03-02", "2019-03-02"), "not-found"),
        ("no such item", follow("withdraw", "2026-10-01", "", &one, "9"), "not-found"),
        ("no check character", other(&one, "913301000000000001"), "value"),
        ("repair of what has none", follow("repair", "2026-10-01", "", &one, "1"), "value"),
        ("withdrawn too early", follow("withdraw", "2026-01-01", "", &one, "1"), "date"),
        ("too few columns", "1,2,3\n".to_owned(), "value"),
    ];
    let text = cases.iter().fold(format!("{HEADER}\n{good}"), |text, (_, row, _)| text + row);
    let (manifests, rejects) = import(MemoryStore::default(), &text, job(100, 2)).unwrap();
    assert_eq!(manifests.iter().map(|m| m.batch.count()).sum::<u64>(), 1);
    assert_eq!(rejects.len(), cases.len(), "{rejects:?}");
    for (line, ((why, _, code), reject)) in (3..).zip(cases.iter().zip(&rejects)) {
        assert_eq!((reject.line, reject.error.code()), (line, *code), "{why}: {}", reject.error);
    }
}

#[test]
fn lateness_is_counted_by_the_calendar() {
    let header = "event,day,class,published,pseudonym,XK_WSH,XK_JDRQ,XK_XDR_LB,XK_XDR_SHXYM,\
                  XK_XDR_MC,XK_XKWS,XK_XKLB,XK_NR,XK_YXQZ,XK_YXQZI,XK_XKJG,XK_XKJGDM,XK_LYDW,XK_LYDWDM";
    let rest = format!(
        "02,{},某公司,许可决定书,01,内容,2026-01-01,2027-01-01,某局,{AUTHORITY},某局,{AUTHORITY}",
        company(1)
    );
    let rows = ["1,2026-09-24,2026-10-12", "2,2026-09-24,2026-10-13", "3,2019-09-24,2026-10-13"];
    let row = |row: &str| {
        let parts: Vec<&str> = row.split(',').collect();
        format!(",,licence,{},,{},{},{rest}\n", parts[2], parts[0], parts[1])
    };
    let text = format!("{header}\n{}", rows.map(row).concat());
    let (manifests, rejects) = import(MemoryStore::default(), &text, job(100, 1)).unwrap();
    assert_eq!(rejects, []);
    let batch = &manifests[0].batch;
    // Seven working days after 24 September 2026, with the National Day between, is 12 October.
    assert_eq!((batch.count(), batch.due(), batch.late(), manifests[0].unjudged), (3, 2, 1, 1));
}

/// Rows of 60 items of a few companies, some corrected, dealt out so that the rows of one company keep their order.
fn dealt(turns: &[usize]) -> String {
    let mut hands: Vec<Vec<String>> = vec![Vec::new(); 6];
    for i in 0..60_u32 {
        let (of, number) = (company(i % 6), format!("no-{i}"));
        let hand = &mut hands[usize::try_from(i % 6).unwrap()];
        hand.push(row(&of, &number));
        if i % 4 == 0 {
            hand.push(follow("withdraw", "2026-04-01", "inspection", &of, &number));
        }
    }
    let mut text = format!("{HEADER}\n");
    let mut turns = turns.iter().cycle();
    while hands.iter().any(|hand| !hand.is_empty()) {
        let full: Vec<usize> = (0..hands.len()).filter(|at| !hands[*at].is_empty()).collect();
        let at = full[turns.next().unwrap() % full.len()];
        text.push_str(&hands[at].remove(0));
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// What a batch commits to does not say in which order the rows of different companies came.
    #[test]
    fn rows_of_different_companies_have_no_order(turns in prop::collection::vec(0..720_usize, 1..80)) {
        let batch = |turns: &[usize]| {
            let (manifests, rejects) =
                import(MemoryStore::default(), &dealt(turns), job(1_000, 2)).unwrap();
            assert!(rejects.is_empty(), "{rejects:?}");
            let [manifest] = &manifests[..] else { panic!("one batch") };
            manifest.batch.clone()
        };
        prop_assert_eq!(batch(&turns), batch(&[0]));
    }
}
