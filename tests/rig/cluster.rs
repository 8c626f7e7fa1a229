//! Four departments in four directories, each with its own keys, and four node processes on loopback that are stopped whatever
//! happens.

use std::{
    fs::OpenOptions,
    net::TcpListener,
    process::{Child, Command, Stdio},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU16, Ordering},
    },
    time::{Duration, Instant},
};

use yinxin_gm::{Digest, sm2::PrivateKey, sm3};
use yinxin_pki::keyfile;
use yinxin_receipt::{Anchor, Genesis, Header, Receipt, Subject, Wire};
use yinxin_record::{
    Act, AnchorDocuments, BusinessKey, DocumentAct, OrganisationCode, Record, Tbs, Text, key_id,
};

use crate::{place::Place, wiretap::Wiretap};

/// Invented departments with what they may do; the codes have right check characters and belong to nobody.
pub const DEPARTMENTS: [(&str, &str); 4] = [
    ("11990100MB0A00018B", "licence-types,licences,anchor,data,credit,assets"),
    ("11990100MB0A000266", "seals,anchor,data-use,credit-use,assets"),
    (
        "11990100MB0A000341",
        "certificates,anchor,data-authority,credit,credit-authority,credit-court",
    ),
    ("11990100MB0A00042U", "anchor,data-use,credit-use,assets"),
];

/// One that is not among the founders.
pub const NEWCOMER: (&str, &str) = ("11990100MB0A00050N", "anchor");

/// The first line of the file `pw`: the password of every key.
pub const PASSWORD: &str = "correct horse";

/// Longest wait for anything but a deadline under test: a loaded machine is slow, not wrong.
const PATIENCE: Duration = Duration::from_secs(60);

/// Departments are numbered from 1, as their directories `n1` to `n4` are. Nodes can be killed while others submit.
pub struct Cluster {
    place: Place,
    nodes: Vec<Node>,
    agent: ureq::Agent,
    // Dropped last.
    _folder: tempfile::TempDir,
}

struct Node {
    http: String,
    process: Mutex<Option<Child>>,
}

/// Why a node took no record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The rules say no, by this code; trying again is no use.
    Rule(String),
    /// No answer, or none yet: the same bytes can be sent again, here or elsewhere.
    NotNow(String),
}

impl Cluster {
    /// Departments, certificates, a signed genesis and the folder `trust`; no node runs yet.
    ///
    /// # Panics
    /// If a command fails.
    #[must_use]
    pub fn found() -> Self {
        Self::found_of(department)
    }

