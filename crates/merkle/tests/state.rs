//! The state tree as `jmt` keeps it, and our verifier of its proofs, against a map.
#![allow(clippy::unwrap_used, reason = "a helper that fails has failed its test")]
#![cfg(feature = "store")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use yinxin_gm::Digest;
use yinxin_merkle::{
    Error,
    state::{EMPTY, StateProof},
    store::{TreeStore, TreeUpdate, key_hash, prove, root, update},
    wire::Wire,
};

/// A store in memory that forgets nothing.
#[derive(Default)]
struct Memory {
    nodes: BTreeMap<Vec<u8>, Vec<u8>>,
    values: BTreeMap<(Digest, u64), Option<Vec<u8>>>,
}

impl Memory {
    fn commit(&mut self, version: u64, writes: &[(Vec<u8>, Option<Vec<u8>>)]) -> Digest {
        let TreeUpdate { root, nodes, values, stale: _ } =
            update(self, writes.iter().cloned(), version).unwrap();
        self.nodes.extend(nodes);
        self.values.extend(values.into_iter().map(|(key, value)| ((key, version), value)));
        root
    }
}

impl TreeStore for Memory {
    fn node(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.nodes.get(key).cloned())
    }

    fn value(&self, key_hash: &Digest, version: u64) -> Result<Option<Vec<u8>>, Error> {
        let newest = self.values.range((*key_hash, 0)..=(*key_hash, version)).next_back();
        Ok(newest.and_then(|(_, value)| value.clone()))
    }
}

fn key(i: u16) -> Vec<u8> {
    format!("key/{i}").into_bytes()
}

/// Every key of the map and some others prove what the map says, also after a trip through DER, and nothing else.
fn check(store: &Memory, version: u64, want: &Digest, map: &BTreeMap<Vec<u8>, Vec<u8>>) {
    let others = (1000..1010).map(key);
    for key in map.keys().cloned().chain(others) {
        let (value, proof) = prove(store, &key, version).unwrap();
        assert_eq!(value.as_ref(), map.get(&key));
        let proof = StateProof::from_der(&proof.to_der()).unwrap();
        proof.verify(want, &key, value.as_deref()).unwrap();
        let lie = if value.is_some() { None } else { Some(&b"lie"[..]) };
        assert!(proof.verify(want, &key, lie).is_err());
        assert!(proof.verify(want, &key, Some(b"another")).is_err());
        assert!(proof.verify(&EMPTY, &key, value.as_deref()).is_err() || map.is_empty());
        assert!(
            proof.verify(want, b"some/other/key", value.as_deref()).is_err() || value.is_none()
        );
    }
}

#[test]
fn the_empty_tree_proves_absence() {
    let mut store = Memory::default();
    assert_eq!(root(&store, 0), Ok(EMPTY));
    let first = store.commit(0, &[]);
    assert_eq!(first, EMPTY);
    check(&store, 0, &first, &BTreeMap::new());
}

#[test]
fn versions_without_writes_keep_the_root() {
    let mut store = Memory::default();
    let first = store.commit(0, &[(key(1), Some(b"a".to_vec())), (key(2), Some(b"b".to_vec()))]);
    assert_eq!(store.commit(1, &[]), first);
    assert_eq!(store.commit(2, &[]), first);
    let third = store.commit(3, &[(key(1), None)]);
    assert_ne!(third, first);
    check(&store, 3, &third, &BTreeMap::from([(key(2), b"b".to_vec())]));
    let fourth = store.commit(4, &[(key(2), None)]);
    assert_eq!(fourth, EMPTY);
    check(&store, 4, &fourth, &BTreeMap::new());
    let fifth = store.commit(5, &[(key(1), Some(b"a".to_vec())), (key(2), Some(b"b".to_vec()))]);
    assert_eq!(fifth, first, "the root depends on the content only");
}

#[test]
fn old_versions_still_prove_what_they_said() {
    let mut store = Memory::default();
    let first = store.commit(0, &[(key(1), Some(b"a".to_vec()))]);
    let second = store.commit(1, &[(key(1), Some(b"b".to_vec()))]);
    check(&store, 0, &first, &BTreeMap::from([(key(1), b"a".to_vec())]));
    check(&store, 1, &second, &BTreeMap::from([(key(1), b"b".to_vec())]));
    assert_eq!(store.value(&key_hash(&key(1)), 0), Ok(Some(b"a".to_vec())));
}

/// `jmt` takes a version that is not there for an empty tree.
#[test]
fn nothing_is_built_on_a_version_that_is_not_there() {
    let mut store = Memory::default();
    store.commit(0, &[(key(1), Some(b"a".to_vec()))]);
    let refused = update(&store, [(key(2), Some(b"b".to_vec()))], 2).unwrap_err();
    assert_eq!(refused, Error::Store("the tree has no version 1 to stand on".into()));
    assert!(update(&store, [], 1).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// What only earlier versions need is named whole: without it, the nodes are those of a tree made at once.
    #[test]
    fn without_what_is_stale_the_tree_is_as_if_made_at_once(
        blocks in prop::collection::vec(
            prop::collection::btree_map(0..64_u16, prop::option::weighted(0.7, any::<u8>()), 0..24),
            1..8,
        )
    ) {
        let (mut store, mut map) = (Memory::default(), BTreeMap::new());
        for (version, block) in (0..).zip(&blocks) {
            let writes: Vec<_> = block.iter().map(|(k, v)| (key(*k), v.map(|v| vec![v]))).collect();
            let stale = update(&store, writes.iter().cloned(), version).unwrap().stale;
            let root = store.commit(version, &writes);
            for key in &stale {
                prop_assert!(store.nodes.remove(key).is_some(), "what is stale was there");
            }
            for (key, value) in writes {
                match value {
                    Some(value) => map.insert(key, value),
                    None => map.remove(&key),
                };
            }
            let all = map.iter().map(|(key, value)| (key.clone(), Some(value.clone())));
            let made = update(&Memory::default(), all, 0).unwrap();
            prop_assert_eq!((root, store.nodes.len()), (made.root, made.nodes.len()));
            check(&store, version, &root, &map);
        }
    }

    #[test]
    fn proofs_say_what_the_map_says(
        blocks in prop::collection::vec(
            prop::collection::btree_map(0..64_u16, prop::option::weighted(0.8, any::<[u8; 3]>()), 0..24),
            1..6,
        )
    ) {
        let mut store = Memory::default();
        let mut map = BTreeMap::new();
        for (version, block) in blocks.iter().enumerate() {
            let writes: Vec<_> =
                block.iter().map(|(k, v)| (key(*k), v.map(|v| v.to_vec()))).collect();
            for (key, value) in &writes {
                match value {
                    Some(value) => map.insert(key.clone(), value.clone()),
                    None => map.remove(key),
                };
            }
            let root = store.commit(version as u64, &writes);
            check(&store, version as u64, &root, &map);
        }
    }

    #[test]
    fn mutated_proofs_never_hold_and_never_panic(at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let mut store = Memory::default();
        let writes: Vec<_> = (0..40).map(|i| (key(i), Some(vec![1]))).collect();
        let root = store.commit(0, &writes);
        for (key, value) in [(key(7), Some(&[1_u8][..])), (key(999), None)] {
            let (_, proof) = prove(&store, &key, 0).unwrap();
            let mut bytes = proof.to_der();
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            if let Ok(other) = StateProof::from_der(&bytes) {
                prop_assert!(other.verify(&root, &key, value).is_err());
            }
        }
    }
}
