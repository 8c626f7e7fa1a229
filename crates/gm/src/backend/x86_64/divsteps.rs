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
            // f, u and v become g, q and r if both, and zeta its complement.
            "mov {x}, {f}",
            "mov {y}, {u}",
            "mov {z}, {v}",
            "test rax, rdx",
            "cmovnz {f}, {g}",
            "cmovnz {u}, {q}",
            "cmovnz {v}, {r}",
            "xor {x}, rax",
            "xor {y}, rax",
            "xor {z}, rax",
            "sub {x}, rax",
            "sub {y}, rax",
            "sub {z}, rax",
            "and rax, rdx",
            "and {x}, rdx",
            "and {y}, rdx",
            "and {z}, rdx",
            "add {g}, {x}",
            "add {q}, {y}",
            "add {r}, {z}",
            "xor {zeta}, rax",
            "shr {g}, 1",
            "dec {zeta}",
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
            y = out(reg) _,
            z = out(reg) _,
            out("rax") _, out("rcx") _, out("rdx") _,
            options(pure, nomem, nostack),
        );
    }
    Steps { zeta, matrix: [u, v, q, r] }
}
