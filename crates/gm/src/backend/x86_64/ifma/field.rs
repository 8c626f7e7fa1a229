//! The field of the SM2 curve in `G` groups of eight lanes: radix 2⁵², Montgomery form with R = 2²⁶⁰.
//!
//! Two shapes, because VPMADD52 reads the low 52 bits of what it multiplies and nothing else. A [`Factor`] may be
//! multiplied: its value is made of the low 52 bits of its limbs, the bits above mean nothing. A [`Sum`] may be
//! added to: its limbs are signed, overlap, and its value is Σ limb·2^(52·i). [`Sum::factor`] carries,
//! [`Sum::reduced`] also takes the value down to p + 2²³⁰.
//!
//! Values are below some multiple of p, of which the callers keep account: the product of factors below a·p and b·p is
//! below (a·b/16 + 1)·p, and a factor must stay below 2²⁶⁰, which is a little more than 16·p.

use core::arch::x86_64::{
    __m512i, __mmask8, _mm512_add_epi64, _mm512_and_si512, _mm512_madd52hi_epu64,
    _mm512_madd52lo_epu64, _mm512_mask_sub_epi64, _mm512_maskz_mov_epi64, _mm512_or_si512,
    _mm512_set1_epi64, _mm512_setzero_si512, _mm512_slli_epi64, _mm512_srai_epi64,
    _mm512_srli_epi64, _mm512_sub_epi64, _mm512_test_epi64_mask, _mm512_xor_si512,
};

use zeroize::Zeroize;

/// 52 ones.
const MASK: i64 = (1 << 52) - 1;
/// p + 1 = `LOW`·2⁵² + `HIGH`·2²⁰⁸: two limbs, one of them negative.
const LOW: i64 = (1 << 12) - (1 << 44);
const HIGH: i64 = (1 << 48) - (1 << 16);
/// The limbs of p.
const P: [i64; 5] = [MASK, (1 << 52) + LOW - 1, MASK, MASK, HIGH - 1];

/// 2²⁶⁰, 2⁵²⁰ and 2²⁵⁶ modulo p, as words.
const R: [u64; 4] = [0x10, 0x0000_000f_ffff_fff0, 0, 0x0000_0010_0000_0000];
const R_SQUARED: [u64; 4] =
    [0x0000_0200_0000_0300, 0x0000_02ff_ffff_ff00, 0x0000_0100_0000_0100, 0x0000_0400_0000_0200];
const TWO_256: [u64; 4] = [1, 0x0000_0000_ffff_ffff, 0, 0x0000_0001_0000_0000];

/// 8·G field elements to multiply.
#[derive(Clone, Copy, Zeroize)]
pub(super) struct Factor<const G: usize>([[__m512i; 5]; G]);

/// 8·G field elements to add to.
#[derive(Clone, Copy)]
pub(super) struct Sum<const G: usize>([[__m512i; 5]; G]);

/// One bit a lane, one byte a group.
pub(super) type Mask<const G: usize> = [__mmask8; G];

/// A product before reduction: ten columns of 2⁵².
type Wide = [__m512i; 10];

/// The columns of a·b: 25 low and 25 high halves, row by row, so that neighbours go to different columns.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn product(a: &[__m512i; 5], b: &[__m512i; 5]) -> Wide {
    let mut t = [_mm512_setzero_si512(); 10];
    for (i, &a) in a.iter().enumerate() {
        for (j, &b) in b.iter().enumerate() {
            t[i + j] = _mm512_madd52lo_epu64(t[i + j], a, b);
        }
        for (j, &b) in b.iter().enumerate() {
            t[i + j + 1] = _mm512_madd52hi_epu64(t[i + j + 1], a, b);
        }
    }
    t
}

/// The columns of a²: the ten mixed products doubled, then the five squares.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn square(a: &[__m512i; 5]) -> Wide {
    let mut t = [_mm512_setzero_si512(); 10];
    for i in 0..4 {
        for j in i + 1..5 {
            t[i + j] = _mm512_madd52lo_epu64(t[i + j], a[i], a[j]);
        }
        for j in i + 1..5 {
            t[i + j + 1] = _mm512_madd52hi_epu64(t[i + j + 1], a[i], a[j]);
        }
    }
    for column in &mut t[1..9] {
        *column = _mm512_add_epi64(*column, *column);
    }
    for (i, &a) in a.iter().enumerate() {
        t[2 * i] = _mm512_madd52lo_epu64(t[2 * i], a, a);
        t[2 * i + 1] = _mm512_madd52hi_epu64(t[2 * i + 1], a, a);
    }
    t
}

