//! Sixteen chains at once, each under its own key: CBC encryption and CBC-MAC of many messages.

use super::wide::{self, Group};

/// How many chains run side by side.
pub(crate) const LANES: usize = 16;

/// The round keys of sixteen chains, word by word.
pub(crate) type LaneKeys = [[u32; LANES]; 32];

/// Where chain `lane` stands among the doublewords of a register: doubleword i of lane l is chain 4i + l.
pub(crate) const fn place(lane: usize) -> usize {
    4 * (lane % 4) + lane / 4
}

/// Advances every chain by `steps` blocks, in place; a lane without blocks is idle.
///
/// `keys` have the key of chain `lane` at [`place`]; `chains` become the last blocks.
#[target_feature(enable = "avx512f,avx512bw,gfni")]
pub(crate) fn cbc_encrypt(
    keys: &LaneKeys,
    chains: &mut [[u8; 16]; LANES],
    steps: usize,
    blocks: &mut [&mut [[u8; 16]]; LANES],
) {
    for step in 0..steps {
        for (chain, blocks) in chains.iter_mut().zip(blocks.iter()) {
            if let Some(block) = blocks.get(step) {
                let sum = u128::from_ne_bytes(*chain) ^ u128::from_ne_bytes(*block);
                *chain = sum.to_ne_bytes();
            }
        }
        crypt(keys, chains);
        for (chain, blocks) in chains.iter().zip(blocks.iter_mut()) {
            if let Some(block) = blocks.get_mut(step) {
                *block = *chain;
            }
        }
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,gfni")]
fn crypt(keys: &LaneKeys, blocks: &mut [[u8; 16]; LANES]) {
    let bytes: &mut [u8; 256] =
        blocks.as_flattened_mut().try_into().expect("sixteen times sixteen");
    let mut x: [Group; 1] = [wide::transpose(wide::load(bytes))];
    wide::crypt(&mut x, |i| wide::load_words(&keys[i]));
    wide::store(bytes, wide::transpose(x[0]));
}
