//! SM3's compression, by backend.

#![allow(unsafe_code, reason = "calling what the processor was found to have")]

use super::portable;
#[cfg(target_arch = "x86_64")]
use super::{Backend, current, x86_64::sm3_stream};

/// Absorbs whole blocks into `state`.
pub(crate) fn compress(state: &mut [u32; 8], blocks: &[[u8; 64]]) {
    #[cfg(target_arch = "x86_64")]
    match current() {
        // SAFETY: a backend is in use only if the processor has all of its features, AVX-512 VL and BMI2 among them.
        Backend::Avx512 => return unsafe { sm3_stream::compress_avx512(state, blocks) },
        // SAFETY: the same, with AVX2 and BMI2.
        Backend::Avx2 => return unsafe { sm3_stream::compress_avx2(state, blocks) },
        _ => {}
    }
    portable::sm3::compress(state, blocks);
}
