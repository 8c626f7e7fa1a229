//! How fast SM3 is on each backend of this processor: one stream, many messages, nodes of a tree:
//! `cargo bench -p yinxin-gm --bench sm3 --profile release`. One thread, its own CPU time, best of five runs of a tenth of a second.

#![expect(clippy::print_stdout, reason = "a report")]

use std::{env, fs, hint::black_box, time::Instant};

use yinxin_gm::{
    Digest,
    backend::{Backend, force},
    kdf, sm3,
};

fn main() {
    // After `--`: only the backends of these names.
    let only: Vec<String> = env::args().skip(1).filter(|name| !name.starts_with('-')).collect();
    for backend in Backend::ALL {
        if !only.is_empty() && !only.iter().any(|name| name == backend.name()) {
            continue;
        }
        match force(backend) {
            Ok(()) => report(backend),
            Err(unavailable) => println!("{unavailable}"),
        }
    }
}

fn report(backend: Backend) {
    println!("{backend}");
    let data = vec![7; 65536];
    for (name, len) in [("64 B", 64), ("1 KiB", 1024), ("64 KiB", 65536)] {
        let calls = rate(|| sm3::digest(black_box(&data[..len])));
        println!("  one stream of {name:<20}{:>8.0} MB/s", calls * len as f64 / 1e6);
    }
    for (name, len, count) in [
        ("256 messages of 32 B", 32, 256),
        ("256 messages of 64 B", 64, 256),
        ("256 messages of 1 KiB", 1024, 256),
        ("32 messages of 64 KiB", 65536, 32),
        ("3 messages of 1 KiB", 1024, 3),
        ("4 messages of 1 KiB", 1024, 4),
        ("16 messages of 1 KiB", 1024, 16),
    ] {
        let messages = vec![&data[..len]; count];
        let mut digests = vec![Digest::ZERO; count];
        let calls = rate(|| sm3::many(black_box(&messages), &mut digests));
        let each = calls * count as f64;
        println!("  {name:<34}{:>8.0} MB/s{:>8.2} M/s", each * len as f64 / 1e6, each / 1e6);
    }
    let mixed: Vec<_> = (0..1000).map(|i| &data[..i * 7 % 2000]).collect();
    let bytes: usize = mixed.iter().map(|message| message.len()).sum();
    let mut digests = vec![Digest::ZERO; mixed.len()];
    let calls = rate(|| sm3::many(black_box(&mixed), &mut digests));
    println!("  {:<34}{:>8.0} MB/s", "1000 messages of 0 to 2000 B", calls * bytes as f64 / 1e6);
    for count in [1, 2, 3, 8, 16, 512] {
        let children = vec![Digest([5; 32]); 2 * count];
        let mut parents = vec![Digest::ZERO; count];
        let calls = rate(|| sm3::nodes(1, black_box(&children), &mut parents));
        println!("  {count:>3} tree nodes{:>38.2} M/s", calls * count as f64 / 1e6);
    }
    let mut key = vec![0; 8192];
    let calls = rate(|| kdf::derive(black_box(&[&data[..64]]), &mut key));
    println!("  {:<34}{:>8.0} MB/s", "KDF of 8 KiB", calls * 8192.0 / 1e6);
}

/// Calls per second of CPU time.
fn rate<T>(mut call: impl FnMut() -> T) -> f64 {
    let start = Instant::now();
    let mut seconds = |calls: u32| {
        let begin = cpu_seconds(start);
        (0..calls).for_each(|_| drop(black_box(call())));
        cpu_seconds(start) - begin
    };
    let mut calls = 1;
    // The kernel adds up a thread's time every few milliseconds.
    while seconds(calls) < 0.1 {
        calls *= 2;
    }
    (0..5).map(|_| f64::from(calls) / seconds(calls)).fold(0.0, f64::max)
}

/// How long this thread has run, where Linux tells; else the wall clock.
fn cpu_seconds(start: Instant) -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = text.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| start.elapsed().as_secs_f64(), |nanoseconds| nanoseconds / 1e9)
}
