//! A source of millions on a ledger of four processes: rows to batches that are anchored and can be looked up in, bytes on disk, how long
//! a look-up takes, and how all that grows.
//!
//! `cargo build --release -p yinxin-cli && cargo bench --profile release -p yinxin-tests --bench credit -- RECORDS [FOLDER] [BATCH] [most=MS]`: that
//! many rows in 25 files, each imported by a process of its own; draws `credit-growth.svg` in the folder. A folder that a run before left is
//! only looked up in. With `most` it fails if one look-up at rest in a hundred takes longer, or a record more than 1,024 bytes.

#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    missing_docs,
    reason = "a bench that fails has failed, and draws to the nearest pixel"
)]

#[path = "../cli/src/credit/store.rs"]
#[allow(dead_code, unused_imports, reason = "its tests are the command line's")]
mod store;

#[path = "credit_bench/chart.rs"]
mod chart;
#[path = "credit_bench/rows.rs"]
mod rows;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use yinxin_credit::source::{AsOf, Lookup, SourceStore};
use yinxin_receipt::StatusProof;
use yinxin_record::{OrganisationCode, SourceState, Subject, Wire, state_key};
use yinxin_tests::cluster::{Cluster, wait_for};

use chart::Point;
use rows::AUTHORITY;
use store::RocksSource;

/// Look-ups that are timed at each point.
const LOOKUPS: u32 = 2_000;
/// Points of the curve.
const POINTS: u64 = 25;

fn main() {
    let said = || std::env::args().skip(1).filter(|a| a != "--bench");
    let most: Option<f64> =
        said().find_map(|a| a.strip_prefix("most=").map(|n| n.parse().unwrap()));
    let mut args = said().filter(|a| !a.starts_with("most="));
    let records: u64 = args.next().map_or(100_000, |a| a.parse().unwrap());
    let folder =
        args.next().map_or_else(|| std::env::temp_dir().join("yinxin-credit"), PathBuf::from);
    let batch: u64 = args.next().map_or(500_000, |a| a.parse().unwrap());
    std::fs::create_dir_all(&folder).unwrap();
    let folder = folder.canonicalize().unwrap();
    let table = folder.join("store/records");
    if !table.exists() {
        Town::start(&folder, batch).grow(records);
    }
    at_rest(&table, most);
}

/// Look-ups in a store that was opened anew and has nothing else to do, twice.
fn at_rest(table: &Path, most: Option<f64>) {
    let store = RocksSource::open_to_read(table).unwrap();
    let at = Arc::new(AsOf::read(&store, store.last().unwrap().unwrap().batch.sequence).unwrap());
    let batch = &at.manifest().batch;
    let (records, root) = (at.manifest().first + batch.count(), batch.after);
    let bytes = size_of(table) / records;
    println!("STORE {records} records, {bytes} bytes a record");
    assert!(most.is_none() || bytes <= 1_024, "a kibibyte a record at most");
    for what in ["first", "again"] {
        let cpu = processor_seconds();
        let times = look_up(&Lookup::at(&store, at.clone()), &root, records);
        let used = (processor_seconds() - cpu) * 1000.0 / f64::from(LOOKUPS);
        let at = |part: usize| times[(times.len() * part / 1000).min(times.len() - 1)];
        println!(
            "LOOK-UP {what}: median {:.3} ms, 90 % {:.3} ms, 99 % {:.3} ms, slowest {:.3} ms; {used:.3} ms of the processor each, checked",
            at(500),
            at(900),
            at(990),
            at(1000)
        );
        if let Some(most) = most {
            assert!(at(990) <= most, "{what}: {:.1} ms at 99 %, at most {most} ms", at(990));
        }
    }
}

/// A source, the ledger of four processes that it anchors its batches on, and the folder of its store.
struct Town<'a> {
    cluster: Cluster,
    folder: &'a Path,
    batch: u64,
}

impl<'a> Town<'a> {
    fn start(folder: &'a Path, batch: u64) -> Self {
        let this = Self { cluster: Cluster::start(), folder, batch };
        // A state is proven by a block.
        wait_for(Duration::from_secs(60), || this.cluster.height(1).filter(|height| *height > 0))
            .expect("a first block");
        // The third department publishes the nation's classes.
        this.cluster.place().ok(&format!(
            "credit publish penalty.ordinary --receipts receipts {}",
            this.signed_by(3)
        ));
        this
    }

    fn signed_by(&self, n: usize) -> String {
        let node = self.cluster.http(1);
        format!(
            "--key n{n}/org.key --cert n{n}/org.cer --password-file pw --trust trust --node {node}"
        )
    }

