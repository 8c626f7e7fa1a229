//! Ours beside its peers, in one table: `sh crates/gm/bench.sh`, which builds the peers and calls this.
//!
//! Every peer is a process of its own, and so are we. One operation at a time goes round all of them, several times; the
//! thread's CPU time counts, the best of the rounds stands in the table, and the spread is how far the worst lies below it.

#![expect(clippy::print_stdout, clippy::panic, clippy::cast_precision_loss, reason = "a report")]

#[path = "compare/ours.rs"]
mod ours;
#[path = "compare/plot.rs"]
mod plot;
#[path = "compare/process.rs"]
mod process;
#[path = "compare/rows.rs"]
mod rows;
#[path = "compare/table.rs"]
mod table;

use std::process::ExitCode;

use process::{Peer, Rates};

const ROUNDS: usize = 7;
const MILLISECONDS: u32 = 30;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    match arguments.as_slice() {
        [word] if word == "--ours" => {
            ours::answer();
            ExitCode::SUCCESS
        }
        [picture, peers @ ..] if !peers.is_empty() => compare(picture, peers),
        _ => {
            println!("to compare with peers: sh crates/gm/bench.sh");
            ExitCode::SUCCESS
        }
    }
}

/// `peers` are `NAME=COMMAND`.
fn compare(picture: &str, peers: &[String]) -> ExitCode {
    let own = std::env::current_exe().expect("this runs").display().to_string();
    let mut all = vec![Peer::start("ours", &format!("{own} --ours"))];
    for peer in peers {
        let (name, command) = peer.split_once('=').expect("NAME=COMMAND");
        all.push(Peer::start(name, command));
    }
    let mut figures = Vec::new();
    for row in &rows::ROWS {
        figures.push(measured(&mut all, row.operation, row.size));
    }
    let count = table::print(&all, &figures);
    let panels = [("SM3", "sm3"), ("SM4-CTR", "sm4_ctr"), ("SM4-GCM", "sm4_gcm")];
    let panels: Vec<_> =
        panels.iter().map(|(title, operation)| (*title, curves(&mut all, operation))).collect();
    std::fs::write(picture, plot::svg(&panels)).expect("a folder to write to");
    let table::Count { held, missed, near_limit } = count;
    println!(
        "{held} of {} targets hold; {missed} missed, {near_limit} near the limit of this processor (gm.md 7.3).",
        held + missed + near_limit
    );
    if missed + near_limit == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What each peer does, round by round.
fn measured(all: &mut [Peer], operation: &str, size: usize) -> Vec<Rates> {
    let mut rates = vec![Rates::default(); all.len()];
    for _ in 0..ROUNDS {
        for (peer, rates) in all.iter_mut().zip(&mut rates) {
            rates.extend(peer.ask(operation, size, MILLISECONDS));
        }
    }
    rates
}

fn curves(all: &mut [Peer], operation: &str) -> Vec<plot::Curve> {
    let shown = ["ours", "libgcrypt", "gmsm", "OpenSSL 3"];
    let mut curves = Vec::new();
    for peer in all.iter_mut().filter(|peer| shown.contains(&peer.name.as_str())) {
        let mut points = Vec::new();
        for size in [16, 64, 256, 1024, 4096, 16384, 65536, 262_144] {
            let mut rates = Rates::default();
            (0..3).for_each(|_| rates.extend(peer.ask(operation, size, 15)));
            if let Some(best) = rates.best() {
                points.push((size, best * size as f64 / 1e6));
            }
        }
        if !points.is_empty() {
            curves.push((peer.name.clone(), points));
        }
    }
    curves
}
