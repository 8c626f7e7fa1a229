//! The inner loop of inversion: 59 division steps, one after the other, without a branch that the compiler could invent.
//!
//! A register holds a number's lowest 20 bits and, above them, the row of the matrix that it comes from: f − 2⁴¹·u − 2⁶²·v at
//! u = 1, v = 0 and g − 2⁴¹·q − 2⁶²·r at q = 0, r = 1 (as s2n-bignum does). What a step does to the number it does to the row, and
//! halving moves the row down. Both sums, g + f and g − f, are there before the step knows which it takes, if any: four cycles
//! from g to g.

#![allow(unsafe_code, reason = "core::arch::asm! on values")]

use core::arch::asm;

use crate::backend::portable::divsteps::Steps;

type Matrix = [i64; 4];

/// As [`crate::backend::portable`] defines them; plain x86-64.
pub(super) fn steps(mut zeta: i64, f: u64, g: u64) -> Steps {
    let first = some::<20>(&mut zeta, f, g);
    let (f, g) = applied(&first, f, g);
    let second = some::<20>(&mut zeta, f, g);
    let (f, g) = applied(&second, f, g);
    let third = some::<19>(&mut zeta, f, g);
    // 8 for the three steps that 62 would have had.
    let matrix = product(&third, &product(&second, &first)).map(|x| 8 * x);
    Steps { zeta, matrix }
}

fn product([a, b, c, d]: &Matrix, [u, v, q, r]: &Matrix) -> Matrix {
    [a * u + b * q, a * v + b * r, c * u + d * q, c * v + d * r]
}

/// f and g after the 20 steps of a matrix, in the bits that are known.
fn applied(&[u, v, q, r]: &Matrix, f: u64, g: u64) -> (u64, u64) {
    let row = |a: i64, b: i64| {
        f.wrapping_mul(a.cast_unsigned()).wrapping_add(g.wrapping_mul(b.cast_unsigned())) >> 20
    };
    (row(u, v), row(q, r))
}

/// `COUNT` steps, at most 20, on the lowest 20 bits: their matrix.
#[inline(always)]
fn some<const COUNT: u32>(zeta: &mut i64, f: u64, g: u64) -> Matrix {
    let mut f = (f & 0xf_ffff).wrapping_sub(1 << 41);
    let mut g = (g & 0xf_ffff).wrapping_sub(1 << 62);
    // SAFETY: touches no memory and no stack, writes registers that are named.
    unsafe {
        asm!(
            ".rept {count}",
            // If zeta is negative: g − f, f becomes g, zeta its complement; else g + f.
            "lea {sum}, [{g} + {f}]",
            "mov {difference}, {g}",
            "sub {difference}, {f}",
            "mov {next}, {f}",
            "mov {complement}, {zeta}",
            "not {complement}",
            "test {zeta}, {zeta}",
            "cmovs {sum}, {difference}",
            "cmovs {next}, {g}",
            "cmovns {complement}, {zeta}",
            // All that only if g is odd.
            "test {g:l}, 1",
            "cmovnz {f}, {next}",
            "cmovnz {g}, {sum}",
            "cmovnz {zeta}, {complement}",
            "dec {zeta}",
            "sar {g}, 1",
            ".endr",
            count = const COUNT,
            zeta = inout(reg) *zeta,
            f = inout(reg) f,
            g = inout(reg) g,
            sum = out(reg) _,
            difference = out(reg) _,
            next = out(reg) _,
            complement = out(reg) _,
            options(pure, nomem, nostack),
        );
    }
    let ((u, v), (q, r)) = (row::<COUNT>(f), row::<COUNT>(g));
    [u, v, q, r]
}

/// u and v of n − 2⁴¹·u/2^`COUNT` − 2⁶²·v/2^`COUNT`, where n is between ±2²⁰ and |u| + |v| at most 2^`COUNT`.
#[inline(always)]
fn row<const COUNT: u32>(packed: u64) -> (i64, i64) {
    let low = 41 - COUNT;
    let rounded = packed.wrapping_add(1 << (low - 1)).cast_signed();
    let minus_u = rounded << (43 - low) >> 43;
    let minus_v = (rounded - (minus_u << low)) >> (low + 21);
    (-minus_u, -minus_v)
}
