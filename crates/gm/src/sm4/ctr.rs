//! SM4-CTR with a 128-bit big-endian counter (GB/T 17964). It does not authenticate: prefer [`super::gcm`].

use super::{BLOCK, Sm4};

/// XORs onto `data` the key stream that begins at `counter`: encrypts and decrypts.
///
/// No counter block may ever be used twice under one key.
pub fn apply(key: &[u8; 16], counter: &[u8; 16], data: &mut [u8]) {
    Sm4::new(key).apply_ctr(counter, data);
}

impl Sm4 {
    pub(super) fn apply_ctr(&self, counter: &[u8; BLOCK], mut data: &mut [u8]) {
        let mut counter = u128::from_be_bytes(*counter);
        while !data.is_empty() {
            // The backends count in the last word only: up to where it overflows.
            #[expect(clippy::cast_possible_truncation, reason = "the last word")]
            let blocks = (1_u64 << 32) - u64::from(counter as u32);
            let bytes = usize::try_from(blocks * 16).unwrap_or(usize::MAX).min(data.len());
            let (now, rest) = data.split_at_mut(bytes);
            self.keys.ctr32(&counter.to_be_bytes(), now);
            counter = counter.wrapping_add(u128::from(blocks));
            data = rest;
        }
    }
}
