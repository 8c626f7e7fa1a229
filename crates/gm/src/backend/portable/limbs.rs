//! 256-bit numbers as four 64-bit limbs, least significant first; every function is branch-free.

pub(crate) type Limbs = [u64; 4];

/// a + b + carry.
#[inline(always)]
pub(crate) const fn add_carry(a: u64, b: u64, carry: bool) -> (u64, bool) {
    let (sum, c1) = a.overflowing_add(b);
    let (sum, c2) = sum.overflowing_add(carry as u64);
    (sum, c1 | c2)
}

/// a − b − borrow.
#[inline(always)]
pub(crate) const fn sub_borrow(a: u64, b: u64, borrow: bool) -> (u64, bool) {
    let (difference, b1) = a.overflowing_sub(b);
    let (difference, b2) = difference.overflowing_sub(borrow as u64);
    (difference, b1 | b2)
}

/// sum + a·b + carry, as (low, high); it cannot overflow.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "both halves are returned")]
pub(crate) const fn mul_add(sum: u64, a: u64, b: u64, carry: u64) -> (u64, u64) {
    let t =
        (a as u128).wrapping_mul(b as u128).wrapping_add(sum as u128).wrapping_add(carry as u128);
    (t as u64, (t >> 64) as u64)
}

#[inline(always)]
pub(crate) const fn add(a: &Limbs, b: &Limbs) -> (Limbs, bool) {
    let (r0, c) = add_carry(a[0], b[0], false);
    let (r1, c) = add_carry(a[1], b[1], c);
    let (r2, c) = add_carry(a[2], b[2], c);
    let (r3, c) = add_carry(a[3], b[3], c);
    ([r0, r1, r2, r3], c)
}

#[inline(always)]
pub(crate) const fn sub(a: &Limbs, b: &Limbs) -> (Limbs, bool) {
    let (r0, c) = sub_borrow(a[0], b[0], false);
    let (r1, c) = sub_borrow(a[1], b[1], c);
    let (r2, c) = sub_borrow(a[2], b[2], c);
    let (r3, c) = sub_borrow(a[3], b[3], c);
    ([r0, r1, r2, r3], c)
}

/// `b` where `mask` is ones, `a` where it is zero.
#[inline(always)]
pub(crate) const fn select(a: &Limbs, b: &Limbs, mask: u64) -> Limbs {
    [
        a[0] ^ (mask & (a[0] ^ b[0])),
        a[1] ^ (mask & (a[1] ^ b[1])),
        a[2] ^ (mask & (a[2] ^ b[2])),
        a[3] ^ (mask & (a[3] ^ b[3])),
    ]
}

/// (carry, a) − m where that is not negative, else a; for (carry, a) < 2m.
#[inline(always)]
pub(crate) const fn reduce_once(a: &Limbs, carry: bool, m: &Limbs) -> Limbs {
    let (r, borrow) = sub(a, m);
    // Keep `a` only if the subtraction borrowed and there was no carry to borrow from.
    let keep = (borrow as u64 & !(carry as u64)).wrapping_neg();
    select(&r, a, keep)
}

/// a + b mod m, for a, b < m.
#[inline(always)]
pub(crate) const fn add_mod(a: &Limbs, b: &Limbs, m: &Limbs) -> Limbs {
    let (sum, carry) = add(a, b);
    reduce_once(&sum, carry, m)
}

/// a − b mod m, for a, b < m.
#[inline(always)]
pub(crate) const fn sub_mod(a: &Limbs, b: &Limbs, m: &Limbs) -> Limbs {
    let (r, borrow) = sub(a, b);
    let mask = (borrow as u64).wrapping_neg();
    add(&r, &[m[0] & mask, m[1] & mask, m[2] & mask, m[3] & mask]).0
}

/// Ones if `a` is zero, else zero.
#[inline(always)]
pub(crate) const fn zero_mask(a: &Limbs) -> u64 {
    let any = a[0] | a[1] | a[2] | a[3];
    ((any | any.wrapping_neg()) >> 63).wrapping_sub(1)
}

/// The 512-bit product.
#[inline(always)]
pub(crate) const fn mul_wide(a: &Limbs, b: &Limbs) -> [u64; 8] {
    let (r0, c) = mul_add(0, a[0], b[0], 0);
    let (r1, c) = mul_add(0, a[0], b[1], c);
    let (r2, c) = mul_add(0, a[0], b[2], c);
    let (r3, r4) = mul_add(0, a[0], b[3], c);
    let (r1, c) = mul_add(r1, a[1], b[0], 0);
    let (r2, c) = mul_add(r2, a[1], b[1], c);
    let (r3, c) = mul_add(r3, a[1], b[2], c);
    let (r4, r5) = mul_add(r4, a[1], b[3], c);
    let (r2, c) = mul_add(r2, a[2], b[0], 0);
    let (r3, c) = mul_add(r3, a[2], b[1], c);
    let (r4, c) = mul_add(r4, a[2], b[2], c);
    let (r5, r6) = mul_add(r5, a[2], b[3], c);
    let (r3, c) = mul_add(r3, a[3], b[0], 0);
    let (r4, c) = mul_add(r4, a[3], b[1], c);
    let (r5, c) = mul_add(r5, a[3], b[2], c);
    let (r6, r7) = mul_add(r6, a[3], b[3], c);
    [r0, r1, r2, r3, r4, r5, r6, r7]
}

/// The 512-bit square: six products doubled, four squares.
#[inline(always)]
pub(crate) const fn square_wide(a: &Limbs) -> [u64; 8] {
    let (r1, c) = mul_add(0, a[0], a[1], 0);
    let (r2, c) = mul_add(0, a[0], a[2], c);
    let (r3, r4) = mul_add(0, a[0], a[3], c);
    let (r3, c) = mul_add(r3, a[1], a[2], 0);
    let (r4, r5) = mul_add(r4, a[1], a[3], c);
    let (r5, r6) = mul_add(r5, a[2], a[3], 0);

    let r7 = r6 >> 63;
    let r6 = r6 << 1 | r5 >> 63;
    let r5 = r5 << 1 | r4 >> 63;
    let r4 = r4 << 1 | r3 >> 63;
    let r3 = r3 << 1 | r2 >> 63;
    let r2 = r2 << 1 | r1 >> 63;
    let r1 = r1 << 1;

    let (r0, h) = mul_add(0, a[0], a[0], 0);
    let (r1, c) = add_carry(r1, h, false);
    let (l, h) = mul_add(0, a[1], a[1], 0);
    let (r2, c) = add_carry(r2, l, c);
    let (r3, c) = add_carry(r3, h, c);
    let (l, h) = mul_add(0, a[2], a[2], 0);
    let (r4, c) = add_carry(r4, l, c);
    let (r5, c) = add_carry(r5, h, c);
    let (l, h) = mul_add(0, a[3], a[3], 0);
    let (r6, c) = add_carry(r6, l, c);
    let (r7, _) = add_carry(r7, h, c);
    [r0, r1, r2, r3, r4, r5, r6, r7]
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
