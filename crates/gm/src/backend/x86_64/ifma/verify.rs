//! s·G + t·P for verification: public values, so that lanes may read where they like and a lane may be given up.

use super::{
    field::{Factor, Mask},
    lanes::{Vector, transpose},
    point::{Affine, Cached, Jacobian, Xyzz},
    rows::{Multiples, read_affine},
};
use crate::backend::{
    Question, Scalar, Table,
    portable::{comb::public, limbs::Limbs, tables},
};

/// Bits a window of t takes.
const WINDOW: usize = 5;
/// 51 windows and one of a single bit cover 256 bits.
const WINDOWS: usize = 52;
/// Odd multiples, 1 to 31.
const MULTIPLES: usize = 1 << (WINDOW - 1);

/// An odd number in place of k: k or n − k, and whether the result is to be negated.
#[derive(Clone, Copy)]
struct Odd {
    limbs: Limbs,
    negate: bool,
}

#[allow(clippy::cast_possible_truncation, reason = "x86-64; and only the lowest bits are kept")]
impl Odd {
    fn new(k: &Scalar) -> Self {
        let (limbs, negate) = k.odd();
        Self { limbs, negate: negate != 0 }
    }

    /// Digit i of k = Σ d·32ⁱ, d odd: the index of |d| among the odd multiples, and whether d or k is negated.
    fn window(&self, i: usize) -> (usize, bool) {
        let from = WINDOW * i + 1;
        let (limb, shift) = (from / 64, from % 64);
        let mut bits = self.limbs.get(limb).map_or(0, |low| low >> shift);
        bits |= self.limbs.get(limb + 1).map_or(0, |high| high << 1 << (63 - shift));
        // The highest digit is what is left: positive.
        let negative = bits >> (WINDOW - 1) & 1 == 0 && i + 1 < WINDOWS;
        let bits = if negative { !bits } else { bits };
        (bits as usize % MULTIPLES, negative != self.negate)
    }

    /// Row and sign in block `block` of a comb at `offset`.
    fn tooth(&self, block: usize, offset: usize) -> (usize, bool) {
        // Signs are the bits above the lowest; the highest is +.
        let above = self.limbs.get(block + 1).map_or(1, |limb| limb & 1);
        let signs = self.limbs[block] >> 1 | above << 63;
        let bits = signs >> offset & 0x0101_0101_0101_0101;
        let bits = bits.wrapping_mul(0x0102_0408_1020_4080) >> 56;
        let negative = bits >> (public::TEETH - 1) == 0;
        let bits = if negative { !bits } else { bits };
        (bits as usize % public::ROWS, negative != self.negate)
    }
}

/// Answers 8·G questions; `None` where the lane met an exception of the formulas.
#[target_feature(enable = "avx512f,avx512ifma")]
pub(super) fn any<const G: usize>(
    questions: &[[&Question<&[u8; 64]>; 8]; G],
) -> [[Option<bool>; 8]; G] {
    let s = questions.map(|group| group.map(|question| Odd::new(&question.s)));
    let t = questions.map(|group| group.map(|question| Odd::new(&question.t)));
    let multiples = odd_multiples(&affine(questions));
    let one = Factor::one();
    let mut point = Jacobian { x: one, y: one, z: one }.cached();
    let negative = read_window(&t, &multiples, WINDOWS - 1, &mut point);
    let y = point.scaled.y.sum().negated_where(&negative).plus_p::<2>().reduced();
    let mut sum = Jacobian { x: point.scaled.x, y, z: point.z };
    for i in (2..WINDOWS - 1).rev() {
        for _ in 0..WINDOW {
            sum.double();
        }
        let negative = read_window(&t, &multiples, i, &mut point);
        sum.add(&point, &negative);
    }
    // Two windows of t are left, and the comb of s.
    sum.double();
    sum.double();
    let mut sum = sum.xyzz();
    for offset in (0..public::SPACING as usize).rev() {
        sum.double();
        if offset % WINDOW == 0 {
            let negative = read_window(&t, &multiples, offset / WINDOW, &mut point);
            sum.add(&point.scaled, &negative);
        }
        for block in 0..public::BLOCKS {
            let (point, negative) = teeth(&s, |_| &tables::PUBLIC.0, block, offset);
            sum.add_affine(&point, &negative);
        }
    }
    answers(questions, &sum)
}

/// As [`any`], for prepared keys: two combs.
#[target_feature(enable = "avx512f,avx512ifma")]
pub(super) fn prepared<const G: usize>(
    questions: &[[&Question<&Table>; 8]; G],
) -> [[Option<bool>; 8]; G] {
    let s = questions.map(|group| group.map(|question| Odd::new(&question.s)));
    let t = questions.map(|group| group.map(|question| Odd::new(&question.t)));
    let key = |i: usize| questions[i / 8][i % 8].key;

    let first = public::SPACING as usize - 1;
    let (point, negative) = teeth(&s, |_| &tables::PUBLIC.0, 0, first);
    let mut sum = Xyzz::from_affine(&point, &negative);
    for offset in (0..=first).rev() {
        if offset < first {
            sum.double();
        }
        for block in 0..public::BLOCKS {
            if offset < first || block > 0 {
                let (point, negative) = teeth(&s, |_| &tables::PUBLIC.0, block, offset);
                sum.add_affine(&point, &negative);
            }
            let (point, negative) = teeth(&t, key, block, offset);
            sum.add_affine(&point, &negative);
        }
    }
    answers(questions, &sum)
}

