//! What breaks while data are shared, with real nodes, a real server and PostgreSQL: a node that is down, a receiver that is suspended,
//! a key that is rotated, a resource that is withdrawn, a clock that is wrong, deliveries and calls that race for one grant. Never more
//! than granted, never an unrecorded access, nothing lost.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests are tests")]

#[path = "data_faults/clock.rs"]
mod clock;
#[path = "data_faults/race.rs"]
mod race;
#[path = "data_faults/twin.rs"]
mod twin;

use std::{process::Child, time::Duration};

use yinxin_tests::{
    cluster::{DEPARTMENTS, wait_for},
    data_town::{PATIENCE, Server, Town, ended, signer, town},
    decide::{agree, agree_by, certificate, rotate},
};
use yinxin_verdict::UnixTime;

const ALL: &str = "--field 序号 --field 全文";

#[test]
fn whatever_breaks_nothing_leaves_ungranted_or_unrecorded_and_nothing_is_lost() {
    let Some(town) = town() else { return };
    let server = town.serve();
    let [deaf, suspended, rotated, withdrawn] = ["deaf", "suspended", "rotated", "withdrawn"]
        .map(|key| town.grant("307~3", ALL, 200_000, key));
    let raced = race::deliveries_and_calls_share_one_grant(&town);
    a_stream_ends_when_its_node_is_down(&town, &deaf);
    a_stream_ends_when_its_receiver_is_suspended(&town, &suspended);
    let server = the_owners_key_is_rotated_under_a_stream(&town, server, &rotated);
    a_delivery_outlives_a_node_and_its_own_command(&town, &withdrawn);
    a_stream_ends_with_its_grant(&town);
    a_stream_ends_when_its_resource_is_withdrawn(&town, &withdrawn);
    let grant = town.grant("307~1", "--field 企业名称", 100, "twins");
    let twin = twin::another_folder_takes_over_and_says_so(&town, &grant);
    // What the first folder served, it tells although it answers no more.
    everything_is_told(&town, &[&deaf, &suspended, &rotated, &withdrawn], &raced);
    drop(server);
    twin::only_the_folder_that_took_over_goes_on(&town, &grant, twin);
    clock::a_server_with_a_wrong_clock_answers_nothing(&town, "twin");
    town.cluster.stop_all();
}

/// Calls until the server says this. For a purpose that nobody was granted: until then too nothing is served.
fn says(town: &Town, grant: &str, word: &str) {
    let line = town.fetch_line(2, grant, "late.csv", "--rows 1 --purpose advertising");
    let line = line.replace("n2.journal", "late.journal");
    let heard = wait_for(PATIENCE, || town.place().run(&line).err.contains(word).then_some(()));
    assert!(heard.is_some(), "{word}\n{}", town.log());
    assert!(!town.place().file("late.csv").exists());
}

/// The tap lets go: what was on its way arrives, and then the end.
fn cut(town: &Town, child: Child, out: &str, code: i32, word: &str) {
    town.to_server.hold(None);
    ended(child, code, &[word]);
    for file in [out.to_owned(), format!("{out}.part"), format!("{out}.opening")] {
        assert!(!town.place().file(&file).exists(), "{file}");
    }
}

fn answers(town: &Town, grant: &str, out: &str) {
    let line = town.fetch_line(2, grant, out, "--rows 100");
    let done = wait_for(PATIENCE, || (town.place().run(&line).code == Some(0)).then_some(()));
    assert!(done.is_some(), "{}\n{}", town.place().run(&line).err, town.log());
}

/// The server's node is away: heads grow old, and a heartbeat and 5 s later nothing leaves, not even the rest of what goes out.
fn a_stream_ends_when_its_node_is_down(town: &Town, grant: &str) {
    let child = town.stalled(grant, "deaf.csv");
    town.cluster.kill(1);
    says(town, grant, "denied:stale-ledger");
    assert!(town.get("/health/ready").contains("503"));
    cut(town, child, "deaf.csv", 6, "cut short: stale-ledger");
    town.cluster.start_node(1);
    town.place().ok(&format!("node status --node {} --wait 60 --peers 3", town.cluster.http(1)));
    answers(town, grant, "heard.csv");
    assert!(town.get("/health/ready").contains("200"));
}

fn a_stream_ends_when_its_receiver_is_suspended(town: &Town, grant: &str) {
    let child = town.stalled(grant, "suspended.csv");
    agree(&town.cluster, 3, &format!("suspend {}", DEPARTMENTS[1].0));
    says(town, grant, "denied:suspended");
    cut(town, child, "suspended.csv", 6, "cut short: suspended");
    agree_by(&town.cluster, &[1, 3, 4], &format!("resume {}", DEPARTMENTS[1].0));
    answers(town, grant, "resumed.csv");
}

/// The ledger takes nothing by the old key any more: the server stops in the middle, and goes on where its journal stands once it has
/// the new one. What the old one served is told by the new one.
fn the_owners_key_is_rotated_under_a_stream(
    town: &Town,
    mut server: Server,
    grant: &str,
) -> Server {
    let place = town.place();
    certificate(place, 1, DEPARTMENTS[0].0, "next");
    let child = town.stalled(grant, "rotated.csv");
    rotate(&town.cluster, 1, "next");
    says(town, grant, "unavailable:authority");
    cut(town, child, "rotated.csv", 5, "the server could not go on: authority");
    // A stranger's call is no denial either, by a server that may not tell of it.
    let denials = || town.log().matches("denied").count();
    let before = denials();
    says(town, grant, "unavailable:authority");
    assert_eq!(denials(), before);
    server.0.kill().unwrap();
    server.0.wait().unwrap();
    let old = town.serve_line().replace("n1/org.", "n1/was.");
    place.ends(&old, 6, &["the ledger knows another key"]);
    let server = town.serve();
    answers(town, grant, "next.csv");
    server
}

