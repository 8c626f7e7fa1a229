//! Roots and encodings that must never change: every receipt ever handed out depends on them.

use yinxin_gm::sm3;
use yinxin_merkle::{
    log,
    state::{EMPTY, Leaf, StateProof},
    wire::Wire,
};

#[test]
fn roots_and_encodings_are_frozen() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/merkle/frozen.sm3");
    let leaves = (0..7_u8).map(|i| log::leaf_hash(&[i]));
    let other = Leaf { key: sm3::digest(b"k"), value: sm3::digest(b"v") };
    let proof = StateProof::new(vec![None, Some(sm3::digest(b"s")), None], Some(other)).unwrap();
    let found = [
        ("log-empty", log::empty_root()),
        ("log-leaf", log::leaf_hash(b"a")),
        ("log-seven", log::root(leaves)),
        ("state-empty", EMPTY),
        ("state-proof-der", sm3::digest(&proof.to_der())),
    ];
    let found: String = found.iter().map(|(name, hash)| format!("{name} {hash}\n")).collect();
    assert_eq!(std::fs::read_to_string(path).unwrap_or_default(), found, "{path}");
}
