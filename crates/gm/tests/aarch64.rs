//! The backends of aarch64, in an emulator: the tests that hold each backend against the portable one, compiled for that processor.

#![cfg(all(target_arch = "x86_64", target_os = "linux"))]

#[path = "../../../tests/rig/absent.rs"]
#[allow(unreachable_pub, reason = "other crates take it from the rig")]
mod absent;

use std::{path::Path, process::Command};

use absent::absent;

const TARGET: &str = "aarch64-unknown-linux-gnu";
/// C's library and loader of that processor, as Debian has them.
const ROOT: &str = "/usr/aarch64-linux-gnu";

/// What is missing, and where it comes from.
fn missing() -> Option<&'static str> {
    let runs = |program| Command::new(program).arg("--version").output().is_ok();
    let sysroot = Command::new("rustc").args(["--print", "sysroot"]).output().expect("rustc runs");
    let sysroot = String::from_utf8_lossy(&sysroot.stdout).trim().to_owned();
    if !Path::new(&sysroot).join("lib/rustlib").join(TARGET).join("lib").exists() {
        Some("rustup target add aarch64-unknown-linux-gnu")
    } else if !runs("aarch64-linux-gnu-gcc") || !Path::new(ROOT).exists() {
        Some("apt-get install gcc-aarch64-linux-gnu libc6-dev-arm64-cross")
    } else if !runs("qemu-aarch64") {
        Some("apt-get install qemu-user")
    } else {
        None
    }
}

#[test]
fn each_backend_of_aarch64_says_what_the_portable_one_says() {
    if let Some(command) = missing() {
        absent(format!("aarch64 cannot be emulated here: {command}"));
        return;
    }
    let output = Command::new(env!("CARGO"))
        .args(["test", "--release", "--locked", "-p", "yinxin-gm", "--target", TARGET])
        .args(["--test", "sm3_backends", "--test", "sm4", "--", "--nocapture"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER", "aarch64-linux-gnu-gcc")
        // Of the processors it knows, the one that has SM3's and SM4's instructions.
        .env(
            "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER",
            format!("qemu-aarch64 -cpu max -L {ROOT}"),
        )
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .output()
        .expect("cargo runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    for backend in ["neon", "arm-sm"] {
        let skipped = format!("cannot run the backend {backend}");
        assert!(!said.contains(&skipped), "the emulator lacks what {backend} needs");
    }
}
