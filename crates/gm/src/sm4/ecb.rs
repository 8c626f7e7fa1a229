//! SM4-ECB: each block by itself. For wrapping single keys and for other modes; it hides no patterns.

use super::{BLOCK, Sm4};
use crate::Error;

/// Encrypts `data` in place.
///
/// # Errors
///
/// [`Error::PartialBlock`] when the data is not whole blocks.
pub fn encrypt(key: &[u8; 16], data: &mut [u8]) -> Result<(), Error> {
    Sm4::new(key).encrypt_blocks(whole_blocks(data)?);
    Ok(())
}

/// Decrypts `data` in place.
///
/// # Errors
///
/// [`Error::PartialBlock`] when the data is not whole blocks.
pub fn decrypt(key: &[u8; 16], data: &mut [u8]) -> Result<(), Error> {
    Sm4::new(key).decrypt_blocks(whole_blocks(data)?);
    Ok(())
}

pub(super) fn whole_blocks(data: &mut [u8]) -> Result<&mut [[u8; BLOCK]], Error> {
    let len = data.len();
    let (blocks, []) = data.as_chunks_mut::<BLOCK>() else {
        return Err(Error::PartialBlock { len });
    };
    Ok(blocks)
}