    /// From no record to all, file by file.
    fn grow(&self, records: u64) {
        println!(
            "records,seconds,bytes,bytes a record,p50 ms,p99 ms,slowest ms,rows a second,batches on the ledger"
        );
        let each = (records / POINTS).max(1);
        let (mut points, mut seconds, mut done, mut bytes_in) = (Vec::new(), 0.0, 0, 0);
        while done < records {
            let some = each.min(records - done);
            // A file that was imported is known by its name. Rows come in files of one point each, so that the disk need not hold all of them.
            let path = self.folder.join(format!("rows-{done}.csv"));
            rows::write(&path, done, some);
            bytes_in += std::fs::metadata(&path).unwrap().len();
            let begun = Instant::now();
            let anchored = self.import(&path, done + some);
            let took = begun.elapsed().as_secs_f64();
            (seconds, done) = (seconds + took, done + some);
            std::fs::remove_file(path).unwrap();
            let latencies = self.look_up(&anchored);
            let bytes = size_of(&self.folder.join("store/records"));
            let point = Point { records: done, seconds, bytes, latencies };
            println!("{point},{:.0},{}", some as f64 / took, anchored.sequence);
            points.push(point);
            std::fs::write(self.folder.join("credit-growth.svg"), chart::draw(&points)).unwrap();
        }
        println!(
            "ANCHORED AND QUERYABLE: {done} records in {:.1} minutes; rows were {bytes_in} bytes",
            seconds / 60.0
        );
        self.cluster.stop_all();
    }

    /// Imports a file by a process that sends its batches to the ledger; done when another node than it talked to proves the last one,
    /// and a record of it is found under that root.
    fn import(&self, rows: &Path, records: u64) -> SourceState {
        let line = format!(
            "--json credit import {} --class penalty.ordinary --source {AUTHORITY} --store {} --batch {} {}",
            rows.display(),
            self.folder.join("store").display(),
            self.batch,
            self.signed_by(1)
        );
        let said = self.cluster.place().ends(&line, 0, &[]).json();
        assert_eq!(
            (&said["total"], &said["rejected"]),
            (&records.into(), &0.into()),
            "rows of the bench are good ones"
        );
        let whole = || self.anchored().filter(|state| state.records == records);
        let anchored = wait_for(Duration::from_secs(60), whole).expect("the ledger has them all");
        let last = Subject::parse(&rows::company(rows::subject_of(records - 1))).unwrap();
        let store = self.store();
        let lookup = Lookup::open(&store, anchored.sequence).unwrap();
        let found = lookup.subject(&last).unwrap();
        found.proof.verify(&anchored.root, &last).unwrap();
        assert!(!found.records.is_empty());
        anchored
    }

    /// What the third node proves of the source.
    fn anchored(&self) -> Option<SourceState> {
        let key = state_key::credit_source(&OrganisationCode::new(AUTHORITY).unwrap());
        let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        let answer = self.cluster.get(3, &format!("/v1/state/{hex}"))?;
        let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
        let proof = StatusProof::from_der(&STANDARD.decode(answer["der"].as_str()?).unwrap());
        proof.unwrap().value.map(|der| SourceState::from_der(&der).unwrap())
    }

    fn store(&self) -> RocksSource {
        RocksSource::open_to_read(&self.folder.join("store/records")).unwrap()
    }

    fn look_up(&self, anchored: &SourceState) -> Vec<f64> {
        let store = self.store();
        let lookup = Lookup::open(&store, anchored.sequence).unwrap();
        look_up(&lookup, &anchored.root, anchored.records)
    }
}

/// How long it takes to have all records of a subject, with the proof that these are all; milliseconds, rising. Proofs are checked, untimed.
fn look_up(lookup: &Lookup<'_, RocksSource>, root: &yinxin_gm::Digest, records: u64) -> Vec<f64> {
    let mut times: Vec<f64> = (0..LOOKUPS)
        .map(|i| {
            let n = rows::subject_of(u64::from(i).wrapping_mul(0x9e37_79b9_7f4a_7c15) % records);
            let subject = Subject::parse(&rows::company(n)).unwrap();
            let begun = Instant::now();
            let found = lookup.subject(&subject).unwrap();
            let took = begun.elapsed().as_secs_f64() * 1000.0;
            assert!(!found.records.is_empty());
            found.proof.verify(root, &subject).unwrap();
            took
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times
}

fn size_of(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).unwrap();
    files.map(|file| file.unwrap().metadata().map_or(0, |m| m.len())).sum()
}

/// What all threads of this process have used of the processors.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(") ").next().unwrap_or_default().split_whitespace();
    let ticks: u32 = fields.skip(11).take(2).filter_map(|t| t.parse::<u32>().ok()).sum();
    f64::from(ticks) / 100.0
}
