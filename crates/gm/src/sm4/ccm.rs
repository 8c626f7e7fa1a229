//! SM4-CCM (NIST SP 800-38C over SM4; RFC 8998 with nonces of 12 and tags of 16 bytes): encrypts and authenticates.
//!
//! Each block depends on the one before: [`super::gcm`] is many times faster.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{BLOCK, Sm4, xor};
use crate::{Error, backend::reveal};

/// Encrypts `data` and appends the tag of 16 bytes over it and `aad`, as RFC 8998 has it.
///
/// A nonce must never be used twice under one key.
///
/// # Errors
///
/// [`Error::Length`] when the nonce has not 7 to 13 bytes, [`Error::TooLong`] when there is more data than such a nonce
/// leaves room to count.
///
/// ```
/// use yinxin_gm::sm4::ccm;
///
/// let sealed = ccm::seal(&[1; 16], &[2; 12], b"header", b"secret")?;
/// assert_eq!(ccm::open(&[1; 16], &[2; 12], b"header", &sealed)?.as_slice(), b"secret");
/// assert!(ccm::open(&[1; 16], &[2; 12], b"changed", &sealed).is_err());
/// # Ok::<(), yinxin_gm::Error>(())
/// ```
#[cfg(feature = "alloc")]
pub fn seal(key: &[u8; 16], nonce: &[u8], aad: &[u8], data: &[u8]) -> Result<Vec<u8>, Error> {
    // Allocated once: growing would leave copies of the plaintext behind.
    let mut out = Vec::with_capacity(data.len() + BLOCK);
    out.extend_from_slice(data);
    let tag = Ccm::<16>::new(key).seal_in_place(nonce, aad, &mut out)?;
    out.extend_from_slice(&tag);
    Ok(out)
}

/// Checks the tag of 16 bytes at the end of `data`.
///
/// # Errors
///
/// [`Error::Decryption`] when key, nonce, `aad`, ciphertext and tag do not fit each other; otherwise as [`seal`].
#[cfg(feature = "alloc")]
pub fn open(
    key: &[u8; 16],
    nonce: &[u8],
    aad: &[u8],
    data: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let (data, tag) = data.split_last_chunk().ok_or(Error::Decryption)?;
    let mut out = Zeroizing::new(data.to_vec());
    Ccm::<16>::new(key).open_in_place(nonce, aad, &mut out, tag)?;
    Ok(out)
}

/// SM4-CCM under one key, with tags of `TAG` bytes: 4, 6, … 16; wiped when dropped.
///
/// A forger needs about 2^(8 · `TAG`) attempts: under 8 bytes, the protocol around it must limit them.
#[derive(Clone, Debug)]
pub struct Ccm<const TAG: usize = 16> {
    sm4: Sm4,
}

impl<const TAG: usize> Ccm<TAG> {
    /// SP 800-38C A.1: the tag lengths that have an encoding.
    const POSSIBLE: () = assert!(TAG >= 4 && TAG <= 16 && TAG.is_multiple_of(2));

    /// Expands `key`.
    #[must_use]
    pub fn new(key: &[u8; 16]) -> Self {
        const { Self::POSSIBLE };
        Self { sm4: Sm4::new(key) }
    }

    /// Encrypts `data` in place and returns the tag.
    ///
    /// # Errors
    ///
    /// As [`seal`].
    pub fn seal_in_place(
        &self,
        nonce: &[u8],
        aad: &[u8],
        data: &mut [u8],
    ) -> Result<[u8; TAG], Error> {
        let counter = counter(nonce, data.len())?;
        let tag = self.tag(&counter, nonce.len(), aad, data);
        self.apply(counter, data);
        Ok(tag)
    }

    /// Decrypts `data` in place and checks `tag`; on failure `data` is wiped.
    ///
    /// The tag is over the plaintext, which therefore exists before it is checked, in the caller's buffer.
    ///
    /// # Errors
    ///
    /// As [`open`].
    pub fn open_in_place(
        &self,
        nonce: &[u8],
        aad: &[u8],
        data: &mut [u8],
        tag: &[u8; TAG],
    ) -> Result<(), Error> {
        let counter = counter(nonce, data.len())?;
        self.apply(counter, data);
        let expected = Zeroizing::new(self.tag(&counter, nonce.len(), aad, data));
        if !reveal(bool::from(expected.ct_eq(&tag[..]))) {
            data.fill(0);
            return Err(Error::Decryption);
        }
        Ok(())
    }

