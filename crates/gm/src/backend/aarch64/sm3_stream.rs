//! SM3 of one stream with the instructions for it: [`Backend::ArmSm`](crate::Backend::ArmSm).
//!
//! The state is two registers, highest lane first: A B C D and E F G H. A round is SM3SS1 (SS1 from A, E and T_j ⋘ j), SM3TT1
//! and SM3TT2 (the new A and E, everything else moved on by a word); four words of the expansion are SM3PARTW1 and SM3PARTW2.
//! Rust has no stable intrinsics for these, so each is one line of assembler.

#![allow(unsafe_code, reason = "one instruction each, and vectors loaded from arrays")]

use core::arch::{aarch64::*, asm};

use crate::backend::portable::sm3::K;

/// T_j ⋘ j, three words further on: SM3SS1 reads the highest of four.
static CONSTANTS: [u32; 67] = {
    let mut constants = [0; 67];
    let mut j = 0;
    while j < 64 {
        constants[j + 3] = K[j];
        j += 1;
    }
    constants
};

macro_rules! instruction {
    ($(#[$doc:meta])* $name:ident($x:ident, $y:ident, $z:ident) $text:literal) => {
        $(#[$doc])*
        #[inline]
        #[target_feature(enable = "neon,sm4")]
        fn $name(mut $x: uint32x4_t, $y: uint32x4_t, $z: uint32x4_t) -> uint32x4_t {
            // SAFETY: registers only; the instruction belongs to the function's target features.
            unsafe {
                asm!(
                    $text,
                    x = inout(vreg) $x, y = in(vreg) $y, z = in(vreg) $z,
                    options(pure, nomem, nostack, preserves_flags)
                );
            }
            $x
        }
    };
    // Word I of the last register.
    ($(#[$doc:meta])* $name:ident<I>($x:ident, $y:ident, $z:ident) $text:literal) => {
        $(#[$doc])*
        #[inline]
        #[target_feature(enable = "neon,sm4")]
        fn $name<const I: usize>(mut $x: uint32x4_t, $y: uint32x4_t, $z: uint32x4_t) -> uint32x4_t {
            // SAFETY: registers only; the instruction belongs to the function's target features.
            unsafe {
                asm!(
                    $text,
                    x = inout(vreg) $x, y = in(vreg) $y, z = in(vreg) $z, i = const I,
                    options(pure, nomem, nostack, preserves_flags)
                );
            }
            $x
        }
    };
}

instruction!(
    /// W_{j+16} … from W_j …, W_{j+7} …, W_{j+12} …, but for what [`part_w2`] adds.
    part_w1(x, y, z) "sm3partw1 {x:v}.4s, {y:v}.4s, {z:v}.4s"
);
instruction!(
    /// Adds W_{j+10} … and W_{j+3} … ⋘ 7 to what [`part_w1`] gave.
    part_w2(x, y, z) "sm3partw2 {x:v}.4s, {y:v}.4s, {z:v}.4s"
);
instruction!(tt1a<I>(x, y, z) "sm3tt1a {x:v}.4s, {y:v}.4s, {z:v}.s[{i}]");
instruction!(tt1b<I>(x, y, z) "sm3tt1b {x:v}.4s, {y:v}.4s, {z:v}.s[{i}]");
instruction!(tt2a<I>(x, y, z) "sm3tt2a {x:v}.4s, {y:v}.4s, {z:v}.s[{i}]");
instruction!(tt2b<I>(x, y, z) "sm3tt2b {x:v}.4s, {y:v}.4s, {z:v}.s[{i}]");

/// SS1 in the highest word.
#[inline]
#[target_feature(enable = "neon,sm4")]
fn ss1(abcd: uint32x4_t, efgh: uint32x4_t, constant: uint32x4_t) -> uint32x4_t {
    let ss1: uint32x4_t;
    // SAFETY: registers only; the instruction belongs to the function's target features.
    unsafe {
        asm!(
            "sm3ss1 {r:v}.4s, {a:v}.4s, {e:v}.4s, {t:v}.4s",
            r = out(vreg) ss1, a = in(vreg) abcd, e = in(vreg) efgh, t = in(vreg) constant,
            options(pure, nomem, nostack, preserves_flags)
        );
    }
    ss1
}

/// Absorbs whole blocks into `state`.
#[target_feature(enable = "neon,sm4")]
pub(in crate::backend) fn compress(state: &mut [u32; 8], blocks: &[[u8; 64]]) {
    let (mut abcd, mut efgh) = (load_words(state, 0), load_words(state, 4));
    (abcd, efgh) = (turned(abcd), turned(efgh));
    for block in blocks {
        let before = (abcd, efgh);
        let (quarters, _) = block.as_chunks::<16>();
        let [mut w0, mut w1, mut w2, mut w3] = core::array::from_fn(|i| {
            // SAFETY: a quarter is 16 bytes, and the load asks for no alignment.
            let quarter = unsafe { vld1q_u8(quarters[i].as_ptr()) };
            vreinterpretq_u32_u8(vrev32q_u8(quarter))
        });
        // Rounds $j to $j + 3 on $w0; the words that come after $w3 take its place.
        macro_rules! rounds {
            ($tt1:ident $tt2:ident, $j:literal, $w0:ident $w1:ident) => {
                let pairs = veorq_u32($w0, $w1);
                rounds!(@ $tt1 $tt2, $j, 0, $w0 pairs);
                rounds!(@ $tt1 $tt2, $j, 1, $w0 pairs);
                rounds!(@ $tt1 $tt2, $j, 2, $w0 pairs);
                rounds!(@ $tt1 $tt2, $j, 3, $w0 pairs);
            };
            (@ $tt1:ident $tt2:ident, $j:literal, $i:literal, $w:ident $pairs:ident) => {
                let ss1 = ss1(abcd, efgh, load_words(&CONSTANTS, $j + $i));
                abcd = $tt1::<$i>(abcd, ss1, $pairs);
                efgh = $tt2::<$i>(efgh, ss1, $w);
            };
            ($tt1:ident $tt2:ident, $j:literal, $w0:ident $w1:ident $w2:ident $w3:ident) => {
                let next = part_w1($w0, vextq_u32::<3>($w1, $w2), $w3);
                let next = part_w2(next, vextq_u32::<2>($w2, $w3), vextq_u32::<3>($w0, $w1));
                rounds!($tt1 $tt2, $j, $w0 $w1);
                $w0 = next;
            };
        }
        rounds!(tt1a tt2a, 0, w0 w1 w2 w3);
        rounds!(tt1a tt2a, 4, w1 w2 w3 w0);
        rounds!(tt1a tt2a, 8, w2 w3 w0 w1);
        rounds!(tt1a tt2a, 12, w3 w0 w1 w2);
        rounds!(tt1b tt2b, 16, w0 w1 w2 w3);
        rounds!(tt1b tt2b, 20, w1 w2 w3 w0);
        rounds!(tt1b tt2b, 24, w2 w3 w0 w1);
        rounds!(tt1b tt2b, 28, w3 w0 w1 w2);
        rounds!(tt1b tt2b, 32, w0 w1 w2 w3);
        rounds!(tt1b tt2b, 36, w1 w2 w3 w0);
        rounds!(tt1b tt2b, 40, w2 w3 w0 w1);
        rounds!(tt1b tt2b, 44, w3 w0 w1 w2);
        rounds!(tt1b tt2b, 48, w0 w1 w2 w3);
        rounds!(tt1b tt2b, 52, w1 w2);
        rounds!(tt1b tt2b, 56, w2 w3);
        rounds!(tt1b tt2b, 60, w3 w0);
        (abcd, efgh) = (veorq_u32(abcd, before.0), veorq_u32(efgh, before.1));
    }
    store_words(state, 0, turned(abcd));
    store_words(state, 4, turned(efgh));
}

/// The four words in the opposite order.
#[inline]
#[target_feature(enable = "neon")]
fn turned(words: uint32x4_t) -> uint32x4_t {
    let swapped = vrev64q_u32(words);
    vextq_u32::<2>(swapped, swapped)
}

#[inline]
#[target_feature(enable = "neon")]
fn load_words(words: &[u32], at: usize) -> uint32x4_t {
    let words = words[at..].first_chunk::<4>().expect("four are left");
    // SAFETY: four words, and the load asks for no alignment.
    unsafe { vld1q_u32(words.as_ptr()) }
}

#[inline]
#[target_feature(enable = "neon")]
fn store_words(words: &mut [u32; 8], at: usize, vector: uint32x4_t) {
    let words = words[at..].first_chunk_mut::<4>().expect("four are left");
    // SAFETY: four words, and the store asks for no alignment.
    unsafe { vst1q_u32(words.as_mut_ptr(), vector) }
}
