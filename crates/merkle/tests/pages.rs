//! The tree in pages has the roots and the proofs of the tree with versions.
#![allow(clippy::unwrap_used, reason = "a helper that fails has failed its test")]
#![cfg(feature = "store")]

use std::collections::BTreeMap;

use yinxin_gm::{Digest, sm3};
use yinxin_merkle::{
    Error,
    pages::{Top, Tops, page_of},
    state::{EMPTY, Leaf},
    store::{TreeStore, key_hash, prove, update},
};

#[derive(Default)]
struct Memory {
    nodes: BTreeMap<Vec<u8>, Vec<u8>>,
    values: BTreeMap<Digest, Vec<u8>>,
}

impl TreeStore for Memory {
    fn node(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.nodes.get(key).cloned())
    }

    fn value(&self, key_hash: &Digest, _: u64) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.values.get(key_hash).cloned())
    }
}

#[derive(Default)]
struct Paged {
    tops: Tops,
    pages: BTreeMap<u16, BTreeMap<Digest, Digest>>,
}

impl Paged {
    fn leaves(&self, page: u16) -> Vec<Leaf> {
        let leaves = self.pages.get(&page).into_iter().flatten();
        leaves.map(|(key, value)| Leaf { key: *key, value: *value }).collect()
    }

    fn commit(&mut self, writes: &[(Vec<u8>, Vec<u8>)]) {
        for (key, value) in writes {
            let key = key_hash(key);
            self.pages.entry(page_of(&key)).or_default().insert(key, sm3::digest(value));
        }
        let pages: Vec<u16> = writes.iter().map(|(key, _)| page_of(&key_hash(key))).collect();
        let tops: Vec<_> = pages.iter().map(|p| (*p, Top::of(&self.leaves(*p)))).collect();
        self.tops.set(tops);
    }
}

/// Keys of the first pages, several in each, and of pages far apart.
fn keys() -> Vec<Vec<u8>> {
    let near = (0..400_000_u32).map(|i| i.to_be_bytes().to_vec());
    let near = near.filter(|key| page_of(&key_hash(key)) < 8);
    let far = (0..60_u32).map(|i| format!("far/{i}").into_bytes());
    let mut keys: Vec<_> = near.chain(far).collect();
    keys.sort_by_key(|key| sm3::digest(key).0[5]);
    keys
}

#[test]
fn pages_are_a_tree_that_jmt_keeps_too() {
    let (mut jmt, mut paged) = (Memory::default(), Paged::default());
    assert_eq!(paged.tops.root(), EMPTY);
    let keys = keys();
    assert!(keys.len() > 90);
    let mut known = BTreeMap::new();
    // One, then two, then three at a time; every second block also changes what is there.
    let (mut rest, mut version) = (keys.as_slice(), 0);
    while !rest.is_empty() {
        let (now, later) = rest.split_at(rest.len().min(usize::try_from(version / 4 + 1).unwrap()));
        rest = later;
        let value = |key: &[u8]| [key, &u64::to_be_bytes(version)].concat();
        let mut writes: Vec<_> = now.iter().map(|key| (key.clone(), value(key))).collect();
        if version % 2 == 1 {
            let old: &Vec<u8> = known.keys().next().unwrap();
            writes.push((old.clone(), value(old)));
        }
        known.extend(writes.iter().cloned());
        let blocks = writes.iter().map(|(key, value)| (key.clone(), Some(value.clone())));
        let done = update(&jmt, blocks, version).unwrap();
        jmt.nodes.extend(done.nodes);
        jmt.values.extend(done.values.into_iter().map(|(key, value)| (key, value.unwrap())));
        paged.commit(&writes);
        assert_eq!(paged.tops.root(), done.root, "version {version}");
        version += 1;
    }
    for key in &keys[..40] {
        check(&jmt, &paged, key, version - 1);
    }
    for i in 0..2000_u32 {
        check(&jmt, &paged, format!("unknown/{i}").as_bytes(), version - 1);
    }
}

fn check(jmt: &Memory, paged: &Paged, key: &[u8], version: u64) {
    let (value, expected) = prove(jmt, key, version).unwrap();
    let read = |page| Ok::<_, Error>(paged.leaves(page));
    let (leaf, proof) = paged.tops.prove(&key_hash(key), read).unwrap();
    assert_eq!(proof, expected);
    assert_eq!(leaf.map(|l| l.value), value.as_ref().map(|v| sm3::digest(v)));
    proof.verify(&paged.tops.root(), key, value.as_deref()).unwrap();
    assert!(proof.verify(&paged.tops.root(), key, Some(b"another")).is_err());
}

#[test]
fn what_is_known_of_a_page_is_stored_in_one_form() {
    let leaf = |i: u8| Leaf { key: Digest([i; 32]), value: Digest([i; 32]) };
    for leaves in [vec![], vec![leaf(1)], vec![leaf(1), leaf(2)]] {
        let top = Top::of(&leaves);
        assert_eq!(Top::from_bytes(&top.to_bytes()), Some(top));
    }
    let mut bytes = Top::of(&[leaf(1)]).to_bytes();
    bytes[0] = 0;
    assert_eq!(Top::from_bytes(&bytes), None, "an empty page has one root");
    bytes[0] = 3;
    assert_eq!(Top::from_bytes(&bytes), None);
}

#[test]
fn one_leaf_is_found_from_anywhere() {
    let leaf = Leaf { key: key_hash(b"only"), value: sm3::digest(b"value") };
    let mut tops = Tops::new();
    tops.set([(page_of(&leaf.key), Top::of(&[leaf]))]);
    assert_eq!(tops.page(page_of(&leaf.key)), Top::of(&[leaf]));
    let asked = std::cell::Cell::new(0);
    let read = |page| {
        asked.set(page);
        Ok::<_, Error>(vec![leaf])
    };
    let (found, proof) = tops.prove(&key_hash(b"another"), read).unwrap();
    assert_eq!((found, asked.get()), (None, page_of(&leaf.key)));
    proof.verify(&tops.root(), b"another", None).unwrap();
}