    fn found_of(mut department: impl FnMut(&Place, usize) -> String) -> Self {
        let temp = tempfile::tempdir().expect("a folder");
        let place = Place::new(temp.path());
        authority(&place);
        let nodes: Vec<_> = (1..=4)
            .map(|n| Node { http: department(&place, n), process: Mutex::default() })
            .collect();
        place.ok("ledger genesis new draft --name Test");
        place.ok("ledger genesis add draft n1/entry.genesis n2/entry.genesis n3/entry.genesis n4/entry.genesis");
        for n in 1..=4 {
            place.ok(&format!("ledger genesis sign draft --key n{n}/org.key --password-file pw"));
            place.copy("draft", "trust/ledger.genesis");
        }
        for n in 1..=4 {
            place.copy("draft", &format!("n{n}/ledger.genesis"));
        }
        place.ok("ledger genesis check draft --trust trust");
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(40)))
            .timeout_connect(Some(Duration::from_secs(2)))
            .http_status_as_error(false)
            .build();
        Self { place, nodes, agent: agent.into(), _folder: temp }
    }

    /// The same with all four nodes running and connected.
    ///
    /// # Panics
    /// If they do not come up.
    #[must_use]
    pub fn start() -> Self {
        let this = Self::found();
        this.start_all();
        this
    }

    /// All four nodes running, each reached by the others through taps that write down what passes.
    ///
    /// # Panics
    /// If they do not come up.
    #[must_use]
    pub fn start_tapped() -> (Self, Vec<Wiretap>) {
        let mut taps = Vec::new();
        let this = Self::found_of(|place, n| {
            let (own, others) = (free_ports(), free_ports());
            // Consensus, and records on the next port.
            for more in 0..2 {
                let target = format!("127.0.0.1:{}", own + more);
                taps.push(Wiretap::at(&format!("127.0.0.1:{}", others + more), &target));
            }
            department_at(place, n, own, others)
        });
        this.start_all();
        (this, taps)
    }

    /// Makes the fifth department, which the genesis does not know, and starts its node; nobody has admitted it yet.
    ///
    /// # Panics
    /// If a command fails.
    pub fn newcomer(&mut self) {
        let n = self.nodes.len() + 1;
        let http = department(&self.place, n);
        self.place.copy("trust/ledger.genesis", &format!("n{n}/ledger.genesis"));
        self.nodes.push(Node { http, process: Mutex::default() });
        self.start_node(n);
    }

    /// The folder that holds everything: `ca`, `trust`, `n1` to `n4`, `pw`.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// A node's HTTP address.
    #[must_use]
    pub fn http(&self, n: usize) -> &str {
        &self.nodes[n - 1].http
    }

    /// Starts every node that does not run and waits until each has three peers.
    ///
    /// # Panics
    /// If they do not come up.
    pub fn start_all(&self) {
        self.start_all_in(&self.place);
    }

    /// The same in a place with another clock.
    ///
    /// # Panics
    /// If they do not come up.
    pub fn start_all_in(&self, place: &Place) {
        for n in 1..=4 {
            if !self.runs(n) {
                *self.process(n) = Some(run_node(place, &format!("n{n}"), &[]));
            }
        }
        for n in 1..=4 {
            place.ok(&format!("node status --node {} --wait 60 --peers 3", self.http(n)));
        }
    }

    /// Starts a node's process and does not wait for it.
    ///
    /// # Panics
    /// If it runs already.
    pub fn start_node(&self, n: usize) {
        assert!(!self.runs(n), "node {n} runs already");
        let more: &[&str] = if n > DEPARTMENTS.len() { &["--follow"] } else { &[] };
        let process = run_node(&self.place, &format!("n{n}"), more);
        *self.process(n) = Some(process);
    }

    /// Kills a node without a warning.
    ///
    /// # Panics
    /// If it does not run.
    pub fn kill(&self, n: usize) {
        let mut process = self.process(n).take().expect("it runs");
        process.kill().expect("it is our child");
        process.wait().expect("it is our child");
    }

    /// Asks a node to stop; it must end well.
    ///
    /// # Panics
    /// If it does not run, or ends with another code than 0.
    pub fn stop(&self, n: usize) {
        let mut process = self.process(n).take().expect("it runs");
        let sent = Command::new("kill").arg(process.id().to_string()).status();
        assert!(sent.expect("kill is there").success());
        let ended = wait_for(PATIENCE, || process.try_wait().expect("it is our child"));
        assert_eq!(ended.and_then(|s| s.code()), Some(0), "node {n}:\n{}", self.log(n));
    }

    /// The exit code of a node that ended by itself, 128 and more for a signal, as a shell tells it.
    ///
    /// # Panics
    /// If it was not started.
    #[must_use]
    pub fn ended(&self, n: usize) -> Option<i32> {
        let mut process = self.process(n);
        let status =
            process.as_mut().expect("it was started").try_wait().expect("it is our child")?;
        *process = None;
        let signal =
            || 128 + std::os::unix::process::ExitStatusExt::signal(&status).unwrap_or_default();
        Some(status.code().unwrap_or_else(signal))
    }

    /// Asks every running node to stop.
    ///
    /// # Panics
    /// If one does not end well.
    pub fn stop_all(&self) {
        for n in 1..=self.nodes.len() {
            if self.runs(n) {
                self.stop(n);
            }
        }
    }

    fn process(&self, n: usize) -> std::sync::MutexGuard<'_, Option<Child>> {
        self.nodes[n - 1].process.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn runs(&self, n: usize) -> bool {
        self.process(n).is_some()
    }

    /// What a node has logged.
    #[must_use]
    pub fn log(&self, n: usize) -> String {
        std::fs::read_to_string(self.place.file(&format!("n{n}/log"))).unwrap_or_default()
    }

    /// A node's height; `None` if it does not answer.
    #[must_use]
    pub fn height(&self, n: usize) -> Option<u64> {
        let body = self.get(n, "/v1/ledger/head")?;
        let view: serde_json::Value = serde_json::from_slice(&body).ok()?;
        view["height"].as_u64()
    }

    /// The greatest height of those that answer.
    #[must_use]
    pub fn highest(&self) -> u64 {
        (1..=self.nodes.len()).filter_map(|n| self.height(n)).max().unwrap_or_default()
    }

    /// A node's answer to a path; `None` if there is none, or it is no success.
    #[must_use]
    pub fn get(&self, n: usize, path: &str) -> Option<Vec<u8>> {
        let url = format!("{}{path}", self.http(n));
        let mut answer = self.agent.get(&url).call().ok()?;
        answer.status().is_success().then(|| answer.body_mut().read_to_vec().ok()).flatten()
    }

    /// A record's receipt, as a node has it now.
    #[must_use]
    pub fn receipt(&self, n: usize, id: &Digest) -> Option<Vec<u8>> {
        let url = format!("{}/v1/receipts/{id}", self.http(n));
        let mut answer =
            self.agent.get(&url).header("accept", "application/octet-stream").call().ok()?;
        answer.status().is_success().then(|| answer.body_mut().read_to_vec().ok()).flatten()
    }

    /// Posts a record to a node and waits for its receipt.
    ///
    /// # Errors
    /// [`Refused`]
    pub fn post(&self, n: usize, record: &[u8]) -> Result<Vec<u8>, Refused> {
        let url = format!("{}/v1/records", self.http(n));
        let not_now = |e: ureq::Error| Refused::NotNow(e.to_string());
        let mut answer = self
            .agent
            .post(&url)
            .header("accept", "application/octet-stream")
            .header("content-type", "application/octet-stream")
            .send(record)
            .map_err(not_now)?;
        let status = answer.status();
        let body = answer.body_mut().read_to_vec().map_err(not_now)?;
        if status.is_success() {
            return Ok(body);
        }
        let problem: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
        let kind = problem["type"].as_str().unwrap_or_default();
        match kind.strip_prefix("urn:yinxin:problem:refused:") {
            Some(code) => Err(Refused::Rule(code.to_owned())),
            None => Err(Refused::NotNow(problem.to_string())),
        }
    }

    /// `ledger put` of a file by the first department, through a node, with words of your own.
    #[must_use]
    pub fn put_line(&self, node: usize, file: &str, more: &str) -> String {
        format!(
            "ledger put {file} --key n1/org.key --cert n1/org.cer --password-file pw --node {} --trust trust {more}",
            self.http(node)
        )
    }

    /// A department's signer.
    ///
    /// # Panics
    /// If its key cannot be opened.
    #[must_use]
    pub fn signer(&self, n: usize) -> Signer {
        let genesis =
            Genesis::from_der(&self.place.read("trust/ledger.genesis")).expect("a genesis");
        Signer {
            code: DEPARTMENTS.get(n - 1).unwrap_or(&NEWCOMER).0.to_owned(),
            key: open_key(&self.place, &format!("n{n}/org.key")),
            chain_id: genesis.chain_id(),
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for n in 1..=self.nodes.len() {
            if let Some(mut process) = self.process(n).take() {
                let _ = process.kill();
                let _ = process.wait();
            }
        }
        if std::thread::panicking() {
            for n in 1..=self.nodes.len() {
                let log = self.log(n);
                // How connections come and go says little, and there is much of it.
                let lines: Vec<_> = log.lines().filter(|l| !l.contains("_discovery::")).collect();
                let tail = &lines[lines.len().saturating_sub(15)..];
                eprintln!("--- the end of node {n}'s log\n{}", tail.join("\n"));
            }
        }
    }
}

