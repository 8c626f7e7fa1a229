//! The modes that have many blocks at once: ECB, CTR, CBC decryption.

use core::arch::x86_64::*;

use super::wide::{self, Group};

/// Sixty-four blocks, by groups.
pub(super) type Bulk = [[u8; 256]; 4];

/// Runs `$name::<G>` on what remains after whole bulks: at most sixty-four blocks, the last perhaps cut short.
macro_rules! by_groups {
    ($rest:expr, $name:ident($($argument:expr),*)) => {
        match $rest.len() {
            0 => (),
            1..=256 => $name::<1>($($argument),*),
            257..=512 => $name::<2>($($argument),*),
            513..=768 => $name::<3>($($argument),*),
            _ => $name::<4>($($argument),*),
        }
    };
}

pub(super) use by_groups;

/// Splits off whole bulks.
pub(super) fn bulks(data: &mut [u8]) -> (&mut [Bulk], &mut [u8]) {
    let whole = data.len() - data.len() % 1024;
    let (whole, rest) = data.split_at_mut(whole);
    (whole.as_chunks_mut().0.as_chunks_mut().0, rest)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
pub(super) fn load_some<const G: usize>(data: &[u8]) -> [Group; G] {
    let mut x = [[_mm512_setzero_si512(); 4]; G];
    for (register, bytes) in x.as_flattened_mut().iter_mut().zip(data.chunks(64)) {
        *register = wide::load_some(bytes);
    }
    x
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
pub(super) fn store_some<const G: usize>(data: &mut [u8], x: &[Group; G]) {
    for (register, bytes) in x.as_flattened().iter().zip(data.chunks_mut(64)) {
        wide::store_some(bytes, *register);
    }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn transpose<const G: usize>(x: &mut [Group; G]) {
    for group in x {
        *group = wide::transpose(*group);
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,gfni")]
pub(super) fn crypt<const G: usize>(x: &mut [Group; G], keys: &[u32; 32]) {
    transpose(x);
    wide::crypt(x, |i| wide::broadcast(keys[i]));
    transpose(x);
}

#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn load(bulk: &Bulk) -> [Group; 4] {
    [wide::load(&bulk[0]), wide::load(&bulk[1]), wide::load(&bulk[2]), wide::load(&bulk[3])]
}

/// Each block by itself; `keys` say in which direction.
#[target_feature(enable = "avx512f,avx512bw,gfni")]
pub(crate) fn crypt_blocks(keys: &[u32; 32], blocks: &mut [[u8; 16]]) {
    let (bulks, rest) = bulks(blocks.as_flattened_mut());
    for bulk in bulks {
        let mut x = load(bulk);
        crypt(&mut x, keys);
        for (x, bytes) in x.iter().zip(bulk) {
            wide::store(bytes, *x);
        }
    }
    by_groups!(rest, crypt_some(keys, rest));
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,gfni")]
fn crypt_some<const G: usize>(keys: &[u32; 32], data: &mut [u8]) {
    let mut x = load_some::<G>(data);
    crypt(&mut x, keys);
    store_some(data, &x);
}

/// XORs the encryptions of `counter`, `counter` + 1, … onto `data`; only the last 32 bits count.
#[target_feature(enable = "avx512f,avx512bw,gfni")]
pub(crate) fn ctr32(keys: &[u32; 32], counter: &[u8; 16], data: &mut [u8]) {
    let (bulks, rest) = bulks(data);
    let mut counter = Counter::new(counter);
    for bulk in bulks {
        let mut x = counter.next::<4>();
        wide::crypt(&mut x, |i| wide::broadcast(keys[i]));
        transpose(&mut x);
        for (x, bytes) in x.iter().zip(bulk) {
            wide::store(bytes, wide::xor(*x, wide::load(bytes)));
        }
    }
    by_groups!(rest, ctr32_some(keys, &mut counter, rest));
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,gfni")]
fn ctr32_some<const G: usize>(keys: &[u32; 32], counter: &mut Counter, data: &mut [u8]) {
    let mut x = counter.next::<G>();
    wide::crypt(&mut x, |i| wide::broadcast(keys[i]));
    transpose(&mut x);
    for (stream, bytes) in x.as_flattened().iter().zip(data.chunks_mut(64)) {
        let sum = _mm512_xor_si512(*stream, wide::load_some(bytes));
        wide::store_some(bytes, sum);
    }
}

/// Counter blocks, already in the order of words.
struct Counter {
    fixed: [__m512i; 3],
    /// The counts of the next sixteen blocks, as integers.
    counts: __m512i,
}

impl Counter {
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn new(counter: &[u8; 16]) -> Self {
        let [a, b, c, count] = [0, 4, 8, 12].map(|at| {
            u32::from_le_bytes([counter[at], counter[at + 1], counter[at + 2], counter[at + 3]])
        });
        // Doubleword i of lane l is block 4i + l.
        let steps = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
        Self {
            fixed: [wide::broadcast(a), wide::broadcast(b), wide::broadcast(c)],
            counts: _mm512_add_epi32(wide::broadcast(count.swap_bytes()), steps),
        }
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn next<const G: usize>(&mut self) -> [Group; G] {
        let swap = _mm512_broadcast_i32x4(_mm_setr_epi8(
            3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12,
        ));
        let [a, b, c] = self.fixed;
        let mut x = [[a, b, c, a]; G];
        for group in &mut x {
            group[3] = _mm512_shuffle_epi8(self.counts, swap);
            self.counts = _mm512_add_epi32(self.counts, _mm512_set1_epi32(16));
        }
        x
    }
}

/// CBC backwards; `keys` decrypt, and `previous` becomes the last ciphertext block.
#[target_feature(enable = "avx512f,avx512bw,gfni")]
pub(crate) fn cbc_decrypt(keys: &[u32; 32], previous: &mut [u8; 16], blocks: &mut [[u8; 16]]) {
    let (bulks, rest) = bulks(blocks.as_flattened_mut());
    // The last ciphertext block so far, in the highest lane.
    let mut before = _mm512_broadcast_i32x4(wide::load_block(previous));
    for bulk in bulks {
        let mut x = load(bulk);
        crypt(&mut x, keys);
        for (x, bytes) in x.iter().zip(bulk) {
            let mut sums = wide::load(bytes);
            for (sum, x) in sums.iter_mut().zip(x) {
                let ciphertext = *sum;
                *sum = _mm512_xor_si512(*x, _mm512_alignr_epi64::<6>(ciphertext, before));
                before = ciphertext;
            }
            wide::store(bytes, sums);
        }
    }
    *previous = wide::store_block(_mm512_extracti32x4_epi32::<3>(before));
    by_groups!(rest, cbc_decrypt_some(keys, previous, rest));
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,gfni")]
fn cbc_decrypt_some<const G: usize>(keys: &[u32; 32], previous: &mut [u8; 16], data: &mut [u8]) {
    let mut x = load_some::<G>(data);
    crypt(&mut x, keys);
    let mut before = _mm512_broadcast_i32x4(wide::load_block(previous));
    if let Some(last) = data.last_chunk() {
        *previous = *last;
    }
    for (x, bytes) in x.as_flattened().iter().zip(data.chunks_mut(64)) {
        let ciphertext = wide::load_some(bytes);
        let sum = _mm512_xor_si512(*x, _mm512_alignr_epi64::<6>(ciphertext, before));
        wide::store_some(bytes, sum);
        before = ciphertext;
    }
}
