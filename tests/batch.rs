//! `licence issue` of a few hundred rows, killed at random points and resumed: no row twice, none lost, bad rows told by line.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::{
    collections::BTreeSet,
    process::Stdio,
    time::{Duration, Instant},
};

use yinxin_gm::sm3;
use yinxin_tests::{
    cluster::{Cluster, DEPARTMENTS},
    place::Place,
    root,
};

/// The sample's type stands for the nation's; here the first department publishes it as its own.
const NATIONAL_CODE: &str = "11100000MB0143028R001";

/// Good rows: more than four chunks of the program's 64, the last one not full.
const GOOD: usize = 260;

/// Lines of the CSV, by their number, that are no licences: what is wrong, and a word that the reason has.
const BAD: [(usize, &str, &str); 3] = [
    (30, "holder_code", "check"),
    (150, "established", "2024年02月30日"),
    (200, "category", "有限"),
];

/// A type, its mapping, and rows: the sample's, repeated under other serials, with bad ones among them.
fn materials(place: &Place) {
    let sample =
        |name: &str| std::fs::read_to_string(root().join("cli/sample").join(name)).unwrap();
    let code = format!("{}001", DEPARTMENTS[0].0);
    place.write("type.toml", sample("business-licence.toml").replace(NATIONAL_CODE, &code));
    place.write("columns.toml", sample("columns.toml"));
    let csv = sample("companies.csv");
    let (header, rows) = csv.split_once('\n').unwrap();
    let rows: Vec<_> = rows.lines().map(|row| row.split_once(',').unwrap().1).collect();
    let mut out = format!("{header}\n");
    for (number, line) in (2..=GOOD + BAD.len() + 1).enumerate() {
        let mut row = rows[number % rows.len()].to_owned();
        match BAD.iter().find(|(at, ..)| *at == line).map(|(_, field, _)| *field) {
            Some("holder_code") => row = with(&row, 1, "91330112MAJF8J6U40"),
            Some("established") => row = with(&row, 5, "2024年02月30日"),
            Some(_) => row = with(&row, 2, "有限公司"),
            None => {}
        }
        out.push_str(&format!("{},{row}\n", 3_301_002_026_000_000_u64 + line as u64));
    }
    place.write("rows.csv", out);
}

/// A row of commas and quotes with another value in one column.
fn with(row: &str, column: usize, value: &str) -> String {
    let mut quoted = false;
    let mut columns = vec![String::new()];
    for c in row.chars() {
        quoted ^= c == '"';
        match c {
            ',' if !quoted => columns.push(String::new()),
            c => columns.last_mut().unwrap().push(c),
        }
    }
    value.clone_into(&mut columns[column]);
    columns.join(",")
}

/// What a department needs before it issues: a seal and a published type.
fn prepare(cluster: &Cluster) -> String {
    let place = cluster.place();
    materials(place);
    let at = format!("--node {} --trust trust", cluster.http(1));
    place.ok(&format!(
        "seal make --key n2/org.key --cert n2/org.cer --password-file pw --signer n1/org.cer --name 测试市市场监督管理局 \
         --purpose 电子证照专用章 --out seal.esl {at}"
    ));
    let signer = "--key n1/org.key --cert n1/org.cer --password-file pw";
    place.ok(&format!("licence type publish type.toml {signer} {at}"));
    format!(
        "licence issue --type type.toml --csv rows.csv --map columns.toml --seal seal.esl {signer} {at} \
         --out licences --receipts receipts --work work"
    )
}

/// A number below `below` that a seed and a count give.
fn pick(seed: u64, count: u64, below: u64) -> u64 {
    let digest = sm3::digest_all(&[&seed.to_be_bytes(), &count.to_be_bytes()]);
    u64::from_be_bytes(digest.as_bytes()[..8].try_into().unwrap()) % below
}

