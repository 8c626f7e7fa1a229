//! SM4 (GB/T 32907) without tables: bitsliced over 64 blocks, or two blocks at a time for short data.

use zeroize::{Zeroize, Zeroizing};

use super::sbox;

/// FK and CK of GB/T 32907 7.3.
pub(crate) const FK: [u32; 4] = [0xa3b1_bac6, 0x56aa_3350, 0x677d_9197, 0xb270_22dc];
pub(crate) const CK: [u32; 32] = {
    let mut ck = [0_u32; 32];
    let mut i = 0;
    while i < 128 {
        ck[(i / 4) as usize] = (ck[(i / 4) as usize] << 8) | ((i * 7) % 256);
        i += 1;
    }
    ck
};

/// What the circuit of the S-box leaves out, moved into the round keys.
///
/// Its input constant is simply added. Its output constant passes L as 0x4F4F4F4F and stays, unapplied, on every
/// word X_i with ⌊i/4⌋ odd, so each round key takes up what is pending on the three words it meets. Nothing is
/// pending on X_32 … X_35.
const PENDING: [u32; 32] = {
    let input = u32::from_ne_bytes([sbox::IN; 4]);
    let output = u32::from_ne_bytes([sbox::OUT.rotate_left(2); 4]);
    let mut pending = [input; 32];
    let mut i = 0;
    while i < 32 {
        let mut word = i + 1;
        while word <= i + 3 {
            if word / 4 % 2 == 1 {
                pending[i] ^= output;
            }
            word += 1;
        }
        i += 1;
    }
    pending
};

/// The round keys for encryption; decryption uses them backwards.
pub(crate) fn expand_key(key: &[u8; 16], round_keys: &mut [u32; 32]) {
    let (words, _) = key.as_chunks::<4>();
    let mut k = Zeroizing::new([0; 4]);
    for ((k, word), fk) in k.iter_mut().zip(words).zip(FK) {
        *k = u32::from_be_bytes(*word) ^ fk;
    }
    for (i, ck) in CK.into_iter().enumerate() {
        let x = k[(i + 1) % 4] ^ k[(i + 2) % 4] ^ k[(i + 3) % 4] ^ ck;
        let s = substitute(u64::from(x ^ u32::from_ne_bytes([sbox::IN; 4])));
        let s = low(s) ^ u32::from_ne_bytes([sbox::OUT; 4]);
        k[i % 4] ^= s ^ s.rotate_left(13) ^ s.rotate_left(23);
        round_keys[i] = k[i % 4];
    }
}

