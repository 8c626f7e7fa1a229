//! The rules of the tree, each a test: which way the arrows go, where engines and `unsafe` may live, what a file looks like.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use yinxin_tests::root;

/// The design's levels: a crate may depend on lower ones only.
const LEVELS: [(&str, u8); 20] = [
    ("crates/gm", 0),
    ("crates/verdict", 0),
    ("crates/calendar", 1),
    ("crates/pki", 1),
    ("crates/merkle", 1),
    ("crates/ofd", 1),
    ("crates/receipt", 2),
    ("crates/seal", 2),
    ("crates/record", 2),
    ("crates/licence", 3),
    ("crates/credit", 3),
    ("crates/sharing", 3),
    ("crates/ledger", 3),
    ("chain/engine", 3),
    ("crates/verify", 4),
    ("chain/store", 4),
    ("crates/ffi", 5),
    ("crates/service", 5),
    ("chain/node", 5),
    ("cli", 6),
];

/// Engines, and the only crates that may name them.
const ENGINES: [(&str, &[&str]); 5] = [
    ("axum", &["crates/service", "cli"]),
    ("libp2p", &["chain/node"]),
    ("rocksdb", &["chain/store", "cli"]),
    ("tokio", &["chain/store", "chain/node", "crates/service", "cli"]),
    ("arc-malachitebft-app-channel", &["chain/node"]),
];

/// Curves, hashes and ciphers of others: never in what we ship.
const FOREIGN_ARITHMETIC: [&str; 19] = [
    "aes",
    "aes-gcm",
    "aws-lc-rs",
    "blake2",
    "elliptic-curve",
    "gmsm",
    "hmac",
    "k256",
    "libsmx",
    "md-5",
    "num-bigint",
    "openssl",
    "p256",
    "sha1",
    "sha2",
    "sm-crypto",
    "sm2",
    "sm3",
    "sm4",
];

struct Member {
    dir: String,
    manifest: toml::Table,
}

impl Member {
    fn dependencies(&self) -> BTreeSet<String> {
        let table = self.manifest.get("dependencies").and_then(toml::Value::as_table);
        table.map(|t| t.keys().cloned().collect()).unwrap_or_default()
    }

    fn sources(&self) -> Vec<(PathBuf, String)> {
        rust_files(&root().join(&self.dir).join("src"))
    }
}

fn members() -> Vec<Member> {
    let mut found = Vec::new();
    for group in ["crates", "chain"] {
        for entry in fs::read_dir(root().join(group)).unwrap() {
            let path = entry.unwrap().path();
            if path.join("Cargo.toml").exists() {
                found.push(format!("{group}/{}", path.file_name().unwrap().to_str().unwrap()));
            }
        }
    }
    found.push("cli".to_owned());
    found.sort();
    found
        .into_iter()
        .map(|dir| {
            let text = fs::read_to_string(root().join(&dir).join("Cargo.toml")).unwrap();
            Member { manifest: text.parse().unwrap(), dir }
        })
        .collect()
}

