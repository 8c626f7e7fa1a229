//! The field of SM9 with MULX, ADCX and ADOX. Needs [`Backend::Avx2`](crate::backend::Backend), which includes BMI2 and ADX.
//!
//! A product in F_p² is two sums of two products, each under one reduction that goes along with the rows (Longa, ePrint
//! 2022/367): 104 multiplications of limbs, where Karatsuba's three products and two reductions would be 88, but with many
//! more additions of 512-bit numbers. Between them, nothing returns to memory.

#![allow(
    unsafe_code,
    reason = "core::arch::asm! on values and on references that live through the block"
)]

use core::arch::asm;

use super::arithmetic::{Avx2, Avx512};
use crate::backend::portable::{
    limbs::Limbs,
    sm9::arithmetic::{P, P0, Pair, PairingArithmetic},
};

/// Where `asm!` finds it.
static MODULUS: Limbs = P;

/// The first row: rdx times [$b + $at], into five registers; the sixth is zero.
#[rustfmt::skip]
macro_rules! first_row {
    ($t0:literal, $t1:literal, $t2:literal, $t3:literal, $t4:literal, $t5:literal, $b:literal, $at:literal) => {
        concat!(
            "mulx ", $t1, ", ", $t0, ", [", $b, " + ", $at, "]\n",
            "mulx ", $t2, ", rax, [", $b, " + ", $at, " + 8]\n",
            "add ", $t1, ", rax\n",
            "mulx ", $t3, ", rax, [", $b, " + ", $at, " + 16]\n",
            "adc ", $t2, ", rax\n",
            "mulx ", $t4, ", rax, [", $b, " + ", $at, " + 24]\n",
            "adc ", $t3, ", rax\n",
            "adc ", $t4, ", 0\n",
            "xor ", $t5, "d, ", $t5, "d\n",
        )
    };
}

/// One more row: rdx times [$b + $at] added, with a sum that five registers hold.
#[rustfmt::skip]
macro_rules! row {
    ($t0:literal, $t1:literal, $t2:literal, $t3:literal, $t4:literal, $b:literal, $at:literal) => {
        concat!(
            // So that it does not wait for the row before.
            "xor eax, eax\n",
            "mulx rcx, rax, [", $b, " + ", $at, "]\n",
            "adcx ", $t0, ", rax\n",
            "adox ", $t1, ", rcx\n",
            "mulx rcx, rax, [", $b, " + ", $at, " + 8]\n",
            "adcx ", $t1, ", rax\n",
            "adox ", $t2, ", rcx\n",
            "mulx rcx, rax, [", $b, " + ", $at, " + 16]\n",
            "adcx ", $t2, ", rax\n",
            "adox ", $t3, ", rcx\n",
            "mulx rcx, rax, [", $b, " + ", $at, " + 24]\n",
            "adcx ", $t3, ", rax\n",
            "adox ", $t4, ", rcx\n",
            "adcx ", $t4, ", r14\n",
        )
    };
}

/// The same with a sixth register; r14 is zero.
#[rustfmt::skip]
macro_rules! long_row {
    ($t0:literal, $t1:literal, $t2:literal, $t3:literal, $t4:literal, $t5:literal, $b:literal, $at:literal) => {
        concat!(
            row!($t0, $t1, $t2, $t3, $t4, $b, $at),
            "adox ", $t5, ", r14\n",
            "adcx ", $t5, ", r14\n",
        )
    };
}

/// The multiple of p that makes the lowest limb zero, added.
#[rustfmt::skip]
macro_rules! reduce {
    ($t0:literal, $t1:literal, $t2:literal, $t3:literal, $t4:literal, $t5:literal) => {
        concat!(
            "mov rdx, {p0}\n",
            "imul rdx, ", $t0, "\n",
            long_row!($t0, $t1, $t2, $t3, $t4, $t5, "rip + {p}", "0"),
        )
    };
}

/// p subtracted from $t0 … $t3, rax below, unless that is negative.
#[rustfmt::skip]
macro_rules! subtract {
    ($t0:literal, $t1:literal, $t2:literal, $t3:literal, $top:literal, $s0:literal, $s1:literal, $s2:literal, $s3:literal, $s4:literal) => {
        concat!(
            "mov ", $s0, ", ", $t0, "\n",
            "mov ", $s1, ", ", $t1, "\n",
            "mov ", $s2, ", ", $t2, "\n",
            "mov ", $s3, ", ", $t3, "\n",
            "mov ", $s4, ", ", $top, "\n",
            "sub ", $t0, ", [rip + {p}]\n",
            "sbb ", $t1, ", [rip + {p} + 8]\n",
            "sbb ", $t2, ", [rip + {p} + 16]\n",
            "sbb ", $t3, ", [rip + {p} + 24]\n",
            "sbb ", $top, ", 0\n",
            "cmovc ", $t0, ", ", $s0, "\n",
            "cmovc ", $t1, ", ", $s1, "\n",
            "cmovc ", $t2, ", ", $s2, "\n",
            "cmovc ", $t3, ", ", $s3, "\n",
            "cmovc ", $top, ", ", $s4, "\n",
        )
    };
}

