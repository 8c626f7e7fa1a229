//! SM4-OFB (GB/T 17964): the key stream is the cipher on its own output. It does not authenticate: prefer [`super::gcm`].

use zeroize::Zeroizing;

use super::{BLOCK, Sm4, xor};

/// XORs onto `data` the key stream that begins behind `iv`: encrypts and decrypts.
///
/// No initial value may ever be used twice under one key.
pub fn apply(key: &[u8; 16], iv: &[u8; 16], data: &mut [u8]) {
    let sm4 = Sm4::new(key);
    let mut state = *iv;
    let mut stream = Zeroizing::new([[0; BLOCK]; 16]);
    for chunk in data.chunks_mut(16 * BLOCK) {
        // CBC of zeros.
        stream.fill([0; BLOCK]);
        sm4.keys.cbc_encrypt(&mut state, &mut *stream);
        xor(chunk, stream.as_flattened());
    }
}
