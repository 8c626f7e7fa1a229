//! The field of SM2 with MULX, ADCX and ADOX. Needs [`Backend::Avx2`](crate::backend::Backend), which includes BMI2 and
//! ADX.
//!
//! Two limbs of the Montgomery reduction are taken at once. p ≡ −1 modulo 2⁶⁴, so the factor of a limb is the limb
//! itself; for a factor q of 128 bits, q·p = q·2²⁵⁶ − q·2²²⁴ − q·2⁹⁶ + q·2⁶⁴ − q, and with q·2³² = (s0, s1, s2) the
//! limbs s0 and s2 that meet in one place have no bit in common.

#![allow(
    unsafe_code,
    reason = "core::arch::asm! on values and on references that live through the block"
)]

use core::arch::asm;

use crate::backend::portable::limbs::Limbs;

/// Limbs 1 and 3 of p; the others are all ones.
const P1: u64 = 0xffff_ffff_0000_0000;
const P3: u64 = 0xffff_fffe_ffff_ffff;

/// Two limbs: the value at $a, $b, $c, $d becomes the value / 2¹²⁸ at $c, $d, $a, $b.
#[rustfmt::skip]
macro_rules! reduce_two {
    ($a:literal, $b:literal, $c:literal, $d:literal) => {
        concat!(
            "shlx rax, ", $a, ", rdi\n", // s0
            "shrx rcx, ", $a, ", rdi\n",
            "lea rdx, [", $a, " + ", $b, "]\n",
            "sub rdx, rax\n", // the factor of the second limb
            "shlx rsi, rdx, rdi\n",
            "or rsi, rcx\n", // s1
            "shrx rcx, rdx, rdi\n", // s2
            "add ", $b, ", ", $a, "\n",
            "adc ", $c, ", rdx\n",
            "adc ", $d, ", 0\n",
            "adc ", $a, ", 0\n",
            "adc rdx, 0\n",
            "sub ", $b, ", rax\n",
            "lea rax, [rax + rcx]\n", // s0 and s2
            "sbb ", $c, ", rsi\n",
            "sbb ", $d, ", rax\n",
            "sbb ", $a, ", rsi\n",
            "sbb rdx, rcx\n",
            "mov ", $b, ", rdx\n",
        )
    };
}

/// The 512-bit value at r8 to r15 becomes its Montgomery reduction at r8 to r11.
#[rustfmt::skip]
macro_rules! reduce {
    () => {
        concat!(
            "mov edi, 32\n",
            reduce_two!("r8", "r9", "r10", "r11"),
            reduce_two!("r10", "r11", "r8", "r9"),
            "xor eax, eax\n",
            "mov rcx, {p1}\n",
            "mov rdx, {p3}\n",
            "add r8, r12\n",
            "adc r9, r13\n",
            "adc r10, r14\n",
            "adc r11, r15\n",
            "adc rax, 0\n",
            "mov r12, r8\n",
            "mov r13, r9\n",
            "mov r14, r10\n",
            "mov r15, r11\n",
            "sub r8, -1\n",
            "sbb r9, rcx\n",
            "sbb r10, -1\n",
            "sbb r11, rdx\n",
            "sbb rax, 0\n",
            "cmovc r8, r12\n",
            "cmovc r9, r13\n",
            "cmovc r10, r14\n",
            "cmovc r11, r15\n",
        )
    };
}

/// One more row of the product: rdx times [rdi], added at $r0 and up; $r4 is new.
#[rustfmt::skip]
macro_rules! row {
    ($r0:literal, $r1:literal, $r2:literal, $r3:literal, $r4:literal) => {
        concat!(
            "xor ", $r4, "d, ", $r4, "d\n",
            "mulx rcx, rax, [rdi]\n",
            "adcx ", $r0, ", rax\n",
            "adox ", $r1, ", rcx\n",
            "mulx rcx, rax, [rdi + 8]\n",
            "adcx ", $r1, ", rax\n",
            "adox ", $r2, ", rcx\n",
            "mulx rcx, rax, [rdi + 16]\n",
            "adcx ", $r2, ", rax\n",
            "adox ", $r3, ", rcx\n",
            "mulx rcx, rax, [rdi + 24]\n",
            "adcx ", $r3, ", rax\n",
            "adox ", $r4, ", rcx\n",
            "adc ", $r4, ", 0\n",
        )
    };
}