/// t / 2²⁶⁰ mod p, with overlapping limbs.
///
/// p ≡ −1 mod 2⁵², so each step's factor m is the lowest limb itself, and adding m·p clears it by adding m·(p + 1) to
/// those above. `LOW` is negative: 2⁵² + `LOW` is multiplied instead, and m taken away one limb higher.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn reduce(mut t: Wide) -> [__m512i; 5] {
    let mask = _mm512_set1_epi64(MASK);
    let low = _mm512_set1_epi64((1 << 52) + LOW);
    let high = _mm512_set1_epi64(HIGH);
    for i in 0..5 {
        let m = t[i];
        t[i + 1] = _mm512_madd52lo_epu64(t[i + 1], m, low);
        t[i + 1] = _mm512_add_epi64(t[i + 1], _mm512_srai_epi64::<52>(m));
        t[i + 2] = _mm512_madd52hi_epu64(t[i + 2], m, low);
        t[i + 2] = _mm512_sub_epi64(t[i + 2], _mm512_and_si512(m, mask));
        t[i + 4] = _mm512_madd52lo_epu64(t[i + 4], m, high);
        t[i + 5] = _mm512_madd52hi_epu64(t[i + 5], m, high);
    }
    [t[5], t[6], t[7], t[8], t[9]]
}

impl<const G: usize> Factor<G> {
    /// The same words in every lane.
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn splat(words: [u64; 4]) -> Self {
        Self::from_words(&[words.map(|word| _mm512_set1_epi64(word.cast_signed())); G])
    }

    /// 1, in Montgomery form.
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn one() -> Self {
        Self::splat(R)
    }

    /// The limbs of four 64-bit words.
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn from_words(words: &[[__m512i; 4]; G]) -> Self {
        Self(words.map(|[a, b, c, d]| {
            [
                a,
                _mm512_or_si512(_mm512_srli_epi64::<52>(a), _mm512_slli_epi64::<12>(b)),
                _mm512_or_si512(_mm512_srli_epi64::<40>(b), _mm512_slli_epi64::<24>(c)),
                _mm512_or_si512(_mm512_srli_epi64::<28>(c), _mm512_slli_epi64::<36>(d)),
                _mm512_srli_epi64::<16>(d),
            ]
        }))
    }

