//! Many leaves at a time give what one at a time gives, on every backend of the processor.

use yinxin_gm::{
    Digest,
    backend::{Backend, force},
};
use yinxin_merkle::log::{Frontier, NodeId, leaf_hash, leaf_hashes, node_hash, root};

fn one_by_one(frontier: &mut Frontier, leaves: &[Digest]) -> Vec<(NodeId, Digest)> {
    let mut nodes = Vec::new();
    for leaf in leaves {
        frontier.append(*leaf, &mut |id, hash| nodes.push((id, hash)));
    }
    nodes.sort_unstable();
    nodes
}

#[test]
fn any_number_of_leaves_goes_after_any_other() {
    let data: Vec<[u8; 8]> = (0..140_u64).map(u64::to_be_bytes).collect();
    let mut defined = None;
    // The backend is the process's: this is the only test in this file.
    for backend in Backend::ALL {
        if let Err(unavailable) = force(backend) {
            println!("skipped: {unavailable}");
            continue;
        }
        let leaves = leaf_hashes(&data);
        assert!(leaves.iter().zip(&data).all(|(leaf, data)| *leaf == leaf_hash(data)));
        let mut roots = vec![node_hash(&leaves[0], &leaves[1]), root(leaves.iter().copied())];
        for before in 0..70 {
            let mut begun = Frontier::new();
            one_by_one(&mut begun, &leaves[..before]);
            for count in 0..70 {
                let added = &leaves[before..before + count];
                let (mut slow, mut fast) = (begun.clone(), begun.clone());
                let mut nodes = Vec::new();
                fast.append_all(added, &mut |id, hash| nodes.push((id, hash)));
                nodes.sort_unstable();
                assert_eq!(nodes, one_by_one(&mut slow, added), "{before} + {count}");
                assert_eq!(fast, slow, "{before} + {count}");
                roots.push(fast.root());
            }
        }
        assert_eq!(*defined.get_or_insert_with(|| roots.clone()), roots, "{backend}");
    }
}