/// Runs the cipher over `blocks` in place; `backwards` decrypts.
pub(crate) fn crypt_blocks(round_keys: &[u32; 32], backwards: bool, blocks: &mut [[u8; 16]]) {
    let mut keys = Zeroizing::new([0; 32]);
    for (i, (key, pending)) in keys.iter_mut().zip(PENDING).enumerate() {
        *key = round_keys[if backwards { 31 - i } else { i }] ^ pending;
    }
    // Sixty-four at once cost as much as about eight one after another (measured).
    for chunk in blocks.chunks_mut(64) {
        if chunk.len() > 8 {
            crypt_sliced(&keys, chunk);
        } else {
            chunk.chunks_mut(2).for_each(|pair| crypt_pair(&keys, pair));
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is what is asked for")]
const fn low(x: u64) -> u32 {
    x as u32
}

/// The S-box circuit on the eight bytes of `x`: the planes are shifted copies, one bit in eight of each counts.
#[inline(always)]
fn substitute(x: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let y = sbox::circuit([x, x >> 1, x >> 2, x >> 3, x >> 4, x >> 5, x >> 6, x >> 7]);
    let mut out = 0;
    for (i, plane) in y.into_iter().enumerate() {
        out |= (plane & ONES) << i;
    }
    out
}

/// One or two blocks, word i of both in one `u64`.
fn crypt_pair(keys: &[u32; 32], blocks: &mut [[u8; 16]]) {
    let mut x = [0_u64; 4];
    for (lane, block) in blocks.iter().enumerate() {
        for (x, word) in x.iter_mut().zip(block.as_chunks::<4>().0) {
            *x |= u64::from(u32::from_be_bytes(*word)) << (32 * lane);
        }
    }
    for (i, &key) in keys.iter().enumerate() {
        let key = u64::from(key) << 32 | u64::from(key);
        let s = substitute(x[(i + 1) % 4] ^ x[(i + 2) % 4] ^ x[(i + 3) % 4] ^ key);
        x[i % 4] ^= s ^ rotate(s, 2) ^ rotate(s, 10) ^ rotate(s, 18) ^ rotate(s, 24);
    }
    for (lane, block) in blocks.iter_mut().enumerate() {
        for (word, x) in block.as_chunks_mut::<4>().0.iter_mut().zip(x.iter().rev()) {
            *word = low(x >> (32 * lane)).to_be_bytes();
        }
    }
    x.zeroize();
}

/// Rotates both halves.
#[inline(always)]
const fn rotate(x: u64, by: u32) -> u64 {
    let lower = 0xffff_ffff >> (32 - by);
    let mask = lower << 32 | lower;
    ((x << by) & !mask) | ((x >> (32 - by)) & mask)
}

/// Up to 64 blocks, bit b of word i of block n in bit n of plane `x[i][b]`.
fn crypt_sliced(keys: &[u32; 32], blocks: &mut [[u8; 16]]) {
    let mut x = slice(blocks);
    for quad in keys.as_chunks::<4>().0 {
        for (i, &key) in quad.iter().enumerate() {
            round_sliced(&mut x, i, key);
        }
    }
    x.reverse();
    unslice(&x, blocks);
    x.zeroize();
}

#[inline(always)]
fn round_sliced(x: &mut [[u64; 32]; 4], i: usize, key: u32) {
    let mut s = [0_u64; 32];
    for byte in 0..4 {
        let planes = core::array::from_fn(|bit| {
            let b = 8 * byte + bit;
            let key = u64::from(key >> b & 1).wrapping_neg();
            x[(i + 1) % 4][b] ^ x[(i + 2) % 4][b] ^ x[(i + 3) % 4][b] ^ key
        });
        s[8 * byte..8 * byte + 8].copy_from_slice(&sbox::circuit(planes));
    }
    for b in 0..32 {
        x[i][b] ^= s[b] ^ s[(b + 30) % 32] ^ s[(b + 22) % 32] ^ s[(b + 14) % 32] ^ s[(b + 8) % 32];
    }
}

fn slice(blocks: &[[u8; 16]]) -> [[u64; 32]; 4] {
    let mut x = [[0; 32]; 4];
    for half in 0..2 {
        let mut rows = [0_u64; 64];
        for (row, block) in rows.iter_mut().zip(blocks) {
            let words = block.as_chunks::<4>().0;
            *row = u64::from(u32::from_be_bytes(words[2 * half]))
                | u64::from(u32::from_be_bytes(words[2 * half + 1])) << 32;
        }
        transpose(&mut rows);
        x[2 * half].copy_from_slice(&rows[..32]);
        x[2 * half + 1].copy_from_slice(&rows[32..]);
    }
    x
}

fn unslice(x: &[[u64; 32]; 4], blocks: &mut [[u8; 16]]) {
    for half in 0..2 {
        let mut rows = [0_u64; 64];
        rows[..32].copy_from_slice(&x[2 * half]);
        rows[32..].copy_from_slice(&x[2 * half + 1]);
        transpose(&mut rows);
        for (row, block) in rows.iter().zip(blocks.iter_mut()) {
            let words = block.as_chunks_mut::<4>().0;
            words[2 * half] = low(*row).to_be_bytes();
            words[2 * half + 1] = low(row >> 32).to_be_bytes();
        }
    }
}

/// Transposes a 64 × 64 bit matrix: swaps ever smaller off-diagonal squares.
fn transpose(rows: &mut [u64; 64]) {
    let mut mask = u64::MAX >> 32;
    let mut width = 32;
    while width > 0 {
        for k in (0..64).filter(|k| k & width == 0) {
            let t = (rows[k] >> width ^ rows[k + width]) & mask;
            rows[k] ^= t << width;
            rows[k + width] ^= t;
        }
        width /= 2;
        mask ^= mask << width;
    }
}
