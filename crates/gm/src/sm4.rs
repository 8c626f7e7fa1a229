//! SM4, the block cipher of GB/T 32907-2016, and its modes.

use core::fmt;

use crate::backend::Sm4RoundKeys;

pub mod cbc;
pub mod ccm;
pub mod cfb;
pub mod cmac;
pub mod ctr;
pub mod ecb;
pub mod gcm;
pub mod ofb;
pub mod stream;
pub mod xts;

/// The bytes of one SM4 block.
pub const BLOCK: usize = 16;

/// SM4 under one key; wiped when dropped.
///
/// ```
/// use yinxin_gm::sm4::Sm4;
///
/// let key = 0x0123456789abcdeffedcba9876543210_u128.to_be_bytes();
/// let sm4 = Sm4::new(&key);
/// let mut block = key;
/// sm4.encrypt_block(&mut block);
/// assert_eq!(block, 0x681edf34d206965e86b3e94f536e4246_u128.to_be_bytes());
/// sm4.decrypt_block(&mut block);
/// assert_eq!(block, key);
/// ```
#[derive(Clone)]
pub struct Sm4 {
    keys: Sm4RoundKeys,
}

impl Sm4 {
    /// Expands `key`.
    #[must_use]
    pub fn new(key: &[u8; 16]) -> Self {
        Self { keys: Sm4RoundKeys::new(key) }
    }

    /// Encrypts one block in place.
    pub fn encrypt_block(&self, block: &mut [u8; BLOCK]) {
        self.keys.encrypt_block(block);
    }

    /// Decrypts one block in place.
    pub fn decrypt_block(&self, block: &mut [u8; BLOCK]) {
        self.keys.decrypt_block(block);
    }

    /// Encrypts each of `blocks` in place: many at once are far faster than one by one.
    pub fn encrypt_blocks(&self, blocks: &mut [[u8; BLOCK]]) {
        self.keys.encrypt_blocks(blocks);
    }

    /// Decrypts each of `blocks` in place.
    pub fn decrypt_blocks(&self, blocks: &mut [[u8; BLOCK]]) {
        self.keys.decrypt_blocks(blocks);
    }
}

impl fmt::Debug for Sm4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sm4").finish_non_exhaustive()
    }
}

/// XORs `mask` onto `data`, as far as the shorter reaches.
fn xor(data: &mut [u8], mask: &[u8]) {
    data.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
}
