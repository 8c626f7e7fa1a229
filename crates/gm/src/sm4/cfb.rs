//! SM4-CFB with whole blocks of feedback (GB/T 17964). It does not authenticate: prefer [`super::gcm`].

use super::{BLOCK, Sm4, xor};

/// Encrypts `data` in place.
///
/// No initial value may ever be used twice under one key.
pub fn encrypt(key: &[u8; 16], iv: &[u8; 16], data: &mut [u8]) {
    let sm4 = Sm4::new(key);
    let mut stream = *iv;
    for chunk in data.chunks_mut(BLOCK) {
        sm4.encrypt_block(&mut stream);
        xor(chunk, &stream);
        stream[..chunk.len()].copy_from_slice(chunk);
    }
}

/// Decrypts `data` in place.
pub fn decrypt(key: &[u8; 16], iv: &[u8; 16], data: &mut [u8]) {
    let sm4 = Sm4::new(key);
    let mut previous = *iv;
    for chunk in data.chunks_mut(64 * BLOCK) {
        let mut stream = [[0; BLOCK]; 64];
        let blocks = chunk.len().div_ceil(BLOCK);
        let stream = &mut stream[..blocks];
        // The cipher on the ciphertext, one block late.
        stream[0] = previous;
        let late = (blocks - 1) * BLOCK;
        stream[1..].as_flattened_mut().copy_from_slice(&chunk[..late]);
        if let Some(last) = chunk.last_chunk() {
            previous = *last;
        }
        sm4.encrypt_blocks(stream);
        xor(chunk, stream.as_flattened());
    }
}
