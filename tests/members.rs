//! The members change the validator set: one weighs more, one leaves. Receipts from before and after hold by a trust folder that
//! has the changes; the signature of a validator that left counts for nothing.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::time::Duration;

use serde_json::Value;
use yinxin_gm::{
    Digest,
    sm2::{DEFAULT_ID, PrivateKey, PublicKey},
};
use yinxin_pki::{keyfile, pem};
use yinxin_receipt::{
    Anchor, Genesis, Receipt, SetChange, ValidatorSet, VoteKind, Wire, vote_sign_bytes,
};
use yinxin_tests::{
    cluster::{Cluster, wait_for},
    decide::agree,
};

/// A last valid height that no run of this test comes to.
const UNTIL: u64 = 10_000;

/// The key that a department's node votes with.
fn node_key(cluster: &Cluster, n: usize) -> PrivateKey {
    keyfile::read(&cluster.place().read(&format!("n{n}/node.key")), None).unwrap()
}

/// Proposes a change as the first department, approves it as two others, and brings the ledger to where it
/// holds; the command that asks how the proposal is.
fn decide(cluster: &Cluster, change: &str) -> String {
    let place = cluster.place();
    let by = |n: usize| {
        let node = cluster.http(n);
        format!(
            "--key n{n}/org.key --cert n{n}/org.cer --password-file pw --node {node} --trust trust"
        )
    };
    let before = set_changes(cluster).len();
    // Three acts and what else may come between take fewer blocks than this.
    let said = place.ends(&format!("--json member propose {change} {} --after 8", by(1)), 0, &[]);
    let proposal = said.json()["record"].as_str().unwrap().to_owned();
    let status =
        format!("ledger status proposal {proposal} --node {} --trust trust", cluster.http(1));
    // One more is no majority of two thirds; the third is.
    place.ok(&format!("member approve {proposal} {}", by(2)));
    place.ends(&status, 0, &["open"]);
    place.ok(&format!("member approve {proposal} {}", by(3)));
    place.ends(&status, 0, &["accepted"]);
    place.ends(&format!("member approve {proposal} {}", by(4)), 1, &[]);
    let signer = cluster.signer(1);
    for number in 0.. {
        if set_changes(cluster).len() > before {
            break;
        }
        let record = signer.anchor(&format!("{proposal:.8}/{number}"), change, UNTIL).to_der();
        cluster.post(1, &record).unwrap();
    }
    status
}

fn set_changes(cluster: &Cluster) -> Vec<SetChange> {
    let answer = cluster.get(2, "/v1/ledger/set-changes").unwrap();
    let list: Vec<Value> = serde_json::from_slice(&answer).unwrap();
    // Base64 as it stands between the lines of a PEM block.
    let der = |v: &Value| {
        let text = format!("-----BEGIN X-----\n{}\n-----END X-----\n", v["der"].as_str().unwrap());
        pem::blocks(&text).unwrap().remove(0).der
    };
    list.iter().map(|v| SetChange::from_der(&der(v)).unwrap()).collect()
}

fn key_of(cluster: &Cluster, n: usize) -> PublicKey {
    *node_key(cluster, n).public_key()
}

