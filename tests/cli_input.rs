//! Bad input to the command line: each a clear message, the exit code of its class, and nothing lost.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::{
    path::Path,
    process::{Command, Output, Stdio},
};

use yinxin_tests::bin_dir;

fn yinxin(folder: &Path, line: &str) -> Output {
    Command::new(bin_dir().join("yinxin"))
        .args(line.split_whitespace())
        .current_dir(folder)
        .env_remove("LC_ALL")
        .env("LANG", "C")
        .env("XDG_CONFIG_HOME", folder.join("config"))
        .stdin(Stdio::null())
        .output()
        .expect("the binary was built")
}

fn check(folder: &Path, line: &str, code: i32, words: &[&str]) {
    let output = yinxin(folder, line);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "yinxin {line}\n{said}");
    for word in words {
        assert!(said.contains(word), "yinxin {line}: no {word:?} in\n{said}");
    }
}

fn ok(folder: &Path, line: &str) {
    let output = yinxin(folder, line);
    assert!(output.status.success(), "yinxin {line}\n{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn every_slip_has_its_words_and_its_code() {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path();
    std::fs::write(folder.join("pw"), "right\n").unwrap();
    std::fs::write(folder.join("wrong"), "wrong\n").unwrap();
    std::fs::write(folder.join("text"), "no document\n").unwrap();
    ok(folder, "key new k.key --password-file pw");
    let key = std::fs::read(folder.join("k.key")).unwrap();
    ok(folder, "ca init ca --name CA --password-file pw");
    ok(
        folder,
        "key csr k.key --password-file pw --organisation O --code 11990100MB0A00018B --out k.csr",
    );
    ok(folder, "ca issue ca k.csr --password-file pw --out k.cer");
    std::fs::write(folder.join("half.cer"), &std::fs::read(folder.join("k.cer")).unwrap()[..100])
        .unwrap();
    for (line, code, words) in [
        ("key export k.key --password-file wrong", 6, &["k.key", "wrong password"][..]),
        ("key export k.key", 6, &["password", "--password-file"]),
        ("key export missing.key", 2, &["missing.key"]),
        ("key new k.key --password-file pw", 2, &["k.key", "exists"]),
        (
            "key csr k.key --password-file pw --organisation O --code 11990100MB0A00018C",
            2,
            &["11990100MB0A00018C"],
        ),
        ("ca revoke ca half.cer --reason superseded", 4, &["half.cer"]),
        ("sign text --key k.key --cert ca/ca.cer --password-file pw", 6, &["ca/ca.cer"]),
        ("verify text", 1, &[]),
        ("verify missing", 2, &["missing"]),
        ("node run ca", 2, &["node.toml"]),
        ("ledger put text --key k.key --cert k.cer --password-file pw --trust ca", 4, &["ca.key"]),
        ("ofd stamp text --seal text --key k.key --cert k.cer --out x.ofd", 4, &["text"]),
        ("quickstart ca", 2, &["not empty"]),
        ("frobnicate", 2, &[]),
    ] {
        check(folder, line, code, words);
    }
    assert_eq!(std::fs::read(folder.join("k.key")).unwrap(), key, "the key is untouched");
}

#[test]
fn an_error_is_json_when_asked() {
    let temp = tempfile::tempdir().unwrap();
    let output = yinxin(temp.path(), "--json key export missing.key");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("\"schema\":\"yinxin.error/1\"") && said.contains("\"code\":2"),
        "{said}"
    );
    let chinese = yinxin(temp.path(), "--lang zh key export missing.key");
    assert!(String::from_utf8_lossy(&chinese.stderr).contains("不存在"));
}

#[test]
fn help_man_and_completions_speak_of_every_noun() {
    let temp = tempfile::tempdir().unwrap();
    for line in ["--help", "man", "completions bash"] {
        let output = yinxin(temp.path(), line);
        let text = String::from_utf8_lossy(&output.stdout);
        for noun in [
            "key",
            "ca",
            "seal",
            "ofd",
            "licence",
            "verify",
            "sign",
            "trust",
            "node",
            "ledger",
            "serve",
            "doctor",
            "quickstart",
        ] {
            assert!(text.contains(noun), "{line}: no {noun}");
        }
    }
}
