//! A department that answers calls for shared data, over sockets that are written down: four nodes, PostgreSQL, a server's process.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::{
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Stdio},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};

use crate::{
    cluster::{Cluster, DEPARTMENTS, free_ports, wait_for},
    place::{Place, Said},
    postgres::{PASSWORD, Postgres},
    wiretap::Wiretap,
};

/// Longest wait for anything but a deadline under test.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// Words of the rows. They are behind masks, in plain fields, and in what was never granted.
pub const SECRETS: [&str; 4] =
    ["欧阳测试", "MUST-NOT-BE-SEEN-41", "330106199001011234", "处罚事由甲"];

/// The words that name a department's signer.
#[must_use]
pub fn signer(n: usize) -> String {
    format!("--key n{n}/org.key --cert n{n}/org.cer --password-file pw")
}

/// A data server's process; killed with the test.
pub struct Server(pub Child);

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Everything around the story.
pub struct Town {
    /// Its departments and nodes.
    pub cluster: Cluster,
    /// Where most of the data lie.
    pub database: Postgres,
    /// Before the first node, which the server asks, and its owner.
    pub to_node: Wiretap,
    /// Before the second node, which everybody else asks.
    pub to_ledger: Wiretap,
    /// Between receivers and the server.
    pub to_server: Wiretap,
    /// Before each node's consensus and records.
    pub between_nodes: Vec<Wiretap>,
    /// Where the server listens itself.
    pub listen: String,
}

impl Town {
    /// The folder of everything.
    #[must_use]
    pub fn place(&self) -> &Place {
        self.cluster.place()
    }

    /// Which node commands ask, and what they trust.
    #[must_use]
    pub fn at(&self) -> String {
        format!("--node {} --trust trust", self.to_ledger.http())
    }

    /// The words that start the server.
    #[must_use]
    pub fn serve_line(&self) -> String {
        format!(
            "data serve serve.toml --work served --listen {} --node {} --trust trust {}",
            self.listen,
            self.to_node.http(),
            signer(1)
        )
    }

    /// Starts the server, and waits until it listens.
    ///
    /// # Panics
    /// If it does not.
    #[must_use]
    pub fn serve(&self) -> Server {
        self.serve_in("served")
    }

