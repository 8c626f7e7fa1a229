//! SM3 of one stream: [`Backend::Avx2`](crate::Backend::Avx2) and above.
//!
//! The rounds form one chain of dependent instructions; everything else must fit beside it. With x = TT2 of round j,
//! E of round j + 1 is P0(x) = u ⊕ v, u = x ⊕ (x ⋘ 9), v = x ⋘ 17. From x to the next x:
//!
//! ```text
//! x → ⋘9 → ⊕x = u → ⊕v = E → + (A⋘12 + K) → ⋘7 = SS1 → + = x     6 cycles
//! x →           u → ∧(F⊕G) → ⊕((v∧(F⊕G)) ⊕ G) = GG → + H + W       6 cycles, because GG starts from u, not from E
//! ```
//!
//! Sixty-four rounds of 6 cycles are 384 for 64 bytes: no arrangement of these operations is faster on one-cycle
//! instructions. A compiler joins (u ∧ m) ⊕ (v ∧ m) into (u ⊕ v) ∧ m again, a cycle a round, so the rounds are assembler.
//! The message expansion, which knows no state, is four words of one block or of two at a time in vector registers, and
//! passes through memory: of two blocks, the second's rounds have nothing beside them.

#![allow(unsafe_code, reason = "assembler, and vectors loaded from blocks")]

use core::arch::{asm, x86_64::_mm256_xor_si256};

use super::sm3_expand::{Schedule, expand_avx2, expand_avx512, load};
use crate::backend::portable::sm3::K;

/// One instruction of a round, on the registers that names stand for.
macro_rules! op {
    ($name:literal $to:literal [$at:literal]) => {
        concat!($name, " {", $to, ":e}, dword ptr [{w} + ", $at, "]\n")
    };
    ("lea" $to:literal $from:literal $constant:literal) => {
        concat!("lea {", $to, ":e}, [{", $from, "} + {", $constant, "}]\n")
    };
    ("rorx" $to:literal $from:literal $by:literal) => {
        concat!("rorx {", $to, ":e}, {", $from, ":e}, ", $by, "\n")
    };
    ($name:literal $to:literal $from:literal) => {
        concat!($name, " {", $to, ":e}, {", $from, ":e}\n")
    };
    ($name:literal $to:literal $x:literal $y:literal) => {
        concat!($name, " {", $to, ":e}, {", $x, ":e}, {", $y, ":e}\n")
    };
}

/// One round. On entry E is `u` ⊕ `v` and its register is free; on return the E of the next round is.
/// The order is the best of some thousands that were tried (ADR 0170).
macro_rules! round {
    // GG = (v ⊕ F ⊕ G) ⊕ u; FF = A ⊕ B ⊕ C.
    (parity $a:literal $b:literal $c:literal $d:literal $e:literal $f:literal $g:literal $h:literal, $k:literal $w:literal $pair:literal) => {
        concat!(
            op!("add" $h [$w]),
            op!("add" $d [$pair]),
            op!("mov" "t0" $f),
            op!("mov" $e "v"),
            op!("xor" "t0" $g),
            op!("xor" $e "u"),
            op!("xor" "v" "t0"),
            op!("rorx" "t0" $a "20"),
            op!("xor" "v" "u"),
            op!("lea" "t1" "t0" $k),
            op!("add" $h "v"),
            op!("add" "t1" $e),
            op!("mov" "u" $b),
            op!("xor" "u" $c),
            op!("rorx" "t1" "t1" "25"),
            op!("xor" "u" $a),
            op!("add" $h "t1"),
            op!("add" $d "u"),
            op!("xor" "t0" "t1"),
            op!("rorx" "u" $h "23"),
            op!("rorx" "v" $h "15"),
            op!("add" $d "t0"),
            op!("xor" "u" $h),
            op!("rorx" $b $b "23"),
            op!("rorx" $f $f "13"),
        )
    };
    // GG = ((v ∧ (F ⊕ G)) ⊕ G) ⊕ (u ∧ (F ⊕ G)); FF = (B ∧ C) + (A ∧ (B ⊕ C)), which have no bit in common; B ∧ C is
    // B but for B ⊕ C.
    (choice $a:literal $b:literal $c:literal $d:literal $e:literal $f:literal $g:literal $h:literal, $k:literal $w:literal $pair:literal) => {
        concat!(
            op!("add" $h [$w]),
            op!("add" $d [$pair]),
            op!("mov" "t0" $f),
            op!("mov" $e "v"),
            op!("xor" "t0" $g),
            op!("and" "v" "t0"),
            op!("xor" $e "u"),
            op!("and" "u" "t0"),
            op!("rorx" "t0" $a "20"),
            op!("lea" "t1" "t0" $k),
            op!("xor" "v" $g),
            op!("xor" "v" "u"),
            op!("mov" "u" $b),
            op!("xor" "u" $c),
            op!("add" "t1" $e),
            op!("add" $h "v"),
            op!("andn" "v" "u" $b),
            op!("rorx" $b $b "23"),
            op!("rorx" "t1" "t1" "25"),
            op!("add" $d "v"),
            op!("add" $h "t1"),
            op!("rorx" "v" $h "15"),
            op!("xor" "t0" "t1"),
            op!("and" "u" $a),
            op!("add" $d "u"),
            op!("rorx" "u" $h "23"),
            op!("add" $d "t0"),
            op!("xor" "u" $h),
            op!("rorx" $f $f "13"),
        )
    };
}

