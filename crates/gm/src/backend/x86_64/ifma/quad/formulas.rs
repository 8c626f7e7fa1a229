//! Doubling and adding a point whose four coordinates are the lanes: the formulas of [`super::super::point`], `dbl-2008-s-1`
//! and `add-2008-s`, as three and four steps of four products each.
//!
//! Between two steps lanes change places; a sum that two products need is made beside them and carried once. In brackets:
//! below how many times p a value is.

#![allow(unsafe_code, reason = "core::arch::asm!")]

use core::arch::asm;

use super::Quad;

type Lanes = [u64; 4];

#[repr(C, align(64))]
struct Constants {
    /// 2⁴⁴ − 2¹² and 2⁴⁸ − 2¹⁶.
    low: Lanes,
    high: Lanes,
    shifts: Lanes,
    mask48: Lanes,
    /// Multiples of p that keep the sums above zero: those of the first step, of the second or third, and of the last.
    doubling: [[Lanes; 5]; 3],
    adding: [[Lanes; 5]; 3],
}

static CONSTANTS: Constants = Constants {
    low: [(1 << 44) - (1 << 12); 4],
    high: [(1 << 48) - (1 << 16); 4],
    shifts: [2, 2, 2, 1],
    mask48: [(1 << 48) - 1; 4],
    doubling: [multiples([2, 0, 0, 0]), multiples([3, 0, 0, 0]), multiples([9, 2, 0, 0])],
    adding: [multiples([0, 0, 2, 2]), multiples([0, 0, 0, 1]), multiples([6, 2, 0, 0])],
};

/// Limbs of these multiples of p = (2⁴⁸ − 2¹⁶)·2²⁰⁸ − (2⁴⁴ − 2¹²)·2⁵² − 1.
const fn multiples(of: [u64; 4]) -> [Lanes; 5] {
    let mut out = [[0; 4]; 5];
    let mut lane = 0;
    while lane < 4 {
        out[0][lane] = of[lane].wrapping_neg();
        out[1][lane] = (of[lane] * ((1 << 44) - (1 << 12))).wrapping_neg();
        out[4][lane] = of[lane] * ((1 << 48) - (1 << 16));
        lane += 1;
    }
    out
}

