//! The log against a tree written straight from RFC 6962's definitions.

use proptest::prelude::*;
use yinxin_gm::{Digest, sm3};
use yinxin_merkle::{
    Error,
    log::{
        Frontier, MemoryNodes, leaf_hash, node_hash, prove_consistency, prove_inclusion, root,
        root_at, verify_consistency, verify_inclusion,
    },
};

/// MTH of RFC 6962, 2.1.
fn naive_root(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => sm3::digest(&[]),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node_hash(&naive_root(left), &naive_root(right))
        }
    }
}

/// PATH of RFC 6962, 2.1.1.
fn naive_path(index: usize, leaves: &[Digest]) -> Vec<Digest> {
    if leaves.len() <= 1 {
        return Vec::new();
    }
    let k = split(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut path, sibling) = if index < k {
        (naive_path(index, left), naive_root(right))
    } else {
        (naive_path(index - k, right), naive_root(left))
    };
    path.push(sibling);
    path
}

/// SUBPROOF of RFC 6962, 2.1.2.
fn naive_consistency(old: usize, leaves: &[Digest], whole: bool) -> Vec<Digest> {
    if old == leaves.len() {
        return if whole { Vec::new() } else { vec![naive_root(leaves)] };
    }
    let k = split(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut path, sibling) = if old <= k {
        (naive_consistency(old, left, whole), naive_root(right))
    } else {
        (naive_consistency(old - k, right, false), naive_root(left))
    };
    path.push(sibling);
    path
}

fn split(len: usize) -> usize {
    len.next_power_of_two() / 2
}

fn leaves(count: usize) -> Vec<Digest> {
    (0..count).map(|i| leaf_hash(&i.to_be_bytes())).collect()
}

fn stored(leaves: &[Digest]) -> (MemoryNodes, Frontier) {
    let mut nodes = MemoryNodes::default();
    let mut frontier = Frontier::new();
    for leaf in leaves {
        frontier.append(*leaf, &mut |id, hash| nodes.insert(id, hash));
    }
    (nodes, frontier)
}

#[test]
fn roots_and_paths_are_those_of_the_definition() {
    let all = leaves(70);
    let (nodes, frontier) = stored(&all);
    assert_eq!(frontier.root(), naive_root(&all));
    for size in 0..=all.len() {
        let leaves = &all[..size];
        let want = naive_root(leaves);
        assert_eq!(root_at(&nodes, size as u64), Ok(want), "{size}");
        assert_eq!(root(leaves.iter().copied()), want, "{size}");
        for index in 0..size {
            let path = prove_inclusion(&nodes, index as u64, size as u64).unwrap();
            assert_eq!(path, naive_path(index, leaves), "{index} of {size}");
            verify_inclusion(&leaves[index], index as u64, size as u64, &path, &want).unwrap();
        }
        for old in 1..=size {
            let path = prove_consistency(&nodes, old as u64, size as u64).unwrap();
            assert_eq!(path, naive_consistency(old, leaves, true), "{old} to {size}");
        }
    }
}

#[test]
fn every_log_begins_with_its_older_selves() {
    let all = leaves(40);
    let (nodes, _) = stored(&all);
    for new in 0..=40 {
        for old in 0..=new {
            let path = prove_consistency(&nodes, old, new).unwrap();
            let (old_root, new_root) =
                (root_at(&nodes, old).unwrap(), root_at(&nodes, new).unwrap());
            verify_consistency(old, &old_root, new, &new_root, &path).unwrap();
            if old > 0 && old < new {
                let other = leaf_hash(b"other");
                assert!(verify_consistency(old, &other, new, &new_root, &path).is_err());
                assert!(verify_consistency(old, &old_root, new, &other, &path).is_err());
            }
        }
    }
}

#[test]
fn what_is_not_there_has_no_proof() {
    let all = leaves(5);
    let (nodes, frontier) = stored(&all);
    assert_eq!(prove_inclusion(&nodes, 5, 5), Err(Error::BeyondEnd { index: 5, size: 5 }));
    assert!(matches!(prove_inclusion(&nodes, 0, 8), Err(Error::NodeMissing(_))));
    assert_eq!(prove_consistency(&nodes, 6, 5), Err(Error::Shrunk { old: 6, new: 5 }));
    let beyond = verify_inclusion(&all[0], 5, 5, &[], &frontier.root());
    assert_eq!(beyond, Err(Error::BeyondEnd { index: 5, size: 5 }));
    assert!(verify_inclusion(&all[0], 0, 0, &[], &root([])).is_err());
}

#[test]
fn frontier_is_rebuilt_from_its_parts() {
    let (_, frontier) = stored(&leaves(13));
    let again = Frontier::from_parts(frontier.size(), frontier.peaks().to_vec()).unwrap();
    assert_eq!(again, frontier);
    assert!(Frontier::from_parts(12, frontier.peaks().to_vec()).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_damaged_path_leads_nowhere(
        size in 2_u64..200,
        index in any::<prop::sample::Index>(),
        what in 0..5_u8,
        at in any::<prop::sample::Index>(),
        bit in 0..256_usize,
    ) {
        let all = leaves(usize::try_from(size).unwrap());
        let (nodes, frontier) = stored(&all);
        let (index, root) = (index.index(all.len()), frontier.root());
        let mut path = prove_inclusion(&nodes, index as u64, size).unwrap();
        let (mut leaf, mut place) = (all[index], index as u64);
        let at = at.index(path.len());
        match what {
            0 => path[at].0[bit / 8] ^= 1 << (bit % 8),
            1 => { path.remove(at); }
            2 => path.insert(at, leaf_hash(b"more")),
            3 => leaf.0[bit / 8] ^= 1 << (bit % 8),
            _ => place = (place + 1) % size,
        }
        prop_assert!(verify_inclusion(&leaf, place, size, &path, &root).is_err());
    }
}
