//! Bad input, and a machine that fails: each a clear error with what to do, the exit code of its class, and nothing lost.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::{
    collections::BTreeMap,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command},
    time::Duration,
};

use yinxin_receipt::Wire;
use yinxin_tests::{
    cluster::{self, Cluster, DEPARTMENTS, free_ports, run_node, wait_for},
    place::{Place, Said},
    root,
};

/// Every file below a folder with its bytes: what must be the same after a refusal.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(contents(&path));
        } else {
            all.insert(path.clone(), std::fs::read(&path).unwrap());
        }
    }
    all
}

/// A clear error tells what to do, on the line that an arrow begins.
fn with_advice(said: &Said) {
    assert!(said.err.contains('→'), "yinxin {}: no advice in\n{}", said.line, said.err);
}

fn sample(name: &str) -> String {
    std::fs::read_to_string(root().join("cli/sample").join(name)).unwrap()
}

#[test]
fn wrong_files_and_words_are_told_and_change_nothing() {
    let temp = tempfile::tempdir().unwrap();
    let place = Place::new(temp.path());
    cluster::authority(&place);
    let _ = cluster::department(&place, 1);
    place.write("wrong", "wrong\n");
    place.write("type.toml", sample("business-licence.toml"));
    place.write(
        "odd.toml",
        sample("business-licence.toml").replacen("kind = \"text\"", "kind = \"hologram\"", 1),
    );
    place.write("columns.toml", sample("columns.toml"));
    place.write("utf8.csv", sample("companies.csv"));
    // 证照流水号, in GBK, as a spreadsheet on Windows writes it.
    place.write("gbk.csv", b"\xd6\xa4\xd5\xd5\xc1\xf7\xcb\xae\xba\xc5,\xc6\xf3\xd2\xb5\xc3\xfb\xb3\xc6\n1,\xb9\xab\xcb\xbe\n");
    place.write("utf16.csv", b"\xff\xfea\0,\0b\0\n\0");
    place.write("columns.csv", "a,b\n1,2\n");
    place.write("empty.csv", "");
    for (from, to) in
        [("n1/org.key", "cut.key"), ("n1/org.cer", "cut.cer"), ("n1/entry.genesis", "cut.genesis")]
    {
        let bytes = place.read(from);
        place.write(to, &bytes[..bytes.len() * 2 / 3]);
    }
    place.copy("n1/entry.genesis", "trust/ledger.genesis");
    let before = contents(place.path());
    let signer = "--key n1/org.key --cert n1/org.cer --password-file pw";
    let at = "--node http://127.0.0.1:9 --trust trust";
    let issue = |kind: &str, csv: &str| {
        format!(
            "licence issue --type {kind} --csv {csv} --map columns.toml --seal type.toml {signer} {at}"
        )
    };
    let cases = [
        // Check characters.
        ("key csr n1/org.key --password-file pw --organisation O --code 11990100MB0A00018C --out x".to_owned(), 2, "11990100MB0A00018C"),
        (format!("ledger status organisation 11990100MB0A00018C {at}"), 2, "11990100MB0A00018C"),
        ("licence status 1.2.156.3005.2.11100000MB0143028R001.1.1.1.1.X --trust trust --node http://127.0.0.1:9".to_owned(), 2, "1.2.156"),
        // Impossible dates.
        ("verify n1/org.cer --at 2026-02-30".to_owned(), 2, "2026-02-30"),
        ("verify n1/org.cer --at tomorrow".to_owned(), 2, "tomorrow"),
        ("ca revoke ca n1/org.cer --reason superseded --since 2026-13-01".to_owned(), 2, "2026-13-01"),
        // Unknown types and kinds.
        (format!("ledger status unicorn 1 {at}"), 2, "unicorn"),
        (issue("odd.toml", "utf8.csv"), 4, "hologram"),
        ("licence type show odd.toml".to_owned(), 4, "odd.toml"),
        ("ca issue ca n1/org.csr --password-file pw --usage royal --out x".to_owned(), 2, "royal"),
        ("node init n9 --key n1/org.key --cert n1/org.cer --password-file pw --powers fly".to_owned(), 2, "fly"),
        // Truncated files.
        ("key export cut.key --password-file pw".to_owned(), 4, "cut.key"),
        ("sign type.toml --key n1/org.key --cert cut.cer --password-file pw --out x".to_owned(), 4, "cut.cer"),
        ("ledger genesis check cut.genesis".to_owned(), 4, "cut.genesis"),
        // Other encodings and tables.
        (issue("type.toml", "gbk.csv"), 4, "GBK"),
        (issue("type.toml", "utf16.csv"), 4, "iconv -f UTF-16"),
        (issue("type.toml", "columns.csv"), 4, "columns.csv"),
        (issue("type.toml", "empty.csv"), 4, "empty.csv"),
        (issue("type.toml", "missing.csv"), 2, "missing.csv"),
        // Passwords.
        ("key export n1/org.key --password-file wrong".to_owned(), 6, "wrong password"),
        ("ca crl ca --password-file wrong --out x".to_owned(), 6, "wrong password"),
        ("ledger genesis sign n1/entry.genesis --key n1/org.key --password-file wrong".to_owned(), 6, "wrong password"),
        // Nobody answers.
        (format!("node status {}", &at[..26]), 5, "127.0.0.1:9"),
    ];
    for (line, code, word) in cases {
        let said = place.run(&line);
        said.must(code, &[word]);
        // Clap's own errors say what is possible instead.
        assert!(code == 2 || said.err.contains('→'), "yinxin {line}: no advice in\n{}", said.err);
    }
    let after = contents(place.path());
    assert!(
        before == after,
        "left behind: {:?}",
        after.keys().filter(|k| !before.contains_key(*k)).collect::<Vec<_>>()
    );
}

