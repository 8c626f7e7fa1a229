//! The modes over any block cipher: what a backend does that has nothing better.
//!
//! `encrypt` and `decrypt` work on many blocks at once, in place.

use zeroize::Zeroize;

/// As many blocks as are worth collecting.
const AT_ONCE: usize = 64;

/// XORs the encryptions of `counter`, `counter` + 1, … onto `data`; only the last 32 bits count.
pub(crate) fn ctr32(encrypt: impl Fn(&mut [[u8; 16]]), counter: &[u8; 16], data: &mut [u8]) {
    let [fixed @ .., a, b, c, d] = *counter;
    let mut count = u32::from_be_bytes([a, b, c, d]);
    let mut stream = [[0; 16]; AT_ONCE];
    for chunk in data.chunks_mut(16 * AT_ONCE) {
        let stream = &mut stream[..chunk.len().div_ceil(16)];
        for block in stream.iter_mut() {
            block[..12].copy_from_slice(&fixed);
            block[12..].copy_from_slice(&count.to_be_bytes());
            count = count.wrapping_add(1);
        }
        encrypt(stream);
        xor(chunk, stream.as_flattened());
    }
    stream.zeroize();
}

/// Each of `blocks` becomes the encryption of itself ⊕ the one before; `chain` becomes the last.
pub(crate) fn cbc_encrypt(
    encrypt: impl Fn(&mut [[u8; 16]]),
    chain: &mut [u8; 16],
    blocks: &mut [[u8; 16]],
) {
    for block in blocks {
        xor(block, chain);
        encrypt(core::slice::from_mut(block));
        *chain = *block;
    }
}

/// As [`cbc_encrypt`], of which only the last block is kept.
pub(crate) fn cbc_mac(
    encrypt: impl Fn(&mut [[u8; 16]]),
    chain: &mut [u8; 16],
    blocks: &[[u8; 16]],
) {
    for block in blocks {
        xor(chain, block);
        encrypt(core::slice::from_mut(chain));
    }
}

/// The way back; `previous` becomes the last ciphertext block.
pub(crate) fn cbc_decrypt(
    decrypt: impl Fn(&mut [[u8; 16]]),
    previous: &mut [u8; 16],
    blocks: &mut [[u8; 16]],
) {
    for chunk in blocks.chunks_mut(AT_ONCE) {
        let mut ciphertext = [[0; 16]; AT_ONCE];
        ciphertext[..chunk.len()].copy_from_slice(chunk);
        decrypt(chunk);
        for (block, next) in chunk.iter_mut().zip(ciphertext) {
            xor(block, previous);
            *previous = next;
        }
    }
}

/// Which bit of a tweak counts as the highest power of x.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tweaks {
    /// IEEE 1619: the highest bit of the last byte.
    Plain,
    /// GB/T 17964: the lowest bit of the last byte, as in GHASH.
    Reflected,
}

impl Tweaks {
    /// The tweak of the next block.
    pub(crate) fn next(self, tweak: [u8; 16]) -> [u8; 16] {
        match self {
            Self::Plain => double(u128::from_le_bytes(tweak)).to_le_bytes(),
            Self::Reflected => {
                double(u128::from_be_bytes(tweak).reverse_bits()).reverse_bits().to_be_bytes()
            }
        }
    }
}

/// Masks each block with its tweak, before and behind `crypt`; `tweak` becomes that of the next block.
pub(crate) fn xts(
    crypt: impl Fn(&mut [[u8; 16]]),
    order: Tweaks,
    tweak: &mut [u8; 16],
    blocks: &mut [[u8; 16]],
) {
    let mut masks = [[0; 16]; AT_ONCE];
    for chunk in blocks.chunks_mut(AT_ONCE) {
        let masks = &mut masks[..chunk.len()];
        for mask in masks.iter_mut() {
            *mask = *tweak;
            *tweak = order.next(*tweak);
        }
        xor(chunk.as_flattened_mut(), masks.as_flattened());
        crypt(chunk);
        xor(chunk.as_flattened_mut(), masks.as_flattened());
    }
    masks.zeroize();
}

/// Times x, modulo x¹²⁸ + x⁷ + x² + x + 1.
pub(crate) const fn double(x: u128) -> u128 {
    (x << 1) ^ (0x87 & 0_u128.wrapping_sub(x >> 127))
}

/// XORs `mask` onto `data`, as far as the shorter reaches.
pub(crate) fn xor(data: &mut [u8], mask: &[u8]) {
    data.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
}