/// Someone who signs records.
pub struct Signer {
    /// The code that records carry.
    pub code: String,
    /// The key that signs them.
    pub key: PrivateKey,
    /// The ledger that they are meant for.
    pub chain_id: Digest,
}

impl Signer {
    /// A record that anchors the digest of a text.
    ///
    /// # Panics
    /// If the crates under test cannot make it.
    #[must_use]
    pub fn anchor(&self, business_key: &str, text: &str, last_valid_height: u64) -> Record {
        let act = Act::Document(DocumentAct::Anchor(AnchorDocuments {
            kind: Text::new("test").expect("a word"),
            digests: vec![sm3::digest(text.as_bytes())],
        }));
        self.act(business_key, act, last_valid_height)
    }

    /// A record of any act.
    ///
    /// # Panics
    /// If the crates under test cannot make it.
    #[must_use]
    pub fn act(&self, business_key: &str, act: Act, last_valid_height: u64) -> Record {
        let tbs = Tbs {
            chain_id: self.chain_id,
            organisation: OrganisationCode::new(&self.code).expect("its check character holds"),
            signer: key_id(self.key.public_key()),
            business_key: BusinessKey::new(business_key).expect("short"),
            last_valid_height,
            act,
        };
        tbs.sign(&self.key, &mut rand_core::UnwrapErr(getrandom::SysRng)).expect("a key signs")
    }
}

