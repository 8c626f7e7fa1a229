//! SM4-CBC, with PKCS#7 padding or on whole blocks. It does not authenticate: prefer [`super::gcm`].

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

#[cfg(feature = "alloc")]
use subtle::{Choice, ConstantTimeEq, ConstantTimeLess};
#[cfg(feature = "alloc")]
use zeroize::Zeroizing;

use super::{BLOCK, Sm4, ecb::whole_blocks};
use crate::Error;
#[cfg(feature = "alloc")]
use crate::backend::{Chain, advance_chains, reveal};

/// Encrypts `data` with PKCS#7 padding.
///
/// ```
/// use yinxin_gm::sm4::cbc;
///
/// let ciphertext = cbc::encrypt_pkcs7(&[1; 16], &[2; 16], b"secret");
/// assert_eq!(ciphertext.len(), 16);
/// assert_eq!(cbc::decrypt_pkcs7(&[1; 16], &[2; 16], &ciphertext)?.as_slice(), b"secret");
/// # Ok::<(), yinxin_gm::Error>(())
/// ```
#[cfg(feature = "alloc")]
#[must_use]
pub fn encrypt_pkcs7(key: &[u8; 16], iv: &[u8; 16], data: &[u8]) -> Vec<u8> {
    let pad = BLOCK - data.len() % BLOCK;
    // Allocated once: growing would leave copies of the plaintext behind.
    let mut out = Vec::with_capacity(data.len() + pad);
    out.extend_from_slice(data);
    #[expect(clippy::cast_possible_truncation, reason = "1 to 16")]
    out.resize(data.len() + pad, pad as u8);
    encrypt_blocks(key, iv, out.as_chunks_mut().0);
    out
}

/// Decrypts `data` and removes its PKCS#7 padding, which is checked in constant time.
///
/// # Errors
///
/// [`Error::PartialBlock`] when the data is empty or not whole blocks, [`Error::Decryption`] when the padding is
/// wrong. Whoever can be asked repeatedly must not tell the two from other failures.
#[cfg(feature = "alloc")]
pub fn decrypt_pkcs7(
    key: &[u8; 16],
    iv: &[u8; 16],
    data: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut out = Zeroizing::new(data.to_vec());
    decrypt(key, iv, &mut out)?;
    let last = out.last_chunk().ok_or(Error::PartialBlock { len: 0 })?;
    let pad = padding(last).ok_or(Error::Decryption)?;
    let len = out.len() - pad;
    out.truncate(len);
    Ok(out)
}

/// Encrypts whole blocks in place.
///
/// # Errors
///
/// [`Error::PartialBlock`] when the data is not whole blocks.
pub fn encrypt(key: &[u8; 16], iv: &[u8; 16], data: &mut [u8]) -> Result<(), Error> {
    encrypt_blocks(key, iv, whole_blocks(data)?);
    Ok(())
}

fn encrypt_blocks(key: &[u8; 16], iv: &[u8; 16], blocks: &mut [[u8; BLOCK]]) {
    Sm4::new(key).keys.cbc_encrypt(&mut iv.clone(), blocks);
}

/// One of many messages for [`encrypt_many`].
#[cfg(feature = "alloc")]
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "three arguments by name")]
pub struct Message<'a> {
    /// Its key; different messages may have different ones.
    pub key: &'a Sm4,
    /// Its initial value; afterwards, its last ciphertext block.
    pub iv: [u8; BLOCK],
    /// Its data: whole blocks, encrypted in place.
    pub data: &'a mut [u8],
}

/// Encrypts many messages in place, side by side: one alone cannot use what the processor has.
///
/// Sixteen or more of about one length are the fastest.
///
/// # Errors
///
/// [`Error::PartialBlock`] when some data is not whole blocks; nothing is encrypted then.
#[cfg(feature = "alloc")]
pub fn encrypt_many(messages: &mut [Message<'_>]) -> Result<(), Error> {
    for message in messages.iter_mut() {
        whole_blocks(message.data)?;
    }
    let chains = messages.iter_mut().map(|message| {
        let (blocks, _) = message.data.as_chunks_mut();
        Chain { keys: &message.key.keys, state: &mut message.iv, blocks }
    });
    advance_chains(&mut chains.collect::<Vec<_>>());
    Ok(())
}

/// Decrypts whole blocks in place.
///
/// # Errors
///
/// [`Error::PartialBlock`] when the data is not whole blocks.
pub fn decrypt(key: &[u8; 16], iv: &[u8; 16], data: &mut [u8]) -> Result<(), Error> {
    Sm4::new(key).keys.cbc_decrypt(&mut iv.clone(), whole_blocks(data)?);
    Ok(())
}

/// The length of the padding, if it is right; the time taken tells only whether it is.
#[cfg(feature = "alloc")]
pub(crate) fn padding(last: &[u8; BLOCK]) -> Option<usize> {
    let pad = last[BLOCK - 1];
    let mut good = !pad.ct_eq(&0) & pad.ct_lt(&17);
    for (from_end, byte) in (1_u8..).zip(last.iter().rev()) {
        let outside: Choice = pad.ct_lt(&from_end);
        good &= outside | byte.ct_eq(&pad);
    }
    reveal(bool::from(good)).then(|| usize::from(reveal(pad)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pkcs7_padding_is_removed() {
        let mut block = [7; BLOCK];
        assert_eq!(padding(&block), Some(7));
        block[9] = 6;
        assert_eq!(padding(&block), None);
        block[15] = 1;
        assert_eq!(padding(&block), Some(1));
        assert_eq!(padding(&[16; BLOCK]), Some(16));
        assert_eq!(padding(&[17; BLOCK]), None);
        assert_eq!(padding(&[0; BLOCK]), None);
    }
}
