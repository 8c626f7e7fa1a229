//! Multiples of the base point. They come as bytes, because the compiler takes half a minute to compute them; a test
//! computes them again.

use super::comb::{Table, public, secret};
#[cfg(test)]
use super::{field::Fe, point::AffinePoint};

/// An affine point: x, then y, in Montgomery form, least significant limb first.
pub(crate) type Row = [u64; 8];

/// On the border of a cache line, so that a row is one.
#[repr(C, align(64))]
pub(crate) struct Aligned<T>(pub(crate) T);

/// G of GB/T 32918.5, from which the tables come.
#[cfg(test)]
pub(crate) const G: AffinePoint = AffinePoint {
    x: Fe::from_montgomery([
        0x6132_8990_f418_029e,
        0x3e79_81ed_dca6_c050,
        0xd6a1_ed99_ac24_c3c3,
        0x9116_7a5e_e1c1_3b05,
    ]),
    y: Fe::from_montgomery([
        0xc135_4e59_3c2d_0ddd,
        0xc1f5_e578_8d32_95fa,
        0x8d4c_fb06_6e2a_48f8,
        0x63cd_65d4_81d7_35bd,
    ]),
};

const SECRET_ROWS: usize = secret::ROWS * (secret::BLOCKS - 1) + secret::LAST_ROWS;
const PUBLIC_ROWS: usize = public::ROWS * public::BLOCKS;

/// First `SECRET`, then `PUBLIC`; words and bytes least significant first.
static BYTES: &[u8; 64 * (SECRET_ROWS + PUBLIC_ROWS)] = include_bytes!("tables.bin");

/// Row 32·b + i: 2^(24·b) · (2²⁰ + Σ ±2^(4·t), t = 0 … 4, with + where bit t of i is set)·G. Of the last block, 2¹² and
/// t = 0 … 2.
pub(crate) static SECRET: Aligned<[Row; SECRET_ROWS]> = {
    let mut table = [[0; 8]; SECRET_ROWS];
    let mut i = 0;
    while i < SECRET_ROWS {
        table[i] = row(i);
        i += 1;
    }
    Aligned(table)
};

/// Row 128·b + i: 2^(64·b) · (2⁵⁶ + Σ ±2^(8·t), t = 0 … 6, with + where bit t of i is set)·G.
pub(crate) static PUBLIC: Aligned<Table> = {
    let mut table = [[0; 8]; PUBLIC_ROWS];
    let mut i = 0;
    while i < PUBLIC_ROWS {
        table[i] = row(SECRET_ROWS + i);
        i += 1;
    }
    Aligned(table)
};

const fn row(index: usize) -> Row {
    let (words, _) = BYTES.as_chunks::<8>();
    let mut row = [0; 8];
    let mut i = 0;
    while i < 8 {
        row[i] = u64::from_le_bytes(words[8 * index + i]);
        i += 1;
    }
    row
}

#[cfg(test)]
mod tests {
    extern crate std;

    use alloc::vec::Vec;

    use super::*;
    use crate::backend::portable::projective::Projective;

    /// Signed sums of 2^(first + spacing·t)·G, + at the highest tooth.
    fn block(first: u32, teeth: u32, spacing: u32, bytes: &mut Vec<u8>) {
        let tooth =
            |t: u32| (0..first + spacing * t).fold(Projective::from_affine(&G), |p, _| p.double());
        let teeth: Vec<_> = (0..teeth).map(tooth).collect();
        let (top, lower) = teeth.split_last().expect("not empty");
        for index in 0..1_u32 << lower.len() {
            let point = lower.iter().enumerate().fold(*top, |sum, (t, point)| {
                let mut point = *point;
                if index >> t & 1 == 0 {
                    point.y = point.y.neg();
                }
                sum.add(&point)
            });
            let point = point.to_affine().expect("no multiple in a table is infinite");
            for limb in point.x.montgomery().iter().chain(point.y.montgomery()) {
                bytes.extend(limb.to_le_bytes());
            }
        }
    }

    fn computed() -> Vec<u8> {
        let mut bytes = Vec::new();
        for b in 0..10 {
            block(24 * b, secret::TEETH, secret::SPACING, &mut bytes);
        }
        block(240, secret::LAST_TEETH, secret::SPACING, &mut bytes);
        for b in 0..4 {
            block(64 * b, public::TEETH, public::SPACING, &mut bytes);
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
