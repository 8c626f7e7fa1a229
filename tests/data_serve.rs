//! Shared data served from files and PostgreSQL to a receiver, over sockets that are written down: what was granted arrives masked
//! and once, all else is refused and recorded, streams end with their grant or their server, and no octet of content was readable
//! on any wire or lies with any node.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::{
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use yinxin_tests::{
    cluster::{Cluster, DEPARTMENTS, free_ports, wait_for},
    place::{Place, Said},
    postgres::{PASSWORD, Postgres},
    wiretap::Wiretap,
};

const PATIENCE: Duration = Duration::from_secs(60);
/// Words of the rows. They are behind masks, in plain fields, and in what was never granted.
const SECRETS: [&str; 4] = ["欧阳测试", "MUST-NOT-BE-SEEN-41", "330106199001011234", "处罚事由甲"];

fn signer(n: usize) -> String {
    format!("--key n{n}/org.key --cert n{n}/org.cer --password-file pw")
}

/// A data server's process; killed with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Everything around the story.
struct Town {
    cluster: Cluster,
    database: Postgres,
    to_node: Wiretap,
    to_server: Wiretap,
    listen: String,
}

impl Town {
    fn place(&self) -> &Place {
        self.cluster.place()
    }

    fn at(&self) -> String {
        format!("--node {} --trust trust", self.cluster.http(2))
    }

    fn serve(&self) -> Server {
        let line = format!(
            "data serve serve.toml --work served --listen {} --node {} --trust trust {}",
            self.listen,
            self.to_node.http(),
            signer(1)
        );
        let log = self.place().file("served.log");
        let log = std::fs::OpenOptions::new().create(true).append(true).open(log).unwrap();
        let words: Vec<_> = line.split_whitespace().collect();
        let mut command = self.place().command(&words);
        let child = command.stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let server = Server(child);
        let up = wait_for(PATIENCE, || TcpStream::connect(&self.listen).ok());
        assert!(up.is_some(), "{}", self.log());
        server
    }

    fn log(&self) -> String {
        String::from_utf8_lossy(&self.place().read("served.log")).into_owned()
    }

    fn fetch_line(&self, n: usize, grant: &str, out: &str, more: &str) -> String {
        format!(
            "--json data fetch {grant} --server {} --out {out} --journal n{n}.journal {} {} {more}",
            self.to_server.http(),
            signer(n),
            self.at()
        )
    }

    fn fetch(&self, grant: &str, out: &str, more: &str) -> serde_json::Value {
        self.place().ends(&self.fetch_line(2, grant, out, more), 0, &[]).json()
    }

    fn refused(&self, n: usize, grant: &str, more: &str, reason: &str) {
        let line = self.fetch_line(n, grant, "refused.csv", more);
        self.place().ends(&line, 6, &[&format!("denied:{reason}")]);
        assert!(!self.place().file("refused.csv").exists());
    }

    /// A request that the owner's rule grants at once.
    fn grant(&self, resource: &str, fields: &str, rows: u64, key: &str) -> String {
        let until = yinxin_verdict::UnixTime::system_now().plus_millis(30 * 24 * 3_600_000);
        let line = format!(
            "--json data request {}.{resource} {fields} --purpose credit --item 0001 --basis 征信业管理条例 \
             --until {} --calls 20 --rows {rows} --bytes 100000000 --calendar days.toml --business-key {key} {} {}",
            DEPARTMENTS[0].0,
            until.china_date(),
            signer(2),
            self.at()
        );
        let view = self.place().ends(&line, 0, &[]).json();
        assert_eq!(view["status"], "granted", "{view}");
        let id = view["subject"].as_str().unwrap().to_owned();
        // The server's node may be a block behind the one that was asked.
        let status = format!("data status {id} --node {} --trust trust", self.cluster.http(1));
        let known =
            wait_for(PATIENCE, || (self.place().run(&status).code == Some(0)).then_some(()));
        assert!(known.is_some(), "{id}");
        id
    }

    /// Starts a call whose answer stops half way, until the tap lets go.
    fn stalled(&self, grant: &str, out: &str) -> Child {
        self.to_server.hold(Some(1 << 20));
        let before = self.to_server.octets();
        let line = self.fetch_line(2, grant, out, "");
        let words: Vec<_> = line.split_whitespace().collect();
        let mut command = self.place().command(&words);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let flows =
            wait_for(PATIENCE, || (self.to_server.octets() > before + (1 << 20)).then_some(()));
        assert!(flows.is_some(), "{}", self.log());
        child
    }
}

