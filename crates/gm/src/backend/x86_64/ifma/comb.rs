//! k·G of one k: each lane takes 32 bits of k, with tables of its own, so that nothing is doubled.
//!
//! An odd k below 2²⁵⁶ is Σ s·2^(32·l), l = 0 … 7, with odd s between −2³² and 2³²: a lane's s is made of windows of 5, 5, 5,
//! 5, 6 and 6 bits, each an odd digit (Joye and Tunstall). For an even k, n − k is taken and the result negated.
//!
//! No addition meets a point and itself or its negative, but one. In a lane, what was added so far is an odd multiple of
//! 2^(32·l)·G below 2^`POSITIONS`, the next digit's an odd multiple of that power, so they differ; and their sum and difference
//! are below 2³³, far from n. Neighbours, s and s′·2³², differ for the same reason, and so do pairs of pairs. At last
//! u + u′·2¹²⁸ is k or n − k. It is n for k = 0 alone, and the sum is infinity, as it should be; u = u′·2¹²⁸ modulo n is
//! u − u′·2¹²⁸ = −n, so that u is −n modulo 2¹²⁸: one k. There, ZZ is zero.

use zeroize::Zeroize;

use super::{
    field::{Factor, Mask},
    lanes::{Vector, Words, transpose},
    point::{Affine, Xyzz},
    quad::{Pair, Quad},
};
use crate::backend::portable::{comb::Signs, scalar::Scalar};

/// The lowest bit of each window.
const POSITIONS: [u32; STEPS] = [0, 5, 10, 15, 20, 26];
const WIDTHS: [u32; STEPS] = [5, 5, 5, 5, 6, 6];
const STEPS: usize = 6;
/// Rows before those of each window: 2^(width − 1) odd multiples.
const FIRST: [usize; STEPS] = [0, 16, 32, 48, 64, 96];
const ROWS: usize = 128;

/// x and y of a point in each lane, Montgomery form with R = 2²⁵⁶: word w of lane l at `[w].0[l]`.
type Row = [Words; 8];

/// Words and bytes least significant first; a test computes them again.
static BYTES: &[u8; 512 * ROWS] = include_bytes!("comb.bin");

/// Row `FIRST`[i] + j, lane l: (2·j + 1)·2^(32·l + `POSITIONS`[i])·G.
static TABLE: [Row; ROWS] = {
    let (words, _) = BYTES.as_chunks::<8>();
    let mut table = [[const { Words([0; 8]) }; 8]; ROWS];
    let mut i = 0;
    while i < words.len() {
        table[i / 64][i / 8 % 8].0[i % 8] = u64::from_le_bytes(words[i]);
        i += 1;
    }
    table
};

/// ±k·G in constant time, and ones if it is −k·G; ZZ is zero for k = 0 and one k more.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512ifma")]
pub(super) fn mul_base(k: &Scalar) -> (Quad, u64) {
    let mut signs = Signs::new(k);
    let halves = |limb: u64| [limb & 0xffff_ffff, limb >> 32];
    let mut words = Words([0; 8]);
    for (pair, limb) in words.0.as_chunks_mut::<2>().0.iter_mut().zip(&signs.bits) {
        *pair = halves(*limb);
    }
    let lanes = Vector::load(&words.0);
    let (mut point, negative) = select(lanes, 0);
    let mut sum = Xyzz::from_affine(&point, &negative);
    for step in 1..STEPS {
        let negative;
        (point, negative) = select(lanes, step);
        sum.add_affine(&point, &negative);
    }
    let mut parts = pairs(&sum);
    let result = sum_of(&mut parts);
    let negate = signs.negate;
    point.zeroize();
    sum.zeroize();
    parts.zeroize();
    words.zeroize();
    signs.zeroize();
    (result, negate)
}

