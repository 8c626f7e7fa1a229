//! What the members decide together, brought to the height at which it holds.

use yinxin_record::Wire;

use crate::{
    cluster::{Cluster, Refused},
    place::Place,
};

/// A last valid height that no run of a test comes to.
const UNTIL: u64 = 10_000;

/// Proposes as the first department, approves as the second to the `last`, and brings the ledger to where it holds.
///
/// # Panics
/// If it does not take effect.
pub fn agree(cluster: &Cluster, last: usize, change: &str) {
    agree_by(cluster, &(1..=last).collect::<Vec<_>>(), change);
}

/// The same by these departments, the first of whom proposes.
///
/// # Panics
/// If it does not take effect.
pub fn agree_by(cluster: &Cluster, who: &[usize], change: &str) {
    let place = cluster.place();
    let by = |n: usize| {
        let node = cluster.http(n);
        format!(
            "--key n{n}/org.key --cert n{n}/org.cer --password-file pw --node {node} --trust trust"
        )
    };
    let said =
        place.ends(&format!("--json member propose {change} {} --after 8", by(who[0])), 0, &[]);
    let proposal = said.json()["record"].as_str().expect("a record's id").to_owned();
    for n in &who[1..] {
        place.ok(&format!("member approve {proposal} {}", by(*n)));
    }
    let status =
        format!("ledger status proposal {proposal} --node {} --trust trust", cluster.http(2));
    // Somebody whose own key no change of these takes away.
    let signer = cluster.signer(4);
    for number in 0.. {
        if place.run(&status).out.contains("effective") {
            return;
        }
        assert!(number < 50, "{change} does not take effect");
        let record = signer.anchor(&format!("{proposal:.8}/{number}"), change, UNTIL).to_der();
        match cluster.post(2, &record) {
            Ok(_) | Err(Refused::NotNow(_)) => {}
            Err(Refused::Rule(code)) => unreachable!("{code}"),
        }
    }
}

/// A further certificate of a department, for a key of its own: `n…/<name>.cer`.
pub fn certificate(place: &Place, n: usize, code: &str, name: &str) {
    let file = format!("n{n}/{name}");
    place.ok(&format!("key new {file}.key --password-file pw"));
    place.ok(&format!(
        "key csr {file}.key --password-file pw --organisation D{n} --code {code} --out {file}.csr"
    ));
    place.ok(&format!("ca issue ca {file}.csr --password-file pw --out {file}.cer"));
}

/// The department signs with its certificate `<name>` from now on, `org` being that one; the one before is `was`.
///
/// # Panics
/// If the members do not agree.
pub fn rotate(cluster: &Cluster, n: usize, name: &str) {
    agree(cluster, 3, &format!("rotate-key n{n}/{name}.cer"));
    let place = cluster.place();
    for ending in ["key", "cer"] {
        place.copy(&format!("n{n}/org.{ending}"), &format!("n{n}/was.{ending}"));
        place.copy(&format!("n{n}/{name}.{ending}"), &format!("n{n}/org.{ending}"));
    }
}