#[test]
fn a_node_that_cannot_run_says_why() {
    let cluster = Cluster::found();
    let place = cluster.place();
    // A port that somebody else has: HTTP's, consensus', the records'.
    let http: u16 = cluster.http(1).rsplit(':').next().unwrap().parse().unwrap();
    for port in [http, http - 2, http - 1] {
        let held = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let said = place.run("node run n1");
        said.must(5, &[&port.to_string(), "in use"]);
        with_advice(&said);
        place.ends("node check n1", 5, &[&port.to_string()]);
        drop(held);
    }
    place.ok("node check n1");
    // The genesis of another ledger, and none.
    let other = Cluster::found();
    place.write("n1/ledger.genesis", other.place().read("trust/ledger.genesis"));
    for command in ["run", "check"] {
        let said = place.run(&format!("node {command} n1"));
        said.must(2, &["wrong genesis"]);
        with_advice(&Said { err: format!("{}{}", said.out, said.err), ..said });
    }
    std::fs::remove_file(place.file("n1/ledger.genesis")).unwrap();
    with_advice(&place.ends("node run n1", 2, &["ledger.genesis"]));
    place.copy("trust/ledger.genesis", "n1/ledger.genesis");
    // Keys of another node.
    place.copy("n1/network.key", "network.key");
    place.copy("n2/network.key", "n1/network.key");
    with_advice(&place.ends("node run n1", 6, &["network identity"]));
    place.write("n1/network.key", "short\n");
    place.ends("node run n1", 4, &["network.key"]);
    place.copy("network.key", "n1/network.key");
    // Settings that make no sense.
    let settings = String::from_utf8(place.read("n1/node.toml")).unwrap();
    place.write("n1/node.toml", settings.replace("data_dir", "datadir"));
    place.ends("node run n1", 2, &["datadir"]);
    place.write("n1/node.toml", &settings);
    // Alone it has no block, which is not to say that the ledger has not what is asked for.
    cluster.start_node(1);
    wait_for(Duration::from_secs(30), || cluster.height(1)).unwrap();
    let state = format!(
        "credit publish penalty.ordinary --receipts receipts --key n1/org.key --cert n1/org.cer --password-file pw --trust trust --node {}",
        cluster.http(1)
    );
    with_advice(&place.ends(&state, 5, &["no block"]));
    cluster.stop(1);
    // After all that it runs, and its data is its own ledger's and nobody else's.
    cluster.start_all();
    place.ok(&cluster.put_line(1, "pw", "--business-key first --out first.receipt"));
    place.ok("verify --trust trust first.receipt");
    with_advice(&second_process(place, "n1"));
    cluster.stop_all();
}

