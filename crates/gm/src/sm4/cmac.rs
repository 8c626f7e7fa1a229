//! SM4-CMAC (NIST SP 800-38B over SM4; MAC algorithm 5 of GB/T 15852.1).

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{BLOCK, Sm4, xor};
use crate::Error;

/// A MAC under one key, over everything appended; wiped when dropped.
///
/// ```
/// use yinxin_gm::sm4::cmac::Cmac;
///
/// let mut mac = Cmac::new(&[1; 16]);
/// mac.update(b"a licence");
/// let tag = mac.clone().finalize();
/// assert!(mac.verify(&tag).is_ok());
/// ```
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Cmac {
    #[zeroize(skip)] // Wiped by itself.
    sm4: Sm4,
    state: [u8; BLOCK],
    /// What is not yet absorbed: the last block is treated apart, so it waits for what follows.
    pending: [u8; BLOCK],
    /// Invariant: at most 16; zero only before anything was appended.
    pending_len: usize,
}

impl Cmac {
    /// Begins a MAC.
    #[must_use]
    pub fn new(key: &[u8; 16]) -> Self {
        Self { sm4: Sm4::new(key), state: [0; BLOCK], pending: [0; BLOCK], pending_len: 0 }
    }

    /// Appends `data`.
    pub fn update(&mut self, data: &[u8]) {
        let space = (BLOCK - self.pending_len).min(data.len());
        let (head, data) = data.split_at(space);
        self.pending[self.pending_len..][..head.len()].copy_from_slice(head);
        self.pending_len += head.len();
        if data.is_empty() {
            return;
        }
        self.sm4.keys.cbc_mac(&mut self.state, &[self.pending]);
        // At least one byte stays behind.
        let whole = (data.len() - 1) / BLOCK * BLOCK;
        let (blocks, rest) = data.split_at(whole);
        self.sm4.keys.cbc_mac(&mut self.state, blocks.as_chunks().0);
        self.pending[..rest.len()].copy_from_slice(rest);
        self.pending_len = rest.len();
    }

    /// The MAC of everything appended.
    #[must_use]
    pub fn finalize(mut self) -> [u8; BLOCK] {
        let mut subkey = Zeroizing::new([0; BLOCK]);
        self.sm4.encrypt_block(&mut subkey);
        *subkey = double(*subkey);
        if self.pending_len < BLOCK {
            self.pending[self.pending_len..].fill(0);
            self.pending[self.pending_len] = 0x80;
            *subkey = double(*subkey);
        }
        xor(&mut self.pending, &*subkey);
        self.sm4.keys.cbc_mac(&mut self.state, &[self.pending]);
        self.state
    }

    /// Compares the MAC of everything appended with `tag`, in constant time.
    ///
    /// # Errors
    ///
    /// [`Error::Decryption`] when it is another one.
    pub fn verify(self, tag: &[u8; BLOCK]) -> Result<(), Error> {
        let expected = Zeroizing::new(self.finalize());
        if expected.ct_eq(tag).into() { Ok(()) } else { Err(Error::Decryption) }
    }
}

impl core::fmt::Debug for Cmac {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Cmac").finish_non_exhaustive()
    }
}

/// SP 800-38B 6.1: times x, big-endian.
fn double(block: [u8; BLOCK]) -> [u8; BLOCK] {
    let x = u128::from_be_bytes(block);
    ((x << 1) ^ (0x87 & 0_u128.wrapping_sub(x >> 127))).to_be_bytes()
}
