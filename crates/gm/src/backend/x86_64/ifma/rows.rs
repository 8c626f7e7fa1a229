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

    /// Lane i of group g gets its multiple `index(8·g + i)`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn read(&self, index: impl Fn(usize) -> usize) -> Cached<G> {
        let zero = Vector::splat(0);
        let mut limbs = [[[zero; 5]; G]; 5];
        for (g, lanes) in self.0.iter().enumerate() {
            let mut words = [zero; 32];
            let (quarters, _) = words.as_chunks_mut::<8>();
            for (part, quarter) in quarters.iter_mut().enumerate() {
                let mut rows = [zero; 8];
                for (i, (to, lane)) in rows.iter_mut().zip(lanes).enumerate() {
                    *to = Vector::load(&lane[index(8 * g + i)][part].0);
                }
                *quarter = transpose(&rows);
            }
            for (limbs, words) in limbs.iter_mut().zip(words.chunks_exact(5)) {
                limbs[g].copy_from_slice(words);
            }
        }
        let [x, y, z, zz, zzz] = limbs;
        let (x, y) = (Factor::from_limbs(x), Factor::from_limbs(y));
        let (zz, zzz) = (Factor::from_limbs(zz), Factor::from_limbs(zzz));
        let z = Factor::from_limbs(z);
        Cached { z, scaled: Xyzz { x, y, zz, zzz } }
    }
}
