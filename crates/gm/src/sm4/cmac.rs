//! SM4-CMAC (NIST SP 800-38B over SM4; MAC algorithm 5 of GB/T 15852.1).

#[cfg(feature = "alloc")]
use alloc::{vec, vec::Vec};

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{BLOCK, Sm4, xor};
#[cfg(feature = "alloc")]
use crate::backend::{Chain, advance_chains};
use crate::{Error, backend::reveal};

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
        let (blocks, last) = split(data);
        self.sm4.keys.cbc_mac(&mut self.state, blocks);
        self.pending[..last.len()].copy_from_slice(last);
        self.pending_len = last.len();
    }

    /// The MAC of everything appended.
    #[must_use]
    pub fn finalize(mut self) -> [u8; BLOCK] {
        let mut subkey = Zeroizing::new([0; BLOCK]);
        self.sm4.encrypt_block(&mut subkey);
        self.pending = closed(self.pending, self.pending_len, *subkey);
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
        if reveal(expected.ct_eq(tag).into()) { Ok(()) } else { Err(Error::Decryption) }
    }
}

/// The MAC of each message under its key, side by side: one alone cannot use what the processor has.
///
/// Sixteen or more of about one length are the fastest.
///
/// ```
/// use yinxin_gm::sm4::{Sm4, cmac};
///
/// let key = Sm4::new(&[1; 16]);
/// let tags = cmac::tag_many(&[(&key, b"a licence"), (&key, b"another")]);
/// let mut mac = cmac::Cmac::new(&[1; 16]);
/// mac.update(b"another");
/// assert_eq!(tags[1], mac.finalize());
/// ```
#[cfg(feature = "alloc")]
#[must_use]
pub fn tag_many(messages: &[(&Sm4, &[u8])]) -> Vec<[u8; BLOCK]> {
    let zero = [[0; BLOCK]];
    let mut subkeys = Zeroizing::new(vec![[0; BLOCK]; messages.len()]);
    chain(messages, &mut subkeys, |_| &zero);
    let mut tags = vec![[0; BLOCK]; messages.len()];
    chain(messages, &mut tags, |i| split(messages[i].1).0);
    let mut lasts = Zeroizing::new(vec![[[0; BLOCK]]; messages.len()]);
    for (((_, data), subkey), [last]) in messages.iter().zip(subkeys.iter()).zip(lasts.iter_mut()) {
        let rest = split(data).1;
        last[..rest.len()].copy_from_slice(rest);
        *last = closed(*last, rest.len(), *subkey);
    }
    chain(messages, &mut tags, |i| &lasts[i]);
    tags
}

/// CBC-MAC of what `blocks` gives for each message.
#[cfg(feature = "alloc")]
fn chain<'a>(
    messages: &[(&'a Sm4, &[u8])],
    states: &mut [[u8; BLOCK]],
    blocks: impl Fn(usize) -> &'a [[u8; BLOCK]],
) {
    let chains = messages.iter().zip(states).enumerate();
    let chains =
        chains.map(|(i, ((key, _), state))| Chain { keys: &key.keys, state, blocks: blocks(i) });
    advance_chains(&mut chains.collect::<Vec<_>>());
}

/// Whole blocks, and behind them the last, whole or not: at least one byte, if there is any.
fn split(data: &[u8]) -> (&[[u8; BLOCK]], &[u8]) {
    let (blocks, last) = data.split_at(data.len().saturating_sub(1) / BLOCK * BLOCK);
    (blocks.as_chunks().0, last)
}

impl core::fmt::Debug for Cmac {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Cmac").finish_non_exhaustive()
    }
}

/// SP 800-38B 6.2 steps 2 to 4: the last block, padded if need be, under the subkey that says which; `subkey` is E(0).
fn closed(mut last: [u8; BLOCK], len: usize, subkey: [u8; BLOCK]) -> [u8; BLOCK] {
    let mut mask = Zeroizing::new(double(subkey));
    if len < BLOCK {
        last[len..].fill(0);
        last[len] = 0x80;
        *mask = double(*mask);
    }
    xor(&mut last, &*mask);
    last
}

/// SP 800-38B 6.1: times x, big-endian.
fn double(block: [u8; BLOCK]) -> [u8; BLOCK] {
    let x = u128::from_be_bytes(block);
    ((x << 1) ^ (0x87 & 0_u128.wrapping_sub(x >> 127))).to_be_bytes()
}