fn ended(child: Child, code: i32, words: &[&str]) {
    let said = Said::new("data fetch", &child.wait_with_output().unwrap());
    said.must(code, words);
}

fn materials(place: &Place) {
    let owner = DEPARTMENTS[0].0;
    let mut catalogue = String::from(
        "提供方代码,提供方名称,信息资源代码,版本,信息资源名称,摘要,共享类型,共享条件,不予共享依据,更新周期,信息项名称,数据类型,数据分级,脱敏规则\n",
    );
    for (code, name, item, kind, level, mask) in [
        ("307/1", "企业登记信息", "企业名称", "字符型", "一般1级", ""),
        ("307/1", "企业登记信息", "法定代表人", "字符型", "一般3级", "keep/1/0"),
        ("307/1", "企业登记信息", "证号", "字符型", "一般3级", "drop"),
        ("307/1", "企业登记信息", "年龄", "数值型", "一般2级", "range/10"),
        ("307/2", "行政处罚信息", "企业名称", "字符型", "一般1级", ""),
        ("307/2", "行政处罚信息", "处罚事由", "字符型", "一般2级", ""),
        ("307/3", "年报全文", "序号", "数值型", "一般1级", ""),
        ("307/3", "年报全文", "全文", "字符型", "一般2级", ""),
    ] {
        catalogue.push_str(&format!(
            "{owner},测试局,{code},1,{name},测试,有条件共享,用于信贷审批,,每日,{item},{kind},{level},{mask}\n"
        ));
    }
    place.write("catalogue.csv", catalogue);
    place.write(
        "policy.toml",
        "dual_control = \"general-4\"\n[automatic]\npurposes = [\"credit\"]\nlevel = \"general-3\"\n\
         calls = 1000\nrows = 1000000\nbytes = 1000000000\ndays = 365\n",
    );
    let days: String = (2025..2100)
        .map(|year| format!("[[year]]\nyear = {year}\nsource = \"test\"\noff = []\nwork = []\n"))
        .collect();
    place.write("days.toml", format!("region = \"CN\"\n{days}"));
    let [a, b] = ["11", "22"].map(|pair| pair.repeat(32));
    place.write(
        "penalties.csv",
        format!(
            "company,cause,who\n甲公司,{},{a}\n乙公司,other,{b}\n丙公司,third,{a}\n",
            SECRETS[3]
        ),
    );
}

/// Two tables under another role's eyes: it may read them and nothing else.
fn tables(database: &Postgres) {
    database
        .psql(&format!(
            "CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}'; CREATE SCHEMA \"登记\"; \
             CREATE TABLE \"登记\".enterprise (id int PRIMARY KEY, \"Name\" text, rep text, cert text, age int); \
             INSERT INTO \"登记\".enterprise SELECT n, '企业-' || n, '{}', '{}', 20 + n % 50 FROM generate_series(1, 3000) n; \
             UPDATE \"登记\".enterprise SET \"Name\" = '{}' WHERE id = 7; \
             UPDATE \"登记\".enterprise SET age = NULL, rep = 'a, \"b\"' WHERE id = 8; \
             CREATE TABLE \"登记\".report AS SELECT n AS id, repeat('{}', 30) AS text FROM generate_series(1, 50000) n; \
             GRANT USAGE ON SCHEMA \"登记\" TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA \"登记\" TO reader",
            SECRETS[0], SECRETS[2], SECRETS[1], SECRETS[1]
        ))
        .unwrap();
}

fn settings(place: &Place, database: &Postgres) {
    let owner = DEPARTMENTS[0].0;
    place.write("reader.password", format!("{PASSWORD}\n"));
    place.write(
        "serve.toml",
        format!(
            "catalogue = \"catalogue.csv\"\npart_kib = 256\n\
             [database.local]\nhost = \"127.0.0.1\"\nport = {port}\nname = \"postgres\"\nuser = \"reader\"\npassword_file = \"reader.password\"\n\
             [database.socket]\nhost = \"{socket}\"\nport = {port}\nname = \"postgres\"\nuser = \"reader\"\npassword_file = \"reader.password\"\n\
             [[resource]]\ncode = \"{owner}.307~1\"\ndatabase = \"local\"\ntable = \"登记.enterprise\"\norder = [\"id\"]\n\
             columns = {{ \"企业名称\" = \"Name\", \"法定代表人\" = \"rep\", \"证号\" = \"cert\", \"年龄\" = \"age\" }}\n\
             [[resource]]\ncode = \"{owner}.307~2\"\nfile = \"penalties.csv\"\nsubject = \"who\"\n\
             columns = {{ \"企业名称\" = \"company\", \"处罚事由\" = \"cause\" }}\n\
             [[resource]]\ncode = \"{owner}.307~3\"\ndatabase = \"socket\"\ntable = \"登记.report\"\norder = [\"id\"]\n\
             columns = {{ \"序号\" = \"id\", \"全文\" = \"text\" }}\n",
            port = database.port(),
            socket = database.socket().display(),
        ),
    );
}

