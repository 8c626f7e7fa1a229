//! SM4 by the S-box of AES between linear maps, for instructions that do a round of AES.
//!
//! The rounds work on y = A·x with mapped keys, as those of [`super::maps`]. A last round of AES under a zero key is SubBytes and
//! ShiftRows; the matrix behind the inversion is taken apart by nibbles, looked up in registers, and the shuffles that
//! rotate words undo ShiftRows as well.

use super::maps;

/// The rounds over registers of `$lanes` blocks, from operations on single registers.
macro_rules! aes_rounds {
    ($features:literal, $register:ty, $lanes:literal) => {
        /// Word i of some blocks, or blocks as they lie in memory.
        type Group = [$register; 4];

        /// Groups in flight. Two fill the sixteen registers; four spill and are 1.4 times as fast, so long is a round.
        const GROUPS: usize = 4;

        /// Each block by itself; `keys` say in which direction.
        #[target_feature(enable = $features)]
        pub(crate) fn crypt_blocks(keys: &[u32; 32], blocks: &mut [[u8; 16]]) {
            for chunk in blocks.chunks_mut(4 * $lanes * GROUPS) {
                let mut x = [[zero(); 4]; GROUPS];
                for (x, blocks) in x.as_flattened_mut().iter_mut().zip(chunk.chunks($lanes)) {
                    *x = load(blocks);
                }
                let [first, second, ..] = &mut x;
                match chunk.len().div_ceil(4 * $lanes) {
                    1 => crypt::<1>(core::array::from_mut(first), keys),
                    2 => {
                        let mut both = [*first, *second];
                        crypt::<2>(&mut both, keys);
                        [*first, *second] = both;
                    }
                    _ => crypt::<GROUPS>(&mut x, keys),
                }
                for (x, blocks) in x.as_flattened().iter().zip(chunk.chunks_mut($lanes)) {
                    store(blocks, *x);
                }
            }
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn crypt<const G: usize>(x: &mut [Group; G], keys: &[u32; 32]) {
            for group in x.iter_mut() {
                *group = transpose(*group).map(|word| mapped(&IN, nibbles(word)));
            }
            for keys in keys.as_chunks::<4>().0 {
                round::<G, 0>(x, keys[0]);
                round::<G, 1>(x, keys[1]);
                round::<G, 2>(x, keys[2]);
                round::<G, 3>(x, keys[3]);
            }
            for group in x.iter_mut() {
                group.reverse();
                *group = transpose(group.map(|word| mapped(&BACK, nibbles(word))));
            }
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn round<const G: usize, const I: usize>(y: &mut [Group; G], key: u32) {
            let key = broadcast(key);
            for y in y.iter_mut() {
                let sum = xor(xor(y[(I + 1) % 4], y[(I + 2) % 4]), xor(y[(I + 3) % 4], key));
                let nibbles = nibbles(sub_bytes(sum));
                let (a, b) = (mapped(&SAME, nibbles), mapped(&ACROSS, nibbles));
                let own = xor(y[I], shuffle(a, table(&TURNED[0])));
                let next = xor(shuffle(b, table(&TURNED[1])), shuffle(b, table(&TURNED[2])));
                let last = shuffle(xor(a, b), table(&TURNED[3]));
                y[I] = xor(xor(own, next), last);
            }
        }

        /// The bytes of `nibbles`, lower and upper, through the map.
        #[inline]
        #[target_feature(enable = $features)]
        fn mapped(map: &Tables, nibbles: [$register; 2]) -> $register {
            xor(shuffle(table(&map[0]), nibbles[0]), shuffle(table(&map[1]), nibbles[1]))
        }

        /// Blocks to their words; the same again is the way back.
        #[inline]
        #[target_feature(enable = $features)]
        fn transpose([a, b, c, d]: Group) -> Group {
            let [ab, ab_high] = interleave_words(a, b);
            let [cd, cd_high] = interleave_words(c, d);
            let [x, y] = interleave_pairs(ab, cd);
            let [z, w] = interleave_pairs(ab_high, cd_high);
            [x, y, z, w]
        }
    };
}
pub(in crate::backend) use aes_rounds;

/// A linear map of bytes by their nibbles: what the lower gives, and the upper.
pub(in crate::backend) type Tables = [[u8; 16]; 2];

const fn tables(matrix: u64, constant: u8) -> Tables {
    let mut tables = [[0; 16]; 2];
    let mut nibble = 0;
    while nibble < 16 {
        tables[0][nibble as usize] = maps::apply(matrix, nibble) ^ constant;
        tables[1][nibble as usize] = maps::apply(matrix, nibble << 4);
        nibble += 1;
    }
    tables
}

pub(in crate::backend) const IN: Tables = tables(maps::IN, 0);
pub(in crate::backend) const BACK: Tables = tables(maps::BACK, 0);
pub(in crate::backend) const SAME: Tables = tables(maps::AES_SAME, 0);
pub(in crate::backend) const ACROSS: Tables = tables(maps::AES_ACROSS, maps::AES_SUM);

/// ⋘ 0, 8, 16, 24 of each word and the inverse of ShiftRows in one.
pub(in crate::backend) const TURNED: [[u8; 16]; 4] = {
    let mut turned = [[0; 16]; 4];
    let mut i = 0;
    while i < 64 {
        let (by, column, row) = (i / 16, i / 4 % 4, i % 4);
        let from = (row + by) % 4;
        turned[by as usize][(4 * column + row) as usize] = 4 * ((column + 4 - from) % 4) + from;
        i += 1;
    }
    turned
};