/// [rsi]·[rdi + $b0] + [rsi + 32]·[rdi + $b1], limbs at r12, r13, r8, r9.
#[rustfmt::skip]
macro_rules! sum_of_products {
    ($b0:literal, $b1:literal) => {
        concat!(
            "xor r14d, r14d\n",
            "mov rdx, [rsi]\n",
            first_row!("r8", "r9", "r10", "r11", "r12", "r13", "rdi", $b0),
            "mov rdx, [rsi + 32]\n",
            long_row!("r8", "r9", "r10", "r11", "r12", "r13", "rdi", $b1),
            reduce!("r8", "r9", "r10", "r11", "r12", "r13"),
            "mov rdx, [rsi + 8]\n",
            row!("r9", "r10", "r11", "r12", "r13", "rdi", $b0),
            "mov rdx, [rsi + 40]\n",
            long_row!("r9", "r10", "r11", "r12", "r13", "r8", "rdi", $b1),
            reduce!("r9", "r10", "r11", "r12", "r13", "r8"),
            "mov rdx, [rsi + 16]\n",
            row!("r10", "r11", "r12", "r13", "r8", "rdi", $b0),
            "mov rdx, [rsi + 48]\n",
            long_row!("r10", "r11", "r12", "r13", "r8", "r9", "rdi", $b1),
            reduce!("r10", "r11", "r12", "r13", "r8", "r9"),
            "mov rdx, [rsi + 24]\n",
            row!("r11", "r12", "r13", "r8", "r9", "rdi", $b0),
            "mov rdx, [rsi + 56]\n",
            long_row!("r11", "r12", "r13", "r8", "r9", "r10", "rdi", $b1),
            reduce!("r11", "r12", "r13", "r8", "r9", "r10"),
            // r11 is zero; below 3p.
            subtract!("r12", "r13", "r8", "r9", "r10", "rax", "rcx", "rdx", "rdi", "r11"),
            subtract!("r12", "r13", "r8", "r9", "r10", "rax", "rcx", "rdx", "rdi", "r11"),
        )
    };
}

macro_rules! sum_of_products_function {
    ($name:ident, $b0:literal, $b1:literal) => {
        #[inline(always)]
        fn $name(a: &Pair, b: &Pair) -> Limbs {
            let (r0, r1, r2, r3);
            // SAFETY: reads the 64 bytes behind each reference and the 32 of a static, writes registers that are named,
            // needs no stack.
            unsafe {
                asm!(
                    sum_of_products!($b0, $b1),
                    p = sym MODULUS,
                    p0 = const P0,
                    in("rsi") a.as_ptr(),
                    inout("rdi") b.as_ptr() => _,
                    out("rax") _, out("rcx") _, out("rdx") _,
                    out("r8") r2, out("r9") r3, out("r10") _, out("r11") _,
                    out("r12") r0, out("r13") r1, out("r14") _,
                    options(pure, readonly, nostack),
                );
            }
            [r0, r1, r2, r3]
        }
    };
}

sum_of_products_function!(straight, "0", "32");
sum_of_products_function!(crossed, "32", "0");

#[inline(always)]
fn product(a: &Limbs, b: &Limbs) -> Limbs {
    let (r0, r1, r2, r3);
    // SAFETY: reads the 32 bytes behind each reference and of a static, writes registers that are named, needs no stack.
    unsafe {
        asm!(
            "xor r14d, r14d",
            "mov rdx, [rsi]",
            first_row!("r8", "r9", "r10", "r11", "r12", "r13", "rdi", "0"),
            reduce!("r8", "r9", "r10", "r11", "r12", "r13"),
            "mov rdx, [rsi + 8]",
            row!("r9", "r10", "r11", "r12", "r13", "rdi", "0"),
            reduce!("r9", "r10", "r11", "r12", "r13", "r8"),
            "mov rdx, [rsi + 16]",
            row!("r10", "r11", "r12", "r13", "r8", "rdi", "0"),
            reduce!("r10", "r11", "r12", "r13", "r8", "r9"),
            "mov rdx, [rsi + 24]",
            row!("r11", "r12", "r13", "r8", "r9", "rdi", "0"),
            reduce!("r11", "r12", "r13", "r8", "r9", "r10"),
            // r11 is zero; below 2p.
            subtract!("r12", "r13", "r8", "r9", "r10", "rax", "rcx", "rdx", "rdi", "r11"),
            p = sym MODULUS,
            p0 = const P0,
            in("rsi") a.as_ptr(),
            inout("rdi") b.as_ptr() => _,
            out("rax") _, out("rcx") _, out("rdx") _,
            out("r8") r2, out("r9") r3, out("r10") _, out("r11") _,
            out("r12") r0, out("r13") r1, out("r14") _,
            options(pure, readonly, nostack),
        );
    }
    [r0, r1, r2, r3]
}