/// The product of [rsi] and [rdi] at r8 to r15.
#[rustfmt::skip]
macro_rules! product {
    () => {
        concat!(
            "mov rdx, [rsi]\n",
            "mulx r9, r8, [rdi]\n",
            "mulx r10, rax, [rdi + 8]\n",
            "add r9, rax\n",
            "mulx r11, rax, [rdi + 16]\n",
            "adc r10, rax\n",
            "mulx r12, rax, [rdi + 24]\n",
            "adc r11, rax\n",
            "adc r12, 0\n",
            "mov rdx, [rsi + 8]\n",
            row!("r9", "r10", "r11", "r12", "r13"),
            "mov rdx, [rsi + 16]\n",
            row!("r10", "r11", "r12", "r13", "r14"),
            "mov rdx, [rsi + 24]\n",
            row!("r11", "r12", "r13", "r14", "r15"),
        )
    };
}

#[inline(always)]
pub(crate) fn mul(a: &Limbs, b: &Limbs) -> Limbs {
    let (r0, r1, r2, r3);
    // SAFETY: reads the 32 bytes behind each reference, writes registers that are named, needs no stack.
    unsafe {
        asm!(
            product!(),
            reduce!(),
            p1 = const P1,
            p3 = const P3,
            inout("rsi") a.as_ptr() => _,
            inout("rdi") b.as_ptr() => _,
            out("rax") _, out("rcx") _, out("rdx") _,
            out("r8") r0, out("r9") r1, out("r10") r2, out("r11") r3,
            out("r12") _, out("r13") _, out("r14") _, out("r15") _,
            options(pure, readonly, nostack),
        );
    }
    [r0, r1, r2, r3]
}

/// a·b − c·d.
#[inline(always)]
pub(crate) fn product_difference(a: &Limbs, b: &Limbs, c: &Limbs, d: &Limbs) -> Limbs {
    /// Behind one pointer, for want of registers.
    #[repr(C)]
    struct Operands {
        b: Limbs,
        subtrahend: [u64; 8],
    }
    let operands = Operands { b: *b, subtrahend: mul_wide(c, d) };
    let (r0, r1, r2, r3);
    // SAFETY: reads the 32 bytes behind `a` and the 96 of `operands`, writes registers that are named, needs no stack.
    unsafe {
        asm!(
            product!(),
            "sub r8, [rdi + 32]",
            "sbb r9, [rdi + 40]",
            "sbb r10, [rdi + 48]",
            "sbb r11, [rdi + 56]",
            "sbb r12, [rdi + 64]",
            "sbb r13, [rdi + 72]",
            "sbb r14, [rdi + 80]",
            "sbb r15, [rdi + 88]",
            // Where that is negative, p is added to the upper half.
            "sbb rax, rax",
            "mov rcx, rax",
            "shl rcx, 32",
            "mov rdx, rax",
            "btr rdx, 32",
            "add r12, rax",
            "adc r13, rcx",
            "adc r14, rax",
            "adc r15, rdx",
            reduce!(),
            p1 = const P1,
            p3 = const P3,
            inout("rsi") a.as_ptr() => _,
            inout("rdi") &raw const operands => _,
            out("rax") _, out("rcx") _, out("rdx") _,
            out("r8") r0, out("r9") r1, out("r10") r2, out("r11") r3,
            out("r12") _, out("r13") _, out("r14") _, out("r15") _,
            options(pure, readonly, nostack),
        );
    }
    [r0, r1, r2, r3]
}

#[inline(always)]
fn mul_wide(a: &Limbs, b: &Limbs) -> [u64; 8] {
    let (r0, r1, r2, r3, r4, r5, r6, r7);
    // SAFETY: reads the 32 bytes behind each reference, writes registers that are named, needs no stack.
    unsafe {
        asm!(
            product!(),
            in("rsi") a.as_ptr(),
            in("rdi") b.as_ptr(),
            out("rax") _, out("rcx") _, out("rdx") _,
            out("r8") r0, out("r9") r1, out("r10") r2, out("r11") r3,
            out("r12") r4, out("r13") r5, out("r14") r6, out("r15") r7,
            options(pure, readonly, nostack),
        );
    }
    [r0, r1, r2, r3, r4, r5, r6, r7]
}

