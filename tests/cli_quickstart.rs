//! The tour: it runs to its end beside another, leaves a folder whose README is true, and shows the commands that it uses.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::{
    path::Path,
    process::{Command, Stdio},
    thread,
};

use yinxin_tests::{bin_dir, place::Place};

/// A shell line in a folder, with the program on the path.
fn shell(folder: &Path, line: &str) -> (Option<i32>, String) {
    let path = format!("{}:{}", bin_dir().display(), std::env::var("PATH").unwrap());
    let done = Command::new("sh")
        .args(["-c", line])
        .current_dir(folder)
        .env("PATH", path)
        .env("XDG_CONFIG_HOME", folder.join("config"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = [done.stdout, done.stderr].concat();
    (done.status.code(), String::from_utf8_lossy(&said).into_owned())
}

/// How many files of a folder end so.
fn count(folder: &Path, ending: &str) -> usize {
    let files = std::fs::read_dir(folder).unwrap();
    files.filter(|f| f.as_ref().unwrap().path().extension().is_some_and(|e| e == ending)).count()
}

/// The commands that the folder's README tells to try, with the exit code that it promises.
fn promises(readme: &str) -> Vec<(String, i32)> {
    let part = readme.split("Try (").nth(1).unwrap().split("With the nodes").next().unwrap();
    let lines = part.lines().map(str::trim).filter(|l| l.starts_with("yinxin "));
    lines
        .map(|line| {
            let (command, note) = line.split_once('#').unwrap_or((line, ""));
            let code = note.split("exit code ").nth(1).map_or(0, |c| c.trim().parse().unwrap());
            (command.trim().to_owned(), code)
        })
        .collect()
}

#[test]
fn two_tours_run_side_by_side_and_their_folders_keep_what_the_readme_promises() {
    let temp = tempfile::tempdir().unwrap();
    let place = Place::new(temp.path());
    thread::scope(|scope| {
        for (folder, rows) in [("first", "12"), ("second", "4")] {
            let place = &place;
            scope.spawn(move || place.ok(&format!("quickstart --licences {rows} {folder}")));
        }
    });
    let tour = temp.path().join("first");
    assert_eq!(count(&tour.join("licences"), "ofd"), 12);
    // One for each licence, two from the time when a node was away.
    assert_eq!(count(&tour.join("receipts"), "receipt"), 14);
    assert_eq!(count(&tour.join("receipts"), "status"), 1);
    assert_eq!(count(&temp.path().join("second/licences"), "ofd"), 4);
    for name in
        ["trust/ca.cer", "trust/ca.crl", "trust/ledger.genesis", "nodes/4", "seal/department.esl"]
    {
        assert!(tour.join(name).exists(), "{name}");
    }
    let promises = promises(&std::fs::read_to_string(tour.join("README")).unwrap());
    assert!(promises.len() >= 8, "{promises:?}");
    for (line, code) in promises {
        let (ended, said) = shell(&tour, &line);
        assert_eq!(ended, Some(code), "{line}\n{said}");
    }
    // A folder that has something in it is left alone.
    let again = place.run("quickstart first");
    assert_eq!(again.code, Some(2), "{}", again.err);
}

#[test]
fn the_commands_that_are_shown_do_the_same() {
    let temp = tempfile::tempdir().unwrap();
    let place = Place::new(temp.path());
    place.write("tour.sh", place.ok("quickstart --show --licences 4 replay"));
    let (code, said) = shell(temp.path(), "sh tour.sh");
    assert_eq!(code, Some(0), "{said}");
    let tour = temp.path().join("replay");
    assert_eq!(count(&tour.join("licences"), "ofd"), 4);
    let (code, said) = shell(&tour, "yinxin verify --brief --trust trust licences/*.ofd");
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn the_whole_sample_is_issued_and_verified() {
    let temp = tempfile::tempdir().unwrap();
    let place = Place::new(temp.path());
    let view = place.ends("--json quickstart tour", 0, &[]).json();
    println!("{} s for {} licences", view["seconds"], view["licences"]);
    let tour = temp.path().join("tour");
    assert_eq!(count(&tour.join("licences"), "ofd"), 200);
    let said = place.ok("verify --brief --trust tour/trust tour/receipts/3301002026000131.receipt");
    assert!(said.contains("VALID"), "{said}");
}

/// Plays a scenario into `first` while its own script plays it into `second`.
fn first_and_second(folder: &Path, place: &Place, scenario: &str) {
    let tour = format!("quickstart --scenario {scenario}");
    place.write("tour.sh", place.ok(&format!("{tour} --show second")));
    thread::scope(|scope| {
        scope.spawn(|| {
            let view = place.ends(&format!("--json {tour} first"), 0, &[]).json();
            println!("{} s for {}", view["seconds"], view["scenario"]);
        });
        scope.spawn(|| {
            let (code, said) = shell(folder, "sh tour.sh");
            assert_eq!(code, Some(0), "{said}");
        });
    });
}

#[test]
fn the_sharing_tour_runs_beside_its_own_script_and_keeps_what_its_readme_promises() {
    let temp = tempfile::tempdir().unwrap();
    let place = Place::new(temp.path());
    first_and_second(temp.path(), &place, "sharing");
    for name in ["first", "second"] {
        let tour = temp.path().join(name);
        let picture = std::fs::read_to_string(tour.join("auditor/trace.svg")).unwrap();
        for word in ["示范市税务局", "示范银行", "企业纳税信用信息"] {
            assert!(picture.contains(word), "{word}");
        }
        // What others may not open, and what came after the revocation, is not there; nor is a person's whole name or number.
        for absent in ["market/stolen.csv", "bank/late.csv"] {
            assert!(!tour.join(absent).exists(), "{absent}");
        }
        let view = std::fs::read(tour.join("bank/insurance.view")).unwrap();
        let table = std::fs::read_to_string(tour.join("insurance/table.csv")).unwrap();
        for row in table.lines().skip(1) {
            let number = row.rsplit(',').next().unwrap().as_bytes();
            assert!(!view.windows(number.len()).any(|w| w == number), "{row}");
        }
        assert!(count(&tour.join("auditor/case/certificates"), "cer") >= 5);
        let promises = promises(&std::fs::read_to_string(tour.join("README")).unwrap());
        assert!(promises.len() >= 8, "{promises:?}");
        for (line, code) in promises {
            let (ended, said) = shell(&tour, &line);
            assert_eq!(ended, Some(code), "{line}\n{said}");
        }
    }
}

#[test]
fn the_credit_tour_runs_beside_its_own_script_and_keeps_what_its_readme_promises() {
    let temp = tempfile::tempdir().unwrap();
    let place = Place::new(temp.path());
    first_and_second(temp.path(), &place, "credit");
    for name in ["first", "second"] {
        let tour = temp.path().join(name);
        // What nobody was authorised to see was not written.
        for absent in ["other-bank/company.view", "bank/late.view"] {
            assert!(!tour.join(absent).exists(), "{absent}");
        }
        let id = |name: &str| std::fs::read_to_string(tour.join("ids").join(name)).unwrap();
        assert_eq!(id("invoice"), id("same-invoice"), "one invoice, one key");
        let view = "yinxin --json credit view check bank/company.view --trust trust";
        let (code, said) = shell(&tour, view);
        assert_eq!(code, Some(0), "{said}");
        let view: serde_json::Value = serde_json::from_str(&said).unwrap();
        // A licence and the penalty that is neither repaired nor over; what was repaired, expired or struck off is counted.
        assert_eq!((view["items"].as_array().unwrap().len(), &view["ended"]), (2, &3.into()));
        // The batch that an auditor executes again lies there.
        assert!(tour.join("published/1.records").exists());
        let promises = promises(&std::fs::read_to_string(tour.join("README")).unwrap());
        assert!(promises.len() >= 8, "{promises:?}");
        for (line, code) in promises {
            let (ended, said) = shell(&tour, &line);
            assert_eq!(ended, Some(code), "{line}\n{said}");
        }
    }
}
