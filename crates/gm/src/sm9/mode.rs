//! How the message of a ciphertext is encrypted.

use alloc::vec::Vec;

use zeroize::Zeroizing;

use crate::{
    Error,
    sm4::{BLOCK, cbc, cfb, ecb, ofb},
};

/// How the message is encrypted under the first part of the derived key; GM/T 0080 gives the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mode {
    /// XOR with a key as long as the message (0).
    Xor,
    /// SM4-ECB with PKCS#7 padding (1): repeated blocks of the message show.
    Ecb,
    /// SM4-CBC with PKCS#7 padding (2); C2 begins with the initial value, as in the next two.
    Cbc,
    /// SM4-OFB (4).
    Ofb,
    /// SM4-CFB (8).
    Cfb,
}

impl Mode {
    pub(super) const ALL: [(Self, u8); 5] =
        [(Self::Xor, 0), (Self::Ecb, 1), (Self::Cbc, 2), (Self::Ofb, 4), (Self::Cfb, 8)];

    pub(super) fn number(self) -> u8 {
        Self::ALL.iter().find(|(mode, _)| *mode == self).map_or(0, |(_, number)| *number)
    }

    pub(super) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.iter().find(|(_, of)| *of == number).map(|(mode, _)| *mode)
    }

    /// The length of K1.
    pub(super) const fn key_len(self, data: usize) -> usize {
        match self {
            Self::Xor => data,
            _ => KEY,
        }
    }

    /// Whether C2 of this length can be.
    pub(super) const fn fits(self, c2: usize) -> bool {
        match self {
            Self::Xor => c2 > 0,
            Self::Ecb => c2 > 0 && c2.is_multiple_of(BLOCK),
            Self::Cbc => c2 > BLOCK && c2.is_multiple_of(BLOCK),
            Self::Ofb | Self::Cfb => c2 > BLOCK,
        }
    }

    pub(super) const fn has_iv(self) -> bool {
        matches!(self, Self::Cbc | Self::Ofb | Self::Cfb)
    }

    /// C2 of a message under K1, which has [`Self::key_len`] bytes.
    pub(super) fn seal(
        self,
        k1: &[u8],
        iv: &[u8; BLOCK],
        message: &[u8],
    ) -> Result<Vec<u8>, Error> {
        let iv_len = if self.has_iv() { BLOCK } else { 0 };
        // Allocated once: growing would leave copies of the plaintext behind.
        let mut out = Vec::with_capacity(iv_len + message.len() + BLOCK);
        out.extend_from_slice(&iv[..iv_len]);
        out.extend_from_slice(message);
        if matches!(self, Self::Ecb | Self::Cbc) {
            let pad = BLOCK - message.len() % BLOCK;
            #[expect(clippy::cast_possible_truncation, reason = "1 to 16")]
            out.resize(out.len() + pad, pad as u8);
        }
        let data = &mut out[iv_len..];
        match self {
            Self::Xor => xor(k1, data),
            Self::Ecb => ecb::encrypt(block_key(k1)?, data)?,
            Self::Cbc => cbc::encrypt(block_key(k1)?, iv, data)?,
            Self::Ofb => ofb::apply(block_key(k1)?, iv, data),
            Self::Cfb => cfb::encrypt(block_key(k1)?, iv, data),
        }
        Ok(out)
    }

    /// The message of C2, whose length fits.
    pub(super) fn open(self, k1: &[u8], c2: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let iv_len = if self.has_iv() { BLOCK } else { 0 };
        let (before, data) = c2.split_at_checked(iv_len).ok_or(Error::Decryption)?;
        let mut iv = [0; BLOCK];
        iv[..iv_len].copy_from_slice(before);
        let mut out = Zeroizing::new(data.to_vec());
        match self {
            Self::Xor => xor(k1, &mut out),
            Self::Ecb => ecb::decrypt(block_key(k1)?, &mut out)?,
            Self::Cbc => cbc::decrypt(block_key(k1)?, &iv, &mut out)?,
            Self::Ofb => ofb::apply(block_key(k1)?, &iv, &mut out),
            Self::Cfb => cfb::decrypt(block_key(k1)?, &iv, &mut out),
        }
        if matches!(self, Self::Ecb | Self::Cbc) {
            let pad = out.last_chunk().and_then(cbc::padding).ok_or(Error::Decryption)?;
            let len = out.len() - pad;
            out.truncate(len);
        }
        Ok(out)
    }
}

fn xor(k1: &[u8], data: &mut [u8]) {
    data.iter_mut().zip(k1).for_each(|(data, key)| *data ^= key);
}

fn block_key(k1: &[u8]) -> Result<&[u8; KEY], Error> {
    k1.try_into().map_err(|_| Error::Length { expected: KEY, got: k1.len() })
}

/// Of SM4.
const KEY: usize = 16;
