//! Doubling and adding a point whose four coordinates are the lanes: the formulas of [`super::super::point`], `dbl-2008-s-1`
//! and `add-2008-s`, as three and four steps of four products each.
//!
//! Between two steps lanes change places; a sum that two products need is made beside them and carried once. In brackets:
//! below how many times p a value is.

#![allow(unsafe_code, reason = "core::arch::asm!")]

use core::arch::asm;

use super::{Pair, Quad};

/// A row of each is a register of `LANES` words.
#[repr(C, align(64))]
struct Constants<const LANES: usize> {
    /// 2⁴⁴ − 2¹² and 2⁴⁸ − 2¹⁶.
    low: [u64; LANES],
    high: [u64; LANES],
    shifts: [u64; LANES],
    mask48: [u64; LANES],
    /// Multiples of p that keep the sums above zero: those of the first step, of the second or third, and of the last.
    doubling: [[[u64; LANES]; 5]; 3],
    adding: [[[u64; LANES]; 5]; 3],
}

impl<const LANES: usize> Constants<LANES> {
    const ALL: Self = Self {
        low: [(1 << 44) - (1 << 12); LANES],
        high: [(1 << 48) - (1 << 16); LANES],
        shifts: repeated([2, 2, 2, 1]),
        mask48: [(1 << 48) - 1; LANES],
        doubling: [multiples([2, 0, 0, 0]), multiples([3, 0, 0, 0]), multiples([9, 2, 0, 0])],
        adding: [multiples([0, 0, 2, 2]), multiples([0, 0, 0, 1]), multiples([6, 2, 0, 0])],
    };
}

static OF_ONE: Constants<4> = Constants::ALL;
static OF_TWO: Constants<8> = Constants::ALL;

/// The lanes of a point, for as many as there are.
const fn repeated<const LANES: usize>(of: [u64; 4]) -> [u64; LANES] {
    let mut out = [0; LANES];
    let mut lane = 0;
    while lane < LANES {
        out[lane] = of[lane % 4];
        lane += 1;
    }
    out
}

/// Limbs of these multiples of p = (2⁴⁸ − 2¹⁶)·2²⁰⁸ − (2⁴⁴ − 2¹²)·2⁵² − 1.
const fn multiples<const LANES: usize>(of: [u64; 4]) -> [[u64; LANES]; 5] {
    let mut limbs = [[0; 4]; 5];
    let mut lane = 0;
    while lane < 4 {
        limbs[0][lane] = of[lane].wrapping_neg();
        limbs[1][lane] = (of[lane] * ((1 << 44) - (1 << 12))).wrapping_neg();
        limbs[4][lane] = of[lane] * ((1 << 48) - (1 << 16));
        lane += 1;
    }
    let [zeroth, first, _, _, fourth] = limbs;
    [repeated(zeroth), repeated(first), [0; LANES], [0; LANES], repeated(fourth)]
}

