//! A program in C, compiled against `yinxin.h` and the shared library, gets the same verdicts.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test says what went wrong by panicking")]

use std::process::Command;

use yinxin_tests::{absent::absent, library_dir, peers};

#[test]
fn a_c_program_gets_the_verdicts() {
    if Command::new("cc").arg("--version").output().is_err() {
        return absent("no cc here (Debian package gcc)");
    }
    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join("verify");
    let library = library_dir();
    let out = Command::new("cc")
        .args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-D_POSIX_C_SOURCE=200809L", "-o"])
        .arg(&program)
        .arg(yinxin_tests::root().join("tests/peers/c/verify.c"))
        .arg(format!("-I{}", yinxin_tests::root().join("crates/ffi/include").display()))
        .arg(format!("-L{}", library.display()))
        .arg("-lyinxin")
        .arg(format!("-Wl,-rpath,{}", library.display()))
        .output()
        .unwrap();
    assert!(out.status.success(), "cc: {}", String::from_utf8_lossy(&out.stderr));

    let documents = peers::documents(dir.path());
    let out = Command::new(&program).arg(&documents.trust).args(&documents.files).output().unwrap();
    let errors = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{errors}");
    let lines: Vec<_> = String::from_utf8(out.stdout).unwrap().lines().map(str::to_owned).collect();
    assert_eq!(lines, documents.verdicts, "{errors}");

    let missing = Command::new(&program).args(["/nonexistent", "file"]).output().unwrap();
    assert_eq!(missing.status.code(), Some(6), "a trust folder that is not there is denied");
    let said = String::from_utf8_lossy(&missing.stderr).into_owned();
    assert!(said.contains("yinxin.error/1"), "{said}");
}