/// The point of each lane in window `step`, and where it is to be negated. Reads every row of the window.
#[inline]
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512ifma")]
fn select(signs: Vector, step: usize) -> (Affine<1>, Mask<1>) {
    let top = 1 << (WIDTHS[step] - 1);
    let bits = signs.shift_right_by(Vector::splat(POSITIONS[step].into()));
    let negative = !bits.lanes_with(Vector::splat(top));
    let rows = Vector::splat(top - 1);
    let index = bits.or_where(negative, bits.xor(rows)).and(rows);
    let mut found = [Vector::splat(0); 8];
    let (mut at, one) = (Vector::splat(0), Vector::splat(1));
    for row in &TABLE[FIRST[step]..][..1 << (WIDTHS[step] - 1)] {
        let here = index.lanes_equal(at);
        at = at.add(one);
        for (found, words) in found.iter_mut().zip(row) {
            *found = found.or_where(here, Vector::load(&words.0));
        }
    }
    let [x0, x1, x2, x3, y0, y1, y2, y3] = found;
    let [x, y] = [[x0, x1, x2, x3], [y0, y1, y2, y3]];
    let point = Affine { x: Factor::from_words_of_256(&[x]), y: Factor::from_words_of_256(&[y]) };
    (point, [negative])
}

/// The points of lanes 0 and 2, 1 and 3, 4 and 6, 5 and 7.
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512ifma")]
pub(super) fn pairs(points: &Xyzz<1>) -> [Pair; 4] {
    let Xyzz { x, y, zz, zzz } = points;
    let mut pairs = [Pair::ZERO; 4];
    for i in 0..3 {
        let mut rows = [Vector::splat(0); 8];
        for (half, rows) in rows.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            if 2 * i + half < 5 {
                *rows = [x, y, zz, zzz].map(|factor| factor.limbs()[0][2 * i + half]);
            }
        }
        let quads = transpose(&rows);
        for (pair, [first, second]) in pairs.iter_mut().zip([[0, 2], [1, 3], [4, 6], [5, 7]]) {
            let limbs = quads[first].halves(quads[second]);
            for (row, limb) in pair.0.as_chunks_mut().0[2 * i..].iter_mut().zip(limbs) {
                *row = limb.store().0;
            }
        }
    }
    pairs
}

/// The sum of all, neighbours first. Leaves sums of some behind.
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512ifma")]
pub(super) fn sum_of([a, b, c, d]: &mut [Pair; 4]) -> Quad {
    a.add(b);
    c.add(d);
    [*b, *d] = a.regrouped(c);
    b.add(d);
    b.add_up();
    b.points()[0]
}

#[cfg(test)]
mod tests {
    extern crate std;

    use alloc::vec::Vec;

    use super::*;
    use crate::backend::portable::{point::AffinePoint, projective::Projective, tables::G};

    /// Odd multiples of 2^`position`·G.
    fn window(position: u32, width: u32) -> Vec<AffinePoint> {
        let first = (0..position).fold(Projective::from_affine(&G), |p, _| p.double());
        let twice = first.double();
        (0..1 << (width - 1))
            .scan(first, |next, _| {
                let point = *next;
                *next = next.add(&twice);
                point.to_affine()
            })
            .collect()
    }

    fn computed() -> Vec<u8> {
        let mut bytes = std::vec![0; BYTES.len()];
        for lane in 0..8 {
            for step in 0..STEPS {
                let position = 32 * lane + POSITIONS[step];
                for (j, point) in window(position, WIDTHS[step]).into_iter().enumerate() {
                    let words = point.x.montgomery().iter().chain(point.y.montgomery());
                    for (w, word) in words.enumerate() {
                        let at = 512 * (FIRST[step] + j) + 64 * w + 8 * lane as usize;
                        bytes[at..at + 8].copy_from_slice(&word.to_le_bytes());
                    }
                }
            }
        }
        bytes
    }

    #[test]
    fn the_table_has_odd_multiples_of_the_base_point() {
        assert!(computed() == BYTES);
    }

    #[test]
    #[ignore = "rewrites comb.bin: run it after changing its shape"]
    fn write_the_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/backend/x86_64/ifma/comb.bin");
        std::fs::write(path, computed()).expect("the source tree is writable");
    }
}
