//! SM4-CTR with a 128-bit big-endian counter (GB/T 17964). It does not authenticate: prefer [`super::gcm`].

use zeroize::Zeroizing;

use super::{BLOCK, Sm4, xor};

/// XORs onto `data` the key stream that begins at `counter`: encrypts and decrypts.
///
/// No counter block may ever be used twice under one key.
pub fn apply(key: &[u8; 16], counter: &[u8; 16], data: &mut [u8]) {
    let mut counter = u128::from_be_bytes(*counter);
    apply_stream(&Sm4::new(key), data, || {
        let block = counter.to_be_bytes();
        counter = counter.wrapping_add(1);
        block
    });
}

/// XORs the encryption of each block that `next` gives onto `data`.
pub(super) fn apply_stream(sm4: &Sm4, data: &mut [u8], mut next: impl FnMut() -> [u8; BLOCK]) {
    let mut stream = Zeroizing::new([[0; BLOCK]; 64]);
    for chunk in data.chunks_mut(64 * BLOCK) {
        let stream = &mut stream[..chunk.len().div_ceil(BLOCK)];
        stream.iter_mut().for_each(|block| *block = next());
        sm4.encrypt_blocks(stream);
        xor(chunk, stream.as_flattened());
    }
}
