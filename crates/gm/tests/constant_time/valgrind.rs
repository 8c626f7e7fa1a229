//! What is told to valgrind: on a processor, five instructions that do nothing.
//!
//! `unsafe` is here and not in the library, which has it in one function that exists under the feature `ctgrind` only.

#![allow(unsafe_code, reason = "a request is a sequence of instructions")]

/// valgrind.h and memcheck.h.
const RUNNING_ON_VALGRIND: u64 = 0x1001;
const COUNT_ERRORS: u64 = 0x1201;
const MAKE_MEM_UNDEFINED: u64 = 0x4d43_0001;
const MAKE_MEM_DEFINED: u64 = 0x4d43_0002;

fn request(code: u64, address: u64, len: u64) -> u64 {
    let arguments = [code, address, len, 0, 0, 0];
    let mut answer = 0_u64;
    // SAFETY: rotations by 128 bits in all and an exchange of a register with itself; the arguments are alive.
    unsafe {
        core::arch::asm!(
            "rol rdi, 3",
            "rol rdi, 13",
            "rol rdi, 61",
            "rol rdi, 51",
            "xchg rbx, rbx",
            in("rax") &raw const arguments,
            inout("rdx") answer,
        );
    }
    answer
}

pub(crate) fn runs() -> bool {
    request(RUNNING_ON_VALGRIND, 0, 0) != 0
}

/// How many errors memcheck has reported so far.
pub(crate) fn errors() -> u64 {
    request(COUNT_ERRORS, 0, 0)
}

/// From now on, whatever is computed of `bytes` is secret too.
pub(crate) fn hide(bytes: &mut [u8]) {
    request(MAKE_MEM_UNDEFINED, bytes.as_mut_ptr().addr() as u64, bytes.len() as u64);
}

/// What comes out is the caller's, who may look at it.
pub(crate) fn show(bytes: &[u8]) {
    request(MAKE_MEM_DEFINED, bytes.as_ptr().addr() as u64, bytes.len() as u64);
}
