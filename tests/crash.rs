//! Each of the four nodes is killed in turn under load, then all at once: what was acknowledged is there, every receipt that was
//! handed out holds, and a node that comes back is in step within ten seconds. Two of them keep few old states.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use yinxin_gm::Digest;
use yinxin_receipt::Wire;
use yinxin_store::{Disk as _, RocksDisk, Table};
use yinxin_tests::cluster::{Cluster, Refused, Signer, proven, wait_for};

/// What the ledger promises of a node that comes back.
const IN_STEP: Duration = Duration::from_secs(10);

/// Submitters at a time; each waits for its receipt before it sends its next record.
const SUBMITTERS: usize = 6;

/// Puts records, one after the other, through whichever node takes them, until it is told to stop.
struct Load<'a> {
    cluster: &'a Cluster,
    next: AtomicU64,
    stop: AtomicBool,
    /// Acknowledged records with the receipts that were handed out.
    done: Mutex<BTreeMap<Digest, Vec<u8>>>,
}

impl<'a> Load<'a> {
    fn new(cluster: &'a Cluster) -> Self {
        Self {
            cluster,
            next: AtomicU64::new(0),
            stop: AtomicBool::new(false),
            done: Mutex::default(),
        }
    }

    /// Does something while the load runs.
    fn during(&self, act: impl FnOnce()) {
        self.stop.store(false, Ordering::Relaxed);
        std::thread::scope(|scope| {
            let signers: Vec<_> = (0..SUBMITTERS).map(|_| scope.spawn(|| self.submit())).collect();
            // A panic in `act` must end the load too, or the scope would wait for ever.
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(act));
            self.stop.store(true, Ordering::Relaxed);
            for signer in signers {
                signer.join().expect("no record of the load breaks a rule");
            }
            if let Err(why) = result {
                std::panic::resume_unwind(why);
            }
        });
    }

    fn submit(&self) {
        let signer = self.cluster.signer(1);
        while !self.stop.load(Ordering::Relaxed) {
            self.put(&signer, self.next.fetch_add(1, Ordering::Relaxed));
        }
    }

    /// The same bytes again and again, through one node after the other, as the command line does.
    fn put(&self, signer: &Signer, number: u64) {
        let record =
            signer.anchor(&format!("load/{number}"), &format!("document {number}"), 100_000);
        let bytes = record.to_der();
        let mut node = number;
        while !self.stop.load(Ordering::Relaxed) {
            match self.cluster.post(usize::try_from(node % 4).unwrap() + 1, &bytes) {
                Ok(receipt) => {
                    self.done.lock().unwrap().insert(record.id(), receipt);
                    return;
                }
                Err(Refused::Rule(code)) => panic!("record {number} was refused: {code}"),
                Err(Refused::NotNow(_)) => {
                    node += 1;
                    std::thread::sleep(Duration::from_millis(20));
                }
            }
        }
    }

    fn acknowledged(&self) -> usize {
        self.done.lock().unwrap().len()
    }

    /// Waits until more records were acknowledged: the ledger goes on.
    fn goes_on(&self, what: &str) {
        let before = self.acknowledged();
        let more = wait_for(Duration::from_secs(20), || {
            (self.acknowledged() >= before + 10).then_some(())
        });
        assert!(more.is_some(), "{what}: only {} more records", self.acknowledged() - before);
    }
}

/// How long it takes a node that was just started to be within one block of the others.
fn in_step(cluster: &Cluster, n: usize) -> Duration {
    let begun = Instant::now();
    let there = wait_for(IN_STEP, || {
        let own = cluster.height(n)?;
        (own + 1 >= cluster.highest()).then_some(())
    });
    assert!(
        there.is_some(),
        "node {n} is at {:?}, the others at {}",
        cluster.height(n),
        cluster.highest()
    );
    begun.elapsed()
}

#[test]
fn no_acknowledged_record_is_lost_whichever_node_is_killed() {
    let cluster = Cluster::found();
    // Two nodes drop old states as soon as they may, in the same batches that the kills hit.
    for n in [2, 4] {
        let settings = format!("n{n}/node.toml");
        let shorter = String::from_utf8(cluster.place().read(&settings)).unwrap();
        assert!(shorter.contains("state_window = 64"));
        let shorter = shorter.replace("state_window = 64", "state_window = 8");
        cluster.place().write(&settings, shorter);
    }
    cluster.start_all();
    let load = Load::new(&cluster);
    for n in 1..=4 {
        load.during(|| {
            load.goes_on("four nodes");
            cluster.kill(n);
            load.goes_on("three nodes");
            cluster.start_node(n);
            let took = in_step(&cluster, n);
            load.goes_on("four nodes again");
            println!(
                "node {n} was in step {took:?} after its start; {} records",
                load.acknowledged()
            );
        });
    }
    load.during(|| {
        load.goes_on("four nodes");
        (1..=4).for_each(|n| cluster.kill(n));
        cluster.start_all();
        load.goes_on("all four started again");
    });
    everything_is_there(&cluster, &load);
}

/// Every node has every acknowledged record, and every receipt holds offline.
fn everything_is_there(cluster: &Cluster, load: &Load<'_>) {
    let done = load.done.lock().unwrap();
    let head = cluster.highest();
    for n in 1..=4 {
        let caught_up = wait_for(IN_STEP, || cluster.height(n).filter(|h| *h >= head));
        assert!(caught_up.is_some(), "node {n}");
        for (id, receipt) in done.iter() {
            let theirs = cluster.receipt(n, id);
            assert!(theirs.is_some(), "node {n} has lost {id}");
            assert_eq!(theirs.map(|r| proven(&r)), Some(proven(receipt)), "node {n}, record {id}");
        }
    }
    cluster.stop_all();
    let place = cluster.place();
    let mut line = String::from("verify --brief --trust trust");
    for (id, receipt) in done.iter() {
        place.write(&format!("r/{id}"), receipt);
        line.push_str(&format!(" r/{id}"));
    }
    place.ok(&line);
    println!("{} receipts hold", done.len());
    for n in 1..=4 {
        let lists = RocksDisk::open(&place.file(&format!("n{n}/data/ledger")))
            .and_then(|disk| disk.scan(Table::Stale, &[], &[], 1_000));
        let window = if n % 2 == 0 { 8 } else { 64 };
        assert_eq!(lists.unwrap().len(), window.min(usize::try_from(head).unwrap()), "node {n}");
    }
}
