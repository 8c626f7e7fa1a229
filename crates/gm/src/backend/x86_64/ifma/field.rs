//! The field of the SM2 curve in `G` groups of eight lanes: radix 2⁵², Montgomery form with R = 2²⁶⁰.
//!
//! Two shapes, because VPMADD52 reads the low 52 bits of what it multiplies and nothing else. A [`Factor`] may be
//! multiplied: its value is made of the low 52 bits of its limbs, the bits above mean nothing. A [`Sum`] may be
//! added to: its limbs are signed, overlap, and its value is Σ limb·2^(52·i). [`Sum::factor`] carries,
//! [`Sum::reduced`] also takes the value down to p + 2²³⁰.
//!
//! Values are below some multiple of p, of which the callers keep account: the product of factors below a·p and b·p is
//! below (a·b/16 + 1)·p, and a factor must stay below 2²⁶⁰, which is a little more than 16·p.

use zeroize::Zeroize;

use super::lanes::Vector;

/// 52 ones.
const MASK: i64 = (1 << 52) - 1;
/// p + 1 = `LOW`·2⁵² + `HIGH`·2²⁰⁸: two limbs, one of them negative.
const LOW: i64 = (1 << 12) - (1 << 44);
const HIGH: i64 = (1 << 48) - (1 << 16);
/// The limbs of p.
const P: [i64; 5] = [MASK, (1 << 52) + LOW - 1, MASK, MASK, HIGH - 1];

/// 2²⁶⁰ and 2⁵²⁰ modulo p, as words.
const R: [u64; 4] = [0x10, 0x0000_000f_ffff_fff0, 0, 0x0000_0010_0000_0000];
const R_SQUARED: [u64; 4] =
    [0x0000_0200_0000_0300, 0x0000_02ff_ffff_ff00, 0x0000_0100_0000_0100, 0x0000_0400_0000_0200];

/// 8·G field elements to multiply.
#[derive(Clone, Copy, Zeroize)]
pub(super) struct Factor<const G: usize>([[Vector; 5]; G]);

/// 8·G field elements to add to.
#[derive(Clone, Copy)]
pub(super) struct Sum<const G: usize>([[Vector; 5]; G]);

/// One bit a lane, one byte a group.
pub(super) type Mask<const G: usize> = [u8; G];

/// A product before reduction: ten columns of 2⁵².
type Wide = [Vector; 10];

/// t plus the columns of a·b: 25 low and 25 high halves, row by row, so that neighbours go to different columns.
#[inline(always)]
fn product(mut t: Wide, a: &[Vector; 5], b: &[Vector; 5]) -> Wide {
    for i in 0..5 {
        for j in 0..5 {
            t[i + j] = t[i + j].add_low(a[i], b[j]);
        }
        for j in 0..5 {
            t[i + j + 1] = t[i + j + 1].add_high(a[i], b[j]);
        }
    }
    t
}

/// The columns of a²: the ten mixed products doubled, then the five squares.
#[inline(always)]
fn square(a: &[Vector; 5]) -> Wide {
    let mut t = [a[0].filled(0); 10];
    for i in 0..4 {
        for j in i + 1..5 {
            t[i + j] = t[i + j].add_low(a[i], a[j]);
        }
        for j in i + 1..5 {
            t[i + j + 1] = t[i + j + 1].add_high(a[i], a[j]);
        }
    }
    for column in &mut t[1..9] {
        *column = column.add(*column);
    }
    for i in 0..5 {
        t[2 * i] = t[2 * i].add_low(a[i], a[i]);
        t[2 * i + 1] = t[2 * i + 1].add_high(a[i], a[i]);
    }
    t
}

/// t / 2²⁶⁰ mod p, with overlapping limbs.
///
/// p ≡ −1 mod 2⁵², so each step's factor m is the lowest limb itself, and adding m·p clears it by adding m·(p + 1) to
/// those above. `LOW` is negative: 2⁵² + `LOW` is multiplied instead, and m taken away one limb higher.
#[inline(always)]
fn reduce(mut t: Wide) -> [Vector; 5] {
    let (mask, high) = (t[0].filled(MASK), t[0].filled(HIGH));
    let low = t[0].filled((1 << 52) + LOW);
    for i in 0..5 {
        let m = t[i];
        t[i + 1] = t[i + 1].add_low(m, low).add(m.shift_right_signed::<52>());
        t[i + 2] = t[i + 2].add_high(m, low).sub(m.and(mask));
        t[i + 4] = t[i + 4].add_low(m, high);
        t[i + 5] = t[i + 5].add_high(m, high);
    }
    [t[5], t[6], t[7], t[8], t[9]]
}

impl<const G: usize> Factor<G> {
    /// The same words in every lane.
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn splat(words: [u64; 4]) -> Self {
        let mut lanes = [Vector::splat(0); 4];
        for (lane, word) in lanes.iter_mut().zip(words) {
            *lane = Vector::splat(word.cast_signed());
        }
        Self::from_words(&[lanes; G])
    }

    /// 1, in Montgomery form.
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn one() -> Self {
        Self::splat(R)
    }

