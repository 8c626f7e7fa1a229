//! Multiples of the base point. They come as bytes, because the compiler takes half a minute to compute them; a test
//! computes them again.

use super::{field::Fe, point::AffinePoint};

/// G of GB/T 32918.5, the first point of the table.
pub(super) const G: AffinePoint = point(0);

/// Bits a window takes.
pub(super) const WINDOW: u32 = 5;
/// 52 windows of 5 bits and one bit of overlap cover 256 bits.
pub(super) const WINDOWS: usize = 52;
/// Signed digits: a window is −16 … 16.
pub(super) const MULTIPLES: usize = 16;
/// The odd multiples that a wNAF of width 8 needs.
const ODDS: usize = 64;

/// Each point as x, y in Montgomery form, limbs and bytes least significant first: first `COMB`, then `ODD`.
static BYTES: &[u8; 64 * (WINDOWS * MULTIPLES + ODDS)] = include_bytes!("tables.bin");

/// `COMB[i][j]` = (j + 1)·2^(5i)·G.
pub(super) static COMB: [[AffinePoint; MULTIPLES]; WINDOWS] = {
    let mut table = [[G; MULTIPLES]; WINDOWS];
    let mut i = 0;
    while i < WINDOWS * MULTIPLES {
        table[i / MULTIPLES][i % MULTIPLES] = point(i);
        i += 1;
    }
    table
};

/// `ODD[j]` = (2j + 1)·G.
pub(super) static ODD: [AffinePoint; ODDS] = {
    let mut table = [G; ODDS];
    let mut i = 0;
    while i < ODDS {
        table[i] = point(WINDOWS * MULTIPLES + i);
        i += 1;
    }
    table
};

const fn point(index: usize) -> AffinePoint {
    let (words, _) = BYTES.as_chunks::<8>();
    let mut limbs = [0; 8];
    let mut i = 0;
    while i < 8 {
        limbs[i] = u64::from_le_bytes(words[8 * index + i]);
        i += 1;
    }
    let [x0, x1, x2, x3, y0, y1, y2, y3] = limbs;
    AffinePoint {
        x: Fe::from_montgomery([x0, x1, x2, x3]),
        y: Fe::from_montgomery([y0, y1, y2, y3]),
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use alloc::vec::Vec;

    use super::*;
    use crate::backend::portable::projective::Projective;

    fn computed() -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut push = |point: Projective| {
            let point = point.to_affine().expect("no multiple in a table is infinite");
            for limb in point.x.montgomery().into_iter().chain(point.y.montgomery()) {
                bytes.extend(limb.to_le_bytes());
            }
        };
        let g = Projective::from_affine(&G);
        let mut base = g;
        for _ in 0..WINDOWS {
            let mut multiple = base;
            for _ in 0..MULTIPLES {
                push(multiple);
                multiple = multiple.add(&base);
            }
            base = (0..WINDOW).fold(base, |p, _| p.double());
        }
        let mut odd = g;
        for _ in 0..ODDS {
            push(odd);
            odd = odd.add(&g.double());
        }
        bytes
    }

    #[test]
    fn the_base_point_is_that_of_the_standard() {
        let x = "32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7";
        let y = "bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0";
        assert_eq!(hex::encode(G.to_bytes()), std::format!("{x}{y}"));
    }

    #[test]
    fn the_tables_are_multiples_of_the_base_point() {
        assert!(computed() == BYTES);
    }

    #[test]
    #[ignore = "rewrites tables.bin: run it after changing their shape"]
    fn write_the_tables() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/backend/portable/tables.bin");
        std::fs::write(path, computed()).expect("the source tree is writable");
    }
}
