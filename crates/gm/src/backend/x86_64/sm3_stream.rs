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
//! The message expansion is four words at a time in vector registers and passes through memory.

#![allow(unsafe_code, reason = "assembler, and vectors loaded from blocks")]

use core::arch::{asm, x86_64::*};

use crate::backend::portable::sm3::K;

/// W_0 … W_63, and W'_j = W_j ⊕ W_{j+4} behind them, where the rounds read them.
#[repr(C, align(64))]
struct Schedule {
    words: [__m128i; 16],
    pairs: [__m128i; 16],
}

/// One round. On entry E is `u` ⊕ `v` and its register is free; on return the E of the next round is.
macro_rules! round {
    // GG = (v ⊕ F ⊕ G) ⊕ u; FF = A ⊕ B ⊕ C.
    (parity $a:literal $b:literal $c:literal $d:literal $e:literal $f:literal $g:literal $h:literal, $k:literal $w:literal $pair:literal) => {
        concat!(
            "add {",
            $h,
            ":e}, dword ptr [{w} + ",
            $w,
            "]\n",
            "add {",
            $d,
            ":e}, dword ptr [{w} + ",
            $pair,
            "]\n",
            "mov {t0:e}, {",
            $f,
            ":e}\n",
            "mov {",
            $e,
            ":e}, {v:e}\n",
            "xor {t0:e}, {",
            $g,
            ":e}\n",
            "xor {",
            $e,
            ":e}, {u:e}\n",
            "xor {v:e}, {t0:e}\n",
            "rorx {t0:e}, {",
            $a,
            ":e}, 20\n",
            "xor {v:e}, {u:e}\n",
            "lea {t1:e}, [{t0} + {",
            $k,
            "}]\n",
            "add {",
            $h,
            ":e}, {v:e}\n",
            "add {t1:e}, {",
            $e,
            ":e}\n",
            "mov {u:e}, {",
            $b,
            ":e}\n",
            "xor {u:e}, {",
            $c,
            ":e}\n",
            "rorx {t1:e}, {t1:e}, 25\n",
            "xor {u:e}, {",
            $a,
            ":e}\n",
            "add {",
            $h,
            ":e}, {t1:e}\n",
            "add {",
            $d,
            ":e}, {u:e}\n",
            "xor {t0:e}, {t1:e}\n",
            "rorx {u:e}, {",
            $h,
            ":e}, 23\n",
            "rorx {v:e}, {",
            $h,
            ":e}, 15\n",
            "add {",
            $d,
            ":e}, {t0:e}\n",
            "xor {u:e}, {",
            $h,
            ":e}\n",
            "rorx {",
            $b,
            ":e}, {",
            $b,
            ":e}, 23\n",
            "rorx {",
            $f,
            ":e}, {",
            $f,
            ":e}, 13\n",
        )
    };
    // GG = ((v ∧ (F ⊕ G)) ⊕ G) ⊕ (u ∧ (F ⊕ G)); FF = (B ∧ C) + (A ∧ (B ⊕ C)), which have no bit in common.
    (choice $a:literal $b:literal $c:literal $d:literal $e:literal $f:literal $g:literal $h:literal, $k:literal $w:literal $pair:literal) => {
        concat!(
            "add {",
            $h,
            ":e}, dword ptr [{w} + ",
            $w,
            "]\n",
            "add {",
            $d,
            ":e}, dword ptr [{w} + ",
            $pair,
            "]\n",
            "mov {t0:e}, {",
            $f,
            ":e}\n",
            "mov {",
            $e,
            ":e}, {v:e}\n",
            "xor {t0:e}, {",
            $g,
            ":e}\n",
            "xor {",
            $e,
            ":e}, {u:e}\n",
            "and {v:e}, {t0:e}\n",
            "and {u:e}, {t0:e}\n",
            "rorx {t0:e}, {",
            $a,
            ":e}, 20\n",
            "xor {v:e}, {",
            $g,
            ":e}\n",
            "lea {t1:e}, [{t0} + {",
            $k,
            "}]\n",
            "xor {v:e}, {u:e}\n",
            "add {t1:e}, {",
            $e,
            ":e}\n",
            "add {",
            $h,
            ":e}, {v:e}\n",
            "mov {u:e}, {",
            $b,
            ":e}\n",
            "mov {v:e}, {",
            $b,
            ":e}\n",
            "rorx {t1:e}, {t1:e}, 25\n",
            "xor {u:e}, {",
            $c,
            ":e}\n",
            "and {v:e}, {",
            $c,
            ":e}\n",
            "and {u:e}, {",
            $a,
            ":e}\n",
            "add {",
            $h,
            ":e}, {t1:e}\n",
            "add {",
            $d,
            ":e}, {v:e}\n",
            "add {",
            $d,
            ":e}, {u:e}\n",
            "xor {t0:e}, {t1:e}\n",
            "rorx {u:e}, {",
            $h,
            ":e}, 23\n",
            "rorx {v:e}, {",
            $h,
            ":e}, 15\n",
            "add {",
            $d,
            ":e}, {t0:e}\n",
            "xor {u:e}, {",
            $h,
            ":e}\n",
            "rorx {",
            $b,
            ":e}, {",
            $b,
            ":e}, 23\n",
            "rorx {",
            $f,
            ":e}, {",
            $f,
            ":e}, 13\n",
        )
    };
}

