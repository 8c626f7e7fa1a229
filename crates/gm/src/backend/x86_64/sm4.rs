//! SM4 on instructions that invert bytes: GFNI, in `bulk` and `chain`, at level
//! [`Avx512`](crate::backend::Backend::Avx512); AES-NI below it.

pub(crate) mod aes;
mod bulk;
mod chain;
pub(crate) mod lanes;
mod wide;
mod xts;

use crate::backend::sm4::maps;

pub(crate) use bulk::{cbc_decrypt, crypt_blocks, ctr32};
pub(crate) use chain::{cbc_encrypt, cbc_mac, crypt_block, expand_key};
pub(crate) use xts::xts;

/// Round keys as the rounds take them: for encryption, and for decryption.
pub(crate) type Mapped = [[u32; 32]; 2];

/// Makes the second form of round keys from the first, on any processor.
pub(crate) fn map_keys(plain: &[u32; 32], mapped: &mut Mapped) {
    for (i, key) in plain.iter().enumerate() {
        mapped[0][i] = maps::mapped(*key);
        mapped[1][31 - i] = mapped[0][i];
    }
}