fn town() -> Option<Town> {
    let database = Postgres::start()?;
    let cluster = Cluster::start();
    let place = cluster.place();
    materials(place);
    tables(&database);
    settings(place, &database);
    let at = format!("--node {} --trust trust", cluster.http(1));
    place.ok(&format!(
        "data publish catalogue.csv --policy policy.toml --work work {} {at}",
        signer(1)
    ));
    place.ok(&format!("data calendar --calendar days.toml {} {at}", signer(3)));
    let listen = format!("127.0.0.1:{}", free_ports());
    let (to_node, to_server) = (Wiretap::before(cluster.http(1)), Wiretap::before(&listen));
    Some(Town { cluster, database, to_node, to_server, listen })
}

fn text(place: &Place, file: &str) -> Vec<String> {
    String::from_utf8(place.read(file)).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn what_is_granted_arrives_once_and_nothing_else_leaves() {
    let Some(town) = town() else { return };
    let server = town.serve();
    // Of the whole resource, of a part of its fields, and of one with much text.
    let whole = town.grant(
        "307~1",
        "--field 企业名称 --field 法定代表人 --field 证号 --field 年龄",
        4000,
        "whole",
    );
    let names = town.grant("307~1", "--field 企业名称", 10, "names");
    let penalties = town.grant("307~2", "--field 企业名称 --field 处罚事由", 100, "penalties");
    let [revoked, killed] = ["revoked", "killed"]
        .map(|key| town.grant("307~3", "--field 序号 --field 全文", 200_000, key));

    let begun = Instant::now();
    from_the_table(&town, &whole);
    from_the_file(&town, &penalties);
    misuse(&town, &whole, &names, &penalties);
    withdrawn_while_streaming(&town, &revoked);
    let server = killed_while_streaming(&town, server, &killed);
    println!("calls, good and bad: {:?}", begun.elapsed());

    windows_and_accounts(&town, &whole, &[&names, &penalties, &revoked, &killed]);
    drop(server);
    proof_of_a_line(&town);
    nothing_is_readable(&town);
}

fn from_the_table(town: &Town, grant: &str) {
    let place = town.place();
    let done = town.fetch(grant, "whole.csv", "");
    assert_eq!(done["rows"], 3000);
    let lines = text(place, "whole.csv");
    assert_eq!(lines.len(), 3001);
    assert_eq!(lines[0], "企业名称,法定代表人,年龄", "a dropped field does not leave");
    assert_eq!(lines[1], "企业-1,欧***,20..29");
    assert_eq!(lines[7], format!("{},欧***,20..29", SECRETS[1]));
    assert_eq!(lines[8], "企业-8,a*****,", "no value has no range");
    assert_eq!(done["bytes"], place.read("whole.csv").len());
    // A range of rows is the same each time.
    town.fetch(grant, "range.csv", "--field 企业名称 --skip 10 --rows 5");
    assert_eq!(
        text(place, "range.csv"),
        ["企业名称", "企业-11", "企业-12", "企业-13", "企业-14", "企业-15"]
    );
    // What is there is not overwritten, and not called for.
    place.ends(&town.fetch_line(2, grant, "whole.csv", ""), 2, &["exists"]);
}

fn from_the_file(town: &Town, grant: &str) {
    let place = town.place();
    let some = format!("--subject {}", "11".repeat(32));
    town.fetch(grant, "penalties.csv.out", &some);
    assert_eq!(
        text(place, "penalties.csv.out"),
        ["企业名称,处罚事由", &format!("甲公司,{}", SECRETS[3]), "丙公司,third"]
    );
}

/// Each refusal by its reason; a recorded call sent again; garbage.
fn misuse(town: &Town, whole: &str, names: &str, penalties: &str) {
    let place = town.place();
    town.refused(2, whole, "--purpose advertising", "purpose");
    town.refused(2, names, "--field 企业名称 --field 年龄", "fields");
    town.refused(3, names, "", "caller");
    town.refused(2, names, "--rows 11", "volume");
    town.refused(2, whole, &format!("--subject {}", "11".repeat(32)), "subjects");
    town.refused(2, names, &format!("--by {}", DEPARTMENTS[3].0), "signature");
    // All rows are more than ten: nothing of them can be read.
    let line = town.fetch_line(2, names, "refused.csv", "");
    place.ends(&line, 6, &["cut short: volume"]);
    assert!(!place.file("refused.csv").exists());
    // A call that was heard on the wire, sent again.
    let heard = town.to_server.heard();
    let begin = heard.windows(14).position(|w| w == b"POST /v1/calls").unwrap();
    let length = |name: &[u8]| {
        let at =
            heard[begin..].windows(name.len()).position(|w| w.eq_ignore_ascii_case(name)).unwrap();
        let digits = heard[begin + at + name.len()..].iter().take_while(|b| b.is_ascii_digit());
        String::from_utf8(digits.copied().collect()).unwrap().parse::<usize>().unwrap()
    };
    let head = begin + heard[begin..].windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
    let call = &heard[head..head + length(b"content-length: ")];
    let answer = post(&town.listen, call);
    assert!(answer.contains("403") && answer.contains("denied:replayed"), "{answer}");
    // The same call for another grant: the signature is not of it.
    let mut forged = call.to_vec();
    let id = hex(whole);
    let at = forged.windows(32).position(|w| w == id).unwrap();
    forged[at..at + 32].copy_from_slice(&hex(penalties));
    let answer = post(&town.listen, &forged);
    assert!(answer.contains("denied:signature"), "{answer}");
    // Of so many strangers not each is decided on; whoever is known is served.
    let busy = (0..40).any(|_| post(&town.listen, &forged).contains("problem:busy"));
    assert!(busy, "{}", town.log());
    town.fetch(names, "known.csv", "--rows 1");
    for garbage in [&b""[..], b"garbage", &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]] {
        assert!(post(&town.listen, garbage).contains("400"));
    }
    // Only one server works in a folder.
    let second = format!(
        "data serve serve.toml --work served --listen 127.0.0.1:0 {} {}",
        signer(1),
        town.at()
    );
    place.ends(&second, 2, &["another server"]);
    place.ends(&second.replace("n1/", "n2/").replace("served", "other"), 6, &["no such server"]);
}