/// A certificate authority in `ca`, what it vouches for in `trust`, the password of every key in `pw`.
pub fn authority(place: &Place) {
    place.write("pw", format!("{PASSWORD}\n"));
    place.ok("ca init ca --name CA --password-file pw");
    place.ok("ca crl ca --password-file pw --out trust/ca.crl");
    place.copy("ca/ca.cer", "trust/ca.cer");
}

/// A department in `n…`: key, certificate, node. Its HTTP address.
#[must_use]
pub fn department(place: &Place, n: usize) -> String {
    let ports = free_ports();
    department_at(place, n, ports, ports)
}

/// The same on these ports, for others on those.
fn department_at(place: &Place, n: usize, ports: u16, address: u16) -> String {
    let (code, powers) = DEPARTMENTS.get(n - 1).copied().unwrap_or(NEWCOMER);
    place.ok(&format!("key new n{n}/org.key --password-file pw"));
    place.ok(&format!("key csr n{n}/org.key --password-file pw --organisation D{n} --code {code} --out n{n}/org.csr"));
    place.ok(&format!("ca issue ca n{n}/org.csr --password-file pw --out n{n}/org.cer"));
    place.ok(&format!(
        "node init n{n} --key n{n}/org.key --cert n{n}/org.cer --password-file pw --powers {powers} \
         --listen 127.0.0.1:{ports} --address 127.0.0.1:{address} --http 127.0.0.1:{}",
        ports + 2
    ));
    format!("http://127.0.0.1:{}", ports + 2)
}

/// A department's private key, as another program would get it.
///
/// # Panics
/// If it cannot be opened.
#[must_use]
pub fn open_key(place: &Place, file: &str) -> PrivateKey {
    let pem = place.ok(&format!("key export {file} --password-file pw --form pkcs8"));
    keyfile::read(pem.as_bytes(), None).expect("an unencrypted key")
}

/// What a receipt proves: record, place in the log, header. Each node keeps its own quorum of signatures beside it.
///
/// # Panics
/// If it is no receipt over a header.
#[must_use]
pub fn proven(receipt: &[u8]) -> (Subject, u64, Header) {
    let Receipt { subject, index, anchor, .. } = Receipt::from_der(receipt).expect("a receipt");
    match anchor {
        Anchor::Committed { header, .. } => (subject, index, header),
        Anchor::Checkpoint(_) => unreachable!("nobody asked for a checkpoint"),
    }
}

/// A node process whose log goes to the file `log` in its directory.
///
/// # Panics
/// If it does not start.
#[must_use]
pub fn run_node(place: &Place, folder: &str, more: &[&str]) -> Child {
    let log = place.file(&format!("{folder}/log"));
    let log = OpenOptions::new().create(true).append(true).open(log).expect("a log");
    let words: Vec<&str> =
        ["node", "run", folder].into_iter().chain(more.iter().copied()).collect();
    place
        .command(&words)
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("the program was built: cargo build -p yinxin-cli")
}

/// The first of three ports in a row that nobody listens on: consensus, records, HTTP.
/// Below the range that the system gives to outgoing connections, which could take one at any moment.
///
/// # Panics
/// If none are free.
#[must_use]
pub fn free_ports() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Test programs that run side by side, and have numbers side by side, begin far from each other.
    let begin = u16::try_from(std::process::id().wrapping_mul(61) % 3_000).expect("small") * 3;
    (0..3_000)
        .map(|_| 20_000 + (begin + NEXT.fetch_add(3, Ordering::Relaxed)) % 9_000)
        .find(|port| (*port..port + 3).all(|p| TcpListener::bind(("127.0.0.1", p)).is_ok()))
        .expect("three free ports")
}

/// Asks until there is an answer or time is over.
pub fn wait_for<T>(longest: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        if begun.elapsed() > longest {
            return None;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}
