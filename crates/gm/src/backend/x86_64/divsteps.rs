//! The inner loop of inversion: 59 division steps, one after the other, without a branch that the compiler could invent.

#![allow(unsafe_code, reason = "core::arch::asm! on values")]

use core::arch::asm;

use crate::backend::portable::divsteps::Steps;

/// As [`crate::backend::portable`] defines them; plain x86-64.
pub(super) fn steps(mut zeta: i64, f: u64, g: u64) -> Steps {
    let (mut u, mut v, mut q, mut r) = (8_i64, 0_i64, 0_i64, 8_i64);
    // SAFETY: touches no memory and no stack, writes registers that are named.
    unsafe {
        asm!(
            "mov ecx, 59",
            "2:",
            // rax: ones if zeta is negative; rdx: ones if g is odd.
            "mov rax, {zeta}",
            "sar rax, 63",
            "mov rdx, {g}",
            "and edx, 1",
            "neg rdx",
            "mov {x}, {f}",
            "xor {x}, rax",
            "sub {x}, rax",
            "and {x}, rdx",
            "add {g}, {x}",
            "mov {x}, {u}",
            "xor {x}, rax",
            "sub {x}, rax",
            "and {x}, rdx",
            "add {q}, {x}",
            "mov {x}, {v}",
            "xor {x}, rax",
            "sub {x}, rax",
            "and {x}, rdx",
            "add {r}, {x}",
            // rax: ones if both.
            "and rax, rdx",
            "xor {zeta}, rax",
            "dec {zeta}",
            "mov {x}, {g}",
            "and {x}, rax",
            "add {f}, {x}",
            "mov {x}, {q}",
            "and {x}, rax",
            "add {u}, {x}",
            "and rax, {r}",
            "add {v}, rax",
            "shr {g}, 1",
            "add {u}, {u}",
            "add {v}, {v}",
            "dec ecx",
            "jnz 2b",
            zeta = inout(reg) zeta,
            f = inout(reg) f => _,
            g = inout(reg) g => _,
            u = inout(reg) u,
            v = inout(reg) v,
            q = inout(reg) q,
            r = inout(reg) r,
            x = out(reg) _,
            out("rax") _, out("rcx") _, out("rdx") _,
            options(pure, nomem, nostack),
        );
    }
    Steps { zeta, matrix: [u, v, q, r] }
}
