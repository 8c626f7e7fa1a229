//! A server whose clock is wrong: ahead, so far ahead that it cannot be, and behind.

use std::process::{Child, Stdio};

use yinxin_tests::{
    cluster::wait_for,
    data_town::{PATIENCE, Server, Town},
    place::Place,
};

/// Real processes; only what the C library says of the time is changed.
pub(super) fn a_server_with_a_wrong_clock_answers_nothing(town: &Town, work: &str) {
    let place = town.place();
    let grant = town.grant("307~1", "--field 企业名称", 100, "clock");
    let lines = || {
        let said = place.ends(&format!("--json data lines {work}/journal"), 0, &[]).json();
        said["lines"].as_array().unwrap().len()
    };
    for (skew, word) in [
        // The ledger's head is ten seconds ahead of it; no block could be so old; or the head is too old by it. The last time counts
        // from then on.
        ("-15", "denied:stale-ledger"),
        ("+720", "unavailable:clock"),
        ("+60", "denied:stale-ledger"),
    ] {
        // A journal's last time is never gone behind: it must itself be older than a head may be ahead.
        std::thread::sleep(std::time::Duration::from_secs(10));
        let before = lines();
        let line = town.serve_line().replace("--work served", &format!("--work {work}"));
        let Some(skewed) = place.at_clock(&format!("{skew}s")) else { return };
        let mut server = Server(start(&skewed, &line));
        let up = wait_for(PATIENCE, || std::net::TcpStream::connect(&town.listen).ok());
        assert!(up.is_some(), "{skew}: {}", town.log());
        let fetch = town.fetch_line(2, &grant, "skewed.csv", "").replace("n2.", "skewed.");
        let said = place.run(&fetch);
        assert!(said.code != Some(0) && said.err.contains(word), "{skew}: {}", said.err);
        assert!(!place.file("skewed.csv").exists());
        // What was denied is on disk; without a time that can be right nothing was decided.
        assert_eq!(lines() - before, usize::from(word.starts_with("denied")), "{skew}");
        server.0.kill().unwrap();
        server.0.wait().unwrap();
    }
    let server = town.serve_in(work);
    let line = town.fetch_line(2, &grant, "right.csv", "--rows 1");
    let right = wait_for(2 * PATIENCE, || (place.run(&line).code == Some(0)).then_some(()));
    assert!(right.is_some(), "{}", town.log());
    drop(server);
}

fn start(place: &Place, line: &str) -> Child {
    let log = std::fs::OpenOptions::new().append(true).open(place.file("served.log"));
    let words: Vec<_> = line.split_whitespace().collect();
    place.command(&words).stdout(Stdio::null()).stderr(log.unwrap()).spawn().unwrap()
}