    /// The limbs of four 64-bit words.
    #[inline(always)]
    pub(super) fn from_words(words: &[[Vector; 4]; G]) -> Self {
        let mut out = [[words[0][0]; 5]; G];
        for (out, &[a, b, c, d]) in out.iter_mut().zip(words) {
            *out = [
                a,
                a.shift_right::<52>().or(b.shift_left::<12>()),
                b.shift_right::<40>().or(c.shift_left::<24>()),
                c.shift_right::<28>().or(d.shift_left::<36>()),
                d.shift_right::<16>(),
            ];
        }
        Self(out)
    }

    /// Sixteen times four 64-bit words: what was a Montgomery form with R = 2²⁵⁶ has R = 2²⁶⁰ then. Below 2²⁶⁰.
    #[inline(always)]
    pub(super) fn from_words_of_256(words: &[[Vector; 4]; G]) -> Self {
        let mut out = [[words[0][0]; 5]; G];
        for (out, &[a, b, c, d]) in out.iter_mut().zip(words) {
            *out = [
                a.shift_left::<4>(),
                a.shift_right::<48>().or(b.shift_left::<16>()),
                b.shift_right::<36>().or(c.shift_left::<28>()),
                c.shift_right::<24>().or(d.shift_left::<40>()),
                d.shift_right::<12>(),
            ];
        }
        Self(out)
    }

    /// The limbs; what lies above their 52 bits means nothing.
    #[inline(always)]
    pub(super) const fn limbs(&self) -> &[[Vector; 5]; G] {
        &self.0
    }

    /// The limbs, to set: in order.
    #[inline(always)]
    pub(super) const fn limbs_mut(&mut self) -> &mut [[Vector; 5]; G] {
        &mut self.0
    }

    /// Into Montgomery form.
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn montgomery(&self) -> Sum<G> {
        self.mul(&Self::splat(R_SQUARED))
    }

    /// x below p, as words.
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn plain_words(&self) -> [[Vector; 4]; G] {
        self.mul(&Self::splat([1, 0, 0, 0])).words()
    }

    /// The value, to add to.
    #[inline(always)]
    pub(super) fn sum(&self) -> Sum<G> {
        let mut out = self.0;
        for limb in out.as_flattened_mut() {
            *limb = limb.and(limb.filled(MASK));
        }
        Sum(out)
    }

    /// a·b.
    #[inline(always)]
    pub(super) fn mul(&self, other: &Self) -> Sum<G> {
        let zero = self.0[0][0].filled(0);
        let mut out = [[zero; 5]; G];
        for (out, (a, b)) in out.iter_mut().zip(self.0.iter().zip(&other.0)) {
            *out = reduce(product([zero; 10], a, b));
        }
        Sum(out)
    }

    /// a².
    #[inline(always)]
    pub(super) fn square(&self) -> Sum<G> {
        let mut out = [[self.0[0][0].filled(0); 5]; G];
        for (out, a) in out.iter_mut().zip(&self.0) {
            *out = reduce(square(a));
        }
        Sum(out)
    }

    /// a·b − c·d with one reduction; above −(c·d/16)·p.
    #[inline(always)]
    pub(super) fn mul_sub(&self, b: &Self, c: &Self, d: &Self) -> Sum<G> {
        let zero = self.0[0][0].filled(0);
        let mut out = [[zero; 5]; G];
        let factors = self.0.iter().zip(&b.0).zip(c.0.iter().zip(&d.0));
        for (out, ((a, b), (c, d))) in out.iter_mut().zip(factors) {
            let mut t = product([zero; 10], c, d);
            for column in &mut t {
                *column = zero.sub(*column);
            }
            *out = reduce(product(t, a, b));
        }
        Sum(out)
    }

    /// a·b − 8·c² with one reduction; above −(c²/2)·p.
    #[inline(always)]
    pub(super) fn mul_sub_square8(&self, b: &Self, c: &Self) -> Sum<G> {
        let zero = self.0[0][0].filled(0);
        let mut out = [[zero; 5]; G];
        for (out, ((a, b), c)) in out.iter_mut().zip(self.0.iter().zip(&b.0).zip(&c.0)) {
            let mut t = square(c);
            for column in &mut t {
                *column = zero.sub(column.shift_left::<3>());
            }
            *out = reduce(product(t, a, b));
        }
        Sum(out)
    }

