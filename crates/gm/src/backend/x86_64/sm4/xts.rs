//! XTS on many blocks: the tweaks of four blocks in one register.

use core::arch::x86_64::*;

use super::{
    bulk::{Bulk, bulks, by_groups, crypt, load, load_some, store_some},
    maps,
    wide::{self, Group},
};
use crate::backend::portable::blockwise::{Tweaks, double};

/// Masks each block with its tweak, before and behind the cipher; `tweak` becomes that of the next block.
#[target_feature(enable = "avx512f,avx512bw,gfni,vpclmulqdq")]
pub(crate) fn xts(keys: &[u32; 32], order: Tweaks, tweak: &mut [u8; 16], blocks: &mut [[u8; 16]]) {
    let (bulks, rest) = bulks(blocks.as_flattened_mut());
    let mut masks = Masks::new(order, tweak);
    for bulk in bulks {
        xts_bulk(keys, &masks.next(), bulk);
    }
    let masks = masks.next();
    let mut tweaks = [[0; 256]; 4];
    for (tweaks, masks) in tweaks.iter_mut().zip(&masks) {
        wide::store(tweaks, *masks);
    }
    *tweak = tweaks.as_flattened().as_chunks().0[rest.len() / 16];
    by_groups!(rest, xts_some(keys, &masks, rest));
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,gfni")]
fn xts_bulk(keys: &[u32; 32], masks: &[Group; 4], bulk: &mut Bulk) {
    let mut x = load(bulk);
    for (x, masks) in x.iter_mut().zip(masks) {
        *x = wide::xor(*x, *masks);
    }
    crypt(&mut x, keys);
    for ((x, masks), bytes) in x.iter().zip(masks).zip(bulk) {
        wide::store(bytes, wide::xor(*x, *masks));
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,gfni")]
fn xts_some<const G: usize>(keys: &[u32; 32], masks: &[Group; 4], data: &mut [u8]) {
    let mut x = load_some::<G>(data);
    for (x, masks) in x.iter_mut().zip(masks) {
        *x = wide::xor(*x, *masks);
    }
    crypt(&mut x, keys);
    for (x, masks) in x.iter_mut().zip(masks) {
        *x = wide::xor(*x, *masks);
    }
    store_some(data, &x);
}

/// The tweaks from some block on: those of the next sixteen, in the order of IEEE 1619.
struct Masks {
    order: Tweaks,
    next: Group,
}

impl Masks {
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,gfni")]
    fn new(order: Tweaks, tweak: &[u8; 16]) -> Self {
        Self { order, next: wide::load(&sixteen(order, tweak)) }
    }

    /// Of the next sixty-four blocks, as they are added.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,gfni,vpclmulqdq")]
    fn next(&mut self) -> [Group; 4] {
        let a = self.next;
        let b = sixteen_on(a);
        let c = sixteen_on(b);
        let d = sixteen_on(c);
        self.next = sixteen_on(d);
        let masks = [a, b, c, d];
        if self.order == Tweaks::Plain {
            return masks;
        }
        let mut reversed = masks;
        wide::map(&mut reversed, maps::REVERSE);
        reversed
    }
}

/// The first sixteen tweaks.
///
/// Never inlined: the compiler would carry them through the loop in scalar registers.
#[inline(never)]
fn sixteen(order: Tweaks, tweak: &[u8; 16]) -> [u8; 256] {
    let mut tweak = match order {
        Tweaks::Plain => u128::from_le_bytes(*tweak),
        Tweaks::Reflected => u128::from_be_bytes(*tweak).reverse_bits(),
    };
    let mut tweaks = [0; 256];
    for block in tweaks.as_chunks_mut().0 {
        *block = tweak.to_le_bytes();
        tweak = double(tweak);
    }
    tweaks
}

/// The tweaks sixteen blocks on.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,vpclmulqdq")]
fn sixteen_on([a, b, c, d]: Group) -> Group {
    [times_x16(a), times_x16(b), times_x16(c), times_x16(d)]
}

/// Each lane times x¹⁶: what is shifted out comes back times x⁷ + x² + x + 1.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,vpclmulqdq")]
fn times_x16(tweaks: __m512i) -> __m512i {
    let out = _mm512_bsrli_epi128::<14>(tweaks);
    let back = _mm512_clmulepi64_epi128::<0x00>(out, _mm512_set1_epi64(0x87));
    _mm512_xor_si512(_mm512_bslli_epi128::<2>(tweaks), back)
}
