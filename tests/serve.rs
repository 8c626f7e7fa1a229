//! The service and a node as processes: under clients that never finish their question, and what they leave on the disk.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test says what went wrong by panicking")]

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use yinxin_tests::{
    cluster::{Cluster, free_ports, wait_for},
    place::Place,
};

/// A process that ends with the test.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// The status line of the answer to an honest client.
fn ask(address: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
    stream.write_all(b"GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    text.lines().next().map(str::to_owned)
}

/// Six hundred sockets once held every descriptor of the service, and those of its database, for as long as they liked.
#[test]
fn six_hundred_half_questions_do_not_stop_an_honest_client() {
    let temp = tempfile::tempdir().unwrap();
    let place = Place::new(temp.path());
    let address = format!("127.0.0.1:{}", free_ports());
    // Few descriptors: what a service is given by default where nobody thought of it.
    let program = yinxin_tests::bin_dir().join("yinxin");
    let line = format!("ulimit -n 256; exec {} serve --listen {address}", program.display());
    let mut command = place.shell("sh");
    let child = command.args(["-c", &line]).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let _served = Served(child.unwrap());
    wait_for(Duration::from_secs(20), || ask(&address)).expect("the service answers");
    let held: Vec<TcpStream> = (0..600)
        .map(|_| {
            let mut stream = TcpStream::connect(&address).unwrap();
            // Shown out already, perhaps.
            drop(stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n"));
            stream
        })
        .collect();
    for _ in 0..10 {
        let start = Instant::now();
        let answer = ask(&address);
        assert_eq!(answer.as_deref(), Some("HTTP/1.1 200 OK"));
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    }
    drop(held);
}

/// The ledger says who did what when: on a machine with other users that is not theirs to read.
#[test]
fn what_a_node_writes_is_for_its_owner_only() {
    let cluster = Cluster::found();
    cluster.start_node(1);
    let data = cluster.place().file("n1/data");
    let files = wait_for(Duration::from_secs(30), || {
        let files = below(&data);
        (files.len() > 5).then_some(files)
    });
    cluster.kill(1);
    for path in files.expect("the node keeps its data there").iter().chain([&data]) {
        // What the database has put away meanwhile is nobody's to read.
        let Ok(found) = fs::metadata(path) else { continue };
        let mode = found.permissions().mode() & 0o777;
        let expected = if found.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode & !expected, 0, "{}: {mode:o}", path.display());
    }
    for (path, expected) in [("n1", 0o700), ("n1/node.key", 0o600), ("n1/network.key", 0o600)] {
        let mode = fs::metadata(cluster.place().file(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, expected, "{path}: {mode:o}");
    }
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.flatten().map(|e| e.path());
    paths.flat_map(|p| if p.is_dir() { [below(&p), vec![p]].concat() } else { vec![p] }).collect()
}