/// An instruction for each of five limbs: registers, or places behind a pointer, in order.
#[rustfmt::skip]
macro_rules! each {
    ($op:literal, $d0:literal $d1:literal $d2:literal $d3:literal $d4:literal, $mask:literal, $s0:literal $s1:literal $s2:literal $s3:literal $s4:literal, $rest:literal) => {
        concat!(
            $op, " ymm", $d0, $mask, ", ymm", $s0, $rest, "\n",
            $op, " ymm", $d1, $mask, ", ymm", $s1, $rest, "\n",
            $op, " ymm", $d2, $mask, ", ymm", $s2, $rest, "\n",
            $op, " ymm", $d3, $mask, ", ymm", $s3, $rest, "\n",
            $op, " ymm", $d4, $mask, ", ymm", $s4, $rest, "\n",
        )
    };
}
#[rustfmt::skip]
macro_rules! load {
    ($d0:literal $d1:literal $d2:literal $d3:literal $d4:literal, $from:literal) => {
        concat!(
            "vmovdqa64 ymm", $d0, ", [", $from, "]\n",
            "vmovdqa64 ymm", $d1, ", [", $from, " + 32]\n",
            "vmovdqa64 ymm", $d2, ", [", $from, " + 64]\n",
            "vmovdqa64 ymm", $d3, ", [", $from, " + 96]\n",
            "vmovdqa64 ymm", $d4, ", [", $from, " + 128]\n",
        )
    };
}
#[rustfmt::skip]
macro_rules! store {
    ($d0:literal $d1:literal $d2:literal $d3:literal $d4:literal, $to:literal) => {
        concat!(
            "vmovdqa64 [", $to, "], ymm", $d0, "\n",
            "vmovdqa64 [", $to, " + 32], ymm", $d1, "\n",
            "vmovdqa64 [", $to, " + 64], ymm", $d2, "\n",
            "vmovdqa64 [", $to, " + 96], ymm", $d3, "\n",
            "vmovdqa64 [", $to, " + 128], ymm", $d4, "\n",
        )
    };
}
/// The sums begin with multiples of p; their third and fourth limbs are zero.
#[rustfmt::skip]
macro_rules! begin_with {
    ($at:literal) => {
        concat!(
            "vmovdqa64 ymm10, [{c} + ", $at, "]\n",
            "vmovdqa64 ymm11, [{c} + ", $at, " + 32]\n",
            "vmovdqa64 ymm14, [{c} + ", $at, " + 128]\n",
            zero!("12" "13"),
        )
    };
}
/// k1 … k4 are the lanes one by one, k5 the upper two, k6 the second and the last.
#[rustfmt::skip]
macro_rules! constants {
    () => {
        concat!(
            "mov {t:e}, 1\n", "kmovb k1, {t:e}\n",
            "mov {t:e}, 2\n", "kmovb k2, {t:e}\n",
            "mov {t:e}, 4\n", "kmovb k3, {t:e}\n",
            "mov {t:e}, 8\n", "kmovb k4, {t:e}\n",
            "mov {t:e}, 12\n", "kmovb k5, {t:e}\n",
            "mov {t:e}, 10\n", "kmovb k6, {t:e}\n",
            "vmovdqa64 ymm30, [{c}]\n",
            "vmovdqa64 ymm31, [{c} + 32]\n",
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
    ($s:literal, $d:literal) => {
        concat!(
            "vpermq ymm15, ymm", $s, ", 0x15\n", // Y², Y², Y², X²
            "vpermq ymm16{{k4}}{{z}}, ymm", $s, ", 0x80\n", // ZZ²
            "vpsubq ymm15, ymm15, ymm16\n",
            "vpsllvq ymm", $d, ", ymm15, ymm28\n",
            "vpaddq ymm", $d, "{{k4}}, ymm", $d, ", ymm15\n",
        )
    };
}
/// S, V·Y, ZZ₃ and M² become 3·S − M², 2·V·Y = W, -, W in $s and X₃, 0, ZZ₃, 0 in 18.
#[rustfmt::skip]
macro_rules! abscissa {
    ($s:literal) => {
        concat!(
            "vpermq ymm15, ymm", $s, ", 0x47\n", // M², V·Y, -, V·Y
            "vpaddq ymm16, ymm", $s, ", ymm", $s, "\n",
            "vpaddq ymm17, ymm16, ymm", $s, "\n",
            "vpsubq ymm18{{k1}}{{z}}, ymm15, ymm16\n",
            "vpaddq ymm18{{k3}}, ymm18, ymm", $s, "\n",
            "vpaddq ymm", $s, ", ymm15, ymm15\n",
            "vpsubq ymm", $s, "{{k1}}, ymm17, ymm15\n",
        )
    };
}
/// M·(S − X₃), W·Y and W·ZZZ give the difference Y₃ of the first two and ZZZ₃, added to $p.
#[rustfmt::skip]
macro_rules! ordinate {
    ($s:literal, $p:literal) => {
        concat!(
            "vpermq ymm15{{k2}}{{z}}, ymm", $s, ", 0\n",
            "vpaddq ymm", $p, "{{k4}}, ymm", $p, ", ymm", $s, "\n",
            "vpsubq ymm", $p, "{{k2}}, ymm", $p, ", ymm", $s, "\n",
            "vpaddq ymm", $p, ", ymm", $p, ", ymm15\n",
        )
    };
}

/// The doublings, {n} in number, of the point in 23 … 27.
#[rustfmt::skip]
macro_rules! doublings {
    () => {
        concat!(
            "vmovdqa64 ymm28, [{c} + 64]\n",
            "2:\n",
            // Squares (1.1).
            begin_with!("128"),
            square!("23" "24" "25" "26" "27"),
            // V = 4·Y² (4.3), M = 3·(X² − ZZ² + 2) (9.3).
            tangent!("10", "5"), tangent!("11", "6"), tangent!("12", "7"), tangent!("13", "8"), tangent!("14", "9"),
            carry!("5" "6" "7" "8" "9"),
            // X, Y, ZZ, M times V, V, V, M: S = X·V + 3 (4.3), V·Y (1.3), ZZ₃ (1.3), M² (6.5).
            each!("vmovdqa64", "0" "1" "2" "3" "4", "", "23" "24" "25" "26" "27", ""),
            each!("vmovdqa64", "0" "1" "2" "3" "4", "{{k4}}", "5" "6" "7" "8" "9", ""),
            begin_with!("288"),
            mul!("0" "1" "2" "3" "4", "5" "6" "7" "8" "9"),
            // 3·S − M² (12.9), W, -, W times M, Y, -, ZZZ; X₃ = M² − 2·S + 9 (9.5).
            each!("vpermq", "5" "6" "7" "8" "9", "", "5" "6" "7" "8" "9", ", 3"),
            each!("vmovdqa64", "5" "6" "7" "8" "9", "{{k6}}", "23" "24" "25" "26" "27", ""),
            abscissa!("10"), "vpaddq ymm23, ymm18, [{c} + 448]\n",
            abscissa!("11"), "vpaddq ymm24, ymm18, [{c} + 480]\n",
            abscissa!("12"), "vmovdqa64 ymm25, ymm18\n",
            abscissa!("13"), "vmovdqa64 ymm26, ymm18\n",
            abscissa!("14"), "vpaddq ymm27, ymm18, [{c} + 576]\n",
            "vmovdqa64 ymm0, ymm10\n",
            carry!("10" "11" "12" "13" "14", "1" "2" "3" "4"),
            zero!("10" "11" "12" "13" "14"),
            mul!("0" "1" "2" "3" "4", "5" "6" "7" "8" "9"),
            // Y₃ (8.6), the highest limb first: what is above it is taken away.
            ordinate!("14", "27"), ordinate!("10", "23"), ordinate!("11", "24"), ordinate!("12", "25"), ordinate!("13", "26"),
            reduced!("23" "24" "25" "26" "27"),
            "dec {n:e}\n",
            "jnz 2b\n",
        )
    };
}

/// U₁, S₁, U₂ and S₂ become U₁, S₁, H = U₂ − U₁ and R = S₂ − S₁.
#[rustfmt::skip]
macro_rules! chord {
    ($s:literal) => {
        concat!(
            "vpermq ymm15{{k5}}{{z}}, ymm", $s, ", 0x40\n",
            "vpsubq ymm", $s, ", ymm", $s, ", ymm15\n",
        )
    };
}
/// ZZ₃, -, H³ and V in $s with R² in the last lane of $rr become ZZ₃, -, H³ and V − X₃, and X₃, 0, ZZ₃, 0 in $p, for
/// X₃ = R² − H³ − 2·V.
#[rustfmt::skip]
macro_rules! sum_abscissa {
    ($s:literal, $rr:literal, $p:literal) => {
        concat!(
            "vpermq ymm15{{k4}}{{z}}, ymm", $s, ", 0x80\n",
            "vpaddq ymm16, ymm", $s, ", ymm", $s, "\n",
            "vpaddq ymm17, ymm16, ymm15\n",
            "vpsubq ymm17, ymm", $rr, ", ymm17\n",
            "vpermq ymm", $p, "{{k3}}{{z}}, ymm", $s, ", 0\n",
            "vpsubq ymm", $s, "{{k4}}, ymm", $s, ", ymm17\n",
            "vpermq ymm", $p, "{{k1}}, ymm17, 3\n",
        )
    };
}
/// -, ZZZ₃, S₁·H³ and R·(V − X₃) give the difference Y₃ of the last two and ZZZ₃, added to $p.
#[rustfmt::skip]
macro_rules! sum_ordinate {
    ($s:literal, $p:literal) => {
        concat!(
            "vpermq ymm15{{k6}}{{z}}, ymm", $s, ", 0x4c\n",
            "vpermq ymm16{{k2}}{{z}}, ymm", $s, ", 0x08\n",
            "vpsubq ymm", $p, ", ymm", $p, ", ymm16\n",
            "vpaddq ymm", $p, ", ymm", $p, ", ymm15\n",
        )
    };
}

/// The addition of the point at {q} to the one in 23 … 27; {r2} is memory for five limbs.
#[rustfmt::skip]
macro_rules! addition {
    () => {
        concat!(
            load!("5" "6" "7" "8" "9", "{q}"),
            // ZZ₂, ZZZ₂, X₂, Y₂.
            each!("vpermq", "5" "6" "7" "8" "9", "", "5" "6" "7" "8" "9", ", 0x4e"),
            // U₁, S₁ (1.2), U₂ + 2, S₂ + 2 (3.2).
            begin_with!("608"),
            mul!("23" "24" "25" "26" "27", "5" "6" "7" "8" "9"),
            // ZZ₁, ZZZ₁, H, R (3.2) times ZZ₂, ZZZ₂, H, R.
            each!("vpermq", "0" "1" "2" "3" "4", "", "23" "24" "25" "26" "27", ", 0x0e"),
            chord!("10"), chord!("11"), chord!("12"), chord!("13"), chord!("14"),
            carry!("10" "11" "12" "13" "14"),
            each!("vmovdqa64", "23" "24" "25" "26" "27", "", "10" "11" "12" "13" "14", ""),
            each!("vmovdqa64", "0" "1" "2" "3" "4", "{{k5}}", "10" "11" "12" "13" "14", ""),
            each!("vmovdqa64", "5" "6" "7" "8" "9", "{{k5}}", "10" "11" "12" "13" "14", ""),
            zero!("10" "11" "12" "13" "14"),
            mul!("0" "1" "2" "3" "4", "5" "6" "7" "8" "9"),
            // ZZ₁·ZZ₂, ZZZ₁·ZZZ₂ (1.1), H, U₁ times H² (1.7): ZZ₃, -, H³ (1.4), V + 1 (2.2).
            store!("10" "11" "12" "13" "14", "{r2}"),
            carry!("10" "11" "12" "13" "14"),
            each!("vpermq", "5" "6" "7" "8" "9", "", "10" "11" "12" "13" "14", ", 0xaa"),
            each!("vmovdqa64", "0" "1" "2" "3" "4", "", "10" "11" "12" "13" "14", ""),
            each!("vpermq", "0" "1" "2" "3" "4", "{{k5}}", "23" "24" "25" "26" "27", ", 0x20"),
            begin_with!("768"),
            mul!("0" "1" "2" "3" "4", "5" "6" "7" "8" "9"),
            // -, ZZZ₁·ZZZ₂·H², H³, V − X₃ (8.0) times -, H, S₁, R.
            each!("vpermq", "5" "6" "7" "8" "9", "", "23" "24" "25" "26" "27", ", 0xd8"),
            load!("19" "20" "21" "22" "28", "{r2}"),
            sum_abscissa!("10", "19", "23"), sum_abscissa!("11", "20", "24"), sum_abscissa!("12", "21", "25"),
            sum_abscissa!("13", "22", "26"), sum_abscissa!("14", "28", "27"),
            "vmovdqa64 ymm0, ymm10\n",
            carry!("10" "11" "12" "13" "14", "1" "2" "3" "4"),
            // X₃ + 6 (5.7), Y₃ + 2 (4.6).
            "vpaddq ymm23, ymm23, [{c} + 928]\n",
            "vpaddq ymm24, ymm24, [{c} + 960]\n",
            "vpaddq ymm27, ymm27, [{c} + 1056]\n",
            zero!("10" "11" "12" "13" "14"),
            mul!("0" "1" "2" "3" "4", "5" "6" "7" "8" "9"),
            sum_ordinate!("14", "27"), sum_ordinate!("10", "23"), sum_ordinate!("11", "24"), sum_ordinate!("12", "25"),
            sum_ordinate!("13", "26"),
            reduced!("23" "24" "25" "26" "27"),
        )
    };
}

/// Doubles `times` times, at least once. No point has order two.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512ifma")]
pub(super) fn double_times(point: &mut Quad, times: u32) {
    debug_assert!(times > 0);
    // SAFETY: reads the constants, reads and writes the 160 bytes behind `point`, aligned to 64; writes registers that are
    // named, needs no stack.
    unsafe {
        with_vectors!(
            constants!(),
            load!("23" "24" "25" "26" "27", "{p}"),
            doublings!(),
            store!("23" "24" "25" "26" "27", "{p}"),
            c = in(reg) &raw const CONSTANTS,
            p = in(reg) point.0.as_mut_ptr(),
            n = inout(reg) times => _,
            t = out(reg) _,
        );
    }
}

/// Adds another point, neither infinity; ZZ becomes zero where they have the same x.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512ifma")]
pub(super) fn add(point: &mut Quad, other: &Quad) {
    let mut r2 = Quad([0; 24]);
    // SAFETY: reads the constants and the 160 bytes behind `other`, reads and writes those behind `point` and `r2`, all aligned
    // to 64; writes registers that are named, needs no stack.
    unsafe {
        with_vectors!(
            constants!(),
            load!("23" "24" "25" "26" "27", "{p}"),
            addition!(),
            store!("23" "24" "25" "26" "27", "{p}"),
            c = in(reg) &raw const CONSTANTS,
            p = in(reg) point.0.as_mut_ptr(),
            q = in(reg) other.0.as_ptr(),
            r2 = in(reg) r2.0.as_mut_ptr(),
            t = out(reg) _,
        );
    }
}

/// [`double_times`] and [`add`], the point staying in its registers.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512ifma")]
pub(super) fn double_times_and_add(point: &mut Quad, times: u32, other: &Quad) {
    debug_assert!(times > 0);
    let mut r2 = Quad([0; 24]);
    // SAFETY: as in the two.
    unsafe {
        with_vectors!(
            constants!(),
            load!("23" "24" "25" "26" "27", "{p}"),
            doublings!(),
            addition!(),
            store!("23" "24" "25" "26" "27", "{p}"),
            c = in(reg) &raw const CONSTANTS,
            p = in(reg) point.0.as_mut_ptr(),
            q = in(reg) other.0.as_ptr(),
            r2 = in(reg) r2.0.as_mut_ptr(),
            n = inout(reg) times => _,
            t = out(reg) _,
        );
    }
}