/// `data deliver` while its node is away goes on when it is back; killed before the answer, the same command sends the same record.
fn a_delivery_outlives_a_node_and_its_own_command(town: &Town, grant: &str) {
    let place = town.place();
    place.write("paper.txt", "a table of eleven rows");
    place.ok(&format!("data seal paper.txt --to n2/org.cer --out paper.envelope {}", signer(1)));
    let line = format!(
        "data deliver paper.envelope --to {grant}=n2/org.cer --rows 11 --work served --out paper.receipt \
         {} --node {} --trust trust",
        signer(1),
        town.cluster.http(3)
    );
    let start = || {
        let words: Vec<_> = line.split_whitespace().collect();
        place.command(&words).spawn().unwrap()
    };
    // Two of four are away: nothing is decided, and the record waits.
    for n in [2, 4] {
        town.cluster.kill(n);
    }
    let mut killed = start();
    let signed = wait_for(PATIENCE, || place.file("paper.receipt.unsent").exists().then_some(()));
    assert!(signed.is_some());
    std::thread::sleep(Duration::from_millis(500));
    killed.kill().unwrap();
    killed.wait().unwrap();
    let record = place.read("paper.receipt.unsent");
    let mut again = start();
    std::thread::sleep(Duration::from_millis(500));
    town.cluster.start_all();
    assert!(again.wait().unwrap().success());
    place.ok("verify --brief --trust trust paper.receipt");
    let receipt = place.read("paper.receipt");
    assert!(yinxin_tests::data_town::holds(&receipt, &record), "the record that was signed first");
    place.ends(&format!("data status {grant} {}", town.at()), 0, &["1 calls, 11 rows"]);
}

fn a_stream_ends_when_its_resource_is_withdrawn(town: &Town, grant: &str) {
    let child = town.stalled(grant, "withdrawn.csv");
    let resource = format!("{}.307~3", DEPARTMENTS[0].0);
    town.place().ok(&format!("data withdraw {resource} {} {}", signer(1), town.at()));
    says(town, grant, "denied:withdrawn");
    cut(town, child, "withdrawn.csv", 6, "cut short: withdrawn");
}

/// A grant ends by its own last instant: no act and no block is needed.
fn a_stream_ends_with_its_grant(town: &Town) {
    let until = UnixTime::system_now().plus_millis(30_000).floor_to_second();
    let grant = town.grant_until("307~3", ALL, 200_000, "expires", until);
    let child = town.stalled(&grant, "expired.csv");
    assert!(UnixTime::system_now() < until, "a machine so slow proves nothing");
    says(town, &grant, "denied:expired");
    assert!(UnixTime::system_now() >= until);
    cut(town, child, "expired.csv", 6, "cut short: expired");
}

/// Each window comes onto the ledger, whoever was away or had another key meanwhile, and both sides count alike: of a stream that was
/// cut as of one that was not.
fn everything_is_told(town: &Town, grants: &[&str], raced: &str) {
    let place = town.place();
    let waiting = || {
        let metrics = town.get("/metrics");
        let line = metrics.lines().find(|l| l.starts_with("yinxin_data_windows_waiting ")).unwrap();
        line.rsplit(' ').next().unwrap() != "0"
    };
    let minute = |ms: i64| UnixTime::EPOCH.plus_millis(ms - ms.rem_euclid(60_000));
    let begun = UnixTime::system_now().as_millis();
    let over = wait_for(Duration::from_secs(120), || {
        let now = UnixTime::system_now().as_millis();
        // The minute of the last call, and three seconds for the ledger's clocks.
        (now > minute(begun).as_millis() + 64_000 && !waiting()).then_some(())
    });
    assert!(over.is_some(), "{}", town.log());
    let (from, until) = (minute(begun - 3_600_000), minute(begun + 60_000));
    for grant in grants {
        let lines =
            place.ends(&format!("--json data lines served/journal --grant {grant}"), 0, &[]);
        let lines = lines.json();
        let lines = lines["lines"].as_array().unwrap();
        let rows: u64 = lines.iter().map(|l| l["rows"].as_u64().unwrap()).sum();
        // Beside what one delivery carried.
        let delivered = if grant == grants.last().unwrap() { 11 } else { 0 };
        let told = format!(" {} rows", rows + delivered);
        place.ends(&format!("data status {grant} {}", town.at()), 0, &[&told]);
        let denied = lines.iter().filter(|l| l["outcome"] != "served").count();
        assert!(
            denied > 0 || *grant == grants[2],
            "a stream that was cut has a line that says why"
        );
        for (n, journal, word) in [(1, "served/journal", "waiting"), (2, "n2.journal", "matched")] {
            let line = format!(
                "data reconcile {grant} --from {from} --until {until} --journal {journal} {} {}",
                signer(n),
                town.at()
            );
            place.ends(&line, 0, &[word]);
        }
    }
    place.ends(&format!("data status {raced} {}", town.at()), 0, &["1000 rows"]);
}
