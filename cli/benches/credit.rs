//! A source of millions: rows to batches that can go on a ledger, bytes on disk, how long a look-up takes, and how all that grows.
//!
//! `cargo bench --bench credit -- RECORDS [FOLDER]`; draws `credit-growth.svg` in the folder. A folder that a run before left is only
//! looked up in.

#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    missing_docs,
    reason = "a bench that fails has failed, and draws to the nearest pixel"
)]

#[path = "../src/credit/store.rs"]
#[allow(dead_code, unused_imports, reason = "its tests are the command line's")]
mod store;

#[path = "credit/chart.rs"]
mod chart;
#[path = "credit/rows.rs"]
mod rows;

use std::{
    io::{BufReader, Seek},
    path::{Path, PathBuf},
    time::Instant,
};

use yinxin_calendar::Calendar;
use yinxin_credit::{
    ClassTable, Forms,
    source::{Importer, Job, Lookup, Rows, SourceRules, SourceStore},
};
use yinxin_gm::sm3;
use yinxin_record::{ClassCode, Date, OrganisationCode, Subject};
use zeroize::Zeroizing;

use chart::Point;
use store::RocksSource;

/// Look-ups that are timed at each point.
const LOOKUPS: u32 = 2_000;
/// Points of the curve.
const POINTS: u64 = 25;

fn main() {
    let mut args = std::env::args().skip(1).filter(|a| a != "--bench");
    let records: u64 = args.next().map_or(100_000, |a| a.parse().unwrap());
    let folder =
        args.next().map_or_else(|| std::env::temp_dir().join("yinxin-credit"), PathBuf::from);
    let batch: usize = args.next().map_or(500_000, |a| a.parse().unwrap());
    std::fs::create_dir_all(&folder).unwrap();
    let table = folder.join("source");
    if !table.exists() {
        grow(&folder, &table, records, batch);
    }
    at_rest(&table);
}

/// Look-ups in a store that was opened anew and has nothing else to do, twice.
fn at_rest(table: &Path) {
    let begun = Instant::now();
    let store = RocksSource::open(table).unwrap();
    store.settle().unwrap();
    println!("SETTLED {:.1} s, {} bytes", begun.elapsed().as_secs_f64(), size_of(table));
    let last = store.last().unwrap().unwrap();
    let records = last.first + last.batch.count();
    for what in ["first", "again"] {
        let times = look_up(&store, last.batch.sequence, records);
        let at = |part: usize| times[(times.len() * part / 1000).min(times.len() - 1)];
        println!(
            "LOOK-UP {what}, {records} records: median {:.3} ms, 90 % {:.3} ms, 99 % {:.3} ms, slowest {:.3} ms",
            at(500),
            at(900),
            at(990),
            at(1000)
        );
    }
}

fn grow(folder: &Path, table: &Path, records: u64, batch: usize) {
    let rules = SourceRules::new(
        OrganisationCode::new(rows::AUTHORITY).unwrap(),
        ClassTable::national().unwrap(),
        Calendar::china().unwrap(),
    );
    let forms = Forms::standard().unwrap();
    let each = (records / POINTS).max(1);
    let job = Job {
        class: Some(ClassCode::new("penalty.ordinary").unwrap()),
        today: Date::parse("2026-11-22").unwrap(),
        input: sm3::digest(b"bench"),
        batch,
        threads: 2,
    };
    println!(
        "records,seconds,bytes,bytes a record,p50 ms,p99 ms,slowest ms,rows a second,resident MB"
    );
    let (mut points, mut seconds, mut done, mut bytes_in) = (Vec::new(), 0.0, 0, 0);
    while done < records {
        let some = each.min(records - done);
        // Rows come in files of one point each, so that the disk need not hold all of them.
        let path = folder.join("rows.csv");
        rows::write(&path, done, some);
        bytes_in += std::fs::metadata(&path).unwrap().len();
        let job = Job { input: sm3::digest(&done.to_be_bytes()), ..job.clone() };
        let (begun, cpu) = (Instant::now(), processor_seconds());
        let store = RocksSource::open(table).unwrap();
        let mut importer =
            Importer::open(&rules, &forms, Zeroizing::new([7; 32]), store, job).unwrap();
        let mut input = std::fs::File::open(&path).unwrap();
        input.rewind().unwrap();
        let mut rows = Rows::csv(BufReader::new(input)).unwrap();
        let mut rejects = Vec::new();
        while importer.next_batch(&mut rows, &mut rejects, &mut |_| {}).unwrap().is_some() {}
        assert_eq!(rejects, [], "rows of the bench are good ones");
        let (took, used) = (begun.elapsed().as_secs_f64(), processor_seconds() - cpu);
        seconds += took;
        let store = importer.store();
        done += some;
        let last = store.last().unwrap().unwrap();
        assert_eq!(last.first + last.batch.count(), done);
        let latencies = look_up(store, last.batch.sequence, done);
        let point = Point { records: done, seconds, bytes: size_of(table), latencies };
        let rate = some as f64 / took;
        println!("{point},{rate:.0},{used:.1},{}", resident_mb());
        points.push(point);
        std::fs::write(folder.join("credit-growth.svg"), chart::draw(&points)).unwrap();
    }
    println!("rows were {bytes_in} bytes");
}

/// How long it takes to have all records of a subject, each decoded, with the proof that these are all; milliseconds, rising.
fn look_up(store: &RocksSource, sequence: u64, records: u64) -> Vec<f64> {
    let lookup = Lookup::open(store, sequence).unwrap();
    let root = lookup.manifest().batch.after;
    let mut times: Vec<f64> = (0..LOOKUPS)
        .map(|i| {
            let n = rows::subject_of(u64::from(i).wrapping_mul(0x9e37_79b9_7f4a_7c15) % records);
            let subject = Subject::parse(&rows::company(n)).unwrap();
            let begun = Instant::now();
            let found = lookup.subject(&subject).unwrap();
            let took = begun.elapsed().as_secs_f64() * 1000.0;
            assert!(!found.records.is_empty());
            found.proof.verify(&root, &subject).unwrap();
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

fn resident_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) / 1024
}