/// A second process over the same directory, other ports: the data is locked.
fn second_process(place: &Place, folder: &str) -> Said {
    let settings = String::from_utf8(place.read(&format!("{folder}/node.toml"))).unwrap();
    place.write(&format!("{folder}/node.toml"), on_other_ports(&settings));
    let said = place.run(&format!("node run {folder}"));
    place.write(&format!("{folder}/node.toml"), settings);
    said.must(5, &["store"]);
    said
}

/// The same settings listening elsewhere.
fn on_other_ports(settings: &str) -> String {
    let ports = free_ports();
    let line = |line: &str| match line.split_once(" = ") {
        Some(("http", _)) => format!("http = \"127.0.0.1:{}\"\n", ports + 2),
        Some(("listen", _)) => format!("listen = \"127.0.0.1:{ports}\"\n"),
        _ => format!("{line}\n"),
    };
    settings.lines().map(line).collect()
}

/// Kills a process at the end, whatever happens.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn two_nodes_with_one_key_fall_silent_and_the_ledger_stays_one() {
    let cluster = Cluster::start();
    let place = cluster.place();
    place.ok(&cluster.put_line(2, "pw", "--business-key before --out before.receipt"));
    // Somebody restored a backup of the first node's keys on a second machine.
    for file in ["node.key", "network.key", "ledger.genesis"] {
        place.copy(&format!("n1/{file}"), &format!("twin/{file}"));
    }
    let settings = String::from_utf8(place.read("n1/node.toml")).unwrap();
    place.write("twin/node.toml", on_other_ports(&settings));
    let _twin = Running(run_node(place, "twin", &[]));
    let said = |folder: &str| {
        let log = String::from_utf8(place.read(&format!("{folder}/log"))).unwrap();
        log.contains("another node runs with this node's key; stop one of them").then_some(())
    };
    let told = wait_for(Duration::from_secs(40), || said("twin").or_else(|| said("n1")));
    assert!(
        told.is_some(),
        "nobody noticed:\n{}",
        String::from_utf8_lossy(&place.read("twin/log"))
    );
    let signer = cluster.signer(2);
    for n in 0..20 {
        let record = signer.anchor(&format!("twin/{n}"), "x", 1_000).to_der();
        cluster.post(2 + n % 3, &record).unwrap();
    }
    place.ok(&cluster.put_line(3, "pw", "--business-key after --out after.receipt"));
    // One ledger: every node that answers has the same header at the same height.
    let id = signer.anchor("twin/0", "x", 1_000).id();
    let receipts: Vec<_> =
        (2..=4).map(|n| cluster::proven(&cluster.receipt(n, &id).unwrap())).collect();
    assert!(receipts.windows(2).all(|w| w[0] == w[1]));
    place.ok("verify --trust trust before.receipt after.receipt");
}

