//! Encrypting a message that comes in pieces.

use zeroize::ZeroizeOnDrop;

use super::{BLOCK, Error, Gcm, MAX_DATA, TAG, second, xor};

/// A message under way; made by [`Gcm::begin`], wiped when dropped.
///
/// The ciphertext is the same as in one piece. There is no counterpart for decryption: the tag is at the end, so pieces
/// would be released before it is checked. What must be decrypted in pieces is encrypted by [`super::super::stream`].
#[derive(ZeroizeOnDrop)]
pub struct Sealing<'a> {
    #[zeroize(skip)]
    gcm: &'a Gcm,
    first: [u8; BLOCK],
    /// The counter block after the last one used.
    counter: [u8; BLOCK],
    y: [u8; BLOCK],
    aad: u64,
    /// Of the data so far.
    len: u64,
    /// What is left of the last key stream block, at its end.
    stream: [u8; BLOCK],
    /// The ciphertext of the block begun.
    begun: [u8; BLOCK],
}

impl Gcm {
    /// Begins a message that comes in pieces.
    ///
    /// # Errors
    ///
    /// As [`super::seal`].
    pub fn begin(&self, nonce: &[u8], aad: &[u8]) -> Result<Sealing<'_>, Error> {
        let first = self.first_counter(nonce, aad.len() as u64, 0)?;
        let mut y = [0; BLOCK];
        self.ghash.absorb(&mut y, aad);
        Ok(Sealing {
            gcm: self,
            first,
            counter: second(first),
            y,
            aad: aad.len() as u64,
            len: 0,
            stream: [0; BLOCK],
            begun: [0; BLOCK],
        })
    }
}

impl Sealing<'_> {
    /// Encrypts the next piece in place.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`] when all pieces together are more than GCM takes; then nothing happens.
    pub fn update(&mut self, data: &mut [u8]) -> Result<(), Error> {
        let len = self.len.saturating_add(data.len() as u64);
        if len > MAX_DATA {
            return Err(Error::TooLong { len, max: MAX_DATA });
        }
        let begun = self.begun_len();
        self.len = len;
        let data = if begun > 0 {
            let (head, data) = data.split_at_mut(data.len().min(BLOCK - begun));
            xor(head, &self.stream[begun..]);
            self.begun[begun..][..head.len()].copy_from_slice(head);
            if begun + head.len() < BLOCK {
                return Ok(());
            }
            self.gcm.ghash.absorb(&mut self.y, &self.begun);
            data
        } else {
            data
        };
        let whole = data.len() / BLOCK * BLOCK;
        let (blocks, tail) = data.split_at_mut(whole);
        self.gcm.sm4.keys.ctr32(&self.counter, blocks);
        self.gcm.ghash.absorb(&mut self.y, blocks);
        self.count(whole / BLOCK);
        if !tail.is_empty() {
            self.stream = self.counter;
            self.gcm.sm4.encrypt_block(&mut self.stream);
            self.count(1);
            xor(tail, &self.stream);
            self.begun = [0; BLOCK];
            self.begun[..tail.len()].copy_from_slice(tail);
        }
        Ok(())
    }

    /// The tag over everything.
    #[must_use]
    pub fn finish(mut self) -> [u8; TAG] {
        let begun = self.begun_len();
        self.gcm.ghash.absorb(&mut self.y, &self.begun[..begun]);
        self.gcm.close(self.first, self.y, [self.aad, self.len])
    }

    #[expect(clippy::cast_possible_truncation, reason = "below 16")]
    fn begun_len(&self) -> usize {
        (self.len % BLOCK as u64) as usize
    }

    #[expect(clippy::cast_possible_truncation, reason = "GCM counts in 32 bits")]
    fn count(&mut self, blocks: usize) {
        let [.., a, b, c, d] = self.counter;
        let count = u32::from_be_bytes([a, b, c, d]).wrapping_add(blocks as u32);
        self.counter[BLOCK - 4..].copy_from_slice(&count.to_be_bytes());
    }
}

impl core::fmt::Debug for Sealing<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Sealing").field("len", &self.len).finish_non_exhaustive()
    }
}