    /// As [`Town::serve`], with another folder for its journal.
    ///
    /// # Panics
    /// If it does not.
    #[must_use]
    pub fn serve_in(&self, work: &str) -> Server {
        let line = self.serve_line().replace("--work served", &format!("--work {work}"));
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

    /// What the server answers to a question by its path, head and body.
    ///
    /// # Panics
    /// If it does not answer.
    #[must_use]
    pub fn get(&self, path: &str) -> String {
        let head = format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        said(&self.listen, head.as_bytes())
    }

    /// What servers said.
    #[must_use]
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&self.place().read("served.log")).into_owned()
    }

    /// The words of a call by a department.
    #[must_use]
    pub fn fetch_line(&self, n: usize, grant: &str, out: &str, more: &str) -> String {
        format!(
            "--json data fetch {grant} --server {} --out {out} --journal n{n}.journal {} {} {more}",
            self.to_server.http(),
            signer(n),
            self.at()
        )
    }

    /// A call by the second department that goes well.
    pub fn fetch(&self, grant: &str, out: &str, more: &str) -> serde_json::Value {
        self.place().ends(&self.fetch_line(2, grant, out, more), 0, &[]).json()
    }

    /// A call that is denied for a reason, and leaves no file.
    pub fn refused(&self, n: usize, grant: &str, more: &str, reason: &str) {
        let line = self.fetch_line(n, grant, "refused.csv", more);
        self.place().ends(&line, 6, &[&format!("denied:{reason}")]);
        assert!(!self.place().file("refused.csv").exists());
    }

    /// A request that the owner's rule grants at once.
    #[must_use]
    pub fn grant(&self, resource: &str, fields: &str, rows: u64, key: &str) -> String {
        let month = yinxin_verdict::UnixTime::system_now().plus_millis(30 * 24 * 3_600_000);
        self.grant_words(resource, fields, rows, key, &month.china_date().to_string())
    }

    /// As [`Town::grant`], until an instant.
    #[must_use]
    pub fn grant_until(
        &self,
        resource: &str,
        fields: &str,
        rows: u64,
        key: &str,
        until: yinxin_verdict::UnixTime,
    ) -> String {
        self.grant_words(resource, fields, rows, key, &until.to_string())
    }

    fn grant_words(
        &self,
        resource: &str,
        fields: &str,
        rows: u64,
        key: &str,
        until: &str,
    ) -> String {
        let line = format!(
            "--json data request {}.{resource} {fields} --purpose credit --item 0001 --basis 征信业管理条例 \
             --until {until} --calls 20 --rows {rows} --bytes 100000000 --calendar days.toml --business-key {key} {} {}",
            DEPARTMENTS[0].0,
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
    #[must_use]
    pub fn stalled(&self, grant: &str, out: &str) -> Child {
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

/// Insists on how a call that was started ended.
pub fn ended(child: Child, code: i32, words: &[&str]) {
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
    let [a, b] = subjects(place);
    place.write(
        "penalties.csv",
        format!(
            "company,cause,who\n甲公司,{},{a}\n乙公司,other,{b}\n丙公司,third,{a}\n",
            SECRETS[3]
        ),
    );
}

/// What their custodian calls two people in matters of credit.
///
/// # Panics
/// If it does not say.
#[must_use]
pub fn subjects(place: &Place) -> [String; 2] {
    if !place.file("custodian.secret").exists() {
        place.ok("asset secret custodian.secret");
        place.write("people.txt", format!("{}\n330106199101011235\n", SECRETS[2]));
    }
    let line = format!(
        "--json data pseudonym people.txt --secret custodian.secret --for {} --purpose credit --journal custodian.journal --most 2",
        DEPARTMENTS[0].0
    );
    let said = place.ends(&line, 0, &[]).json();
    [0, 1].map(|n| said["pseudonyms"][n].as_str().unwrap().to_owned())
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

/// Everything, with three published resources; none where there is no PostgreSQL.
#[must_use]
pub fn town() -> Option<Town> {
    let database = Postgres::start()?;
    let (cluster, between_nodes) = Cluster::start_tapped();
    let place = cluster.place();
    materials(place);
    tables(&database);
    settings(place, &database);
    let [to_node, to_ledger] = [1, 2].map(|n| Wiretap::before(cluster.http(n)));
    let at = format!("--node {} --trust trust", to_node.http());
    place.ok(&format!(
        "data publish catalogue.csv --policy policy.toml --work work {} {at}",
        signer(1)
    ));
    place.ok(&format!("data calendar --calendar days.toml {} {at}", signer(3)));
    let listen = format!("127.0.0.1:{}", free_ports());
    let to_server = Wiretap::before(&listen);
    Some(Town { cluster, database, to_node, to_ledger, to_server, between_nodes, listen })
}

/// A file's lines.
#[must_use]
pub fn text(place: &Place, file: &str) -> Vec<String> {
    String::from_utf8(place.read(file)).unwrap().lines().map(str::to_owned).collect()
}

/// The octets of a digest's text.
#[must_use]
pub fn hex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2);
    digits.map(|d| u8::from_str_radix(std::str::from_utf8(d).unwrap(), 16).unwrap()).collect()
}

/// What a server answers to these octets as a call.
#[must_use]
pub fn post(address: &str, body: &[u8]) -> String {
    let head = format!(
        "POST /v1/calls HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    said(address, &[head.as_bytes(), body].concat())
}

fn said(address: &str, question: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(question).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

/// Whether any file below a folder holds the bytes.
#[must_use]
pub fn lies_in(folder: &Path, bytes: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).any(|path| {
        if path.is_dir() {
            return lies_in(&path, bytes);
        }
        holds(&std::fs::read(&path).unwrap_or_default(), bytes)
    })
}

/// The guises in which a socket could carry a word: as it is, in hexadecimal, escaped in JSON, and in base64 whatever stands before
/// and after it.
#[must_use]
pub fn guises(word: &str) -> Vec<Vec<u8>> {
    let octets = word.as_bytes();
    let hex: String = octets.iter().map(|octet| format!("{octet:02x}")).collect();
    let escaped: String = word.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    let mut all = vec![octets.to_vec(), hex.to_uppercase().into_bytes(), hex.into_bytes()];
    all.push(escaped.into_bytes());
    for before in 0..3 {
        let text = STANDARD_NO_PAD.encode([&vec![0; before][..], octets].concat());
        // Six bits a character: the first ones depend on what is before, the last on what follows.
        let own = (before * 8).div_ceil(6)..(before + octets.len()) * 8 / 6;
        all.push(text.as_bytes()[own].to_vec());
    }
    all
}

/// Whether octets have a word within them, in any of its [`guises`].
#[must_use]
pub fn tells(text: &[u8], word: &str) -> bool {
    guises(word).iter().any(|guise| holds(text, guise))
}

/// Whether octets have these within them.
#[must_use]
pub fn holds(text: &[u8], bytes: &[u8]) -> bool {
    text.windows(bytes.len()).any(|window| window == bytes)
}
