//! Points that each lane reads at its own place. The places are public.

use super::{
    field::Factor,
    lanes::{Vector, Words, transpose},
    point::{Affine, Cached, Xyzz},
};
use crate::backend::portable::tables::Row;

/// Lane i of group g gets the point at `row(8·g + i)`.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
pub(super) fn read_affine<'a, const G: usize>(row: impl Fn(usize) -> &'a Row) -> Affine<G> {
    let zero = Vector::splat(0);
    let (mut x, mut y) = ([[zero; 4]; G], [[zero; 4]; G]);
    for g in 0..G {
        let mut rows = [zero; 8];
        for (i, to) in rows.iter_mut().enumerate() {
            *to = Vector::load(row(8 * g + i));
        }
        let [x0, x1, x2, x3, y0, y1, y2, y3] = transpose(&rows);
        x[g] = [x0, x1, x2, x3];
        y[g] = [y0, y1, y2, y3];
    }
    Affine { x: Factor::from_words_of_256(&x), y: Factor::from_words_of_256(&y) }
}

/// The limbs of a [`Cached`], one after the other, and seven zeros.
type CachedRow = [Words; 4];

/// For each lane the multiples that its window may ask for.
pub(super) struct Multiples<const G: usize, const N: usize>([[[CachedRow; N]; 8]; G]);

impl<const G: usize, const N: usize> Multiples<G, N> {
    pub(super) const fn new() -> Self {
        Self([[[[Words([0; 8]); 4]; N]; 8]; G])
    }

    /// Sets multiple `index` of every lane.
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn write(&mut self, index: usize, point: &Cached<G>) {
        let Cached { z, scaled: Xyzz { x, y, zz, zzz } } = point;
        for (g, lanes) in self.0.iter_mut().enumerate() {
            let mut words = [Vector::splat(0); 32];
            for (to, factor) in words.chunks_exact_mut(5).zip([x, y, z, zz, zzz]) {
                to.copy_from_slice(&factor.limbs()[g]);
            }
            let (quarters, _) = words.as_chunks::<8>();
            for (part, quarter) in quarters.iter().enumerate() {
                for (row, lane) in transpose(quarter).into_iter().zip(lanes.iter_mut()) {
                    lane[index][part] = row.store();
                }
            }
        }
    }

    /// In `point`, lane i of group g gets its multiple `indices[g][i]`.
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn read(&self, indices: &[[usize; 8]; G], point: &mut Cached<G>) {
        let Cached { z, scaled: Xyzz { x, y, zz, zzz } } = point;
        for (g, (lanes, indices)) in self.0.iter().zip(indices).enumerate() {
            let mut words = [Vector::splat(0); 32];
            let (quarters, _) = words.as_chunks_mut::<8>();
            for (part, quarter) in quarters.iter_mut().enumerate() {
                let mut rows = [Vector::splat(0); 8];
                for (row, (lane, &index)) in rows.iter_mut().zip(lanes.iter().zip(indices)) {
                    *row = Vector::load(&lane[index][part].0);
                }
                *quarter = transpose(&rows);
            }
            let (limbs, _) = words.as_chunks::<5>();
            for (to, limbs) in
                [&mut *x, &mut *y, &mut *z, &mut *zz, &mut *zzz].into_iter().zip(limbs)
            {
                to.limbs_mut()[g] = *limbs;
            }
        }
    }
}
