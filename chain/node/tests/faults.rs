//! What goes wrong around a node: disks, keys, ports, twins, members that leave.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_malachitebft_app_channel::Signer as _;
use arc_malachitebft_app_channel::app::types::core::{NilOrVal, Round, VoteType};
use getrandom::SysRng;
use rand_core::UnwrapErr;
use support::{Cluster, Put, Puts, runtime};
use yinxin_engine::{Height, Signer, Vote};
use yinxin_merkle::wire::Wire;
use yinxin_node::{Config, NodeError, PeerConfig, Signing, SubmitError};
use yinxin_receipt::SetChange;
use yinxin_store::{Options, RocksDisk, Store, StoreError};

async fn until(what: &str, seconds: u64, mut done: impl FnMut() -> bool) {
    let started = Instant::now();
    while !done() {
        assert!(started.elapsed() < Duration::from_secs(seconds), "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[test]
fn each_mistake_of_an_operator_has_its_own_error() {
    runtime().block_on(async {
        let mut cluster = Cluster::prepare(2);
        let other = Cluster::prepare(2);
        let free = other.directory().join("free");
        let elsewhere = |port: u16| {
            Config::new("x", free.clone(), format!("127.0.0.1:{port}").parse().unwrap())
        };

        cluster.restart(0).await;
        let error = cluster.try_start(0).await.unwrap_err();
        assert!(matches!(error, NodeError::Store(StoreError::Locked(_))), "{error}");

        let listen = cluster.config(0).listen;
        let taken = Config::new("x", free.clone(), listen);
        let error = cluster.start_with(taken, 1, 1).await.unwrap_err();
        assert!(matches!(error, NodeError::PortInUse { .. }), "{error}");

        let error = cluster.start_with(elsewhere(1024), 0, 1).await.unwrap_err();
        assert!(matches!(error, NodeError::KeyMismatch { .. }), "{error}");

        let mut theirs = other.genesis.clone();
        std::mem::swap(&mut theirs, &mut cluster.genesis);
        cluster.kill(0).await;
        let error = cluster.try_start(0).await.unwrap_err();
        assert!(matches!(error, NodeError::Store(StoreError::WrongChain { .. })), "{error}");
        std::mem::swap(&mut theirs, &mut cluster.genesis);

        cluster.genesis.signatures.pop();
        let error = cluster.try_start(0).await.unwrap_err();
        assert!(matches!(error, NodeError::Genesis(_)), "{error}");
        assert!(error.to_string().contains("; "), "every error says what to do: {error}");
    });
}

#[test]
fn a_node_with_a_new_disk_watches_then_votes() {
    runtime().block_on(async {
        let mut cluster = Cluster::start(4).await;
        for number in 0..5 {
            cluster.node(1).submit(Put::new(number, "x").bytes(&cluster)).await.unwrap();
        }
        cluster.kill(0).await;
        let data = cluster.config(0).data_dir.clone();
        std::fs::remove_dir_all(data).unwrap();
        cluster.restart(0).await;
        until("it watches", 5, || cluster.node(0).status().peers_height > 0).await;
        assert_eq!(cluster.node(0).status().signing, Signing::Watching);
        until("it catches up", 10, || {
            cluster.node(0).head().unwrap().height >= cluster.node(1).head().unwrap().height
        })
        .await;
        until("it votes", 15, || cluster.node(0).status().signing == Signing::On).await;
        let receipt = cluster.node(0).submit(Put::new(9, "x").bytes(&cluster)).await.unwrap();
        cluster.verify(&receipt);
        let refused = cluster.node(0).submit(Put::new(9, "other").bytes(&cluster)).await;
        assert!(matches!(refused, Err(SubmitError::Refused(_))), "{refused:?}");
        cluster.stop().await;
    });
}

#[test]
fn a_refused_signature_silences_until_its_height_has_passed() {
    runtime().block_on(async {
        let mut cluster = Cluster::start(4).await;
        cluster.node(1).submit(Put::new(0, "x").bytes(&cluster)).await.unwrap();
        cluster.kill(0).await;
        let config = cluster.config(0).clone();
        let ahead = {
            // As if the key had signed three heights further on, and the write-ahead log were lost.
            let disk = Arc::new(RocksDisk::open(&config.data_dir.join("ledger")).unwrap());
            let store = Store::open(disk, Options::default(), &cluster.genesis, &Puts).unwrap();
            let ahead = store.view().head_ref().height + 3;
            let rng = Box::new(UnwrapErr(SysRng));
            let key = cluster.validator_key(0);
            let signer =
                Signer::open(store.chain_id(), key, Box::new(store.guard()), || 0, rng).unwrap();
            let vote = Vote::new(
                VoteType::Precommit,
                Height::new(ahead),
                Round::new(0),
                NilOrVal::Nil,
                signer.address(),
            );
            signer.sign_vote(vote).await.unwrap();
            ahead
        };
        cluster.restart(0).await;
        let mut number = 1;
        while cluster.node(0).status().signing != Signing::Silent(ahead) {
            assert!(number < 200, "never silent: {:?}", cluster.node(0).status());
            cluster.node(1).submit(Put::new(number, "x").bytes(&cluster)).await.unwrap();
            number += 1;
            if cluster.node(1).head().unwrap().height >= ahead {
                break;
            }
        }
        let refusals = |cluster: &Cluster| {
            cluster.node(0).metrics_text().contains("yinxin_guard_refusals_total 1\n")
        };
        until("the guard refused", 10, || refusals(&cluster)).await;
        while cluster.node(1).head().unwrap().height <= ahead {
            cluster.node(1).submit(Put::new(number, "x").bytes(&cluster)).await.unwrap();
            number += 1;
        }
        until("it votes again", 15, || cluster.node(0).status().signing == Signing::On).await;
        cluster.stop().await;
    });
}

#[test]
fn two_nodes_with_one_key_both_fall_silent() {
    runtime().block_on(async {
        let mut cluster = Cluster::start(4).await;
        cluster.node(1).submit(Put::new(0, "x").bytes(&cluster)).await.unwrap();
        let data = cluster.directory().join("twin");
        let mut twin = cluster.config(3).clone();
        twin.data_dir = data;
        twin.listen = support::address();
        let twin = cluster.start_with(twin, 3, 3).await.unwrap();
        let off = |signing: Signing| matches!(signing, Signing::Off(_));
        until("the twin is off", 10, || off(twin.status().signing)).await;
        until("the first is off", 10, || off(cluster.node(3).status().signing)).await;
        // Three of four go on.
        let receipt = cluster.node(0).submit(Put::new(1, "x").bytes(&cluster)).await.unwrap();
        cluster.verify(&receipt);
        twin.shutdown().await;
        cluster.stop().await;
    });
}

#[test]
fn a_change_of_validators_takes_effect_at_the_next_header() {
    runtime().block_on(async {
        let mut cluster = Cluster::start(4).await;
        cluster.node(0).submit(Put::new(0, "x").bytes(&cluster)).await.unwrap();
        // Takes the last validator out.
        cluster.node(1).submit(Put::new(1003, "out").bytes(&cluster)).await.unwrap();
        for number in 1..6 {
            cluster.node(2).submit(Put::new(number, "x").bytes(&cluster)).await.unwrap();
        }
        let changes = cluster.node(2).set_changes().unwrap();
        assert_eq!(changes.len(), 1);
        let change = SetChange::from_der(&changes[0]).unwrap();
        let genesis = cluster.genesis.validator_set().unwrap();
        change.verify(&cluster.genesis.chain_id(), &genesis).unwrap();
        assert_eq!(change.next.len(), 3);
        let target = cluster.node(2).head().unwrap().height;
        until("all follow", 10, || {
            (0..4).all(|index| cluster.node(index).head().unwrap().height >= target)
        })
        .await;
        cluster.stop().await;
    });
}

/// How many signatures the certificate of a node's head has, and whether one is by this validator.
fn signed_by(cluster: &Cluster, node: usize, validator: usize) -> bool {
    let view = cluster.node(node).view();
    let Some((header, certificate)) = view.header(view.head_ref().height).unwrap() else {
        return false;
    };
    let set = view.validators(&header.validators).unwrap();
    let place = set.index_of(cluster.validator_key(validator).public_key());
    place.is_some_and(|place| certificate.signatures.iter().any(|(by, _)| *by == place))
}

/// A validator that was added after the genesis could not start: it looked for itself in its own, empty, ledger.
#[test]
fn a_newcomer_waits_until_it_is_admitted_then_follows_and_votes() {
    runtime().block_on(async {
        let mut cluster = Cluster::start(4).await;
        let (fifth, admission) = cluster.newcomer();
        cluster.restart(fifth).await;
        for number in 0..3 {
            cluster.node(0).submit(Put::new(number, "x").bytes(&cluster)).await.unwrap();
        }
        // Nobody talks to it yet.
        assert_eq!(cluster.node(fifth).status().peers, 0);
        assert_eq!(cluster.node(fifth).head().unwrap().height, 0);
        cluster.node(1).submit(admission.bytes(&cluster)).await.unwrap();
        until("it catches up", 20, || {
            cluster.node(fifth).head().unwrap().height >= cluster.node(1).head().unwrap().height
        })
        .await;
        let mut number = 3;
        let started = Instant::now();
        while !signed_by(&cluster, 1, fifth) {
            assert!(started.elapsed() < Duration::from_secs(30), "it never voted");
            cluster.node(2).submit(Put::new(number, "x").bytes(&cluster)).await.unwrap();
            number += 1;
        }
        // Four of five go on without one of the first.
        cluster.kill(0).await;
        for number in number..number + 5 {
            cluster.node(fifth).submit(Put::new(number, "y").bytes(&cluster)).await.unwrap();
        }
        cluster.stop().await;
    });
}

/// It waited in a loop of refused connections, and never learned why.
#[test]
fn a_node_that_the_members_remove_learns_it_and_ends() {
    runtime().block_on(async {
        let mut cluster = Cluster::start(4).await;
        cluster.node(0).submit(Put::new(0, "x").bytes(&cluster)).await.unwrap();
        let set = cluster.genesis.validator_set().unwrap();
        let place = |cluster: &Cluster, n: usize| {
            u32::from(set.index_of(cluster.validator_key(n).public_key()).unwrap())
        };
        let removal = Put::new(2000 + place(&cluster, 3), "out");
        let receipt = cluster.node(1).submit(removal.bytes(&cluster)).await.unwrap();
        let height = yinxin_receipt::Receipt::from_der(&receipt).unwrap();
        let yinxin_receipt::Anchor::Committed { header, .. } = height.anchor else { panic!() };
        let end = tokio::time::timeout(Duration::from_secs(20), cluster.node(3).wait()).await;
        let end = end.expect("it ends").expect_err("with a reason");
        assert!(
            matches!(end.as_ref(), Err(NodeError::Removed { height }) if *height == header.height),
            "{end:?}"
        );
        // Who was away learns it when it is back: the others still let it fetch the block that says so.
        cluster.kill(3).await;
        std::fs::remove_dir_all(cluster.config(3).data_dir.clone()).unwrap();
        for number in 1..4 {
            cluster.node(1).submit(Put::new(number, "x").bytes(&cluster)).await.unwrap();
        }
        cluster.restart(3).await;
        let end = tokio::time::timeout(Duration::from_secs(30), cluster.node(3).wait()).await;
        let end = end.expect("it ends").expect_err("with a reason");
        assert!(matches!(end.as_ref(), Err(NodeError::Removed { .. })), "{end:?}");
        cluster.stop().await;
    });
}

/// A record that builds on one which still waits was refused, and its author had to wait for each block.
#[test]
fn a_record_may_build_on_one_that_waits() {
    runtime().block_on(async {
        let mut cluster = Cluster::prepare(4);
        cluster.config(0).tuning.submit_timeout_ms = 2_500;
        cluster.restart(0).await;
        // Alone it commits nothing.
        let (first, second) = (Put::new(1, "x"), Put::new(2, "after 1"));
        for put in [&first, &second] {
            let taken = cluster.node(0).submit(put.bytes(&cluster)).await;
            assert!(matches!(taken, Err(SubmitError::Pending { .. })), "{taken:?}");
        }
        let orphan = cluster.node(0).submit(Put::new(3, "after 9").bytes(&cluster)).await;
        assert!(matches!(orphan, Err(SubmitError::Refused(_))), "{orphan:?}");
        for index in 1..4 {
            cluster.restart(index).await;
        }
        let started = Instant::now();
        for put in [&first, &second] {
            let receipt = loop {
                match cluster.node(0).submit(put.bytes(&cluster)).await {
                    Ok(receipt) => break receipt,
                    Err(error) => assert!(started.elapsed() < Duration::from_secs(20), "{error}"),
                }
            };
            cluster.verify(&receipt);
        }
        cluster.stop().await;
    });
}

/// A write-ahead log with flipped bits or cut off: the node starts, or says why not, and never signs against itself.
#[test]
fn a_damaged_write_ahead_log_never_makes_a_validator_sign_twice() {
    runtime().block_on(async {
        let mut cluster = Cluster::start(4).await;
        let mut number = 0;
        for damage in 0..6_usize {
            for _ in 0..2 {
                cluster.node(1).submit(Put::new(number, "x").bytes(&cluster)).await.unwrap();
                number += 1;
            }
            cluster.kill(0).await;
            let log = cluster.config(0).data_dir.join("wal").join("consensus.wal");
            let mut bytes = std::fs::read(&log).unwrap();
            let length = bytes.len();
            match damage {
                0 => bytes.clear(),
                1 => bytes.truncate(7),
                2 => bytes.truncate(length - 1),
                3 => bytes[0] ^= 1,
                4 => bytes[length / 2] ^= 0x10,
                _ => bytes.iter_mut().skip(12).for_each(|byte| *byte = !*byte),
            }
            std::fs::write(&log, bytes).unwrap();
            cluster.restart(0).await;
            let target = cluster.node(1).head().unwrap().height;
            until("it is back in step", 15, || cluster.node(0).head().unwrap().height >= target)
                .await;
            // The others would tell if it had signed against itself, and it would have fallen silent for good.
            let signing = cluster.node(0).status().signing;
            assert!(!matches!(signing, Signing::Off(_)), "damage {damage}: {signing:?}");
        }
        until("it votes again", 20, || cluster.node(0).status().signing == Signing::On).await;
        cluster.stop().await;
    });
}

/// Two neighbouring ports of which the second leads to `target` and nobody answers at the first.
fn half_a_peer(target: std::net::SocketAddr) -> u16 {
    let address = support::address();
    let listener = std::net::TcpListener::bind((address.ip(), address.port() + 1)).unwrap();
    std::thread::spawn(move || {
        for from in listener.incoming() {
            let (mut from, Ok(mut to)) = (from.unwrap(), std::net::TcpStream::connect(target))
            else {
                continue;
            };
            let (mut back, mut forth) = (to.try_clone().unwrap(), from.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut from, &mut to));
            std::thread::spawn(move || std::io::copy(&mut back, &mut forth));
        }
    });
    address.port()
}

/// A node that hears of blocks and gets none: its line lets records through, but not consensus.
#[test]
fn a_node_that_falls_behind_says_so_and_at_last_ends() {
    runtime().block_on(async {
        let mut cluster = Cluster::prepare(4);
        let peers = (1..4).map(|index| {
            let config = cluster.config(index);
            let port = half_a_peer(config.pool_listen());
            (cluster.peer_id(index), format!("/ip4/127.0.0.1/tcp/{port}"))
        });
        let peers: Vec<_> = peers.collect();
        let config = cluster.config(0);
        config.peers = peers.into_iter().map(|(id, address)| PeerConfig { id, address }).collect();
        config.listen = support::address();
        config.tuning.stall_ms = 700;
        config.tuning.peers_wait_ms = 500;
        for index in 0..4 {
            cluster.restart(index).await;
        }
        for number in 0..3 {
            cluster.node(1).submit(Put::new(number, "x").bytes(&cluster)).await.unwrap();
        }
        until("it notices", 20, || {
            !cluster.node(0).metrics_text().contains("yinxin_stalls_total 0\n")
        })
        .await;
        let end = tokio::time::timeout(Duration::from_secs(30), cluster.node(0).wait()).await;
        let end = end.expect("it ends").expect_err("with a reason");
        assert!(matches!(end.as_ref(), Err(NodeError::Stalled { .. })), "{end:?}");
        cluster.stop().await;
    });
}
