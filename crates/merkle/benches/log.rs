//! How fast the log is built, on each backend of this processor: `cargo bench -p yinxin-merkle --profile release`.
//! One thread, its own CPU time, best of five runs.

#![expect(clippy::print_stdout, reason = "a report")]

use std::{fs, hint::black_box, time::Instant};

use yinxin_gm::{
    Digest,
    backend::{Backend, force},
    sm3,
};
use yinxin_merkle::log::{Frontier, leaf_hash, leaf_hashes, root};

const LEAVES: u32 = 1 << 20;

fn main() {
    let entries: Vec<Digest> = (0..LEAVES).map(|i| sm3::digest(&i.to_be_bytes())).collect();
    let leaves = leaf_hashes(&entries);
    for backend in Backend::ALL {
        if let Err(unavailable) = force(backend) {
            println!("{unavailable}");
            continue;
        }
        println!("{backend}, {LEAVES} leaves");
        report("leaf by leaf", || entries.iter().map(|entry| leaf_hash(entry.as_ref())).collect());
        report("leaves together", || leaf_hashes(black_box(&entries)));
        report("nodes one by one", || {
            let mut frontier = Frontier::new();
            leaves.iter().for_each(|leaf| frontier.append(*leaf, &mut |_, _| {}));
            vec![frontier.root()]
        });
        report("nodes level by level", || {
            let mut frontier = Frontier::new();
            frontier.append_all(black_box(&leaves), &mut |_, _| {});
            vec![frontier.root()]
        });
        report("root", || vec![root(leaves.iter().copied())]);
        report("root of entries", || vec![root(leaf_hashes(&entries))]);
    }
}

fn report(name: &str, call: impl Fn() -> Vec<Digest>) {
    let start = Instant::now();
    let seconds = |_| {
        let begin = cpu_seconds(start);
        black_box(call());
        cpu_seconds(start) - begin
    };
    let best = (0..5).map(seconds).fold(f64::MAX, f64::min);
    println!("  {name:<24}{:>10.2} M/s{:>10.1} ms", f64::from(LEAVES) / best / 1e6, best * 1e3);
}

/// How long this thread has run, where Linux tells; else the wall clock.
fn cpu_seconds(start: Instant) -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = text.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| start.elapsed().as_secs_f64(), |nanoseconds| nanoseconds / 1e9)
}