/// An instruction for each of five limbs: registers, or places behind a pointer, in order.
#[rustfmt::skip]
macro_rules! each {
    ($v:literal: $op:literal, $d0:literal $d1:literal $d2:literal $d3:literal $d4:literal, $mask:literal, $s0:literal $s1:literal $s2:literal $s3:literal $s4:literal, $rest:literal) => {
        concat!(
            $op, " ", $v, $d0, $mask, ", ", $v, $s0, $rest, "\n",
            $op, " ", $v, $d1, $mask, ", ", $v, $s1, $rest, "\n",
            $op, " ", $v, $d2, $mask, ", ", $v, $s2, $rest, "\n",
            $op, " ", $v, $d3, $mask, ", ", $v, $s3, $rest, "\n",
            $op, " ", $v, $d4, $mask, ", ", $v, $s4, $rest, "\n",
        )
    };
}
#[rustfmt::skip]
macro_rules! load {
    ($v:literal: $d0:literal $d1:literal $d2:literal $d3:literal $d4:literal, $from:literal) => {
        concat!(
            "vmovdqa64 ", $v, $d0, ", [", $from, "]\n",
            "vmovdqa64 ", $v, $d1, ", [", $from, " + {row}]\n",
            "vmovdqa64 ", $v, $d2, ", [", $from, " + 2*{row}]\n",
            "vmovdqa64 ", $v, $d3, ", [", $from, " + 3*{row}]\n",
            "vmovdqa64 ", $v, $d4, ", [", $from, " + 4*{row}]\n",
        )
    };
}
#[rustfmt::skip]
macro_rules! store {
    ($v:literal: $d0:literal $d1:literal $d2:literal $d3:literal $d4:literal, $to:literal) => {
        concat!(
            "vmovdqa64 [", $to, "], ", $v, $d0, "\n",
            "vmovdqa64 [", $to, " + {row}], ", $v, $d1, "\n",
            "vmovdqa64 [", $to, " + 2*{row}], ", $v, $d2, "\n",
            "vmovdqa64 [", $to, " + 3*{row}], ", $v, $d3, "\n",
            "vmovdqa64 [", $to, " + 4*{row}], ", $v, $d4, "\n",
        )
    };
}
/// The sums begin with multiples of p; their third and fourth limbs are zero.
#[rustfmt::skip]
macro_rules! begin_with {
    ($v:literal: $at:literal) => {
        concat!(
            "vmovdqa64 ", $v, "10, [{c} + ", $at, "*{row}]\n",
            "vmovdqa64 ", $v, "11, [{c} + (", $at, " + 1)*{row}]\n",
            "vmovdqa64 ", $v, "14, [{c} + (", $at, " + 4)*{row}]\n",
            zero!($v: "12" "13"),
        )
    };
}
/// k1 … k4 are the lanes of a point one by one, k5 its upper two, k6 the second and the last.
#[rustfmt::skip]
macro_rules! constants {
    ($v:literal) => {
        concat!(
            "mov {t:e}, 0x11\n", "kmovb k1, {t:e}\n",
            "mov {t:e}, 0x22\n", "kmovb k2, {t:e}\n",
            "mov {t:e}, 0x44\n", "kmovb k3, {t:e}\n",
            "mov {t:e}, 0x88\n", "kmovb k4, {t:e}\n",
            "mov {t:e}, 0xcc\n", "kmovb k5, {t:e}\n",
            "mov {t:e}, 0xaa\n", "kmovb k6, {t:e}\n",
            "vmovdqa64 ", $v, "30, [{c}]\n",
            "vmovdqa64 ", $v, "31, [{c} + {row}]\n",
        )
    };
}
/// `asm!` that takes every vector register.
macro_rules! with_vectors {
    ($($argument:tt)*) => {
        asm!(
            $($argument)*
            out("k1") _, out("k2") _, out("k3") _, out("k4") _, out("k5") _, out("k6") _,
            out("xmm0") _, out("xmm1") _, out("xmm2") _, out("xmm3") _, out("xmm4") _, out("xmm5") _,
            out("xmm6") _, out("xmm7") _, out("xmm8") _, out("xmm9") _, out("xmm10") _, out("xmm11") _,
            out("xmm12") _, out("xmm13") _, out("xmm14") _, out("xmm15") _, out("xmm16") _,
            out("xmm17") _, out("xmm18") _, out("xmm19") _, out("xmm20") _, out("xmm21") _,
            out("xmm22") _, out("xmm23") _, out("xmm24") _, out("xmm25") _, out("xmm26") _,
            out("xmm27") _, out("xmm28") _, out("xmm29") _, out("xmm30") _, out("xmm31") _,
            options(nostack),
        )
    };
}

/// X², Y², ZZ² become V, V, V and M.
#[rustfmt::skip]
macro_rules! tangent {
    ($v:literal: $s:literal, $d:literal) => {
        concat!(
            "vpermq ", $v, "15, ", $v, $s, ", 0x15\n", // Y², Y², Y², X²
            "vpermq ", $v, "16{{k4}}{{z}}, ", $v, $s, ", 0x80\n", // ZZ²
            "vpsubq ", $v, "15, ", $v, "15, ", $v, "16\n",
            "vpsllvq ", $v, $d, ", ", $v, "15, ", $v, "28\n",
            "vpaddq ", $v, $d, "{{k4}}, ", $v, $d, ", ", $v, "15\n",
        )
    };
}
/// S, V·Y, ZZ₃ and M² become 3·S − M², 2·V·Y = W, -, W in $s and X₃, 0, ZZ₃, 0 in 18.
#[rustfmt::skip]
macro_rules! abscissa {
    ($v:literal: $s:literal) => {
        concat!(
            "vpermq ", $v, "15, ", $v, $s, ", 0x47\n", // M², V·Y, -, V·Y
            "vpaddq ", $v, "16, ", $v, $s, ", ", $v, $s, "\n",
            "vpaddq ", $v, "17, ", $v, "16, ", $v, $s, "\n",
            "vpsubq ", $v, "18{{k1}}{{z}}, ", $v, "15, ", $v, "16\n",
            "vpaddq ", $v, "18{{k3}}, ", $v, "18, ", $v, $s, "\n",
            "vpaddq ", $v, $s, ", ", $v, "15, ", $v, "15\n",
            "vpsubq ", $v, $s, "{{k1}}, ", $v, "17, ", $v, "15\n",
        )
    };
}
/// M·(S − X₃), W·Y and W·ZZZ give the difference Y₃ of the first two and ZZZ₃, added to $p.
#[rustfmt::skip]
macro_rules! ordinate {
    ($v:literal: $s:literal, $p:literal) => {
        concat!(
            "vpermq ", $v, "15{{k2}}{{z}}, ", $v, $s, ", 0\n",
            "vpaddq ", $v, $p, "{{k4}}, ", $v, $p, ", ", $v, $s, "\n",
            "vpsubq ", $v, $p, "{{k2}}, ", $v, $p, ", ", $v, $s, "\n",
            "vpaddq ", $v, $p, ", ", $v, $p, ", ", $v, "15\n",
        )
    };
}

