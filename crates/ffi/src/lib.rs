//! The C ABI over `verify`: one call in, one JSON report out.
//!
//! The contract is in `include/yinxin.h`. Pointers are handled here and nowhere else; [`call`] is safe code.

#![allow(unsafe_code, reason = "the C ABI is pointers; each block says why it holds")]

mod call;
mod trusts;

use std::{
    ffi::{CStr, c_char, c_int},
    panic::{AssertUnwindSafe, catch_unwind},
    ptr, slice,
};

pub use call::{Failure, call};

/// Makes one call; see `yinxin.h`.
///
/// # Safety
/// `op` must be NULL or a NUL-terminated string; `request` must be NULL or readable for `request_len` bytes; `reply` and
/// `reply_len` must be NULL or writable.
// SAFETY: the name is ours alone in any process (`yx_` prefix), so exporting it unmangled clashes with nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn yx_call(
    op: *const c_char,
    request: *const u8,
    request_len: usize,
    reply: *mut *mut u8,
    reply_len: *mut usize,
) -> c_int {
    if reply.is_null() || reply_len.is_null() {
        return Failure::USAGE;
    }
    let op = if op.is_null() {
        ""
    } else {
        // SAFETY: the caller promises that `op` is NUL-terminated.
        unsafe { CStr::from_ptr(op) }.to_str().unwrap_or_default()
    };
    let request = if request.is_null() || request_len > isize::MAX.unsigned_abs() {
        &[][..]
    } else {
        // SAFETY: the caller promises `request_len` readable bytes, and the length fits an allocation.
        unsafe { slice::from_raw_parts(request, request_len) }
    };
    // A panic must not cross into C, where unwinding is undefined.
    let (code, text) = match catch_unwind(AssertUnwindSafe(|| call(op, request))) {
        Ok(Ok(text)) => (0, text),
        Ok(Err(failure)) => (failure.code, failure.to_json()),
        Err(_) => (Failure::INTERNAL, Failure::internal().to_json()),
    };
    let boxed: Box<[u8]> = text.into_bytes().into_boxed_slice();
    let len = boxed.len();
    let start = Box::into_raw(boxed).cast::<u8>();
    // SAFETY: both were checked for NULL, and the caller promises that they are writable.
    unsafe {
        ptr::write(reply, start);
        ptr::write(reply_len, len);
    }
    code
}

/// Gives a reply back; NULL is allowed.
///
/// # Safety
/// `reply` and `reply_len` must be what one [`yx_call`] set, given back once.
// SAFETY: the name is ours alone in any process (`yx_` prefix), so exporting it unmangled clashes with nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn yx_free(reply: *mut u8, reply_len: usize) {
    if !reply.is_null() {
        // SAFETY: the caller promises that the pair came from `yx_call`, which made it of a boxed slice of this length.
        drop(unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(reply, reply_len)) });
    }
}
