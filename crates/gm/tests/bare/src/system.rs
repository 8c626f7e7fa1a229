//! What a standard library would do: start, write, end; and the four functions of memory that compilers call.

use core::arch::{asm, global_asm};

#[cfg(target_arch = "x86_64")]
global_asm!(".globl _start", "_start:", "xor ebp, ebp", "and rsp, -16", "call {begin}", "ud2", begin = sym begin);
#[cfg(target_arch = "aarch64")]
global_asm!(".globl _start", "_start:", "mov x29, #0", "bl {begin}", "brk #1", begin = sym begin);

extern "C" fn begin() -> ! {
    exit(crate::run())
}

/// A line on standard output.
pub(crate) fn say(line: &str) {
    for part in [line, "\n"] {
        system_call(WRITE, 1, part.as_ptr() as usize, part.len());
    }
}

fn exit(code: u8) -> ! {
    system_call(EXIT, code.into(), 0, 0);
    loop {}
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    exit(101)
}

/// Never called: the program ends where it panics.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

#[cfg(target_arch = "x86_64")]
const WRITE: usize = 1;
#[cfg(target_arch = "x86_64")]
const EXIT: usize = 60;

#[cfg(target_arch = "x86_64")]
fn system_call(number: usize, a: usize, b: usize, c: usize) {
    // SAFETY: Linux's convention; the calls made here read at most the bytes that `b` and `c` name, a borrowed text.
    unsafe {
        asm!(
            "syscall", inout("rax") number => _, in("rdi") a, in("rsi") b, in("rdx") c,
            out("rcx") _, out("r11") _, options(nostack)
        );
    }
}

#[cfg(target_arch = "aarch64")]
const WRITE: usize = 64;
#[cfg(target_arch = "aarch64")]
const EXIT: usize = 93;

#[cfg(target_arch = "aarch64")]
fn system_call(number: usize, a: usize, b: usize, c: usize) {
    // SAFETY: Linux's convention; the calls made here read at most the bytes that `b` and `c` name, a borrowed text.
    unsafe {
        asm!("svc #0", in("x8") number, inout("x0") a => _, in("x1") b, in("x2") c, options(nostack));
    }
}

/// # Safety
/// As C has it.
#[unsafe(no_mangle)]
unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, len: usize) -> *mut u8 {
    for i in 0..len {
        // SAFETY: the caller's: both have `len` bytes.
        unsafe { to.add(i).write_volatile(from.add(i).read()) };
    }
    to
}

/// # Safety
/// As C has it.
#[unsafe(no_mangle)]
unsafe extern "C" fn memmove(to: *mut u8, from: *const u8, len: usize) -> *mut u8 {
    if to.cast_const() <= from {
        // SAFETY: the caller's; from the front, nothing is overwritten before it is read.
        return unsafe { memcpy(to, from, len) };
    }
    for i in (0..len).rev() {
        // SAFETY: the caller's: both have `len` bytes.
        unsafe { to.add(i).write_volatile(from.add(i).read()) };
    }
    to
}

/// # Safety
/// As C has it.
#[unsafe(no_mangle)]
unsafe extern "C" fn memset(to: *mut u8, byte: i32, len: usize) -> *mut u8 {
    for i in 0..len {
        // SAFETY: the caller's: `len` bytes. C takes the lowest eight bits.
        unsafe { to.add(i).write_volatile(byte as u8) };
    }
    to
}

/// # Safety
/// As C has it.
#[unsafe(no_mangle)]
unsafe extern "C" fn memcmp(a: *const u8, b: *const u8, len: usize) -> i32 {
    for i in 0..len {
        // SAFETY: the caller's: both have `len` bytes.
        let (a, b) = unsafe { (a.add(i).read_volatile(), b.add(i).read_volatile()) };
        if a != b {
            return i32::from(a) - i32::from(b);
        }
    }
    0
}

/// # Safety
/// As `memcmp`.
#[unsafe(no_mangle)]
unsafe extern "C" fn bcmp(a: *const u8, b: *const u8, len: usize) -> i32 {
    // SAFETY: the caller's.
    unsafe { memcmp(a, b, len) }
}