fn rust_files(dir: &Path) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                files.push((path.clone(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files
}

/// The text without comments and string literals are left in: good enough to look for words.
fn code_only(text: &str) -> String {
    text.lines().map(|l| l.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

fn words(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_ascii_alphanumeric()).map(str::to_ascii_lowercase).collect()
}

/// The names of all crates that compiling `package` takes, without dev-dependencies.
fn tree(package: &str, extra: &[&str]) -> BTreeSet<String> {
    let out = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--offline",
            "--locked",
            "-p",
            package,
            "-e",
            "normal,build",
            "--prefix",
            "none",
        ])
        .args(extra)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(out.status.success(), "cargo tree: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout)
        .unwrap()
        .lines()
        .filter_map(|l| l.split(' ').next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn arrows_go_down_only() {
    let levels: BTreeMap<String, u8> = LEVELS
        .iter()
        .map(|(dir, level)| (format!("yinxin-{}", dir.rsplit('/').next().unwrap()), *level))
        .collect();
    for member in members() {
        let own = LEVELS.iter().find(|(dir, _)| *dir == member.dir);
        let (_, own) = own.unwrap_or_else(|| {
            panic!("{} has no level: give it one here and in the design", member.dir)
        });
        for dependency in member.dependencies().iter().filter(|d| d.starts_with("yinxin-")) {
            let level =
                levels.get(dependency).unwrap_or_else(|| panic!("{dependency} has no level"));
            assert!(
                level < own,
                "{} (level {own}) depends on {dependency} (level {level})",
                member.dir
            );
        }
    }
}

#[test]
fn nothing_in_crates_depends_on_the_chain() {
    let chain = ["yinxin-engine", "yinxin-store", "yinxin-node", "yinxin-sim"];
    for member in members().iter().filter(|m| m.dir.starts_with("crates/")) {
        for name in chain {
            assert!(!member.dependencies().contains(name), "{} depends on {name}", member.dir);
        }
    }
}

#[test]
fn ledger_knows_no_documents() {
    let ledger = members().into_iter().find(|m| m.dir == "crates/ledger").unwrap();
    for name in ["yinxin-licence", "yinxin-ofd", "yinxin-seal"] {
        assert!(!ledger.dependencies().contains(name), "ledger depends on {name}");
    }
}

#[test]
fn the_chain_never_names_what_it_carries() {
    for member in members().iter().filter(|m| m.dir.starts_with("chain/")) {
        for (path, text) in member.sources() {
            let words = words(&code_only(&text));
            for word in ["seal", "seals", "licence", "licences", "credit", "grant", "masked"] {
                assert!(!words.contains(word), "{} names «{word}»", path.display());
            }
        }
    }
}

#[test]
fn engines_live_at_the_edges() {
    for member in members() {
        for (engine, allowed) in ENGINES {
            let names = member.dependencies();
            assert!(
                !names.contains(engine) || allowed.contains(&member.dir.as_str()),
                "{} depends on {engine}",
                member.dir
            );
        }
    }
}

#[test]
fn unsafe_lives_in_three_places() {
    for member in members() {
        for (path, text) in member.sources() {
            let local = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
            let may = ["crates/gm/src/backend", "crates/ffi/", "crates/device/"]
                .iter()
                .any(|p| local.starts_with(p));
            let code = code_only(&text);
            let names =
                code.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|w| w == "unsafe");
            assert!(may || !names, "{local} says unsafe");
        }
        let gm_or_ffi = ["crates/gm", "crates/ffi"].contains(&member.dir.as_str());
        let main = root().join(&member.dir).join(if member.dir == "cli" {
            "src/main.rs"
        } else {
            "src/lib.rs"
        });
        let text = fs::read_to_string(main).unwrap();
        assert!(
            gm_or_ffi || text.contains("#![forbid(unsafe_code)]"),
            "{} does not forbid unsafe",
            member.dir
        );
    }
}

#[test]
fn a_verifier_compiles_no_engine() {
    for (package, extra) in
        [("yinxin-verify", &[][..]), ("yinxin-verify", &["--features", "foreign"])]
    {
        let tree = tree(package, extra);
        for name in ["axum", "cxx", "jmt", "libp2p", "librocksdb-sys", "rocksdb", "tokio", "ureq"] {
            assert!(!tree.contains(name), "{package} {extra:?} compiles {name}");
        }
        assert_eq!(
            tree.contains("ring"),
            !extra.is_empty(),
            "ring comes with the feature `foreign` and only with it"
        );
    }
}

#[test]
fn national_cryptography_is_our_own() {
    for member in members() {
        for name in FOREIGN_ARITHMETIC {
            assert!(!member.dependencies().contains(name), "{} ships {name}", member.dir);
        }
    }
}

#[test]
fn a_crate_says_one_sentence_everywhere() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap_or_default();
    for member in members() {
        let description = member.manifest["package"]["description"].as_str().unwrap();
        let main = root().join(&member.dir).join(if member.dir == "cli" {
            "src/main.rs"
        } else {
            "src/lib.rs"
        });
        let text = fs::read_to_string(main).unwrap();
        let first = text.lines().next().unwrap();
        assert_eq!(first, format!("//! {description}"), "{}", member.dir);
        assert!(readme.contains(description), "README lacks the sentence of {}", member.dir);
    }
}

/// Names of formats of JSON: `"yinxin.…/N"`.
fn schemas(group: &str) -> BTreeSet<String> {
    let files = rust_files(&root().join(group));
    let literals = files.iter().flat_map(|(_, text)| text.split("\"yinxin.").skip(1));
    let names = literals.filter_map(|rest| rest.split('"').next());
    names.filter(|name| name.contains('/')).map(str::to_owned).collect()
}

#[test]
fn a_format_has_one_name_and_a_name_one_format() {
    let [program, service] = ["cli/src", "crates/service/src"].map(schemas);
    for (whose, names) in [("program", &program), ("service", &service)] {
        assert!(names.len() > 20, "the {whose}'s {}: the scan finds what there is", names.len());
    }
    let both: Vec<_> = program.intersection(&service).collect();
    assert!(both.is_empty(), "what the program prints and what the service answers: {both:?}");
}

#[test]
fn every_crate_takes_the_workspace_lints() {
    for member in members() {
        assert_eq!(member.manifest["lints"]["workspace"].as_bool(), Some(true), "{}", member.dir);
    }
}

#[test]
fn no_file_grows_a_second_noun() {
    for member in members() {
        for (path, text) in member.sources() {
            assert!(
                text.lines().count() <= 600,
                "{} has over 600 lines: look for the second noun",
                path.display()
            );
        }
    }
}

#[test]
fn no_path_of_one_machine() {
    // Split, so that this file does not name them itself.
    let roots = [["/wo", "rk/"].concat(), ["/ro", "ot/"].concat(), ["/fa", "rm/"].concat()];
    for group in ["crates", "chain", "cli", "tests", "fuzz"] {
        for (path, text) in rust_files(&root().join(group)) {
            for r in &roots {
                assert!(!text.contains(r.as_str()), "{} names {r}", path.display());
            }
        }
    }
}

#[test]
fn a_decision_is_one_page_of_four_parts() {
    for entry in fs::read_dir(root().join("specs/adr")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        for part in ["Context", "Decision", "Consequences", "Status"] {
            assert!(text.contains(part), "{} lacks «{part}»", path.display());
        }
        assert!(text.lines().count() <= 70, "{} is longer than a page", path.display());
    }
}

#[test]
fn the_two_commands_are_in_the_readme_and_ci_calls_the_second() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    assert!(readme.contains("sh cli/quickstart.sh") && readme.contains("sh tests/run.sh"));
    assert!(fs::read_to_string(root().join(".ci/run")).unwrap().contains("tests/run.sh"));
}
