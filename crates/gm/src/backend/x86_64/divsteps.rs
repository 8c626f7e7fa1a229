//! The inner loop of inversion: 59 division steps, one after the other, without a branch that the compiler could invent.

#![allow(unsafe_code, reason = "core::arch::asm! on values")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "two numbers in one register come apart"
)]

use core::arch::asm;

use crate::backend::portable::divsteps::Steps;

/// As [`crate::backend::portable`] defines them; plain x86-64.
pub(super) fn steps(zeta: i64, f: u64, g: u64) -> Steps {
    let (first, zeta, f, g) = some(30, zeta, f, g);
    let (second, zeta, ..) = some(29, zeta, f, g);
    let ([u, v, q, r], [a, b, c, d]) = (first, second);
    // 8 for the three steps that 62 would have had.
    let sum = |a: i64, b: i64| 8 * (a + b);
    let matrix = [sum(a * u, b * q), sum(a * v, b * r), sum(c * u, d * q), sum(c * v, d * r)];
    Steps { zeta, matrix }
}

/// `count` steps, at most 30: the matrix, then ζ, f and g after them.
///
/// The matrix's columns share registers, u + 2³²·v and q + 2³²·r: what is done to one half is done to the other, and 30
/// steps do not leave 31 bits and a sign.
#[inline(always)]
fn some(count: u32, mut zeta: i64, mut f: u64, mut g: u64) -> ([i64; 4], i64, u64, u64) {
    let (mut uv, mut qr) = (1_u64, 1_u64 << 32);
    // SAFETY: touches no memory and no stack, writes registers that are named.
    unsafe {
        asm!(
            "2:",
            // rax: ones if zeta is negative; rdx: ones if g is odd.
            "mov rax, {zeta}",
            "sar rax, 63",
            "mov rdx, {g}",
            "and edx, 1",
            "neg rdx",
            // f and uv become g and qr if both, and zeta its complement.
            "mov {x}, {f}",
            "mov {y}, {uv}",
            "test rax, rdx",
            "cmovnz {f}, {g}",
            "cmovnz {uv}, {qr}",
            "xor {x}, rax",
            "xor {y}, rax",
            "sub {x}, rax",
            "sub {y}, rax",
            "and rax, rdx",
            "and {x}, rdx",
            "and {y}, rdx",
            "add {g}, {x}",
            "add {qr}, {y}",
            "xor {zeta}, rax",
            "shr {g}, 1",
            "dec {zeta}",
            "add {uv}, {uv}",
            "dec {count:e}",
            "jnz 2b",
            zeta = inout(reg) zeta,
            f = inout(reg) f,
            g = inout(reg) g,
            uv = inout(reg) uv,
            qr = inout(reg) qr,
            x = out(reg) _,
            y = out(reg) _,
            count = inout(reg) count => _,
            out("rax") _, out("rdx") _,
            options(pure, nomem, nostack),
        );
    }
    let low = |x: u64| i64::from(x as i32);
    let high = |x: u64| x.wrapping_sub(low(x) as u64).cast_signed() >> 32;
    ([low(uv), high(uv), low(qr), high(qr)], zeta, f, g)
}
