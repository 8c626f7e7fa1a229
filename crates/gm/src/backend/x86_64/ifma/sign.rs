//! The x coordinates of many k·G, in constant time: lanes with the comb for secrets.
//!
//! A row is not loaded from an address that depends on k but picked by VPERMI2Q out of registers that hold all rows.

use zeroize::Zeroize;

use super::{
    field::{Factor, Mask},
    lanes::{Vector, Words, transpose},
    point::{Affine, Xyzz},
};
use crate::backend::portable::{
    comb::secret::{BLOCKS, LAST_TEETH, ROWS, SPACING, TEETH},
    limbs,
    scalar::Scalar,
    tables,
};

/// The rows of a block beside each other: word w of row 8·i + j is word j of `[w][i]`.
type Columns = [[Words; ROWS / 8]; 8];

static COLUMNS: [Columns; BLOCKS] = {
    let mut columns = [[[Words([0; 8]); ROWS / 8]; 8]; BLOCKS];
    let mut row = 0;
    while row < tables::SECRET.0.len() {
        let mut word = 0;
        while word < 8 {
            columns[row / ROWS][word][row % ROWS / 8].0[row % 8] = tables::SECRET.0[row][word];
            word += 1;
        }
        row += 1;
    }
    columns
};

/// How many multiplications share an inversion.
pub(super) const SHARE: usize = 4;

/// The x coordinates of k·G, as words; all zero for k = 0, and where one of the lanes that share an inversion met an
/// exception of the formulas.
///
/// There is one such k but 0: why, is said at [`mul_base`](crate::backend::portable::comb::mul_base).
#[target_feature(enable = "avx512f,avx512ifma")]
pub(super) fn base_x<const G: usize>(scalars: &[[[&Scalar; 8]; G]]) -> [[[Words; 4]; G]; SHARE] {
    let one = Factor::one();
    let mut sums = [Xyzz { x: one, y: one, zz: one, zzz: one }; SHARE];
    // Montgomery's trick, lane by lane.
    let mut before = [one; SHARE];
    let mut product = one;
    for ((sum, before), scalars) in sums.iter_mut().zip(&mut before).zip(scalars) {
        *sum = multiply(scalars);
        *before = product;
        product = product.mul(&sum.zz).factor();
    }
    let mut inverse = product.invert();
    let mut found = [[[Words([0; 8]); 4]; G]; SHARE];
    for ((sum, before), found) in sums.iter_mut().zip(&mut before).zip(&mut found).rev() {
        let x = sum.x.mul(&inverse.mul(before).factor()).factor();
        for (found, x) in found.iter_mut().zip(x.plain_words()) {
            *found = x.map(|word| word.store());
        }
        inverse = inverse.mul(&sum.zz).factor();
        sum.zeroize();
        before.zeroize();
    }
    product.zeroize();
    inverse.zeroize();
    found
}

/// ±k·G.
#[target_feature(enable = "avx512f,avx512ifma")]
fn multiply<const G: usize>(scalars: &[[&Scalar; 8]; G]) -> Xyzz<G> {
    let mut signs = scalars.each_ref().map(|scalars| signs(scalars));
    let first = SPACING as usize - 1;
    let mut sum =
        Xyzz { x: Factor::one(), y: Factor::one(), zz: Factor::one(), zzz: Factor::one() };
    for offset in (0..=first).rev() {
        if offset < first {
            sum.double();
        }
        for block in 0..BLOCKS {
            let (mut point, negative) = select(&signs, block, offset);
            if (block, offset) == (0, first) {
                sum = Xyzz::from_affine(&point, &negative);
            } else {
                sum.add_affine(&point, &negative);
            }
            point.zeroize();
        }
    }
    signs.zeroize();
    sum
}

/// The signs of k or n − k, whichever is odd, and zeros above.
#[target_feature(enable = "avx512f,avx512ifma")]
fn signs(scalars: &[&Scalar; 8]) -> [Words; 5] {
    let zero = Vector::splat(0);
    let mut rows = [zero; 8];
    for (row, scalar) in rows.iter_mut().zip(scalars) {
        let ([mut a, mut b, mut c, mut d], _) = scalar.odd();
        *row = Vector::load(&[
            a >> 1 | b << 63,
            b >> 1 | c << 63,
            c >> 1 | d << 63,
            d >> 1 | 1 << 63,
            0,
            0,
            0,
            0,
        ]);
        [&mut a, &mut b, &mut c, &mut d].into_iter().for_each(Zeroize::zeroize);
    }
    let [a, b, c, d, ..] = transpose(&rows);
    [a, b, c, d, zero].map(|words| words.store())
}

/// What each lane adds of `block` at `offset`, and where it is to be negated.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn select<const G: usize>(
    signs: &[[Words; 5]; G],
    block: usize,
    offset: usize,
) -> (Affine<G>, Mask<G>) {
    let zero = Vector::splat(0);
    let (mut x, mut y, mut negative) = ([[zero; 4]; G], [[zero; 4]; G], [0; G]);
    for g in 0..G {
        let (index, minus) = digit(&signs[g], block, offset);
        let upper_half = index.lanes_with(Vector::splat(16));
        let mut words = [zero; 8];
        for (word, [a, b, c, d]) in words.iter_mut().zip(&COLUMNS[block]) {
            let low = Vector::load(&a.0).pick(index, Vector::load(&b.0));
            let high = Vector::load(&c.0).pick(index, Vector::load(&d.0));
            *word = low.or_where(upper_half, high);
        }
        let [x0, x1, x2, x3, y0, y1, y2, y3] = words;
        x[g] = [x0, x1, x2, x3];
        y[g] = [y0, y1, y2, y3];
        negative[g] = minus;
    }
    (Affine { x: Factor::from_words_of_256(&x), y: Factor::from_words_of_256(&y) }, negative)
}

/// The row in each lane, and the lanes to negate.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn digit(signs: &[Words; 5], block: usize, offset: usize) -> (Vector, u8) {
    let from = TEETH as usize * SPACING as usize * block + offset;
    let (limb, shift) = (from / 64, i64::try_from(from % 64).expect("below 64"));
    let low = Vector::load(&signs[limb].0).shift_right_by(Vector::splat(shift));
    let high = Vector::load(&signs[limb + 1].0).shift_left_by(Vector::splat(64 - shift));
    // Bits 0, 4, … 20 to bits 0 … 5.
    let bits = low.or(high).and(Vector::splat(0x11_1111));
    let bits = bits.or(bits.shift_right::<3>()).and(Vector::splat(0x03_0303));
    let bits = bits.or(bits.shift_right::<6>()).or(bits.shift_right::<12>());
    let teeth = if block == BLOCKS - 1 { LAST_TEETH } else { TEETH };
    let top = 1 << (teeth - 1);
    let negative = !bits.lanes_with(Vector::splat(top));
    let rows = Vector::splat(top - 1);
    (bits.or_where(negative, bits.xor(rows)).and(rows), negative)
}

/// The values of a group, big-endian; `None` for zero.
pub(super) fn bytes(words: &[Words; 4]) -> [Option<[u8; 32]>; 8] {
    core::array::from_fn(|lane| {
        let words = words.map(|word| word.0[lane]);
        (words != [0; 4]).then(|| limbs::to_bytes(&words))
    })
}