/// V of the next block, in memory and in the registers, word by word: a compiler gathers the words in vectors, from where they
/// come back ten cycles later.
macro_rules! feed_forward {
    ($register:literal $at:literal) => {
        concat!(
            "xor {", $register, ":e}, dword ptr [{state} + ", $at, "]\n",
            "mov dword ptr [{state} + ", $at, "], {", $register, ":e}\n"
        )
    };
    ($state:ident, $a:ident $b:ident $c:ident $d:ident $e:ident $f:ident $g:ident $h:ident, $last:expr) => {
        // SAFETY: the eight words of the state, exclusively borrowed, are read and written.
        unsafe {
            asm!(
                feed_forward!("a" "0"), feed_forward!("b" "4"), feed_forward!("c" "8"), feed_forward!("d" "12"),
                feed_forward!("e" "16"), feed_forward!("f" "20"), feed_forward!("g" "24"), feed_forward!("h" "28"),
                a = inout(reg) $a, b = inout(reg) $b, c = inout(reg) $c, d = inout(reg) $d,
                e = inout(reg) $last => $e, f = inout(reg) $f, g = inout(reg) $g, h = inout(reg) $h,
                state = in(reg) $state.as_mut_ptr(), options(nostack)
            );
        }
    };
}

/// Rounds $j to $j + 3 on what `$w` points to, word 0 of a block: the names are where they began.
macro_rules! four_rounds {
    ($kind:ident, $j:expr, $w:ident, $a:ident $b:ident $c:ident $d:ident $e:ident $f:ident $g:ident $h:ident, $u:ident $v:ident) => {
        // SAFETY: a schedule is sixteen registers of words, then sixteen of pairs, and `w` points to this block's lane of the
        // first: `o` is at most fifteen registers on, `p` sixteen more. No memory is written; RORX and ANDN belong to the
        // caller's target features.
        unsafe {
            asm!(
                round!($kind "a" "b" "c" "d" "e" "f" "g" "h", "k0" "{o}" "{o} + {p}"),
                round!($kind "d" "a" "b" "c" "h" "e" "f" "g", "k1" "{o} + 4" "{o} + {p} + 4"),
                round!($kind "c" "d" "a" "b" "g" "h" "e" "f", "k2" "{o} + 8" "{o} + {p} + 8"),
                round!($kind "b" "c" "d" "a" "f" "g" "h" "e", "k3" "{o} + 12" "{o} + {p} + 12"),
                a = inout(reg) $a, b = inout(reg) $b, c = inout(reg) $c, d = inout(reg) $d,
                e = inout(reg) $e, f = inout(reg) $f, g = inout(reg) $g, h = inout(reg) $h,
                u = inout(reg) $u, v = inout(reg) $v, t0 = out(reg) _, t1 = out(reg) _,
                w = in(reg) $w, o = const 8 * $j, p = const 512,
                k0 = const K[$j].cast_signed(), k1 = const K[$j + 1].cast_signed(),
                k2 = const K[$j + 2].cast_signed(), k3 = const K[$j + 3].cast_signed(),
                options(pure, readonly, nostack)
            );
        }
    };
}