/// Rounds $j to $j + 3: the names are where they began.
macro_rules! four_rounds {
    ($kind:ident, $j:expr, $schedule:ident, $a:ident $b:ident $c:ident $d:ident $e:ident $f:ident $g:ident $h:ident, $u:ident $v:ident) => {
        // SAFETY: the rounds read four words and four pairs from `w` on, which is at most 12 words into `words`, whose
        // pairs lie 256 bytes further; they write no memory, and RORX (BMI2) belongs to the caller's target features.
        unsafe {
            asm!(
                round!($kind "a" "b" "c" "d" "e" "f" "g" "h", "k0" "0" "256"),
                round!($kind "d" "a" "b" "c" "h" "e" "f" "g", "k1" "4" "260"),
                round!($kind "c" "d" "a" "b" "g" "h" "e" "f", "k2" "8" "264"),
                round!($kind "b" "c" "d" "a" "f" "g" "h" "e", "k3" "12" "268"),
                a = inout(reg) $a, b = inout(reg) $b, c = inout(reg) $c, d = inout(reg) $d,
                e = inout(reg) $e, f = inout(reg) $f, g = inout(reg) $g, h = inout(reg) $h,
                u = inout(reg) $u, v = inout(reg) $v, t0 = out(reg) _, t1 = out(reg) _,
                w = in(reg) (&raw const $schedule).cast::<u32>().add($j),
                k0 = const K[$j].cast_signed(), k1 = const K[$j + 1].cast_signed(),
                k2 = const K[$j + 2].cast_signed(), k3 = const K[$j + 3].cast_signed(),
                options(pure, readonly, nostack)
            );
        }
    };
}