#[inline(always)]
fn sum(a: &Limbs, b: &Limbs) -> Limbs {
    let [mut r0, mut r1, mut r2, mut r3] = *a;
    // SAFETY: reads the 32 bytes behind the reference and of a static, writes registers that are named, needs no stack.
    unsafe {
        asm!(
            "xor {c:e}, {c:e}",
            "add {r0}, [{b}]",
            "adc {r1}, [{b} + 8]",
            "adc {r2}, [{b} + 16]",
            "adc {r3}, [{b} + 24]",
            "adc {c}, 0",
            "mov {t0}, {r0}",
            "mov {t1}, {r1}",
            "mov {t2}, {r2}",
            "mov {t3}, {r3}",
            "sub {r0}, [rip + {p}]",
            "sbb {r1}, [rip + {p} + 8]",
            "sbb {r2}, [rip + {p} + 16]",
            "sbb {r3}, [rip + {p} + 24]",
            "sbb {c}, 0",
            "cmovc {r0}, {t0}",
            "cmovc {r1}, {t1}",
            "cmovc {r2}, {t2}",
            "cmovc {r3}, {t3}",
            p = sym MODULUS,
            b = in(reg) b.as_ptr(),
            r0 = inout(reg) r0, r1 = inout(reg) r1, r2 = inout(reg) r2, r3 = inout(reg) r3,
            t0 = out(reg) _, t1 = out(reg) _, t2 = out(reg) _, t3 = out(reg) _,
            c = out(reg) _,
            options(pure, readonly, nostack),
        );
    }
    [r0, r1, r2, r3]
}

#[inline(always)]
fn difference(a: &Limbs, b: &Limbs) -> Limbs {
    let [mut r0, mut r1, mut r2, mut r3] = *a;
    // SAFETY: reads the 32 bytes behind the reference and of a static, writes registers that are named, needs no stack.
    unsafe {
        asm!(
            "sub {r0}, [{b}]",
            "sbb {r1}, [{b} + 8]",
            "sbb {r2}, [{b} + 16]",
            "sbb {r3}, [{b} + 24]",
            "sbb {m3}, {m3}",
            "mov {m0}, [rip + {p}]",
            "mov {m1}, [rip + {p} + 8]",
            "mov {m2}, [rip + {p} + 16]",
            "and {m0}, {m3}",
            "and {m1}, {m3}",
            "and {m2}, {m3}",
            "and {m3}, [rip + {p} + 24]",
            "add {r0}, {m0}",
            "adc {r1}, {m1}",
            "adc {r2}, {m2}",
            "adc {r3}, {m3}",
            p = sym MODULUS,
            b = in(reg) b.as_ptr(),
            r0 = inout(reg) r0, r1 = inout(reg) r1, r2 = inout(reg) r2, r3 = inout(reg) r3,
            m0 = out(reg) _, m1 = out(reg) _, m2 = out(reg) _, m3 = out(reg) _,
            options(pure, readonly, nostack),
        );
    }
    [r0, r1, r2, r3]
}

/// −2·a, between 0 and p inclusive.
#[inline(always)]
fn minus_twice(a: &Limbs) -> Limbs {
    let [mut r0, mut r1, mut r2, mut r3] = MODULUS;
    // SAFETY: reads the 32 bytes behind the reference and of a static, writes registers that are named, needs no stack.
    unsafe {
        asm!(
            "xor {c:e}, {c:e}",
            "sub {r0}, [{a}]",
            "sbb {r1}, [{a} + 8]",
            "sbb {r2}, [{a} + 16]",
            "sbb {r3}, [{a} + 24]",
            "add {r0}, {r0}",
            "adc {r1}, {r1}",
            "adc {r2}, {r2}",
            "adc {r3}, {r3}",
            "adc {c}, 0",
            "mov {t0}, {r0}",
            "mov {t1}, {r1}",
            "mov {t2}, {r2}",
            "mov {t3}, {r3}",
            "sub {r0}, [rip + {p}]",
            "sbb {r1}, [rip + {p} + 8]",
            "sbb {r2}, [rip + {p} + 16]",
            "sbb {r3}, [rip + {p} + 24]",
            "sbb {c}, 0",
            "cmovc {r0}, {t0}",
            "cmovc {r1}, {t1}",
            "cmovc {r2}, {t2}",
            "cmovc {r3}, {t3}",
            p = sym MODULUS,
            a = in(reg) a.as_ptr(),
            r0 = inout(reg) r0, r1 = inout(reg) r1, r2 = inout(reg) r2, r3 = inout(reg) r3,
            t0 = out(reg) _, t1 = out(reg) _, t2 = out(reg) _, t3 = out(reg) _,
            c = out(reg) _,
            options(pure, readonly, nostack),
        );
    }
    [r0, r1, r2, r3]
}

