//! No branch and no address depends on a secret: valgrind's memcheck runs every operation with its secrets marked undefined
//! (Langley's ctgrind) on each backend it can execute, and must report nothing; what leaks on purpose, it must report.
//!
//! `cargo test --release -p yinxin-gm --features ctgrind --test constant_time`; specs/gm-constant-time.md says the rest.

#![cfg(all(target_arch = "x86_64", target_os = "linux"))]

#[path = "constant_time/operations.rs"]
mod operations;
#[path = "constant_time/valgrind.rs"]
mod valgrind;

#[path = "../../../tests/rig/absent.rs"]
#[allow(unreachable_pub, reason = "other crates take it from the rig")]
mod absent;

use std::process::Command;

use yinxin_gm::backend::{Backend, force};

use absent::absent;

/// Which backend the process under valgrind takes.
const BACKEND: &str = "YINXIN_CONSTANT_TIME";

/// What runs under valgrind: every operation, and how many errors memcheck saw meanwhile.
#[test]
#[ignore = "the other tests run it, under valgrind"]
fn under_valgrind() {
    let Ok(name) = std::env::var(BACKEND) else { return };
    let backend = Backend::ALL.into_iter().find(|backend| backend.name() == name);
    force(backend.expect("a name")).expect("valgrind executes it");
    assert!(valgrind::runs(), "not under valgrind");
    for (name, operation) in operations::ALL.iter().chain(&operations::LEAKY) {
        let before = valgrind::errors();
        operation();
        println!("counted {} {name}", valgrind::errors() - before);
    }
}

/// Errors by operation, and what memcheck said of them.
fn counted(backend: Backend) -> Option<(Vec<(String, u64)>, String)> {
    let valgrind = Command::new("valgrind")
        .args(["--tool=memcheck", "--error-limit=no", "--leak-check=no", "--quiet"])
        .arg(std::env::current_exe().expect("this runs"))
        .args(["--exact", "under_valgrind", "--ignored", "--nocapture", "--test-threads=1"])
        .env(BACKEND, backend.name())
        .output();
    let Ok(output) = valgrind else {
        absent("no valgrind here (Debian package valgrind)");
        return None;
    };
    let (out, said) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{backend}: {out}{said}");
    let lines = out.lines().filter_map(|line| line.split_once("counted ")?.1.split_once(' '));
    let counts = lines.map(|(count, name)| (name.to_owned(), count.parse().expect("a number")));
    Some((counts.collect(), said.into_owned()))
}

#[test]
fn secrets_decide_nothing_and_what_leaks_is_caught() {
    // It has no AVX-512 as of 3.24; those lanes are for dudect and the disassembly.
    for backend in [Backend::Portable, Backend::AesNi, Backend::Avx2] {
        if let Err(unavailable) = force(backend) {
            println!("skipped: {unavailable}");
            continue;
        }
        let Some((counts, said)) = counted(backend) else { return };
        assert_eq!(counts.len(), operations::ALL.len() + operations::LEAKY.len());
        for (name, errors) in &counts {
            let leaky = operations::LEAKY.iter().any(|(leaky, _)| leaky == name);
            assert_eq!(*errors > 0, leaky, "{backend}, {name}: {errors} errors\n{said}");
        }
        println!("{backend}: {} operations without a report", operations::ALL.len());
    }
}