    /// Sixteen times four 64-bit words: what was a Montgomery form with R = 2²⁵⁶ has R = 2²⁶⁰ then. Below 2²⁶⁰.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn from_words_of_256(words: &[[__m512i; 4]; G]) -> Self {
        Self(words.map(|[a, b, c, d]| {
            [
                _mm512_slli_epi64::<4>(a),
                _mm512_or_si512(_mm512_srli_epi64::<48>(a), _mm512_slli_epi64::<16>(b)),
                _mm512_or_si512(_mm512_srli_epi64::<36>(b), _mm512_slli_epi64::<28>(c)),
                _mm512_or_si512(_mm512_srli_epi64::<24>(c), _mm512_slli_epi64::<40>(d)),
                _mm512_srli_epi64::<12>(d),
            ]
        }))
    }

    /// From limbs that are in order.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn from_limbs(limbs: [[__m512i; 5]; G]) -> Self {
        Self(limbs)
    }

    /// The limbs; what lies above their 52 bits means nothing.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn limbs(&self) -> &[[__m512i; 5]; G] {
        &self.0
    }

    /// Into Montgomery form.
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn to_montgomery(&self) -> Sum<G> {
        self.mul(&Self::splat(R_SQUARED))
    }

    /// x·2²⁵⁶ mod p below p, as words: the Montgomery form of the scalar code.
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn words_of_256(&self) -> [[__m512i; 4]; G] {
        self.mul(&Self::splat(TWO_256)).words()
    }

    /// x below p, as words.
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn to_words(&self) -> [[__m512i; 4]; G] {
        self.mul(&Self::splat([1, 0, 0, 0])).words()
    }

    /// The value, to add to.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn sum(&self) -> Sum<G> {
        let mask = _mm512_set1_epi64(MASK);
        let mut out = self.0;
        for limb in out.as_flattened_mut() {
            *limb = _mm512_and_si512(*limb, mask);
        }
        Sum(out)
    }

    /// a·b.
    #[inline(never)]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn mul(&self, other: &Self) -> Sum<G> {
        let mut out = self.0;
        for (out, other) in out.iter_mut().zip(&other.0) {
            *out = reduce(product(out, other));
        }
        Sum(out)
    }

    /// a².
    #[inline(never)]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn square(&self) -> Sum<G> {
        let mut out = self.0;
        for out in &mut out {
            *out = reduce(square(out));
        }
        Sum(out)
    }

    /// a·b − c·d with one reduction; above −(c·d/16)·p.
    #[inline(never)]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn mul_sub(&self, b: &Self, c: &Self, d: &Self) -> Sum<G> {
        let mut out = self.0;
        for (out, ((b, c), d)) in out.iter_mut().zip(b.0.iter().zip(&c.0).zip(&d.0)) {
            let mut t = product(out, b);
            for (t, u) in t.iter_mut().zip(product(c, d)) {
                *t = _mm512_sub_epi64(*t, u);
            }
            *out = reduce(t);
        }
        Sum(out)
    }

    /// a·b − 8·c² with one reduction; above −(c²/2)·p.
    #[inline(never)]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn mul_sub_square8(&self, b: &Self, c: &Self) -> Sum<G> {
        let mut out = self.0;
        for (out, (b, c)) in out.iter_mut().zip(b.0.iter().zip(&c.0)) {
            let mut t = product(out, b);
            for (t, u) in t.iter_mut().zip(square(c)) {
                *t = _mm512_sub_epi64(*t, _mm512_slli_epi64::<3>(u));
            }
            *out = reduce(t);
        }
        Sum(out)
    }

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
    /// Zero.
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn zero() -> Self {
        Self([[_mm512_setzero_si512(); 5]; G])
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn add(mut self, other: &Self) -> Self {
        for (a, b) in self.0.as_flattened_mut().iter_mut().zip(other.0.as_flattened()) {
            *a = _mm512_add_epi64(*a, *b);
        }
        self
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn sub(mut self, other: &Self) -> Self {
        for (a, b) in self.0.as_flattened_mut().iter_mut().zip(other.0.as_flattened()) {
            *a = _mm512_sub_epi64(*a, *b);
        }
        self
    }

    /// Times two to the `N`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn shifted<const N: u32>(mut self) -> Self {
        for a in self.0.as_flattened_mut() {
            *a = _mm512_slli_epi64::<N>(*a);
        }
        self
    }

    /// Plus `N`·p.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn plus_p<const N: i64>(mut self) -> Self {
        for a in &mut self.0 {
            a[0] = _mm512_sub_epi64(a[0], _mm512_set1_epi64(N));
            a[1] = _mm512_add_epi64(a[1], _mm512_set1_epi64(N * LOW));
            a[4] = _mm512_add_epi64(a[4], _mm512_set1_epi64(N * HIGH));
        }
        self
    }

    /// −a in the lanes of `mask`, a in the others.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn negated_where(mut self, mask: &Mask<G>) -> Self {
        let zero = _mm512_setzero_si512();
        for (a, &mask) in self.0.iter_mut().zip(mask) {
            for a in a {
                *a = _mm512_mask_sub_epi64(*a, mask, zero, *a);
            }
        }
        self
    }

    /// The same value, carried; it must not be negative and be below 2²⁶⁰.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn factor(mut self) -> Factor<G> {
        for a in &mut self.0 {
            for i in 0..4 {
                a[i + 1] = _mm512_add_epi64(a[i + 1], _mm512_srai_epi64::<52>(a[i]));
            }
        }
        Factor(self.0)
    }

    /// A value below p + 2²³⁰ that is the same modulo p, carried; it must not be negative and be below 32·p.
    ///
    /// What the top limb has above 2²⁵⁶, q, is taken away as q·p. The carries that q lacks weigh less than 2²²⁴, what
    /// q·(2²⁵⁶ − p) puts back for each q.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn reduced(mut self) -> Factor<G> {
        for a in &mut self.0 {
            let q = _mm512_srai_epi64::<48>(a[4]);
            let q16 = _mm512_slli_epi64::<16>(q);
            a[0] = _mm512_add_epi64(a[0], q);
            a[1] = _mm512_sub_epi64(a[1], _mm512_slli_epi64::<12>(q));
            a[1] = _mm512_add_epi64(a[1], _mm512_slli_epi64::<44>(q));
            a[4] = _mm512_and_si512(a[4], _mm512_set1_epi64((1 << 48) - 1));
            a[4] = _mm512_add_epi64(a[4], q16);
        }
        self.factor()
    }

    /// Which values are zero modulo p; none may be negative or 2²⁶⁰ and more.
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn zero_mask(self) -> Mask<G> {
        // x·1/R is at most p, and p only for a multiple of p other than zero.
        let reduced = self.factor().mul(&Factor::splat([1, 0, 0, 0])).factor().sum();
        reduced.0.map(|a| is(&a, &[0; 5]) | is(&a, &P))
    }

    /// Words of a value at most p; zero for p.
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn words(self) -> [[__m512i; 4]; G] {
        self.factor().sum().0.map(|a| {
            let keep = !is(&a, &P);
            let [a, b, c, d, e] = a.map(|limb| _mm512_maskz_mov_epi64(keep, limb));
            [
                _mm512_or_si512(a, _mm512_slli_epi64::<52>(b)),
                _mm512_or_si512(_mm512_srli_epi64::<12>(b), _mm512_slli_epi64::<40>(c)),
                _mm512_or_si512(_mm512_srli_epi64::<24>(c), _mm512_slli_epi64::<28>(d)),
                _mm512_or_si512(_mm512_srli_epi64::<36>(d), _mm512_slli_epi64::<16>(e)),
            ]
        })
    }
}

/// The lanes in which the limbs are those of `value`.
#[target_feature(enable = "avx512f,avx512ifma")]
fn is(a: &[__m512i; 5], value: &[i64; 5]) -> __mmask8 {
    let mut differ = _mm512_setzero_si512();
    for (&limb, &value) in a.iter().zip(value) {
        differ = _mm512_or_si512(differ, _mm512_xor_si512(limb, _mm512_set1_epi64(value)));
    }
    !_mm512_test_epi64_mask(differ, differ)
}
