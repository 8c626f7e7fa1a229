//! Four nodes in one process, over loopback, with an application of a few lines.

mod support;

use std::time::{Duration, Instant};

use support::{Cluster, Put, runtime};
use yinxin_merkle::wire::Wire;
use yinxin_receipt::{Anchor, CommitCertificate, Receipt, StatusProof};

/// Four nodes commit, one dies and comes back, all receipts verify.
#[test]
fn four_nodes_commit_and_one_comes_back() {
    let runtime = runtime();
    runtime.block_on(async {
        let mut cluster = Cluster::start(4).await;
        let started = Instant::now();
        let mut receipts = Vec::new();
        for number in 0..20_u32 {
            let node = cluster.node(number as usize % 4);
            receipts.push(node.submit(Put::new(number, "x").bytes(&cluster)).await.unwrap());
        }
        println!("20 records one after another: {:?}", started.elapsed());

        // The same act again: the first receipt.
        let again = cluster.node(3).submit(Put::new(0, "x").bytes(&cluster)).await.unwrap();
        let (first, again) = (receipt(&receipts[0]), receipt(&again));
        assert_eq!((first.index, first.leaf()), (again.index, again.leaf()));

        // One dies; the others go on.
        cluster.kill(0).await;
        let started = Instant::now();
        for number in 20..30_u32 {
            let node = cluster.node(1 + number as usize % 3);
            receipts.push(node.submit(Put::new(number, "y").bytes(&cluster)).await.unwrap());
        }
        println!("10 records with one node down: {:?}", started.elapsed());

        // It comes back and is in step within ten seconds.
        cluster.restart(0).await;
        let started = Instant::now();
        let target = cluster.node(1).head().unwrap().height;
        while cluster.node(0).head().unwrap().height < target {
            assert!(started.elapsed() < Duration::from_secs(10), "not in step");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        println!("in step after {:?}", started.elapsed());
        receipts.push(cluster.node(0).submit(Put::new(30, "z").bytes(&cluster)).await.unwrap());

        for bytes in &receipts {
            cluster.verify(bytes);
        }
        let key = Put::key(7);
        let proof = cluster.node(2).status_proof(&key).unwrap().unwrap();
        let proof = StatusProof::from_der(&proof).unwrap();
        assert_eq!(proof.value.as_deref(), Some(b"x".as_slice()));
        proof.verify_path().unwrap();
        let text = cluster.node(2).metrics_text();
        assert!(text.contains("yinxin_records_total"), "{text}");
        cluster.stop().await;
    });
}

fn receipt(bytes: &[u8]) -> Receipt {
    let receipt = Receipt::from_der(bytes).expect("a receipt");
    let Anchor::Committed { header, round, signatures } = &receipt.anchor else {
        unreachable!("a fresh receipt stands on a header")
    };
    let certificate = CommitCertificate {
        height: header.height,
        round: *round,
        value_id: header.id(),
        signatures: signatures.clone(),
    };
    assert!(certificate.signatures.len() >= 3);
    receipt
}