/// The doublings, {n} in number, of the point in 23 … 27.
#[rustfmt::skip]
macro_rules! doublings {
    ($v:literal) => {
        concat!(
            "vmovdqa64 ", $v, "28, [{c} + 2*{row}]\n",
            "2:\n",
            // Squares (1.1).
            begin_with!($v: "4"),
            square!($v: "23" "24" "25" "26" "27"),
            // V = 4·Y² (4.3), M = 3·(X² − ZZ² + 2) (9.3).
            tangent!($v: "10", "5"), tangent!($v: "11", "6"), tangent!($v: "12", "7"), tangent!($v: "13", "8"), tangent!($v: "14", "9"),
            carry!($v: "5" "6" "7" "8" "9"),
            // X, Y, ZZ, M times V, V, V, M: S = X·V + 3 (4.3), V·Y (1.3), ZZ₃ (1.3), M² (6.5).
            each!($v: "vmovdqa64", "0" "1" "2" "3" "4", "", "23" "24" "25" "26" "27", ""),
            each!($v: "vmovdqa64", "0" "1" "2" "3" "4", "{{k4}}", "5" "6" "7" "8" "9", ""),
            begin_with!($v: "9"),
            mul!($v: "0" "1" "2" "3" "4", "5" "6" "7" "8" "9"),
            // 3·S − M² (12.9), W, -, W times M, Y, -, ZZZ; X₃ = M² − 2·S + 9 (9.5).
            each!($v: "vpermq", "5" "6" "7" "8" "9", "", "5" "6" "7" "8" "9", ", 3"),
            each!($v: "vmovdqa64", "5" "6" "7" "8" "9", "{{k6}}", "23" "24" "25" "26" "27", ""),
            abscissa!($v: "10"), "vpaddq ", $v, "23, ", $v, "18, [{c} + 14*{row}]\n",
            abscissa!($v: "11"), "vpaddq ", $v, "24, ", $v, "18, [{c} + 15*{row}]\n",
            abscissa!($v: "12"), "vmovdqa64 ", $v, "25, ", $v, "18\n",
            abscissa!($v: "13"), "vmovdqa64 ", $v, "26, ", $v, "18\n",
            abscissa!($v: "14"), "vpaddq ", $v, "27, ", $v, "18, [{c} + 18*{row}]\n",
            "vmovdqa64 ", $v, "0, ", $v, "10\n",
            carry!($v: "10" "11" "12" "13" "14", "1" "2" "3" "4"),
            zero!($v: "10" "11" "12" "13" "14"),
            mul!($v: "0" "1" "2" "3" "4", "5" "6" "7" "8" "9"),
            // Y₃ (8.6), the highest limb first: what is above it is taken away.
            ordinate!($v: "14", "27"), ordinate!($v: "10", "23"), ordinate!($v: "11", "24"), ordinate!($v: "12", "25"), ordinate!($v: "13", "26"),
            reduced!($v: "23" "24" "25" "26" "27"),
            "dec {n:e}\n",
            "jnz 2b\n",
        )
    };
}