#[test]
fn receipts_from_before_and_after_a_change_of_validators_hold_and_a_retired_one_counts_for_nothing()
{
    let cluster = Cluster::start();
    let place = cluster.place();
    place.ok(&cluster.put_line(1, "pw", "--business-key before --out before.receipt"));

    let weighed = decide(&cluster, "weigh n1/entry.genesis 2");
    assert_eq!(set_changes(&cluster).len(), 1);
    let late = cluster.signer(1).anchor("between", "between", UNTIL);
    place.write("between.receipt", cluster.post(2, &late.to_der()).unwrap());
    // By the genesis alone nobody knows who signs now.
    place.ends("verify --trust trust between.receipt", 3, &[]);
    place.ok("verify --trust trust before.receipt");
    let update = format!("--json trust update trust --node {}", cluster.http(2));
    let updated = place.ends(&update, 0, &[]).json();
    assert_eq!(updated["added"].as_array().map(Vec::len), Some(1));
    place.ok("verify --trust trust before.receipt between.receipt");
    place.ends(&weighed, 0, &["effective"]);

    let retired = decide(&cluster, "remove-validator n4/entry.genesis");
    let updated = place.ends(&update, 0, &[]).json();
    assert_eq!(updated["added"].as_array().map(Vec::len), Some(1));
    assert_eq!(place.ends(&update, 0, &[]).json()["added"].as_array().map(Vec::len), Some(0));
    place.ends(&retired, 0, &["effective"]);
    place.ok(&cluster.put_line(2, "pw", "--business-key after --out after.receipt"));
    the_retired_cannot_be_weighed(&cluster);
    the_retired_node_ends_and_says_why(&cluster);

    cluster.stop_all();
    place.ok("verify --trust trust before.receipt between.receipt after.receipt");
    // Each set signed the block that ended its term, the last one the head.
    place.ends("audit check n1 --trust trust", 0, &["0 differ", "of the 3 validators in office"]);
    the_old_set_signs_in_vain(&cluster);
    the_retired_stands_in_for_nobody(&cluster);
}

/// It has the block that took it off the list, and ends by itself with a code of its own; started again it says the same.
fn the_retired_node_ends_and_says_why(cluster: &Cluster) {
    let ended = wait_for(Duration::from_secs(20), || cluster.ended(4));
    assert_eq!(ended, Some(7), "{}", cluster.log(4));
    cluster.start_node(4);
    let ended = wait_for(Duration::from_secs(30), || cluster.ended(4));
    assert_eq!(ended, Some(7), "{}", cluster.log(4));
    assert!(cluster.log(4).contains("took this node off the list"), "{}", cluster.log(4));
}

fn the_retired_cannot_be_weighed(cluster: &Cluster) {
    let line = format!(
        "member propose weigh n4/entry.genesis 1 --key n1/org.key --cert n1/org.cer --password-file pw --node {} --trust trust",
        cluster.http(1)
    );
    cluster.place().ends(&line, 1, &["VALIDATOR_UNKNOWN"]);
}

fn sets(cluster: &Cluster) -> (ValidatorSet, ValidatorSet) {
    let place = cluster.place();
    let genesis = Genesis::from_der(&place.read("trust/ledger.genesis")).unwrap();
    let mut changes: Vec<_> = std::fs::read_dir(place.file("trust"))
        .unwrap()
        .map(|f| f.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("set-change"))
        .collect();
    changes.sort();
    let last = SetChange::from_der(&place.read(&format!("trust/{}", changes[1]))).unwrap();
    (genesis.validator_set().unwrap(), last.next)
}

/// A receipt over a header that somebody forged, signed by these nodes' keys in these places.
fn forged(cluster: &Cluster, set: &Digest, places: &[(u16, usize)]) -> Vec<u8> {
    let mut receipt = Receipt::from_der(&cluster.place().read("after.receipt")).unwrap();
    let Anchor::Committed { header, round, signatures } = &mut receipt.anchor else {
        panic!("no checkpoint was asked for")
    };
    header.validators = *set;
    let vote = vote_sign_bytes(
        &header.chain_id,
        VoteKind::Precommit,
        header.height,
        *round,
        Some(header.id()),
    );
    let sign = |n| {
        node_key(cluster, n).sign(DEFAULT_ID, &vote, &mut rand_core::UnwrapErr(getrandom::SysRng))
    };
    *signatures = places.iter().map(|(place, n)| (*place, sign(*n).unwrap().to_raw())).collect();
    signatures.sort_unstable();
    receipt.to_der()
}

