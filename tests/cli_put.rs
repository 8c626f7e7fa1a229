//! `ledger put` over four processes, founded by four departments in four directories; the receipt is checked offline.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::{
    path::Path,
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use yinxin_tests::bin_dir;

/// Invented departments; the codes have right check digits.
const CODES: [&str; 4] =
    ["11990100MB0A00018B", "11990100MB0A000266", "11990100MB0A000341", "11990100MB0A00042U"];

struct Consortium {
    folder: tempfile::TempDir,
    http: Vec<String>,
    nodes: Vec<Option<Child>>,
}

impl Drop for Consortium {
    fn drop(&mut self) {
        for node in self.nodes.iter_mut().flatten() {
            let _ = node.kill();
            let _ = node.wait();
        }
    }
}

fn yinxin(folder: &Path, line: &str) -> Output {
    Command::new(bin_dir().join("yinxin"))
        .args(line.split_whitespace())
        .current_dir(folder)
        .env_remove("LANG")
        .env_remove("LC_ALL")
        .env("XDG_CONFIG_HOME", folder.join("config"))
        .stdin(Stdio::null())
        .output()
        .expect("the binary was built")
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

fn code(folder: &Path, line: &str, expected: i32) -> String {
    let output = yinxin(folder, line);
    assert_eq!(output.status.code(), Some(expected), "yinxin {line}\n{}", said(&output));
    said(&output)
}

fn ok(folder: &Path, line: &str) -> String {
    code(folder, line, 0)
}

fn free_pair() -> u16 {
    loop {
        let first = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = first.local_addr().unwrap().port();
        if port < u16::MAX && std::net::TcpListener::bind(("127.0.0.1", port + 1)).is_ok() {
            return port;
        }
    }
}

impl Consortium {
    fn found() -> Self {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path();
        std::fs::write(folder.join("pw"), "correct horse\n").unwrap();
        ok(folder, "ca init ca --name CA --password-file pw");
        ok(folder, "ca crl ca --password-file pw --out trust/ca.crl");
        std::fs::copy(folder.join("ca/ca.cer"), folder.join("trust/ca.cer")).unwrap();
        let mut http = Vec::new();
        for (i, code) in CODES.iter().enumerate() {
            let n = i + 1;
            let address = format!("127.0.0.1:{}", free_pair());
            ok(folder, &format!("key new n{n}/org.key --password-file pw"));
            ok(
                folder,
                &format!(
                    "key csr n{n}/org.key --password-file pw --organisation D{n} --code {code} --out n{n}/org.csr"
                ),
            );
            ok(folder, &format!("ca issue ca n{n}/org.csr --password-file pw --out n{n}/org.cer"));
            ok(
                folder,
                &format!(
                    "node init n{n} --key n{n}/org.key --cert n{n}/org.cer --password-file pw --powers anchor --listen 127.0.0.1:{} --http {address}",
                    free_pair()
                ),
            );
            http.push(format!("http://{address}"));
        }
        ok(folder, "ledger genesis new g --name Test");
        ok(
            folder,
            "ledger genesis add g n1/entry.genesis n2/entry.genesis n3/entry.genesis n4/entry.genesis",
        );
        for n in 1..=3 {
            ok(folder, &format!("ledger genesis sign g --key n{n}/org.key --password-file pw"));
        }
        assert!(code(folder, "ledger genesis check g", 1).contains("not yet signed"));
        ok(folder, "ledger genesis sign g --key n4/org.key --password-file pw");
        ok(folder, "ledger genesis check g --trust trust");
        for target in ["trust", "n1", "n2", "n3", "n4"] {
            std::fs::copy(folder.join("g"), folder.join(target).join("ledger.genesis")).unwrap();
        }
        let nodes = (1..=4).map(|n| Some(start(folder, n))).collect();
        let this = Self { folder: temp, http, nodes };
        for address in &this.http {
            ok(this.path(), &format!("node status --node {address} --wait 60"));
        }
        this
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn put(&self, node: usize, key: &str, out: &str) -> String {
        let line = format!(
            "ledger put g --business-key {key} --key n1/org.key --cert n1/org.cer --password-file pw --node {} --trust trust --out {out}",
            self.http[node]
        );
        ok(self.path(), &line)
    }

    fn kill(&mut self, node: usize) {
        let mut child = self.nodes[node].take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

fn start(folder: &Path, n: usize) -> Child {
    let log = std::fs::File::create(folder.join(format!("n{n}/log"))).unwrap();
    Command::new(bin_dir().join("yinxin"))
        .args(["node", "run", &format!("n{n}")])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap()
}

#[test]
fn a_receipt_from_four_processes_holds_offline() {
    let mut consortium = Consortium::found();
    consortium.put(0, "one", "one.receipt");
    // One of four dies: the ledger goes on, through any other.
    consortium.kill(3);
    consortium.put(1, "two", "two.receipt");
    consortium.put(2, "three", "three.receipt");
    // It comes back and is in step.
    let begun = Instant::now();
    let child = start(consortium.path(), 4);
    consortium.nodes[3] = Some(child);
    let line = format!(
        "node status --node {} --wait 30 --caught-up-with {}",
        consortium.http[3], consortium.http[0]
    );
    ok(consortium.path(), &line);
    println!("caught up after {:?}", begun.elapsed());
    let first = std::fs::read(consortium.path().join("one.receipt")).unwrap();
    consortium.put(3, "four", "four.receipt");
    for node in 0..4 {
        consortium.kill(node);
    }
    thread::sleep(Duration::from_millis(200));
    // All nodes are stopped; the folder and the files are enough, and without the folder nothing is VALID.
    let folder = consortium.path();
    ok(folder, "verify --trust trust one.receipt two.receipt three.receipt four.receipt");
    code(folder, "verify one.receipt", 3);
    let mut changed = first;
    let at = changed.len() / 2;
    changed[at] ^= 1;
    std::fs::write(folder.join("changed.receipt"), changed).unwrap();
    code(folder, "verify --trust trust changed.receipt", 1);
}
