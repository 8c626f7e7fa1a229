//! Without the feature `alloc` nothing asks for an allocator, or for a standard library.

#![cfg(target_os = "linux")]

#[path = "../../../tests/rig/absent.rs"]
#[allow(unreachable_pub, reason = "other crates take it from the rig")]
mod absent;

use std::{path::Path, process::Command};

use absent::absent;

fn cargo(arguments: &[&str], flags: &str) -> Result<(), String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bare");
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .args(["--quiet", "--release", "--locked", "--target-dir"])
        .arg(folder)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bare"))
        .env("RUSTFLAGS", flags)
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .output()
        .expect("cargo runs");
    if output.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// SM3, SM4 and SM2 in a program of nothing but `core`: it could not be linked if anything called an allocator.
#[test]
fn a_program_without_allocator_and_library_computes_on_every_backend() {
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    if !["x86_64", "aarch64"].contains(&std::env::consts::ARCH) {
        println!("skipped: the bare program starts on x86-64 and aarch64 only");
        return;
    }
    // A target that is named keeps the flags away from macros and build scripts.
    let flags = "-Clink-arg=-nostdlib -Clink-arg=-nostartfiles -Clink-arg=-static -Crelocation-model=static";
    cargo(&["build", "--target", &target], flags).expect("it links");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bare").join(target).join("release");
    let output = Command::new(folder.join("yinxin-gm-bare")).output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "the first wrong answer, after {said}");
    assert!(said.starts_with("portable\n"), "{said}");
}

/// Machines without an operating system; 32 bits, and registers without vectors.
#[test]
fn it_compiles_for_bare_machines() {
    let installed =
        Command::new("rustc").args(["--print", "sysroot"]).output().expect("rustc runs");
    let sysroot = String::from_utf8_lossy(&installed.stdout).trim().to_owned();
    for target in ["x86_64-unknown-none", "aarch64-unknown-none", "thumbv7em-none-eabi"] {
        if !Path::new(&sysroot).join("lib/rustlib").join(target).join("lib").exists() {
            absent(format!("the target {target} is not here: rustup target add {target}"));
            continue;
        }
        let built = cargo(&["build", "-p", "yinxin-gm", "--target", target], "-Dwarnings");
        built.unwrap_or_else(|error| panic!("{target}: {error}"));
    }
}
