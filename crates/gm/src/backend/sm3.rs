//! SM3's compression, by backend: of one stream, of many side by side, of a level of a tree.

#![allow(
    unsafe_code,
    reason = "calling what the processor was found to have; digests seen as pairs"
)]

#[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
use super::aarch64::{sm3_neon, sm3_stream};
use super::portable;
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
use super::x86_64::{sm3_avx2, sm3_avx512, sm3_sse, sm3_stream};
#[cfg(any(
    all(target_arch = "x86_64", target_feature = "sse2"),
    all(target_arch = "aarch64", target_feature = "neon")
))]
use super::{Backend, current};
use crate::Digest;

#[cfg(any(
    all(target_arch = "x86_64", target_feature = "sse2"),
    all(target_arch = "aarch64", target_feature = "neon")
))]
mod lanes;
#[cfg(any(
    all(target_arch = "x86_64", target_feature = "sse2"),
    all(target_arch = "aarch64", target_feature = "neon")
))]
pub(super) use lanes::lanes;

pub(crate) use portable::sm3::IV;

/// How many streams [`compress_lanes`] takes: twice the sixteen lanes of the widest vectors, one group's latency hiding
/// behind the other's work.
pub(crate) const LANES: usize = 32;

/// States side by side: word `i` of stream `l` is `.0[i][l]`.
#[derive(Clone)]
#[repr(C, align(64))]
pub(crate) struct Lanes(pub(crate) [[u32; LANES]; 8]);

/// Absorbs `blocks` and then `ends` into `state`: two blocks at a time are faster, also if they do not lie beside each other.
#[inline]
pub(crate) fn compress(state: &mut [u32; 8], blocks: &[[u8; 64]], ends: &[[u8; 64]]) {
    // Who hashes short messages comes here without a block as often as with one.
    if blocks.is_empty() && ends.is_empty() {
        return;
    }
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    match current() {
        // SAFETY: a backend is in use only if the processor has all of its features, AVX-512 VL and BMI2 among them.
        Backend::Avx512 => return unsafe { sm3_stream::compress_avx512(state, blocks, ends) },
        // SAFETY: the same, with AVX2 and BMI2.
        Backend::Avx2 => return unsafe { sm3_stream::compress_avx2(state, blocks, ends) },
        _ => {}
    }
    for blocks in [blocks, ends] {
        #[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
        if current() == Backend::ArmSm {
            // SAFETY: a backend is in use only if the processor has all of its features, the SM3 instructions among them.
            unsafe { sm3_stream::compress(state, blocks) };
            continue;
        }
        portable::sm3::compress(state, blocks);
    }
}

/// From how many streams on [`compress_lanes`] is faster than one after another; `None` if it never is.
pub(crate) fn worth_lanes() -> Option<usize> {
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    match current() {
        Backend::Avx512 => return Some(3),
        Backend::Avx2 => return Some(4),
        Backend::AesNi => return Some(4),
        _ => {}
    }
    #[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
    if current() == Backend::Neon {
        return Some(4);
    }
    None
}

/// Absorbs all of `streams`, at most [`LANES`] and of one length, the first into lane 0 and so on.
/// What lanes without a stream hold is lost.
pub(crate) fn compress_lanes(state: &mut Lanes, streams: &[&[[u8; 64]]]) {
    assert!(
        streams.len() <= LANES && streams.iter().all(|blocks| blocks.len() == streams[0].len())
    );
    if streams.is_empty() {
        return;
    }
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    match current() {
        // SAFETY: a backend is in use only if the processor has all of its features, AVX-512 F, BW and VBMI among them.
        Backend::Avx512 => return unsafe { sm3_avx512::compress(state, streams) },
        // SAFETY: the same, with AVX2.
        Backend::Avx2 => return unsafe { sm3_avx2::compress(state, streams) },
        // SAFETY: the same, with SSSE3 and SSE4.1.
        Backend::AesNi => return unsafe { sm3_sse::compress(state, streams) },
        _ => {}
    }
    #[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
    if current() == Backend::Neon {
        // SAFETY: the same, with NEON.
        return unsafe { sm3_neon::compress(state, streams) };
    }
    for (lane, blocks) in streams.iter().enumerate() {
        let mut one = state.0.map(|row| row[lane]);
        compress(&mut one, blocks, &[]);
        for (row, word) in state.0.iter_mut().zip(one) {
            row[lane] = word;
        }
    }
}

/// Fills `parents` with SM3(tag ‖ left ‖ right) of the pairs of `children`, twice as many, if the backend has a way of its own
/// for that; `false` if not.
#[cfg_attr(
    not(all(target_arch = "x86_64", target_feature = "sse2")),
    expect(unused_variables, reason = "no such backend")
)]
pub(crate) fn nodes(tag: u8, children: &[Digest], parents: &mut [Digest]) -> bool {
    assert_eq!(children.len(), 2 * parents.len());
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    if current() == Backend::Avx512 {
        // SAFETY: `Digest` is transparent over 32 bytes: the pointer and twice the bytes of a `Digest` make pairs.
        let pairs = unsafe {
            core::slice::from_raw_parts(children.as_ptr().cast::<[u8; 64]>(), parents.len())
        };
        // SAFETY: the same, exclusively borrowed for as long.
        let parents = unsafe {
            core::slice::from_raw_parts_mut(parents.as_mut_ptr().cast::<[u8; 32]>(), parents.len())
        };
        for (pairs, parents) in pairs.chunks(LANES).zip(parents.chunks_mut(LANES)) {
            // SAFETY: a backend is in use only if the processor has all of its features, AVX-512 F, BW and VBMI among them.
            unsafe { sm3_avx512::nodes(tag, pairs, parents) };
        }
        return true;
    }
    false
}
