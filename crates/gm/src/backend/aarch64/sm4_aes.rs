//! Where the SM4 instructions are missing: the rounds of [`aes_rounds`] with AESE and TBL, from level
//! [`Neon`](crate::backend::Backend::Neon).

#![allow(unsafe_code, reason = "loads and stores")]

use core::arch::aarch64::*;

use zeroize::Zeroizing;

use crate::backend::sm4::{
    aes_rounds::{ACROSS, BACK, IN, SAME, TURNED, Tables, aes_rounds},
    maps,
};

mod rounds {
    use super::*;

    aes_rounds!("neon,aes", uint8x16_t, 1);
}

/// Each block by itself; `backwards` decrypts.
#[target_feature(enable = "neon,aes")]
pub(crate) fn crypt_blocks(round_keys: &[u32; 32], backwards: bool, blocks: &mut [[u8; 16]]) {
    let mut keys = Zeroizing::new([0; 32]);
    for (mapped, plain) in keys.as_chunks_mut::<4>().0.iter_mut().zip(round_keys.as_chunks::<4>().0)
    {
        // SAFETY: four words are read and four written; neither asks for alignment.
        unsafe {
            let key = vrev32q_u8(vreinterpretq_u8_u32(vld1q_u32(plain.as_ptr())));
            let [low, high] = nibbles(key);
            let key = xor(shuffle(table(&IN[0]), low), shuffle(table(&IN[1]), high));
            let key = xor(key, vdupq_n_u8(maps::IN_SUM));
            vst1q_u32(mapped.as_mut_ptr(), vreinterpretq_u32_u8(key));
        }
    }
    if backwards {
        keys.reverse();
    }
    rounds::crypt_blocks(&keys, blocks);
}

#[inline]
#[target_feature(enable = "neon")]
fn zero() -> uint8x16_t {
    vdupq_n_u8(0)
}

#[inline]
#[target_feature(enable = "neon")]
fn load(blocks: &[[u8; 16]]) -> uint8x16_t {
    blocks.first().map_or(vdupq_n_u8(0), |block| table(block))
}

#[inline]
#[target_feature(enable = "neon")]
fn store(blocks: &mut [[u8; 16]], value: uint8x16_t) {
    if let Some(block) = blocks.first_mut() {
        // SAFETY: 16 writable bytes; the store needs no alignment.
        unsafe { vst1q_u8(block.as_mut_ptr(), value) }
    }
}

#[inline]
#[target_feature(enable = "neon")]
fn table(bytes: &[u8; 16]) -> uint8x16_t {
    // SAFETY: 16 readable bytes; the load needs no alignment.
    unsafe { vld1q_u8(bytes.as_ptr()) }
}

#[inline]
#[target_feature(enable = "neon")]
fn broadcast(word: u32) -> uint8x16_t {
    vreinterpretq_u8_u32(vdupq_n_u32(word))
}

#[inline]
#[target_feature(enable = "neon")]
fn xor(a: uint8x16_t, b: uint8x16_t) -> uint8x16_t {
    veorq_u8(a, b)
}

#[inline]
#[target_feature(enable = "neon")]
fn shuffle(bytes: uint8x16_t, order: uint8x16_t) -> uint8x16_t {
    vqtbl1q_u8(bytes, order)
}

#[inline]
#[target_feature(enable = "neon")]
fn nibbles(bytes: uint8x16_t) -> [uint8x16_t; 2] {
    [vandq_u8(bytes, vdupq_n_u8(15)), vshrq_n_u8::<4>(bytes)]
}

#[inline]
#[target_feature(enable = "neon,aes")]
fn sub_bytes(bytes: uint8x16_t) -> uint8x16_t {
    vaeseq_u8(bytes, vdupq_n_u8(0))
}

#[inline]
#[target_feature(enable = "neon")]
fn interleave_words(a: uint8x16_t, b: uint8x16_t) -> [uint8x16_t; 2] {
    let (a, b) = (vreinterpretq_u32_u8(a), vreinterpretq_u32_u8(b));
    [vreinterpretq_u8_u32(vzip1q_u32(a, b)), vreinterpretq_u8_u32(vzip2q_u32(a, b))]
}

#[inline]
#[target_feature(enable = "neon")]
fn interleave_pairs(a: uint8x16_t, b: uint8x16_t) -> [uint8x16_t; 2] {
    let (a, b) = (vreinterpretq_u64_u8(a), vreinterpretq_u64_u8(b));
    [vreinterpretq_u8_u64(vzip1q_u64(a, b)), vreinterpretq_u8_u64(vzip2q_u64(a, b))]
}
