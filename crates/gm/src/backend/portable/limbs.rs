//! 256-bit numbers as four 64-bit limbs, least significant first; every function is branch-free.
//!
//! A mask made from a carry passes [`black_box`]: without it LLVM sees that there are only two cases, and branches
//! (it did, in point doubling).

use core::hint::black_box;

pub(crate) type Limbs = [u64; 4];

/// Ones for true, zero for false.
#[inline(always)]
pub(crate) fn mask(condition: bool) -> u64 {
    black_box(u64::from(condition)).wrapping_neg()
}

#[inline(always)]
pub(crate) fn add(a: &Limbs, b: &Limbs) -> (Limbs, bool) {
    let (r0, c) = a[0].carrying_add(b[0], false);
    let (r1, c) = a[1].carrying_add(b[1], c);
    let (r2, c) = a[2].carrying_add(b[2], c);
    let (r3, c) = a[3].carrying_add(b[3], c);
    ([r0, r1, r2, r3], c)
}

#[inline(always)]
pub(crate) fn sub(a: &Limbs, b: &Limbs) -> (Limbs, bool) {
    let (r0, c) = a[0].borrowing_sub(b[0], false);
    let (r1, c) = a[1].borrowing_sub(b[1], c);
    let (r2, c) = a[2].borrowing_sub(b[2], c);
    let (r3, c) = a[3].borrowing_sub(b[3], c);
    ([r0, r1, r2, r3], c)
}

/// `b` where `mask` is ones, `a` where it is zero.
#[inline(always)]
pub(crate) fn select(a: &Limbs, b: &Limbs, mask: u64) -> Limbs {
    [
        a[0] ^ (mask & (a[0] ^ b[0])),
        a[1] ^ (mask & (a[1] ^ b[1])),
        a[2] ^ (mask & (a[2] ^ b[2])),
        a[3] ^ (mask & (a[3] ^ b[3])),
    ]
}

/// (carry, a) − m where that is not negative, else a; for (carry, a) < 2m.
#[inline(always)]
pub(crate) fn reduce_once(a: &Limbs, carry: bool, m: &Limbs) -> Limbs {
    // Not seen as a constant, m is subtracted by a plain chain of borrows.
    let (r, borrow) = sub(a, black_box(m));
    // Keep `a` only if the subtraction borrowed and there was no carry to borrow from.
    select(&r, a, mask(borrow & !carry))
}

/// a + b mod m, for a, b < m.
#[inline(always)]
pub(crate) fn add_mod(a: &Limbs, b: &Limbs, m: &Limbs) -> Limbs {
    let (sum, carry) = add(a, b);
    reduce_once(&sum, carry, m)
}

/// a − b mod m, for a, b < m.
#[inline(always)]
pub(crate) fn sub_mod(a: &Limbs, b: &Limbs, m: &Limbs) -> Limbs {
    let (r, borrow) = sub(a, b);
    let mask = mask(borrow);
    add(&r, &[m[0] & mask, m[1] & mask, m[2] & mask, m[3] & mask]).0
}

/// Ones if `a` is zero, else zero.
#[inline(always)]
pub(crate) fn zero_mask(a: &Limbs) -> u64 {
    let any = a[0] | a[1] | a[2] | a[3];
    ((any | any.wrapping_neg()) >> 63).wrapping_sub(1)
}

/// The 512-bit product.
#[inline(always)]
pub(crate) fn mul_wide(a: &Limbs, b: &Limbs) -> [u64; 8] {
    let (r0, c) = a[0].carrying_mul_add(b[0], 0, 0);
    let (r1, c) = a[0].carrying_mul_add(b[1], c, 0);
    let (r2, c) = a[0].carrying_mul_add(b[2], c, 0);
    let (r3, r4) = a[0].carrying_mul_add(b[3], c, 0);
    let (r1, c) = a[1].carrying_mul_add(b[0], 0, r1);
    let (r2, c) = a[1].carrying_mul_add(b[1], c, r2);
    let (r3, c) = a[1].carrying_mul_add(b[2], c, r3);
    let (r4, r5) = a[1].carrying_mul_add(b[3], c, r4);
    let (r2, c) = a[2].carrying_mul_add(b[0], 0, r2);
    let (r3, c) = a[2].carrying_mul_add(b[1], c, r3);
    let (r4, c) = a[2].carrying_mul_add(b[2], c, r4);
    let (r5, r6) = a[2].carrying_mul_add(b[3], c, r5);
    let (r3, c) = a[3].carrying_mul_add(b[0], 0, r3);
    let (r4, c) = a[3].carrying_mul_add(b[1], c, r4);
    let (r5, c) = a[3].carrying_mul_add(b[2], c, r5);
    let (r6, r7) = a[3].carrying_mul_add(b[3], c, r6);
    [r0, r1, r2, r3, r4, r5, r6, r7]
}

/// The 512-bit square: six products doubled, four squares.
#[inline(always)]
pub(crate) fn square_wide(a: &Limbs) -> [u64; 8] {
    let (r1, c) = a[0].carrying_mul_add(a[1], 0, 0);
    let (r2, c) = a[0].carrying_mul_add(a[2], c, 0);
    let (r3, r4) = a[0].carrying_mul_add(a[3], c, 0);
    let (r3, c) = a[1].carrying_mul_add(a[2], 0, r3);
    let (r4, r5) = a[1].carrying_mul_add(a[3], c, r4);
    let (r5, r6) = a[2].carrying_mul_add(a[3], 0, r5);

    let r7 = r6 >> 63;
    let r6 = r6 << 1 | r5 >> 63;
    let r5 = r5 << 1 | r4 >> 63;
    let r4 = r4 << 1 | r3 >> 63;
    let r3 = r3 << 1 | r2 >> 63;
    let r2 = r2 << 1 | r1 >> 63;
    let r1 = r1 << 1;

    let (r0, h) = a[0].carrying_mul_add(a[0], 0, 0);
    let (r1, c) = r1.carrying_add(h, false);
    let (l, h) = a[1].carrying_mul_add(a[1], 0, 0);
    let (r2, c) = r2.carrying_add(l, c);
    let (r3, c) = r3.carrying_add(h, c);
    let (l, h) = a[2].carrying_mul_add(a[2], 0, 0);
    let (r4, c) = r4.carrying_add(l, c);
    let (r5, c) = r5.carrying_add(h, c);
    let (l, h) = a[3].carrying_mul_add(a[3], 0, 0);
    let (r6, c) = r6.carrying_add(l, c);
    let (r7, _) = r7.carrying_add(h, c);
    [r0, r1, r2, r3, r4, r5, r6, r7]
}

/// Ones if the lowest bit is set, else zero.
#[inline(always)]
pub(crate) fn low_bit_mask(a: u64) -> u64 {
    black_box(a & 1).wrapping_neg()
}

/// Ones if equal, else zero, for values below 2⁶³; hidden from the optimiser, which might else branch.
#[inline(always)]
pub(crate) fn equal_mask(a: u64, b: u64) -> u64 {
    black_box(((a ^ b).wrapping_sub(1) >> 63).wrapping_neg())
}

pub(crate) fn from_bytes(bytes: &[u8; 32]) -> Limbs {
    let (words, _) = bytes.as_chunks::<8>();
    core::array::from_fn(|i| u64::from_be_bytes(words[3 - i]))
}

pub(crate) fn to_bytes(limbs: &Limbs) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (word, limb) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(limbs.iter().rev()) {
        *word = limb.to_be_bytes();
    }
    bytes
}
