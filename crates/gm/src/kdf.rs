//! The key derivation function of GB/T 32918.4 (5.4.3) and GB/T 32918.3: SM3 with a counter.

use zeroize::Zeroizing;

use crate::{Error, sm3::Sm3};

/// The counter has 32 bits and starts at 1.
const MAX: u64 = 32 * (u32::MAX as u64 - 1);

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
    for (counter, chunk) in (1_u32..).zip(out.chunks_mut(32)) {
        let mut hash = prefix.clone();
        hash.update(&counter.to_be_bytes());
        let block = Zeroizing::new(hash.finish().0);
        chunk.copy_from_slice(&block[..chunk.len()]);
    }
    Ok(())
}