/// U₁, S₁, U₂ and S₂ become U₁, S₁, H = U₂ − U₁ and R = S₂ − S₁.
#[rustfmt::skip]
macro_rules! chord {
    ($v:literal: $s:literal) => {
        concat!(
            "vpermq ", $v, "15{{k5}}{{z}}, ", $v, $s, ", 0x40\n",
            "vpsubq ", $v, $s, ", ", $v, $s, ", ", $v, "15\n",
        )
    };
}
/// ZZ₃, -, H³ and V in $s with R² in the last lane of $rr become ZZ₃, -, H³ and V − X₃, and X₃, 0, ZZ₃, 0 in $p, for
/// X₃ = R² − H³ − 2·V.
#[rustfmt::skip]
macro_rules! sum_abscissa {
    ($v:literal: $s:literal, $rr:literal, $p:literal) => {
        concat!(
            "vpermq ", $v, "15{{k4}}{{z}}, ", $v, $s, ", 0x80\n",
            "vpaddq ", $v, "16, ", $v, $s, ", ", $v, $s, "\n",
            "vpaddq ", $v, "17, ", $v, "16, ", $v, "15\n",
            "vpsubq ", $v, "17, ", $v, $rr, ", ", $v, "17\n",
            "vpermq ", $v, $p, "{{k3}}{{z}}, ", $v, $s, ", 0\n",
            "vpsubq ", $v, $s, "{{k4}}, ", $v, $s, ", ", $v, "17\n",
            "vpermq ", $v, $p, "{{k1}}, ", $v, "17, 3\n",
        )
    };
}
/// -, ZZZ₃, S₁·H³ and R·(V − X₃) give the difference Y₃ of the last two and ZZZ₃, added to $p.
#[rustfmt::skip]
macro_rules! sum_ordinate {
    ($v:literal: $s:literal, $p:literal) => {
        concat!(
            "vpermq ", $v, "15{{k6}}{{z}}, ", $v, $s, ", 0x4c\n",
            "vpermq ", $v, "16{{k2}}{{z}}, ", $v, $s, ", 0x08\n",
            "vpsubq ", $v, $p, ", ", $v, $p, ", ", $v, "16\n",
            "vpaddq ", $v, $p, ", ", $v, $p, ", ", $v, "15\n",
        )
    };
}

/// The addition of the point at {q} to the one in 23 … 27; {r2} is memory for five limbs.
#[rustfmt::skip]
macro_rules! addition {
    ($v:literal) => {
        concat!(
            load!($v: "5" "6" "7" "8" "9", "{q}"),
            // ZZ₂, ZZZ₂, X₂, Y₂.
            each!($v: "vpermq", "5" "6" "7" "8" "9", "", "5" "6" "7" "8" "9", ", 0x4e"),
            // U₁, S₁ (1.2), U₂ + 2, S₂ + 2 (3.2).
            begin_with!($v: "19"),
            mul!($v: "23" "24" "25" "26" "27", "5" "6" "7" "8" "9"),
            // ZZ₁, ZZZ₁, H, R (3.2) times ZZ₂, ZZZ₂, H, R.
            each!($v: "vpermq", "0" "1" "2" "3" "4", "", "23" "24" "25" "26" "27", ", 0x0e"),
            chord!($v: "10"), chord!($v: "11"), chord!($v: "12"), chord!($v: "13"), chord!($v: "14"),
            carry!($v: "10" "11" "12" "13" "14"),
            each!($v: "vmovdqa64", "23" "24" "25" "26" "27", "", "10" "11" "12" "13" "14", ""),
            each!($v: "vmovdqa64", "0" "1" "2" "3" "4", "{{k5}}", "10" "11" "12" "13" "14", ""),
            each!($v: "vmovdqa64", "5" "6" "7" "8" "9", "{{k5}}", "10" "11" "12" "13" "14", ""),
            zero!($v: "10" "11" "12" "13" "14"),
            mul!($v: "0" "1" "2" "3" "4", "5" "6" "7" "8" "9"),
            // ZZ₁·ZZ₂, ZZZ₁·ZZZ₂ (1.1), H, U₁ times H² (1.7): ZZ₃, -, H³ (1.4), V + 1 (2.2).
            store!($v: "10" "11" "12" "13" "14", "{r2}"),
            carry!($v: "10" "11" "12" "13" "14"),
            each!($v: "vpermq", "5" "6" "7" "8" "9", "", "10" "11" "12" "13" "14", ", 0xaa"),
            each!($v: "vmovdqa64", "0" "1" "2" "3" "4", "", "10" "11" "12" "13" "14", ""),
            each!($v: "vpermq", "0" "1" "2" "3" "4", "{{k5}}", "23" "24" "25" "26" "27", ", 0x20"),
            begin_with!($v: "24"),
            mul!($v: "0" "1" "2" "3" "4", "5" "6" "7" "8" "9"),
            // -, ZZZ₁·ZZZ₂·H², H³, V − X₃ (8.0) times -, H, S₁, R.
            each!($v: "vpermq", "5" "6" "7" "8" "9", "", "23" "24" "25" "26" "27", ", 0xd8"),
            load!($v: "19" "20" "21" "22" "28", "{r2}"),
            sum_abscissa!($v: "10", "19", "23"), sum_abscissa!($v: "11", "20", "24"), sum_abscissa!($v: "12", "21", "25"),
            sum_abscissa!($v: "13", "22", "26"), sum_abscissa!($v: "14", "28", "27"),
            "vmovdqa64 ", $v, "0, ", $v, "10\n",
            carry!($v: "10" "11" "12" "13" "14", "1" "2" "3" "4"),
            // X₃ + 6 (5.7), Y₃ + 2 (4.6).
            "vpaddq ", $v, "23, ", $v, "23, [{c} + 29*{row}]\n",
            "vpaddq ", $v, "24, ", $v, "24, [{c} + 30*{row}]\n",
            "vpaddq ", $v, "27, ", $v, "27, [{c} + 33*{row}]\n",
            zero!($v: "10" "11" "12" "13" "14"),
            mul!($v: "0" "1" "2" "3" "4", "5" "6" "7" "8" "9"),
            sum_ordinate!($v: "14", "27"), sum_ordinate!($v: "10", "23"), sum_ordinate!($v: "11", "24"), sum_ordinate!($v: "12", "25"),
            sum_ordinate!($v: "13", "26"),
            reduced!($v: "23" "24" "25" "26" "27"),
        )
    };
}

