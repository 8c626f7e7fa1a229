//! SM4 with the instructions for it: [`Backend::ArmSm`](crate::Backend::ArmSm).
//!
//! SM4E is four rounds of one block, SM4EKEY four words of the key expansion; eight blocks at a time hide the latency. Rust has
//! no stable intrinsics for them, so each is one line of assembler.

#![allow(unsafe_code, reason = "one instruction each, loads and stores")]

use core::arch::{aarch64::*, asm};

use zeroize::Zeroize;

use crate::backend::portable::sm4::{CK, FK};

/// Blocks in flight.
const GROUP: usize = 8;

macro_rules! instruction {
    ($(#[$doc:meta])* $name:ident $text:literal) => {
        $(#[$doc])*
        #[inline]
        #[target_feature(enable = "neon,sm4")]
        fn $name(x: uint32x4_t, y: uint32x4_t) -> uint32x4_t {
            let result: uint32x4_t;
            // SAFETY: registers only; the instruction belongs to the function's target features.
            unsafe {
                asm!(
                    $text,
                    x = inout(vreg) x => result, y = in(vreg) y,
                    options(pure, nomem, nostack, preserves_flags)
                );
            }
            result
        }
    };
}

instruction!(
    /// Four rounds on the block `x` under four round keys.
    four_rounds "sm4e {x:v}.4s, {y:v}.4s"
);
instruction!(
    /// The next four round keys after `x`, with four constants CK.
    four_keys "sm4ekey {x:v}.4s, {x:v}.4s, {y:v}.4s"
);

/// The round keys for encryption; decryption uses them backwards.
#[target_feature(enable = "neon,sm4")]
pub(crate) fn expand_key(key: &[u8; 16], round_keys: &mut [u32; 32]) {
    let mut k = veorq_u32(load(key), words(&FK));
    for (keys, constants) in round_keys.as_chunks_mut::<4>().0.iter_mut().zip(CK.as_chunks().0) {
        k = four_keys(k, words(constants));
        // SAFETY: four writable words; the store needs no alignment.
        unsafe { vst1q_u32(keys.as_mut_ptr(), k) };
    }
}

/// Each block by itself; `backwards` decrypts.
#[target_feature(enable = "neon,sm4")]
pub(crate) fn crypt_blocks(round_keys: &[u32; 32], backwards: bool, blocks: &mut [[u8; 16]]) {
    let mut keys = [vdupq_n_u32(0); 8];
    for (slot, key) in keys.iter_mut().zip(round_keys.as_chunks().0) {
        *slot = words(key);
    }
    if backwards {
        keys.reverse();
        keys = keys.map(|key| turned(key));
    }
    let (groups, rest) = blocks.as_chunks_mut::<GROUP>();
    groups.iter_mut().for_each(|group| crypt(&keys, group));
    rest.iter_mut().for_each(|block| crypt(&keys, core::array::from_mut(block)));
    for key in &mut keys {
        // SAFETY: a register's 16 bytes are as good as an array of words, any bits are valid.
        unsafe { core::mem::transmute::<&mut uint32x4_t, &mut [u32; 4]>(key) }.zeroize();
    }
}

#[inline]
#[target_feature(enable = "neon,sm4")]
fn crypt<const N: usize>(keys: &[uint32x4_t; 8], blocks: &mut [[u8; 16]; N]) {
    let mut x = [vdupq_n_u32(0); N];
    for (x, block) in x.iter_mut().zip(blocks.iter()) {
        *x = load(block);
    }
    for key in keys {
        for x in &mut x {
            *x = four_rounds(*x, *key);
        }
    }
    for (x, block) in x.into_iter().zip(blocks) {
        let bytes = vrev32q_u8(vreinterpretq_u8_u32(turned(x)));
        // SAFETY: 16 writable bytes; the store needs no alignment.
        unsafe { vst1q_u8(block.as_mut_ptr(), bytes) };
    }
}

/// The four words in the opposite order.
#[inline]
#[target_feature(enable = "neon")]
fn turned(words: uint32x4_t) -> uint32x4_t {
    let swapped = vrev64q_u32(words);
    vextq_u32::<2>(swapped, swapped)
}

/// The words of a block, which are big-endian.
#[inline]
#[target_feature(enable = "neon")]
fn load(block: &[u8; 16]) -> uint32x4_t {
    // SAFETY: 16 readable bytes; the load needs no alignment.
    vreinterpretq_u32_u8(vrev32q_u8(unsafe { vld1q_u8(block.as_ptr()) }))
}

#[inline]
#[target_feature(enable = "neon")]
fn words(words: &[u32; 4]) -> uint32x4_t {
    // SAFETY: four readable words; the load needs no alignment.
    unsafe { vld1q_u32(words.as_ptr()) }
}