    #[inline(never)]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn square_times(&self, times: u32) -> Self {
        let mut x = *self;
        for _ in 0..times {
            x = x.square().factor();
        }
        x
    }

    /// x^(p − 2): the inverse, and zero for zero. The same chain for every x.
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn invert(&self) -> Self {
        // p − 2, from the top: 31 ones, 0, 128 ones, 32 zeros, 62 ones, 0, 1.
        let x1 = *self;
        let x2 = x1.square_times(1).mul(&x1).factor();
        let x4 = x2.square_times(2).mul(&x2).factor();
        let x6 = x4.square_times(2).mul(&x2).factor();
        let x8 = x4.square_times(4).mul(&x4).factor();
        let x16 = x8.square_times(8).mul(&x8).factor();
        let x24 = x16.square_times(8).mul(&x8).factor();
        let x30 = x24.square_times(6).mul(&x6).factor();
        let x31 = x30.square_times(1).mul(&x1).factor();
        let x32 = x31.square_times(1).mul(&x1).factor();
        let x62 = x32.square_times(30).mul(&x30).factor();
        let mut t = x31.square_times(33).mul(&x32).factor();
        for _ in 0..3 {
            t = t.square_times(32).mul(&x32).factor();
        }
        t = t.square_times(94).mul(&x62).factor();
        t.square_times(2).mul(&x1).factor()
    }
}

impl<const G: usize> Sum<G> {
    #[inline(always)]
    pub(super) fn add(mut self, other: &Self) -> Self {
        for (a, b) in self.0.as_flattened_mut().iter_mut().zip(other.0.as_flattened()) {
            *a = a.add(*b);
        }
        self
    }

    #[inline(always)]
    pub(super) fn sub(mut self, other: &Self) -> Self {
        for (a, b) in self.0.as_flattened_mut().iter_mut().zip(other.0.as_flattened()) {
            *a = a.sub(*b);
        }
        self
    }

    /// Times two to the `N`.
    #[inline(always)]
    pub(super) fn shifted<const N: u32>(mut self) -> Self {
        for a in self.0.as_flattened_mut() {
            *a = a.shift_left::<N>();
        }
        self
    }

    /// Plus `N`·p.
    #[inline(always)]
    pub(super) fn plus_p<const N: i64>(mut self) -> Self {
        for a in &mut self.0 {
            a[0] = a[0].sub(a[0].filled(N));
            a[1] = a[1].add(a[1].filled(N * LOW));
            a[4] = a[4].add(a[4].filled(N * HIGH));
        }
        self
    }

    /// −a in the lanes of `mask`, a in the others.
    #[inline(always)]
    pub(super) fn negated_where(mut self, mask: &Mask<G>) -> Self {
        for (a, &mask) in self.0.iter_mut().zip(mask) {
            for a in a {
                *a = a.or_where(mask, a.filled(0).sub(*a));
            }
        }
        self
    }

    /// The same value, carried; it must not be negative and be below 2²⁶⁰.
    #[inline(always)]
    pub(super) fn factor(mut self) -> Factor<G> {
        for a in &mut self.0 {
            for i in 0..4 {
                a[i + 1] = a[i + 1].add(a[i].shift_right_signed::<52>());
            }
        }
        Factor(self.0)
    }

    /// A value below p + 2²³⁰ that is the same modulo p, carried; it must not be negative and be below 32·p.
    ///
    /// What the top limb has above 2²⁵⁶, q, is taken away as q·p. The carries that q lacks weigh less than 2²²⁴, what
    /// q·(2²⁵⁶ − p) puts back for each q.
    #[inline(always)]
    pub(super) fn reduced(mut self) -> Factor<G> {
        for a in &mut self.0 {
            let q = a[4].shift_right_signed::<48>();
            a[0] = a[0].add(q);
            a[1] = a[1].sub(q.shift_left::<12>()).add(q.shift_left::<44>());
            a[4] = a[4].and(q.filled((1 << 48) - 1)).add(q.shift_left::<16>());
        }
        self.factor()
    }

    /// Which values are zero modulo p; none may be negative or 2²⁶⁰ and more.
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn zero_mask(self) -> Mask<G> {
        // x·1/R is at most p, and p only for a multiple of p other than zero.
        let reduced = self.factor().mul(&Factor::splat([1, 0, 0, 0])).factor().sum();
        let mut mask = [0; G];
        for (mask, a) in mask.iter_mut().zip(&reduced.0) {
            *mask = is(a, &[0; 5]) | is(a, &P);
        }
        mask
    }

    /// Words of a value at most p; zero for p.
    #[inline(always)]
    fn words(self) -> [[Vector; 4]; G] {
        let reduced = self.factor().sum();
        let mut out = [[reduced.0[0][0]; 4]; G];
        for (out, limbs) in out.iter_mut().zip(&reduced.0) {
            let p = is(limbs, &P);
            let mut limbs = *limbs;
            for limb in &mut limbs {
                *limb = limb.or_where(p, limb.filled(0));
            }
            let [a, b, c, d, e] = limbs;
            *out = [
                a.or(b.shift_left::<52>()),
                b.shift_right::<12>().or(c.shift_left::<40>()),
                c.shift_right::<24>().or(d.shift_left::<28>()),
                d.shift_right::<36>().or(e.shift_left::<16>()),
            ];
        }
        out
    }
}

/// The lanes in which the limbs are those of `value`.
#[inline(always)]
fn is(a: &[Vector; 5], value: &[i64; 5]) -> u8 {
    let mut differ = a[0].filled(0);
    for (limb, &value) in a.iter().zip(value) {
        differ = differ.or(limb.xor(limb.filled(value)));
    }
    !differ.lanes_with(differ)
}