    /// The data under counters 1, 2, …
    fn apply(&self, mut counter: [u8; BLOCK], data: &mut [u8]) {
        counter[BLOCK - 1] = 1;
        self.sm4.apply_ctr(&counter, data);
    }

    /// SP 800-38C 6.1 steps 1 to 4, and the tag masked by counter 0.
    fn tag(&self, counter: &[u8; BLOCK], nonce_len: usize, aad: &[u8], data: &[u8]) -> [u8; TAG] {
        let mut first = *counter;
        #[expect(clippy::cast_possible_truncation, reason = "four bits: 1 to 7")]
        let flags = (u8::from(!aad.is_empty()) << 6) | ((TAG as u8 - 2) / 2) << 3 | counter[0];
        first[0] = flags;
        let count = (data.len() as u64).to_be_bytes();
        let width = (BLOCK - 1 - nonce_len).min(count.len());
        first[BLOCK - width..].copy_from_slice(&count[count.len() - width..]);

        let mut state = [0; BLOCK];
        self.sm4.keys.cbc_mac(&mut state, &[first]);
        self.absorb_aad(&mut state, aad);
        self.absorb(&mut state, data);
        let mut mask = *counter;
        self.sm4.encrypt_block(&mut mask);
        xor(&mut state, &mask);
        let (tag, _) = state.split_first_chunk().expect("at most sixteen");
        *tag
    }

    /// A.2.2: the length in 2, 6 or 10 bytes, then the data, zero-padded together.
    fn absorb_aad(&self, state: &mut [u8; BLOCK], aad: &[u8]) {
        if aad.is_empty() {
            return;
        }
        let len = aad.len() as u64;
        let [.., c, d, e, f] = len.to_be_bytes();
        let mut first = [0; BLOCK];
        let used = match len {
            0..0xff00 => {
                first[..2].copy_from_slice(&[e, f]);
                2
            }
            0xff00..=0xffff_ffff => {
                first[..6].copy_from_slice(&[0xff, 0xfe, c, d, e, f]);
                6
            }
            _ => {
                first[..2].copy_from_slice(&[0xff, 0xff]);
                first[2..10].copy_from_slice(&len.to_be_bytes());
                10
            }
        };
        let (head, rest) = aad.split_at(aad.len().min(BLOCK - used));
        first[used..][..head.len()].copy_from_slice(head);
        self.sm4.keys.cbc_mac(state, &[first]);
        self.absorb(state, rest);
    }

    /// Zero-padded to whole blocks.
    fn absorb(&self, state: &mut [u8; BLOCK], data: &[u8]) {
        let (blocks, tail) = data.as_chunks();
        self.sm4.keys.cbc_mac(state, blocks);
        if !tail.is_empty() {
            let mut block = Zeroizing::new([0; BLOCK]);
            block[..tail.len()].copy_from_slice(tail);
            self.sm4.keys.cbc_mac(state, &[*block]);
        }
    }
}

/// Counter block 0 (A.3), after the checks of the lengths.
fn counter(nonce: &[u8], data: usize) -> Result<[u8; BLOCK], Error> {
    if !(7..=13).contains(&nonce.len()) {
        return Err(Error::Length { expected: 12, got: nonce.len() });
    }
    // q, the bytes that count the data.
    let width = BLOCK - 1 - nonce.len();
    let (len, max) = (data as u64, u64::MAX >> (64 - 8 * width));
    if len > max {
        return Err(Error::TooLong { len, max });
    }
    let mut counter = [0; BLOCK];
    #[expect(clippy::cast_possible_truncation, reason = "2 to 8")]
    let flags = width as u8 - 1;
    counter[0] = flags;
    counter[1..=nonce.len()].copy_from_slice(nonce);
    Ok(counter)
}