/// The formulas for points in registers of one width: $v is its name in assembler, a row of points and constants has $row bytes.
macro_rules! operations {
    ($points:ty, $v:literal, $row:literal, $constants:ident) => {
        impl $points {
            /// Doubles `times` times, at least once. No point has order two.
            #[inline(never)]
            #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512ifma")]
            pub(in super::super) fn double_times(&mut self, times: u32) {
                debug_assert!(times > 0);
                // SAFETY: reads the constants, reads and writes five rows behind `self`, aligned to 64; writes registers
                // that are named, needs no stack.
                unsafe {
                    with_vectors!(
                        constants!($v),
                        load!($v: "23" "24" "25" "26" "27", "{p}"),
                        doublings!($v),
                        store!($v: "23" "24" "25" "26" "27", "{p}"),
                        row = const $row,
                        c = in(reg) &raw const $constants,
                        p = in(reg) self.0.as_mut_ptr(),
                        n = inout(reg) times => _,
                        t = out(reg) _,
                    );
                }
            }

            /// Adds another point, neither infinity; ZZ becomes zero where they have the same x.
            #[inline(never)]
            #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512ifma")]
            pub(in super::super) fn add(&mut self, other: &Self) {
                let mut r2 = Self::ZERO;
                // SAFETY: reads the constants and five rows behind `other`, reads and writes those behind `self` and `r2`,
                // all aligned to 64; writes registers that are named, needs no stack.
                unsafe {
                    with_vectors!(
                        constants!($v),
                        load!($v: "23" "24" "25" "26" "27", "{p}"),
                        addition!($v),
                        store!($v: "23" "24" "25" "26" "27", "{p}"),
                        row = const $row,
                        c = in(reg) &raw const $constants,
                        p = in(reg) self.0.as_mut_ptr(),
                        q = in(reg) other.0.as_ptr(),
                        r2 = in(reg) r2.0.as_mut_ptr(),
                        t = out(reg) _,
                    );
                }
            }

            /// [`Self::double_times`] and [`Self::add`], the point staying in its registers.
            #[inline(never)]
            #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512ifma")]
            pub(in super::super) fn double_times_and_add(&mut self, times: u32, other: &Self) {
                debug_assert!(times > 0);
                let mut r2 = Self::ZERO;
                // SAFETY: as in the two.
                unsafe {
                    with_vectors!(
                        constants!($v),
                        load!($v: "23" "24" "25" "26" "27", "{p}"),
                        doublings!($v),
                        addition!($v),
                        store!($v: "23" "24" "25" "26" "27", "{p}"),
                        row = const $row,
                        c = in(reg) &raw const $constants,
                        p = in(reg) self.0.as_mut_ptr(),
                        q = in(reg) other.0.as_ptr(),
                        r2 = in(reg) r2.0.as_mut_ptr(),
                        n = inout(reg) times => _,
                        t = out(reg) _,
                    );
                }
            }
        }
    };
}

operations!(Quad, "ymm", 32, OF_ONE);
operations!(Pair, "zmm", 64, OF_TWO);
