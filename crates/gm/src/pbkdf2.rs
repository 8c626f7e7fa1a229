//! PBKDF2 (RFC 8018 5.2) with HMAC-SM3.

use core::num::NonZeroU32;

use zeroize::Zeroizing;

use crate::{Error, hmac::HmacSm3};

/// RFC 8018 5.2 step 1: the block index has 32 bits.
const MAX: u64 = 32 * u32::MAX as u64;

/// Fills `out` from `password` and `salt` by `iterations` rounds of HMAC-SM3.
///
/// The iteration count is the caller's: whoever reads it from a file must bound it first.
///
/// # Errors
///
/// [`Error::TooLong`] when `out` is longer than the 32-bit block index can fill.
pub fn hmac_sm3(
    password: &[u8],
    salt: &[u8],
    iterations: NonZeroU32,
    out: &mut [u8],
) -> Result<(), Error> {
    let len = out.len() as u64;
    if len > MAX {
        return Err(Error::TooLong { len, max: MAX });
    }
    let keyed = HmacSm3::new(password);
    for (index, chunk) in (1_u32..).zip(out.chunks_mut(32)) {
        let mut mac = keyed.clone();
        mac.update(salt);
        mac.update(&index.to_be_bytes());
        let mut u = Zeroizing::new(mac.finalize().0);
        let mut t = u.clone();
        for _ in 1..iterations.get() {
            let mut mac = keyed.clone();
            mac.update(&u[..]);
            u.copy_from_slice(&mac.finalize().0);
            t.iter_mut().zip(u.iter()).for_each(|(t, u)| *t ^= u);
        }
        chunk.copy_from_slice(&t[..chunk.len()]);
    }
    Ok(())
}
