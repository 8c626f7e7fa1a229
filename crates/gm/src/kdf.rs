//! The key derivation function of GB/T 32918.4 (5.4.3) and GB/T 32918.3: SM3 with a counter.

use zeroize::{Zeroizing, optimization_barrier};

use crate::{Digest, Error, sm3::Sm3};

/// The counter has 32 bits and starts at 1.
const MAX: u64 = 32 * (u32::MAX as u64 - 1);

/// How many counters are hashed side by side.
const AT_ONCE: u32 = 32;

/// Fills `out` with SM3(Z ‖ 1) ‖ SM3(Z ‖ 2) ‖ …, where Z is the concatenation of `z`.
///
/// The caller must refuse an all-zero output where the standard says so; [`crate::sm2`] does.
///
/// # Errors
///
/// [`Error::TooLong`] when `out` is longer than the 32-bit counter can fill.
pub fn derive(z: &[&[u8]], out: &mut [u8]) -> Result<(), Error> {
    let len = out.len() as u64;
    if len > MAX {
        return Err(Error::TooLong { len, max: MAX });
    }
    let mut prefix = Zeroizing::new(Sm3::new());
    z.iter().for_each(|part| prefix.update(part));
    let mut blocks = [Digest::ZERO; AT_ONCE as usize];
    let mut first: u32 = 1;
    for out in out.chunks_mut(32 * blocks.len()) {
        let mut counters = [[0; 4]; AT_ONCE as usize];
        for (counter, value) in counters.iter_mut().zip(first..) {
            *counter = value.to_be_bytes();
        }
        let count = out.len().div_ceil(32);
        prefix.many(&counters[..count], &mut blocks[..count]);
        for (bytes, block) in out.chunks_mut(32).zip(&blocks) {
            bytes.copy_from_slice(&block.0[..bytes.len()]);
        }
        // Beyond the last counter nothing is left to fill.
        first = first.saturating_add(AT_ONCE);
    }
    blocks.fill(Digest::ZERO);
    optimization_barrier(&blocks);
    Ok(())
}