/// Of s·G + t·P what each lane adds: a block of the comb of s, in the upper half of that of t.
#[target_feature(enable = "avx512f,avx512ifma")]
pub(super) fn blocks(s: &Scalar, t: &Scalar, table: &Table) -> Xyzz<1> {
    let numbers = [(Odd::new(s), &tables::PUBLIC.0), (Odd::new(t), table)];
    let teeth = |offset: usize| {
        let mut rows = [&tables::PUBLIC.0[0]; 8];
        let mut negative = 0;
        for (lane, row) in rows.iter_mut().enumerate() {
            let (number, table) = numbers[lane / public::BLOCKS];
            let block = lane % public::BLOCKS;
            let (index, minus) = number.tooth(block, offset);
            *row = &table[block * public::ROWS + index];
            negative |= u8::from(minus) << lane;
        }
        (read_affine(|lane| rows[lane]), [negative])
    };
    let first = public::SPACING as usize - 1;
    let (point, negative) = teeth(first);
    let mut sum = Xyzz::from_affine(&point, &negative);
    for offset in (0..first).rev() {
        sum.double();
        let (point, negative) = teeth(offset);
        sum.add_affine(&point, &negative);
    }
    sum
}

/// The points.
#[target_feature(enable = "avx512f,avx512ifma")]
fn affine<const G: usize>(questions: &[[&Question<&[u8; 64]>; 8]; G]) -> Affine<G> {
    let zero = Vector::splat(0);
    let (mut x, mut y) = ([[zero; 4]; G], [[zero; 4]; G]);
    for (g, group) in questions.iter().enumerate() {
        let mut rows = [zero; 8];
        for (row, question) in rows.iter_mut().zip(group) {
            let (words, _) = question.key.as_chunks::<8>();
            // Big-endian: the words of each coordinate in reverse.
            let mut row_words = [0; 8];
            for (i, to) in row_words.iter_mut().enumerate() {
                *to = u64::from_be_bytes(words[i ^ 3]);
            }
            *row = Vector::load(&row_words);
        }
        let [x0, x1, x2, x3, y0, y1, y2, y3] = transpose(&rows);
        x[g] = [x0, x1, x2, x3];
        y[g] = [y0, y1, y2, y3];
    }
    let [x, y] = [x, y].map(|words| Factor::from_words(&words).montgomery().factor());
    Affine { x, y }
}

/// P, 3·P, … 31·P in each lane.
#[target_feature(enable = "avx512f,avx512ifma")]
fn odd_multiples<const G: usize>(p: &Affine<G>) -> Multiples<G, MULTIPLES> {
    let mut multiples = Multiples::new();
    let first = Xyzz::from_affine(p, &[0; G]);
    let mut multiple = Jacobian { x: first.x, y: first.y, z: Factor::one() };
    multiples.write(0, &multiple.cached());
    let mut twice = multiple;
    twice.double();
    let twice = twice.cached();
    for i in 1..MULTIPLES {
        multiple.add(&twice, &[0; G]);
        multiples.write(i, &multiple.cached());
    }
    multiples
}

/// What each lane adds of window `i`, and where it is to be negated.
#[target_feature(enable = "avx512f,avx512ifma")]
fn read_window<const G: usize>(
    k: &[[Odd; 8]; G],
    multiples: &Multiples<G, MULTIPLES>,
    i: usize,
    point: &mut Cached<G>,
) -> Mask<G> {
    let mut indices = [[0; 8]; G];
    let mut negative = [0; G];
    for g in 0..G {
        for l in 0..8 {
            let (index, minus) = k[g][l].window(i);
            indices[g][l] = index;
            negative[g] |= u8::from(minus) << l;
        }
    }
    multiples.read(&indices, point);
    negative
}

/// What each lane adds of block `block` of its comb at `offset`.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn teeth<'a, const G: usize>(
    k: &[[Odd; 8]; G],
    table: impl Fn(usize) -> &'a Table,
    block: usize,
    offset: usize,
) -> (Affine<G>, Mask<G>) {
    let mut indices = [[0; 8]; G];
    let mut negative = [0; G];
    for g in 0..G {
        for l in 0..8 {
            let (index, minus) = k[g][l].tooth(block, offset);
            indices[g][l] = index;
            negative[g] |= u8::from(minus) << l;
        }
    }
    (read_affine(|i| &table(i)[block * public::ROWS + indices[i / 8][i % 8]]), negative)
}

#[target_feature(enable = "avx512f,avx512ifma")]
fn answers<K, const G: usize>(
    questions: &[[&Question<K>; 8]; G],
    sum: &Xyzz<G>,
) -> [[Option<bool>; 8]; G] {
    let zero = Vector::splat(0);
    let mut x = [[zero; 4]; G];
    for (x, group) in x.iter_mut().zip(questions) {
        let mut rows = [zero; 8];
        for (row, question) in rows.iter_mut().zip(group) {
            let [a, b, c, d] = *question.x.limbs();
            *row = Vector::load(&[a, b, c, d, 0, 0, 0, 0]);
        }
        let [a, b, c, d, ..] = transpose(&rows);
        *x = [a, b, c, d];
    }
    // x = X/ZZ is compared as x·ZZ = X.
    let expected = Factor::from_words(&x).montgomery().factor().mul(&sum.zz);
    let equal = expected.sub(&sum.x.sum()).plus_p::<2>().zero_mask();
    let infinite = sum.zz.sum().zero_mask();
    let mut answers = [[None; 8]; G];
    for g in 0..G {
        for l in 0..8 {
            let (equal, infinite) = (equal[g] >> l & 1 == 1, infinite[g] >> l & 1 == 1);
            // As p > n, a small x may also stand for x + n.
            let small = questions[g][l].x.limbs()[2..] == [0, 0];
            if !infinite && (equal || !small) {
                answers[g][l] = Some(equal);
            }
        }
    }
    answers
}