/// Defines `compress`: one block or two at a time, whose schedules lie side by side in registers. The rounds of the first stand
/// among the expansion; those of the second run through the same code, without it.
macro_rules! compress {
    ($compress:ident, $features:literal, $expand:ident) => {
        /// Absorbs `blocks` and then `ends`. In one place for all who hash: its code is half of the first-level cache.
        #[inline(never)]
        #[target_feature(enable = $features)]
        pub(in crate::backend) fn $compress(
            state: &mut [u32; 8],
            blocks: &[[u8; 64]],
            ends: &[[u8; 64]],
        ) {
            let mut blocks = blocks.iter().chain(ends);
            let mut schedule = Schedule::new();
            let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
            while let Some(first) = blocks.next() {
                let second = blocks.next();
                let count = if second.is_some() { 2 } else { 1 };
                let blocks = [first, second.unwrap_or(first)];
                let (mut w0, mut w1, mut w2, mut w3) = (load(blocks, 0), load(blocks, 1), load(blocks, 2), load(blocks, 3));
                for lane in 0..count {
                    let (mut u, mut v) = (e, 0_u32);
                    // Rounds 4 · $i to 4 · $i + 3 on $w0; the words that come after $w3, if any do, take its place.
                    macro_rules! step {
                        ($kind:ident, $i:expr, $w0:ident $w1:ident, $next:expr) => {
                            if lane == 0 {
                                schedule.words[$i] = $w0;
                                schedule.pairs[$i] = _mm256_xor_si256($w0, $w1);
                                $next;
                            }
                            // SAFETY: four words are a lane of the first register, which has two.
                            let w = unsafe { (&raw const schedule).cast::<u32>().add(4 * lane) };
                            four_rounds!($kind, 4 * $i, w, a b c d e f g h, u v);
                        };
                        ($kind:ident, $i:expr, $w0:ident $w1:ident $w2:ident $w3:ident) => {
                            step!($kind, $i, $w0 $w1, $w0 = $expand($w0, $w1, $w2, $w3));
                        };
                    }
                    step!(parity, 0, w0 w1 w2 w3);
                    step!(parity, 1, w1 w2 w3 w0);
                    step!(parity, 2, w2 w3 w0 w1);
                    step!(parity, 3, w3 w0 w1 w2);
                    step!(choice, 4, w0 w1 w2 w3);
                    step!(choice, 5, w1 w2 w3 w0);
                    step!(choice, 6, w2 w3 w0 w1);
                    step!(choice, 7, w3 w0 w1 w2);
                    step!(choice, 8, w0 w1 w2 w3);
                    step!(choice, 9, w1 w2 w3 w0);
                    step!(choice, 10, w2 w3 w0 w1);
                    step!(choice, 11, w3 w0 w1 w2);
                    step!(choice, 12, w0 w1 w2 w3);
                    step!(choice, 13, w1 w2, ());
                    step!(choice, 14, w2 w3, ());
                    step!(choice, 15, w3 w0, ());
                    // The register of the last E holds what it was made from.
                    let _ = e;
                    feed_forward!(state, a b c d e f g h, u ^ v);
                }
            }
        }
    };
}

compress!(compress_avx512, "avx512f,avx512vl,bmi1,bmi2", expand_avx512);
compress!(compress_avx2, "avx2,bmi1,bmi2", expand_avx2);