fn hex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2);
    digits.map(|d| u8::from_str_radix(std::str::from_utf8(d).unwrap(), 16).unwrap()).collect()
}

fn post(address: &str, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let head = format!(
        "POST /v1/calls HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

fn withdrawn_while_streaming(town: &Town, grant: &str) {
    let place = town.place();
    let child = town.stalled(grant, "withdrawn.csv");
    place.ends(
        &format!("data revoke {grant} --reason 7 {} {}", signer(1), town.at()),
        0,
        &["revoked"],
    );
    // Until the server has heard of it: it asks its own node, which may be a block behind. Once it has, the stream has too.
    let line = town.fetch_line(2, grant, "late.csv", "");
    place.ends(&line, 2, &["another call writes this journal"]);
    let line = line.replace("n2.journal", "late.journal");
    let heard =
        wait_for(PATIENCE, || place.run(&line).err.contains("denied:revoked").then_some(()));
    assert!(heard.is_some(), "{}", town.log());
    town.to_server.hold(None);
    ended(child, 6, &["cut short: revoked"]);
    for file in ["withdrawn.csv", "withdrawn.csv.part", "withdrawn.csv.opening"] {
        assert!(!place.file(file).exists(), "{file}");
    }
}

fn killed_while_streaming(town: &Town, mut server: Server, grant: &str) -> Server {
    let place = town.place();
    let child = town.stalled(grant, "killed.csv");
    server.0.kill().unwrap();
    server.0.wait().unwrap();
    town.to_server.hold(None);
    ended(child, 5, &["call again"]);
    assert!(!place.file("killed.csv").exists() && !place.file("killed.csv.part").exists());
    // The next process goes on with the journal: what left is counted, and the data are there for who may have them.
    let server = town.serve();
    let lines = place.ends(&format!("--json data lines served/journal --grant {grant}"), 0, &[]);
    let lines = lines.json()["lines"].as_array().unwrap().len();
    let noted = place.ends(&format!("--json data lines n2.journal --grant {grant}"), 0, &[]);
    let noted = noted.json()["lines"].as_array().unwrap().len();
    assert!(noted > 0 && lines >= noted, "{lines} recorded, {noted} arrived");
    let done = town.fetch(grant, "again.csv", "--rows 1000");
    assert_eq!(done["rows"], 1000);
    assert_eq!(text(place, "again.csv").len(), 1001);
    // By the column, not by its text that goes out.
    town.fetch(grant, "numbers.csv", "--field 序号 --skip 8 --rows 3");
    assert_eq!(text(place, "numbers.csv"), ["序号", "9", "10", "11"]);
    server
}

/// The minute ends, its windows are on the ledger, and both sides' counts are the same where nothing was lost on the way.
fn windows_and_accounts(town: &Town, whole: &str, others: &[&str]) {
    let place = town.place();
    // 3000 and five rows in two calls.
    let wait = Duration::from_secs(120);
    let anchored = wait_for(wait, || {
        let said = place.run(&format!("data status {whole} {}", town.at()));
        said.out.contains("3005 rows").then_some(())
    });
    assert!(anchored.is_some(), "{}", town.log());
    let all = wait_for(wait, || {
        let unsent = std::fs::read_dir(place.file("served/windows")).unwrap().flatten();
        let receipts = unsent.filter(|e| e.path().extension().is_some_and(|x| x == "receipt"));
        (receipts.count() >= others.len()).then_some(())
    });
    assert!(all.is_some(), "{}", town.log());
    let now = yinxin_verdict::UnixTime::system_now().as_millis();
    let minute = |ms: i64| yinxin_verdict::UnixTime::EPOCH.plus_millis(ms - ms.rem_euclid(60_000));
    let (from, until) = (minute(now - 3_600_000), minute(now));
    let account = |n: usize, journal: &str, grant: &str, code: i32, word: &str| {
        let line = format!(
            "data reconcile {grant} --from {from} --until {until} --journal {journal} {} {}",
            signer(n),
            town.at()
        );
        place.ends(&line, code, &[word]);
    };
    account(1, "served/journal", whole, 0, "waiting");
    account(2, "n2.journal", whole, 0, "matched");
}

/// A line of the answer, proven by a file alone; with all nodes stopped.
fn proof_of_a_line(town: &Town) {
    let place = town.place();
    place.ok("data line served 0 --out line.proof --call call.proof --window window.receipt");
    place.ok("verify --brief --trust trust window.receipt");
    assert!(holds(&place.read("line.proof"), &place.read("call.proof")));
    town.cluster.stop_all();
    place.ends("data verify-line line.proof --trust trust", 0, &["served", DEPARTMENTS[0].0]);
    let proof = place.read("line.proof");
    for at in [60, 150, proof.len() / 2, proof.len() - 10] {
        let mut changed = proof.clone();
        changed[at] ^= 1;
        place.write("changed.proof", changed);
        let said = place.run("data verify-line changed.proof --trust trust");
        assert_ne!(said.code, Some(0), "octet {at}: {}", said.out);
    }
}

/// Whether any file below a folder holds the bytes.
fn lies_in(folder: &Path, bytes: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).any(|path| {
        if path.is_dir() {
            return lies_in(&path, bytes);
        }
        holds(&std::fs::read(&path).unwrap_or_default(), bytes)
    })
}

fn holds(text: &[u8], bytes: &[u8]) -> bool {
    text.windows(bytes.len()).any(|window| window == bytes)
}

fn nothing_is_readable(town: &Town) {
    let place = town.place();
    let (server, node) = (town.to_server.heard(), town.to_node.heard());
    assert!(server.len() > 4 << 20 && node.len() > 10_000, "{} {}", server.len(), node.len());
    assert!(holds(&server, b"POST /v1/calls") && holds(&node, b"GET /v1/state/"));
    for word in SECRETS.iter().chain(&["企业-1", "甲公司", PASSWORD]) {
        assert!(!holds(&server, word.as_bytes()), "{word} went over the wire to the receiver");
        assert!(!holds(&node, word.as_bytes()), "{word} went over the wire to the node");
        for folder in ["n1", "n2", "n3", "n4", "served"] {
            assert!(!lies_in(&place.file(folder), word.as_bytes()), "{word} lies in {folder}");
        }
        assert!(!holds(town.log().as_bytes(), word.as_bytes()), "{word} stands in the log");
    }
    assert!(town.database.psql("SELECT 1").is_ok(), "it was there all the time");
}
