//! A cluster on loopback and its application: signed-by-nobody puts of one value each.

#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_possible_truncation
)]

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;

use getrandom::SysRng;
use rand_core::UnwrapErr;
use yinxin_engine::{
    Admission, App, Applied, ApplyError, BlockContext, Outcome, Peer, Refusal, Seat, StateRead,
    StoreFailure,
};
use yinxin_gm::sm2::{DEFAULT_ID, PrivateKey, PublicKey};
use yinxin_gm::{Digest, sm3};
use yinxin_merkle::wire::Wire;
use yinxin_node::{Config, Keys, Node, NodeError, NodeHandle, peer_id};
use yinxin_receipt::{
    Anchor, CommitCertificate, Genesis, GenesisOrganisation, GenesisValidator, Receipt, Validator,
    ValidatorSet,
};
use yinxin_store::RocksDisk;
use yinxin_verdict::UnixTime;
use zeroize::Zeroizing;

/// A record of the test's application: number and value.
pub struct Put {
    number: u32,
    value: String,
}

impl Put {
    pub fn new(number: u32, value: &str) -> Self {
        Self { number, value: value.into() }
    }

    pub fn key(number: u32) -> Vec<u8> {
        format!("put/{number}").into_bytes()
    }

    pub fn bytes(&self, _: &Cluster) -> Vec<u8> {
        [self.number.to_be_bytes().as_slice(), self.value.as_bytes()].concat()
    }

    fn parse(record: &[u8]) -> Result<(u32, &[u8]), Refusal> {
        let (number, value) = record.split_first_chunk::<4>().ok_or_else(|| refusal("short"))?;
        Ok((u32::from_be_bytes(*number), value))
    }
}

fn refusal(code: &str) -> Refusal {
    Refusal { code: code.into(), message: format!("the record is {code}") }
}

/// Each number can be put once.
#[derive(Debug, Default)]
pub struct Puts;

impl Puts {
    /// A value "after N" needs number N to be there.
    fn stands(
        state: &dyn StateRead,
        written: &BTreeMap<Vec<u8>, Option<Vec<u8>>>,
        value: &[u8],
        index: usize,
    ) -> Result<(), ApplyError> {
        let needs = std::str::from_utf8(value).ok().and_then(|value| value.strip_prefix("after "));
        let Some(needs) = needs else { return Ok(()) };
        let key = Put::key(needs.parse().unwrap());
        if written.contains_key(&key) || state.get(&key)?.is_some() {
            return Ok(());
        }
        Err(ApplyError::Record { index, refusal: refusal("too early") })
    }

    fn one(state: &dyn StateRead, record: &[u8]) -> Result<(u32, Vec<u8>), ApplyError> {
        let refuse = |refusal| ApplyError::Record { index: 0, refusal };
        let (number, value) = Put::parse(record).map_err(refuse)?;
        match state.get(&Put::key(number))? {
            Some(_) => Err(refuse(refusal("a duplicate"))),
            None => Ok((number, value.to_vec())),
        }
    }
}

impl App for Puts {
    fn genesis(&self, genesis: &Genesis) -> Result<Outcome, Refusal> {
        let line = |v: &GenesisValidator| node_line(&v.peer_id, &v.address, &v.key);
        let nodes: String = genesis.validators.iter().map(line).collect();
        Ok(Outcome {
            applied: Vec::new(),
            writes: vec![
                (b"nodes".to_vec(), Some(nodes.into_bytes())),
                (b"validators".to_vec(), Some(genesis.validator_set().unwrap().to_der())),
            ],
            index: Vec::new(),
            next_validators: genesis.validator_set().unwrap(),
            peers: None,
        })
    }

    fn identify(&self, record: &[u8]) -> Result<Digest, Refusal> {
        Put::parse(record).map(|_| sm3::digest(record))
    }

    fn check(
        &self,
        state: &dyn StateRead,
        at: &BlockContext,
        record: &[u8],
    ) -> Result<Admission, ApplyError> {
        let (_, value) = Self::one(state, record)?;
        Self::stands(state, &BTreeMap::new(), &value, 0)?;
        Ok(Admission {
            id: sm3::digest(record),
            organisation: "org".into(),
            last_valid_height: at.height + 1000,
        })
    }

