//! What belongs to P1 and P2. It comes as bytes, because the compiler would take long to compute it; a test computes it again.

use super::{
    comb::{Comb, ODD, PLACES},
    lines::{COUNT, Lines},
};

const COMB_WORDS: usize = 8 * (PLACES * ODD + 1);
const LINES_WORDS: usize = 16 * COUNT;

/// First the comb, then the lines; words and bytes least significant first.
static BYTES: &[u8; 8 * (COMB_WORDS + LINES_WORDS)] = include_bytes!("tables.bin");

/// Multiples of P1.
pub(super) static P1: Comb = {
    let mut comb = Comb { rows: [[[0; 8]; ODD]; PLACES], top: row(8 * PLACES * ODD) };
    let mut i = 0;
    while i < PLACES * ODD {
        comb.rows[i / ODD][i % ODD] = row(8 * i);
        i += 1;
    }
    comb
};

/// Lines of P2.
pub(super) static P2: Lines = {
    let mut lines = Lines([[0; 16]; COUNT]);
    let mut i = 0;
    while i < COUNT {
        lines.0[i] = row(COMB_WORDS + 16 * i);
        i += 1;
    }
    lines
};

const fn row<const WORDS: usize>(from: usize) -> [u64; WORDS] {
    let (words, _) = BYTES.as_chunks::<8>();
    let mut row = [0; WORDS];
    let mut i = 0;
    while i < WORDS {
        row[i] = u64::from_le_bytes(words[from + i]);
        i += 1;
    }
    row
}

#[cfg(test)]
mod tests {
    extern crate std;

    use alloc::vec::Vec;

    use super::*;
    use crate::backend::portable::{
        arithmetic::Portable,
        sm9::groups::{G1, G2},
    };

    fn computed() -> Vec<u8> {
        let comb = Comb::new::<Portable>(&G1::GENERATOR);
        let lines = Lines::new::<Portable>(&G2::GENERATOR);
        let words = comb.rows.as_flattened().as_flattened().iter().chain(&comb.top);
        words.chain(lines.0.as_flattened()).flat_map(|word| word.to_le_bytes()).collect()
    }

    #[test]
    fn the_tables_are_those_of_the_generators() {
        assert!(computed() == BYTES);
    }

    #[test]
    #[ignore = "rewrites tables.bin: run it after changing their shape"]
    fn write_the_tables() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/backend/portable/sm9/tables.bin");
        std::fs::write(path, computed()).expect("the source tree is writable");
    }
}