/// A small file system, unmounted at the end.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(folder: PathBuf, megabytes: u32) -> Option<Self> {
        std::fs::create_dir_all(&folder).unwrap();
        let size = format!("size={megabytes}m");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&folder).output();
        if mounted.is_ok_and(|o| o.status.success()) {
            return Some(Self(folder));
        }
        println!("skipped: only root can mount a small disk");
        None
    }

    /// Takes all of its space.
    fn fill(&self) {
        use std::io::Write;
        let mut file = std::fs::File::create(self.0.join("filler")).unwrap();
        while file.write_all(&[1; 4096]).is_ok() {}
    }

    fn empty(&self) {
        std::fs::remove_file(self.0.join("filler")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_stops_a_command_or_a_node_and_loses_nothing() {
    let temp = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(temp.path().join("disk"), 8) else { return };
    let place = Place::new(&disk.0);
    cluster::authority(&place);
    disk.fill();
    let before = contents(&place.file("ca"));
    for line in
        ["key new new.key --password-file pw", "ca crl ca --password-file pw --out trust/ca.crl"]
    {
        let said = place.run(line);
        said.must(5, &["disk is full"]);
        with_advice(&said);
    }
    assert!(!place.file("new.key").exists());
    assert_eq!(contents(&place.file("ca")), before);
    disk.empty();
    place.ok("key new new.key --password-file pw");
    a_node_goes_on_once_there_is_space();
}

fn a_node_goes_on_once_there_is_space() {
    let cluster = Cluster::found();
    let place = cluster.place();
    let Some(disk) = SmallDisk::mount(place.file("n4/data"), 256) else { return };
    cluster.start_all();
    place.ok(&cluster.put_line(4, "pw", "--business-key early --out early.receipt"));
    disk.fill();
    let signer = cluster.signer(1);
    let mut kept = Vec::new();
    let ended = wait_for(Duration::from_secs(60), || {
        let record = signer.anchor(&format!("full/{}", kept.len()), "x", 100_000);
        cluster.post(1 + kept.len() % 3, &record.to_der()).unwrap();
        kept.push(record.id());
        cluster.ended(4)
    });
    // It stops before RocksDB meets the end of the disk, which RocksDB does not outlive.
    assert_eq!(ended, Some(5), "{}", cluster.log(4));
    assert!(cluster.log(4).contains("free disk space"), "{}", cluster.log(4));
    // Nor does it start before there is space.
    with_advice(&place.ends("node run n4", 5, &["the disk is full"]));
    disk.empty();
    cluster.start_node(4);
    let head = cluster.highest();
    let back = wait_for(Duration::from_secs(20), || cluster.height(4).filter(|h| *h >= head));
    assert!(back.is_some(), "node 4 is at {:?} of {head}", cluster.height(4));
    for id in &kept {
        assert!(cluster.receipt(4, id).is_some(), "{id}");
    }
    place.ok("verify --trust trust early.receipt");
    drop(cluster);
}

#[test]
fn a_licence_of_a_type_that_nobody_published_is_refused_and_can_be_issued_later() {
    let cluster = Cluster::start();
    let place = cluster.place();
    let code = format!("{}001", DEPARTMENTS[0].0);
    place.write(
        "type.toml",
        sample("business-licence.toml").replace("11100000MB0143028R001", &code),
    );
    place.write("columns.toml", sample("columns.toml"));
    let rows: String = sample("companies.csv").split_inclusive('\n').take(4).collect();
    place.write("rows.csv", rows);
    let signer = "--key n1/org.key --cert n1/org.cer --password-file pw";
    let at = format!("--node {} --trust trust", cluster.http(1));
    place.ok(&format!(
        "seal make --key n2/org.key --cert n2/org.cer --password-file pw --signer n1/org.cer --name 示范市 --out seal.esl {at}"
    ));
    let line = format!(
        "licence issue --type type.toml --csv rows.csv --map columns.toml --seal seal.esl {signer} {at}"
    );
    let said = place.run(&line);
    assert!(matches!(said.code, Some(1 | 4)), "{}", said.err);
    assert!(said.err.contains(&code), "{}", said.err);
    // Only the type's authority publishes it.
    let others = "--key n2/org.key --cert n2/org.cer --password-file pw";
    assert_eq!(place.run(&format!("licence type publish type.toml {others} {at}")).code, Some(1));
    place.ok(&format!("licence type publish type.toml {signer} {at}"));
    let done = place.ends(&format!("--json {line}"), 0, &[]).json();
    assert_eq!(done["issued"], 3);
}