    fn apply(
        &self,
        state: &dyn StateRead,
        _: &BlockContext,
        records: &[Vec<u8>],
    ) -> Result<Outcome, ApplyError> {
        let mut writes = BTreeMap::new();
        let mut applied = Vec::new();
        for (index, record) in records.iter().enumerate() {
            let (number, value) = Self::one(state, record).map_err(|error| match error {
                ApplyError::Record { refusal, .. } => ApplyError::Record { index, refusal },
                error => error,
            })?;
            Self::stands(state, &writes, &value, index)?;
            if writes.insert(Put::key(number), Some(value)).is_some() {
                return Err(ApplyError::Record { index, refusal: refusal("a duplicate") });
            }
            applied.push(Applied { id: sm3::digest(record) });
        }
        let mut nodes = nodes(state)?;
        let set = state.get(b"validators")?.expect("written at genesis");
        let before = ValidatorSet::from_der(&set).unwrap();
        let mut all = before.validators().to_vec();
        let mut peers = None;
        for (number, value) in records.iter().map(|record| Put::parse(record).unwrap()) {
            match number {
                // Takes the i-th validator out, and its node stays.
                1000..2000 => drop(all.remove(number as usize - 1000)),
                // Takes both out.
                2000..3000 => {
                    let gone = all.remove(number as usize - 2000);
                    nodes.retain(|(seat, _)| seat.key != gone.key);
                    peers = Some(());
                }
                // Takes both in.
                3000..4000 => {
                    let line = String::from_utf8(value.to_vec()).unwrap();
                    let (seat, address) = parse_line(&line);
                    let organisation = format!("9137021435858628{:02}", number - 3000);
                    all.push(Validator { organisation, key: seat.key, power: 10 });
                    nodes.push((seat, address));
                    peers = Some(());
                }
                _ => {}
            }
        }
        let next_validators = ValidatorSet::new(all).unwrap();
        if next_validators != before {
            writes.insert(b"validators".to_vec(), Some(next_validators.to_der()));
        }
        let peers = peers.map(|()| {
            let text =
                nodes.iter().map(|(seat, address)| node_line(&seat.peer_id, address, &seat.key));
            writes.insert(b"nodes".to_vec(), Some(text.collect::<String>().into_bytes()));
            let peer = |(seat, address): &(Seat, String)| Peer {
                id: seat.peer_id.clone(),
                address: address.clone(),
            };
            nodes.iter().map(peer).collect()
        });
        Ok(Outcome {
            applied,
            writes: writes.into_iter().collect(),
            index: Vec::new(),
            next_validators,
            peers,
        })
    }

    fn author(&self, _: &[u8]) -> Option<String> {
        Some("org".into())
    }

    fn seats(&self, state: &dyn StateRead) -> Result<Vec<Seat>, StoreFailure> {
        Ok(nodes(state)?.into_iter().map(|(seat, _)| seat).collect())
    }
}

/// A node on the ledger: peer id, address and validator key.
pub fn node_line(peer_id: &str, address: &str, key: &PublicKey) -> String {
    format!("{peer_id} {address} {}\n", hex::encode(key.to_sec1()))
}

fn parse_line(line: &str) -> (Seat, String) {
    let words: Vec<&str> = line.split_whitespace().collect();
    let key = PublicKey::from_sec1(&hex::decode(words[2]).unwrap()).unwrap();
    (Seat { key, peer_id: words[0].into() }, words[1].into())
}

fn nodes(state: &dyn StateRead) -> Result<Vec<(Seat, String)>, StoreFailure> {
    let text = state.get(b"nodes")?.expect("written at genesis");
    Ok(String::from_utf8(text).unwrap().lines().map(parse_line).collect())
}

/// What a department of the test has.
struct Department {
    key: [u8; 32],
    network: [u8; 32],
    config: Config,
}

impl Department {
    fn keys(&self) -> Keys {
        Keys {
            validator: Some(PrivateKey::from_bytes(&self.key).unwrap()),
            network: Zeroizing::new(self.network),
        }
    }
}

/// Nodes on loopback.
pub struct Cluster {
    pub genesis: Genesis,
    departments: Vec<Department>,
    nodes: Vec<Option<NodeHandle>>,
    directory: tempfile::TempDir,
}

/// A free address whose next port is free too.
pub fn address() -> std::net::SocketAddr {
    ([127, 0, 0, 1], ports()).into()
}

/// Two neighbouring free ports, below those that the system gives to outgoing connections: a node that is
/// down must find its port free when it comes back.
fn ports() -> u16 {
    static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    loop {
        let next = NEXT.fetch_add(2, std::sync::atomic::Ordering::Relaxed);
        let port = 10_000 + ((std::process::id() * 64 + next) % 20_000) as u16;
        if TcpListener::bind(("127.0.0.1", port)).is_ok()
            && TcpListener::bind(("127.0.0.1", port + 1)).is_ok()
        {
            return port;
        }
    }
}

impl Cluster {
    /// Makes a genesis and starts `count` nodes.
    pub async fn start(count: usize) -> Self {
        let mut cluster = Self::prepare(count);
        for index in 0..count {
            cluster.restart(index).await;
        }
        cluster
    }