/// Starts the batch and kills it when the journal has grown by a random number of bytes: any step may be its last.
/// Whether it was killed before its end.
fn kill_somewhere(place: &Place, line: &str, seed: u64, count: u64) -> bool {
    let words: Vec<_> = line.split_whitespace().collect();
    let mut process =
        place.command(&words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // Beginning with opening keys, which writes nothing, to a good part of the batch.
    let grown = journal(place) + pick(seed, count, 50_000);
    let begun = Instant::now();
    loop {
        if process.try_wait().unwrap().is_some() {
            return false;
        }
        if journal(place) >= grown || begun.elapsed() > Duration::from_secs(60) {
            std::thread::sleep(Duration::from_millis(pick(seed, count + 100, 30)));
            process.kill().unwrap();
            process.wait().unwrap();
            return true;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn journal(place: &Place) -> u64 {
    let Ok(entries) = std::fs::read_dir(place.file("work")) else { return 0 };
    let journals =
        entries.flatten().filter(|e| e.path().extension().is_some_and(|x| x == "journal"));
    journals.filter_map(|e| e.metadata().ok()).map(|m| m.len()).sum()
}

fn names(place: &Place, folder: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(place.file(folder)).unwrap();
    let all = entries.map(|e| e.unwrap().file_name().into_string().unwrap());
    // What begins with a dot is a file that a kill left half written, never to be read.
    all.filter(|n| !n.starts_with('.')).map(|n| n.split('.').next().unwrap().to_owned()).collect()
}

fn log_size(cluster: &Cluster) -> u64 {
    let head =
        cluster.place().run(&format!("--json node status --node {}", cluster.http(1))).json();
    head["log_size"].as_u64().unwrap()
}

#[test]
fn a_batch_killed_at_random_points_issues_each_row_once() {
    let cluster = Cluster::start();
    let place = cluster.place();
    let line = prepare(&cluster);
    let before = log_size(&cluster);
    let seed = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    println!("seed {seed}");
    let kills = (0..8).filter(|n| kill_somewhere(place, &line, seed, *n)).count();
    println!("killed {kills} times, the log grew by {}", log_size(&cluster) - before);
    assert!(kills >= 2, "the batch was too fast to be killed");

    // Wherever it was killed, what is out is anchored.
    let out: String =
        names(place, "licences").iter().map(|s| format!(" licences/{s}.ofd")).collect();
    assert!(!out.is_empty(), "it was never killed after the first row");
    place.ok(&format!("verify --brief --trust trust{out}"));

    let done = place.ends(&format!("--json {line}"), 4, &[]).json();
    assert_eq!(done["rejected"], BAD.len());
    assert_eq!(done["issued"].as_u64().unwrap() + done["before"].as_u64().unwrap(), GOOD as u64);
    // Once more changes nothing.
    let again = place.ends(&format!("--json {line}"), 4, &[]).json();
    assert_eq!((again["issued"].as_u64(), again["before"].as_u64()), (Some(0), Some(GOOD as u64)));

    let bad: BTreeSet<_> =
        BAD.iter().map(|(at, ..)| (3_301_002_026_000_000 + at).to_string()).collect();
    let good: BTreeSet<_> = (2..=GOOD + BAD.len() + 1)
        .map(|n| (3_301_002_026_000_000 + n).to_string())
        .filter(|serial| !bad.contains(serial))
        .collect();
    assert_eq!(names(place, "licences"), good);
    assert_eq!(names(place, "receipts"), good);
    assert_eq!(log_size(&cluster) - before, GOOD as u64, "one record for each row");
    rejects_name_line_and_reason(place);
    cluster.stop_all();
    let files: String =
        good.iter().map(|s| format!(" licences/{s}.ofd receipts/{s}.receipt")).collect();
    place.ok(&format!("verify --brief --trust trust{files}"));
}

fn rejects_name_line_and_reason(place: &Place) {
    let text = String::from_utf8(place.read("work/rejects.csv")).unwrap();
    let lines: Vec<_> = text.lines().skip(1).collect();
    assert_eq!(lines.len(), BAD.len(), "{text}");
    for ((line, field, word), reject) in BAD.iter().zip(lines) {
        assert!(reject.starts_with(&format!("{line},{field},")), "{reject}");
        assert!(reject.contains(word), "{reject}: no {word}");
    }
}
