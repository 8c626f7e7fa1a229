//! The Java side of the C ABI, built by Maven and run by the JVM that is here, gets the same verdicts.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test says what went wrong by panicking")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use yinxin_tests::{absent::absent, bin_dir, library_dir, peers, root};

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).unwrap();
        }
    }
}

/// Builds the project below cargo's target, so that nothing is written into the sources; says in a line why it cannot.
fn built() -> Option<PathBuf> {
    for (tool, flag) in [("javac", "-version"), ("mvn", "-version")] {
        if Command::new(tool).arg(flag).output().is_err() {
            absent(format!("no {tool} here (Debian packages default-jdk-headless and maven)"));
            return None;
        }
    }
    let project = bin_dir().join("../peers/java");
    copy(&root().join("crates/ffi/java"), &project);
    // What Maven has fetched before is enough; only a first run needs the network.
    let mvn = |args: &[&str]| {
        Command::new("mvn").args(args).arg("package").current_dir(&project).output().unwrap()
    };
    let offline = mvn(&["-q", "-o", "-B"]);
    if !offline.status.success() {
        let online = mvn(&["-q", "-B"]);
        let said = String::from_utf8_lossy(&online.stdout).into_owned();
        if !online.status.success() && said.contains("Could not transfer") {
            let why = said.lines().next().unwrap_or_default();
            absent(format!("JNA: Maven cannot fetch it: {why}"));
            return None;
        }
        assert!(online.status.success(), "mvn: {said}");
    }
    Some(project)
}

#[test]
fn a_java_program_gets_the_verdicts() {
    let Some(project) = built() else { return };
    let dir = tempfile::tempdir().unwrap();
    let documents = peers::documents(dir.path());
    let target = project.join("target");
    let out = Command::new("java")
        .arg(format!("-Djna.library.path={}", library_dir().display()))
        .arg("-cp")
        .arg(format!("{}/classes:{}/lib/*", target.display(), target.display()))
        .arg("cn.yinxin.Verify")
        .arg(&documents.trust)
        .args(&documents.files)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{errors}");
    let lines: Vec<_> = String::from_utf8(out.stdout).unwrap().lines().map(str::to_owned).collect();
    assert_eq!(lines, documents.verdicts, "{errors}");
}
