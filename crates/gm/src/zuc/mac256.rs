//! The MAC of "The ZUC-256 Stream Cipher" (2018), and the window over a key stream that it shares with EIA3.

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::state::{State, wide};
use crate::Error;

/// The MAC of `message`, 4, 8 or 16 bytes.
///
/// Key and initial value must never serve two messages.
///
/// ```
/// use yinxin_gm::zuc::{mac256, verify_mac256};
///
/// let tag: [u8; 8] = mac256(&[1; 32], &[2; 23], b"a licence");
/// assert!(verify_mac256(&[1; 32], &[2; 23], b"a licence", &tag).is_ok());
/// assert!(verify_mac256(&[1; 32], &[2; 23], b"another", &tag).is_err());
/// ```
#[must_use]
pub fn mac256<const TAG: usize>(key: &[u8; 32], iv: &[u8; 23], message: &[u8]) -> [u8; TAG] {
    let constants = const {
        assert!(matches!(TAG, 4 | 8 | 16), "ZUC-256 has MACs of 4, 8 and 16 bytes");
        match TAG {
            4 => wide::MAC_32,
            8 => wide::MAC_64,
            _ => wide::MAC_128,
        }
    };
    let mut state = State::new_256(key, iv, constants);
    // The first bits of the key stream mask the tag.
    let mut first = Zeroizing::new([0; TAG]);
    for word in first.as_chunks_mut::<4>().0 {
        *word = state.next_word().to_be_bytes();
    }
    let mut window = Window::new(state);
    window.absorb(message, 8 * message.len() as u64);
    let sum = (window.sum ^ window.bits).to_be_bytes();
    core::array::from_fn(|i| first[i] ^ sum[i])
}

/// Compares the MAC of `message` with `tag`, in constant time.
///
/// # Errors
///
/// [`Error::Decryption`] when it is another one.
pub fn verify_mac256<const TAG: usize>(
    key: &[u8; 32],
    iv: &[u8; 23],
    message: &[u8],
    tag: &[u8; TAG],
) -> Result<(), Error> {
    let expected = Zeroizing::new(mac256::<TAG>(key, iv, message));
    if crate::backend::reveal(expected.ct_eq(&tag[..]).into()) {
        Ok(())
    } else {
        Err(Error::Decryption)
    }
}

/// 128 bits of the key stream, which move on by one with each bit of the message; those over ones are summed.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(super) struct Window {
    state: State,
    /// The bits of the key stream from the position of the message on.
    pub(super) bits: u128,
    pub(super) sum: u128,
}

impl Window {
    pub(super) fn new(mut state: State) -> Self {
        let bits = (0..4).fold(0, |bits, _| bits << 32 | u128::from(state.next_word()));
        Self { state, bits, sum: 0 }
    }

    /// Absorbs the first `count` bits of `message`, which has at least as many.
    pub(super) fn absorb(&mut self, message: &[u8], mut count: u64) {
        for chunk in message.chunks(4) {
            let mut bytes = Zeroizing::new([0; 4]);
            bytes[..chunk.len()].copy_from_slice(chunk);
            // A whole word of the key stream for a word of the message, even for the last.
            let taken = count.min(8 * chunk.len() as u64).min(32);
            self.absorb_word(u32::from_be_bytes(*bytes), taken);
            count -= taken;
        }
    }

    #[inline]
    fn absorb_word(&mut self, mut message: u32, count: u64) {
        if count == 0 {
            return;
        }
        let mut next = self.state.next_word();
        for _ in 0..count {
            // All ones for a one: the bit, spread by an arithmetic shift.
            let mask = 0_u128.wrapping_sub(u128::from(core::hint::black_box(message >> 31)));
            self.sum ^= self.bits & mask;
            self.bits = self.bits << 1 | u128::from(next >> 31);
            message <<= 1;
            next <<= 1;
        }
    }
}