#[inline(always)]
pub(crate) fn square(a: &Limbs) -> Limbs {
    let (r0, r1, r2, r3);
    // SAFETY: reads the 32 bytes behind the reference, writes registers that are named, needs no stack.
    unsafe {
        asm!(
            // The products of different limbs, at r9 to r14.
            "mov rdx, [rsi]",
            "mov rdi, [rsi + 16]",
            "mulx r10, r9, [rsi + 8]",
            "mulx r11, rax, rdi",
            "add r10, rax",
            "mulx r12, rax, [rsi + 24]",
            "adc r11, rax",
            "mov rdx, [rsi + 24]",
            "mulx r13, rax, [rsi + 8]",
            "adc r12, rax",
            "mulx r14, rax, rdi",
            "adc r13, rax",
            "adc r14, 0",
            "mov rdx, rdi",
            "xor r15d, r15d",
            "mulx rcx, rax, [rsi + 8]",
            "add r11, rax",
            "adc r12, rcx",
            "adc r13, 0",
            "adc r14, 0",
            // Twice those, and the squares.
            "mov rdx, [rsi]",
            "mulx rcx, r8, rdx",
            "xor eax, eax",
            "adcx r9, r9",
            "adox r9, rcx",
            "mov rdx, [rsi + 8]",
            "mulx rcx, rax, rdx",
            "adcx r10, r10",
            "adox r10, rax",
            "adcx r11, r11",
            "adox r11, rcx",
            "mov rdx, rdi",
            "mulx rcx, rax, rdx",
            "adcx r12, r12",
            "adox r12, rax",
            "adcx r13, r13",
            "adox r13, rcx",
            "mov rdx, [rsi + 24]",
            "mulx rcx, rax, rdx",
            "adcx r14, r14",
            "adox r14, rax",
            "adcx r15, r15",
            "adox r15, rcx",
            reduce!(),
            p1 = const P1,
            p3 = const P3,
            inout("rsi") a.as_ptr() => _,
            out("rdi") _,
            out("rax") _, out("rcx") _, out("rdx") _,
            out("r8") r0, out("r9") r1, out("r10") r2, out("r11") r3,
            out("r12") _, out("r13") _, out("r14") _, out("r15") _,
            options(pure, readonly, nostack),
        );
    }
    [r0, r1, r2, r3]
}

#[inline(always)]
pub(crate) fn add(a: &Limbs, b: &Limbs) -> Limbs {
    let [mut r0, mut r1, mut r2, mut r3] = *a;
    // SAFETY: reads the 32 bytes behind the reference, writes registers that are named, needs no stack.
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
            "sub {r0}, -1",
            "sbb {r1}, {p1}",
            "sbb {r2}, -1",
            "sbb {r3}, {p3}",
            "sbb {c}, 0",
            "cmovc {r0}, {t0}",
            "cmovc {r1}, {t1}",
            "cmovc {r2}, {t2}",
            "cmovc {r3}, {t3}",
            b = in(reg) b.as_ptr(),
            r0 = inout(reg) r0, r1 = inout(reg) r1, r2 = inout(reg) r2, r3 = inout(reg) r3,
            t0 = out(reg) _, t1 = out(reg) _, t2 = out(reg) _, t3 = out(reg) _,
            c = out(reg) _,
            p1 = in(reg) P1, p3 = in(reg) P3,
            options(pure, readonly, nostack),
        );
    }
    [r0, r1, r2, r3]
}

#[inline(always)]
pub(crate) fn sub(a: &Limbs, b: &Limbs) -> Limbs {
    let [mut r0, mut r1, mut r2, mut r3] = *a;
    // SAFETY: reads the 32 bytes behind the reference, writes registers that are named, needs no stack.
    unsafe {
        asm!(
            "sub {r0}, [{b}]",
            "sbb {r1}, [{b} + 8]",
            "sbb {r2}, [{b} + 16]",
            "sbb {r3}, [{b} + 24]",
            "sbb {m}, {m}",
            "mov {m1}, {m}",
            "shl {m1}, 32",
            "mov {m3}, {m}",
            "btr {m3}, 32",
            "add {r0}, {m}",
            "adc {r1}, {m1}",
            "adc {r2}, {m}",
            "adc {r3}, {m3}",
            b = in(reg) b.as_ptr(),
            r0 = inout(reg) r0, r1 = inout(reg) r1, r2 = inout(reg) r2, r3 = inout(reg) r3,
            m = out(reg) _, m1 = out(reg) _, m3 = out(reg) _,
            options(pure, readonly, nostack),
        );
    }
    [r0, r1, r2, r3]
}

#[inline(always)]
pub(crate) fn half(a: &Limbs) -> Limbs {
    let [mut r0, mut r1, mut r2, mut r3] = *a;
    // SAFETY: touches no memory and no stack, writes registers that are named.
    unsafe {
        asm!(
            // p, if a is odd.
            "mov {m:e}, {r0:e}",
            "and {m:e}, 1",
            "neg {m}",
            "mov {m1}, {m}",
            "shl {m1}, 32",
            "mov {m3}, {m}",
            "btr {m3}, 32",
            "add {r0}, {m}",
            "adc {r1}, {m1}",
            "adc {r2}, {m}",
            "adc {r3}, {m3}",
            "rcr {r3}, 1",
            "rcr {r2}, 1",
            "rcr {r1}, 1",
            "rcr {r0}, 1",
            r0 = inout(reg) r0, r1 = inout(reg) r1, r2 = inout(reg) r2, r3 = inout(reg) r3,
            m = out(reg) _, m1 = out(reg) _, m3 = out(reg) _,
            options(pure, nomem, nostack),
        );
    }
    [r0, r1, r2, r3]
}
