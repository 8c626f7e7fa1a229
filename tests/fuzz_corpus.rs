//! What fuzzers start from, replayed: no file of the corpus and no mutation of one makes a parser panic or take long.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test says what went wrong by panicking")]

#[path = "fuzz_corpus/seeds.rs"]
mod seeds;

use std::{
    alloc::{GlobalAlloc, Layout, System},
    collections::BTreeMap,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use yinxin_tests::{office::repeating, parsers::TARGETS};

/// One input may take this long. The slowest is a key file that asks for the most rounds there may be; all others take
/// milliseconds.
const LONGEST: Duration = Duration::from_secs(30);
/// And hold this many bytes at once beyond what it found: an archive may inflate to a few times the free 16 MiB.
const MOST_BYTES: usize = 256 << 20;
/// Mutations of each target, shared by its files.
const MUTATIONS: usize = 10_000;

/// Counts what is allocated, so that a small input with a large claim is caught.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

#[allow(unsafe_code, reason = "an allocator is; it only counts and hands on")]
// SAFETY: every call goes to the system's allocator with the caller's own arguments.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(held, Ordering::Relaxed);
        // SAFETY: the caller keeps `alloc`'s contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps `dealloc`'s contract.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn folder(target: &str) -> PathBuf {
    yinxin_tests::root().join("fuzz/corpus").join(target)
}

fn corpus(target: &str) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(folder(target)).unwrap_or_else(|e| panic!("{target}: {e}"));
    files
        .map(|e| {
            let path = e.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, fs::read(&path).unwrap())
        })
        .collect()
}

/// Runs one input; what was wrong with that.
fn run(parse: fn(&[u8]), input: &[u8]) -> Result<(), String> {
    let before = HELD.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let start = Instant::now();
    catch_unwind(AssertUnwindSafe(|| parse(input))).map_err(|_| "panicked".to_owned())?;
    let (took, held) = (start.elapsed(), PEAK.load(Ordering::Relaxed).saturating_sub(before));
    if took > LONGEST {
        return Err(format!("took {took:?}"));
    }
    if held > MOST_BYTES {
        return Err(format!("held {held} bytes"));
    }
    Ok(())
}

/// A mutation that is the same in every run: flips, cuts, repeats, splices of another file, edge values.
fn mutated(file: &[u8], other: &[u8], rng: &mut impl rand_core::Rng) -> Vec<u8> {
    let mut out = file.to_vec();
    let mut below = |n: usize| if n == 0 { 0 } else { rng.next_u32() as usize % n };
    for _ in 0..=below(4) {
        let at = below(out.len());
        match below(7) {
            0 if !out.is_empty() => out[at] ^= 1 << below(8),
            1 if !out.is_empty() => out[at] = [0, 1, 0x7f, 0x80, 0x81, 0x84, 0xff][below(7)],
            2 => out.truncate(at),
            3 => {
                let end = (at + below(64)).min(out.len());
                let piece = out[at..end].to_vec();
                out.splice(at..at, piece);
            }
            4 => {
                let end = (at + below(16)).min(out.len());
                out.drain(at..end);
            }
            5 => {
                let from = below(other.len());
                let to = (from + below(64)).min(other.len());
                out.splice(at..at, other[from..to].iter().copied());
            }
            _ if out.len() >= 4 => {
                let at = at.min(out.len() - 4);
                out[at..at + 4]
                    .copy_from_slice(&[[0xff; 4], [0x7f, 0xff, 0xff, 0xff], [0; 4]][below(3)]);
            }
            _ => out.push(0x30),
        }
    }
    out
}

#[test]
fn no_file_and_no_mutation_of_one_breaks_a_parser() {
    for (target, parse) in TARGETS {
        let files: Vec<_> = corpus(target).into_iter().collect();
        assert!(!files.is_empty(), "{target} has no corpus");
        for (name, bytes) in &files {
            run(*parse, bytes).unwrap_or_else(|what| panic!("{target}/{name} {what}"));
        }
        let mut rng = repeating(target);
        let start = Instant::now();
        let mut done = 0;
        for n in 0..MUTATIONS {
            let (name, bytes) = &files[n % files.len()];
            let (_, other) = &files[(n / files.len()) % files.len()];
            let input = mutated(bytes, other, &mut rng);
            if let Err(what) = run(*parse, &input) {
                let path = std::env::temp_dir().join(format!("yinxin-{target}-{n}"));
                fs::write(&path, &input).unwrap();
                panic!("{target}: mutation {n} of {name} {what}; it is in {}", path.display());
            }
            done = n + 1;
            // A slow machine does fewer; which ones it does stays the same.
            if start.elapsed() > Duration::from_secs(10) {
                break;
            }
        }
        println!("{target}: {} files, {done} mutations, {:?}", files.len(), start.elapsed());
    }
}

#[test]
fn seeds_are_made_by_our_own_crates() {
    let write = std::env::var_os("YINXIN_WRITE_VECTORS").is_some();
    for (target, name, bytes) in seeds::all() {
        let path = folder(target).join(&name);
        if write {
            fs::create_dir_all(folder(target)).unwrap();
            fs::write(&path, &bytes).unwrap();
        }
        assert!(bytes.len() <= 20 << 10, "{target}/{name} has {} bytes", bytes.len());
        let known = fs::read(&path).unwrap_or_else(|e| panic!("{target}/{name}: {e}"));
        assert!(known == bytes, "{target}/{name} would be other bytes now");
    }
}
