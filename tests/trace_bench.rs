//! How long a trace takes in a store of many acts, and what an act costs on disk.
//!
//! `cargo bench -p yinxin-tests --bench trace -- [ACTS] [FOLDER] [state[=BLOCKS|all]] [most=MS] [compact]`: that many acts (20,000 if not said) in a folder
//! that is left there; `state` writes the state tree too, and keeps the states of the usual number of blocks, of as many as said, or
//! of all. A folder that a run before left is only measured; with `compact` its files are merged before. With `most` it fails
//! if one first read in a hundred takes longer. One thread does it all.

#![allow(clippy::cast_precision_loss, reason = "figures for people")]

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use yinxin_engine::Base as _;
use yinxin_gm::Digest;
use yinxin_sharing::provenance::{Relation, Source as _, to_svg};
use yinxin_store::{RocksDisk, STATE_WINDOW, Store, Table};
use yinxin_tests::acts::{Ledger, Local, Plan, Story, fill, lineage, walk};
use yinxin_verdict::Lang;

/// Where the growth is told: one, two, five and ten of a tenth of all.
const MARKS: [u64; 4] = [1, 2, 5, 10];

fn main() {
    let said = || std::env::args().skip(1).filter(|a| !a.starts_with("--"));
    let most =
        said().find_map(|a| a.strip_prefix("most=").map(|n| n.parse().expect("milliseconds")));
    let merge = said().any(|a| a == "compact");
    let arguments: Vec<_> = said().filter(|a| !a.starts_with("most=") && a != "compact").collect();
    let acts = arguments.first().map_or(20_000, |n| n.parse().expect("a number of acts"));
    let folder =
        arguments.get(1).map_or_else(|| std::env::temp_dir().join("yinxin-acts"), PathBuf::from);
    let state = arguments.get(2).map(|word| window(word));
    if !folder.exists() {
        grow(&folder, acts, state);
    }
    // Opened anew: nothing is in the store's own memory.
    let disk = Arc::new(RocksDisk::open(&folder).expect("it was closed"));
    if merge {
        disk.compact().expect("it is open");
        println!("COMPACT {} bytes", size(&folder));
    }
    let store = Ledger::reopen(disk.clone());
    tables(&disk, store.view().head().frontier.size());
    measure(&store, most);
    store.close();
}

/// `state`, `state=64`, `state=all`.
fn window(word: &str) -> u64 {
    match word.strip_prefix("state").expect("the third word is state").strip_prefix('=') {
        None => STATE_WINDOW,
        Some("all") => u64::MAX,
        Some(blocks) => blocks.parse().expect("a number of blocks"),
    }
}

fn grow(folder: &Path, acts: u64, state: Option<u64>) {
    let disk = Arc::new(RocksDisk::open(folder).expect("a new folder"));
    let start = Instant::now();
    let mut marks = MARKS.iter().map(|n| acts * n / 10).peekable();
    let filled = fill(disk.clone(), Plan::new(acts, state), |now| {
        while marks.next_if(|mark| now >= *mark).is_some() {
            let (bytes, seconds) = (size(folder), start.elapsed().as_secs());
            println!("GROWTH {now} acts {bytes} bytes {} bytes/act {seconds} s", bytes / now);
        }
    });
    println!(
        "ACTS {} in {} blocks, {} stories",
        filled.acts,
        filled.height(),
        filled.stories.len()
    );
    disk.compact().expect("it is open");
    filled.store.close();
    println!("COMPACT {} bytes {} bytes/act", size(folder), size(folder) / filled.acts);
}

fn size(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).expect("a folder");
    files.filter_map(|f| Some(f.ok()?.metadata().ok()?.len())).sum()
}

fn tables(disk: &RocksDisk, acts: u64) {
    println!("STORE {acts} acts");
    for table in Table::ALL {
        let bytes = disk.table_bytes(table).expect("it is open");
        if bytes / acts > 0 {
            println!("TABLE {} {} bytes/act", table.name(), bytes / acts);
        }
    }
}

/// Each story once, in an order that has nothing to do with their places: first reads, as an auditor's are.
fn measure(store: &Store, most: Option<f64>) {
    let mut ends: Vec<Digest> = Story::ends().collect();
    ends.sort();
    // The last ones of a run that was stopped were not told to their end.
    let told = |end: &Digest| {
        let walked = Local::new(store.view()).list(format!("d/{end}/").as_bytes(), 0..=u64::MAX, 1);
        !walked.expect("the store answers").is_empty()
    };
    ends.retain(told);
    for pass in ["first", "again"] {
        let (mut times, mut edges, mut flow) = (Vec::new(), 0, 0);
        for end in &ends {
            // Nothing is kept from the one before.
            let source = Local::new(store.view());
            let start = Instant::now();
            let graph = walk(&source, *end);
            times.push(start.elapsed().as_secs_f64() * 1e3);
            assert_eq!(lineage(&graph).len(), Story::ACTS, "it is found whole");
            edges = graph.edges.len();
            let moves = [Relation::Used, Relation::WasGeneratedBy, Relation::WasDerivedFrom];
            flow = graph.edges.iter().filter(|e| moves.contains(&e.relation)).count();
        }
        times.sort_by(f64::total_cmp);
        let at = |percent: usize| times[(times.len() - 1) * percent / 100];
        println!(
            "TRACE {pass}: {} traces of {} acts, {edges} edges ({flow} used, made, derived): median {:.1} ms, 99 % {:.1} ms, slowest {:.1} ms",
            times.len(),
            Story::ACTS,
            at(50),
            at(99),
            at(100)
        );
        if let Some(most) = most {
            assert!(at(99) <= most, "{pass}: {:.1} ms at 99 %, at most {most} ms", at(99));
        }
    }
    let graph = walk(&Local::new(store.view()), ends[0]);
    let start = Instant::now();
    let svg = to_svg(&graph, Lang::Zh);
    println!("DRAW {} bytes of SVG in {:.1} ms", svg.len(), start.elapsed().as_secs_f64() * 1e3);
}