/// A function of its own: inlined, the pairing's code would not fit the first-level cache.
#[inline(never)]
fn pair_product(a: &Pair, b: &Pair) -> Pair {
    let left = [b[0], minus_twice(&b[1])];
    [straight(a, &left), crossed(a, b)]
}

#[inline(never)]
fn pair_squared(a: &Pair) -> Pair {
    let [a0, a1] = a;
    let twice = sum(a1, a1);
    // (a0 + a1)(a0 − 2·a1) + a0·a1, 2·a0·a1.
    let (left, right) = (product(&sum(a0, a1), &difference(a0, &twice)), product(a0, a1));
    [sum(&left, &right), sum(&right, &right)]
}

macro_rules! arithmetic {
    ($($name:ident),*) => {
        $(impl PairingArithmetic for $name {
            #[inline(always)]
            fn product(a: &Limbs, b: &Limbs) -> Limbs {
                product(a, b)
            }

            #[inline(always)]
            fn product_sum(a: &Limbs, b: &Limbs, c: &Limbs, d: &Limbs) -> Limbs {
                straight(&[*a, *c], &[*b, *d])
            }

            #[inline(always)]
            fn sum(a: &Limbs, b: &Limbs) -> Limbs {
                sum(a, b)
            }

            #[inline(always)]
            fn difference(a: &Limbs, b: &Limbs) -> Limbs {
                difference(a, b)
            }

            #[inline(always)]
            fn pair_product(a: &Pair, b: &Pair) -> Pair {
                pair_product(a, b)
            }

            #[inline(always)]
            fn pair_squared(a: &Pair) -> Pair {
                pair_squared(a)
            }
        })*
    };
}

arithmetic!(Avx2, Avx512);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{Backend, portable::arithmetic::Portable, sm2::available};

    /// 0, 1, p − 1, and all limbs' extremes that are below p.
    fn edges() -> impl Iterator<Item = Limbs> + Clone {
        let limbs = [0, 1, u64::MAX, 1 << 63];
        let small = (0..256).map(move |i: usize| {
            [limbs[i & 3], limbs[i >> 2 & 3], limbs[i >> 4 & 3], [0, 1, P[3] - 1, 1 << 63][i >> 6]]
        });
        let near = (1..4).map(|i| [P[0] - i, P[1], P[2], P[3]]);
        small.chain(near).chain([[0, P[1], P[2], P[3]], [u64::MAX, P[1] - 1, P[2], P[3]]])
    }

    fn agrees(a: &Pair, b: &Pair) {
        let [a0, a1] = a;
        assert_eq!(product(a0, a1), Portable::product(a0, a1), "{a:x?}");
        assert_eq!(sum(a0, a1), Portable::sum(a0, a1), "{a:x?}");
        assert_eq!(difference(a0, a1), Portable::difference(a0, a1), "{a:x?}");
        let of_sum = Avx2::product_sum(a0, &b[0], a1, &b[1]);
        assert_eq!(of_sum, Portable::product_sum(a0, &b[0], a1, &b[1]), "{a:x?} {b:x?}");
        assert_eq!(pair_product(a, b), Portable::pair_product(a, b), "{a:x?} {b:x?}");
        assert_eq!(pair_squared(a), Portable::pair_squared(a), "{a:x?}");
    }

    #[test]
    fn borders_and_arbitrary_numbers_give_what_the_definition_gives() {
        if !available(Backend::Avx2) {
            return;
        }
        for (i, a) in edges().enumerate() {
            for b in edges().skip(i % 13).step_by(13) {
                agrees(&[a, b], &[b, a]);
                agrees(&[a, a], &[a, b]);
            }
        }
        let (mut a, mut b) = ([[3, 1, 4, 1], [5, 9, 2, 6]], [[2, 7, 1, 8], [2, 8, 1, 8]]);
        for _ in 0..200_000 {
            agrees(&a, &b);
            (a, b) = (Portable::pair_product(&a, &b), Portable::pair_squared(&b));
        }
    }
}