/// Absorbs whole blocks; $expand makes the next four words of the schedule from the last sixteen.
macro_rules! compress {
    ($state:ident, $blocks:ident, $expand:ident) => {{
        let big_endian = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
        let zero = _mm_setzero_si128();
        let mut schedule = Schedule { words: [zero; 16], pairs: [zero; 16] };
        for block in $blocks {
            let (quarters, _) = block.as_chunks::<16>();
            let load = |i: usize| {
                // SAFETY: a quarter is 16 bytes, and the load asks for no alignment.
                let quarter = unsafe { _mm_loadu_si128(quarters[i].as_ptr().cast()) };
                _mm_shuffle_epi8(quarter, big_endian)
            };
            let (mut w0, mut w1, mut w2, mut w3) = (load(0), load(1), load(2), load(3));
            let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *$state;
            let (mut u, mut v) = (e, 0_u32);
            // Rounds 4 · $i to 4 · $i + 3 on $w0; the words that come after $w3 take its place.
            macro_rules! step {
                ($kind:ident, $i:expr, $w0:ident $w1:ident $w2:ident $w3:ident) => {
                    schedule.words[$i] = $w0;
                    schedule.pairs[$i] = _mm_xor_si128($w0, $w1);
                    let next = $expand($w0, $w1, $w2, $w3);
                    four_rounds!($kind, 4 * $i, schedule, a b c d e f g h, u v);
                    $w0 = next;
                };
            }
            macro_rules! last_step {
                ($i:expr, $w0:ident $w1:ident) => {
                    schedule.words[$i] = $w0;
                    schedule.pairs[$i] = _mm_xor_si128($w0, $w1);
                    four_rounds!(choice, 4 * $i, schedule, a b c d e f g h, u v);
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
            last_step!(13, w1 w2);
            last_step!(14, w2 w3);
            last_step!(15, w3 w0);
            for (word, value) in $state.iter_mut().zip([a, b, c, d, u ^ v, f, g, h]) {
                *word ^= value;
            }
            // The register of the last E holds what it was made from.
            let _ = e;
        }
    }};
}

#[target_feature(enable = "avx512f,avx512vl,bmi2")]
pub(in crate::backend) fn compress_avx512(state: &mut [u32; 8], blocks: &[[u8; 64]]) {
    compress!(state, blocks, expand_avx512);
}

#[target_feature(enable = "avx2,bmi2")]
pub(in crate::backend) fn compress_avx2(state: &mut [u32; 8], blocks: &[[u8; 64]]) {
    compress!(state, blocks, expand_avx2);
}

/// W_{j+16} … W_{j+19} from W_j …: the fourth needs the first, which is added when it is known, P1 being linear.
#[inline]
#[target_feature(enable = "avx512f,avx512vl")]
fn expand_avx512(w0: __m128i, w4: __m128i, w8: __m128i, w12: __m128i) -> __m128i {
    let rotated = _mm_rol_epi32::<15>(_mm_srli_si128::<4>(w12));
    let x = _mm_ternarylogic_epi32::<XOR3>(w0, _mm_alignr_epi8::<12>(w8, w4), rotated);
    let rest = _mm_rol_epi32::<7>(_mm_alignr_epi8::<12>(w4, w0));
    let rest = _mm_ternarylogic_epi32::<XOR3>(rest, _mm_alignr_epi8::<8>(w12, w8), x);
    let words =
        _mm_ternarylogic_epi32::<XOR3>(rest, _mm_rol_epi32::<15>(x), _mm_rol_epi32::<23>(x));
    // P1(w ⋘ 15) = w ⋘ 15 ⊕ w ⋘ 30 ⊕ w ⋘ 6.
    let w = _mm_slli_si128::<12>(words);
    let words =
        _mm_ternarylogic_epi32::<XOR3>(words, _mm_rol_epi32::<15>(w), _mm_rol_epi32::<30>(w));
    _mm_xor_si128(words, _mm_rol_epi32::<6>(w))
}

/// The truth table of x ⊕ y ⊕ z.
const XOR3: i32 = 0x96;

/// The same without rotation and three-way logic.
#[inline]
#[target_feature(enable = "avx2")]
fn expand_avx2(w0: __m128i, w4: __m128i, w8: __m128i, w12: __m128i) -> __m128i {
    let rotated = rol::<15, 17>(_mm_srli_si128::<4>(w12));
    let x = _mm_xor_si128(_mm_xor_si128(w0, _mm_alignr_epi8::<12>(w8, w4)), rotated);
    let rest = rol::<7, 25>(_mm_alignr_epi8::<12>(w4, w0));
    let rest = _mm_xor_si128(rest, _mm_alignr_epi8::<8>(w12, w8));
    let p1 = _mm_xor_si128(_mm_xor_si128(x, rol::<15, 17>(x)), rol::<23, 9>(x));
    let words = _mm_xor_si128(rest, p1);
    let w = _mm_slli_si128::<12>(words);
    let late = _mm_xor_si128(_mm_xor_si128(rol::<15, 17>(w), rol::<30, 2>(w)), rol::<6, 26>(w));
    _mm_xor_si128(words, late)
}

/// x ⋘ L, where R = 32 − L.
#[inline]
#[target_feature(enable = "avx2")]
fn rol<const L: i32, const R: i32>(x: __m128i) -> __m128i {
    _mm_or_si128(_mm_slli_epi32::<L>(x), _mm_srli_epi32::<R>(x))
}
