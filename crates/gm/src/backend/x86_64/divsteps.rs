//! The inner loop of inversion: 59 division steps, one after the other, without a branch that the compiler could invent.
//!
//! A register holds a number's lowest 15 bits and, above them, the row of the matrix that it comes from: f − 2³¹·u − 2⁴⁸·v at
//! u = 1, v = 0 and g − 2³¹·q − 2⁴⁸·r at q = 0, r = 1 (after s2n-bignum). What a step does to the number it does to the row.
//! Nothing is halved: f is doubled instead, which nobody waits for, and the next step looks at the next bit of g. Both
//! sums, g + f and g − f, are there before the step knows which it takes, if any: three cycles from g to g.

#![allow(unsafe_code, reason = "core::arch::asm! on values")]

use core::arch::asm;

use crate::backend::portable::divsteps::Steps;

type Matrix = [i64; 4];

/// As [`crate::backend::portable`] defines them; plain x86-64.
pub(super) fn steps(mut zeta: i64, f: u64, g: u64) -> Steps {
    let (mut f, mut g) = (f, g);
    let mut batch = |some: fn(&mut i64, u64, u64) -> Matrix| {
        let matrix = some(&mut zeta, f, g);
        (f, g) = applied(&matrix, f, g);
        matrix
    };
    let first = batch(fifteen);
    let second = batch(fifteen);
    let third = batch(fifteen);
    let before = product(&third, &product(&second, &first));
    // 8 for the three steps that 62 would have had.
    let matrix = product(&fourteen(&mut zeta, f, g), &before).map(|x| 8 * x);
    Steps { zeta, matrix }
}

fn product([a, b, c, d]: &Matrix, [u, v, q, r]: &Matrix) -> Matrix {
    [a * u + b * q, a * v + b * r, c * u + d * q, c * v + d * r]
}

/// f and g after the 15 steps of a matrix, in the bits that are known.
fn applied(&[u, v, q, r]: &Matrix, f: u64, g: u64) -> (u64, u64) {
    let row = |a: i64, b: i64| {
        f.wrapping_mul(a.cast_unsigned()).wrapping_add(g.wrapping_mul(b.cast_unsigned())) >> 15
    };
    (row(u, v), row(q, r))
}

/// One step, on the bit of g that is named; {zeta} is one more.
macro_rules! step {
    ($bit:literal) => {
        concat!(
            // If zeta is negative: g − f, f becomes g, zeta −2 − zeta; else g + f.
            "lea {sum}, [{g} + {f}]\n",
            "mov {difference}, {g}\n",
            "sub {difference}, {f}\n",
            "mov {next}, {f}\n",
            "mov {opposite}, {zeta}\n",
            "neg {opposite}\n",
            "dec {zeta}\n",
            "cmovs {sum}, {difference}\n",
            "cmovs {next}, {g}\n",
            "cmovns {opposite}, {zeta}\n",
            // All that only if g is odd.
            "test {g:e}, ",
            $bit,
            "\n",
            "cmovnz {g}, {sum}\n",
            "cmovnz {f}, {next}\n",
            "cmovnz {zeta}, {opposite}\n",
            "add {f}, {f}\n",
        )
    };
}

/// As many steps as bits, on the lowest 15 bits: their matrix.
macro_rules! some {
    ($(#[$meta:meta])* $name:ident: $($bit:literal)*) => {
        $(#[$meta])*
        #[inline(always)]
        fn $name(zeta: &mut i64, f: u64, g: u64) -> Matrix {
            let mut f = (f & 0x7fff).wrapping_sub(1 << 31);
            let mut g = (g & 0x7fff).wrapping_sub(1 << 48);
            let mut above = *zeta + 1;
            // SAFETY: touches no memory and no stack, writes registers that are named.
            unsafe {
                asm!(
                    concat!($(step!($bit)),*),
                    zeta = inout(reg) above,
                    f = inout(reg) f,
                    g = inout(reg) g,
                    sum = out(reg) _,
                    difference = out(reg) _,
                    next = out(reg) _,
                    opposite = out(reg) _,
                    options(pure, nomem, nostack),
                );
            }
            *zeta = above - 1;
            let ((u, v), (q, r)) = (row(f), row(g));
            [u, v, q, r]
        }
    };
}

some!(
    /// Fifteen steps.
    fifteen: "1" "2" "4" "8" "16" "32" "64" "128" "256" "512" "1024" "2048" "4096" "8192" "16384"
);
some!(
    /// Fourteen.
    fourteen: "1" "2" "4" "8" "16" "32" "64" "128" "256" "512" "1024" "2048" "4096" "8192"
);

/// u and v of n − 2³¹·u − 2⁴⁸·v, where n is between ±2³⁰ and |u| + |v| at most 2¹⁵; v is not −2¹⁵.
#[inline(always)]
fn row(packed: u64) -> (i64, i64) {
    let rounded = packed.wrapping_add(1 << 30).cast_signed();
    let minus_u = rounded << 16 >> 47;
    let minus_v = rounded.wrapping_sub(minus_u << 31) >> 48;
    (-minus_u, -minus_v)
}