    /// Makes a genesis only.
    pub fn prepare(count: usize) -> Self {
        let mut rng = UnwrapErr(SysRng);
        let directory = tempfile::tempdir().unwrap();
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let time = UnixTime::from_millis(now.as_millis() as i64 - 1000).unwrap();
        let mut genesis = Genesis::new("test".into(), time, Vec::new());
        let mut departments = Vec::new();
        let mut signers = Vec::new();
        for index in 0..count {
            let key = PrivateKey::generate(&mut rng);
            let mut network = [0; 32];
            rand_core::Rng::fill_bytes(&mut rng, &mut network);
            let port = ports();
            let data: PathBuf = directory.path().join(format!("n{index}"));
            let listen = format!("127.0.0.1:{port}").parse().unwrap();
            let mut config = Config::new(&format!("n{index}"), data, listen);
            config.tuning.heartbeat_ms = 2_000;
            config.tuning.watch_ms = 3_000;
            let code = format!("9137021435858627{index:02}");
            genesis.organisations.push(GenesisOrganisation {
                code: code.clone(),
                name: format!("department {index}"),
                certificate: Vec::new(),
                key: *key.public_key(),
                powers: 0,
            });
            genesis.validators.push(GenesisValidator {
                organisation: code.clone(),
                key: *key.public_key(),
                power: 10,
                peer_id: peer_id(&network),
                address: format!("/ip4/127.0.0.1/tcp/{port}"),
            });
            departments.push(Department { key: *key.to_bytes(), network, config });
            signers.push((code, key));
        }
        genesis.sort();
        let body = genesis.body();
        for (code, key) in signers {
            let signature = key.sign(DEFAULT_ID, &body, &mut rng).unwrap();
            genesis.add_signature(&code, signature.to_raw()).unwrap();
        }
        let nodes = (0..count).map(|_| None).collect();
        Self { genesis, departments, nodes, directory }
    }

    /// Makes a department that the genesis does not know, and the record that takes it in.
    pub fn newcomer(&mut self) -> (usize, Put) {
        let index = self.departments.len();
        let mut rng = UnwrapErr(SysRng);
        let key = PrivateKey::generate(&mut rng);
        let mut network = [0; 32];
        rand_core::Rng::fill_bytes(&mut rng, &mut network);
        let mut config = self.departments[0].config.clone();
        config.name = format!("n{index}");
        config.data_dir = self.directory.path().join(&config.name);
        config.listen = address();
        let line = node_line(
            &peer_id(&network),
            &format!("/ip4/127.0.0.1/tcp/{}", config.listen.port()),
            key.public_key(),
        );
        self.departments.push(Department { key: *key.to_bytes(), network, config });
        self.nodes.push(None);
        (index, Put::new(3000 + index as u32, line.trim_end()))
    }

    pub fn node(&self, index: usize) -> &NodeHandle {
        self.nodes[index].as_ref().expect("it runs")
    }

    pub fn config(&mut self, index: usize) -> &mut Config {
        &mut self.departments[index].config
    }

    pub fn peer_id(&self, index: usize) -> String {
        peer_id(&self.departments[index].network)
    }

    pub fn validator_key(&self, index: usize) -> PrivateKey {
        PrivateKey::from_bytes(&self.departments[index].key).unwrap()
    }

    /// Stops a node; its ledger and its write-ahead log are free at once.
    pub async fn kill(&mut self, index: usize) {
        let handle = self.nodes[index].take().unwrap();
        handle.shutdown().await;
        let data = &self.departments[index].config.data_dir;
        RocksDisk::open(&data.join("ledger")).expect("free, though the handle lives");
        if let Ok(log) = std::fs::File::open(data.join("wal").join("consensus.wal")) {
            log.try_lock().expect("free");
        }
        drop(handle);
    }

    pub async fn restart(&mut self, index: usize) {
        let handle = self.try_start(index).await.unwrap();
        self.nodes[index] = Some(handle);
    }

    pub async fn try_start(&self, index: usize) -> Result<NodeHandle, NodeError> {
        let department = &self.departments[index];
        let (config, keys) = (department.config.clone(), department.keys());
        Node::start(config, keys, &self.genesis, Arc::new(Puts)).await
    }

    /// Starts a node with the keys of one department and the configuration of another.
    pub async fn start_with(
        &self,
        config: Config,
        validator: usize,
        network: usize,
    ) -> Result<NodeHandle, NodeError> {
        let keys = Keys {
            validator: self.departments[validator].keys().validator,
            network: Zeroizing::new(self.departments[network].network),
        };
        Node::start(config, keys, &self.genesis, Arc::new(Puts)).await
    }

    pub async fn stop(&mut self) {
        for node in self.nodes.iter_mut().filter_map(Option::take) {
            node.shutdown().await;
        }
    }

    /// Verifies a receipt with nothing but the genesis.
    pub fn verify(&self, bytes: &[u8]) {
        let receipt = Receipt::from_der(bytes).unwrap();
        let Anchor::Committed { header, round, signatures } = &receipt.anchor else { panic!() };
        let certificate = CommitCertificate {
            height: header.height,
            round: *round,
            value_id: header.id(),
            signatures: signatures.clone(),
        };
        let set = self.genesis.validator_set().unwrap();
        assert_eq!(header.validators, set.hash());
        certificate.verify(&self.genesis.chain_id(), &set).unwrap();
        receipt.verify_path(header.log_size, &header.log_root).unwrap();
    }

    pub fn directory(&self) -> &std::path::Path {
        self.directory.path()
    }
}

/// A runtime as a node has it.
pub fn runtime() -> tokio::runtime::Runtime {
    if std::env::var_os("YINXIN_LOG").is_some() {
        let _ = tracing_subscriber::fmt()
            .with_env_filter(tracing_subscriber::EnvFilter::from_env("YINXIN_LOG"))
            .try_init();
    }
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}