/// All four of the first set, the retired one among them, over a height at which they are not in office.
fn the_old_set_signs_in_vain(cluster: &Cluster) {
    let (old, _) = sets(cluster);
    let places: Vec<_> = (1..=4).map(|n| (old.index_of(&key_of(cluster, n)).unwrap(), n)).collect();
    cluster.place().write("fork.receipt", forged(cluster, &old.hash(), &places));
    cluster.place().ends("verify --trust trust fork.receipt", 1, &["QUORUM_MISSING"]);
}

/// The retired key in the place of one that stayed; the same with the right key, to show that nothing else is wrong.
fn the_retired_stands_in_for_nobody(cluster: &Cluster) {
    let (_, new) = sets(cluster);
    let place = |n| new.index_of(&key_of(cluster, n)).unwrap();
    assert_eq!(new.index_of(&key_of(cluster, 4)), None);
    let right = [(place(1), 1), (place(2), 2), (place(3), 3)];
    let wrong = [(place(1), 1), (place(2), 2), (place(3), 4)];
    cluster.place().write("right.receipt", forged(cluster, &new.hash(), &right));
    cluster.place().write("wrong.receipt", forged(cluster, &new.hash(), &wrong));
    cluster.place().ok("verify --trust trust right.receipt");
    cluster.place().ends("verify --trust trust wrong.receipt", 1, &[]);
}

/// Whether the block that a new record comes with is signed by this node's validator.
fn votes(cluster: &Cluster, n: usize, number: usize) -> bool {
    let record = cluster.signer(1).anchor(&format!("votes/{number}"), "x", UNTIL).to_der();
    let receipt = Receipt::from_der(&cluster.post(2, &record).unwrap()).unwrap();
    let Anchor::Committed { header, signatures, .. } = &receipt.anchor else { unreachable!() };
    let change = set_changes(cluster).pop().unwrap();
    assert_eq!(change.next.hash(), header.validators);
    let place = change.next.index_of(&key_of(cluster, n)).unwrap();
    signatures.iter().any(|(by, _)| *by == place)
}

/// A validator that was added after the genesis could not start: it looked for itself in its own, empty, ledger.
#[test]
fn a_fifth_department_joins_and_the_ledger_outlives_one_of_the_first() {
    let mut cluster = Cluster::start();
    cluster.newcomer();
    let place = cluster.place();
    place.ok(&cluster.put_line(1, "pw", "--business-key before --out before.receipt"));
    agree(&cluster, 3, "add-organisation n5/entry.genesis");
    assert_eq!(cluster.height(5), Some(0), "nobody has admitted it");
    agree(&cluster, 4, "add-validator n5/entry.genesis");
    let head = cluster.highest();
    let there = wait_for(Duration::from_secs(30), || cluster.height(5).filter(|h| *h >= head));
    assert!(there.is_some(), "node 5 is at {:?} of {head}", cluster.height(5));
    let mut number = 0;
    let voted = wait_for(Duration::from_secs(40), || {
        number += 1;
        votes(&cluster, 5, number).then_some(())
    });
    assert!(voted.is_some(), "its signature is in no certificate");
    // Four of five are a quorum only with the fifth among them.
    cluster.kill(1);
    place.ok(&format!("trust update trust --node {}", cluster.http(2)));
    place.ok(&cluster.put_line(5, "pw", "--business-key after --out after.receipt"));
    place.ok("verify --trust trust before.receipt after.receipt");
    // It is as much a node as the others: killed and started again it is back in step.
    cluster.kill(5);
    cluster.start_node(1);
    cluster.start_node(5);
    let line = format!("node status --node {} --wait 30 --peers 4", cluster.http(5));
    place.ok(&line);
    place.ok(&cluster.put_line(1, "pw", "--business-key last --out last.receipt"));
    cluster.stop_all();
    place.ok("verify --trust trust before.receipt after.receipt last.receipt");
    place.ends("audit check n5 --trust trust", 0, &["0 differ", "of the 5 validators in office"]);
}
