//! Sixteen chains at once, each under its own key: CBC encryption and CBC-MAC of many messages.

use super::wide::{self, Group};
use crate::backend::sm4::Blocks;

/// How many chains run side by side.
pub(crate) const LANES: usize = 16;

/// The round keys of sixteen chains, word by word.
pub(crate) type LaneKeys = [[u32; LANES]; 32];

/// Where chain `lane` stands among the doublewords of a register: doubleword i of lane l is chain 4i + l.
pub(crate) const fn place(lane: usize) -> usize {
    4 * (lane % 4) + lane / 4
}

/// Advances every chain by `steps` blocks; a lane without blocks is idle.
///
/// `keys` have the key of chain `lane` at [`place`]; `states` become the last blocks.
#[target_feature(enable = "avx512f,avx512bw,gfni")]
pub(crate) fn advance<B: Blocks>(
    keys: &LaneKeys,
    states: &mut [[u8; 16]; LANES],
    steps: usize,
    blocks: &mut [B; LANES],
) {
    for step in 0..steps {
        for (state, blocks) in states.iter_mut().zip(blocks.iter()) {
            if let Some(block) = blocks.get(step) {
                let sum = u128::from_ne_bytes(*state) ^ u128::from_ne_bytes(*block);
                *state = sum.to_ne_bytes();
            }
        }
        crypt(keys, states);
        for (state, blocks) in states.iter().zip(blocks.iter_mut()) {
            blocks.put(step, state);
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
